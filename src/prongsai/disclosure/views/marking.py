"""The assessor's desk: the queue, one item with page and snapshot side by side, blind reviews and decisions; and the
office's own decisions on what was opened again after the seal."""

import re
from typing import Any
from urllib.parse import quote

from csp.decorators import csp_exempt, csp_update
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai import links
from prongsai.disclosure import actions, comparisons, drawn, queries, rendered_files, scan_texts
from prongsai.disclosure import snapshots as snapshot_store
from prongsai.disclosure.models import BlindReview, Comparison, Filing, Link, LinkCheck, Mark, Reopening, Snapshot
from prongsai.disclosure.suggest import PageLine, suggest_passages
from prongsai.disclosure.views.agency import get_filing_or_404, get_row_or_404, parse_indices
from prongsai.intake import UnreadableError, scans
from prongsai.intake.cuttings import cut_strip
from prongsai.people.access import is_allowed, require_permission
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.queries import load_round_framework

EDIT = require_http_methods(["GET", "HEAD", "POST"])
FRAMES = {"frame-src": ["'self'", "https:", "http:"]}  # the live page, in a frame that may run nothing
_MAX_POINTS_DIGITS = 4
_MAX_LISTED = 200  # reviews in the queue
_MAX_SNAPSHOTS = 6
_PLAIN = "text/plain; charset=utf-8"
_DAMAGED = "หลักฐานนี้เปิดไม่ได้ ไฟล์หายหรือไม่ตรงกับที่เก็บไว้"
_REGION = re.compile(r"(\d{1,2})-(\d{1,4})-(\d{1,4})")
_MAX_KEY = 9  # reasons with a key on the keyboard
_FILE_SUFFIX = {
    "text/html": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
# nothing in a snapshot runs, loads, or leaves its frame
_SNAPSHOT_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@require_permission("disclosure.decide")
@require_safe
def show_queue(request: AuthenticatedRequest) -> HttpResponse:
    """Everything that waits for this assessor."""
    disputes = queries.open_disputes(queries.rounds_to_decide(request.assessment), request.user)
    context = {
        "assigned": queries.assigned_agencies(request.user),
        "reviews": queries.open_blind_reviews(request.user)[:_MAX_LISTED],
        "disputes": len(disputes),
        "held": drawn.find_held(request.user, disputes),
    }
    return render(request, "disclosure/queue.html", context)


@require_agency_permission("disclosure.mark")
@require_safe
def show_agency(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """An agency's items with their first marks."""
    filing = get_filing_or_404(code, fiscal_year)
    marks = {item: stages["first"] for item, stages in queries.marks_by_stage(filing).items() if "first" in stages}
    rows = queries.item_rows(filing)
    ids = [r.item.id for r in rows]
    context = {
        "filing": filing,
        "agency": filing.agency,
        "round": filing.round,
        "rows": [(r, marks.get(r.item.id)) for r in rows],
        "marked_count": len(marks),
        "item_count": len(rows),
        "closed_reason": queries.marking_closed_reason(filing),
        "next_item": next((i for i in ids if i not in marks), ids[0]),
    }
    return render(request, "disclosure/marking_agency.html", context)


@require_agency_permission("disclosure.mark")
@require_POST
def collect_evidence(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    try:
        count = actions.collect_evidence(filing=get_filing_or_404(code, fiscal_year), by=request.user)
        messages.success(request, f"กำลังเก็บหลักฐาน {count} ลิงก์ เริ่มตรวจได้เลย")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("marking_agency", code, fiscal_year)


@require_agency_permission("disclosure.mark")
@require_POST
def release_marks(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    try:
        actions.release_marks(filing=get_filing_or_404(code, fiscal_year), by=request.user)
        messages.success(request, "ส่งคะแนนและความเห็นให้หน่วยงานแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("marking_agency", code, fiscal_year)


# --- marks at the three stages


@csp_update(FRAMES)
@require_agency_permission("disclosure.mark")
@EDIT
def mark_item(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """The first mark of one item; then the next item without a mark."""
    filing = get_filing_or_404(code, fiscal_year)
    if request.method != "POST":
        return _render_mark_form(request, filing, item, Mark.Stage.FIRST)
    if refusal := _save_mark(request, filing, item, Mark.Stage.FIRST):
        return refusal
    marked = {i for i, stages in queries.marks_by_stage(filing).items() if "first" in stages}
    ids = [i.id for i in queries.items(load_round_framework(filing.round))]
    others = ids[ids.index(item) + 1 :] + ids[: ids.index(item)]
    if unmarked := next((i for i in others if i not in marked), None):
        return redirect("mark_item", code, fiscal_year, unmarked)
    return redirect("marking_agency", code, fiscal_year)


@csp_update(FRAMES)
@require_permission("disclosure.decide")
@EDIT
def review_blind(request: AuthenticatedRequest, review_id: int) -> HttpResponse:
    """A blind second mark: the first one is not on this page."""
    review = get_object_or_404(BlindReview, pk=review_id, assessor=request.user)
    if request.method != "POST":
        return _render_mark_form(request, review.filing, review.item, Mark.Stage.SECOND)
    if refusal := _save_mark(request, review.filing, review.item, Mark.Stage.SECOND):
        return refusal
    next_review = queries.open_blind_reviews(request.user).first()
    return redirect("mark_blind_review", next_review.pk) if next_review else redirect("marking")


@csp_update(FRAMES)
@require_permission("disclosure.decide")
@EDIT
def decide_dispute(request: AuthenticatedRequest, filing_id: int, item: str) -> HttpResponse:
    """The decision on an item of which the marks differ or to which the agency replied."""
    filing = get_object_or_404(Filing.objects.select_related("round", "agency", "confirmed"), pk=filing_id)
    disputes = queries.open_disputes([filing.round], request.user)
    if not any(d.filing.pk == filing_id and d.item == item for d in disputes):
        raise Http404  # also for what is posted: the page shows the marks of others
    if not drawn.is_held_by(filing, item, request.user):
        messages.error(request, f"{item}: รับข้อถัดไปจากคิวก่อน ข้อนี้อยู่ในคิวหรือผู้ประเมินอีกคนรับไปแล้ว")
        return redirect("marking")
    if request.method == "POST":
        return _save_mark(request, filing, item, Mark.Stage.DECISION) or redirect("marking")
    return _render_mark_form(request, filing, item, Mark.Stage.DECISION)


@require_permission("disclosure.decide")
@require_POST
def draw_dispute(request: AuthenticatedRequest) -> HttpResponse:
    """Take the next dispute from the queue, alone."""
    held = drawn.draw_dispute(assessment=request.assessment, by=request.user)
    if held is None:
        messages.info(request, "ไม่มีข้อที่คุณรับได้ในขณะนี้ ข้อที่เหลือมีผู้ประเมินอีกคนรับไปแล้ว หรือคุณให้คะแนนไว้เอง")
        return redirect("marking")
    return redirect("mark_decide", held.filing_id, held.item)


@require_permission("disclosure.decide")
@require_POST
def return_dispute(request: AuthenticatedRequest, filing_id: int, item: str) -> HttpResponse:
    """Give a dispute back to the queue."""
    filing = get_object_or_404(Filing, pk=filing_id, round__assessment=request.assessment)
    drawn.return_dispute(filing=filing, item=item, by=request.user)
    messages.info(request, f"คืน {item} เข้าคิวแล้ว")
    return redirect("marking")


@csp_update(FRAMES)
@require_permission("disclosure.reopen", binding=True)
@EDIT
def decide_reopened(request: AuthenticatedRequest, fiscal_year: int, reopening_id: int) -> HttpResponse:
    """The office's decision on an item that was opened again, as an order says it. An assessor may give it as well."""
    reopening = get_object_or_404(
        Reopening.objects.select_related("filing__round", "filing__agency", "filing__confirmed"),
        pk=reopening_id,
        filing__round__assessment=request.assessment,
        filing__round__fiscal_year=fiscal_year,
    )
    filing, item = reopening.filing, reopening.item
    if request.method == "POST":
        refusal = _save_mark(request, filing, item, Mark.Stage.DECISION)
        return refusal or redirect("reopenings", fiscal_year)
    disputes = queries.open_disputes([filing.round], request.user)
    if not any(d.filing.pk == filing.pk and d.item == item for d in disputes):
        is_open = queries.open_reopenings([filing.round]).filter(pk=reopening_id).exists()
        problem = "ผู้ที่ให้คะแนนข้อนี้แล้ว หรือมีส่วนได้เสียกับหน่วยงาน ชี้ขาดเองไม่ได้" if is_open else "ข้อที่เปิดใหม่นี้มีผู้ชี้ขาดไปแล้ว"
        messages.error(request, f"{item}: {problem}")
        return redirect("reopenings", fiscal_year)
    return _render_mark_form(request, filing, item, Mark.Stage.DECISION)


def _save_mark(request: AuthenticatedRequest, filing: Filing, item: str, stage: Mark.Stage) -> HttpResponse | None:
    """Store a posted mark. Returns the page with what was typed when it is refused."""
    typed: dict[str, Any] = {
        "points": request.POST.get("points", ""),
        "reasons": request.POST.getlist("reasons")[:20],
        "comment": request.POST.get("comment", ""),
        "elements": parse_indices(request.POST.getlist("elements")),
    }
    try:
        if not (typed["points"].isascii() and typed["points"].isdecimal()) or len(typed["points"]) > _MAX_POINTS_DIGITS:
            raise DomainError(f"{item}: ยังไม่ได้เลือกคะแนน")
        points = int(typed["points"])
        actions.mark_item(filing=filing, item=item, stage=stage, by=request.user, **{**typed, "points": points})
    except DomainError as error:
        return _render_mark_form(request, filing, item, stage, typed=typed, problem=str(error), status=422)
    messages.success(request, f"บันทึกคะแนน {item} แล้ว")
    return None


def _render_mark_form(
    request: AuthenticatedRequest,
    filing: Filing,
    item: str,
    stage: Mark.Stage,
    *,
    typed: dict[str, Any] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    row = get_row_or_404(filing, item)
    framework = load_round_framework(filing.round)
    filed_links = queries.links_to_mark(filing, item)
    link = _select_link(filed_links, request.GET.get("link", ""))
    snapshots = _snapshots_of(link) if link else []
    rendered = rendered_files.last_rendered(link) if link else None
    lines = _read_lines(snapshots, rendered)
    scale = queries.scale(framework, row.item)
    is_decision = stage == Mark.Stage.DECISION
    reopening = queries.open_reopenings([filing.round]).filter(filing=filing, item=item).first()
    context = {
        "filing": filing,
        "agency": filing.agency,
        "round": filing.round,
        "row": row,
        "stage": stage.value,
        "stage_name": stage.label,
        "links": [(x, queries.link_warnings(x, row.item, filing)) for x in filed_links],
        "selected": link,
        "snapshots": snapshots,
        "rendered": rendered,
        "has_text": bool(lines),
        "is_scan": any(line.region for line in lines[:1]),
        "scanned": snapshots[0] if snapshots and not rendered else None,
        "is_scan_awaited": bool(snapshots and snapshots[0].scan_since and scans.is_installed()),
        **_elements_context(filing, row, lines),
        "scale": scale,
        "reasons": [
            (key if key <= _MAX_KEY else 0, reason)
            for key, reason in enumerate(queries.suggested_reasons(row.item), len(scale) + 1)
        ],
        "typed": typed or _own_mark(request, filing, item, stage),
        "problem": problem,
        "earlier_marks": filing.marks.filter(item=item).select_related("by") if is_decision else [],
        "year_before": queries.marks_of_year_before(filing, row.item),
        "clarification": filing.clarifications.filter(item=item).first() if is_decision else None,
        "reopening": reopening if is_decision else None,
        "expected_years": queries.expected_years(row.item, filing.round.fiscal_year),
        "closed_reason": "" if is_decision and reopening else _mark_closed_reason(filing, stage),
        **_neighbours_context([i.id for i in queries.items(framework)], item),
    }
    return render(request, "disclosure/mark.html", context, status=status)


def _select_link(filed_links: list[Link], pk: str) -> Link | None:
    """The link of this key, or else the first."""
    return next((x for x in filed_links if str(x.pk) == pk), filed_links[0] if filed_links else None)


def _snapshots_of(link: Link) -> list[Snapshot]:
    """The snapshots of a link, newest first, each once."""
    checks = link.checks.filter(snapshot__isnull=False).select_related("snapshot")
    return list(dict.fromkeys(check.snapshot for check in checks if check.snapshot))[:_MAX_SNAPSHOTS]


def _read_lines(snapshots: list[Snapshot], rendered: LinkCheck | None) -> list[PageLine]:
    """What a page says: as a browser showed it where scripts make it, otherwise as its newest snapshot does, by OCR
    where that is a scan."""
    if rendered:
        return [PageLine(*line) for line in rendered_files.read_lines(rendered.rendered)]
    if snapshots and snapshots[0].scan:
        return list(scan_texts.read_lines(snapshots[0].scan))
    return [PageLine(*line) for line in snapshot_store.snapshot_lines(snapshots[0].digest)] if snapshots else []


def _elements_context(filing: Filing, row: queries.ItemRow, lines: list[PageLine]) -> dict[str, Any]:
    """The required elements, each with whether the agency ticked it and the passage that speaks for it. Ticks and
    explanation are those that were confirmed, or, without any confirmation, those filed."""
    passages = suggest_passages(
        [element.th for _, element in row.required],
        lines,
        sorted(queries.expected_years(row.item, filing.round.fiscal_year)),
        row.item.label.th,
    )
    ticked = [k for k, _ in row.ticked]
    explanation = row.entry.explanation if row.entry else ""
    if confirmation := queries.last_confirmation(filing):
        content = confirmation.content.get(row.item.id, {})
        ticked, explanation = content.get("elements", []), content.get("explanation", "")
    return {
        "elements": [(k, e, k in ticked, p) for (k, e), p in zip(row.required, passages, strict=True)],
        "explanation": explanation,
    }


def _own_mark(request: AuthenticatedRequest, filing: Filing, item: str, stage: Mark.Stage) -> dict[str, Any]:
    """The mark that this assessor gave before, as the values of the form."""
    mark = queries.marks_by_stage(filing).get(item, {}).get(stage)
    if mark is None or mark.by_id != request.user.pk:
        return {}
    return {"points": str(mark.points), "reasons": mark.reasons, "comment": mark.comment, "elements": mark.elements}


def _neighbours_context(ids: list[str], item: str) -> dict[str, str | None]:
    position = ids.index(item)
    return {
        "previous": ids[position - 1] if position else None,
        "next": ids[position + 1] if position + 1 < len(ids) else None,
    }


def _mark_closed_reason(filing: Filing, stage: Mark.Stage) -> str:
    if stage == Mark.Stage.FIRST:
        return queries.marking_closed_reason(filing)
    return "คะแนนของรอบนี้ปิดผนึกแล้ว" if queries.latest_seal(filing.round) else ""


# --- snapshots


@csp_exempt()
@xframe_options_sameorigin
@require_agency_permission("disclosure.evidence")
@require_safe
def show_snapshot(request: AuthenticatedRequest, code: str, digest: str) -> HttpResponse:
    """A stored response: a page in which nothing runs, the text of a document, or the file for download."""
    snapshot = get_object_or_404(Snapshot, digest=digest)
    if not LinkCheck.objects.filter(snapshot=snapshot, link__entry__filing__agency__code=code).exists():
        raise Http404
    headers = dict(_SNAPSHOT_HEADERS)
    if "package" in request.GET:
        return _send_package(snapshot, headers)
    try:
        stored = snapshot_store.open_snapshot(snapshot)
    except (OSError, ValueError):
        return HttpResponse(_DAMAGED, status=410, content_type=_PLAIN, headers=headers)
    if "file" in request.GET:
        name = f"snapshot-{digest[:12]}{_FILE_SUFFIX.get(snapshot.content_type, '.bin')}"
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        return HttpResponse(stored.body, content_type="application/octet-stream", headers=headers)
    if snapshot.content_type in ("text/html", "application/xhtml+xml") and "text" not in request.GET:
        return HttpResponse(stored.body, content_type=_html_type(stored.headers), headers=headers)
    if "region" in request.GET:
        return _send_strip(stored.body, request.GET["region"], headers)
    if snapshot.scan and (text := scan_texts.read_text(snapshot.scan)):
        note = f"{links.describe_code('scan_read')} ({links.describe_code('scan_read', 'en')})"
        text = f"[{note}]\n\n{text}"
        return HttpResponse(text, content_type=_PLAIN, headers=headers)
    text = snapshot_store.snapshot_text(digest) or "ไม่มีตัวอักษรในไฟล์นี้ (อาจเป็นภาพ) ดาวน์โหลดไฟล์เพื่อเปิดดู"
    return HttpResponse(text, content_type=_PLAIN, headers=headers)


def _send_strip(body: bytes, region: str, headers: dict[str, str]) -> HttpResponse:
    """The part of a scan where a passage stands: page, top and bottom in thousandths of the height."""
    if (found := _REGION.fullmatch(region)) is None:
        raise Http404
    try:
        strip = cut_strip(body, *map(int, found.groups()))
    except UnreadableError as error:
        return HttpResponse(str(error), status=410, content_type=_PLAIN, headers=headers)
    return HttpResponse(strip, content_type="image/jpeg", headers=headers)


def _send_package(snapshot: Snapshot, headers: dict[str, str]) -> HttpResponse:
    """The signed file with the public log's proof, as it may be checked anywhere else (``prongsai verify``)."""
    try:
        data = snapshot_store.read_package(snapshot)
    except (OSError, ValueError):
        return HttpResponse(_DAMAGED, status=410, content_type=_PLAIN, headers=headers)
    suffix, media_type = ("wacz", "application/wacz") if snapshot.package else ("warc.gz", "application/warc")
    headers["Content-Disposition"] = f'attachment; filename="snapshot-{snapshot.digest[:12]}.{suffix}"'
    return HttpResponse(data, content_type=media_type, headers=headers)


@require_agency_permission("disclosure.evidence")
@EDIT
def compare_snapshot(request: AuthenticatedRequest, code: str, digest: str, link_id: int) -> HttpResponse:
    """The text of a snapshot beside that of the page now. The page is fetched in the background, by whoever marks."""
    link = get_object_or_404(Link, pk=link_id, entry__filing__agency__code=code)
    snapshot = get_object_or_404(Snapshot, digest=digest)
    if not link.checks.filter(snapshot=snapshot).exists():
        raise Http404
    may_request = is_allowed(request.user, "disclosure.decide", assessment=request.assessment)
    if request.method == "POST":
        if not may_request:
            return HttpResponse(status=403)
        comparisons.request_comparison(link=link, snapshot=snapshot, by=request.user)
        return redirect("snapshot_comparison", code, digest, link_id)
    found = Comparison.objects.filter(link=link, snapshot=snapshot).first()
    context = {
        "link": link,
        "agency": link.entry.filing.agency,
        "snapshot": snapshot,
        "comparison": found,
        "has_differences": found is not None and any(row[0] not in ("same", "gap") for row in found.rows),
        "may_request": may_request,
    }
    part = "disclosure/components/comparison.html"
    return render(request, part if request.htmx else "disclosure/comparison.html", context)


@require_agency_permission("disclosure.evidence")
@require_safe
def show_picture(_: AuthenticatedRequest, code: str, picture_digest: str) -> HttpResponse:
    """The picture of a page that scripts made, as a browser showed it."""
    if not LinkCheck.objects.filter(picture=picture_digest, link__entry__filing__agency__code=code).exists():
        raise Http404
    try:
        picture = rendered_files.read_picture(picture_digest)
    except (OSError, ValueError):
        raise Http404 from None
    return HttpResponse(picture, content_type="image/webp", headers=_SNAPSHOT_HEADERS)


def _html_type(headers: tuple[tuple[str, str], ...]) -> str:
    """text/html with the charset that the server declared, if it declared one."""
    declared = next((value for name, value in headers if name.lower() == "content-type"), "text/html")
    charset = declared.lower().partition("charset=")[2].strip("\"' ;")[:20]
    return f"text/html; charset={charset}" if charset.replace("-", "").isalnum() else "text/html"
