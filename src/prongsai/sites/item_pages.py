"""Pages of disclosure items: a field for each required element of the year's rules, versions with dates, what is still
missing, and filing the page's own address to the round. No item is known here by its number."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

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
from prongsai.sites.models import ItemPage, PageVersion

MAX_ELEMENT = 8_000  # letters of one element


@dataclass(frozen=True)
class ElementText:
    """A required element, by its index in the rules, and what the page says of it."""

    index: int
    title: str
    text: str


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
        return [element for element in self.elements if not element.text]

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
    elements = tuple(ElementText(k, e.th, content.get(e.th, "")) for k, e in required_elements(item, agency))
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
    year, item = shown.round.fiscal_year, shown.item.id
    with transaction.atomic():
        page, _ = ItemPage.objects.get_or_create(agency=shown.agency, fiscal_year=year, item=item)
        page = ItemPage.objects.select_for_update().get(pk=page.pk)
        last = page.versions.first()
        is_same = last is not None and last.content == content
        if last is not None and last.number != base and not is_same:
            raise DomainError("มีผู้แก้หน้านี้ไปแล้วขณะที่ท่านพิมพ์ เปิดอีกแท็บดูก่อน แล้วกดบันทึกอีกครั้งหากต้องการใช้ข้อความในหน้านี้แทน")
        if is_same and page.public == public:
            return None
        version = last
        if not is_same:
            number = last.number + 1 if last else 1
            version = PageVersion.objects.create(page=page, number=number, content=content, by=by)
        page.public = public
        page.save(update_fields=["public"])
        detail = {"number": version.number if version else 0, "public": public}
        log_audit(by=by, action="sites.write_page", subject=str(page), agency=shown.agency.code, detail=detail)
    return version


def file_page(*, shown: ShownPage, address: str, by: User) -> Entry:
    """File a public page's own address for its item, beside what is filed, and tick the elements that it has. Raises
    DomainError: of a page that is not public, outside of the days of filing, or of an address that cannot be filed."""
    if shown.page is None or not shown.page.public:
        raise DomainError("เผยแพร่หน้านี้ก่อน จึงยื่นให้ผู้ประเมินเปิดได้")
    return _file(shown, address, {element.index for element in shown.elements if element.text}, by)


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
