"""Pages of disclosure items: a field for each required element of the year's rules, files and tables beside it,
versions with dates, what is still missing, and filing the page's own address to the round. No item is known here by its
number."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.html import format_html, format_html_join

from prongsai.disclosure import actions as disclosure
from prongsai.disclosure.models import Entry, Filing
from prongsai.disclosure.queries import ItemRow, filed_rows, find_filing, get_filing, item_of, required_elements
from prongsai.framework import DisclosureItem
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.trail import log_audit
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework, today
from prongsai.sites.channel_items import PREVIOUS_YEAR, find_channel_pages, find_offered
from prongsai.sites.models import FiledVersion, ItemPage, PagePart, PageVersion
from prongsai.sites.wording import tidy

MAX_ELEMENT = 8_000  # letters of one element
MAX_PARTS = 60  # files and tables of a page
MAX_REASON = 300
_NEAR = 0.6  # of the words of two elements, by difflib: enough to offer what was written, which somebody reads then


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
    def data_year(self) -> int:
        """The fiscal year that the page is about: that before the round's where the item asks for it."""
        return self.round.fiscal_year - (self.item.period == PREVIOUS_YEAR)

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
    return show_version(agency, assessment_round, item, page, page.versions.first() if page else None)


def show_version(
    agency: Agency, assessment_round: Round, item: DisclosureItem, page: ItemPage | None, version: PageVersion | None
) -> ShownPage:
    """What a version of a page says of each element that the rules of a round require."""
    content = version.content if version else {}
    parts = list(version.parts.all()) if version else []
    elements = tuple(
        ElementText(k, e.th, content.get(e.th, ""), tuple(p for p in parts if p.element == e.th))
        for k, e in required_elements(item, agency)
    )
    return ShownPage(agency, assessment_round, item, page, version, elements)


def load_pages(agency: Agency, assessment_round: Round) -> list[ShownPage]:
    """The pages of all items of a round, in the order of the rules; empty where nobody has written them."""
    pages = {p.item: p for p in ItemPage.objects.filter(agency=agency, fiscal_year=assessment_round.fiscal_year)}
    newest = PageVersion.objects.filter(page=OuterRef("page")).order_by("-number").values("number")[:1]
    latest = PageVersion.objects.filter(page__in=pages.values(), number=Subquery(newest)).prefetch_related("parts")
    versions = {version.page_id: version for version in latest}
    shown = []
    for item in load_round_framework(assessment_round).rules.disclosure_items:
        page = pages.get(item.id)
        shown.append(show_version(agency, assessment_round, item, page, versions.get(page.pk) if page else None))
    return shown


@dataclass(frozen=True)
class EarlierText:
    """What a page said of an element that had these words, "" where they are the same; None of no element now."""

    text: str
    words: str
    element: ElementText | None


def find_earlier(shown: ShownPage) -> list[EarlierText]:
    """What the agency's pages of the year before said of the items that this one continues, for whoever begins with it:
    of each element by its words, or those nearest to it, and what finds no element. Of a page that is written, what it
    said before its rules were worded anew."""
    texts: dict[str, str] = dict(shown.version.content) if shown.version else {}
    if not shown.version:
        pages = ItemPage.objects.filter(
            agency=shown.agency,
            fiscal_year=shown.round.fiscal_year - 1,
            item__in=[*shown.item.continues, shown.item.id],
        )
        for page in pages:
            version = page.versions.first()
            texts |= version.content if version else {}
    texts = {words: text for words, text in texts.items() if text}
    elements = {element.title: element for element in shown.elements}
    found = [EarlierText(texts.pop(words), "", e) for words, e in elements.items() if words in texts]
    free = {words: e for words, e in elements.items() if e not in {each.element for each in found}}
    for words, text in texts.items():
        nearest = get_close_matches(words, free, 1, _NEAR) if not shown.version else []
        found.append(EarlierText(text, words, free.pop(nearest[0]) if nearest else None))
    return found


def save_page(*, shown: ShownPage, texts: Mapping[int, str], base: int, public: bool, by: User) -> PageVersion | None:
    """Store what an officer wrote as a new version; None where it says what is stored. ``base`` is the number of the
    version they began with. Raises DomainError where somebody else has written meanwhile, or of a text too long."""
    content: dict[str, str] = {}
    for element in shown.elements:
        text = tidy(texts.get(element.index, ""))
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


