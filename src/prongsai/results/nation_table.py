"""Reading a table of many agencies' published scores: one agency a row, found by its code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from prongsai.framework import Framework
from prongsai.intake.files import Row
from prongsai.lib import thai
from prongsai.results import printed

_CODE = {"รหัส", "รหัสหน่วยงาน", "code", "agency"}
_NAME = {"ชื่อ", "ชื่อหน่วยงาน", "หน่วยงาน", "name"}
_OVERALL = {"คะแนน", "คะแนนรวม", "คะแนนita", "คะแนนรวมita", "overall", "score", "total"}
_LEVEL = {"ระดับ", "ระดับผลการประเมิน", "ผลการประเมิน", "level", "rating"}


class NationTableError(ValueError):
    """The file is not such a table; the text says in Thai what is missing."""


@dataclass(frozen=True)
class NationRow:
    """One row: the agency's code as typed, printed values by node (and ``level``), and what is wrong with it."""

    place: str
    code: str
    figures: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class NationTable:
    rows: Sequence[NationRow]
    ignored: tuple[str, ...]  # heads of columns that mean nothing in this year's rules


def read_table(rows: Sequence[Row], framework: Framework) -> NationTable:
    """Columns are matched by node (``1``, ``IIT``, ``O1``, ``EIT1/6``) or by its Thai or English name. A number typed
    into a numeric cell comes without trailing zeros; it is shown with the year's number of decimals."""
    rows = [r for r in rows if any(c.strip() for c in r.cells)]
    names = _names(framework)
    at = next((k for k, r in enumerate(rows[:30]) if {thai.squeeze(c) for c in r.cells} & _CODE), None)
    if at is None:
        raise NationTableError("ไม่พบหัวตารางที่มีคอลัมน์ รหัส (รหัสหน่วยงาน)")
    columns: dict[int, str] = {}
    ignored, code_at = [], None
    for place, head in enumerate(rows[at].cells):
        key = thai.squeeze(thai.clean(head))
        if key in _CODE and code_at is None:
            code_at = place
        elif key in names and names[key] not in columns.values():
            columns[place] = names[key]
        elif key and key not in _NAME:
            ignored.append(head.strip()[:60])
    if code_at is None or not columns:
        raise NationTableError(f"หัวตารางไม่มีคอลัมน์คะแนนที่หลักเกณฑ์ปี {framework.id} รู้จัก เช่น คะแนนรวม ระดับ IIT 1 2 3")
    found, seen = [], {}
    for row in rows[at + 1 :]:
        cells = [thai.clean(c).strip() for c in row.cells] + [""] * (len(rows[at].cells) - len(row.cells))
        code = cells[code_at]
        figures: dict[str, str] = {}
        problems = [] if code else ["ไม่มีรหัสหน่วยงาน"]
        if code in seen:
            problems.append(f"รหัส {code} ซ้ำกับ{seen[code]}")
        seen.setdefault(code, row.place)
        for place, node in columns.items():
            if not cells[place] or cells[place] in ("-", "–"):
                continue
            try:
                figures[node] = _value(cells[place], node, framework)
            except ValueError as error:
                problems.append(f"{rows[at].cells[place].strip()}: {error}")
        if not figures and not problems:
            problems.append("ไม่มีคะแนนในแถวนี้")
        found.append(NationRow(row.place, code, figures, tuple(problems)))
    return NationTable(found, tuple(ignored))


def _names(framework: Framework) -> dict[str, str]:
    names = dict.fromkeys(_OVERALL, "overall") | dict.fromkeys(_LEVEL, "level")
    for node in framework.nodes.values():
        for text in (node.id, node.label.th, node.label.en, f"{node.id} {node.label.th}", f"คะแนน {node.id}"):
            names.setdefault(thai.squeeze(text or ""), node.id)
    for kind in ("ตัวชี้วัดที่", "ตัวชี้วัด", "indicator"):
        names |= {thai.squeeze(f"{kind}{i.id}"): i.id for i in framework.rules.indicators}
    names.pop("", None)
    return names


def _value(text: str, node: str, framework: Framework) -> str:
    if node == "level":
        if text not in framework.bands:
            raise ValueError(f"ไม่มีระดับ “{text[:30]}” ในปีนี้ ที่มีคือ {', '.join(framework.bands)}")
        return text
    if printed.score(text) is None:
        raise ValueError(f"“{text[:30]}” ไม่ใช่คะแนน ต้องเป็นตัวเลข 0 ถึง 100 ทศนิยมไม่เกิน 4 ตำแหน่ง")
    number = Decimal(text)
    places = framework.rules.rounding.places
    return str(number.quantize(Decimal(1).scaleb(-places))) if -number.as_tuple().exponent <= places else str(number)  # type: ignore[operator]
