"""Neighbours of what the twelfth set of documents showed to be read wrongly or not at all: such layouts in other words,
of other agencies and years."""

import pytest

from prongsai.analysis import audit
from prongsai.intake import figures_of
from prongsai.intake.vocabulary import Vocabulary
from prongsai.intake.wrapped import unwrapped
from tests.intake.reading import FRAMEWORKS, rows

TOWN = "เทศบาลตำบลบ้านสมมุติ"


def title(year: int) -> str:
    return f"ผลการประเมินคุณธรรมและความโปร่งใส (ITA) {TOWN} ประจำปีงบประมาณ พ.ศ. {year}"


def read(lines, *, sure=True):
    """Scores and changes, of each agency, as "agency year/node=value"."""
    return {
        f"{r.agency} {f.fiscal_year}/{f.node}={f.value}"
        for r in figures_of(rows(tuple(lines)), FRAMEWORKS)
        for f in r.figures
        if f.sure is sure and f.kind in ("score", "change")
    }


def of(agency: str, year: int, **values: str) -> set[str]:
    """Figures of an agency; ``i1`` is the first indicator."""
    return {f"{agency} {year}/{node.removeprefix('i')}={value}" for node, value in values.items()}


FIRST = ("กรมน้ำตกสมมุติ", "91.20", "90.10", "97.00", "93.19")
SECOND = ("กรมทางน้ำสมมุติ", "95.20", "91.10", "99.00", "95.49")
BOTH = of(FIRST[0], 2568, IIT="91.20", EIT="90.10", OIT="97.00", overall="93.19") | of(
    SECOND[0], 2568, IIT="95.20", EIT="91.10", OIT="99.00", overall="95.49"
)


@pytest.mark.parametrize(
    "head",
    [
        ["department", "IIT", "EIT", "OIT", "ITA score"],
        ["กรม", "IIT", "EIT", "OIT", "รวม"],
        ["ชื่อกรม", "IIT 30%", "EIT 30%", "OIT 40%", "รวม 2568"],
        ["organization", "IIT ร้อยละ 30", "EIT ร้อยละ 30", "OIT ร้อยละ 40", "คะแนนรวม ปี 2568"],
    ],
)
def test_agencies_stand_under_the_word_for_what_they_are(head):
    assert read(["ผล ITA ปีงบประมาณ พ.ศ. 2568", head, list(FIRST), list(SECOND)]) == BOTH


@pytest.mark.parametrize("kind", ["org_group", "ประเภทหน่วยงาน", "agency_type", "กระทรวงที่สังกัดของหน่วยงาน"])
def test_kinds_of_agencies_beside_their_names_are_no_names(kind):
    head = ["organisation", kind, "IIT", "EIT", "OIT", "total"]
    lines = [[row[0], "ส่วนราชการระดับกรม", *row[1:]] for row in (FIRST, SECOND)]
    assert read(["ผล ITA ปีงบประมาณ พ.ศ. 2568", head, *lines]) == BOTH


@pytest.mark.parametrize("name", ["กรมน้ำตกสมมุติ", "ส่วนราชการ"])
def test_a_name_with_two_values_is_nobodys(name):
    head = ["หน่วยงาน", "IIT", "EIT", "OIT", "รวม"]
    lines = [[name, *FIRST[1:]], [name, *SECOND[1:]], ["กรมฟ้าสมมุติ", "85.20", "81.10", "89.00", "85.49"]]
    assert read(["ผล ITA ปีงบประมาณ พ.ศ. 2568", head, *lines]) == set()


def test_of_a_year_and_the_one_before_under_two_heads():
    lines = [
        "สรุปผล ITA โรงพยาบาลในเขต ปีงบประมาณ 2568",
        ["", "", "ผลคะแนนปีงบประมาณ 2568", "", "", "", "ปีก่อนหน้า"],
        ["ที่", "โรงพยาบาล", "IIT 30%", "EIT 30%", "OIT 40%", "รวม 2568", "รวม 2567"],
        ["1", "โรงพยาบาลสมมุติเหนือ", "91.20", "90.10", "97.00", "93.19", "90.00"],
        ["2", "โรงพยาบาลสมมุติใต้", "95.20", "91.10", "99.00", "95.49", "89.00"],
    ]
    right = of("โรงพยาบาลสมมุติใต้", 2568, IIT="95.20", EIT="91.10", OIT="99.00", overall="95.49")
    assert right | of("โรงพยาบาลสมมุติใต้", 2567, overall="89.00") <= read(lines)


SEVERAL_YEARS = [
    ["แบบวัด", "ปี 2566 ปี 2567"],
    ["ด้านที่ประเมิน", "พ.ศ. 2566 2567"],
]


@pytest.mark.parametrize("head", SEVERAL_YEARS)
def test_numbers_under_names_are_of_the_years_above(head):
    lines = [
        title(2567),
        *head,
        "IIT",
        "88.10 91.20",
        "EIT",
        "80.10 84.20",
        "OIT",
        "92.10 95.20",
        "คะแนนรวม",
        "87.30 90.70",
    ]
    right = of(TOWN, 2566, IIT="88.10", EIT="80.10", OIT="92.10", overall="87.30")
    assert read(lines) == right | of(TOWN, 2567, IIT="91.20", EIT="84.20", OIT="95.20", overall="90.70")


