"""The channels of the demonstration: answered questions, one that waits, a month of complaints in the statistics, and
one complaint that is open."""

import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager

from prongsai.people.models import User
from prongsai.registry.models import Agency
from prongsai.sites import actions, sealing
from prongsai.sites.models import ChannelSettings, Complaint
from prongsai.sites.queries import months_to_publish

Travel = Callable[[datetime.date], AbstractContextManager[None]]

_QUESTIONS = (
    (
        "รถเก็บขยะเข้าหมู่ที่ 4 วันไหน ช่วงนี้ถังเต็มทุกอาทิตย์",
        "เข้าทุกวันอังคารและวันศุกร์ ก่อน 9 โมงเช้า ตั้งแต่เดือนหน้าเพิ่มรอบวันอาทิตย์ หากรถไม่เข้า โทรแจ้งงานสาธารณสุขได้ในเวลาราชการ",
    ),
    (
        "ขอใบอนุญาตก่อสร้างบ้านชั้นเดียวต้องใช้เอกสารอะไร และเสียค่าธรรมเนียมเท่าไร",
        "ใช้แบบคำขอ ข.1 สำเนาโฉนด และแบบแปลน ค่าธรรมเนียมเป็นไปตามกฎกระทรวง ไม่มีค่าใช้จ่ายอื่น เจ้าหน้าที่ออกใบเสร็จทุกครั้ง",
    ),
    (
        "โครงการถนนหน้าโรงเรียนเสร็จเมื่อใด",
        "ตามสัญญาแล้วเสร็จภายในเดือนนี้ ขณะนี้ทำได้ร้อยละ 70 รายละเอียดสัญญาและผู้รับจ้างอยู่ในหน้าการจัดซื้อจัดจ้าง",
    ),
)
_WAITING = "สนามกีฬาของตำบลเปิดให้ใช้ถึงกี่ทุ่ม"
_PROCEDURE = (
    "1. ศูนย์รับเรื่องร้องเรียนรับเรื่องและแจ้งเลขเรื่องทันที\n"
    "2. ตรวจสอบข้อเท็จจริงเบื้องต้น และขอข้อมูลเพิ่มจากผู้ร้องทางหน้าติดตามเรื่อง\n"
    "3. เสนอผู้บริหารพิจารณา หรือส่งหน่วยงานที่มีอำนาจ\n"
    "4. แจ้งผลให้ผู้ร้องทราบทางหน้าติดตามเรื่อง"
)
_EARLIER = 6  # complaints of an earlier month, of one kind: enough to be shown


def use_channels(*, agency: Agency, officer: User, begins: datetime.date, travel: Travel) -> None:
    """Open the channels of an agency on a day, and use them for a month, in the order of its days."""
    with travel(begins):
        settings = ChannelSettings(agency=agency, questions_open=True, complaints_open=True, procedure=_PROCEDURE)
        settings.contact = "โทร 0 0000 0000 ในเวลาราชการ หรือที่สำนักงาน"
        actions.set_channels(settings=settings, by=officer)
    with travel(begins + datetime.timedelta(3)):
        for number in range(_EARLIER):
            complaint = _submit(agency, Complaint.Kind.GENERAL, f"ไฟถนนดับ จุดที่ {number + 1} ของหมู่ที่ 2")
            actions.take_complaint(complaint=complaint, by=officer)
            actions.record_opening(complaint=complaint, by=officer)
            text = "ช่างไฟฟ้าซ่อมแล้ว หากดับอีกเขียนเพิ่มได้ในหน้านี้"
            token = sealing.draw_secret()
            actions.close_complaint(
                complaint=complaint, outcome=Complaint.Outcome.FOUNDED, text=text, token=token, by=officer
            )
    for number, (text, answer) in enumerate(_QUESTIONS):
        with travel(begins + datetime.timedelta(8 * number)):
            question = actions.ask_question(agency=agency, text=text, reference="")
        with travel(begins + datetime.timedelta(8 * number + 4)):
            actions.publish_answer(question=question, answer=answer, by=officer)


def leave_waiting(*, agency: Agency, officer: User, day: datetime.date, travel: Travel) -> None:
    """What waits on a day: a question, a complaint, and statistics of the last month; those before are published."""
    with travel(day):
        actions.ask_question(agency=agency, text=_WAITING, reference="")
        for first_day in reversed(months_to_publish(agency)[1:]):
            actions.publish_month(agency=agency, first_day=first_day, by=officer)
        _submit(
            agency,
            Complaint.Kind.CORRUPTION,
            "ผู้รับเหมาบอกว่าต้องจ่ายให้เจ้าหน้าที่ตรวจรับงานก่อนจึงจะได้เบิกเงิน (เรื่องสมมุติของระบบสาธิต)",
        )


def _submit(agency: Agency, kind: str, text: str) -> Complaint:
    new = actions.NewComplaint(secret=sealing.draw_secret(), kind=kind, about=Complaint.About.OTHER, text=text)
    return actions.submit_complaint(agency=agency, new=new)
