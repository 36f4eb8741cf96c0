"""Stored files by their names ("papers/ab/….pdf"): on the disk of this machine, or in the storage that several machines
share. One alias of Django's storages, ``default``; no other code opens a stored file.

Where the storage cannot be reached, functions raise OSError, as they do for a full disk; FileNotFoundError where it
says that there is no such file.
"""

import datetime
import os
import shutil
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import Error as DatabaseFailure
from django.utils import timezone

UNNAMED_DAYS = 30  # long enough for a database that was put back to an earlier day to be brought forward again


def _storage() -> Storage:
    return storages["default"]


def is_shared() -> bool:
    """Whether files lie outside this machine."""
    return not isinstance(_storage(), FileSystemStorage)


@contextmanager
def as_os_errors() -> Iterator[None]:
    """What goes wrong with a storage in the network is an OSError, like what goes wrong with a disk."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("botocore", "boto3", "s3transfer", "urllib3"):
            raise
        raise OSError(f"the storage of files: {type(error).__name__}") from error


# --- one file


def store_bytes(name: str, data: bytes) -> None:
    """Store a file, whole or not at all."""
    with as_os_errors():
        _storage().save(name, ContentFile(data))


def store_copy(name: str, path: Path) -> None:
    """Store a copy of a file of this machine."""
    with path.open("rb") as file, as_os_errors():
        _storage().save(name, File(file))


def open_file(name: str) -> IO[bytes]:
    """A stored file, open for reading."""
    with as_os_errors():
        file = _storage().open(name)
        if is_shared():
            file.seek(0)  # asks the storage now, so that a missing file is missed here and not half-way
        return cast("IO[bytes]", file)


def read_bytes(name: str) -> bytes:
    with as_os_errors(), open_file(name) as file:
        return file.read()


def measure(name: str) -> int:
    """The size of a stored file in bytes."""
    with as_os_errors():
        return _storage().size(name)


def exists(name: str) -> bool:
    with as_os_errors():
        return bool(name) and _storage().exists(name)


def remove(name: str) -> None:
    """Remove a stored file; one that is not there is no error."""
    with as_os_errors():
        _storage().delete(name)


@contextmanager
def remove_on_error(*names: str) -> Iterator[None]:
    """Remove files that were stored when what was to name them is refused: around the transaction that names them.
    Where the database failed nobody knows what it stored, and the files stay."""
    try:
        yield
    except DatabaseFailure:
        raise
    except Exception:
        for name in names:
            with suppress(OSError):  # who sweeps finds it
                remove(name)
        raise


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """The file itself where it lies on this machine, otherwise a copy that is removed afterwards: for readers that need
    a path."""
    storage = _storage()
    if isinstance(storage, FileSystemStorage):
        yield Path(storage.path(name))
        return
    with tempfile.TemporaryDirectory(prefix="prongsai-copy-") as folder:
        path = Path(folder) / Path(name).name
        _copy_out(name, path)
        yield path


def _copy_out(name: str, path: Path) -> None:
    with as_os_errors(), open_file(name) as stored, path.open("wb") as file:
        shutil.copyfileobj(stored, file, 1 << 20)


# --- all files, and folders


def list_names(folder: str = "") -> Iterator[str]:
    """The names of all files in a folder and below, in order."""
    with as_os_errors():
        try:
            folders, names = _storage().listdir(folder)
        except FileNotFoundError:
            return
    prefix = f"{folder}/" if folder else ""
    yield from (prefix + name for name in sorted(names) if name)
    for inner in sorted(folders):
        yield from list_names(prefix + inner)


def remove_unnamed(folder: str, named: Set[str]) -> int:
    """Remove the files of a folder that nothing names, and nothing has named for ``UNNAMED_DAYS``: of uploads whose
    process ended between storing and recording. They were never acknowledged. Returns how many."""
    since, removed = timezone.now() - datetime.timedelta(UNNAMED_DAYS), 0
    for name in list(list_names(folder)):
        if name in named:
            continue
        try:
            with as_os_errors():
                is_old = _storage().get_modified_time(name) < since
        except FileNotFoundError:  # somebody else was faster
            continue
        if is_old:
            remove(name)
            removed += 1
    return removed


def to_name(path: Path) -> str | None:
    """The name of a file or folder below ``MEDIA_ROOT``; None for any other."""
    root = Path(settings.MEDIA_ROOT)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


@contextmanager
def write_folder(folder: Path) -> Iterator[Path]:
    """Where files for a folder below ``MEDIA_ROOT`` are written: there, or, where it is shared, in a folder of one's
    own whose files are stored at the end, in the order of their names. Whoever fetches the folder meanwhile finds whole
    files."""
    base = to_name(folder) if is_shared() else None
    if base is None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="prongsai-write-") as own:
        yield Path(own)
        for path in sorted(Path(own).iterdir()):
            store_copy(f"{base}/{path.name}", path)


def withdraw_file(path: Path) -> None:
    """Remove a file below ``MEDIA_ROOT``, here and for every machine."""
    path.unlink(missing_ok=True)
    if is_shared() and (name := to_name(path)):
        remove(name)


def list_folder(folder: Path) -> list[str]:
    """The names of the files in a folder below ``MEDIA_ROOT``, wherever it lies."""
    base = to_name(folder) if is_shared() else None
    if base is None:
        return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    with as_os_errors():
        return sorted(name for name in _storage().listdir(base)[1] if name)


def fetch_folder(folder: Path) -> Path:
    """Make a folder below ``MEDIA_ROOT`` what it is in the storage: for the engines that read Parquet by path. Nothing
    to do where they are the same. Returns the folder."""
    if not is_shared() or not (base := to_name(folder)):
        return folder
    stored = list_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in stored:  # in order of names: the index of a folder of pictures comes after them
        handle, draft = tempfile.mkstemp(dir=folder, suffix=".part")
        os.close(handle)
        try:
            _copy_out(f"{base}/{name}", Path(draft))
            Path(draft).replace(folder / name)
        finally:
            Path(draft).unlink(missing_ok=True)
    for path in folder.iterdir():
        if path.is_file() and path.suffix != ".part" and path.name not in stored:
            path.unlink(missing_ok=True)
    return folder
