"""Whether worked cases come out as the rules compute them."""

from collections.abc import Iterator
from fractions import Fraction

from prongsai.framework import Case, Framework, Problem
from prongsai.scoring.exact import complete_scores, find_possible_bands, is_passing


def check_cases(framework: Framework) -> list[Problem]:
    """A problem for each value, level or pass of a worked case that the rules contradict."""
    return [
        problem for number, case in enumerate(framework.rules.cases, 1) for problem in _check(framework, number, case)
    ]


def _check(framework: Framework, number: int, case: Case) -> Iterator[Problem]:
    unknown = sorted((case.given.keys() | case.expect.keys()) - framework.nodes.keys())
    if unknown:
        yield _problem(number, case, f"อ้างรายการที่ปีนี้ไม่มี: {', '.join(unknown)}", "แก้รหัสให้ตรงกับหลักเกณฑ์ของปี")
        return
    scores = complete_scores(framework, {node: Fraction(value) for node, value in case.given.items()})
    for node, value in case.expect.items():
        if node not in scores:
            yield _problem(number, case, f"คำนวณ {node} ไม่ได้จากที่ให้มา", "เพิ่มคะแนนที่ขาดใน given")
        elif abs(scores[node] - Fraction(value)) > Fraction(case.within):
            found = f"{float(scores[node]):.4f}"
            yield _problem(number, case, f"{node} ต้องได้ {value} แต่หลักเกณฑ์ให้ {found}", "แก้หลักเกณฑ์หรือตัวอย่าง")
    if "overall" not in scores:
        return
    levels = [band.id for band in find_possible_bands(framework, scores)]
    if case.level is not None and levels != [case.level]:
        yield _problem(
            number, case, f"ต้องได้ระดับ {case.level} แต่หลักเกณฑ์ให้ {' หรือ '.join(levels)}", "แก้เกณฑ์ระดับหรือตัวอย่าง"
        )
    if case.passes is not None and is_passing(framework, scores["overall"]) is not case.passes:
        yield _problem(number, case, "ผลว่าผ่านค่าเป้าหมายไม่ตรงกับหลักเกณฑ์", "แก้ค่าเป้าหมายหรือตัวอย่าง")


def _problem(number: int, case: Case, what: str, how: str) -> Problem:
    why = "ตัวอย่างที่รู้คำตอบแล้วต้องคำนวณได้ตรงกัน"
    return Problem("case-contradicted", "cases", number, f"ตัวอย่าง “{case.title}”: {what}", why, how)
