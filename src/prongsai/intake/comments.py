"""What assessors wrote beside disclosure items, in the words of the document.

A table says so in the heads of its columns; prose opens with an item, by its code or after a number or a dash by its
name, and may go on over several lines. An entry of a numbered list that names no item is understood by its neighbours
where a table leaves no doubt. Praise is no cause of a fault and is left out. Who confirms the document confirms the
comments too.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from prongsai.framework import DisclosureItem, Framework
from prongsai.intake.codes import Codes, codes_of
from prongsai.intake.files import Row
from prongsai.lib import thai

MAX_COMMENT_LETTERS = 2000
_HEAD = re.compile(r"ความคิดเห็น|ความเห็น|ข้อคิดเห็น|ข้อสังเกต|เหตุผล|สาเหตุ|comment|remark|reason", re.I)
_HEAD_LETTERS = 40  # a longer cell is no heading
_NUMBERED = re.compile(r"\(?\d{1,2}\s?(?:[.)]|(?=\s*[-–:]))\s*(?=\S)")
_DASHED = re.compile(r"[-–—•*▪●○·]\s*(?=\S)")
_SCORED = re.compile(r"\d\.\d\d|\d\s*คะแนน")  # a sentence that gives a score is no comment
_NUMBER = re.compile(r"[\d.,%\s]+")
_FIGURES = re.compile(r"\d+|ไม่")
_MIN_LETTERS = 8  # after the name of an item
# what offices call the same thing: a name of an item with one of these words may stand with another of its line
_SAME_WORDS = (
    ("Q&A", "ถาม-ตอบ", "ถามตอบ", "ถามและตอบ", "กระดานถามตอบ", "คำถามคำตอบ"),
    ("Social Network", "เครือข่ายสังคมออนไลน์", "สื่อสังคมออนไลน์", "เครือข่ายสังคม", "สื่อสังคม", "โซเชียลเน็ตเวิร์ก", "Social Media"),
    ("E-Service", "บริการออนไลน์", "บริการอิเล็กทรอนิกส์", "ระบบการให้บริการผ่านช่องทางออนไลน์", "การให้บริการออนไลน์"),
    ("No Gift Policy", "นโยบายไม่รับของขวัญ", "นโยบายงดรับของขวัญ", "การไม่รับของขวัญ"),
)
_REPEATED = 85  # of 100: how much of a comment stands in another that says the same
_MAX_JOINED = 12  # comments on one item
_SEPARATOR = "; "  # between what several places say of an item
_DOTTED_CODE = re.compile(r"^((?:ข้อ\s*)?[A-Za-z]{1,4}\s?\d{1,2})\.(?=\s|[\u0e01-\u0e4e])")  # "O1. name"
_RANGE = re.compile(r"\s*(?:[-–,/]|ถึง|และ|กับ)\s*(?:ข้อ\s*)?[A-Za-z]{0,4}\s?\d")  # "O1 ถึง O7" opens no comment
_MAX_LINES = 8  # of one comment
_MAX_WRAPPED = 140  # letters of a line of a page; a longer one is a whole paragraph
_FULL_LINE = 0.75  # of the longest line: what follows such a line goes on with it
# a line that goes on with what was said before, whatever the length of the line before
_GOES_ON = re.compile(
    r"(?:สาเหตุ|เนื่องจาก|เพราะ|เหตุ|ไม่|ยัง|ขาด|และ|แต่|โดย|ซึ่ง|ทำให้|หรือ|รวมถึง|อีกทั้ง|นอกจากนี้|ผู้ตรวจ|พบว่า|ข้อมูล(?:ไม่|ยัง|ขาด))"
)
_ENDS = re.compile(
    r"(?:จึง|ดังนั้น|ทั้งนี้|สรุป|ขอแสดง|ลงชื่อ|\(ลงชื่อ|เรียน|เรื่อง|เห็นควร|ข้อเสนอ|ข้อพิจารณา|ตัวชี้วัด|ส่วนที่|ตาราง|ผลการประเมิน|ภาคผนวก|หมายเหตุ|หน้า\s*\d)"
)
_FAULT = re.compile(
    r"ไม่(?!พบข้อ(?:บกพร่อง|ผิดพลาด)|มีข้อ(?:แก้ไข|บกพร่อง|เสนอแนะ|สังเกต)|ต้องแก้|ต้องปรับ)|มิได้|ยัง|ขาด|แต่|ควร|ปรับปรุง|เพิ่มเติม|แก้ไข(?!แล้ว)|ล้าสมัย|ผิด(?!พลาด)|เสีย|เก่า|ช้า|เฉพาะ|เพียง|บางส่วน|ปีก่อน"
)
_PRAISE = re.compile(
    r"ดีมาก|ดีเยี่ยม|ดีเด่น|เป็นแบบอย่าง|ชมเชย|ชื่นชม|คะแนนเต็ม|เต็ม|ครบถ้วน|ครบทุก|ครบตาม|ครบองค์|ถูกต้อง|เรียบร้อย|ผ่าน|ไม่พบข้อ|ไม่มีข้อ|สมบูรณ์|complete|good|pass|ok\b",
    re.I,
)


@dataclass(frozen=True)
class Comment:
    """A comment on a disclosure item and where it stands in the document."""

    item: str
    text: str
    place: str


def comments_of(rows: Sequence[Row], framework: Framework) -> list[Comment]:
    """Comments on the disclosure items of a year, in the order of the rules; of several on an item those in a table
    come first, and the same words once. Praise is left out."""
    items = framework.rules.disclosure_items
    codes = codes_of((framework,))
    in_tables = _comments_in_tables(rows, framework, codes)
    found = [*in_tables, *_comments_in_prose(rows, items, codes, {c.item for c in in_tables})]
    order = {item.id: n for n, item in enumerate(items)}
    unique: dict[tuple[str, str], Comment] = {}
    for comment in found:
        if not is_praise(comment.text):
            unique.setdefault((comment.item, thai.squeeze(thai.arabic(comment.text))), comment)
    return sorted(unique.values(), key=lambda c: order[c.item])


def is_praise(text: str) -> bool:
    """Whether a comment names no fault: it says that all is well, and nothing else."""
    return bool(_PRAISE.search(text)) and not _FAULT.search(text)


def join_comments(texts: Sequence[str]) -> str:
    """What several places of a document say of one item, as one text: each once, with a mark between them; one whose
    words stand in another is left out. Digits and negations tell comments apart that are alike otherwise."""
    from rapidfuzz import fuzz

    texts = [text for text in map(str.strip, texts) if text][:_MAX_JOINED]
    plain = [thai.squeeze(thai.arabic(text)) for text in texts]
    figures = [Counter(_FIGURES.findall(text)) for text in plain]
    chosen: list[int] = []
    for n in sorted(range(len(texts)), key=lambda n: -len(plain[n])):
        repeated = (figures[n] <= figures[k] and fuzz.partial_ratio(plain[n], plain[k]) >= _REPEATED for k in chosen)
        if not any(repeated):
            chosen.append(n)
    return _SEPARATOR.join(texts[n] for n in sorted(chosen))[:MAX_COMMENT_LETTERS]


# --- tables


def without_comments(rows: Sequence[Row], codes: Codes) -> list[Row]:
    """Rows without what the columns of comments say of items: a number in it is nobody's score."""
    left = list(rows)
    for n, (_, columns) in _items_with_columns(rows, codes).items():
        cells = ["" if k in columns and not _NUMBER.fullmatch(c) else c for k, c in enumerate(rows[n].cells)]
        left[n] = replace(rows[n], cells=tuple(cells))
    return left


