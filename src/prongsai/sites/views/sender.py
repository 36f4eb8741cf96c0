"""The pages on which visitors ask and complain. They set no cookie, start no session, ask nobody who is signed in, and
leave no line in any log; no browser stores them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from prongsai.lib.sealed_box import UnopenableError
from prongsai.people.access import public_page
from prongsai.people.actions import DomainError
from prongsai.people.rate_limits import is_limit_exceeded
from prongsai.people.requests import View, unlogged
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.sites import actions, consultations, satisfaction, sealing
from prongsai.sites.forms import ComplaintForm, OpinionForm, QuestionForm, RatingForm
from prongsai.sites.models import REFERENCE_LETTERS, Complaint, Message, Question
from prongsai.sites.opinions import SLUG_LETTERS, Opinion, Service
from prongsai.sites.queries import find_settings
from prongsai.sites.uploads import ACCEPT, MAX_FILES, draw_files, hold_in_memory
from prongsai.sites.wording import say

SENT, MINUTES = 20, 10  # posts from one address within so many minutes: a village may share one
SENT_AT_COUNTER = 60  # a hall of visitors has one network
_METHODS = ("GET", "HEAD", "POST")


def sender_page(view: Callable[..., HttpResponse]) -> View:
    """Mark a view as a sender's: open to everybody, and nothing of it is stored or logged, not even that it failed."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponse
        try:
            if request.method in _METHODS:
                response = view(request, *args, **kwargs)
            else:  # Django's own decorator would log it
                response = HttpResponseNotAllowed(_METHODS)
        except Http404:
            text = say("ไม่พบหน้านี้ ตรวจที่อยู่อีกครั้ง", "There is no such page. Check the address.")
            response = _refuse(request, text, 404)
        except UnreadablePostError:  # the connection broke while sending: nobody is there to read a page
            response = HttpResponse(status=400)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        # Django would log a refused page with its minute
        response._has_been_logged = True  # type: ignore[attr-defined]  # what Django's own logger sets and reads
        return response

    return unlogged(public_page(csrf_exempt(never_cache(answer))))


def _refuse(request: HttpRequest, text: str, status: int) -> HttpResponse:
    return render(request, "sites/refused.html", {"text": text}, status=status)


def _is_flood(request: HttpRequest, operation: str, most: int = SENT) -> bool:
    return request.method == "POST" and is_limit_exceeded(request, operation, most, MINUTES * 60)


def _describe_flood() -> str:
    return say(
        f"มีการส่งจากเครือข่ายนี้ถี่เกินไป ยังไม่มีอะไรถูกบันทึก ข้อความยังอยู่ในหน้านี้ รอ {MINUTES} นาทีแล้วกดส่งอีกครั้ง",
        f"Too much was sent from this network. Nothing was stored; your text stays here. Send it in {MINUTES} minutes.",
    )


def _status_of(request: HttpRequest, *, is_flood: bool) -> int:
    """Of a page with a form that was sent and stays, or is shown first."""
    return 429 if is_flood else 422 if request.method == "POST" else 200


def _find_agency(code: str) -> Agency:
    return get_object_or_404(Agency.objects.select_related("assessment"), code=code[:40], closed_on=None)


# --- questions


@sender_page
def ask_question(request: HttpRequest, code: str) -> HttpResponse:
    """Ask a question in public."""
    agency = _find_agency(code)
    settings = find_settings(agency)
    if not settings.questions_open:
        return _refuse(request, say("หน่วยงานนี้ปิดรับคำถามอยู่", "This agency takes no questions here now."), 410)
    is_flood = _is_flood(request, "ask_question")
    form = QuestionForm(request.POST if request.method == "POST" else None)
    problem = _describe_flood() if is_flood else ""
    if request.method == "POST" and form.is_valid() and not is_flood:
        reference = sealing.read_letters(request.POST.get("reference", ""))
        try:
            asked = actions.ask_question(agency=agency, text=form.cleaned_data["text"], reference=reference)
            return redirect("asked_question", asked.reference)
        except DomainError as error:
            problem = str(error)
    context = {
        "agency": agency,
        "settings": settings,
        "form": form,
        "problem": problem,
        "reference": request.POST.get("reference") or sealing.draw_letters(REFERENCE_LETTERS),
    }
    return render(request, "sites/ask.html", context, status=_status_of(request, is_flood=is_flood))


