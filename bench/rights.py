"""Who may answer, for many agencies: rolls that come in a table, keys and invitations that are ordered, and the table
for the printing house. Seconds, also of the processor, and the most memory of the process.

    python -m bench.rights [--agencies 500] [--people 160]

What is said of 8,317 agencies is measured where so many were, and otherwise extrapolated, and called so.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

NATION = 8_317
UNITS = ("สำนักปลัด", "กองคลัง", "กองช่าง")


def prepare(folder: str) -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DATA": folder, "LOG_LEVEL": "CRITICAL"}
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def do_everything() -> None:
    """The work of the workers."""
    from prongsai.jobs.actions import work_on
    from prongsai.jobs.kinds import Queue
    from prongsai.jobs.leases import take_job

    while job := next((j for q in Queue if (j := take_job(queue=q, owner="bench"))), None):
        work_on(job)


@contextmanager
def measure(title: str, agencies: int) -> Iterator[None]:
    started, busy = time.perf_counter(), time.process_time()
    yield
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    kind = "measured" if agencies >= NATION else "extrapolated"
    nation = f"{seconds * NATION / agencies:.0f} s, {busy * NATION / agencies:.0f} s of the processor"
    print(
        f"{title}: {seconds:.1f} s, {busy:.1f} s of the processor; {NATION:,} agencies {kind}: {nation}; "
        f"at most {most:.0f} MB so far; load {os.getloadavg()[0]:.0f}",
        flush=True,
    )


def run(agencies: int, people: int, folder: Path) -> None:
    from prongsai import framework
    from prongsai.lib.spreadsheets import write_xlsx
    from prongsai.people.models import User
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.registry.tables import work
    from prongsai.registry.tables.kinds import Scope, find_kind
    from prongsai.survey import rights
    from prongsai.survey.models import Batch, Invitation, Population, TokenKey

    office = User.objects.create(email="office@bench.test", name="ส่วนกลาง", role="office")
    Agency.objects.bulk_create(
        Agency(assessment_id="ita", code=f"K{n}", name_th=f"หน่วยทดสอบ {n}", kind="sao") for n in range(agencies)
    )
    made = registry.create_round(fiscal_year=max(framework.available())[1], by=office)
    registry.enroll_agencies(assessment_round=made, agencies=list(Agency.objects.all()), by=office)
    registry.set_round_status(assessment_round=made, status="running", by=office)
    size, path = people // len(UNITS), folder / "rolls.xlsx"
    with path.open("wb") as file:
        rows = ((f"K{n}", "IIT", unit, size) for n in range(agencies) for unit in UNITS)
        write_xlsx(file, "rolls", ["รหัสหน่วยงาน", "แบบวัด", "หน่วยงานย่อย", "จำนวนคน"], rows)
    kind = find_kind("rolls")
    assert kind is not None
    with measure(f"rolls of {len(UNITS)} units read and compared", agencies):
        upload = work.upload_table(kind=kind, scope=Scope("ita", made), path=path, file_name=path.name, by=office)
        do_everything()
    with measure("rolls stored", agencies):
        work.request_application(upload=upload, seen=work.digest_plan(upload), by=office, site="https://bench.test")
        do_everything()
    assert Population.objects.exclude(roll=None).count() == agencies
    with measure("keys made and invitations ordered", agencies):
        rights.request_orders(assessment_round=made, instrument="IIT", kind="tokens", by=office)
        do_everything()
    assert TokenKey.objects.count() == Batch.objects.count() == agencies
    with measure(f"table of {agencies * size * len(UNITS):,} invitations for the printing house", agencies):
        batches = list(rights.find_waiting(made))
        length = sum(map(len, rights.stream_table(batches=batches, site="https://bench.test", by=office)))
    assert Invitation.objects.count() == agencies * size * len(UNITS)
    print(f"{length / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--agencies", type=int, default=500)
    parser.add_argument("--people", type=int, default=160)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prongsai-bench-") as name:
        prepare(name)
        run(arguments.agencies, arguments.people, Path(name))


if __name__ == "__main__":
    main()
