"""What the records of registers say of a required element of an item, for the agency's page of that item: sentences,
and the table of the paper that fulfils it. Nothing is said of an element before all that it needs is there, nor of a
plan that no executive has approved. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from prongsai.framework import DisclosureItem
from prongsai.improvement.registers import values
from prongsai.improvement.registers.fulfilment import Provider, SheetFacts, Sheets, find_providers
from prongsai.improvement.registers.kinds import Paper, TableColumn

MAX_LISTED, MAX_LETTERS = 30, 5_000  # records and letters of a list in a text; of more the table tells
_TOO_LONG = "รายละเอียดของแต่ละรายการอยู่ในตารางและเอกสารของหน้านี้"
_COUNTED = ("choice", "level")
_NUMBERS = ("money", "number")


@dataclass(frozen=True)
class RegisterTable:
    """A table beside an element: ``columns`` as heading and whether it is of numbers, ``rows`` of as many texts."""

    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ElementContent:
    """What registers say of an element. ``papers``: those that fulfil it, with the fiscal years of their sheets."""

    text: str
    tables: tuple[RegisterTable, ...]
    papers: tuple[tuple[Paper, int], ...]


@dataclass(frozen=True)
class WrittenElement:
    """An element with what is said of it, None where no register says anything; ``missing``: what those that should
    have not got yet, in Thai."""

    content: ElementContent | None
    missing: tuple[str, ...]


def write_elements(
    item: DisclosureItem, required: Sequence[int], rules_year: int, sheets: Sheets
) -> dict[int, WrittenElement]:
    """What registers say of each required element of an item, by its index; those without a register are left out. A
    table stands beside the first element that it provides alone."""
    written: dict[int, WrittenElement] = {}
    shown: set[tuple[str, int]] = set()
    for index in required:
        providers = find_providers(item, item.elements[index].th, rules_year)
        if not providers:
            continue
        facts = [(provider, sheets(provider.kind, provider.fiscal_year)) for provider in providers]
        missing = [text for provider, sheet in facts for text in (*provider.find_missing(sheet), *_approval(sheet))]
        if missing:
            written[index] = WrittenElement(None, tuple(dict.fromkeys(missing)))
            continue
        known = [(provider, sheet) for provider, sheet in facts if sheet is not None]
        papers = tuple((provider.paper, provider.fiscal_year) for provider, _ in known)
        new = [(p, s) for p, s in known if (p.paper.key, p.fiscal_year) not in shown]
        shown.update((paper.key, year) for paper, year in papers)
        tables = tuple(table for provider, sheet in new if (table := _write_table(provider.paper, sheet)))
        text = "\n\n".join("\n".join(_write_lines(provider, sheet)) for provider, sheet in known)
        written[index] = WrittenElement(ElementContent(text, tables, papers), ())
    return written


def _approval(sheet: SheetFacts | None) -> list[str]:
    """What is missing for a sheet to be published: as an executive has decided on it."""
    if sheet is None or not sheet.kind.needs_approval or sheet.is_approved:
        return []
    return [f"การอนุมัติของผู้บริหารใน{sheet.kind.name} ปี {sheet.fiscal_year}"]


def _write_lines(provider: Provider, sheet: SheetFacts) -> Iterator[str]:
    kind, needs = sheet.kind, list(dict.fromkeys(provider.needs))
    yield f"{provider.paper.name} ปีงบประมาณ พ.ศ. {sheet.fiscal_year}"
    if "approval" in needs and sheet.approved:
        yield sheet.approved
    for need in needs:
        if need in kind.field and need != kind.nothing:
            field = kind.field[need]
            label = field.label.partition(" (")[0]  # what stands there tells officers how to fill it in
            lines = values.show_value(field, sheet.fields[need], sheet.fiscal_year).split("\n")
            yield f"{label}: {lines[0]}" if len(lines) == 1 else f"{label}:"
            yield from (f"{number}. {line}" for number, line in enumerate(lines, 1) if len(lines) > 1)
    if sheet.is_nothing:
        confirmed = values.describe_confirmed(sheet.fields[kind.nothing], sheet.fiscal_year)
        yield f"{kind.field[kind.nothing].label} {confirmed}"
    elif {"rows", "year"} & set(needs) or any(need in kind.column for need in needs):
        yield from _list_records(provider, sheet, [need for need in needs if need in kind.column])


def _list_records(provider: Provider, sheet: SheetFacts, columns: Sequence[str]) -> Iterator[str]:
    kind, year = sheet.kind, sheet.fiscal_year
    yield f"{kind.row} {len(sheet.values):,} รายการ"
    counted = {kind.column[key].key for key in (*columns, *provider.several) if kind.column[key].type in _COUNTED}
    counted |= {c.key for c in kind.columns if c.type == "level" and set(c.of) <= set(columns)}
    for column in (c for c in kind.columns if c.key in counted):
        found = Counter(values.show(kind, column.key, record, year) for record in sheet.values)
        yield f"{column.label}: {', '.join(f'{text} {number:,}' for text, number in found.most_common())}"
    listed = [_write_record(number, record, sheet, columns) for number, record in enumerate(sheet.values, 1)]
    fits = len(listed) <= MAX_LISTED and sum(map(len, listed)) <= MAX_LETTERS
    yield from listed if fits else [_TOO_LONG]


def _write_record(number: int, record: Mapping[str, str], sheet: SheetFacts, columns: Sequence[str]) -> str:
    kind = sheet.kind
    shown = [
        f"{kind.column[key].label} {text}"
        for key in columns
        if key != kind.subject and (text := values.show(kind, key, record, sheet.fiscal_year)) not in ("", "-")
    ]
    name = values.show(kind, kind.subject, record, sheet.fiscal_year)
    return f"{number}. {name}" + (f": {', '.join(shown)}" if shown else "")


def _write_table(paper: Paper, sheet: SheetFacts) -> RegisterTable | None:
    """The table of a paper; None where it has none, or nothing in it."""
    block = next((block for block in paper.blocks if block.table), None)
    if block is None or not sheet.values:
        return None
    columns = [*([TableColumn(of=(block.group,), width=1)] if block.group else []), *block.table]
    kind, year = sheet.kind, sheet.fiscal_year
    headings = tuple(
        (_name_column(column, sheet), len(column.of) == 1 and _is_number(sheet, column.of[0])) for column in columns
    )
    rows = tuple(
        tuple(" ".join(filter(None, (values.show(kind, key, record, year) for key in c.of))) for c in columns)
        for record in sheet.values
    )
    return RegisterTable(f"{paper.name} ปี {year}", headings, rows)


def _name_column(column: TableColumn, sheet: SheetFacts) -> str:
    """Its heading; of several columns with one heading for none, that of the first."""
    first = column.of[0]
    return column.title or (sheet.kind.column[first].label if first in sheet.kind.column else first)


def _is_number(sheet: SheetFacts, key: str) -> bool:
    return key in sheet.kind.column and sheet.kind.column[key].type in _NUMBERS
