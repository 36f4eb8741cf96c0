"""Every write of the improvement room."""

import datetime
import hashlib
import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from prongsai.improvement import queries
from prongsai.improvement.drafting import draft, is_whole, of_whole
from prongsai.improvement.findings import Finding, Kind
from prongsai.improvement.models import Decision, Evidence, FollowUp, LibraryEntry, Measure, Plan, PlanFinding, Reminder
from prongsai.improvement.periods import due_dates
from prongsai.improvement.text import listed, one_line, tidy
from prongsai.lib import digest, fiscal, thai
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import User
from prongsai.registry.models import Agency
from prongsai.registry.queries import today

SOON = datetime.timedelta(days=7)  # before a due date that people are told of it
LATE = datetime.timedelta(days=30)  # after a due date that it is still worth telling
MOST_MEASURES = 60
MOST_EVIDENCE = 10
SUFFIXES = (
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


def start(*, agency: Agency, result_year: int, by: User | None, comments: Mapping[str, str] | None = None) -> Plan:
    """Make the plan that answers a year's result, with a measure for each indicator drafted from the findings."""
    result = queries.results_of(agency).get(result_year)
    if result is None:
        raise DomainError(f"{agency} ยังไม่มีผลปี {result_year} ที่เผยแพร่หรือที่ยืนยันแล้ว จึงยังทำแผนไม่ได้ นำเข้าผลปีนั้นก่อน")
    found = queries.findings(result, comments)
    with transaction.atomic():
        Agency.objects.select_for_update().get(pk=agency.pk)  # two who start at once wait for each other
        if Plan.objects.filter(agency=agency, fiscal_year=result_year + 1).exists():
            raise DomainError(f"มีแผนปี {result_year + 1} อยู่แล้ว เปิดแผนเดิมแล้วแก้ไขต่อได้")
        plan = Plan.objects.create(agency=agency, fiscal_year=result_year + 1, result=result)
        for place, d in enumerate(draft(queries.framework_of(plan), found, plan.fiscal_year, _units_before(agency))):
            measure = Measure.objects.create(
                plan=plan,
                place=place,
                title=one_line(d.title),
                indicators=list(d.indicators),
                steps=tidy(d.steps),
                starts=d.starts,
                ends=d.ends,
                rhythm=d.rhythm,
                units=listed(", ".join(d.units)),
                success=tidy(d.success),
                changed_by=by,
            )
            _keep_findings(measure, d.findings)
        log_audit(
            by=by,
            action="improvement.start",
            subject=f"แผน {plan.pk}",
            agency=agency.code,
            detail={"fiscal_year": plan.fiscal_year, "result": result.result_set.digest, "findings": len(found)},
        )
    return plan


def _units_before(agency: Agency) -> dict[str, tuple[str, ...]]:
    """Who was responsible for each indicator in the agency's last plan."""
    rows = Measure.objects.filter(plan__agency=agency, removed=False).order_by("plan__fiscal_year", "place")
    return {i: tuple(row.units) for row in rows for i in row.indicators or [""] if row.units}


def _keep_findings(measure: Measure, found: Iterable[Finding]) -> int:
    made = PlanFinding.objects.bulk_create(
        PlanFinding(
            plan=measure.plan,
            measure=measure,
            key=f.key,
            kind=f.kind,
            node=f.node,
            score=f.score,
            before=f.before,
            defect=tidy(f.defect),
            remedy=tidy(f.remedy),
        )
        for f in found
    )
    return len(made)


def take_in(*, plan: Plan, by: User, comments: Mapping[str, str] | None = None) -> int:
    """Point a plan at the result that stands now, and add findings that it does not have yet; nothing written is
    touched. Gives how many were added."""
    with transaction.atomic():
        plan = _open(plan)
        result = queries.newer_result(plan) or plan.result
        known = set(plan.points.values_list("key", flat=True))
        rows = queries.measures(plan)
        added = 0
        found = queries.findings(result, comments)
        for finding in found:
            if finding.key in known:
                continue
            home = next((m for m in rows if _is_home(m, finding)), None)
            if home is None and finding.indicator:
                home = _new_measure(plan, by, [finding.indicator])
            elif home is None:
                d = of_whole(queries.framework_of(plan), found, plan.fiscal_year, ())
                home = _new_measure(
                    plan,
                    by,
                    [],
                    title=one_line(d.title),
                    steps=tidy(d.steps),
                    units=list(d.units),
                    success=tidy(d.success),
                )
            rows = rows if home in rows else [*rows, home]
            added += _keep_findings(home, [finding])
        if added or result.pk != plan.result_id:
            plan.result = result
            _touched(plan)
            log_audit(
                by=by,
                action="improvement.take_in",
                subject=f"แผน {plan.pk}",
                agency=plan.agency.code,
                detail={"added": added, "result": result.result_set.digest},
            )
    return added


def _is_home(measure: Measure, finding: Finding) -> bool:
    """Whether a finding belongs to a measure: of its indicator, or, what is said of the whole, where the like stands
    already."""
    if finding.indicator:
        return finding.indicator in measure.indicators
    return is_whole(f.kind for f in measure.findings.all())


# --- editing


def _open(plan: Plan) -> Plan:
    """The plan, locked until the transaction ends. Raises DomainError while it waits for the executive."""
    plan = Plan.objects.select_for_update(of=("self",)).select_related("agency", "result__result_set").get(pk=plan.pk)
    if plan.status == Plan.Status.SUBMITTED:
        raise DomainError("แผนนี้เสนอผู้บริหารแล้ว ต้องดึงกลับมาแก้ก่อน จึงบันทึกได้")
    return plan


def _touched(plan: Plan) -> None:
    """What was approved stays in force; the copy in work is a draft again."""
    if plan.status == Plan.Status.APPROVED:
        plan.status = Plan.Status.DRAFT
    plan.save(update_fields=["status", "result"])


@dataclass(frozen=True)
class Typed:
    """A measure as typed on a page. ``was`` is the stamp of what the page showed; ``values`` are as
    ``Measure.values``."""

    measure: int
    was: str
    values: Mapping[str, Any]

    @property
    def stamp(self) -> str:
        return digest.of_json(self.values)


@dataclass(frozen=True)
class Saved:
    """Which measures were stored, and which were not because somebody else had changed them meanwhile."""

    stored: tuple[int, ...]
    conflicts: tuple[int, ...]


def save(*, plan: Plan, typed: Sequence[Typed], moves: Mapping[int, int], by: User) -> Saved:
    """Store what was typed, measure by measure: those not touched are left alone, those that somebody else changed
    meanwhile are told and not overwritten. ``moves``: findings by the measure they go to."""
    with transaction.atomic():
        plan = _open(plan)
        rows = {m.pk: m for m in plan.measures.prefetch_related("findings")}
        stored, conflicts = [], []
        for t in typed:
            row = rows.get(t.measure)
            if row is None or t.stamp == t.was:
                continue
            if row.stamp() != t.was:
                conflicts.append(row.pk)
                continue
            _put(row, t.values, by)
            stored.append(row.pk)
        moved = 0
        for finding, home in moves.items():
            if home in rows and not rows[home].removed and home not in conflicts:
                moved += PlanFinding.objects.filter(pk=finding, plan=plan).exclude(measure=home).update(measure=home)
        if stored or moved:
            _touched(plan)
            log_audit(
                by=by,
                action="improvement.save",
                subject=f"แผน {plan.pk}",
                agency=plan.agency.code,
                detail={"measures": stored, "findings_moved": moved},
            )
    return Saved(tuple(stored), tuple(conflicts))


def _put(row: Measure, values: Mapping[str, Any], by: User) -> None:
    for name in ("title", "indicators", "steps", "starts", "ends", "rhythm", "units", "budget", "success", "removed"):
        setattr(row, name, values[name])
    row.keeper_id, row.changed_by = values["keeper"], by
    row.save()
    for finding, (defect, remedy) in values["findings"].items():
        PlanFinding.objects.filter(pk=int(finding), plan=row.plan).update(defect=defect, remedy=remedy)
    PlanFinding.objects.filter(measure=row, kind=Kind.OWN, defect="", remedy="").delete()  # taken back
    if own := values.get("found"):
        PlanFinding.objects.create(plan=row.plan, measure=row, key=f"own:{uuid.uuid4().hex}", kind=Kind.OWN, defect=own)


def _new_measure(plan: Plan, by: User | None, indicators: list[str], **values: Any) -> Measure:
    if plan.measures.filter(removed=False).count() >= MOST_MEASURES:
        raise DomainError(f"แผนหนึ่งมีได้ไม่เกิน {MOST_MEASURES} มาตรการ รวมมาตรการที่ใกล้กันเข้าด้วยกัน")
    place = (plan.measures.aggregate(last=Max("place"))["last"] or 0) + 1
    return Measure.objects.create(plan=plan, place=place, indicators=indicators, changed_by=by, **values)


def add_measure(*, plan: Plan, by: User, indicators: Sequence[str] = (), title: str = "", steps: str = "") -> Measure:
    """An empty measure at the end, or one taken from the library."""
    with transaction.atomic():
        plan = _open(plan)
        made = _new_measure(plan, by, list(indicators), title=one_line(title)[:300], steps=tidy(steps))
        _touched(plan)
        log_audit(
            by=by,
            action="improvement.add_measure",
            subject=f"แผน {plan.pk}",
            agency=plan.agency.code,
            detail={"measure": made.pk},
        )
    return made


def remove_measure(*, measure: Measure, by: User) -> None:
    """Take a measure out of the working copy. Its findings go to another measure of the same indicators; with none, the
    plan lacks one."""
    with transaction.atomic():
        plan = _open(measure.plan)
        home = next(
            (m for m in queries.measures(plan) if m.pk != measure.pk and set(m.indicators) & set(measure.indicators)),
            None,
        )
        if home is None and measure.findings.exists():
            raise DomainError(f"“{measure}” มีข้อค้นพบที่ยังไม่มีมาตรการอื่นรองรับ ย้ายข้อค้นพบไปมาตรการอื่นก่อน แล้วจึงนำออก")
        if home is not None:
            measure.findings.update(measure=home)
        Measure.objects.filter(pk=measure.pk).update(removed=True, changed_by=by)
        _touched(plan)
        log_audit(
            by=by,
            action="improvement.remove_measure",
            subject=f"แผน {plan.pk}",
            agency=plan.agency.code,
            detail={"measure": measure.pk, "title": measure.title},
        )


# --- approval


def _decide(
    plan: Plan, step: str, by: User, *, status: str, position: str = "", comment: str = "", keep: bool = False
) -> Decision:
    content = queries.content(plan)
    made = Decision.objects.create(
        plan=plan,
        step=step,
        by=by,
        name=by.name,
        position=one_line(position)[:120],
        comment=tidy(comment)[:4000],
        digest=digest.of_json(content),
        content=content if keep else None,
    )
    plan.status = status
    plan.save(update_fields=["status", "public"])
    log_audit(
        by=by,
        action=f"improvement.{step}",
        subject=f"แผน {plan.pk}",
        agency=plan.agency.code,
        detail={"digest": made.digest, "decision": made.pk},
    )
    return made


def _whole(plan: Plan) -> None:
    rows = queries.measures(plan)
    if lacks := queries.lacks(plan, rows):
        number = {m.pk: n for n, m in enumerate(rows, 1)}
        told = [f"มาตรการที่ {number[x.measure.pk]} {x.text}" if x.measure else x.text for x in lacks]
        more = f" และอีก {len(told) - 8} เรื่อง" if len(told) > 8 else ""
        raise DomainError(f"แผนยังไม่ครบ {len(told)} เรื่อง: " + " · ".join(told[:8]) + more)


def _address(plan: Plan, name: str = "plan") -> str:
    return reverse(name, args=[plan.agency.code, plan.fiscal_year])


def submit(*, plan: Plan, by: User) -> int:
    """Put a whole plan before the agency's executives. Gives how many of them were told."""
    with transaction.atomic():
        plan = _open(plan)
        if plan.status == Plan.Status.APPROVED:
            raise DomainError("แผนนี้อนุมัติแล้วและไม่มีการแก้ไขหลังจากนั้น")
        _whole(plan)
        _decide(plan, Decision.Step.SUBMITTED, by, status=Plan.Status.SUBMITTED)
        told = queries.executives(plan.agency)
        for user in told:
            notify(user=user, text=f"{plan} ของ{plan.agency} รอท่านพิจารณา", url=_address(plan))
    return len(told)


def _waiting(plan: Plan) -> Plan:
    plan = Plan.objects.select_for_update(of=("self",)).select_related("agency", "result__result_set").get(pk=plan.pk)
    if plan.status != Plan.Status.SUBMITTED:
        raise DomainError(f"แผนนี้{plan.get_status_display()} ไม่ได้รอการพิจารณา")
    return plan


def recall(*, plan: Plan, by: User) -> None:
    """Take a plan back before it was decided on, to mend it."""
    with transaction.atomic():
        _decide(_waiting(plan), Decision.Step.RECALLED, by, status=Plan.Status.DRAFT)


def send_back(*, plan: Plan, by: User, comment: str) -> None:
    if not comment.strip():
        raise DomainError("บอกเจ้าหน้าที่ว่าต้องแก้อะไร แล้วจึงส่งกลับ")
    with transaction.atomic():
        plan = _waiting(plan)
        _decide(plan, Decision.Step.RETURNED, by, status=Plan.Status.RETURNED, comment=comment)
        for user in queries.officers(plan.agency):
            notify(user=user, text=f"{plan} ถูกส่งกลับให้แก้: {one_line(comment)}", url=_address(plan))


def approve(*, plan: Plan, by: User, position: str, seen: str, comment: str = "") -> Decision:
    """Put a plan in force, signed: who, in what position, when, and the digest of what was approved. ``seen`` is the
    digest of what the executive had before their eyes."""
    if not position.strip():
        raise DomainError("ระบุตำแหน่งของผู้อนุมัติ เช่น นายกเทศมนตรี")
    with transaction.atomic():
        plan = _waiting(plan)
        if digest.of_json(queries.content(plan)) != seen:
            raise DomainError("แผนเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ อ่านแผนฉบับล่าสุดแล้วอนุมัติอีกครั้ง")
        _whole(plan)
        made = _decide(
            plan, Decision.Step.APPROVED, by, status=Plan.Status.APPROVED, position=position, comment=comment, keep=True
        )
        _into_library(plan)
        for user in queries.officers(plan.agency):
            notify(user=user, text=f"{plan} ได้รับอนุมัติแล้ว เริ่มทำและติดตามได้", url=_address(plan, "plan_board"))
    return made


def _into_library(plan: Plan) -> None:
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
        for m in queries.measures(plan)
        for i in m.indicators
    )


