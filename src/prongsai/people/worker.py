"""What a worker does for this room: notes the head of the audit trail outside the database, and sends it out once a
day; and what the office does to many users at once."""

from django.utils import timezone

from prongsai.jobs.kinds import periodic
from prongsai.jobs.leases import Lease
from prongsai.people import bulk, trail


@periodic(title="จดรหัสท้ายสุดของบันทึกการใช้งาน", seconds=60, when=trail.is_head_unnoted)
def note_head(_: Lease) -> None:
    """Note the head in the key folder."""
    trail.note_head()


@periodic(title="ส่งรหัสท้ายสุดของบันทึกการใช้งานให้ผู้ตรวจสอบ")
def mail_head(_: Lease) -> None:
    """Send the head of the day to the auditors."""
    trail.anchor_day(on=timezone.localdate())


__all__ = ["bulk"]  # whose actions a worker must know
