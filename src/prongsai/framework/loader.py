"""From a folder of YAML to a Framework, or to every problem in it at once."""

import datetime
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from rapidfuzz import process

from prongsai.framework.schema import (
    Band,
    Basis,
    Case,
    Composite,
    DisclosureItem,
    Indicator,
    Instrument,
    Label,
    Phase,
    Rounding,
    Rules,
    Sample,
    Scale,
    SmallGroups,
    Source,
    SubIndicator,
    SurveyItem,
    Target,
)
from prongsai.framework.tree import Framework
from prongsai.lib import strict_yaml

Place = strict_yaml.Place


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a framework: where, what, why it matters, how to mend it. Texts are Thai."""

    file: str
    line: int
    what: str
    why: str
    how: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}\n    เพราะ: {self.why}\n    วิธีแก้: {self.how}"


class FrameworkError(Exception):
    """The rules cannot be used. ``problems`` holds every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


# What each part of a year's folder must look like. A list is checked entry by entry, so that one bad entry
# does not hide the others.
_LISTS: dict[str, type[BaseModel]] = {
    "scales": Scale,
    "instruments": Instrument,
    "composites": Composite,
    "indicators": Indicator,
    "sub_indicators": SubIndicator,
    "bands": Band,
    "samples": Sample,
    "calendar": Phase,
    "survey_items": SurveyItem,
    "disclosure_items": DisclosureItem,
}
_SINGLES: dict[str, Any] = {
    "id": str,
    "fiscal_year": int,
    "title": Label,
    "note": str | None,
    "sources": dict[str, Source],
    "overall": str,
    "rounding": Rounding,
    "target": Target,
    "small_groups": SmallGroups,
}
_REQUIRED = (
    "id",
    "fiscal_year",
    "title",
    "sources",
    "scales",
    "instruments",
    "indicators",
    "overall",
    "rounding",
    "bands",
    "target",
)


def root() -> Path:
    """Where the rules are kept: ``PRONGSAI_FRAMEWORKS``, or those shipped with the program."""
    if chosen := os.environ.get("PRONGSAI_FRAMEWORKS"):
        return Path(chosen)
    package = Path(__file__).parents[1]
    shipped = package / "frameworks"
    return shipped if shipped.is_dir() else package.parents[1] / "frameworks"


def available() -> list[str]:
    """The ids that :func:`load` knows, oldest first."""
    return sorted(p.name for p in root().iterdir() if (p / "framework.yaml").is_file()) if root().is_dir() else []


@lru_cache
def load(framework_id: str) -> Framework:
    """The rules of one year, complete and frozen.

    Raises FrameworkError with every problem when the folder is missing or anything in it is wrong.
    """
    folder = root() / framework_id
    if framework_id not in available():
        raise FrameworkError(
            [
                Problem(
                    str(folder),
                    1,
                    f"ไม่มีหลักเกณฑ์ “{framework_id}”",
                    "ไม่พบแฟ้ม framework.yaml ของปีนี้",
                    f"เลือกจากที่มี: {', '.join(available()) or 'ยังไม่มีเลย'}",
                )
            ]
        )
    rules, problems = _read(folder)
    if problems or rules is None:
        raise FrameworkError(problems)
    return Framework(rules)


def check(path: Path) -> list[Problem]:
    """Everything wrong with one year's folder, in order of file and line. An empty list means it can be used."""
    return _read(path)[1]


# --- reading -------------------------------------------------------------------------------------------------------


