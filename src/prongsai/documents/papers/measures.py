"""Paper 4: analysis and measures, with a column for monitoring."""

from collections.abc import Sequence

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
)
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import ResultFacts

KIND = "measures"
NAME = "การวิเคราะห์ผลและมาตรการพร้อมการกำกับติดตาม"


def compose(facts: ResultFacts) -> Document:
    report: list[Block] = [
        Title(
            (
                "การวิเคราะห์ผลการประเมินคุณธรรมและความโปร่งใส",
                "ในการดำเนินงานของหน่วยงานภาครัฐ",
                *shared.agency_lines(facts),
                f"ประจำ{wording.format_fiscal_year(facts.year)}",
            )
        ),
        Paragraph(text=wording.describe_method(facts)),
        Paragraph(text=wording.describe_overall(facts)),
        Paragraph(text=wording.describe_counts(facts)),
        *(
            Paragraph(text=f"{facts.indicator_title(i)} ได้คะแนน {facts.score_text(i)} คะแนน")
            for i in facts.framework.indicators
            if facts.score(i) is not None
        ),
    ]
    columns = (
        Column("ตัวชี้วัด", 3.4),
        Column("รายละเอียดการวิเคราะห์", 7.6),
        Column("มาตรการ/กิจกรรมในการพัฒนาปรับปรุง", 6.6),
        Column("การกำกับติดตาม", 5.2),
        Column("ผู้รับผิดชอบ", 2.9),
    )
    table_rows = []
    for indicator in facts.framework.indicators:
        measures = facts.measures_of(indicator) or (wording.draft_measure(facts, indicator),)
        analysis = wording.describe_finding(facts, indicator)
        if facts.score(indicator) is not None:
            analysis = f"ได้คะแนน {facts.score_text(indicator)} คะแนน {analysis}"
        table_rows.append(_build_row(f"ตัวชี้วัดที่ {indicator}\n{facts.label(indicator)}", analysis, measures))
    if general := facts.general_measures:
        findings = shared.number_lines([m.finding for m in general])
        table_rows.append(_build_row("ภาพรวมของหน่วยงาน", findings, general))
    plan: list[Block] = [
        Heading(
            f"มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน {facts.agency} {wording.format_fiscal_year(facts.year + 1)}"
        ),
        Table(columns, tuple(table_rows), size=14),
    ]
    title = f"การวิเคราะห์ผลและมาตรการส่งเสริมคุณธรรมและความโปร่งใส {wording.format_fiscal_year(facts.year)}"
    return shared.build_document(facts, KIND, title, [Section(tuple(report)), Section(tuple(plan), landscape=True)])


def _build_row(subject: str, analysis: str, measures: Sequence[Measure]) -> Row:
    activities = [f"{shared.measure_title(m)}\n{shared.number_lines(m.steps)}".strip() for m in measures]
    monitoring = shared.number_lines([format_monitoring(m) for m in measures])
    responsible = "\n".join(dict.fromkeys(unit for m in measures for unit in m.responsible)) or shared.DOTS[:14]
    return Row(tuple(map(Cell, (subject, analysis, shared.number_lines(activities), monitoring, responsible))))


def format_monitoring(measure: Measure) -> str:
    """How a measure is followed up, and the latest result."""
    latest = measure.follow_ups[-1] if measure.follow_ups else None
    result = " ".join(filter(None, (latest.status, latest.work_done))) if latest else ""
    return "\n".join(filter(None, (measure.monitoring, f"ผลล่าสุด: {result}" if result else ""))) or "-"
