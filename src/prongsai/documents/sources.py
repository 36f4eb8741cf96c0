"""The sources of document data: result, previous year, marks, plan and surveys, read from the rooms that own them."""

import dataclasses
import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone

from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Filing
from prongsai.documents.content import blocks
from prongsai.documents.content.blocks import Document, Section
from prongsai.documents.content.data import (
    AttachedPicture,
    Attachment,
    Disclosure,
    DocumentData,
    FollowUp,
    Formatting,
    Measure,
    MemoHeader,
    NamedText,
    Office,
    Register,
    RegisterRecord,
    Signatory,
    SurveyProgress,
    TextEdit,
    YearResult,
    normalize_text,
    validate,
)
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.passages import Passage, apply_edits, list_passages
from prongsai.documents.issuance import compose_document
from prongsai.documents.models import DocumentSettings, HandSignature, Memo, PassageEdit, Signature
from prongsai.documents.papers import CARRIED_OUT, OF_PLAN, OF_REGISTER, PROPOSED, find_period_end
from prongsai.documents.papers.memo import complete, compose_body
from prongsai.documents.papers.register import compose_memo_body
from prongsai.framework import Framework
from prongsai.improvement import queries as plans
from prongsai.improvement.evidence import draw_evidence_of_plan, find_drawing, is_drawable
from prongsai.improvement.models import Decision, Plan, RegisterSheet
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH, FollowUpInterval
from prongsai.improvement.registers import queries as registers
from prongsai.improvement.registers.kinds import papers as register_papers
from prongsai.improvement.snapshot import build_snapshot
from prongsai.intake.comments import join_comments
from prongsai.lib import thai, typeset
from prongsai.links import STATE_TH
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Appointment, Round
from prongsai.registry.positions import find_executive_position
from prongsai.registry.queries import find_phase, load_round_framework, today
from prongsai.results import queries as results
from prongsai.results.models import AgencyResult, ResultSet
from prongsai.rulebooks.queries import find_framework, framework_for
from prongsai.survey import queries as surveys

_LINK_STATES: dict[str, str] = {str(state): label for state, label in STATE_TH.items()}
_IS_FICTION = re.compile(r"\s{0,9}\((?:fictional|สมมุติ|สมมติ)\)$")
# papers number the steps of a measure themselves
_STEP_NUMBER = re.compile(r"^\s*[0-9๐-๙]{1,2}(?:[.)](?![0-9๐-๙])| *\|)\s*")
# the titles of a pasted table whose rows are numbered
_TABLE_TITLES = re.compile(r"^\s*(?:ลำดับ(?:ที่)?|ที่|ข้อ(?:ที่)?|No\.?) *\|", re.IGNORECASE)


def find_settings(agency: Agency) -> DocumentSettings:
    """The agency's settings, or defaults for its type."""
    settings = DocumentSettings.objects.filter(agency=agency).first()
    return settings or DocumentSettings(agency=agency, executive_position=name_executive_position(agency))


def name_executive_position(agency: Agency) -> str:
    """The position papers of an agency are addressed to, from its type and name; an agency can set another."""
    return find_executive_position(agency) or "ผู้บริหารสูงสุด"


def list_years(agency: Agency) -> list[int]:
    """Fiscal years with papers: those with a result, with an approved plan, with a register, and those of a running
    round, newest first."""
    planned = Plan.objects.filter(agency=agency, decisions__step=Decision.Step.APPROVED)
    running = Round.objects.filter(agencies=agency, status=Round.Status.RUNNING).values_list("fiscal_year", flat=True)
    recorded = RegisterSheet.objects.filter(agency=agency).values_list("fiscal_year", flat=True)
    return sorted(
        {*plans.results_of(agency), *planned.values_list("fiscal_year", flat=True), *recorded, *running}, reverse=True
    )


def find_result(agency: Agency, fiscal_year: int) -> AgencyResult | None:
    """The published result of an agency for a year."""
    return plans.results_of(agency).get(fiscal_year)


