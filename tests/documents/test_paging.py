"""What stands together on a page: signatures and remarks with something that goes before them, in Word and PDF."""

import dataclasses
import io
import itertools
import re
import zipfile

import pypdfium2
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from prongsai.documents import KINDS, compose_document
from prongsai.documents.content import blocks, shared
from prongsai.documents.content.data import DocumentData, MemoHeader, Signatory
from prongsai.documents.writers import docx as docx_writer
from prongsai.documents.writers import paging, pdf
from prongsai.improvement.registers import kinds
from prongsai.lib.lines import parts, units
from tests.documents.nation import invent_agency, invent_register
from tests.documents.readers import squeeze
from tests.documents.samples import FRAMEWORKS, sample_data

SIGNED = ("measures", "outcome", "checklist", "half_year", "year_end", "gift_report", "action_plan", "risk_table")
# the children of a section's properties, in the order of the schema (ECMA-376, CT_SectPr)
SECTION_ORDER = (
    *("headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar", "paperSrc"),
    *("pgBorders", "lnNumType", "pgNumType", "cols", "formProt", "vAlign", "noEndnote", "titlePg", "textDirection"),
    *("bidi", "rtlGutter", "docGrid", "printerSettings", "sectPrChange"),
)


def invent(kind: str, year: int, number: int) -> DocumentData:
    """What an invented agency writes a paper of a kind from, with two people to sign it."""
    papers = kinds.papers()
    data = invent_register(papers[kind][0], year, number) if kind in papers else invent_agency(year, number)
    signatories = (Signatory("นักวิเคราะห์นโยบายและแผน"), Signatory("ปลัด"))
    header = MemoHeader(office="สำนักปลัด", to="นายก")
    return dataclasses.replace(data, signatories=signatories, memo_header=header)


def read_body(written: bytes):
    with zipfile.ZipFile(io.BytesIO(written)) as file:
        return parse_xml(file.read("word/document.xml"))[0]


def write_word(document: blocks.Document) -> bytes:
    """The Word file without its charts."""
    sections = tuple(
        dataclasses.replace(s, blocks=tuple(b for b in s.blocks if not isinstance(b, blocks.Chart)))
        for s in document.sections
    )
    return docx_writer.write(dataclasses.replace(document, sections=sections), {})


MARGIN = 48  # points at the foot of a page, somewhat less than 1.8 centimetres


