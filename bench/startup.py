"""How long the commands take to start: processor time of user and system, children included, beside imports alone.

The unit is ``python -c "import typer, rich"``, measured in the same rounds; the least of each command counts.
"""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS = 9
PROGRAM = (str(Path(sys.executable).with_name("prongsai")),)
BASELINE = (sys.executable, "-c", "import typer, rich")


@dataclass(frozen=True)
class Target:
    """A command and how many times the baseline it may take."""

    name: str
    arguments: tuple[str, ...]
    max_ratio: float


TARGETS = (
    Target("prongsai --help", ("--help",), 1.5),
    Target("prongsai framework list", ("framework", "list"), 2),
    Target("prongsai audit text", ("audit", "samples/bangpla-2568.txt"), 3),
    Target("prongsai audit docx", ("audit", "samples/lumphuek-2564.docx"), 4),
)


def processor_seconds(command: tuple[str, ...]) -> float:
    """Processor time of one run. Modules come from bytecode, as they do wherever the program is installed."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):  # 1: an audit with a contradicted figure
        raise RuntimeError(done.stderr.decode())
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measure_startup(rounds: int = ROUNDS) -> dict[str, float]:
    """The least processor time of each command, in seconds; the baseline's key is ``baseline``."""
    commands = {"baseline": BASELINE, **{target.name: (*PROGRAM, *target.arguments) for target in TARGETS}}
    for command in commands.values():  # bytecode and compiled rules are there, as after an installation
        processor_seconds(command)
    samples = [{name: processor_seconds(command) for name, command in commands.items()} for _ in range(rounds)]
    return {name: min(sample[name] for sample in samples) for name in commands}


def print_startup(rounds: int = ROUNDS) -> None:
    """The four ratios, one a line, beside what they may be."""
    seconds = measure_startup(rounds)
    for target in TARGETS:
        ratio = seconds[target.name] / seconds["baseline"]
        print(
            f"{target.name:<24} {seconds[target.name]:.3f} s  "
            f"{ratio:4.1f} times the imports (at most {target.max_ratio:g})"
        )


if __name__ == "__main__":
    print_startup()
