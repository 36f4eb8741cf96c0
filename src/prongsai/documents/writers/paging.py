"""What stays together on a page, for every writer: sizes of texts in lines, and the end of a section.

A page must not hold signatures or a remark alone. What ends a section so brings along some lines of what goes before:
the last rows of a table, the last items of a list, or a paragraph.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from prongsai.documents.content import blocks
from prongsai.documents.content.blocks import Block, Heading, MarkedList, Paragraph, Section, Signature, Table
from prongsai.lib import typeset

SCALE = 0.68  # of Sarabun as shipped to TH Sarabun: x-heights of 0.500 and 0.340 of the em
POINTS_PER_CM = 72 / 2.54
_CELL_INSET = 8  # points on both sides of a cell's text
_MIN_LINES = 3  # of what goes before an end
_PAGE_LINES, _WIDE_PAGE_LINES = 38, 26  # of 16 points; an end is not higher
_SIGNATURE_LINES = 3.8  # with the space above
_TITLE_LINES = 1.5  # of a table, repeated above its last rows
_ROW_SPACE = 0.4  # lines above and below the text of a row
_TEXT_SIZE = 16


@dataclass(frozen=True)
class TableWithEnd(Table):
    """A table of which the last ``count`` rows stay with the end of the section. Where ``divided``, its last row is too
    high for that, and only the last of its lines do."""

    count: int = 1
    divided: bool = False


def lines(
    text: str, size: float, centimetres: float, *, bold: bool = False, occupied: float = 0, spread: bool = False
) -> list[str]:
    """A text in lines of ``centimetres``; ``occupied`` centimetres of the first line are not available."""
    per_cm = POINTS_PER_CM / (size * SCALE)
    face = typeset.face(bold=bold)
    return face.lines(text, centimetres * per_cm, (centimetres - occupied) * per_cm, spread=spread)


def text_width(cell_width: float) -> float:
    """Centimetres for the text of a cell."""
    return cell_width - _CELL_INSET / POINTS_PER_CM


def box_width(size: float) -> float:
    """Centimetres that a box takes before its text."""
    return 1.3 * size * SCALE / POINTS_PER_CM


def count_lines(row: blocks.Row, table: Table) -> int:
    """The height of a row, in lines of the table's size."""
    height = column = 0
    for cell in row.cells:
        width = text_width(sum(c.width for c in table.columns[column : column + cell.span]))
        column += cell.span
        inside = width - box_width(table.size)
        boxes = sum(len(lines(box.text, table.size, inside)) for box in cell.boxes)
        height = max(height, boxes + len(lines(cell.text, table.size, width, bold=row.kind != "plain")))
    return height


def count_last_rows(table: Table) -> int:
    """How many of the last rows of a table stay with what follows it: some lines, and never a total or a heading
    without its rows."""
    height = 0
    for count, row in enumerate(reversed(table.rows), 1):
        height += count_lines(row, table)
        is_first = count == len(table.rows)
        is_alone = row.kind == "total" or (not is_first and table.rows[-count - 1].kind == "group")
        if is_first or (height >= _MIN_LINES and not is_alone):
            return count
    return 0


def bind_end(section: Section) -> tuple[Block, ...]:
    """The blocks of a section, marked ``keep_with_next`` so that its end stands on no page alone; a table before it is
    one with its end."""
    found = list(section.blocks)
    start = _find_end(found)
    if section.cover or start == len(found):
        return section.blocks
    room = (_WIDE_PAGE_LINES if section.landscape else _PAGE_LINES) - sum(
        _count_block(block, section.width) for block in found[start:]
    )
    for number in range(start, len(found) - 1):
        found[number] = _keep(found[number])
    missing = float(_MIN_LINES)
    while start and missing > 0:
        start -= 1
        bound, height, counted = _bind(found[start], section.width, room)
        if height > room:
            break
        found[start : start + 1] = bound
        room, missing = room - height, missing - counted
    return tuple(found)


def _keep(block: Block) -> Block:
    if isinstance(block, Paragraph | MarkedList | Table | Signature):
        return dataclasses.replace(block, keep_with_next=True)
    return block


def _find_end(found: Sequence[Block]) -> int:
    """Where the end of a section begins: its last signatures with the sentences before them, and remarks."""
    end = len(found)
    if end and isinstance(found[-1], Signature):
        end -= 1
    while end and isinstance(before := found[end - 1], Paragraph | Signature) and before.keep_with_next:
        end -= 1
    while end and _is_remark(found[end - 1]):
        end -= 1
    return end


def _is_remark(block: Block) -> bool:
    """Whether a paragraph only remarks on what stands above it."""
    return isinstance(block, Paragraph) and not block.indent and block.align != "center" and not block.is_field


def _bind(block: Block, width: float, room: float) -> tuple[list[Block], float, float]:
    """A block that is kept with the next, or in two parts of which the last is; the lines of what is kept, and how many
    of them count as something that goes before. What cannot be kept is higher than any page."""
    if isinstance(block, Heading):
        return [block], 2, 0
    if isinstance(block, Paragraph):
        height = _count_block(block, width)
        return [_keep(block)], height, 0 if _is_remark(block) else height
    if isinstance(block, MarkedList) and block.items:
        return _bind_items(block, width)
    if isinstance(block, Table) and block.rows:
        return _bind_rows(block, room)
    return [block], float("inf"), 0


def _bind_rows(table: Table, room: float) -> tuple[list[Block], float, float]:
    count = count_last_rows(table)
    height = _TITLE_LINES + sum(
        (count_lines(row, table) + _ROW_SPACE) * table.size / _TEXT_SIZE for row in table.rows[-count:]
    )
    values = {f.name: getattr(table, f.name) for f in dataclasses.fields(Table)} | {"keep_with_next": True}
    if height <= room:
        return [TableWithEnd(**values, count=count)], height, _MIN_LINES
    return [TableWithEnd(**values, count=1, divided=True)], 0, _MIN_LINES


def _bind_items(block: MarkedList, width: float) -> tuple[list[Block], float, float]:
    height, count = 0.0, 0
    while count < len(block.items) and height < _MIN_LINES:
        count += 1
        height += len(lines(block.items[-count][1], _TEXT_SIZE, width - 2.1))
    first, last = block.items[:-count], block.items[-count:]
    bound: list[Block] = [MarkedList(first)] if first else []
    return [*bound, MarkedList(last, keep_with_next=True)], height, height


def _count_block(block: Block, width: float) -> float:
    if isinstance(block, Paragraph):
        text = f"{block.lead} {block.text}".strip()
        return len(lines(text, _TEXT_SIZE, width, occupied=2.5 if block.indent else 0))
    if isinstance(block, Signature):
        opinion = 0 if block.opinion is None else 1 + len(lines(block.opinion, _TEXT_SIZE, width, occupied=2))
        return _SIGNATURE_LINES + opinion
    return 0
