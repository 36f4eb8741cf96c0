"""Head-counts of a round as a table: how many people each form has to ask, agency by agency."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from prongsai.lib import numbers
from prongsai.people.models import User
from prongsai.registry.models import Agency
from prongsai.registry.queries import load_round_framework
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, PROVINCE, find_agencies
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register
from prongsai.survey import actions
from prongsai.survey.models import Population


@register
class HeadCounts(TableKind):
    """The populations of a round's agencies, a column for each form. An empty cell says nothing: it changes nothing."""

    name: ClassVar = "head-counts"
    title: ClassVar = "จำนวนผู้มีสิทธิตอบ"
    about: ClassVar = "จำนวนคนของแต่ละแบบวัด ช่องว่างคือไม่เปลี่ยน จำนวนที่ส่วนกลางตั้งเป็นบัญชีแล้วแก้ที่บัญชี"
    permission: ClassVar = "survey.manage"
    of_round: ClassVar = True

    def columns(self, scope: Scope, /) -> Sequence[Column]:
        instruments = load_round_framework(scope.the_round).survey_instruments()
        return (
            *NAMING,
            *(
                Column(i.id, i.id, (i.label.th,), f"{i.label.th} จำนวนเต็ม 1 ถึง {actions.MAX_POPULATION:,}", 14)
                for i in instruments
            ),
        )

    def _forms(self, scope: Scope) -> list[str]:
        return [c.key for c in self.columns(scope) if c not in NAMING]

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        agencies = scope.the_round.agencies.all()
        if keys is not None:
            agencies = agencies.filter(code__in=keys)
        found = Population.objects.filter(round=scope.the_round, agency__in=agencies.values("pk"))
        sizes = {(agency, form): size for agency, form, size in found.values_list("agency", "instrument", "size")}
        forms = self._forms(scope)
        for agency in agencies.order_by("order", "code").iterator(2000):
            named = {CODE.key: agency.code, NAME.key: agency.name_th, PROVINCE.key: agency.province}
            yield agency.code, named | {form: str(sizes.get((agency.pk, form), "")) for form in forms}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        find_agencies(scope, entries)

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        forms = self._forms(scope)
        found = Population.objects.filter(
            round=scope.the_round, agency__code__in=[e.key for e in entries], roll__isnull=False
        )
        fixed = set(found.values_list("agency__code", "instrument"))
        for entry in entries:
            if entry.before is None:
                entry.refuse(CODE.title, "ไม่อยู่ในรอบนี้")
            for form in forms:
                if not (typed := entry.cells.get(form, "")):
                    continue
                try:
                    size = numbers.read_whole_number(typed, least=1, most=actions.MAX_POPULATION)
                except numbers.NumberError as error:
                    entry.refuse(form, str(error))
                    continue
                entry.values[form] = str(size)
                if (entry.key, form) in fixed and entry.before and entry.before[form] != str(size):
                    entry.refuse(form, f"ส่วนกลางตั้งบัญชีไว้ {entry.before[form]} คนแล้ว แก้ที่บัญชีจำนวนคน")

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        agency = Agency.objects.get(assessment=scope.assessment, code=key)
        for form in after:
            if after[form] == before.get(form, ""):
                continue
            about: dict[str, Any] = {"assessment_round": scope.the_round, "agency": agency, "instrument": form}
            if after[form]:
                actions.set_population(**about, size=int(after[form]), by=by)
            else:
                actions.clear_population(**about, by=by)
