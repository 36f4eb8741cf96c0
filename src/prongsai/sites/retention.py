"""How long channels store what people wrote: so many days after its matter has ended, as the agency sets and its pages
say before somebody writes. Then a job destroys it. What was published of numbers stays.

The audit trail has how many complaints and questions were destroyed, and of how many months and consultations answers
were: a number of answers would be the one that a published table withholds."""

import datetime
from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.db.models import QuerySet

from prongsai.people.models import User
from prongsai.people.trail import log_audit
from prongsai.registry.models import Agency
from prongsai.sites.consultations import count_result
from prongsai.sites.models import Attachment, ChannelSettings, Complaint, Message, Question, Step
from prongsai.sites.opinions import Consultation, Opinion, ServiceAnswer, ServiceComment
from prongsai.sites.queries import complaints_for, find_settings

# the public sector's rules on correspondence store everyday matters for a year at least after they are done (ข้อ 57);
# that it fits channels is inferred, and a matter of weight belongs into the agency's own register for longer
LEAST_DAYS, MOST_DAYS = 90, 3650


@dataclass(frozen=True)
class Ended:
    """What has ended and is to be destroyed, or was: so many complaints and questions; answers of so many months and
    opinions of so many consultations."""

    complaints: int = 0
    questions: int = 0
    months: int = 0
    consultations: int = 0

    def __bool__(self) -> bool:
        return any(asdict(self).values())


def last_day_to_destroy(agency: Agency, on: datetime.date) -> datetime.date:
    """What had ended by this day is destroyed on a day."""
    return on - datetime.timedelta(find_settings(agency).retention_days + 1)


def _complaints(agency: Agency, through: datetime.date) -> QuerySet[Complaint]:
    return Complaint.objects.filter(agency=agency, status=Complaint.Status.CLOSED, closed_on__lte=through)


def _questions(agency: Agency, through: datetime.date) -> QuerySet[Question]:
    decided = Question.objects.filter(agency=agency, decided_on__lte=through)
    return decided.exclude(status=Question.Status.PENDING)


def _answers(agency: Agency, through: datetime.date) -> tuple[QuerySet[ServiceAnswer], QuerySet[ServiceComment]]:
    """Those of months whose last day has passed by a day."""
    before = (through + datetime.timedelta(1)).replace(day=1)
    answers = ServiceAnswer.objects.filter(service__agency=agency, month__lt=before)
    return answers, ServiceComment.objects.filter(service__agency=agency, month__lt=before)


def _consultations(agency: Agency, through: datetime.date) -> QuerySet[Consultation]:
    closed = Consultation.objects.filter(agency=agency, opened_on__isnull=False, closes_on__lte=through)
    return closed.filter(pk__in=Opinion.objects.filter(consultation__agency=agency).values("consultation"))


def find_ended(agency: Agency, on: datetime.date) -> Ended:
    """What is destroyed on a day."""
    through = last_day_to_destroy(agency, on)
    months = {month for rows in _answers(agency, through) for month in rows.order_by().values_list("month", flat=True)}
    return Ended(
        complaints=_complaints(agency, through).count(),
        questions=_questions(agency, through).count(),
        months=len(months),
        consultations=_consultations(agency, through).count(),
    )


def find_ending(user: User, agency: Agency, on: datetime.date) -> Ended:
    """What is destroyed until a day, as a user's desk says it: complaints that are with others, as those about the
    user, are not in it."""
    theirs = complaints_for(user, agency).values("pk")
    number = _complaints(agency, last_day_to_destroy(agency, on)).filter(pk__in=theirs).count()
    return replace(find_ended(agency, on), complaints=number)


def destroy_ended(*, agency: Agency, on: datetime.date) -> Ended:
    """Destroy what an agency's channels have stored long enough. Returns what was destroyed."""
    through = last_day_to_destroy(agency, on)
    with transaction.atomic():
        # a sender who writes again meanwhile waits, and finds the complaint destroyed, or opens it again before
        complaints = list(_complaints(agency, through).select_for_update().values_list("pk", flat=True))
        ended = find_ended(agency, on)
        if not ended:
            return ended
        Attachment.objects.filter(message__complaint__in=complaints).delete()
        Message.objects.filter(complaint__in=complaints).delete()
        Step.objects.filter(complaint__in=complaints).delete()  # the database refuses it before
        Complaint.objects.filter(pk__in=complaints).delete()
        _questions(agency, through).delete()
        for rows in _answers(agency, through):
            rows.delete()
        for consultation in _consultations(agency, through).select_for_update():
            consultation.result = consultation.result or count_result(consultation)
            consultation.save(update_fields=["result"])
            consultation.opinions.all().delete()
        if ended.complaints or ended.months:
            ChannelSettings.objects.update_or_create(agency=agency, defaults={"destroyed_through": through})
        log_audit(by=None, action="sites.destroy_ended", subject=str(agency), agency=agency.code, detail=asdict(ended))
    return ended


def destroy_everywhere(*, on: datetime.date) -> int:
    """Destroy what has ended long enough in the channels of all agencies. Returns at how many there was something."""
    models = (Complaint, Question, Consultation)
    agencies = {pk for model in models for pk in model._base_manager.values_list("agency", flat=True).distinct()}
    agencies |= set(ServiceAnswer.objects.order_by().values_list("service__agency", flat=True).distinct())
    agencies |= set(ServiceComment.objects.order_by().values_list("service__agency", flat=True).distinct())
    return sum(bool(destroy_ended(agency=agency, on=on)) for agency in Agency.objects.filter(pk__in=agencies))
