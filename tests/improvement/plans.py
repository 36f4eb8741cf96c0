"""Results and plans to test with."""

import datetime
import tempfile
from fractions import Fraction
from pathlib import Path
from unittest import mock

from prongsai.improvement import actions, queries
from prongsai.lib import digest, fiscal
from prongsai.results.models import AgencyResult, PublishedResult, ResultSet
from prongsai.results.queries import frameworks
from prongsai.scoring import complete_scores, round_score
from tests.conftest import newest


def result(agency, year, *, items=None, default=90, without=(), only=None, publish=True, origin="run"):
    """A result of every node of a year's rules: each item ``default`` points but for those in ``items`` (by node).
    ``without`` drops instruments, ``only`` keeps nodes of some kinds."""
    framework = frameworks()[year]
    nodes = [n for n in framework.nodes.values() if n.kind == "item" and n.instrument not in without]
    known = {n.id: Fraction((items or {}).get(n.id, default)) for n in nodes}
    scores = complete_scores(framework, known)
    texts = {
        n: str(round_score(framework, v)) for n, v in scores.items() if only is None or framework.nodes[n].kind in only
    }
    stamp = digest.of_json([agency.code, year, texts, ResultSet.objects.count()])
    made = ResultSet.objects.create(
        fiscal_year=year,
        framework=framework.id,
        framework_digest=framework.digest,
        origin=origin,
        inputs={"digest": stamp, "files": []},
        code="test",
        digest=stamp,
    )
    row = AgencyResult.objects.create(
        result_set=made, agency=agency, overall=texts.get("overall"), shown=texts, basis={}
    )
    if publish:
        PublishedResult.objects.filter(agency=agency, fiscal_year=year).delete()
        PublishedResult.objects.create(fiscal_year=year, agency=agency, result=row, overall=texts.get("overall"))
    return row


def approved_plan(agency, people, *, year=None, public=False, follow=True):
    """The plan of a year in force, made of the year before's result; followed up once, with a file, unless told not
    to."""
    year = year or newest()
    if not PublishedResult.objects.filter(agency=agency, fiscal_year=year - 1).exists():
        result(agency, year - 1, items={"i1": 50, "O1": 0})
    plan = actions.start(agency=agency, result_year=year - 1, by=people["officer"])
    approve(plan, people)
    if public:
        actions.set_public(plan=plan, public=True, by=people["executive"])
    if follow:
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(b"%PDF-1.4 proof")
            file.flush()
            follow_up(plan, people, evidence=[actions.Shown(name="หลักฐาน.pdf", path=Path(file.name))])
    plan.refresh_from_db()
    return plan


def approve(plan, people, *, on=None):
    """Approved on a day, the twentieth of its fiscal year unless told otherwise."""
    day = on or fiscal.first_day(plan.fiscal_year) + datetime.timedelta(19)
    moment = datetime.datetime(day.year, day.month, day.day, 5, tzinfo=datetime.UTC)
    with mock.patch("django.utils.timezone.now", return_value=moment):
        actions.submit(plan=plan, by=people["officer"])
        seen = digest.of_json(queries.content(plan))
        return actions.approve(plan=plan, by=people["executive"], position="นายกองค์การบริหารส่วนตำบล", seen=seen)


def follow_up(plan, people, *, measure=None, due=0, status="doing", done="ทำคู่มือแล้ว", evidence=(), **more):
    measure = measure or queries.measures(plan)[0]
    dues = queries.sheet(plan).rows[0].dues
    return actions.follow_up(
        measure=measure,
        due=dues[due],
        on=more.pop("on", fiscal.first_day(plan.fiscal_year) + datetime.timedelta(40)),
        status=status,
        done=done,
        obstacles=more.pop("obstacles", ""),
        suggestion="",
        by=people["officer"],
        evidence=evidence,
    )
