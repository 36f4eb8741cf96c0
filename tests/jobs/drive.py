"""An installation with jobs, driven by a test: ``python -m tests.jobs.drive``.

Each line of the input is a command in JSON, each line of the output its result.
"""

import json
import shutil
import sys
from pathlib import Path

import django
from django.db import connection

AGENCIES = 12


def set_up():
    """Agencies, a round with sealed parcels, published results; nothing waits."""
    import numpy as np
    from django.conf import settings

    from prongsai import framework
    from prongsai.cli.demo import make_parcels
    from prongsai.people.models import User
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.results import actions as results
    from tests.conftest import sample_year

    office = User.objects.create(email="office@example.test", name="ส่วนกลาง", role="office")
    codes = [f"N{k:02}" for k in range(AGENCIES)]
    Agency.objects.bulk_create(
        [
            Agency(assessment_id="ita", code=c, name_th=f"องค์การบริหารส่วนตำบลหน่วย {c}", kind="sao").fill_keys()
            for c in codes
        ]
    )
    made = registry.create_round(fiscal_year=sample_year(), by=office)
    registry.enroll_agencies(assessment_round=made, agencies=Agency.objects.all(), by=office)
    rules = framework.load(framework.NATIONAL, sample_year())
    make_parcels(rules, codes, np.linspace(0.5, 0.95, AGENCIES), made.parcels, seed=1)
    results.publish(result_set=results.compute_round(assessment_round=made, folder=made.parcels, by=office), by=office)
    shutil.rmtree(made.parcels)
    make_parcels(rules, codes, np.linspace(0.4, 0.9, AGENCIES), made.parcels, seed=2)  # another computation
    settings.MEDIA_ROOT.mkdir(exist_ok=True)


def office():
    from prongsai.people.models import User

    return User.objects.get(email="office@example.test")


def start_import(rows):
    """A table with so many rows."""
    from django.conf import settings

    from prongsai.results import actions
    from tests.conftest import sample_year

    path = Path(settings.DATA) / "nation.csv"
    lines = [f"N{k % AGENCIES:02},หน่วย,{60 + k % 40}.25,,{70 + k % 30}.50," for k in range(rows)]
    path.write_text("\n".join(["รหัส,ชื่อ,คะแนนรวม,ระดับ,1,2", *lines]), encoding="utf-8")
    made = actions.upload(path=path, file_name="nation.csv", shape="nation", by=office(), fiscal_year=sample_year())
    return made.pk


def import_state(import_id):
    from prongsai.results.models import Import

    made = Import.objects.get(pk=import_id)
    numbers = list(made.rows.values_list("number", flat=True))
    return {"status": made.status, "rows": len(numbers), "different": len(set(numbers)), "problem": made.problem}


def start_round():
    from prongsai.registry.models import Round
    from prongsai.results.actions import request_round

    return [request_round(assessment_round=Round.objects.get(), by=office()).pk for _ in range(3)]


def start_batch(kinds):
    from prongsai.documents.actions import start_batch as start
    from prongsai.results.models import Publication

    return start(result_set=Publication.objects.get(withdrawn_at=None).result_set, kinds=kinds, by=office()).pk


def counts():
    """What there is of everything that a job makes."""
    from prongsai.documents.models import Batch, Paper
    from prongsai.people.models import Notice
    from prongsai.people.queries import verify_audit_trail
    from prongsai.results.models import ResultSet

    papers = list(Paper.objects.values_list("agency", "kind"))
    return {
        "papers": len(papers),
        "different": len(set(papers)),
        "batches": list(Batch.objects.order_by("pk").values_list("status", "agencies_done", "problems")),
        "sets": ResultSet.objects.count(),
        "notices": Notice.objects.count(),
        "trail": verify_audit_trail().problem,
    }


def jobs():
    from prongsai.jobs.models import Job

    fields = ("id", "name", "state", "tries", "steps_done", "problem", "owner")
    return [dict(zip(fields, row, strict=True)) for row in Job.objects.order_by("pk").values_list(*fields)]


