"""The office's desk: the progress of a round's disclosures, the agreement of assessors, the sample and the seal."""

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from prongsai.disclosure import actions, filing_list, queries
from prongsai.disclosure.outages import recent_outages
from prongsai.lib import numbers
from prongsai.machines import files
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.background import find_states, say_begun
from prongsai.people.lists import ask_and_act, send_csv
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.models import Round

_PAGE_SIZE = 100
_MAX_DISPUTES = 100


def _get_round_or_404(request: AuthenticatedRequest, fiscal_year: int) -> Round:
    rounds = Round.objects.prefetch_related("phases")
    return get_object_or_404(rounds, assessment=request.assessment, fiscal_year=fiscal_year)


@require_permission("disclosure.nation")
@require_safe
def show_nation(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = _get_round_or_404(request, fiscal_year)
    by_item, by_assessor = queries.marking_agreement(assessment_round)
    progress = queries.round_progress(assessment_round)
    show = request.GET.get("show", "")
    stage, reached = show.removeprefix("-"), not show.startswith("-")
    listed = queries.agencies_at_stage(assessment_round, stage, reached=reached) if stage in queries.STAGES else None
    marks_seal = queries.latest_seal(assessment_round)
    reopened = [r for r in queries.list_reopened(assessment_round) if r.reopening.seal == marks_seal]
    context = {
        "reopened": reopened,
        "outages": recent_outages(),
        "hijacked": queries.find_hijacked(assessment_round),
        "deadline": queries.clarification_deadline(assessment_round),
        "undecided": sum(r.decision is None for r in reopened),
        "tiles": [(key, name, getattr(progress, key)) for key, name in queries.STAGES.items()],
        "stage": stage,
        "reached": reached,
        "stages": queries.STAGES,
        "page": None if listed is None else Paginator(listed, _PAGE_SIZE).get_page(request.GET.get("page")),
        "round": assessment_round,
        "progress": progress,
        "marks_seal": marks_seal,
        "brought": queries.count_brought_marks(assessment_round),
        "samplings": (samplings := find_states([actions.sample_in_background], str(assessment_round.pk))),
        "is_sampling": any(work.is_active for work in samplings),
        "sealings": (sealings := find_states([actions.seal_in_background], str(assessment_round.pk))),
        "is_sealing": any(work.is_active for work in sealings),
        "disputes": queries.open_disputes([assessment_round])[:_MAX_DISPUTES],
        "by_item": [(item, a, queries.format_kappa(a.kappa)) for item, a in by_item],
        "by_assessor": [(user.name, a, queries.format_kappa(a.kappa)) for user, a in by_assessor],
    }
    return render(request, "disclosure/nation.html", context)


@require_permission("disclosure.nation")
@require_safe
def list_filings(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """How far every agency of a round is."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    listing = filing_list.list_filings(assessment_round.pk, request.GET.dict())
    if request.GET.get("format") == "csv":
        rows = filing_list.write_rows(assessment_round, listing.rows)
        return send_csv(f"filings-{fiscal_year}", filing_list.TITLES, rows)
    page = listing.page(request.GET.get("page"))
    page.object_list = filing_list.describe(assessment_round, list(page.object_list))
    context = {
        "round": assessment_round,
        "listing": listing,
        "page": page,
        "acts": filing_list.ACTS,
        "items": filing_list.count_items(assessment_round),
        "has_export": files.exists(filing_list.name_export(assessment_round, request.user)),
    }
    return render(request, "disclosure/filings.html", context)


@require_permission("registry.assign", binding=True)
@require_POST
def act_on_filings(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """Send a message about the agencies that were picked, or about all that match; assign them, export them."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    return ask_and_act(
        request,
        acts=filing_list.ACTS,
        list_of=partial(filing_list.list_filings, assessment_round.pk),
        name=lambda agency: f"{agency.name_th} {agency.province}".strip(),
        back=reverse("filing_list", args=[fiscal_year]),
        of=assessment_round.pk,
    )


@require_permission("registry.assign")
@require_safe
def export_filings(request: AuthenticatedRequest, fiscal_year: int) -> FileResponse:
    """The selection that the user exported last."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    try:
        stored = files.open_file(filing_list.name_export(assessment_round, request.user))
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"filings-{fiscal_year}.xlsx"
    return FileResponse(stored, as_attachment=True, filename=name, headers={"Cache-Control": "no-store"})


@require_permission("disclosure.seal")
@require_POST
def sample_for_review(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    try:
        percent = numbers.read_whole_number(request.POST.get("percent", ""), least=1, most=100, example="5")
        assessment_round = _get_round_or_404(request, fiscal_year)
        say_begun(request, actions.request_sample(assessment_round=assessment_round, percent=percent, by=request.user))
    except (DomainError, numbers.NumberError) as error:
        messages.error(request, str(error))
    return redirect("oit_nation", fiscal_year)


@require_permission("disclosure.seal", binding=True)
@require_POST
def seal_marks(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = _get_round_or_404(request, fiscal_year)
    try:
        asked = actions.request_seal(
            assessment_round=assessment_round, incomplete="incomplete" in request.POST, by=request.user
        )
        say_begun(request, asked)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("oit_nation", fiscal_year)
