"""The way back: what is opened again after a seal, by an accepted appeal, a court or an audit order, and how far it is
on its way to a corrected result. Before each act a page says what it touches."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from prongsai import analysis
from prongsai.disclosure import actions as disclosures
from prongsai.disclosure import queries as filings
from prongsai.disclosure.models import Filing
from prongsai.framework import DisclosureItem
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.forms import OrderForm, SurveyOrderForm
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.results import actions as result_actions
from prongsai.results import queries as results
from prongsai.results.models import PublishedResult, ResultSet
from prongsai.survey import queries as surveys
from prongsai.survey import sealing
from prongsai.survey.mixing import MIN_BATCH

_GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def _get_round_or_404(request: AuthenticatedRequest, fiscal_year: int) -> Round:
    rounds = Round.objects.prefetch_related("phases")
    return get_object_or_404(rounds, assessment=request.assessment, fiscal_year=fiscal_year)


@require_permission("disclosure.nation")
@require_safe
def list_reopenings(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Everything of a round that was opened again, what is to do next, and every seal; the way to open an item."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    code, item = (request.GET.get(name, "").strip()[:40] for name in ("code", "item"))
    problem, survey_problem, of_survey = "", "", "survey" in request.GET
    if of_survey:
        if assessment_round.agencies.filter(code=code).exists():
            return redirect("reopen_survey", fiscal_year, code)
        survey_problem = f"รอบปี {fiscal_year} ไม่มีหน่วยงานรหัส “{code}”"
    elif code or item:
        if _find_item(assessment_round, code, item):
            return redirect("reopen_item", fiscal_year, code, item)
        problem = f"รอบปี {fiscal_year} ไม่มีหน่วยงานรหัส “{code}” หรือไม่มีข้อ “{item}”"
    reopened = filings.list_reopened(assessment_round)
    context = {
        "round": assessment_round,
        "reopened": reopened,
        "undecided": sum(r.decision is None for r in reopened),
        "unsealed": sum(r.decision is not None and r.resealed is None for r in reopened),
        "seals": filings.list_seals(assessment_round),
        "surveys": surveys.list_reopened(assessment_round),
        "survey_seal": surveys.find_latest_seal(assessment_round),
        "counted_reason": results.find_counted_reason(assessment_round),
        "result_sets": _list_computed(assessment_round),
        "items": filings.items(load_round_framework(assessment_round)),
        "code": code,
        "item": item,
        "problem": problem,
        "survey_problem": survey_problem,
    }
    return render(request, "web/reopening/list.html", context, status=404 if problem or survey_problem else 200)


def _find_item(assessment_round: Round, code: str, item: str) -> tuple[Agency, DisclosureItem] | None:
    agency = Agency.objects.filter(assessment=assessment_round.assessment_id, code=code).first()
    found = filings.item_of(load_round_framework(assessment_round), item)
    has_filing = agency is not None and Filing.objects.filter(round=assessment_round, agency=agency).exists()
    return (agency, found) if agency is not None and found is not None and has_filing else None


def _list_computed(assessment_round: Round) -> list[ResultSet]:
    """The result sets that were computed of a round, the newest first."""
    computed = ResultSet.objects.filter(round=assessment_round, origin=ResultSet.Origin.RUN)
    return list(computed.select_related("corrects").prefetch_related("publications"))


@require_permission("disclosure.reopen", binding=True)
@_GET_OR_POST
def reopen_item(request: AuthenticatedRequest, fiscal_year: int, code: str, item: str) -> HttpResponse:
    """What opening an item again touches; and opening it."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    found = _find_item(assessment_round, code, item)
    if found is None:
        raise Http404
    agency, disclosure_item = found
    filing = filings.get_filing(assessment_round, agency)
    form, refusal = OrderForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")[:60]
        try:
            disclosures.reopen_item(filing=filing, item=item, seen=seen, by=request.user, **form.cleaned_data)
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, f"เปิดข้อ {item} ของ {agency} ใหม่แล้ว ขั้นต่อไปคือชี้ขาด แล้วปิดผนึกใหม่")
            return redirect("reopenings", fiscal_year)
    scale = filings.scale(load_round_framework(assessment_round), disclosure_item)
    context: dict[str, Any] = {
        "round": assessment_round,
        "agency": agency,
        "item": disclosure_item,
        "form": form,
        "refusal": refusal,
        "closed_reason": filings.reopening_closed_reason(filing, item),
        "key": filings.reopening_key(filing, item),
        "mark": filings.counting_marks(filing).get(item),
        "marks_seal": filings.latest_seal(assessment_round),
        "earlier": filings.reopenings_of(filing, item),
        "result_sets": _list_computed(assessment_round),
        "published": (row := _find_published(agency, fiscal_year)),
        "outcomes": _foresee(row, item, [points for points, _ in scale]) if row else [],
    }
    return render(request, "web/reopening/item.html", context, status=422 if form.errors or refusal else 200)


@require_permission("survey.reopen", binding=True)
@_GET_OR_POST
def reopen_survey(request: AuthenticatedRequest, fiscal_year: int, code: str) -> HttpResponse:
    """What opening the survey of an agency again touches; and opening it, or changing the day until which it is."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    agency = get_object_or_404(assessment_round.agencies, code=code)
    reopening = surveys.find_reopening(assessment_round, agency)
    initial = {} if reopening is None else {n: getattr(reopening, n) for n in SurveyOrderForm.base_fields}
    form, refusal = SurveyOrderForm(request.POST or None, initial=initial), ""
    if request.method == "POST" and form.is_valid():
        try:
            result_actions.reopen_survey(
                assessment_round=assessment_round, agency=agency, by=request.user, **form.cleaned_data
            )
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, f"เปิดแบบวัดของ {agency} ใหม่แล้ว หน่วยงานเปิดช่องทางใหม่ได้")
            return redirect("reopenings", fiscal_year)
    counted = results.find_counted_reason(assessment_round)
    context: dict[str, Any] = {
        "round": assessment_round,
        "agency": agency,
        "form": form,
        "refusal": refusal,
        "reopening": reopening,
        "closed_reason": counted or surveys.find_reopening_refusal(assessment_round, agency),
        "progress": surveys.find_quota_progress(assessment_round, agency),
        "seal": surveys.find_latest_seal(assessment_round),
        "key": sealing.find_key(assessment_round.pk),
        "fewest_opened": MIN_BATCH,
    }
    return render(request, "web/reopening/survey.html", context, status=422 if form.errors or refusal else 200)


def _find_published(agency: Agency, fiscal_year: int) -> PublishedResult | None:
    rows = results.published(agency.assessment_id, fiscal_year).filter(agency=agency)
    return rows.select_related("result__result_set").first()


@dataclass(frozen=True)
class _Outcome:
    """What the published result becomes if an item is decided with so many points."""

    points: int
    overall: Decimal
    level: str


def _foresee(row: PublishedResult, item: str, scale: list[int]) -> list[_Outcome]:
    """For each mark that the item may get: the total and the level, as far as the published scores tell them."""
    framework, scores = results.framework_of(row.result.result_set), results.scores_of(row.result)
    if "overall" not in scores or item not in scores:
        return []
    outcomes = []
    for points in scale:
        changed = analysis.what_if(framework, scores, {item: Fraction(points)})
        after = next((e.after for e in changed.effects if e.node == "overall"), Decimal(row.result.shown["overall"]))
        outcomes.append(_Outcome(points, after, changed.level_after))
    return outcomes
