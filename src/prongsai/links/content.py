"""What a body holds: its real type, text, title, language, years, digests. Nothing in it is executed or fetched."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from prongsai.lib import thai
from prongsai.links.model import Language, Year
from prongsai.links.reader import Document, Readers

MAX_HTML = 3_000_000  # of one page; what comes after is not looked at
MAX_TEXT = 1_000_000  # letters that are looked at
MAX_LINES = 20_000
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OLE = "application/x-ole-storage"
DOCUMENTS = {"application/pdf": "pdf", _DOCX: "docx", _XLSX: "xlsx"}
TEXTS = ("text/html", "text/plain", "application/json", "application/xml")

_MAGIC = (
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
# Declared types that say the same as what is found.
_SAME = {
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
_UNSAID = (
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/force-download",
    "application/download",
    "application/x-download",
)


@dataclass(slots=True)
class Facts:
    """What reading a body brought to light."""

    kind: str = ""  # sniffed type
    text: str = ""  # without menus
    title: str = ""
    headings: tuple[str, ...] = ()
    has_text: bool | None = None
    notes: list[str] = field(default_factory=list)
    password: bool = False  # the page has a field for a password
    refresh: str | None = None  # where the page sends its reader at once
    shell: bool = False  # next to no text, and scripts that would write some
    everything: str = ""  # text with menus


# --- types ---------------------------------------------------------------------------------------------------------


def sniff(body: bytes, declared: str = "") -> str:
    """The type that the bytes show: from their first letters, or "text/html", "text/plain"; "" for nothing known."""
    head = body[:1024]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"%PDF-" in head:
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        for mark, kind in ((b"word/", _DOCX), (b"xl/", _XLSX), (b"ppt/", "application/vnd.ms-powerpoint")):
            if mark in body[:4096] or mark in body[-65536:]:
                return kind
        return "application/zip"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if not head.strip():
        return ""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in head and not wide:
        return ""
    start = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    start = re.sub(rb"^(?:<!--.*?-->\s*)+", b"", start, flags=re.S)
    if re.match(
        rb"<(?:!doctype html|html|head|body|title|meta|script|div|table|p|h1|a|center|frameset|style|link)\b", start
    ):
        return "text/html"
    if start.startswith(b"<?xml"):
        return "text/html" if b"<html" in start else "application/xml"
    if re.search(rb"<(?:html|head|body|title)\b", start):
        return "text/html"
    if declared.startswith("text/") or declared in ("application/json", "application/xml"):
        return declared
    return "text/plain"


def same_type(declared: str, sniffed: str) -> bool:
    """Whether a server spoke the truth, as far as bytes can tell."""
    if not sniffed or declared in _UNSAID:
        return True
    declared = _SAME.get(declared, declared)
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


def type_of(header: str) -> str:
    """``text/html`` of ``Text/HTML; charset=utf-8``."""
    return _CONTROL.sub("", header.partition(";")[0]).strip().lower()[:100]


# --- letters -------------------------------------------------------------------------------------------------------

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,30})""", re.I)
_THAI_SETS = ("tis-620", "tis620", "windows-874", "cp874", "iso-8859-11", "x-windows-874", "thai", "iso8859-11")