def fill_page(*, shown: ShownPage, texts: Mapping[int, str], parts: Sequence[PagePart], by: User) -> ShownPage:
    """Store texts of some elements, and files and tables beside them, in one new version, and give the page as it is
    then; the other elements stay as they are. A part replaces the one of its title beside the same element. Nothing is
    stored where all of it is there. Raises DomainError where somebody has written since ``shown``, of a text too long,
    or of too many parts."""
    content = {element.title: texts.get(element.index, element.text) for element in shown.elements}
    if too_long := next((title for title, text in content.items() if len(text) > MAX_ELEMENT), ""):
        raise DomainError(f"“{too_long[:60]}” ยาวเกินที่รับได้ เขียนเองในหน้านี้แทน")
    with transaction.atomic():
        page = lock_page(shown)
        last = page.versions.first()
        if (last.number if last else 0) != shown.number:
            raise DomainError("มีผู้แก้หน้านี้ขณะที่ท่านอ่าน อ่านอีกครั้งก่อน")
        stored = list(last.parts.all()) if last else []
        new = [part for part in parts if not any(part.says_same(other) for other in stored)]
        replaced = {(part.element, part.title) for part in new}
        remaining = [part for part in stored if (part.element, part.title) not in replaced]
        if len(remaining) + len(new) > MAX_PARTS:
            raise DomainError(f"หน้าหนึ่งมีไฟล์และตารางได้ไม่เกิน {MAX_PARTS} รายการ")
        if new or last is None or last.content != content:
            for part in new:
                part.page, part.by = page, by
                part.save()
            version = _add_version(page, content, [*remaining, *new], by)
            detail = {"number": version.number, "filled": sorted(texts), "added": [part.title for part in new]}
            log_audit(by=by, action="sites.write_page", subject=str(page), agency=shown.agency.code, detail=detail)
    return load_page(shown.agency, shown.round, shown.item)


def _add_version(page: ItemPage, content: Mapping[str, str], parts: Sequence[PagePart], by: User) -> PageVersion:
    last = page.versions.first()
    number = last.number + 1 if last else 1
    version = PageVersion.objects.create(page=page, number=number, content=content, by=by)
    version.parts.add(*parts)
    return version


def file_page(*, shown: ShownPage, address: str, by: User) -> Entry:
    """File a public page's own address for its item, beside what is filed, and tick the elements that it has. Raises
    DomainError: of a page that is not public, outside of the days of filing, or of an address that cannot be filed."""
    if shown.page is None or not shown.page.public or shown.version is None:
        raise DomainError("เผยแพร่หน้านี้ก่อน จึงยื่นให้ผู้ประเมินเปิดได้")
    with transaction.atomic():
        entry = _file(shown, address, {element.index for element in shown.elements if not element.is_missing}, by)
        FiledVersion.objects.get_or_create(version=shown.version, defaults={"by": by})
    return entry


def find_filed_version(shown: ShownPage, number: int) -> ShownPage | None:
    """A version of a public page that was filed, as everybody may read it; None of any other, or of one that was
    hidden."""
    if shown.page is None or not shown.page.public:
        return None
    version = shown.page.versions.filter(number=number, filed__hidden_on=None).exclude(filed=None).first()
    return show_version(shown.agency, shown.round, shown.item, shown.page, version) if version else None


def hide_version(*, shown: ShownPage, number: int, reason: str, by: User) -> FiledVersion:
    """Take an earlier version that was filed away from the public, who reads the reason. Raises DomainError: of the
    version that the page shows, of none that was filed, or without a reason."""
    reason = " ".join(tidy(reason).split())
    if not 0 < len(reason) <= MAX_REASON:
        raise DomainError(f"บอกเหตุที่นำออก ไม่เกิน {MAX_REASON} ตัวอักษร ประชาชนอ่านได้")
    filed = FiledVersion.objects.filter(version__page=shown.page, version__number=number, hidden_on=None).first()
    if filed is None or number == shown.number:
        raise DomainError("ฉบับนี้ไม่ใช่ฉบับก่อนที่ยื่นไว้ หรือนำออกแล้ว ฉบับปัจจุบันให้แก้ที่หน้าเขียน")
    with transaction.atomic():
        filed.hidden_reason, filed.hidden_by, filed.hidden_on = reason, by, today()
        filed.save(update_fields=["hidden_reason", "hidden_by", "hidden_on"])
        detail = {"number": number, "reason": reason}
        log_audit(by=by, action="sites.hide_version", subject=str(shown.page), agency=shown.agency.code, detail=detail)
    return filed


