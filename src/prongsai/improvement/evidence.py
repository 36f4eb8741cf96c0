"""Evidence as papers show it: pictures of its files, drawn once in the background and stored beside them.

What is stored is named by the SHA-256 of the file. A file that cannot be drawn is noted, and not tried again.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from prongsai.improvement.models import Evidence, Plan
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.lib import pictures
from prongsai.machines import files

log = logging.getLogger("prongsai.improvement")
_INDEX = "index.json"


@dataclass(frozen=True)
class DrawnEvidence:
    """The pictures of a file: (path of a JPEG, width, height in pixels). ``pages`` is 0 where it could not be drawn."""

    pages: int
    pictures: tuple[tuple[Path, int, int], ...]


def is_drawable(name: str) -> bool:
    """Whether files of this name are drawn at all."""
    return _suffix_of(name) in pictures.SUFFIXES


def find_drawing(sha256: str) -> DrawnEvidence | None:
    """The pictures of a file; None until they are drawn."""
    folder = _folder_of(sha256)
    if not (folder / _INDEX).is_file():
        files.fetch_folder(folder)  # another machine may have drawn them
    try:
        index = json.loads((folder / _INDEX).read_bytes())
    except OSError:
        return None
    drawn = tuple((folder / f"{n}.jpg", width, height) for n, (width, height) in enumerate(index["pictures"]))
    return DrawnEvidence(index["pages"], drawn)


@job(title="วาดภาพของหลักฐาน", queue=Queue.PAPERS)
def draw_evidence_of(_: Lease, follow_up_id: int) -> None:
    """Draw the files of a follow-up."""
    _draw_missing(Evidence.objects.filter(follow_up=follow_up_id))


def draw_evidence_of_plan(plan: Plan) -> None:
    """Draw the files of a plan that are not drawn yet: its papers are about to be written."""
    _draw_missing(Evidence.objects.filter(follow_up__measure__plan=plan))


def _draw_missing(evidence: Iterable[Evidence]) -> None:
    for item in evidence:
        if item.stored_as and is_drawable(item.name) and find_drawing(item.sha256) is None:
            _draw(item)


def _draw(evidence: Evidence) -> None:
    try:
        with files.local_copy(evidence.stored_as) as path:
            drawing = pictures.draw(path, _suffix_of(evidence.name))
    except pictures.PictureError:
        log.warning("a file of evidence shows no picture", extra={"evidence": evidence.pk})
        drawing = pictures.Drawing((), 0)
    index = {"pages": drawing.pages, "pictures": [[p.width, p.height] for p in drawing.pictures]}
    with files.write_folder(_folder_of(evidence.sha256)) as folder:
        for number, picture in enumerate(drawing.pictures):
            (folder / f"{number}.jpg").write_bytes(picture.jpeg)
        draft = folder / "index.part"
        draft.write_text(json.dumps(index))
        draft.replace(folder / _INDEX)  # last, so that what is found is whole


def _folder_of(sha256: str) -> Path:
    media: Path = settings.MEDIA_ROOT
    return media / "evidence-pictures" / sha256[:2] / sha256


def _suffix_of(name: str) -> str:
    return Path(name).suffix.lower().removeprefix(".")
