"""What the schema cannot see: whether the parts of a year's rules fit together."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from prongsai.framework.cautions import ITEM_LISTS, find_cautions, items_of
from prongsai.framework.folder import previous_year_files
from prongsai.framework.problems import MeaningCode, errors_of
from prongsai.framework.reading import YearDraft, read_data, suggest_name
from prongsai.framework.schema import Rules, apply_reading, as_data
from prongsai.lib import strict_yaml
from prongsai.lib.strict_yaml import Place

WHOLE_WEIGHT = 10_000
_ID_GROUPS = (
    ("scales",),
    ("instruments", "composites", "indicators", "sub_indicators", "survey_items", "disclosure_items"),
    ("bands",),
    ("calendar",),
)


def check_meaning(draft: YearDraft, previous: Mapping[str, Any] | None) -> None:
    """Report every problem between the parts of a year's draft, and what a person should confirm. ``previous`` are the
    rules of the year before as data, to which ``continues`` refers; None where they are not there."""
    for check in _CHECKS:
        check(draft)
    if previous is not None:
        _check_continued_items(draft, previous)
    find_cautions(draft, previous)


def check_folder_name(draft: YearDraft, folder: Path) -> None:
    """The folder of a year is named by the year, and stands in that of its assessment."""
    folder = folder.resolve()
    for field, name in (("fiscal_year", folder.name), ("assessment", folder.parent.name)):
        value = str(draft.valid.get(field, name))
        if value != name:
            what = f"{field} “{value}” ไม่ตรงกับชื่อแฟ้ม “{name}”"
            draft.report("folder-mismatch", (field,), what, "แฟ้มกับค่านี้ต้องตรงกัน", f"แก้เป็น {field}: {name} หรือเปลี่ยนชื่อแฟ้ม")


def _check_unique_ids(draft: YearDraft) -> None:
    for keys in _ID_GROUPS:
        counts: Counter[str] = Counter()
        for key in keys:
            for place, entry in draft.raw_entries(key):
                name = str(entry.get("id", ""))
                counts[name] += 1
                if name and counts[name] == 2:
                    what, why = f"รหัส “{name}” ซ้ำ", "แต่ละรหัสต้องหมายถึงสิ่งเดียว"
                    draft.report("duplicate-id", place, what, why, "เปลี่ยนรหัสตัวใดตัวหนึ่ง")


# --- references ----------------------------------------------------------------------------------------------------


def _source_lists(value: object, place: Place) -> Iterator[tuple[Place, list[object]]]:
    """Every ``source:`` list anywhere in the raw data."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key == "source" and isinstance(child, list):
                yield (*place, key), child
            else:
                yield from _source_lists(child, (*place, key))
    elif isinstance(value, list):
        for n, child in enumerate(value):
            yield from _source_lists(child, (*place, n))


def _check_sources(draft: YearDraft) -> None:
    known = draft.raw.get("sources")
    if not isinstance(known, dict):
        return
    for place, names in _source_lists(draft.raw, ()):
        for name in map(str, names):
            if name not in known:
                what = f"ไม่มีแหล่งข้อมูล “{name}” ใน sources"
                draft.report("unknown-source", place, what, "ทุกข้อเท็จจริงต้องสืบถึงที่มาได้", suggest_name(name, known))


_REFERENCE_TH: dict[MeaningCode, str] = {
    "unknown-instrument": "เครื่องมือ",
    "unknown-indicator": "ตัวชี้วัด",
    "unknown-sub-indicator": "ตัวชี้วัดย่อย",
    "unknown-scale": "มาตรวัด",
}