def _comments_in_tables(rows: Sequence[Row], framework: Framework, codes: Codes) -> list[Comment]:
    """Comments in the columns that a table's head names, also where a table goes on without a head of its own."""
    known = {item.id for item in framework.rules.disclosure_items}
    comments = []
    for n, (item, columns) in _items_with_columns(rows, codes).items():
        cells = tuple(thai.repaired(cell).strip() for cell in rows[n].cells)
        if item in known and (text := _join_columns(cells, columns)):
            comments.append(Comment(item, text, rows[n].place))
    return comments


def _items_with_columns(rows: Sequence[Row], codes: Codes) -> dict[int, tuple[str, list[int]]]:
    """The rows of items in tables that have columns of comments, by number: the item, and the columns."""
    found: dict[int, tuple[str, list[int]]] = {}
    columns: list[int] = []
    width = 0
    for number, row in enumerate(rows):
        if len(row.cells) < 3:
            continue
        cells = tuple(thai.clean(cell).strip() for cell in row.cells)
        named = [n for n, cell in enumerate(cells) if len(cell) <= _HEAD_LETTERS and _HEAD.search(cell)]
        item = next((code for cell in cells[:2] if (code := codes.item_code(cell))), None)
        if item is None:
            if named or _is_head(cells):
                columns, width = named, len(cells)
        elif len(cells) == width and columns:
            found[number] = item, columns
    return found


