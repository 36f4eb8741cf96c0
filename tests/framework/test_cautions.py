"""What a person is asked to confirm: items that continue the wrong item, years that were left over, what nobody can
fulfil. Rules with cautions alone can be used."""

import datetime
from dataclasses import replace

import pytest

from prongsai import framework as rules
from prongsai.framework import Framework, Label, errors_of
from prongsai.framework.cautions import find_cautions
from prongsai.framework.reading import read_data
from prongsai.framework.schema import AGENCY_GROUPS, Rules
from prongsai.framework.years_in_text import move_date, move_title, move_years, years_in, years_in_title
from prongsai.scoring import check_cases
from tests.framework.small import small_rules, variant
from tests.years import YEARS

OLD = small_rules()
(O1,) = OLD.disclosure_items
YEAR = OLD.fiscal_year + 1
NAMES = {
    "O1": "โครงสร้าง",
    "O2": "ข้อมูลผู้บริหาร",
    "O3": "อำนาจหน้าที่ตามกฎหมาย",
    "O4": "แผนการใช้จ่ายงบประมาณประจำปี",
    "O5": "รายงานผลการจัดซื้อจัดจ้างประจำปี",
}
EARLIER = Framework(
    replace(OLD, disclosure_items=tuple(replace(O1, id=name, label=Label(th=th, en=th)) for name, th in NAMES.items()))
)


def cautions(new: Rules, previous: Framework | None = EARLIER) -> dict[str, list[tuple[str | int, ...]]]:
    """The places of each code; without an error, and with rules that can be used."""
    framework, problems = rules.check_data(
        rules.as_data(replace(new, fiscal_year=YEAR, calendar=new.calendar)), previous
    )
    assert framework is not None, problems
    assert errors_of(problems) == []
    assert all(p.severity == "caution" and p.what and p.why and p.how for p in problems)
    found: dict[str, list[tuple[str | int, ...]]] = {}
    for problem in problems:
        found.setdefault(problem.code, []).append(problem.place)
    return found


def sentences(new: Rules, previous: Framework | None = EARLIER) -> list[tuple[str, str, str]]:
    """What, why and how of each caution."""
    _, problems = rules.check_data(rules.as_data(replace(new, fiscal_year=YEAR)), previous)
    return [(p.what, p.why, p.how) for p in problems]


def named(th: str) -> Label:
    return Label(th=th, en="x")


def continuing(**continues: tuple[str, ...]) -> Rules:
    """The next year: the same items by name, each continuing what is said."""
    items = tuple(
        replace(O1, id=name, label=Label(th=NAMES[name], en="x"), continues=ids) for name, ids in continues.items()
    )
    survey = tuple(replace(item, continues=(item.id,)) for item in OLD.survey_items)
    return replace(OLD, disclosure_items=items, survey_items=survey, calendar=())


SAME = {name: (name,) for name in NAMES}


def test_a_year_that_continues_itself_needs_no_caution():
    assert cautions(continuing(**SAME)) == {}


def test_numbers_that_slipped_by_one_are_found():
    slipped = {f"O{n}": (f"O{n + 1}",) for n in range(1, 5)}
    found = cautions(continuing(**slipped))
    assert found == {"other-previous-item": [("disclosure_items", n, "continues") for n in range(4)]}


def test_an_item_without_origin_has_the_name_of_one_that_nothing_continues():
    assert cautions(continuing(**SAME | {"O4": ()})) == {"unlinked-item": [("disclosure_items", 3, "continues")]}


def test_a_new_item_beside_the_one_that_continues_is_new():
    new = continuing(**SAME)
    again = replace(new.disclosure_items[3], id="O9", continues=())
    assert cautions(replace(new, disclosure_items=(*new.disclosure_items, again))) == {}


def test_merged_and_renamed_items_are_right():
    new = continuing(**SAME | {"O4": ("O4", "O5"), "O1": ("O1",)})
    assert cautions(variant(new, "disclosure_items", "O1", label=Label(th="โครงสร้างและอำนาจ", en="x"))) == {}
    renamed = variant(new, "disclosure_items", "O2", label=Label(th="ทำเนียบของหน่วยงาน", en="x"))
    assert cautions(renamed) == {}  # no other item has this name


def test_items_that_continue_the_same_items_are_crossed():
    found = cautions(continuing(**SAME | {"O1": ("O1", "O3"), "O3": ("O3", "O1")}))
    assert found == {"crossed-items": [("disclosure_items", 0, "continues")]}
    assert cautions(continuing(**SAME | {"O1": ("O1", "O3"), "O3": ("O3",)})) == {}


