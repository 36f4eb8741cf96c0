"""The result of an agency's year as its own people read it, published or not: what it says, and what to mend first."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.wording import rank_priorities
from prongsai.documents.sources import collect_data
from prongsai.improvement.queries import comments_on
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.results import queries as results
from prongsai.web.views.public import describe_result

_MAX_PRIORITIES = 10


@require_agency_permission("results.read")
@require_safe
def show(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The result that counts for an agency's year: the published one, else the last that the agency confirmed."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    assessed = results.analyse_own(agency, fiscal_year)
    if assessed is None:
        raise Http404
    items = assessed.framework.items
    comments = comments_on(agency, fiscal_year)
    facts = ResultFacts(collect_data(agency, fiscal_year))
    context = {
        "agency": agency,
        "computed_level": "" if assessed.result.level else facts.level,
        "assessed": assessed,
        "years": [row.fiscal_year for row in assessed.history],
        "shown_years": [fiscal_year],
        "is_published": assessed.current.pk is not None,
        "records": results.own_results(agency, fiscal_year),
        "comments": [(items[i], assessed.printed.get(i, ""), comments[i]) for i in items if i in comments],
        "priorities": rank_priorities(facts, _MAX_PRIORITIES),
    }
    return render(request, "web/own_result.html", context | describe_result(assessed))
