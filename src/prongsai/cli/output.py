"""Rules and scores on the terminal, and scores in a file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from prongsai.cli.terminal import open_console
from prongsai.framework import (
    METHOD_TH,
    PERIOD_TH,
    STATE_TH,
    Basis,
    Change,
    DisclosureItem,
    Framework,
    Node,
    Problem,
    SurveyItem,
    errors_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from prongsai.scoring import Scores

MAX_SHEET_ROWS = 1_048_576  # of a workbook
STANDING_TH = {"documented": "มีเอกสาร", "inferred": "อนุมาน"}


def _standing_label(basis: Basis) -> Text:
    return Text(f"[{STANDING_TH[basis.standing]}]", style="green" if basis.standing == "documented" else "yellow")


def print_framework(framework: Framework) -> None:
    rules = framework.rules
    console = open_console()
    console.print(Text(rules.title.th, style="bold"))
    _print_state(framework)
    if rules.note:
        console.print(Text(rules.note, style="dim"))
    tree = Tree("คะแนนรวม = ผลรวมถ่วงน้ำหนัก")
    for instrument in rules.instruments:
        branch = tree.add(
            Text.assemble(
                (instrument.id, "bold"),
                f" {instrument.label.th}  น้ำหนัก {instrument.weight / 100:g}%  ",
                _standing_label(instrument.basis),
            )
        )
        for part in framework.nodes[instrument.id].parts:
            _add_branch(framework, branch, framework.nodes[part])
    console.print(tree)
    levels = Table("ระดับ", "คะแนนรวมตั้งแต่", "ทุกเครื่องมือตั้งแต่", "ที่มา", show_edge=False, header_style="bold")
    for band in rules.bands:
        levels.add_row(
            band.id, str(band.at_least), str(band.every_instrument_at_least or "–"), _standing_label(band.basis)
        )
    console.print(levels)
    console.print(
        Text.assemble(f"ค่าเป้าหมาย {rules.target.points}: {rules.target.label.th} ", _standing_label(rules.target.basis))
    )
    for phase in rules.calendar:
        days = (
            " ถึง ".join(str(d) if d else "?" for d in (phase.starts, phase.ends))
            if phase.starts or phase.ends
            else "ไม่ทราบวันที่"
        )
        console.print(Text.assemble(f"{phase.label.th}: {days} ", _standing_label(phase.basis)))


def _print_state(framework: Framework) -> None:
    """Say so where the rules are provisional; announced rules need no word."""
    if framework.is_provisional:
        open_console().print(Text(STATE_TH[framework.rules.state], style="bold yellow"))


def _add_branch(framework: Framework, branch: Tree, node: Node) -> None:
    items = [framework.nodes[p] for p in node.parts]
    short = ""
    if items and items[0].kind == "item":
        names = [i.id.rpartition("/")[2] for i in items]
        short = f"  {names[0]}–{names[-1]} ({len(names)} ข้อ)"
    twig = branch.add(Text.assemble((node.id, "bold"), f" {node.label.th}{short}  ", _standing_label(node.basis)))
    for part in items:
        if part.kind != "item":
            _add_branch(framework, twig, part)


def find_node(framework: Framework, name: str) -> str | None:
    """A node by its name, forgiving of case; e1 alone means its first part."""
    for node in framework.nodes:
        if node.lower() == name.lower():
            return node
    return next((n for n in framework.nodes if n.lower().endswith("/" + name.lower())), None)


def print_node(framework: Framework, name: str) -> None:
    node = framework.nodes[name]
    console = open_console()
    console.print(Text.assemble((node.id, "bold"), f"  {node.label.th}"))
    console.print(Text(node.label.en, style="dim"))
    _print_state(framework)
    console.print(Text.assemble("วิธีคิด: ", METHOD_TH[node.method], "  ", _standing_label(node.basis)))
    if node.parts:
        console.print(
            "รวมจาก: "
            + "  ".join(f"{p} ({float(w):.2%})" if node.kind == "overall" else p for p, w in node.parts.items())
        )
    if node.kind in ("indicator", "part_indicator") and node.indicator:
        console.print(framework.indicators[node.indicator].meaning.th)
    above = framework.parents.get(name)
    if above:
        console.print("อยู่ใน: " + ", ".join(above))
    if isinstance(node.item, SurveyItem):
        _print_survey_item(framework, node.item)
    elif isinstance(node.item, DisclosureItem):
        _print_disclosure_item(node.item)
    _print_sources(framework, node.basis)


def _print_survey_item(framework: Framework, item: SurveyItem) -> None:
    console = open_console()
    scale = next(s for s in framework.rules.scales if s.id == item.scale)

    def points(direction: str) -> str:
        values = [o.points for o in scale.options]
        return "  ".join(
            f"{o.label.th} = {p}"
            for o, p in zip(scale.options, values if direction == "positive" else values[::-1], strict=True)
        )

    console.print(Text.assemble(f"มาตร {scale.id}: {points(item.direction)} ", _standing_label(item.scale_basis)))
    for number, answer in enumerate(item.answers, 1):
        own = f"  (กลับทิศ: {points(answer.direction)})" if answer.direction else ""
        console.print(f"  {item.id}.{number} {answer.label.th}{own}")
    _print_advice(item.advice.defect, item.advice.remedy, item.continues)


def _print_disclosure_item(item: DisclosureItem) -> None:
    console = open_console()
    console.print(
        Text.assemble(
            f"หัวเรื่อง: {item.heading}   ช่วงข้อมูล: {PERIOD_TH[item.period]} ", _standing_label(item.period_basis)
        )
    )
    console.print("ต้องมี:")
    for element in item.elements:
        who = f" (เฉพาะ {element.only_for})" if element.only_for else ""
        console.print(
            Text.assemble(
                f"  ☐ {element.th}{who} ", _standing_label(Basis(standing=element.standing, source=element.source))
            )
        )
    _print_advice(item.advice.defect, item.advice.remedy, item.continues)


def _print_advice(defect: str, remedy: str, continues: Sequence[str]) -> None:
    console = open_console()
    console.print(f"เมื่อคะแนนต่ำ: {defect}")
    console.print(f"ควรทำ: {remedy}")
    if continues:
        console.print(f"ต่อจากปีก่อน: {', '.join(continues)}")


def _print_sources(framework: Framework, basis: Basis) -> None:
    console = open_console()
    if basis.note:
        console.print(Text(f"หมายเหตุ: {basis.note}", style="dim"))
    for name in basis.source:
        source = framework.rules.sources[name]
        console.print(Text(f"ที่มา: {source.title}" + (f" {source.url}" if source.url else ""), style="dim"))


def print_problems(folder: Path, problems: Sequence[Problem]) -> None:
    """Errors and cautions of a folder or a workbook, in the order in which they stand there."""
    console = open_console()
    errors = len(errors_of(problems))
    cautions = f" มีข้อควรตรวจดู {len(problems) - errors} ข้อ" if len(problems) > errors else ""
    if errors:
        console.print(Text.assemble(("✗ ", "bold red"), f"{folder} มี {errors} ปัญหา{cautions}"))
    else:
        console.print(Text.assemble(("✓ ", "green"), f"{folder} ใช้ได้{cautions}"))
    for problem in problems:
        style, kind = ("bold", "") if problem.severity == "error" else ("bold yellow", "ควรตรวจดู: ")
        console.print(Text(f"  {problem.where}", style=style), Text(f"{kind}{problem.what} [{problem.code}]"))
        console.print(Text(f"      เพราะ: {problem.why}", style="dim"))
        console.print(f"      วิธีแก้: {problem.how}")


def print_changes(old: Framework, new: Framework, differences: Sequence[Change]) -> None:
    console = open_console()
    console.print(Text(f"จากปี {old.fiscal_year} ถึงปี {new.fiscal_year}", style="bold"))
    _print_state(new)
    if not differences:
        console.print("ไม่มีสิ่งใดเปลี่ยน")
    for topic, group in groupby(differences, key=lambda change: change.topic):
        console.print(Text(topic, style="bold cyan"))
        for change in group:
            console.print(f"  • {change.text}")


def save_scores(scores: "Scores", out: Path) -> None:
    """Write the long table. Raises ValueError for a kind of file that is not known."""
    save_table(scores.table(), out)


def save_table(table: "pa.Table", out: Path) -> None:
    """Write a table as the file's name says. Raises ValueError for a kind of file that is not known."""
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    if out.suffix == ".parquet":
        pq.write_table(table, out)
    elif out.suffix == ".csv":
        with out.open("wb") as file:
            file.write(b"\xef\xbb\xbf")  # so that Excel reads Thai
            pc.write_csv(table, file)
    elif out.suffix == ".xlsx":
        _save_workbook(table, out)
    else:
        raise ValueError("ชื่อไฟล์ต้องลงท้ายด้วย .parquet .csv หรือ .xlsx")


