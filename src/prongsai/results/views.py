"""Pages of results: an agency's own desk, imports with their review, and the result sets of the national office."""

import datetime
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.lib import fiscal
from prongsai.machines.files import list_folder
from prongsai.people.access import is_allowed, require_permission
from prongsai.people.actions import DomainError
from prongsai.people.background import find_proposals, find_states, say_begun
from prongsai.people.lists import send_csv, stream_list
from prongsai.people.models import User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.second_person import require_typed
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import find_agencies_by_name, today
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.results import actions, errata, queries, receipts, release
from prongsai.results.document_reading import open_cutting
from prongsai.results.forms import BulkImportForm, DocumentForm, TypedResultForm
from prongsai.results.models import AgencyResult, Import, ResultSet
from prongsai.results.set_table import list_results
from prongsai.rulebooks.queries import find_framework

_SLOW_READING = datetime.timedelta(seconds=30)  # longer than any file should take
allow_get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@require_agency_permission("results.read")
@require_safe
def agency_desk(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """An agency's own desk: its fiscal year, its published results and imports."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    imports = Import.objects.filter(agency=agency, shape=Import.Shape.DOCUMENT)[:20]
    sets = ResultSet.objects.filter(results__agency=agency, origin=ResultSet.Origin.IMPORT)
    history = queries.own_history(agency)
    return render(
        request,
        "results/agency_desk.html",
        {
            "agency": agency,
            "unconfirmed": [i for i in imports if i.status == Import.Status.READY],
            "imports": imports,
            "sets": sets.order_by("-fiscal_year", "-pk").prefetch_related("publications")[:20],
            "counting": {row.result.result_set_id for row in history},
            "history": history,
            "shown_years": [row.fiscal_year for row in history],
        },
    )


@require_agency_permission("results.import")
@allow_get_and_post
def upload_document(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Upload a document with one agency's results, name the address of one, or paste its text."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    known = {name: request.GET[name][:200] for name in ("address", "fiscal_year") if name in request.GET}
    form = DocumentForm(*posted, assessment=request.assessment, initial=known)
    if request.method == "POST" and is_upload_valid(request, form):
        try:
            imported = _import_document(form, agency, request.user)
        except DomainError as error:
            form.add_error("address" if form.cleaned_data["address"] else None, str(error))
        else:
            return redirect("import_document", code=code, import_id=imported.pk)
    return render(
        request,
        "results/upload.html",
        {"form": form, "agency": agency, "title": f"นำเข้าผลที่ประกาศแล้ว ของ{agency}"},
        status=400 if form.errors else 200,
    )


def _import_document(form: DocumentForm, agency: Agency, by: User) -> Import:
    """The file, the address or the pasted text of a form as an import. Raises DomainError for an address."""
    what: dict[str, Any] = {"agency": agency, "fiscal_year": form.cleaned_data["fiscal_year"], "by": by}
    if address := form.cleaned_data["address"].strip():
        return actions.import_address(address=address, **what)
    what["shape"] = Import.Shape.DOCUMENT
    if file := form.cleaned_data["file"]:
        return actions.upload(path=get_upload_path(file), file_name=file.name, **what)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "document")
        path.write_text(form.cleaned_data["text"], encoding="utf-8")
        return actions.upload(path=path, file_name="document.txt", source="ข้อความที่วาง", **what)


@require_agency_permission("results.import")
@allow_get_and_post
def type_result(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """Begin a result that is typed: its year and where it is taken from. What a file that could not be read said of
    them stands in the address."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    last_year = fiscal.year_of(today()) - 1  # of whose result a year's work is made
    known = {name: request.GET[name][:200] for name in ("fiscal_year", "source") if name in request.GET}
    form = TypedResultForm(
        request.POST or None, assessment=request.assessment, initial={"fiscal_year": last_year, **known}
    )
    if request.method == "POST" and form.is_valid():
        imported = actions.begin_typed_result(
            agency=agency,
            fiscal_year=form.cleaned_data["fiscal_year"],
            source=form.cleaned_data["source"],
            by=request.user,
        )
        return redirect("import_document", code=code, import_id=imported.pk)
    context = {"form": form, "agency": agency, "title": f"พิมพ์ผลที่ประกาศแล้ว ของ{agency}", "is_typed": True}
    return render(request, "results/upload.html", context, status=400 if form.errors else 200)


@dataclass(frozen=True)
class _Review:
    """A document under review: the year to store, and whether it names another agency."""

    imported: Import
    agency: Agency
    year: int
    has_other_name: bool


@require_agency_permission("results.import")
@allow_get_and_post
def review_document(request: AuthenticatedRequest, code: str, import_id: int) -> HttpResponse:
    """The review of an imported document: each figure beside the place it was read from. Nothing is a result until it
    is confirmed; what is typed is kept with the import meanwhile, and a page with an error shows it as it was typed."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    imported = get_object_or_404(Import, pk=import_id, agency=agency, shape=Import.Shape.DOCUMENT)
    context: dict[str, Any] = {"agency": agency, "imported": imported}
    if imported.status == Import.Status.READING:
        is_slow = timezone.now() - imported.created_at > _SLOW_READING
        return render(request, "results/reading.html", {**context, "is_slow": is_slow})
    if imported.status in (Import.Status.FAILED, Import.Status.DROPPED):
        return render(request, "results/failed.html", context)
    years = queries.import_years(imported)
    year = _choose_year(request, years)
    if year is None:
        return render(request, "results/failed.html", {**context, "unknown_year": True})
    review = _Review(imported, agency, year, _has_other_name(imported, agency))
    if queries.find_confirmed_result(imported, year) is not None:
        return _answer_about_confirmed(request, review, {**context, "years": years})
    draft = queries.find_draft(imported, year)
    typed = _typed_values(request) if request.method == "POST" else draft.get("values")
    comments = _typed_comments(request) if request.method == "POST" else draft.get("comments")
    if request.method == "POST" and not _ANSWERED_WITH_FIGURES & request.POST.keys():
        try:
            return _decide_on_document(request, review, typed or {}, comments or {})
        except DomainError as error:
            context["error"] = str(error)
    figures = queries.review_figures(imported, year, typed)
    if "fill" in request.POST:
        typed = {**(typed or {}), **{x.node: x.computed for x in figures if x.computed}}
        figures = queries.review_figures(imported, year, typed)
    if request.method == "POST":
        actions.save_draft(imported=imported, fiscal_year=year, values=typed or {}, comments=comments or {})
        draft = queries.find_draft(imported, year)
    is_typed = queries.is_typed(imported)
    details = [x for x in figures if x.is_detail and is_typed]
    reviewed = queries.review_comments(imported, year, {x.node: x.value for x in figures}, comments)
    context |= _describe_replacement(request, review, {x.node: x.value for x in figures}, reviewed)
    context |= {
        "figures": [x for x in figures if x not in details],
        "details": details,
        "has_details": any(x.value for x in details),
        "can_fill": any(x.computed for x in figures),
        "comments": reviewed,
        "saved_at": parse_datetime(draft.get("saved_at", "")),
        "year": year,
        "years": years,
        "contradicted": [x for x in figures if x.contradicted],
        "computed_otherwise": [x for x in figures if x.is_computed_otherwise],
        "in_conflict": queries.list_in_conflict(imported, year, figures),
        "unreadable": [x for x in figures if x.problem],
        "is_audited": any(x.check for x in figures),
        "unsure": [x for x in figures if not x.sure],
        "has_other_name": review.has_other_name,
        "is_confirmed_same": "same" in request.POST,
        "is_typed": is_typed,
        "has_rules": find_framework(agency.assessment_id, year) is not None,
    }
    return render(request, _review_template(request), context, status=409 if "error" in context else 200)


@require_agency_permission("results.import")
@require_safe
def show_cutting(request: AuthenticatedRequest, code: str, import_id: int, number: int) -> HttpResponse:
    """The part of a scan that figures were read from, drawn anew."""
    imported = get_object_or_404(
        Import, pk=import_id, agency__code=code, agency__assessment=request.assessment, shape=Import.Shape.DOCUMENT
    )
    picture = open_cutting(imported, number)
    if picture is None:
        raise Http404
    return HttpResponse(picture, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


def _describe_replacement(
    request: AuthenticatedRequest, review: _Review, values: Mapping[str, str], comments: Sequence[queries.CommentReview]
) -> dict[str, Any]:
    """What the page says of the result that this one would take the place of, where there is one."""
    recorded = queries.find_recorded_result(review.agency, review.year)
    if recorded is None:
        return {"replacement": None}
    return {
        "replacement": queries.preview_replacement(recorded, values, {c.item: c.text for c in comments}),
        "is_replacing": request.POST.get("replaces") == str(recorded.pk),
        "is_replacement_shown": request.POST.get("shown_replacement") == str(recorded.pk),
    }


def _answer_about_confirmed(request: AuthenticatedRequest, review: _Review, context: dict[str, Any]) -> HttpResponse:
    """A year of a document that is confirmed: what was confirmed, to read; a correction begins with it, and where
    another result took its place, it can be used again."""
    imported, agency, year = review.imported, review.agency, review.year
    result = queries.find_confirmed_result(imported, year)
    assert result is not None
    figures = {f["node"]: f["value"] for f in result.basis["figures"]}
    comments = result.basis.get("comments", {})
    if "correct" in request.POST:
        begun = actions.begin_typed_result(
            agency=agency,
            fiscal_year=year,
            source=imported.file_name,
            values=figures,
            comments=comments,
            by=request.user,
        )
        return redirect("import_document", code=agency.code, import_id=begun.pk)
    if "again" in request.POST:
        try:
            actions.use_again(
                imported=imported,
                agency=agency,
                fiscal_year=year,
                reason=request.POST.get("reason", ""),
                replaces=_parse_id(request.POST.get("replaces", "")),
                by=request.user,
            )
        except DomainError as error:
            context["error"] = str(error)
        else:
            messages.success(request, f"กลับมาใช้ผลนี้เป็นผลปี {year} แล้ว")
            return redirect("agency_result", code=agency.code, fiscal_year=year)
    elif _is_live(request):  # asked before the figures were confirmed, answered after: nothing is left to show
        return HttpResponse(status=204)
    elif request.method == "POST":
        context["error"] = f"ผลปี {year} ของไฟล์นี้ยืนยันไปแล้ว ไม่มีอะไรเปลี่ยนแปลง"
    framework = queries.framework_of(result.result_set)
    reviewed = queries.review_comments(imported, year, figures, comments)
    context |= _describe_replacement(request, review, figures, reviewed)
    context |= {
        "year": year,
        "result": result,
        "figures": [
            (queries.node_name(framework, f["node"]), queries.print_figure(framework, f["node"], f["value"]), f)
            for f in result.basis["figures"]
        ],
        "comments": [c for c in reviewed if c.text],
        "is_typed": queries.is_typed(imported),
        "is_last": queries.latest_import_of(agency, year) == result.result_set,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "results/confirmed_document.html", context, status=409 if "error" in context else 200)


def _parse_id(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


_ANSWERED_WITH_FIGURES = {"check", "fill"}  # buttons that decide nothing


def _review_template(request: AuthenticatedRequest) -> str:
    """The whole page; while somebody types the summary and the verdicts alone: the fields stay as they are."""
    return "results/figures_live.html" if _is_live(request) else "results/review_document.html"


def _is_live(request: AuthenticatedRequest) -> bool:
    """Whether the page asks by itself, while somebody types."""
    return bool(request.method == "POST" and request.htmx and "live" in request.POST)


def _choose_year(request: AuthenticatedRequest, years: list[int]) -> int | None:
    """The year that the request asks for, else the first; None when there is none."""
    text = (request.POST or request.GET).get("year", "")
    if text.isdecimal() and len(text) == 4 and int(text) in years:
        return int(text)
    return next(iter(years), None)


def _typed_values(request: AuthenticatedRequest) -> dict[str, str]:
    return {k[2:]: request.POST[k].strip()[:40] for k in request.POST if k.startswith("v:")}


def _typed_comments(request: AuthenticatedRequest) -> dict[str, str]:
    return {k[2:]: request.POST[k].strip() for k in request.POST if k.startswith("c:")}


def _has_other_name(imported: Import, agency: Agency) -> bool:
    name = imported.reading["agency"]
    return bool(name) and agency not in find_agencies_by_name(name, assessment=agency.assessment_id)


def _decide_on_document(
    request: AuthenticatedRequest, review: _Review, typed: dict[str, str], comments: dict[str, str]
) -> HttpResponse:
    """Discard or confirm a document, as the pressed button says. Raises DomainError when it can't be confirmed."""
    if "drop" in request.POST:
        actions.drop_import(imported=review.imported, by=request.user)
        messages.info(request, "ยกเลิกแล้ว ไม่มีอะไรถูกบันทึก")
        return redirect("agency_desk", code=review.agency.code)
    if review.has_other_name and "same" not in request.POST:
        raise DomainError("ชื่อหน่วยงานในเอกสารไม่ตรงกับหน่วยงานนี้ หากแน่ใจว่าเป็นเอกสารของหน่วยงานนี้ ให้ทำเครื่องหมายยืนยันก่อน")
    figures = queries.review_figures(review.imported, review.year, typed)
    unseen = [x.name for x in figures if x.contradicted and x.node not in request.POST.getlist("seen")]
    if unseen:
        raise DomainError(
            f"ตัวเลขขัดกับตัวเลขอื่น {len(unseen)} รายการ: {', '.join(unseen[:5])} "
            "ดูแถวที่ทำเครื่องหมาย แก้ให้ถูก หรือกดยืนยันอีกครั้งหากประกาศพิมพ์ไว้เช่นนี้จริง"
        )
    actions.confirm_document(
        imported=review.imported,
        agency=review.agency,
        fiscal_year=review.year,
        values={n: v for n, v in typed.items() if v},
        comments=comments,
        replaces=_parse_id(request.POST.get("replaces", "")),
        by=request.user,
    )
    messages.success(request, f"บันทึกผลปี {review.year} แล้ว รอส่วนกลางเผยแพร่")
    return redirect("agency_desk", code=review.agency.code)


# --- the national office


@require_permission("results.list")
@require_safe
def list_result_sets(request: AuthenticatedRequest) -> HttpResponse:
    """All result sets, newest first, and bulk imports without a decision."""
    sets = (
        ResultSet.objects.filter(assessment=request.assessment)
        .select_related("by", "corrects")
        .prefetch_related("publications")
    )
    page = Paginator(sets, 50).get_page(request.GET.get("page"))
    imports = Import.objects.filter(assessment=request.assessment, shape=Import.Shape.BULK)[:10]
    return render(
        request,
        "results/result_sets.html",
        {
            "page": page,
            "imports": imports,
            "rounds": Round.objects.filter(assessment=request.assessment).exclude(status=Round.Status.CLOSED),
            "shown_years": {result_set.fiscal_year for result_set in page},
        },
    )


_MAX_DIFFERENCES = 200  # shown of what a correction changed
_ACTS_ON_SETS = (actions.publish_in_background, actions.withdraw_in_background)


@require_permission("results.list")
@require_safe
def show_result_set(request: AuthenticatedRequest, result_set_id: int) -> HttpResponseBase:
    """A result set: its results, its source, its publications, and what it corrects."""
    result_set = get_object_or_404(
        ResultSet.objects.select_related("by", "corrects"), assessment=request.assessment, pk=result_set_id
    )
    listing = list_results(result_set, request.GET.dict())
    if request.GET.get("format") == "csv":
        titles = ("รหัส", "ชื่อ", "ประเภท", "จังหวัด", "คะแนนรวม", "ระดับ")
        return stream_list(listing, f"results-{result_set.pk}", titles, _write_result)
    page = listing.page(request.GET.get("page"))
    is_public = result_set.publications.filter(withdrawn_at=None).exists()
    context: dict[str, Any] = {
        "result_set": result_set,
        "listing": listing,
        "page": page,
        "publications": result_set.publications.select_related("by", "withdrawn_by", "erratum"),
        "most_differences": _MAX_DIFFERENCES,
        "is_public": is_public,
        "works": (works := find_states(_ACTS_ON_SETS, str(result_set.pk))),
        "has_commitments": is_public and result_set.origin == ResultSet.Origin.RUN and queries.is_protected(result_set),
        "is_changing": any(work.is_active for work in works),
        "proposals": find_proposals(_ACTS_ON_SETS, str(result_set.pk)),
        "framework": (framework := queries.framework_of(result_set)),
        "readings": queries.name_readings(result_set.readings, framework),
    }
    if result_set.origin == ResultSet.Origin.IMPORT and result_set.results.count() == 1:
        figures = result_set.results.get().basis["figures"]
        context["changed_figures"] = [f for f in figures if f["value"] != f["printed"]]
    if is_allowed(request.user, "results.publish", assessment=request.assessment):
        context["preview"] = preview = queries.preview_publication(result_set, withdrawal=is_public)
        context["is_correction"] = preview.changed > 0 or errata.has_been_public(result_set)
        context["reason"] = errata.suggest_reason(result_set)
        if not is_public:
            context["report"] = release.report(result_set)
    if result_set.corrects:
        context["differences"] = errata.list_differences(result_set.corrects, result_set, limit=_MAX_DIFFERENCES)
    return render(request, "results/result_set.html", context)


def _write_result(result: AgencyResult) -> list[Any]:
    agency = result.agency
    kind = agency.get_kind_display()
    return [agency.code, agency.name_th, kind, agency.province, result.overall, result.level]


@require_permission("results.publish", binding=True)
@require_POST
def publish(request: AuthenticatedRequest, result_set_id: int) -> HttpResponse:
    """Have a result set published."""
    result_set = get_object_or_404(ResultSet, assessment=request.assessment, pk=result_set_id)
    try:
        require_typed(request.POST.get("typed", ""), result_set.fiscal_year)
        asked = actions.request_publication(
            result_set=result_set,
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", ""),
            by=request.user,
        )
        say_begun(request, asked)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("result_set", result_set_id=result_set_id)


@require_permission("results.publish", binding=True)
@require_POST
def withdraw(request: AuthenticatedRequest, result_set_id: int) -> HttpResponse:
    """Have a published result set withdrawn, with a reason."""
    result_set = get_object_or_404(ResultSet, assessment=request.assessment, pk=result_set_id)
    try:
        require_typed(request.POST.get("typed", ""), result_set.fiscal_year)
        asked = actions.request_withdrawal(
            result_set=result_set, reason=request.POST.get("reason", ""), by=request.user
        )
        say_begun(request, asked)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("result_set", result_set_id=result_set_id)


@require_permission("results.publish", binding=True)
@require_POST
def open_receipt(request: AuthenticatedRequest, result_set_id: int) -> HttpResponse:
    """Download the exact totals that an agency's receipt commits to, for an auditor."""
    result_set = get_object_or_404(ResultSet, assessment=request.assessment, pk=result_set_id)
    code = request.POST.get("agency", "").strip()[:40]
    result = result_set.results.select_related("agency", "result_set").filter(agency__code=code).first()
    try:
        if result is None:
            raise DomainError(f"ชุดผลนี้ไม่มีหน่วยงานรหัส “{code}”")
        opening = receipts.open_receipt(result=result, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("result_set", result_set_id=result_set_id)
    response = HttpResponse(json.dumps(opening, ensure_ascii=False, indent=1), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="opening-{code}-{result_set.fiscal_year}.json"'
    return response


@require_permission("results.run")
@allow_get_and_post
def run_round(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Compute a round from the sealed parcels in its folder."""
    assessment_round = get_object_or_404(Round, assessment=request.assessment, fiscal_year=fiscal_year)
    folder = assessment_round.parcels
    files = [name for name in list_folder(folder) if name.endswith(".parquet")]
    if request.method == "POST":
        try:
            actions.request_round(assessment_round=assessment_round, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("run_round", fiscal_year)
        messages.success(request, "เริ่มคำนวณแล้ว เสร็จเมื่อใดจะแจ้งเตือน")
        return redirect("result_sets")
    corrects = queries.find_corrected(assessment_round)
    context = {
        "round": assessment_round,
        "files": files,
        "folder": folder,
        "corrects": corrects,
        "note": errata.describe_reopened(errata.find_reopened_since(corrects)) if corrects else "",
        "unfinished": release.count_unfinished(assessment_round),
        **release.count_collected(assessment_round),
    }
    return render(request, "results/run.html", context)


@require_permission("results.import_bulk")
@allow_get_and_post
def upload_bulk(request: AuthenticatedRequest) -> HttpResponse:
    """Upload a table with the results of many agencies."""
    form = BulkImportForm(request.POST or None, request.FILES or None, assessment=request.assessment)
    if request.method == "POST" and is_upload_valid(request, form):
        file = form.cleaned_data["file"]
        imported = actions.upload(
            path=get_upload_path(file),
            file_name=file.name,
            shape=Import.Shape.BULK,
            assessment=request.assessment,
            by=request.user,
            fiscal_year=form.cleaned_data["fiscal_year"],
        )
        return redirect("bulk_import", import_id=imported.pk)
    return render(
        request,
        "results/upload.html",
        {"form": form, "title": "นำเข้าผลของหลายหน่วยงาน"},
        status=400 if form.errors else 200,
    )


@require_permission("results.import_bulk")
@allow_get_and_post
def bulk_import(request: AuthenticatedRequest, import_id: int) -> HttpResponseBase:
    """A bulk import: progress of reading, refused rows, and the decision."""
    imported = get_object_or_404(Import, assessment=request.assessment, pk=import_id, shape=Import.Shape.BULK)
    if request.method == "POST":
        try:
            if "drop" in request.POST:
                actions.drop_import(imported=imported, by=request.user)
                return redirect("result_sets")
            say_begun(request, actions.request_confirmation(imported=imported, by=request.user))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("bulk_import", import_id=import_id)
    refused = imported.rows.exclude(problem="")
    if request.GET.get("format") == "csv":
        rows = ([r.place, r.problem, *(f"{n} {v}" for n, v in r.figures.items())] for r in refused.iterator())
        return send_csv(f"refused-{imported.pk}", ("ตำแหน่ง", "เหตุผล", "คะแนนที่อ่านได้"), rows)
    contradicted = imported.rows.filter(problem="").exclude(contradicted=[])
    context = {
        "imported": imported,
        "work": (work := actions.confirm_in_background.state(str(import_id))),
        "is_confirming": work is not None and work.is_active,
        "result_set": imported.result_sets.first(),
        "refused": refused[:200],
        "refused_count": refused.count(),
        "contradicted": contradicted.select_related("agency")[:200],
        "contradicted_count": contradicted.count(),
        "valid_count": imported.rows.filter(problem="").count(),
    }
    template = "results/bulk_progress.html" if request.htmx else "results/bulk_import.html"
    return render(request, template, context)
