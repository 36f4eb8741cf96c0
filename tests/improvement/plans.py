"""Results and plans for tests."""

import datetime
import tempfile
from fractions import Fraction
from pathlib import Path
from unittest import mock

from django.urls import reverse

from prongsai.improvement import actions, queries
from prongsai.improvement.forms import form_of
from prongsai.improvement.snapshot import build_snapshot, content_of
from prongsai.lib import digest, fiscal
from prongsai.results.models import AgencyResult, PublishedResult, ResultSet
from prongsai.rulebooks.queries import frameworks
from prongsai.scoring import complete_scores, round_score
from tests.conftest import sample_year
from tests.pages import plan_fields


def result(agency, year, *, items=None, default=90, without=(), only=None, publish=True, origin="run", approximate=()):
    """A result of every node of a year's rules: each item ``default`` points but for those in ``items`` (by node).
    ``without`` drops instruments, ``only`` keeps nodes of some kinds, ``approximate`` are shown in whole points."""
    framework = frameworks("ita")[year]
    nodes = [n for n in framework.nodes.values() if n.kind == "item" and n.instrument not in without]
    known = {n.id: Fraction((items or {}).get(n.id, default)) for n in nodes}
    scores = complete_scores(framework, known)
    texts = {
        n: str(round_score(framework, v)) for n, v in scores.items() if only is None or framework.nodes[n].kind in only
    }
    texts |= {n: texts[n].partition(".")[0] for n in approximate}
    result_digest = digest.of_json([agency.code, year, texts, ResultSet.objects.count()])
    result_set = ResultSet.objects.create(
        fiscal_year=year,
        assessment_id="ita",
        framework_digest=framework.digest,
        origin=origin,
        inputs={"digest": result_digest, "files": []},
        code="test",
        digest=result_digest,
    )
    basis = {"secret": "00" * 32} if origin == "run" else {}
    row = AgencyResult.objects.create(
        result_set=result_set, agency=agency, overall=texts.get("overall"), shown=texts, basis=basis
    )
    if publish:
        PublishedResult.objects.filter(agency=agency, fiscal_year=year).delete()
        PublishedResult.objects.create(
            assessment_id="ita", fiscal_year=year, agency=agency, result=row, overall=texts.get("overall")
        )
    return row


def approved_plan(agency, people, *, year=None, public=False, follow=True):
    """The approved plan of a year on the result of the year before; followed up once, with a file (``follow``)."""
    year = year or sample_year()
    if not PublishedResult.objects.filter(agency=agency, fiscal_year=year - 1).exists():
        result(agency, year - 1, items={"i1": 50, "O1": 0})
    plan = actions.start_plan(agency=agency, result_year=year - 1, by=people["officer"])
    approve(plan, people)
    if public:
        actions.set_public(plan=plan, public=True, by=people["executive"])
    if follow:
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(b"%PDF-1.4 proof")
            file.flush()
            follow_up(plan, people, evidence=[actions.EvidenceInput(name="หลักฐาน.pdf", path=Path(file.name))])
    plan.refresh_from_db()
    return plan


def approve(plan, people, *, on=None):
    """Submit and approve a plan on a day, by default the twentieth of its fiscal year."""
    day = on or fiscal.first_day(plan.fiscal_year) + datetime.timedelta(19)
    moment = datetime.datetime(day.year, day.month, day.day, 5, tzinfo=datetime.UTC)
    with mock.patch("django.utils.timezone.now", return_value=moment):
        actions.submit_plan(plan=plan, by=people["officer"])
        return actions.approve_plan(
            plan=plan,
            by=people["executive"],
            position="นายกองค์การบริหารส่วนตำบล",
            expected_digest=digest.of_json(content_of(plan)),
        )


def follow_up(plan, people, *, measure=None, due=0, status="doing", done="ทำคู่มือแล้ว", evidence=(), **more):
    measure = measure or queries.measures_of(plan)[0]
    dates = build_snapshot(plan).measures[0].due_dates
    return actions.add_follow_up(
        measure=measure,
        due=dates[due],
        on=more.pop("on", fiscal.first_day(plan.fiscal_year) + datetime.timedelta(40)),
        status=status,
        done=done,
        obstacles=more.pop("obstacles", ""),
        suggestion="",
        by=people["officer"],
        evidence=evidence,
    )


YEAR = sample_year() + 1  # of the plan


def url(name, plan, *more):
    return reverse(name, args=[plan.agency.code, plan.fiscal_year, *more])


def fields(page):
    """What a browser would send of the edit page's form, unchanged."""
    return plan_fields(page.content.decode())


def stored_fields(plan):
    """What ``fields`` reads from the edit page of a plan as stored, without rendering it."""
    sent = {}
    for form in map(form_of, queries.measures_of(plan)):
        sent[f"{form.id}-base_version"] = [form.base_version]
        sent |= {f"{form.id}-{name}": ["" if v is None else str(v)] for name, v in form.fields.items()}
        sent[f"{form.id}-new_finding"] = [""]
        for f in form.findings:
            prefix = f"{form.id}-f{f.finding.pk}"
            sent |= {f"{prefix}-defect": [f.defect], f"{prefix}-remedy": [f.remedy], f"{prefix}-home": [str(f.home)]}
        if indicators := form.fields["indicators"]:
            sent[f"{form.id}-indicators"] = indicators
        else:
            del sent[f"{form.id}-indicators"]
    return sent


def save(client, plan, changes, **more):
    """Change some fields of the edit page, send."""
    sent = stored_fields(plan)
    assert set(changes) <= set(sent), set(changes) - set(sent)
    return client.post(url("plan_edit", plan), {**sent, **changes, "save": "all", **more})


def first(plan):
    return queries.measures_of(plan)[0]
