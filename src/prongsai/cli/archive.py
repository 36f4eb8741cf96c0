"""Backup and restore: the database as of one moment and the files, in one .tar.gz; while the site runs.

SQLite copies itself; PostgreSQL writes each table by COPY inside one repeatable-read transaction, so that no client
program is needed. The secret key is not in it: whoever holds a backup can read it, and can't forge sessions.
"""

import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import ExitStack
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from psycopg import sql

FORMAT = 1
_EXCLUDED_TABLES = {"django_session", "limits_cache"}


class ArchiveError(Exception):
    """Why a backup cannot be created or restored, in Thai."""


def _table_names() -> list[str]:
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
    return [m._meta.db_table for m in models if m._meta.db_table not in _EXCLUDED_TABLES]


def create_backup(target: Path) -> int:
    """Write a backup, which has its name once it is complete. Returns the number of database parts and files."""
    draft = target.with_name(f"{target.name}.part")
    count = 0
    with (
        tarfile.open(draft, "w:gz", compresslevel=4) as archive,
        tempfile.TemporaryDirectory(dir=settings.DATA) as folder,
    ):
        header = {"format": FORMAT, "database": connection.vendor}
        _add_text(archive, "head.json", json.dumps(header))
        if connection.vendor == "sqlite":
            copy = Path(folder) / "db.sqlite3"
            with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as live, sqlite3.connect(copy) as copied:
                live.backup(copied, pages=4096)
            archive.add(copy, "db.sqlite3")
            count += 1
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                for table in _table_names():
                    copy = Path(folder) / "table"
                    with copy.open("wb") as file, cursor.copy(_copy_out(table)) as rows:
                        for block in rows:
                            file.write(block)
                    cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(table)))
                    _add_text(archive, f"tables/{table}.columns", json.dumps([c.name for c in cursor.description]))
                    archive.add(copy, f"tables/{table}")
                    count += 1
        for path in sorted(settings.MEDIA_ROOT.rglob("*")):
            if path.is_file() and path.relative_to(settings.MEDIA_ROOT).parts[0] != "downloads":
                archive.add(path, f"files/{path.relative_to(settings.MEDIA_ROOT)}")
                count += 1
    draft.replace(target)
    return count


def _copy_out(table: str) -> sql.Composed:
    return sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))


def _copy_in(table: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), names)


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(text.encode())
    archive.addfile(info, io.BytesIO(text.encode()))


def restore_backup(source: Path) -> int:
    """Put a backup into an installation without users and results. Returns the number of parts restored."""
    from prongsai.people.models import User

    if User.objects.exists():
        raise ArchiveError("ระบบนี้มีข้อมูลอยู่แล้ว คืนข้อมูลสำรองได้เฉพาะในระบบที่ว่าง ตั้ง PRONGSAI_DATA หรือ DATABASE_URL เป็นที่ใหม่")
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(tarfile.open(source))
            header = json.load(archive.extractfile("head.json") or io.BytesIO())
        except (KeyError, ValueError, EOFError, tarfile.TarError) as error:
            raise ArchiveError(f"{source} ไม่ใช่ข้อมูลสำรองของโปร่งใส หรือเสียหาย") from error
        if header != {"format": FORMAT, "database": connection.vendor}:
            raise ArchiveError(f"ข้อมูลสำรองนี้มาจาก {header.get('database')} ระบบนี้ใช้ {connection.vendor}")
        members = archive.getmembers()
        if connection.vendor == "sqlite":
            connection.close()
            with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
                _extract_file(archive, archive.getmember("db.sqlite3"), "db.sqlite3", Path(folder))
                with (
                    sqlite3.connect(Path(folder) / "db.sqlite3") as copied,
                    sqlite3.connect(settings.DATABASES["default"]["NAME"]) as live,
                ):
                    copied.backup(live)
            count = 1
        else:
            count = _restore_tables(archive)
        for member in members:
            if member.isfile() and member.name.startswith("files/"):
                _extract_file(archive, member, member.name.removeprefix("files/"), Path(settings.MEDIA_ROOT))
                count += 1
    return count


def _extract_file(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, folder: Path) -> None:
    """Write a regular file into ``folder`` and nowhere else. (``extract(filter=)`` needs Python 3.11.4.)"""
    target = (folder / name).resolve()
    content = archive.extractfile(member) if member.isfile() else None
    if content is None or not target.is_relative_to(folder.resolve()):
        raise ArchiveError(f"ข้อมูลสำรองมีรายการที่ไม่ใช่แฟ้มในที่ของมัน: {member.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _restore_tables(archive: tarfile.TarFile) -> int:
    known, count = set(_table_names()), 0
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(known):  # rows that migrations created; foreign keys are checked when all rows are there
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for name in archive.getnames():
            table = name.removeprefix("tables/")
            if not name.startswith("tables/") or name.endswith(".columns"):
                continue
            if table not in known:
                raise ArchiveError(f"ข้อมูลสำรองมีตาราง {table} ที่โปรแกรมรุ่นนี้ไม่รู้จัก ใช้โปรแกรมรุ่นเดียวกับที่สำรอง")
            columns = json.load(archive.extractfile(f"{name}.columns") or io.BytesIO())
            file = archive.extractfile(name)
            with cursor.copy(_copy_in(table, columns)) as rows:
                while file and (block := file.read(1 << 20)):
                    rows.write(block)
            count += 1
        models = [m for m in apps.get_models(include_auto_created=True) if m._meta.db_table in known]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    return count
