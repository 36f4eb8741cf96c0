"""What changed between two years' rules, or two editions of a year's, as sentences, in Thai and in English."""

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
    Label,
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
PERIOD_EN = {
    "any": "any year",
    "assessed_year": "the assessed year",
    "first_half": "the first half of the assessed year",
    "previous_year": "the year before",
}
# the topics of a difference that touch every score, not one item
RULES_OF_ALL = ("เครื่องมือและน้ำหนัก", "ตัวชี้วัด", "ระดับผล", "ค่าเป้าหมาย", "การปัดเศษ")
_WEIGHTS, _INDICATORS, _BANDS, _TARGET, _ROUNDING = RULES_OF_ALL
_SUB_INDICATORS, _SCALES, _SAMPLES, _CALENDAR = "ตัวชี้วัดย่อย", "มาตร", "กลุ่มตัวอย่าง", "ปฏิทิน"
_WORDING = "ถ้อยคำ"
_KIND_TH = {"survey": "แบบวัด", "disclosure": "แบบตรวจ"}
_KIND_EN = {"survey": "a survey", "disclosure": "a check of what is published"}
_COLLECTED_TH = {"agency": "หน่วยงาน", "assessor": "ผู้ประเมิน"}
_COLLECTED_EN = {"agency": "agencies", "assessor": "assessors"}
_QUESTIONS, _DISCLOSURES = "ข้อคำถามของแบบวัดการรับรู้", "รายการเปิดเผยข้อมูล"
_ITEM_TOPICS: tuple[tuple[str, type[SurveyItem] | type[DisclosureItem]], ...] = (
    (_QUESTIONS, SurveyItem),
    (_DISCLOSURES, DisclosureItem),
)
_TOPIC_EN = {
    _WEIGHTS: "Instruments and weights",
    _INDICATORS: "Indicators",
    _BANDS: "Levels",
    _TARGET: "Target",
    _ROUNDING: "Rounding",
    _SUB_INDICATORS: "Sub-indicators",
    _SCALES: "Scales",
    _SAMPLES: "Samples",
    _CALENDAR: "Calendar",
    _WORDING: "Wording",
    _QUESTIONS: "Questions of the surveys",
    _DISCLOSURES: "Disclosures",
}
Item = SurveyItem | DisclosureItem


@dataclass(frozen=True)
class Change:
    """One difference. ``topic`` groups differences for reading; ``text`` is Thai, ``english`` says the same."""

    topic: str
    text: str
    english: str

    @property
    def label(self) -> Label:
        """The sentence in both languages."""
        return Label(th=self.text, en=self.english)

    @property
    def topic_label(self) -> Label:
        return Label(th=self.topic, en=_TOPIC_EN[self.topic])


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
        for c in changes:
            texts = (f"{c.subject}: จาก “{c.before}” เป็น “{c.after}”", f"{c.subject}: from “{c.before}” to “{c.after}”")
            yield Change(_WORDING, *texts)
    elif changes:
        counts = Counter(change.noun for change in changes)
        listed = ", ".join(f"{noun} {number}" for noun, number in counts.items())
        places = "1 place" if len(changes) == 1 else f"{len(changes)} places"
        yield Change(_WORDING, f"แก้ถ้อยคำ {len(changes)} แห่ง: {listed}", f"Said differently in {places}")
    if old.fiscal_year == new.fiscal_year:
        for text in exchanged_names(old, new):
            yield Change(_WORDING, f"สลับถ้อยคำ: {text}", f"Wordings exchanged: {text}")
        if number := changed_bases(old, new):
            english = f"The source or standing of a fact changed, {number} times"
            yield Change(_WORDING, f"ที่มาหรือสถานะของข้อเท็จจริงเปลี่ยน {number} แห่ง", english)


def _english(label: Label) -> str:
    return label.en or label.th


def _percent(weight: int) -> str:
    return f"{weight / 100:g}%"


