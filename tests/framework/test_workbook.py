"""The rules as a workbook: nothing is lost, and every problem is named by sheet and cell.

``workbook_problems.txt`` holds the sentences of every problem of these tests. After a change that is meant, delete it,
run ``PRONGSAI_WRITE_PROBLEMS=1 pytest -n 0 tests/framework/test_workbook.py``, and read what changed.
"""

import copy
import datetime
import functools
import io
import json
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl.worksheet.formula import ArrayFormula

from prongsai import framework as rules
from prongsai.framework import Advice, Framework, Label
from prongsai.framework.loader import check_data
from prongsai.framework.problems import Problem
from prongsai.framework.schema import as_data
from prongsai.framework.workbook import cells, read_workbook, reader, write_workbook
from prongsai.framework.workbook.layout import FIRST_ROW, GENERAL, GENERAL_ROWS, SHEETS
from prongsai.lib import uploads
from prongsai.scoring import check_cases
from tests import in_process
from tests.framework.small import small_rules
from tests.frameworks import frameworks
from tests.years import YEARS

SENTENCES = Path(__file__).with_name("workbook_problems.txt")


@pytest.fixture(scope="module")
def written():
    return write_workbook(YEARS["2569"])


def as_stored(test, problems):
    """The problems, which must be those that are stored for a test with its arguments."""
    arguments = test.callspec.params.values() if hasattr(test, "callspec") else ()
    name = " ".join([f"== {test.originalname}", *(str(a)[:40] for a in arguments if not callable(a))])
    found = [f"{p.severity} {p.code} {p.where} | {p.what} | {p.why} | {p.how}" for p in problems]
    if os.environ.get("PRONGSAI_WRITE_PROBLEMS"):
        with SENTENCES.open("a", encoding="utf-8") as file:
            file.write("\n".join([name, *found, ""]))
    _, _, stored = SENTENCES.read_text(encoding="utf-8").partition(f"{name}\n")
    assert found == stored.partition("\n== ")[0].strip().splitlines()


