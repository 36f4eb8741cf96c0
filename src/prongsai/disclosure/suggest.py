"""Where a page shows what an item must contain: a help for the assessor, never a mark. Pure.

A page is a list of lines (``PageLine``). They become *statements*: a head and what stands below it, a row or a column
of a table, a sentence. A statement speaks for an element by the words of ``element_terms.toml``, by kinds of value, and
by likeness to the words of the rules; it does not where nothing stands below the head, where it only promises, where it
is of another year, and where it is an entry of a menu.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from rapidfuzz import fuzz

from prongsai.lib import thai

MIN_SIMILARITY = 72.0  # of 100: below it a resemblance is more often chance than not
_ENOUGH = 0.7  # of the weight of a statement, for it to be shown
_NEARLY = 0.2  # a statement that speaks for another element by so much more is not shown for this one
_MAX_LINES = 6_000  # lines of a page that are searched
_MAX_LINE = 2_000  # characters of one
_LONGEST_HEAD = 70
_SENTENCE = 120  # a line that is longer is cut at spaces
_PIECE = 45
_SHOWN = 240  # characters of a passage that are shown
_ROWS_SHOWN = 2
_BESIDE_LATER = 25  # characters of another word or two beside "coming soon"
_TITLE_AROUND = 40  # characters of year and agency beside an item's name


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a page, its cells parted by tabs. ``mark``: heading, link (to another page, and nothing else), or "".
    ``region``: where it stands in a picture: page, top, bottom (thousandths of the height)."""

    text: str
    mark: str = ""
    region: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Passage:
    """A passage of the page: the matching part, with what stands over it, and its weight from 0 to 100. ``place``:
    text, table or picture."""

    before: str
    match: str
    after: str
    similarity: int
    place: str = "text"
    region: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Statement:
    head: str
    content: str
    place: str = "text"
    region: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Concept:
    asks: tuple[str, ...]
    headings: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


_MONTH = r"(?:ม\.ค|ก\.พ|มี\.ค|เม\.ย|พ\.ค|มิ\.ย|ก\.ค|ส\.ค|ก\.ย|ต\.ค|พ\.ย|ธ\.ค|[ก-๙]{3,8}(?:คม|ยน|พันธ์))"
_VALUES = {
    "money": re.compile(r"\d[\d,.]{0,15}\s?บาท|\d{1,3},\d{3}"),
    "phone": re.compile(r"(?<!\d)0[\d\s-]{0,3}\d{1,4}-?\d{3,4}(?:-\d{3,4})?(?!\d)"),
    "email": re.compile(r"[\w.+-]{1,60}@[\w-]{1,60}\.[\w.]{2,40}"),
    "duration": re.compile(r"\d{1,4}\s?(?:นาที|ชั่วโมง|ชม|วัน|สัปดาห์|เดือน)(?!ที่|แรก|หลัง)"),
    "span": re.compile(rf"{_MONTH}\.?\s?\d{{0,4}}\s{{0,2}}(?:-|–|ถึง)\s{{0,2}}(?:\d{{1,2}}\s)?{_MONTH}"),
    "half": re.compile(r"(?:ต\.ค|ตุลาคม)[^\n]{0,14}(?:-|–|ถึง)[^\n]{0,14}(?:มี\.ค|มีนาคม)"),
    "percent": re.compile(r"ร้อยละ\s?\d|\d\s?%"),
    "count": re.compile(r"\d\s?(?:คน|ราย|ครั้ง|แห่ง|อัตรา|ครัวเรือน|ฉบับ|หลักสูตร)"),
    "matters": re.compile(r"\d\s?เรื่อง"),
    "person": re.compile(r"(?:นาย|นาง|นางสาว|ว่าที่[^\s]{0,12}|น\.ส\.)\s?(?!ก)[ก-๙]{2,20} [ก-๙]{2,25}"),
    "postcode": re.compile(r"(?:ตำบล|ต\.|แขวง)[^\n]{0,60}(?:อำเภอ|อ\.|เขต)"),
    "coordinates": re.compile(r"(?<!\d)\d{1,2}\.\d{1,8}[^\d\n]{1,14}\d{2,3}\.\d{1,8}"),
    "years": re.compile(r"25\d\d\)?\s?(?:-|–|ถึง)\s?(?:พ\.ศ\.\s?)?25\d\d"),
    "steps": re.compile(r"(?:\(1\)|1[.)])[^\n]{1,80}(?:\(2\)|2[.)])"),
    "order": re.compile(r"คำสั่ง[^\n]{0,40}ที่\s?\d{1,5}\s?/"),
    "level": re.compile(r"(?:ระดับ|เกณฑ์|เสี่ยง)\s?(?:สูง|ปานกลาง|ต่ำ|น้อย|มาก)"),
}
_LATER = re.compile(
    r"อยู่ระหว่าง(?:การ)?(?:ดำเนินการ|จัดทำ|ปรับปรุง|รวบรวม|พัฒนา)|coming soon|under construction|เร็ว ?ๆ ?นี้"
    r"|รอ(?:การ)?(?:เผยแพร่|ข้อมูล|ปรับปรุง)|(?:ยัง)?ไม่(?:มี|พบ)ข้อมูล|กำลัง(?:จัดทำ|ปรับปรุง|ดำเนินการ)|n/?a$"
)
_PROMISE = re.compile(
    r"จะ(?:เผยแพร่|จัดทำ|ประกาศให้|แจ้งให้ทราบ|นำมาลง|ลงข้อมูล)|ในโอกาสต่อไป|ในภายหลัง"
    r"|(?:ดู|ศึกษา|อ่าน|ดาวน์โหลด|ตรวจสอบ|ติดตาม)[^\n]{0,80}(?:จาก|ที่|ใน)เมนู"
)
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|jpe?g|png)\b", re.I)
_YEAR = re.compile(r"(?<!\d)25[5-9]\d(?!\d)")
_NUMBERED = re.compile(r"^(?:ข้อ\s?\d{1,3}|\(?\d{1,3}(?:\.\d{1,2}){0,2}[.)])\s{1,3}(?=\S)|^[•▪●\-*–]\s{0,3}")
_NOTHING = re.compile(r"^[\s\-–—.…_/]{0,40}$")
_ONLY_YEAR = re.compile(
    r"^(?:ข้อมูล)?ปีงบประมาณก่อนหน้า$|^(?:ทำ|ใช้|เกิดขึ้น)?ใน?ปีที่ประเมิน$|^(?:เกิดขึ้น|ทำ|ใช้)ในปี|^ครอบคลุมปี|^ปีงบประมาณ \d{4}$"
)