def _compare_instruments(old: Framework, new: Framework) -> Iterator[Change]:
    for name in sorted(old.instruments.keys() | new.instruments.keys()):
        if name not in old.instruments:
            added = new.instruments[name]
            texts = (
                f"เพิ่ม {name} ({added.label.th}) น้ำหนัก {_percent(added.weight)}",
                f"{name} ({_english(added.label)}) is new, with a weight of {_percent(added.weight)}",
            )
            yield Change(_WEIGHTS, *texts)
        elif name not in new.instruments:
            dropped = old.instruments[name]
            texts = (
                f"ยกเลิก {name} ({dropped.label.th}) ซึ่งเคยมีน้ำหนัก {_percent(dropped.weight)}",
                f"{name} ({_english(dropped.label)}), which had a weight of {_percent(dropped.weight)}, is no more",
            )
            yield Change(_WEIGHTS, *texts)
        else:
            yield from _compare_instrument(old.instruments[name], new.instruments[name])


def _compare_instrument(before: Instrument, after: Instrument) -> Iterator[Change]:
    if before.weight != after.weight:
        first, last = _percent(before.weight), _percent(after.weight)
        english = f"The weight of {after.id} changed from {first} to {last}"
        yield Change(_WEIGHTS, f"น้ำหนักของ {after.id} เปลี่ยนจาก {first} เป็น {last}", english)
    if (before.kind, before.collected_by) != (after.kind, after.collected_by):
        kinds = f"{_KIND_TH[before.kind]}โดย{_COLLECTED_TH[before.collected_by]}"
        kinds += f"เป็น{_KIND_TH[after.kind]}โดย{_COLLECTED_TH[after.collected_by]}"
        was, now = (f"{_KIND_EN[i.kind]} by {_COLLECTED_EN[i.collected_by]}" for i in (before, after))
        yield Change(_WEIGHTS, f"{after.id} เปลี่ยนจาก{kinds}", f"{after.id} changed from {was} to {now}")


def _compare_composites(old: Framework, new: Framework) -> Iterator[Change]:
    before = {composite.id: composite for composite in old.rules.composites}
    after = {composite.id: composite for composite in new.rules.composites}
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            of = ", ".join(after[name].of)
            yield Change(_WEIGHTS, f"เพิ่มค่าเฉลี่ย {name} ของ {of}", f"{name} is new: the mean of {of}")
        elif name not in after:
            yield Change(_WEIGHTS, f"ยกเลิกค่าเฉลี่ย {name}", f"The mean {name} is no more")
        elif before[name].of != after[name].of:
            first, last = ", ".join(before[name].of), ", ".join(after[name].of)
            english = f"{name}, which was the mean of {first}, is that of {last}"
            yield Change(_WEIGHTS, f"ค่าเฉลี่ย {name} เปลี่ยนจากของ {first} เป็น {last}", english)


def _compare_indicators(old: Framework, new: Framework) -> Iterator[Change]:
    for name in sorted(old.indicators.keys() ^ new.indicators.keys(), key=_natural_order):
        added = new.indicators.get(name)
        verb, indicator = ("เพิ่ม", added) if added else ("ยกเลิก", old.indicators[name])
        english = f"Indicator {name} {_english(indicator.label)} is {'new' if added else 'no more'}"
        yield Change(_INDICATORS, f"{verb}ตัวชี้วัด {name} {indicator.label.th}", english)
    for name in sorted(old.indicators.keys() & new.indicators.keys(), key=_natural_order):
        before, after = old.indicators[name], new.indicators[name]
        if before.label.th != after.label.th:
            names = f"“{_english(before.label)}” to “{_english(after.label)}”"
            texts = (
                f"ตัวชี้วัด {name} เปลี่ยนชื่อจาก “{before.label.th}” เป็น “{after.label.th}”",
                f"The name of indicator {name} changed from {names}",
            )
            yield Change(_INDICATORS, *texts)
        if before.method != after.method or len(before.instruments) != len(after.instruments):
            first, last = ", ".join(before.instruments), ", ".join(after.instruments)
            averaged = (" แล้วเฉลี่ยสองส่วน", " and the mean of both parts") if after.parts else ("", "")
            texts = (
                f"ตัวชี้วัด {name} เดิมวัดด้วย {first} ปีนี้วัดด้วย {last}{averaged[0]}",
                f"Indicator {name}, which was measured by {first}, is measured by {last}{averaged[1]}",
            )
            yield Change(_INDICATORS, *texts)


