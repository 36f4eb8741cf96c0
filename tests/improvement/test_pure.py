"""Fiscal years, periods, findings, drafts, input text, distributions: what needs no database."""

import datetime
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.analysis import phrases
from prongsai.improvement.drafting import ALL_UNITS, draft_measures
from prongsai.improvement.findings import NON_DEFECTS, FindingKind, derive_findings, describe_gaps
from prongsai.improvement.forms import parse_budget
from prongsai.improvement.input_text import normalize_line, normalize_text, split_names
from prongsai.improvement.library import distribution_of
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH, FollowUpInterval, due_dates, period_text
from prongsai.lib import fiscal
from tests.conftest import sample_year
from tests.years import YEARS

years = st.integers(2500, 2700)
periods = st.tuples(st.integers(1, 12), st.integers(1, 12)).map(sorted)


# --- the fiscal year


@given(st.dates(datetime.date(1957, 1, 1), datetime.date(2150, 1, 1)))
def test_every_day_lies_in_its_fiscal_year(day):
    year, month = fiscal.year_of(day), fiscal.month_of(day)
    assert fiscal.first_day(year) <= day <= fiscal.last_day(year)
    assert fiscal.first_day(year, month) <= day <= fiscal.last_day(year, month)
    assert (day.month, day.year + 543) in {(10, year - 1), (11, year - 1), (12, year - 1)} or day.year + 543 == year


@given(years)
def test_a_fiscal_year_is_from_october_to_september(year):
    assert (fiscal.first_day(year).month, fiscal.first_day(year).day) == (10, 1)
    assert (fiscal.last_day(year).month, fiscal.last_day(year).day) == (9, 30)
    assert fiscal.last_day(year) + datetime.timedelta(1) == fiscal.first_day(year + 1)
    for month in range(1, 12):
        assert fiscal.last_day(year, month) + datetime.timedelta(1) == fiscal.first_day(year, month + 1)


def test_no_thirteenth_month():
    for month in (0, 13, -1):
        with pytest.raises(ValueError, match="no month"):
            fiscal.first_day(2569, month)


# --- periods


@pytest.mark.parametrize(
    ("starts", "ends", "text"),
    [
        (1, 12, "ตลอดปีงบประมาณ พ.ศ. 2569"),
        (1, 3, "ไตรมาสที่ 1 (ตุลาคม 2568 – ธันวาคม 2568)"),
        (4, 9, "ไตรมาสที่ 2–3 (มกราคม 2569 – มิถุนายน 2569)"),
        (4, 4, "มกราคม 2569"),
        (3, 3, "ธันวาคม 2568"),
        (2, 6, "พฤศจิกายน 2568 – มีนาคม 2569"),
    ],
)
def test_periods_as_plans_word_them(starts, ends, text):
    assert period_text(2569, starts, ends) == text


@given(years, periods)
def test_a_period_names_its_first_and_last_month(year, period):
    text = period_text(year, *period)
    if period == [1, 12]:
        assert str(year) in text
    else:
        assert fiscal.month_name(year, period[0]) in text
        assert fiscal.month_name(year, period[1]) in text


@given(years, periods, st.sampled_from(FollowUpInterval))
def test_due_dates_lie_in_the_period_and_end_with_it(year, period, interval):
    starts, ends = period
    dues = due_dates(year, starts, ends, interval)
    assert dues == tuple(sorted(set(dues)))
    assert dues[-1] == fiscal.last_day(year, ends)
    assert all(fiscal.first_day(year, starts) <= d <= fiscal.last_day(year) for d in dues)
    maximum = {
        FollowUpInterval.MONTHLY: 12,
        FollowUpInterval.QUARTERLY: 4,
        FollowUpInterval.TWICE: 2,
        FollowUpInterval.ONCE: 1,
    }[interval]
    assert len(dues) <= maximum + 1 - (period == [1, 12])
    every = {
        FollowUpInterval.MONTHLY: 1,
        FollowUpInterval.QUARTERLY: 3,
        FollowUpInterval.TWICE: 6,
        FollowUpInterval.ONCE: 12,
    }[interval]
    assert all(fiscal.month_of(d) % every == 0 for d in dues[:-1])


