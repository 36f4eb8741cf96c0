"""Paper 6: the disclosure checklist: every item with its elements as boxes to tick, the addresses filed, its status."""

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Checkbox,
    Column,
    Document,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
)
from prongsai.documents.content.data import Disclosure
from prongsai.documents.content.facts import ResultFacts
from prongsai.framework import PERIOD_TH, DisclosureItem, Element

KIND = "checklist"
NAME = "แบบตรวจความครบถ้วนของการเปิดเผยข้อมูล"


def compose(facts: ResultFacts) -> Document:
    titles, headings = phrases.load().headings.columns, phrases.load().headings.checklist
    columns = (
        Column(titles.item, 1.5, "center"),
        Column(headings.elements, 12.2),
        Column(headings.addresses, 8.0),
        Column(titles.status, 4.0),
    )
    table_rows: list[Row] = []
    heading = ""
    for item in facts.disclosure_items:
        label = facts.label(item.sub_indicator)
        group = titles.sub_indicator.format(sub_indicator=item.sub_indicator, label=label)
        if group != heading:
            heading = group
            table_rows.append(Row((Cell(group, span=4, align="left"),), "group"))
        table_rows.append(_build_row(facts, item))
    year = wording.format_fiscal_year(facts.year)
    filed = sum(bool(facts.disclosures[i.id].urls) for i in facts.disclosure_items if i.id in facts.disclosures)
    blocks: list[Block] = [
        Title((headings.title.format(disclosure=facts.disclosure_code), facts.agency, year)),
        Paragraph(
            text=phrases.load().sentences.checklist.format(filed=filed, total=len(facts.disclosure_items)),
            indent=False,
        ),
        Table(columns, tuple(table_rows), size=14),
        *shared.build_signatures(facts.data.signatories, with_opinions=False)[:1],
    ]
    title = headings.file_title.format(year=year)
    return shared.build_document(facts, KIND, title, [Section(tuple(blocks), landscape=True)])


def _build_row(facts: ResultFacts, item: DisclosureItem) -> Row:
    disclosure = facts.disclosures.get(item.id)
    boxes = tuple(
        Checkbox(
            _describe_element(facts, e),
            bool(disclosure and n in disclosure.present_elements),
        )
        for n, e in enumerate(item.elements)
        if (item.id, n) not in facts.data.exempt_elements
    )
    name = f"{item.label.th} ({PERIOD_TH[item.period]})"
    urls = "\n".join(disclosure.urls) if disclosure and disclosure.urls else phrases.load().headings.checklist.not_filed
    return Row((Cell(item.id), Cell(name, boxes=boxes), Cell(urls), Cell(format_status(disclosure))))


def _describe_element(facts: ResultFacts, element: Element) -> str:
    """An element, with the agencies of which alone it is required."""
    text = phrases.describe_element(facts.framework, element, facts.year)
    only_for = phrases.load().headings.checklist.only_for
    return only_for.format(element=text, agencies=element.only_for) if element.only_for else text


def format_status(disclosure: Disclosure | None) -> str:
    """The status of an item's links, or whether it is filed at all."""
    if disclosure and disclosure.status:
        return disclosure.status
    headings = phrases.load().headings.checklist
    return headings.waiting if disclosure and disclosure.urls else headings.not_started
