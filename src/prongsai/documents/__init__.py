"""Official papers: one content model, several writers; every paper is read back before it is issued.

See docs/documents.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prongsai.documents.agency_templates.template import TemplateFileError, check_template, fill_template
    from prongsai.documents.content.data import DocumentData, DocumentDataError
    from prongsai.documents.issuance import (
        IssuedDocument,
        MisprintError,
        WrittenDocument,
        compose_document,
        issue_document,
        read_back,
        write_document,
    )
    from prongsai.documents.papers import KINDS, WITHOUT_RESULT
    from prongsai.documents.readback import ReadBack

__all__ = [
    "KINDS",
    "WITHOUT_RESULT",
    "DocumentData",
    "DocumentDataError",
    "IssuedDocument",
    "MisprintError",
    "ReadBack",
    "TemplateFileError",
    "WrittenDocument",
    "check_template",
    "compose_document",
    "fill_template",
    "issue_document",
    "read_back",
    "write_document",
]

_MODULES = {
    "KINDS": "papers",
    "WITHOUT_RESULT": "papers",
    "DocumentData": "content.data",
    "DocumentDataError": "content.data",
    "ReadBack": "readback",
    "TemplateFileError": "agency_templates.template",
    "check_template": "agency_templates.template",
    "fill_template": "agency_templates.template",
} | dict.fromkeys(
    (
        "IssuedDocument",
        "MisprintError",
        "WrittenDocument",
        "compose_document",
        "issue_document",
        "read_back",
        "write_document",
    ),
    "issuance",
)


def __getattr__(name: str) -> object:
    """What writes and reads papers is imported when it is first used: a part of it needs none of the rest."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"prongsai.documents.{_MODULES[name]}"), name)
