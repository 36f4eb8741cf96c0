"""Reads of plans: what can be planned from, the findings, the sheet that others print, follow-ups, outcome, the
nation's state."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from prongsai import analysis
from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Filing
from prongsai.framework import Framework
from prongsai.improvement import findings as judgement
from prongsai.improvement.drafting import is_whole
from prongsai.improvement.findings import Finding
from prongsai.improvement.models import Decision, FollowUp, Measure, Plan, PlanFinding
from prongsai.improvement.periods import HALF, due_dates, period_text
from prongsai.lib import digest, fiscal
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Appointment
from prongsai.registry.queries import today
from prongsai.results import queries as record
from prongsai.results.models import AgencyResult, PublishedResult, ResultSet
from prongsai.scoring import complete_scores, round_score

# --- results and their findings


def results_of(agency: Agency) -> dict[int, AgencyResult]:
    """Results that a plan may be made of, by fiscal year, newest first: what is published, and where nothing is, the
    agency's own last confirmed import."""
    own = (
        AgencyResult.objects.filter(agency=agency, result_set__origin=ResultSet.Origin.IMPORT)
        .annotate(rows=Count("result_set__results"))
        .filter(rows=1)
        .select_related("result_set", "agency")
        .order_by("result_set_id")
    )
    found = {r.result_set.fiscal_year: r for r in own}
    live = PublishedResult.objects.filter(agency=agency).select_related("result__result_set", "result__agency")
    found |= {c.fiscal_year: c.result for c in live}
    return {y: found[y] for y in sorted(found, reverse=True) if y in record.frameworks()}


def framework_of(plan: Plan) -> Framework:
    """The rules of the result that a plan is about."""
    return record.framework_of(plan.result.result_set)


def _last(result: AgencyResult) -> tuple[Framework, judgement.Known] | None:
    """The published year before a result's, with its rules."""
    year = result.result_set.fiscal_year - 1
    row = PublishedResult.objects.filter(agency=result.agency, fiscal_year=year).select_related("result").first()
    if row is None or year not in record.frameworks():
        return None
    return record.frameworks()[year], record.known(row.result)


