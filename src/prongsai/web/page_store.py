"""Rendered pages of the public record, compressed, in one file of this machine; nothing in it is worth a backup."""

import json
import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import brotli
import zstandard

log = logging.getLogger("prongsai.pages")
_ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.compress(body, 10),
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: zlib.compress(body, 6, wbits=31),
}
ENCODINGS = tuple(_ENCODERS)  # the best first
_PUTS_PER_CHECK = 200  # pages stored until the size of the file is checked
_SHARE_REMOVED = 8  # one in so many pages, the oldest, when the file is too large
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS page (address TEXT PRIMARY KEY, head TEXT NOT NULL, stored_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS page_stored_at ON page (stored_at);
CREATE TABLE IF NOT EXISTS body
    (address TEXT NOT NULL, encoding TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (address, encoding));
"""


@dataclass(frozen=True, kw_only=True)
class PageHead:
    """What belongs to a rendered page beside its body: headers, the route of its address, a digest of the body, and
    what it was made of: a stamp of everything outside the database, and the revision of each table that was read."""

    headers: dict[str, str]
    route: str
    digest: str
    stamp: str
    tables: dict[str, int]


class PageStore:
    """Pages by their address, about ``max_bytes`` of them; the oldest go first. For any thread of any process.

    Nothing here is an error to whoever asks: a file that cannot be read or written has no pages."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._local = threading.local()
        self._puts = 0

    def find(self, address: str, encoding: str) -> tuple[PageHead, bytes] | None:
        """The page of an address with its body in an encoding, "" for none."""
        rows = self._run(
            "SELECT head, encoding, body FROM page JOIN body USING (address) "
            "WHERE address = ? AND encoding IN (?, 'gzip')",
            (address, encoding),
        )
        if not rows:
            return None
        text, bodies = rows[0][0], {name: body for _, name, body in rows}
        head = PageHead(**json.loads(text))
        if not encoding:
            return head, zlib.decompress(bodies["gzip"], wbits=31)
        if encoding not in bodies:  # the first reader who takes this one
            bodies[encoding] = _ENCODERS[encoding](zlib.decompress(bodies["gzip"], wbits=31))
            self._run(
                "INSERT OR REPLACE INTO body SELECT ?, ?, ? "
                "WHERE EXISTS (SELECT 1 FROM page WHERE address = ? AND head = ?)",
                (address, encoding, bodies[encoding], address, text),
            )
        return head, bodies[encoding]

    def put(self, address: str, head: PageHead, body: bytes) -> None:
        with self._transaction():
            self._run(
                "INSERT OR REPLACE INTO page VALUES (?, ?, julianday('now'))", (address, json.dumps(asdict(head)))
            )
            self._run("DELETE FROM body WHERE address = ?", (address,))
            self._run("INSERT INTO body VALUES (?, 'gzip', ?)", (address, _ENCODERS["gzip"](body)))
        self._puts += 1
        if self._puts % _PUTS_PER_CHECK == 0 and self.size() > self._max_bytes:
            self._remove_oldest()

    def _remove_oldest(self) -> None:
        with self._transaction():
            self._run(
                "DELETE FROM page WHERE address IN "
                "(SELECT address FROM page ORDER BY stored_at LIMIT (SELECT 1 + count(*) / ? FROM page))",
                (_SHARE_REMOVED,),
            )
            self._run("DELETE FROM body WHERE address NOT IN (SELECT address FROM page)")

    def size(self) -> int:
        """Bytes of pages in the file, without room that is free again."""
        rows = self._run(
            "SELECT (page_count - freelist_count) * page_size "
            "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
        )
        return rows[0][0] if rows else 0

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            self._run("COMMIT")

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self._connection().execute(sql, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            log.warning("rendered pages: %s", error)
            self._local.connection = None
            return []

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=1, isolation_level=None)
            connection.executescript(_SCHEMA)
            self._local.connection = connection
        return connection
