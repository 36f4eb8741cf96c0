"""What may be right and seldom is: a person is asked to confirm it. Rules with cautions alone can be used."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rapidfuzz import fuzz, process

from prongsai.framework.reading import YearDraft
from prongsai.framework.schema import AGENCY_GROUPS, DisclosureItem, SurveyItem
from prongsai.framework.years_in_text import years_in, years_in_title
from prongsai.lib import fiscal
from prongsai.lib.strict_yaml import Place

ITEM_LISTS = ("survey_items", "disclosure_items")
_SAME, _OTHER = 92, 60  # likeness of names, out of 100: surely the same item; surely another
FULL_POINTS = 100
FILING_PHASE = "disclosure"  # the phase of the calendar in which agencies publish and file

Entry = Mapping[str, Any]


def find_cautions(draft: YearDraft, previous: Entry | None) -> None:
    """Report what a person should confirm; ``previous`` are the rules of the year before as data."""
    for check in _CHECKS:
        check(draft)
    _check_years(draft, previous or {})
    if previous is not None:
        _check_names_of_continued_items(draft, previous)


def items_of(rules: Entry) -> Iterator[tuple[Place, Entry]]:
    """Items of rules as data, right or wrong."""
    for key in ITEM_LISTS:
        entries = rules.get(key)
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield (key, number), entry


# --- what an item continues ----------------------------------------------------------------------------------------


def _name(label: object) -> str:
    """The Thai name of an item as it is compared: without spaces, marks and years."""
    text = label.get("th") if isinstance(label, dict) else None
    return re.sub(r"[\s\W_]+|25\d\d", "", text) if isinstance(text, str) else ""


def _check_names_of_continued_items(draft: YearDraft, previous: Entry) -> None:
    """``continues`` names the item that has the same name, where one has."""
    for key in ITEM_LISTS:
        named = ((str(e.get("id")), _name(e.get("label"))) for place, e in items_of(previous) if place[0] == key)
        before = {identifier: name for identifier, name in named if name}
        claimed = {str(name) for _, item in draft.valid_entries(key) for name in item.continues}
        for place, item in draft.valid_entries(key):
            if any(name not in before for name in item.continues):
                continue  # reported already, or a name that cannot be compared
            other = _same_name_elsewhere(_name({"th": item.label.th}), item.continues, before)
            if other is not None and (item.continues or other not in claimed):
                _report_other_name(draft, place, item, other)


def _report_other_name(draft: YearDraft, place: Place, item: SurveyItem | DisclosureItem, other: str) -> None:
    subject = f"{item.id} “{item.label.th[:60]}”"
    place = (*place, "continues")
    if item.continues:
        what = f"{subject} ต่อจาก {', '.join(item.continues)} แต่ข้อที่ชื่อเดียวกันในปีก่อนคือ {other}"
        why = "การเทียบปีต่อปีจะเทียบคนละเรื่อง มักเกิดเมื่อเลขข้อเลื่อน"
        draft.report("other-previous-item", place, what, why, f"แก้ continues เป็น [{other}] หรือคงไว้ถ้าตั้งใจ")
    else:
        what = f"{subject} ไม่ต่อจากข้อใด แต่ปีก่อนมี {other} ชื่อเดียวกัน"
        why = "ข้อที่ไม่มีที่มาเทียบกับปีก่อนไม่ได้"
        draft.report("unlinked-item", place, what, why, f"ใส่ continues: [{other}] หรือคงไว้ถ้าเป็นข้อใหม่จริง")


def _same_name_elsewhere(own: str, continued: tuple[str, ...], before: Mapping[str, str]) -> str | None:
    """The one item of the year before that surely has this name, where what is continued has not.

    What is continued under a name that is somewhat like it is right, unless another has exactly this name.
    """
    likeness = max((fuzz.ratio(own, before[name]) for name in continued), default=0)
    best = process.extractOne(own, before, scorer=fuzz.ratio, score_cutoff=_SAME)
    if best is None or likeness >= _SAME or (likeness > _OTHER and best[0] != own):
        return None
    is_ambiguous = sum(name == best[0] for name in before.values()) > 1
    return None if is_ambiguous else str(best[2])


def _check_crossed_items(draft: YearDraft) -> None:
    """Two items that continue the same several items: which continues which is not said."""
    for key in ITEM_LISTS:
        groups: dict[frozenset[str], list[tuple[Place, str]]] = {}
        for place, item in draft.valid_entries(key):
            groups.setdefault(frozenset(item.continues), []).append((place, item.id))
        for continued, items in groups.items():
            if len(continued) > 1 and len(items) > 1:
                names = " และ ".join(name for _, name in items)
                what = f"{names} ต่อจาก {', '.join(sorted(continued))} เหมือนกันทุกข้อ"
                why = "ไม่รู้ว่าข้อใดมาจากข้อใด การเทียบปีต่อปีจึงปนกัน"
                how = "ให้แต่ละข้อต่อจากข้อของตัวเอง หรือคงไว้ถ้าแยกกันไม่ได้จริง"
                draft.report("crossed-items", (*items[0][0], "continues"), what, why, how)


# --- years that were left over -------------------------------------------------------------------------------------

# notes and sources may name any year, cases are of the year they are of
_NOT_OF_THE_YEAR = {"note", "source", "sources", "cases", "earlier_editions", "id", "assessment"}


def _texts(value: object, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text that is of the year, with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in _NOT_OF_THE_YEAR:
                yield from _texts(part, (*place, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*place, number))


def _check_years(draft: YearDraft, previous: Entry) -> None:
    """A text means this year, the one before or one to come; and not the same one as the year before did."""
    year = draft.valid.get("fiscal_year")
    if year is None:
        return
    earlier = {text for _, text in _texts(dict(previous)) if years_in(text)}
    for place, text in _texts(draft.raw):
        is_title = place[:1] == ("title",)
        years = years_in_title(text) if is_title else years_in(text)
        wrong = {y for y in years if y < year - 1 or (is_title and y != year)}
        if text in earlier:
            wrong |= {y for y in years if y < year}
        if wrong:
            draft.report(
                "year-left-over",
                place,
                f"ข้อความระบุปี {', '.join(map(str, sorted(wrong)))} ในหลักเกณฑ์ของปี {year}: “{text[:60]}”",
                "ปีที่ค้างจากฉบับก่อนทำให้ผู้อ่านเข้าใจผิดว่าต้องใช้ข้อมูลของปีใด",
                "แก้ปีในข้อความ หรือคงไว้ถ้าหมายถึงปีนั้นจริง",
            )


# --- what nobody can fulfil ----------------------------------------------------------------------------------------


def _check_full_points(draft: YearDraft) -> None:
    used = {str(entry.get("scale")) for _, entry in items_of(draft.raw)}
    for place, scale in draft.valid_entries("scales"):
        best = max(option.points for option in scale.options)
        if 0 < best < FULL_POINTS and scale.id in used:
            draft.report(
                "points-below-full",
                (*place, "options"),
                f"มาตร “{scale.id}” ให้ได้มากสุด {best} คะแนน",
                "ข้อที่ใช้มาตรนี้ไม่มีหน่วยงานใดได้เต็ม",
                "แก้ points ของตัวเลือกที่ดีที่สุดเป็น 100 หรือคงไว้ถ้าตั้งใจ",
            )


def _check_elements(draft: YearDraft) -> None:
    """Elements are asked of somebody, and each item asks something of everybody."""
    for place, item in draft.valid_entries("disclosure_items"):
        for number, element in enumerate(item.elements):
            if element.only_for is not None and element.only_for not in AGENCY_GROUPS:
                draft.report(
                    "unknown-agency-type",
                    (*place, "elements", number, "only_for"),
                    f"ไม่รู้จักประเภทหน่วยงาน “{element.only_for}” ของ {item.id}",
                    "องค์ประกอบที่ระบุประเภทซึ่งระบบไม่รู้จักจะขอจากทุกหน่วยงาน",
                    f"เลือกจาก {', '.join(AGENCY_GROUPS)} หรือเว้นว่าง",
                )
        if all(element.only_for is not None for element in item.elements):
            groups = ", ".join(sorted({element.only_for for element in item.elements}))
            draft.report(
                "nothing-in-common",
                (*place, "elements"),
                f"ทุกองค์ประกอบของ {item.id} ใช้เฉพาะ {groups}",
                "หน่วยงานประเภทอื่นไม่มีอะไรให้เปิดเผย แต่ข้อนี้ยังคิดคะแนน",
                "เพิ่มองค์ประกอบที่ใช้กับทุกหน่วยงาน หรือคงไว้ถ้าตั้งใจ",
            )


def _check_periods(draft: YearDraft) -> None:
    """The half of the year that a disclosure is of is over before its filing ends. Of other periods it is enough that
    they began, which no date of the calendar is before."""
    year = draft.valid.get("fiscal_year")
    ends = [phase.ends for _, phase in draft.valid_entries("calendar") if phase.id == FILING_PHASE and phase.ends]
    if year is None or not ends:
        return
    half = fiscal.last_day(year, fiscal.MONTHS // 2)
    for place, item in draft.valid_entries("disclosure_items"):
        if item.period == "first_half" and max(ends) < half:
            draft.report(
                "period-not-over",
                (*place, "period"),
                f"{item.id} ใช้ข้อมูลที่มีครบเมื่อ {half} แต่ปฏิทินปิดรับ {max(ends)}",
                "หน่วยงานเปิดเผยข้อมูลของช่วงที่ยังไม่สิ้นสุดไม่ได้",
                "แก้ช่วงข้อมูลของข้อ หรือวันสิ้นสุดของช่วงตอบแบบตรวจ",
            )


_CHECKS: tuple[Callable[[YearDraft], None], ...] = (
    _check_crossed_items,
    _check_full_points,
    _check_elements,
    _check_periods,
)
