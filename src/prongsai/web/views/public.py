"""Pages that anybody may read. They show published data alone."""

import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache, partial
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from prongsai import framework as rules
from prongsai.analysis.readings import find_reading_effects
from prongsai.disclosure.queries import brought_items
from prongsai.disclosure.queries import published_years as disclosures
from prongsai.framework import METHOD_EN, METHOD_TH, Framework
from prongsai.improvement.queries import public_plans
from prongsai.lib import fiscal
from prongsai.people.access import public_page
from prongsai.people.error_pages import render_error
from prongsai.people.rate_limits import limit_requests
from prongsai.people.requests import SiteRequest
from prongsai.registry import queries as registry
from prongsai.registry.agency_search import find_named
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency
from prongsai.registry.provinces import REGION_OF, REGIONS
from prongsai.registry.queries import today
from prongsai.results import errata
from prongsai.results import queries as results
from prongsai.results.models import AgencyResult, Overview
from prongsai.results.question import CHANGE, WORST
from prongsai.results.receipts import issued_receipt
from prongsai.results.story import tell_year
from prongsai.rulebooks.queries import announced_on, find_edition, framework_for, frameworks
from prongsai.sites.consultations import public_consultations
from prongsai.sites.queries import find_settings, public_item_pages
from prongsai.sites.satisfaction import services_of
from prongsai.web.health import check_readiness
from prongsai.web.province_map import draw_map
from prongsai.web.rankings import WHY
from prongsai.web.rendered_pages import rendered_once, settled, shared
from prongsai.web.templatetags.prongsai import english

ROWS_PER_PAGE = 50
MAX_COMPARED = 6
BUDDHIST_ERA_OFFSET = 543  # years


def select_year(request: SiteRequest, year_in_path: int | None = None) -> int | None:
    """The requested fiscal year, or the newest published one; None when nothing is published."""
    years = results.years(request.assessment)
    year = year_in_path if year_in_path is not None else _parse_year(request.GET.get("year", ""))
    if year is None:
        return years[0] if years else None
    if year not in years:
        raise Http404
    return year


