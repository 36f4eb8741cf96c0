"""Central agencies by their names and initials, as a list of theirs has them: found in one pass over a text, wherever
they stand, so that no word of a name ends it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from prongsai.lib import thai

_LIST = Path(__file__).parent / "central_agencies.txt"
_LETTER = re.compile("[\u0e01-\u0e4e.]")


@dataclass(frozen=True)
class Known:
    """An agency of the list. ``written`` is how a text writes it: in full, or its initials."""

    name: str
    family: str
    written: str


@lru_cache(maxsize=1)
def _entries() -> tuple[Known, ...]:
    """Every way to write an agency of the list."""
    entries, family = [], ""
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            family = line.strip("[]")
        elif line and not line.startswith("#"):
            full, _, initials = (part.strip() for part in line.partition("|"))
            entries += [Known(full, family, written) for written in (full, *initials.split())]
    return tuple(entries)


@lru_cache(maxsize=1)
def _automaton() -> Any:
    import ahocorasick  # not needed for rows alone

    automaton = ahocorasick.Automaton()
    for entry in _entries():
        automaton.add_word(entry.written, entry)
    automaton.make_automaton()
    return automaton


@lru_cache(maxsize=1)
def _by_key() -> dict[str, Known]:
    return {thai.squeeze(entry.written): entry for entry in _entries()}


def find_known(text: str) -> dict[int, Known]:
    """Agencies of the list, by where they stand: the longest where several do. Initials are a word of their own."""
    found: dict[int, Known] = {}
    for last, entry in _automaton().iter(text):
        start = last + 1 - len(entry.written)
        if entry.written != entry.name and start and _LETTER.match(text[start - 1]):
            continue
        found[start] = entry  # a longer one of the same place comes later
    return found


def known_as(name: str) -> Known | None:
    """The agency of the list that a name, or its initials, is of."""
    return _by_key().get(thai.squeeze(name))
