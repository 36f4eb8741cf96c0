"""A rehearsal on the terminal: what next year's rules would make of last year's answers."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from prongsai.cli.terminal import Column, open_console, print_table

if TYPE_CHECKING:
    from prongsai.analysis.rehearsal import Rehearsal
    from prongsai.framework import Framework


def run_rehearsal(old: "Framework", new: "Framework", between: Sequence["Framework"], folder: Path) -> "Rehearsal":
    """Score the sealed inputs of a folder under both. Raises scoring.ParcelError."""
    from prongsai import scoring
    from prongsai.analysis.rehearsal import rehearse

    parcels = scoring.open_parcels(old, folder)
    return rehearse(old, new, parcels.answers, parcels.marks, parcels.populations, between=between)


def read_groups(path: Path) -> dict[str, dict[str, str]]:
    """What agencies are grouped by: for each further column of a table, the value of each agency of its first one.

    Raises OSError, and ValueError for a file that is no such table.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file) or [[]]
    if len(head) < 2 or any(len(row) != len(head) for row in rows):
        raise ValueError("ต้องเป็นตาราง .csv ที่ทุกแถวมีคอลัมน์เท่ากัน อย่างน้อยสองคอลัมน์")
    return {name: {row[0]: row[n] for row in rows} for n, name in enumerate(head) if n}


def print_rehearsal(result: "Rehearsal", groups: Mapping[str, Mapping[str, str]]) -> None:
    """What changes, for how many, in which groups, and by which indicators and items."""
    summary = result.summarize(groups)
    console = open_console()
    years = f"หลักเกณฑ์ปี {result.new.fiscal_year} กับข้อมูลปี {result.old.fiscal_year}"
    console.print(Text(f"{years}: {summary['agencies']:,} หน่วยงาน", style="bold"))
    for title, counts in (("ระดับ", summary["level"]), ("ผ่านค่าเป้าหมาย", summary["pass"])):
        print(
            f"  {title}: เปลี่ยนแน่นอน {counts['certain']:,}  อาจเปลี่ยน {counts['possible']:,}  ไม่เปลี่ยน {counts['none']:,}"
        )
    if summary["unknown"]:
        print(f"ไม่มีข้อมูลเดิมรองรับ จึงคิดเป็นช่วง: {', '.join(summary['unknown'])}")
    if summary["dropped"]:
        print(f"ข้อเดิมที่ไม่ใช้แล้ว: {', '.join(summary['dropped'])}")
    levels = summary["levels"]
    rows = [
        (name, *(f"{levels[end].get(name, 0):,}" for end in ("before", "low", "high")))
        for name in dict.fromkeys([*levels["before"], *levels["low"]])
    ]
    print_table([Column("ระดับ"), Column("เดิม"), Column("ใหม่ ต่ำสุด"), Column("ใหม่ สูงสุด")], rows)
    _print_distribution(summary["changes"])
    for name, counts in summary["groups"].items():
        _print_groups(name, counts)
    for title, key, kind in (("ตัวชี้วัดที่ขยับคะแนนรวมเฉลี่ย", "nodes", "node"), ("ข้อที่ขยับคะแนนรวมเฉลี่ย", "items", "item")):
        rows = [(_name_of(result, row[kind]), row["low"], row["high"]) for row in summary[key]]
        print_table([Column(title), Column("ต่ำสุด"), Column("สูงสุด")], rows)


def _name_of(result: "Rehearsal", node: str) -> str:
    found = result.new.nodes.get(node) or result.old.nodes[node]
    return f"{node} {found.label.th}"


def _print_distribution(changes: Mapping[str, Mapping[str, int]]) -> None:
    """How many totals change by how many points, at the worst and at the best of what is unknown."""
    points = sorted({int(point) for counts in changes.values() for point in counts})
    longest = max((count for counts in changes.values() for count in counts.values()), default=1)
    rows = []
    for point in points:
        low, high = (changes[end].get(str(point), 0) for end in ("low", "high"))
        rows.append(
            (
                f"{_signed(point)} ถึง {_signed(point + 1)}",
                _bar(low, longest),
                f"{low:,}",
                _bar(high, longest),
                f"{high:,}",
            )
        )
    columns = ("คะแนนรวมเปลี่ยน", "ต่ำสุด", "แห่ง", "สูงสุด", "แห่ง")
    print_table([Column(name) for name in columns], rows)


def _signed(point: int) -> str:
    return f"{point:+d}" if point else "0"


def _bar(count: int, longest: int, width: int = 20) -> str:
    return "█" * max(round(width * count / longest), 1 if count else 0)


def _print_groups(name: str, groups: Mapping[str, Mapping[str, int]]) -> None:
    keys = ("agencies", "level_certain", "level_possible", "pass_certain", "pass_possible")
    rows = [(group or "ไม่ระบุ", *(f"{counts[key]:,}" for key in keys)) for group, counts in groups.items()]
    titles = (name, "หน่วยงาน", "ระดับเปลี่ยนแน่", "ระดับอาจเปลี่ยน", "การผ่านเปลี่ยนแน่", "การผ่านอาจเปลี่ยน")
    print_table([Column(title) for title in titles], rows)


def save_table(result: "Rehearsal", out: Path) -> None:
    """Write a row for each agency. Raises ValueError for a kind of file that is not known."""
    from prongsai.cli.output import save_table as save

    save(result.table(), out)
