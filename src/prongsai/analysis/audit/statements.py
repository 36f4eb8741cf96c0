"""The verdicts on what a document says about its scores: changes, levels, passing, rankings and counts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from prongsai.analysis.audit import wording_th as wording
from prongsai.analysis.audit.check import Check, judge
from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.lib.rounding import half_up, places_of
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, round_score

_TOLERANCE = Decimal("0.01")
_ALL = ("all", "")

TrustedScores = Mapping[int, Mapping[str, Fraction]]  # by fiscal year, then node


def check_statement(figure: Figure, frameworks: Mapping[int, Framework], trusted: TrustedScores) -> Check:
    """Judge a statement by the scores that stand. ``frameworks`` must hold the figure's year."""
    framework = frameworks[figure.fiscal_year]
    if figure.kind == "change":
        return _check_change(figure, framework, trusted)
    scores = complete_scores(framework, trusted[figure.fiscal_year])
    if figure.kind in ("level", "pass"):
        if "overall" not in scores:
            return judge(figure, "undetermined", wording.NO_TOTAL)
        check = _check_level if figure.kind == "level" else _check_pass
        return check(figure, framework, scores)
    if figure.kind in ("highest", "lowest"):
        return _check_extreme(figure, framework, scores)
    if figure.subject in ("strengths", "below"):
        return _check_count_by_target(figure, framework, scores)
    year_before = figure.fiscal_year - 1
    before = complete_scores(frameworks[year_before], trusted[year_before]) if year_before in frameworks else {}
    return _check_count_of_changes(figure, framework, scores, before)


def _check_change(figure: Figure, framework: Framework, trusted: TrustedScores) -> Check:
    year, name = figure.fiscal_year, figure.subject
    now, before = (trusted.get(y, {}).get(name) for y in (year, year - 1))
    number = figure.number
    if now is None or before is None or number is None:
        return judge(figure, "undetermined", wording.no_score_to_compare(year if now is None else year - 1))
    change = round_score(framework, now - before)
    recomputed, rule = wording.signed_number(change), wording.RULE_CHANGE
    text = wording.subtraction(now, before, change)
    is_fall_without_sign = number == abs(change) and not figure.value.startswith("+")
    if number in (half_up(now - before, places_of(figure.value)), change) or is_fall_without_sign:
        return judge(figure, "reproduced", text, recomputed=recomputed, rule=rule)
    if abs(number - change) <= _TOLERANCE:
        text += wording.SUBTRACTED_BEFORE_ROUNDING
        return judge(figure, "rounding", text, recomputed=recomputed, rule=rule)
    return judge(figure, "contradicted", text, recomputed=recomputed, likely=recomputed, rule=rule)


def _check_pass(figure: Figure, framework: Framework, scores: Mapping[str, Fraction]) -> Check:
    outcome = wording.PASSED if is_passing(framework, scores["overall"]) else wording.NOT_PASSED
    text = wording.total_gives_pass(round_score(framework, scores["overall"]), outcome)
    rule = wording.rule_passing(framework.rules.target.points)
    if outcome == figure.value:
        return judge(figure, "reproduced", text, recomputed=outcome, rule=rule)
    return judge(figure, "contradicted", text, recomputed=outcome, likely=outcome, rule=rule)


def _check_level(figure: Figure, framework: Framework, scores: Mapping[str, Fraction]) -> Check:
    total = round_score(framework, scores["overall"])
    possible = [band.id for band in find_possible_bands(framework, scores)]
    rule = wording.RULE_LEVEL
    if figure.value not in possible:
        text = wording.total_gives_level(total, possible)
        if figure.value not in framework.bands:
            text = wording.unknown_level(framework.fiscal_year, figure.value, framework.bands)
        likely = possible[0] if len(possible) == 1 else None
        recomputed = wording.join_or(possible)
        return judge(figure, "contradicted", text, recomputed=recomputed, likely=likely, rule=rule)
    if len(possible) > 1:
        return judge(figure, "undetermined", wording.level_depends_on_instruments(total, possible), rule=rule)
    needs_instruments = framework.bands[figure.value].every_instrument_at_least is not None
    text = wording.level_reproduced(total, needs_instruments=needs_instruments)
    return judge(figure, "reproduced", text, recomputed=possible[0], rule=rule)


def _check_extreme(figure: Figure, framework: Framework, scores: Mapping[str, Fraction]) -> Check:
    scope = _indicators_in_scope(framework, figure.subject)
    rule = wording.rule_ranking("" if figure.subject in _ALL else figure.subject)
    ranked = {node: round_score(framework, scores[node]) for node in scope if node in scores}
    if not scope or len(ranked) < len(scope):
        return judge(figure, "undetermined", wording.INCOMPLETE_RANKING, rule=rule)
    is_highest = figure.kind == "highest"
    best = max(ranked.values()) if is_highest else min(ranked.values())
    extremes = [node for node, score in ranked.items() if score == best]
    named = next((node for node in scope if _indicator_of(node) == figure.value), None)
    word = wording.HIGHEST if is_highest else wording.LOWEST
    if named in extremes:
        text = wording.extreme(framework, word, ranked, extremes=extremes, rejected=None)
        return judge(figure, "reproduced", text, recomputed=figure.value, rule=rule)
    indicators = [_indicator_of(node) for node in extremes]
    return judge(
        figure,
        "contradicted",
        wording.extreme(framework, word, ranked, extremes=extremes, rejected=named),
        recomputed=", ".join(indicators),
        likely=indicators[0] if len(indicators) == 1 else None,
        rule=rule,
    )


def _check_count_by_target(figure: Figure, framework: Framework, scores: Mapping[str, Fraction]) -> Check:
    target = framework.rules.target.points
    wants_strengths = figure.subject == "strengths"
    counted = [
        (round_score(framework, scores[node]) >= target) == wants_strengths
        for node in framework.indicators
        if node in scores
    ]
    return _judge_count(figure, framework, counted, wording.rule_target(target))


def _check_count_of_changes(
    figure: Figure, framework: Framework, scores: Mapping[str, Fraction], before: Mapping[str, Fraction]
) -> Check:
    changes = [
        round_score(framework, scores[node]) - round_score(framework, before[node])
        for node in framework.indicators
        if node in scores and node in before
    ]
    counted = [change > 0 if figure.subject == "up" else change < 0 for change in changes]
    return _judge_count(figure, framework, counted, wording.RULE_COUNT_CHANGES)


def _judge_count(figure: Figure, framework: Framework, counted: Sequence[bool], rule: str) -> Check:
    """``counted`` says of each indicator with a score whether it counts."""
    if len(counted) < len(framework.indicators):
        return judge(figure, "undetermined", wording.INCOMPLETE_COUNT, rule=rule)
    number = str(sum(counted))
    text = wording.counted(sum(counted))
    if figure.number == sum(counted):
        return judge(figure, "reproduced", text, recomputed=number, rule=rule)
    return judge(figure, "contradicted", text, recomputed=number, likely=number, rule=rule)


def _indicators_in_scope(framework: Framework, scope: str) -> list[str]:
    """The nodes a ranking is about: all indicators, those of an instrument (``EIT1/6``), or of all whose name begins so
    (``EIT``)."""
    if scope in framework.instruments:
        return list(framework.nodes[scope].parts)
    names = "" if scope in _ALL else scope
    return [i.id for i in framework.rules.indicators if any(part.startswith(names) for part in i.instruments)]


def _indicator_of(node: str) -> str:
    return node.rpartition("/")[2]
