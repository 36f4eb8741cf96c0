"""From a year's folder of YAML to valid parts of the rules, with the place and every problem of what is not valid."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from prongsai.framework.folder import MAIN_FILE, files_of
from prongsai.framework.problems import Problem, ProblemCode, SchemaCode
from prongsai.framework.schema import Limits, Record, Rules
from prongsai.lib import strict_yaml, thai
from prongsai.lib.strict_yaml import Place


class Location(NamedTuple):
    """Where a part of the rules is written: a file and a line, or a sheet, a row and a column."""

    file: str
    line: int
    column: str = ""


_FIRST_LINE = Location(MAIN_FILE, 1)


@dataclass
class YearDraft:
    """A year's folder while it is being read: raw and valid parts, the line of each, and the problems.

    ``valid`` holds each field of Rules that is right; of a list, the entries that are right, with their indexes in the
    raw list in ``indexes``.
    """

    raw: dict[str, Any] = field(default_factory=dict)
    valid: dict[str, Any] = field(default_factory=dict)
    indexes: dict[str, list[int]] = field(default_factory=dict)
    lines: Mapping[Place, Location] = field(default_factory=dict)
    nowhere: Location = _FIRST_LINE  # where a part is that is written nowhere
    problems: list[Problem] = field(default_factory=list)
    has_unread_file: bool = False  # what it holds is not missing, and what refers to it is not wrong

    def locate(self, place: Place) -> Location:
        """Where a place is written, or the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, self.nowhere)

    def report(self, code: ProblemCode, place: Place, what: str, why: str, how: str) -> None:
        file, line, column = self.locate(place)
        self.problems.append(Problem(code, file, line, what, why, how, column, place))

    def add(self, problem: Problem) -> None:
        """A problem that knows its place and not where that is written."""
        self.report(problem.code, problem.place, problem.what, problem.why, problem.how)

    def raw_entries(self, key: str) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        """Entries of a list as written, valid or not, so that one mistake is not reported twice."""
        raw = self.raw.get(key)
        for n, entry in enumerate(raw if isinstance(raw, list) else ()):
            if isinstance(entry, dict):
                yield (key, n), entry

    def valid_entries(self, key: str) -> Iterator[tuple[Place, Any]]:
        for n, entry in zip(self.indexes.get(key, ()), self.valid.get(key, ()), strict=True):
            yield (key, n), entry

    def is_reliable(self, key: str) -> bool:
        """Whether what is not in a list is missing: it has entries, or nothing explains that it has none."""
        return any(self.raw_entries(key)) or not self.problems

    def ids(self, key: str, is_meant: Callable[[Mapping[str, Any]], bool] = bool) -> set[str]:
        """The ids of the entries of a list, valid or not, or of those that are meant."""
        return {str(e["id"]) for _, e in self.raw_entries(key) if isinstance(e.get("id"), str | int) and is_meant(e)}


def read_year(folder: Path) -> YearDraft:
    """Read a year's files and check each part against the schema. Never raises for what the files contain."""
    draft = YearDraft()
    if not (folder / MAIN_FILE).is_file():
        problem = Problem(
            "missing-framework-file",
            str(folder),
            1,
            "ไม่พบไฟล์ framework.yaml",
            "ทุกปีต้องมีไฟล์นี้เป็นแฟ้มหลัก",
            "ระบุแฟ้มของปี เช่น frameworks/ita/2568 หรือสร้างไฟล์ framework.yaml",
        )
        draft.problems.append(problem)
        return draft
    for path in files_of(folder):
        _read_file(path, folder, draft)
    _check_fields(draft)
    return draft


def read_data(data: Mapping[str, Any], locations: Mapping[Place, Location] | None) -> YearDraft:
    """Check each part of rules that are data already; ``locations`` says where each part was written, if anywhere."""
    nowhere = Location("", 0) if locations is None else _FIRST_LINE
    draft = YearDraft(raw=dict(data), lines=locations or {}, nowhere=nowhere)
    _check_fields(draft)
    return draft


def _read_file(path: Path, folder: Path, draft: YearDraft) -> None:
    name = path.relative_to(folder).as_posix()
    document = strict_yaml.read(path)
    for problem in document.problems:
        why = "โปรแกรมอ่านค่านี้ได้มากกว่าหนึ่งแบบ หรืออ่านไม่ได้"
        draft.problems.append(Problem(problem.code, name, problem.line, problem.what, why, problem.how))
    if isinstance(document.data, dict):
        for key, value in document.data.items():
            _add_field(key, value, name, document, draft)
        return
    draft.has_unread_file = True
    if not document.problems:
        what, why = "ไฟล์ว่างหรือไม่ใช่รายการ “ช่อง: ค่า”", "ทุกไฟล์ต้องบอกว่าค่าใดเป็นของช่องใด"
        draft.problems.append(Problem("not-a-mapping", name, 1, what, why, "ดูตัวอย่างในแฟ้มของปีอื่น"))