@pytest.fixture
def book(request, monkeypatch, tmp_path, written):
    """The small year as a workbook that a test changes with openpyxl, as an office would in Excel; read here, without a
    process for each."""
    monkeypatch.setattr(reader.sandbox, "run", in_process.run)

    class Book:
        path = tmp_path / "rules.xlsx"
        framework = YEARS["2569"]

        def __init__(self):
            self.path.write_bytes(written)
            self.sheets = openpyxl.load_workbook(self.path)

        def __getitem__(self, title):
            return self.sheets[title]

        def read(self, previous=YEARS["2568"]):
            self.sheets.save(self.path)
            framework, problems = read_workbook(self.path, previous)
            if problems:
                as_stored(request.node, problems)
            return framework, problems

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
        ("เครื่องมือ", "F3", 29, ("weights-sum", "เครื่องมือ:F3")),
        ("เครื่องมือ", "D3", "แบบสำรวจ", ("not-a-choice", "เครื่องมือ:D3")),
        ("เครื่องมือ", "A3", None, ("missing-field", "เครื่องมือ:A3")),
        ("ตัวชี้วัด", "A4", "1", ("duplicate-id", "ตัวชี้วัด:A4")),
        ("ตัวชี้วัด", "B3", "XIT", ("unknown-instrument", "ตัวชี้วัด:B3")),
        ("ตัวชี้วัด", "C3", None, ("missing-field", "ตัวชี้วัด:C3")),
        ("ข้อคำถาม", "E3", "level9", ("unknown-scale", "ข้อคำถาม:E3")),
        ("ข้อคำถาม", "H3", "i99", ("unknown-previous-item", "ข้อคำถาม:H3")),
        ("ระดับ", "D7", 1, ("no-lowest-band", "ระดับ:D7")),
        ("ระดับ", "D6", 90, ("band-order", "ระดับ:D6")),
        ("ระดับ", "D6", 70.5, ("not-an-integer", "ระดับ:D6")),
        ("องค์ประกอบ", "A3", "O98", ("unknown-owner", "องค์ประกอบ:A3")),
        ("ข้อแนะนำ", "A4", "i1", ("duplicate-id", "ข้อแนะนำ:A4")),
        ("ตัวเลือก", "D3", 120, ("out-of-range", "ตัวเลือก:D3")),
        ("ปฏิทิน", "D3", "พรุ่งนี้", ("invalid-value", "ปฏิทิน:D3")),
        ("แหล่งอ้างอิง", "A4", "PRONGSAI", ("duplicate-id", "แหล่งอ้างอิง:A4")),
        ("ทั่วไป", "B4", "2569.5", ("not-an-integer", "ทั่วไป:B4")),
        ("เครื่องมือ", "F3", "1,5", ("not-an-integer", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", "NaN", ("not-an-integer", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", -1, ("out-of-range", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", "#REF!", ("error-in-cell", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", True, ("not-text", "เครื่องมือ:F3")),
        ("เครื่องมือ", "F3", datetime.date(2026, 1, 30), ("not-text", "เครื่องมือ:F3")),
        ("เครื่องมือ", "J3", None, ("missing-field", "เครื่องมือ:J3")),
        ("เครื่องมือ", "J3", "NOBOOK", ("unknown-source", "เครื่องมือ:J3")),
        ("ตัวชี้วัด", "A4", datetime.datetime.fromisoformat("2026-02-01"), ("not-text", "ตัวชี้วัด:A4")),
        ("ตัวชี้วัด", "C3", "=A3", ("formula-in-cell", "ตัวชี้วัด:C3")),
        ("ตัวชี้วัด", "C3", "   ", ("missing-field", "ตัวชี้วัด:C3")),
        ("ตัวชี้วัด", "C3", "ก" * 2001, ("invalid-value", "ตัวชี้วัด:C3")),
        ("องค์ประกอบ", "D3", "มาตรการ; ปีหน้า", ("not-a-choice", "องค์ประกอบ:D3")),
        ("องค์ประกอบ", "A3", None, ("missing-field", "องค์ประกอบ:A3")),
        ("ระดับ", "D3", "95%", ("not-an-integer", "ระดับ:D3")),
        ("ปฏิทิน", "D3", 2569, ("invalid-value", "ปฏิทิน:D3")),
        ("ตัวอย่างคำนวณ", "C3", "IIT", ("too-few", "ตัวอย่างคำนวณ:C3")),
        ("ทั่วไป", "B4", None, ("missing-field", "ทั่วไป:B4")),
        ("ทั่วไป", "B3", "ITA 2569", ("invalid-id", "ทั่วไป:B3")),
    ],
)
def test_a_wrong_cell_is_named(book, sheet, cell, value, expected):
    book[sheet][cell] = value
    _, problems = book.read()
    assert expected in {(p.code, p.where) for p in problems if p.severity == "error"}
    for problem in problems:  # in the words of the workbook, with no field or path of the YAML
        texts = f"{problem.what} {problem.why} {problem.how}"
        assert not re.search(r"\b(?!framework-format)[a-z]+[_-][a-z]|\w\.\d+\.\w|Input", texts), texts


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "read"),
    [
        ("เครื่องมือ", "F3", "๓๐", lambda r: r.instruments[0].weight == 3000),
        ("เครื่องมือ", "F3", "30%", lambda r: r.instruments[0].weight == 3000),
        ("เครื่องมือ", "F3", " 30.00 ", lambda r: r.instruments[0].weight == 3000),
        ("กลุ่มตัวอย่าง", "F3", "4,000", lambda r: r.samples[0].cap_population_over == 4000 or r.samples[0].at_least),
        ("ปฏิทิน", "D3", datetime.date(2026, 1, 5), lambda r: str(r.calendar[0].starts) == "2026-01-05"),
        ("ปฏิทิน", "D3", "2026-01-05", lambda r: str(r.calendar[0].starts) == "2026-01-05"),
        ("ตัวชี้วัด", "A3", 1, lambda r: r.indicators[0].id == "1"),
        ("ข้อคำถาม", "H3", "i1\ni2", lambda r: r.survey_items[0].continues == ("i1", "i2")),
        ("เครื่องมือ", "G3", "ก; ข", lambda r: r.instruments[0].aliases == ("ก", "ข")),
    ],
)
def test_what_people_type_is_read(book, sheet, cell, value, read):
    book[sheet][cell] = value
    framework, problems = book.read()
    assert framework is not None, problems
    assert read(framework.rules)


