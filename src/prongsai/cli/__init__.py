"""The command line: ``prongsai framework``, ``prongsai score``, ``prongsai audit``."""

import sys

from prongsai.cli.app import app


def main() -> None:
    """Run a command; output is UTF-8 whatever the terminal's habits."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()


__all__ = ["main"]
