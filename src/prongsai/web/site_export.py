"""The whole public record as files, for any web server, an archive, or a folder on a disk.

The program is asked for every page as a reader would ask, from the front page on and on all cores: the pages of the
record in both languages, all pages of each year's ranking, their pictures and data, answers of the API, and the files
that pages are made of. Links between them become relative and name their file, so that they work without a server. The
page for searching finds agencies by an index beside it. What needs the program (questions to the results, signing in)
leads to the site.

What was written stands in a journal until all is. An export that was stopped goes on in the same folder, as long as
neither the record nor the program has changed; pages have their names when their links lead to files.
"""

import html
import json
import posixpath
import re
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from http import HTTPStatus
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

from prongsai.framework import NATIONAL
from prongsai.lib import tlog
from prongsai.machines.table_changes import read_revisions
from prongsai.publiclog import queries as log
from prongsai.registry.agency_search import list_named
from prongsai.registry.models import Agency
from prongsai.results import queries as results
from prongsai.web.reader import ENGLISH, Reader, Readers, count_cores
from prongsai.web.render_ahead import list_agencies, write_files
from prongsai.web.rendered_pages import program_stamp, share_parts
from prongsai.web.templatetags.prongsai import name_of, place_name

_LINK = re.compile(r'(?P<before>\s(?:href|src|action)=")(?P<address>[^"]{0,2000})(?=")')
_FORM_OF_PAGE = re.compile(r"<form(?=[\s>])(?![^>]{0,2000}\saction=)")  # whose answer is another of the same page
_SWAP = re.compile(r'\shx-(?:get|trigger|target|sync)="[^"]{0,2000}"')
_IN_STYLES = re.compile(r"url\(\s{0,3}[\"']?([^\"')]{1,500})[\"']?\s{0,3}\)")
_FILES_OF_YEARS = ("csv", "parquet", "scores.csv.gz", "scores.parquet")  # workbooks stay on the site
# not exported: what takes longer than all the rest of a page, whose chart is there; what stands on other sites
_ON_THE_SITE = {"chart_picture", "embedded_result"}
_PAGES_OF_RANKINGS = {"year", "page"}  # what an address asks beside its path, where there is a file of it
_PAGE, _DATA = "index.html", ".json"
_INDEX, _SEARCH_SCRIPT = "search/index.js", "web/offline_search.js"
_JOURNAL, _PART = ".export.jsonl", ".part"  # while the export goes on; a page whose links are those of the site
_AT_ONCE = 20  # addresses that a process is sent
_PARTS_PER_REPORT = 100
_FOUND_AT_HAND = 20_000  # links, so that those that stand on every page are looked up once


class ExportError(Exception):
    """Why nothing can be exported, in Thai."""


@dataclass
class Exported:
    """Which file of the folder each address of the site is; those that lead to another one have its file. ``pages``:
    the address of each file that is a page."""

    files: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def note(self, written: Iterable["_Written"]) -> None:
        for one in written:
            self.files[one.address] = one.name
            if one.is_page:
                self.pages[one.name] = one.address


def _as_it_is(address: str) -> str:
    return address


@dataclass(frozen=True)
class Selection:
    """What is exported, by functions of a module: ``find(path, query)``, the address of the page or file that a link
    leads to, "" where it is not among them; and how its address is called in the folder, where that is not its own
    name."""

    find: Callable[[str, str], str]
    rename: Callable[[str], str] = _as_it_is

    def find_address(self, path: str, query: str) -> str:
        """The same, of a file of the site too."""
        if path.startswith(_static()):
            return "" if query else path
        return self.find(path, query)

    def name(self, address: str) -> str:
        """The file of an address in the folder."""
        return _name_file(self.rename(address))


@dataclass
class _Written:
    """The file of an address, and the addresses of the record that it leads to."""

    address: str
    name: str
    links: set[str] = field(default_factory=set)
    is_page: bool = False


def export_site(folder: Path, site: str, report: Callable[[int], None] = lambda _: None) -> Exported:
    """Write the public record into an empty folder, or go on where an export into it was stopped. ``site`` is the
    address of the site, to which everything leads that is not in the folder. Raises ExportError."""
    _require_empty_or_begun(folder)
    if (status := Reader(site).ask(reverse("home")).status_code) != HTTPStatus.OK:
        raise ExportError(
            f"หน้าแรกที่ {site} ตอบ {status} ตรวจว่าชื่อนี้อยู่ใน PRONGSAI_HOSTS และขึ้นต้นด้วย http หรือ https ตามที่ตั้งไว้"
        )
    _write(folder / _INDEX, _describe_agencies().encode())
    with Readers(site, count_cores()) as readers:
        write_files(readers)
    exported = export_pages(folder, site, _list_starts(), Selection(_find_of_record), report, cores=count_cores())
    _write_log(folder)
    return exported


