"""Every write about agencies, rounds, appointments, assignments and interests."""

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from prongsai.framework import NATIONAL
from prongsai.jobs.leases import NO_LEASE, Lease
from prongsai.jobs.models import Job
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.background import BackgroundAction, background_action
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry import queries
from prongsai.registry.agency_list import RowProblem, read_agency_list, to_json
from prongsai.registry.models import (
    MAX_ORDER_NUMBER,
    MAX_ORDER_REASON,
    Agency,
    AgencyImport,
    AgencyVersion,
    Appointment,
    Assessment,
    Assignment,
    DeadlineExtension,
    Exclusion,
    Interest,
    Order,
    Phase,
    Round,
)
from prongsai.registry.names import FICTION, says_fictional
from prongsai.rulebooks.actions import pin_rules, unpin_rules
from prongsai.rulebooks.queries import find_framework, frameworks

_CODES_PER_QUERY = 500

# --- assessments


def create_assessment(*, slug: str, name_th: str, name_en: str = "", owner: str = "", by: User | None) -> Assessment:
    """Create an assessment beside the national one. It begins empty: its office invites its users, lists its agencies
    and writes its rules."""
    with transaction.atomic():
        if Assessment.objects.filter(pk=slug).exists():
            raise DomainError(f"มีการประเมินชื่อย่อ {slug} อยู่แล้ว")
        assessment = Assessment.objects.create(slug=slug, name_th=name_th, name_en=name_en, owner=owner)
        log_audit(by=by, action="registry.create_assessment", subject=f"การประเมิน {slug}", detail={"name": name_th})
    return assessment


# --- orders


def check_order(*, ground: str, number: str, dated: datetime.date, reason: str) -> dict[str, Any]:
    """An order as it is stored (``registry.models.Order``). Raises DomainError for one that says too little."""
    number, reason = " ".join(number.split()), reason.strip()
    if ground not in Order.Ground.values:
        raise DomainError("เลือกว่าเปิดใหม่โดยอาศัยอะไร: รับอุทธรณ์ คำสั่งศาล หรือคำสั่งของผู้ตรวจสอบ")
    for label, value, most in (("เลขที่", number, MAX_ORDER_NUMBER), ("เหตุผล", reason, MAX_ORDER_REASON)):
        if not value:
            raise DomainError(f"ใส่{label}ของคำวินิจฉัยหรือคำสั่ง")
        if len(value) > most:
            raise DomainError(f"{label}ยาว {len(value):,} ตัวอักษร ใส่ได้ไม่เกิน {most}")
    if dated > queries.today():
        raise DomainError("วันที่ของคำวินิจฉัยหรือคำสั่งยังมาไม่ถึง ตรวจปีอีกครั้ง")
    return {"ground": ground, "number": number, "dated": dated, "reason": reason}


# --- agencies


def _check_not_in_future(day: datetime.date) -> None:
    if day > queries.today():
        raise DomainError("วันที่ต้องไม่อยู่ในอนาคต ให้กลับมาบันทึกเมื่อถึงวันนั้น")


def _check_round_is_open(assessment_round: Round) -> None:
    if assessment_round.status == Round.Status.CLOSED:
        raise DomainError(f"รอบปี {assessment_round.fiscal_year} ปิดแล้ว เปิดรอบอีกครั้งก่อนจึงแก้ได้")


def add_agency(*, assessment: str, code: str, values: Mapping[str, str], by: User) -> Agency:
    """Add one agency. Its code names it in the whole installation."""
    if Agency.objects.filter(code=code).exists():
        raise DomainError(f"รหัส {code} มีหน่วยงานใช้แล้ว ใช้รหัสอื่น")
    with transaction.atomic():
        agency = Agency.objects.create(assessment_id=assessment, code=code, **values)
        log_audit(
            by=by,
            action="registry.add_agency",
            subject=f"หน่วยงาน {code}",
            agency=code,
            detail={"name": agency.name_th, "kind": agency.get_kind_display()},
        )
    return agency


