"""The sheets of a workbook of rules: which field of which part of the rules stands in which column."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from prongsai.framework.changes import PERIOD_TH
from prongsai.framework.tree import METHOD_TH, STATE_TH

Kind = Literal[
    "text",
    "integer",
    "percent",
    "choice",
    "reference",
    "references",
    "list",
    "date",
    "values",
    "counts",
    "changes",
    "flag",
]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One field of a part of the rules.

    ``path`` leads to it within the part. ``choices`` gives the Thai word of each value of a choice. ``sheet`` names the
    sheet whose first column a reference is chosen from. ``optional``: an empty cell means that there is no such field.
    """

    path: tuple[str, ...]
    title: str
    kind: Kind = "text"
    choices: Mapping[str, str] | None = None
    sheet: str = ""
    optional: bool = False
    width: int = 14
    note: str = ""
    maximum: int | None = None  # of a number, where the rules have one

    @property
    def is_id(self) -> bool:
        """Whether it holds a name that others refer to, or refers to one."""
        return self.path in (("id",), ("owner",)) or self.kind in ("reference", "references")


Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A column that follows from others, locked: ``text`` with ``{row}`` and ``{previous}`` for numbers of rows.

    ``values`` computes the same from the rows of the sheet and of all sheets, for programs that show a workbook without
    computing it. A value other than ``must_be`` is marked.
    """

    title: str
    text: str
    values: Callable[[Rows, Mapping[str, Rows]], list[Any]]
    note: str = ""
    must_be: int | None = None


def _count(sheet: str, field: str) -> Callable[[Rows, Mapping[str, Rows]], list[Any]]:
    """How many rows of another sheet name each row of this one in a field, alone or among others."""

    def count(rows: Rows, sheets: Mapping[str, Rows]) -> list[Any]:
        named = Counter(name for row in sheets[sheet] for name in _as_list(row[field]))
        return [named[row["id"]] for row in rows]

    return count


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A list of the rules as a table. ``owner`` is the list whose entries these rows belong to, and ``field`` the field
    of the owner that holds them; the first column then names the owner."""

    title: str
    key: str
    columns: tuple[Column, ...]
    formulas: tuple[Formula, ...] = ()
    owner: str = ""
    note: str = ""


_STANDING = {"documented": "มีเอกสาร", "inferred": "อนุมาน"}
_DIRECTION = {"positive": "บวก", "negative": "ลบ"}
_METHOD = {name: METHOD_TH[name] for name in ("mean_of_items", "mean_of_sub_indicators")}
_PARTS = {"mean_of_parts": METHOD_TH["mean_of_parts"]}
_PLAN = {
    "measure": "มาตรการ",
    "analysis": "การวิเคราะห์",
    "steps": "ขั้นตอน",
    "period": "ระยะเวลา",
    "responsible": "ผู้รับผิดชอบ",
}


def _basis(field: str = "basis", about: str = "") -> tuple[Column, ...]:
    return (
        Column(path=(field, "standing"), title=f"สถานะ{about}", kind="choice", choices=_STANDING, width=11),
        Column(path=(field, "source"), title=f"ที่มา{about}", kind="references", sheet="แหล่งอ้างอิง", width=16),
        Column(path=(field, "note"), title=f"หมายเหตุ{about}", optional=True, width=30),
    )


def _label(field: str = "label", title: str = "ชื่อ") -> tuple[Column, ...]:
    return (
        Column(path=(field, "th"), title=title, width=46),
        Column(path=(field, "en"), title=f"{title} (อังกฤษ)", width=34),
    )


PREVIOUS = "ข้อของปีก่อน"  # a sheet for reading alone: the items that may be continued
_ID = Column(path=("id",), title="รหัส", width=11, note="อักษรละติน ตัวเลข . _ - / ไม่ซ้ำกัน")
_ALIASES = Column(path=("aliases",), title="ชื่ออื่นที่พบในเอกสาร", kind="list", optional=True, width=26, note="คั่นด้วย ;")

_CONTINUES = Column(
    path=("continues",),
    title="ต่อจากข้อของปีก่อน",
    kind="references",
    sheet=PREVIOUS,
    optional=True,
    note="ข้อใหม่เว้นว่าง รวมหลายข้อคั่นด้วย ;",
)

