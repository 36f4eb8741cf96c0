"""The desk: the next tasks of each role."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from prongsai.framework import NATIONAL
from prongsai.people.access import require_permission
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.roles import Role
from prongsai.registry import queries as registry
from prongsai.registry.models import Agency, Assignment, Round, TableUpload
from prongsai.results.models import Import, ResultSet
from prongsai.sites.queries import find_waiting
from prongsai.web import deployment
from prongsai.web.officer_facts import load_year_once

MAX_AGENCIES = 20  # of one user whose tasks are looked for; further ones are listed


@require_permission("registry.desk")
@require_safe
def desk(request: AuthenticatedRequest) -> HttpResponse:
    user = request.user
    if user.role in (Role.OFFICE, Role.AUDITOR):
        rounds = [
            (r, registry.round_progress(r), registry.open_phases(r))
            for r in Round.objects.filter(assessment=request.assessment).prefetch_related("phases")[:6]
        ]
        unpublished = ResultSet.objects.filter(assessment=request.assessment, publications=None)
        context = {
            "rounds": rounds,
            "agencies": Agency.objects.filter(assessment=request.assessment, closed_on=None).count(),
            "unpublished": unpublished[:10],
            "unpublished_count": unpublished.count(),
            "tables": TableUpload.objects.filter(assessment=request.assessment, status=TableUpload.Status.WAITING)[:5],
            "imports": Import.objects.filter(
                assessment=request.assessment,
                shape=Import.Shape.BULK,
                status__in=(Import.Status.READING, Import.Status.READY),
            )[:5],
        }
        return render(request, "web/desk_office.html", context)
    if user.role == Role.ASSESSOR:
        assignments = (
            Assignment.objects.filter(assessor=user)
            .select_related("agency", "round")
            .order_by("-round__fiscal_year", "agency__order")
        )
        interviews = {
            r.fiscal_year: [
                i.id for i in registry.load_round_framework(r).survey_instruments() if i.collected_by == "assessor"
            ]
            for r in Round.objects.filter(assessment=request.assessment, status=Round.Status.RUNNING)
        }
        return render(request, "web/desk_assessor.html", {"assignments": assignments[:500], "interviews": interviews})
    agencies = list(registry.agencies_of(user))
    years = [(agency, load_year_once(agency, request)) for agency in agencies[:MAX_AGENCIES]]
    years.sort(key=lambda pair: pair[1].urgency)  # agencies that are alike stay in the order of the registry
    context = {"years": years, "others": agencies[MAX_AGENCIES:], "waiting": find_waiting(user, agencies)}
    return render(request, "web/desk_agency.html", context)


@require_permission("people.installation")
@require_safe
def installation(request: AuthenticatedRequest) -> HttpResponse:
    """Whether the installation is fit for real use, and what to do; for the office that runs it."""
    if request.assessment != NATIONAL:
        raise Http404
    context = {"problems": deployment.find_problems(), "watches": deployment.list_watches()}
    return render(request, "web/installation.html", context)
