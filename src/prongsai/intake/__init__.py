"""Reading published results back into figures, each with the place it stood. Decides nothing about what is right.

``read`` and ``read_rows`` work in the sandbox, and so does everything in :mod:`prongsai.intake.apart`; ``figures_of``
and ``find_fiscal_year`` work here and now, for rows of documents that are our own.

The reader is imported when it is used, so that whoever needs only rows does not.
"""

import importlib
from typing import TYPE_CHECKING

from prongsai.intake.files import Row, UnreadableError, list_documents, read_rows

if TYPE_CHECKING:
    from prongsai.intake.apart import read
    from prongsai.intake.reader import figures_of, find_fiscal_year
    from prongsai.intake.reading import Reading

__all__ = ["Reading", "Row", "UnreadableError", "figures_of", "find_fiscal_year", "list_documents", "read", "read_rows"]
_MODULES = {"read": "apart", "Reading": "reading"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES.get(name, 'reader')}"), name)
