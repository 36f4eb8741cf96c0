"""An agency's plans: the list, starting one, reading and editing it."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from prongsai.improvement import actions, queries
from prongsai.improvement.forms import MeasureForm, form_of, parse_plan
from prongsai.improvement.models import Measure, Plan
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH
from prongsai.improvement.snapshot import build_snapshot
from prongsai.improvement.spreadsheets import write_plan
from prongsai.improvement.views.approval import submit
from prongsai.improvement.views.common import allow_get_and_post, get_plan, parse_id, plan_context, xlsx_response
from prongsai.lib import fiscal
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.second_person import require_typed
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.results.queries import list_approximate


@require_agency_permission("improvement.read")
@require_safe
def list_plans(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """An agency's plans, and results that a plan can be started from."""
    agency = get_object_or_404(Agency, code=code)
    plans = list(queries.plans_of(agency))
    planned = {p.fiscal_year for p in plans}
    results = [(year, r) for year, r in queries.results_of(agency).items() if year + 1 not in planned]
    context = {
        "agency": agency,
        "plans": plans,
        "results": results,
        "shown_years": {*(year for year, _ in results), *(plan.fiscal_year - 1 for plan in plans)},
        "current_year": fiscal.year_of(today()),
        "is_first_year": queries.may_plan_without_result(agency),
    }
    return render(request, "improvement/plans.html", context)