@dataclass(frozen=True)
class PageToFile:
    """A written page, its address, what is filed for its item, and whether that is the page with all it has."""

    shown: ShownPage
    address: str
    row: ItemRow

    @property
    def is_filed(self) -> bool:
        ticked = set(self.row.entry.elements) if self.row.entry else set()
        has = {element.index for element in self.shown.elements if not element.is_missing}
        return self.is_public and self.address in {link.url for link in self.row.links} and has <= ticked

    @property
    def is_public(self) -> bool:
        return bool(self.shown.page and self.shown.page.public)

    @property
    def is_ready(self) -> bool:
        """Whether it has every required element and is not filed so."""
        return not self.shown.missing and not self.is_filed

    @property
    def key(self) -> str:
        """The item with the version that was seen."""
        return f"{self.shown.item.id}:{self.shown.number}"


def list_pages_to_file(
    agency: Agency, assessment_round: Round, address_of: Callable[[ShownPage], str]
) -> list[PageToFile]:
    """The pages of a round that somebody has written, in the order of the rules. ``address_of``: the public address of
    a page."""
    rows = _rows_by_item(agency, assessment_round)
    written = [shown for shown in load_pages(agency, assessment_round) if shown.version]
    return [PageToFile(shown, address_of(shown), rows[shown.item.id]) for shown in written]


def find_next_item(shown: ShownPage) -> DisclosureItem | None:
    """The item to go on with after a page: the next one in the order of the rules, from the first again after the last,
    that is neither filed with all it must have nor written in full."""
    pages = load_pages(shown.agency, shown.round)
    rows = _rows_by_item(shown.agency, shown.round)
    at = next(n for n, page in enumerate(pages) if page.item.id == shown.item.id)
    others = [*pages[at + 1 :], *pages[:at]]
    return next((p.item for p in others if p.missing and not rows[p.item.id].is_complete), None)


def _rows_by_item(agency: Agency, assessment_round: Round) -> dict[str, ItemRow]:
    filing = find_filing(assessment_round, agency) or Filing(round=assessment_round, agency=agency)
    return {row.item.id: row for row in filed_rows(filing)}


@dataclass(frozen=True)
class FiledPages:
    """What became of several pages: the items that were filed, and the reason of each that was not."""

    filed: Sequence[str]
    problems: Mapping[str, str]


def file_pages(*, pages: Iterable[PageToFile], chosen: Collection[str], by: User) -> FiledPages:
    """Publish and file those pages whose ``key`` was chosen, each for itself. Of a page that was written anew after
    somebody saw it nothing happens."""
    filed, problems = [], {}
    seen = dict(key.rsplit(":", 1) for key in chosen if ":" in key)
    for page in pages:
        item = page.shown.item.id
        if item not in seen:
            continue
        try:
            if page.key not in chosen:
                raise DomainError("มีผู้แก้หน้านี้หลังจากท่านเปิดหน้ารวม อ่านก่อน แล้วเลือกอีกครั้ง")
            publish_page(shown=page.shown, by=by)
            file_page(shown=page.shown, address=page.address, by=by)
            filed.append(item)
        except DomainError as error:
            problems[item] = str(error)
    return FiledPages(filed, problems)


def publish_page(*, shown: ShownPage, by: User) -> None:
    """Show the stored version of a page to everybody. Raises DomainError of a page that nobody has written, or that
    somebody has written anew."""
    with transaction.atomic():
        page = lock_page(shown)
        version = page.versions.first()
        if version is None or version.number != shown.number:
            raise DomainError("มีผู้แก้หน้านี้ในขณะเดียวกัน อ่านก่อน แล้วเลือกอีกครั้ง")
        if not page.public:
            page.public = True
            page.save(update_fields=["public"])
            detail = {"number": version.number, "public": True}
            log_audit(by=by, action="sites.write_page", subject=str(page), agency=shown.agency.code, detail=detail)
    if shown.page is not None:
        shown.page.public = True


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
    title = f"{shown.item.label.th} ปีงบประมาณ {shown.data_year}"
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
