"""The assessor's desk: the queue, one item with page and snapshot side by side, second marks and decisions."""

from typing import Any
from urllib.parse import quote

from csp.decorators import csp_exempt, csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai import framework as rules
from prongsai.disclosure import actions, looking, queries
from prongsai.disclosure.models import Filing, Look, Mark, SecondLook, Snapshot
from prongsai.disclosure.suggest import passages
from prongsai.disclosure.views.agency import filing_at, row_at
from prongsai.people.access import open_to
from prongsai.people.actions import DomainError
from prongsai.registry.access import open_to_agency
from prongsai.registry.models import Round

EDIT = require_http_methods(["GET", "HEAD", "POST"])
FRAMES = {"frame-src": ["'self'", "https:", "http:"]}  # the live page, in a frame that may run nothing


@open_to("disclosure.decide")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Everything that waits for this assessor."""
    running = Round.objects.filter(status=Round.Status.RUNNING).prefetch_related("phases")
    context = {
        "given": queries.given(request.user),
        "second": queries.second_looks(request.user)[:200],
        "disputes": queries.disputes(running, request.user)[:200],
    }
    return render(request, "disclosure/queue.html", context)


@open_to_agency("disclosure.mark")
@require_safe
def agency(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """An agency's items with the marks given so far."""
    filing = filing_at(code, fiscal_year)
    given = {i: s["first"] for i, s in queries.stages(filing).items() if "first" in s}
    rows = queries.rows(filing)
    ids = [r.item.id for r in rows]
    context = {
        "filing": filing,
        "agency": filing.agency,
        "round": filing.round,
        "rows": [(r, given.get(r.item.id)) for r in rows],
        "marked": len(given),
        "all": len(rows),
        "closed": queries.why_no_marking(filing),
        "first": next((i for i in ids if i not in given), ids[0]),
    }
    return render(request, "disclosure/marking_agency.html", context)


