"""An agency's own Word file in the place of ours: checked when it is uploaded, filled when a document is made.

A template is a .docx with tags (``{{ agency }}``, ``{%tr for p in plan %}`` … ``{%tr endfor %}``; all in ``tags``). It
comes from outside and is treated so: limits on size before it is opened, no macros and nothing fetched from elsewhere,
and of Jinja only names, ``for`` over our lists and ``if``; anything else is refused where it is parsed, so that it can
neither run long nor reach anything.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import docx
from docxtpl import DocxTemplate, Listing
from jinja2 import ChainableUndefined, StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import SandboxedEnvironment
from rapidfuzz import process

from prongsai.documents.judged import Judged
from prongsai.documents.material import Material, checked
from prongsai.documents.tags import TAGS, Tag, values

MAX_BYTES = 10_000_000
MAX_UNZIPPED = 60_000_000
MAX_ENTRIES = 2000
MAX_TEXT = 5_000_000  # of one part of XML
_DEPTH = 2  # loops in loops
_LOOP = Tag("ลำดับในวง", {"index": Tag("ลำดับที่"), "first": Tag("รายการแรก"), "last": Tag("รายการสุดท้าย")}, many=False)
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
_WORD_MARK = re.compile(r"\{([{%])(?:p|tr|tc|r)(?=\s)")


class TemplateFileError(ValueError):
    """The file cannot be used as a template; ``problems`` are Thai sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def check_template(data: bytes, kind: str) -> list[str]:
    """Every problem of a template for a document, in Thai, with the tag and where it stands; empty when it can be
    used."""
    problems = _package_problems(data)
    if problems:
        return problems
    try:
        file = docx.Document(io.BytesIO(data))
    except Exception:  # a parser may fail in any way on a broken file; its words would not help
        return ["เปิดไฟล์ Word นี้ไม่ได้ ไฟล์อาจเสีย ลองเปิดใน Word แล้วบันทึกใหม่เป็น .docx"]
    problems += [
        f"{place}: เปิดแท็กแล้วไม่ปิด หรือปิดโดยไม่เปิด ใช้ {{{{ … }}}} หรือ {{% … %}} เป็นคู่ในย่อหน้าเดียวกัน"
        for place, text in _texts_of(file)
        if any(text.count(a) != text.count(b) for a, b in (("{{", "}}"), ("{%", "%}")))
    ]
    found = [(place, tag) for place, text in _texts_of(file) for tag in _TAG.findall(text)]
    if not problems and not any(not tag.startswith("{#") for _, tag in found):
        return ["ไม่พบแท็กในไฟล์ ใส่แท็กอย่างน้อยหนึ่งแท็ก เช่น {{ agency }}"]
    for place, tag in found:
        problems += [f"{place}: แท็ก {tag} {text}" for text in _syntax(tag)]
    if problems:
        return problems
    environment = _Narrow(TAGS[kind], ChainableUndefined)  # goes on after an unknown name, to find them all
    try:
        _render(data, _specimen(TAGS[kind]), environment)
    except TemplateSyntaxError as error:
        return [_pairing(str(error.message))]
    except TemplateError as error:
        return [*_all_placed(environment.problems, found), f"แท็กใช้ไม่ได้: {error}"]
    except Exception:
        return ["ประกอบไฟล์นี้ไม่สำเร็จ แท็กของตารางต้องใช้ {%tr … %} และของย่อหน้าใช้ {%p … %} โดยแท็กหนึ่งอยู่ในแถวหรือย่อหน้าของตัวเอง"]
    return _all_placed(environment.problems, found)


def fill_template(data: bytes, kind: str, material: Material) -> bytes:
    """The template with the material in the place of its tags, as .docx. Raises TemplateFileError and MaterialError."""
    problems = check_template(data, kind)
    if problems:
        raise TemplateFileError(problems)
    judged = Judged(checked(material))
    try:
        return _render(data, _listed(values(kind, judged)), _Narrow(TAGS[kind], StrictUndefined))
    except TemplateError as error:
        raise TemplateFileError([f"แท็กใช้ไม่ได้: {error}"]) from error


