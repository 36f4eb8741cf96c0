"""What the rooms know of an agency's fiscal year, collected for ``officer_year`` in a bounded number of queries."""

from collections.abc import Iterable, Iterator

from django.utils import timezone

from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Filing
from prongsai.documents.models import Memo, Paper
from prongsai.documents.papers import CARRIED_OUT, find_months
from prongsai.documents.queries import list_desk_memos
from prongsai.improvement import queries as plans
from prongsai.improvement.models import Plan
from prongsai.improvement.registers import queries as registers
from prongsai.improvement.snapshot import build_snapshot, track_progress
from prongsai.lib import fiscal
from prongsai.people.models import User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Phase, Round
from prongsai.registry.queries import find_phase, load_round_framework, today
from prongsai.results.models import AgencyResult, Import, PublishedResult
from prongsai.results.queries import count_below_target, framework_of, print_total
from prongsai.sites.channel_items import list_closed_channels
from prongsai.sites.models import ChannelSettings
from prongsai.sites.queries import find_settings
from prongsai.survey import queries as surveys
from prongsai.survey import rights
from prongsai.web.officer_year import (
    UNCONFIRMED,
    MemoFacts,
    MemoTurn,
    OfficerYear,
    PlanFacts,
    Reader,
    RegisterFacts,
    ResultFacts,
    RoundFacts,
    Window,
    YearFacts,
    build_year,
)

_READERS = {Role.OFFICER: Reader.OFFICER, Role.EXECUTIVE: Reader.EXECUTIVE}
_MAX_ROUNDS = 3
_MAX_IMPORTS = 50  # looked at, the newest first


def load_year(agency: Agency, user: User) -> OfficerYear:
    """The fiscal year of today of an agency, as a user sees it."""
    return build_year(collect_facts(agency, user))


def load_year_once(agency: Agency, request: AuthenticatedRequest) -> OfficerYear:
    """The same, read once for a request."""
    years: dict[int, OfficerYear] = vars(request).setdefault("officer_years", {})
    if agency.pk not in years:
        years[agency.pk] = load_year(agency, request.user)
    return years[agency.pk]


def collect_facts(agency: Agency, user: User) -> YearFacts:
    day = today()
    year = fiscal.year_of(day)
    all_plans = plans.plans_of(agency)
    open_plans = [p for p in all_plans if p.fiscal_year == year or p.status != Plan.Status.APPROVED]
    last_plan = next((_plan_facts(p) for p in all_plans if p.fiscal_year == year - 1), None)
    imports = _newest_imports(agency)
    reader = _READERS.get(Role(user.role), Reader.OTHER)
    memos = list_desk_memos(agency, user, year - 1)
    result = plans.results_of(agency).get(year - 1)
    return YearFacts(
        code=agency.code,
        fiscal_year=year,
        day=day,
        reader=reader,
        result=_describe_result(result) if result is not None else None,
        waiting_import=imports.get(Import.Status.READY),
        reading_import=imports.get(Import.Status.READING),
        failed_import=imports.get(Import.Status.FAILED),
        plan=next((_plan_facts(p) for p in open_plans if p.fiscal_year == year), None),
        other_plans=tuple(
            PlanFacts(fiscal_year=p.fiscal_year, status=p.status) for p in open_plans if p.fiscal_year != year
        ),
        rounds=_collect_rounds(agency, year),
        memos=tuple(_list_waiting(memos, user, reader)),
        result_memo=_find_result_memo(memos, result, user),
        registers=tuple(
            RegisterFacts(s.kind, s.definition.name, s.fiscal_year, UNCONFIRMED if is_unconfirmed else s.status)
            for s, is_unconfirmed in registers.waiting_sheets(agency)
        ),
        last_plan=last_plan if last_plan is not None and last_plan.approved_on is not None else None,
        has_executive=reader is Reader.EXECUTIVE or bool(plans.executives_of(agency)),
    )


def _list_waiting(memos: Iterable[tuple[Memo, bool]], user: User, reader: Reader) -> Iterator[MemoFacts]:
    """Memos for the reader to sign; for an officer also those whose signatory has left."""
    for memo, is_abandoned in memos:
        if memo.next_signatory == user or (reader is Reader.OFFICER and is_abandoned):
            yield _describe_memo(memo, user, is_abandoned=is_abandoned)


def _find_result_memo(memos: Iterable[tuple[Memo, bool]], result: AgencyResult | None, user: User) -> MemoFacts | None:
    """The newest memo about a result; one about a result that another has replaced says what is no more."""
    found = ((m, is_abandoned) for m, is_abandoned in memos if result is not None and m.result_id == result.pk)
    return next((_describe_memo(memo, user, is_abandoned=is_abandoned) for memo, is_abandoned in found), None)