def _add_field(key: str, value: object, file: str, document: strict_yaml.Document, draft: YearDraft) -> None:
    """Put a field of a file into the draft; a list goes on where another file's list ended."""
    before = draft.raw.get(key)
    if key in draft.raw and not (isinstance(value, list) and isinstance(before, list)):
        line = document.lines[(key,)]
        what, why = f"ช่อง “{key}” มีในไฟล์อื่นของปีนี้แล้ว", "ไม่รู้ว่าจะใช้ค่าไหน"
        draft.problems.append(Problem("field-in-two-files", file, line, what, why, "เหลือไว้ไฟล์เดียว"))
        return
    lines = draft.lines
    assert isinstance(lines, dict)
    offset = len(before) if isinstance(before, list) else 0
    draft.raw[key] = [*(before or ()), *value] if isinstance(value, list) else value
    for place, line in document.lines.items():
        if place[:1] == (key,):
            if len(place) > 1 and isinstance(place[1], int):
                place = (key, place[1] + offset, *place[2:])
            lines.setdefault(place, Location(file, line))


# --- the schema ----------------------------------------------------------------------------------------------------


@cache
def _hints(record: type) -> dict[str, Any]:
    return get_type_hints(record, include_extras=True)


def _record_in(hint: Any) -> type[Record] | None:
    """The record class inside an annotation such as ``Annotated[tuple[Scale, ...], …]``."""
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint
    return next(filter(None, map(_record_in, get_args(hint))), None)


def _is_list(hint: Any) -> bool:
    return get_origin(hint) is tuple or any(get_origin(part) is tuple for part in get_args(hint))


def _check_fields(draft: YearDraft) -> None:
    hints = _hints(Rules)
    for key in draft.raw.keys() - hints.keys():
        why = "ช่องที่ไม่รู้จักจะถูกละเลยเงียบ ๆ ไม่ได้"
        draft.report(
            "unknown-field", (key,), f"ไม่รู้จักช่อง “{key}”", why, suggest_name(key, hints.keys() - {"__pydantic_config__"})
        )
    for part in fields(Rules):
        key, hint = part.name, hints[part.name]
        if key not in draft.raw:
            if part.default is MISSING and not draft.has_unread_file:
                how = f"เพิ่ม {key}: … ดูรูปแบบใน docs/framework-format.md"
                draft.report("missing-field", (), f"ขาดช่อง “{key}”", "ทุกปีต้องมีช่องนี้", how)
        elif _is_list(hint):
            _check_list(draft, key, hint)
        else:
            draft.valid.update((key, value) for value in _validate(draft, (key,), hint, draft.raw[key]))


def _check_list(draft: YearDraft, key: str, hint: Any) -> None:
    entries = draft.raw[key]
    if not isinstance(entries, list):
        what, why = f"“{key}” ต้องเป็นรายการ", "แต่ละบรรทัดของรายการขึ้นต้นด้วย -"
        draft.report("not-a-list", (key,), what, why, f"เขียน {key}: แล้วขึ้นบรรทัดใหม่ด้วย -")
        return
    if not entries and any(isinstance(m, Limits) for m in get_args(hint)):
        draft.report("too-few", (key,), f"ช่อง “{key}” ว่าง ({key})", "ต้องมีอย่างน้อยหนึ่งค่า", f"เติมค่าให้ {key}")
    record = _record_in(hint)
    valid = [(n, e) for n, entry in enumerate(entries) for e in _validate(draft, (key, n), record, entry)]
    draft.indexes[key] = [n for n, _ in valid]
    draft.valid[key] = tuple(e for _, e in valid)


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


def _validate(draft: YearDraft, place: Place, hint: Any, value: object) -> list[Any]:
    """The valid value alone, or nothing; what is wrong is reported."""
    try:
        return [_adapter(hint).validate_json(json.dumps(value), strict=True)]
    except ValidationError as error:
        for detail in _without_consequences(error.errors()):
            code = _CODES.get(detail["type"], "invalid-value")
            texts = _describe(code, place, hint, detail)
            draft.report(code, (*place, *detail["loc"]), *texts)
        return []


def _without_consequences(details: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Errors but for "too short" of a list that is short because entries in it are wrong."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(len(place) > len(detail["loc"]) and place[: len(detail["loc"])] == detail["loc"] for place in places)
    ]


