"""The queue of disputes: an assessor draws the next one that they may decide, and has it alone for a while.

Nobody picks: what is drawn is the first in the queue that nobody holds. After its time a dispute may be drawn by
others; until somebody does it remains with who drew it, so that nothing that was typed is lost to the clock alone.
"""

import datetime

from django.db import transaction
from django.utils import timezone

from prongsai.disclosure import queries
from prongsai.disclosure.models import DrawnDispute, Filing
from prongsai.people.actions import log_audit
from prongsai.people.models import User

HELD_FOR = datetime.timedelta(minutes=45)


def draw_dispute(*, assessment: str, by: User) -> DrawnDispute | None:
    """The dispute that an assessor holds, or else the next one that they may decide and nobody holds; None when there
    is none."""
    open_now = queries.open_disputes(queries.rounds_to_decide(assessment), by)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # two draws of one person are one
        if held := find_held(by, open_now):
            return held
        taken = set(DrawnDispute.objects.filter(until__gt=timezone.now()).values_list("filing", "item"))
        for dispute in open_now:
            if (dispute.filing.pk, dispute.item) not in taken and (drawn := _claim(dispute, by)):
                log_audit(
                    by=by,
                    action="disclosure.draw_dispute",
                    subject=f"รอบ {dispute.filing.round.fiscal_year} {dispute.item}",
                    agency=dispute.filing.agency.code,
                )
                return drawn
    return None


def _claim(dispute: queries.Dispute, by: User) -> DrawnDispute | None:
    """Hold a dispute, unless somebody was faster."""
    now = timezone.now()
    where = {"filing": dispute.filing, "item": dispute.item}
    drawn, is_new = DrawnDispute.objects.get_or_create(**where, defaults={"assessor": by, "until": now + HELD_FOR})
    if not is_new:
        over = DrawnDispute.objects.filter(pk=drawn.pk, until__lte=now)
        if not over.update(assessor=by, until=now + HELD_FOR):
            return None
        drawn.refresh_from_db()
    return drawn


def find_held(user: User, open_now: list[queries.Dispute]) -> DrawnDispute | None:
    """The dispute that a user drew and may still decide."""
    waiting = {(d.filing.pk, d.item) for d in open_now}
    drawn = DrawnDispute.objects.filter(assessor=user).select_related("filing__agency", "filing__round").order_by("pk")
    return next((d for d in drawn if (d.filing_id, d.item) in waiting), None)


def is_held_by(filing: Filing, item: str, user: User) -> bool:
    return DrawnDispute.objects.filter(filing=filing, item=item, assessor=user).exists()


def return_dispute(*, filing: Filing, item: str, by: User) -> None:
    """Give a dispute that one drew back to the queue."""
    with transaction.atomic():
        if DrawnDispute.objects.filter(filing=filing, item=item, assessor=by).delete()[0]:
            log_audit(
                by=by,
                action="disclosure.return_dispute",
                subject=f"รอบ {filing.round.fiscal_year} {item}",
                agency=filing.agency.code,
            )
