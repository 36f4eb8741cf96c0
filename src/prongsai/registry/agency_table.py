"""The office's list of agencies, and what it does to many of them at once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from prongsai.jobs.leases import Lease
from prongsai.lib import thai
from prongsai.people.actions import log_audit, notify
from prongsai.people.background import background_action
from prongsai.people.lists import Act, Filter, Heading, Listing, read_stored
from prongsai.people.models import User
from prongsai.registry.agency_search import search_agencies
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency, Appointment
from prongsai.registry.provinces import REGION_OF, REGIONS
from prongsai.registry.queries import path_of

_PROVINCES = [(name, name) for name in sorted(REGION_OF, key=thai.sort_key)]
_NOBODY, _SOMEBODY, _CLOSED = "nobody", "somebody", "closed"
_STATES = ((_SOMEBODY, "มีผู้รับผิดชอบ"), (_NOBODY, "ยังไม่มีผู้รับผิดชอบ"), (_CLOSED, "ยุบเลิกแล้ว"))


def list_agencies(assessment: str, values: Mapping[str, str]) -> Listing:
    """The agencies of an assessment."""
    return Listing(
        Agency.objects.filter(assessment=assessment),
        values,
        search=lambda rows, text: search_agencies(text, rows),
        filters=(
            Filter("kind", "ประเภท", AgencyType.choices, lambda rows, kind: rows.filter(kind=kind)),
            Filter("region", "ภาค", [(r, r) for r in REGIONS], _keep_region),
            Filter("province", "จังหวัด", _PROVINCES, lambda rows, name: rows.filter(province=name)),
            Filter("state", "สถานะ", _STATES, _keep_state),
        ),
        headings=(
            Heading("code", "รหัส", ("code",)),
            Heading("name", "ชื่อ", ("order",)),
            Heading("kind", "ประเภท", ("kind",)),
            Heading("province", "จังหวัด", ("province",)),
        ),
        order=("order", "code"),
    )


def _keep_region(rows: QuerySet[Agency], region: str) -> QuerySet[Agency]:
    return rows.filter(province__in=REGIONS[region].split())


def _keep_state(rows: QuerySet[Agency], state: str) -> QuerySet[Agency]:
    if state == _CLOSED:
        return rows.exclude(closed_on=None)
    rows = rows.filter(closed_on=None)
    acting = Exists(Appointment.objects.filter(agency=OuterRef("pk"), until=None, user__is_active=True))
    return rows.filter(acting) if state == _SOMEBODY else rows.exclude(acting)


@background_action(title="ส่งข้อความถึงผู้รับผิดชอบ")
def remind_in_background(
    lease: Lease, by: User, assessment: str, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Send a notice, and mail, to everybody who acts for the agencies of a list; once to each person."""
    with lease.write(finish=True):
        rows = read_stored(stored, partial(list_agencies, assessment), REMIND, seen)
        lease.outcome = remind(rows=rows, seen=seen, text=text, assessment=assessment, by=by)


def remind(*, rows: QuerySet[Agency], seen: str, text: str, assessment: str, by: User) -> str:
    """Send a message to everybody who acts for agencies, once to each person; returns what was done, in Thai."""
    agencies = list(rows.values_list("pk", flat=True))
    acting = Appointment.objects.filter(agency__in=agencies, until=None).values("user")
    users = list(User.objects.filter(pk__in=acting, is_active=True).order_by("pk"))
    for user in users:
        notify(user=user, text=text, url=path_of(assessment, "/desk/"))
    log_audit(
        by=by,
        action="registry.remind",
        subject=f"{len(agencies)} หน่วยงาน",
        detail={"agencies": len(agencies), "digest": seen},
    )
    return f"ส่งข้อความถึง {len(users):,} คน ของ {len(agencies):,} หน่วยงานแล้ว"


def keep_with_somebody(rows: QuerySet[Agency]) -> QuerySet[Agency]:
    """Those for which somebody acts."""
    return _keep_state(rows, _SOMEBODY)


REMIND = Act(
    "remind",
    "ส่งข้อความถึงผู้รับผิดชอบ",
    "ทุกคนที่ทำงานให้หน่วยงานในรายการได้รับข้อความนี้ในระบบและทางอีเมล คนละครั้ง ส่งแล้วเรียกคืนไม่ได้",
    keep_with_somebody,
    remind_in_background,
    text="ข้อความ",
)
ACTS = (REMIND,)
