"""The public API: read-only, published data only. OpenAPI 3.1 at ``/api/openapi.json``.

The names of operations stay: generated clients call their methods so, and the one in ``client/`` does.

Pages follow a cursor (the last row's key), so that no row is skipped or repeated while data change. Errors are
problem+json (RFC 9457). Every response has an ETag: a digest of the published data, or,
of one that is rendered once, of what it says.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import wraps
from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import NinjaAPI, Schema
from ninja.errors import ValidationError
from ninja.params.functions import Query
from pydantic import Field

from prongsai.framework import Framework
from prongsai.lib import digest
from prongsai.people.rate_limits import is_limit_exceeded
from prongsai.people.requests import SiteRequest
from prongsai.registry.agency_search import ALL, find_named
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency
from prongsai.registry.queries import agency_revision
from prongsai.results import errata
from prongsai.results import queries as results_queries
from prongsai.rulebooks.queries import find_framework, frameworks
from prongsai.web import rankings
from prongsai.web.problems import NOTHING_PUBLISHED, build_problem
from prongsai.web.rendered_pages import answer_unchanged, begin_rendering, rendered_once

api = NinjaAPI(
    title="Prongsai",
    version="1",
    description="Published results of Thailand's integrity and transparency assessment (ITA). "
    "Scores are strings, as published.",
    docs_url=None,
    openapi_url="openapi.json",
)


class AgencyOut(Schema):
    code: str
    name_th: str
    name_en: str
    kind: str
    province: str
    region: str
    website: str
    closed: bool
    fictional: bool


class YearOut(Schema):
    fiscal_year: int
    agencies: int
    mean: str = Field(description="empty where only fictional agencies have results")
    median: str = Field(description="as the mean")
    passed: int
    levels: dict[str, int]
    fictional: int = Field(description="fictional agencies of a demonstration, counted in nothing else here")
    framework: str
    state: str = Field(
        description="of the rules: announced, provisional, or none where results are recorded as printed"
    )
    digest: str


class IndicatorOut(Schema):
    node: str
    kind: str
    name_th: str
    name_en: str
    standing: str = Field(description="documented or inferred")


class ChangeOut(Schema):
    node: str = Field(description="of a score, or level")
    before: str
    after: str


class CorrectionOut(Schema):
    corrected_at: str
    reason: str = Field(description="why, as the national office says it, in Thai")
    changes: list[ChangeOut] = Field(description="empty where what was published before was withdrawn")
    earlier: str | None = Field(description="the page of the result as it was published before")


class CollectionOut(Schema):
    open_link: bool = Field(
        description="answers came through a link that anybody could use, more than once: unverified"
    )
    above_population: bool = Field(description="more answers are counted than the agency said there are people to ask")


class ResultOut(Schema):
    agency: str
    fictional: bool
    fiscal_year: int
    overall: str | None
    level: str
    passed: bool | None
    origin: str = Field(description="run: computed here; import: taken over from a published document")
    scores: dict[str, str] = Field(description="by node; what few answered is left out")
    approximate: list[str] = Field(
        description="nodes of scores whose score has a random error, to protect who answered: survey questions"
    )
    rules: str = Field(description="state of the rules of the year: announced, provisional, or none")
    receipt: str
    collection: dict[str, CollectionOut] = Field(
        {}, description="by survey: what to know of how its answers came in; left out where there is nothing"
    )
    corrections: list[CorrectionOut] = Field([], description="newest first; left out of a result never corrected")


class AgencyPage(Schema):
    items: list[AgencyOut]
    next: str | None = Field(description="cursor of the next page")


class ResultPage(Schema):
    items: list[ResultOut]
    next: str | None


class FallOut(Schema):
    node: str
    change: str
    caution: str = Field(description="in Thai: why the two years are not like for like, or empty")


class WeakItemOut(Schema):
    node: str
    score: str
    approximate: bool = Field(description="the score has a random error, to protect who answered")
    reason: str = Field(
        description="what an assessor stated, as far as it is public: quoted in the plan that the agency publishes"
    )


class RankedOut(Schema):
    rank: int | None = Field(description="equals share one; none without a value of what is sorted by")
    agency: str
    name_th: str
    kind: str
    province: str
    region: str
    fictional: bool
    overall: str | None
    level: str
    change: str | None = Field(description="of the total against the year before, in points; none if not comparable")
    before: str | None = Field(description="the total of the year before")
    level_change: int | None = Field(description="in levels, better ones positive")
    caution: str = Field(description="in Thai: why the total is not compared with that of the year before, or empty")
    scores: dict[str, str] = Field(
        description="of instruments and indicators, and of the item that is sorted by; what is withheld is left out"
    )
    approximate: list[str] = Field(description="the items among ``scores`` whose score has a random error")
    falls: list[FallOut] = Field(description="the indicators that fell most")
    weak: list[WeakItemOut] = Field(description="the lowest scores of items below the target")


class RankedPage(Schema):
    count: int
    items: list[RankedOut]
    next: int | None = Field(description="the next page")


_PROBLEM_SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status"],
}
_PROBLEM_RESPONSES = {
    "responses": {
        status: {"description": text, "content": {"application/problem+json": {"schema": _PROBLEM_SCHEMA}}}
        for status, text in (
            (404, "Nothing is published under that name"),
            (422, "The request is invalid"),
            (429, "Too many requests"),
        )
    }
}


def report_unknown_route(request: SiteRequest, rest: str) -> HttpResponse:
    return build_problem(404, "ไม่มีที่อยู่นี้ใน API ดู /api/openapi.json", "The API has no such address: see /api/openapi.json")


@api.exception_handler(Http404)
def _report_not_found(request: SiteRequest, error: Http404) -> HttpResponse:
    return build_problem(404, *NOTHING_PUBLISHED)


@api.exception_handler(ValidationError)
def _report_invalid_request(request: SiteRequest, error: ValidationError) -> HttpResponse:
    detail = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors)
    return build_problem(422, english=detail[:500])


def _refuse_for_a_minute() -> HttpResponse:
    problem = build_problem(429, "รอหนึ่งนาทีแล้วลองใหม่", "Wait a minute and try again")
    problem["Retry-After"] = "60"
    return problem


def with_etag(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer 304 to a client that has this state of the data already."""

    @wraps(view)
    def respond(request: SiteRequest, *args: Any, **kwargs: Any) -> Any:
        if begin_rendering(request, respond):  # and has an ETag of what it says
            return view(request, *args, **kwargs)
        states = list(results_queries.overviews(request.assessment).reverse().values_list("digest", flat=True))
        etag = f'"{digest.of_json([states, agency_revision(), request.get_full_path()])[:32]}"'
        if unchanged := answer_unchanged(request, etag):
            return unchanged
        request.etag = etag
        return view(request, *args, **kwargs)

    return respond


