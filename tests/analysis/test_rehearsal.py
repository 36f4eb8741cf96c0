"""Last year's answers under next year's rules: the same as asking every question anew, the plain way."""

import json
from dataclasses import replace
from fractions import Fraction
from math import floor

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.analysis.rehearsal import MAX_DECIDING, _decimal, _hundredths, rehearse, weights_of
from prongsai.framework import Framework
from prongsai.lib.rounding import half_up
from tests.frameworks import frameworks, responses
from tests.scoring.plain import plain_scores
from tests.scoring.test_agreement import random_year
from tests.years import YEARS


def table(rows, columns):
    schema = pa.schema([("agency", pa.string()), *((c, pa.int64()) for c in columns)])
    return ibis.memtable(pa.Table.from_pylist([{n: r.get(n) for n in schema.names} for r in rows], schema))


def tables(framework, answers, marks):
    columns = {i: [c.name for c in framework.answer_columns(i)] for i in answers}
    surveys = {i: table(rows, columns[i]) for i, rows in answers.items() if rows}
    items = [i.id for i in framework.rules.disclosure_items]
    return surveys, table(marks, items) if marks else None


def run(old, new, answers, marks, **more):
    surveys, marked = tables(old, answers, marks)
    return rehearse(old, new, surveys, marked, **more)


def next_year(framework: Framework, **fields: object) -> Framework:
    """The year after, every item continuing itself."""
    data = rules.begin_year(framework, framework.fiscal_year + 1)
    begun = rules.restore(data).rules
    return Framework(replace(begun, **fields))


@settings(max_examples=25)
@given(data=st.data())
def test_a_year_rehearsed_on_itself_is_that_year(data):
    framework = data.draw(frameworks())
    answers, marks = data.draw(responses(framework))
    if not (marks or any(answers.values())):
        return
    surveys = [i.id for i in framework.survey_instruments()]
    if not all(answers[i] for i in surveys):  # a survey without any answer is unknown, and has a test of its own
        return
    result = run(framework, framework, answers, marks)
    assert result.unknown == ()
    for end in (result.low, result.high):
        for node in framework.nodes:
            assert end.rounded(node).tolist() == result.before.rounded(node).tolist()
    assert set(result.level_changes) <= {"none", "unknown"}


@settings(max_examples=25)
@given(data=st.data())
def test_every_interval_is_what_the_plain_scorer_gives_at_its_ends(data):
    """Some items of the next year continue nothing: the plain scorer is given their worst and best answers."""
    old = data.draw(frameworks())
    answers, marks = data.draw(responses(old))
    if not all(answers[i.id] for i in old.survey_instruments()) or (old.rules.disclosure_items and not marks):
        return
    new = next_year(old)
    fresh = data.draw(st.sets(st.sampled_from(sorted(new.items)), max_size=3))
    changed = {
        key: tuple(replace(i, continues=()) if i.id in fresh else i for i in getattr(new.rules, key))
        for key in ("survey_items", "disclosure_items")
    }
    new = Framework(replace(new.rules, **changed))
    result = run(old, new, answers, marks)
    assert {new.nodes[name].item.id for name in result.unknown} == fresh
    for end, scores in ((0, result.low), (1, result.high)):
        worst_or_best, marked = extremes(new, fresh, answers, marks, end)
        for row, agency in enumerate(result.agencies):
            expected = plain_scores(new, worst_or_best, marked, agency)
            for node in new.nodes:
                assert scores.exact(row, node) == expected[node], (node, agency)


def extremes(framework, fresh, answers, marks, end):
    """The same answers, with every fresh item at the worst (0) or best (1) of its scale."""
    pick = (min, max)[end]
    filled = {}
    for instrument, rows in answers.items():
        columns = [c for c in framework.answer_columns(instrument) if framework.nodes[c.item].item.id in fresh]
        filled[instrument] = [row | {c.name: c.points.index(pick(c.points)) for c in columns} for row in rows]
    best = {i: pick(framework.mark_points(i)) for i in fresh if i in {d.id for d in framework.rules.disclosure_items}}
    has_mark = [any(v is not None for k, v in row.items() if k != "agency") for row in marks]
    return filled, [row | best if marked else row for row, marked in zip(marks, has_mark, strict=True)]