def test_a_percentage_that_excel_stores_as_a_fraction_is_that_percentage(book):
    """Who types 30% into Excel gets the number 0.3 shown as 30%."""
    for cell, value in (("F3", 0.325), ("F6", 0.375)):
        book["เครื่องมือ"][cell] = value
        book["เครื่องมือ"][cell].number_format = "0.00%"
    framework, problems = book.read()
    assert problems == []
    assert [i.weight for i in framework.rules.instruments] == [3250, 1500, 1500, 3750]
    book["ระดับ"]["D6"] = 0.7
    book["ระดับ"]["D6"].number_format = "0%"
    assert ("not-text", "ระดับ:D6") in book.problems()


def test_an_id_that_became_a_number_is_a_caution(book):
    """9.1 and 9.10 are the same number."""
    sheet = book["ตัวชี้วัดย่อย"]
    assert sheet["A3"].value == "9.1"
    # so that Excel leaves it as it is, in rows that are filled and in those that are empty
    assert sheet["A3"].number_format == sheet.column_dimensions["A"].number_format == "@"
    assert not sheet.column_dimensions["A"].protection.locked
    sheet["A3"] = 9.1
    framework, problems = book.read()
    assert framework.digest == book.framework.digest
    assert [(p.code, p.where, p.severity) for p in problems] == [("number-for-text", "ตัวชี้วัดย่อย:A3", "caution")]


def test_moved_columns_stop_the_reading(book):
    book["ระดับ"].move_range("D1:D10", cols=20)
    assert book.problems() >= {("moved-column", "ระดับ:D1"), ("moved-column", "ระดับ:X1")}


def test_merged_cells_stop_the_reading(book):
    book["เครื่องมือ"].merge_cells("B3:C4")
    assert book.problems() == {("merged-cells", "เครื่องมือ:B3")}


def test_sheets_that_are_missing_or_too_many(book):
    book["ระดับ"].title = "ระดับผล"
    assert book.problems() == {("missing-sheet", "ระดับ:1"), ("unknown-sheet", "ระดับผล:1")}


def test_nothing_is_read_that_nobody_sees(book):
    book["ระดับ"].sheet_state = "veryHidden"
    book.sheets.create_sheet("สำรอง")
    assert book.problems() == {("hidden-sheet", "ระดับ:1"), ("unknown-sheet", "สำรอง:1")}


def test_hidden_rows_and_columns_are_a_caution(book):
    book["ระดับ"].row_dimensions[4].hidden = True
    book["ระดับ"].column_dimensions["C"].hidden = True
    framework, problems = book.read()
    assert framework is not None
    assert [(p.code, p.where) for p in problems] == [("hidden-cells", "ระดับ:C1"), ("hidden-cells", "ระดับ:A4")]


@pytest.mark.parametrize("cell", ["A5001", "BI3", "XFD1048576"])
def test_what_stands_too_far_away_is_not_left_out(book, cell):
    book["ระดับ"][cell] = "ระดับใหม่"
    assert book.problems() == {("beyond-sheet", f"ระดับ:{cell}")}