def _compare_sub_indicators(old: Framework, new: Framework) -> Iterator[Change]:
    before = {sub.id: sub for sub in old.rules.sub_indicators}
    after = {sub.id: sub for sub in new.rules.sub_indicators}
    for name in sorted(before.keys() | after.keys(), key=_natural_order):
        if name not in before:
            english = f"{name} {_english(after[name].label)} is new"
            yield Change(_SUB_INDICATORS, f"เพิ่ม {name} {after[name].label.th}", english)
        elif name not in after:
            english = f"{name} {_english(before[name].label)} is no more"
            yield Change(_SUB_INDICATORS, f"ยกเลิก {name} {before[name].label.th}", english)
        else:
            counts = len(old.nodes[name].parts), len(new.nodes[name].parts)
            yield from _compare_sub_indicator(before[name], after[name], counts)


def _compare_sub_indicator(before: SubIndicator, after: SubIndicator, counts: tuple[int, int]) -> Iterator[Change]:
    is_renamed = before.label.th != after.label.th
    if is_renamed or counts[0] != counts[1]:
        name = f" “{before.label.th}” เป็น “{after.label.th}”" if is_renamed else f" {after.label.th}"
        count = f" จาก {counts[0]} ข้อเป็น {counts[1]} ข้อ" if counts[0] != counts[1] else ""
        named = (
            f" from “{_english(before.label)}” to “{_english(after.label)}”"
            if is_renamed
            else f" {_english(after.label)}"
        )
        counted = f", from {counts[0]} to {counts[1]} items" if counts[0] != counts[1] else ""
        yield Change(_SUB_INDICATORS, f"{after.id}{name}{count}", f"{after.id}{named}{counted}")


def _compare_scales(old: Framework, new: Framework) -> Iterator[Change]:
    before = {scale.id: scale for scale in old.rules.scales}
    after = {scale.id: scale for scale in new.rules.scales}
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            points = _points(after[name])
            yield Change(_SCALES, f"เพิ่ม {name} ให้คะแนน {points}", f"{name} is new, with points of {points}")
        elif name not in after:
            yield Change(_SCALES, f"ยกเลิก {name}", f"{name} is no more")
        elif _points(before[name]) != _points(after[name]):
            first, last = _points(before[name]), _points(after[name])
            english = f"The points of {name} changed from {first} to {last}"
            yield Change(_SCALES, f"คะแนนของ {name} เปลี่ยนจาก {first} เป็น {last}", english)


def _points(scale: Scale) -> str:
    return ", ".join(str(option.points) for option in scale.options)


def _compare_samples(old: Framework, new: Framework) -> Iterator[Change]:
    """Samples, and from how many answers a question is shown."""
    before = {sample.instrument: sample for sample in old.rules.samples}
    after = {sample.instrument: sample for sample in new.rules.samples}
    for name in sorted(before.keys() | after.keys()):
        first, last = (_describe_sample(samples.get(name)) for samples in (before, after))
        if first != last:
            english = f"{name} changed from {first.en} to {last.en}"
            yield Change(_SAMPLES, f"{name} เปลี่ยนจาก{first.th} เป็น{last.th}", english)
    groups = [f.rules.small_groups.show_items_from if f.rules.small_groups else 0 for f in (old, new)]
    if groups[0] != groups[1]:
        texts = [f"เมื่อมีผู้ตอบตั้งแต่ {number} คน" if number else "ทุกข้อ" for number in groups]
        shown = [f"from {number} answers" if number else "always" for number in groups]
        english = f"Scores of items, which were shown {shown[0]}, are shown {shown[1]}"
        yield Change(_SAMPLES, f"แสดงคะแนนรายข้อเปลี่ยนจาก{texts[0]} เป็น{texts[1]}", english)
    protections = [_describe_protection(f.rules.small_groups) for f in (old, new)]
    if protections[0] != protections[1]:
        first, last = protections
        english = f"The protection of small groups changed from {first.en} to {last.en}"
        yield Change(_SAMPLES, f"การคุ้มครองกลุ่มเล็กเปลี่ยนจาก{first.th} เป็น{last.th}", english)


