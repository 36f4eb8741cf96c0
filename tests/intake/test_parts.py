"""Parts of files as they are read inside the sandbox: what sheets hide, and what is refused."""

import io
import zipfile

import openpyxl
import pytest

from prongsai.intake import UnreadableError, archive, opendocument
from prongsai.intake.workbook import read_parts, show_number
from tests import more_formats


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_a_sheet_hides_and_what_its_cells_do_not_show():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "ผล"
    sheet.append(["ก", 0.5, "=A1", "=1/0"])
    sheet["A2"], sheet["B2"] = 7, 84.5
    sheet["AB2"] = 1
    sheet["B1"].number_format, sheet["B2"].number_format, sheet["AB2"].number_format = "0%", "0.00", "0.0"
    sheet["E1"] = "#N/A"
    sheet["E1"].data_type = "e"
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    parts = read_parts(saved(book))["ผล"]
    assert (parts.hidden_rows, parts.hidden_columns) == ({2}, {3})
    assert parts.formats == {(1, 2): "0%", (2, 2): "0.00", (2, 28): "0.0"}
    assert [parts.show(1, 2, 0.5), parts.show(2, 2, 84.5), parts.show(2, 1, 7)] == ["50%", "84.50", "7"]
    assert parts.texts[1, 5] == "#N/A"
    assert parts.show(1, 5, "anything") == "#N/A"
    assert parts.show(1, 3, None) == parts.texts[1, 3] != ""  # a formula that was never computed
    assert [parts.show(1, 1, value) for value in (None, True, "ก\nข ", 1.23456)] == ["", "True", "ก ข", "1.23"]


def test_one_part_may_be_two_sheets_and_a_sheet_without_a_part_is_none():
    sheet = '<x:sheetData><x:row r="1" hidden="1"/></x:sheetData>'
    main, rel = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://x/relationships"
    listed = "".join(f'<x:sheet name="{name}" r:id="{part}"/>' for name, part in (("a", 1), ("b", 1), ("c", 2)))
    parts = {
        "xl/workbook.xml": f'<x:workbook xmlns:x="{main}" xmlns:r="{rel}"><x:sheets>{listed}</x:sheets></x:workbook>',
        "xl/worksheets/one.xml": f'<x:worksheet xmlns:x="{main}">{sheet}</x:worksheet>',
    }
    relations = '<y><Relationship Id="1" Target="worksheets/one.xml"/><Relationship Id="2" Target="gone.xml"/></y>'
    found = read_parts(more_formats.archive({**parts, "xl/_rels/workbook.xml.rels": relations}))
    assert {name: p.hidden_rows for name, p in found.items()} == {"a": {1}, "b": {1}}
    assert read_parts(more_formats.archive(parts)) == {}


def test_a_workbook_of_another_kind_has_no_parts():
    assert read_parts(more_formats.archive({"a.txt": b"x"})) == {}


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (84.5, "0.##", "84.5"),
        (84, "0.##", "84"),
        (84.5, "0.0#", "84.5"),
        (84.0, "0.0#", "84.0"),
        (-0.5, "0.00", "-0.50"),
        (7, "000", "007"),
        (84.5, "General", None),
        (84.5, "", None),
    ],
)
def test_a_number_is_shown_as_its_format_says(value, code, shown):
    assert show_number(value, code) == shown


def broken(data: bytes) -> bytes:
    """The bytes of the first document of a ZIP are not those that it says."""
    at = data.index(b"letters")
    return data[:at] + b"LETTERS" + data[at + 7 :]


def test_a_document_that_is_not_what_its_zip_says_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", b"letters")
    assert archive.document_in(out.getvalue(), 0) == (b"letters", ".txt")
    with pytest.raises(UnreadableError, match="เสียหรือดาวน์โหลดไม่ครบ"):
        archive.document_in(broken(out.getvalue()), 0)


def test_a_zip_that_is_broken_off_is_refused():
    for look in (archive.document_names, lambda data: archive.document_in(data, 0)):
        with pytest.raises(UnreadableError, match="เสียหรือดาวน์โหลดไม่ครบ"):
            look(more_formats.archive({"a.txt": b"x"})[:40])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("ผล.txt".encode().decode("cp437"), "ผล.txt"), ("ผล.txt".encode("cp874").decode("cp437"), "ผล.txt")],
)
def test_names_are_read_in_the_code_of_whoever_wrote_them(raw, shown):
    assert archive.show_name(zipfile.ZipInfo(raw)) == shown


def test_a_name_in_no_known_code_stays_as_it_is():
    assert archive.show_name(zipfile.ZipInfo("ผล.txt")) == "ผล.txt"  # no letters of the first PC
    raw = b"\xff\xfe.txt".decode("cp437")  # neither UTF-8 nor Thai
    assert archive.show_name(zipfile.ZipInfo(raw)) == raw


def cells(count, *, rows=1):
    cell = f'<table:table-cell table:number-columns-repeated="{count}"><text:p>1</text:p></table:table-cell>'
    return f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (f"<table:table>{cells(opendocument.MAX_COLUMNS + 1)}</table:table>", "คอลัมน์"),
        (f"<table:table>{cells(1, rows=opendocument.MAX_ROWS + 1)}</table:table>", "แถว"),
        ("<table:table/>" * (opendocument.MAX_SHEETS + 1), "แผ่นงาน"),
        ("<table:table>", "ไฟล์เสีย"),
    ],
)
def test_a_sheet_that_stands_for_too_much_is_refused(body, problem):
    with pytest.raises(UnreadableError, match=problem):
        list(opendocument.rows_of_package(more_formats.opendocument("spreadsheet", body)))


def test_as_much_as_may_be_is_read():
    body = f"<table:table>{cells(opendocument.MAX_COLUMNS)}</table:table>"
    (row,) = opendocument.rows_of_package(more_formats.opendocument("spreadsheet", body))
    assert row.cells == ("1",) * opendocument.MAX_COLUMNS


def test_a_package_without_a_list_of_its_parts_is_read():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(more_formats.odt(["ก 1.00"]))) as old, zipfile.ZipFile(out, "w") as new:
        new.writestr("content.xml", old.read("content.xml"))
    assert [row.cells for row in opendocument.rows_of_package(out.getvalue())] == [("ก 1.00",)]
