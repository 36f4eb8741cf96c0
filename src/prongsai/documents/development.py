"""Use of the results for development: two years side by side, every item with defect and remedy, a plan for every
indicator."""

from prongsai.documents import parts, wording
from prongsai.documents.content import (
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
from prongsai.documents.judged import Judged
from prongsai.documents.material import Measure
from prongsai.documents.outcome import parts_of
from prongsai.framework import Node

KIND = "development"
NAME = "การนำผลการประเมินไปสู่การพัฒนาหน่วยงาน"


def compose(judged: Judged) -> Document:
    title = f"การนำผลการประเมิน ITA ไปสู่การพัฒนาหน่วยงาน {wording.fiscal(judged.year)}"
    indicators = [(i, judged.label(i)) for i in judged.framework.indicators]
    instruments = [(i, judged.part(i)) for i in judged.framework.instruments]
    wholes = parts.bars(judged, [*instruments, ("overall", "ภาพรวม")], "แผนภูมิคะแนนรายเครื่องมือ", numbered=False)
    everything = judged.framework.indicators
    report: list[Block] = [
        Title(("การนำผลการประเมิน ITA ไปสู่การพัฒนาหน่วยงาน", *parts.place(judged), f"ประจำ{wording.fiscal(judged.year)}")),
        Heading("1. ความเป็นมา"),
        Paragraph(wording.method(judged)),
        Paragraph(
            f"{judged.agency} จึงนำผลการประเมินมาวิเคราะห์ทั้ง {len(everything)} ตัวชี้วัด และกำหนดมาตรการเพื่อปรับปรุงหรือรักษาระดับ "
            "โดยแสดงผลการวิเคราะห์ มาตรการ ขั้นตอน ระยะเวลา และผู้รับผิดชอบไว้ในเอกสารนี้"
        ),
        Heading("2. ผลการประเมิน"),
        Heading("2.1 ผลการประเมินในภาพรวม", 2),
        *(Paragraph(t) for t in _whole(judged) if t),
        Heading("2.2 ผลการประเมินรายเครื่องมือ", 2),
        parts.years_table(judged, "แบบวัด", [*instruments, ("overall", "ภาพรวม")], numbered=False),
        *wholes,
        Heading("2.3 ผลการประเมินรายตัวชี้วัด", 2),
        *(Paragraph(t) for t in (wording.extremes(judged), wording.counts(judged), wording.movements(judged)) if t),
        parts.years_table(judged, "ชื่อตัวชี้วัด", indicators, numbered=True),
        *parts.bars(judged, indicators, "แผนภูมิคะแนนรายตัวชี้วัด"),
        *_cautions(judged),
        Heading("3. การวิเคราะห์รายตัวชี้วัด"),
        *_analysis(judged),
    ]
    plan: list[Block] = [
        Heading("4. การนำผลการวิเคราะห์ไปสู่การพัฒนาหน่วยงาน"),
        _plan(judged),
        *_draft_note(judged),
    ]
    return parts.document(judged, KIND, title, [Section(tuple(report)), Section(tuple(plan), landscape=True)])


def _whole(judged: Judged) -> tuple[str, ...]:
    said = wording.overall(judged)
    if judged.score("overall") is None:
        return (said,)
    change = wording.overall_change(judged)
    told = f"คะแนนในภาพรวม{change}" if judged.before else change
    return said, told, wording.level_before(judged), wording.why_not_higher(judged)


def _cautions(judged: Judged) -> list[Block]:
    found = wording.cautions(judged)
    if not found:
        return []
    return [Paragraph("ข้อควรระวังในการเทียบสองปี", indent=False, align="left", keep=True), dashed(found)]


def _analysis(judged: Judged) -> list[Block]:
    """Every indicator with its items; where no item is known, all indicators in one table."""
    indicators = judged.framework.indicators
    if any(judged.score(n.id) is not None for i in indicators for n in judged.item_nodes(i)):
        return [b for number, i in enumerate(indicators, 1) for b in _indicator(judged, f"3.{number}", i)]
    columns = (
        Column("ตัวชี้วัดที่", 2.2, "center"),
        Column("ชื่อตัวชี้วัด", 4.4),
        Column("คะแนน", 2.2, "center"),
        Column("ตัวชี้วัดนี้ดูอะไร", 7.2),
    )
    found = rows(*((i, judged.label(i), judged.text(i), rule.meaning.th) for i, rule in indicators.items()))
    return [Paragraph("ผลที่ได้รับไม่มีคะแนนรายข้อ จึงวิเคราะห์ในระดับตัวชี้วัด ดังนี้"), Table(columns, found, size=14)]


def _indicator(judged: Judged, number: str, indicator: str) -> list[Block]:
    """The items of one indicator, for each part that asked them."""
    blocks: list[Block] = [Heading(f"{number} {judged.titled(indicator)}", 2)]
    if judged.score(indicator) is None:
        return [*blocks, Paragraph("ผลที่ได้รับไม่มีคะแนนของตัวชี้วัดนี้")]
    known = [n for n in judged.item_nodes(indicator) if judged.score(n.id) is not None]
    if not known:
        return [*blocks, Paragraph(f"ได้คะแนน {judged.text(indicator)} คะแนน {wording.finding(judged, indicator)}")]
    by_part: dict[str, list[Node]] = {}
    for node in known:
        by_part.setdefault(node.instrument or "", []).append(node)
    for instrument, nodes in by_part.items():
        mean = f"{instrument}/{indicator}" if f"{instrument}/{indicator}" in judged.framework.nodes else indicator
        if mean != indicator:
            blocks.append(
                Paragraph(
                    f"{judged.titled(indicator)} {judged.part(instrument)}", indent=False, align="left", keep=True
                )
            )
        if len(nodes) < sum(n.instrument == instrument for n in judged.item_nodes(indicator)):
            blocks.append(
                Paragraph("แสดงเฉพาะข้อที่ทราบคะแนน คะแนนเฉลี่ยเป็นของทุกข้อในตัวชี้วัด", indent=False, align="left", keep=True)
            )
        name = f"เฉลี่ย ตัวชี้วัดที่ {indicator}" + (
            f" {judged.part(instrument).removeprefix('EIT ')}" if mean != indicator else ""
        )
        blocks.append(parts.item_table(judged, name, nodes, judged.text(mean)))
    return blocks


def _plan(judged: Judged) -> Table:
    columns = (
        Column("ผลการวิเคราะห์ของตัวชี้วัดที่สอดคล้องกับมาตรการ", 6.3),
        Column("มาตรการ โครงการ หรือกิจกรรม", 4.8),
        Column("ขั้นตอนหรือวิธีการดำเนินการ", 8.0),
        Column("ช่วงระยะเวลา", 3.3),
        Column("ผู้รับผิดชอบ", 3.3),
    )
    lines = []
    for indicator in judged.framework.indicators:
        known = judged.score(indicator) is not None
        score = f" ({judged.text(indicator)} คะแนน)" if known else ""
        lines.append(Row((Cell(f"{judged.titled(indicator)}{score}", span=len(columns)),), "group"))
        decided = judged.measures_of(indicator) or (wording.drafted(judged, indicator),)
        lines += [_measure(measure, measure.finding or wording.finding(judged, indicator)) for measure in decided]
    if judged.measures_of_whole:
        lines.append(Row((Cell("ภาพรวมของหน่วยงาน", span=len(columns)),), "group"))
        lines += [_measure(measure, measure.finding) for measure in judged.measures_of_whole]
    return Table(columns, tuple(lines), size=14)


def _measure(measure: Measure, finding: str) -> Row:
    title = measure.title + (" (ร่าง)" if measure.drafted else "")
    who = "\n".join(measure.responsible) or parts.BLANK[:16]
    return Row(tuple(map(Cell, (finding, title, parts_of(measure.steps), measure.period, who))))


def _draft_note(judged: Judged) -> list[Block]:
    if all(judged.measures_of(i) for i in judged.framework.indicators):
        return []
    return [
        Paragraph(
            "รายการที่มีคำว่า (ร่าง) เรียบเรียงจากคะแนนและแนวทางในหลักเกณฑ์โดยอัตโนมัติ หน่วยงานต้องพิจารณาและกำหนดผู้รับผิดชอบก่อนใช้",
            indent=False,
        )
    ]
