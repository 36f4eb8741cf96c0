"""The table of threats names tests; each of them is there. A promise whose test was renamed or removed is none."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_the_table_names_is_there():
    sources = {
        p: p.read_text(encoding="utf-8") for folder in ("tests", "e2e") for p in (ROOT / folder).rglob("test_*.py")
    }
    defined = {name for text in sources.values() for name in re.findall(r"^\s*def (test_\w+)", text, re.M)}
    files = set(re.findall(r"`(tests/[\w/.]+\.py)", TABLE))
    short = set(re.findall(r"`(test_\w+)\.py`", TABLE))
    names = set(re.findall(r"\b(test_\w+)(?!\.py)\b", TABLE)) - short - {Path(f).stem for f in files}
    assert len(names) > 60
    assert [f for f in files if not (ROOT / f).is_file()] == []
    assert [n for n in short if f"{n}.py" not in {p.name for p in sources}] == []
    assert sorted(names - defined) == []


def test_every_command_that_the_table_names_is_there():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"`make ([\w-]+)", TABLE)) <= targets


def test_every_row_says_what_stands_and_shows_it():
    threats = TABLE[: TABLE.index("### What holds where")] + TABLE[TABLE.index("## What each person may do") :]
    rows = [line[2:].split(" | ") for line in threats.splitlines() if line.startswith("| ")]
    assert len(rows) > 50
    for row in rows:
        assert all(cell.strip() for cell in row[:3]), row
