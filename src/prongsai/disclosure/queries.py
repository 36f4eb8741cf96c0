"""The reads of the disclosure room: what is filed and open, the warnings of links, the marks that count."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from prongsai import links
from prongsai.analysis import Agreement, agreement
from prongsai.disclosure.models import (
    BlindReview,
    Change,
    Clarification,
    Confirmation,
    Entry,
    Filing,
    Link,
    LinkCheck,
    Mark,
    MarksSeal,
    Reopening,
)
from prongsai.framework import DisclosureItem, Framework
from prongsai.lib import fiscal
from prongsai.people.models import User
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency, Assignment, Round
from prongsai.registry.positions import find_executive_position
from prongsai.registry.queries import find_phase, is_phase_open, load_conflicts, load_round_framework, today

FILING, MARKING, CLARIFYING = "disclosure", "marking", "clarification"
BUDDHIST_OFFSET = 543  # years that the Buddhist era is ahead of the common era
PROBLEM_STATES: tuple[str, ...] = tuple(s for s in reversed(links.STATES) if s != "ok")  # worst first
STANDING_FIRST = Q(marks__stage=Mark.Stage.FIRST, marks__withdrawal=None)  # of a filing's marks
BROKEN_STATES = tuple(s for s in PROBLEM_STATES if s not in links.HARMLESS or s == "moved")  # for the agency to correct
# the agency types of the registry that a condition of the rules ("only_for") means
AGENCY_TYPES_OF = {
    "อปท.": {
        AgencyType.SPECIAL_LOCAL,
        AgencyType.PROVINCIAL_ORGANIZATION,
        AgencyType.CITY,
        AgencyType.TOWN,
        AgencyType.SUBDISTRICT_MUNICIPALITY,
        AgencyType.SUBDISTRICT_ORGANIZATION,
    },
    "จังหวัด": {AgencyType.PROVINCE},
}


def items(framework: Framework) -> list[DisclosureItem]:
    return list(framework.rules.disclosure_items)


def item_of(framework: Framework, item: str) -> DisclosureItem | None:
    return next((i for i in framework.rules.disclosure_items if i.id == item), None)


def required_elements(item: DisclosureItem, agency: Agency) -> list[tuple[int, Any]]:
    """The elements required of this type of agency, with their indices in the rules. An element with a condition that
    the registry does not know is required."""
    return [
        (k, e)
        for k, e in enumerate(item.elements)
        if not e.only_for or e.only_for not in AGENCY_TYPES_OF or agency.kind in AGENCY_TYPES_OF[e.only_for]
    ]


def website_hosts(agency: Agency) -> tuple[str, ...]:
    """The hosts of an agency's website, as the registry has it."""
    host = urlsplit(agency.website).hostname if agency.website else None
    return (host,) if host else ()


# --- what is open


def _is_in_phase(filing: Filing, key: str) -> bool:
    """Whether a phase is open for an agency: by its days, or, where the office has set none, as long as the round is
    running."""
    if filing.round.status != Round.Status.RUNNING:
        return False
    phase = find_phase(filing.round, key, filing.agency)
    return phase is None or phase.starts is None or is_phase_open(filing.round, key, filing.agency)


_NOT_FILING = "ไม่อยู่ในช่วงยื่นข้อมูลของรอบนี้"


def _say_closed_phase(filing: Filing, key: str, text: str) -> str:
    """``text`` of a phase that is not open, with the day on which it begins or ended, where the office has set one."""
    phase = find_phase(filing.round, key, filing.agency)
    if phase is None or phase.starts is None:
        return text
    if phase.starts > today():
        return f"{text} เริ่ม {fiscal.short_date(phase.starts)}"
    if phase.ends is not None and phase.ends < today():
        return f"{text} สิ้นสุดไปเมื่อ {fiscal.short_date(phase.ends)}"
    return text


def latest_seal(assessment_round: Round) -> MarksSeal | None:
    return MarksSeal.objects.filter(round=assessment_round).first()


def filing_closed_reason(filing: Filing) -> str:
    """Why an agency may not file now, in Thai; "" when it may."""
    if latest_seal(filing.round):
        return "คะแนนของรอบนี้ปิดผนึกแล้ว"
    if filing.marks.exists():
        return "ผู้ประเมินเริ่มตรวจแล้ว แก้รายการที่ยื่นไม่ได้ ลิงก์ที่เสียให้แก้ที่หน้า “งานที่ต้องแก้”"
    if not _is_in_phase(filing, FILING):
        return _say_closed_phase(filing, FILING, _NOT_FILING)
    return ""


def marking_closed_reason(filing: Filing) -> str:
    """Why an assessor may not give first marks now, in Thai; "" when they may."""
    if latest_seal(filing.round):
        return "คะแนนของรอบนี้ปิดผนึกแล้ว"
    if filing.released_at:
        return "ส่งคะแนนให้หน่วยงานแล้ว แก้ได้เฉพาะด้วยการชี้ขาด"
    if not _is_in_phase(filing, MARKING):
        return _say_closed_phase(filing, MARKING, "ไม่อยู่ในช่วงตรวจให้คะแนน")
    has_days = any(p.key == FILING and p.starts for p in filing.round.phases.all())
    is_past_deadline = has_days and not _is_in_phase(filing, FILING)
    if filing.confirmed_id is None and not is_past_deadline:
        return "ผู้บริหารยังไม่ยืนยัน และช่วงยื่นข้อมูลยังไม่ปิด"
    return ""


