"""Every write of the registry."""

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from prongsai import framework as rules
from prongsai.people.access import Role
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import User
from prongsai.registry import queries
from prongsai.registry.agency_list import as_json, read_list
from prongsai.registry.models import Agency, AgencyImport, AgencyPast, Appointment, Assignment, Interest, Phase, Round

# --- agencies


def _not_ahead(day: datetime.date) -> None:
    if day > queries.today():
        raise DomainError("วันที่ต้องไม่อยู่ในอนาคต ให้กลับมาบันทึกเมื่อถึงวันนั้น")


def _still_open(assessment_round: Round) -> None:
    if assessment_round.status == Round.Status.CLOSED:
        raise DomainError(f"รอบปี {assessment_round.fiscal_year} ปิดแล้ว เปิดรอบอีกครั้งก่อนจึงแก้ได้")


def describe(*, agency: Agency, values: Mapping[str, str], on: datetime.date, by: User | None) -> list[str]:
    """Change what is said of an agency from a day on; what was said before is kept. Gives the fields that changed."""
    changed = [f for f, v in values.items() if getattr(agency, f) != v]
    if not changed:
        return []
    _not_ahead(on)
    if on < agency.since:
        raise DomainError(
            f"ข้อมูลปัจจุบันของ {agency} เริ่มใช้ {agency.since:%d/%m}/{agency.since.year + 543} จะย้อนไปก่อนนั้นไม่ได้"
        )
    with transaction.atomic():
        if on > agency.since:
            AgencyPast.objects.create(agency=agency, since=agency.since, until=on, **agency.described())
            agency.since = on
        before = {f: getattr(agency, f) for f in changed}
        for field in changed:
            setattr(agency, field, values[field])
        agency.save()
        log_audit(
            by=by,
            action="registry.describe",
            subject=f"หน่วยงาน {agency.code}",
            agency=agency.code,
            detail={f: [before[f], values[f]] for f in changed},
        )
    return changed


def close(*, agency: Agency, on: datetime.date, by: User, merged_into: Agency | None = None) -> None:
    """An agency ceases on a day. Its results stay; nobody acts for it any more."""
    if agency.closed_on:
        raise DomainError(f"{agency} ยุบเลิกไปแล้ว")
    _not_ahead(on)
    if merged_into is not None and (merged_into.pk == agency.pk or merged_into.closed_on):
        raise DomainError("หน่วยงานที่รับช่วงต้องเป็นหน่วยงานอื่นที่ยังไม่ยุบเลิก")
    with transaction.atomic():
        agency.closed_on, agency.merged_into = on, merged_into
        agency.save()
        Appointment.objects.filter(agency=agency, until=None).update(until=on)
        log_audit(
            by=by,
            action="registry.close",
            subject=f"หน่วยงาน {agency.code}",
            agency=agency.code,
            detail={"on": on.isoformat(), "merged_into": merged_into.code if merged_into else ""},
        )


def upload_list(*, path: Path, file_name: str, by: User, fictional: bool = False) -> AgencyImport:
    """Read a list of agencies and keep what was read, for a decision. Stores no agency. Raises UnreadableError."""
    agencies, problems = read_list(path, fictional=fictional)
    rows, faults = as_json(agencies, problems)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with transaction.atomic():
        made = AgencyImport.objects.create(
            by=by, file_name=file_name[:200], file_digest=digest, rows=rows, problems=faults, fictional=fictional
        )
        log_audit(
            by=by,
            action="registry.upload_list",
            subject=f"รายชื่อหน่วยงาน {made.pk}",
            detail={"file": made.file_name, "sha256": digest},
        )
    return made


def confirm_list(*, listing: AgencyImport, by: User, on: datetime.date) -> tuple[int, int]:
    """Store a list that was looked at: new agencies and changed ones, all or none. Gives how many of each."""
    with transaction.atomic():
        listing = AgencyImport.objects.select_for_update().get(pk=listing.pk)
        if listing.status != AgencyImport.Status.WAITING:
            raise DomainError(f"รายการนี้{listing.get_status_display()}ไปก่อนแล้ว ไม่มีอะไรเปลี่ยนแปลง")
        known = {a.code: a for a in Agency.objects.filter(code__in=[r["code"] for r in listing.rows])}
        parents = {r["values"].get("parent_code") for r in listing.rows} - {"", None}
        lost = parents - {r["code"] for r in listing.rows}
        lost -= set(Agency.objects.filter(code__in=lost).values_list("code", flat=True))
        if lost:
            raise DomainError(f"ไม่มีหน่วยงานที่อ้างเป็นสังกัด: {', '.join(sorted(lost)[:10])}")
        fresh = [
            Agency(code=r["code"], fictional=listing.fictional, **r["values"]).prepare()
            for r in listing.rows
            if r["code"] not in known
        ]
        Agency.objects.bulk_create(fresh, batch_size=500)
        changed = 0
        for row in listing.rows:
            if row["code"] in known:
                changed += bool(describe(agency=known[row["code"]], values=row["values"], on=on, by=by))
        _decide(listing, AgencyImport.Status.DONE)
        log_audit(
            by=by,
            action="registry.import",
            subject=f"รายชื่อหน่วยงาน {listing.pk}",
            detail={"file": listing.file_name, "sha256": listing.file_digest, "new": len(fresh), "changed": changed},
        )
    return len(fresh), changed


