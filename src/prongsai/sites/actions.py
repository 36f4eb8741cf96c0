"""Writes of channels: settings, questions and answers, complaints on both sides, deadlines, statistics.

What a sender does leaves no entry in the audit trail and sends no notice at once: either would have its second. What
those do who handle a complaint is audited, with its number and nothing of its content.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse

from prongsai.lib.sealed_box import UnopenableError, write_public_key
from prongsai.people.actions import DomainError, notify
from prongsai.people.models import User
from prongsai.people.trail import log_audit
from prongsai.registry.models import Agency
from prongsai.registry.queries import path_of, today
from prongsai.sites import sealing
from prongsai.sites.models import (
    NUMBER_LETTERS,
    REFERENCE_LETTERS,
    Attachment,
    ChannelSettings,
    Complaint,
    Message,
    MonthStatistics,
    Question,
    Step,
)
from prongsai.sites.queries import (
    NEXT_TIER,
    NOT_CLOSED,
    count_month,
    find_handler,
    find_settings,
    is_late,
    may_handle,
    may_open,
    months_to_publish,
    people_at,
)
from prongsai.sites.wording import clean_text, say

MAX_TEXT, MAX_QUESTION, MAX_REASON = 20_000, 2_000, 300  # letters
MAX_PENDING_QUESTIONS = 500  # of one agency: beyond that somebody floods it
MAX_MESSAGES = 200  # of one complaint
MAX_PICTURES_A_DAY = 300  # of one agency; text is taken beyond them


# --- settings


def set_channels(*, settings: ChannelSettings, by: User) -> ChannelSettings:
    """Store what an agency offers. Opening complaints creates the keys that they are sealed to. Raises ForeignKeysError
    where the key folder is not there."""
    agency = settings.agency
    with transaction.atomic():
        if settings.complaints_open:
            sealing.ensure_key(assessment=agency.assessment, agency=agency)
            sealing.ensure_key(assessment=agency.assessment, agency=None)
            settings.complaints_since = settings.complaints_since or today()
        settings.changed_by = by
        settings.save()
        detail = {
            "questions": settings.questions_open,
            "complaints": settings.complaints_open,
            "days": [settings.question_days, settings.acknowledge_days, settings.answer_days],
            "retention_days": settings.retention_days,
        }
        log_audit(by=by, action="sites.set_channels", subject=str(agency), agency=agency.code, detail=detail)
    return settings


# --- questions


def ask_question(*, agency: Agency, text: str, reference: str) -> Question:
    """Store a visitor's question, which waits for an officer; once, however often its page is sent. Raises
    DomainError."""
    settings = find_settings(agency)
    if not settings.questions_open:
        raise DomainError(say("หน่วยงานนี้ปิดรับคำถามทางช่องทางนี้", "This agency takes no questions here."))
    text = clean_text(text, MAX_QUESTION, "คำถาม")
    found = Question.objects.filter(reference=reference).first()
    if found and found.agency_id == agency.pk:
        return found
    if found or len(reference) != REFERENCE_LETTERS:  # nobody takes the address of somebody else's
        reference = sealing.draw_letters(REFERENCE_LETTERS)
    if Question.objects.filter(agency=agency, status=Question.Status.PENDING).count() >= MAX_PENDING_QUESTIONS:
        thai = "มีคำถามรอตอบจำนวนมากผิดปกติ จึงพักรับคำถามใหม่ไว้ก่อน ลองใหม่ภายหลัง"
        raise DomainError(say(thai, "Unusually many questions wait for an answer. Try again later."))
    asked_on = today()
    answer_by = asked_on + datetime.timedelta(settings.question_days)
    values = {"agency": agency, "text": text, "asked_on": asked_on, "answer_by": answer_by}
    return Question.objects.get_or_create(reference=reference, defaults=values)[0]


def publish_answer(*, question: Question, answer: str, by: User) -> Question:
    """Publish a question with its answer. Raises DomainError where somebody else has decided."""
    answer = clean_text(answer, MAX_TEXT, "คำตอบ")
    return _decide_question(question, by, status=Question.Status.PUBLISHED, answer=answer, reason="")


def decline_question(*, question: Question, reason: str, by: User) -> Question:
    """Do not publish a question; whoever asked it reads why. Raises DomainError likewise."""
    reason = clean_text(reason, MAX_REASON, "เหตุผล")
    return _decide_question(question, by, status=Question.Status.DECLINED, reason=reason, answer="")


def decline_questions(*, questions: Iterable[Question], reason: str, by: User) -> int:
    """Do not publish several questions for one reason, as after a flood of obscene ones; those that somebody else has
    decided stay as they are. Returns how many. Raises DomainError without a reason."""
    reason = clean_text(reason, MAX_REASON, "เหตุผล")
    declined = 0
    for question in questions:
        with suppress(DomainError):
            decline_question(question=question, reason=reason, by=by)
            declined += 1
    return declined


def return_question(*, question: Question, by: User) -> Question:
    """Take a published or declined question back to those that wait: the way back of both decisions."""
    with transaction.atomic():
        decided = Question.objects.filter(pk=question.pk).exclude(status=Question.Status.PENDING)
        if not decided.update(status=Question.Status.PENDING, decided_by=None, decided_on=None):
            raise DomainError("คำถามนี้รอตอบอยู่แล้ว")
        _audit_question(question, "sites.return_question", by)
    question.refresh_from_db()
    return question


def _decide_question(question: Question, by: User, **values: str) -> Question:
    with transaction.atomic():
        pending = Question.objects.filter(pk=question.pk, status=Question.Status.PENDING)
        if not pending.update(decided_by=by, decided_on=today(), **values):
            raise DomainError("มีผู้ตัดสินใจเรื่องคำถามนี้ไปแล้ว เปิดดูผลก่อน ข้อความที่พิมพ์ยังอยู่ในหน้านี้")
        verb = "publish" if values["status"] == Question.Status.PUBLISHED else "decline"
        _audit_question(question, f"sites.{verb}_question", by)
    question.refresh_from_db()
    return question


def _audit_question(question: Question, action: str, by: User) -> None:
    log_audit(by=by, action=action, subject=f"คำถามที่ {question.pk}", agency=question.agency.code)


# --- the sender of a complaint


@dataclass(frozen=True, kw_only=True)
class NewComplaint:
    """What a sender wrote: ``secret`` is the one that the page drew, ``pictures`` what their files show, as JPEG."""

    secret: str
    kind: str
    about: str
    text: str
    pictures: Sequence[bytes] = ()


def submit_complaint(*, agency: Agency, new: NewComplaint) -> Complaint:
    """Store a complaint, sealed; once, however often its page is sent: by the sender's key. Raises DomainError."""
    settings = find_settings(agency)
    if not settings.complaints_open:
        raise DomainError(say("หน่วยงานนี้ปิดรับเรื่องร้องเรียนทางช่องทางนี้", "This agency takes no complaints here."))
    text = clean_text(new.text, MAX_TEXT, "เรื่องที่ร้องเรียน")
    if len(new.secret) != sealing.SECRET_LETTERS:
        raise DomainError(say("แบบฟอร์มนี้ไม่สมบูรณ์ เปิดหน้าใหม่แล้วลองอีกครั้ง", "This form is incomplete. Open the page again."))
    sender_key = write_public_key(sealing.derive_sender_key(new.secret))
    day = today()
    with transaction.atomic():
        complaint, is_new = Complaint.objects.get_or_create(  # also of a page that was sent twice in one moment
            sender_key=sender_key,
            defaults={
                "agency": agency,
                "number": sealing.draw_letters(NUMBER_LETTERS),
                "kind": new.kind,
                "about": new.about,
                "tier": _first_tier(agency, new.about),
                "received_on": day,
                "acknowledge_by": day + datetime.timedelta(settings.acknowledge_days),
                "answer_by": day + datetime.timedelta(settings.answer_days),
            },
        )
        if not is_new:
            return complaint
        pictures = _limit_pictures(agency, new.pictures)
        _add_message(complaint, Message.Kind.SENDER, text, token=sealing.draw_secret(), pictures=pictures)
    return complaint


