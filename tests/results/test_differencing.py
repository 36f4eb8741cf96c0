"""The attacker who knows every answer but one person's, and reads everything that is public: pages, the API, the three
downloads, receipts, and the year before.

The solver below is exhaustive and exact: whole numbers, every choice that the person could have made. A score with
decimals bounds what the person answered, and so does a total in a receipt; a score in whole points has a random error
and bounds nothing (how much likelier it may make an answer, ``tests/analysis/test_small_groups.py`` tries).
"""

import csv
import io
import json
import re
from fractions import Fraction
from itertools import product

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from prongsai import framework as rules
from prongsai.analysis import verify_receipt
from prongsai.jobs.leases import NO_LEASE
from prongsai.publiclog import actions as log
from prongsai.registry import actions as registry
from prongsai.registry.models import Agency
from prongsai.results import actions, receipts

pytestmark = pytest.mark.django_db
YEARS = (2567, 2568)
SURVEYS = ("IIT", "EIT1", "EIT2")
PEOPLE = {"S05": 5, "S09": 9, "S19": 19, "S30": 30, "S60": 60}  # answers by agency


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA = settings.MEDIA_ROOT = tmp_path / "data"
    settings.MEDIA_ROOT.mkdir(exist_ok=True)


def draw_answers(framework, instrument, seed):
    """Option indexes of an invented nation, by agency: neither all alike nor at an end of the scale."""
    random = np.random.default_rng(seed)
    columns = framework.answer_columns(instrument)
    return {
        code: np.column_stack([random.integers(0, len(c.points), many) for c in columns])
        for code, many in PEOPLE.items()
    }


def write_parcels(framework, answers, folder, *, everybody):
    folder.mkdir(parents=True, exist_ok=True)
    for instrument, by_agency in answers.items():
        names = np.repeat(list(by_agency), [len(rows) for rows in by_agency.values()])
        stacked = np.vstack(list(by_agency.values())).astype(np.uint8)
        columns = {c.name: stacked[:, k] for k, c in enumerate(framework.answer_columns(instrument))}
        pq.write_table(
            pa.table({"agency": pa.array(names, pa.string()), **columns}), folder / f"answers-{instrument}.parquet"
        )
    codes = pa.array(list(PEOPLE), pa.string())
    marks = {i.id: [100] * len(PEOPLE) for i in framework.rules.disclosure_items}
    pq.write_table(pa.table({"agency": codes, **marks}), folder / "marks.parquet")
    people = [many if everybody else many * 10 for many in PEOPLE.values()]
    pq.write_table(pa.table({"agency": codes, **dict.fromkeys(answers, people)}), folder / "headcounts.parquet")


def publish_year(year, answers, people, folder, *, everybody):
    framework = rules.load(rules.NATIONAL, year)
    made = registry.create_round(fiscal_year=year, by=people["office"])
    registry.enroll_agencies(assessment_round=made, agencies=Agency.objects.all(), by=people["office"])
    write_parcels(framework, answers, folder, everybody=everybody)
    result_set = actions.compute_round(assessment_round=made, folder=folder, by=people["office"])
    publication = actions.publish(result_set=result_set, by=people["office"])
    receipts.log_publication.function(NO_LEASE, publication.pk)
    log.sign_checkpoint()
    return result_set


@pytest.fixture
def invented(people, db):
    rows = [Agency(assessment_id="ita", code=c, name_th=f"หน่วยงาน {c}", kind="sao", province="ตาก") for c in PEOPLE]
    Agency.objects.bulk_create([row.fill_keys() for row in rows])


@pytest.fixture(params=[True, False], ids=["everybody answered", "a tenth answered"])
def nation_answers(request, invented, people, tmp_path):
    """Two published years in which everybody answered the same, and what they answered."""
    last = rules.load(rules.NATIONAL, YEARS[-1])
    answers = {s: draw_answers(last, s, seed) for seed, s in enumerate(SURVEYS)}
    for year in YEARS:
        publish_year(year, answers, people, tmp_path / str(year), everybody=request.param)
    return answers


# --- what is public


def read_public(client, code, year):
    """Every figure of an agency's year that anybody can fetch: (node, figure as it is written, or a fraction)."""
    (row,) = [r for r in client.get(f"/api/agencies/{code}/results").json() if r["fiscal_year"] == year]
    figures = list(row["scores"].items())
    (item,) = [r for r in client.get(f"/api/rounds/{year}/results").json()["items"] if r["agency"] == code]
    figures += item["scores"].items()

    def content(form):
        return b"".join(client.get(f"/data/{year}.{form}").streaming_content)

    table = csv.DictReader(io.StringIO(content("csv").decode("utf-8-sig")))
    figures += next(r for r in table if r["agency"] == code).items()
    figures += [
        (n, str(v))
        for n, v in next(
            r for r in pq.read_table(io.BytesIO(content("parquet"))).to_pylist() if r["agency"] == code
        ).items()
    ]
    header, *sheet = openpyxl.load_workbook(io.BytesIO(content("xlsx"))).active.iter_rows(values_only=True)
    titles = [str(title).partition(" ")[0] for title in header]
    figures += zip(titles, map(str, next(r for r in sheet if r[0] == code)), strict=True)
    receipt = json.loads(client.get(f"/agency/{code}/{year}/receipt.json").content)
    for entry in receipt["nodes"]:
        top, bottom = entry["score"]
        figures += [(entry["node"], entry["shown"])]
        if entry["node"] not in receipt.get("approximate", ()):
            figures += [
                (entry["node"], Fraction(top, bottom) if entry["node"] not in receipt["given"] else entry["shown"])
            ]
    figures += [(item, sum(Fraction(p, n) for p, n in pairs) / len(pairs)) for item, pairs in receipt["items"].items()]
    return figures, receipt