def _parse_year(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None


def choose_fiction(request: SiteRequest) -> bool | None:
    """Whether a page is about fictional agencies, which are never shown among real ones, as its address says; None when
    it says nothing."""
    return {"0": False, "1": True}.get(request.GET.get("fictional", ""))


def summarize(request: SiteRequest, overview: Overview | None) -> dict[str, Any]:
    """The summary of a year for its pages: of real agencies or of fictional ones, and whether there is the other."""
    if overview is None:
        return {"data": None}
    data, fictional = results.choose_summary(overview, fictional=choose_fiction(request))
    has_other = bool(overview.data["agencies"] if fictional else overview.data.get("fictional"))
    return {"data": data, "fictional": fictional, "has_other_world": has_other}


@public_page
@require_safe
@rendered_once("year", "fictional")
def home(request: SiteRequest) -> HttpResponse:
    year = select_year(request)
    overview = results.overview(request.assessment, year) if year else None
    context: dict[str, Any] = {"overview": overview, "year": year, "years": results.years(request.assessment)}
    context |= summarize(request, overview)
    if overview:
        kinds = context["data"]["groups"]["kind"]
        context["kinds"] = sorted(kinds, key=lambda kind: -kinds[kind]["n"])
        world = {"fictional": 1} if context["fictional"] else {}
        asked = {"year": year, **world, "sort": CHANGE, "order": WORST, "col": WHY}
        context["why"] = urlencode(asked, doseq=True)
        places = context["data"].get("places", {}).get("", {})
        context["map"] = draw_map(places, is_change=False, address_of=partial(_list_province, {"year": year, **world}))
    return render(request, "web/home.html", context)


def _list_province(asked: Mapping[str, Any], province: str) -> str:
    """The address of the results of a province."""
    return f"{reverse('rankings')}?{urlencode({**asked, 'province': province})}"


@public_page
@require_safe
@limit_requests(240, 60)
def search(request: SiteRequest) -> HttpResponse:
    """Agencies that match a text: the list alone while typing, otherwise a page."""
    text = request.GET.get("q", "").strip()[:120]
    agencies, is_near = _find_named(request, text) if text else ([], False)
    latest: dict[int, Any] = {}
    for row in results.published(request.assessment).filter(agency__in=agencies).order_by("fiscal_year"):
        latest[row.agency_id] = row
    context = {
        "q": text,
        "is_near": is_near,
        "matches": [(a, latest.get(a.pk)) for a in agencies],
        "shown_years": {row.fiscal_year for row in latest.values()},
    }
    return render_part_or_page(request, "web/components/search_results.html", "web/search.html", context)


def _find_named(request: SiteRequest, text: str, *, fictional: bool | None = None) -> tuple[list[Agency], bool]:
    """The agencies that a text means, the best first, and whether none is written as it was typed."""
    found = find_named(request.assessment, text, fictional=fictional)
    by_key = _agencies_of(request).in_bulk(found.keys)
    return [by_key[pk] for pk in found.keys if pk in by_key], found.is_near


def _agencies_of(request: SiteRequest) -> QuerySet[Agency]:
    return Agency.objects.filter(assessment=request.assessment)


def render_part_or_page(request: SiteRequest, part: str, page: str, context: dict[str, Any]) -> HttpResponse:
    """Render a part of a page for HTMX, else the page; a restored history needs the page."""
    is_swap = request.htmx and not request.htmx.history_restore_request
    response = render(request, part if is_swap else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@public_page
@require_safe
@rendered_once()
def agency(request: SiteRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    key = "agency", request.assessment, code
    context = shared(request, key, lambda: _describe_agency(request, code))
    if fiscal_year is None and context["years"]:
        return redirect("agency_year", code=code, fiscal_year=context["years"][0])
    of_year = shared(request, (*key, fiscal_year), lambda: _describe_year(context, fiscal_year)) if fiscal_year else {}
    return render(request, "web/agency.html", context | of_year)


def _describe_agency(request: SiteRequest, code: str) -> dict[str, Any]:
    """What the pages of all years of an agency show, in any language; Http404 for an agency that there is not."""
    agency = get_object_or_404(_agencies_of(request).select_related("merged_into"), code=code)
    history = results.history(agency)
    return {
        "agency": agency,
        "history": history,
        "years": [row.fiscal_year for row in history],
        "earlier_versions": agency.versions.all(),
        "oit": disclosures(agency),
        "channels": find_settings(agency),
        "asks_opinions": services_of(agency).exists() or public_consultations(agency).exists(),
        "item_pages": public_item_pages(agency),
        "plans": public_plans(agency),
        "corrections": errata.corrections_by_agency(history),
    }


def _describe_year(whole: Mapping[str, Any], fiscal_year: int) -> dict[str, Any]:
    """What the page of a year shows beside ``_describe_agency``; Http404 for a year that is not public."""
    agency = whole["agency"]
    assessed = results.analyse_published(agency, fiscal_year, whole["history"])
    if assessed is None:
        raise Http404
    place, peers = results.rank_among_peers(assessed.current) if assessed.current.overall is not None else (None, 0)
    years_of_plans = [plan.fiscal_year for plan in whole["plans"]]
    with settled():  # marks are sealed before a result is computed from them
        brought = brought_items(agency, fiscal_year) if assessed.result.result_set.origin == "run" else []
    version = registry.find_version(agency, datetime.date(fiscal_year - BUDDHIST_ERA_OFFSET, 9, 30))
    return describe_result(assessed) | {
        "assessed": assessed,
        "corrections": whole["corrections"].get((agency.pk, fiscal_year), []),
        "shown_years": whole["years"],
        "place": place,
        "peers": peers,
        "story": tell_year(assessed, place=place, peers=peers, plans=years_of_plans),
        "name_then": version.name_th if version.name_th != agency.name_th else "",
        "imported": assessed.result.result_set.origin == "import",
        "brought": brought,
    }


def describe_result(assessed: results.ResultAnalysis) -> dict[str, Any]:
    """What the parts of a page about one agency's result show (``components/result_*.html``)."""
    in_force = frameworks(assessed.agency.assessment_id)
    approximate = results.list_approximate(assessed.result)
    nodes = assessed.framework.nodes
    return {
        "in_force": in_force,
        "points": _build_history_points(assessed.history, in_force),
        "approximate": approximate,
        "readings": find_reading_effects(assessed.framework, results.scores_of(assessed.result), approximate),
        "collection": assessed.result.basis.get("collection", {}),
        "rules_changed": results.rules_changed(assessed.result.result_set),
        "movements": {m.node: m for m in assessed.movement.changes} if assessed.movement else {},
        "items": [(r, nodes[r.node]) for r in assessed.findings.weak_items],
        "explained": results.explain_means(assessed.framework, assessed.result.shown),
        "instruments": [(nodes[r.node], r) for r in assessed.findings.instruments],
    }


def _build_history_points(history: Any, in_force: Mapping[int, Framework]) -> list[tuple[int, Any, bool]]:
    """Totals by year for the chart; each point says whether the rules of the total changed since the one before."""
    scored = [c for c in reversed(history) if c.overall is not None]
    points = [(c.fiscal_year, _print_total(c, in_force), False) for c in scored[:1]]
    for before, now in pairwise(scored):
        known = [_rules_of_whole(results.framework_of(c.result.result_set, in_force)) for c in (before, now)]
        changed = known[0] != known[1]
        points.append((now.fiscal_year, _print_total(now, in_force), changed))
    return points


def _print_total(row: Any, in_force: Mapping[int, Framework]) -> Decimal:
    framework = results.framework_of(row.result.result_set, in_force)
    return Decimal(framework.print_score(Decimal(row.result.shown["overall"])))


@lru_cache(50)
def _rules_of_whole(framework: Framework) -> tuple[Any, ...]:
    """What a total depends on above the items: instruments with weights, levels, the number of items."""
    return (
        [(i.id, i.weight) for i in framework.rules.instruments],
        [(b.id, b.at_least) for b in framework.rules.bands],
        {i: len(framework.items_of(i)) for i in framework.instruments},
    )


@public_page
@require_safe
@rendered_once()
def receipt(request: SiteRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Everything behind a published result, to be computed again by anyone: ``prongsai verify``."""
    row = get_object_or_404(
        results.published(request.assessment, fiscal_year).select_related(
            "result__result_set__corrects", "result__agency"
        ),
        agency__code=code,
    )
    return _send_receipt(request, row.result, f"receipt-{row.result.agency.code}-{fiscal_year}.json")


def _send_receipt(request: SiteRequest, result: AgencyResult, name: str) -> HttpResponse:
    issued = issued_receipt(result)
    if issued is None and results.rules_changed(result.result_set):
        why = (
            "ผลนี้คำนวณด้วยหลักเกณฑ์คนละฉบับกับที่ติดตั้งอยู่ จึงออกใบรับรองไม่ได้",
            "This result was computed by other rules than those installed here, so there is no receipt of it.",
        )
        return render_error(request, HTTPStatus.CONFLICT, ("ออกใบรับรองไม่ได้", "No receipt can be issued"), why)
    text = json.dumps(issued or results.receipt(result), ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _find_earlier_or_404(
    request: SiteRequest, code: str, fiscal_year: int, publication_id: int
) -> tuple[Agency, errata.Correction]:
    agency = get_object_or_404(_agencies_of(request), code=code)
    earlier = errata.find_earlier(agency, fiscal_year, publication_id)
    if earlier is None:
        raise Http404
    return agency, earlier


@public_page
@require_safe
@rendered_once()
def earlier_result(request: SiteRequest, code: str, fiscal_year: int, publication_id: int) -> HttpResponse:
    """What was public of an agency's year before a correction."""
    agency, earlier = _find_earlier_or_404(request, code, fiscal_year, publication_id)
    before = earlier.row.before
    framework = results.framework_of(before.result_set)
    is_current = results.published(request.assessment, fiscal_year).filter(agency=agency).exists()
    context = {
        "agency": agency,
        "year": fiscal_year,
        "framework": framework,
        "earlier": earlier,
        "change": earlier.agency_change,
        "result": before,
        "is_current": is_current,
        "approximate": results.list_approximate(before),
        "scores": [(errata.name_node(framework, n), n, before.shown[n]) for n in framework.nodes if n in before.shown],
    }
    return render(request, "web/earlier_result.html", context)


@public_page
@require_safe
@rendered_once()
def earlier_receipt(request: SiteRequest, code: str, fiscal_year: int, publication_id: int) -> HttpResponse:
    """The receipt of what was public before a correction."""
    agency, earlier = _find_earlier_or_404(request, code, fiscal_year, publication_id)
    result = AgencyResult.objects.select_related("agency", "result_set__corrects").get(pk=earlier.row.before_id)
    return _send_receipt(request, result, f"receipt-{agency.code}-{fiscal_year}-{publication_id}.json")


@public_page
@require_safe
@rendered_once("fictional", "erratum", "page")
def corrections(request: SiteRequest, fiscal_year: int) -> HttpResponse:
    """Every correction of a year's published results: when, why, and what changed for whom."""
    year = select_year(request, fiscal_year)
    overview = results.overview(request.assessment, year) if year else None
    context: dict[str, Any] = {"year": year, "overview": overview} | summarize(request, overview)
    fictional = bool(context.get("fictional"))
    found = list(errata.list_errata(request.assessment, fiscal_year, fictional=fictional))
    chosen = next((e for e in found if str(e.pk) == request.GET.get("erratum")), next(iter(found), None))
    context |= {"errata": found, "chosen": chosen}
    if chosen:
        page = Paginator(errata.list_corrected(chosen, fictional=fictional), ROWS_PER_PAGE)
        context["page"] = page.get_page(request.GET.get("page"))
        context["corrected"] = errata.in_words(context["page"].object_list)
    return render(request, "web/corrections.html", context)


@public_page
@require_safe
@rendered_once("agency", "year")
@limit_requests(240, 60)
def compare(request: SiteRequest) -> HttpResponse:
    """Up to six agencies side by side in one year."""
    codes = list(dict.fromkeys(c for c in request.GET.getlist("agency") if c))[:MAX_COMPARED]
    year = select_year(request)
    by_code = {a.code: a for a in _agencies_of(request).filter(code__in=codes)}
    chosen = [by_code[c] for c in codes if c in by_code]
    agencies = [a for a in chosen if a.fictional == chosen[0].fictional]
    rows = (
        {
            c.agency_id: c
            for c in results.published(request.assessment, year)
            .filter(agency__in=agencies)
            .select_related("result")
            .defer("result__basis")
        }
        if year
        else {}
    )
    framework = framework_for(request.assessment, year) if year else None
    lines = []
    if framework:
        nodes = ["overall", *framework.instruments, *(i.id for i in framework.rules.indicators)]
        for node in nodes:
            scores = [rows[a.pk].result.shown.get(node) if a.pk in rows else None for a in agencies]
            if any(scores):
                lines.append((framework.nodes[node], scores))
    text = request.GET.get("q", "").strip()[:120]
    matches = [
        (a, _ask_to_compare([*agencies, a], year))
        for a in (_find_named(request, text, fictional=agencies[0].fictional if agencies else None)[0] if text else [])
        if a not in agencies
    ]
    context = {
        "agencies": agencies,
        "left_out": [a for a in chosen if a not in agencies],
        "fictional": bool(agencies and agencies[0].fictional),
        "rows": [(a, rows.get(a.pk)) for a in agencies],
        "columns": [(a, _ask_to_compare([o for o in agencies if o != a], year)) for a in agencies],
        "lines": lines,
        "year": year,
        "years": results.years(request.assessment),
        "q": text,
        "matches": matches,
        "full": len(agencies) >= MAX_COMPARED,
        "framework": framework,
    }
    return render(request, "web/compare.html", context)


def _ask_to_compare(agencies: list[Agency], year: int | None) -> str:
    """What an address asks of the page that compares these."""
    return urlencode({"agency": [a.code for a in agencies], **({"year": year} if year else {})}, doseq=True)


@public_page
@require_safe
@rendered_once("fictional")
def nation(request: SiteRequest, fiscal_year: int | None = None) -> HttpResponse:
    year = select_year(request, fiscal_year)
    overview = results.overview(request.assessment, year) if year else None
    context: dict[str, Any] = {"year": year, "years": results.years(request.assessment), "overview": overview}
    if overview:
        framework = results.framework_of_year(request.assessment, overview.fiscal_year)
        context |= summarize(request, overview)
        data = context["data"]
        context["world"] = "&fictional=1" if context["fictional"] else ""
        context["errata"] = errata.list_errata(
            request.assessment, overview.fiscal_year, fictional=bool(context["fictional"])
        )
        context["framework"] = framework
        context["readings"] = results.name_readings(data.get("readings"), framework)
        context["levelled"] = sum(data["levels"].values())
        context["nodes"] = [(framework.nodes[n], v) for n, v in data["nodes"].items()]
        context["kinds"] = [
            (k.value, data["groups"]["kind"][k.value]) for k in AgencyType if k.value in data["groups"]["kind"]
        ]
        provinces = data["groups"]["province"]
        context["regions"] = [
            (region, [(p, provinces[p]) for p in names.split() if p in provinces]) for region, names in REGIONS.items()
        ] + [("", [(p, v) for p, v in provinces.items() if p not in REGION_OF])]
    return render(request, "web/nation.html", context)


@public_page
@require_safe
@rendered_once()
def methodology(request: SiteRequest, fiscal_year: int | None = None) -> HttpResponse:
    """The rules of a year, generated from the rules themselves; inferred facts are marked."""
    in_force = frameworks(request.assessment)
    if fiscal_year is None:
        if not in_force:
            return render(request, "web/methodology_empty.html")
        return redirect("methodology_year", fiscal_year=next(iter(results.years(request.assessment)), max(in_force)))
    framework = in_force.get(fiscal_year)
    if framework is None:
        raise Http404
    instruments = [
        (
            i,
            [
                (n, items)
                for n in framework.nodes.values()
                if n.kind == "indicator" and (items := _items(framework, i.id, n.id))
            ],
        )
        for i in framework.rules.instruments
    ]
    before = in_force.get(fiscal_year - 1)
    changes = rules.difference([before, framework]) if before else []
    inferred = [n for n in framework.nodes.values() if n.basis.standing == "inferred"]
    reasons: dict[str, list[str]] = {}  # of each note, the nodes that it is about
    for node in inferred:
        if node.basis.note:
            reasons.setdefault(node.basis.note, []).append(node.id)
    context = {
        "framework": framework,
        "years": sorted(in_force, reverse=True),
        "instruments": instruments,
        "changes": changes,
        "shown_years": [before.fiscal_year] if before else [],
        "in_force": in_force,
        "announced_on": announced_on(request.assessment, fiscal_year),
        "methods": METHOD_EN if english() else METHOD_TH,
        "inferred": len(inferred),
        "reasons": reasons,
    }
    return render(request, "web/methodology.html", context)


@public_page
@require_safe
@rendered_once("digest")
def rules_file(request: SiteRequest, fiscal_year: int) -> HttpResponse:
    """The complete rules of a year as data, for ``prongsai verify --rules``: those in force, or the edition of a
    ``digest`` by which something published was made. A draft is nobody's to read here."""
    chosen = request.GET.get("digest", "")[:64]
    framework = frameworks(request.assessment).get(fiscal_year)
    if chosen and (framework is None or framework.digest != chosen):
        published = results.published(request.assessment, fiscal_year).filter(
            result__result_set__framework_digest=chosen
        )
        framework = find_edition(request.assessment, fiscal_year, chosen) if published.exists() else None
    if framework is None:
        raise Http404
    content = {"format": "prongsai-rules/1", "digest": framework.digest, "rules": rules.as_data(framework.rules)}
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    name = f"rules-{framework.assessment}-{fiscal_year}-{framework.digest[:12]}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _items(framework: Any, instrument: str, indicator: str) -> list[Any]:
    """Items of an indicator that belong to an instrument."""
    return [item for item in framework.items_of(indicator) if item.instrument == instrument]


@public_page
@require_safe
@rendered_once()
def show_site_page(request: SiteRequest, page: str) -> HttpResponse:
    """What the site says of itself: ``page`` is the template in ``web/site``."""
    return render(request, f"web/site/{page}.html")


@public_page
@require_safe
@rendered_once()
def gallery(request: SiteRequest) -> HttpResponse:
    """The design system: every token and component on one page."""
    bars = [
        results.IndicatorBar(str(k), label, Decimal(score), Decimal(before), reached)
        for k, label, score, before, reached in (
            (1, rules.Label(th="การปฏิบัติหน้าที่", en="Performing duties"), "92.40", "88.10", True),
            (2, rules.Label(th="การใช้งบประมาณ", en="Using the budget"), "81.25", "84.00", False),
        )
    ]
    newest = max(frameworks(request.assessment), default=fiscal.year_of(today()))
    points = [
        (newest - 2, Decimal("79.20"), False),
        (newest - 1, Decimal("86.02"), False),
        (newest, Decimal("91.77"), True),
    ]
    return render(
        request,
        "web/gallery.html",
        {
            "bars": bars,
            "points": points,
            "years": sorted(frameworks(request.assessment), reverse=True)[:3],
            "shares": [(60, 2), (65, 5), (70, 9), (75, 14), (80, 22), (85, 31), (90, 25), (95, 8)],
        },
    )


@public_page
@never_cache
@require_safe
def health(request: SiteRequest) -> HttpResponse:
    """Whether the site and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@public_page
@never_cache
@require_safe
def is_live(request: SiteRequest) -> HttpResponse:
    """Whether this process answers; asks nothing of the database, so that a lost one restarts no process."""
    return JsonResponse({"status": "ok"})


@public_page
@never_cache
@require_safe
def is_ready(request: SiteRequest) -> HttpResponse:
    """Whether the installation can do its work: 200, or 503 with what is missing."""
    checks = check_readiness()
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)
