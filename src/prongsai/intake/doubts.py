"""Where the figures of a document contradict each other, the reader is doubted before the agency: a contradiction may
be alleged only where nothing beside the figures says that one of them may be something else.

A figure may be something else when its line speaks of another year, whose figure of the same is not shown, of another
agency beside the own one, or opens with the code of another node; when it is a change in per cent, which may be of the
former score; when another value stands for the same thing; and, of an indicator said to be the highest or lowest, when
it is that of its instrument. Such a figure is left out, with the reason, as soon as
the rest contradicts itself less without it. Nothing is doubted in a document that agrees with itself.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from prongsai.analysis import audit
from prongsai.analysis.audit.claims import Claims
from prongsai.analysis.figures import STATEMENTS, Figure
from prongsai.framework import Framework
from prongsai.intake import words
from prongsai.intake.agencies import family_of, is_same, named_agencies, without_agencies

_LEAST_COST = 8  # of a figure; what costs less is a rule that is only inferred, or a zero that was not printed
_MOST = 24  # values that are left out in turn
_HOPELESS = 10_000  # what contradicts in more ways than can be searched: then whatever may be is doubted
_SPARE = 6  # letters beside a level
NOT_PLAIN = "ข้อความไม่ได้บอกชัดว่าเป็นผลของหน่วยงาน อาจเป็นของกลุ่ม หรือเป็นเป้าหมาย"
WITHIN = "เป็นตัวชี้วัดที่สูงสุดหรือต่ำสุดของเครื่องมือ ข้อความอาจหมายถึงเฉพาะเครื่องมือนั้น"
TWO_VALUES = "เอกสารให้ค่าไว้มากกว่าหนึ่งค่า ค่าหนึ่งอาจเป็นของปีอื่น ของหน่วยงานอื่น หรือของรายการอื่น"
OTHER_YEAR = "บรรทัดนี้เอ่ยถึงปีอื่นด้วย ตัวเลขนี้อาจเป็นของปีนั้น"
OTHER_AGENCY = "บรรทัดนี้เอ่ยชื่อหน่วยงานอื่นด้วย ตัวเลขนี้อาจเป็นของหน่วยงานนั้น"
OTHER_NODE = "บรรทัดนี้ขึ้นต้นด้วยรหัสของข้ออื่น ตัวเลขนี้อาจเป็นของข้อนั้น"
PER_CENT = "เป็นร้อยละ อาจเทียบกับคะแนนเดิม ไม่ใช่จำนวนคะแนนที่ต่างกัน"

_OF_GROUPS_OR_WISHES = re.compile(
    r"(?:ของ|ใน|ทั้ง|ทั่ว|ระดับ|เฉลี่ย|ภาพรวม)\s?(?:จังหวัด|ประเทศ|อำเภอ|ภาค|กลุ่ม|กระทรวง|ประเภท)|ส่วนใหญ่|\d\s?แห่ง"
    r"|ตั้งเป้า|เป้าหมาย|ต้อง(?:การ)?(?:เพิ่ม|ได้|ทำ)|คาด(?:ว่า|การณ์)|อีก\s{0,3}\d|เพื่อให้ได้|มุ่ง"
)
_COMPARES = re.compile("จาก(?!การ)|กว่า|เทียบ|ขณะที่|เดิม(?!ที)|compared|than|from", re.I)
_OF_GROUP = re.compile(r"สุด\s?(?:ของ|ใน)\s?(?:จังหวัด|ประเทศ|อำเภอ|ภาค|กลุ่ม|กระทรวง|ประเภท)")
_NEAR = 60  # letters before and after the number of a rise
Value = tuple[int, str, str]  # fiscal year, node, printed value
Reason = tuple[str, tuple[int | None, ...]]  # what to tell a person; the years it may be of, None: not known of what
Shown = Mapping[str | None, Collection[tuple[int, str]]]  # of each agency, the years and nodes that have a figure
Line = tuple[str, str | None]  # the text that a figure stands in, and whose figures it has


def doubt_the_reader(
    figures: Sequence[Figure],
    lines: Mapping[Figure, Line],
    frameworks: Mapping[int, Framework],
    code_of: Callable[[str], str | None],
    names: Callable[[str], object],
    known: Mapping[str | None, Iterable[Figure]],
) -> list[Figure]:
    """The figures, those unsure without which the others contradict each other less, and that may be something else.
    ``code_of`` finds the item whose code a text opens with, ``names`` the instruments that it names; ``known`` has the
    figures of every agency."""
    figures = list(figures)
    shown = {agency: {(f.fiscal_year, f.node) for f in of} for agency, of in known.items()}
    reasons = _reasons(figures, lines, code_of, shown)
    price = _price(figures, frameworks) if reasons else 0
    while price and reasons:
        prices = {
            value: min(_price(_instead(figures, value, year), frameworks) for year in years)
            for value, (_, years) in list(reasons.items())[:_MOST]
        }
        least = min(prices.values())
        if least >= price and price < _HOPELESS:
            break
        doubted = [value for value, of_rest in prices.items() if of_rest == least]
        figures = [replace(f, sure=False, note=reasons[v][0]) if (v := _value(f)) in doubted else f for f in figures]
        reasons = {value: reason for value, reason in reasons.items() if value not in doubted}
        price = _price(figures, frameworks)
    return _doubt_statements(figures, lines, frameworks, code_of, names, shown)


def _doubt_statements(
    figures: list[Figure],
    lines: Mapping[Figure, Line],
    frameworks: Mapping[int, Framework],
    code_of: Callable[[str], str | None],
    names: Callable[[str], object],
    shown: Shown,
) -> list[Figure]:
    """The figures, those statements unsure that contradict the scores and may be of something else."""
    reasons: dict[Figure, str] = {}
    for figure in figures:
        if figure.sure and figure.kind in STATEMENTS:
            text, whose = lines.get(figure, ("", None))
            found = _reasons_of_line(figure, text, whose, code_of, shown)
            reason = next((note for note, _ in found if note != OTHER_NODE), "") or _other_statement(figure, figures)
            if figure.kind == "count" and names(text):
                reason = reason or WITHIN
            if figure.kind in ("level", "pass"):
                reason = reason or _doubt_of_level(figure, figures, lines, frameworks)
            if reason or _is_extreme_within(figure, figures, frameworks):
                reasons[figure] = reason or WITHIN
    if not reasons:
        return figures
    checks = audit(figures, frameworks)
    wrong = {(c.fiscal_year, c.node, c.printed) for c in checks if c.verdict == "contradicted"}
    return [replace(f, sure=False, note=reasons[f]) if f in reasons and _value(f) in wrong else f for f in figures]


def _other_statement(figure: Figure, figures: Sequence[Figure]) -> str:
    """Why a statement may be of something else: another says otherwise of the same."""
    same = (f for f in figures if f.sure and (f.fiscal_year, f.node) == (figure.fiscal_year, figure.node))
    return TWO_VALUES if any(f.value != figure.value for f in same) else ""


def _doubt_of_level(
    figure: Figure, figures: Sequence[Figure], lines: Mapping[Figure, Line], frameworks: Mapping[int, Framework]
) -> str:
    """Why a level may be of something else: its line compares, or has the total of another year; or it says more."""
    text, _ = lines.get(figure, ("", None))
    others = (f for f in figures if f.node == "overall" and f.kind == "score" and f.fiscal_year != figure.fiscal_year)
    if _COMPARES.search(text) or any(f.value in text for f in others):
        return OTHER_YEAR
    return "" if _is_plain(figure, figures, lines, frameworks) else NOT_PLAIN


def _is_plain(
    figure: Figure, figures: Sequence[Figure], lines: Mapping[Figure, Line], frameworks: Mapping[int, Framework]
) -> bool:
    """Whether a level is all that its line says, or stands beside the total of its year."""
    text, _ = lines.get(figure, ("", None))
    totals = {f.value for f in figures if f.sure and (f.fiscal_year, f.node) == (figure.fiscal_year, "overall")}
    if any(total in text for total in totals):
        return True
    bands = sorted({band for framework in frameworks.values() for band in framework.bands}, key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, bands)), " ", words.YEAR.sub(" ", text))
    return not re.search(r"\d", rest) and words.leftover(rest) <= _SPARE


def _is_extreme_within(figure: Figure, figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> bool:
    """Whether an indicator that is said to be the highest or lowest is that of its instrument, of those that are
    known."""
    framework = frameworks.get(figure.fiscal_year)
    if figure.kind not in ("highest", "lowest") or framework is None or figure.value not in framework.indicators:
        return False
    best = max if figure.kind == "highest" else min
    own = framework.indicators[figure.value].instruments
    scores = {
        f.node: f.number
        for f in figures
        if f.sure and f.kind == "score" and f.fiscal_year == figure.fiscal_year and f.number is not None
    }
    inside = {
        n: s for n, s in scores.items() if n in framework.indicators and framework.indicators[n].instruments == own
    }
    return len(inside) > 1 and inside.get(figure.value) == best(inside.values())


def _value(figure: Figure) -> Value:
    return figure.fiscal_year, figure.node, figure.value


def _instead(figures: Iterable[Figure], value: Value, year: int | None) -> list[Figure]:
    """The figures, those of one value of another year instead, or, where that is not known, left out."""
    others = [f for f in figures if _value(f) != value]
    return [*others, *(replace(f, fiscal_year=year) for f in figures if year and _value(f) == value)]


def _price(figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> int:
    """What figures must be withdrawn so that the rest can hold."""
    system = Claims(figures, frameworks).system
    explanations = system.explain_conflicts(0, 1)
    if not explanations:
        return _HOPELESS
    return sum(cost for c in explanations[0] if (cost := system.costs[c]) >= _LEAST_COST)


def _reasons(
    figures: Sequence[Figure], lines: Mapping[Figure, Line], code_of: Callable[[str], str | None], shown: Shown
) -> dict[Value, Reason]:
    """The values that may be something else, each with the reason."""
    reasons: dict[Value, Reason] = {}
    values: dict[tuple[int, str], set[str]] = {}
    for figure in figures:
        if figure.sure and figure.kind in ("score", "change"):
            values.setdefault((figure.fiscal_year, figure.node), set()).add(figure.value)
            text, whose = lines.get(figure, ("", None))
            for reason in _reasons_of_line(figure, text, whose, code_of, shown):
                reasons.setdefault(_value(figure), reason)
    for (year, node), printed in values.items():
        if len({float(value) for value in printed}) > 1:
            reasons |= {(year, node, value): (TWO_VALUES, (None,)) for value in printed}
    return reasons


def _reasons_of_line(
    figure: Figure, text: str, whose: str | None, code_of: Callable[[str], str | None], shown: Shown
) -> Iterator[Reason]:
    number = re.escape(figure.value.lstrip("+-"))
    if figure.kind == "change" and re.search(rf"(?:ร้อยละ\s{{0,9}}{number}|{number}\s{{0,9}}(?:%|per ?cent))", text):
        yield PER_CENT, (None,)
    at = text.find(figure.value.lstrip("+-"))
    wished = figure.kind == "change" and _OF_GROUPS_OR_WISHES.search(
        without_agencies(text[max(0, at - _NEAR) : at + _NEAR])
    )
    if wished or (figure.kind in ("highest", "lowest") and _OF_GROUP.search(text)):
        yield NOT_PLAIN, (None,)
    others = [named.name for named in named_agencies(text) if whose and _is_beside(named.name, whose)]
    if not all(_is_shown(other, figure, shown) for other in others):
        yield OTHER_AGENCY, (None,)
    if (code := code_of(text)) is not None and figure.subject.rpartition("/")[2] != code:
        yield OTHER_NODE, (None,)
    spoken = {year for _, year in words.years(text)} | _relative_years(text, figure.fiscal_year)
    if years := spoken - {figure.fiscal_year}:
        yield OTHER_YEAR, tuple(sorted(years))


def _relative_years(text: str, year: int) -> set[int]:
    """The years that a text may speak of as "last year" and "this year", seen from one of them."""
    is_relative = {spoken - year for _, spoken in words.relative_years(text, year)}
    return {year - 1, year + 1} if -1 in is_relative else set()


def _is_shown(agency: str, figure: Figure, shown: Shown) -> bool:
    """Whether an agency has a figure of its own of the same."""
    return any(name and is_same(name, agency) and (figure.fiscal_year, figure.node) in of for name, of in shown.items())


def _is_beside(name: str, own: str) -> bool:
    """Whether an agency is another than the own one, and assessed beside it."""
    return family_of(name) == family_of(own) != "" and not is_same(name, own)
