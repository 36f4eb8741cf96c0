"""The year of the national office in a real browser, over a nation that is invented: people in by file, shares,
filings, marks, the draw of second marks, seals, the run, a release by two people, an erratum after an appeal that was
accepted. Every click and page of the office is counted.

    python -m e2e.nation_year [--agencies 300] [--write docs/nation-year.md]

What agencies, respondents and assessors do meanwhile, and the days that pass, are stored as they would have left them.
Not part of the journeys that CI runs: it takes some minutes.
"""

import argparse
import datetime
import io
import os
import re
import tempfile
import time
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

from e2e.conftest import ARGUMENTS, CHROMIUM, PASSWORD, PATIENCE, YEAR, run_demo, sign_in
from e2e.full_oit import Officer
from prongsai.lib.spreadsheets import write_xlsx

AGENCIES = 300
MOST_CLICKS = 150
MOST_SECONDS_OF_DRAW = 2
PERCENT = 5
CHROME = {"locale": "th-TH", "viewport": {"width": 1280, "height": 900}, "accept_downloads": True}
ERRATUM = "รับอุทธรณ์ที่ 1/2570 ข้อเดียวของหน่วยงานเดียว"
WAITING = "[data-working], [data-finished]"  # what a page shows of work until it has opened itself anew
WORK = 3600  # seconds for the work on a nation's table, on a machine that does other things too
ROWS_PER_FILE = 50_000  # below the heading, that a table takes
MARKS_PER_WRITE = 5_000


@dataclass
class Step:
    """A part of the year: what it took, and what came of it, as the site says."""

    title: str
    done: Counter
    outcome: str = ""
    seconds: float = 0.0