def _render(data: bytes, context: dict[str, Any], environment: "_Narrow") -> bytes:
    template = DocxTemplate(io.BytesIO(data))
    template.render(context, jinja_env=environment, autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def _listed(thing: Any) -> Any:
    """Texts of several lines as docxtpl wants them."""
    if isinstance(thing, str):
        return Listing(thing) if "\n" in thing else thing
    if isinstance(thing, list):
        return [_listed(t) for t in thing]
    return {name: _listed(value) for name, value in thing.items()}


# --- the file
# ----------------------------------------------------------------------------------------------------------------


def _package_problems(data: bytes) -> list[str]:
    if len(data) > MAX_BYTES:
        return [f"ไฟล์ใหญ่ {len(data) / 1e6:,.1f} MB เกิน {MAX_BYTES / 1e6:,.0f} MB ลดขนาดรูปในไฟล์"]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            total = sum(e.file_size for e in entries)
            xml = max((e.file_size for e in entries if e.filename.endswith((".xml", ".rels"))), default=0)
            if len(entries) > MAX_ENTRIES or total > MAX_UNZIPPED or xml > MAX_TEXT:
                return ["ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย"]
            names = {e.filename.lower() for e in entries}
            if "word/document.xml" not in names:
                return ["ไม่ใช่ไฟล์ Word (.docx)"]
            if any(n.endswith((".bin", ".exe", ".dll")) or "vbaproject" in n for n in names):
                return ["ไฟล์มีมาโครหรือวัตถุฝัง บันทึกใหม่เป็น .docx ที่ไม่มีมาโคร"]
            for entry in entries:
                if entry.filename.endswith(".rels") and (outside := _outside(archive.read(entry))):
                    return [f"ไฟล์อ้างถึงไฟล์ภายนอก ({outside}) ซึ่งไม่อนุญาต ลบการเชื่อมโยงนั้นก่อน"]
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return ["ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"]
    return []


def _outside(relations: bytes) -> str:
    """The kind of something that would be fetched from elsewhere; links that a reader may follow are none."""
    for relation in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", relations):
        kind = re.search(rb"Type\s*=\s*[\"'][^\"']*/(\w+)[\"']", relation)
        if re.search(rb"TargetMode\s*=\s*[\"']External[\"']", relation) and (kind is None or kind[1] != b"hyperlink"):
            return kind[1].decode() if kind else "?"
    return ""


def _texts_of(file: Any) -> Iterator[tuple[str, str]]:
    """Every text with where it stands, as its writer sees it."""
    for number, paragraph in enumerate(file.paragraphs, 1):
        yield f"ย่อหน้า {number}", paragraph.text
    for number, table in enumerate(file.tables, 1):
        for line, row in enumerate(table.rows, 1):
            for cell in dict.fromkeys(row._tr.tc_lst):
                text = "".join(t.text or "" for t in cell.iter(docx.oxml.ns.qn("w:t")))
                yield f"ตาราง {number} แถว {line}", text
    for number, section in enumerate(file.sections, 1):
        for name, part in (("หัวกระดาษ", section.header), ("ท้ายกระดาษ", section.footer)):
            for paragraph in part.paragraphs:
                yield f"{name} ส่วน {number}", paragraph.text


# --- the language
# --------------------------------------------------------------------------------------------------------------

# what one tag may hold, so that what else it holds is told with its place; _Narrow looks at the whole and at the names
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.For,
    nodes.If,
    nodes.Name,
    nodes.Getattr,
    nodes.Const,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
)


def _syntax(tag: str) -> list[str]:
    """What is wrong with one tag by itself."""
    plain = _WORD_MARK.sub(r"{\1", tag)
    word = re.match(r"\{%-?\s*(\w+)", plain)
    ending = {"for": "{% endfor %}", "if": "{% endif %}"}.get(word[1] if word else "", "")
    if word and word[1] in ("endfor", "endif", "else"):
        return []
    if word and word[1] == "elif":
        plain, ending = plain.replace("elif", "if", 1), "{% endif %}"
    elif word and not ending:
        return [f"ใช้คำสั่ง {word[1]} ไม่ได้ ใช้ได้เฉพาะ for endfor if elif else endif"]
    try:
        tree = SandboxedEnvironment().parse(plain + ending)
    except TemplateSyntaxError:
        return ["เขียนไม่ถูกรูปแบบ ตรวจวงเล็บปีกกาและตัวสะกดของแท็ก"]
    if any(
        not isinstance(n, _ALLOWED)
        or (isinstance(n, nodes.Getattr) and not isinstance(n.node, nodes.Name | nodes.Getattr))
        for n in tree.find_all(nodes.Node)
    ):
        return ["ใช้ไม่ได้ ใช้ได้เฉพาะชื่อแท็ก for และ if ไม่มีตัวกรอง การคำนวณ หรือการเรียก"]
    return []


def _pairing(message: str) -> str:
    missing = re.search(r"'(endfor|endif)'", message)
    which = f" ขาด {missing[1]}" if missing else ""
    return f"คำสั่ง for หรือ if ไม่ครบคู่กับ endfor หรือ endif{which} ตรวจว่าทุกคำสั่งมีคำปิดและอยู่ในตารางหรือย่อหน้าเดียวกัน"


