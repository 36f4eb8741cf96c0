"""Reads of documents: what an agency's page offers, memos, signatures that are due."""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Case, Q, QuerySet, When

from prongsai.documents import sources
from prongsai.documents.content.data import DocumentDataError
from prongsai.documents.issuance import digest_content
from prongsai.documents.models import AgencyTemplate, Memo, Paper, PaperJob, PassageEdit
from prongsai.documents.papers import (
    ANSWERING,
    KINDS,
    OF_PLAN,
    OF_REGISTER,
    PROPOSED,
    RESULT_OR_PLAN,
    WITH_MEMO,
    WITH_PLAN,
    WITHOUT_RESULT,
)
from prongsai.improvement import queries as plans
from prongsai.improvement.models import RegisterSheet
from prongsai.improvement.queries import TextNotes
from prongsai.improvement.registers import queries as registers
from prongsai.improvement.registers.kinds import STAGES, Stage
from prongsai.improvement.registers.kinds import papers as register_papers
from prongsai.lib import digest, thai
from prongsai.people.models import User
from prongsai.registry.models import Agency, Appointment, Round

DESCRIPTIONS = {
    "summary": "คะแนน ระดับและความหมาย จุดแข็ง จุดที่ต้องพัฒนา และการดำเนินการของทุกข้อที่ยังไม่เต็ม เรียงตามความเร่งด่วน",
    "outcome": "ผลตามเครื่องมือ บทวิเคราะห์ทุกตัวชี้วัด ข้อเสนอแนะ และตารางผลการดำเนินการตามมาตรการ ปีที่ยังไม่มีผลออกได้จากแผนอย่างเดียว",
    "development": "ปก เหตุผลของเอกสาร เทียบกับปีก่อน แผนภูมิ รายข้อของทุกตัวชี้วัดพร้อมข้อบกพร่องและวิธีแก้ และแผนของสิบตัวชี้วัด",
    "measures": "ผลคะแนนสะท้อนเรื่องใด มาตรการ การกำกับติดตาม และช่องลงนาม",
    "memo": "บันทึกข้อความเสนอผู้บริหารตามลำดับ พร้อมรายการเปิดเผยข้อมูลแนบท้าย",
    "checklist": "รายการเปิดเผยข้อมูลทุกข้อกับองค์ประกอบที่ต้องมี ใช้ตรวจก่อนยื่น",
    "half_year": "จากแผนและการติดตามผลถึงเดือนมีนาคม พร้อมรายการหลักฐาน ใช้เผยแพร่เป็นรายงานรอบครึ่งปี",
    "year_end": "จากแผนและการติดตามผลทั้งปี พร้อมรายการหลักฐาน ใช้เผยแพร่เป็นรายงานสิ้นปี",
    "reminder": "แบบวัดที่ยังขาดและข้อมูลเปิดเผยที่ยังไม่ยื่น ใช้ติดตามภายใน",
    **{key: paper.description for key, (_, paper) in register_papers().items()},
}

_LETTERS_OF_LINE, _MIN_ROWS, _MAX_ROWS = 60, 3, 14  # of the field in which a passage is edited

MISSING_TH = {
    "result": "ยังไม่มีผลของปีนี้ นำเข้าหรือพิมพ์ผลก่อน",
    "round": "หน่วยงานไม่อยู่ในรอบการประเมินของปีนี้",
    "plan": "ยังไม่มีแผนของปีนี้ที่อนุมัติแล้ว",
}


def needs_of(kind: str) -> str:
    """What a paper is written from: a result, a round, or a plan."""
    return "plan" if kind in OF_PLAN else "round" if kind in WITHOUT_RESULT else "result"


def _is_possible(kind: str, is_known: Mapping[str, bool]) -> bool:
    """Whether a paper can be written from what is known."""
    return is_known[needs_of(kind)] or (kind in RESULT_OR_PLAN and is_known["plan"])


@dataclass(frozen=True, kw_only=True)
class DraftPlan:
    """A plan that is not in force: its measures are drafts. Without one that ``is_begun`` there are no measures."""

    fiscal_year: int
    is_begun: bool


