"""What changed between two years' rules, or two editions of a year's, as sentences."""

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from prongsai.framework.rewording import changed_bases, exchanged_names, rewordings
from prongsai.framework.schema import (
    Band,
    DisclosureItem,
    Instrument,
    Sample,
    Scale,
    SmallGroups,
    SubIndicator,
    SurveyItem,
)
from prongsai.framework.tree import Framework
from prongsai.framework.years_in_text import move_date, move_years
from prongsai.lib import fiscal

PERIOD_TH = {
    "any": "ไม่กำหนดปี",
    "assessed_year": "ปีที่ประเมิน",
    "first_half": "หกเดือนแรกของปีที่ประเมิน",
    "previous_year": "ปีก่อนหน้า",
}
# the topics of a difference that touch every score, not one item
RULES_OF_ALL = ("เครื่องมือและน้ำหนัก", "ตัวชี้วัด", "ระดับผล", "ค่าเป้าหมาย", "การปัดเศษ")
_WEIGHTS, _INDICATORS, _BANDS, _TARGET, _ROUNDING = RULES_OF_ALL
_SUB_INDICATORS, _SCALES, _SAMPLES, _CALENDAR = "ตัวชี้วัดย่อย", "มาตร", "กลุ่มตัวอย่าง", "ปฏิทิน"
_WORDING = "ถ้อยคำ"
_KIND_TH = {"survey": "แบบวัด", "disclosure": "แบบตรวจ"}
_COLLECTED_TH = {"agency": "หน่วยงาน", "assessor": "ผู้ประเมิน"}
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


def difference(frameworks: Sequence[Framework], *, every_word: bool = False) -> list[Change]:
    """What the last year changed from the first. ``frameworks`` are consecutive years, oldest first, or two editions of
    one year, whose items are then compared by their ids.

    Texts that are said differently are counted; with ``every_word`` each is shown. Years and dates that moved with the
    fiscal year are no difference.
    """
    old, new = frameworks[0], frameworks[-1]
    if old.fiscal_year == new.fiscal_year:
        origins: dict[str, tuple[str, ...]] = {name: (name,) if name in old.items else () for name in new.items}
    else:
        origins = lineage(frameworks)
    return [
        *_compare_instruments(old, new),
        *_compare_composites(old, new),
        *_compare_indicators(old, new),
        *_compare_sub_indicators(old, new),
        *_compare_scales(old, new),
        *_compare_bands(old, new),
        *_compare_samples(old, new),
        *_compare_open_links(old, new),
        *_compare_calendar(old, new),
        *_compare_items(old, new, origins, every_word=every_word),
        *_compare_wording(old, new, origins, every_word=every_word),
    ]


def _compare_wording(
    old: Framework, new: Framework, origins: Mapping[str, tuple[str, ...]], *, every_word: bool
) -> Iterator[Change]:
    changes = rewordings(old, new, origins)
    if every_word:
        yield from (Change(_WORDING, f"{c.subject}: จาก “{c.before}” เป็น “{c.after}”") for c in changes)
    elif changes:
        counts = Counter(change.noun for change in changes)
        listed = ", ".join(f"{noun} {number}" for noun, number in counts.items())
        yield Change(_WORDING, f"แก้ถ้อยคำ {len(changes)} แห่ง: {listed}")
    if old.fiscal_year == new.fiscal_year:
        yield from (Change(_WORDING, f"สลับถ้อยคำ: {text}") for text in exchanged_names(old, new))
        if number := changed_bases(old, new):
            yield Change(_WORDING, f"ที่มาหรือสถานะของข้อเท็จจริงเปลี่ยน {number} แห่ง")


def _percent(weight: int) -> str:
    return f"{weight / 100:g}%"


def _compare_instruments(old: Framework, new: Framework) -> Iterator[Change]:
    for name in sorted(old.instruments.keys() | new.instruments.keys()):
        if name not in old.instruments:
            added = new.instruments[name]
            yield Change(_WEIGHTS, f"เพิ่ม {name} ({added.label.th}) น้ำหนัก {_percent(added.weight)}")
        elif name not in new.instruments:
            dropped = old.instruments[name]
            yield Change(_WEIGHTS, f"ยกเลิก {name} ({dropped.label.th}) ซึ่งเคยมีน้ำหนัก {_percent(dropped.weight)}")
        else:
            yield from _compare_instrument(old.instruments[name], new.instruments[name])


