"""The command line: ``prongsai framework``, ``score``, ``audit``, ``serve`` and the others."""

import gc
import sys

GARBAGE_COLLECTION_THRESHOLD = 50_000  # new objects; Python's 700 makes imports a tenth slower


def main() -> None:
    """Run a command. Output is UTF-8 whatever the terminal's locale."""
    gc.set_threshold(GARBAGE_COLLECTION_THRESHOLD)
    from prongsai.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()


__all__ = ["main"]
