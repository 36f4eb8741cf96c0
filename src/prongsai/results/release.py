"""Before a ResultSet is published: what it lacks and why, what it changes against what is public and against the year
before, what is unfinished behind it; and why the rules refuse it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from prongsai.disclosure.models import BlindReview, Filing
from prongsai.disclosure.queries import list_reopened, open_disputes
from prongsai.people.actions import DomainError
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import describe_share, is_enough
from prongsai.results import queries
from prongsai.results.errata import OVERALL
from prongsai.results.models import ResultSet
from prongsai.survey.models import SignalReport
from prongsai.survey.queries import find_national_progress

_MOST_MOVERS = 10
_BELOW_MINIMUM = "below_minimum"  # of scoring


@dataclass(frozen=True)
class Mover:
    """An agency whose total changes much: against what is public, or against the year before."""

    agency: Agency
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True)
class Totals:
    """How many agencies a ResultSet should have, how many of them it has, and how many have a total. The document of
    one agency says what it says: ``are_needed`` is false."""

    expected: int
    agencies: int
    with_total: int
    are_needed: bool

    @property
    def without(self) -> int:
        return self.expected - self.with_total


@dataclass(frozen=True, kw_only=True)
class ReleaseReport:
    """Everything that the page shows before a publication. ``why``: of agencies without a total, what is missing and of
    how many; ``lost``: public totals that would become dashes; ``gone``: that would be public no more."""

    totals: Totals
    why: list[tuple[str, int]]
    below_minimum: int
    lost: int
    gone: int
    public_totals: int
    levels: int
    movers: list[Mover]
    outliers: list[Mover]
    open_disputes: int
    blind_reviews: int
    undecided: int
    signals: int | None

    @cached_property
    def refusals(self) -> list[str]:
        """Why the set may not be published, in Thai."""
        found = []
        if self.totals.are_needed and not is_enough(self.totals.with_total, self.totals.expected):
            reasons = f" ({', '.join(f'{what} {n:,} แห่ง' for what, n in self.why)})" if self.why else ""
            found.append(
                f"มีคะแนนรวมเพียง {describe_share(self.totals.with_total, self.totals.expected)} "
                f"ไม่มีคะแนนรวม {self.totals.without:,} แห่ง{reasons}"
            )
        remaining = self.public_totals - self.lost - self.gone
        if not is_enough(remaining, self.public_totals):
            found.append(
                f"คะแนนรวมที่เผยแพร่อยู่ {self.public_totals:,} หน่วยงาน จะเหลือ {describe_share(remaining, self.public_totals)} "
                f"กลายเป็นขีด {self.lost:,} แห่ง และหายไป {self.gone:,} แห่ง"
            )
        return found


def require_releasable(result_set: ResultSet) -> None:
    """Raises DomainError with every reason why a ResultSet may not be published."""
    if refusals := report(result_set).refusals:
        raise DomainError(f"เผยแพร่ไม่ได้: {'; '.join(refusals)}")


def report(result_set: ResultSet) -> ReleaseReport:
    """What is to be known of a ResultSet before it is published."""
    own = {a: rest for a, *rest in result_set.results.values_list("agency_id", queries.TOTAL, "level", "status")}
    year = queries.published(result_set.assessment_id, result_set.fiscal_year)
    columns = ("agency_id", queries.TOTAL, "level", "result__result_set")
    rows = [row for row in year.values_list(*columns) if row[0] in own or row[-1] == result_set.corrects_id]
    live = {agency: overall for agency, overall, *_ in rows}
    with_total = {agency for agency, overall in live.items() if overall is not None}
    last_year = queries.published(result_set.assessment_id, result_set.fiscal_year - 1)
    return ReleaseReport(
        totals=(totals := _count_totals(result_set, own)),
        why=_find_missing_parts(result_set) if totals.with_total < totals.agencies else [],
        below_minimum=sum(status == _BELOW_MINIMUM for _, _, status in own.values()),
        lost=sum(a in own and own[a][0] is None for a in with_total),
        gone=sum(a not in own for a in with_total),
        public_totals=len(with_total),
        levels=sum(agency in own and own[agency][1] != level for agency, _, level, _ in rows),
        movers=_find_movers(own, live),
        outliers=_find_movers(own, dict(last_year.values_list("agency_id", queries.TOTAL))),
        **_count_unfinished(result_set),
    )


def _count_totals(result_set: ResultSet, own: Mapping[int, list[Any]]) -> Totals:
    """A computed round should have its agencies; an import has those of its file."""
    expected, is_computed = len(own), result_set.origin == ResultSet.Origin.RUN
    if is_computed and result_set.round is not None:
        expected = max(expected, result_set.round.agencies.count())
    with_total = sum(overall is not None for overall, *_ in own.values())
    return Totals(expected, len(own), with_total, is_computed or expected > 1)


def _find_missing_parts(result_set: ResultSet) -> list[tuple[str, int]]:
    """Which parts of the total are missing, and of how many agencies without one."""
    framework = queries.framework_of(result_set)
    without = result_set.results.filter(overall=None)
    counts = [(part, without.exclude(shown__has_key=part).count()) for part in framework.nodes[OVERALL].parts]
    return [(f"ไม่มีคะแนน {part}", number) for part, number in counts if number]


def _find_movers(own: Mapping[int, list[Any]], before: Mapping[int, str | None]) -> list[Mover]:
    """The largest changes of totals, the largest first."""
    differing = ((a, was, own[a][0]) for a, was in before.items() if a in own and was != own[a][0])
    pairs = ((a, Decimal(was), Decimal(now)) for a, was, now in differing if was is not None and now is not None)
    moved = sorted(pairs, key=lambda p: (-abs(p[2] - p[1]), p[0]))[:_MOST_MOVERS]
    agencies = Agency.objects.in_bulk([a for a, _, _ in moved])
    return [Mover(agencies[a], was, now) for a, was, now in moved]


def _count_unfinished(result_set: ResultSet) -> dict[str, Any]:
    """What is open behind a computed round; nothing behind an import."""
    if result_set.round is None or result_set.origin != ResultSet.Origin.RUN:
        return {"open_disputes": 0, "blind_reviews": 0, "undecided": 0, "signals": None}
    return count_unfinished(result_set.round)


def count_unfinished(assessment_round: Round) -> dict[str, Any]:
    """What is open in a round: disputes, blind reviews, items opened again; how many signals were found, None where
    nobody looked for them."""
    found = SignalReport.objects.filter(round=assessment_round).first()
    return {
        "open_disputes": len(open_disputes([assessment_round])),
        "blind_reviews": BlindReview.objects.filter(filing__round=assessment_round, done=False).count(),
        "undecided": sum(one.resealed is None for one in list_reopened(assessment_round)),
        "signals": len(found.signals) if found else None,
    }


def count_collected(assessment_round: Round) -> dict[str, Any]:
    """What was collected here for a round, of how many agencies; nothing of files that came from elsewhere."""
    progress = find_national_progress(assessment_round)
    return {
        "agencies": assessment_round.agencies.count(),
        "progress": progress if any(one.received for one in progress) else [],
        "released": Filing.objects.filter(round=assessment_round).exclude(released_at=None).count(),
    }
