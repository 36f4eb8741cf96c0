"""Services at the counter: named and printed on the desk, published by month, read by everybody."""

import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from prongsai.people.access import public_page
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.sites import satisfaction
from prongsai.sites.channel_items import items_of_channel
from prongsai.sites.forms import ServiceForm
from prongsai.sites.opinions import Service, ServiceMonth
from prongsai.sites.page_addresses import site_of
from prongsai.sites.queries import SMALLEST_SHOWN
from prongsai.sites.views.desk import ALLOW_GET_AND_POST
from prongsai.sites.wording import say

COMMENTS_PER_PAGE, MONTHS_SHOWN = 50, 24


def _show_months(months: list[ServiceMonth]) -> list[satisfaction.MonthCells]:
    return [satisfaction.show_month(m.first_day, m.content) for m in months]


@require_agency_permission("sites.manage")
@ALLOW_GET_AND_POST
def list_services(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """The services of an agency, a form for another, and the months to publish."""
    agency = get_object_or_404(Agency, code=code)
    form = ServiceForm(request.POST if request.method == "POST" else None, instance=Service(agency=agency))
    if request.method == "POST" and form.is_valid():
        try:
            service = satisfaction.save_service(service=form.save(commit=False), by=request.user)
            messages.success(request, f"เพิ่ม {service.name} แล้ว พิมพ์ป้ายไปติดที่จุดบริการได้")
            return redirect("services", code)
        except DomainError as error:
            form.add_error(None, str(error))
    waiting = satisfaction.months_to_publish(agency)
    published = ServiceMonth.objects.filter(agency=agency)[:MONTHS_SHOWN]
    context = {
        "agency": agency,
        "form": form,
        "services": satisfaction.services_of(agency),
        "months": [satisfaction.show_month(m, satisfaction.count_month(agency, m)) for m in waiting],
        "published": _show_months(list(published)),
        "smallest": SMALLEST_SHOWN,
        "means_from": satisfaction.MEANS_FROM,
        "items": items_of_channel(agency, "satisfaction"),
    }
    return render(request, "sites/services.html", context, status=422 if request.method == "POST" else 200)


def _find_service(code: str, service_id: int) -> Service:
    return get_object_or_404(Service.objects.select_related("agency"), pk=service_id, agency__code=code)


@require_agency_permission("sites.manage")
@ALLOW_GET_AND_POST
def edit_service(request: AuthenticatedRequest, code: str, service_id: int) -> HttpResponse:
    """Change the name of a service, close it, or open it again."""
    service = _find_service(code, service_id)
    form = ServiceForm(request.POST if request.method == "POST" else None, instance=service)
    if request.method == "POST" and form.is_valid():
        satisfaction.save_service(service=form.save(commit=False), by=request.user)
        messages.success(request, "บันทึกแล้ว หากเปลี่ยนชื่อ พิมพ์ป้ายใหม่ คิวอาร์โค้ดยังเป็นรหัสเดิม")
        return redirect("services", code)
    context = {"agency": service.agency, "service": service, "form": form}
    return render(request, "sites/service.html", context, status=422 if request.method == "POST" else 200)


@require_agency_permission("sites.manage")
@require_safe
def print_poster(request: AuthenticatedRequest, code: str, service_id: int) -> HttpResponse:
    """A poster with the QR code of a service."""
    service = _find_service(code, service_id)
    poster = satisfaction.print_poster(service=service, site=site_of(request))
    headers = {"Content-Disposition": f'attachment; filename="poster-{service.slug}.pdf"'}
    return HttpResponse(poster, content_type="application/pdf", headers=headers)


@require_agency_permission("sites.manage")
@require_POST
def publish_month(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Publish the answers of a month that the page showed."""
    agency = get_object_or_404(Agency, code=code)
    try:
        first_day = datetime.date.fromisoformat(request.POST.get("month", ""))
    except ValueError as error:
        raise Http404 from error
    try:
        satisfaction.publish_month(agency=agency, first_day=first_day, by=request.user)
        messages.success(request, "เผยแพร่ผลความพึงพอใจแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("services", code)


@require_agency_permission("sites.manage")
@require_safe
def list_comments(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What visitors wrote, of months that have ended."""
    agency = get_object_or_404(Agency, code=code)
    comments = Paginator(satisfaction.readable_comments(agency), COMMENTS_PER_PAGE)
    context = {"agency": agency, "comments": comments.get_page(request.GET.get("page"))}
    return render(request, "sites/service_comments.html", context)


@public_page
@require_safe
def show_satisfaction(request: HttpRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    """The published satisfaction with an agency's services in a fiscal year; without one, in the newest."""
    agency = get_object_or_404(Agency, code=code)
    years = satisfaction.published_years(agency)
    year = fiscal_year or next(iter(years), None)
    if fiscal_year is not None and fiscal_year not in years:
        raise Http404
    months = satisfaction.find_year(agency, year) if year else []
    services = satisfaction.sum_year(months)
    context = {
        "agency": agency,
        "years": years,
        "shown_year": year,  # not "year": it is not of that year's rules
        "months": _show_months(months),
        "services": services,
        "title": say("ความพึงพอใจโดยรวมรายงานบริการ", "Satisfaction by service"),
        "rows": [(service.name, service.means[-1], service.share) for service in services if service.means],
        "means_from": satisfaction.MEANS_FROM,
        "questions": [satisfaction.name_question(q) for q in satisfaction.QUESTIONS],
        "open_services": satisfaction.services_of(agency).filter(is_open=True),
        "smallest": SMALLEST_SHOWN,
        "items": items_of_channel(agency, "satisfaction"),
    }
    return render(request, "sites/satisfaction.html", context)
