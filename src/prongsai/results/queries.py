"""Reads of results: what is published, one result with its analysis, imports under review, differences, receipts.

Whatever the public sees comes from ``published``."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.db.models import Count, F, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from prongsai import analysis
from prongsai.analysis import Check, Figure
from prongsai.framework import Framework, Label, Node, Reading
from prongsai.intake.comments import join_comments
from prongsai.jobs.models import Job
from prongsai.lib import digest
from prongsai.machines.table_changes import revisions_at_hand
from prongsai.registry.models import Agency, Round
from prongsai.results.models import AgencyResult, Import, Overview, Publication, PublishedResult, ResultSet
from prongsai.results.score_text import EXPECTED, parse_score
from prongsai.rulebooks.queries import find_framework, find_framework_of, framework_for, frameworks
from prongsai.scoring import complete_from_totals, complete_scores, find_possible_bands, round_score


def rules_changed(result_set: ResultSet) -> bool:
    """Whether this installation no longer has the rules that made a ResultSet, and those of the year give others."""
    key = (result_set.assessment_id, result_set.fiscal_year)
    return bool(result_set.framework_digest) and find_framework_of(*key, result_set.framework_digest) is None


def framework_of_year(assessment: str, fiscal_year: int) -> Framework:
    """The rules for showing the published results of a year."""
    framework = framework_for(assessment, fiscal_year)
    assert framework is not None, assessment
    return framework


def is_as_printed(result_set: ResultSet) -> bool:
    """Whether a result was recorded without rules, and there are none of its year yet to audit it by."""
    return not result_set.framework_digest and find_framework(result_set.assessment_id, result_set.fiscal_year) is None


def name_readings(
    counts: Mapping[str, Mapping[str, int]] | None, framework: Framework
) -> list[tuple[Reading, Mapping[str, int]]]:
    """The readings of what ``analysis.count_reading_effects`` has counted, which is nothing where no round was
    computed."""
    return [(framework.readings[name], n) for name, n in (counts or {}).items() if name in framework.readings]


def published_round(assessment: str, fiscal_year: int) -> ResultSet | None:
    """The latest computed round of a year among those that are public."""
    sets = ResultSet.objects.filter(assessment=assessment, fiscal_year=fiscal_year, origin=ResultSet.Origin.RUN)
    return sets.filter(publications__isnull=False, publications__withdrawn_at=None).first()


def framework_of(result_set: ResultSet, in_force: Mapping[int, Framework] | None = None) -> Framework:
    """The rules that made a ResultSet, in their present wording. Where this installation has never had them, and for a
    result recorded as printed, those for the year. ``in_force`` are those of all years, where they are at hand."""
    key = (result_set.assessment_id, result_set.fiscal_year)
    framework = find_framework_of(*key, result_set.framework_digest, in_force) or framework_for(*key, in_force)
    assert framework is not None, key
    return framework


def is_protected(result_set: ResultSet) -> bool:
    """Whether nothing but the office reads exact scores of questions in a ResultSet. Those that were computed before
    there was a protection have them; those that were imported have what was printed."""
    first = result_set.results.order_by("pk").first()
    return result_set.origin != ResultSet.Origin.RUN or first is None or "secret" in first.basis


def find_secrets(assessment: str, fiscal_year: int) -> dict[int, str]:
    """The secrets of the agencies' results of a year, by agency: a correction takes the one there is, so that what did
    not change is shown as before."""
    computed = AgencyResult.objects.filter(
        result_set__assessment=assessment, result_set__fiscal_year=fiscal_year, basis__has_key="secret"
    )
    return dict(computed.order_by("-result_set_id").values_list("agency_id", KT("basis__secret")))


# --- what is published


def published(
    assessment: str, fiscal_year: int | None = None, *, fictional: bool | None = None
) -> QuerySet[PublishedResult]:
    """Published results of an assessment, of one fiscal year or of all; of real agencies, fictional ones, or both.
    Whatever ranks, counts or averages them says which."""
    rows = PublishedResult.objects.filter(assessment=assessment)
    if fictional is not None:
        rows = rows.filter(agency__fictional=fictional)
    return rows if fiscal_year is None else rows.filter(fiscal_year=fiscal_year)


def overviews(assessment: str) -> QuerySet[Overview]:
    """The summaries of an assessment's years with anything published, newest first."""
    return Overview.objects.filter(assessment=assessment).order_by("-fiscal_year")


def years(assessment: str) -> list[int]:
    """Fiscal years of an assessment with anything published, newest first."""
    return list(overviews(assessment).values_list("fiscal_year", flat=True))


