"""How long the site is away while the stored installation of version 0.1.0 (tests/data) becomes the present one.

    python -m bench.upgrade                          # SQLite
    python -m tests.postgres python -m bench.upgrade

From the moment the old site was stopped: ``prongsai migrate``, then ``prongsai serve`` until its first page of an
agency; and the processor time of ``migrate``, which does not depend on what else the machine does.
"""

import lzma
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from tests.installation import OURS, free_port

FIXTURE = Path(__file__).parents[1] / "tests" / "data" / "v0.1.0"
NAME = "bench_upgrade"


def restore(folder):
    """The installation as version 0.1.0 left it; the environment of its commands."""
    inherited = {k: v for k, v in os.environ.items() if k not in OURS}
    environment = inherited | {"PRONGSAI_DATA": str(folder), "LOG_LEVEL": "CRITICAL"}
    with tarfile.open(FIXTURE / "files.tar.xz") as archive:
        archive.extractall(folder)
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        (folder / "prongsai.sqlite3").write_bytes(lzma.decompress((FIXTURE / "prongsai.sqlite3.xz").read_bytes()))
        return environment
    address = urlunsplit(urlsplit(server)._replace(path=f"/{NAME}"))
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"DROP DATABASE IF EXISTS {NAME}")
        own.execute(f"CREATE DATABASE {NAME}")
    with psycopg.connect(address, autocommit=True) as fresh:
        fresh.execute(lzma.decompress((FIXTURE / "prongsai.sql.xz").read_bytes()))
    return environment | {"DATABASE_URL": address}


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as page:
            return page.status == 200
    except (urllib.error.URLError, OSError):
        return False


def main():
    with tempfile.TemporaryDirectory(prefix="prongsai-upgrade-") as place:
        environment = restore(Path(place))
        command = [sys.executable, "-m", "prongsai.cli"]
        began = time.perf_counter()
        subprocess.run([*command, "migrate"], env=environment, check=True)
        migrated = time.perf_counter()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        port = free_port()
        server = subprocess.Popen([*command, "serve", "--port", str(port), "--workers", "1"], env=environment)
        try:
            while not answers(f"http://127.0.0.1:{port}/agency/Z0001/"):
                assert server.poll() is None
                assert time.perf_counter() - began < 300
                time.sleep(0.05)
        finally:
            ended = time.perf_counter()
            server.terminate()
            server.wait()
    kind = "PostgreSQL" if os.environ.get("TEST_DATABASE_URL") else "SQLite"
    print(
        f"{kind}: migrate {migrated - began:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of a processor), "
        f"serve until its first page {ended - migrated:.1f} s, "
        f"away for {ended - began:.1f} s; load of the machine {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
