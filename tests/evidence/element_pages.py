"""Made-up pages and documents of an item's required elements: which are truly there, and in which passage.

``facts_development.txt`` and ``facts_held_out.txt`` say, element by element, how officers head it (h) and what they
write below (c); the held-out words were written before the mechanism was read or changed. A page takes some of an
item's elements, in one of twelve kinds of page, and what is no evidence beside them: menus that name an element,
headings with nothing or "coming soon" below, other years, columns of dashes, sentences that only promise it.
"""

import html
import io
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from prongsai.framework import DisclosureItem
from tests.evidence.world import MENU, World
from tests.years import YEARS

SETS = ("development", "held_out")
_LATER = ("อยู่ระหว่างดำเนินการจัดทำข้อมูล", "อยู่ระหว่างปรับปรุงข้อมูล", "รอการเผยแพร่", "Coming soon", "ยังไม่มีข้อมูล")
_PROMISES = (
    "สามารถศึกษา{head}ได้จากเมนูด้านซ้ายมือ",
    "{head} จะเผยแพร่ให้ทราบในโอกาสต่อไป",
    "หน่วยงานจะจัดทำ{head}เมื่อได้รับอนุมัติ",
)
_OLD = 4  # years before the year of the item
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Fact:
    """An element, and how it is headed and written."""

    element: str
    headings: tuple[str, ...]
    contents: tuple[str, ...]


@dataclass
class Passage:
    """Where an element truly is: its heading and what stands below."""

    head: str
    content: str


@dataclass
class Page:
    """One page or document. ``truth``: by element, its passage, or None where it is absent. Elements that ask for the
    year alone are in no set: titles name years."""

    kind: str
    item: DisclosureItem
    year: int
    years: tuple[int, ...]
    truth: dict[str, Passage | None]
    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    others: list[str] = field(default_factory=list)  # what else the page says, in which an element may be named


@dataclass
class _Parts:
    """What a page is written from, in order: a head and what stands below it; menu entries; and sentences around."""

    title: str
    blocks: list[tuple[str, str]]
    menu: list[str]
    around: list[str]
    world: World


@cache
def facts(name: str) -> dict[tuple[str, str], list[Fact]]:
    """The facts of one set, by year and item."""
    found: dict[tuple[str, str], list[Fact]] = {}
    element: list[str] = []
    for line in (Path(__file__).parent / f"facts_{name}.txt").read_text("utf-8").splitlines():
        mark, text = line[0], line[2:]
        if mark == "=":
            year, item = text.split()
            of_item = found.setdefault((year, item), [])
        elif mark == "+":
            elements = [e.th for e in _item(year, item).elements if e.th.startswith(text)]
            assert len(elements) == 1 or elements[0] == text, line
            element = elements
        elif mark == "h":
            headings = tuple(part.strip() for part in text.split(" | "))
        else:
            of_item.append(Fact(element[0], headings, (text,)))
    return found


def _item(year: str, name: str) -> DisclosureItem:
    return next(i for i in YEARS[year].rules.disclosure_items if i.id == name)


def make_page(name: str, kind: str, seed: int) -> Page:
    """The page of a set (development, held_out) that belongs to a kind and a seed; always the same one."""
    world = World(f"{name}/{kind}/{seed}")
    r = random.Random(zlib.crc32(f"{name}/{kind}/{seed}".encode()))
    all_facts = facts(name)
    year_text, item_id = r.choice(sorted(all_facts))
    item = _item(year_text, item_id)
    year = int(year_text) - (item.period == "previous_year")
    years = () if item.period == "any" else (year,)
    page = Page(kind, item, year, years, {fact.element: None for fact in all_facts[year_text, item_id]})
    parts = _Parts(f"{item.label.th} ปี {year}", [], [], [], world)
    for fact in all_facts[year_text, item_id]:
        _place(page, parts, fact, r)
    parts.menu += r.sample(MENU, 6)
    parts.around = [world.sentence() for _ in range(r.randint(1, 5))] + parts.around
    r.shuffle(parts.around)
    page.body, page.media_type = _WRITERS[kind](parts, r)
    page.others += [*parts.menu, *parts.around, parts.title]
    return page