class _Draft:
    """A year's folder while it is being read: valid parts, raw parts, where each stands, and what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.valid: dict[str, Any] = {}
        self.raw: dict[str, Any] = {}
        self.places: dict[Place, tuple[str, int]] = {}

    def at(self, place: Place) -> tuple[str, int]:
        while place and place not in self.places:
            place = place[:-1]
        return self.places.get(place, ("framework.yaml", 1))

    def add(self, place: Place, what: str, why: str, how: str) -> None:
        file, line = self.at(place)
        self.problems.append(Problem(file, line, what, why, how))


def _read(folder: Path) -> tuple[Rules | None, list[Problem]]:
    draft = _Draft()
    if not (folder / "framework.yaml").is_file():
        return None, [
            Problem(
                str(folder),
                1,
                "ไม่พบไฟล์ framework.yaml",
                "ทุกปีต้องมีไฟล์นี้เป็นแฟ้มหลัก",
                "ระบุแฟ้มของปี เช่น frameworks/2568 หรือสร้างไฟล์ framework.yaml",
            )
        ]
    for path in sorted(folder.glob("*.yaml")):
        _read_file(path, folder, draft)
    cases = folder / "cases"
    for path in sorted(cases.glob("*.yaml")) if cases.is_dir() else ():
        _read_file(path, folder, draft)
    _shape(draft)
    _meaning(draft, folder)
    rules = None
    if not draft.problems:
        rules = Rules.model_construct(**draft.valid)  # every part has been validated on its own
    draft.problems.sort(key=lambda p: (p.file, p.line))
    return rules, draft.problems


def _read_file(path: Path, folder: Path, draft: _Draft) -> None:
    name = path.relative_to(folder).as_posix()
    document = strict_yaml.read(path)
    for flaw in document.flaws:
        draft.problems.append(Problem(name, flaw.line, flaw.what, "โปรแกรมอ่านค่านี้ได้มากกว่าหนึ่งแบบ หรืออ่านไม่ได้", flaw.how))
    if not isinstance(document.data, dict):
        if not document.flaws:
            draft.problems.append(
                Problem(name, 1, "ไฟล์ว่างหรือไม่ใช่รายการ “ช่อง: ค่า”", "ทุกไฟล์ต้องบอกว่าค่าใดเป็นของช่องใด", "ดูตัวอย่างในแฟ้มของปีอื่น")
            )
        return
    for key, value in document.data.items():
        key = str(key)
        here: Place = (key,)
        if key in draft.raw and not (isinstance(value, list) and isinstance(draft.raw[key], list)):
            draft.problems.append(
                Problem(
                    name,
                    document.lines.get(here, 1),
                    f"ช่อง “{key}” มีในไฟล์อื่นของปีนี้แล้ว",
                    "ไม่รู้ว่าจะใช้ค่าไหน",
                    "เหลือไว้ไฟล์เดียว",
                )
            )
            continue
        offset = len(draft.raw[key]) if key in draft.raw else 0
        draft.raw[key] = [*draft.raw.get(key, []), *value] if isinstance(value, list) else value
        for place, line in document.lines.items():
            if place[:1] == here:
                if offset and len(place) > 1 and isinstance(place[1], int):
                    place = (key, place[1] + offset, *place[2:])
                draft.places.setdefault(place, (name, line))


def _shape(draft: _Draft) -> None:
    known = {*_LISTS, *_SINGLES, "cases"}
    for key in draft.raw:
        if key not in known:
            draft.add((key,), f"ไม่รู้จักช่อง “{key}”", "ช่องที่ไม่รู้จักจะถูกละเลยเงียบ ๆ ไม่ได้", _did_you_mean(key, known))
    for key in _REQUIRED:
        if key not in draft.raw:
            draft.add((), f"ขาดช่อง “{key}”", "ทุกปีต้องมีช่องนี้", f"เพิ่ม {key}: … ดูรูปแบบใน docs/framework-format.md")
    for key, kind in _SINGLES.items():
        if key in draft.raw:
            _validate(draft, TypeAdapter(kind), (key,), draft.raw[key], partial(draft.valid.__setitem__, key))
    lists: dict[str, type[BaseModel]] = {**_LISTS, "cases": Case}
    for key, model in lists.items():
        entries = draft.raw.get(key, [])
        if not isinstance(entries, list):
            draft.add(
                (key,), f"“{key}” ต้องเป็นรายการ", "แต่ละบรรทัดของรายการขึ้นต้นด้วย -", f"เขียน {key}: แล้วขึ้นบรรทัดใหม่ด้วย - "
            )
            continue
        good: list[BaseModel] = []
        adapter: TypeAdapter[Any] = TypeAdapter(model)
        for n, entry in enumerate(entries):
            _validate(draft, adapter, (key, n), entry, good.append)
        draft.valid[key] = tuple(good)
    draft.valid.setdefault("note", None)


def _tuples(value: object) -> object:
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    return {k: _tuples(v) for k, v in value.items()} if isinstance(value, dict) else value


def _validate(
    draft: _Draft, adapter: TypeAdapter[Any], place: Place, value: object, keep: Callable[[Any], object]
) -> None:
    try:
        keep(adapter.validate_python(_tuples(value), strict=True))
    except ValidationError as error:
        for detail in error.errors():
            draft.add((*place, *detail["loc"]), *_in_thai(place, detail, value))


def _in_thai(place: Place, detail: Any, value: object) -> tuple[str, str, str]:
    """What, why and how of one schema error."""
    path = ".".join(str(p + 1 if isinstance(p, int) else p) for p in (*place, *detail["loc"]))
    field = str(detail["loc"][-1]) if detail["loc"] else str(place[0])
    context = detail.get("ctx", {})
    given = str(detail.get("input"))[:60]
    kind = detail["type"]
    if kind == "missing":
        return f"ขาดช่อง “{field}” ({path})", "ช่องนี้จำเป็น", f"เพิ่ม {field}: … ใต้รายการนี้"
    if kind == "extra_forbidden":
        target: Any = value
        for step in detail["loc"][:-1]:
            target = target[step] if isinstance(target, dict | list) else {}
        model = _LISTS.get(str(place[0]))
        names = (
            set(model.model_fields)
            if model and len(detail["loc"]) == 1
            else {
                *Basis.model_fields,
                *Label.model_fields,
                *Source.model_fields,
                *Target.model_fields,
                *Rounding.model_fields,
            }
        )
        return f"ไม่รู้จักช่อง “{field}” ({path})", "ช่องที่ไม่รู้จักจะถูกละเลยเงียบ ๆ ไม่ได้", _did_you_mean(field, names)
    if kind == "int_type":
        return (
            f"“{given}” ไม่ใช่จำนวนเต็ม ({path})",
            "คะแนนและน้ำหนักเก็บเป็นจำนวนเต็มเท่านั้น เพื่อให้คำนวณได้ตรงเป๊ะ",
            ("เขียนเป็นจำนวนเต็มไม่มีเครื่องหมายคำพูด; น้ำหนัก 30% เขียน 3000"),
        )
    if kind == "string_type":
        return f"“{given}” ไม่ใช่ข้อความ ({path})", "ช่องนี้ต้องเป็นข้อความ", 'ใส่เครื่องหมายคำพูด เช่น "2568"'
    if kind == "literal_error":
        return f"“{given}” ไม่ใช่ค่าที่ใช้ได้ ({path})", "ช่องนี้รับเฉพาะค่าที่กำหนดไว้", f"เลือกจาก {context.get('expected', '')}"
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = context.get("ge", context.get("le"))
        word = "ไม่ต่ำกว่า" if "ge" in context else "ไม่เกิน"
        return f"{given} อยู่นอกช่วง ({path})", f"ค่าต้อง{word} {limit}", f"แก้เป็นค่าที่{word} {limit}"
    if kind in ("too_short", "string_too_short"):
        return f"ช่อง “{field}” ว่าง ({path})", "ต้องมีอย่างน้อยหนึ่งค่า", f"เติมค่าให้ {field}"
    if kind == "string_pattern_mismatch":
        return f"รหัส “{given}” มีอักขระที่ใช้ไม่ได้ ({path})", "รหัสใช้อักษรละติน ตัวเลข . _ - / เท่านั้น", "แก้รหัส เช่น i1, 9.1, O1"
    if kind in ("model_type", "dict_type", "tuple_type"):
        return f"รูปแบบของ “{field}” ผิด ({path})", "ต้องเป็นรายการหรือกลุ่ม “ช่อง: ค่า”", "ดูตัวอย่างในแฟ้มของปีอื่น"
    return f"ค่า “{given}” ใช้ไม่ได้ ({path})", str(detail["msg"]), "ดูรูปแบบใน docs/framework-format.md"


def _did_you_mean(word: str, names: Iterable[str]) -> str:
    names = sorted(names)
    best = process.extractOne(word, names, score_cutoff=60)
    return f"หมายถึง “{best[0]}” หรือไม่" if best else f"ช่องที่มีได้: {', '.join(names)}"


# --- meaning -------------------------------------------------------------------------------------------------------


def _ids(draft: _Draft, *keys: str) -> set[str]:
    """Ids as written, in valid and invalid entries alike, so that one mistake is not reported twice."""
    entries = (e for key in keys for e in draft.raw.get(key, []) if isinstance(draft.raw.get(key), list))
    return {str(e["id"]) for e in entries if isinstance(e, dict) and "id" in e}


def _entries(draft: _Draft, key: str) -> Iterator[tuple[Place, Any]]:
    """Valid entries of a list with the place each stands at."""
    raw = draft.raw.get(key, [])
    by_id = {e["id"]: n for n, e in enumerate(raw) if isinstance(e, dict) and isinstance(e.get("id"), str)}
    for n, entry in enumerate(draft.valid.get(key, ())):
        yield (key, by_id.get(getattr(entry, "id", None), n)), entry


def _meaning(draft: _Draft, folder: Path) -> None:
    _unique(draft)
    _sources(draft)
    _references(draft)
    _weights(draft)
    _bands(draft)
    _calendar(draft)
    _samples(draft)
    _continues(draft, folder)
    _cases(draft)
    if (own := draft.valid.get("id")) is not None and own != folder.name:
        draft.add(
            ("id",), f"รหัส “{own}” ไม่ตรงกับชื่อแฟ้ม “{folder.name}”", "แฟ้มกับรหัสต้องเป็นชื่อเดียวกัน", f'แก้เป็น id: "{folder.name}"'
        )


def _unique(draft: _Draft) -> None:
    groups = (
        ("scales",),
        ("instruments", "composites", "indicators", "sub_indicators", "survey_items", "disclosure_items"),
        ("bands",),
        ("calendar",),
    )
    for keys in groups:
        seen: Counter[str] = Counter()
        for key in keys:
            raw = draft.raw.get(key, [])
            for n, entry in enumerate(raw if isinstance(raw, list) else []):
                name = str(entry.get("id")) if isinstance(entry, dict) else ""
                seen[name] += 1
                if name and seen[name] == 2:
                    draft.add((key, n), f"รหัส “{name}” ซ้ำ", "แต่ละรหัสต้องหมายถึงสิ่งเดียว", "เปลี่ยนรหัสตัวใดตัวหนึ่ง")


def _bases(value: object, place: Place) -> Iterator[tuple[Place, tuple[str, ...]]]:
    """Every ``source:`` list anywhere in the raw data."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key == "source" and isinstance(child, list):
                yield (*place, key), tuple(map(str, child))
            else:
                yield from _bases(child, (*place, key))
    elif isinstance(value, list):
        for n, child in enumerate(value):
            yield from _bases(child, (*place, n))


