"""Every write of rules: storing an edition, writing a draft, rehearsing, announcing, withdrawing, pinning."""

import datetime
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from prongsai import framework as rules
from prongsai import scoring
from prongsai.framework import Framework, FrameworkError
from prongsai.framework.rewording import exchanged_names
from prongsai.framework.workbook import in_words
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import NO_LEASE, Lease
from prongsai.jobs.models import Job
from prongsai.lib import thai
from prongsai.machines import files
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.background import BackgroundAction, background_action
from prongsai.people.models import Proposal, User
from prongsai.publiclog.actions import append_entry
from prongsai.rulebooks import queries
from prongsai.rulebooks.models import Announcement, Edition, Rehearsal, Rulebook

_EARLIEST = datetime.date(2000, 1, 1)  # of an announcement: an earlier date is a slip


class StaleDraftError(DomainError):
    """Somebody else has changed the draft since it was read."""

    def __init__(self) -> None:
        super().__init__("มีผู้แก้ฉบับร่างนี้ไปแล้วหลังจากที่เปิดหน้านี้ เปิดใหม่แล้วตรวจก่อนทำต่อ ยังไม่มีอะไรเปลี่ยนแปลง")


def store_edition(*, framework: Framework, by: User | None) -> Edition:
    """Store the rules as they are; those stored already stay."""
    edition, _ = Edition.objects.get_or_create(
        key=framework.content_digest,
        defaults={
            "assessment": framework.assessment,
            "fiscal_year": framework.fiscal_year,
            "digest": framework.digest,
            "arithmetic_digest": framework.arithmetic_digest,
            "wording_digest": framework.wording_digest,
            "content": framework.content,
            "by": by,
        },
    )
    return edition


def pin_rules(*, framework: Framework, by: User | None) -> Rulebook:
    """Let a round use the rules of a year: their edition is stored, and from now on their wording alone may change.

    Raises DomainError when they are no longer those in force."""
    edition = store_edition(framework=framework, by=by)
    rulebook = _lock_rulebook(framework.assessment, framework.fiscal_year)
    current = queries.find_framework(framework.assessment, framework.fiscal_year)
    if current is None or current.digest != framework.digest:
        raise DomainError(f"หลักเกณฑ์ปี {framework.fiscal_year} เพิ่งเปลี่ยนไป เปิดหน้านี้ใหม่แล้วตรวจก่อนสร้างรอบ ยังไม่มีอะไรเปลี่ยนแปลง")
    if rulebook.pinned not in ("", framework.arithmetic_digest):
        raise DomainError(f"หลักเกณฑ์ปี {framework.fiscal_year} ถูกตรึงไว้กับรอบอื่นด้วยวิธีคำนวณอีกฉบับแล้ว")
    rulebook.pinned, rulebook.pinned_edition = framework.arithmetic_digest, edition
    rulebook.save(update_fields=["pinned", "pinned_edition"])
    return rulebook


def unpin_rules(*, assessment: str, fiscal_year: int) -> None:
    """Let the rules of a year go whose round is taken back before it began."""
    rulebook = _lock_rulebook(assessment, fiscal_year)
    rulebook.pinned, rulebook.pinned_edition = "", None
    rulebook.save(update_fields=["pinned", "pinned_edition"])


def _lock_rulebook(assessment: str, fiscal_year: int) -> Rulebook:
    """The rulebook of a year, for a change in this transaction."""
    Rulebook.objects.get_or_create(assessment=assessment, fiscal_year=fiscal_year)
    return Rulebook.objects.select_for_update().get(assessment=assessment, fiscal_year=fiscal_year)


# --- writing a draft


def begin_draft(*, source: Framework, assessment: str, fiscal_year: int, by: User) -> Rulebook:
    """Begin the draft of a year: from the rules of another year, or, for a correction, from those in force."""
    if (source.assessment, source.fiscal_year) == (assessment, fiscal_year):
        data = rules.as_data(source.rules)
    else:
        data = rules.begin_year(source, fiscal_year, assessment=assessment, between=_years_to(source, fiscal_year))
    with transaction.atomic():
        rulebook = _lock_rulebook(assessment, fiscal_year)
        if rulebook.draft is not None:
            raise DomainError(f"ปี {fiscal_year} มีฉบับร่างอยู่แล้ว แก้ฉบับนั้นต่อ หรือทิ้งก่อนแล้วเริ่มใหม่")
        rulebook.draft = store_edition(framework=_check(data, assessment, fiscal_year), by=by)
        rulebook.save(update_fields=["draft"])
        log_audit(
            by=by,
            action="rulebooks.begin",
            subject=_name(rulebook),
            detail={"from": f"{source.assessment}/{source.fiscal_year}", "digest": rulebook.draft.digest},
        )
    return rulebook