@pytest.mark.parametrize("lines", [["แบบวัด IIT", "88.10 91.20"], ["ตัวชี้วัดที่ 3 การใช้อำนาจ", "71.20 81.20 90.00"]])
def test_several_numbers_that_nothing_tells_apart_are_unsure(lines):
    assert read([title(2567), *lines]) == set()
    assert read([title(2567), *lines], sure=False)


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (["IIT 30% 88.12", "EIT 30% 83.21", "OIT 40% 95.20"], of(TOWN, 2567, IIT="88.12", EIT="83.21", OIT="95.20")),
        ([["IIT", "30%", "88.12"], ["OIT", "40", "95.20"]], of(TOWN, 2567, IIT="88.12", OIT="95.20")),
        (["แบบวัด IIT (30%) : 88.12 คะแนน"], of(TOWN, 2567, IIT="88.12")),
        (["อปท. ผ่านเกณฑ์ 54 หน่วยงาน คิดเป็นร้อยละ 87.10"], set()),
        (["หน่วยงานผ่านเกณฑ์ 30 แห่ง จาก 40 แห่ง หรือคิดเป็นร้อยละ 75.00"], set()),
        (
            ["คะแนนรวม 91.22", "แนวโน้ม 2565 85.10 / 2566 88.20 / 2567 91.22"],
            of(TOWN, 2567, overall="91.22") | of(TOWN, 2566, overall="88.20") | of(TOWN, 2565, overall="85.10"),
        ),
        (["คะแนนรวม 91.22", "งานทะเบียน 2565 85.10 / 2566 88.20"], of(TOWN, 2567, overall="91.22")),
        (["คะแนนรวม", ["90.00", "ระดับผ่านดี"], "OIT 92.00"], of(TOWN, 2567, overall="90.00", OIT="92.00")),
        (
            ["EIT (ผู้รับบริการตอบเอง) 91.10", "EIT (ผู้ประเมิน) 90.10", "OIT 92.00"],
            of(TOWN, 2567, EIT1="91.10", EIT2="90.10", OIT="92.00"),
        ),
        (["EIT (กลุ่มเกษตรกร) 91.10"], set()),
        (["แบบวัด EIT", "- ส่วนที่ 1 ตอบเอง ได้ 88.72 คะแนน (ตอบ 118 คน)"], of(TOWN, 2567, EIT1="88.72")),
        (["IIT คือเจ้าหน้าที่ตอบ ได้ 90.10 ส่วน OIT คือเว็บไซต์ ได้ 80.20"], of(TOWN, 2567, IIT="90.10", OIT="80.20")),
        (
            ["เรื่องที่ทุกคนรอคอยมาตลอดทั้งปีคือคะแนนการเปิดเผยข้อมูล", "80.20"],
            of(TOWN, 2567, i9="80.20"),
        ),
        (["เรื่องที่ทุกคนรอคอยมาตลอดทั้งปีคือคะแนนการเปิดเผยข้อมูล", "3.2"], set()),
        (["ตัวที่ 1 90.10 ตัวที่ 2 91.10 และตัวที่ 3 92.10"], of(TOWN, 2567, i1="90.10", i2="91.10", i3="92.10")),
        (["OIT=97.14 (เกณฑ์ 85) TOTAL=92.65"], of(TOWN, 2567, OIT="97.14", overall="92.65")),
        (["คะแนนรวมของหน่วยงาน 92.12 (ผ่านดี)"], of(TOWN, 2567, overall="92.12")),
        (["เป้าหมายของปีหน้า 95 คะแนน", "คะแนนเฉลี่ยถ่วงน้ำหนักเท่ากับ 94.63"], of(TOWN, 2567, overall="94.63")),
        (["ผลคะแนน ITA ปีการศึกษา 2566 (ปีงบประมาณ 2567) 93.20 คะแนน"], of(TOWN, 2567, overall="93.20")),
        (["1. ผลการประเมิน ITA 92.10", "2. ผลการประเมินวินัย 90.10"], of(TOWN, 2567, overall="92.10")),
        (["จุดเด่น : ใช้อำนาจ 92.60, ปฏิบัติหน้าที่ : 97.30"], of(TOWN, 2567, i3="92.60", i1="97.30")),
        (["ให้ใช้อำนาจ 92.60"], set()),
        (
            [
                "ตัวชี้วัดของแผน : ผล ITA",
                ["", "2566", "2567"],
                ["ค่าเป้าหมาย", "90.00", "92.00"],
                ["ผลการดำเนินงาน", "94.18", "91.43"],
            ],
            of(TOWN, 2566, overall="94.18") | of(TOWN, 2567, overall="91.43"),
        ),
        (
            ["ปี 2567 เพิ่มจากปี 2566 คิดเป็น 2.10 คะแนน โดยตัวชี้วัดที่ 8 (88.20)"],
            of(TOWN, 2567, i8="88.20") | {f"{TOWN} 2567/change/overall=+2.10"},
        ),
        (
            ["คะแนนรวม 91.22 เมื่อเทียบกับปี 2566 ที่ได้ 88.10 เพิ่มขึ้น 3.12 คะแนน"],
            of(TOWN, 2567, overall="91.22") | of(TOWN, 2566, overall="88.10") | {f"{TOWN} 2567/change/overall=+3.12"},
        ),
        (
            [["แบบวัด", "2567", "2566", "ผลต่าง"], ["OIT", "92.00", "90.00", "+2.00"]],
            of(TOWN, 2567, OIT="92.00") | of(TOWN, 2566, OIT="90.00") | {f"{TOWN} 2567/change/OIT=+2.00"},
        ),
        (
            ["ผล EIT รายข้อ", ["ตัวชี้วัด", "ข้อ", "คะแนน"], *([f"ตัวชี้วัดที่ {n}", "เฉลี่ย", f"9{n}.00"] for n in (6, 7, 8))],
            of(TOWN, 2567, i6="96.00", i7="97.00", i8="98.00"),
        ),
        (
            [
                "(ตัวเลขซ้าย ปี 2566 ตัวเลขขวา ปี 2567)",
                "อบต.หนึ่งสมมุติ 81.20/90.10",
                "- อบต.สองสมมุติและเพื่อน : 71.20 | 80.10 (ผ่าน)",
            ],
            of("อบต.หนึ่งสมมุติ", 2566, overall="81.20")
            | of("อบต.หนึ่งสมมุติ", 2567, overall="90.10")
            | of("อบต.สองสมมุติและเพื่อน", 2566, overall="71.20")
            | of("อบต.สองสมมุติและเพื่อน", 2567, overall="80.10"),
        ),
        (
            ["ปี 2567 / ปี 2566", "IIT : 90.10 / 81.20", "OIT : 92.10 / 80.20"],
            of(TOWN, 2567, IIT="90.10", OIT="92.10") | of(TOWN, 2566, IIT="81.20", OIT="80.20"),
        ),
        (
            ["ปี 2567 ได้ 90.10 คะแนน", "IIT", "91.20", "พ.ศ. 2566 = 80.10 (ผ่าน)", "IIT", "81.20"],
            of(TOWN, 2567, overall="90.10", IIT="91.20") | of(TOWN, 2566, overall="80.10", IIT="81.20"),
        ),
        (
            ["คะแนนรวม 90.10", "IIT 91.20", "พ.ศ. 2566 = 80.10 (ผ่าน)", "IIT 81.20"],
            of(TOWN, 2567, overall="90.10", IIT="91.20") | of(TOWN, 2566, overall="80.10", IIT="81.20"),
        ),
        (
            [
                "รายการ",
                "IIT",
                "EIT",
                "OIT",
                "รวมทั้งสิ้น",
                "2566",
                "81.10",
                "82.20",
                "83.30",
                "82.31",
                "คะแนนที่ได้",
                "91.10",
                "92.20",
                "93.30",
                "92.31",
            ],
            of(TOWN, 2566, IIT="81.10", EIT="82.20", OIT="83.30", overall="82.31")
            | of(TOWN, 2567, IIT="91.10", EIT="92.20", OIT="93.30", overall="92.31"),
        ),
        (
            [
                ["ผลปี 2566", "สิ่งที่ทำ"],
                "1. การใช้อำนาจ",
                ["(81.20)", "ประชุม 30 คน"],
                "2. การใช้งบประมาณ",
                ["82.30 คะแนน", "วัดความพึงพอใจ"],
            ],
            of(TOWN, 2566, i3="81.20", i2="82.30"),
        ),
        (
            [
                ["ตัวชี้วัดและผลปี 2566", "สิ่งที่ทำ"],
                ["1. การใช้อำนาจ (81.20)", "ประชุม 3 ครั้ง"],
                ["2. การใช้งบประมาณ 82.30 คะแนน", "แจ้งทุกคน"],
            ],
            of(TOWN, 2566, i3="81.20", i2="82.30"),
        ),
        (
            [["ตัวชี้วัดที่ 3 การใช้อำนาจ", ""], ["ผลคะแนน (ปี 2566)", "81.20"], ["สิ่งที่ทำ", "ประชุม"], ["เป้าหมาย", "95.00"]],
            of(TOWN, 2566, i3="81.20"),
        ),
        (
            [["แบบวัด", "ครอบคลุม", "คะแนน"], ["IIT", "ตัวชี้วัดที่ 1 ถึง 5", "81.20"], ["EIT", "ตัวชี้วัดที่ 6 – 8", "82.30"]],
            of(TOWN, 2567, IIT="81.20", EIT="82.30"),
        ),
        (
            ["ปีก่อนหน้า (พ.ศ. 2566) ภาพรวม 81.20, IIT 82.30, OIT 83.40", "ปีที่แล้วได้ 81.20 IIT 92.30"],
            of(TOWN, 2566, overall="81.20", IIT="82.30", OIT="83.40") | of(TOWN, 2567, IIT="92.30"),
        ),
        (["แต่ยังต่ำกว่าเป้าหมาย 85 คะแนน ที่กระทรวงกำหนดไว้", "IIT 82.30"], of(TOWN, 2567, IIT="82.30")),
        (["(เป้าหมายของจังหวัด 80 คะแนนขึ้นไป)", "IIT 82.30"], of(TOWN, 2567, IIT="82.30")),
        (["เป้าหมายของแต่ละแบบวัด 80 คะแนนขึ้นไป", "IIT 82.30"], set()),
        (
            [
                "1. บุคลากรภายในของเราทั้งหมด ประเมินการปฏิบัติหน้าที่ที่ 81.20 คะแนน และการใช้งบ",
                "ประมาณได้ที่ 82.30 คะแนน ส่วนเรื่องที่ทุกคนรอคอยกันมานานตลอดทั้งปี คือ การใช้อำนาจ ได้คะแนน",
                "เท่ากับ 83.40 ซึ่งดีขึ้นมาก",
            ],
            of(TOWN, 2567, i1="81.20", i2="82.30", i3="83.40"),
        ),
        (
            [["แบบวัด", "ปีก่อน", "ปีนี้"], ["IIT", "81.20", "91.20"]],
            of(TOWN, 2566, IIT="81.20") | of(TOWN, 2567, IIT="91.20"),
        ),
        (
            [["คะแนน", "เฉลี่ย"], ["โรงเรียน", "กลุ่มโรงเรียน"], ["ตัวชี้วัดที่ 3", "การใช้อำนาจ", "81.20", "71.10"]],
            of(TOWN, 2567, i3="81.20"),
        ),
        (["IIT ให้เรา 94.30 คนนอกให้ EIT 92.30"], of(TOWN, 2567, IIT="94.30", EIT="92.30")),
        (
            [f"{TOWN} ได้ 94.40 คะแนน นับเป็นปีที่สองที่สูงขึ้น", "จาก 84.90 คะแนน ในปี 2565 และ 92.10 คะแนน ในปี 2566"],
            of(TOWN, 2567, overall="94.40") | of(TOWN, 2566, overall="92.10") | of(TOWN, 2565, overall="84.90"),
        ),
    ],
)
def test_read_as_a_careful_person_reads(lines, right):
    assert read([title(2567), *lines]) == right


