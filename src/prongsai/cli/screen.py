"""The terminal: wide enough for a table even when it is a pipe."""

import sys

from rich.console import Console


def screen() -> Console:
    console = Console(highlight=False, soft_wrap=False)
    if not sys.stdout.isatty():
        return Console(highlight=False, width=max(console.width, 140))
    return console