def decode(body: bytes, content_type: str = "") -> tuple[str, bool]:
    """The text of bytes, and whether the charset that was declared is the one they are in.

    Bytes that are good UTF-8 are UTF-8, whatever is declared; else the declared charset if it fits; else Windows-874.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(name, "replace"), True
    said = re.search(r"charset\s*=\s*[\"']?\s*([\w-]+)", content_type, re.I)
    meta = _META_CHARSET.search(body[:4096])
    declared = (said[1] if said else meta[1].decode("ascii", "replace") if meta else "").lower()
    declared = "cp874" if declared in _THAI_SETS else declared
    if body.isascii():
        return body.decode("ascii"), True
    for cut in range(4):  # a body that was cut off may end within a letter
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
            if declared not in ("iso-8859-1", "latin-1", "latin1", "windows-1252") or not _reads_thai(body):
                return text, True
    return body.decode("cp874", "replace"), declared in ("", "cp874")


def _reads_thai(body: bytes) -> bool:
    letters = [c for c in body.decode("cp874", "replace")[:20_000] if not c.isascii()]
    return sum("\u0e01" <= c <= "\u0e5b" for c in letters) > 0.9 * len(letters)


# --- pages ---------------------------------------------------------------------------------------------------------

_SILENT = frozenset(
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
_MENUS = frozenset(["nav", "header", "footer", "aside"])
_INLINE = frozenset(
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
_HEADINGS = frozenset(("h1", "h2", "h3"))
_REFRESH = re.compile(r"^\s*(\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"']+)", re.I)


def read(body: bytes, content_type: str, readers: Readers, *, cut: bool = False) -> Facts:
    """Everything we want to know of a body. Never raises for what it holds."""
    declared = type_of(content_type)
    facts = Facts(kind=sniff(body, declared))
    if not same_type(declared, facts.kind):
        facts.notes.append("lying_type")
    if facts.kind in DOCUMENTS:
        document = Document(error="too_big") if cut else readers.read(DOCUMENTS[facts.kind], body)
        facts.text, facts.title, facts.has_text = lines_of(document.text), one_line(document.title), document.has_text
        facts.headings = tuple(facts.text.split("\n", 3)[:3])
        if document.error:
            facts.notes.append(f"document_{document.error}")
        elif not document.has_text:
            facts.notes.append("no_text")
    elif facts.kind in TEXTS or facts.kind.startswith("text/"):
        text, honest = decode(body[:MAX_HTML], content_type)
        if not honest:
            facts.notes.append("wrong_charset")
        if facts.kind == "text/html":
            _read_html(text, facts)
        else:
            facts.text = facts.everything = lines_of(text)
        facts.has_text = bool(facts.everything)
    elif facts.kind.startswith("image/"):
        facts.has_text = False
        facts.notes.append("no_text")
    return facts


def text_of(body: bytes, content_type: str = "") -> str:
    """The text of a page or document, in reading order, a line a paragraph; "" where there is none or it cannot be
    read.

    HTML (without menus, scripts and the like), PDF, .docx, .xlsx, plain text; which of them is seen from the bytes.
    Synchronous; documents are opened in another process with limits on memory and time.
    """
    readers = Readers(1, seconds=60, memory=2_000_000_000, max_pages=300)
    try:
        return read(body, content_type, readers).text
    finally:
        readers.close()


def _read_html(text: str, facts: Facts) -> None:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return
    title = next(root.iter("title"), None)
    facts.title = one_line("".join(title.itertext())) if title is not None else ""
    main: list[str] = []
    every: list[str] = []
    headings: list[str] = []
    scripts = 0
    for element in root.iter("script", "meta", "input"):
        if element.tag == "script":
            scripts += 1
        elif element.tag == "input":
            facts.password = facts.password or (element.get("type") or "").lower() == "password"
        elif (element.get("http-equiv") or "").lower() == "refresh":
            found = _REFRESH.match(element.get("content") or "")
            if found and int(found[1]) <= 5:
                facts.refresh = found[2].strip()
    for where, piece in _pieces(root):
        every.append(piece)
        if "menu" not in where:
            main.append(piece)
        if "heading" in where and len(headings) < 40:
            headings.append(piece)
    facts.everything = lines_of("".join(every))
    facts.text = lines_of("".join(main)) if len(main) < len(every) else facts.everything
    if len(facts.text) < 40:
        facts.text = facts.everything  # pages that put all of themselves into a <header>
    facts.headings = tuple(filter(None, (one_line(h) for h in headings)))
    facts.shell = scripts > 0 and sum(c.isalpha() for c in facts.everything) < 60


def _pieces(root: Any) -> Iterator[tuple[frozenset[str], str]]:
    """The visible texts of a page in order, with what they stand in; line ends between blocks."""
    plain: frozenset[str] = frozenset()
    where = [plain]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            inside = where[-1]
            if tag in _SILENT or _hidden(element):
                walk.skip_subtree()
                where.append(inside)
                continue
            if tag in _MENUS:
                inside = inside | {"menu"}
            elif tag in _HEADINGS:
                inside = inside | {"heading"}
            if tag not in _INLINE:
                yield inside - {"heading"}, "\t" if tag in ("td", "th") else "\n"
            where.append(inside)
            if element.text:
                yield inside, _flat(element.text)
        else:
            where.pop()
            if tag not in _INLINE and tag not in ("td", "th"):
                yield where[-1] - {"heading"}, "\n"
            if element.tail:
                yield where[-1], _flat(element.tail)


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _hidden(element: Any) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or bool(
        style and re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", style, re.I)
    )


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def one_line(text: str, most: int = 300) -> str:
    return re.sub(r"\s+", " ", thai.clean(_storable(text[: most * 4]))).strip()[:most]


def _storable(text: str) -> str:
    """Without what a database refuses: control characters, halves of surrogate pairs."""
    return _CONTROL.sub(" ", text)


def lines_of(text: str) -> str:
    """Lines with single spaces, none empty, Thai in one spelling."""
    lines = (
        re.sub(r"\s+", " ", line).strip() for line in re.split(r"[\r\n\f\v]+", thai.clean(_storable(text[:MAX_TEXT])))
    )
    kept = [line for line in lines if line]
    return "\n".join(kept[:MAX_LINES])


# --- digests, language, years --------------------------------------------------------------------------------------

_COUNTERS = re.compile(
    r"ผู้เข้าชม|เข้าชม|ออนไลน์|ผู้ชม|เปิดอ่าน|อ่านแล้ว|ดาวน์โหลดแล้ว|จำนวนครั้ง|สถิติ|วันนี้|เมื่อวาน|"
    r"visitors?\b|online|views?\b|hits?\b|today|yesterday|\bip\b|copyright|©",
    re.I,
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:น\.|am|pm))?", re.I)


def steady_lines(text: str) -> list[str]:
    """The lines of a text that stay the same from one look to the next: no counters, no clocks."""
    return [
        line
        for line in (_CLOCK.sub("", line).strip() for line in text.split("\n"))
        if line and not (len(line) < 120 and _COUNTERS.search(line)) and not re.fullmatch(r"[\d\s,./:-]*", line)
    ]


def text_digest(text: str) -> str:
    """SHA-256, hex, of the steady lines; "" of nothing."""
    lines = steady_lines(text)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""


_LETTERS = re.compile(r"[^\W\d_]+")
_THAI_LETTERS = re.compile("[\u0e01-\u0e2e\u0e30\u0e32\u0e33\u0e40-\u0e46]+")
_LATIN_LETTERS = re.compile("[A-Za-z]+")


def language_of(text: str) -> Language:
    """By the letters: Thai when at least a fifth are, for English names stand in every Thai page."""
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
_SHORT = re.compile(r"(?:ปีงบประมาณ|ปีงบ)\s*(?:พ\s?\.\s?ศ\s?\.)?\s*(?P<year>[4-9]\d)(?!\d)")
_FIRST, _LAST, _GAP = 40, 99, 543  # B.E. 25nn; C.E. is 543 less


def years_of(title: str, headings: tuple[str, ...], text: str) -> tuple[Year, ...]:
    """The years spoken of, in the Buddhist era, each once for its kind and the best place it stands in; at most 60."""
    century = 2500
    found: dict[tuple[int, str], Year] = {}
    places: tuple[tuple[Literal["title", "heading", "text"], str], ...] = (
        ("title", title),
        ("heading", "\n".join(headings)),
        ("text", text[:200_000]),
    )
    for place, words in places:
        words = thai.arabic(words)
        for match in _YEAR.finditer(words):
            year = int(match[0])
            year = year if year >= century else year + _GAP
            before = words[max(0, match.start() - 40) : match.start()]
            kind: Literal["fiscal", "calendar"] = "fiscal" if _FISCAL.search(before) else "calendar"
            if century + _FIRST <= year <= century + _LAST:
                found.setdefault((year, kind), Year(year, kind, place))
        for match in _SHORT.finditer(words):
            year = century + int(match["year"])
            found.setdefault((year, "fiscal"), Year(year, "fiscal", place))
    return tuple(found.values())[:60]
