"""What several documents of one agency say together, as those of a ZIP do. Decides nothing where they differ."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from prongsai.analysis.figures import Figure
from prongsai.intake.agencies import is_same
from prongsai.intake.files import UnreadableError
from prongsai.intake.reading import Reading


def combine(documents: Sequence[tuple[str, Reading]]) -> Reading:
    """One reading of those of several documents, each with its name, which stands in every place. A figure of which
    they give different values is unsure. Raises UnreadableError when they are of several agencies."""
    named = [(name, reading.agency) for name, reading in documents if reading.agency]
    for name, agency in named[1:]:
        if not is_same(named[0][1], agency):
            raise UnreadableError(
                f"เอกสารเป็นของหลายหน่วยงาน เช่น {named[0][1]} ({named[0][0]}) และ {agency} ({name}) ส่งทีละหน่วยงาน"
            )
    figures = [replace(f, place=f"{name}: {f.place}") for name, reading in documents for f in reading.figures]
    years = {year for _, reading in documents for year in reading.fiscal_years}
    return Reading(min((a for _, a in named), key=len, default=None), sorted(years, reverse=True), _doubt(figures))


def _doubt(figures: list[Figure]) -> list[Figure]:
    """Figures, unsure where sure ones differ in value."""
    values = defaultdict[tuple[int, str], dict[str, str]](dict)
    for figure in figures:
        if figure.sure:
            values[figure.fiscal_year, figure.node].setdefault(figure.value, figure.place)
    doubted = []
    for figure in figures:
        found = values[figure.fiscal_year, figure.node]
        if figure.sure and len(found) > 1:
            others = ", ".join(f"{value} ({place})" for value, place in list(found.items())[:3])
            figure = replace(figure, sure=False, note=f"เอกสารให้ค่าต่างกัน: {others}")
        doubted.append(figure)
    return doubted