def test_what_stands_beside_a_table_is_a_caution(book):
    book["ระดับ"]["M4"] = "ถามหัวหน้าก่อน"
    book["ทั่วไป"]["C4"] = "ปีหน้า"
    book["ทั่วไป"]["A99"] = "จดไว้"
    framework, problems = book.read()
    assert framework is not None
    assert [(p.code, p.where) for p in problems] == [
        ("unread-cell", "ทั่วไป:C4"),
        ("unread-cell", "ทั่วไป:A99"),
        ("unread-cell", "ระดับ:M4"),
    ]


def test_of_several_hidden_rows_and_columns_the_first_is_named(book):
    for row, column in ((4, "C"), (5, "D")):
        book["ระดับ"].row_dimensions[row].hidden = True
        book["ระดับ"].column_dimensions[column].hidden = True
    assert [p.where for p in book.read()[1]] == ["ระดับ:C1", "ระดับ:A4"]


def test_a_last_column_that_is_gone_is_missed(book):
    book["แหล่งอ้างอิง"].delete_cols(3)
    assert book.problems() == {("moved-column", "แหล่งอ้างอิง:C1")}


def test_every_row_of_the_general_sheet_that_moved_is_named(book):
    book["ทั่วไป"]["A4"], book["ทั่วไป"]["A6"] = "ปี", None
    book["ทั่วไป"].delete_rows(FIRST_ROW + len(GENERAL_ROWS) - 2, 2)
    last = FIRST_ROW + len(GENERAL_ROWS) - 1
    assert book.problems() == {("moved-column", f"ทั่วไป:A{row}") for row in (4, 6, last - 1, last)}


def test_cells_of_empty_text_are_empty(monkeypatch, book):
    cells_of_book = cells.answer_cells(io.BytesIO(book.path.read_bytes()))["sheets"]
    for sheet in cells_of_book.values():
        for row in sheet["rows"]:
            row.extend(["", ""])
        sheet["rows"].append([""] * 5)
    monkeypatch.setattr(reader, "_open", lambda _: cells_of_book)
    framework, problems = book.read()
    assert (framework.rules, problems) == (book.framework.rules, [])


def test_a_problem_of_no_place_is_one_of_the_general_sheet(book):
    problem = Problem("case-score", "", 0, "ก", "ข", "ค", place=("nowhere", 3))
    book.sheets.save(book.path)
    assert [p.where for p in read_workbook(book.path, YEARS["2568"], lambda _: [problem])[1]] == ["ทั่วไป:A1"]


def test_a_heading_in_the_way_and_a_column_too_many(book):
    book["ระดับ"]["M1"] = "ใหม่"
    assert book.problems() == {("moved-column", "ระดับ:M1")}


def test_worked_cases_are_checked_where_they_stand(book):
    sheet = book["ตัวอย่างคำนวณ"]
    sheet["D3"] = "overall=1"
    sheet.parent.save(book.path)
    framework, problems = read_workbook(book.path, YEARS["2568"], check_cases)
    assert framework is None
    assert [(p.code, p.where) for p in problems] == [("case-score", "ตัวอย่างคำนวณ:D3")]


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


def test_a_workbook_may_be_as_large_as_is_opened(monkeypatch, written):
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    monkeypatch.setattr(cells, "MAX_UNZIPPED", size)
    assert "sheets" in cells.answer_cells(io.BytesIO(written))
    monkeypatch.setattr(cells, "MAX_UNZIPPED", size - 1)
    assert "error" in cells.answer_cells(io.BytesIO(written))


@functools.cache
def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to 200 MB; made by the tests alone that ask for it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>" * 50_000_000)
    return out.getvalue()