def findings(result: AgencyResult, comments: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Every finding of a result. ``comments``: what the assessors wrote, by O-item (``comments_on``)."""
    framework = record.framework_of(result.result_set)
    return judgement.findings(framework, record.known(result), last=_last(result), comments=comments)


def comments_on(agency: Agency, fiscal_year: int) -> dict[str, str]:
    """What the assessors said of the items of a year that did not get full marks, by O-item; nothing before the marks
    were handed to the agency."""
    filing = (
        Filing.objects.filter(agency=agency, round__fiscal_year=fiscal_year, released_at__isnull=False)
        .select_related("round")
        .first()
    )
    framework = record.frameworks().get(fiscal_year)
    if filing is None or framework is None:
        return {}
    said = {}
    result = results_of(agency).get(fiscal_year)
    shown = result.shown if result else {}
    for item, mark in disclosures.counting_marks(filing).items():
        if Fraction(shown.get(item, mark.points)) != mark.points:
            continue  # the result is older than the mark, or comes from elsewhere
        text = "\n".join(filter(None, [*mark.reasons, mark.comment]))
        if text and item in framework.items and mark.points < max(framework.mark_points(item)):
            said[item] = text
    return said


def gaps(plan: Plan) -> list[str]:
    """What the findings of a plan's result can't tell, in Thai."""
    return judgement.gaps(framework_of(plan), record.known(plan.result), has_last=_last(plan.result) is not None)


def newer_result(plan: Plan) -> AgencyResult | None:
    """The result that has taken the place of the one the plan was made of."""
    found = results_of(plan.agency).get(plan.fiscal_year - 1)
    return found if found is not None and found.pk != plan.result_id else None


# --- plans


def plans_of(agency: Agency) -> QuerySet[Plan]:
    return Plan.objects.filter(agency=agency).select_related("result__result_set", "agency").order_by("-fiscal_year")


def unfinished(agency: Agency) -> Plan | None:
    """The newest plan that somebody has yet to finish, or to decide on."""
    return plans_of(agency).exclude(status=Plan.Status.APPROVED).first()


def measures(plan: Plan) -> list[Measure]:
    """The working copy, in order."""
    rows = plan.measures.filter(removed=False).select_related("keeper", "changed_by")
    made = list(rows.prefetch_related(Prefetch("findings", queryset=PlanFinding.objects.order_by("pk"))))
    for measure in made:
        measure.plan = plan
    return made


def in_force(plan: Plan) -> Decision | None:
    """The last approval, which is in force until another."""
    return plan.decisions.filter(step=Decision.Step.APPROVED).order_by("-pk").first()


def keepers(agency: Agency) -> list[User]:
    """Who may look after a measure: whoever acts for the agency today."""
    day = today()
    appointments = Appointment.objects.filter(agency=agency, since__lte=day).filter(Q(until=None) | Q(until__gt=day))
    return list(User.objects.filter(pk__in=appointments.values("user"), is_active=True).order_by("name"))


@dataclass(frozen=True)
class Lack:
    """Something a plan must have before it can be approved, and does not: of one measure, or of the whole."""

    text: str
    measure: Measure | None = None


def lacks(plan: Plan, rows: Sequence[Measure] | None = None) -> list[Lack]:
    """What is missing of the columns that a plan of its year must have, and indicators that no measure covers. A
    measure must have a name and say what it is about whatever the year."""
    rows = measures(plan) if rows is None else rows
    rules = record.frameworks().get(plan.fiscal_year) or framework_of(plan)
    required = {"measure", *(c for item in rules.rules.disclosure_items for e in item.elements for c in e.plan)}
    found = []
    for row in rows:
        points = row.findings.all()
        columns = {
            "measure": ("ชื่อมาตรการ", row.title),
            "analysis": ("ผลการวิเคราะห์", any(f.defect for f in points)),
            "steps": ("ขั้นตอน", row.steps),
            "period": ("ระยะเวลา", row.starts and row.ends),
            "responsible": ("ผู้รับผิดชอบ", row.units),
        }
        missing = [name for column, (name, value) in columns.items() if column in required and not value]
        if not row.indicators and not is_whole(f.kind for f in points):
            missing.append("ตัวชี้วัดที่เกี่ยวข้อง")
        if missing:
            found.append(Lack(f"ยังขาด {', '.join(missing)}", row))
    covered = {i for row in rows for i in row.indicators}
    framework = framework_of(plan)
    for indicator in framework.rules.indicators:
        if indicator.id not in covered:
            found.append(Lack(f"ยังไม่มีมาตรการของตัวชี้วัดที่ {indicator.id} {indicator.label.th}"))
    return found


def gone_keepers(plan: Plan, rows: Iterable[Measure]) -> dict[int, str]:
    """Measures whose keeper no longer acts for the agency, with the keeper's name."""
    here = {u.pk for u in keepers(plan.agency)}
    return {m.pk: m.keeper.name for m in rows if m.keeper and m.keeper_id not in here}


# --- the sheet: a plan as others print it


@dataclass(frozen=True)
class FollowedUp:
    """A follow-up as it is printed. ``evidence`` are names with addresses; a file's address is empty."""

    due: datetime.date
    on: datetime.date
    status: str
    done: str
    obstacles: str
    suggestion: str
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """One measure of a sheet. ``indicators`` are (id, Thai label), none of a measure about the ``whole``; ``finding``
    is the analysis, a paragraph a finding; ``period`` is in Thai; ``starts`` and ``ends`` are its first and last day;
    ``budget`` is in baht, None for none; ``since`` is the day it was first approved, None of a draft."""

    measure: int
    indicators: tuple[tuple[str, str], ...]
    finding: str
    title: str
    steps: str
    period: str
    starts: datetime.date
    ends: datetime.date
    rhythm: str
    units: tuple[str, ...]
    budget: Decimal | None
    success: str
    keeper: str
    dues: tuple[datetime.date, ...]
    whole: bool
    since: datetime.date | None
    follow_ups: tuple[FollowedUp, ...] = ()

    @property
    def about(self) -> tuple[str, ...]:
        """Its indicators with their numbers, or that it is about the whole."""
        return tuple(f"{i} {label}" for i, label in self.indicators) or (("ภาพรวม",) if self.whole else ())


@dataclass(frozen=True)
class Sheet:
    """A plan as others print it: as approved when it is in force, else as it is being drafted (``approved`` is
    None)."""

    agency: str
    code: str
    fiscal_year: int
    result_year: int
    rows: tuple[Row, ...]
    digest: str
    approved: Decision | None


def content(plan: Plan) -> dict[str, Any]:
    """The working copy as data: what an approval keeps, and what its digest is taken of."""
    return {
        "agency": plan.agency.code,
        "fiscal_year": plan.fiscal_year,
        "result": plan.result.result_set.digest,
        "measures": [
            {
                "id": m.pk,
                **m.values(),
                "keeper": m.keeper.name if m.keeper else "",
                "findings": [[f.kind, f.node, f.defect, f.remedy] for f in m.findings.all()],
            }
            for m in measures(plan)
        ],
    }


def sheet(plan: Plan, *, working: bool = False, until: datetime.date | None = None) -> Sheet:
    """A plan in plain values, with its follow-ups. ``working``: the copy being drafted though another is in force;
    ``until``: follow-ups due by that day alone."""
    approved = None if working else in_force(plan)
    data = approved.content if approved else content(plan)
    framework = framework_of(plan)
    followed: dict[int, list[FollowedUp]] = {}
    for f in latest_follow_ups(plan):
        if until is None or f.due <= until:
            evidence = tuple((e.name, e.url) for e in f.evidence.all())
            followed.setdefault(f.measure_id, []).append(
                FollowedUp(f.due, f.on, f.get_status_display(), f.done, f.obstacles, f.suggestion, evidence)
            )
    since = _approved_on(plan) if approved else {}
    rows = tuple(
        _row(plan, framework, m, tuple(followed.get(m["id"], ())), since.get(m["id"])) for m in data["measures"]
    )
    stamp = approved.digest if approved else digest.of_json(data)
    return Sheet(
        plan.agency.name_th,
        plan.agency.code,
        plan.fiscal_year,
        plan.result.result_set.fiscal_year,
        rows,
        stamp,
        approved,
    )


def _approved_on(plan: Plan) -> dict[int, datetime.date]:
    """The day that each measure was first approved."""
    found: dict[int, datetime.date] = {}
    for at, kept in plan.decisions.filter(step=Decision.Step.APPROVED).order_by("pk").values_list("at", "content"):
        for m in kept["measures"]:
            found.setdefault(m["id"], timezone.localdate(at))
    return found


def _row(
    plan: Plan,
    framework: Framework,
    m: Mapping[str, Any],
    followed: tuple[FollowedUp, ...],
    since: datetime.date | None,
) -> Row:
    year = plan.fiscal_year
    return Row(
        measure=m["id"],
        indicators=tuple((i, framework.nodes[i].label.th) for i in m["indicators"] if i in framework.nodes),
        whole=not m["indicators"] and is_whole(kind for kind, *_ in m["findings"]),
        since=since,
        # one question asked in two parts of a survey says the same twice
        finding="\n".join(dict.fromkeys(defect for _, _, defect, _ in m["findings"] if defect)),
        title=m["title"],
        steps=m["steps"],
        period=period_text(year, m["starts"], m["ends"]),
        starts=fiscal.first_day(year, m["starts"]),
        ends=fiscal.last_day(year, m["ends"]),
        rhythm=m["rhythm"],
        units=tuple(m["units"]),
        budget=None if m["budget"] is None else Decimal(m["budget"]),
        success=m["success"],
        keeper=m["keeper"],
        dues=due_dates(year, m["starts"], m["ends"], m["rhythm"]),
        follow_ups=followed,
    )


# --- follow-up


def latest_follow_ups(plan: Plan) -> list[FollowUp]:
    """The follow-up that counts of each measure and due date, by due date."""
    rows = FollowUp.objects.filter(measure__plan=plan).select_related("by").prefetch_related("evidence").order_by("pk")
    latest = {(f.measure_id, f.due): f for f in rows}
    return sorted(latest.values(), key=lambda f: (f.due, f.measure_id))


@dataclass(frozen=True)
class Card:
    """A measure on the board. ``state`` is its last follow-up's status; ``waiting`` are due dates without a follow-up,
    none once it is done; ``late`` whether the first of them has passed. Dates before the measure was first approved ask
    for nothing, but for its last: what was done can still be told (``over``)."""

    row: Row
    state: str
    waiting: tuple[datetime.date, ...]
    late: bool
    over: bool
    last: FollowedUp | None

    @property
    def next_due(self) -> datetime.date | None:
        return self.waiting[0] if self.waiting else None


def cards(sheet: Sheet, day: datetime.date | None = None) -> list[Card]:
    """Every measure in force with where it stands on a day."""
    day = day or today()
    made = []
    for row in sheet.rows:
        told = {f.due: f for f in row.follow_ups}
        last = row.follow_ups[-1] if row.follow_ups else None
        finished = last is not None and last.status == FollowUp.Status.DONE.label
        untold = () if finished else tuple(d for d in row.dues if d not in told)
        since = row.since or datetime.date.min
        waiting = tuple(d for d in untold if d >= since or d == row.dues[-1])
        state = last.status if last else str(FollowUp.Status.WAITING.label)
        past = bool(waiting) and waiting[0] < day
        late = past and waiting[0] >= since
        made.append(Card(row, state, waiting, late, past and not late, last))
    return made


def report_until(plan: Plan, half: str) -> datetime.date:
    """The last day that a report of six months, or of the year, is about."""
    return fiscal.last_day(plan.fiscal_year, HALF if half == "six" else fiscal.MONTHS)


# --- outcome


@dataclass(frozen=True)
class Moved:
    """An indicator between the result a plan was made of and the next one."""

    indicator: str
    label: str
    before: Decimal | None
    after: Decimal | None
    change: Decimal | None
    caution: str


@dataclass(frozen=True)
class Outcome:
    """What became of the linked indicators. ``after`` is None while the next year is not published."""

    after: PublishedResult | None
    rows: tuple[tuple[Row, tuple[Moved, ...]], ...]
    overall: Moved | None


def outcome(plan: Plan, of: Sheet) -> Outcome:
    """The movement of each measure's indicators in the year after. It happened beside the measure; nothing is said of a
    cause."""
    before = framework_of(plan)
    after = (
        PublishedResult.objects.filter(agency=plan.agency, fiscal_year=plan.fiscal_year)
        .select_related("result__result_set")
        .first()
    )
    moved: dict[str, Moved] = {}
    old = {n: Decimal(v) for n, v in plan.result.shown.items()}
    new: dict[str, Decimal] = {}
    changes: dict[str, analysis.NodeChange] = {}
    if after and plan.fiscal_year in record.frameworks():
        now = record.frameworks()[plan.fiscal_year]
        new = {n: Decimal(v) for n, v in after.result.shown.items()}
        years = analysis.year_on_year([before, now], record.known(after.result), record.known(plan.result))
        changes = {m.node: m for m in years.changes}
    for node in ("overall", *(i.id for i in before.rules.indicators)):
        m = changes.get(node)
        label = before.nodes[node].label.th
        moved[node] = (
            Moved(node, label, m.previous, m.score, m.change, m.caution)
            if m
            else Moved(node, label, old.get(node), new.get(node), None, "")
        )
    rows = tuple(
        (r, (moved["overall"],) if r.whole else tuple(moved[i] for i, _ in r.indicators if i in moved)) for r in of.rows
    )
    return Outcome(after, rows, moved["overall"])


# --- what if


@dataclass(frozen=True)
class Lever:
    """A score that the plan means to lift: now, and as supposed."""

    node: str
    label: str
    now: Decimal
    supposed: int
    planned: bool


@dataclass(frozen=True)
class Supposed:
    levers: tuple[Lever, ...]
    total: analysis.Effect | None
    result: analysis.WhatIf | None
    reach: analysis.MinimumImprovement | None
    problem: str = ""


def suppose(plan: Plan, wanted: Mapping[str, int] | None = None) -> Supposed:
    """What the plan would do to the total and the level if each part of an indicator reached what is supposed of it;
    without ``wanted``, if every part that has a finding reached the target. Needs the total and every instrument."""
    framework = framework_of(plan)
    scores = complete_scores(framework, record.known(plan.result))
    lost = [i for i in framework.instruments if i not in scores]
    if lost or "overall" not in scores:
        what = ", ".join(lost) or "คะแนนรวม"
        return Supposed((), None, None, None, f"ผลนี้ไม่มีคะแนน {what} จึงคำนวณไม่ได้ว่าคะแนนรวมจะเปลี่ยนอย่างไร")
    target = framework.rules.target.points
    planned = {i for m in plan.measures.filter(removed=False) for i in m.indicators}
    levers = []
    for instrument in framework.rules.instruments:
        for node in framework.nodes[instrument.id].parts:
            if node not in scores:
                continue
            now, indicator = round_score(framework, scores[node]), framework.nodes[node].indicator
            goal = max(target, int(now)) if now < target and indicator in planned else None
            value = (wanted or {}).get(node, goal if goal is not None else -1)
            label = f"{indicator} {framework.nodes[indicator or node].label.th}"
            if "/" in node:
                label += f" ({instrument.id})"
            levers.append(Lever(node, label, now, int(now) if value < 0 else value, goal is not None))
    changed = {
        x.node: Fraction(x.supposed) for x in levers if x.supposed != int(x.now)
    }  # one that stands where it was keeps its decimals
    result = analysis.what_if(framework, scores, changed)
    total = next((e for e in result.effects if e.node == "overall"), None)
    if total is None:
        same = round_score(framework, scores["overall"])
        total = analysis.Effect("overall", same, same, Fraction())
    return Supposed(tuple(levers), total, result, _reach(plan.result.result_set.digest, plan.agency.code))


@lru_cache(maxsize=256)
def _reach(digest: str, code: str) -> analysis.MinimumImprovement | None:
    """The way to the next level from one result, which never changes: finding it may take a third of a second, moving a
    slider must not."""
    result = AgencyResult.objects.select_related("result_set").get(result_set__digest=digest, agency__code=code)
    framework = record.framework_of(result.result_set)
    scores = complete_scores(framework, record.known(result))
    items = any(framework.nodes[n].kind == "item" for n in scores)
    return analysis.find_minimum_improvement(framework, scores) if items else None


# --- beyond one agency


def public_plans(agency: Agency) -> list[Plan]:
    """Approved plans that an agency shows to everybody, newest first."""
    approved = Decision.objects.filter(step=Decision.Step.APPROVED).values("plan")
    return list(plans_of(agency).filter(public=True, pk__in=approved))


@dataclass(frozen=True)
class NationState:
    """How far the nation's plans of a year are: counts of agencies with a published result of the year before, and of
    plans."""

    with_result: int
    by_status: tuple[tuple[str, int], ...]
    approved: int


def nation(fiscal_year: int) -> NationState:
    plans = Plan.objects.filter(fiscal_year=fiscal_year)
    counted = dict(plans.values_list("status").annotate(n=Count("pk")).order_by())
    approved = Decision.objects.filter(step=Decision.Step.APPROVED, plan__fiscal_year=fiscal_year)
    return NationState(
        PublishedResult.objects.filter(fiscal_year=fiscal_year - 1).count(),
        tuple((str(s.label), counted.get(s.value, 0)) for s in Plan.Status),
        approved.values("plan").distinct().count(),
    )


def officers(agency: Agency) -> list[User]:
    return [u for u in keepers(agency) if u.role == Role.OFFICER]


def executives(agency: Agency) -> list[User]:
    return [u for u in keepers(agency) if u.role == Role.EXECUTIVE]