FIRST_ROW = 3  # of the entries: below the headings and what explains them
SHEETS: tuple[Sheet, ...] = (
    Sheet(
        title="เครื่องมือ",
        key="instruments",
        columns=(
            _ID,
            *_label(),
            Column(path=("kind",), title="ชนิด", kind="choice", choices={"survey": "แบบวัด", "disclosure": "แบบตรวจ"}),
            Column(
                path=("collected_by",),
                title="ผู้เก็บข้อมูล",
                kind="choice",
                choices={"agency": "หน่วยงาน", "assessor": "ผู้ประเมิน"},
            ),
            Column(path=("weight",), title="น้ำหนัก (%)", kind="percent", maximum=100, note="รวมทุกเครื่องมือต้องได้ 100"),
            _ALIASES,
            Column(
                path=("method",),
                title="วิธีคำนวณ",
                kind="choice",
                choices={"mean_of_indicators": METHOD_TH["mean_of_indicators"]},
                width=22,
            ),
            *_basis(),
        ),
        formulas=(
            Formula(
                title="น้ำหนักรวม (%)",
                text="SUM($F$3:$F$200)",
                values=lambda rows, _: [sum(row["weight"] for row in rows) / 100] * len(rows),
                note="ต้องได้ 100",
                must_be=100,
            ),
            Formula(
                title="จำนวนตัวชี้วัด",
                text='SUMPRODUCT(--ISNUMBER(SEARCH("; "&A{row}&"; ","; "&\'ตัวชี้วัด\'!$B$3:$B$200&"; ")))',
                values=_count("ตัวชี้วัด", "instruments"),
            ),
        ),
    ),
    Sheet(
        title="ค่าเฉลี่ยประกอบ",
        key="composites",
        note="คะแนนที่ประกาศข้างเครื่องมือแต่ไม่ใช้คำนวณต่อ",
        columns=(
            _ID,
            *_label(),
            _ALIASES,
            Column(path=("of",), title="เฉลี่ยจาก", kind="references", sheet="เครื่องมือ", width=18),
            Column(path=("method",), title="วิธีคำนวณ", kind="choice", choices=_PARTS, width=22),
            *_basis(),
        ),
    ),
    Sheet(
        title="ตัวชี้วัด",
        key="indicators",
        columns=(
            _ID,
            Column(path=("instruments",), title="วัดด้วยเครื่องมือ", kind="references", sheet="เครื่องมือ", width=18),
            *_label(),
            _ALIASES,
            *_label("meaning", "ความหมาย"),
            Column(path=("method",), title="วิธีคำนวณ", kind="choice", choices=_METHOD, width=22),
            Column(path=("parts",), title="วิธีรวมส่วน", kind="choice", choices=_PARTS, optional=True, width=22),
            *_basis(),
        ),
        formulas=(
            Formula(
                title="จำนวนข้อคำถาม",
                text="SUMPRODUCT(--('ข้อคำถาม'!$B$3:$B$999=A{row}))",
                values=_count("ข้อคำถาม", "indicator"),
            ),
            Formula(
                title="จำนวนตัวชี้วัดย่อย",
                text="SUMPRODUCT(--('ตัวชี้วัดย่อย'!$B$3:$B$200=A{row}))",
                values=_count("ตัวชี้วัดย่อย", "indicator"),
            ),
        ),
    ),
    Sheet(
        title="ตัวชี้วัดย่อย",
        key="sub_indicators",
        columns=(
            _ID,
            Column(path=("indicator",), title="ตัวชี้วัด", kind="reference", sheet="ตัวชี้วัด"),
            *_label(),
            Column(
                path=("method",),
                title="วิธีคำนวณ",
                kind="choice",
                choices={"mean_of_items": METHOD_TH["mean_of_items"]},
                width=22,
            ),
            *_basis(),
        ),
        formulas=(
            Formula(
                title="จำนวนรายการ",
                text="SUMPRODUCT(--('รายการเปิดเผย'!$B$3:$B$999=A{row}))",
                values=_count("รายการเปิดเผย", "sub_indicator"),
            ),
        ),
    ),
    Sheet(
        title="ข้อคำถาม",
        key="survey_items",
        columns=(
            _ID,
            Column(path=("indicator",), title="ตัวชี้วัด", kind="reference", sheet="ตัวชี้วัด"),
            *_label("label", "ข้อคำถาม"),
            Column(path=("scale",), title="มาตร", kind="reference", sheet="มาตร"),
            Column(
                path=("direction",),
                title="ทิศ",
                kind="choice",
                choices=_DIRECTION,
                width=8,
                note="ลบ: ตัวเลือกแรกได้คะแนนของตัวเลือกสุดท้าย",
            ),
            Column(
                path=("method",),
                title="วิธีคำนวณ",
                kind="choice",
                choices={"mean_of_answers": METHOD_TH["mean_of_answers"]},
                width=20,
            ),
            _CONTINUES,
            *_basis(),
            *_basis("scale_basis", " (มาตร)"),
        ),
    ),
    Sheet(
        title="คำตอบย่อย",
        key="answers",
        owner="survey_items",
        note="เฉพาะข้อคำถามที่ถามหลายเรื่อง",
        columns=(
            Column(path=("owner",), title="ข้อคำถาม", kind="reference", sheet="ข้อคำถาม"),
            *_label("label", "คำตอบย่อย"),
            Column(
                path=("direction",),
                title="ทิศ",
                kind="choice",
                choices=_DIRECTION,
                optional=True,
                width=8,
                note="เว้นว่าง: ตามข้อคำถาม",
            ),
        ),
    ),
    Sheet(
        title="รายการเปิดเผย",
        key="disclosure_items",
        columns=(
            _ID,
            Column(path=("sub_indicator",), title="ตัวชี้วัดย่อย", kind="reference", sheet="ตัวชี้วัดย่อย"),
            Column(path=("heading",), title="หัวเรื่อง", width=26),
            *_label("label", "รายการ"),
            Column(path=("scale",), title="มาตร", kind="reference", sheet="มาตร"),
            Column(path=("period",), title="ข้อมูลของช่วงใด", kind="choice", choices=PERIOD_TH, width=24),
            _CONTINUES,
            *_basis(),
            *_basis("placement", " (กลุ่มข้อ)"),
            *_basis("period_basis", " (ช่วงข้อมูล)"),
        ),
        formulas=(
            Formula(
                title="จำนวนองค์ประกอบ",
                text="SUMPRODUCT(--('องค์ประกอบ'!$A$3:$A$2000=A{row}))",
                values=_count("องค์ประกอบ", "owner"),
            ),
        ),
    ),
    Sheet(
        title="องค์ประกอบ",
        key="elements",
        owner="disclosure_items",
        note="สิ่งที่ต้องมีในแต่ละรายการ ทีละแถว",
        columns=(
            Column(path=("owner",), title="รายการ", kind="reference", sheet="รายการเปิดเผย"),
            Column(path=("th",), title="องค์ประกอบ", width=70),
            Column(path=("only_for",), title="เฉพาะหน่วยงานประเภท", optional=True, width=20),
            Column(
                path=("plan",), title="คอลัมน์ของแผน", kind="list", choices=_PLAN, optional=True, width=24, note="คั่นด้วย ;"
            ),
            Column(path=("standing",), title="สถานะ", kind="choice", choices=_STANDING, width=11),
            Column(path=("source",), title="ที่มา", kind="references", sheet="แหล่งอ้างอิง", width=18),
        ),
    ),
    Sheet(
        title="ข้อแนะนำ",
        key="advice",
        owner="items",
        note="หนึ่งแถวต่อหนึ่งข้อคำถามหรือรายการ ใช้เมื่อข้อนั้นต่ำกว่าค่าเป้าหมาย",
        columns=(
            Column(path=("owner",), title="ข้อ"),
            Column(path=("defect",), title="จุดที่ต้องพัฒนา", width=70),
            Column(path=("remedy",), title="แนวทางแก้ไข", width=70),
        ),
    ),
    Sheet(
        title="มาตร",
        key="scales",
        columns=(
            _ID,
            Column(path=("kind",), title="ชนิด", kind="choice", choices={"answer": "คำตอบ", "mark": "คะแนนตรวจ"}),
            *_basis(),
        ),
        formulas=(
            Formula(
                title="จำนวนตัวเลือก",
                text="SUMPRODUCT(--('ตัวเลือก'!$A$3:$A$999=A{row}))",
                values=_count("ตัวเลือก", "owner"),
            ),
        ),
    ),
    Sheet(
        title="ตัวเลือก",
        key="options",
        owner="scales",
        note="ตามลำดับที่แสดงในแบบ",
        columns=(
            Column(path=("owner",), title="มาตร", kind="reference", sheet="มาตร"),
            *_label("label", "ตัวเลือก"),
            Column(path=("points",), title="คะแนน (0-100)", kind="integer", maximum=100),
        ),
    ),
    Sheet(
        title="ระดับ",
        key="bands",
        note="เรียงจากดีที่สุด ระดับสุดท้ายเริ่มที่ 0",
        columns=(
            Column(path=("id",), title="ระดับ (ตามที่พิมพ์)", width=22),
            *_label(),
            Column(path=("at_least",), title="คะแนนรวมตั้งแต่", kind="integer", maximum=100),
            Column(
                path=("every_instrument_at_least",),
                title="ทุกเครื่องมือตั้งแต่",
                kind="integer",
                maximum=100,
                optional=True,
                width=18,
            ),
            *_basis(),
        ),
        formulas=(
            Formula(
                title="คะแนนรวมต่ำกว่า",
                text='IF({row}=3,"–",D{previous})',
                values=lambda rows, _: ["–", *(row["at_least"] for row in rows[:-1])],
                note="คือขั้นต่ำของระดับที่สูงกว่า",
            ),
        ),
    ),
    Sheet(
        title="ปฏิทิน",
        key="calendar",
        columns=(
            _ID,
            *_label("label", "ช่วงงาน"),
            Column(path=("starts",), title="เริ่ม (ค.ศ.-เดือน-วัน)", kind="date", optional=True, width=20),
            Column(path=("ends",), title="สิ้นสุด (ค.ศ.-เดือน-วัน)", kind="date", optional=True, width=20),
            *_basis(),
        ),
    ),
    Sheet(
        title="กลุ่มตัวอย่าง",
        key="samples",
        columns=(
            Column(path=("instrument",), title="เครื่องมือ", kind="reference", sheet="เครื่องมือ"),
            *_label("population", "ประชากร"),
            Column(path=("percent",), title="ร้อยละของประชากร", kind="integer", maximum=100, width=18),
            Column(path=("at_least",), title="อย่างน้อย (ชุด)", kind="integer"),
            Column(path=("cap_population_over",), title="มีเพดานเมื่อเกิน (คน)", kind="integer", width=20),
            Column(path=("cap",), title="เพดาน (ชุด)", kind="integer"),
            *_basis(),
        ),
    ),
    Sheet(
        title="ลิงก์สาธารณะ",
        key="open_links",
        note="แบบวัดที่เปิดลิงก์ให้ทุกคนใช้ได้ แบบวัดที่ไม่อยู่ในนี้ใช้บัตรรหัส ผลที่ใช้ลิงก์มีเครื่องหมายกำกับ",
        columns=(
            Column(path=("instrument",), title="เครื่องมือ", kind="reference", sheet="เครื่องมือ"),
            *_basis(),
        ),
    ),
    Sheet(
        title="แหล่งอ้างอิง",
        key="sources",
        columns=(
            _ID,
            Column(path=("title",), title="ชื่อเอกสารหรือหน้าเว็บ", width=90),
            Column(path=("url",), title="ที่อยู่เว็บ", optional=True, width=40),
        ),
    ),
    Sheet(
        title="การอ่านที่ต่างไป",
        key="readings",
        note="การอ่านหลักเกณฑ์ที่ยังไม่มีเอกสารชี้ขาด วางคู่กับที่ระบบใช้",
        columns=(
            _ID,
            *_label("label", "การอ่าน"),
            Column(
                path=("changes",),
                title="สิ่งที่ต่าง",
                kind="changes",
                optional=True,
                width=50,
                note="รายการ|รหัส|ช่อง=ค่า คั่นด้วย ; เช่น disclosure_items|O24|sub_indicator=10.1",
            ),
            Column(
                path=("more_questions",),
                title="คำถามที่มีเพิ่ม",
                kind="counts",
                optional=True,
                width=24,
                note="ตัวชี้วัด=จำนวนข้อที่ไม่พบถ้อยคำ คั่นด้วย ; เช่น 1=3",
            ),
            *_basis(),
        ),
    ),
    Sheet(
        title="ฉบับก่อนหน้า",
        key="earlier_editions",
        note="ฉบับที่ให้คะแนนเหมือนกัน ระบบกรอกเอง",
        columns=(
            Column(path=("digest",), title="รหัสกำกับ", width=66),
            Column(path=("note",), title="สิ่งที่แก้ไข", width=70),
        ),
    ),
    Sheet(
        title="ตัวอย่างคำนวณ",
        key="cases",
        note="คะแนนที่รู้อยู่แล้ว และผลที่หลักเกณฑ์ต้องให้",
        columns=(
            Column(path=("title",), title="เรื่อง", width=40),
            Column(path=("source",), title="ที่มา", kind="references", sheet="แหล่งอ้างอิง", width=16),
            Column(path=("given",), title="เมื่อได้", kind="values", width=50, note="รหัส=คะแนน คั่นด้วย ;"),
            Column(path=("expect",), title="ต้องได้", kind="values", width=30, note="รหัส=คะแนน คั่นด้วย ;"),
            Column(path=("level",), title="ระดับ", optional=True, width=18),
            Column(
                path=("passes",),
                title="ผ่านค่าเป้าหมาย",
                kind="flag",
                choices={"yes": "ผ่าน", "no": "ไม่ผ่าน"},
                optional=True,
            ),
            Column(path=("within",), title="ต่างได้ไม่เกิน"),
        ),
    ),
)

