"""The background work of disclosures: checks of links that are due, and once a day notices of changes; and what the
office does to many assessors or filings at once."""

from prongsai.disclosure import (
    allocation,
    assessors,
    comparisons,
    filing_list,
    link_checks,
    outages,
    rendering_work,
    scan_reading,
    snapshots,
)
from prongsai.jobs.kinds import Queue, periodic
from prongsai.jobs.leases import Lease


@periodic(title="ตรวจลิงก์ที่ถึงกำหนด", queue=Queue.LINKS, seconds=3, when=lambda: link_checks.count_due_links() > 0)
def check_due_links(lease: Lease) -> None:
    """Check what is due; an officer waits for the first check of what was just filed."""
    link_checks.check_due_links(lease)


@periodic(
    title="แสดงหน้าที่สร้างด้วยสคริปต์",
    queue=Queue.RENDERING,
    seconds=3,
    when=lambda: rendering_work.count_waiting() > 0,
)
def render_pages(lease: Lease) -> None:
    """Show the pages that scripts make in a browser, and judge what they show."""
    rendering_work.render_waiting(lease)


@periodic(title="อ่านภาพสแกนที่ยื่นเป็นลิงก์", queue=Queue.SCANS, seconds=3, when=lambda: scan_reading.count_waiting() > 0)
def read_scans(lease: Lease) -> None:
    """Read the stored copies that are pictures by OCR."""
    scan_reading.read_waiting(lease)


@periodic(title="หาเหตุขัดข้องที่ไม่ใช่ของหน่วยงาน", seconds=600, when=outages.has_failures)
def excuse_outages(lease: Lease) -> None:
    """Hold what failed with a shared server, or with our own network, against nobody."""
    outages.excuse_outages(lease)


@periodic(title="ลงสำเนาหน้าเว็บในบันทึกสาธารณะ", hour=2, when=snapshots.has_unlogged_sightings)
def log_sightings(lease: Lease) -> None:
    """One entry of the public log for the snapshots of a day."""
    snapshots.log_sightings(lease)


@periodic(title="แจ้งลิงก์ที่เปลี่ยนสถานะ", hour=8)
def notify_changes(_: Lease) -> None:
    """Send notices of links whose state changed; each change is in one of them."""
    link_checks.notify_changes()


__all__ = ["allocation", "assessors", "comparisons", "filing_list"]  # whose actions a worker must know
