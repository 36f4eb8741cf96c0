"""How ready an agency is: each disclosure item done, weak or missing, why, and in which order to work.

From what is filed, the checks of its links and the required elements. Marks and scores are not read: what an assessor
thought of an item says nothing about what the public finds there today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.urls import reverse

from prongsai import links
from prongsai.analysis.forecast import Forecast, forecast_disclosure
from prongsai.disclosure.models import Filing
from prongsai.disclosure.queries import (
    BROKEN_STATES,
    ItemRow,
    duplicate_urls,
    filed_rows,
    find_filing,
    mentioned_years,
)
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.sites.item_pages import ShownPage, load_pages


class State(StrEnum):
    DONE = "done"
    WEAK = "weak"
    MISSING = "missing"


STATES_TH = {State.DONE: "ครบ", State.WEAK: "ยังอ่อน", State.MISSING: "ยังไม่มี"}
# the order of work: what harms readers first, then what is quick, then what has to be written
_HARMFUL, _BROKEN, _YEAR, _ELEMENTS, _NOTHING, _NONE = range(6)


@dataclass(frozen=True)
class ItemReadiness:
    """An item: its state, the reasons in Thai, what is missing of its elements, and its place in the order of work."""

    row: ItemRow
    state: State
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    order: tuple[int, int]

    @property
    def state_th(self) -> str:
        return STATES_TH[self.state]


def assess_row(row: ItemRow, shared: Iterable[str] = (), lost: Sequence[str] = ()) -> ItemReadiness:
    """The readiness of one item; ``shared`` are other items for which the same addresses are filed, ``lost`` what is
    ticked and that the page which is filed has no more."""
    missing = tuple(e.th for k, e in row.required if (k, e) not in row.ticked)
    if not row.is_filed:
        return ItemReadiness(row, State.MISSING, ("ยังไม่ได้ยื่น",), missing, (_NOTHING, len(missing)))
    reasons, orders = _find_weaknesses(row, missing)
    if others := sorted(set(shared)):
        reasons.append(f"ใช้ลิงก์เดียวกับข้อ {', '.join(others)} ตรวจว่าหน้านั้นมีข้อมูลของข้อนี้จริง")
        orders.append(_ELEMENTS)
    if lost:
        reasons.append(f"หน้าในระบบนี้ที่ยื่นไว้ไม่มีแล้ว {len(lost)} องค์ประกอบที่ติ๊กไว้: {', '.join(lost)[:300]}")
        orders.append(_ELEMENTS)
    state = State.WEAK if reasons else State.DONE
    return ItemReadiness(row, state, tuple(reasons), missing, (min(orders, default=_NONE), len(missing)))


def _find_weaknesses(row: ItemRow, missing: Sequence[str]) -> tuple[list[str], list[int]]:
    reasons, orders = [], []
    if any(link.alarm_since for link in row.links):
        reasons.append("ลิงก์พาไปหน้าที่ไม่ใช่ของหน่วยงาน เช่น การพนัน ถอดลิงก์นี้ก่อน")
        orders.append(_HARMFUL)
    for link in row.links:
        if link.state in BROKEN_STATES:
            reasons.append(f"ลิงก์ {link.url[:80]}: {links.describe_state(link.state)}")
            orders.append(_BROKEN)
    if not row.links:
        reasons.append("มีแต่คำอธิบาย ไม่มีลิงก์ให้ประชาชนเปิด")
        orders.append(_BROKEN)
    if row.has_unexpected_years:
        years = {year for link in row.links if link.last_check for year in mentioned_years(link.last_check)}
        expected = ", ".join(map(str, sorted(row.expected_years)))
        reasons.append(f"หน้าที่ยื่นพูดถึงปี {', '.join(map(str, sorted(years)))} แต่ข้อนี้ต้องเป็นปี {expected}")
        orders.append(_YEAR)
    if missing:
        reasons.append(f"ยังขาด {len(missing)} จาก {len(row.required)} องค์ประกอบ")
        orders.append(_ELEMENTS)
    return reasons, orders


@dataclass(frozen=True)
class Readiness:
    """All items of a round, in the order of the rules."""

    round: Round
    items: tuple[ItemReadiness, ...]

    def count(self, state: State) -> int:
        return sum(item.state is state for item in self.items)

    @property
    def counts(self) -> list[tuple[State, str, int]]:
        return [(state, STATES_TH[state], self.count(state)) for state in State]

    @property
    def forecast(self) -> Forecast | None:
        """The disclosure score to expect if the round ended today."""
        complete, faulty = (
            {item.row.item.id for item in self.items if item.state is state} for state in (State.DONE, State.WEAK)
        )
        return forecast_disclosure(load_round_framework(self.round), complete=complete, faulty=faulty)

    @property
    def work(self) -> list[ItemReadiness]:
        """What is left to do, in the order in which to do it."""
        return sorted((i for i in self.items if i.state is not State.DONE), key=lambda item: item.order)


def _find_lost(row: ItemRow, shown: ShownPage) -> list[str]:
    """What is ticked of an item, and is no more on its page here, where nothing but that page is filed."""
    own = reverse("item_page", args=[shown.agency.code, shown.round.fiscal_year, row.item.id])
    if not row.links or not all(urlsplit(link.url).path.endswith(own) for link in row.links):
        return []
    is_public = bool(shown.page and shown.page.public)
    there = {element.index for element in shown.elements if is_public and not element.is_missing}
    return [element.th for index, element in row.ticked if index not in there]


def assess_agency(agency: Agency, assessment_round: Round) -> Readiness:
    """How ready an agency is for a round."""
    filing = find_filing(assessment_round, agency) or Filing(round=assessment_round, agency=agency)
    items = []
    pages = {shown.item.id: shown for shown in load_pages(agency, assessment_round)}
    for row in filed_rows(filing):
        urls = [link.url for link in row.links]
        shared = duplicate_urls(filing, row.item.id, urls).values() if urls else ()
        lost = _find_lost(row, pages[row.item.id])
        items.append(assess_row(row, (other for others in shared for other in others), lost))
    return Readiness(assessment_round, tuple(items))