def test_a_name_that_two_items_had_says_nothing():
    previous = Framework(variant(EARLIER.rules, "disclosure_items", "O5", label=Label(th=NAMES["O4"], en="x")))
    assert cautions(continuing(O4=()), previous) == {}


def test_names_are_compared_without_spaces_marks_and_years():
    previous = Framework(variant(EARLIER.rules, "disclosure_items", "O1", label=named("แผน2568")))
    new = variant(continuing(**SAME | {"O1": ()}), "disclosure_items", "O1", label=named("“แ ผ_น” (2569)"))
    assert cautions(new, previous) == {"unlinked-item": [("disclosure_items", 0, "continues")]}


def test_an_item_whose_earlier_name_cannot_be_read_stops_no_other():
    previous = rules.as_data(EARLIER.rules)
    del previous["disclosure_items"][0]["label"]
    previous["disclosure_items"].append({"id": "O9", "label": {"th": NAMES["O1"]}})
    draft = read_data(rules.as_data(continuing(**SAME | {"O4": ()})), None)
    find_cautions(draft, previous)
    assert [(p.code, p.place) for p in draft.problems] == [("unlinked-item", ("disclosure_items", 3, "continues"))]


# names as long as this are 92 % alike where 2 letters differ, 60 % where 10 do
LETTERS = "กขคงจฉชซญฎฏฐฑณดตถทธนบปผฝพ"


@pytest.mark.parametrize(
    ("continued", "other", "is_other"),
    [
        (LETTERS[:-2] + "ยร", LETTERS, False),
        (LETTERS[:-3] + "ยรล", LETTERS, True),
        (LETTERS[:-10] + "ยรลวศษสหฬอ", LETTERS[:-2] + "ยร", True),
        (LETTERS[:-9] + "ยรลวศษสหฬ", LETTERS[:-2] + "ยร", False),
        (LETTERS[:-10] + "ยรลวศษสหฬอ", LETTERS[:-3] + "ยรล", False),
    ],
)
def test_how_much_alike_names_are_that_are_surely_the_same(continued, other, is_other):
    """Of the item that is continued, and of another."""
    previous = variant(EARLIER.rules, "disclosure_items", "O4", label=named(continued))
    previous = variant(previous, "disclosure_items", "O5", label=named(other))
    new = variant(continuing(O4=("O4",)), "disclosure_items", "O4", label=named(LETTERS))
    place = ("disclosure_items", 0, "continues")
    assert cautions(new, Framework(previous)) == ({"other-previous-item": [place]} if is_other else {})


def test_a_long_name_is_cut_and_each_continued_item_is_named():
    name = "ก" * 60 + "ข"
    previous = Framework(variant(EARLIER.rules, "disclosure_items", "O4", label=named(name)))
    new = variant(continuing(O1=("O3", "O2")), "disclosure_items", "O1", label=named(name))
    what = f"O1 “{'ก' * 60}” ต่อจาก O3, O2 แต่ข้อที่ชื่อเดียวกันในปีก่อนคือ O4"
    why = "การเทียบปีต่อปีจะเทียบคนละเรื่อง มักเกิดเมื่อเลขข้อเลื่อน"
    assert sentences(new, previous) == [(what, why, "แก้ continues เป็น [O4] หรือคงไว้ถ้าตั้งใจ")]


def test_crossed_items_are_named():
    both = dict.fromkeys(("O1", "O3"), ("O3", "O1"))
    what = "O1 และ O3 ต่อจาก O1, O3 เหมือนกันทุกข้อ"
    why = "ไม่รู้ว่าข้อใดมาจากข้อใด การเทียบปีต่อปีจึงปนกัน"
    how = "ให้แต่ละข้อต่อจากข้อของตัวเอง หรือคงไว้ถ้าแยกกันไม่ได้จริง"
    assert sentences(continuing(**SAME | both)) == [(what, why, how)]


def test_items_that_one_item_became_are_not_crossed():
    assert cautions(continuing(O1=("O1",), O3=("O1",)), None) == {}


@pytest.mark.parametrize("year", [y for y in YEARS if str(int(y) - 1) in YEARS])
def test_the_items_of_a_shipped_year_that_slip_are_found(year):
    """Of the disclosures that have the name of one item of the year before, each that slips by one is found."""
    framework, before = YEARS[year], YEARS[str(int(year) - 1)]
    ids = [i.id for i in before.rules.disclosure_items]
    slipped = {name: ids[(n + 1) % len(ids)] for n, name in enumerate(ids)}
    data = rules.as_data(framework.rules)
    names = [i.label.th for i in before.rules.disclosure_items]
    same = set()
    for n, item in enumerate(data["disclosure_items"]):
        item["continues"] = [slipped[name] for name in item["continues"][:1]]
        if item["continues"] and names.count(item["label"]["th"]) == 1:
            same.add(n)
    _, problems = rules.check_data(data, before)
    assert same <= {p.place[1] for p in problems if p.code == "other-previous-item"}
    assert same


