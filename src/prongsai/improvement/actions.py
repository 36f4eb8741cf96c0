"""Every write of plans: drafting, editing, approval, publication, follow-up, reminders."""

import datetime
import filecmp
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from prongsai.improvement import approval, queries
from prongsai.improvement.drafting import MeasureDraft, draft_measures, draft_overall_measure
from prongsai.improvement.evidence import draw_evidence_of
from prongsai.improvement.findings import Finding, FindingKind, concerns_overall_result, quoted_reasons
from prongsai.improvement.input_text import normalize_line, normalize_text, split_names
from prongsai.improvement.models import (
    Decision,
    Evidence,
    FollowUp,
    LibraryEntry,
    Measure,
    PendingUpload,
    Plan,
    PlanFinding,
    Reminder,
    StatedReason,
    version_of,
)
from prongsai.improvement.periods import due_dates
from prongsai.improvement.snapshot import MeasureSnapshot, build_snapshot, content_of, measures_in, track_progress
from prongsai.lib import digest, fiscal, thai
from prongsai.machines import files as stored_files
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import User
from prongsai.registry.models import Agency
from prongsai.registry.queries import today

REMIND_BEFORE = datetime.timedelta(days=7)  # the first reminder of a due date
REMIND_AFTER = datetime.timedelta(days=30)  # a reminder that is later than this is not sent
MAX_MEASURES = 60  # of a plan
MAX_EVIDENCE = 20  # of a follow-up
EVIDENCE_SUFFIXES = (
    "pdf",
    "jpg",
    "jpeg",
    "png",
    "webp",
    "doc",
    "docx",
    "xls",
    "xlsx",
    "ppt",
    "pptx",
    "odt",
    "ods",
    "txt",
    "csv",
)


def start_plan(*, agency: Agency, result_year: int, by: User | None, comments: Mapping[str, str] | None = None) -> Plan:
    """Draft the plan on a year's result, with a measure for each indicator. ``comments`` are the assessors', by O-item.
    An agency in its first year (``queries.may_plan_without_result``) plans the present year without one. Raises
    DomainError without a result otherwise, or when the year has a plan."""
    result = queries.results_of(agency).get(result_year)
    is_first = queries.may_plan_without_result(agency) and result_year + 1 == fiscal.year_of(today())
    if result is None and not is_first:
        raise DomainError(f"{agency} ยังไม่มีผลปี {result_year} ที่เผยแพร่หรือที่ยืนยันแล้ว จึงยังทำแผนไม่ได้ นำเข้าผลปีนั้นก่อน")
    findings = (
        queries.findings_of_first_year(agency, result_year + 1)
        if result is None
        else queries.findings_of(result, comments)
    )
    with transaction.atomic():
        Agency.objects.select_for_update().get(pk=agency.pk)  # two users who start at once are serialised
        if Plan.objects.filter(agency=agency, fiscal_year=result_year + 1).exists():
            raise DomainError(f"มีแผนปี {result_year + 1} อยู่แล้ว เปิดแผนเดิมแล้วแก้ไขต่อได้")
        plan = Plan.objects.create(agency=agency, fiscal_year=result_year + 1, result=result)
        drafts = draft_measures(queries.framework_of(plan), findings, plan.fiscal_year, _previous_units(agency))
        measures = Measure.objects.bulk_create(
            Measure(plan=plan, position=number, changed_by=by, **_draft_values(draft))
            for number, draft in enumerate(drafts)
        )
        _add_findings((m, f) for m, draft in zip(measures, drafts, strict=True) for f in draft.findings)
        log_audit(
            by=by,
            action="improvement.start",
            subject=f"แผน {plan.pk}",
            agency=agency.code,
            detail={
                "fiscal_year": plan.fiscal_year,
                "result": result.result_set.digest if result else "",
                "findings": len(findings),
            },
        )
    return plan