def _years_to(source: Framework, fiscal_year: int) -> list[Framework]:
    """The rules of the years between those that a draft begins from and its own."""
    in_force = queries.frameworks(source.assessment)
    years = range(source.fiscal_year + 1, fiscal_year)
    return [in_force[year] for year in years if year in in_force]


def save_draft(*, rulebook: Rulebook, data: Mapping[str, Any], read_key: str, by: User) -> Edition:
    """Replace the draft by other rules, in their JSON form. ``read_key`` is the draft that they were written from.

    Raises FrameworkError with every problem; DomainError when somebody else was first, or when a round uses the rules
    and more than their wording would change. Nothing is changed then.
    """
    with transaction.atomic():
        rulebook = _lock_rulebook(rulebook.assessment, rulebook.fiscal_year)
        _check_not_stale(rulebook, read_key)
        data = {**data, "state": "provisional"}  # whatever a workbook says: only announcing announces
        framework = _check(data, rulebook.assessment, rulebook.fiscal_year)
        _check_pinned(rulebook, framework)
        edition = store_edition(framework=framework, by=by)
        if edition.pk != rulebook.draft_id:
            rulebook.draft = edition
            rulebook.save(update_fields=["draft"])
            log_audit(
                by=by,
                action="rulebooks.edit",
                subject=_name(rulebook),
                detail={"digest": edition.digest, "instead_of": read_key[:12]},
            )
    return edition


def _check_pinned(rulebook: Rulebook, framework: Framework) -> None:
    """Raises DomainError for rules that differ in more than wording from those that a round uses, or by which what it
    has stored would mean something else."""
    if not rulebook.pinned:
        return
    year = rulebook.fiscal_year
    current = queries.find_framework(rulebook.assessment, year)
    opened = queries.load_edition(rulebook.pinned_edition) if rulebook.pinned_edition else current
    if framework.arithmetic_digest != rulebook.pinned:
        changes = [change.text for change in rules.difference([opened, framework])] if opened else []
        listed = f" สิ่งที่จะเปลี่ยน: {'; '.join(changes[:5])}" if changes else ""
        raise DomainError(
            f"รอบปี {year} ใช้หลักเกณฑ์ฉบับที่ตรึงไว้อยู่ จึงแก้ได้เฉพาะถ้อยคำ แก้น้ำหนัก คะแนน เกณฑ์ หรือข้อไม่ได้{listed} "
            "หากรอบยังไม่เริ่ม ยกเลิกรอบก่อนแล้วจึงเปลี่ยนวิธีคำนวณได้"
        )
    exchanged = dict.fromkeys(
        text for before in (opened, current) if before is not None for text in exchanged_names(before, framework)
    )
    if exchanged:
        raise DomainError(
            f"รอบปี {year} ใช้หลักเกณฑ์นี้อยู่ คำตอบและคะแนนเก็บตามลำดับและรหัส จึงสลับถ้อยคำกันไม่ได้: {'; '.join(list(exchanged)[:5])}"
        )


def discard_draft(*, rulebook: Rulebook, read_key: str, by: User) -> None:
    """Throw the draft away. What is in force stays; the editions of the draft stay stored."""
    with transaction.atomic():
        rulebook = _lock_rulebook(rulebook.assessment, rulebook.fiscal_year)
        _check_not_stale(rulebook, read_key)
        rulebook.draft = None
        rulebook.save(update_fields=["draft"])
        log_audit(by=by, action="rulebooks.discard", subject=_name(rulebook), detail={"key": read_key[:12]})


def _check_not_stale(rulebook: Rulebook, read_key: str) -> None:
    if rulebook.draft_id != read_key:
        raise StaleDraftError


