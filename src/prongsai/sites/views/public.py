"""What everybody reads of an agency's channels: what it promises, questions with answers, statistics."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from prongsai.people.access import public_page
from prongsai.registry.models import Agency
from prongsai.sites import queries
from prongsai.sites.consultations import public_consultations
from prongsai.sites.satisfaction import services_of

QUESTIONS_PER_PAGE, MONTHS_SHOWN = 20, 36


@public_page
@require_safe
def show_channels(request: HttpRequest, code: str) -> HttpResponse:
    """The channels of an agency: how to ask and complain, what is promised, what was answered, how many complained."""
    agency = get_object_or_404(Agency, code=code)
    questions = Paginator(queries.published_questions(agency), QUESTIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "settings": queries.find_settings(agency),
        "questions": questions,
        "consultations": public_consultations(agency).exists(),
        "services": services_of(agency).exists(),
        "years": queries.show_years(queries.published_months(agency)[:MONTHS_SHOWN]),
        "smallest": queries.SMALLEST_SHOWN,
    }
    return render(request, "sites/channels.html", context)