def drop_list(*, listing: AgencyImport, by: User) -> None:
    with transaction.atomic():
        listing = AgencyImport.objects.select_for_update().get(pk=listing.pk)
        if listing.status != AgencyImport.Status.WAITING:
            raise DomainError(f"รายการนี้{listing.get_status_display()}ไปก่อนแล้ว")
        _decide(listing, AgencyImport.Status.DROPPED)
        log_audit(by=by, action="registry.import_dropped", subject=f"รายชื่อหน่วยงาน {listing.pk}")


def _decide(listing: AgencyImport, status: str) -> None:
    listing.status, listing.decided_at = status, timezone.now()
    listing.save(update_fields=["status", "decided_at"])


# --- rounds


def create_round(*, fiscal_year: int, by: User | None) -> Round:
    """Open the books of a year: rules pinned by digest, phases from their calendar."""
    try:
        framework = rules.load(str(fiscal_year))
    except rules.FrameworkError as error:
        have = ", ".join(rules.available())
        raise DomainError(f"ไม่มีหลักเกณฑ์ของปี {fiscal_year} ที่มีคือ {have}") from error
    with transaction.atomic():
        if Round.objects.filter(fiscal_year=framework.fiscal_year).exists():
            raise DomainError(f"มีรอบปี {fiscal_year} อยู่แล้ว")
        made = Round.objects.create(
            fiscal_year=framework.fiscal_year, framework=framework.id, framework_digest=framework.digest
        )
        Phase.objects.bulk_create(
            Phase(round=made, key=p.id, label_th=p.label.th, label_en=p.label.en, place=n, starts=p.starts, ends=p.ends)
            for n, p in enumerate(framework.rules.calendar)
        )
        log_audit(
            by=by,
            action="registry.create_round",
            subject=f"รอบ {made.fiscal_year}",
            detail={"framework": framework.id, "digest": framework.digest},
        )
    return made


def set_phase(*, phase: Phase, starts: datetime.date | None, ends: datetime.date | None, by: User) -> None:
    if starts and ends and ends < starts:
        raise DomainError(f"{phase.label_th}: วันสิ้นสุดอยู่ก่อนวันเริ่ม")
    if (phase.starts, phase.ends) == (starts, ends):
        return
    _still_open(phase.round)
    with transaction.atomic():
        detail = {"from": [str(phase.starts), str(phase.ends)], "to": [str(starts), str(ends)]}
        phase.starts, phase.ends = starts, ends
        phase.save(update_fields=["starts", "ends"])
        log_audit(
            by=by, action="registry.set_phase", subject=f"รอบ {phase.round.fiscal_year} {phase.key}", detail=detail
        )


def set_status(*, assessment_round: Round, status: str, by: User) -> None:
    with transaction.atomic():
        assessment_round = Round.objects.select_for_update().get(pk=assessment_round.pk)
        allowed = {"preparing": ["running"], "running": ["closed"], "closed": ["running"]}[assessment_round.status]
        if status not in allowed:
            wanted = dict(Round.Status.choices).get(status, "สถานะที่ไม่รู้จัก")
            raise DomainError(f"รอบที่{assessment_round.get_status_display()}เปลี่ยนเป็น{wanted}ไม่ได้")
        assessment_round.status = status
        assessment_round.save(update_fields=["status"])
        log_audit(
            by=by,
            action="registry.round_status",
            subject=f"รอบ {assessment_round.fiscal_year}",
            detail={"status": status},
        )


def enrol(*, assessment_round: Round, agencies: Iterable[Agency], by: User | None) -> int:
    """Put agencies into a round. Gives how many it now has."""
    _still_open(assessment_round)
    with transaction.atomic():
        assessment_round.agencies.add(*agencies)
        count = assessment_round.agencies.count()
        log_audit(
            by=by, action="registry.enrol", subject=f"รอบ {assessment_round.fiscal_year}", detail={"agencies": count}
        )
    return count


# --- who acts for whom


