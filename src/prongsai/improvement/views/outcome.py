"""What followed a plan in the year after, and what it could change."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prongsai.improvement import queries
from prongsai.improvement.outcome import compare_outcome, compute_what_if
from prongsai.improvement.views.common import get_plan, plan_context
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission


@require_agency_permission("improvement.read")
@require_safe
def show_outcome(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The change of the indicators beside each measure."""
    context = plan_context(code, fiscal_year, "outcome")
    context["outcome"] = compare_outcome(context["plan"], context["snapshot"])
    return render(request, "improvement/outcome.html", context)


@require_agency_permission("improvement.read")
@require_safe
def show_what_if(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The total and the level with the scores that the sliders assume."""
    plan = get_plan(code, fiscal_year)
    context = {
        "plan": plan,
        "agency": plan.agency,
        "what_if": compute_what_if(plan, _assumed_scores(request)),
        "tab": "what_if",
        "framework": queries.framework_of(plan),
        "approval": queries.latest_approval(plan),
    }
    template = "improvement/what_if_result.html" if request.htmx else "improvement/what_if.html"
    return render(request, template, context)


def _assumed_scores(request: AuthenticatedRequest) -> dict[str, int]:
    """Whole points from 0 to 100 by node; anything else in the address is ignored."""
    scores = {}
    for name in request.GET:
        text = request.GET[name]
        if name.startswith("s:") and text.isascii() and text.isdecimal() and len(text) < 4 and int(text) <= 100:
            scores[name[2:]] = int(text)
    return scores