SCORES = ["97.20", "95.66", "96.45", "94.10", "95.39", "97.55", "95.85", "94.88", "100.00", "100.00"]
COLUMNS = [["ประเด็น", *map(str, range(1, 11))], ["ผล", *SCORES]]


def test_columns_numbered_as_indicators_are_sure_where_the_sums_are_right():
    parts = of(TOWN, 2569, IIT="95.76", EIT="96.09", OIT="100.00")
    scores = of(TOWN, 2569, **{f"i{n}": score for n, score in enumerate(SCORES, 1)})
    assert read([title(2569), "IIT 95.76", "EIT 96.09", "OIT 100.00", *COLUMNS]) == parts | scores
    assert read([title(2569), *COLUMNS]) == set()
    assert read([title(2569), "IIT 85.76", "EIT 86.09", "OIT 90.00", *COLUMNS]) == of(
        TOWN, 2569, IIT="85.76", EIT="86.09", OIT="90.00"
    )


@pytest.mark.parametrize(("value", "is_total"), [("87.33", True), ("85.00", False)])
def test_a_mean_below_every_instrument_is_the_total_where_that_is_right(value, is_total):
    table = [["แบบวัด", "คะแนน"], ["IIT", "88.10"], ["EIT", "80.10"], ["OIT", "92.17"], ["คะแนนเฉลี่ย", value]]
    assert (f"{TOWN} 2567/overall={value}" in read([title(2567), *table])) is is_total