@open_to_agency("disclosure.mark")
@require_POST
def evidence(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    try:
        many = actions.begin_marking(filing=filing_at(code, fiscal_year), by=request.user)
        messages.success(request, f"กำลังเก็บหลักฐาน {many} ลิงก์ เริ่มตรวจได้เลย")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("marking_agency", code, fiscal_year)


@open_to_agency("disclosure.mark")
@require_POST
def release(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    try:
        actions.release(filing=filing_at(code, fiscal_year), by=request.user)
        messages.success(request, "ส่งคะแนนและความเห็นให้หน่วยงานแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("marking_agency", code, fiscal_year)


@csp_update(FRAMES)
@open_to_agency("disclosure.mark")
@EDIT
def first(request: HttpRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """The first mark of one item; then on to the next without a mark."""
    filing = filing_at(code, fiscal_year)
    if request.method == "POST":
        if done := _given(request, filing, item, Mark.Stage.FIRST):
            return done
        given = {i for i, s in queries.stages(filing).items() if "first" in s}
        ids = [i.id for i in queries.items(rules.load(filing.round.framework))]
        order = ids[ids.index(item) + 1 :] + ids[: ids.index(item)]
        left = next((i for i in order if i not in given), None)
        return redirect("mark_item", code, fiscal_year, left) if left else redirect("marking_agency", code, fiscal_year)
    return _page(request, filing, item, Mark.Stage.FIRST)


@csp_update(FRAMES)
@open_to("disclosure.decide")
@EDIT
def second(request: HttpRequest, second_id: int) -> HttpResponse:
    """A blind second mark: the first one is not on this page."""
    drawn = get_object_or_404(SecondLook, pk=second_id, assessor=request.user)
    if request.method == "POST":
        if done := _given(request, drawn.filing, drawn.item, Mark.Stage.SECOND):
            return done
        left = queries.second_looks(request.user).first()
        return redirect("mark_second", left.pk) if left else redirect("marking")
    return _page(request, drawn.filing, drawn.item, Mark.Stage.SECOND)


@csp_update(FRAMES)
@open_to("disclosure.decide")
@EDIT
def decide(request: HttpRequest, filing_id: int, item: str) -> HttpResponse:
    """The decision on an item whose marks differ or which the agency replied to."""
    filing = get_object_or_404(Filing.objects.select_related("round", "agency", "confirmed"), pk=filing_id)
    if not any(d.filing.pk == filing_id and d.item == item for d in queries.disputes([filing.round], request.user)):
        raise Http404  # before anything typed is answered: the page shows the marks that others gave
    if request.method == "POST":
        return _given(request, filing, item, Mark.Stage.DECISION) or redirect("marking")
    return _page(request, filing, item, Mark.Stage.DECISION)


def _given(request: HttpRequest, filing: Filing, item: str, stage: str) -> HttpResponse | None:
    """Store a posted mark; a page with what was typed when it can't be."""
    posted = request.POST
    points, reasons, comment = posted.get("points", ""), posted.getlist("reasons")[:20], posted.get("comment", "")
    elements = [int(e) for e in posted.getlist("elements") if e.isascii() and e.isdecimal() and len(e) < 4]
    try:
        if not (points.isascii() and points.isdecimal() and len(points) < 4):
            raise DomainError(f"{item}: ยังไม่ได้เลือกคะแนน")
        actions.mark(
            filing=filing,
            item=item,
            stage=stage,
            points=int(points),
            reasons=reasons,
            comment=comment,
            elements=elements,
            by=request.user,
        )
    except DomainError as error:
        typed = {"points": points, "reasons": reasons, "comment": comment, "elements": elements}
        return _page(request, filing, item, stage, typed=typed, problem=str(error), status=422)
    messages.success(request, f"บันทึกคะแนน {item} แล้ว")
    return None


def _page(
    request: HttpRequest,
    filing: Filing,
    item: str,
    stage: str,
    *,
    typed: dict[str, Any] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    row = row_at(filing, item)
    framework = rules.load(filing.round.framework)
    links = queries.links_to_mark(filing, item)
    at = request.GET.get("link", "")
    shown = next((x for x in links if str(x.pk) == at), links[0] if links else None)
    own = queries.stages(filing).get(item, {}).get(stage)
    if typed is None and own and own.by_id == request.user.pk:
        typed = {"points": str(own.points), "reasons": own.reasons, "comment": own.comment, "elements": own.elements}
    snapshots = []
    if shown:
        shots = shown.looks.filter(snapshot__isnull=False).select_related("snapshot")
        snapshots = list(dict.fromkeys([s.snapshot for s in shots]))[:6]
    words = looking.text(snapshots[0].digest) if snapshots else ""
    found = passages([e.th for _, e in row.asked], words)
    held = queries.last_confirmed(filing)
    said = held.content.get(item, {}) if held else None
    ticked = [k for k, _ in row.ticked] if said is None else said.get("elements", [])
    decision = stage == Mark.Stage.DECISION
    ids = [i.id for i in queries.items(framework)]
    place = ids.index(item)
    scale = queries.scale(framework, row.item)
    context = {
        "filing": filing,
        "agency": filing.agency,
        "round": filing.round,
        "row": row,
        "stage": stage,
        "stage_name": Mark.Stage(stage).label,
        "links": [(x, queries.warnings(x, row.item, filing)) for x in links],
        "shown": shown,
        "snapshots": snapshots,
        "elements": [(k, e, k in ticked, p) for (k, e), p in zip(row.asked, found, strict=True)],
        "words": len(words),
        "explanation": (said or {}).get("explanation", "")
        if said is not None
        else (row.entry.explanation if row.entry else ""),
        "scale": scale,
        "reasons": [(k if k < 10 else 0, r) for k, r in enumerate(queries.reasons(row.item), len(scale) + 1)],
        "typed": typed or {},
        "problem": problem,
        "earlier": filing.marks.filter(item=item).select_related("by") if decision else [],
        "reply": filing.clarifications.filter(item=item).first() if decision else None,
        "years": queries.expected_years(row.item, filing.round.fiscal_year),
        "closed": _closed(filing, stage),
        "previous": ids[place - 1] if place else None,
        "next": ids[place + 1] if place + 1 < len(ids) else None,
    }
    return render(request, "disclosure/mark.html", context, status=status)


def _closed(filing: Filing, stage: str) -> str:
    if stage == Mark.Stage.FIRST:
        return queries.why_no_marking(filing)
    return "คะแนนของรอบนี้ปิดผนึกแล้ว" if queries.sealed(filing.round) else ""


@csp_exempt()
@xframe_options_sameorigin
@open_to_agency("disclosure.evidence")
@require_safe
def snapshot(request: HttpRequest, code: str, digest: str) -> HttpResponse:
    """What an address gave once: a page without anything that runs, the words of a document, or the file as it came."""
    found = get_object_or_404(Snapshot, digest=digest)
    if not Look.objects.filter(snapshot=found, link__entry__filing__agency__code=code).exists():
        raise Http404
    # nothing of it runs, loads, or leaves its frame
    guard = {
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    try:
        kept = looking.opened(found)
    except (OSError, ValueError):
        return HttpResponse(
            "หลักฐานนี้เปิดไม่ได้ ไฟล์หายหรือไม่ตรงกับที่เก็บไว้", status=410, content_type="text/plain; charset=utf-8", headers=guard
        )
    if "file" in request.GET:
        name = f"snapshot-{digest[:12]}{_SUFFIX.get(found.content_type, '.bin')}"
        guard["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        return HttpResponse(kept.body, content_type="application/octet-stream", headers=guard)
    if found.content_type in ("text/html", "application/xhtml+xml") and "text" not in request.GET:
        declared = next((v for k, v in kept.headers if k.lower() == "content-type"), "text/html")
        charset = declared.lower().partition("charset=")[2].strip("\"' ;")[:20]
        kind = f"text/html; charset={charset}" if charset.replace("-", "").isalnum() else "text/html"
        return HttpResponse(kept.body, content_type=kind, headers=guard)
    words = looking.text(digest) or "ไม่มีตัวอักษรในไฟล์นี้ (อาจเป็นภาพ) ดาวน์โหลดไฟล์เพื่อเปิดดู"
    return HttpResponse(words, content_type="text/plain; charset=utf-8", headers=guard)


_SUFFIX = {"text/html": ".html", "application/pdf": ".pdf", "text/plain": ".txt"}
