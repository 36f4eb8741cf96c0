"""Reads of the disclosure room: what is filed, what is open, what was seen, which marks count."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from prongsai import framework as rules
from prongsai import links as web
from prongsai.analysis import Agreement, agreement
from prongsai.disclosure.models import (
    Change,
    Clarification,
    Confirmation,
    Entry,
    Filing,
    Link,
    Look,
    Mark,
    MarksSeal,
    SecondLook,
)
from prongsai.framework import DisclosureItem, Framework
from prongsai.people.models import User
from prongsai.registry.models import Agency, Assignment, Round
from prongsai.registry.places import AgencyType
from prongsai.registry.queries import is_phase_open, load_conflicts

FILING, MARKING, CLARIFYING = "disclosure", "marking", "clarification"
BUDDHIST = 543  # years the Buddhist era is ahead
WRONG = ("dead", "soft_404", "certificate", "sign_in", "blocked", "slow", "outside", "moved")  # worst first
# what the rules' "only_for" means in kinds of the registry
CONCERNS = {
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


def asked_of(item: DisclosureItem, agency: Agency) -> list[tuple[int, Any]]:
    """The elements asked of this kind of agency, with their numbers in the rules. A condition that the registry can't
    tell stays in."""
    return [
        (k, e)
        for k, e in enumerate(item.elements)
        if not e.only_for or e.only_for not in CONCERNS or agency.kind in CONCERNS[e.only_for]
    ]


def own_hosts(agency: Agency) -> tuple[str, ...]:
    """The hosts of an agency's own website, as the registry has it."""
    host = urlsplit(agency.website).hostname if agency.website else None
    return (host,) if host else ()


# --- what is open


def _in_phase(assessment_round: Round, phase: str) -> bool:
    """Whether a phase runs: by its days, or, where the office has set none, as long as the round does."""
    if assessment_round.status != Round.Status.RUNNING:
        return False
    found = next((p for p in assessment_round.phases.all() if p.key == phase), None)
    return found is None or found.starts is None or is_phase_open(assessment_round, phase)


def sealed(assessment_round: Round) -> MarksSeal | None:
    return MarksSeal.objects.filter(round=assessment_round).first()


def why_no_filing(filing: Filing) -> str:
    """Why an agency may not change what it files now, in Thai; nothing when it may."""
    if sealed(filing.round):
        return "คะแนนของรอบนี้ปิดผนึกแล้ว"
    if filing.marks.exists():
        return "ผู้ประเมินเริ่มตรวจแล้ว แก้รายการที่ยื่นไม่ได้ ลิงก์ที่เสียให้แก้ที่หน้า “งานที่ต้องแก้”"
    if not _in_phase(filing.round, FILING):
        return "ไม่อยู่ในช่วงยื่นข้อมูลของรอบนี้"
    return ""


def why_no_marking(filing: Filing) -> str:
    """Why an assessor may not mark now, in Thai; nothing when they may."""
    if sealed(filing.round):
        return "คะแนนของรอบนี้ปิดผนึกแล้ว"
    if filing.released_at:
        return "ส่งคะแนนให้หน่วยงานแล้ว แก้ได้เฉพาะด้วยการชี้ขาด"
    if not _in_phase(filing.round, MARKING):
        return "ไม่อยู่ในช่วงตรวจให้คะแนน"
    days = any(p.key == FILING and p.starts for p in filing.round.phases.all())
    if filing.confirmed_id is None and not (days and not _in_phase(filing.round, FILING)):
        return "ผู้บริหารยังไม่ยืนยัน และช่วงยื่นข้อมูลยังไม่ปิด"
    return ""


def why_no_clarification(filing: Filing) -> str:
    """Why an agency may not reply to marks now, in Thai; nothing when it may."""
    if filing.released_at is None:
        return "ผู้ประเมินยังตรวจไม่เสร็จ"
    if sealed(filing.round):
        return "คะแนนของรอบนี้ปิดผนึกแล้ว"
    if not _in_phase(filing.round, CLARIFYING):
        return "ไม่อยู่ในช่วงชี้แจงเพิ่มเติม"
    return ""


# --- an agency's filing


