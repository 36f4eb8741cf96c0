"""Levels, passing, samples and statuses at each limit of each year's rules, and one unit to either side."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.framework import Framework
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, minimum_sample, round_score
from prongsai.scoring.aggregation import Scores, aggregate_scores
from prongsai.scoring.totals import Totals, sum_marks
from tests.years import SAMPLE_YEAR, YEARS, changed

every_year = pytest.mark.parametrize("year", YEARS)


def unit(framework: Framework) -> Fraction:
    return Fraction(1, 10**framework.rules.rounding.places)


def nation(framework: Framework, *, overall: list[Fraction], lowest: list[Fraction]) -> Scores:
    """Agencies of which only the shown scores are known: a total, and one instrument below the others."""
    instruments = list(framework.instruments)
    values = {i: np.full(len(overall), 100.0) for i in instruments}
    values |= {"overall": np.array(overall, float), instruments[-1]: np.array(lowest, float)}
    return Scores(
        framework=framework,
        agencies=[f"หน่วยงาน {n}" for n in range(len(overall))],
        values=values,
        counts={},
        instrument_status={},
        item_totals={},
    )


@every_year
def test_an_agency_passes_from_the_target_on(year):
    framework = YEARS[year]
    target = Fraction(framework.rules.target.points)
    totals = [target - unit(framework), target, target + unit(framework), Fraction(69), Fraction(0), Fraction(100)]
    assert nation(framework, overall=totals, lowest=totals).passed.tolist() == [False, True, True, False, False, True]
    assert [is_passing(framework, t) for t in totals] == [False, True, True, False, False, True]


@every_year
def test_a_total_that_rounds_up_to_the_target_passes(year):
    framework = YEARS[year]
    tie = framework.rules.target.points - unit(framework) / 2
    assert is_passing(framework, tie)
    assert not is_passing(framework, tie - Fraction(1, 10**12))
    scores = nation(framework, overall=[tie - Fraction(1, 10**6)], lowest=[Fraction(0)])
    assert scores.passed.tolist() == [False]


@every_year
def test_without_a_total_there_is_neither_pass_nor_level(year):
    scores = nation(YEARS[year], overall=[Fraction(99), float("nan")], lowest=[Fraction(99), float("nan")])
    assert scores.passed.tolist() == [True, None]
    assert scores.level.tolist() == [YEARS[year].rules.bands[0].id, None]
    assert scores.rounded("overall").tolist()[1] == -1


def limits(framework: Framework) -> list[Fraction]:
    """Every limit of a band, a unit below and a unit above, and the ends."""
    points = {b.at_least for b in framework.rules.bands} | {
        b.every_instrument_at_least or 0 for b in framework.rules.bands
    }
    near = {p + k * unit(framework) for p in points for k in (-1, 0, 1)} | {Fraction(0), Fraction(100)}
    return sorted(v for v in near if 0 <= v <= 100)


def level_by_hand(framework: Framework, overall: Fraction, lowest: Fraction) -> str:
    for band in framework.rules.bands:
        if overall >= band.at_least and lowest >= (band.every_instrument_at_least or 0):
            return band.id
    raise AssertionError("the last band takes everything")


@every_year
def test_levels_at_every_limit(year):
    framework = YEARS[year]
    pairs = [(overall, lowest) for overall in limits(framework) for lowest in limits(framework)]
    expected = [level_by_hand(framework, *pair) for pair in pairs]
    scores = nation(framework, overall=[o for o, _ in pairs], lowest=[low for _, low in pairs])
    assert scores.level.tolist() == expected
    for (overall, lowest), level in zip(pairs, expected, strict=True):
        known = dict.fromkeys(framework.instruments, Fraction(100)) | {
            "overall": overall,
            list(framework.instruments)[-1]: lowest,
        }
        assert [b.id for b in find_possible_bands(framework, known)] == [level]


@every_year
def test_levels_that_unknown_instruments_leave_possible(year):
    """Without instruments: every level that some instruments would give, and no other."""
    framework = YEARS[year]
    last = list(framework.instruments)[-1]
    for overall in limits(framework):
        could_be = list(dict.fromkeys(level_by_hand(framework, overall, low) for low in reversed(limits(framework))))
        assert [b.id for b in find_possible_bands(framework, {"overall": overall})] == could_be
        for lowest in limits(framework):
            known = {"overall": overall, last: lowest}
            could_be = [level_by_hand(framework, overall, min(low, lowest)) for low in reversed(limits(framework))]
            assert [b.id for b in find_possible_bands(framework, known)] == list(dict.fromkeys(could_be))


@every_year
def test_a_score_is_rounded_half_up_at_the_places_of_the_year(year):
    framework = YEARS[year]
    tie = 50 + unit(framework) / 2
    assert Fraction(round_score(framework, tie)) == 50 + unit(framework)
    assert Fraction(round_score(framework, tie - Fraction(1, 10**12))) == 50
    assert -round_score(framework, tie).as_tuple().exponent == framework.rules.rounding.places


@every_year
def test_a_tie_that_double_precision_misses_is_rounded_up(year):
    """Means of two hundred answers that lie on a tie, where a year has two places: 201 / 200 is less to a processor."""
    framework = YEARS[year]
    instrument = framework.survey_instruments()[0].id
    units = 10**framework.rules.rounding.places
    sums = np.arange(1, 2001, 2)  # a half of the last place more than a whole number of it
    width = len(framework.answer_columns(instrument))
    answers = Totals(
        agencies=pa.array([f"A{k:04}" for k in range(len(sums))]),
        responses=np.full(len(sums), 2 * units),
        sums=np.column_stack([sums] * width),
        counts=np.full((len(sums), width), 2 * units),
    )
    scores = aggregate_scores(framework, {instrument: answers}, None, {})
    item = framework.answer_columns(instrument)[0].item
    assert (np.floor(scores.values[item] * units + 0.5) != (sums + 1) // 2).any()  # what it would be without care
    assert (scores.rounded(item) == (sums + 1) // 2).all()


# --- minimum samples
# ----------------------------------------------------------------------------------------------------


def samples(year: str):
    return [pytest.param(year, s, id=f"{year}-{s.instrument}") for s in YEARS[year].rules.samples]


@pytest.mark.parametrize(("year", "sample"), [p for y in YEARS for p in samples(y)])
@settings(max_examples=60)
@given(data=st.data())
def test_the_minimum_sample(year, sample, data):
    near = [
        p + k
        for p in (sample.at_least, sample.at_least * 100 // sample.percent, sample.cap_population_over)
        for k in (-1, 0, 1)
    ]
    population = data.draw(st.one_of(st.sampled_from([0, 1, *near]), st.integers(0, 20_000)))
    least = minimum_sample(sample, population)
    if population < sample.at_least:
        assert least == population
    elif population > sample.cap_population_over:
        assert least == sample.cap
    else:
        assert least == max(sample.at_least, -(-population * sample.percent // 100))
        assert least * 100 >= population * sample.percent
        assert least == sample.at_least or (least - 1) * 100 < population * sample.percent


@pytest.mark.parametrize(("population", "least"), [(4000, 400), (4001, 500), (301, 31), (300, 30), (30, 30), (29, 29)])
def test_the_cap_holds_above_its_population(population, least):
    sample = replace(YEARS[SAMPLE_YEAR].rules.samples[0], percent=10, at_least=30, cap_population_over=4000, cap=500)
    assert minimum_sample(sample, population) == least


def one_survey(framework: Framework, instrument: str, responses: list[int]) -> dict[str, Totals]:
    """Agencies that all answered everything, each with so many responses."""
    n = np.array(responses, np.int64)
    width = len(framework.answer_columns(instrument))
    return {
        instrument: Totals(
            agencies=pa.array([f"A{k}" for k in range(len(n))]),
            responses=n,
            sums=np.column_stack([n * 100] * width),
            counts=np.column_stack([n] * width),
        )
    }


@pytest.mark.parametrize(("year", "sample"), [p for y in YEARS for p in samples(y)])
def test_statuses_at_the_minimum(year, sample):
    framework = YEARS[year]
    least = minimum_sample(sample, sample.cap_population_over)
    responses = [least, least - 1, sample.cap, sample.cap - 1, 0, 1, 0, 1]
    totals = one_survey(framework, sample.instrument, responses)
    populations = {
        sample.instrument: {
            "A0": sample.cap_population_over,
            "A1": sample.cap_population_over,
            "A5": 1,
            "A6": 0,
            "A7": 0,
        }
    }
    scores = aggregate_scores(framework, totals, None, populations)
    assert scores.instrument_status[sample.instrument].tolist() == [
        "ok",
        "below_minimum",
        "ok",  # at the cap any population is covered
        "minimum_unknown",
        "none",
        "ok",
        "none",
        "ok",  # of nobody, one is enough
    ]
    assert set(scores.status) == {"incomplete"}  # the other instruments have no data


@every_year
def test_an_instrument_with_a_question_that_nobody_answered_is_incomplete(year):
    framework = YEARS[year]
    instrument = framework.survey_instruments()[0].id
    totals = one_survey(framework, instrument, [9, 9])
    totals[instrument].counts[1, 0] = 0
    populations = {instrument: {"A0": 9, "A1": 9}}
    statuses = aggregate_scores(framework, totals, None, populations).instrument_status[instrument]
    assert statuses.tolist() == ["ok", "incomplete"]


def test_the_status_of_an_agency_is_the_gravest_of_its_instruments():
    framework = YEARS[SAMPLE_YEAR]
    words = ["ok", "minimum_unknown", "below_minimum", "incomplete", "none"]
    rows = [(a, b) for a in words for b in words]
    first, second, *others = framework.instruments
    statuses = {i: np.full(len(rows), "ok", object) for i in others}
    statuses |= {first: np.array([a for a, _ in rows], object), second: np.array([b for _, b in rows], object)}
    scores = Scores(
        framework=framework,
        agencies=[str(n) for n in range(len(rows))],
        values={},
        counts={},
        instrument_status=statuses,
        item_totals={},
    )
    gravest = [words[max(words.index(a), words.index(b))] for a, b in rows]
    assert scores.status.tolist() == ["incomplete" if w == "none" else w for w in gravest]


# --- what scores rest on
# ------------------------------------------------------------------------------------------------


@every_year
def test_how_many_answers_responses_and_marks(year):
    framework = YEARS[year]
    answers = {}
    for k, instrument in enumerate(framework.survey_instruments(), 1):
        answers |= one_survey(framework, instrument.id, [10 * k])
        answers[instrument.id].counts[:, 0] = 7  # the first sub-answer of the first item was skipped by some
    items = [i.id for i in framework.rules.disclosure_items]
    marks = Totals(
        agencies=pa.array(["A0"]),
        responses=np.ones(1, np.int64),
        sums=np.full((1, len(items)), 100),
        counts=np.ones((1, len(items)), np.int64),
    )
    marks.counts[0, 0] = marks.sums[0, 0] = 0
    scores = aggregate_scores(framework, answers, marks, {})
    expected = {"overall": 0}
    for k, instrument in enumerate(framework.survey_instruments(), 1):
        first = framework.answer_columns(instrument.id)[0].item
        expected |= {item.id: 7 if item.id == first else 10 * k for item in framework.items_of(instrument.id)}
    expected |= {item: int(item != items[0]) for item in items}
    responses = {i.id: 10 * k for k, i in enumerate(framework.survey_instruments(), 1)}
    for node in framework.nodes.values():
        if node.id not in expected:
            under = {i.instrument for i in framework.items_of(node.id)}
            if under <= responses.keys():
                expected[node.id] = sum(responses[i] for i in under)
            else:
                expected[node.id] = sum(expected[i.id] for i in framework.items_of(node.id))
    assert {node: int(count[0]) for node, count in scores.counts.items()} == expected
    first = framework.answer_columns("IIT")[0].item
    assert scores.totals(0)[first][0] == (1000, 7)
    assert scores.totals(0)[items[0]] == [(0, 0)]
    assert scores.exact(0, "overall") is None  # one item has no mark
    assert scores.exact(0, "1") is not None


@every_year
def test_the_exact_score_of_every_node_is_that_of_one_agency(year):
    framework = YEARS[year]
    answers = {}
    for k, instrument in enumerate(framework.survey_instruments(), 3):
        answers |= one_survey(framework, instrument.id, [k])
        answers[instrument.id].sums[0] -= np.arange(answers[instrument.id].sums.shape[1])
    items = [i.id for i in framework.rules.disclosure_items]
    ones = np.ones((1, len(items)), np.int64)
    marks = Totals(agencies=pa.array(["A0"]), responses=ones[:, 0], sums=ones * 100, counts=ones)
    marks.sums[0, 0] = 0
    scores = aggregate_scores(framework, answers, marks, {})
    by_hand = complete_scores(
        framework, {i: sum(Fraction(*pair) for pair in t) / len(t) for i, t in scores.totals(0).items()}
    )
    assert {node: scores.exact(0, node) for node in framework.nodes} == by_hand
    assert {node: values[0] for node, values in scores.values.items()} == pytest.approx(
        {node: float(score) for node, score in by_hand.items()}, rel=1e-12
    )


@every_year
def test_one_agency_completed_by_hand_is_the_same_as_a_nation(year):
    framework = YEARS[year]
    items = {n.id: Fraction(50 + k % 50) for k, n in enumerate(framework.nodes.values()) if n.kind == "item"}
    scores = complete_scores(framework, items)
    assert scores.keys() == framework.nodes.keys()
    for node in framework.nodes.values():
        if node.parts:
            assert scores[node.id] == sum(w * scores[p] for p, w in node.parts.items())
    assert complete_scores(framework, {"1": Fraction(1)} | items)["1"] == 1  # a known score stays


def test_sums_and_counts_stay_whole_numbers():
    framework = YEARS[SAMPLE_YEAR]
    item = framework.rules.disclosure_items[0].id
    row = {i.id: 100 for i in framework.rules.disclosure_items} | {"agency": "A0", item: None}
    schema = pa.schema([("agency", pa.string()), *((i.id, pa.int16()) for i in framework.rules.disclosure_items)])
    totals = sum_marks(framework, ibis.memtable(pa.Table.from_pylist([row], schema=schema)))
    assert (totals.sums.dtype, totals.counts.dtype, totals.responses.dtype) == (np.int64, np.int64, np.int64)
    assert (totals.sums[0, 0], totals.counts[0, 0], totals.responses.tolist()) == (0, 0, [1])
    scores = aggregate_scores(framework, one_survey(framework, "IIT", [30]), totals, {})
    assert scores.totals(0)[item] == [(0, 0)]
    assert all(type(n) is int for pairs in scores.totals(0).values() for pair in pairs for n in pair)
    assert {a.dtype for a in scores.counts.values()} == {np.dtype(np.int64)}
    assert {scores.rounded(n).dtype for n in framework.nodes} == {np.dtype(np.int64)}


def test_agencies_of_answers_and_of_marks_in_one_order():
    framework = YEARS[SAMPLE_YEAR]
    rows = [{i.id: 100 for i in framework.rules.disclosure_items} | {"agency": a} for a in ("B1", "A0")]
    marks = sum_marks(framework, ibis.memtable(pa.Table.from_pylist(rows)))
    scores = aggregate_scores(framework, one_survey(framework, "IIT", [30, 20]), marks, {})
    assert scores.agencies == ["A0", "A1", "B1"]
    assert scores.values["IIT"].tolist()[:2] == [100, 100]
    assert np.isnan(scores.values["OIT"]).tolist() == [False, True, False]
    assert aggregate_scores(framework, {}, None, {}).agencies == []
    assert aggregate_scores(framework, {}, None, {}).table().num_rows == 0


@every_year
def test_one_agency_is_its_row_of_the_nation(year):
    """What a result stores of an agency: its own rounded scores and counts, by the names of the year's nodes."""
    framework = YEARS[year]
    instrument = framework.survey_instruments()[0].id
    totals = one_survey(framework, instrument, [30, 20, 10])
    totals[instrument].sums[:] -= np.array([[0], [1], [11]])
    scores = aggregate_scores(framework, totals, None, {})
    for row in range(3):
        assert scores.counts_of(row) == {node: int(counts[row]) for node, counts in scores.counts.items()}
        assert scores.rounded_of(row) == {node: int(scores.rounded(node)[row]) for node in framework.nodes}
    assert [scores.counts_of(row)[instrument] for row in range(3)] == [30, 20, 10]
    assert [scores.rounded_of(row)[instrument] for row in range(3)] == [
        int(round_score(framework, Fraction(100 * n - less, n)).scaleb(framework.rules.rounding.places))
        for n, less in ((30, 0), (20, 1), (10, 11))
    ]
    assert scores.rounded_of(0)["overall"] == -1


