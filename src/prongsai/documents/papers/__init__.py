"""The official papers, one module each: ``KIND``, ``NAME`` and ``compose(facts) -> Document``."""

from collections.abc import Callable, Mapping

from prongsai.documents.content.blocks import Document
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.papers import checklist, development, measures, memo, outcome, reminder, summary

_MODULES = (summary, outcome, development, measures, memo, checklist, reminder)
KINDS: Mapping[str, str] = {m.KIND: m.NAME for m in _MODULES}
COMPOSERS: Mapping[str, Callable[[ResultFacts], Document]] = {m.KIND: m.compose for m in _MODULES}
WITHOUT_RESULT = frozenset({checklist.KIND, reminder.KIND})  # papers that need no result
RESULT_OR_PLAN = frozenset({outcome.KIND})  # papers that a plan is enough for