def overview(assessment: str, fiscal_year: int) -> Overview | None:
    """The summary of an assessment's year; None when nothing is published."""
    return overviews(assessment).filter(fiscal_year=fiscal_year).first()


def choose_summary(overview: Overview, *, fictional: bool | None = None) -> tuple[dict[str, Any], bool]:
    """The summary of real agencies or of fictional ones, which are never counted together, and whether it is that of
    fiction. None: of real agencies, unless nothing of theirs is published in the year."""
    of_fiction = overview.data.get("fictional")
    if of_fiction is None or fictional is False or (fictional is None and overview.data["agencies"]):
        return overview.data, False
    return of_fiction, True


def own_imports(agency: Agency) -> dict[int, AgencyResult]:
    """The last result of each fiscal year that an agency imported and confirmed itself, published or not."""
    return {result.result_set.fiscal_year: result for result in _confirmed_by(agency)}


def own_results(agency: Agency, fiscal_year: int) -> list[AgencyResult]:
    """Every result of a year that an agency imported and confirmed itself, the last one first."""
    of_year = _confirmed_by(agency).filter(result_set__fiscal_year=fiscal_year).select_related("result_set__by")
    return list(of_year.prefetch_related("result_set__imports").reverse())


def _confirmed_by(agency: Agency) -> QuerySet[AgencyResult]:
    return (
        AgencyResult.objects.filter(agency=agency, result_set__origin=ResultSet.Origin.IMPORT)
        .alias(rows=Count("result_set__results"))
        .filter(rows=1)  # not one of a bulk import
        .select_related("result_set", "agency")
        .order_by("result_set_id")
    )


# of a published result: the marks on how its answers came in, by survey; without the rest of what it was computed from
COLLECTION = F("result__basis__collection")
COLLECTION_MARKS = ("open_link", "above_population")


def history(agency: Agency) -> list[PublishedResult]:
    """An agency's published results, newest first, each with the marks on how its answers came in."""
    rows: list[PublishedResult] = list(
        PublishedResult.objects.filter(agency=agency)
        .select_related("result__result_set")
        .defer("result__basis")
        .annotate(collection=COLLECTION)
        .order_by("-fiscal_year")
    )
    for row in rows:
        row.agency = agency
    return rows


def own_history(agency: Agency) -> list[PublishedResult]:
    """What an agency's own people know of its results, newest first: what is published; of a year without it the last
    import that they confirmed, as a row that is not stored (``pk`` is None)."""
    rows = history(agency)
    known = {row.fiscal_year for row in rows}
    rows += [
        PublishedResult(
            assessment_id=agency.assessment_id,
            fiscal_year=year,
            agency=agency,
            result=result,
            overall=result.overall,
            level=result.level,
            passed=result.passed,
        )
        for year, result in own_imports(agency).items()
        if year not in known
    ]
    return sorted(rows, key=lambda row: -row.fiscal_year)


def rank_among_peers(row: PublishedResult) -> tuple[int, int]:
    """The rank of a published result among agencies of its type, and the number of those ranked."""
    agency = row.agency
    group = row.assessment_id, row.fiscal_year, agency.fictional, str(agency.kind)
    revisions = revisions_at_hand((PublishedResult._meta.db_table, Agency._meta.db_table))
    if revisions is None or row.overall is None:
        peers = _peers_with_total(*group)
        return peers.filter(overall__gt=row.overall).count() + 1, peers.count()
    totals = _list_totals(*group, revisions)
    return len(totals) - bisect_right(totals, row.overall) + 1, len(totals)


def _peers_with_total(assessment: str, fiscal_year: int, fictional: bool, kind: str) -> QuerySet[PublishedResult]:
    return published(assessment, fiscal_year, fictional=fictional).filter(agency__kind=kind).exclude(overall=None)


@lru_cache(200)
def _list_totals(
    assessment: str, fiscal_year: int, fictional: bool, kind: str, _revisions: tuple[int, ...]
) -> list[Decimal]:
    """The published totals of agencies of a type, the lowest first, at these revisions of the tables they are in:
    read once for the pages of all of them."""
    totals = _peers_with_total(assessment, fiscal_year, fictional, kind).values_list("overall", flat=True)
    return sorted(total for total in totals if total is not None)


# --- one result


def scores_of(result: AgencyResult) -> dict[str, Fraction]:
    """The scores of a result as displayed, by node, for the analysis."""
    return {node: Fraction(value) for node, value in result.shown.items()}