def test_a_heading_ends_what_stood_beside_its_own_number():
    lines = [f"{TOWN} : ITA", "ปี 2567", "91.20", "ผ่านดี", "OIT 94.20", "ปี 2566", "88.10", "ผ่าน", "OIT 91.90"]
    assert of(TOWN, 2567, overall="91.20", OIT="94.20") | of(TOWN, 2566, overall="88.10", OIT="91.90") == read(lines)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "อบจ.สมมุติ คว้าอันดับ 1 ด้วยคะแนน 98.12 คะแนน ขณะที่ เทศบาลเมืองบ้านใหม่ ครองอันดับที่ 2 ของจังหวัด ด้วยคะแนน 97.10 คะแนน "
            "ส่วน อบต.ทุ่งสมมุติ อ.เมือง ได้ 61.20 คะแนน",
            {"อบจ.สมมุติ": "98.12", "เทศบาลเมืองบ้านใหม่": "97.10", "อบต.ทุ่งสมมุติ": "61.20"},
        ),
        (
            "อบจ.สมมุติ ได้ 88.12 คะแนน เพราะ OIT ตกเหลือ 70.20 ส่วนเทศบาลเมืองบ้านใหม่ ได้ 97.10 ระดับผ่านดี และ อบต.ทุ่งสมมุติ ได้ 61.20 คะแนน",
            {"อบจ.สมมุติ": "88.12", "เทศบาลเมืองบ้านใหม่": "97.10", "อบต.ทุ่งสมมุติ": "61.20"},
        ),
    ],
)
def test_news_of_several_agencies(text, right):
    totals = {f"{agency} 2568/overall={value}" for agency, value in right.items()}
    assert {f for f in read(["ผล ITA ปี 2568 จังหวัดสมมุติ", text]) if "overall" in f} == totals


def test_scores_after_the_total_of_another_agency_are_its_own():
    text = (
        "อบจ.สมมุติ ได้ 88.12 คะแนน และ อบต.ทุ่งสมมุติ ได้ 61.20 คะแนน ส่วนเทศบาลตำบลหาดสมมุติ ซึ่งปีก่อนติดอันดับ 30 ปีนี้ขึ้นมาอยู่อันดับ 9 "
        "ด้วยคะแนน 91.61 คะแนน โดยได้ IIT 89.67 EIT สูงถึง 99.03 และ OIT ต่ำกว่า 85.00"
    )
    figures = read(["ผล ITA ปี 2568 จังหวัดสมมุติ", text])
    town = "เทศบาลตำบลหาดสมมุติ"
    assert {f for f in figures if f.startswith(town)} == of(town, 2568, overall="91.61", IIT="89.67", EIT="99.03")
    assert len(figures) == 5
    text = "อบจ.สมมุติ ได้ 88.12 คะแนน และ อบต.ทุ่งสมมุติ ได้ 61.20 คะแนน ส่วนเทศบาลตำบลหาดสมมุติ ได้ 91.61 คะแนน และของประเทศ OIT 90.00"
    assert not {f for f in read(["ผล ITA ปี 2568 จังหวัดสมมุติ", text]) if "OIT" in f}


def test_initials_in_brackets_go_on_to_mean_the_agency():
    lines = [
        "การท่าเรือสมมุติ (กทส.) รายงานความยั่งยืน เรื่องผล ITA",
        "ผลการดำเนินงานปีงบประมาณ 2568 กทส. ได้ 95.62 คะแนน เทียบกับปีงบประมาณ 2567 ที่ได้ 95.60 คะแนน",
    ]
    assert read(lines) == of("การท่าเรือสมมุติ", 2568, overall="95.62") | of("การท่าเรือสมมุติ", 2567, overall="95.60")


def test_a_list_in_a_line():
    line = "ผล ITA 68 ในอำเภอ! ทม.ศรีสมมุติ 95.20 ทต.บ้านใหม่ 93.40 อบต.หนองน้ำ 61.30"
    totals = {"ทม.ศรีสมมุติ": "95.20", "ทต.บ้านใหม่": "93.40", "อบต.หนองน้ำ": "61.30"}
    assert read([line]) == {f"{agency} 2568/overall={value}" for agency, value in totals.items()}
    assert read(["ผล ITA 68 แห่ง! ทม.ศรีสมมุติ 95.20 ทต.บ้านใหม่ 93.40 อบต.หนองน้ำ 61.30"]) == set()


@pytest.mark.parametrize("label", ["ภาพรวมกระทรวง", "รวมทั้งกระทรวง", "คะแนนรวม"])
def test_the_total_of_a_list_of_agencies_is_of_all_of_them(label):
    lines = [["หน่วยงาน", "2567", "2568"], [FIRST[0], "91.20", "93.20"], [SECOND[0], "88.10", "87.00"]]
    figures = read(["ผล ITA ปีงบประมาณ พ.ศ. 2568", *lines, [label, "89.77", "91.73"]])
    right = of(FIRST[0], 2567, overall="91.20") | of(FIRST[0], 2568, overall="93.20")
    assert figures == right | of(SECOND[0], 2567, overall="88.10") | of(SECOND[0], 2568, overall="87.00")


