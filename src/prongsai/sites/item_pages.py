"""Pages of disclosure items: a field for each required element of the year's rules, files and tables beside it,
versions with dates, what is still missing, and filing the page's own address to the round. No item is known here by its
number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.html import format_html, format_html_join

from prongsai.disclosure import actions as disclosure
from prongsai.disclosure.models import Entry
from prongsai.disclosure.queries import filed_rows, get_filing, item_of, required_elements
from prongsai.framework import DisclosureItem
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.trail import log_audit
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.sites.channel_items import find_channel_pages, find_offered
from prongsai.sites.models import ItemPage, PagePart, PageVersion

MAX_ELEMENT = 8_000  # letters of one element
MAX_PARTS = 60  # files and tables of a page


@dataclass(frozen=True)
class ElementText:
    """A required element, by its index in the rules, and what the page says of it, with the files and tables beside."""

    index: int
    title: str
    text: str
    parts: tuple[PagePart, ...] = ()

    @property
    def is_missing(self) -> bool:
        return not self.text and not self.parts


@dataclass(frozen=True)
class ShownPage:
    """A page as it is now: its item, what it says of each element, and the version that says so."""

    agency: Agency
    round: Round
    item: DisclosureItem
    page: ItemPage | None
    version: PageVersion | None
    elements: tuple[ElementText, ...]

    @property
    def missing(self) -> list[ElementText]:
        return [element for element in self.elements if element.is_missing]

    @property
    def parts(self) -> list[PagePart]:
        """Its files and tables, in the order of the elements."""
        return [part for element in self.elements for part in element.parts]

    @property
    def number(self) -> int:
        """The number of its version; 0 of a page that nobody has written."""
        return self.version.number if self.version else 0


def find_item(assessment_round: Round, item: str) -> DisclosureItem | None:
    """An item of the rules of a round."""
    return item_of(load_round_framework(assessment_round), item)


def load_page(agency: Agency, assessment_round: Round, item: DisclosureItem) -> ShownPage:
    """The page of an item; empty where nobody has written it."""
    year = assessment_round.fiscal_year
    page = ItemPage.objects.filter(agency=agency, fiscal_year=year, item=item.id).first()
    version = page.versions.first() if page else None
    content = version.content if version else {}
    parts = list(version.parts.all()) if version else []
    elements = tuple(
        ElementText(k, e.th, content.get(e.th, ""), tuple(p for p in parts if p.element == e.th))
        for k, e in required_elements(item, agency)
    )
    return ShownPage(agency, assessment_round, item, page, version, elements)


def find_earlier(shown: ShownPage) -> dict[int, str]:
    """What the agency's pages of the year before said of the same elements, by their words, in the items that this one
    continues: for whoever begins with it."""
    pages = ItemPage.objects.filter(
        agency=shown.agency,
        fiscal_year=shown.round.fiscal_year - 1,
        item__in=[*shown.item.continues, shown.item.id],
    )
    texts: dict[str, str] = {}
    for page in pages:
        version = page.versions.first()
        texts |= version.content if version else {}
    return {e.index: texts[e.title] for e in shown.elements if texts.get(e.title)}


def save_page(*, shown: ShownPage, texts: Mapping[int, str], base: int, public: bool, by: User) -> PageVersion | None:
    """Store what an officer wrote as a new version; None where it says what is stored. ``base`` is the number of the
    version they began with. Raises DomainError where somebody else has written meanwhile, or of a text too long."""
    content: dict[str, str] = {}
    for element in shown.elements:
        text = texts.get(element.index, "").replace("\r\n", "\n").replace("\0", "").strip()
        if len(text) > MAX_ELEMENT:
            raise DomainError(f"“{element.title[:60]}” ยาวเกินที่รับได้ {len(text) - MAX_ELEMENT:,} ตัวอักษร")
        content[element.title] = text
    with transaction.atomic():
        page = lock_page(shown)
        last = page.versions.first()
        is_same = last is not None and last.content == content
        if last is not None and not is_same and last.number != base:
            begun_with = page.versions.filter(number=base).first()
            if begun_with is None or begun_with.content != last.content:  # files alone do not matter
                raise DomainError("มีผู้แก้หน้านี้ไปแล้วขณะที่ท่านพิมพ์ เปิดอีกแท็บดูก่อน แล้วกดบันทึกอีกครั้งหากต้องการใช้ข้อความในหน้านี้แทน")
        if is_same and page.public == public:
            return None
        version = last if is_same else _add_version(page, content, list(last.parts.all()) if last else [], by)
        page.public = public
        page.save(update_fields=["public"])
        detail = {"number": version.number if version else 0, "public": public}
        log_audit(by=by, action="sites.write_page", subject=str(page), agency=shown.agency.code, detail=detail)
    return version


def lock_page(shown: ShownPage) -> ItemPage:
    """The stored page, which nobody else changes until the transaction ends."""
    year, item = shown.round.fiscal_year, shown.item.id
    page, _ = ItemPage.objects.get_or_create(agency=shown.agency, fiscal_year=year, item=item)
    return ItemPage.objects.select_for_update().get(pk=page.pk)


def add_part(*, shown: ShownPage, part: PagePart, by: User) -> PageVersion:
    """Store a new version with one more file or table. Raises DomainError where there are too many."""
    return _change_parts(shown, by, added=part)


def remove_part(*, shown: ShownPage, part_id: int, by: User) -> PageVersion:
    """Store a new version without a file or table; earlier versions still have it."""
    return _change_parts(shown, by, removed=part_id)


def _change_parts(
    shown: ShownPage, by: User, *, added: PagePart | None = None, removed: int | None = None
) -> PageVersion:
    with transaction.atomic():
        page = lock_page(shown)
        last = page.versions.first()
        parts = [p for p in (last.parts.all() if last else ()) if p.pk != removed]
        if added is not None:
            if len(parts) >= MAX_PARTS:
                raise DomainError(f"หน้าหนึ่งมีไฟล์และตารางได้ไม่เกิน {MAX_PARTS} รายการ")
            added.page, added.by = page, by
            added.save()
            parts.append(added)
        version = _add_version(page, last.content if last else {}, parts, by)
        detail = {
            "number": version.number,
            "added": {"title": added.title, "sha256": added.sha256} if added else None,
            "removed": removed,
        }
        log_audit(by=by, action="sites.page_parts", subject=str(page), agency=shown.agency.code, detail=detail)
    return version


def _add_version(page: ItemPage, content: Mapping[str, str], parts: Sequence[PagePart], by: User) -> PageVersion:
    last = page.versions.first()
    number = last.number + 1 if last else 1
    version = PageVersion.objects.create(page=page, number=number, content=content, by=by)
    version.parts.add(*parts)
    return version


def file_page(*, shown: ShownPage, address: str, by: User) -> Entry:
    """File a public page's own address for its item, beside what is filed, and tick the elements that it has. Raises
    DomainError: of a page that is not public, outside of the days of filing, or of an address that cannot be filed."""
    if shown.page is None or not shown.page.public:
        raise DomainError("เผยแพร่หน้านี้ก่อน จึงยื่นให้ผู้ประเมินเปิดได้")
    return _file(shown, address, {element.index for element in shown.elements if not element.is_missing}, by)


def file_channel(*, shown: ShownPage, page: str, site: str, by: User) -> Entry:
    """File a page of the agency's channels, by its path, for an item that asks for it, beside what is filed; which
    elements are there the officer ticks. ``site`` is the address of this site without a path. Raises DomainError as
    ``file_page``."""
    offered = find_offered(shown.agency, shown.round)
    if page not in {each.path for each in find_channel_pages(shown.item, offered)}:
        raise DomainError("ข้อนี้ไม่ได้ถามถึงช่องทางที่เปิดอยู่")
    return _file(shown, site + page, set(), by)


def _file(shown: ShownPage, address: str, has: set[int], by: User) -> Entry:
    filing = get_filing(shown.round, shown.agency)
    row = next(r for r in filed_rows(filing) if r.item.id == shown.item.id)
    urls = [link.url for link in row.links]
    return disclosure.file_entry(
        filing=filing,
        item=shown.item.id,
        addresses="\n".join([*urls, *([] if address in urls else [address])]),
        explanation=row.entry.explanation if row.entry else "",
        elements=has | set(row.entry.elements if row.entry else ()),
        revision=row.entry.revision if row.entry else 0,
        by=by,
    )


def write_snippet(shown: ShownPage, *, page: str, frame: str) -> str:
    """What an agency puts into a page of its own website: the heading, what is told, the page in a frame, and its
    address. Whoever reads without frames, as checks of links do, finds there what the page is about."""
    title = f"{shown.item.label.th} ปีงบประมาณ {shown.round.fiscal_year}"
    elements = format_html_join("\n", "<li>{}</li>", [(e.title,) for e in shown.elements if not e.is_missing])
    return format_html(
        "<h2>{}</h2>\n<ul>\n{}\n</ul>\n"
        '<iframe src="{}" title="{}" width="100%" height="900"></iframe>\n<p><a href="{}">{}</a></p>',
        title,
        elements,
        frame,
        title,
        page,
        f"เปิด{title} ของ{shown.agency.name_th}",
    )
