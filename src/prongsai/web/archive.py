"""Backup and restore: the database as of one moment and the files, in one .tar.gz that proves itself.

Rows are written one a line as JSON, so a backup moves between SQLite and PostgreSQL, and needs no client program. The
last part is the manifest: every part with its size and SHA-256, every table with its rows, the version and the
migrations it stands at. A backup without it, or one that differs from it, is refused before anything is touched.

Not in it: the keys of the folder of data. Whoever holds a backup can read it, and can't forge sessions; answers that
still wait to be mixed can't be opened from it.
"""

import base64
import datetime
import hashlib
import io
import itertools
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core import exceptions
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.duration import duration_iso_string
from pydantic import BaseModel, ConfigDict, ValidationError

import prongsai
from prongsai.machines import files
from prongsai.machines.new_tables import make_new_tables
from prongsai.machines.storage import DurableFileStorage

_EXCLUDED_TABLES = {"django_session", "limits_cache", "machines_keyfingerprint", "machines_tablechange"}
_SNAPSHOT = "backup_snapshot"  # alias of the connection that sees the database as of one moment
_CHUNK = 1 << 20  # bytes
_ROWS = 2000  # read and written at a time
_MANIFEST = "manifest.json"
_DAILY, _WEEKLY, _MONTHLY = 7, 5, 12  # scheduled backups that stay
_NAME = "prongsai-%Y-%m-%dT%H%M%SZ.tar.gz"


class ArchiveError(Exception):
    """Why a backup cannot be created, trusted or restored, in Thai."""


class Part(BaseModel):
    """One file of the archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    size: int  # bytes
    sha256: str


class Table(BaseModel):
    """One table: the app it belongs to, its columns in the order of every row, and how many rows there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    app: str
    columns: tuple[str, ...]
    rows: int


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal[2]
    version: str  # of the program
    database: str  # sqlite or postgresql
    created_at: datetime.datetime
    migrations: tuple[tuple[str, str], ...]  # app and name, all that were applied
    tables: dict[str, Table]
    parts: dict[str, Part]

    def count_rows(self) -> int:
        return sum(t.rows for t in self.tables.values())

    def count_files(self) -> int:
        return sum(name.startswith("files/") for name in self.parts)


# --- writing


def create_backup(target: Path) -> Manifest:
    """Write a backup while the site runs, and read it back; it has its name once it is proved. Raises ArchiveError."""
    draft = target.with_name(f"{target.name}.part")
    try:
        with draft.open("wb") as file:
            _write_archive(file)
            file.flush()
            os.fsync(file.fileno())
        manifest = verify_backup(draft)
        draft.replace(target)
    except OSError as error:
        raise ArchiveError(f"เขียนข้อมูลสำรองที่ {target} ไม่ได้: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write_archive(file: IO[bytes]) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise ArchiveError("ฐานข้อมูลยังเป็นของโปรแกรมรุ่นก่อน สั่ง prongsai migrate ก่อนสำรอง")
    parts: dict[str, Part] = {}
    with (
        tarfile.open(fileobj=file, mode="w:gz", compresslevel=4) as archive,
        tempfile.TemporaryDirectory(dir=settings.DATA) as folder,
    ):
        created_at = timezone.now()
        tables = _add_tables(archive, Path(folder), parts)
        for name in _stored_files():
            try:
                stored = files.open_file(name)
            except FileNotFoundError:
                continue  # deleted since the folder was listed; the rows that named it are of an earlier moment
            _add_part(archive, f"files/{name}", stored, parts)
        manifest = Manifest(
            format=2,
            version=prongsai.__version__,
            database=connection.vendor,
            created_at=created_at,
            migrations=tuple(sorted(executor.loader.applied_migrations)),
            tables=tables,
            parts=parts,
        )
        text = manifest.model_dump_json().encode()
        info = tarfile.TarInfo(_MANIFEST)
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))


