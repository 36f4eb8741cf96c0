"""What is done with an agency's template in the sandbox: the problems of its tags and their places, and filling it.

The words of a refusal are ``template``'s, which asks for it.
"""

import io
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import docx
from docx.oxml.ns import qn
from docxtpl import DocxTemplate, Listing
from jinja2 import ChainableUndefined, StrictUndefined, TemplateError, TemplateSyntaxError

from prongsai.documents.agency_templates.language import MAX_TAGS, TOO_MANY_TAGS, NarrowEnvironment, find_tag_problem
from prongsai.documents.agency_templates.package import MAX_FILLED_XML_BYTES, find_package_problem
from prongsai.documents.agency_templates.tags import TAGS, Tag
from prongsai.documents.agency_templates.template import CANNOT_OPEN, CANNOT_RENDER, FILL_LIMITS
from prongsai.lib import sandbox

_CLOSINGS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_PAIRS = (("{{", "}}"), ("{%", "%}"))


def answer_check(data: bytes, kind: str) -> list[str]:
    """The problems of a template."""
    if problem := find_package_problem(data):
        return [problem]
    try:
        file = docx.Document(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception:  # a parser may fail in any way on a broken file; its words would not help
        return [CANNOT_OPEN]
    texts = list(_list_texts(file))
    tags = [(place, tag) for place, text in texts for tag in _find_tags(text)]
    if len(tags) > MAX_TAGS:
        return [TOO_MANY_TAGS]
    problems = _find_unpaired(texts)
    if not problems and all(tag.startswith("{#") for _, tag in tags):
        return ["ไม่พบแท็กในไฟล์ ใส่แท็กอย่างน้อยหนึ่งแท็ก เช่น {{ agency }}"]
    problems += [f"{place}: แท็ก {tag} {text}" for place, tag in tags if (text := find_tag_problem(tag))]
    return problems or _find_render_problems(data, kind, tags)


def answer_word_file(data: bytes) -> list[str]:
    """The problems of a filled file."""
    problem = find_package_problem(data, max_xml_bytes=MAX_FILLED_XML_BYTES)
    return [problem] if problem else []


def answer_filled(data: bytes, kind: str, values: dict[str, Any], remark: str) -> bytes | list[str]:
    """The filled file, or the problems of the template."""
    if problems := answer_check(data, kind):
        return problems
    sandbox.allow_until(time.process_time() + FILL_LIMITS.seconds)
    try:
        filled = _render(data, _mark_lines(values), NarrowEnvironment(TAGS[kind], StrictUndefined))
    except TemplateError as error:
        return [f"แท็กใช้ไม่ได้: {error}"]
    return _add_remark(filled, remark)


def _find_tags(text: str) -> list[str]:
    """Tags as written, each from its opening to the next closing of its sort."""
    tags: list[str] = []
    at = 0
    while (start := text.find("{", at)) >= 0:
        closing = _CLOSINGS.get(text[start : start + 2])
        end = text.find(closing, start + 2) if closing else -1
        if closing and end < 0:
            return tags  # unpaired, which is reported apart
        at = end + 2 if closing else start + 1
        if closing:
            tags.append(text[start:at])
    return tags


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
        return [CANNOT_RENDER]
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