# --- years in texts


@pytest.mark.parametrize(
    ("text", "years", "moved"),
    [
        ("แผนปี 2568", {2568}, "แผนปี 2570"),
        ("ปีงบประมาณ พ.ศ. ๒๕๖๘", {2568}, "ปีงบประมาณ พ.ศ. ๒๕๗๐"),
        ("ตามปีงบประมาณ2567", {2567}, "ตามปีงบประมาณ2569"),
        ("ภายใน 31 มีนาคม 2568", {2568}, "ภายใน 31 มีนาคม 2570"),
        ("1 ต.ค. 2567 ถึง 31 มี.ค. 2568", {2567, 2568}, "1 ต.ค. 2569 ถึง 31 มี.ค. 2570"),
        ("ไตรมาส 1/2568", {2568}, "ไตรมาส 1/2570"),
        ("fiscal year 2025", {2568}, "fiscal year 2027"),
        ("แผนปี 2566-2570", set(), "แผนปี 2566-2570"),
        ("แผนปี 2566 ถึง 2570", set(), "แผนปี 2566 ถึง 2570"),
        ("พ.ร.บ. การจัดซื้อจัดจ้าง พ.ศ. 2560", set(), "พ.ร.บ. การจัดซื้อจัดจ้าง พ.ศ. 2560"),
        ("ประกาศตาม พ.ร.บ. 2560 ปี 2566", {2566}, "ประกาศตาม พ.ร.บ. 2560 ปี 2568"),
        ("ข้อ 2568 บาท ปี 25680", set(), "ข้อ 2568 บาท ปี 25680"),
        ("", set(), ""),
    ],
)
def test_a_year_is_meant_where_the_word_says_so(text, years, moved):
    assert years_in(text) == years
    assert move_years(text, 2) == moved


def test_a_title_names_its_year_in_any_way():
    assert years_in_title("ประเมินคณะ 2569 (2026) ๒๕๖๙") == {2569}
    assert move_title("ประเมินคณะ 2569 (2026) ๒๕๖๙", 2569, 2571) == "ประเมินคณะ 2571 (2028) ๒๕๗๑"


def element(text):
    new = continuing(**SAME)
    return variant(new, "disclosure_items", "O1", elements=(replace(O1.elements[0], th=text),))


@pytest.mark.parametrize(
    ("text", "is_left_over"),
    [
        (f"แผนปี {YEAR}", False),
        (f"ผลของปี {YEAR - 1}", False),
        (f"แผนของปี {YEAR + 1}", False),
        (f"ผลของปี {YEAR - 2}", True),
        ("พ.ร.บ. พ.ศ. 2540", False),
        (f"แผนพัฒนาปี {YEAR - 4}-{YEAR + 1}", False),
    ],
)
def test_a_text_of_the_year_means_this_year_or_one_beside_it(text, is_left_over):
    expected = {"year-left-over": [("disclosure_items", 0, "elements", 0, "th")]} if is_left_over else {}
    assert cautions(element(text)) == expected


def test_a_text_that_was_copied_with_its_year_is_found():
    text = f"แผนปี {YEAR - 1}"
    previous = Framework(variant(EARLIER.rules, "disclosure_items", "O2", elements=(replace(O1.elements[0], th=text),)))
    assert cautions(element(text), previous) == {"year-left-over": [("disclosure_items", 0, "elements", 0, "th")]}


def test_a_title_is_of_this_year_alone():
    for year in (YEAR - 1, YEAR + 1):
        assert cautions(replace(continuing(**SAME), title=named(f"ปีตัวอย่าง {year}"))) == {
            "year-left-over": [("title", "th")]
        }
    assert cautions(replace(continuing(**SAME), title=named(f"ปีตัวอย่าง {YEAR}"))) == {}
    coming = replace(continuing(**SAME), title=named(f"ประเมินปี {YEAR + 1}"))
    copied = Framework(replace(EARLIER.rules, title=coming.title))
    assert cautions(coming, copied) == {"year-left-over": [("title", "th")]}
    label = named(f"ข้อ {YEAR - 2}")  # no title: a number is no year by itself
    assert cautions(variant(continuing(**SAME), "instruments", "IIT", label=label)) == {}


