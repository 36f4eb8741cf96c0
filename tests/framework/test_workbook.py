"""The rules as a workbook: nothing is lost, and every problem is named by sheet and cell."""

import io
import zipfile

import openpyxl
import pytest

from prongsai import framework as rules
from prongsai.framework.workbook import read_workbook, write_workbook
from tests.years import YEARS


@pytest.fixture
def book(tmp_path):
    """The small year as a workbook that a test changes with openpyxl, as an office would in Excel."""

    class Book:
        path = tmp_path / "rules.xlsx"
        framework = YEARS["2569"]

        def __init__(self):
            self.path.write_bytes(write_workbook(self.framework))
            self.sheets = openpyxl.load_workbook(self.path)

        def __getitem__(self, title):
            return self.sheets[title]

        def read(self, previous=YEARS["2568"]):
            self.sheets.save(self.path)
            return read_workbook(self.path, previous)

        def problems(self):
            framework, problems = self.read()
            assert framework is None
            assert problems
            return {(p.code, p.where) for p in problems}

    return Book()


@pytest.mark.parametrize("year", YEARS)
def test_nothing_is_lost(year, tmp_path):
    framework, before = YEARS[year], YEARS.get(str(int(year) - 1))
    path = tmp_path / "rules.xlsx"
    path.write_bytes(write_workbook(framework))
    again, problems = read_workbook(path, before)
    assert problems == []
    assert again.rules == framework.rules
    assert again.digest == framework.digest


def test_a_begun_year_goes_through_a_workbook(tmp_path):
    data = rules.begin_year(YEARS["2570"], 2571)
    begun, _ = rules.check_data(data, YEARS["2570"])
    path = tmp_path / "rules.xlsx"
    path.write_bytes(write_workbook(begun))
    again, problems = read_workbook(path, YEARS["2570"])
    assert problems == []
    assert again.rules == begun.rules


def test_what_was_changed_is_what_changes(book):
    """Two weights, one item, one level, as the office changes them."""
    sheet = book["เครื่องมือ"]
    assert [sheet.cell(row, 6).value for row in (3, 4, 5, 6)] == [30, 15, 15, 40]
    sheet["F3"], sheet["F6"] = 32.5, 37.5
    book["ข้อคำถาม"]["C3"] = "ข้อความใหม่ของข้อนี้"
    book["ระดับ"]["D6"] = 72
    changed, problems = book.read()
    assert problems == []
    assert [i.weight for i in changed.rules.instruments] == [3250, 1500, 1500, 3750]
    assert changed.rules.survey_items[0].label.th == "ข้อความใหม่ของข้อนี้"
    assert [b.at_least for b in changed.rules.bands] == [95, 85, 85, 72, 0]
    assert changed.arithmetic_digest != book.framework.arithmetic_digest