def archive_of(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "ไม่ใช่สมุดงาน"),
        (b"no workbook", "ไม่ใช่สมุดงาน"),
        (bomb, "ใหญ่ผิดปกติ"),
        (archive_of(content=b"<office/>"), "เสียหรือไม่ตรงรูปแบบ (KeyError"),
        (OLD_EXCEL, "รุ่นเก่าหรือไฟล์ที่ใส่รหัสผ่าน"),
        (b"PK" + b"\0" * uploads.MAX_BYTES, "ใหญ่เกิน"),
    ],
    ids=["empty", "text", "bomb", "document", "old", "large"],
)
def test_a_hostile_file_is_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "rules.xlsx"
    path.write_bytes(content() if callable(content) else content)
    framework, (problem,) = read_workbook(path, None)
    assert framework is None
    assert problem.code == "not-a-workbook"
    assert sentence in problem.what


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no workbook", "ไม่ใช่สมุดงาน .xlsx"),
        (OLD_EXCEL, "เป็นไฟล์ .xls รุ่นเก่าหรือไฟล์ที่ใส่รหัสผ่าน"),
        (bomb, "ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย"),
    ],
    ids=["text", "old", "bomb"],
)
def test_what_is_no_workbook_is_an_answer_and_no_fault(content, sentence):
    """As the sandbox calls it: what it raises there becomes a sentence about damaged files."""
    data = content() if callable(content) else content
    assert cells.answer_cells(io.BytesIO(data)) == {"error": sentence}


def test_a_cell_is_what_a_spreadsheet_shows():
    book = openpyxl.Workbook()
    book.active.append(
        [
            "ก",
            7,
            0.5,
            True,
            None,
            "=1+1",
            "#N/A",
            datetime.datetime.fromisoformat("2026-11-28T01:02"),
            datetime.time(9, 30),
            datetime.timedelta(hours=30),
            0.3,
            "5%",
            ArrayFormula("M1", "=SUM(B1:C1)"),
        ]
    )
    book.active["K1"].number_format = book.active["L1"].number_format = "0.00%"
    out = io.BytesIO()
    book.save(out)
    (sheet,) = cells.answer_cells(io.BytesIO(out.getvalue()))["sheets"].values()
    assert sheet["rows"] == [
        [
            "ก",
            7,
            0.5,
            True,
            None,
            {"formula": "=1+1"},
            {"error": "#N/A"},
            {"date": "2026-11-28"},
            {"date": "09:30:00"},
            {"date": "1 day, 6:00:00"},
            {"percent": "0.3"},
            "5%",
            {"formula": "=SUM(B1:C1)"},
        ]
    ]


def test_what_is_merged_hidden_or_too_far_away_is_told_with_its_place():
    book = openpyxl.Workbook()
    one, two, three = book.active, book.create_sheet("two"), book.create_sheet("three")
    one["B4"], one["AB3"], one["C2"], one["J2"] = "x", 1, "c", "j"
    one["A5001"], one["BI7"], one["BH2"] = "far", "far", "at the edge"
    two["A5000"] = "at the edge"
    one.merge_cells("AX10:AZ12")
    one.row_dimensions[4].hidden = one.row_dimensions[9].hidden = True
    one.column_dimensions.group("C", "D", hidden=True)
    one.column_dimensions["J"].hidden = True
    one.column_dimensions["B"].width = 30
    two.sheet_state, three.sheet_state = "hidden", "veryHidden"
    out = io.BytesIO()
    book.save(out)
    first, second, third = cells.answer_cells(io.BytesIO(out.getvalue()))["sheets"].values()
    rows = first.pop("rows")
    assert [(r, c, v) for r, row in enumerate(rows, 1) for c, v in enumerate(row, 1) if v is not None] == [
        (2, 3, "c"), (2, 10, "j"), (2, 60, "at the edge"), (3, 28, 1), (4, 2, "x"),
    ]  # fmt: skip
    assert {len(row) for row in rows} == {60}
    assert first == {
        "merged": [("AX10:AZ12", 10, "AX")], "beyond": [(7, 61)], "is_hidden": False,
        "hidden_rows": [4], "hidden_columns": [3, 10],
    }  # fmt: skip
    assert (len(second.pop("rows")), second["beyond"], second["is_hidden"]) == (5000, [], True)
    assert third == {
        "rows": [[None]], "merged": [], "beyond": [], "is_hidden": True, "hidden_rows": [], "hidden_columns": [],
    }  # fmt: skip


