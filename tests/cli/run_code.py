"""A program of a test in a process of its own: ``python -m tests.cli.run_code PROGRAM ARGUMENT …``."""

import sys


def main() -> None:
    _, program, *arguments = sys.argv
    sys.argv = ["-c", *arguments]
    exec(program, {"__name__": "__main__"})


if __name__ == "__main__":
    main()
