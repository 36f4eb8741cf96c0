"""The tags that an agency's own Word template may use, and the values that replace them.

One table lists the tags of each paper and their meaning; ``build_tag_values`` returns a dictionary of the same shape.
Figures and sentences are those of our own papers. Names of tags are an interface: stored templates use them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prongsai.analysis import phrases
from prongsai.documents.content import wording
from prongsai.documents.content.blocks import in_digits
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.shared import measure_title, number_lines
from prongsai.documents.content.wording import describe_provisional_rules
from prongsai.documents.papers import (
    KINDS,
    OF_PLAN,
    OF_REGISTER,
    checklist,
    development,
    follow_up,
    measures,
    memo,
    outcome,
    register,
    reminder,
    summary,
)
from prongsai.documents.papers.outcome import summarize_follow_ups
from prongsai.improvement.registers.kinds import papers as register_papers
from prongsai.lib import thai
from prongsai.lib.thai import Digits

_MAX_RECOMMENDATIONS = 10


@dataclass(frozen=True)
class Tag:
    """The Thai meaning of a tag. With ``fields`` it is a list to repeat with ``for``, or (not ``is_list``) a group."""

    th: str
    fields: Mapping[str, "Tag"] = field(default_factory=dict)
    is_list: bool = True


def _texts(meanings: Mapping[str, str]) -> dict[str, Tag]:
    return {name: Tag(th) for name, th in meanings.items()}


_COMMON = _texts(
    {
        "title": "ชื่อเอกสาร",
        "agency": "ชื่อหน่วยงาน",
        "place": "อำเภอและจังหวัด",
        "prepared_by": "ส่วนงานที่จัดทำ",
        "head": "ตำแหน่งผู้บริหารสูงสุด",
        "year": "ปีงบประมาณของผล",
        "next_year": "ปีงบประมาณถัดไป",
        "date": "วันที่ของเอกสาร",
    }
)
_RESULT = (
    _COMMON
    | _texts(
        {
            "score": "คะแนนรวม",
            "level": "ระดับผลการประเมิน",
            "target": "ค่าเป้าหมาย",
            "passed": "ผ่าน หรือ ไม่ผ่าน",
            "score_before": "คะแนนรวมของปีที่เทียบ",
            "year_before": "ปีงบประมาณที่เทียบ",
            "said_overall": "ประโยคสรุปผลในภาพรวม",
            "said_change": "ประโยคเทียบกับปีก่อน",
            "said_why": "ประโยคบอกเกณฑ์ที่ยังไม่ถึง",
            "said_counts": "ประโยคนับจุดแข็งและจุดที่ต้องพัฒนา",
            "said_extremes": "ประโยคบอกตัวชี้วัดสูงสุดและต่ำสุด",
            "said_method": "ประโยคบอกวิธีการประเมิน",
        }
    )
    | {
        "instruments": Tag(
            "แบบวัดแต่ละชุด", _texts({"name": "ชื่อแบบวัด", "score": "คะแนน", "before": "คะแนนปีที่เทียบ", "change": "ผลต่าง"})
        ),
        "indicators": Tag(
            "ตัวชี้วัดแต่ละตัว",
            _texts(
                {
                    "number": "เลขตัวชี้วัด",
                    "name": "ชื่อตัวชี้วัด",
                    "score": "คะแนน",
                    "before": "คะแนนปีที่เทียบ",
                    "change": "ผลต่าง",
                    "meaning": "ตัวชี้วัดนี้ดูอะไร",
                    "finding": "ผลการวิเคราะห์",
                }
            ),
        ),
        "advice": Tag("ข้อเสนอแนะเรียงตามความสำคัญ", _texts({"what": "เรื่อง", "how": "วิธีแก้ไข"})),
    }
)
_PLAN = {
    "plan": Tag(
        "มาตรการแต่ละรายการ",
        _texts(
            {
                "indicator": "ตัวชี้วัดที่สอดคล้อง",
                "finding": "ผลการวิเคราะห์",
                "measure": "ชื่อมาตรการ",
                "steps": "ขั้นตอน",
                "period": "ระยะเวลา",
                "responsible": "ผู้รับผิดชอบ",
                "budget": "งบประมาณ",
                "success": "ตัวชี้วัดความสำเร็จ",
                "watching": "การกำกับติดตาม",
                "done": "ผลการดำเนินการ",
                "suggestion": "ปัญหา อุปสรรค และข้อเสนอแนะ",
            }
        ),
    ),
}
_SIGNATORIES = {
    "signers": Tag(
        "ผู้ลงนามตามลำดับ",
        _texts({"position": "ตำแหน่ง", "name": "ชื่อ-สกุล", "opinion": "ความเห็น", "signed": "วันที่ลงนามในระบบ"}),
    )
}
_MARKS = {
    "marks": Tag(
        "ข้อการเปิดเผยข้อมูลที่มีคะแนน", _texts({"code": "รหัสข้อ", "name": "ชื่อข้อ", "comment": "ความเห็นผู้ตรวจ", "score": "คะแนน"})
    ),
    "weak_marks": Tag(
        "ข้อการเปิดเผยข้อมูลที่ไม่ได้คะแนนเต็ม",
        _texts({"code": "รหัสข้อ", "name": "ชื่อข้อ", "cause": "สาเหตุ", "remedy": "วิธีแก้ไข", "score": "คะแนน"}),
    ),
}
_MEMO = {
    "memo": Tag(
        "หัวบันทึกข้อความ",
        _texts({"office": "ส่วนราชการ", "number": "ที่", "date": "วันที่", "subject": "เรื่อง", "to": "เรียน"}),
        is_list=False,
    )
}
_DISCLOSURES = {
    "disclosures": Tag(
        "ข้อการเปิดเผยข้อมูลทุกข้อ",
        _texts({"code": "รหัสข้อ", "name": "ชื่อข้อ", "elements": "องค์ประกอบที่ต้องมี", "urls": "URL", "status": "สถานะ"}),
    )
}
_SURVEYS = {
    "surveys": Tag(
        "แบบวัดที่กำลังเก็บ",
        _texts(
            {
                "name": "แบบวัด",
                "received": "ตอบแล้ว",
                "needed": "ต้องได้อย่างน้อย",
                "missing": "ยังขาด",
                "closes": "ปิดรับ",
                "address": "ที่อยู่แบบวัด",
            }
        ),
    )
}


def _tags_of_register(kind: str) -> dict[str, Tag]:
    """The columns of a register's records, and the fields of its sheet."""
    definition = register_papers()[kind][0]
    columns = {"number": "ลำดับ", **{column.key: column.label for column in definition.columns}}
    fields = _texts({field.key: field.label for field in definition.fields})
    return _COMMON | {"records": Tag(definition.row, _texts(columns))} | fields | _SIGNATORIES