def filing_of(assessment_round: Round, agency: Agency) -> Filing:
    """The filing of an agency in a round, made when it is first looked at."""
    made, _ = Filing.objects.select_related("round", "agency", "confirmed").get_or_create(
        round=assessment_round, agency=agency
    )
    return made


@dataclass(frozen=True)
class Row:
    """One item on the officer's list."""

    item: DisclosureItem
    entry: Entry | None
    links: list[Link]
    asked: list[tuple[int, Any]]
    mark: Mark | None
    wanted: set[int]  # years that the item should speak of

    @property
    def suspect(self) -> bool:
        """Whether a page speaks of years, and of none of those that it should."""
        seen = [{y["year"] for y in x.look.seen.get("years", [])} for x in self.links if x.look]
        return bool(self.wanted) and any(years and not years & self.wanted for years in seen)

    @property
    def ticked(self) -> list[tuple[int, Any]]:
        have = set(self.entry.elements) if self.entry else set()
        return [(k, e) for k, e in self.asked if k in have]

    @property
    def filed(self) -> bool:
        return bool(self.links) or bool(self.entry and self.entry.explanation)

    @property
    def whole(self) -> bool:
        """Filed, with every element the rules ask for ticked."""
        return self.filed and len(self.ticked) == len(self.asked)

    @property
    def worst(self) -> str:
        """The worst state among the links; "" when nothing is wrong or nothing is known yet."""
        return next((s for s in WRONG if any(x.state == s for x in self.links)), "")


def rows(filing: Filing) -> list[Row]:
    framework = rules.load(filing.round.framework)
    current = Link.objects.filter(until=None).select_related("look")
    entries = {e.item: e for e in filing.entries.prefetch_related(Prefetch("links", queryset=current, to_attr="now"))}
    marks = counting(filing)
    return [
        Row(
            i,
            entries.get(i.id),
            entries[i.id].now if i.id in entries else [],
            asked_of(i, filing.agency),
            marks.get(i.id),
            expected_years(i, filing.round.fiscal_year),
        )
        for i in items(framework)
    ]


def row(filing: Filing, item: str) -> Row | None:
    return next((r for r in rows(filing) if r.item.id == item), None)


@dataclass(frozen=True)
class AtWork:
    """What an agency has to do in a running round."""

    filing: Filing
    missing: int  # items not filed, while filing is open
    wrong: int  # links to mend
    unanswered: int  # marks below full that may still be replied to
    unconfirmed: bool


def filings_at_work(agency: Agency) -> list[AtWork]:
    """An agency's filings in running rounds with anything left to do, newest first."""
    found = []
    for assessment_round in Round.objects.filter(agencies=agency, status=Round.Status.RUNNING).prefetch_related(
        "phases"
    ):
        filing = filing_of(assessment_round, agency)
        filing.round = assessment_round
        listed, framework = rows(filing), rules.load(assessment_round.framework)
        open_now = not why_no_filing(filing)
        replied = set(filing.clarifications.values_list("item", flat=True))
        below = [
            r
            for r in listed
            if r.mark
            and r.mark.stage == Mark.Stage.FIRST
            and r.mark.points < scale(framework, r.item)[0][0]
            and r.item.id not in replied
        ]
        work = AtWork(
            filing,
            sum(not r.filed for r in listed) if open_now else 0,
            len(to_mend(filing)),
            0 if why_no_clarification(filing) else len(below),
            open_now and filing.confirmed_id is None and any(r.filed for r in listed),
        )
        if work.missing or work.wrong or work.unanswered or work.unconfirmed:
            found.append(work)
    return found


def last_year(filing: Filing, item: DisclosureItem) -> list[str]:
    """Addresses that the agency filed last year for what this item continues, not filed here yet."""
    before = Filing.objects.filter(agency=filing.agency, round__fiscal_year=filing.round.fiscal_year - 1).first()
    if before is None:
        return []
    urls = Link.objects.filter(entry__filing=before, entry__item__in=item.continues, until=None)
    here = set(Link.objects.filter(entry__filing=filing, entry__item=item.id, until=None).values_list("url", flat=True))
    return [u for u in dict.fromkeys(urls.values_list("url", flat=True)) if u not in here]


