"""The list of a result set's results, for the office."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet

from prongsai.lib import thai
from prongsai.people.lists import Filter, Heading, Listing
from prongsai.registry.agency_search import search_agencies
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency
from prongsai.registry.provinces import REGION_OF
from prongsai.results.models import AgencyResult, ResultSet

_PROVINCES = [(name, name) for name in sorted(REGION_OF, key=thai.sort_key)]


def list_results(result_set: ResultSet, values: Mapping[str, str]) -> Listing:
    """The results of a set, the best first unless the address asks for another order."""
    levels = result_set.results.exclude(level="").order_by("level").values_list("level", flat=True).distinct()
    return Listing(
        result_set.results.select_related("agency").defer("basis", "shown"),
        values,
        search=_search,
        filters=(
            Filter("kind", "ประเภท", AgencyType.choices, lambda rows, kind: rows.filter(agency__kind=kind)),
            Filter("province", "จังหวัด", _PROVINCES, lambda rows, name: rows.filter(agency__province=name)),
            Filter("level", "ระดับ", [(x, x) for x in levels], lambda rows, level: rows.filter(level=level)),
        ),
        headings=(
            Heading("name", "หน่วยงาน", ("agency__order",)),
            Heading("overall", "คะแนนรวม", ("overall",), is_number=True),
            Heading("level", "ระดับ", ("level",)),
        ),
        order=(F("overall").desc(nulls_last=True), "agency__order", "agency__code"),
    )


def _search(rows: QuerySet[AgencyResult], text: str) -> Any:
    return rows.filter(agency__in=search_agencies(text, Agency.objects.all()).values("pk"))
