"""The terminal: styled text and tables of Thai text that fit it, or are wide when the output is a pipe.

Plain tables are written here: importing Rich takes longer than most commands. It is used where trees are drawn.
"""

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

MIN_PIPE_COLUMNS = 140
MIN_FLEXIBLE_COLUMNS = 20
Style = Literal["", "bold", "bold red", "yellow", "green", "dim"]
_CODES: dict[Style, str] = {"bold": "1", "bold red": "1;31", "yellow": "33", "green": "32", "dim": "2"}


class Column(NamedTuple):
    """A column of a table: as wide as its content, at most ``max_width``; a flexible one fills the line."""

    title: str
    max_width: int | None = None
    is_right_aligned: bool = False
    is_flexible: bool = False
    style: Style = ""


class Cell(NamedTuple):
    """A text in a style of its own."""

    text: str
    style: Style


def is_terminal() -> bool:
    """Whether the output is read by a person, not by a program or a file."""
    return sys.stdout.isatty()


def open_console() -> "Console":
    """Rich's console."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, width=None if is_terminal() else _terminal_columns())


def style_text(text: str, style: Style) -> str:
    """Text with the codes of a style, where the output is a terminal that shows them (https://no-color.org)."""
    shows_styles = is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if style and shows_styles else text


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]]) -> None:
    """A table with a head; texts longer than their column go on in further lines."""
    head = [Cell(column.title, "bold") for column in columns]
    body = [
        [
            cell if isinstance(cell, Cell) else Cell(cell, column.style)
            for column, cell in zip(columns, row, strict=True)
        ]
        for row in rows
    ]
    widths = _column_widths(columns, [head, *body])
    for line in _row_lines(columns, widths, head):
        print(line)
    print("─┼─".join("─" * width for width in widths))
    for row in body:
        for line in _row_lines(columns, widths, row):
            print(line)


def _terminal_columns() -> int:
    columns = shutil.get_terminal_size().columns
    return columns if is_terminal() else max(columns, MIN_PIPE_COLUMNS)


def _column_widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
    widths = [
        min(max(text_width(row[place].text) for row in rows), column.max_width or sys.maxsize)
        for place, column in enumerate(columns)
    ]
    for place, column in enumerate(columns):
        if column.is_flexible:
            others = sum(widths) - widths[place] + 3 * (len(columns) - 1)
            widths[place] = min(widths[place], max(_terminal_columns() - others, MIN_FLEXIBLE_COLUMNS))
    return widths


def _row_lines(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[Cell]) -> Iterator[str]:
    texts = [wrap_text(cell.text, width) for cell, width in zip(cells, widths, strict=True)]
    for number in range(max(map(len, texts))):
        parts = []
        for column, width, lines, cell in zip(columns, widths, texts, cells, strict=True):
            text = lines[number] if number < len(lines) else ""
            space = " " * (width - text_width(text))
            styled = style_text(text, cell.style) if text else ""
            parts.append(space + styled if column.is_right_aligned else styled + space)
        yield " │ ".join(parts).rstrip()


def wrap_text(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns, broken at spaces, or inside a word that is longer than a line."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if text_width(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full_lines, line = _break_word(word, width)
        lines += full_lines
    return [*lines, line]


def _break_word(word: str, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if _letter_width(letter) and text_width(pieces[-1]) >= width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def text_width(text: str) -> int:
    """Columns that a text takes: Thai vowels and tone marks above and below a letter take none."""
    return len(text) if text.isascii() else sum(map(_letter_width, text))


def _letter_width(letter: str) -> int:
    return unicodedata.category(letter) not in ("Mn", "Me", "Cf")
