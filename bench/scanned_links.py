"""What OCR says of filed scans: own ones, and those of another agency, year or item.

    python -m bench.scanned_links [N]

N invented documents (12) of each kind are printed, scanned (150 dots to the inch, up to two degrees askew, with noise,
as JPEG of quality 60), read, and judged as the product does it. Printed: how often a state and each answer followed.
Seconds are of the whole, on the clock, a scan.
"""

import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.evidence.world import World
from tests.intake.scanned import scan

from prongsai import links
from prongsai.intake.scan_text import read_scan

KINDS = ("own", "other agency", "other year", "other item")


def lines_of(world: World, kind: str) -> list[str]:
    """An announcement with what it is about, and some sentences."""
    other = World(f"{world.seed}/other item")
    while other.item.id == world.item.id:
        other = World(f"{other.seed}+")
    name = world.other_name() if kind == "other agency" else world.name
    year = world.year - 3 if kind == "other year" else world.year
    item = other.item if kind == "other item" else world.item
    head = [name, f"เรื่อง {item.label.th}", f"ประจำปีงบประมาณ พ.ศ. {year}"]
    elements = [f"{n}. {element.th}" for n, element in enumerate(item.elements, 1)]
    work = [f"{world.work()} แล้วเสร็จเมื่อวันที่ {world.date(year)}" for _ in range(3)]
    return [*head, *elements, *work, f"ประกาศ ณ วันที่ {world.date(year)}"]


def assess(world: World, kind: str, seed: int) -> links.Observation:
    text = "\n".join(line for line, _ in read_scan(scan(lines_of(world, kind), Random(seed))))
    url = f"https://{world.host}/scan.pdf"
    seen = links.Observation(key=1, url=url, observed_at=datetime.now(UTC), state="ok", status=200, has_text=False)
    return links.judge_scan(seen, links.Target(1, url, (world.host,), expected=world.expected()), text)


def main(number: int) -> None:
    started = time.monotonic()
    for kind in KINDS:
        found: Counter[str] = Counter()
        for seed in range(number):
            world = World(f"scan {seed}")
            if kind == "other year" and world.item.period == "any":
                continue
            seen = assess(world, kind, seed)
            assert seen.identity is not None
            found["scans"] += 1
            found[f"state {seen.state}"] += 1
            found[f"the agency's: {seen.identity.owner.verdict}"] += 1
            found[f"about it: {seen.identity.subject.verdict}"] += 1
        print(f"{kind}: " + ", ".join(f"{name} {count}" for name, count in sorted(found.items())))
    print(f"{(time.monotonic() - started) / number / len(KINDS):.2f} s a scan")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 12)
