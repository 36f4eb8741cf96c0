"""Readiness of an agency, and its pages of disclosure items: written, read, filed."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from prongsai.lib.attachments import SUFFIXES
from prongsai.people.access import is_allowed
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import acts_for_agency_in_address, require_agency_permission
from prongsai.registry.models import Agency, Round
from prongsai.registry.uploads import describe_left_out, get_upload_path
from prongsai.sites import held_files, item_pages, page_parts, queries, readiness
from prongsai.sites.channel_items import find_channel_pages, find_channels_to_open, find_offered
from prongsai.sites.item_pages import ElementText, ShownPage
from prongsai.sites.models import FiledVersion, ItemPage
from prongsai.sites.page_addresses import address_of, public_site, site_of
from prongsai.sites.views.desk import ALLOW_GET_AND_POST


@require_agency_permission("sites.read")
@require_safe
def show_readiness(request: AuthenticatedRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    """Every item done, weak or missing, and the order of work; without a year in the address, of the newest round."""
    agency = get_object_or_404(Agency, code=code)
    rounds = queries.find_rounds(agency)
    chosen = next((r for r in rounds if fiscal_year in (None, r.fiscal_year)), None)
    if chosen is None and fiscal_year is not None:
        raise Http404
    pages = ItemPage.objects.filter(agency=agency, fiscal_year=chosen.fiscal_year) if chosen else ()
    assessed = readiness.assess_agency(agency, chosen) if chosen else None
    offered = find_offered(agency, chosen) if chosen else {}
    items = assessed.items if assessed else ()
    filed = {urlsplit(link.url).path for e in items for link in e.row.links}
    work = [
        (
            e,
            [
                page for page in find_channel_pages(e.row.item, offered) if page.path not in filed
            ],  # one page for one item
            find_channels_to_open(e.row.item, offered),
        )
        for e in (assessed.work if assessed else ())
    ]
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
    """Write the page of an item, a field for each required element, with files beside them."""
    shown = load_page(code, fiscal_year, item)
    problems, texts = [], {element.index: element.text for element in shown.elements}
    base, public = shown.number, bool(shown.page and shown.page.public)
    if request.method == "POST":
        texts = {index: request.POST.get(f"element-{index}", "") for index in texts}
        base, public = _read_number(request.POST.get("base", "")), request.POST.get("public") == "1"
        problems = _save(request, shown, texts, base, public=public)
        if not problems:
            return _go_on(request, shown, public=public)
        shown = load_page(code, fiscal_year, item)
        base = shown.number  # the next time it is meant
    earlier = item_pages.find_earlier(shown)
    brought = (
        {e.element.index: e for e in earlier if e.element} if request.method != "POST" and not shown.version else {}
    )
    texts |= {index: each.text for index, each in brought.items()}
    held = {file.element: file for file in held_files.list_held(shown, request.user)}
    context = {
        "agency": shown.agency,
        "year": fiscal_year,
        "shown": shown,
        "fields": [
            (element, texts[element.index], held.get(element.title), brought.get(element.index))
            for element in shown.elements
        ],
        "unused": [each for each in earlier if each.element is None],
        "accept": ",".join(f".{suffix}" for suffix in SUFFIXES),
        "is_brought": bool(brought),
        "base": base,
        "public": public,
        "problems": problems,
        "filed_versions": _list_earlier_filed(shown),
        "snippet": item_pages.write_snippet(
            shown,
            page=site_of(request) + reverse("item_page", args=[code, fiscal_year, shown.item.id]),
            frame=site_of(request) + reverse("item_page_embed", args=[code, fiscal_year, shown.item.id]),
        ),
    }
    return render(request, "sites/page_edit.html", context, status=422 if problems else 200)


def _read_number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else 0


def _list_earlier_filed(shown: ShownPage) -> list[FiledVersion]:
    filed = FiledVersion.objects.filter(version__page=shown.page).exclude(version=shown.version)
    return list(filed.select_related("version").order_by("-version__number")) if shown.page else []


def _save(
    request: AuthenticatedRequest, shown: ShownPage, texts: Mapping[int, str], base: int, *, public: bool
) -> list[str]:
    """Store what was written, then each file beside its element. Returns the problems: without the first nothing is
    stored, and files that are in order wait for the next attempt."""
    by = request.user
    sent = [(e, file) for e in shown.elements if (file := request.FILES.get(f"file-{e.index}"))]
    waited = {file.element: file for file in held_files.list_held(shown, by)}
    problems = [text] if (text := describe_left_out(request)) else []
    try:
        item_pages.save_page(shown=shown, texts=texts, base=base, public=public, by=by)
    except DomainError as error:
        for element, file in sent:
            path, name = get_upload_path(file), file.name or ""
            held_files.hold_file(shown=shown, element=element.title, path=path, name=name, by=by)
        return [*problems, str(error)]
    for element, file in sent:
        problems += _attach(shown, element, get_upload_path(file), file.name or "", by)
    replaced = {element.title for element, _ in sent}
    for element in shown.elements:
        waiting = waited.get(element.title)
        if waiting is None or element.title in replaced:
            continue
        if request.POST.get(f"held-{element.index}") == str(waiting.pk):
            with suppress(FileNotFoundError), held_files.open_held(waiting) as path:
                problems += _attach(shown, element, path, waiting.name, by)
        held_files.drop_files([waiting])
    return problems


def _attach(shown: ShownPage, element: ElementText, path: Path, name: str, by: User) -> list[str]:
    """Attach a file; what is wrong with it, or why it waits."""
    try:
        page_parts.attach_file(shown=shown, element=element.title, title="", path=path, name=name, by=by)
    except page_parts.FileRefusedError as error:
        return [str(error)]
    except DomainError as error:
        held_files.hold_file(shown=shown, element=element.title, path=path, name=name, by=by)
        return [str(error)]
    return []


def _go_on(request: AuthenticatedRequest, shown: ShownPage, *, public: bool) -> HttpResponse:
    """After a page was stored: to the same, to the next that is not done, or, after the last, to what is to file."""
    code, year, item = shown.agency.code, shown.round.fiscal_year, shown.item.id
    messages.success(request, f"บันทึก {item} แล้ว" + (" ประชาชนเห็นตามนี้ทันที" if public else " หน้านี้ยังไม่เผยแพร่"))
    if "next" not in request.POST:
        return redirect("item_page_edit", code, year, item)
    following = item_pages.find_next_item(shown)
    return redirect("item_page_edit", code, year, following.id) if following else redirect("item_pages", code, year)


@require_agency_permission("sites.answer")
@ALLOW_GET_AND_POST
def list_pages(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The written pages of a year, whether each is complete, public and filed; publish and file those that are
    chosen."""
    agency = get_object_or_404(Agency, code=code)
    assessment_round = get_object_or_404(
        Round, assessment=agency.assessment_id, fiscal_year=fiscal_year, agencies=agency
    )
    own = acts_for_agency_in_address(request.user, code)
    may_file = is_allowed(request.user, "disclosure.file", assessment=request.assessment, own=own)
    pages = item_pages.list_pages_to_file(agency, assessment_round, lambda shown: address_of(request, shown))
    if request.method == "POST":
        if not may_file:
            return HttpResponse(status=403)
        done = item_pages.file_pages(pages=pages, chosen=set(request.POST.getlist("page")), by=request.user)
        if done.filed:
            messages.success(
                request, f"เผยแพร่และยื่นแล้ว {len(done.filed)} ข้อ: {', '.join(done.filed)} ผู้บริหารต้องยืนยันทั้งชุดอีกครั้ง"
            )
        for item, problem in done.problems.items():
            messages.error(request, f"{item}: {problem}")
        if not done.filed and not done.problems:
            messages.info(request, "ยังไม่ได้เลือกข้อใด")
        return redirect("item_pages", code, fiscal_year)
    context = {"agency": agency, "year": fiscal_year, "pages": pages, "may_file": may_file}
    return render(request, "sites/item_pages.html", context)


