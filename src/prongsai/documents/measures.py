"""Analysis and measures with a column for how they are followed up."""

from collections.abc import Sequence

from prongsai.documents import parts, wording
from prongsai.documents.content import Block, Cell, Column, Document, Heading, Paragraph, Row, Section, Table, Title
from prongsai.documents.judged import Judged
from prongsai.documents.material import Measure
from prongsai.documents.outcome import parts_of

KIND = "measures"
NAME = "การวิเคราะห์ผลและมาตรการพร้อมการกำกับติดตาม"


def compose(judged: Judged) -> Document:
    report: list[Block] = [
        Title(
            (
                "การวิเคราะห์ผลการประเมินคุณธรรมและความโปร่งใส",
                "ในการดำเนินงานของหน่วยงานภาครัฐ",
                *parts.place(judged),
                f"ประจำ{wording.fiscal(judged.year)}",
            )
        ),
        Paragraph(wording.method(judged)),
        Paragraph(wording.overall(judged)),
        Paragraph(wording.counts(judged)),
        *(Paragraph(_line(judged, i)) for i in judged.framework.indicators if judged.score(i) is not None),
    ]
    columns = (
        Column("ตัวชี้วัด", 3.4),
        Column("รายละเอียดการวิเคราะห์", 7.6),
        Column("มาตรการ/กิจกรรมในการพัฒนาปรับปรุง", 6.6),
        Column("การกำกับติดตาม", 5.2),
        Column("ผู้รับผิดชอบ", 2.9),
    )
    lines = []
    for indicator in judged.framework.indicators:
        decided = judged.measures_of(indicator) or (wording.drafted(judged, indicator),)
        known = judged.score(indicator) is not None
        analysis = (
            f"ได้คะแนน {judged.text(indicator)} คะแนน {wording.finding(judged, indicator)}"
            if known
            else wording.finding(judged, indicator)
        )
        lines.append(_row(f"ตัวชี้วัดที่ {indicator}\n{judged.label(indicator)}", analysis, decided))
    if whole := judged.measures_of_whole:
        lines.append(_row("ภาพรวมของหน่วยงาน", parts_of([m.finding for m in whole]), whole))
    plan: list[Block] = [
        Heading(f"มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน {judged.agency} {wording.fiscal(judged.year + 1)}"),
        Table(columns, tuple(lines), size=14),
    ]
    title = f"การวิเคราะห์ผลและมาตรการส่งเสริมคุณธรรมและความโปร่งใส {wording.fiscal(judged.year)}"
    return parts.document(judged, KIND, title, [Section(tuple(report)), Section(tuple(plan), landscape=True)])


def _row(about: str, analysis: str, decided: Sequence[Measure]) -> Row:
    done = parts_of([f"{m.title}{' (ร่าง)' if m.drafted else ''}\n{parts_of(m.steps)}".strip() for m in decided])
    who = "\n".join(dict.fromkeys(w for m in decided for w in m.responsible)) or parts.BLANK[:14]
    return Row(tuple(map(Cell, (about, analysis, done, parts_of([watched(m) for m in decided]), who))))


def _line(judged: Judged, indicator: str) -> str:
    return f"{judged.titled(indicator)} ได้คะแนน {judged.text(indicator)} คะแนน"


def watched(measure: Measure) -> str:
    """How it is followed, and the latest that was found."""
    latest = measure.follow_ups[-1] if measure.follow_ups else None
    found = " ".join(filter(None, (latest.status, latest.done))) if latest else ""
    return "\n".join(filter(None, (measure.watching, f"ผลล่าสุด: {found}" if found else ""))) or "-"