def _limit_pictures(agency: Agency, pictures: Sequence[bytes]) -> Sequence[bytes]:
    """The pictures that are taken: none once an agency has got too many in a day, so that a flood fills no disk."""
    return pictures if count_pictures_today(agency) < MAX_PICTURES_A_DAY else ()


def _first_tier(agency: Agency, about: str) -> str:
    """Who handles a complaint first: never those whom it is about, nor a tier where there is nobody."""
    tier = {
        Complaint.About.HANDLER: Complaint.Tier.EXECUTIVE,
        Complaint.About.EXECUTIVE: Complaint.Tier.OFFICE,
    }.get(Complaint.About(about), Complaint.Tier.AGENCY)
    while tier in NEXT_TIER and not people_at(agency, tier).exists():
        tier = NEXT_TIER[tier]
    return tier


def count_pictures_today(agency: Agency) -> int:
    """How many pictures came to an agency today."""
    return Attachment.objects.filter(message__complaint__agency=agency, message__on=today()).count()


def find_complaint(*, number: str, secret: str) -> Complaint | None:
    """The complaint of a number, for whoever has its secret."""
    complaint = Complaint.objects.select_related("agency").filter(number=number).first()
    sender_key = write_public_key(sealing.derive_sender_key(secret))
    return complaint if complaint and complaint.sender_key == sender_key else None


