"""The data of a document: the only input of everything that composes and writes one.

Frozen and plain. :func:`validate` returns the data with normalized texts (without pasted tabs, Word's cell marks and
control characters, with ำ in one letter) or raises :class:`DocumentDataError` with every problem at once, in Thai,
each with its place. Scores are exact; an unknown score is absent from ``scores``, and no document mentions it.
"""

import dataclasses
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from prongsai.framework import DisclosureItem, Framework
from prongsai.lib import thai, typeset
from prongsai.lib.thai import Digits

MAX_TEXT_LETTERS = 60_000  # of one text; some forty pages


def _th(name: str) -> dict[str, str]:
    """The Thai name of a field, for messages; only fields with a name hold typed texts."""
    return {"th": name}


@dataclass(frozen=True, kw_only=True)
class Office:
    """The agency as its papers name it. ``executive_position`` is the position that papers are addressed to."""

    name: str = field(metadata=_th("ชื่อหน่วยงาน"))
    place: str = field(metadata=_th("อำเภอและจังหวัด"), default="")
    prepared_by: str = field(metadata=_th("ส่วนงานที่จัดทำ"), default="")
    executive_position: str = field(metadata=_th("ตำแหน่งผู้บริหารสูงสุด"), default="")
    name_en: str = field(metadata=_th("ชื่อภาษาอังกฤษ"), default="")
    emblem: bytes = b""  # PNG of the emblem for memos; without it its place stays empty


