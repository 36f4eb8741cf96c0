"""The data of the demonstration, created by the actions that users take: lists imported, documents read and confirmed,
rounds computed and published."""

import csv
import datetime
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from prongsai import framework as rules
from prongsai.cli import demo_nation, demo_site
from prongsai.cli.demo_channels import leave_waiting, use_channels
from prongsai.cli.demo_good_pages import write_good_pages
from prongsai.cli.demo_nation import Nation
from prongsai.cli.demo_registers import keep_registers
from prongsai.disclosure import actions as disclosure
from prongsai.disclosure import link_checks
from prongsai.disclosure import queries as filings
from prongsai.disclosure.allocation import allocate
from prongsai.disclosure.models import Filing
from prongsai.documents import actions as papers
from prongsai.documents.sources import LinePosition
from prongsai.framework import DisclosureItem, Framework
from prongsai.improvement import actions as improvement
from prongsai.improvement import queries as plans
from prongsai.improvement.actions import EvidenceInput, MeasureEdit
from prongsai.improvement.models import Measure, Plan
from prongsai.improvement.snapshot import build_snapshot, content_of
from prongsai.lib import digest, fiscal
from prongsai.people.actions import invite_user, log_audit
from prongsai.people.models import User
from prongsai.registry import actions as registry
from prongsai.registry.agency_types import AGENCY_TYPES_EN, AgencyType
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework, today
from prongsai.registry.tables.agencies import Agencies
from prongsai.registry.tables.kinds import Scope
from prongsai.registry.tables.work import upload_table
from prongsai.results import actions as results
from prongsai.results import queries
from prongsai.results.models import Import
from prongsai.survey import actions as surveys
from prongsai.survey import rights
from prongsai.survey.codes import digest_code
from prongsai.survey.models import Batch, Channel, Code
from prongsai.survey.questions import list_questions
from prongsai.survey.writer import Submission, store_submissions
from prongsai.web.demo_accounts import ACCOUNTS, CLARIFYING, CONFIRMING, FIRST_YEAR, MAIN, MARKING, PASSWORD

PROVINCE = "ศรีสมมุติ"
AgencyLine = tuple[str, str, str, str, str, str, str]
# the agencies of the published documents; codes are the demonstration's own, a place only where the document tells it
PUBLISHED = (
    ("L3410", "องค์การบริหารส่วนตำบลแดงหม้อ", AgencyType.SUBDISTRICT_ORGANIZATION, "อุบลราชธานี", "เขื่องใน", "daengmo"),
    ("L7301", "เทศบาลตำบลบางปลา", AgencyType.SUBDISTRICT_MUNICIPALITY, "สมุทรสาคร", "เมืองสมุทรสาคร", "bangpla"),
    ("L1301", "องค์การบริหารส่วนตำบลลุ่มพื้ก", AgencyType.SUBDISTRICT_ORGANIZATION, "", "", "lumphuek"),
    ("L9601", "องค์การบริหารส่วนตำบลพร่อน", AgencyType.SUBDISTRICT_ORGANIZATION, "", "", "phron"),
    ("B1019", "สำนักงานเขตตลิ่งชัน", AgencyType.BANGKOK_DISTRICT, "กรุงเทพมหานคร", "ตลิ่งชัน", "talingchan"),
)
_NAMES = [
    "บ้านร่มไทร",
    "ทุ่งดอกแก้ว",
    "หนองบัวทอง",
    "ห้วยน้ำใส",
    "ดอนมะขาม",
    "โคกสว่างใจ",
    "ป่าไผ่งาม",
    "ท่าเรือแก้ว",
    "คลองหลวงพ่อ",
    "นาข้าวหอม",
    "วังปลาทอง",
    "เขาลมเย็น",
    "บึงกุ่มแดง",
    "หาดทรายแก้ว",
    "ไร่อ้อยหวาน",
    "สวนหม่อน",
    "ศาลาเก้าห้อง",
    "บางตะวัน",
    "แม่น้ำเหลือง",
    "ลานตะแบก",
]


def samples() -> Path:
    """The sample documents: in the source tree, or carried by an installed package."""
    here = Path(__file__).parents[1] / "samples"
    return here if here.is_dir() else Path(__file__).parents[3] / "samples"


LOAD_STEPS, NATION_STEPS = 8, 2 + demo_nation.EARLIER_YEARS
SITE = "หน้าเว็บไซต์ของหน่วยงาน (สมมุติ)"
EXECUTIVE = "นายกองค์การบริหารส่วนตำบลศรีสมมุติ"
AUTHOR = "นักวิเคราะห์นโยบายและแผนชำนาญการ"


def is_loaded() -> bool:
    return User.objects.exists()


