"""The agency's desk: filing, talking it over, confirming, mending, replying."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai import framework as rules
from prongsai import links as web
from prongsai.disclosure import actions, queries
from prongsai.disclosure.models import Filing, Link
from prongsai.lib import digest
from prongsai.people.access import may
from prongsai.people.actions import DomainError
from prongsai.registry.access import open_to_agency
from prongsai.registry.models import Agency, Round

EDIT = require_http_methods(["GET", "HEAD", "POST"])


def filing_at(code: str, fiscal_year: int) -> Filing:
    """The filing of an address; 404 when the agency takes no part in the round."""
    assessment_round = get_object_or_404(Round.objects.prefetch_related("phases"), fiscal_year=fiscal_year)
    agency = get_object_or_404(Agency, code=code)
    if (
        not assessment_round.agencies.filter(pk=agency.pk).exists()
        and not Filing.objects.filter(round=assessment_round, agency=agency).exists()
    ):
        raise Http404
    filing = queries.filing_of(assessment_round, agency)
    filing.round = assessment_round
    return filing


def row_at(filing: Filing, item: str) -> queries.Row:
    row = queries.row(filing, item)
    if row is None:
        raise Http404
    return row


def _context(filing: Filing) -> dict[str, Any]:
    return {"filing": filing, "agency": filing.agency, "round": filing.round, "closed": queries.why_no_filing(filing)}


@open_to_agency("disclosure.read")
@require_safe
def desk(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The list of the year's items, what is missing, and the executive's confirmation."""
    filing = filing_at(code, fiscal_year)
    return _desk(request, filing)


def _desk(request: HttpRequest, filing: Filing, *, status: int = 200, **more: Any) -> HttpResponse:
    framework = rules.load(filing.round.framework)
    rows = queries.rows(filing)
    groups: dict[str, list[queries.Row]] = {}
    for row in rows:
        groups.setdefault(row.item.sub_indicator, []).append(row)
    replied = {c.item: c for c in filing.clarifications.all()}
    released = filing.released_at is not None
    content = queries.content(filing)
    return render(
        request,
        "disclosure/desk.html",
        {
            **_context(filing),
            "groups": [(framework.nodes[g], r) for g, r in groups.items()],
            "all": len(rows),
            "released": released,
            "filed": sum(r.filed for r in rows),
            "whole": sum(r.whole for r in rows),
            "wrong": len(queries.to_mend(filing)),
            "seen": digest.of_json(content),
            "talk": filing.remarks.filter(item="").select_related("by"),
            "replied": replied,
            "hosts": queries.own_hosts(filing.agency),
            "missing": [r.item.id for r in rows if not r.filed],
            "suspects": [r.item.id for r in rows if r.suspect],
            "record": filing.confirmations.first(),
            "full": {r.item.id: queries.scale(framework, r.item)[0][0] for r in rows},
            **more,
        },
        status=status,
    )