def _draft_values(draft: MeasureDraft) -> dict[str, Any]:
    """A drafted measure as it would be typed."""
    return {
        "title": normalize_line(draft.title),
        "indicators": list(draft.indicators),
        "steps": normalize_text(draft.steps),
        "starts": draft.starts,
        "ends": draft.ends,
        "follow_up_interval": draft.follow_up_interval,
        "units": split_names(", ".join(draft.units)),
        "success": normalize_text(draft.success),
    }


def _previous_units(agency: Agency) -> dict[str, tuple[str, ...]]:
    """The units responsible for each indicator in the agency's last plan; "" for the overall result."""
    rows = Measure.objects.filter(plan__agency=agency, removed=False).order_by("plan__fiscal_year", "position")
    return {i: tuple(row.units) for row in rows for i in row.indicators or [""] if row.units}


def _add_findings(findings: Iterable[tuple[Measure, Finding]]) -> None:
    PlanFinding.objects.bulk_create(
        PlanFinding(
            plan=measure.plan,
            measure=measure,
            key=f.key,
            kind=f.kind,
            node=f.node,
            score=f.score,
            before=f.before,
            defect=normalize_text(f.defect),
            remedy=normalize_text(f.remedy),
        )
        for measure, f in findings
    )


def add_new_findings(*, plan: Plan, by: User, comments: Mapping[str, str] | None = None) -> int:
    """Base a plan on the agency's current result, and add the findings that it does not have yet; texts are left as
    they are. Returns the number of findings added."""
    with transaction.atomic():
        plan = _lock_editable_plan(plan)
        result = queries.newer_result(plan) or plan.result
        if result is None:
            raise DomainError(f"{plan.agency} ยังไม่มีผลปี {plan.result_year} จึงยังไม่มีข้อค้นพบให้รับ")
        known = set(plan.findings.values_list("key", flat=True))
        measures = queries.measures_of(plan)
        findings = queries.findings_of(result, comments)
        new = [f for f in findings if f.key not in known]
        for finding in new:
            measure = next((m for m in measures if _answers(m, finding)), None)
            if measure is None and finding.indicator:
                measure = _create_measure(plan, by, indicators=[finding.indicator])
                measures.append(measure)
            elif measure is None:
                draft = draft_overall_measure(queries.framework_of(plan), findings, plan.fiscal_year, ())
                measure = _create_measure(plan, by, **_draft_values(draft))
                measures.append(measure)
            _add_findings([(measure, finding)])
        if new or result.pk != plan.result_id:
            plan.result = result
            _mark_changed(plan)
            log_audit(
                by=by,
                action="improvement.take_in",
                subject=f"แผน {plan.pk}",
                agency=plan.agency.code,
                detail={"added": len(new), "result": result.result_set.digest},
            )
    return len(new)


def _answers(measure: Measure, finding: Finding) -> bool:
    """Whether a finding belongs to a measure: that of its indicator, or, for a finding of the overall result, the
    measure that has such findings."""
    if finding.indicator:
        return finding.indicator in measure.indicators
    return concerns_overall_result(f.kind for f in measure.findings.all())


def discard_plan(*, plan: Plan, by: User, expected_digest: str) -> None:
    """Throw away a draft that nobody was ever asked to decide on; what was decided stays. ``expected_digest`` is the
    digest of the content that was read before. Raises DomainError for any other plan."""
    with transaction.atomic():
        plan = _lock_plan(plan)
        if not queries.may_discard(plan):
            raise DomainError("แผนนี้เคยเสนอผู้บริหารแล้ว จึงเก็บไว้เป็นหลักฐาน ทิ้งไม่ได้")
        content = content_of(plan)
        approval.require_same_content(content, expected_digest, "แผน", "ทิ้ง")
        titles = [measure.title for measure in queries.measures_of(plan)]
        log_audit(
            by=by,
            action="improvement.discard",
            subject=f"แผน {plan.pk}",
            agency=plan.agency.code,
            detail={"fiscal_year": plan.fiscal_year, "digest": digest.of_json(content), "measures": titles},
        )
        plan.delete()


# --- editing


def _lock_plan(plan: Plan) -> Plan:
    """The stored plan, locked until the transaction ends."""
    return Plan.objects.select_for_update(of=("self",)).select_related("agency").get(pk=plan.pk)


