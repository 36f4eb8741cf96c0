"""What stays together on a page, for every writer: sizes of texts in lines, and the end of a section.

A page must not hold signatures or a remark alone. What ends a section so brings along some lines of what goes before:
the last rows of a table, the last items of a list, or a paragraph.
"""

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from prongsai.documents.content import blocks
from prongsai.documents.content.blocks import Block, Heading, MarkedList, Paragraph, Section, Signature, Table
from prongsai.lib import typeset
from prongsai.lib.lines import parts, units

SCALE = 0.68  # of Sarabun as shipped to TH Sarabun: x-heights of 0.500 and 0.340 of the em
POINTS_PER_CM = 72 / 2.54
_CELL_INSET = 8  # points on both sides of a cell's text
_MIN_LINES = 3  # of what goes before an end
LINES_WITH_END = 6  # of a row that is divided
_PAGE_LINES, _WIDE_PAGE_LINES = 38, 26  # of 16 points; an end is not higher
_SIGNATURE_LINES = 3.8  # with the space above
_PAIRED_LINES = 3.5  # of two side by side
PAIR_GAP = 0.8  # centimetres between two side by side
_HEADING_LINES = 2
_TITLE_LINES = 1.5  # of a table, repeated above its last rows
_ROW_SPACE = 0.4  # lines above and below the text of a row
_TEXT_SIZE = 16


@dataclass(frozen=True)
class TableWithEnd(Table):
    """A table of which the last ``count`` rows stay with the end of the section. Where ``divided``, the first of them
    is too high for that, and only the last of its lines do. ``whole``: a page has room for all of its rows with the
    end, and for a heading above them."""

    count: int = 1
    divided: bool = False
    whole: bool = True


@dataclass(frozen=True)
class SignaturePair(Signature):
    """A signature with another one at its right, where one below the other they would fill pages of their own."""

    right: Signature | None = None

    @property
    def sides(self) -> tuple[Signature, ...]:
        """The signatures that stand side by side."""
        left = Signature(self.name, self.position, self.opinion, self.signed, self.keep_with_next)
        return (left,) if self.right is None else (left, self.right)


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


_MAX_WORD_SHARE = 0.45  # of the width of a table; a longer word is cut
_MIN_SIZE = 10  # of a table
_SPARE = 1.02  # Word's own font is measured only nearly


def fit_columns(table: Table) -> Table:
    """A table in whose columns no word and no part of a web address is broken inside: where one is wider than its
    column, the column is made wider at the cost of those with room; where none has any, letters are made smaller."""
    widths = [column.width for column in table.columns]
    size = table.size
    needed = _measure_columns(table, size)
    while sum(needed) > sum(widths) and size > _MIN_SIZE:
        size -= 1
        needed = _measure_columns(table, size)
    lacking = sum(max(0, need - width) for need, width in zip(needed, widths, strict=True))
    spare = sum(max(0, width - need) for need, width in zip(needed, widths, strict=True))
    if (not lacking and size == table.size) or lacking > spare:
        return table
    fitted = (
        need if need >= width else width - (width - need) * lacking / spare
        for need, width in zip(needed, widths, strict=True)
    )
    columns = tuple(
        dataclasses.replace(column, width=width) for column, width in zip(table.columns, fitted, strict=True)
    )
    return dataclasses.replace(table, columns=columns, size=size)


def _measure_columns(table: Table, size: float) -> list[float]:
    """Centimetres that each column needs for the widest of its words, at a size of letters."""
    total = sum(column.width for column in table.columns)
    centimetres = size * SCALE / POINTS_PER_CM * _SPARE
    needed = [_measure_words(column.title, bold=True) for column in table.columns]
    for row in table.rows:
        column = 0
        for cell in row.cells:
            if cell.span == 1:
                words = _measure_words(cell.text, bold=row.kind != "plain")
                boxes = (1.3 + _measure_words(box.text, bold=False) for box in cell.boxes)
                limit = _MAX_WORD_SHARE * total / centimetres
                needed[column] = max(needed[column], *(w for w in (words, *boxes) if w <= limit), 0)
            column += cell.span
    inset = _CELL_INSET / POINTS_PER_CM
    return [width * centimetres + inset for width in needed]