def collect_data(agency: Agency, fiscal_year: int, kind: str = "") -> DocumentData:
    """Everything the platform knows for an agency's papers of a fiscal year."""
    published = plans.results_of(agency)
    return collect_data_for_result(
        agency, fiscal_year, published.get(fiscal_year), published.get(fiscal_year - 1), kind
    )


def collect_data_for_result(
    agency: Agency, fiscal_year: int, result: AgencyResult | None, previous: AgencyResult | None, kind: str = ""
) -> DocumentData:
    """``collect_data`` with the results at hand. The plan is the one that answers the result of the year; for an
    outcome report (``kind``) it is the one carried out in that year, once it is in force."""
    framework = _find_framework(agency, fiscal_year, result)
    settings = find_settings(agency)
    previous_result = _read_result(previous)
    plan = find_plan(agency, fiscal_year, kind)
    replaced = plan.result if plan and result and plan.result_year == fiscal_year and plan.result != result else None
    assessment_round = (
        Round.objects.filter(fiscal_year=fiscal_year, agencies=agency).prefetch_related("phases__extensions").first()
    )
    return DocumentData(
        office=_describe_office(agency, settings),
        result=_read_result(result) or YearResult(framework, {}),
        previous=previous_result,
        chain=(previous_result.framework, framework) if previous_result else (),
        following=find_framework(agency.assessment_id, fiscal_year + 1),
        disclosures=_list_disclosures(agency, fiscal_year, result),
        exempt_elements=_list_exempt_elements(agency, framework),
        planned=_read_result(replaced),
        planned_source=_name_source(replaced) if replaced else "",
        measures=_list_measures(plan, with_pictures=kind in OF_PLAN) if result or kind in CARRIED_OUT else (),
        register=_read_register(agency, fiscal_year, kind),
        memo_header=MemoHeader(
            office=drop_unprintable(f"{settings.prepared_by} {agency.name_th}"),
            to=drop_unprintable(settings.executive_position),
            reference_number=settings.reference_prefix,
        ),
        signatories=_list_report_signatories(settings),
        surveys=_list_surveys(assessment_round, agency) if assessment_round else (),
        edits=tuple(TextEdit(e.key, e.text) for e in list_edits(agency, kind, fiscal_year)),
        date=today(),
        is_interim=find_running_period(kind, fiscal_year) is not None,
        formatting=Formatting("arabic" if settings.digits == DocumentSettings.Digits.ARABIC else "thai"),
    )


def find_basis(agency: Agency, fiscal_year: int) -> dict[str, int]:
    """The results in force that papers of a year may rest on: the id of that of the year and of the one before."""
    known = plans.results_of(agency)
    return {str(year): known[year].pk for year in (fiscal_year, fiscal_year - 1) if year in known}


def find_running_period(kind: str, fiscal_year: int) -> datetime.date | None:
    """The last day of the period that a paper reports on, while it is not over."""
    end = find_period_end(kind, fiscal_year)
    return end if end is not None and end >= today() else None


def prepare_pictures(agency: Agency, fiscal_year: int, kind: str) -> None:
    """Have the evidence drawn that a paper shows; for the worker, because it takes its time."""
    plan = find_plan(agency, fiscal_year, kind) if kind in OF_PLAN else None
    if plan is not None:
        draw_evidence_of_plan(plan)


def list_passages_of(kind: str, data: DocumentData) -> list[Passage]:
    """The passages of a paper. A memo that is not written yet has no header to print; one is put in its place."""
    if (kind == "memo" or kind in PROPOSED) and data.memo_header is None:
        data = dataclasses.replace(data, memo_header=MemoHeader(office="-", to="-"))
    return list_passages(compose_document(kind, data))


