"""The marks of a nation as a table: written, brought back as the several files that it takes, read, shown, stored and
undone; each step by a process of its own, whose peak of memory is its own.

    python -m bench.tables [--agencies 8317] [--rows 2000]

``--rows`` are applied and undone before the worker is stopped: all of them take as much longer as they are more.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from bench.invitations import do

STEPS = ("build", "write", "fill", "read", "show", "apply", "undo")
AGENCIES_EACH = 40  # of an assessor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agencies", type=int, default=8317)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.step:
        os.environ |= {
            "PRONGSAI_DATA": str(arguments.folder),
            "DJANGO_SETTINGS_MODULE": "prongsai.settings",
            "LOG_LEVEL": "ERROR",
        }
        from prongsai.cli.platform_commands import set_up_django

        set_up_django()
        globals()[arguments.step](arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        for step in STEPS:
            command = [sys.executable, "-m", "bench.tables", "--step", step, "--folder", folder]
            amounts = ["--agencies", str(arguments.agencies), "--rows", str(arguments.rows)]
            subprocess.run([*command, *amounts], check=True)


def say(step: str, began: float, text: str, before: int = 0) -> None:
    seconds, processor = time.perf_counter() - began, time.process_time()
    memory = f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most (began with {before} MB)"
    print(
        f"{step:8}{seconds:>8.1f} s, {processor:>7.1f} s of this process  {memory if before else '':40}  {text}",
        flush=True,
    )


def measure_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def find() -> Any:
    """The one of the office, the table's kind and its scope."""
    from prongsai.people.models import User
    from prongsai.registry.models import Round
    from prongsai.registry.tables.kinds import Scope, find_kind

    return User.objects.get(role="office"), find_kind("marks"), Scope("ita", Round.objects.get())