def suggest_passages(
    elements: Sequence[str], lines: Sequence[PageLine] | str, years: Sequence[int] = (), label: str = ""
) -> list[Passage | None]:
    """For each required element the passage that speaks for it most, or None where none says enough. ``years``: those
    that the content must be of, if any. ``label``: of the item; a line of it alone is a title and says nothing.

    An element that names choices in brackets is matched by any one of them: "ช่องทางถาม-ตอบ (LINE OA, webboard)".
    """
    if isinstance(lines, str):
        lines = [PageLine(text) for text in lines.split("\n")]
    names = [thai.clean(element).casefold() for element in elements]
    cleaned = [
        PageLine(thai.clean(line.text[:_MAX_LINE]).strip("\n\r "), line.mark, line.region)
        for line in lines[:_MAX_LINES]
        if line.text.strip()
    ]
    title = thai.clean(label).casefold()
    below = [line for line in cleaned if not _is_title(line.text, title)]
    statements = [s for s in _statements(below, names) if not _says_nothing(s, years)]
    weights = [[_weigh(name, s) for name in names] for s in statements]
    best = [max(row, default=0.0) for row in weights]
    found: list[Passage | None] = []
    for k, name in enumerate(names):
        if _ONLY_YEAR.search(name):
            found.append(_line_of_year(cleaned, years))
            continue
        eligible = [(row[k], -n) for n, row in enumerate(weights) if row[k] >= max(_ENOUGH, best[n] - _NEARLY)]
        found.append(_passage(statements[-max(eligible)[1]], max(eligible)[0]) if eligible else None)
    return found


def _is_title(line: str, label: str) -> bool:
    if not label or _FILE.search(line):
        return False
    return len(line) < len(label) + _TITLE_AROUND and fuzz.ratio(label, line.casefold()[: len(label)]) > 90


def _passage(statement: _Statement, weight: float) -> Passage:
    head = f"{statement.head} " if statement.head else ""
    return Passage(
        head,
        _shortened(statement.content),
        "",
        round(100 * min(weight, 1)),
        "picture" if statement.region else statement.place,
        statement.region,
    )


def _shortened(text: str) -> str:
    cut = text[:_SHOWN]
    while len(text) > _SHOWN and cut and thai.is_mark(text[len(cut)]):  # the cut falls between a letter and its mark
        cut = cut[:-1]
    return cut


def _line_of_year(lines: Sequence[PageLine], years: Sequence[int]) -> Passage | None:
    """The first line that names an expected year."""
    for line in lines:
        if line.mark != "link" and any(str(year) in line.text for year in years):
            return _passage(_Statement("", line.text.replace("\t", " "), region=line.region), 1.0)
    return None