def _compare_instrument(before: Instrument, after: Instrument) -> Iterator[Change]:
    if before.weight != after.weight:
        weights = f"จาก {_percent(before.weight)} เป็น {_percent(after.weight)}"
        yield Change(_WEIGHTS, f"น้ำหนักของ {after.id} เปลี่ยน{weights}")
    if (before.kind, before.collected_by) != (after.kind, after.collected_by):
        kinds = f"{_KIND_TH[before.kind]}โดย{_COLLECTED_TH[before.collected_by]}"
        kinds += f"เป็น{_KIND_TH[after.kind]}โดย{_COLLECTED_TH[after.collected_by]}"
        yield Change(_WEIGHTS, f"{after.id} เปลี่ยนจาก{kinds}")


def _compare_composites(old: Framework, new: Framework) -> Iterator[Change]:
    before = {composite.id: composite for composite in old.rules.composites}
    after = {composite.id: composite for composite in new.rules.composites}
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change(_WEIGHTS, f"เพิ่มค่าเฉลี่ย {name} ของ {', '.join(after[name].of)}")
        elif name not in after:
            yield Change(_WEIGHTS, f"ยกเลิกค่าเฉลี่ย {name}")
        elif before[name].of != after[name].of:
            parts = f"{', '.join(before[name].of)} เป็น {', '.join(after[name].of)}"
            yield Change(_WEIGHTS, f"ค่าเฉลี่ย {name} เปลี่ยนจากของ {parts}")


def _compare_indicators(old: Framework, new: Framework) -> Iterator[Change]:
    for name in sorted(old.indicators.keys() ^ new.indicators.keys(), key=_natural_order):
        added = new.indicators.get(name)
        verb, indicator = ("เพิ่ม", added) if added else ("ยกเลิก", old.indicators[name])
        yield Change(_INDICATORS, f"{verb}ตัวชี้วัด {name} {indicator.label.th}")
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


def _compare_scales(old: Framework, new: Framework) -> Iterator[Change]:
    before = {scale.id: scale for scale in old.rules.scales}
    after = {scale.id: scale for scale in new.rules.scales}
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change(_SCALES, f"เพิ่ม {name} ให้คะแนน {_points(after[name])}")
        elif name not in after:
            yield Change(_SCALES, f"ยกเลิก {name}")
        elif _points(before[name]) != _points(after[name]):
            yield Change(_SCALES, f"คะแนนของ {name} เปลี่ยนจาก {_points(before[name])} เป็น {_points(after[name])}")


def _points(scale: Scale) -> str:
    return ", ".join(str(option.points) for option in scale.options)


def _compare_samples(old: Framework, new: Framework) -> Iterator[Change]:
    """Samples, and from how many answers a question is shown."""
    before = {sample.instrument: sample for sample in old.rules.samples}
    after = {sample.instrument: sample for sample in new.rules.samples}
    for name in sorted(before.keys() | after.keys()):
        first, last = (_describe_sample(samples.get(name)) for samples in (before, after))
        if first != last:
            yield Change(_SAMPLES, f"{name} เปลี่ยนจาก{first} เป็น{last}")
    groups = [f.rules.small_groups.show_items_from if f.rules.small_groups else 0 for f in (old, new)]
    if groups[0] != groups[1]:
        texts = [f"เมื่อมีผู้ตอบตั้งแต่ {number} คน" if number else "ทุกข้อ" for number in groups]
        yield Change(_SAMPLES, f"แสดงคะแนนรายข้อเปลี่ยนจาก{texts[0]} เป็น{texts[1]}")
    protections = [_describe_protection(f.rules.small_groups) for f in (old, new)]
    if protections[0] != protections[1]:
        yield Change(_SAMPLES, f"การคุ้มครองกลุ่มเล็กเปลี่ยนจาก{protections[0]} เป็น{protections[1]}")


def _describe_protection(rule: SmallGroups | None) -> str:
    if rule is None or rule.item_odds is None or rule.approximate_items_from is None:
        items = "ไม่เผยแพร่คะแนนรายข้อ"
    else:
        items = f"คะแนนรายข้อโดยประมาณตั้งแต่ {rule.approximate_items_from} คน ไม่เกิน {rule.item_odds} เท่า"
    if rule is None:
        return items
    limits = (
        (rule.show_indicators_from, "ตัวชี้วัดตั้งแต่ {} คน"),
        (rule.double_from_percent, "เป็นสองเท่าเมื่อตอบตั้งแต่ร้อยละ {}"),
        (rule.count_width, "จำนวนผู้ตอบเป็นช่วงละ {} คน"),
    )
    return " ".join([items, *(text.format(number) for number, text in limits if number)])