TAGS: Mapping[str, Mapping[str, Tag]] = {
    summary.KIND: _RESULT,
    outcome.KIND: _RESULT | _PLAN | _SIGNATORIES,
    development.KIND: _RESULT | _PLAN | _SIGNATORIES,
    measures.KIND: _RESULT | _PLAN | _SIGNATORIES,
    memo.KIND: _RESULT | _MARKS | _MEMO | _SIGNATORIES,
    checklist.KIND: _COMMON | _DISCLOSURES | _SIGNATORIES,
    reminder.KIND: _COMMON | _SURVEYS | _DISCLOSURES,
    **dict.fromkeys(OF_PLAN, _COMMON | _PLAN | _SIGNATORIES),
    **{kind: _tags_of_register(kind) for kind in OF_REGISTER},
}


def build_tag_values(kind: str, facts: ResultFacts) -> dict[str, Any]:
    """The value of each tag of a paper, in the digits of its setting. Lists are lists of dictionaries."""
    title = KINDS[kind]
    if kind not in OF_REGISTER and describe_provisional_rules(facts):
        title += " (ใช้หลักเกณฑ์ฉบับชั่วคราว)"
    if kind in OF_PLAN:
        facts = ResultFacts(follow_up.within_period(facts.data, kind))
    known: dict[str, Any] = {"title": title}
    if kind in OF_REGISTER:
        known |= register.list_texts_of(*register_papers()[kind], facts)
    values = {name: known[name] if name in known else _VALUES[name](facts) for name in TAGS[kind]}
    digits = facts.data.formatting.digits
    return {name: _in_digits(value, digits) for name, value in values.items()}


def _in_digits(value: Any, digits: Digits) -> Any:
    if isinstance(value, list):
        return [_in_digits(item, digits) for item in value]
    if isinstance(value, dict):
        return {name: _in_digits(item, digits) for name, item in value.items()}
    return in_digits(value, digits)


def _format_date(day: Any) -> str:
    return thai.date(day) if day else ""


def _compare_years(facts: ResultFacts, node: str) -> dict[str, str]:
    movement = facts.movements.get(node)
    return {
        "score": facts.score_text(node),
        "before": facts.format_score(movement.previous) if movement else "-",
        "change": facts.format_change(movement.change) if movement else "-",
    }


def _list_instruments(facts: ResultFacts) -> list[dict[str, str]]:
    return [{"name": facts.instrument_label(i), **_compare_years(facts, i)} for i in facts.listed_instruments]


def _list_indicators(facts: ResultFacts) -> list[dict[str, str]]:
    return [
        {
            "number": i,
            "name": facts.label(i),
            "meaning": rule.meaning.th,
            "finding": wording.describe_finding(facts, i),
            **_compare_years(facts, i),
        }
        for i, rule in facts.framework.indicators.items()
    ]


def _list_recommendations(facts: ResultFacts) -> list[dict[str, str]]:
    priorities = wording.rank_priorities(facts, _MAX_RECOMMENDATIONS)
    return [{"what": subject.rstrip(":"), "how": remedy} for subject, remedy in priorities]