def remove_agency(*, agency: Agency, by: User) -> None:
    """Take back an agency that was added by mistake, before anything refers to it. Raises DomainError."""
    in_use = f"{agency} มีข้อมูลอื่นอ้างถึงแล้ว ใช้การยุบเลิกแทน"
    if Round.agencies.through.objects.filter(agency=agency).exists():
        raise DomainError(f"{agency} อยู่ในรอบการประเมินแล้ว ใช้การยุบเลิกแทน")
    if Agency.objects.filter(assessment=agency.assessment_id, parent_code=agency.code).exists():
        raise DomainError(in_use)
    with transaction.atomic():
        log_audit(by=by, action="registry.remove_agency", subject=f"หน่วยงาน {agency.code}", agency=agency.code)
        try:
            agency.delete()
        except ProtectedError as error:
            raise DomainError(in_use) from error


def update_agency(*, agency: Agency, values: Mapping[str, str], on: datetime.date, by: User | None) -> list[str]:
    """Change details of an agency from a day on; the earlier ones become a version. Returns the fields that changed."""
    changed = [f for f, v in values.items() if getattr(agency, f) != v]
    if not changed:
        return []
    if agency.fictional and "name_th" in changed and not says_fictional(values["name_th"]):
        raise DomainError(f"หน่วยงานนี้เป็นหน่วยงานสมมุติ ชื่อต้องมีคำว่า {FICTION}")
    _check_not_in_future(on)
    if on < agency.since:
        raise DomainError(
            f"ข้อมูลปัจจุบันของ {agency} เริ่มใช้ {agency.since:%d/%m}/{agency.since.year + 543} จะย้อนไปก่อนนั้นไม่ได้"
        )
    with transaction.atomic():
        if on > agency.since:
            AgencyVersion.objects.create(agency=agency, since=agency.since, until=on, **agency.get_details())
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


def close_agency(*, agency: Agency, on: datetime.date, by: User, merged_into: Agency | None = None) -> None:
    """Close an agency on a day. Its results stay; its appointments end."""
    if agency.closed_on:
        raise DomainError(f"{agency} ยุบเลิกไปแล้ว")
    _check_not_in_future(on)
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


def upload_agency_list(
    *, path: Path, file_name: str, by: User, assessment: str = NATIONAL, fictional: bool = False
) -> AgencyImport:
    """Read a list of agencies here and now, for a decision; stores no agency. Raises UnreadableError."""
    rows, problems = _read_list(path, assessment, fictional=fictional)
    waiting = {"status": AgencyImport.Status.WAITING, "rows": rows, "problems": problems, "fictional": fictional}
    with transaction.atomic():
        return _create_list(path, file_name, by, assessment, **waiting)


def _create_list(path: Path, file_name: str, by: User, assessment: str, **fields: Any) -> AgencyImport:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    listing = AgencyImport.objects.create(
        assessment_id=assessment, by=by, file_name=file_name[:200], file_digest=digest, **fields
    )
    log_audit(
        by=by,
        action="registry.upload_agency_list",
        subject=f"รายชื่อหน่วยงาน {listing.pk}",
        detail={"file": listing.file_name, "sha256": digest},
    )
    return listing


def _read_list(path: Path, assessment: str, *, fictional: bool) -> tuple[list[Any], list[Any]]:
    """Rows and problems as they are stored. Raises UnreadableError."""
    agencies, problems = read_agency_list(path, fictional=fictional)
    foreign = _find_foreign_codes([agency.code for agency in agencies], assessment)
    taken = "เป็นของหน่วยงานในการประเมินอื่นแล้ว ให้ใช้รหัสอื่น"
    problems += [RowProblem(a.place, f"รหัส {a.code} {taken}") for a in agencies if a.code in foreign]
    return to_json([agency for agency in agencies if agency.code not in foreign], problems)


def _find_foreign_codes(codes: Sequence[str], assessment: str) -> set[str]:
    """The codes that agencies of other assessments have: a code names one agency of the installation."""
    foreign: set[str] = set()
    for start in range(0, len(codes), _CODES_PER_QUERY):
        agencies = Agency.objects.filter(code__in=codes[start : start + _CODES_PER_QUERY])
        foreign |= set(agencies.exclude(assessment=assessment).values_list("code", flat=True))
    return foreign


