"""A sheet that reminds of what is still missing: responses that surveys need, and disclosure items not yet filed."""

from prongsai.documents import parts, wording
from prongsai.documents.content import Block, Column, Document, Heading, Paragraph, Section, Table, Title, dashed, rows
from prongsai.documents.judged import Judged
from prongsai.documents.material import SurveyProgress
from prongsai.lib import thai

KIND = "reminder"
NAME = "ใบติดตามงานที่ยังค้าง"


def compose(judged: Judged) -> Document:
    blocks: list[Block] = [
        Title((f"{NAME} การประเมิน ITA", judged.agency, wording.fiscal(judged.year))),
        Heading("1. การตอบแบบวัด"),
        *_surveys(judged),
        Heading("2. การเปิดเผยข้อมูล"),
        *_disclosures(judged),
    ]
    return parts.document(judged, KIND, f"{NAME} {wording.fiscal(judged.year)}", [Section(tuple(blocks))])


def _surveys(judged: Judged) -> list[Block]:
    surveys = judged.material.surveys
    if not surveys:
        return [Paragraph("ไม่มีข้อมูลความคืบหน้าของการตอบแบบวัด")]
    columns = (
        Column("แบบวัด", 4.0),
        Column("ตอบแล้ว (ชุด)", 2.6, "center"),
        Column("ต้องได้อย่างน้อย (ชุด)", 3.0, "center"),
        Column("ยังขาด (ชุด)", 2.6, "center"),
        Column("ปิดรับ", 3.8, "center"),
    )
    lines, notes = [], []
    for s in surveys:
        lines.append(
            (
                judged.part(s.instrument),
                str(s.received),
                "ไม่ทราบ" if s.needed is None else str(s.needed),
                missing(s),
                thai.date(s.closes) if s.closes else "-",
            )
        )
        if s.address:
            notes.append(f"{judged.part(s.instrument)} ตอบได้ที่ {s.address}")
    return [Table(columns, rows(*lines)), *([dashed(notes)] if notes else [])]


def _disclosures(judged: Judged) -> list[Block]:
    absent = [
        i for i in judged.disclosure_items if not (judged.disclosures.get(i.id) and judged.disclosures[i.id].urls)
    ]
    if not absent:
        return [Paragraph(f"ส่งครบทั้ง {len(judged.disclosure_items)} ข้อแล้ว")]
    said = f"ยังไม่ได้ส่ง URL จำนวน {len(absent)} ข้อ จาก {len(judged.disclosure_items)} ข้อ"
    columns = (Column("ข้อ", 1.6, "center"), Column("รายการ", 9.0), Column("ผู้รับผิดชอบ", 5.4))
    return [Paragraph(said), Table(columns, rows(*((i.id, i.label.th, "") for i in absent)), size=15)]


def missing(survey: SurveyProgress) -> str:
    """How many responses are still wanted; nothing when that is not known."""
    return "" if survey.needed is None else str(max(0, survey.needed - survey.received))