def test_exact_scores_of_several_sub_answers():
    """The mean of the sub-answers' means, each divided once."""
    framework = next(f for f in YEARS.values() if any(i.answers for i in f.rules.survey_items))
    instrument = framework.rules.instruments[0].id
    columns = framework.answer_columns(instrument)
    counts = np.array([[k + 1 for k in range(len(columns))]])
    sums = np.array([[k + 2 for k in range(len(columns))]])
    totals = Totals(agencies=pa.array(["A0"]), responses=np.array([50]), sums=sums, counts=counts)
    scores = aggregate_scores(framework, {instrument: totals}, None, {})
    for item in {c.item for c in columns}:
        means = [Fraction(k + 2, k + 1) for k, c in enumerate(columns) if c.item == item]
        assert scores.exact(0, item) == sum(means) / len(means)
        assert scores.totals(0)[item] == [(k + 2, k + 1) for k, c in enumerate(columns) if c.item == item]


@pytest.mark.parametrize("places", range(7))
def test_the_long_table_of_every_precision(places):
    framework = changed(YEARS[SAMPLE_YEAR], rounding=replace(YEARS[SAMPLE_YEAR].rules.rounding, places=places))
    table = aggregate_scores(framework, one_survey(framework, "IIT", [30, 1]), None, {}).table()
    assert table.schema == pa.schema(
        [
            ("agency", pa.string()),
            ("node", pa.string()),
            ("score", pa.float64()),
            ("n", pa.int64()),
            ("shown", pa.decimal128(5 + places, places)),
            ("level", pa.string()),
            ("passed", pa.bool_()),
            ("status", pa.string()),
        ]
    )
    table.validate(full=True)
    rows = {(r["agency"], r["node"]): r for r in table.to_pylist()}
    assert rows["A0", "IIT"]["shown"] == Decimal(100).quantize(Decimal(1).scaleb(-places))
    assert rows["A0", "IIT"]["score"] == 100
    assert (rows["A1", "IIT"]["n"], rows["A1", "IIT"]["status"]) == (1, "minimum_unknown")
    assert rows["A0", "overall"] == {
        "agency": "A0",
        "node": "overall",
        "score": None,
        "n": 0,
        "shown": None,
        "level": None,
        "passed": None,
        "status": "incomplete",
    }