def enqueue(name, *arguments):
    from prongsai.jobs.kinds import find_kind

    return find_kind(name).enqueue(*arguments).pk


def make_due():
    """Nobody waits for the delay of another try."""
    from prongsai.jobs.models import Job

    return Job.objects.filter(state="waiting").update(due_at=None)


def cancel(job_id):
    from prongsai.jobs.models import Job
    from prongsai.people.actions import cancel_job

    cancel_job(job=Job.objects.get(pk=job_id), by=None)


def log():
    from django.conf import settings

    path = Path(settings.DATA) / "done.log"
    return path.read_text().splitlines() if path.exists() else []


# --- for tests/faults.py: the site that people work at


def open_site():
    """A link of the survey, an officer with a session, a plan; what people need to know of them."""
    import datetime

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from prongsai import framework
    from prongsai.improvement.actions import start_plan
    from prongsai.people.models import User
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency, Round
    from prongsai.survey import actions as survey
    from prongsai.survey.questions import list_questions
    from tests.conftest import sample_year

    agency, made = Agency.objects.get(code="N00"), Round.objects.get()
    officer = User.objects.create(email="officer@example.test", name="เจ้าหน้าที่", role="officer")
    registry.appoint(user=officer, agency=agency, on=datetime.date(2020, 1, 1), by=office())
    registry.set_round_status(assessment_round=made, status="running", by=office())
    channel = survey.open_channel(assessment_round=made, agency=agency, instrument="IIT", kind="link", by=office())
    start_plan(agency=agency, result_year=sample_year(), by=officer)
    colleague = User.objects.create(email="colleague@example.test", name="เจ้าหน้าที่คนที่สอง", role="officer")
    registry.appoint(user=colleague, agency=agency, on=datetime.date(2020, 1, 1), by=office())
    second_office = User.objects.create(email="second@example.test", name="ส่วนกลางคนที่สอง", role="office")

    def sign_in(user):
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session.create()
        return session.session_key

    rules = framework.load(framework.NATIONAL, sample_year())
    return {
        "link": channel.slug,
        "answers": {q.column: 0 for q in list_questions(rules, "IIT")},
        "session": sign_in(officer),
        "colleague": sign_in(colleague),
        "office": sign_in(office()),
        "second_office": sign_in(second_office),
        "items": [item.id for item in rules.rules.disclosure_items],
        "kinds": [["summary"], ["measures"], ["development"]],
    }


def start_batch_if_idle(kinds):
    """A batch, where none is running."""
    from prongsai.people.actions import DomainError

    try:
        return start_batch(kinds)
    except DomainError:
        return 0


def active_jobs(prefix="%"):
    from prongsai.jobs.models import Job

    make_due()
    active = Job.objects.filter(state__in=Job.ACTIVE).exclude(name__in=("people.mail_notice", "jobs.tick"))
    return active.exclude(queue="links").filter(name__startswith=prefix.rstrip("%")).count()


# --- for its races


def count_answers():
    from prongsai.survey.models import Envelope, Receipt, Response

    return {"answers": Envelope.objects.count() + Response.objects.count(), "receipts": Receipt.objects.count()}


def open_again():
    """A round that was sealed takes answers once more, as if it had not been: to a new key."""
    from prongsai.survey.models import Channel, Seal
    from prongsai.survey.sealing import create_own_key

    for assessment_round in set(Seal.objects.values_list("round", flat=True)):
        create_own_key(assessment_round)
    Seal.objects.all().delete()
    Channel.objects.update(is_open=True)


def count_sealed():
    """How many answers the sealed parcels hold."""
    import pyarrow.parquet as pq

    from prongsai.registry.models import Round

    return sum(pq.read_metadata(path).num_rows for path in Round.objects.get().parcels.glob("answers-*.parquet"))


