"""Rules written as a workbook."""

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from prongsai.framework.schema import as_data
from prongsai.framework.tree import Framework
from prongsai.framework.workbook.layout import FIRST_ROW, GENERAL, GENERAL_ROWS, SHEETS, Column, Sheet

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_SPARE_ROWS = 100  # empty rows to write in, below what is there
_MAX_LIST = 255  # letters of a list of choices, by Excel's own limit


def write_workbook(framework: Framework) -> bytes:
    """The rules as a workbook. Cells to write in are open; headings and cells that follow from others are locked."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": framework.rules.title.th})
    data = as_data(framework.rules)
    formats = _formats(book)
    _write_general(book.add_worksheet(GENERAL), data, formats)
    for sheet in SHEETS:
        _write_sheet(book.add_worksheet(sheet.title), sheet, rows_of(sheet, data), formats)
    book.close()
    return out.getvalue()


def rows_of(sheet: Sheet, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of a sheet; of a sheet with owners, each with the id of its owner."""
    if sheet.key == "sources":
        return [{"id": name, **source} for name, source in data["sources"].items()]
    if sheet.key == "advice":
        return [{"owner": i["id"], **i["advice"]} for i in (*data["survey_items"], *data["disclosure_items"])]
    if sheet.owner:
        return [{"owner": owner["id"], **entry} for owner in data[sheet.owner] for entry in owner[sheet.key]]
    return list(data[sheet.key])


def _formats(book: "Workbook") -> "dict[str, Format]":
    font = {"font_name": "Sarabun", "font_size": 11, "valign": "top"}
    return {
        "head": book.add_format(
            {**font, "bold": True, "bg_color": "#1f4e5f", "font_color": "#ffffff", "text_wrap": True}
        ),
        "note": book.add_format(
            {**font, "italic": True, "font_color": "#4a5a60", "bg_color": "#eef3f4", "text_wrap": True}
        ),
        "input": book.add_format({**font, "locked": False, "text_wrap": True}),
        "text": book.add_format({**font, "locked": False, "text_wrap": True, "num_format": "@"}),
        "percent": book.add_format({**font, "locked": False, "num_format": "0.00"}),
        "formula": book.add_format({**font, "bg_color": "#eef3f4", "font_color": "#4a5a60"}),
    }


def _write_general(sheet: "Worksheet", data: Mapping[str, Any], formats: "Mapping[str, Format]") -> None:
    """A row for each single value: what it is, and the value."""
    sheet.protect("", {"format_columns": True})
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 1, 90)
    sheet.write_row(0, 0, ["เรื่อง", "ค่า"], formats["head"])
    sheet.write_row(1, 0, ["แก้เฉพาะคอลัมน์ค่า", "เซลล์สีพื้นเป็นของระบบ"], formats["note"])
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    for row, column in enumerate(GENERAL_ROWS, FIRST_ROW - 1):
        sheet.write_string(row, 0, column.title, formats["note"])
        _write_value(sheet, row, 1, column, _value_at(data, column.path), formats)
        _validate(sheet, (row, row), 1, column)


def _write_sheet(
    sheet: "Worksheet", layout: Sheet, rows: list[dict[str, Any]], formats: "Mapping[str, Format]"
) -> None:
    sheet.protect(
        "", {"insert_rows": True, "delete_rows": True, "format_columns": True, "format_rows": True, "sort": True}
    )
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    sheet.set_landscape()
    last = FIRST_ROW - 2 + len(rows) + _SPARE_ROWS
    for number, column in enumerate(layout.columns):
        sheet.set_column(number, number, column.width, formats["input"])
        sheet.write_string(0, number, column.title, formats["head"])
        sheet.write_string(1, number, _help(layout, number, column), formats["note"])
        if column.note:
            sheet.write_comment(0, number, column.note)
        _validate(sheet, (FIRST_ROW - 1, last), number, column)
        for row, entry in enumerate(rows, FIRST_ROW - 1):
            _write_value(sheet, row, number, column, _value_at(entry, column.path), formats)
    for number, formula in enumerate(layout.formulas, len(layout.columns)):
        sheet.set_column(number, number, 14, formats["formula"])
        sheet.write_string(0, number, formula.title, formats["head"])
        sheet.write_string(1, number, formula.note or "คำนวณเอง", formats["note"])
        for row in range(FIRST_ROW, FIRST_ROW + len(rows)):
            sheet.write_formula(row - 1, number, formula.text.format(row=row, previous=row - 1), formats["formula"])


def _help(layout: Sheet, number: int, column: Column) -> str:
    parts = [layout.note if number == 0 else "", column.note, "เว้นว่างได้" if column.optional else ""]
    if column.kind in ("references", "list") and not column.note:
        parts.append("คั่นด้วย ;")
    return " · ".join(filter(None, parts))


def _value_at(entry: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        entry = None if entry is None else entry.get(name)
    return entry


def _write_value(
    sheet: "Worksheet", row: int, column_number: int, column: Column, value: Any, formats: "Mapping[str, Format]"
) -> None:
    where = (row, column_number)
    if value is None or value == [] or value == {}:
        sheet.write_blank(*where, None, formats["input"])
    elif column.kind == "percent":
        sheet.write_number(*where, value / 100, formats["percent"])
    elif column.kind == "integer":
        sheet.write_number(*where, value, formats["input"])
    else:
        sheet.write_string(*where, _as_text(column, value), formats["text"])


def _as_text(column: Column, value: Any) -> str:
    if column.kind == "flag":
        return (column.choices or {})["yes" if value else "no"]
    if column.kind == "values":
        return "; ".join(f"{name}={number}" for name, number in value.items())
    if column.kind == "changes":
        return "; ".join(
            f"{key}|{entry}|{field}={new}"
            for key, entries in value.items()
            for entry, fields in entries.items()
            for field, new in fields.items()
        )
    if isinstance(value, list):
        return "; ".join((column.choices or {}).get(part, part) for part in value)
    return (column.choices or {}).get(value, value)


def _validate(sheet: "Worksheet", rows: tuple[int, int], column_number: int, column: Column) -> None:
    """A drop-down, or the limits of a number, for the cells of a column."""
    area = (rows[0], column_number, rows[1], column_number)
    for rule in _rules_of(column):
        sheet.data_validation(*area, {**rule, "ignore_blank": True, "error_title": column.title[:32]})


def _rules_of(column: Column) -> Iterator[dict[str, Any]]:
    choices = list((column.choices or {}).values())
    if column.kind in ("choice", "flag") and sum(map(len, choices)) + len(choices) < _MAX_LIST:
        yield {"validate": "list", "source": choices, "error_message": "เลือกจากรายการ"}
    if column.kind == "reference":
        yield {
            "validate": "list",
            "source": f"='{column.sheet}'!$A${FIRST_ROW}:$A$999",
            "error_message": "เลือกจากรายการ",
        }
    if column.kind == "percent":
        limits = {"criteria": "between", "minimum": 0, "maximum": 100}
        yield {"validate": "decimal", **limits, "error_message": "ร้อยละ 0 ถึง 100"}
