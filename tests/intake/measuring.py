"""How well documents are read, by what they say: stored ones and invented ones are counted alike."""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from decimal import Decimal
from pathlib import Path

from prongsai.analysis import audit
from prongsai.intake import Reading
from prongsai.intake.agencies import is_same
from tests.intake.reading import FRAMEWORKS

HERE = Path(__file__).parent
SETS = {folder.name: folder for folder in sorted((HERE / "documents").iterdir())}
# read once, after everything was improved; nothing has been improved by them yet. None while no such set is at hand
AS_THEY_CAME = {folder.name: folder for folder in sorted((HERE / "as_they_came").glob("*"))}

Figures = set[tuple[int, str, Decimal]]  # fiscal year, node, value


@dataclass(frozen=True)
class Stored:
    """A stored document and what it says of each agency. ``has_slip``: one of its figures contradicts the others."""

    path: Path
    truth: Mapping[str, Figures]
    has_slip: bool


@dataclass(frozen=True)
class Count:
    """Of some documents: their figures that were read surely and rightly, unsurely, not at all; other values that were
    read surely; agencies that were named; documents in which a contradiction was alleged or found."""

    documents: int = 0
    figures: int = 0
    right: int = 0
    unsure: int = 0
    missed: int = 0
    wrong: int = 0
    agencies: int = 0
    named: int = 0
    false_alarms: int = 0
    slips: int = 0
    slips_found: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def stored_documents(folder: Path) -> Iterator[Stored]:
    """Documents whose right values stand in ``right.csv`` beside them, none of those that it does not name; what a
    share is of the total is none."""
    truth: dict[str, dict[str, Figures]] = defaultdict(lambda: defaultdict(set))
    for row in _table(folder / "right.csv"):
        if not row["node"].startswith("share/"):
            figure = int(row["fiscal_year"]), row["node"], Decimal(row["value"])
            truth[row["document"]][row["agency"]].add(figure)
    slips = {row["document"] for row in _table(folder / "slips.csv")}
    for path in sorted(folder.iterdir()):
        if path.name not in ("right.csv", "slips.csv"):
            yield Stored(path, truth[path.name], path.name in slips)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def count(
    readings: Iterable[Reading],
    truth: Mapping[str, Figures],
    *,
    others: Mapping[str, Figures] | None = None,
    has_slip: bool = False,
) -> Count:
    """What was read of a document, against what it says of the agencies it is about. ``others`` are spoken of beside
    them, and may be read too."""
    readings = list(readings)
    allowed = dict(truth) | dict(others or {})
    sure: set[tuple[str, tuple[int, str, Decimal]]] = set()
    doubted: Figures = set()
    wrong = 0
    for reading in readings:
        whose = _find(reading.agency, allowed)
        for figure in reading.figures:
            if figure.kind != "score" or figure.number is None:
                continue
            value = figure.fiscal_year, figure.node, Decimal(figure.value)
            if not figure.sure:
                doubted.add(value)
            elif whose is not None and value in allowed[whose]:
                sure.add((whose, value))
            else:
                wrong += 1
    asked = [(agency, figure) for agency, figures in truth.items() for figure in figures]
    left = [figure for agency, figure in asked if (agency, figure) not in sure]
    named = {_find(reading.agency, truth) for reading in readings} - {None}
    alarmed = any(c.verdict == "contradicted" for r in readings for c in audit(r.figures, FRAMEWORKS))
    return Count(
        documents=1,
        figures=len(asked),
        right=len(asked) - len(left),
        unsure=sum(figure in doubted for figure in left),
        missed=sum(figure not in doubted for figure in left),
        wrong=wrong,
        agencies=len(truth),
        named=len(named),
        false_alarms=alarmed and not has_slip,
        slips=has_slip,
        slips_found=alarmed and has_slip,
    )


def _find(name: str | None, among: Collection[str]) -> str | None:
    """The agency that a name means, however it is shortened; the only one there is, where a document names it so."""
    return next((agency for agency in among if name and is_same(agency, name)), None)
