"""The pages of the print shop: previews, issuing, an agency's own templates, memos up the line, a nation's
documents."""

from typing import Any

from csp.decorators import csp_exempt, csp_update
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.documents import actions, gathering, html, queries
from prongsai.documents import issuing as shop
from prongsai.documents.issuing import KINDS, ContradictionError, compose
from prongsai.documents.material import MaterialError
from prongsai.documents.models import Batch, Memo, OwnTemplate, Paper, Style
from prongsai.documents.starter import starter as start
from prongsai.documents.tags import TAGS
from prongsai.lib import emblem as pictures
from prongsai.people.access import open_to
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.access import open_to_agency
from prongsai.registry.models import Agency
from prongsai.results.models import ResultSet

EDIT = require_http_methods(["GET", "HEAD", "POST"])
# what was typed is shown as text, and nothing in it runs or loads
_GUARD = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
    "Cache-Control": "private, no-store",
}
_TYPES = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf"}


def _at(code: str, fiscal_year: int) -> Agency:
    agency = get_object_or_404(Agency, code=code)
    if fiscal_year not in gathering.years(agency):
        raise Http404
    return agency


@open_to_agency("documents.read")
@require_safe
def papers(request: HttpRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    """An agency's documents of a year."""
    agency = get_object_or_404(Agency, code=code)
    years = gathering.years(agency)
    if fiscal_year is None and years:
        return redirect("papers", code, years[0])
    if fiscal_year is not None and fiscal_year not in years:
        raise Http404
    return _papers(request, agency, fiscal_year)


def _papers(
    request: HttpRequest, agency: Agency, fiscal_year: int | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    style = gathering.style_of(agency)
    context = {
        "agency": agency,
        "year": fiscal_year,
        "years": gathering.years(agency),
        "style": style,
        "digits": Style.Digits,
        "emblem": html.address(bytes(style.emblem)) if style.emblem else "",
        "offered": queries.offered(agency, fiscal_year) if fiscal_year else [],
        "memos": queries.memos(agency)[:20],
        "kinds": KINDS.items(),
        **more,
    }
    return render(request, "documents/papers.html", context, status=status)


@csp_exempt()
@xframe_options_sameorigin
@open_to_agency("documents.read")
@require_safe
def preview(request: HttpRequest, code: str, fiscal_year: int, kind: str) -> HttpResponse:
    """A document as it would be now, for the screen."""
    agency = _at(code, fiscal_year)
    if kind not in KINDS:
        raise Http404
    try:
        text = html.page(compose(kind, gathering.material(agency, fiscal_year, kind)))
    except MaterialError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8", headers=_GUARD)
    return HttpResponse(text, headers=_GUARD)


@open_to_agency("documents.make")
@require_POST
def issue(request: HttpRequest, code: str, fiscal_year: int, kind: str) -> HttpResponse:
    """Write a document, read it back, keep it."""
    agency = _at(code, fiscal_year)
    try:
        made = actions.issue_paper(agency=agency, kind=kind, fiscal_year=fiscal_year, by=request.user)
        told = f" อ่านตัวเลขกลับได้ {made.figures} ค่า ในจำนวนนี้ไม่มีค่าใดขัดกัน" if made.figures else ""
        if OwnTemplate.objects.filter(agency=agency, kind=kind).exists():
            told += " ข้อความที่พิมพ์ไว้ในแม่แบบเอง อ่านทวนอีกครั้งก่อนใช้"
        messages.success(request, f"ออกเอกสาร “{KINDS[kind]}” แล้ว{told}")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("papers", code, fiscal_year)


@open_to_agency("documents.read")
@require_safe
def file(request: HttpRequest, code: str, paper_id: int, form: str) -> HttpResponseBase:
    """A file of an issued document, as it was issued."""
    paper = get_object_or_404(Paper, pk=paper_id, agency__code=code)
    if form not in _TYPES:
        raise Http404
    path = actions.stored(getattr(paper, form), form)
    if not path.is_file():
        raise Http404
    name = f"{paper.kind}-{code}-{paper.fiscal_year}.{form}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=_TYPES[form])


@open_to_agency("documents.make")
@require_POST
def style(request: HttpRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(Agency, code=code)
    posted = {k: request.POST.get(k, "")[:200] for k in ("digits", "prepared_by", "head", "number")}
    try:
        actions.set_style(agency=agency, **posted, by=request.user)
        messages.success(request, "บันทึกรูปแบบเอกสารแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("papers_front", code)


@open_to_agency("documents.make")
@require_POST
def emblem(request: HttpRequest, code: str) -> HttpResponse:
    """The picture at the head of memos: another, or none."""
    agency = get_object_or_404(Agency, code=code)
    given = request.FILES.get("file")
    try:
        if given is None and "drop" not in request.POST:
            raise DomainError("ยังไม่ได้เลือกไฟล์ภาพ")
        data = (
            b"" if given is None or "drop" in request.POST else given.read(pictures.MOST_BYTES + 1) or b"?"
        )  # an empty file is none
        actions.set_emblem(agency=agency, data=data, by=request.user)
        messages.success(request, "ใช้ตรานี้ในบันทึกข้อความฉบับต่อไป" if data else "นำตราออกแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("papers_front", code)


@open_to_agency("documents.make")
@EDIT
def template(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """An agency's own Word file for a document: its tags, and the file in use."""
    agency = get_object_or_404(Agency, code=code)
    if kind not in KINDS:
        raise Http404
    problem = ""
    if request.method == "POST":
        if "drop" in request.POST:
            actions.drop_template(agency=agency, kind=kind, by=request.user)
            messages.success(request, "กลับไปใช้แบบของระบบแล้ว")
            return redirect("papers_front", code)
        given = request.FILES.get("file")
        try:
            if given is None:
                raise DomainError("ยังไม่ได้เลือกไฟล์")
            actions.keep_template(
                agency=agency, kind=kind, name=given.name, data=given.read(actions.MOST_TEMPLATE + 1), by=request.user
            )
            messages.success(request, "ใช้แม่แบบนี้แล้วตั้งแต่เอกสารฉบับต่อไป")
            return redirect("papers_front", code)
        except DomainError as error:
            problem = str(error)
    own = OwnTemplate.objects.filter(agency=agency, kind=kind).defer("data").select_related("by").first()
    context = {
        "agency": agency,
        "kind": kind,
        "name": KINDS[kind],
        "own": own,
        "problem": problem,
        "tags": TAGS[kind].items(),
    }
    return render(request, "documents/template.html", context, status=422 if problem else 200)


@open_to_agency("documents.make")
@require_safe
def starter(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """A Word file with every tag of a document in its place, to start a template from."""
    get_object_or_404(Agency, code=code)
    if kind not in KINDS:
        raise Http404
    name = f'attachment; filename="template-{kind}.docx"'
    return HttpResponse(start(kind), content_type=_TYPES["docx"], headers={"Content-Disposition": name})


# --- memos


@open_to_agency("documents.make")
@EDIT
def write_memo(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    agency = _at(code, fiscal_year)
    told = gathering.material(agency, fiscal_year)
    head = told.memo
    assert head is not None
    value = {"office": head.office, "to": head.to, "number": head.number, "subject": "", "position": ""}
    problem = ""
    if request.method == "POST":
        value = {k: request.POST.get(k, "")[:300] for k in value}
        try:
            memo = actions.write_memo(agency=agency, fiscal_year=fiscal_year, **value, by=request.user)
            messages.success(request, "เขียนแล้ว อ่านให้ครบก่อนลงนาม")
            return redirect("memo", code, memo.pk)
        except DomainError as error:
            problem = str(error)
    context = {"agency": agency, "year": fiscal_year, "value": value, "problem": problem}
    return render(request, "documents/write_memo.html", context, status=422 if problem else 200)


def _memo(code: str, memo_id: int) -> Memo:
    found = Memo.objects.select_related("agency", "result__result_set", "waiting", "by")
    return get_object_or_404(found, pk=memo_id, agency__code=code)


@csp_update({"frame-src": ["'self'"]})
@open_to_agency("documents.read")
@require_safe
def memo(request: HttpRequest, code: str, memo_id: int) -> HttpResponse:
    """A memo with what was said so far, and whose turn it is."""
    return _memo_page(request, _memo(code, memo_id))


def _memo_page(request: HttpRequest, found: Memo, *, status: int = 200, **more: Any) -> HttpResponse:
    people = actions.may_sign(found.agency)
    onward = {} if "to" in more or request.user.role == Role.EXECUTIVE else _onward(found, people)
    context = {
        **onward,
        "agency": found.agency,
        "memo": found,
        "signatures": found.signatures.all(),
        "year": found.result.result_set.fiscal_year,
        "turn": found.waiting_id == request.user.pk,
        "people": [p for p in people if p.pk != request.user.pk],
        "everybody": people,
        "gone": found.waiting is not None and found.waiting not in people,
        "seen": _seen(found),
        **more,
    }
    return render(request, "documents/memo.html", context, status=status)


def _onward(memo: Memo, people: list[User]) -> dict[str, str]:
    """Whom a memo most likely goes to next, and in what position."""
    head = next((p for p in people if p.role == Role.EXECUTIVE), None)
    return {"to": str(head.pk), "position": gathering.style_of(memo.agency).head} if head else {}


def _seen(memo: Memo) -> str:
    try:
        return actions.composed(memo)
    except DomainError:
        return ""  # it can't be signed as it is; what was signed is kept


def _next(memo: Memo, posted: Any) -> User | None:
    """Whom a memo is to go to, of those it may go to; None for nobody. Raises DomainError."""
    given = posted.get("to", "")
    found = next((u for u in actions.may_sign(memo.agency) if str(u.pk) == given), None)
    if given and found is None:
        raise DomainError("ผู้ที่เลือกไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว เลือกผู้อื่น")
    return found


@csp_update({"frame-src": ["'self'"]})
@open_to_agency("documents.sign")
@require_POST
def sign(request: HttpRequest, code: str, memo_id: int) -> HttpResponse:
    found = _memo(code, memo_id)
    opinion, position = request.POST.get("opinion", ""), request.POST.get("position", "")
    try:
        actions.sign(
            memo=found,
            opinion=opinion,
            seen=request.POST.get("seen", "")[:64],
            to=_next(found, request.POST),
            position=position,
            by=request.user,
        )
        messages.success(request, "ลงนามแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
        return _memo_page(request, found, status=422, opinion=opinion, position=position, to=request.POST.get("to", ""))
    return redirect("memo", code, memo_id)


@open_to_agency("documents.make")
@require_POST
def redirect_memo(request: HttpRequest, code: str, memo_id: int) -> HttpResponse:
    found = _memo(code, memo_id)
    try:
        to = _next(found, request.POST)
        if to is None:
            raise DomainError("เลือกผู้ที่จะเสนอต่อ")
        actions.redirect(memo=found, to=to, position=request.POST.get("position", ""), by=request.user)
        messages.success(request, f"เสนอ {to.name} แล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("memo", code, memo_id)


@csp_exempt()
@xframe_options_sameorigin
@open_to_agency("documents.read")
@require_safe
def memo_paper(request: HttpRequest, code: str, memo_id: int, form: str) -> HttpResponse:
    """The memo: as it stood at its last signature, or, before the first, as it would be signed."""
    found = _memo(code, memo_id)
    if form not in (*_TYPES, "html"):
        raise Http404
    last = found.signatures.last()
    try:
        if form == "html":
            return HttpResponse(
                last.html if last else html.page(compose("memo", gathering.material_of_memo(found))), headers=_GUARD
            )
        data = (
            actions.stored(getattr(last, form), form).read_bytes()
            if last
            else getattr(shop.issue("memo", gathering.material_of_memo(found)), form)
        )
    except (ContradictionError, MaterialError, OSError) as error:
        messages.error(request, str(error) if not isinstance(error, OSError) else "ไฟล์ของบันทึกข้อความนี้หายไปจากที่เก็บ")
        return redirect("memo", code, memo_id)
    name = f'attachment; filename="memo-{code}-{memo_id}.{form}"'
    return HttpResponse(data, content_type=_TYPES[form], headers={"Content-Disposition": name})


# --- the national office


@open_to("documents.batch")
@EDIT
def batch(request: HttpRequest, result_set_id: int) -> HttpResponse:
    """Documents for every agency of a result set: start, and how far it is."""
    found = get_object_or_404(ResultSet, pk=result_set_id)
    if request.method == "POST":
        try:
            actions.start_batch(result_set=found, kinds=request.POST.getlist("kinds")[:10], by=request.user)
            messages.success(request, "เริ่มทำเอกสารแล้ว ทำต่อเองได้แม้ปิดหน้านี้")
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("papers_batch", result_set_id)
    context = {"set": found, "batches": Batch.objects.filter(result_set=found)[:10], "kinds": KINDS.items()}
    part = request.htmx and not request.htmx.history_restore_request
    return render(request, "documents/batches.html" if part else "documents/batch.html", context)