def same_elsewhere(filing: Filing, item: str, urls: Iterable[str]) -> dict[str, list[str]]:
    """Which of these addresses stand at other items of the same filing as well: {url: items}."""
    found: dict[str, list[str]] = defaultdict(list)
    others = Link.objects.filter(entry__filing=filing, until=None, url__in=list(urls)).exclude(entry__item=item)
    for url, other in others.order_by("entry__item").values_list("url", "entry__item"):
        found[url].append(other)
    return dict(found)


def expected_years(item: DisclosureItem, fiscal_year: int) -> set[int]:
    """The years that a document of this item should speak of; nothing where any will do."""
    if item.period == "previous_year":
        return {fiscal_year - 1}
    return set() if item.period == "any" else {fiscal_year}


@dataclass(frozen=True)
class Warned:
    """One thing to look at, in Thai; ``grave`` when the public can't open the page as it is."""

    text: str
    grave: bool = False


def warnings(link: Link, item: DisclosureItem, filing: Filing) -> list[Warned]:
    """What an officer should know of an address at once: by itself, and by what was last seen there."""
    found = []
    hosts = own_hosts(filing.agency)
    address = web.parse_address(link.url, hosts)
    if isinstance(address, web.Address):
        known = address.host in settings.LINKS_HOSTS  # a site of one's own network: odd names and ports are meant
        found += [
            Warned(web.sentence(c)) for c in address.warnings if not (known and c in ("unknown_suffix", "other_port"))
        ]
    if link.state in WRONG and link.state != "outside":
        error = f": {web.sentence(link.look.error)}" if link.look and link.look.error else ""
        found.append(Warned(f"{web.STATE_TH[link.state]}{error}", grave=link.state != "moved"))
    elif link.look and link.look.state not in web.GOOD:
        error = f": {web.sentence(link.look.error)}" if link.look.error else ""
        found.append(Warned(f"ครั้งล่าสุด{web.STATE_TH[link.look.state]}{error} ระบบจะลองอีกก่อนสรุป"))
    if link.look:
        final = link.look.seen.get("final_url", "")
        if link.state in ("moved", "outside") and final and final != link.url:
            found.append(Warned(f"ระบบถูกพาไปที่ {final[:200]}"))
        if link.look.seen.get("has_text") is False:
            found.append(Warned("ไฟล์นี้เป็นภาพ ไม่มีตัวอักษรให้ค้นหรือให้โปรแกรมอ่านหน้าจออ่าน ควรใช้ไฟล์ที่มีตัวอักษร"))
        wanted = expected_years(item, filing.round.fiscal_year)
        seen = {y["year"] for y in link.look.seen.get("years", [])}
        if wanted and seen and not wanted & seen:
            told = ", ".join(map(str, sorted(seen, reverse=True)[:4]))
            found.append(Warned(f"หน้านี้พูดถึงปี {told} แต่ข้อนี้ต้องเป็นข้อมูลของปี {', '.join(map(str, wanted))}"))
    return found


def content(filing: Filing) -> dict[str, Any]:
    """Everything filed, in the form that is confirmed: {item: {"links": [[id, url]], "explanation", "elements"}}."""
    return {
        r.item.id: {
            "links": [[x.pk, x.url] for x in r.links],
            "explanation": r.entry.explanation if r.entry else "",
            "elements": [k for k, _ in r.ticked],
        }
        for r in rows(filing)
        if r.filed
    }


def last_confirmed(filing: Filing) -> Confirmation | None:
    """The confirmation that holds, or the last there was: what the public sees and assessors mark."""
    return filing.confirmed or filing.confirmations.first()


def links_to_mark(filing: Filing, item: str) -> list[Link]:
    """The addresses that stood when the executive last confirmed, or, if nobody ever did, those filed."""
    if held := last_confirmed(filing):
        ids = [i for i, _ in held.content.get(item, {}).get("links", [])]
        return list(Link.objects.filter(pk__in=ids).select_related("look"))
    return list(Link.objects.filter(entry__filing=filing, entry__item=item, until=None).select_related("look"))


def to_mend(filing: Filing) -> list[tuple[DisclosureItem, Link]]:
    """Addresses in use that the public can't open, the worst first."""
    order = {state: rank for rank, state in enumerate(WRONG)}
    found = [(r.item, x) for r in rows(filing) for x in r.links if x.state in order and x.state != "outside"]
    return sorted(found, key=lambda pair: order[pair[1].state])


