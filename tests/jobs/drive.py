"""An installation with jobs, driven by a test: ``python -m tests.jobs.drive``.

Each line of the input is a command in JSON, each line of the output its result.
"""

import json
import shutil
import sys
from pathlib import Path

import django

AGENCIES = 12


def set_up():
    """Agencies, a round with sealed parcels, published results; nothing waits."""
    import numpy as np
    from django.conf import settings
    from django.core.management import call_command

    from prongsai import framework
    from prongsai.cli.demo import make_parcels
    from prongsai.people.models import User
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.results import actions as results
    from tests.conftest import sample_year

    call_command("migrate", verbosity=0)
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

    fields = ("id", "name", "state", "tries", "steps_done", "problem")
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
    )
}


def main():
    django.setup()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(COMMANDS[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
