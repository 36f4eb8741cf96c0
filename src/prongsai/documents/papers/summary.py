"""Paper 1: a summary of the result with the first recommendations: one or two pages for an executive."""

from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Column,
    Document,
    Heading,
    KeyFigures,
    Paragraph,
    Section,
    Table,
    Title,
    numbered,
    rows,
)
from prongsai.documents.content.facts import ResultFacts

KIND = "summary"
NAME = "สรุปผลการประเมินและข้อเสนอแนะ"
_MAX_RECOMMENDATIONS = 8


def compose(facts: ResultFacts) -> Document:
    title = f"สรุปผล{wording.name_assessment(facts)} {wording.format_fiscal_year(facts.year)}"
    blocks: list[Block] = [
        Title((*_title_lines(facts), f"ประจำ{wording.format_fiscal_year(facts.year)}", *shared.agency_lines(facts))),
        *_list_key_figures(facts),
        Paragraph(text=wording.describe_overall(facts)),
        *_paragraph_unless_empty(f"คะแนนในภาพรวม{wording.describe_overall_change(facts)}" if facts.previous else ""),
        *_paragraph_unless_empty(wording.describe_previous_level(facts)),
        *_paragraph_unless_empty(wording.describe_shortfalls(facts)),
        Paragraph(text=wording.describe_counts(facts)),
        *_paragraph_unless_empty(wording.describe_extremes(facts)),
        *_rank_indicators(facts),
        *_list_recommendations(facts),
    ]
    return shared.build_document(facts, KIND, title, [Section(tuple(blocks))])


def _title_lines(facts: ResultFacts) -> tuple[str, ...]:
    """The title, a long name of the assessment on two lines."""
    subject, separator, rest = wording.name_assessment(facts).partition("ในการดำเนินงาน")
    lines = (f"สรุปผล{subject}", f"{separator}{rest}") if separator else (f"สรุปผล{subject}",)
    return (*lines[:-1], f"{lines[-1]} ({wording.abbreviate_assessment(facts)})")


def _paragraph_unless_empty(text: str) -> list[Paragraph]:
    return [Paragraph(text=text)] if text else []


def _list_key_figures(facts: ResultFacts) -> list[KeyFigures]:
    if facts.passes is None:
        return []
    pairs = [(facts.score_text("overall"), "คะแนนรวม (เต็ม 100)")]
    if facts.level:
        pairs.append((facts.level, "ระดับผลการประเมิน"))
    pairs.append(("ถึง" if facts.passes else "ไม่ถึง", f"ค่าเป้าหมาย {facts.target} คะแนน"))
    return [KeyFigures(tuple(pairs))]


def _rank_indicators(facts: ResultFacts) -> list[Table]:
    ranked = facts.findings.indicators
    if not ranked:
        return []
    columns = (
        Column("ลำดับ", 1.6, "center"),
        Column("ตัวชี้วัด", 8.4),
        Column("คะแนน", 2.6, "center"),
        Column("เทียบค่าเป้าหมาย", 3.4, "center"),
    )
    lines = [
        (
            str(r.rank),
            facts.label(r.node),
            facts.format_score(r.score),
            "ถึงเป้าหมาย" if r.score >= facts.target else "ต้องพัฒนา",
        )
        for r in ranked
    ]
    return [Table(columns, rows(*lines), size=15)]


def _list_recommendations(facts: ResultFacts) -> list[Block]:
    priorities = wording.rank_priorities(facts, _MAX_RECOMMENDATIONS)
    if not priorities:
        text = "ไม่พบข้อที่ต้องแก้ไขจากคะแนนที่ทราบ ควรรักษาระดับและตรวจความเป็นปัจจุบันของข้อมูลที่เผยแพร่อย่างสม่ำเสมอ"
        return [Heading("ข้อเสนอแนะเรียงตามความสำคัญ"), Paragraph(text=text)]
    return [Heading("ข้อเสนอแนะเรียงตามความสำคัญ"), numbered(f"{subject} {remedy}" for subject, remedy in priorities)]