def _sources(draft: _Draft) -> None:
    raw = draft.raw.get("sources")
    known = set(map(str, raw)) if isinstance(raw, dict) else set()
    for key, value in draft.raw.items():
        for place, names in _bases(value, (key,)):
            for name in names:
                if name not in known:
                    draft.add(
                        place, f"ไม่มีแหล่งข้อมูล “{name}” ใน sources", "ทุกข้อเท็จจริงต้องสืบถึงที่มาได้", _did_you_mean(name, known)
                    )


def _references(draft: _Draft) -> None:
    instruments, indicators, subs = (_ids(draft, k) for k in ("instruments", "indicators", "sub_indicators"))
    scales = _ids(draft, "scales")

    def need(place: Place, name: str, known: set[str], noun: str) -> None:
        if name not in known:
            draft.add(place, f"ไม่มี{noun} “{name}”", "อ้างถึงสิ่งที่ไม่ได้กำหนดไว้ในปีนี้", _did_you_mean(name, known))

    kinds = {i.id: i.kind for _, i in _entries(draft, "instruments")}
    scale_kinds = {s.id: s.kind for _, s in _entries(draft, "scales")}
    for place, composite in _entries(draft, "composites"):
        for name in composite.of:
            need((*place, "of"), name, instruments, "เครื่องมือ")
    for place, indicator in _entries(draft, "indicators"):
        for name in indicator.instruments:
            need((*place, "instruments"), name, instruments, "เครื่องมือ")
        if len(indicator.instruments) > 1 and indicator.parts is None:
            draft.add(
                place,
                f"ตัวชี้วัด {indicator.id} วัดด้วยหลายเครื่องมือแต่ไม่บอกวิธีรวม",
                "ไม่รู้ว่าคะแนนที่ประกาศมาจากไหน",
                "เพิ่ม parts: mean_of_parts",
            )
        if any(kinds.get(name) == "disclosure" for name in indicator.instruments) != (
            indicator.method == "mean_of_sub_indicators"
        ):
            draft.add(
                (*place, "method"),
                f"วิธีรวมของตัวชี้วัด {indicator.id} ไม่เข้ากับเครื่องมือ",
                "แบบตรวจการเปิดเผยข้อมูลรวมผ่านตัวชี้วัดย่อย แบบวัดการรับรู้รวมจากข้อคำถามโดยตรง",
                "ใช้ mean_of_sub_indicators กับ OIT และ mean_of_items กับ IIT/EIT",
            )
    for place, sub in _entries(draft, "sub_indicators"):
        need((*place, "indicator"), sub.indicator, indicators, "ตัวชี้วัด")
    for key, field, known, noun in (
        ("survey_items", "indicator", indicators, "ตัวชี้วัด"),
        ("disclosure_items", "sub_indicator", subs, "ตัวชี้วัดย่อย"),
    ):
        used = set()
        for place, item in _entries(draft, key):
            used.add(getattr(item, field))
            need((*place, field), getattr(item, field), known, noun)
            need((*place, "scale"), item.scale, scales, "มาตรวัด")
            if scale_kinds.get(item.scale) == ("mark" if key == "survey_items" else "answer"):
                draft.add(
                    (*place, "scale"),
                    f"มาตร “{item.scale}” ใช้กับข้อ {item.id} ไม่ได้",
                    "มาตรของคำตอบกับมาตรของผู้ตรวจเป็นคนละชนิด",
                    "เลือกมาตรชนิดที่ตรงกัน",
                )
        if draft.raw.get(key) or not draft.problems:
            method = "mean_of_items" if key == "survey_items" else None
            groups = (
                [(p, i.id) for p, i in _entries(draft, "indicators") if i.method == method]
                if method
                else [(p, s.id) for p, s in _entries(draft, "sub_indicators")]
            )
            raw_used = {str(e.get(field)) for e in draft.raw.get(key, []) if isinstance(e, dict)}
            for place, name in groups:
                if name not in used | raw_used:
                    draft.add(place, f"{noun} {name} ไม่มีข้อใดเลย", "ค่าเฉลี่ยของสิ่งที่ว่างคำนวณไม่ได้", f"เพิ่มข้อ หรือตัด{noun}นี้ออก")
    measured = {name for _, i in _entries(draft, "indicators") for name in i.instruments}
    with_subs = {s.indicator for _, s in _entries(draft, "sub_indicators")}
    for place, instrument in _entries(draft, "instruments"):
        if instrument.id not in measured:
            draft.add(
                place, f"เครื่องมือ {instrument.id} ไม่มีตัวชี้วัด", "เครื่องมือที่ไม่วัดอะไรไม่มีคะแนน", "กำหนด instruments ของตัวชี้วัด"
            )
    for place, indicator in _entries(draft, "indicators"):
        if indicator.method == "mean_of_sub_indicators" and indicator.id not in with_subs:
            draft.add(
                place,
                f"ตัวชี้วัด {indicator.id} ไม่มีตัวชี้วัดย่อย",
                "วิธีรวมที่ตั้งไว้ต้องใช้ตัวชี้วัดย่อย",
                "เพิ่ม sub_indicators หรือเปลี่ยนวิธีรวม",
            )


