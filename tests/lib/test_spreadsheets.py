"""Tables that go out: numbers stay numbers, and no text is run as a formula."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest

from prongsai.lib.spreadsheets import escape_formula, stream_csv, write_xlsx

RUN = ("=1+1", "+66", "-5", "@sum", "\tx", "\rx")


@pytest.mark.parametrize("text", RUN)
def test_what_a_spreadsheet_would_run_is_quoted(text):
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", "ก", "1=1", -5, Decimal("-1.50"), None])
def test_anything_else_stays_as_it_is(value):
    assert escape_formula(value) is value


@pytest.mark.parametrize(("count", "parts"), [(0, 1), (197, 1), (198, 2), (500, 3)])
def test_a_csv_comes_some_lines_at_a_time_and_whole(count, parts):
    """With the mark of UTF-8 once, before the titles."""
    rows = [(f"แถว {number}", -number, "=1") for number in range(count)]
    sent = [*stream_csv(["ชื่อ", "จำนวน", "หมายเหตุ"], rows)]
    assert len(sent) == parts
    text = b"".join(sent).decode("utf-8-sig")
    assert "\ufeff" not in text
    read = [*csv.reader(io.StringIO(text, newline=""))]
    assert read == [["ชื่อ", "จำนวน", "หมายเหตุ"], *([name, str(number), "'=1"] for name, number, _ in rows)]


def test_a_sheet_has_its_titles_in_sight_and_runs_nothing():
    file = io.BytesIO()
    rows = [("=1+1", Decimal("84.5"), 7, None), ("https://example.go.th", Decimal(0), -1, "ก")]
    write_xlsx(file, "ผล", ["ข้อความ", "คะแนน", "จำนวน", "ว่าง"], rows, widths=(20, 8))
    sheet = openpyxl.load_workbook(file)["ผล"]
    assert sheet.freeze_panes == "A2"
    assert [[cell.value for cell in row] for row in sheet] == [
        ["ข้อความ", "คะแนน", "จำนวน", "ว่าง"],
        ["=1+1", 84.5, 7, None],
        ["https://example.go.th", 0, -1, "ก"],
    ]
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert [cell.hyperlink for cell in sheet["A"]] == [None] * 3
    assert [cell.number_format for cell in sheet["B"]] == ["General", "0.00", "0.00"]
    assert sheet["A1"].font.b
    assert [round(sheet.column_dimensions[name].width) for name in "AB"] == [21, 9]