def changes(filing: Filing) -> QuerySet[Change]:
    """What the public may know to have changed: of links that were confirmed once, or put in the place of one that
    broke."""
    ids = {i for c in filing.confirmations.all() for entry in c.content.values() for i, _ in entry["links"]}
    ids |= set(filing.changes.filter(kind=Change.Kind.ADDED).values_list("link", flat=True))
    return filing.changes.select_related("link").filter(Q(link=None) | Q(link__in=ids))


# --- marks


def stages(filing: Filing) -> dict[str, dict[str, Mark]]:
    """The last mark of each stage, by item and stage."""
    found: dict[str, dict[str, Mark]] = defaultdict(dict)
    for mark in filing.marks.select_related("by"):
        found[mark.item][mark.stage] = mark
    return dict(found)


def counting(filing: Filing) -> dict[str, Mark]:
    """The mark that counts of each item: a decision before a first mark. A second look alone never counts."""
    return {item: m for item, s in stages(filing).items() if (m := s.get("decision") or s.get("first"))}


def snapshots(links: Iterable[Link], *, newest: bool) -> list[str]:
    """The digest of the newest, or the first, snapshot of each link."""
    found: dict[int, str] = {}
    shots = Look.objects.filter(link__in=list(links), snapshot__isnull=False).order_by("at", "id")
    for link, digest in shots.values_list("link", "snapshot__digest"):
        if newest or link not in found:
            found[link] = digest
    return list(found.values())


def clarifying_until(assessment_round: Round) -> str:
    """The last day on which agencies may still reply, where the office has set the days; nothing when they may not."""
    phase = next((p for p in assessment_round.phases.all() if p.key == CLARIFYING), None)
    if phase is None or phase.starts is None or not is_phase_open(assessment_round, CLARIFYING):
        return ""
    return phase.ends.isoformat() if phase.ends else "ไม่มีกำหนด"


def all_counting(assessment_round: Round) -> dict[int, dict[str, tuple[str, int]]]:
    """The marks of a round that count and were handed over: {agency: {item: (stage, points)}}, in one reading."""
    found: dict[int, dict[str, tuple[str, int]]] = defaultdict(dict)
    rows = (
        Mark.objects.filter(filing__round=assessment_round, filing__released_at__isnull=False)
        .exclude(stage=Mark.Stage.SECOND)
        .order_by("id")
    )
    for agency, item, stage, points in rows.values_list("filing__agency", "item", "stage", "points").iterator():
        before = found[agency].get(item)
        if before is None or before[0] != Mark.Stage.DECISION or stage == Mark.Stage.DECISION:
            found[agency][item] = (stage, points)
    return dict(found)


def scale(framework: Framework, item: DisclosureItem) -> list[tuple[int, str]]:
    """The points a mark may have, with their names, best first."""
    found = next(s for s in framework.rules.scales if s.id == item.scale)
    return sorted(((o.points, o.label.th) for o in found.options), reverse=True)


@dataclass(frozen=True)
class Given:
    """An agency on an assessor's desk."""

    agency: Agency
    round: Round
    filing: Filing | None
    items: int
    marked: int

    @property
    def rank(self) -> int:
        """What can be marked now stands first, what is done last."""
        if self.filing is None:
            return 2
        return 3 if self.filing.released_at else 0 if self.filing.confirmed_id or self.marked else 2


def given(user: User) -> list[Given]:
    """Agencies that an assessor marks in running rounds, with how far they are."""
    appointments = list(
        Assignment.objects.filter(assessor=user, round__status=Round.Status.RUNNING)
        .select_related("agency", "round")
        .order_by("-round__fiscal_year", "agency__order")
    )
    own = Filing.objects.filter(agency__in=[d.agency_id for d in appointments]).annotate(
        marked=Count("marks__item", filter=Q(marks__stage=Mark.Stage.FIRST), distinct=True)
    )
    filings = {(f.round_id, f.agency_id): f for f in own}
    made = []
    for d in appointments:
        filing = filings.get((d.round_id, d.agency_id))
        many = len(rules.load(d.round.framework).rules.disclosure_items)
        made.append(Given(d.agency, d.round, filing, many, filing.marked if filing else 0))
    return sorted(made, key=lambda g: g.rank)  # stable: newest round first, then by name


