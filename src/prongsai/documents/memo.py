"""The memo that carries the result up the line: header, what was, the facts, what is proposed, opinions, and the marks
as an annex."""

from dataclasses import dataclass

from prongsai.documents import parts, wording
from prongsai.documents.content import (
    Block,
    Cell,
    Column,
    Document,
    Fields,
    Heading,
    MemoTop,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
    numbered,
)
from prongsai.documents.judged import Judged, Weak, printed
from prongsai.documents.material import MaterialError
from prongsai.framework import Node
from prongsai.lib import thai

KIND = "memo"
NAME = "บันทึกข้อความรายงานผลการประเมิน"


def compose(judged: Judged) -> Document:
    head = judged.material.memo
    if head is None:
        raise MaterialError(["หัวบันทึกข้อความ: ยังไม่ได้กรอกส่วนราชการและเรียน"])
    about = subject(judged)
    page: list[Block] = [
        MemoTop(judged.material.office.emblem),
        Fields((("ส่วนราชการ", head.office),)),
        Fields((("ที่", head.number), ("วันที่", thai.date(head.date) if head.date else ""))),
        Fields((("เรื่อง", about),)),
        Paragraph(head.to, lead="เรียน", indent=False, align="left"),
        Heading("1. เรื่องเดิม", 2),
        Paragraph(
            f"สำนักงาน ป.ป.ช. ได้ดำเนิน{wording.ITA_FULL} {wording.fiscal(judged.year)} และแจ้งผลให้หน่วยงานที่รับการประเมินทราบ "
            "เพื่อใช้ปรับปรุงและพัฒนาการดำเนินงานให้มีคุณธรรมและความโปร่งใสยิ่งขึ้น นั้น"
        ),
        Heading("2. ข้อเท็จจริง", 2),
        *_facts(judged),
        Heading("3. ข้อเสนอแนะ/พิจารณา", 2),
        *_proposal(judged),
        Paragraph("จึงเรียนมาเพื่อโปรดทราบและพิจารณา", keep=True),
        *parts.signatures(judged, opinions=True),
    ]
    sections = [Section(tuple(page), memo=True)]
    annex = _annex(judged)
    if annex:
        sections.append(Section(tuple(annex)))
    return parts.document(judged, KIND, f"บันทึกข้อความ {about}", sections)


def subject(judged: Judged) -> str:
    head = judged.material.memo
    return (head.subject if head else "") or f"รายงานผล{wording.ITA} (ITA) {wording.fiscal(judged.year)}"


@dataclass(frozen=True)
class Mending:
    """A disclosure item that did not get full marks, why, and what mends it."""

    weak: Weak
    cause: str
    remedy: str
    told: bool  # an assessor said so; otherwise it is what the rules advise to look at


def mending(judged: Judged) -> list[Mending]:
    """Weak disclosure items in their order; the cause is the assessor's comment where there is one."""
    ids = {i.id: i for i in judged.disclosure_items}
    weak = {w.node.id: w for i in judged.framework.indicators for w in judged.weak_items(i) if w.node.id in ids}
    found = []
    for name, item in ids.items():
        if name in weak:
            record = judged.disclosures.get(name)
            found.append(
                Mending(
                    weak[name],
                    record.comment if record and record.comment else item.advice.defect,
                    item.advice.remedy,
                    bool(record and record.comment),
                )
            )
    return found


def _facts(judged: Judged) -> list[Block]:
    blocks: list[Block] = []
    if judged.score("overall") is not None:
        blocks.append(Paragraph(wording.overall(judged)))
        if judged.before is not None:
            blocks.append(Paragraph(f"คะแนนในภาพรวม{wording.overall_change(judged)}"))
    blocks += [Paragraph(wording.of_instrument(judged, k)) for k, *_ in judged.groups if judged.score(k) is not None]
    if judged.findings.indicators:
        blocks.append(Paragraph(wording.counts(judged)))
        below = wording.to_develop(judged)
        blocks.append(Paragraph(below or wording.extremes(judged)))
    weak = mending(judged)
    if weak:
        blocks.append(Paragraph(f"ข้อของแบบ OIT ที่ไม่ได้คะแนนเต็ม มีจำนวน {len(weak)} ข้อ ดังนี้"))
        blocks.append(
            numbered(
                f"{m.weak.node.id} {m.weak.node.label.th} {'ความเห็นผู้ตรวจ' if m.told else 'ข้อที่ควรตรวจสอบ'}: {m.cause}"
                for m in weak
            )
        )
    elif any(judged.score(i.id) is not None for i in judged.disclosure_items):
        blocks.append(Paragraph("ทุกข้อของแบบ OIT ที่ทราบคะแนนได้คะแนนเต็ม"))
    return blocks


