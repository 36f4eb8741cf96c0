"""The judgement: strengths and points to develop, year on year, what-if, the arithmetic audit, and receipts. Pure
functions.

Each is imported when it is first used, so that an audit loads nothing but the audit.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from prongsai.analysis.audit import VERDICT_TH, Check, audit, summary
from prongsai.analysis.figures import Figure

if TYPE_CHECKING:
    from prongsai.analysis.comparison import (
        NO_RULES,
        ComparableYears,
        NodeChange,
        YearOnYear,
        caution_in_english,
        compare_years,
        year_on_year,
    )
    from prongsai.analysis.effects import Effect, MinimumImprovement, WhatIf, find_minimum_improvement, what_if
    from prongsai.analysis.kappa import Agreement, agreement
    from prongsai.analysis.levels import Shortfall, WhyNotHigher, why_not_higher
    from prongsai.analysis.receipt import build_opening, build_receipt, list_unopened, score_items, verify_receipt
    from prongsai.analysis.small_groups import approximate_score, count_range, draw_of, find_withheld_nodes, item_odds
    from prongsai.analysis.strengths import Findings, KnownScores, Ranked, findings, list_instruments, name_instrument

__all__ = [
    "NO_RULES",
    "VERDICT_TH",
    "Agreement",
    "Check",
    "ComparableYears",
    "Effect",
    "Figure",
    "Findings",
    "KnownScores",
    "MinimumImprovement",
    "NodeChange",
    "Ranked",
    "Shortfall",
    "WhatIf",
    "WhyNotHigher",
    "YearOnYear",
    "agreement",
    "approximate_score",
    "audit",
    "build_opening",
    "build_receipt",
    "caution_in_english",
    "compare_years",
    "count_range",
    "draw_of",
    "find_minimum_improvement",
    "find_withheld_nodes",
    "findings",
    "item_odds",
    "list_instruments",
    "list_unopened",
    "name_instrument",
    "score_items",
    "summary",
    "verify_receipt",
    "what_if",
    "why_not_higher",
    "year_on_year",
]

_MODULES = {
    "Agreement": "kappa",
    "ComparableYears": "comparison",
    "Effect": "effects",
    "Findings": "strengths",
    "KnownScores": "strengths",
    "MinimumImprovement": "effects",
    "NO_RULES": "comparison",
    "NodeChange": "comparison",
    "Ranked": "strengths",
    "Shortfall": "levels",
    "WhatIf": "effects",
    "WhyNotHigher": "levels",
    "YearOnYear": "comparison",
    "agreement": "kappa",
    "approximate_score": "small_groups",
    "build_opening": "receipt",
    "build_receipt": "receipt",
    "caution_in_english": "comparison",
    "compare_years": "comparison",
    "count_range": "small_groups",
    "draw_of": "small_groups",
    "find_minimum_improvement": "effects",
    "find_withheld_nodes": "small_groups",
    "findings": "strengths",
    "item_odds": "small_groups",
    "list_instruments": "strengths",
    "list_unopened": "receipt",
    "name_instrument": "strengths",
    "score_items": "receipt",
    "verify_receipt": "receipt",
    "what_if": "effects",
    "why_not_higher": "levels",
    "year_on_year": "comparison",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
