"""What several pages of plans share: reading the address and the numbers in a request."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from prongsai.improvement import queries
from prongsai.improvement.models import Plan
from prongsai.improvement.snapshot import build_snapshot

XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
allow_get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def get_plan(code: str, fiscal_year: int) -> Plan:
    """The plan of an agency's fiscal year. Raises Http404 without one."""
    plans = Plan.objects.select_related("agency", "result__result_set")
    return get_object_or_404(plans, agency__code=code, fiscal_year=fiscal_year)


def parse_id(text: str) -> int:
    """An id in a request; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else 0


def plan_context(code: str, fiscal_year: int, tab: str) -> dict[str, Any]:
    """The context of a page about the plan in force; without an approval, about the draft."""
    plan = get_plan(code, fiscal_year)
    return {
        "plan": plan,
        "agency": plan.agency,
        "framework": queries.framework_of(plan),  # whose rules the pages of a plan speak of, all the same
        "snapshot": build_snapshot(plan),
        "approval": queries.latest_approval(plan),
        "tab": tab,
    }


def xlsx_response(content: bytes, name: str) -> HttpResponse:
    """A workbook to download as ``name``.xlsx."""
    return HttpResponse(
        content, content_type=XLSX_CONTENT_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    )
