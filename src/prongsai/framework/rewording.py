"""Texts that two editions of rules say differently, where they say the same thing.

Texts are compared where they stand: of an item beside that of the item it continues, with the years they mean moved by
as many years as lie between the two. What stands in one of them alone is a difference of the rules, not of the wording.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prongsai.framework.schema import Basis, DisclosureItem, Record
from prongsai.framework.tree import Framework
from prongsai.framework.years_in_text import move_title, move_years
from prongsai.lib import thai

# the lists whose texts are compared, and what an entry is called
_LISTS = {
    "scales": "มาตร",
    "instruments": "เครื่องมือ",
    "composites": "ค่าเฉลี่ย",
    "indicators": "ตัวชี้วัด",
    "sub_indicators": "ตัวชี้วัดย่อย",
    "bands": "ระดับ",
    "samples": "กลุ่มตัวอย่าง",
    "calendar": "ปฏิทิน",
    "survey_items": "ข้อคำถาม",
    "disclosure_items": "รายการเปิดเผย",
}
_ADVICE = "ข้อแนะนำ"
_FIELDS_TH = {
    "label": "ชื่อ",
    "meaning": "ความหมาย",
    "heading": "หัวเรื่อง",
    "defect": "จุดที่ต้องพัฒนา",
    "remedy": "แนวทางแก้ไข",
    "population": "ประชากร",
    "options": "ตัวเลือก",
    "answers": "คำตอบย่อย",
    "elements": "องค์ประกอบ",
    "aliases": "ชื่ออื่น",
    "en": "อังกฤษ",
}
_REPORTED_AS_RENAMED = ("indicators", "sub_indicators", "disclosure_items")  # their Thai labels

Key = tuple[str, str, tuple[str | int, ...]]  # list, id of the entry in the older rules, path in the entry


@dataclass(frozen=True)
class Rewording:
    """One text that is said differently. ``noun`` is the sort of part it belongs to, ``subject`` where it stands."""

    noun: str
    subject: str
    before: str
    after: str


def rewordings(old: Framework, new: Framework, origins: Mapping[str, tuple[str, ...]]) -> list[Rewording]:
    """Every text of the wording that is said differently; ``origins`` are the items of ``old`` that each of ``new``
    continues."""
    years = new.fiscal_year - old.fiscal_year
    before = dict(_texts_of(old))
    changed_texts = []
    for key, text in _texts_of(new, origins):
        earlier = before.get(key)
        if earlier is not None and text not in (earlier, move_years(earlier, years)):
            changed_texts.append(Rewording(_noun(key), _subject(key), earlier, text))
    return [*_general(old, new), *changed_texts]


def changed_bases(old: Framework, new: Framework) -> int:
    """How many facts rest on something else than before."""
    before = dict(_bases_of(old))
    return sum(basis != before.get(key, basis) for key, basis in _bases_of(new))


def exchanged_names(old: Framework, new: Framework) -> Iterator[str]:
    """What has taken the words of something beside it: choices, sub-answers and elements, which are stored by their
    place, and questions, disclosures, indicators and levels, which are stored by their id. What is stored would then
    mean something else. Spaces and marks make no difference."""
    before = {key: thai.squeeze(text) for key, text in _texts_of(old, with_names=True)}
    beside: dict[tuple[object, ...], dict[str, Key]] = {}
    for key, text in before.items():
        if (family := _family(key)) is not None:
            beside.setdefault(family, {}).setdefault(text, key)
    for key, shown in _texts_of(new, with_names=True):
        text, family = thai.squeeze(shown), _family(key)
        if family is None or before.get(key, text) == text:
            continue
        other = beside[family].get(text)
        if other is not None:
            yield f"{_subject(key)} ใช้ถ้อยคำเดิมของ{_subject(other)}: “{shown}”"


def _family(key: Key) -> tuple[object, ...] | None:
    """What a text can be mistaken for: of a list inside an entry its other places, of an entry's name the other
    entries; None for what names nothing."""
    name, entry, path = key
    if path[0] == "aliases":
        return None
    if any(isinstance(step, int) for step in path):
        return name, entry, *(step for step in path if not isinstance(step, int))
    return (name, *path) if path[0] == "label" else None


def _general(old: Framework, new: Framework) -> Iterator[Rewording]:
    """Texts that are of no entry of a list: the title, the target's label, the note of the year."""
    titles, years = (old.rules.title, new.rules.title), (old.fiscal_year, new.fiscal_year)
    targets = (old.rules.target.label, new.rules.target.label)
    for language in ("th", "en"):
        before, after = (getattr(title, language) for title in titles)
        if after != move_title(before, *years):
            yield Rewording("ชื่อการประเมิน", "ชื่อการประเมิน", before, after)
        before, after = (getattr(label, language) for label in targets)
        if after != before:
            yield Rewording("ค่าเป้าหมาย", "ค่าเป้าหมาย", before, after)
    if years[0] == years[1] and (old.rules.note or "") != (new.rules.note or ""):
        yield Rewording("หมายเหตุของปี", "หมายเหตุของปี", old.rules.note or "", new.rules.note or "")


