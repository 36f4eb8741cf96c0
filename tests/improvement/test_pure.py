"""Fiscal years, periods, findings, the first draft, typed text: what needs no database."""

import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.improvement.drafting import EVERYBODY, draft
from prongsai.improvement.findings import GOOD, Kind, findings, gaps
from prongsai.improvement.forms import read_budget
from prongsai.improvement.library import spread
from prongsai.improvement.periods import RHYTHM_TH, Rhythm, due_dates, period_text
from prongsai.improvement.text import listed, one_line, tidy
from prongsai.lib import fiscal
from tests.conftest import newest

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


@given(years, periods, st.sampled_from(Rhythm))
def test_due_dates_lie_in_the_period_and_end_with_it(year, period, rhythm):
    starts, ends = period
    dues = due_dates(year, starts, ends, rhythm)
    assert dues == tuple(sorted(set(dues)))
    assert dues[-1] == fiscal.last_day(year, ends)
    assert all(fiscal.first_day(year, starts) <= d <= fiscal.last_day(year) for d in dues)
    most = {Rhythm.MONTHLY: 12, Rhythm.QUARTERLY: 4, Rhythm.TWICE: 2, Rhythm.ONCE: 1}[rhythm]
    assert len(dues) <= most + 1 - (period == [1, 12])
    every = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.TWICE: 6, Rhythm.ONCE: 12}[rhythm]
    assert all(fiscal.month_of(d) % every == 0 for d in dues[:-1])


def test_due_dates_of_a_whole_year():
    def ends(rhythm):
        return [(d.month, d.day) for d in due_dates(2569, 1, 12, rhythm)]

    assert ends("quarterly") == [(12, 31), (3, 31), (6, 30), (9, 30)]
    assert ends("twice") == [(3, 31), (9, 30)]
    assert ends("once") == [(9, 30)]
    assert len(ends("monthly")) == 12
    assert set(RHYTHM_TH) == set(Rhythm)


@pytest.mark.parametrize("period", [(0, 3), (5, 4), (1, 13)])
def test_an_impossible_period_is_refused(period):
    with pytest.raises(ValueError, match="no period"):
        period_text(2569, *period)
    with pytest.raises(ValueError, match="no period"):
        due_dates(2569, *period, "once")


# --- findings


def framework():
    return rules.load(str(newest()))


def known(**items):
    return {
        n.id: Fraction(items.get(n.id.replace("/", "_"), 90)) for n in framework().nodes.values() if n.kind == "item"
    }


def of(found, kind):
    return {f.node: f for f in found if f.kind == kind}


@pytest.mark.parametrize("year", rules.available())
def test_every_indicator_of_every_year_has_a_finding_and_a_measure(year):
    chosen = rules.load(year)
    for points in (0, 70, 100):
        scores = {n.id: Fraction(points) for n in chosen.nodes.values() if n.kind == "item"}
        found = findings(chosen, scores)
        ids = [i.id for i in chosen.rules.indicators]
        assert [f.indicator for f in found] == sorted((f.indicator for f in found), key=[*ids, ""].index)
        plan = draft(chosen, found, chosen.fiscal_year + 1)
        whole = [()] if points < 100 else []  # the level could be higher
        assert [d.indicators for d in plan] == [*((i,) for i in ids), *whole]
        for d in plan:
            assert all((d.title, d.steps, d.success, d.units, any(f.defect for f in d.findings)))


def test_weak_items_say_the_frameworks_advice():
    found = findings(framework(), known(i1=40, O1=0))
    weak = of(found, Kind.ITEM)
    assert set(weak) == {"i1", "O1"}
    assert (weak["O1"].defect, weak["O1"].remedy) == (
        framework().items["O1"].advice.defect,
        framework().items["O1"].advice.remedy,
    )
    assert weak["O1"].indicator == "9"
    assert weak["i1"].score == Decimal("40.00")


def test_what_reaches_the_target_is_a_strength_to_keep():
    found = findings(framework(), known())
    assert len(of(found, Kind.STRENGTH)) == 10
    assert all(f.kind in GOOD for f in found if f.kind != Kind.LEVEL)
    *titles, whole = [d.title for d in draft(framework(), found, newest() + 1)]
    assert all(t.startswith("รักษาระดับ") for t in titles)
    assert "ภาพรวม" in whole


def test_instruments_and_levels_are_of_the_whole_and_its_measure_begins_with_the_weakest_indicators():
    items = {n.id.replace("/", "_"): 60 for n in framework().items_of("2")}
    items |= {n.id.replace("/", "_"): 70 for n in framework().items_of("1")}
    found = findings(framework(), known(**items))
    assert of(found, Kind.INDICATOR).keys() == {"1", "2"}
    missed = of(found, Kind.LEVEL)
    assert missed
    assert all("ขาด" in f.defect for f in missed.values())
    whole = draft(framework(), found, newest() + 1)[-1]
    assert {f.kind for f in whole.findings} == {Kind.INSTRUMENT, Kind.LEVEL}
    assert all(f.indicator == "" for f in whole.findings)
    first, second, *rest = whole.steps.splitlines()
    assert "ตัวชี้วัดที่ 2 " in first
    assert "ตัวชี้วัดที่ 1 " in second
    assert len(rest) == 1
    assert "คะแนน IIT" in whole.success


