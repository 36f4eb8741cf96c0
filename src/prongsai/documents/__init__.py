"""The print shop: one content model, several writers, read back before a document leaves. See docs/documents.md."""

from prongsai.documents.issuing import (
    KINDS,
    WITHOUT_RESULT,
    ContradictionError,
    Issued,
    Printed,
    ReadBack,
    compose,
    issue,
    read_back,
    write,
)
from prongsai.documents.template import TemplateFileError, check_template, fill_template

__all__ = [
    "KINDS",
    "WITHOUT_RESULT",
    "ContradictionError",
    "Issued",
    "Printed",
    "ReadBack",
    "TemplateFileError",
    "check_template",
    "compose",
    "fill_template",
    "issue",
    "read_back",
    "write",
]