class EtagMiddleware:
    """Sets the ETag that ``with_etag`` computed on the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: SiteRequest) -> HttpResponse:
        response = self.get_response(request)
        if (etag := getattr(request, "etag", None)) and response.status_code == 200:
            response["ETag"] = etag
        return response


def _serialize_agency(agency: Agency) -> dict[str, Any]:
    return {
        "code": agency.code,
        "name_th": agency.name_th,
        "name_en": agency.name_en,
        "kind": agency.kind,
        "province": agency.province,
        "region": agency.region,
        "website": agency.website,
        "closed": agency.closed_on is not None,
        "fictional": agency.fictional,
    }


def _state_of_rules(in_force: Mapping[int, Framework], fiscal_year: int) -> str:
    return in_force[fiscal_year].rules.state if fiscal_year in in_force else "none"


def _serialize_correction(correction: errata.Correction, row: Any) -> dict[str, Any]:
    address = [row.agency.code, row.fiscal_year, correction.row.published_by_id]
    return {
        "corrected_at": correction.erratum.publication.published_at.isoformat(timespec="seconds"),
        "reason": correction.erratum.reason,
        "changes": [{"node": c.node, "before": c.before, "after": c.after} for c in correction.changes],
        "earlier": reverse("earlier", args=address) if correction.is_before_public else None,
    }


def _serialize_results(rows: Sequence[Any], in_force: Mapping[int, Framework]) -> list[dict[str, Any]]:
    corrected = errata.corrections_by_agency(rows)
    return [
        _serialize_result(row, in_force)
        | ({"collection": _serialize_collection(row.collection)} if row.collection else {})
        | ({"corrections": [_serialize_correction(c, row) for c in found]} if found else {})
        for row in rows
        for found in [corrected.get((row.agency_id, row.fiscal_year))]
    ]


def _serialize_collection(collection: Mapping[str, Mapping[str, bool]]) -> dict[str, dict[str, bool]]:
    marks = results_queries.COLLECTION_MARKS
    return {survey: {name: name in found for name in marks} for survey, found in collection.items()}


def _serialize_result(row: Any, in_force: Mapping[int, Framework]) -> dict[str, Any]:
    return {
        "agency": row.agency.code,
        "fictional": row.agency.fictional,
        "fiscal_year": row.fiscal_year,
        "overall": row.result.shown.get("overall"),
        "level": row.level,
        "passed": row.passed,
        "origin": row.result.result_set.origin,
        "scores": row.result.shown,
        "approximate": results_queries.list_approximate(row.result),
        "rules": _state_of_rules(in_force, row.fiscal_year),
        "receipt": reverse("receipt", args=[row.agency.code, row.fiscal_year]),
    }


@api.get(
    "/agencies",
    response=AgencyPage,
    openapi_extra=_PROBLEM_RESPONSES,
    operation_id="list_agencies",
    summary="Agencies, by code",
)
@rendered_once("kind", "province", "fictional", "after", "limit")
@with_etag
def agencies(
    request: SiteRequest,
    q: str = Query("", max_length=120),
    kind: AgencyType | Literal[""] = Query(""),
    province: str = Query("", max_length=60),
    fictional: bool | None = Query(None, description="fictional agencies of a demonstration alone, or none of them"),
    after: str = Query("", max_length=40),
    limit: int = Query(100, ge=1, le=500),
) -> Any:
    if q.strip() and is_limit_exceeded(request, "search", 240, 60):
        return _refuse_for_a_minute()
    rows = Agency.objects.filter(assessment=request.assessment)
    if q.strip():
        rows = rows.filter(pk__in=find_named(request.assessment, q, fictional=fictional, limit=ALL).keys)
    if kind:
        rows = rows.filter(kind=kind)
    if province:
        rows = rows.filter(province=province)
    if fictional is not None:
        rows = rows.filter(fictional=fictional)
    page = list(rows.filter(code__gt=after).order_by("code")[: limit + 1])
    return {
        "items": [_serialize_agency(a) for a in page[:limit]],
        "next": page[limit - 1].code if len(page) > limit else None,
    }


@api.get(
    "/agencies/{code}",
    response=AgencyOut,
    openapi_extra=_PROBLEM_RESPONSES,
    operation_id="get_agency",
    summary="One agency",
)
@rendered_once()
@with_etag
def one_agency(request: SiteRequest, code: str) -> Any:
    agency = Agency.objects.filter(assessment=request.assessment, code=code[:40]).first()
    if agency is None:
        raise Http404
    return _serialize_agency(agency)


@api.get(
    "/agencies/{code}/results",
    response=list[ResultOut],
    exclude_unset=True,
    openapi_extra=_PROBLEM_RESPONSES,
    operation_id="list_agency_results",
    summary="An agency's published results",
)
@rendered_once()
@with_etag
def agency_results(request: SiteRequest, code: str) -> Any:
    agency = Agency.objects.filter(assessment=request.assessment, code=code[:40]).first()
    if agency is None:
        raise Http404
    rows = results_queries.history(agency)
    for row in rows:
        row.agency = agency
    in_force = frameworks(request.assessment)
    return _serialize_results(rows, in_force)


@api.get("/rounds", response=list[YearOut], operation_id="list_rounds", summary="Fiscal years with published results")
@rendered_once()
@with_etag
def rounds(request: SiteRequest) -> Any:
    in_force = frameworks(request.assessment)
    return [
        {
            "fiscal_year": o.fiscal_year,
            "framework": in_force[o.fiscal_year].digest if o.fiscal_year in in_force else "",
            "state": _state_of_rules(in_force, o.fiscal_year),
            "digest": o.digest,
            "fictional": (o.data.get("fictional") or {"agencies": 0})["agencies"],
            **{k: o.data[k] for k in ("agencies", "mean", "median", "passed", "levels")},
        }
        for o in results_queries.overviews(request.assessment)
    ]


@api.get(
    "/rounds/{fiscal_year}/indicators",
    response=list[IndicatorOut],
    openapi_extra=_PROBLEM_RESPONSES,
    operation_id="list_indicators",
    summary="Indicators and items of a year's rules",
)
@rendered_once()
@with_etag
def indicators(request: SiteRequest, fiscal_year: int) -> Any:
    framework = find_framework(request.assessment, fiscal_year)
    if framework is None:
        raise Http404
    return [
        {"node": n.id, "kind": n.kind, "name_th": n.label.th, "name_en": n.label.en or "", "standing": n.basis.standing}
        for n in framework.nodes.values()
    ]


@api.get(
    "/rounds/{fiscal_year}/results",
    response=ResultPage,
    exclude_unset=True,
    openapi_extra=_PROBLEM_RESPONSES,
    operation_id="list_results",
    summary="A year's published results, by agency code",
)
@rendered_once("after", "limit", "min_overall", "fictional")
@with_etag
def results(
    request: SiteRequest,
    fiscal_year: int,
    after: str = Query("", max_length=40),
    limit: int = Query(100, ge=1, le=500),
    min_overall: float = Query(0, ge=0, le=100),
    fictional: bool = Query(False, description="the fictional agencies of a demonstration instead of real ones"),
) -> Any:
    if results_queries.overview(request.assessment, fiscal_year) is None:
        raise Http404
    in_force = frameworks(request.assessment)
    rows = (
        results_queries.published(request.assessment, fiscal_year, fictional=fictional)
        .select_related("agency", "result__result_set")
        .defer("result__basis")
        .annotate(collection=results_queries.COLLECTION)
    )
    if min_overall:
        rows = rows.filter(overall__gte=Decimal(str(min_overall)))
    page = list(rows.filter(agency__code__gt=after).order_by("agency__code")[: limit + 1])
    return {
        "items": _serialize_results(page[:limit], in_force),
        "next": page[limit - 1].agency.code if len(page) > limit else None,
    }


def _as_text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _serialize_row(row: rankings.Row) -> dict[str, Any]:
    agency = row.agency
    return {
        "rank": row.rank,
        "agency": agency.code,
        "name_th": agency.name_th,
        "kind": agency.kind,
        "province": agency.province,
        "region": agency.region,
        "fictional": agency.fictional,
        "overall": row.overall or None,
        "level": row.result.level,
        "change": _as_text(row.change),
        "before": row.before or None,
        "level_change": row.result.level_change,
        "caution": row.result.caution,
        "scores": row.scores,
        "approximate": row.approximate,
        "falls": [{"node": f.node, "change": str(f.change), "caution": f.caution} for f in row.falls],
        "weak": [
            {"node": w.node, "score": w.score, "approximate": w.is_approximate, "reason": w.reason} for w in row.weak
        ],
    }


@api.get(
    "/rounds/{fiscal_year}/ranking",
    response=RankedPage,
    openapi_extra=_PROBLEM_RESPONSES,
    operation_id="list_ranking",
    summary="A year's published results as asked: by what, worst or best first, of which agencies",
)
@rendered_once("kind", "province", "district", "region", "level", "sort", "order", "fictional", "page", "size")
@with_etag
def ranking(
    request: SiteRequest,
    fiscal_year: int,
    kind: AgencyType | Literal[""] = Query(""),
    province: str = Query("", max_length=60),
    district: str = Query("", max_length=60, description="of ``province``, as the list of agencies writes it"),
    region: str = Query("", max_length=60),
    level: str = Query("", max_length=40),
    q: str = Query("", max_length=120),
    sort: str = Query(
        "overall",
        max_length=40,
        description="overall, change, level, level_change, weak, name, or a node, also an item",
    ),
    order: Literal["best", "worst"] = Query("best"),
    fictional: bool = Query(False, description="the fictional agencies of a demonstration instead of real ones"),
    page: int = Query(1, ge=1, le=100_000),
    size: int = Query(100, ge=1, le=500),
) -> Any:
    if is_limit_exceeded(request, "ranking", 240, 60):
        return _refuse_for_a_minute()
    overview = results_queries.overview(request.assessment, fiscal_year)
    if overview is None:
        raise Http404
    data, _ = results_queries.choose_summary(overview, fictional=fictional)
    values = {"kind": str(kind), "province": province, "district": district, "region": region, "level": level, "q": q}
    try:
        asked = rankings.read_request(
            results_queries.framework_of_year(request.assessment, fiscal_year),
            values | {"sort": sort, "order": order},
            [],
            fictional=fictional,
            levels=data["levels"],
        )
    except rankings.UnknownError as error:
        raise Http404 from error
    count, start = asked.question.matching().count(), (page - 1) * size
    rows = rankings.list_rows(asked, start, start + size)
    return {
        "count": count,
        "items": [_serialize_row(row) for row in rows],
        "next": page + 1 if start + size < count else None,
    }
