"""The page of an item written from the agency's registers: what it would say, then one button."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from prongsai.people.access import is_allowed
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import acts_for_agency_in_address, require_agency_permission
from prongsai.registry.models import Agency, Round
from prongsai.sites import item_pages, register_pages
from prongsai.sites.page_addresses import address_of
from prongsai.web.register_pages import list_papers, store_papers


@require_agency_permission("sites.answer")
@require_http_methods(["GET", "HEAD", "POST"])
def write_from_registers(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """What registers say of an item, and the papers to attach; put it into the page, or publish and file it as well."""
    agency = get_object_or_404(Agency, code=code)
    rounds = Round.objects.filter(assessment=agency.assessment_id, agencies=agency)
    assessment_round = get_object_or_404(rounds, fiscal_year=fiscal_year)
    found = item_pages.find_item(assessment_round, item)
    if found is None:
        raise Http404
    shown = item_pages.load_page(agency, assessment_round, found)
    draft = register_pages.draft_page(shown)
    papers = list_papers(draft)
    own = acts_for_agency_in_address(request.user, code)
    may_file = is_allowed(request.user, "disclosure.file", assessment=request.assessment, own=own)
    if request.method == "POST":
        is_filed = "file" in request.POST
        if is_filed and not may_file:
            return HttpResponse(status=403)
        files = list(store_papers(papers, request.POST.getlist("paper")))
        seen, by = request.POST.get("seen", ""), request.user
        try:
            if is_filed:
                address = address_of(request, shown)
                register_pages.fill_and_file_page(draft=draft, seen=seen, files=files, address=address, by=by)
                messages.success(request, f"เผยแพร่และยื่นข้อ {item} จากทะเบียนแล้ว ผู้บริหารต้องยืนยันทั้งชุดอีกครั้ง")
                return redirect("readiness_of_year", code, fiscal_year)
            register_pages.fill_page(draft=draft, seen=seen, files=files, by=by)
            messages.success(request, f"ใส่ข้อมูลจากทะเบียนในหน้าของข้อ {item} แล้ว อ่านและเขียนส่วนที่เหลือ")
            return redirect("item_page_edit", code, fiscal_year, item)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("item_page_registers", code, fiscal_year, item)
    context = {
        "agency": agency,
        "year": fiscal_year,
        "shown": shown,
        "draft": draft,
        "papers": papers,
        "may_file": may_file,
    }
    return render(request, "web/register_page.html", context)
