"""The demonstration's data, made through the product's own doors: lists imported, documents read and confirmed, rounds
computed and published. Nothing is written into tables behind its back."""

import csv
import datetime
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
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
from prongsai.lib import digest
from prongsai.people.actions import invite_user, log_audit
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry import actions as registry
from prongsai.registry.models import Agency, Round
from prongsai.registry.places import AgencyType
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


def load(say: Callable[[str], None], web: int) -> None:
    """Fill an empty installation; one that has users is left as it is. ``web``: the port of the fictional agency's
    website."""
    if User.objects.exists():
        return
    say("สร้างผู้ใช้ …")
    users = {}
    for email, name, role in USERS:
        user = invite_user(email=email, name=name, role=role, by=None, site="http://127.0.0.1:8000")
        user.set_password(PASSWORD)
        user.save()
        users[role] = user
    office = users[Role.OFFICE]
    say("นำเข้ารายชื่อหน่วยงาน …")
    _import_agencies(office, [(c, n, k, p, d, "") for c, n, k, p, d, _ in PUBLISHED], fictional=False)
    fiction = [(*row, f"http://{demo_site.HOST}:{web}" if row[0] == "Z0001" else "") for row in _fiction()]
    _import_agencies(office, fiction, fictional=True)
    for role in (Role.OFFICER, Role.EXECUTIVE):
        for code in (fiction[0][0], PUBLISHED[0][0]):
            registry.appoint(
                user=users[role], agency=Agency.objects.get(code=code), on=datetime.date(2020, 1, 1), by=office
            )
    say("อ่านเอกสารผลการประเมินที่ประกาศแล้ว …")
    for code, *_, sample in PUBLISHED:
        _import_document(office, Agency.objects.get(code=code), next(samples().glob(f"{sample}*")))
    newest = [rules.load(y) for y in sorted(rules.available())[-2:]]
    level = np.random.default_rng(7).normal(0.76, 0.07, len(fiction))
    for k, framework in enumerate(newest):
        say(f"คำนวณผลปี {framework.fiscal_year} ของจังหวัด{PROVINCE} (สมมุติ) …")
        assessment_round = registry.create_round(fiscal_year=framework.fiscal_year, by=office)
        registry.enroll_agencies(
            assessment_round=assessment_round, agencies=Agency.objects.filter(fictional=True), by=office
        )
        registry.set_round_status(assessment_round=assessment_round, status=Round.Status.RUNNING, by=office)
        registry.distribute_agencies(assessment_round=assessment_round, by=office)
        folder = assessment_round.parcels
        make_parcels(
            framework,
            [c for c, *_ in fiction],
            np.clip(level + 0.03 * k, 0.5, 0.95),
            folder,
            seed=framework.fiscal_year,
        )
        made = results.compute_round(
            assessment_round=assessment_round, folder=folder, by=office, note="ข้อมูลสมมุติเพื่อการสาธิต"
        )
        results.publish(result_set=made, by=office)
    say("ยื่นและตรวจการเปิดเผยข้อมูลสาธิต …")
    _disclosures(users, [f.fiscal_year for f in newest], web)
    say("ทำแผนยกระดับและติดตามผล …")
    _plans(users, newest[-1].fiscal_year)
    log_audit(by=None, action="demo.load", subject="ข้อมูลสาธิต")