def test_rows_may_be_added_removed_and_left_empty(book):
    sheet = book["รายการเปิดเผย"]
    last = max(row for row in range(3, sheet.max_row + 1) if sheet.cell(row, 1).value)
    for column in range(1, 18):
        sheet.cell(last + 4, column).value = sheet.cell(last, column).value
    sheet.cell(last + 4, 1).value = "O99"
    sheet.cell(last + 4, 9 - 1).value = None  # new: continues nothing
    book["องค์ประกอบ"].append(["O99", "สิ่งที่ต้องมี", None, None, "อนุมาน", "RULES2568"])
    book["ข้อแนะนำ"].append(["O99", "ยังไม่มี", "ทำให้มี"])
    changed, problems = book.read()
    assert problems == []
    assert changed.rules.disclosure_items[-1].id == "O99"
    assert changed.rules.disclosure_items[-1].continues == ()


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "expected"),
    [
        ("เครื่องมือ", "F3", 101, ("out-of-range", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", "=15*2", ("formula-in-cell", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", "สามสิบ", ("not-an-integer", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", 33.333, ("not-an-integer", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", 29, ("weights-sum", "เครื่องมือ:A3")),
        ("เครื่องมือ", "D3", "แบบสำรวจ", ("not-a-choice", "เครื่องมือ:D3")),
        ("เครื่องมือ", "A3", None, ("not-text", "เครื่องมือ:A3")),
        ("ตัวชี้วัด", "A4", "1", ("duplicate-id", "ตัวชี้วัด:A4")),
        ("ตัวชี้วัด", "B3", "XIT", ("unknown-instrument", "ตัวชี้วัด:B3")),
        ("ตัวชี้วัด", "C3", None, ("not-text", "ตัวชี้วัด:C3")),
        ("ข้อคำถาม", "E3", "level9", ("unknown-scale", "ข้อคำถาม:E3")),
        ("ข้อคำถาม", "H3", "i99", ("unknown-previous-item", "ข้อคำถาม:H3")),
        ("ระดับ", "D7", 1, ("no-lowest-band", "ระดับ:A7")),
        ("ระดับ", "D6", 90, ("band-order", "ระดับ:A6")),
        ("ระดับ", "D6", 70.5, ("not-an-integer", "ระดับ:D6")),
        ("องค์ประกอบ", "A3", "O98", ("unknown-owner", "องค์ประกอบ:A3")),
        ("ข้อแนะนำ", "A4", "i1", ("duplicate-id", "ข้อแนะนำ:A4")),
        ("ตัวเลือก", "D3", 120, ("out-of-range", "ตัวเลือก:D3")),
        ("ปฏิทิน", "D3", "พรุ่งนี้", ("invalid-value", "ปฏิทิน:D3")),
        ("แหล่งอ้างอิง", "A4", "PRONGSAI", ("duplicate-id", "แหล่งอ้างอิง:A4")),
        ("ทั่วไป", "B4", "2569.5", ("not-an-integer", "ทั่วไป:B4")),
    ],
)
def test_a_wrong_cell_is_named(book, sheet, cell, value, expected):
    book[sheet][cell] = value
    assert expected in book.problems()


def test_moved_columns_stop_the_reading(book):
    book["ระดับ"].move_range("D1:D10", cols=20)
    assert book.problems() >= {("moved-column", "ระดับ:D1"), ("moved-column", "ระดับ:X1")}


def test_merged_cells_stop_the_reading(book):
    book["เครื่องมือ"].merge_cells("B3:C4")
    assert book.problems() == {("merged-cells", "เครื่องมือ:B3")}


def test_sheets_that_are_missing_or_too_many(book):
    book["ระดับ"].title = "ระดับผล"
    assert book.problems() == {("missing-sheet", "ระดับ:1"), ("unknown-sheet", "ระดับผล:1")}


def test_rows_of_the_general_sheet_stay_in_their_places(book):
    book["ทั่วไป"]["A4"] = "ปี"
    assert ("moved-column", "ทั่วไป:A4") in book.problems()


def test_every_problem_is_reported_at_once_in_the_order_of_the_book(book):
    book["ระดับ"]["D6"] = "x"
    book["เครื่องมือ"]["F3"] = "=1"
    book["ทั่วไป"]["B4"] = "x"
    _, problems = book.read()
    assert [p.where for p in problems if p.file != "เครื่องมือ" or p.code == "formula-in-cell"][:3] == [
        "ทั่วไป:B4",
        "เครื่องมือ:F3",
        "ระดับ:D6",
    ]
    assert all(p.what and p.why and p.how for p in problems)


def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to 200 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>" * 50_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "ไม่ใช่สมุดงาน"), (b"no workbook", "ไม่ใช่สมุดงาน"), (bomb(), "ใหญ่ผิดปกติ")],
    ids=["empty", "text", "bomb"],
)
def test_a_hostile_file_is_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "rules.xlsx"
    path.write_bytes(content)
    framework, (problem,) = read_workbook(path, None)
    assert framework is None
    assert problem.code == "not-a-workbook"
    assert sentence in problem.what


def test_the_office_can_write_where_it_should_and_nowhere_else(book):
    sheet = book["เครื่องมือ"]
    assert sheet.protection.sheet
    assert not sheet["F3"].protection.locked
    assert sheet["F1"].protection.locked
    total = next(cell for cell in sheet[1] if cell.value == "น้ำหนักรวม (%)")
    assert sheet.cell(3, total.column).protection.locked
    assert sheet.cell(3, total.column).value.startswith("=SUM")
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert any("แบบวัด" in formula for formula in lists.values())