def _describe_protection(rule: SmallGroups | None) -> Label:
    if rule is None or rule.item_odds is None or rule.approximate_items_from is None:
        items = Label(th="ไม่เผยแพร่คะแนนรายข้อ", en="no scores of items")
    else:
        items = Label(
            th=f"คะแนนรายข้อโดยประมาณตั้งแต่ {rule.approximate_items_from} คน ไม่เกิน {rule.item_odds} เท่า",
            en=f"approximate scores of items from {rule.approximate_items_from} people, odds {rule.item_odds} at most",
        )
    if rule is None:
        return items
    limits = (
        (rule.show_indicators_from, "ตัวชี้วัดตั้งแต่ {} คน", "indicators from {} people"),
        (rule.double_from_percent, "เป็นสองเท่าเมื่อตอบตั้งแต่ร้อยละ {}", "twice that where {} % or more answered"),
        (rule.count_width, "จำนวนผู้ตอบเป็นช่วงละ {} คน", "how many answered in steps of {} people"),
    )
    more = [Label(th=th.format(number), en=en.format(number)) for number, th, en in limits if number]
    return Label(th=" ".join(m.th for m in (items, *more)), en=", ".join(m.en for m in (items, *more)))


def _describe_sample(sample: Sample | None) -> Label:
    if sample is None:
        return Label(th="ไม่กำหนด", en="none")
    cap = f"ไม่เกิน {sample.cap} ชุดเมื่อเกิน {sample.cap_population_over:,} คน"
    most = f"{sample.cap} at most of more than {sample.cap_population_over:,} people"
    return Label(
        th=f"ร้อยละ {sample.percent} อย่างน้อย {sample.at_least} ชุด {cap}",
        en=f"{sample.percent} %, {sample.at_least} at least, {most}",
    )


def _compare_open_links(old: Framework, new: Framework) -> Iterator[Change]:
    before, after = ({link.instrument for link in f.rules.open_links} for f in (old, new))
    for name in sorted(before ^ after):
        was, now = ("ใช้ลิงก์สาธารณะได้" if name in links else "ใช้บัตรรหัสเท่านั้น" for links in (before, after))
        english = "codes alone to a public link" if name in after else "a public link to codes alone"
        yield Change(_SAMPLES, f"{name} เปลี่ยนจาก{was} เป็น{now}", f"{name} changed from {english}")


def _compare_calendar(old: Framework, new: Framework) -> Iterator[Change]:
    years = new.fiscal_year - old.fiscal_year
    before = {phase.id: phase for phase in old.rules.calendar}
    after = {phase.id: phase for phase in new.rules.calendar}
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            verb, phase = ("เพิ่ม", after[name]) if name in after else ("ยกเลิก", before[name])
            english = f"The phase “{_english(phase.label)}” is {'new' if name in after else 'no more'}"
            yield Change(_CALENDAR, f"{verb}ช่วง “{phase.label.th}”", english)
            continue
        days = [(p.starts, p.ends) for p in (before[name], after[name])]
        moved = tuple(day and move_date(day, years) for day in days[0])
        if moved != days[1]:
            was, now = (_describe_days(*pair) for pair in days)
            english = f"{_english(after[name].label)}: was {was.en}, is now {now.en}"
            yield Change(_CALENDAR, f"{after[name].label.th}: เดิม {was.th} เปลี่ยนเป็น {now.th}", english)


def _describe_days(first: datetime.date | None, last: datetime.date | None) -> Label:
    if first == last:
        return Label(
            th=fiscal.short_date(first) if first else "ไม่กำหนดวัน", en=_english_date(first) if first else "no set day"
        )
    thai = (("ตั้งแต่ ", first), ("ถึง ", last))
    english = (("from ", first), ("until ", last))
    return Label(
        th=" ".join(word + fiscal.short_date(day) for word, day in thai if day),
        en=" ".join(word + _english_date(day) for word, day in english if day),
    )


def _english_date(day: datetime.date) -> str:
    return f"{day.day} {day:%b %Y}"


