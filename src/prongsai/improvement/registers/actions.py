"""Every write of registers: starting a sheet, editing and importing records, approval, publication."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from prongsai.improvement import approval
from prongsai.improvement import queries as plans
from prongsai.improvement.input_text import normalize_line
from prongsai.improvement.models import Decision, RegisterDecision, RegisterRecord, RegisterSheet, version_of_texts
from prongsai.improvement.registers import queries
from prongsai.improvement.registers.kinds import RegisterKind, load
from prongsai.lib import digest, thai
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.models import User
from prongsai.registry.models import Agency

MAX_RECORDS = 300  # of a sheet


def start_sheet(
    *, agency: Agency, fiscal_year: int, kind: RegisterKind, defaults: Mapping[str, str], by: User, carry: bool = False
) -> RegisterSheet:
    """Start the sheet of a year: empty, or with ``carry`` from that of the year before, without its reports and days.
    ``defaults`` are the stored values of its fields. One that was started meanwhile is returned as it is."""
    if not queries.has_rules(agency, fiscal_year):
        raise DomainError(thai.spaced(f"ยังทำ{kind.name}ของปี {fiscal_year} ไม่ได้ เพราะระบบยังไม่มีหลักเกณฑ์ของปีนั้น"))
    before = queries.find_sheet(agency, fiscal_year - 1, kind.key) if carry else None
    if carry and before is None:
        raise DomainError(thai.spaced(f"ไม่มี{kind.name}ของปี {fiscal_year - 1} ให้เริ่มต่อ"))
    with transaction.atomic():
        Agency.objects.select_for_update().get(pk=agency.pk)  # two users who start at once are serialised
        if existing := queries.find_sheet(agency, fiscal_year, kind.key):
            return existing
        fields = dict(defaults)
        if before is not None:
            carried = {f.key for f in kind.fields if f.stage == "plan" and f.type != "day"}
            fields |= {key: value for key, value in before.fields.items() if key in carried}
        sheet = RegisterSheet.objects.create(
            agency=agency, fiscal_year=fiscal_year, kind=kind.key, fields=fields, changed_by=by
        )
        copied = _carry_records(before, sheet, by) if before is not None else 0
        _log(by, "start", sheet, {"from": fiscal_year - 1 if before else None, "records": copied})
    return sheet


def _carry_records(before: RegisterSheet, sheet: RegisterSheet, by: User) -> int:
    planned = {c.key for c in sheet.definition.written_at("plan")}
    copies = [
        RegisterRecord(
            sheet=sheet,
            position=number,
            values={key: value for key, value in record.values.items() if key in planned},
            token=uuid.uuid4().hex,
            changed_by=by,
        )
        for number, record in enumerate(queries.records_of(before))
        if planned
    ]
    return len(RegisterRecord.objects.bulk_create(copies))


def _log(by: User | None, action: str, sheet: RegisterSheet, detail: Mapping[str, object]) -> None:
    log_audit(
        by=by,
        action=f"improvement.register_{action}",
        subject=f"{sheet.definition.name} ปี {sheet.fiscal_year}",
        agency=sheet.agency.code,
        detail={"sheet": sheet.pk, **detail},
    )


# --- editing


def _lock_sheet(sheet: RegisterSheet) -> RegisterSheet:
    """The stored sheet, locked until the transaction ends."""
    return RegisterSheet.objects.select_for_update(of=("self",)).select_related("agency").get(pk=sheet.pk)


def _lock_editable_sheet(sheet: RegisterSheet) -> RegisterSheet:
    """The stored sheet, locked. Raises DomainError while it waits for a decision."""
    sheet = _lock_sheet(sheet)
    _require_editable(sheet)
    return sheet


def _require_editable(sheet: RegisterSheet) -> None:
    if sheet.status == RegisterSheet.Status.SUBMITTED:
        raise DomainError("เสนอผู้บริหารแล้ว ต้องดึงกลับมาแก้ก่อน จึงบันทึกได้")


@dataclass(frozen=True)
class RecordEdit:
    """Values that were typed for a record, by column: those of the page alone, empty ones included. ``base_version`` is
    the version that the editor saw. A new record has no ``record``; its ``token`` is that of its form."""

    values: Mapping[str, str]
    record: int | None = None
    base_version: str = ""
    token: str = ""

    @property
    def version(self) -> str:
        return version_of_texts(self.values, self.values)


@dataclass(frozen=True)
class FieldsEdit:
    """Values that were typed for the fields of the sheet."""

    values: Mapping[str, str]
    base_version: str

    @property
    def version(self) -> str:
        return version_of_texts(self.values, self.values)


@dataclass(frozen=True)
class SaveResult:
    """Records that were saved and added, and those not saved because somebody else had changed them meanwhile."""

    saved: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    conflicts: tuple[int, ...] = ()
    fields_saved: bool = False
    fields_conflict: bool = False

    @property
    def has_changes(self) -> bool:
        return bool(self.saved or self.added or self.fields_saved)


def save_sheet(
    *, sheet: RegisterSheet, edits: Sequence[RecordEdit], fields: FieldsEdit | None = None, by: User
) -> SaveResult:
    """Save edits, record by record. One without a change is skipped; one whose base version is not the stored version
    is a conflict, and is not saved. A new record without any value is not added. Raises DomainError where something
    would change while the sheet waits for a decision."""
    with transaction.atomic():
        sheet = _lock_sheet(sheet)
        content = digest.of_json(queries.content_of(sheet))
        fields_saved, fields_conflict = _save_fields(sheet, fields)
        stored = {record.pk: record for record in sheet.records.all()}
        saved, conflicts = [], []
        for edit in (e for e in edits if e.record is not None):
            record = stored.get(edit.record or 0)
            if record is None or edit.version == edit.base_version:
                continue
            stored_version = record.version(edit.values)
            if stored_version == edit.version:
                continue  # the button was pressed twice, or the page was sent again
            values = _merge(record.values, edit.values)
            if stored_version != edit.base_version:
                conflicts.append(record.pk)
                continue
            record.values, record.removed, record.changed_by = values, False, by
            record.save()
            saved.append(record.pk)
        added = _add_records(sheet, [e for e in edits if e.record is None], by)
        result = SaveResult(tuple(saved), tuple(added), tuple(conflicts), fields_saved, fields_conflict)
        if result.has_changes or conflicts or fields_conflict:
            _require_editable(sheet)
        if result.has_changes:
            _require_one_or_other(sheet)
            _mark_changed(sheet, content, by)
            detail = {"records": saved, "added": added, "fields": fields_saved}
            _log(by, "save", sheet, detail)
    return result


def _merge(stored: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in {**stored, **typed}.items() if value}


def _save_fields(sheet: RegisterSheet, edit: FieldsEdit | None) -> tuple[bool, bool]:
    """Whether the fields were saved, and whether somebody else had changed them."""
    if edit is None or edit.version in (edit.base_version, sheet.version(edit.values)):
        return False, False
    if sheet.version(edit.values) != edit.base_version:
        return False, True
    sheet.fields = _merge(sheet.fields, edit.values)
    return True, False


def _add_records(sheet: RegisterSheet, edits: Sequence[RecordEdit], by: User) -> list[int]:
    new = [edit for edit in edits if any(edit.values.values())]
    known = set(RegisterRecord.objects.filter(token__in=[e.token for e in new]).values_list("token", flat=True))
    new = [edit for edit in new if edit.token not in known]  # the page was sent twice
    count = sheet.records.filter(removed=False).count()
    if count + len(new) > MAX_RECORDS:
        raise DomainError(f"มีได้ไม่เกิน {MAX_RECORDS} รายการ ตอนนี้มี {count} รายการ รวมรายการที่ใกล้กันเข้าด้วยกัน")
    last = sheet.records.aggregate(last=Max("position"))["last"]
    first = 0 if last is None else last + 1
    added = RegisterRecord.objects.bulk_create(
        RegisterRecord(
            sheet=sheet,
            position=first + number,
            values=_merge({}, edit.values),
            token=edit.token or uuid.uuid4().hex,
            changed_by=by,
        )
        for number, edit in enumerate(new)
    )
    return [record.pk for record in added]


def _mark_changed(sheet: RegisterSheet, content_before: str, by: User) -> None:
    """Save the sheet; where what was approved has changed, the working copy becomes a draft while the approved version
    is in force. Reports change nothing of it."""
    is_other = digest.of_json(queries.content_of(sheet)) != content_before
    if is_other and sheet.status == RegisterSheet.Status.APPROVED:
        sheet.status = RegisterSheet.Status.DRAFT
    sheet.changed_by = by
    sheet.save(update_fields=["fields", "status", "changed_by", "changed_at"])


def remove_record(*, sheet: RegisterSheet, record_id: int, by: User) -> RegisterRecord:
    """Remove a record from the working copy. Raises DomainError where it has gone already."""
    with transaction.atomic():
        sheet = _lock_editable_sheet(sheet)
        record = sheet.records.filter(pk=record_id, removed=False).first()
        if record is None:
            raise DomainError("รายการนี้ถูกนำออกไปแล้ว")
        content = digest.of_json(queries.content_of(sheet))
        record.sheet, record.removed, record.changed_by = sheet, True, by
        record.save(update_fields=["removed", "changed_by", "changed_at"])
        _mark_changed(sheet, content, by)
        _log(by, "remove", sheet, {"record": record.pk, "name": str(record)[:200]})
    return record


def import_records(*, sheet: RegisterSheet, rows: Sequence[Mapping[str, str]], token: str, by: User) -> int:
    """Add records that were pasted, all or none. ``token`` is of the form: pasted twice, they are added once. Returns
    how many were added."""
    edits = [RecordEdit(values=row, token=f"{token[:32]}-{number}") for number, row in enumerate(rows)]
    with transaction.atomic():
        sheet = _lock_editable_sheet(sheet)
        content = digest.of_json(queries.content_of(sheet))
        added = _add_records(sheet, edits, by)
        if added:
            _require_one_or_other(sheet)
            _mark_changed(sheet, content, by)
            _log(by, "import", sheet, {"added": added})
    return len(added)


# --- approval


def _add_decision(
    sheet: RegisterSheet,
    step: Decision.Step,
    by: User,
    *,
    status: RegisterSheet.Status,
    position: str = "",
    comment: str = "",
) -> RegisterDecision:
    values = approval.describe_decision(step, queries.content_of(sheet), by, position=position, comment=comment)
    decision = RegisterDecision.objects.create(sheet=sheet, **values)
    sheet.status = status
    sheet.save(update_fields=["status"])
    _log(by, step, sheet, {"digest": decision.digest, "decision": decision.pk})
    return decision


def _require_one_or_other(sheet: RegisterSheet) -> None:
    """Records, or the confirmation that there are none; not both."""
    kind = sheet.definition
    if kind.nothing and sheet.fields.get(kind.nothing) and (count := len(queries.records_of(sheet))):
        label = kind.field[kind.nothing].label
        raise DomainError(f"เลือก “{label}” ไว้ แต่มี{kind.row} {count} รายการ ให้เอาเครื่องหมายออก หรือลบรายการ")


def _require_complete(sheet: RegisterSheet) -> None:
    _require_one_or_other(sheet)
    missing = queries.missing_values(sheet, "plan")
    approval.refuse_incomplete("", [f"{m.record}: {m.text}" if m.record else m.text for m in missing])


def sheet_url(sheet: RegisterSheet) -> str:
    return reverse("register", args=[sheet.agency.code, sheet.fiscal_year, sheet.kind])


def submit_sheet(*, sheet: RegisterSheet, by: User) -> int:
    """Submit a complete sheet to the agency's executives. Returns how many were notified. Raises DomainError with what
    is missing, or when nothing has changed since the approval."""
    with transaction.atomic():
        sheet = _lock_editable_sheet(sheet)
        if not sheet.definition.needs_approval:
            raise DomainError("ทะเบียนนี้ไม่ต้องเสนออนุมัติ ออกรายงานให้ผู้บริหารลงนามได้เลย")
        if sheet.status == RegisterSheet.Status.APPROVED:
            raise DomainError("อนุมัติแล้วและไม่มีการแก้ไขหลังจากนั้น")
        _require_complete(sheet)
        _add_decision(sheet, Decision.Step.SUBMITTED, by, status=RegisterSheet.Status.SUBMITTED)
        executives = plans.executives_of(sheet.agency)
        return approval.notify_all(executives, f"{sheet} ของ{sheet.agency} รอท่านพิจารณา", sheet_url(sheet))


def _lock_submitted_sheet(sheet: RegisterSheet) -> RegisterSheet:
    sheet = _lock_sheet(sheet)
    if sheet.status != RegisterSheet.Status.SUBMITTED:
        raise DomainError(f"{sheet.get_status_display()} ไม่ได้รอการพิจารณา")
    return sheet


def withdraw_sheet(*, sheet: RegisterSheet, by: User) -> None:
    """Take a submitted sheet back for editing, before it is decided on."""
    with transaction.atomic():
        locked = _lock_submitted_sheet(sheet)
        _add_decision(locked, Decision.Step.WITHDRAWN, by, status=RegisterSheet.Status.DRAFT)


def return_sheet(*, sheet: RegisterSheet, by: User, comment: str) -> None:
    """Return a submitted sheet for revision; the comment tells the officers what to change."""
    approval.require_comment(comment)
    with transaction.atomic():
        sheet = _lock_submitted_sheet(sheet)
        _add_decision(sheet, Decision.Step.RETURNED, by, status=RegisterSheet.Status.RETURNED, comment=comment)
        text = f"{sheet} ของ{sheet.agency} ถูกส่งกลับให้แก้: {normalize_line(comment)}"
        approval.notify_all(plans.officers_of(sheet.agency), text, sheet_url(sheet))


def approve_sheet(
    *, sheet: RegisterSheet, by: User, position: str, expected_digest: str, comment: str = ""
) -> RegisterDecision:
    """Put a submitted sheet in force. ``expected_digest`` is of the content that the executive read; raises DomainError
    when the sheet has another."""
    approval.require_position(position)
    with transaction.atomic():
        sheet = _lock_submitted_sheet(sheet)
        approval.require_same_content(queries.content_of(sheet), expected_digest, "เนื้อหา")
        _require_complete(sheet)
        decision = _add_decision(
            sheet,
            Decision.Step.APPROVED,
            by,
            status=RegisterSheet.Status.APPROVED,
            position=position,
            comment=comment,
        )
        text = f"{sheet} ของ{sheet.agency} ได้รับอนุมัติแล้ว ออกเอกสารและเผยแพร่ได้"
        approval.notify_all(plans.officers_of(sheet.agency), text, sheet_url(sheet))
    return decision


def set_public(*, sheet: RegisterSheet, public: bool, by: User) -> None:
    """Publish what is in force of a sheet, or stop publishing it."""
    with transaction.atomic():
        sheet = _lock_sheet(sheet)
        if public and sheet.definition.needs_approval and queries.latest_approval(sheet) is None:
            raise DomainError("เผยแพร่ได้เมื่อได้รับอนุมัติแล้ว")
        if sheet.public != public:
            sheet.public = public
            sheet.save(update_fields=["public"])
            _log(by, "publish" if public else "hide", sheet, {})


def kind_of(key: str) -> RegisterKind | None:
    """The kind with a key; None where there is none."""
    return load().get(key)
