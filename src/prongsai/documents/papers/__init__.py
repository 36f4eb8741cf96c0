"""The official papers, one module each: ``KIND``, ``NAME`` and ``compose(facts) -> Document``; the two reports on a
plan share one."""

from collections.abc import Callable, Mapping

from prongsai.documents.content.blocks import Document
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.papers import checklist, development, follow_up, measures, memo, outcome, reminder, summary

_MODULES = (summary, outcome, development, measures, memo, checklist, reminder)
KINDS: Mapping[str, str] = {**{m.KIND: m.NAME for m in _MODULES}, **follow_up.KINDS}
COMPOSERS: Mapping[str, Callable[[ResultFacts], Document]] = {
    **{m.KIND: m.compose for m in _MODULES},
    **follow_up.COMPOSERS,
}
OF_PLAN = frozenset(follow_up.KINDS)  # papers that need nothing but the approved plan of the year
WITHOUT_RESULT = frozenset({checklist.KIND, reminder.KIND}) | OF_PLAN  # papers that need no result
CARRIED_OUT = frozenset({outcome.KIND}) | OF_PLAN  # papers about the plan that is carried out in the year
RESULT_OR_PLAN = frozenset({outcome.KIND})  # papers that a plan is enough for