def _lock_editable_plan(plan: Plan) -> Plan:
    """The stored plan, locked. Raises DomainError while it waits for a decision."""
    plan = _lock_plan(plan)
    _require_editable(plan)
    return plan


def _require_editable(plan: Plan) -> None:
    if plan.status == Plan.Status.SUBMITTED:
        raise DomainError("แผนนี้เสนอผู้บริหารแล้ว ต้องดึงกลับมาแก้ก่อน จึงบันทึกได้")


def _mark_changed(plan: Plan) -> None:
    """Save the plan; when it was approved, its working copy becomes a draft while the approved version is in force."""
    if plan.status == Plan.Status.APPROVED:
        plan.status = Plan.Status.DRAFT
    plan.save(update_fields=["status", "result"])


@dataclass(frozen=True)
class MeasureEdit:
    """An edit of a measure. ``base_version`` is the version that the editor saw; ``values`` are as ``Measure.values``,
    with ``new_finding`` for one of the agency's own."""

    measure: int
    base_version: str
    values: Mapping[str, Any]

    @property
    def version(self) -> str:
        return version_of(self.values)


@dataclass(frozen=True)
class SaveResult:
    """Measures that were saved, and those that were not because somebody else had changed them meanwhile."""

    saved: tuple[int, ...]
    conflicts: tuple[int, ...]


def save_plan(*, plan: Plan, edits: Sequence[MeasureEdit], moves: Mapping[int, int], by: User) -> SaveResult:
    """Save edits, measure by measure. An edit without a change is skipped; one whose base version is not the stored
    version is a conflict, and is not saved. ``moves``: findings by the measure they move to. Raises DomainError where
    something would change while the plan waits for a decision."""
    with transaction.atomic():
        plan = _lock_plan(plan)
        measures = {m.pk: m for m in plan.measures.prefetch_related("findings")}
        saved, conflicts = [], []
        for edit in edits:
            measure = measures.get(edit.measure)
            if measure is None or edit.version == edit.base_version:
                continue
            if measure.version() != edit.base_version:
                if _is_stored(measure, edit):
                    continue  # the button was pressed twice, or the page was sent again
                conflicts.append(measure.pk)
                continue
            _update_measure(measure, edit.values, by)
            saved.append(measure.pk)
        moved = 0
        for finding, home in moves.items():
            if home in measures and not measures[home].removed and home not in conflicts:
                moved += PlanFinding.objects.filter(pk=finding, plan=plan).exclude(measure=home).update(measure=home)
        if saved or moved or conflicts:
            _require_editable(plan)
        if saved or moved:
            _mark_changed(plan)
            log_audit(
                by=by,
                action="improvement.save",
                subject=f"แผน {plan.pk}",
                agency=plan.agency.code,
                detail={"measures": saved, "findings_moved": moved},
            )
    return SaveResult(tuple(saved), tuple(conflicts))


def _is_stored(measure: Measure, edit: MeasureEdit) -> bool:
    """Whether a measure is stored as an edit wants it, with the finding that the edit adds."""
    wanted, stored = dict(edit.values), measure.values()
    if defect := wanted.pop("new_finding", ""):
        added = [f for f in measure.findings.all() if f.kind == FindingKind.SELF_REPORTED and f.defect == defect]
        for finding in added:
            if str(finding.pk) not in wanted["findings"]:
                stored["findings"].pop(str(finding.pk))
        if not added:
            return False
    return version_of(stored) == version_of(wanted)


_EDITED_FIELDS = (
    "title",
    "indicators",
    "steps",
    "starts",
    "ends",
    "follow_up_interval",
    "units",
    "budget",
    "success",
    "removed",
)


