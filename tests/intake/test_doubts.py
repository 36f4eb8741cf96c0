"""Before an agency is said to contradict itself, the reader is doubted: where something says that a figure may be
another's, another year's or another node's, it is unsure; where nothing does, the contradiction stays."""

import pytest

from prongsai.analysis import audit
from prongsai.analysis.audit import constraints
from prongsai.analysis.figures import Figure
from prongsai.intake import doubts, figures_of
from prongsai.intake.doubts import doubt_the_reader
from tests.intake.reading import FRAMEWORKS, found, rows

YEAR = 2567
OWN = "เทศบาลเมืองท่าสมมุติ"
PARTS = {"IIT": "90.00", "EIT1": "80.00", "EIT2": "84.00", "OIT": "95.00"}  # so that the total is 89.60


def figures(**values: str) -> list[Figure]:
    shown = PARTS | {"overall": "89.60"} | values
    return [Figure(YEAR, node, value, node) for node, value in shown.items()]


def unsure_in(figures: list[Figure], lines: dict[str, str], known: dict[str, list[Figure]] | None = None) -> set[str]:
    where = {f: (lines[f.node], OWN) for f in figures if f.node in lines}
    code_of = lambda text: "O6" if text.startswith("O6") else None  # noqa: E731
    return {
        f.node for f in doubt_the_reader(figures, where, FRAMEWORKS, code_of, lambda _: [], known or {}) if not f.sure
    }


@pytest.mark.parametrize(
    "line",
    [
        "เทียบกับปี 2566 EIT ส่วนที่ 2 ได้ 70.00",
        "ปีที่แล้ว EIT ส่วนที่ 2 ได้ 70.00",
        "EIT ส่วนที่ 2 ได้ 70.00 (ปี 2568 ได้ 84.00)",
        "เทศบาลเมืองนาสมมุติ EIT ส่วนที่ 2 ได้ 70.00",
        "O6 แผน EIT ส่วนที่ 2 ได้ 70.00",
    ],
)
def test_what_may_be_something_else_is_unsure(line):
    assert unsure_in(figures(EIT2="70.00"), {"EIT2": line}) == {"EIT2"}
    assert unsure_in(figures(), {"EIT2": line}) == set()  # nothing contradicts itself


def test_what_nothing_speaks_against_stays():
    assert unsure_in(figures(EIT2="70.00"), {"EIT2": "EIT ส่วนที่ 2 ได้ 70.00"}) == set()
    assert unsure_in(figures(EIT2="70.00"), {"IIT": "ปี 2566 IIT ได้ 90.00"}) == {"IIT"}  # without it the rest agrees


def test_what_the_other_year_or_agency_has_of_its_own_is_not_its():
    line = "EIT ส่วนที่ 2 ได้ 70.00 เทศบาลเมืองนาสมมุติได้ 84.00 ปี 2566 ได้ 71.00"
    of_another = {"เทศบาลเมืองนาสมมุติ": [Figure(YEAR, "EIT2", "84.00", "x")]}
    of_last_year = Figure(YEAR - 1, "EIT2", "71.00", "x")
    assert unsure_in([*figures(EIT2="70.00"), of_last_year], {"EIT2": line}, of_another) == set()
    assert unsure_in([*figures(EIT2="70.00"), of_last_year], {"EIT2": line}) == {"EIT2"}


def test_of_two_values_that_stays_which_the_others_bear_out():
    both = [*figures(), Figure(YEAR, "EIT2", "70.00", "another place")]
    doubted = [f for f in doubt_the_reader(both, {}, FRAMEWORKS, lambda _: None, lambda _: [], {}) if not f.sure]
    assert [(f.value, f.note) for f in doubted] == [("70.00", doubts.TWO_VALUES)]
    alone = [Figure(YEAR, "EIT2", value, value) for value in ("84.00", "70.00")]
    assert not any(f.sure for f in doubt_the_reader(alone, {}, FRAMEWORKS, lambda _: None, lambda _: [], {}))


def test_where_nobody_can_search_all_that_contradicts_whatever_may_be_something_else_is_unsure(monkeypatch):
    monkeypatch.setattr(constraints, "_MAX_STEPS", 0)
    line = "เทียบกับปี 2566 EIT ส่วนที่ 2 ได้ 70.00"
    assert unsure_in(figures(EIT2="70.00"), {"EIT2": line}) == {"EIT2"}
    shares = (f"{OWN} ผลการประเมิน ITA ปี {YEAR}", "IIT 27.00", "EIT 25.00", "OIT 35.00", "คะแนนรวม 87.00")
    assert found(*shares) == {(YEAR, "overall", "87.00")}


def test_a_rise_in_per_cent_may_be_of_the_former_score():
    before = Figure(YEAR - 1, "overall", "87.00", "x")
    rise = Figure(YEAR, "change/overall", "+3.0", "x")
    for line, doubted in (("เพิ่มขึ้นร้อยละ 3.0", {"change/overall"}), ("เพิ่มขึ้น 3.0 คะแนน", set())):
        found = doubt_the_reader(
            [*figures(), before, rise], {rise: (line, OWN)}, FRAMEWORKS, lambda _: None, lambda _: [], {}
        )
        assert {f.node for f in found if not f.sure} == doubted


