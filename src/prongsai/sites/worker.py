"""The background work of channels and pages, once a day: deadlines, notices of what came, files that nothing names, and
destroying what has been stored long enough. At a fixed hour, so that neither a job nor a notice says when somebody
wrote."""

from functools import partial

from prongsai.jobs.kinds import periodic
from prongsai.jobs.leases import Lease
from prongsai.people.actions import DomainError
from prongsai.registry.queries import today
from prongsai.sites import actions, arrivals, held_files, page_parts, retention


@periodic(title="ส่งเรื่องร้องเรียนที่เลยกำหนดขึ้นไป", hour=6)
def escalate_complaints(_: Lease) -> None:
    """Hand up what is late, and what is with nobody any more."""
    problems = []
    for hand_up in (actions.raise_abandoned, partial(actions.escalate_late, on=today())):
        try:
            hand_up()
        except DomainError as error:
            problems.append(str(error))
    if problems:
        raise DomainError("; ".join(problems))


@periodic(title="แจ้งเรื่องร้องเรียนที่รออยู่", hour=8)
def announce_complaints(_: Lease) -> None:
    """Tell those who handle complaints how many wait."""
    actions.announce_news()


@periodic(title="ลบไฟล์ที่ไม่มีหน้าใดใช้", hour=3)
def remove_unnamed_files(_: Lease) -> None:
    """Remove files that no page and no export names, and those of refused forms that have waited too long."""
    page_parts.remove_unnamed_files()
    held_files.remove_expired()


@periodic(title="ทำลายเรื่องที่จบแล้วเมื่อครบกำหนด", hour=3)
def destroy_ended_matters(_: Lease) -> None:
    """Destroy what channels have stored long enough."""
    retention.destroy_everywhere(on=today())


@periodic(title="เขียนสิ่งที่รับเข้ามาใหม่โดยไม่เรียงตามเวลา", hour=2)
def rewrite_what_came(_: Lease) -> None:
    """Leave no hour to what senders wrote."""
    arrivals.rewrite_arrivals(on=today())
