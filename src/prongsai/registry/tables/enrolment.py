"""Which agencies a round assesses, and why others are left out, as a table."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from prongsai.lib import thai
from prongsai.people.models import User
from prongsai.registry import actions, queries
from prongsai.registry.models import Agency, Exclusion
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, PROVINCE, find_agencies
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register

_IN, _OUT = "อยู่ในรอบ", "ไม่อยู่"
_WORDS = {thai.squeeze(word): state for state, words in (
    (_IN, (_IN, "อยู่", "ใช่", "เข้ารอบ", "1", "yes")), (_OUT, (_OUT, "ไม่อยู่ในรอบ", "ไม่", "ยกเว้น", "0", "no")),
) for word in words}  # fmt: skip
ENROLLED = Column("enrolled", "การเข้ารอบ", ("อยู่ในรอบ", "เข้ารอบ"), f"{_IN} หรือ {_OUT}", 14, is_required=True)
REASON = Column("reason", "เหตุที่ไม่อยู่ในรอบ", ("เหตุ", "เหตุผล", "เหตุที่ยกเว้น"), "ต้องมีเมื่อยกเว้นหน่วยงาน", 40)


@register
class Enrolment(TableKind):
    """The agencies of a round."""

    name: ClassVar = "enrolment"
    title: ClassVar = "หน่วยงานในรอบ"
    about: ClassVar = (
        "นำหน่วยงานเข้ารอบ หรือยกเว้นพร้อมเหตุ หน่วยงานที่ยกเว้นไว้จะไม่เข้ารอบเมื่อกดใส่ทุกหน่วยงาน หน่วยงานที่มีข้อมูลในรอบแล้วยกเว้นไม่ได้"
    )
    permission: ClassVar = "registry.change"
    of_round: ClassVar = True

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (*NAMING, ENROLLED, REASON)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        agencies = Agency.objects.filter(assessment=scope.assessment)
        agencies = agencies.filter(closed_on=None) if keys is None else agencies.filter(code__in=keys)
        enrolled = set(scope.the_round.agencies.filter(pk__in=agencies.values("pk")).values_list("pk", flat=True))
        excluded = Exclusion.objects.filter(round=scope.the_round, agency__in=agencies.values("pk"))
        reasons = dict(excluded.values_list("agency", "reason"))
        for pk, code, name, province in agencies.order_by("order", "code").values_list(
            "pk", "code", "name_th", "province"
        ):
            named = {CODE.key: code, NAME.key: name, PROVINCE.key: province}
            state = _IN if pk in enrolled else _OUT
            yield code, named | {ENROLLED.key: state, REASON.key: reasons.get(pk, "")}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        find_agencies(scope, entries)

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        leaving = []
        for entry in entries:
            before = entry.before or {}
            if ENROLLED.key in entry.cells:
                typed = entry.cells[ENROLLED.key]
                if (state := _WORDS.get(thai.squeeze(typed))) is None:
                    entry.refuse(ENROLLED.title, f"“{typed[:40]}” ใส่ได้เพียง {_IN} หรือ {_OUT}")
                    continue
                entry.values[ENROLLED.key] = state
            state = entry.values.get(ENROLLED.key, before.get(ENROLLED.key, ""))
            if REASON.key in entry.cells or before.get(ENROLLED.key) != state:
                entry.values[REASON.key] = reason = " ".join(entry.cells.get(REASON.key, "").split())
                if state == _IN and reason:
                    entry.refuse(REASON.title, "มีเหตุที่ไม่อยู่ในรอบ แต่การเข้ารอบบอกว่าอยู่ แก้ให้ตรงกัน")
                if state == _OUT and before.get(ENROLLED.key) == _IN and not reason:
                    entry.refuse(REASON.title, "ยกเว้นหน่วยงานต้องบอกเหตุ")
                if len(reason) > 200:
                    entry.refuse(REASON.title, "ยาวเกิน 200 ตัวอักษร")
            if before.get(ENROLLED.key) == _IN and state == _OUT:
                leaving.append(entry)
        agencies = {a.code: a for a in Agency.objects.filter(code__in=[e.key for e in leaving])}
        for entry in leaving:
            if found := queries.find_round_records(scope.the_round, agencies[entry.key]):
                entry.refuse(ENROLLED.title, f"มีข้อมูลในรอบนี้แล้ว: {', '.join(found)}")

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        agency = Agency.objects.get(assessment=scope.assessment, code=key)
        enrolled = after.get(ENROLLED.key, before.get(ENROLLED.key))
        if enrolled is None:
            enrolled = _IN if scope.the_round.agencies.filter(pk=agency.pk).exists() else _OUT
        actions.set_enrolment(
            assessment_round=scope.the_round,
            agency=agency,
            enrolled=enrolled == _IN,
            reason=after.get(REASON.key, ""),
            by=by,
        )
