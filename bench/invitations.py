"""A nation's users invited by one table, and all of that undone before anybody followed an invitation: by a worker, a
few rows a transaction, with progress; nobody whose invitation was undone gets a mail.

    python -m bench.invitations [--people 16600] [--nation] [--kill]

``--nation``: in an installation that has a nation's year beside them, of other people: whether somebody may go is
asked of every table. ``--kill``: the worker that undoes is a process of its own, and is killed when a third is undone;
another goes on.
"""

import argparse
import csv
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

AGENCIES_EACH = 2  # people of an agency


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=16_600)
    parser.add_argument("--nation", action="store_true")
    parser.add_argument("--kill", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "PRONGSAI_DATA": folder,
            "DJANGO_SETTINGS_MODULE": "prongsai.settings",
            "LOG_LEVEL": "ERROR",
            "PRONGSAI_JOBS_LEASE": "15",
        }
        from prongsai.cli.platform_commands import prepare_demo, prepare_installation, set_up_django

        if arguments.nation:
            os.environ["PRONGSAI_DEMO"] = "1"
            prepare_demo("http://127.0.0.1", is_nation=True)
        else:
            set_up_django()
            prepare_installation()
        measure(arguments, Path(folder))


def measure(arguments: argparse.Namespace, folder: Path) -> None:
    from django.conf import settings
    from django.core import mail

    from prongsai.cli.demo_nation import create_agencies
    from prongsai.jobs.kinds import Queue
    from prongsai.jobs.models import Job
    from prongsai.people.models import AuditEntry, Notice, User
    from prongsai.registry.models import Agency, Appointment
    from prongsai.registry.tables import work
    from prongsai.registry.tables.kinds import Scope, find_kind

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    people, others, acting = arguments.people, User.objects.count(), Appointment.objects.count()
    if arguments.nation:
        do(Queue.MAIL)  # what the demonstration has to send
    office = User.objects.create(email="office@bench.test", name="ส่วนกลาง", role="office")
    wanted = -(-people // AGENCIES_EACH)
    codes = list(Agency.objects.order_by("code").values_list("code", flat=True)[:wanted])
    codes = codes or [agency.code for agency in create_agencies(wanted)]
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
    assert User.objects.count() == others + 1 + people, User.objects.count()
    waiting = Job.objects.filter(queue=Queue.MAIL, state__in=Job.ACTIVE).count()
    if arguments.kill:
        work.request_undoing(upload=upload, by=office, site="https://bench.test")
        kill_a_worker(people // 3)
        act("the rest undone, by another worker", wait_for_lease, Queue.OFFICE)
    else:
        act(
            "undone",
            lambda: work.request_undoing(upload=upload, by=office, site="https://bench.test"),
            Queue.OFFICE,
        )
    assert User.objects.count() == others + 1, User.objects.count()
    assert Appointment.objects.count() == acting
    withdrawn = AuditEntry.objects.filter(action="people.withdraw_invitation").count()
    assert withdrawn == people, withdrawn
    job = Job.objects.filter(name__endswith="undo_in_background").get()
    print(f"each was withdrawn once; the job told {job.steps_done:,} of {job.steps_total:,}, lost {job.losses} lease")
    left = Job.objects.filter(queue=Queue.MAIL, state__in=Job.ACTIVE).count()
    print(f"mails that waited before undoing: {waiting:,}, after: {left:,}")
    act("the mails that wait are looked at", lambda: None, Queue.MAIL)
    to = [address for message in mail.outbox for address in message.to if address.startswith("u")]
    print(f"mails to people whose invitation was undone: {len(to)}; notices left: {Notice.objects.count()}")
    print(f"entries of the audit trail: {AuditEntry.objects.count():,}")


def kill_a_worker(rows: int) -> None:
    """Start a worker for what the office asked for, and kill it when so many rows are undone."""
    from prongsai.registry.models import TableRow

    began = time.perf_counter()
    worker = subprocess.Popen([sys.executable, "-m", "prongsai.cli", "worker", "--queue", "office"])
    undone = TableRow.objects.filter(outcome="undone")
    while (count := undone.count()) < rows:
        assert worker.poll() is None, "the worker ended by itself"
        time.sleep(0.2)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    print(
        f"a worker killed after {count:,} were undone, {time.perf_counter() - began:.1f} s with its start", flush=True
    )


def wait_for_lease() -> None:
    """Until the lease of a worker that is gone has run out."""
    from prongsai.jobs.kinds import Queue
    from prongsai.jobs.leases import _takeable

    while not _takeable(Queue.OFFICE).exists():
        time.sleep(0.5)


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
