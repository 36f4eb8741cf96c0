"""What a worker does for this room without being asked: mail about what was published."""

from prongsai.jobs.kinds import Queue, periodic
from prongsai.jobs.leases import Lease
from prongsai.results import alerts


@periodic(title="ส่งอีเมลถึงผู้ติดตามผลที่เผยแพร่", queue=Queue.BULK, seconds=600, when=alerts.has_news)
def send_alerts(lease: Lease) -> None:
    """Mail what was published since the last mail."""
    alerts.send_alerts(lease)
