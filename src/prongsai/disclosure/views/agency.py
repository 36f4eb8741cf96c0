"""The agency's desk: filing, comments, the executive's confirmation, broken links and clarifications."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai import links
from prongsai.disclosure import actions, link_checks, queries
from prongsai.disclosure.models import Filing, Link, LinkCheck
from prongsai.lib import digest
from prongsai.people.access import is_allowed
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework

EDIT = require_http_methods(["GET", "HEAD", "POST"])
_NO_REVISION = -1  # never that of an entry
_SHOWN_WORDS = 300  # letters


def get_filing_or_404(code: str, fiscal_year: int) -> Filing:
    """The filing of a URL; 404 when the agency takes no part in the round."""
    agency = get_object_or_404(Agency, code=code)
    assessment_round = get_object_or_404(
        Round.objects.prefetch_related("phases__extensions"), assessment=agency.assessment_id, fiscal_year=fiscal_year
    )
    if (
        not assessment_round.agencies.filter(pk=agency.pk).exists()
        and not Filing.objects.filter(round=assessment_round, agency=agency).exists()
    ):
        raise Http404
    filing = queries.get_filing(assessment_round, agency)
    filing.round = assessment_round
    return filing


def get_row_or_404(filing: Filing, item: str) -> queries.ItemRow:
    row = queries.item_row(filing, item)
    if row is None:
        raise Http404
    return row


def parse_indices(values: list[str]) -> list[int]:
    """The indices of ticked elements, as posted."""
    return [int(v) for v in values if v.isascii() and v.isdecimal() and len(v) < 4]


def _base_context(filing: Filing, rows: list[queries.ItemRow] | None = None) -> dict[str, Any]:
    """What every page of a filing shows; ``rows``: its items, where they are at hand."""
    return {
        "filing": filing,
        "agency": filing.agency,
        "round": filing.round,
        "hijacked": queries.hijacked_of(queries.item_rows(filing) if rows is None else rows),
        "closed_reason": queries.filing_closed_reason(filing),
    }


# --- the desk


@require_agency_permission("disclosure.read")
@require_safe
def show_desk(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The list of the year's items, what is missing, and the executive's confirmation."""
    return _render_desk(request, get_filing_or_404(code, fiscal_year))


def _render_desk(request: AuthenticatedRequest, filing: Filing, *, status: int = 200, **typed: Any) -> HttpResponse:
    framework = load_round_framework(filing.round)
    rows = queries.item_rows(filing)
    groups: dict[str, list[queries.ItemRow]] = {}
    for row in rows:
        groups.setdefault(row.item.sub_indicator, []).append(row)
    context = {
        **_base_context(filing, rows),
        "groups": [(framework.nodes[sub_indicator], members) for sub_indicator, members in groups.items()],
        "item_count": len(rows),
        "filed_count": sum(r.is_filed for r in rows),
        "complete_count": sum(r.is_complete for r in rows),
        "broken_count": len(queries.broken_links(filing)),
        "missing": [r.item.id for r in rows if not r.is_filed],
        "without_links": [r.item.id for r in rows if r.is_filed and not r.links],
        "unexpected_years": [r.item.id for r in rows if r.has_unexpected_years],
        "is_released": filing.released_at is not None,
        "full_points": {r.item.id: queries.scale(framework, r.item)[0][0] for r in rows},
        "clarifications": {c.item: c for c in filing.clarifications.all()},
        "content_digest": digest.of_json(queries.filed_content(filing)),
        "last_confirmation": filing.confirmations.first(),
        "remarks": filing.remarks.filter(item="").select_related("by"),
        "hosts": queries.website_hosts(filing.agency),
        "position": queries.known_position(request.user, filing.agency),
        **typed,
    }
    return render(request, "disclosure/desk.html", context, status=status)


