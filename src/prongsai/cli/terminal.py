"""The terminal: wide enough for a table even when it is a pipe."""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

MIN_PIPE_COLUMNS = 140


def open_console() -> "Console":
    """Rich's console. Importing it takes longer than most commands; a plain table needs :func:`print_table` alone."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    if not sys.stdout.isatty():
        return Console(highlight=False, width=max(console.width, MIN_PIPE_COLUMNS))
    return console


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table of short texts with a head, as wide as its content."""
    lines = [titles, *rows]
    widths = [max(map(text_width, column)) for column in zip(*lines, strict=True)]
    bold, plain = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    for number, cells in enumerate(lines):
        padded = [cell + " " * (width - text_width(cell)) for cell, width in zip(cells, widths, strict=True)]
        text = " │ ".join(padded).rstrip()
        print(f" {bold}{text}{plain}" if number == 0 else f" {text}")
        if number == 0:
            print("─" + "─┼─".join("─" * width for width in widths) + "─")


def text_width(text: str) -> int:
    """Columns that a text takes: Thai vowels and tone marks above and below a letter take none."""
    return sum(unicodedata.category(letter) not in ("Mn", "Me", "Cf") for letter in text)