def _save_workbook(table: "pa.Table", out: Path) -> None:
    """One sheet, its head frozen. Raises ValueError for more rows than a sheet holds."""
    import xlsxwriter

    if table.num_rows >= MAX_SHEET_ROWS:
        raise ValueError(f"{table.num_rows:,} แถวเกินที่แผ่นงานหนึ่งรับได้ บันทึกเป็น .parquet หรือ .csv")
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, table.column_names, book.add_format({"bold": True}))
        for number, row in enumerate(table.to_pylist(), start=1):
            sheet.write_row(number, 0, row.values())


def print_scores(result: "Scores", inputs: str, out: Path | None, otherwise: Mapping[str, Mapping[str, int]]) -> None:
    """Levels and statuses. ``otherwise`` is what :func:`prongsai.analysis.readings.count_reading_effects` found."""
    from prongsai.scoring import STATUS_TH

    console = open_console()
    size = len(result.agencies)
    console.print(Text(f"ปี {result.framework.fiscal_year}: {size:,} หน่วยงาน", style="bold"))
    status = Counter(result.status)
    for word, number in status.most_common():
        console.print(f"  {STATUS_TH[word]}: {number:,}")
    levels = Counter(result.level)
    for band in result.framework.bands:
        if levels[band]:
            console.print(f"  ระดับ {band}: {levels[band]:,}")
    if levels[None]:
        console.print(f"  ไม่มีคะแนนรวม: {levels[None]:,}")
    for name, counts in otherwise.items():
        reading = result.framework.readings[name].label.th
        effect = (
            f"คำนวณไม่ได้ เพราะมีคำถามอีก {counts['missing']} ข้อที่ไม่มีในข้อมูล"
            if "missing" in counts
            else f"คะแนนรวมต่างไป {counts['totals']:,} แห่ง ระดับต่างไป {counts['levels']:,} แห่ง"
        )
        console.print(f"  หากอ่านว่า “{reading}”: {effect}")
    if size <= 20:
        table = Table(show_edge=False, header_style="bold")
        columns = ["overall", *result.framework.instruments]
        for title in ("หน่วยงาน", *columns, "ระดับ", "สถานะ"):
            table.add_column(title)
        places = result.framework.rules.rounding.places
        for row, agency in enumerate(result.agencies):
            shown = [result.rounded(c)[row] for c in columns]
            table.add_row(
                agency,
                *("–" if u < 0 else f"{u / 10**places:.{places}f}" for u in shown),
                result.level[row] or "–",
                STATUS_TH[result.status[row]],
            )
        console.print(table)
    console.print(Text(f"หลักเกณฑ์ {result.framework.digest[:16]}  ข้อมูล {inputs[:16]}", style="dim"))
    if out:
        console.print(f"บันทึกที่ {out}")
