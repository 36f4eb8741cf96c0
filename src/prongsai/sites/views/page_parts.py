"""The desk of a page's files and tables: attach, confirm what was read of a table, remove."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from prongsai.lib.attachments import TYPES
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.sites import held_files, item_pages, page_parts
from prongsai.sites.forms import PartForm
from prongsai.sites.models import HeldFile, TableDraft
from prongsai.sites.views.desk import ALLOW_GET_AND_POST
from prongsai.sites.views.pages import load_page

ROWS_SHOWN = 20  # of a table that waits


@require_agency_permission("sites.answer")
@ALLOW_GET_AND_POST
def show_parts(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """The files and tables of a page; attach one more, beside an element."""
    shown = load_page(code, fiscal_year, item)
    elements = {str(e.index): e.title for e in shown.elements}
    chosen = request.GET.get("element", "")
    held = {str(file.pk): file for file in held_files.list_held(shown, request.user)}
    form = PartForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        elements=elements,
        has_file=request.POST.get("held") in held,
        initial={"element": chosen if chosen in elements else None},
    )
    if request.method == "POST":
        sent, waits = request.FILES.get("file"), held.get(request.POST.get("held", ""))
        is_valid = is_upload_valid(request, form)
        with _open_file(sent, waits) as (path, name):
            if is_valid and _take(request, shown, form, path, name):
                held_files.drop_files([waits] if waits else [])
                return redirect("table_draft" if "table" in request.POST else "page_parts", code, fiscal_year, item)
            if sent is not None and not form.has_error("file", "refused"):
                title = elements.get(request.POST.get("element", ""), shown.elements[0].title)
                held_files.hold_file(shown=shown, element=title, path=path, name=name, by=request.user)
    context = {
        "agency": shown.agency,
        "year": fiscal_year,
        "shown": shown,
        "form": form,
        "held": held_files.list_held(shown, request.user),
        "blanks": page_parts.BLANK_TABLES,
        "draft": _find_draft(request, shown),
    }
    return render(request, "sites/page_parts.html", context, status=422 if form.errors else 200)


@contextmanager
def _open_file(sent: Any, held: HeldFile | None) -> Iterator[tuple[Path, str]]:
    """The file that was sent, or the one that waited; neither: a path without a file."""
    if sent is not None:
        yield get_upload_path(sent), sent.name or ""
    elif held is not None:
        with held_files.open_held(held) as path:
            yield path, held.name
    else:
        yield Path(), ""


def _take(request: AuthenticatedRequest, shown: item_pages.ShownPage, form: PartForm, path: Path, name: str) -> bool:
    """Attach the file of a valid form, or read its table. What is refused becomes an error of the form."""
    elements = {str(e.index): e.title for e in shown.elements}
    is_table = "table" in request.POST
    try:
        (page_parts.read_draft if is_table else page_parts.attach_file)(
            shown=shown,
            element=elements[form.cleaned_data["element"]],
            title=form.cleaned_data["title"],
            path=path,
            name=name,
            by=request.user,
        )
    except page_parts.FileRefusedError as error:
        form.add_error("file", ValidationError(str(error), code="refused"))
        return False
    except DomainError as error:
        form.add_error("file", str(error))
        return False
    if not is_table:
        messages.success(request, "แนบไฟล์แล้ว เป็นฉบับใหม่ของหน้านี้")
    return True


def _find_draft(request: AuthenticatedRequest, shown: item_pages.ShownPage) -> TableDraft | None:
    return TableDraft.objects.filter(page=shown.page, by=request.user).first() if shown.page else None


@require_agency_permission("sites.answer")
@ALLOW_GET_AND_POST
def confirm_table(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """What was read of a table: its columns, its first rows, what could not be read and where; store it, or not."""
    shown = load_page(code, fiscal_year, item)
    draft = _find_draft(request, shown)
    if draft is None:
        if request.method == "POST":  # a second click
            return redirect("page_parts", code, fiscal_year, item)
        raise Http404
    if request.method == "POST":
        if "drop" in request.POST:
            draft.delete()
            messages.info(request, "ยกเลิกแล้ว ไม่มีอะไรเปลี่ยนแปลง")
        elif request.POST.get("seen") != draft.at.isoformat():
            messages.error(request, "มีไฟล์ใหม่กว่ามาแทนตารางที่ท่านเห็น ตรวจตารางนี้ก่อน")
            return redirect("table_draft", code, fiscal_year, item)
        else:
            try:
                page_parts.confirm_draft(shown=shown, draft=draft, by=request.user)
                messages.success(request, f"บันทึกตาราง {len(draft.rows):,} แถวแล้ว เป็นฉบับใหม่ของหน้านี้")
            except DomainError as error:
                messages.error(request, str(error))
        return redirect("page_parts", code, fiscal_year, item)
    context = {
        "agency": shown.agency,
        "year": fiscal_year,
        "shown": shown,
        "draft": draft,
        "first_rows": draft.rows[:ROWS_SHOWN],
        "seen": draft.at.isoformat(),
    }
    return render(request, "sites/table_draft.html", context)


@require_agency_permission("sites.answer")
@require_POST
def remove_part(request: AuthenticatedRequest, code: str, fiscal_year: int, item: str, part_id: int) -> HttpResponse:
    """Take a file or table out of the page, in a new version."""
    shown = load_page(code, fiscal_year, item)
    part = next((p for p in shown.parts if p.pk == part_id), None)
    if part is None:
        raise Http404
    item_pages.remove_part(shown=shown, part_id=part_id, by=request.user)
    messages.success(request, f"นำ “{part.title}” ออกจากหน้านี้แล้ว ฉบับก่อนยังเก็บไว้")
    return redirect("page_parts", code, fiscal_year, item)


@require_agency_permission("sites.answer")
@require_safe
def download_blank(_: AuthenticatedRequest, code: str, table: str) -> HttpResponse:  # noqa: ARG001 (of the address)
    """A workbook to fill in."""
    found = next((t for t in page_parts.BLANK_TABLES if t.key == table), None)
    if found is None:
        raise Http404
    response = HttpResponse(page_parts.write_blank(found), content_type=TYPES["xlsx"])
    response["Content-Disposition"] = f'attachment; filename="{found.key}.xlsx"'
    return response
