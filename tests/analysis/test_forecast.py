"""What a disclosure score would be: a range that holds whatever the items with faults get."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.analysis.forecast import forecast_disclosure
from prongsai.framework import DisclosureItem
from prongsai.scoring.exact import complete_scores, round_score
from tests.years import SAMPLE_YEAR, YEARS, changed

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available() if name == rules.NATIONAL}


def items_of(framework):
    return [n.id for n in framework.nodes.values() if isinstance(n.item, DisclosureItem)]


@pytest.mark.parametrize("year", FRAMEWORKS)
def test_everything_complete_is_full_and_nothing_filed_is_nothing(year):
    framework = FRAMEWORKS[year]
    items = items_of(framework)
    most = {max(framework.mark_points(item)) for item in items}
    full = forecast_disclosure(framework, complete=items, faulty=())
    nothing = forecast_disclosure(framework, complete=(), faulty=())
    open_range = forecast_disclosure(framework, complete=(), faulty=items)
    assert most == {100}
    assert (full.low, full.high, full.instrument) == (100, 100, "OIT")
    assert (nothing.low, nothing.high) == (0, 0)
    assert (open_range.low, open_range.high) == (0, 100)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), year=st.sampled_from(sorted(FRAMEWORKS)))
def test_whatever_marks_the_faulty_get_the_score_lies_between(data, year):
    framework = FRAMEWORKS[year]
    states = {item: data.draw(st.sampled_from(("complete", "faulty", "missing"))) for item in items_of(framework)}
    complete, faulty = ({i for i, state in states.items() if state == wanted} for wanted in ("complete", "faulty"))
    forecast = forecast_disclosure(framework, complete=complete, faulty=faulty)
    marks = {}
    for item, state in states.items():
        points = sorted(framework.mark_points(item))
        marks[item] = Fraction(
            points[-1]
            if state == "complete"
            else points[0]
            if state == "missing"
            else data.draw(st.sampled_from(points))
        )
    score = round_score(framework, complete_scores(framework, marks)[forecast.instrument])
    assert forecast.low <= score <= forecast.high
    assert (forecast.low == forecast.high) == (not faulty)


def test_a_year_that_checks_no_disclosure_has_no_forecast_and_one_item_is_enough_for_one():
    sample = YEARS[SAMPLE_YEAR]
    surveys_alone = changed(sample, disclosure_items=())
    assert forecast_disclosure(surveys_alone, complete=(), faulty=()) is None
    first = sample.rules.disclosure_items[0]
    topic = next(s for s in sample.rules.sub_indicators if s.id == first.sub_indicator)
    indicators = tuple(i for i in sample.rules.indicators if "OIT" not in i.instruments or i.id == topic.indicator)
    alone = changed(sample, disclosure_items=(first,), sub_indicators=(topic,), indicators=indicators)
    forecast = forecast_disclosure(alone, complete=(first.id,), faulty=())
    assert (forecast.instrument, forecast.low, forecast.high) == ("OIT", 100, 100)
