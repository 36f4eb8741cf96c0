"""An agency's year in five to eight plain sentences: what, against whom, what changed, where, what is promised, and
what is not known.

The words are in ``story.yaml``, in Thai and English. They state no figure; each figure is one of :class:`Facts`,
written as it is published.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from prongsai.framework import Label
from prongsai.lib import strict_yaml

FILE = Path(__file__).with_name("story.yaml")
_DIGIT = re.compile("[0-9๐-๙]")
LANGUAGES = ("th", "en")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is public of an agency's year, written as it is published; None for what is not known. ``points`` is the
    change of the total, without a sign in the words; ``is_like_for_like`` whether it may be compared. ``plan`` is the
    fiscal year of the published plan that follows from the result."""

    year: int
    target: int
    total: str | None = None
    level: Label | None = None
    passed: bool | None = None
    place: int | None = None
    peers: int = 0
    before: str | None = None
    points: Decimal | None = None
    is_like_for_like: bool = True
    count: int = 0
    below: int = 0
    lowest: Label | None = None
    lowest_score: str | None = None
    plan: int | None = None
    is_withheld: bool = False
    is_imported: bool = False


@dataclass(frozen=True)
class Sentence:
    """What it is about, a key of ``story.yaml``, and its words."""

    key: str
    th: str
    en: str


def tell(facts: Facts) -> list[Sentence]:
    """The story of an agency's year, five to eight sentences."""
    return [_write(key, facts) for key in _choose(facts)]


def _choose(facts: Facts) -> Iterator[str]:
    if facts.total is None:
        yield "what_without_total"
    else:
        yield "what" if facts.level else "what_without_level"
        if facts.passed is not None:
            yield "reached" if facts.passed else "not_reached"
        yield "peers" if facts.place is not None and facts.peers > 1 else "no_peers"
    yield _choose_change(facts)
    if facts.lowest is None or facts.lowest_score is None:
        yield "no_indicators"
    else:
        yield "some_below" if facts.below else "all_reached"
    yield "promised" if facts.plan else "not_promised"
    if facts.is_withheld:
        yield "withheld"
    yield "imported" if facts.is_imported else "unknown"


def _choose_change(facts: Facts) -> str:
    if facts.total is None or facts.before is None or facts.points is None:
        return "no_before"
    if not facts.is_like_for_like:
        return "other_rules"
    return "risen" if facts.points > 0 else "fallen" if facts.points < 0 else "same"


def _write(key: str, facts: Facts) -> Sentence:
    texts = []
    for language, phrase in zip(LANGUAGES, read_phrases()[key], strict=True):
        values = {field.name: _in_words(getattr(facts, field.name), language) for field in fields(facts)}
        texts.append(phrase.format_map(values))
    return Sentence(key, *texts)


def _in_words(value: object, language: str) -> str:
    if isinstance(value, Label):
        return value.th if language == "th" else value.en or value.th
    return str(abs(value) if isinstance(value, Decimal) else value)


@cache
def read_phrases() -> dict[str, tuple[str, str]]:
    """The phrases by what they are about: Thai, English. Raises ValueError for one that states a figure, asks for what
    nobody knows, or is not in both languages."""
    document = strict_yaml.read(FILE)
    if document.problems:
        raise ValueError("; ".join(f"{FILE.name}:{p.line}: {p.what}" for p in document.problems))
    content: Any = document.data
    known = {field.name for field in fields(Facts)}
    for key, by_language in content.items():
        if tuple(by_language) != LANGUAGES:
            raise ValueError(f"{key}: th, en")
        asked = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in by_language.values()]
        if any(map(_DIGIT.search, by_language.values())) or asked[0] != asked[1] or not asked[0] <= known:
            raise ValueError(f"{key}: {by_language}")
    return {key: (by_language["th"], by_language["en"]) for key, by_language in content.items()}
