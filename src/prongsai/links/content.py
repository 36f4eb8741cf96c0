"""The content of a response body: media type, text, title, language, years, digests. Nothing is executed or fetched.

Only the media type is found here, from the first bytes; pages and documents are read in the sandbox.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lxml import etree

from prongsai.lib import sandbox, thai
from prongsai.links import traits
from prongsai.links.model import Language, MentionedYear
from prongsai.links.reader import DocumentText, read_document

MAX_HTML_BYTES = 3_000_000  # of one page; the rest is ignored
MAX_TEXT_LENGTH = 1_000_000  # characters; the rest is ignored
MAX_LINES = 20_000
MAX_COMPARED_LINES = 500
_SCAN_HEADINGS = 5  # lines of a scan, below an emblem, that say what it is
_MAX_HASHES = 200  # in the sketches of a page
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_OLE = "application/x-ole-storage"
DOCUMENT_FORMATS = {"application/pdf": "pdf", _DOCX: "docx", _XLSX: "xlsx", _PPTX: "pptx"}
TEXT_TYPES = ("text/html", "text/plain", "application/json", "application/xml")

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"{\\rtf", "application/rtf"),
)
_RIFF_TYPES = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}
_OFFICE_FOLDERS = ((b"word/", _DOCX), (b"xl/", _XLSX), (b"ppt/", _PPTX))
_SNIFFED_BYTES = 1024
_COMMENTS = re.compile(rb"^(?:<!--.*?-->\s*)+", re.S)
_HTML_START = re.compile(
    rb"<(?:!doctype html|html|head|body|title|meta|script|div|table|p|h1|a|center|frameset|style|link)\b"
)
_HTML_TAG = re.compile(rb"<(?:html|head|body|title)\b")
# Declared types that mean the same as a sniffed one.
_TYPE_ALIASES = {
    "application/xhtml+xml": "text/html",
    "application/x-pdf": "application/pdf",
    "text/xml": "application/xml",
    "image/jpg": "image/jpeg",
    "application/rss+xml": "application/xml",
    "application/atom+xml": "application/xml",
    "application/x-rar-compressed": "application/vnd.rar",
    "application/x-zip-compressed": "application/zip",
    "application/msword": _OLE,
    "application/vnd.ms-excel": _OLE,
    "application/vnd.ms-powerpoint": _OLE,
}
_UNSPECIFIC_TYPES = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/force-download",
    "application/download",
    "application/x-download",
)


@dataclass(slots=True)
class ParsedBody:
    """The content of a body."""

    media_type: str = ""  # as the bytes show
    text: str = ""  # without menus
    title: str = ""
    headings: tuple[str, ...] = ()
    has_text: bool | None = None  # None: unknown
    notes: list[str] = field(default_factory=list)
    has_password_field: bool = False
    refresh_target: str | None = None  # where the page sends its reader at once
    is_script_shell: bool = False  # next to no text, and scripts that would write some
    full_text: str = ""  # with menus
    text_digest: str = ""
    language: Language = "none"
    years: tuple[MentionedYear, ...] = ()
    traits: dict[str, float] = field(default_factory=dict)  # measured of the page: ``traits``
    sketches: dict[str, list[int]] = field(default_factory=dict)


# --- types ---------------------------------------------------------------------------------------------------------


def sniff_type(body: bytes, declared: str = "") -> str:
    """The media type that the bytes show: by signature, or "text/html", "text/plain"; "" when unknown."""
    return _sniff_binary(body) or _sniff_text(body[:_SNIFFED_BYTES], declared)


def _sniff_binary(body: bytes) -> str:
    head = body[:_SNIFFED_BYTES]
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if b"%PDF-" in head:
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(body)
    if head[:4] == b"RIFF":
        return _RIFF_TYPES.get(head[8:12], "")
    return "video/mp4" if head[4:8] == b"ftyp" else ""


def _sniff_zip(body: bytes) -> str:
    names = body[:4096], body[-65536:]  # the first entries, and the directory at the end
    return next((kind for folder, kind in _OFFICE_FOLDERS if any(folder in part for part in names)), "application/zip")


def _sniff_text(head: bytes, declared: str) -> str:
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not head.strip() or head[:4] == b"RIFF" or (b"\x00" in head and not is_utf16):
        return ""
    start = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    start = _COMMENTS.sub(b"", start)
    if _HTML_START.match(start):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "text/html" if b"<html" in start else "application/xml"
    if _HTML_TAG.search(start):
        return "text/html"
    is_text_declared = declared.startswith("text/") or declared in ("application/json", "application/xml")
    return declared if is_text_declared else "text/plain"


def is_plausible_type(declared: str, sniffed: str) -> bool:
    """Whether the declared media type can be that of these bytes."""
    if not sniffed or declared in _UNSPECIFIC_TYPES:
        return True
    declared = _TYPE_ALIASES.get(declared, declared)
    if sniffed in ("text/plain", "application/xml"):
        return declared.startswith("text/") or not declared.startswith(
            ("application/pdf", "image/", "video/", "audio/", "application/vnd")
        )
    if sniffed == _OLE or sniffed == "application/zip":
        return declared == sniffed or declared.startswith(("application/vnd", "application/zip", "application/epub"))
    if sniffed == "video/mp4":
        return declared.startswith(("video/", "audio/", "image/heic", "image/avif"))
    if sniffed == "application/gzip":
        return "gzip" in declared or "tar" in declared
    return declared == sniffed


def media_type_of(header: str) -> str:
    """``text/html`` of ``Text/HTML; charset=utf-8``."""
    return _CONTROL.sub("", header.partition(";")[0]).strip().lower()[:100]


# --- charsets -------------------------------------------------------------------------------------------------------

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w-]{2,30})""", re.I)
_THAI_CHARSETS = ("tis-620", "tis620", "windows-874", "cp874", "iso-8859-11", "x-windows-874", "thai", "iso8859-11")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode_text(body: bytes, content_type: str = "") -> tuple[str, bool]:
    """The text of bytes, and whether the charset that was declared is the one they are in.

    Bytes that are valid UTF-8 are UTF-8, whatever is declared; else the declared charset if it fits; else Windows-874.
    """
    for byte_order_mark, name in _BYTE_ORDER_MARKS:
        if body.startswith(byte_order_mark):
            return body.decode(name, "replace"), True
    header = re.search(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w-]{1,40})", content_type, re.I)
    meta = _META_CHARSET.search(body[:4096])
    declared = (header[1] if header else meta[1].decode("ascii", "replace") if meta else "").lower()
    declared = "cp874" if declared in _THAI_CHARSETS else declared
    if body.isascii():
        return body.decode("ascii"), True
    for cut in range(4):  # a truncated body may end within a character
        try:
            text = body[: len(body) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return text, declared in ("", "utf-8", "utf8")
    if declared and declared not in ("utf-8", "utf8", "cp874"):
        try:
            text = body.decode(declared)
        except (LookupError, UnicodeDecodeError, ValueError):
            pass
        else:
            if declared not in ("iso-8859-1", "latin-1", "latin1", "windows-1252") or not _is_thai_text(body):
                return text, True
    return body.decode("cp874", "replace"), declared in ("", "cp874")


def _is_thai_text(body: bytes) -> bool:
    letters = [c for c in body.decode("cp874", "replace")[:20_000] if not c.isascii()]
    return sum("\u0e01" <= c <= "\u0e5b" for c in letters) > 0.9 * len(letters)


# --- pages ---------------------------------------------------------------------------------------------------------

_INVISIBLE_TAGS = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "canvas",
        "audio",
        "video",
        "select",
        "datalist",
        "head",
    ]
)
_MENU_TAGS = frozenset(["nav", "header", "footer", "aside"])
_INLINE_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "del",
        "button",
    ]
)
_HEADING_TAGS = frozenset(("h1", "h2", "h3"))
_LEAST_MAIN = 40  # letters outside menus; pages with fewer have all of their content in a <header>
_FILE_NAME = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|zip|rar|jpe?g|png|csv)(?:[?#]|$)|drive\.google|docs\.google", re.I
)
_MAX_HEADINGS = 40
_MAX_REFRESH_SECONDS = 5  # a page that waits longer is meant to be read
_META_REFRESH = re.compile(
    r"^\s{0,20}(\d{1,3})(?:\.\d{0,9})?\s{0,20}[;,]\s{0,20}(?:url\s{0,20}=\s{0,20})?[\"']?\s{0,20}([^\"']+)", re.I
)


MAX_PAGES = 300  # of a snapshot's document
LIMITS = sandbox.Limits(seconds=4, max_seconds=30, wall=240, memory=1_500_000_000)
_PRELOAD = ("prongsai.links.vocabulary", "lxml.etree", "pypdfium2", "docx", "python_calamine")
_ERRORS = {"time": "too_long", "memory": "too_big", "size": "too_big"}


def parse_body(
    body: bytes,
    content_type: str,
    *,
    truncated: bool = False,
    limits: sandbox.Limits = LIMITS,
    max_pages: int = MAX_PAGES,
    host: str = "",
    expected: Mapping[str, Any] | None = None,
) -> ParsedBody:
    """The content of a body, according to its media type. Never raises for what it contains.

    With ``host``, that it was served by, its traits are measured; with ``expected`` (``identity.prepare``) those of its
    subject too."""
    declared = media_type_of(content_type)
    parsed = ParsedBody(media_type=sniff_type(body, declared))
    if not is_plausible_type(declared, parsed.media_type):
        parsed.notes.append("lying_type")
    is_document = parsed.media_type in DOCUMENT_FORMATS
    if parsed.media_type.startswith("image/"):
        parsed.has_text = False
        parsed.notes.append("no_text")
    if is_document and truncated:
        parsed.notes.append("document_too_big")
        return parsed
    if not is_document and parsed.media_type not in TEXT_TYPES and not parsed.media_type.startswith("text/"):
        return parsed
    job, read = f"{__name__}:answer_body", body if is_document else body[:MAX_HTML_BYTES]
    try:
        asked = content_type, parsed.media_type, max_pages, host, expected
        fields = sandbox.run(job, read, *asked, limits=limits, preload=_PRELOAD)
        return _restore(fields, parsed.notes)
    except sandbox.SandboxError as error:
        reason = _ERRORS.get(error.reason, "broken")
    except (TypeError, ValueError, AttributeError, KeyError):
        reason = "broken"
    parsed.notes.append(f"document_{reason}")
    return parsed


def _restore(fields: dict[str, Any], notes: list[str]) -> ParsedBody:
    """What the sandbox answered. Raises TypeError and ValueError for something else."""
    parsed = ParsedBody(**fields)
    parsed.notes = [*notes, *parsed.notes]
    parsed.headings = tuple(parsed.headings)
    parsed.years = tuple(MentionedYear(**year) for year in fields["years"])
    if not all(isinstance(v, int | float) and 0 <= v <= 1 for v in parsed.traits.values()):
        raise ValueError("a trait is a number from 0 to 1")
    hashes = [value for part in parsed.sketches.values() for value in part]
    if len(hashes) > _MAX_HASHES or not all(isinstance(v, int) and 0 <= v < 1 << 32 for v in hashes):
        raise ValueError("a sketch has few hashes of 32 bits")
    return parsed


def answer_body(
    body: bytes,
    content_type: str,
    media_type: str,
    max_pages: int,
    host: str = "",
    expected: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """In the sandbox: the fields of ParsedBody."""
    parsed = ParsedBody(media_type=media_type)
    anchors = ""
    if media_type in DOCUMENT_FORMATS:
        _take_document(read_document(DOCUMENT_FORMATS[media_type], body, max_pages), parsed)
    else:
        text, is_declared_charset = decode_text(body, content_type)
        if not is_declared_charset:
            parsed.notes.append("wrong_charset")
        if media_type == "text/html":
            anchors = _parse_html(text, parsed, host)
        else:
            parsed.text = parsed.full_text = normalize_lines(text)
        parsed.has_text = bool(parsed.full_text)
    parsed.text_digest = digest_text(parsed.text)
    parsed.language = detect_language(parsed.full_text or parsed.text)
    parsed.years = find_years(parsed.title, parsed.headings, parsed.text)
    if host:
        _measure(parsed, anchors, expected)
    return asdict(parsed)


def parse_scan(text: str, expected: Mapping[str, Any] | None = None) -> ParsedBody:
    """The content of a document whose text was read from its pictures. Never raises for what it contains."""
    read = text.encode("utf-8", "replace")[:MAX_HTML_BYTES]
    with suppress(sandbox.SandboxError, TypeError, ValueError, AttributeError, KeyError):
        return _restore(sandbox.run(f"{__name__}:answer_scan", read, expected, limits=LIMITS, preload=_PRELOAD), [])
    return ParsedBody(media_type="application/pdf", has_text=False)


def answer_scan(body: bytes, expected: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """In the sandbox: the fields of ParsedBody."""
    parsed = ParsedBody(media_type="application/pdf", has_text=False)
    parsed.text = parsed.full_text = normalize_lines(body.decode("utf-8", "ignore"))
    parsed.headings = tuple(parsed.text.split("\n", _SCAN_HEADINGS)[:_SCAN_HEADINGS])
    parsed.language = detect_language(parsed.text)
    parsed.years = find_years("", parsed.headings, parsed.text)
    _measure(parsed, "", expected)
    parsed.sketches = {}  # two readings of one page differ
    return asdict(parsed)


def _measure(parsed: ParsedBody, anchors: str, expected: Mapping[str, Any] | None) -> None:
    """The traits of what was read, and the sketch of its lines."""
    text = parsed.full_text or parsed.text
    parsed.traits |= traits.measure_texts(parsed.title, parsed.headings, text, anchors)
    parsed.traits["password"] = float(parsed.has_password_field)
    parsed.traits["shell"] = float(parsed.is_script_shell)
    parsed.traits[f"language.{parsed.language}"] = 1.0
    if expected:
        parsed.traits |= traits.measure_subject(expected, parsed.title, parsed.headings, text)
    parsed.traits = {name: round(value, 4) for name, value in parsed.traits.items() if value}
    parsed.sketches["lines"] = traits.sketch(stable_lines(parsed.text)[:MAX_COMPARED_LINES])


def _take_document(document: DocumentText, parsed: ParsedBody) -> None:
    parsed.text, parsed.title = normalize_lines(document.text), one_line(document.title)
    parsed.has_text = document.has_text
    parsed.headings = tuple(parsed.text.split("\n", 3)[:3])
    if document.error:
        parsed.notes.append(f"document_{document.error}")
    elif not document.has_text:
        parsed.notes.append("no_text")


def extract_text(body: bytes, content_type: str = "") -> str:
    """The text of a page or document, in reading order, a line a paragraph; "" where there is none or it cannot be
    read.

    HTML (without menus, scripts and the like), PDF, .docx, .xlsx, plain text; the bytes show which. Synchronous.
    """
    return parse_body(body, content_type).text


def extract_lines(body: bytes, content_type: str = "") -> list[tuple[str, str]]:
    """The lines of a page or document, cells parted by tabs, each with what it is: "heading", "link" (to another page,
    and nothing else), or "". None where it cannot be read."""
    declared = media_type_of(content_type)
    media_type = sniff_type(body, declared)
    is_document = media_type in DOCUMENT_FORMATS
    if not is_document and media_type not in TEXT_TYPES and not media_type.startswith("text/"):
        return []
    read = body if is_document else body[:MAX_HTML_BYTES]
    try:
        answer = sandbox.run(
            f"{__name__}:answer_lines", read, content_type, media_type, limits=LIMITS, preload=_PRELOAD
        )
        return [(str(text), str(mark)) for text, mark in answer["lines"]]
    except (sandbox.SandboxError, TypeError, ValueError, KeyError):
        return []


def answer_lines(body: bytes, content_type: str, media_type: str) -> dict[str, Any]:
    """In the sandbox: the lines, with their marks."""
    if media_type in DOCUMENT_FORMATS:
        lines = _plain_lines(read_document(DOCUMENT_FORMATS[media_type], body, MAX_PAGES).text)
    elif media_type == "text/html":
        lines = _marked_lines(_parse_tree(decode_text(body, content_type)[0]))
    else:
        lines = _plain_lines(decode_text(body, content_type)[0])
    return {"lines": lines[:MAX_LINES]}


def _plain_lines(text: str) -> list[tuple[str, str]]:
    lines = (_normalize_cells(line) for line in re.split(r"[\r\n\f\v]+", text[:MAX_TEXT_LENGTH]))
    return [(line, "") for line in lines if line.strip()]


def _marked_lines(root: Any) -> list[tuple[str, str]]:
    pieces = list(_visible_texts(root)) if root is not None else []
    main = [(context, piece) for context, piece in pieces if "menu" not in context]
    if sum(len(piece.strip()) for _, piece in main) < _LEAST_MAIN:
        main = pieces
    lines: list[tuple[str, str]] = []
    text, marks = "", set[str]()
    for context, piece in [*main, (frozenset[str](), "\n")]:
        if piece != "\n":
            text += piece
            if piece.strip():
                marks.add("link" if "link" in context else "heading" if "heading" in context else "")
            continue
        if (line := _normalize_cells(text)).strip():
            lines.append((line, marks.pop() if len(marks) == 1 else ""))
        text, marks = "", set()
    return lines


def _normalize_cells(line: str) -> str:
    """A line with single spaces and Thai in one spelling; its cells stay parted by tabs."""
    return "\t".join(one_line(cell, MAX_TEXT_LENGTH) for cell in line.split("\t"))


def _parse_tree(text: str) -> Any:
    """The tree of a page, or None."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _parse_html(text: str, parsed: ParsedBody, host: str = "") -> str:
    """Fills ``parsed`` and returns the texts of the page's links."""
    root = _parse_tree(text)
    if root is None:
        return ""
    title = next(root.iter("title"), None)
    parsed.title = one_line("".join(title.itertext())) if title is not None else ""
    main: list[str] = []
    everything: list[str] = []
    headings: list[str] = []
    scripts = _note_elements(root, parsed)
    for context, piece in _visible_texts(root):
        everything.append(piece)
        if "menu" not in context:
            main.append(piece)
        if "heading" in context and len(headings) < _MAX_HEADINGS:
            headings.append(piece)
    parsed.full_text = normalize_lines("".join(everything))
    parsed.text = normalize_lines("".join(main)) if len(main) < len(everything) else parsed.full_text
    if len(parsed.text) < _LEAST_MAIN:
        parsed.text = parsed.full_text
    parsed.headings = tuple(filter(None, (one_line(h) for h in headings)))
    parsed.is_script_shell = scripts > 0 and sum(c.isalpha() for c in parsed.full_text) < 60
    if not host:
        return ""
    measured, parsed.sketches, anchors = traits.measure_page(root, host)
    parsed.traits |= measured
    return anchors


def _note_elements(root: Any, parsed: ParsedBody) -> int:
    """Notes fields for passwords and where the page sends its reader; returns the number of scripts."""
    scripts = 0
    for element in root.iter("script", "meta", "input"):
        if element.tag == "script":
            scripts += 1
        elif element.tag == "input":
            parsed.has_password_field = parsed.has_password_field or (element.get("type") or "").lower() == "password"
        elif (element.get("http-equiv") or "").lower() == "refresh":
            refresh = _META_REFRESH.match(element.get("content") or "")
            if refresh and int(refresh[1]) <= _MAX_REFRESH_SECONDS:
                parsed.refresh_target = refresh[2].strip()
    return scripts


def _visible_texts(root: Any) -> Iterator[tuple[frozenset[str], str]]:
    """The visible texts of a page in order, each with its context (menu, heading); line ends between blocks."""
    body: frozenset[str] = frozenset()
    contexts = [body]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            context = contexts[-1]
            if tag in _INVISIBLE_TAGS or _is_hidden(element):
                walk.skip_subtree()
                contexts.append(context)
                continue
            if tag in _MENU_TAGS:
                context = context | {"menu"}
            elif tag in _HEADING_TAGS:
                context = context | {"heading"}
            elif tag == "a" and not _FILE_NAME.search(element.get("href") or ""):
                context = context | {"link"}
            if tag not in _INLINE_TAGS:
                yield context - {"heading"}, "\t" if tag in ("td", "th") else "\n"
            contexts.append(context)
            if element.text:
                yield context, _collapse_spaces(element.text)
        else:
            contexts.pop()
            if tag not in _INLINE_TAGS and tag not in ("td", "th"):
                yield contexts[-1] - {"heading"}, "\n"
            if element.tail:
                yield contexts[-1], _collapse_spaces(element.tail)


def _collapse_spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _is_hidden(element: Any) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or bool(
        style and re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", style, re.I)
    )


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def one_line(text: str, max_length: int = 300) -> str:
    """The text on one line, with single spaces."""
    return _collapse_spaces(thai.clean(_remove_control_characters(text[: max_length * 4]))).strip()[:max_length]


def _remove_control_characters(text: str) -> str:
    """Control characters and halves of surrogate pairs, which a database refuses, become spaces."""
    return _CONTROL.sub(" ", text)


def normalize_lines(text: str) -> str:
    """Lines with single spaces, none empty, Thai in one spelling."""
    cleaned = thai.clean(_remove_control_characters(text[:MAX_TEXT_LENGTH]))
    lines = (_collapse_spaces(line).strip() for line in re.split(r"[\r\n\f\v]+", cleaned))
    return "\n".join([line for line in lines if line][:MAX_LINES])


# --- digests, language, years --------------------------------------------------------------------------------------

_COUNTERS = re.compile(
    r"ผู้เข้าชม|เข้าชม|ออนไลน์|ผู้ชม|เปิดอ่าน|อ่านแล้ว|ดาวน์โหลดแล้ว|จำนวนครั้ง|สถิติ|วันนี้|เมื่อวาน|"
    r"visitors?\b|online|views?\b|hits?\b|today|yesterday|\bip\b|copyright|©",
    re.I,
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:น\.|am|pm))?", re.I)


def stable_lines(text: str) -> list[str]:
    """The lines of a text that stay the same from one check to the next: no counters, no clocks."""
    return [
        line
        for line in (_CLOCK.sub("", line).strip() for line in text.split("\n"))
        if line and not (len(line) < 120 and _COUNTERS.search(line)) and not re.fullmatch(r"[\d\s,./:-]*", line)
    ]


def digest_text(text: str) -> str:
    """SHA-256, hex, of the stable lines; "" without any."""
    lines = stable_lines(text)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


_LETTERS = re.compile(r"[^\W\d_]+")
_THAI_LETTERS = re.compile("[\u0e01-\u0e2e\u0e30\u0e32\u0e33\u0e40-\u0e46]+")
_LATIN_LETTERS = re.compile("[A-Za-z]+")


def detect_language(text: str) -> Language:
    """By the letters: Thai when at least a fifth are Thai, because every Thai page contains English names."""
    sample = text[:50_000]
    letters = sum(map(len, _LETTERS.findall(sample)))
    if letters < 10:
        return "none"
    if sum(map(len, _THAI_LETTERS.findall(sample))) >= 0.2 * letters:
        return "th"
    return "en" if sum(map(len, _LATIN_LETTERS.findall(sample))) >= 0.7 * letters else "other"


_YEAR = re.compile(r"(?<!\d)(?<!\d[.,-])(?:25|20)\d\d(?!\d|[.,]\d)")
_FISCAL = re.compile(
    r"(?:ปีงบประมาณ|ปีงบ|งบประมาณปี|fiscal year|\bFY)[ \n]?(?:ประจำปี|ประจำ|ปี)?[ \n]?(?:[พค] ?\. ?ศ ?\.)?[ \n]?$", re.I
)
_SHORT_FISCAL = re.compile(r"(?:ปีงบประมาณ|ปีงบ)\s{0,9}(?:พ\s?\.\s?ศ\s?\.)?\s{0,9}(?P<year>[4-9]\d)(?!\d)")
_CENTURY = 2500  # Buddhist era
_MIN_YEAR, _MAX_YEAR = _CENTURY + 40, _CENTURY + 99
_BUDDHIST_OFFSET = 543  # years that the Buddhist era is ahead of the common era
_MAX_YEARS = 60


def find_years(title: str, headings: tuple[str, ...], text: str) -> tuple[MentionedYear, ...]:
    """The years mentioned, in the Buddhist era, each once for its kind and its most prominent place; at most 60."""
    years: dict[tuple[int, str], MentionedYear] = {}
    places: tuple[tuple[Literal["title", "heading", "text"], str], ...] = (
        ("title", title),
        ("heading", "\n".join(headings)),
        ("text", text[:200_000]),
    )
    for place, words in places:
        words = thai.arabic(words)
        for match in _YEAR.finditer(words):
            year = int(match[0])
            year = year if year >= _CENTURY else year + _BUDDHIST_OFFSET
            before = words[max(0, match.start() - 40) : match.start()]
            kind: Literal["fiscal", "calendar"] = "fiscal" if _FISCAL.search(before) else "calendar"
            if _MIN_YEAR <= year <= _MAX_YEAR:
                years.setdefault((year, kind), MentionedYear(year, kind, place))
        for match in _SHORT_FISCAL.finditer(words):
            year = _CENTURY + int(match["year"])
            years.setdefault((year, "fiscal"), MentionedYear(year, "fiscal", place))
    return tuple(years.values())[:_MAX_YEARS]
