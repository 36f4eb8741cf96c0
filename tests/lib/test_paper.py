"""Lines broken at words, and PDFs whose text layer says what was written."""

import io
import itertools
import re
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.lib import lines as line_breaks
from prongsai.lib import textlayer, thai, typeset
from prongsai.lib.lines import units

# every stack of marks that Thai words have: low, high and wide consonants, two marks, ำ with and without a tone
WORDS = (
    "ทั้งนี้ น้ำดื่ม ดำเนินงาน อำนาจหน้าที่ ปิ่น ค่าเป้าหมาย ที่ ขั้น ซื้อ ญาติ ผู้ใหญ่ ฐานะ กฎหมาย ฎีกา ฤดู ป่า ฝ้าย ฟ้า กี่ เก่ง แผ่น โป๊ะ ใบ ไม้ ก้ำกึ่ง ซ้ำ "
    "เพิ่ม สิ้นสุด พื้นที่ ตัวชี้วัด ปฏิบัติ ญัตติ กตัญญู ปรากฏ วัตถุประสงค์ ศูนย์ สัมฤทธิ์ เฮ้อ จ๊ะ จ๋า ฯลฯ ต่าง ๆ O36 e-Service ๙๖.๐๔ fi ffi “ผ่าน” (ก) – ฿"
)


@pytest.fixture(scope="module", params=["a-2u", None])
def sheet(request, tmp_path_factory) -> bytes:
    template = tmp_path_factory.mktemp("paper") / "words.typ"
    template.write_text(
        "#set document(date: datetime(year: 2025, month: 1, day: 1))\n"
        '#set text(font: "Sarabun", lang: "th", fallback: false)\n'
        "#let words = json(bytes(sys.inputs.data))\n#for w in words [#w \\ ]\n#for w in words [#strong(w) \\ ]\n",
        encoding="utf-8",
    )
    return typeset.pdf(template, WORDS.split(), standard=request.param)


def test_a_reader_that_honours_actual_text_finds_each_word(sheet):
    document = pypdfium2.PdfDocument(sheet)
    found = [w.strip() for n in range(len(document)) for w in document[n].get_textpage().get_text_range().splitlines()]
    assert [w for w in found if w] == WORDS.split() * 2


def test_a_reader_that_does_not_finds_each_word_with_am_in_two_letters(sheet):
    found = [w.strip() for page in pypdf.PdfReader(io.BytesIO(sheet)).pages for w in page.extract_text().splitlines()]
    assert [thai.whole_am(w) for w in found if w] == WORDS.split() * 2