def _require_undecided(listing: AgencyImport) -> None:
    if listing.status == AgencyImport.Status.READING:
        raise DomainError("ยังอ่านรายชื่อไม่เสร็จ รอให้อ่านเสร็จแล้วตรวจก่อนยืนยัน")
    if listing.status != AgencyImport.Status.WAITING:
        raise DomainError(f"รายการนี้{listing.get_status_display()}ไปก่อนแล้ว ไม่มีอะไรเปลี่ยนแปลง")


def confirm_agency_list(
    *, listing: AgencyImport, by: User, on: datetime.date, lease: Lease = NO_LEASE
) -> tuple[int, int]:
    """Store a reviewed list, whole or not at all. Returns the numbers of new and of changed agencies."""
    with lease.write(finish=True):
        listing = AgencyImport.objects.select_for_update().get(pk=listing.pk)
        _require_undecided(listing)
        known = {a.code: a for a in Agency.objects.filter(code__in=[r["code"] for r in listing.rows])}
        foreign = sorted(code for code, agency in known.items() if agency.assessment_id != listing.assessment_id)
        if foreign:
            raise DomainError(f"รหัสเหล่านี้เป็นของหน่วยงานในการประเมินอื่นแล้ว ให้ใช้รหัสอื่น: {', '.join(foreign[:10])}")
        parents = {r["values"].get("parent_code") for r in listing.rows} - {"", None}
        unknown = parents - {r["code"] for r in listing.rows}
        own = Agency.objects.filter(assessment=listing.assessment_id, code__in=unknown)
        unknown -= set(own.values_list("code", flat=True))
        if unknown:
            raise DomainError(f"ไม่มีหน่วยงานที่อ้างเป็นสังกัด: {', '.join(sorted(unknown)[:10])}")
        new_agencies = [
            Agency(
                code=r["code"], assessment_id=listing.assessment_id, fictional=listing.fictional, **r["values"]
            ).fill_keys()
            for r in listing.rows
            if r["code"] not in known
        ]
        Agency.objects.bulk_create(new_agencies, batch_size=500)
        changed = 0
        for row in listing.rows:
            if row["code"] in known:
                changed += bool(update_agency(agency=known[row["code"]], values=row["values"], on=on, by=by))
        _record_decision(listing, AgencyImport.Status.DONE)
        log_audit(
            by=by,
            action="registry.import",
            subject=f"รายชื่อหน่วยงาน {listing.pk}",
            detail={
                "file": listing.file_name,
                "sha256": listing.file_digest,
                "new": len(new_agencies),
                "changed": changed,
            },
        )
        lease.outcome = f"บันทึกรายชื่อหน่วยงานแล้ว เพิ่ม {len(new_agencies):,} แห่ง แก้ไข {changed:,} แห่ง"
    return len(new_agencies), changed


def _record_decision(listing: AgencyImport, status: str) -> None:
    listing.status, listing.decided_at = status, timezone.now()
    listing.save(update_fields=["status", "decided_at"])


# --- rounds


def create_round(*, assessment: str = NATIONAL, fiscal_year: int, by: User | None) -> Round:
    """Create the round of a year: its rules pinned by digest, its phases from their calendar."""
    framework = find_framework(assessment, fiscal_year)
    if framework is None:
        available = ", ".join(map(str, frameworks(assessment))) or "ยังไม่มีเลย"
        raise DomainError(f"ไม่มีหลักเกณฑ์ของปี {fiscal_year} ที่มีคือ {available}")
    with transaction.atomic():
        if Round.objects.filter(assessment=assessment, fiscal_year=fiscal_year).exists():
            raise DomainError(f"มีรอบปี {fiscal_year} อยู่แล้ว")
        pin_rules(framework=framework, by=by)
        assessment_round = Round.objects.create(
            assessment_id=assessment, fiscal_year=fiscal_year, framework_digest=framework.digest
        )
        Phase.objects.bulk_create(
            Phase(
                round=assessment_round,
                key=p.id,
                label_th=p.label.th,
                label_en=p.label.en,
                position=n,
                starts=p.starts,
                ends=p.ends,
            )
            for n, p in enumerate(framework.rules.calendar)
        )
        log_audit(
            by=by,
            action="registry.create_round",
            subject=name_round(assessment_round),
            detail={"framework": str(fiscal_year), "digest": framework.digest},
        )
    return assessment_round


