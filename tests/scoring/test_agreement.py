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
from prongsai.scoring import Scores, minimum_sample, score
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


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_random_frameworks(data):
    framework = data.draw(frameworks())
    answers, marks = data.draw(responses(framework))
    compare(score(framework, *tables(framework, answers, marks)), answers, marks)


def random_year(year: str, seed: int, size: int = 60):
    """Answers and marks of a real year, drawn by seed."""
    framework = rules.load(year)
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
    for seed, year in enumerate(rules.available()):
        framework, answers, marks = random_year(year, seed)
        compare(score(framework, *tables(framework, answers, marks)), answers, marks)


def test_ties_are_decided_exactly():
    """Scores that end in exactly half a unit of the last place: in doubles some fall on the wrong side."""
    framework = rules.load("2568")

    def choice(points: tuple[int, ...], best: bool) -> int:
        ranked = sorted(range(len(points)), key=lambda i: points[i])
        return ranked[-1] if best or len(points) == 2 else ranked[-2]

    found = 0
    for size in (32, 96, 160):
        for high in range(1, size, 3):
            rows = [
                {"agency": "ก"} | {c.name: choice(c.points, n < high) for c in framework.answer_columns("IIT")}
                for n in range(size)
            ]
            result = score(framework, *tables(framework, {"IIT": rows}, []))
            for node in ("i1", "1", "IIT"):
                value = result.exact(0, node)
                assert result.rounded(node)[0] == int(half_up(value, 2).scaleb(2))
                found += (value * 1000).denominator == 1 and (value * 1000) % 10 == 5
    assert found > 5  # there were ties among them


@given(st.integers(0, 20_000))
def test_the_minimum_sample(population):
    sample = rules.load("2564").rules.samples[0]
    least = minimum_sample(sample, population)
    assert least <= population
    if population < 30:
        assert least == population
    elif population > 4000:
        assert least == 400
    else:
        assert least >= 30
        assert least * 10 >= population
        assert least == 30 or (least - 1) * 10 < population
