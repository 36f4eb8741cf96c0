"""Paper 3: use of the results for development: two years side by side, every item with defect and remedy, a plan
for every indicator."""

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
    dashed,
    rows,
)
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import ResultFacts
from prongsai.framework import Node

KIND = "development"
NAME = "การนำผลการประเมินไปสู่การพัฒนาหน่วยงาน"


def compose(facts: ResultFacts) -> Document:
    title = f"การนำผลการประเมิน {wording.abbreviate_assessment(facts)} ไปสู่การพัฒนาหน่วยงาน {wording.format_fiscal_year(facts.year)}"
    indicators = [(i, facts.label(i)) for i in facts.framework.indicators]
    instruments = [(i, facts.instrument_label(i)) for i in facts.framework.instruments]
    with_total = [*instruments, ("overall", "ภาพรวม")]
    report: list[Block] = [
        Title(
            (
                f"การนำผลการประเมิน {wording.abbreviate_assessment(facts)} ไปสู่การพัฒนาหน่วยงาน",
                *shared.agency_lines(facts),
                f"ประจำ{wording.format_fiscal_year(facts.year)}",
            )
        ),
        Heading("1. ความเป็นมา"),
        Paragraph(text=wording.describe_method(facts)),
        Paragraph(
            text=f"{facts.agency} จึงนำผลการประเมินมาวิเคราะห์ทั้ง {len(indicators)} ตัวชี้วัด และกำหนดมาตรการเพื่อปรับปรุงหรือรักษาระดับ "
            "โดยแสดงผลการวิเคราะห์ มาตรการ ขั้นตอน ระยะเวลา และผู้รับผิดชอบไว้ในเอกสารนี้"
        ),
        Heading("2. ผลการประเมิน"),
        Heading("2.1 ผลการประเมินในภาพรวม", 2),
        *(Paragraph(text=text) for text in _describe_total(facts) if text),
        Heading("2.2 ผลการประเมินรายเครื่องมือ", 2),
        shared.build_score_table(facts, "แบบวัด", with_total, numbered=False),
        *shared.build_bar_charts(facts, with_total, "แผนภูมิคะแนนรายเครื่องมือ", numbered=False),
        Heading("2.3 ผลการประเมินรายตัวชี้วัด", 2),
        *(Paragraph(text=text) for text in _describe_indicators(facts) if text),
        shared.build_score_table(facts, "ชื่อตัวชี้วัด", indicators, numbered=True),
        *shared.build_bar_charts(facts, indicators, "แผนภูมิคะแนนรายตัวชี้วัด"),
        *_list_cautions(facts),
        Heading("3. การวิเคราะห์รายตัวชี้วัด"),
        *_analyse_indicators(facts),
    ]
    plan: list[Block] = [
        Heading("4. การนำผลการวิเคราะห์ไปสู่การพัฒนาหน่วยงาน"),
        _build_plan(facts),
        *_explain_drafts(facts),
    ]
    return shared.build_document(facts, KIND, title, [Section(tuple(report)), Section(tuple(plan), landscape=True)])


def _describe_total(facts: ResultFacts) -> tuple[str, ...]:
    total = wording.describe_overall(facts)
    if facts.score("overall") is None:
        return (total,)
    change = wording.describe_overall_change(facts)
    if facts.previous:
        change = f"คะแนนในภาพรวม{change}"
    return total, change, wording.describe_previous_level(facts), wording.describe_shortfalls(facts)


def _describe_indicators(facts: ResultFacts) -> tuple[str, ...]:
    return wording.describe_extremes(facts), wording.describe_counts(facts), wording.describe_movements(facts)


def _list_cautions(facts: ResultFacts) -> list[Block]:
    cautions = wording.list_cautions(facts)
    if not cautions:
        return []
    return [Paragraph(text="ข้อควรระวังในการเทียบสองปี", indent=False, align="left", keep_with_next=True), dashed(cautions)]


def _analyse_indicators(facts: ResultFacts) -> list[Block]:
    """Every indicator with its items; where no item is known, all indicators in one table."""
    indicators = facts.framework.indicators
    if any(map(facts.has_item_scores, indicators)):
        return [block for n, i in enumerate(indicators, 1) for block in _analyse_indicator(facts, f"3.{n}", i)]
    columns = (
        Column("ตัวชี้วัดที่", 2.2, "center"),
        Column("ชื่อตัวชี้วัด", 4.4),
        Column("คะแนน", 2.2, "center"),
        Column("ตัวชี้วัดนี้ดูอะไร", 7.2),
    )
    lines = [(i, facts.label(i), facts.score_text(i), rule.meaning.th) for i, rule in indicators.items()]
    return [Paragraph(text="ผลที่ได้รับไม่มีคะแนนรายข้อ จึงวิเคราะห์ในระดับตัวชี้วัด ดังนี้"), Table(columns, rows(*lines), size=14)]