def write_again(
    *, complaint: Complaint, text: str, token: str, pictures: Sequence[bytes] = (), about_handlers: bool = False
) -> Message:
    """Add what a sender writes later, with what their files show, as JPEG; it opens a complaint again that was closed.
    Where it is about those who handle the complaint it goes up first: they do not read it. Raises DomainError."""
    text = clean_text(text, MAX_TEXT, "ข้อความ")
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(pk=complaint.pk)
        if found := Message.objects.filter(complaint=complaint, token=token).first():
            return found
        if complaint.messages.count() >= MAX_MESSAGES:
            raise DomainError(
                say("เรื่องนี้มีข้อความจำนวนมากแล้ว ยื่นเป็นเรื่องใหม่แทน", "Too many messages. Send a new complaint.")
            )
        if complaint.status == Complaint.Status.CLOSED:
            complaint.status, complaint.closed_on, complaint.outcome = Complaint.Status.OPEN, None, ""
            complaint.answer_by = today() + datetime.timedelta(find_settings(complaint.agency).answer_days)
            _add_step(complaint, Step.Kind.REOPENED)
        if about_handlers and complaint.tier in NEXT_TIER:
            _move_up(complaint)
            _add_step(complaint, Step.Kind.RAISED, to=f"{Complaint.Tier(complaint.tier).label} ตามที่ผู้ร้องขอ")
        complaint.has_news = True
        complaint.save()
        taken = _limit_pictures(complaint.agency, pictures)
        return _add_message(complaint, Message.Kind.SENDER, text, token=token, pictures=taken)


def _add_message(
    complaint: Complaint,
    kind: Message.Kind,
    text: str,
    *,
    token: str,
    by: User | None = None,
    pictures: Sequence[bytes] = (),
) -> Message:
    last = complaint.messages.aggregate(last=Max("position"))["last"] or 0
    if Message.objects.filter(token=token).exists():  # of another form of the same page, which says something else
        token = sealing.draw_secret()
    message = Message(
        complaint=complaint,
        position=last + 1,
        kind=kind,
        by=by,
        on=today(),
        sealed_to=sealing.find_key_of(complaint),
        token=token,
    )
    attachments = sealing.seal_message(message, text, pictures)
    message.save()
    Attachment.objects.bulk_create(attachments)
    return message


# --- those who handle complaints


def take_complaint(*, complaint: Complaint, by: User) -> Complaint:
    """Take a complaint that nobody has, or whose handler has left. Raises DomainError where somebody else has it."""
    with transaction.atomic():
        complaint = _lock(complaint)
        handler = find_handler(complaint)
        if handler == by:
            return complaint
        if not may_handle(by, complaint):
            raise DomainError("เรื่องนี้ไม่ได้อยู่กับท่านแล้ว")
        if handler is not None:
            raise DomainError(f"{handler.name} รับเรื่องนี้ไปดำเนินการแล้ว")
        complaint.handler = by
        if complaint.status == Complaint.Status.NEW:
            complaint.status = Complaint.Status.OPEN
        complaint.save()
        _record(complaint, Step.Kind.TAKEN, by)
    return complaint