def test_parts_alone_are_enough():
    """Nothing is known but the parts of one node."""
    framework = YEARS[SAMPLE_YEAR]
    for node in ("1", "9.1", "overall"):
        parts = framework.nodes[node].parts
        scores = complete_scores(framework, dict.fromkeys(parts, Fraction(70)))
        assert scores[node] == 70
        assert node not in complete_scores(framework, dict.fromkeys(list(parts)[1:], Fraction(70)))


@pytest.mark.parametrize("places", [0, 1, 2, 3])
def test_ties_are_decided_exactly(places):
    """Means of a survey of every size that end in half a unit: in doubles some fall on the wrong side."""
    framework = changed(YEARS[SAMPLE_YEAR], rounding=replace(YEARS[SAMPLE_YEAR].rules.rounding, places=places))
    sizes = [(size, best) for size in (4, 32, 64, 96, 160, 320, 2000) for best in range(0, size, max(1, size // 96))]
    columns = framework.answer_columns("IIT")
    n = np.array([size for size, _ in sizes], np.int64)
    best = np.array([b for _, b in sizes], np.int64)
    sums = np.column_stack([best * max(c.points) + (n - best) * sorted(c.points)[-2] for c in columns])
    totals = Totals(
        agencies=pa.array([f"A{k:04d}" for k in range(len(n))]),
        responses=n,
        sums=sums,
        counts=np.column_stack([n] * len(columns)),
    )
    scores = aggregate_scores(framework, {"IIT": totals}, None, {})
    ties = 0
    for node in ("i1", "1", "IIT"):
        for row in range(len(n)):
            value = scores.exact(row, node)
            scaled = value * 10**places
            assert scores.rounded(node)[row] == (scaled + Fraction(1, 2)).__floor__()
            ties += scaled.denominator == 2
    assert ties > 5