def test_due_dates_of_a_whole_year():
    def ends(interval):
        return [(d.month, d.day) for d in due_dates(2569, 1, 12, interval)]

    assert ends("quarterly") == [(12, 31), (3, 31), (6, 30), (9, 30)]
    assert ends("twice") == [(3, 31), (9, 30)]
    assert ends("once") == [(9, 30)]
    assert len(ends("monthly")) == 12
    assert set(FOLLOW_UP_INTERVAL_TH) == set(FollowUpInterval)


@pytest.mark.parametrize("period", [(0, 3), (5, 4), (1, 13)])
def test_an_impossible_period_is_refused(period):
    with pytest.raises(ValueError, match="no period"):
        period_text(2569, *period)
    with pytest.raises(ValueError, match="no period"):
        due_dates(2569, *period, "once")


# --- findings


def framework():
    return rules.load(rules.NATIONAL, sample_year())


def known(**items):
    return {
        n.id: Fraction(items.get(n.id.replace("/", "_"), 90)) for n in framework().nodes.values() if n.kind == "item"
    }


def of(found, kind):
    return {f.node: f for f in found if f.kind == kind}


@pytest.mark.parametrize("year", [year for _, year in rules.available()])
def test_every_indicator_of_every_year_has_a_finding_and_a_measure(year):
    chosen = rules.load(rules.NATIONAL, int(year))
    for points in (0, 70, 100):
        scores = {n.id: Fraction(points) for n in chosen.nodes.values() if n.kind == "item"}
        found = derive_findings(chosen, scores)
        ids = [i.id for i in chosen.rules.indicators]
        assert [f.indicator for f in found] == sorted((f.indicator for f in found), key=[*ids, ""].index)
        plan = draft_measures(chosen, found, chosen.fiscal_year + 1)
        overall = [()] if points < 100 else []  # the level could be higher
        assert [d.indicators for d in plan] == [*((i,) for i in ids), *overall]
        for d in plan:
            assert all((d.title, d.steps, d.success, d.units, any(f.defect for f in d.findings)))


def test_weak_items_say_what_is_known_and_what_to_do():
    """A plan is an official paper: nothing is guessed where the assessor gave no reason."""
    found = derive_findings(framework(), known(i1=40, O1=0, O2=0), comments={"O2": "ไม่พบรูปถ่าย"})
    weak = of(found, FindingKind.ITEM)
    assert set(weak) == {"i1", "O1", "O2"}
    assert "O1" in weak["O1"].defect
    assert "ไม่ได้ระบุเหตุผล" in weak["O1"].defect
    assert "ไม่ได้ระบุเหตุผล" not in weak["O2"].defect  # the comment is a finding beside it
    for element in framework().items["O1"].elements:
        said = phrases.describe_element(framework(), element, framework().fiscal_year + 1)
        assert (said in weak["O1"].remedy) == (not element.only_for)
    assert any(element.only_for for element in framework().items["O1"].elements)
    assert weak["O1"].indicator == "9"
    assert weak["i1"].score == Decimal("40.00")
    assert weak["i1"].defect == phrases.find_question_defect(framework(), "i1")
    assert weak["i1"].remedy == phrases.find_question_action(framework(), "i1")


def test_what_reaches_the_target_is_a_strength():
    found = derive_findings(framework(), known())
    assert len(of(found, FindingKind.STRENGTH)) == 10
    assert all(f.kind in NON_DEFECTS for f in found if f.kind != FindingKind.LEVEL)
    *titles, overall = [d.title for d in draft_measures(framework(), found, sample_year() + 1)]
    assert all(t.startswith("รักษามาตรฐานการดำเนินงาน") for t in titles)
    assert "ภาพรวม" in overall