def record_opening(*, complaint: Complaint, by: User) -> None:
    """Record that a handler reads a complaint: once a day, and that there is no news any more."""
    with transaction.atomic():
        complaint = _lock_of(complaint, by)
        if not complaint.steps.filter(kind=Step.Kind.OPENED, by=by, on=today()).exists():
            _record(complaint, Step.Kind.OPENED, by)
        if complaint.has_news:
            complaint.has_news = False
            complaint.save()


def reply(*, complaint: Complaint, text: str, token: str, by: User) -> Message:
    """Write to the sender. Raises DomainError."""
    return _write(complaint, Message.Kind.REPLY, text, token, by)


def add_note(*, complaint: Complaint, text: str, token: str, by: User) -> Message:
    """Note something that the sender does not read. Raises DomainError."""
    return _write(complaint, Message.Kind.NOTE, text, token, by)


def _write(complaint: Complaint, kind: Message.Kind, text: str, token: str, by: User) -> Message:
    text = clean_text(text, MAX_TEXT, "ข้อความ")
    with transaction.atomic():
        complaint = _lock_of(complaint, by)
        if found := Message.objects.filter(complaint=complaint, token=token).first():
            return found
        message = _add_message(complaint, kind, text, token=token, by=by)
        _record(complaint, Step.Kind.NOTED if kind == Message.Kind.NOTE else Step.Kind.REPLIED, by)
    return message


def close_complaint(*, complaint: Complaint, outcome: str, text: str, token: str, by: User) -> Complaint:
    """Tell the sender what became of a complaint, and close it. Raises DomainError."""
    text = clean_text(text, MAX_TEXT, "ผลการดำเนินการ")
    with transaction.atomic():
        complaint = _lock_of(complaint, by)
        if complaint.status == Complaint.Status.CLOSED:
            raise DomainError("เรื่องนี้แจ้งผลไปแล้ว")
        _add_message(complaint, Message.Kind.REPLY, text, token=token, by=by)
        complaint.status, complaint.outcome = Complaint.Status.CLOSED, Complaint.Outcome(outcome)
        complaint.closed_on = today()
        complaint.save()
        _record(complaint, Step.Kind.CLOSED, by)
    return complaint


def transfer_complaint(*, complaint: Complaint, to: User, by: User) -> Complaint:
    """Hand a complaint over to somebody else at the same tier. Raises DomainError."""
    with transaction.atomic():
        complaint = _lock_of(complaint, by)
        if to == by or not may_handle(to, complaint):
            raise DomainError("เลือกผู้รับเรื่องคนอื่นที่ยังทำหน้าที่ในหน่วยงานนี้")
        complaint.handler, complaint.has_news = to, True
        complaint.save()
        _record(complaint, Step.Kind.TRANSFERRED, by, to=to.name)
        notify(user=to, text=f"{by.name} โอนเรื่องร้องเรียนเลขที่ {complaint.number} ให้ท่าน", url=_desk_of(complaint))
    return complaint


def raise_complaint(*, complaint: Complaint, by: User) -> Complaint:
    """Hand a complaint up to the executive, or from there to the office. Raises DomainError."""
    with transaction.atomic():
        complaint = _lock_of(complaint, by)
        if complaint.tier not in NEXT_TIER:
            raise DomainError("เรื่องนี้อยู่กับส่วนกลางแล้ว")
        _move_up(complaint)
        _record(complaint, Step.Kind.RAISED, by, to=Complaint.Tier(complaint.tier).label)
        _notify_tier(complaint, f"มีเรื่องร้องเรียนส่งขึ้นมา เลขที่ {complaint.number}")
    return complaint


