"""One machine of an installation, driven by a test: ``python -m tests.machines.drive``, a command a line as in
tests/jobs/drive.py."""

import json
import sys
from pathlib import Path

import django

from tests.conftest import SAMPLES, sample_year

CODE = "N00"
PASSWORD = "correct horse battery"


def set_up():
    """An agency with its officer, a running round, a link of the survey, and sessions; what a browser needs."""
    import datetime

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from prongsai import framework
    from prongsai.people.models import User
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.survey import actions as survey
    from prongsai.survey.models import SealingKey
    from prongsai.survey.questions import list_questions

    agency = Agency(assessment_id="ita", code=CODE, name_th="องค์การบริหารส่วนตำบลบ้านทดสอบ", kind="sao")
    agency.save()
    office = User.objects.create(email="office@example.test", name="ส่วนกลาง", role="office")
    officer = User(email="officer@example.test", name="เจ้าหน้าที่", role="officer")
    officer.set_password(PASSWORD)
    officer.save()
    registry.appoint(user=officer, agency=agency, on=datetime.date(2020, 1, 1), by=office)
    made = registry.create_round(fiscal_year=sample_year(), by=office)
    registry.enroll_agencies(assessment_round=made, agencies=[agency], by=office)
    registry.set_round_status(assessment_round=made, status="running", by=office)
    channel = survey.open_channel(assessment_round=made, agency=agency, instrument="IIT", kind="link", by=office)
    SealingKey.objects.all().delete()  # a round that mixes while it runs, until begin_sealing
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(officer.pk), officer.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.create()
    rules = framework.load(framework.NATIONAL, sample_year())
    return {
        "link": channel.slug,
        "answers": {q.column: 0 for q in list_questions(rules, "IIT")},
        "session": session.session_key,
    }


def begin_sealing():
    """From now on answers are sealed to a key of the folder that the machines share."""
    from prongsai.people.models import User
    from prongsai.registry.models import Round
    from prongsai.survey import actions

    actions.create_key(assessment_round=Round.objects.get(), by=User.objects.get(role="office"))


def survey_state():
    from prongsai.survey.models import Envelope, Receipt, Response

    return {"waiting": Envelope.objects.count(), "mixed": Response.objects.count(), "known": Receipt.objects.count()}


def last_import():
    from prongsai.results.models import Import

    made = Import.objects.latest("pk")
    return {
        "pk": made.pk,
        "status": made.status,
        "problem": made.problem,
        "figures": len(made.reading.get("figures", ())),
    }


def publish_import():
    """What an officer confirms and the office publishes, of the last import."""
    from prongsai.people.models import User
    from prongsai.results import actions, queries
    from prongsai.results.models import Import

    imported, office = Import.objects.latest("pk"), User.objects.get(role="office")
    year = next(iter(queries.import_years(imported)))
    values = {x.node: x.value for x in queries.review_figures(imported, year) if x.value}
    result_set = actions.confirm_document(
        imported=imported, agency=imported.agency, fiscal_year=year, values=values, by=office
    )
    actions.publish(result_set=result_set, by=office)
    return year


def paper(kind):
    """The last paper of a kind; none: it is not made yet."""
    from prongsai.documents.models import Paper

    made = Paper.objects.filter(kind=kind).first()
    return made and {"pk": made.pk, "sha256": made.pdf_sha256}


def seal_and_compute():
    from prongsai.people.models import User
    from prongsai.registry.models import Round
    from prongsai.results import actions as results
    from prongsai.survey import actions as survey

    made, office = Round.objects.get(), User.objects.get(role="office")
    latest = survey.seal(assessment_round=made, folder=made.parcels, by=office)
    results.request_round(assessment_round=made, by=office)
    return {"files": latest.files, "responses": latest.responses}


def computed():
    from prongsai.people.models import Notice
    from prongsai.results.models import ResultSet

    found = ResultSet.objects.filter(origin="run").first()
    return {"files": found and found.inputs["files"], "notices": list(Notice.objects.values_list("text", flat=True))}


def stored_here():
    """What lies on the disk of this machine."""
    from django.conf import settings

    root = Path(settings.MEDIA_ROOT)
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def stored_everywhere():
    from prongsai.machines import files

    return list(files.list_names())


def sample():
    return str(SAMPLES / "bangpla-2568.txt")


def jobs():
    from prongsai.jobs.models import Job

    return list(Job.objects.order_by("pk").values_list("name", "state", "problem"))


COMMANDS = {
    f.__name__: f
    for f in (
        set_up,
        begin_sealing,
        survey_state,
        last_import,
        publish_import,
        paper,
        seal_and_compute,
        computed,
        stored_here,
        stored_everywhere,
        sample,
        jobs,
    )
}


def main():
    django.setup()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(COMMANDS[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