def begin_draft():
    """A draft of rules; its year. For bench/bombs.py."""
    from prongsai.rulebooks.actions import begin_draft as begin
    from prongsai.rulebooks.queries import frameworks

    source = frameworks("ita")[max(frameworks("ita"))]
    return begin(source=source, assessment="ita", fiscal_year=source.fiscal_year + 1, by=office()).fiscal_year


def two_sets():
    """The published computation, and its correction."""
    from prongsai.registry.models import Round
    from prongsai.results import actions
    from prongsai.results.models import ResultSet

    made, first = Round.objects.get(), ResultSet.objects.get()
    second = actions.compute_round(assessment_round=made, folder=made.parcels, by=office(), corrects=first)
    return [first.pk, second.pk]


def publication_keys(result_sets):
    from prongsai.results.models import ResultSet
    from prongsai.results.queries import publication_key

    return [publication_key(ResultSet.objects.get(pk=pk)) for pk in result_sets]


def check_publications():
    """What is wrong with what is public: it must be what the publications in force say, and counted so."""
    from prongsai.people.queries import verify_audit_trail
    from prongsai.results.models import Overview, Publication, PublishedResult, ResultSet
    from prongsai.results.queries import find_results_in_force

    expected = {}
    for result_set in ResultSet.objects.all():
        expected |= {a: r.pk for a, r in find_results_in_force(result_set).items()}
    shown = dict(PublishedResult.objects.values_list("agency", "result"))
    counted = sum(o.data["agencies"] for o in Overview.objects.all())
    live = list(Publication.objects.filter(withdrawn_at=None).values_list("result_set", flat=True))
    problems = [shown != expected, counted != len(shown), len(live) != len(set(live)), verify_audit_trail().problem]
    return [str(p) for p in problems] if any(problems) else None


def count_publications():
    from prongsai.jobs.models import Job
    from prongsai.results.models import Publication

    asked = Job.objects.filter(name__in=("results.publish_in_background", "results.withdraw_in_background"))
    return {
        "published": Publication.objects.count(),
        "withdrawn": Publication.objects.exclude(withdrawn_at=None).count(),
        "asked": asked.count(),
        "refused": asked.exclude(problem="").count(),
        "failed": asked.exclude(state="done").count(),
    }


def compare(receipts, filed, planned, imports):
    """What is stored of what was acknowledged."""
    from collections import Counter

    from prongsai.disclosure.models import Link
    from prongsai.documents.models import Batch, Paper
    from prongsai.improvement.models import Measure
    from prongsai.jobs.models import Job
    from prongsai.people.models import Notice
    from prongsai.people.queries import verify_audit_trail
    from prongsai.results.models import Import
    from prongsai.survey.codes import digest_code
    from prongsai.survey.models import Envelope, Receipt, Response

    known = set(Receipt.objects.values_list("digest", flat=True))
    answers = Envelope.objects.count() + Response.objects.count()
    lost_filings = 0
    for item, (acknowledged, sent) in filed.items():
        links = Link.objects.filter(entry__item=item, until=None).values_list("url", flat=True)
        last = max((int(url.rsplit("/", 1)[1]) for url in links), default=0)
        lost_filings += not acknowledged <= last <= sent
    titles = Measure.objects.filter(title__startswith="มาตรการ ").values_list("title", flat=True)
    title = max((int(t.split()[1]) for t in titles if t.split()[1].isdecimal()), default=0)
    wrong_imports = 0
    for number, pk in enumerate(imports):
        made = Import.objects.get(pk=pk)
        numbers = list(made.rows.values_list("number", flat=True))
        wrong_imports += made.status != "ready" or sorted(numbers) != list(range(made.rows_total)) or number > pk
    papers = Counter(Paper.objects.values_list("agency__code", "kind"))
    # somebody edits the plan of this agency all the while: a step that is done again may find it says something new
    edited = Paper.objects.filter(agency__code="N00").values_list("agency__code", "kind", "content_digest")
    batches = Batch.objects.all()
    wanted = {kind for batch in batches for kind in batch.kinds}
    told = Notice.objects.filter(user=office())
    notices = (
        told.filter(text__startswith="เอกสารของ").count() + told.filter(text__startswith="ทำเอกสารทั้งชุดหยุด").count()
    )
    failed = Job.objects.filter(state=Job.State.FAILED).exclude(queue="mail")  # nobody takes mail there
    given_up = failed.values_list("name", "tries", "steps_done", "problem")
    return {
        "lost answers": sum(digest_code("receipt", r) not in known for r in receipts),
        "doubled answers": answers - len(known),
        "lost filings": lost_filings,
        "lost plan edits": int(not planned["acknowledged"] <= title <= planned["sent"]),
        "wrong imports": wrong_imports,
        "papers": sum(papers.values()),
        "doubled papers": sum(n - 1 for (agency, _), n in papers.items() if agency != "N00")
        + sum(n - 1 for n in Counter(edited).values()),
        "papers that said something new": sum(n - 1 for (agency, _), n in papers.items() if agency == "N00"),
        "lost papers": AGENCIES * len(wanted) - len(papers),
        "wrong notices": notices - batches.count(),
        "wrongly given up": [list(job) for job in given_up],
        "wrong trail": verify_audit_trail().problem,
    }


