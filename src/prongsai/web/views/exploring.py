"""Pages for whoever wants to see more of the results: each score of an agency over the years beside its peers, and two
scores of many agencies against each other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from django.db.models.fields.json import KT
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from prongsai.analysis import compare_years
from prongsai.framework import Framework, Node
from prongsai.lib.charts import Band
from prongsai.people.access import public_page
from prongsai.people.requests import SiteRequest
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency
from prongsai.registry.provinces import REGION_OF
from prongsai.registry.queries import agency_revision
from prongsai.results import queries as results
from prongsai.results.facts import column_key
from prongsai.results.models import PublishedResult
from prongsai.rulebooks.queries import frameworks
from prongsai.sites.queries import find_settings
from prongsai.web.rendered_pages import rendered_once, settled
from prongsai.web.situations import load_situations
from prongsai.web.templatetags.prongsai import caution_in_words, node_title, t
from prongsai.web.views.public import select_year, summarize

_LEAST_PEERS = 10  # below, where they lie says where each of them does
_STEP = 2  # points of a square in which pairs of scores are counted
_FARTHEST = 10  # agencies that are named on each side
_KINDS = ("overall", "composite", "instrument", "indicator")


@dataclass(frozen=True)
class Series:
    """A node of the newest year with its score in each year, oldest first: (year, score, whether its rules changed
    since the point before), and why, in Thai. ``above``: the share of peers below it in the newest year, a per cent."""

    node: Node
    points: Sequence[tuple[int, Decimal, bool]]
    bands: Mapping[int, Band]
    cautions: Sequence[str]
    above: int | None
    peers: int

    @property
    def title(self) -> str:
        """In the reader's language."""
        return node_title(self.node)


@public_page
@require_safe
@rendered_once()
def agency_years(request: SiteRequest, code: str) -> HttpResponse:
    """Every score of an agency over all its years, beside where those of its type lie."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    history = [row for row in reversed(results.history(agency)) if row.overall is not None]
    series = _list_series(agency, history) if history else []
    years = [row.fiscal_year for row in history]
    framework = results.framework_of(history[-1].result.result_set) if history else None
    context = {
        "agency": agency,
        "years": years,
        "series": series,
        "table": [(one, _by_year(one, years)) for one in series],
        "target": framework.rules.target.points if framework else 0,
        "low": _find_lowest(series),
        "least": _LEAST_PEERS,
    }
    return render(request, "web/agency_years.html", context)


@public_page
@require_safe
@rendered_once()
def what_it_means(request: SiteRequest, code: str, fiscal_year: int) -> HttpResponse:
    """What an agency's result means to somebody who needs a service, bids, complains or works there."""
    row = get_object_or_404(
        results.published(request.assessment, fiscal_year).select_related("agency", "result__result_set"),
        agency__code=code,
    )
    framework = results.framework_of(row.result.result_set)
    shown, approximate = row.result.shown, set(results.list_approximate(row.result))
    target = framework.rules.target.points
    found = []
    for situation in load_situations().values():
        about = situation.find_nodes(framework)
        known = [(Decimal(shown[node.id]), node, node.id in approximate) for node in about if node.id in shown]
        known.sort(key=lambda one: one[0])
        below = sum(score < target for score, *_ in known)
        found.append({"situation": situation, "about": len(about), "known": known, "below": below})
    context = {
        "agency": row.agency,
        "year": fiscal_year,
        "target": target,
        "found": found,
        "is_approximate": bool(approximate),
        "channels": find_settings(row.agency),
    }
    return render(request, "web/what_it_means.html", context)


def _find_lowest(series: Sequence[Series]) -> int:
    """Where one scale for all of them begins."""
    scores = [score for one in series for _, score, _ in one.points]
    return int(min([*scores, *(band.low for one in series for band in one.bands.values())], default=0)) // 10 * 10


def _by_year(series: Series, years: Sequence[int]) -> list[tuple[Decimal | None, bool, Band | None]]:
    known = {year: (score, changed, series.bands.get(year)) for year, score, changed in series.points}
    return [known.get(year, (None, False, None)) for year in years]