def make_pages(name: str, count: int, kinds: tuple[str, ...] = ()) -> Iterator[Page]:
    """``count`` pages of each kind."""
    for kind in kinds or KINDS:
        for seed in range(count):
            yield make_page(name, kind, seed)


def _place(page: Page, parts: _Parts, fact: Fact, r: random.Random) -> None:
    """Put an element on the page, or one of the things that are no evidence of it."""
    head = r.choice(fact.headings)
    if r.random() < 0.6:
        content = _fill(r.choice(fact.contents), page.year, parts.world, r)
        if page.kind == "files":
            content = f"{head} ปี {page.year}.pdf"
        page.truth[fact.element] = Passage(head, content)
        parts.blocks.append((head, content))
        if r.random() < 0.3:
            parts.menu.append(head)
        return
    match r.choice(("menu", "later", "empty", "old", "promise", "nothing")):
        case "menu":
            parts.menu.append(head)
        case "later":
            parts.blocks.append((head, r.choice(_LATER)))
        case "empty":
            parts.blocks.append((head, "-" if page.kind in ("table", "grid", "xlsx") else ""))
        case "old" if page.years:
            parts.blocks.append((f"{head} ปี {page.year - _OLD}", f"{head} ปี {page.year - _OLD}.pdf"))
        case "promise":
            parts.around.append(r.choice(_PROMISES).format(head=head))


def _fill(text: str, year: int, w: World, r: random.Random) -> str:
    return text.format(
        name=w.short_name,
        host=w.host,
        place=w.place,
        year=year,
        before=year - 2,
        after=year + 2,
        n=r.randint(2, 95),
        money=f"{r.randint(10, 900)},{r.randint(0, 9)}00",
        date=w.date(year),
        person=w.person(),
        work=w.work(),
        phone=f"0-{r.randint(2000, 7999)}-{r.randint(1000, 9999)}",
    )


# --- kinds of page ---------------------------------------------------------------------------------------------------


def _site(parts: _Parts, r: random.Random, inner: str, *, plain_menu: bool = False) -> tuple[bytes, str]:
    """The page in a small site: a menu in <nav>, or in plain blocks as old ones have."""
    w, tag = parts.world, "div" if plain_menu else "nav"
    menu = "".join(f'<li><a href="/m{n}">{html.escape(m)}</a></li>' for n, m in enumerate(parts.menu))
    around = [f"<p>{html.escape(s)}</p>" for s in parts.around]
    cut = r.randint(0, len(around))
    text = (
        f'<!doctype html><html lang="th"><head><meta charset="utf-8"><title>{html.escape(parts.title)}</title>'
        "</head><body>"
        f"<div>{w.name}</div><{tag} class=side><ul>{menu}</ul></{tag}>"
        f"<div class=main><h1>{html.escape(parts.title)}</h1>"
        f"{''.join(around[:cut])}{inner}{''.join(around[cut:])}</div><div>สงวนลิขสิทธิ์ {w.name}</div></body></html>"
    )
    return text.encode(), "text/html; charset=utf-8"


def _escaped(parts: _Parts) -> list[tuple[str, str]]:
    return [(html.escape(h), html.escape(c)) for h, c in parts.blocks]