def _join_columns(cells: Sequence[str], columns: Sequence[int]) -> str:
    """What the columns of comments say, each words once; praise beside a fault is left out."""
    texts = [text for n in columns if (text := _tidy(cells[n])) and not _NUMBER.fullmatch(text)]
    faults = [text for text in texts if not is_praise(text)]
    return _tidy(" ".join(dict.fromkeys(faults or texts)))


def _is_head(cells: Sequence[str]) -> bool:
    """Whether a row without an item heads a table: short words in every cell, and no number."""
    return all(0 < len(cell) <= _HEAD_LETTERS and not any(letter.isdigit() for letter in cell) for cell in cells)


# --- prose


@dataclass
class _Opened:
    """A comment that may go on in the next line. ``item`` is empty where the line names none that the rules know;
    ``number`` is that of its entry in a list. ``is_named``: nothing but its item was said yet; ``has_colon``: the line
    says that the rest follows."""

    item: str
    number: int | None
    place: str
    lines: list[str]
    is_named: bool
    has_colon: bool
    last_length: int

    @property
    def text(self) -> str:
        return _tidy(" ".join(self.lines))


def _comments_in_prose(
    rows: Sequence[Row], items: Sequence[DisclosureItem], codes: Codes, in_tables: Collection[str]
) -> list[Comment]:
    """Comments in sentences that open with an item: "3. name of the item, what is missing", "O1 name: …", "- name …",
    and in the lines that go on with them. ``in_tables``: the items on which tables have comments."""
    names = _names_of(items)
    lines = [_line_of(row) for row in rows]
    longest = max((len(line) for line in lines if line and len(line) <= _MAX_WRAPPED), default=0)
    comments: list[_Opened] = []
    opened: _Opened | None = None
    for row, line in zip(rows, lines, strict=True):
        if line is None:
            opened = None
        elif (opening := _open_comment(line, row.place, names, codes)) is not None:
            opened = opening
            comments.append(opened)
        elif opened is not None and _goes_on(opened, line, longest):
            opened.lines.append(_DASHED.sub("", line, count=1))
            opened.last_length, opened.is_named = len(line), False
        elif (number := _find_number(line)) is not None:
            opened = _Opened("", number, row.place, [_NUMBERED.sub("", line, count=1)], False, False, len(line))
            comments.append(opened)
        else:
            opened = None
    _understand_by_neighbours(comments, [i.id for i in items if i.id in in_tables])
    return [
        Comment(c.item, c.text, c.place)
        for c in comments
        if c.item and len(thai.skeleton(thai.arabic(c.text))[0]) >= _MIN_LETTERS and not _SCORED.search(c.text)
    ]


def _names_of(items: Sequence[DisclosureItem]) -> list[tuple[str, str]]:
    """Every name by which texts may call an item, in its letters, with the item; the longest first."""
    names: dict[str, str] = {}
    for item in items:
        label = item.label.th
        spoken = [label, *(label.replace(w, other) for ws in _SAME_WORDS for w in ws if w in label for other in ws)]
        for name in spoken:
            names.setdefault(thai.skeleton(thai.clean(name))[0], item.id)
    return sorted(names.items(), key=lambda name: -len(name[0]))


def _find_number(line: str) -> int | None:
    """The number of an entry of a list; None where a line opens with none."""
    marker = _NUMBERED.match(line)
    return int(thai.arabic(re.sub(r"\D", "", marker[0]))) if marker else None


