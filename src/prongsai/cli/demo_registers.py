"""The registers of the demonstration: every kind with content, each in another stage of its approval."""

import datetime
from collections.abc import Mapping, Sequence

from prongsai.documents import actions as papers
from prongsai.documents.sources import LinePosition
from prongsai.improvement.models import RegisterSheet
from prongsai.improvement.registers import actions, queries
from prongsai.improvement.registers.kinds import load
from prongsai.lib import digest, fiscal
from prongsai.people.models import User
from prongsai.registry.models import Agency

_Row = Mapping[str, str]
_PROJECTS: Sequence[_Row] = (
    {
        "dimension": "การสร้างวัฒนธรรมสุจริต",
        "project": "อบรมคุณธรรมและจริยธรรมของผู้บริหารและบุคลากร",
        "objective": "ให้บุคลากรยึดมั่นในมาตรฐานทางจริยธรรม",
        "target": "บุคลากรเข้าร่วมไม่น้อยกว่าร้อยละ 80",
        "budget": "20000.00",
        "unit": "สำนักปลัด",
        "starts": "2",
        "ends": "5",
    },
    {
        "dimension": "การบริหารราชการด้วยความโปร่งใสเพื่อป้องกันการทุจริต",
        "project": "เผยแพร่ข้อมูลการจัดซื้อจัดจ้างรายเดือน",
        "objective": "ให้ประชาชนตรวจสอบการใช้งบประมาณได้",
        "target": "เผยแพร่ครบทั้ง 12 เดือน",
        "unit": "กองคลัง",
        "starts": "1",
        "ends": "12",
    },
    {
        "dimension": "การส่งเสริมบทบาทและการมีส่วนร่วมของประชาชน",
        "project": "เปิดเวทีประชาคมรับฟังความคิดเห็นและข้อร้องเรียน",
        "objective": "ให้ประชาชนร่วมติดตามการดำเนินงาน",
        "target": "จัดครบทุกหมู่บ้านอย่างน้อยปีละครั้ง",
        "budget": "15000.00",
        "unit": "สำนักปลัด",
        "starts": "3",
        "ends": "9",
    },
)
_RESULTS: Sequence[_Row] = (
    {
        "half_status": "done",
        "half_result": "จัดอบรม 1 ครั้ง ผู้เข้าร่วม 42 คน จากทั้งหมด 48 คน",
        "half_spent": "18500.00",
        "year_status": "done",
        "year_result": "จัดอบรมครบตามแผน ผู้เข้าร่วม 42 คน",
        "year_spent": "18500.00",
        "achievement": "บรรลุเป้าหมาย บุคลากรเข้าร่วมร้อยละ 87.5",
        "obstacles": "ไม่พบ",
    },
    {
        "half_status": "doing",
        "half_result": "เผยแพร่แล้ว 6 เดือน",
        "year_status": "done",
        "year_result": "เผยแพร่ครบ 12 เดือน ทั้งไฟล์ PDF และ Excel",
        "achievement": "บรรลุเป้าหมาย",
        "obstacles": "เดือนมีนาคมเผยแพร่ล่าช้า 5 วัน",
        "suggestion": "กำหนดผู้รับผิดชอบสำรอง",
    },
    {
        "half_status": "doing",
        "half_result": "จัดแล้ว 4 จาก 9 หมู่บ้าน",
        "half_spent": "6000.00",
        "half_obstacles": "ฝนตกหนักเลื่อนกำหนด 1 หมู่บ้าน",
        "year_status": "done",
        "year_result": "จัดครบทั้ง 9 หมู่บ้าน ผู้เข้าร่วมรวม 315 คน",
        "year_spent": "14200.00",
        "achievement": "บรรลุเป้าหมาย",
        "obstacles": "ไม่พบ",
        "suggestion": "เพิ่มช่องทางแสดงความคิดเห็นออนไลน์",
    },
)
_RISKS: Sequence[_Row] = (
    {
        "area": "procurement",
        "process": "การกำหนดคุณลักษณะเฉพาะของพัสดุ",
        "event": "กำหนดคุณลักษณะเอื้อประโยชน์แก่ผู้เสนอราคารายใดรายหนึ่ง",
        "likelihood": "2",
        "impact": "5",
        "control": "คณะกรรมการกำหนดคุณลักษณะจากหลายส่วนงาน",
        "measure": "เผยแพร่ร่างคุณลักษณะเพื่อรับฟังความคิดเห็นก่อนประกาศทุกครั้ง",
        "unit": "กองคลัง",
        "starts": "1",
        "ends": "12",
    },
    {
        "area": "spending",
        "process": "การเบิกค่าเดินทางไปราชการ",
        "event": "เบิกค่าเดินทางไม่ตรงตามจริง",
        "likelihood": "3",
        "impact": "3",
        "control": "หัวหน้าส่วนงานรับรองหลักฐาน",
        "measure": "สุ่มตรวจหลักฐานการเบิกทุกไตรมาสและรายงานผู้บริหาร",
        "unit": "กองคลัง",
        "starts": "1",
        "ends": "12",
    },
    {
        "area": "permits",
        "process": "การออกใบอนุญาตก่อสร้างอาคาร",
        "event": "เรียกรับประโยชน์เพื่อเร่งรัดการอนุญาต",
        "likelihood": "2",
        "impact": "4",
        "control": "คู่มือประชาชนกำหนดระยะเวลาการอนุญาต",
        "measure": "ให้ยื่นคำขอและติดตามสถานะทางออนไลน์",
        "unit": "กองช่าง",
        "starts": "2",
        "ends": "9",
    },
)
_ACTIVITIES: Sequence[_Row] = (
    {
        "month": "1",
        "activity": "ประชุมชี้แจงนโยบายไม่รับของขวัญแก่บุคลากรทุกส่วนงาน",
        "topic": "culture",
        "detail": "ผู้บริหารนำกล่าวเจตนารมณ์และลงนามร่วมกัน",
        "participants": "46",
        "executive_joined": "yes",
    },
    {
        "month": "1",
        "activity": "อธิบายหลักเกณฑ์การรับทรัพย์สินหรือประโยชน์อื่นใดในการประชุมประจำเดือน",
        "topic": "knowledge",
        "detail": "แจกสรุปหนึ่งหน้าและตอบคำถาม",
        "participants": "46",
        "executive_joined": "yes",
    },
)
_GIFTS: Sequence[_Row] = (
    {
        "month": "4",
        "item": "กระเช้าผลไม้",
        "value": "900.00",
        "giver": "private",
        "receiver": "agency",
        "occasion": "festival",
        "handled": "returned",
    },
    {
        "month": "7",
        "item": "สมุดบันทึกและปฏิทิน",
        "value": "300.00",
        "giver": "government",
        "receiver": "staff",
        "occasion": "visit",
        "handled": "permitted",
    },
)
_ETHICS: Sequence[_Row] = (
    {
        "month": "1",
        "activity": "อบรมประมวลจริยธรรมและข้อควรทำ ไม่ควรทำ",
        "topic": "code",
        "detail": "อภิปรายกรณีตัวอย่างในงานพัสดุและงานบุคคล",
        "participants": "44",
        "executive_joined": "yes",
    },
    {
        "month": "1",
        "activity": "ให้ความรู้หลักเกณฑ์การรับทรัพย์สินหรือประโยชน์อื่นใด",
        "topic": "benefits",
        "detail": "แจกคู่มือและตอบคำถามของแต่ละส่วนงาน",
        "participants": "40",
        "executive_joined": "no",
    },
)
_PARTICIPATION: Sequence[_Row] = (
    {
        "month": "1",
        "activity": "ประชุมติดตามการเปิดเผยข้อมูลต่อสาธารณะ",
        "role": "followed",
        "topic": "disclosure",
        "detail": "มอบหมายผู้รับผิดชอบรายข้อและกำหนดวันรายงาน",
    },
)


