"""Which elements of an item a page has, and where: what is suggested to the assessor, and what is not."""

import pytest

from prongsai.disclosure.suggest import PageLine, suggest_passages
from prongsai.links import extract_lines
from tests.evidence import measure_elements
from tests.evidence.element_pages import KINDS, SETS, make_pages

FEE, STEPS, CHANNEL = "ค่าธรรมเนียม (ไม่มีต้องเขียนว่าไม่มี)", "วิธีการ ขั้นตอน", "ช่องทางให้บริการ"


def suggest(*lines, elements=(FEE,), **about):
    return suggest_passages(
        elements, [PageLine(*each) if isinstance(each, tuple) else PageLine(each) for each in lines], **about
    )


@pytest.mark.parametrize("name", SETS)
def test_elements_are_found_on_made_up_pages(name):
    """A few of the pages that ``make bench-evidence`` counts."""
    html = tuple(kind for kind in KINDS if kind != "pdf")
    whole = sum(measure_elements.measure(make_pages(name, 4, html)).values(), start=measure_elements.Counter())
    assert whole["pages"] == 40
    assert measure_elements.precision(whole) > 85
    assert measure_elements.recall(whole) > 75
    assert whole["pointed"] > 0.9 * whole["true"]


def test_what_stands_below_the_head_is_shown():
    (found,) = suggest(("ค่าธรรมเนียม", "heading"), "ฉบับละ 20 บาท")
    assert (found.before, found.match) == ("ค่าธรรมเนียม ", "ฉบับละ 20 บาท")


@pytest.mark.parametrize(
    "lines",
    [
        [("ค่าธรรมเนียม", "heading"), ("ติดต่อเรา", "heading")],
        [("ค่าธรรมเนียม", "heading"), "อยู่ระหว่างปรับปรุงข้อมูล"],
        [("ค่าธรรมเนียม", "heading"), "Coming soon"],
        [("ค่าธรรมเนียม", "link"), "เทศบาลของเรา"],
        ["จะเผยแพร่ค่าธรรมเนียมให้ทราบในโอกาสต่อไป"],
        ["ค่าธรรมเนียม\t-"],
    ],
)
def test_a_name_without_content_is_nothing(lines):
    assert suggest(*lines) == [None]


def test_content_of_another_year_is_nothing():
    lines = ["รายงานผลการใช้จ่ายงบประมาณ ปี 2564.pdf"]
    assert suggest(*lines, elements=["ผลการใช้จ่ายงบ"], years=[2568]) == [None]
    assert suggest(*lines, elements=["ผลการใช้จ่ายงบ"]) != [None]


def test_the_title_of_the_item_is_no_head():
    label = "แผนยุทธศาสตร์หรือแผนพัฒนาหน่วยงาน"
    lines = [(f"{label} ปี 2569", "heading"), "ขอเชิญประชาชนร่วมงานประเพณี"]
    assert suggest(*lines, elements=["ยุทธศาสตร์หรือแนวทาง"], label=label) == [None]


def test_columns_and_rows_of_tables_are_told_apart():
    columns = suggest("ขั้นตอน\tช่องทาง\tค่าธรรมเนียม", "ยื่นคำขอ\tกองช่าง\t20 บาท", elements=[STEPS, CHANNEL, FEE])
    assert [found.match for found in columns] == ["ยื่นคำขอ", "กองช่าง", "20 บาท"]
    rows = suggest("1\tขั้นตอน\tยื่นคำขอ", "2\tช่องทาง\tกองช่าง", "3\tค่าธรรมเนียม\t20 บาท", elements=[STEPS, CHANNEL, FEE])
    assert [found.match for found in rows] == ["ยื่นคำขอ", "กองช่าง", "20 บาท"]
    assert {found.place for found in (*columns, *rows)} == {"table"}


def test_what_was_read_from_a_picture_says_where_it_stands():
    lines = [PageLine("3. ค่าธรรมเนียม", "", (1, 400, 420)), PageLine("ฉบับละ 20 บาท", "", (1, 425, 445))]
    (found,) = suggest_passages([FEE], lines)
    assert (found.place, found.region) == ("picture", (1, 425, 445))


def test_lines_of_a_page_say_what_they_are():
    body = "<nav>เมนู</nav><h2>ค่าธรรมเนียม</h2><p>ฉบับละ <b>20</b> บาท"
    body += "<ul><li><a href=/x>อ่านต่อ</a><li><a href=/x.pdf>ไฟล์</a></ul>"
    body += "<table><tr><td>ก<td>ข</table><div>เนื้อหาที่ยาวพอจะเป็นหน้าหนึ่งของเว็บไซต์นี้</div>"
    lines = extract_lines(f"<meta charset=utf-8>{body}".encode(), "text/html; charset=utf-8")
    assert lines[:4] == [("ค่าธรรมเนียม", "heading"), ("ฉบับละ 20 บาท", ""), ("อ่านต่อ", "link"), ("ไฟล์", "")]
    assert "ก\tข" in lines[4][0]
    assert extract_lines(b"%PDF-broken", "application/pdf") == extract_lines(b"\x00\x01", "image/png") == []