def _check_references(draft: YearDraft) -> None:
    """Every name of an instrument, indicator, sub-indicator or scale is one that the year defines."""
    references: tuple[tuple[str, str, str, MeaningCode], ...] = (
        ("composites", "of", "instruments", "unknown-instrument"),
        ("indicators", "instruments", "instruments", "unknown-instrument"),
        ("sub_indicators", "indicator", "indicators", "unknown-indicator"),
        ("survey_items", "indicator", "indicators", "unknown-indicator"),
        ("survey_items", "scale", "scales", "unknown-scale"),
        ("disclosure_items", "sub_indicator", "sub_indicators", "unknown-sub-indicator"),
        ("disclosure_items", "scale", "scales", "unknown-scale"),
    )
    for key, field, target, code in references:
        known = draft.ids(target)
        for place, entry in draft.valid_entries(key) if draft.is_reliable(target) else ():
            value = getattr(entry, field)
            for name in (value,) if isinstance(value, str) else value:
                if name not in known:
                    what, why = f"ไม่มี{_REFERENCE_TH[code]} “{name}”", "อ้างถึงสิ่งที่ไม่ได้กำหนดไว้ในปีนี้"
                    draft.report(code, (*place, field), what, why, suggest_name(name, known))


def _check_scale_kinds(draft: YearDraft) -> None:
    kinds = {scale.id: scale.kind for _, scale in draft.valid_entries("scales")}
    for key, kind in (("survey_items", "answer"), ("disclosure_items", "mark")):
        for place, item in draft.valid_entries(key):
            if kinds.get(item.scale, kind) != kind:
                what, why = f"มาตร “{item.scale}” ใช้กับข้อ {item.id} ไม่ได้", "มาตรของคำตอบกับมาตรของผู้ตรวจเป็นคนละชนิด"
                draft.report("scale-mismatch", (*place, "scale"), what, why, "เลือกมาตรชนิดที่ตรงกัน")


def _check_scale_points(draft: YearDraft) -> None:
    for place, scale in draft.valid_entries("scales"):
        if not any(option.points for option in scale.options):
            what, why = f"มาตร “{scale.id}” ไม่ให้คะแนนเลย", "ข้อที่ใช้มาตรนี้ได้ 0 ทุกหน่วยงาน"
            draft.report("scale-without-points", (*place, "options"), what, why, "ใส่ points ของตัวเลือกอย่างน้อยหนึ่งตัว")


# --- the tree of scores --------------------------------------------------------------------------------------------


def _check_indicators(draft: YearDraft) -> None:
    entries = [entry for _, entry in draft.raw_entries("instruments")]
    kinds = {str(e.get("id")): k if isinstance(k := e.get("kind"), str) else None for e in entries}
    for place, indicator in draft.valid_entries("indicators"):
        if len(indicator.instruments) > 1 and indicator.parts is None:
            what = f"ตัวชี้วัด {indicator.id} วัดด้วยหลายเครื่องมือแต่ไม่บอกวิธีรวม"
            draft.report("missing-parts", place, what, "ไม่รู้ว่าคะแนนที่ประกาศมาจากไหน", "เพิ่ม parts: mean_of_parts")
        measured_by = {kinds.get(name) for name in indicator.instruments}
        fitting = {"disclosure"} if indicator.method == "mean_of_sub_indicators" else {"survey"}
        if not measured_by <= {*fitting, None}:  # None: an instrument that is not there, which is reported already
            draft.report(
                "method-mismatch",
                (*place, "method"),
                f"วิธีรวมของตัวชี้วัด {indicator.id} ไม่เข้ากับเครื่องมือ",
                "แบบตรวจการเปิดเผยข้อมูลรวมผ่านตัวชี้วัดย่อย แบบวัดการรับรู้รวมจากข้อคำถามโดยตรง",
                "ใช้ mean_of_sub_indicators กับเครื่องมือ kind: disclosure และ mean_of_items กับ kind: survey",
            )


def _referenced(draft: YearDraft, key: str, field: str) -> set[str]:
    """Names that a field of a list refers to, in valid and invalid entries alike."""
    values = [entry.get(field) for _, entry in draft.raw_entries(key)]
    return {str(name) for value in values for name in (value if isinstance(value, list) else [value])}


