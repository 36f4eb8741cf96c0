"""Lists that a person can work with: searched, filtered, sorted, in pages of any size, by an address that can be
shared; and acts on what was picked, or on all that matches.

A room says what its list is in one function ``(assessment, values) -> Listing``, which its page and its worker use. All
that matches is never a list of keys: the filter goes along, through the page that asks, to the worker. What that page
showed goes along as a digest, and an act whose rows are not those any more is refused.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from prongsai.lib import digest
from prongsai.lib.spreadsheets import stream_csv
from prongsai.people.actions import DomainError
from prongsai.people.background import BackgroundAction, say_begun
from prongsai.people.requests import AuthenticatedRequest

PAGE_SIZES = (25, 100, 500)
_MAX_TEXT = 120
_SHOWN = 200  # rows that the page before an act names
_CHANGED = "รายการที่ตรงเปลี่ยนไปหลังจากที่เปิดหน้านี้ ดูรายการอีกครั้งแล้วจึงสั่ง"


def read_size(values: Mapping[str, str]) -> int:
    """The size of a page that an address asks for; the smallest unless it is one of those."""
    text = values.get("size", "")
    size = int(text) if text.isdecimal() and len(text) < 6 else 0
    return size if size in PAGE_SIZES else PAGE_SIZES[0]


@dataclass(frozen=True)
class Filter:
    """A filter: its name in addresses, its title, its options (value, title), and the rows that an option leaves."""

    name: str
    title: str
    options: Sequence[tuple[str, str]]
    keep: Callable[[Any, str], Any]


@dataclass(frozen=True)
class Heading:
    """A column: its key and title, and the fields by which it sorts, none where it does not."""

    key: str
    title: str
    fields: tuple[str, ...] = ()
    is_number: bool = False


class Listing:
    """A list as an address asks for it. An option or a column that there is not is taken for none."""

    def __init__(
        self,
        rows: QuerySet[Any],
        values: Mapping[str, str],
        *,
        search: Callable[[Any, str], Any] | None = None,
        filters: Sequence[Filter] = (),
        headings: Sequence[Heading],
        order: Sequence[str | OrderBy],
    ) -> None:
        self.headings, self.can_search = headings, search is not None
        self.text = values.get("q", "").strip()[:_MAX_TEXT] if search else ""
        self.filters = [(f, chosen if (chosen := values.get(f.name, "")) in dict(f.options) else "") for f in filters]
        self.sort = next((h for h in headings if h.fields and h.key == values.get("sort")), None)
        self.is_backwards = values.get("order") == "down"
        self.size = read_size(values)
        if search and self.text:
            rows = search(rows, self.text)
        for chosen_filter, chosen in self.filters:
            if chosen:
                rows = chosen_filter.keep(rows, chosen)
        fields = self.sort.fields if self.sort else ()
        turned = [OrderBy(F(f), descending=self.is_backwards, nulls_last=True) for f in fields]
        is_ranked = rows.query.order_by and not fields  # by how well it matches what is searched
        self.rows: QuerySet[Any] = rows if is_ranked else rows.order_by(*turned, *order)

    @property
    def criteria(self) -> dict[str, str]:
        """What decides which rows there are, without their order and pages."""
        chosen = {f.name: value for f, value in self.filters if value}
        return chosen | ({"q": self.text} if self.text else {})

    def page(self, number: str | None) -> Page[Any]:
        return Paginator(self.rows, self.size).get_page(number)

    @property
    def sizes(self) -> tuple[int, ...]:
        return PAGE_SIZES


@dataclass(frozen=True)
class Chosen:
    """What an act is done to: all that matches the criteria, or what was picked."""

    is_all: bool
    criteria: Mapping[str, str]
    picks: Sequence[int]

    def rows(self, list_of: Callable[[Mapping[str, str]], Listing]) -> QuerySet[Any]:
        """The rows, as they are now."""
        rows: QuerySet[Any] = list_of(self.criteria if self.is_all else {}).rows
        if not self.is_all:
            rows = rows.filter(pk__in=self.picks)
        return rows

    def stored(self) -> dict[str, Any]:
        """As the argument of a job."""
        return {
            "is_all": self.is_all,
            "criteria": dict(self.criteria),
            "picks": [] if self.is_all else list(self.picks),
        }


def digest_rows(rows: QuerySet[Any]) -> str:
    """A digest of which rows there are, in whatever order."""
    return digest.of_json(sorted(rows.order_by().values_list("pk", flat=True)))


def read_stored(
    stored: Mapping[str, Any], list_of: Callable[[Mapping[str, str]], Listing], act: "Act", seen: str
) -> QuerySet[Any]:
    """The rows of ``Chosen.stored`` that an act is for. Raises DomainError when they are not those that were shown."""
    rows: QuerySet[Any] = act.narrow(Chosen(**stored).rows(list_of))
    if digest_rows(rows) != seen:
        raise DomainError(_CHANGED)
    return rows


@dataclass(frozen=True)
class Act:
    """What can be done to rows of a list: the button's word, what it does, of which rows, by which action ``(lease, by,
    of, stored, seen, text, site)``. ``text``: the title of what a person types for it, if anything, or picks from the
    options of an assessment (value, title)."""

    key: str
    title: str
    consequence: str
    narrow: Callable[[Any], Any]
    action: BackgroundAction
    text: str = ""
    options: Callable[[str], Sequence[tuple[str, str]]] | None = None


def read_chosen(values: QueryDict, list_of: Callable[[Mapping[str, str]], Listing]) -> Chosen:
    """What a form picks."""
    picks = [int(p) for p in values.getlist("pick") if p.isdecimal() and len(p) < 18]
    return Chosen("all" in values, list_of({k: str(v) for k, v in values.items()}).criteria, picks[: PAGE_SIZES[-1]])


def ask_and_act(
    request: AuthenticatedRequest,
    *,
    acts: Iterable[Act],
    list_of: Callable[[Mapping[str, str]], Listing],
    name: Callable[[Any], str],
    back: str,
    of: int | None = None,
) -> HttpResponseBase:
    """The page that says how many rows an act is for and shows them; and the act, once that page was sent back. ``of``:
    what the list is of, where it is not of the assessment."""
    act = next((a for a in acts if a.key == request.POST.get("act")), None)
    if act is None:
        return redirect(back)
    chosen = read_chosen(request.POST, list_of)
    found = chosen.rows(list_of)
    rows = act.narrow(found)
    seen, text = digest_rows(rows), request.POST.get("text", "").strip()[:250]
    options = act.options(request.assessment) if act.options else ()
    count = rows.count()
    problem = ""
    if "confirm" in request.POST:
        if seen != request.POST.get("seen"):
            problem = _CHANGED
        elif act.text and not text:
            problem = f"{'เลือก' if options else 'พิมพ์'}{act.text}ก่อน"
        elif options and text not in dict(options):
            problem = f"เลือก{act.text}จากรายการ"
        elif count:
            of_what = request.assessment if of is None else of
            return _request(request, act, of_what, chosen, seen, text, count, back)
    context = {
        "act": act,
        "options": options,
        "chosen": chosen,
        "count": count,
        "left_out": found.count() - count,
        "names": [name(row) for row in rows[:_SHOWN]],
        "more": max(count - _SHOWN, 0),
        "seen": seen,
        "text": text,
        "problem": problem,
        "back": back,
    }
    return render(request, "people/selection.html", context, status=409 if problem else 200)


def _request(
    request: AuthenticatedRequest,
    act: Act,
    of: str | int,
    chosen: Chosen,
    seen: str,
    text: str,
    count: int,
    back: str,
) -> HttpResponse:
    try:
        asked = act.action.request(
            digest.of_json([of, seen, text])[:32],
            of,
            chosen.stored(),
            seen,
            text,
            f"{request.scheme}://{request.get_host()}",
            by=request.user,
            about=f"{count:,} รายการ",
            assessment=request.assessment,
            url=back,
        )
        say_begun(request, asked)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(f"{back}?{urlencode(chosen.criteria)}" if chosen.criteria else back)


def stream_list(
    listing: Listing, name: str, titles: Sequence[str], write: Callable[[Any], Sequence[Any]]
) -> StreamingHttpResponse:
    """Every row that matches, as a CSV file."""
    return send_csv(name, titles, (write(row) for row in listing.rows.iterator(chunk_size=1000)))


def send_csv(name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A CSV file, some rows at a time."""
    response = StreamingHttpResponse(stream_csv(titles, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
