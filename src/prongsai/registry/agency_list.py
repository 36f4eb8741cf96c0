"""Reads a list of agencies from a spreadsheet: good rows and every problem by row; stores nothing."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlparse

from prongsai.intake.files import read_rows
from prongsai.lib import thai
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.names import FICTION, says_fictional
from prongsai.registry.provinces import REGION_OF

COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "code": ("รหัส", "รหัสหน่วยงาน", "code"),
    "name_th": ("ชื่อ", "ชื่อหน่วยงาน", "หน่วยงาน", "name", "name_th"),
    "name_en": ("ชื่ออังกฤษ", "ชื่อภาษาอังกฤษ", "name_en"),
    "kind": ("ประเภท", "ประเภทหน่วยงาน", "type", "kind"),
    "province": ("จังหวัด", "province"),
    "district": ("อำเภอ", "เขต", "อำเภอ/เขต", "district"),
    "parent_code": ("สังกัด", "รหัสสังกัด", "parent", "parent_code"),
    "website": ("เว็บไซต์", "website", "url"),
}
_FIELD_OF = {thai.squeeze(name): field for field, names in COLUMN_NAMES.items() for name in names}
TYPE_OF = {thai.squeeze(str(k.label)): k.value for k in AgencyType} | {
    thai.squeeze(k.value): k.value for k in AgencyType
}
TYPE_OF |= {
    thai.squeeze(s): k.value
    for s, k in (
        ("อบต.", AgencyType.SUBDISTRICT_ORGANIZATION),
        ("อบจ.", AgencyType.PROVINCIAL_ORGANIZATION),
        ("กรม", AgencyType.DEPARTMENT),
        ("มหาวิทยาลัย", AgencyType.UNIVERSITY),
        ("สำนักงานเขต", AgencyType.BANGKOK_DISTRICT),
        ("ทต.", AgencyType.SUBDISTRICT_MUNICIPALITY),
        ("ทม.", AgencyType.TOWN),
        ("ทน.", AgencyType.CITY),
    )
}
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
REQUIRED = ("code", "name_th", "kind")


@dataclass(frozen=True)
class RowProblem:
    """What is wrong, in Thai, and where in the file."""

    place: str
    text: str


@dataclass(frozen=True)
class AgencyRow:
    """One good row: its place in the file, the agency's code, its details (only columns that the file has)."""

    place: str
    code: str
    values: dict[str, str]


def read_agency_list(path: Path, *, fictional: bool = False) -> tuple[list[AgencyRow], list[RowProblem]]:
    """Agencies of a .xlsx or .csv file, and every problem. A fictional list may have provinces that do not exist.
    Raises intake's UnreadableError."""
    rows = [r for r in read_rows(path) if any(c.strip() for c in r.cells)]
    header = next((r for r in rows[:20] if sum(thai.squeeze(c) in _FIELD_OF for c in r.cells) >= 2), None)
    if header is None:
        return [], [RowProblem("ทั้งไฟล์", "ไม่พบหัวตาราง ต้องมีแถวที่มีคำว่า รหัส ชื่อ และ ประเภท เป็นหัวคอลัมน์")]
    columns = {_FIELD_OF[k]: i for i, c in enumerate(header.cells) if (k := thai.squeeze(c)) in _FIELD_OF}
    missing = [COLUMN_NAMES[f][0] for f in REQUIRED if f not in columns]
    if missing:
        return [], [RowProblem(header.place, f"หัวตารางขาดคอลัมน์ {', '.join(missing)}")]
    agencies: list[AgencyRow] = []
    problems: list[RowProblem] = []
    place_of_code: dict[str, str] = {}
    for row in rows[rows.index(header) + 1 :]:
        cells = {f: thai.clean(row.cells[i]).strip() if i < len(row.cells) else "" for f, i in columns.items()}
        code = cells.pop("code")
        row_problems = [text for _, text in find_problems(code, cells, fictional)]
        if code and code in place_of_code:
            row_problems.append(f"รหัส {code} ซ้ำกับ{place_of_code[code]}")
        place_of_code.setdefault(code, row.place)
        problems += [RowProblem(row.place, text) for text in row_problems]
        if not row_problems:
            cells["kind"] = TYPE_OF[thai.squeeze(cells["kind"])]
            agencies.append(AgencyRow(row.place, code, cells))
    if not agencies and not problems:
        problems.append(RowProblem("ทั้งไฟล์", "ใต้หัวตารางไม่มีแถวข้อมูล"))
    return agencies, problems


def find_problems(code: str, cells: dict[str, str], fictional: bool) -> Iterable[tuple[str, str]]:
    """What is wrong with the cells of an agency, each with its field; spells provinces and addresses in one way."""
    if not _CODE.fullmatch(code):
        yield "code", f"รหัส “{code[:40]}” ใช้ไม่ได้ ต้องเป็นตัวอักษรอังกฤษหรือตัวเลข ไม่เกิน 40 ตัว" if code else "ไม่มีรหัส"
    if not cells.get("name_th", ""):
        yield "name_th", "ไม่มีชื่อหน่วยงาน"
    elif fictional and not says_fictional(cells["name_th"]):
        yield "name_th", f"ชื่อ “{cells['name_th'][:60]}” ของหน่วยงานสมมุติต้องมีคำว่า {FICTION}"
    kind = cells.get("kind", "")
    if thai.squeeze(kind) not in TYPE_OF:
        examples = f"{AgencyType.SUBDISTRICT_ORGANIZATION.label}, {AgencyType.PROVINCE.label}"
        yield "kind", f"ไม่รู้จักประเภท “{kind[:40]}” ที่ใช้ได้ เช่น {examples}"
    if not fictional and cells.get("province") and cells["province"].removeprefix("จังหวัด") not in REGION_OF:
        yield "province", f"ไม่มีจังหวัดชื่อ “{cells['province'][:40]}”"
    elif "province" in cells:
        cells["province"] = cells["province"].removeprefix("จังหวัด")
    for field, value in cells.items():
        most = {"province": 60, "district": 60, "parent_code": 40}.get(field, 200)
        if len(value) > most:
            yield field, f"{COLUMN_NAMES[field][0]} ยาวเกินไป ({len(value)} ตัวอักษร)"
    if cells.get("website"):
        if "//" not in cells["website"]:
            cells["website"] = f"https://{cells['website']}"
        parts = urlparse(cells["website"])
        if parts.scheme not in ("http", "https") or "." not in parts.netloc or " " in cells["website"]:
            yield "website", f"ที่อยู่เว็บไซต์ “{cells['website'][:60]}” ใช้ไม่ได้"


def to_json(
    agencies: list[AgencyRow], problems: list[RowProblem]
) -> tuple[list[dict[str, object]], list[dict[str, str]]]:
    return [asdict(a) for a in agencies], [asdict(p) for p in problems]