def list_approximate(result: AgencyResult) -> list[str]:
    """The nodes whose displayed score has a random error: questions of a computed result, which have whole points."""
    if result.result_set.origin != ResultSet.Origin.RUN:
        return []
    return [node for node, text in result.shown.items() if "." not in text]


def print_figure(framework: Framework, node: str, score: str) -> str:
    """A recorded score as its year prints it: 82.5 as 82.50. Marks of items, which are whole points, a level, and what
    is no number stay as they are."""
    known = framework.nodes.get(node)
    if known is None or known.kind == "item":
        return score
    try:
        return framework.print_score(Decimal(score))
    except InvalidOperation:
        return score


def print_total(result: AgencyResult, framework: Framework) -> str:
    """The total of a result as the rules of its year print it; empty where there is none."""
    return print_figure(framework, "overall", str(result.shown.get("overall", "")))


def count_below_target(result: AgencyResult, framework: Framework) -> tuple[int, int]:
    """How many indicators of a result are below the target of its year's rules, of how many that have a score."""
    scores = [Fraction(result.shown[i.id]) for i in framework.rules.indicators if i.id in result.shown]
    return sum(score < framework.rules.target.points for score in scores), len(scores)


@dataclass(frozen=True)
class IndicatorBar:
    """An indicator of a result: its score and that of the year before, as displayed."""

    node: str
    label: Label
    score: Decimal
    before: Decimal | None
    reached: bool

    @property
    def name(self) -> str:
        return self.label.th


@dataclass(frozen=True)
class ResultAnalysis:
    """One agency's result with the analysis that its page shows; ``history`` is that of the years it is read with."""

    agency: Agency
    current: PublishedResult
    framework: Framework
    findings: analysis.Findings
    bars: Sequence[IndicatorBar]
    movement: analysis.YearOnYear | None
    why: analysis.WhyNotHigher | None
    history: Sequence[PublishedResult]

    @property
    def result(self) -> AgencyResult:
        return self.current.result

    @property
    def printed(self) -> dict[str, str]:
        """Its scores as the year prints them, by node; approximate ones as whole points."""
        approximate = set(list_approximate(self.result))
        shown = self.result.shown.items()
        return {n: text if n in approximate else self.framework.print_score(Decimal(text)) for n, text in shown}

    @property
    def below(self) -> list[IndicatorBar]:
        return [b for b in self.bars if not b.reached]


def analyse_published(
    agency: Agency, fiscal_year: int, past: Sequence[PublishedResult] | None = None
) -> ResultAnalysis | None:
    """The published result of an agency's year with its analysis; None when nothing is published. ``past`` is its
    ``history``, where it is at hand."""
    return _analyse(agency, fiscal_year, history(agency) if past is None else past)


def analyse_own(agency: Agency, fiscal_year: int) -> ResultAnalysis | None:
    """The same for an agency's own people: published, or confirmed by them and not published yet (``own_history``)."""
    return _analyse(agency, fiscal_year, own_history(agency))


def _analyse(agency: Agency, fiscal_year: int, past: Sequence[PublishedResult]) -> ResultAnalysis | None:
    current = next((c for c in past if c.fiscal_year == fiscal_year), None)
    if current is None:
        return None
    in_force = frameworks(agency.assessment_id)
    framework = framework_of(current.result.result_set, in_force)
    scores = complete_scores(framework, scores_of(current.result))
    before = next((c for c in past if c.fiscal_year == fiscal_year - 1), None)
    movement = None
    if before is not None:
        chain = [framework_of(before.result.result_set, in_force), framework]
        movement = analysis.year_on_year(chain, scores, scores_of(before.result))
    previous = {m.node: m.previous for m in movement.changes} if movement else {}
    target = framework.rules.target.points
    bars = [
        IndicatorBar(i.id, framework.nodes[i.id].label, score, previous.get(i.id), score >= target)
        for i in framework.rules.indicators
        if (score := _parse_printed(framework, current.result.shown.get(i.id))) is not None
    ]
    is_complete = "overall" in scores and all(i in scores for i in framework.instruments)
    return ResultAnalysis(
        agency,
        current,
        framework,
        analysis.findings(framework, scores),
        bars,
        movement,
        analysis.why_not_higher(framework, scores) if is_complete else None,
        past,
    )


@dataclass(frozen=True)
class MeanOfSubIndicators:
    """An indicator that is the mean of its sub-indicators. ``parts`` are (sub-indicator, number of its items, score);
    ``item_mean`` is the mean over all items, where it differs from the score."""

    node: Node
    score: Decimal
    parts: list[tuple[Node, int, Decimal]]
    item_mean: Decimal | None