@dataclass(frozen=True, kw_only=True)
class OfferedPaper:
    """One kind of paper on an agency's page. ``missing``: what it needs first, in Thai; empty when it can be
    written."""

    kind: str
    name: str
    description: str
    missing: str
    template: AgencyTemplate | None
    issued: Paper | None
    job: PaperJob | None
    edits: int
    result_year: int | None = None  # where it can be written from the result that is there, of the year before
    period_ends: datetime.date | None = None  # of a report whose period is not over
    may_propose: bool = False  # by a memo to the executive
    memo: Memo | None = None  # the last one
    replaced_years: Sequence[int] = ()  # of the results that the last one rests on, and which others have replaced
    rests_on_old_plan: bool = False  # whose result another has replaced
    draft_plan: "DraftPlan | None" = None  # where its measures are not in force
    check: "PaperCheck | None" = None  # made only where somebody asks, because it takes its time

    @property
    def is_waiting(self) -> bool:
        return self.job is not None and self.job.status == PaperJob.Status.WAITING

    @property
    def problem(self) -> str:
        """Why the last attempt to write it failed; empty when there is a later paper, or none failed."""
        return self.job.problem if self.job and self.job.status == PaperJob.Status.FAILED else ""

    @property
    def is_stuck(self) -> bool:
        return self.job is not None and self.job.is_stuck

    @property
    def is_replaced(self) -> bool:
        """Whether results behind the last one were replaced, unless it is known to say the same all the same."""
        return bool(self.replaced_years) and (self.check is None or self.check.is_outdated)

    @property
    def can_be_checked(self) -> bool:
        """Whether there is anything that may be older than the figures."""
        return not self.missing and not self.is_waiting and bool(self.issued or self.edits)

    @property
    def contradictions(self) -> list[str]:
        """Figures in the agency's own words that contradict the result."""
        return (self.issued.notes or {}).get("contradictions", []) if self.issued else []

    @property
    def has_faults(self) -> bool:
        """Whether sentences of ours were left out."""
        return bool(self.issued and (self.issued.notes or {}).get("faults"))


def list_offered(agency: Agency, fiscal_year: int) -> list[OfferedPaper]:
    """Every kind of paper, with the last one issued of the year; those of registers where there is a sheet."""
    is_known = _find_known(agency, fiscal_year)
    earlier = fiscal_year - 1 if not is_known["result"] and sources.find_result(agency, fiscal_year - 1) else None
    templates = {t.kind: t for t in AgencyTemplate.objects.filter(agency=agency).defer("data")}
    issued: dict[str, Paper] = {}
    for paper in Paper.objects.filter(agency=agency, fiscal_year=fiscal_year).select_related("by"):
        issued.setdefault(paper.kind, paper)
    jobs: dict[str, PaperJob] = {}
    for job in PaperJob.objects.filter(agency=agency, fiscal_year=fiscal_year, memo=None):
        jobs.setdefault(job.kind, job)
    stored = {s.kind: s for s in RegisterSheet.objects.filter(agency=agency, fiscal_year=fiscal_year)}
    sheets = _list_missing(stored)
    memos = {m.about: m for m in list_memos(agency).filter(sheet__fiscal_year=fiscal_year).order_by("pk")}
    basis = sources.find_basis(agency, fiscal_year)
    old_plans = {kind for kind in WITH_PLAN if issued.get(kind) and _rests_on_old_plan(agency, fiscal_year, kind)}
    draft_plan = _find_draft_plan(agency, fiscal_year) if is_known["result"] else None
    of_year = PassageEdit.objects.filter(agency=agency, fiscal_year=fiscal_year)
    edits = Counter(of_year.values_list("kind", flat=True))
    return [
        OfferedPaper(
            kind=kind,
            name=name,
            description=DESCRIPTIONS[kind],
            missing=sheets[kind] if kind in OF_REGISTER else _find_missing(kind, is_known),
            template=templates.get(kind),
            issued=issued.get(kind),
            job=jobs.get(kind),
            edits=edits[kind],
            result_year=earlier if needs_of(kind) == "result" and not _is_possible(kind, is_known) else None,
            period_ends=sources.find_running_period(kind, fiscal_year),
            may_propose=kind in WITH_MEMO and kind in sheets and _may_propose(stored, kind, sheets[kind]),
            memo=memos.get(kind),
            replaced_years=_list_replaced(issued.get(kind), basis),
            rests_on_old_plan=kind in old_plans,
            draft_plan=draft_plan if kind in ANSWERING else None,
        )
        for kind, name in KINDS.items()
        if kind in sheets or kind not in OF_REGISTER
    ]