def _add_tables(archive: tarfile.TarFile, folder: Path, parts: dict[str, Part]) -> dict[str, Table]:
    tables = {}
    with _open_snapshot(folder):
        for model in _models(apps):
            name, path, rows = model._meta.db_table, folder / "table", 0
            fields = model._meta.concrete_fields
            values = model._base_manager.using(_SNAPSHOT).order_by("pk").values_list(*[f.attname for f in fields])
            with path.open("w", encoding="utf-8") as lines:
                for row in values.iterator(chunk_size=_ROWS):
                    lines.write(json.dumps(row, default=_to_json, ensure_ascii=False, separators=(",", ":")))
                    lines.write("\n")
                    rows += 1
            _add_part(archive, f"tables/{name}", path.open("rb"), parts)
            tables[name] = Table(app=model._meta.app_label, columns=tuple(f.attname for f in fields), rows=rows)
    return tables


@contextmanager
def _open_snapshot(folder: Path) -> Iterator[None]:
    """A second connection, which sees the database as of one moment while others go on writing."""
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        copy = folder / "db.sqlite3"
        with closing(sqlite3.connect(own["NAME"])) as live, closing(sqlite3.connect(copy)) as copied:
            live.backup(copied, pages=4096)
        connections[_SNAPSHOT] = type(connections["default"])({**own, "NAME": str(copy)}, _SNAPSHOT)
    else:
        connections[_SNAPSHOT] = type(connections["default"])({**own}, _SNAPSHOT)
    try:
        with transaction.atomic(using=_SNAPSHOT):
            if connection.vendor == "postgresql":
                with connections[_SNAPSHOT].cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    finally:
        connections[_SNAPSHOT].close()
        del connections[_SNAPSHOT]


def _models(registry: Any) -> list[type[models.Model]]:
    """Every model whose rows belong in a backup, of the present or of an earlier state of the migrations."""
    found = registry.get_models(include_auto_created=True)
    return [m for m in found if m._meta.managed and not m._meta.proxy and m._meta.db_table not in _EXCLUDED_TABLES]


def _stored_files() -> Iterator[str]:
    """The names of all stored files that belong in a backup."""
    return (n for n in files.list_names() if not n.startswith(("downloads/", "ranked/", "exports/", ".restore-")))


def _add_part(archive: tarfile.TarFile, name: str, file: IO[bytes], parts: dict[str, Part]) -> None:
    with file:
        info = tarfile.TarInfo(name)
        info.size, info.mtime = file.seek(0, io.SEEK_END) or file.tell(), int(time.time())
        file.seek(0)
        reader = _Hashing(file, info.size)
        archive.addfile(info, reader)
        parts[name] = Part(size=info.size, sha256=reader.sha256.hexdigest())