def take_back_round(*, assessment_round: Round, by: User) -> None:
    """Take back a round that was created and never began: its rules may change again."""
    with transaction.atomic():
        locked = Round.objects.select_for_update().get(pk=assessment_round.pk)
        if locked.status != Round.Status.PREPARING:
            raise DomainError("รอบนี้เริ่มไปแล้ว จึงยกเลิกไม่ได้ ปิดรอบแทน")
        name, year, assessment = name_round(locked), locked.fiscal_year, locked.assessment_id
        try:
            locked.delete()
        except ProtectedError as error:
            raise DomainError("รอบนี้มีข้อมูลที่ส่งหรือบันทึกไว้แล้ว จึงยกเลิกไม่ได้") from error
        unpin_rules(assessment=assessment, fiscal_year=year)
        log_audit(by=by, action="registry.take_back_round", subject=name, detail={"framework": str(year)})


def name_round(assessment_round: Round) -> str:
    """What the audit trail calls a round: its year, and its assessment where that is not the national one."""
    prefix = "" if assessment_round.assessment_id == NATIONAL else f"{assessment_round.assessment_id}/"
    return f"รอบ {prefix}{assessment_round.fiscal_year}"


def set_phase_dates(*, phase: Phase, starts: datetime.date | None, ends: datetime.date | None, by: User) -> None:
    """Set the days of a phase, both included; None leaves an end open."""
    if starts and ends and ends < starts:
        raise DomainError(f"{phase.label_th}: วันสิ้นสุดอยู่ก่อนวันเริ่ม")
    if (phase.starts, phase.ends) == (starts, ends):
        return
    _check_round_is_open(phase.round)
    with transaction.atomic():
        detail = {"from": [str(phase.starts), str(phase.ends)], "to": [str(starts), str(ends)]}
        phase.starts, phase.ends = starts, ends
        phase.save(update_fields=["starts", "ends"])
        log_audit(
            by=by,
            action="registry.set_phase_dates",
            subject=f"{name_round(phase.round)} {phase.key}",
            detail=detail,
        )


def extend_deadline(*, phase: Phase, agency: Agency, ends: datetime.date | None, reason: str, by: User) -> None:
    """Give an agency until a later day of a phase; None takes that back."""
    _check_round_is_open(phase.round)
    if not phase.round.agencies.filter(pk=agency.pk).exists():
        raise DomainError(f"{agency} ไม่อยู่ในรอบนี้")
    if problem := ends and queries.find_extension_problem(phase, ends):
        raise DomainError(f"{phase.label_th}: {problem}")
    if ends and not reason.strip():
        raise DomainError("ขยายเวลาต้องบอกเหตุ")
    with transaction.atomic():
        extensions = DeadlineExtension.objects.filter(phase=phase, agency=agency)
        before = extensions.values_list("ends", flat=True).first()
        if ends is None:
            extensions.delete()
        else:
            values = {"ends": ends, "reason": " ".join(reason.split())}
            DeadlineExtension.objects.update_or_create(phase=phase, agency=agency, defaults=values)
        log_audit(
            by=by,
            action="registry.extend_deadline",
            subject=f"{name_round(phase.round)} {phase.key}",
            agency=agency.code,
            detail={"from": str(before or phase.ends), "to": str(ends or phase.ends), "reason": reason.strip()},
        )


