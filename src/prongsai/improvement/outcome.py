"""What followed a plan, and what could: the change of its indicators in the year after, and the effect of assumed
scores on the total and the level."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from prongsai import analysis
from prongsai.framework import Framework
from prongsai.improvement.models import Plan
from prongsai.improvement.queries import framework_of, scores_of
from prongsai.improvement.snapshot import MeasureSnapshot, PlanSnapshot
from prongsai.results import queries as results
from prongsai.results.models import AgencyResult, PublishedResult
from prongsai.scoring import complete_scores, round_score

# --- the year after


@dataclass(frozen=True)
class ScoreChange:
    """The score of a node in the result of a plan, and in the result of the year after. ``change`` is None where the
    two are not comparable; ``caution`` says in Thai how the rules changed."""

    node: str
    label: str
    before: Decimal | None
    after: Decimal | None
    change: Decimal | None
    caution: str


@dataclass(frozen=True)
class Outcome:
    """The changes beside each measure of a plan, and of the total. ``next_result`` is None until the year after is
    published."""

    next_result: PublishedResult | None
    measures: tuple[tuple[MeasureSnapshot, tuple[ScoreChange, ...]], ...]
    overall: ScoreChange


def compare_outcome(plan: Plan, snapshot: PlanSnapshot) -> Outcome:
    """The change of each measure's indicators in the year after. It is shown beside the measure, without any claim of
    a cause."""
    framework = framework_of(plan)
    next_result = (
        PublishedResult.objects.filter(agency=plan.agency, fiscal_year=plan.fiscal_year)
        .select_related("result__result_set")
        .first()
    )
    before = {n: Decimal(v) for n, v in plan.result.shown.items()} if plan.result else {}
    after: dict[str, Decimal] = {}
    movements: dict[str, analysis.NodeChange] = {}
    if next_result:
        after = {n: Decimal(v) for n, v in next_result.result.shown.items()}
        comparison = analysis.year_on_year(
            [framework, results.framework_of(next_result.result.result_set)],
            results.scores_of(next_result.result),
            scores_of(plan),
        )
        movements = {m.node: m for m in comparison.changes}
    changes: dict[str, ScoreChange] = {}
    for node in ("overall", *(i.id for i in framework.rules.indicators)):
        label = framework.nodes[node].label.th
        if m := movements.get(node):
            changes[node] = ScoreChange(node, label, m.previous, m.score, m.change, m.caution)
        else:
            changes[node] = ScoreChange(node, label, before.get(node), after.get(node), None, "")
    measures = tuple(
        (m, (changes["overall"],) if m.is_overall else tuple(changes[i] for i, _ in m.indicators if i in changes))
        for m in snapshot.measures
    )
    return Outcome(next_result, measures, changes["overall"])


# --- what if


@dataclass(frozen=True)
class AssumedScore:
    """A part of an indicator with its current score and the assumed one, in whole points. ``is_planned``: below the
    target, and the plan has a measure for it."""

    node: str
    label: str
    current: Decimal
    assumed: int
    is_planned: bool


@dataclass(frozen=True)
class WhatIf:
    """The effect of assumed scores. ``total`` is the effect on the total, ``result`` all effects and the levels,
    ``minimum_improvement`` the fewest items to the next level; None, with a ``problem`` in Thai, when a score is
    missing."""

    scores: tuple[AssumedScore, ...]
    total: analysis.Effect | None
    result: analysis.WhatIf | None
    minimum_improvement: analysis.MinimumImprovement | None
    problem: str = ""


def compute_what_if(plan: Plan, assumed: Mapping[str, int] | None = None) -> WhatIf:
    """The total and the level of a plan's result with assumed scores, in whole points by node.

    A part without an assumed score keeps its own, or reaches the target when it is below and the plan has a measure
    for it. Needs the total and every instrument.
    """
    framework = framework_of(plan)
    scores = complete_scores(framework, scores_of(plan))
    if plan.result is None:
        return WhatIf((), None, None, None, "หน่วยงานยังไม่มีผลการประเมิน จึงยังคำนวณไม่ได้ว่าคะแนนจะเปลี่ยนอย่างไร")
    missing = [i for i in framework.instruments if i not in scores]
    if missing or "overall" not in scores:
        what = ", ".join(missing) or "คะแนนรวม"
        return WhatIf((), None, None, None, f"ผลนี้ไม่มีคะแนน {what} จึงคำนวณไม่ได้ว่าคะแนนรวมจะเปลี่ยนอย่างไร")
    assumed_scores = _assume_scores(plan, framework, scores, assumed or {})
    # a part left at its whole points keeps its decimals
    changed = {x.node: Fraction(x.assumed) for x in assumed_scores if x.assumed != int(x.current)}
    result = analysis.what_if(framework, scores, changed)
    total = next((e for e in result.effects if e.node == "overall"), None)
    if total is None:
        unchanged = round_score(framework, scores["overall"])
        total = analysis.Effect("overall", unchanged, unchanged, Fraction())
    return WhatIf(
        assumed_scores, total, result, _find_minimum_improvement(plan.result.result_set.digest, plan.agency.code)
    )


def _assume_scores(
    plan: Plan, framework: Framework, scores: Mapping[str, Fraction], assumed: Mapping[str, int]
) -> tuple[AssumedScore, ...]:
    target = framework.rules.target.points
    planned = {i for m in plan.measures.filter(removed=False) for i in m.indicators}
    assumed_scores = []
    for instrument in framework.rules.instruments:
        for node in framework.nodes[instrument.id].parts:
            if node not in scores:
                continue
            current, indicator = round_score(framework, scores[node]), framework.nodes[node].indicator
            is_planned = current < target and indicator in planned
            default = target if is_planned else int(current)
            label = f"{indicator} {framework.nodes[indicator or node].label.th}"
            if "/" in node:
                label += f" ({instrument.id})"
            assumed_scores.append(AssumedScore(node, label, current, assumed.get(node, default), is_planned))
    return tuple(assumed_scores)


@lru_cache(maxsize=256)
def _find_minimum_improvement(result_set_digest: str, agency_code: str) -> analysis.MinimumImprovement | None:
    """The fewest items to the next level from one result, which never changes: computing it may take a third of a
    second, and each move of a slider asks for it."""
    result = AgencyResult.objects.select_related("result_set").get(
        result_set__digest=result_set_digest, agency__code=agency_code
    )
    framework = results.framework_of(result.result_set)
    scores = complete_scores(framework, results.scores_of(result))
    has_items = any(framework.nodes[n].kind == "item" for n in scores)
    return analysis.find_minimum_improvement(framework, scores) if has_items else None
