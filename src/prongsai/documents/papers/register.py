"""Papers of registers: action plan, risk assessment, No Gift Policy, and the reports on them. One composer for all;
what each says is data (``improvement.registers``)."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Align,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
    numbered,
    rows,
)
from prongsai.documents.content.data import DocumentDataError, Formatting, Register, Signatory
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.papers import memo
from prongsai.improvement.registers import kinds, values
from prongsai.lib import fiscal

_DOTS = "." * 20
_NUMBER_WIDTH = 1.2  # centimetres of the column that counts
_ALIGN: Mapping[str, Align] = {
    "money": "right",
    "number": "right",
    "choice": "center",
    "level": "center",
    "month": "center",
}
_SIZE = 14
_HALF = fiscal.MONTHS // 2
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class _Content:
    """A paper with the records that it is written from."""

    kind: kinds.RegisterKind
    paper: kinds.Paper
    facts: ResultFacts
    register: Register

    @cached_property
    def records(self) -> list[dict[str, str]]:
        """The records in the order in which their table shows them: group by group."""
        records = [{v.key: v.text for v in record.values} for record in self.register.records]
        key = next((block.group for block in self.paper.blocks if block.group), "")
        if not key:
            return records
        names = [*self.order(key), *(self.show(key, record) for record in records)]
        return sorted(records, key=lambda record: names.index(self.show(key, record)))

    @cached_property
    def fields(self) -> dict[str, str]:
        return {field.key: field.text for field in self.register.fields}

    @property
    def is_english(self) -> bool:
        return self.paper.digits == "arabic"

    def show(self, key: str, record: Mapping[str, str]) -> str:
        return values.show(self.kind, key, record, self.facts.year)

    def sum(self, key: str, records: Sequence[Mapping[str, str]] | None = None) -> str:
        """What a column of money or numbers adds up to, in all or in some records."""
        summed = self.records if records is None else records
        total = sum((Decimal(record[key]) for record in summed if record.get(key)), Decimal(0))
        return f"{total:,.2f}".removesuffix(".00")

    def total(self, key: str, records: Sequence[Mapping[str, str]] | None = None) -> str:
        """The sum in a table: a dash where nothing is recorded, which is not the same as nothing spent."""
        summed = self.records if records is None else records
        return self.sum(key, summed) if any(record.get(key) for record in summed) else "-"

    def order(self, key: str) -> list[str]:
        """What a column can hold, in its order; nothing where anything can be typed."""
        column = self.kind.column[key]
        if column.type == "level" and self.kind.matrix:
            return [level.label for level in self.kind.matrix.levels]
        return list(column.labels.values())

    def holds(self, block: kinds.Block) -> bool:
        """Whether a block belongs into the paper, by its condition."""
        if self.records:
            return block.when in ("", "rows")
        confirmed = self.fields.get(self.kind.nothing, "") if self.kind.nothing else ""
        if self.kind.nothing and not confirmed:
            return block.when in ("", "unknown")
        is_part = bool(confirmed) and not values.covers_year(confirmed, self.facts.year)
        return block.when in (("", "empty", "rest") if is_part else ("", "empty"))

    @property
    def confirmed(self) -> str:
        """The period for which it is confirmed that there is nothing to record."""
        confirmed = self.fields.get(self.kind.nothing, "") if self.kind.nothing else ""
        return values.describe_confirmed(confirmed, self.facts.year) if confirmed else ""

    def say(self, phrase: str) -> str:
        """A phrase with its places filled in."""
        return phrase.format_map(self._places)

    @cached_property
    def _places(self) -> dict[str, str]:
        facts, office = self.facts, self.facts.data.office
        sums = {f"sum_{c.key}": self.sum(c.key) for c in self.kind.columns if c.type in ("money", "number")}
        return {
            **{field.key: self.show_field(field) for field in self.kind.fields},
            **sums,
            "agency": facts.agency,
            "agency_en": office.name_en or facts.agency,
            "year": wording.format_fiscal_year(facts.year),
            "year_en": f"Fiscal Year {facts.year - fiscal.BUDDHIST}",
            "executive": office.executive_position or phrases.load().words.head_of_agency,
            "period": self.period,
            "due": shared.describe_due(facts, self.period),
            "count": f"{len(self.records):,}",
            "confirmed": self.confirmed,
        }

    @property
    def period(self) -> str:
        return shared.describe_period(self.facts.year, _HALF if self.paper.stage == "half" else fiscal.MONTHS)

    def show_field(self, field: kinds.Field) -> str:
        value = self.fields.get(field.key, "")
        if not value:
            return _DOTS
        if field.type == "day" and self.is_english:
            year, month, day = map(int, value.split("-"))
            return f"{day} {_MONTHS_EN[month - 1]} {year}"
        return values.show_value(field, value, self.facts.year)


def compose(kind: kinds.RegisterKind, paper: kinds.Paper, facts: ResultFacts) -> Document:
    content = _Content(kind, paper, facts, facts.data.register or Register(kind=kind.key))
    if paper.digits:
        data = dataclasses.replace(facts.data, formatting=Formatting("arabic", facts.data.formatting.font))
        content = dataclasses.replace(content, facts=ResultFacts(data))
    parts: list[list[Block]] = [[]]
    landscape = [False]
    for block in paper.blocks:
        if not content.holds(block):
            continue
        if block.page:
            parts.append([])
            landscape.append(block.page == "landscape")
        else:
            section = Section((), landscape=landscape[-1])
            if block.signature and parts[-1] and isinstance(parts[-1][-1], Paragraph):
                parts[-1][-1] = dataclasses.replace(parts[-1][-1], keep_with_next=True)
            parts[-1] += _write(block, content, section.width)
    sections = [Section(tuple(part), landscape=wide) for part, wide in zip(parts, landscape, strict=True)]
    name = content.say(paper.title)
    title = f"{name} {phrases.load().words.draft}" if content.register.is_draft else name
    return shared.build_document(content.facts, paper.key, title, sections, rests_on_rules=False)


def compose_memo(kind: kinds.RegisterKind, paper: kinds.Paper, facts: ResultFacts) -> Document:
    """The memo that puts a paper before the executive, without its annex, which is the paper."""
    return memo.complete(compose_memo_body(kind, paper, facts), facts.data)


def compose_memo_body(kind: kinds.RegisterKind, paper: kinds.Paper, facts: ResultFacts) -> Document:
    """The memo that puts a paper before the executive, without its signatures and its annex."""
    content = _Content(kind, paper, facts, facts.data.register or Register(kind=kind.key))
    if paper.memo is None:
        raise DocumentDataError([f"{paper.name}: ไม่มีบันทึกข้อความของเอกสารนี้"])
    header, headings = facts.data.memo_header, phrases.load().headings.memo
    subject = (header.subject if header else "") or content.say(paper.memo.subject)
    width = Section(()).width
    proposals = [content.say(proposal) for proposal in paper.memo.proposals]
    page = [
        *memo.write_head(facts, subject),
        Heading(f"1. {headings.background}", 2),
        Paragraph(text=content.say(paper.memo.background)),
        Heading(f"2. {headings.facts}", 2),
        *(part for block in paper.memo.facts if content.holds(block) for part in _write(block, content, width)),
        Heading(f"3. {headings.consideration}", 2),
        *([numbered(proposals)] if len(proposals) > 1 else [Paragraph(text=text) for text in proposals]),
        Paragraph(text=content.say(paper.memo.closing), keep_with_next=True),
    ]
    sections = [Section(tuple(page), memo=True)]
    title = headings.title.format(subject=subject)
    return shared.build_document(facts, paper.key, title, sections, rests_on_rules=False)


def list_texts_of(kind: kinds.RegisterKind, paper: kinds.Paper, facts: ResultFacts) -> dict[str, Any]:
    """The fields and the records of a paper as texts: those of a column by its key, under ``records``."""
    content = _Content(kind, paper, facts, facts.data.register or Register(kind=kind.key))
    records = [
        {"number": str(number), **{column.key: content.show(column.key, record) for column in kind.columns}}
        for number, record in enumerate(content.records, 1)
    ]
    return {
        "records": records,
        **{f.key: content.show_field(f) if f.key in content.fields else "" for f in kind.fields},
    }


def _write(block: kinds.Block, content: _Content, width: float) -> list[Block]:
    """A block of the data as blocks on paper."""
    writers: tuple[tuple[object, Callable[[kinds.Block, _Content, float], list[Block]]], ...] = (
        (block.title, _write_title),
        (block.heading, lambda b, c, _: [Heading(c.say(b.heading))]),
        (block.text, lambda b, c, _: [Paragraph(text=c.say(b.text))]),
        (block.items, lambda b, c, _: [numbered(c.say(item) for item in b.items)]),
        (block.field, _write_field),
        (block.table, _write_table),
        (block.counts, _write_counts),
        (block.remarks, _write_remarks),
        (block.matrix, _write_matrix),
        (block.closing, lambda b, c, _: shared.build_closing(c.facts, c.say(b.closing))),
        (block.signature, _write_signature),
    )
    return next(write(block, content, width) for is_filled, write in writers if is_filled)


def _write_title(block: kinds.Block, content: _Content, _: float) -> list[Block]:
    lines = [content.say(line) for line in block.title]
    place = content.facts.data.office.place
    if place and not content.is_english:
        lines = [text for line in lines for text in ((line, place) if line == content.facts.agency else (line,))]
    title = Title((*lines, phrases.load().words.draft) if content.register.is_draft else tuple(lines))
    return [title, *shared.note_interim(content.facts)]


def _write_field(block: kinds.Block, content: _Content, _: float) -> list[Block]:
    """What the agency wrote in a field: a paragraph, or its lines as a numbered list."""
    lines = [line for line in content.fields.get(block.field, "").splitlines() if line.strip()]
    if len(lines) > 1:
        lead = [Paragraph(text=block.lead, indent=False)] if block.lead else []
        return [*lead, numbered(lines)]
    return [Paragraph(text=line, lead=block.lead) for line in lines]


def _write_signature(block: kinds.Block, content: _Content, _: float) -> list[Block]:
    position = content.say(block.signature)
    if not content.is_english:
        name = next((s.name for s in reversed(content.facts.data.signatories) if s.position == position), "")
        return [*shared.build_signatures([Signatory(position, name)], with_opinions=False)]
    lines = (f"(Signed) {'.' * 40}", f"({'.' * 40})", position)
    return [
        Paragraph(text=line, indent=False, align="center", keep_with_next=number < len(lines) - 1)
        for number, line in enumerate(lines)
    ]


# --- tables


def _fit(columns: Iterable[tuple[str, float, str]], width: float) -> tuple[Column, ...]:
    """Columns as wide as the page: (title, share of the width, type of what is in it)."""
    parts = list(columns)
    factor = width / sum(share for _, share, _ in parts)
    return tuple(Column(title, round(share * factor, 2), _ALIGN.get(type_, "left")) for title, share, type_ in parts)


def _write_table(block: kinds.Block, content: _Content, width: float) -> list[Block]:
    """Every record, under the headings of a group where there is one, with the sums of some columns."""
    types = {**{c.key: c.type for c in content.kind.columns}, "period": "line"}
    headings = phrases.load().headings
    columns = _fit(
        (
            (headings.columns.number, _NUMBER_WIDTH * 10, "choice"),
            *((_name(part, content), part.width, types[part.of[0]]) for part in block.table),
        ),
        width,
    )
    if not content.records:
        return [Paragraph(text=headings.registers.none.format(records=content.kind.row))]
    lines: list[Row] = []
    number = 0
    for name, records in _group(block.group, content):
        if block.group:
            lines.append(Row((Cell(name, span=len(columns)),), "group"))
        for record in records:
            number += 1
            cells = (
                "\n".join(filter(None, (content.show(key, record) for key in part.of))) or "-" for part in block.table
            )
            lines.append(Row(tuple(map(Cell, (str(number), *cells)))))
    if block.total:
        sums = [content.total(part.of[0]) if part.of[0] in block.total else "" for part in block.table]
        first = next(n for n, text in enumerate(sums) if text)
        lines.append(Row((Cell(headings.columns.total, span=first + 1), *map(Cell, sums[first:])), "total"))
    return [Table(columns, tuple(lines), size=_SIZE)]


def _name(part: kinds.TableColumn, content: _Content) -> str:
    return part.title or content.kind.column[part.of[0]].label


def _group(key: str, content: _Content) -> list[tuple[str, list[dict[str, str]]]]:
    """The records by what they have in a column, in its order; all of them under no name without one."""
    if not key:
        return [("", content.records)]
    groups: dict[str, list[dict[str, str]]] = {name: [] for name in content.order(key)}
    for record in content.records:
        groups.setdefault(content.show(key, record) or "-", []).append(record)
    return [(name, records) for name, records in groups.items() if records]


def _write_counts(block: kinds.Block, content: _Content, width: float) -> list[Block]:
    """How many records have what in a column, with sums; with two columns, how many of each have what in the other."""
    first, *others = block.counts
    headings = phrases.load().headings
    total_title = headings.columns.total
    groups = _group(first, content)
    label = content.kind.column[first].label
    if others:
        names = [name for name, _ in _group(others[0], content)]
        counted = [
            (name, Counter(content.show(others[0], record) or "-" for record in records)) for name, records in groups
        ]
        columns = _fit(
            ((label, 50, "line"), *((name, 24, "choice") for name in names), (total_title, 16, "choice")), width
        )
        lines = [
            Row(tuple(map(Cell, (name, *(str(counts[n]) for n in names), str(counts.total())))))
            for name, counts in counted
        ]
        sums = [str(sum(counts[n] for _, counts in counted)) for n in names]
        total = Row(tuple(map(Cell, (total_title, *sums, str(len(content.records))))), "total")
        return [Table(columns, (*lines, total), size=_SIZE)]
    money = [content.kind.column[key] for key in block.total]
    columns = _fit(
        (
            (label, 80, "line"),
            (headings.registers.count, 25, "choice"),
            *((column.label, 40, "money") for column in money),
        ),
        width,
    )
    lines = [_count(name, records, money, content) for name, records in groups]
    total = dataclasses.replace(_count(total_title, content.records, money, content), kind="total")
    return [Table(columns, (*lines, total), size=_SIZE)]


def _count(name: str, records: Sequence[Mapping[str, str]], money: Sequence[kinds.Column], content: _Content) -> Row:
    cells = (name, f"{len(records):,}", *(content.total(column.key, records) for column in money))
    return Row(tuple(map(Cell, cells)))


def _write_remarks(block: kinds.Block, content: _Content, width: float) -> list[Block]:
    """The records with something in one of some columns; a sentence where there is none."""
    lines = [
        (f"{number}. {record.get(content.kind.subject, '-')}", *(record.get(key, "-") for key in block.remarks))
        for number, record in enumerate(content.records, 1)
        if any(record.get(key) for key in block.remarks)
    ]
    if not lines:
        return [Paragraph(text=block.lead)]
    named = [(content.kind.column[key].label, 60.0, "text") for key in block.remarks]
    columns = _fit(((content.kind.row, 55, "text"), *named), width)
    return [Table(columns, rows(*lines), size=_SIZE)]


def _write_matrix(block: kinds.Block, content: _Content, width: float) -> list[Block]:
    """The level of each pair of choices, the most likely first, and what each level asks for."""
    matrix, kind = content.kind.matrix, content.kind
    assert matrix is not None  # checked when the file is read
    headings = phrases.load().headings.registers
    first, second = (kind.column[key] for key in kind.column[block.matrix[0]].of)
    labels = {level.key: level.label for level in matrix.levels}
    columns = _fit(
        (
            (headings.axes.format(rows=first.label, columns=second.label), 40, "line"),
            *((o.label, 24, "choice") for o in second.options),
        ),
        width,
    )
    lines = [
        (option.label, *(labels[key] for key in row))
        for option, row in reversed(list(zip(first.options, matrix.rows, strict=True)))
    ]
    legend = _fit(((headings.level, 35, "choice"), (headings.advice, 125, "text")), width)
    advice = [(level.label, level.advice) for level in reversed(matrix.levels)]
    return [
        Table(columns, rows(*lines), size=_SIZE),
        Paragraph(text=block.lead),
        Table(legend, rows(*advice), size=_SIZE),
    ]


MEMOS: Mapping[str, str] = {key: f"{key}.memo" for key, (_, paper) in kinds.papers().items() if paper.memo}
_MONTHS = {
    key: _HALF if paper.stage == "half" else fiscal.MONTHS
    for key, (_, paper) in kinds.papers().items()
    if paper.stage != "plan"
}
MONTHS: Mapping[str, int] = _MONTHS | {text: _MONTHS[key] for key, text in MEMOS.items() if key in _MONTHS}
KINDS: Mapping[str, str] = {key: paper.name for key, (_, paper) in kinds.papers().items()}
MEMO_NAMES: Mapping[str, str] = {text: f"บันทึกข้อความเสนอ{KINDS[key]}" for key, text in MEMOS.items()}
COMPOSERS: Mapping[str, Callable[[ResultFacts], Document]] = {
    **{key: partial(compose, kind, paper) for key, (kind, paper) in kinds.papers().items()},
    **{text: partial(compose_memo, *kinds.papers()[key]) for key, text in MEMOS.items()},
}
