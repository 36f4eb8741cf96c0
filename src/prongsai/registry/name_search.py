"""Agencies by what people type: a wrong letter, Roman letters, abbreviations, provinces and their other names, the
wrong keyboard. An index is made once for all that is known of the agencies; a search asks no database.

Words are compared in a form in which sounds that are confused are one letter. What is written as typed comes first,
then what begins so, what contains it, and last what is nearly so.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from prongsai.lib import thai
from prongsai.registry.agency_types import AGENCY_TYPES_EN, AgencyType
from prongsai.registry.names import ABBREVIATION_PATTERNS, expand_abbreviations
from prongsai.registry.place_names import OTHER_NAMES, place_in_roman, province_abbreviations
from prongsai.registry.provinces import PLACES_EN

_MAX_TYPED = 120  # letters of a search
_MAX_WORDS = 5
_EXACT, _PREFIX, _INSIDE, _NEAR = 1.0, 0.9, 0.75, 0.7  # how well a word fits; the last times how alike
_PLACE = 0.8  # of the fit of a place in which an agency is, against that of its name
_KIND = 0.15  # for an agency of the type that was typed, off for one of another
_LEAST_ALIKE, _LEAST_LETTERS = 0.66, 3
_THAI = 1_000  # letters; no word has so many
_SHOWN_NEAR = 0.8  # of the best, for what is nearly so
_WHOLE = 0.02  # for words that are the whole name in their order
_ALL_WORDS = 0.5  # the least for each word

# letters of one sound, as they are confused
_SOUNDS = str.maketrans("ศษณญฎฏฐฑฒธฬฆฌใ", "สสนยดตถทททลคชไ")
_SILENT = re.compile("[ก-ฮ][ิุ]?์")
_NOT_LATIN = re.compile("[^a-z0-9]+")
# spellings of one sound in Roman letters; longer ones first
_LATIN = (
    ("tch", "t"), ("ch", "j"), ("ph", "p"), ("bh", "p"), ("th", "t"), ("dh", "t"), ("kh", "k"), ("gh", "k"),
    ("oo", "u"), ("ou", "u"), ("ue", "u"), ("eu", "u"), ("ee", "i"), ("ae", "e"), ("aa", "a"), ("or", "o"),
    ("ar", "a"), ("sri", "si"), ("y", "i"), ("v", "w"), ("g", "k"), ("ck", "k"),
)  # fmt: skip
_TWICE = re.compile(r"([a-z])\1")
_KINDS_EN: tuple[tuple[str, str], ...] = (
    ("provincial administrative organization", AgencyType.PROVINCIAL_ORGANIZATION),
    ("subdistrict administrative organization", AgencyType.SUBDISTRICT_ORGANIZATION),
    ("tambon administrative organization", AgencyType.SUBDISTRICT_ORGANIZATION),
    ("subdistrict municipality", AgencyType.SUBDISTRICT_MUNICIPALITY),
    ("tambon municipality", AgencyType.SUBDISTRICT_MUNICIPALITY),
    ("town municipality", AgencyType.TOWN),
    ("city municipality", AgencyType.CITY),
    ("district office", AgencyType.BANGKOK_DISTRICT),
    ("pao", AgencyType.PROVINCIAL_ORGANIZATION),
    ("sao", AgencyType.SUBDISTRICT_ORGANIZATION),
    ("tao", AgencyType.SUBDISTRICT_ORGANIZATION),
)
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("องค์การบริหารส่วนจังหวัด", AgencyType.PROVINCIAL_ORGANIZATION),
    ("องค์การบริหารส่วนตำบล", AgencyType.SUBDISTRICT_ORGANIZATION),
    ("เทศบาลตำบล", AgencyType.SUBDISTRICT_MUNICIPALITY),
    ("เทศบาลเมือง", AgencyType.TOWN),
    ("เทศบาลนคร", AgencyType.CITY),
    ("เทศบาล", "municipality"),
    ("สำนักงานเขต", AgencyType.BANGKOK_DISTRICT),
    ("ที่ว่าการอำเภอ", ""),
    ("อำเภอ", ""),
    ("ตำบล", ""),
    ("เขต", ""),
    ("แขวง", ""),
    ("จังหวัด", ""),
    ("มหาวิทยาลัยราชภัฏ", AgencyType.UNIVERSITY),
    ("มหาวิทยาลัย", AgencyType.UNIVERSITY),
    ("โรงพยาบาล", AgencyType.HOSPITAL),
    ("สำนักงาน", ""),
    ("กรม", ""),
)
_ORDER = {  # types of larger agencies first
    str(AgencyType.SPECIAL_LOCAL): 0,
    str(AgencyType.PROVINCE): 1,
    str(AgencyType.PROVINCIAL_ORGANIZATION): 2,
    str(AgencyType.CITY): 3,
    str(AgencyType.TOWN): 4,
    str(AgencyType.UNIVERSITY): 5,
    str(AgencyType.DEPARTMENT): 6,
    str(AgencyType.BANGKOK_DISTRICT): 7,
}
_MUNICIPALITIES = frozenset((AgencyType.CITY, AgencyType.TOWN, AgencyType.SUBDISTRICT_MUNICIPALITY))
_TYPES = {
    "อบต": "องค์การบริหารส่วนตำบล", "อบจ": "องค์การบริหารส่วนจังหวัด", "ทต": "เทศบาลตำบล", "ทม": "เทศบาลเมือง", "ทน": "เทศบาลนคร",
}  # fmt: skip
_GLUED = re.compile("^(อบต|อบจ|ทต|ทม|ทน)(?=[\u0e01-\u0e4e])")  # the first two letters of no place's name
_TYPE_WORDS = frozenset(word for name in AGENCY_TYPES_EN.values() for word in name.lower().split()) | {"sao", "pao"}
_FILLERS = frozenset(
    [
        "of",
        "the",
        "in",
        "and",
        "municipality",
        "province",
        "district",
        "tambon",
        "amphoe",
        "khet",
        "khwaeng",
        "changwat",
        "office",
    ]
)
_PLACE_MARKS = ("จังหวัด", "อำเภอ")  # typed between an agency and its place without a space
# the Thai keyboard (มอก. 820-2538, Kedmanee), key by key: typed while the other one was on
_KEYS_EN = "1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?"
_KEYS_TH = 'ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฃฟหกดเ้่าสวงผปแอิืทมใฝ+๑๒๓๔ู฿๕๖๗๘๙๐"ฎฑธํ๊ณฯญฐ,ฅฤฆฏโฌ็๋ษศซ.()ฉฮฺ์?ฒฬฦ'
_TO_THAI = str.maketrans(_KEYS_EN, _KEYS_TH)
_TO_LATIN = str.maketrans(_KEYS_TH, _KEYS_EN)


@dataclass(frozen=True, kw_only=True)
class Named:
    """What is known of an agency by which it may be found. ``names`` are the present one and those before it."""

    pk: int
    code: str
    names: Sequence[str]
    names_en: Sequence[str] = ()
    kind: str = ""
    province: str = ""
    district: str = ""


@dataclass(frozen=True)
class Found:
    """The agencies that a text means, the best first; ``is_near`` when none is written as it was typed."""

    keys: list[int] = field(default_factory=list)
    is_near: bool = False


@dataclass(frozen=True)
class _Query:
    words: list[str]
    kind: str


Fit = Callable[[str], "np.ndarray[Any, Any]"]  # of a word: how well each agency fits


@dataclass(frozen=True, eq=False)
class NameIndex:
    """The words of all agencies, each once, and which agencies have them."""

    keys: "np.ndarray[Any, Any]"  # of agencies, in the order in which equal ones are shown
    kinds: list[str]
    vocabulary: list[str]  # Roman ones first, each script by length
    lengths: "np.ndarray[Any, Any]"  # of the words of the vocabulary, Thai ones' less _THAI
    text: str  # the vocabulary, each word after a line's end ...
    starts: "np.ndarray[Any, Any]"  # ... and where that is
    agency: "np.ndarray[Any, Any]"  # of each use of a word: the place of its agency ...
    word: "np.ndarray[Any, Any]"  # ... of the word ...
    weight: "np.ndarray[Any, Any]"  # ... and 1 for a name, less for a place

    @classmethod
    def build(cls, agencies: Iterable[Named]) -> "NameIndex":
        """Of agencies in the order in which equal ones of a type are shown."""
        rows = larger_first(agencies)
        uses: list[tuple[int, str, float]] = []
        for n, row in enumerate(rows):
            of_name, of_place = words_of(row)
            uses += [(n, word, 1.0) for word in of_name] + [(n, word, _PLACE) for word in of_place]
        vocabulary = sorted({word for _, word, _ in uses}, key=lambda word: (_measure(word), word))
        places = {word: n for n, word in enumerate(vocabulary)}
        return cls(
            np.array([row.pk for row in rows], np.int64),
            [row.kind for row in rows],
            vocabulary,
            np.array([_measure(word) for word in vocabulary], np.int32),
            "".join(f"\n{word}" for word in vocabulary),
            np.cumsum([0, *(len(word) + 1 for word in vocabulary[:-1])]),
            np.array([n for n, _, _ in uses], np.int32),
            np.array([places[word] for _, word, _ in uses], np.int32),
            np.array([weight for _, _, weight in uses], np.float64),
        )

    def search(self, text: str, limit: int = 20) -> Found:
        """The agencies that a text means, ``limit`` at most."""
        text = thai.clean(text)[:_MAX_TYPED].strip()
        if not self.vocabulary or not re.search("[\u0e01-\u0e4ea-zA-Z0-9]", text):
            return Found()
        as_typed = cache(self._fit_written)
        fit_written = cache(lambda word: self._of_agencies(as_typed(word)))
        fit_near = cache(lambda word: self._of_agencies(self._fit_near(word, as_typed(word))))
        other = text.translate(_TO_THAI if text.isascii() else _TO_LATIN) if len(text) >= _LEAST_LETTERS else ""
        for typed, fit, missing in (
            (text, fit_written, 0),
            (other, fit_written, 0),
            (text, fit_near, 0),
            (text, fit_near, 1),
        ):
            is_near = fit is fit_near
            if found := self._find(_read(typed), fit, missing, _SHOWN_NEAR if is_near else 0, limit):
                return Found(found, is_near or typed != text)
        return Found()

    def _find(self, query: _Query, fit: "Fit", missing: int, share: float, limit: int) -> list[int]:
        """The agencies that have all words but so many ``missing`` ones, the best first; those alone whose score is
        this ``share`` of the best."""
        if len(query.words) <= missing:
            return []
        each = [fit(word) for word in query.words[:_MAX_WORDS]]
        score = np.mean(each, axis=0)
        score[np.sort(each, axis=0)[missing] < _ALL_WORDS * _PLACE] = 0
        if len(query.words) > 1:
            whole = fit("".join(query.words))
            score = np.maximum(score, np.where(whole >= _ALL_WORDS, whole + _WHOLE, 0))
        found = np.flatnonzero(score > 0)
        if query.kind:
            fits = [_is_of_kind(self.kinds[n], query.kind) for n in found]
            score[found] += np.where(fits, _KIND, -_KIND)
        best = found[np.argsort(-score[found], kind="stable")][:limit]
        best = best[score[best] >= share * score[best].max(initial=0)]
        return [int(pk) for pk in self.keys[best]]

    def _of_agencies(self, fits: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """The best fit of each agency, from that of each word of the vocabulary."""
        best = np.zeros(len(self.keys), np.float64)
        uses = np.flatnonzero(fits[self.word])
        np.maximum.at(best, self.agency[uses], fits[self.word[uses]] * self.weight[uses])
        return best

    def _fit_written(self, word: str) -> "np.ndarray[Any, Any]":
        """How each word of the vocabulary fits one that is written as typed."""
        found = np.fromiter(_places_of(word if len(word) >= _LEAST_LETTERS else f"\n{word}", self.text), np.int64)
        places = np.searchsorted(self.starts, found, "right") - 1
        share = len(word) / (self.lengths[places] % _THAI)
        begins = found <= self.starts[places] + 1
        fit = np.where(begins, _PREFIX, _INSIDE) - 0.1 * (1 - share)
        fits = np.zeros(len(self.vocabulary), np.float64)
        np.maximum.at(fits, places, np.where(share == 1, _EXACT, fit))
        return fits

    def _fit_near(self, word: str, as_typed: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        """How each word of the vocabulary fits one with wrong letters, too many or too few."""
        if len(word) < _LEAST_LETTERS:
            return as_typed
        near = as_typed.copy()
        measure, length = _measure(word), len(word)
        nearest = measure - length + int(length * _LEAST_ALIKE), measure - length + int(length / _LEAST_ALIKE) + 1
        first, last = np.searchsorted(self.lengths, nearest)
        some = self.vocabulary[first:last]
        if some:
            alike = cdist([word], some, scorer=OSA.normalized_similarity, score_cutoff=_LEAST_ALIKE, dtype=np.float64)[
                0
            ]
            near[first:last] = np.maximum(near[first:last], alike * _NEAR)
        return near


def larger_first(agencies: Iterable[Named]) -> list[Named]:
    """Agencies in the order in which equal ones are shown: types of larger ones first, otherwise as they come."""
    return sorted(agencies, key=lambda row: _ORDER.get(row.kind, len(_ORDER)))


def words_of(row: Named) -> tuple[list[str], list[str]]:
    """Every word by which an agency is found, in the form that is compared: of its name and of its place."""
    names = _words_of_names(row)
    return sorted(names - {""}), sorted({*_words_of_place(row.province, row.district)} - names - {""})


def describe_reading() -> dict[str, Any]:
    """How typed words come into the form that is compared, for a program that has no index: letters of one sound,
    spellings of Roman letters, types of agencies among words and before a name, abbreviations, what ends one name and
    begins a place, and the keys of both keyboards."""
    return {
        "sounds": {chr(letter): chr(sound) for letter, sound in _SOUNDS.items()},
        "latin": _LATIN,
        "phrases": [(phrase, str(kind)) for phrase, kind in _KINDS_EN],
        "fillers": sorted(_FILLERS),
        "types": [(prefix, str(kind)) for prefix, kind in _PREFIXES],
        "short": _TYPES,
        "glued": _GLUED.pattern,
        "municipalities": sorted(map(str, _MUNICIPALITIES)),
        "abbreviations": ABBREVIATION_PATTERNS,
        "marks": list(map(_key_of, _PLACE_MARKS)),
        "places": _province_keys(),
        "keys": (_KEYS_EN, _KEYS_TH),
    }


def _places_of(part: str, text: str) -> Iterator[int]:
    """Where a part begins in a text, each time."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _measure(word: str) -> int:
    """The length of a word of Roman letters; a Thai one's is beyond those."""
    return len(word) + (0 if word.isascii() else _THAI)


