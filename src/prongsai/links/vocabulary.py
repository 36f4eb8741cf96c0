"""The terms of the topics (``topics.toml``), as an automaton that finds all of them in one pass over a text. Built when
it is imported: the sandbox's server has it before it forks."""

import tomllib
from pathlib import Path

import ahocorasick

_POINTS = {"strong": 3, "medium": 2, "weak": 1}
Owners = tuple[tuple[str, int], ...]  # the topics of a term with its points


def _read_topics() -> dict[str, dict[str, int]]:
    data = tomllib.loads((Path(__file__).parent / "topics.toml").read_text(encoding="utf-8"))
    return {
        topic: {term: _POINTS[level] for level in ("weak", "medium", "strong") for term in levels[level]}
        for topic, levels in data.items()
    }


def _build_automaton() -> ahocorasick.Automaton:
    found: dict[str, list[tuple[str, int]]] = {}
    for topic, terms in TOPICS.items():
        for term, points in terms.items():
            found.setdefault(term, []).append((topic, points))
    automaton = ahocorasick.Automaton()
    for term, owners in found.items():
        automaton.add_word(term, (term, tuple(owners), term.isascii() and term.isalnum()))
    automaton.make_automaton()
    return automaton


TOPICS = _read_topics()
AUTOMATON = _build_automaton()