def list_edits(agency: Agency, kind: str, fiscal_year: int) -> QuerySet[PassageEdit]:
    """What an agency says in other words in a paper of a year."""
    return PassageEdit.objects.filter(agency=agency, kind=kind, fiscal_year=fiscal_year)


def _list_report_signatories(settings: DocumentSettings) -> tuple[Signatory, ...]:
    """Who signs a report: the first and the last of the agency's line, with their names where they are known."""
    line = [
        Signatory(drop_unprintable(place["position"]), drop_unprintable(place["name"]))
        for place in settings.signing_line
    ]
    last = Signatory(drop_unprintable(settings.executive_position))
    return (line[0], line[-1]) if len(line) > 1 else (Signatory(""), last)


def _find_framework(agency: Agency, fiscal_year: int, result: AgencyResult | None) -> Framework:
    """The rules of a result, or where there is none those in force for the year."""
    if result is not None:
        return results.framework_of(result.result_set)
    framework = framework_for(agency.assessment_id, fiscal_year)
    if framework is None:
        raise DomainError(f"ไม่มีหลักเกณฑ์ของปี {fiscal_year}")
    return framework


def _describe_office(agency: Agency, settings: DocumentSettings) -> Office:
    parts = (
        f"อำเภอ{agency.district}" if agency.district else "",
        f"จังหวัด{agency.province}" if agency.province else "",
    )
    return Office(
        name=agency.name_th,
        place=agency.province if agency.province == "กรุงเทพมหานคร" else " ".join(filter(None, parts)),
        prepared_by=drop_unprintable(settings.prepared_by),
        executive_position=drop_unprintable(settings.executive_position),
        # in papers the mark of fiction stands in both languages or in neither
        name_en=agency.name_en if _IS_FICTION.search(agency.name_th) else _IS_FICTION.sub("", agency.name_en),
        emblem=bytes(settings.emblem),
    )


def _read_result(result: AgencyResult | None) -> YearResult | None:
    if result is None:
        return None
    return YearResult(
        results.framework_of(result.result_set),
        results.scores_of(result),
        frozenset(results.list_approximate(result)),
        stated_level=result.level,
    )


def _name_source(result: AgencyResult) -> str:
    """An earlier result as a paper names it: by the document it was read from, and when it was stored."""
    made = result.result_set
    files = made.inputs.get("files") if made.origin == ResultSet.Origin.IMPORT else None
    name = f"ผลเดิมตาม{drop_unprintable(files[0]['name'])}" if files else "ผลเดิม"
    return f"{name} ที่บันทึกเมื่อ {thai.date(timezone.localdate(made.created_at))}"


def _list_exempt_elements(agency: Agency, framework: Framework) -> frozenset[tuple[str, int]]:
    """Elements of disclosure items that are not required of this type of agency."""
    return frozenset(
        (item.id, index)
        for item in framework.rules.disclosure_items
        for index in set(range(len(item.elements))) - {k for k, _ in disclosures.required_elements(item, agency)}
    )


def _list_disclosures(agency: Agency, fiscal_year: int, result: AgencyResult | None) -> tuple[Disclosure, ...]:
    """Filed disclosures with their comments: those that came with an imported result, else those of released marks on
    items below full marks. A comment on an item that was never filed stands alone."""
    came_along: dict[str, str] = {}
    if result is not None and result.result_set.origin == ResultSet.Origin.IMPORT:
        came_along = dict(result.basis.get("comments", {}))
    filed = _list_filed(agency, fiscal_year, result.shown if result else {})
    with_comments = tuple(
        dataclasses.replace(d, comment=came_along.pop(d.item)) if d.item in came_along else d for d in filed
    )
    return (*with_comments, *(Disclosure(item=item, comment=text) for item, text in came_along.items()))


