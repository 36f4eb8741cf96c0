"""An invented nation: results of agencies that differ in level, in what is known, and in how much changed."""

import dataclasses
import datetime
import random
from collections.abc import Iterator
from fractions import Fraction

from prongsai.documents.content.data import (
    Disclosure,
    DocumentData,
    FollowUp,
    Measure,
    NamedText,
    Office,
    Register,
    RegisterRecord,
    Signatory,
    YearResult,
)
from prongsai.framework import DisclosureItem, Framework
from prongsai.improvement.registers import kinds
from prongsai.lib import fiscal
from tests.documents.samples import FRAMEWORKS

_OFFICES = ("องค์การบริหารส่วนตำบล", "เทศบาลตำบล", "เทศบาลเมือง", "อำเภอ", "สำนักงานเขต")
_LEVELS = (0.15, 0.45, 0.6, 0.75, 0.86, 0.93, 0.98, 1.0)
_KNOWN = ("items", "items", "items", "some items", "indicators", "instruments", "total")
_COMMENTS = ("ขาดข้อมูลบางเดือน", "ไม่พบข้อมูลตามองค์ประกอบ", "เป็นคู่มือร้องทุกข์ทั่วไป ไม่ใช่แนวปฏิบัติเรื่องทุจริต")


def invent_nation(years: tuple[int, ...], agencies: int) -> Iterator[tuple[str, DocumentData]]:
    """``agencies`` of each year, each with a name that says how to invent it again."""
    for year in years:
        for number in range(agencies):
            yield f"{year}/{number}", invent_agency(year, number)


def invent_agency(year: int, number: int) -> DocumentData:
    rng = random.Random(year * 10_000 + number)
    framework, before = FRAMEWORKS[year], FRAMEWORKS.get(year - 1)
    known = rng.choice(_KNOWN)
    previous = None
    if before is not None and number % 2:
        previous = YearResult(before, _invent_scores(rng, before, rng.choice(_LEVELS), rng.choice(_KNOWN)))
    return DocumentData(
        office=Office(
            name=f"{rng.choice(_OFFICES)}ทดสอบ{number}",
            place="อำเภอเมือง จังหวัดสมมติ" if rng.random() < 0.7 else "",
            prepared_by=rng.choice(("", "สำนักปลัด", "ฝ่ายปกครอง")),
            executive_position=rng.choice(("", "นายกองค์การบริหารส่วนตำบลทดสอบ")),
        ),
        result=YearResult(framework, _invent_scores(rng, framework, rng.choice(_LEVELS), known)),
        previous=previous,
        chain=(before, framework) if previous and before else (),
        following=FRAMEWORKS.get(year + 1) if number % 3 else None,
        disclosures=tuple(
            Disclosure(item=item.id, comment=rng.choice(_COMMENTS))
            for item in framework.rules.disclosure_items
            if rng.random() < 0.2
        ),
        measures=tuple(_invent_measures(rng, framework)),
        signatories=(Signatory("นักวิเคราะห์นโยบายและแผน"), Signatory("ปลัด")) if rng.random() < 0.6 else (),
        date=datetime.date(year - 542, 1, 15),
    )


def _invent_scores(rng: random.Random, framework: Framework, level: float, known: str) -> dict[str, Fraction]:
    items = {}
    for node in framework.nodes.values():
        if node.item is None:
            continue
        if isinstance(node.item, DisclosureItem):
            marks = sorted(framework.mark_points(node.item.id))
            value = marks[-1] if rng.random() < level else rng.choice(marks)
            items[node.id] = Fraction(value)
        else:
            items[node.id] = Fraction(round(100 * min(1, max(0, rng.gauss(level, 0.08))) * 100), 100)
    if known == "items":
        return items
    from prongsai.scoring import complete_scores

    scores = complete_scores(framework, items)
    if known == "some items":
        return {n: s for n, s in scores.items() if n not in items or rng.random() < 0.6}
    shown = {
        "indicators": {*framework.indicators, *framework.instruments, "overall"},
        "instruments": {*framework.instruments, "overall"},
        "total": {"overall"},
    }[known]
    return {n: s for n, s in scores.items() if n in shown}