def _write_log(folder: Path) -> None:
    """The public log as files, of the size of its newest checkpoint: programs that read such logs read the folder."""
    checkpoint, key = log.latest_checkpoint(), log.public_key()
    if checkpoint is None or key is None:
        return
    place = folder / reverse("public_log").lstrip("/")
    for level, index, width in tlog.list_tiles(checkpoint.size):
        _write(place / tlog.tile_path(level, index, width), log.read_tile(level, index, width) or b"")
    for index, width in tlog.list_bundles(checkpoint.size):
        _write(place / tlog.tile_path("entries", index, width), log.read_bundle(index, width) or b"")
    _write(place / "checkpoint", log.note_of(checkpoint).encode())
    _write(place / "key", f"{key}\n".encode())


def export_pages(
    folder: Path,
    site: str,
    starts: Iterable[str],
    selection: Selection,
    report: Callable[[int], None] = lambda _: None,
    *,
    cores: int = 1,
) -> Exported:
    """Write some pages of the site into a folder, from those they begin with to all that these lead to, and what they
    are made of. As ``export_site``."""
    exported, found = Exported(), set(starts)
    write = partial(_write_answers, folder, selection, uuid.uuid4().hex)
    before = _read_journal(folder, state := _describe_state(site))
    exported.note(before)
    found.update(chain.from_iterable(one.links for one in before))
    with Readers(site, cores) as readers, (folder / _JOURNAL).open("a", encoding="utf-8") as journal:
        _note(journal, state)
        seen = set(exported.files)
        while ahead := found - seen:
            seen |= ahead
            for number, written in enumerate(readers.map(write, _deal(ahead)), 1):
                exported.note(written)
                found.update(chain.from_iterable(one.links for one in written))
                _note(journal, [(one.address, one.name, sorted(one.links), one.is_page) for one in written])
                if number % _PARTS_PER_REPORT == 0:
                    report(len(exported.files))
            report(len(exported.files))
        exported.files = _leave_out_lost(exported.files, selection)
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as written_files:
            json.dump(exported.files, written_files)
            written_files.flush()
            lead = partial(_lead_all_to_files, folder, site.rstrip("/"), selection, written_files.name)
            for _ in readers.map(lead, _deal(exported.pages.values())):
                pass
    (folder / _JOURNAL).unlink()
    return exported


def _require_empty_or_begun(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / _JOURNAL).exists():
        raise ExportError(f"โฟลเดอร์ {folder} ไม่ว่าง เลือกโฟลเดอร์ใหม่")


def _describe_state(site: str) -> list[str]:
    """What an export that goes on must have in common with the one before it."""
    revisions = json.dumps(read_revisions("default"), sort_keys=True)
    return [site, program_stamp(), timezone.localdate().isoformat(), revisions]


def _note(journal: TextIO, line: object) -> None:
    """On a line of its own, also after one that was cut when the export was stopped."""
    journal.write(f"\n{json.dumps(line, ensure_ascii=False)}")
    journal.flush()