def bounds_of(framework, figures):
    """The least and the highest score of each node that fits all of its figures."""
    bounds = {}
    for node, figure in figures:
        if node not in framework.nodes or figure in (None, "", "None"):
            continue
        if isinstance(figure, Fraction):
            low = high = figure
        elif re.fullmatch(r"\d+", figure) and framework.nodes[node].kind == "item":
            continue  # whole points: a random error
        else:
            places = len(figure.partition(".")[2].rstrip("0")) if "." in figure else 0
            half = Fraction(1, 2 * 10 ** max(places, 2))
            low, high = Fraction(figure) - half, Fraction(figure) + half
        before = bounds.get(node, (low, high))
        bounds[node] = max(before[0], low), min(before[1], high)
    return bounds


# --- the solver


class Solver:
    """What one person can have answered to each question of an instrument, given everybody else's answers.

    ``scores``: the exact score of every node with the person's true answers. A choice moves the scores above it by a
    whole number of steps, so that sums are of integers.
    """

    def __init__(self, framework, instrument, others, true, scores):
        self.framework, self.scores = framework, scores
        self.columns = framework.answer_columns(instrument)
        self.many = len(others) + 1
        self.true = {c.item: c.points[true[k]] for k, c in enumerate(self.columns)}
        self.options = {c.item: sorted(set(c.points)) for c in self.columns}
        self.groups = [node for node in framework.nodes.values() if node.parts and set(node.parts) <= set(self.options)]
        self.instrument = framework.nodes[instrument]

    def possibilities(self, bounds):
        """For each question, the points that the person may have given."""
        moved = {n: self._limits(n, bounds) for n in (*self.options, *(g.id for g in self.groups), self.instrument.id)}
        allowed = {
            item: [o for o in options if _is_within(moved[item], Fraction(o - self.true[item], self.many))]
            for item, options in self.options.items()
        }
        sums = {g.id: self._sums(g, allowed, moved) for g in self.groups}
        return {
            item: {o for o in allowed[item] if self._is_possible(group, sums, allowed | {item: [o]}, moved)}
            for group in self.groups
            for item in group.parts
        }

    def _limits(self, node, bounds):
        """By how much the score of a node may be off the true one: by its own figures, and by those of nodes of which
        it is the only part that the person moves."""
        low, high = (b - self.scores[node] for b in bounds.get(node, (Fraction(-100), Fraction(200))))
        moving = {g.id for g in self.groups} | {self.instrument.id}
        for parent in self.framework.nodes.values():
            if node in parent.parts and parent.id not in moving:
                limits = [limit / parent.parts[node] for limit in self._limits(parent.id, bounds)]
                low, high = max(low, limits[0]), min(high, limits[1])
        return low, high

    def _sums(self, group, allowed, moved):
        """Every sum of points, less the true ones, that the questions of a group can have."""
        reached = {0}
        for item in group.parts:
            reached = {total + o - self.true[item] for total in reached for o in allowed[item]}
        return {t for t in reached if _is_within(moved[group.id], Fraction(t, self.many * len(group.parts)))}

    def _is_possible(self, group, sums, allowed, moved):
        reached = {0}
        for g in self.groups:
            steps = self._sums(group, allowed, moved) if g is group else sums[g.id]
            reached = {total + step for total in reached for step in steps}
        share = self.many * len(group.parts) * len(self.groups)
        return any(_is_within(moved[self.instrument.id], Fraction(total, share)) for total in reached)


def _is_within(limits, value):
    return limits[0] <= value <= limits[1]


def exact_scores(framework, answers, code):
    """The exact score of every node of an agency, as the office computes it."""
    scores = {item.id: Fraction(100) for item in framework.rules.disclosure_items}
    for instrument, by_agency in answers.items():
        for k, column in enumerate(framework.answer_columns(instrument)):
            points = [column.points[index] for index in by_agency[code][:, k].tolist()]
            scores[column.item] = Fraction(sum(points), len(points))
    for node in framework.computed_nodes:
        scores[node.id] = sum((w * scores[p] for p, w in node.parts.items()), Fraction())
    return scores


OFFICIAL = ("overall", "composite", "instrument", "indicator", "part_indicator", "sub_indicator")