def test_a_file_as_large_as_may_be_is_opened(monkeypatch, book):
    book.sheets.save(book.path)
    monkeypatch.setattr(uploads, "MAX_BYTES", book.path.stat().st_size)
    assert read_workbook(book.path, YEARS["2568"])[1] == []


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("time", "ใช้เวลาเปิดนานผิดปกติ"),
        ("memory", "หน่วยความจำมากผิดปกติ"),
        ("size", "ใหญ่ผิดปกติ"),
        ("busy", "รอสักครู่แล้วส่งใหม่"),
        ("crash", "ไฟล์เสีย หรือใหญ่เกินกว่าจะเปิดได้อย่างปลอดภัย"),
        ("fault", "ไฟล์เสียหรือไม่ตรงรูปแบบ (?)"),
    ],
)
def test_why_a_file_was_not_opened_is_said(book, monkeypatch, reason, sentence):
    def refuse(*_, limits, **__):
        assert limits is reader.LIMITS
        raise reader.sandbox.SandboxError(reason)

    monkeypatch.setattr(reader.sandbox, "run", refuse)
    framework, (problem,) = book.read()
    assert framework is None
    assert sentence in problem.what


def test_the_year_before_is_found_by_what_the_workbook_says(book):
    asked = []

    def find(assessment, year):
        asked.append((assessment, year))
        return YEARS["2568"]

    assert book.read(find)[1] == book.read()[1] == []
    assert asked == [("ita", 2568)]
    sheet = book["ข้อคำถาม"]
    head = [cell.value for cell in sheet[1]]
    at = next(n for n, title in enumerate(head, 1) if title and "ต่อจาก" in title)
    sheet.cell(3, at).value = "i999"
    assert {p.code for p in book.read(find)[1]} == {"unknown-previous-item"}


@pytest.mark.parametrize("field", ["assessment", "fiscal_year"])
def test_without_the_name_or_the_year_no_year_before_is_looked_for(book, field):
    row = next(n for n, column in enumerate(GENERAL_ROWS, FIRST_ROW) if column.path == (field,))
    book[GENERAL].cell(row, 2).value = None
    framework, problems = book.read(lambda *_: pytest.fail("asked for a year that nobody named"))
    assert framework is None
    assert problems


@pytest.mark.parametrize("change", ["disclosure_items|O24", "disclosure_items|O24|sub_indicator", "10.1"])
def test_a_change_of_a_reading_that_is_not_written_as_one_is_refused(tmp_path, change):
    path = tmp_path / "rules.xlsx"
    path.write_bytes(write_workbook(YEARS["2568"]))
    sheets = openpyxl.load_workbook(path)
    cell = next(c for c in sheets["การอ่านที่ต่างไป"][3] if c.value and "|" in str(c.value))
    assert read_workbook(path, YEARS["2567"])[1] == []
    cell.value = change
    sheets.save(path)
    framework, problems = read_workbook(path, YEARS["2567"])
    assert framework is None
    assert {(p.file, p.line, p.code) for p in problems} == {("การอ่านที่ต่างไป", 3, "unknown-reading-target")}


def test_the_office_can_write_where_it_should_and_nowhere_else(book):
    sheet = book["เครื่องมือ"]
    assert sheet.protection.sheet
    assert not sheet["F3"].protection.locked
    assert sheet["F1"].protection.locked
    total = next(cell for cell in sheet[1] if cell.value == "น้ำหนักรวม (%)")
    assert sheet.cell(3, total.column).protection.locked
    assert sheet.cell(3, total.column).value == '=IF($A3="","",SUM($F$3:$F$200))'
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert any("แบบวัด" in formula for formula in lists.values())


