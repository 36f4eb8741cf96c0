"""What the frameworks number and abbreviate: instruments and their parts, indicators, items. All by the rules alone."""

import re
from collections.abc import Iterable
from functools import lru_cache

from prongsai.framework import Framework
from prongsai.intake.words import names_other_assessment

_NEVER = r"(?!)"
_ROMAN = ("", "I", "II", "III", "IV", "V")
_LOOKALIKE = {"i": "1", "l": "1", "o": "0"}  # a letter and the digit that it is read as in a bad scan
_IN_BRACKETS = re.compile(r"\s{0,3}\(([^()\d]{6,60})\)")
_NUMBERED_ID = re.compile(r"(.*?)([._\-/]*)(\d+)")


class Codes:
    """Codes as texts print them. A part of a survey is meant by its number in the survey, from "1"."""

    def __init__(self, frameworks: Iterable[Framework]) -> None:
        self.parts_of: dict[str, tuple[str, ...]] = {}  # of a composite of surveys that share indicators
        self.number_of: dict[str, str] = {}  # of a part in its survey
        self.whole_of: dict[str, str] = {}
        self.split: set[str] = set()  # indicators with a score in each part
        self.split_items: set[str] = set()
        self._items: dict[tuple[str, int], str] = {}
        self._prefixes: dict[str, str] = {}
        self._odd_items: dict[str, str] = {}  # without a number, by their small letters
        self._described: dict[str, set[str]] = {}  # what parts are called beside their numbers
        self._measured: set[tuple[str, str]] = set()  # indicators by the letters of the items that measure them
        numbers, sizes, names = set[str](), set[int](), dict[str, str]()
        own: set[str] = set()
        misleading: set[str] = set()  # names of ours in which words of other assessments stand
        for framework in frameworks:
            labels = (text for node in framework.nodes.values() for text in (node.label.th, node.label.en or ""))
            misleading |= set(filter(names_other_assessment, labels))
            self._learn_parts(framework, names)
            numbers |= framework.indicators.keys()
            sizes.add(len(framework.indicators))
            own |= {i for i in framework.instruments if i not in self.whole_of} | {
                c.id for c in framework.rules.composites
            }
            for item in framework.items:
                self._learn_item(item)
            for node in framework.nodes.values():
                if node.item is not None and node.indicator is not None:
                    self._measured.add((_letters(node.item.id), node.indicator))
        own -= self.whole_of.keys()
        self.only_whole = next(iter(self.parts_of)) if len(self.parts_of) == 1 else None  # the one survey with parts
        most = max((len(p) for p in self.parts_of.values()), default=2)
        words = "".join(rf"|(?P<n{n}>{'|'.join(w)})" for n, w in _by_number(names).items())
        self._parts = re.compile(rf"ส่วนที่\s*(?P<th>[1-{most}])(?!\d)|\bPart\s*(?P<en>[1-{most}])\b{words}", re.I)
        self._instruments = self._instrument_patterns(own, most, names)
        self.own_names = "|".join(
            [
                *map(re.escape, sorted(misleading, key=len, reverse=True)),
                *("(?<![A-Za-z])(?:ITA|ita(?![a-z]))", "ความโปร่งใส", "Integrity"),
                *(f"(?<![A-Za-z]){re.escape(i)}" for i in sorted(own) if len(i) > 1),
            ]
        )
        self.numbered_indicators = frozenset(n for n in numbers if n.isdigit())
        digits = _alternatives(n for n in numbers if n.isdigit()), _alternatives(n for n in numbers if not n.isdigit())
        self._indicator = re.compile(
            r"(?i:ตัวชี้วัดที่|(?<!\d)(?<!\d\s)ตัวชี้วัด|(?:(?<![\u0e01-\u0e4e])|(?<=และ)|(?<=กับ)|(?<=ส่วน))ตัวที่|ตชว\.?|ตัวชี้วัด\s*ที่|Indicator)\s*"
            rf"(?P<id>(?:{digits[0]})(?![\d.]|\s?(?:[-–]|ถึง)\s?\d{{1,2}}(?![\d.]))|(?:{digits[1]})(?![A-Za-z\d.]))"
        )
        self.all_indicators = rf"รายตัวชี้วัด|ทุกตัวชี้วัด|(?<!\d)(?:{_alternatives(map(str, sizes))}) ตัวชี้วัด"
        self._item = self._item_pattern()

    # --- what the rules say

    def _learn_parts(self, framework: Framework, names: dict[str, str]) -> None:
        shared = {i.id: i.instruments for i in framework.rules.indicators if len(i.instruments) > 1}
        self.split |= shared.keys()
        self.split_items |= {i.id for i in framework.rules.survey_items if i.indicator in shared}
        together = {part for instruments in shared.values() for part in instruments}
        for instruments in shared.values():
            self.number_of |= {part: str(n) for n, part in enumerate(instruments, 1)}
        for composite in framework.rules.composites:
            if not together.issuperset(composite.of):
                continue
            self.parts_of[composite.id] = tuple(composite.of)
            self._learn_descriptions([framework.instruments[part].label.th for part in composite.of])
            for n, part in enumerate(composite.of, 1):
                self.whole_of[part], self.number_of[part] = composite.id, str(n)
                for alias in framework.instruments[part].aliases:
                    if word := re.fullmatch(rf"{re.escape(composite.id)}\s+([A-Za-z]+)", alias):
                        names[word[1]] = f"{composite.id}\n{n}"

    def _learn_descriptions(self, labels: list[str]) -> None:
        """What the names of the parts say after their numbers, by the number of the part."""
        for n, label in enumerate(labels, 1):
            _, number, description = label.rpartition(f"ส่วนที่ {n} ")
            if number:
                self._described.setdefault(str(n), set()).add(description.strip())

    def _learn_item(self, item: str) -> None:
        match = _NUMBERED_ID.fullmatch(item)
        if match is None:
            self._odd_items[item.lower()] = item
            return
        self._items[match[1].lower(), int(match[3])] = item
        self._prefixes[match[1].lower()] = match[1] + match[2]

    def _item_pattern(self) -> re.Pattern[str]:
        """An item with its prefix, a space or a mark between allowed; an item without a number with all its letters."""
        most = max((len(str(n)) for _, n in self._items), default=1)
        prefixes = _alternatives(p for p in self._prefixes if p)
        marks = "".join(sorted({".", "-"} | {m for p in self._prefixes.values() for m in p if m in "_/"}))
        numbered = (
            rf"(?P<prefix>{prefixes})\s?[{re.escape(marks)}]?\s?(?P<number>\d{{1,{max(most, 2)}}})(?![\dA-Za-z]|\.\d)"
        )
        odd = rf"(?P<odd>{_alternatives(self._odd_items.values())})(?![\d.A-Za-z])"
        self._another_item = re.compile(rf"(?!\s*[-–,]\s*(?:{prefixes})?\s?\d)(?:[\s:.)]|$)", re.I)
        return re.compile(rf"(?:ข้อ(?:ที่)?\s*)?(?<![A-Za-z])(?:{numbered}|{odd})", re.I)

    def _instrument_patterns(
        self, own: set[str], most: int, names: dict[str, str]
    ) -> list[tuple[str, re.Pattern[str]]]:
        patterns = []
        for code in sorted((c for c in own if len(c) > 1), key=len, reverse=True):
            flags = re.I if len(code) > 2 else re.NOFLAG
            part = ""
            if code in self.parts_of:
                spoken = "|".join(
                    (f"[1-{most}]", *(w for w, whole in names.items() if whole.startswith(f"{code}\n")), "I{1,3}")
                )
                lead = r"\s*[-–.]?\s*(?:\(?\s*(?:ส่วนที่|Part|แบบที่|ส่วน)|\()?\s*"
                part = rf"(?:{lead}(?P<part>{spoken})(?![\d.]|,\d))?"
            after = r"(?![A-Za-z\d])" if code[-1].isdigit() else "(?![A-Za-z])"
            patterns.append((code, re.compile(rf"(?<![A-Za-z]){re.escape(code)}{after}{part}", flags)))
        for code, whole in self.whole_of.items():
            if not re.fullmatch(rf"{re.escape(whole)}\d", code) and len(code) > 1:
                patterns.append((code, re.compile(rf"(?<![A-Za-z]){re.escape(code)}(?![A-Za-z\d])")))
        self._number_of_word = {w.lower(): v.split("\n")[1] for w, v in names.items()}
        return patterns

    # --- what a text says

    def instruments(self, text: str) -> list[tuple[int, int, str]]:
        """Instruments, or their parts, by their code: (start, end, id)."""
        mentions = []
        for code, pattern in self._instruments:
            for match in pattern.finditer(text):
                spoken = match.groupdict().get("part")
                part = self._number(spoken) if spoken else None
                end = match.end()
                if part is None and code in self.parts_of and (described := _IN_BRACKETS.match(text, end)):
                    part = self._part_described(described[1].strip())
                    end = described.end() if part else end
                mentions.append((match.start(), end, self.with_part(code, part)))
        return mentions

    def _part_described(self, words: str) -> str | None:
        """The number of the one part whose name begins with these words after its number: "(ผู้รับบริการ)"."""
        fitting = [n for n, texts in self._described.items() if any(t.startswith(words) for t in texts)]
        return fitting[0] if len(fitting) == 1 else None

    def _number(self, word: str) -> str:
        roman = str(_ROMAN.index(word.upper())) if word.upper() in _ROMAN else word
        return self._number_of_word.get(word.lower(), roman)

    def with_part(self, instrument: str, part: str | None) -> str:
        """The part of an instrument with this number, where it has such a part: else the instrument."""
        parts = self.parts_of.get(instrument, ())
        return parts[int(part) - 1] if part and int(part) <= len(parts) else instrument

    def whole(self, instrument: str) -> str:
        """The survey of which an instrument is a part: else the instrument."""
        return self.whole_of.get(instrument, instrument)

    def parts(self, text: str) -> list[str]:
        """The parts of a survey spoken of, by their numbers, in order."""
        numbers = []
        for match in self._parts.finditer(text):
            numbers.append(match["th"] or match["en"] or (match.lastgroup or "")[1:])
        return numbers

    def part(self, text: str) -> str | None:
        """The first part spoken of."""
        return next(iter(self.parts(text)), None)

    def indicator_numbers(self, text: str) -> list[re.Match[str]]:
        """Each "ตัวชี้วัดที่ N" whose N, the group ``id``, is an indicator of some year."""
        return list(self._indicator.finditer(text))

    def indicator_number(self, text: str) -> str | None:
        return next((m["id"] for m in self.indicator_numbers(text)), None)

    def item_codes(self, text: str) -> list[tuple[int, int, str]]:
        """Items by their code: (start, end, id); an item that no year has is named like the others."""
        return [(m.start(), m.end(), self._item_id(m)) for m in self._item.finditer(text)]

    def _item_id(self, match: re.Match[str]) -> str:
        if match["odd"]:
            return self._odd_items[match["odd"].lower()]
        prefix, number = match["prefix"].lower(), int(match["number"])
        return self._items.get((prefix, number)) or f"{self._prefixes[prefix]}{number}"

    def item_code(self, text: str) -> str | None:
        """The item whose code a short text opens with."""
        text = text.strip()
        match = self._item.match(text)
        if match is None or len(text) > 140 or not self._another_item.match(text[match.end() :]):
            return None  # "O1 - O7" is no item
        return self._item_id(match)

    def may_number(self, code: str, indicator: str) -> bool:
        """Whether a code may stand for the indicator of its number: where items of its letters measure that one, and
        with an i, which is for indicator too."""
        letters = _letters(code)
        return re.sub(r"\D", "", code) == indicator and (letters == "i" or (letters, indicator) in self._measured)

    def damaged_items(self, digits: str, allowed: Iterable[str]) -> list[str]:
        """Those of ``allowed`` items that "ข้อ 11" may be: its letter left out, or read as a digit that looks like
        it."""
        candidates = []
        for item in sorted(allowed):
            match = _NUMBERED_ID.fullmatch(item)
            if match is None:
                continue
            number = int(match[3])
            swallowed = len(digits) > 1 and match[1] and digits[0] == _LOOKALIKE.get(match[1][-1].lower())
            if number == int(digits) or (swallowed and digits[0] != "0" and number == int(digits[1:])):
                candidates.append(item)
        return candidates


def _letters(item: str) -> str:
    match = _NUMBERED_ID.fullmatch(item)
    return match[1].lower() if match else item.lower()


def _alternatives(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(texts, key=lambda t: (-len(t), t)))) or _NEVER


def _by_number(names: dict[str, str]) -> dict[str, list[str]]:
    """Words that mean a part, as a pattern with the code before, by the number of the part."""
    patterns: dict[str, list[str]] = {}
    for word, value in names.items():
        code, number = value.split("\n")
        patterns.setdefault(number, []).append(rf"{re.escape(code)}\s*{word}")
    return patterns


@lru_cache(maxsize=4)
def codes_of(frameworks: tuple[Framework, ...]) -> Codes:
    """The codes of every year."""
    return Codes(frameworks)
