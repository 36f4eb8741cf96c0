"""The judgement: strengths and points to develop, year on year, what-if, the arithmetic audit, and receipts. Pure
functions."""

from prongsai.analysis.agreement import Agreement, agreement
from prongsai.analysis.audit import VERDICT_TH, Check, audit, summary
from prongsai.analysis.figures import Figure
from prongsai.analysis.findings import Findings, KnownScores, Ranked, findings
from prongsai.analysis.levels import Shortfall, WhyNotHigher, why_not_higher
from prongsai.analysis.receipt import build_receipt, score_items, verify_receipt
from prongsai.analysis.small_groups import find_withheld_nodes
from prongsai.analysis.what_if import Effect, MinimumImprovement, WhatIf, find_minimum_improvement, what_if
from prongsai.analysis.year_on_year import NodeChange, YearOnYear, year_on_year

__all__ = [
    "VERDICT_TH",
    "Agreement",
    "Check",
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
    "audit",
    "build_receipt",
    "find_minimum_improvement",
    "find_withheld_nodes",
    "findings",
    "score_items",
    "summary",
    "verify_receipt",
    "what_if",
    "why_not_higher",
    "year_on_year",
]
