"""From the sealed inputs of a round to the scores of its agencies."""

from collections.abc import Container, Mapping

from ibis.expr import types as ir

from prongsai.framework import Framework
from prongsai.scoring.aggregation import Scores, aggregate_scores
from prongsai.scoring.totals import ParcelError, sum_answers, sum_marks


def score(
    framework: Framework,
    answers: Mapping[str, ir.Table],
    marks: ir.Table | None = None,
    populations: ir.Table | None = None,
    *,
    checked: Container[str] = (),
) -> Scores:
    """Score every agency that occurs in the inputs.

    ``answers[instrument]``: one row per response, ``agency`` and one integer column per answer code holding the index
    of the chosen option (from 0), null where unanswered. ``marks``: one row per agency, ``agency`` and one integer
    column per disclosure item holding points. ``populations``: ``agency`` and one column per survey instrument, the
    population that the minimum sample is taken of. ``checked`` names instruments whose indexes are known to lie within
    their scales (``Parcels.checked``). Raises ParcelError, with every problem, for inputs that break these rules.
    """
    surveys = {i.id for i in framework.survey_instruments()}
    problems = [f"หลักเกณฑ์ปี {framework.fiscal_year} ไม่มีแบบวัด {name}" for name in sorted(answers.keys() - surveys)]
    totals = {}
    for name in sorted(answers.keys() & surveys):
        try:
            totals[name] = sum_answers(framework, name, answers[name], checked=name in checked)
        except ParcelError as error:
            problems += error.problems
    mark_totals = None
    if marks is not None:
        try:
            mark_totals = sum_marks(framework, marks)
        except ParcelError as error:
            problems += error.problems
    if problems:
        raise ParcelError(problems)
    return aggregate_scores(framework, totals, mark_totals, read_populations(populations, surveys))


def read_collection(table: ir.Table | None, surveys: set[str]) -> dict[str, dict[str, dict[str, bool]]]:
    """What a reader of an agency's result has to know of how its answers came in, by agency and instrument: that a link
    was open to everybody, or that there are more answers than people. What needs no mark is left out."""
    marks: dict[str, dict[str, dict[str, bool]]] = {}
    for row in table.to_pyarrow().to_pylist() if table is not None else []:
        found = {
            "open_link": bool(row["open_link"]) and row["answers"] > 0,
            "above_population": row["population"] is not None and row["answers"] > row["population"],
        }
        if row["instrument"] in surveys and any(found.values()):
            marks.setdefault(row["agency"], {})[row["instrument"]] = {
                name: True for name, is_so in found.items() if is_so
            }
    return marks


def read_populations(table: ir.Table | None, surveys: set[str]) -> dict[str, dict[str, int]]:
    """The population of each agency by survey instrument; a population that is not known is left out."""
    if table is None:
        return {}
    unknown = sorted(set(table.columns) - surveys - {"agency"})
    if "agency" not in table.columns or unknown:
        names = f" (พบ {', '.join(unknown)})" if unknown else ""
        raise ParcelError([f"headcounts: ต้องมีคอลัมน์ agency และชื่อแบบวัดของปีนี้เท่านั้น{names}"])
    rows = table.to_pyarrow().to_pylist()
    return {s: {r["agency"]: int(r[s]) for r in rows if r.get(s) is not None} for s in surveys}