def _weights(draft: _Draft) -> None:
    raw = draft.raw.get("instruments")
    entries = [e for e in raw if isinstance(e, dict)] if isinstance(raw, list) else []
    weights = [w for e in entries if isinstance(w := e.get("weight"), int)]
    if weights and len(weights) == len(entries) and sum(weights) != 10_000:
        draft.add(
            ("instruments",),
            f"น้ำหนักรวมได้ {sum(weights):,} ไม่ใช่ 10,000",
            "น้ำหนักเป็นส่วนในหมื่น (3000 = ร้อยละ 30) รวมกันต้องเต็ม",
            "แก้ weight ของเครื่องมือให้รวมได้ 10000",
        )


def _bands(draft: _Draft) -> None:
    bands = list(_entries(draft, "bands"))
    for (_, above), (place, band) in pairwise(bands):
        softer = (above.every_instrument_at_least or 0) > (band.every_instrument_at_least or 0)
        if band.at_least > above.at_least or (band.at_least == above.at_least and not softer):
            draft.add(
                place,
                f"ระดับ “{band.id}” (ตั้งแต่ {band.at_least}) ไม่ต่ำกว่าระดับก่อนหน้า “{above.id}” (ตั้งแต่ {above.at_least})",
                "ระดับเรียงจากดีที่สุดลงมา ระดับที่ไม่มีวันถึงคือการพิมพ์ผิด",
                "เรียงใหม่หรือแก้ at_least",
            )
    if bands and (bands[-1][1].at_least != 0 or bands[-1][1].every_instrument_at_least is not None):
        draft.add(
            bands[-1][0], "ไม่มีระดับสำหรับคะแนนต่ำสุด", "คะแนนทุกค่าตั้งแต่ 0 ต้องมีระดับ", "ให้ระดับสุดท้ายมี at_least: 0 และไม่มีเงื่อนไขอื่น"
        )