def _list_measures(facts: ResultFacts) -> list[dict[str, str]]:
    """Decided measures, then, where the result is known, each indicator without one: with what is recommended where
    the agency has decided nothing at all."""
    decided = [_describe_measure(facts, measure) for measure in facts.data.measures]
    if not facts.scores:
        return decided
    sentences = phrases.load().sentences
    without = sentences.no_measure_of_indicator if decided else sentences.no_measure
    others = [
        Measure(
            indicators=(i,),
            title=without,
            finding=wording.describe_finding(facts, i),
            steps=() if decided else wording.recommend_for_indicator(facts, i),
        )
        for i in facts.framework.indicators
        if not facts.measures_of(i)
    ]
    return [*decided, *({**_describe_measure(facts, m), "done": ""} for m in others)]


def _describe_measure(facts: ResultFacts, measure: Measure) -> dict[str, str]:
    work_done, suggestion = summarize_follow_ups(measure)
    return {
        "indicator": "\n".join(facts.indicator_title(i) for i in measure.indicators) or "ภาพรวม",
        "finding": measure.finding,
        "measure": measure_title(measure),
        "steps": number_lines(measure.steps),
        "period": measure.period,
        "responsible": "\n".join(measure.responsible),
        "budget": measure.budget,
        "success": measure.success,
        "watching": measure.monitoring,
        "done": work_done,
        "suggestion": suggestion,
    }


def _list_signatories(facts: ResultFacts) -> list[dict[str, str]]:
    return [
        {"position": s.position, "name": s.name, "opinion": s.opinion, "signed": _format_date(s.signed_on)}
        for s in facts.data.signatories
    ]


def _list_marks(facts: ResultFacts) -> list[dict[str, str]]:
    return [
        {
            "code": item.id,
            "name": item.label.th,
            "comment": facts.disclosures[item.id].comment if item.id in facts.disclosures else "",
            "score": facts.score_text(item.id),
        }
        for item in facts.disclosure_items
        if facts.score(item.id) is not None
    ]


def _list_weak_marks(facts: ResultFacts) -> list[dict[str, str]]:
    return [
        {
            "code": w.weak.node.id,
            "name": w.weak.node.label.th,
            "cause": w.cause,
            "remedy": w.remedy,
            "score": facts.format_score(w.weak.score),
        }
        for w in memo.list_weak_disclosures(facts)
    ]


def _describe_memo_header(facts: ResultFacts) -> dict[str, str]:
    header = facts.data.memo_header
    return {
        "office": header.office if header else "",
        "number": header.reference_number if header else "",
        "date": _format_date(header.date) if header else "",
        "subject": memo.find_subject(facts),
        "to": header.to if header else "",
    }


def _list_disclosures(facts: ResultFacts) -> list[dict[str, str]]:
    rows = []
    for item in facts.disclosure_items:
        disclosure = facts.disclosures.get(item.id)
        rows.append(
            {
                "code": item.id,
                "name": item.label.th,
                "elements": "\n".join(
                    f"- {phrases.describe_element(facts.framework, e, facts.year)}" for e in item.elements
                ),
                "urls": "\n".join(disclosure.urls) if disclosure else "",
                "status": checklist.format_status(disclosure),
            }
        )
    return rows


def _list_surveys(facts: ResultFacts) -> list[dict[str, str]]:
    return [
        {
            "name": facts.instrument_label(s.instrument),
            "received": str(s.received),
            "needed": "" if s.required is None else str(s.required),
            "missing": reminder.format_missing(s),
            "closes": _format_date(s.closes_on),
            "address": s.address,
        }
        for s in facts.data.surveys
    ]


_VALUES: dict[str, Callable[[ResultFacts], Any]] = {
    "agency": lambda f: f.agency,
    "place": lambda f: f.data.office.place,
    "prepared_by": lambda f: f.data.office.prepared_by,
    "head": lambda f: f.data.office.executive_position,
    "year": lambda f: str(f.year),
    "next_year": lambda f: str(f.year + 1),
    "date": lambda f: _format_date(f.data.date),
    "score": lambda f: f.score_text("overall"),
    "level": lambda f: f"{f.level or ''}{'' if f.data.result.states_level or not f.level else ' (คำนวณจากคะแนน)'}",
    "target": lambda f: str(f.target),
    "passed": lambda f: "" if f.passes is None else "ผ่าน" if f.passes else "ไม่ผ่าน",
    "score_before": lambda f: _compare_years(f, "overall")["before"],
    "year_before": lambda f: str(f.previous.framework.fiscal_year) if f.previous else "",
    "said_overall": wording.describe_overall,
    "said_change": wording.describe_overall_change,
    "said_why": wording.describe_shortfalls,
    "said_counts": wording.describe_counts,
    "said_extremes": wording.describe_extremes,
    "said_method": wording.describe_method,
    "instruments": _list_instruments,
    "indicators": _list_indicators,
    "advice": _list_recommendations,
    "plan": _list_measures,
    "signers": _list_signatories,
    "marks": _list_marks,
    "weak_marks": _list_weak_marks,
    "memo": _describe_memo_header,
    "disclosures": _list_disclosures,
    "surveys": _list_surveys,
}