def explain_means(framework: Framework, shown: Mapping[str, str]) -> list[MeanOfSubIndicators]:
    """The indicators that are means of sub-indicators, with the scores they are computed from. Marks are integers, so
    the displayed scores of items are exact."""
    means = []
    for indicator in framework.rules.indicators:
        parts = [p for p in framework.nodes[indicator.id].parts if framework.nodes[p].kind == "sub_indicator"]
        items = [i.id for i in framework.items_of(indicator.id)]
        if not parts or not all(n in shown for n in (indicator.id, *parts)):
            continue
        score, item_mean = Decimal(framework.print_score(Decimal(shown[indicator.id]))), None
        if all(i in shown for i in items):
            mean = round_score(framework, sum((Fraction(shown[i]) for i in items), Fraction()) / len(items))
            item_mean = mean if mean != score else None
        printed = {p: Decimal(framework.print_score(Decimal(shown[p]))) for p in parts}
        scores = [(framework.nodes[p], len(framework.items_of(p)), printed[p]) for p in parts]
        means.append(MeanOfSubIndicators(framework.nodes[indicator.id], score, scores, item_mean))
    return means


def _parse_printed(framework: Framework, text: str | None) -> Decimal | None:
    """A score as the year prints it."""
    return None if text is None else Decimal(framework.print_score(Decimal(text)))


_NODE_WORDS = {"indicator": "ตัวชี้วัดที่ ", "sub_indicator": "ตัวชี้วัดย่อยที่ "}
DETAIL_KINDS = ("part_indicator", "sub_indicator", "item")  # what is typed only where the paper has it


def _typed_nodes(framework: Framework) -> list[str]:
    """What a result is typed by: everything that is published."""
    kinds = ("composite", "instrument", "indicator", *DETAIL_KINDS)
    return [node.id for node in framework.nodes.values() if node.kind in kinds]


def compute_missing(framework: Framework, values: Mapping[str, str]) -> dict[str, str]:
    """The scores that follow from valid ones, as displayed, and the level where the rules leave only one."""
    known = {node: Fraction(value) for node, value in values.items() if node in framework.nodes}
    scores = complete_from_totals(framework, known)
    computed = {node: str(round_score(framework, score)) for node, score in scores.items() if node not in known}
    if "overall" in scores and len(possible := find_possible_bands(framework, scores)) == 1:
        computed["level"] = possible[0].id
    return computed


def find_value_problem(framework: Framework, node: str, value: str, *, has_rules: bool = True) -> str:
    """Why a typed value is not a valid score of a node, in Thai; empty when it is valid. Without rules of the year any
    word may be a level."""
    if node == "level" and not has_rules:
        return ""
    if node == "level":
        return "" if value in framework.bands else f"ไม่มีระดับ “{value[:30]}” ที่มีคือ {', '.join(framework.bands)}"
    if node not in framework.nodes:
        return f"หลักเกณฑ์ปี {framework.fiscal_year} ไม่มีรายการนี้"
    return "" if parse_score(value) else f"“{value[:30]}” ไม่ใช่คะแนน {EXPECTED}"


def latest_import_of(agency: Agency, fiscal_year: int) -> ResultSet | None:
    """The ResultSet that another import of an agency's year corrects: the last one of this agency alone."""
    imported = ResultSet.objects.filter(
        fiscal_year=fiscal_year, origin=ResultSet.Origin.IMPORT, results__agency=agency
    ).order_by("-id")
    return next((s for s in imported if s.results.count() == 1), None)


def find_recorded_result(agency: Agency, fiscal_year: int) -> AgencyResult | None:
    """The result of an agency's year that counts now: what is published, else its own last confirmed import."""
    published = PublishedResult.objects.filter(agency=agency, fiscal_year=fiscal_year)
    if row := published.select_related("result__result_set").first():
        return row.result
    latest = latest_import_of(agency, fiscal_year)
    return latest.results.select_related("result_set").get() if latest else None


def find_confirmed_result(imported: Import, fiscal_year: int) -> AgencyResult | None:
    """What was confirmed of a year of a document: the last time, where it was used again."""
    confirmed = AgencyResult.objects.filter(result_set__in=imported.result_sets.filter(fiscal_year=fiscal_year))
    return confirmed.select_related("result_set__by", "agency").order_by("-result_set_id").first()