def clarification_closed_reason(filing: Filing) -> str:
    """Why an agency may not reply to marks now, in Thai; "" when it may."""
    if filing.released_at is None:
        return "ผู้ประเมินยังตรวจไม่เสร็จ"
    if latest_seal(filing.round):
        return "คะแนนของรอบนี้ปิดผนึกแล้ว"
    if not _is_in_phase(filing, CLARIFYING):
        return _say_closed_phase(filing, CLARIFYING, "ไม่อยู่ในช่วงชี้แจงเพิ่มเติม")
    return ""


# --- an agency's filing


def get_filing(assessment_round: Round, agency: Agency) -> Filing:
    """The filing of an agency in a round; created when it does not exist."""
    filing, _ = Filing.objects.select_related("round", "agency", "confirmed").get_or_create(
        round=assessment_round, agency=agency
    )
    return filing


@dataclass(frozen=True)
class ItemRow:
    """One item of a filing: what is required, filed and marked."""

    item: DisclosureItem
    entry: Entry | None
    links: list[Link]
    required: list[tuple[int, Any]]  # elements with their indices
    mark: Mark | None
    expected_years: set[int]

    @property
    def has_unexpected_years(self) -> bool:
        """Whether a page mentions years, and none of those expected. What OCR read of a scan may be misread."""
        mentioned = [mentioned_years(x.last_check) for x in self.links if x.last_check and not is_by_ocr(x.last_check)]
        return bool(self.expected_years) and any(years and not years & self.expected_years for years in mentioned)

    @property
    def ticked(self) -> list[tuple[int, Any]]:
        present = set(self.entry.elements) if self.entry else set()
        return [(k, e) for k, e in self.required if k in present]

    @property
    def is_filed(self) -> bool:
        return bool(self.links) or bool(self.entry and self.entry.explanation)

    @property
    def is_complete(self) -> bool:
        """Whether the item is filed with every required element ticked."""
        return self.is_filed and len(self.ticked) == len(self.required)

    @property
    def worst_state(self) -> str:
        """The worst state among the links; "" when none has a problem or none was checked yet."""
        return next((s for s in PROBLEM_STATES if any(x.state == s for x in self.links)), "")


def item_rows(filing: Filing) -> list[ItemRow]:
    """All items of the year, in their order."""
    marks = counting_marks(filing)
    return [replace(row, mark=marks.get(row.item.id)) for row in filed_rows(filing)]


def filed_rows(filing: Filing) -> list[ItemRow]:
    """All items of the year, in their order, without their marks: of a filing that is not stored, nothing is filed."""
    framework = load_round_framework(filing.round)
    current = Link.objects.filter(until=None).select_related("last_check")
    stored = Entry.objects.filter(filing=filing) if filing.pk else Entry.objects.none()
    entries = {e.item: e for e in stored.prefetch_related(Prefetch("links", queryset=current, to_attr="current_links"))}
    return [
        ItemRow(
            i,
            entries.get(i.id),
            entries[i.id].current_links if i.id in entries else [],
            required_elements(i, filing.agency),
            None,
            expected_years(i, filing.round.fiscal_year),
        )
        for i in items(framework)
    ]


def item_row(filing: Filing, item: str) -> ItemRow | None:
    return next((r for r in item_rows(filing) if r.item.id == item), None)


def find_filing(assessment_round: Round, agency: Agency) -> Filing | None:
    """The filing of an agency in a round, where one exists."""
    filing = Filing.objects.select_related("confirmed").filter(round=assessment_round, agency=agency).first()
    if filing is not None:
        filing.round, filing.agency = assessment_round, agency
    return filing


@dataclass(frozen=True, kw_only=True)
class FilingProgress:
    """How far an agency's filing of a round is. ``unanswered``: marks below full points that the agency may still reply
    to; ``closed_reason``: why it may not file now."""

    items: int
    missing: int
    broken_links: int
    unanswered: int
    clarified: int
    closed_reason: str


def measure_progress(filing: Filing) -> FilingProgress:
    """The progress of a filing; of one that is not stored, nothing is filed."""
    framework = load_round_framework(filing.round)
    if filing.pk is None:
        seal = "คะแนนของรอบนี้ปิดผนึกแล้ว" if latest_seal(filing.round) else ""
        closed = seal or ("" if _is_in_phase(filing, FILING) else _say_closed_phase(filing, FILING, _NOT_FILING))
        count = len(items(framework))
        return FilingProgress(
            items=count, missing=count, broken_links=0, unanswered=0, clarified=0, closed_reason=closed
        )
    rows = item_rows(filing)
    replied = set(filing.clarifications.values_list("item", flat=True))
    below = [r for r in rows if r.item.id not in replied and _is_below_full_points(framework, r)]
    return FilingProgress(
        items=len(rows),
        missing=sum(not r.is_filed for r in rows),
        broken_links=len(_broken_links_in(rows)),
        unanswered=0 if clarification_closed_reason(filing) else len(below),
        clarified=len(replied),
        closed_reason=filing_closed_reason(filing),
    )


def _is_below_full_points(framework: Framework, row: ItemRow) -> bool:
    mark = row.mark
    return mark is not None and mark.stage == Mark.Stage.FIRST and mark.points < scale(framework, row.item)[0][0]


