"""Paper 1: a summary of the result for an executive: level and what it means, ranking, and what to do about every weak
item, most urgent first."""

from decimal import Decimal

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


def compose(facts: ResultFacts) -> Document:
    title = f"สรุปผล{wording.name_assessment(facts)} {wording.format_fiscal_year(facts.year)}"
    blocks: list[Block] = [
        Title((*_title_lines(facts), f"ประจำ{wording.format_fiscal_year(facts.year)}", *shared.agency_lines(facts))),
        *_list_key_figures(facts),
        *(_rank_indicators(facts) or _list_instruments(facts)),
        *_paragraphs(
            wording.describe_overall(facts),
            wording.describe_level(facts),
            wording.describe_share(facts),
            wording.compare_overall(facts) if facts.previous else "",
            wording.describe_shortfalls(facts),
            wording.describe_counts(facts),
            wording.describe_extremes(facts),
        ),
        *_list_recommendations(facts),
        *shared.list_comments(facts),
    ]
    return shared.build_document(facts, KIND, title, [Section(tuple(blocks))])


def _title_lines(facts: ResultFacts) -> tuple[str, ...]:
    """The title, a long name of the assessment on two lines."""
    subject, separator, rest = wording.name_assessment(facts).partition("ในการดำเนินงาน")
    lines = (f"สรุปผล{subject}", f"{separator}{rest}") if separator else (f"สรุปผล{subject}",)
    return (*lines[:-1], f"{lines[-1]} ({wording.abbreviate_assessment(facts)})")


def _paragraphs(*texts: str) -> list[Paragraph]:
    return [Paragraph(text=text) for text in texts if text]


def _list_key_figures(facts: ResultFacts) -> list[KeyFigures]:
    if facts.passes is None:
        return []
    pairs = [(facts.score_text("overall"), "คะแนนรวม (เต็ม 100)")]
    if facts.level:
        is_stated = facts.data.result.states_level
        pairs.append((facts.level, "ระดับผลการประเมิน" if is_stated else "ระดับ (คำนวณจากคะแนน)"))
    pairs.append(("ถึง" if facts.passes else "ไม่ถึง", f"ค่าเป้าหมาย {facts.target} คะแนน"))
    return [KeyFigures(tuple(pairs))]


def _rank_indicators(facts: ResultFacts) -> list[Table]:
    ranked = [(str(r.rank), facts.label(r.node), r.score) for r in facts.findings.indicators]
    return _table_of_scores(facts, ("ลำดับ", "ตัวชี้วัด"), ranked)


def _list_instruments(facts: ResultFacts) -> list[Table]:
    """What is known where the indicators are not."""
    known = ((i, facts.score(i)) for i in facts.listed_instruments)
    scored = [(i, facts.label(i), score) for i, score in known if score is not None]
    return _table_of_scores(facts, ("", "เครื่องมือการประเมิน"), scored)


def _table_of_scores(facts: ResultFacts, names: tuple[str, str], lines: list[tuple[str, str, Decimal]]) -> list[Table]:
    """Number, name, score, and whether it reaches the target; no table without lines."""
    if not lines:
        return []
    columns = (
        Column(names[0], 1.6, "center"),
        Column(names[1], 8.4),
        Column("คะแนน", 2.6, "center"),
        Column("เทียบค่าเป้าหมาย", 3.4, "center"),
    )
    cells = [
        (number, name, facts.format_score(score), "ถึงเป้าหมาย" if score >= facts.target else "ต้องพัฒนา")
        for number, name, score in lines
    ]
    return [Table(columns, rows(*cells), size=15)]


def _list_recommendations(facts: ResultFacts) -> list[Block]:
    """The closing paragraph, which leads to the actions for every weak item, if there are any."""
    priorities = wording.rank_priorities(facts)
    conclusion = wording.conclude(facts)
    last = wording.announce_actions(conclusion) if priorities else wording.explain_no_actions(facts)
    text = f"{conclusion} {last}".strip()
    blocks: list[Block] = [
        Heading("ข้อเสนอแนะเรียงตามความสำคัญ" if priorities else "ข้อเสนอแนะ"),
        Paragraph(text=text, keep_with_next=bool(priorities)),
    ]
    if priorities:
        blocks.append(numbered(f"{subject} {action}" for subject, action in priorities))
    return blocks