def keep_registers(*, agency: Agency, year: int, officer: User, executive: User, line: Sequence[LinePosition]) -> None:
    """The registers of an agency in a fiscal year and the year before, on a day early in the year: last year's plan
    with the results of both reports, its gifts; of this year a plan that was approved and waits to be issued, risks
    that wait for the executive, to whom a memo brings them up the ``line`` of signatures, a declaration in force with
    its first activity, gifts that are being written, activities of ethics and those that the executive took part in."""
    position = line[-1].position
    last = [{**project, **result} for project, result in zip(_PROJECTS, _RESULTS, strict=True)]
    _approve(_fill(agency, year - 1, "action_plan", last, officer), officer, executive, position)
    _fill(agency, year - 1, "gifts", _GIFTS, officer)
    plan = _fill(agency, year, "action_plan", _PROJECTS, officer)
    _approve(plan, officer, executive, position)
    actions.set_public(sheet=plan, public=True, by=executive)
    actions.submit_sheet(sheet=_fill(agency, year, "risk", _RISKS, officer), by=officer)
    _propose(agency, year, "risk_table", line, officer, executive)
    _approve(_fill(agency, year, "no_gift", _ACTIVITIES, officer), officer, executive, position)
    _fill(agency, year, "gifts", _GIFTS[:1], officer)
    _fill(agency, year, "ethics", _ETHICS, officer)
    _fill(agency, year, "executive", _PARTICIPATION, officer)


def _fill(agency: Agency, year: int, kind: str, rows: Sequence[_Row], by: User) -> RegisterSheet:
    definition = load()[kind]
    defaults = {
        field.key: field.default.format(agency=agency.name_th, executive="ผู้บริหารสูงสุด")
        for field in definition.fields
        if field.default
    }
    days = {
        f.key: (fiscal.first_day(year) + datetime.timedelta(14)).isoformat()
        for f in definition.fields
        if f.type == "day"
    }
    sheet = actions.start_sheet(agency=agency, fiscal_year=year, kind=definition, defaults=defaults | days, by=by)
    actions.import_records(sheet=sheet, rows=rows, token=f"demo-{kind}-{year}", by=by)
    return sheet


def _approve(sheet: RegisterSheet, officer: User, executive: User, position: str) -> None:
    actions.submit_sheet(sheet=sheet, by=officer)
    actions.approve_sheet(
        sheet=sheet, by=executive, position=position, expected_digest=digest.of_json(queries.content_of(sheet))
    )


def _propose(
    agency: Agency, year: int, paper: str, line: Sequence[LinePosition], officer: User, executive: User
) -> None:
    """A memo that puts a paper before the executive, signed by its author."""
    position = line[-1].position
    memo = papers.write_memo(
        agency=agency,
        fiscal_year=year,
        about=paper,
        office="สำนักปลัด",
        to=position,
        reference_number="",
        subject="",
        line=line,
        by=officer,
    )
    papers.sign_memo(
        memo=memo,
        opinion="ตรวจสอบแล้ว เห็นควรเสนอเพื่อโปรดพิจารณา",
        content_digest=papers.digest_memo(memo),
        to=executive,
        position=position,
        by=officer,
    )