def _compare_bands(old: Framework, new: Framework) -> Iterator[Change]:
    """Levels, target and rounding."""
    if list(old.bands) != list(new.bands):
        first, last = (" / ".join(_english(b.label) for b in f.bands.values()) for f in (old, new))
        english = f"The names of levels changed from {first} to {last}"
        yield Change(_BANDS, f"ชื่อระดับเปลี่ยนจาก {' / '.join(old.bands)} เป็น {' / '.join(new.bands)}", english)
    for name, band in new.bands.items():
        before = old.bands.get(name)
        condition = band.every_instrument_at_least
        if before and _limits(before) != _limits(band):
            was, now = _describe_limits(before), _describe_limits(band)
            english = f"The level {_english(band.label)}, which was reached {was.en}, is reached {now.en}"
            yield Change(_BANDS, f"เกณฑ์ของระดับ {name} เปลี่ยนจาก{was.th} เป็น{now.th}", english)
        elif before is None and condition is not None:
            english = f"The level {_english(band.label)} also asks for {condition} of every instrument"
            yield Change(_BANDS, f"ระดับ {name} ต้องได้ทุกเครื่องมือตั้งแต่ {condition} ด้วย", english)
    if old.rules.target.points != new.rules.target.points:
        points = old.rules.target.points, new.rules.target.points
        yield Change(_TARGET, f"เปลี่ยนจาก {points[0]} เป็น {points[1]}", f"Changed from {points[0]} to {points[1]}")
    if old.rules.rounding.places != new.rules.rounding.places:
        places = old.rules.rounding.places, new.rules.rounding.places
        english = f"Changed from {places[0]} to {places[1]} places"
        yield Change(_ROUNDING, f"เปลี่ยนจาก {places[0]} เป็น {places[1]} ตำแหน่ง", english)


def _describe_limits(band: Band) -> Label:
    condition = band.every_instrument_at_least
    more = ("", "")
    if condition is not None:
        more = (f" และทุกเครื่องมือตั้งแต่ {condition}", f" and {condition} of every instrument")
    return Label(th=f"ตั้งแต่ {band.at_least}{more[0]}", en=f"from {band.at_least}{more[1]}")


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
            english = f"The number of items changed from {len(before)} to {len(after)}"
            yield Change(topic, f"จำนวนข้อเปลี่ยนจาก {len(before)} เป็น {len(after)}", english)
        successors: dict[str, list[str]] = {}
        for name in after:
            for origin in origins[name]:
                successors.setdefault(origin, []).append(name)
        for name in sorted(before.keys() - successors.keys(), key=_natural_order):
            label = before[name].label
            yield Change(topic, f"ตัดออก: {name} {label.th}", f"No more: {name} {_english(label)}")
        for name in sorted(after, key=_natural_order):
            item = after[name]
            elements = _compare_elements(item, origins[name], old.items, years)
            if texts := _describe_item(item, origins[name], old.items, successors, elements):
                yield Change(topic, texts.th, texts.en)
            for text in elements.sentences() if every_word else ():
                yield Change(topic, f"{item.id} {text.th}", f"{item.id} {text.en}")


def _describe_item(
    item: Item,
    origins: tuple[str, ...],
    old_items: Mapping[str, Item],
    successors: Mapping[str, list[str]],
    elements: "_ElementChanges",
) -> Label | None:
    """How an item differs from those it continues; None when it does not."""
    name = f"{item.id} {item.label.th}", f"{item.id} {_english(item.label)}"
    if not origins:
        return Label(th=f"ข้อใหม่: {name[0]}", en=f"New: {name[1]}")
    if len(origins) > 1:
        listed = ", ".join(origins)
        return Label(th=f"{name[0]} ต่อจาก {listed}", en=f"{name[1]} continues {listed}")
    (origin,) = origins
    before = old_items[origin]
    notes: list[Label] = []
    if len(successors[origin]) > 1:
        listed = ", ".join(successors[origin])
        notes.append(
            Label(th=f"แยกมาจาก {origin} ซึ่งกลายเป็น {listed}", en=f"was part of {origin}, which became {listed}")
        )
    elif origin != item.id:
        notes.append(Label(th=f"เดิมคือ {origin}", en=f"was {origin}"))
    if isinstance(item, DisclosureItem) and isinstance(before, DisclosureItem):
        notes += _disclosure_notes(before, item)
    if isinstance(item, SurveyItem) and isinstance(before, SurveyItem):
        notes += _survey_notes(before, item)
    if any(elements.parts()):
        notes.append(elements.summary())
    if not notes:
        return None
    return Label(
        th=f"{name[0]}: {'; '.join(note.th for note in notes)}", en=f"{name[1]}: {'; '.join(note.en for note in notes)}"
    )


