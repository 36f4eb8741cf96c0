"""The background work of improvement plans: once a day, reminders of follow-ups."""

from prongsai.improvement.actions import remind
from prongsai.jobs.kinds import periodic
from prongsai.jobs.leases import Lease


@periodic(title="เตือนการติดตามมาตรการ")
def remind_of_follow_ups(_: Lease) -> None:
    """Send the reminders of the day; each is sent once, however often this runs."""
    remind()