@pytest.mark.parametrize(
    "more",
    [
        ["ITA ปี 2567 ของเราดีกว่าเทศบาลเมืองนาสมมุติที่ EIT ส่วนที่ 2 ได้ 70.00"],
        ["เดิมประกาศว่า EIT ส่วนที่ 2 ได้ 70.00 คะแนน"],
        ["ตัวอย่างการคำนวณ IIT 80.00 EIT ส่วนที่ 1 70.00 EIT ส่วนที่ 2 60.00 OIT 90.00"],
    ],
)
def test_nobody_is_accused_by_a_second_value(more):
    lines = [f"ผลการประเมิน ITA ปี {YEAR} {OWN}", "คะแนนรวม 89.60", "IIT 90.00", "EIT ส่วนที่ 1 80.00"]
    lines += ["EIT ส่วนที่ 2 84.00", "OIT 95.00", *more]
    readings = figures_of(rows(tuple(lines)), FRAMEWORKS)
    assert not [c for r in readings for c in audit(r.figures, FRAMEWORKS) if c.verdict == "contradicted"]


def test_a_slip_stays_one():
    lines = (f"ผลการประเมิน ITA ปี {YEAR} {OWN}", "คะแนนรวม 91.60", "IIT 90.00", "EIT ส่วนที่ 1 80.00")
    lines += ("EIT ส่วนที่ 2 84.00", "OIT 95.00", "ปี 2566 ได้คะแนนรวม 85.00 คะแนน")
    (reading,) = figures_of(rows(lines), FRAMEWORKS)
    assert "overall" in {c.node for c in audit(reading.figures, FRAMEWORKS) if c.verdict == "contradicted"}


SCORES = [["ตัวชี้วัด", "คะแนน"], ["การปฏิบัติหน้าที่", "95.00"], ["การใช้งบประมาณ", "90.00"], ["การใช้อำนาจ", "94.00"]]
SCORES += [["การใช้ทรัพย์สินของราชการ", "88.00"], ["การแก้ไขปัญหาการทุจริต", "93.00"], ["คุณภาพการดำเนินงาน", "91.00"]]
SCORES += [["ประสิทธิภาพการสื่อสาร", "86.00"], ["การปรับปรุงการทำงาน", "84.00"], ["การเปิดเผยข้อมูล", "97.00"]]
SCORES += [["การป้องกันการทุจริต", "100.00"]]


def contradicted(*lines: str | list[str]) -> set[str]:
    readings = figures_of(rows(lines), FRAMEWORKS)
    return {c.node for r in readings for c in audit(r.figures, FRAMEWORKS) if c.verdict == "contradicted"}


@pytest.mark.parametrize(
    "line",
    [
        "บุคลากรภายในให้คะแนนต่ำสุดในเรื่อง การใช้ทรัพย์สินของราชการ",
        "การใช้ทรัพย์สินของราชการต่ำที่สุดเป็นปีที่สอง",
        "ปีก่อนตัวชี้วัดต่ำสุดคือ ประสิทธิภาพการสื่อสาร",
        "ตัวชี้วัดที่ลดลงมากที่สุดคือ การใช้งบประมาณ",
        "รองจากสูงสุดคือการเปิดเผยข้อมูล",
        "ต่ำสุดสองอันดับ ได้แก่ ประสิทธิภาพการสื่อสาร และการปรับปรุงการทำงาน",
        "ต่ำที่สุด ได้แก่ ประสิทธิภาพการสื่อสาร และการปรับปรุงการทำงาน",
        "ตัวชี้วัดสูงสุดของจังหวัด คือ การใช้อำนาจ",
        "ความเสี่ยงสูงสุดคือ การใช้งบประมาณ",
        "ประเด็นที่ได้คะแนนต่ำสุดของการใช้งบประมาณคือ i4",
        "จุดแข็งของ IIT จำนวน 5 ตัวชี้วัด",
    ],
)
def test_the_lowest_of_something_else_is_no_contradiction(line):
    assert contradicted(f"ผลการประเมิน ITA ปี {YEAR} {OWN}", *SCORES, line) == set()


def test_a_wrong_lowest_is_one():
    line = "ตัวชี้วัดที่ต่ำที่สุดคือ การใช้งบประมาณ"
    assert contradicted(f"ผลการประเมิน ITA ปี {YEAR} {OWN}", *SCORES, line) == {"lowest/all"}


LINES = (f"ผลการประเมิน ITA ปี {YEAR} {OWN}", "คะแนนรวม 89.60", "IIT 90.00", "EIT1 80.00", "EIT2 84.00", "OIT 95.00")


@pytest.mark.parametrize(
    "line",
    [
        "มุ่งสู่ระดับ ผ่านดีเยี่ยม",
        "เทศบาลที่อยู่ในระดับผ่านดีเยี่ยม มี 3 แห่ง",
        "อปท. ส่วนใหญ่ในจังหวัดได้ระดับ ผ่านดี",
        "ตัวชี้วัดที่ 8 อยู่ในระดับ ผ่านดี",
        "จากระดับ ผ่านดี ในปี 2566 เป็นระดับ ผ่าน",
    ],
)
def test_a_level_of_something_else_is_no_contradiction(line):
    assert contradicted(*LINES, line) == set()


@pytest.mark.parametrize(
    "line", ["ตั้งเป้าเพิ่มขึ้น 2.00 คะแนน", "ต้องเพิ่มขึ้นอีก 1.70 คะแนนจึงจะถึง 95", "คะแนน ITA ของจังหวัดเพิ่มขึ้น 1.20 คะแนน"]
)
def test_a_rise_that_is_wished_for_or_a_groups_is_no_contradiction(line):
    assert contradicted(*LINES, f"คะแนนรวมปี {YEAR - 1} ได้ 87.00 คะแนน", line) == set()


@pytest.mark.parametrize("line", ["ระดับ ผ่านดี", "ระดับผลการประเมิน : ผ่านดี", "ได้ 89.60 คะแนน อยู่ในระดับ ผ่านดี"])
def test_a_wrong_level_is_one(line):
    assert contradicted(*LINES, line) == {"level"}