_CODES: dict[str, SchemaCode] = {
    "missing": "missing-field",
    "unexpected_keyword_argument": "unknown-field",
    "int_type": "not-an-integer",
    "string_type": "not-text",
    "literal_error": "not-a-choice",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
    "too_short": "too-few",
    "string_too_short": "too-few",
    "string_pattern_mismatch": "invalid-id",
    "dataclass_type": "wrong-shape",
    "dict_type": "wrong-shape",
    "tuple_type": "wrong-shape",
}
# what, why and how of each code, with the words of the one error filled in
_TEXTS: dict[SchemaCode, tuple[str, str, str]] = {
    "missing-field": ("ขาดช่อง “{field}” ({path})", "ช่องนี้จำเป็น", "เพิ่ม {field}: … ใต้รายการนี้"),
    "unknown-field": ("ไม่รู้จักช่อง “{field}” ({path})", "ช่องที่ไม่รู้จักจะถูกละเลยเงียบ ๆ ไม่ได้", ""),
    "not-an-integer": (
        "“{value}” ไม่ใช่จำนวนเต็ม ({path})",
        "คะแนนและน้ำหนักเก็บเป็นจำนวนเต็มเท่านั้น เพื่อให้คำนวณได้ตรงเป๊ะ",
        "เขียนเป็นจำนวนเต็มไม่มีเครื่องหมายคำพูด; น้ำหนัก 30% เขียน 3000",
    ),
    "not-text": ("“{value}” ไม่ใช่ข้อความ ({path})", "ช่องนี้ต้องเป็นข้อความ", 'ใส่เครื่องหมายคำพูด เช่น "2568"'),
    "not-a-choice": ("“{value}” ไม่ใช่ค่าที่ใช้ได้ ({path})", "ช่องนี้รับเฉพาะค่าที่กำหนดไว้", "เลือกจาก {expected}"),
    "out-of-range": ("{value} อยู่นอกช่วง ({path})", "ค่าต้อง{bound}", "แก้เป็นค่าที่{bound}"),
    "too-few": ("ช่อง “{field}” ว่าง ({path})", "ต้องมีอย่างน้อยหนึ่งค่า", "เติมค่าให้ {field}"),
    "invalid-id": (
        "รหัส “{value}” มีอักขระที่ใช้ไม่ได้ ({path})",
        "รหัสใช้อักษรละติน ตัวเลข . _ - / เท่านั้น",
        "แก้รหัส เช่น i1, 9.1, O1",
    ),
    "wrong-shape": ("รูปแบบของ “{field}” ผิด ({path})", "ต้องเป็นรายการหรือกลุ่ม “ช่อง: ค่า”", "ดูตัวอย่างในแฟ้มของปีอื่น"),
    "invalid-value": ("ค่า “{value}” ใช้ไม่ได้ ({path})", "{message}", "ดูรูปแบบใน docs/framework-format.md"),
}
_DATE = "ช่องนี้เป็นวันที่ที่มีจริง เขียนปี ค.ศ.-เดือน-วัน เช่น 2025-04-01"
_REASONS = {
    "date_from_datetime_parsing": _DATE,
    "date_parsing": _DATE,
    "date_type": _DATE,
    "bool_type": "ช่องนี้เป็น true หรือ false",
    "string_too_long": "ข้อความยาวได้ไม่เกิน {max_length} ตัวอักษร",
    "too_long": "รายการมีได้ไม่เกิน {max_length} ค่า",
}


def _describe(code: SchemaCode, place: Place, hint: Any, detail: ErrorDetails) -> tuple[str, str, str]:
    """What, why and how of one schema error."""
    location, context = detail["loc"], detail.get("ctx", {})
    field_name = str(location[-1] if location else place[0])
    bound = f"ไม่ต่ำกว่า {context['ge']}" if "ge" in context else f"ไม่เกิน {context.get('le')}"
    words = {
        "field": field_name,
        "path": ".".join(str(p + 1 if isinstance(p, int) else p) for p in (*place, *location)),
        "value": str(detail["input"])[:60],
        "expected": context.get("expected"),
        "bound": bound,
        "message": _REASONS.get(detail["type"], "ค่านี้ไม่ตรงรูปแบบของช่อง").format_map(context),
    }
    what, why, how = (text.format_map(words) for text in _TEXTS[code])
    if code == "unknown-field":
        how = suggest_name(field_name, _field_names(hint, location))
    return what, why, how


def _field_names(hint: Any, location: Place) -> Iterable[str]:
    """The fields of the record that the last step of a location is (wrongly) a field of."""
    record: Any = _record_in(hint)
    for step in location[:-1]:
        record = _record_in(_hints(record).get(str(step))) or record
    return [part.name for part in fields(record)]


def suggest_name(word: str, names: Iterable[str]) -> str:
    """How to correct a name that is not known: the nearest one, or all there are."""
    names = sorted(names, key=thai.natural_key)
    if not names:
        return f"กำหนด “{word}” ก่อน"
    nearest = process.extractOne(word, names, score_cutoff=60)
    return f"หมายถึง “{nearest[0]}” หรือไม่" if nearest else f"ที่มีได้: {', '.join(names)}"