def _describe_sample(sample: Sample | None) -> str:
    if sample is None:
        return "ไม่กำหนด"
    cap = f"ไม่เกิน {sample.cap} ชุดเมื่อเกิน {sample.cap_population_over:,} คน"
    return f"ร้อยละ {sample.percent} อย่างน้อย {sample.at_least} ชุด {cap}"


def _compare_open_links(old: Framework, new: Framework) -> Iterator[Change]:
    before, after = ({link.instrument for link in f.rules.open_links} for f in (old, new))
    for name in sorted(before ^ after):
        was, now = ("ใช้ลิงก์สาธารณะได้" if name in links else "ใช้บัตรรหัสเท่านั้น" for links in (before, after))
        yield Change(_SAMPLES, f"{name} เปลี่ยนจาก{was} เป็น{now}")


def _compare_calendar(old: Framework, new: Framework) -> Iterator[Change]:
    years = new.fiscal_year - old.fiscal_year
    before = {phase.id: phase for phase in old.rules.calendar}
    after = {phase.id: phase for phase in new.rules.calendar}
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            verb, phase = ("เพิ่ม", after[name]) if name in after else ("ยกเลิก", before[name])
            yield Change(_CALENDAR, f"{verb}ช่วง “{phase.label.th}”")
            continue
        days = [(p.starts, p.ends) for p in (before[name], after[name])]
        moved = tuple(day and move_date(day, years) for day in days[0])
        if moved != days[1]:
            texts = [_describe_days(*pair) for pair in days]
            yield Change(_CALENDAR, f"{after[name].label.th}: จาก {texts[0]} เป็น {texts[1]}")


def _describe_days(first: datetime.date | None, last: datetime.date | None) -> str:
    if first == last:
        return fiscal.short_date(first) if first else "ไม่กำหนดวัน"
    words = (("ตั้งแต่ ", first), ("ถึง ", last))
    return " ".join(word + fiscal.short_date(day) for word, day in words if day)


def _compare_bands(old: Framework, new: Framework) -> Iterator[Change]:
    """Levels, target and rounding."""
    if list(old.bands) != list(new.bands):
        yield Change(_BANDS, f"ชื่อระดับเปลี่ยนจาก {' '.join(old.bands)} เป็น {' / '.join(new.bands)}")
    for name, band in new.bands.items():
        before = old.bands.get(name)
        condition = band.every_instrument_at_least
        if before and _limits(before) != _limits(band):
            yield Change(_BANDS, f"เกณฑ์ของระดับ {name} เปลี่ยนจาก{_describe_limits(before)} เป็น{_describe_limits(band)}")
        elif before is None and condition is not None:
            yield Change(_BANDS, f"ระดับ {name} ต้องได้ทุกเครื่องมือตั้งแต่ {condition} ด้วย")
    if old.rules.target.points != new.rules.target.points:
        yield Change(_TARGET, f"เปลี่ยนจาก {old.rules.target.points} เป็น {new.rules.target.points}")
    if old.rules.rounding.places != new.rules.rounding.places:
        yield Change(_ROUNDING, f"เปลี่ยนจาก {old.rules.rounding.places} เป็น {new.rules.rounding.places} ตำแหน่ง")


def _describe_limits(band: Band) -> str:
    condition = band.every_instrument_at_least
    return f"ตั้งแต่ {band.at_least}" + (f" และทุกเครื่องมือตั้งแต่ {condition}" if condition is not None else "")


def _limits(band: Band) -> tuple[int, int | None]:
    return band.at_least, band.every_instrument_at_least


def _compare_items(
    old: Framework, new: Framework, origins: Mapping[str, tuple[str, ...]], *, every_word: bool
) -> Iterator[Change]:
    years = new.fiscal_year - old.fiscal_year
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
            item = after[name]
            text = _describe_item(item, origins[name], old.items, successors)
            elements = _compare_elements(item, origins[name], old.items, years)
            if not text and elements.count:
                text = f"{item.id} {item.label.th}: {elements.summary()}"
            elif elements.count:
                text = f"{text}; {elements.summary()}"
            if text:
                yield Change(topic, text)
            yield from (Change(topic, f"{item.id} {text}") for text in elements.sentences() if every_word)


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


