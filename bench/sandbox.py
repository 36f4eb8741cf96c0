"""What the sandbox costs: a call in a child of the warm server, in a cold one, and the same work here, as ratios.

The unit is the same work in this process. Times are the least of several rounds on the clock; with other work on the
machine only the ratios say something.
"""

import time
from collections.abc import Callable
from pathlib import Path

from prongsai import framework as rules
from prongsai.intake import apart, files, reader
from prongsai.lib import emblem, sandbox
from prongsai.lib.sandbox import client
from prongsai.links import content

SAMPLES = Path(__file__).parents[1] / "samples"
ROUNDS = 7


def least_seconds(
    work: Callable[[], object], rounds: int = ROUNDS, before: Callable[[], object] | None = None
) -> float:
    seconds = []
    for _ in range(rounds):
        if before:
            before()
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def main() -> None:
    frameworks = {year: rules.load(name, year) for name, year in rules.available()}
    page = ("<html><body>" + "<p>ข้อความของหน้าเว็บ ปีงบประมาณ 2568</p>" * 500).encode()
    picture = _draw()
    works: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("nothing", lambda: None, lambda: sandbox.run("builtins:int")),
        (
            "page of a link",
            lambda: content.answer_body(page, "text/html", "text/html", 1),
            lambda: content.parse_body(page, "text/html"),
        ),
        ("emblem", lambda: emblem.draw(picture), lambda: emblem.png(picture)),
    ]
    for path in sorted(SAMPLES.glob("*.*")):
        if path.suffix in (".txt", ".docx", ".pdf"):
            works.append(
                (
                    path.name,
                    lambda path=path: reader.figures_of(
                        list(files.rows_of(path.read_bytes(), path.suffix)), frameworks
                    ),
                    lambda path=path: apart.read(path, frameworks),
                )
            )
    print(f"{'':<28}{'here':>10}{'warm':>10}{'cold':>10}   warm beyond here")
    for name, here, there in works:
        here()
        there()
        inside, warm = least_seconds(here), least_seconds(there)
        cold = least_seconds(there, 3, client.stop_server)
        ratio = f"{warm / inside:5.1f}x" if inside > 1e-4 else ""
        print(
            f"{name:<28}{inside * 1e3:8.1f}ms{warm * 1e3:8.1f}ms{cold * 1e3:8.1f}ms   "
            f"{ratio:>6}  +{(warm - inside) * 1e3:.1f} ms"
        )


def _draw() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((400, 400), 60).save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    main()