def last_year_urls(filing: Filing, item: DisclosureItem) -> list[str]:
    """The addresses that the agency filed last year for the items that this one continues, without those filed here."""
    return last_year_urls_by_item(filing, [item])[item.id]


def last_year_urls_by_item(filing: Filing, items: Iterable[DisclosureItem]) -> dict[str, list[str]]:
    """The same of several items, in a fixed number of queries."""
    before = Filing.objects.filter(agency=filing.agency, round__fiscal_year=filing.round.fiscal_year - 1).first()
    filed = defaultdict(list)
    for item, url in _filed_urls(before) if before else ():
        filed[item].append(url)
    current = set(_filed_urls(filing)) if filed else set()
    return {
        item.id: [
            url
            for url in dict.fromkeys(url for earlier in item.continues for url in filed[earlier])
            if (item.id, url) not in current
        ]
        for item in items
    }


def _filed_urls(filing: Filing) -> QuerySet[Link, tuple[str, str]]:
    links_in_use = Link.objects.filter(entry__filing=filing, until=None)
    return links_in_use.order_by("entry__item", "position", "pk").values_list("entry__item", "url")


def duplicate_urls(filing: Filing, item: str, urls: Iterable[str]) -> dict[str, list[str]]:
    """Which of these addresses are filed for other items too: {url: items}."""
    duplicates: dict[str, list[str]] = defaultdict(list)
    others = Link.objects.filter(entry__filing=filing, until=None, url__in=list(urls)).exclude(entry__item=item)
    for url, other in others.order_by("entry__item").values_list("url", "entry__item"):
        duplicates[url].append(other)
    return dict(duplicates)


def expected_years(item: DisclosureItem, fiscal_year: int) -> set[int]:
    """The years that a document of this item should mention; empty where any year is accepted."""
    if item.period == "previous_year":
        return {fiscal_year - 1}
    return set() if item.period == "any" else {fiscal_year}


def mentioned_years(check: LinkCheck) -> set[int]:
    """The years that a page mentioned when it was checked."""
    return {y["year"] for y in check.details.get("years", [])}


def is_by_ocr(check: LinkCheck) -> bool:
    """Whether what is known of the content was read from a picture."""
    return "scan_read" in check.details.get("notes", [])


@dataclass(frozen=True)
class LinkWarning:
    """A warning about a link, in Thai; ``severe`` when the public cannot open the page."""

    text: str
    severe: bool = False


OUTAGE_WORDS: dict[str, str] = {
    "server": "เครื่องแม่ข่ายที่หลายหน่วยงานใช้ร่วมกันขัดข้อง",
    "network": "เครือข่ายของผู้ให้บริการที่หลายหน่วยงานใช้ร่วมกันขัดข้อง",
    "own": "เครือข่ายของระบบตรวจเองขัดข้อง",
}


def link_warnings(link: Link, item: DisclosureItem, filing: Filing) -> list[LinkWarning]:
    """What an officer should know of a link at once: from the address itself, and from its last check."""
    return [
        *_address_warnings(link, filing),
        *_state_warnings(link),
        *(_content_warnings(link, link.last_check, item, filing) if link.last_check else ()),
    ]


def _address_warnings(link: Link, filing: Filing) -> Iterator[LinkWarning]:
    address = links.parse_address(link.url, website_hosts(filing.agency))
    if isinstance(address, links.Address):
        # a site of one's own network: unusual names and ports are intended
        intended = ("unknown_suffix", "other_port") if address.host in settings.LINKS_HOSTS else ()
        yield from (LinkWarning(links.describe_code(code)) for code in address.warnings if code not in intended)


def _state_warnings(link: Link) -> Iterator[LinkWarning]:
    check = link.last_check
    error = f": {links.describe_code(check.error)}" if check and check.error else ""
    if check and check.excused:
        why = OUTAGE_WORDS[check.excused]
        yield LinkWarning(f"ครั้งล่าสุดเปิดไม่ได้ เพราะ{why} ไม่นับเป็นครั้งที่เสียและไม่มีผลต่อหน่วยงาน ระบบจะลองใหม่")
        return
    if link.state in BROKEN_STATES:
        yield LinkWarning(f"{links.describe_state(link.state)}{error}", severe=link.state != "moved")
    elif check and check.state == "hijacked":
        yield LinkWarning(f"{links.describe_state('hijacked')}{error} ตรวจทันที ไม่ต้องรอระบบลองซ้ำ", severe=True)
    elif check and check.state == "review":
        yield LinkWarning(f"{links.describe_state('review')}{error}")
    elif check and check.state not in links.GOOD:
        yield LinkWarning(f"ครั้งล่าสุด{links.describe_state(check.state)}{error} ระบบจะลองอีกก่อนสรุป")


def _content_warnings(link: Link, check: LinkCheck, item: DisclosureItem, filing: Filing) -> Iterator[LinkWarning]:
    final_url = check.details.get("final_url", "")
    if link.state in ("moved", "outside") and final_url and final_url != link.url:
        yield LinkWarning(f"ระบบถูกพาไปที่ {final_url[:200]}")
    if check.details.get("has_text") is False:
        yield LinkWarning("ไฟล์นี้เป็นภาพ ไม่มีตัวอักษรให้ค้นหรือให้โปรแกรมอ่านหน้าจออ่าน ควรใช้ไฟล์ที่มีตัวอักษร")
    if is_by_ocr(check):
        yield LinkWarning(f"เนื้อหาของไฟล์นี้{links.describe_code('scan_read')}")
    expected, mentioned = expected_years(item, filing.round.fiscal_year), mentioned_years(check)
    if check.error != "other_year" and expected and mentioned and not expected & mentioned:
        listed = ", ".join(map(str, sorted(mentioned, reverse=True)[:4]))
        page = "เท่าที่อ่านจากภาพ ไฟล์นี้" if is_by_ocr(check) else "หน้านี้"
        yield LinkWarning(f"{page}พูดถึงปี {listed} แต่ข้อนี้ต้องเป็นข้อมูลของปี {', '.join(map(str, expected))}")