@contextmanager
def travel(day: datetime.date) -> Iterator[None]:
    """Let what happens in the block have happened at nine in the morning of a day, as the trail and every page then
    say. Never after today."""
    moment = datetime.datetime.combine(day, datetime.time(9), timezone.get_default_timezone())
    moment = min(moment, timezone.now())
    with mock.patch.object(timezone, "now", return_value=moment):
        yield


@dataclass(frozen=True)
class Demo:
    """What the steps of loading share: the users by the name before their @, and the fiscal year of today."""

    users: dict[str, User]
    year: int
    today: datetime.date

    def __getattr__(self, name: str) -> User:
        return self.users[name]

    def begins(self) -> datetime.date:
        """A day early in the fiscal year of today, never after today."""
        return max(fiscal.first_day(self.year), self.today - datetime.timedelta(25))

    def yesterday(self) -> datetime.date:
        """The day before today, never before the fiscal year of today."""
        return max(self.begins(), self.today - datetime.timedelta(1))


def load_demo(report: Callable[[str], None], site: str, agencies: int = 0) -> None:
    """Fill an empty installation, in the order in which it would have happened. ``report`` is called when each of
    LOAD_STEPS begins, and of NATION_STEPS where there are ``agencies`` around the demonstration's own; ``site`` is the
    address of this installation."""
    day = today()
    newest = max(year for assessment, year in rules.available() if assessment == rules.NATIONAL)
    year = min(fiscal.year_of(day), newest)
    last, before_last = year - 1, year - 2
    report("สร้างผู้ใช้และนำเข้ารายชื่อหน่วยงาน")
    with travel(fiscal.first_day(before_last, 2)):
        demo = Demo(_create_users(site), year, day)
        codes = _create_agencies(demo)
    nation = _create_nation(demo, report, agencies) if agencies else None
    levels = dict(zip(codes, np.random.default_rng(7).normal(0.76, 0.07, len(codes)), strict=True))
    levels[MAIN] = 0.79
    del levels[FIRST_YEAR]

    def levels_in(year: int) -> dict[str, float]:
        raised = {code: level + 0.04 * (year - before_last) for code, level in levels.items()}
        return raised | (nation.lean(year) if nation else {})

    report(f"คำนวณผลปี {before_last} ของหน่วยงานสมมุติ")
    _publish_round(demo, before_last, levels_in(before_last), {})
    report("อ่านเอกสารผลการประเมินที่ประกาศแล้ว")
    with travel(fiscal.first_day(last)):
        for code, *_, sample in PUBLISHED:
            _import_document(demo.office, Agency.objects.get(code=code), next(samples().glob(f"{sample}*")))
    begins = fiscal.first_day(last) + datetime.timedelta(1)
    use_channels(agency=get_agency(MAIN), officer=demo.officer, begins=begins, travel=travel)
    report(f"ทำแผนปี {last} ติดตามทั้งปี ยื่นและตรวจการเปิดเผยข้อมูล")
    marks = _live_last_year(demo)
    report(f"คำนวณผลปี {last} ของหน่วยงานสมมุติ")
    _publish_round(demo, last, levels_in(last), marks)
    report(f"เปิดรอบปี {year} แบบวัด และการยื่นข้อมูล")
    with travel(demo.begins()):
        _open_round(demo)
    if nation:
        _fill_nation(demo, nation, report)
    report(f"ทำแผนปี {year} และบันทึกข้อความ")
    _load_plan_of_this_year(demo)
    report("เตรียมงานที่รอแต่ละบัญชี")
    _leave_tasks(demo)
    leave_waiting(agency=get_agency(MAIN), officer=demo.officer, day=demo.yesterday(), travel=travel)
    log_audit(by=None, action="demo.load", subject="ข้อมูลสาธิต")


def _create_nation(demo: Demo, report: Callable[[str], None], agencies: int) -> Nation:
    """The agencies and people, with the results of the years before those of the demonstration."""
    first = demo.year - 2 - demo_nation.EARLIER_YEARS
    report(f"สร้างหน่วยงานสมมุติทั่วประเทศ {agencies:,} แห่งและผู้ใช้")
    with travel(fiscal.first_day(first)):
        nation = demo_nation.create_nation(agencies, min(agencies, demo_nation.ASSESSORS))
    for year in range(first, demo.year - 2):
        report(f"คำนวณผลปี {year} ของทั้งประเทศ")
        _begin_earlier_round(demo, year)
        _publish_round(demo, year, nation.lean(year), {})
    return nation


