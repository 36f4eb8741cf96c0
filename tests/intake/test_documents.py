"""The same five results in every format: the same figures, each with the place it stood."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from prongsai.intake import Row, figures_of, read, read_rows, vocabulary
from prongsai.intake.vocabulary import Vocabulary
from tests.content import DOCUMENTS, TRUTH
from tests.formats import write_csv, write_docx, write_txt, write_xlsx
from tests.intake.reading import FRAMEWORKS, found, unsure

AGENCIES = {
    "lumphuek": "องค์การบริหารส่วนตำบลลุ่มพื้ก",
    "daengmo": "องค์การบริหารส่วนตำบลแดงหม้อ",
    "bangpla": "เทศบาลตำบลบางปลา",
    "talingchan": "สำนักงานเขตตลิ่งชัน",
    "phron": "องค์การบริหารส่วนตำบลพร่อน",
}
WRITERS = {"txt": write_txt, "csv": write_csv, "docx": write_docx, "xlsx": write_xlsx}
DATA = Path(__file__).parents[1] / "data"
PDFS = sorted(DATA.glob("*-*.pdf"))
SAMPLES = Path(__file__).parents[2] / "samples"


def sure(path: Path) -> tuple[set[tuple[int, str, str]], str | None]:
    """Figures and agency of a document, which is opened in this process: the other one takes longer to start."""
    (reading,) = figures_of(read_rows(path, trusted=True), FRAMEWORKS)
    assert all(f.sure for f in reading.figures), [f for f in reading.figures if not f.sure]
    assert all(f.place for f in reading.figures)
    return {(f.fiscal_year, f.node, f.value) for f in reading.figures}, reading.agency


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("kind", WRITERS)
def test_written_documents(tmp_path, name, kind):
    figures, agency = sure(WRITERS[kind](DOCUMENTS[name], tmp_path / f"x.{kind}"))
    assert figures == TRUTH[name]
    assert agency == AGENCIES[name]


@pytest.mark.parametrize("path", PDFS, ids=[p.stem for p in PDFS])
def test_pdfs(path):
    name = path.stem.partition("-")[0]
    figures, agency = sure(path)
    missing = TRUTH[name] - figures
    if path.stem == "bangpla-office":  # its text layer scatters the quoted level over the line
        missing -= {(2567, "level", "ผ่านดี"), (2568, "level", "ผ่านดี")}
    assert not missing
    assert figures <= TRUTH[name]
    assert agency == AGENCIES[name]


@pytest.mark.parametrize("path", [DATA / "lumphuek-plain.pdf", "docx", "xlsx"], ids=["pdf", "docx", "xlsx"])
def test_a_process_of_its_own_reads_the_same(tmp_path, path):
    if isinstance(path, str):
        path = WRITERS[path](DOCUMENTS["lumphuek"], tmp_path / f"x.{path}")
    (reading,) = read(path, FRAMEWORKS)
    assert reading == figures_of(read_rows(path, trusted=True), FRAMEWORKS)[0]
    assert {(f.fiscal_year, f.node, f.value) for f in reading.figures} == TRUTH["lumphuek"]


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("encoding", ["cp874", "utf-16"])
def test_old_encodings(tmp_path, name, encoding):
    blocks = [b.replace("✓", "") if isinstance(b, str) else b for b in DOCUMENTS[name]]
    figures, _ = sure(write_txt(blocks, tmp_path / "x.txt", encoding))
    assert figures == TRUTH[name]


def test_the_samples_are_what_is_tested(tmp_path):
    for path in sorted(SAMPLES.iterdir()):
        name = path.stem.partition("-")[0]
        figures, agency = sure(path)
        assert (figures, agency) == (TRUTH[name], AGENCIES[name]), path


# --- ways of laying out
# -------------------------------------------------------------------------------------------------


TITLE = "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565"


def test_the_name_decides_not_the_number_before_it():
    assert found(TITLE, ["1", "การป้องกันการทุจริต", "90.00"], ["2", "การปฏิบัติหน้าที่", "80.00"]) == {
        (2565, "10", "90.00"),
        (2565, "1", "80.00"),
    }


@pytest.mark.parametrize(
    "name", ["การใช้อำนาจ", "การใช้อํานาจ", "การใช ้อ านาจ", "การใช้อำนาจหน้าที่", "ตัวชี้วัดที่ 3 การใช้อำนาจ", "๓. การใช้อำนาจ"]
)
def test_names_that_differ_or_are_damaged(name):
    assert found(TITLE, [name, "88.20"]) == {(2565, "3", "88.20")}


def test_a_misspelt_name_is_read_and_one_too_far_off_is_not():
    assert found(TITLE, ["การเปิดเผยขอมูล", "88.20"]) == {(2565, "9", "88.20")}
    assert found(TITLE, ["การส่งเสริมการท่องเที่ยว", "88.20"]) == set()


@given(st.text("กขคง", min_size=4, max_size=12), st.integers(0, 12), st.integers(0, 12), st.text("กขคง", max_size=6))
def test_whatever_resembles_a_name_is_compared_with_it(letters, start, end, instead):
    name = letters[:start] + instead + letters[end:]
    assert vocabulary._may_resemble(letters, name) or fuzz.ratio(letters, name) < vocabulary._RESEMBLES


def test_names_and_numbers_on_lines_of_their_own():
    assert found(TITLE, "การปฏิบัติหน้าที่", "90.10", "การใช้งบประมาณ", "80.20") == {
        (2565, "1", "90.10"),
        (2565, "2", "80.20"),
    }
    assert found(TITLE, "อ่าน", "90.10", "การปฏิบัติหน้าที่", "80.20", "การใช้งบประมาณ") == {
        (2565, "1", "90.10"),
        (2565, "2", "80.20"),
    }


def test_an_unknown_name_in_such_a_run_makes_the_run_unsure():
    lines = (TITLE, "อ่าน", "90.10", "การปฏิบัติหน้าที่", "80.20", "การใช้งบประมาณ", "70.30")
    assert found(*lines) == set()
    assert len(unsure(*lines)) == 2


def test_a_table_whose_cells_came_out_one_on_a_line():
    heads = ("ลำดับ", "ตัวชี้วัด", "เครื่องมือ", "น้ำหนัก (ร้อยละ)", "คะแนน")
    rows = [
        ("1", "การปฏิบัติหน้าที่", "IIT", "6", "76.50"),
        ("2", "การใช้งบประมาณ", "IIT", "6", "90.10"),
        ("3", "คุณภาพการดำเนินงาน", "EIT", "10", "88.40"),
        ("4", "การเปิดเผยข้อมูล", "OIT", "20", "70.20"),
    ]
    wanted = {(2565, "1", "76.50"), (2565, "2", "90.10"), (2565, "6", "88.40"), (2565, "9", "70.20")}
    assert found(TITLE, *heads, *(c for r in rows for c in r), "โทร. 0 4399 1234") == wanted
    assert found(TITLE, *heads[1:], *(c for r in rows for c in r[1:])) == wanted


def test_two_numbers_without_a_head_are_unsure():
    row = ["การปฏิบัติหน้าที่", "90.10", "80.20"]
    assert found(TITLE, row) == set()
    assert ("90.10", "แถวนี้มีตัวเลขหลายตัวและไม่พบหัวตารางที่บอกปี") in unsure(TITLE, row)


def test_sub_indicators_by_code_and_name():
    head = ["ข้อ", "รายการ", "คะแนน"]
    title = "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568"
    row = ["9.2", "การบริหารงานและการใช้จ่ายงบประมาณ", "85.71"]  # ends as the name of indicator 2 does
    assert found(title, head, row) == {(2568, "9.2", "85.71")}
    assert found(title, head, ["9.2", "การดูแลต้นไม้ในสวนสาธารณะ", "85.71"]) == set()


def test_a_sub_indicator_beside_the_items_it_is_made_of():
    title = "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2564"
    head = ["ตัวชี้วัดย่อย", "ชื่อ", "ข้อ", "คะแนน"]
    assert found(title, head, ["9.1", "ข้อมูลพื้นฐาน", "O1 - O9", "88.89"]) == {(2564, "9.1", "88.89")}
    assert found(title, ["ตัวชี้วัดย่อยที่ 9.1 ข้อมูลพื้นฐาน", "คะแนนเฉลี่ย", "88.89"]) == {(2564, "9.1", "88.89")}
    line = "ตัวชี้วัดย่อยที่ 9.1 ข้อมูลพื้นฐาน ได้ 88.89 คะแนน และ 10.2 มาตรการภายในเพื่อป้องกันการทุจริต 50.00 คะแนน"
    assert found(title, line) == {(2564, "9.1", "88.89"), (2564, "10.2", "50.00")}


def test_a_column_that_says_which_instrument_an_indicator_is_of():
    head = ["ตัวชี้วัด", "แบบวัด", "คะแนน"]
    rows = (["การปฏิบัติหน้าที่", "IIT", "90.10"], ["รวม", "คะแนน IIT", "88.00"])
    assert found(TITLE, head, *rows) == {(2565, "1", "90.10"), (2565, "IIT", "88.00")}


def test_the_score_of_an_indicator_beside_that_of_its_first_item():
    head = ["ตัวชี้วัด", "ข้อ", "คะแนน", "คะแนนตัวชี้วัด"]
    rows = (["1 การปฏิบัติหน้าที่", "i1", "97.20", "97.07"], ["", "i2", "95.60", ""])
    assert found(TITLE, head, *rows) == {(2565, "i1", "97.20"), (2565, "1", "97.07"), (2565, "i2", "95.60")}


def test_an_item_whose_name_ends_as_an_indicators_does():
    title, head = "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568", ["ข้อ", "ประเด็น", "คะแนน"]
    row = ["O26", "รายงานผลการดำเนิน การป้องกันการทุจริต", "75.00"]
    assert found(title, "ตัวชี้วัดที่ 10 การป้องกันการทุจริต", head, row) == {(2568, "O26", "75.00")}


def test_what_last_year_had_is_not_how_much_it_rose():
    line = "ได้คะแนนรวม 90.91 เพิ่มขึ้นจากปีที่แล้ว (ปี 2564 ได้ 81.47 คะแนน)"
    assert not any(node.startswith("change") for _, node, _ in found(TITLE, line))


def test_a_title_over_a_table_does_not_name_its_first_row():
    rows = (["ข้อ", "ประเด็นคำถาม", "คะแนน"], ["i1", "ทำงานตามขั้นตอน", "88.17"])
    assert found(TITLE, "ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่", *rows) == {(2565, "i1", "88.17")}


def test_a_weight_told_in_a_sentence_is_not_taken_for_a_score():
    line = "เครื่องมือมีสามชุด คือ IIT ร้อยละ 30 EIT ร้อยละ 30 และ OIT ร้อยละ 40"
    assert found(TITLE, line) == set()


def test_the_year_that_a_result_is_used_for_is_not_its_own():
    title = "(ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2564 เพื่อใช้ปรับปรุงในปีงบประมาณ พ.ศ. 2565)"
    assert found(title, ["การปฏิบัติหน้าที่", "90.10"]) == {(2564, "1", "90.10")}
    plans = ["จัดทำคู่มือภายในไตรมาส 2 ของปีงบประมาณ พ.ศ. 2565"] * 5
    title = "เข้ารับการประเมิน ITA ในปีงบประมาณ พ.ศ. 2564"
    assert found(title, *plans, ["การปฏิบัติหน้าที่", "90.10"]) == {(2564, "1", "90.10")}


def test_years_side_by_side_under_a_merged_head():
    rows = (["ตัวชี้วัด", "คะแนน", "", "ผลต่าง"], ["", "ปี 2564", "ปี 2565", ""], ["การปฏิบัติหน้าที่", "80.00", "90.10", "+10.10"])
    assert found(TITLE, *rows) == {(2564, "1", "80.00"), (2565, "1", "90.10"), (2565, "change/1", "+10.10")}


def test_weights_targets_ranks_and_weighted_points_are_no_scores():
    head = ["ลำดับ", "แบบวัด", "คะแนน", "น้ำหนัก", "คะแนนถ่วงน้ำหนัก", "ค่าเป้าหมาย"]
    rows = (
        head,
        ["1", "IIT", "90.00", "30", "27.00", "85"],
        ["2", "EIT", "80.00", "30", "24.00", "85"],
        ["3", "คะแนนรวม", "", "", "51.00", ""],
    )
    assert found(TITLE, *rows) == {(2565, "IIT", "90.00"), (2565, "EIT", "80.00"), (2565, "overall", "51.00")}


def test_one_agency_a_row():
    head = ["หน่วยงาน", "การปฏิบัติหน้าที่", "การใช้งบประมาณ", "การใช้อำนาจ", "คะแนนรวม", "ระดับ"]
    rows = [
        Row((TITLE,), "x"),
        *(
            Row(tuple(r), "x", 1)
            for r in (
                head,
                ["อบต.หนึ่งสอง", "90.1", "80.2", "70.3", "85.00", "A"],
                ["อบต.สามสี่", "60.1", "50.2", "40.3", "55.00", "D"],
            )
        ),
    ]
    readings = figures_of(rows, FRAMEWORKS)
    assert [r.agency for r in readings] == ["อบต.หนึ่งสอง", "อบต.สามสี่"]
    assert {(f.node, f.value) for f in readings[1].figures} == {
        ("1", "60.1"),
        ("2", "50.2"),
        ("3", "40.3"),
        ("overall", "55.00"),
        ("level", "D"),
    }


def test_items_damaged_in_the_two_known_ways():
    assert (2565, "i1", "90.00") in found(TITLE, "แบบวัด IIT", "1. การปฏิบัติหน้าที่", ["IIT", "ข้อ ๑๑", "90.00"])
    assert (2565, "i11", "90.00") in found(TITLE, "แบบวัด IIT", "2. การใช้งบประมาณ", ["IIT", "ข้อ ๑๑", "90.00"])
    assert (2565, "O1", "100") in found(TITLE, "แบบวัด OIT", "9. การเปิดเผยข้อมูล", ["OIT", "ข้อ ๐๑", "100"])


def test_an_external_item_needs_its_part_after_the_split():
    title = "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568"
    assert found(title, ["e1", "90.00"]) == set()
    assert unsure(title, ["e1", "90.00"]) == [("90.00", "ไม่รู้ว่าเป็น EIT ส่วนที่ 1 หรือ 2")]
    assert found(title, "EIT ส่วนที่ 2", ["e1", "90.00"]) == {(2568, "EIT2/e1", "90.00")}


@pytest.mark.parametrize(
    "line",
    [
        "เป้าหมายปีหน้า คะแนนรวมไม่น้อยกว่า 95.00 คะแนน (ระดับ AA)",
        "คะแนนเฉลี่ยระดับประเทศ 87.57 คะแนน",
        "น้ำหนัก IIT ร้อยละ 30 EIT ร้อยละ 30 OIT ร้อยละ 40",
        "เกณฑ์: AA 95.00-100 A 85.00-94.99 B 75.00-84.99 C 65.00-74.99",
        "การใช้งบประมาณด้านโครงสร้างพื้นฐาน ร้อยละ 87.15 ของแผน",
        "ผู้ตอบแบบวัด IIT 64 คน (ร้อยละ 100.00)",
        "3.8 การเปิดเผยข้อมูล",
        "แผนปฏิบัติการป้องกันการทุจริต ใช้งบ 90.00 บาท",
        "โทร. 0 4399 1234 ต่อ 90",
    ],
)
def test_numbers_that_are_no_score_of_the_agency(line):
    assert found(TITLE, line) == set()


def test_a_year_given_on_the_command_line_wins():
    assert found("ผลการประเมิน ITA ปี 2564", ["การปฏิบัติหน้าที่", "90.00"], year=2563) == {(2563, "1", "90.00")}


def test_without_any_year_nothing_is_sure():
    assert found(["การปฏิบัติหน้าที่", "90.00"]) == set()
    assert unsure(["การปฏิบัติหน้าที่", "90.00"]) == [("90.00", "ไม่พบปีงบประมาณในเอกสาร")]


# --- names in a cell
# -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("การปฏิบัติหน้าที่", ("1", True)),
        ("การปฏิบัติหน้าที่ และ การใช้งบประมาณ", None),
        ("แบบวัด IIT", ("IIT", True)),
        ("ตัวชี้วัดที่ 8 การปรับปรุงระบบการทำง่าม", ("8", True)),
        ("การปฏัดหนาทิ", ("1", False)),
        ("ราคากลาง", None),
        ("ก", None),
    ],
)
def test_what_a_cell_names(cell, named):
    mention = Vocabulary(list(FRAMEWORKS.values())).cell(cell)
    assert (mention and (mention.id, mention.sure)) == named


def test_a_name_on_the_next_line_is_not_sought_before():
    """The line ends with "ต่ำสุด ได้แก่": what it named before was the highest."""
    title = "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568"
    line = "ตัวชี้วัดที่ได้คะแนนสูงสุด ได้แก่ การใช้งบประมาณ (100.0 คะแนน) ส่วนตัวชี้วัดที่ได้คะแนนต่ำสุด ได้แก่"
    assert {f for f in found(title, line) if "/" in str(f)} == {
        f for f in found(title, line) if "highest/all" in str(f)
    }


@pytest.mark.parametrize("code", ["O01", "o1", "O.1", "O 1"])
def test_a_column_of_an_item_is_headed_by_its_code_in_any_spelling(code):
    table = [["หน่วยงาน", "คะแนนรวม", "IIT", code], ["เทศบาลตำบลทดสอบ", "90.00", "91.00", "100.00"]]
    assert (2568, "O1", "100.00") in found("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568", *table)