def _all_placed(problems: list[str], found: list[tuple[str, str]]) -> list[str]:
    return [_placed(problem, found) for problem in dict.fromkeys(problems)]


def _placed(problem: str, found: list[tuple[str, str]]) -> str:
    """The problem with where its name stands."""
    name = problem.partition(" ")[0]
    last = name.rpartition(".")[2]
    place = next((f"{p}: แท็ก {t} " for p, t in found if re.search(rf"(?<![\w]){re.escape(last)}(?![\w])", t)), "")
    return f"{place}ไม่รู้จัก {problem}" if place else f"ไม่รู้จัก {problem}"


class _Narrow(SandboxedEnvironment):
    """Jinja with names, ``for`` over lists of tags, and ``if``. What is not known is collected; what is not allowed is
    refused."""

    def __init__(self, tags: Mapping[str, Tag], undefined: type[Undefined]) -> None:
        super().__init__(autoescape=True, undefined=undefined)
        self.tags = tags
        self.problems: list[str] = []

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.body:
            self._check(node, dict(self.tags), 0)
        return tree

    def _check(self, node: nodes.Node, scope: dict[str, Tag], depth: int) -> None:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        tag = self._value(part, scope)
                        if tag is not None and tag.inside:
                            self.problems.append(
                                f"{_name(part)} เป็นรายการ พิมพ์ทั้งรายการไม่ได้ ใช้ช่องในรายการ เช่น {', '.join(list(tag.inside)[:4])}"
                            )
            case nodes.For():
                self._loop(node, scope, depth)
            case nodes.If():
                self._value(node.test, scope)
                for inner in (*node.body, *node.elif_, *node.else_):
                    self._check(inner, scope, depth)
            case _:
                self._refuse(node)

    def _loop(self, node: nodes.For, scope: dict[str, Tag], depth: int) -> None:
        if depth >= _DEPTH or node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
            raise TemplateError("ใช้ for ได้เพียงแบบ for รายการหนึ่ง in รายการ ซ้อนกันไม่เกินสองชั้น")
        tag = self._value(node.iter, scope)
        if tag is not None and not (tag.inside and tag.many):
            self.problems.append(f"{_name(node.iter)} ไม่ใช่รายการ จึงใช้กับ for ไม่ได้")
            tag = None
        inner = scope | {"loop": _LOOP}
        inner[node.target.name] = Tag(tag.th, tag.inside, many=False) if tag else Tag("?")
        for child in (*node.body, *node.else_):
            self._check(child, inner if tag else {**inner, node.target.name: _ANY}, depth + 1)

    def _value(self, node: nodes.Node, scope: dict[str, Tag]) -> Tag | None:
        """The tag that an expression means; None when it is no tag or unknown."""
        match node:
            case nodes.Name():
                if node.name not in scope:
                    self.problems.append(_unknown(node.name, scope))
                return scope.get(node.name)
            case nodes.Getattr():
                if not isinstance(node.node, nodes.Name | nodes.Getattr):
                    self._refuse(node)
                owner = self._value(node.node, scope)
                if owner is None or owner is _ANY:
                    return None
                if owner.many or node.attr not in owner.inside:
                    self.problems.append(
                        _unknown(f"{_name(node.node)}.{node.attr}", owner.inside, f"{_name(node.node)}.")
                    )
                    return None
                return owner.inside[node.attr]
            case nodes.Not():
                self._value(node.node, scope)
            case nodes.And() | nodes.Or():
                self._value(node.left, scope)
                self._value(node.right, scope)
            case nodes.Compare():
                self._value(node.expr, scope)
                for operand in node.ops:
                    self._value(operand.expr, scope)
            case nodes.Const():
                pass
            case _:
                self._refuse(node)
        return None

    def _refuse(self, node: nodes.Node) -> None:
        raise TemplateError(f"ใช้ {type(node).__name__} ไม่ได้ ใช้ได้เฉพาะชื่อแท็ก for และ if")


_ANY = Tag("?")


def _name(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_name(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "?"


def _unknown(name: str, known: Mapping[str, Tag], before: str = "") -> str:
    near = process.extractOne(name.rpartition(".")[2], list(known), score_cutoff=60)
    return f"{name} อาจหมายถึง {before}{near[0]}" if near else f"{name} เอกสารนี้ไม่มีแท็กชื่อนี้"


def _specimen(tags: Mapping[str, Tag]) -> dict[str, Any]:
    """Something in the place of every tag, to try a template with."""

    made: dict[str, Any] = {}
    for name, tag in tags.items():
        inner = _specimen(tag.inside) if tag.inside else "ตัวอย่าง"
        made[name] = [inner] if tag.inside and tag.many else inner
    return made