def _describe_memo(memo: Memo, user: User, *, is_abandoned: bool) -> MemoFacts:
    days = [timezone.localdate(signature.signed_at) for signature in memo.signatures.all()]
    days += [record.signed_on for record in memo.hand_signatures_in_force]
    if memo.next_signatory_id is None:
        turn = MemoTurn.HAND if memo.waits_for_hand else MemoTurn.NOBODY
    elif memo.next_signatory_id == user.pk:
        turn = MemoTurn.READER
    else:
        turn = MemoTurn.ABSENT if is_abandoned else MemoTurn.OTHER
    return MemoFacts(
        memo=memo.pk,
        name=memo.name,
        fiscal_year=memo.fiscal_year,
        written_on=timezone.localdate(memo.created_at),
        turn=turn,
        position=memo.next_position,
        absent=str(memo.next_signatory) if turn is MemoTurn.ABSENT else "",
        by_hand=tuple(memo.unsigned_positions) if turn is MemoTurn.HAND else (),
        signed_on=max(days, default=None),
    )


def _newest_imports(agency: Agency) -> dict[str, int]:
    """The newest document by its state; one that could not be read only where no other came after it."""
    rows = list(
        Import.objects.filter(agency=agency, shape=Import.Shape.DOCUMENT).values_list("status", "pk")[:_MAX_IMPORTS]
    )
    newest = dict(reversed(rows))
    if rows and rows[0][0] != Import.Status.FAILED:
        newest.pop(Import.Status.FAILED, None)
    return newest


def _describe_result(result: AgencyResult) -> ResultFacts:
    framework = framework_of(result.result_set)
    below, indicators = count_below_target(result, framework)
    return ResultFacts(
        shown=print_total(result, framework),
        level=result.level,
        is_published=_is_published(result),
        below=below,
        indicators=indicators,
    )


def _is_published(result: AgencyResult) -> bool:
    return PublishedResult.objects.filter(result=result).exists()


def _plan_facts(plan: Plan) -> PlanFacts:
    approval = plans.latest_approval(plan)
    if approval is None:
        return PlanFacts(fiscal_year=plan.fiscal_year, status=plan.status, is_without_result=plan.result_id is None)
    papers = Paper.objects.filter(agency=plan.agency, fiscal_year=plan.fiscal_year, kind__in=CARRIED_OUT).reverse()
    progress = track_progress(build_snapshot(plan))
    return PlanFacts(
        fiscal_year=plan.fiscal_year,
        status=plan.status,
        approved_on=timezone.localdate(approval.at),
        approved_by=approval.position,
        measures=len(progress),
        followed_up=sum(p.last_follow_up is not None for p in progress),
        overdue=sum(p.is_overdue for p in progress),
        next_due=min((p.next_due for p in progress if p.next_due is not None), default=None),
        is_without_result=plan.result_id is None,
        reports={find_months(p.kind): timezone.localdate(p.issued_at) for p in papers},
    )


def _collect_rounds(agency: Agency, year: int) -> tuple[RoundFacts, ...]:
    rounds = Round.objects.filter(agencies=agency).prefetch_related("phases__extensions")
    chosen = [r for r in rounds if r.status == Round.Status.RUNNING or r.fiscal_year == year]
    shown = [r for r in chosen[:_MAX_ROUNDS] if r.status != Round.Status.PREPARING]
    channels = find_settings(agency) if shown else ChannelSettings()
    return tuple(_round_facts(r, agency, channels) for r in shown)


def _round_facts(assessment_round: Round, agency: Agency, channels: ChannelSettings) -> RoundFacts:
    keys = [p.key for p in assessment_round.phases.all()]
    windows = {key: _window(phase) for key in keys if (phase := find_phase(assessment_round, key, agency))}
    quotas = [q for q in surveys.find_quota_progress(assessment_round, agency) if q.instrument.collected_by == "agency"]
    waiting = [q for q in quotas if not q.has_minimum_sample and not q.is_open]
    framework = load_round_framework(assessment_round)
    without_channel = sum(bool(rights.list_kinds(framework, q.instrument.id, has_roll=q.has_roll)) for q in waiting)
    filing = disclosures.find_filing(assessment_round, agency) or Filing(round=assessment_round, agency=agency)
    filed = disclosures.measure_progress(filing)
    reopening = surveys.find_reopening(assessment_round, agency)
    survey = Window(ends=reopening.closes_on) if reopening else windows.get(surveys.PHASE, Window())
    return RoundFacts(
        fiscal_year=assessment_round.fiscal_year,
        is_running=assessment_round.status == Round.Status.RUNNING,
        survey=survey,
        filing=windows.get(disclosures.FILING, Window()),
        clarification=windows.get(disclosures.CLARIFYING, Window()),
        surveys=len(quotas),
        without_population=sum(q.population is None for q in quotas),
        without_channel=without_channel,
        without_roll=len(waiting) - without_channel,
        received=sum(q.received for q in quotas),
        shortfall=sum(q.shortfall for q in quotas),
        is_survey_sealed=reopening is None and surveys.find_latest_seal(assessment_round) is not None,
        items=filed.items,
        missing=filed.missing,
        broken_links=filed.broken_links,
        channels_to_open=tuple(list_closed_channels(channels, framework.rules.disclosure_items)),
        filing_closed=filed.closed_reason,
        confirmed_on=timezone.localdate(filing.confirmed.at) if filing.confirmed else None,
        is_released=filing.released_at is not None,
        unanswered=filed.unanswered,
        clarified=filed.clarified,
    )


def _window(phase: Phase) -> Window:
    return Window(starts=phase.starts, ends=phase.ends)
