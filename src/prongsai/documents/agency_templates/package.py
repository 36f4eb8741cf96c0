"""The package check: whether a .docx may be opened, filled, and given out as an official paper.

By allow-list: every part has a type that a plain document has, every relationship one that it needs, and what would be
fetched from elsewhere when Word opens the file is a hyperlink at most. XML is parsed, never searched, so that no
encoding hides anything; :mod:`prongsai.documents.agency_templates.markup` looks at what it says. Runs in the sandbox.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote, urlsplit

from lxml import etree

from prongsai.documents.agency_templates.markup import find_markup_problem

MAX_BYTES = 10_000_000
MAX_UNZIPPED_BYTES = 60_000_000
MAX_ENTRIES = 2000
MAX_XML_BYTES = 5_000_000  # of one part
MAX_FILLED_XML_BYTES = 20_000_000  # of one part of a filled template
_EXECUTABLE = (".bin", ".exe", ".dll")
_BROKEN = "ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"
_TOO_LARGE = "ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย"
_MACROS = "ไฟล์มีมาโครหรือวัตถุฝัง บันทึกใหม่เป็น .docx ที่ไม่มีมาโคร"

_TYPES_PART = "[Content_Types].xml"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_MAIN_TYPE = f"{_WORD_TYPE}document.main+xml"
_PART_TYPES = {
    _MAIN_TYPE,
    *(
        f"{_WORD_TYPE}{name}+xml"
        for name in (
            "styles", "settings", "webSettings", "fontTable", "numbering", "header", "footer", "footnotes", "endnotes",
            "comments", "commentsExtended", "commentsIds", "commentsExtensible", "people", "document.glossary",
        )
    ),
    "application/vnd.openxmlformats-officedocument.theme+xml",
    "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    "application/vnd.openxmlformats-package.core-properties+xml",
    "application/vnd.openxmlformats-package.relationships+xml",
    "application/vnd.ms-word.stylesWithEffects+xml",
    "application/xml",
    "image/png",
    "image/jpeg",
    "image/jpg",
    "image/gif",
}  # fmt: skip
_RELATIONSHIP_BASES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/metadata",
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
    "http://schemas.microsoft.com/office/2007/relationships",
    "http://schemas.microsoft.com/office/2011/relationships",
    "http://schemas.microsoft.com/office/2016/09/relationships",
    "http://schemas.microsoft.com/office/2018/08/relationships",
)
_RELATIONSHIPS = frozenset(
    [
        "officeDocument",
        "styles",
        "settings",
        "webSettings",
        "fontTable",
        "numbering",
        "theme",
        "header",
        "footer",
        "footnotes",
        "endnotes",
        "image",
        "hyperlink",
        "customXml",
        "customXmlProps",
        "core-properties",
        "extended-properties",
        "extendedProperties",
        "custom-properties",
        "customProperties",
        "thumbnail",
        "comments",
        "commentsExtended",
        "commentsIds",
        "commentsExtensible",
        "people",
        "stylesWithEffects",
        "glossaryDocument",
    ]
)
_CUSTOM_DATA = "customXml/"
_LINK_SCHEMES = ("http", "https", "mailto")


class _PackageError(Exception):
    """The message says in Thai what is wrong with the file and where."""


def find_package_problem(data: bytes, *, max_xml_bytes: int = MAX_XML_BYTES) -> str:
    """Why a file is not opened, in Thai; empty when it may be."""
    if len(data) > MAX_BYTES:
        return f"ไฟล์ใหญ่เกิน {MAX_BYTES / 1e6:,.0f} MB ลดขนาดรูปในไฟล์"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _Package(archive, max_xml_bytes).check()
    except _PackageError as error:
        return str(error)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, EOFError, etree.XMLSyntaxError):
        return _BROKEN
    return ""


@dataclass(frozen=True)
class _Relationship:
    kind: str  # the last word of its type; "" when that is none that a document needs
    target: str
    is_external: bool
    type_text: str


class _Package:
    def __init__(self, archive: zipfile.ZipFile, max_xml_bytes: int) -> None:
        self._archive = archive
        self._max_xml_bytes = max_xml_bytes
        self._entries = {e.filename: e for e in archive.infolist() if not e.is_dir()}

    def check(self) -> None:
        self._check_entries()
        types = self._read_types()
        self._check_main(types)
        for name in self._entries:
            if name == _TYPES_PART:
                continue
            if name.endswith(".rels") or types[name].endswith("relationships+xml"):
                self._check_relationships(name)
            elif types[name].endswith("xml"):
                if types[name] == "application/xml" and name.startswith(_CUSTOM_DATA):
                    self._parse(name)  # data of other programs: nothing is bound to it, and nothing shows it
                elif problem := find_markup_problem(self._parse(name)):
                    raise _PackageError(f"{_describe_part(name)}: {problem}")
            else:
                self._check_picture(name)

    def _check_entries(self) -> None:
        entries = self._archive.infolist()
        sizes = [e.file_size for e in entries]
        xml = [e.file_size for e in entries if e.filename.lower().endswith((".xml", ".rels"))]
        if len(entries) > MAX_ENTRIES or sum(sizes) > MAX_UNZIPPED_BYTES or max(xml, default=0) > self._max_xml_bytes:
            raise _PackageError(_TOO_LARGE)
        lowered = [e.filename.lower() for e in entries]
        if any(name.endswith(_EXECUTABLE) or "vbaproject" in name for name in lowered):
            raise _PackageError(_MACROS)
        for entry in entries:
            name = entry.filename
            if name.startswith("/") or "\\" in name or ".." in name.split("/") or entry.flag_bits & 1:
                raise _PackageError(_BROKEN)
        if len(set(lowered)) != len(lowered):
            raise _PackageError("ในไฟล์มีสองส่วนชื่อเดียวกัน เปิดใน Word แล้วบันทึกใหม่เป็น .docx")

    def _read(self, name: str, max_bytes: int) -> bytes:
        """A part, which may be larger than the directory says."""
        with self._archive.open(self._entries[name]) as part:
            return _read_bounded(part, max_bytes)

    def _parse(self, name: str) -> etree._Element:
        """XML without a document type, which is the only place where XML can define entities; Word writes none."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(self._read(name, self._max_xml_bytes), parser)
        if root.getroottree().docinfo.doctype:
            raise _PackageError(_BROKEN)
        return root

    def _read_types(self) -> Mapping[str, str]:
        """The type of every part. Raises for one that a plain document has not."""
        if _TYPES_PART not in self._entries:
            raise _PackageError(_BROKEN)
        defaults: dict[str, str] = {}
        overrides: dict[str, str] = {}
        for element in self._parse(_TYPES_PART).iter("{*}Default", "{*}Override"):
            kind = element.get("ContentType", "").strip()
            if element.tag.endswith("}Default"):
                defaults[element.get("Extension", "").lower()] = kind
            else:
                overrides[unquote(element.get("PartName", "")).lower().lstrip("/")] = kind
        types: dict[str, str] = {}
        for name in self._entries:
            if name == _TYPES_PART:
                continue
            kind = overrides.get(name.lower(), defaults.get(name.lower().rpartition(".")[2], ""))
            if "macro" in kind.lower() or "vba" in kind.lower() or "activex" in kind.lower():
                raise _PackageError(_MACROS)
            if kind not in _PART_TYPES:
                raise _PackageError(
                    f"ในไฟล์มีส่วน {name[:80]} ชนิด {kind[:80] or 'ที่ไม่ได้ระบุ'} ซึ่งแม่แบบมีไม่ได้ "
                    "ใช้ได้เพียงข้อความ ตาราง และรูป PNG JPEG GIF ลบส่วนนั้นหรือบันทึกใหม่เป็น .docx ธรรมดา"
                )
            types[name] = kind
        return types

    def _check_relationships(self, name: str) -> None:
        folder = posixpath.dirname(posixpath.dirname(name))
        for relationship in self._list_relationships(name):
            if relationship.is_external and relationship.kind != "hyperlink":
                raise _PackageError(f"ไฟล์อ้างถึงไฟล์ภายนอก ({relationship.type_text or '?'}) ซึ่งไม่อนุญาต ลบการเชื่อมโยงนั้นก่อน")
            if not relationship.kind:
                raise _PackageError(
                    f"{_describe_part(name)}: มีการเชื่อมโยงชนิด {relationship.type_text[:60] or '?'} "
                    "ซึ่งแม่แบบมีไม่ได้ เช่น วัตถุฝัง เอกสารแทรก หรือแม่แบบแนบ ลบออกแล้วบันทึกใหม่"
                )
            if relationship.is_external:
                _check_link(relationship.target)
            elif relationship.kind != "hyperlink" and not self._has_part(folder, relationship):
                raise _PackageError(f"ไฟล์อ้างถึงไฟล์ภายนอก ({relationship.type_text}) ซึ่งไม่อนุญาต ลบการเชื่อมโยงนั้นก่อน")

    def _list_relationships(self, name: str) -> Iterator[_Relationship]:
        root = self._parse(name)
        for element in root.iter():
            if element is root:
                continue
            if not isinstance(element.tag, str) or etree.QName(element).localname != "Relationship":
                raise _PackageError(_BROKEN)
            base, _, last = element.get("Type", "").strip().rpartition("/")
            mode = element.get("TargetMode", "Internal").strip().lower()
            kind = last if base in _RELATIONSHIP_BASES and last in _RELATIONSHIPS else ""
            yield _Relationship(kind, element.get("Target", "").strip(), mode != "internal", last)

    def _has_part(self, folder: str, relationship: _Relationship) -> bool:
        """Whether a target is a part of this file, and not an address or a file elsewhere."""
        target = relationship.target
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or "\\" in target:
            return False
        path = unquote(parts.path)
        name = path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
        if name.startswith(_CUSTOM_DATA) and relationship.kind not in ("customXml", "customXmlProps"):
            return False
        return name in self._entries

    def _check_picture(self, name: str) -> None:
        head = self._read(name, MAX_UNZIPPED_BYTES)[:8]
        if not head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
            raise _PackageError(f"{name[:80]} ไม่ใช่รูป PNG JPEG หรือ GIF บันทึกรูปนั้นใหม่เป็น PNG")

    def _check_main(self, types: Mapping[str, str]) -> None:
        mains = [name for name, kind in types.items() if kind == _MAIN_TYPE]
        targets = [
            r.target.lstrip("/")
            for r in (self._list_relationships("_rels/.rels") if "_rels/.rels" in self._entries else ())
            if r.kind == "officeDocument"
        ]
        if len(mains) != 1 or targets != mains:
            raise _PackageError("ไม่ใช่ไฟล์ Word (.docx)")


def _read_bounded(part: IO[bytes], max_bytes: int) -> bytes:
    content = part.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise _PackageError(_TOO_LARGE)
    return content


def _check_link(target: str) -> None:
    """A hyperlink is followed only by who clicks on it, and only where a web page or a mail is."""
    scheme = urlsplit(target).scheme.lower()
    if scheme not in _LINK_SCHEMES:
        raise _PackageError(f"การเชื่อมโยงไปที่ {target[:60]} ไม่อนุญาต เชื่อมโยงได้เฉพาะหน้าเว็บ (http, https) และอีเมล (mailto)")


_PART_NAMES = {
    "word/document.xml": "เนื้อหา",
    "word/_rels/document.xml.rels": "เนื้อหา",
    "word/settings.xml": "การตั้งค่า",
    "word/_rels/settings.xml.rels": "การตั้งค่า",
}


def _describe_part(name: str) -> str:
    """A part as its author knows it."""
    stem = posixpath.basename(name)
    if stem.startswith("header"):
        return "หัวกระดาษ"
    if stem.startswith("footer"):
        return "ท้ายกระดาษ"
    return _PART_NAMES.get(name, name[:80])
