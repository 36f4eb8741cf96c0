"""What changed between two years' rules, as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from prongsai.framework.schema import Band, DisclosureItem, SubIndicator, SurveyItem
from prongsai.framework.tree import Framework

PERIOD_TH = {
    "any": "ไม่กำหนดปี",
    "assessed_year": "ปีที่ประเมิน",
    "first_half": "หกเดือนแรกของปีที่ประเมิน",
    "previous_year": "ปีก่อนหน้า",
}
# the topics of a difference that touch every score, not one item
RULES_OF_ALL = ("เครื่องมือและน้ำหนัก", "ตัวชี้วัด", "ระดับผล", "ค่าเป้าหมาย", "การปัดเศษ")
_WEIGHTS, _INDICATORS, _BANDS, _TARGET, _ROUNDING = RULES_OF_ALL
_SUB_INDICATORS = "ตัวชี้วัดย่อย"
_ITEM_TOPICS: tuple[tuple[str, type[SurveyItem] | type[DisclosureItem]], ...] = (
    ("ข้อคำถามของแบบวัดการรับรู้", SurveyItem),
    ("รายการเปิดเผยข้อมูล", DisclosureItem),
)
Item = SurveyItem | DisclosureItem


@dataclass(frozen=True)
class Change:
    """One difference. ``topic`` groups differences for reading; ``text`` is a Thai sentence."""

    topic: str
    text: str


def lineage(frameworks: Sequence[Framework]) -> dict[str, tuple[str, ...]]:
    """Which items of the first year each item of the last one continues, through every year between.

    ``frameworks`` are consecutive years, oldest first; of a single year, every item continues itself.
    """
    origins: dict[str, tuple[str, ...]] = {name: (name,) for name in frameworks[0].items}
    for framework in frameworks[1:]:
        origins = {
            name: tuple(dict.fromkeys(chain.from_iterable(origins.get(old, ()) for old in item.continues)))
            for name, item in framework.items.items()
        }
    return origins


def difference(frameworks: Sequence[Framework]) -> list[Change]:
    """What the last year changed from the first. ``frameworks`` are consecutive years, oldest first, or two editions of
    one year."""
    old, new = frameworks[0], frameworks[-1]
    if old.fiscal_year == new.fiscal_year:
        origins: dict[str, tuple[str, ...]] = {name: (name,) if name in old.items else () for name in new.items}
    else:
        origins = lineage(frameworks)
    return [
        *_compare_instruments(old, new),
        *_compare_indicators(old, new),
        *_compare_sub_indicators(old, new),
        *_compare_bands(old, new),
        *_compare_items(old, new, origins),
    ]


def _percent(weight: int) -> str:
    return f"{weight / 100:g}%"


def _compare_instruments(old: Framework, new: Framework) -> Iterator[Change]:
    for name in sorted(old.instruments.keys() | new.instruments.keys()):
        before, after = old.instruments.get(name), new.instruments.get(name)
        if before is None and after is not None:
            yield Change(_WEIGHTS, f"เพิ่ม {name} ({after.label.th}) น้ำหนัก {_percent(after.weight)}")
        elif after is None and before is not None:
            yield Change(_WEIGHTS, f"ยกเลิก {name} ({before.label.th}) ซึ่งเคยมีน้ำหนัก {_percent(before.weight)}")
        elif before is not None and after is not None and before.weight != after.weight:
            weights = f"จาก {_percent(before.weight)} เป็น {_percent(after.weight)}"
            yield Change(_WEIGHTS, f"น้ำหนักของ {name} เปลี่ยน{weights}")


def _compare_indicators(old: Framework, new: Framework) -> Iterator[Change]:
    for name in sorted(old.indicators.keys() & new.indicators.keys(), key=_natural_order):
        before, after = old.indicators[name], new.indicators[name]
        if before.label.th != after.label.th:
            yield Change(_INDICATORS, f"ตัวชี้วัด {name} เปลี่ยนชื่อจาก “{before.label.th}” เป็น “{after.label.th}”")
        if before.method != after.method or len(before.instruments) != len(after.instruments):
            methods = f"เดิมวัดด้วย {', '.join(before.instruments)} ปีนี้วัดด้วย {', '.join(after.instruments)}"
            yield Change(_INDICATORS, f"ตัวชี้วัด {name} {methods}{' แล้วเฉลี่ยสองส่วน' if after.parts else ''}")


def _compare_sub_indicators(old: Framework, new: Framework) -> Iterator[Change]:
    before = {sub.id: sub for sub in old.rules.sub_indicators}
    after = {sub.id: sub for sub in new.rules.sub_indicators}
    for name in sorted(before.keys() | after.keys(), key=_natural_order):
        if name not in before:
            yield Change(_SUB_INDICATORS, f"เพิ่ม {name} {after[name].label.th}")
        elif name not in after:
            yield Change(_SUB_INDICATORS, f"ยกเลิก {name} {before[name].label.th}")
        else:
            counts = len(old.nodes[name].parts), len(new.nodes[name].parts)
            yield from _compare_sub_indicator(before[name], after[name], counts)


def _compare_sub_indicator(before: SubIndicator, after: SubIndicator, counts: tuple[int, int]) -> Iterator[Change]:
    is_renamed = before.label.th != after.label.th
    if is_renamed or counts[0] != counts[1]:
        name = f" “{before.label.th}” เป็น “{after.label.th}”" if is_renamed else f" {after.label.th}"
        count = f" จาก {counts[0]} ข้อเป็น {counts[1]} ข้อ" if counts[0] != counts[1] else ""
        yield Change(_SUB_INDICATORS, f"{after.id}{name}{count}")


def _compare_bands(old: Framework, new: Framework) -> Iterator[Change]:
    """Levels, target and rounding."""
    if list(old.bands) != list(new.bands):
        yield Change(_BANDS, f"ชื่อระดับเปลี่ยนจาก {' '.join(old.bands)} เป็น {' / '.join(new.bands)}")
    for name, band in new.bands.items():
        before = old.bands.get(name)
        condition = band.every_instrument_at_least
        if before and _limits(before) != _limits(band):
            yield Change(_BANDS, f"เกณฑ์ของระดับ {name} เปลี่ยนจากตั้งแต่ {before.at_least} เป็นตั้งแต่ {band.at_least}")
        elif before is None and condition is not None:
            yield Change(_BANDS, f"ระดับ {name} ต้องได้ทุกเครื่องมือตั้งแต่ {condition} ด้วย")
    if old.rules.target.points != new.rules.target.points:
        yield Change(_TARGET, f"เปลี่ยนจาก {old.rules.target.points} เป็น {new.rules.target.points}")
    if old.rules.rounding.places != new.rules.rounding.places:
        yield Change(_ROUNDING, f"เปลี่ยนจาก {old.rules.rounding.places} เป็น {new.rules.rounding.places} ตำแหน่ง")


def _limits(band: Band) -> tuple[int, int | None]:
    return band.at_least, band.every_instrument_at_least


def _compare_items(old: Framework, new: Framework, origins: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    for topic, item_type in _ITEM_TOPICS:
        before = {name: item for name, item in old.items.items() if isinstance(item, item_type)}
        after = {name: item for name, item in new.items.items() if isinstance(item, item_type)}
        if len(before) != len(after):
            yield Change(topic, f"จำนวนข้อเปลี่ยนจาก {len(before)} เป็น {len(after)}")
        successors: dict[str, list[str]] = {}
        for name in after:
            for origin in origins[name]:
                successors.setdefault(origin, []).append(name)
        for name in sorted(before.keys() - successors.keys(), key=_natural_order):
            yield Change(topic, f"ตัดออก: {name} {before[name].label.th}")
        for name in sorted(after, key=_natural_order):
            text = _describe_item(after[name], origins[name], old.items, successors)
            if text:
                yield Change(topic, text)


def _describe_item(
    item: Item, origins: tuple[str, ...], old_items: Mapping[str, Item], successors: Mapping[str, list[str]]
) -> str:
    """How an item differs from those it continues; empty when it does not."""
    if not origins:
        return f"ข้อใหม่: {item.id} {item.label.th}"
    if len(origins) > 1:
        return f"{item.id} {item.label.th} ต่อจาก {', '.join(origins)}"
    (origin,) = origins
    before = old_items[origin]
    notes = []
    if len(successors[origin]) > 1:
        notes.append(f"แยกมาจาก {origin} ซึ่งกลายเป็น {', '.join(successors[origin])}")
    elif origin != item.id:
        notes.append(f"เดิมคือ {origin}")
    if isinstance(item, DisclosureItem) and isinstance(before, DisclosureItem):
        notes += _disclosure_notes(before, item)
    if isinstance(item, SurveyItem) and isinstance(before, SurveyItem):
        notes += _survey_notes(before, item)
    return f"{item.id} {item.label.th}: {'; '.join(notes)}" if notes else ""


def _disclosure_notes(before: DisclosureItem, after: DisclosureItem) -> Iterator[str]:
    if before.label.th != after.label.th:
        yield f"ชื่อเดิม “{before.label.th}”"
    if before.sub_indicator != after.sub_indicator:
        yield f"ย้ายจากตัวชี้วัดย่อย {before.sub_indicator} มา {after.sub_indicator}"
    if before.period != after.period:
        yield f"ช่วงข้อมูลเปลี่ยนจาก{PERIOD_TH[before.period]}เป็น{PERIOD_TH[after.period]}"


def _survey_notes(before: SurveyItem, after: SurveyItem) -> Iterator[str]:
    if before.indicator != after.indicator:
        yield f"ย้ายจากตัวชี้วัด {before.indicator} มา {after.indicator}"
    if before.scale != after.scale:
        yield f"มาตรเปลี่ยนจาก {before.scale} เป็น {after.scale}"
    if before.direction != after.direction:
        yield "กลับทิศการให้คะแนน"
    if len(before.answers) != len(after.answers):
        yield f"จำนวนคำตอบย่อยเปลี่ยนจาก {len(before.answers) or 1} เป็น {len(after.answers) or 1}"


def _natural_order(code: str) -> tuple[str, tuple[int, ...]]:
    """So that O2 comes before O10, and 9.2 before 10.1."""
    letters = code.rstrip("0123456789.")
    return letters, tuple(int(part) for part in code[len(letters) :].split(".") if part)