@open_to_agency("disclosure.read")
@EDIT
def item(request: HttpRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """One item: what it must contain, what is filed, what was seen there, what was marked."""
    filing = filing_at(code, fiscal_year)
    row = row_at(filing, item)
    typed: dict[str, Any] = {}
    if request.method == "POST":
        if not may(request.user, "disclosure.file", own=True):
            return HttpResponse(status=403)
        typed = {
            "addresses": request.POST.get("addresses", ""),
            "explanation": request.POST.get("explanation", ""),
            "elements": [
                int(e) for e in request.POST.getlist("elements") if e.isascii() and e.isdecimal() and len(e) < 4
            ],
        }
        if "last" in request.POST:  # nothing is stored yet
            before = queries.last_year(filing, row.item)
            typed["addresses"] = "\n".join(dict.fromkeys([*typed["addresses"].split(), *before]))
            return _item(request, filing, row, typed=typed)
        revision = request.POST.get("revision", "")
        try:
            actions.file_entry(
                filing=filing,
                item=item,
                **typed,
                by=request.user,
                revision=int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 9 else -1,
            )
        except actions.StaleError as error:
            row = row_at(filing, item)
            return _item(request, filing, row, typed=typed, stale=True, problem=str(error), status=409)
        except DomainError as error:
            return _item(request, filing, row, typed=typed, problem=str(error), status=422)
        messages.success(request, f"บันทึก {item} แล้ว")
        stored = row_at(filing, item)
        kept = [x.url for x in stored.links]
        if stored.ticked and not stored.filed:
            messages.info(request, f"{item} ยังไม่นับว่ายื่น เพราะยังไม่มีลิงก์หรือคำอธิบาย")
        if len(typed["addresses"].split()) > len(kept):
            messages.info(request, f"จากข้อความที่วาง ระบบเก็บเฉพาะลิงก์ {len(kept)} ลิงก์")
        return redirect("oit_item", code, fiscal_year, _after(filing, item) if "next" in request.POST else item)
    if request.htmx and request.GET.get("part") == "links":
        return render(request, "disclosure/links.html", _links(filing, row))
    return _item(request, filing, row)


def _after(filing: Filing, item: str, step: int = 1) -> str:
    ids = [i.id for i in queries.items(rules.load(filing.round.framework))]
    return ids[(ids.index(item) + step) % len(ids)]


def _links(filing: Filing, row: queries.Row) -> dict[str, Any]:
    return {
        **_context(filing),
        "row": row,
        "links": [(x, queries.warnings(x, row.item, filing), queries.history(x)) for x in row.links],
        "looking": any(x.look is None or x.next_why in ("asked", "marking") for x in row.links),
        "elsewhere": queries.same_elsewhere(filing, row.item.id, [x.url for x in row.links]),
    }


def _readable(url: str) -> str:
    """An address as people write it, with Thai letters; saved, it is the same address again."""
    address = web.parse_address(url)
    again = web.parse_address(address.display) if address else address
    return address.display if address and again and again.url == url and " " not in address.display else url


def _item(
    request: HttpRequest,
    filing: Filing,
    row: queries.Row,
    *,
    typed: dict[str, Any] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    item = row.item.id
    entry = row.entry
    value = typed or {
        "addresses": "\n".join(_readable(x.url) for x in row.links),
        "explanation": entry.explanation if entry else "",
        "elements": entry.elements if entry else [],
    }
    framework = rules.load(filing.round.framework)
    marks = list(filing.marks.filter(item=item).select_related("by")) if filing.released_at else []
    context = {
        **_links(filing, row),
        "value": value,
        "revision": entry.revision if entry else 0,
        "previous": _after(filing, item, -1),
        "next": _after(filing, item),
        "last_year": queries.last_year(filing, row.item),
        "talk": filing.remarks.filter(item=item).select_related("by"),
        "inferred": any(e.standing == "inferred" for _, e in row.asked),
        "marks": marks,
        "reply": filing.clarifications.filter(item=item).first(),
        "no_reply": queries.why_no_clarification(filing),
        "full": queries.scale(framework, row.item)[0][0],
        "node": framework.nodes[row.item.sub_indicator],
        **more,
    }
    return render(request, "disclosure/item.html", context, status=status)


@open_to_agency("disclosure.file")
@require_POST
def look(request: HttpRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    filing = filing_at(code, fiscal_year)
    row_at(filing, item)
    if actions.look_again(filing=filing, item=item, by=request.user):
        messages.success(request, "กำลังตรวจลิงก์ ผลจะขึ้นในหน้านี้")
    else:
        messages.info(request, "เพิ่งตรวจไปไม่ถึงห้านาที รอสักครู่แล้วตรวจใหม่ได้")
    return redirect("oit_item", code, fiscal_year, item)


@open_to_agency("disclosure.remark")
@require_POST
def remark(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    filing, about = filing_at(code, fiscal_year), request.POST.get("item", "")[:40]
    try:
        actions.remark(filing=filing, item=about, text=request.POST.get("text", ""), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        text = request.POST.get("text", "")
        if about and (row := queries.row(filing, about)):
            return _item(request, filing, row, said=text, status=422)
        return _desk(request, filing, said=text, status=422)
    return redirect("oit_item", code, fiscal_year, about) if about else redirect("oit_desk", code, fiscal_year)


@open_to_agency("disclosure.confirm")
@require_POST
def confirm(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    filing = filing_at(code, fiscal_year)
    position = request.POST.get("position", "")
    try:
        made = actions.confirm(
            filing=filing, position=position, seen=request.POST.get("seen", "")[:64], by=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _desk(request, filing, position=position[:150], status=409)
    messages.success(request, f"ยืนยันแล้ว {len(made.content)} ข้อ รหัสกำกับ {made.digest[:12]}")
    return redirect("oit_desk", code, fiscal_year)


@open_to_agency("disclosure.file")
@require_POST
def clarify(request: HttpRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    filing = filing_at(code, fiscal_year)
    row = row_at(filing, item)
    text = request.POST.get("text", "")
    try:
        actions.clarify(filing=filing, item=item, text=text, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return _item(request, filing, row, answered=text, status=422)
    messages.success(request, f"ส่งคำชี้แจง {item} แล้ว ผู้ประเมินอีกคนจะเป็นผู้ชี้ขาด")
    return redirect("oit_item", code, fiscal_year, item)


@open_to_agency("disclosure.read")
@require_safe
def todo(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Links that the public can't open, and what to do about each."""
    return _todo(request, filing_at(code, fiscal_year))


def _todo(request: HttpRequest, filing: Filing, *, status: int = 200, **more: Any) -> HttpResponse:
    found = [(i, x, queries.warnings(x, i, filing), queries.history(x)) for i, x in queries.to_mend(filing)]
    context = {**_context(filing), "found": found, "years": queries.published_years(filing.agency), **more}
    return render(request, "disclosure/todo.html", context, status=status)


@open_to_agency("disclosure.file")
@require_POST
def mend(request: HttpRequest, code: str, fiscal_year: int, link_id: int) -> HttpResponse:
    filing = filing_at(code, fiscal_year)
    link = get_object_or_404(Link, pk=link_id, entry__filing=filing)
    address = request.POST.get("address", "")
    try:
        actions.mend_link(link=link, address=address, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return _todo(request, filing, typed={link.pk: address[:3000]}, status=422)
    messages.success(request, "เปลี่ยนลิงก์แล้ว ระบบกำลังตรวจลิงก์ใหม่")
    return redirect("oit_todo", code, fiscal_year)
