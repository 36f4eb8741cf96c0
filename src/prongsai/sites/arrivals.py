"""What senders wrote, written anew by night as it is, in an order that is drawn.

PostgreSQL says of each row in which transaction it was written and where it lies (``xmin``, ``ctid``); beside entries
of the audit trail, whose second is known, that gives a complaint its hour. After the night all rows of a day are of
one transaction. SQLite has neither: a row lies by its identifier, which is drawn."""

import datetime
import secrets
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Func, QuerySet

from prongsai.sites.models import Attachment, Complaint, Message, Question, Step
from prongsai.sites.opinions import Opinion, ServiceAnswer, ServiceComment

_random = secrets.SystemRandom()


class _Copied(Func):
    """A value as it is, stored anew also where it lies apart from its row, numbered in a sequence."""

    template = "%(expressions)s || %(nothing)s"


def _copy_bytes(name: str) -> Func:
    return _Copied(F(name), nothing="''::bytea")


def _copy_text(name: str) -> Func:
    return _Copied(F(name), nothing="''")


def rewrite_arrivals(*, on: datetime.date) -> int:
    """Write what came on a day and the one before anew, and what came without a day in this month or to consultations
    that are not long closed. Returns how many rows."""
    if connection.vendor != "postgresql":
        return 0
    since = on - datetime.timedelta(1)
    month = since.replace(day=1)
    rows: list[tuple[QuerySet[Any], dict[str, Any]]] = [
        (Complaint.objects.filter(received_on__gte=since), {"number": F("number")}),
        (Message.objects.filter(on__gte=since), {"content": _copy_bytes("content")}),
        (Attachment.objects.filter(message__on__gte=since), {"content": _copy_bytes("content")}),
        (Step.objects.filter(on__gte=since), {"position": F("position")}),
        (Question.objects.filter(asked_on__gte=since), {"text": _copy_text("text")}),
        (Opinion.objects.filter(consultation__closes_on__gte=since), {"text": _copy_text("text")}),
        (ServiceAnswer.objects.filter(month__gte=month), {"token": F("token")}),
        (ServiceComment.objects.filter(month__gte=month), {"text": _copy_text("text")}),
    ]
    written = 0
    with transaction.atomic():
        for queryset, as_it_is in rows:
            keys = list(queryset.order_by().values_list("pk", flat=True))
            _random.shuffle(keys)
            for key in keys:
                written += queryset.model._base_manager.filter(pk=key).update(**as_it_is)
    return written
