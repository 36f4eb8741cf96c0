"""Summary of the result with what to do first: one or two pages for an executive."""

from prongsai.documents import parts, wording
from prongsai.documents.content import (
    Block,
    Column,
    Document,
    Figures,
    Heading,
    Paragraph,
    Section,
    Table,
    Title,
    numbered,
    rows,
)
from prongsai.documents.judged import Judged, printed

KIND = "summary"
NAME = "สรุปผลการประเมินและข้อเสนอแนะ"
_MOST = 8
_NAME = ("สรุปผลการประเมินคุณธรรมและความโปร่งใส", "ในการดำเนินงานของหน่วยงานภาครัฐ (ITA)")


def compose(judged: Judged) -> Document:
    title = f"สรุปผล{wording.ITA} {wording.fiscal(judged.year)}"
    blocks: list[Block] = [
        Title((*_NAME, f"ประจำ{wording.fiscal(judged.year)}", *parts.place(judged))),
        *_large(judged),
        Paragraph(wording.overall(judged)),
        *_paragraph(f"คะแนนในภาพรวม{wording.overall_change(judged)}" if judged.before else ""),
        *_paragraph(wording.level_before(judged)),
        *_paragraph(wording.why_not_higher(judged)),
        Paragraph(wording.counts(judged)),
        *_paragraph(wording.extremes(judged)),
        *_ranking(judged),
        *_advice(judged),
    ]
    return parts.document(judged, KIND, title, [Section(tuple(blocks))])


def _paragraph(text: str) -> list[Paragraph]:
    return [Paragraph(text)] if text else []


def _large(judged: Judged) -> list[Figures]:
    if judged.passes is None:
        return []
    pairs = [(judged.text("overall"), "คะแนนรวม (เต็ม 100)")]
    if judged.level:
        pairs.append((judged.level, "ระดับผลการประเมิน"))
    pairs.append(("ถึง" if judged.passes else "ไม่ถึง", f"ค่าเป้าหมาย {judged.target} คะแนน"))
    return [Figures(tuple(pairs))]


def _ranking(judged: Judged) -> list[Table]:
    found = judged.findings.indicators
    if not found:
        return []
    columns = (
        Column("ลำดับ", 1.6, "center"),
        Column("ตัวชี้วัด", 8.4),
        Column("คะแนน", 2.6, "center"),
        Column("เทียบค่าเป้าหมาย", 3.4, "center"),
    )
    lines = [
        (str(r.rank), judged.label(r.node), printed(r.score), "ถึงเป้าหมาย" if r.score >= judged.target else "ต้องพัฒนา")
        for r in found
    ]
    return [Table(columns, rows(*lines), size=15)]


def _advice(judged: Judged) -> list[Block]:
    found = wording.priorities(judged, _MOST)
    if not found:
        text = "ไม่พบข้อที่ต้องแก้ไขจากคะแนนที่ทราบ ควรรักษาระดับและตรวจความเป็นปัจจุบันของข้อมูลที่เผยแพร่อย่างสม่ำเสมอ"
        return [Heading("ข้อเสนอแนะเรียงตามความสำคัญ"), Paragraph(text)]
    return [Heading("ข้อเสนอแนะเรียงตามความสำคัญ"), numbered(f"{what} {how}" for what, how in found)]
