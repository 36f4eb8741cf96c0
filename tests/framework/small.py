"""The small year as rules, and variants of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from prongsai.framework import Framework
from prongsai.framework.loader import _parse
from prongsai.framework.schema import Rules

FOLDER = Path(__file__).parent / "years" / "ita" / "2568"


def small_rules() -> Rules:
    rules, problems = _parse(FOLDER)
    assert rules, problems
    return rules


def variant(rules: Rules, part: str, name: str, **changes: Any) -> Rules:
    """Rules with some fields of one entry of a list changed."""
    entries = getattr(rules, part)
    assert any(entry.id == name for entry in entries)
    return replace(rules, **{part: tuple(replace(e, **changes) if e.id == name else e for e in entries)})


def without(rules: Rules, part: str, name: str) -> Rules:
    return replace(rules, **{part: tuple(e for e in getattr(rules, part) if e.id != name)})


def framework_of(rules: Rules) -> Framework:
    return Framework(rules)