def is_small(paragraph) -> bool:
    spacing = paragraph.find(f".//{qn('w:spacing')}")
    return spacing is not None and (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("20", "exact")


@pytest.mark.parametrize("kind", KINDS)
def test_the_sections_of_a_word_file_follow_the_schema_and_end_in_no_empty_line(kind):
    for year, number in ((min(FRAMEWORKS), 1), (2568, 2), (max(FRAMEWORKS), 3)):
        body = read_body(write_word(compose_document(kind, invent(kind, year, number))))
        for section in body.iter(qn("w:sectPr")):
            children = [child.tag.removeprefix(f"{{{child.nsmap['w']}}}") for child in section]
            once = [name for name in children if not name.endswith("Reference")]
            assert len(once) == len(set(once))
            assert [SECTION_ORDER.index(name) for name in children] == sorted(map(SECTION_ORDER.index, children))
        ends = [body[-2], *(s.getparent().getparent() for s in body.iter(qn("w:sectPr")) if s is not body[-1])]
        for end in ends:
            is_empty = not "".join(end.itertext()).strip() and not end.findall(f".//{qn('w:drawing')}")
            assert not is_empty or is_small(end)
            before = end.getprevious()
            assert before.tag == qn("w:tbl") or "".join(before.itertext()).strip() or is_small(before)


def count_before(section: blocks.Section) -> float:
    """The lines that are bound to the end of a section, before its closing sentence."""
    bound = paging.arrange(section)
    if any(isinstance(block, paging.TableWithEnd) for block in bound):
        return 3
    start = len(bound) - 1
    while start and getattr(bound[start - 1], "keep_with_next", False):
        start -= 1
    closing = paging._find_end(section.blocks)
    before = bound[start : len(bound) - (len(section.blocks) - closing)]
    lists = [len(b.items) for b in before if isinstance(b, blocks.MarkedList)]
    return sum(lists) + sum(
        paging._count_block(b, section.width) for b in before if isinstance(b, blocks.Paragraph) and b.indent
    )


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
@pytest.mark.parametrize("kind", [*SIGNED, "memo"])
def test_signatures_bring_along_some_lines_of_what_goes_before(kind, year):
    for number in range(4):
        for section in compose_document(kind, invent(kind, year, number)).sections:
            if any(isinstance(block, blocks.Signature) for block in section.blocks):
                assert count_before(section) >= 1
                assert isinstance(section.blocks[-1], blocks.Signature)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("kind", SIGNED)
def test_the_last_row_of_a_table_is_on_the_page_of_the_signatures(kind, number):
    document = compose_document(kind, invent(kind, 2569, number))
    section = next(s for s in document.sections if isinstance(s.blocks[-1], blocks.Signature))
    tables = [block for block in paging.arrange(section) if isinstance(block, paging.TableWithEnd)]
    written = pdf.write(dataclasses.replace(document, sections=(section,)), {})
    opened = pypdfium2.PdfDocument(io.BytesIO(written))
    last = squeeze(opened[len(opened) - 1].get_textpage().get_text_range())
    assert last.count("(ลงชื่อ)") == sum(isinstance(block, blocks.Signature) for block in section.blocks)
    body = read_body(write_word(dataclasses.replace(document, sections=(section,))))
    signed = next(row for row in body.iter(qn("w:tr")) if "(ลงชื่อ)" in "".join(row.itertext()))
    assert signed.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None
    for table in tables:
        cells = [cell for row in table.rows[-table.count :] for cell in row.cells]
        texts = [line for cell in cells for line in (cell.text, *(box.text for box in cell.boxes)) if len(line) > 3]
        assert any(squeeze(text)[-12:] in last for text in texts)
        kept = signed.getprevious()  # in Word too: a row of the same table, since not every program keeps two together
        for _ in range(table.count):
            assert all(p.find(qn("w:pPr")).find(qn("w:keepNext")) is not None for p in kept.iter(qn("w:p")))
            kept = kept.getprevious()


def test_of_a_last_row_higher_than_its_page_the_last_lines_stay_with_the_signatures():
    text = "ดำเนินการตามมาตรการที่กำหนดไว้และรายงานผลต่อผู้บริหาร " * 11
    columns = (blocks.Column("ก", 6.0), blocks.Column("ข", 19.7))
    rows = blocks.rows(("ต้น", "แถวแรก"), (text + "ท้ายแถว", "สั้น"))
    document = compose_document("measures", sample_data("talingchan"))
    closing = document.sections[-1].blocks[-3:]
    table = blocks.Table(columns, rows, size=14)
    section = blocks.Section((table, *closing), landscape=True)
    (bound, *_) = paging.arrange(section)
    assert isinstance(bound, paging.TableWithEnd)
    assert bound.divided
    opened = pypdfium2.PdfDocument(io.BytesIO(pdf.write(dataclasses.replace(document, sections=(section,)), {})))
    pages = [squeeze(page.get_textpage().get_text_range()) for page in opened]
    assert "(ลงชื่อ)" in pages[-1]
    assert squeeze("ท้ายแถว") in pages[-1]
    assert "".join(pages).count(squeeze("ดำเนินการตามมาตรการ")) == 11


def test_rows_that_stay_are_some_lines_and_no_total_or_heading_alone():
    column = (blocks.Column("ก", 8.0),)
    short = blocks.rows(*(("แถว",) for _ in range(5)))
    total = blocks.Row((blocks.Cell("รวม"),), "total")
    group = blocks.Row((blocks.Cell("กลุ่ม"),), "group")
    assert paging.count_last_rows(blocks.Table(column, short)) == 3
    assert paging.count_last_rows(blocks.Table(column, (*short, total))) == 3
    assert paging.count_last_rows(blocks.Table(column, (*short, group, short[0]))) == 3
    assert paging.count_last_rows(blocks.Table(column, (*short, group, *short[:3]))) == 4
    tall = blocks.Row((blocks.Cell("\n".join("กขคง")),), "total")
    assert paging.count_last_rows(blocks.Table(column, (*short, tall))) == 2


def list_cuts(table: blocks.Table) -> list[str]:
    """The lines of cells that end inside a word or inside a part of a web address."""
    described = pdf._describe.dispatch(blocks.Table)(table, pdf._Context(25.7, {}))
    cuts = []
    for row, source in zip(described["rows"], table.rows, strict=True):
        for cell, written in zip(row["cells"], source.cells, strict=True):
            pieces = [p for line in written.text.split("\n") for unit in units(line) for p in parts(unit)]
            ends = set(itertools.accumulate(len(piece.replace(" ", "")) for piece in pieces))
            read = itertools.accumulate(len(re.sub(r"\s", "", line)) for line in cell["text"])
            cuts += [line for line, end in zip(cell["text"], read, strict=True) if end and end not in ends]
    return cuts


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_of_a_cell_is_broken_inside(kind):
    """Nor a web address elsewhere than between its parts; but what is longer than half of a table must be cut."""
    for year, number in ((min(FRAMEWORKS), 1), (2568, 2), (max(FRAMEWORKS), 3), (2569, 4)):
        for section in compose_document(kind, invent(kind, year, number)).sections:
            for table in paging.arrange(section):
                if isinstance(table, blocks.Table):
                    assert [cut for cut in list_cuts(table) if "กกก" not in cut] == []


@pytest.mark.parametrize(
    "words", ["ตลอดปีงบประมาณ", "https://www.klongsommut.go.th/plan/2570", "999,999,999,999.99", "www.example.go.th/ก"]
)
def test_a_column_is_made_as_wide_as_its_widest_word(words):
    columns = (blocks.Column("ก", 1.5), blocks.Column("ข", 8.0), blocks.Column("ค", 6.5))
    table = blocks.Table(columns, blocks.rows((words, "ข้อความที่ยาวกว่าหนึ่งบรรทัด " * 5, "สั้น")), size=14)
    assert list_cuts(table)
    fitted = paging.fit_columns(table)
    assert not list_cuts(fitted)
    assert fitted.size == 14
    assert sum(c.width for c in fitted.columns) == pytest.approx(16.0)
    assert [c.title for c in fitted.columns] == ["ก", "ข", "ค"]
    assert paging.fit_columns(fitted) == fitted


def test_where_no_column_has_room_letters_are_made_smaller():
    columns = tuple(blocks.Column("ก", 2.5) for _ in range(8))
    table = blocks.Table(columns, blocks.rows(("ผู้มีส่วนได้ส่วนเสีย",) * 8), size=16)
    fitted = paging.fit_columns(table)
    assert fitted.size < 16
    narrow = dataclasses.replace(table, columns=tuple(blocks.Column("ก", 1.2) for _ in range(8)))
    assert paging.fit_columns(narrow) == narrow  # nothing helps


def test_an_address_breaks_only_between_its_parts():
    address = "https://www.klongsommut.go.th/แผน-2570/view?id=5&a_b=1.2%20"
    assert parts(address) == ["https://www.klongsommut.go.th/", "แผน-", "2570/", "view?", "id=", "5&", "a_b=", "1.2%20"]
    assert parts("และ/หรือ") == ["และ/หรือ"]


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in kinds.papers() and k != "reminder"])
def test_a_remark_is_on_no_page_alone(kind):
    """It stands where people sign, never after an annex, and stays with what it remarks on."""
    year = max(FRAMEWORKS)
    assert FRAMEWORKS[year].is_provisional
    for number in range(4):
        document = compose_document(kind, invent(kind, year, number))
        (place,) = [s for s in document.sections if any(_is_remark(b) for b in s.blocks)]
        is_signed = any(isinstance(b, blocks.Signature) for s in document.sections for b in s.blocks)
        assert not is_signed or isinstance(place.blocks[-1], blocks.Signature)
        bound = paging.arrange(place)
        before = bound[next(n for n, b in enumerate(bound) if _is_remark(b)) - 1]
        assert isinstance(before, paging.TableWithEnd) or before.keep_with_next