def _check_no_empty_means(draft: YearDraft) -> None:
    """A mean needs something to be a mean of: an indicator its items, an instrument its indicators."""
    measured = _referenced(draft, "indicators", "instruments")
    for place, instrument in draft.valid_entries("instruments"):
        if instrument.id not in measured and draft.is_reliable("indicators"):
            what, why = f"เครื่องมือ {instrument.id} ไม่มีตัวชี้วัด", "เครื่องมือที่ไม่วัดอะไรไม่มีคะแนน"
            draft.report("instrument-without-indicators", place, what, why, "กำหนด instruments ของตัวชี้วัด")
    with_items = _referenced(draft, "survey_items", "indicator")
    with_subs = _referenced(draft, "sub_indicators", "indicator")
    for place, indicator in draft.valid_entries("indicators"):
        if indicator.method == "mean_of_sub_indicators":
            if indicator.id not in with_subs and draft.is_reliable("sub_indicators"):
                what, why = f"ตัวชี้วัด {indicator.id} ไม่มีตัวชี้วัดย่อย", "วิธีรวมที่ตั้งไว้ต้องใช้ตัวชี้วัดย่อย"
                how = "เพิ่ม sub_indicators หรือเปลี่ยนวิธีรวม"
                draft.report("indicator-without-sub-indicators", place, what, why, how)
        elif indicator.id not in with_items and draft.is_reliable("survey_items"):
            _report_no_items(draft, "indicator-without-items", place, f"ตัวชี้วัด {indicator.id}")
    disclosed = _referenced(draft, "disclosure_items", "sub_indicator")
    for place, sub_indicator in draft.valid_entries("sub_indicators"):
        if sub_indicator.id not in disclosed and draft.is_reliable("disclosure_items"):
            _report_no_items(draft, "sub-indicator-without-items", place, f"ตัวชี้วัดย่อย {sub_indicator.id}")


def _report_no_items(draft: YearDraft, code: MeaningCode, place: Place, subject: str) -> None:
    noun = subject.split()[0]
    draft.report(code, place, f"{subject} ไม่มีข้อใดเลย", "ค่าเฉลี่ยของสิ่งที่ว่างคำนวณไม่ได้", f"เพิ่มข้อ หรือตัด{noun}นี้ออก")


def _check_weights(draft: YearDraft) -> None:
    entries = [entry for _, entry in draft.raw_entries("instruments")]
    weights = [w for entry in entries if isinstance(w := entry.get("weight"), int)]
    total = sum(weights)
    if weights and len(weights) == len(entries) and total != WHOLE_WEIGHT:
        draft.report(
            "weights-sum",
            ("instruments", 0, "weight"),
            f"น้ำหนักรวมได้ร้อยละ {total / 100:.10g} ไม่ใช่ 100",
            "น้ำหนักของทุกเครื่องมือรวมกันต้องเต็ม (ในแฟ้ม YAML เขียนเป็นส่วนในหมื่น: 3000 คือร้อยละ 30)",
            "แก้ weight ของเครื่องมือให้รวมได้ร้อยละ 100",
        )


# --- levels, calendar, samples -------------------------------------------------------------------------------------


def _check_bands(draft: YearDraft) -> None:
    bands = list(draft.valid_entries("bands"))
    for (_, above), (place, band) in pairwise(bands):
        has_weaker_condition = (band.every_instrument_at_least or 0) < (above.every_instrument_at_least or 0)
        if band.at_least > above.at_least or (band.at_least == above.at_least and not has_weaker_condition):
            draft.report(
                "band-order",
                (*place, "at_least"),
                f"ระดับ “{band.id}” (ตั้งแต่ {band.at_least}) ไม่ต่ำกว่าระดับก่อนหน้า “{above.id}” (ตั้งแต่ {above.at_least})",
                "ระดับเรียงจากดีที่สุดลงมา ระดับที่ไม่มีวันถึงคือการพิมพ์ผิด",
                "เรียงใหม่หรือแก้ at_least",
            )
    for place, lowest in bands[-1:]:
        if lowest.at_least != 0 or lowest.every_instrument_at_least is not None:
            how = "ให้ระดับสุดท้ายมี at_least: 0 และไม่มีเงื่อนไขอื่น"
            draft.report(
                "no-lowest-band", (*place, "at_least"), "ไม่มีระดับสำหรับคะแนนต่ำสุด", "คะแนนทุกค่าตั้งแต่ 0 ต้องมีระดับ", how
            )


