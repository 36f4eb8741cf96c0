"""A year begun from another, rules as data and as files, and the two digests."""

import dataclasses
import datetime
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.framework import Framework, wording
from prongsai.framework.checks import check_meaning
from prongsai.framework.reading import read_data
from prongsai.framework.schema import Record, Rules, SmallGroups
from prongsai.scoring import check_cases
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


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("true")
@example("No")
@example("2568")
@example("- ก: {ข}, [ค] # ง")
@example('สอง\nบรรทัด "คำพูด" \\ \t')
@example("\x85\u2028 ")
def test_any_text_is_written_and_read_again(tmp_path, text):
    small = small_rules()
    advice = replace(small.survey_items[0].advice, defect=text)
    framework = Framework(variant(small, "survey_items", small.survey_items[0].id, advice=advice))
    rules.write_folder(framework, tmp_path)
    assert rules.load_folder(tmp_path).rules == framework.rules


def test_a_folder_is_written_as_by_hand(tmp_path):
    files = rules.write_folder(Framework(small_rules()), tmp_path)
    assert [f.relative_to(tmp_path).as_posix() for f in files] == [
        "framework.yaml",
        "survey-items.yaml",
        "disclosure-items.yaml",
        "cases/cases.yaml",
    ]
    text = files[0].read_text(encoding="utf-8")
    assert text.startswith("assessment: ita\nfiscal_year: 2568\nstate: announced\ntitle: {th:")
    assert '      - {label: {th: "น้อย", en: Little}, points: 0}\n' in text
    assert "    basis: {standing: documented, source: [BOOK]}\n" in text
    assert '  - id: "9.1"\n    indicator: "9"\n' in text
    assert "null" not in text


def test_a_year_begun_over_others_continues_what_became_of_its_items():
    """2566 has 43 disclosures, 2567 35: an item of a year begun from 2566 continues what 2567 made of it."""
    first, between = YEARS["2566"], YEARS["2567"]
    data = rules.begin_year(first, 2568, between=[between])
    continues = {i["id"]: i["continues"] for i in data["disclosure_items"]}
    assert continues["O5"] == ["O4"]
    assert continues["O1"] == ["O1"]
    begun, problems = rules.check_data(data, between)
    assert begun is not None
    assert rules.errors_of(problems) == []
    assert {p.code for p in problems} <= {"year-left-over"}


def test_another_assessment_continues_nothing():
    data = rules.begin_year(YEARS["2570"], 2571, assessment="kku")
    assert all(item["continues"] == [] for item in (*data["survey_items"], *data["disclosure_items"]))


def test_years_in_texts_and_titles_move_and_cases_stay():
    small = small_rules()
    element = replace(small.disclosure_items[0].elements[0], th="แผนปี 2568 ตาม พ.ร.บ. พ.ศ. 2560")
    changed = variant(small, "disclosure_items", "O1", elements=(element,))
    changed = replace(changed, title=replace(small.title, th="ประเมินคณะ ๒๕๖๘"))
    data = rules.begin_year(Framework(changed), small.fiscal_year + 1, with_cases=True)
    assert data["disclosure_items"][0]["elements"][0]["th"] == "แผนปี 2569 ตาม พ.ร.บ. พ.ศ. 2560"
    assert data["title"]["th"] == "ประเมินคณะ ๒๕๖๙"
    (case,) = data["cases"]
    assert (case["title"], case["source"]) == (small.cases[0].title, ["RULES2568"])


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
    assert begun.rules.rounding.basis.note == f"ยกมาจากหลักเกณฑ์ปี {year} ยังไม่ได้ตรวจกับประกาศของปี {int(year) + 1}"
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
    assert {(p.code, p.place) for p in rules.errors_of(problems)} == {
        ("weights-sum", ("instruments", 0, "weight")),
        ("unknown-previous-item", ("survey_items", 0, "continues")),
    }
    assert [p.where for p in rules.errors_of(problems)] == ["instruments.1.weight", "survey_items.1.continues"]


# --- arithmetic and wording


def every_field():
    """Every field of every record that rules are made of."""
    seen, pending = set(), [Rules]
    while pending:
        record = pending.pop()
        if record in seen:
            continue
        seen.add(record)
        pending += [r for r in Record.__subclasses__() if re.search(rf"\b{r.__name__}\b", str(record.__annotations__))]
    return {(record, part.name) for record in seen for part in dataclasses.fields(record)}


def test_every_field_is_decided_on():
    """Who adds a field says in ``framework/wording.py`` whether a running round may change it."""
    tables = (wording.ARITHMETIC, wording.WORDING, wording.OUTSIDE)
    decided = [(record, field) for table in tables for record, fields in table.items() for field in fields]
    assert len(decided) == len(set(decided))  # in one table alone
    assert set(decided) == every_field()


def test_a_field_that_nobody_decided_on_is_arithmetic(monkeypatch):
    monkeypatch.setattr(wording, "WORDING", {})
    monkeypatch.setattr(wording, "ARITHMETIC", {})
    assert not wording.is_wording(Rules, "calendar")


def test_a_field_that_came_later_and_says_nothing_is_part_of_no_digest():
    """Digests of rounds that began before there was one stay what they were."""
    later = wording.ADDED[SmallGroups]
    loud = YEARS["2570"].rules
    silent = replace(loud, open_links=(), small_groups=replace(loud.small_groups, **dict.fromkeys(later)))
    for digested in (wording.arithmetic_of, wording.wording_of):
        assert "open_links" not in digested(silent)
        assert later.isdisjoint(digested(silent)["small_groups"])
    assert "open_links" in wording.wording_of(loud)
    assert later <= wording.wording_of(loud)["small_groups"].keys()