def test_no_mark_stands_in_a_run_of_its_own(sheet):
    """Readers that look at base lines (poppler) would put spaces around it."""
    runs: list[str] = []
    with pikepdf.open(io.BytesIO(sheet)) as pdf:
        for page in pdf.pages:
            tables = {
                str(name): {
                    int(a, 16): bytes.fromhex(b.decode()).decode("utf-16-be")
                    for a, b in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", font.ToUnicode.read_bytes())
                }
                for name, font in page.Resources.Font.items()
            }
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "BT":
                    runs.append("")
                elif str(operator) == "Tf":
                    letters = tables[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    for part in operands[0] if str(operator) == "TJ" else operands:
                        if isinstance(part, pikepdf.String):
                            codes = bytes(part)
                            runs[-1] += "".join(letters[codes[n] << 8 | codes[n + 1]] for n in range(0, len(codes), 2))
    assert len(runs) > 100
    assert [run for run in runs if thai.is_mark(run[0])] == []


def test_a_second_repair_changes_nothing(sheet):
    fonts = sorted(typeset.FONTS.glob("*.ttf"))
    repaired_twice = textlayer.repair(sheet, fonts)
    with pikepdf.open(io.BytesIO(sheet)) as a, pikepdf.open(io.BytesIO(repaired_twice)) as b:
        assert [p.Contents.read_bytes() for p in a.pages] == [p.Contents.read_bytes() for p in b.pages]


def test_a_font_that_is_not_known_is_refused(sheet):
    with pytest.raises(textlayer.UnknownGlyphError):
        textlayer.repair(sheet, sorted(typeset.FONTS.glob("*Regular.ttf")))


def test_a_broken_template_raises_the_message_of_typst(tmp_path: Path):
    template = tmp_path / "x.typ"
    template.write_text("#nothing-of-this-name")
    with pytest.raises(typeset.TypesetError, match="unknown variable"):
        typeset.pdf(template, {})


# --- lines

TEXT = (
    "เปิดกระดานถามตอบที่เข้าได้จากเว็บไซต์หลัก มอบหมายผู้ตอบประจำวัน และให้เห็นตัวอย่างคำถามที่หน่วยงานตอบแล้ว ตามประกาศคณะกรรมการ “ป้องกันและปราบปรามการทุจริต” "
    "ได้คะแนน 95.33 คะแนน (ตัวชี้วัดที่ 10) ต่าง ๆ พ.ศ. 2568 ป.ป.ช. งบประมาณ 20,000 บาท ไตรมาส"
)


@pytest.mark.parametrize("width", [12, 14.5, 20, 27, 40])
def test_lines_end_where_words_end(width):
    face = typeset.face(bold=False)
    lines = face.lines(TEXT, width)
    assert " ".join(lines).replace(" ", "") == TEXT.replace(" ", "")
    ends, at = set(), 0
    for unit in units(TEXT):
        at += len(unit.replace(" ", ""))
        ends.add(at)
    at = 0
    for line in lines:
        assert face.width(line) <= width
        assert not re.match(r"[”)\]ๆ.,:;\u0e30-\u0e3a\u0e45-\u0e4e]", line), line
        assert not re.search(r"[“(\[เแโใไ]$", line), line
        at += len(line.replace(" ", ""))
        assert at in ends, line


@pytest.mark.parametrize(
    "word", ["มอบหมาย", "คณะกรรมการ", "งบประมาณ", "ไตรมาส", "เว็บไซต์", "ป.ป.ช.", "พ.ศ. 2568", "20,000 บาท", "ต่าง ๆ"]
)
def test_words_that_are_not_broken(word):
    assert any(word in unit for unit in units(TEXT)), units(TEXT)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("คู่มือหรือแนวทางการปฏิบัติงาน", "แนวทาง"),
        ("และกำหนดแนวทางแก้ไขตามลำดับ", "แนวทาง"),
        ("เผยแพร่ช่องทางการสื่อสาร", "ช่องทาง"),
        ("จัดทำรายงานการรับของขวัญ", "รายงาน"),
        ("แก้ไขข้อความในประกาศ", "ข้อความ"),
        ("ดำเนินการตั้งแต่ต้นปีงบประมาณ", "ตั้งแต่"),
        ("ลดขั้นตอนที่ไม่จำเป็น", "ขั้นตอน"),
        ("ไม่ยินยอมให้ผู้อื่น", "ยินยอม"),
    ],
)
def test_no_line_ends_where_the_border_of_two_words_is_doubtful(text, word):
    """A dictionary reads แนว|ทางการ where a reader reads แนวทาง|การ."""
    assert any(word in unit for unit in units(text)), units(text)
    assert "".join(units(text)) == text


def test_a_line_end_stays_and_a_word_wider_than_a_line_is_cut_at_a_letter():
    lines = typeset.face(bold=True).lines("ก\n" + "กิ๊" * 40, 10)
    assert lines[0] == "ก\n"
    assert "".join(lines[1:]) == "กิ๊" * 40
    assert not any(thai.is_mark(line[0]) for line in lines)
    assert len(lines) > 3


@pytest.mark.parametrize("text", ["ก", "กขค", "ก ข", "กิ๊"])
def test_a_column_narrower_than_a_letter_comes_to_an_end(text):
    """A letter that fits nowhere stands on a line of its own; nothing is lost, and nobody waits for ever."""
    lines = typeset.face(bold=True).lines(text, 0.1)
    assert "".join(lines) == text.replace(" ", "")
    assert all(sum(not thai.is_mark(letter) for letter in line) <= 1 for line in lines)