def _invent_measures(rng: random.Random, framework: Framework) -> Iterator[Measure]:
    for indicator in framework.indicators:
        if rng.random() < 0.5:
            continue
        pieces = rng.choice(((), ("รายงานการประชุม",), tuple(f"ภาพกิจกรรมครั้งที่ {n}" for n in range(1, 21))))
        follow_ups = [
            FollowUp(
                date=datetime.date(framework.fiscal_year - 543, 3, 31),
                status=rng.choice(("ดำเนินการแล้ว", "อยู่ระหว่างดำเนินการ", "ยังไม่ได้ดำเนินการ")),
                work_done=rng.choice(("", "จัดประชุมชี้แจงทุกส่วนงาน", "เผยแพร่ข้อมูลบนเว็บไซต์หลักแล้ว")),
                evidence=pieces,
                files=pieces,
                obstacles=rng.choice(("", "บุคลากรมีภารกิจมาก")),
                suggestion=rng.choice(("", "ควรจัดอบรมเพิ่มเติม")),
            )
        ]
        yield Measure(
            indicators=(indicator,),
            title=f"พัฒนา{framework.nodes[indicator].label.th}",
            finding=rng.choice(("", "บุคลากรบางส่วนยังไม่ทราบแนวปฏิบัติ")),
            steps=("จัดประชุมชี้แจง", "จัดทำและเผยแพร่แนวปฏิบัติ", "รายงานผลต่อผู้บริหาร")[: rng.randint(1, 3)],
            period=f"ตลอดปีงบประมาณ พ.ศ. {framework.fiscal_year + 1}",
            responsible=("สำนักปลัด", "กองคลัง")[: rng.randint(0, 2)],
            monitoring=rng.choice(("", "ทุกไตรมาส", "ปลัดติดตามทุกเดือน", "ปีละสองครั้ง (รอบ 6 เดือน และสิ้นปี)")),
            follow_ups=tuple(follow_ups[: rng.randint(0, 1)]),
        )


_WORDS = (
    "จัดประชุมชี้แจงทุกส่วนงาน",
    "๑๒ กอง ๓๐ คน",
    "ร้อยละ 80.5 ของผู้รับบริการ (เป้าหมาย ร้อยละ 75.25)",
    "O21 และข้อ i9 ได้คะแนน 91.50",
    "<b>ตัวหนา</b> & #set $x$ {{ y }} *ดี* [ก]",
    "https://www.example.go.th/แผน/2570/action-plan.pdf",
    "บรรทัดหนึ่ง\nบรรทัดสอง\n- ข้อย่อย",
    "ก" * 400,
    "A/B (c) “ง” – จ…",
)
_ROWS = (0, 1, 3, 7, 25)


def invent_register(kind: kinds.RegisterKind, year: int, number: int, records: int | None = None) -> DocumentData:
    """The data of an agency with a sheet of a kind: columns that are empty, short, long and odd."""
    rng = random.Random(year * 10_000 + number)
    count = rng.choice(_ROWS) if records is None else records
    fields = {f.key: _invent_field(rng, f, year) for f in kind.fields if f.key != kind.nothing and rng.random() < 0.7}
    if kind.nothing and not count and rng.random() < 0.5:
        last = fiscal.last_day(year)
        fields[kind.nothing] = rng.choice((last, last - datetime.timedelta(rng.randrange(1, 360)))).isoformat()
    rows = tuple(_invent_record(rng, kind, rng.random()) for _ in range(count))
    register = Register(kind=kind.key, fields=_named(fields), records=rows, is_draft=rng.random() < 0.3)
    return dataclasses.replace(invent_agency(year, number), register=register, measures=(), disclosures=())


def _named(values: dict[str, str]) -> tuple[NamedText, ...]:
    return tuple(NamedText(key, text) for key, text in values.items())


def _invent_field(rng: random.Random, field: kinds.Field, year: int) -> str:
    return f"{year - 544}-10-0{rng.randint(1, 9)}" if field.type == "day" else rng.choice(_WORDS)


def _invent_record(rng: random.Random, kind: kinds.RegisterKind, filled: float) -> RegisterRecord:
    values = {}
    for column in kind.columns:
        if column.type == "level" or rng.random() > filled:
            continue
        match column.type:
            case "choice":
                values[column.key] = rng.choice(list(column.labels))
            case "month":
                values[column.key] = str(rng.randint(7, 12) if column.key == "ends" else rng.randint(1, 6))
            case "money":
                values[column.key] = rng.choice(("0.00", "999999999999.99", "1500.50", "20000.00"))
            case "number":
                values[column.key] = rng.choice(("0", "12", "100000"))
            case "line":
                values[column.key] = rng.choice(_WORDS).replace("\n", " ")
            case _:
                values[column.key] = rng.choice(_WORDS)
    return RegisterRecord(_named(values))
