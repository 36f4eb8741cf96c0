"""The library of measures, alone and beside a plan."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.framework import Framework
from prongsai.improvement import actions, queries
from prongsai.improvement.library import library_page
from prongsai.improvement.models import LibraryEntry
from prongsai.improvement.views.common import allow_get_and_post, get_plan, parse_id
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.queries import agencies_of
from prongsai.rulebooks.queries import frameworks


def _render_library(
    request: AuthenticatedRequest, kind: str, framework: Framework, *, fictional: bool, **context: Any
) -> HttpResponse:
    """The library of a type of agency, on the indicator that the address asks for or the first."""
    indicators = framework.rules.indicators
    indicator = request.GET.get("indicator", "")
    if indicator not in framework.indicators:
        indicator = indicators[0].id
    context |= {
        "library": library_page(assessment=request.assessment, kind=kind, indicator=indicator, fictional=fictional),
        "fictional": fictional,
        "kind": kind,
        "kinds": AgencyType,
        "indicators": indicators,
        "indicator": framework.nodes[indicator],
    }
    return render(request, "improvement/library.html", context)


def _is_about_fiction(request: AuthenticatedRequest) -> bool:
    """Users of fictional agencies learn from those, everybody else from real ones; where those have no plan yet, or the
    address says so, from fictional ones."""
    if (asked := request.GET.get("fictional", "")) in ("0", "1"):
        return asked == "1"
    if own := agencies_of(request.user).first():
        return own.fictional
    entries = LibraryEntry.objects.filter(agency__assessment=request.assessment, plan__public=True)
    return entries.exists() and not entries.filter(agency__fictional=False).exists()


@require_permission("improvement.library")
@require_safe
def show_library(request: AuthenticatedRequest) -> HttpResponse:
    """Measures of published plans, by type of agency and indicator."""
    own = agencies_of(request.user).first()
    kind = request.GET.get("kind", own.kind if own else AgencyType.SUBDISTRICT_ORGANIZATION.value)
    if kind not in AgencyType.values:
        raise Http404
    framework = next(iter(frameworks(request.assessment).values()), None)
    if framework is None:
        return render(request, "improvement/library_empty.html")
    return _render_library(request, kind, framework, fictional=_is_about_fiction(request))


@require_agency_permission("improvement.edit")
@allow_get_and_post
def choose_from_library(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The library of the agency's type, to add a measure of it to the plan."""
    plan = get_plan(code, fiscal_year)
    if request.method != "POST":
        return _render_library(
            request,
            plan.agency.kind,
            queries.framework_of(plan),
            fictional=plan.agency.fictional,
            plan=plan,
            agency=plan.agency,
        )
    entries = LibraryEntry.objects.filter(plan__public=True, agency__fictional=plan.agency.fictional)
    entry = get_object_or_404(entries, pk=parse_id(request.POST.get("entry", "")))
    try:
        measure = actions.add_measure(
            plan=plan, by=request.user, indicators=[entry.indicator], title=entry.title, steps=entry.steps
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plan", code=code, fiscal_year=fiscal_year)
    messages.success(request, "เพิ่มมาตรการในแผนแล้ว แก้ให้ตรงกับหน่วยงาน และย้ายข้อค้นพบที่เกี่ยวข้องมา")
    return redirect(reverse("plan_edit", args=[code, fiscal_year]) + f"#m{measure.pk}")
