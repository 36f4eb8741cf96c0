"""A nation's users invited by one table, and all of that undone before anybody followed an invitation: by a worker, a
few rows a transaction, with progress; nobody whose invitation was undone gets a mail.

    python -m bench.invitations [--people 16600]
"""

import argparse
import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

AGENCIES_EACH = 2  # people of an agency


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=16_600)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PRONGSAI_DATA": folder, "DJANGO_SETTINGS_MODULE": "prongsai.settings", "LOG_LEVEL": "ERROR"}
        from prongsai.cli.platform_commands import prepare_installation, set_up_django

        set_up_django()
        prepare_installation()
        measure(people, Path(folder))


def measure(people: int, folder: Path) -> None:
    from django.conf import settings
    from django.core import mail

    from prongsai.cli.demo_nation import create_agencies
    from prongsai.jobs.kinds import Queue
    from prongsai.jobs.models import Job
    from prongsai.people.models import AuditEntry, Notice, User
    from prongsai.registry.models import Appointment
    from prongsai.registry.tables import work
    from prongsai.registry.tables.kinds import Scope, find_kind

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    office = User.objects.create(email="office@bench.test", name="ส่วนกลาง", role="office")
    codes = [agency.code for agency in create_agencies(-(-people // AGENCIES_EACH))]
    table = folder / "people.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("อีเมล", "ชื่อ", "บทบาท", "รหัสหน่วยงาน"))
        for n in range(people):
            role = ("เจ้าหน้าที่", "ผู้บริหาร")[n % AGENCIES_EACH]
            rows.writerow((f"u{n}@bench.test", f"ผู้ใช้ {n}", role, codes[n // AGENCIES_EACH]))
    kind = find_kind("users")
    assert kind is not None
    print(f"{people:,} people{'':32}{'request, ms':>12}{'work, s':>9}{'longest write, ms':>18}", flush=True)

    def act(title: str, ask: Any, queue: Queue) -> None:
        began = time.perf_counter()
        ask()
        asked = (time.perf_counter() - began) * 1000
        began, longest = time.perf_counter(), do(queue)
        print(f"{title:44}{asked:>12.0f}{time.perf_counter() - began:>9.1f}{longest * 1000:>18.0f}", flush=True)

    upload = work.upload_table(kind=kind, scope=Scope("ita"), path=table, file_name="people.csv", by=office)
    act("read, and compared with what is there", lambda: None, Queue.FILES)
    seen = work.digest_plan(upload)
    act(
        "applied: accounts, appointments, invitations",
        lambda: work.request_application(upload=upload, seen=seen, by=office, site="https://bench.test"),
        Queue.OFFICE,
    )
    assert User.objects.count() == 1 + people, User.objects.count()
    waiting = Job.objects.filter(queue=Queue.MAIL, state__in=Job.ACTIVE).count()
    act(
        "undone",
        lambda: work.request_undoing(upload=upload, by=office, site="https://bench.test"),
        Queue.OFFICE,
    )
    assert User.objects.count() == 1, User.objects.count()
    assert not Appointment.objects.exists()
    left = Job.objects.filter(queue=Queue.MAIL, state__in=Job.ACTIVE).count()
    print(f"mails that waited before undoing: {waiting:,}, after: {left:,}")
    act("the mails that wait are looked at", lambda: None, Queue.MAIL)
    to = [address for message in mail.outbox for address in message.to if address.startswith("u")]
    print(f"mails to people whose invitation was undone: {len(to)}; notices left: {Notice.objects.count()}")
    print(f"entries of the audit trail: {AuditEntry.objects.count():,}")


def do(queue: Any) -> float:
    """Do what waits in a queue; the longest transaction of it, in seconds."""
    from django.db import transaction

    from prongsai.jobs.actions import work_on
    from prongsai.jobs.leases import take_job

    longest, enter, leave = [0.0], transaction.Atomic.__enter__, transaction.Atomic.__exit__
    depth, began = [0], [0.0]

    def enter_noting(self: Any) -> None:
        if not depth[0]:
            began[0] = time.perf_counter()
        depth[0] += 1
        enter(self)

    def leave_noting(self: Any, *error: object) -> None:
        leave(self, *error)
        depth[0] -= 1
        if not depth[0]:
            longest[0] = max(longest[0], time.perf_counter() - began[0])

    atomic: Any = transaction.Atomic
    atomic.__enter__, atomic.__exit__ = enter_noting, leave_noting
    try:
        while job := take_job(queue=queue, owner="bench"):
            work_on(job, is_last=True)
    finally:
        atomic.__enter__, atomic.__exit__ = enter, leave
    return longest[0]


if __name__ == "__main__":
    main()
