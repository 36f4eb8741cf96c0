"""The command line: ``prongsai framework``, ``score``, ``audit``, ``serve`` and the others."""

import gc
import os
import sys

GARBAGE_COLLECTION_THRESHOLD = 150_000  # new objects; Python's 700 makes imports a tenth slower
# commands that hold nothing to close when they end: taking every object apart is a tenth of their time
PURE_COMMANDS = (["audit"], ["framework"])


def main() -> None:
    """Run a command. Output is UTF-8 whatever the terminal's locale."""
    gc.set_threshold(GARBAGE_COLLECTION_THRESHOLD)
    from prongsai.cli.app import app_of

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if sys.argv[1:2] in (*PURE_COMMANDS, ["verify"], ["witness"]):
        from prongsai.lib import sandbox

        sandbox.fork_here()
    app = app_of(sys.argv[1] if len(sys.argv) > 1 else "")
    try:
        app()
    except SystemExit as end:
        if sys.argv[1:2] in PURE_COMMANDS and isinstance(end.code, int):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code)
        raise


__all__ = ["main"]