@dataclass(frozen=True)
class YearResult:
    """One year's result of the agency: known scores by node, exact, on the scale 0 to 100; but those of ``approximate``
    nodes have a random error, which protects who answered, and are printed as approximate. ``stated_level`` is the
    level that the result says: None for that of its scores; empty where it says none, which is then computed, and said
    to be."""

    framework: Framework
    scores: Mapping[str, Fraction]
    approximate: frozenset[str] = frozenset()
    stated_level: str | None = None

    @property
    def states_level(self) -> bool:
        return self.stated_level != ""


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """What is known of one disclosure item besides its score. ``present_elements`` are indexes into the item's list of
    elements, from 0."""

    item: str = field(metadata=_th("ข้อ"))
    comment: str = field(metadata=_th("ความเห็นผู้ตรวจ"), default="")
    urls: tuple[str, ...] = field(metadata=_th("URL"), default=())
    status: str = field(metadata=_th("สถานะ"), default="")
    present_elements: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AttachedPicture:
    """A picture of an attached file, its sides in pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of evidence. ``pages`` is how many it has, None when unknown; ``pictures`` are of it, or of its first
    pages; without any, ``remark`` may say why."""

    name: str = field(metadata=_th("ชื่อไฟล์"))
    sha256: str
    pages: int | None = None
    pictures: tuple[AttachedPicture, ...] = ()
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    date: datetime.date | None = None
    status: str = field(metadata=_th("สถานะ"), default="")
    work_done: str = field(metadata=_th("ผลการดำเนินการ"), default="")
    evidence: tuple[str, ...] = field(metadata=_th("หลักฐาน"), default=())  # the name of each piece
    files: tuple[str, ...] = field(metadata=_th("รายการหลักฐาน"), default=())
    attachments: tuple[Attachment, ...] = field(metadata=_th("ไฟล์หลักฐาน"), default=())
    obstacles: str = field(metadata=_th("ปัญหาและอุปสรรค"), default="")
    suggestion: str = field(metadata=_th("ข้อเสนอแนะ"), default="")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A row of the plan. Without ``indicators`` it concerns the agency as a whole. ``monitoring`` says how it is
    followed up. ``is_draft`` marks a measure that nobody has approved yet."""

    indicators: tuple[str, ...]
    title: str = field(metadata=_th("ชื่อมาตรการ"))
    finding: str = field(metadata=_th("ผลการวิเคราะห์"), default="")
    steps: tuple[str, ...] = field(metadata=_th("ขั้นตอน"), default=())
    period: str = field(metadata=_th("ระยะเวลา"), default="")
    responsible: tuple[str, ...] = field(metadata=_th("ผู้รับผิดชอบ"), default=())
    budget: str = field(metadata=_th("งบประมาณ"), default="")
    success: str = field(metadata=_th("ตัวชี้วัดความสำเร็จ"), default="")
    monitoring: str = field(metadata=_th("การกำกับติดตาม"), default="")
    follow_ups: tuple[FollowUp, ...] = field(metadata=_th("การติดตามผล"), default=())
    is_draft: bool = False


@dataclass(frozen=True)
class NamedText:
    """A stored value of a register by the key of its column or field (``improvement.registers``)."""

    key: str
    text: str = field(metadata=_th("ข้อความ"))


@dataclass(frozen=True)
class RegisterRecord:
    values: tuple[NamedText, ...] = field(metadata=_th("รายการ"), default=())


@dataclass(frozen=True, kw_only=True)
class Register:
    """A sheet of records. ``is_draft``: nobody has approved it yet."""

    kind: str
    fields: tuple[NamedText, ...] = field(metadata=_th("ข้อมูลทั่วไป"), default=())
    records: tuple[RegisterRecord, ...] = field(metadata=_th("รายการที่"), default=())
    is_draft: bool = False


@dataclass(frozen=True, kw_only=True)
class MemoHeader:
    """The lines at the top of a memo. An empty one is filled in by hand."""

    office: str = field(metadata=_th("ส่วนราชการ"))
    to: str = field(metadata=_th("เรียน"))
    reference_number: str = field(metadata=_th("ที่"), default="")
    date: datetime.date | None = None
    subject: str = field(metadata=_th("เรื่อง"), default="")


@dataclass(frozen=True)
class Signatory:
    """A signatory of a memo; the author comes first, the executive last. ``name`` is empty when the post is vacant or
    its holder has left; ``signed_on`` is the day of signing on screen."""

    position: str = field(metadata=_th("ตำแหน่ง"))
    name: str = field(metadata=_th("ชื่อ-สกุล"), default="")
    opinion: str = field(metadata=_th("ความเห็น"), default="")
    signed_on: datetime.date | None = None


@dataclass(frozen=True, kw_only=True)
class SurveyProgress:
    """Progress of a survey: responses received and required (None when unknown), and where people answer."""

    instrument: str
    received: int
    required: int | None = None
    closes_on: datetime.date | None = None
    address: str = field(metadata=_th("ที่อยู่แบบวัด"), default="")


@dataclass(frozen=True)
class Formatting:
    """``font`` is the name written into Word files; PDF is always set in Sarabun."""

    digits: Digits = "thai"
    font: str = "TH SarabunPSK"


@dataclass(frozen=True)
class TextEdit:
    """Other words for a passage of a document (``content.passages``)."""

    key: str
    text: str = field(metadata=_th("ข้อความ"))


@dataclass(frozen=True, kw_only=True)
class DocumentData:
    """``chain`` holds the consecutive frameworks from the year of ``previous`` to that of ``result``, as year_on_year
    takes them; ``following`` is the framework of the year after it, where there is one. ``planned`` is the result that
    the measures answer, where another one has replaced it, and ``planned_source`` what it was read from.
    ``exempt_elements`` are (item, index of element) that this type of agency need not publish. ``is_interim``: the
    period that the paper reports on is not over yet."""

    office: Office = field(metadata=_th("หน่วยงาน"))
    result: YearResult
    previous: YearResult | None = None
    planned: YearResult | None = None
    planned_source: str = field(metadata=_th("ที่มาของผลที่แผนใช้"), default="")
    chain: tuple[Framework, ...] = ()
    following: Framework | None = None
    disclosures: tuple[Disclosure, ...] = field(metadata=_th("การเปิดเผยข้อมูล"), default=())
    exempt_elements: frozenset[tuple[str, int]] = frozenset()
    measures: tuple[Measure, ...] = field(metadata=_th("มาตรการ"), default=())
    register: Register | None = field(metadata=_th("ทะเบียน"), default=None)
    memo_header: MemoHeader | None = field(metadata=_th("หัวบันทึกข้อความ"), default=None)
    signatories: tuple[Signatory, ...] = field(metadata=_th("ผู้ลงนาม"), default=())
    surveys: tuple[SurveyProgress, ...] = field(metadata=_th("แบบวัด"), default=())
    edits: tuple[TextEdit, ...] = field(metadata=_th("ข้อความที่แก้"), default=())
    date: datetime.date | None = None
    is_interim: bool = False
    formatting: Formatting = Formatting()


class DocumentDataError(ValueError):
    """No correct document can be made from the data; ``problems`` are Thai sentences with the place of each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def validate(data: DocumentData) -> DocumentData:
    """The data with normalized texts. Raises DocumentDataError."""
    problems: list[str] = []
    clean: DocumentData = _normalize(data, "", problems)
    problems += [*_find_score_problems(clean.result), *_find_chain_problems(clean), *_find_reference_problems(clean)]
    if problems:
        raise DocumentDataError(problems)
    return clean


def find_text_problems(text: str, place: str) -> list[str]:
    """Why a text cannot be printed, in Thai sentences that open with its place."""
    problems: list[str] = []
    _normalize_string(text, place, problems)
    return problems


def without_own_words(data: DocumentData) -> DocumentData:
    """The data without anything that the agency or its assessors wrote: the sentences that remain are ours."""
    header = data.memo_header
    return dataclasses.replace(
        data,
        disclosures=tuple(dataclasses.replace(d, comment="", urls=()) for d in data.disclosures),
        measures=(),
        register=None,
        memo_header=header and dataclasses.replace(header, subject="", reference_number=""),
        signatories=tuple(dataclasses.replace(s, opinion="") for s in data.signatories),
        edits=(),
    )


# --- texts

_INVISIBLE = re.compile(f"[{thai.INVISIBLE}\ufe00-\ufe0f]")
_WORD_BULLETS = re.compile("[\uf0a7\uf0b7\uf0d8\u25cf\u25cb\u25aa]")
_CONTROL = re.compile("[\x00-\x09\x0e-\x1f\x7f-\x9f\u00a0\u2000-\u200a\u202f\u3000]")
_LINE_END = re.compile("\r\n|[\r\n\v\f\u0085\u2028\u2029]")