def test_what_follows_is_there_without_computing(book):
    """A program that computes nothing shows the same as Excel: the sums, the numbers of items, the upper limits."""
    sheets = openpyxl.load_workbook(book.path, data_only=True)

    def column(title, heading):
        sheet = sheets[title]
        place = next(cell.column for cell in sheet[1] if cell.value == heading)
        return [v for row in range(3, sheet.max_row + 1) if (v := sheet.cell(row, place).value) not in (None, "")]

    rules_of_year = book.framework.rules
    nodes = book.framework.nodes
    assert column("เครื่องมือ", "น้ำหนักรวม (%)") == [100, 100, 100, 100]
    assert column("เครื่องมือ", "จำนวนตัวชี้วัด") == [len(nodes[i.id].parts) for i in rules_of_year.instruments]
    subs = column("ตัวชี้วัดย่อย", "จำนวนรายการ")
    assert subs == [len(nodes[s.id].parts) for s in rules_of_year.sub_indicators]
    assert column("รายการเปิดเผย", "จำนวนองค์ประกอบ") == [len(i.elements) for i in rules_of_year.disclosure_items]
    assert column("ระดับ", "คะแนนรวมต่ำกว่า") == ["–", *(b.at_least for b in rules_of_year.bands[:-1])]
    assert column("มาตร", "จำนวนตัวเลือก") == [len(s.options) for s in rules_of_year.scales]


def test_formulas_compute_in_rows_that_are_still_empty_and_name_sheets_in_quotes(book):
    for sheet in book.sheets.worksheets:
        formulas = [c.value for row in sheet.iter_rows() for c in row if c.data_type == "f"]
        assert all(text.startswith("=IF($A") for text in formulas)
        assert not any(re.search(r"[ก-๙]!", text) for text in formulas)  # Excel refuses Thai marks without quotes
    sheet = book["ตัวชี้วัดย่อย"]
    assert sheet.cell(60, sheet.max_column).value.startswith('=IF($A60="","",')


def test_every_choice_and_reference_has_a_drop_down(book):
    for layout in SHEETS:
        areas = [str(v.sqref) for v in book[layout.title].data_validations.dataValidation]
        for number, column in enumerate(layout.columns):
            letter = openpyxl.utils.get_column_letter(number + 1)
            is_offered = any(area.startswith(f"{letter}3") for area in areas)
            needs = column.kind in ("choice", "flag", "reference", "references", "percent", "integer")
            assert is_offered is (needs or bool(column.choices)), (layout.title, column.title)


def test_words_of_a_list_are_written_in_thai_and_fit_in_what_excel_takes(book):
    (plans,) = (c.choices for sheet in SHEETS for c in sheet.columns if c.path == ("plan",))
    written_words = {w for cell in book["องค์ประกอบ"]["D"][2:] if cell.value for w in cell.value.split("; ")}
    assert written_words == set(plans.values())
    every = [c.choices for c in (*GENERAL_ROWS, *(c for s in SHEETS for c in s.columns)) if c.choices]
    assert max(len(",".join(choices.values())) for choices in every) <= 255


def test_the_items_of_the_year_before_are_offered(tmp_path):
    path = tmp_path / "rules.xlsx"
    path.write_bytes(write_workbook(YEARS["2569"], YEARS["2568"]))
    sheet = openpyxl.load_workbook(path)["ข้อของปีก่อน"]
    ids = [sheet.cell(row, 1).value for row in range(3, sheet.max_row + 1)]
    assert ids == list(YEARS["2568"].items)
    again, problems = read_workbook(path, YEARS["2568"])
    assert (again.rules, problems) == (YEARS["2569"].rules, [])


NASTY = [
    "=1+1",
    "@x",
    "a;b",
    " ขอบ ",
    "บรรทัด\nสอง",
    "_x0041_",
    "<&>\"'",
    "9.10",
    "TRUE",
    "2025-01-01",
    "#REF!",
    "🙂",
    "{}",
]