def _check(data: Mapping[str, Any], assessment: str, fiscal_year: int) -> Framework:
    """The rules of a rulebook. Raises FrameworkError with every problem, DomainError for those of another year."""
    if (data.get("assessment"), data.get("fiscal_year")) != (assessment, fiscal_year):
        other = f"{data.get('assessment')}/{data.get('fiscal_year')}"
        raise DomainError(f"เป็นหลักเกณฑ์ของ {other} ไม่ใช่ของ {assessment}/{fiscal_year} จึงไม่รับ")
    framework, problems = rules.check_data(data, queries.find_framework(assessment, fiscal_year - 1))
    if framework is None:
        raise FrameworkError(problems)
    for earlier in framework.rules.earlier_editions:
        stored = queries.find_edition(assessment, fiscal_year, earlier.digest)
        if stored is not None and stored.arithmetic_digest != framework.arithmetic_digest:
            raise DomainError(
                f"ฉบับก่อนหน้า {earlier.digest[:12]} ให้คะแนนไม่เหมือนฉบับนี้ จึงอ้างว่าเหมือนกันไม่ได้ ลบออกจากแผ่นงาน “ฉบับก่อนหน้า”"
            )
    return framework


# --- rehearsing


def start_rehearsal(
    *, edition: Edition, previous_year: int, parcels: Path, agencies: Iterable[tuple[str, str, str]], by: User
) -> Rehearsal:
    """Score the sealed inputs of an earlier round under an edition, in the background. ``agencies`` are code, type and
    province of those in the round."""
    with transaction.atomic():
        rehearsal = Rehearsal.objects.create(
            edition=edition,
            previous_year=previous_year,
            parcels=files.to_name(parcels) or str(parcels),
            agencies=[*map(list, agencies)],
            by=by,
        )
        log_audit(
            by=by,
            action="rulebooks.rehearse",
            subject=f"{edition.assessment}/{edition.fiscal_year}",
            detail={"digest": edition.digest, "on": previous_year},
        )
        run_rehearsal.enqueue(
            rehearsal.pk,
            key=f"rehearsal:{rehearsal.pk}",
            about=f"หลักเกณฑ์ปี {edition.fiscal_year}",
            assessment=edition.assessment,
        )
    return rehearsal


def _fail_rehearsal(rehearsal_id: int, *, problem: str) -> None:
    waiting = Rehearsal.objects.filter(pk=rehearsal_id, status=Rehearsal.Status.WAITING)
    waiting.update(status=Rehearsal.Status.FAILED, problem=problem[:500], ready_at=timezone.now())


def _rehearse_again(rehearsal_id: int) -> None:
    failed = Rehearsal.objects.filter(pk=rehearsal_id, status=Rehearsal.Status.FAILED)
    failed.update(status=Rehearsal.Status.WAITING, problem="", ready_at=None)


@job(title="ซ้อมคำนวณตามหลักเกณฑ์ใหม่", queue=Queue.COMPUTE, on_failure=_fail_rehearsal, on_retry=_rehearse_again)
def run_rehearsal(lease: Lease, rehearsal_id: int) -> None:
    """Compute a rehearsal that waits."""
    from prongsai.analysis.rehearsal import rehearse

    rehearsal = Rehearsal.objects.select_related("edition").get(pk=rehearsal_id)
    if rehearsal.status != Rehearsal.Status.WAITING:
        return
    edition = rehearsal.edition
    new, old = queries.load_edition(edition), queries.find_framework(edition.assessment, rehearsal.previous_year)
    try:
        if old is None:
            raise DomainError(f"ไม่มีหลักเกณฑ์ของปี {rehearsal.previous_year}")
        between = _years_between(edition, rehearsal.previous_year)
        parcels = scoring.open_parcels(old, files.fetch_folder(Path(settings.MEDIA_ROOT) / rehearsal.parcels))
        result = rehearse(old, new, parcels.answers, parcels.marks, parcels.populations, between=between)
    except (DomainError, scoring.ParcelError) as error:
        rehearsal.status, rehearsal.problem = Rehearsal.Status.FAILED, str(error)[:500]
    else:
        kinds = {code: kind for code, kind, _ in rehearsal.agencies}
        provinces = {code: province for code, _, province in rehearsal.agencies}
        rehearsal.summary = result.summarize({"kind": kinds, "province": provinces})
        rehearsal.table = _write_table(result.table(), rehearsal)
        rehearsal.status = Rehearsal.Status.READY
    rehearsal.ready_at = timezone.now()
    with lease.write(finish=True):
        rehearsal.save()


def _years_between(edition: Edition, previous_year: int) -> list[Framework]:
    frameworks = queries.frameworks(edition.assessment)
    years = range(previous_year + 1, edition.fiscal_year)
    if missing := [year for year in years if year not in frameworks]:
        raise DomainError(f"ไม่มีหลักเกณฑ์ของปี {', '.join(map(str, missing))} ที่อยู่ระหว่างสองปี")
    return [frameworks[year] for year in years]


