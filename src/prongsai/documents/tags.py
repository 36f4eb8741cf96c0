"""The tags that an agency's own Word template may use, and what stands in their place.

One table says both what may be written and what it means; ``values`` gives a dictionary of just that shape. Figures and
sentences are those of our own documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prongsai.documents import checklist, development, measures, memo, outcome, reminder, summary, wording
from prongsai.documents.judged import Judged, printed, signed
from prongsai.documents.material import Measure
from prongsai.documents.memo import mending
from prongsai.documents.outcome import done_of, parts_of
from prongsai.lib import thai


@dataclass(frozen=True)
class Tag:
    """What a tag means, in Thai. With ``inside`` it is a list to go through with ``for``, or (not ``many``) a group."""

    th: str
    inside: Mapping[str, "Tag"] = field(default_factory=dict)
    many: bool = True


def _fields(**told: str) -> dict[str, Tag]:
    return {name: Tag(th) for name, th in told.items()}


_COMMON = _fields(
    title="ชื่อเอกสาร",
    agency="ชื่อหน่วยงาน",
    place="อำเภอและจังหวัด",
    prepared_by="ส่วนงานที่จัดทำ",
    head="ตำแหน่งผู้บริหารสูงสุด",
    year="ปีงบประมาณของผล",
    next_year="ปีงบประมาณถัดไป",
    date="วันที่ของเอกสาร",
)
_RESULT = (
    _COMMON
    | _fields(
        score="คะแนนรวม",
        level="ระดับผลการประเมิน",
        target="ค่าเป้าหมาย",
        passed="ผ่าน หรือ ไม่ผ่าน",
        score_before="คะแนนรวมของปีที่เทียบ",
        year_before="ปีงบประมาณที่เทียบ",
        said_overall="ประโยคสรุปผลในภาพรวม",
        said_change="ประโยคเทียบกับปีก่อน",
        said_why="ประโยคบอกเกณฑ์ที่ยังไม่ถึง",
        said_counts="ประโยคนับจุดแข็งและจุดที่ต้องพัฒนา",
        said_extremes="ประโยคบอกตัวชี้วัดสูงสุดและต่ำสุด",
        said_method="ประโยคบอกวิธีการประเมิน",
    )
    | {
        "instruments": Tag("แบบวัดแต่ละชุด", _fields(name="ชื่อแบบวัด", score="คะแนน", before="คะแนนปีที่เทียบ", change="ผลต่าง")),
        "indicators": Tag(
            "ตัวชี้วัดแต่ละตัว",
            _fields(
                number="เลขตัวชี้วัด",
                name="ชื่อตัวชี้วัด",
                score="คะแนน",
                before="คะแนนปีที่เทียบ",
                change="ผลต่าง",
                meaning="ตัวชี้วัดนี้ดูอะไร",
                finding="ผลการวิเคราะห์",
            ),
        ),
        "advice": Tag("ข้อเสนอแนะเรียงตามความสำคัญ", _fields(what="เรื่อง", how="วิธีแก้ไข")),
    }
)
_PLAN = {
    "plan": Tag(
        "มาตรการแต่ละรายการ",
        _fields(
            indicator="ตัวชี้วัดที่สอดคล้อง",
            finding="ผลการวิเคราะห์",
            measure="ชื่อมาตรการ",
            steps="ขั้นตอน",
            period="ระยะเวลา",
            responsible="ผู้รับผิดชอบ",
            budget="งบประมาณ",
            success="ตัวชี้วัดความสำเร็จ",
            watching="การกำกับติดตาม",
            done="ผลการดำเนินการ",
            suggestion="ปัญหา อุปสรรค และข้อเสนอแนะ",
        ),
    ),
}
_SIGNERS = {
    "signers": Tag(
        "ผู้ลงนามตามลำดับ", _fields(position="ตำแหน่ง", name="ชื่อ-สกุล", opinion="ความเห็น", signed="วันที่ลงนามในระบบ")
    )
}
_MARKS = {
    "marks": Tag("ข้อการเปิดเผยข้อมูลที่มีคะแนน", _fields(code="รหัสข้อ", name="ชื่อข้อ", comment="ความเห็นผู้ตรวจ", score="คะแนน")),
    "weak_marks": Tag(
        "ข้อการเปิดเผยข้อมูลที่ไม่ได้คะแนนเต็ม",
        _fields(code="รหัสข้อ", name="ชื่อข้อ", cause="สาเหตุ", remedy="วิธีแก้ไข", score="คะแนน"),
    ),
}
_MEMO = {
    "memo": Tag(
        "หัวบันทึกข้อความ", _fields(office="ส่วนราชการ", number="ที่", date="วันที่", subject="เรื่อง", to="เรียน"), many=False
    )
}
_DISCLOSURES = {
    "disclosures": Tag(
        "ข้อการเปิดเผยข้อมูลทุกข้อ", _fields(code="รหัสข้อ", name="ชื่อข้อ", elements="องค์ประกอบที่ต้องมี", urls="URL", status="สถานะ")
    )
}
_SURVEYS = {
    "surveys": Tag(
        "แบบวัดที่กำลังเก็บ",
        _fields(
            name="แบบวัด", received="ตอบแล้ว", needed="ต้องได้อย่างน้อย", missing="ยังขาด", closes="ปิดรับ", address="ที่อยู่แบบวัด"
        ),
    )
}

TAGS: Mapping[str, Mapping[str, Tag]] = {
    summary.KIND: _RESULT,
    outcome.KIND: _RESULT | _PLAN | _SIGNERS,
    development.KIND: _RESULT | _PLAN | _SIGNERS,
    measures.KIND: _RESULT | _PLAN | _SIGNERS,
    memo.KIND: _RESULT | _MARKS | _MEMO | _SIGNERS,
    checklist.KIND: _COMMON | _DISCLOSURES | _SIGNERS,
    reminder.KIND: _COMMON | _SURVEYS | _DISCLOSURES,
}


def values(kind: str, judged: Judged) -> dict[str, Any]:
    """What stands in the place of each tag of a document, in the digits of its setting. Lists are lists of
    dictionaries."""
    everything = {name: _VALUES[name](judged) for name in TAGS[kind]}
    everything["title"] = _NAMES[kind]
    return _in_digits(everything) if judged.material.settings.digits == "thai" else everything


def _in_digits(thing: Any) -> Any:
    if isinstance(thing, str):
        return thai.in_thai_digits(thing)
    if isinstance(thing, list):
        return [_in_digits(t) for t in thing]
    return {name: _in_digits(value) for name, value in thing.items()}


def _date(day: Any) -> str:
    return thai.date(day) if day else ""


def _compared(judged: Judged, node: str) -> dict[str, str]:
    movement = judged.movements.get(node)
    return {
        "score": judged.text(node),
        "before": printed(movement.previous) if movement else "-",
        "change": signed(movement.change) if movement else "-",
    }


def _instruments(judged: Judged) -> list[dict[str, str]]:
    return [{"name": judged.part(i), **_compared(judged, i)} for i in judged.framework.instruments]


def _indicators(judged: Judged) -> list[dict[str, str]]:
    return [
        {
            "number": i,
            "name": judged.label(i),
            "meaning": rule.meaning.th,
            "finding": wording.finding(judged, i),
            **_compared(judged, i),
        }
        for i, rule in judged.framework.indicators.items()
    ]


def _plan(judged: Judged) -> list[dict[str, str]]:
    decided = [(m, m.indicators) for m in judged.material.plan]
    missing = [i for i in judged.framework.indicators if not judged.measures_of(i)]
    drafts = [(wording.drafted(judged, i), (i,)) for i in missing]
    return [_measure(judged, m, i) for m, i in (*decided, *drafts)]


def _measure(judged: Judged, measure: Measure, indicators: tuple[str, ...]) -> dict[str, str]:
    done, suggestion = done_of(measure)
    return {
        "indicator": "\n".join(judged.titled(i) for i in indicators) or "ภาพรวม",
        "finding": measure.finding,
        "measure": measure.title + (" (ร่าง)" if measure.drafted else ""),
        "steps": parts_of(measure.steps),
        "period": measure.period,
        "responsible": "\n".join(measure.responsible),
        "budget": measure.budget,
        "success": measure.success,
        "watching": measure.watching,
        "done": done,
        "suggestion": suggestion,
    }


def _signers(judged: Judged) -> list[dict[str, str]]:
    return [
        {"position": o.position, "name": o.name, "opinion": o.text, "signed": _date(o.signed)}
        for o in judged.material.opinions
    ]


def _marks(judged: Judged) -> list[dict[str, str]]:
    found = []
    for item in judged.disclosure_items:
        if judged.score(item.id) is not None:
            record = judged.disclosures.get(item.id)
            comment = record.comment if record else ""
            found.append({"code": item.id, "name": item.label.th, "comment": comment, "score": judged.text(item.id)})
    return found


def _weak_marks(judged: Judged) -> list[dict[str, str]]:
    return [
        {
            "code": m.weak.node.id,
            "name": m.weak.node.label.th,
            "cause": m.cause,
            "remedy": m.remedy,
            "score": printed(m.weak.score),
        }
        for m in mending(judged)
    ]


def _memo(judged: Judged) -> dict[str, str]:
    head = judged.material.memo
    return {
        "office": head.office if head else "",
        "number": head.number if head else "",
        "date": _date(head.date) if head else "",
        "subject": memo.subject(judged),
        "to": head.to if head else "",
    }


def _disclosures(judged: Judged) -> list[dict[str, str]]:
    found = []
    for item in judged.disclosure_items:
        record = judged.disclosures.get(item.id)
        elements = "\n".join(f"- {e.th}" for e in item.elements)
        urls = "\n".join(record.urls) if record else ""
        found.append(
            {
                "code": item.id,
                "name": item.label.th,
                "elements": elements,
                "urls": urls,
                "status": checklist.status(record),
            }
        )
    return found


def _surveys(judged: Judged) -> list[dict[str, str]]:
    return [
        {
            "name": judged.part(s.instrument),
            "received": str(s.received),
            "needed": "" if s.needed is None else str(s.needed),
            "missing": reminder.missing(s),
            "closes": _date(s.closes),
            "address": s.address,
        }
        for s in judged.material.surveys
    ]


def _advice(judged: Judged) -> list[dict[str, str]]:
    return [{"what": what.rstrip(":"), "how": how} for what, how in wording.priorities(judged, 10)]


_NAMES = {m.KIND: m.NAME for m in (summary, outcome, development, measures, memo, checklist, reminder)}
_VALUES: dict[str, Any] = {
    "title": lambda _: "",
    "agency": lambda j: j.agency,
    "place": lambda j: j.material.office.place,
    "prepared_by": lambda j: j.material.office.prepared_by,
    "head": lambda j: j.material.office.head,
    "year": lambda j: str(j.year),
    "next_year": lambda j: str(j.year + 1),
    "date": lambda j: _date(j.material.date),
    "score": lambda j: j.text("overall"),
    "level": lambda j: j.level or "",
    "target": lambda j: str(j.target),
    "passed": lambda j: "" if j.passes is None else "ผ่าน" if j.passes else "ไม่ผ่าน",
    "score_before": lambda j: _compared(j, "overall")["before"],
    "year_before": lambda j: str(j.before.framework.fiscal_year) if j.before else "",
    "said_overall": wording.overall,
    "said_change": wording.overall_change,
    "said_why": wording.why_not_higher,
    "said_counts": wording.counts,
    "said_extremes": wording.extremes,
    "said_method": wording.method,
    "instruments": _instruments,
    "indicators": _indicators,
    "advice": _advice,
    "plan": _plan,
    "signers": _signers,
    "marks": _marks,
    "weak_marks": _weak_marks,
    "memo": _memo,
    "disclosures": _disclosures,
    "surveys": _surveys,
}
