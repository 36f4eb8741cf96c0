"""Serialization of document data for other processes: frameworks travel by name and are loaded there once.

The other process needs no Django.
"""

import io
import pickle

from prongsai import framework as rules
from prongsai.documents.content.data import DocumentData
from prongsai.documents.issuance import IssuedDocument, issue_document
from prongsai.framework import Framework


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: object) -> tuple[str, int] | None:
        return (obj.assessment, obj.fiscal_year) if isinstance(obj, Framework) else None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: tuple[str, int]) -> Framework:
        return rules.load(*pid)


def serialize(data: DocumentData) -> bytes:
    """The data without the content of its frameworks."""
    out = io.BytesIO()
    _Pickler(out).dump(data)
    return out.getvalue()


def deserialize(serialized: bytes) -> DocumentData:
    """The data again. ``serialized`` comes from ``serialize`` in a process of ours, never from outside."""
    data: DocumentData = _Unpickler(io.BytesIO(serialized)).load()
    return data


def issue_serialized(kind: str, template: bytes, serialized: bytes) -> IssuedDocument:
    """``issue_document`` in another process, for a batch: the PDF is not read whole."""
    return issue_document(kind, deserialize(serialized), template=template, read_whole_pdf=False)
