"""The commands that run the platform: settings, backup and restore while running, first user, the trail."""

import hashlib
import os
import re
import secrets
import subprocess
import sys
import threading
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest


def database(folder):
    """DATABASE_URL of a folder's installation: SQLite in it, or a database of its own on the tests' PostgreSQL."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return {}
    name = "cli_" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(server)
    return {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}


def command(folder, *arguments, **environment):
    clean = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DJANGO_SETTINGS_MODULE", "PRONGSAI_WORKERS", "SECRET_KEY", "DATABASE_URL", "LOG_LEVEL")
    }
    return subprocess.run(
        [sys.executable, "-m", "prongsai.cli", *arguments],
        env=clean | {"PRONGSAI_DATA": str(folder)} | database(folder) | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demonstration, loaded and not served."""
    folder = tmp_path_factory.mktemp("demo")
    done = command(folder, "demo", "--load-only")
    assert done.returncode == 0, done.stderr
    return folder


def django(folder, *arguments, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("PRONGSAI_WORKERS", "SECRET_KEY", "DATABASE_URL")}
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=clean | {"PRONGSAI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "prongsai.settings"} | environment,
    )


def test_a_production_setting_passes_the_deployment_check(tmp_path):
    done = django(
        tmp_path,
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        PRONGSAI_HTTPS="1",
        PRONGSAI_HOSTS="ita.example.go.th",
        SECRET_KEY=secrets.token_urlsafe(60),
    )
    assert done.returncode == 0, done.stderr


def test_migrations_are_complete(tmp_path):
    done = django(tmp_path, "makemigrations", "--check", "--dry-run", "people", "registry", "results")
    assert done.returncode == 0, done.stdout


def test_the_key_is_made_once_and_kept_from_others(tmp_path):
    django(tmp_path, "check")
    key = (tmp_path / "secret_key").read_text()
    django(tmp_path, "check")
    assert (tmp_path / "secret_key").read_text() == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert len(key) > 50


def test_the_demonstration_is_whole(demo):
    done = command(demo, "audit-trail", "verify")
    assert done.returncode == 0, done.stderr
    assert "ครบถ้วน" in done.stdout


def test_a_second_start_leaves_the_data_as_they_are(demo):
    before = command(demo, "audit-trail", "verify").stdout
    assert command(demo, "demo", "--load-only").returncode == 0
    assert command(demo, "audit-trail", "verify").stdout == before


def test_backup_and_restore(demo, tmp_path):
    done = command(demo, "backup", str(tmp_path / "kept.tar.gz"))
    assert done.returncode == 0, done.stderr
    fresh = tmp_path / "fresh"
    done = command(fresh, "restore", str(tmp_path / "kept.tar.gz"))
    assert done.returncode == 0, done.stderr
    assert command(fresh, "audit-trail", "verify").stdout == command(demo, "audit-trail", "verify").stdout
    parcels = sorted(p.name for p in (fresh / "files" / "parcels").rglob("*.parquet"))
    assert parcels == sorted(p.name for p in (demo / "files" / "parcels").rglob("*.parquet"))
    assert (fresh / "secret_key").read_text() != (demo / "secret_key").read_text()
    again = command(fresh, "restore", str(tmp_path / "kept.tar.gz"))
    assert again.returncode == 2
    assert "มีข้อมูลอยู่แล้ว" in again.stderr


def test_a_backup_taken_while_writing_is_consistent(demo, tmp_path):
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set():
            done = command(demo, "make-user", f"user{len(written)}@example.test", "ทดสอบ")
            assert done.returncode == 0, done.stderr
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for k in range(2):
            assert command(demo, "backup", str(tmp_path / f"{k}.tar.gz")).returncode == 0
    finally:
        stop.set()
        writer.join()
    assert written
    for k in range(2):
        fresh = tmp_path / f"fresh{k}"
        assert command(fresh, "restore", str(tmp_path / f"{k}.tar.gz")).returncode == 0
        assert command(fresh, "audit-trail", "verify").returncode == 0


@pytest.mark.parametrize("content", [b"", b"not an archive", None])
def test_what_is_no_backup_is_told(tmp_path, content):
    file = tmp_path / "x.tar.gz"
    if content is not None:
        file.write_bytes(content)
    done = command(tmp_path / "data", "restore", str(file))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_first_user_gets_a_link(tmp_path):
    assert command(tmp_path, "migrate").returncode == 0
    done = command(tmp_path, "make-user", "first@example.test", "คนแรก", "--site", "https://ita.example.go.th")
    assert re.search(r"https://ita\.example\.go\.th/account/password/reset/key/\S+", done.stdout)
    assert command(tmp_path, "make-user", "FIRST@example.test", "ซ้ำ").returncode == 2
