"""The agencies of an assessment as a table."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from prongsai.lib import thai
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry import actions, queries
from prongsai.registry.agency_list import COLUMN_NAMES, TYPE_OF, find_problems
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency
from prongsai.registry.names import expand_abbreviations, search_key
from prongsai.registry.tables.agency_rows import find_by_name
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register

_HINTS = {
    "code": ("อักษรละติน ตัวเลข จุด ขีด ไม่เกิน 40 ตัว ไม่เปลี่ยนและไม่ใช้ซ้ำ", 14),
    "name_th": ("", 44),
    "name_en": ("", 30),
    "kind": ("เช่น องค์การบริหารส่วนตำบล, อบต., เทศบาลตำบล, จังหวัด", 24),
    "province": ("", 18),
    "district": ("", 18),
    "parent_code": ("รหัสของหน่วยงานต้นสังกัดในทะเบียนหรือในไฟล์นี้", 14),
    "website": ("", 34),
}
_REQUIRED = ("name_th", "kind")
_DEEPEST = 20  # levels of a tree of agencies


@register
class Agencies(TableKind):
    """Who is assessed: the register."""

    name: ClassVar = "agencies"
    title: ClassVar = "ทะเบียนหน่วยงาน"
    about: ClassVar = "เพิ่มหน่วยงานและแก้ข้อมูล ข้อมูลเดิมเก็บเป็นประวัติ หน่วยงานที่ไม่อยู่ในไฟล์ไม่เปลี่ยน การยุบเลิกทำที่หน้าหน่วยงาน"
    permission: ClassVar = "registry.change"
    can_add: ClassVar = True
    takes_several_files: ClassVar = False

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return tuple(Column(f, names[0], names[1:], *_HINTS[f]) for f, names in COLUMN_NAMES.items())

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        agencies = Agency.objects.filter(assessment=scope.assessment).order_by("order", "code")
        agencies = agencies.filter(closed_on=None) if keys is None else agencies.filter(code__in=keys)
        for agency in agencies.iterator(2000):
            yield agency.code, {"code": agency.code, **agency.get_details(), "kind": agency.get_kind_display()}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        for entry in entries:
            entry.key = entry.cells.get("code", "")
            entry.title = f"{entry.key} {entry.cells.get('name_th', '')}".strip()
            if not entry.key:
                agency = find_by_name(scope, entry, entry.cells.get("name_th", ""), entry.cells.get("province", ""))
                if agency is not None:
                    entry.key, entry.title = agency.code, f"{agency.code} {agency.name_th}"

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        known = {a.code: a for a in Agency.objects.filter(code__in=[e.key for e in entries])}
        for entry in entries:
            agency = known.get(entry.key)
            if agency is not None and agency.assessment_id != scope.assessment:
                entry.refuse("รหัส", f"{entry.key} เป็นของหน่วยงานในการประเมินอื่นแล้ว ให้ใช้รหัสอื่น")
            elif agency is not None and agency.closed_on:
                entry.refuse("", f"{agency} ยุบเลิกแล้ว")
            else:
                self._read(entry, agency)
        self._ask_about_names(scope, [e for e in entries if e.before is None and not e.problems])

    def _read(self, entry: Entry, agency: Agency | None) -> None:
        values = {f: text for f, text in entry.cells.items() if f != "code"}
        for field in _REQUIRED:  # what a file without that column leaves as it is
            values.setdefault(field, entry.before[field] if entry.before else "")
        for field, problem in find_problems(entry.key, values, agency is not None and agency.fictional):
            entry.refuse(COLUMN_NAMES[field][0], problem)
        if not entry.problems:
            values["kind"] = str(AgencyType(TYPE_OF[thai.squeeze(values["kind"])]).label)
        entry.values = {"code": entry.key, **values}

    def _ask_about_names(self, scope: Scope, entries: Sequence[Entry]) -> None:
        names = {name for e in entries for name in (e.values["name_th"], expand_abbreviations(e.values["name_th"]))}
        same: dict[tuple[str, str], list[str]] = {}
        for agency in Agency.objects.filter(assessment=scope.assessment, name_th__in=names, closed_on=None):
            same.setdefault(_identify(agency.get_details()), []).append(agency.code)
        for entry in entries:
            if codes := same.get(_identify(entry.values)):
                where = "ชื่อและจังหวัดเดียวกันมีอยู่แล้วในทะเบียนด้วยรหัส"
                entry.question = f"{where} {', '.join(codes[:5])} เป็นคนละแห่งกันหรือไม่ หากเป็นแห่งเดียวกัน ใช้รหัสเดิม"

    def check_together(self, scope: Scope, entries: Sequence[Entry]) -> None:
        parents = {e.key: e.values.get("parent_code", "") for e in entries}
        wanted = sorted(set(parents.values()) - set(parents) - {""})
        known = set(_find_codes(scope, wanted))
        first: dict[tuple[str, str], Entry] = {}
        for entry in entries:
            parent = parents[entry.key]
            if parent and parent not in parents and parent not in known:
                entry.refuse("สังกัด", f"ไม่มีหน่วยงานรหัส {parent} ในทะเบียนหรือในไฟล์นี้")
            entry.rank = _measure_depth(entry.key, parents)
            if entry.before is None:
                other = first.setdefault(_identify(entry.values), entry)
                if other is not entry and not entry.question:
                    entry.question = f"ชื่อและจังหวัดเดียวกับรหัส {other.key} ที่{other.place} เป็นคนละแห่งกันหรือไม่"

    def add(self, scope: Scope, key: str, values: Values, by: User) -> None:
        stored = _to_fields(scope, values)
        actions.add_agency(assessment=scope.assessment, code=key, values=stored, by=by)

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        changed = {field: text for field, text in after.items() if text != before.get(field)}
        actions.update_agency(
            agency=_get_agency(scope, key), values=_to_fields(scope, changed), on=queries.today(), by=by
        )

    def take_back(self, scope: Scope, key: str, by: User) -> None:
        actions.remove_agency(agency=_get_agency(scope, key), by=by)


def _get_agency(scope: Scope, key: str) -> Agency:
    agency = Agency.objects.select_for_update().filter(assessment=scope.assessment, code=key).first()
    if agency is None:
        raise DomainError(f"ไม่มีหน่วยงานรหัส {key} แล้ว")
    return agency


def _identify(values: Values) -> tuple[str, str]:
    return search_key(values["name_th"]), values.get("province", "")


def _find_codes(scope: Scope, codes: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(codes), 500):
        some = Agency.objects.filter(assessment=scope.assessment, code__in=codes[start : start + 500])
        yield from some.values_list("code", flat=True)


def _measure_depth(code: str, parents: dict[str, str]) -> int:
    """How many agencies of the file are above one, as far as a tree can be deep."""
    depth = 0
    while (code := parents.get(code, "")) in parents and depth < _DEEPEST:
        depth += 1
    return depth


def _to_fields(scope: Scope, values: Values) -> Values:
    """As the register stores them. Raises DomainError for a parent that there is not."""
    fields = {field: text for field, text in values.items() if field != "code"}
    if "kind" in fields:
        fields["kind"] = TYPE_OF[thai.squeeze(fields["kind"])]
    parent = fields.get("parent_code")
    if parent and not Agency.objects.filter(assessment=scope.assessment, code=parent).exists():
        raise DomainError(f"ไม่มีหน่วยงานรหัส {parent} ที่อ้างเป็นสังกัด")
    return fields