def _is_of_kind(kind: str, wanted: str) -> bool:
    return kind in _MUNICIPALITIES if wanted == "municipality" else kind == wanted


def _read(typed: str) -> _Query:
    """The words that were typed, in the form that is compared, and the type of agency among them."""
    lowered, kind = typed.lower(), ""
    for words, of_kind in _KINDS_EN:
        if re.search(rf"\b{words}\b", lowered):
            lowered, kind = re.sub(rf"\b{words}\b", " ", lowered), of_kind
            break
    found: list[str] = []
    for part in expand_abbreviations(lowered).split()[: 2 * _MAX_WORDS]:
        glued = _GLUED.sub(lambda m: f"{m[1]}.", part)
        rest, of_kind = ("", "") if part in _TYPES else _split_kind(expand_abbreviations(glued))
        kind = kind or of_kind
        if rest and rest not in _FILLERS:
            found.append(rest)
        elif rest == "municipality":
            kind = kind or rest
    if not found:  # a type alone
        found = [_TYPES.get(word, word) for word in typed.replace(".", "").split()]
    return _Query([key for word in found for key in _split_place(_key_of(word)) if key], kind)


def _split_kind(name: str) -> tuple[str, str]:
    """A name without the type before it, and the type."""
    for prefix, kind in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :], kind
    return name, ""


