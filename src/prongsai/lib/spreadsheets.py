"""Cells of tables that go out to be opened in a spreadsheet."""

from typing import Any


def escape_formula(value: Any) -> Any:
    """The value, quoted if a spreadsheet would run it as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