def _measure_words(text: str, *, bold: bool) -> float:
    """The width of the widest word of a text, at size 1."""
    face = typeset.face(bold=bold)
    pieces = (piece for line in text.split("\n") for unit in units(line) for piece in parts(unit))
    return max((face.width(piece) for piece in pieces), default=0)


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


def fits_page(row: blocks.Row, table: Table) -> bool:
    """Whether a page holds a row below the titles of its columns: then it is not broken."""
    return count_lines(row, table) <= count_page_lines(table)


def count_page_lines(table: Table) -> float:
    """How many lines of the table's size a page holds below the titles of its columns."""
    is_wide = sum(column.width for column in table.columns) > Section(()).width + 0.5
    return ((_WIDE_PAGE_LINES if is_wide else _PAGE_LINES) - 2 * _TITLE_LINES) * _TEXT_SIZE / table.size


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


def arrange(section: Section) -> tuple[Block, ...]:
    """The blocks of a section: tables with columns wide enough for their words, and all marked ``keep_with_next`` so
    that the end stands on no page alone; a table before it is one with its end."""
    found = [fit_columns(block) if isinstance(block, Table) else block for block in section.blocks]
    found = _pair_signatures(found, section)
    start = _find_end(found)
    if section.cover or start == len(found):
        return tuple(found)
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


def _pair_signatures(found: Sequence[Block], section: Section) -> list[Block]:
    """The blocks, with signatures that one page does not hold below some lines in pairs."""
    first = next((n for n, block in enumerate(found) if isinstance(block, Signature)), len(found))
    signatures = [block for block in found[first:] if isinstance(block, Signature)]
    page = _WIDE_PAGE_LINES if section.landscape else _PAGE_LINES
    if sum(_count_block(s, section.width) for s in signatures) + _MIN_LINES + 1 <= page:
        return list(found)
    pairs = [
        SignaturePair(left.name, left.position, left.opinion, left.signed, right=right)
        for left, right in itertools.zip_longest(signatures[::2], signatures[1::2])
    ]
    height = 0.0
    for number in range(len(pairs) - 1, -1, -1):
        lines_of_pair = _count_block(pairs[number], section.width)
        has_room = height + lines_of_pair <= page
        pairs[number] = dataclasses.replace(pairs[number], keep_with_next=bool(height) and has_room)
        height = height + lines_of_pair if has_room else lines_of_pair
    end = first + len(signatures)
    return [*found[:first], *pairs, *found[end:]]


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
        return [block], _HEADING_LINES, 0
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
    heights = [(count_lines(row, table) + _ROW_SPACE) * table.size / _TEXT_SIZE for row in table.rows]
    height = _TITLE_LINES + sum(heights[-count:])
    whole = _HEADING_LINES + _TITLE_LINES + sum(heights) <= room
    values = {f.name: getattr(table, f.name) for f in dataclasses.fields(Table)} | {"keep_with_next": True}
    # the row that is divided: of those that stay, the nearest to the end with lines to leave on the page before
    tall = next((n for n in range(1, count + 1) if count_lines(table.rows[-n], table) > LINES_WITH_END + 1), 0)
    divided = height > room and tall > 0
    if divided:
        count = tall
        left = count_lines(table.rows[-count], table) - LINES_WITH_END
        height = _TITLE_LINES + sum(heights[-count:]) - left * table.size / _TEXT_SIZE
    return [TableWithEnd(**values, count=count, divided=divided, whole=whole)], min(height, room), _MIN_LINES


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
    if isinstance(block, SignaturePair):
        half = (width - PAIR_GAP) / 2
        position = max(len(lines(f"ตำแหน่ง {side.position}", _TEXT_SIZE, half)) for side in block.sides)
        return _PAIRED_LINES + position - 1 + max(_count_opinion(side, half) for side in block.sides)
    if isinstance(block, Signature):
        return _SIGNATURE_LINES + _count_opinion(block, width)
    return 0


def _count_opinion(block: Signature, width: float) -> int:
    return 0 if block.opinion is None else 1 + len(lines(block.opinion, _TEXT_SIZE, width, occupied=2))
