"""A Word file to start from: the tags of a document in their places, for an agency to rearrange and hand in as its own
template."""

import datetime

from prongsai.documents import docx
from prongsai.documents.content import (
    Block,
    Cell,
    Column,
    Document,
    Fields,
    MemoTop,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
)
from prongsai.documents.material import Settings
from prongsai.documents.tags import TAGS

_DAY = datetime.date(2025, 10, 1)  # stands inside the file, which is always the same
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
_PLANS = {
    "outcome": [
        ("มาตรการ", 4.6, "measure"),
        ("ขั้นตอนหรือวิธีการ", 6.6, "steps"),
        ("ผู้รับผิดชอบ", 2.8, "responsible"),
        ("ระยะเวลาดำเนินการ", 2.9, "period"),
        ("ผลการดำเนินการ", 5.2, "done"),
        ("ปัญหา อุปสรรค และข้อเสนอแนะ", 3.6, "suggestion"),
    ],
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


def starter(kind: str) -> bytes:
    """A .docx that ``check_template`` finds nothing wrong with and that says what our own document of the kind says, in
    short."""
    tags = TAGS[kind]
    page: list[Block] = []
    if "memo" in tags:
        page += [
            MemoTop(b""),
            *(
                Fields(pairs)
                for pairs in (
                    (("ส่วนราชการ", "{{ memo.office }}"),),
                    (("ที่", "{{ memo.number }}"), ("วันที่", "{{ memo.date }}")),
                    (("เรื่อง", "{{ memo.subject }}"),),
                )
            ),
            Paragraph("{{ memo.to }}", lead="เรียน", indent=False),
        ]
    else:
        page.append(Title(("{{ title }}", "{{ agency }}", "ปีงบประมาณ พ.ศ. {{ year }}")))
    if "said_overall" in tags:
        page += map(Paragraph, ("{{ said_overall }}", "{% if year_before %}คะแนนในภาพรวม{% endif %}{{ said_change }}"))
        page += [_command("{%p if said_why %}"), Paragraph("{{ said_why }}"), _command("{%p endif %}")]
        page.append(Paragraph("{{ said_counts }}"))
    page += [_table(name, columns) for name, columns in _TABLES.items() if name in tags]
    if "advice" in tags:
        page += [
            Paragraph("ข้อเสนอแนะ", indent=False),
            _command("{%p for a in advice %}"),
            Paragraph("– {{ a.what }} {{ a.how }}"),
            _command("{%p endfor %}"),
        ]
    sections = [Section(tuple(page), memo="memo" in tags)]
    if "plan" in tags:
        sections.append(Section((_table("plan", _PLANS[kind]),), landscape=True))
    if "signers" in tags:
        lines = (
            "ความเห็น {{ s.opinion }}",
            f"(ลงชื่อ){'.' * 40}",
            "({{ s.name }})",
            "ตำแหน่ง {{ s.position }}",
            "{{ s.signed }}",
        )
        signed = [
            _command("{%p for s in signers %}"),
            *(Paragraph(t, indent=False, align="center") for t in lines),
            _command("{%p endfor %}"),
        ]
        last = sections.pop()
        sections.append(Section((*last.blocks, *signed), last.landscape, last.memo))
    return docx.write(Document(kind, "แม่แบบตั้งต้น", "", tuple(sections), _DAY, Settings().font), {})


def _command(text: str) -> Paragraph:
    return Paragraph(text, indent=False, align="left")


def _table(name: str, columns: list[tuple[str, float, str]]) -> Table:
    rest = (Cell(),) * (len(columns) - 1)
    inside = tuple(Cell(f"{{{{ x.{tag} }}}}") for _, _, tag in columns)
    rows = (Row((Cell(f"{{%tr for x in {name} %}}"), *rest)), Row(inside), Row((Cell("{%tr endfor %}"), *rest)))
    return Table(tuple(Column(title, width) for title, width, _ in columns), rows, size=14)
