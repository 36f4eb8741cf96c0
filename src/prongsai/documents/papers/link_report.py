"""An agency's monthly report on the addresses of its disclosures: what was checked, what did not work and for how long,
and how to put it right.

It rests on no result: it is written beside the papers of a result, not among their kinds.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from prongsai.analysis import phrases
from prongsai.documents.content import blocks, wording
from prongsai.documents.content.blocks import (
    Block,
    Column,
    Document,
    Heading,
    KeyFigures,
    Paragraph,
    Section,
    Signature,
    Table,
    Title,
    numbered,
    rows,
)
from prongsai.lib import thai

KIND = "link_report"
NAME = "รายงานการตรวจสอบลิงก์ข้อมูลที่เปิดเผยต่อสาธารณะ"
_FONT = "TH SarabunPSK"


@dataclass(frozen=True, kw_only=True)
class CheckedLink:
    """An address and its checks of the month.

    ``state``: in words, at the end of the month or now; ``failed``: how many of the ``checks`` found it out of order.
    ``advice``: what is wrong, why it matters, how to put it right; empty for an address in order.
    """

    item: str
    url: str
    checks: int
    failed: int
    state: str
    advice: Sequence[str] = ()


@dataclass(frozen=True)
class LinkChange:
    """What happened to an address: on which day, to which item, in words."""

    day: datetime.date
    item: str
    text: str


@dataclass(frozen=True, kw_only=True)
class CheckedMonth:
    """The checks of an agency's addresses in one month. ``until`` is its last day, or the day of the report before that
    is over. Links stand in the order of the items, changes in that of time."""

    agency: str
    fiscal_year: int
    month: str
    until: datetime.date
    is_over: bool
    links: Sequence[CheckedLink]
    changes: Sequence[LinkChange]


def compose(month: CheckedMonth) -> Document:
    """The report, in Thai digits."""
    title = f"ประจำเดือน{month.month}"
    upright: list[Block] = [
        Title((NAME, month.agency, f"{title} ({wording.format_fiscal_year(month.fiscal_year)})")),
        Heading("1. สรุปผลการตรวจ"),
        *_summarize(month),
        Heading("2. ลิงก์ที่ต้องแก้ไข"),
        *_list_faults(month),
        Heading("3. การเปลี่ยนแปลงในเดือน"),
        *_list_changes(month),
        Signature("", ""),
    ]
    landscape: list[Block] = [Heading("4. ผลการตรวจรายลิงก์"), *_list_links(month)]
    document = Document(
        kind=KIND,
        title=f"{NAME} {title}",
        agency=month.agency,
        sections=(Section(tuple(upright)), Section(tuple(landscape), landscape=True)),
        date=month.until,
        font=_FONT,
    )
    in_thai: Document = blocks.in_thai_digits(document)
    return in_thai


def _summarize(month: CheckedMonth) -> list[Block]:
    total, checks = len(month.links), sum(link.checks for link in month.links)
    faults = sum(bool(link.advice) for link in month.links)
    steady = sum(not link.failed and not link.advice for link in month.links if link.checks)
    figures = (
        (f"{total:,}", "ลิงก์ที่ยื่นไว้"),
        (f"{checks:,}", "ครั้งที่ตรวจ"),
        (f"{steady:,}", "ลิงก์ที่ใช้ได้ตลอดเดือน"),
        (f"{faults:,}", "ลิงก์ที่ต้องแก้ไข"),
    )
    until = thai.date(month.until)
    period = f"ตลอดเดือน ถึงวันที่ {until}" if month.is_over else f"ถึงวันที่ {until} เดือนยังไม่สิ้นสุด"
    unchecked = sum(not link.checks for link in month.links)
    sentences = phrases.load().sentences
    sentence = sentences.links_checked.format(
        agency=month.agency, period=period, checks=f"{checks:,}", faults=f"{faults:,}", total=f"{total:,}"
    )
    if unchecked:
        sentence += f" {sentences.links_unchecked.format(count=f'{unchecked:,}')}"
    return [
        KeyFigures(figures),
        Paragraph(text=sentence),
    ]


def _list_faults(month: CheckedMonth) -> list[Block]:
    found: list[Block] = []
    for number, link in enumerate((link for link in month.links if link.advice), 1):
        lead = f"({number}) ข้อ {link.item}"
        found.append(Paragraph(text=link.url, lead=lead, align="left", indent=False, keep_with_next=True))
        found.append(numbered(link.advice))
    return found or [Paragraph(text="ไม่มีลิงก์ที่ต้องแก้ไข")]


def _list_changes(month: CheckedMonth) -> list[Block]:
    if not month.changes:
        return [Paragraph(text="ไม่มีการเปลี่ยนแปลง")]
    columns = (Column("วันที่", 3.6), Column("ข้อ", 1.8, "center"), Column("การเปลี่ยนแปลง", 10.6))
    return [Table(columns, rows(*((thai.date(c.day), c.item, c.text) for c in month.changes)), size=15)]


def _list_links(month: CheckedMonth) -> list[Block]:
    if not month.links:
        return [Paragraph(text="ยังไม่มีลิงก์ที่ยื่นไว้")]
    columns = (
        Column("ข้อ", 1.7, "center"),
        Column("ที่อยู่เว็บ", 12.6),
        Column("ตรวจ (ครั้ง)", 2.6, "center"),
        Column("พบปัญหา (ครั้ง)", 3.0, "center"),
        Column("สถานะล่าสุด", 5.8),
    )
    lines = [(x.item, x.url, f"{x.checks:,}", f"{x.failed:,}", x.state) for x in month.links]
    return [Table(columns, rows(*lines), size=14)]
