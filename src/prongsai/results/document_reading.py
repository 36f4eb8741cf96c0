"""Reading an imported document, or those in a ZIP, into what its review shows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prongsai.intake import Reading, Row, UnreadableError, list_documents, read_rows
from prongsai.intake.apart import comments_of, figures_of, find_fiscal_year
from prongsai.intake.files import LIMITS, MAX_DOCUMENT_ROWS
from prongsai.intake.several import combine
from prongsai.lib import sandbox
from prongsai.registry.queries import find_agencies_by_name
from prongsai.results.models import Import
from prongsai.rulebooks.queries import framework_for, frameworks_for

MAX_SECONDS = 300  # for all the documents in a ZIP; what is left then is not read, and named
_NOTHING = "อ่านไฟล์ได้ แต่ไม่พบคะแนนใดในนั้น"


@dataclass(frozen=True)
class _Document:
    """What was read of one document."""

    reading: Reading
    comments: list[dict[str, Any]]


def read_document(imported: Import, path: Path) -> None:
    """Set ``imported.reading``, and its agency where the document alone says which. Raises UnreadableError.

    Of processor time, an upload has as much as one call has, and what its documents are worth by their length: however
    many they are, and however often each is looked through."""
    unread: list[str] = []
    with sandbox.share(LIMITS.seconds) as allowance:
        names = list_documents(path)
        if names:
            reading, comments, unread = _read_several(imported, path, names, allowance)
        else:
            found = _read(imported, read_rows(path, max_rows=MAX_DOCUMENT_ROWS))
            reading, comments = found.reading, found.comments
    if not reading.figures:
        raise UnreadableError(_NOTHING)
    if imported.agency is None and reading.agency:
        candidates = find_agencies_by_name(reading.agency, assessment=imported.assessment_id)
        imported.agency = candidates[0] if len(candidates) == 1 else None
    figures = [
        {"year": f.fiscal_year, "node": f.node, "value": f.value, "place": f.place, "sure": f.sure, "note": f.note}
        for f in reading.figures
    ]
    imported.reading = {"agency": reading.agency or "", "figures": figures, "comments": comments}
    if unread:
        imported.reading["unread"] = unread


def _read_several(
    imported: Import, path: Path, names: Sequence[str], allowance: sandbox.Allowance
) -> tuple[Reading, list[dict[str, Any]], list[str]]:
    """The documents in a ZIP together, and which of them gave nothing, with the reason. Raises UnreadableError when
    none gave anything."""
    until = time.monotonic() + MAX_SECONDS
    found: list[tuple[str, _Document]] = []
    unread: list[str] = []
    for index, name in enumerate(names):
        try:
            if time.monotonic() > until or allowance.is_used_up:
                raise UnreadableError("ยังไม่ได้อ่าน เพราะไฟล์ก่อนหน้าใช้เวลานาน ส่งไฟล์นี้แยก")
            with allowance.keep_apart():
                document = _read(imported, read_rows(path, index=index, max_rows=MAX_DOCUMENT_ROWS))
            if not (document.reading.figures or document.comments):
                raise UnreadableError(_NOTHING)
            found.append((name, document))
        except UnreadableError as error:
            unread.append(f"{name}: {error}")
    if not found:
        raise UnreadableError(" · ".join(unread))
    comments = [{**c, "place": f"{name}: {c['place']}"} for name, document in found for c in document.comments]
    return combine([(name, document.reading) for name, document in found]), comments, unread


def _read(imported: Import, rows: Sequence[Row]) -> _Document:
    readings = _read_figures(imported, rows)
    if imported.agency is not None and len(readings) > 1:  # a list of agencies: only the rows of this one
        readings = [
            r
            for r in readings
            if r.agency and imported.agency in find_agencies_by_name(r.agency, assessment=imported.assessment_id)
        ]
        if not readings:
            raise UnreadableError(f"ไฟล์นี้เป็นผลของหลายหน่วยงาน แต่ไม่มีแถวของ{imported.agency}")
    reading = max(readings, key=lambda r: len(r.figures))
    return _Document(reading, _read_comments(imported, rows) if len(readings) == 1 else [])


def _read_comments(imported: Import, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What assessors wrote of the year that a document is about."""
    named = find_fiscal_year(rows)
    year = imported.fiscal_year or (named.year if named else None)
    framework = framework_for(imported.assessment_id, year) if year else None
    if framework is None:
        return []
    comments = comments_of(rows, framework)
    return [{"year": year, "item": c.item, "text": c.text, "place": c.place} for c in comments]


def _read_figures(imported: Import, rows: Sequence[Row]) -> list[Reading]:
    """The figures of a document. Raises UnreadableError when the document is of another year than the form says."""
    named, chosen = find_fiscal_year(rows), imported.fiscal_year
    known = frameworks_for(imported.assessment_id, filter(None, (named.year if named else None, chosen)))
    if not named or not chosen or named.year == chosen or not named.sure:
        return figures_of(rows, known, chosen)
    readings = figures_of(rows, known)
    if not any(figure.fiscal_year == chosen for reading in readings for figure in reading.figures):
        raise UnreadableError(
            f"เอกสารนี้เป็นผลปี {named.year} ({named.place}) แต่ในแบบเลือกปี {chosen} จึงยังไม่อ่าน "
            f"นำเข้าอีกครั้งโดยเลือก “ตามที่เอกสารบอก” หรือปี {named.year} "
            f"หากเป็นผลปี {chosen} จริง ให้ใช้ไฟล์ของปีนั้น"
        )
    return readings
