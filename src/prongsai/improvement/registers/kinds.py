"""The kinds of registers, as data: their columns, the papers that are written from them, and the disclosure items that
these fulfil. One file for each kind beside this module, which a Thai editor corrects without code. Pure.

An item is found by the words of its label in the rules of a year, an element by the words of its text: numbers of items
change between years. A phrase is plain Thai with named places in braces.
"""

import string
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from prongsai.lib import checked_yaml

FOLDER = Path(__file__).parent
Stage = Literal["plan", "half", "year"]
STAGES: tuple[Stage, ...] = ("plan", "half", "year")
COLUMN_TYPES = Literal["line", "text", "number", "money", "choice", "month", "day", "link", "level"]
# what a phrase may always name
_COMMON_PLACES = frozenset(
    {"agency", "year", "year_en", "agency_en", "executive", "period", "due", "count", "confirmed"}
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Option(_Part):
    key: str
    label: str


class Column(_Part):
    """A column of the records. ``stage``: written with the plan, for the six-month report, or for the year's report.
    ``empty``: what is printed where nothing is written; ``is_answered_by_empty``: that is an answer ("ไม่ใช้งบประมาณ"), not
    the lack of one. ``only_with``: asked only of a record that has this column. ``of``: the two columns that a level
    follows from."""

    key: str
    label: str
    type: COLUMN_TYPES = "text"
    stage: Stage = "plan"
    required: bool = False
    help: str = ""
    options: tuple[Option, ...] = ()
    suggestions: tuple[str, ...] = ()
    empty: str = ""
    is_answered_by_empty: bool = False
    only_with: str = ""
    of: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The label of each option by its key."""
        return {option.key: option.label for option in self.options}


class Field(_Part):
    """A field of the sheet as a whole. ``default`` is a phrase. A ``confirmation`` is a box to tick: what
    it says holds from the first day of the year to the day it was ticked."""

    key: str
    label: str
    type: Literal["line", "text", "day", "confirmation"] = "line"
    stage: Stage = "plan"
    required: bool = False
    help: str = ""
    default: str = ""


class Level(_Part):
    key: str
    label: str
    advice: str = ""


class Matrix(_Part):
    """The level of each pair of choices: a row for each option of the first column, a cell for each of the second."""

    levels: tuple[Level, ...]
    rows: tuple[tuple[str, ...], ...]


class Words(_Part):
    """A text has all of some words, and none of others."""

    all: tuple[str, ...]
    none: tuple[str, ...] = ()

    def match(self, text: str) -> bool:
        return all(word in text for word in self.all) and not any(word in text for word in self.none)


class ElementRule(_Part):
    """An element whose text holds one of the ``words`` needs these: columns, fields, or ``year``, ``rows``,
    ``approval``; ``several`` different values of a column; and ``one_with``: a record with this choice of a column.
    Where it names the year before, it is provided by that year's sheet."""

    words: tuple[str, ...]
    needs: tuple[str, ...]
    several: str = ""
    one_with: dict[str, str] = {}
    none: tuple[str, ...] = ()

    def match(self, text: str) -> bool:
        return any(word in text for word in self.words) and not any(word in text for word in self.none)


class TableColumn(_Part):
    """A column of a table on paper. Several keys stand under each other in one cell."""

    of: tuple[str, ...]
    width: int  # millimetres
    title: str = ""


class Block(_Part):
    """One part of a paper; exactly one of its fields but ``when``, ``lead``, ``group`` and ``total`` is filled in.
    ``when``: only with records, only where there are none, only where nobody has confirmed that there are none, or only
    where that was confirmed for a part of the year (``rest``)."""

    title: tuple[str, ...] = ()
    heading: str = ""
    text: str = ""
    items: tuple[str, ...] = ()
    field: str = ""
    table: tuple[TableColumn, ...] = ()
    counts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    matrix: tuple[str, ...] = ()
    page: Literal["portrait", "landscape", ""] = ""
    closing: str = ""
    signature: str = ""
    group: str = ""
    total: tuple[str, ...] = ()
    lead: str = ""
    when: Literal["rows", "empty", "unknown", "rest", ""] = ""

    @property
    def phrases(self) -> tuple[str, ...]:
        texts = (*self.title, self.heading, self.text, *self.items, self.closing, self.signature)
        return tuple(filter(None, texts))


class Memo(_Part):
    """What the memo says that puts a paper before the executive. ``facts`` are blocks; of several ``proposals`` each is
    a number."""

    subject: str
    background: str
    facts: tuple[Block, ...]
    proposals: tuple[str, ...]
    closing: str

    @property
    def phrases(self) -> tuple[str, ...]:
        return (self.subject, self.background, *self.proposals, self.closing)


class Paper(_Part):
    """A paper that is written from the sheet. ``stage``: the columns that it reports on; ``blocks`` as they follow each
    other."""

    key: str
    name: str
    description: str
    stage: Stage
    title: str
    digits: Literal["arabic", ""] = ""
    items: tuple[Words, ...] = ()
    elements: tuple[ElementRule, ...] = ()
    memo: Memo | None = None
    blocks: tuple[Block, ...]


class RegisterKind(_Part):
    """A kind of register. ``row``: what one record is called; ``subject``: the column that names it; ``nothing``: the
    field that confirms that there is nothing to record; ``stage_names``: what is filled in at each stage."""

    key: str
    order: int
    name: str
    row: str
    subject: str
    purpose: str
    empty: str
    stage_names: dict[Stage, str]
    nothing: str = ""
    fields: tuple[Field, ...] = ()
    columns: tuple[Column, ...]
    matrix: Matrix | None = None
    papers: tuple[Paper, ...]

    @cached_property
    def column(self) -> Mapping[str, Column]:
        return {column.key: column for column in self.columns}

    @cached_property
    def field(self) -> Mapping[str, Field]:
        return {field.key: field for field in self.fields}

    def written_at(self, stage: Stage) -> tuple[Column, ...]:
        """The columns that are filled in at a stage."""
        return tuple(c for c in self.columns if c.stage == stage and c.type != "level")

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages at which something is filled in."""
        used = {c.stage for c in self.columns} | {f.stage for f in self.fields}
        return tuple(stage for stage in STAGES if stage in used)

    @cached_property
    def needs_approval(self) -> bool:
        """Whether it holds anything that an executive decides on."""
        return "plan" in self.stages

    def level_of(self, column: Column, values: Mapping[str, str]) -> Level | None:
        """The level that follows from the two columns of a level; None as long as one is not chosen."""
        first, second = (self.column[key] for key in column.of)
        places = []
        for part in (first, second):
            keys = list(part.labels)
            if values.get(part.key) not in keys:
                return None
            places.append(keys.index(values[part.key]))
        assert self.matrix is not None  # checked when the file is read
        key = self.matrix.rows[places[0]][places[1]]
        return next(level for level in self.matrix.levels if level.key == key)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._find_repeated(), *self._find_unknown(), *self._find_matrix_problems()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _find_repeated(self) -> Iterator[str]:
        keys = [c.key for c in self.columns] + [f.key for f in self.fields]
        yield from (f"{key} ซ้ำ" for key in dict.fromkeys(keys) if keys.count(key) > 1)

    def _find_unknown(self) -> Iterator[str]:
        """Names of columns, fields and places that do not exist."""
        columns, fields = set(self.column), set(self.field)
        money = {f"sum_{c.key}" for c in self.columns if c.type in ("money", "number")}
        places = _COMMON_PLACES | fields | money
        if self.subject not in columns:
            yield f"subject: ไม่มีคอลัมน์ {self.subject}"
        if self.nothing and self.nothing not in fields:
            yield f"nothing: ไม่มีช่อง {self.nothing}"
        for paper in self.papers:
            for rule in paper.elements:
                yield from (
                    f"{paper.key}: ไม่มีตัวเลือก {k}: {v}" for k, v in rule.one_with.items() if not self._offers(k, v)
                )
                known = columns | fields | {"year", "rows", "approval"}
                yield from (
                    f"{paper.key}: ไม่รู้จัก {need}" for need in (*rule.needs, rule.several or "rows") if need not in known
                )
            if paper.memo:
                yield from (f"{paper.key}: {p}" for text in paper.memo.phrases for p in _misnamed(text, places))
            for block in (*paper.blocks, *(paper.memo.facts if paper.memo else ())):
                used = {key for column in block.table for key in column.of} | {*block.counts, *block.remarks}
                used |= {*block.total, *block.matrix, *filter(None, (block.group,))}
                yield from (f"{paper.key}: ไม่มีคอลัมน์ {key}" for key in sorted(used - columns - {"period"}))
                if block.field and block.field not in fields:
                    yield f"{paper.key}: ไม่มีช่อง {block.field}"
                yield from (f"{paper.key}: {problem}" for text in block.phrases for problem in _misnamed(text, places))

    def _offers(self, column: str, option: str) -> bool:
        return column in self.column and option in self.column[column].labels

    def _find_matrix_problems(self) -> Iterator[str]:
        for column in self.columns:
            if column.type != "level":
                continue
            parts = [self.column[key] for key in column.of if key in self.column]
            if len(parts) != 2 or self.matrix is None:
                yield f"{column.key}: ระดับต้องมาจากสองคอลัมน์ และต้องมีตารางระดับ"
                continue
            sizes = [len(part.options) for part in parts]
            levels = {level.key for level in self.matrix.levels}
            if len(self.matrix.rows) != sizes[0] or any(len(row) != sizes[1] for row in self.matrix.rows):
                yield f"{column.key}: ตารางระดับต้องมี {sizes[0]} แถว แถวละ {sizes[1]} ช่อง"
            yield from (f"ไม่มีระดับ {key}" for row in self.matrix.rows for key in row if key not in levels)


def _misnamed(text: str, places: frozenset[str] | set[str]) -> Iterator[str]:
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        yield f"ปีกกาไม่ครบคู่ใน “{text[:40]}”"
        return
    yield from (f"ไม่รู้จัก {{{name}}}" for name in sorted(names - places))


def read(path: Path) -> RegisterKind:
    """The kind that a file describes. Raises FileMistakesError with every mistake at once."""
    return checked_yaml.read(path, RegisterKind)


@cache
def load() -> Mapping[str, RegisterKind]:
    """The kinds that come with the program, by key, in their order."""
    kinds = sorted((read(path) for path in FOLDER.glob("*.yaml")), key=lambda kind: kind.order)
    return {kind.key: kind for kind in kinds}


@cache
def papers() -> Mapping[str, tuple[RegisterKind, Paper]]:
    """Every paper that is written from a register, by key, with its kind."""
    return {paper.key: (kind, paper) for kind in load().values() for paper in kind.papers}
