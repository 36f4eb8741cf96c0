"""The data of the demonstration, created by the actions that users take: lists imported, documents read and confirmed,
rounds computed and published."""

import csv
import datetime
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from prongsai import framework as rules
from prongsai.cli import demo_site
from prongsai.disclosure import actions as disclosure
from prongsai.disclosure import link_checks
from prongsai.disclosure import queries as filings
from prongsai.disclosure.models import Filing
from prongsai.framework import DisclosureItem, Framework
from prongsai.improvement import actions as improvement
from prongsai.improvement import queries as plans
from prongsai.improvement.actions import EvidenceInput, MeasureEdit
from prongsai.improvement.models import Plan
from prongsai.improvement.snapshot import build_snapshot, content_of
from prongsai.lib import digest, fiscal
from prongsai.people.actions import invite_user, log_audit
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry import actions as registry
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.results import actions as results
from prongsai.results import queries
from prongsai.results.models import Import

PASSWORD = "prongsai-demo-2026"  # noqa: S105 (printed on the screen; for the demonstration alone)
USERS = (
    ("office@demo.test", "ผู้ใช้สาธิต ส่วนกลาง", Role.OFFICE),
    ("assessor@demo.test", "ผู้ใช้สาธิต ผู้ประเมิน", Role.ASSESSOR),
    ("officer@demo.test", "ผู้ใช้สาธิต เจ้าหน้าที่", Role.OFFICER),
    ("executive@demo.test", "ผู้ใช้สาธิต ผู้บริหาร", Role.EXECUTIVE),
    ("auditor@demo.test", "ผู้ใช้สาธิต ผู้ตรวจสอบ", Role.AUDITOR),
)
PROVINCE = "ศรีสมมุติ"
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


LOAD_STEPS = 7


def is_loaded() -> bool:
    return User.objects.exists()


def load_demo(report: Callable[[str], None], site_port: int) -> None:
    """Fill an empty installation. ``report`` is called when each of LOAD_STEPS begins; ``site_port`` is that of the
    fictional agency's website."""
    report("สร้างผู้ใช้")
    users = _create_users()
    office = users[Role.OFFICE]
    report("นำเข้ารายชื่อหน่วยงาน")
    codes = _create_agencies(users, site_port)
    report("อ่านเอกสารผลการประเมินที่ประกาศแล้ว")
    for code, *_, sample in PUBLISHED:
        _import_document(office, Agency.objects.get(code=code), next(samples().glob(f"{sample}*")))
    frameworks = [f for f in (rules.load(*key) for key in rules.available()) if not f.is_provisional][-2:]
    level = np.random.default_rng(7).normal(0.76, 0.07, len(codes))
    for number, framework in enumerate(frameworks):
        report(f"คำนวณผลปี {framework.fiscal_year} ของจังหวัด{PROVINCE} (สมมุติ)")
        _publish_round(office, framework, codes, np.clip(level + 0.03 * number, 0.5, 0.95))
    report("ยื่นและตรวจการเปิดเผยข้อมูลสาธิต")
    _load_disclosures(users, [framework.fiscal_year for framework in frameworks], site_port)
    report("ทำแผนยกระดับและติดตามผล")
    _load_plans(users, frameworks[-1].fiscal_year)
    log_audit(by=None, action="demo.load", subject="ข้อมูลสาธิต")


def _create_users() -> dict[Role, User]:
    password = make_password(PASSWORD)  # once: a slow hash is what protects real passwords, and this one is printed
    return {role: _create_user(email, name, role, password) for email, name, role in USERS}


def _create_user(email: str, name: str, role: Role, password: str) -> User:
    user = invite_user(email=email, name=name, role=role, by=None, site="http://127.0.0.1:8000")
    user.password = password
    user.save()
    return user


def _create_agencies(users: dict[Role, User], site_port: int) -> list[str]:
    """The published agencies, and the fictional ones, whose codes are returned."""
    office = users[Role.OFFICE]
    _import_agencies(office, [(*row[:-1], "") for row in PUBLISHED], fictional=False)
    website = f"http://{demo_site.HOST}:{site_port}"
    fictional = [(*row, website if row[0] == "Z0001" else "") for row in _fictional_agencies()]
    _import_agencies(office, fictional, fictional=True)
    for role in (Role.OFFICER, Role.EXECUTIVE):
        for code in (fictional[0][0], PUBLISHED[0][0]):
            agency = Agency.objects.get(code=code)
            registry.appoint(user=users[role], agency=agency, on=datetime.date(2020, 1, 1), by=office)
    return [code for code, *_ in fictional]


