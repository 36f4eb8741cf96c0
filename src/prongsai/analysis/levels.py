"""Why a level was not higher: the conditions of the next better one that a result does not meet."""

from dataclasses import dataclass
from decimal import Decimal

from prongsai.analysis.strengths import KnownScores
from prongsai.framework import Framework
from prongsai.scoring import complete_scores, find_possible_bands, round_score


@dataclass(frozen=True)
class Shortfall:
    """A condition of a better level that was not met: by how many points, as shown."""

    node: str
    score: Decimal
    needed: int
    short: Decimal


@dataclass(frozen=True)
class WhyNotHigher:
    """The level reached, the next better one, and every condition that stands between. ``next`` is None at the top."""

    level: str
    next: str | None
    shortfalls: tuple[Shortfall, ...]


def why_not_higher(framework: Framework, known: KnownScores) -> WhyNotHigher:
    """What kept a result from the level above. Needs the total and every instrument."""
    scores = complete_scores(framework, known)
    level = find_possible_bands(framework, scores)[0].id
    names = list(framework.bands)
    if level == names[0]:
        return WhyNotHigher(level, None, ())
    better = names[names.index(level) - 1]
    return WhyNotHigher(level, better, tuple(_find_shortfalls(framework, scores, better)))


def _find_shortfalls(framework: Framework, scores: KnownScores, level: str) -> list[Shortfall]:
    shortfalls = []
    for node, needed in conditions_of(framework, level).items():
        score = round_score(framework, scores[node])
        if score < needed:
            shortfalls.append(Shortfall(node, score, needed, needed - score))
    return shortfalls


def conditions_of(framework: Framework, level: str) -> dict[str, int]:
    """The least shown score of each node that a level depends on."""
    band = framework.bands[level]
    conditions = {"overall": band.at_least}
    if band.every_instrument_at_least is not None:
        conditions |= dict.fromkeys(framework.instruments, band.every_instrument_at_least)
    return conditions
