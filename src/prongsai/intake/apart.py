"""Reading in the sandbox: what :mod:`prongsai.intake.reader` and its neighbours find in a file, or in rows, that nobody
has reason to trust.

Finding what a number is the score of takes patterns over whatever was written, so it is done where parsing is.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.intake.files import (
    LIMITS,
    MAX_DOCUMENT_ROWS,
    Row,
    UnreadableError,
    bounded_rows,
    rows_in,
    run_apart,
    run_on_file,
)
from prongsai.intake.reading import LETTERS_A_SECOND, NamedYear, Reading
from prongsai.lib import sandbox

if TYPE_CHECKING:
    from prongsai.intake.comments import Comment

_HERE = __name__
_READER = ("prongsai.intake.reader", "prongsai.intake.comments", "rapidfuzz.fuzz", "ahocorasick")


def read(
    path: Path, frameworks: Mapping[int, Framework], fiscal_year: int | None = None, *, index: int | None = None
) -> list[Reading]:
    """Figures of a file, one Reading an agency. ``fiscal_year`` overrides what the file seems to say; ``index`` is that
    of a document in a ZIP (see ``files.list_documents``).

    Raises UnreadableError. A file without any score gives one Reading without figures.
    """
    answer = run_on_file(f"{_HERE}:answer_file", path, index, dict(frameworks), fiscal_year, preload=_READER)
    return [_restore(*fields) for fields in answer]


def figures_of(
    rows: Sequence[Row], frameworks: Mapping[int, Framework], fiscal_year: int | None = None, *, is_paper: bool = False
) -> list[Reading]:
    """As :func:`prongsai.intake.reader.figures_of`. Raises UnreadableError."""
    answer = run_apart(f"{_HERE}:answer_figures", list(rows), dict(frameworks), fiscal_year, is_paper, preload=_READER)
    return [_restore(*fields) for fields in answer]


def find_fiscal_year(rows: Sequence[Row]) -> NamedYear | None:
    """As :func:`prongsai.intake.reader.find_fiscal_year`. Raises UnreadableError."""
    answer = run_apart(f"{_HERE}:answer_year", list(rows), preload=_READER)
    return NamedYear(*answer) if answer else None


def comments_of(rows: Sequence[Row], framework: Framework) -> "list[Comment]":
    """As :func:`prongsai.intake.comments.comments_of`. Raises UnreadableError."""
    from prongsai.intake.comments import Comment

    return [
        Comment(*fields) for fields in run_apart(f"{_HERE}:answer_comments", list(rows), framework, preload=_READER)
    ]


def _restore(agency: str | None, fiscal_years: list[int], figures: list[tuple[Any, ...]]) -> Reading:
    return Reading(agency, fiscal_years, [Figure(*fields) for fields in figures])


# --- in the sandbox


def answer_file(
    file: IO[bytes], suffix: str, index: int | None, frameworks: Mapping[int, Framework], fiscal_year: int | None
) -> dict[str, Any]:
    try:
        found = bounded_rows(rows_in(file, suffix, index, pictures=True), LIMITS.answer, MAX_DOCUMENT_ROWS)
        rows = [row for row in found if not row.hidden]
    except UnreadableError as error:
        return {"error": str(error)}
    return answer_figures(rows, frameworks, fiscal_year, False)


def answer_figures(
    rows: Sequence[Row],
    frameworks: Mapping[int, Framework],
    fiscal_year: int | None,
    is_paper: bool,  # the sandbox passes no names
) -> dict[str, Any]:
    from prongsai.intake import reader

    _begin()
    readings = reader.figures_of(rows, frameworks, fiscal_year, is_paper=is_paper)
    return {"answer": [(r.agency, r.fiscal_years, [_fields_of(f) for f in r.figures]) for r in readings]}


def _fields_of(f: Figure) -> tuple[Any, ...]:
    return f.fiscal_year, f.node, f.value, f.place, f.sure, f.note


def answer_year(rows: Sequence[Row]) -> dict[str, Any]:
    from prongsai.intake import reader

    _begin(rows)
    year = reader.find_fiscal_year(rows)
    return {"answer": [year.year, year.weight, year.place, year.sure] if year else None}


def answer_comments(rows: Sequence[Row], framework: Framework) -> dict[str, Any]:
    from prongsai.intake import comments

    _begin(rows)
    return {"answer": [(c.item, c.text, c.place) for c in comments.comments_of(rows, framework)]}


def _begin(rows: Sequence[Row] = ()) -> None:
    """Time for what is read as a whole, by its length; what is read row by row says how it goes on."""
    letters = sum(len(cell) for row in rows for cell in row.cells)
    sandbox.allow_until(time.process_time() + sandbox.base_seconds() + letters / LETTERS_A_SECOND)
