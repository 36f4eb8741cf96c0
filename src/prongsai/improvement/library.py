"""Measures that agencies of one type used, with the movement of the indicator that followed: counts and intervals, no
claim of a cause."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from statistics import median, quantiles
from typing import Any

from django.db.models import Count, F, Func, Max, TextField, Value
from django.db.models.sql.compiler import SQLCompiler

from prongsai import analysis
from prongsai.improvement.models import LibraryEntry
from prongsai.registry.queries import agency_revision
from prongsai.results import queries as record
from prongsai.results.models import Overview, PublishedResult

SHOWN = 20  # measures on a page, the most used first
QUARTILES_FROM = 4  # movements from which the middle half says more than the ends


@dataclass(frozen=True)
class Spread:
    """Movements of an indicator: how many rose, stayed, fell; their median and an interval, the middle half or (of few)
    all of them."""

    n: int
    up: int
    same: int
    down: int
    middle: Decimal | None
    low: Decimal | None
    high: Decimal | None
    middle_half: bool


@dataclass(frozen=True)
class Used:
    """A measure that was used: its wording and steps as last approved, by how many agencies, and what followed where
    both years are published."""

    entry: LibraryEntry
    agencies: int
    spread: Spread


@dataclass(frozen=True)
class Shelf:
    """The library's page of one type and indicator. ``everybody`` is the movement of all agencies of the type in the
    same years, used or not; ``cautions`` are changes of the rules between those years."""

    used: tuple[Used, ...]
    everybody: Spread
    cautions: tuple[str, ...]


class _Score(Func):
    """The shown score of one node as text. Not a key lookup of Django's: that reads the id of an indicator as a place
    in a list."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **more: Any) -> Any:
        field, node = self.source_expressions
        return Func(field, Value(f'$."{node.value}"'), function="JSON_EXTRACT").as_sql(compiler, connection, **more)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, function="jsonb_extract_path_text", **more)


def shelf(*, kind: str, indicator: str) -> Shelf:
    """What published plans of one type of agency did about an indicator, the most used first."""
    entries = LibraryEntry.objects.filter(kind=kind, indicator=indicator, plan__public=True)
    top = list(
        entries.values("key").annotate(n=Count("agency", distinct=True), last=Max("pk")).order_by("-n", "-last")[:SHOWN]
    )
    wording = LibraryEntry.objects.in_bulk([t["last"] for t in top])
    uses = list(entries.filter(key__in=[t["key"] for t in top]).values_list("key", "agency", "fiscal_year"))
    years = {y for _, _, y in uses}
    scores = _scores(kind, indicator, years | {y - 1 for y in years})
    moved: dict[str, list[Decimal]] = {}
    for key, agency, year in uses:
        if (change := _change(scores, agency, year)) is not None:
            moved.setdefault(key, []).append(change)
    agencies = {a for a, _ in scores}
    everybody = [c for a in agencies for y in years if (c := _change(scores, a, y)) is not None]
    return Shelf(
        tuple(Used(wording[t["last"]], t["n"], spread(moved.get(t["key"], ()))) for t in top),
        spread(everybody),
        _cautions(indicator, years),
    )


def _scores(kind: str, indicator: str, years: set[int]) -> dict[tuple[int, int], Decimal]:
    """The indicator's published score by agency and year."""
    seen = dict(Overview.objects.filter(fiscal_year__in=years).values_list("fiscal_year", "digest"))
    state = agency_revision()  # an agency may become one of another type
    return {
        (agency, year): score for year in years for agency, score in _year(kind, indicator, year, seen.get(year), state)
    }


def _year(kind: str, indicator: str, year: int, published: str | None, state: int) -> Iterable[tuple[int, Decimal]]:
    if published is None:
        return _read_year(kind, indicator, year)
    return _kept_year(kind, indicator, year, published, state)


@lru_cache(maxsize=24)  # each some thousands of pairs
def _kept_year(kind: str, indicator: str, year: int, _published: str, _state: int) -> tuple[tuple[int, Decimal], ...]:
    """One year's scores, kept by the digest of what is published: reading them anew takes the longest of the whole
    page."""
    return _read_year(kind, indicator, year)


def _read_year(kind: str, indicator: str, year: int) -> tuple[tuple[int, Decimal], ...]:
    rows = PublishedResult.objects.filter(agency__kind=kind, fiscal_year=year)
    found = rows.annotate(score=_Score(F("result__shown"), Value(indicator))).values_list("agency", "score")
    return tuple((a, Decimal(s)) for a, s in found if s is not None)


def _change(scores: dict[tuple[int, int], Decimal], agency: int, year: int) -> Decimal | None:
    before, after = scores.get((agency, year - 1)), scores.get((agency, year))
    return None if before is None or after is None else after - before


def spread(changes: Iterable[Decimal]) -> Spread:
    changes = sorted(changes)
    n = len(changes)
    up, down = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    if not n:
        return Spread(0, 0, 0, 0, None, None, None, middle_half=False)
    half = n >= QUARTILES_FROM
    low, high = (quantiles(changes, n=4, method="inclusive")[::2]) if half else (changes[0], changes[-1])
    cent = Decimal("0.01")
    return Spread(
        n,
        up,
        n - up - down,
        down,
        median(changes).quantize(cent),
        low.quantize(cent),
        high.quantize(cent),
        middle_half=half,
    )


def _cautions(indicator: str, years: set[int]) -> tuple[str, ...]:
    """Where an indicator is not measured alike in two years that are compared."""
    told = []
    for year in sorted(years):
        old, new = (record.frameworks().get(y) for y in (year - 1, year))
        if old is None or new is None or indicator not in old.nodes or indicator not in new.nodes:
            continue
        zero = {indicator: Fraction(0)}
        caution = next(
            (m.caution for m in analysis.year_on_year([old, new], zero, zero).changes if m.node == indicator), ""
        )
        if caution:
            told.append(f"ปี {year - 1} กับ {year}: {caution}")
    return tuple(told)
