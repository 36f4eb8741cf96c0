"""The judgement: strengths and points to develop, year on year, what-if, and the arithmetic audit."""

from prongsai.analysis.audit import VERDICT_TH, Check, audit, summary
from prongsai.analysis.figures import Figure

__all__ = ["VERDICT_TH", "Check", "Figure", "audit", "summary"]