def _list_replaced(paper: Paper | None, basis: Mapping[str, int]) -> list[int]:
    """The years whose results a paper rests on and which others have replaced since; a paper of an older version says
    nothing of its results."""
    if paper is None or paper.kind in WITHOUT_RESULT:
        return []
    stored = (paper.notes or {}).get("results", {})
    return sorted(int(year) for year, result in stored.items() if basis.get(year) != result)


def _find_draft_plan(agency: Agency, fiscal_year: int) -> DraftPlan | None:
    """The plan that answers the result of a year, while it is not in force."""
    plan = sources.find_plan(agency, fiscal_year, "")
    if plan is not None and plans.latest_approval(plan) is not None:
        return None
    return DraftPlan(fiscal_year=fiscal_year + 1, is_begun=plan is not None)


def _rests_on_old_plan(agency: Agency, fiscal_year: int, kind: str) -> bool:
    plan = sources.find_plan(agency, fiscal_year, kind)
    return (
        plan is not None
        and plan.result is not None
        and plans.newer_result(plan, plans.latest_approval(plan)) is not None
    )


def _find_known(agency: Agency, fiscal_year: int) -> dict[str, bool]:
    """What papers of a year could be written from; outside a round nothing is known of surveys and filing."""
    return {
        "result": sources.find_result(agency, fiscal_year) is not None,
        "round": Round.objects.filter(fiscal_year=fiscal_year, agencies=agency).exists(),
        "plan": sources.has_plan_in_force(agency, fiscal_year),
    }


def find_problem(agency: Agency, fiscal_year: int, kind: str) -> str:
    """Why a paper or a memo cannot be written now, and what comes first, in Thai; empty when it can."""
    if kind in PROPOSED:
        return find_memo_problem(agency, fiscal_year, PROPOSED[kind])
    if kind in OF_REGISTER:
        return find_register_problem(agency, fiscal_year, kind)
    return _find_missing(kind, _find_known(agency, fiscal_year))


def _find_missing(kind: str, is_known: Mapping[str, bool]) -> str:
    return "" if _is_possible(kind, is_known) else MISSING_TH[needs_of(kind)]


def _may_propose(stored: Mapping[str, RegisterSheet], kind: str, missing: str) -> bool:
    definition, paper = register_papers()[kind]
    return not missing and _is_asked(stored[definition.key], paper.stage)


def find_register_problem(agency: Agency, fiscal_year: int, kind: str) -> str:
    """Why a paper of a register can't be written now, in Thai; empty when it can."""
    name = register_papers()[kind][0].name
    stored = {s.kind: s for s in RegisterSheet.objects.filter(agency=agency, fiscal_year=fiscal_year)}
    return _list_missing(stored).get(kind, thai.spaced(f"ยังไม่มี{name}ของปี {fiscal_year} เริ่มทำก่อน"))


def find_memo_problem(agency: Agency, fiscal_year: int, kind: str) -> str:
    """Why no memo can put a paper of a register before the executive now, in Thai; empty when one can. What an
    executive decides on is submitted first: from then on it is not changed any more."""
    if kind not in WITH_MEMO:
        return "เอกสารนี้ไม่มีบันทึกข้อความเสนอ"
    if problem := find_register_problem(agency, fiscal_year, kind):
        return problem
    definition, paper = register_papers()[kind]
    sheet = registers.find_sheet(agency, fiscal_year, definition.key)
    if sheet is None or not _is_asked(sheet, paper.stage):
        return thai.spaced(f"เขียนบันทึกข้อความได้เมื่อกรอก{definition.name}ครบและกดเสนอผู้บริหารแล้ว")
    return ""


def _is_asked(sheet: RegisterSheet, stage: Stage) -> bool:
    """Whether what a paper says was submitted to the executive; reports need not be."""
    return stage != "plan" or sheet.status in (RegisterSheet.Status.SUBMITTED, RegisterSheet.Status.APPROVED)