def attack(public, answers, code, instrument, person):
    """The possibilities of each question by all that is public of both years, and by the official scores alone."""
    found, official = {}, {}
    for year in YEARS:
        framework = rules.load(rules.NATIONAL, year)
        rows = answers[instrument][code]
        solver = Solver(
            framework, instrument, np.delete(rows, person, 0), rows[person], exact_scores(framework, answers, code)
        )
        bounds = public[code, year]
        shown = {n: b for n, b in bounds.items() if framework.nodes[n].kind in OFFICIAL}
        for target, known in ((found, bounds), (official, shown)):
            for item, points in solver.possibilities(known).items():
                target[item] = target.get(item, points) & points  # the same answer in both years
    return found, official


def test_whoever_knows_all_answers_but_one(client, nation_answers):
    public = {(code, year): read_public(client, code, year) for code, year in product(PEOPLE, YEARS)}
    bounds = {key: bounds_of(rules.load(rules.NATIONAL, key[1]), figures) for key, (figures, _) in public.items()}
    check_nothing_adds_to_official_scores(bounds, nation_answers)
    check_small_groups_stay_open(bounds, nation_answers)
    check_no_exact_score_of_a_question(client, public, nation_answers)


def check_nothing_adds_to_official_scores(bounds, answers):
    """Pages, API, downloads, receipts and two years tell what the official scores tell, and nothing more."""
    for code, instrument in product(PEOPLE, ("IIT", "EIT1")):
        found, official = attack(bounds, answers, code, instrument, person=0)
        assert found == official, (code, instrument)


def check_small_groups_stay_open(bounds, answers):
    """Where the rule withholds indicators, no question of anybody is down to one answer."""
    small = [code for code in PEOPLE if "1" not in bounds[code, YEARS[-1]]]
    assert "S09" in small
    assert "S30" not in small
    for code, instrument in product(small, ("IIT", "EIT1")):
        for person in range(3):
            found, _ = attack(bounds, answers, code, instrument, person)
            assert min(map(len, found.values())) >= 2, (code, instrument, person)


def check_no_exact_score_of_a_question(client, public, answers):
    for (code, year), (figures, receipt) in public.items():
        framework = rules.load(rules.NATIONAL, year)
        scores = exact_scores(framework, answers, code)
        questions = {c.item for s in SURVEYS for c in framework.answer_columns(s)}
        written = {str(figure) for node, figure in figures if node in questions}
        assert all(re.fullmatch(r"\d+", text) for text in written), written
        assert not questions & receipt["items"].keys()
        assert questions == receipt["committed"].keys()
        page = client.get(f"/agency/{code}/{year}/").content.decode()
        official = {text for node, text in figures if node not in questions}
        exact = {f"{float(scores[item]):.2f}" for item in questions} - official - {"100.00", "0.00"}
        assert not exact & set(re.findall(r"\d+\.\d\d", page)), (code, year)
        assert verify_receipt(receipt, framework) == []


def test_the_solver_finds_the_answer_where_totals_are_public():
    """The same solver, given the exact score of each question, knows every answer: it isn't blind."""
    framework = rules.load(rules.NATIONAL, YEARS[-1])
    answers = {s: draw_answers(framework, s, seed) for seed, s in enumerate(SURVEYS)}
    scores = exact_scores(framework, answers, "S30")
    rows = answers["IIT"]["S30"]
    solver = Solver(framework, "IIT", rows[1:], rows[0], scores)
    bounds = bounds_of(framework, [(item, f"{float(scores[item]):.2f}") for item in solver.options])
    assert all(points == {solver.true[item]} for item, points in solver.possibilities(bounds).items())


def test_a_correction_by_one_answer_tells_no_answer(client, people, invented, tmp_path):
    """The receipts before and after one late answer: nothing in both but what is official; what did not change is shown
    as before, and nobody can see that it did not."""
    year = YEARS[-1]
    framework = rules.load(rules.NATIONAL, year)
    answers = {s: draw_answers(framework, s, seed) for seed, s in enumerate(SURVEYS)}
    first = publish_year(year, answers, people, tmp_path / "1", everybody=False)
    before = {code: read_public(client, code, year)[1] for code in ("S30", "S60")}
    answers["IIT"]["S30"] = np.vstack([answers["IIT"]["S30"], np.zeros(15, int)])
    write_parcels(framework, answers, tmp_path / "2", everybody=False)
    corrected = actions.compute_round(
        assessment_round=first.round, folder=tmp_path / "2", by=people["office"], corrects=first
    )
    publication = actions.publish(result_set=corrected, reason="มีคำตอบที่ตกหล่น", by=people["office"])
    receipts.log_publication.function(NO_LEASE, publication.pk)
    log.sign_checkpoint()
    after = {code: read_public(client, code, year)[1] for code in ("S30", "S60")}
    for code in before:
        assert not set(before[code]["committed"].values()) & set(after[code]["committed"].values())
        assert not {"i1", "i2", "EIT1/e1"} & (before[code]["items"].keys() | after[code]["items"].keys())
    shown = [{n["node"]: n["shown"] for n in paper["S60"]["nodes"]} for paper in (before, after)]
    assert shown[0] == shown[1]  # the same totals, the same error: publishing again averages nothing away
    assert before["S30"]["about"]["n"]["IIT"] == after["S30"]["about"]["n"]["IIT"] == [30, 39]