def _texts_of(
    framework: Framework, origins: Mapping[str, tuple[str, ...]] | None = None, *, with_names: bool = False
) -> Iterator[tuple[Key, str]]:
    """The texts of the rules; ``with_names`` also those whose change is reported elsewhere: names and elements."""
    for name in _LISTS:
        for entry in getattr(framework.rules, name):
            subject = entry.instrument if name == "samples" else entry.id
            if subject in framework.items and origins:
                if len(origins.get(subject, ())) != 1:
                    continue
                (subject,) = origins[subject]
            for path, text in _texts(entry):
                is_renamed = path == ("label", "th") and name in _REPORTED_AS_RENAMED
                if with_names or (not is_renamed and path[0] != "elements"):
                    yield (name, subject, path), text


def _texts(
    value: Record | tuple[Any, ...], path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts of a record that are wording, with their paths; not what it rests on."""
    if isinstance(value, Record):
        for name, part in vars(value).items():
            is_text = name in ("th", *_FIELDS_TH)
            if is_text and isinstance(part, str):
                yield (*path, name), part
            elif not isinstance(part, str) and (is_text or name == "advice"):
                yield from _texts(part, (*path, name))
    else:
        for number, part in enumerate(value):
            if isinstance(part, str):
                yield (*path, number), part
            else:
                yield from _texts(part, (*path, number))


def _bases_of(framework: Framework) -> Iterator[tuple[tuple[object, ...], object]]:
    for name in (*_LISTS, "rounding", "target", "small_groups", "open_links"):
        value = getattr(framework.rules, name)
        for number, entry in enumerate(value if isinstance(value, tuple) else [value] if value else []):
            yield from _bases(entry, (name, getattr(entry, "id", number)))


def _bases(value: Record, path: tuple[object, ...]) -> Iterator[tuple[tuple[object, ...], object]]:
    for name, part in vars(value).items():
        if isinstance(part, Basis):
            yield (*path, name), part
    if isinstance(value, DisclosureItem):
        for number, element in enumerate(value.elements):
            yield (*path, number), (element.standing, element.source)


def _noun(key: Key) -> str:
    name, _, path = key
    return _ADVICE if path[0] == "advice" else _LISTS[name]


def _subject(key: Key) -> str:
    """Where a text stands, in words: "ข้อคำถาม i1 คำตอบย่อย 2"."""
    name, entry, path = key
    words = [f"{_LISTS[name]} {entry}"]
    for step in path:
        if isinstance(step, int):
            words.append(str(step + 1))
        elif step in _FIELDS_TH and step != "label":
            words.append(f"({_FIELDS_TH[step]})" if step == "en" else _FIELDS_TH[step])
    return " ".join(words)