def test_points_of_the_new_scale_count():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 3, size=10)
    scale = old.rules.scales[0]
    half = replace(scale, options=tuple(replace(o, points=o.points // 2) for o in scale.options))
    new = next_year(old, scales=(half, *old.rules.scales[1:]))
    result = run(old, new, answers, marks)
    item = next(n.id for n in new.items_of("IIT") if n.item.scale == scale.id)
    for row in range(len(result.agencies)):
        assert result.low.exact(row, item) == result.before.exact(row, item) / 2
    assert result.unknown == ()


def test_weights_move_levels_and_the_parts_sum_to_the_whole():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 5, size=30)
    weights = {"IIT": 1000, "EIT1": 1500, "EIT2": 1500, "OIT": 6000}
    new = next_year(old, instruments=tuple(replace(i, weight=weights[i.id]) for i in old.rules.instruments))
    result = run(old, new, answers, marks)
    change = result.low.values["overall"] - result.before.values["overall"]
    assert np.nanmax(abs(change)) > 0
    summary = result.summarize({"kind": dict.fromkeys(result.agencies, "sao")})
    moved = sum(Fraction(row["low"]) for row in summary["nodes"])
    assert abs(float(moved) - np.nanmean(change)) < 0.06  # each part is rounded
    assert summary["groups"]["kind"]["sao"]["agencies"] == len(result.agencies)
    assert sum(summary["changes"]["low"].values()) == sum(summary["changes"]["high"].values())
    points = {str(floor(round(c, 9))) for c in change[~np.isnan(change)].tolist()}
    assert set(summary["changes"]["low"]) == points


def test_contributions_are_the_rationals_that_they_are():
    """As each agency's own exact score says, and rounded once, when shown."""
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 11, size=25)
    weights = {"IIT": 1000, "EIT1": 1500, "EIT2": 1500, "OIT": 6000}
    new = next_year(old, instruments=tuple(replace(i, weight=weights[i.id]) for i in old.rules.instruments))
    result = run(old, new, answers, marks)
    rows = np.flatnonzero(result._compared).tolist()
    shown = {row["node"]: row["low"] for row in result.summarize({})["nodes"]}
    assert rows
    assert shown
    for node, text in shown.items():
        moved = sum(
            weights_of(scores.framework)[node] * scores.exact(row, node) * sign / len(rows)
            for scores, sign in ((result.low, 1), (result.before, -1))
            for row in rows
        )
        assert text == f"{half_up(moved, 2):+}", node


@pytest.mark.parametrize(
    ("value", "shown"), [("1/200", "+0.01"), ("-1/200", "-0.01"), ("-1/1000", "+0.00"), ("5/2", "+2.50")]
)
def test_a_tie_goes_away_from_zero(value, shown):
    assert _hundredths(Fraction(value)) == shown


def test_an_item_without_predecessor_is_bounded_and_said_to_decide():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 7, size=12)
    items = old.rules.disclosure_items
    new = next_year(old, disclosure_items=(replace(items[0], continues=()), *items[1:]))
    result = run(old, new, answers, marks)
    assert result.unknown == (items[0].id,)
    assert items[0].id in result.dropped
    width = result.high.values["overall"] - result.low.values["overall"]
    assert set(np.round(width[~np.isnan(width)], 9)) == {float(100 * weights_of(new)[items[0].id])}
    assert any(row["item"] == items[0].id and row["unknown"] for row in result.summarize({})["items"])


def test_an_item_that_another_edition_of_the_year_does_not_have_is_unknown():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 7, size=8)
    first, *rest = old.rules.disclosure_items
    result = run(old, Framework(replace(old.rules, disclosure_items=(replace(first, id="O99"), *rest))), answers, marks)
    assert (result.unknown, result.dropped) == (("O99",), (first.id,))


@pytest.mark.parametrize("year", YEARS)
def test_the_parts_of_a_total_make_it(year):
    framework = YEARS[year]
    weights = weights_of(framework)
    assert min(weights.values()) >= 0
    for parts in (framework.instruments, [n.id for n in framework.nodes.values() if n.kind == "item"]):
        assert sum(weights[part] for part in parts) == 1
    assert {i.id: weights[i.id] * 10_000 for i in framework.rules.instruments} == {
        i.id: i.weight for i in framework.rules.instruments
    }
    published = [i for i in framework.indicators if framework.nodes[i].instrument is None]
    assert not any(weights[indicator] for indicator in published)


def test_an_item_that_joins_several_is_unknown():
    """2569 joins two disclosures of 2568: what the joined one would have got nobody knows."""
    old, new = YEARS["2568"], YEARS["2569"]
    _, answers, marks = random_year("2568", 2, size=8)
    joined = [i.id for i in new.rules.disclosure_items if len(i.continues) > 1]
    assert joined
    result = run(old, new, answers, marks)
    assert set(joined) <= set(result.unknown)
    items = result.summarize({})["items"]
    sizes = [max(abs(Fraction(row["low"])), abs(Fraction(row["high"]))) for row in items]
    assert sizes == sorted(sizes, reverse=True)
    assert any(abs(Fraction(row["low"])) > abs(Fraction(row["high"])) for row in items)
    assert result.table().num_rows == len(result.agencies) > 3