# --- statements ------------------------------------------------------------------------------------------------------


def _statements(lines: Sequence[PageLine], names: Sequence[str]) -> Iterator[_Statement]:
    position = 0
    while position < len(lines):
        if "\t" in lines[position].text:
            end = position
            while end < len(lines) and "\t" in lines[end].text:
                end += 1
            yield from _of_table(lines[position:end], names)
            position = end
            continue
        yield from _of_line(lines, position, names)
        position += 1


def _of_line(lines: Sequence[PageLine], position: int, names: Sequence[str]) -> Iterator[_Statement]:
    """A line as a sentence, or as the head of the next one."""
    line = lines[position]
    if line.mark == "link":
        return
    text = _NUMBERED.sub("", line.text)
    following = lines[position + 1] if position + 1 < len(lines) else None
    if _FILE.search(text):
        yield _Statement(text, text, region=line.region)
        return
    if _is_head(line, names):
        after = lines[position + 2] if position + 2 < len(lines) else None
        if following is not None and _stands_below(line, following, after, names):
            yield _Statement(text, _NUMBERED.sub("", following.text), region=following.region)
        return
    head, colon, rest = text.partition(":")
    if colon and len(head) <= _LONGEST_HEAD and not rest.startswith("//"):
        yield _Statement(head.strip(), rest.strip(), region=line.region)
        return
    for piece in _pieces(text):
        yield _Statement("", piece, region=line.region)


def _is_head(line: PageLine, names: Sequence[str]) -> bool:
    """Whether a line stands over others: it is marked so, or it is short, without a value, and has words of a head."""
    text = _NUMBERED.sub("", line.text)
    if line.mark == "heading":
        return True
    if len(text) > _LONGEST_HEAD or ":" in text or _has_value(text) or _FILE.search(text):
        return False
    if _PROMISE.search(text) or (_LATER.search(text) and _LATER.sub("", text, count=1).strip()):
        return False
    return any(_head_weight(name, text.casefold()) >= 1 for name in names)


def _stands_below(line: PageLine, following: PageLine, after: PageLine | None, names: Sequence[str]) -> bool:
    """Whether what follows a head belongs to it: it is no other head, and not the next number of a list."""
    if following.mark or "\t" in following.text:
        return False
    if _NUMBERED.match(line.text) and _NUMBERED.match(following.text):
        return False
    head, colon, _ = following.text.partition(":")
    if colon and _names_element(head, names) and not _named_by(line, names) & _named_by(PageLine(head), names):
        return False
    if _FILE.search(following.text) and not line.mark:
        return bool(_named_by(line, names) & _named_by(following, names))
    return not _opens_another(line, following, after, names)


def _named_by(line: PageLine, names: Sequence[str]) -> set[str]:
    return {name for name in names if _head_weight(name, line.text.casefold()) >= 1}


def _opens_another(line: PageLine, following: PageLine, after: PageLine | None, names: Sequence[str]) -> bool:
    """Whether the line below a head is itself the head of something else, so that nothing stands below the first."""
    if not _is_head(following, names) or after is None or "\t" in after.text or after.mark == "link":
        return False
    first, second = _named_by(line, names), _named_by(following, names)
    return bool(second - first) and not first & second


def _has_value(text: str) -> bool:
    return any(pattern.search(text) for kind, pattern in _VALUES.items() if kind not in ("years", "half", "person"))


def _pieces(text: str) -> Iterator[str]:
    """A sentence; or, of long running text, pieces that end at a space."""
    if len(text) <= _SENTENCE:
        yield text
        return
    words, piece = text.split(" "), ""
    for word in words:
        piece = f"{piece} {word}".strip()
        if len(piece) >= _PIECE:
            yield piece
            piece = ""
    if piece:
        yield piece


def _of_table(lines: Sequence[PageLine], names: Sequence[str]) -> Iterator[_Statement]:
    """Its columns where its first row is of heads, or else its rows."""
    rows = [[_NUMBERED.sub("", cell.strip()) for cell in line.text.lstrip("\t").split("\t")] for line in lines]
    if _has_header_row(rows, names):
        for column, head in enumerate(rows[0]):
            cells = [row[column] for row in rows[1:] if column < len(row) and not _is_empty(row[column])]
            yield _Statement(head, " / ".join(cells[:_ROWS_SHOWN]), "table", lines[min(1, len(lines) - 1)].region)
        return
    for row, line in zip(rows, lines, strict=True):
        cells = [cell for cell in row if not cell.replace(".", "").isdigit()] or row
        if len(cells) == 1:
            yield _Statement("", cells[0], "table", line.region)
        elif cells:
            yield _Statement(cells[0], " ".join(cells[1:]), "table", line.region)


