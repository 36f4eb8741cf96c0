"""Figures that somebody's own words state otherwise than the results at hand.

It doubts itself: what may be a goal, a share of a budget, or of another year or agency is passed over. Somebody reads
every note beside their own words, and a wrong one costs more trust than a missing one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prongsai.analysis import Figure
from prongsai.framework import Framework
from prongsai.intake.files import Row
from prongsai.intake.reader import figures_of
from prongsai.lib import thai
from prongsai.lib.rounding import half_up
from prongsai.scoring import complete_scores, find_possible_bands, round_score

# before a number, on the same line: it is no score that was reached
_OTHERWISE_BEFORE = re.compile(
    r"เป้า|ไม่น้อยกว่า|ไม่ต่ำกว่า|น้อยกว่า|ต่ำกว่า|มากกว่า|สูงกว่า|เกินกว่า|อย่างน้อย|ตั้งแต่|คาดว่า|คาดการณ์|ให้ได้|ให้ถึง|ให้มี|ภายใน|เพื่อ"
    r"|เบิกจ่าย|ใช้จ่าย|จัดสรร|งบประมาณ(?!\s*พ\.)|บาท|เกณฑ์|ค่าเฉลี่ย(?:ของ)?(?:ประเทศ|จังหวัด|อำเภอ|ระดับ)|ทั้งประเทศ|ระดับ(?:ประเทศ|จังหวัด)"
    r"|ผู้ตอบ|ผู้เข้าร่วม|ผู้รับบริการ|พึงพอใจ|จำนวน|เต็ม|ขาด|เพิ่มขึ้น|ลดลง|อีก|จะ|ความสำเร็จ|ตัวอย่าง|เช่น|หาก|ถ้า|สมมติ"
)
_OTHERWISE_AFTER = re.compile(
    r"\s{0,3}(?:(?:%|เปอร์เซ็นต์)\s{0,3})?(?:ขึ้นไป|ของ(?!หน่วยงาน|ผลการประเมิน|คะแนน)|บาท|คน|ข้อ|ราย|ครั้ง|โครงการ|หน้า|วัน|เดือน|แห่ง|/)"
)
_FISCAL_YEAR = re.compile(r"ปีงบประมาณ|การใช้(?:จ่าย)?งบประมาณ")
_ANOTHER_YEAR = re.compile(r"ปี(?:งบประมาณ)?\s*(?:ที่แล้ว|ที่ผ่านมา|ก่อน|หน้า|ถัดไป|ต่อไป)")
_TELLS = re.compile(r"\d\.\d|\d\s*(?:คะแนน|%)|(?:ร้อยละ|คะแนน|ได้)[^\d]{0,20}\d|ระดับ|เกรด")  # reading others takes time
_LETTERS_BEFORE, _LETTERS_AFTER = 60, 25
# how people write an agency's kind, beside how its name is written in full
_KINDS = {
    "อบต": "องค์การบริหารส่วนตำบล",
    "อบจ": "องค์การบริหารส่วนจังหวัด",
    "ทต": "เทศบาลตำบล",
    "ทม": "เทศบาลเมือง",
    "ทน": "เทศบาลนคร",
}
_KIND = re.compile("(" + "|".join(_KINDS) + r")(?:\.|$)")
_NO_NAME = re.compile("$|ได้|มี|ผ่าน|อยู่|จึง|ควร|เรา|นี้")  # after the kind: the sentence goes on, "อบต.ได้คะแนน…"
_CLAUSE_END = re.compile(r"[;•]|\s(?:และ|แต่|โดย|ซึ่ง|ส่วน|จึง|ทั้งนี้)")


@dataclass(frozen=True)
class KnownResult:
    """Scores of a year, exact, by node."""

    framework: Framework
    scores: Mapping[str, Fraction]


@dataclass(frozen=True)
class Difference:
    """A figure as printed, and what the results say of its node: (fiscal year, value as shown) each."""

    node: str
    name: str
    written: str
    known: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        known = " ".join(f"ปี {year} คือ {value}" for year, value in self.known)
        return f"{self.name} เขียนไว้ “{self.written}” แต่ผลการประเมิน {known}"


def find_differences(text: str, results: Sequence[KnownResult], agency: str) -> list[Difference]:
    """What a text states of an agency otherwise than every result that it may speak of, each once."""
    known = {r.framework.fiscal_year: _Known(r) for r in results if r.scores}
    if not known:
        return []
    frameworks = {year: k.framework for year, k in known.items()}
    differences: dict[tuple[str, str], Difference] = {}
    for line in text.splitlines():
        clean = thai.clean(line).strip()
        if not _TELLS.search(clean):
            continue
        for reading in figures_of([Row((clean,), "")], frameworks):
            if reading.agency and _is_another(reading.agency, agency):
                continue
            for figure in reading.figures:
                difference = _compare(figure, clean, known)
                if difference is not None:
                    differences.setdefault((difference.node, difference.written), difference)
    return list(differences.values())


def _is_another(named: str, agency: str) -> bool:
    """Whether a name in a text is another agency's. "อบต.", with the name or without it, is an agency of that kind."""
    own = thai.squeeze(agency)
    match = _KIND.match(named)
    if match is None:
        return thai.squeeze(named) != own
    kind, rest = _KINDS[match[1]], thai.squeeze(named[match.end() :])
    return not own.startswith(kind) or not (_NO_NAME.match(rest) or own == kind + rest)


