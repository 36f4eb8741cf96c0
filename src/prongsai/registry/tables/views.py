"""Pages of tables that go out and come back."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from prongsai.lib import uploads
from prongsai.lib.fields import FilesField, FilesInput
from prongsai.machines import files
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.background import find_states, say_begun
from prongsai.people.lists import Filter, Heading, Listing, stream_list
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.models import Round, TableFile, TableRow, TableUpload
from prongsai.registry.tables import work
from prongsai.registry.tables.kinds import Column, Scope, TableKind, all_kinds, find_kind
from prongsai.registry.uploads import get_upload_path, is_upload_valid

_LAST = 10  # uploads shown on the page of a table
State, Outcome, Status = TableRow.State, TableRow.Outcome, TableUpload.Status
_TONES = {
    State.ADDED: "good",
    State.CHANGED: "weak",
    State.ASKED: "weak",
    State.REFUSED: "bad",
    State.CONFLICT: "bad",
}


_TILES = (
    *((state.value, state.label) for state in State),
    *((outcome.value, outcome.label) for outcome in Outcome if outcome.value),
)


class TableForm(forms.Form):
    """What comes back: one file, or several that are one table together, where the table takes them."""

    file = FilesField(
        label="ไฟล์ที่กรอกแล้ว",
        help_text=f".xlsx .csv หรือ ZIP ของไฟล์เหล่านี้ รวมไม่เกิน {uploads.MAX_MEGABYTES} MB",
        widget=FilesInput(attrs={"accept": ".xlsx,.csv,.zip"}),
    )

    def __init__(self, *args: Any, kind: TableKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["multiple"] = kind.takes_several_files


def _get_kind(request: AuthenticatedRequest, name: str) -> TableKind:
    """The kind of an address. Each has a permission of its own, beside that of these pages."""
    if (kind := find_kind(name)) is None:
        raise Http404
    if not work.may_bring(request.user, kind, request.assessment):
        raise PermissionDenied
    return kind


def _get_scope(request: AuthenticatedRequest, kind: TableKind, fiscal_year: int | None) -> Scope:
    rounds = Round.objects.filter(assessment=request.assessment)
    if not kind.of_round:
        if fiscal_year is not None:
            raise Http404
        return Scope(request.assessment)
    if fiscal_year is None:  # the latest
        fiscal_year = rounds.order_by("-fiscal_year").values_list("fiscal_year", flat=True).first()
    return Scope(request.assessment, get_object_or_404(rounds, fiscal_year=fiscal_year))


def _get_site(request: AuthenticatedRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@require_permission("registry.change")
@require_safe
def table_list(request: AuthenticatedRequest) -> HttpResponse:
    """All tables, and the files that wait for a decision."""
    kinds = [kind for kind in all_kinds() if work.may_bring(request.user, kind, request.assessment)]
    rounds = Round.objects.filter(assessment=request.assessment).exclude(status=Round.Status.CLOSED)
    mine = TableUpload.objects.filter(assessment=request.assessment, kind__in=[kind.name for kind in kinds])
    undecided = mine.exclude(status__in=(Status.DONE, Status.DROPPED))
    context = {
        "tables": [
            (kind, assessment_round) for kind in kinds for assessment_round in (rounds if kind.of_round else [None])
        ],
        "undecided": _name_uploads(undecided.select_related("round", "by")[:50]),
    }
    return render(request, "registry/table_list.html", context)


def _name_uploads(uploads_found: Any) -> list[tuple[TableUpload, str]]:
    return [(u, work.name_scope(kind, u.round)) for u in uploads_found if (kind := find_kind(u.kind))]


@require_permission("registry.change")
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: AuthenticatedRequest, table_name: str, fiscal_year: int | None = None) -> HttpResponse:
    """One table: have it written, fetch it, send it back."""
    kind = _get_kind(request, table_name)
    scope = _get_scope(request, kind, fiscal_year)
    form = TableForm(request.POST if "upload" in request.POST else None, request.FILES or None, kind=kind)
    page = work.path_of_table(scope, kind)
    if request.method == "POST":
        try:
            if "out" in request.POST:
                say_begun(request, work.request_file(kind=kind, scope=scope, by=request.user))
                return redirect(page)
            if is_upload_valid(request, form):
                chosen = [(get_upload_path(file), file.name) for file in form.cleaned_data["file"]]
                upload = work.upload_tables(kind=kind, scope=scope, chosen=chosen, by=request.user)
                return redirect("table_upload", upload_id=upload.pk)
        except DomainError as error:
            form.add_error("file", str(error))
    mine = {"assessment": request.assessment, "kind": table_name, "round": scope.round}
    context = {
        "kind": kind,
        "name": work.name_scope(kind, scope.round),
        "round": scope.round,
        "columns": kind.columns(scope),
        "form": form,
        "file": TableFile.objects.filter(**mine).order_by("-pk").first(),
        "works": find_states((work.write_table_in_background,), work.subject_of(kind, scope)),
        "uploads": TableUpload.objects.filter(**mine).select_related("by")[:_LAST],
    }
    return render(request, "registry/table.html", context, status=422 if form.errors else 200)


@require_permission("registry.change")
@require_safe
def table_file(request: AuthenticatedRequest, file_id: int) -> FileResponse:
    """A table that was written."""
    made = get_object_or_404(TableFile, assessment=request.assessment, pk=file_id)
    _get_kind(request, made.kind)
    year = f"-{made.round.fiscal_year}" if made.round else ""
    return _send(made.stored_as, f"{made.kind}{year}{made.suffix}")


@require_permission("registry.change")
@require_safe
def table_problems(request: AuthenticatedRequest, upload_id: int) -> FileResponse:
    """The rows of an upload that are not stored, with the reason in the last column."""
    upload = get_object_or_404(TableUpload, assessment=request.assessment, pk=upload_id)
    _get_kind(request, upload.kind)
    if not upload.problem_file:
        raise Http404
    return _send(upload.problem_file, f"{upload.kind}-{upload.pk}-problems{Path(upload.problem_file).suffix}")


def _send(stored: str, name: str) -> FileResponse:
    try:
        return FileResponse(
            files.open_file(stored), as_attachment=True, filename=name, headers={"Cache-Control": "no-store"}
        )
    except FileNotFoundError as error:
        raise Http404 from error


@require_permission("registry.change", binding=True)
@require_http_methods(["GET", "HEAD", "POST"])
def table_upload(request: AuthenticatedRequest, upload_id: int) -> HttpResponseBase:
    """A table that came back: what each row does, and the decision."""
    upload = get_object_or_404(
        TableUpload.objects.select_related("round", "by"), assessment=request.assessment, pk=upload_id
    )
    kind = _get_kind(request, upload.kind)
    if request.method == "POST":
        try:
            _decide(request, upload)
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(request.get_full_path())
    listing = _list_rows(upload, request.GET.dict())
    columns = kind.columns(work.scope_of(upload))
    if request.GET.get("format") == "csv":
        titles = ("ตำแหน่ง", "เรื่อง", "ผล", "บันทึก", "รายละเอียด")
        return stream_list(listing, f"{upload.kind}-{upload.pk}", titles, partial(_write_row, columns))
    page = listing.page(request.GET.get("page"))
    page.object_list = [(row, _describe(columns, row), _TONES.get(row.state, "")) for row in page.object_list]
    works = find_states(
        (work.read_table_in_background, work.apply_in_background, work.undo_in_background), str(upload.pk)
    )
    is_working = any(found.is_active for found in works)
    counts = _count(upload)
    context = {
        "upload": upload,
        "name": work.name_scope(kind, upload.round),
        "back": work.path_of_table(work.scope_of(upload), kind),
        "listing": listing,
        "has_list": upload.status != Status.READING and (listing.criteria or listing.rows.exists()),
        "page": page,
        "counts": counts,
        "tiles": [(counts[key], label) for key, label in _TILES if counts[key]],
        "works": works,
        "is_working": is_working,
        "can_drop": upload.status in (Status.READING, Status.WAITING) and not is_working,
        "can_apply": upload.status in (Status.WAITING, Status.APPLYING) and not is_working and counts["planned"],
        "can_undo": upload.status in (Status.DONE, Status.UNDOING, Status.APPLYING)
        and not is_working
        and counts["applied"],
        "seen": work.digest_plan(upload) if upload.status == Status.WAITING else "",
    }
    return render(request, "registry/table_upload.html", context)


def _decide(request: AuthenticatedRequest, upload: TableUpload) -> None:
    site = _get_site(request)
    if "drop" in request.POST:
        work.drop_upload(upload=upload, by=request.user)
        messages.info(request, "ยกเลิกแล้ว ไม่มีอะไรเปลี่ยนแปลง")
    elif "undo" in request.POST:
        say_begun(request, work.request_undoing(upload=upload, by=request.user, site=site))
    elif (number := request.POST.get("row", "")).isdecimal() and len(number) < 18:
        row = get_object_or_404(TableRow, upload=upload, pk=number)
        work.answer_question(row=row, is_new="is_new" in request.POST, by=request.user)
    elif "apply" in request.POST:
        seen = request.POST.get("seen", "")
        say_begun(request, work.request_application(upload=upload, seen=seen, by=request.user, site=site))


def _list_rows(upload: TableUpload, values: dict[str, str]) -> Listing:
    return Listing(
        TableRow.objects.filter(upload=upload),
        values,
        search=lambda rows, text: rows.filter(Q(title__icontains=text) | Q(place__icontains=text)),
        filters=(
            Filter("state", "ผล", State.choices, lambda rows, state: rows.filter(state=state)),
            Filter(
                "outcome",
                "บันทึก",
                [(value or "none", label) for value, label in Outcome.choices],
                lambda rows, outcome: rows.filter(outcome="" if outcome == "none" else outcome),
            ),
        ),
        headings=(
            Heading("place", "ตำแหน่ง", ("position",)),
            Heading("title", "เรื่อง", ("title",)),
            Heading("state", "ผล", ("state",)),
            Heading("detail", "รายละเอียด"),
        ),
        order=("position",),
    )


def _count(upload: TableUpload) -> dict[str, int]:
    """How many rows do what."""
    rows = TableRow.objects.filter(upload=upload)
    found = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    planned = rows.filter(state__in=(State.ADDED, State.CHANGED))
    return {
        **{state.value: found.get(state, 0) for state in State},
        "planned": planned.filter(outcome=Outcome.NONE).count(),
        "applied": rows.filter(outcome=Outcome.APPLIED).count(),
        "undone": rows.filter(outcome=Outcome.UNDONE).count(),
    }


def _describe(columns: Sequence[Column], row: TableRow) -> list[tuple[str, str | None, str]]:
    """The cells that a row adds or changes: heading, before (None of a new row), after."""
    if row.state not in (State.ADDED, State.CHANGED, State.ASKED, State.CONFLICT):
        return []
    if row.before is None:
        return [(c.title, None, text) for c in columns if (text := row.after.get(c.key))]
    return [
        (c.title, row.before.get(c.key, ""), row.after[c.key])
        for c in columns
        if c.key in row.after and row.before.get(c.key) != row.after[c.key]
    ]


def _write_row(columns: Sequence[Column], row: TableRow) -> list[Any]:
    changes = [
        f"{title}: {after}" if before is None else f"{title}: {before} → {after}"
        for title, before, after in _describe(columns, row)
    ]
    detail = "; ".join([*changes, row.reason] if row.reason else changes)
    return [row.place, row.title, row.get_state_display(), row.get_outcome_display(), detail]