def test_of_an_unknown_indicator_the_measure_is_what_an_agency_can_do():
    """Nobody who is assessed can arrange for a result: the measure, its steps and what shows that it succeeded are the
    agency's own work."""
    for draft in draft_measures(framework(), derive_findings(framework(), {}), sample_year() + 1):
        (indicator,) = draft.indicators
        assert "ผลการประเมินด้าน" not in draft.title
        assert draft.title.startswith("กำกับติดตามการดำเนินงาน")
        actions = phrases.describe_indicator(framework(), indicator).actions
        assert actions
        assert all(action in draft.steps for action in actions)
        assert "รักษามาตรฐาน" not in draft.steps, "of what nobody has measured"
        assert f"ไม่ต่ำกว่า {framework().rules.target.points} คะแนน" in draft.success


def test_the_overall_measure_begins_with_the_weakest_indicators():
    items = {n.id.replace("/", "_"): 60 for n in framework().items_of("2")}
    items |= {n.id.replace("/", "_"): 70 for n in framework().items_of("1")}
    found = derive_findings(framework(), known(**items))
    assert of(found, FindingKind.INDICATOR).keys() == {"1", "2"}
    missed = of(found, FindingKind.LEVEL)
    assert missed
    assert all("ขาด" in f.defect for f in missed.values())
    overall = draft_measures(framework(), found, sample_year() + 1)[-1]
    assert {f.kind for f in overall.findings} == {FindingKind.INSTRUMENT, FindingKind.LEVEL}
    assert all(f.indicator == "" for f in overall.findings)
    first, second, *rest = overall.steps.splitlines()
    assert "ตัวชี้วัดที่ 2 " in first
    assert "ตัวชี้วัดที่ 1 " in second
    assert len(rest) == 1
    assert "คะแนน IIT" in overall.success


def test_a_decline_needs_a_year_before():
    year = sample_year()
    before = rules.load(rules.NATIONAL, year - 1)
    links = rules.lineage([before, framework()])
    item = next(i for i, source in links.items() if source == (i,) and i.startswith("O"))
    old = {n.id: Fraction(100) for n in before.nodes.values() if n.kind == "item"}
    now = known(**{item: 90})
    assert not of(derive_findings(framework(), now), FindingKind.DECLINE)
    fell = of(derive_findings(framework(), now, previous=(before, old)), FindingKind.DECLINE)
    assert item in fell
    assert "100" in fell[item].defect
    assert fell[item].before == Decimal("100.00")
    assert not of(
        derive_findings(framework(), known(**{item: 90}), previous=(before, dict.fromkeys(old, Fraction(90)))),
        FindingKind.DECLINE,
    )


def test_a_question_with_a_random_error_does_not_decline():
    """Nobody is told of a decline that the protection of who answered may have made."""
    before = rules.load(rules.NATIONAL, sample_year() - 1)
    links = rules.lineage([before, framework()])
    item = next(i for i, source in links.items() if source == (i,) and i.startswith("i"))
    old = {n.id: Fraction(100) for n in before.nodes.values() if n.kind == "item"}
    asked = {"previous": (before, old)}
    assert item in of(derive_findings(framework(), known(**{item: 90}), **asked), FindingKind.DECLINE)
    assert item not in of(
        derive_findings(framework(), known(**{item: 90}), **asked, approximate=[item]), FindingKind.DECLINE
    )
    assert item in of(derive_findings(framework(), known(**{item: 60}), **asked, approximate=[item]), FindingKind.ITEM)


def test_an_assessors_comment_is_a_finding_of_its_item():
    found = derive_findings(framework(), known(), comments={"O3": "ไม่พบเบอร์โทรศัพท์", "i1": "  ", "O99": "ไม่มีข้อนี้"})
    comments = of(found, FindingKind.COMMENT)
    assert comments.keys() == {"O3"}
    assert comments["O3"].defect == "ไม่พบเบอร์โทรศัพท์"
    assert comments["O3"].remedy


