"""The survey's background work: mixing waiting envelopes every minute, a new key every night, and the nation's totals
once a day."""

from django.utils import timezone

from prongsai.jobs.kinds import Queue, periodic
from prongsai.jobs.leases import Lease
from prongsai.survey import mixing
from prongsai.survey.actions import note_totals
from prongsai.survey.rights import note_exchanged


@periodic(title="ผสมคำตอบที่รออยู่", queue=Queue.SURVEY, seconds=60, when=mixing.has_ready_channels)
def mix_answers(_: Lease) -> None:
    """Mix every channel that has enough envelopes; each in one transaction, with its row locked."""
    mixing.mix_ready_channels()


@periodic(title="เปลี่ยนกุญแจของซองคำตอบ", queue=Queue.SURVEY)
def rotate_key(_: Lease) -> None:
    """Rotate the key, unless it was created today."""
    mixing.rotate_key_nightly()


@periodic(title="จดจำนวนคำตอบทั้งประเทศเมื่อเช้า", queue=Queue.BULK)
def note_day(lease: Lease) -> None:
    """Note the totals of the nation, and how many invitations were exchanged, once a day."""
    with lease.write():
        note_totals(on=timezone.localdate())
        note_exchanged()
