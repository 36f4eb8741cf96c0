"""What the frameworks call things: indicators, instruments and the total, wherever a text speaks of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from prongsai.framework import Framework
from prongsai.framework.schema import Composite, Instrument
from prongsai.intake.codes import codes_of
from prongsai.intake.levels import levels_of
from prongsai.lib import thai

_RESEMBLES = 76  # of 100: a misspelt name


@dataclass(frozen=True)
class Mention:
    """A node spoken of. ``kind``: indicator, instrument, part, overall, average, item."""

    start: int
    end: int
    kind: str
    id: str
    sure: bool = True


@dataclass(frozen=True)
class _Name:
    skeleton: str
    kind: str
    id: str
    text: str


_OVERALL = re.compile(
    r"ภาพรวม(?:หน่วยงาน)?|คะแนนรวม(?!เฉลี่ยราย)(?:ทั้งหมด|ทั้งสิ้น)?|ผลรวม(?:ทั้งหมด|ทั้งสิ้น)?|คะแนนเฉลี่ยรวม|รวมทั้งสิ้น|คะแนน(?:ผล)?(?:การ)?(?:ประเมิน)?\s{0,20}ITA|ITA\s{0,20}(?:Score|รวม)|ผล(?:การ)?ประเมิน(?:ผล)?\s{0,20}ITA(?=\s{0,9}[:=]?\s{0,9}\d{1,3}\.\d)|Total(?:\s{0,20}ITA)?(?:\s{0,20}Score)?|Overall|รวมคะแนน|ผลคะแนนรวม|รวมถ่วงน้ำหนัก|คะแนนเฉลี่ยถ่วงน้ำหนัก|ถ่วงน้ำหนักแล้ว|คะแนนสุทธิ",
    re.I,
)


_ABOUT = re.compile(r"^แบบ(?:วัด|ตรวจ|ประเมิน|สอบถาม|สำรวจ)(?:การรับรู้ของ)?")
_LEAST_SHARED, _LONGEST_TAIL, _LETTERS_BEFORE = 12, 6, 3  # of names, before they part, and after
_ACTION, _LEAST_SHORT = "การ", 10  # letters of a name that can be without it
_MORE = re.compile(r"(\s{0,20}ส่วนที่\s{0,20}\d{1,20}).*$")


def _names_of(*texts: str) -> Iterator[str]:
    """Names of an instrument, also without what kind of form it is, and in the other spelling of "stakeholder"."""
    for text in texts:
        short = _ABOUT.sub("", text)
        for name in (text, short) if len(short) > 12 and not _MORE.search(text) else (text,):
            yield name
            yield name.replace("ส่วนได้ส่วนเสีย", "ส่วนได้เสีย")


@lru_cache(maxsize=1024)
def _letters(text: str) -> str:
    """The skeleton of a name; most names are those of the year before."""
    return thai.skeleton(thai.clean(text))[0]


@lru_cache(maxsize=4)
def _names(frameworks: tuple[Framework, ...]) -> tuple[_Name, ...]:
    """Every name of every year, longest first."""
    names: dict[tuple[str, str, str], _Name] = {}
    for framework in frameworks:
        for indicator in framework.rules.indicators:
            for text in filter(None, (indicator.label.th, indicator.label.en, *indicator.aliases)):
                name = _Name(_letters(text), "indicator", indicator.id, text)
                names[name.skeleton, name.kind, name.id] = name
        owners: tuple[Composite | Instrument, ...] = (*framework.rules.composites, *framework.rules.instruments)
        for owner in owners:
            for text in _names_of(owner.label.th, *owner.aliases):
                name = _Name(_letters(text), "instrument", owner.id, text)
                names.setdefault((name.skeleton, name.kind, ""), name)
    return tuple(sorted(names.values(), key=lambda n: -len(n.skeleton)))


@lru_cache(maxsize=4)
def _tails_of(frameworks: tuple[Framework, ...]) -> dict[str, str]:
    """What instruments are told apart by that are called alike but for how their names end, by the rules."""
    owners: dict[str, str] = {}
    for framework in frameworks:
        named: tuple[Composite | Instrument, ...] = (*framework.rules.composites, *framework.rules.instruments)
        owners |= {owner.label.th: owner.id for owner in named}
    tails: dict[str, str] = {}
    for name, owner in owners.items():
        for other, theirs in owners.items():
            shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(name, other, strict=False)))
            if owner == theirs or shared < _LEAST_SHARED or not 0 < len(name) - shared <= _LONGEST_TAIL:
                continue
            tails[name[shared - _LETTERS_BEFORE :]] = owner
    return tails


_LEADS = tuple(
    thai.skeleton(w)[0]
    for w in (
        "ตัวชี้วัด",
        "ด้าน",
        "ที่",
        "ประเด็น",
        "คือ",
        "ได้แก่",
        "และ",
        "เรื่อง",
        "indicator",
        "แบบวัด",
        "แบบตรวจ",
        "การรับรู้ของ",
        "การรับรู้",
        "ของ",
        "ส่วน",
        "รองลงมา",
        "จาก",
        "คะแนน",
        "ประเมิน",
    )
)


def _may_resemble(letters: str, name: str) -> bool:
    """Whether the letters two texts share, in whatever order, are enough to resemble each other."""
    enough = _RESEMBLES * (len(letters) + len(name))
    if 200 * min(len(letters), len(name)) < enough:
        return False
    return 200 * sum(min(letters.count(letter), name.count(letter)) for letter in set(letters)) >= enough


class Vocabulary:
    """What the frameworks call things."""

    def __init__(self, frameworks: Sequence[Framework]) -> None:
        self.names = _names(tuple(frameworks))
        self.codes = codes_of(tuple(frameworks))
        self.levels = levels_of(tuple(frameworks))
        self.tails = _tails_of(tuple(frameworks))
        instruments = [name.text for name in self.names if name.kind == "instrument"]
        self.short_names = {  # none that is also what an instrument may be called
            name.text.removeprefix(_ACTION): name.id
            for name in self.names
            if name.kind == "indicator" and name.text.startswith(_ACTION) and len(name.text) >= _LEAST_SHORT
            if not any(name.text in instrument for instrument in instruments)
        }
        self.weights = {  # what instruments, and surveys of several parts, give to the total in some year, in per cent
            (name, sum(i.weight for i in framework.rules.instruments if i.id in parts) // 100)
            for framework in frameworks
            for name, parts in (
                *((i.id, (i.id,)) for i in framework.rules.instruments),
                *((c.id, c.of) for c in framework.rules.composites),
            )
        }
        self.indicators_of: dict[str, set[str]] = {}  # of an instrument, and of a survey all of whose parts share them
        for framework in frameworks:
            for indicator in framework.rules.indicators:
                for instrument in indicator.instruments:
                    self.indicators_of.setdefault(instrument, set()).add(indicator.id)
            for composite in framework.rules.composites:
                indicators = self.indicators_of.setdefault(composite.id, set())
                indicators.update(*(self.indicators_of[part] for part in composite.of))
        self._remembered_mentions = lru_cache(maxsize=512)(self._find_mentions)  # a row is read from several sides
        self._remembered_cell = lru_cache(maxsize=512)(self._find_cell)

    def mentions(self, text: str) -> list[Mention]:
        """Nodes spoken of in a text, in order, not overlapping. Names may be damaged; letters may not be missing."""
        return list(self._remembered_mentions(text))

    def _find_mentions(self, text: str) -> tuple[Mention, ...]:
        taken: list[Mention] = []

        def take(mention: Mention) -> None:
            if all(mention.end <= t.start or mention.start >= t.end for t in taken):
                taken.append(mention)

        letters, places = thai.skeleton(text)
        for name in self.names:
            start = letters.find(name.skeleton)
            while start >= 0:
                end = start + len(name.skeleton)
                first, last = places[start], places[end - 1] + 1
                while (last < len(text) and "\u0e30" < text[last] < "\u0e3b") or (
                    last < len(text) and "\u0e47" <= text[last] <= "\u0e4e"
                ):
                    last += 1
                if self._stands_alone(text, letters, start, first):
                    take(Mention(first, last, name.kind, name.id))
                start = letters.find(name.skeleton, start + 1)
        for begin, until, indicator in self._shortened(text):
            take(Mention(begin, until, "indicator", indicator))
        for begin, until, instrument in self.codes.instruments(text):
            take(Mention(begin, until, "instrument", instrument))
        for tail in self._tails(text):
            take(tail)
        for match in _OVERALL.finditer(text):
            take(Mention(match.start(), match.end(), "overall", "overall"))
        return tuple(sorted(taken, key=lambda m: m.start))

    def _shortened(self, text: str) -> list[tuple[int, int, str]]:
        """Indicators without the "การ" that their names begin with, right before a number: "ใช้อำนาจ 92.60"."""
        found = []
        for name, indicator in self.short_names.items():
            pattern = rf"(?<![\u0e01-\u0e4e]){re.escape(name)}(?=\s{{0,9}}[:=(]?\s{{0,9}}(?:ได้\s?)?\d{{1,3}}\.\d)"
            found += [(m.start(), m.end(), indicator) for m in re.finditer(pattern, text)]
        return found

    def _tails(self, text: str) -> list[Mention]:
        """Instruments by the one word that tells them apart, where a text has the scores of all: "ภายใน 87.61 ภายนอก
        95.51"."""
        found: dict[str, list[Mention]] = {tail: [] for tail in self.tails}
        for tail, instrument in self.tails.items():
            for match in re.finditer(rf"{re.escape(tail)}(?=[^\d]{{0,24}}\d{{1,3}}\.\d)", text):
                found[tail].append(Mention(match.start(), match.end(), "instrument", instrument))
        return [m for of_tail in found.values() for m in of_tail] if self.tails and all(found.values()) else []

    @staticmethod
    def _stands_alone(text: str, letters: str, start: int, first: int) -> bool:
        """Whether a name begins here, and is not the tail of a longer phrase ("แผนปฏิบัติการป้องกันการทุจริต")."""
        before = text[first - 1] if first else " "
        if not ("\u0e01" <= before <= "\u0e4e"):
            # a space inside a damaged word is no boundary when the letters before it make a phrase of ours
            return not letters[:start].endswith(thai.skeleton("แผนปฏิบัติ")[0])
        return letters[:start].endswith(_LEADS)

    def completes(self, unfinished: str, joined: str) -> bool:
        """Whether a name that one text began goes on into the text that was joined to it."""
        before, both = self.mentions(unfinished), self.mentions(joined)
        begun = len(unfinished) + 1
        return len(both) > len(before) or any(m.start < begun < m.end for m in both)

    def cell(self, text: str) -> Mention | None:
        """The one indicator or instrument a table cell names, allowing misspelling; unsure when two names fit."""
        return self._remembered_cell(text)

    def _find_cell(self, text: str) -> Mention | None:
        if tail := self.tails.get(text.strip()):
            return Mention(0, len(text), "instrument", tail)
        mentions = [m for m in self.mentions(text) if m.kind in ("indicator", "instrument")]
        indicators = [m for m in mentions if m.kind == "indicator"]
        if len(indicators) == 1:
            return indicators[0]
        if not indicators and mentions:  # "0.3 IIT + 0.3 EIT" is no name
            return mentions[0] if len({self.codes.whole(m.id) for m in mentions}) == 1 else None
        if len(indicators) > 1:
            return None
        plain = re.sub(r"^[\W\d]{0,40}(?:ตัวชี้วัด(?:ที่)?|Indicator|[A-Za-z](?=\s?\d))?[\W\d]{0,40}", "", text)
        letters = thai.skeleton(plain)[0]
        if not 6 <= len(letters) <= 60:
            return None
        names = [name for name in self.names if name.kind == "indicator"]
        if not any(_may_resemble(letters, name.skeleton) for name in names):
            return None
        from rapidfuzz import fuzz  # takes longer than all the rest of most documents, and few need it

        scored = sorted(((fuzz.ratio(letters, name.skeleton), name) for name in names), key=lambda s: -s[0])
        best, name = scored[0]
        rival = next((s for s, n in scored if n.id != name.id), 0)
        if best >= _RESEMBLES and best - rival >= 6:
            return Mention(0, len(text), "indicator", name.id, sure=best >= 86)
        return None
