"""All items of a filing in one form with one button, and a table that fills it in."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict

from prongsai.disclosure import actions, pasted, queries
from prongsai.disclosure.forms import TableForm
from prongsai.disclosure.models import Filing
from prongsai.disclosure.views.agency import (
    EDIT,
    editable_url,
    get_filing_or_404,
    parse_indices,
    parse_revision,
    say_what_was_left_out,
)
from prongsai.intake import UnreadableError, read_rows
from prongsai.intake.files import PAGE_LIMITS
from prongsai.lib import digest
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.uploads import get_upload_path, is_upload_valid


@dataclass
class RowForm:
    """An item in the form: what its fields show, and what was stored when it was shown. ``shown`` tells a field that
    nobody touched from one that was typed into; ``filled`` that a table filled it in."""

    row: queries.ItemRow
    addresses: str
    explanation: str
    elements: list[int]
    revision: int
    shown: str
    problem: str = ""
    is_stale: bool = False
    filled: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the row is unfolded: there is something to do in it."""
        return bool(self.problem) or self.filled or not self.row.is_complete

    @property
    def is_whole(self) -> bool:
        return {k for k, _ in self.row.required} <= set(self.elements)


@dataclass
class _Typed:
    """One item as it was posted."""

    addresses: str
    explanation: str
    elements: list[int]
    revision: int = 0
    is_touched: bool = True
    problem: str = ""
    is_stale: bool = False
    filled: bool = False


@dataclass
class _Page:
    """What the page shows beside the rows."""

    table: TableForm = field(default_factory=TableForm)
    problems: list[str] = field(default_factory=list)  # of a table, by row
    status: int = 200
    more: dict[str, Any] = field(default_factory=dict)