def _write_table(table: Any, rehearsal: Rehearsal) -> str:
    import pyarrow.csv

    names = {code: [kind, province] for code, kind, province in rehearsal.agencies}
    rows = [names.get(code, ["", ""]) for code in table["agency"].to_pylist()]
    for place, title in ((1, "kind"), (2, "province")):
        table = table.add_column(place, title, [[row[place - 1] for row in rows]])
    name = f"rehearsals/{uuid4().hex}.csv"
    file = io.BytesIO("\ufeff".encode())
    file.seek(0, io.SEEK_END)
    pyarrow.csv.write_csv(table, file)
    files.store_bytes(name, file.getvalue())
    return name


# --- announcing


def request_announcement(*, rulebook: Rulebook, on: datetime.date, read_key: str, by: User, url: str) -> Job | Proposal:
    """Have the draft announced in the background, by two people where the installation asks for that. Refused at once,
    as ``announce`` would. ``url``: the page that the notice leads to."""
    _check_announcement(rulebook, on, read_key)
    return _request(announce_in_background, rulebook, on.isoformat(), read_key, by=by, url=url)


def request_withdrawal(*, rulebook: Rulebook, reason: str, by: User, url: str) -> Job | Proposal:
    """Have announced rules taken back in the background, with a reason."""
    _check_withdrawal(rulebook, reason)
    return _request(withdraw_in_background, rulebook, reason.strip(), by=by, url=url, reason=reason.strip())


def _request(
    action: BackgroundAction, rulebook: Rulebook, *arguments: str, by: User, url: str, reason: str = ""
) -> Job | Proposal:
    return action.propose(
        str(rulebook.pk),
        rulebook.pk,
        *arguments,
        by=by,
        reason=reason,
        about=f"ปี {rulebook.fiscal_year}",
        assessment=rulebook.assessment,
        url=url,
    )


@background_action(title="ประกาศหลักเกณฑ์", binds=True)
def announce_in_background(lease: Lease, by: User, rulebook_id: int, on: str, read_key: str) -> None:
    """``announce`` for a page."""
    rulebook = Rulebook.objects.get(pk=rulebook_id)
    lease.outcome = f"ประกาศหลักเกณฑ์ปี {rulebook.fiscal_year} แล้ว เปิดรอบการประเมินได้"
    try:
        announce(rulebook=rulebook, on=datetime.date.fromisoformat(on), read_key=read_key, by=by, lease=lease)
    except FrameworkError as error:
        raise DomainError(" ".join(str(in_words(problem)) for problem in error.problems)) from error


@background_action(title="ถอนประกาศหลักเกณฑ์", binds=True)
def withdraw_in_background(lease: Lease, by: User, rulebook_id: int, reason: str) -> None:
    """``withdraw`` for a page."""
    rulebook = Rulebook.objects.get(pk=rulebook_id)
    lease.outcome = f"ถอนประกาศหลักเกณฑ์ปี {rulebook.fiscal_year} แล้ว หลักเกณฑ์กลับเป็นฉบับร่าง"
    withdraw(rulebook=rulebook, reason=reason, by=by, lease=lease)


def announce(
    *, rulebook: Rulebook, on: datetime.date, read_key: str, by: User, lease: Lease = NO_LEASE
) -> Announcement:
    """Bring the draft into force: public from now on, dated. ``read_key`` is the draft that was read before.

    A correction of the wording of rules in force is announced as such. Raises FrameworkError when worked cases
    contradict the rules; DomainError when rules are announced already, or somebody was first.
    """
    with lease.write(finish=True):
        rulebook = _lock_rulebook(rulebook.assessment, rulebook.fiscal_year)
        framework, kind = _check_announcement(rulebook, on, read_key)
        data = rules.as_data(framework.rules) | {"state": "announced"}
        rulebook.current = store_edition(framework=_check(data, rulebook.assessment, rulebook.fiscal_year), by=by)
        rulebook.draft = None
        rulebook.announced_on = rulebook.announced_on if kind == Announcement.Kind.WORDING else on
        rulebook.save()
        announcement = Announcement.objects.create(rulebook=rulebook, edition=rulebook.current, kind=kind, on=on, by=by)
        log_audit(
            by=by,
            action="rulebooks.announce",
            subject=_name(rulebook),
            detail={"digest": rulebook.current.digest, "on": on.isoformat(), "kind": kind},
        )
        _append_to_public_log(announcement)
    return announcement


