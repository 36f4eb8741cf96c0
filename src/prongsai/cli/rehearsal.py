"""A rehearsal on the terminal: what next year's rules would make of last year's answers."""

from collections.abc import Sequence
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


def print_rehearsal(result: "Rehearsal") -> None:
    """What changes, for how many, and by which items."""
    summary = result.summarize({})
    console = open_console()
    years = f"หลักเกณฑ์ปี {result.new.fiscal_year} กับข้อมูลปี {result.old.fiscal_year}"
    console.print(Text(f"{years}: {summary['agencies']:,} หน่วยงาน", style="bold"))
    for title, counts in (("ระดับ", summary["level"]), ("ผ่านค่าเป้าหมาย", summary["pass"])):
        print(
            f"  {title}: เปลี่ยนแน่นอน {counts['certain']:,}  อาจเปลี่ยน {counts['possible']:,}  ไม่เปลี่ยน {counts['none']:,}"
        )
    levels = summary["levels"]
    rows = [
        (name, *(f"{levels[end].get(name, 0):,}" for end in ("before", "low", "high")))
        for name in dict.fromkeys([*levels["before"], *levels["low"]])
    ]
    print_table([Column("ระดับ"), Column("เดิม"), Column("ใหม่ ต่ำสุด"), Column("ใหม่ สูงสุด")], rows)
    if summary["unknown"]:
        print(f"ไม่มีข้อมูลเดิมรองรับ จึงคิดเป็นช่วง: {', '.join(summary['unknown'])}")
    items = [
        (f"{row['item']} {result.new.nodes[row['item']].label.th}", row["low"], row["high"]) for row in summary["items"]
    ]
    print_table([Column("ข้อที่ขยับคะแนนรวมเฉลี่ย"), Column("ต่ำสุด"), Column("สูงสุด")], items)


def save_table(result: "Rehearsal", out: Path) -> None:
    """Write a row for each agency. Raises ValueError for a kind of file that is not known."""
    from prongsai.cli.output import save_table as save

    save(result.table(), out)
