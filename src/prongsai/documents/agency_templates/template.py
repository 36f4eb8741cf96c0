"""An agency's own Word file in place of ours: checked when it is uploaded, filled when a document is issued.

A template is a .docx with tags (``{{ agency }}``, ``{%tr for p in plan %}`` … ``{%tr endfor %}``; ``tags`` lists all).
It comes from outside and is not trusted: ``package`` decides whether it may be opened, ``language`` what its tags may
say.
"""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import docx
from docx.oxml.ns import qn
from docxtpl import DocxTemplate, Listing
from jinja2 import ChainableUndefined, StrictUndefined, TemplateError, TemplateSyntaxError

from prongsai.documents.agency_templates.language import NarrowEnvironment, find_tag_problem
from prongsai.documents.agency_templates.package import find_package_problem
from prongsai.documents.agency_templates.tags import TAGS, Tag, build_tag_values
from prongsai.documents.content.data import DocumentData, validate
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.wording import describe_provisional_rules
from prongsai.lib import thai

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
_PAIRS = (("{{", "}}"), ("{%", "%}"))
_CANNOT_OPEN = "เปิดไฟล์ Word นี้ไม่ได้ ไฟล์อาจเสีย ลองเปิดใน Word แล้วบันทึกใหม่เป็น .docx"
_CANNOT_RENDER = "ประกอบไฟล์นี้ไม่สำเร็จ แท็กของตารางต้องใช้ {%tr … %} และของย่อหน้าใช้ {%p … %} โดยแท็กหนึ่งอยู่ในแถวหรือย่อหน้าของตัวเอง"


class TemplateFileError(ValueError):
    """The file cannot be used as a template; ``problems`` are Thai sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def check_template(data: bytes, kind: str) -> list[str]:
    """Every problem of a template for a document, in Thai, with the tag and its place; empty when it can be used."""
    if problem := find_package_problem(data):
        return [problem]
    try:
        file = docx.Document(io.BytesIO(data))
    except Exception:  # a parser may fail in any way on a broken file; its words would not help
        return [_CANNOT_OPEN]
    texts = list(_list_texts(file))
    tags = [(place, tag) for place, text in texts for tag in _TAG.findall(text)]
    problems = _find_unpaired(texts)
    if not problems and all(tag.startswith("{#") for _, tag in tags):
        return ["ไม่พบแท็กในไฟล์ ใส่แท็กอย่างน้อยหนึ่งแท็ก เช่น {{ agency }}"]
    problems += [f"{place}: แท็ก {tag} {text}" for place, tag in tags if (text := find_tag_problem(tag))]
    return problems or _find_render_problems(data, kind, tags)


def fill_template(data: bytes, kind: str, document_data: DocumentData) -> bytes:
    """The template with the document's texts in place of its tags, as .docx. Raises TemplateFileError and
    DocumentDataError."""
    problems = check_template(data, kind)
    if problems:
        raise TemplateFileError(problems)
    facts = ResultFacts(validate(document_data))
    values = build_tag_values(kind, facts)
    try:
        filled = _render(data, _mark_lines(values), NarrowEnvironment(TAGS[kind], StrictUndefined))
        remark = describe_provisional_rules(facts)
        return _add_remark(filled, remark if facts.data.formatting.digits == "arabic" else thai.in_thai_digits(remark))
    except TemplateError as error:
        raise TemplateFileError([f"แท็กใช้ไม่ได้: {error}"]) from error


def _add_remark(filled: bytes, remark: str) -> bytes:
    """The file with a remark at its end, which no template can leave out; as it is without one."""
    if not remark:
        return filled
    file = docx.Document(io.BytesIO(filled))
    file.add_paragraph(f"หมายเหตุ {remark}")
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _render(data: bytes, values: dict[str, Any], environment: NarrowEnvironment) -> bytes:
    template = DocxTemplate(io.BytesIO(data))
    template.render(values, jinja_env=environment, autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def _mark_lines(value: Any) -> Any:
    """Texts of several lines as docxtpl takes them."""
    if isinstance(value, str):
        return Listing(value) if "\n" in value else value
    if isinstance(value, list):
        return [_mark_lines(item) for item in value]
    return {name: _mark_lines(item) for name, item in value.items()}


# --- problems with their places


def _list_texts(file: Any) -> Iterator[tuple[str, str]]:
    """Every text as (place in the words of its author, text)."""
    for number, paragraph in enumerate(file.paragraphs, 1):
        yield f"ย่อหน้า {number}", paragraph.text
    for number, table in enumerate(file.tables, 1):
        for line, row in enumerate(table.rows, 1):
            for cell in dict.fromkeys(row._tr.tc_lst):
                text = "".join(t.text or "" for t in cell.iter(qn("w:t")))
                yield f"ตาราง {number} แถว {line}", text
    for number, section in enumerate(file.sections, 1):
        for name, part in (("หัวกระดาษ", section.header), ("ท้ายกระดาษ", section.footer)):
            for paragraph in part.paragraphs:
                yield f"{name} ส่วน {number}", paragraph.text


def _find_unpaired(texts: list[tuple[str, str]]) -> list[str]:
    return [
        f"{place}: เปิดแท็กแล้วไม่ปิด หรือปิดโดยไม่เปิด ใช้ {{{{ … }}}} หรือ {{% … %}} เป็นคู่ในย่อหน้าเดียวกัน"
        for place, text in texts
        if any(text.count(opening) != text.count(closing) for opening, closing in _PAIRS)
    ]


def _find_render_problems(data: bytes, kind: str, tags: list[tuple[str, str]]) -> list[str]:
    """Fill the template with a specimen: unknown names, commands without an end, tags in the wrong place."""
    environment = NarrowEnvironment(TAGS[kind], ChainableUndefined)  # continues after an unknown name, to find all
    try:
        _render(data, _build_specimen(TAGS[kind]), environment)
    except TemplateSyntaxError as error:
        return [_describe_missing_end(str(error.message))]
    except TemplateError as error:
        return [*_locate(environment.problems, tags), f"แท็กใช้ไม่ได้: {error}"]
    except Exception:  # docxtpl fails in many ways on tags that break the XML
        return [_CANNOT_RENDER]
    return _locate(environment.problems, tags)


def _build_specimen(tags: Mapping[str, Tag]) -> dict[str, Any]:
    """An example in place of every tag."""
    specimen: dict[str, Any] = {}
    for name, tag in tags.items():
        fields = _build_specimen(tag.fields) if tag.fields else "ตัวอย่าง"
        specimen[name] = [fields] if tag.fields and tag.is_list else fields
    return specimen


def _describe_missing_end(message: str) -> str:
    match = re.search(r"'(endfor|endif)'", message)
    missing = f" ขาด {match[1]}" if match else ""
    return f"คำสั่ง for หรือ if ไม่ครบคู่กับ endfor หรือ endif{missing} ตรวจว่าทุกคำสั่งมีคำปิดและอยู่ในตารางหรือย่อหน้าเดียวกัน"


def _locate(problems: list[str], tags: list[tuple[str, str]]) -> list[str]:
    """Each problem once, with the place of its name, which is its first word."""
    return [_locate_problem(problem, tags) for problem in dict.fromkeys(problems)]


def _locate_problem(problem: str, tags: list[tuple[str, str]]) -> str:
    name = problem.partition(" ")[0].rpartition(".")[2]
    pattern = re.compile(rf"(?<![\w]){re.escape(name)}(?![\w])")
    place = next((f"{place}: แท็ก {tag} " for place, tag in tags if pattern.search(tag)), "")
    return f"{place}ไม่รู้จัก {problem}"
