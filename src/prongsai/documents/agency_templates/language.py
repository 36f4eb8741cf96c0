"""The language of tags: of Jinja only names, ``for`` over our lists, ``if`` and ``{# comments #}``.

Anything else is refused where it is parsed, so that a template can neither run long nor reach anything.
"""

import re
from collections.abc import Iterable, Mapping

from jinja2 import TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import SandboxedEnvironment
from rapidfuzz import process

from prongsai.documents.agency_templates.tags import Tag

_MAX_NESTED_LOOPS = 2
MAX_TAGS = 2_000  # of all parts of one file; our own templates have under a hundred
TOO_MANY_TAGS = f"แท็กเกิน {MAX_TAGS:,} แท็ก ใช้วงซ้ำ (for) แทนการพิมพ์แท็กเดิมหลายครั้ง"
MAX_RENDERED_LETTERS = 20_000_000  # of all parts of one file
_LETTERS_OF_A_PIECE = 20  # what joining one piece costs, an empty one too, in letters
_LOOP = Tag("ลำดับในวง", {"index": Tag("ลำดับที่"), "first": Tag("รายการแรก"), "last": Tag("รายการสุดท้าย")}, is_list=False)
_ANY = Tag("?")  # the item of an unknown list: its fields are not checked
_WORD_PREFIX = re.compile(r"\{([{%])(?:p|tr|tc|r)(?=\s)")  # docxtpl's {%tr … %} and its like
_ENDINGS = {"for": "{% endfor %}", "if": "{% endif %}"}
# what one tag may hold, so that what else it holds is reported with its place; NarrowEnvironment checks the whole
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


def find_tag_problem(tag: str) -> str:
    """What is wrong with one tag by itself, in Thai; empty when nothing is."""
    plain = _WORD_PREFIX.sub(r"{\1", tag)
    match = re.match(r"\{%-?\s*(\w+)", plain)
    command = match[1] if match else ""
    if command in ("endfor", "endif", "else"):
        return ""
    if command == "elif":
        plain, command = plain.replace("elif", "if", 1), "if"
    if command and command not in _ENDINGS:
        return f"ใช้คำสั่ง {command} ไม่ได้ ใช้ได้เฉพาะ for endfor if elif else endif"
    try:
        tree = SandboxedEnvironment().parse(plain + _ENDINGS.get(command, ""))
    except TemplateSyntaxError:
        return "เขียนไม่ถูกรูปแบบ ตรวจวงเล็บปีกกาและตัวสะกดของแท็ก"
    if not all(map(_is_allowed, tree.find_all(nodes.Node))):
        return "ใช้ไม่ได้ ใช้ได้เฉพาะชื่อแท็ก for และ if ไม่มีตัวกรอง การคำนวณ หรือการเรียก"
    return ""


def _is_allowed(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Getattr):
        return isinstance(node.node, nodes.Name | nodes.Getattr)
    return isinstance(node, _ALLOWED)