def _check_announcement(rulebook: Rulebook, on: datetime.date, read_key: str) -> tuple[Framework, str]:
    """The draft, and what its announcement would be. Raises as ``announce``."""
    if not _EARLIEST <= on <= timezone.localdate():
        raise DomainError(
            f"วันที่ประกาศ {thai.date(on)} ใช้ไม่ได้ หลักเกณฑ์มีผลทันทีที่ประกาศในระบบ จึงใส่วันที่ประกาศที่ผ่านมาแล้วหรือวันนี้ และตรวจว่าเป็นปี พ.ศ. หรือ ค.ศ."
        )
    _check_not_stale(rulebook, read_key)
    if rulebook.draft is None:
        raise StaleDraftError
    framework = queries.load_edition(rulebook.draft)
    if problems := scoring.check_cases(framework):
        raise FrameworkError(problems)
    _check_pinned(rulebook, framework)
    return framework, _kind_of_announcement(rulebook, framework)


def _kind_of_announcement(rulebook: Rulebook, framework: Framework) -> str:
    current = queries.find_framework(rulebook.assessment, rulebook.fiscal_year)
    if current is None or current.is_provisional:
        return Announcement.Kind.RULES
    if current.arithmetic_digest == framework.arithmetic_digest:
        if current.wording_digest == framework.wording_digest:
            raise DomainError(f"หลักเกณฑ์ปี {rulebook.fiscal_year} ฉบับนี้ประกาศไปแล้ว ไม่มีอะไรเปลี่ยนแปลง")
        return Announcement.Kind.WORDING
    raise DomainError(
        f"หลักเกณฑ์ปี {rulebook.fiscal_year} ประกาศไปแล้ว ฉบับร่างนี้เปลี่ยนวิธีคำนวณ ต้องถอนประกาศเดิมก่อนจึงประกาศฉบับใหม่ได้"
    )


def withdraw(*, rulebook: Rulebook, reason: str, by: User, lease: Lease = NO_LEASE) -> None:
    """Take announced rules back: they become the draft again. Refused while a round uses them."""
    with lease.write(finish=True):
        rulebook = _lock_rulebook(rulebook.assessment, rulebook.fiscal_year)
        withdrawn = _check_withdrawal(rulebook, reason)
        data = rules.as_data(queries.load_edition(withdrawn).rules) | {"state": "provisional"}
        rulebook.draft = store_edition(framework=_check(data, rulebook.assessment, rulebook.fiscal_year), by=by)
        rulebook.current, rulebook.announced_on = None, None
        rulebook.save()
        announcement = Announcement.objects.create(
            rulebook=rulebook,
            edition=withdrawn,
            kind=Announcement.Kind.WITHDRAWAL,
            on=timezone.localdate(),
            by=by,
            reason=reason.strip()[:300],
        )
        log_audit(by=by, action="rulebooks.withdraw", subject=_name(rulebook), detail={"reason": reason.strip()[:300]})
        _append_to_public_log(announcement)


def _check_withdrawal(rulebook: Rulebook, reason: str) -> Edition:
    """The edition that would be withdrawn. Raises DomainError."""
    if not reason.strip():
        raise DomainError("ต้องบอกเหตุผลที่ถอน")
    if rulebook.current is None:
        raise DomainError("ไม่มีหลักเกณฑ์ที่ประกาศไว้ในระบบนี้ให้ถอน")
    if rulebook.pinned:
        raise DomainError(f"รอบปี {rulebook.fiscal_year} ใช้หลักเกณฑ์นี้อยู่ จึงถอนประกาศไม่ได้ แก้ได้เฉพาะถ้อยคำ")
    if rulebook.draft is not None:
        raise DomainError("มีฉบับร่างค้างอยู่ ทิ้งหรือประกาศฉบับร่างก่อน แล้วจึงถอน")
    return rulebook.current


def _append_to_public_log(announcement: Announcement) -> None:
    rulebook = announcement.rulebook
    append_entry(
        kind="rules",
        data={
            "assessment": rulebook.assessment,
            "fiscal_year": rulebook.fiscal_year,
            "act": announcement.kind,
            "on": announcement.on.isoformat(),
            "rules": announcement.edition.digest,
        },
    )


def _name(rulebook: Rulebook) -> str:
    return f"หลักเกณฑ์ {rulebook.assessment}/{rulebook.fiscal_year}"