class _Known:
    """A result as figures are compared with it."""

    def __init__(self, result: KnownResult) -> None:
        self.framework = result.framework
        self.scores = complete_scores(result.framework, result.scores)
        bands = find_possible_bands(result.framework, self.scores) if "overall" in self.scores else ()
        self.level = bands[0].id if len(bands) == 1 else None

    def shows(self, node: str) -> str | None:
        """The score or the level of the result; None where it is not known."""
        if node == "level":
            return self.level
        return str(round_score(self.framework, self.scores[node])) if node in self.scores else None

    def agrees(self, figure: Figure) -> bool:
        """Whether a figure is what the result says, or that with fewer decimals."""
        if figure.kind == "level":
            return figure.value == self.level
        number = figure.number
        if number is None or figure.node not in self.scores or number == self.framework.rules.target.points:
            return True
        exponent = number.as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        return number in (half_up(self.scores[figure.node], places), Decimal(self.shows(figure.node) or 0))


def _compare(figure: Figure, line: str, known: Mapping[int, _Known]) -> Difference | None:
    """The difference between a figure and every result it may be of; None where it agrees, or may be something else."""
    if figure.kind not in ("score", "level") or (figure.fiscal_year and figure.fiscal_year not in known):
        return None
    of = {figure.fiscal_year: known[figure.fiscal_year]} if figure.fiscal_year else known
    shown = tuple((year, value) for year, k in sorted(of.items(), reverse=True) if (value := k.shows(figure.node)))
    if not shown or any(k.agrees(figure) for k in of.values()) or _may_be_otherwise(figure, line):
        return None
    if figure.kind == "level" and not any(figure.value in k.framework.bands for k in of.values()):
        return None  # a level of rules of another year
    name = _name(next(iter(of.values())).framework, figure.node)
    return Difference(figure.node, name, figure.value, shown)


def _may_be_otherwise(figure: Figure, line: str) -> bool:
    """Whether the words around a figure allow that it is no score of the agency, or of a year that is not named."""
    if not figure.fiscal_year and _ANOTHER_YEAR.search(line):
        return True
    for match in re.finditer(rf"(?<![\d.]){re.escape(figure.value)}(?![\d]|\.\d)", line):
        before = _FISCAL_YEAR.sub("", line[max(0, match.start() - _LETTERS_BEFORE) : match.start()])
        before = _CLAUSE_END.split(before)[-1]
        after = line[match.end() : match.end() + _LETTERS_AFTER]
        if _OTHERWISE_BEFORE.search(before) or _OTHERWISE_AFTER.match(after):
            return True
    return False


def _name(framework: Framework, node: str) -> str:
    if node in framework.indicators:
        return f"ตัวชี้วัดที่ {node} {framework.nodes[node].label.th}"
    return {"overall": "คะแนนรวม", "level": "ระดับผลการประเมิน"}.get(node, node)