def test_what_fell_is_found_only_with_a_year_before():
    year = newest()
    before = rules.load(str(year - 1))
    links = rules.lineage([before, framework()])
    item = next(i for i, source in links.items() if source == (i,) and i.startswith("O"))
    old = {n.id: Fraction(100) for n in before.nodes.values() if n.kind == "item"}
    now = known(**{item: 90})
    assert not of(findings(framework(), now), Kind.FELL)
    fell = of(findings(framework(), now, last=(before, old)), Kind.FELL)
    assert item in fell
    assert "100" in fell[item].defect
    assert fell[item].before == Decimal("100.00")
    assert not of(
        findings(framework(), known(**{item: 90}), last=(before, dict.fromkeys(old, Fraction(90)))), Kind.FELL
    )


def test_an_assessors_comment_is_a_finding_of_its_item():
    found = findings(framework(), known(), comments={"O3": "ไม่พบเบอร์โทรศัพท์", "i1": "  ", "O99": "ไม่มีข้อนี้"})
    comments = of(found, Kind.COMMENT)
    assert comments.keys() == {"O3"}
    assert comments["O3"].defect == "ไม่พบเบอร์โทรศัพท์"
    assert comments["O3"].remedy


def test_scores_of_indicators_alone_still_make_a_plan():
    scores = {i.id: Fraction(70) for i in framework().rules.indicators}
    found = findings(framework(), scores)
    assert len(of(found, Kind.INDICATOR)) == 10
    assert all(f.remedy for f in of(found, Kind.INDICATOR).values())
    assert any("รายข้อ" in g for g in gaps(framework(), scores, has_last=True))


def test_a_result_without_eit_part_two_says_so_and_makes_a_plan():
    part = {n: v for n, v in known(i1=20).items() if not n.startswith("EIT2/")}
    found = findings(framework(), part)
    assert {f.indicator for f in found} == {i.id for i in framework().rules.indicators}
    assert not of(found, Kind.LEVEL)  # no total, no level
    assert of(found, Kind.UNKNOWN).keys() == {i.id for i in framework().rules.indicators if "EIT2" in i.instruments}
    told = gaps(framework(), part, has_last=False)
    assert any("EIT2" in g for g in told)
    assert any("ปีก่อน" in g for g in told)


def test_responsible_units_come_from_the_plan_before():
    found = findings(framework(), known())
    plan = {
        "".join(d.indicators): d
        for d in draft(framework(), found, newest() + 1, {"2": ("กองคลัง", "สำนักปลัด"), "": ("สำนักปลัด",)})
    }
    assert plan["2"].units == ("กองคลัง", "สำนักปลัด")
    assert plan["1"].units == (EVERYBODY,)
    assert plan[""].units == ("สำนักปลัด",)


def test_the_same_remedy_stands_once_in_the_steps():
    items = {n.id.replace("/", "_"): 30 for n in framework().items_of("6")}
    steps = draft(framework(), findings(framework(), known(**items)), newest() + 1)[5].steps.splitlines()
    texts = [s.partition(". ")[2] for s in steps]
    assert len(texts) == len(set(texts))
    assert [s.partition(".")[0] for s in steps] == [str(n) for n in range(1, len(steps) + 1)]


# --- what people type


@given(st.text())
def test_tidying_twice_changes_nothing_more(text):
    once = tidy(text)
    assert tidy(once) == once
    assert one_line(one_line(text)) == one_line(text)
    assert "\0" not in once
    assert "\t" not in once
    assert "\r" not in once


def test_a_pasted_word_table_stays_readable():
    assert tidy("ขั้นตอน\tผู้ทำ\r\nประชุม\tปลัด\r\n\r\n\r\n\r\nจบ ") == "ขั้นตอน | ผู้ทำ\nประชุม | ปลัด\n\nจบ"


def test_letters_and_emoji_are_kept():
    text = "ทำป้าย 🙂 ✅ ๑๒๓ “คำพูด” ก่อน​น้ำ"
    assert tidy(text) == text


def test_units_are_told_apart():
    assert listed("สำนักปลัด, กองคลัง\nกองช่าง;กองคลัง, ") == ["สำนักปลัด", "กองคลัง", "กองช่าง"]


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
    assert read_budget(text) == (None if amount is None else Decimal(amount), "")


@pytest.mark.parametrize("text", ["มาก", "1e99", "NaN", "Infinity", "-5", "10000000000000", "1.2.3", "=1+1"])
def test_a_wrong_budget_is_told(text):
    amount, problem = read_budget(text)
    assert amount is None
    assert problem


# --- the library's counts


@given(st.lists(st.decimals(-100, 100, places=2), min_size=1, max_size=60))
def test_a_spread_counts_everybody_once_and_its_interval_holds_the_median(changes):
    s = spread(changes)
    assert s.up + s.same + s.down == s.n == len(changes)
    assert min(changes) <= s.low <= s.middle <= s.high <= max(changes)
    assert s.middle_half == (len(changes) >= 4)


def test_no_movement_claims_nothing():
    assert spread([]).middle is None