@dataclass
class Office(Officer):
    """Whoever works at the office's pages. They go from page to page by links that the page before has."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, title):
        """Count what is done in the block as one step."""
        before, began = Counter(self.done), time.monotonic()
        step = Step(title, Counter())
        self.steps.append(step)
        yield step
        step.done, step.seconds = Counter(self.done) - before, time.monotonic() - began
        print(f"{title:60}{step.done['clicks']:>4} clicks  {step.seconds:>6.1f} s  {step.outcome}", flush=True)

    def go(self, *addresses):
        """Follow a link to each address, from wherever the page before is."""
        for address in addresses:
            self.click(self.page.locator(f"a[href='{address}']").locator("visible=true").first)

    def click(self, target, **options):
        """As an officer; whoever signed in long ago is asked who they are, which is no click of the year."""
        super().click(target, **options)
        again = self.page.get_by_role("button", name="ยืนยันและทำต่อ")
        if again.count():
            self.page.get_by_label("รหัสผ่าน").fill(PASSWORD)
            with self.page.expect_navigation():
                again.click()
            self.page.wait_for_load_state()

    def press(self, name, within=None):
        """A button by what stands on it, or by the beginning of it."""
        place = within or self.page
        self.click(place.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first)

    def attach(self, target, path):
        """One file, or several that are chosen together: by a click more, with Shift, on the last."""
        super().attach(target, path)
        if isinstance(path, list) and len(path) > 1:
            self.done.update(files=len(path) - 1, clicks=1)

    def wait(self):
        """Until the work that was asked for is done: the page then opens itself anew."""
        page = self.page
        page.wait_for_function("selector => !document.querySelector(selector)", arg=WAITING, timeout=WORK * 1000)
        page.wait_for_load_state()
        failed = page.locator(".note.bad[role=status]")
        assert not failed.count(), failed.first.inner_text()
        done = page.locator(".note.good[role=status], .note[role=status]")
        return " ".join(done.last.inner_text().split()) if done.count() else ""


# --- tables


def bring_table(office, name, address, change, folder):
    """Fetch a table, fill it in by ``change``, bring it back, read what it will do, store it. Returns what the page
    counts."""
    page = office.page
    office.go("/desk/tables/", address)
    office.press("เตรียมตาราง")
    office.wait()
    with page.expect_download() as download:
        office.click(page.get_by_role("link", name=re.compile("^ดาวน์โหลด")).first, opens=False)
    came = folder / download.value.suggested_filename
    download.value.save_as(came)
    office.attach(page.locator("input[name=file]"), write_files(folder, name, *change(*read_table(came))))
    office.press("อ่านไฟล์")
    office.wait()
    problems = page.locator("tr.marked")
    assert not problems.count(), problems.first.inner_text()
    office.press("บันทึก")
    office.wait()
    return ", ".join(" ".join(text.split()) for text in page.locator("ul.tiles li").all_inner_texts())


def read_table(path):
    """The headings and rows of a table that was fetched, a workbook or several in a ZIP."""
    from python_calamine import CalamineWorkbook

    contents = [path.read_bytes()]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            contents = [archive.read(name) for name in archive.namelist()]
    titles, rows = [], []
    for content in contents:
        first, *more = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        titles = [str(title) for title in first]
        rows += [[str(cell) for cell in row] for row in more]
    return titles, rows


def write_files(folder, name, titles, rows):
    """Workbooks of a table, as many as it takes; what an agency has is in one of them."""
    paths, start = [], 0
    while start < len(rows):
        end = start + ROWS_PER_FILE
        while end < len(rows) and rows[end][0] == rows[end - 1][0]:
            end -= 1
        paths.append(folder / f"{name}-{len(paths) + 1}.xlsx")
        with paths[-1].open("wb") as file:
            write_xlsx(file, "table", titles, rows[start:end])
        start = end
    return paths


# --- the others, and the days


class Others:
    """What agencies, respondents and assessors do, and the days that pass, by what the site itself stores."""

    def __init__(self, folder):
        os.environ |= {
            "PRONGSAI_DATA": str(folder),
            "PRONGSAI_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "prongsai.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # the browser's driver runs a loop in this thread
            "LOG_LEVEL": "ERROR",
        }
        from prongsai.cli.platform_commands import prepare_installation, set_up_django

        set_up_django()
        prepare_installation()

    def prepare(self, count):
        """Last year: agencies in the register, their published result, and one person of the office."""
        import numpy as np
        from django.contrib.auth.hashers import make_password

        from prongsai.cli import demo_nation
        from prongsai.cli.demo import make_parcels
        from prongsai.people.models import User
        from prongsai.registry import actions as registry
        from prongsai.registry.queries import load_round_framework
        from prongsai.results import actions as results

        self.password = make_password(PASSWORD)
        office = User.objects.create(
            email="office@demo.test", name="ส่วนกลาง คนแรก", role="office", password=self.password
        )
        agencies = demo_nation.create_agencies(count)
        lean = demo_nation.Nation(agencies, [], [], []).lean(YEAR - 1)
        begun = registry.create_round(fiscal_year=YEAR - 1, by=office)
        registry.enroll_agencies(assessment_round=begun, agencies=agencies, by=office)
        registry.set_round_status(assessment_round=begun, status="running", by=office)
        framework = load_round_framework(begun)
        levels = np.array(list(lean.values()))
        make_parcels(framework, list(lean), levels, begun.parcels, seed=1, respondents=demo_nation.RESPONDENTS)
        made = results.compute_round(assessment_round=begun, folder=begun.parcels, by=office)
        results.publish(result_set=made, by=office)
        registry.set_round_status(assessment_round=begun, status="closed", by=office)

    @property
    def round(self):
        from prongsai.registry.models import Round

        return Round.objects.get(fiscal_year=YEAR)

    @property
    def framework(self):
        from prongsai.registry.queries import load_round_framework

        return load_round_framework(self.round)

    def accept_invitations(self):
        """Everybody who was invited sets a password."""
        from prongsai.people.models import User

        User.objects.exclude(email="office@demo.test").update(password=self.password)

    def nation(self):
        """The people who came in by file, as the loader of the demonstration knows them."""
        from prongsai.cli.demo_nation import Nation
        from prongsai.people.models import User

        agencies = list(self.round.agencies.order_by("code"))
        by_email = {u.email: u for u in User.objects.all()}
        people = ([by_email[f"{role}-{a.code.lower()}@nation.test"] for a in agencies] for role in ("o", "e"))
        return Nation(agencies, *people, list(User.objects.filter(role="assessor")))

    def let_days_pass(self, *are_open):
        """Some phases are open, those before them over, and those behind have not begun; without any, all are over."""
        from prongsai.registry.queries import today

        day = today()
        phases = list(self.round.phases.order_by("position"))
        first = min((n for n, phase in enumerate(phases) if phase.key in are_open), default=len(phases))
        for number, phase in enumerate(phases):
            is_open = phase.key in are_open
            middle = day if is_open else day + datetime.timedelta(-60 if number < first else 60)
            phase.starts, phase.ends = middle - datetime.timedelta(10), middle + datetime.timedelta(10)
            phase.save(update_fields=["starts", "ends"])

    def file(self):
        """Nearly all agencies file and confirm."""
        from prongsai.cli.demo_nation import Stage, _Filer

        nation = self.nation()
        self.stages = {a.code: Stage.PARTLY if n % 40 == 7 else Stage.CONFIRMED for n, a in enumerate(nation.agencies)}
        _Filer(nation, self.round, self.framework, self.stages, {}).store()

    def answer(self):
        """Channels are opened, and people answer."""
        from prongsai.cli.demo_nation import _fill_surveys
        from prongsai.registry.queries import today
        from prongsai.survey import actions as survey
        from prongsai.survey.models import Population

        Population.objects.filter(round=self.round).delete()
        nation = self.nation()
        survey.create_key(assessment_round=self.round, by=None)
        _fill_surveys(nation, self.round, self.framework, today())

    def mark(self, outside):
        """Assessors mark what was assigned to them, but not the agencies that somebody outside marks."""
        import random

        from prongsai.disclosure import queries
        from prongsai.disclosure.models import Filing, Mark
        from prongsai.registry.models import Assignment

        draw = random.Random(5)
        assessor_of = dict(Assignment.objects.filter(round=self.round).values_list("agency", "assessor"))
        filings = Filing.objects.filter(round=self.round).exclude(agency__code__in=outside)
        marks = []
        for filing in filings.select_related("agency"):
            for item in queries.items(self.framework):
                full = draw.random() < 0.8
                marks.append(
                    Mark(
                        filing=filing,
                        item=item.id,
                        stage="first",
                        points=100 if full else 0,
                        comment="" if full else "องค์ประกอบไม่ครบตามที่กำหนด",
                        by_id=assessor_of[filing.agency_id],
                    )
                )
            if len(marks) >= MARKS_PER_WRITE:
                Mark.objects.bulk_create(marks, batch_size=500)
                marks.clear()
        Mark.objects.bulk_create(marks, batch_size=500)

    def release(self):
        """Assessors release their marks."""
        from django.utils import timezone

        from prongsai.disclosure.models import Filing

        Filing.objects.filter(round=self.round).update(released_at=timezone.now())

    def review(self):
        """Those who were drawn give their second marks; one in ten differs."""
        from prongsai.disclosure import actions
        from prongsai.disclosure.models import BlindReview, Mark

        given = Mark.objects.filter(filing__round=self.round, stage="first").values_list("filing", "item", "points")
        firsts = {(filing, item): points for filing, item, points in given.iterator()}
        reviews = BlindReview.objects.filter(filing__round=self.round, done=False).select_related("filing", "assessor")
        for number, review in enumerate(reviews):
            points = firsts[review.filing_id, review.item]
            points = 100 - points if number % 10 == 0 else points
            actions.mark_item(
                filing=review.filing,
                item=review.item,
                points=points,
                reasons=(),
                comment="ตรวจจากสำเนาตอนยื่น",
                elements=(),
                by=review.assessor,
                stage="second",
            )
        return len(reviews)

    def clarify(self):
        """One agency in twenty replies to one of its marks."""
        from prongsai.disclosure.models import Clarification, Filing, Mark

        officers = {a.pk: o for a, o in zip(self.nation().agencies, self.nation().officers, strict=True)}
        for filing in Filing.objects.filter(round=self.round).order_by("pk")[::20]:
            low = Mark.objects.filter(filing=filing, stage="first", points=0).first()
            if low:
                by = officers[filing.agency_id]
                Clarification.objects.create(filing=filing, item=low.item, text="อยู่ท้ายหน้าเดียวกัน", by=by)

    def assessors_by_item(self):
        """Who marked each item, by agency and item."""
        from prongsai.disclosure.models import Mark

        found = {}
        marks = Mark.objects.filter(filing__round=self.round)
        for code, item, email in marks.values_list("filing__agency__code", "item", "by__email").iterator():
            found.setdefault((code, item), set()).add(email)
        return found

    def find_low(self):
        """An agency and an item that got nothing, for the appeal."""
        from prongsai.disclosure.models import Mark

        mark = Mark.objects.filter(filing__round=self.round, stage="first", points=0).select_related("filing__agency")
        found = mark.order_by("filing__agency__code")[3]
        return found.filing.agency.code, found.item

    def seconds_of_draw(self):
        """How long the worker had the draw, by its own account."""
        from prongsai.jobs.models import Job

        job = Job.objects.filter(name__endswith="sample_in_background").latest("pk")
        return (job.finished_at - job.started_at).total_seconds()


# --- the year


class NationYear:
    """All of it, step by step."""

    def __init__(self, office, second, others, folder):
        self.office, self.second, self.others, self.folder = office, second, others, folder
        self.page = office.page
        self.round_page = f"/desk/rounds/{YEAR}/"

    def bring(self, name, change, of_round=True):
        address = f"/desk/tables/{name}/" + (f"{YEAR}/" if of_round else "")
        return bring_table(self.office, name, address, change, self.folder)

    def run(self):
        self.bring_people()
        self.start_round()
        self.share_out()
        self.remind()
        self.bring_interviews()
        self.bring_marks()
        self.draw_reviews()
        self.decide()
        self.seal()
        self.release()
        self.correct()
        self.close()

    # people and the round

    def bring_people(self):
        from prongsai.registry.models import Agency

        agencies = list(Agency.objects.order_by("code"))
        assessors = max(8, len(agencies) // 40)

        def add(titles, rows):
            new = [["office2@demo.test", "ส่วนกลาง คนที่สอง", "ส่วนกลาง", "", ""]]
            new[0][2] = rows[0][2]  # as the table names the role of the one who is there
            for a in agencies:
                new.append([f"o-{a.code.lower()}@nation.test", f"เจ้าหน้าที่ {a.code}", "เจ้าหน้าที่", a.code, ""])
                new.append([f"e-{a.code.lower()}@nation.test", f"ผู้บริหาร {a.code}", "ผู้บริหาร", a.code, ""])
            new += [[f"assessor-{n}@nation.test", f"ผู้ประเมิน {n}", "ผู้ประเมิน", "", ""] for n in range(assessors)]
            return titles, [*rows, *new]

        with self.office.step("People of the nation, by file") as step:
            step.outcome = self.bring("users", add, of_round=False)
        self.others.accept_invitations()

    def start_round(self):
        office, page = self.office, self.page
        with office.step("The round of the year, its agencies and calendar"):
            office.go("/desk/rounds/")
            page.get_by_label("ปีงบประมาณ").select_option(str(YEAR))
            office.done["clicks"] += 1
            office.press("สร้างรอบ")
            office.press("ใส่ทุกหน่วยงานในทะเบียน")
            office.wait()
            for box in page.locator("input[name$='-starts'], input[name$='-ends']").all():
                day = "1/11/2569" if box.get_attribute("name").endswith("starts") else "30/9/2570"
                office.write(box, day)
            office.press("บันทึกปฏิทิน")
            office.press("เริ่มรอบ")
        with office.step("Agencies that are left out, with the reason, by file") as step:
            step.outcome = self.bring("enrolment", self.exclude)
        with office.step("Head-counts, by file") as step:
            step.outcome = self.bring("head-counts", self.count_heads)

    def exclude(self, titles, rows):
        return titles, [[*row[:3], "ไม่อยู่", "ยุบรวมกับหน่วยงานอื่นระหว่างปี"] for row in rows[-3:]]

    def describe(self, titles, rows):
        homes = ("เชียงใหม่", "ขอนแก่น", "นครราชสีมา", "สงขลา", "ชลบุรี", "พิษณุโลก", "ยะลา", "นนทบุรี")
        return titles, [[*row[:2], homes[n % 8], "มลายูถิ่น" if n % 8 == 6 else ""] for n, row in enumerate(rows)]

    def count_heads(self, titles, rows):
        return titles, [[*row[:3], *("120" for _ in titles[3:])] for row in rows]

    # work

    def share_out(self):
        office = self.office
        with office.step("Homes and languages of assessors, by file") as step:
            step.outcome = self.bring("assessors", self.describe, of_round=False)
        with office.step("Work shared out among assessors: draft, map, release") as step:
            office.go("/desk/rounds/", self.round_page, f"{self.round_page}allocation/")
            office.press("คำนวณร่าง")
            office.wait()
            office.go(f"{self.round_page}allocation/release/")
            office.press("ใช้ร่างนี้")
            step.outcome = office.wait()
        self.others.let_days_pass("disclosure", "survey")
        self.others.file()
        self.others.answer()

    def remind(self):
        office = self.office
        with office.step("Agencies that have not filed: found and reminded") as step:
            office.go("/desk/rounds/", self.round_page, f"/desk/steering/{YEAR}/")
            office.click(self.page.locator("tr.marked td a").first)
            step.outcome = self.send("not-confirmed", "ส่งข้อความถึงผู้รับผิดชอบ", "ยังไม่ยืนยันข้อมูลที่ยื่น กำหนดภายในสิ้นเดือน")

    def send(self, stage, act, text):
        """Filter the list of agencies by what they have not reached, and write to those who are behind it."""
        office, page = self.office, self.page
        page.locator("select[name=stage]").select_option(stage)
        office.done["clicks"] += 1
        office.press("แสดง")
        office.tick(page.locator("input[name=all]"))
        office.press(act)
        office.write(page.locator("#text"), text)
        office.press(act)
        return office.wait()

    def bring_interviews(self):
        import random

        draw = random.Random(2)

        def interview(titles, rows):
            filled = []
            for row in rows:
                questions = range(4, len(titles) - 1)
                filled += [[*row[:3], form, *(draw.choice((1, 2)) for _ in questions), ""] for form in range(1, 13)]
            return titles, filled

        with self.office.step("Interviews of all agencies, by file") as step:
            step.outcome = self.bring("interviews", interview)

    def bring_marks(self):
        others, office = self.others, self.office
        others.let_days_pass("marking")
        outside = {a.code for a in others.nation().agencies[::10]}
        others.mark(outside)

        def mark(titles, rows):
            """The firm fills in its agencies, and gives back all that it got."""
            at = {title: k for k, title in enumerate(titles)}
            for number, row in enumerate(r for r in rows if r[0] in outside):
                row[at["คะแนน"]], row[at["เหตุผลหรือความเห็น"]] = (
                    ("0", "ไม่พบข้อมูลตามลิงก์") if number % 6 == 0 else ("100", "พบครบ")
                )
            return titles, rows

        with office.step("Marks from a firm outside, by file") as step:
            step.outcome = self.bring("marks", mark)
        with office.step("Assessors that are behind: found and reminded") as step:
            office.go("/desk/rounds/", self.round_page, f"/desk/steering/{YEAR}/")
            office.click(self.page.locator("tr.marked td a").first)
            step.outcome = self.send("not-released", "ส่งข้อความถึงผู้ประเมิน", "ตรวจครบแล้ว ขอให้ส่งคะแนนภายในสัปดาห์นี้")

    def draw_reviews(self):
        office, page = self.office, self.page
        with office.step(f"{PERCENT} % of marks drawn for a blind second mark") as step:
            office.go("/desk/rounds/", self.round_page, f"/desk/oit/{YEAR}/")
            office.write(page.locator("#percent"), str(PERCENT))
            office.press("สุ่ม")
            office.wait()
            took = self.others.seconds_of_draw()
            step.outcome = f"drawn in {took:.2f} s: {page.get_by_text(re.compile('^สุ่มแล้ว')).first.inner_text()}"
        assert took < MOST_SECONDS_OF_DRAW, took
        self.others.review()
        self.others.release()
        self.others.let_days_pass("clarification")
        self.others.clarify()

    def decide(self):
        emails = [f"assessor-{n}@nation.test" for n in range(8)]

        def decide(titles, rows):
            at = {title: k for k, title in enumerate(titles)}
            first = self.others.assessors_by_item()
            for row in rows:
                row[at["คะแนนชี้ขาด"]], row[at["เหตุผลหรือความเห็น"]] = "100", "พบตามที่ชี้แจง"
                given = first[row[0], row[at["ข้อ"]]]
                row[at["อีเมลผู้ชี้ขาด"]] = next(email for email in emails if email not in given)
            return titles, rows

        with self.office.step("Decisions on disputes, by file") as step:
            step.outcome = self.bring("decisions", decide)
        self.others.let_days_pass()

    # what binds

    def seal(self):
        office, page = self.office, self.page
        with office.step("Marks sealed") as step:
            office.go("/desk/rounds/", self.round_page, f"/desk/oit/{YEAR}/")
            if page.locator("input[name=incomplete]").count():
                office.tick(page.locator("input[name=incomplete]"))
            office.press("ปิดผนึกคะแนน")
            step.outcome = office.wait()
        with office.step("Answers of the survey: signals read, sealed") as step:
            office.go("/desk/rounds/", self.round_page, f"/desk/survey/{YEAR}/", f"/desk/survey/{YEAR}/signals/")
            office.page.go_back()
            office.done.update(clicks=1, pages=1)
            office.press("ปิดผนึกคำตอบ")
            step.outcome = office.wait()

    def compute(self):
        """Compute the round; the page of the set that came of it."""
        office, page = self.office, self.page
        office.go("/desk/rounds/", self.round_page, f"/desk/results/run/{YEAR}/")
        office.press("คำนวณ")
        waiting, until = page.locator("li.now a[href^='/desk/results/']"), time.monotonic() + WORK
        while not waiting.count():
            assert time.monotonic() < until, "the result never came"
            page.wait_for_timeout(500)
            page.goto("/desk/")
        office.done.update(clicks=1, pages=1)  # the desk, once the notice has come
        office.click(waiting.first)

    def publish(self, reason=""):
        """Propose a publication, and have it confirmed by the second person."""
        office, page = self.office, self.page
        if reason:
            office.write(page.locator("#correction"), reason)
        office.write(page.locator("#typed-publication"), str(YEAR))
        office.press("เผยแพร่")
        page.get_by_text("รอผู้ใช้อีกคนยืนยัน").first.wait_for()
        assert not page.get_by_role("button", name="ยืนยันในฐานะผู้ใช้คนที่สอง").count()
        self.confirm(urlsplit(page.url).path)
        return page.locator(".tag.good").first.inner_text()

    def confirm(self, *addresses):
        """The second person goes from the desk to what was proposed, reads it, and confirms it."""
        second, before = self.second, Counter(self.second.done)
        if "/desk/" not in second.page.url:
            sign_in(second.page, "office2")
        second.page.goto("/desk/")
        second.go(*addresses)
        second.press("ยืนยันในฐานะผู้ใช้คนที่สอง")
        second.wait()
        self.office.done.update(Counter(second.done) - before)
        self.page.goto(self.page.url)

    def release(self):
        with self.office.step("Computed, read, published by two people") as step:
            self.compute()
            step.outcome = self.publish()

    def correct(self):
        office, page = self.office, self.page
        code, item = self.others.find_low()
        with office.step("An appeal is accepted: the item opened, decided, sealed again") as step:
            office.go("/desk/rounds/", self.round_page, f"/desk/reopen/{YEAR}/")
            office.write(page.locator("#code"), code)
            page.locator("#item").select_option(item)
            office.done["clicks"] += 1
            office.press("ดูสิ่งที่จะกระทบ", page.locator("#items"))
            self.fill_order()
            office.press("เปิดข้อ")
            office.click(page.get_by_role("link", name="ชี้ขาด").first)
            office.tick(page.locator("input[name=points][value='100']"))
            office.write(page.locator("textarea[name=comment]"), "พบข้อมูลครบตามที่อุทธรณ์")
            office.press("บันทึก")
            office.go(f"/desk/oit/{YEAR}/")
            office.press("ปิดผนึกคะแนนใหม่")
            step.outcome = office.wait()
        with office.step("Computed again, published with an erratum, by two people") as step:
            self.compute()
            step.outcome = self.publish(ERRATUM)
        page.goto(f"/nation/{YEAR}/corrections/")  # what the public reads, not counted
        assert ERRATUM in page.locator("main").inner_text()
        page.goto("/desk/")

    def fill_order(self):
        office, page = self.office, self.page
        page.locator("select[name=ground]").select_option(index=0)
        office.done["clicks"] += 1
        today = datetime.datetime.now(ZoneInfo("Asia/Bangkok")).date()
        office.write(page.locator("input[name=number]"), "อธ 1/2570")
        office.write(page.locator("input[name=dated]"), f"{today.day}/{today.month}/{today.year + 543}")
        office.write(page.locator("textarea[name=reason]"), "ข้อมูลครบตั้งแต่วันที่ยื่น ตามสำเนาที่ระบบเก็บไว้")

    def close(self):
        office, page = self.office, self.page
        with office.step("Raw answers destroyed, by two people; the round closed"):
            office.go("/desk/rounds/", self.round_page, f"/desk/survey/{YEAR}/")
            office.click(page.get_by_text("ทำลายคำตอบดิบ").first, opens=False)
            office.write(page.locator("#typed-destruction"), str(YEAR))
            office.press("ทำลายคำตอบดิบ")
            self.confirm("/desk/rounds/", self.round_page, f"/desk/survey/{YEAR}/")
            office.go("/desk/rounds/", self.round_page)
            office.press("ปิดรอบ")


def run(count):
    """The whole year of a nation of so many agencies: the steps, and what was counted."""
    with tempfile.TemporaryDirectory(prefix="nation-year-") as temporary:
        folder = Path(temporary)
        data = folder / "data"
        data.mkdir()
        os.environ |= {"PRONGSAI_LEAST_SHARE": "50", "PRONGSAI_SECOND_PERSON": "1"}
        others = Others(data)
        others.prepare(count)
        with run_demo(data) as site, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            people = []
            for _ in range(2):
                context = chromium.new_context(base_url=site, **CHROME)
                context.set_default_timeout(PATIENCE)
                people.append(Office(context.new_page()))
            sign_in(people[0].page, "office")
            try:
                NationYear(*people, others, folder).run()
            except Exception:
                for page in (office.page for office in people):
                    print(page.url, page.locator("body").inner_text()[:3000], sep="\n", flush=True)
                raise
            chromium.close()
        return people[0], others.seconds_of_draw()


INTRODUCTION = """# The year of the national office