@sender_page
def asked_question(request: HttpRequest, reference: str) -> HttpResponse:
    """What became of a question, for whoever has its address."""
    question = get_object_or_404(Question.objects.select_related("agency"), reference=reference[:REFERENCE_LETTERS])
    return render(request, "sites/asked.html", {"question": question, "agency": question.agency})


# --- complaints


@sender_page
def write_complaint(request: HttpRequest, code: str) -> HttpResponse:
    """Write a complaint; sent, the page with its number and its secret."""
    agency = _find_agency(code)
    settings = find_settings(agency)
    if not settings.complaints_open:
        text = say("หน่วยงานนี้ยังไม่เปิดรับเรื่องร้องเรียนทางหน้านี้", "This agency takes no complaints here now.")
        return _refuse(request, f"{text} {settings.contact}", 410)
    is_flood = _is_flood(request, "write_complaint")
    problem, form, secret = "", ComplaintForm(), sealing.draw_secret()
    if request.method == "POST":
        fits = hold_in_memory(request, drop=is_flood)
        form = ComplaintForm(request.POST)
        typed = sealing.read_letters(request.POST.get("secret", ""))
        secret = typed if len(typed) == sealing.SECRET_LETTERS else secret
        try:
            if is_flood:
                raise DomainError(_describe_flood())
            if not fits:
                raise DomainError(say("ไฟล์ที่แนบรวมกันใหญ่เกินไป", "The files are too large together."))
            if form.is_valid():
                new = _read_complaint(request, form, secret)
                complaint = actions.submit_complaint(agency=agency, new=new)
                return _show_receipt(request, complaint, secret, sent=len(new.pictures))
        except DomainError as error:
            problem = str(error)
    context = {
        "agency": agency,
        "settings": settings,
        "form": form,
        "problem": problem,
        "secret": secret,
        "accept": ACCEPT,
        "max_files": MAX_FILES,
        "had_files": bool(request.FILES) or is_flood,
    }
    return render(request, "sites/write.html", context, status=_status_of(request, is_flood=is_flood))


def _read_complaint(request: HttpRequest, form: ComplaintForm, secret: str) -> actions.NewComplaint:
    pictures = draw_files(request.FILES.getlist("files"))
    written = form.cleaned_data
    return actions.NewComplaint(
        secret=secret, kind=written["kind"], about=written["about"], text=form.join_text(), pictures=pictures
    )


def _show_receipt(request: HttpRequest, complaint: Complaint, secret: str, *, sent: int) -> HttpResponse:
    first = complaint.messages.first()
    context = {
        "left_out": first is not None and first.attachments.count() < sent,
        "agency": complaint.agency,
        "complaint": complaint,
        "number": sealing.group_letters(complaint.number),
        "secret": sealing.group_letters(secret),
    }
    return render(request, "sites/receipt.html", context)


@sender_page
def follow_complaint(request: HttpRequest) -> HttpResponse:
    """Read what became of a complaint by its number and secret, and write more."""
    if request.method != "POST":
        return render(request, "sites/follow.html")
    is_flood = is_limit_exceeded(request, "follow_complaint", 3 * SENT, MINUTES * 60)
    fits = hold_in_memory(request, drop=is_flood)
    if is_flood:  # nothing is opened
        typed = {name: request.POST.get(name, "") for name in ("number", "text")}
        return render(request, "sites/follow.html", {"problem": _describe_flood(), **typed}, status=429)
    number = sealing.read_letters(request.POST.get("number", ""))
    secret = sealing.read_letters(request.POST.get("secret", ""))
    complaint = actions.find_complaint(number=number, secret=secret)
    if complaint is None:
        return render(request, "sites/follow.html", {"wrong": True, "number": number}, status=404)
    problem, text, left_out = "", request.POST.get("text", ""), False
    is_about_handlers = request.POST.get("about") == "handlers"
    if not fits:
        problem = say("ไฟล์ที่แนบรวมกันใหญ่เกินไป", "The files are too large together.")
    elif "text" in request.POST:
        token = sealing.read_letters(request.POST.get("token", ""))
        try:
            if len(token) != sealing.SECRET_LETTERS:
                raise DomainError(say("หน้านี้ไม่สมบูรณ์ กดส่งอีกครั้ง", "This page is incomplete. Send again."))
            pictures = draw_files(request.FILES.getlist("files"))
            message = actions.write_again(
                complaint=complaint,
                text=text,
                token=token,
                pictures=pictures,
                about_handlers=is_about_handlers,
            )
            complaint.refresh_from_db()
            text, is_about_handlers, left_out = "", False, message.attachments.count() < len(pictures)
        except DomainError as error:
            problem = str(error)
        except UnopenableError:  # of what was written before: it cannot be handed on
            thai = "ส่งขึ้นไปไม่ได้ เพราะข้อความเดิมเสียหาย ยื่นเป็นเรื่องใหม่ และเลือกว่าเกี่ยวกับผู้รับเรื่อง"
            problem = say(thai, "What was written before is damaged. Send a new complaint about those who handle it.")
    key = sealing.derive_sender_key(secret)
    messages = complaint.messages.exclude(kind=Message.Kind.NOTE).select_related("complaint")
    context = {
        "agency": complaint.agency,
        "complaint": complaint,
        "number": sealing.group_letters(complaint.number),
        "secret": secret,
        "token": sealing.draw_secret(),
        "written": [sealing.open_for_sender(m, key) for m in messages],
        "accept": ACCEPT,
        "max_files": MAX_FILES,
        "had_files": bool(request.FILES),
        "left_out": left_out,
        "problem": problem,
        "text": text,
        "is_about_handlers": is_about_handlers,
        "late": complaint.status != Complaint.Status.CLOSED and today() > complaint.answer_by,
    }
    return render(request, "sites/followed.html", context, status=422 if problem else 200)


