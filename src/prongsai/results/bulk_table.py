"""Reads a table with the published scores of many agencies: one agency a row, identified by its code, or by its name and
province where there is no code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from prongsai.framework import Framework
from prongsai.intake.files import Row
from prongsai.lib import thai
from prongsai.results.score_text import EXPECTED, parse_score

_CODE_HEADINGS = {"รหัส", "รหัสหน่วยงาน", "code", "agency"}
_NAME_HEADINGS = {"ชื่อ", "ชื่อหน่วยงาน", "หน่วยงาน", "ชื่อหน่วยงานภาครัฐ", "name", "agencyname"}
_ABOUT = {"code": _CODE_HEADINGS, "name": _NAME_HEADINGS, "province": {"จังหวัด", "province"}}
_OVERALL_HEADINGS = {"คะแนน", "คะแนนรวม", "คะแนนita", "คะแนนรวมita", "overall", "score", "total"}
_LEVEL_HEADINGS = {"ระดับ", "ระดับผลการประเมิน", "ผลการประเมิน", "level", "rating"}
_MAX_HEADER_ROWS = 30  # rows above the headings of a table


class BulkTableError(ValueError):
    """The file is not such a table; the text says in Thai what is missing."""


@dataclass(frozen=True)
class BulkRow:
    """One row: the agency's code, name and province as typed, printed values by node (and ``level``), and its problems
    in Thai."""

    place: str
    code: str
    name: str = ""
    province: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class BulkTable:
    """The rows of a table. ``ignored`` are the headings of columns that the year's rules do not have, and what the file
    hides."""

    rows: Sequence[BulkRow]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _Header:
    """The headings of a table, whose last row is at ``index``. ``about`` are the columns of ``code``, ``name`` and
    ``province``; ``nodes`` the nodes (or ``level``) of columns."""

    index: int
    headings: Sequence[str]
    about: dict[str, int]
    nodes: dict[int, str]
    ignored: tuple[str, ...]


def read_table(rows: Sequence[Row], framework: Framework) -> BulkTable:
    """Read a table whose columns are named by node (``1``, ``IIT``, ``O1``, ``EIT1/6``) or by a node's Thai or English
    label or another name that the rules know; headings may stand in two rows. A numeric cell has lost its trailing
    zeros; its score is shown with the year's number of decimals. Raises BulkTableError without a column of codes or
    names and one of scores; problems of a row stay with the row."""
    hidden = [r.place for r in rows if r.hidden]
    rows = [r for r in rows if not r.hidden and any(c.strip() for c in r.cells)]
    header = _find_header(rows, framework)
    table_rows: list[BulkRow] = []
    width = len(header.headings)
    table = [(r.place, [*(thai.clean(c).strip() for c in r.cells), *[""] * width]) for r in rows[header.index + 1 :]]
    for place, cells in table:
        figures, problems = _read_figures(cells, header, framework)
        if not figures and not problems:
            problems.append("ไม่มีคะแนนในแถวนี้")
        about = {what: cells[column] for what, column in header.about.items()}
        table_rows.append(BulkRow(place, about.pop("code", ""), **about, figures=figures, problems=tuple(problems)))
    named = (f"ที่ซ่อนอยู่ในไฟล์ {len(hidden)} แถว เริ่มที่{hidden[0]}",) if hidden else ()
    return BulkTable(table_rows, (*header.ignored, *named))


def _find_header(rows: Sequence[Row], framework: Framework) -> _Header:
    """The first row with a heading of codes; where there is none, with one of names beside scores."""
    nodes_by_heading = _index_headings(framework)
    for identity in (_CODE_HEADINGS, _NAME_HEADINGS):
        for index, row in enumerate(rows[:_MAX_HEADER_ROWS]):
            if {thai.squeeze(cell) for cell in row.cells} & identity:
                header = _read_header(rows, index, nodes_by_heading)
                if header.nodes:
                    return header
    if any({thai.squeeze(cell) for cell in r.cells} & _CODE_HEADINGS for r in rows[:_MAX_HEADER_ROWS]):
        raise BulkTableError(f"หัวตารางไม่มีคอลัมน์คะแนนที่หลักเกณฑ์ปี {framework.fiscal_year} รู้จัก เช่น คะแนนรวม ระดับ IIT 1 2 3")
    raise BulkTableError("ไม่พบหัวตารางที่มีคอลัมน์ รหัส (รหัสหน่วยงาน) หรือ ชื่อหน่วยงาน กับคอลัมน์คะแนน")


def _read_header(rows: Sequence[Row], index: int, nodes_by_heading: dict[str, str]) -> _Header:
    headings, last = _join_headings(rows, index, nodes_by_heading)
    about, nodes = dict[str, int](), dict[int, str]()
    ignored = []
    for column, heading in enumerate(headings):
        key = thai.squeeze(thai.clean(heading))
        what = next((w for w, known in _ABOUT.items() if key in known and w not in about), None)
        if what:
            about[what] = column
        elif key in nodes_by_heading and nodes_by_heading[key] not in nodes.values():
            nodes[column] = nodes_by_heading[key]
        elif key:
            ignored.append(heading.strip()[:60])
    return _Header(last, headings, about, nodes, tuple(ignored))


def _join_headings(rows: Sequence[Row], index: int, nodes_by_heading: dict[str, str]) -> tuple[list[str], int]:
    """The headings of columns, and the last row of them: a second row has scores' names under merged cells, and nothing
    under codes and names."""
    upper = list(rows[index].cells)
    if index + 1 == len(rows):
        return upper, index
    lower = [*rows[index + 1].cells, *[""] * len(upper)]
    known = _CODE_HEADINGS | _NAME_HEADINGS
    codes = [k for k, heading in enumerate(upper) if thai.squeeze(thai.clean(heading)) in known]
    is_second = not any(lower[k].strip() for k in codes) and any(thai.squeeze(c) in nodes_by_heading for c in lower)
    if not is_second:
        return upper, index
    upper += [""] * (len(rows[index + 1].cells) - len(upper))
    return [below.strip() or above for above, below in zip(upper, lower, strict=False)], index + 1


def _read_figures(cells: Sequence[str], header: _Header, framework: Framework) -> tuple[dict[str, str], list[str]]:
    """The values of a row by node, and the problems of its cells in Thai. An empty cell or a dash has no value."""
    figures: dict[str, str] = {}
    problems = []
    for column, node in header.nodes.items():
        if cells[column] in ("", "-", "–"):
            continue
        try:
            figures[node] = _parse_value(cells[column], node, framework)
        except ValueError as error:
            problems.append(f"{header.headings[column].strip()}: {error}")
    return figures, problems


def _index_headings(framework: Framework) -> dict[str, str]:
    """The node of each heading a column may have, without spaces."""
    names = dict.fromkeys(_OVERALL_HEADINGS, "overall") | dict.fromkeys(_LEVEL_HEADINGS, "level")
    for node in framework.nodes.values():
        for text in (node.id, node.label.th, node.label.en, f"{node.id} {node.label.th}", f"คะแนน {node.id}"):
            names.setdefault(thai.squeeze(text or ""), node.id)
    rules = framework.rules
    known = [(i.id, i.aliases) for i in rules.instruments] + [(c.id, c.aliases) for c in rules.composites]
    for part, aliases in known + [(i.id, i.aliases) for i in rules.indicators]:
        names = {thai.squeeze(alias): part for alias in aliases} | names
    for prefix in ("ตัวชี้วัดที่", "ตัวชี้วัด", "indicator"):
        names |= {thai.squeeze(f"{prefix}{i.id}"): i.id for i in framework.rules.indicators}
    names.pop("", None)
    return names


def _parse_value(text: str, node: str, framework: Framework) -> str:
    if node == "level":
        if text not in framework.bands:
            raise ValueError(f"ไม่มีระดับ “{text[:30]}” ในปีนี้ ที่มีคือ {', '.join(framework.bands)}")
        return text
    score = parse_score(text)
    if score is None:
        raise ValueError(f"“{text[:30]}” ไม่ใช่คะแนน {EXPECTED}")
    places = framework.rules.rounding.places
    decimals = len(score.partition(".")[2])
    return str(Decimal(score).quantize(Decimal(1).scaleb(-places))) if decimals <= places else score
