"""Paper 2: the outcome report of the measures: method, results by instrument, strengths and points to develop, work
done."""

from collections.abc import Sequence

from prongsai.analysis import Ranked
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
    numbered,
    rows,
)
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import InstrumentGroup, ResultFacts

KIND = "outcome"
NAME = "รายงานผลการดำเนินการตามมาตรการ"
_MAX_RECOMMENDATIONS = 10
_TITLE = ("รายงานผลการดำเนินการตามมาตรการ", "ส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน")


def compose(facts: ResultFacts) -> Document:
    name = "".join(_TITLE)
    report: list[Block] = [
        Title((*_TITLE, *shared.agency_lines(facts), f"ประจำ{wording.format_fiscal_year(facts.year)}")),
        Heading("1. วิธีการประเมิน"),
        Paragraph(text=wording.describe_method(facts)),
        Heading("2. ผลการประเมิน"),
        Paragraph(text=wording.describe_overall(facts)),
        *(
            block
            for n, group in enumerate(facts.instrument_groups, 1)
            for block in _report_group(facts, f"2.{n}", group)
        ),
        Heading("3. จุดแข็งและจุดที่ต้องพัฒนา"),
        Paragraph(text=wording.describe_counts(facts)),
        *_list_indicators(facts, "3.1 จุดแข็ง", facts.findings.strengths),
        *_list_indicators(facts, "3.2 จุดที่ต้องพัฒนา", facts.findings.to_develop[::-1]),
        Heading("4. ข้อเสนอแนะ"),
        *_list_recommendations(facts),
    ]
    plan = [
        Heading("5. ผลการดำเนินการตามมาตรการ"),
        *_build_outcome_table(facts),
        *shared.build_signatures(facts.data.signatories, with_opinions=False)[:1],
    ]
    return shared.build_document(
        facts,
        KIND,
        f"{name} {wording.format_fiscal_year(facts.year)}",
        [Section(tuple(report)), Section(tuple(plan), landscape=True)],
    )


def _report_group(facts: ResultFacts, number: str, group: InstrumentGroup) -> list[Block]:
    lines = [(f"{i}. {facts.label(i)}", facts.score_text(i)) for i in group.indicators if facts.score(i) is not None]
    blocks: list[Block] = [Heading(f"{number} {group.label} ({group.id})", 2)]
    if lines:
        blocks.append(Table((Column("ตัวชี้วัด", 11.5), Column("คะแนนเฉลี่ย", 4.5, "center")), rows(*lines)))
    else:
        blocks.append(Paragraph(text="ผลที่ได้รับไม่มีคะแนนรายตัวชี้วัดของแบบวัดนี้"))
    if len(group.instruments) > 1 and all(facts.score(i) is not None for i in group.instruments):
        scores = [f"{facts.instrument_label(i)} ได้คะแนนเฉลี่ย {facts.score_text(i)} คะแนน" for i in group.instruments]
        blocks.append(Paragraph(text=" ".join(scores)))
    blocks.append(Paragraph(text=wording.describe_instrument(facts, group.id)))
    return blocks


def _list_indicators(facts: ResultFacts, title: str, ranked: Sequence[Ranked]) -> list[Block]:
    if not ranked:
        return []
    return [
        Heading(title, 2),
        *(
            Paragraph(text=wording.describe_indicator(facts, r.node), lead=facts.indicator_title(r.node))
            for r in ranked
        ),
    ]


def _list_recommendations(facts: ResultFacts) -> list[Block]:
    priorities = wording.rank_priorities(facts, _MAX_RECOMMENDATIONS)
    if not priorities:
        return [Paragraph(text="คะแนนที่ทราบไม่มีข้อที่ต้องแก้ไข ควรรักษาระดับและทบทวนมาตรการเดิมทุกปี")]
    return [numbered(f"{subject} {remedy}" for subject, remedy in priorities)]


def _build_outcome_table(facts: ResultFacts) -> list[Block]:
    """Measure, steps, responsible units, period, work done, suggestion."""
    if not facts.data.measures:
        return [Paragraph(text="ยังไม่มีมาตรการที่บันทึกไว้สำหรับปีนี้ จึงยังไม่มีผลการดำเนินการให้รายงาน")]
    columns = (
        Column("มาตรการ", 4.6),
        Column("ขั้นตอนหรือวิธีการ", 6.6),
        Column("ผู้รับผิดชอบ", 2.8),
        Column("ระยะเวลาดำเนินการ", 2.9),
        Column("ผลการดำเนินการ", 5.2),
        Column("ปัญหา อุปสรรค และข้อเสนอแนะ", 3.6),
    )
    table_rows = []
    for number, measure in enumerate(facts.data.measures, 1):
        cells = (
            f"{number}. {measure.title}",
            shared.number_lines(measure.steps),
            "\n".join(measure.responsible),
            measure.period,
            *summarize_follow_ups(measure),
        )
        table_rows.append(Row(tuple(map(Cell, cells))))
    return [Table(columns, tuple(table_rows), size=14)]


def summarize_follow_ups(measure: Measure) -> tuple[str, str]:
    """(work done, obstacles and suggestions) of all follow-ups of a measure."""
    if not measure.follow_ups:
        return "ยังไม่มีบันทึกการติดตามผล", ""
    work_done = [
        " ".join(filter(None, (f.status, f.work_done, f"หลักฐาน: {f.evidence}" if f.evidence else "")))
        for f in measure.follow_ups
    ]
    suggestions = [
        text for f in measure.follow_ups for text in (f"อุปสรรค: {f.obstacles}" if f.obstacles else "", f.suggestion)
    ]
    return shared.number_lines(work_done), shared.number_lines(suggestions)