def _update_measure(measure: Measure, values: Mapping[str, Any], by: User) -> None:
    for name in _EDITED_FIELDS:
        setattr(measure, name, values[name])
    measure.owner_id, measure.changed_by = values["owner"], by
    measure.save()
    for finding, (defect, remedy) in values["findings"].items():
        PlanFinding.objects.filter(pk=int(finding), plan=measure.plan).update(defect=defect, remedy=remedy)
    # an emptied finding of the agency's own is deleted
    PlanFinding.objects.filter(measure=measure, kind=FindingKind.SELF_REPORTED, defect="", remedy="").delete()
    if defect := values.get("new_finding"):
        PlanFinding.objects.create(
            plan=measure.plan,
            measure=measure,
            key=f"own:{uuid.uuid4().hex}",
            kind=FindingKind.SELF_REPORTED,
            defect=defect,
        )


def _create_measure(plan: Plan, by: User | None, **values: Any) -> Measure:
    """A measure at the end of the working copy."""
    if plan.measures.filter(removed=False).count() >= MAX_MEASURES:
        raise DomainError(f"แผนหนึ่งมีได้ไม่เกิน {MAX_MEASURES} มาตรการ รวมมาตรการที่ใกล้กันเข้าด้วยกัน")
    last = plan.measures.aggregate(last=Max("position"))["last"]
    return Measure.objects.create(plan=plan, position=0 if last is None else last + 1, changed_by=by, **values)


def add_measure(*, plan: Plan, by: User, indicators: Sequence[str] = (), title: str = "", steps: str = "") -> Measure:
    """Add a measure at the end: an empty one, or one from the library."""
    with transaction.atomic():
        plan = _lock_editable_plan(plan)
        measure = _create_measure(
            plan, by, indicators=list(indicators), title=normalize_line(title)[:300], steps=normalize_text(steps)
        )
        _mark_changed(plan)
        log_audit(
            by=by,
            action="improvement.add_measure",
            subject=f"แผน {plan.pk}",
            agency=plan.agency.code,
            detail={"measure": measure.pk},
        )
    return measure


def remove_measure(*, measure: Measure, by: User) -> None:
    """Remove a measure from the working copy. Its findings move to another measure with one of its indicators; raises
    DomainError when it has findings and there is no such measure."""
    with transaction.atomic():
        plan = _lock_editable_plan(measure.plan)
        others = [m for m in queries.measures_of(plan) if m.pk != measure.pk]
        successor = next((m for m in others if set(m.indicators) & set(measure.indicators)), None)
        if successor is None and measure.findings.exists():
            raise DomainError(f"“{measure}” มีข้อค้นพบที่ยังไม่มีมาตรการอื่นรองรับ ย้ายข้อค้นพบไปมาตรการอื่นก่อน แล้วจึงนำออก")
        if successor is not None:
            measure.findings.update(measure=successor)
        Measure.objects.filter(pk=measure.pk).update(removed=True, changed_by=by)
        _mark_changed(plan)
        log_audit(
            by=by,
            action="improvement.remove_measure",
            subject=f"แผน {plan.pk}",
            agency=plan.agency.code,
            detail={"measure": measure.pk, "title": measure.title},
        )


# --- approval


def _add_decision(
    plan: Plan,
    step: Decision.Step,
    by: User,
    *,
    status: Plan.Status,
    position: str = "",
    comment: str = "",
) -> Decision:
    """Add a step of the approval and set the plan's status. An approval stores the content of the plan."""
    values = approval.describe_decision(step, content_of(plan), by, position=position, comment=comment)
    decision = Decision.objects.create(plan=plan, **values)
    plan.status = status
    plan.save(update_fields=["status"])
    log_audit(
        by=by,
        action=f"improvement.{step}",
        subject=f"แผน {plan.pk}",
        agency=plan.agency.code,
        detail={"digest": decision.digest, "decision": decision.pk},
    )
    return decision


def _require_complete(plan: Plan) -> None:
    measures = queries.measures_of(plan)
    missing = queries.missing_fields(plan, measures)
    numbers = {m.pk: n for n, m in enumerate(measures, 1)}
    texts = [f"มาตรการที่ {numbers[x.measure.pk]} {x.text}" if x.measure else x.text for x in missing]
    approval.refuse_incomplete("แผน", texts)


def _plan_url(plan: Plan, name: str = "plan") -> str:
    return reverse(name, args=[plan.agency.code, plan.fiscal_year])


