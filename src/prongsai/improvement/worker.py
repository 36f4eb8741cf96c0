"""The background work of improvement plans, once a day: reminders of follow-ups, and uploads that nobody came for."""

from prongsai.improvement.actions import remind, sweep_held_uploads
from prongsai.jobs.kinds import periodic
from prongsai.jobs.leases import Lease


@periodic(title="เตือนการติดตามมาตรการ")
def remind_of_follow_ups(_: Lease) -> None:
    """Send the reminders of the day; each is sent once, however often this runs."""
    remind()


@periodic(title="ลบไฟล์แนบที่ไม่ได้บันทึก", hour=3)
def remove_held_uploads(_: Lease) -> None:
    """Remove files of refused follow-ups that have expired."""
    sweep_held_uploads()
