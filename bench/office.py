"""What the office does to a nation at once: how long the page takes that asks for it, how long the work, and for how
long others could not write meanwhile.

    make bench-office                  # builds the nation once, in build/bench-office; then each act, on its page

8,317 agencies, 300 assessors, 28 marks of each agency, 330,000 responses. A request is a whole page inside the process
(Django's test client, no network), by the clock and in processor time of the process, which other work on the machine
changes less; the work is that of a worker in this process. ``longest lock`` is the longest that
a writer of another process waited meanwhile (SQLite has one writer).
"""

import os
import random
import threading
import time
from datetime import date
from pathlib import Path

import numpy as np
from bench.public_pages import AGENCIES, make_agencies

ASSESSORS, RESPONSES = 300, 20  # of an agency and instrument
PAGE = 300  # milliseconds in which a page answers


def build() -> None:
    """Agencies, assessors, a round that was marked and answered, two computations of the year."""
    is_new = make_agencies()
    from prongsai import framework as rules
    from prongsai.cli.demo import make_parcels
    from prongsai.disclosure.models import Filing, Mark
    from prongsai.disclosure.queries import items
    from prongsai.people.models import User
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency, Interest
    from prongsai.results import actions as results
    from prongsai.results.models import ResultSet
    from prongsai.survey.models import Channel, Response

    if not is_new:
        return
    draw = random.Random(3)
    office = User.objects.create(email="office@bench.test", name="ส่วนกลาง", role="office")
    User.objects.bulk_create(
        User(email=f"a{n}@bench.test", name=f"ผู้ประเมิน {n}", role="assessor") for n in range(ASSESSORS)
    )
    assessors, agencies = list(User.objects.filter(role="assessor")), list(Agency.objects.order_by("pk"))
    Interest.objects.bulk_create(
        Interest(user=a, agency=agency, reason="ญาติ") for a in assessors for agency in draw.sample(agencies, 3)
    )
    _, year = sorted(rules.available())[-1]
    framework = rules.load(rules.NATIONAL, year)
    made = registry.create_round(fiscal_year=year, by=office)
    registry.enroll_agencies(assessment_round=made, agencies=agencies, by=office)
    registry.set_round_status(assessment_round=made, status="running", by=office)
    made.phases.update(starts=date(2020, 1, 1), ends=date(2020, 2, 1))
    codes = [a.code for a in agencies]
    for seed in (1, 2):  # a computation and its correction
        level = np.clip(np.random.default_rng(seed).normal(0.8, 0.07, AGENCIES), 0.4, 0.95)
        make_parcels(framework, codes, level, made.parcels, seed=seed, respondents=25)
        first = ResultSet.objects.filter(round=made).first()
        results.compute_round(assessment_round=made, folder=made.parcels, by=office, corrects=first)
    Filing.objects.bulk_create(
        [Filing(round=made, agency=a, released_at="2020-02-02T00:00:00Z") for a in agencies], batch_size=500
    )
    for filing in Filing.objects.all():
        by = draw.choice(assessors)
        Mark.objects.bulk_create(
            Mark(filing=filing, item=i.id, stage="first", points=100, by=by) for i in items(framework)
        )
    for instrument in framework.survey_instruments():
        Channel.objects.bulk_create(
            [
                Channel(round=made, agency=a, instrument=instrument.id, kind="link", slug=f"{instrument.id[-3:]}{a.pk}")
                for a in agencies
            ],
            batch_size=500,
        )
        answers = bytes(len(framework.answer_columns(instrument.id)))
        for channel in Channel.objects.filter(instrument=instrument.id).iterator():
            Response.objects.bulk_create(
                Response(channel=channel, day="2020-01-15", answers=answers) for _ in range(RESPONSES)
            )


class Writer:
    """Somebody who writes a row every 20 ms, on a connection of their own: the longest they waited."""

    def __init__(self) -> None:
        self.longest, self._stop = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        from django.db import OperationalError, connection

        from prongsai.people.actions import record_heartbeat

        since = time.perf_counter()
        while not self._stop.is_set():
            try:
                record_heartbeat("bench")
            except OperationalError:  # waited for as long as anybody waits; it goes on waiting
                continue
            self.longest = max(self.longest, time.perf_counter() - since)
            time.sleep(0.02)
            since = time.perf_counter()
        connection.close()


