"""Thai text as offices type it: digits of both scripts, numbers, damaged vowels, fiscal years."""

import datetime
import re
import unicodedata
from typing import Literal

Digits = Literal["thai", "arabic"]
_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
# searched for before a text is translated, which takes ten times as long
_IS_THAI_DIGIT = re.compile("[๐-๙]")
_IS_ARABIC_DIGIT = re.compile("[0-9]")
# an address, or anything with a Latin letter in it: O1, EIT1/e4, A4
_CODE = re.compile(r"(?:https?://|www\.)\S+|[!-~]+")
_LATIN_LETTER = re.compile("[A-Za-z]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
MONTHS = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)
_NEITHER_THAI_NOR_ASCII = re.compile("[^\0-\x7f\u0e00-\u0e7f]")
# of a class of letters: zero widths, soft hyphens, marks of direction and tags, pasted along and seen by nobody
INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f"
DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # of a class of letters: marks of direction alone
_INVISIBLE = re.compile(f"[{INVISIBLE}\ue000-\uf8ff]")
# marks that fonts of old Windows draw further left or lower, and letters without their foot, by what they are
_DRAWN_MARKS = dict(
    zip(
        range(0xF700, 0xF71B),
        (
            *(0x0E10, 0x0E34, 0x0E35, 0x0E36, 0x0E37, *range(0x0E48, 0x0E4D), *range(0x0E48, 0x0E4D)),
            *(0x0E0D, 0x0E31, 0x0E4D, 0x0E47, *range(0x0E48, 0x0E4D), 0x0E38, 0x0E39, 0x0E3A),
        ),
        strict=True,
    )
)
_IS_DRAWN = re.compile("[\uf700-\uf71a]")
_SPACES = re.compile(r"[ \u00a0\u2000-\u200a\u202f\u3000\f\v\r]+")
# นิคหิต + า is how many PDF readers spell ำ; the tone mark may stand before or between them; or a letter not known
_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32|([\u0e48-\u0e4b])\u0e4d\u0e32|(?<!\ufffd)\ufffd{1,9}[\u0e32\u0e33]")
_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_MARK_LETTERS = frozenset(chr(c) for c in (0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F)))
_SPACED_MARK = re.compile(f"(?<! ) +([{_MARKS}])")
_DOUBLED_MARK = re.compile(f"([{_MARKS}])\\1+")
_WRONG_ORDER = re.compile("([\u0e48-\u0e4b])([\u0e31\u0e34-\u0e39])")
_DOUBLED_CLUSTER = re.compile(f"([ก-ฮ][{_MARKS}]{{1,3}})([ก-ฮาำะ]?)\\1 (?=[ก-ฮาำะ])")
_SPACED_AM = re.compile("(?<! ) +\u0e33")
_SEPARATORS = re.compile(r"(?<=\d),(?=\d)|\s+")
_NOT_NAME = re.compile("[^\u0e01-\u0e4e0-9a-zA-Z]+")


def arabic(text: str) -> str:
    """Thai digits as Arabic ones; everything else as it was."""
    return text.translate(_DIGITS) if _IS_THAI_DIGIT.search(text) else text


def plain_number(text: str) -> str:
    """A number as a person types it, written plainly: Arabic digits, without thousands separators and spaces."""
    return _SEPARATORS.sub("", clean(text))


def in_thai_digits(text: str) -> str:
    """Arabic digits as Thai ones, but not in codes (O1, i1, EIT1) and addresses, which keep what they are known by."""
    if not _IS_ARABIC_DIGIT.search(text):
        return text
    result, at = "", 0
    for code in _CODE.finditer(text):
        if not _LATIN_LETTER.search(code[0]):
            continue
        result += text[at : code.start()].translate(_THAI_DIGITS) + code[0]
        at = code.end()
    return result + text[at:].translate(_THAI_DIGITS)


def in_arabic_digits(text: str) -> str:
    """Thai digits as Arabic ones, but not in addresses, which would lead elsewhere."""
    if not _IS_THAI_DIGIT.search(text):
        return text
    result, at = "", 0
    for address in _ADDRESS.finditer(text):
        result += text[at : address.start()].translate(_DIGITS) + address[0]
        at = address.end()
    return result + text[at:].translate(_DIGITS)


def in_digits(text: str, digits: Digits) -> str:
    """A text as a paper in these digits prints it."""
    return in_thai_digits(text) if digits == "thai" else in_arabic_digits(text)


def date(day: datetime.date) -> str:
    """A date as it is written out on paper: 2 กุมภาพันธ์ and the year of the Buddhist era."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year + 543}"


_FOOTNOTE_MARK = re.compile(
    "(?<=[0-9๐-๙])[\u00b9\u00b2\u00b3\u2070-\u2079]{1,3}"
)  # would be one number with what it marks


def clean(text: str) -> str:
    """One spelling for text that reads the same: ``mend``, and digits Arabic.

    Full-width and other compatibility forms of digits and Latin letters become plain ones.
    """
    if not text.isascii():
        text = _FOOTNOTE_MARK.sub(" ", standard_letters(text))
        # NFKC would split ำ in two; keep Thai out of it
        text = _NEITHER_THAI_NOR_ASCII.sub(lambda m: unicodedata.normalize("NFKC", m[0]), _INVISIBLE.sub("", text))
    return arabic(repaired(text))


def repaired(text: str) -> str:
    """Text as it was written, without what a file did to it: ำ mended, tone marks in order, single spaces, nothing
    invisible. Tabs and line ends stay; digits and every other letter are the writer's."""
    text = _INVISIBLE.sub("", standard_letters(text))
    if not text.isascii():
        text = text.replace("เเ", "แ")
        text = _SPACED_MARK.sub(r"\1", text)
        text = whole_am(text)
        text = _SPACED_AM.sub("\u0e33", text)
        text = _WRONG_ORDER.sub(r"\2\1", text)
        text = _DOUBLED_MARK.sub(r"\1", text)
    return _SPACES.sub(" ", text)