def _has_header_row(rows: Sequence[Sequence[str]], names: Sequence[str]) -> bool:
    """Whether more elements are named in the first row than in the first columns."""
    in_header = sum(_names_element(cell, names) for cell in rows[0])
    in_rows = sum(any(_names_element(cell, names) for cell in row[:2]) for row in rows[1:])
    if in_header > 1 and in_rows <= 1:
        return True
    return len(rows) > 1 and in_header > in_rows and (in_header > 1 or len(rows[0]) <= 2)


def _names_element(cell: str, names: Sequence[str]) -> bool:
    folded = cell.casefold()
    return 0 < len(cell) <= _LONGEST_HEAD and any(_head_weight(name, folded) >= 1 for name in names)


def _is_empty(content: str) -> bool:
    later = _LATER.search(content.casefold())
    is_later = later and len(content) - len(later[0]) < _BESIDE_LATER and not any(c.isdigit() for c in content)
    return bool(is_later or _NOTHING.match(content))


def _says_nothing(statement: _Statement, years: Sequence[int]) -> bool:
    """Whether it only names something: nothing below, announced for later, or of another year."""
    content = statement.content.casefold()
    if _PROMISE.search(content):
        return True
    if _is_empty(content):
        return True
    named = [int(year) for year in _YEAR.findall(f"{statement.head} {content}")]
    return bool(years and named and max(named) < min(years))


# --- weights ---------------------------------------------------------------------------------------------------------


@cache
def _concepts() -> dict[str, _Concept]:
    text = resources.files("prongsai.disclosure").joinpath("element_terms.toml").read_text("utf-8")
    return {
        name: _Concept(
            **{key: tuple(t if key == "asks" else t.casefold() for t in terms) for key, terms in fields.items()}
        )
        for name, fields in tomllib.loads(text).items()
    }


@lru_cache(maxsize=8192)
def _concepts_of(element: str) -> tuple[_Concept, ...]:
    """The concepts that an element asks for: those whose words are not part of longer ones of another."""
    spans: list[tuple[int, int, _Concept]] = []
    for concept in _concepts().values():
        for ask in concept.asks:
            pattern = re.escape(ask.casefold()).replace(r"\^", "^").replace(r"\$", "$")
            spans += [(m.start(), m.end(), concept) for m in re.finditer(pattern, element)]
    chosen = [
        (start, concept)
        for start, end, concept in spans
        if not any(a <= start and end <= b and (b - a) > (end - start) for a, b, _ in spans)
    ]
    return tuple(dict.fromkeys(concept for _, concept in sorted(chosen, key=lambda pair: pair[0])))


@lru_cache(maxsize=8192)
def _alternatives_of(element: str) -> list[str]:
    outside = re.sub(r"\([^)]*\)", " ", element).strip()
    inside = [c.strip() for group in re.findall(r"\(([^)]*)\)", element) for c in re.split("[,/]", group)]
    # very short words are found on every page
    return [s for s in (outside, *inside) if len(s) >= 4]


def _likeness(element: str, text: str) -> float:
    """How far an element's own words stand in a text, from 0 to 1; 0 below what is chance."""
    best = 0.0
    for alternative in _alternatives_of(element):
        if len(text) >= 0.7 * len(alternative):
            best = max(best, fuzz.partial_ratio(alternative, text, score_cutoff=MIN_SIMILARITY) / 100)
    return best


@lru_cache(maxsize=8192)
def _head_weight(element: str, head: str) -> float:
    """How far a head (in small letters) names an element."""
    weight = _likeness(element, head)
    for concept in _concepts_of(element):
        if any(word in head for word in concept.against):
            continue
        if any(word in head for word in concept.headings):
            return 1.0
    return weight if weight >= 0.9 else 0.9 * weight


def _weigh(element: str, statement: _Statement) -> float:
    """How far a statement speaks for an element."""
    head, content = statement.head.casefold(), statement.content.casefold()
    over = _head_weight(element, head) if head else 0.0
    inside = max((_content_weight(c, content, head) for c in _concepts_of(element)), default=0.0)
    inside = max(inside, 0.85 * _likeness(element, content))
    return max(over, inside) + 0.3 * min(over, inside)


def _content_weight(concept: _Concept, content: str, head: str) -> float:
    if any(word in head or (not head and word in content) for word in concept.against):
        return 0.0
    weight = 0.75 if any(word in content for word in concept.words) else 0.0
    weight += 0.2 * min(sum(word in content for word in concept.hints), 3)
    for kind in concept.values:
        if _VALUES[kind.rstrip("!")].search(content):
            weight = max(weight + 0.2, 0.72 if kind.endswith("!") else 0.0)
    return weight