def _begin_earlier_round(demo: Demo, year: int) -> None:
    """A round of years ago, whichever phases its rules have: one after another."""
    with travel(fiscal.first_day(year, 3)):
        begun = _start_round(demo, year, Agency.objects.filter(fictional=True).exclude(code=FIRST_YEAR))
        starts = [fiscal.first_day(year, 3) + datetime.timedelta(20 * n) for n in range(begun.phases.count())]
        _set_calendar(demo, begun, [(day, day + datetime.timedelta(19)) for day in starts])


def _fill_nation(demo: Demo, nation: Nation, report: Callable[[str], None]) -> None:
    """What the nation has done in the round of last year, in that of today, and in its plans."""
    last, this_year = _find_round(demo, demo.year - 1), _find_round(demo, demo.year)
    report("ข้อมูลเปิดเผย คะแนน แบบวัด และแผนของทั้งประเทศ")
    with travel(fiscal.first_day(demo.year - 1, 9)):
        demo_nation.fill_last_year(nation, last, load_round_framework(last))
        demo_nation.fill_plans(nation, load_round_framework(last), share=0.3)
    demo_nation.fill_round(nation, this_year, load_round_framework(this_year), demo.today)
    demo_nation.fill_plans(nation, load_round_framework(this_year), share=0.4)


def _create_users(site: str) -> dict[str, User]:
    password = make_password(PASSWORD)  # once: a slow hash is what protects real passwords, and this one is printed
    users = {}
    for account in ACCOUNTS:
        user = invite_user(email=account.email, name=account.name, role=account.role, by=None, site=site)
        user.password = password
        user.save()
        users[account.email.partition("@")[0]] = user
    return users


def _create_agencies(demo: Demo) -> list[str]:
    """The published agencies, and the fictional ones, whose codes are returned."""
    _import_agencies(demo.office, [(*row[:-1], "", "") for row in PUBLISHED], fictional=False)
    fictional = list(_fictional_agencies())
    _import_agencies(demo.office, fictional, fictional=True)
    for account in ACCOUNTS:
        user = demo.users[account.email.partition("@")[0]]
        for code in account.agencies:
            registry.appoint(user=user, agency=get_agency(code), on=datetime.date(2020, 1, 1), by=demo.office)
    return [code for code, *_ in fictional]


def get_agency(code: str) -> Agency:
    return Agency.objects.get(code=code)


def _start_round(demo: Demo, year: int, agencies: Iterable[Agency]) -> Round:
    assessment_round = registry.create_round(fiscal_year=year, by=demo.office)
    registry.enroll_agencies(assessment_round=assessment_round, agencies=agencies, by=demo.office)
    registry.set_round_status(assessment_round=assessment_round, status=Round.Status.RUNNING, by=demo.office)
    for code, assessor in ((MAIN, demo.assessor), (CLARIFYING, demo.assessor2), (MARKING, demo.assessor)):
        registry.assign(assessment_round=assessment_round, agency=get_agency(code), assessor=assessor, by=demo.office)
    allocate(assessment_round=assessment_round, by=demo.office)
    return assessment_round


def _set_calendar(demo: Demo, assessment_round: Round, days: Iterable[tuple[datetime.date, datetime.date]]) -> None:
    for phase, (starts, ends) in zip(assessment_round.phases.all(), days, strict=True):
        registry.set_phase_dates(phase=phase, starts=starts, ends=ends, by=demo.office)


def _find_round(demo: Demo, year: int) -> Round:
    """The running round of a past year, begun early in it where it is not yet."""
    found = Round.objects.filter(assessment=rules.NATIONAL, fiscal_year=year).first()
    if found is None:
        with travel(fiscal.first_day(year, 3)):
            agencies = Agency.objects.filter(fictional=True).exclude(code=FIRST_YEAR)
            found = _start_round(demo, year, agencies)
            months = ((3, 3), (4, 7), (6, 7), (8, 9), (10, 10), (11, 11), (12, 12))
            days = [(fiscal.first_day(year, first), fiscal.last_day(year, last)) for first, last in months]
            _set_calendar(demo, found, days)
    return found


def _publish_round(demo: Demo, year: int, levels: Mapping[str, float], marks: Mapping[str, Mapping[str, int]]) -> None:
    """Compute and publish a past year from sealed inputs of a fiction, and close it. ``marks``: by agency, those that
    its filing was given."""
    assessment_round = _find_round(demo, year)
    with travel(fiscal.last_day(year)):
        folder = assessment_round.parcels
        framework = load_round_framework(assessment_round)
        codes, lean = list(levels), np.clip(list(levels.values()), 0.5, 0.95)
        respondents = 30 if len(codes) < demo_nation.BATCH else demo_nation.RESPONDENTS
        make_parcels(framework, codes, lean, folder, seed=year, marks=marks, respondents=respondents)
        note = "ข้อมูลสมมุติเพื่อการสาธิต"
        result_set = results.compute_round(assessment_round=assessment_round, folder=folder, by=demo.office, note=note)
        results.publish(result_set=result_set, by=demo.office)
        registry.set_round_status(assessment_round=assessment_round, status=Round.Status.CLOSED, by=demo.office)