@dataclass(frozen=True)
class PageAnswer:
    """One of the three answers about a page: the question, the answer in words, its confidence in percent, why."""

    question: str
    answer: str
    tone: str
    confidence: int | None
    reasons: list[str]


QUESTIONS = {
    "answers": ("หน้านี้เปิดได้และมีเนื้อหาหรือไม่", {"yes": "มีเนื้อหา", "no": "ไม่มีเนื้อหา"}),
    "is_owners": ("เป็นหน้าของหน่วยงานนี้หรือไม่", {"yes": "ใช่", "no": "ไม่น่าใช่"}),
    "is_about": ("เป็นเรื่องของข้อนี้และปีนี้หรือไม่", {"yes": "ใช่", "no": "ไม่น่าใช่"}),
}
_TONES = {"yes": "good", "no": "bad", "unsure": "weak"}


def page_answers(check: LinkCheck | None) -> list[PageAnswer]:
    """The three answers of a check; none for a check before these questions were asked, or without a page."""
    if check is None or not check.identity:
        return []
    found = []
    for name, (question, words) in QUESTIONS.items():
        verdict = getattr(check, name)
        confidence, reasons = check.identity.get(name, [None, []])
        explained = [text for text in map(links.describe_reason, reasons) if text]
        answer = words.get(verdict, "บอกไม่ได้ ควรให้คนดู")
        sure = None if verdict == "unsure" else confidence
        found.append(PageAnswer(question, answer, _TONES.get(verdict, ""), sure, explained))
    return found


def page_advice(link: Link, item: DisclosureItem) -> list[str]:
    """What is wrong with the page of a link, why it matters for its item, and how to put it right: three sentences;
    none for a page that is what it should be."""
    check = link.last_check
    if check is None or not check.error or check.state in ("ok", "outside"):
        return []
    wrong = links.describe_code(check.error)
    why = f"ข้อ {item.id} ต้องให้ประชาชนและผู้ประเมินเปิดอ่าน “{item.label.th}” ได้"
    if check.state == "hijacked" or check.error == "hijack_suspected":
        why = f"ประชาชนที่กดลิงก์ข้อ {item.id} จากระบบนี้อาจถูกหลอก และผู้ประเมินจะไม่เห็น “{item.label.th}”"
    elif check.error == "other_year":
        why = f"ข้อ {item.id} นับเฉพาะข้อมูลของปีที่กำหนด"
    elif check.state == "review":
        why = f"ระบบไม่ตัดสินข้อ {item.id} จากหลักฐานที่ไม่พอ และไม่นับเป็นข้อเสีย"
    return [f"{text.rstrip('.')}" for text in (wrong, why, links.describe_remedy(check.error))]


def find_hijacked(assessment_round: Round) -> list[Link]:
    """The links of a round at which others have put something else than the agency's page."""
    found = Link.objects.filter(alarm_since__isnull=False, until=None, entry__filing__round=assessment_round)
    return list(found.select_related("last_check", "entry__filing__agency").order_by("entry__filing__agency__order"))


def hijacked_of(rows: Iterable[ItemRow]) -> list[Link]:
    """The links of a filing at which others have put something else than the agency's page."""
    return [link for row in rows for link in row.links if link.alarm_since is not None]


def filed_content(filing: Filing) -> dict[str, Any]:
    """Everything filed, in the form of a confirmation: {item: {"links": [[id, url]], "explanation", "elements"}}."""
    return {
        r.item.id: {
            "links": [[x.pk, x.url] for x in r.links],
            "explanation": r.entry.explanation if r.entry else "",
            "elements": [k for k, _ in r.ticked],
        }
        for r in item_rows(filing)
        if r.is_filed
    }


def last_confirmation(filing: Filing) -> Confirmation | None:
    """The confirmation in force, or else the last one: what the public sees and assessors mark."""
    return filing.confirmed or filing.confirmations.first()


def known_position(user: User, agency: Agency) -> str:
    """The position of an executive: as they last confirmed a filing of the agency, or as its type says."""
    signed = Confirmation.objects.filter(by=user, filing__agency=agency).order_by("-pk").first()
    return signed.position if signed else find_executive_position(agency)


def links_to_mark(filing: Filing, item: str) -> list[Link]:
    """The links that the executive last confirmed, or, without any confirmation, those filed."""
    if confirmation := last_confirmation(filing):
        ids = [i for i, _ in confirmation.content.get(item, {}).get("links", [])]
        return list(Link.objects.filter(pk__in=ids).select_related("last_check"))
    return list(Link.objects.filter(entry__filing=filing, entry__item=item, until=None).select_related("last_check"))


def broken_links(filing: Filing) -> list[tuple[DisclosureItem, Link]]:
    """The links in use that must be repaired, the worst first."""
    return _broken_links_in(item_rows(filing))