def _list_series(agency: Agency, history: Sequence[PublishedResult]) -> list[Series]:
    in_force = frameworks(agency.assessment_id)
    rules = [results.framework_of(row.result.result_set, in_force) for row in history]
    peers = {row.fiscal_year: _peers_of(agency, row.fiscal_year) for row in history}
    found = []
    for node in rules[-1].nodes.values():
        if node.kind not in _KINDS or node.id not in history[-1].result.shown:
            continue
        points, names, cautions = _follow(node.id, history, rules, in_force)
        bands = {}
        for year, name in names.items():
            scores = peers[year].get(name, ())
            if len(scores) >= _LEAST_PEERS:
                bands[year] = _describe_band(scores)
        last = peers[history[-1].fiscal_year].get(node.id, ())
        above = None
        if len(last) >= _LEAST_PEERS:
            above = 100 * sum(score < points[-1][1] for score in last) // len(last)
        found.append(Series(node, points, bands, cautions, above, len(last)))
    return found


def _follow(
    node: str, history: Sequence[PublishedResult], rules: Sequence[Framework], in_force: Mapping[int, Framework]
) -> tuple[list[tuple[int, Decimal, bool]], dict[int, str], list[str]]:
    """The scores of a node and of those that it continues, back to where it continues none; what each was called, and
    what to know of comparing them."""
    name, found, names, cautions = node, [], {}, []
    steps = list(reversed(list(zip(history, rules, strict=True))))
    for (row, framework), older in zip_longest(steps, steps[1:]):
        names[row.fiscal_year] = name
        score = Decimal(framework.print_score(Decimal(row.result.shown[name])))
        chain = _chain(older[1], framework, in_force) if older else []
        compared = compare_years(chain) if chain else None
        caution = compared.cautions.get(name, "") if compared else ""
        before = compared.predecessors.get(name, "") if compared else ""
        is_known = bool(older) and before in older[0].result.shown
        found.append((row.fiscal_year, score, is_known and bool(caution)))
        if not is_known:
            break
        cautions += [f"{row.fiscal_year}: {caution_in_words(caution)}"] if caution else []
        name = before
    return found[::-1], names, cautions


def _chain(older: Framework, newer: Framework, in_force: Mapping[int, Framework]) -> list[Framework]:
    """The rules from one year to another, each year's; empty where those of a year between are not known."""
    between = [in_force.get(year) for year in range(older.fiscal_year + 1, newer.fiscal_year)]
    return [] if None in between else [older, *(f for f in between if f is not None), newer]


def _peers_of(agency: Agency, fiscal_year: int) -> Mapping[str, Sequence[Decimal]]:
    """The published scores of a year of agencies of the same type, by node."""
    overview = results.overview(agency.assessment_id, fiscal_year)
    assert overview is not None
    with settled():  # the page changes with every agency, since it has read one
        state = overview.digest, agency_revision()
    return _read_peers(agency.assessment_id, fiscal_year, agency.kind, agency.fictional, state)


@lru_cache(maxsize=128)
def _read_peers(
    assessment: str, fiscal_year: int, kind: str, fictional: bool, _state: tuple[str, int]
) -> Mapping[str, Sequence[Decimal]]:
    """For a state of what is published and of what is known of agencies."""
    found: dict[str, list[Decimal]] = {}
    rows = results.published(assessment, fiscal_year, fictional=fictional).filter(agency__kind=kind)
    for facts in rows.values_list("facts", flat=True).iterator(chunk_size=1000):
        scores = {"overall": facts.get("overall")} | {key[1:]: s for key, s in facts.get("scores", {}).items()}
        for node, score in scores.items():
            if score:
                found.setdefault(node, []).append(Decimal(score))
    return {node: sorted(scores) for node, scores in found.items()}