@require_agency_permission("disclosure.remark")
@require_POST
def add_remark(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    filing, item = get_filing_or_404(code, fiscal_year), request.POST.get("item", "")[:40]
    text = request.POST.get("text", "")
    try:
        actions.add_remark(filing=filing, item=item, text=text, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        if item and (row := queries.item_row(filing, item)):
            return _render_item(request, filing, row, typed_remark=text, status=422)
        return _render_desk(request, filing, typed_remark=text, status=422)
    return redirect("oit_item", code, fiscal_year, item) if item else redirect("oit_desk", code, fiscal_year)


@require_agency_permission("disclosure.confirm")
@require_POST
def confirm_filing(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    filing = get_filing_or_404(code, fiscal_year)
    position = request.POST.get("position", "")
    content_digest = request.POST.get("seen", "")[:64]
    confirmed = filing.confirmed
    if confirmed is not None and (confirmed.by_id, confirmed.digest) == (request.user.pk, content_digest):
        return redirect("oit_desk", code, fiscal_year)  # the button was pressed twice
    missing = queries.measure_progress(filing).missing
    try:
        if missing and request.POST.get("missing") != str(missing):
            raise DomainError(f"ยังไม่ยื่น {missing} ข้อ ถ้าจะยืนยันเท่าที่ยื่นไว้ ทำเครื่องหมายรับทราบก่อน")
        confirmation = actions.confirm_filing(
            filing=filing, position=position, content_digest=content_digest, by=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _render_desk(request, filing, position=position[:150], status=409)
    messages.success(request, f"ยืนยันแล้ว {len(confirmation.content)} ข้อ")
    return redirect("oit_desk", code, fiscal_year)


# --- one item


@require_agency_permission("disclosure.read")
@EDIT
def edit_item(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """One item: what it must contain, what is filed, the checks of its links, its marks."""
    filing = get_filing_or_404(code, fiscal_year)
    row = get_row_or_404(filing, item)
    if request.method == "POST":
        if not is_allowed(request.user, "disclosure.file", assessment=request.assessment, own=True):
            return HttpResponse(status=403)
        return _save_item(request, filing, row)
    if request.htmx and request.GET.get("part") == "links":
        return render(request, "disclosure/components/links.html", _links_context(filing, row))
    return _render_item(request, filing, row)


def _save_item(request: AuthenticatedRequest, filing: Filing, row: queries.ItemRow) -> HttpResponse:
    item = row.item.id
    typed: dict[str, Any] = {
        "addresses": request.POST.get("addresses", ""),
        "explanation": request.POST.get("explanation", ""),
        "elements": parse_indices(request.POST.getlist("elements")),
    }
    if "last" in request.POST:  # last year's addresses are added to the form, nothing is stored yet
        last_year = queries.last_year_urls(filing, row.item)
        typed["addresses"] = "\n".join(dict.fromkeys([*typed["addresses"].split(), *last_year]))
        return _render_item(request, filing, row, typed=typed)
    revision = parse_revision(request.POST.get("revision", ""))
    try:
        actions.file_entry(filing=filing, item=item, **typed, by=request.user, revision=revision)
    except actions.StaleError as error:
        row = get_row_or_404(filing, item)
        return _render_item(request, filing, row, typed=typed, is_stale=True, problem=str(error), status=409)
    except DomainError as error:
        return _render_item(request, filing, row, typed=typed, problem=str(error), status=422)
    messages.success(request, f"บันทึก {item} แล้ว")
    stored = get_row_or_404(filing, item)
    if stored.ticked and not stored.is_filed:
        messages.info(request, f"{item} ยังไม่นับว่ายื่น เพราะยังไม่มีลิงก์หรือคำอธิบาย")
    say_what_was_left_out(request, {item: typed["addresses"]})
    next_item = _neighbour_of(filing, item) if "next" in request.POST else item
    return redirect("oit_item", filing.agency.code, filing.round.fiscal_year, next_item)


def say_what_was_left_out(request: AuthenticatedRequest, addresses: Mapping[str, str]) -> None:
    """Show the words that stood beside the addresses of items that were stored: only addresses are kept of them."""
    for item, text in addresses.items():
        if words := links.find_words(text):
            messages.info(
                request,
                f"{item}: ช่องลิงก์เก็บเฉพาะลิงก์ ข้อความนี้ไม่ได้บันทึก “{' … '.join(words)[:_SHOWN_WORDS]}” "
                "ถ้าต้องการให้ผู้ประเมินอ่าน ให้พิมพ์ในช่องคำอธิบาย",
            )


def parse_revision(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else _NO_REVISION


def _neighbour_of(filing: Filing, item: str, step: int = 1) -> str:
    ids = [i.id for i in queries.items(load_round_framework(filing.round))]
    return ids[(ids.index(item) + step) % len(ids)]


def _links_context(filing: Filing, row: queries.ItemRow) -> dict[str, Any]:
    requested = (LinkCheck.Reason.ASKED, LinkCheck.Reason.MARKING)
    now = timezone.now()
    awaited = [x for x in row.links if x.last_check is None or x.next_reason in requested]
    return {
        **_base_context(filing),
        "row": row,
        "links": [(x, queries.link_warnings(x, row.item, filing), queries.monthly_history(x)) for x in row.links],
        "is_checking": bool(awaited),
        "awaited": {x.pk for x in awaited},
        "overdue": {x.pk for x in awaited if link_checks.is_overdue(x, now)},
        "checked_count": len(row.links) - len(awaited),
        "duplicates": queries.duplicate_urls(filing, row.item.id, [x.url for x in row.links]),
    }


def editable_url(url: str) -> str:
    """An address as people write it, with Thai letters, if it is parsed to the same address again."""
    address = links.parse_address(url)
    if not address or " " in address.display:
        return url
    parsed = links.parse_address(address.display)
    return address.display if parsed and parsed.url == url else url


def _render_item(
    request: AuthenticatedRequest,
    filing: Filing,
    row: queries.ItemRow,
    *,
    typed: dict[str, Any] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    item, entry = row.item.id, row.entry
    value = typed or {
        "addresses": "\n".join(editable_url(x.url) for x in row.links),
        "explanation": entry.explanation if entry else "",
        "elements": entry.elements if entry else [],
    }
    framework = load_round_framework(filing.round)
    context = {
        **_links_context(filing, row),
        "value": value,
        "revision": entry.revision if entry else 0,
        "previous": _neighbour_of(filing, item, -1),
        "next": _neighbour_of(filing, item),
        "last_year_urls": queries.last_year_urls(filing, row.item),
        "remarks": filing.remarks.filter(item=item).select_related("by"),
        "has_inferred": any(e.standing == "inferred" for _, e in row.required),
        "marks": list(filing.marks.filter(item=item).select_related("by")) if filing.released_at else [],
        "reopenings": queries.reopenings_of(filing, item) if filing.released_at else [],
        "is_sealed": queries.latest_seal(filing.round) is not None,
        "clarification": filing.clarifications.filter(item=item).first(),
        "clarification_closed_reason": queries.clarification_closed_reason(filing),
        "full_points": queries.scale(framework, row.item)[0][0],
        "node": framework.nodes[row.item.sub_indicator],
        **more,
    }
    return render(request, "disclosure/item.html", context, status=status)


@require_agency_permission("disclosure.file")
@require_POST
def request_checks(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    filing = get_filing_or_404(code, fiscal_year)
    get_row_or_404(filing, item)
    if actions.request_link_checks(filing=filing, item=item, by=request.user):
        messages.success(request, "กำลังตรวจลิงก์ ผลจะขึ้นในหน้านี้")
    else:
        messages.info(request, "เพิ่งตรวจไปไม่ถึงห้านาที รอสักครู่แล้วตรวจใหม่ได้")
    return redirect("oit_item", code, fiscal_year, item)


@require_agency_permission("disclosure.file")
@require_POST
def clarify_mark(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    filing = get_filing_or_404(code, fiscal_year)
    row = get_row_or_404(filing, item)
    text = request.POST.get("text", "")
    try:
        actions.clarify_mark(filing=filing, item=item, text=text, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return _render_item(request, filing, row, typed_clarification=text, status=422)
    messages.success(request, f"ส่งคำชี้แจง {item} แล้ว ผู้ประเมินอีกคนจะเป็นผู้ชี้ขาด")
    return redirect("oit_item", code, fiscal_year, item)


# --- broken links


@require_agency_permission("disclosure.read")
@require_safe
def show_broken_links(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The links that the public cannot open, and what to do about each."""
    return _render_broken_links(request, get_filing_or_404(code, fiscal_year))


def _render_broken_links(
    request: AuthenticatedRequest, filing: Filing, *, status: int = 200, **typed: Any
) -> HttpResponse:
    broken = [
        (item, link, queries.link_warnings(link, item, filing), queries.monthly_history(link))
        for item, link in queries.broken_links(filing)
    ]
    context = {**_base_context(filing), "broken": broken, "months": queries.checked_months(filing), **typed}
    return render(request, "disclosure/todo.html", context, status=status)


@require_agency_permission("disclosure.file")
@require_POST
def replace_link(request: AuthenticatedRequest, code: str, fiscal_year: int, link_id: int) -> HttpResponse:
    filing = get_filing_or_404(code, fiscal_year)
    link = get_object_or_404(Link, pk=link_id, entry__filing=filing)
    address = request.POST.get("address", "")
    try:
        actions.replace_link(link=link, address=address, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return _render_broken_links(request, filing, typed={link.pk: address[:3000]}, status=422)
    messages.success(request, "เปลี่ยนลิงก์แล้ว ระบบกำลังตรวจลิงก์ใหม่")
    return redirect("oit_todo", code, fiscal_year)