def _list_filed(agency: Agency, fiscal_year: int, shown: Mapping[str, str]) -> tuple[Disclosure, ...]:
    """Filed disclosures, with the comments of released marks. A comment appears only where the result (``shown``) has
    the mark that it explains: a result may be older than the marks, or imported."""
    filing = (
        Filing.objects.select_related("round", "agency", "confirmed")
        .filter(agency=agency, round__fiscal_year=fiscal_year)
        .first()
    )
    if filing is None:
        return ()
    framework = load_round_framework(filing.round)
    filed = []
    for row in disclosures.item_rows(filing):
        mark = row.mark if filing.released_at else None
        full_points = max(framework.mark_points(row.item.id))
        if mark and (mark.points == full_points or Fraction(shown.get(row.item.id, mark.points)) != mark.points):
            mark = None
        comment = join_comments([*mark.reasons, mark.comment]) if mark else ""
        if row.is_filed or comment:
            filed.append(
                Disclosure(
                    item=row.item.id,
                    comment=comment,
                    urls=tuple(link.url for link in row.links),
                    status=_describe_links(row),
                    present_elements=frozenset(k for k, _ in row.ticked)
                    if row.links and not row.worst_state
                    else frozenset(),
                )
            )
    return tuple(filed)


def _describe_links(row: disclosures.ItemRow) -> str:
    """The state of the worst link of an item."""
    if row.worst_state in _LINK_STATES:
        return _LINK_STATES[row.worst_state]
    return "เปิดได้" if row.links and all(map(disclosures.is_working, row.links)) else ""


def has_plan_in_force(agency: Agency, fiscal_year: int) -> bool:
    """Whether a plan is carried out in a year."""
    return Plan.objects.filter(agency=agency, fiscal_year=fiscal_year, decisions__step=Decision.Step.APPROVED).exists()


def find_plan(agency: Agency, fiscal_year: int, kind: str) -> Plan | None:
    """The plan that a paper of a year is about: the one carried out in it, once it is in force; else the one that
    answers the result of the year."""
    agency_plans = Plan.objects.filter(agency=agency).select_related("agency", "result__result_set")
    if kind in CARRIED_OUT:
        plan = agency_plans.filter(fiscal_year=fiscal_year).first()
        return plan if plan and plans.latest_approval(plan) else None
    return agency_plans.filter(result__result_set__fiscal_year=fiscal_year).first()


def _list_measures(plan: Plan | None, *, with_pictures: bool = False) -> tuple[Measure, ...]:
    """The measures of a plan, as approved or, marked as drafts, as they are being written; ``with_pictures`` of the
    evidence."""
    if plan is None:
        return ()
    snapshot = build_snapshot(plan)
    return tuple(
        Measure(
            indicators=tuple(i for i, _ in row.indicators),
            title=drop_unprintable(row.title),
            finding=drop_unprintable(row.analysis),
            steps=_split_steps(drop_unprintable(row.steps)),
            period=row.period,
            responsible=tuple(map(drop_unprintable, row.units)),
            budget="ไม่ใช้งบประมาณ" if row.budget is None else f"{row.budget:,.2f}".removesuffix(".00") + " บาท",
            success=drop_unprintable(row.success),
            monitoring=FOLLOW_UP_INTERVAL_TH[FollowUpInterval(row.follow_up_interval)],
            is_draft=snapshot.approval is None,
            follow_ups=tuple(
                FollowUp(
                    date=f.on,
                    status=f.official_status,
                    work_done=drop_unprintable(f.done),
                    evidence=tuple(drop_unprintable(name) for name, _ in _order_by_number(f.evidence)),
                    files=tuple(
                        drop_unprintable(" ".join(dict.fromkeys(filter(None, part))))
                        for part in _order_by_number(f.evidence)
                        if part[1]
                    ),
                    attachments=tuple(
                        _read_attachment(*file, with_pictures=with_pictures) for file in _order_by_number(f.files)
                    ),
                    obstacles=drop_unprintable(f.obstacles),
                    suggestion=drop_unprintable(f.suggestion),
                )
                for f in row.follow_ups
            ),
        )
        for row in snapshot.measures
        if row.title and (row.indicators or row.is_overall)
    )