def _calendar(draft: _Draft) -> None:
    for place, phase in _entries(draft, "calendar"):
        if phase.starts and phase.ends and phase.starts > phase.ends:
            draft.add(
                place, f"ช่วง “{phase.id}” สิ้นสุดก่อนเริ่ม", "วันสิ้นสุดต้องไม่ก่อนวันเริ่ม", "สลับหรือแก้ starts/ends (ค.ศ.-เดือน-วัน)"
            )
        year = draft.valid.get("fiscal_year")
        for date in filter(None, (phase.starts, phase.ends)):
            start = datetime.date(year - 544, 10, 1) if year else date
            if year and not start <= date <= datetime.date(year - 543, 12, 31):
                draft.add(
                    place,
                    f"วันที่ {date} อยู่นอกปีงบประมาณ {year}",
                    "ปีในไฟล์เขียนเป็น ค.ศ.",
                    f"ใช้วันที่ตั้งแต่ {start} ถึงสิ้นปี {year - 543}",
                )


def _samples(draft: _Draft) -> None:
    surveys = {i.id for _, i in _entries(draft, "instruments") if i.kind == "survey"}
    for n, sample in enumerate(draft.valid.get("samples", ())):
        if sample.instrument not in surveys and surveys:
            draft.add(
                ("samples", n),
                f"“{sample.instrument}” ไม่ใช่แบบวัดการรับรู้ของปีนี้",
                "กติกากลุ่มตัวอย่างใช้กับแบบวัดที่มีผู้ตอบ",
                _did_you_mean(sample.instrument, surveys),
            )
        if sample.cap < sample.at_least:
            draft.add(("samples", n), "เพดานกลุ่มตัวอย่างต่ำกว่าขั้นต่ำ", "ขั้นต่ำต้องไม่เกินเพดาน", "แก้ at_least หรือ cap")