def _read_journal(folder: Path, state: list[str]) -> list["_Written"]:
    """What was written into a folder; ExportError where that was in another state."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / _JOURNAL).exists():
        return []
    with (folder / _JOURNAL).open(encoding="utf-8") as journal:
        noted = [line for line in map(_read_note, journal) if line]
    if any(one[0].__class__ is str and one != state for one in noted):
        raise ExportError("ข้อมูลสาธารณะหรือโปรแกรมเปลี่ยนไปหลังจากเริ่มเขียนโฟลเดอร์นี้ ลบแล้วเริ่มใหม่ หรือเลือกโฟลเดอร์ใหม่")
    parts = chain.from_iterable(one for one in noted if one != state)
    return [_Written(address, name, set(links), is_page) for address, name, links, is_page in parts]


def _read_note(line: str) -> list[Any]:
    try:
        return list(json.loads(line)) if line.strip() else []
    except ValueError:  # cut when the export was stopped
        return []


def _leave_out_lost(files: dict[str, str], selection: Selection) -> dict[str, str]:
    """Without addresses that lead to another one of which nothing was written."""
    written = {name for address, name in files.items() if name == selection.name(address)}
    return {address: name for address, name in files.items() if name in written}


def _deal(addresses: Iterable[str]) -> Iterator[list[str]]:
    """Some addresses at a time, those of an agency together."""
    rest = iter(sorted(addresses, key=lambda address: address.removeprefix(ENGLISH)))
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _list_starts() -> Iterator[str]:
    """What no page need lead to: the front page, every agency's years, each year's ranking, answers of the API."""
    years = results.years(NATIONAL)
    rankings = [reverse("rankings"), *(f"{reverse('rankings')}?year={year}" for year in years)]
    pages = (reverse("home"), reverse("search"), reverse("compare"), *rankings)
    for address in chain(pages, chain.from_iterable(list_agencies())):
        yield address
        yield ENGLISH + address
    yield _static() + _SEARCH_SCRIPT
    for year in years:
        yield f"/api/rounds/{year}/indicators"
    for code in Agency.objects.filter(assessment=NATIONAL).values_list("code", flat=True):
        yield f"/api/agencies/{code}"
        yield f"/api/agencies/{code}/results"
    yield from ("/api/rounds", "/api/openapi.json")


def _static() -> str:
    return "/" + settings.STATIC_URL.lstrip("/")


@lru_cache(maxsize=_FOUND_AT_HAND)
def _find_of_record(path: str, query: str) -> str:
    """The address of a file of the folder that a path and its query are; "" where there is none of the record: neither
    a page that is rendered once, nor data of a year."""
    if path.startswith("/api/"):
        return "" if query else path
    try:
        match = resolve(path.removeprefix(ENGLISH) if path.startswith(ENGLISH + "/") else path)
    except Resolver404:
        return ""
    if match.url_name == "rankings" and query:
        asked = sorted((name, value) for name, value in parse_qsl(query) if (name, value) != ("page", "1"))
        is_of_all = {name for name, _ in asked} <= _PAGES_OF_RANKINGS and all(v.isdecimal() for _, v in asked)
        return f"{path}{'?' * bool(asked)}{urlencode(asked)}" if is_of_all else ""
    is_file = match.url_name == "download" and match.kwargs["form"] in _FILES_OF_YEARS
    is_stored = getattr(match.func, "rendered_once", None) is not None and match.url_name not in _ON_THE_SITE
    is_page = is_stored or match.url_name == "search"
    return path if (is_file or is_page) and not query else ""


def _write_answers(
    folder: Path, selection: Selection, export: str, reader: Reader, addresses: list[str]
) -> list[_Written]:
    """Store what the program answers; where that leads which this process has not named before in this export."""
    with share_parts():
        written = (
            _write_static(address, folder)
            if address.startswith(_static())
            else _write_answer(address, reader.ask(address), folder, selection)
            for address in addresses
        )
        stored = [one for one in written if one]
    named = _list_named(export)
    for one in stored:
        one.links -= named
        named |= one.links
    return stored


@lru_cache(maxsize=1)
def _list_named(_export: str) -> set[str]:
    """The links that this process has named in an export: those of the header stand on a nation's every page."""
    return set()


def _write_answer(address: str, answer: HttpResponseBase, folder: Path, selection: Selection) -> _Written | None:
    """Store what the program answers."""
    if answer.status_code in (HTTPStatus.FOUND, HTTPStatus.MOVED_PERMANENTLY):
        target = urlsplit(answer["Location"]).path
        return _Written(address, selection.name(target), {target})
    if answer.status_code != HTTPStatus.OK:
        return None
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    name = selection.name(address)
    if not answer["Content-Type"].startswith("text/html"):
        _write(folder / name, body)
        return _Written(address, name)
    _write(folder / (name + _PART), body)
    path = address.partition("?")[0]
    parts = (_split(html.unescape(m["address"]), path) for m in _LINK.finditer(body.decode()))
    links = {selection.find_address(target, query) for target, query, _ in parts if target}
    return _Written(address, name, links - {""}, is_page=True)


def _write_static(path: str, folder: Path) -> _Written | None:
    name = unquote(path.removeprefix(_static()))
    body = _read_static(name)
    if body is None:
        return None
    file = _name_file(path)
    _write(folder / file, body)
    if not name.endswith(".css"):
        return _Written(path, file)
    inside = (posixpath.normpath(posixpath.join(posixpath.dirname(path), m)) for m in _IN_STYLES.findall(body.decode()))
    return _Written(path, file, {other for other in inside if other.startswith(_static())})