def digest_basis(sheet: RegisterSheet, about: str) -> str:
    """The digest of what a paper of a register is written from: its own stage and those before it."""
    kind, paper = register_papers()[about]
    stages = STAGES[: STAGES.index(paper.stage) + 1]
    fields = {f.key for f in kind.fields if f.stage in stages}
    columns = {c.key for c in kind.columns if c.stage in stages}
    records = [[r.pk, {k: v for k, v in r.values.items() if k in columns}] for r in registers.records_of(sheet)]
    return digest.of_json([{k: v for k, v in sheet.fields.items() if k in fields}, records if columns else []])


def _list_missing(stored: Mapping[str, RegisterSheet]) -> dict[str, str]:
    """What each paper of the registers of a year needs first, in Thai; empty when it can be written. One that reports
    on a plan needs the plan in force, and one that says that there is nothing needs that to be confirmed."""
    missing = {}
    for key, (kind, paper) in register_papers().items():
        sheet = stored.get(kind.key)
        if sheet is None:
            continue
        content = registers.read_sheet(sheet)
        if paper.stage != "plan" and not registers.may_report(sheet):
            missing[key] = thai.spaced(f"ออกได้เมื่อ{kind.name}ได้รับอนุมัติแล้ว")
        elif kind.nothing and not content.records and not content.is_nothing:
            missing[key] = f"ยังไม่มี{kind.row} หากไม่มีให้ยืนยันในทะเบียนก่อน"
        else:
            missing[key] = ""
    return missing


@dataclass(frozen=True, kw_only=True)
class PaperCheck:
    """A paper against the figures of now: ``is_outdated`` when the last one issued says something else than one would
    today; ``stale`` are the passages in the agency's words that were written about other figures."""

    is_outdated: bool
    stale: Sequence["EditedPassage"]


def check_paper(agency: Agency, fiscal_year: int, offered: OfferedPaper) -> OfferedPaper:
    """The offered paper with its check; without one where it cannot be written now."""
    if not offered.can_be_checked:
        return offered
    try:
        data = sources.collect_data(agency, fiscal_year, offered.kind)
        template_sha256 = offered.template.sha256 if offered.template else ""
        now = digest_content(offered.kind, data, template_sha256) if offered.issued else ""
        passages = list_edited_passages(agency, offered.kind, fiscal_year) if offered.edits else []
    except DocumentDataError:
        return offered
    is_outdated = offered.issued is not None and offered.issued.content_digest != now
    stale = [passage for passage in passages if passage.before]
    return dataclasses.replace(offered, check=PaperCheck(is_outdated=is_outdated, stale=stale))


