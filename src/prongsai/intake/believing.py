"""What is believed of figures that were read from a picture: only what the rulebook's arithmetic reproduces from the
others, or a person confirms. Doubt falls on the reader before it falls on the agency: a figure in doubt is left out of
every calculation, so that no misread digit contradicts anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from prongsai.analysis import audit
from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.intake.files import Row
from prongsai.intake.reading import Reading
from prongsai.intake.subject import named_years

FROM_PICTURE = "อ่านจากภาพ ดูภาพแล้วพิมพ์ค่าที่เห็น"
READ_TWO_WAYS = "อ่านจากภาพได้มากกว่าหนึ่งแบบ ดูภาพแล้วพิมพ์ค่าที่เห็น"


def believe(
    readings: Sequence[Reading],
    rows: Sequence[Row],
    frameworks: Mapping[int, Framework],
    fiscal_year: int | None = None,
) -> list[Reading]:
    """The readings, their figures unsure that stand in a picture and that nothing else bears out. ``rows`` are those
    that were read; ``fiscal_year`` is that of a person who said so."""
    clear = {row.place: row.spot.is_clear for row in rows if row.spot}
    if not clear:
        return list(readings)
    years = {named.year for named in named_years(rows) if clear.get(named.place, True)} | {fiscal_year}
    believed = []
    for reading in readings:
        candidates = [f for f in reading.figures if clear.get(f.place, True) and f.fiscal_year in years]
        borne_out = _borne_out(candidates, frameworks)
        figures = [
            f if f.place not in clear or (f in borne_out and f.sure) else _doubted(f, clear[f.place])
            for f in reading.figures
        ]
        believed.append(replace(reading, figures=figures))
    return believed


def _doubted(figure: Figure, is_clear: bool) -> Figure:
    return replace(figure, sure=False, note=figure.note or (FROM_PICTURE if is_clear else READ_TWO_WAYS))


def _borne_out(figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> set[Figure]:
    """The figures that the others give exactly, and those that they are given by."""
    checks = audit(figures, frameworks)
    if any(c.verdict == "contradicted" or c.is_in_conflict for c in checks):
        return set()  # some digit was misread, and nobody knows which
    exact = {(c.fiscal_year, c.node) for c in checks if c.verdict == "reproduced"}
    return {f for f in figures if (f.fiscal_year, f.node) in exact or _gives(f, exact, frameworks)}


def _gives(figure: Figure, exact: set[tuple[int, str]], frameworks: Mapping[int, Framework]) -> bool:
    """Whether a node that a figure is a part of is among those that are exact."""
    framework = frameworks.get(figure.fiscal_year)
    above = framework.parents.get(figure.node, ()) if framework and figure.kind == "score" else ()
    return any((figure.fiscal_year, node) in exact for node in above)
