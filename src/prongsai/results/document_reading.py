"""Reading an imported document, or those in a ZIP, into what its review shows."""

import io
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prongsai.intake import Reading, Row, UnreadableError, list_documents, read_rows
from prongsai.intake.apart import comments_of, figures_of, find_fiscal_year
from prongsai.intake.cuttings import cut_out
from prongsai.intake.files import LIMITS, MAX_DOCUMENT_ROWS
from prongsai.intake.several import combine
from prongsai.lib import sandbox
from prongsai.machines import files
from prongsai.registry.queries import find_agencies_by_name
from prongsai.results.models import Import
from prongsai.rulebooks.queries import framework_for, frameworks_for

MAX_SECONDS = 300  # for all the documents in a ZIP; what is left then is not read, and named
_NOTHING = "อ่านไฟล์ได้ แต่ไม่พบคะแนนใดในนั้น"


@dataclass(frozen=True)
class _Document:
    """What was read of one document; of pictures, what was read at each place."""

    reading: Reading
    comments: list[dict[str, Any]]
    cuttings: Mapping[str, bytes]


def cuttings_of(stored_as: str) -> str:
    """The name of the file with the cuttings of a stored document, if it has any."""
    return f"{stored_as}.cuttings"


def read_document(imported: Import, path: Path) -> None:
    """Set ``imported.reading``, and its agency where the document alone says which. Raises UnreadableError.

    Of processor time, an upload has as much as one call has, and what its documents are worth by their length: however
    many they are, and however often each is looked through."""
    unread: list[str] = []
    with sandbox.share(LIMITS.seconds) as allowance:
        names = list_documents(path)
        if names:
            document, unread = _read_several(imported, path, names, allowance)
        else:
            document = _read(imported, path)
    reading = document.reading
    if not reading.figures:
        raise UnreadableError(_NOTHING)
    if imported.agency is None and reading.agency:
        candidates = find_agencies_by_name(reading.agency, assessment=imported.assessment_id)
        imported.agency = candidates[0] if len(candidates) == 1 else None
    figures = [
        {"year": f.fiscal_year, "node": f.node, "value": f.value, "place": f.place, "sure": f.sure, "note": f.note}
        for f in reading.figures
    ]
    imported.reading = {"agency": reading.agency or "", "figures": figures, "comments": document.comments}
    if unread:
        imported.reading["unread"] = unread
    if document.cuttings:
        imported.reading["cuttings"] = store_cuttings(imported, document.cuttings)


def store_cuttings(imported: Import, cuttings: Mapping[str, bytes]) -> dict[str, int]:
    """Store what was read of pictures beside the document; the number of each place."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, picture in enumerate(cuttings.values()):
            archive.writestr(f"{number}.jpg", picture)
    name = cuttings_of(imported.stored_as)
    files.remove(name)  # of a reading that was interrupted
    files.store_bytes(name, packed.getvalue())
    return {place: number for number, place in enumerate(cuttings)}


def open_cutting(imported: Import, number: int) -> bytes | None:
    """One of the pictures of what was read, as JPEG; None where there is none."""
    try:
        with files.open_file(cuttings_of(imported.stored_as)) as file, zipfile.ZipFile(file) as archive:
            return archive.read(f"{number}.jpg")
    except (FileNotFoundError, KeyError):
        return None


def _read_several(
    imported: Import, path: Path, names: Sequence[str], allowance: sandbox.Allowance
) -> tuple[_Document, list[str]]:
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
                document = _read(imported, path, index)
            if not (document.reading.figures or document.comments):
                raise UnreadableError(_NOTHING)
            found.append((name, document))
        except UnreadableError as error:
            unread.append(f"{name}: {error}")
    if not found:
        raise UnreadableError(" · ".join(unread))
    comments = [{**c, "place": f"{name}: {c['place']}"} for name, document in found for c in document.comments]
    cuttings = {f"{name}: {place}": c for name, document in found for place, c in document.cuttings.items()}
    reading = combine([(name, document.reading) for name, document in found])
    return _Document(reading, comments, cuttings), unread


def _read(imported: Import, path: Path, index: int | None = None) -> _Document:
    rows = read_rows(path, index=index, max_rows=MAX_DOCUMENT_ROWS, pictures=True)
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
    comments = _read_comments(imported, rows) if len(readings) == 1 else []
    return _Document(reading, comments, _cut_out(path, index, rows, reading))


def _cut_out(path: Path, index: int | None, rows: Sequence[Row], reading: Reading) -> dict[str, bytes]:
    """The picture of each place that a figure was read from; none where they cannot be had: the figures stand."""
    places = {figure.place for figure in reading.figures}
    spots = {row.place: row.spot for row in rows if row.spot and row.place in places}
    if not spots:
        return {}
    try:
        pictures = cut_out(path, list(spots.values()), index=index)
    except UnreadableError:
        return {}
    return {place: pictures[spot] for place, spot in spots.items() if spot in pictures}


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
