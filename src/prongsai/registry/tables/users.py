"""Users with the agencies that they act for, as a table.

A person is known by the e-mail address and has one role. A cell of agencies says all of them: a code that is missing
there ends the appointment, on the day on which the table is applied.
"""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Lower

from prongsai.lib import thai
from prongsai.people.actions import DomainError, invite_user, rename_user, set_user_active, withdraw_invitations
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry import actions, queries
from prongsai.registry.models import Agency, Appointment
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register

_OPEN, _CLOSED = "ใช้งาน", "ปิด"
_ACCOUNTS = {thai.squeeze(word): state for state, words in (
    (_OPEN, ("ใช้งาน", "เปิด", "active", "")), (_CLOSED, ("ปิด", "ปิดบัญชี", "closed")),
) for word in words}  # fmt: skip
_ROLES = {thai.squeeze(word): role for role in Role for word in (str(role.label), role.value)} | {
    thai.squeeze(word): role
    for word, role in (
        ("เจ้าหน้าที่", Role.OFFICER),
        ("ผู้บริหาร", Role.EXECUTIVE),
        ("สำนักงานกลาง", Role.OFFICE),
        ("กรรมการประเมิน", Role.ASSESSOR),
    )
}
_BETWEEN_CODES = re.compile(r"[,;/\s]+")
_MOST_CODES = 200

EMAIL = Column("email", "อีเมล", ("e-mail", "อีเมล์", "ที่อยู่อีเมล"), "คนหนึ่งมีอีเมลเดียว และแถวเดียว", 34, is_required=True)
NAME = Column("name", "ชื่อ", ("ชื่อ-สกุล", "ชื่อและนามสกุล", "ชื่อ–นามสกุล", "ชื่อ-นามสกุล"), "ชื่อที่แสดงในระบบ", 30, is_required=True)
ROLE = Column("role", "บทบาท", (), ", ".join(str(label) for label in Role.labels), 22, is_required=True)
AGENCIES = Column(
    "agencies",
    "รหัสหน่วยงาน",
    ("หน่วยงาน", "รหัสหน่วยงานที่ทำหน้าที่แทน", "agency", "code"),
    "ของเจ้าหน้าที่และผู้บริหารของหน่วยงาน หลายแห่งคั่นด้วยจุลภาค รหัสที่ลบออกคือถอนหน้าที่",
    30,
)
ACCOUNT = Column("account", "บัญชี", ("สถานะ", "status"), f"{_OPEN} หรือ {_CLOSED}", 12)


