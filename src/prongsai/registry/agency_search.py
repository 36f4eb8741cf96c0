"""The index of names over the registry: made once for each change of it, in each process."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import router
from django.db.models import QuerySet

from prongsai.machines.table_changes import read_revisions
from prongsai.registry.models import Agency, AgencyVersion

if TYPE_CHECKING:  # who searches nothing loads no numpy
    from prongsai.registry.name_search import Found, Named, NameIndex

_TABLES = (Agency._meta.db_table, AgencyVersion._meta.db_table)
_MOST = 8  # assessments whose indexes are at hand
ALL = 30_000  # agencies that a table shows of those that are found; a statement takes no more keys


@dataclass(frozen=True)
class _AtHand:
    revisions: tuple[int, ...]
    index: "NameIndex"


_at_hand: dict[tuple[str | None, bool | None], _AtHand] = {}


def find_named(assessment: str, text: str, *, fictional: bool | None = None, limit: int = 20) -> "Found":
    """The keys of the agencies that a text means: all, or fictional ones alone, or real ones alone."""
    return _load_index(assessment, fictional).search(text, limit)


def search_agencies(text: str, agencies: QuerySet[Agency]) -> QuerySet[Agency]:
    """Those of some agencies, of any assessment, that a text means."""
    return agencies.filter(pk__in=_load_index(None, None).search(text, ALL).keys)


def _load_index(assessment: str | None, fictional: bool | None) -> "NameIndex":
    known = read_revisions(router.db_for_read(Agency))
    revisions = tuple(known.get(table, 0) for table in _TABLES)
    found = _at_hand.get((assessment, fictional))
    if found is None or found.revisions != revisions:
        if len(_at_hand) >= _MOST:
            _at_hand.clear()
        found = _at_hand[assessment, fictional] = _AtHand(revisions, _build(assessment, fictional))
    return found.index


def _build(assessment: str | None, fictional: bool | None) -> "NameIndex":
    from prongsai.registry.name_search import NameIndex

    return NameIndex.build(list_named(assessment, fictional=fictional))


def list_named(assessment: str | None, *, fictional: bool | None = None) -> "Iterator[Named]":
    """What is known of the agencies of an assessment, or of all, by which they may be found, in their order."""
    from prongsai.registry.name_search import Named

    agencies, earlier = Agency.objects.order_by("order", "code"), AgencyVersion.objects.all()
    if assessment is not None:
        agencies, earlier = agencies.filter(assessment=assessment), earlier.filter(agency__assessment=assessment)
    if fictional is not None:
        agencies, earlier = agencies.filter(fictional=fictional), earlier.filter(agency__fictional=fictional)
    names: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for pk, name_th, name_en in earlier.values_list("agency_id", "name_th", "name_en"):
        names[pk].append((name_th, name_en))
    columns = ("pk", "code", "name_th", "name_en", "kind", "province", "district")
    for pk, code, name_th, name_en, kind, province, district in agencies.values_list(*columns):
        yield Named(
            pk=pk,
            code=code,
            names=(name_th, *(th for th, _ in names[pk])),
            names_en=tuple(en for en in (name_en, *(en for _, en in names[pk])) if en),
            kind=kind,
            province=province,
            district=district,
        )