@dataclass(frozen=True)
class _ElementChanges:
    """Elements of a disclosure that were added, dropped, said differently, or are asked of others than before."""

    added: Sequence[str] = ()
    dropped: Sequence[str] = ()
    reworded: Sequence[tuple[str, str]] = ()
    asked: Sequence[str] = ()

    def summary(self) -> Label:
        thai = zip(("เพิ่ม", "ตัด", "แก้ถ้อยคำ", "เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์"), self.parts(), strict=True)
        english = zip(
            ("added", "dropped", "said differently", "asked of others or in other columns"), self.parts(), strict=True
        )
        return Label(
            th="องค์ประกอบ" + " ".join(f"{word} {len(part)}" for word, part in thai if part),
            en="elements " + ", ".join(f"{word} {len(part)}" for word, part in english if part),
        )

    def sentences(self) -> Iterator[Label]:
        for text in self.added:
            yield Label(th=f"เพิ่มองค์ประกอบ “{text}”", en=f"element added: “{text}”")
        for text in self.dropped:
            yield Label(th=f"ตัดองค์ประกอบ “{text}”", en=f"element dropped: “{text}”")
        for before, after in self.reworded:
            yield Label(
                th=f"แก้ถ้อยคำองค์ประกอบจาก “{before}” เป็น “{after}”",
                en=f"element said differently: from “{before}” to “{after}”",
            )
        for text in self.asked:
            yield Label(
                th=f"เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์ของ “{text}”", en=f"element asked of others or in another column: “{text}”"
            )

    def parts(self) -> tuple[Sequence[object], ...]:
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
    if len(dropped) == len(added):
        return _ElementChanges(reworded=[*zip(dropped, added, strict=True)], asked=asked)
    return _ElementChanges(added, dropped, asked=asked)


def _disclosure_notes(before: DisclosureItem, after: DisclosureItem) -> Iterator[Label]:
    if before.label.th != after.label.th:
        yield Label(th=f"ชื่อเดิม “{before.label.th}”", en=f"was called “{_english(before.label)}”")
    if before.sub_indicator != after.sub_indicator:
        moved = before.sub_indicator, after.sub_indicator
        yield Label(
            th=f"ย้ายจากตัวชี้วัดย่อย {moved[0]} มา {moved[1]}", en=f"moved from sub-indicator {moved[0]} to {moved[1]}"
        )
    if before.period != after.period:
        yield Label(
            th=f"ช่วงข้อมูลเปลี่ยนจาก{PERIOD_TH[before.period]}เป็น{PERIOD_TH[after.period]}",
            en=f"its data are of {PERIOD_EN[after.period]}, no longer of {PERIOD_EN[before.period]}",
        )
    yield from _note_of_scale(before, after)


def _note_of_scale(before: Item, after: Item) -> Iterator[Label]:
    if before.scale != after.scale:
        yield Label(
            th=f"มาตรเปลี่ยนจาก {before.scale} เป็น {after.scale}",
            en=f"its scale changed from {before.scale} to {after.scale}",
        )


def _survey_notes(before: SurveyItem, after: SurveyItem) -> Iterator[Label]:
    if before.indicator != after.indicator:
        yield Label(
            th=f"ย้ายจากตัวชี้วัด {before.indicator} มา {after.indicator}",
            en=f"moved from indicator {before.indicator} to {after.indicator}",
        )
    yield from _note_of_scale(before, after)
    if before.direction != after.direction:
        yield Label(th="กลับทิศการให้คะแนน", en="its points are given the other way round")
    if len(before.answers) != len(after.answers):
        counts = len(before.answers) or 1, len(after.answers) or 1
        yield Label(
            th=f"จำนวนคำตอบย่อยเปลี่ยนจาก {counts[0]} เป็น {counts[1]}",
            en=f"the number of its parts changed from {counts[0]} to {counts[1]}",
        )
    for number, (first, last) in enumerate(zip(before.answers, after.answers, strict=False), 1):
        if (first.direction or before.direction) != (last.direction or after.direction):
            yield Label(
                th=f"กลับทิศการให้คะแนนของคำตอบย่อย {number}",
                en=f"the points of its part {number} are given the other way round",
            )


def _natural_order(code: str) -> tuple[str, tuple[int, ...]]:
    """So that O2 comes before O10, and 9.2 before 10.1."""
    letters = code.rstrip("0123456789.")
    return letters, tuple(int(part) for part in code[len(letters) :].split(".") if part)
