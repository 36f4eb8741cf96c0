"""The public log as files for programs, and as a page for people."""

from http import HTTPStatus

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from prongsai.lib import tlog
from prongsai.people.access import public_page
from prongsai.publiclog import queries
from prongsai.publiclog.models import Cosignature, LogEntry

_ENTRIES_PER_PAGE = 50
_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"


def _share(response: HttpResponse) -> HttpResponse:
    """Let pages of other sites read it: whoever checks the log need not trust this site's pages."""
    response["Access-Control-Allow-Origin"] = "*"
    return response


@public_page
@require_safe
def show_log(request: HttpRequest) -> HttpResponse:
    """What the log is, how to check it, and its newest entries."""
    entries = Paginator(LogEntry.objects.order_by("-index"), _ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    checkpoint = queries.latest_checkpoint()
    context = {
        "page": entries,
        "entries": [queries.describe_entry(entry) for entry in entries],
        "checkpoint": checkpoint,
        "cosignatures": checkpoint.cosignatures.all() if checkpoint else [],
        "key": queries.public_key(),
    }
    return render(request, "publiclog/log.html", context)


@public_page
@require_safe
def verify_page(request: HttpRequest) -> HttpResponse:
    """Verify a receipt in the visitor's browser: nothing of it comes here."""
    return render(request, "publiclog/verify.html", {"key": queries.public_key()})


@public_page
@require_safe
@cache_control(public=True, max_age=5)
def checkpoint(_: HttpRequest) -> HttpResponse:
    newest = queries.latest_checkpoint()
    if newest is None:
        return HttpResponse("ยังไม่มีรายการ\n", content_type=_TEXT, status=HTTPStatus.NOT_FOUND)
    return _share(HttpResponse(queries.note_of(newest), content_type=_TEXT))


@public_page
@require_safe
def key(_: HttpRequest) -> HttpResponse:
    """The public key. It proves nothing to whoever has it from here alone: compare it with one from elsewhere."""
    public_key = queries.public_key()
    if public_key is None:
        return HttpResponse("ยังไม่มีรายการ\n", content_type=_TEXT, status=HTTPStatus.NOT_FOUND)
    return _share(HttpResponse(f"{public_key}\n", content_type=_TEXT))


@public_page
@require_safe
def timestamp(_: HttpRequest, size: int, number: int) -> HttpResponse:
    """What a time-stamping authority answered for the checkpoint of a size (RFC 3161)."""
    stamp = get_object_or_404(Cosignature, pk=number, checkpoint__size=size, token__isnull=False)
    return _share(HttpResponse(bytes(stamp.token or b""), content_type="application/timestamp-reply"))


@public_page
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def tile(_: HttpRequest, level: str, place: str) -> HttpResponse:
    """A tile of hashes, or a bundle of entries; neither ever changes."""
    path, _separator, partial = place.partition(".p/")
    index, width = tlog.parse_index_path(path), _parse_width(partial) if partial else tlog.TILE_WIDTH
    if index is None or not (level == "entries" or (level.isascii() and level.isdecimal() and len(level) < 3)):
        raise Http404
    data = queries.read_bundle(index, width) if level == "entries" else queries.read_tile(int(level), index, width)
    if data is None:
        raise Http404
    return _share(HttpResponse(data, content_type=_BYTES))


def _parse_width(text: str) -> int:
    """1 to 255, written in its one right way; 0 for anything else, which no tile has."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 3 and str(int(text)) == text
    return int(text) if is_number and int(text) < tlog.TILE_WIDTH else 0