def _broken_links_in(rows: Iterable[ItemRow]) -> list[tuple[DisclosureItem, Link]]:
    order = {state: rank for rank, state in enumerate(BROKEN_STATES)}
    broken = [(r.item, x) for r in rows for x in r.links if x.state in order]
    return sorted(broken, key=lambda pair: order[pair[1].state])


def public_changes(filing: Filing) -> QuerySet[Change]:
    """The changes that the public may see: of links that were confirmed once, or that replaced a broken one."""
    ids = {i for c in filing.confirmations.all() for entry in c.content.values() for i, _ in entry["links"]}
    ids |= set(filing.changes.filter(kind=Change.Kind.ADDED).values_list("link", flat=True))
    return filing.changes.select_related("link").filter(Q(link=None) | Q(link__in=ids))


# --- marks


def count_brought_marks(assessment_round: Round) -> tuple[int, int]:
    """How many items have a mark that came in a table, and of how many agencies."""
    marks = Mark.objects.filter(filing__round=assessment_round, brought__isnull=False).order_by()
    return marks.values("filing", "item").distinct().count(), marks.values("filing").distinct().count()


def brought_items(agency: Agency, fiscal_year: int) -> list[str]:
    """The items of a year of an agency that have a mark that came in a table, made outside this system."""
    marks = Mark.objects.filter(filing__agency=agency, filing__round__fiscal_year=fiscal_year, brought__isnull=False)
    return list(marks.order_by("item").values_list("item", flat=True).distinct())


def brought_items_by_agency(assessment_round: Round) -> dict[str, list[str]]:
    """``brought_items`` of every agency of a round that has any, by its code."""
    marks = Mark.objects.filter(filing__round=assessment_round, brought__isnull=False).order_by("filing", "item")
    found: dict[str, list[str]] = {}
    for code, item in marks.values_list("filing__agency__code", "item").distinct().iterator():
        found.setdefault(code, []).append(item)
    return found


def marks_by_stage(filing: Filing) -> dict[str, dict[str, Mark]]:
    """The last mark of each stage, by item and stage."""
    marks: dict[str, dict[str, Mark]] = defaultdict(dict)
    for mark in filing.marks.select_related("by"):
        marks[mark.item][mark.stage] = mark
    return dict(marks)


def counting_marks(filing: Filing) -> dict[str, Mark]:
    """The mark that counts for each item: the decision, or else the first mark. A second mark alone never counts."""
    return {item: m for item, s in marks_by_stage(filing).items() if (m := s.get("decision") or s.get("first"))}


def marks_of_year_before(filing: Filing, item: DisclosureItem) -> list[Mark]:
    """The released marks that counted in the year before, of the items that an item continues."""
    before = Filing.objects.filter(
        agency=filing.agency,
        round__assessment=filing.round.assessment_id,
        round__fiscal_year=filing.round.fiscal_year - 1,
        released_at__isnull=False,
    ).first()
    counting = counting_marks(before) if before and item.continues else {}
    return [counting[earlier] for earlier in item.continues if earlier in counting]


def has_something_filed(filing: Filing, item: str) -> bool:
    """Whether there is a link or an explanation of an item to mark."""
    if links_to_mark(filing, item):
        return True
    if confirmation := last_confirmation(filing):
        return bool(confirmation.content.get(item, {}).get("explanation", "").strip())
    return Entry.objects.filter(filing=filing, item=item).exclude(explanation="").exists()


def filed_items(filing: Filing) -> set[str]:
    """The items of which there is a link or an explanation to mark, as ``has_something_filed`` says of one."""
    if confirmation := last_confirmation(filing):
        content = confirmation.content.items()
        return {item for item, entry in content if entry.get("links") or entry.get("explanation", "").strip()}
    linked = Link.objects.filter(entry__filing=filing, until=None).values_list("entry__item", flat=True)
    explained = Entry.objects.filter(filing=filing).exclude(explanation="").values_list("item", flat=True)
    return {*linked, *explained}


def snapshot_digests(of_links: Iterable[Link], *, newest: bool) -> list[str]:
    """The digest of the newest, or the first, snapshot of each link."""
    digests: dict[int, str] = {}
    checks = LinkCheck.objects.filter(link__in=list(of_links), snapshot__isnull=False).order_by("at", "id")
    for link, digest in checks.values_list("link", "snapshot__digest"):
        if newest or link not in digests:
            digests[link] = digest
    return list(digests.values())


def clarification_deadline(assessment_round: Round) -> str:
    """The last day on which any agency may reply, extended ones too, in Thai, where the office has set the days; ""
    when none may any more."""
    phase = next((p for p in assessment_round.phases.all() if p.key == CLARIFYING), None)
    if phase is None or phase.starts is None or assessment_round.status != Round.Status.RUNNING:
        return ""
    last = phase.ends and max([phase.ends, *phase.extensions.values_list("ends", flat=True)])
    if not phase.starts <= today() <= (last or today()):
        return ""
    return fiscal.short_date(last) if last else "ไม่มีกำหนด"


