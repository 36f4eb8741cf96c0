"""An agency's section as everybody reads it: its pages, their files and tables, the same for a frame elsewhere. In the
agency's name and without scripts, so that it is the same as files on the agency's own host."""

from typing import Any

from csp.decorators import csp_replace
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from prongsai.lib.attachments import TYPES
from prongsai.machines import files
from prongsai.people.access import public_page
from prongsai.registry.models import Agency
from prongsai.sites import item_pages, page_parts, queries
from prongsai.sites.item_pages import ShownPage
from prongsai.sites.models import PagePart
from prongsai.sites.section_entries import list_entries
from prongsai.sites.views.pages import load_page

VERSIONS_SHOWN = 20


def _load_public(code: str, fiscal_year: int, item: str) -> ShownPage:
    shown = load_page(code, fiscal_year, item)
    if shown.page is None or not shown.page.public or shown.version is None:
        raise Http404
    return shown


def _show(request: HttpRequest, shown: ShownPage, template: str, *, is_earlier: bool = False) -> HttpResponse:
    assert shown.page is not None
    context: dict[str, Any] = {
        "agency": shown.agency,
        "year": shown.round.fiscal_year,
        "shown": shown,
        "versions": shown.page.versions.select_related("filed")[:VERSIONS_SHOWN],
        "is_earlier": is_earlier,
    }
    return render(request, template, context)


@public_page
@require_safe
def show_section(request: HttpRequest, code: str) -> HttpResponse:
    """All pages that an agency publishes, by year, and its channels."""
    agency = get_object_or_404(Agency, code=code)
    context = {
        "agency": agency,
        "years": list_entries(agency),
        "settings": queries.find_settings(agency),
    }
    return render(request, "sites/section_index.html", context)


@public_page
@require_safe
def show_page(request: HttpRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """A published page of an item, with the dates of its versions."""
    return _show(request, _load_public(code, fiscal_year, item), "sites/page.html")


@public_page
@require_safe
def show_version(request: HttpRequest, code: str, fiscal_year: int, item: str, number: int) -> HttpResponseBase:
    """A version of a published page that the agency filed to the round, after the page has changed."""
    shown = _load_public(code, fiscal_year, item)
    if number == shown.number:
        return redirect("item_page", code, fiscal_year, shown.item.id)
    earlier = item_pages.find_filed_version(shown, number)
    if earlier is None:
        raise Http404
    return _show(request, earlier, "sites/page.html", is_earlier=True)


@csp_replace({"frame-ancestors": ["*"]})
@public_page
@xframe_options_exempt
@require_safe
def show_embedded(request: HttpRequest, code: str, fiscal_year: int, item: str) -> HttpResponse:
    """The page alone, for a frame on the agency's own website."""
    return _show(request, _load_public(code, fiscal_year, item), "sites/page_embed.html")


def _find_part(code: str, fiscal_year: int, item: str, part_id: int) -> PagePart:
    shown = _load_public(code, fiscal_year, item)
    is_readable = Q(versions=shown.version) | Q(versions__filed__isnull=False, versions__filed__hidden_on=None)
    part = PagePart.objects.filter(is_readable, page=shown.page, pk=part_id).first()
    if part is None:
        raise Http404
    return part


@public_page
@require_safe
def download_file(
    _: HttpRequest, code: str, fiscal_year: int, item: str, part_id: int, suffix: str
) -> HttpResponseBase:
    """A file of a published page, always as a download: nothing that was uploaded is opened inside the site."""
    part = _find_part(code, fiscal_year, item, part_id)
    if part.is_table or part.suffix != suffix:
        raise Http404
    try:
        content = files.open_file(part.stored_as)
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        content,
        as_attachment=True,
        filename=part.file_name,
        content_type=TYPES[part.suffix],  # the middleware forbids to guess another
    )


@public_page
@require_safe
def download_table(_: HttpRequest, code: str, fiscal_year: int, item: str, table_id: int) -> HttpResponseBase:
    """A table of a published page, for a spreadsheet."""
    part = _find_part(code, fiscal_year, item, table_id)
    if not part.is_table:
        raise Http404
    response = StreamingHttpResponse(page_parts.write_csv(part), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-{fiscal_year}-{item}-{part.pk}.csv"'
    return response
