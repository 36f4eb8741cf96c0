"""An agency's desk of channels: what it offers, questions to answer, statistics to publish."""

import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.machines.keys import ForeignKeysError
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.sites import actions, queries, retention
from prongsai.sites.consultations import public_consultations
from prongsai.sites.forms import AnswerForm, SettingsForm
from prongsai.sites.models import Question
from prongsai.sites.satisfaction import services_of

ALLOW_GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
DECIDED_SHOWN = 30
REASONS = (  # for not publishing a question, offered while one is typed
    "มีข้อมูลส่วนบุคคลของผู้อื่น",
    "หยาบคายหรือหมิ่นประมาท",
    "เป็นโฆษณาหรือไม่เกี่ยวกับงานของหน่วยงาน",
    "เป็นเรื่องร้องเรียน ใช้ช่องทางร้องเรียนซึ่งไม่เผยแพร่",
)
ENDING_DAYS = 30  # ahead: what is destroyed until then is said on the desk


@require_agency_permission("sites.read")
@require_safe
def overview(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """The channels of an agency, what waits there, and the months to publish."""
    agency = get_object_or_404(Agency, code=code)
    complaints = queries.complaints_for(request.user, agency)
    opened = public_consultations(agency)
    context = {
        "agency": agency,
        "settings": queries.find_settings(agency),
        "pending": queries.pending_questions(agency).count(),
        "late_questions": queries.pending_questions(agency).filter(answer_by__lt=today()).count(),
        "open_complaints": complaints.filter(queries.NOT_CLOSED).count(),
        "ending": retention.find_ending(request.user, agency, today() + datetime.timedelta(ENDING_DAYS)),
        "ending_days": ENDING_DAYS,
        "open_consultations": opened.filter(closes_on__gte=today()).count(),
        "consultations_to_publish": opened.filter(closes_on__lt=today(), published_on=None).count(),
        "open_services": services_of(agency).filter(is_open=True).count(),
        "months": [queries.show_month(m, queries.count_month(agency, m)) for m in queries.months_to_publish(agency)],
        "published": queries.show_years(queries.published_months(agency)[:DECIDED_SHOWN]),
        "smallest": queries.SMALLEST_SHOWN,
    }
    return render(request, "sites/desk.html", context)


@require_agency_permission("sites.manage")
@ALLOW_GET_AND_POST
def edit_settings(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Open and close channels, and what they promise."""
    agency = get_object_or_404(Agency.objects.select_related("assessment"), code=code)
    settings = queries.find_settings(agency)
    settings.agency = agency
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=settings)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_channels(settings=form.save(commit=False), by=request.user)
            messages.success(request, "บันทึกแล้ว ประชาชนเห็นตามนี้ทันที")
            return redirect("channels_desk", code)
        except ForeignKeysError as error:
            form.add_error(None, f"เปิดช่องทางร้องเรียนไม่ได้ เพราะสร้างกุญแจไม่ได้ แจ้งผู้ดูแลระบบ: {error}")
    status = 422 if request.method == "POST" else 200
    return render(request, "sites/settings.html", {"agency": agency, "form": form}, status=status)


@require_agency_permission("sites.manage")
@require_POST
def publish_statistics(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Publish a month that the page showed."""
    agency = get_object_or_404(Agency, code=code)
    try:
        first_day = datetime.date.fromisoformat(request.POST.get("month", ""))
    except ValueError as error:
        raise Http404 from error
    try:
        actions.publish_month(agency=agency, first_day=first_day, by=request.user)
        messages.success(request, "เผยแพร่สถิติแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("channels_desk", code)


@require_agency_permission("sites.answer")
@ALLOW_GET_AND_POST
def list_questions(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Questions that wait, the oldest first, and those that were decided last; decline several for one reason."""
    agency = get_object_or_404(Agency, code=code)
    sent, reason, problem = set(request.POST.getlist("question")), request.POST.get("reason", ""), ""
    questions = [question for question in queries.pending_questions(agency) if str(question.pk) in sent]
    if request.method == "POST":
        try:
            number = actions.decline_questions(questions=questions, reason=reason, by=request.user)
            messages.success(request, f"ไม่เผยแพร่ {number} คำถาม ผู้ถามอ่านเหตุผลได้ นำแต่ละข้อกลับมาได้")
            return redirect("questions", code)
        except DomainError as error:
            problem = str(error)
    decided = Question.objects.filter(agency=agency).exclude(status=Question.Status.PENDING)
    context = {
        "agency": agency,
        "pending": queries.pending_questions(agency),
        "decided": decided[:DECIDED_SHOWN],
        "today": today(),
        "chosen": {question.pk for question in questions},
        "reason": reason,
        "reasons": REASONS,
        "problem": problem,
    }
    return render(request, "sites/questions.html", context, status=422 if problem else 200)


@require_agency_permission("sites.answer")
@ALLOW_GET_AND_POST
def answer_question(request: AuthenticatedRequest, code: str, question_id: int) -> HttpResponse:
    """Answer and publish a question, decline it with a reason, or take it back."""
    question = get_object_or_404(Question.objects.select_related("agency"), pk=question_id, agency__code=code)
    form = AnswerForm(request.POST if request.method == "POST" else None, question=question)
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _decide(request, question, form))
            return redirect("questions", code)
        except DomainError as error:
            problem = str(error)
            question.refresh_from_db()
    context = {"agency": question.agency, "question": question, "form": form, "problem": problem, "today": today()}
    context["reasons"] = REASONS
    status = 422 if request.method == "POST" else 200
    return render(request, "sites/question.html", context, status=status)


def _decide(request: AuthenticatedRequest, question: Question, form: AnswerForm) -> str:
    """Do what was pressed; gives what to say."""
    if "return" in request.POST:
        actions.return_question(question=question, by=request.user)
        return "นำกลับมารอตอบแล้ว ประชาชนไม่เห็นคำถามนี้จนกว่าจะเผยแพร่อีกครั้ง"
    if "decline" in request.POST:
        actions.decline_question(question=question, reason=form.cleaned_data["reason"], by=request.user)
        return "บันทึกว่าไม่เผยแพร่แล้ว ผู้ถามอ่านเหตุผลได้จากที่อยู่ของคำถาม"
    actions.publish_answer(question=question, answer=form.cleaned_data["answer"], by=request.user)
    return "เผยแพร่คำถามและคำตอบแล้ว"