@require_agency_permission("improvement.edit")
@require_POST
def start(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Draft the plan on a year's result."""
    agency = get_object_or_404(Agency, code=code)
    year = parse_id(request.POST.get("result_year", ""))
    comments = queries.comments_on(agency, year)
    try:
        plan = actions.start_plan(agency=agency, result_year=year, by=request.user, comments=comments)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plans", code=code)
    messages.success(request, "ร่างแผนให้ครบทุกตัวชี้วัดแล้ว อ่านแล้วแก้ให้ตรงกับหน่วยงาน จากนั้นเสนอผู้บริหาร")
    return redirect("plan_edit", code=code, fiscal_year=plan.fiscal_year)


@require_agency_permission("improvement.edit")
@allow_get_and_post
def discard(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """What a draft holds, and throwing it away."""
    if request.method == "POST" and not Plan.objects.filter(agency__code=code, fiscal_year=fiscal_year).exists():
        return redirect("plans", code=code)  # the button was pressed twice
    plan = get_plan(code, fiscal_year)
    refusal = ""
    if request.method == "POST":
        try:
            require_typed(request.POST.get("typed", ""), fiscal_year)
            expected_digest = request.POST.get("expected_digest", "")
            actions.discard_plan(plan=plan, by=request.user, expected_digest=expected_digest)
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, f"ทิ้งร่างแผนปี {fiscal_year} แล้ว ร่างใหม่จากผลเดิมได้")
            return redirect("plans", code=code)
    if not queries.may_discard(plan):
        messages.error(request, refusal or "แผนนี้เคยเสนอผู้บริหารแล้ว จึงเก็บไว้เป็นหลักฐาน ทิ้งไม่ได้")
        return redirect("plan", code=code, fiscal_year=fiscal_year)
    context = plan_context(code, fiscal_year, "discard") | {"refusal": refusal, "intervals": FOLLOW_UP_INTERVAL_TH}
    return render(request, "improvement/discard.html", context, status=409 if refusal else 200)


@require_agency_permission("improvement.read")
@require_safe
def show(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """A plan to read, in force or as being drafted, with the steps of its approval."""
    plan = get_plan(code, fiscal_year)
    approval = queries.latest_approval(plan)
    is_working_copy = approval is None or (plan.status != Plan.Status.APPROVED and "approved" not in request.GET)
    measures = queries.measures_of(plan)
    context = {
        "plan": plan,
        "agency": plan.agency,
        "snapshot": build_snapshot(plan, working_copy=is_working_copy),
        "approval": approval,
        "is_working_copy": is_working_copy,
        "decisions": plan.decisions.all(),
        "missing_fields": queries.missing_fields(plan, measures) if is_working_copy else [],
        "tab": "plan",
        "may_discard": queries.may_discard(plan),
        "former_owners": queries.former_owners(plan, measures),
        "framework": queries.framework_of(plan),
        "executives": queries.executives_of(plan.agency),
        "intervals": FOLLOW_UP_INTERVAL_TH,
    }
    return render(request, "improvement/plan.html", context)


@require_agency_permission("improvement.edit")
@allow_get_and_post
def edit(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponseBase:
    """The whole plan in one form. Valid measures are saved; the others are shown as typed, with the reason."""
    plan = get_plan(code, fiscal_year)
    if request.method != "POST":
        if plan.status == Plan.Status.SUBMITTED:
            return redirect("plan", code=code, fiscal_year=fiscal_year)
        return _render_edit_page(request, plan, {}, 200)
    measures = list(plan.measures.prefetch_related("findings"))
    for measure in measures:
        measure.plan = plan
    owners = [u.pk for u in queries.eligible_owners(plan.agency)]
    parsed = parse_plan(request.POST, measures, queries.framework_of(plan), owners)
    try:
        result = actions.save_plan(plan=plan, edits=parsed.edits, moves=parsed.moves, by=request.user)
    except DomainError as error:
        messages.error(request, f"ยังไม่ได้บันทึก ข้อความที่พิมพ์ยังอยู่ในหน้านี้: {error}")
        return _render_edit_page(request, plan, {f.measure.pk: f for f in parsed.forms}, 409)
    unsaved = {f.measure.pk: f for f in parsed.forms if f.errors or f.measure.pk in result.conflicts}
    if unsaved:
        others = f" อีก {len(result.saved)} มาตรการบันทึกแล้ว" if result.saved else ""
        messages.error(request, f"ยังไม่ได้บันทึก {len(unsaved)} มาตรการ ข้อความที่พิมพ์ยังอยู่ครบ ดูเหตุที่มาตรการนั้น{others}")
        plan.refresh_from_db()
        return _render_edit_page(request, plan, unsaved, 409 if result.conflicts else 422)
    return _continue_after_save(request, plan, is_changed=bool(result.saved or parsed.moves))


def _continue_after_save(request: AuthenticatedRequest, plan: Plan, *, is_changed: bool) -> HttpResponseBase:
    """Do what the pressed button asks for beside saving."""
    code, year = plan.agency.code, plan.fiscal_year
    anchor = ""
    try:
        if "add" in request.POST:
            anchor = f"#m{actions.add_measure(plan=plan, by=request.user).pk}"
        elif "remove" in request.POST:
            measure = get_object_or_404(Measure, pk=parse_id(request.POST["remove"]), plan=plan, removed=False)
            actions.remove_measure(measure=measure, by=request.user)
            messages.success(request, f"นำ “{measure}” ออกแล้ว")
        elif "add_findings" in request.POST:
            comments = queries.comments_on(plan.agency, year - 1)
            added = actions.add_new_findings(plan=plan, by=request.user, comments=comments)
            messages.success(request, f"รับข้อค้นพบเพิ่ม {added} ข้อ" if added else "ไม่มีข้อค้นพบใหม่")
        elif "submit" in request.POST:
            return submit(request, code=code, fiscal_year=year)
        else:
            messages.success(request, "บันทึกแล้ว" if is_changed else "ไม่มีอะไรเปลี่ยนแปลง")
            if measure_id := parse_id(request.POST.get("save", "")):
                anchor = f"#m{measure_id}"
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(reverse("plan_edit", args=[code, year]) + anchor)


def _render_edit_page(
    request: AuthenticatedRequest, plan: Plan, unsaved: dict[int, MeasureForm], status: int
) -> HttpResponse:
    """The page for editing. ``unsaved`` are forms as typed, by measure; the other measures are shown as stored."""
    measures = queries.measures_of(plan)
    framework = queries.framework_of(plan)
    forms = _merge_forms(measures, unsaved)
    notes = queries.TextNotes(plan.agency, plan.fiscal_year)
    for form in forms:
        form.text_notes = {name: notes.of_printed(form.fields[name]) for name in ("title", "steps", "success")}
        form.text_notes["findings"] = queries.note_unprintable(*(f.defect for f in form.findings), form.new_finding)
    missing: dict[int | None, list[str]] = {}
    for field in queries.missing_fields(plan, measures):
        missing.setdefault(field.measure.pk if field.measure else None, []).append(field.text)
    context = {
        "ended_on": fiscal.last_day(plan.fiscal_year) if fiscal.year_of(today()) > plan.fiscal_year else None,
        "plan": plan,
        "agency": plan.agency,
        "forms": forms,
        "framework": framework,
        "approximate": list_approximate(plan.result) if plan.result else (),
        "indicators": framework.rules.indicators,
        "months": [(m, fiscal.month_name(plan.fiscal_year, m)) for m in range(1, fiscal.MONTHS + 1)],
        "intervals": FOLLOW_UP_INTERVAL_TH,
        "owners": queries.eligible_owners(plan.agency),
        "former_owners": queries.former_owners(plan, measures),
        "missing_by_measure": missing,
        "missing_of_plan": missing.get(None, []),
        "missing_count": sum(map(len, missing.values())),
        "gaps": queries.gaps_of(plan),
        "newer_result": queries.newer_result(plan),
        "units": sorted({u for m in measures for u in m.units}),
        "returned": plan.decisions.last() if plan.status == Plan.Status.RETURNED else None,
        "tab": "edit",
        "approval": queries.latest_approval(plan),
        "measure_names": [(m.pk, str(m)) for m in measures],
    }
    return render(request, "improvement/edit.html", context, status=status)


def _merge_forms(measures: list[Measure], unsaved: dict[int, MeasureForm]) -> list[MeasureForm]:
    """The form of each stored measure, as typed where it is not saved. A typed form whose measure was changed or
    removed meanwhile carries the stored measure, and is then based on it: saving again is deliberate."""
    forms = []
    for measure in measures:
        stored = form_of(measure)
        typed = unsaved.get(measure.pk)
        if typed is None:
            forms.append(stored)
            continue
        if typed.base_version != stored.base_version:
            typed.current, typed.base_version = measure, stored.base_version
        typed.measure = measure
        typed_findings = {f.finding.pk for f in typed.findings}
        typed.findings += [f for f in stored.findings if f.finding.pk not in typed_findings]
        forms.append(typed)
    in_plan = {m.pk for m in measures}
    for pk, typed in unsaved.items():
        if pk not in in_plan:
            typed.current, typed.base_version = typed.measure, typed.measure.version()
            forms.append(typed)
    return forms


@require_agency_permission("improvement.read")
@require_safe
def download_plan(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The plan as a spreadsheet."""
    return xlsx_response(write_plan(build_snapshot(get_plan(code, fiscal_year))), f"plan-{code}-{fiscal_year}")
