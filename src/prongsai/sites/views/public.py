"""What everybody reads of an agency's channels: what it promises, questions with answers, statistics."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from prongsai.people.access import public_page
from prongsai.registry.models import Agency
from prongsai.sites import queries
from prongsai.sites.channel_items import items_of_channel
from prongsai.sites.consultations import public_consultations
from prongsai.sites.satisfaction import services_of

ALONE = ("questions", "complaints")  # channels with a page of their own
QUESTIONS_PER_PAGE, MONTHS_SHOWN = 20, 36


@public_page
@require_safe
def show_channels(request: HttpRequest, code: str, channel: str = "") -> HttpResponse:
    """The channels of an agency: how to ask and complain, what is promised, what was answered, how many complained.
    With a ``channel``, that one alone: items that ask for different channels are filed with different pages."""
    if channel not in ("", *ALONE):
        raise Http404
    agency = get_object_or_404(Agency, code=code)
    questions = Paginator(queries.published_questions(agency), QUESTIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "channel": channel,
        "settings": queries.find_settings(agency),
        "questions": questions,
        "consultations": public_consultations(agency).exists(),
        "services": services_of(agency).exists(),
        "years": queries.show_years(queries.published_months(agency)[:MONTHS_SHOWN]),
        "smallest": queries.SMALLEST_SHOWN,
        "items": items_of_channel(agency, channel) if channel else [],
    }
    return render(request, "sites/channels.html", context)


@public_page
@require_safe
def show_procedure(request: HttpRequest, code: str) -> HttpResponse:
    """How an agency handles complaints, by the words of the item that asks for it."""
    agency = get_object_or_404(Agency, code=code)
    settings = queries.find_settings(agency)
    if not settings.complaints_open or not settings.procedure:
        raise Http404
    context = {"agency": agency, "settings": settings, "items": items_of_channel(agency, "procedure")}
    return render(request, "sites/procedure.html", context)


@public_page
@require_safe
def show_statistics(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The published statistics of complaints of a fiscal year."""
    agency = get_object_or_404(Agency, code=code)
    tables = queries.show_years(queries.months_of_year(agency, fiscal_year))
    if not tables:
        raise Http404
    context = {
        "agency": agency,
        "year": fiscal_year,
        "table": tables[0],
        "totals": queries.sum_year(tables[0]),
        "smallest": queries.SMALLEST_SHOWN,
        "items": items_of_channel(agency, "statistics"),
    }
    return render(request, "sites/statistics_of_year.html", context)
