"""Paper 7: a reminder of what is missing: responses that surveys still need, and disclosure items not yet filed."""

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Column,
    Document,
    Heading,
    Paragraph,
    Section,
    Table,
    Title,
    dashed,
    rows,
)
from prongsai.documents.content.data import SurveyProgress
from prongsai.documents.content.facts import ResultFacts
from prongsai.lib import thai

KIND = "reminder"
NAME = "ใบติดตามงานที่ยังค้าง"


def compose(facts: ResultFacts) -> Document:
    blocks: list[Block] = [
        Title(
            (
                f"{NAME} การประเมิน {wording.abbreviate_assessment(facts)}",
                facts.agency,
                wording.format_fiscal_year(facts.year),
            )
        ),
        Heading("1. การตอบแบบวัด"),
        *_list_surveys(facts),
        Heading("2. การเปิดเผยข้อมูล"),
        *_list_disclosures(facts),
    ]
    return shared.build_document(
        facts, KIND, f"{NAME} {wording.format_fiscal_year(facts.year)}", [Section(tuple(blocks))]
    )


def _list_surveys(facts: ResultFacts) -> list[Block]:
    surveys = facts.data.surveys
    if not surveys:
        return [Paragraph(text=phrases.load().sentences.no_survey_progress)]
    columns = (
        Column("แบบวัด", 4.0),
        Column("ตอบแล้ว (ชุด)", 2.6, "center"),
        Column("ต้องได้อย่างน้อย (ชุด)", 3.0, "center"),
        Column("ยังขาด (ชุด)", 2.6, "center"),
        Column("ปิดรับ", 3.8, "center"),
    )
    lines, notes = [], []
    for survey in surveys:
        label = facts.instrument_label(survey.instrument)
        required = "ไม่ทราบ" if survey.required is None else str(survey.required)
        closes_on = thai.date(survey.closes_on) if survey.closes_on else "-"
        lines.append((label, str(survey.received), required, format_missing(survey), closes_on))
        if survey.address:
            notes.append(f"{label} ตอบได้ที่ {survey.address}")
    return [Table(columns, rows(*lines)), *([dashed(notes)] if notes else [])]


def _list_disclosures(facts: ResultFacts) -> list[Block]:
    filed = {d.item for d in facts.data.disclosures if d.urls}
    missing = [item for item in facts.disclosure_items if item.id not in filed]
    if not missing:
        return [Paragraph(text=f"ส่งครบทั้ง {len(facts.disclosure_items)} ข้อแล้ว")]
    summary = f"ยังไม่ได้ส่ง URL จำนวน {len(missing)} ข้อ จาก {len(facts.disclosure_items)} ข้อ"
    columns = (Column("ข้อ", 1.6, "center"), Column("รายการ", 9.0), Column("ผู้รับผิดชอบ", 5.4))
    return [Paragraph(text=summary), Table(columns, rows(*((i.id, i.label.th, "") for i in missing)), size=15)]


def format_missing(survey: SurveyProgress) -> str:
    """The number of responses still required; empty when unknown."""
    return "" if survey.required is None else str(max(0, survey.required - survey.received))
