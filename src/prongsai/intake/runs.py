"""Names and numbers that stand each on a line of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from prongsai.analysis.figures import Figure
from prongsai.intake.ledger import Ledger
from prongsai.intake.vocabulary import Mention

Entry = tuple[Mention | str, str, str | None]  # a name or a number, its place, the part of a survey

_APART = "ชื่ออยู่รวมกันและตัวเลขอยู่รวมกัน จับคู่ตามลำดับเท่านั้น"
_SEVERAL_EACH = re.compile("(?:m{1,2}n{2,}){2,}")  # names with several numbers each: of which columns is not known
_IN_TURN, _LEAST_OF_PARTS = re.compile("(?:mn)+m?|(?:nm)+n?|.", re.S), 6
_NAMES_FIRST = re.compile("(?:mn)+m?")
_AXIS = re.compile("n{3,}")  # 100, 80, 60
_UNCLEAR = "ตัวเลขกับชื่ออยู่คนละบรรทัด และไม่ชัดว่าตัวใดคู่กับตัวใด"


@dataclass
class Run:
    """The names and numbers seen since the last other line."""

    ledger: Ledger
    lines: list[Entry] = field(default_factory=list)
    dated: list[tuple[int, int, Entry]] = field(default_factory=list)  # after how many lines, the year, the number

    @property
    def has_pair(self) -> bool:
        """Whether the last two lines are a name and its number."""
        return len(self.lines) > 1 and _is_number(self.lines[-1]) and not _is_number(self.lines[-2])

    @property
    def last_name(self) -> Mention | None:
        """The name the last line was, if it was one."""
        last = self.lines[-1][0] if self.lines else None
        return None if isinstance(last, str) else last

    def end(self) -> None:
        """Gives the scores: which number is whose depends on which of them comes first. Where names stand on both sides
        of every number, the arithmetic chooses."""
        self._give_dated()
        run, self.lines = _without_ordinals(self.lines), []
        after_name, before_name = _ends_of(run)
        if not after_name and not before_name:
            return
        kinds = _kinds_of(run)
        if block := re.search(r"(?<!m)(m{2,})(n{2,})", kinds):
            self._give_apart(run[block.start(1) : block.end(1)], run[block.start(2) : block.end(2)])
        elif pairs := _pairs_of_parts(kinds):
            self.ledger.suppose([self._give(run[name], run[number]) for name, number in pairs], _UNCLEAR)
        elif len(before_name) == len(after_name) > 1 and not _is_number(run[0]) and not _is_number(run[-1]):
            before_first = {run[at]: run[at + 1] for at in before_name}
            added = {run[at]: self._give(run[at - 1], run[at]) for at in after_name}
            others = {f: before_first.get(entry, (None, "", None)) for entry, f in added.items() if f is not None}
            self.ledger.otherwise_named({f: (name, part) for f, (name, _, part) in others.items()}, _UNCLEAR)
        elif _SEVERAL_EACH.fullmatch(kinds) and _are_alike(run):
            for name, value in pairwise(run):
                if not _is_number(name):
                    self._give(name, value, _UNCLEAR)
        else:
            self._give_in_turn(run)

    def _give_dated(self) -> None:
        """The numbers of other years, of the name above each, where all names stand above their numbers."""
        dated, self.dated = self.dated, []
        if dated and _NAMES_FIRST.fullmatch(_kinds_of(self.lines)):
            for after, year, value in dated:
                self._give(self.lines[after - 2], value, year=year)

    def _give_apart(self, names: Sequence[Entry], values: Sequence[Entry]) -> None:
        """The numbers of names that stand together before them."""
        if len(names) == len(values) + 1 and _is_total(names[-1]):
            names = names[:-1]  # the head of the numbers
        if len(names) == len(values):
            self.ledger.suppose([self._give(n, v) for n, v in zip(names, values, strict=True)], _APART)

    def _give_in_turn(self, run: Sequence[Entry]) -> None:
        """The number after each name, or before it. Of several numbers after one name, none surely."""
        if _AXIS.search(_kinds_of(run)) and sum(_is_whole(e) for e in run) > 1:
            run = [e for e in run if not _is_whole(e)]
        after_name, before_name = _ends_of(run)
        number_first = len(before_name) > len(after_name)
        unclear = len(before_name) == len(after_name) and _is_number(run[0])
        for at in before_name if number_first else after_name:
            another = not number_first and at + 1 < len(run) and _is_score(run[at + 1])
            self._give(run[at + 1 if number_first else at - 1], run[at], _UNCLEAR if unclear or another else "")

    def _give(self, name: Entry, value: Entry, doubt: str = "", *, year: int | None = None) -> Figure | None:
        mention, _, part = name
        number, place, _ = value
        if isinstance(mention, str) or not isinstance(number, str):
            return None
        return self.ledger.give(mention, number, place, part=part, year=year, sure=not doubt, note=doubt)


def _pairs_of_parts(kinds: str) -> list[tuple[int, int]]:
    """The places of names and of their numbers, where a run falls into parts in which they stand in turn, each part
    whole: some cards with the name above, others with it below. None where there is but one part."""
    parts = list(_IN_TURN.finditer(kinds))
    if len(parts) == 1 or len(kinds) < _LEAST_OF_PARTS or any(len(part[0]) % 2 for part in parts):
        return []
    firsts = [(at, part[0][0]) for part in parts for at in range(part.start(), part.end(), 2)]
    return [(at, at + 1) if kind == "m" else (at + 1, at) for at, kind in firsts]


def _kinds_of(run: Sequence[Entry]) -> str:
    return "".join("n" if _is_number(e) else "m" for e in run)


def _ends_of(run: Sequence[Entry]) -> tuple[list[int], list[int]]:
    """Where numbers stand right after a name, and where right before one."""
    after_name = [i for i, e in enumerate(run) if i and _is_number(e) and not _is_number(run[i - 1])]
    before_name = [i for i, e in enumerate(run[:-1]) if _is_number(e) and not _is_number(run[i + 1])]
    return after_name, before_name


def _is_number(entry: Entry) -> bool:
    return isinstance(entry[0], str)


def _is_whole(entry: Entry) -> bool:
    return isinstance(entry[0], str) and "." not in entry[0]


def _are_alike(run: Sequence[Entry]) -> bool:
    """Whether every number of a run is a score as much as the others."""
    return all(_is_score(e) for e in run if _is_number(e))


def _is_score(entry: Entry) -> bool:
    """Whether a number may be a score: it is not whole, or how much something rose."""
    return re.fullmatch(r"\d{1,3}\.\d{1,4}", str(entry[0])) is not None


def _is_numbered(entry: Entry, number: str) -> bool:
    """Whether a name is that of the indicator with a number."""
    return isinstance(entry[0], Mention) and (entry[0].kind, entry[0].id) == ("indicator", number)


def _is_total(entry: Entry) -> bool:
    return isinstance(entry[0], Mention) and entry[0].kind == "overall"


def _without_ordinals(run: Sequence[Entry]) -> list[Entry]:
    """Lines without those that count the names after them: "1", name, score."""
    whole = [i for i, e in enumerate(run) if isinstance(e[0], str) and "." not in e[0]]
    ordinal = {
        i
        for i in whole
        if i + 1 < len(run)
        and not _is_number(run[i + 1])
        and ((len(whole) > 1 and int(str(run[i][0])) <= len(run)) or _is_numbered(run[i + 1], str(run[i][0])))
    }
    return [e for i, e in enumerate(run) if i not in ordinal]
