"""Serialization of document data for other processes: shipped rules travel by name, others as data; each is loaded
there once.

The other process needs no Django.
"""

import io
import json
import pickle
from functools import lru_cache

from prongsai import framework as rules
from prongsai.documents.content.data import DocumentData
from prongsai.documents.issuance import IssuedDocument, issue_document
from prongsai.framework import Framework


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: object) -> tuple[str, int] | str | None:
        if not isinstance(obj, Framework):
            return None
        name = (obj.assessment, obj.fiscal_year)
        if name in rules.available() and rules.load(*name).rules == obj.rules:
            return name
        return json.dumps(rules.as_data(obj.rules), ensure_ascii=False)


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, pid: tuple[str, int] | str) -> Framework:
        return _restore(pid) if isinstance(pid, str) else rules.load(*pid)


@lru_cache(maxsize=8)
def _restore(data: str) -> Framework:
    return rules.restore(json.loads(data))


def serialize(data: DocumentData) -> bytes:
    """The data, without the content of frameworks that every process has."""
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
