"""Agencies that have until a later day of a phase, as a table."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from prongsai.lib import fiscal, thai
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry import actions, queries
from prongsai.registry.models import Agency, DeadlineExtension, Phase
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, PROVINCE, find_agencies
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register

PHASE = Column("phase", "ช่วงงาน", ("ช่วง", "phase"), "ชื่อช่วงตามปฏิทินของรอบ", 26, is_required=True)
ENDS = Column("ends", "ขยายถึงวันที่", ("ถึงวันที่", "วันสิ้นสุด", "until"), f"{fiscal.DATE_HINT} ว่างคือไม่ขยาย", 16)
REASON = Column("reason", "เหตุที่ขยายเวลา", ("เหตุ", "เหตุผล", "reason"), "ต้องมีเมื่อขยายเวลา", 40)
_LONGEST = 200


def _write_day(day: datetime.date) -> str:
    return f"{day.day}/{day.month}/{day.year + fiscal.BUDDHIST}"


@register
class Extensions(TableKind):
    """Deadlines of a round that were extended: a row for an agency and a phase."""

    name: ClassVar = "extensions"
    title: ClassVar = "ขยายเวลาให้หน่วยงาน"
    about: ClassVar = (
        "ขยายวันสิ้นสุดของช่วงงานให้เป็นรายหน่วยงาน พร้อมเหตุ หน้าของหน่วยงาน แบบวัด และการติดตามของสำนักงานใช้วันที่ขยายแล้ว "
        "หน่วยงานที่ไม่อยู่ในไฟล์ไม่เปลี่ยน"
    )
    permission: ClassVar = "registry.change"
    of_round: ClassVar = True

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (*NAMING, PHASE, ENDS, REASON)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        """The extensions; of some keys also agencies and phases without one, whose cells are empty."""
        found = DeadlineExtension.objects.filter(phase__round=scope.the_round).select_related("phase", "agency")
        if keys is not None:
            found = found.filter(agency__code__in=_codes(keys))
        extended = {_key(e.agency.code, e.phase): e for e in found.order_by("agency__order", "agency__code", "phase")}
        agencies = scope.the_round.agencies.filter(code__in=_codes(keys or extended))
        phases = {p.key: p for p in scope.the_round.phases.all()}
        named = {a.code: {CODE.key: a.code, NAME.key: a.name_th, PROVINCE.key: a.province} for a in agencies}
        for key in extended if keys is None else keys:
            code, _, name = key.partition(" ")
            if code not in named or name not in phases:
                continue
            extension = extended.get(key)
            day, reason = (_write_day(extension.ends), extension.reason) if extension else ("", "")
            yield key, named[code] | {PHASE.key: phases[name].label_th, ENDS.key: day, REASON.key: reason}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        find_agencies(scope, entries)
        phases = {thai.squeeze(name): p for p in scope.the_round.phases.all() for name in (p.key, p.label_th)}
        for entry in entries:
            typed = entry.cells.get(PHASE.key, "")
            phase = phases.get(thai.squeeze(typed))
            if phase is None:
                known = ", ".join(p.label_th for p in scope.the_round.phases.all())
                entry.refuse(PHASE.title, f"ไม่รู้จักช่วง “{typed[:40]}” รอบนี้มี {known}")
            elif entry.key:
                entry.key, entry.title = _key(entry.key, phase), f"{entry.title} {phase.label_th}"

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        phases = {p.key: p for p in scope.the_round.phases.all()}
        for entry in entries:
            phase = phases.get(entry.key.partition(" ")[2])
            if phase is None:
                continue  # refused already
            if entry.before is None:
                entry.refuse(CODE.title, "ไม่อยู่ในรอบนี้")
                continue
            entry.values[PHASE.key] = phase.label_th
            if ENDS.key in entry.cells:
                self._check_day(entry, entry.before, phase)
            if REASON.key in entry.cells:
                entry.values[REASON.key] = " ".join(entry.cells[REASON.key].split())
            day, reason = (entry.values.get(c.key, entry.before[c.key]) for c in (ENDS, REASON))
            if len(reason) > _LONGEST:
                entry.refuse(REASON.title, f"ยาวเกิน {_LONGEST} ตัวอักษร")
            if day and not reason:
                entry.refuse(REASON.title, "ขยายเวลาต้องบอกเหตุ")
            if reason and not day:
                entry.refuse(ENDS.title, "มีเหตุที่ขยายเวลา แต่ไม่มีวันที่")

    @staticmethod
    def _check_day(entry: Entry, before: Values, phase: Phase) -> None:
        typed = entry.cells[ENDS.key]
        if not typed:
            entry.values[ENDS.key] = ""
            return
        try:
            ends = fiscal.parse_date(typed)
        except ValueError as error:
            entry.refuse(ENDS.title, str(error))
            return
        entry.values[ENDS.key] = _write_day(ends)
        problem = queries.find_extension_problem(phase, ends)
        if problem and entry.values[ENDS.key] != before[ENDS.key]:
            entry.refuse(ENDS.title, problem)

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        code, _, name = key.partition(" ")
        agency = Agency.objects.filter(assessment=scope.assessment, code=code).first()
        phase = scope.the_round.phases.filter(key=name).first()
        if agency is None or phase is None:
            raise DomainError(f"ไม่มีหน่วยงานหรือช่วงงาน {key} แล้ว")
        values = {**before, **after}
        ends = fiscal.parse_date(values[ENDS.key]) if values[ENDS.key] else None
        actions.extend_deadline(phase=phase, agency=agency, ends=ends, reason=values[REASON.key], by=by)


def _codes(keys: Iterable[str]) -> set[str]:
    return {key.partition(" ")[0] for key in keys}


def _key(code: str, phase: Phase) -> str:
    return f"{code} {phase.key}"
