"""Outcome report of the measures: how it was assessed, results by instrument, strengths and points to develop, what was
done."""

from collections.abc import Sequence

from prongsai.analysis import Ranked
from prongsai.documents import parts, wording
from prongsai.documents.content import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
    numbered,
    rows,
)
from prongsai.documents.judged import Judged
from prongsai.documents.material import Measure

KIND = "outcome"
NAME = "รายงานผลการดำเนินการตามมาตรการ"
_TITLE = ("รายงานผลการดำเนินการตามมาตรการ", "ส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน")


def compose(judged: Judged) -> Document:
    name = "".join(_TITLE)
    report: list[Block] = [
        Title((*_TITLE, *parts.place(judged), f"ประจำ{wording.fiscal(judged.year)}")),
        Heading("1. วิธีการประเมิน"),
        Paragraph(wording.method(judged)),
        Heading("2. ผลการประเมิน"),
        Paragraph(wording.overall(judged)),
        *(b for number, group in enumerate(judged.groups, 1) for b in _instrument(judged, f"2.{number}", *group)),
        Heading("3. จุดแข็งและจุดที่ต้องพัฒนา"),
        Paragraph(wording.counts(judged)),
        *_standing(judged, "3.1 จุดแข็ง", judged.findings.strengths),
        *_standing(judged, "3.2 จุดที่ต้องพัฒนา", judged.findings.to_develop[::-1]),
        Heading("4. ข้อเสนอแนะ"),
        *_advice(judged),
    ]
    plan = [
        Heading("5. ผลการดำเนินการตามมาตรการ"),
        *_outcome_table(judged),
        *parts.signatures(judged, opinions=False)[:1],
    ]
    return parts.document(
        judged,
        KIND,
        f"{name} {wording.fiscal(judged.year)}",
        [Section(tuple(report)), Section(tuple(plan), landscape=True)],
    )


def _instrument(
    judged: Judged, number: str, key: str, name: str, members: tuple[str, ...], own: tuple[str, ...]
) -> list[Block]:
    lines = [(f"{i}. {judged.label(i)}", judged.text(i)) for i in own if judged.score(i) is not None]
    blocks: list[Block] = [Heading(f"{number} {name} ({key})", 2)]
    if lines:
        blocks.append(Table((Column("ตัวชี้วัด", 11.5), Column("คะแนนเฉลี่ย", 4.5, "center")), rows(*lines)))
    else:
        blocks.append(Paragraph("ผลที่ได้รับไม่มีคะแนนรายตัวชี้วัดของแบบวัดนี้"))
    if len(members) > 1 and all(judged.score(m) is not None for m in members):
        blocks.append(Paragraph(" ".join(f"{judged.part(m)} ได้คะแนนเฉลี่ย {judged.text(m)} คะแนน" for m in members)))
    blocks.append(Paragraph(wording.of_instrument(judged, key)))
    return blocks


def _standing(judged: Judged, title: str, ranked: Sequence[Ranked]) -> list[Block]:
    if not ranked:
        return []
    return [
        Heading(title, 2),
        *(Paragraph(wording.of_indicator(judged, r.node), lead=judged.titled(r.node)) for r in ranked),
    ]


def _advice(judged: Judged) -> list[Block]:
    found = wording.priorities(judged, 10)
    if not found:
        return [Paragraph("คะแนนที่ทราบไม่มีข้อที่ต้องแก้ไข ควรรักษาระดับและทบทวนมาตรการเดิมทุกปี")]
    return [numbered(f"{what} {how}" for what, how in found)]


def _outcome_table(judged: Judged) -> list[Block]:
    """Measure, steps, who, when, what was done, suggestion."""
    if not judged.material.plan:
        return [Paragraph("ยังไม่มีมาตรการที่บันทึกไว้สำหรับปีนี้ จึงยังไม่มีผลการดำเนินการให้รายงาน")]
    columns = (
        Column("มาตรการ", 4.6),
        Column("ขั้นตอนหรือวิธีการ", 6.6),
        Column("ผู้รับผิดชอบ", 2.8),
        Column("ระยะเวลาดำเนินการ", 2.9),
        Column("ผลการดำเนินการ", 5.2),
        Column("ปัญหา อุปสรรค และข้อเสนอแนะ", 3.6),
    )
    lines = []
    for number, measure in enumerate(judged.material.plan, 1):
        cells = (
            f"{number}. {measure.title}",
            parts_of(measure.steps),
            "\n".join(measure.responsible),
            measure.period,
            *done_of(measure),
        )
        lines.append(Row(tuple(map(Cell, cells))))
    return [Table(columns, tuple(lines), size=14)]


def done_of(measure: Measure) -> tuple[str, str]:
    """What the latest follow-ups say was done, and what stood in the way."""
    if not measure.follow_ups:
        return "ยังไม่มีบันทึกการติดตามผล", ""
    done = [
        " ".join(filter(None, (f.status, f.done, f"หลักฐาน: {f.evidence}" if f.evidence else "")))
        for f in measure.follow_ups
    ]
    after = [
        t for f in measure.follow_ups for t in (f"อุปสรรค: {f.obstacles}" if f.obstacles else "", f.suggestion) if t
    ]
    return parts_of(done), parts_of(after)


def parts_of(lines: Sequence[str]) -> str:
    """Several things in one cell, numbered when there is more than one."""
    filled = [line for line in lines if line]
    return "\n".join(f"{n}) {t}" for n, t in enumerate(filled, 1)) if len(filled) > 1 else "".join(filled)
