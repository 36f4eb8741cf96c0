"""Reads about users, notices and the audit trail."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from prongsai.framework import NATIONAL
from prongsai.people.actions import GENESIS_DIGEST, compute_entry_digest
from prongsai.people.models import AuditEntry, AuditHead, Notice, User


@dataclass(frozen=True)
class AuditTrailCheck:
    """The result of verifying the audit trail: ``problem`` says in Thai what is wrong, or is empty. ``head`` is the
    digest of the last entry; noted elsewhere, it later also shows that the end of the trail was cut off."""

    entries: int
    head: str
    problem: str


def verify_audit_trail(head: str | None = None) -> AuditTrailCheck:
    """Verify every digest of the chain. ``head``: a digest noted earlier, that must still be in it."""
    previous, count, last_id, head_found = GENESIS_DIGEST, 0, 0, head is None
    stored_head = AuditHead.objects.filter(id=1).first()  # read first: entries added meanwhile are not verified
    for entry in AuditEntry.objects.order_by("id")[: stored_head.entries if stored_head else None].iterator():
        if entry.previous != previous:
            problem = f"รายการที่ {entry.pk} ไม่ต่อจากรายการก่อนหน้า (มีรายการถูกนำออกหรือสลับ)"
            return AuditTrailCheck(count, previous, problem)
        if compute_entry_digest(entry) != entry.digest:
            return AuditTrailCheck(count, previous, f"รายการที่ {entry.pk} ถูกแก้ไขหลังบันทึก")
        previous, count, last_id = entry.digest, count + 1, entry.pk
        head_found = head_found or entry.digest == head
    if stored_head and (stored_head.digest != previous or stored_head.entries != count):
        problem = f"รายการหลังรายการที่ {last_id} หายไป (เคยมี {stored_head.entries} รายการ เหลือ {count})"
        return AuditTrailCheck(count, previous, problem)
    if not head_found:
        return AuditTrailCheck(count, previous, f"ไม่พบรายการ {head} ที่เคยจดไว้")
    return AuditTrailCheck(count, previous, "")


def audit_entries(*, assessment: str, action: str = "", agency: str = "") -> QuerySet[AuditEntry]:
    """Entries, newest first: all of them for the national assessment, whose office runs the installation; for another
    those of its own users."""
    entries = AuditEntry.objects.order_by("-id")
    if assessment != NATIONAL:
        own = Q(pk=None)  # none
        for user in User.objects.filter(assessment=assessment).values_list("pk", flat=True):
            own |= Q(by__startswith=f"{user} ")
        entries = entries.filter(own)
    if action:
        entries = entries.filter(action__startswith=action)
    return entries.filter(agency=agency) if agency else entries


def count_unread_notices(user: User) -> int:
    return Notice.objects.filter(user=user, read_at=None).count()