def test_years_between_are_followed():
    old, new = YEARS["2568"], next_year(YEARS["2569"])
    _, answers, marks = random_year("2568", 2, size=8)
    direct = run(old, YEARS["2569"], answers, marks)
    through = run(old, Framework(replace(new.rules, fiscal_year=2570)), answers, marks, between=[YEARS["2569"]])
    assert through.unknown == direct.unknown
    assert through.summarize({})["items"] == direct.summarize({})["items"]


def test_a_survey_that_nobody_was_asked_is_bounded():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 4, size=6)
    result = run(old, next_year(old), {k: v for k, v in answers.items() if k != "EIT2"}, marks)
    assert set(result.low.values["EIT2"].tolist()) == {0.0}
    assert set(result.high.values["EIT2"].tolist()) == {100.0}


def with_marks(old, *points):
    """The year after, with a scale of marks of these points."""
    scales = [s if s.kind == "answer" else replace(s, options=marks_of(s, points)) for s in old.rules.scales]
    return next_year(old, scales=tuple(scales))


def marks_of(scale, points):
    return tuple(replace(scale.options[0], points=p) for p in points)


def test_marks_keep_their_place_on_a_scale_of_as_many_points():
    """The options of the national scale are 0 and 100; the new one gives 10 and 90 in their places."""
    old = YEARS["2570"]
    assert old.mark_points(old.rules.disclosure_items[0].id) == (0, 100)
    _, answers, marks = random_year("2570", 6, size=8)
    result = run(old, with_marks(old, 10, 90), answers, marks)
    assert result.unknown == ()
    for row in marks:
        at = list(result.agencies).index(row["agency"])
        for item in old.rules.disclosure_items:
            for scores in (result.low, result.high):
                assert scores.exact(at, item.id) == {0: 10, 100: 90}[row[item.id]]


def test_marks_are_unknown_on_a_scale_of_more_points_that_lacks_theirs():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 6, size=8)
    result = run(old, with_marks(old, 10, 50, 90), answers, marks)
    items = [i.id for i in old.rules.disclosure_items]
    assert list(result.unknown) == items
    at = list(result.agencies).index(marks[0]["agency"])
    assert {(result.low.exact(at, i), result.high.exact(at, i)) for i in items} == {(10, 90)}


def test_marks_count_as_they_are_on_a_scale_that_has_theirs_too():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 6, size=8)
    result = run(old, with_marks(old, 0, 50, 100), answers, marks)
    assert result.unknown == ()
    for node in ("OIT", "overall"):
        assert result.low.rounded(node).tolist() == result.before.rounded(node).tolist()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(47, 47, {"possible", "none", "unknown"}), (85, 40, {"certain", "unknown"}), (85, 85, {"none", "unknown"})],
)
def test_whether_an_agency_passes_is_certain_possible_or_the_same(before, after, words):
    """One item of unknown points is worth a point of the total: who is that near to the target may pass or not."""
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 7, size=40)
    first, *rest = old.rules.disclosure_items
    old, new = (
        Framework(replace(framework.rules, target=replace(framework.rules.target, points=points)))
        for framework, points in (
            (old, before),
            (next_year(old, disclosure_items=(replace(first, continues=()), *rest)), after),
        )
    )
    result = run(old, new, answers, marks)
    for row, word in enumerate(result.pass_changes):
        totals = [scores.exact(row, "overall") for scores in (result.before, result.low, result.high)]
        if None in totals:
            assert word == "unknown"
            continue
        was, low, high = (half_up(t, 2) >= n for t, n in zip(totals, (before, after, after), strict=True))
        assert word == ("possible" if low != high else "none" if low == was else "certain")
    assert set(result.pass_changes) == words


def test_certain_and_possible_changes_are_told_apart():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 9, size=40)
    lowered = tuple(replace(b, at_least=min(b.at_least, 1 if n < 4 else 0)) for n, b in enumerate(old.rules.bands))
    result = run(old, next_year(old, bands=lowered), answers, marks)
    for was, low, high, word in zip(
        result.before.level, result.low.level, result.high.level, result.level_changes, strict=True
    ):
        assert word == ("unknown" if was is None or low is None else "none" if was == low == high else "certain")


