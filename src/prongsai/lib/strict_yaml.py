"""YAML without surprises: no repeated keys, no implied booleans, dates, floats or base-60 numbers, no anchors.

A plain scalar is an integer, ``true``, ``false``, ``null`` or text, and nothing else. Every value remembers its
line, so that a mistake found later, by the schema or by meaning, can still be pointed at.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

Place = tuple[str | int, ...]  # where a value stands in the data: ("items", 3, "label", "th")
SyntaxCode = Literal["file-too-large", "not-utf8", "invalid-yaml", "anchor", "repeated-field"]

MAX_BYTES = 2_000_000
MAX_DEPTH = 30  # lists and mappings inside each other; rules need seven
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class SyntaxProblem:
    """A mistake of form: a stable code, the line it stands on (from 1), what it is and how to correct it, in Thai."""

    code: SyntaxCode
    line: int
    what: str
    how: str


@dataclass
class Document:
    """What a file says, the line of each part of it, and the problems of its form."""

    data: object = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[SyntaxProblem] = field(default_factory=list)


def read(path: Path) -> Document:
    """Read one YAML file. Never raises for what the file contains; see ``problems``."""
    document = Document()
    if path.stat().st_size > MAX_BYTES:
        problem = SyntaxProblem("file-too-large", 1, "ไฟล์ใหญ่เกิน 2 MB", "แยกไฟล์ หรือตรวจว่าเป็นไฟล์หลักเกณฑ์จริง")
        document.problems.append(problem)
        return document
    try:
        text = path.read_text(encoding="utf-8-sig")
        _refuse_deep_nesting(text)
        node = yaml.compose(text, Loader=_LOADER)
        if node is not None:
            document.data = _read_node(node, (), document, set())
    except UnicodeDecodeError:
        document.problems.append(SyntaxProblem("not-utf8", 1, "ไฟล์ไม่ใช่ UTF-8", "บันทึกไฟล์ใหม่เป็น UTF-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        document.problems.append(
            SyntaxProblem(
                "invalid-yaml",
                mark.line + 1 if mark else 1,
                f"อ่านเป็น YAML ไม่ได้ ({getattr(error, 'problem', None) or 'รูปแบบผิด'})",
                "ตรวจย่อหน้า เครื่องหมาย : และเครื่องหมายคำพูดของบรรทัดนี้และบรรทัดก่อนหน้า",
            )
        )
    return document


class _NestingError(yaml.YAMLError):
    def __init__(self, mark: object) -> None:
        super().__init__()
        self.problem, self.problem_mark = "ซ้อนลึกเกินไป", mark


def _refuse_deep_nesting(text: str) -> None:
    """Raise YAMLError for what is nested too deep: composing it would exhaust the stack of the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _NestingError(event.start_mark)


def _read_node(node: yaml.Node, place: Place, document: Document, visited: set[int]) -> object:
    line = node.start_mark.line + 1
    document.lines[place] = line
    if id(node) in visited:
        problem = SyntaxProblem("anchor", line, "ใช้ anchor (&, *) ซึ่งไม่อนุญาต", "เขียนค่าเต็ม ๆ แทน anchor")
        document.problems.append(problem)
        return None
    visited.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_read_node(child, (*place, i), document, visited) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _read_mapping(node, place, document, visited)
    assert isinstance(node, yaml.ScalarNode)
    return _read_scalar(node)


def _read_scalar(node: yaml.ScalarNode) -> int | bool | str | None:
    text = str(node.value)
    if node.style in (None, "") and not node.tag.startswith("!"):
        if _INTEGER.match(text):
            return int(text)
        if text in _CONSTANTS:
            return _CONSTANTS[text]
    return text


def _read_mapping(node: yaml.MappingNode, place: Place, document: Document, visited: set[int]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        line = key_node.start_mark.line + 1
        if key in result:
            what = f"ช่อง “{key}” ซ้ำกับที่มีแล้วในกลุ่มเดียวกัน"
            how = "เหลือไว้ช่องเดียว หรือแก้ชื่อช่องที่พิมพ์ผิด"
            document.problems.append(SyntaxProblem("repeated-field", line, what, how))
            continue
        result[key] = _read_node(value_node, (*place, key), document, visited)
        document.lines[(*place, key)] = line
    return result
