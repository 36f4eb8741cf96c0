"""Cells that no page holds, such as a step of three thousand words: the table shows their beginning, and an annex at
the end of the document has all of them."""

import dataclasses
from collections.abc import Iterator

from prongsai.analysis import phrases
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Document,
    Heading,
    Paragraph,
    Row,
    Section,
    Table,
    in_digits,
)
from prongsai.documents.writers import paging

_SHOWN_LINES = 8  # of a cell that goes on in the annex
_SHORTEST = 400  # letters; no fewer are higher than a page


def move_long_cells(document: Document) -> Document:
    """The document with an annex for every cell that is higher than a page; unchanged where none is."""
    annex: list[Block] = []
    sections = [_shorten_section(section, annex) for section in document.sections]
    if not annex:
        return document
    whole = Section((Heading(phrases.load().headings.annex.title), *annex))
    with_annex = dataclasses.replace(document, sections=(*sections, whole))
    in_its_digits: Document = in_digits(with_annex, document.digits)
    return in_its_digits


def _shorten_section(section: Section, annex: list[Block]) -> Section:
    found = [_shorten_table(block, annex) if isinstance(block, Table) else block for block in section.blocks]
    return dataclasses.replace(section, blocks=tuple(found))


def _shorten_table(table: Table, annex: list[Block]) -> Table:
    fitted = paging.fit_columns(table) if any(_is_long(cell) for row in table.rows for cell in row.cells) else table
    rows = tuple(dataclasses.replace(row, cells=tuple(_shorten_row(row, fitted, annex))) for row in table.rows)
    return dataclasses.replace(table, rows=rows)


def _is_long(cell: Cell) -> bool:
    return len(cell.text) > _SHORTEST


def _shorten_row(row: Row, table: Table, annex: list[Block]) -> Iterator[Cell]:
    column = 0
    for cell in row.cells:
        columns = table.columns[column : column + cell.span]
        column += cell.span
        if not _is_long(cell):
            yield cell
            continue
        width = paging.text_width(sum(c.width for c in columns))
        found = paging.lines(cell.text, table.size, width, bold=row.kind != "plain")
        if len(found) <= paging.count_page_lines(table):
            yield cell
            continue
        number = 1 + sum(isinstance(block, Heading) for block in annex)
        words, beginning = phrases.load().headings.annex, _beginning(cell.text, found)
        text = words.continued.format(beginning=beginning, number=number)
        yield dataclasses.replace(cell, text=text)
        annex.append(Heading(f"{number}. {_name(row, columns[0].title)}", 2))
        annex += [
            Paragraph(text=line, indent=False, align="left", is_field=True)
            for line in cell.text.split("\n")
            if line.strip()
        ]


def _beginning(text: str, found: list[str]) -> str:
    """The first lines of a cell, as its author wrote them."""
    end = 0
    for line in found[:_SHOWN_LINES]:
        at = text.find(line.strip(), end)
        if at == -1:
            break
        end = at + len(line.strip())
    return text[:end].rstrip()


def _name(row: Row, column: str) -> str:
    """A column, and which row it is: by its first short cell with words."""
    named = (cell.text for cell in row.cells if not _is_long(cell) and any(c.isalpha() for c in cell.text))
    of_row = phrases.load().headings.annex.of_row
    return next((of_row.format(column=column, text=text) for text in named), column)