def test_no_text_is_lost_that_looks_like_something_else(tmp_path):
    small = small_rules()
    items = tuple(
        replace(
            small.survey_items[0], id=f"i{n}", label=Label(th=text, en=text), advice=Advice(defect=text, remedy=text)
        )
        for n, text in enumerate(NASTY)
    )
    instruments = (replace(small.instruments[0], aliases=tuple(t for t in NASTY if t == t.strip() and "\n" not in t)),)
    changed = replace(
        small,
        survey_items=(*(replace(i, continues=()) for i in items), *small.survey_items[1:]),
        instruments=(*instruments, *small.instruments[1:]),
        small_groups=None,
        calendar=(),
        earlier_editions=(),
        note=None,
    )
    path = tmp_path / "rules.xlsx"
    path.write_bytes(write_workbook(Framework(changed)))
    again, problems = read_workbook(path, None)
    assert problems == []
    assert again.rules == changed


@given(frameworks())
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rules_go_through_a_workbook(tmp_path, framework):
    path = tmp_path / "rules.xlsx"
    path.write_bytes(write_workbook(framework))
    sheets = cells.answer_cells(io.BytesIO(path.read_bytes()))["sheets"]  # without a process for each
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_open", lambda _: sheets)
        again, problems = read_workbook(path, None)
    assert again is not None or all(p.code == "scale-without-points" for p in rules.errors_of(problems))
    assert again is None or again.rules == framework.rules


# --- in the words of the workbook


def every_place(data, path=()):
    """The place of each field, of one entry of each list."""
    entries = data.items() if isinstance(data, dict) else list(enumerate(data))[:1] if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from every_place(value, (*path, key))


def broken(data, place, value):
    """The data with one field replaced, or without it where ``value`` is None."""
    data = copy.deepcopy(data)
    part = data
    for key in place[:-1]:
        part = part[key]
    if value is not None:
        part[place[-1]] = value
    elif isinstance(part, list):
        part.pop(place[-1])
    else:
        del part[place[-1]]
    return data


def as_written(sentences):
    """The sentences of ``workbook_words.txt``, which is written as ``workbook_problems.txt`` is."""
    stored = SENTENCES.with_name("workbook_words.txt")
    if os.environ.get("PRONGSAI_WRITE_PROBLEMS"):
        stored.write_text("\n".join(sorted(sentences)) + "\n", encoding="utf-8")
    assert sorted(sentences) == stored.read_text(encoding="utf-8").splitlines()


def test_no_problem_speaks_in_the_names_of_fields():
    """Whatever is wrong in whatever place is said in headings, titles and Thai words; ids are what the office named."""
    data = json.loads(json.dumps(as_data(small_rules())))
    lists = [part for part in data.values() if isinstance(part, list)]
    named = " ".join(entry["id"] for part in lists for entry in part if has_id(entry))
    ids = set(re.findall(r"[a-z][a-z_0-9.\-]+", named))
    spoken, sentences = {}, set()
    for place in every_place(data):
        for value in ("zzz", [], {}, None):
            for problem in map(reader.in_words, check_data(broken(data, place, value), None, {})[1]):
                text = f"{problem.what} {problem.why} {problem.how}"
                sentences.add(f"{problem.code} | {problem.what} | {problem.why} | {problem.how}")
                for word in re.findall(r"(?<![\w./])[a-z][a-z_]{2,}", text):
                    spoken.setdefault(word, (place, value, text))
    assert len(list(every_place(data))) > 50
    as_written(sentences)
    assert not {word: said for word, said in spoken.items() if word not in ids | {"zzz"}}


def test_words_that_stand_for_no_value_stay_as_they_are():
    problem = Problem("not-a-choice", "", 0, "เลือกจาก 'survey' หรือ 'zzz'", "ปีนี้ method: yyy", "ค")
    words = reader.in_words(problem)
    assert (words.what, words.why) == ("เลือกจาก แบบวัด หรือ zzz", "ปีนี้ วิธีคำนวณ: yyy")


def has_id(part):
    return isinstance(part, dict) and "id" in part