# --- disclosures


def _live_last_year(demo: Demo) -> dict[str, dict[str, int]]:
    """Last year of the main agency, in the order of its days: its plan followed up to the end; its filing confirmed,
    marked, clarified and decided; and pages of another agency that are found complete. The marks by agency and item."""
    year = demo.year - 1
    plan = _approve_plans_of_last_year(demo)
    filing = filings.get_filing(_find_round(demo, year), get_agency(MAIN))
    items = filings.items(load_round_framework(filing.round))
    defects = {
        6: "รายงานที่เผยแพร่เป็นของปีอื่น ไม่มีรายงานของปีงบประมาณก่อนหน้า",
        13: "แสดงเพียงบางไตรมาส",
        20: "ตารางความเสี่ยงไม่มีมาตรการจัดการ และไม่ครอบคลุมการใช้อำนาจตามตำแหน่งหน้าที่",
    }
    clarified = items[13].id

    def file() -> None:
        for item in items:
            _file_item(filing, item, demo.officer)
        _check_links(filing)
        _confirm(filing, demo.executive)

    def clarify() -> None:
        text = "ไตรมาสที่ 3 และ 4 อยู่ในลิงก์เดียวกัน เลื่อนลงด้านล่าง"
        disclosure.clarify_mark(filing=filing, item=clarified, text=text, by=demo.officer)
        disclosure.mark_item(
            filing=filing,
            item=clarified,
            points=100,
            reasons=[],
            comment="พบครบทุกไตรมาสในสำเนาตอนยื่น",
            elements=[],
            by=demo.assessor2,
            stage="decision",
        )

    def show_good_pages() -> None:
        """Of an agency of the same type, which has written pages here."""
        peer = filings.get_filing(filing.round, get_agency(MARKING))
        written = write_good_pages(
            agency=peer.agency, assessment_round=filing.round, site=settings.PAGES_SITE, by=demo.officer2
        )
        for item in items:
            if item.id not in written:
                _file_item(peer, item, demo.officer2)
        _confirm(peer, demo.executive2)

    def mark_good_pages() -> None:
        _mark_filing(filings.get_filing(filing.round, get_agency(MARKING)), {}, demo.assessor)

    mark = partial(_mark_filing, filing, {items[n].id: text for n, text in defects.items()}, demo.assessor)
    events: list[tuple[datetime.date, Callable[[], None]]] = [
        (fiscal.first_day(year, 7), file),
        (fiscal.first_day(year, 7) + datetime.timedelta(1), show_good_pages),
        (fiscal.first_day(year, 9), mark),
        (fiscal.last_day(year, 9), mark_good_pages),
        (fiscal.first_day(year, 10) + datetime.timedelta(8), clarify),
        *_list_follow_ups(demo, plan),
    ]
    for day, happen in sorted(events, key=lambda event: event[0]):
        with travel(day):
            happen()
    return {
        filing.agency.code: {item: mark.points for item, mark in filings.counting_marks(filing).items()}
        for filing in Filing.objects.filter(round=filing.round, released_at__isnull=False)
    }


