"""Reads about people."""

from dataclasses import dataclass

from django.db.models import QuerySet

from prongsai.people.actions import START, entry_digest
from prongsai.people.models import AuditEntry, AuditHead, Notice, User


@dataclass(frozen=True)
class TrailCheck:
    """Whether the audit trail is whole: ``problem`` says in Thai what is not, or is empty. ``head`` is the digest of
    the last entry; kept elsewhere, it also tells when the end of the trail has been cut off."""

    entries: int
    head: str
    problem: str


def verify_trail(head: str | None = None) -> TrailCheck:
    """Walk the whole chain. ``head``: a digest noted earlier, that must still be in it."""
    previous, count, last_id, seen = START, 0, 0, head is None
    kept = AuditHead.objects.filter(id=1).first()  # first: what is added while we walk is not looked at
    for entry in AuditEntry.objects.order_by("id")[: kept.entries if kept else None].iterator():
        if entry.previous != previous:
            return TrailCheck(count, previous, f"รายการที่ {entry.pk} ไม่ต่อจากรายการก่อนหน้า (มีรายการถูกนำออกหรือสลับ)")
        if entry_digest(entry) != entry.digest:
            return TrailCheck(count, previous, f"รายการที่ {entry.pk} ถูกแก้ไขหลังบันทึก")
        previous, count, last_id = entry.digest, count + 1, entry.pk
        seen = seen or entry.digest == head
    if kept and (kept.digest != previous or kept.entries != count):
        return TrailCheck(
            count, previous, f"รายการหลังรายการที่ {last_id} หายไป (เคยมี {kept.entries} รายการ เหลือ {count})"
        )
    if not seen:
        return TrailCheck(count, previous, f"ไม่พบรายการ {head} ที่เคยจดไว้")
    return TrailCheck(count, previous, "")


def trail(*, action: str = "", agency: str = "") -> QuerySet[AuditEntry]:
    """Entries, newest first."""
    entries = AuditEntry.objects.order_by("-id")
    if action:
        entries = entries.filter(action__startswith=action)
    return entries.filter(agency=agency) if agency else entries


def unread(user: User) -> int:
    return Notice.objects.filter(user=user, read_at=None).count()