Printed by `make nation-year`, not written by hand: a whole round of a nation of {agencies:,} invented agencies, by the
office's pages in Chromium. Every button, link, tick and choice from a list is a click; choosing a file is two, several
files together three; going to another page goes by the links that the page before has. What the second person does to
confirm is counted with the first's. Not counted are signing in, what is typed into workbooks, and what agencies,
respondents and assessors do: that is stored as they would have left it, and the days between are let pass by the
calendar of the round.

| step | clicks | pages | fields | files | what the site said of it |
|---|---|---|---|---|---|
"""
END = """
**{clicks} clicks** and {pages} pages, of which the last steps are an appeal that not every year has; {most} were the
aim. {percent} % of the marks were drawn for a blind second mark in {seconds:.2f} s of the worker's time. Decisions, on
replies to marks and in workbooks, are what the office thinks about; they are no clicks. How many agencies there are
changes the number of clicks only where a table has more than {rows:,} rows: its workbooks go out as one ZIP and come
back together, as one table with one preview and one way back, by a click more.
"""


def print_markdown(count, office, seconds):
    """The figures as a page of the documentation."""
    rows = [
        f"| {s.title} | {s.done['clicks']} | {s.done['pages']} | {s.done['fields']} | {s.done['files']} | {s.outcome} |"
        for s in office.steps
    ]
    end = END.format(
        clicks=office.done["clicks"],
        pages=office.done["pages"],
        most=MOST_CLICKS,
        percent=PERCENT,
        seconds=seconds,
        rows=ROWS_PER_FILE,
    )
    return INTRODUCTION.format(agencies=count) + "\n".join(rows) + "\n" + end


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agencies", type=int, default=AGENCIES)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    office, seconds = run(arguments.agencies)
    text = print_markdown(arguments.agencies, office, seconds)
    print(text)
    if arguments.write:
        arguments.write.write_text(text.rstrip() + "\n", encoding="utf-8")
    assert office.done["clicks"] < MOST_CLICKS, office.done


if __name__ == "__main__":
    main()
