"""Readiness of an agency, and its pages of disclosure items: written, read, filed."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from prongsai.people.access import is_allowed
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import acts_for_agency_in_address, require_agency_permission
from prongsai.registry.models import Agency, Round
from prongsai.sites import item_pages, readiness
from prongsai.sites.channel_items import find_channel_pages, find_offered
from prongsai.sites.item_pages import ShownPage
from prongsai.sites.models import ItemPage
from prongsai.sites.views.desk import ALLOW_GET_AND_POST


@require_agency_permission("sites.read")
@require_safe
def show_readiness(request: AuthenticatedRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    """Every item done, weak or missing, and the order of work; without a year in the address, of the newest round."""
    agency = get_object_or_404(Agency, code=code)
    rounds = readiness.find_rounds(agency)
    chosen = next((r for r in rounds if fiscal_year in (None, r.fiscal_year)), None)
    if chosen is None and fiscal_year is not None:
        raise Http404
    pages = ItemPage.objects.filter(agency=agency, fiscal_year=chosen.fiscal_year) if chosen else ()
    assessed = readiness.assess_agency(agency, chosen) if chosen else None
    offered = find_offered(agency, chosen) if chosen else {}
    work = [(e, find_channel_pages(e.row.item, offered)) for e in assessed.work] if assessed else []
    context = {
        "agency": agency,
        "work": work,
        "may_file": is_allowed(
            request.user,
            "disclosure.file",
            assessment=request.assessment,
            own=acts_for_agency_in_address(request.user, code),
        ),
        "rounds": rounds,
        "chosen": chosen,
        "assessed": assessed,
        "pages": {page.item for page in pages},
        "may_write": is_allowed(
            request.user,
            "sites.answer",
            assessment=request.assessment,
            own=acts_for_agency_in_address(request.user, code),
        ),
    }
    return render(request, "sites/readiness.html", context)


def load_page(code: str, fiscal_year: int, item: str) -> ShownPage:
    """The page of an address. Raises Http404 of an item or round that is not there."""
    agency = get_object_or_404(Agency, code=code)
    assessment_round = get_object_or_404(
        Round, assessment=agency.assessment_id, fiscal_year=fiscal_year, agencies=agency
    )
    found = item_pages.find_item(assessment_round, item)
    if found is None:
        raise Http404
    return item_pages.load_page(agency, assessment_round, found)


@require_agency_permission("sites.answer")
@ALLOW_GET_AND_POST
def edit_page(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """Write the page of an item, a field for each required element."""
    shown = load_page(code, fiscal_year, item)
    problem, texts = "", {element.index: element.text for element in shown.elements}
    base, public = shown.number, bool(shown.page and shown.page.public)
    if request.method == "POST":
        texts = {index: request.POST.get(f"element-{index}", "") for index in texts}
        typed = request.POST.get("base", "")
        base = int(typed) if typed.isdecimal() and len(typed) < 9 else 0
        public = request.POST.get("public") == "1"
        try:
            item_pages.save_page(shown=shown, texts=texts, base=base, public=public, by=request.user)
            messages.success(request, "บันทึกแล้ว" + (" ประชาชนเห็นตามนี้ทันที" if public else " หน้านี้ยังไม่เผยแพร่"))
            return redirect("item_page_edit", code, fiscal_year, shown.item.id)
        except DomainError as error:
            problem, base = str(error), shown.number  # the next time it is meant
    elif not shown.version:
        texts |= item_pages.find_earlier(shown)
    context = {
        "agency": shown.agency,
        "year": fiscal_year,
        "shown": shown,
        "fields": [(element, texts[element.index]) for element in shown.elements],
        "is_brought": request.method != "POST" and not shown.version and any(texts.values()),
        "base": base,
        "public": public,
        "problem": problem,
        "snippet": item_pages.write_snippet(
            shown,
            page=request.build_absolute_uri(reverse("item_page", args=[code, fiscal_year, shown.item.id])),
            frame=request.build_absolute_uri(reverse("item_page_embed", args=[code, fiscal_year, shown.item.id])),
        ),
    }
    return render(request, "sites/page_edit.html", context, status=422 if problem else 200)


@require_agency_permission("disclosure.file")
@require_POST
def file_page(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """File a page's own address to the round."""
    shown = load_page(code, fiscal_year, item)
    address = request.build_absolute_uri(reverse("item_page", args=[code, fiscal_year, shown.item.id]))
    try:
        item_pages.file_page(shown=shown, address=address, by=request.user)
        messages.success(request, f"ยื่นหน้านี้ในข้อ {shown.item.id} แล้ว ระบบจะเปิดตรวจลิงก์ให้ ผู้บริหารต้องยืนยันทั้งชุดอีกครั้ง")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("item_page_edit", code, fiscal_year, shown.item.id)


@require_agency_permission("disclosure.file")
@require_POST
def file_channels(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """File a page of the agency's channels for an item that asks for it."""
    shown = load_page(code, fiscal_year, item)
    page, site = request.POST.get("page", ""), f"{request.scheme}://{request.get_host()}"
    try:
        item_pages.file_channel(shown=shown, page=page, site=site, by=request.user)
        messages.success(request, f"ยื่นหน้าช่องทางในข้อ {shown.item.id} แล้ว ติ๊กองค์ประกอบที่หน้านั้นมี แล้วกดบันทึก")
        return redirect("oit_item", code, fiscal_year, shown.item.id)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("readiness_of_year", code, fiscal_year)