def submit_plan(*, plan: Plan, by: User) -> int:
    """Submit a complete plan to the agency's executives. Returns the number of executives notified. Raises DomainError
    with what is missing, or when nothing has changed since the approval."""
    with transaction.atomic():
        plan = _lock_editable_plan(plan)
        if plan.status == Plan.Status.APPROVED:
            raise DomainError("แผนนี้อนุมัติแล้วและไม่มีการแก้ไขหลังจากนั้น")
        _require_complete(plan)
        _add_decision(plan, Decision.Step.SUBMITTED, by, status=Plan.Status.SUBMITTED)
        executives = queries.executives_of(plan.agency)
        return approval.notify_all(executives, f"{plan} ของ{plan.agency} รอท่านพิจารณา", _plan_url(plan))


def _lock_submitted_plan(plan: Plan) -> Plan:
    """The stored plan, locked. Raises DomainError when it does not wait for a decision."""
    plan = _lock_plan(plan)
    if plan.status != Plan.Status.SUBMITTED:
        raise DomainError(f"แผนนี้{plan.get_status_display()} ไม่ได้รอการพิจารณา")
    return plan


def withdraw_submission(*, plan: Plan, by: User) -> None:
    """Take a submitted plan back for editing, before it is decided on."""
    with transaction.atomic():
        _add_decision(_lock_submitted_plan(plan), Decision.Step.WITHDRAWN, by, status=Plan.Status.DRAFT)


def return_plan(*, plan: Plan, by: User, comment: str) -> None:
    """Return a submitted plan for revision; the comment tells the officers what to change."""
    approval.require_comment(comment)
    with transaction.atomic():
        plan = _lock_submitted_plan(plan)
        _add_decision(plan, Decision.Step.RETURNED, by, status=Plan.Status.RETURNED, comment=comment)
        text = f"{plan} ของ{plan.agency} ถูกส่งกลับให้แก้: {normalize_line(comment)}"
        approval.notify_all(queries.officers_of(plan.agency), text, _plan_url(plan))


def approve_plan(*, plan: Plan, by: User, position: str, expected_digest: str, comment: str = "") -> Decision:
    """Put a submitted plan in force, signed with the name and position of the executive. ``expected_digest`` is the
    digest of the content that the executive read; raises DomainError when the plan has another."""
    approval.require_position(position)
    with transaction.atomic():
        plan = _lock_submitted_plan(plan)
        approval.require_same_content(content_of(plan), expected_digest, "แผน")
        _require_complete(plan)
        decision = _add_decision(
            plan, Decision.Step.APPROVED, by, status=Plan.Status.APPROVED, position=position, comment=comment
        )
        _update_library(plan)
        _update_reasons(plan, decision)
        text = f"{plan} ของ{plan.agency} ได้รับอนุมัติแล้ว เริ่มทำและติดตามได้"
        approval.notify_all(queries.officers_of(plan.agency), text, _plan_url(plan, "plan_board"))
    return decision


def _update_library(plan: Plan) -> None:
    """Replace the library's entries of a plan by its approved measures."""
    LibraryEntry.objects.filter(plan=plan).delete()
    LibraryEntry.objects.bulk_create(
        LibraryEntry(
            plan=plan,
            agency=plan.agency,
            kind=plan.agency.kind,
            fiscal_year=plan.fiscal_year,
            indicator=i,
            key=digest.of_json(thai.squeeze(m.title)),
            title=m.title,
            steps=m.steps,
        )
        for m in queries.measures_of(plan)
        for i in m.indicators
    )


def _update_reasons(plan: Plan, approval_of_plan: Decision) -> None:
    """Replace what the public may read of assessors' reasons in a plan by what was approved."""
    StatedReason.objects.filter(plan=plan).delete()
    StatedReason.objects.bulk_create(
        StatedReason(
            plan=plan,
            agency_id=plan.agency_id,
            fiscal_year=plan.result_year,
            item=node,
            text=defect,
        )
        for node, defect in quoted_reasons(approval_of_plan.content or {})
    )