def _continues(draft: _Draft, folder: Path) -> None:
    year = draft.valid.get("fiscal_year")
    before = folder.parent / str((year or 0) - 1)
    if not year or not (before / "framework.yaml").is_file():
        return
    known: set[str] = set()
    for path in before.glob("*.yaml"):
        data = strict_yaml.read(path).data
        for key in ("survey_items", "disclosure_items"):
            entries = data.get(key) if isinstance(data, dict) else None
            known |= {str(e.get("id")) for e in entries or () if isinstance(e, dict)}
    for key in ("survey_items", "disclosure_items"):
        for place, item in _entries(draft, key):
            for name in item.continues:
                if name not in known:
                    draft.add(
                        (*place, "continues"),
                        f"ข้อ “{name}” ไม่มีในปี {year - 1}",
                        "continues ชี้ไปข้อของปีก่อนเท่านั้น",
                        _did_you_mean(name, known),
                    )


def _cases(draft: _Draft) -> None:
    bands = _ids(draft, "bands")
    for n, case in enumerate(draft.valid.get("cases", ())):
        if case.level is not None and case.level not in bands:
            draft.add(("cases", n), f"ไม่มีระดับ “{case.level}”", "ตัวอย่างอ้างระดับที่ปีนี้ไม่มี", _did_you_mean(case.level, bands))
        for value in (*case.given.values(), *case.expect.values(), case.within):
            try:
                Fraction(value)
            except (ValueError, ZeroDivisionError):
                draft.add(
                    ("cases", n), f"“{value}” ไม่ใช่ตัวเลขหรือเศษส่วน", "ค่าของตัวอย่างต้องคำนวณได้", 'เขียนเช่น "83.70" หรือ "7/9"'
                )