def _disclosures(users: dict[Role, User], years: list[int], web: int) -> None:
    """อบจ.ศรีสมมุติ: last year filed, confirmed, marked, replied to and decided; this year begun, with links that are
    not right."""
    decider = invite_user(
        email="assessor2@demo.test",
        name="ผู้ใช้สาธิต ผู้ประเมินอีกคน",
        role=Role.ASSESSOR,
        by=None,
        site="http://127.0.0.1:8000",
    )
    decider.set_password(PASSWORD)
    decider.save()
    officer, assessor, agency = users[Role.OFFICER], users[Role.ASSESSOR], Agency.objects.get(code="Z0001")
    quick = replace(link_checks.check_policy(), pause_seconds=0.0, obey_robots=False)  # its own little website
    before, now = (filings.get_filing(Round.objects.get(fiscal_year=y), agency) for y in years)
    for phase in before.round.phases.all():
        registry.set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=users[Role.OFFICE])
    items = filings.items(rules.load(before.round.framework))
    for item in items:
        _file(before, item, demo_site.address(web, years[0], item.id), officer)
    for _ in link_checks.check_links(link_checks.claim_due_links(timezone.now()), quick):
        pass
    disclosure.confirm_filing(
        filing=before,
        position="นายกองค์การบริหารส่วนจังหวัด",
        by=users[Role.EXECUTIVE],
        content_digest=digest.of_json(filings.filed_content(before)),
    )
    before.refresh_from_db()
    missing = {
        items[6].id: "ไม่มีแผนของปีที่ประเมิน",
        items[13].id: "แสดงเพียงบางไตรมาส",
        items[20].id: "ไม่มีช่องทางที่ประชาชนใช้ได้",
    }
    for item in items:
        why = missing.get(item.id, "")
        disclosure.mark_item(
            filing=before,
            item=item.id,
            points=0 if why else 100,
            reasons=["องค์ประกอบไม่ครบ"] if why else [],
            comment=why,
            elements=[] if why else range(len(item.elements)),
            by=assessor,
        )
    disclosure.release_marks(filing=before, by=assessor)
    disclosure.clarify_mark(
        filing=before, item=items[13].id, text="ไตรมาสที่ 3 และ 4 อยู่ในลิงก์เดียวกัน เลื่อนลงด้านล่าง", by=officer
    )
    disclosure.mark_item(
        filing=before,
        item=items[13].id,
        points=100,
        reasons=[],
        comment="พบครบทุกไตรมาสในสำเนาตอนยื่น",
        elements=[],
        by=decider,
        stage="decision",
    )
    wrong = [demo_site.OLD, demo_site.GONE, demo_site.MOVED, demo_site.SIGN_IN, demo_site.EMPTY]
    for k, item in enumerate(filings.items(rules.load(now.round.framework))[:12]):
        kind = wrong[k // 2] if k % 2 and k // 2 < len(wrong) else ""
        _file(now, item, demo_site.address(web, years[1], item.id, kind), officer)
    disclosure.add_remark(filing=now, item="", text="ข้อที่เหลือขอให้กองคลังส่งลิงก์ภายในสัปดาห์หน้า", by=users[Role.EXECUTIVE])
    for _ in link_checks.check_links(link_checks.claim_due_links(timezone.now()), quick):
        pass


def _file(filing: Filing, item: DisclosureItem, address: str, by: User) -> None:
    asked = [k for k, _ in filings.required_elements(item, filing.agency)]
    disclosure.file_entry(
        filing=filing, item=item.id, addresses=address, explanation="", elements=asked, revision=0, by=by
    )


def _fiction() -> Iterator[tuple[str, str, str, str, str]]:
    yield "Z0001", f"องค์การบริหารส่วนจังหวัด{PROVINCE}", AgencyType.PROVINCIAL_ORGANIZATION, PROVINCE, f"เมือง{PROVINCE}"
    yield "Z0002", f"จังหวัด{PROVINCE}", AgencyType.PROVINCE, PROVINCE, f"เมือง{PROVINCE}"
    yield "Z0003", f"เทศบาลเมือง{PROVINCE}", AgencyType.TOWN, PROVINCE, f"เมือง{PROVINCE}"
    districts = (f"เมือง{PROVINCE}", "ดอนงาม", "ท่าใหม่สมมุติ", "ภูเขียวสมมุติ")
    for k in range(37):
        town = k % 3 == 0
        name = _NAMES[k % len(_NAMES)] + ("เหนือ" if k >= len(_NAMES) else "")
        kind = AgencyType.SUBDISTRICT_MUNICIPALITY if town else AgencyType.SUBDISTRICT_ORGANIZATION
        yield f"Z{k + 4:04}", f"{kind.label}{name}", kind, PROVINCE, districts[k % 4]


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
    """Through the import's own steps; a contradicted figure is corrected where the others leave only one value."""
    imported = results.upload(
        path=path, file_name=path.name, shape=Import.Shape.DOCUMENT, by=office, agency=agency, enqueue=False
    )
    results.read_import.call(imported.pk)
    imported.refresh_from_db()
    for year in queries.import_years(imported):
        lines = queries.review_figures(imported, year)
        values = {
            x.node: (x.check.likely if x.contradicted and x.check and x.check.likely else x.value)
            for x in lines
            if x.value
        }
        made = results.confirm_document(imported=imported, agency=agency, fiscal_year=year, values=values, by=office)
        results.publish(result_set=made, by=office)


# by place of the measure: who is responsible, baht, and what was done by each due date (status, done, obstacles)
_FOLLOWED: dict[int, tuple[str, int | None, tuple[tuple[str, str, str], ...]]] = {
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


def _plans(users: dict[Role, User], year: int) -> None:
    """A plan that was approved, followed up, and has an outcome; and plans of other agencies for the library to
    count."""
    plan = _approved(users, "Z0001", year, own=True)
    rows = plans.measures_of(plan)
    for place, (*_, reports) in _FOLLOWED.items():
        for due, (status, done, obstacles) in zip(
            build_snapshot(plan).measures[place].due_dates, reports, strict=False
        ):
            improvement.add_follow_up(
                measure=rows[place],
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
        _approved(users, f"Z{k:04}", year, own=False)


def _approved(users: dict[Role, User], code: str, year: int, *, own: bool) -> Plan:
    officer, executive = users[Role.OFFICER], users[Role.EXECUTIVE]
    plan = improvement.start_plan(agency=Agency.objects.get(code=code), result_year=year - 1, by=officer)
    if own:
        edits = []
        for place, (units, baht, _) in _FOLLOWED.items():
            measure = plans.measures_of(plan)[place]
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
    for instrument in framework.survey_instruments():
        lean = np.repeat(level, respondents) + (0.03 if instrument.id.endswith("1") else -0.02)
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