def test_scores_of_indicators_alone_still_make_a_plan():
    scores = {i.id: Fraction(70) for i in framework().rules.indicators}
    found = derive_findings(framework(), scores)
    assert len(of(found, FindingKind.INDICATOR)) == 10
    assert all(f.remedy for f in of(found, FindingKind.INDICATOR).values())
    assert any("รายข้อ" in g for g in describe_gaps(framework(), scores, has_previous=True))


def test_a_result_without_eit_part_two_has_findings_and_a_gap():
    part = {n: v for n, v in known(i1=20).items() if not n.startswith("EIT2/")}
    found = derive_findings(framework(), part)
    assert {f.indicator for f in found} == {i.id for i in framework().rules.indicators}
    assert not of(found, FindingKind.LEVEL)  # no total, no level
    assert of(found, FindingKind.UNKNOWN).keys() == {
        i.id for i in framework().rules.indicators if "EIT2" in i.instruments
    }
    gaps = describe_gaps(framework(), part, has_previous=False)
    assert any("EIT ส่วนที่ 2" in g for g in gaps)
    assert any("ปีก่อน" in g for g in gaps)


def test_responsible_units_come_from_the_plan_before():
    found = derive_findings(framework(), known())
    plan = {
        "".join(d.indicators): d
        for d in draft_measures(framework(), found, sample_year() + 1, {"2": ("กองคลัง", "สำนักปลัด"), "": ("สำนักปลัด",)})
    }
    assert plan["2"].units == ("กองคลัง", "สำนักปลัด")
    assert plan["1"].units == (ALL_UNITS,)
    assert plan[""].units == ("สำนักปลัด",)


def test_the_same_remedy_stands_once_in_the_steps():
    items = {n.id.replace("/", "_"): 30 for n in framework().items_of("6")}
    steps = draft_measures(framework(), derive_findings(framework(), known(**items)), sample_year() + 1)[
        5
    ].steps.splitlines()
    texts = [s.partition(". ")[2] for s in steps]
    assert len(texts) == len(set(texts))
    assert [s.partition(".")[0] for s in steps] == [str(n) for n in range(1, len(steps) + 1)]


# --- what people type


@given(st.text("\t\r\n\x0b\x0c\x85\u2028\u00a0\0\x1f |กำa🙂", max_size=20) | st.text(max_size=8))
def test_normalising_twice_changes_nothing_more(text):
    once = normalize_text(text)
    assert normalize_text(once) == once
    assert normalize_line(normalize_line(text)) == normalize_line(text)
    assert "\0" not in once
    assert "\t" not in once
    assert "\r" not in once


def test_a_pasted_word_table_stays_readable():
    assert normalize_text("ขั้นตอน\tผู้ทำ\r\nประชุม\tปลัด\r\n\r\n\r\n\r\nจบ ") == "ขั้นตอน | ผู้ทำ\nประชุม | ปลัด\n\nจบ"


def test_letters_and_emoji_are_kept():
    text = "ทำป้าย 🙂 ✅ ๑๒๓ “คำพูด” ก่อน​น้ำ"
    assert normalize_text(text) == text


def test_units_are_separated():
    assert split_names("สำนักปลัด, กองคลัง\nกองช่าง;กองคลัง, ") == ["สำนักปลัด", "กองคลัง", "กองช่าง"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("20,000", "20000.00"),
        ("๒๐,๐๐๐ บาท", "20000.00"),
        ("1250.5", "1250.50"),
        ("5,000.-", "5000.00"),
        ("0", "0.00"),
        ("", None),
        ("-", None),
        ("ไม่มี", None),
    ],
)
def test_budgets_as_people_write_them(text, amount):
    assert parse_budget(text) == (None if amount is None else Decimal(amount), "")