def _order_by_number(named: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Evidence in the order of the numbers in its names, whichever order it was sent in."""
    return sorted(named, key=lambda piece: thai.natural_key(piece[0] or piece[1]))


def _read_register(agency: Agency, fiscal_year: int, kind: str) -> Register | None:
    """The sheet that a paper of a register is written from; None for other papers, and without one. A memo puts before
    the executive what waits for a decision, else what is in force."""
    paper = PROPOSED.get(kind, kind)
    if paper not in register_papers():
        return None
    sheet = registers.find_sheet(agency, fiscal_year, register_papers()[paper][0].key)
    if sheet is None:
        return None
    return _describe_register(sheet, working_copy=kind in PROPOSED and registers.waits_for_decision(sheet))


def _describe_register(sheet: RegisterSheet, *, working_copy: bool) -> Register:
    content = registers.read_sheet(sheet, working_copy=working_copy)
    return Register(
        kind=sheet.kind,
        fields=_name_texts(content.fields),
        records=tuple(RegisterRecord(_name_texts(record)) for record in content.records),
        is_draft=content.is_draft,
    )


def _name_texts(stored: Mapping[str, str]) -> tuple[NamedText, ...]:
    return tuple(NamedText(key, drop_unprintable(text)) for key, text in stored.items())


def _read_attachment(name: str, sha256: str, *, with_pictures: bool) -> Attachment:
    """A file of evidence, with its pictures where they are drawn."""
    name = drop_unprintable(name)
    if not with_pictures or not is_drawable(name):
        return Attachment(name=name, sha256=sha256)
    drawn = find_drawing(sha256)
    if drawn is None:
        return Attachment(name=name, sha256=sha256, remark="ภาพจะอยู่ในรายงานเมื่อออกเอกสาร")
    if not drawn.pages:
        return Attachment(name=name, sha256=sha256, remark="แสดงเป็นภาพไม่ได้ ดูจากไฟล์ในระบบ")
    shown = tuple(AttachedPicture(path.read_bytes(), width, height) for path, width, height in drawn.pictures)
    return Attachment(name=name, sha256=sha256, pages=drawn.pages, pictures=shown)


def drop_unprintable(text: str) -> str:
    """A text of a plan without what no paper can print, such as pictures among its letters: pages show it whole."""
    normal = normalize_text(text)
    return "".join(letter for letter in normal if letter == "\n" or letter in typeset.letters()).strip()


def _split_steps(text: str) -> tuple[str, ...]:
    """The steps of a measure, a line each, without typed numbers; rows of a pasted table become one line."""
    lines = [line for line in text.splitlines() if line.strip() and not _TABLE_TITLES.match(line)]
    return tuple(_STEP_NUMBER.sub("", line).strip().replace(" | ", " – ") for line in lines)


def _list_surveys(assessment_round: Round, agency: Agency) -> tuple[SurveyProgress, ...]:
    phase = find_phase(assessment_round, surveys.PHASE, agency)
    return tuple(
        SurveyProgress(
            instrument=s.instrument.id,
            received=s.received,
            required=s.minimum_sample,
            closes_on=phase.ends if phase else None,
        )
        for s in surveys.find_quota_progress(assessment_round, agency)
    )


# --- memos


@dataclass(frozen=True, kw_only=True)
class LinePosition:
    """A position in the line that signs a memo: its holder signs on screen (``user``, an id), or by hand on the
    paper."""

    position: str
    name: str = ""
    user: int | None = None


def list_signing_line(agency: Agency, author: User) -> list[LinePosition]:
    """The line of an agency's memos as saved last; without one, a place for the author and for the executive, who sign
    on screen where they can."""
    settings = find_settings(agency)
    saved = [LinePosition(**position) for position in settings.signing_line]
    saved = [dataclasses.replace(place, name="") if place.user else place for place in saved]  # the account has one
    executives = Appointment.objects.filter(
        agency=agency, until=None, user__is_active=True, user__role=Role.EXECUTIVE
    ).values_list("user", flat=True)
    return saved or [
        LinePosition(position="", user=author.pk),
        LinePosition(position=settings.executive_position, user=executives.first()),
    ]


def compose_annex(agency: Agency, fiscal_year: int, kind: str, data: DocumentData) -> tuple[Section, ...]:
    """What is annexed to the memo ``kind``: the paper of a register as it would be issued from what the memo puts
    before the executive (``data``), in the agency's words. A memo of a result holds its annex itself. Raises
    DocumentDataError."""
    if kind not in PROPOSED:
        return ()
    paper = PROPOSED[kind]
    edits = tuple(TextEdit(e.key, e.text) for e in list_edits(agency, paper, fiscal_year))
    return compose_document(paper, dataclasses.replace(data, edits=edits)).sections


def freeze_memo(
    data: DocumentData,
    line: Sequence[LinePosition],
    *,
    about: str = "memo",
    basis: str = "",
    annex: tuple[Section, ...] = (),
) -> dict[str, Any]:
    """What a memo stores of its data; the result is not among it, because it never changes by itself. ``about`` is the
    paper of a register that it puts before the executive, ``annex`` what that paper says, ``basis`` the digest of the
    register then."""
    header, office = data.memo_header, data.office
    assert header is not None
    previous = data.previous
    return {
        "head": [header.office, header.to, header.reference_number, header.subject],
        "date": header.date.isoformat() if header.date else None,
        "office": [office.name, office.place, office.prepared_by, office.executive_position],
        "digits": data.formatting.digits,
        "disclosures": [
            [d.item, d.comment, list(d.urls), d.status, sorted(d.present_elements)] for d in data.disclosures
        ],
        "before": {node: str(score) for node, score in previous.scores.items()} if previous else None,
        "line": [dataclasses.asdict(position) for position in line],
        "body": _freeze_body(data, about, annex),
        **({"about": about, "name": f"เสนอ{register_papers()[about][1].name}", "basis": basis} if basis else {}),
    }


def compose_memo(memo: Memo, signature: Signature | None = None) -> Document:
    """What a memo says: its body as it was frozen, with the signatures of ``load_memo``. A memo of an older version,
    which holds no body, is composed anew. Raises DocumentDataError."""
    data = load_memo(memo, signature)
    body = memo.content.get("body")
    if body is None:
        return compose_document("memo", data)
    document = Document(
        kind=memo.about,
        title=body["title"],
        agency=body["agency"],
        sections=blocks.from_data(body["sections"], bytes(memo.emblem)),
        date=datetime.date.fromisoformat(body["date"]),
        font=body["font"],
        digits=body["digits"],
    )
    return complete(document, validate(data))


def _freeze_body(data: DocumentData, about: str, annex: tuple[Section, ...]) -> dict[str, Any]:
    clean = validate(data)
    facts = ResultFacts(clean)
    body = compose_memo_body(*register_papers()[about], facts) if about in OF_REGISTER else compose_body(facts)
    document = apply_edits(body, {edit.key: edit.text for edit in clean.edits})
    names = ("title", "agency", "font", "digits")
    return {
        **{name: getattr(document, name) for name in names},
        "date": document.date.isoformat(),
        "sections": blocks.as_data((*document.sections, *annex)),
    }


def load_memo(memo: Memo, signature: Signature | None = None) -> DocumentData:
    """The data of a memo with the opinions signed so far, and ``signature`` that is being added, a place for the next
    signatory, and one for everybody in the line who signs by hand."""
    content, framework = memo.content, _find_framework(memo.agency, memo.fiscal_year, memo.result)
    written_on = timezone.localtime(memo.created_at).date()
    name, place, prepared_by, executive_position = content["office"]
    office, to, reference_number, subject = content["head"]
    previous = _load_previous(memo, framework)
    return DocumentData(
        office=Office(
            name=name,
            place=place,
            prepared_by=prepared_by,
            executive_position=executive_position,
            emblem=bytes(memo.emblem),
        ),
        result=_read_result(memo.result) or YearResult(framework, {}),
        previous=previous,
        chain=(previous.framework, framework) if previous else (),
        disclosures=tuple(
            Disclosure(item=item, comment=comment, urls=tuple(urls), status=status, present_elements=frozenset(present))
            for item, comment, urls, status, present in content["disclosures"]
        ),
        memo_header=MemoHeader(
            office=office,
            to=to,
            reference_number=memo.reference_number or reference_number,
            date=_read_date(content, written_on),
            subject=subject,
        ),
        signatories=tuple(_list_signatories(memo, signature)),
        date=written_on,
        formatting=Formatting(digits=content["digits"]),
    )


def _read_date(content: Mapping[str, Any], written_on: datetime.date) -> datetime.date | None:
    """The date typed for a memo, None where it is written by hand; a memo of an older version carries the day on which
    it was written."""
    if "date" not in content:
        return written_on
    return datetime.date.fromisoformat(content["date"]) if content["date"] else None


def find_earliest_day(memo: Memo) -> datetime.date:
    """The first day on which a memo can have been signed: that of its paper, or on which it was written."""
    written_on = timezone.localtime(memo.created_at).date()
    return min(written_on, _read_date(memo.content, written_on) or written_on)


def _load_previous(memo: Memo, framework: Framework) -> YearResult | None:
    if not memo.content["before"]:
        return None
    before = framework_for(framework.assessment, framework.fiscal_year - 1)
    assert before is not None  # it has the year after
    return YearResult(before, {node: Fraction(score) for node, score in memo.content["before"].items()})


def _list_signatories(memo: Memo, signature: Signature | None) -> list[Signatory]:
    """The route of a memo as its paper prints it."""
    return [
        Signatory(s.position, s.name, s.opinion, timezone.localtime(s.signed_at).date())
        if (s := place.signature)
        else Signatory(place.position, place.name)
        for place in list_route(memo, signature)
    ]


@dataclass(frozen=True, kw_only=True)
class RoutePlace:
    """One who signs a memo: who signed on screen (``signature``), whose turn it is, who signs on screen later, or who
    signs by hand on the paper, with the record of it (``hand``) where there is one."""

    position: str
    name: str
    state: Literal["signed", "next", "later", "by_hand"]
    signature: Signature | None = None
    hand: HandSignature | None = None


def list_route(memo: Memo, signature: Signature | None = None) -> list[RoutePlace]:
    """Everybody who signs a memo, in the order of the line, which is that of its paper; ``signature`` is being added.
    Who was asked outside of the line comes where they signed."""
    signatures = [*memo.signatures.all(), *([signature] if signature else [])]
    done = [RoutePlace(position=s.position, name=s.name, state="signed", signature=s) for s in signatures]
    if memo.next_signatory:
        done.append(RoutePlace(position=memo.next_position, name=memo.next_signatory.name, state="next"))
    line = memo.content.get("line", ())
    by_hand = {position: record for record in memo.hand_signatures_in_force for position in record.positions}
    turn = next((n for n, p in enumerate(line) if p["position"] == memo.next_position), len(line))
    route: list[RoutePlace] = []
    for number, place in enumerate(line):
        here = next((n for n, d in enumerate(done) if d.position == place["position"]), None)
        if here is not None:
            route += done[: here + 1]
            done = done[here + 1 :]
        elif not any(r.position == place["position"] for r in route):
            is_later = place["user"] is not None and number > turn
            state: Literal["later", "by_hand"] = "later" if is_later else "by_hand"
            hand = by_hand.get(place["position"])
            route.append(RoutePlace(position=place["position"], name=place["name"], state=state, hand=hand))
    return route + done
