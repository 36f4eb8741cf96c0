"""Documents as PDF: PDF/A-2u, tagged, in Sarabun, with a text layer that reads as it was written.

Words of the field are kept whole by a list. A dictionary of Thai (67 MB and its own opinions) would keep every word whole; Typst's own
line breaker already breaks at words, and what it still gets wrong are compounds that this list names.
"""

import re
from pathlib import Path
from typing import Any

from prongsai.documents import content
from prongsai.documents.content import Document, Section
from prongsai.lib import typeset

_TEMPLATE = Path(__file__).parent / "paper.typ"
_WHOLE = (
    "ปีงบประมาณ งบประมาณ ไตรมาส คณะกรรมการ กรรมการ หน่วยงานภาครัฐ หน่วยงาน ส่วนงาน ดำเนินงาน ดำเนินการ สื่อสาร สำนักงาน เจ้าหน้าที่ "
    "ปฏิบัติหน้าที่ ปฏิบัติงาน ทุจริต เว็บไซต์ ความโปร่งใส โปร่งใส คุณธรรม ตัวชี้วัด มาตรการ ผู้บริหาร ผู้รับบริการ ผู้มาติดต่อ บุคลากร "
    "ทรัพย์สิน ราชการ สาธารณะ เปิดเผย ข้อมูล ประเมิน ปรับปรุง พัฒนา ร้องเรียน องค์การ องค์กร เทศบาล ประสิทธิภาพ คุณภาพ เครื่องมือ "
    "รับผิดชอบ จัดซื้อจัดจ้าง ประชาสัมพันธ์ ประชาชน ประโยชน์ องค์ประกอบ ข้อบกพร่อง ค่าเป้าหมาย เป้าหมาย คะแนนเฉลี่ย คะแนนรวม"
).split()
_KEPT = re.compile(
    r"\d{1,2} [ก-ฮ]{1}[\u0e01-\u0e4e]+คม\b|พ\.ศ\. [\d๐-๙]{4}|ป\.ป\.ช\."
    r"|(?:ตัวชี้วัด(?:ย่อย)?ที่|ข้อ|ส่วนที่|หมวด|มาตรา) [A-Za-z]?[\d๐-๙.]+"
    r"|(?:(?:ไม่เกิน|ตั้งแต่|ได้คะแนน|ได้|เพิ่มขึ้น|ลดลง) )?[-+]?[\d๐-๙]+(?:\.[\d๐-๙]+)? (?:คะแนน|ตัวชี้วัด|ข้อ|ชุด|คน|วัน|ครั้ง)"
    r"|(?:ต่าง|อื่น|นั้น|ใด|จริง|สั้น|บ่อย|หลาย|มาก|น้อย|ดี) ๆ"
    r"|[“(][^“”()\n]{1,22}[”)]|[^\s“”()]{1,16}[”)](?=[\s.,]|$)"
    "|" + "|".join(sorted(_WHOLE, key=len, reverse=True))
)
_LINES_OF_A_PAGE = 14  # of one row: longer rows may be broken by a page's end
_LETTERS_A_CM = 5.2
_MARKS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")


def write(document: Document, pictures: dict[str, bytes]) -> bytes:
    """The file. ``pictures`` are the charts as PNG, by their SVG (see ``issuing``). Raises TypesetError."""
    shelf: list[bytes] = []
    data = {
        "title": document.title, "agency": document.agency, "thai": document.digits == "thai", "shift": 6.5,
        "date": {"year": document.date.year, "month": document.date.month, "day": document.date.day},
        "sections": [_section(s, shelf, pictures) for s in document.sections],
    }  # fmt: skip
    data["pictures"] = [list(p) for p in shelf]
    return typeset.pdf(_TEMPLATE, data, standard="a-2u")


def pieces(text: str) -> list[str]:
    """A text cut for the template: what may be broken, what may not, in turn; a line end stands in the second place."""
    found: list[str] = []
    at = 0
    for match in re.finditer(f"\n|{_KEPT.pattern}", text):
        found += [text[at : match.start()], match[0]]
        at = match.end()
    return [*found, text[at:]]


def _section(section: Section, shelf: list[bytes], pictures: dict[str, bytes]) -> dict[str, Any]:
    blocks = [_block(b, shelf, pictures) for b in section.blocks]
    return {"landscape": section.landscape, "memo": section.memo, "blocks": blocks}


def _block(block: content.Block, shelf: list[bytes], pictures: dict[str, bytes]) -> dict[str, Any]:
    kind = {"type": type(block).__name__.lower()}
    match block:
        case content.Title():
            return kind | {"lines": [pieces(x) for x in block.lines]}
        case content.Heading():
            return kind | {"text": pieces(block.text), "level": block.level}
        case content.Paragraph():
            return kind | {"text": pieces(block.text), "lead": pieces(block.lead) if block.lead else [], "indent": block.indent, "align": block.align}  # fmt: skip
        case content.Points():
            return kind | {"items": [[pieces(mark), pieces(text)] for mark, text in block.items]}
        case content.Figures() | content.Fields():
            return kind | {"pairs": [[pieces(a), pieces(b)] for a, b in block.pairs]}
        case content.Chart():
            shelf.append(pictures[block.svg])
            return kind | {"picture": len(shelf) - 1, "width": block.width, "caption": pieces(block.caption), "alt": block.caption}
        case content.MemoTop():
            if block.emblem:
                shelf.append(block.emblem)
                kind["picture"] = len(shelf) - 1  # type: ignore[assignment]
            return kind | {"text": pieces(block.text)}
        case content.Signature():
            said = None if block.opinion is None else pieces(block.opinion)
            return kind | {"name": pieces(block.name), "position": pieces(block.position), "opinion": said, "signed": pieces(block.signed)}  # fmt: skip
        case content.Table():
            return kind | {
                "size": block.size,
                "columns": [{"title": pieces(c.title), "width": c.width, "align": c.align} for c in block.columns],
                "rows": [_row(r, block.columns) for r in block.rows],
            }


def _row(row: content.Row, columns: tuple[content.Column, ...]) -> dict[str, Any]:
    cells = [
        {"text": pieces(c.text), "span": c.span, "align": c.align, "boxes": [{"text": pieces(b.text), "ticked": b.ticked} for b in c.boxes]}
        for c in row.cells
    ]  # fmt: skip
    return {"kind": row.kind, "long": is_long(row, columns), "cells": cells}


def is_long(row: content.Row, columns: tuple[content.Column, ...]) -> bool:
    """Whether a row is so high that keeping it on one page would leave a hole, or not fit at all."""
    at = 0
    for cell in row.cells:
        width = sum(c.width for c in columns[at : at + cell.span])
        at += cell.span
        texts = [*cell.text.split("\n"), *(b.text for b in cell.boxes)]
        lines = sum(1 + int(len(_MARKS.sub("", t)) / (width * _LETTERS_A_CM)) for t in texts)
        if lines > _LINES_OF_A_PAGE:
            return True
    return False
