"""The registry's desks: agencies, who acts for them, rounds."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import modelformset_factory
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.intake import UnreadableError
from prongsai.people.access import may, open_to
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry import actions, queries
from prongsai.registry.agency_list import HEADS
from prongsai.registry.forms import (
    AgencyForm,
    AppointForm,
    AssignForm,
    CloseForm,
    FileForm,
    InterestForm,
    PhaseForm,
    RoundForm,
)
from prongsai.registry.models import Agency, AgencyImport, Appointment, Phase, Round
from prongsai.registry.uploads import accepted, on_disk

LOOK = require_safe
EDIT = require_http_methods(["GET", "HEAD", "POST"])


@open_to("registry.round")
@LOOK
def agencies(request: AuthenticatedRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:120]
    rows = queries.search(text) if text else Agency.objects.order_by("order")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    waiting = AgencyImport.objects.filter(status=AgencyImport.Status.WAITING)[:10]
    return render(request, "registry/agencies.html", {"page": page, "q": text, "waiting": waiting})


@open_to("registry.change")
@EDIT
def upload_list(request: AuthenticatedRequest) -> HttpResponse:
    """Upload a list of agencies; what it would change is shown before anything is stored."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and accepted(request, form):
        file = form.cleaned_data["file"]
        try:
            listing = actions.upload_list(path=on_disk(file), file_name=file.name, by=request.user)
        except UnreadableError as error:
            form.add_error("file", str(error))
        else:
            return redirect("listing", listing_id=listing.pk)
    return render(
        request, "registry/upload_list.html", {"form": form, "heads": HEADS}, status=400 if form.errors else 200
    )


