"""An installation of a test's own: its folder, its database, and commands that run in it."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

HERE = Path(__file__).parent

# settings of this shell that an installation must not inherit
OURS = (
    "DJANGO_SETTINGS_MODULE",
    "PRONGSAI_WORKERS",
    "SECRET_KEY",
    "DATABASE_URL",
    "LOG_LEVEL",
    "PRONGSAI_RECENT_SIGN_IN",
)


def environment(folder, **more):
    """The environment of a command of the installation in a folder: SQLite in it, or a database of its own on the
    PostgreSQL of the tests."""
    inherited = {k: v for k, v in os.environ.items() if k not in OURS}
    ours = {"PRONGSAI_DATA": str(folder), "PRONGSAI_PROOF_OF_WORK": "0"}  # who sends here does no work
    return inherited | ours | database(folder) | more


def database_name(folder):
    return "cli_" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]


def database(folder):
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return {}
    name = database_name(folder)
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f"CREATE DATABASE {name}")
    return {"DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}"))}


def make_tables(folder):
    """The database of the installation in a folder, with its tables."""
    made = migrate_once()
    if server := os.environ.get("TEST_DATABASE_URL"):
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database_name(folder)} TEMPLATE {made}")
        return
    Path(folder).mkdir(exist_ok=True)
    shutil.copyfile(made, Path(folder) / made.name)


def migrate_once():
    """An SQLite file with all tables, or the name of such a database on the PostgreSQL of the tests: made once for all
    tests until a migration changes, and to be copied."""
    name = "tables_" + hashlib.sha256(_everything_that_migrates()).hexdigest()[:16]
    kept = HERE.parent / ".pytest_cache" / name
    kept.mkdir(parents=True, exist_ok=True)
    if server := os.environ.get("TEST_DATABASE_URL"):
        address = urlunsplit(urlsplit(server)._replace(path=f"/{name}_new"))
        with _one_at_a_time(kept), psycopg.connect(server, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(f"DROP DATABASE IF EXISTS {name}_new")  # of one that failed
                connection.execute(f"CREATE DATABASE {name}_new")
                _migrate(kept, DATABASE_URL=address)
                connection.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
        return name
    made = kept / "prongsai.sqlite3"
    with _one_at_a_time(kept):
        if not made.exists():
            (kept / "new").mkdir(exist_ok=True)
            _migrate(kept / "new")
            (kept / "new" / made.name).rename(made)
    return made


def _everything_that_migrates():
    packages = ("django", "django-allauth")
    return (HERE / "house" / "migrations.sha256").read_bytes() + "".join(map(version, packages)).encode()


@contextlib.contextmanager
def _one_at_a_time(folder):
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(folder, **more):
    """``prongsai migrate`` would also tie the database to the keys of its folder."""
    inherited = {k: v for k, v in os.environ.items() if k not in OURS}
    env = inherited | {"PRONGSAI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "prongsai.settings"} | more
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v", "0"], env=env, check=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
