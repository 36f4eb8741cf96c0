"""An invented assessment: other ids, three instruments, seven indicators, another scale, other levels, another target.

Nothing in it is named like anything of the national assessment, so that code which knows that one by heart fails here.
"""

from typing import Any

from prongsai import framework as rules
from prongsai.framework import Framework

ASSESSMENT, YEAR = "fac", 2569
STAFF, STUDENTS, WEB = "BK", "NS", "WB"
BASIS = {"standing": "documented", "source": ["REG"], "note": None}
INDICATORS = (
    ("A", STAFF, "การสอนและการประเมินผล"),
    ("B", STAFF, "การใช้เงินรายได้"),
    ("C", STAFF, "ความเป็นธรรมต่อบุคลากร"),
    ("D", STUDENTS, "บริการนักศึกษา"),
    ("F", STUDENTS, "การรับฟังความเห็น"),
    ("G", WEB, "ข้อมูลที่เปิดให้ตรวจสอบ"),
    ("H", WEB, "การป้องกันผลประโยชน์ทับซ้อน"),
)
LEVELS = (("ดีเลิศ", 90, 80), ("ดีมาก", 75, None), ("พอใช้", 55, None), ("ต้องเร่งแก้ไข", 0, None))


def label(text: str) -> dict[str, str]:
    return {"th": text, "en": f"{text} (en)"}


def instrument(name: str, kind: str, title: str, weight: int, by: str = "agency") -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "collected_by": by,
        "label": label(title),
        "aliases": [],
        "weight": weight,
        "method": "mean_of_indicators",
        "basis": BASIS,
    }


def question(number: int, indicator: str) -> dict[str, Any]:
    return {
        "id": f"q.{number}",
        "indicator": indicator,
        "label": label(f"คำถามที่ {number} ของเรื่องนี้ ท่านเห็นด้วยเพียงใด"),
        "scale": "five",
        "direction": "negative" if number % 3 == 0 else "positive",
        "answers": [],
        "method": "mean_of_answers",
        "basis": BASIS,
        "scale_basis": BASIS,
        "continues": [],
        "advice": advice(f"คำถามที่ {number}"),
    }


def disclosure(number: int, sub_indicator: str) -> dict[str, Any]:
    return {
        "id": f"W-{number}",
        "sub_indicator": sub_indicator,
        "heading": "หมวดข้อมูลของคณะ",
        "label": label(f"ข้อมูลเปิดเผยที่ {number} ของคณะ"),
        "scale": "half",
        "period": "any",
        "elements": [
            {"th": "มีชื่อผู้รับผิดชอบ", "plan": [], "only_for": None, "standing": "documented", "source": ["REG"]},
            {"th": "มีข้อมูลย้อนหลังสามปี", "plan": [], "only_for": None, "standing": "documented", "source": ["REG"]},
        ],
        "basis": BASIS,
        "placement": BASIS,
        "period_basis": BASIS,
        "continues": [],
        "advice": advice(f"ข้อมูลที่ {number}"),
    }


def advice(subject: str) -> dict[str, str]:
    return {"defect": f"{subject}ยังไม่ถึงระดับที่ตั้งไว้", "remedy": f"จัดทำและปรับปรุงเรื่อง{subject}ให้ครบถ้วนภายในภาคการศึกษา"}


def scale(name: str, kind: str, *points: int) -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "options": [{"label": label(f"ระดับ {n}"), "points": p} for n, p in enumerate(points)],
        "basis": BASIS,
    }


def data() -> dict[str, Any]:
    """The rules in their JSON form."""
    questions = [question(n, i) for n, i in enumerate((*"AABBCC", *"DDDFF"), 1)]
    subs = [("G1", "G"), ("G2", "G"), ("H1", "H")]
    items = [disclosure(n, sub) for n, sub in enumerate(("G1", "G1", "G2", "H1", "H1"), 1)]
    return {
        "assessment": ASSESSMENT,
        "fiscal_year": YEAR,
        "state": "announced",
        "earlier_editions": [],
        "title": label(f"การประเมินความโปร่งใสของคณะ ปี {YEAR}"),
        "note": None,
        "sources": {"REG": {"title": "ข้อบังคับมหาวิทยาลัย", "url": None}},
        "scales": [scale("five", "answer", 0, 25, 50, 75, 100), scale("half", "mark", 100, 50, 0)],
        "instruments": [
            instrument(STAFF, "survey", "แบบถามบุคลากรของคณะ", 4000),
            instrument(STUDENTS, "survey", "แบบถามนักศึกษา", 3500),
            instrument(WEB, "disclosure", "แบบตรวจเว็บไซต์คณะ", 2500),
        ],
        "composites": [],
        "indicators": [
            {
                "id": name,
                "instruments": [owner],
                "label": label(title),
                "aliases": [],
                "meaning": label(f"คณะดำเนินการเรื่อง{title}เพียงใด"),
                "method": "mean_of_sub_indicators" if owner == WEB else "mean_of_items",
                "parts": None,
                "basis": BASIS,
            }
            for name, owner, title in INDICATORS
        ],
        "sub_indicators": [
            {"id": s, "indicator": i, "label": label(f"หมวด {s}"), "method": "mean_of_items", "basis": BASIS}
            for s, i in subs
        ],
        "overall": "weighted_sum",
        "rounding": {"method": "half_up", "places": 1, "basis": BASIS},
        "bands": [
            {"id": n, "label": label(n), "at_least": a, "every_instrument_at_least": e, "basis": BASIS}
            for n, a, e in LEVELS
        ],
        "target": {"points": 75, "passing": "overall_at_target", "label": label("ผ่านเมื่อได้ 75 ขึ้นไป"), "basis": BASIS},
        "samples": [],
        "small_groups": {"show_items_from": 5, "basis": BASIS},
        "open_links": [{"instrument": name, "basis": BASIS} for name in (STAFF, STUDENTS)],
        "calendar": [
            {"id": name, "label": label(title), "starts": None, "ends": None, "basis": BASIS}
            for name, title in (("survey", "เก็บแบบถาม"), ("disclosure", "ยื่นข้อมูล"), ("marking", "ตรวจ"))
        ],
        "survey_items": questions,
        "disclosure_items": items,
        "cases": [],
    }


def framework() -> Framework:
    checked, problems = rules.check_data(data(), None)
    assert checked is not None, "\n".join(map(str, problems))
    return checked
