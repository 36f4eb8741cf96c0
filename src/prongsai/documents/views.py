"""The pages of documents: previews, issuing, an agency's own templates, memos, batches over a nation."""

import dataclasses
import datetime
import re
from collections.abc import Container, Mapping, Sequence

from csp.decorators import csp_exempt, csp_update
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.documents import actions, queries, sources
from prongsai.documents.agency_templates.package import MAX_BYTES as MAX_TEMPLATE_BYTES
from prongsai.documents.agency_templates.tags import TAGS
from prongsai.documents.content.data import DocumentDataError
from prongsai.documents.forms import HandSignatureForm
from prongsai.documents.hand_signatures import (
    Scan,
    list_hand_positions,
    record_hand_signatures,
    withdraw_hand_signatures,
)
from prongsai.documents.issuance import compose_document
from prongsai.documents.models import AgencyTemplate, Batch, DocumentSettings, HandSignature, Memo, Paper
from prongsai.documents.papers import IN_BATCHES, KINDS, MEMOS, PROPOSED, TEXTS, WITH_MEMO
from prongsai.documents.sources import LinePosition
from prongsai.documents.writers import html
from prongsai.improvement.queries import TextNotes
from prongsai.improvement.registers.kinds import papers as register_papers
from prongsai.lib import fiscal
from prongsai.lib.emblem import MAX_BYTES as MAX_EMBLEM_BYTES
from prongsai.lib.fields import DateField
from prongsai.machines import files
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.roles import Role
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.results.models import ResultSet

require_form = require_http_methods(["GET", "HEAD", "POST"])
# typed text is shown as text: nothing in it runs or loads
_PREVIEW_HEADERS = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; img-src data:; frame-ancestors 'self'"
    ),
    "Cache-Control": "private, no-store",
}
_YEAR = re.compile(r"25[0-9]{2}")
_ID_DIGITS = 19  # of an id of the database, at most
_MAX_PLACES = 12  # in the line that signs a memo
_EMPTY_PLACES = 3  # shown between author and executive, to be filled in
_CONTENT_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def _get_agency(code: str, fiscal_year: int) -> Agency:
    """The agency; 404 when it has no papers of the year."""
    agency = get_object_or_404(Agency, code=code)
    if fiscal_year not in sources.list_years(agency):
        raise Http404
    return agency


def _require_kind(kind: str, kinds: Container[str] = KINDS) -> None:
    if kind not in kinds:
        raise Http404


def _return_to_papers(request: AuthenticatedRequest, code: str) -> HttpResponseRedirect:
    """The papers of the year that the form was opened from (``?year=``), without one those of the present year."""
    year = request.GET.get("year", "")
    return redirect("papers", code, int(year)) if _YEAR.fullmatch(year) else redirect("papers_newest", code)