def test_the_years_that_were_left_over_are_named():
    text = f"แผนปี {YEAR - 2} และปี {YEAR - 3} " + "ก" * 60
    what = f"ข้อความระบุปี {YEAR - 3}, {YEAR - 2} ในหลักเกณฑ์ของปี {YEAR}: “{text[:60]}”"
    why = "ปีที่ค้างจากฉบับก่อนทำให้ผู้อ่านเข้าใจผิดว่าต้องใช้ข้อมูลของปีใด"
    assert sentences(element(text)) == [(what, why, "แก้ปีในข้อความ หรือคงไว้ถ้าหมายถึงปีนั้นจริง")]


def test_notes_and_sources_may_name_any_year():
    new = continuing(**SAME)
    basis = replace(new.target.basis, note="ตามคู่มือปี 2560")
    assert cautions(replace(new, note="ยกมาจากปี 2560", target=replace(new.target, basis=basis))) == {}


# --- what nobody can fulfil


@pytest.mark.parametrize(
    ("period", "last_day", "is_met"),
    [
        ("first_half", "03-30", False),
        ("first_half", "03-31", True),
        ("assessed_year", "01-01", True),
        ("any", "03-30", True),
        ("previous_year", "03-30", True),
    ],
)
def test_a_half_year_is_over_before_its_filing_ends(period, last_day, is_met):
    data = rules.as_data(continuing(**SAME))
    data["fiscal_year"] = YEAR
    data["disclosure_items"][1]["period"] = period
    phase = {"id": "disclosure", "label": {"th": "x", "en": "x"}, "starts": None, "ends": f"{YEAR - 543}-{last_day}"}
    data["calendar"] = [phase | {"basis": data["target"]["basis"]}]
    framework, problems = rules.check_data(data, EARLIER)
    assert framework is not None
    expected = [] if is_met else [("period-not-over", ("disclosure_items", 1, "period"))]
    assert [(p.code, p.place) for p in problems] == expected


def test_the_last_day_of_filing_is_that_of_its_last_phase():
    (first, *_), new = OLD.calendar, variant(continuing(**SAME), "disclosure_items", "O2", period="first_half")
    days = (datetime.date(YEAR - 543, 2, 1), datetime.date(YEAR - 543, 3, 30), None)
    phases = [replace(first, id="disclosure", starts=None, ends=day) for day in days]
    what = f"O2 ใช้ข้อมูลที่มีครบเมื่อ {YEAR - 543}-03-31 แต่ปฏิทินปิดรับ {YEAR - 543}-03-30"
    how = "แก้ช่วงข้อมูลของข้อ หรือวันสิ้นสุดของช่วงตอบแบบตรวจ"
    draft = read_data(rules.as_data(replace(new, fiscal_year=YEAR, calendar=tuple(phases))), None)
    find_cautions(draft, None)
    assert [(p.what, p.why, p.how) for p in draft.problems] == [(what, "หน่วยงานเปิดเผยข้อมูลของช่วงที่ยังไม่สิ้นสุดไม่ได้", how)]


def test_a_condition_that_names_no_known_type_is_found_in_its_place():
    elements = (O1.elements[0], *(replace(O1.elements[0], th=th, only_for=th) for th in ("อบต", AGENCY_GROUPS[0])))
    new = variant(continuing(**SAME), "disclosure_items", "O1", elements=elements)
    assert cautions(new) == {"unknown-agency-type": [("disclosure_items", 0, "elements", 1, "only_for")]}


def test_elements_that_are_each_for_some_agencies_name_them():
    elements = tuple(replace(O1.elements[0], only_for=group) for group in reversed(AGENCY_GROUPS))
    new = variant(continuing(**SAME), "disclosure_items", "O1", elements=elements)
    what, why = "ทุกองค์ประกอบของ O1 ใช้เฉพาะ จังหวัด, อปท.", "หน่วยงานประเภทอื่นไม่มีอะไรให้เปิดเผย แต่ข้อนี้ยังคิดคะแนน"
    assert sentences(new) == [(what, why, "เพิ่มองค์ประกอบที่ใช้กับทุกหน่วยงาน หรือคงไว้ถ้าตั้งใจ")]
    for everybody in (0, 1):
        some = [replace(e, only_for=None) if n == everybody else e for n, e in enumerate(elements)]
        assert cautions(variant(new, "disclosure_items", "O1", elements=tuple(some))) == {}


