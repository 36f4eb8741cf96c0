"""Rules written as a workbook."""

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prongsai.framework.schema import as_data
from prongsai.framework.tree import Framework
from prongsai.framework.workbook.layout import FIRST_ROW, GENERAL, GENERAL_ROWS, PREVIOUS, SHEETS, Column, Sheet

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_SPARE_ROWS = 100  # empty rows to write in, below what is there
_FONT = {"font_name": "Sarabun", "font_size": 11, "valign": "top"}
_QUIET = {**_FONT, "bg_color": "#eef3f4", "font_color": "#4a5a60"}
_OPEN = {**_FONT, "locked": False}
_FORMATS: Mapping[str, dict[str, Any]] = {
    "head": {**_FONT, "bold": True, "bg_color": "#1f4e5f", "font_color": "#ffffff", "text_wrap": True},
    "note": {**_QUIET, "italic": True, "text_wrap": True},
    "number": {**_OPEN, "num_format": "0"},
    "text": {**_OPEN, "text_wrap": True, "num_format": "@"},
    "percent": {**_OPEN, "num_format": "0.00"},
    "formula": {**_QUIET, "num_format": "General"},
    "wrong": {"bg_color": "#f9d6d2", "font_color": "#8a1c10"},
}
_HELP = "เซลล์สีพื้นเป็นของระบบ · เพิ่มรายการในแถวว่างใต้ตารางของแต่ละแผ่น · ลบรายการโดยล้างค่าทั้งแถว"