def standard_letters(text: str) -> str:
    """Letters of the private use area that are Thai marks drawn elsewhere, as the marks they are."""
    return text.translate(_DRAWN_MARKS) if _IS_DRAWN.search(text) else text


def whole_am(text: str) -> str:
    """ำ in one piece, where it came as นิคหิต, or as a letter that is not known, and า."""
    return _AM.sub(lambda m: (m[1] or m[2] or "") + "\u0e33", text)


def single_clusters(text: str) -> str:
    """Text of a PDF whose letters with a mark came twice, the second time after the letter that follows and before a
    gap inside the word: "ส่วส่ นที่" for "ส่วนที่". For reading only: the gap alone tells it from what somebody wrote."""
    return _DOUBLED_CLUSTER.sub(r"\1\2", text)


_LOST_AM = re.compile("([\u0e01-\u0e2e][\u0e48-\u0e4b]?) {1,3}\u0e32")
_TONE_MARKS = re.compile("[\u0e48-\u0e4b]")
_TORN = re.compile("(?<=\u0e31) {1,3}(?=[\u0e01-\u0e2e])|(?<=ตัวชี) {1,3}(?=วัด)|(?<= ) {1,2}(?=\u0e32)")


def am_of_gaps(text: str) -> str:
    """ำ where a PDF, as Word prints it, has a space and า: "ต าบล" for "ตำบล". No word begins with า. For reading only:
    in a title whose letters are all set apart, a space and a letter on either side, nothing is replaced."""

    def repair(match: re.Match[str]) -> str:
        is_apart = match.start() == 0 or text[match.start() - 1] == " "
        is_apart = is_apart and (match.end() == len(text) or text[match.end()] == " ")
        return match[0] if is_apart else match[1] + "\u0e33"

    return _LOST_AM.sub(repair, text)


def untorn(text: str) -> str:
    """Words whole where a PDF has a gap instead of a mark: after ั, which ends no word, and in "ตัวชี้วัด"; the gap before
    า, with which none begins, but one space. For reading only."""
    return _TORN.sub("", text)


def toneless(text: str) -> str:
    """A text without tone marks, which files lose."""
    return _TONE_MARKS.sub("", text)


def squeeze(text: str) -> str:
    """What is left for comparing names: no spaces, no punctuation, lower case."""
    return _NOT_NAME.sub("", text).lower()


def is_mark(letter: str) -> bool:
    """Whether a letter stands above or below another: vowels, tone marks, and their like."""
    return letter in _MARK_LETTERS


_SKELETON_LETTER = re.compile("[\u0e01-\u0e2e\u0e30\u0e32\u0e33\u0e3b-\u0e460-9a-zA-Z]")


def skeleton(text: str) -> tuple[str, list[int]]:
    """A name stripped of everything that gets damaged, and where each remaining letter stood.

    Vowels above and below, tone marks, ำ against อํา, spaces and punctuation go; consonants, leading vowels, digits and
    Latin letters (lower case) stay. ``อำนาจ``, ``อํานาจ`` and ``อ านาจ`` have one skeleton.
    """
    places = [match.start() for match in _SKELETON_LETTER.finditer(text)]
    letters = "".join([text[place] for place in places])
    return letters.replace("\u0e33", "\u0e32").lower(), places


_LATIN_BESIDE_THAI = re.compile("(?<=[A-Za-z])(?=[\u0e01-\u0e2e\u0e40-\u0e44])|(?<=[\u0e01-\u0e4e])(?=[A-Za-z])")


def spaced(text: str) -> str:
    """A text with a space between Latin and Thai letters, where a name stands in a sentence."""
    return _LATIN_BESIDE_THAI.sub(" ", text)


_NUMBER_IN_NAME = re.compile(r"(\d{1,15})")


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that puts names in the order of the numbers in them, in whichever digits: photo_2 before photo_10."""
    pieces = _NUMBER_IN_NAME.split(arabic(name).lower())
    return tuple((0, int(p), "") if n % 2 else (1, 0, p) for n, p in enumerate(pieces) if p)


_LEADING_VOWEL = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])")
_TONES = re.compile("[\u0e47-\u0e4e]")


def sort_key(text: str) -> str:
    """A key that puts names in dictionary order wherever bytes are compared: hexadecimal, for any database's collation.

    A leading vowel counts after its consonant; tone marks decide only between names that are otherwise the same.
    """
    turned = _LEADING_VOWEL.sub(r"\2\1", clean(text).lower())
    return (_TONES.sub("", turned) + "\0" + turned).encode("utf-8")[:120].hex()
