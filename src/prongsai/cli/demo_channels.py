"""The channels of the demonstration: answered questions, one that waits, a month of complaints in the statistics, one
complaint that is open; satisfaction at two counters, a consultation with its result and one that is open."""

import datetime
from collections.abc import Callable
from contextlib import AbstractContextManager

from prongsai.people.models import User
from prongsai.registry.models import Agency
from prongsai.sites import actions, consultations, satisfaction, sealing
from prongsai.sites.models import ChannelSettings, Complaint
from prongsai.sites.opinions import Consultation, Service
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
_SERVICES = (("งานทะเบียนราษฎร ช่อง 2", "Civil registration, counter 2"), ("งานจัดเก็บรายได้", "Revenue collection"))
_ANSWERS = ((32, 27), (29, 3), (45, 12))  # of each service, by month
_COMMENT = "เจ้าหน้าที่อธิบายดี แต่ที่นั่งรอไม่พอ"
_CONSULTATION = {
    "title": "ที่ตั้งลานกีฬาชุมชนแห่งใหม่",
    "text": "มีงบประมาณสร้างลานกีฬาหนึ่งแห่ง ที่ดินของหน่วยงานที่ใช้ได้มีสองแปลง แปลงหน้าวัดอยู่ใกล้ตลาด แปลงข้างโรงเรียนกว้างกว่า",
    "purpose": "เสนอคณะกรรมการพัฒนาท้องถิ่นก่อนบรรจุในแผน และแจ้งผลที่หน้านี้ภายในหนึ่งเดือนหลังปิดรับ",
    "choices": ["แปลงข้างโรงเรียน", "แปลงหน้าวัด", "ยังไม่ควรสร้าง"],
}
_OPINIONS = ("เด็กเดินจากโรงเรียนได้ ไม่ต้องข้ามถนนใหญ่", "คนที่มาตลาดได้ใช้ด้วย", "ซ่อมลานเดิมที่หมู่ 3 ก่อน")
_HEARD = "ผู้แสดงความคิดเห็นส่วนใหญ่เลือกแปลงข้างโรงเรียน เพราะปลอดภัยและกว้างกว่า บางส่วนขอให้ซ่อมลานเดิมด้วย"
_DECIDED = "สร้างที่แปลงข้างโรงเรียน และตั้งงบซ่อมลานเดิมของหมู่ที่ 3 ในปีถัดไป"
_OPEN_CONSULTATION = {
    "title": "เวลาเปิดปิดสวนสาธารณะ",
    "text": "ปัจจุบันเปิด 05.00 ถึง 20.00 น. มีผู้ขอให้ขยายเวลา และมีบ้านใกล้สวนกังวลเรื่องเสียง",
    "purpose": "กองสาธารณสุขใช้ปรับเวลาเปิดปิดของปีงบประมาณหน้า",
    "choices": ["เหมือนเดิม", "เปิดถึง 22.00 น."],
}
_EARLIER = 6  # complaints of an earlier month, of one kind: enough to be shown


def use_channels(*, agency: Agency, officer: User, begins: datetime.date, travel: Travel) -> None:
    """Open the channels of an agency on a day, and use them for a month, in the order of its days."""
    with travel(begins):
        settings = ChannelSettings(agency=agency, questions_open=True, complaints_open=True, procedure=_PROCEDURE)
        settings.retention_days = 3 * 365  # so that the demonstration keeps its year
        settings.contact = "โทร 0 0000 0000 ในเวลาราชการ หรือที่สำนักงาน"
        actions.set_channels(settings=settings, by=officer)
        services = _name_services(agency, officer)
        asked = _consult(agency, officer, begins)
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
    with travel(begins + datetime.timedelta(21)):
        for opinion in consultations.pending_opinions(asked):
            consultations.read_opinion(opinion=opinion, reason="", by=officer)
        consultations.publish_result(consultation=asked, heard=_HEARD, decided=_DECIDED, by=officer)
    _rate_services(services, begins, travel)


def _name_services(agency: Agency, officer: User) -> list[Service]:
    return [
        satisfaction.save_service(service=Service(agency=agency, name=name, name_en=name_en), by=officer)
        for name, name_en in _SERVICES
    ]


def _rate_services(services: list[Service], begins: datetime.date, travel: Travel) -> None:
    """Answers in three months; so few at one of the counters in one month that they are withheld."""
    for month, numbers in enumerate(_ANSWERS):
        with travel((begins.replace(day=1) + datetime.timedelta(31 * month)).replace(day=28)):
            for service, number in zip(services, numbers, strict=True):
                for k in range(number):
                    steps = {q: 3 + (k + n + month) % 3 for n, q in enumerate(satisfaction.QUESTIONS)}
                    comment = _COMMENT if k == 0 else ""
                    token = sealing.draw_secret()
                    satisfaction.store_answer(service=service, steps=steps, comment=comment, token=token)


def _consult(agency: Agency, officer: User, begins: datetime.date) -> Consultation:
    draft = Consultation(agency=agency, closes_on=begins + datetime.timedelta(14), **_CONSULTATION)
    saved = consultations.save_consultation(consultation=draft, by=officer)
    asked = consultations.open_consultation(consultation=saved, by=officer)
    for choice, number in enumerate((14, 9, 3)):
        for k in range(number):
            text = _OPINIONS[choice] if k == 0 else ""
            token = consultations.draw_token()
            consultations.give_opinion(consultation=asked, choice=choice, text=text, token=token)
    return asked


def leave_waiting(*, agency: Agency, officer: User, day: datetime.date, travel: Travel) -> None:
    """What waits on a day: a question, a complaint, and statistics of the last month; those before are published."""
    with travel(day):
        actions.ask_question(agency=agency, text=_WAITING, reference="")
        for first_day in reversed(months_to_publish(agency)[1:]):
            actions.publish_month(agency=agency, first_day=first_day, by=officer)
        for first_day in reversed(satisfaction.months_to_publish(agency)[1:]):
            satisfaction.publish_month(agency=agency, first_day=first_day, by=officer)
        draft = Consultation(agency=agency, closes_on=day + datetime.timedelta(30), **_OPEN_CONSULTATION)
        saved = consultations.save_consultation(consultation=draft, by=officer)
        consultations.open_consultation(consultation=saved, by=officer)
        _submit(
            agency,
            Complaint.Kind.CORRUPTION,
            "ผู้รับเหมาบอกว่าต้องจ่ายให้เจ้าหน้าที่ตรวจรับงานก่อนจึงจะได้เบิกเงิน (เรื่องสมมุติของระบบสาธิต)",
        )


def _submit(agency: Agency, kind: str, text: str) -> Complaint:
    new = actions.NewComplaint(secret=sealing.draw_secret(), kind=kind, about=Complaint.About.OTHER, text=text)
    return actions.submit_complaint(agency=agency, new=new)