FULL = Framework(
    replace(
        YEARS["2568"].rules,
        calendar=small_rules().calendar,
        small_groups=small_rules().small_groups,
        earlier_editions=YEARS["2568"].rules.earlier_editions[:1],
    )
)
DIGESTS = ("arithmetic_digest", "wording_digest")


def leaves(value, path=(), owner=None):
    """Every single value of the rules: its path, and the record and field it stands in, from the outermost that
    decides."""
    if isinstance(value, Record):
        for name, part in vars(value).items():
            decides = owner if owner and kind_of(owner) != "arithmetic" else (type(value), name)
            yield from leaves(part, (*path, name), decides)
    elif isinstance(value, tuple | dict):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key), owner)
    elif value is not None:
        yield path, owner


def kind_of(owner):
    record, field = owner
    if field in wording.OUTSIDE.get(record, ()):
        return "outside"
    return "wording" if wording.is_wording(record, field) else "arithmetic"


def changed_at(value, path):
    """The rules with one value changed: a number by one, a text or a date to another."""
    if not path:
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + 1
        return value + datetime.timedelta(1) if isinstance(value, datetime.date) else f"{value}x"
    key, *rest = path
    if isinstance(value, Record):
        return replace(value, **{key: changed_at(getattr(value, key), rest)})
    if isinstance(value, dict):
        return {k: changed_at(part, rest) if k == key else part for k, part in value.items()}
    return tuple(changed_at(part, rest) if k == key else part for k, part in enumerate(value))


BY_FIELD: dict[tuple[type[Record], str], list[tuple[object, ...]]] = {}
for _path, _owner in leaves(FULL.rules):
    BY_FIELD.setdefault(_owner, []).append(_path)


@given(
    st.sampled_from(sorted(BY_FIELD, key=str)).flatmap(lambda o: st.tuples(st.just(o), st.sampled_from(BY_FIELD[o])))
)
@settings(max_examples=150)
def test_a_change_of_one_kind_changes_its_digest_alone(change):
    owner, path = change
    changed = Framework(changed_at(FULL.rules, path))
    different = [name for name in DIGESTS if getattr(changed, name) != getattr(FULL, name)]
    kind = kind_of(owner)
    assert changed.content_digest != FULL.content_digest
    assert different == ([] if kind == "outside" else [f"{kind}_digest"])
    assert (changed.digest != FULL.digest) is (kind != "outside")


def test_what_is_there_to_choose_and_its_order_are_arithmetic():
    scale = FULL.rules.scales[0]
    item = next(i for i in FULL.rules.disclosure_items if len(i.elements) > 1)
    for changed in (
        variant(FULL.rules, "scales", scale.id, options=scale.options[:-1]),
        variant(FULL.rules, "scales", scale.id, options=scale.options[::-1]),
        variant(FULL.rules, "disclosure_items", item.id, elements=item.elements[1:]),
        replace(FULL.rules, survey_items=FULL.rules.survey_items[::-1]),
        replace(FULL.rules, samples=()),
        replace(FULL.rules, small_groups=None),
    ):
        assert Framework(changed).arithmetic_digest != FULL.arithmetic_digest


def test_a_calendar_and_a_link_to_last_year_are_wording():
    first = FULL.rules.survey_items[0]
    for changed in (replace(FULL.rules, calendar=()), variant(FULL.rules, "survey_items", first.id, continues=())):
        assert Framework(changed).arithmetic_digest == FULL.arithmetic_digest
        assert Framework(changed).wording_digest != FULL.wording_digest


def test_nothing_is_lost_between_arithmetic_and_wording():
    def merge(a, b):
        if isinstance(a, dict) and isinstance(b, dict):
            return {key: merge(a[key], b.get(key)) if key in a else b[key] for key in {**a, **b}}
        if isinstance(a, list) and isinstance(b, list):
            return [merge(x, y) for x, y in zip(a, b, strict=True)]
        return a

    rules_of_year = YEARS["2568"].rules
    data = {k: v for k, v in rules.as_data(rules_of_year).items() if k not in wording.OUTSIDE[Rules]}
    assert merge(wording.arithmetic_of(rules_of_year), wording.wording_of(rules_of_year)) == data


# --- rules as data from anywhere

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda part: st.one_of(st.lists(part, max_size=3), st.dictionaries(st.text(max_size=5), part, max_size=3)),
    max_leaves=6,
)
SMALL = Framework(small_rules())
PATHS = sorted({path[:n] for path, _ in leaves(SMALL.rules) for n in range(1, len(path) + 1)}, key=str)


def put(value, path, part):
    if not path:
        return part
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = put(copy[key], rest, part)
    return copy


@given(st.sampled_from(PATHS), JSON)
@settings(max_examples=200)
def test_no_data_is_too_wrong_to_be_checked(path, part):
    """Whatever stands at one place: rules or problems come back, each with a place that is there."""
    data = put(rules.as_data(SMALL.rules), path, part)
    framework, problems = rules.check_data(data, SMALL, also=check_cases)
    assert (framework is None) is bool(rules.errors_of(problems))
    assert all(p.what and p.why and p.how and str(p) for p in problems)


@given(JSON)
def test_the_year_before_may_be_anything(part):
    for data in ({"survey_items": part}, {"survey_items": [{"id": "i1", "label": part}]}, {"disclosure_items": [part]}):
        _check_against(data)


def _check_against(previous):
    draft = read_data(rules.as_data(small_rules()), None)
    check_meaning(draft, previous)
    assert all(p.place for p in draft.problems)