@dataclass(frozen=True)
class Replacement:
    """What becomes of an agency's result of a year (``recorded``) when another one takes its place: how much it has,
    and what of it the other one does not have, by name. ``total`` and ``level`` are both totals and both levels as
    displayed, "" for none."""

    recorded: AgencyResult
    source: str
    is_published: bool
    indicators: int
    items: int
    comments: int
    lost: tuple[str, ...]
    lost_indicators: int
    lost_items: int
    lost_comments: int
    total: tuple[str, str]
    level: tuple[str, str]

    @property
    def changed(self) -> tuple[tuple[str, str, str], ...]:
        """What will be another: its Thai name, what it is, what it will be. 82.5 and 82.50 are one total."""
        (was, total), (former, level) = self.total, self.level
        is_same = bool(was) and bool(total) and Fraction(was) == Fraction(total)
        return (
            *((("คะแนนรวม", was, total),) if total and not is_same else ()),
            *((("ระดับ", former, level),) if level and former != level else ()),
        )


def preview_replacement(recorded: AgencyResult, values: Mapping[str, str], comments: Mapping[str, str]) -> Replacement:
    """What confirming these values and comments instead of a result would do."""
    framework = framework_of(recorded.result_set)
    nodes = framework.nodes
    lost = [node for node in nodes if node in recorded.shown and not values.get(node)]
    old_comments = recorded.basis.get("comments", {})
    made = recorded.result_set
    files = made.inputs.get("files") if made.origin == ResultSet.Origin.IMPORT else None  # a run has parcels
    details = [node for node in lost if nodes[node].kind == "item"]
    broad = [node for node in lost if nodes[node].kind not in DETAIL_KINDS]
    return Replacement(
        recorded=recorded,
        source=files[0]["name"] if files else made.get_origin_display(),
        is_published=PublishedResult.objects.filter(result=recorded).exists(),
        indicators=sum(nodes[n].kind == "indicator" for n in recorded.shown if n in nodes),
        items=sum(nodes[n].kind == "item" for n in recorded.shown if n in nodes),
        comments=len(old_comments),
        lost=tuple(f"{node_name(framework, n)} {print_figure(framework, n, recorded.shown[n])}" for n in broad)
        + (
            (f"{node_name(framework, 'level')} {recorded.level}",) if recorded.level and not values.get("level") else ()
        ),
        lost_indicators=sum(nodes[n].kind == "indicator" for n in lost),
        lost_items=len(details),
        lost_comments=sum(not comments.get(item, "").strip() for item in old_comments),
        total=(print_total(recorded, framework), print_figure(framework, "overall", values.get("overall", ""))),
        level=(recorded.level, values.get("level", "")),
    )


def find_draft(imported: Import, fiscal_year: int) -> dict[str, Any]:
    """What was typed over a year of a document and is not confirmed: {"values", "comments", "saved_at"}; else {}."""
    draft: dict[str, Any] = imported.reading.get("drafts", {}).get(str(fiscal_year), {})
    return draft


def find_corrected(assessment_round: Round) -> ResultSet | None:
    """The ResultSet that another computation of a round corrects: the last that is public, or else the last one."""
    computed = ResultSet.objects.filter(round=assessment_round, origin=ResultSet.Origin.RUN)
    return computed.filter(publications__withdrawn_at=None, publications__isnull=False).first() or computed.first()


def find_counted_reason(assessment_round: Round) -> str:
    """Why a round counts as computed, in Thai; "" while nothing was computed of it, nor is about to be."""
    if ResultSet.objects.filter(round=assessment_round, origin=ResultSet.Origin.RUN).exists():
        return "รอบนี้คำนวณผลแล้ว เปิดแบบวัดใหม่ได้เฉพาะก่อนคำนวณ หลังจากนั้นเปิดใหม่ได้ทีละข้อของการเปิดเผยข้อมูล"
    if Job.objects.filter(key=f"round:{assessment_round.pk}", state__in=Job.ACTIVE).exists():
        return "กำลังคำนวณผลของรอบนี้อยู่ จึงเปิดแบบวัดใหม่ไม่ได้"
    return ""


def latest_bulk_import(assessment: str, fiscal_year: int) -> ResultSet | None:
    """The ResultSet that another bulk import of a year corrects: the last one of a bulk import."""
    imported = ResultSet.objects.filter(import__shape=Import.Shape.BULK, assessment=assessment, fiscal_year=fiscal_year)
    return imported.order_by("-id").first()


# --- an import under review


