"""Parts that several documents share: tables of scores, charts, signatures, the document itself."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prongsai.documents import content, wording
from prongsai.documents.content import Cell, Chart, Column, Document, Row, Section, Signature, Table
from prongsai.documents.judged import Judged, printed, signed
from prongsai.framework import Node
from prongsai.lib import charts, thai

BLANK = "." * 30


def document(judged: Judged, kind: str, title: str, sections: Sequence[Section]) -> Document:
    """The finished document, in the digits of its setting. Without a date it bears the last day of its fiscal year
    inside the file."""
    settings = judged.material.settings
    date = judged.material.date or datetime.date(judged.year - 543, 9, 30)
    made = Document(kind, title, judged.agency, tuple(sections), date, settings.font)
    return content.in_thai_digits(made) if settings.digits == "thai" else made


def place(judged: Judged) -> tuple[str, ...]:
    """The agency and where it is, for the head of a document."""
    return (judged.agency, judged.material.office.place) if judged.material.office.place else (judged.agency,)


# --- tables
# ----------------------------------------------------------------------------------------------------------------


def years_table(judged: Judged, title: str, nodes: Sequence[tuple[str, str]], *, numbered: bool) -> Table:
    """Scores of nodes, (node, name), beside those of the year compared with; of this year alone when there is none."""
    before = judged.before
    columns = [Column("ตัวชี้วัดที่", 2.0, "center")] if numbered else []
    columns.append(Column(title, (16 if before else 12.7) - (9.0 if before else 0) - 2 * numbered))
    if before:
        columns.append(Column(f"ปี {before.framework.fiscal_year}", 3.3, "center"))
    columns.append(Column(f"ปี {judged.year}", 3.3, "center"))
    if before:
        columns.append(Column("ผลต่าง", 2.4, "center"))
    rows = []
    for node, name in nodes:
        movement = judged.movements.get(node)
        cells = [node, name] if numbered else [name]
        if before:
            cells.append(printed(movement.previous) if movement else "-")
        cells.append(judged.text(node))
        if before:
            cells.append(signed(movement.change) if movement else "-")
        rows.append(Row(tuple(map(Cell, cells)), "total" if node == "overall" else "plain"))
    return Table(tuple(columns), tuple(rows))


def item_table(judged: Judged, name: str, nodes: Sequence[Node], mean: str) -> Table:
    """Each known item of an indicator with what it asks, its defect and remedy, and the mean of all under ``name``."""
    columns = (
        Column("ข้อ", 1.4, "center"),
        Column("ประเด็นที่ประเมิน", 4.2),
        Column("คะแนน", 2.1, "center"),
        Column("ข้อบกพร่อง", 3.9),
        Column("ข้อแก้ไข/ปรับปรุง/รักษาระดับ", 4.4),
    )
    rows = []
    for node in nodes:
        value = judged.score(node.id)
        if value is None or node.item is None:
            continue
        defect, remedy = (node.item.advice.defect, node.item.advice.remedy) if value < 100 else wording.KEEP
        rows.append(Row(tuple(map(Cell, (node.item.id, node.label.th, printed(value), defect, remedy)))))
    rows.append(Row((Cell(name, span=2), Cell(mean, align="center"), Cell("", span=2)), "total"))
    return Table(columns, tuple(rows), size=14)


# --- charts
# ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Bar:
    node: str
    name: str
    score: Decimal
    before: Decimal | None
    reached: bool


def bars(judged: Judged, nodes: Sequence[tuple[str, str]], caption: str, *, numbered: bool = True) -> tuple[Chart, ...]:
    """A bar chart of (node, name); nothing when no score is known."""
    drawn = []
    for node, name in nodes:
        value = judged.score(node)
        if value is not None:
            movement = judged.movements.get(node)
            before = movement.previous if movement else None
            drawn.append(_Bar(node if numbered else "", name, value, before, value >= judged.target))
    if not drawn:
        return ()
    notch = (
        f" ขีดดำคือคะแนนปี {judged.before.framework.fiscal_year}"
        if judged.before and any(b.before is not None for b in drawn)
        else ""
    )
    picture = charts.indicators(drawn, judged.target, charts.PAPER)
    return (Chart(str(picture), f"{caption} (เส้นประคือค่าเป้าหมาย {judged.target}{notch})"),)


# --- people
# ----------------------------------------------------------------------------------------------------------------


def signatures(judged: Judged, *, opinions: bool) -> list[Signature]:
    """Who signs, in order; the first wrote it, so that no opinion is asked of him."""
    found = []
    for number, opinion in enumerate(judged.material.opinions):
        signed_on = f"ลงนามทางอิเล็กทรอนิกส์ {thai.date(opinion.signed)}" if opinion.signed else ""
        asked = opinion.text if opinions and (opinion.text or (number and not opinion.signed)) else None
        found.append(Signature(opinion.name, opinion.position, asked, signed_on))
    return found