def second_looks(user: User) -> QuerySet[SecondLook]:
    """Items drawn for a blind second mark by this assessor, not given yet."""
    waiting = SecondLook.objects.filter(assessor=user, done=False, filing__round__status=Round.Status.RUNNING)
    return waiting.select_related("filing__agency", "filing__round").order_by("filing", "id")


@dataclass(frozen=True)
class Dispute:
    """An item that waits for a decision: the agency replied, or two marks differ."""

    filing: Filing
    item: str
    clarified: bool


def _last(stage: str) -> Subquery:
    """The points of the last mark of a stage, for rows that have a filing and an item."""
    found = Mark.objects.filter(filing=OuterRef("filing"), item=OuterRef("item"), stage=stage).order_by("-id")
    return Subquery(found.values("points")[:1])


def disputes(rounds: Iterable[Round], user: User | None = None) -> list[Dispute]:
    """Items that wait for a decision; for an assessor those they may decide: nobody decides on a mark of their own, or
    with a conflict."""
    here = Mark.objects.filter(filing=OuterRef("filing"), item=OuterRef("item"))
    open_ones = {"filing__round__in": list(rounds), "filing__released_at__isnull": False}
    found: dict[tuple[int, str], Dispute] = {}
    for rows, clarified in (
        (Clarification.objects.filter(**open_ones), True),
        (
            SecondLook.objects.filter(done=True, **open_ones)
            .annotate(one=_last("first"), two=_last("second"))
            .exclude(one=F("two")),
            False,
        ),
    ):
        # a reply that came after a decision is a new question; a difference that was decided is not
        decided = here.filter(stage=Mark.Stage.DECISION, **({"at__gt": OuterRef("at")} if clarified else {}))
        rows = rows.exclude(Exists(decided))
        if user:
            rows = rows.exclude(Exists(here.filter(by=user)))
        for row in rows.select_related("filing__agency", "filing__round").order_by("filing", "id"):
            found.setdefault((row.filing_id, row.item), Dispute(row.filing, row.item, clarified))
    if user is None:
        return list(found.values())
    conflict = load_conflicts([user])
    return [d for d in found.values() if not conflict(user, d.filing.agency)]


def reasons(item: DisclosureItem) -> list[str]:
    """Sentences to choose from when a mark is not full: general ones, and the item's own defect."""
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
class Standing:
    """How far a round's disclosures are: counts of agencies, and of items that wait for a decision."""

    agencies: int
    begun: int
    confirmed: int
    marked: int
    released: int
    clarified: int
    waiting: int
    second: int
    second_done: int


STAGES = {
    "begun": "เริ่มยื่นแล้ว",
    "confirmed": "ผู้บริหารยืนยันแล้ว",
    "marked": "ตรวจครบทุกข้อแล้ว",
    "released": "ส่งคะแนนให้หน่วยงานแล้ว",
    "clarified": "ชี้แจงแล้ว",
}


def at_stage(assessment_round: Round, stage: str) -> QuerySet[Filing]:
    """The filings of a round that came as far as a stage."""
    filings = Filing.objects.filter(round=assessment_round)
    match stage:
        case "begun":
            return filings.filter(entries__isnull=False).distinct()
        case "confirmed":
            return filings.exclude(confirmed=None)
        case "marked":
            whole = filings.annotate(n=Count("marks__item", filter=Q(marks__stage=Mark.Stage.FIRST), distinct=True))
            return whole.filter(n__gte=len(rules.load(assessment_round.framework).rules.disclosure_items))
        case "released":
            return filings.exclude(released_at=None)
    return filings.filter(clarifications__isnull=False).distinct()


def agencies_at(assessment_round: Round, stage: str, *, reached: bool) -> QuerySet[Agency]:
    """The agencies of a round that came as far as a stage, or that did not, in order of name."""
    there = Q(pk__in=at_stage(assessment_round, stage).values("agency"))
    return assessment_round.agencies.filter(there if reached else ~there).order_by("order")