def test_widths_that_are_remembered_do_not_fill_the_memory(monkeypatch):
    face = typeset.face(bold=False)
    wide = face.width("ก")
    monkeypatch.setattr(line_breaks, "_MAX_REMEMBERED", 10)
    for number in range(100):
        assert face.width(f"ก{number}") > wide
        assert len(face._units) <= 11
    assert face.width("ก") == wide


_THAI_WORDS = [
    "และ",
    "อื่น",
    "ต่าง",
    "หน่วยงาน",
    "รัฐ",
    "ประกาศ",
    "เปิดเผย",
    "แผน",
    "ใช้",
    "โครงการ",
    "กิจกรรม",
    "ป้องกัน",
    "ทุจริต",
    "สำนักงาน",
    "เว็บไซต์",
    "ไตรมาส",
    "ข้อมูล",
    "วันที่",
    "คะแนน",
]
_BESIDE = (
    "ๆ",
    "ป.ป.ช.",
    "พ.ศ. 2570",
    "https://www.example.go.th/a/b.pdf,",
    "www.example.go.th/แผน/",
    "รายงาน_2570.pdf",
    "ภาพกิจกรรม (1).jpg",
    "5",
    "12.50 คะแนน",
    "ตัวชี้วัดที่ 10",
    "(",
    ")",
)


@given(st.lists(st.tuples(st.sampled_from([*_THAI_WORDS, *_BESIDE]), st.sampled_from(["", " "])), max_size=14))
def test_no_unit_begins_or_ends_inside_a_cluster_whatever_stands_beside_it(words):
    """Nor is anything lost. “และอื่น ๆ” after an address or the name of a file was once broken after its first letter."""
    text = " ".join("".join(word + gap for word, gap in words).split())
    assert "".join(units(text)) == text
    for unit in units(text):
        assert not thai.is_mark(unit[0]) or unit[0] == text[0], unit
        assert not re.match("[\u0e30-\u0e3a\u0e45]", unit) or text.startswith(unit), unit
        assert unit[-1] not in "เแโใไ", unit
        assert unit == "ๆ" or not unit.startswith("ๆ") or text.startswith("ๆ"), unit


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("c.pdf และอื่น ๆ รวม 4 รายการ", "อื่น ๆ"),
        ("https://www.example.go.th/a.pdf และอื่น ๆ", "อื่น ๆ"),
        ("ประกาศต่าง ๆ", "ต่าง ๆ"),
        ("ประกาศต่าง ๆ", "ประกาศ"),
        ("หน่วยงานของรัฐอื่น ๆ", "รัฐ"),
        ("ครบ 5 ข้อมูล", "ข้อมูล"),
        ("ภายใน 3 วันทำการ", "วันทำการ"),
        ("คณะกรรมการป้องกันและปราบปรามการทุจริตแห่งชาติและหน่วยงานที่เกี่ยวข้องของสำนักงาน ป.ป.ช. เพื่อทราบ", "คณะกรรมการ"),
        ("รายงานให้คณะกรรมการป้องกันและปราบปรามการทุจริตแห่งชาติและหน่วยงานที่เกี่ยวข้องทราบตามที่สั่งป.ป.ช.", "ปราบปราม"),
    ],
)
def test_what_stays_together_begins_and_ends_with_a_word(text, whole):
    words = [w for w in units(text) if whole in w]
    assert words, units(text)
    assert "".join(units(text)) == text


@given(
    st.lists(st.sampled_from([*_THAI_WORDS, "https://x.go.th/", "_", "-", "2570"]), min_size=1, max_size=25),
    st.integers(4, 14),
)
def test_what_is_wider_than_a_line_is_cut_at_the_end_of_a_cluster(words, width):
    text = "".join(words)
    lines = typeset.face(bold=False).lines(text, width)
    assert "".join(lines) == text
    for before, after in itertools.pairwise(lines):
        assert before[-1] not in "เแโใไ", lines
        assert not thai.is_mark(after[0]), lines