def released_marks(assessment_round: Round) -> dict[int, dict[str, tuple[str, int]]]:
    """The released marks of a round that count: {agency: {item: (stage, points)}}, in one query."""
    marks: dict[int, dict[str, tuple[str, int]]] = defaultdict(dict)
    rows = (
        Mark.objects.filter(filing__round=assessment_round, filing__released_at__isnull=False)
        .exclude(stage=Mark.Stage.SECOND)
        .order_by("id")
    )
    for agency, item, stage, points in rows.values_list("filing__agency", "item", "stage", "points").iterator():
        before = marks[agency].get(item)
        if before is None or before[0] != Mark.Stage.DECISION or stage == Mark.Stage.DECISION:
            marks[agency][item] = (stage, points)
    return dict(marks)


def scale(framework: Framework, item: DisclosureItem) -> list[tuple[int, str]]:
    """The points a mark may have, with their names, best first."""
    mark_scale = next(s for s in framework.rules.scales if s.id == item.scale)
    return sorted(((o.points, o.label.th) for o in mark_scale.options), reverse=True)


@dataclass(frozen=True)
class AssignedAgency:
    """An agency that an assessor marks, with the progress of its marks."""

    agency: Agency
    round: Round
    filing: Filing | None
    items: int
    marked: int

    @property
    def rank(self) -> int:
        """Agencies that can be marked now come first, released ones last."""
        if self.filing is None:
            return 2
        if self.filing.released_at:
            return 3
        return 0 if self.filing.confirmed_id or self.marked else 2


def assigned_agencies(user: User) -> list[AssignedAgency]:
    """The agencies assigned to an assessor in running rounds."""
    assignments = list(
        Assignment.objects.filter(assessor=user, round__status=Round.Status.RUNNING)
        .select_related("agency", "round")
        .order_by("-round__fiscal_year", "agency__order")
    )
    marked = Filing.objects.filter(agency__in=[a.agency_id for a in assignments]).annotate(
        marked=Count("marks__item", filter=STANDING_FIRST, distinct=True)
    )
    filings = {(f.round_id, f.agency_id): f for f in marked}
    rounds = {a.round_id: a.round for a in assignments}
    item_counts = {key: len(load_round_framework(r).rules.disclosure_items) for key, r in rounds.items()}
    assigned = []
    for a in assignments:
        filing = filings.get((a.round_id, a.agency_id))
        count = filing.marked if filing else 0
        assigned.append(AssignedAgency(a.agency, a.round, filing, item_counts[a.round_id], count))
    return sorted(assigned, key=lambda a: a.rank)  # stable: newest round first, then by name


def open_blind_reviews(user: User) -> QuerySet[BlindReview]:
    """The blind reviews that this assessor has still to do."""
    reviews = BlindReview.objects.filter(assessor=user, done=False, filing__round__status=Round.Status.RUNNING)
    return reviews.select_related("filing__agency", "filing__round").order_by("filing", "id")


@dataclass(frozen=True)
class Dispute:
    """An item that waits for a decision: the agency replied, two marks differ, or it was opened again after the seal
    (``reopening``)."""

    filing: Filing
    item: str
    clarified: bool
    reopening: Reopening | None = None


def _latest_points(stage: str) -> Subquery:
    """The points of the latest mark of a stage, for rows that have a filing and an item."""
    marks = Mark.objects.filter(filing=OuterRef("filing"), item=OuterRef("item"), stage=stage).order_by("-id")
    return Subquery(marks.values("points")[:1])


def open_disputes(
    rounds: Iterable[Round], user: User | None = None, filings: Sequence[int] | None = None
) -> list[Dispute]:
    """The items that wait for a decision, of some filings or of all; for a user those they may decide: nobody decides
    on a mark of their own, or with a conflict."""
    rounds = list(rounds)
    marks = Mark.objects.filter(filing=OuterRef("filing"), item=OuterRef("item"))
    released: dict[str, Any] = {"filing__round__in": rounds, "filing__released_at__isnull": False}
    if filings is not None:
        released["filing__in"] = filings
    disputes: dict[tuple[int, str], Dispute] = {}
    sources: tuple[tuple[QuerySet[Any], bool], ...] = (
        (Clarification.objects.filter(**released), True),
        (
            BlindReview.objects.filter(done=True, **released)
            .annotate(first=_latest_points("first"), second=_latest_points("second"))
            .exclude(first=F("second")),
            False,
        ),
    )
    for rows, clarified in sources:
        # a reply after a decision opens the dispute again; a difference that was decided does not
        decided = marks.filter(stage=Mark.Stage.DECISION, **({"at__gt": OuterRef("at")} if clarified else {}))
        rows = rows.exclude(Exists(decided))
        if user:
            rows = rows.exclude(Exists(marks.filter(by=user)))
        for row in rows.select_related("filing__agency", "filing__round").order_by("filing", "id"):
            disputes.setdefault((row.filing_id, row.item), Dispute(row.filing, row.item, clarified))
    reopened = open_reopenings(rounds)
    if filings is not None:
        reopened = reopened.filter(filing__in=filings)
    if user:
        reopened = reopened.exclude(Exists(marks.filter(by=user)))
    for opened in reopened:
        disputes[opened.filing_id, opened.item] = Dispute(opened.filing, opened.item, False, opened)
    if user is None:
        return list(disputes.values())
    has_conflict = load_conflicts([user])
    return [d for d in disputes.values() if not has_conflict(user, d.filing.agency)]


# --- what was opened again after the seal


def _decisions_after() -> QuerySet[Mark]:
    """For a reopening: the decisions that came after it."""
    mine: dict[str, Any] = {"filing": OuterRef("filing"), "item": OuterRef("item"), "pk__gt": OuterRef("mark")}
    return Mark.objects.filter(stage=Mark.Stage.DECISION, **mine)


