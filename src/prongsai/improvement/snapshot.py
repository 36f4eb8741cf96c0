"""A plan in plain values, as approved or as being drafted: what pages, papers and spreadsheets print; and the progress
of its measures."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from prongsai.analysis import phrases
from prongsai.framework import Framework
from prongsai.improvement.findings import concerns_overall_result
from prongsai.improvement.models import Decision, FollowUp, Plan, from_stored, to_stored
from prongsai.improvement.periods import MONTHS_OF_SIX_MONTH_REPORT, due_dates, period_text
from prongsai.improvement.queries import framework_of, latest_approval, measures_of
from prongsai.lib import digest, fiscal
from prongsai.registry.queries import today


@dataclass(frozen=True)
class FollowUpSnapshot:
    """A follow-up as it is printed. ``evidence`` are names with URLs; the URL of a file is empty, and ``files`` are its
    name and SHA-256."""

    due: datetime.date
    on: datetime.date
    status: str
    done: str
    obstacles: str
    suggestion: str
    evidence: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...] = ()

    @property
    def official_status(self) -> str:
        """The status in the words of reports and papers; those of the desk are everyday ones."""
        value = next((s.value for s in FollowUp.Status if s.label == self.status), "")
        return str(getattr(phrases.load().statuses, value)) if value else self.status


@dataclass(frozen=True, kw_only=True)
class MeasureSnapshot:
    """One measure of a plan. ``indicators`` are (id, Thai label), none of a measure that concerns the overall result
    (``is_overall``); ``analysis`` has one paragraph a finding; ``period`` is in Thai; ``starts`` and ``ends`` are its
    first and last day; ``budget`` is in baht, None for none; ``approved_on`` is the day of its first approval, None in
    a draft."""

    measure: int
    indicators: tuple[tuple[str, str], ...]
    is_overall: bool
    analysis: str
    title: str
    steps: str
    period: str
    starts: datetime.date
    ends: datetime.date
    follow_up_interval: str
    units: tuple[str, ...]
    budget: Decimal | None
    success: str
    owner: str
    due_dates: tuple[datetime.date, ...]
    approved_on: datetime.date | None
    follow_ups: tuple[FollowUpSnapshot, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """Its indicators with their numbers, or that it concerns the overall result, in Thai."""
        return tuple(f"{i} {label}" for i, label in self.indicators) or (("ภาพรวม",) if self.is_overall else ())

    @property
    def obstacles(self) -> tuple[str, ...]:
        """The obstacles that follow-ups report, by due date."""
        return tuple(f.obstacles for f in self.follow_ups if f.obstacles)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """The suggestions of the follow-ups, by due date."""
        return tuple(f.suggestion for f in self.follow_ups if f.suggestion)


@dataclass(frozen=True, kw_only=True)
class PlanSnapshot:
    """A plan as approved, or as being drafted (``approval`` is None). ``digest`` is that of its content;
    ``is_provisional`` tells whether nobody has announced the rules of the result that it answers."""

    agency: str
    code: str
    fiscal_year: int
    result_year: int
    measures: tuple[MeasureSnapshot, ...]
    digest: str
    approval: Decision | None
    is_provisional: bool


def content_of(plan: Plan) -> dict[str, Any]:
    """The working copy as JSON data: what an approval stores, and what its digest is taken of."""
    return {
        "agency": plan.agency.code,
        "fiscal_year": plan.fiscal_year,
        "result": plan.result.result_set.digest if plan.result else "",
        "measures": [
            to_stored(
                {
                    "id": m.pk,
                    **m.values(),
                    "owner": m.owner.name if m.owner else "",
                    "findings": [[f.kind, f.node, f.defect, f.remedy] for f in m.findings.all()],
                }
            )
            for m in measures_of(plan)
        ],
    }


def measures_in(approval: Decision) -> list[dict[str, Any]]:
    """The measures of an approved plan, each by the names of its fields."""
    assert approval.content is not None  # every approval stores its content
    return [from_stored(m) for m in approval.content["measures"]]


def build_snapshot(plan: Plan, *, working_copy: bool = False, until: datetime.date | None = None) -> PlanSnapshot:
    """A plan with its follow-ups, as in force when it was approved, else as being drafted. ``working_copy``: as being
    drafted though another version is in force; ``until``: only follow-ups due by that day."""
    approval = None if working_copy else latest_approval(plan)
    if approval:
        stored, content_digest = measures_in(approval), approval.digest
    else:
        content = content_of(plan)
        stored, content_digest = [from_stored(m) for m in content["measures"]], digest.of_json(content)
    framework = framework_of(plan)
    follow_ups: dict[int, list[FollowUpSnapshot]] = {}
    for f in latest_follow_ups(plan):
        if until is None or f.due <= until:
            evidence = tuple((e.name, e.url) for e in f.evidence.all())
            files = tuple((e.name, e.sha256) for e in f.evidence.all() if e.stored_as)
            follow_ups.setdefault(f.measure_id, []).append(
                FollowUpSnapshot(
                    f.due, f.on, f.get_status_display(), f.done, f.obstacles, f.suggestion, evidence, files
                )
            )
    approved_on = _first_approvals(plan) if approval else {}
    return PlanSnapshot(
        agency=plan.agency.name_th,
        code=plan.agency.code,
        fiscal_year=plan.fiscal_year,
        result_year=plan.result_year,
        measures=tuple(
            _build_measure(plan.fiscal_year, framework, m, tuple(follow_ups.get(m["id"], ())), approved_on.get(m["id"]))
            for m in stored
        ),
        digest=content_digest,
        approval=approval,
        is_provisional=framework.is_provisional,
    )


def _first_approvals(plan: Plan) -> dict[int, datetime.date]:
    """The day of each measure's first approval."""
    days: dict[int, datetime.date] = {}
    for approval in plan.decisions.filter(step=Decision.Step.APPROVED).order_by("pk"):
        for m in measures_in(approval):
            days.setdefault(m["id"], timezone.localdate(approval.at))
    return days