def _open_round(demo: Demo) -> None:
    """The round of today: every phase that people act in is open, and each agency stands at another stage."""
    agencies = Agency.objects.filter(fictional=True)
    assessment_round = _start_round(demo, demo.year, agencies)
    spans = ((-60, -26), (-25, 75), (-25, 60), (-25, 100), (-25, 110), (111, 125), (126, 156))
    days = [(demo.today + datetime.timedelta(a), demo.today + datetime.timedelta(b)) for a, b in spans]
    _set_calendar(demo, assessment_round, days)
    _open_survey(demo, assessment_round)
    items = filings.items(load_round_framework(assessment_round))
    main = filings.get_filing(assessment_round, get_agency(MAIN))
    defects = [demo_site.OLD, demo_site.GONE, demo_site.MOVED, demo_site.SIGN_IN, demo_site.EMPTY]
    for number, item in enumerate(items[:12]):
        defect = defects[number // 2] if number % 2 and number // 2 < len(defects) else ""
        _file_item(main, item, demo.officer, defect)
    remark = "ข้อที่เหลือขอให้กองคลังส่งลิงก์ภายในสัปดาห์หน้า"
    disclosure.add_remark(filing=main, item="", text=remark, by=demo.executive)
    _check_links(main)
    for code in (CONFIRMING, CLARIFYING, MARKING):
        filing = filings.get_filing(assessment_round, get_agency(code))
        for item in items:
            _file_item(filing, item, demo.officer2)
        if code != CONFIRMING:
            _confirm(filing, demo.executive2)
        if code == CLARIFYING:
            shown = {items[4].id: "ไม่พบข้อมูลการติดต่อของหน่วยงาน", items[10].id: "รายงานยังไม่ถึงเดือนที่กำหนด"}
            _mark_filing(filing, shown, demo.assessor2)
            text = "ที่อยู่และหมายเลขโทรศัพท์อยู่ท้ายหน้าเดียวกัน"
            disclosure.clarify_mark(filing=filing, item=items[4].id, text=text, by=demo.officer2)


def _check_links(filing: Filing) -> None:
    """Without pauses: the only website is the demonstration's own. What others filed is checked by the worker."""
    policy = replace(link_checks.check_policy(), pause_seconds=0.0, obey_robots=False, now=lambda: timezone.now())
    due = [link for link in link_checks.find_due_links(timezone.now()) if link.entry.filing_id == filing.pk]
    for _ in link_checks.check_links(due, policy):
        pass


def _confirm(filing: Filing, by: User) -> None:
    disclosure.confirm_filing(
        filing=filing,
        position=EXECUTIVE if filing.agency.code == MAIN else "ผู้บริหารสูงสุด",
        by=by,
        content_digest=digest.of_json(filings.filed_content(filing)),
    )
    filing.refresh_from_db()


def _mark_filing(filing: Filing, defects: Mapping[str, str], by: User) -> None:
    """Full marks but for the items with a defect; released to the agency."""
    for item in filings.items(load_round_framework(filing.round)):
        defect = defects.get(item.id, "")
        disclosure.mark_item(
            filing=filing,
            item=item.id,
            points=0 if defect else 100,
            reasons=["องค์ประกอบไม่ครบ"] if defect else [],
            comment=defect,
            elements=[] if defect else range(len(item.elements)),
            by=by,
        )
    disclosure.release_marks(filing=filing, by=by)
    filing.refresh_from_db()


# --- surveys

# whom the instruments have to ask, and how many have answered
_STAFF_ROLL = [("สำนักปลัด", 19), ("กองคลัง", 11), ("กองช่าง", 10), ("กองการศึกษา ศาสนา และวัฒนธรรม", 6)]
_VISITORS = 3200
_STAFF_ANSWERED, _VISITORS_ANSWERED = 17, 38


def _open_survey(demo: Demo, assessment_round: Round) -> None:
    """Of each form that the agency collects, a channel through which some have answered: an open link where the year's
    rules have one, else cards within the roll that the office fixed, and invitations for the others, to be printed."""
    framework = load_round_framework(assessment_round)
    agency = get_agency(MAIN)
    for instrument in framework.survey_instruments():
        form: dict[str, Any] = {"assessment_round": assessment_round, "agency": agency, "instrument": instrument.id}
        if instrument.collected_by == "agency" and not framework.allows_open_link(instrument.id):
            people = rights.set_roll(**form, roll=_STAFF_ROLL, by=demo.office)
            channel = surveys.open_channel(**form, kind=Channel.Kind.CODES, by=demo.officer)
            cards = rights.order_batch(channel=channel, size=_STAFF_ANSWERED, by=demo.office)
            _answer(demo, channel, framework, _STAFF_ANSWERED, cards)
            invitations = surveys.open_channel(**form, kind=Channel.Kind.TOKENS, by=demo.officer)
            rights.order_batch(channel=invitations, size=people - _STAFF_ANSWERED, by=demo.office)
            continue
        surveys.set_population(**form, size=_VISITORS, by=demo.officer)
        if instrument.collected_by == "agency":
            channel = surveys.open_channel(**form, kind=Channel.Kind.LINK, by=demo.officer)
            _answer(demo, channel, framework, _VISITORS_ANSWERED)


def _answer(demo: Demo, channel: Channel, framework: Framework, count: int, cards: Batch | None = None) -> None:
    """Answers through a channel; one for each of the cards where it has any."""
    random = np.random.default_rng(demo.year)
    printed = [digest_code("code", f"demo-{channel.instrument}-{n}") for n in range(count if cards else 0)]
    if cards:
        Code.objects.bulk_create([Code(digest=code, channel=channel, batch=cards) for code in printed])
        Batch.objects.filter(pk=cards.pk).update(printed_on=demo.today)
    questions = list_questions(framework, channel.instrument)
    submissions = []
    for number in range(count):
        likes = random.beta(4, 2, len(questions))
        answers = bytes(int(like * len(q.options)) for like, q in zip(likes, questions, strict=True))
        receipt = digest_code("receipt", f"demo-{channel.instrument}-{number}")
        submissions.append(Submission(channel, answers, receipt, printed[number] if cards else None))
    store_submissions(submissions)


def _file_item(filing: Filing, item: DisclosureItem, by: User, defect: str = "") -> None:
    elements = [k for k, _ in filings.required_elements(item, filing.agency)]
    address = demo_site.address_of(filing.agency.code, filing.round.fiscal_year, item.id, defect)
    disclosure.file_entry(
        filing=filing, item=item.id, addresses=address, explanation="", elements=elements, revision=0, by=by
    )


# --- agencies


def _fictional_agencies() -> Iterator[AgencyLine]:
    """Code, name, type, province, district, website, English name; the name says that the agency is fictional."""
    town = f"เมือง{PROVINCE}"
    for code, kind, name, english, has_site in (
        (MAIN, AgencyType.SUBDISTRICT_ORGANIZATION, PROVINCE, "Si Sommut", True),
        (CONFIRMING, AgencyType.TOWN, PROVINCE, "Si Sommut", True),
        (CLARIFYING, AgencyType.SUBDISTRICT_MUNICIPALITY, "คลองสมมุติ", "Khlong Sommut", True),
        (FIRST_YEAR, AgencyType.SUBDISTRICT_ORGANIZATION, "บ้านใหม่สมมุติ", "Ban Mai Sommut", False),
        (MARKING, AgencyType.SUBDISTRICT_ORGANIZATION, "ทุ่งสมมุติ", "Thung Sommut", True),
        ("Z0006", AgencyType.PROVINCIAL_ORGANIZATION, PROVINCE, "Si Sommut", False),
        ("Z0007", AgencyType.PROVINCE, PROVINCE, "Si Sommut", False),
    ):
        website = f"http://{demo_site.host_of(code)}/" if has_site else ""
        name_en = f"{english} {AGENCY_TYPES_EN[kind]} (fictional)"
        yield code, f"{kind.label}{name}", kind, PROVINCE, town, website, name_en
    districts = (town, "ดอนสมมุติ", "ท่าใหม่สมมุติ", "ภูเขียวสมมุติ")
    for number in range(34):
        name = _NAMES[number % len(_NAMES)] + ("เหนือ" if number >= len(_NAMES) else "")
        kind = AgencyType.SUBDISTRICT_MUNICIPALITY if number % 3 == 0 else AgencyType.SUBDISTRICT_ORGANIZATION
        yield f"Z{number + 8:04}", f"{kind.label}{name} (สมมุติ)", kind, PROVINCE, districts[number % 4], "", ""


def _import_agencies(office: User, rows: list[AgencyLine], *, fictional: bool) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["รหัส", "ชื่อ", "ประเภท", "จังหวัด", "อำเภอ", "เว็บไซต์", "ชื่ออังกฤษ"])
        writer.writerows(rows)
        file.flush()
        listing = registry.upload_agency_list(
            path=Path(file.name), file_name="รายชื่อสาธิต.csv", by=office, fictional=fictional
        )
    if listing.problems:
        raise AssertionError(listing.problems)
    registry.confirm_agency_list(listing=listing, by=office, on=datetime.date(2020, 1, 1))