def _is_remark(block: blocks.Block) -> bool:
    return isinstance(block, blocks.Paragraph) and block.lead == "หมายเหตุ"


LINE = (
    *("นักวิเคราะห์นโยบายและแผนชำนาญการ", "หัวหน้าฝ่ายอำนวยการ", "หัวหน้าสำนักปลัด", "ผู้อำนวยการกองคลัง", "ผู้อำนวยการกองช่าง"),
    *("ผู้อำนวยการกองการศึกษา", "ผู้อำนวยการกองสาธารณสุข", "ผู้อำนวยการกองสวัสดิการสังคม", "หัวหน้าหน่วยตรวจสอบภายใน"),
    *("รองปลัดองค์การบริหารส่วนตำบล", "ปลัดองค์การบริหารส่วนตำบล", "นายกองค์การบริหารส่วนตำบล"),
)


def signed_memo(count: int, year: int = 2564, opinion: str = "") -> blocks.Document:
    """A memo that so many people sign by hand."""
    line = tuple(
        Signatory(position, opinion=opinion if number else "") for number, position in enumerate(LINE[-count:])
    )
    data = dataclasses.replace(sample_data("phron"), signatories=line)
    return compose_document(
        "memo", data if year == 2564 else dataclasses.replace(invent("memo", year, 1), signatories=line)
    )


@pytest.mark.parametrize("count", [2, 4, 6, 7, 8, 10, 12])
def test_a_memo_that_many_sign_has_all_of_them_on_the_page_of_its_last_sentence(count):
    """No page with signatures alone, and none half empty before it: those that fill a page stand side by side."""
    opened = pypdfium2.PdfDocument(io.BytesIO(pdf.write(signed_memo(count), {})))
    pages = [squeeze(page.get_textpage().get_text_range()) for page in opened]
    (signed,) = [text for text in pages if "(ลงชื่อ)" in text]
    assert signed.count("(ลงชื่อ)") == count
    assert "จึงเรียนมาเพื่อโปรดทราบ" in signed
    body = signed.partition("จึงเรียน")[0]
    assert len(body) > 60  # some lines of what goes before
    places = [signed.index(squeeze(position)) for position in LINE[-count:]]
    assert len(set(places)) == count


