"""Corrections of what is public: what another publication changes for which agency, in words, and the erratum by which
the public reads when, why and of whom; what was public before stays reachable.

A result that was never public before is no correction. What was withdrawn is public no more, and is not shown as what
was before either.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast

from prongsai.disclosure.queries import ReopenedItem, list_reopened
from prongsai.framework import Framework, Label
from prongsai.people.actions import DomainError
from prongsai.registry.models import Agency
from prongsai.results import queries
from prongsai.results.models import (
    AgencyResult,
    CorrectedResult,
    Erratum,
    Publication,
    PublishedResult,
    ResultSet,
)

MAX_REASON = 600  # letters of what the public reads
REASON_MISSING = "ผลชุดนี้แก้ผลที่เคยเผยแพร่ ต้องบอกเหตุผลที่ประชาชนจะอ่าน เช่น รับอุทธรณ์ เลขที่เท่าใด ลงวันที่เท่าใด ข้อใด"
_MAX_NOTE = 300
_ROWS = 500  # looked up at a time
# from what an agency was marked for up to what it amounts to
_ORDER = ("item", "sub_indicator", "part_indicator", "indicator", "instrument", "composite", "overall")
_KIND_WORDS = {
    "item": Label(th="ข้อ", en="Item"),
    "sub_indicator": Label(th="ตัวชี้วัดย่อยที่", en="Sub-indicator"),
    "part_indicator": Label(th="ตัวชี้วัดที่", en="Indicator"),
    "indicator": Label(th="ตัวชี้วัดที่", en="Indicator"),
    "instrument": Label(th="เครื่องมือ", en="Instrument"),
    "composite": Label(th="เครื่องมือ", en="Instrument"),
}
LEVEL, OVERALL = "level", "overall"
_NAMES = {OVERALL: Label(th="คะแนนรวม", en="Total"), LEVEL: Label(th="ระดับ", en="Level")}


# --- what changed, in words


@dataclass(frozen=True)
class ScoreChange:
    """A score or the level of an agency, before and after, as they are shown; empty where there is none."""

    node: str
    name: Label
    before: str
    after: str

    @property
    def points(self) -> Decimal | None:
        """By how much a score changed."""
        if self.node == LEVEL or not self.before or not self.after:
            return None
        return Decimal(self.after) - Decimal(self.before)


@dataclass(frozen=True)
class Rank:
    """A place among those of its type, real or fictional, and how many there are."""

    place: int
    of: int


@dataclass(frozen=True)
class AgencyChange:
    """What a correction changes for one agency: its scores from items up to the level, and its rank."""

    agency: Agency
    scores: tuple[ScoreChange, ...]
    rank_before: Rank | None
    rank_after: Rank | None

    @property
    def verdict(self) -> list[ScoreChange]:
        """The total and the level, where they changed."""
        return [s for s in self.scores if s.node in (OVERALL, LEVEL)]

    @property
    def parts(self) -> list[ScoreChange]:
        """What the total is made of."""
        return [s for s in self.scores if s.node not in (OVERALL, LEVEL)]

    @property
    def has_other_rank(self) -> bool:
        return self.rank_before != self.rank_after

    @property
    def places_gained(self) -> int:
        """How many places up; negative down. Nothing where one of the ranks is missing."""
        return self.rank_before.place - self.rank_after.place if self.rank_before and self.rank_after else 0


def name_node(framework: Framework, node: str) -> Label:
    """A node as a sentence names it."""
    known = framework.nodes.get(node)
    if node in _NAMES or known is None:
        return _NAMES.get(node, Label(th=node, en=node))
    kind = _KIND_WORDS[known.kind]
    return Label(th=f"{kind.th} {node} {known.label.th}", en=f"{kind.en} {node} {known.label.en or ''}".strip())


def compare_results(framework: Framework, before: AgencyResult | None, after: AgencyResult | None) -> list[ScoreChange]:
    """Everything that is shown of one of two results otherwise than of the other, items first, the level last."""
    a, b = (_list_shown(result) for result in (before, after))
    changed = [node for node in {**a, **b} if a.get(node, "") != b.get(node, "")]
    places = {node: place for place, node in enumerate(framework.nodes)}

    def order(node: str) -> tuple[int, int]:
        known = framework.nodes.get(node)
        return (_ORDER.index(known.kind) if known else len(_ORDER), places.get(node, 0))

    return [
        ScoreChange(node, name_node(framework, node), a.get(node, ""), b.get(node, ""))
        for node in sorted(changed, key=order)
    ]


def _list_shown(result: AgencyResult | None) -> dict[str, str]:
    return {} if result is None else {**result.shown, LEVEL: result.level}


# --- what is public now, and what will be


_Row = tuple[int, str, bool, Decimal | None, int]  # agency, its type, whether it is fictional, the total, the result
_COLUMNS = ("agency_id", "agency__kind", "agency__fictional", "overall")


@dataclass(frozen=True)
class PublicState:
    """What is public of a year, or will be, by agency."""

    rows: Mapping[int, _Row]

    @property
    def results(self) -> dict[int, int]:
        return {agency: row[-1] for agency, row in self.rows.items()}

    @cached_property
    def ranks(self) -> dict[int, Rank]:
        return rank_agencies(self.rows.values())


def rank_agencies(rows: Iterable[_Row]) -> dict[int, Rank]:
    """The rank of every agency with a total among those of its type; equals share one."""
    groups: dict[tuple[str, bool], list[tuple[Decimal, int]]] = defaultdict(list)
    for agency, kind, fictional, overall, _ in rows:
        if overall is not None:
            groups[kind, fictional].append((overall, agency))
    ranks = {}
    for members in groups.values():
        members.sort(reverse=True)
        place, last = 1, members[0][0]
        for number, (overall, agency) in enumerate(members, 1):
            if overall != last:
                place, last = number, overall
            ranks[agency] = Rank(place, len(members))
    return ranks


def read_state(result_set: ResultSet) -> PublicState:
    """What is public of the year of a ResultSet."""
    rows = queries.published(result_set.assessment_id, result_set.fiscal_year)
    return PublicState({row[0]: row for row in rows.values_list(*_COLUMNS, "result_id")})


def foresee_state(result_set: ResultSet, now: PublicState) -> PublicState:
    """What will be public of the year once a ResultSet is published."""
    own = {row[0]: row for row in result_set.results.values_list(*_COLUMNS, "pk")}
    corrects = result_set.corrects
    replaced = set() if corrects is None else set(corrects.results.values_list("pk", flat=True))
    return PublicState({a: row for a, row in now.rows.items() if row[-1] not in replaced} | own)


def _find_last_withdrawn(result_set: ResultSet, agencies: Iterable[int]) -> dict[int, int]:
    """The results that were public last of agencies that have none now."""
    wanted = set(agencies)
    if not wanted:
        return {}
    rows = AgencyResult.objects.filter(
        result_set__assessment=result_set.assessment_id,
        result_set__fiscal_year=result_set.fiscal_year,
        result_set__publications__withdrawn_at__isnull=False,
    ).order_by("result_set__publications__withdrawn_at")
    return {agency: pk for agency, pk in rows.values_list("agency_id", "pk") if agency in wanted}


def _in_parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _ROWS):
        yield ids[start : start + _ROWS]


def _find_changed(pairs: Mapping[int, tuple[int, int | None]]) -> dict[int, tuple[int, int | None]]:
    """Those agencies of whom the two results are not shown alike."""
    ids = {pk for pair in pairs.values() for pk in pair if pk is not None}
    texts: dict[int, tuple[Any, ...]] = {}
    for some in _in_parts(sorted(ids)):
        rows = AgencyResult.objects.filter(pk__in=some)
        texts |= {pk: rest for pk, *rest in rows.values_list("pk", Cast("shown", TextField()), "level")}
    return {a: pair for a, pair in pairs.items() if pair[1] is None or texts[pair[0]] != texts[pair[1]]}


# --- before publishing


def has_been_public(result_set: ResultSet) -> bool:
    """Whether a set that this one corrects, however far back, was ever published."""
    earlier, known = result_set.corrects, set()
    while earlier is not None and earlier.pk not in known:
        if earlier.publications.exists():
            return True
        known.add(earlier.pk)
        earlier = earlier.corrects
    return False


def suggest_reason(result_set: ResultSet) -> str:
    """What a correction may say to the public, where the computation noted it."""
    return result_set.note if result_set.corrects_id else ""


def find_reopened_since(result_set: ResultSet) -> list[ReopenedItem]:
    """The items that were opened again, decided and sealed after a ResultSet of their round was computed."""
    if result_set.round is None:
        return []
    reopened = list_reopened(result_set.round)
    return [r for r in reversed(reopened) if r.resealed and r.resealed.created_at > result_set.created_at]


def describe_reopened(reopened: Sequence[ReopenedItem]) -> str:
    """Why a computation corrects the one before, in Thai: by which orders, of which items."""
    titles: dict[str, list[str]] = {}
    for one in reopened:
        filing = one.reopening.filing
        titles.setdefault(one.reopening.title, []).append(f"ข้อ {one.reopening.item} ของ{filing.agency}")
    text = "; ".join(f"{title}: {', '.join(items)}" for title, items in titles.items())
    return text if len(text) <= _MAX_NOTE else f"{text[: _MAX_NOTE - 1]}…"


def list_differences(old: ResultSet, new: ResultSet, *, limit: int) -> list[AgencyChange]:
    """What a set changes against the one that it corrects, in words; with ranks where something of the year is public,
    as they are and as they will be."""
    now = read_state(new)
    soon = foresee_state(new, now) if now.results else now
    found = queries.differences(old, new, limit=limit)
    agencies = [d.agency.pk for d in found]
    before, after = ({r.agency_id: r for r in _results_of(s, agencies)} for s in (old, new))
    framework = queries.framework_of(new)
    return [
        AgencyChange(
            d.agency,
            tuple(compare_results(framework, before.get(d.agency.pk), after.get(d.agency.pk))),
            now.ranks.get(d.agency.pk),
            soon.ranks.get(d.agency.pk),
        )
        for d in found
    ]


def _results_of(result_set: ResultSet, agencies: Sequence[int]) -> QuerySet[AgencyResult]:
    return result_set.results.filter(agency__in=agencies).defer("basis")


# --- the erratum


def check_reason(reason: str) -> str:
    """The reason of a correction as it is stored. Raises DomainError for one that is too long."""
    reason = " ".join(reason.replace("\0", "").split())
    if len(reason) > MAX_REASON:
        raise DomainError(f"เหตุผลของการแก้ไขยาว {len(reason):,} ตัวอักษร ใส่ได้ไม่เกิน {MAX_REASON}")
    return reason


def record(publication: Publication, before: PublicState, reason: str) -> Erratum | None:
    """Store what a publication corrected, for the caller's transaction: nothing where it corrected nothing. ``before``
    is what was public. Raises DomainError where there is something to correct and no reason."""
    result_set, after = publication.result_set, read_state(publication.result_set)
    old, new = before.results, after.results
    concerned = {a for a in {*old, *new} if old.get(a) != new.get(a)}
    shown = {a: old[a] for a in concerned if a in old}
    shown |= _find_last_withdrawn(result_set, concerned - shown.keys())
    changed = _find_changed({a: (pk, new.get(a)) for a, pk in shown.items()})
    if not changed and not has_been_public(result_set):
        return None
    if not reason:
        raise DomainError(REASON_MISSING)
    ranks = {a for a in {*before.ranks, *after.ranks} if before.ranks.get(a) != after.ranks.get(a)}
    erratum = Erratum.objects.create(
        publication=publication, reason=reason, agencies=len(changed), moved=len(ranks - changed.keys())
    )
    published_by = _find_publications(result_set, [pk for pk, _ in changed.values()])
    CorrectedResult.objects.bulk_create(
        [
            CorrectedResult(
                erratum=erratum,
                agency_id=agency,
                before_id=corrected,
                published_by_id=published_by[corrected],
                after_id=correct,
                ranks=[_pair(before.ranks.get(agency)), _pair(after.ranks.get(agency))],
            )
            for agency, (corrected, correct) in changed.items()
        ],
        batch_size=_ROWS,
    )
    return erratum


def _pair(rank: Rank | None) -> list[int] | None:
    return [rank.place, rank.of] if rank else None


def _find_publications(result_set: ResultSet, results: Sequence[int]) -> dict[int, int]:
    """By which publication each of these results was public last."""
    publications = Publication.objects.filter(
        result_set__assessment=result_set.assessment_id, result_set__fiscal_year=result_set.fiscal_year
    ).order_by("pk")
    newest = dict(publications.values_list("result_set_id", "pk"))
    found: dict[int, int] = {}
    for some in _in_parts(results):
        rows = AgencyResult.objects.filter(pk__in=some).values_list("pk", "result_set_id")
        found |= {pk: newest[of] for pk, of in rows}
    return found


# --- what the public reads


@dataclass(frozen=True)
class Correction:
    """One correction of an agency's public result. ``changes`` and the way to what was before are empty where that was
    withdrawn."""

    row: CorrectedResult
    changes: tuple[ScoreChange, ...]

    @property
    def erratum(self) -> Erratum:
        return self.row.erratum

    @property
    def is_before_public(self) -> bool:
        return self.row.published_by.withdrawn_at is None

    @property
    def agency_change(self) -> AgencyChange:
        before, after = (Rank(*pair) if pair else None for pair in self.row.ranks)
        return AgencyChange(self.row.agency, self.changes, before, after)


def _live() -> QuerySet[CorrectedResult]:
    """The corrections whose publication was not withdrawn."""
    rows = CorrectedResult.objects.filter(erratum__publication__withdrawn_at=None)
    return rows.select_related(
        "agency",
        "erratum__publication__result_set",
        "before__result_set",
        "after",
        "published_by",
    ).defer("before__basis", "after__basis")


def corrections_by_agency(rows: Sequence[PublishedResult]) -> dict[tuple[int, int], list[Correction]]:
    """The corrections of published results, by agency and year, the newest first."""
    found: dict[tuple[int, int], list[Correction]] = defaultdict(list)
    corrected = _live().filter(
        agency__in=[row.agency_id for row in rows],
        erratum__publication__result_set__fiscal_year__in={row.fiscal_year for row in rows},
    )
    for one in _in_words(corrected.order_by("-erratum")):
        found[one.row.agency_id, one.erratum.publication.result_set.fiscal_year].append(one)
    return dict(found)


def _in_words(rows: Iterable[CorrectedResult]) -> Iterator[Correction]:
    frameworks: dict[int, Framework] = {}
    for row in rows:
        result_set = row.erratum.publication.result_set
        if result_set.pk not in frameworks:
            frameworks[result_set.pk] = queries.framework_of(result_set)
        is_public = row.published_by.withdrawn_at is None
        changes = compare_results(frameworks[result_set.pk], row.before, row.after) if is_public else ()
        yield Correction(row, tuple(changes))


def list_errata(assessment: str, fiscal_year: int, *, fictional: bool = False) -> QuerySet[Erratum]:
    """The errata of a year, the newest first, of real agencies or of fictional ones, each with the number of them as
    ``corrected``. One that changed nothing is of both."""
    mine = Count("results", filter=Q(results__agency__fictional=fictional))
    found = Erratum.objects.filter(
        publication__withdrawn_at=None,
        publication__result_set__assessment=assessment,
        publication__result_set__fiscal_year=fiscal_year,
    ).annotate(corrected=mine)
    return found.filter(Q(corrected__gt=0) | Q(agencies=0)).select_related("publication").order_by("-pk")


def list_corrected(erratum: Erratum, *, fictional: bool = False) -> QuerySet[CorrectedResult]:
    """Whose results an erratum corrected, in Thai order of names."""
    return _live().filter(erratum=erratum, agency__fictional=fictional).order_by("agency__order", "agency__code")


def in_words(rows: Iterable[CorrectedResult]) -> list[Correction]:
    """Corrections with what they changed."""
    return list(_in_words(rows))


def find_earlier(agency: Agency, fiscal_year: int, publication_id: int) -> Correction | None:
    """The correction that replaced what a publication said of an agency's year; None where it said nothing that was
    corrected since, or was withdrawn."""
    rows = _live().filter(
        agency=agency,
        published_by__in=Publication.objects.filter(pk=publication_id, withdrawn_at=None),
        erratum__publication__result_set__fiscal_year=fiscal_year,
    )
    return next(_in_words(rows.order_by("-erratum")[:1]), None)
