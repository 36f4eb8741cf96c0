"""Rendered pages of the public record, compressed, in one file of this machine; nothing in it is worth a backup."""

import json
import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Mapping
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
_PUTS_PER_LOOK = 200  # pages stored until the size of the file is looked at
_SHARE_REMOVED = 8  # one in so many pages, the oldest, when the file is too large
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS page
    (address TEXT PRIMARY KEY, head TEXT NOT NULL, zstd BLOB, br BLOB, gzip BLOB NOT NULL, stored_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS page_stored_at ON page (stored_at);
"""


@dataclass(frozen=True, kw_only=True)
class PageHead:
    """What belongs to a rendered page beside its body: headers, the route of its address, a digest of the body, and what
    it was made of: a stamp of everything outside the database, and the revision of each table that was read."""

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
        column = encoding or "gzip"
        sql = f"SELECT head, {column}, CASE WHEN {column} IS NULL THEN gzip END FROM page WHERE address = ?"
        rows = self._run(sql, (address,))
        if not rows:
            return None
        text, body, gzip = rows[0]
        head = PageHead(**json.loads(text))
        if not encoding:
            return head, zlib.decompress(body, wbits=31)
        if body is None:  # the first reader who takes this encoding
            body = _ENCODERS[encoding](zlib.decompress(gzip, wbits=31))
            self._run(f"UPDATE page SET {column} = ? WHERE address = ? AND head = ?", (body, address, text))
        return head, body

    def put(self, address: str, head: PageHead, body: bytes) -> None:
        self._run(
            "INSERT OR REPLACE INTO page (address, head, gzip, stored_at) VALUES (?, ?, ?, julianday('now'))",
            (address, json.dumps(asdict(head)), _ENCODERS["gzip"](body)),
        )
        self._puts += 1
        if self._puts % _PUTS_PER_LOOK == 0 and self._size() > self._max_bytes:
            self._run(
                "DELETE FROM page WHERE address IN "
                f"(SELECT address FROM page ORDER BY stored_at LIMIT (SELECT 1 + count(*) / {_SHARE_REMOVED} FROM page))"
            )

    def _size(self) -> int:
        """Bytes of pages in the file, without room that is free again."""
        rows = self._run(
            "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
        )
        return rows[0][0] if rows else 0

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
