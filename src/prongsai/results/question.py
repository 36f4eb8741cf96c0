"""A question about a year's published results: which agencies, by what, worst or best first. One order and one
membership for pages, files and the API.

Everything is asked of columns that publishing wrote from published scores. A result without a value of what is sorted
by stands last in either direction, in the order of names, so that a place says nothing of what is withheld.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Case, Count, DecimalField, Expression, F, IntegerField, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast

from prongsai.framework import Framework
from prongsai.registry.agency_search import ALL, find_named
from prongsai.registry.provinces import REGIONS
from prongsai.results.facts import column_key, column_nodes, item_nodes
from prongsai.results.models import PublishedResult
from prongsai.results.queries import published

if TYPE_CHECKING:
    from prongsai.registry.name_search import Found

BEST, WORST = "best", "worst"
NAME, TOTAL, LEVEL, CHANGE, LEVEL_CHANGE, WEAK = "name", "overall", "level", "change", "level_change", "weak"
_SORTS = (TOTAL, CHANGE, LEVEL, LEVEL_CHANGE, WEAK, NAME)
_SCORE: Any = DecimalField(max_digits=7, decimal_places=4)


def sort_keys(framework: Framework) -> list[str]:
    """What the results of a year can be sorted by: the keys above, and the nodes of ``facts.column_nodes`` and
    ``facts.item_nodes``."""
    return [*_SORTS, *column_nodes(framework), *item_nodes(framework)]


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which published results of the year of ``framework``, in which order. Empty texts ask for all; ``fictional``
    agencies are never asked for together with real ones; a ``district`` is one of ``province``. ``sort`` is one of
    ``sort_keys``."""

    framework: Framework
    fictional: bool = False
    kind: str = ""
    province: str = ""
    district: str = ""
    region: str = ""
    level: str = ""
    text: str = ""
    sort: str = TOTAL
    order: str = BEST

    def matching(self) -> QuerySet[PublishedResult]:
        """The results that are asked for."""
        framework = self.framework
        rows = published(framework.assessment, framework.fiscal_year, fictional=self.fictional)
        if self.kind:
            rows = rows.filter(agency__kind=self.kind)
        if self.province:
            rows = rows.filter(agency__province=self.province)
        if self.district:
            rows = rows.filter(agency__district=self.district)
        if self.region:
            rows = rows.filter(agency__province__in=REGIONS[self.region].split())
        if self.level:
            rows = rows.filter(level=self.level)
        if self.text:
            rows = rows.filter(agency__in=self.named.keys)
        return rows

    def count_districts(self) -> dict[str, int]:
        """How many results there would be in each district of the province, whichever is asked for."""
        if not self.province:
            return {}
        rows = replace(self, district="").matching().exclude(agency__district="")
        return dict(rows.order_by().values_list("agency__district").annotate(Count("pk")))

    @cached_property
    def named(self) -> "Found":
        """The agencies that the text means."""
        return find_named(self.framework.assessment, self.text, fictional=self.fictional, limit=ALL)

    def ordered(self) -> QuerySet[PublishedResult]:
        """The results in order, with ``value``: what they are sorted by, the better the higher."""
        rows, backwards = self.matching().select_related("agency"), self.order == WORST
        if self.sort == NAME:
            rows = rows.annotate(value=Value(None, output_field=IntegerField()))
            return rows.order_by("agency__order", "agency__code") if not backwards else _last_names_first(rows)
        value = F("value")
        by_value = value.asc(nulls_last=True) if backwards else value.desc(nulls_last=True)
        return rows.annotate(value=self._value()).order_by(by_value, "agency__order", "agency__code")

    def count_equals(self, value: Any) -> int:
        """How many have this value of what is sorted by."""
        rows = cast(Any, self.ordered())
        return int(rows.filter(value=value).count())

    def _value(self) -> Expression | F:
        if self.sort in (TOTAL, CHANGE, LEVEL_CHANGE):
            return F(self.sort)
        if self.sort == LEVEL:
            places = enumerate(reversed(self.framework.rules.bands))
            return Case(*(When(level=b.id, then=Value(n)) for n, b in places), output_field=IntegerField())
        if self.sort == WEAK:
            path = KeyTextTransform("1", KeyTransform("0", KeyTransform("weak", "facts")))
        elif self.sort in item_nodes(self.framework):
            path = KeyTextTransform(self.sort, "result__shown")
        else:
            path = KeyTextTransform(column_key(self.sort), KeyTransform("scores", "facts"))
        return Cast(path, _SCORE)


def _last_names_first(rows: QuerySet[PublishedResult]) -> QuerySet[PublishedResult]:
    return rows.order_by("-agency__order", "-agency__code")


@dataclass(frozen=True)
class RankedResult:
    """A published result with its rank by what is sorted by; equals share a rank (1, 2, 2, 4). None without a value."""

    rank: int | None
    row: PublishedResult


def rank_all(question: Question) -> Iterator[RankedResult]:
    """Every result that is asked for, read a part at a time."""
    return _rank(question.ordered().iterator(chunk_size=1000), 1, None)


def rank_page(question: Question, start: int, stop: int) -> list[RankedResult]:
    """Results ``start`` to ``stop`` of those asked for, in three queries whatever the number. What is sorted is narrow:
    far pages of a nation would carry everything of every row before them."""
    rows = question.ordered()
    keys: list[tuple[int, Any]] = list(cast(Any, rows).values_list("pk", "value")[start:stop])
    found = PublishedResult.objects.select_related("agency").in_bulk([pk for pk, _ in keys])
    page = []
    for pk, value in keys:
        row = cast(Any, found[pk])
        row.value = value
        page.append(row)
    first = keys[0][1] if keys else None
    before = None
    if start and first is not None:  # equals of the page before may share its rank
        better = {"value__lt" if question.order == WORST else "value__gt": first}
        before = rows.filter(**better).count() + 1
    return list(_rank(page, start + 1, before))


def _rank(rows: Iterable[PublishedResult], position: int, first: int | None) -> Iterator[RankedResult]:
    """Ranks of rows that begin at a position; ``first``: the rank of the first, where it is not its position."""
    last: Any = None
    rank = None
    for place, row in enumerate(rows, position):
        value = row.value  # type: ignore[attr-defined]  # annotated
        if value is None:
            rank = None
        elif rank is None or value != last:
            rank = first if first is not None and place == position else place
        last = value
        yield RankedResult(rank, row)