def _check_calendar(draft: YearDraft) -> None:
    year = draft.valid.get("fiscal_year")
    for place, phase in draft.valid_entries("calendar"):
        if phase.starts and phase.ends and phase.starts > phase.ends:
            what, why = f"ช่วง “{phase.id}” สิ้นสุดก่อนเริ่ม", "วันสิ้นสุดต้องไม่ก่อนวันเริ่ม"
            draft.report("phase-order", (*place, "ends"), what, why, "สลับหรือแก้วันเริ่มหรือวันสิ้นสุด (ค.ศ.-เดือน-วัน)")
        if year is None:
            continue
        first, last = datetime.date(year - 544, 10, 1), datetime.date(year - 543, 12, 31)
        for name in ("starts", "ends"):
            date = getattr(phase, name)
            if date is not None and not first <= date <= last:
                what, how = f"วันที่ {date} อยู่นอกปีงบประมาณ {year}", f"ใช้วันที่ตั้งแต่ {first} ถึงสิ้นปี {last.year}"
                draft.report("date-outside-year", (*place, name), what, "ปีในไฟล์เขียนเป็น ค.ศ.", how)


def _check_samples(draft: YearDraft) -> None:
    surveys = draft.ids("instruments", lambda entry: entry.get("kind") != "disclosure")
    for place, sample in draft.valid_entries("samples"):
        if sample.instrument not in surveys and draft.is_reliable("instruments"):
            what, why = f"“{sample.instrument}” ไม่ใช่แบบวัดการรับรู้ของปีนี้", "กติกากลุ่มตัวอย่างใช้กับแบบวัดที่มีผู้ตอบ"
            draft.report("sample-instrument", place, what, why, suggest_name(sample.instrument, surveys))
        if sample.cap < sample.at_least:
            what, why = "เพดานกลุ่มตัวอย่างต่ำกว่าขั้นต่ำ", "ขั้นต่ำต้องไม่เกินเพดาน"
            draft.report("sample-cap", place, what, why, "แก้ at_least หรือ cap")


def _check_open_links(draft: YearDraft) -> None:
    """A link is opened by an agency, to a survey that it collects itself."""
    collected = draft.ids(
        "instruments", lambda entry: entry.get("kind") != "disclosure" and entry.get("collected_by") != "assessor"
    )
    for place, link in draft.valid_entries("open_links"):
        if link.instrument not in collected and draft.is_reliable("instruments"):
            what, why = f"“{link.instrument}” ไม่ใช่แบบวัดที่หน่วยงานเก็บเอง", "ลิงก์สาธารณะเปิดได้เฉพาะแบบวัดที่ผู้ตอบตอบเอง"
            draft.report("open-link-instrument", place, what, why, suggest_name(link.instrument, collected))


# --- the year before, worked cases ---------------------------------------------------------------------------------


def read_previous(draft: YearDraft, folder: Path) -> dict[str, Any] | None:
    """The rules of the year before as data, of the folder beside this one; None where there is none. What is wrong with
    them is not reported here."""
    year = draft.valid.get("fiscal_year")
    if year is None or not (files := previous_year_files(folder, year)):
        return None
    rules: dict[str, Any] = {}
    for path in files:
        data = strict_yaml.read(path).data
        for key, value in data.items() if isinstance(data, dict) else ():
            before = rules.get(key)
            rules[key] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return rules


def _check_continued_items(draft: YearDraft, previous: Mapping[str, Any]) -> None:
    year = draft.valid.get("fiscal_year")
    if year is None:
        return
    known = {str(entry.get("id")) for _, entry in items_of(previous)}
    for key in ITEM_LISTS:
        for place, item in draft.valid_entries(key):
            for name in item.continues:
                if name not in known:
                    what, why = f"ข้อ “{name}” ไม่มีในปี {year - 1}", "continues ชี้ไปข้อของปีก่อนเท่านั้น"
                    draft.report("unknown-previous-item", (*place, "continues"), what, why, suggest_name(name, known))


