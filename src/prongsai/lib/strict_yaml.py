"""YAML without surprises: no repeated keys, no implied booleans, dates, floats or base-60 numbers, no anchors.

A plain scalar is an integer, ``true``, ``false``, ``null`` or text, and nothing else. Every value remembers its
line, so that a mistake found later, by the schema or by meaning, can still be pointed at.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

Place = tuple[str | int, ...]  # where a value stands in the data: ("items", 3, "label", "th")

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_LARGEST = 2_000_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Flaw:
    """A mistake of form: the line it stands on (from 1) and what it is, in Thai."""

    line: int
    what: str
    how: str


@dataclass
class Document:
    """What a file says, where each part of it stands, and what is wrong with its form."""

    data: object
    lines: dict[Place, int]
    flaws: list[Flaw]


def read(path: Path) -> Document:
    """Read one YAML file. Never raises for what the file contains; look at ``flaws``."""
    document = Document(None, {}, [])
    try:
        if path.stat().st_size > _LARGEST:
            document.flaws.append(Flaw(1, "ไฟล์ใหญ่เกิน 2 MB", "แยกไฟล์ หรือตรวจว่าเป็นไฟล์หลักเกณฑ์จริง"))
            return document
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_LOADER)
    except UnicodeDecodeError:
        document.flaws.append(Flaw(1, "ไฟล์ไม่ใช่ UTF-8", "บันทึกไฟล์ใหม่เป็น UTF-8"))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        document.flaws.append(
            Flaw(
                mark.line + 1 if mark else 1,
                f"อ่านเป็น YAML ไม่ได้ ({getattr(error, 'problem', None) or 'รูปแบบผิด'})",
                "ตรวจย่อหน้า เครื่องหมาย : และเครื่องหมายคำพูดของบรรทัดนี้และบรรทัดก่อนหน้า",
            )
        )
    else:
        if node is not None:
            document.data = _value(node, (), document, set())
    return document


def _value(node: yaml.Node, place: Place, document: Document, seen: set[int]) -> object:
    line = node.start_mark.line + 1
    document.lines[place] = line
    if id(node) in seen:
        document.flaws.append(Flaw(line, "ใช้ anchor (&, *) ซึ่งไม่อนุญาต", "เขียนค่าเต็ม ๆ แทน anchor"))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        text = str(node.value)
        if node.style in (None, "") and not node.tag.startswith("!"):
            if _INTEGER.match(text):
                return int(text)
            if text in _CONSTANTS:
                return _CONSTANTS[text]
        return text
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*place, i), document, seen) for i, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return None
    result: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        key_line = key_node.start_mark.line + 1
        if key in result:
            document.flaws.append(Flaw(key_line, f"ช่อง “{key}” ซ้ำกับที่มีแล้วในกลุ่มเดียวกัน", "เหลือไว้ช่องเดียว หรือแก้ชื่อช่องที่พิมพ์ผิด"))
            continue
        result[key] = _value(value_node, (*place, key), document, seen)
        document.lines[(*place, key)] = key_line
    return result
