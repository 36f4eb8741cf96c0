"""An installation of a test's own: its folder, its database, and commands that run in it."""

import hashlib
import os
import socket
from urllib.parse import urlsplit, urlunsplit

import psycopg

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
    return inherited | {"PRONGSAI_DATA": str(folder)} | database(folder) | more


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


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
