"""What changed between two years' rules, in words a person understands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from prongsai.framework.schema import DisclosureItem, SurveyItem
from prongsai.framework.tree import Framework


@dataclass(frozen=True)
class Change:
    """One difference. ``topic`` groups differences for reading; ``text`` is a Thai sentence."""

    topic: str
    text: str


def lineage(chain: Sequence[Framework]) -> dict[str, tuple[str, ...]]:
    """Which items of the first year each item of the last one continues, through every year between.

    ``chain`` is consecutive years, oldest first; of a single year, every item continues itself.
    """
    links: dict[str, tuple[str, ...]] = {name: (name,) for name in chain[0].items}
    for framework in chain[1:]:
        links = {
            name: tuple(dict.fromkeys(old for before in item.continues for old in links.get(before, ())))
            for name, item in framework.items.items()
        }
    return links


def difference(chain: Sequence[Framework]) -> list[Change]:
    """What the last year changed from the first. ``chain`` is consecutive years, oldest first."""
    old, new = chain[0], chain[-1]
    return [*_structure(old, new), *_levels(old, new), *_items(old, new, lineage(chain))]


def _percent(weight: int) -> str:
    return f"{weight / 100:g}%"


def _structure(old: Framework, new: Framework) -> list[Change]:
    found = []
    topic = "เครื่องมือและน้ำหนัก"
    for name in sorted(old.instruments.keys() | new.instruments.keys()):
        a, b = old.instruments.get(name), new.instruments.get(name)
        if a is None and b is not None:
            found.append(Change(topic, f"เพิ่ม {name} ({b.label.th}) น้ำหนัก {_percent(b.weight)}"))
        elif b is None and a is not None:
            found.append(Change(topic, f"ยกเลิก {name} ({a.label.th}) ซึ่งเคยมีน้ำหนัก {_percent(a.weight)}"))
        elif a is not None and b is not None and a.weight != b.weight:
            found.append(Change(topic, f"น้ำหนักของ {name} เปลี่ยนจาก {_percent(a.weight)} เป็น {_percent(b.weight)}"))
    for name in sorted(old.indicators.keys() & new.indicators.keys(), key=_natural):
        before, after = old.indicators[name], new.indicators[name]
        if before.label.th != after.label.th:
            text = f"ตัวชี้วัด {name} เปลี่ยนชื่อจาก “{before.label.th}” เป็น “{after.label.th}”"
            found.append(Change("ตัวชี้วัด", text))
        if before.method != after.method or len(before.instruments) != len(after.instruments):
            text = f"ตัวชี้วัด {name} เดิมวัดด้วย {', '.join(before.instruments)} ปีนี้วัดด้วย {', '.join(after.instruments)}"
            found.append(Change("ตัวชี้วัด", text + (" แล้วเฉลี่ยสองส่วน" if after.parts else "")))
    a_sub = {s.id: s for s in old.rules.sub_indicators}
    b_sub = {s.id: s for s in new.rules.sub_indicators}
    for sub in sorted(a_sub.keys() | b_sub.keys(), key=_natural):
        if sub not in a_sub:
            found.append(Change("ตัวชี้วัดย่อย", f"เพิ่ม {sub} {b_sub[sub].label.th}"))
        elif sub not in b_sub:
            found.append(Change("ตัวชี้วัดย่อย", f"ยกเลิก {sub} {a_sub[sub].label.th}"))
        else:
            then, now = len(old.nodes[sub].parts), len(new.nodes[sub].parts)
            renamed = a_sub[sub].label.th != b_sub[sub].label.th
            if renamed or then != now:
                name = f" “{a_sub[sub].label.th}” เป็น “{b_sub[sub].label.th}”" if renamed else f" {b_sub[sub].label.th}"
                count = f" จาก {then} ข้อเป็น {now} ข้อ" if then != now else ""
                found.append(Change("ตัวชี้วัดย่อย", f"{sub}{name}{count}"))
    return found


def _levels(old: Framework, new: Framework) -> list[Change]:
    found = []
    if list(old.bands) != list(new.bands):
        found.append(Change("ระดับผล", f"ชื่อระดับเปลี่ยนจาก {' '.join(old.bands)} เป็น {' / '.join(new.bands)}"))
    for name, band in new.bands.items():
        before = old.bands.get(name)
        if before and (before.at_least, before.every_instrument_at_least) != (
            band.at_least,
            band.every_instrument_at_least,
        ):
            found.append(Change("ระดับผล", f"เกณฑ์ของระดับ {name} เปลี่ยนจากตั้งแต่ {before.at_least} เป็นตั้งแต่ {band.at_least}"))
        elif before is None and band.every_instrument_at_least is not None:
            found.append(Change("ระดับผล", f"ระดับ {name} ต้องได้ทุกเครื่องมือตั้งแต่ {band.every_instrument_at_least} ด้วย"))
    if old.rules.target.points != new.rules.target.points:
        found.append(Change("ค่าเป้าหมาย", f"เปลี่ยนจาก {old.rules.target.points} เป็น {new.rules.target.points}"))
    if old.rules.rounding.places != new.rules.rounding.places:
        found.append(Change("การปัดเศษ", f"เปลี่ยนจาก {old.rules.rounding.places} เป็น {new.rules.rounding.places} ตำแหน่ง"))
    return found


def _items(old: Framework, new: Framework, links: Mapping[str, tuple[str, ...]]) -> list[Change]:
    found = []
    kinds: tuple[tuple[str, Callable[[object], bool]], ...] = (
        ("ข้อคำถามของแบบวัดการรับรู้", lambda i: isinstance(i, SurveyItem)),
        ("รายการเปิดเผยข้อมูล", lambda i: isinstance(i, DisclosureItem)),
    )
    for topic, mine in kinds:
        a = {k: v for k, v in old.items.items() if mine(v)}
        b = {k: v for k, v in new.items.items() if mine(v)}
        if len(a) != len(b):
            found.append(Change(topic, f"จำนวนข้อเปลี่ยนจาก {len(a)} เป็น {len(b)}"))
        continued = {o for name in b for o in links.get(name, ())}
        followers: dict[str, list[str]] = {}
        for name in b:
            for before in links.get(name, ()):
                followers.setdefault(before, []).append(name)
        for name in sorted(a.keys() - continued, key=_natural):
            found.append(Change(topic, f"ตัดออก: {name} {a[name].label.th}"))
        for name in sorted(b, key=_natural):
            found += _item(topic, name, a, b, links.get(name, ()), followers)
    return found


def _item(
    topic: str,
    name: str,
    a: Mapping[str, SurveyItem | DisclosureItem],
    b: Mapping[str, SurveyItem | DisclosureItem],
    before: tuple[str, ...],
    followers: Mapping[str, list[str]],
) -> list[Change]:
    item = b[name]
    if not before:
        return [Change(topic, f"ข้อใหม่: {name} {item.label.th}")]
    if len(before) > 1:
        return [Change(topic, f"{name} {item.label.th} ต่อจาก {', '.join(before)}")]
    (source,) = before
    previous = a[source]
    notes = []
    if len(followers[source]) > 1:
        notes.append(f"แยกมาจาก {source} ซึ่งกลายเป็น {', '.join(followers[source])}")
    elif source != name:
        notes.append(f"เดิมคือ {source}")
    if isinstance(item, DisclosureItem) and isinstance(previous, DisclosureItem):
        if previous.label.th != item.label.th:
            notes.append(f"ชื่อเดิม “{previous.label.th}”")
        if previous.sub_indicator != item.sub_indicator:
            notes.append(f"ย้ายจากตัวชี้วัดย่อย {previous.sub_indicator} มา {item.sub_indicator}")
        if previous.period != item.period:
            notes.append(f"ช่วงข้อมูลเปลี่ยนจาก{PERIOD_TH[previous.period]}เป็น{PERIOD_TH[item.period]}")
    if isinstance(item, SurveyItem) and isinstance(previous, SurveyItem):
        if previous.indicator != item.indicator:
            notes.append(f"ย้ายจากตัวชี้วัด {previous.indicator} มา {item.indicator}")
        if previous.scale != item.scale:
            notes.append(f"มาตรเปลี่ยนจาก {previous.scale} เป็น {item.scale}")
        if previous.direction != item.direction:
            notes.append("กลับทิศการให้คะแนน")
        if len(previous.answers) != len(item.answers):
            notes.append(f"จำนวนคำตอบย่อยเปลี่ยนจาก {len(previous.answers) or 1} เป็น {len(item.answers) or 1}")
    return [Change(topic, f"{name} {item.label.th}: {'; '.join(notes)}")] if notes else []


# the topics of a difference that touch every score, not one item
RULES_OF_ALL = ("เครื่องมือและน้ำหนัก", "ตัวชี้วัด", "ระดับผล", "ค่าเป้าหมาย", "การปัดเศษ")

PERIOD_TH = {
    "any": "ไม่กำหนดปี",
    "assessed_year": "ปีที่ประเมิน",
    "first_half": "หกเดือนแรกของปีที่ประเมิน",
    "previous_year": "ปีก่อนหน้า",
}


def _natural(code: str) -> tuple[str, tuple[int, ...]]:
    letters = code.rstrip("0123456789.")
    return letters, tuple(int(p) for p in code[len(letters) :].split(".") if p)