def _check_cases(draft: YearDraft) -> None:
    bands = draft.ids("bands")
    for place, case in draft.valid_entries("cases"):
        if case.level is not None and case.level not in bands and draft.is_reliable("bands"):
            what, why = f"ไม่มีระดับ “{case.level}”", "ตัวอย่างอ้างระดับที่ปีนี้ไม่มี"
            draft.report("unknown-band", place, what, why, suggest_name(case.level, bands))
        for value in (*case.given.values(), *case.expect.values(), case.within):
            if not _is_rational(value):
                what, why = f"“{value}” ไม่ใช่ตัวเลขหรือเศษส่วน", "ค่าของตัวอย่างต้องคำนวณได้"
                draft.report("case-value", place, what, why, 'เขียนเช่น "83.70" หรือ "7/9"')


def _is_rational(text: str) -> bool:
    try:
        Fraction(text)
    except (ValueError, ZeroDivisionError):
        return False
    return True


def _check_readings(draft: YearDraft) -> None:
    """What a reading changes is there to be changed."""
    for place, reading in draft.valid_entries("readings"):
        for key, entries in reading.changes.items():
            known = {entry.id: entry for _, entry in draft.valid_entries(key) if hasattr(entry, "id")}
            for name, fields in entries.items() or [("", {})]:
                unknown = sorted(fields.keys() - vars(known[name]).keys()) if name in known else [name or key]
                if unknown and draft.is_reliable(key):
                    what, why = f"การอ่านอ้างถึง {key} {', '.join(unknown)} ซึ่งไม่มี", "ไม่รู้ว่าต่างกันที่ใด"
                    how = "เขียนชื่อรายการ รหัส และช่องให้ตรงกับหลักเกณฑ์ของปี"
                    draft.report("unknown-reading-target", (*place, "changes"), what, why, how)
        asked = _referenced(draft, "survey_items", "indicator")
        for name in (reading.more_questions or {}).keys() - asked:
            if draft.is_reliable("survey_items"):
                what, why = f"การอ่านเพิ่มคำถามให้ตัวชี้วัด {name} ซึ่งไม่มีคำถามใด", "ไม่รู้ว่าคำถามที่เพิ่มใช้มาตรใด"
                how = "เขียนรหัสของตัวชี้วัดที่มีคำถามอยู่แล้ว"
                draft.report("unknown-reading-target", (*place, "more_questions"), what, why, how)
        if not reading.changes and not reading.more_questions:
            what, why = f"การอ่าน “{reading.id}” ไม่ต่างจากหลักเกณฑ์", "การอ่านที่ไม่ต่างไม่มีความหมาย"
            draft.report("reading-without-change", place, what, why, "บอกสิ่งที่ต่าง หรือลบการอ่านนี้")


def _check_rules_under_readings(draft: YearDraft) -> None:
    """Rules that are right as they read are right under each other reading."""
    if errors_of(draft.problems) or not draft.valid.get("readings"):
        return
    rules = Rules(**draft.valid)
    for place, reading in draft.valid_entries("readings"):
        otherwise = read_data(as_data(apply_reading(rules, reading)), None)
        for check in _CHECKS:
            check(otherwise)
        for problem in errors_of(otherwise.problems):
            what = f"เมื่ออ่านว่า “{reading.label.th}”: {problem.what}"
            draft.report(problem.code, (*place, "changes"), what, problem.why, problem.how)


_CHECKS: tuple[Callable[[YearDraft], None], ...] = (
    _check_unique_ids,
    _check_sources,
    _check_references,
    _check_scale_kinds,
    _check_scale_points,
    _check_indicators,
    _check_no_empty_means,
    _check_weights,
    _check_bands,
    _check_calendar,
    _check_samples,
    _check_open_links,
    _check_cases,
    _check_readings,
    _check_rules_under_readings,
)
