"""The whole public record as files, for any web server, an archive, or a folder on a disk.

The program is asked for every page as a reader would ask, from the front page on: the pages of the record in both
languages, their pictures and data, answers of the API, and the files that pages are made of. Links between them become
relative and name their file, so that they work without a server. What needs the program (searching, questions to the
results, signing in) leads to the site.
"""

import html
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse

from prongsai.framework import NATIONAL
from prongsai.registry.models import Agency
from prongsai.results import queries as results
from prongsai.web.render_ahead import Reader, list_addresses

_LINK = re.compile(r'(?P<before>\s(?:href|src|action)=")(?P<address>[^"]{0,2000})(?=")')
_SWAP = re.compile(r'\shx-(?:get|trigger|target|sync)="[^"]{0,2000}"')
_IN_STYLES = re.compile(r"url\(\s{0,3}[\"']?([^\"')]{1,500})[\"']?\s{0,3}\)")
_FILES_OF_YEARS = ("csv", "parquet")  # a workbook of many agencies is made by a worker
_ENGLISH = "/en"
_PAGE, _DATA = "index.html", ".json"
_PAGES_PER_WORD = 200


class ExportError(Exception):
    """Why nothing can be exported, in Thai."""


@dataclass
class Exported:
    """Which file of the folder each path of the site is; paths that lead to another one have its file."""

    selection: "Selection"
    files: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)  # the path of each file that is a page

    def name(self, path: str) -> str:
        return _name_file(self.selection.rename(path))


def export_site(folder: Path, site: str, report: Callable[[int], None] = lambda _: None) -> Exported:
    """Write the public record into an empty folder. ``site`` is the address of the site, to which everything leads that
    is not in the folder. Raises ExportError."""
    if folder.exists() and any(folder.iterdir()):
        raise ExportError(f"โฟลเดอร์ {folder} ไม่ว่าง เลือกโฟลเดอร์ใหม่")
    if (status := Reader(site).ask(reverse("home")).status_code) != HTTPStatus.OK:
        raise ExportError(
            f"หน้าแรกที่ {site} ตอบ {status} ตรวจว่าชื่อนี้อยู่ใน PRONGSAI_HOSTS และขึ้นต้นด้วย http หรือ https ตามที่ตั้งไว้"
        )
    return export_pages(folder, site, Selection(_list_starts(), _is_exported), report)


@dataclass(frozen=True)
class Selection:
    """Which pages are exported: from where they are found, whether one that a page leads to is among them, and how
    paths that are not below the names of the site are called in the folder."""

    starts: Iterable[str]
    has: Callable[[str], bool]
    rename: Callable[[str], str] = lambda path: path


def export_pages(
    folder: Path, site: str, selection: Selection, report: Callable[[int], None] = lambda _: None
) -> Exported:
    """Write some pages of the site into a folder, with all that they are made of. As ``export_site``."""
    exported, reader = Exported(selection), Reader(site)
    ahead, seen = list(selection.starts), set()
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.startswith(_static()):
            found = _write_static(path, folder, exported)
        else:
            found = _write_answer(path, reader.ask(path), folder, exported)
        ahead += [link for link in found if link not in seen]
        if len(seen) % _PAGES_PER_WORD == 0:
            report(len(seen))
    for name, path in exported.pages.items():
        _lead_to_files(folder / name, name, path, exported, site.rstrip("/"))
    return exported


def _list_starts() -> Iterator[str]:
    """What no page need lead to: the front page, every agency's years, answers of the API."""
    for address in (reverse("home"), reverse("rankings"), reverse("compare"), *list_addresses()):
        yield address
        yield _ENGLISH + address
    for year in results.years(NATIONAL):
        yield f"/api/rounds/{year}/indicators"
    for code in Agency.objects.filter(assessment=NATIONAL).values_list("code", flat=True):
        yield f"/api/agencies/{code}"
        yield f"/api/agencies/{code}/results"
    yield from ("/api/rounds", "/api/openapi.json")


def _static() -> str:
    return "/" + settings.STATIC_URL.lstrip("/")


def _is_exported(path: str) -> bool:
    """Whether a path is of the public record: a page that is rendered once, or data of a year."""
    if path.startswith("/api/"):
        return True
    try:
        match = resolve(path.removeprefix(_ENGLISH) if path.startswith(_ENGLISH + "/") else path)
    except Resolver404:
        return False
    if match.url_name == "download":
        return match.kwargs["form"] in _FILES_OF_YEARS
    return getattr(match.func, "rendered_once", None) is not None


def _write_answer(path: str, answer: HttpResponseBase, folder: Path, exported: Exported) -> Iterable[str]:
    """Store what the program answers; the paths of the record that it leads to."""
    if answer.status_code in (HTTPStatus.FOUND, HTTPStatus.MOVED_PERMANENTLY):
        target = urlsplit(answer["Location"]).path
        exported.files[path] = exported.name(target)
        return [target]
    if answer.status_code != HTTPStatus.OK:
        return []
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    name = exported.files[path] = exported.name(path)
    _write(folder / name, body)
    if not answer["Content-Type"].startswith("text/html"):
        return []
    exported.pages[name] = path
    links = (_split(html.unescape(m["address"]), path)[0] for m in _LINK.finditer(body.decode()))
    return [link for link in links if link and (link.startswith(_static()) or exported.selection.has(link))]


def _write_static(path: str, folder: Path, exported: Exported) -> Iterable[str]:
    name = unquote(path.removeprefix(_static()))
    body = _read_static(name)
    if body is None:
        return []
    exported.files[path] = _name_file(path)
    _write(folder / exported.files[path], body)
    if not name.endswith(".css"):
        return []
    inside = (posixpath.normpath(posixpath.join(posixpath.dirname(path), m)) for m in _IN_STYLES.findall(body.decode()))
    return [other for other in inside if other.startswith(_static())]


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


def _name_file(path: str) -> str:
    """The file of a path in the folder."""
    name = unquote(path).lstrip("/")
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


def _lead_to_files(file: Path, name: str, of: str, exported: Exported, site: str) -> None:
    """Let the links of a page lead to files, and to the site where there is no file. ``of`` is its path there."""

    def lead(match: re.Match[str]) -> str:
        address = html.unescape(match["address"])
        target, query, fragment = _split(address, of)
        if not target:
            return match[0]
        inside = None if query or "action=" in match["before"] else exported.files.get(target)
        if inside is None:
            found = f"{site}{target}{'?' * bool(query)}{query}"
        else:
            found = posixpath.relpath(inside, posixpath.dirname(name) or ".")
        return match["before"] + html.escape(f"{found}{'#' * bool(fragment)}{fragment}")

    text = _SWAP.sub("", file.read_bytes().decode())
    file.write_text(_LINK.sub(lead, text), encoding="utf-8", newline="")
