"""The rules of a year in a form that loads quickly: parsed and checked once, then read from the user's cache folder.

A compiled form is found by the digest of the year's files and of the code that reads them, so an old one is never read.
It is JSON, never pickle: reading it can run no code. One that is damaged, or that another user could have written, is
ignored, and written anew from the YAML.
"""

import hashlib
import json
import os
import stat
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from prongsai.framework import schema
from prongsai.framework.folder import files_of, previous_year_files
from prongsai.framework.schema import Record
from prongsai.framework.tree import Framework
from prongsai.lib import digest

CHECKSUM_LETTERS = 64  # of SHA-256 in hex, before the JSON
MAX_FORMS_OF_A_YEAR = 5  # forms of other versions of the same year that stay in the cache
_RECORDS = {c.__name__: c for c in vars(schema).values() if isinstance(c, type) and issubclass(c, Record)}
_PACKAGE = Path(__file__).parents[1]
_CODE = (*(f"framework/{name}.py" for name in ("checks", "compiled", "reading", "schema")), "lib/strict_yaml.py")


def read(folder: Path) -> Framework | None:
    """The compiled rules of a year's folder, or None where there are none that can be trusted."""
    try:
        text = memoryview(_read_own_file(_path_of(folder)))
    except (OSError, RuntimeError):
        return None
    checksum, body = text[:CHECKSUM_LETTERS], text[CHECKSUM_LETTERS:]
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        return None
    data = json.loads(str(body, "utf-8"))  # json would guess the encoding
    if data["previous"] != _digest_of_previous(folder, data["fiscal_year"]):
        return None
    return Framework(_restore(data["table"]), digest=data["digest"])


def write(folder: Path, framework: Framework) -> None:
    """Store the compiled rules of a year's folder, where that is possible; a reader sees all of it or nothing."""
    import tempfile

    table = _Table()
    table.add(framework.rules)
    data = {
        "fiscal_year": framework.fiscal_year,
        "previous": _digest_of_previous(folder, framework.fiscal_year),
        "digest": framework.digest,
        "table": table.rows,
    }
    body = json.dumps(data, ensure_ascii=False).encode()
    with suppress(OSError, RuntimeError):
        path = _path_of(folder)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_foreign(path.parent.stat())
        handle, draft = tempfile.mkstemp(dir=path.parent)
        try:
            with open(handle, "wb") as file:
                file.write(hashlib.sha256(body).hexdigest().encode() + body)
            Path(draft).replace(path)
        except OSError:
            Path(draft).unlink()
            raise
        _remove_old_forms(folder, path)


def cache_folder() -> Path:
    """Where compiled rules are: ``prongsai/frameworks`` in ``XDG_CACHE_HOME``, or in the ``.cache`` of the user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "prongsai" / "frameworks"


def _path_of(folder: Path) -> Path:
    key = hashlib.sha256(f"{_code_digest()}{digest.of_tree(folder, files_of(folder))}".encode()).hexdigest()
    return cache_folder() / f"{folder.parent.name}-{folder.name}-{key}.json"


def _digest_of_previous(folder: Path, fiscal_year: int) -> str:
    return digest.of_tree(folder.parent, previous_year_files(folder, fiscal_year))


@cache
def _code_digest() -> str:
    return digest.of_tree(_PACKAGE, [_PACKAGE / name for name in _CODE])


def _read_own_file(path: Path) -> bytes:
    """The content of a file that nobody else can have written. Raises OSError."""
    _refuse_foreign(path.parent.stat())
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        _refuse_foreign(os.fstat(file.fileno()))
        return file.read()


def _refuse_foreign(status: os.stat_result) -> None:
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError


def _remove_old_forms(folder: Path, newest: Path) -> None:
    others = [path for path in newest.parent.glob(f"{folder.parent.name}-{folder.name}-*.json") if path != newest]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[MAX_FORMS_OF_A_YEAR:]:
        path.unlink()


class _Table:
    """Rules as a list of records, each once, parts before what they are part of.

    A row is the name of the class, the plain fields, and the fields that hold a date (ISO), a record (its number), a
    tuple of records or a mapping to records. Most bases and labels of a year are the same few, so that the list is a
    third of the rules.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[str, dict[str, object], dict[str, object]]] = []
        self.numbers: dict[str, int] = {}

    def add(self, record: Record) -> int:
        plain, special = {}, {}
        for name, value in vars(record).items():
            reference = self._reference(value)
            if reference is None:
                plain[name] = value
            else:
                special[name] = reference
        row = (type(record).__name__, plain, special)
        number = self.numbers.setdefault(repr(row), len(self.rows))
        if number == len(self.rows):
            self.rows.append(row)
        return number

    def _reference(self, value: object) -> object:
        if isinstance(value, Record):
            return self.add(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, tuple) and value and isinstance(value[0], Record):
            return [self.add(part) for part in value]
        if isinstance(value, dict) and any(isinstance(part, Record) for part in value.values()):
            return {name: self.add(part) for name, part in value.items()}
        return None


def _restore(rows: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> Any:
    """The last record of a table, which is the rules. Past ``__init__``: a frozen record takes long to fill."""
    records: list[Record] = []
    for name, fields, special in rows:
        for field, value in fields.items():
            if type(value) is list:
                fields[field] = tuple(value)
        for field, value in special.items():
            if type(value) is int:
                fields[field] = records[value]
            elif type(value) is list:
                fields[field] = tuple([records[number] for number in value])
            elif type(value) is str:
                fields[field] = date.fromisoformat(value)
            else:
                fields[field] = {key: records[number] for key, number in value.items()}
        record = object.__new__(_RECORDS[name])
        record.__dict__.update(fields)
        records.append(record)
    return records[-1]
