"""An agency's monthly reports on the links of its disclosures."""

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from prongsai.disclosure import queries
from prongsai.disclosure.views.agency import get_filing_or_404
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.web import link_reports, report_files


@require_agency_permission("disclosure.read")
@require_safe
def show_link_report(
    request: AuthenticatedRequest, code: str, fiscal_year: int, month: str, form: str
) -> HttpResponseBase:
    """The report of a month (YYYY-MM) in which links were checked, as a file that a worker writes."""
    filing = get_filing_or_404(code, fiscal_year)
    first = next((day for day in queries.checked_months(filing) if f"{day:%Y-%m}" == month), None)
    if first is None:
        raise Http404
    return report_files.write_and_send(
        request,
        link_reports.write_link_report,
        link_reports.name_report(filing, first),
        form,
        f"links-{code}-{month}",
        filing.pk,
        first.isoformat(),
        about=f"{filing.agency} {month}",
        back=reverse("oit_todo", args=[code, fiscal_year]),
    )
