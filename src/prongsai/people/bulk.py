"""The list of users, and what the office does to many of them at once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet

from prongsai.jobs.leases import Lease
from prongsai.people.actions import DomainError, log_audit, send_invitation, set_user_active
from prongsai.people.background import background_action
from prongsai.people.lists import Act, Filter, Heading, Listing, read_stored
from prongsai.people.models import User
from prongsai.people.queries import search_users
from prongsai.people.roles import Role

_WAITING, _ACTIVE, _CLOSED = "waiting", "active", "closed"
_STATES = ((_WAITING, "รอตั้งรหัสผ่าน"), (_ACTIVE, "ใช้งาน"), (_CLOSED, "ปิด"))


def list_users(assessment: str, values: Mapping[str, str]) -> Listing:
    """The users of an assessment."""
    return Listing(
        User.objects.filter(assessment=assessment),
        values,
        search=search_users,
        filters=(
            Filter("role", "บทบาท", Role.choices, lambda rows, role: rows.filter(role=role)),
            Filter("state", "สถานะ", _STATES, _keep_state),
        ),
        headings=(
            Heading("name", "ชื่อ", ("name",)),
            Heading("email", "อีเมล", ("email",)),
            Heading("role", "บทบาท", ("role",)),
            Heading("invited", "สถานะ", ("invited_at",)),
        ),
        order=("role", "name", "pk"),
    )


def _keep_state(rows: QuerySet[User], state: str) -> QuerySet[User]:
    if state == _CLOSED:
        return rows.filter(is_active=False)
    waiting = {"password__startswith": UNUSABLE_PASSWORD_PREFIX, "last_login": None}
    rows = rows.filter(is_active=True)
    return rows.filter(**waiting) if state == _WAITING else rows.exclude(**waiting)


@background_action(title="ส่งคำเชิญอีกครั้ง")
def invite_in_background(
    lease: Lease, by: User, assessment: str, stored: dict[str, Any], seen: str, _text: str, site: str
) -> None:
    """``send_invitation`` to those of a list who have set no password yet."""
    with lease.write(finish=True):
        users = list(read_stored(stored, partial(list_users, assessment), INVITE, seen))
        for user in users:
            send_invitation(user=user, site=site)
        log_audit(
            by=by,
            action="people.invite_again",
            subject=f"{len(users)} คน",
            detail={"entries": len(users), "digest": seen},
        )
        lease.outcome = f"ส่งคำเชิญอีกครั้ง {len(users):,} คนแล้ว"


@background_action(title="ปิดบัญชี")
def close_in_background(
    lease: Lease, by: User, assessment: str, stored: dict[str, Any], seen: str, _text: str, _site: str
) -> None:
    """``set_user_active`` of each of a list; nobody closes their own account."""
    with lease.write(finish=True):
        users = list(read_stored(stored, partial(list_users, assessment), CLOSE, seen))
        if by in users:
            raise DomainError("ในรายการมีบัญชีของท่านเอง ปิดบัญชีของตนเองไม่ได้ เอาออกจากรายการก่อน")
        for user in users:
            set_user_active(user=user, active=False, by=by)
        lease.outcome = f"ปิดบัญชี {len(users):,} คนแล้ว เปิดอีกครั้งได้ที่หน้าผู้ใช้"


INVITE = Act(
    "invite",
    "ส่งคำเชิญอีกครั้ง",
    "ส่งอีเมลที่มีลิงก์ตั้งรหัสผ่านถึงทุกคนในรายการ ผู้ที่ตั้งรหัสผ่านแล้วไม่อยู่ในรายการนี้",
    lambda rows: _keep_state(rows, _WAITING),
    invite_in_background,
)
CLOSE = Act(
    "close",
    "ปิดบัญชี",
    "ทุกคนในรายการเข้าระบบไม่ได้จนกว่าจะเปิดบัญชีอีกครั้ง งานที่ทำไว้ยังอยู่",
    lambda rows: rows.filter(is_active=True),
    close_in_background,
)
ACTS = (INVITE, CLOSE)
