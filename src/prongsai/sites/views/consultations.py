"""Consultations: written, opened and published on the desk, read by everybody."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from prongsai.people.access import public_page
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.sites import consultations
from prongsai.sites.channel_items import items_of_channel
from prongsai.sites.forms import ConsultationForm, ResultForm
from prongsai.sites.opinions import Consultation, Opinion
from prongsai.sites.queries import SMALLEST_SHOWN
from prongsai.sites.views.desk import ALLOW_GET_AND_POST
from prongsai.sites.wording import say

PER_PAGE = 50


@require_agency_permission("sites.manage")
@ALLOW_GET_AND_POST
def list_all(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """The consultations of an agency, and a form for another."""
    agency = get_object_or_404(Agency, code=code)
    form = ConsultationForm(request.POST if request.method == "POST" else None, instance=Consultation(agency=agency))
    if request.method == "POST" and form.is_valid():
        try:
            saved = consultations.save_consultation(consultation=form.save(commit=False), by=request.user)
            messages.success(request, "บันทึกร่างแล้ว ประชาชนยังไม่เห็น อ่านทวนแล้วกดเปิดรับความคิดเห็น")
            return redirect("consultation", code, saved.pk)
        except DomainError as error:
            form.add_error("closes_on", str(error))
    found = Paginator(Consultation.objects.filter(agency=agency), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "consultations": found,
        "form": form,
        "items": items_of_channel(agency, "consultations"),
    }
    return render(request, "sites/consultations.html", context, status=422 if request.method == "POST" else 200)


def _find(code: str, consultation_id: int) -> Consultation:
    return get_object_or_404(Consultation.objects.select_related("agency"), pk=consultation_id, agency__code=code)


@require_agency_permission("sites.manage")
@ALLOW_GET_AND_POST
def edit(request: AuthenticatedRequest, code: str, consultation_id: int) -> HttpResponse:
    """A consultation as it will be asked, or how it stands."""
    consultation = _find(code, consultation_id)
    form = ConsultationForm(request.POST if request.method == "POST" else None, instance=consultation)
    if request.method == "POST" and form.is_valid():
        try:
            consultations.save_consultation(consultation=form.save(commit=False), by=request.user)
            messages.success(request, "บันทึกแล้ว")
            return redirect("consultation", code, consultation_id)
        except DomainError as error:
            form.add_error("closes_on", str(error))
    status = 422 if request.method == "POST" else 200
    return _render_desk(request, _find(code, consultation_id), status, form=form)


def _render_desk(
    request: AuthenticatedRequest,
    consultation: Consultation,
    status: int = 200,
    *,
    form: ConsultationForm | None = None,
    result: ResultForm | None = None,
) -> HttpResponse:
    written = {"heard": consultation.heard, "decided": consultation.decided}
    has_closed = consultations.has_closed(consultation)
    counted = (consultation.result or consultations.count_result(consultation)) if has_closed else None
    context = {
        "agency": consultation.agency,
        "consultation": consultation,
        "form": form or ConsultationForm(instance=consultation),
        "result_form": result or ResultForm(initial=written),
        "is_open": consultations.is_open(consultation),
        "has_closed": has_closed,
        "unread": consultations.pending_opinions(consultation).count() if has_closed else 0,
        "counted": counted,
        "choices": consultations.list_choices(consultation, counted),
        "smallest": SMALLEST_SHOWN,
    }
    return render(request, "sites/consultation_desk.html", context, status=status)


@require_agency_permission("sites.manage")
@require_POST
def start(request: AuthenticatedRequest, code: str, consultation_id: int) -> HttpResponse:
    """Open a consultation, as the page showed it."""
    try:
        consultations.open_consultation(consultation=_find(code, consultation_id), by=request.user)
        messages.success(request, "เปิดรับความคิดเห็นแล้ว ประชาชนเห็นทันที")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("consultation", code, consultation_id)


@require_agency_permission("sites.manage")
@ALLOW_GET_AND_POST
def read_opinions(request: AuthenticatedRequest, code: str, consultation_id: int) -> HttpResponse:
    """Read what people wrote once the closing day has passed, and admit or withhold each."""
    consultation = _find(code, consultation_id)
    problem = ""
    if request.method == "POST":
        typed = request.POST.get("opinion", "")
        number = int(typed) if typed.isdecimal() and len(typed) < 20 else 0
        opinion = get_object_or_404(_readable(consultation), pk=number)
        try:
            reason = request.POST.get("reason", "").strip()
            if "withhold" in request.POST and not reason:
                raise DomainError("เขียนเหตุผลที่ไม่เผยแพร่ก่อน")
            reason = reason if "withhold" in request.POST else ""
            consultations.read_opinion(opinion=opinion, reason=reason, by=request.user)
            return redirect("opinions", code, consultation_id)
        except DomainError as error:
            problem = str(error)
    opinions = Paginator(_readable(consultation).order_by("-status", "id"), PER_PAGE)
    context = {
        "agency": consultation.agency,
        "consultation": consultation,
        "opinions": opinions.get_page(request.GET.get("page")),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "sites/opinions.html", context, status=422 if problem else 200)


def _readable(consultation: Consultation) -> QuerySet[Opinion]:
    """Texts of a consultation that has closed; none before: whoever reads at once knows who was there."""
    opinions = consultation.opinions.exclude(text="")
    return opinions if consultations.has_closed(consultation) else opinions.none()


@require_agency_permission("sites.manage")
@require_POST
def publish(request: AuthenticatedRequest, code: str, consultation_id: int) -> HttpResponse:
    """Publish the result of a consultation, or take it back."""
    consultation = _find(code, consultation_id)
    form = ResultForm(request.POST)
    try:
        if "withdraw" in request.POST:
            consultations.withdraw_result(consultation=consultation, by=request.user)
            messages.success(request, "นำผลกลับมาแก้แล้ว ประชาชนไม่เห็นจนกว่าจะเผยแพร่อีกครั้ง")
            return redirect("consultation", code, consultation_id)
        if form.is_valid():
            heard, decided = form.cleaned_data["heard"], form.cleaned_data["decided"]
            consultations.publish_result(consultation=consultation, heard=heard, decided=decided, by=request.user)
            messages.success(request, "เผยแพร่ผลการรับฟังความคิดเห็นแล้ว")
            return redirect("consultation", code, consultation_id)
    except DomainError as error:
        form.add_error(None, str(error))
    return _render_desk(request, _find(code, consultation_id), 422, result=form)


@public_page
@require_safe
def list_public(request: HttpRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    """The consultations of an agency: open, closed, with results; those of a fiscal year with what came of each."""
    agency = get_object_or_404(Agency, code=code)
    if fiscal_year is None:
        found = consultations.public_consultations(agency)
    else:
        found = consultations.consultations_of_year(agency, fiscal_year)
        if not found.exists():
            raise Http404
    rows = [(each, consultations.is_open(each), consultations.sum_shown(each.result)) for each in found]
    context = {
        "agency": agency,
        "shown_year": fiscal_year,
        "rows": rows,
        "items": items_of_channel(agency, "consultations"),
    }
    return render(request, "sites/consultations_public.html", context)


@public_page
@require_safe
def show_public(request: HttpRequest, code: str, consultation_id: int) -> HttpResponse:
    """A consultation, and once it is published its result."""
    agency = get_object_or_404(Agency, code=code)
    consultation = get_object_or_404(consultations.public_consultations(agency), pk=consultation_id)
    is_published = consultation.published_on is not None
    choices = consultations.list_choices(consultation, consultation.result) if is_published else []
    admitted = consultations.admitted_opinions(consultation) if is_published else Opinion.objects.none()
    context = {
        "agency": agency,
        "consultation": consultation,
        "is_open": consultations.is_open(consultation),
        "is_published": is_published,
        "choices": choices,
        "title": say("จำนวนผู้เลือกแต่ละข้อ", "How many took each choice"),
        "rows": [(c.name, "–" if c.number is None else str(c.number), c.share) for c in choices],
        "opinions": Paginator(admitted, PER_PAGE).get_page(request.GET.get("page")),
        "smallest": SMALLEST_SHOWN,
    }
    return render(request, "sites/consultation_public.html", context)
