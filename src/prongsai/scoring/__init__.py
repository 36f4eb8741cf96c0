"""The arithmetic: columns in, columns out.

``score(framework, answers, marks)`` scores thousands of agencies at once. Responses are summed by an engine through
Ibis (DuckDB by default), in whole numbers; everything after that is one small table. The rules for a single agency, in
exact rationals, need no engine: they are in ``exact`` and ``samples``, and importing them loads none.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from prongsai.scoring.exact import (
    complete_from_totals,
    complete_score,
    complete_scores,
    find_possible_bands,
    find_weights,
    is_passing,
    round_score,
)
from prongsai.scoring.samples import minimum_sample

if TYPE_CHECKING:
    from prongsai.scoring.aggregation import STATUS_TH, Scores
    from prongsai.scoring.cases import check_cases
    from prongsai.scoring.parcels import Parcels, open_parcels
    from prongsai.scoring.pipeline import read_collection, read_populations, score
    from prongsai.scoring.totals import ParcelError

__all__ = [
    "STATUS_TH",
    "ParcelError",
    "Parcels",
    "Scores",
    "check_cases",
    "complete_from_totals",
    "complete_score",
    "complete_scores",
    "find_possible_bands",
    "find_weights",
    "is_passing",
    "minimum_sample",
    "open_parcels",
    "read_collection",
    "read_populations",
    "round_score",
    "score",
]

_MODULES = {
    "STATUS_TH": "aggregation",
    "ParcelError": "totals",
    "Parcels": "parcels",
    "Scores": "aggregation",
    "check_cases": "cases",
    "open_parcels": "parcels",
    "read_collection": "pipeline",
    "read_populations": "pipeline",
    "score": "pipeline",
}


def __getattr__(name: str) -> object:
    """What needs the engine is imported when it is first used: it takes a second."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"prongsai.scoring.{_MODULES[name]}"), name)