@contextmanager
def as_if_extended(*, phase: Phase, agency: Agency, ends: datetime.date | None) -> Iterator[Round]:
    """The round as it would be if an agency had until another day of a phase, for whoever asks what that changes; None:
    without an extension. Whatever is written meanwhile is undone."""
    with transaction.atomic():
        DeadlineExtension.objects.filter(phase=phase, agency=agency).delete()
        if ends is not None:
            DeadlineExtension.objects.create(phase=phase, agency=agency, ends=ends)
        yield Round.objects.prefetch_related("phases__extensions").get(pk=phase.round_id)
        transaction.set_rollback(True)


def set_round_status(*, assessment_round: Round, status: str, by: User) -> None:
    """Start, close or reopen a round."""
    with transaction.atomic():
        assessment_round = Round.objects.select_for_update().get(pk=assessment_round.pk)
        allowed = {"preparing": ["running"], "running": ["closed"], "closed": ["running"]}[assessment_round.status]
        if status not in allowed:
            label = dict(Round.Status.choices).get(status, "สถานะที่ไม่รู้จัก")
            raise DomainError(f"รอบที่{assessment_round.get_status_display()}เปลี่ยนเป็น{label}ไม่ได้")
        assessment_round.status = status
        assessment_round.save(update_fields=["status"])
        log_audit(
            by=by,
            action="registry.round_status",
            subject=name_round(assessment_round),
            detail={"status": status},
        )


def request_enrolment(*, assessment_round: Round, by: User) -> Job:
    """Have every agency of the assessment that is not closed added to a round in the background."""
    _check_round_is_open(assessment_round)
    return _request(enroll_in_background, assessment_round, by=by)


def _request(action: BackgroundAction, assessment_round: Round, *, by: User) -> Job:
    year, assessment = assessment_round.fiscal_year, assessment_round.assessment_id
    url = queries.path_of(assessment, f"/desk/rounds/{year}/")
    about = f"รอบปี {year}"
    pk = assessment_round.pk
    return action.request(str(pk), pk, by=by, about=about, assessment=assessment, url=url)


@background_action(title="นำหน่วยงานเข้ารอบ")
def enroll_in_background(lease: Lease, by: User, round_id: int) -> None:
    """``enroll_agencies`` for a page, of every agency that is neither closed nor excluded."""
    assessment_round = Round.objects.get(pk=round_id)
    agencies = Agency.objects.filter(assessment=assessment_round.assessment_id, closed_on=None)
    agencies = agencies.exclude(pk__in=Exclusion.objects.filter(round=assessment_round).values("agency"))
    enroll_agencies(assessment_round=assessment_round, agencies=agencies, by=by, lease=lease)


def enroll_agencies(
    *, assessment_round: Round, agencies: Iterable[Agency], by: User | None, lease: Lease = NO_LEASE
) -> int:
    """Add agencies to a round. Returns how many it then has."""
    _check_round_is_open(assessment_round)
    agencies = list(agencies)
    if any(agency.assessment_id != assessment_round.assessment_id for agency in agencies):
        raise DomainError("มีหน่วยงานที่ไม่ได้อยู่ในการประเมินของรอบนี้")
    with lease.write(finish=True):
        assessment_round.agencies.add(*agencies)
        count = assessment_round.agencies.count()
        log_audit(by=by, action="registry.enrol", subject=name_round(assessment_round), detail={"agencies": count})
        lease.outcome = f"รอบปี {assessment_round.fiscal_year} มี {count:,} หน่วยงาน"
    return count


def set_enrolment(*, assessment_round: Round, agency: Agency, enrolled: bool, reason: str, by: User) -> None:
    """Take one agency into a round, or leave it out for a reason; none is needed where it never was in it. Refused once
    the round has anything of it."""
    _check_round_is_open(assessment_round)
    if agency.assessment_id != assessment_round.assessment_id:
        raise DomainError(f"{agency} ไม่ได้อยู่ในการประเมินของรอบนี้")
    if enrolled and agency.closed_on:
        raise DomainError(f"{agency} ยุบเลิกแล้ว")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        was_in = assessment_round.agencies.filter(pk=agency.pk).exists()
        if was_in and not enrolled and (found := queries.find_round_records(assessment_round, agency)):
            raise DomainError(f"{agency} มีข้อมูลในรอบนี้แล้ว: {', '.join(found)}")
        if enrolled:
            assessment_round.agencies.add(agency)
        else:
            assessment_round.agencies.remove(agency)
        Exclusion.objects.filter(round=assessment_round, agency=agency).delete()
        if reason and not enrolled:
            Exclusion.objects.create(round=assessment_round, agency=agency, reason=reason)
        log_audit(
            by=by,
            action="registry.enrol" if enrolled else "registry.exclude",
            subject=name_round(assessment_round),
            agency=agency.code,
            detail={} if enrolled else {"reason": reason},
        )