def _build_measure(
    fiscal_year: int,
    framework: Framework,
    m: Mapping[str, Any],
    follow_ups: tuple[FollowUpSnapshot, ...],
    approved_on: datetime.date | None,
) -> MeasureSnapshot:
    return MeasureSnapshot(
        measure=m["id"],
        indicators=tuple((i, framework.nodes[i].label.th) for i in m["indicators"] if i in framework.nodes),
        is_overall=not m["indicators"] and concerns_overall_result(kind for kind, *_ in m["findings"]),
        # a question asked in two parts of a survey has the same defect twice
        analysis="\n".join(dict.fromkeys(defect for _, _, defect, _ in m["findings"] if defect)),
        title=m["title"],
        steps=m["steps"],
        period=period_text(fiscal_year, m["starts"], m["ends"]),
        starts=fiscal.first_day(fiscal_year, m["starts"]),
        ends=fiscal.last_day(fiscal_year, m["ends"]),
        follow_up_interval=m["follow_up_interval"],
        units=tuple(m["units"]),
        budget=None if m["budget"] is None else Decimal(m["budget"]),
        success=m["success"],
        owner=m["owner"],
        due_dates=due_dates(fiscal_year, m["starts"], m["ends"], m["follow_up_interval"]),
        approved_on=approved_on,
        follow_ups=follow_ups,
    )


# --- follow-up


def latest_follow_ups(plan: Plan) -> list[FollowUp]:
    """The last follow-up of each measure and due date, by due date: the one that counts."""
    rows = FollowUp.objects.filter(measure__plan=plan).select_related("by").prefetch_related("evidence").order_by("pk")
    latest = {(f.measure_id, f.due): f for f in rows}
    return sorted(latest.values(), key=lambda f: (f.due, f.measure_id))


@dataclass(frozen=True)
class MeasureProgress:
    """The progress of a measure on a day. ``status`` is that of its last follow-up, in Thai; ``pending`` are due dates
    without a follow-up, none once it is done; ``is_overdue`` whether the first of them has passed. A date before the
    measure's first approval is not pending, except its last: that one accepts a late report
    (``accepts_late_report``). Nothing is overdue in a draft, or for a date before the approval."""

    measure: MeasureSnapshot
    status: str
    pending: tuple[datetime.date, ...]
    is_overdue: bool
    accepts_late_report: bool
    last_follow_up: FollowUpSnapshot | None

    @property
    def official_status(self) -> str:
        """The status in the words of reports and papers."""
        last = self.last_follow_up
        return last.official_status if last is not None else str(phrases.load().sentences.no_follow_up)

    @property
    def next_due(self) -> datetime.date | None:
        return self.pending[0] if self.pending else None


def track_progress(snapshot: PlanSnapshot, day: datetime.date | None = None) -> list[MeasureProgress]:
    """The progress of every measure in a snapshot on a day, today without one."""
    day = day or today()
    return [_progress_of(measure, day) for measure in snapshot.measures]


def _progress_of(measure: MeasureSnapshot, day: datetime.date) -> MeasureProgress:
    last = measure.follow_ups[-1] if measure.follow_ups else None
    approved_on = measure.approved_on or datetime.date.min
    pending: tuple[datetime.date, ...] = ()
    if last is None or last.status != FollowUp.Status.DONE.label:
        reported = {f.due for f in measure.follow_ups}
        pending = tuple(
            d for d in measure.due_dates if d not in reported and (d >= approved_on or d == measure.due_dates[-1])
        )
    has_passed = measure.approved_on is not None and bool(pending) and pending[0] < day
    is_overdue = has_passed and pending[0] >= approved_on
    status = last.status if last else str(FollowUp.Status.WAITING.label)
    return MeasureProgress(measure, status, pending, is_overdue, has_passed and not is_overdue, last)


def end_of_report(plan: Plan, half: str) -> datetime.date:
    """The last day that the six-month report (``six``) or the report of the year covers."""
    return fiscal.last_day(plan.fiscal_year, MONTHS_OF_SIX_MONTH_REPORT if half == "six" else fiscal.MONTHS)