@require_agency_permission("documents.read")
@require_safe
def papers(request: AuthenticatedRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    """An agency's documents of a year; without a year, of the present one, or of the newest where that has none."""
    agency = get_object_or_404(Agency, code=code)
    years = sources.list_years(agency)
    if fiscal_year is None and years:
        present = fiscal.year_of(today())
        return redirect("papers", code, present if present in years else years[0])
    is_missing = fiscal_year is not None and fiscal_year not in years
    offered = _list_offered(request, agency, fiscal_year) if fiscal_year and not is_missing else []
    document_settings = sources.find_settings(agency)
    emblem = bytes(document_settings.emblem)
    memos = list(queries.list_memos(agency)[:20])
    context = {
        "agency": agency,
        "year": fiscal_year,
        "years": years,
        "document_settings": document_settings,
        "digits": DocumentSettings.Digits,
        "emblem": html.data_url(emblem) if emblem else "",
        "is_missing": is_missing,
        "offered": offered,
        "may_write_memo": any(paper.kind == "memo" and not paper.missing for paper in offered),
        "memos": memos,
        "replaced_memos": queries.list_replaced_memos(agency, memos),
    }
    return render(request, "documents/papers.html", context, status=404 if is_missing else 200)


def _list_offered(request: AuthenticatedRequest, agency: Agency, fiscal_year: int) -> list[queries.OfferedPaper]:
    """Every kind of paper; the one that is asked for (``?check=``) with its check."""
    return [
        queries.check_paper(agency, fiscal_year, paper) if paper.kind == request.GET.get("check") else paper
        for paper in queries.list_offered(agency, fiscal_year)
    ]


def _show_page(page: str) -> HttpResponse:
    """A paper as a page of its own, in the site's letters: a phone may have none that Thai papers are written in."""
    faces = "".join(
        f"@font-face{{font-family:Sarabun;font-weight:{weight};src:url({static(f'web/fonts/sarabun-{weight}.woff2')})}}"
        for weight in (400, 700)
    )
    return HttpResponse(page.replace("</head>", f"<style>{faces}</style></head>", 1), headers=_PREVIEW_HEADERS)


@csp_exempt()
@xframe_options_sameorigin
@require_agency_permission("documents.read")
@require_safe
def preview(request: AuthenticatedRequest, code: str, fiscal_year: int, kind: str) -> HttpResponse:
    """A document on screen, as it would be issued now; a memo of a register with its annex. Where it cannot be written,
    the page of papers says what comes first."""
    agency = _get_agency(code, fiscal_year)
    _require_kind(kind, TEXTS)
    problem = queries.find_problem(agency, fiscal_year, kind)
    try:
        if not problem:
            data = sources.collect_data(agency, fiscal_year, kind)
            document = compose_document(kind, data)
            annex = sources.compose_annex(agency, fiscal_year, kind, data)
            whole = dataclasses.replace(document, sections=(*document.sections, *annex))
            return _show_page(html.write_page(whole))
    except DocumentDataError as error:
        problem = str(error)
    return _explain_problem(request, code, fiscal_year, kind, problem)


def _explain_problem(
    request: AuthenticatedRequest, code: str, fiscal_year: int, kind: str, problem: str
) -> HttpResponseRedirect:
    """The page of papers, at the paper that cannot be written, with the reason above."""
    messages.info(request, f"ยังเปิด “{TEXTS[kind]}” ปี {fiscal_year} ไม่ได้: {problem}")
    return redirect(f"{reverse('papers', args=[code, fiscal_year])}#paper-{PROPOSED.get(kind, kind)}")


@require_agency_permission("documents.make")
@require_POST
def issue(request: AuthenticatedRequest, code: str, fiscal_year: int, kind: str) -> HttpResponse:
    """Have a document written in the background."""
    agency = _get_agency(code, fiscal_year)
    _require_kind(kind)
    if kind == "memo":  # it is written for a line of signatures
        return redirect("write_memo", code, fiscal_year)
    try:
        asked = actions.request_paper(agency=agency, kind=kind, fiscal_year=fiscal_year, by=request.user)
        if isinstance(asked, Paper):
            messages.info(request, f"ข้อมูลไม่เปลี่ยนจากฉบับล่าสุดของ “{KINDS[asked.kind]}” ใช้ฉบับนั้นได้เลย")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("papers", code, fiscal_year)


@require_agency_permission("documents.make")
@require_form
def edit_text(request: AuthenticatedRequest, code: str, fiscal_year: int, kind: str) -> HttpResponse:
    """Say passages of a document in other words before it is issued, or of a memo before it is written."""
    agency = _get_agency(code, fiscal_year)
    _require_kind(kind, TEXTS)
    if request.method != "POST" and (problem := queries.find_problem(agency, fiscal_year, kind)):
        return _explain_problem(request, code, fiscal_year, kind, problem)
    typed: dict[str, str] = {}
    problem = ""
    if request.method == "POST":
        typed = {name[2:]: request.POST[name] for name in request.POST if name.startswith("t:")}
        try:
            count = actions.save_edits(
                agency=agency,
                kind=kind,
                fiscal_year=fiscal_year,
                texts=typed,
                shown={name[2:]: request.POST[name] for name in request.POST if name.startswith("o:")},
                restored=request.POST.getlist("restore"),
                by=request.user,
            )
            messages.success(request, f"บันทึกแล้ว แก้ข้อความไว้ {count} แห่ง" if count else "บันทึกแล้ว ใช้ข้อความของระบบทั้งหมด")
            if "back" in request.POST:  # from the page of the papers
                return redirect(f"{reverse('papers', args=[code, fiscal_year])}?check={kind}#paper-{kind}")
            return redirect("edit_text", code, fiscal_year, kind)
        except DomainError as error:
            problem = str(error)
    try:
        passages = queries.list_edited_passages(agency, kind, fiscal_year, typed)
    except DocumentDataError as error:
        messages.error(request, str(error))
        return redirect("papers", code, fiscal_year)
    context = {
        "agency": agency,
        "year": fiscal_year,
        "kind": kind,
        "name": TEXTS[kind],
        "passages": passages,
        "write_at": _find_memo_form(code, fiscal_year, kind),
        "annexed": PROPOSED.get(kind),
        "problem": problem,
    }
    return render(request, "documents/edit_text.html", context, status=422 if problem else 200)


def _find_memo_form(code: str, fiscal_year: int, kind: str) -> str:
    """Where a memo is written; empty for a document that is issued."""
    if kind in PROPOSED:
        return reverse("write_register_memo", args=[code, fiscal_year, PROPOSED[kind]])
    return reverse("write_memo", args=[code, fiscal_year]) if kind == "memo" else ""


@require_agency_permission("documents.read")
@require_safe
def offered_paper(request: AuthenticatedRequest, code: str, fiscal_year: int, kind: str) -> HttpResponse:
    """The part of an agency's page about one kind of paper, asked for again while it is being written."""
    agency = _get_agency(code, fiscal_year)
    _require_kind(kind)
    offered = next((paper for paper in queries.list_offered(agency, fiscal_year) if paper.kind == kind), None)
    if offered is None:
        raise Http404  # of a register that nobody has started
    offered = queries.check_paper(agency, fiscal_year, offered)
    return render(request, "documents/offered_paper.html", {"agency": agency, "year": fiscal_year, "paper": offered})


@require_agency_permission("documents.read")
@require_safe
def file(request: AuthenticatedRequest, code: str, paper_id: int, form: str) -> HttpResponseBase:
    """A file of an issued document, as it was issued."""
    paper = get_object_or_404(Paper, pk=paper_id, agency__code=code)
    if form not in _CONTENT_TYPES:
        raise Http404
    stored = actions.name_file(paper.pdf_sha256 if form == "pdf" else paper.docx_sha256, form)
    if not files.exists(stored):
        raise Http404
    name = f"{paper.kind}-{code}-{paper.fiscal_year}.{form}"
    return FileResponse(files.open_file(stored), as_attachment=True, filename=name, content_type=_CONTENT_TYPES[form])


def _attach(content: bytes, name: str, form: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(content, content_type=_CONTENT_TYPES[form], headers=headers)


# --- settings and templates


@require_agency_permission("documents.make")
@require_POST
def document_settings(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Set what all papers of an agency carry."""
    agency = get_object_or_404(Agency, code=code)
    names = ("digits", "prepared_by", "executive_position", "reference_prefix")
    posted = {name: request.POST.get(name, "")[:200] for name in names}
    try:
        actions.set_document_settings(agency=agency, **posted, by=request.user)
        messages.success(request, "บันทึกรูปแบบเอกสารแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return _return_to_papers(request, code)


@require_agency_permission("documents.make")
@require_POST
def emblem(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Replace or remove the emblem of memos."""
    agency = get_object_or_404(Agency, code=code)
    upload, is_removal = request.FILES.get("file"), "drop" in request.POST
    data = b""
    try:
        if not is_removal:
            if upload is None:
                raise DomainError("ยังไม่ได้เลือกไฟล์ภาพ")
            data = upload.read(MAX_EMBLEM_BYTES + 1) or b"?"  # an empty file is no picture, and removes none
        actions.set_emblem(agency=agency, data=data, by=request.user)
        messages.success(request, "ใช้ตรานี้ในบันทึกข้อความฉบับต่อไป" if data else "นำตราออกแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return _return_to_papers(request, code)


@require_agency_permission("documents.make")
@require_form
def template(request: AuthenticatedRequest, code: str, kind: str) -> HttpResponse:
    """An agency's own Word file for a document: its tags, and the file in use."""
    agency = get_object_or_404(Agency, code=code)
    _require_kind(kind)
    problem = ""
    if request.method == "POST":
        try:
            messages.success(request, _change_template(request, agency, kind))
            return _return_to_papers(request, code)
        except DomainError as error:
            problem = str(error)
    current = AgencyTemplate.objects.filter(agency=agency, kind=kind).defer("data").select_related("by").first()
    context = {
        "agency": agency,
        "back": _return_to_papers(request, code).url,
        "kind": kind,
        "name": KINDS[kind],
        "template": current,
        "problem": problem,
        "tags": TAGS[kind].items(),
    }
    return render(request, "documents/template.html", context, status=422 if problem else 200)


def _change_template(request: AuthenticatedRequest, agency: Agency, kind: str) -> str:
    """Set or remove the template as posted; returns the confirmation. Raises DomainError."""
    if "drop" in request.POST:
        actions.remove_template(agency=agency, kind=kind, by=request.user)
        return "กลับไปใช้แบบของระบบแล้ว"
    upload = request.FILES.get("file")
    if upload is None:
        raise DomainError("ยังไม่ได้เลือกไฟล์")
    data = upload.read(MAX_TEMPLATE_BYTES + 1)
    actions.set_template(agency=agency, kind=kind, name=upload.name or "", data=data, by=request.user)
    return "ใช้แม่แบบนี้แล้วตั้งแต่เอกสารฉบับต่อไป"


@require_agency_permission("documents.make")
@require_safe
def starter(request: AuthenticatedRequest, code: str, kind: str) -> HttpResponse:
    """A Word file with every tag of a document in its place, to start a template from."""
    get_object_or_404(Agency, code=code)
    _require_kind(kind)
    from prongsai.documents.agency_templates.starter import build_starter  # with the libraries of Word files

    return _attach(build_starter(kind), f"template-{kind}", "docx")


# --- memos


@require_agency_permission("documents.make")
@require_form
def write_memo(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Write the memo that reports the result of a year."""
    return _write_memo(request, _get_agency(code, fiscal_year), fiscal_year, "memo")


@require_agency_permission("documents.make")
@require_form
def write_register_memo(request: AuthenticatedRequest, code: str, fiscal_year: int, kind: str) -> HttpResponse:
    """Write the memo that puts a paper of a register before the executive."""
    agency = _get_agency(code, fiscal_year)
    if kind not in WITH_MEMO:
        raise Http404
    definition = register_papers()[kind][0]
    if request.method != "POST" and (problem := queries.find_memo_problem(agency, fiscal_year, kind)):
        messages.error(request, problem)
        return redirect("register", code, fiscal_year, definition.key)
    return _write_memo(request, agency, fiscal_year, kind)


def _write_memo(request: AuthenticatedRequest, agency: Agency, fiscal_year: int, about: str) -> HttpResponse:
    settings = sources.find_settings(agency)
    values = {
        "office": f"{settings.prepared_by} {agency.name_th}".strip(),
        "to": settings.executive_position,
        "reference_number": settings.reference_prefix,
        "date": "",
        "subject": "",
    }
    line = sources.list_signing_line(agency, request.user)
    problem = ""
    if request.method == "POST":
        values = {name: request.POST.get(name, "")[:300] for name in values}
        line = _read_line(request.POST)
        try:
            date, problem = _parse_date(values["date"])
            if problem:
                header = {"office": values["office"], "to": values["to"]}
                others = actions.list_memo_problems(agency=agency, **header, line=line)
                raise DomainError("\n".join([problem, *others]))
            memo = actions.write_memo(
                agency=agency,
                fiscal_year=fiscal_year,
                **{name: text for name, text in values.items() if name != "date"},
                date=date,
                line=line,
                about=about,
                by=request.user,
            )
            messages.success(request, "เขียนแล้ว อ่านให้ครบก่อนลงนาม")
            return redirect("memo", agency.code, memo.pk)
        except DomainError as error:
            problem = str(error)
    kind = MEMOS.get(about, about)
    filled = [place for place in line[:-1] if place.position or place.name or place.user]
    context = {
        "agency": agency,
        "year": fiscal_year,
        "kind": kind,
        "edited": _list_own_words(agency, fiscal_year, kind),
        "values": values,
        "proposed": register_papers()[about] if about in WITH_MEMO else None,
        "problem": problem,
        "line": [*filled, *(LinePosition(position="") for _ in range(_EMPTY_PLACES)), *line[-1:]],
        "earlier": queries.find_earlier_memo(agency, fiscal_year, about),
        "people": actions.list_possible_signatories(agency),
        "positions": list(
            dict.fromkeys(filter(None, (settings.executive_position, *(p.position for p in line[::-1]))))
        ),
    }
    return render(request, "documents/write_memo.html", context, status=422 if problem else 200)


def _list_own_words(agency: Agency, fiscal_year: int, kind: str) -> list[queries.EditedPassage]:
    """The passages of a memo that the agency says in other words; none where it cannot be written now."""
    try:
        passages = queries.list_edited_passages(agency, kind, fiscal_year)
    except DocumentDataError:
        return []
    return [passage for passage in passages if passage.is_edited]


def _parse_date(text: str) -> tuple[datetime.date | None, str]:
    """A date as typed, None for none; and what is wrong with it."""
    try:
        return DateField(required=False).clean(text), ""
    except ValidationError as error:
        return None, f"วันที่: {' '.join(error.messages)}"


def _read_line(posted: QueryDict) -> list[LinePosition]:
    """The line as posted: each place by its fields of the same order."""
    places = zip(posted.getlist("position"), posted.getlist("holder"), posted.getlist("signer"), strict=False)
    return [
        LinePosition(
            position=position[:300],
            name=name[:300],
            user=int(user) if user.isdecimal() and len(user) < _ID_DIGITS else None,
        )
        for position, name, user in list(places)[:_MAX_PLACES]
    ]


def _get_memo(code: str, memo_id: int) -> Memo:
    memos = Memo.objects.select_related("agency", "result__result_set", "sheet", "next_signatory", "by")
    return get_object_or_404(memos, pk=memo_id, agency__code=code)


@csp_update({"frame-src": ["'self'"]})
@require_agency_permission("documents.read")
@require_safe
def memo(request: AuthenticatedRequest, code: str, memo_id: int) -> HttpResponse:
    """A memo with the opinions so far, and whose turn it is."""
    return _render_memo(request, _get_memo(code, memo_id))


def _render_memo(
    request: AuthenticatedRequest,
    memo: Memo,
    *,
    status: int = 200,
    redirected: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    differences: Sequence[str] = (),
    hand_form: HandSignatureForm | None = None,
) -> HttpResponse:
    """The page of a memo; ``typed`` are values of a refused signature, ``differences`` what its opinion says otherwise
    than the result; ``redirected`` are values of a refused redirection, ``hand_form`` a refused record of signatures on
    paper."""
    people = actions.list_possible_signatories(memo.agency)
    values = typed or _suggest_next_signatory(request.user, memo, people)
    context = {
        **values,
        "differences": differences,
        "redirected": redirected or {"position": memo.next_position},
        "agency": memo.agency,
        "memo": memo,
        "route": sources.list_route(memo),
        "year": memo.fiscal_year,
        "basis_changed": queries.has_basis_changed(memo),
        "result_replaced": bool(queries.list_replaced_memos(memo.agency, [memo])),
        "is_my_turn": memo.next_signatory_id == request.user.pk,
        "others": [person for person in people if person.pk != request.user.pk],
        "people": people,
        "signatory_has_left": memo.next_signatory is not None and memo.next_signatory not in people,
        "content_digest": _digest_if_printable(memo),
        "files": queries.find_memo_files(memo),
        "hand_form": hand_form or HandSignatureForm(waiting=list_hand_positions(memo), initial={"signed_on": today()}),
    }
    return render(request, "documents/memo.html", context, status=status)


def _suggest_next_signatory(user: User, memo: Memo, people: list[User]) -> dict[str, str]:
    """The next in the line who signs on screen. A memo of an older version has no line: the executive, in the position
    of the settings; nobody after the executive."""
    if "line" in memo.content:
        line = memo.content["line"]
        here = next((n for n, place in enumerate(line) if place["position"] == memo.next_position), -1)
        following = next((place for place in line[here + 1 :] if place["user"] in {p.pk for p in people}), None)
        return {"to": str(following["user"]), "position": following["position"]} if following else {}
    executive = next((person for person in people if person.role == Role.EXECUTIVE), None)
    if executive is None or user.role == Role.EXECUTIVE:
        return {}
    return {"to": str(executive.pk), "position": sources.find_settings(memo.agency).executive_position}


def _digest_if_printable(memo: Memo) -> str:
    """The digest to sign; empty when the memo cannot be printed, and so not be signed."""
    try:
        return actions.digest_memo(memo)
    except DomainError:
        return ""


def _find_signatory(memo: Memo, posted: QueryDict) -> User | None:
    """The chosen signatory, of those a memo may be sent to; None for nobody. Raises DomainError."""
    chosen = posted.get("to", "")
    user = next((u for u in actions.list_possible_signatories(memo.agency) if str(u.pk) == chosen), None)
    if chosen and user is None:
        raise DomainError("ผู้ที่เลือกไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว เลือกผู้อื่น")
    return user


@csp_update({"frame-src": ["'self'"]})
@require_agency_permission("documents.sign")
@require_POST
def sign_memo(request: AuthenticatedRequest, code: str, memo_id: int) -> HttpResponse:
    """Sign with an opinion and pass the memo on."""
    memo = _get_memo(code, memo_id)
    typed = {name: request.POST.get(name, "") for name in ("opinion", "to", "position")}
    # an opinion is never changed once it is signed: a figure that is not the result's is named before
    differences = TextNotes(memo.agency, memo.fiscal_year).of(typed["opinion"]) if memo.result else ()
    if differences and request.POST.get("seen") != typed["opinion"]:
        messages.error(request, "ยังไม่ได้ลงนาม ตัวเลขในความเห็นไม่ตรงกับผลคะแนน ดูที่ช่องความเห็น")
        return _render_memo(request, memo, status=422, typed=typed, differences=differences)
    try:
        actions.sign_memo(
            memo=memo,
            opinion=typed["opinion"],
            content_digest=request.POST.get("content_digest", "")[:64],
            to=_find_signatory(memo, request.POST),
            position=typed["position"],
            by=request.user,
        )
        messages.success(request, "ลงนามแล้ว")
    except DomainError as error:
        memo = _get_memo(code, memo_id)  # as somebody else has left it meanwhile
        if _is_signed_as(memo, request.user, typed["opinion"]):
            return redirect("memo", code, memo_id)  # the button was pressed twice
        messages.error(request, str(error))
        return _render_memo(request, memo, status=422, typed=typed)
    return redirect("memo", code, memo_id)


def _is_signed_as(memo: Memo, user: User, opinion: str) -> bool:
    """Whether this opinion is what a user has just signed with, and the memo waits for another, or for nobody."""
    last = memo.signatures.last()
    signed = last is not None and (last.by_id, last.opinion) == (user.pk, opinion.strip())
    return signed and memo.next_signatory_id != user.pk


@csp_update({"frame-src": ["'self'"]})
@require_agency_permission("documents.make")
@require_POST
def redirect_memo(request: AuthenticatedRequest, code: str, memo_id: int) -> HttpResponse:
    """Send a memo to another signatory."""
    memo = _get_memo(code, memo_id)
    typed = {name: request.POST.get(name, "")[:300] for name in ("to", "position")}
    try:
        to = _find_signatory(memo, request.POST)
        if to is None:
            actions.leave_to_hand(memo=memo, by=request.user)
            messages.success(request, "ตำแหน่งนี้ลงนามด้วยมือบนกระดาษ")
        else:
            actions.redirect_memo(memo=memo, to=to, position=typed["position"], by=request.user)
            messages.success(request, f"เสนอ {to.name} แล้ว")
    except DomainError as error:
        messages.error(request, str(error))
        return _render_memo(request, memo, status=422, redirected=typed)
    return redirect("memo", code, memo_id)


@csp_update({"frame-src": ["'self'"]})
@require_agency_permission("documents.make")
@require_POST
def record_hand(request: AuthenticatedRequest, code: str, memo_id: int) -> HttpResponse:
    """Record that a memo was signed on paper."""
    memo = _get_memo(code, memo_id)
    form = HandSignatureForm(request.POST, request.FILES, waiting=list_hand_positions(memo))
    if not is_upload_valid(request, form):
        return _render_memo(request, memo, status=422, hand_form=form)
    data = form.cleaned_data
    scan = Scan(data["file"].name, get_upload_path(data["file"])) if data["file"] else None
    try:
        record_hand_signatures(
            memo=memo, positions=data["positions"], signed_on=data["signed_on"], scan=scan, by=request.user
        )
        messages.success(request, "บันทึกว่าลงนามด้วยมือแล้ว หากบันทึกผิดถอนได้ที่เส้นทาง")
    except DomainError as error:
        form.add_error(None, str(error))
        return _render_memo(request, memo, status=422, hand_form=form)
    return redirect("memo", code, memo_id)


@require_agency_permission("documents.make")
@require_POST
def withdraw_hand(request: AuthenticatedRequest, code: str, memo_id: int, record_id: int) -> HttpResponse:
    """Take a record of signatures on paper back."""
    record = get_object_or_404(HandSignature, pk=record_id, memo=_get_memo(code, memo_id))
    withdraw_hand_signatures(record=record, by=request.user)
    messages.success(request, "ถอนแล้ว ตำแหน่งนี้กลับไปรอลงนามด้วยมือ")
    return redirect("memo", code, memo_id)


@require_agency_permission("documents.read")
@require_safe
def signed_scan(request: AuthenticatedRequest, code: str, memo_id: int, record_id: int) -> HttpResponseBase:
    """The scan of a signed memo, always as a download: a browser must not open it inside the site."""
    scanned = HandSignature.objects.exclude(scan_sha256="")
    record = get_object_or_404(scanned, pk=record_id, memo=_get_memo(code, memo_id))
    stored = actions.name_file(record.scan_sha256, record.scan_form)
    if not files.exists(stored):
        raise Http404
    return FileResponse(
        files.open_file(stored), as_attachment=True, filename=record.scan_name, content_type="application/octet-stream"
    )


@require_agency_permission("documents.make")
@require_POST
def number_memo(request: AuthenticatedRequest, code: str, memo_id: int) -> HttpResponse:
    """Give a memo its number."""
    memo = _get_memo(code, memo_id)
    try:
        actions.set_reference_number(
            memo=memo, reference_number=request.POST.get("reference_number", ""), by=request.user
        )
        messages.success(request, "บันทึกเลขที่หนังสือแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("memo", code, memo_id)


@require_agency_permission("documents.make")
@require_POST
def write_memo_files(request: AuthenticatedRequest, code: str, memo_id: int) -> HttpResponse:
    """Have the files of a memo written again."""
    memo = _get_memo(code, memo_id)
    try:
        actions.request_memo_files(memo, actions.digest_memo(memo), request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("memo", code, memo_id)


@require_agency_permission("documents.read")
@require_safe
def memo_files(request: AuthenticatedRequest, code: str, memo_id: int) -> HttpResponse:
    """The links to a memo's files, asked for again while they are being written."""
    memo = _get_memo(code, memo_id)
    context = {"agency": memo.agency, "memo": memo, "files": queries.find_memo_files(memo)}
    return render(request, "documents/memo_files.html", context)


@csp_exempt()
@xframe_options_sameorigin
@require_agency_permission("documents.read")
@require_safe
def memo_file(request: AuthenticatedRequest, code: str, memo_id: int, form: str) -> HttpResponse:
    """The memo as it stands: as stored with its last signature, letter by letter, until it was given another number.
    With ``screen`` the page brings letters to be shown in."""
    memo = _get_memo(code, memo_id)
    if form not in (*_CONTENT_TYPES, "html"):
        raise Http404
    try:
        if form == "html":
            page = _load_memo_page(memo)
            return _show_page(page) if "screen" in request.GET else HttpResponse(page, headers=_PREVIEW_HEADERS)
        memo_files = queries.find_memo_files(memo)
        if memo_files.is_ready:
            stored = actions.name_file(memo_files.pdf_sha256 if form == "pdf" else memo_files.docx_sha256, form)
            content = files.read_bytes(stored)
            return _attach(content, f"memo-{code}-{memo_id}", form)
        messages.info(request, memo_files.problem or "กำลังเขียนไฟล์ รออีกสักครู่")
    except OSError:
        messages.error(request, "ไฟล์ของบันทึกข้อความนี้หายไปจากที่เก็บ")
    except DocumentDataError as error:
        messages.error(request, str(error))
    return redirect("memo", code, memo_id)


def _load_memo_page(memo: Memo) -> str:
    signature = memo.signatures.last()
    if signature and not memo.reference_number:
        return signature.html
    return html.write_page(sources.compose_memo(memo))


# --- the national office


@require_permission("documents.batch")
@require_form
def batch(request: AuthenticatedRequest, result_set_id: int) -> HttpResponse:
    """Documents for every agency of a result set: start, and progress."""
    result_set = get_object_or_404(ResultSet, pk=result_set_id)
    if request.method == "POST":
        try:
            kinds = request.POST.getlist("kinds")[:10]
            actions.start_batch(result_set=result_set, kinds=kinds, by=request.user)
            messages.success(request, "เริ่มทำเอกสารแล้ว ทำต่อเองได้แม้ปิดหน้านี้")
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("papers_batch", result_set_id)
    batches = Batch.objects.filter(result_set=result_set)[:10]
    context = {
        "result_set": result_set,
        "batches": batches,
        "is_running": any(b.status == Batch.Status.RUNNING for b in batches),
        "kinds": [(kind, KINDS[kind]) for kind in IN_BATCHES],
    }
    is_swap = request.htmx and not request.htmx.history_restore_request
    return render(request, "documents/batches.html" if is_swap else "documents/batch.html", context)