@dataclass(frozen=True)
class FigureReview:
    """A figure on the confirmation screen: as printed and where, the value to store, and the verdict of the audit.
    ``computed``: what follows from the others, where nothing is to be stored; ``is_detail``: a part of an indicator;
    ``cuttings``: pictures of where it was read, if it was read from one."""

    node: str
    name: str
    printed: str
    places: tuple[str, ...]
    value: str
    sure: bool
    note: str
    check: Check | None
    problem: str = ""
    computed: str = ""
    is_detail: bool = False
    cuttings: tuple[int, ...] = ()

    @property
    def contradicted(self) -> bool:
        return self.check is not None and self.check.verdict == "contradicted"

    @property
    def is_computed_otherwise(self) -> bool:
        """Whether another value follows from the others by rules that no document states: nobody is accused."""
        return self.check is not None and self.check.verdict == "undetermined" and self.check.recomputed is not None

    @property
    def is_in_conflict(self) -> bool:
        """Whether it cannot be right together with others, and nothing tells which of them is wrong."""
        return self.check is not None and self.check.is_in_conflict and not self.is_computed_otherwise


def import_years(imported: Import) -> list[int]:
    """Fiscal years that a document has scores of, newest first; of a result that is typed, its year."""
    if is_typed(imported):
        return [imported.fiscal_year] if imported.fiscal_year else []
    years = {f["year"] for f in imported.reading.get("figures", ()) if not f["node"].startswith("change/")}
    return sorted(years - {0, None}, reverse=True)


def is_typed(imported: Import) -> bool:
    """Whether a result is typed by a person, without a file."""
    return not imported.stored_as


def review_figures(imported: Import, fiscal_year: int, typed: Mapping[str, str] | None = None) -> list[FigureReview]:
    """The figures of one year of a document, in the order of the rules, audited with the values typed so far (by node).
    A node typed as empty is not audited."""
    framework = framework_for(imported.assessment_id, fiscal_year)
    assert framework is not None, imported.assessment_id
    has_rules = find_framework(imported.assessment_id, fiscal_year) is not None
    typed = typed or {}
    groups: dict[str, list[dict[str, Any]]] = {}
    if is_typed(imported):
        groups = {n: [] for n in ("overall", "level", *_typed_nodes(framework))}
    for figure in imported.reading["figures"]:
        if figure["year"] == fiscal_year and (figure["node"] in framework.nodes or figure["node"] == "level"):
            groups.setdefault(figure["node"], []).append(figure)
    for node in typed:
        if node not in groups and (node in framework.nodes or node == "level"):
            groups[node] = []
    typed = {n: parse_score(v) or v for n, v in typed.items()}
    values = {n: typed.get(n, next((f["value"] for f in g if f["sure"]), "")) for n, g in groups.items()}
    problems = {n: find_value_problem(framework, n, v, has_rules=has_rules) for n, v in values.items() if v}
    valid = [Figure(fiscal_year, n, v, "") for n, v in values.items() if v and not problems[n]]
    checks = {c.node: c for c in analysis.audit(valid, {fiscal_year: framework})} if has_rules else {}
    computed = compute_missing(framework, {f.node: f.value for f in valid}) if has_rules else {}
    order = {n: k for k, n in enumerate(["level", *framework.nodes])}
    cuttings = imported.reading.get("cuttings", {})
    return [
        FigureReview(
            node=node,
            name=node_name(framework, node),
            printed=group[0]["value"] if group else "",
            places=tuple(dict.fromkeys(f["place"] for f in group)),
            value=values[node],
            sure=any(f["sure"] for f in group) or not group,
            note=next((f["note"] for f in group if f["note"]), ""),
            check=checks.get(node),
            problem=problems.get(node, ""),
            computed="" if values[node] else computed.get(node, ""),
            is_detail=node in framework.nodes and framework.nodes[node].kind in DETAIL_KINDS,
            cuttings=tuple(dict.fromkeys(cuttings[f["place"]] for f in group if f["place"] in cuttings)),
        )
        for node, group in sorted(groups.items(), key=lambda g: order[g[0]])
    ]


def list_in_conflict(imported: Import, fiscal_year: int, figures: Sequence[FigureReview]) -> list[FigureReview]:
    """The figures that cannot all be right, where nothing tells which is wrong; without those from which a figure
    follows that is named as wrong itself: one wrong total is no reproach to every row above it."""
    framework = framework_for(imported.assessment_id, fiscal_year)
    assert framework is not None, imported.assessment_id
    named = {x.node for x in figures if x.contradicted or x.is_computed_otherwise}

    def feeds_named(node: str) -> bool:
        return any(parent in named or feeds_named(parent) for parent in framework.parents.get(node, ()))

    return [x for x in figures if x.is_in_conflict and not feeds_named(x.node)]