def set_public(*, plan: Plan, public: bool, by: User) -> None:
    """Publish the plan in force, or stop publishing it."""
    with transaction.atomic():
        plan = _lock_plan(plan)
        if public and queries.latest_approval(plan) is None:
            raise DomainError("เผยแพร่ได้เมื่อแผนได้รับอนุมัติแล้ว")
        if plan.public != public:
            plan.public = public
            plan.save(update_fields=["public"])
            log_audit(
                by=by,
                action="improvement.publish" if public else "improvement.hide",
                subject=f"แผน {plan.pk}",
                agency=plan.agency.code,
            )


# --- follow-up


@dataclass(frozen=True)
class EvidenceInput:
    """Evidence as handed in: a URL, or the path of an uploaded file that exists during the request."""

    url: str = ""
    name: str = ""
    path: Path | None = None


def _is_same(follow_up: FollowUp, values: Mapping[str, object], evidence: Sequence[Evidence]) -> bool:
    """Whether a follow-up says exactly this, with the same evidence."""
    before, now = ({(e.sha256, e.url) for e in each} for each in (follow_up.evidence.all(), evidence))
    return before == now and all(getattr(follow_up, name) == value for name, value in values.items())


def add_follow_up(
    *,
    measure: Measure,
    due: datetime.date,
    on: datetime.date,
    status: str,
    done: str,
    obstacles: str,
    suggestion: str,
    by: User | None,
    evidence: Sequence[EvidenceInput] = (),
    seen: str | None = None,
) -> FollowUp:
    """Add what was done on a measure by one of its due dates; the measure must be in an approved plan. A form that is
    sent twice adds it once. ``seen`` is the newest follow-up that its author saw, by number, empty for none: where
    another was added since, DomainError says so and nothing is stored."""
    plan = measure.plan
    snapshot = build_snapshot(plan)
    approved = next((m for m in snapshot.measures if m.measure == measure.pk), None)
    if snapshot.approval is None or approved is None:
        raise DomainError("ติดตามได้เมื่อแผนที่มีมาตรการนี้ได้รับอนุมัติแล้ว")
    if due not in approved.due_dates:
        raise DomainError("รอบที่เลือกไม่ใช่รอบการติดตามของมาตรการนี้")
    if on > today():
        raise DomainError("วันที่ติดตามต้องไม่อยู่ในอนาคต")
    if on < approved.starts:
        raise DomainError(f"วันที่ติดตามอยู่ก่อนเริ่มมาตรการ ({fiscal.short_date(approved.starts)})")
    if len(evidence) > MAX_EVIDENCE:
        raise DomainError(f"แนบหลักฐานได้ครั้งละไม่เกิน {MAX_EVIDENCE} รายการ")
    stored = [_store_evidence(e) for e in evidence]
    values = {
        "due": due,
        "on": on,
        "status": FollowUp.Status(status),
        "done": normalize_text(done),
        "obstacles": normalize_text(obstacles),
        "suggestion": normalize_text(suggestion),
        "by": by,
    }
    names = [e.stored_as for e in stored if e.stored_as]
    with stored_files.remove_on_error(*names), transaction.atomic():
        _lock_plan(plan)  # of two clicks one adds
        last = measure.follow_ups.order_by("-pk").first()
        if last is not None and _is_same(last, values, stored):
            for name in names:
                transaction.on_commit(partial(stored_files.remove, name))
            return last
        if seen is not None and last is not None and seen != str(last.pk):
            raise DomainError(
                f"มีการติดตามรอบ {fiscal.short_date(last.due)} ที่บันทึกไว้หลังจากเปิดหน้านี้ อาจมาจากอีกหน้าต่างหรือเพื่อนร่วมงาน "
                "อ่านที่ “ที่ติดตามมาแล้ว” ก่อน หากยังต้องบันทึกเพิ่มให้กดบันทึกอีกครั้ง สิ่งที่พิมพ์ไว้ยังอยู่ครบ"
            )
        follow_up = FollowUp.objects.create(measure=measure, **values)
        for item in stored:
            item.follow_up = follow_up
        Evidence.objects.bulk_create(stored)
        log_audit(
            by=by,
            action="improvement.follow_up",
            subject=f"มาตรการ {measure.pk}",
            agency=plan.agency.code,
            detail={
                "follow_up": follow_up.pk,
                "due": due.isoformat(),
                "status": status,
                "evidence": [e.sha256 or e.url for e in stored],
            },
        )
        transaction.on_commit(lambda: draw_evidence_of.enqueue(follow_up.pk))
    return follow_up


