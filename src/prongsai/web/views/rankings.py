"""The page that answers questions about a year's results, and the same rows as files."""

import io
from collections.abc import Callable, Iterator
from typing import IO, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.framework import Framework
from prongsai.framework.schema import Label
from prongsai.lib import thai
from prongsai.lib.spreadsheets import stream_csv
from prongsai.machines import files
from prongsai.people.access import public_page
from prongsai.people.lists import PAGE_SIZES, read_size
from prongsai.people.rate_limits import limit_requests
from prongsai.people.requests import SiteRequest
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.provinces import REGION_OF, REGIONS
from prongsai.results import queries as results
from prongsai.results.facts import years_apart
from prongsai.results.models import Overview
from prongsai.results.question import CHANGE, LEVEL_CHANGE, Question
from prongsai.rulebooks.queries import find_framework
from prongsai.web import ranked_files, rankings
from prongsai.web.province_map import draw_map
from prongsai.web.rendered_pages import rendered_once
from prongsai.web.views.public import render_part_or_page, select_year, summarize
from prongsai.web.waiting_page import wait_for_file
from prongsai.web.year_files import name_year

_COMPARING = {CHANGE, LEVEL_CHANGE, rankings.FALLS}


@public_page
@require_safe
@rendered_once(
    "year", "fictional", "kind", "province", "district", "region", "level", "sort", "order", "col", "page", "size"
)
@limit_requests(240, 60)
def show(request: SiteRequest) -> HttpResponse:
    """The results of a year that the address asks for, with an answer in a sentence; equals share a place."""
    year = select_year(request)
    context: dict[str, Any] = {"year": year, "years": results.years(request.assessment)}
    overview = results.overview(request.assessment, year) if year else None
    if overview:
        context |= _answer(request, overview)
    return render_part_or_page(request, "web/components/ranked.html", "web/rankings.html", context)


def _read(request: SiteRequest, overview: Overview, framework: Framework) -> tuple[rankings.Request, dict[str, Any]]:
    """What the address asks, and the summary of the agencies that it asks of."""
    about = summarize(request, overview)
    try:
        asked = rankings.read_request(
            framework,
            {name: str(value) for name, value in request.GET.items()},
            request.GET.getlist("col"),
            fictional=about["fictional"],
            levels=about["data"]["levels"],
        )
    except rankings.UnknownError as error:
        raise Http404 from error
    return asked, about


def _answer(request: SiteRequest, overview: Overview) -> dict[str, Any]:
    framework = results.framework_of_year(request.assessment, overview.fiscal_year)
    asked, about = _read(request, overview, framework)
    question, data = asked.question, about["data"]
    size = read_size(request.GET)
    page = Paginator(question.ordered(), size).get_page(request.GET.get("page"))
    rows = rankings.list_rows(asked, page.start_index() - 1, page.end_index()) if page.paginator.count else []
    shown = {column.key for column in asked.columns}
    is_change = question.sort in (CHANGE, LEVEL_CHANGE)
    places = data.get("places", {}).get(question.kind, {})
    address_of = _link_provinces(request.GET)
    return about | {
        "framework": framework,
        "question": question,
        "columns": asked.columns,
        "shown": shown,
        "all_columns": rankings.list_columns(framework),
        "items": rankings.list_item_columns(framework),
        "is_approximate": any(row.approximate for row in rows),
        "page": page,
        "rows": rows,
        "size": size,
        "sizes": PAGE_SIZES,
        "claim": rankings.find_claim(question),
        "where": rankings.name_place(question),
        "answer": rankings.answer(question, rows) if page.number == 1 else None,
        "kinds": [k for k in AgencyType if k.value in data["groups"]["kind"]],
        "provinces": sorted(data["groups"]["province"], key=thai.sort_key),
        "districts": _list_districts(question),
        "regions": [r for r in REGIONS if any(REGION_OF.get(p) == r for p in data["groups"]["province"])],
        "levels": data["levels"],
        "target": framework.rules.target.points,
        "cautions": _list_cautions(framework) if shown & _COMPARING else [],
        "starred": {fall.node: fall.caution for row in rows for fall in row.falls if fall.caution},
        "is_undescribed": any(not row.result.facts for row in rows[:1]),
        "is_change": is_change,
        "map": draw_map(places, is_change=is_change, address_of=address_of),
        "places": [(p, places[p], address_of(p)) for p in sorted(places, key=thai.sort_key)],
    }


def _list_districts(question: Question) -> list[tuple[str, Label, int]]:
    """Every district of the province that is asked about which has results of what is asked, with how many."""
    counts = question.count_districts()
    names = sorted(counts, key=thai.sort_key)
    return [(name, rankings.name_district(name, question.province), counts[name]) for name in names]


def _link_provinces(values: QueryDict) -> Callable[[str], str]:
    """The address of the same question about a province alone."""
    rest = values.copy()
    for name in ("province", "district", "region", "q", "page"):
        rest.pop(name, None)
    others = rest.urlencode()
    return lambda province: f"?{others}{'&' if others else ''}{urlencode({'province': province})}#ranked"


def _list_cautions(framework: Framework) -> list[Label]:
    """What the rules of the year changed that touches every score."""
    before = find_framework(framework.assessment, framework.fiscal_year - 1)
    return list(years_apart(before, framework).changes) if before else []


_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@public_page
@require_safe
@limit_requests(30, 60)
def download(request: SiteRequest, form: str) -> HttpResponseBase:
    """Every row of what the address asks for, as the page orders it; a workbook of many by a worker."""
    year = select_year(request)
    overview = results.overview(request.assessment, year) if year else None
    if overview is None or form not in _TYPES:
        raise Http404
    framework = results.framework_of_year(request.assessment, overview.fiscal_year)
    asked, _ = _read(request, overview, framework)
    name = f"prongsai-{name_year(request.assessment, overview.fiscal_year)}-table.{form}"
    if form == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            stream_csv(rankings.name_columns(asked.columns, for_people=False), _write_rows(asked)),
            content_type=_TYPES[form],
        )
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    file: IO[bytes]
    if asked.question.ordered().count() <= ranked_files.MOST_INLINE:
        file = io.BytesIO()
        ranked_files.write_workbook(file, asked)
        file.seek(0)
    else:
        wanted = ranked_files.to_asked(request.assessment, asked)
        stored = ranked_files.name_file(wanted, overview, framework)
        waiting = wait_for_file(
            request,
            ranked_files.write_ranked,
            stored,
            *wanted.arguments(),
            about=f"ปี {overview.fiscal_year}",
            csv=f"{reverse('rankings_file', args=['csv'])}?{request.GET.urlencode()}",
            back=f"{reverse('rankings')}?{request.GET.urlencode()}",
        )
        if waiting is not None:
            return waiting
        file = files.open_file(stored)
    return FileResponse(file, content_type=_TYPES[form], as_attachment=True, filename=name)


def _write_rows(asked: rankings.Request) -> Iterator[list[Any]]:
    return (rankings.write_row(row, asked.columns) for row in rankings.iterate_rows(asked))