@open_to("registry.change")
@LOOK
def list_template(request: AuthenticatedRequest) -> HttpResponse:
    lines = [
        ",".join(h[0] for h in HEADS.values()),
        "6310101,องค์การบริหารส่วนตำบลตัวอย่าง,,องค์การบริหารส่วนตำบล,ตาก,เมืองตาก,,https://example.go.th",
    ]
    response = HttpResponse("\ufeff" + "\r\n".join(lines) + "\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="agencies.csv"'
    return response


@open_to("registry.change")
@EDIT
def listing(request: AuthenticatedRequest, listing_id: int) -> HttpResponse:
    """A list that was read: what it would add and change, every problem by row, and the decision."""
    found = get_object_or_404(AgencyImport, pk=listing_id)
    if request.method == "POST":
        try:
            if "drop" in request.POST:
                actions.drop_list(listing=found, by=request.user)
                messages.info(request, "ยกเลิกแล้ว ไม่มีอะไรเปลี่ยนแปลง")
            else:
                new, changed = actions.confirm_list(listing=found, by=request.user, on=queries.today())
                messages.success(request, f"บันทึกแล้ว: เพิ่ม {new} แห่ง แก้ไข {changed} แห่ง")
            return redirect("desk_agencies")
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("listing", listing_id=listing_id)
    return render(request, "registry/listing.html", {"listing": found, "preview": queries.preview(found)})


@open_to("registry.change")
@EDIT
def edit_agency(request: AuthenticatedRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(Agency, code=code)
    form = AgencyForm(request.POST or None, instance=agency, initial={"on": queries.today()})
    if request.method == "POST" and form.is_valid():
        values = {f: form.cleaned_data[f] for f in Agency.FIELDS}
        try:
            changed = actions.describe(
                agency=Agency.objects.get(code=code), values=values, on=form.cleaned_data["on"], by=request.user
            )
        except DomainError as error:
            form.add_error("on", str(error))
        else:
            messages.success(request, "บันทึกแล้ว" if changed else "ไม่มีอะไรเปลี่ยนแปลง")
            return redirect("desk_agencies")
    return render(request, "registry/form.html", {"form": form, "title": f"แก้ไขข้อมูล {Agency.objects.get(code=code)}"})


@open_to("registry.change")
@EDIT
def close_agency(request: AuthenticatedRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(Agency, code=code)
    form = CloseForm(request.POST or None, initial={"on": queries.today()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.close(
                agency=agency, on=form.cleaned_data["on"], merged_into=form.cleaned_data["merged_into"], by=request.user
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"บันทึกการยุบเลิก {agency} แล้ว ผลการประเมินเดิมยังอยู่")
            return redirect("desk_agencies")
    return render(request, "registry/form.html", {"form": form, "title": f"ยุบเลิก {agency}"})


@open_to("registry.change")
@EDIT
def agency_people(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Who acts for an agency."""
    agency = get_object_or_404(Agency, code=code)
    form = AppointForm(request.POST if "user" in request.POST else None)
    if request.method == "POST":
        try:
            if "relieve" in request.POST:
                number = request.POST["relieve"]
                appointment = get_object_or_404(
                    Appointment, agency=agency, pk=number if number.isdecimal() and len(number) < 18 else 0, until=None
                )
                actions.relieve(appointment=appointment, on=queries.today(), by=request.user)
                messages.success(request, "ถอนหน้าที่แล้ว")
                return redirect("agency_people", code=code)
            if form.is_valid():
                actions.appoint(user=form.cleaned_data["user"], agency=agency, on=queries.today(), by=request.user)
                messages.success(request, "มอบหน้าที่แล้ว")
                return redirect("agency_people", code=code)
        except DomainError as error:
            messages.error(request, str(error))
    appointments = Appointment.objects.filter(agency=agency).select_related("user").order_by("until", "since")
    return render(request, "registry/people.html", {"agency": agency, "form": form, "appointments": appointments})


@open_to("registry.interest")
@EDIT
def interest(request: AuthenticatedRequest) -> HttpResponse:
    """An assessor declares a tie to an agency, and is kept away from it from then on."""
    form = InterestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.declare_interest(
            user=request.user, agency=form.cleaned_data["agency"], reason=form.cleaned_data["reason"], by=request.user
        )
        messages.success(request, f"บันทึกแล้ว คุณจะไม่ได้รับมอบหมาย {form.cleaned_data['agency']}")
        return redirect("desk")
    return render(request, "registry/form.html", {"form": form, "title": "แจ้งส่วนได้เสียกับหน่วยงาน"})


# --- rounds


@open_to("registry.round")
@EDIT
def rounds(request: AuthenticatedRequest) -> HttpResponse:
    form = RoundForm(request.POST or None)
    if request.method == "POST":
        if not may(request.user, "registry.change"):
            raise PermissionDenied
        if form.is_valid():
            try:
                made = actions.create_round(fiscal_year=form.cleaned_data["fiscal_year"], by=request.user)
            except DomainError as error:
                form.add_error("fiscal_year", str(error))
            else:
                messages.success(request, f"สร้างรอบปี {made.fiscal_year} แล้ว ต่อไปเลือกหน่วยงานและกำหนดวันของแต่ละช่วง")
                return redirect("round", fiscal_year=made.fiscal_year)
    return render(request, "registry/rounds.html", {"rounds": Round.objects.all(), "form": form})


@open_to("registry.round")
@LOOK
def round_detail(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    found = get_object_or_404(Round.objects.prefetch_related("phases"), fiscal_year=fiscal_year)
    return _round_page(request, found, _phase_forms()(queryset=found.phases.all()), 200)


def _round_page(request: AuthenticatedRequest, found: Round, phases: Any, status: int) -> HttpResponse:
    context = {
        "round": found,
        "progress": queries.progress(found),
        "open": queries.open_phases(found),
        "workload": queries.workload(found),
        "phases": phases,
        "assign": AssignForm(),
        "framework": queries.framework_of(found),
    }
    return render(request, "registry/round.html", context, status=status)


def _phase_forms() -> Any:
    return modelformset_factory(Phase, form=PhaseForm, extra=0)


@open_to("registry.change")
@require_POST
def set_phases(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    found = get_object_or_404(Round, fiscal_year=fiscal_year)
    forms = _phase_forms()(request.POST, queryset=found.phases.all())
    if forms.is_valid():
        try:
            with transaction.atomic():  # all of the calendar or none
                for form in forms:
                    phase = found.phases.get(pk=form.instance.pk)
                    actions.set_phase(
                        phase=phase, starts=form.cleaned_data["starts"], ends=form.cleaned_data["ends"], by=request.user
                    )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "บันทึกปฏิทินแล้ว")
    else:
        wrong = [f"{f.instance.label_th}: {'; '.join(e)}" for f in forms for e in f.errors.values()]
        messages.error(request, "ยังไม่ได้บันทึก: " + " ".join(wrong))
        return _round_page(request, found, forms, 422)  # with what was typed
    return redirect("round", fiscal_year=fiscal_year)


@open_to("registry.change")
@require_POST
def set_status(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    found = get_object_or_404(Round, fiscal_year=fiscal_year)
    try:
        actions.set_status(assessment_round=found, status=request.POST.get("status", ""), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("round", fiscal_year=fiscal_year)


@open_to("registry.change")
@require_POST
def enrol(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Put every agency that exists into the round."""
    found = get_object_or_404(Round, fiscal_year=fiscal_year)
    try:
        count = actions.enrol(assessment_round=found, agencies=Agency.objects.filter(closed_on=None), by=request.user)
        messages.success(request, f"รอบนี้มี {count} หน่วยงาน")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("round", fiscal_year=fiscal_year)


@open_to("registry.assign")
@require_POST
def assign(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Share all agencies out evenly, or give one agency to one assessor."""
    found = get_object_or_404(Round, fiscal_year=fiscal_year)
    try:
        if "all" in request.POST:
            done = actions.share_out(assessment_round=found, by=request.user)
            left = f" เหลือ {len(done['left'])} แห่งที่ทุกคนมีส่วนได้เสีย" if done["left"] else ""
            messages.success(request, f"มอบหมายแล้ว {done['assigned']} แห่ง{left}")
        else:
            form = AssignForm(request.POST)
            if form.is_valid():
                actions.assign(
                    assessment_round=found,
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