def _leave_table(office: User) -> None:
    """A table of the register that came back with two corrections, and waits for its confirmation."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["รหัส", "อำเภอ"])
        writer.writerows([("Z0006", "ท่าใหม่สมมุติ"), ("Z0007", "ภูเขียวสมมุติ")])
        file.flush()
        upload_table(
            kind=Agencies(), scope=Scope(rules.NATIONAL), path=Path(file.name), file_name="อำเภอที่แก้แล้ว.csv", by=office
        )


def _import_document(office: User, agency: Agency, path: Path) -> None:
    """Import a document as a user does; a contradicted figure is corrected where the others leave only one value."""
    imported = results.upload(
        path=path, file_name=path.name, shape=Import.Shape.DOCUMENT, by=office, agency=agency, enqueue=False
    )
    results.read_import.call(imported.pk)
    imported.refresh_from_db()
    for year in queries.import_years(imported):
        lines = queries.review_figures(imported, year)
        values = {
            line.node: (line.check.likely if line.contradicted and line.check and line.check.likely else line.value)
            for line in lines
            if line.value
        }
        result_set = results.confirm_document(
            imported=imported, agency=agency, fiscal_year=year, values=values, by=office
        )
        results.publish(result_set=result_set, by=office)


# --- plans and papers

# by position of the measure: who is responsible, baht, and what was done by each due date (status, done, obstacles)
_FOLLOW_UPS: dict[int, tuple[str, int | None, tuple[tuple[str, str, str], ...]]] = {
    0: (
        "ทุกส่วนราชการ",
        None,
        (
            ("doing", "รวบรวมงานบริการ 12 เรื่อง จัดทำแผ่นขั้นตอนแล้ว 5 เรื่อง", ""),
            ("done", "ติดแผ่นขั้นตอนครบทุกจุดบริการและลงเว็บไซต์แล้ว", ""),
        ),
    ),
    1: (
        "กองคลัง",
        15_000,
        (
            ("doing", "สรุปการใช้จ่ายไตรมาสแรกแจ้งในที่ประชุมพนักงาน", ""),
            ("stuck", "ร่างแบบรับรองการไม่มีส่วนได้เสียแล้ว", "ยังไม่มีผู้ตรวจร่าง เพราะตำแหน่งนิติกรว่าง"),
        ),
    ),
    2: ("สำนักปลัด", None, (("doing", "ชี้แจงเกณฑ์การประเมินพนักงานให้ทุกกองทราบ", ""),)),
    3: (
        "กองคลัง",
        None,
        (("doing", "ทำแบบขอยืมหน้าเดียวและติดไว้ที่ห้องพัสดุ", ""), ("done", "ตรวจทรัพย์สิน 10 รายการตรงกับทะเบียนครบ", "")),
    ),
    5: ("กองช่าง", None, (("done", "ใบรับคำขอบอกวันเสร็จและผู้รับเรื่องทุกฉบับ", ""),)),
    6: (
        "สำนักปลัด",
        20_000,
        (
            ("doing", "ตั้งผู้ตอบคำถามประจำวัน และรวมคำถามที่พบบ่อยลงเว็บไซต์", ""),
            ("doing", "ตอบคำถามภายใน 1 วันได้ 46 จาก 52 เรื่อง", ""),
            ("doing", "เพิ่มช่องทางไลน์", ""),
            ("done", "ตอบภายใน 1 วันครบทุกเรื่องในไตรมาสสุดท้าย", ""),
        ),
    ),
    8: ("สำนักปลัด", 40_000, (("done", "ปรับหน้าเว็บไซต์ให้หาข้อมูลพื้นฐานได้ในหน้าเดียว", ""),)),
}


def _approve_plans_of_last_year(demo: Demo) -> Plan:
    """The plan of the main agency; and plans of other agencies for the library to count."""
    year = demo.year - 1
    with travel(fiscal.first_day(year, 2)):
        plan = _create_approved_plan(demo, MAIN, year)
        for k in range(8, 15):
            _create_approved_plan(demo, f"Z{k:04}", year)
    return plan


def _list_follow_ups(demo: Demo, plan: Plan) -> Iterator[tuple[datetime.date, Callable[[], None]]]:
    """The follow-ups of a whole year, each with its day."""
    rows, measures = plans.measures_of(plan), build_snapshot(plan).measures
    for position, (*_, texts) in _FOLLOW_UPS.items():
        for due, report in zip(measures[position].due_dates, texts, strict=False):
            on = due - datetime.timedelta(6)
            yield on, partial(_add_follow_up, demo, rows[position], due, on, *report)


def _load_plan_of_this_year(demo: Demo) -> None:
    """The plan in force, with its first follow-ups; and memos that wait for the executive."""
    with travel(demo.begins()):
        plan = _create_approved_plan(demo, MAIN, demo.year)
    rows, measures = plans.measures_of(plan), build_snapshot(plan).measures
    on = max(demo.begins(), demo.today - datetime.timedelta(2))
    with travel(on):
        for position in (0, 1, 6):
            (report, *_) = _FOLLOW_UPS[position][2]
            _add_follow_up(demo, rows[position], measures[position].due_dates[0], on, *report)
        _write_memo(demo)
        keep_registers(
            agency=get_agency(MAIN),
            year=demo.year,
            officer=demo.officer,
            executive=demo.executive,
            line=_name_signing_line(demo),
        )


def _add_follow_up(
    demo: Demo, measure: Measure, due: datetime.date, on: datetime.date, status: str, done: str, obstacles: str
) -> None:
    improvement.add_follow_up(
        measure=measure,
        due=due,
        on=on,
        status=status,
        done=done,
        obstacles=obstacles,
        suggestion="",
        by=demo.officer,
        evidence=[EvidenceInput(url=f"http://{demo_site.host_of(MAIN)}/", name=SITE)],
    )


def _create_approved_plan(demo: Demo, code: str, year: int) -> Plan:
    agency, is_main = get_agency(code), code == MAIN
    officer, executive = (demo.officer, demo.executive) if is_main else (demo.officer2, demo.executive2)
    comments = plans.comments_on(agency, year - 1)
    plan = improvement.start_plan(agency=agency, result_year=year - 1, by=officer, comments=comments)
    if is_main:
        edits = []
        for position, (units, baht, _) in _FOLLOW_UPS.items():
            measure = plans.measures_of(plan)[position]
            values = measure.values()
            budget = None if baht is None else f"{baht}.00"
            values |= {"units": units.split(", "), "budget": budget, "owner": officer.pk}
            edits.append(MeasureEdit(measure.pk, measure.version(), values))
        improvement.save_plan(plan=plan, edits=edits, moves={}, by=officer)
    improvement.submit_plan(plan=plan, by=officer)
    content_digest = digest.of_json(content_of(plan))
    signed_as = EXECUTIVE if is_main else "ผู้บริหารสูงสุด"
    improvement.approve_plan(plan=plan, by=executive, position=signed_as, expected_digest=content_digest)
    improvement.set_public(plan=plan, public=True, by=executive)
    return plan


def _name_signing_line(demo: Demo) -> list[LinePosition]:
    return [
        LinePosition(position=AUTHOR, name=demo.officer.name, user=demo.officer.pk),
        LinePosition(position=EXECUTIVE, name=demo.executive.name, user=demo.executive.pk),
    ]


def _write_memo(demo: Demo) -> None:
    """Last year's result reported to the executive, signed by its author."""
    memo = papers.write_memo(
        agency=get_agency(MAIN),
        fiscal_year=demo.year - 1,
        office="สำนักปลัด",
        to=EXECUTIVE,
        reference_number="",
        subject="",
        line=_name_signing_line(demo),
        by=demo.officer,
    )
    papers.sign_memo(
        memo=memo,
        opinion="เห็นควรเสนอเพื่อโปรดทราบและพิจารณาสั่งการ",
        content_digest=papers.digest_memo(memo),
        to=demo.executive,
        position=EXECUTIVE,
        by=demo.officer,
    )