def _proposal(judged: Judged) -> list[Block]:
    weak = mending(judged)
    year = wording.fiscal(judged.year_ahead)
    if not weak and judged.passes and not judged.findings.to_develop:
        return [Paragraph(f"เห็นควรแจ้งทุกส่วนงานให้รักษาระดับ และทบทวนข้อมูลที่เผยแพร่ให้เป็นปัจจุบันก่อนการประเมิน{year}")]
    annex = " ตามรายละเอียดแนบท้าย" if _known_marks(judged) else ""
    return [
        Paragraph(
            f"เห็นควรแจ้งส่วนงานที่รับผิดชอบแต่ละเรื่องให้แก้ไขข้อบกพร่องข้างต้นให้แล้วเสร็จก่อนการประเมิน{year}{annex} โดยเริ่มจากเรื่องต่อไปนี้"
        ),
        numbered(f"{what} {how}" for what, how in _first(judged, weak)),
    ]


def _first(judged: Judged, weak: list[Mending]) -> list[tuple[str, str]]:
    """The three that the total gains most by."""
    if not weak:
        return wording.priorities(judged, 3)
    chosen = sorted(weak, key=lambda m: (-(m.weak.gain or 0), m.weak.score))[:3]
    return [(f"{m.weak.node.id} {m.weak.node.label.th}:", m.remedy) for m in chosen]


def _known_marks(judged: Judged) -> bool:
    return any(judged.score(i.id) is not None for i in judged.disclosure_items)


def _annex(judged: Judged) -> list[Block]:
    """Every disclosure item with its mark and comment, under its sub-indicator."""
    if not _known_marks(judged):
        return []
    said = any(d.comment for d in judged.disclosures.values())  # a column that would be empty is left out
    columns = (
        Column("ข้อ", 1.5, "center"),
        Column("ประเด็นการตรวจ", 6.0 if said else 12.3),
        *([Column("ความคิดเห็น", 6.3)] if said else []),
        Column("คะแนน", 2.2, "center"),
    )
    lines = []
    for indicator in judged.framework.indicators:
        for sub in judged.framework.nodes[indicator].parts:
            node = judged.framework.nodes[sub]
            if node.kind == "sub_indicator" and (
                own := [n for n in judged.framework.items_of(sub) if judged.score(n.id) is not None]
            ):
                title = Cell(f"ตัวชี้วัดย่อยที่ {sub} {node.label.th}", span=len(columns), align="left")
                lines.append(Row((title,), "group"))
                lines += [_mark(judged, n, said=said) for n in own]
    totals = [
        (f"{i}. {judged.label(i)}", judged.text(i))
        for i in judged.framework.indicators
        if judged.score(i) is not None and judged.framework.nodes[i].method == "mean_of_sub_indicators"
    ]
    blocks: list[Block] = [Title((f"ผลคะแนนการเปิดเผยข้อมูลสาธารณะ (OIT) {wording.fiscal(judged.year)}", judged.agency))]
    if totals:
        columns_of_totals = (Column("ตัวชี้วัด", 11.5), Column("คะแนนเฉลี่ย", 4.5, "center"))
        blocks.append(Table(columns_of_totals, tuple(Row((Cell(a), Cell(b))) for a, b in totals)))
        blocks.append(Paragraph("คะแนนรายข้อมีดังนี้", indent=False, align="left"))
    return [*blocks, Table(columns, tuple(lines), size=14)]


def _mark(judged: Judged, node: Node, *, said: bool) -> Row:
    record = judged.disclosures.get(node.id)
    value = judged.score(node.id)
    assert value is not None
    comment = [Cell(record.comment if record else "")] if said else []
    return Row((Cell(node.id), Cell(node.label.th), *comment, Cell(printed(value))))
