"""A year begun from another, rules as data and as files, and the two digests."""

import dataclasses

import pytest

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.framework.schema import Record, Rules
from prongsai.framework.wording import arithmetic_of, is_wording, wording_of
from tests.framework.small import small_rules, variant
from tests.years import YEARS


@pytest.mark.parametrize("year", YEARS)
def test_rules_are_the_same_as_data_and_as_files(year, tmp_path):
    framework, before = YEARS[year], YEARS.get(str(int(year) - 1))
    again, problems = rules.check_data(rules.as_data(framework.rules), before)
    assert (again.rules, problems) == (framework.rules, [])
    assert rules.restore(rules.as_data(framework.rules)).rules == framework.rules
    folder = tmp_path / framework.assessment / year
    rules.write_folder(framework, folder)
    assert rules.load_folder(folder).rules == framework.rules


@pytest.mark.parametrize("year", YEARS)
def test_a_begun_year_is_valid_and_rests_on_the_year_before(year):
    before = YEARS[year]
    data = rules.begin_year(before, int(year) + 1)
    begun, problems = rules.check_data(data, before)
    assert problems == []
    assert begun.fiscal_year == int(year) + 1
    assert begun.is_provisional
    assert list(begun.rules.sources) == [f"RULES{year}"]
    assert begun.rules.cases == ()
    assert all(item.continues == (item.id,) for item in begun.items.values())
    assert str(int(year) + 1) in begun.rules.title.th
    assert year not in begun.rules.title.th
    assert rules.difference([before, begun]) == []
    standings = [basis["standing"] for basis in every("standing", data)]
    assert set(standings) == {"inferred"}
    assert len(standings) > 100


def every(name, value):
    if isinstance(value, dict):
        if name in value:
            yield value
        value = value.values()
    elif not isinstance(value, list):
        return
    for part in value:
        yield from every(name, part)


def test_a_year_may_be_begun_for_another_assessment_with_its_cases():
    before = next(f for f in YEARS.values() if f.rules.cases)
    data = rules.begin_year(before, before.fiscal_year + 1, assessment="kku", with_cases=True)
    begun, problems = rules.check_data(data, None)
    assert problems == []
    assert begun.assessment == "kku"
    assert len(begun.rules.cases) == len(before.rules.cases)


def test_dates_of_the_calendar_move_by_whole_years():
    small = small_rules()
    phase = small.calendar[0]
    assert phase.starts is not None
    data = rules.begin_year(Framework(small), small.fiscal_year + 4)
    moved = data["calendar"][0]["starts"]
    assert moved == phase.starts.replace(year=phase.starts.year + 4).isoformat()


def test_data_has_the_problems_of_a_folder():
    data = rules.as_data(small_rules())
    data["instruments"][0]["weight"] = 1
    data["survey_items"][0]["continues"] = ["nothing"]
    framework, problems = rules.check_data(data, Framework(small_rules()))
    assert framework is None
    assert {p.code for p in problems} == {"weights-sum", "unknown-previous-item"}


# --- arithmetic and wording


def every_field():
    """Every field of every record that rules are made of."""
    seen, pending = set(), [Rules]
    while pending:
        record = pending.pop()
        if record in seen:
            continue
        seen.add(record)
        pending += [r for r in Record.__subclasses__() if r.__name__ in str(record.__annotations__)]
    return {(record.__name__, part.name) for record in seen for part in dataclasses.fields(record)}


def test_what_is_wording_is_decided_for_every_field():
    """A new field is arithmetic until somebody decides otherwise here: a round then refuses to change it."""
    records = {r.__name__: r for r in Record.__subclasses__()}
    wording = {(record, field) for record, field in every_field() if is_wording(records[record], field)}
    assert wording == {
        *((r, "label") for r in records if "label" in records[r].__annotations__),
        *((r, "basis") for r in records if "basis" in records[r].__annotations__),
        *((r, "aliases") for r in records if "aliases" in records[r].__annotations__),
        ("Indicator", "meaning"),
        ("SurveyItem", "scale_basis"),
        ("SurveyItem", "continues"),
        ("SurveyItem", "advice"),
        ("Element", "th"),
        ("Element", "standing"),
        ("Element", "source"),
        ("DisclosureItem", "heading"),
        ("DisclosureItem", "placement"),
        ("DisclosureItem", "period_basis"),
        ("DisclosureItem", "continues"),
        ("DisclosureItem", "advice"),
        ("Sample", "population"),
        ("Rules", "title"),
        ("Rules", "note"),
        ("Rules", "sources"),
        ("Rules", "calendar"),
    }


def test_a_word_changes_the_wording_alone():
    small = small_rules()
    label = dataclasses.replace(small.survey_items[0].label, th="อีกถ้อยคำ")
    changed = Framework(variant(small, "survey_items", small.survey_items[0].id, label=label))
    before = Framework(small)
    assert changed.arithmetic_digest == before.arithmetic_digest
    assert changed.wording_digest != before.wording_digest
    assert changed.digest != before.digest


def test_a_weight_a_direction_and_a_limit_change_the_arithmetic_alone():
    small = small_rules()
    before = Framework(small)
    for part, name, change in (
        ("instruments", small.instruments[0].id, {"weight": 1}),
        ("survey_items", small.survey_items[0].id, {"direction": "negative"}),
        ("bands", small.bands[0].id, {"at_least": 99}),
    ):
        changed = Framework(variant(small, part, name, **change))
        assert changed.arithmetic_digest != before.arithmetic_digest, part
        assert changed.wording_digest == before.wording_digest, part


def test_nothing_is_lost_between_arithmetic_and_wording():
    def merge(a, b):
        if isinstance(a, dict) and isinstance(b, dict):
            return {key: merge(a[key], b.get(key)) if key in a else b[key] for key in {**a, **b}}
        if isinstance(a, list) and isinstance(b, list):
            return [merge(x, y) for x, y in zip(a, b, strict=True)]
        return a

    rules_of_year = YEARS["2568"].rules
    assert merge(arithmetic_of(rules_of_year), wording_of(rules_of_year)) == rules.as_data(rules_of_year)