def test_columns_of_as_many_codes_as_there_are_indicators_are_no_items():
    head = ["หน่วยงาน", "IIT", *(f"i{n}" for n in range(1, 11)), "รวม"]
    line = [TOWN, "95.76", *SCORES, "97.00"]
    figures = read([title(2569), head, line])
    assert of(TOWN, 2569, IIT="95.76", overall="97.00", **{f"i{n}": s for n, s in enumerate(SCORES, 1)}) == figures
    assert read([title(2569), head, [TOWN, "75.76", *SCORES, "97.00"]]) == of(TOWN, 2569, IIT="75.76", overall="97.00")


def test_initials_of_two_agencies_are_nobodys():
    lines = ["การท่าเรือสมมุติ (กทส.) และการทางพิเศษสมมุติ (กทส.)", "ผลการประเมิน ITA ปี 2568", "กทส. ได้ 95.62 คะแนน"]
    assert not {f for f in read(lines) if f.startswith("การท")}


def test_an_agency_before_and_now():
    text = "อบจ.สมมุติ ได้ 88.12 คะแนน ขณะที่ เทศบาลเมืองบ้านใหม่ ซึ่งปีก่อนได้ 90.10 ปีนี้ลดลงเหลือ 85.20 คะแนน และ อบต.ทุ่งสมมุติ ได้ 61.20 คะแนน"
    town = "เทศบาลเมืองบ้านใหม่"
    figures = read(["ผล ITA ปี 2568 จังหวัดสมมุติ", text])
    assert {f for f in figures if f.startswith(town)} == of(town, 2568, overall="85.20") | of(
        town, 2567, overall="90.10"
    )


def test_what_is_said_in_minutes():
    lines = [
        "รายงานการประชุม อบต.บ้านสมมุติ วันที่ 20 สิงหาคม พ.ศ. 2567",
        ["ประธาน", "แจ้งที่ประชุมเรื่องผล ITA ที่สำนักงาน ป.ป.ช. ประกาศแล้วเมื่อต้นเดือน"],
        "ปีนี้ อบต.เราได้ 88.10 คะแนน ระดับผ่าน",
        "ปีที่แล้วเราได้ 81.20 ระดับต้องปรับปรุง",
    ]
    agency = "อบต.บ้านสมมุติ"
    assert read(lines) == of(agency, 2567, overall="88.10") | of(agency, 2566, overall="81.20")


def test_the_year_compared_with_is_not_what_the_document_is_about():
    lines = [
        f"บทสรุป {TOWN} เข้ารับการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2567",
        "มีคะแนนรวมเท่ากับ 91.35 คะแนน เปรียบเทียบกับปีงบประมาณ พ.ศ. 2566 ซึ่งมีคะแนน 81.69 คะแนน",
        *(
            f"({n}) แบบวัด {code} ร้อยละ 90.1{n} (ปี 2566 ร้อยละ 80.1{n})"
            for n, code in enumerate(("IIT", "EIT", "OIT"), 1)
        ),
    ]
    assert of(TOWN, 2567, overall="91.35", IIT="90.11", OIT="90.13") <= read(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["โรงพยาบาลสมมุติ ผลการประเมิน MOIT ปี 2568", "MOIT 1 ร้อยละ 100", "คะแนนรวม 97.75"],
        ["โรงเรียนสมมุติ ผลการประเมิน ABCD ปีงบประมาณ 2568", "คะแนนรวม 97.75 คะแนน"],
        [f"{TOWN} ผลสำรวจความเชื่อมั่นต่อความโปร่งใส ปี 2568", "การใช้งบประมาณ ร้อยละ 85.20", "ภาพรวม ร้อยละ 87.00"],
        ["โรงเรียนสมมุติ ผลการประเมิน ITA", "ผลการประเมิน LPA ปี 2568", "การใช้งบประมาณ 85.20", "รวม 97.75 คะแนน"],
        ["โรงเรียนสมมุติ ผลการประเมินคุณภาพภายใน ปีงบประมาณ 2568", "คะแนนรวม 97.75 คะแนน"],
    ],
)
def test_a_total_of_what_is_not_named_as_ours_is_unsure(lines):
    assert read(lines) == set()


@pytest.mark.parametrize("other", ["LPA", "MOIT", "ABCD"])
def test_a_total_under_the_heading_of_another_assessment_is_not_ours(other):
    lines = [f"{TOWN} ผลการประเมิน {other} ปีงบประมาณ 2567", "คะแนนรวม 90.10", "ผล ITA ปี 2567 ได้ 93.20 คะแนน"]
    assert read(lines) == of(TOWN, 2567, overall="93.20")


@pytest.mark.parametrize("named", ["ITA69", "ITA'69", "ผล ITA 69", "ผล ita 69"])
def test_a_short_year_beside_the_name_of_the_assessment(named):
    assert read([f"{named} {TOWN}" if " " not in named else f"{TOWN} {named}", "OIT 94.9"]) == of(
        TOWN, 2569, OIT="94.9"
    )


def test_results_of_years_beside_targets():
    lines = [
        f"แผนยุทธศาสตร์ {TOWN} พ.ศ. 2566-2570",
        ["ตัวชี้วัด", "ค่าฐาน 2565", "เป้า 2566", "ผล 2566", "เป้า 2567", "ผล 2567"],
        ["คะแนน ITA", "85.10", "88.00", "87.45", "90.00", "91.20"],
        ["ร้อยละการเบิกจ่าย", "95.10", "96.00", "97.45", "98.00", "98.20"],
    ]
    years = {2565: "85.10", 2566: "87.45", 2567: "91.20"}
    assert read(lines) == {f"{TOWN} {year}/overall={value}" for year, value in years.items()}