class _Hashing:
    """A file that is hashed while it is read, up to the size that was announced for it."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.sha256, self._file, self._left = hashlib.sha256(), file, size

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        self.sha256.update(block)
        return block


def _to_json(value: Any) -> str:
    """The text of a value that JSON does not know, which ``to_python`` of its field reads back without loss."""
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, datetime.timedelta):
        return duration_iso_string(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"a value of {type(value).__name__} has no place in a backup")


# --- verifying


def verify_backup(source: Path) -> Manifest:
    """Read a backup to its end and hold every part against the manifest. Raises ArchiveError; touches nothing."""
    found: dict[str, Part] = {}
    rows: dict[str, int] = {}
    text = b""
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None or text or member.name in found:
                    raise ArchiveError(f"{source} มีรายการที่ไม่ควรมี: {member.name}")
                if member.name == _MANIFEST:
                    text = content.read()
                    continue
                digest, lines = hashlib.sha256(), 0
                while block := content.read(_CHUNK):
                    digest.update(block)
                    lines += block.count(b"\n")
                found[member.name] = Part(size=member.size, sha256=digest.hexdigest())
                rows[member.name] = lines
        if not text:
            _refuse_unfinished(source, found)
        manifest = Manifest.model_validate_json(text)
    except OSError as error:
        if error.strerror and not isinstance(error, tarfile.TarError):
            raise ArchiveError(f"อ่าน {source} ไม่ได้: {error.strerror}") from error
        raise ArchiveError(f"{source} ไม่ใช่ข้อมูลสำรองของโปร่งใส หรือเสียหาย") from error
    except (ValidationError, EOFError, zlib.error, tarfile.TarError) as error:
        raise ArchiveError(f"{source} ไม่ใช่ข้อมูลสำรองของโปร่งใส หรือเสียหาย") from error
    problems = [f"ขาด {name}" for name in sorted(manifest.parts.keys() - found.keys())]
    problems += [f"เกินมา {name}" for name in sorted(found.keys() - manifest.parts.keys())]
    problems += [f"เนื้อหาเปลี่ยนไป {name}" for name, part in manifest.parts.items() if found.get(name, part) != part]
    problems += [
        f"ตาราง {name} มีแถวไม่ครบ"
        for name, table in manifest.tables.items()
        if rows.get(f"tables/{name}", -1) != table.rows
    ]
    if problems:
        raise ArchiveError(f"{source} เสียหาย ใช้คืนข้อมูลไม่ได้: {', '.join(problems[:5])}")
    return manifest


def _refuse_unfinished(source: Path, found: dict[str, Part]) -> None:
    if "head.json" in found:
        raise ArchiveError(
            f"{source} เป็นข้อมูลสำรองของโปร่งใส 0.2.0 หรือเก่ากว่า คืนด้วยโปรแกรมรุ่นนั้น ปรับรุ่นด้วย prongsai migrate แล้วสำรองใหม่"
        )
    raise ArchiveError(f"{source} ไม่ใช่ข้อมูลสำรองของโปร่งใส หรือเขียนไม่จบ")


# --- restoring


def restore_backup(source: Path) -> tuple[Manifest, list[str]]:
    """Put a backup into an installation without users, bring its tables up to this version, and compare.

    Everything is verified first; a restore that fails leaves the database and the files as they were. Returns the
    manifest, and the tables left out because their app is no longer part of the program. Raises ArchiveError.
    """
    manifest = verify_backup(source)
    _require_empty()
    _require_known(manifest)
    try:
        with tarfile.open(source) as archive, _stage_files(archive) as staged, _new_database():
            left_out = _fill_database(manifest, archive)
            staged.place()
    except OSError as error:
        raise ArchiveError(f"คืนข้อมูลไม่สำเร็จ ระบบยังเป็นเหมือนเดิม: {error.strerror or error}") from error
    except (DatabaseError, sqlite3.Error) as error:
        raise ArchiveError(f"คืนข้อมูลไม่สำเร็จ ระบบยังเป็นเหมือนเดิม: {error}") from error
    except (
        ValueError,
        TypeError,
        RecursionError,
        StopIteration,
        exceptions.ValidationError,
    ) as error:  # rows of no value
        kind = type(error).__name__
        raise ArchiveError(f"คืนข้อมูลไม่สำเร็จ ระบบยังเป็นเหมือนเดิม: ข้อมูลในตารางไม่ถูกรูปแบบ ({kind})") from error
    return manifest, left_out


def _require_empty() -> None:
    from prongsai.people.models import User

    tables = connection.introspection.table_names()
    if User._meta.db_table in tables and User.objects.exists():
        raise ArchiveError("ระบบนี้มีข้อมูลอยู่แล้ว คืนข้อมูลสำรองได้เฉพาะในระบบที่ว่าง ตั้ง PRONGSAI_DATA หรือ DATABASE_URL เป็นที่ใหม่")
    if any(_stored_files()):
        raise ArchiveError(
            f"มีไฟล์อยู่ใน {settings.SHARED_FILES or settings.MEDIA_ROOT} แล้ว คืนข้อมูลสำรองได้เฉพาะในระบบที่ว่าง ย้ายไฟล์ออกก่อน"
        )


def _require_known(manifest: Manifest) -> None:
    known = MigrationExecutor(connection).loader.graph.nodes
    labels = {config.label for config in apps.get_app_configs()}
    if any(node[0] in labels and node not in known for node in manifest.migrations):
        raise ArchiveError(
            f"ข้อมูลสำรองมาจากโปร่งใส {manifest.version} ซึ่งใหม่กว่าโปรแกรมนี้ ({prongsai.__version__}) "
            "ใช้โปรแกรมรุ่นเดียวกันหรือใหม่กว่า"
        )


class _StagedFiles:
    """Files of a backup beside their place, so that putting them there is a matter of names."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._root = Path(settings.MEDIA_ROOT)
        self._root.mkdir(parents=True, exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=".restore-", dir=self._root))
        self._placed: list[Path] = []
        self._shared: list[str] = []
        for member in archive:
            if member.name.startswith("files/"):
                _extract_file(archive, member, member.name.removeprefix("files/"), self._folder)

    def place(self) -> None:
        if files.is_shared():
            for path in sorted(p for p in self._folder.rglob("*") if p.is_file()):
                self._shared.append(path.relative_to(self._folder).as_posix())
                files.store_copy(self._shared[-1], path)
            return
        for path in sorted(self._folder.iterdir()):
            self._placed.append(path.rename(self._root / path.name))

    def take_back(self) -> None:
        for name in self._shared:
            files.remove(name)
        for path in self._placed:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def _stage_files(archive: tarfile.TarFile) -> Iterator[_StagedFiles]:
    staged = _StagedFiles(archive)
    try:
        yield staged
    except BaseException:
        staged.take_back()
        raise
    finally:
        staged.clear()