@dataclass(frozen=True, kw_only=True)
class EditedPassage:
    """A passage on the page where it is edited. ``now`` is what the paper says of it, ``ours`` what the system says;
    ``before`` is what it said when it was edited, where that has changed since. ``is_lost``: the paper has no such
    passage any more.
    ``text_notes`` are figures in the agency's words that the results say otherwise; ``is_stored``: they are saved."""

    key: str
    heading: str
    text: str
    now: str
    ours: str
    is_edited: bool = False
    before: str = ""
    is_lost: bool = False
    text_notes: Sequence[str] = ()
    is_stored: bool = False
    name: str = ""

    @property
    def rows(self) -> int:
        """Lines of the field in a browser that does not fit it to its text."""
        lines = sum(1 + len(line) // _LETTERS_OF_LINE for line in self.text.splitlines())
        return min(max(lines, _MIN_ROWS), _MAX_ROWS)


def list_edited_passages(
    agency: Agency, kind: str, fiscal_year: int, typed: Mapping[str, str] = MappingProxyType({})
) -> list[EditedPassage]:
    """The passages of a paper with the agency's words, or those of a refused form (``typed``); then the edits that
    have no place any more. Raises DocumentDataError."""
    data = dataclasses.replace(sources.collect_data(agency, fiscal_year, kind), edits=())
    edits = {edit.key: edit for edit in sources.list_edits(agency, kind, fiscal_year)}
    notes = TextNotes(agency, fiscal_year)
    passages = []
    for passage in sources.list_passages_of(kind, data):
        edit = edits.pop(passage.key, None)
        text = typed.get(passage.key, edit.text if edit else passage.text)
        passages.append(
            EditedPassage(
                key=passage.key,
                heading=passage.heading,
                text=text,
                now=edit.text if edit else passage.text,
                ours=passage.text,
                is_edited=edit is not None,
                before=edit.original if edit and edit.original != passage.text else "",
                name=passage.name,
                is_stored=edit is not None and text == edit.text,
                text_notes=notes.of(text) if text != passage.text else (),
            )
        )
    lost = {key: edit.text for key, edit in edits.items()}
    lost |= {key: text for key, text in typed.items() if key not in {passage.key for passage in passages}}
    return passages + [
        EditedPassage(key=key, heading="", text=text, now=text, ours="", is_edited=True, is_lost=True)
        for key, text in lost.items()
    ]


def list_memos(agency: Agency) -> QuerySet[Memo]:
    memos = Memo.objects.filter(agency=agency).select_related("next_signatory", "by", "result__result_set", "sheet")
    return memos.prefetch_related("signatures", "hand_signatures").defer("emblem")


@dataclass(frozen=True, kw_only=True)
class MemoFiles:
    """The files of a memo as it stands; without digests they are being written, or could not be (``problem``)."""

    docx_sha256: str = ""
    pdf_sha256: str = ""
    problem: str = ""
    contradictions: Sequence[str] = ()
    is_stuck: bool = False

    @property
    def is_ready(self) -> bool:
        return bool(self.docx_sha256 and self.pdf_sha256)


def find_memo_files(memo: Memo) -> MemoFiles:
    """The files of a memo as it stands; a signature of an older version holds its own."""
    signature = memo.signatures.last()
    if signature and signature.docx_sha256 and not memo.reference_number:
        return MemoFiles(docx_sha256=signature.docx_sha256, pdf_sha256=signature.pdf_sha256)
    job = memo.jobs.filter(content_digest=sources.compose_memo(memo).digest).first()
    if job is None:
        return MemoFiles(problem="ยังไม่มีไฟล์ของบันทึกข้อความนี้")
    return MemoFiles(
        docx_sha256=job.docx_sha256,
        pdf_sha256=job.pdf_sha256,
        problem=job.problem,
        is_stuck=job.is_stuck,
        contradictions=(job.notes or {}).get("contradictions", []),
    )


def has_basis_changed(memo: Memo) -> bool:
    """Whether the register was changed since a memo put it before the executive; a memo of a result has none."""
    return memo.sheet is not None and memo.content["basis"] != digest_basis(memo.sheet, memo.about)


def list_replaced_memos(agency: Agency, memos: Iterable[Memo]) -> set[int]:
    """The ids of those memos that report a result which another has replaced."""
    known = {year: result.pk for year, result in plans.results_of(agency).items()}
    return {memo.pk for memo in memos if memo.result_id and known.get(memo.fiscal_year) != memo.result_id}


def find_earlier_memo(agency: Agency, fiscal_year: int, about: str) -> Memo | None:
    """The newest memo of an agency about the same thing: the result of a year, or a paper of a register of a year."""
    year = Q(result__result_set__fiscal_year=fiscal_year) | Q(sheet__fiscal_year=fiscal_year)
    memos = Memo.objects.filter(year, agency=agency).select_related("result__result_set", "sheet").defer("emblem")
    return next((memo for memo in memos if memo.about == about), None)


def list_desk_memos(agency: Agency, user: User, fiscal_year: int) -> list[tuple[Memo, bool]]:
    """Memos of an agency that await a user's signature, or that of somebody who does not act for it any more (True),
    and those about the result of a year; the newest first."""
    acting = Appointment.objects.filter(agency=agency, until=None, user__is_active=True).values("user")
    abandoned = Q(next_signatory__isnull=False) & ~Q(next_signatory__in=acting)
    memos = Memo.objects.annotate(is_abandoned=Case(When(abandoned, then=True), default=False))
    shown = Q(next_signatory=user) | Q(is_abandoned=True) | Q(result__result_set__fiscal_year=fiscal_year)
    related = "agency", "next_signatory", "result__result_set", "sheet"
    rows = memos.filter(shown, agency=agency).select_related(*related).defer("emblem")
    rows = rows.prefetch_related("signatures", "hand_signatures")
    return [(memo, memo.is_abandoned) for memo in rows]