@register
class Users(TableKind):
    """Who may sign in, and for which agencies."""

    name: ClassVar = "users"
    title: ClassVar = "ผู้ใช้และหน้าที่"
    about: ClassVar = (
        "เชิญผู้ใช้ใหม่ แก้ชื่อ เปิดหรือปิดบัญชี มอบหรือถอนหน้าที่ในหน่วยงาน ผู้ที่ไม่อยู่ในไฟล์ไม่เปลี่ยน ผู้ใช้ใหม่ได้รับคำเชิญทางอีเมลเมื่อบันทึก"
    )
    permission: ClassVar = "people.invite"
    can_add: ClassVar = True

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (EMAIL, NAME, ROLE, AGENCIES, ACCOUNT)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        users = User.objects.filter(assessment=scope.assessment).annotate(key=Lower("email")).order_by("role", "key")
        acting = Appointment.objects.filter(until=None, user__assessment=scope.assessment)
        if keys is not None:
            users = users.filter(key__in=keys)
            acting = acting.filter(user__in=[user.pk for user in users])
        codes: dict[int, list[str]] = {}
        for user_id, code in acting.order_by("agency__code").values_list("user", "agency__code"):
            codes.setdefault(user_id, []).append(code)
        for user in users if keys is not None else users.iterator(2000):
            yield (
                user.email.lower(),
                {
                    EMAIL.key: user.email.lower(),
                    NAME.key: user.name,
                    ROLE.key: user.get_role_display(),
                    AGENCIES.key: ", ".join(codes.get(user.pk, ())),
                    ACCOUNT.key: _OPEN if user.is_active else _CLOSED,
                },
            )

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        super().find_keys(scope, entries)
        for entry in entries:
            entry.key = entry.key.lower()
            entry.title = f"{entry.cells.get(NAME.key, '')} {entry.key}".strip()

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        foreign = set(
            User.objects.annotate(key=Lower("email"))
            .filter(key__in=[e.key for e in entries])
            .exclude(assessment=scope.assessment)
            .values_list("key", flat=True)
        )
        wanted = {code for e in entries for code in _split_codes(e.cells.get(AGENCIES.key, ""))}
        agencies = _find_agencies(scope, wanted)
        for entry in entries:
            entry.values[EMAIL.key] = entry.key
            if entry.key in foreign:
                entry.refuse(EMAIL.title, "เป็นของผู้ใช้ในการประเมินอื่น")
            self._check_person(entry)
            if AGENCIES.key in entry.cells:
                self._check_agencies(entry, agencies)

    def _check_person(self, entry: Entry) -> None:
        cells, values, before = entry.cells, entry.values, entry.before
        try:
            validate_email(entry.key)
        except ValidationError:
            entry.refuse(EMAIL.title, f"“{entry.key[:60]}” ไม่ใช่ที่อยู่อีเมล")
        if NAME.key in cells or before is None:
            values[NAME.key] = " ".join(cells.get(NAME.key, "").split())
            if not 1 <= len(values[NAME.key]) <= 120:
                entry.refuse(NAME.title, "ว่างหรือยาวเกิน 120 ตัวอักษร")
        if ROLE.key in cells or before is None:
            typed = cells.get(ROLE.key, "")
            role = _ROLES.get(thai.squeeze(typed))
            if role is None:
                entry.refuse(
                    ROLE.title, f"“{typed[:40]}” ไม่ใช่บทบาท ใส่ได้: {ROLE.hint}" if typed else f"ว่าง ใส่ได้: {ROLE.hint}"
                )
            else:
                values[ROLE.key] = str(role.label)
                if before and before[ROLE.key] != role.label:
                    entry.refuse(
                        ROLE.title,
                        f"ผู้ใช้นี้เป็น{before[ROLE.key]}อยู่แล้ว คนหนึ่งมีบทบาทเดียว หากเปลี่ยนงาน ปิดบัญชีเดิมและเชิญด้วยอีเมลอื่น",
                    )
        if ACCOUNT.key in cells:
            typed = cells[ACCOUNT.key]
            state = _ACCOUNTS.get(thai.squeeze(typed))
            if state is None:
                entry.refuse(ACCOUNT.title, f"“{typed[:40]}” ใส่ได้เพียง {_OPEN} หรือ {_CLOSED}")
            elif state == _CLOSED and before is None:
                entry.refuse(ACCOUNT.title, "ผู้ใช้ใหม่ที่ปิดบัญชีไว้ไม่ต้องเชิญ ลบแถวนี้ออก")
            else:
                values[ACCOUNT.key] = state

    def _check_agencies(self, entry: Entry, agencies: dict[str, Agency]) -> None:
        codes = sorted(set(_split_codes(entry.cells[AGENCIES.key])))
        entry.values[AGENCIES.key] = ", ".join(codes)
        had = set(_split_codes(entry.before[AGENCIES.key])) if entry.before else set()
        role = entry.values.get(ROLE.key) or (entry.before or {}).get(ROLE.key, "")
        if codes and role and role not in (Role.OFFICER.label, Role.EXECUTIVE.label):
            own = "ไม่ประเมินหน่วยงานของตนเอง และ" if role == Role.ASSESSOR.label else ""
            entry.refuse(AGENCIES.title, f"{role}{own}ทำแทนหน่วยงานไม่ได้ ผู้ที่ทำแทนได้คือเจ้าหน้าที่หรือผู้บริหารของหน่วยงาน ลบรหัสออก")
        if len(codes) > _MOST_CODES:
            entry.refuse(AGENCIES.title, f"มี {len(codes)} แห่ง ใส่ได้ไม่เกิน {_MOST_CODES}")
        if unknown := [code for code in codes if code not in agencies]:
            entry.refuse(AGENCIES.title, f"ไม่มีหน่วยงานรหัส {', '.join(unknown[:5])}")
        if closed := [c for c in codes if c not in had and c in agencies and agencies[c].closed_on]:
            entry.refuse(AGENCIES.title, f"ยุบเลิกแล้ว: {', '.join(closed[:5])}")

    def add(self, scope: Scope, key: str, values: Values, by: User) -> None:
        role = _ROLES[thai.squeeze(values[ROLE.key])]
        user = invite_user(
            email=key, name=values[NAME.key], role=role, by=by, site=scope.site, assessment=scope.assessment
        )
        self._appoint(scope, user, "", values.get(AGENCIES.key, ""), by)

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        user = _get_user(scope, key)
        if after.get(NAME.key) != before.get(NAME.key):
            rename_user(user=user, name=after[NAME.key], by=by)
        if after.get(ACCOUNT.key) != before.get(ACCOUNT.key):
            set_user_active(user=user, active=after[ACCOUNT.key] == _OPEN, by=by)
        self._appoint(scope, user, before.get(AGENCIES.key, ""), after.get(AGENCIES.key, ""), by)

    def _appoint(self, scope: Scope, user: User, before: str, after: str, by: User) -> None:
        had, wanted = set(_split_codes(before)), set(_split_codes(after))
        agencies = _find_agencies(scope, wanted - had)
        for code in sorted(wanted - had):
            if code not in agencies:
                raise DomainError(f"ไม่มีหน่วยงานรหัส {code}")
            actions.appoint(user=user, agency=agencies[code], on=queries.today(), by=by)
        ending = Appointment.objects.filter(user=user, agency__code__in=had - wanted, until=None)
        for appointment in ending.select_related("agency"):
            actions.end_appointment(appointment=appointment, on=queries.today(), by=by)

    def take_back(self, scope: Scope, key: str, by: User) -> None:
        withdraw_invitations(users=[_get_user(scope, key)], by=by)

    def take_back_together(self, scope: Scope, keys: Sequence[str], by: User) -> bool:
        users = User.objects.annotate(key=Lower("email")).filter(key__in=keys, assessment=scope.assessment)
        withdraw_invitations(users=list(users), by=by)
        return True


def _get_user(scope: Scope, key: str) -> User:
    user = User.objects.filter(email__iexact=key, assessment=scope.assessment).first()
    if user is None:
        raise DomainError(f"ไม่มีผู้ใช้ {key} แล้ว")
    return user


def _split_codes(text: str) -> list[str]:
    return [code for code in _BETWEEN_CODES.split(text.strip()) if code]


def _find_agencies(scope: Scope, codes: set[str]) -> dict[str, Agency]:
    """Those of the assessment, by code."""
    found: dict[str, Agency] = {}
    ordered = sorted(codes)
    for start in range(0, len(ordered), 500):
        some = Agency.objects.filter(assessment=scope.assessment, code__in=ordered[start : start + 500])
        found |= {agency.code: agency for agency in some}
    return found