def _split_place(key: str) -> list[str]:
    """A key and, where a province's name ends it, this apart: as one types without spaces."""
    if re.search("[a-z]", key):
        return [key]
    for mark in map(_key_of, _PLACE_MARKS):
        before, found, after = key.partition(mark)
        if found and before and after:
            return [before, after]
    for province in _province_keys():
        if key.endswith(province) and len(key) - len(province) >= _LEAST_LETTERS:
            return [key[: -len(province)], province]
    return [key]


@lru_cache(1)
def _province_keys() -> tuple[str, ...]:
    names = [name for name in PLACES_EN if name in OTHER_NAMES or place_in_roman(name)]
    others = ["กรุงเทพ", "กทม", "อยุธยา", "โคราช"]
    return tuple(sorted({_key_of(n) for n in names if len(n) > 4} | set(map(_key_of, others)), key=len, reverse=True))


@lru_cache(50_000)
def _key_of(word: str) -> str:
    """The form in which words are compared."""
    if not word.isascii():
        word = _SILENT.sub("", word)
        return _latin_key(thai.skeleton(word.translate(_SOUNDS))[0])
    return _latin_key(word.lower())


def _latin_key(word: str) -> str:
    if not word.isascii():
        return word
    word = _NOT_LATIN.sub("", word)
    for spelling, sound in _LATIN:
        word = word.replace(spelling, sound)
    return _TWICE.sub(r"\1", word)