def set_public(*, plan: Plan, public: bool, by: User) -> None:
    """Show the plan in force to everybody, or stop showing it."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update(of=("self",)).select_related("agency").get(pk=plan.pk)
        if public and queries.in_force(plan) is None:
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
class Shown:
    """Evidence handed in: a link, or a file that lies somewhere for the length of the request."""

    url: str = ""
    name: str = ""
    path: Path | None = None


def follow_up(
    *,
    measure: Measure,
    due: datetime.date,
    on: datetime.date,
    status: str,
    done: str,
    obstacles: str,
    suggestion: str,
    by: User | None,
    evidence: Sequence[Shown] = (),
) -> FollowUp:
    """Add what was done of a measure in force by one of its due dates."""
    plan = measure.plan
    row = next((r for r in queries.sheet(plan).rows if r.measure == measure.pk), None)
    if queries.in_force(plan) is None or row is None:
        raise DomainError("ติดตามได้เมื่อแผนที่มีมาตรการนี้ได้รับอนุมัติแล้ว")
    if due not in row.dues:
        raise DomainError("รอบที่เลือกไม่ใช่รอบการติดตามของมาตรการนี้")
    if on > today():
        raise DomainError("วันที่ติดตามต้องไม่อยู่ในอนาคต")
    if on < row.starts:
        raise DomainError(f"วันที่ติดตามอยู่ก่อนเริ่มมาตรการ ({fiscal.short_date(row.starts)})")
    if len(evidence) > MOST_EVIDENCE:
        raise DomainError(f"แนบหลักฐานได้ครั้งละไม่เกิน {MOST_EVIDENCE} รายการ")
    kept = [_kept(e) for e in evidence]
    with transaction.atomic():
        made = FollowUp.objects.create(
            measure=measure,
            due=due,
            on=on,
            status=FollowUp.Status(status),
            done=tidy(done),
            obstacles=tidy(obstacles),
            suggestion=tidy(suggestion),
            by=by,
        )
        for item in kept:
            item.follow_up = made
        Evidence.objects.bulk_create(kept)
        log_audit(
            by=by,
            action="improvement.follow_up",
            subject=f"มาตรการ {measure.pk}",
            agency=plan.agency.code,
            detail={
                "follow_up": made.pk,
                "due": due.isoformat(),
                "status": status,
                "evidence": [e.sha256 or e.url for e in kept],
            },
        )
    return made


def _kept(shown: Shown) -> Evidence:
    if shown.path is None:
        return Evidence(url=shown.url, name=shown.name or shown.url[:200])
    suffix = Path(shown.name).suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES:
        raise DomainError(f"ไฟล์หลักฐาน “{shown.name[:60]}” ต้องเป็น {', '.join(SUFFIXES)}")
    with shown.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    stored = Path("evidence") / f"{uuid.uuid4().hex}.{suffix}"
    (settings.MEDIA_ROOT / stored).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shown.path, settings.MEDIA_ROOT / stored)
    return Evidence(name=one_line(Path(shown.name).name)[-200:], stored_as=str(stored), sha256=sha256)


# --- reminders


def remind(*, day: datetime.date | None = None) -> int:
    """Tell whoever looks after a measure that a follow-up is due within a week, and once more when it is late: once for
    each plan and due date. Gives how many notices were made."""
    day = day or today()
    years = {fiscal.year_of(day - LATE), fiscal.year_of(day + SOON)}
    approved = Decision.objects.filter(step=Decision.Step.APPROVED).values("plan")
    plans = Plan.objects.filter(fiscal_year__in=years, pk__in=approved, agency__closed_on=None)
    made = 0
    for plan in plans.select_related("agency", "result__result_set").iterator(chunk_size=200):
        made += _remind_of(plan, day)
    return made


def _remind_of(plan: Plan, day: datetime.date) -> int:
    approved = queries.in_force(plan)
    dues = {
        d
        for m in approved.content["measures"]
        for d in due_dates(plan.fiscal_year, m["starts"], m["ends"], m["rhythm"])
    }
    if not any(day - LATE <= d <= day + SOON for d in dues):
        return 0
    open_ones: dict[datetime.date, list[queries.Row]] = {}
    for card in queries.cards(queries.sheet(plan), day):
        for due in card.waiting:
            if day - LATE <= due <= day + SOON and (due >= day or card.late):
                open_ones.setdefault(due, []).append(card.row)
    if not open_ones:
        return 0
    here = {u.pk: u for u in queries.keepers(plan.agency)}
    keeper = dict(plan.measures.values_list("pk", "keeper"))
    made = 0
    for due, rows in open_ones.items():
        kind = Reminder.Kind.LATE if due < day else Reminder.Kind.SOON
        with transaction.atomic():
            if not Reminder.objects.get_or_create(plan=plan, due=due, kind=kind)[1]:
                continue
            told: dict[int, int] = {}
            for row in rows:
                own = keeper.get(row.measure)
                # who left is not told; the agency's officers are, instead
                for pk in [own] if own in here else [u.pk for u in queries.officers(plan.agency)]:
                    told[pk] = told.get(pk, 0) + 1
            for pk, number in told.items():
                when = "เลยกำหนดติดตามแล้ว" if kind == Reminder.Kind.LATE else "ใกล้ครบกำหนดติดตาม"
                notify(
                    user=here[pk],
                    text=f"{plan}: {number} มาตรการ{when} (วันที่ {fiscal.short_date(due)})",
                    url=_address(plan, "plan_board"),
                )
            made += len(told)
    return made
