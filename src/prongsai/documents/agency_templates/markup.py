"""What the XML of a Word file may say: text, tables and pictures, and of fields only those that a paper needs.

Word computes a field when it opens or prints a file; some start programs (DDE), fetch files (INCLUDETEXT) or tell their
author who reads (INCLUDEPICTURE). A field may be written in many pieces, so its pieces are put together first, within
each story (body, header, text box, either side of an alternative): Word does not join them across stories, and so
neither may we.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from lxml import etree

FIELDS = frozenset(
    ["PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "SEQ", "STYLEREF", "TOC", "HYPERLINK"]
)  # of these alone HYPERLINK names something outside
_NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/",
    "http://schemas.openxmlformats.org/drawingml/2006/main",
    "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "http://schemas.openxmlformats.org/markup-compatibility/",
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
    "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
    "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
    "http://schemas.openxmlformats.org/officeDocument/2006/customXml",
    "http://schemas.openxmlformats.org/officeDocument/2006/bibliography",
    "http://schemas.openxmlformats.org/officeDocument/2006/sharedTypes",
    "http://schemas.openxmlformats.org/schemaLibrary/",
    "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    "http://purl.oclc.org/ooxml/wordprocessingml/",
    "http://purl.oclc.org/ooxml/drawingml/main",
    "http://purl.oclc.org/ooxml/drawingml/picture",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
    "http://purl.oclc.org/ooxml/officeDocument/math",
    "http://purl.oclc.org/ooxml/officeDocument/extendedProperties",
    "http://purl.oclc.org/ooxml/officeDocument/customProperties",
    "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
    "http://purl.oclc.org/ooxml/officeDocument/customXml",
    "http://purl.oclc.org/ooxml/officeDocument/bibliography",
    "http://purl.oclc.org/ooxml/officeDocument/sharedTypes",
    "http://purl.oclc.org/dc/",
    "http://purl.org/dc/",
    "http://schemas.microsoft.com/office/word/",
    "http://schemas.microsoft.com/office/drawing/",
    "http://schemas.microsoft.com/office/thememl/",
    "urn:schemas-microsoft-com:vml",
    "urn:schemas-microsoft-com:office:office",
    "urn:schemas-microsoft-com:office:word",
)
_REFUSED = {
    "altChunk": "เอกสารแทรก (altChunk)",
    "subDoc": "เอกสารย่อย (subDoc)",
    "object": "วัตถุฝัง (object)",
    "OLEObject": "วัตถุฝัง (OLEObject)",
    "control": "ตัวควบคุม ActiveX (control)",
    "ocx": "ตัวควบคุม ActiveX (ocx)",
    "dataBinding": "การผูกข้อมูล (dataBinding)",
    "attachedTemplate": "แม่แบบแนบ (attachedTemplate)",
    "mailMerge": "จดหมายเวียน (mailMerge)",
    "saveThroughXslt": "การแปลงเมื่อบันทึก (saveThroughXslt)",
    "fldData": "ข้อมูลของฟิลด์ (fldData)",
    "delInstrText": "ฟิลด์ที่ลบค้างไว้ (delInstrText)",
    "entryMacro": "มาโครของช่องกรอก (entryMacro)",
    "exitMacro": "มาโครของช่องกรอก (exitMacro)",
    "frameset": "กรอบหน้าเว็บ (frameset)",
    "movie": "วิดีโอ (movie)",
    "videoFile": "วิดีโอ (videoFile)",
    "audioFile": "เสียง (audioFile)",
    "wavAudioFile": "เสียง (wavAudioFile)",
    "quickTimeFile": "วิดีโอ (quickTimeFile)",
    "webVideoPr": "วิดีโอจากเว็บ (webVideoPr)",
    "contentPart": "หมึก (contentPart)",
    "script": "สคริปต์ (script)",
    "docPart": "",  # of a glossary; its text is looked at like any other
}
_STORIES = frozenset(
    [
        "body",
        "hdr",
        "ftr",
        "footnote",
        "endnote",
        "comment",
        "txbxContent",
        "docPartBody",
        "Choice",
        "Fallback",
        "del",
        "moveFrom",
        "ins",
        "moveTo",
    ]
)
_ADDRESS_ATTRIBUTES = frozenset(["src", "href", "link", "url", "movie", "action", "lowsrc", "dynsrc", "oleid"])
_REMOVE = "ลบออกจากไฟล์แล้วบันทึกใหม่"


@dataclass
class _Field:
    instruction: str = ""
    has_result: bool = False


@dataclass
class _Story:
    fields: list[_Field] = field(default_factory=list)


def find_markup_problem(root: etree._Element) -> str:
    """What a part may not hold, in Thai; empty when nothing is wrong with it."""
    stories: dict[etree._Element | None, _Story] = {}
    for element in root.iter():
        problem = _check_element(element) or _check_field(element, stories)
        if problem:
            return problem
    if any(story.fields for story in stories.values()):
        return f"ฟิลด์ไม่มีจุดจบ {_REMOVE}"
    return ""


@lru_cache(maxsize=4096)
def _local_name(name: str) -> str:
    """The name of an element or attribute without its namespace."""
    return str(etree.QName(name).localname)


@lru_cache(maxsize=4096)  # a file has some tens of names, thousands of times each
def _check_name(tag: str) -> str:
    """Why no element of this name may be in a part, in Thai."""
    name, namespace = _local_name(tag), etree.QName(tag).namespace or ""
    if not namespace.startswith(_NAMESPACES):
        if namespace:
            return f"มีส่วน {name[:40]} ของโปรแกรมอื่น (เช่น แผนภูมิหรือแผนผัง) ซึ่งแม่แบบมีไม่ได้ วางเป็นรูป PNG แทน"
        return f"มีส่วน {name[:40]} ที่ไม่รู้จัก {_REMOVE}"
    if refused := _REFUSED.get(name):
        return f"มี{refused} ซึ่งแม่แบบมีไม่ได้ {_REMOVE}"
    return ""


@lru_cache(maxsize=4096)
def _is_address(attribute: str) -> bool:
    return _local_name(attribute).lower() in _ADDRESS_ATTRIBUTES


def _check_element(element: etree._Element) -> str:
    if not isinstance(element.tag, str):
        return "" if element.tag is etree.Comment else f"มีคำสั่งประมวลผล (processing instruction) {_REMOVE}"
    if problem := _check_name(element.tag):
        return problem
    for attribute, value in element.items():
        if _is_address(attribute) and _leads_outside(value):
            return f"รูปหรือวัตถุอ้างถึงไฟล์ภายนอก ({value[:60]}) วางรูปลงในไฟล์แทน"
    return ""


def _leads_outside(value: str) -> bool:
    text = value.strip()
    return bool(text) and not text.startswith("#")


# --- fields


def _check_field(element: etree._Element, stories: dict[etree._Element | None, _Story]) -> str:
    if not isinstance(element.tag, str):
        return ""
    name = _local_name(element.tag)
    if name == "fldSimple":
        return _check_instruction(_attribute(element, "instr"))
    if name not in ("fldChar", "instrText"):
        return ""
    story = stories.setdefault(_story_of(element), _Story())
    if name == "instrText":
        if not story.fields or story.fields[-1].has_result:
            return f"มีคำสั่งของฟิลด์นอกฟิลด์ {_REMOVE}"
        story.fields[-1].instruction += "".join(element.itertext())
        return ""
    return _step(story, _attribute(element, "fldCharType"))


def _step(story: _Story, kind: str) -> str:
    """Go on by the beginning, middle or end of a field."""
    if kind == "begin":
        if story.fields and not story.fields[-1].has_result:
            return f"มีฟิลด์ซ้อนในคำสั่งของฟิลด์ {_REMOVE}"
        story.fields.append(_Field())
        return ""
    if not story.fields or kind not in ("separate", "end"):
        return f"ฟิลด์ไม่มีจุดเริ่ม {_REMOVE}"
    current = story.fields[-1]
    problem = "" if current.has_result else _check_instruction(current.instruction)
    if kind == "separate":
        current.has_result = True
    else:
        story.fields.pop()
    return problem


def _story_of(element: etree._Element) -> etree._Element | None:
    """The nearest thing around an element within which the pieces of a field belong together."""
    for ancestor in element.iterancestors():
        if etree.QName(ancestor).localname in _STORIES:
            return ancestor
    return None


def _attribute(element: etree._Element, name: str) -> str:
    """An attribute by its name, in whatever namespace; of several the values joined, none of which then passes."""
    return " ".join(v for k, v in element.attrib.items() if etree.QName(k).localname == name)


def _check_instruction(instruction: str) -> str:
    words = instruction.split()
    name = words[0].upper() if words else ""
    if name not in FIELDS:
        allowed = " ".join(sorted(FIELDS))
        return f"มีฟิลด์ {(name or 'ว่าง')[:40]} ซึ่งแม่แบบมีไม่ได้ ใช้ได้เฉพาะ {allowed} ลบฟิลด์นั้นหรือพิมพ์เป็นข้อความแทน"
    if name == "HYPERLINK":
        for word in words[1:]:
            address = word.strip("\"“”'")
            scheme = urlsplit(address).scheme.lower() if ":" in address else ""
            if "\\\\" in address or (":" in address and scheme not in ("http", "https", "mailto")):
                return f"ฟิลด์ HYPERLINK ไปที่ {address[:60]} ไม่อนุญาต เชื่อมโยงได้เฉพาะ http https และ mailto"
    return ""