@lru_cache(50_000)
def _in_roman(name: str, province: str) -> str:
    """A name in Roman letters: as the official list of places writes it, otherwise letter by letter."""
    if listed := place_in_roman(name, province):
        return listed
    from pythainlp.transliterate import romanize

    return str(romanize(name, engine="royin"))


@lru_cache(5_000)
def _words_of_place(province: str, district: str) -> tuple[str, ...]:
    others = OTHER_NAMES.get(province, "").split()
    words = [province, district, *others, PLACES_EN.get(province, ""), *PLACES_EN.get(province, "").split()]
    words += [province_abbreviations().get(province, ""), place_in_roman(district, province)]
    return tuple(map(_key_of, words))


def _words_of_names(row: Named) -> set[str]:
    """Every word by which an agency itself is called."""
    words = {row.code.lower(), _key_of(row.code)}
    for name in row.names:
        name = expand_abbreviations(re.sub(r"\s*\(สมมุติ\)$", "", name))
        place = _split_kind(name)[0]
        words |= {_key_of(name), _key_of(place), *map(_key_of, name.split())}
        words.add(_key_of(place.replace("์", "")))  # as it is often typed
        for official, others in OTHER_NAMES.items():
            if official == place:
                words |= set(map(_key_of, others.split()))
        if not row.names_en and re.search("[\u0e01-\u0e4e]", place):
            words.add(_key_of(_in_roman(place, row.province)))
        if short := _ABBREVIATED.get(name):
            words |= set(map(_key_of, short.split()))
    for name in row.names_en:
        parts = re.sub(r"\s*\(fictional\)$", "", name).split()
        words |= {_key_of(name), *map(_key_of, parts)}
        before_type = list(takewhile(lambda part: part.lower() not in _TYPE_WORDS, parts))
        for n in range(2, len(before_type) + 1):  # words that others write as one
            words.add(_key_of("".join(before_type[:n])))
    return words