def normalize_text(text: str) -> str:
    """Typed or pasted text in printable form: lines with single spaces, nothing invisible."""
    text = _INVISIBLE.sub("", _WORD_BULLETS.sub("•", text))
    text = _CONTROL.sub(" ", _LINE_END.sub("\n", text))
    text = thai.whole_am(text).replace("เเ", "แ")
    lines = (re.sub(" {2,}", " ", line).strip() for line in text.split("\n"))
    return re.sub("\n{2,}", "\n", "\n".join(lines)).strip("\n")


def _normalize(value: Any, place: str, problems: list[str]) -> Any:
    """A value with normalized texts, at any depth; ``problems`` collects what cannot be printed, with ``place``."""
    if isinstance(value, str):
        return _normalize_string(value, place, problems)
    if isinstance(value, tuple):
        return tuple(
            _normalize(item, f"{place} ({n})" if len(value) > 1 or dataclasses.is_dataclass(item) else place, problems)
            for n, item in enumerate(value, 1)
        )
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, YearResult)):
        changes = {
            f.name: _normalize(getattr(value, f.name), " ".join(filter(None, (place, f.metadata["th"]))), problems)
            for f in dataclasses.fields(value)
            if "th" in f.metadata
        }
        return dataclasses.replace(value, **changes)
    return value


def _normalize_string(value: str, place: str, problems: list[str]) -> str:
    text = normalize_text(value)
    unprintable = sorted(set(text) - typeset.letters() - {"\n"})
    if unprintable:
        shown = " ".join(f"“{letter}”" for letter in unprintable[:5])
        problems.append(f"{place}: มีอักขระที่พิมพ์ลงเอกสารไม่ได้ {shown} ลบออกหรือพิมพ์เป็นคำแทน")
    if len(text) > MAX_TEXT_LETTERS:
        problems.append(f"{place}: ยาว {len(text):,} ตัวอักษร เกิน {MAX_TEXT_LETTERS:,} ย่อหรือแยกเป็นเอกสารแนบ")
    return text


# --- scores and references


def _find_score_problems(result: YearResult) -> list[str]:
    year = result.framework.fiscal_year
    problems = []
    for node, score in result.scores.items():
        if node not in result.framework.nodes:
            problems.append(f"คะแนนปี {year}: หลักเกณฑ์ปีนี้ไม่มี {node}")
        elif not 0 <= score <= 100:
            problems.append(f"คะแนนปี {year}: {node} เท่ากับ {float(score):.2f} ต้องอยู่ระหว่าง 0 ถึง 100")
    return problems


def _find_chain_problems(data: DocumentData) -> list[str]:
    if data.previous is None:
        return []
    years = [f.fiscal_year for f in data.chain]
    expected = list(range(data.previous.framework.fiscal_year, data.result.framework.fiscal_year + 1))
    if len(expected) < 2:
        return ["ปีที่เทียบ: ต้องเป็นปีก่อนหน้าปีที่รายงาน"]
    if years != expected:
        return [f"ปีที่เทียบ: ต้องมีหลักเกณฑ์ต่อเนื่องจากปี {expected[0]} ถึงปีที่รายงาน แต่ได้ {years}"]
    return _find_score_problems(data.previous)


def _find_reference_problems(data: DocumentData) -> list[str]:
    problems = [*_find_measure_problems(data), *_find_disclosure_problems(data)]
    instruments = data.result.framework.instruments
    problems += [
        f"แบบวัด: หลักเกณฑ์ปีนี้ไม่มีแบบวัด {survey.instrument}"
        for survey in data.surveys
        if survey.instrument not in instruments
    ]
    if not data.office.name:
        problems.append("หน่วยงาน: ยังไม่มีชื่อหน่วยงาน")
    return problems


def _find_measure_problems(data: DocumentData) -> list[str]:
    problems = []
    for number, measure in enumerate(data.measures, 1):
        unknown = [i for i in measure.indicators if i not in data.result.framework.indicators]
        if unknown:
            problems.append(f"มาตรการ ({number}): หลักเกณฑ์ปีนี้ไม่มีตัวชี้วัด {', '.join(unknown)}")
        if not measure.title:
            problems.append(f"มาตรการ ({number}): ยังไม่มีชื่อมาตรการ")
    return problems


def _find_disclosure_problems(data: DocumentData) -> list[str]:
    problems = []
    for disclosure in data.disclosures:
        item = data.result.framework.items.get(disclosure.item)
        if not isinstance(item, DisclosureItem):
            problems.append(f"การเปิดเผยข้อมูล: หลักเกณฑ์ปีนี้ไม่มีข้อ {disclosure.item}")
        elif any(not 0 <= n < len(item.elements) for n in disclosure.present_elements):
            problems.append(f"การเปิดเผยข้อมูล {disclosure.item}: องค์ประกอบที่ทำเครื่องหมายไว้ไม่ตรงกับหลักเกณฑ์ปีนี้")
    return problems