def test_one_agency_a_row_with_one_node():
    head = ["หน่วยงาน", "ปี", "รายการ", "คะแนน"]
    nodes = {"IIT": "แบบวัด IIT", "overall": "คะแนนรวม"}
    agencies = {TOWN: ("94.15", "93.00"), "อบต.สองสมมุติ": ("84.15", "83.00"), "อบต.สามสมมุติ": ("74.15", "73.00")}
    lines = [
        [a, "2568", name, v]
        for a, of_agency in agencies.items()
        for name, v in zip(nodes.values(), of_agency, strict=True)
    ]
    assert read(["ผล ITA", head, *lines]) == set().union(
        *(of(a, 2568, **dict(zip(nodes, v, strict=True))) for a, v in agencies.items())
    )


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (["เฉลี่ยทั้งจังหวัด ร้อยละ 91.53"], set()),
        (["คะแนนเฉลี่ยทั่วภาค 91.53 คะแนน"], set()),
        (
            [
                "สารบัญ",
                "เรื่อง   หน้า",
                ["3.1 ผลการประเมินภาพรวม", "12"],
                ["3.2 การปฏิบัติหน้าที่", "15"],
                "3.3 การใช้อำนาจ ..... 18",
            ],
            set(),
        ),
        (["สารบัญ", "ผลการประเมิน ITA ปี 2567 ..... 18", "คะแนนภาพรวม 90.20"], of(TOWN, 2567, overall="90.20")),
        (["ตอบแบบ IIT แล้ว 85.71% ของทั้งหมด", "OIT กรอกแล้ว 96.43%"], set()),
        (["1. การใช้งบประมาณ โอกาส 3.50 ผลกระทบ 4.20 ระดับ 14.70"], set()),
        (["IIT 91.20 (+1.10)"], of(TOWN, 2567, IIT="91.20") | {f"{TOWN} 2567/change/IIT=+1.10"}),
        (["ความก้าวหน้าของ OIT", "- ไตรมาส 1 ร้อยละ 35.71"], set()),
        (["ปี 2567 ต่างจากปี 2566 อยู่ 2.10 คะแนน โดยตัวชี้วัดที่ 8 (88.20)"], of(TOWN, 2567, i8="88.20")),
        (
            ["เมื่อปี 2566 ได้คะแนน ITA 88.86 คะแนน แล้วเพิ่มขึ้น 5.60 คะแนน"],
            of(TOWN, 2566, overall="88.86"),
        ),
        (
            [["ตัวชี้วัดที่", "คะแนน", "ส่วนต่างจากเกณฑ์"], ["2 การใช้งบประมาณ", "85.20", "9.80"]],
            of(TOWN, 2567, i2="85.20"),
        ),
        (["ภาพรวมจังหวัดสมมุติ 92.13 คะแนน", "2) ผลภาพรวมของกลุ่มเทศบาล 91.10 คะแนน"], set()),
        (["EIT ข้อ e3 ร้อยละ 12.50 ตอบว่า “มี”", "OIT ร้อยละ 92.50"], of(TOWN, 2567, OIT="92.50")),
        ([["เครื่องมือ", "คะแนน", "เป้า", "GAP"], ["OIT", "88.10", "95.00", "-6.90"]], of(TOWN, 2567, OIT="88.10")),
        (["รวมถ่วงน้ำหนัก 0.3*90.10+0.3*88.20+0.4*96.43 = 92.06"], of(TOWN, 2567, overall="92.06")),
        ([["แบบวัด", "เฉลี่ย", "ต่ำสุด", "สูงสุด"], ["OIT", "91.20", "55.00", "100.00"]], set()),
        ([["แบบวัด", TOWN, "เฉลี่ยกลุ่ม", "max"], ["OIT", "91.20", "95.00", "100.00"]], of(TOWN, 2567, OIT="91.20")),
        (
            ["คะแนน ITA 96.78 สูงกว่าปีที่ผ่านมา 2.31 คะแนน"],
            of(TOWN, 2567, overall="96.78") | {f"{TOWN} 2567/change/overall=+2.31"},
        ),
        (["ผลการประเมินตนเองก่อนรับการประเมิน ITA", "IIT 88.10", "คะแนนรวม 90.80"], set()),
        (["คะแนน ITA ที่คาดการณ์ไว้", "IIT 88.10", "คะแนน ITA ที่ได้จริง", "IIT 89.10"], of(TOWN, 2567, IIT="89.10")),
        # two decimals under each name, which no head tells apart
        (["การใช้อำนาจ", "81.20", "90.10", "การใช้งบประมาณ", "82.20", "91.10"], set()),
        (
            ["หน่วยงานที่ได้คะแนนต่ำที่สุดของกรม คือสำนักงานสมมุติกลาง ได้ 81.20 คะแนน โดย OIT ได้ 70.10"],
            of("สำนักงานสมมุติกลาง", 2567, overall="81.20", OIT="70.10"),
        ),
        (["กราฟคะแนน ITA", "100", "80", "60", "2566", "2567", "85.50"], set()),
        (["ตัวชี้วัดที่ 3 การใช้อำนาจ ความคืบหน้าร้อยละ 80.00", "การใช้งบประมาณ เบิกจ่ายแล้วร้อยละ 91.00"], set()),
        (
            ["คะแนน ITA 91.10 คะแนน ตั้งเป้าปี 2568 ไว้ที่ 93.00 คะแนน และปี 2569 ที่ 95.00 คะแนน"],
            of(TOWN, 2567, overall="91.10"),
        ),
        (["เทศบาลเมือง", "ปี 2566 88.10", "ปี 2567 89.20"], set()),
        (["ปี 2567", "ปี 2566", "ปี 2565", "คะแนนรวม", "91.20"], of(TOWN, 2567, overall="91.20")),
        # a part of the agency right after the name
        (["การใช้อำนาจ กองคลัง 88.20 คะแนน กองช่าง 90.10 คะแนน"], set()),
        (["การใช้งบประมาณของฝ่ายปกครองได้ 88.20 คะแนน"], set()),
        ([["การใช้อำนาจ", "พนักงาน", "88.20"], ["", "ลูกจ้าง", "90.20"]], set()),
        (["ปี 2566 / ปี 2567", "งบกลาง 90.10 / 81.20", "งบลงทุน 92.10 / 80.20"], set()),
        (["ปี 2566 / ปี 2567", "IIT 90.10 / 81.20 ของผู้ที่ตอบ", "OIT 92.10 / 80.20 ของเว็บไซต์"], set()),
        (["ปี 2566 / ปี 2567", "ดิบ / ปรับแล้ว", "IIT 90.10 / 81.20", "OIT 92.10 / 80.20"], set()),
    ],
)
def test_what_is_no_result_of_the_agency(lines, right):
    assert read([title(2567), *lines]) == right


