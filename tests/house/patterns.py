"""Which regular expressions can take a time that grows faster than the text, found by looking at how they are built.

Analysers that are kept up (dlint's, for one) find repeats within repeats, which take exponential time. What held this
site up took quadratic time: ``<script.*?</script>`` looked for in a text of a thousand beginnings. Both are found here:

- *nested*: a repeat within a repeat, where the inner one may go on into the next turn of the outer one;
- *adjacent*: a repeat after a repeat, with letters that belong to both;
- *restarts*: looked for anywhere in a text, a repeat that what comes before it may begin in, and that may
  fail after it.

A repeat of at most ``BOUND`` letters is none, and one that gives nothing back (``*+``, ``++``) is not *adjacent*.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

BOUND = 400
ALPHABET = [*map(chr, range(0x100)), *map(chr, range(0xE00, 0xE80)), *"\u2013\u2028\u200b\ufeff\u201c\u201d"]
_ALL = frozenset(ALPHABET)
_CATEGORIES = {
    c.CATEGORY_DIGIT: r"\d", c.CATEGORY_NOT_DIGIT: r"\D", c.CATEGORY_SPACE: r"\s", c.CATEGORY_NOT_SPACE: r"\S",
    c.CATEGORY_WORD: r"\w", c.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
_REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)


@dataclass(frozen=True)
class Piece:
    """A part of a pattern: the letters it may begin with, those it may hold, whether it may be empty, and whether it
    may fail after it has begun. ``repeat`` is what it repeats without an end."""

    first: frozenset[str]
    letters: frozenset[str]
    nullable: bool
    repeat: "list[Piece] | None" = None
    gives_back: bool = True
    inner: "tuple[list[Piece], ...]" = ()
    is_anchor: bool = False
    guard: frozenset[str] | None = None  # letters that may not stand before


class Analysis:
    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._flags = flags
        if isinstance(pattern, bytes):
            pattern = pattern.decode("latin-1")
            flags &= ~re.UNICODE
        tree = parser.parse(pattern, flags & ~re.LOCALE)
        self._flags = tree.state.flags
        self._groups: dict[int, list[Piece]] = {}
        self.pieces = self._sequence(tree)

    def problems(self, *, is_searched: bool) -> set[str]:
        found = set(self._within(self.pieces))
        if is_searched:
            found |= set(self._restarts(self.pieces, _Prefix()))
        return found

    # --- pieces

    def _sequence(self, nodes: Iterable[Any]) -> list[Piece]:
        return [piece for node in nodes for piece in self._pieces(*node)]

    def _pieces(self, kind: Any, value: Any) -> list[Piece]:
        if kind in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN):
            letters = self._letters(kind, value)
            return [Piece(letters, letters, False)]
        if kind in _REPEATS:
            return [self._repeat(kind, *value)]
        if kind is c.SUBPATTERN:
            group, _, _, nodes = value
            pieces = self._sequence(nodes)
            if group is not None:
                self._groups[group] = pieces
            return pieces
        if kind is c.ATOMIC_GROUP:
            return self._sequence(value)
        if kind is c.BRANCH:
            branches = [self._sequence(b) for b in value[1]]
            return [
                Piece(
                    frozenset().union(*map(_first, branches)),
                    frozenset().union(*map(_letters_of, branches)),
                    any(map(_is_nullable, branches)),
                    inner=tuple(branches),
                )
            ]
        if kind is c.AT:
            if value is c.AT_BEGINNING and self._flags & re.MULTILINE:
                return [Piece(_ALL, frozenset(), False, guard=_ALL - {"\n"})]
            is_start = value in (c.AT_BEGINNING_STRING, c.AT_BEGINNING)
            return [Piece(_ALL, frozenset(), False, is_anchor=is_start)] if is_start else [_CHECK]
        if kind is c.ASSERT_NOT and value[0] < 0:
            return [Piece(_ALL, frozenset(), True, guard=_letters_of(self._sequence(value[1])))]
        if kind in (c.ASSERT, c.ASSERT_NOT):
            return [_CHECK]
        if kind is c.GROUPREF:
            pieces = self._groups.get(value, [])
            return [Piece(_first(pieces), _letters_of(pieces), _is_nullable(pieces))]
        return [Piece(_ALL, _ALL, False)]

    def _repeat(self, kind: Any, least: int, most: Any, nodes: Any) -> Piece:
        pieces = self._sequence(nodes)
        first, letters = _first(pieces), _letters_of(pieces)
        if most is c.MAXREPEAT or most > BOUND:
            gives_back = kind is not c.POSSESSIVE_REPEAT
            return Piece(first, letters, least == 0, repeat=pieces, gives_back=gives_back)
        return Piece(first, letters, least == 0 or _is_nullable(pieces), inner=(pieces,))

    def _letters(self, kind: Any, value: Any) -> frozenset[str]:
        if kind is c.ANY:
            return _ALL if self._flags & re.DOTALL else _ALL - {"\n"}
        if kind is c.LITERAL:
            return self._cased({chr(value)})
        if kind is c.NOT_LITERAL:
            return _ALL - self._cased({chr(value)})
        letters: set[str] = set()
        negated = False
        for part, what in value:
            if part is c.NEGATE:
                negated = True
            elif part is c.LITERAL:
                letters.add(chr(what))
            elif part is c.RANGE:
                letters |= {a for a in ALPHABET if what[0] <= ord(a) <= what[1]}
            elif part is c.CATEGORY:
                flags = self._flags & re.ASCII
                letters |= {a for a in ALPHABET if re.match(_CATEGORIES[what], a, flags)}
        cased = self._cased(letters)
        return _ALL - cased if negated else cased

    def _cased(self, letters: set[str]) -> frozenset[str]:
        if self._flags & re.IGNORECASE:
            letters = letters | {a.lower() for a in letters} | {a.upper() for a in letters}
        return frozenset(letters)

    # --- problems

    def _within(self, pieces: list[Piece]) -> Iterator[str]:
        for number, piece in enumerate(pieces):
            for branch in piece.inner:
                yield from self._within(branch)
            if piece.repeat is None:
                continue
            yield from self._within(piece.repeat)
            if piece.gives_back and _meets_itself(piece.repeat):
                yield "nested"
            if piece.gives_back and _meets_another(piece, pieces[number + 1 :]):
                yield "adjacent"

    def _restarts(self, pieces: list[Piece], prefix: "_Prefix") -> Iterator[str]:
        for number, piece in enumerate(pieces):
            # without a repeat ahead, the ways through branches that follow need not be tried one by one
            if piece.is_anchor or not _has_repeat(pieces[number:]):
                return
            rest = pieces[number + 1 :]
            for branch in piece.inner:
                yield from self._restarts([*branch, *rest], prefix.copy())
            if piece.repeat is not None and _may_fail(rest) and prefix.may_begin_in(piece.letters):
                yield "restarts"
            prefix.add(piece)


@dataclass
class _Prefix:
    """What stands before a repeat: whether text of the repeat's own letters may hold it."""

    pieces: tuple[Piece, ...] = ()

    def copy(self) -> "_Prefix":
        return _Prefix(self.pieces)

    def add(self, piece: Piece) -> None:
        self.pieces = (*self.pieces, piece)

    def may_begin_in(self, letters: frozenset[str]) -> bool:
        consuming = [p for p in self.pieces if p.letters and not p.nullable]
        if any(p.guard is not None and letters | _letters_of(consuming) <= p.guard for p in self.pieces):
            return False
        return all(p.first & letters for p in consuming)


