"""Worked cases: what the rules make of scores that are known, beside what they must make of them."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from prongsai.framework import Case, Framework, Problem, ProblemCode
from prongsai.scoring.exact import complete_scores, find_possible_bands, is_passing, round_score

_WHY = "ตัวอย่างเป็นคะแนนที่รู้อยู่แล้ว หลักเกณฑ์ที่ให้ค่าอื่นย่อมผิด หรือตัวอย่างผิด"
_HOW = "ตรวจน้ำหนัก ระดับ และวิธีคำนวณ หรือแก้ตัวอย่าง"


def check_cases(framework: Framework) -> list[Problem]:
    """Every worked case that the rules contradict, by its place; to be passed to :func:`prongsai.framework.check`."""
    return [problem for number, case in enumerate(framework.rules.cases) for problem in _check(framework, number, case)]


def _check(framework: Framework, number: int, case: Case) -> Iterator[Problem]:
    unknown = [(f, node) for f in ("given", "expect") for node in getattr(case, f) if node not in framework.nodes]
    for field, node in unknown:
        what = f"ตัวอย่าง “{case.title}” อ้างถึง “{node}” ซึ่งปีนี้ไม่มี"
        how = "ใช้รหัสของเครื่องมือ ตัวชี้วัด หรือข้อ เช่นที่ framework show แสดง"
        yield _problem("case-node", (number, field, node), what, how)
    if unknown:
        return
    scores = complete_scores(framework, {node: Fraction(value) for node, value in case.given.items()})
    within = Fraction(case.within)
    for node, value in case.expect.items():
        place = (number, "expect", node)
        if node not in scores:
            yield _unknown(case, place, f"คะแนนของ {node}")
        elif abs(scores[node] - Fraction(value)) > within:
            what = f"ตัวอย่าง “{case.title}” ต้องได้ {node} = {value} แต่หลักเกณฑ์ให้ {_decimal(scores[node])}"
            yield _problem("case-score", place, what)
    yield from _check_level(framework, number, case, scores)


def _check_level(framework: Framework, number: int, case: Case, scores: Mapping[str, Fraction]) -> Iterator[Problem]:
    for field, subject in (("level", "ระดับ"), ("passes", "การผ่านค่าเป้าหมาย")):
        if getattr(case, field) is not None and "overall" not in scores:
            yield _unknown(case, (number, field), subject)
    if "overall" not in scores:
        return
    bands = [band.id for band in find_possible_bands(framework, scores)]
    if case.level is not None and bands != [case.level]:
        what = f"ตัวอย่าง “{case.title}” ต้องได้ระดับ “{case.level}” แต่หลักเกณฑ์ให้ “{'” หรือ “'.join(bands)}”"
        yield _problem("case-level", (number, "level"), what)
    if case.passes is not None and is_passing(framework, scores["overall"]) is not case.passes:
        total = round_score(framework, scores["overall"])
        words = ("ไม่ผ่าน", "ผ่าน")
        what = f"ตัวอย่าง “{case.title}” ต้อง{words[case.passes]} แต่คะแนนรวม {total} {words[not case.passes]}ค่าเป้าหมาย"
        yield _problem("case-passes", (number, "passes"), what)


def _unknown(case: Case, place: tuple[str | int, ...], subject: str) -> Problem:
    what = f"ตัวอย่าง “{case.title}” ให้คะแนนมาไม่พอจะคำนวณ{subject}"
    return _problem("case-unknown", place, what, "เพิ่มคะแนนใน given หรือตัดสิ่งที่คาดไว้ออก")


def _problem(code: ProblemCode, place: tuple[str | int, ...], what: str, how: str = _HOW) -> Problem:
    return Problem(code, "", 0, what, _WHY, how, place=("cases", *place))


def _decimal(value: Fraction) -> str:
    return f"{float(value):.6f}".rstrip("0").rstrip(".")