def _leave_tasks(demo: Demo) -> None:
    """What waits for the office: a result that an officer typed, and a table of agencies."""
    agency, year = get_agency(CONFIRMING), demo.year - 3
    with travel(demo.yesterday()):
        typed = results.begin_typed_result(
            agency=agency, fiscal_year=year, source="หนังสือแจ้งผลการประเมิน (สมมุติ)", by=demo.officer2
        )
        figures = {i.id: f"{82 + n}.50" for n, i in enumerate(rules.load(rules.NATIONAL, year).rules.indicators)}
        results.confirm_document(imported=typed, agency=agency, fiscal_year=year, values=figures, by=demo.officer2)
        _leave_table(demo.office)


def make_parcels(
    framework: Framework,
    agencies: list[str],
    level: np.ndarray,
    folder: Path,
    *,
    seed: int,
    respondents: int = 30,
    people: int = 150,
    marks: Mapping[str, Mapping[str, int]] | None = None,
) -> None:
    """Sealed inputs of a fiction: ``level`` is each agency's leaning, from 0 to 1; ``marks`` are those of agencies that
    filed; of ``people`` in each agency and survey, ``respondents`` answered."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    names = np.repeat(agencies, respondents)
    first_parts = {composite.of[0] for composite in framework.rules.composites}
    for instrument in framework.survey_instruments():
        lean = np.repeat(level, respondents) + (0.03 if instrument.id in first_parts else -0.02)
        columns: dict[str, object] = {"agency": pa.array(names, pa.string())}
        for column in framework.answer_columns(instrument.id):
            points = np.array(column.points)
            wish = np.clip(random.normal(lean, 0.16), 0, 1) * points.max()
            columns[column.name] = pa.array(np.abs(points[None, :] - wish[:, None]).argmin(axis=1).astype(np.uint8))
        pq.write_table(pa.table(columns), folder / f"answers-{instrument.id}.parquet")
    surveys = [i.id for i in framework.survey_instruments()]
    headcounts = {"agency": pa.array(agencies, pa.string())} | {s: pa.array([people] * len(agencies)) for s in surveys}
    pq.write_table(pa.table(headcounts), folder / "headcounts.parquet")
    columns_of_marks: dict[str, object] = {"agency": pa.array(agencies, pa.string())}
    for instrument in framework.rules.instruments:
        if instrument.kind == "disclosure":
            for item in framework.items_of(instrument.id):
                scale = sorted(framework.mark_points(item.id))
                passed = random.random(len(agencies)) < level + 0.14
                points = np.where(passed, scale[-1], scale[0]).astype(np.int64)
                for code, by_item in (marks or {}).items():
                    points[agencies.index(code)] = by_item[item.id]
                columns_of_marks[item.id] = pa.array(points)
    pq.write_table(pa.table(columns_of_marks), folder / "marks.parquet")