def build(arguments: argparse.Namespace) -> None:
    """Agencies, assessors and their assignments, and a round in the days of marking."""
    from datetime import timedelta

    from prongsai.cli.demo_nation import create_agencies
    from prongsai.cli.platform_commands import prepare_installation
    from prongsai.people.models import User
    from prongsai.registry import actions
    from prongsai.registry.models import Assignment
    from prongsai.registry.queries import today

    began = time.perf_counter()
    prepare_installation()
    office = User.objects.create(email="office@bench.test", name="ส่วนกลาง", role="office")
    agencies = create_agencies(arguments.agencies)
    names = (f"assessor-{n}" for n in range(-(-len(agencies) // AGENCIES_EACH)))
    User.objects.bulk_create(User(email=f"{name}@bench.test", name=name, role="assessor") for name in names)
    assessors = list(User.objects.filter(role="assessor"))
    made = actions.create_round(fiscal_year=2570, by=office)
    actions.enroll_agencies(assessment_round=made, agencies=agencies, by=office)
    actions.set_round_status(assessment_round=made, status="running", by=office)
    Assignment.objects.bulk_create(
        [Assignment(round=made, agency=a, assessor=assessors[n // AGENCIES_EACH]) for n, a in enumerate(agencies)],
        batch_size=500,
    )
    made.phases.update(starts=today() - timedelta(9), ends=today() - timedelta(1))
    made.phases.filter(key="marking").update(ends=today() + timedelta(9))
    say("build", began, f"{len(agencies):,} agencies, {len(assessors)} assessors")


def write(arguments: argparse.Namespace) -> None:
    from prongsai.jobs.kinds import Queue
    from prongsai.machines import files
    from prongsai.registry.models import TableFile
    from prongsai.registry.tables import work

    office, kind, scope = find()
    before, began = measure_memory(), time.perf_counter()
    work.request_file(kind=kind, scope=scope, by=office)
    longest = do(Queue.BULK)
    made = TableFile.objects.get()
    with files.local_copy(made.stored_as) as path:
        (arguments.folder / "out.zip").write_bytes(path.read_bytes())
        size = path.stat().st_size / 1e6
    say("write", began, f"{made.count:,} rows, {made.suffix} of {size:.1f} MB, longest write {longest:.2f} s", before)


def fill(arguments: argparse.Namespace) -> None:
    """What the office gets back of it: every mark given, a workbook for each that went out."""
    import io

    from python_calamine import CalamineWorkbook

    from prongsai.lib.spreadsheets import write_xlsx

    began, size = time.perf_counter(), 0
    path = arguments.folder / "out.zip"
    contents = [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        if "[Content_Types].xml" not in archive.namelist():
            contents = [archive.read(name) for name in archive.namelist()]
    for number, content in enumerate(contents):
        titles, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        points, reason = titles.index("คะแนน"), titles.index("เหตุผลหรือความเห็น")
        for k, row in enumerate(rows):
            row[points], row[reason] = ("0", "ไม่พบข้อมูลตามลิงก์ที่ยื่น") if k % 5 == 0 else ("100", "พบครบตามองค์ประกอบ")
        with (arguments.folder / f"back-{number}.xlsx").open("wb") as file:
            write_xlsx(file, "table", titles, rows)
            size += file.tell()
    say("fill", began, f"{len(contents)} files, {size / 1e6:.1f} MB")


def read(arguments: argparse.Namespace) -> None:
    from prongsai.jobs.kinds import Queue
    from prongsai.registry.models import TableUpload
    from prongsai.registry.tables import work

    office, kind, scope = find()
    before, began = measure_memory(), time.perf_counter()
    chosen = [(path, path.name) for path in sorted(arguments.folder.glob("back-*.xlsx"))]
    work.upload_tables(kind=kind, scope=scope, chosen=chosen, by=office)
    longest = do(Queue.FILES)
    upload = TableUpload.objects.get()
    assert not upload.problem, upload.problem
    changed = upload.rows.filter(state="changed").count()
    text = f"{len(chosen)} files, {upload.rows.count():,} rows, {changed:,} change something"
    say("read", began, f"{text}, longest write {longest:.2f} s", before)


def show(_: argparse.Namespace) -> None:
    """The page of the preview, and a later page of its list."""
    from django.conf import settings
    from django.test import Client

    from prongsai.registry.models import TableUpload

    settings.ALLOWED_HOSTS = ["testserver"]
    office, *_rest = find()
    client = Client()
    client.force_login(office)
    address = f"/desk/tables/upload/{TableUpload.objects.get().pk}/"
    assert client.get(address).status_code == 200
    for query in ("", "?page=2000", "?q=บ้าน"):
        began, processor = time.perf_counter(), time.process_time()
        assert client.get(address + query).status_code == 200
        seconds, own = time.perf_counter() - began, time.process_time() - processor
        print(
            f"show    {query or 'preview':10} {seconds * 1000:.0f} ms, {own * 1000:.0f} ms of the processor", flush=True
        )


def stop_after(rows: int, name: str) -> None:
    """Stop the worker after so many rows, as if it had been killed."""
    from prongsai.jobs.leases import LeaseLostError
    from prongsai.registry.tables import work

    act, done = getattr(work, name), [0]

    def act_and_count(*arguments: Any) -> None:
        if done[0] >= rows:
            raise LeaseLostError
        done[0] += 1
        act(*arguments)

    setattr(work, name, act_and_count)


def apply(arguments: argparse.Namespace) -> None:
    from prongsai.jobs.kinds import Queue
    from prongsai.jobs.models import Job
    from prongsai.registry.models import TableUpload
    from prongsai.registry.tables import work

    office, *_rest = find()
    upload = TableUpload.objects.get()
    before, began = measure_memory(), time.perf_counter()
    stop_after(arguments.rows, "_apply")
    work.request_application(upload=upload, seen=work.digest_plan(upload), by=office, site="https://bench.test")
    longest = do(Queue.OFFICE)
    count = upload.rows.filter(outcome="applied").count()
    each = (time.perf_counter() - began) / count * 1000
    say("apply", began, f"{count:,} rows, {each:.1f} ms each, longest write {longest:.2f} s", before)
    Job.objects.filter(state__in=Job.ACTIVE).delete()


def undo(_: argparse.Namespace) -> None:
    from prongsai.jobs.kinds import Queue
    from prongsai.registry.models import TableUpload
    from prongsai.registry.tables import work

    office, *_rest = find()
    upload = TableUpload.objects.get()
    before, began = measure_memory(), time.perf_counter()
    work.request_undoing(upload=upload, by=office, site="https://bench.test")
    longest = do(Queue.OFFICE)
    count = upload.rows.filter(outcome="undone").count()
    each = (time.perf_counter() - began) / count * 1000
    assert not upload.rows.filter(outcome="applied").exists()
    say("undo", began, f"{count:,} rows, {each:.1f} ms each, longest write {longest:.2f} s", before)


if __name__ == "__main__":
    main()
