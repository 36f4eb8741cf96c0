"""The story of an agency's published year: what the record knows of it, for ``analysis.story``."""

from collections.abc import Iterable

from prongsai.analysis.story import Facts, Sentence, tell
from prongsai.framework import Label
from prongsai.results import queries
from prongsai.results.models import ResultSet


def tell_year(
    assessed: queries.ResultAnalysis, *, place: int | None, peers: int, plans: Iterable[int]
) -> list[Sentence]:
    """The sentences about an agency's year. ``place`` among ``peers`` of its type, and the fiscal years of its
    published ``plans``."""
    result, framework = assessed.result, assessed.framework
    year = assessed.current.fiscal_year
    moved = next((m for m in assessed.movement.changes if m.node == "overall"), None) if assessed.movement else None
    weakest = min(assessed.bars, key=lambda bar: bar.score, default=None)
    band = framework.bands.get(result.level)
    level = band.label if band else Label(th=result.level, en=result.level) if result.level else None
    return tell(
        Facts(
            year=year,
            target=framework.rules.target.points,
            total=queries.print_total(result, framework) or None,
            level=level,
            passed=result.passed,
            place=place,
            peers=peers,
            before=framework.print_score(moved.previous) if moved else None,
            points=moved.change if moved else None,
            is_like_for_like=not (moved and moved.caution),
            count=len(assessed.bars),
            below=len(assessed.below),
            lowest=framework.nodes[weakest.node].label if weakest else None,
            lowest_score=framework.print_score(weakest.score) if weakest else None,
            plan=year + 1 if year + 1 in set(plans) else None,
            is_withheld=bool(result.basis.get("withheld")),
            is_imported=result.result_set.origin == ResultSet.Origin.IMPORT,
        )
    )