def test_what_moves_the_total_is_told_of_the_same_agencies_before_and_after():
    """An agency that nobody was interviewed of has no total before: what it gets after is no change of the mean."""
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 4, size=6)
    result = run(old, next_year(old), {k: v for k, v in answers.items() if k != "EIT2"}, marks)
    assert {(row["low"], row["high"]) for row in result.summarize({})["nodes"]} <= {("+0.00", "+0.00")}
    assert not any(float(row["high"]) for row in result.summarize({})["items"])


def test_an_item_divided_in_two_is_unknown():
    """Half of the old item may have been fulfilled and half not: its mark says nothing sure of either."""
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 3, size=8)
    first, second, *rest = old.rules.disclosure_items
    new = next_year(
        old,
        disclosure_items=(
            replace(first, continues=(first.id,)),
            replace(second, continues=(first.id,)),
            *(replace(i, continues=(i.id,)) for i in rest),
        ),
    )
    result = run(old, new, answers, marks)
    assert result.unknown == (first.id, second.id)
    assert set(result.dropped) == {first.id, second.id}


def test_an_instrument_of_another_name_takes_the_answers_of_the_former():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 3, size=8)
    data = json.loads(json.dumps(rules.as_data(next_year(old).rules)).replace('"IIT"', '"STAFF"'))
    new = rules.restore(data)
    populations = ibis.memtable([{"agency": row["agency"], "IIT": 40} for row in marks])
    surveys, marked = tables(old, answers, marks)
    result = rehearse(old, new, surveys, marked, populations)
    assert result.unknown == ()
    assert result.low.rounded("STAFF").tolist() == result.before.rounded("IIT").tolist()
    assert set(result.level_changes) <= {"none", "unknown"}
    assert result.low.instrument_status["STAFF"].tolist() == result.before.instrument_status["IIT"].tolist()


def test_a_survey_divided_in_two_is_unknown_in_both():
    """Before 2566 the people served were asked once; who would have answered which part nobody knows."""
    old, new = YEARS["2565"], YEARS["2566"]
    _, answers, marks = random_year("2565", 3, size=8)
    result = run(old, new, answers, marks)
    parts = {n.id for i in ("EIT1", "EIT2") for n in new.items_of(i)}
    assert parts <= set(result.unknown)


@pytest.fixture(scope="module")
def uncertain():
    """Four agencies, one of them without marks; a disclosure of unknown points, and one total just above a level."""
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 7, size=40)
    first, *rest = old.rules.disclosure_items
    bands = tuple(replace(b, at_least={70: 40, 85: 47}.get(b.at_least, b.at_least)) for b in old.rules.bands)
    target = replace(old.rules.target, points=47)
    old = Framework(replace(old.rules, bands=bands, target=target))
    return run(old, next_year(old, disclosure_items=(replace(first, continues=()), *rest)), answers, marks[1:])


def test_the_table_has_a_row_for_each_agency_with_its_totals_as_printed(uncertain):
    table = uncertain.table()
    ends = {"before": uncertain.before, "low": uncertain.low, "high": uncertain.high}
    kinds = {"total": pa.string(), "level": pa.string(), "passed": pa.bool_()}
    columns = [(f"{what}_{end}", kind) for end in ends for what, kind in kinds.items()]
    changes = [("level_change", pa.string()), ("pass_change", pa.string())]
    assert [(f.name, f.type) for f in table.schema] == [("agency", pa.string()), *columns, *changes]
    rows = table.to_pylist()
    assert [row["agency"] for row in rows] == list(uncertain.agencies)
    for number, row in enumerate(rows):
        for end, scores in ends.items():
            total = scores.exact(number, "overall")
            assert row[f"total_{end}"] == (None if total is None else f"{half_up(total, 2):.2f}")
            assert row[f"level_{end}"] == scores.level[number]
            assert row[f"passed_{end}"] == scores.passed[number]
        assert row["level_change"] == uncertain.level_changes[number]
        assert row["pass_change"] == uncertain.pass_changes[number]
    assert {row["total_before"] for row in rows} >= {None}
    assert {row["level_change"] for row in rows} == {"possible", "none", "unknown"}


@pytest.mark.parametrize(
    ("units", "places", "shown"), [(0, 2, "0.00"), (5, 2, "0.05"), (8450, 2, "84.50"), (85, 0, "85")]
)
def test_a_total_is_shown_with_the_places_of_its_year(units, places, shown):
    assert _decimal(units, places) == shown


