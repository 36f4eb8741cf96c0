"""Other ways to read figures that the layout of a document leaves open, each kind found by a function of its own.

A function is given the figures of one agency, as they were read first, and the rules. It knows nothing of what the
others find, nor of what the arithmetic will say: it says what else the figures may be, and how far-fetched that is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from prongsai.analysis import audit
from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.intake.resolve import Otherwise, Share

_WHOLE = 10_000  # the weights of all instruments together
_ALL_ARE_SMALL = 4  # every instrument has less than its share of the total: as plausible as that all failed
_ONE_IS_SMALL = 14
_ALIKE = 1
_FAR_FETCHED = 20  # believed where the figures contradict each other otherwise, and nowhere else
_GAINED = 10  # what it is worth that one more figure is given exactly by others, or is said again
SAME_NAME = "เป็นชื่อของตัวชี้วัด และของเครื่องมือที่เรียกอย่างย่อ"
_OTHER_YEAR = "เอกสารบอกคะแนนรวมของปีอื่นเท่านั้น คะแนนนี้อาจเป็นของปีนั้น"
_SHARE = "อาจเป็นคะแนนส่วนที่เครื่องมือให้แก่คะแนนรวม หรือเป็นคะแนนจากเต็ม 100 ของเครื่องมือนั้น"


def weights_of(framework: Framework, name: str) -> Mapping[str, Fraction]:
    """What an instrument, or a survey of several parts, gives to the total: the weight of each of its parts."""
    rules = framework.rules
    parts = next((tuple(c.of) for c in rules.composites if c.id == name), (name,))
    return {i.id: Fraction(i.weight, _WHOLE) for i in rules.instruments if i.id in parts}


def instruments_by_their_indicator(
    figures: Sequence[Figure], frameworks: Mapping[int, Framework]
) -> Iterator[Otherwise]:
    """Indicators whose name is part of what their instrument is called, beside the total or other instruments, in a
    document that has not that instrument: perhaps the instrument, its name cut short. Beside other indicators only
    where the figures cannot hold otherwise."""
    scores = [f for f in figures if f.sure and f.kind == "score" and f.fiscal_year in frameworks]
    for figure in scores:
        framework = frameworks[figure.fiscal_year]
        of_year = {f.node for f in scores if f.fiscal_year == figure.fiscal_year}
        named = {f.node for f in figures if f.fiscal_year == figure.fiscal_year and f.kind == "score"}
        is_alone = named & framework.indicators.keys() == {figure.node}
        is_beside = any(weights_of(framework, node) for node in of_year) or (is_alone and "overall" in of_year)
        if figure.node not in framework.indicators or not is_beside:
            continue
        for instrument in _instruments_named_alike(framework, figure.node):
            if instrument not in of_year:
                cost = _ALIKE if is_alone else _FAR_FETCHED
                yield Otherwise({figure: replace(figure, node=instrument)}, cost, SAME_NAME)


def undated_of_a_total(
    undated: Mapping[Figure, Figure], figures: Sequence[Figure], frameworks: Mapping[int, Framework]
) -> Iterator[Otherwise]:
    """Figures that no line dates but a heading or the document, which tells no total of that year: perhaps they are
    what a total of another year is made of, the more so the more figures of that year they give exactly, or say
    again. ``undated`` has each as it is where its year is certain: figures under the year of a plan are not sure
    before."""
    of_parts = {f: known for f, known in undated.items() if known.sure}
    totals = [f for f in figures if f.sure and f.node == "overall" and f.kind == "score"]
    if {total.fiscal_year for total in totals} & {f.fiscal_year for f in of_parts}:
        return
    for total in totals:
        framework = frameworks.get(total.fiscal_year)
        of_total = {f: known for f, known in of_parts.items() if f.node != "overall" or f.value == total.value}
        if of_total and framework is not None and all(f.node in framework.nodes for f in of_total):
            dated = {f: replace(known, fiscal_year=total.fiscal_year) for f, known in of_total.items()}
            gained = _count_exact([dated.get(f, f) for f in figures], frameworks) - _count_exact(figures, frameworks)
            again = {(f.node, f.value) for f in figures if f.sure and f.fiscal_year == total.fiscal_year}
            gained += sum((f.node, f.value) in again for f in of_total)
            yield Otherwise({total: total, **dated}, _ALIKE - _GAINED * max(gained, 0), _OTHER_YEAR)


def _count_exact(figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> int:
    """How many scores the others give exactly."""
    scores = [f for f in figures if f.sure and f.kind == "score"]
    return sum(check.verdict == "reproduced" for check in audit(scores, frameworks))


def _instruments_named_alike(framework: Framework, indicator: str) -> Iterator[str]:
    node = framework.nodes[indicator]
    for name in framework.indicators[indicator].instruments:
        if (node.label.th or "?") in framework.instruments[name].label.th:
            yield name


def shares_of_the_total(
    figures: Sequence[Figure], frameworks: Mapping[int, Framework]
) -> Iterator[tuple[Otherwise, Sequence[Share]]]:
    """Instruments whose number is no more than their weight: perhaps not the score of the instrument, but its share."""
    by_year: dict[int, list[tuple[Figure, Share | None]]] = {}
    for figure in figures:
        framework = frameworks.get(figure.fiscal_year)
        if framework is None or not figure.sure or figure.number is None or figure.kind != "score":
            continue
        if parts := weights_of(framework, figure.node):
            fits = figure.number <= 100 * sum(parts.values())
            shared = replace(figure, node=f"share/{figure.node}")
            by_year.setdefault(figure.fiscal_year, []).append(
                (figure, Share(shared, figure.number, parts) if fits else None)
            )
    for of_year in by_year.values():
        small = {figure: share for figure, share in of_year if share is not None}
        if len(small) == len(of_year) and len({f.node for f in small}) > 1:
            yield Otherwise({f: s.figure for f, s in small.items()}, _ALL_ARE_SMALL, _SHARE), list(small.values())
        else:
            for figure, share in small.items():
                yield Otherwise({figure: share.figure}, _ONE_IS_SMALL, _SHARE), [share]
