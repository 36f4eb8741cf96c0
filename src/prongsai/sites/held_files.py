"""Files of forms that were refused: they wait for whoever sent them, who does not choose them again."""

import datetime
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from prongsai.lib import attachments
from prongsai.machines import files
from prongsai.people.models import User
from prongsai.sites.item_pages import ShownPage, lock_page
from prongsai.sites.models import HeldFile

FOLDER = "held-pages"  # of stored files
HELD_DAYS = 7
ACCEPTED = (*attachments.SUFFIXES, "csv")


def hold_file(*, shown: ShownPage, element: str, path: Path, name: str, by: User) -> HeldFile | None:
    """Store a file for whoever sent it, instead of the one that waits beside the same element; None of a type that no
    page takes."""
    suffix = Path(name).suffix.lower().removeprefix(".")
    if suffix not in ACCEPTED:
        return None
    stored_as = f"{FOLDER}/{uuid.uuid4().hex}.{suffix}"
    files.store_copy(stored_as, path)
    with files.remove_on_error(stored_as), transaction.atomic():
        page = lock_page(shown)
        earlier = list(HeldFile.objects.filter(page=page, by=by, element=element))
        held = HeldFile.objects.create(
            page=page,
            by=by,
            element=element,
            name=Path(name).name[-200:],
            stored_as=stored_as,
            size=files.measure(stored_as),
        )
    drop_files(earlier)
    return held


def list_held(shown: ShownPage, by: User) -> list[HeldFile]:
    """The files of a page that wait for a user."""
    since = timezone.now() - datetime.timedelta(HELD_DAYS)
    return list(HeldFile.objects.filter(page=shown.page, by=by, at__gte=since)) if shown.page else []


@contextmanager
def open_held(held: HeldFile) -> Iterator[Path]:
    """A copy of a file that waits, on this machine, while the block runs. Raises FileNotFoundError where another click
    was faster."""
    with files.local_copy(held.stored_as) as path:
        yield path


def drop_files(held: Iterable[HeldFile]) -> None:
    """Remove files that waited."""
    for file in held:
        file.delete()
        files.remove(file.stored_as)


def remove_expired() -> None:
    """Remove files that have waited too long, and those whose process ended before they were recorded."""
    drop_files(HeldFile.objects.filter(at__lt=timezone.now() - datetime.timedelta(HELD_DAYS)))
    files.remove_unnamed(FOLDER, set(HeldFile.objects.values_list("stored_as", flat=True)))