_CHECK = Piece(_ALL, frozenset(), False)  # it takes no letter, and may fail


def _first(pieces: list[Piece]) -> frozenset[str]:
    letters: frozenset[str] = frozenset()
    for piece in pieces:
        if not piece.letters:
            continue
        letters |= piece.first
        if not piece.nullable:
            break
    return letters


def _letters_of(pieces: Iterable[Piece]) -> frozenset[str]:
    return frozenset().union(*(p.letters for p in pieces))


def _is_nullable(pieces: Iterable[Piece]) -> bool:
    return all(p.nullable or not p.letters for p in pieces)


def _has_repeat(pieces: Iterable[Piece]) -> bool:
    return any(p.repeat is not None or any(map(_has_repeat, p.inner)) for p in pieces)


def _may_fail(rest: list[Piece]) -> bool:
    return any(not p.nullable for p in rest)


def _meets_itself(body: list[Piece], turn: list[Piece] | None = None) -> bool:
    """Whether a repeat within a body may go on into the next turn of the body."""
    turn = body if turn is None else turn
    for number, piece in enumerate(body):
        rest = body[number + 1 :]
        if any(_meets_itself([*branch, *rest], turn) for branch in piece.inner):
            return True
        if piece.repeat is not None and piece.gives_back and _first([*rest, *turn]) & piece.letters:
            return True
    return False


def _meets_another(piece: Piece, rest: list[Piece]) -> bool:
    """Whether another repeat follows that may begin within this one."""
    for following in rest:
        if following.repeat is not None and following.first & piece.letters:
            return True
        if any(_meets_another(piece, branch) for branch in following.inner):
            return True
        if following.letters and not following.nullable and not following.first & piece.letters:
            return False
    return False
