"""National tables as offices keep them in workbooks: what a cell shows counts; what cannot be taken is named, never
taken or dropped in silence."""

import datetime
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import numbers

from prongsai.framework import NATIONAL, load
from prongsai.intake.files import Row, read_rows
from prongsai.intake.workbook import NO_VALUE, read_parts, show_number
from prongsai.results.bulk_table import BulkTableError, read_table
from tests.conftest import sample_year

HEAD = ["รหัสหน่วยงาน", "ชื่อหน่วยงาน", "คะแนนรวม", "ระดับ", "IIT"]
ROW = ["A-1", "เทศบาล", 96.04, "ผ่านดี", 99.6]


@pytest.fixture
def read(tmp_path):
    """The rows of a national table that is made by a function of its sheet."""

    def table(change, *rows, head=(HEAD,)):
        book = openpyxl.Workbook()
        sheet = book.active
        for row in (*head, *(rows or (ROW,))):
            sheet.append(row)
        change(sheet)
        path = tmp_path / "table.xlsx"
        book.save(path)
        return read_table(read_rows(path, hidden=True), load(NATIONAL, sample_year()))

    return table


def change_format(cell, code):
    def change(sheet):
        sheet[cell].number_format = code

    return change


def only(table):
    (row,) = table.rows
    return row


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.9604, "0.00%", "96.04"),
        (0.9604, "0.00 %", "96.04"),
        (96.04, '0.00"%"', "96.04"),
        (96.045, "0.00", "96.05"),
        (96.04, "#,##0.00", "96.04"),
        (96.04, "[Red]0.00;[Blue]-0.00", "96.04"),
        (96, "0.0#", "96.00"),
        (96.04, "General", "96.04"),
        (96.04, "@", "96.04"),
        (96.0399999, "General", "96.04"),
        (96, "0", "96.00"),
    ],
)
def test_a_score_is_what_its_cell_shows(read, value, code, shown):
    row = only(read(change_format("C2", code), ["A-1", "เทศบาล", value, "ผ่านดี", 99.6]))
    assert (row.figures["overall"], row.problems) == (shown, ())


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [(123, "00000", "00123"), (123, "General", "123"), ("00123", "@", "00123"), (7, "000", "007")],
)
def test_a_code_is_what_its_cell_shows(read, value, code, shown):
    assert only(read(change_format("A2", code), [value, *ROW[1:]])).code == shown


def test_a_date_in_place_of_a_code_is_named_as_it_is(read):
    row = only(read(change_format("A2", numbers.FORMAT_DATE_YYYYMMDD2), [datetime.date(2026, 2, 1), *ROW[1:]]))
    assert row.code.startswith("2026-02-01")  # which no agency has


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!"])
def test_an_error_is_refused_with_its_column(read, error):
    row = only(read(lambda _: None, ["A-1", "เทศบาล", error, "ผ่านดี", 99.6]))
    assert "overall" not in row.figures
    assert any("คะแนนรวม" in p and error in p for p in row.problems)
    assert "แถว 2" in row.place


def test_a_formula_that_was_stored_without_its_value_is_refused(read):
    row = only(read(lambda _: None, ["A-1", "เทศบาล", "=E2-1", "ผ่านดี", 99.6]))
    assert any(NO_VALUE in problem for problem in row.problems)


def test_what_is_hidden_is_not_taken_and_is_named(read):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True
        other = sheet.parent.create_sheet("เก่า")
        for row in (HEAD, ["A-9", "x", 50, "ต้องปรับปรุง", 50]):
            other.append(row)
        other.sheet_state = "hidden"

    table = read(hide, ROW, ["A-1", "เทศบาล ปีก่อน", 70, "ต้องปรับปรุง", 71])
    assert only(table).figures["overall"] == "96.04"
    assert only(table).problems == ()
    assert table.ignored == ("ที่ซ่อนอยู่ในไฟล์ 3 แถว เริ่มที่แผ่น Sheet แถว 3",)


def test_a_hidden_column_is_not_taken_and_is_named(read):
    def hide(sheet):
        sheet.column_dimensions["E"].hidden = True

    table = read(hide)
    assert "IIT" not in only(table).figures
    assert "คอลัมน์ที่ซ่อน" in table.ignored[-1]


