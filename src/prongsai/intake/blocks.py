"""How a document is divided: what of it is only a menu, and under which headings each row stands.

A heading says a year, an agency, or both; the rows under it inherit that, until another heading says so again. Menus
say nothing: their years lead to other pages.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from prongsai.intake import words
from prongsai.intake.agencies import family_of, is_kind_alone, is_same, key_of, named_agencies, without_agencies
from prongsai.intake.files import Row
from prongsai.intake.subject import tells_results
from prongsai.lib import thai

_LONGEST_HEADING = 130
_LONGEST_LINK = 60
_SHORT_LINK = 30
_SITE = re.compile(  # what the pages of any site have, beside what they are about
    r"หน้า(?:แรก|หลัก)|เมนู(?:หลัก)?|ค้นหา|เข้าสู่ระบบ|แผนผัง(?:เว็บไซต์)?|ติดต่อ(?:เรา|หน่วยงาน)?|เกี่ยวกับ(?:เรา|หน่วยงาน)|ข่าว(?:สาร|ประชาสัมพันธ์)?"
    r"|ย้อนกลับ|ถัดไป|ก่อนหน้า|home|menu|search|log ?in|sitemap|contact(?: us)?|next|previous|back",
    re.I,
)
_BARE = re.compile(
    r"25\d\d|คะแนน|ผล|การประเมิน|ประเมิน|ITA|ประจำ|ปีงบประมาณ|ปี|พ\.?ศ\.?|สรุป|ของหน่วยงาน|ตาราง(?:ที่)?|[\d().:#]"
)
_ORDINAL = re.compile(r"^\s{0,20}(?:(?:ลำดับ|อันดับ)?(?:ที่)?\s{0,9}\d{1,4}\s{0,9}[.):]?|[-•*·▪–])\s{1,20}")
_FIGURE = re.compile(r"(?<![\d.,])\d{2,3}\.\d{1,4}(?![\d.])")
_CONTENTS, _MOST_BETWEEN = re.compile(r"สารบัญ[^\d]{0,20}|(?:table of )?contents|เรื่อง\s{1,9}หน้า", re.I), 3
_CONTENT = re.compile(
    r"(?P<title>.{2,140}?)(?:\s{1,9}|[\s.…]{0,40}(?:\.{3}|…)[\s.…]{0,40})\d{1,3}\s{0,9}"
)  # "3.2 การใช้งบประมาณ ......... 18"
_LEAST_OWNERS = 2
_STROKE, _LEAST_PIECES = re.compile(r"\s{0,9}[|│¦•·]\s{0,9}"), 4  # of a menu on one line
_RESULT = re.compile(r"ผล(?:การ)?(?:ประเมิน|คะแนน|วิเคราะห์)|คะแนน|(?<![A-Za-z])ITA|[Rr]esult|[Ss]core")
_PLAN = re.compile("แผน|มาตรการ|แนวทาง|โครงการ|คู่มือ|ปฏิทิน|กำหนดการ|[Pp]lan|[Mm]easure")
_YEAR_OF_TITLE = re.compile(
    r"\s{0,9}\(?(?:ประจำ)?(?:ปี(?:งบประมาณ)?)?\s{0,9}(?:พ\.?\s?ศ\.?)?\s{0,9}25[4-9]\d\s{0,3}\)?\s{0,9}"
)
_BRACKETS = re.compile(r"\([^()]{0,130}\)")
_BESIDE_NAME = re.compile(r"ชื่อ|หน่วยงาน|ของ|ผล|การ|ประเมิน|คะแนน|ITA|[\d().:#]")


@dataclass(frozen=True, eq=False)
class Block:
    """A heading, and all that stands under it; or the document as a whole.

    Not ``sure``: the year stands in a title that may lead elsewhere.
    """

    parent: "Block | None" = None
    own_year: int | None = None
    own_agency: str | None = None
    sure: bool = True

    def path(self) -> Iterator["Block"]:
        """The block, its parent and so on."""
        block: Block | None = self
        while block is not None:
            yield block
            block = block.parent

    @property
    def dated(self) -> "Block | None":
        """The nearest block that says a year."""
        return next((b for b in self.path() if b.own_year), None)

    @property
    def agency(self) -> str | None:
        return next((b.own_agency for b in self.path() if b.own_agency), None)


def without_menus(rows: Sequence[Row]) -> list[Row]:
    """The rows without those that are links to the same page of other years, and what stands among them."""
    rows = [_without_links(row) for row in rows]
    menus = set[int]()
    run: list[int] = []
    for at, row in enumerate(rows):
        if _is_link(row):
            run.append(at)
        elif any(row.cells):
            menus.update(_menu_in(rows, run, row))
            run = []
    menus.update(_menu_in(rows, run, None))
    return [row for at, row in enumerate(rows) if at not in menus]


def _without_links(row: Row) -> Row:
    """A row without the years of a menu that stands on one line, between strokes."""
    pieces = row.cells if len(row.cells) != 1 else tuple(piece.strip() for piece in _STROKE.split(row.cells[0]))
    is_menu = len(pieces) >= _LEAST_PIECES and any(_SITE.fullmatch(piece.strip()) for piece in pieces)
    if not is_menu or any(len(piece) > _LONGEST_LINK or _FIGURE.search(piece) for piece in pieces):
        return row
    pieces = tuple("" if words.years(piece) else piece for piece in pieces)
    return replace(row, cells=pieces if len(row.cells) != 1 else (" | ".join(filter(None, pieces)),))


def without_pages(rows: Sequence[Row]) -> list[Row]:
    """The rows, those of a table of contents without the page where each title begins."""
    result = list(rows)
    opened = 0  # lines since the heading of the contents, or the last title
    for at, row in enumerate(rows):
        text = words.join(row.cells)
        entry = _CONTENT.fullmatch(text) if opened else None
        opened = _MOST_BETWEEN if entry or _CONTENTS.fullmatch(text.strip()) else max(opened - bool(text), 0)
        if entry:
            result[at] = Row((entry["title"].strip(" .…"),), row.place)
    return result


def _is_link(row: Row) -> bool:
    text = words.join(row.cells)
    return 0 < len(text) <= _LONGEST_LINK and len(row.cells) == 1 and not row.table and not re.search(r"\d\.\d", text)


def _menu_in(rows: Sequence[Row], run: Sequence[int], following: Row | None) -> set[int]:
    """The links among short lines that stand together: the same words with one year and with the next, or a year
    beside what every site has. None, where a number or a table follows: then they may be its heads."""
    if following is not None and (len(following.cells) > 1 or re.match(r"\s{0,20}[\d(+-]", following.cells[0])):
        return set()
    texts = {at: words.join(rows[at].cells) for at in run}
    site = {at for at, text in texts.items() if _SITE.fullmatch(text.strip(" .|»>›"))}
    shapes = {at: words.YEAR.sub("#", text) for at, text in texts.items() if len(words.years(text)) == 1}
    menu = set(site)
    for first, second in pairwise(run):
        alike = first in shapes and shapes[first] == shapes.get(second) and texts[first] != texts[second]
        beside = {first, second} & site and all(len(texts[at]) <= _SHORT_LINK for at in (first, second))
        if alike or (beside and (first in shapes or second in shapes)):
            menu |= {first, second}
    return menu


def blocks_of(
    rows: Sequence[Row],
    main_agency: str | None,
    list_levels: Callable[[str], Collection[object]],
    main_year: int | None = None,
) -> list[Block]:
    """The block that each row stands in; a heading stands in its own. A line with a number, or with one of the levels
    that ``list_levels`` finds, is no heading: it tells a result. The year alone in the title of what is about no result
    (a plan made from results of ``main_year``) opens none."""
    here = Block()
    blocks = []
    alone = {words.years(c)[0][1] for r in rows for c in r.cells if len(r.cells) == 1 and says_only_year(c)}
    title: list[str] | None = [] if main_year and alone - {main_year} and len(alone) == 1 else None
    tabs = _tabs_in(rows)
    for at, row in enumerate(rows):
        text = next((c for c in row.cells if c), "") if sum(map(bool, row.cells)) == 1 else ""
        if title is not None:  # the lines before the first result
            title = [*title, text] if not _FIGURE.search(words.join(row.cells)) else None
        is_heading = text and len(text) < _LONGEST_HEADING and not words.numbers(text) and not list_levels(text)
        if is_heading and at not in tabs and not (title and _is_of_what_it_is(title)):
            here = _under(here, text, main_agency) or here
        blocks.append(here)
    return blocks


def _tabs_in(rows: Sequence[Row]) -> set[int]:
    """The years that stand one right after the other, each on a line of its own: to choose from, and no headings."""
    lines = [at for at, row in enumerate(rows) if any(row.cells)]
    alone = [at for at in lines if len(rows[at].cells) == 1 and _YEAR_OF_TITLE.fullmatch(rows[at].cells[0])]
    next_to = dict(pairwise(lines))
    pairs = [(a, b) for a, b in pairwise(alone) if next_to[a] == b and rows[a].cells != rows[b].cells]
    return {at for pair in pairs for at in pair}


def _is_of_what_it_is(title: Sequence[str]) -> bool:
    """Whether the last line of a title is the year of what the document is (a plan), and not of the results in it."""
    if not says_only_year(title[-1]):
        return False
    text = " ".join(filter(None, title[:-1]))
    result, plan = _RESULT.search(text), _PLAN.search(text)
    return result is None or (plan is not None and plan.start() < result.start())


def _under(here: Block, text: str, main_agency: str | None) -> Block | None:
    """The block that a heading opens; None where it is none, or says what is known."""
    year, sure = _year_of(text)
    agency = _agency_of(text, main_agency)
    if agency and here.agency and is_same(agency, here.agency):
        agency = None
    if not year and not agency:
        return None
    parent: Block | None = here
    for block in here.path():  # what is said anew ends all that stood under the last that said it
        if (year and block.own_year) or (agency and block.own_agency):
            parent = block.parent
    return Block(parent, year, agency, sure)


def owners_of(rows: Sequence[Row]) -> dict[int, str]:
    """Whose figures lines are that stand together and begin with the name of an agency each, by their place."""
    owners: dict[int, str] = {}
    run: dict[int, str] = {}
    for at, row in enumerate((*rows, Row((), ""))):
        name = _opening_agency(row)
        if name is None and (any(row.cells) or at == len(rows)):
            if len({key_of(owner) for owner in run.values()}) == len(run) >= _LEAST_OWNERS:
                owners |= run
            run = {}
        elif name:
            run[at] = name
    return owners


def _opening_agency(row: Row) -> str | None:
    """The agency whose name a line with figures begins with, beside its place in a list."""
    text = _ORDINAL.sub("", row.cells[0]) if len(row.cells) == 1 and not row.table else ""
    named = named_agencies(text)[:1] if _FIGURE.search(text) else []
    if not named or named[0].start > 1 or is_kind_alone(named[0].name) or family_of(named[0].name) == "place":
        return None
    return named[0].name


def says_only_year(text: str) -> bool:
    """Whether a heading says nothing but that it is of one year: "ผลการประเมิน ปี 2567"."""
    if len({y for _, y in words.years(text)}) != 1:
        return False
    return len(thai.skeleton(_BARE.sub("", without_agencies(text)))[0]) <= 4


def _year_of(text: str) -> tuple[int | None, bool]:
    text = _BRACKETS.sub(lambda b: b[0] if says_only_year(b[0]) else " " * len(b[0]), text)  # what explains is no title
    named = words.years(text)
    if len({y for _, y in named}) != 1:
        return None, True
    if says_only_year(text):
        return named[0][1], True
    return (named[0][1], False) if any(tells_results(text, at) for at, _ in named) else (None, True)


def _agency_of(text: str, main_agency: str | None) -> str | None:
    """The agency whose name is all that a heading says, where it is assessed beside the one the document is about."""
    named = [a for a in named_agencies(text) if not is_kind_alone(a.name) and family_of(a.name) not in ("", "place")]
    if not named or main_agency is None or family_of(named[0].name) != family_of(main_agency):
        return None
    rest = text[: named[0].start] + text[named[0].end :]
    rest = re.sub(r"(?:อำเภอ|อ\.|เขต|จังหวัด|จ\.)\s{0,9}[\u0e01-\u0e4e]{1,40}", "", words.YEAR.sub("", rest))
    return named[0].name if len(named) == 1 and len(thai.skeleton(_BESIDE_NAME.sub("", rest))[0]) <= 4 else None