@dataclass(frozen=True)
class CommentReview:
    """What an assessor wrote of a disclosure item, as it stands in a document, and as it will be stored."""

    item: str
    name: str
    text: str
    places: tuple[str, ...]


def review_comments(
    imported: Import, fiscal_year: int, values: Mapping[str, str], typed: Mapping[str, str] | None = None
) -> list[CommentReview]:
    """The disclosure items that have a comment or, by the ``values`` shown, less than full marks, in the order of the
    rules. Of several comments on an item those of the tables come first; none is said twice."""
    framework = framework_for(imported.assessment_id, fiscal_year)
    assert framework is not None, imported.assessment_id
    read: dict[str, list[dict[str, Any]]] = {}
    for comment in imported.reading.get("comments", ()):
        if comment["year"] == fiscal_year:
            read.setdefault(comment["item"], []).append(comment)
    reviews = []
    for item in framework.rules.disclosure_items:
        found = read.get(item.id, [])
        score = parse_score(values.get(item.id, ""))
        is_weak = score is not None and Decimal(score) < max(framework.mark_points(item.id))
        text = (typed or {}).get(item.id, join_comments([c["text"] for c in found]))
        if found or is_weak or text:
            places = tuple(c["place"] for c in found)
            reviews.append(CommentReview(item.id, f"{item.id} {item.label.th}", text, places))
    return reviews


def node_name(framework: Framework, node: str) -> str:
    """A node as an officer calls it, such as ตัวชี้วัดที่ with its number and label."""
    if node == "level":
        return "ระดับผลการประเมิน"
    if node == "overall":
        return "คะแนนรวม"
    known = framework.nodes.get(node)
    if known is None:
        return f"“{node[:20]}”"
    return f"{_NODE_WORDS.get(known.kind, '')}{node} {known.label.th}"


# --- publishing: what it changes


def publication_key(result_set: ResultSet) -> str:
    """Changes whenever anything of a ResultSet's year is published or withdrawn."""
    live = _live_publications(result_set).order_by("pk").values_list("pk", flat=True)
    return digest.of_json(list(live))


def _live_publications(result_set: ResultSet) -> QuerySet[Publication]:
    of_year = {"assessment": result_set.assessment_id, "fiscal_year": result_set.fiscal_year}
    return Publication.objects.filter(
        withdrawn_at=None, **{f"result_set__{name}": value for name, value in of_year.items()}
    )


TOTAL = Cast(
    "overall", TextField()
)  # equal texts for equal totals; a Decimal of each of a nation takes ten times as long


def find_results_in_force(result_set: ResultSet) -> dict[int, AgencyResult]:
    """The results that are public for the agencies of a ResultSet and of the one it corrects, by agency, with all that
    is shown of them. The last publication counts; a set that a published one corrects does not."""
    return {r.agency_id: r for r in _list_in_force(result_set, _live_publications(result_set)).defer("basis")}


def _list_in_force(result_set: ResultSet, live: QuerySet[Publication]) -> QuerySet[AgencyResult]:
    """The results of the agencies of ``find_results_in_force`` under these publications; the last row of each
    counts."""
    agencies = AgencyResult.objects.filter(result_set__in=[result_set.pk, result_set.corrects_id]).values("agency")
    return (
        AgencyResult.objects.filter(result_set__publications__in=live, agency__in=agencies)
        .exclude(result_set__in=live.exclude(result_set__corrects=None).values("result_set__corrects"))
        .order_by("result_set__publications__id")
    )


@dataclass(frozen=True)
class PublicationPreview:
    """What publishing or withdrawing a ResultSet does to what the public sees of its agencies: how many get their first
    result of the year, another one, or none any more; of how many total or level differ, of how many the verdict.
    ``key`` is the ``publication_key`` it was made from."""

    key: str
    agencies: int
    first: int
    replaced: int
    removed: int
    changed: int
    verdicts: int