@require_agency_permission("sites.answer")
@require_POST
def hide_version(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str, number: int) -> HttpResponse:
    """Take an earlier version that was filed away from the public."""
    shown = load_page(code, fiscal_year, item)
    try:
        item_pages.hide_version(shown=shown, number=number, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, f"นำฉบับที่ {number} ออกจากหน้าสาธารณะแล้ว ประชาชนเห็นเหตุผลที่ท่านเขียน")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("item_page_edit", code, fiscal_year, shown.item.id)


@require_agency_permission("disclosure.file")
@require_POST
def file_page(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """File a page's own address to the round."""
    shown = load_page(code, fiscal_year, item)
    try:
        item_pages.file_page(shown=shown, address=address_of(request, shown), by=request.user)
        messages.success(request, f"ยื่นหน้านี้ในข้อ {shown.item.id} แล้ว ระบบจะเปิดตรวจลิงก์ให้ ผู้บริหารต้องยืนยันทั้งชุดอีกครั้ง")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("item_page_edit", code, fiscal_year, shown.item.id)


@require_agency_permission("disclosure.file")
@require_POST
def file_channels(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """File a page of the agency's channels for an item that asks for it."""
    shown = load_page(code, fiscal_year, item)
    page = request.POST.get("page", "")
    try:
        item_pages.file_channel(shown=shown, page=page, site=public_site(request), by=request.user)
        messages.success(request, f"ยื่นหน้าช่องทางในข้อ {shown.item.id} แล้ว ติ๊กองค์ประกอบที่หน้านั้นมี แล้วกดบันทึก")
        return redirect("oit_item", code, fiscal_year, shown.item.id)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("readiness_of_year", code, fiscal_year)