# single values, a row each: the path in the rules, then its column
GENERAL = "ทั่วไป"
GENERAL_ROWS: tuple[Column, ...] = (
    Column(path=("assessment",), title="ชื่อย่อของการประเมิน", note="อักษรละตินตัวเล็ก ตัวเลข และ -"),
    Column(path=("fiscal_year",), title="ปีงบประมาณ (พ.ศ.)", kind="integer"),
    Column(path=("state",), title="สถานะของหลักเกณฑ์", kind="choice", choices=STATE_TH),
    *_label("title", "ชื่อการประเมิน"),
    Column(path=("note",), title="หมายเหตุของปี", optional=True),
    Column(
        path=("overall",),
        title="วิธีรวมคะแนน",
        kind="choice",
        choices={"weighted_sum": METHOD_TH["weighted_sum"]},
    ),
    Column(path=("rounding", "method"), title="วิธีปัดเศษ", kind="choice", choices={"half_up": "ปัดครึ่งขึ้น"}),
    Column(path=("rounding", "places"), title="ทศนิยม (ตำแหน่ง)", kind="integer", maximum=6),
    *(
        Column(
            path=("rounding", *c.path),
            title=f"การปัดเศษ: {c.title}",
            kind=c.kind,
            choices=c.choices,
            sheet=c.sheet,
            optional=c.optional,
        )
        for c in _basis()
    ),
    Column(path=("target", "points"), title="ค่าเป้าหมาย (คะแนน)", kind="integer", maximum=100),
    Column(
        path=("target", "passing"),
        title="การผ่าน",
        kind="choice",
        choices={"overall_at_target": "คะแนนรวมถึงค่าเป้าหมาย"},
    ),
    *(
        Column(path=("target", *c.path), title=f"ค่าเป้าหมาย: {c.title}", width=c.width)
        for c in _label("label", "คำอธิบาย")
    ),
    *(
        Column(
            path=("target", *c.path),
            title=f"ค่าเป้าหมาย: {c.title}",
            kind=c.kind,
            choices=c.choices,
            sheet=c.sheet,
            optional=c.optional,
        )
        for c in _basis()
    ),
    Column(
        path=("small_groups", "show_items_from"), title="แสดงคะแนนรายข้อเมื่อมีผู้ตอบตั้งแต่ (คน)", kind="integer", optional=True
    ),
    *(
        Column(path=("small_groups", field), title=f"กลุ่มเล็ก: {title}", kind="integer", optional=True, maximum=maximum)
        for field, title, maximum in (
            ("approximate_items_from", "แสดงคะแนนรายข้อโดยประมาณเมื่อมีผู้ตอบตั้งแต่ (คน)", None),
            ("item_odds", "คะแนนรายข้อทำให้คำตอบหนึ่งน่าเชื่อกว่าอีกคำตอบได้ไม่เกิน (เท่า)", 100),
            ("show_indicators_from", "แสดงคะแนนตัวชี้วัดของแบบวัดเมื่อมีผู้ตอบตั้งแต่ (คน)", None),
            ("double_from_percent", "เกณฑ์เป็นสองเท่าเมื่อตอบกันตั้งแต่ร้อยละ", 100),
            ("count_width", "จำนวนผู้ตอบในใบรับรองเป็นช่วง ช่วงละ (คน)", 1000),
        )
    ),
    *(
        Column(
            path=("small_groups", *c.path),
            title=f"กลุ่มเล็ก: {c.title}",
            kind=c.kind,
            choices=c.choices,
            sheet=c.sheet,
            optional=True,
        )
        for c in _basis()
    ),
)
