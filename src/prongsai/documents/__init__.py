"""Official papers: one content model, several writers; every paper is read back before it is issued.

See docs/documents.md.
"""

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