# --- services at the counter


@sender_page
def rate_service(request: HttpRequest, service_slug: str) -> HttpResponse:
    """Answer a few questions on a service."""
    services = Service.objects.select_related("agency").filter(agency__closed_on=None)
    service = get_object_or_404(services, slug=service_slug[:SLUG_LETTERS])
    if not service.is_open:
        return _refuse(request, say("จุดบริการนี้ปิดรับความคิดเห็นแล้ว", "This service takes no answers now."), 410)
    is_flood = _is_flood(request, "rate_service", SENT_AT_COUNTER)
    form = RatingForm(request.POST if request.method == "POST" else None)
    token, problem = sealing.draw_secret(), ""
    if request.method == "POST":
        token = sealing.read_letters(request.POST.get("token", "")) or token
        try:
            if is_flood:
                raise DomainError(_describe_flood())
            if form.is_valid():
                comment = form.cleaned_data["comment"]
                satisfaction.store_answer(service=service, steps=form.read_steps(), comment=comment, token=token)
                return render(request, "sites/rated.html", {"agency": service.agency, "service": service})
        except DomainError as error:
            problem, token = str(error), sealing.draw_secret()
    context = {
        "agency": service.agency,
        "settings": find_settings(service.agency),
        "service": service,
        "form": form,
        "problem": problem,
        "token": token,
    }
    return render(request, "sites/rate.html", context, status=_status_of(request, is_flood=is_flood))


# --- consultations


@sender_page
def give_opinion(request: HttpRequest, code: str, consultation_id: int) -> HttpResponse:
    """Choose and write in a consultation."""
    agency = _find_agency(code)
    consultation = get_object_or_404(consultations.public_consultations(agency), pk=consultation_id)
    if not consultations.is_open(consultation):
        return _refuse(request, say("เรื่องนี้ปิดรับความคิดเห็นแล้ว", "This consultation is closed."), 410)
    is_flood = _is_flood(request, "give_opinion")
    form = OpinionForm(request.POST if request.method == "POST" else None, consultation=consultation)
    token, problem = consultations.draw_token(), _describe_flood() if is_flood else ""
    if request.method == "POST" and form.is_valid() and not is_flood:
        token = sealing.read_letters(request.POST.get("token", "")) or token
        try:
            choice, text = form.cleaned_data.get("choice"), form.cleaned_data["text"]
            opinion = consultations.give_opinion(consultation=consultation, choice=choice, text=text, token=token)
            return redirect("opinion", opinion.token)
        except DomainError as error:
            problem = str(error)
    context = {
        "agency": agency,
        "settings": find_settings(agency),
        "consultation": consultation,
        "form": form,
        "problem": problem,
        "token": token,
    }
    return render(request, "sites/opinion.html", context, status=_status_of(request, is_flood=is_flood))


@sender_page
def show_opinion(request: HttpRequest, opinion_token: str) -> HttpResponse:
    """What became of an opinion, for whoever has its address."""
    opinions = Opinion.objects.select_related("consultation__agency")
    opinion = get_object_or_404(opinions, token=opinion_token[:REFERENCE_LETTERS])
    context = {"opinion": opinion, "consultation": opinion.consultation, "agency": opinion.consultation.agency}
    return render(request, "sites/opinion_status.html", context)
