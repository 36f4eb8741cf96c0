"""Who assesses which agency in a round, as a table."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.db.models.functions import Lower

from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry import actions, queries
from prongsai.registry.models import Agency, Assignment
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, PROVINCE, find_agencies
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register

ASSESSOR = Column("assessor", "อีเมลผู้ประเมิน", ("ผู้ประเมิน", "อีเมล", "email"), "ช่องว่างคือยังไม่มอบหมาย", 34)


@register
class Assignments(TableKind):
    """The assessors of a round's agencies."""

    name: ClassVar = "assignments"
    title: ClassVar = "ผู้ประเมินของหน่วยงาน"
    about: ClassVar = "มอบหมายหน่วยงานในรอบให้ผู้ประเมินเป็นรายแห่ง ผู้ที่มีส่วนได้เสียกับหน่วยงานไม่รับ"
    permission: ClassVar = "registry.assign"
    of_round: ClassVar = True

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (*NAMING, ASSESSOR)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        agencies = scope.the_round.agencies.order_by("order", "code")
        assigned = Assignment.objects.filter(round=scope.the_round)
        if keys is not None:
            agencies, assigned = agencies.filter(code__in=keys), assigned.filter(agency__code__in=keys)
        emails = dict(assigned.values_list("agency", Lower("assessor__email")))
        for agency in agencies.iterator(2000):
            named = {CODE.key: agency.code, NAME.key: agency.name_th, PROVINCE.key: agency.province}
            yield agency.code, named | {ASSESSOR.key: emails.get(agency.pk, "")}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        find_agencies(scope, entries)

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        wanted = {e.cells.get(ASSESSOR.key, "").lower() for e in entries} - {""}
        found = queries.assessors_of(scope.assessment).annotate(key=Lower("email")).filter(key__in=wanted)
        assessors = {user.email.lower(): user for user in found}
        find_conflict = queries.load_conflicts(assessors.values())
        agencies = {a.code: a for a in scope.the_round.agencies.filter(code__in=[e.key for e in entries])}
        for entry in entries:
            if entry.key not in agencies:
                entry.refuse(CODE.title, "ไม่อยู่ในรอบนี้")
                continue
            if ASSESSOR.key not in entry.cells:
                continue
            email = entry.values[ASSESSOR.key] = entry.cells[ASSESSOR.key].lower()
            if not email or (entry.before and entry.before[ASSESSOR.key] == email):
                continue
            if email not in assessors:
                entry.refuse(ASSESSOR.title, f"ไม่มีผู้ประเมินที่ใช้อีเมล {email[:80]}")
            elif reason := find_conflict(assessors[email], agencies[entry.key]):
                entry.refuse(ASSESSOR.title, reason)

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        if after.get(ASSESSOR.key) == before.get(ASSESSOR.key):
            return
        agency = Agency.objects.get(assessment=scope.assessment, code=key)
        email = after[ASSESSOR.key]
        if not email:
            actions.unassign(assessment_round=scope.the_round, agency=agency, by=by)
            return
        assessor = queries.assessors_of(scope.assessment).filter(email__iexact=email).first()
        if assessor is None:
            raise DomainError(f"ไม่มีผู้ประเมินที่ใช้อีเมล {email} แล้ว")
        actions.assign(assessment_round=scope.the_round, agency=agency, assessor=assessor, by=by)
