"""Serialization of document data for other processes: frameworks travel by name and are loaded there once.

The other process needs no Django.
"""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from prongsai import framework as rules
from prongsai.documents.content.data import DocumentData, YearResult
from prongsai.documents.issuance import IssuedDocument, issue_document


@dataclass(frozen=True)
class PackedData:
    """Document data without frameworks. ``results`` are (framework, scores) of the year and of the year before;
    ``chain`` names frameworks."""

    bare: DocumentData
    results: tuple[tuple[str, dict[str, Fraction]], ...]
    chain: tuple[str, ...]


def pack(data: DocumentData) -> PackedData:
    """The data in a form that can be pickled."""
    results = tuple((r.framework.id, dict(r.scores)) for r in (data.result, data.previous) if r)
    without_rules: dict[str, object] = {"result": None, "previous": None, "chain": ()}
    return PackedData(dataclasses.replace(data, **without_rules), results, tuple(f.id for f in data.chain))


def unpack(packed: PackedData) -> DocumentData:
    """The data again, with its frameworks."""
    results = [YearResult(rules.load(framework), scores) for framework, scores in packed.results]
    return dataclasses.replace(
        packed.bare,
        result=results[0],
        previous=results[1] if len(results) > 1 else None,
        chain=tuple(map(rules.load, packed.chain)),
    )


def issue_packed(kind: str, template: bytes, packed: PackedData) -> IssuedDocument:
    """``issue_document`` in another process, for a batch: the PDF is not read whole."""
    return issue_document(kind, unpack(packed), template=template, read_whole_pdf=False)