def _analyse_indicator(facts: ResultFacts, number: str, indicator: str) -> list[Block]:
    """The items of one indicator, by instrument."""
    blocks: list[Block] = [Heading(f"{number} {facts.indicator_title(indicator)}", 2)]
    if facts.score(indicator) is None:
        return [*blocks, Paragraph(text="ผลที่ได้รับไม่มีคะแนนของตัวชี้วัดนี้")]
    known = [n for n in facts.item_nodes(indicator) if facts.score(n.id) is not None]
    if not known:
        return [
            *blocks,
            Paragraph(text=f"ได้คะแนน {facts.score_text(indicator)} คะแนน {wording.describe_finding(facts, indicator)}"),
        ]
    by_instrument: dict[str, list[Node]] = {}
    for node in known:
        by_instrument.setdefault(node.instrument or "", []).append(node)
    for instrument, nodes in by_instrument.items():
        mean = f"{instrument}/{indicator}" if f"{instrument}/{indicator}" in facts.framework.nodes else indicator
        if mean != indicator:
            blocks.append(
                Paragraph(
                    text=f"{facts.indicator_title(indicator)} {facts.instrument_label(instrument)}",
                    indent=False,
                    align="left",
                    keep_with_next=True,
                )
            )
        if len(nodes) < sum(n.instrument == instrument for n in facts.item_nodes(indicator)):
            blocks.append(
                Paragraph(
                    text="แสดงเฉพาะข้อที่ทราบคะแนน คะแนนเฉลี่ยเป็นของทุกข้อในตัวชี้วัด",
                    indent=False,
                    align="left",
                    keep_with_next=True,
                )
            )
        name = f"เฉลี่ย ตัวชี้วัดที่ {indicator}" + (
            f" {facts.instrument_label(instrument).removeprefix(f'{facts.whole_of(instrument)} ')}"
            if mean != indicator
            else ""
        )
        blocks.append(shared.build_item_table(facts, name, nodes, facts.score_text(mean)))
    return blocks


def _build_plan(facts: ResultFacts) -> Table:
    columns = (
        Column("ผลการวิเคราะห์ของตัวชี้วัดที่สอดคล้องกับมาตรการ", 6.3),
        Column("มาตรการ โครงการ หรือกิจกรรม", 4.8),
        Column("ขั้นตอนหรือวิธีการดำเนินการ", 8.0),
        Column("ช่วงระยะเวลา", 3.3),
        Column("ผู้รับผิดชอบ", 3.3),
    )
    table_rows = []
    for indicator in facts.framework.indicators:
        score = f" ({facts.score_text(indicator)} คะแนน)" if facts.score(indicator) is not None else ""
        table_rows.append(Row((Cell(f"{facts.indicator_title(indicator)}{score}", span=len(columns)),), "group"))
        finding = wording.describe_finding(facts, indicator)
        measures = facts.measures_of(indicator) or (wording.draft_measure(facts, indicator),)
        table_rows += [_build_measure_row(m, m.finding or finding) for m in measures]
    if facts.general_measures:
        table_rows.append(Row((Cell("ภาพรวมของหน่วยงาน", span=len(columns)),), "group"))
        table_rows += [_build_measure_row(m, m.finding) for m in facts.general_measures]
    return Table(columns, tuple(table_rows), size=14)


def _build_measure_row(measure: Measure, finding: str) -> Row:
    steps = shared.number_lines(measure.steps)
    responsible = "\n".join(measure.responsible) or shared.DOTS[:16]
    return Row(tuple(map(Cell, (finding, shared.measure_title(measure), steps, measure.period, responsible))))


def _explain_drafts(facts: ResultFacts) -> list[Block]:
    if all(facts.measures_of(i) for i in facts.framework.indicators):
        return []
    return [
        Paragraph(
            text="รายการที่มีคำว่า (ร่าง) เรียบเรียงจากคะแนนและแนวทางในหลักเกณฑ์โดยอัตโนมัติ หน่วยงานต้องพิจารณาและกำหนดผู้รับผิดชอบก่อนใช้",
            indent=False,
        )
    ]