def _describe_band(scores: Sequence[Decimal]) -> Band:
    """Of scores in order: each the least score that has so many at or below it."""
    return Band(*(scores[max(-(-len(scores) * part // 100) - 1, 0)] for part in (10, 25, 50, 75, 90)))


@public_page
@require_safe
@rendered_once("x", "y", "kind", "province", "fictional")
def score_pairs(request: SiteRequest, fiscal_year: int) -> HttpResponse:
    """Two scores of every agency of a year against each other."""
    select_year(request, fiscal_year)
    overview = results.overview(request.assessment, fiscal_year)
    framework = results.framework_of_year(request.assessment, fiscal_year)
    axes = [node for node in framework.nodes.values() if node.kind in _KINDS]
    right, up = _choose_axes(request, framework, axes)
    kind, province = request.GET.get("kind", ""), request.GET.get("province", "")
    if (kind and kind not in AgencyType.values) or (province and province not in REGION_OF):
        raise Http404
    context = summarize(request, overview)
    rows = results.published(request.assessment, fiscal_year, fictional=bool(context["fictional"]))
    if kind:
        rows = rows.filter(agency__kind=kind)
    if province:
        rows = rows.filter(agency__province=province)
    names = [n.id if n.id == "overall" else f"scores__{column_key(n.id)}" for n in (right, up)]
    known = rows.annotate(right=KT(f"facts__{names[0]}"), up=KT(f"facts__{names[1]}"))
    found = [
        (Decimal(a), Decimal(b), pk)
        for a, b, pk in known.values_list("right", "up", "agency").order_by("pk")
        if a and b
    ]
    cells = Counter((int(a) // _STEP * _STEP, int(b) // _STEP * _STEP) for a, b, _ in found)
    context |= {
        "year": fiscal_year,
        "right": right,
        "up": up,
        "axes": axes,
        "kinds": AgencyType,
        "kind": kind,
        "provinces": sorted(REGION_OF),
        "province": province,
        "cells": (within := _within_the_scale(cells)),
        "ranges": [(_name_range(a), _name_range(b), n) for (a, b), n in sorted(within.items())],
        "chart_title": t("สองคะแนนของแต่ละหน่วยงาน", "Two scores of each agency"),
        "axis_names": tuple(node_title(node) for node in (right, up)),
        "step": _STEP,
        "target": framework.rules.target.points,
        "count": len(found),
        "higher_right": sum(a > b for a, b, _ in found),
        "higher_up": sum(a < b for a, b, _ in found),
        "both": sum(min(a, b) >= framework.rules.target.points for a, b, _ in found),
        "sides": [(right, up, _name_farthest(found, 1)), (up, right, _name_farthest(found, -1))],
    }
    return render(request, "web/score_pairs.html", context)


def _choose_axes(request: SiteRequest, framework: Framework, axes: Sequence[Node]) -> tuple[Node, Node]:
    """Those of the address; otherwise the surveys of those within and of those served, the whole of it where it has
    parts."""
    surveys = [i.id for i in framework.rules.instruments if i.kind == "survey"]
    wholes = [node.id for node in axes if node.kind == "composite"]
    usual = [surveys[0], (wholes or surveys[1:] or ["overall"])[0]]
    chosen = [framework.nodes.get(request.GET.get(name, "") or ours) for name, ours in zip("xy", usual, strict=True)]
    if any(node not in axes for node in chosen):
        raise Http404
    assert chosen[0] is not None
    assert chosen[1] is not None
    return chosen[0], chosen[1]


def _within_the_scale(cells: Mapping[tuple[int, int], int]) -> dict[tuple[int, int], int]:
    """A score of 100 is in the last square."""
    within: Counter[tuple[int, int]] = Counter()
    for (right, up), n in cells.items():
        within[min(right, 100 - _STEP), min(up, 100 - _STEP)] += n
    return dict(within)


def _name_range(start: int) -> str:
    return f"{start}–{start + _STEP}"


def _name_farthest(found: Sequence[tuple[Decimal, Decimal, int]], sign: int) -> list[dict[str, Any]]:
    """The agencies whose one score is the farthest above the other."""
    apart = sorted(
        ((sign * (a - b), a, b, pk) for a, b, pk in found if sign * (a - b) > 0), key=lambda r: (-r[0], r[3])
    )
    agencies = Agency.objects.in_bulk([pk for *_, pk in apart[:_FARTHEST]])
    return [{"agency": agencies[pk], "by": by, "right": a, "up": b} for by, a, b, pk in apart[:_FARTHEST]]
