"""The office's steering desk: where a round stands, and the agencies behind each number."""

import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from prongsai.lib.spreadsheets import stream_csv
from prongsai.people.access import require_permission
from prongsai.people.lists import ask_and_act, stream_list
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.models import Agency, Round
from prongsai.web import report_files, round_reports, steering

_REPORTS_SHOWN = 12  # a quarter of a year


def _get_round_or_404(request: AuthenticatedRequest, fiscal_year: int) -> Round:
    rounds = Round.objects.prefetch_related("phases")
    return get_object_or_404(rounds, assessment=request.assessment, fiscal_year=fiscal_year)


@require_permission("registry.round")
@require_safe
def show_steering(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """How many agencies have reached what, by a dimension; each number leads to its agencies."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    by = request.GET.get("by", "")
    by = by if by in steering.DIMENSIONS else "region"
    groups, stages = steering.count_groups(assessment_round, by), steering.list_stages(assessment_round)
    if request.GET.get("format") == "csv":
        titles = (steering.DIMENSIONS[by], "หน่วยงาน", *stages.values())
        rows = ([g.title, g.agencies, *g.counts.values()] for g in groups)
        response = StreamingHttpResponse(stream_csv(titles, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="steering-{fiscal_year}-{by}.csv"'
        return response
    address = reverse("steered_agencies", args=[fiscal_year])

    def link(group: steering.Group, stage: str = "") -> str:
        criteria = {**group.criteria, **({"stage": stage} if stage else {})}
        return f"{address}?{urlencode(criteria)}" if criteria else address

    context = {
        "round": assessment_round,
        "by": by,
        "dimensions": steering.DIMENSIONS,
        "stages": stages,
        "rows": [(g, link(g), [(k, n, link(g, k)) for k, n in g.counts.items()]) for g in groups],
        "days": steering.count_by_day(assessment_round),
        "acts_of_day": steering.ACTS_OF_DAY,
        "today": timezone.localdate(),
        "reports": round_reports.list_days(assessment_round)[:_REPORTS_SHOWN],
    }
    return render(request, "web/steering.html", context)


@require_permission("registry.round")
@require_safe
def show_round_report(request: AuthenticatedRequest, fiscal_year: int, day: str, form: str) -> HttpResponseBase:
    """The report of a day (YYYY-MM-DD) as a file; that of today is written by a worker first."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    try:
        written_on = datetime.date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    name, filename = round_reports.name_report(assessment_round, written_on), f"round-{fiscal_year}-{written_on:%Y%m%d}"
    if written_on != timezone.localdate():
        return report_files.send(name, form, filename)
    back = reverse("steering", args=[fiscal_year])
    return report_files.write_and_send(
        request,
        round_reports.write_round_report,
        name,
        form,
        filename,
        assessment_round.pk,
        about=f"ปี {fiscal_year}",
        csv=f"{back}?by=region&format=csv",
        back=back,
    )


@require_permission("registry.round")
@require_safe
def list_steered(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """The agencies behind a number."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    listing = steering.list_agencies(assessment_round.pk, request.GET.dict())
    if request.GET.get("format") == "csv":
        titles = ("รหัส", "หน่วยงาน", "ประเภท", "จังหวัด", "อำเภอ", "ผู้ประเมิน")
        names = steering.find_assessors(assessment_round)
        return stream_list(listing, f"agencies-{fiscal_year}", titles, partial(_write_agency, names))
    page = listing.page(request.GET.get("page"))
    context = {
        "round": assessment_round,
        "listing": listing,
        "page": page,
        "acts": steering.ACTS,
        "assessors": steering.find_assessors(assessment_round, list(page)),
    }
    return render(request, "web/steered_agencies.html", context)


def _write_agency(names: dict[int, str], a: Agency) -> list[Any]:
    return [a.code, a.name_th, a.get_kind_display(), a.province, a.district, names.get(a.pk, "")]


@require_permission("registry.change", binding=True)
@require_POST
def act_on_steered(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """Send a message about the agencies that were picked, or about all that match."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    return ask_and_act(
        request,
        acts=steering.ACTS,
        list_of=partial(steering.list_agencies, assessment_round.pk),
        name=lambda agency: f"{agency.name_th} {agency.province}".strip(),
        back=reverse("steered_agencies", args=[fiscal_year]),
        of=assessment_round.pk,
    )