def open_reopenings(rounds: Iterable[Round]) -> QuerySet[Reopening]:
    """The items that were opened again and wait for a decision."""
    found = Reopening.objects.filter(filing__round__in=list(rounds)).exclude(Exists(_decisions_after()))
    return found.select_related("filing__agency", "filing__round", "mark")


def rounds_to_decide(assessment: str) -> QuerySet[Round]:
    """The rounds whose items may wait for a decision: those that run, and those with an item that was opened again."""
    waiting = Reopening.objects.exclude(Exists(_decisions_after())).values("filing__round")
    found = Round.objects.filter(Q(status=Round.Status.RUNNING) | Q(pk__in=waiting), assessment=assessment)
    return found.prefetch_related("phases__extensions")


@dataclass(frozen=True)
class ReopenedItem:
    """What became of an item that was opened again: the decision, and the seal that has it."""

    reopening: Reopening
    decision: Mark | None
    resealed: MarksSeal | None


def list_reopened(assessment_round: Round) -> list[ReopenedItem]:
    """Every item of a round that was opened again, the newest first."""
    seals = {seal.replaces_id: seal for seal in list_seals(assessment_round)}
    rows = (
        Reopening.objects.filter(filing__round=assessment_round)
        .annotate(decision=Subquery(_decisions_after().order_by("id").values("pk")[:1]))
        .select_related("filing__agency", "mark", "by", "seal")
        .order_by("-id")
    )
    decisions = Mark.objects.select_related("by").in_bulk([row.decision for row in rows if row.decision])
    return [ReopenedItem(row, decisions.get(row.decision), seals.get(row.seal_id)) for row in rows]


def reopenings_of(filing: Filing, item: str) -> QuerySet[Reopening]:
    """How often an item was opened again, in order, each with ``is_decided``."""
    found = filing.reopenings.filter(item=item).annotate(is_decided=Exists(_decisions_after()))
    return found.select_related("mark")


def list_seals(assessment_round: Round) -> list[MarksSeal]:
    """Every seal of a round's marks, the newest first."""
    return list(MarksSeal.objects.filter(round=assessment_round).select_related("by", "replaces"))


def reopening_closed_reason(filing: Filing, item: str) -> str:
    """Why an item can't be opened again now, in Thai; "" when it can."""
    if latest_seal(filing.round) is None:
        return "คะแนนของรอบนี้ยังไม่ปิดผนึก แก้ได้ด้วยการชี้แจงและการชี้ขาดตามปกติ"
    if filing.released_at is None or item not in counting_marks(filing):
        return "ข้อนี้ไม่มีคะแนนที่ปิดผนึก เพราะยังไม่ได้ส่งคะแนนให้หน่วยงานก่อนปิดผนึก"
    if open_reopenings([filing.round]).filter(filing=filing, item=item).exists():
        return "ข้อนี้เปิดใหม่อยู่แล้วและรอการชี้ขาด"
    return ""


def reopening_key(filing: Filing, item: str) -> str:
    """Changes whenever the mark of an item that counts, or the seal, is another one."""
    seal, mark = latest_seal(filing.round), counting_marks(filing).get(item)
    return f"{seal.pk if seal else 0}-{mark.pk if mark else 0}"


def suggested_reasons(item: DisclosureItem) -> list[str]:
    """The sentences to choose from for a mark below full points: general ones, and the item's own defect."""
    return [
        "ไม่มีข้อมูลหรือลิงก์ที่ยื่น",
        "เปิดลิงก์ไม่ได้",
        "ไม่ใช่ข้อมูลของปีที่ประเมิน",
        "องค์ประกอบไม่ครบ",
        "ไม่อยู่บนเว็บไซต์หลักของหน่วยงาน",
        "ข้อมูลไม่ตรงกับข้อที่ถาม",
        item.advice.defect,
    ]


# --- a round at a glance


@dataclass(frozen=True)
class RoundProgress:
    """The progress of a round's disclosures: numbers of agencies by stage, of disputes and of blind reviews."""

    agencies: int
    begun: int
    confirmed: int
    marked: int
    released: int
    clarified: int
    open_disputes: int
    blind_reviews: int
    blind_reviews_done: int


STAGES = {
    "begun": "เริ่มยื่นแล้ว",
    "confirmed": "ผู้บริหารยืนยันแล้ว",
    "marked": "ตรวจครบทุกข้อแล้ว",
    "released": "ส่งคะแนนให้หน่วยงานแล้ว",
    "clarified": "ชี้แจงแล้ว",
}


def filings_at_stage(assessment_round: Round, stage: str) -> QuerySet[Filing]:
    """The filings of a round that have reached a stage."""
    filings = Filing.objects.filter(round=assessment_round)
    match stage:
        case "begun":
            return filings.filter(Exists(Entry.objects.filter(filing=OuterRef("pk"))))
        case "confirmed":
            return filings.exclude(confirmed=None)
        case "marked":
            counted = filings.annotate(marked=Count("marks__item", filter=STANDING_FIRST, distinct=True))
            return counted.filter(marked__gte=len(load_round_framework(assessment_round).rules.disclosure_items))
        case "released":
            return filings.exclude(released_at=None)
    return filings.filter(Exists(Clarification.objects.filter(filing=OuterRef("pk"))))