class NarrowEnvironment(SandboxedEnvironment):
    """Jinja with names, ``for`` over lists of tags, and ``if``. ``problems`` collects unknown names; what is not
    allowed raises TemplateError."""

    def __init__(self, tags: Mapping[str, Tag], undefined: type[Undefined]) -> None:
        super().__init__(autoescape=True, undefined=undefined)
        self.tags = tags
        self.problems: list[str] = []
        self._letters_left = MAX_RENDERED_LETTERS
        self._tags_left = MAX_TAGS

    def concat(self, parts: Iterable[str]) -> str:
        """Jinja joins what a template gives with this: never more than a paper can hold, loops in loops included."""
        taken = []
        for part in parts:
            self._letters_left -= len(part) + _LETTERS_OF_A_PIECE
            if self._letters_left < 0:
                raise TemplateError("ประกอบแล้วยาวผิดปกติ ลดวงซ้อนหรือข้อความในวง")
            taken.append(part)
        return "".join(taken)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        self._tags_left -= source.count("{{") + source.count("{%")
        if self._tags_left < 0:
            raise TemplateError(TOO_MANY_TAGS)
        tree = super()._parse(source, name, filename)
        for node in tree.body:
            self._check_statement(node, dict(self.tags), 0)
        return tree

    def _check_statement(self, node: nodes.Node, scope: dict[str, Tag], depth: int) -> None:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        self._check_output(part, scope)
            case nodes.For():
                self._check_loop(node, scope, depth)
            case nodes.If():
                self._resolve(node.test, scope)
                for inner in (*node.body, *node.elif_, *node.else_):
                    self._check_statement(inner, scope, depth)
            case _:
                _refuse(node)

    def _check_output(self, node: nodes.Node, scope: dict[str, Tag]) -> None:
        tag = self._resolve(node, scope)
        if tag is not None and tag.fields:
            examples = ", ".join(list(tag.fields)[:4])
            self.problems.append(f"{_name(node)} เป็นรายการ พิมพ์ทั้งรายการไม่ได้ ใช้ช่องในรายการ เช่น {examples}")

    def _check_loop(self, node: nodes.For, scope: dict[str, Tag], depth: int) -> None:
        is_plain = not node.recursive and node.test is None and isinstance(node.target, nodes.Name)
        if depth >= _MAX_NESTED_LOOPS or not is_plain:
            raise TemplateError("ใช้ for ได้เพียงแบบ for รายการหนึ่ง in รายการ ซ้อนกันไม่เกินสองชั้น")
        tag = self._resolve(node.iter, scope)
        if tag is not None and not (tag.fields and tag.is_list):
            self.problems.append(f"{_name(node.iter)} ไม่ใช่รายการ จึงใช้กับ for ไม่ได้")
            tag = None
        item = Tag(tag.th, tag.fields, is_list=False) if tag else _ANY
        inner = {**scope, "loop": _LOOP, _name(node.target): item}
        for child in (*node.body, *node.else_):
            self._check_statement(child, inner, depth + 1)

    def _resolve(self, node: nodes.Node, scope: dict[str, Tag]) -> Tag | None:
        """The tag that an expression names; None when it names none or an unknown one."""
        match node:
            case nodes.Name():
                if node.name not in scope:
                    self.problems.append(_describe_unknown(node.name, scope))
                return scope.get(node.name)
            case nodes.Getattr():
                return self._resolve_field(node, scope)
            case nodes.Not() | nodes.And() | nodes.Or() | nodes.Compare() | nodes.Operand():
                for child in node.iter_child_nodes():
                    self._resolve(child, scope)
            case nodes.Const():
                pass
            case _:
                _refuse(node)
        return None

    def _resolve_field(self, node: nodes.Getattr, scope: dict[str, Tag]) -> Tag | None:
        if not isinstance(node.node, nodes.Name | nodes.Getattr):
            _refuse(node)
        owner = self._resolve(node.node, scope)
        if owner is None or owner is _ANY:
            return None
        if owner.is_list or node.attr not in owner.fields:
            prefix = f"{_name(node.node)}."
            self.problems.append(_describe_unknown(f"{prefix}{node.attr}", owner.fields, prefix))
            return None
        return owner.fields[node.attr]


def _refuse(node: nodes.Node) -> None:
    raise TemplateError(f"ใช้ {type(node).__name__} ไม่ได้ ใช้ได้เฉพาะชื่อแท็ก for และ if")


def _name(node: nodes.Node) -> str:
    """A name as written: agency, i.score."""
    if isinstance(node, nodes.Getattr):
        return f"{_name(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "?"


def _describe_unknown(name: str, known: Mapping[str, Tag], prefix: str = "") -> str:
    """An unknown name with the closest known one."""
    nearest = process.extractOne(name.rpartition(".")[2], list(known), score_cutoff=60)
    return f"{name} อาจหมายถึง {prefix}{nearest[0]}" if nearest else f"{name} เอกสารนี้ไม่มีแท็กชื่อนี้"