@pytest.mark.parametrize("text", ["มาก", "1e99", "NaN", "Infinity", "-5", "10000000000000", "1.2.3", "=1+1"])
def test_a_wrong_budget_is_reported(text):
    amount, problem = parse_budget(text)
    assert amount is None
    assert problem


# --- the library's counts


@given(st.lists(st.decimals(-100, 100, places=2), min_size=1, max_size=60))
def test_a_distribution_counts_each_change_once_and_its_interval_contains_the_median(changes):
    s = distribution_of(changes)
    assert s.up + s.same + s.down == s.n == len(changes)
    assert min(changes) <= s.low <= s.median <= s.high <= max(changes)
    assert s.is_middle_half == (len(changes) >= 4)


def test_no_change_has_no_median():
    assert distribution_of([]).median is None


def test_a_remedy_names_the_years_of_the_papers_that_the_plan_makes():
    """A declaration that is signed in the plan's year counts for that year, not for the year of the result."""
    before, after = YEARS["2569"], YEARS["2570"]
    (item,) = [i for i in before.items_of("10") if "No Gift" in i.label.th]
    scores = {i.id: Fraction(0 if i.id == item.id else 100) for i in before.items_of("10")}
    (own,) = [f for f in derive_findings(before, scores) if f.kind == FindingKind.ITEM]
    (found,) = [f for f in derive_findings(before, scores, following=after) if f.kind == FindingKind.ITEM]
    assert f"ปีงบประมาณ พ.ศ. {before.fiscal_year}" in own.remedy
    assert f"ปีงบประมาณ พ.ศ. {after.fiscal_year}" in found.remedy
    assert found.defect == own.defect


def test_a_remedy_about_the_year_before_names_that_year():
    """The report on a plan counts of the year before the assessment that the plan prepares for."""
    before, after = YEARS["2569"], YEARS["2570"]
    (item,) = [
        i for i in before.items_of("10") if i.item.period == "previous_year" and "แผนบริหารความเสี่ยง" in i.label.th
    ]
    scores = {i.id: Fraction(0 if i.id == item.id else 100) for i in before.items_of("10")}
    (found,) = [f for f in derive_findings(before, scores, following=after) if f.kind == FindingKind.ITEM]
    assert f"ปีงบประมาณ พ.ศ. {after.fiscal_year - 1}" in found.remedy


_SPOKEN = re.compile(
    "ฉุด|แก้ข้อนั้น|ทำสิ่งที่ทำ|วิธีทำ|ไม่รู้|อยากได้|ลูกน้อง|เงินเดือนขึ้น|เลยต้อง|ทำหน้าเดียว|ลงข่าว|ติดไว้|ให้เห็นเป็นตัวอย่าง|เร่งมาตรการ|"
    "คนขอ|งบที่ใช้ไป|สั้น ๆ|แจ้งข่าว|ทำแผ่น|โทรถาม"
)


@pytest.mark.parametrize("year", YEARS)
def test_a_drafted_plan_is_in_the_register_of_official_papers(year):
    """Of the worst result, of one without items, and of the best: what an executive signs is not spoken Thai. What the
    rules require of a page stands in their own words."""
    chosen = YEARS[year]
    elements = {e.th for i in chosen.rules.disclosure_items for e in i.elements}
    items = [n.id for n in chosen.nodes.values() if n.kind == "item"]
    for scores in (
        dict.fromkeys(items, Fraction(0)),
        dict.fromkeys(items, Fraction(100)),
        {i.id: Fraction(70) for i in chosen.rules.indicators},
    ):
        for draft in draft_measures(chosen, derive_findings(chosen, scores), chosen.fiscal_year + 1):
            text = "\n".join((draft.title, draft.steps, draft.success, *(f.defect for f in draft.findings)))
            for element in elements:
                text = text.replace(element, "")
            assert not _SPOKEN.search(text), _SPOKEN.search(text)
            assert re.search("กำชับ|จัดทำ|ประกาศ|เผยแพร่|กำกับ|ติดตาม", draft.steps)