def test_headings_in_two_rows(read):
    def merge(sheet):
        for area in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"):
            sheet.merge_cells(area)

    head = [
        ["ผลการประเมิน ITA"],
        ["รหัสหน่วยงาน", "ชื่อหน่วยงาน", "คะแนน", None, "ระดับ"],
        [None, None, "คะแนนรวม", "IIT", None],
    ]
    table = read(merge, ["00123", "เทศบาล", 96.04, 99.6, "ผ่านดี"], ["A-2", "อบต.", 88.1, 90, "ผ่าน"], head=head)
    assert [(r.code, r.figures, r.problems) for r in table.rows] == [
        ("00123", {"overall": "96.04", "IIT": "99.60", "level": "ผ่านดี"}, ()),
        ("A-2", {"overall": "88.10", "IIT": "90.00", "level": "ผ่าน"}, ()),
    ]


def test_a_table_without_codes_has_names_and_provinces(read):
    head = ["ที่", "จังหวัด", "ชื่อหน่วยงาน", "คะแนนรวม"]
    table = read(lambda _: None, [1, "ตรัง", "อบต. บ้านดี", 96.04], head=([*head],))
    row = only(table)
    assert (row.code, row.name, row.province) == ("", "อบต. บ้านดี", "ตรัง")
    assert row.figures == {"overall": "96.04"}
    assert table.ignored == ("ที่",)


def test_two_columns_of_one_score_are_refused(read):
    with pytest.raises(BulkTableError, match="สองคอลัมน์เป็นคะแนนเดียวกัน คือ “คะแนนรวม” และ “คะแนน ITA”"):
        read(lambda _: None, [*ROW, 90], head=([*HEAD, "คะแนน ITA"],))


def test_years_under_a_merged_heading_are_no_score_of_this_year(read):
    head = [["รหัสหน่วยงาน", "ชื่อหน่วยงาน", "คะแนนรวม", None], [None, None, "2567", "2568"]]
    with pytest.raises(BulkTableError, match="ไม่มีคอลัมน์คะแนน"):
        read(lambda _: None, ["A-1", "เทศบาล", 70, 80], head=head)


def test_each_sheet_has_its_own_headings(read):
    """The columns of a second sheet stand in another order."""

    def add(sheet):
        other = sheet.parent.create_sheet("อีกแผ่น")
        for row in (["IIT", "คะแนนรวม", "รหัสหน่วยงาน"], [70, 80, "A-2"]):
            other.append(row)
        last = sheet.parent.create_sheet("ไม่มีหัว")
        last.append([1, 2])

    table = read(add)
    assert [(r.code, r.figures.get("IIT")) for r in table.rows] == [("A-1", "99.60"), ("A-2", "70.00"), ("", None)]
    assert table.rows[2].problems == ("ตารางนี้ไม่มีหัวตาราง จึงไม่รู้ว่าคอลัมน์ใดคือคะแนนใด",)


def test_a_column_without_a_heading_is_named(read):
    assert read(lambda _: None, [*ROW, "หมายเหตุ"]).ignored == ("คอลัมน์ที่ 6 ซึ่งไม่มีหัว",)


cell = st.sampled_from(["", "-", "x", "96.04", "A-1", "รหัส", "คะแนนรวม", "2568", "IIT", "ชื่อ", "  "])
line = st.tuples(st.lists(cell, min_size=1, max_size=5), st.integers(0, 2), st.booleans())


@given(st.lists(line, max_size=9))
def test_every_cell_is_accounted_for(lines):
    rows = [Row(tuple(cells), f"แถว {k}", table, hidden) for k, (cells, table, hidden) in enumerate(lines)]
    framework = load(NATIONAL, sample_year())
    try:
        table = read_table([Row(("รหัส", "คะแนนรวม"), "แถว 0", 1), *rows], framework)
    except BulkTableError:
        return
    written = 2 + sum(bool(c.strip()) for r in rows for c in r.cells)
    assert sum(table.cells.values()) + sum(r.cells for r in table.rows) == written


def test_other_names_that_the_rules_know_are_known_here(read):
    rules = load(NATIONAL, sample_year()).rules
    named = [(i.id, alias) for i in rules.indicators for alias in i.aliases]
    assert named
    for node, alias in named:
        table = read(lambda _: None, ["A-1", "เทศบาล", 96.04, 90], head=([*HEAD[:3], alias],))
        assert only(table).figures.get(node) == "90.00", alias


@pytest.mark.parametrize(
    ("value", "code"), [(1, "dd/mm/yyyy"), (0.5, "# ?/?"), (1200.0, "0.00E+00"), (5.0, "General"), (5.0, "")]
)
def test_a_format_that_shows_no_plain_number_is_left_to_the_value(value, code):
    assert show_number(value, code) is None


def test_a_workbook_without_xml_parts_has_none_to_say():
    data = io.BytesIO()
    openpyxl.Workbook().save(data)
    assert list(read_parts(data.getvalue())) == ["Sheet"]