def _sections(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    return _site(parts, r, "".join(f"<h3>{h}</h3>" + (f"<p>{c}</p>" if c else "") for h, c in _escaped(parts)))


def _old_site(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    """Bold words and line breaks; the menu in plain blocks."""
    inner = "".join(f"<b>{h}</b><br>{c}<br><br>" for h, c in _escaped(parts))
    return _site(parts, r, f"<div>{inner}</div>", plain_menu=True)


def _numbered(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    inner = "".join(f"<li>{h}{': ' if c else ''}{c}</li>" for h, c in _escaped(parts))
    return _site(parts, r, f"<ol>{inner}</ol>")


def _table(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    rows = "".join(f"<tr><td>{n}</td><td>{h}</td><td>{c}</td></tr>" for n, (h, c) in enumerate(_escaped(parts), 1))
    return _site(parts, r, f"<table border=1><tr><th>ที่</th><th>รายการ</th><th>รายละเอียด</th></tr>{rows}</table>")


def _grid(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    """A column an element."""
    header = "".join(f"<th>{h}</th>" for h, _ in _escaped(parts))
    cells = "".join(f"<td>{c or '-'}</td>" for _, c in _escaped(parts))
    rows = "".join(f"<tr><td>{n}</td>{cells}</tr>" for n in range(1, r.randint(2, 4)))
    return _site(parts, r, f"<table><thead><tr><th>ลำดับ</th>{header}</tr></thead><tbody>{rows}</tbody></table>")


def _files(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    inner = "".join(
        f'<li><a href="/files/{r.randrange(10**6)}.pdf">{c}</a> ({r.randint(80, 900)} KB)</li>'
        if c.endswith(".pdf")
        else f"<li>{h} {c}</li>"
        for h, c in _escaped(parts)
    )
    return _site(parts, r, f"<ul>{inner}</ul>")


def _cards(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    inner = "".join(
        f'<div class="card"><div class="card-title">{h}</div><div class="card-body"><span>{c}</span></div></div>'
        for h, c in _escaped(parts)
    )
    return _site(parts, r, f'<div class="row">{inner}</div>', plain_menu=r.random() < 0.5)


def _prose(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    """Sentences without headings, in one or two paragraphs."""
    said = [c if c.startswith(h) else f"{h} {c}" if r.random() < 0.5 else c for h, c in _escaped(parts)]
    half = len(said) // 2
    return _site(parts, r, f"<p>{' '.join(said[:half])}</p><p>{' '.join(said[half:])}</p>")


def _lines_of(parts: _Parts) -> Iterator[str | list[list[str]]]:
    yield parts.title
    yield from parts.around[:2]
    for n, (head, content) in enumerate(parts.blocks, 1):
        yield f"{n}. {head}"
        if content:
            yield content
    yield from parts.around[2:]


_SHEET = b"""
#set page(width: 21cm, height: 29.7cm, margin: 2cm)
#set text(font: "Sarabun", size: 13pt, lang: "th", fallback: false)
#for part in json(bytes(sys.inputs.data)) { par(part) }
"""


def _pdf(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    import json

    from prongsai.lib import typeset

    del r
    return typeset._compile(_SHEET, json.dumps(list(_lines_of(parts)), ensure_ascii=False)), "application/pdf"


def _docx(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    import docx

    document, out = docx.Document(), io.BytesIO()
    document.add_heading(parts.title)
    for sentence in parts.around:
        document.add_paragraph(sentence)
    if r.random() < 0.5:
        table = document.add_table(rows=0, cols=2)
        for head, content in parts.blocks:
            row = table.add_row().cells
            row[0].text, row[1].text = head, content
    else:
        for head, content in parts.blocks:
            document.add_heading(head, 2)
            if content:
                document.add_paragraph(content)
    document.save(out)
    return out.getvalue(), _WORD_TYPE


def _xlsx(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("ข้อมูล")
    sheet.write(0, 0, parts.title)
    if r.random() < 0.5:  # a column an element
        for column, (head, content) in enumerate(parts.blocks):
            sheet.write(2, column, head)
            sheet.write(3, column, content or "-")
    else:
        for row, (head, content) in enumerate(parts.blocks, 2):
            sheet.write(row, 0, head)
            sheet.write(row, 1, content)
    book.close()
    return out.getvalue(), _SHEET_TYPE


def _scan(parts: _Parts, r: random.Random) -> tuple[bytes, str]:
    from tests.intake.scanned import as_pdf, scan

    lines = [line for line in _lines_of(parts) if isinstance(line, str)]
    return as_pdf(scan(lines, r)), "application/pdf"


_WRITERS: dict[str, Callable[[_Parts, random.Random], tuple[bytes, str]]] = {
    "sections": _sections,
    "old_site": _old_site,
    "numbered": _numbered,
    "table": _table,
    "grid": _grid,
    "files": _files,
    "cards": _cards,
    "prose": _prose,
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
    "scan": _scan,
}
KINDS = tuple(kind for kind in _WRITERS if kind != "scan")  # scans are read slowly: a few, named
