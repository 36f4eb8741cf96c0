"""The workbook as an office opens it: headings, help, drop-downs, limits, colours, what is locked, what is printed.

``workbook.txt`` describes all of it. After a change that is meant, run ``PRONGSAI_WRITE_WORKBOOK=1 pytest -n 0
tests/framework/test_written_workbook.py``, and read what changed.
"""

import io
import os
from dataclasses import replace
from pathlib import Path

import openpyxl
from openpyxl.cell import Cell

from prongsai.framework import Framework
from prongsai.framework.workbook import write_workbook
from prongsai.framework.workbook.layout import GENERAL
from tests.framework.small import small_rules

STORED = Path(__file__).with_name("workbook.txt")
SHOWN_ROWS = (1, 2, 3, 4)  # headings, help, entries; beside the last


def describe(data: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    computed = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    styles: dict[str, str] = {}

    def style_of(part: Cell) -> str:
        return styles.setdefault(describe_style(part), f"style {len(styles) + 1}")

    lines = [f"title: {book.properties.title}", f"sheets: {', '.join(book.sheetnames)}"]
    for sheet in book.worksheets:
        forbidden = [name for name, value in vars(sheet.protection).items() if value is True]
        lines += [
            "",
            f"== {sheet.title}: {sheet.dimensions}, frozen at {sheet.freeze_panes}",
            f"locked: {forbidden}, password {sheet.protection.password}",
        ]
        page = sheet.page_setup
        lines.append(f"printed: {page.orientation} {page.fitToWidth}x{page.fitToHeight} {sheet.print_title_rows}")
        for letter, column in sorted(sheet.column_dimensions.items()):
            lines.append(f"column {letter}: {column.min}-{column.max} {column.width:.0f} {style_of(column)}")
        shown_rows = {*SHOWN_ROWS, sheet.max_row} if sheet.title != GENERAL else range(1, sheet.max_row + 1)
        for row in sorted(shown_rows):
            for cell in sheet[row]:
                if cell.value is not None or cell.has_style:
                    comment = f" // {cell.comment.text}" if cell.comment else ""
                    shown = computed[sheet.title][cell.coordinate].value
                    follows = f" => {shown!r}" if shown != cell.value else ""
                    lines.append(f"{cell.coordinate} {cell.value!r}{follows} {style_of(cell)}{comment}")
        for rule in sheet.data_validations.dataValidation:
            lines.append(
                f"allowed in {rule.sqref}: {rule.type} {rule.operator} {rule.formula1} {rule.formula2} "
                f"blank {rule.allow_blank} error {rule.showErrorMessage} {rule.errorTitle!r} {rule.error!r}"
            )
        for area, rules in sheet.conditional_formatting._cf_rules.items():
            for rule in rules:
                colours = rule.dxf.font.color.rgb, rule.dxf.fill.bgColor.rgb
                lines.append(f"marked in {area.sqref}: {rule.type} {rule.operator} {rule.formula} {colours}")
    lines += ["", *(f"{name}: {style}" for style, name in styles.items())]
    return "\n".join(lines) + "\n"


def describe_style(part: Cell) -> str:
    """How a cell looks, and whether it can be written in."""
    font, fill = part.font, part.fill.fgColor.rgb if part.fill.fill_type else "-"
    marks = "".join(mark for mark, is_set in (("b", font.bold), ("i", font.italic)) if is_set)
    wrap = "wrap" if part.alignment.wrap_text else ""
    colour = font.color.rgb if font.color and font.color.type == "rgb" else "-"
    locked = "locked" if part.protection.locked else "open"
    looks = f"{font.name} {font.sz} {marks} {colour} on {fill}, {part.alignment.vertical} {wrap}"
    return f"{looks}, {part.number_format}, {locked}"


def test_a_workbook_is_as_it_was():
    rules = small_rules()
    (item,) = rules.disclosure_items
    plan = tuple(replace(element, plan=("measure", "steps")) for element in item.elements)
    small = Framework(replace(rules, disclosure_items=(replace(item, elements=plan),)))
    found = describe(write_workbook(small, small))
    if os.environ.get("PRONGSAI_WRITE_WORKBOOK"):
        STORED.write_text(found, encoding="utf-8")
    assert found == STORED.read_text(encoding="utf-8")


def test_without_a_year_before_there_is_nothing_to_choose_from():
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(Framework(small_rules()))))
    sheet = book["ข้อของปีก่อน"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["รหัส", "ชื่อ"],
        [None, "ไม่มีหลักเกณฑ์ของปีก่อน"],
    ]