def test_the_summary_counts_what_the_table_says(uncertain):
    rows = uncertain.table().to_pylist()
    kinds = {row["agency"]: "sao" if number % 3 else "city" for number, row in enumerate(rows[:-2])}
    summary = uncertain.summarize({"kind": kinds, "none": {}})
    (item,) = uncertain.unknown
    assert [*summary] == [
        "agencies", "unknown", "dropped", "level", "pass", "levels", "groups", "changes", "nodes", "items"
    ]  # fmt: skip
    assert (summary["agencies"], summary["unknown"], summary["dropped"]) == (len(rows), [item], [item])
    words = ("certain", "possible", "none", "unknown")
    for name in ("level", "pass"):
        assert summary[name] == {word: sum(row[f"{name}_change"] == word for row in rows) for word in words}
    assert summary["levels"] == {
        end: {band.id: sum(row[f"level_{end}"] == band.id for row in rows) for band in uncertain.old.rules.bands}
        for end in ("before", "low", "high")
    }
    assert [*summary["groups"]["kind"]] == ["", "city", "sao"]
    assert summary["groups"]["none"][""]["agencies"] == len(rows)
    for kind, counted in summary["groups"]["kind"].items():
        of_kind = [row for row in rows if kinds.get(row["agency"], "") == kind]
        assert counted == {
            "agencies": len(of_kind),
            "level_certain": sum(row["level_change"] == "certain" for row in of_kind),
            "level_possible": sum(row["level_change"] == "possible" for row in of_kind),
            "pass_certain": sum(row["pass_change"] == "certain" for row in of_kind),
            "pass_possible": sum(row["pass_change"] == "possible" for row in of_kind),
        }
    assert set(summary["changes"]) == {"low", "high"}


def test_the_items_that_decide_most_come_first_and_not_too_many(uncertain):
    items = uncertain.summarize({})["items"]
    assert len(items) == MAX_DECIDING < len(uncertain.new.items)
    sizes = [max(abs(Fraction(row["low"])), abs(Fraction(row["high"]))) for row in items]
    assert sizes == sorted(sizes, reverse=True)
    assert [row["item"] for row in items if row["unknown"]] == list(uncertain.unknown)
    assert items[0]["unknown"]
    assert {(row["low"], row["high"]) for row in items if not row["unknown"]} == {("+0.00", "+0.00")}


def test_what_is_new_adds_all_it_gives_and_what_is_gone_takes_all_away():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 3, size=8)
    data = json.loads(json.dumps(rules.as_data(next_year(old).rules)).replace('"EIT1"', '"PUBLIC"'))
    new = rules.restore(data)
    nodes = {row["node"]: row for row in run(old, new, answers, marks).summarize({})["nodes"]}
    assert {name.partition("/")[0] for name in nodes if "/" in name} == {"EIT1", "EIT2", "PUBLIC"}
    for indicator in ("6", "7", "8"):
        gone, added = nodes[f"EIT1/{indicator}"], nodes[f"PUBLIC/{indicator}"]
        assert gone["low"] == gone["high"]
        assert gone["low"].startswith("-")
        assert (added["low"], Fraction(added["high"])) == ("+0.00", 100 * weights_of(new)[f"PUBLIC/{indicator}"])


def test_the_table_has_the_same_columns_where_nobody_has_a_total(uncertain):
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 4, size=6)
    table = run(old, next_year(old), {k: v for k, v in answers.items() if k != "EIT2"}, marks).table()
    assert set(table["total_before"].to_pylist()) == set(table["level_before"].to_pylist()) == {None}
    assert table.schema == uncertain.table().schema


def test_a_total_of_nothing_is_a_total():
    old = YEARS["2570"]
    _, answers, marks = random_year("2570", 4, size=6)
    worthless = tuple(replace(s, options=tuple(replace(o, points=0) for o in s.options)) for s in old.rules.scales)
    rows = run(old, next_year(old, scales=worthless), answers, marks).table().to_pylist()
    assert {(row["total_low"], row["total_high"]) for row in rows if row["total_before"]} == {("0.00", "0.00")}


def test_a_round_without_agencies_has_the_same_columns_and_counts_none(uncertain):
    old = YEARS["2570"]
    surveys = {i.id: table([], [c.name for c in old.answer_columns(i.id)]) for i in old.survey_instruments()}
    marks = table([], [i.id for i in old.rules.disclosure_items])
    result = rehearse(old, next_year(old), surveys, marks)
    assert result.table().schema == uncertain.table().schema
    assert result.table().num_rows == 0
    summary = result.summarize({"kind": {}})
    assert (summary["groups"], summary["nodes"], summary["items"]) == ({"kind": {}}, [], [])
