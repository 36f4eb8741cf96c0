"""The background work of the installation as a whole: its daily backup; what the office does from its steering desk;
and files of many results that somebody waits for."""

from django.conf import settings
from django.utils import timezone

from prongsai.jobs.kinds import Queue, periodic
from prongsai.jobs.leases import Lease
from prongsai.machines.table_changes import join_changes
from prongsai.people.actions import record_heartbeat
from prongsai.web import link_reports, ranked_files, render_ahead, round_reports, section_export, steering, year_files


def _is_wanted() -> bool:
    return settings.BACKUPS is not None


@periodic(title="สำรองข้อมูลประจำวัน", queue=Queue.BULK, hour=2, when=_is_wanted)
def back_up(_: Lease) -> None:
    """Write and prove the backup of the day, and remove those that need not stay."""
    from prongsai.web.archive import back_up_daily, open_place

    if settings.BACKUPS is not None and back_up_daily(open_place(settings.BACKUPS), timezone.now()):
        record_heartbeat("backup")


@periodic(title="รวมรายการการเปลี่ยนแปลง", seconds=3600)
def join_table_changes(_: Lease) -> None:
    """Keep the revisions of the tables behind public pages quick to read."""
    join_changes()


__all__ = [
    "link_reports",
    "ranked_files",
    "render_ahead",
    "round_reports",
    "section_export",
    "steering",
    "year_files",
]  # whose actions a worker must know