@pytest.mark.parametrize(("best", "is_below"), [(1, True), (99, True), (100, False)])
def test_a_scale_whose_best_choice_is_not_all(best, is_below):
    new = continuing(**SAME)
    options = tuple(replace(o, points=min(o.points, best)) for o in new.scales[1].options)
    expected = {"points-below-full": [("scales", 1, "options")]} if is_below else {}
    assert cautions(variant(new, "scales", "marks", options=options)) == expected


def test_a_condition_names_a_type_that_the_platform_knows():
    from prongsai.disclosure.queries import AGENCY_TYPES_OF

    assert set(AGENCY_GROUPS) == set(AGENCY_TYPES_OF)


def test_a_scale_that_no_item_uses_may_give_anything():
    new = continuing(**SAME)
    options = tuple(replace(o, points=o.points // 2) for o in new.scales[1].options)
    assert cautions(replace(new, scales=(*new.scales, replace(new.scales[1], id="half", options=options)))) == {}


# --- worked cases


def test_a_case_that_the_rules_contradict_is_an_error_in_its_place():
    data = rules.as_data(OLD)
    data["cases"][0]["expect"]["overall"] = "80"
    framework, (problem,) = rules.check_data(data, None, also=check_cases)
    assert framework is None
    assert (problem.code, problem.place, problem.severity) == (
        "case-score",
        ("cases", 0, "expect", "overall"),
        "error",
    )
    assert problem.where == "cases.1.expect.overall"
    assert "ต้องได้ overall = 80 แต่หลักเกณฑ์ให้ 90.133333" in problem.what


def test_cases_are_not_asked_of_rules_that_are_wrong():
    data = rules.as_data(OLD)
    data["instruments"][0]["weight"] = 1
    _, problems = rules.check_data(data, None, also=lambda framework: pytest.fail("not complete"))
    assert [p.code for p in problems] == ["weights-sum"]


@pytest.mark.parametrize("year", YEARS)
def test_a_shipped_year_needs_no_caution(year):
    assert rules.check(rules.root() / "ita" / year, also=check_cases) == []


def test_a_name_that_is_somewhat_like_gives_way_to_the_same_name_alone():
    """An item that was renamed a little is still itself, unless another had exactly its name."""
    before = "รายงานผลการดำเนินการป้องกันการทุจริต"
    after = "รายงานผลการป้องกันการทุจริตของหน่วยงาน"
    new = variant(continuing(**SAME), "disclosure_items", "O4", label=Label(th=after, en="x"))
    renamed = variant(EARLIER.rules, "disclosure_items", "O4", label=Label(th=before, en="x"))
    assert cautions(new, Framework(renamed)) == {}
    other = variant(renamed, "disclosure_items", "O5", label=Label(th=after, en="x"))
    found = cautions(new, Framework(other))
    assert found == {"other-previous-item": [("disclosure_items", 3, "continues")]}


def test_a_text_that_meant_the_year_to_come_may_be_copied():
    text = f"แผนปี {YEAR}"
    earlier = variant(EARLIER.rules, "disclosure_items", "O2", elements=(replace(O1.elements[0], th=text),))
    assert cautions(element(text), Framework(earlier)) == {}


def test_the_end_of_another_phase_and_a_year_that_is_wrong_say_nothing_of_periods():
    data = rules.as_data(continuing(**SAME))
    data["fiscal_year"] = YEAR
    data["disclosure_items"][1]["period"] = "first_half"
    phase = {"label": {"th": "x", "en": "x"}, "starts": None, "basis": data["target"]["basis"]}
    data["calendar"] = [
        phase | {"id": "disclosure", "ends": f"{YEAR - 543}-04-30"},
        phase | {"id": "survey", "ends": f"{YEAR - 543}-02-01"},
    ]
    assert rules.check_data(data, EARLIER)[1] == []
    data["calendar"] = data["calendar"][1:]
    assert rules.check_data(data, EARLIER)[1] == []
    data["fiscal_year"] = "x"
    assert [p.code for p in rules.check_data(data, EARLIER)[1]] == ["not-an-integer"]


def test_a_year_after_a_span_moves_and_the_first_of_the_century_is_one():
    assert move_years("แผนปี 2566-2570 ของปี 2568", 1) == "แผนปี 2566-2570 ของปี 2569"
    assert years_in_title("แผน 2500 และ 2026") == {2500, 2569}


@pytest.mark.parametrize(
    ("day", "years", "moved"),
    [
        ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2025-02-28", 3, "2028-02-28"),
        ("2025-03-31", -1, "2024-03-31"),
    ],
)
def test_a_day_moves_to_the_same_day_or_the_last_of_february(day, years, moved):
    assert move_date(datetime.date.fromisoformat(day), years) == datetime.date.fromisoformat(moved)