@dataclass(frozen=True)
class _ElementChanges:
    """Elements of a disclosure that were added, dropped, said differently, or are asked of others than before."""

    added: Sequence[str] = ()
    dropped: Sequence[str] = ()
    reworded: Sequence[tuple[str, str]] = ()
    asked: Sequence[str] = ()

    @property
    def count(self) -> int:
        return len(self.added) + len(self.dropped) + len(self.reworded) + len(self.asked)

    def summary(self) -> str:
        words = zip(("เพิ่ม", "ตัด", "แก้ถ้อยคำ", "เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์"), self._parts(), strict=True)
        return "องค์ประกอบ" + " ".join(f"{word} {len(part)}" for word, part in words if part)

    def sentences(self) -> Iterator[str]:
        yield from (f"เพิ่มองค์ประกอบ “{text}”" for text in self.added)
        yield from (f"ตัดองค์ประกอบ “{text}”" for text in self.dropped)
        yield from (f"แก้ถ้อยคำองค์ประกอบจาก “{before}” เป็น “{after}”" for before, after in self.reworded)
        yield from (f"เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์ของ “{text}”" for text in self.asked)

    def _parts(self) -> tuple[Sequence[object], ...]:
        return self.added, self.dropped, self.reworded, self.asked


def _compare_elements(
    item: Item, origins: tuple[str, ...], old_items: Mapping[str, Item], years: int
) -> _ElementChanges:
    """Elements are the same where they say the same; as many of others were said differently, in their order."""
    before = old_items[origins[0]] if len(origins) == 1 else None
    if not isinstance(item, DisclosureItem) or not isinstance(before, DisclosureItem):
        return _ElementChanges()
    earlier = {move_years(element.th, years): element for element in before.elements}
    later = {element.th: element for element in item.elements}
    dropped = [text for text in earlier if text not in later]
    added = [text for text in later if text not in earlier]
    same = [text for text in later if text in earlier]
    asked = [t for t in same if (earlier[t].only_for, earlier[t].plan) != (later[t].only_for, later[t].plan)]
    if len(before.elements) == len(item.elements):
        return _ElementChanges(reworded=[*zip(dropped, added, strict=False)], asked=asked)
    return _ElementChanges(added, dropped, asked=asked)


def _disclosure_notes(before: DisclosureItem, after: DisclosureItem) -> Iterator[str]:
    if before.label.th != after.label.th:
        yield f"ชื่อเดิม “{before.label.th}”"
    if before.sub_indicator != after.sub_indicator:
        yield f"ย้ายจากตัวชี้วัดย่อย {before.sub_indicator} มา {after.sub_indicator}"
    if before.period != after.period:
        yield f"ช่วงข้อมูลเปลี่ยนจาก{PERIOD_TH[before.period]}เป็น{PERIOD_TH[after.period]}"
    if before.scale != after.scale:
        yield f"มาตรเปลี่ยนจาก {before.scale} เป็น {after.scale}"


def _survey_notes(before: SurveyItem, after: SurveyItem) -> Iterator[str]:
    if before.indicator != after.indicator:
        yield f"ย้ายจากตัวชี้วัด {before.indicator} มา {after.indicator}"
    if before.scale != after.scale:
        yield f"มาตรเปลี่ยนจาก {before.scale} เป็น {after.scale}"
    if before.direction != after.direction:
        yield "กลับทิศการให้คะแนน"
    if len(before.answers) != len(after.answers):
        yield f"จำนวนคำตอบย่อยเปลี่ยนจาก {len(before.answers) or 1} เป็น {len(after.answers) or 1}"
    for number, (first, last) in enumerate(zip(before.answers, after.answers, strict=False), 1):
        if (first.direction or before.direction) != (last.direction or after.direction):
            yield f"กลับทิศการให้คะแนนของคำตอบย่อย {number}"


def _natural_order(code: str) -> tuple[str, tuple[int, ...]]:
    """So that O2 comes before O10, and 9.2 before 10.1."""
    letters = code.rstrip("0123456789.")
    return letters, tuple(int(part) for part in code[len(letters) :].split(".") if part)
