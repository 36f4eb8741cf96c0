"""What a document is made of: the only thing the print shop is given.

Frozen, plain, and checked at the door: :func:`checked` gives the material with its texts tidied (pasted tabs, Word's
cell marks and control characters gone, pieces of ำ joined) or raises :class:`MaterialError` with every problem at once,
in Thai, each with the place it stands. Scores are exact; what is not known is left out of ``known`` and no document
speaks of it.
"""

import dataclasses
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeVar

from prongsai.framework import DisclosureItem, Framework
from prongsai.lib import thai, typeset

Digits = Literal["thai", "arabic"]
LONGEST = 60_000  # letters of one text; some forty pages
T = TypeVar("T")


def _th(name: str) -> dict[str, str]:
    """What an officer calls a field; only fields that have a name hold typed texts."""
    return {"th": name}


@dataclass(frozen=True)
class Office:
    """The agency, in words as they stand on its papers. ``head`` is the position that papers go up to."""

    name: str = field(metadata=_th("ชื่อหน่วยงาน"))
    place: str = field(metadata=_th("อำเภอและจังหวัด"), default="")
    prepared_by: str = field(metadata=_th("ส่วนงานที่จัดทำ"), default="")
    head: str = field(metadata=_th("ตำแหน่งผู้บริหารสูงสุด"), default="")
    emblem: bytes = b""  # PNG of the emblem for memos; without it its place stays empty


@dataclass(frozen=True)
class Result:
    """One year's result of the agency: scores by node."""

    framework: Framework
    known: Mapping[str, Fraction]


@dataclass(frozen=True)
class Disclosure:
    """What is known of one disclosure item besides its score. ``present`` are places in its list of elements, from
    0."""

    item: str = field(metadata=_th("ข้อ"))
    comment: str = field(metadata=_th("ความเห็นผู้ตรวจ"), default="")
    urls: tuple[str, ...] = field(metadata=_th("URL"), default=())
    status: str = field(metadata=_th("สถานะ"), default="")
    present: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FollowUp:
    date: datetime.date | None = None
    status: str = field(metadata=_th("สถานะ"), default="")
    done: str = field(metadata=_th("ผลการดำเนินการ"), default="")
    evidence: str = field(metadata=_th("หลักฐาน"), default="")
    obstacles: str = field(metadata=_th("ปัญหาและอุปสรรค"), default="")
    suggestion: str = field(metadata=_th("ข้อเสนอแนะ"), default="")


@dataclass(frozen=True)
class Measure:
    """A row of the plan; without ``indicators`` it is about the whole. ``watching`` is how it will be followed;
    ``drafted`` marks one that rules wrote and nobody decided."""

    indicators: tuple[str, ...]
    title: str = field(metadata=_th("ชื่อมาตรการ"))
    finding: str = field(metadata=_th("ผลการวิเคราะห์"), default="")
    steps: tuple[str, ...] = field(metadata=_th("ขั้นตอน"), default=())
    period: str = field(metadata=_th("ระยะเวลา"), default="")
    responsible: tuple[str, ...] = field(metadata=_th("ผู้รับผิดชอบ"), default=())
    budget: str = field(metadata=_th("งบประมาณ"), default="")
    success: str = field(metadata=_th("ตัวชี้วัดความสำเร็จ"), default="")
    watching: str = field(metadata=_th("การกำกับติดตาม"), default="")
    follow_ups: tuple[FollowUp, ...] = field(metadata=_th("การติดตามผล"), default=())
    drafted: bool = False


@dataclass(frozen=True)
class MemoHead:
    """The lines over a memo. An empty line is left to be filled in by hand."""

    office: str = field(metadata=_th("ส่วนราชการ"))
    to: str = field(metadata=_th("เรียน"))
    number: str = field(metadata=_th("ที่"), default="")
    date: datetime.date | None = None
    subject: str = field(metadata=_th("เรื่อง"), default="")


@dataclass(frozen=True)
class Opinion:
    """One signatory of a memo, first who writes it, then up the line. ``name`` is empty when the post is vacant or its
    holder has left; ``signed`` is the day of signing on screen."""

    position: str = field(metadata=_th("ตำแหน่ง"))
    name: str = field(metadata=_th("ชื่อ-สกุล"), default="")
    text: str = field(metadata=_th("ความเห็น"), default="")
    signed: datetime.date | None = None


@dataclass(frozen=True)
class SurveyProgress:
    """How far a survey has come: responses wanted (None when unknown) and there, and where people answer."""

    instrument: str
    received: int
    needed: int | None = None
    closes: datetime.date | None = None
    address: str = field(metadata=_th("ที่อยู่แบบวัด"), default="")


@dataclass(frozen=True)
class Settings:
    """``font`` is the name written into Word files; paper set here is always in Sarabun."""

    digits: Digits = "thai"
    font: str = "TH SarabunPSK"


@dataclass(frozen=True)
class Material:
    """``chain`` is the consecutive frameworks from the year of ``before`` to that of ``result``, as year_on_year wants
    it."""

    office: Office = field(metadata=_th("หน่วยงาน"))
    result: Result
    before: Result | None = None
    chain: tuple[Framework, ...] = ()
    disclosures: tuple[Disclosure, ...] = field(metadata=_th("การเปิดเผยข้อมูล"), default=())
    not_asked: frozenset[tuple[str, int]] = (
        frozenset()
    )  # elements, (item, place), that are not asked of this kind of agency
    plan: tuple[Measure, ...] = field(metadata=_th("มาตรการ"), default=())
    memo: MemoHead | None = field(metadata=_th("หัวบันทึกข้อความ"), default=None)
    opinions: tuple[Opinion, ...] = field(metadata=_th("ผู้ลงนาม"), default=())
    surveys: tuple[SurveyProgress, ...] = field(metadata=_th("แบบวัด"), default=())
    date: datetime.date | None = None
    settings: Settings = Settings()


