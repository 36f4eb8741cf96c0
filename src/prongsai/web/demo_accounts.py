"""The accounts of the demonstration: who each is, and what waits for them. The loader creates them, pages list them."""

from dataclasses import dataclass

from prongsai.people.roles import Role

PASSWORD = "prongsai-demo-2026"  # noqa: S105 (printed on the screen; for the demonstration alone)
MAIN = "Z0001"  # the agency with a living task at every stage
CONFIRMING, CLARIFYING, FIRST_YEAR, MARKING = "Z0002", "Z0003", "Z0004", "Z0005"


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """An account: its name, its agencies, and what to try with it, in both languages."""

    email: str
    name: str
    role: Role
    agencies: tuple[str, ...] = ()
    tasks: str
    tasks_en: str


ACCOUNTS = (
    DemoAccount(
        email="officer@demo.test",
        name="ผู้ใช้สาธิต เจ้าหน้าที่",
        role=Role.OFFICER,
        agencies=(MAIN,),
        tasks="ทั้งปีของ อบต.ศรีสมมุติ: แก้ลิงก์ที่เสีย ยื่นข้อมูลเปิดเผยข้อที่เหลือ ชวนคนตอบแบบวัด บันทึกการติดตามแผน ออกเอกสาร",
        tasks_en="the year of one agency: broken links, items to file, respondents to invite, follow-ups, papers",
    ),
    DemoAccount(
        email="executive@demo.test",
        name="ผู้ใช้สาธิต ผู้บริหาร",
        role=Role.EXECUTIVE,
        agencies=(MAIN,),
        tasks="ลงนามบันทึกข้อความที่เจ้าหน้าที่เสนอ และดูข้อมูลเปิดเผยของ อบต.ศรีสมมุติ ก่อนยืนยัน",
        tasks_en="sign the memo that the officer wrote, read the disclosures before confirming",
    ),
    DemoAccount(
        email="officer2@demo.test",
        name="ผู้ใช้สาธิต เจ้าหน้าที่อีกคน",
        role=Role.OFFICER,
        agencies=(CONFIRMING, CLARIFYING, FIRST_YEAR),
        tasks="ชี้แจงผลตรวจ ร่างแผนยกระดับ และหน่วยงานที่เพิ่งเริ่มปีแรก ซึ่งยังไม่มีผลปีที่แล้ว",
        tasks_en="reply to marks, draft a plan, and an agency in its first year",
    ),
    DemoAccount(
        email="executive2@demo.test",
        name="ผู้ใช้สาธิต ผู้บริหารอีกคน",
        role=Role.EXECUTIVE,
        agencies=(CONFIRMING, CLARIFYING, FIRST_YEAR),
        tasks="ยืนยันข้อมูลเปิดเผยที่ยื่นครบแล้ว",
        tasks_en="confirm disclosures that are complete",
    ),
    DemoAccount(
        email="assessor@demo.test",
        name="ผู้ใช้สาธิต ผู้ประเมิน",
        role=Role.ASSESSOR,
        tasks="ตรวจให้คะแนนหน่วยงานที่ยืนยันแล้ว และชี้ขาดคำชี้แจง",
        tasks_en="mark an agency that confirmed, decide on a reply",
    ),
    DemoAccount(
        email="assessor2@demo.test",
        name="ผู้ใช้สาธิต ผู้ประเมินอีกคน",
        role=Role.ASSESSOR,
        tasks="ดูหน่วยงานที่ได้รับมอบหมาย และชี้ขาดสิ่งที่ผู้ประเมินคนแรกตรวจ",
        tasks_en="see assigned agencies, decide what the first assessor marked",
    ),
    DemoAccount(
        email="office@demo.test",
        name="ผู้ใช้สาธิต ส่วนกลาง",
        role=Role.OFFICE,
        tasks="เผยแพร่ผลที่รออยู่ ยืนยันตารางที่นำเข้า ดูความคืบหน้าของรอบที่เปิดอยู่",
        tasks_en="publish a result that waits, confirm a list of agencies, watch the open round",
    ),
    DemoAccount(
        email="auditor@demo.test",
        name="ผู้ใช้สาธิต ผู้ตรวจสอบ",
        role=Role.AUDITOR,
        tasks="ตรวจว่าบันทึกการใช้งานไม่ถูกแก้ และดูแผนของทุกหน่วยงาน",
        tasks_en="verify the audit trail, read every agency's plan",
    ),
)