# --- appointments and assignments


def appoint(*, user: User, agency: Agency, on: datetime.date, by: User | None) -> Appointment:
    """Let a user act for an agency from a day on; an appointment that exists stays as it is."""
    if user.role not in (Role.OFFICER, Role.EXECUTIVE):
        raise DomainError(f"{user} เป็น{user.get_role_display()} ผู้ที่ทำแทนหน่วยงานได้คือเจ้าหน้าที่หรือผู้บริหารของหน่วยงาน")
    if agency.closed_on:
        raise DomainError(f"{agency} ยุบเลิกแล้ว")
    if user.assessment != agency.assessment_id:
        raise DomainError(f"{user} เป็นผู้ใช้ของการประเมินอื่น")
    with transaction.atomic():
        appointment, is_new = Appointment.objects.get_or_create(
            user=user, agency=agency, until=None, defaults={"since": on}
        )
        if is_new:
            log_audit(by=by, action="registry.appoint", subject=f"ผู้ใช้ {user.pk}", agency=agency.code)
            notify(user=user, text=f"คุณทำหน้าที่แทน {agency} ในระบบได้แล้ว", url=f"/desk/agency/{agency.code}/")
    return appointment


def end_appointment(*, appointment: Appointment, on: datetime.date, by: User) -> None:
    """End an appointment on a day, not before it began."""
    with transaction.atomic():
        appointment.until = max(on, appointment.since)
        appointment.save(update_fields=["until"])
        log_audit(
            by=by, action="registry.relieve", subject=f"ผู้ใช้ {appointment.user_id}", agency=appointment.agency.code
        )


def declare_interest(*, user: User, agency: Agency, reason: str, by: User | None) -> Interest:
    """Record an assessor's tie to an agency; assignments to it end, but those of closed rounds."""
    with transaction.atomic():
        interest, is_new = Interest.objects.get_or_create(user=user, agency=agency, defaults={"reason": reason})
        ended = (
            Assignment.objects.filter(assessor=user, agency=agency)
            .exclude(round__status=Round.Status.CLOSED)
            .delete()[0]
        )
        if is_new or ended:
            log_audit(
                by=by,
                action="registry.interest",
                subject=f"ผู้ใช้ {user.pk}",
                agency=agency.code,
                detail={"assignments_ended": ended},
            )
    return interest


def assign(*, assessment_round: Round, agency: Agency, assessor: User, by: User | None) -> Assignment:
    """Assign an agency to an assessor, replacing an earlier assignment. Refused when there is a conflict of
    interest."""
    _check_round_is_open(assessment_round)
    if assessor.role != Role.ASSESSOR or assessor.assessment != assessment_round.assessment_id:
        raise DomainError(f"{assessor} ไม่ใช่ผู้ประเมินของการประเมินนี้")
    if not assessment_round.agencies.filter(pk=agency.pk).exists():
        raise DomainError(f"{agency} ไม่อยู่ในรอบนี้")
    if reason := queries.find_conflict(assessor, agency):
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


def unassign(*, assessment_round: Round, agency: Agency, by: User) -> None:
    """Take an agency from its assessor. What was marked stays."""
    _check_round_is_open(assessment_round)
    with transaction.atomic():
        for assignment in Assignment.objects.filter(round=assessment_round, agency=agency):
            assignment.delete()
            log_audit(
                by=by,
                action="registry.unassign",
                subject=f"ผู้ใช้ {assignment.assessor_id}",
                agency=agency.code,
                detail={"round": assessment_round.fiscal_year},
            )
