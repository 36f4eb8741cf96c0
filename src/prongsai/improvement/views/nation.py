"""Plans beyond one agency: the progress of the nation, and the public page of a plan."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prongsai.improvement import queries
from prongsai.improvement.models import Plan
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH
from prongsai.improvement.snapshot import build_snapshot
from prongsai.improvement.views.common import get_plan
from prongsai.people.access import public_page, require_permission
from prongsai.people.requests import AuthenticatedRequest
from prongsai.results import queries as results


@require_permission("improvement.nation")
@require_safe
def show_nation(request: AuthenticatedRequest, fiscal_year: int | None = None) -> HttpResponse:
    """The progress of all agencies with the plans of a year, the newest without one in the address."""
    years = sorted({year + 1 for year in results.years(request.assessment)}, reverse=True)
    year = fiscal_year if fiscal_year is not None else next(iter(years), None)
    plans = Plan.objects.none() if year is None else queries.plans_in(request.assessment, year)
    plans = plans.select_related("agency").order_by("status", "agency__order")
    context = {
        "year": year,
        "years": years,
        "progress": queries.national_progress(request.assessment, year) if year else None,
        "page": Paginator(plans, 50).get_page(request.GET.get("page")),
    }
    return render(request, "improvement/nation.html", context)


@public_page
@require_safe
def show_public_plan(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """A plan in force that its agency publishes."""
    plan = get_plan(code, fiscal_year)
    snapshot = build_snapshot(plan)
    if not plan.public or snapshot.approval is None:
        raise Http404
    context = {
        "plan": plan,
        "agency": plan.agency,
        "snapshot": snapshot,
        "approval": snapshot.approval,
        "newer_result": queries.published_since(plan, snapshot.approval),
        "intervals": FOLLOW_UP_INTERVAL_TH,
        "framework": queries.framework_of(plan),
    }
    return render(request, "improvement/public.html", context)
