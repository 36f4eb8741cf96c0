"""Where the figures of a document contradict each other, the reader is doubted before the agency: a contradiction may
be alleged only where nothing beside the figures says that one of them may be something else.

A figure may be something else when its line speaks of another year, of another agency beside the own one, or opens with
the code of another node; when it is a change in per cent, which may be of the former score; and when another value
stands for the same thing. Such a figure is left out, with the reason, as soon as the rest contradicts itself less
without it. Nothing is doubted in a document that agrees with itself.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from prongsai.analysis.audit.claims import Claims
from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.intake import words
from prongsai.intake.agencies import family_of, is_same, named_agencies

_LEAST_COST = 8  # of a figure; what costs less is a rule that is only inferred, or a zero that was not printed
_MOST = 24  # values that are left out in turn
_HOPELESS = 10_000
TWO_VALUES = "เอกสารให้ค่าไว้มากกว่าหนึ่งค่า ค่าหนึ่งอาจเป็นของปีอื่น ของหน่วยงานอื่น หรือของรายการอื่น"
OTHER_YEAR = "บรรทัดนี้เอ่ยถึงปีอื่นด้วย ตัวเลขนี้อาจเป็นของปีนั้น"
OTHER_AGENCY = "บรรทัดนี้เอ่ยชื่อหน่วยงานอื่นด้วย ตัวเลขนี้อาจเป็นของหน่วยงานนั้น"
OTHER_NODE = "บรรทัดนี้ขึ้นต้นด้วยรหัสของข้ออื่น ตัวเลขนี้อาจเป็นของข้อนั้น"
PER_CENT = "เป็นร้อยละ อาจเทียบกับคะแนนเดิม ไม่ใช่จำนวนคะแนนที่ต่างกัน"

Value = tuple[int, str, str]  # fiscal year, node, printed value
Line = tuple[str, str | None]  # the text that a figure stands in, and whose figures it has


def doubt_the_reader(
    figures: Sequence[Figure],
    lines: Mapping[Figure, Line],
    frameworks: Mapping[int, Framework],
    code_of: Callable[[str], str | None],
) -> list[Figure]:
    """The figures, those unsure without which the others contradict each other less, and that may be something else.
    ``code_of`` finds the item whose code a text opens with."""
    figures = list(figures)
    price = _price(figures, frameworks) if any(f.sure for f in figures) else 0
    reasons = _reasons(figures, lines, code_of) if price else {}
    while price and reasons:
        prices = {value: _price(_without(figures, [value]), frameworks) for value in list(reasons)[:_MOST]}
        least = min(prices.values())
        if least >= price:
            break
        doubted = [value for value, of_rest in prices.items() if of_rest == least]
        figures = [replace(f, sure=False, note=reasons[v]) if (v := _value(f)) in doubted else f for f in figures]
        reasons = {value: note for value, note in reasons.items() if value not in doubted}
        price = _price(figures, frameworks)
    return figures


def _value(figure: Figure) -> Value:
    return figure.fiscal_year, figure.node, figure.value


def _without(figures: Iterable[Figure], values: Collection[Value]) -> list[Figure]:
    return [f for f in figures if _value(f) not in values]


def _price(figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> int:
    """What figures must be withdrawn so that the rest can hold."""
    system = Claims(figures, frameworks).system
    explanations = system.explain_conflicts(0, 1)
    if not explanations:
        return _HOPELESS
    return sum(cost for c in explanations[0] if (cost := system.costs[c]) >= _LEAST_COST)


def _reasons(
    figures: Sequence[Figure], lines: Mapping[Figure, Line], code_of: Callable[[str], str | None]
) -> dict[Value, str]:
    """The values that may be something else, each with the reason."""
    reasons: dict[Value, str] = {}
    values: dict[tuple[int, str], set[str]] = {}
    for figure in figures:
        if figure.sure and figure.kind in ("score", "change"):
            values.setdefault((figure.fiscal_year, figure.node), set()).add(figure.value)
            text, whose = lines.get(figure, ("", None))
            for reason in _reasons_of_line(figure, text, whose, code_of):
                reasons.setdefault(_value(figure), reason)
    for (year, node), printed in values.items():
        if len({float(value) for value in printed}) > 1:
            reasons |= {(year, node, value): TWO_VALUES for value in printed}
    return reasons


def _reasons_of_line(
    figure: Figure, text: str, whose: str | None, code_of: Callable[[str], str | None]
) -> Iterator[str]:
    number = re.escape(figure.value.lstrip("+-"))
    if figure.kind == "change" and re.search(rf"(?:ร้อยละ\s{{0,9}}{number}|{number}\s{{0,9}}(?:%|per ?cent))", text):
        yield PER_CENT
    if {year for _, year in words.years(text)} - {figure.fiscal_year}:
        yield OTHER_YEAR
    if whose is not None and any(_is_beside(named.name, whose) for named in named_agencies(text)):
        yield OTHER_AGENCY
    if (code := code_of(text)) is not None and figure.subject.rpartition("/")[2] != code:
        yield OTHER_NODE


def _is_beside(name: str, own: str) -> bool:
    """Whether an agency is another than the own one, and assessed beside it."""
    return family_of(name) == family_of(own) != "" and not is_same(name, own)