def _move_up(complaint: Complaint) -> None:
    """To the next tier where there is somebody; nobody has it there yet, and whoever takes it has the days for that.
    What was written opens with the key there."""
    tier = NEXT_TIER[Complaint.Tier(complaint.tier)]
    while tier in NEXT_TIER and not people_at(complaint.agency, tier).exists():
        tier = NEXT_TIER[tier]
    complaint.tier, complaint.handler, complaint.has_news = tier, None, True
    if complaint.status != Complaint.Status.CLOSED:
        complaint.status = Complaint.Status.NEW
        complaint.acknowledge_by = today() + datetime.timedelta(find_settings(complaint.agency).acknowledge_days)
    key = sealing.find_key_of(complaint)
    for message in complaint.messages.exclude(sealed_to=key).select_related("sealed_to", "complaint"):
        sealing.hand_over(message, key)
    complaint.save()


def _lock(complaint: Complaint) -> Complaint:
    return Complaint.objects.select_for_update(of=("self",)).select_related("agency").get(pk=complaint.pk)


def _lock_of(complaint: Complaint, by: User) -> Complaint:
    """A complaint that somebody has, locked. Raises DomainError where they have it no longer."""
    complaint = _lock(complaint)
    if not may_open(by, complaint):
        raise DomainError("เรื่องนี้ไม่ได้อยู่กับท่านแล้ว ผู้อื่นรับไปหรือส่งต่อไปแล้ว")
    return complaint


def _add_step(complaint: Complaint, kind: Step.Kind, by: User | None = None, to: str = "") -> None:
    last = complaint.steps.aggregate(last=Max("position"))["last"] or 0
    Step.objects.create(complaint=complaint, position=last + 1, kind=kind, by=by, to=to[:160], on=today())


def _record(complaint: Complaint, kind: Step.Kind, by: User | None, to: str = "") -> None:
    """A step of those who handle a complaint, and its entry in the audit trail."""
    _add_step(complaint, kind, by, to)
    subject = f"เรื่องร้องเรียนเลขที่ {complaint.number}"
    detail = {"to": to} if to else {}
    log_audit(by=by, action=f"sites.complaint_{kind}", subject=subject, agency=complaint.agency.code, detail=detail)


def _desk_of(complaint: Complaint) -> str:
    """The page of a complaint for those who handle it."""
    agency = complaint.agency
    return path_of(agency.assessment_id, reverse("complaint", args=[agency.code, complaint.number]))


def _notify_tier(complaint: Complaint, text: str) -> None:
    for user in people_at(complaint.agency, complaint.tier):
        notify(user=user, text=text, url=_desk_of(complaint))


# --- deadlines and news, once a day


def escalate_late(*, on: datetime.date) -> int:
    """Hand every complaint whose deadline has passed up to the next tier, with deadlines of its own there; at the
    office its people are reminded. Once for each deadline, however often this runs. Returns how many."""
    late = Complaint.objects.filter(NOT_CLOSED & (Q(answer_by__lt=on) | Q(acknowledge_by__lt=on)))
    return _act_on_each(late, lambda complaint: is_late(complaint, on), lambda complaint: _escalate(complaint, on))


def raise_abandoned() -> int:
    """Hand every complaint up that is with a tier where nobody is left, as where the only officer has gone. Returns how
    many."""
    return _act_on_each(Complaint.objects.filter(NOT_CLOSED), _is_abandoned, _raise_abandoned)


def _act_on_each(
    complaints: QuerySet[Complaint], is_due: Callable[[Complaint], bool], act: Callable[[Complaint], None]
) -> int:
    """Do something with each complaint that is due, locked. Returns with how many. Raises DomainError with those that
    could not be opened, once the others are done."""
    done, failed = 0, []
    for complaint in list(complaints):
        try:
            with transaction.atomic():
                locked = _lock(complaint)
                if is_due(locked):
                    act(locked)
                    done += 1
        except (DomainError, UnopenableError):
            failed.append(complaint.number)
    if failed:  # the others went on; whoever sees to the jobs learns of these
        raise DomainError(f"ส่งขึ้นไปไม่ได้ เพราะเปิดด้วยกุญแจในเครื่องนี้ไม่ได้: {', '.join(failed)}")
    return done


