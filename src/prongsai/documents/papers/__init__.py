"""The official papers, one module each: ``KIND``, ``NAME`` and ``compose(facts) -> Document``; the two reports on a
plan share one, and so do all papers of registers."""

import datetime
from collections.abc import Callable, Mapping

from prongsai.documents.content.blocks import Document
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.papers import (
    checklist,
    development,
    follow_up,
    measures,
    memo,
    outcome,
    register,
    reminder,
    summary,
)
from prongsai.lib import fiscal

_MODULES = (summary, outcome, development, measures, memo, checklist, reminder)
KINDS: Mapping[str, str] = {**{m.KIND: m.NAME for m in _MODULES}, **follow_up.KINDS, **register.KINDS}
COMPOSERS: Mapping[str, Callable[[ResultFacts], Document]] = {
    **{m.KIND: m.compose for m in _MODULES},
    **follow_up.COMPOSERS,
    **register.COMPOSERS,
}
OF_PLAN = frozenset(follow_up.KINDS)  # papers that need nothing but the approved plan of the year
OF_REGISTER = frozenset(register.KINDS)  # papers that need nothing but a sheet of the year; they rest on no rules
MEMOS = register.MEMOS  # the memo that puts a paper of a register before the executive, by that paper
WITH_MEMO = frozenset(MEMOS)
PROPOSED: Mapping[str, str] = {text: paper for paper, text in MEMOS.items()}  # the paper that such a memo is about
TEXTS: Mapping[str, str] = {**KINDS, **register.MEMO_NAMES}  # whatever an agency may word differently
# papers that are written for every agency at once: a memo has a line of signatories that its agency alone chooses
IN_BATCHES = tuple(kind for kind in KINDS if kind not in OF_REGISTER and kind != memo.KIND)
# papers that need no result
WITHOUT_RESULT = frozenset({checklist.KIND, reminder.KIND}) | OF_PLAN | OF_REGISTER
CARRIED_OUT = frozenset({outcome.KIND}) | OF_PLAN  # papers about the plan that is carried out in the year
ANSWERING = frozenset({development.KIND, measures.KIND})  # papers with the measures that answer the result of the year
WITH_PLAN = CARRIED_OUT | ANSWERING  # papers that hold the measures of a plan
RESULT_OR_PLAN = frozenset({outcome.KIND})  # papers that a plan is enough for
_MONTHS = {**follow_up.MONTHS, **register.MONTHS}  # of the fiscal year that a report is about


def find_months(kind: str) -> int:
    """How many months of its fiscal year a paper about a plan or a register reports on: all, unless it says less."""
    return _MONTHS.get(kind, fiscal.MONTHS)


def find_period_end(kind: str, fiscal_year: int) -> datetime.date | None:
    """The last day of the period that a paper reports on; None for one that reports on none."""
    return fiscal.last_day(fiscal_year, _MONTHS[kind]) if kind in _MONTHS else None