# bodies that everybody calls by their letters
_ABBREVIATED: dict[str, str] = {
    "สำนักงานคณะกรรมการป้องกันและปราบปรามการทุจริตแห่งชาติ": "ปปช nacc",
    "สำนักงานคณะกรรมการป้องกันและปราบปรามการทุจริตในภาครัฐ": "ปปท pacc",
    "สำนักงานป้องกันและปราบปรามการฟอกเงิน": "ปปง amlo",
    "สำนักงานคณะกรรมการป้องกันและปราบปรามยาเสพติด": "ปปส oncb",
    "สำนักงานคณะกรรมการการเลือกตั้ง": "กกต ect",
    "สำนักงานการตรวจเงินแผ่นดิน": "สตง",
    "สำนักงานตำรวจแห่งชาติ": "สตช ตำรวจ police",
    "สำนักงานคณะกรรมการคุ้มครองผู้บริโภค": "สคบ",
    "สำนักงานคณะกรรมการอาหารและยา": "อย fda",
    "สำนักงานคณะกรรมการการศึกษาขั้นพื้นฐาน": "สพฐ obec",
    "สำนักงานหลักประกันสุขภาพแห่งชาติ": "สปสช บัตรทอง nhso",
    "สำนักงานประกันสังคม": "สปส ประกันสังคม sso",
    "การไฟฟ้าฝ่ายผลิตแห่งประเทศไทย": "กฟผ egat",
    "การไฟฟ้าส่วนภูมิภาค": "กฟภ pea",
    "การไฟฟ้านครหลวง": "กฟน mea",
    "การประปานครหลวง": "กปน mwa",
    "การประปาส่วนภูมิภาค": "กปภ pwa",
    "การรถไฟแห่งประเทศไทย": "รฟท srt",
    "การรถไฟฟ้าขนส่งมวลชนแห่งประเทศไทย": "รฟม mrta",
    "องค์การขนส่งมวลชนกรุงเทพ": "ขสมก bmta",
    "ธนาคารเพื่อการเกษตรและสหกรณ์การเกษตร": "ธกส baac",
    "ธนาคารอาคารสงเคราะห์": "ธอส",
    "การทางพิเศษแห่งประเทศไทย": "กทพ exat",
    "การท่องเที่ยวแห่งประเทศไทย": "ททท tat",
    "จุฬาลงกรณ์มหาวิทยาลัย": "จุฬา chula",
    "กรุงเทพมหานคร": "กทม bma bangkok",
    "มหาวิทยาลัยเกษตรศาสตร์": "มก ku",
    "มหาวิทยาลัยขอนแก่น": "มข kku",
    "มหาวิทยาลัยเชียงใหม่": "มช cmu",
    "มหาวิทยาลัยธรรมศาสตร์": "มธ tu",
    "มหาวิทยาลัยมหิดล": "mu",
    "มหาวิทยาลัยศรีนครินทรวิโรฒ": "มศว swu",
    "มหาวิทยาลัยสงขลานครินทร์": "มอ psu",
}