def agencies_at_stage(assessment_round: Round, stage: str, *, reached: bool) -> QuerySet[Agency]:
    """The agencies of a round that have reached a stage, or that have not, in order of name."""
    has_reached = Q(pk__in=filings_at_stage(assessment_round, stage).values("agency"))
    return assessment_round.agencies.filter(has_reached if reached else ~has_reached).order_by("order")


def round_progress(assessment_round: Round) -> RoundProgress:
    reviews = BlindReview.objects.filter(filing__round=assessment_round)
    return RoundProgress(
        agencies=assessment_round.agencies.count(),
        **{stage: filings_at_stage(assessment_round, stage).count() for stage in STAGES},
        open_disputes=len(open_disputes([assessment_round])),
        blind_reviews=reviews.count(),
        blind_reviews_done=reviews.filter(done=True).count(),
    )


def marking_agreement(assessment_round: Round) -> tuple[list[tuple[str, Agreement]], list[tuple[User, Agreement]]]:
    """The agreement of first marks and blind reviews: by item, and by the assessor of the first mark."""
    latest: dict[tuple[int, str], dict[str, Mark]] = defaultdict(dict)
    reviewed = BlindReview.objects.filter(filing=OuterRef("filing"), item=OuterRef("item"), done=True)
    marks = Mark.objects.filter(Exists(reviewed), filing__round=assessment_round).exclude(stage=Mark.Stage.DECISION)
    for mark in marks.select_related("by"):
        latest[mark.filing_id, mark.item][mark.stage] = mark
    by_item: dict[str, list[Sequence[int]]] = defaultdict(list)
    by_assessor: dict[User, list[Sequence[int]]] = defaultdict(list)
    for (_, item), stages in latest.items():
        if len(stages) == 2:
            pair = (stages["first"].points, stages["second"].points)
            by_item[item].append(pair)
            by_assessor[stages["first"].by].append(pair)
    order = [i.id for i in items(load_round_framework(assessment_round))]
    return (
        [(i, agreement(by_item[i])) for i in order if i in by_item],
        sorted(((u, agreement(p)) for u, p in by_assessor.items()), key=lambda x: x[0].name),
    )


# --- the agency's page


@dataclass(frozen=True)
class PublicItem:
    """One item on the agency's public page."""

    item: DisclosureItem
    links: list[Link]
    explanation: str


def public_filing(agency: Agency, fiscal_year: int) -> tuple[Filing, list[PublicItem]] | None:
    """A filing as the public sees it; None before the executive has confirmed it once."""
    filing = (
        Filing.objects.filter(agency=agency, round__fiscal_year=fiscal_year, confirmations__isnull=False)
        .select_related("round", "agency", "confirmed")
        .distinct()
        .first()
    )
    if filing is None:
        return None
    confirmation = last_confirmation(filing)
    if confirmation is None:
        return None
    content = confirmation.content
    if filing.confirmed is None:  # reopened: the last confirmed links remain visible until the next confirmation
        links_of = _confirmed_links(content)
    else:
        links_of = {r.item.id: r.links for r in item_rows(filing)}
    framework = load_round_framework(filing.round)
    return filing, [
        PublicItem(i, links_of.get(i.id, []), content.get(i.id, {}).get("explanation", "")) for i in items(framework)
    ]


def _confirmed_links(content: dict[str, Any]) -> dict[str, list[Link]]:
    ids = [i for entry in content.values() for i, _ in entry["links"]]
    by_id = {x.pk: x for x in Link.objects.filter(pk__in=ids).select_related("last_check")}
    return {item: [by_id[i] for i, _ in entry["links"] if i in by_id] for item, entry in content.items()}


def published_years(agency: Agency) -> list[int]:
    """The fiscal years of which the agency has a public page of disclosures, newest first."""
    confirmed = Filing.objects.filter(agency=agency, confirmations__isnull=False)
    return sorted(set(confirmed.values_list("round__fiscal_year", flat=True)), reverse=True)


def is_working(link: Link) -> bool:
    """Whether the public can open the link, as far as is known."""
    return link.state in links.HARMLESS


def format_kappa(value: Fraction | None) -> str:
    """Kappa with two decimals, rounded half up; a dash where it is undefined."""
    if value is None:
        return "–"
    hundredths = (abs(value.numerator) * 200 + value.denominator) // (2 * value.denominator)
    return f"{'−' if value < 0 and hundredths else ''}{hundredths // 100}.{hundredths % 100:02}"


def monthly_history(link: Link) -> list[tuple[str, str]]:
    """The last twelve months of a link with checks, oldest first: (month as "2569-11", the worst state in it)."""
    order = {state: rank for rank, state in enumerate(PROBLEM_STATES)}
    worst: dict[str, str] = {}
    for at, state in link.checks.filter(excused="").order_by("at").values_list("at", "state"):
        day = timezone.localtime(at)
        month = f"{day.year + BUDDHIST_OFFSET}-{day.month:02}"
        worst[month] = min(state, worst.get(month, state), key=lambda s: order.get(s, len(order)))
    return list(worst.items())[-12:]


def checked_months(filing: Filing) -> list[date]:
    """The first days of the months in which a filing's links were checked, the newest first."""
    checks = LinkCheck.objects.filter(link__entry__filing=filing)
    return [timezone.localdate(month) for month in checks.datetimes("at", "month", order="DESC")]
