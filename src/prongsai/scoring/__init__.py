"""The arithmetic: columns in, columns out.

``score(framework, answers, marks)`` scores thousands of agencies at once. Responses are summed by an engine through
Ibis (DuckDB by default), in whole numbers; everything after that is one small table. The engine is imported when a name
that needs it is used; the exact rules for one agency need none.
"""

import importlib
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from prongsai.framework import Framework
from prongsai.scoring.exact import bands, complete, passes, shown

if TYPE_CHECKING:
    from ibis.expr import types as ir

    from prongsai.scoring.fold import STATUS_TH, Scores, minimum_sample
    from prongsai.scoring.parcels import Parcels, open_parcels
    from prongsai.scoring.totals import ParcelError

__all__ = [
    "STATUS_TH",
    "ParcelError",
    "Parcels",
    "Scores",
    "bands",
    "complete",
    "minimum_sample",
    "open_parcels",
    "passes",
    "score",
    "shown",
]


_ENGINE_MODULES = {
    "STATUS_TH": "fold",
    "Scores": "fold",
    "minimum_sample": "fold",
    "Parcels": "parcels",
    "open_parcels": "parcels",
    "ParcelError": "totals",
}


def __getattr__(name: str) -> object:
    if name not in _ENGINE_MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ENGINE_MODULES[name]}"), name)


def score(
    framework: Framework,
    answers: "Mapping[str, ir.Table]",
    marks: "ir.Table | None" = None,
    headcounts: "ir.Table | None" = None,
    *,
    checked: Container[str] = (),
) -> "Scores":
    """Score every agency found in the inputs.

    ``answers[instrument]``: one row per response, ``agency`` and one integer column per answer code holding the index
    of the chosen option (from 0), null where unanswered. ``marks``: one row per agency, ``agency`` and one integer
    column per disclosure item holding points. ``headcounts``: ``agency`` and one column per survey instrument, the
    population that the minimum sample is taken of. ``checked`` names instruments whose indexes are known to lie within
    their scales (``Parcels.checked``). Raises ParcelError, with every problem, for inputs that break these rules.
    """
    from prongsai.scoring.fold import fold
    from prongsai.scoring.totals import ParcelError, of_answers, of_marks

    problems: list[str] = []
    totals = {}
    surveys = {i.id for i in framework.survey_instruments()}
    problems += [f"หลักเกณฑ์ปี {framework.id} ไม่มีแบบวัด {name}" for name in sorted(answers.keys() - surveys)]
    for name in sorted(answers.keys() & surveys):
        try:
            totals[name] = of_answers(framework, name, answers[name], checked=name in checked)
        except ParcelError as error:
            problems += error.problems
    marked = None
    if marks is not None:
        items = {
            node.id: framework.mark_points(node.id)
            for instrument in framework.rules.instruments
            if instrument.kind == "disclosure"
            for node in framework.items_of(instrument.id)
        }
        try:
            marked = of_marks(items, marks)
        except ParcelError as error:
            problems += error.problems
    if problems:
        raise ParcelError(problems)
    return fold(framework, totals, marked, _headcounts(headcounts, surveys))


def _headcounts(table: "ir.Table | None", surveys: set[str]) -> dict[str, dict[str, int]]:
    from prongsai.scoring.totals import ParcelError

    if table is None:
        return {}
    unknown = sorted(set(table.columns) - surveys - {"agency"})
    if "agency" not in table.columns or unknown:
        found = f" (พบ {', '.join(unknown)})" if unknown else ""
        raise ParcelError([f"headcounts: ต้องมีคอลัมน์ agency และชื่อแบบวัดของปีนี้เท่านั้น{found}"])
    rows = table.to_pyarrow().to_pylist()
    return {s: {r["agency"]: int(r[s]) for r in rows if r.get(s) is not None} for s in surveys}
