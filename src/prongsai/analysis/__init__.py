"""The judgement: strengths and points to develop, year on year, what-if, the arithmetic audit, and receipts. Pure
functions."""

from prongsai.analysis.agreement import Agreement, agreement
from prongsai.analysis.audit import VERDICT_TH, Check, audit, summary
from prongsai.analysis.figures import Figure
from prongsai.analysis.judgement import (
    Findings,
    Movement,
    Ranked,
    Shortfall,
    WhyNotHigher,
    YearOnYear,
    findings,
    why_not_higher,
    year_on_year,
)
from prongsai.analysis.receipt import items_from, receipt, verify
from prongsai.analysis.smallgroups import withheld
from prongsai.analysis.whatif import Effect, Reach, WhatIf, least_to_next_level, what_if

__all__ = [
    "VERDICT_TH",
    "Agreement",
    "Check",
    "Effect",
    "Figure",
    "Findings",
    "Movement",
    "Ranked",
    "Reach",
    "Shortfall",
    "WhatIf",
    "WhyNotHigher",
    "YearOnYear",
    "agreement",
    "audit",
    "findings",
    "items_from",
    "least_to_next_level",
    "receipt",
    "summary",
    "verify",
    "what_if",
    "why_not_higher",
    "withheld",
    "year_on_year",
]