def compare_uploads(uploads):
    """What is stored of files that were acknowledged: the digests of what was sent, by the numbers of their imports."""
    import hashlib

    from prongsai.machines import files
    from prongsai.results.models import Import

    lost = unread = 0
    for number, digest in uploads.items():
        found = Import.objects.filter(pk=number, file_digest=digest).first()
        is_there = found and files.exists(found.stored_as)
        lost += not is_there or hashlib.sha256(files.read_bytes(found.stored_as)).hexdigest() != digest
        unread += found is None or found.status != "ready"
    named = set(Import.objects.values_list("stored_as", flat=True))
    missing = sum(not files.exists(name) for name in named)
    return {"lost uploads": lost, "wrong uploads unread": unread, "lost files of imports": missing}


def approve_plan():
    """Have the plan of people approved; a measure, its next date, and a day on which something was done."""
    import datetime

    from prongsai.improvement.models import Plan
    from prongsai.improvement.snapshot import build_snapshot
    from prongsai.people.models import User
    from prongsai.registry import actions as registry
    from tests.improvement.plans import approve

    plan = Plan.objects.get()
    executive = User.objects.create(email="executive@example.test", name="ผู้บริหาร", role="executive")
    registry.appoint(user=executive, agency=plan.agency, on=datetime.date(2020, 1, 1), by=office())
    approve(plan, {"officer": User.objects.get(email="officer@example.test"), "executive": executive})
    measure = build_snapshot(plan).measures[0]
    return measure.measure, measure.due_dates[-1].isoformat(), measure.starts.isoformat()


def compare_evidence():
    """What is stored of follow-ups, and whether rows and files agree."""
    from prongsai.improvement.models import Evidence, FollowUp, PendingUpload
    from prongsai.machines import files

    named = {e.stored_as for e in (*Evidence.objects.exclude(stored_as=""), *PendingUpload.objects.all())}
    on_disk = {*files.list_names("evidence"), *files.list_names("pending")}
    return {
        "follow-ups": FollowUp.objects.count(),
        "waiting": PendingUpload.objects.count(),
        "files lost": len(named - on_disk),
        "files unnamed": len(on_disk - named),
    }


COMMANDS = {
    f.__name__: f
    for f in (
        set_up,
        start_import,
        import_state,
        start_round,
        start_batch,
        counts,
        jobs,
        enqueue,
        make_due,
        cancel,
        log,
        open_site,
        start_batch_if_idle,
        active_jobs,
        count_answers,
        open_again,
        count_sealed,
        two_sets,
        begin_draft,
        publication_keys,
        check_publications,
        count_publications,
        compare,
        compare_uploads,
        approve_plan,
        compare_evidence,
    )
}


def main():
    django.setup()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        if connection.connection and not connection.is_usable():  # the server was away since the last command
            connection.close()
        print(json.dumps(COMMANDS[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
