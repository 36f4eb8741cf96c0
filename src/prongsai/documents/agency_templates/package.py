"""The package check: whether an uploaded .docx may be opened at all.

Everything here runs before a parser of documents sees the file: limits on sizes as the archive declares them, no
macros or embedded objects, no document type declarations, nothing that Word would fetch from elsewhere.
"""

import io
import zipfile

from lxml import etree

MAX_BYTES = 10_000_000
MAX_UNZIPPED_BYTES = 60_000_000
MAX_ENTRIES = 2000
MAX_XML_BYTES = 5_000_000  # of one part
_EXECUTABLE = (".bin", ".exe", ".dll")
_BROKEN = "ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"


def find_package_problem(data: bytes) -> str:
    """Why a file is not opened, in Thai; empty when it may be."""
    if len(data) > MAX_BYTES:
        return f"ไฟล์ใหญ่ {len(data) / 1e6:,.1f} MB เกิน {MAX_BYTES / 1e6:,.0f} MB ลดขนาดรูปในไฟล์"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _find_entry_problem(archive)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, etree.XMLSyntaxError):
        return _BROKEN


def _find_entry_problem(archive: zipfile.ZipFile) -> str:
    entries = archive.infolist()
    unzipped = sum(e.file_size for e in entries)
    largest_xml = max((e.file_size for e in entries if _is_xml(e)), default=0)
    if len(entries) > MAX_ENTRIES or unzipped > MAX_UNZIPPED_BYTES or largest_xml > MAX_XML_BYTES:
        return "ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย"
    names = {e.filename.lower() for e in entries}
    if "word/document.xml" not in names:
        return "ไม่ใช่ไฟล์ Word (.docx)"
    if any(name.endswith(_EXECUTABLE) or "vbaproject" in name for name in names):
        return "ไฟล์มีมาโครหรือวัตถุฝัง บันทึกใหม่เป็น .docx ที่ไม่มีมาโคร"
    for entry in entries:
        if entry.filename.lower().endswith(".rels"):
            external = _find_external_relationship(archive.read(entry))
            if external:
                return f"ไฟล์อ้างถึงไฟล์ภายนอก ({external}) ซึ่งไม่อนุญาต ลบการเชื่อมโยงนั้นก่อน"
        elif _is_xml(entry) and _has_document_type(archive.read(entry)):
            return _BROKEN
    return ""


def _is_xml(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.lower().endswith((".xml", ".rels"))


def _parse(xml: bytes) -> etree._Element:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _find_external_relationship(relationships: bytes) -> str:
    """The type of a part that Word would fetch from elsewhere, "?" without a type; empty when there is none. A
    hyperlink is none: only a reader follows it."""
    for relationship in _parse(relationships).iter("{*}Relationship"):
        kind = relationship.get("Type", "").rpartition("/")[2]
        if relationship.get("TargetMode", "").lower() == "external" and kind != "hyperlink":
            return kind or "?"
    return ""


def _has_document_type(xml: bytes) -> bool:
    """Whether a part declares a document type, the only place where XML can define entities. Word writes none."""
    return bool(_parse(xml).getroottree().docinfo.doctype)
