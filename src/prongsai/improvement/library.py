"""Measures in published plans of one type of agency, with the change of the indicator that followed: counts and
intervals, without any claim of a cause."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from statistics import median, quantiles
from typing import Any, cast

from django.db.models import Count, F, Func, Max, TextField, Value
from django.db.models.sql.compiler import SQLCompiler

from prongsai import analysis
from prongsai.improvement.models import LibraryEntry
from prongsai.registry.queries import agency_revision
from prongsai.results import queries as results
from prongsai.rulebooks.queries import frameworks

MEASURES_PER_PAGE = 20  # the most used first
MIN_FOR_QUARTILES = 4  # changes from which the middle half is shown instead of the extremes
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class ChangeDistribution:
    """Changes of an indicator from one year to the next: how many of ``n`` rose, stayed, fell; their median, and the
    interval from ``low`` to ``high``: the middle half, or all of them when there are few. None without any change."""

    n: int
    up: int
    same: int
    down: int
    median: Decimal | None
    low: Decimal | None
    high: Decimal | None
    is_middle_half: bool


@dataclass(frozen=True)
class MeasureUsage:
    """A measure with its latest wording and steps, the number of agencies that used it, and the change that followed
    where both years are published."""

    entry: LibraryEntry
    agencies: int
    changes: ChangeDistribution


@dataclass(frozen=True)
class LibraryPage:
    """The library's page of one type of agency and one indicator. ``all_agencies`` are the changes of all agencies of
    the type in the same years; ``cautions`` are changes of the rules between those years, in Thai."""

    measures: tuple[MeasureUsage, ...]
    all_agencies: ChangeDistribution
    cautions: tuple[str, ...]


class _NodeScore(Func):
    """The displayed score of one node as text. Django's own key lookup reads the id of an indicator as an index."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        field, node = self.source_expressions
        path = Value(f'$."{cast("Value", node).value}"')
        return Func(field, path, function="JSON_EXTRACT").as_sql(compiler, connection, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="jsonb_extract_path_text", **context)


def library_page(*, assessment: str, kind: str, indicator: str, fictional: bool = False) -> LibraryPage:
    """What published plans of one type of agency (``kind``) of an assessment did about an indicator, the most used
    measures first. Of real agencies, or of fictional ones."""
    entries = LibraryEntry.objects.filter(
        agency__assessment=assessment, agency__fictional=fictional, kind=kind, indicator=indicator, plan__public=True
    )
    most_used = list(
        entries.values("key")
        .annotate(n=Count("agency", distinct=True), last=Max("pk"))
        .order_by("-n", "-last")[:MEASURES_PER_PAGE]
    )
    latest = LibraryEntry.objects.in_bulk([row["last"] for row in most_used])
    uses = list(entries.filter(key__in=[row["key"] for row in most_used]).values_list("key", "agency", "fiscal_year"))
    years = {year for _, _, year in uses}
    scores = _scores_by_agency_and_year(
        assessment, kind, indicator, years | {year - 1 for year in years}, fictional=fictional
    )
    changes: dict[str, list[Decimal]] = {}
    for key, agency, year in uses:
        if (change := _change(scores, agency, year)) is not None:
            changes.setdefault(key, []).append(change)
    agencies = {agency for agency, _ in scores}
    all_changes = [c for agency in agencies for year in years if (c := _change(scores, agency, year)) is not None]
    return LibraryPage(
        tuple(
            MeasureUsage(latest[row["last"]], row["n"], distribution_of(changes.get(row["key"], ())))
            for row in most_used
        ),
        distribution_of(all_changes),
        _rule_changes(assessment, indicator, years),
    )


def _scores_by_agency_and_year(
    assessment: str, kind: str, indicator: str, years: set[int], *, fictional: bool
) -> dict[tuple[int, int], Decimal]:
    """The published scores of an indicator."""
    overviews = dict(results.overviews(assessment).filter(fiscal_year__in=years).values_list("fiscal_year", "digest"))
    registry_revision = agency_revision()  # an agency may change its type
    return {
        (agency, year): score
        for year in years
        for agency, score in _scores_of_year(
            (assessment, kind, indicator, year, fictional), overviews.get(year), registry_revision
        )
    }


def _scores_of_year(
    key: tuple[str, str, str, int, bool], overview: str | None, registry_revision: int
) -> Iterable[tuple[int, Decimal]]:
    return _read_scores(*key) if overview is None else _cached_scores(*key, overview, registry_revision)


@lru_cache(maxsize=24)  # each some thousands of pairs
def _cached_scores(
    assessment: str, kind: str, indicator: str, year: int, fictional: bool, _overview: str, _registry_revision: int
) -> tuple[tuple[int, Decimal], ...]:
    """The scores of one year, cached by the digest of what is published: reading them is the slowest part of a page."""
    return _read_scores(assessment, kind, indicator, year, fictional)


def _read_scores(
    assessment: str, kind: str, indicator: str, year: int, fictional: bool
) -> tuple[tuple[int, Decimal], ...]:
    rows = results.published(assessment, year, fictional=fictional).filter(agency__kind=kind)
    pairs = rows.annotate(score=_NodeScore(F("result__shown"), Value(indicator))).values_list("agency", "score")
    return tuple((agency, Decimal(score)) for agency, score in pairs if score is not None)


def _change(scores: dict[tuple[int, int], Decimal], agency: int, year: int) -> Decimal | None:
    before, after = scores.get((agency, year - 1)), scores.get((agency, year))
    return None if before is None or after is None else after - before


def distribution_of(changes: Iterable[Decimal]) -> ChangeDistribution:
    """The distribution of changes, rounded to two decimals."""
    changes = sorted(changes)
    n = len(changes)
    if not n:
        return ChangeDistribution(0, 0, 0, 0, None, None, None, is_middle_half=False)
    up, down = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    is_middle_half = n >= MIN_FOR_QUARTILES
    low, high = changes[0], changes[-1]
    if is_middle_half:
        low, _, high = quantiles(changes, n=4, method="inclusive")
    return ChangeDistribution(
        n=n,
        up=up,
        same=n - up - down,
        down=down,
        median=median(changes).quantize(_CENT),
        low=low.quantize(_CENT),
        high=high.quantize(_CENT),
        is_middle_half=is_middle_half,
    )


def _rule_changes(assessment: str, indicator: str, years: set[int]) -> tuple[str, ...]:
    """Cautions in Thai where the rules measure an indicator differently in two years that are compared."""
    cautions = []
    in_force = frameworks(assessment)
    for year in sorted(years):
        old, new = (in_force.get(y) for y in (year - 1, year))
        if old is None or new is None or indicator not in old.nodes or indicator not in new.nodes:
            continue
        zero = {indicator: Fraction(0)}
        comparison = analysis.year_on_year([old, new], zero, zero)
        caution = next((m.caution for m in comparison.changes if m.node == indicator), "")
        if caution:
            cautions.append(f"ปี {year - 1} กับ {year}: {caution}")
    return tuple(cautions)