def test_what_is_wider_than_a_line_is_cut_at_the_end_of_a_word_where_one_ends_in_the_line():
    address = "https://www.example.go.th/แผนปฏิบัติการป้องกันการทุจริตของหน่วยงาน"
    face = typeset.face(bold=False)
    first, second, *others = face.lines(address, 14)
    assert first == "https://www.example.go.th/"
    assert others
    words = set(itertools.accumulate(line_breaks._split_words(address.removeprefix(first))))
    assert address.removeprefix(first)[: len(second)] in words


@given(st.text(st.sampled_from("กขคงจ ะาำิีุู่้๊เแโใ1 2.()“”/\nabc"), max_size=120), st.integers(3, 40))
def test_nothing_is_lost_in_lines(text, width):
    lines = typeset.face(bold=False).lines(text, width)
    assert "".join(lines).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")
    assert sum(line.endswith("\n") for line in lines) == text.count("\n")


# --- digits and dates


@pytest.mark.parametrize(
    ("text", "thai_text"),
    [
        ("ปี 2568 ข้อ O1 และ i12 ได้ 96.04", "ปี ๒๕๖๘ ข้อ O1 และ i12 ได้ ๙๖.๐๔"),
        ("https://a.go.th/ข้อ1/2568?x=1 หน้า 3", "https://a.go.th/ข้อ1/2568?x=1 หน้า ๓"),
        ("EIT ส่วนที่ 2 (85 คะแนน)", "EIT ส่วนที่ ๒ (๘๕ คะแนน)"),
        ("โทร. 0 4412 3456", "โทร. ๐ ๔๔๑๒ ๓๔๕๖"),
    ],
)
def test_thai_digits_leave_codes_and_addresses(text, thai_text):
    assert thai.in_thai_digits(text) == thai_text


def test_a_web_address_is_cut_between_its_parts():
    address = "https://www.example.go.th/ita/2568/O12_monthly-procurement.php?year=2568&file=summary-of-march.pdf"
    for width in (14, 18, 25):  # a host is in a line of 14
        lines = typeset.face(bold=False).lines(address, width)
        assert len(lines) > 1
        assert "".join(lines) == address
        assert all(line[-1] in "/?&=-" for line in lines[:-1]), (width, lines)


def test_names_are_ordered_by_the_numbers_in_them():
    names = [
        "ภาพ_10.jpg",
        "ภาพ_1.jpg",
        "ภาพ_๒.jpg",
        "ภาพ.jpg",
        "2.pdf",
        "10.pdf",
        "Ab_3",
        "ab_12",
        "",
        "ภาพ_1_10",
        "ภาพ_1_9",
    ]
    ordered = sorted(names, key=thai.natural_key)
    for before, after in (
        ("ภาพ_1.jpg", "ภาพ_๒.jpg"),
        ("ภาพ_๒.jpg", "ภาพ_10.jpg"),
        ("2.pdf", "10.pdf"),
        ("Ab_3", "ab_12"),
    ):
        assert ordered.index(before) < ordered.index(after)
    assert ordered.index("ภาพ_1_9") < ordered.index("ภาพ_1_10")


@given(st.lists(st.text(max_size=8)))
def test_the_natural_order_is_an_order_of_any_names(names):
    assert sorted(names, key=thai.natural_key) == sorted(sorted(names), key=thai.natural_key) or len(
        {thai.natural_key(n) for n in names}
    ) < len(names)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("นโยบาย No Gift Policyปี 2570", "นโยบาย No Gift Policy ปี 2570"),
        ("ยังไม่มีITAของปี", "ยังไม่มี ITA ของปี"),
        ("ข้อ O1 ของแผน 2570", "ข้อ O1 ของแผน 2570"),
        ("แผนปฏิบัติการปี 2570", "แผนปฏิบัติการปี 2570"),
    ],
)
def test_a_name_in_latin_letters_stands_apart(text, written):
    assert thai.spaced(text) == written
    assert thai.spaced(written) == written
