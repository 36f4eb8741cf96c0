"""The fast way and the plain way give the same scores, on random frameworks and data."""

from fractions import Fraction

import ibis
import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.lib.rounding import half_up
from prongsai.scoring import Scores, score
from prongsai.scoring.aggregation import aggregate_scores
from prongsai.scoring.totals import Totals
from tests.frameworks import frameworks, responses
from tests.scoring.plain import plain_level, plain_scores


def tables(framework: Framework, answers, marks):
    """In-memory tables as parcels would be."""
    opened = {}
    for instrument, rows in answers.items():
        names = [c.name for c in framework.answer_columns(instrument)]
        columns = {"agency": pa.array([r["agency"] for r in rows], pa.string())}
        columns |= {n: pa.array([r[n] for r in rows], pa.uint8()) for n in names}
        opened[instrument] = ibis.memtable(pa.table(columns))
    items = [i.id for i in framework.rules.disclosure_items]
    if not items:
        return opened, None
    columns = {"agency": pa.array([m["agency"] for m in marks], pa.string())}
    columns |= {i: pa.array([m[i] for m in marks], pa.int16()) for i in items}
    return opened, ibis.memtable(pa.table(columns))


def compare(result: Scores, answers, marks) -> None:
    framework = result.framework
    for row, agency in enumerate(result.agencies):
        expected = plain_scores(framework, answers, marks, agency)
        assert expected.keys() == framework.nodes.keys()
        for node, value in expected.items():
            fast = result.values[node][row]
            assert result.exact(row, node) == value, node
            if value is None:
                assert np.isnan(fast), node
                assert result.rounded(node)[row] == -1
                continue
            assert abs(Fraction(float(fast)) - value) < Fraction(1, 10**9), node
            places = framework.rules.rounding.places
            assert result.rounded(node)[row] == int(half_up(value, places).scaleb(places)), node
        assert result.level[row] == plain_level(framework, expected)
        target = framework.rules.target.points
        if expected["overall"] is not None:
            assert bool(result.passed[row]) == (half_up(expected["overall"], framework.rules.rounding.places) >= target)


def totals_of(framework: Framework, answers, marks):
    """Integer totals added up by loops, in place of an engine."""
    totals = {}
    for instrument, rows in answers.items():
        columns = framework.answer_columns(instrument)
        agencies = sorted({r["agency"] for r in rows})
        own = [[r for r in rows if r["agency"] == a] for a in agencies]
        answered = [[[c.points[r[c.name]] for r in group if r[c.name] is not None] for c in columns] for group in own]
        shape = (len(agencies), len(columns))
        totals[instrument] = Totals(
            agencies=pa.array(agencies, pa.string()),
            responses=np.array([len(group) for group in own], np.int64),
            sums=np.array([[sum(points) for points in row] for row in answered], np.int64).reshape(shape),
            counts=np.array([[len(points) for points in row] for row in answered], np.int64).reshape(shape),
        )
    items = [i.id for i in framework.rules.disclosure_items]
    if not items:
        return totals, None
    given = [[m[i] for i in items] for m in marks]
    return totals, Totals(
        agencies=pa.array([m["agency"] for m in marks], pa.string()),
        responses=np.ones(len(marks), np.int64),
        sums=np.array([[p or 0 for p in row] for row in given], np.int64).reshape((len(marks), len(items))),
        counts=np.array([[p is not None for p in row] for row in given], np.int64).reshape((len(marks), len(items))),
    )


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_random_frameworks(data):
    framework = data.draw(frameworks())
    answers, marks = data.draw(responses(framework))
    compare(aggregate_scores(framework, *totals_of(framework, answers, marks), {}), answers, marks)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_an_engine_adds_up_the_same(data):
    """From raw answers to scores through the engine."""
    framework = data.draw(frameworks())
    answers, marks = data.draw(responses(framework))
    compare(score(framework, *tables(framework, answers, marks)), answers, marks)


def random_year(year: str, seed: int, size: int = 60):
    """Answers and marks of a real year, drawn by seed."""
    framework = rules.load(rules.NATIONAL, int(year))
    random = np.random.default_rng(seed)
    agencies = [f"หน่วยงาน {n}" for n in range(4)]
    answers = {
        i.id: [
            {"agency": str(random.choice(agencies))}
            | {
                c.name: int(random.integers(0, len(c.points))) if random.random() > 0.05 else None
                for c in framework.answer_columns(i.id)
            }
            for _ in range(size)
        ]
        for i in framework.survey_instruments()
    }
    marks = [
        {"agency": a} | {i.id: int(random.integers(0, 2)) * 100 for i in framework.rules.disclosure_items}
        for a in agencies[:3]
    ]
    return framework, answers, marks


def test_real_years():
    for seed, year in enumerate(str(year) for _, year in rules.available()):
        framework, answers, marks = random_year(year, seed)
        compare(score(framework, *tables(framework, answers, marks)), answers, marks)