@require_agency_permission("disclosure.file")
@EDIT
def edit_all_items(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Every item of the year: its addresses, its explanation and its elements, saved together. What is in order is
    stored; the rest stays as typed with its reason. A table fills in the form and stores nothing."""
    filing = get_filing_or_404(code, fiscal_year)
    rows = queries.item_rows(filing)
    if request.method != "POST":
        return _render(request, filing, rows, {}, _Page())
    typed = {row.item.id: _read_row(request.POST, row) for row in rows if f"revision:{row.item.id}" in request.POST}
    if "read" in request.POST:
        return _fill_from_table(request, filing, rows, typed)
    if "last" in request.POST:
        return _fill_from_last_year(request, filing, rows, typed)
    return _save(request, filing, typed)


def _read_row(post: MultiValueDict[str, str], row: queries.ItemRow) -> _Typed:
    item = row.item.id
    elements = parse_indices(post.getlist(f"elements:{item}"))
    if f"whole:{item}" in post:
        elements = [k for k, _ in row.required]
    typed = _Typed(
        post.get(f"addresses:{item}", ""),
        post.get(f"explanation:{item}", ""),
        elements,
        parse_revision(post.get(f"revision:{item}", "")),
    )
    typed.is_touched = _digest(typed.addresses, typed.explanation, elements) != post.get(f"shown:{item}", "")
    return typed


def _digest(addresses: str, explanation: str, elements: list[int]) -> str:
    """A name for the content of a row's fields, whatever a browser does to the ends of lines."""
    texts = ["\n".join(text.strip().splitlines()) for text in (addresses, explanation)]
    return digest.of_json([*texts, sorted(elements)])[:16]


def _save(request: AuthenticatedRequest, filing: Filing, typed: dict[str, _Typed]) -> HttpResponse:
    edits = [
        actions.EntryEdit(item, row.addresses, row.explanation, row.elements, row.revision)
        for item, row in typed.items()
        if row.is_touched
    ]
    code, year = filing.agency.code, filing.round.fiscal_year
    try:
        filed = actions.file_entries(filing=filing, edits=edits, by=request.user)
    except DomainError as error:
        messages.error(request, f"ยังไม่ได้บันทึก {error} สิ่งที่พิมพ์ยังอยู่ในหน้านี้")
        return _render(request, filing, queries.item_rows(filing), typed, _Page(status=409))
    if filed.saved:
        messages.success(request, f"บันทึกแล้ว {len(filed.saved)} ข้อ")
        say_what_was_left_out(request, {item: typed[item].addresses for item in filed.saved})
    if not filed.problems:
        if not filed.saved:
            messages.info(request, "ไม่มีอะไรเปลี่ยนแปลง")
        return redirect("oit_desk", code, year)
    for item, problem in filed.problems.items():
        typed[item].problem, typed[item].is_stale = problem, item in filed.stale
    unsaved = {item: row for item, row in typed.items() if item in filed.problems}
    page = _Page(status=409 if len(filed.stale) == len(unsaved) else 422, more={"unsaved": list(unsaved)})
    return _render(request, filing, queries.item_rows(filing), unsaved, page)


def _fill_from_table(
    request: AuthenticatedRequest, filing: Filing, rows: list[queries.ItemRow], typed: dict[str, _Typed]
) -> HttpResponse:
    """Fill in what a table says, in place of what the fields had; nothing is stored."""
    table = TableForm(request.POST, request.FILES)
    page = _Page(table=table, status=422)
    if not is_upload_valid(request, table):
        return _render(request, filing, rows, typed, page)
    try:
        cells = _read_cells(table)
    except (UnreadableError, ValueError) as error:
        page.problems = [str(error)]
        return _render(request, filing, rows, typed, page)
    read = pasted.parse_table(cells, [row.item for row in rows])
    stored = {row.item.id: row for row in rows}
    for item, entry in read.entries.items():
        row = typed.setdefault(item, _stored_row(stored[item]))
        for name, text in pasted.iterate_texts(entry):
            setattr(row, name, text)
        row.filled, row.is_touched, row.problem = True, True, _find_problem(row.addresses)
    page.problems = list(read.problems)
    page.status = 422 if read.problems or any(row.problem for row in typed.values()) else 200
    if not read.problems:
        page.table = TableForm()  # the text is in the fields now
    page.more = {"filled_count": len(read.entries), "row_count": read.rows}
    return _render(request, filing, rows, typed, page)


def _read_cells(table: TableForm) -> list[list[str]]:
    """The rows of the uploaded file, or else of the pasted text. Raises UnreadableError or ValueError."""
    file = table.cleaned_data["file"]
    if file:
        return [list(row.cells) for row in read_rows(get_upload_path(file), limits=PAGE_LIMITS)]
    return pasted.split_cells(table.cleaned_data["table"])


def _find_problem(addresses: str) -> str:
    try:
        actions.parse_addresses(addresses)
    except DomainError as error:
        return str(error)
    return ""


def _fill_from_last_year(
    request: AuthenticatedRequest, filing: Filing, rows: list[queries.ItemRow], typed: dict[str, _Typed]
) -> HttpResponse:
    """Fill in the addresses of last year where none stands; nothing is stored."""
    count, last_year = 0, queries.last_year_urls_by_item(filing, [row.item for row in rows])
    for row in rows:
        current = typed.setdefault(row.item.id, _stored_row(row))
        if (urls := last_year[row.item.id]) and not current.addresses.strip():
            current.addresses = "\n".join(map(editable_url, urls))
            current.filled = current.is_touched = True
            count += 1
    return _render(request, filing, rows, typed, _Page(more={"filled_count": count, "is_last_year": True}))


def _stored_row(row: queries.ItemRow) -> _Typed:
    entry = row.entry
    return _Typed(
        "\n".join(editable_url(link.url) for link in row.links),
        entry.explanation if entry else "",
        [k for k, _ in row.ticked],
        entry.revision if entry else 0,
    )


def _row_form(row: queries.ItemRow, typed: _Typed | None) -> RowForm:
    """The fields of an item: as typed where somebody typed, else as stored. A row that was changed meanwhile is then
    based on what is stored, as the form of one item is."""
    stored = _stored_row(row)
    value = typed if typed is not None and typed.is_touched else stored
    return RowForm(
        row=row,
        addresses=value.addresses,
        explanation=value.explanation,
        elements=value.elements,
        revision=stored.revision if value.is_stale else value.revision,
        shown=_digest(stored.addresses, stored.explanation, stored.elements),
        problem=value.problem,
        is_stale=value.is_stale,
        filled=value.filled,
    )


def _render(
    request: AuthenticatedRequest,
    filing: Filing,
    rows: list[queries.ItemRow],
    typed: dict[str, _Typed],
    page: _Page,
) -> HttpResponse:
    last_year = queries.last_year_urls_by_item(filing, [row.item for row in rows])
    context = {
        "filing": filing,
        "agency": filing.agency,
        "round": filing.round,
        "closed_reason": queries.filing_closed_reason(filing),
        "forms": [_row_form(row, typed.get(row.item.id)) for row in rows],
        "table": page.table,
        "table_problems": page.problems,
        "has_last_year": any(last_year[row.item.id] and not row.links for row in rows),
        **page.more,
    }
    return render(request, "disclosure/all_items.html", context, status=page.status)
