"""Pages of the office: agencies, appointments, rounds. A page of an assessor: declaring an interest."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Form, modelformset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.framework import NATIONAL
from prongsai.people.access import is_allowed, require_permission
from prongsai.people.actions import DomainError, invite_user
from prongsai.people.background import find_states, say_begun
from prongsai.people.lists import ask_and_act, stream_list
from prongsai.people.models import User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.roles import Role
from prongsai.registry import actions, agency_table, queries
from prongsai.registry.forms import (
    AgencyForm,
    AppointmentForm,
    AssignmentForm,
    CloseAgencyForm,
    InterestForm,
    NewAssessmentForm,
    PhaseForm,
    RoundForm,
)
from prongsai.registry.models import Agency, Appointment, Assessment, Phase, Round

_MAX_FOUND = 20  # users of a search, on one page

READ = require_safe
READ_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@require_permission("registry.round")
@READ
def agency_list(request: AuthenticatedRequest) -> HttpResponseBase:
    listing = agency_table.list_agencies(request.assessment, request.GET.dict())
    if request.GET.get("format") == "csv":
        titles = ("รหัส", "ชื่อ", "ชื่ออังกฤษ", "ประเภท", "จังหวัด", "อำเภอ", "เว็บไซต์", "ยุบเลิกเมื่อ")
        return stream_list(listing, "agencies", titles, _write_agency)
    context = {
        "listing": listing,
        "page": listing.page(request.GET.get("page")),
        "acts": agency_table.ACTS,
    }
    return render(request, "registry/agency_list.html", context)


def _write_agency(a: Agency) -> list[Any]:
    kind = a.get_kind_display()
    return [a.code, a.name_th, a.name_en, kind, a.province, a.district, a.website, a.closed_on]


@require_permission("registry.change", binding=True)
@require_POST
def act_on_agencies(request: AuthenticatedRequest) -> HttpResponseBase:
    """Send a message to those who act for the agencies that were picked, or for all that match."""
    return ask_and_act(
        request,
        acts=agency_table.ACTS,
        list_of=partial(agency_table.list_agencies, request.assessment),
        name=lambda agency: f"{agency.name_th} {agency.province}".strip(),
        back=reverse("agency_list"),
    )


@require_permission("registry.change")
@READ_OR_POST
def former_agency_list(request: AuthenticatedRequest, list_id: int | None = None) -> HttpResponse:
    """Where lists of agencies came in before they were a table like others."""
    return redirect("table", "agencies")


@require_permission("registry.change")
@READ_OR_POST
def edit_agency(request: AuthenticatedRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    form = AgencyForm(request.POST or None, instance=agency, initial={"on": queries.today()})
    if request.method == "POST" and form.is_valid():
        values = {f: form.cleaned_data[f] for f in Agency.DETAIL_FIELDS}
        try:
            changed = actions.update_agency(
                agency=Agency.objects.get(code=code), values=values, on=form.cleaned_data["on"], by=request.user
            )
        except DomainError as error:
            form.add_error("on", str(error))
        else:
            messages.success(request, "บันทึกแล้ว" if changed else "ไม่มีอะไรเปลี่ยนแปลง")
            return redirect("agency_list")
    return _render_form(request, form, f"แก้ไขข้อมูล {Agency.objects.get(code=code)}", back="agency_list")


@require_permission("registry.change")
@READ_OR_POST
def close_agency(request: AuthenticatedRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    form = CloseAgencyForm(request.POST or None, initial={"on": queries.today()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_agency(
                agency=agency, on=form.cleaned_data["on"], merged_into=form.cleaned_data["merged_into"], by=request.user
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"บันทึกการยุบเลิก {agency} แล้ว ผลการประเมินเดิมยังอยู่")
            return redirect("agency_list")
    return _render_form(request, form, f"ยุบเลิก {agency}", back="agency_list")


def _render_form(request: HttpRequest, form: Form | AgencyForm, title: str, *, back: str) -> HttpResponse:
    return render(request, "registry/form.html", {"form": form, "title": title, "back": reverse(back)})


@require_permission("registry.change", binding=True)
@READ_OR_POST
def agency_appointments(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Users who act for an agency, now and before; appointing one who is looked for by name or e-mail, ending an
    appointment."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    form = AppointmentForm(request.POST if "user" in request.POST else None, assessment=request.assessment)
    sought = request.GET.get("q", "").strip()[:120]
    if request.method == "POST":
        try:
            if "end" in request.POST:
                number = request.POST["end"]
                appointment = get_object_or_404(
                    Appointment, agency=agency, pk=number if number.isdecimal() and len(number) < 18 else 0, until=None
                )
                actions.end_appointment(appointment=appointment, on=queries.today(), by=request.user)
                messages.success(request, "ถอนหน้าที่แล้ว")
                return redirect("agency_appointments", code=code)
            if not form.is_valid():
                raise DomainError("ไม่พบผู้ใช้นี้ หรือบัญชีปิดไปแล้ว ค้นหาอีกครั้ง")
            actions.appoint(user=form.cleaned_data["user"], agency=agency, on=queries.today(), by=request.user)
            messages.success(request, "มอบหน้าที่แล้ว")
            return redirect("agency_appointments", code=code)
        except DomainError as error:
            messages.error(request, str(error))
    appointments = Appointment.objects.filter(agency=agency).select_related("user").order_by("until", "since")
    found = queries.find_appointable(agency, sought) if sought else User.objects.none()
    context = {
        "agency": agency,
        "appointments": appointments,
        "sought": sought,
        "found": found[:_MAX_FOUND],
        "is_cut": len(found[: _MAX_FOUND + 1]) > _MAX_FOUND,
    }
    return render(request, "registry/agency_appointments.html", context)


@require_permission("registry.interest")
@READ_OR_POST
def declare_interest(request: AuthenticatedRequest) -> HttpResponse:
    """An assessor declares a tie to an agency and is not assigned it from then on."""
    form = InterestForm(request.POST or None, assessment=request.assessment)
    if request.method == "POST" and form.is_valid():
        actions.declare_interest(
            user=request.user, agency=form.cleaned_data["agency"], reason=form.cleaned_data["reason"], by=request.user
        )
        messages.success(request, f"บันทึกแล้ว คุณจะไม่ได้รับมอบหมาย {form.cleaned_data['agency']}")
        return redirect("desk")
    return _render_form(request, form, "แจ้งส่วนได้เสียกับหน่วยงาน", back="desk")


@require_permission("registry.assessments", binding=True)
@READ_OR_POST
def assessment_list(request: AuthenticatedRequest) -> HttpResponse:
    """The assessments of this installation; another one is created by the national office."""
    if request.assessment != NATIONAL:
        raise Http404
    form = NewAssessmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            with transaction.atomic():
                assessment = actions.create_assessment(
                    slug=values["slug"],
                    name_th=values["name_th"],
                    name_en=values["name_en"],
                    owner=values["owner"],
                    by=request.user,
                )
                invite_user(
                    email=values["email"],
                    name=values["name"],
                    role=Role.OFFICE,
                    by=request.user,
                    site=f"{request.scheme}://{request.get_host()}",
                    assessment=assessment.slug,
                )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"สร้าง{assessment}แล้ว และส่งคำเชิญถึง {values['email']}")
            return redirect("assessment_list")
    context = {"assessments": Assessment.objects.all(), "form": form, "national": NATIONAL}
    return render(request, "registry/assessment_list.html", context, status=422 if form.errors else 200)


# --- rounds


@require_permission("registry.round")
@READ_OR_POST
def round_list(request: AuthenticatedRequest) -> HttpResponse:
    form = RoundForm(request.POST or None, assessment=request.assessment)
    if request.method == "POST":
        if not is_allowed(request.user, "registry.change", assessment=request.assessment):
            raise PermissionDenied
        if form.is_valid():
            try:
                assessment_round = actions.create_round(
                    assessment=request.assessment, fiscal_year=form.cleaned_data["fiscal_year"], by=request.user
                )
            except DomainError as error:
                form.add_error("fiscal_year", str(error))
            else:
                messages.success(
                    request, f"สร้างรอบปี {assessment_round.fiscal_year} แล้ว ต่อไปเลือกหน่วยงานและกำหนดวันของแต่ละช่วง"
                )
                return redirect("round", fiscal_year=assessment_round.fiscal_year)
    return render(
        request,
        "registry/round_list.html",
        {"rounds": Round.objects.filter(assessment=request.assessment), "form": form},
    )


@require_permission("registry.round")
@READ
def round_detail(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = get_object_or_404(
        Round.objects.prefetch_related("phases"), assessment=request.assessment, fiscal_year=fiscal_year
    )
    return _render_round(request, assessment_round, _build_phase_forms()(queryset=assessment_round.phases.all()), 200)


_ACTS_ON_ROUNDS = (actions.enroll_in_background,)


def _render_round(request: AuthenticatedRequest, assessment_round: Round, phases: Any, status: int) -> HttpResponse:
    context = {
        "round": assessment_round,
        "works": find_states(_ACTS_ON_ROUNDS, str(assessment_round.pk)),
        "progress": queries.round_progress(assessment_round),
        "open": queries.open_phases(assessment_round),
        "workload": queries.assessor_workload(assessment_round),
        "phases": phases,
        "extensions": queries.list_extensions(assessment_round),
        "assign": AssignmentForm(assessment=assessment_round.assessment_id),
        "framework": queries.load_round_framework(assessment_round),
    }
    return render(request, "registry/round.html", context, status=status)


def _build_phase_forms() -> Any:
    return modelformset_factory(Phase, form=PhaseForm, extra=0)


@require_permission("registry.change")
@require_POST
def set_phases(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = get_object_or_404(Round, assessment=request.assessment, fiscal_year=fiscal_year)
    forms = _build_phase_forms()(request.POST, queryset=assessment_round.phases.all())
    if forms.is_valid():
        try:
            with transaction.atomic():  # the whole calendar or none of it
                for form in forms:
                    phase = assessment_round.phases.get(pk=form.instance.pk)
                    actions.set_phase_dates(
                        phase=phase, starts=form.cleaned_data["starts"], ends=form.cleaned_data["ends"], by=request.user
                    )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "บันทึกปฏิทินแล้ว")
    else:
        problems = [f"{f.instance.label_th}: {'; '.join(e)}" for f in forms for e in f.errors.values()]
        messages.error(request, "ยังไม่ได้บันทึก: " + " ".join(problems))
        return _render_round(request, assessment_round, forms, 422)  # with the values as typed
    return redirect("round", fiscal_year=fiscal_year)


@require_permission("registry.change")
@require_POST
def set_round_status(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = get_object_or_404(Round, assessment=request.assessment, fiscal_year=fiscal_year)
    try:
        actions.set_round_status(
            assessment_round=assessment_round, status=request.POST.get("status", ""), by=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("round", fiscal_year=fiscal_year)


@require_permission("registry.change")
@require_POST
def take_back_round(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Take back a round that has not begun."""
    assessment_round = get_object_or_404(Round, assessment=request.assessment, fiscal_year=fiscal_year)
    try:
        actions.take_back_round(assessment_round=assessment_round, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("round", fiscal_year=fiscal_year)
    messages.success(request, f"ยกเลิกรอบปี {fiscal_year} แล้ว หลักเกณฑ์ของปีนี้แก้ได้อีกครั้ง")
    return redirect("round_list")


@require_permission("registry.change")
@require_POST
def enroll_agencies(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Add every agency that is not closed to the round."""
    assessment_round = get_object_or_404(Round, assessment=request.assessment, fiscal_year=fiscal_year)
    try:
        say_begun(request, actions.request_enrolment(assessment_round=assessment_round, by=request.user))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("round", fiscal_year=fiscal_year)


@require_permission("registry.assign")
@require_POST
def assign_agencies(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Assign one agency to one assessor."""
    assessment_round = get_object_or_404(Round, assessment=request.assessment, fiscal_year=fiscal_year)
    try:
        form = AssignmentForm(request.POST, assessment=request.assessment)
        if form.is_valid():
            actions.assign(
                assessment_round=assessment_round,
                agency=form.cleaned_data["agency"],
                assessor=form.cleaned_data["assessor"],
                by=request.user,
            )
            messages.success(request, "มอบหมายแล้ว")
        else:
            messages.error(request, " ".join(str(e) for es in form.errors.values() for e in es))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("round", fiscal_year=fiscal_year)
