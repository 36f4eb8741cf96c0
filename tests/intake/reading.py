"""Reading a few rows, for tests."""

from prongsai import framework as rules
from prongsai.intake import Row, figures_of

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}


def rows(lines: tuple[str | list[str], ...]) -> list[Row]:
    """A string is a line, a list is a table row."""
    return [Row(tuple(r), "x", 1) if isinstance(r, list) else Row((r,), "x") for r in lines]


def found(*lines: str | list[str], year: int | None = None) -> set[tuple[int, str, str]]:
    """Sure figures of rows."""
    readings = figures_of(rows(lines), FRAMEWORKS, year)
    return {(f.fiscal_year, f.node, f.value) for r in readings for f in r.figures if f.sure}


def unsure(*lines: str | list[str]) -> list[tuple[str, str]]:
    """Values of doubtful figures with the reason."""
    return [(f.value, f.note) for r in figures_of(rows(lines), FRAMEWORKS) for f in r.figures if not f.sure]