@pytest.mark.parametrize("kind", ["half_year", "measures"])
@pytest.mark.parametrize("count", [3, 5, 6])
def test_a_small_table_before_many_signatures_leaves_no_heading_alone_and_nothing_in_the_margin(kind, count):
    """A table that is not broken elsewhere is here, where a page does not hold it with all who sign below."""
    signatories = tuple(Signatory(position) for position in LINE[-count:])
    data = dataclasses.replace(invent_agency(2570, 0), signatories=signatories)
    data = dataclasses.replace(data, measures=data.measures[:4])
    document = compose_document(kind, data)
    opened = pypdfium2.PdfDocument(io.BytesIO(pdf.write(document, {})))
    headings = [squeeze(b.text) for s in document.sections for b in s.blocks if isinstance(b, blocks.Heading)]
    for page in opened:
        text = page.get_textpage()
        letters = squeeze(text.get_text_range())
        number = re.search(r"-[๐-๙]+-$", letters)
        assert not any(letters.removesuffix(number[0] if number else "") == heading for heading in headings)
        # below what a page leaves free stands its number alone
        low = {text.get_text_range(n, 1) for n in range(text.count_chars()) if 0 < text.get_charbox(n)[3] < MARGIN}
        assert not set("".join(low)) - set("-๐๑๒๓๔๕๖๗๘๙ \r\n"), low


def test_a_high_row_under_the_name_of_its_group_is_divided_before_signatures():
    """The last row and its total do not leave their heading alone on the page before."""
    high = ("1", "\n".join(["จัดประชุม"] * 18))
    rows = (
        blocks.Row((blocks.Cell("มิติที่ 1", span=2),), "group"),
        blocks.Row(tuple(map(blocks.Cell, high))),
        blocks.Row((blocks.Cell("รวม"), blocks.Cell("1")), "total"),
    )
    table = blocks.Table((blocks.Column("ที่", 18.0), blocks.Column("โครงการ", 7.7)), rows, size=14, keep_with_next=True)
    signed = shared.build_signatures([Signatory("ปลัด"), Signatory("นายก")], with_opinions=False)
    end = (blocks.Paragraph(text="จึงรายงานมาเพื่อโปรดทราบ", keep_with_next=True), *signed)
    section = blocks.Section((blocks.Heading("4. ผลการดำเนินการ"), table, *end), landscape=True)
    document = dataclasses.replace(signed_memo(2), sections=(section,))
    first, last = pypdfium2.PdfDocument(io.BytesIO(pdf.write(document, {})))
    before, after = (squeeze(page.get_textpage().get_text_range()) for page in (first, last))
    assert before.startswith(squeeze("4. ผลการดำเนินการ"))
    assert before.count("จัดประชุม") == 18 - paging.LINES_WITH_END
    assert after.partition("จึงรายงานมา")[0].count("จัดประชุม") == paging.LINES_WITH_END
    assert after.count("(ลงชื่อ)") == 2


@pytest.mark.parametrize("count", [3, 8])
def test_signatures_stand_side_by_side_only_where_they_would_fill_a_page(count):
    (section, *_) = signed_memo(count).sections
    arranged = paging.arrange(section)
    pairs = [block for block in arranged if isinstance(block, paging.SignaturePair)]
    assert len(pairs) == (count // 2 if count > 3 else 0)
    sides = [s for block in arranged if isinstance(block, blocks.Signature) for s in getattr(block, "sides", (block,))]
    assert [s.position for s in sides] == [s.position for s in section.blocks if isinstance(s, blocks.Signature)]
    rows = [row for row in read_body(write_word(signed_memo(count))).iter(qn("w:tr")) if len(list(row)) == 3]
    paired = [row for row in rows if sum("(ลงชื่อ)" in t.text for t in row.iter(qn("w:t"))) == 2]
    assert len(paired) == len(pairs)
    assert all(row.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None for row in paired)


def test_the_second_page_of_a_memo_is_numbered_and_the_first_is_not():
    written = signed_memo(8)
    opened = pypdfium2.PdfDocument(io.BytesIO(pdf.write(written, {})))
    numbers = [re.findall(r"-([๐-๙]+)-", squeeze(page.get_textpage().get_text_range())) for page in opened]
    assert numbers == [[], *([thai_number] for thai_number in "๒๓๔๕๖"[: len(opened) - 1])]
    body = read_body(write_word(written))
    first, *others = body.iter(qn("w:sectPr"))
    assert first.find(qn("w:titlePg")) is not None
    assert first.findall(qn("w:footerReference"))
    assert not [section for section in others if section.find(qn("w:titlePg")) is not None]
