"""What a reader takes along of a chart: a picture with its own colours, and the table of its numbers."""

import csv
import io
from xml.etree import ElementTree

from playwright.sync_api import expect

from e2e.conftest import accessible

SVG = "{http://www.w3.org/2000/svg}"


def take(page, name):
    with page.expect_download() as started:
        page.get_by_role("button", name=name).click()
    return started.value.suggested_filename, started.value.path().read_text("utf-8")


def test_a_chart_and_its_numbers_are_taken_along(visit):
    page = visit(width=360, dark=True)
    page.goto("/nation/2569/pairs/")
    page.get_by_text("แผนภูมิเป็นตาราง").click()
    expect(page.get_by_role("table").first).to_be_visible()
    accessible(page)
    file, picture = take(page, "บันทึกภาพ (SVG)")
    root = ElementTree.fromstring(picture)
    assert (file, root.tag) == ("nation-2569-pairs-chart-1.svg", f"{SVG}svg")
    assert "var(" not in picture
    circles = list(root.iter(f"{SVG}circle"))
    file, table = take(page, "บันทึกตาราง (CSV): จำนวนหน่วยงานตามช่วงของสองคะแนน")
    rows = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    assert (file, len(rows[0])) == ("nation-2569-pairs-pairs.csv", 3)
    assert len(rows) - 1 == len(circles) > 3
    page.goto("/en/compare/?agency=Z0001&agency=Z0002")
    _, table = take(page, "Save the table (CSV)")
    assert "Remove" not in table
    expect(page.get_by_role("link", name="Remove").first).to_be_visible()


def test_a_cell_is_never_a_formula_of_a_spreadsheet(visit):
    page = visit()
    page.goto("/en/compare/?agency=Z0001&agency=Z0002")
    cells = ["=1+1", "@x", "-cmd", "+3.42", "-0.50", 'a "b", c']
    page.evaluate(
        "texts => document.querySelectorAll('main td').forEach((cell, k) => cell.textContent = texts[k])", cells
    )
    _, table = take(page, "Save the table (CSV)")
    found = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert [cell for cell in found if cell in {"'=1+1", "'@x", "'-cmd", *cells[3:]}] == [
        "'=1+1",
        "'@x",
        "'-cmd",
        *cells[3:],
    ]