def write_workbook(framework: Framework, previous: Framework | None = None) -> bytes:
    """The rules as a workbook. Cells to write in are open; headings and cells that follow from others are locked.

    ``previous`` are the rules of the year before: their items are listed on a sheet of their own, and offered where an
    item says what it continues.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": framework.rules.title.th})
    data = as_data(framework.rules)
    formats = {name: book.add_format(properties) for name, properties in _FORMATS.items()}
    _write_general(book.add_worksheet(GENERAL), data, formats)
    rows = {sheet.title: rows_of(sheet, data) for sheet in SHEETS}
    for sheet in SHEETS:
        _write_sheet(book.add_worksheet(sheet.title), sheet, rows, formats)
    _write_previous(book.add_worksheet(PREVIOUS), previous, formats)
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


def _format_of(column: Column, formats: "Mapping[str, Format]") -> "Format":
    """Text where a number would lose something: 10.10 is an id."""
    return formats[{"percent": "percent", "integer": "number"}.get(column.kind, "text")]


def _write_general(sheet: "Worksheet", data: Mapping[str, Any], formats: "Mapping[str, Format]") -> None:
    """A row for each single value: what it is, and the value."""
    sheet.protect("", {"format_columns": True, "format_rows": True})
    _set_widths(sheet, 44, 90)
    sheet.write_row(0, 0, ["เรื่อง", "ค่า"], formats["head"])
    sheet.write_row(1, 0, ["แก้เฉพาะคอลัมน์ค่า", _HELP], formats["note"])
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    for row, column in enumerate(GENERAL_ROWS, FIRST_ROW - 1):
        sheet.write_string(row, 0, column.title, formats["note"])
        if column.note:
            sheet.write_comment(row, 0, column.note)
        _write_value(sheet, (row, 1), column, _value_at(data, column.path), formats)
        _validate(sheet, (row, 1, row, 1), column)


def _write_sheet(
    sheet: "Worksheet",
    layout: Sheet,
    rows_of_sheets: Mapping[str, list[dict[str, Any]]],
    formats: "Mapping[str, Format]",
) -> None:
    rows = rows_of_sheets[layout.title]
    sheet.protect(
        "", {"insert_rows": True, "delete_rows": True, "format_columns": True, "format_rows": True, "sort": True}
    )
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    last = FIRST_ROW - 2 + len(rows) + _SPARE_ROWS
    for number, column in enumerate(layout.columns):
        sheet.set_column(number, number, column.width, _format_of(column, formats))
        sheet.write_string(0, number, column.title, formats["head"])
        sheet.write_string(1, number, _help(layout, number, column), formats["note"])
        if column.note:
            sheet.write_comment(0, number, column.note)
        _validate(sheet, (FIRST_ROW - 1, number, last, number), column)
        for row, entry in enumerate(rows, FIRST_ROW - 1):
            _write_value(sheet, (row, number), column, _value_at(entry, column.path), formats)
    if layout.columns[0].path == ("id",):
        twice = {"type": "duplicate", "format": formats["wrong"]}
        sheet.conditional_format(FIRST_ROW - 1, 0, last, 0, twice)
    for number, formula in enumerate(layout.formulas, len(layout.columns)):
        sheet.set_column(number, number, 14, formats["formula"])
        sheet.write_string(0, number, formula.title, formats["head"])
        sheet.write_string(1, number, formula.note or "คำนวณเอง", formats["note"])
        values = formula.values(rows, rows_of_sheets)
        for row in range(FIRST_ROW, last + 2):
            text = formula.text.format(row=row, previous=row - 1)
            value = values[row - FIRST_ROW] if row - FIRST_ROW < len(values) else ""
            sheet.write_formula(row - 1, number, f'=IF($A{row}="","",{text})', value=value)
        if formula.must_be is not None:
            wrong = {"type": "cell", "criteria": "!=", "value": formula.must_be, "format": formats["wrong"]}
            sheet.conditional_format(FIRST_ROW - 1, number, FIRST_ROW - 2 + len(rows), number, wrong)


def _write_previous(sheet: "Worksheet", previous: Framework | None, formats: "Mapping[str, Format]") -> None:
    """The items of the year before, to read and to choose from; nothing here is read back."""
    sheet.protect("", {"format_columns": True, "format_rows": True})
    _set_widths(sheet, 11, 90)
    sheet.write_row(0, 0, ["รหัส", "ชื่อ"], formats["head"])
    year = "ไม่มีหลักเกณฑ์ของปีก่อน" if previous is None else f"ปี {previous.fiscal_year} สำหรับดูเท่านั้น"
    sheet.write_row(1, 0, ["", year], formats["note"])
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    for row, item in enumerate(previous.items.values() if previous else (), FIRST_ROW - 1):
        sheet.write_string(row, 0, item.id, formats["formula"])
        sheet.write_string(row, 1, item.label.th, formats["formula"])


def _set_widths(sheet: "Worksheet", *widths: int) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)


def _help(layout: Sheet, number: int, column: Column) -> str:
    parts = [layout.note if number == 0 else "", column.note, "เว้นว่างได้" if column.optional else ""]
    if column.kind == "references" and not column.note:
        parts.append("คั่นด้วย ;")
    return " · ".join(filter(None, parts))


def _value_at(entry: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        entry = None if entry is None else entry.get(name)
    return entry


def _write_value(
    sheet: "Worksheet", where: tuple[int, int], column: Column, value: Any, formats: "Mapping[str, Format]"
) -> None:
    form = _format_of(column, formats)
    if value is None or value == [] or value == {}:
        sheet.write_blank(*where, None, form)
    elif column.kind in ("percent", "integer"):
        sheet.write_number(*where, value / 100 if column.kind == "percent" else value, form)
    else:
        sheet.write_string(*where, _as_text(column, value), form)


def _as_text(column: Column, value: Any) -> str:
    if column.kind == "flag":
        return (column.choices or {})["yes" if value else "no"]
    if column.kind in ("values", "counts"):
        return _joined([f"{name}={number}" for name, number in value.items()])
    if column.kind == "changes":
        return _joined(
            [
                f"{key}|{entry}|{field}={new}"
                for key, entries in value.items()
                for entry, fields in entries.items()
                for field, new in fields.items()
            ]
        )
    if isinstance(value, list):
        return _joined([(column.choices or {}).get(part, part) for part in value])
    return str((column.choices or {}).get(value, value))


def _joined(parts: list[str]) -> str:
    """Divided by semicolons; on lines of their own where a part has one."""
    return "\n".join([*parts, ""]) if any(";" in part for part in parts) else "; ".join(parts)


def _validate(sheet: "Worksheet", area: tuple[int, int, int, int], column: Column) -> None:
    """A drop-down, or the limits of a number, for the cells of a column."""
    rule = _rule_of(column)
    if rule:
        title = column.title[:32]
        sheet.data_validation(*area, {**rule, "ignore_blank": True, "error_title": title})


def _rule_of(column: Column) -> dict[str, Any]:
    choices = list((column.choices or {}).values())
    if choices:
        # of a list, the drop-down offers one value, and several may be typed
        rule = {"validate": "list", "source": choices, "error_message": "เลือกจากรายการ"}
        return rule | {"show_error": column.kind != "list"}
    if column.kind in ("reference", "references"):
        source = f"='{column.sheet}'!$A${FIRST_ROW}:$A$999"
        rule = {"validate": "list", "source": source, "error_message": "เลือกจากรายการ"}
        return rule | {"show_error": column.kind == "reference"}
    if column.kind in ("percent", "integer"):
        largest = column.maximum if column.maximum is not None else 1_000_000
        kind = "decimal" if column.kind == "percent" else "integer"
        message = f"ใส่ตัวเลขตั้งแต่ 0 ถึง {largest:,}"
        return {"validate": kind, "criteria": "between", "minimum": 0, "maximum": largest, "error_message": message}
    return {}
