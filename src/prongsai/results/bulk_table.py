"""Reads a table with the published scores of many agencies: one agency a row, identified by its code, or by its name
and province where there is no code."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
    """One row: the agency's code, name and province as typed, printed values by node (and ``level``), its problems in
    Thai, and how many of its cells that is made of."""

    place: str
    code: str
    name: str = ""
    province: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    cells: int = 0


@dataclass(frozen=True)
class BulkTable:
    """The rows of a table. ``ignored`` are the headings of columns that the year's rules do not have, columns with no
    heading, and what the file hides. ``cells`` counts those that are not empty and in no row: ``heading``, ``ignored``,
    ``hidden``; with those of the rows it accounts for every cell."""

    rows: Sequence[BulkRow]
    ignored: tuple[str, ...]
    cells: Mapping[str, int]


@dataclass(frozen=True)
class _Header:
    """The headings of a table, that stand in ``height`` rows. ``about`` are the columns of ``code``, ``name`` and
    ``province``; ``nodes`` the nodes (or ``level``) of columns."""

    headings: Sequence[str]
    about: dict[str, int]
    nodes: dict[int, str]
    height: int


def read_table(rows: Sequence[Row], framework: Framework) -> BulkTable:
    """Read a table whose columns are named by node (``1``, ``IIT``, ``O1``, ``EIT1/6``) or by a node's Thai or English
    label or another name that the rules know; headings may stand in two rows, and each sheet has its own. A numeric
    cell has lost its trailing zeros; its score is shown with the year's number of decimals. Raises BulkTableError
    without a column of codes or names and one of scores, and with two of one score; problems of a row stay with the
    row."""
    hidden = [r for r in rows if r.hidden]
    rows = [
        Row(tuple(thai.clean(c).strip() for c in r.cells), r.place, r.table)
        for r in rows
        if not r.hidden and any(c.strip() for c in r.cells)
    ]
    nodes_by_heading = _index_headings(framework)
    index = _find_first_header(rows, nodes_by_heading, framework)
    cells = Counter(hidden=sum(map(_count, hidden)), heading=sum(map(_count, rows[:index])))
    ignored: dict[str, None] = {}
    table_rows: list[BulkRow] = []
    header, table = _Header((), {}, {}, 0), 0
    while index < len(rows):
        row = rows[index]
        if found := _read_header(rows, index, nodes_by_heading):
            header, table = found, row.table
            cells["heading"] += sum(map(_count, rows[index : index + header.height]))
            index += header.height
            continue
        width = len(header.headings)
        if row.table not in (table, 0) and len(row.cells) != width:
            problem = "ตารางนี้ไม่มีหัวตาราง จึงไม่รู้ว่าคอลัมน์ใดคือคะแนนใด"
            table_rows.append(BulkRow(row.place, "", problems=(problem,), cells=_count(row)))
        else:
            table_rows.append(made := _read_row(row, header, framework))
            cells["ignored"] += _count(row) - made.cells
            ignored |= dict.fromkeys(_name_ignored(row, header))
        index += 1
    named = [f"ที่ซ่อนอยู่ในไฟล์ {len(hidden)} แถว เริ่มที่{hidden[0].place}"] if hidden else []
    return BulkTable(table_rows, (*ignored, *named), cells)


def _count(row: Row) -> int:
    """How many cells of a row are not empty."""
    return sum(bool(cell.strip()) for cell in row.cells)


def _read_row(row: Row, header: _Header, framework: Framework) -> BulkRow:
    values = [*row.cells, *[""] * len(header.headings)]
    figures, problems = _read_figures(values, header, framework)
    if not figures and not problems:
        problems.append("ไม่มีคะแนนในแถวนี้")
    about = {what: values[column] for what, column in header.about.items()}
    cells = sum(bool(values[column]) for column in {*header.about.values(), *header.nodes})
    code = about.pop("code", "")
    return BulkRow(row.place, code, **about, figures=figures, problems=tuple(problems), cells=cells)


def _name_ignored(row: Row, header: _Header) -> list[str]:
    """The columns of a row that nothing is taken from, by heading or by number."""
    known = {*header.about.values(), *header.nodes}
    columns = (column for column, value in enumerate(row.cells) if value and column not in known)
    headings = [*header.headings, *[""] * len(row.cells)]
    return [headings[column][:60] or f"คอลัมน์ที่ {column + 1} ซึ่งไม่มีหัว" for column in columns]


def _find_first_header(rows: Sequence[Row], nodes_by_heading: dict[str, str], framework: Framework) -> int:
    first = rows[:_MAX_HEADER_ROWS]
    index = next((k for k in range(len(first)) if _read_header(rows, k, nodes_by_heading)), None)
    if index is not None:
        return index
    if any(_identities(row) for row in first):
        raise BulkTableError(f"หัวตารางไม่มีคอลัมน์คะแนนที่หลักเกณฑ์ปี {framework.fiscal_year} รู้จัก เช่น คะแนนรวม ระดับ IIT 1 2 3")
    raise BulkTableError("ไม่พบหัวตารางที่มีคอลัมน์ รหัส (รหัสหน่วยงาน) หรือ ชื่อหน่วยงาน กับคอลัมน์คะแนน")


def _identities(row: Row) -> list[int]:
    """The columns whose heading says that they have codes or names."""
    return [k for k, cell in enumerate(row.cells) if thai.squeeze(cell) in _CODE_HEADINGS | _NAME_HEADINGS]


def _read_header(rows: Sequence[Row], index: int, nodes_by_heading: dict[str, str]) -> _Header | None:
    """The headings that begin in a row, if they do. Raises BulkTableError for two columns of one score."""
    if not _identities(rows[index]):
        return None
    headings, height = _join_headings(rows, index, nodes_by_heading)
    about, nodes = dict[str, int](), dict[int, str]()
    for column, heading in enumerate(headings):
        key = thai.squeeze(heading)
        what = next((w for w, known in _ABOUT.items() if key in known and w not in about), None)
        node = nodes_by_heading.get(key)
        if what:
            about[what] = column
        elif node and node in nodes.values():
            other = next(headings[k] for k, n in nodes.items() if n == node)
            raise BulkTableError(
                f"{rows[index].place}: สองคอลัมน์เป็นคะแนนเดียวกัน คือ “{other}” และ “{heading}” เหลือไว้คอลัมน์เดียว"
            )
        elif node:
            nodes[column] = node
    return _Header(headings, about, nodes, height) if nodes else None


def _join_headings(rows: Sequence[Row], index: int, nodes_by_heading: dict[str, str]) -> tuple[list[str], int]:
    """The headings of columns, and in how many rows they stand: a second row has names or years under merged cells, and
    nothing under codes and names."""
    upper = list(rows[index].cells)
    below = rows[index + 1].cells if index + 1 < len(rows) else ()
    width = max(len(upper), len(below))
    upper, lower = [*upper, *[""] * (width - len(upper))], [*below, *[""] * (width - len(below))]
    has_words = any(cell and parse_score(cell) is None for cell in lower)
    if not has_words or any(lower[k] for k in _identities(rows[index])) or rows[index].table != rows[index + 1].table:
        return upper, 1
    joined = []
    for above, under in zip(upper, lower, strict=True):
        is_name = not under or thai.squeeze(under) in nodes_by_heading
        joined.append((under or above) if is_name else f"{above} {under}".strip())
    return joined, 2


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
            problems.append(f"{header.headings[column]}: {error}")
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