def appoint(*, user: User, agency: Agency, on: datetime.date, by: User | None) -> Appointment:
    if user.role not in (Role.OFFICER, Role.EXECUTIVE):
        raise DomainError(f"{user} เป็น{user.get_role_display()} ผู้ที่ทำแทนหน่วยงานได้คือเจ้าหน้าที่หรือผู้บริหารของหน่วยงาน")
    if agency.closed_on:
        raise DomainError(f"{agency} ยุบเลิกแล้ว")
    with transaction.atomic():
        appointment, made = Appointment.objects.get_or_create(
            user=user, agency=agency, until=None, defaults={"since": on}
        )
        if made:
            log_audit(by=by, action="registry.appoint", subject=f"ผู้ใช้ {user.pk}", agency=agency.code)
            notify(user=user, text=f"คุณทำหน้าที่แทน {agency} ในระบบได้แล้ว", url=f"/desk/agency/{agency.code}/")
    return appointment


def relieve(*, appointment: Appointment, on: datetime.date, by: User) -> None:
    with transaction.atomic():
        appointment.until = max(on, appointment.since)
        appointment.save(update_fields=["until"])
        log_audit(
            by=by, action="registry.relieve", subject=f"ผู้ใช้ {appointment.user_id}", agency=appointment.agency.code
        )


def declare_interest(*, user: User, agency: Agency, reason: str, by: User | None) -> Interest:
    with transaction.atomic():
        interest, made = Interest.objects.get_or_create(user=user, agency=agency, defaults={"reason": reason})
        gone = (
            Assignment.objects.filter(assessor=user, agency=agency)
            .exclude(round__status=Round.Status.CLOSED)
            .delete()[0]
        )
        if made or gone:
            log_audit(
                by=by,
                action="registry.interest",
                subject=f"ผู้ใช้ {user.pk}",
                agency=agency.code,
                detail={"assignments_ended": gone},
            )
    return interest


def assign(*, assessment_round: Round, agency: Agency, assessor: User, by: User | None) -> Assignment:
    """Give an agency to an assessor, in place of whoever had it, unless a conflict of interest stands in the way."""
    _still_open(assessment_round)
    if assessor.role != Role.ASSESSOR:
        raise DomainError(f"{assessor} ไม่ใช่ผู้ประเมิน")
    if not assessment_round.agencies.filter(pk=agency.pk).exists():
        raise DomainError(f"{agency} ไม่อยู่ในรอบนี้")
    if reason := queries.conflict(assessor, agency):
        raise DomainError(f"มอบหมาย {agency} ให้ {assessor} ไม่ได้: {reason}")
    with transaction.atomic():
        before = (
            Assignment.objects.filter(round=assessment_round, agency=agency).values_list("assessor", flat=True).first()
        )
        assignment, _ = Assignment.objects.update_or_create(
            round=assessment_round, agency=agency, defaults={"assessor": assessor}
        )
        log_audit(
            by=by,
            action="registry.assign",
            subject=f"ผู้ใช้ {assessor.pk}",
            agency=agency.code,
            detail={"round": assessment_round.fiscal_year, "instead_of": before},
        )
    return assignment


def share_out(*, assessment_round: Round, by: User) -> dict[str, Any]:
    """Assign every agency without an assessor, evenly, keeping conflicts apart. Gives counts, and who is left over."""
    _still_open(assessment_round)
    assessors = list(User.objects.filter(role=Role.ASSESSOR, is_active=True).order_by("pk"))
    if not assessors:
        raise DomainError("ยังไม่มีผู้ประเมินในระบบ ให้เชิญผู้ประเมินก่อน")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=assessment_round.pk)  # two at once wait for each other
        return _share_out(assessment_round, assessors, by)


def _share_out(assessment_round: Round, assessors: list[User], by: User) -> dict[str, Any]:
    given = Assignment.objects.filter(round=assessment_round)
    load = {a.pk: given.filter(assessor=a).count() for a in assessors}
    ties = queries.conflicts(assessors)
    free = assessment_round.agencies.exclude(pk__in=given.values("agency")).order_by("pk")
    made, left = [], []
    for agency in free:
        able = [a for a in assessors if not ties(a, agency)]
        if not able:
            left.append(agency.code)
            continue
        chosen = min(able, key=lambda a: (load[a.pk], a.pk))
        load[chosen.pk] += 1
        made.append(Assignment(round=assessment_round, agency=agency, assessor=chosen))
    Assignment.objects.bulk_create(made, batch_size=500)
    log_audit(
        by=by,
        action="registry.share_out",
        subject=f"รอบ {assessment_round.fiscal_year}",
        detail={"assigned": len(made), "left": left[:100]},
    )
    return {"assigned": len(made), "left": left}
