"""The starter: a Word file with every tag of a paper in its place, for an agency to rearrange and upload as its
template."""

import dataclasses
import datetime

from prongsai.documents.agency_templates.tags import TAGS
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Column,
    Document,
    FieldLine,
    MemoTitle,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
)
from prongsai.documents.content.data import Formatting
from prongsai.documents.papers import CARRIED_OUT
from prongsai.documents.writers import docx
from prongsai.improvement.registers.kinds import papers as register_papers

_DATE = datetime.date(2025, 10, 1)  # inside the file, which is always the same
# a table for each list: column, width in centimetres, tag inside
_TABLES = {
    "instruments": [
        ("แบบวัด", 6.4, "name"),
        ("ปี {{ year_before }}", 3.2, "before"),
        ("ปี {{ year }}", 3.2, "score"),
        ("ผลต่าง", 3.2, "change"),
    ],
    "indicators": [
        ("ตัวชี้วัดที่", 2.2, "number"),
        ("ชื่อตัวชี้วัด", 5.8, "name"),
        ("ปี {{ year_before }}", 2.8, "before"),
        ("ปี {{ year }}", 2.8, "score"),
        ("ผลต่าง", 2.4, "change"),
    ],
    "marks": [
        ("ข้อ", 1.5, "code"),
        ("ประเด็นการตรวจ", 6.0, "name"),
        ("ความคิดเห็น", 6.3, "comment"),
        ("คะแนน", 2.2, "score"),
    ],
    "disclosures": [
        ("ข้อ", 1.5, "code"),
        ("ข้อมูลที่ต้องเปิดเผย", 4.0, "name"),
        ("องค์ประกอบ", 5.5, "elements"),
        ("URL", 3.0, "urls"),
        ("สถานะ", 2.0, "status"),
    ],
    "surveys": [
        ("แบบวัด", 4.6, "name"),
        ("ตอบแล้ว", 2.4, "received"),
        ("ต้องได้อย่างน้อย", 3.0, "needed"),
        ("ยังขาด", 2.4, "missing"),
        ("ปิดรับ", 3.6, "closes"),
    ],
}
_REPORT = [
    ("มาตรการ", 4.6, "measure"),
    ("ขั้นตอนหรือวิธีการ", 6.6, "steps"),
    ("ผู้รับผิดชอบ", 2.8, "responsible"),
    ("ระยะเวลาดำเนินการ", 2.9, "period"),
    ("ผลการดำเนินการ", 5.2, "done"),
    ("ปัญหา อุปสรรค และข้อเสนอแนะ", 3.6, "suggestion"),
]
_PLANS = {
    **dict.fromkeys(CARRIED_OUT, _REPORT),
    "development": [
        ("ตัวชี้วัด", 3.4, "indicator"),
        ("ผลการวิเคราะห์", 5.4, "finding"),
        ("มาตรการ", 4.4, "measure"),
        ("ขั้นตอนหรือวิธีการ", 6.4, "steps"),
        ("ช่วงระยะเวลา", 3.0, "period"),
        ("ผู้รับผิดชอบ", 3.1, "responsible"),
    ],
    "measures": [
        ("ตัวชี้วัด", 3.4, "indicator"),
        ("รายละเอียดการวิเคราะห์", 7.6, "finding"),
        ("มาตรการ", 6.6, "measure"),
        ("การกำกับติดตาม", 5.2, "watching"),
        ("ผู้รับผิดชอบ", 2.9, "responsible"),
    ],
}


def build_starter(kind: str) -> bytes:
    """A .docx in which ``check_template`` finds no problem and which says, in short, what our own paper says."""
    tags = TAGS[kind]
    page: list[Block] = _build_memo_header() if "memo" in tags else [_TITLE]
    if "said_overall" in tags:
        page += _SENTENCES
    page += [_build_table(name, columns) for name, columns in _TABLES.items() if name in tags]
    if "advice" in tags:
        page += _RECOMMENDATIONS
    sections = [Section(tuple(page), memo="memo" in tags)]
    if "plan" in tags:
        sections.append(Section((_build_table("plan", _PLANS[kind]),), landscape=True))
    if "records" in tags:
        sections.append(Section((_build_table("records", _columns_of_register(kind)),), landscape=True))
    if "signers" in tags:
        last = sections.pop()
        sections.append(dataclasses.replace(last, blocks=(*last.blocks, *_build_signatures())))
    document = Document(
        kind=kind, title="แม่แบบตั้งต้น", agency="", sections=tuple(sections), date=_DATE, font=Formatting().font
    )
    return docx.write(document, {})


def _columns_of_register(kind: str) -> list[tuple[str, float, str]]:
    """The columns of the table of our own paper; without one, those of the whole register."""
    definition, paper = register_papers()[kind]
    parts = next((block.table for block in paper.blocks if block.table), ())
    keys = [key for part in parts for key in part.of if key in definition.column] or list(definition.column)
    width = round(24.5 / len(keys), 1)
    return [("ที่", 1.2, "number"), *((definition.column[key].label, width, key) for key in keys)]


def _command(text: str) -> Paragraph:
    """A command of docxtpl in a paragraph of its own."""
    return Paragraph(text=text, indent=False, align="left")


_TITLE = Title(("{{ title }}", "{{ agency }}", "ปีงบประมาณ พ.ศ. {{ year }}"))
_SENTENCES = (
    Paragraph(text="{{ said_overall }}"),
    Paragraph(text="{% if year_before %}คะแนนในภาพรวม{% endif %}{{ said_change }}"),
    _command("{%p if said_why %}"),
    Paragraph(text="{{ said_why }}"),
    _command("{%p endif %}"),
    Paragraph(text="{{ said_counts }}"),
)
_RECOMMENDATIONS = (
    Paragraph(text="ข้อเสนอแนะ", indent=False),
    _command("{%p for a in advice %}"),
    Paragraph(text="– {{ a.what }} {{ a.how }}"),
    _command("{%p endfor %}"),
)


def _build_memo_header() -> list[Block]:
    return [
        MemoTitle(b""),
        FieldLine((("ส่วนราชการ", "{{ memo.office }}"),)),
        FieldLine((("ที่", "{{ memo.number }}"), ("วันที่", "{{ memo.date }}"))),
        FieldLine((("เรื่อง", "{{ memo.subject }}"),)),
        Paragraph(text="{{ memo.to }}", lead="เรียน", indent=False),
    ]


def _build_signatures() -> list[Block]:
    lines = (
        "ความเห็น {{ s.opinion }}",
        f"(ลงชื่อ){'.' * 40}",
        "({{ s.name }})",
        "ตำแหน่ง {{ s.position }}",
        "{{ s.signed }}",
    )
    return [
        _command("{%p for s in signers %}"),
        *(Paragraph(text=line, indent=False, align="center") for line in lines),
        _command("{%p endfor %}"),
    ]


def _build_table(name: str, columns: list[tuple[str, float, str]]) -> Table:
    """A table that repeats its middle row for every entry of a list."""
    empty = (Cell(),) * (len(columns) - 1)
    fields = tuple(Cell(f"{{{{ x.{tag} }}}}") for _, _, tag in columns)
    rows = (
        Row((Cell(f"{{%tr for x in {name} %}}"), *empty)),
        Row(fields),
        Row((Cell("{%tr endfor %}"), *empty)),
    )
    return Table(tuple(Column(title, width) for title, width, _ in columns), rows, size=14)