def _is_abandoned(complaint: Complaint) -> bool:
    return (
        complaint.status != Complaint.Status.CLOSED
        and complaint.tier in NEXT_TIER
        and not people_at(complaint.agency, complaint.tier).exists()
    )


def _raise_abandoned(complaint: Complaint) -> None:
    _move_up(complaint)
    to = f"{Complaint.Tier(complaint.tier).label} เพราะไม่มีผู้รับเรื่องเหลืออยู่"
    _record(complaint, Step.Kind.RAISED, None, to=to)
    _notify_tier(complaint, f"เรื่องร้องเรียนเลขที่ {complaint.number} ไม่มีผู้รับเรื่องเหลืออยู่และอยู่กับท่านแล้ว")


def _escalate(complaint: Complaint, on: datetime.date) -> None:
    before, settings = find_handler(complaint), find_settings(complaint.agency)
    complaint.escalated_on = on
    complaint.acknowledge_by = on + datetime.timedelta(settings.acknowledge_days)
    complaint.answer_by = on + datetime.timedelta(settings.answer_days)
    if complaint.tier in NEXT_TIER:
        _move_up(complaint)
    else:
        complaint.save()
    _record(complaint, Step.Kind.ESCALATED, None, to=Complaint.Tier(complaint.tier).label)
    _notify_tier(complaint, f"เรื่องร้องเรียนเลขที่ {complaint.number} เลยกำหนดแล้วและอยู่กับท่าน")
    if before and not may_handle(before, complaint):
        notify(user=before, text=f"เรื่องร้องเรียนเลขที่ {complaint.number} เลยกำหนด ระบบส่งขึ้นไปแล้ว", url="")


def announce_news() -> int:
    """Tell those who handle them how many complaints are unread or without a handler and how many questions wait, in
    one notice for each person: one for each complaint would say when it came. Once a day, by its job. Returns how many
    people."""
    unread: Counter[User] = Counter()
    left: Counter[User] = Counter()
    for complaint in Complaint.objects.filter(Q(has_news=True) | NOT_CLOSED).select_related("agency", "handler"):
        handler = find_handler(complaint)
        if complaint.has_news:
            unread.update([handler] if handler else people_at(complaint.agency, complaint.tier))
        elif handler is None:  # whoever had read it has left
            left.update(people_at(complaint.agency, complaint.tier))
    asked: Counter[User] = Counter()
    pending = Question.objects.filter(status=Question.Status.PENDING).order_by()
    for agency_id, number in pending.values_list("agency").annotate(Count("pk")):
        for user in people_at(Agency.objects.get(pk=agency_id), Complaint.Tier.AGENCY):
            asked[user] += number
    people = sorted({*unread, *left, *asked}, key=lambda user: user.pk)
    with transaction.atomic():
        for user in people:
            parts = [f"เรื่องร้องเรียนที่ยังไม่ได้เปิดอ่าน {unread[user]} เรื่อง"] if unread[user] else []
            parts += [f"เรื่องร้องเรียนที่ผู้รับเรื่องพ้นหน้าที่แล้ว {left[user]} เรื่อง"] if left[user] else []
            parts += [f"คำถามที่รอตอบ {asked[user]} ข้อ"] if asked[user] else []
            notify(user=user, text=f"มี{' และ'.join(parts)}", url=path_of(user.assessment, reverse("desk")))
    return len(people)


# --- statistics


def publish_month(*, agency: Agency, first_day: datetime.date, by: User) -> MonthStatistics:
    """Publish the complaints of a month that has ended, once and for all: two versions of a month would differ by what
    happened between them. Raises DomainError."""
    if first_day not in months_to_publish(agency):
        raise DomainError("เดือนนี้เผยแพร่แล้ว หรือยังไม่สิ้นเดือน")
    try:
        with transaction.atomic():
            published = MonthStatistics.objects.create(
                agency=agency, first_day=first_day, content=count_month(agency, first_day), by=by
            )
            subject = f"สถิติเรื่องร้องเรียน {first_day:%Y-%m}"
            log_audit(by=by, action="sites.publish_statistics", subject=subject, agency=agency.code)
    except IntegrityError as error:
        raise DomainError("เดือนนี้เผยแพร่แล้ว") from error
    return published
