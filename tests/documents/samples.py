"""Document data from the scores that five agencies published (tests/content.py), corrected where the audit says how."""

import dataclasses
import datetime
from fractions import Fraction

from prongsai import framework as rules
from prongsai.documents.content.data import (
    Disclosure,
    DocumentData,
    FollowUp,
    Measure,
    MemoHeader,
    NamedText,
    Office,
    Register,
    RegisterRecord,
    Signatory,
    YearResult,
)
from prongsai.improvement.registers.kinds import papers as register_papers
from tests.content import TRUTH

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}
# what the audit finds right instead of what was printed
CORRECTED = {"EIT1/7": "98.38", "EIT2/e1": "95", "EIT2/e2": "95", "EIT2/6": "96.67", "O6": "0", "O27": "0"}
OFFICES = {
    "lumphuek": Office(
        name="องค์การบริหารส่วนตำบลลุ่มพื้ก", prepared_by="สำนักปลัด", executive_position="นายกองค์การบริหารส่วนตำบลลุ่มพื้ก"
    ),
    "daengmo": Office(
        name="องค์การบริหารส่วนตำบลแดงหม้อ",
        place="อำเภอเขื่องใน จังหวัดอุบลราชธานี",
        prepared_by="สำนักปลัด",
        executive_position="นายกองค์การบริหารส่วนตำบลแดงหม้อ",
    ),
    "bangpla": Office(
        name="เทศบาลตำบลบางปลา",
        place="อำเภอเมืองสมุทรสาคร จังหวัดสมุทรสาคร",
        prepared_by="งานธุรการ สำนักปลัดเทศบาล",
        executive_position="นายกเทศมนตรีตำบลบางปลา",
    ),
    "talingchan": Office(
        name="สำนักงานเขตตลิ่งชัน", place="กรุงเทพมหานคร", prepared_by="ฝ่ายปกครอง", executive_position="ผู้อำนวยการเขตตลิ่งชัน"
    ),
    "phron": Office(
        name="องค์การบริหารส่วนตำบลพร่อน", prepared_by="สำนักปลัด", executive_position="นายกองค์การบริหารส่วนตำบลพร่อน"
    ),
}
YEARS = {"lumphuek": 2564, "daengmo": 2564, "bangpla": 2568, "talingchan": 2564, "phron": 2564}
COMMENTS = {
    "O1": "ผังที่นำมาแสดงยังขาดฝ่ายการเมือง",
    "O8": "ไม่มีช่องทางถามตอบ",
    "O23": "ขาดข้อมูลบางเดือน",
    "O27": "หลักเกณฑ์ยังไม่ครบห้าเรื่อง",
    "O29": "เป็นคู่มือร้องทุกข์ทั่วไป",
}
MEASURES = (
    Measure(
        indicators=("9",),
        title="ตรวจและเติมข้อมูลบนเว็บไซต์ให้ครบทุกเดือน",
        finding="ข้อมูลบางเรื่องยังไม่ครบตามองค์ประกอบ",
        steps=("มอบหมายผู้รับผิดชอบรายข้อพร้อมวันส่ง", "ตรวจลิงก์ทุกสัปดาห์แรกของเดือน", "รายงานข้อที่ขาดต่อปลัด"),
        period="ตุลาคม ถึง มีนาคม",
        responsible=("สำนักปลัด", "กองคลัง"),
        budget="ไม่ใช้งบประมาณ",
        success="ทุกข้อเปิดได้และเป็นปัจจุบัน",
        monitoring="ปลัดติดตามทุกเดือน",
        follow_ups=(
            FollowUp(
                date=datetime.date(2021, 3, 31),
                status="ดำเนินการแล้ว",
                work_done="ปรับข้อมูลครบ 30 ข้อ",
                evidence=("ภาพหน้าเว็บ",),
                obstacles="บุคลากรมีน้อย",
                suggestion="อบรมผู้ดูแลเว็บไซต์เพิ่ม",
            ),
        ),
    ),
    Measure(
        indicators=("10", "5"),
        title="จัดทำแผนป้องกันการทุจริตและรายงานผลรอบครึ่งปี",
        finding="แผนและรายงานผลยังไม่แสดงครบ",
        steps=("จัดประชุมทุกกองเพื่อทบทวนความเสี่ยง", "ลงแผนและรายงานบนเว็บไซต์"),
        period="ตลอดปีงบประมาณ",
        responsible=("สำนักปลัด",),
        budget="20,000 บาท",
        success="มีรายงานครบสองรอบ",
        monitoring="รายงานผู้บริหารทุกไตรมาส",
        follow_ups=(FollowUp(date=datetime.date(2021, 4, 5), status="อยู่ระหว่างดำเนินการ", work_done="ประชุมแล้ว 1 ครั้ง"),),
    ),
)


def year_result(name: str, year: int) -> YearResult:
    scores = {
        node: Fraction(CORRECTED.get(node, value) if name == "bangpla" else value)
        for y, node, value in TRUTH[name]
        if y == year and node in FRAMEWORKS[year].nodes
    }
    return YearResult(FRAMEWORKS[year], scores)


def sample_data(name: str, **changes: object) -> DocumentData:
    """The data of one of the five agencies, with changes of its fields."""
    year, office = YEARS[name], OFFICES[name]
    date = datetime.date(year - 543 + 1, 2, 2)
    data = DocumentData(
        office=office,
        result=year_result(name, year),
        memo_header=MemoHeader(
            office=f"{office.prepared_by} {office.name}",
            to=office.executive_position,
            reference_number="ทส 12345/",
            date=date,
        ),
        signatories=(
            Signatory("นักวิเคราะห์นโยบายและแผนชำนาญการ"),
            Signatory("หัวหน้าสำนักปลัด"),
            Signatory("ปลัด", opinion="เห็นควรแจ้งทุกกองเพื่อดำเนินการ"),
            Signatory(office.executive_position, opinion="ทราบ ให้ดำเนินการแก้ไขให้ครบทุกข้อ"),
        ),
        date=date,
    )
    own: dict[str, object] = {}
    if name == "bangpla":
        own = {"previous": year_result(name, 2567), "chain": (FRAMEWORKS[2567], FRAMEWORKS[2568])}
    if name == "phron":
        own = {"disclosures": tuple(Disclosure(item=i, comment=c) for i, c in COMMENTS.items())}
    if name in ("daengmo", "talingchan"):
        own = {"measures": MEASURES}
    return dataclasses.replace(data, **(own | changes))


def register_of(kind: str) -> Register | None:
    """A sheet with one record, and something in every field, for a paper of a register."""
    if kind not in register_papers():
        return None
    definition = register_papers()[kind][0]
    return Register(
        kind=definition.key,
        fields=tuple(
            NamedText(f.key, "2026-10-01" if f.type in ("day", "confirmation") else "ก") for f in definition.fields
        ),
        records=(RegisterRecord((NamedText(definition.subject, "ข"),)),),
    )