_WRONG_TYPE = f"ต้องเป็น {', '.join(EVIDENCE_SUFFIXES)}"


def is_evidence_name(name: str) -> bool:
    """Whether a file of this name is of a type that is accepted as evidence."""
    return Path(name).suffix.lower().removeprefix(".") in EVIDENCE_SUFFIXES


def _store_evidence(evidence: EvidenceInput, folder: str = "evidence") -> Evidence:
    """Copy an uploaded file under a random name into a folder. Raises DomainError for a type that is not accepted."""
    if evidence.path is None:
        return Evidence(url=evidence.url, name=evidence.name or evidence.url[:200])
    if not is_evidence_name(evidence.name):
        raise DomainError(f"ไฟล์หลักฐาน “{evidence.name[:60]}” {_WRONG_TYPE}")
    with evidence.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    target = Path(folder) / f"{uuid.uuid4().hex}{Path(evidence.name).suffix.lower()}"
    stored_files.store_copy(str(target), evidence.path)
    return Evidence(name=_stored_name(evidence.name), stored_as=str(target), sha256=sha256)


def _stored_name(name: str) -> str:
    return normalize_line(Path(name).name)[-200:]


# --- files of refused follow-ups

PENDING_DAYS = 7


def hold_uploads(*, measure: Measure, files: Sequence[EvidenceInput], by: User) -> dict[str, list[str]]:
    """Keep the uploaded files of a refused follow-up for its author, each once, also of two clicks. Returns the names
    of those that could not be kept by the reason, in Thai: of a type that is no evidence, or more than a follow-up
    takes."""
    refused: dict[str, list[str]] = {}
    for file in files:
        if not is_evidence_name(file.name):
            refused.setdefault(_WRONG_TYPE, []).append(file.name)
            continue
        stored = _store_evidence(file, folder="pending")
        with stored_files.remove_on_error(stored.stored_as), transaction.atomic():
            Measure.objects.select_for_update(no_key=True).get(pk=measure.pk)
            waiting = list(PendingUpload.objects.filter(measure=measure, by=by))
            is_held = any(_is_held(file, upload) for upload in waiting)
            if is_held or len(waiting) >= MAX_EVIDENCE:
                transaction.on_commit(partial(stored_files.remove, stored.stored_as))
            else:
                PendingUpload.objects.create(
                    measure=measure,
                    by=by,
                    name=stored.name,
                    stored_as=stored.stored_as,
                    size=stored_files.measure(stored.stored_as),
                )
        if not is_held and len(waiting) >= MAX_EVIDENCE:
            reason = f"ไม่ได้เก็บไว้ เพราะแนบได้ครั้งละไม่เกิน {MAX_EVIDENCE} รายการ"
            refused.setdefault(reason, []).append(file.name)
    return refused


def leave_out_held(files: Sequence[EvidenceInput], held: Iterable[PendingUpload]) -> list[EvidenceInput]:
    """The files without those that wait already, by name and content: an officer who chooses the same files once more
    means the same files."""
    waiting = list(held)
    return [file for file in files if not any(_is_held(file, upload) for upload in waiting)]


def _is_held(file: EvidenceInput, upload: PendingUpload) -> bool:
    if file.path is None or upload.name != _stored_name(file.name) or not stored_files.exists(upload.stored_as):
        return False
    with stored_files.local_copy(upload.stored_as) as path:
        return filecmp.cmp(path, file.path, shallow=False)