def _publish_round(office: User, framework: Framework, codes: list[str], level: np.ndarray) -> None:
    assessment_round = registry.create_round(fiscal_year=framework.fiscal_year, by=office)
    registry.enroll_agencies(
        assessment_round=assessment_round, agencies=Agency.objects.filter(fictional=True), by=office
    )
    registry.set_round_status(assessment_round=assessment_round, status=Round.Status.RUNNING, by=office)
    registry.distribute_agencies(assessment_round=assessment_round, by=office)
    folder = assessment_round.parcels
    make_parcels(framework, codes, level, folder, seed=framework.fiscal_year)
    note = "ข้อมูลสมมุติเพื่อการสาธิต"
    result_set = results.compute_round(assessment_round=assessment_round, folder=folder, by=office, note=note)
    results.publish(result_set=result_set, by=office)


def _load_disclosures(users: dict[Role, User], years: list[int], site_port: int) -> None:
    """อบจ.ศรีสมมุติ: last year filed, confirmed, marked, clarified and decided; this year begun, with some bad
    links."""
    agency = Agency.objects.get(code="Z0001")
    before, now = (filings.get_filing(Round.objects.get(fiscal_year=year), agency) for year in years)
    for phase in before.round.phases.all():
        registry.set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=users[Role.OFFICE])
    items = filings.items(load_round_framework(before.round))
    for item in items:
        _file_item(before, item, demo_site.address_of(site_port, years[0], item.id), users[Role.OFFICER])
    _check_links()
    disclosure.confirm_filing(
        filing=before,
        position="นายกองค์การบริหารส่วนจังหวัด",
        by=users[Role.EXECUTIVE],
        content_digest=digest.of_json(filings.filed_content(before)),
    )
    before.refresh_from_db()
    _mark_filing(before, items, users)
    defects = [demo_site.OLD, demo_site.GONE, demo_site.MOVED, demo_site.SIGN_IN, demo_site.EMPTY]
    for number, item in enumerate(filings.items(load_round_framework(now.round))[:12]):
        defect = defects[number // 2] if number % 2 and number // 2 < len(defects) else ""
        _file_item(now, item, demo_site.address_of(site_port, years[1], item.id, defect), users[Role.OFFICER])
    remark = "ข้อที่เหลือขอให้กองคลังส่งลิงก์ภายในสัปดาห์หน้า"
    disclosure.add_remark(filing=now, item="", text=remark, by=users[Role.EXECUTIVE])
    _check_links()


def _check_links() -> None:
    """Without pauses: the only website is the demonstration's own."""
    policy = replace(link_checks.check_policy(), pause_seconds=0.0, obey_robots=False)
    for _ in link_checks.check_links(link_checks.find_due_links(timezone.now()), policy):
        pass


def _mark_filing(filing: Filing, items: Sequence[DisclosureItem], users: dict[Role, User]) -> None:
    """Marks with three zeros, of which one is clarified and decided by a second assessor."""
    password = users[Role.ASSESSOR].password
    second = _create_user("assessor2@demo.test", "ผู้ใช้สาธิต ผู้ประเมินอีกคน", Role.ASSESSOR, password)
    clarified = items[13].id
    defects = {
        items[6].id: "ไม่มีแผนของปีที่ประเมิน",
        clarified: "แสดงเพียงบางไตรมาส",
        items[20].id: "ไม่มีช่องทางที่ประชาชนใช้ได้",
    }
    for item in items:
        defect = defects.get(item.id, "")
        disclosure.mark_item(
            filing=filing,
            item=item.id,
            points=0 if defect else 100,
            reasons=["องค์ประกอบไม่ครบ"] if defect else [],
            comment=defect,
            elements=[] if defect else range(len(item.elements)),
            by=users[Role.ASSESSOR],
        )
    disclosure.release_marks(filing=filing, by=users[Role.ASSESSOR])
    text = "ไตรมาสที่ 3 และ 4 อยู่ในลิงก์เดียวกัน เลื่อนลงด้านล่าง"
    disclosure.clarify_mark(filing=filing, item=clarified, text=text, by=users[Role.OFFICER])
    disclosure.mark_item(
        filing=filing,
        item=clarified,
        points=100,
        reasons=[],
        comment="พบครบทุกไตรมาสในสำเนาตอนยื่น",
        elements=[],
        by=second,
        stage="decision",
    )
    for phase in filing.round.phases.all():  # its year is over
        last = fiscal.last_day(filing.round.fiscal_year)
        registry.set_phase_dates(phase=phase, starts=phase.starts, ends=last, by=users[Role.OFFICE])


def _file_item(filing: Filing, item: DisclosureItem, address: str, by: User) -> None:
    elements = [k for k, _ in filings.required_elements(item, filing.agency)]
    disclosure.file_entry(
        filing=filing, item=item.id, addresses=address, explanation="", elements=elements, revision=0, by=by
    )


def _fictional_agencies() -> Iterator[tuple[str, str, str, str, str]]:
    yield "Z0001", f"องค์การบริหารส่วนจังหวัด{PROVINCE}", AgencyType.PROVINCIAL_ORGANIZATION, PROVINCE, f"เมือง{PROVINCE}"
    yield "Z0002", f"จังหวัด{PROVINCE}", AgencyType.PROVINCE, PROVINCE, f"เมือง{PROVINCE}"
    yield "Z0003", f"เทศบาลเมือง{PROVINCE}", AgencyType.TOWN, PROVINCE, f"เมือง{PROVINCE}"
    districts = (f"เมือง{PROVINCE}", "ดอนงาม", "ท่าใหม่สมมุติ", "ภูเขียวสมมุติ")
    for number in range(37):
        name = _NAMES[number % len(_NAMES)] + ("เหนือ" if number >= len(_NAMES) else "")
        is_town = number % 3 == 0
        agency_type = AgencyType.SUBDISTRICT_MUNICIPALITY if is_town else AgencyType.SUBDISTRICT_ORGANIZATION
        yield f"Z{number + 4:04}", f"{agency_type.label}{name}", agency_type, PROVINCE, districts[number % 4]


def _import_agencies(office: User, rows: list[tuple[str, str, str, str, str, str]], *, fictional: bool) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["รหัส", "ชื่อ", "ประเภท", "จังหวัด", "อำเภอ", "เว็บไซต์"])
        writer.writerows(rows)
        file.flush()
        listing = registry.upload_agency_list(
            path=Path(file.name), file_name="รายชื่อสาธิต.csv", by=office, fictional=fictional
        )
    if listing.problems:
        raise AssertionError(listing.problems)
    registry.confirm_agency_list(listing=listing, by=office, on=datetime.date(2020, 1, 1))


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
    2: ("สำนักปลัด, กองการเจ้าหน้าที่", None, (("doing", "ชี้แจงเกณฑ์การประเมินพนักงานให้ทุกกองทราบ", ""),)),
    3: (
        "กองพัสดุและทรัพย์สิน",
        None,
        (("doing", "ทำแบบขอยืมหน้าเดียวและติดไว้ที่ห้องพัสดุ", ""), ("done", "ตรวจทรัพย์สิน 10 รายการตรงกับทะเบียนครบ", "")),
    ),
    5: ("กองช่าง, กองสาธารณสุข", None, (("done", "ใบรับคำขอบอกวันเสร็จและผู้รับเรื่องทุกฉบับ", ""),)),
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


