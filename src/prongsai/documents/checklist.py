"""The disclosure checklist: every item, what it must contain as boxes to tick, the addresses filed, where it stands."""

from prongsai.documents import parts, wording
from prongsai.documents.content import Block, Box, Cell, Column, Document, Paragraph, Row, Section, Table, Title
from prongsai.documents.judged import Judged
from prongsai.documents.material import Disclosure
from prongsai.framework import PERIOD_TH, DisclosureItem

KIND = "checklist"
NAME = "แบบตรวจความครบถ้วนของการเปิดเผยข้อมูล"


def compose(judged: Judged) -> Document:
    columns = (
        Column("ข้อ", 1.5, "center"),
        Column("รายการและองค์ประกอบที่ต้องมี", 12.2),
        Column("URL ที่แสดงข้อมูล", 8.0),
        Column("สถานะ", 4.0),
    )
    lines: list[Row] = []
    heading = ""
    for item in judged.disclosure_items:
        group = f"{item.sub_indicator} {judged.label(item.sub_indicator)}"
        if group != heading:
            heading = group
            lines.append(Row((Cell(f"ตัวชี้วัดย่อยที่ {group}", span=4, align="left"),), "group"))
        lines.append(_line(judged, item))
    filed = sum(bool(judged.disclosures[i.id].urls) for i in judged.disclosure_items if i.id in judged.disclosures)
    blocks: list[Block] = [
        Title((f"{NAME}สาธารณะ (OIT)", judged.agency, wording.fiscal(judged.year))),
        Paragraph(
            f"ส่ง URL แล้ว {filed} ข้อ จากทั้งหมด {len(judged.disclosure_items)} ข้อ ทำเครื่องหมายในช่องเมื่อตรวจแล้วว่าหน้าเว็บมีองค์ประกอบนั้นจริง "
            "ช่องที่มีเครื่องหมายแล้วคือที่หน่วยงานแจ้งไว้ในระบบ",
            indent=False,
        ),
        Table(columns, tuple(lines), size=14),
        *parts.signatures(judged, opinions=False)[:1],
    ]
    return parts.document(
        judged, KIND, f"{NAME} {wording.fiscal(judged.year)}", [Section(tuple(blocks), landscape=True)]
    )


def _line(judged: Judged, item: DisclosureItem) -> Row:
    record = judged.disclosures.get(item.id)
    boxes = tuple(
        Box(e.th + (f" (เฉพาะ {e.only_for})" if e.only_for else ""), bool(record and n in record.present))
        for n, e in enumerate(item.elements)
        if (item.id, n) not in judged.material.not_asked
    )
    name = f"{item.label.th} ({PERIOD_TH[item.period]})"
    urls = "\n".join(record.urls) if record and record.urls else "ยังไม่ได้ส่ง"
    return Row((Cell(item.id), Cell(name, boxes=boxes), Cell(urls), Cell(status(record))))


def status(record: Disclosure | None) -> str:
    if record and record.status:
        return record.status
    return "รอตรวจ" if record and record.urls else "ยังไม่เริ่ม"