def _understand_by_neighbours(comments: Sequence[_Opened], known: Sequence[str]) -> None:
    """Give an entry of a numbered list that names no item the one that is meant: entries before and after it name items
    in their order, and of those between them tables have a comment on as many (``known``, in the order of the rules)
    as the list has entries without an item there."""
    order = {item: n for n, item in enumerate(known)}
    for first, before in enumerate(comments):
        if before.item not in order or before.number is None:
            continue
        last = first + 1
        while last < len(comments) and not comments[last].item:
            last += 1
        if last == first + 1 or last == len(comments):
            continue
        after, between = comments[last], comments[first + 1 : last]
        if [c.number for c in comments[first : last + 1]] != list(
            range(before.number, before.number + len(between) + 2)
        ):
            continue
        meant = known[order[before.item] + 1 : order.get(after.item, 0)]
        if len(meant) == len(between):
            for comment, item in zip(between, meant, strict=True):
                comment.item = item


def _line_of(row: Row) -> str | None:
    """The text of a row that is one line, as it was written; None for a row of a table and an empty one."""
    filled = [thai.repaired(cell).strip() for cell in row.cells if cell.strip()]
    return " ".join(filled[0].split()) if len(filled) == 1 else None


def _open_comment(line: str, place: str, names: Sequence[tuple[str, str]], codes: Codes) -> _Opened | None:
    """The comment that a line opens; None where it opens with no item."""
    marker = _NUMBERED.match(line) or _DASHED.match(line)
    rest = _DOTTED_CODE.sub(r"\1", line[marker.end() :] if marker else line)
    separator = ""
    # of the same length, letter by letter: names and codes are found in it, the words are taken from the line
    plain = thai.arabic(rest)
    coded = next(((end, item) for start, end, item in codes.item_codes(plain) if start == 0), None)
    if coded is not None and coded[1] not in {item for _, item in names}:
        return None
    if coded is not None:
        if _RANGE.match(rest[coded[0] :]):
            return None
        rest = rest[coded[0] :]
        separator = rest[: len(rest) - len(rest.lstrip(" .):-–,"))]
        rest = rest[len(separator) :]
    letters, places = thai.skeleton(thai.arabic(rest))
    wanted = [(name, item) for name, item in names if coded is None or item == coded[1]]
    named = next(((name, item) for name, item in wanted if letters.startswith(name)), None)
    if named is None and coded is None:
        return None
    if named is not None:
        ends = len(letters) == len(named[0])
        rest = "" if ends else rest[_end_of_name(rest, places, len(named[0])) :]
    has_separator = rest.lstrip().startswith((":", "-", "–")) or any(mark in separator for mark in ":-–")
    if marker is None and not (coded and (named or has_separator)):
        return None  # any sentence could open so
    item = named[1] if named else coded[1] if coded else ""
    text = _tidy(rest)
    is_list = coded is None and marker is not None and not _NUMBERED.match(line)
    if is_list and text and not has_separator and not _FAULT.search(text):
        return None  # a list that names items
    number = _find_number(line)
    return _Opened(item, number, place, [text] if text else [], not text, line.endswith(":"), len(line))


def _goes_on(opened: _Opened, line: str, longest: int) -> bool:
    """Whether a line goes on with the comment before it: the line before was full, or its own words say so."""
    if len(opened.lines) >= _MAX_LINES or _ENDS.match(line) or _NUMBERED.match(line) or _SCORED.search(line):
        return False
    if _GOES_ON.match(_DASHED.sub("", line, count=1)):
        return True
    if opened.is_named:
        return opened.has_colon
    return len(line) <= _MAX_WRAPPED and _FULL_LINE * longest <= opened.last_length <= _MAX_WRAPPED


def _end_of_name(sentence: str, places: Sequence[int], letters: int) -> int:
    """Where the rest of a sentence begins after a name of so many letters: before the next letter that counts, and the
    marks that belong to the last one stay with it."""
    end = places[letters - 1] + 1
    while end < places[letters] and thai.is_mark(sentence[end]):
        end += 1
    return end


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" :-–|")[:MAX_COMMENT_LETTERS]
