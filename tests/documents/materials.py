"""Material for documents from the figures that five agencies published (tests/content.py), corrected where the audit
says how."""

import datetime
from fractions import Fraction

from prongsai import framework as rules
from prongsai.documents.material import (
    Disclosure,
    FollowUp,
    Material,
    Measure,
    MemoHead,
    Office,
    Opinion,
    Result,
)
from tests.content import TRUTH

FRAMEWORKS = {int(y): rules.load(y) for y in rules.available()}
# what the audit finds right instead of what was printed
CORRECTED = {"EIT1/7": "98.38", "EIT2/e1": "95", "EIT2/e2": "95", "EIT2/6": "96.67", "O6": "0", "O27": "0"}
OFFICES = {
    "lumphuek": Office("องค์การบริหารส่วนตำบลลุ่มพื้ก", "", "สำนักปลัด", "นายกองค์การบริหารส่วนตำบลลุ่มพื้ก"),
    "daengmo": Office(
        "องค์การบริหารส่วนตำบลแดงหม้อ", "อำเภอเขื่องใน จังหวัดอุบลราชธานี", "สำนักปลัด", "นายกองค์การบริหารส่วนตำบลแดงหม้อ"
    ),
    "bangpla": Office(
        "เทศบาลตำบลบางปลา", "อำเภอเมืองสมุทรสาคร จังหวัดสมุทรสาคร", "งานธุรการ สำนักปลัดเทศบาล", "นายกเทศมนตรีตำบลบางปลา"
    ),
    "talingchan": Office("สำนักงานเขตตลิ่งชัน", "กรุงเทพมหานคร", "ฝ่ายปกครอง", "ผู้อำนวยการเขตตลิ่งชัน"),
    "phron": Office("องค์การบริหารส่วนตำบลพร่อน", "", "สำนักปลัด", "นายกองค์การบริหารส่วนตำบลพร่อน"),
}
YEARS = {"lumphuek": 2564, "daengmo": 2564, "bangpla": 2568, "talingchan": 2564, "phron": 2564}
COMMENTS = {
    "O1": "ผังที่นำมาแสดงยังขาดฝ่ายการเมือง",
    "O8": "ไม่มีช่องทางถามตอบ",
    "O23": "ขาดข้อมูลบางเดือน",
    "O27": "หลักเกณฑ์ยังไม่ครบห้าเรื่อง",
    "O29": "เป็นคู่มือร้องทุกข์ทั่วไป",
}


def result(name: str, year: int) -> Result:
    known = {
        node: Fraction(CORRECTED.get(node, value) if name == "bangpla" else value)
        for y, node, value in TRUTH[name]
        if y == year and node in FRAMEWORKS[year].nodes
    }
    return Result(FRAMEWORKS[year], known)


def material(name: str, **changes: object) -> Material:
    year = YEARS[name]
    office = OFFICES[name]
    told: dict[str, object] = {
        "office": office,
        "result": result(name, year),
        "memo": MemoHead(
            f"{office.prepared_by} {office.name}", office.head, "ทส 12345/", datetime.date(year - 543 + 1, 2, 2)
        ),
        "opinions": (
            Opinion("นักวิเคราะห์นโยบายและแผนชำนาญการ"),
            Opinion("หัวหน้าสำนักปลัด"),
            Opinion("ปลัด", text="เห็นควรแจ้งทุกกองเพื่อดำเนินการ"),
            Opinion(office.head, text="ทราบ ให้ดำเนินการแก้ไขให้ครบทุกข้อ"),
        ),
        "date": datetime.date(year - 543 + 1, 2, 2),
    }
    if name == "bangpla":
        told |= {"before": result(name, 2567), "chain": (FRAMEWORKS[2567], FRAMEWORKS[2568])}
    if name == "phron":
        told["disclosures"] = tuple(Disclosure(i, c) for i, c in COMMENTS.items())
    if name in ("daengmo", "talingchan"):
        told["plan"] = PLAN
    told |= changes
    return Material(**told)  # type: ignore[arg-type]


PLAN = (
    Measure(
        ("9",),
        "ตรวจและเติมข้อมูลบนเว็บไซต์ให้ครบทุกเดือน",
        "ข้อมูลบางเรื่องยังไม่ครบตามองค์ประกอบ",
        ("มอบหมายผู้รับผิดชอบรายข้อพร้อมวันส่ง", "ตรวจลิงก์ทุกสัปดาห์แรกของเดือน", "รายงานข้อที่ขาดต่อปลัด"),
        "ตุลาคม ถึง มีนาคม",
        ("สำนักปลัด", "กองคลัง"),
        "ไม่ใช้งบประมาณ",
        "ทุกข้อเปิดได้และเป็นปัจจุบัน",
        "ปลัดติดตามทุกเดือน",
        (
            FollowUp(
                datetime.date(2021, 3, 31),
                "ดำเนินการแล้ว",
                "ปรับข้อมูลครบ 30 ข้อ",
                "ภาพหน้าเว็บ",
                "บุคลากรมีน้อย",
                "อบรมผู้ดูแลเว็บไซต์เพิ่ม",
            ),
        ),
    ),
    Measure(
        ("10", "5"),
        "จัดทำแผนป้องกันการทุจริตและรายงานผลรอบครึ่งปี",
        "แผนและรายงานผลยังไม่แสดงครบ",
        ("จัดประชุมทุกกองเพื่อทบทวนความเสี่ยง", "ลงแผนและรายงานบนเว็บไซต์"),
        "ตลอดปีงบประมาณ",
        ("สำนักปลัด",),
        "20,000 บาท",
        "มีรายงานครบสองรอบ",
        "รายงานผู้บริหารทุกไตรมาส",
        (FollowUp(datetime.date(2021, 4, 5), "อยู่ระหว่างดำเนินการ", "ประชุมแล้ว 1 ครั้ง"),),
    ),
)
