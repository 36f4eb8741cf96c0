"""The rulebook: the rules of a fiscal year as data, loaded strictly.

``load("ita", 2568)`` gives a frozen, complete :class:`Framework`; ``check(path)`` gives every problem of a folder at
once. No database, no network, no clock. The rules themselves are in ``frameworks/<assessment>/<fiscal year>/``; their
compiled form is in the user's cache folder. What compares and writes rules is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from prongsai.framework.folder import NATIONAL, available, root
from prongsai.framework.loader import check, check_data, load, load_folder, restore
from prongsai.framework.problems import FrameworkError, Problem, ProblemCode, errors_of
from prongsai.framework.schema import (
    Advice,
    Band,
    Basis,
    Case,
    DisclosureItem,
    Element,
    Indicator,
    Instrument,
    Label,
    Reading,
    Sample,
    SurveyItem,
    as_data,
)
from prongsai.framework.tree import METHOD_EN, METHOD_TH, STATE_TH, AnswerColumn, Framework, Node

if TYPE_CHECKING:
    from prongsai.framework.changes import PERIOD_TH, RULES_OF_ALL, Change, difference, lineage
    from prongsai.framework.new_year import begin_year
    from prongsai.framework.writing import write_folder

__all__ = [
    "METHOD_EN",
    "METHOD_TH",
    "NATIONAL",
    "PERIOD_TH",
    "RULES_OF_ALL",
    "STATE_TH",
    "Advice",
    "AnswerColumn",
    "Band",
    "Basis",
    "Case",
    "Change",
    "DisclosureItem",
    "Element",
    "Framework",
    "FrameworkError",
    "Indicator",
    "Instrument",
    "Label",
    "Node",
    "Problem",
    "ProblemCode",
    "Reading",
    "Sample",
    "SurveyItem",
    "as_data",
    "available",
    "begin_year",
    "check",
    "check_data",
    "difference",
    "errors_of",
    "lineage",
    "load",
    "load_folder",
    "restore",
    "root",
    "write_folder",
]

_MODULES = {
    "PERIOD_TH": "changes",
    "RULES_OF_ALL": "changes",
    "Change": "changes",
    "difference": "changes",
    "lineage": "changes",
    "begin_year": "new_year",
    "write_folder": "writing",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