def _read_static(name: str) -> bytes | None:
    """A file of the site, as it was collected or as it lies in the program."""
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            return bytes(file.read())
    for finder in get_finders():
        for found, storage in finder.list([]):
            if found == name:
                with storage.open(found) as file:
                    return bytes(file.read())
    return None


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def _name_file(address: str) -> str:
    """The file of an address in the folder."""
    path, _, query = address.partition("?")
    name = unquote(path).lstrip("/")
    if query:
        name += "-".join(chain.from_iterable(parse_qsl(query))) + "/"
    if path.endswith("/"):
        name += _PAGE
    elif path.startswith("/api/") and not name.endswith(_DATA):
        name += _DATA
    if ".." in name.split("/"):
        raise ExportError(path)
    return name


def _split(address: str, of: str) -> tuple[str, str, str]:
    """The path on this site that a link on a page leads to, "" for one that leads elsewhere, its query and fragment."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address.startswith("#"):
        return "", "", ""
    path = posixpath.normpath(posixpath.join(of, parts.path)) if parts.path else of
    return path + "/" * (parts.path.endswith("/") and path != "/"), parts.query, parts.fragment


def _lead_all_to_files(
    folder: Path, site: str, selection: Selection, written: str, _: Reader, pages: list[str]
) -> None:
    files = _read_written(written)
    for page in pages:
        if (part := folder / (selection.name(page) + _PART)).exists():  # not led to files before the export was stopped
            _lead_to_files(folder, page, selection, files, site)
            part.unlink()


@lru_cache(maxsize=1)
def _read_written(file: str) -> dict[str, str]:
    """Which file each address is; read once by a process, not sent with every few pages."""
    return dict(json.loads(Path(file).read_bytes()))


def _lead_to_files(folder: Path, page: str, selection: Selection, files: dict[str, str], site: str) -> None:
    """Let the links of a page, by its address, lead to files, and to the site where there is no file."""
    of, name = page.partition("?")[0], selection.name(page)
    beside = posixpath.dirname(name) or "."
    is_search = name.endswith("search/" + _PAGE) and (folder / _INDEX).is_file()

    def lead(match: re.Match[str]) -> str:
        address = html.unescape(match["address"])
        target, query, fragment = _split(address, of)
        if not target:
            return match[0]
        is_form = "action=" in match["before"]
        found = "" if is_form and not target.endswith(reverse("search")) else selection.find_address(target, query)
        if file := files.get(found):
            address = posixpath.relpath(file, beside)
        else:
            address = f"{site}{target}{'?' * bool(query)}{query}"
        return match["before"] + html.escape(f"{address}{'#' * bool(fragment)}{fragment}")

    text = _FORM_OF_PAGE.sub(f'<form action="{of}"', _SWAP.sub("", (folder / (name + _PART)).read_bytes().decode()))
    text = _LINK.sub(lead, text)
    if is_search:
        scripts = (posixpath.relpath(file, beside) for file in (_INDEX, _name_file(_static() + _SEARCH_SCRIPT)))
        text = text.replace("</body>", "".join(f'<script src="{file}"></script>' for file in scripts) + "</body>")
    (folder / name).write_text(text, encoding="utf-8", newline="")


def _describe_agencies() -> str:
    """The index of the page for searching, as a script: a page on a disk may read no other file."""
    from prongsai.registry.name_search import describe_reading, larger_first, words_of

    agencies = {agency.pk: agency for agency in Agency.objects.filter(assessment=NATIONAL)}
    with translation.override("en"):
        english = {pk: (name_of(agency), place_name(agency.province)) for pk, agency in agencies.items()}
    published = results.published(NATIONAL).order_by("fiscal_year").values_list("agency_id", "fiscal_year")
    years = dict(published)
    rows = [
        (
            _name_file(reverse("agency_year", args=[named.code, years[named.pk]])),
            (agencies[named.pk].name_th, named.province),
            english[named.pk],
            str(named.kind),
            *map(" ".join, words_of(named)),
        )
        for named in larger_first(list_named(NATIONAL))
        if named.pk in years
    ]
    described = json.dumps({"reading": describe_reading(), "agencies": rows}, ensure_ascii=False)
    return f"self.prongsaiAgencies = {described};\n"