def _load_plans(users: dict[Role, User], year: int) -> None:
    """A plan that was approved, followed up, and has an outcome; and plans of other agencies for the library to
    count."""
    plan = _create_approved_plan(users, "Z0001", year, own=True)
    rows = plans.measures_of(plan)
    for position, (*_, reports) in _FOLLOW_UPS.items():
        due_dates = build_snapshot(plan).measures[position].due_dates
        for due, (status, done, obstacles) in zip(due_dates, reports, strict=False):
            improvement.add_follow_up(
                measure=rows[position],
                due=due,
                on=due - datetime.timedelta(6),
                status=status,
                done=done,
                obstacles=obstacles,
                suggestion="",
                by=users[Role.OFFICER],
                evidence=[EvidenceInput(url="https://example.go.th/ita", name="หน้าเผยแพร่ของหน่วยงาน")],
            )
    for k in range(4, 16):
        _create_approved_plan(users, f"Z{k:04}", year, own=False)


def _create_approved_plan(users: dict[Role, User], code: str, year: int, *, own: bool) -> Plan:
    officer, executive = users[Role.OFFICER], users[Role.EXECUTIVE]
    plan = improvement.start_plan(agency=Agency.objects.get(code=code), result_year=year - 1, by=officer)
    if own:
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
    improvement.approve_plan(plan=plan, by=executive, position="ผู้บริหารสูงสุด", expected_digest=content_digest)
    improvement.set_public(plan=plan, public=True, by=executive)
    return plan


def make_parcels(
    framework: Framework, agencies: list[str], level: np.ndarray, folder: Path, *, seed: int, respondents: int = 30
) -> None:
    """Sealed inputs of a fiction: ``level`` is each agency's leaning, from 0 to 1."""
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
    marks: dict[str, object] = {"agency": pa.array(agencies, pa.string())}
    for instrument in framework.rules.instruments:
        if instrument.kind == "disclosure":
            for item in framework.items_of(instrument.id):
                scale = sorted(framework.mark_points(item.id))
                passed = random.random(len(agencies)) < level + 0.14
                marks[item.id] = pa.array(np.where(passed, scale[-1], scale[0]).astype(np.int64))
    pq.write_table(pa.table(marks), folder / "marks.parquet")
