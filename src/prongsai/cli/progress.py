"""Progress of a long command: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prongsai.cli import terminal

Report = Callable[[str], None]


@contextmanager
def show_steps(total: int) -> Iterator[Report]:
    """Give a function that is called with a text when each of ``total`` steps begins."""
    started = time.monotonic()
    show = _show_bar if terminal.is_terminal() else _show_lines
    with show(total) as report:
        yield report
    print(f"เสร็จใน {time.monotonic() - started:.0f} วินาที", flush=True)


@contextmanager
def _show_lines(total: int) -> Iterator[Report]:
    steps = iter(range(1, total + 1))

    def report(text: str) -> None:
        print(f"[{next(steps)}/{total}] {text} …", flush=True)

    yield report


@contextmanager
def _show_bar(total: int) -> Iterator[Report]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}")) as progress:
        bar = progress.add_task("", total=total)
        steps = iter(range(total))

        def report(text: str) -> None:
            progress.update(bar, completed=next(steps), description=text)

        yield report
        progress.update(bar, completed=total, description="")