def _extract_file(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, folder: Path) -> None:
    """Write a regular file into ``folder`` and nowhere else. (``extract(filter=)`` needs Python 3.11.4.)"""
    target = (folder / name).resolve()
    content = archive.extractfile(member) if member.isfile() else None
    if content is None or not target.is_relative_to(folder.resolve()):
        raise ArchiveError(f"ข้อมูลสำรองมีรายการที่ไม่ใช่แฟ้มในที่ของมัน: {member.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


@contextmanager
def _new_database() -> Iterator[None]:
    """What is done to the database within is there as a whole at the end, or not at all."""
    if connection.vendor != "sqlite":
        with transaction.atomic():
            yield
        return
    place = connection.settings_dict["NAME"]
    with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
        built = Path(folder) / "db.sqlite3"
        connection.close()
        connection.settings_dict["NAME"] = str(built)
        try:
            yield
            connection.close()
        finally:
            connection.close()
            connection.settings_dict["NAME"] = place
        with closing(sqlite3.connect(built)) as copy, closing(sqlite3.connect(place)) as live:
            if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise ArchiveError("คืนข้อมูลไม่สำเร็จ ระบบยังเป็นเหมือนเดิม: ฐานข้อมูลที่สร้างขึ้นไม่สมบูรณ์")
            copy.backup(live)


def _fill_database(manifest: Manifest, archive: tarfile.TarFile) -> list[str]:
    """Tables as they were when the backup was taken, its rows, and the migrations since. Returns what was left out."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    applied = {node for node in manifest.migrations if node in graph.nodes}
    if set(executor.loader.applied_migrations) - applied:
        raise ArchiveError("ฐานข้อมูลปลายทางมีตารางของรุ่นที่ใหม่กว่าข้อมูลสำรอง ใช้ฐานข้อมูลที่ว่างเปล่า")
    followed = {p.key for node in applied for p in graph.node_map[node].parents if p.key[0] == node[0]}
    leaves = sorted(applied - followed)
    state = (make_new_tables() if leaves == sorted(graph.leaf_nodes()) else None) or executor.migrate(leaves)
    restored = {m._meta.db_table: m for m in _models(state.apps)}
    labels = {config.label for config in apps.get_app_configs()}
    left_out = [name for name, table in manifest.tables.items() if name not in restored and table.app not in labels]
    if unknown := manifest.tables.keys() - restored.keys() - set(left_out):
        raise ArchiveError(f"ข้อมูลสำรองมีตารางที่โปรแกรมนี้ไม่รู้จัก: {', '.join(sorted(unknown))}")
    with transaction.atomic():
        if connection.vendor == "postgresql":  # references are checked when all rows are there
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in restored.values():  # rows that migrations created
            model._base_manager.all()._raw_delete(connection.alias)
        for member in archive:
            name = member.name.removeprefix("tables/")
            if member.name.startswith("tables/") and name in restored:
                _insert_rows(restored[name], manifest.tables[name], archive.extractfile(member) or io.BytesIO())
        connection.check_constraints()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(restored.values())):
                cursor.execute(statement)
    call_command("migrate", verbosity=0, interactive=False)
    return left_out


def _insert_rows(model: type[models.Model], table: Table, lines: IO[bytes]) -> None:
    """Write rows as they were, past ``save`` and its dates of today; compares how many there are then."""
    fields = [next(f for f in model._meta.concrete_fields if f.attname == column) for column in table.columns]
    size = min(_ROWS, connection.ops.bulk_batch_size(fields, range(_ROWS)))
    while batch := [json.loads(line) for line in itertools.islice(lines, size)]:
        rows = [
            model(**{f.attname: _to_value(f, value) for f, value in zip(fields, row, strict=True)}) for row in batch
        ]
        model._base_manager._insert(rows, fields=fields, using=connection.alias, raw=True)  # type: ignore[attr-defined]
    if (count := model._base_manager.count()) != table.rows:
        raise ArchiveError(f"ตาราง {model._meta.db_table} มี {count} แถวหลังคืนข้อมูล ไม่ใช่ {table.rows}")


def _to_value(field: "models.Field[Any, Any]", value: Any) -> Any:
    if value is None:
        is_json_null = isinstance(field, models.JSONField) and not field.null
        return models.Value(None, models.JSONField()) if is_json_null else None
    return field.to_python(value)


# --- every day


def open_place(place: Path | str) -> Storage:
    """Where scheduled backups lie: a folder, or the storage that several machines share."""
    if isinstance(place, Path):
        place.mkdir(parents=True, exist_ok=True)
        return DurableFileStorage(place)
    return storages["backups"]


def last_backup(place: Storage) -> datetime.datetime | None:
    """When the newest scheduled backup of a place was begun; none: there is none."""
    return max(_dated(place), default=None)


def _dated(place: Storage) -> dict[datetime.datetime, str]:
    found = {}
    for name in place.listdir("")[1]:
        try:
            found[datetime.datetime.strptime(name, _NAME).replace(tzinfo=datetime.UTC)] = name
        except ValueError:
            continue  # somebody else's file
    return found


def back_up_daily(place: Storage, now: datetime.datetime) -> str | None:
    """Write the backup of the day if it is due, and remove those that need not stay: of the last seven days each, of
    five weeks and twelve months the newest. Returns the name of what was written. Raises ArchiveError."""
    with files.as_os_errors():
        last = last_backup(place)
        if last is not None and now - last < datetime.timedelta(hours=23):
            return None
        target = now.astimezone(datetime.UTC).strftime(_NAME)
        if isinstance(place, FileSystemStorage):
            create_backup(Path(place.path(target)))
        else:
            with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
                draft = Path(folder) / target
                create_backup(draft)
                with draft.open("rb") as file:
                    place.save(target, File(file))
        found = _dated(place)
        stay = choose_backups(list(found))
        for taken, name in found.items():
            if taken not in stay:
                place.delete(name)
    return target


def choose_backups(taken: list[datetime.datetime]) -> set[datetime.datetime]:
    """Which backups stay: the newest of each of the last days, weeks and months that have one."""
    stay: set[datetime.datetime] = set()
    for count, period in ((_DAILY, "%Y-%m-%d"), (_WEEKLY, "%G-%V"), (_MONTHLY, "%Y-%m")):
        newest = {moment.strftime(period): moment for moment in sorted(taken)}
        stay.update(sorted(newest.values())[-count:])
    return stay