def agency_list(path: Path, *, rename: int) -> Path:
    """The nation as a file, with so many names changed."""
    from prongsai.registry.models import Agency

    rows = Agency.objects.order_by("pk").values_list("code", "name_th", "kind", "province")
    lines = ["รหัส,ชื่อ,รหัสต้นสังกัด,ประเภท,จังหวัด"]
    lines += [
        f"{c},{name}{'ใหม่ (สมมุติ)' if n < rename else ''},,{kind},{p}" for n, (c, name, kind, p) in enumerate(rows)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def bulk_table(path: Path) -> Path:
    """A table with a result of each agency."""
    from prongsai.cli.demo_nation import code_of

    lines = ["รหัส,ชื่อ,คะแนนรวม,ระดับ,1,2"]
    lines += [f"{code_of(k)},หน่วย,{60 + k % 40}.25,,{70 + k % 30}.50," for k in range(AGENCIES)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


class Office:
    """The office at its pages, and a worker."""

    def __init__(self) -> None:
        from django.test import Client

        from prongsai.people.models import User

        self.office = User.objects.get(role="office")
        self.client = Client(raise_request_exception=True)
        self.client.force_login(self.office, backend="allauth.account.auth_backends.AuthenticationBackend")
        self.client.get("/desk/")

    def act(self, name: str, address: str, fields: dict[str, object] | None = None) -> str:
        """Ask for a page, twice where it only reads; then let the worker do what it queued. Prints a line."""
        from prongsai.jobs.models import Job

        Job.objects.filter(state__in=Job.ACTIVE).update(state=Job.State.CANCELLED)
        if fields is None:
            self.client.get(address)
        began, cpu = time.perf_counter(), time.thread_time()
        with Writer() as at_page:
            answer = self.client.get(address) if fields is None else self.client.post(address, fields)
        page, cpu = (time.perf_counter() - began) * 1000, (time.thread_time() - cpu) * 1000
        if answer.status_code >= 400:
            raise SystemExit(f"{name}: {answer.status_code} {answer.content.decode()[:300]}")
        began = time.perf_counter()
        with Writer() as at_work:
            problem = work()
        done = time.perf_counter() - began
        longest = max(at_page.longest, at_work.longest) if fields is not None else 0
        late = " LATE" if cpu > PAGE else ""
        print(f"{name:58}{page:>9.0f}{cpu:>9.0f}{late:5}{done:>9.1f}{longest:>9.1f}  {problem}", flush=True)
        return answer.headers.get("Location", "")


def work() -> str:
    """Do every queued job here; why the last was refused."""
    from prongsai.jobs.actions import work_on
    from prongsai.jobs.kinds import Queue
    from prongsai.jobs.leases import take_job
    from prongsai.jobs.models import Job

    problem = ""
    for queue in Queue:
        while queue != Queue.MAIL and (job := take_job(queue=queue, owner="bench")):
            work_on(job, is_last=True)
            problem = Job.objects.get(pk=job.pk).problem or problem
    return problem


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    folder = Path("build/bench-office").resolve()
    os.environ.setdefault("PRONGSAI_DATA", str(folder))
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ.setdefault("PRONGSAI_RECENT_SIGN_IN", "0")
    os.environ.setdefault("PRONGSAI_SECOND_FACTOR", "")
    build()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    from prongsai.disclosure.models import Allocation, BlindReview, MarksSeal
    from prongsai.registry.models import Assignment, Round, TableUpload
    from prongsai.registry.tables.work import digest_plan
    from prongsai.results.models import Publication, ResultSet
    from prongsai.results.queries import publication_key

    office, made = Office(), Round.objects.order_by("-fiscal_year").first()
    year = made.fiscal_year
    first, second = ResultSet.objects.filter(round=made).order_by("pk")[:2]
    for publication in Publication.objects.filter(withdrawn_at=None):  # of a run before
        office.act("", f"/desk/results/{publication.result_set_id}/withdraw/", {"reason": "อีกครั้ง"})
    BlindReview.objects.all().delete()
    MarksSeal.objects.all().delete()
    print(f"{'':58}{'page, ms':>9}{'its CPU':>9}{'':5}{'work, s':>9}{'longest lock, s':>16}")
    for name, address in (
        ("list of result sets", "/desk/results/"),
        ("a result set that corrects another, with differences", f"/desk/results/{second.pk}/"),
        ("progress of the surveys", f"/desk/survey/{year}/"),
        ("progress of the disclosures", f"/desk/oit/{year}/"),
        ("the round", f"/desk/rounds/{year}/"),
        ("plans of the nation", f"/desk/plans/{year}/"),
        ("agencies", "/desk/agencies/"),
        ("jobs", "/desk/jobs/"),
    ):
        office.act("GET " + name, address)
    for name, made_of in (("the first computation", first), ("its correction", second)):
        office.act(f"publish {name}", f"/desk/results/{made_of.pk}/publish/", {"seen": publication_key(made_of)})
    office.act("withdraw the correction", f"/desk/results/{second.pk}/withdraw/", {"reason": "ตรวจใหม่"})
    office.act("draw 5 in 100 for a second mark", f"/desk/oit/{year}/draw/", {"percent": "5"})
    office.act("draw 100 in 100", f"/desk/oit/{year}/draw/", {"percent": "100"})
    office.act("seal the marks", f"/desk/oit/{year}/seal/", {"incomplete": "1"})
    Assignment.objects.filter(round=made).delete()
    allocation = f"/desk/rounds/{year}/allocation/"
    office.act("draw an allocation", f"{allocation}draw/", {"slack": "10", "last_year": "either"})
    office.act("GET the allocation", allocation)
    draft = Allocation.objects.get(round=made, status="draft")
    office.act("release the allocation", f"{allocation}release/", {"draft": draft.pk, "revision": "0"})
    office.act("take the allocation back", f"{allocation}take-back/", {"allocation": draft.pk})
    office.act("GET the assessors", f"/desk/rounds/{year}/assessors/")
    made.agencies.clear()
    office.act("enrol every agency", f"/desk/rounds/{year}/agencies/", {})
    for rename in (0, 500):
        with agency_list(folder / "list.csv", rename=rename).open("rb") as file:
            listing = office.act(
                f"upload the list of agencies, {rename} changed",
                "/desk/tables/agencies/",
                {"upload": "1", "file": file},
            )
        office.act(f"GET the list, {rename} changed", listing)
        if rename:
            upload = TableUpload.objects.latest("pk")
            office.act(f"confirm the list, {rename} changed", listing, {"apply": "1", "seen": digest_plan(upload)})
    with bulk_table(folder / "table.csv").open("rb") as file:
        imported = office.act("upload a table of results", "/desk/results/nation/", {"file": file, "fiscal_year": year})
    office.act("GET the table", imported)
    office.act("confirm the table", imported, {"confirm": "1"})
    office.act("seal the survey", f"/desk/survey/{year}/seal/", {})
    office.act("destroy the raw answers", f"/desk/survey/{year}/destroy/", {})


if __name__ == "__main__":
    main()
