"""How much of a result is read, and how surely: stored documents and invented ones, by layout.

    python -m bench.reader [N] [FOLDER …]

N documents of each layout are invented (50). A folder holds documents of one's own with ``right.csv`` and
``slips.csv`` as those in ``tests/intake/documents``. Percentages are of the figures that the documents print, or of the
agencies they are about; *unsure* are right values too. *wrong* counts other values that were read surely, *false
alarms* documents without a contradiction in which one was alleged. Milliseconds are of processor time, warm, from
rows to figures; of scans from the picture.

The last sets are scans: 150 dots to the inch, up to two degrees askew, with noise, as JPEG of quality 60; a tenth as
many of each layout, and the real documents of ``samples``, set anew, of which right is what is read surely of the
files. Figures of scans are unsure until the arithmetic bears them out.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import add
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.intake import measuring
from tests.intake.layouts import LAYOUTS, Truth
from tests.intake.measuring import Count, Figures
from tests.intake.reading import FRAMEWORKS
from tests.intake.scanned import in_thai_digits, scan, scan_pages

from prongsai.intake import Row, figures_of, read_rows
from prongsai.intake.files import rows_of

_SAMPLES = Path(__file__).parents[1] / "samples"
_COLUMNS = ("documents", "figures", "right", "unsure", "missed", "wrong", "agency", "false alarms", "slips", "ms each")


def _exact(truth: dict[str, Truth]) -> dict[str, Figures]:
    return {agency: {(year, node, Decimal(v)) for year, node, v in figures} for agency, figures in truth.items()}


def _invented(number: int) -> Iterator[tuple[str, list[tuple[float, Count]]]]:
    for layout in LAYOUTS:
        documents = [layout(Random(seed)) for seed in range(number)]
        yield layout.__name__, [_read(d.rows(), _exact(d.truth), others=_exact(d.others)) for d in documents]


def _scanned(number: int) -> Iterator[tuple[str, list[tuple[float, Count]]]]:
    for digits in ("Arabic", "Thai"):
        measured = []
        for layout in LAYOUTS:
            for seed in range(number):
                document = layout(Random(seed))
                lines = document.lines if digits == "Arabic" else in_thai_digits(document.lines)
                picture = scan(lines, Random(seed))
                started = time.process_time()
                rows = list(rows_of(picture, "", pictures=True))
                took = time.process_time() - started
                seconds, count = _read(rows, _exact(document.truth), others=_exact(document.others))
                measured.append((took + seconds, count))
        yield f"scans, {digits} digits", measured


def _samples() -> Iterator[tuple[str, list[tuple[float, Count]]]]:
    for digits in ("as printed", "Thai"):
        measured = []
        for path in sorted(_SAMPLES.iterdir()):
            rows = list(read_rows(path, trusted=True))
            truth = {
                reading.agency or "": {
                    (f.fiscal_year, f.node, Decimal(f.value))
                    for f in reading.figures
                    if f.sure and f.kind == "score" and f.number is not None
                }
                for reading in figures_of(rows, FRAMEWORKS)
            }
            lines = _lines_of(rows)
            pages = scan_pages(lines if digits == "as printed" else in_thai_digits(lines), Random(1))
            started = time.process_time()
            scanned = [row for page in pages for row in rows_of(page, "", pictures=True)]
            took = time.process_time() - started
            seconds, count = _read(scanned, truth)
            measured.append((took + seconds, count))
        yield f"samples scanned, digits {digits}", measured


def _lines_of(rows: Sequence[Row]) -> list[str | list[str]]:
    """Lines and rows of tables, each as wide as its table."""
    width = {table: max(len(r.cells) for r in rows if r.table == table) for table in {r.table for r in rows}}
    return [
        row.cells[0] if len(row.cells) == 1 else [*row.cells, *[""] * (width[row.table] - len(row.cells))]
        for row in rows
    ]


def _read(rows: list[Row], truth: Mapping[str, Figures], **how: Any) -> tuple[float, Count]:
    started = time.process_time()
    readings = figures_of(rows, FRAMEWORKS)
    return time.process_time() - started, measuring.count(readings, truth, **how)


def _stored(folder: Path) -> list[tuple[float, Count]]:
    return [
        _read(read_rows(d.path, trusted=True), d.truth, has_slip=d.has_slip) for d in measuring.stored_documents(folder)
    ]


def _line(name: str, measured: list[tuple[float, Count]]) -> tuple[str, ...]:
    total = reduce(add, (count for _, count in measured), Count())
    share = [f"{100 * n / total.figures:.1f} %" for n in (total.right, total.unsure, total.missed)]
    named = f"{100 * total.named / total.agencies:.0f} %"
    slips = f"{total.slips_found} of {total.slips}" if total.slips else "–"
    each = f"{1000 * sum(seconds for seconds, _ in measured) / len(measured):.0f}"
    plain = (str(total.documents), str(total.figures), *share, str(total.wrong), named, str(total.false_alarms))
    return (name, *plain, slips, each)


def main(number: int, folders: list[Path]) -> None:
    table = Table("set", *_COLUMNS)
    _read(read_rows(next(measuring.stored_documents(measuring.SETS["first"])).path, trusted=True), {})  # warm
    sets = [(folder.name, _stored(folder)) for folder in (*measuring.SETS.values(), *folders)]
    sets += [*_invented(number), *_scanned(max(number // 10, 1)), *_samples()]
    for name, measured in sets:
        table.add_row(*_line(name, measured))
    table.add_row(*_line("all", [m for _, measured in sets for m in measured]))
    Console(width=140).print(table)


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(int(asked.pop(0)) if asked and asked[0].isdigit() else 50, [Path(folder) for folder in asked])