ENGLISH = ["Duty performance 91.15", "budget utilization 91.88", "exercising power 93.35", "government property 98.66"]
MORE = ["solving problems 97.88", "service quality 94.12", "communicating 95.99", "operational improvement 95.38"]


def test_indicators_under_an_office_s_own_english_names():
    own = of(TOWN, 2567, i1="91.15", i2="91.88", i3="93.35", i4="98.66")
    assert read([title(2567), "; ".join([*ENGLISH, *MORE])]) == own | of(TOWN, 2567, i6="94.12", i7="95.99", i8="95.38")
    assert read([title(2567), *ENGLISH]) == set()  # too few to be a list
    assert read([title(2567), *reversed([*ENGLISH, *MORE])]) == set()  # in no order


NUMBERS_FIRST = ["90.71 การปฏิบัติหน้าที่", "97.12 การใช้งบประมาณ", "88.27 การใช้อำนาจ"]


def test_numbers_before_their_names():
    right = of(TOWN, 2567, i1="90.71", i2="97.12", i3="88.27")
    assert read([title(2567), "รายตัวชี้วัด", *NUMBERS_FIRST]) == right
    assert not right & read([title(2567), "การแก้ไขปัญหาการทุจริต", *NUMBERS_FIRST, "80.10"])
    assert read([f"{TOWN} ผลการประเมิน ITA 2568 » 88.89"]) == of(TOWN, 2568, overall="88.89")


@pytest.mark.parametrize(
    "name",
    [
        "สำนักงานสรรพากรพื้นที่สมมุติ",
        "กรมแผนที่สมมุติ",
        "สำนักงานคุ้มครองสมมุติ",
        "สำนักงานส่งเสริมการปกครองสมมุติ",
        "ที่ทำการปกครองอำเภอสมมุติ",
        "การเดินเรือสมมุติแห่งประเทศไทย",
    ],
)
def test_names_end_with_their_last_word(name):
    assert read([f"{name} ผลการประเมิน ITA ปี 2568", "OIT 94.90"]) == of(name, 2568, OIT="94.90")
    assert read(["มหาวิทยาลัยสมมุติ ITA ปี 2568", "มหาวิทยาลัยจึงมีคะแนน OIT 94.90"]) == of("มหาวิทยาลัยสมมุติ", 2568, OIT="94.90")


@pytest.mark.parametrize(
    "head",
    [
        ["แผนส่งเสริมคุณธรรม", TOWN, "ประจำปีงบประมาณ พ.ศ. 2568"],
        [TOWN, "มาตรการป้องกันการทุจริต", "(ปี 2568)"],
    ],
)
def test_the_year_of_a_plan_is_not_that_of_the_results_it_was_made_from(head):
    lines = [*head, "จากผลการประเมิน ITA ปี 2567 คะแนนรวม 90.10", "1. การใช้อำนาจ", "81.20", "2. การใช้งบประมาณ", "82.20"]
    assert {f for f in read(lines) if "overall" not in f} == of(TOWN, 2567, i3="81.20", i2="82.20")


@pytest.mark.parametrize(
    "head",
    [
        ["มาตรการส่งเสริมความโปร่งใส", TOWN, "ปีงบประมาณ พ.ศ. 2568", "ผลการวิเคราะห์"],
        [f"แนวทางพัฒนา ITA {TOWN} ปี 2568"],
        [f"แผนปฏิบัติการป้องกันการทุจริต ประจำปีงบประมาณ 2568 {TOWN}"],
    ],
)
def test_results_in_a_plan_that_names_only_its_own_year_may_be_of_the_year_before(head):
    lines = [*head, ["ตัวชี้วัด", "คะแนน ITA", "สิ่งที่จะทำ"], ["การใช้อำนาจ", "81.20", "ประชุม"]]
    assert read(lines) == set()
    assert read([*lines, "แนวทางนี้ทำจากผลการประเมิน ITA ปี 2567"]) == of(TOWN, 2567, i3="81.20")


def test_a_section_begins_a_line_of_its_own():
    lines = rows(("ข้อที่ยังต้องทำให้ดีขึ้นอีกในปีหน้าตามที่ได้ตกลงกันไว้แล้ว คือ", "10.1 การป้องกันการทุจริต 81.20"))
    assert unwrapped(lines, Vocabulary(list(FRAMEWORKS.values()))) == lines


def test_a_plan_and_the_results_of_one_year():
    lines = [f"มาตรการส่งเสริมความโปร่งใส {TOWN} ปี 2567 ผลการประเมิน ITA ปี 2567", ["การใช้อำนาจ", "81.20", "ประชุม"]]
    assert read(lines) == of(TOWN, 2567, i3="81.20")
    assert read([f"รายงานตามมาตรการส่งเสริมความโปร่งใส {TOWN} ปี 2567", *lines[1:]]) == of(TOWN, 2567, i3="81.20")


@pytest.mark.parametrize("head", [["คะแนน ITA ย้อนหลัง 3 ปี"], ["ข้อมูลเพื่อความโปร่งใส"]])
def test_the_first_year_of_a_history_is_of_its_results(head):
    lines = [TOWN, *head, "ปี 2566", "IIT", "81.20", "ปี 2567", "IIT", "91.20"]
    assert read(lines) == of(TOWN, 2566, IIT="81.20") | of(TOWN, 2567, IIT="91.20")


