"""Locks that hold between every process of an installation, on whatever machine."""

import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection


@contextmanager
def hold_file_lock(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on a file, which is created when needed. Without ``wait``, raises BlockingIOError when
    another process holds it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield  # closing the file releases the lock


@contextmanager
def hold_lock(name: str, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of that name against every other process. Without ``wait``, raises BlockingIOError when another
    process holds it.

    On PostgreSQL it is an advisory lock of a connection of its own: it ends with the process, whatever becomes of the
    caller's transaction. On SQLite all processes are on one machine, and it is a lock on a file."""
    if connection.vendor != "postgresql":
        folder = Path(settings.DATA)
        folder.mkdir(parents=True, exist_ok=True)
        with hold_file_lock(folder / f"{re.sub('[^a-z0-9-]', '-', name)}.lock", wait=wait):
            yield
        return
    key = int.from_bytes(hashlib.sha256(f"prongsai {name}".encode()).digest()[:8], "big", signed=True)
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            if wait:
                cursor.execute("SELECT pg_advisory_lock(%s)", [key])
            else:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
                if not cursor.fetchone()[0]:
                    raise BlockingIOError(f"another process holds the lock “{name}”")
            try:
                yield
            finally:
                with suppress(DatabaseError):  # its end releases it too, but a moment after we are told so
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    finally:
        own.close()
