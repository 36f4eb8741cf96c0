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
from prongsai.framework import PERIOD_TH, DisclosureItem

KIND = "checklist"
NAME = "แบบตรวจความครบถ้วนของการเปิดเผยข้อมูล"


def compose(facts: ResultFacts) -> Document:
    columns = (
        Column("ข้อ", 1.5, "center"),
        Column("รายการและองค์ประกอบที่ต้องมี", 12.2),
        Column("URL ที่แสดงข้อมูล", 8.0),
        Column("สถานะ", 4.0),
    )
    table_rows: list[Row] = []
    heading = ""
    for item in facts.disclosure_items:
        group = f"{item.sub_indicator} {facts.label(item.sub_indicator)}"
        if group != heading:
            heading = group
            table_rows.append(Row((Cell(f"ตัวชี้วัดย่อยที่ {group}", span=4, align="left"),), "group"))
        table_rows.append(_build_row(facts, item))
    filed = sum(bool(facts.disclosures[i.id].urls) for i in facts.disclosure_items if i.id in facts.disclosures)
    blocks: list[Block] = [
        Title((f"{NAME}สาธารณะ ({facts.disclosure_code})", facts.agency, wording.format_fiscal_year(facts.year))),
        Paragraph(
            text=phrases.load().sentences.checklist.format(filed=filed, total=len(facts.disclosure_items)),
            indent=False,
        ),
        Table(columns, tuple(table_rows), size=14),
        *shared.build_signatures(facts.data.signatories, with_opinions=False)[:1],
    ]
    return shared.build_document(
        facts, KIND, f"{NAME} {wording.format_fiscal_year(facts.year)}", [Section(tuple(blocks), landscape=True)]
    )


def _build_row(facts: ResultFacts, item: DisclosureItem) -> Row:
    disclosure = facts.disclosures.get(item.id)
    boxes = tuple(
        Checkbox(
            phrases.describe_element(facts.framework, e, facts.year) + (f" (เฉพาะ {e.only_for})" if e.only_for else ""),
            bool(disclosure and n in disclosure.present_elements),
        )
        for n, e in enumerate(item.elements)
        if (item.id, n) not in facts.data.exempt_elements
    )
    name = f"{item.label.th} ({PERIOD_TH[item.period]})"
    urls = "\n".join(disclosure.urls) if disclosure and disclosure.urls else "ยังไม่ได้ส่ง"
    return Row((Cell(item.id), Cell(name, boxes=boxes), Cell(urls), Cell(format_status(disclosure))))


def format_status(disclosure: Disclosure | None) -> str:
    """The status of an item's links, or whether it is filed at all."""
    if disclosure and disclosure.status:
        return disclosure.status
    return "รอตรวจ" if disclosure and disclosure.urls else "ยังไม่เริ่ม"