def standing(assessment_round: Round) -> Standing:
    drawn = SecondLook.objects.filter(filing__round=assessment_round)
    return Standing(
        agencies=assessment_round.agencies.count(),
        **{stage: at_stage(assessment_round, stage).count() for stage in STAGES},
        waiting=len(disputes([assessment_round])),
        second=drawn.count(),
        second_done=drawn.filter(done=True).count(),
    )


def agreements(assessment_round: Round) -> tuple[list[tuple[str, Agreement]], list[tuple[User, Agreement]]]:
    """Agreement of first and blind second marks: by item, and by the assessor of the first mark."""
    latest: dict[tuple[int, str], dict[str, Mark]] = defaultdict(dict)
    second = SecondLook.objects.filter(filing=OuterRef("filing"), item=OuterRef("item"), done=True)
    wanted = Mark.objects.filter(Exists(second), filing__round=assessment_round).exclude(stage=Mark.Stage.DECISION)
    for mark in wanted.select_related("by"):
        latest[mark.filing_id, mark.item][mark.stage] = mark
    by_item: dict[str, list[Sequence[int]]] = defaultdict(list)
    by_person: dict[User, list[Sequence[int]]] = defaultdict(list)
    for (_, item), s in latest.items():
        if len(s) == 2:
            pair = (s["first"].points, s["second"].points)
            by_item[item].append(pair)
            by_person[s["first"].by].append(pair)
    order = [i.id for i in items(rules.load(assessment_round.framework))]
    return (
        [(i, agreement(by_item[i])) for i in order if i in by_item],
        sorted(((u, agreement(p)) for u, p in by_person.items()), key=lambda x: x[0].name),
    )


# --- the agency's page


@dataclass(frozen=True)
class Shown:
    """One item on the agency's public page."""

    item: DisclosureItem
    links: list[Link]
    explanation: str


def public_page(agency: Agency, fiscal_year: int) -> tuple[Filing, list[Shown]] | None:
    """What the public sees of a filing: nothing before the executive has once confirmed it."""
    filing = (
        Filing.objects.filter(agency=agency, round__fiscal_year=fiscal_year, confirmations__isnull=False)
        .select_related("round", "agency", "confirmed")
        .distinct()
        .first()
    )
    if filing is None:
        return None
    held = last_confirmed(filing)
    assert held is not None
    said = held.content
    if filing.confirmed is None:  # reopened: what was confirmed last stays in sight until it is confirmed anew
        ids = [i for entry in said.values() for i, _ in entry["links"]]
        links = {x.pk: x for x in Link.objects.filter(pk__in=ids).select_related("look")}
        of_item = {item: [links[i] for i, _ in entry["links"] if i in links] for item, entry in said.items()}
    else:
        of_item = {r.item.id: r.links for r in rows(filing)}
    framework = rules.load(filing.round.framework)
    return filing, [
        Shown(i, of_item.get(i.id, []), said.get(i.id, {}).get("explanation", "")) for i in items(framework)
    ]


def published_years(agency: Agency) -> list[int]:
    """Fiscal years of which the agency has a public page of disclosures, newest first."""
    found = Filing.objects.filter(agency=agency, confirmations__isnull=False)
    return sorted(set(found.values_list("round__fiscal_year", flat=True)), reverse=True)


def opens(link: Link) -> bool:
    return link.state in web.GOOD


def kappa_text(value: Fraction | None) -> str:
    """Kappa with two decimals, half up; a dash where it says nothing."""
    if value is None:
        return "–"
    hundredths = (abs(value.numerator) * 200 + value.denominator) // (2 * value.denominator)
    return f"{'−' if value < 0 and hundredths else ''}{hundredths // 100}.{hundredths % 100:02}"


def history(link: Link) -> list[tuple[str, str]]:
    """The strip of a link's last year, oldest first: (month as "2569-11", the worst state seen in it)."""
    order = {state: rank for rank, state in enumerate(WRONG)}
    worst: dict[str, str] = {}
    for at, state in link.looks.order_by("at").values_list("at", "state"):
        day = timezone.localtime(at)
        month = f"{day.year + BUDDHIST}-{day.month:02}"
        worst[month] = min(state, worst.get(month, state), key=lambda s: order.get(s, len(order)))
    return list(worst.items())[-12:]