class MaterialError(ValueError):
    """The material cannot become a right document; ``problems`` are Thai sentences that say what and where."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def checked(material: Material) -> Material:
    """The material with tidy texts. Raises MaterialError."""
    problems: list[str] = []
    clean: Material = _tidied(material, "", problems)
    problems += [*_result_problems(clean.result), *_chain_problems(clean), *_reference_problems(clean)]
    if problems:
        raise MaterialError(problems)
    return clean


# --- texts
# -----------------------------------------------------------------------------------------------------------------

_SOFT = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\ufe00-\ufe0f]")
_WORD_BULLETS = re.compile("[\uf0a7\uf0b7\uf0d8\u25cf\u25cb\u25aa]")
_CONTROL = re.compile("[\x00-\x09\x0e-\x1f\x7f-\x9f\u00a0\u2000-\u200a\u202f\u3000]")
_LINE_END = re.compile("\r\n|[\r\n\v\f\u0085\u2028\u2029]")


def tidy(text: str) -> str:
    """Text as it may be typed or pasted, as it can be printed: lines and single spaces, nothing invisible."""
    text = _SOFT.sub("", _WORD_BULLETS.sub("•", text))
    text = _CONTROL.sub(" ", _LINE_END.sub("\n", text))
    text = thai.whole_am(text).replace("เเ", "แ")
    lines = (re.sub(" {2,}", " ", line).strip() for line in text.split("\n"))
    return re.sub("\n{2,}", "\n", "\n".join(lines)).strip("\n")


def _tidied(thing: Any, place: str, problems: list[str]) -> Any:
    if isinstance(thing, str):
        text = tidy(thing)
        strange = sorted(set(text) - typeset.letters() - {"\n"})
        if strange:
            shown = " ".join(f"“{c}”" for c in strange[:5])
            problems.append(f"{place}: มีอักขระที่พิมพ์ลงเอกสารไม่ได้ {shown} ลบออกหรือพิมพ์เป็นคำแทน")
        if len(text) > LONGEST:
            problems.append(f"{place}: ยาว {len(text):,} ตัวอักษร เกิน {LONGEST:,} ย่อหรือแยกเป็นเอกสารแนบ")
        return text
    if isinstance(thing, tuple):
        return tuple(
            _tidied(t, f"{place} ({n})" if len(thing) > 1 or dataclasses.is_dataclass(t) else place, problems)
            for n, t in enumerate(thing, 1)
        )
    if dataclasses.is_dataclass(thing) and not isinstance(thing, (type, Result)):
        changed = {
            f.name: _tidied(getattr(thing, f.name), " ".join(filter(None, (place, f.metadata["th"]))), problems)
            for f in dataclasses.fields(thing)
            if "th" in f.metadata
        }
        return dataclasses.replace(thing, **changed)
    return thing


# --- figures
# ---------------------------------------------------------------------------------------------------------------


def _result_problems(result: Result) -> list[str]:
    year = result.framework.fiscal_year
    problems = []
    for node, score in result.known.items():
        if node not in result.framework.nodes:
            problems.append(f"คะแนนปี {year}: หลักเกณฑ์ปีนี้ไม่มี {node}")
        elif not 0 <= score <= 100:
            problems.append(f"คะแนนปี {year}: {node} เท่ากับ {float(score):.2f} ต้องอยู่ระหว่าง 0 ถึง 100")
    return problems


def _chain_problems(material: Material) -> list[str]:
    if material.before is None:
        return []
    years = [f.fiscal_year for f in material.chain]
    wanted = list(range(material.before.framework.fiscal_year, material.result.framework.fiscal_year + 1))
    if len(wanted) < 2:
        return ["ปีที่เทียบ: ต้องเป็นปีก่อนหน้าปีที่รายงาน"]
    if years != wanted:
        return [f"ปีที่เทียบ: ต้องมีหลักเกณฑ์ต่อเนื่องจากปี {wanted[0]} ถึงปีที่รายงาน แต่ได้ {years}"]
    return _result_problems(material.before)


def _reference_problems(material: Material) -> list[str]:
    framework = material.result.framework
    problems = []
    for number, row in enumerate(material.plan, 1):
        unknown = [i for i in row.indicators if i not in framework.indicators]
        if unknown:
            problems.append(f"มาตรการ ({number}): หลักเกณฑ์ปีนี้ไม่มีตัวชี้วัด {', '.join(unknown)}")
        if not row.title:
            problems.append(f"มาตรการ ({number}): ยังไม่มีชื่อมาตรการ")
    for record in material.disclosures:
        item = framework.items.get(record.item)
        if not isinstance(item, DisclosureItem):
            problems.append(f"การเปิดเผยข้อมูล: หลักเกณฑ์ปีนี้ไม่มีข้อ {record.item}")
        elif any(not 0 <= n < len(item.elements) for n in record.present):
            problems.append(f"การเปิดเผยข้อมูล {record.item}: องค์ประกอบที่ทำเครื่องหมายไว้ไม่ตรงกับหลักเกณฑ์ปีนี้")
    for survey in material.surveys:
        if survey.instrument not in framework.instruments:
            problems.append(f"แบบวัด: หลักเกณฑ์ปีนี้ไม่มีแบบวัด {survey.instrument}")
    if not material.office.name:
        problems.append("หน่วยงาน: ยังไม่มีชื่อหน่วยงาน")
    return problems