def preview_publication(result_set: ResultSet, *, withdrawal: bool = False) -> PublicationPreview:
    """What publishing a ResultSet, or withdrawing it, will do."""
    key = publication_key(result_set)
    columns = ("agency_id", TOTAL, "level", "passed")
    own = {a: rest for a, *rest in result_set.results.values_list(*columns)}
    of_year = published(result_set.assessment_id, result_set.fiscal_year)
    before = {a: rest for a, *rest in of_year.values_list(*columns) if a in own}
    if withdrawal:
        others = _live_publications(result_set).exclude(result_set=result_set)
        after = {a: rest for a, *rest in _list_in_force(result_set, others).values_list(*columns) if a in own}
    else:
        after = own
    both = before.keys() & after.keys()
    return PublicationPreview(
        key=key,
        agencies=len(own),
        first=len(after.keys() - before.keys()),
        replaced=len(both),
        removed=len(before.keys() - after.keys()),
        changed=sum(before[a] != after[a] for a in both),
        verdicts=sum(before[a][2] != after[a][2] for a in both),
    )


# --- differences and receipts


@dataclass(frozen=True)
class Difference:
    """What a correction changed for one agency: (node, before, after)."""

    agency: Agency
    changes: tuple[tuple[str, str, str], ...]


def differences(old: ResultSet, new: ResultSet, *, limit: int) -> list[Difference]:
    """Agencies whose displayed scores or levels differ between two ResultSets, in Thai order; then those missing in
    the new one. The first ``limit`` of them; what is equal is not taken apart."""
    texts = ("agency_id", Cast("shown", TextField()), "level")
    former = {agency: rest for agency, *rest in old.results.values_list(*texts)}
    suspects, removed = [], set(former)
    for agency, *rest in new.results.order_by("agency__order").values_list(*texts):
        removed.discard(agency)
        if former.get(agency) != rest:
            suspects.append(agency)
    changed: list[Difference] = []
    for start in range(0, len(suspects), limit):
        some = suspects[start : start + limit]
        before_of = {r.agency_id: r for r in old.results.filter(agency__in=some).defer("basis")}
        after_of = {r.agency_id: r for r in new.results.filter(agency__in=some).select_related("agency").defer("basis")}
        changed += filter(None, (_compare(before_of.get(a), after_of[a]) for a in some))
        if len(changed) >= limit:
            return changed[:limit]
    gone = old.results.filter(agency__in=sorted(removed)[:limit]).select_related("agency").defer("basis")
    return (changed + [Difference(r.agency, (("overall", str(r.shown.get("overall", "")), ""),)) for r in gone])[:limit]


def _compare(before: AgencyResult | None, after: AgencyResult) -> Difference | None:
    a = {**(before.shown if before else {}), "level": before.level if before else ""}
    b = {**after.shown, "level": after.level}
    changes = tuple((n, a.get(n, ""), b.get(n, "")) for n in {**b, **a} if a.get(n, "") != b.get(n, ""))
    return Difference(after.agency, changes) if changes else None


def count_answers(result_set: ResultSet, counts: Mapping[str, int], *, secret: bool) -> dict[str, list[int]]:
    """How many answered each instrument of a result, as it may leave: the least and the most, which are the same where
    the number is public."""
    framework = framework_of(result_set)
    return {i: analysis.count_range(framework, count) if secret else [count, count] for i, count in counts.items()}


def receipt(result: AgencyResult) -> dict[str, Any]:
    """What a result rests on, as JSON data: see ``prongsai.analysis.build_receipt``."""
    result_set, agency = result.result_set, result.agency
    framework = framework_of(result_set)
    about = {
        "origin": result_set.origin,
        "result_set": result_set.digest,
        "inputs": result_set.inputs,
        "code": result_set.code,
        "made_at": result_set.created_at.isoformat(),
        "corrects": result_set.corrects.digest if result_set.corrects else None,
    }
    subject: dict[str, Any] = {"code": agency.code, "name": agency.name_th}
    if agency.fictional:
        subject["fictional"] = True
    if "items" in result.basis:
        basis, secret = result.basis, result.basis.get("secret", "")
        n = count_answers(result_set, basis["n"], secret=True) if secret else basis["n"]
        about |= {"n": n, "withheld": basis["withheld"]}
        about |= {name: basis[name] for name in ("collection", "brought") if name in basis}
        return analysis.build_receipt(
            framework,
            agency=subject,
            totals=basis["items"],
            about=about,
            withheld=set(basis["withheld"]),
            secret=secret,
            odds=basis.get("odds"),
        )
    figures = [Figure(framework.fiscal_year, f["node"], f["value"], f["place"]) for f in result.basis["figures"]]
    corrected = {f["node"]: f["printed"] for f in result.basis["figures"] if f["printed"] != f["value"]}
    return analysis.build_receipt(
        framework, agency=subject, figures=figures, about={**about, "corrected_from": corrected}
    )
