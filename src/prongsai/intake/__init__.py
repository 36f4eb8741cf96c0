"""Reading published results back into figures, each with the place it stood. Decides nothing about what is right.

The reader is imported when it is used, so that the process which parses a file (:mod:`prongsai.intake.files`) does not.
"""

import importlib
from typing import TYPE_CHECKING

from prongsai.intake.files import Row, UnreadableError, read_rows

if TYPE_CHECKING:
    from prongsai.intake.reader import Reading, figures_of, find_fiscal_year, read

__all__ = ["Reading", "Row", "UnreadableError", "figures_of", "find_fiscal_year", "read", "read_rows"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.reader"), name)