def list_held_uploads(measures: Iterable[int], by: User) -> list[PendingUpload]:
    """The files that wait for somebody's follow-ups of measures (their ids)."""
    since = timezone.now() - datetime.timedelta(PENDING_DAYS)
    return list(PendingUpload.objects.filter(measure__in=list(measures), by=by, created_at__gte=since))


def discard_held_uploads(uploads: Iterable[PendingUpload]) -> None:
    """Remove files that wait, from the database and from the disk."""
    for upload in uploads:
        upload.delete()
        stored_files.remove(upload.stored_as)


def sweep_held_uploads() -> int:
    """Remove the files that have waited too long; returns how many."""
    expired = PendingUpload.objects.filter(created_at__lt=timezone.now() - datetime.timedelta(PENDING_DAYS))
    uploads = list(expired)
    discard_held_uploads(uploads)
    stored_files.remove_unnamed("pending", set(PendingUpload.objects.values_list("stored_as", flat=True)))
    stored_files.remove_unnamed("evidence", set(Evidence.objects.values_list("stored_as", flat=True)))
    return len(uploads)


# --- reminders


def remind(*, day: datetime.date | None = None) -> int:
    """Remind of follow-ups that are due within ``REMIND_BEFORE``, and once more when they are overdue: once for each
    plan and due date. The owner of a measure is notified, or the agency's officers when it has none who acts for the
    agency. Returns the number of notices."""
    day = day or today()
    years = {fiscal.year_of(day - REMIND_AFTER), fiscal.year_of(day + REMIND_BEFORE)}
    approved = Decision.objects.filter(step=Decision.Step.APPROVED).values("plan")
    plans = Plan.objects.filter(fiscal_year__in=years, pk__in=approved, agency__closed_on=None)
    return sum(
        _remind_of_plan(plan, day)
        for plan in plans.select_related("agency", "result__result_set").iterator(chunk_size=200)
    )


def _remind_of_plan(plan: Plan, day: datetime.date) -> int:
    pending = _pending_by_due_date(plan, day)
    if not pending:
        return 0
    eligible = {u.pk: u for u in queries.eligible_owners(plan.agency)}
    officers = [u.pk for u in queries.officers_of(plan.agency)]
    owners = dict(plan.measures.values_list("pk", "owner"))
    notices = 0
    for due, measures in pending.items():
        kind = Reminder.Kind.LATE if due < day else Reminder.Kind.SOON
        with transaction.atomic():
            if not Reminder.objects.get_or_create(plan=plan, due=due, kind=kind)[1]:
                continue
            measures_by_user: dict[int, int] = {}
            for m in measures:
                owner = owners.get(m.measure)
                for pk in [owner] if owner in eligible else officers:
                    measures_by_user[pk] = measures_by_user.get(pk, 0) + 1
            state = "เลยกำหนดติดตามแล้ว" if kind == Reminder.Kind.LATE else "ใกล้ครบกำหนดติดตาม"
            for pk, number in measures_by_user.items():
                notify(
                    user=eligible[pk],
                    text=f"{plan}: {number} มาตรการ{state} (วันที่ {fiscal.short_date(due)})",
                    url=_plan_url(plan, "plan_board"),
                )
            notices += len(measures_by_user)
    return notices


def _pending_by_due_date(plan: Plan, day: datetime.date) -> dict[datetime.date, list[MeasureSnapshot]]:
    """Measures in force without a follow-up, by the due dates that a reminder may be sent of on a day."""
    approval = queries.latest_approval(plan)
    first, last = day - REMIND_AFTER, day + REMIND_BEFORE
    if approval is None or not any(
        first <= due <= last
        for m in measures_in(approval)
        for due in due_dates(plan.fiscal_year, m["starts"], m["ends"], m["follow_up_interval"])
    ):
        return {}  # without reading the plan's follow-ups
    pending: dict[datetime.date, list[MeasureSnapshot]] = {}
    for progress in track_progress(build_snapshot(plan), day):
        for due in progress.pending:
            if first <= due <= last and (due >= day or progress.is_overdue):
                pending.setdefault(due, []).append(progress.measure)
    return pending
