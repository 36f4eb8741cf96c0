"""The page of an item as the agency's registers write it: what they say of each element, in one new version, without
typing it again. Elements that no register holds, and those of which something is missing, stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import transaction

from prongsai.improvement.registers.item_text import ElementContent, WrittenElement
from prongsai.improvement.registers.queries import write_item
from prongsai.lib import digest
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.sites import item_pages
from prongsai.sites.item_pages import ElementText, ShownPage
from prongsai.sites.models import PagePart


@dataclass(frozen=True)
class ElementDraft:
    """An element as it is, and what registers say of it; None of one that no register holds."""

    element: ElementText
    written: WrittenElement | None

    @property
    def content(self) -> ElementContent | None:
        return self.written.content if self.written else None

    @property
    def replaces(self) -> bool:
        """Whether another text is there, which an earlier version has from then on."""
        return bool(self.content and self.element.text and self.element.text != self.content.text)

    @property
    def is_missing(self) -> bool:
        """Whether the page would still have nothing of it."""
        return self.content is None and self.element.is_missing


@dataclass(frozen=True)
class PageDraft:
    """The page of an item as it would be with what registers say."""

    shown: ShownPage
    elements: tuple[ElementDraft, ...]

    @property
    def has_content(self) -> bool:
        return any(element.content for element in self.elements)

    @property
    def is_complete(self) -> bool:
        return self.has_content and not any(element.is_missing for element in self.elements)

    @cached_property
    def key(self) -> str:
        """A digest of the page and of what registers say: whoever agrees agrees to this."""
        contents = [
            [d.element.index, d.content.text, [[t.title, t.columns, t.rows] for t in d.content.tables]]
            for d in self.elements
            if d.content
        ]
        return digest.of_json([self.shown.number, contents])


def draft_page(shown: ShownPage) -> PageDraft:
    """What registers say of the elements of a page."""
    written = write_item(shown.agency, shown.item, shown.round.fiscal_year)
    return PageDraft(shown, tuple(ElementDraft(element, written.get(element.index)) for element in shown.elements))


def fill_page(*, draft: PageDraft, seen: str, files: Sequence[PagePart], by: User) -> ShownPage:
    """Store what registers say of a page, with ``files`` beside it, and give the page as it is then. ``seen`` is the
    key of the draft that somebody read. Raises DomainError where registers or page say something else by now, or
    nothing."""
    if not draft.has_content:
        raise DomainError("ทะเบียนยังไม่มีข้อมูลพอสำหรับข้อนี้")
    if seen != draft.key:
        raise DomainError("ทะเบียนหรือหน้านี้เปลี่ยนไปหลังจากท่านเปิดอ่าน อ่านอีกครั้งก่อน")
    texts = {each.element.index: each.content.text for each in draft.elements if each.content}
    tables = [
        PagePart(element=each.element.title, title=t.title, columns=list(t.columns), rows=[list(row) for row in t.rows])
        for each in draft.elements
        if each.content
        for t in each.content.tables
    ]
    return item_pages.fill_page(shown=draft.shown, texts=texts, parts=[*tables, *files], by=by)


def fill_and_file_page(*, draft: PageDraft, seen: str, files: Sequence[PagePart], address: str, by: User) -> None:
    """Store what registers say of a page, publish it and file its ``address`` to the round: all of it or nothing.
    Raises DomainError as ``fill_page``, of a page that would miss elements, or outside of the days of filing."""
    if not draft.is_complete:
        raise DomainError("หน้านี้ยังขาดองค์ประกอบ ใส่ข้อมูลจากทะเบียนแล้วเขียนส่วนที่เหลือก่อนยื่น")
    with transaction.atomic():
        filled = fill_page(draft=draft, seen=seen, files=files, by=by)
        item_pages.publish_page(shown=filled, by=by)
        item_pages.file_page(shown=filled, address=address, by=by)