@pytest.mark.parametrize(
    "line",
    [
        "ตำบลเราได้ 96.00 คะแนน ปีที่แล้วได้ 84.77 ขยับขึ้นมา 11.23 คะแนน อยู่ในระดับผ่านดี",
        "คะแนนรวม 96.00 คะแนน (ปี 2566 ได้ 84.77 เพิ่มขึ้น 11.23 คะแนน) ระดับผ่านดี",
    ],
)
def test_the_level_after_a_rise_is_of_the_year_after_it(line):
    figures = [f for r in figures_of(rows((title(2567), line)), FRAMEWORKS) for f in r.figures if f.kind == "level"]
    assert [(f.fiscal_year, f.value, f.sure) for f in figures] == [(2567, "ผ่านดี", True)]


def test_a_level_that_so_many_had_is_nobodys():
    for line in ("ระดับผ่านดี 12 แห่ง ได้แก่ อบต.หนึ่งสมมุติ", "ระดับ ผ่านดี จำนวน 4 อปท."):
        assert not [f for r in figures_of(rows((title(2567), line)), FRAMEWORKS) for f in r.figures]


@pytest.mark.parametrize(
    "line",
    [
        "ตำบลเราได้ 96.00 คะแนน ปีที่แล้วได้ 84.77 อยู่ในระดับผ่านดี",
        "ได้ 96.00 คะแนน เมื่อเทียบกับปี 2566 ที่ได้ 84.77 คะแนน อยู่ในระดับผ่านดี",
        "พัฒนาจากระดับต้องปรับปรุงในปี 2566 (84.77) มาเป็นระดับผ่านดี (96.00)",
        "คะแนนรวม 96.00 (ปี 2566: 84.77) ระดับผ่านดี",
    ],
)
def test_a_level_that_may_be_of_another_year_accuses_nobody(line):
    for reading in figures_of(rows((title(2567), line)), FRAMEWORKS):
        assert not [c for c in audit(reading.figures, FRAMEWORKS) if c.verdict == "contradicted"]


def of_totals(year: int, **values: str) -> set[str]:
    return {f"{agency} {year}/overall={value}" for agency, value in values.items()}


SCHOOLS = of_totals(2567, โรงเรียนบ้านหนองสมมุติ="93.10", โรงเรียนวัดดอนสมมุติ="83.10")
NUMBERED = [
    f"({n}) {word}"
    for n, word in enumerate(
        ["ปฏิบัติงาน", "งบประมาณ", "อำนาจ", "ทรัพย์สิน", "แก้ทุจริต", "คุณภาพงาน", "สื่อสาร", "ปรับปรุง", "เปิดเผย", "ป้องกัน"], 1
    )
]


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (
            [
                ["ที่", "ชื่อโรงเรียน", "คะแนน ITA"],
                ["1", "บ้านหนองสมมุติ", "93.10"],
                ["2", "วัดดอนสมมุติ", "83.10"],
                ["", "สูงสุด", "93.10"],
                ["", "ค่าเฉลี่ย", "88.10"],
            ],
            SCHOOLS,
        ),
        (["โรงเรียน", "1) บ้านหนองสมมุติ 93.10", "2) วัดดอนสมมุติ ได้ 83.10 คะแนน", "เฉลี่ย 88.10"], SCHOOLS),
        (["โรงเรียน", "การใช้อำนาจ 93.10", "การใช้งบประมาณ 83.10"], of("None", 2567, i3="93.10", i2="83.10")),
        (
            ["ลำดับ โรงเรียน ปี 2566 ปี 2567", "1. บ้านหนองสมมุติ 90.10 93.10", "2. วัดดอนสมมุติ 80.10 83.10", "เฉลี่ย 85.10 88.10"],
            SCHOOLS | of_totals(2566, โรงเรียนบ้านหนองสมมุติ="90.10", โรงเรียนวัดดอนสมมุติ="80.10"),
        ),
        (
            ["ลำดับ รายชื่อ อปท. แบบ IIT แบบ EIT แบบ OIT รวม ระดับ", "1. ทต.สมมุติ อำเภอไกล 90.10 88.20 95.00 91.50 ผ่านดี", "2. อบต.สมมุติใต้ 80.10 78.20 85.00 81.50 ผ่าน", "รวมทั้งอำเภอ 85.10 83.20 90.00 86.50"],
            of("ทต.สมมุติ", 2567, IIT="90.10", EIT="88.20", OIT="95.00", overall="91.50") | of("อบต.สมมุติใต้", 2567, IIT="80.10", EIT="78.20", OIT="85.00", overall="81.50"),
        ),
        (
            [["อปท.", "IIT", *[""] * 4, "EIT", "", "", "OIT", ""], ["", *NUMBERED], [TOWN, *SCORES]],
            of(TOWN, 2567, **{f"i{n}": score for n, score in enumerate(SCORES, 1)}),
        ),
        (["หน่วยงาน", "โรงเรียนบ้านหนองสมมุติ", "โรงเรียนวัดดอนสมมุติ", "คะแนน", "93.10", "83.10"], SCHOOLS),
        (["โรงเรียนบ้านหนองสมมุติ", "โรงเรียนวัดดอนสมมุติ", "คะแนน", "93.10", "83.10", "73.10", "ผ่านดี"], set()),
        (["หน่วยงาน ร้อยละการเบิกจ่าย ปี 2566 ปี 2567", "อบต.หนึ่งสมมุติ 90.10 91.20", "อบต.สองสมมุติ 90.10 91.20"], set()),
        (["โรงเรียน", "ครูประจำ 91.20 คะแนน", "พนักงานจ้าง 90.20 คะแนน"], set()),
        ([["รายการ", "โรงเรียน"], ["ระดับ", "ผ่านดี"], ["คะแนนรวม", "92.10"]], of("None", 2567, overall="92.10")),
    ],
    ids=["column", "title", "none", "years", "nodes", "numbers", "stacked", "too many", "other", "people", "level"],
)  # fmt: skip
def test_lists_of_agencies_by_short_words(lines, right):
    assert read(["ผลการประเมิน ITA ปี 2567 ในเขตสมมุติ", *lines]) == right
