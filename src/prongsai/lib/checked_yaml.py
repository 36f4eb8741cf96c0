"""A YAML file read into the types of a model; every mistake of it in one Thai sentence with its line."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from prongsai.lib import strict_yaml

T = TypeVar("T")
_INTEGER, _SHAPE = "ต้องเป็นจำนวนเต็ม", "ต้องเป็นรายการหรือกลุ่ม “ช่อง: ค่า”"
_SENTENCES = {
    "missing": "ขาดช่องนี้",
    "extra_forbidden": "ไม่รู้จักช่องนี้",
    "int_type": _INTEGER,
    "int_parsing": _INTEGER,
    "int_from_float": _INTEGER,
    "string_type": "ต้องเป็นข้อความ",
    "bool_type": "ต้องเป็น true หรือ false",
    "literal_error": "ใช้ได้เฉพาะ {expected}",
    "too_short": "ต้องมีอย่างน้อย {min_length} ค่า",
    "too_long": "มีได้ไม่เกิน {max_length} ค่า",
    "string_too_short": "ข้อความสั้นเกินไป",
    "string_too_long": "ข้อความยาวได้ไม่เกิน {max_length} ตัวอักษร",
    "greater_than_equal": "ต้องไม่ต่ำกว่า {ge}",
    "less_than_equal": "ต้องไม่เกิน {le}",
    "model_type": _SHAPE,
    "dict_type": _SHAPE,
    "tuple_type": _SHAPE,
    "list_type": _SHAPE,
    "value_error": "{error}",
}


class FileMistakesError(ValueError):
    """A file has mistakes; the message names the line of each, in Thai."""


def read(path: Path, model: type[T]) -> T:
    """What a file says, as a model. Raises FileMistakesError with every mistake at once."""
    document = strict_yaml.read(path)
    if document.problems:
        problems = (f"{path.name} บรรทัด {p.line}: {p.what} {p.how}" for p in document.problems)
        raise FileMistakesError("\n".join(problems))
    try:
        return TypeAdapter(model).validate_json(json.dumps(document.data, ensure_ascii=False))
    except ValidationError as error:
        mistakes = []
        for mistake in error.errors(include_url=False):
            place = tuple(mistake["loc"])
            while place not in document.lines and place:
                place = place[:-1]
            names = " > ".join(str(n + 1) if isinstance(n, int) else n for n in mistake["loc"])
            mistakes.append(f"{path.name} บรรทัด {document.lines.get(place, 1)}: {names}: {describe(mistake)}")
        raise FileMistakesError("\n".join(mistakes)) from error


def describe(mistake: ErrorDetails) -> str:
    """What is wrong with a value, in Thai."""
    sentence = _SENTENCES.get(mistake["type"], "ค่านี้ไม่ตรงรูปแบบของช่อง")
    return sentence.format_map(mistake.get("ctx", {})).replace("' or '", "' หรือ '")
