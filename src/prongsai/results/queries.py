"""Reads of the record. What the public sees goes through ``published`` and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from prongsai import analysis
from prongsai import framework as rules
from prongsai.analysis import Check, Figure
from prongsai.framework import Framework, Node
from prongsai.registry.models import Agency
from prongsai.results import printed
from prongsai.results.models import AgencyResult, Import, Overview, PublishedResult, ResultSet
from prongsai.scoring import complete_scores, round_score


@lru_cache(maxsize=1)
def frameworks() -> dict[int, Framework]:
    """Every year's rules that this installation has, newest first."""
    return {f.fiscal_year: f for f in (rules.load(y) for y in sorted(rules.available(), reverse=True))}


def rules_changed(result_set: ResultSet) -> bool:
    """Whether this installation's rules of the year are others than the ResultSet was made by."""
    return frameworks()[result_set.fiscal_year].digest != result_set.framework_digest


def framework_of(result_set: ResultSet) -> Framework:
    """The rules a ResultSet was made by."""
    return frameworks()[result_set.fiscal_year]


# --- what is published


def published(fiscal_year: int | None = None) -> QuerySet[PublishedResult]:
    """Results in public sight."""
    rows = PublishedResult.objects.all()
    return rows if fiscal_year is None else rows.filter(fiscal_year=fiscal_year)


def years() -> list[int]:
    """Fiscal years with anything published, newest first."""
    return list(Overview.objects.order_by("-fiscal_year").values_list("fiscal_year", flat=True))


def overview(fiscal_year: int) -> Overview | None:
    return Overview.objects.filter(fiscal_year=fiscal_year).first()


def history(agency: Agency) -> list[PublishedResult]:
    """An agency's published results, newest first."""
    return list(
        published()
        .filter(agency=agency)
        .select_related("result__result_set")
        .defer("result__basis")
        .order_by("-fiscal_year")
    )


@dataclass(frozen=True)
class Placed:
    """An agency in a ranking; equals share a place (1, 2, 2, 4)."""

    place: int
    row: PublishedResult


def ranking(fiscal_year: int, *, kind: str = "", province: str = "") -> QuerySet[PublishedResult]:
    """Published totals, best first; equals in Thai order of names."""
    rows = published(fiscal_year).exclude(overall=None).select_related("agency")
    if kind:
        rows = rows.filter(agency__kind=kind)
    if province:
        rows = rows.filter(agency__province=province)
    return rows.order_by("-overall", "agency__order", "agency__code")


def placed(rows: QuerySet[PublishedResult], start: int, stop: int) -> list[Placed]:
    """A page of a ranking with its places, in three queries whatever its length."""
    page = list(rows[start:stop])
    places: dict[Decimal, int] = {}
    for at, row in enumerate(page, start + 1):
        if row.overall is not None and row.overall not in places:
            places[row.overall] = at if at > start + 1 else rows.filter(overall__gt=row.overall).count() + 1
    return [Placed(places[row.overall], row) for row in page if row.overall is not None]


def place_of(row: PublishedResult) -> tuple[int, int]:
    """Where an agency stands among its kind, and of how many."""
    peers = ranking(row.fiscal_year, kind=row.agency.kind)
    return peers.filter(overall__gt=row.overall).count() + 1, peers.count()


# --- one result


def known(result: AgencyResult) -> dict[str, Fraction]:
    """The scores of a result, as shown, for the judgement to work on."""
    return {node: Fraction(value) for node, value in result.shown.items()}


@dataclass(frozen=True)
class Bar:
    """An indicator on the page: its score and last year's, as printed."""

    node: str
    name: str
    score: Decimal
    before: Decimal | None
    reached: bool


@dataclass(frozen=True)
class Judged:
    """One agency's result with everything the page says of it."""

    agency: Agency
    current: PublishedResult
    framework: Framework
    findings: analysis.Findings
    bars: Sequence[Bar]
    movement: analysis.YearOnYear | None
    why: analysis.WhyNotHigher | None
    history: Sequence[PublishedResult]
    published: bool = True

    @property
    def result(self) -> AgencyResult:
        return self.current.result

    @property
    def below(self) -> list[Bar]:
        return [b for b in self.bars if not b.reached]


def judged(agency: Agency, fiscal_year: int) -> Judged | None:
    """What the public reads of an agency's year; None when nothing is published."""
    past = history(agency)
    current = next((c for c in past if c.fiscal_year == fiscal_year), None)
    if current is None:
        return None
    framework = frameworks()[fiscal_year]
    scores = complete_scores(framework, known(current.result))
    before = next((c for c in past if c.fiscal_year == fiscal_year - 1), None)
    movement = None
    if before is not None and fiscal_year - 1 in frameworks():
        chain = [frameworks()[fiscal_year - 1], framework]
        movement = analysis.year_on_year(chain, scores, known(before.result))
    previous = {m.node: m.previous for m in movement.changes} if movement else {}
    target = framework.rules.target.points
    bars = [
        Bar(i.id, framework.nodes[i.id].label.th, score, previous.get(i.id), score >= target)
        for i in framework.rules.indicators
        if (score := _decimal(current.result.shown.get(i.id))) is not None
    ]
    whole = "overall" in scores and all(i in scores for i in framework.instruments)
    return Judged(
        agency,
        current,
        framework,
        analysis.findings(framework, scores),
        bars,
        movement,
        analysis.why_not_higher(framework, scores) if whole else None,
        past,
    )


@dataclass(frozen=True)
class Explained:
    """An indicator that is the mean of its sub-indicators: each with its score, and what the mean over all items would
    have been."""

    node: Node
    score: Decimal
    parts: list[tuple[Node, int, Decimal]]  # sub-indicator, number of its items, score
    flat: Decimal | None  # where it differs


def explained(framework: Framework, shown: Mapping[str, str]) -> list[Explained]:
    """How indicators came about that are means of means. Marks are whole points, so the items' scores as shown are
    exact."""
    made = []
    for indicator in framework.rules.indicators:
        parts = [p for p in framework.nodes[indicator.id].parts if framework.nodes[p].kind == "sub_indicator"]
        items = [i.id for i in framework.items_of(indicator.id)]
        if not parts or not all(n in shown for n in (indicator.id, *parts)):
            continue
        score, flat = Decimal(shown[indicator.id]), None
        if all(i in shown for i in items):
            mean = round_score(framework, sum((Fraction(shown[i]) for i in items), Fraction()) / len(items))
            flat = mean if mean != score else None
        found = [(framework.nodes[p], len(framework.items_of(p)), Decimal(shown[p])) for p in parts]
        made.append(Explained(framework.nodes[indicator.id], score, found, flat))
    return made


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def value_problem(framework: Framework, node: str, value: str) -> str:
    """Why a typed value can't be the score of a node, in Thai; nothing when it can."""
    if node == "level":
        return "" if value in framework.bands else f"ไม่มีระดับ “{value[:30]}” ที่มีคือ {', '.join(framework.bands)}"
    if node not in framework.nodes:
        return f"หลักเกณฑ์ปี {framework.id} ไม่มีรายการนี้"
    return "" if printed.score(value) else f"“{value[:30]}” ไม่ใช่คะแนน ต้องเป็นตัวเลข 0 ถึง 100 ทศนิยมไม่เกิน 4 ตำแหน่ง"


def latest_of(agency: Agency, fiscal_year: int) -> ResultSet | None:
    """The ResultSet an import of an agency's year would correct: its own last one, not a nation's."""
    own = ResultSet.objects.filter(
        fiscal_year=fiscal_year, origin=ResultSet.Origin.IMPORT, results__agency=agency
    ).order_by("-id")
    return next((s for s in own if s.results.count() == 1), None)


def latest_nation(fiscal_year: int) -> ResultSet | None:
    """The ResultSet that a table of many agencies would correct: the last one that came from such a table."""
    return ResultSet.objects.filter(import__shape="nation", fiscal_year=fiscal_year).order_by("-id").first()


# --- an import on the screen


@dataclass(frozen=True)
class Line:
    """A figure on the confirmation screen: what was printed and where, what would be stored, what the audit says."""

    node: str
    name: str
    printed: str
    places: tuple[str, ...]
    value: str
    sure: bool
    note: str
    check: Check | None
    problem: str = ""

    @property
    def contradicted(self) -> bool:
        return self.check is not None and self.check.verdict == "contradicted"


def import_years(imported: Import) -> list[int]:
    """Years the document has scores of and that there are rules for, newest first."""
    found = {f["year"] for f in imported.reading.get("figures", ()) if "/" not in f["node"] or f["node"][0] == "E"}
    return sorted(found & frameworks().keys(), reverse=True)


def lines(imported: Import, fiscal_year: int, typed: Mapping[str, str] | None = None) -> list[Line]:
    """The figures of one year of a document, in the order of the rules, audited with what has been typed so far.
    A node typed as empty is left out of the audit."""
    framework = frameworks()[fiscal_year]
    typed = typed or {}
    groups: dict[str, list[dict[str, Any]]] = {}
    for figure in imported.reading["figures"]:
        if figure["year"] == fiscal_year and (figure["node"] in framework.nodes or figure["node"] == "level"):
            groups.setdefault(figure["node"], []).append(figure)
    for node in typed:
        if node not in groups and (node in framework.nodes or node == "level"):
            groups[node] = []
    typed = {n: printed.score(v) or v for n, v in typed.items()}
    values = {n: typed.get(n, next((f["value"] for f in g if f["sure"]), "")) for n, g in groups.items()}
    problems = {n: value_problem(framework, n, v) for n, v in values.items() if v}
    good = [Figure(fiscal_year, n, v, "") for n, v in values.items() if v and not problems[n]]
    checks = {c.node: c for c in analysis.audit(good, {fiscal_year: framework})}
    order = {n: k for k, n in enumerate(["level", *framework.nodes])}
    return [
        Line(
            node=node,
            name=_name(framework, node),
            printed=group[0]["value"] if group else "",
            places=tuple(dict.fromkeys(f["place"] for f in group)),
            value=values[node],
            sure=any(f["sure"] for f in group) or not group,
            note=next((f["note"] for f in group if f["note"]), ""),
            check=checks.get(node),
            problem=problems.get(node, ""),
        )
        for node, group in sorted(groups.items(), key=lambda g: order[g[0]])
    ]


def _name(framework: Framework, node: str) -> str:
    if node == "level":
        return "ระดับผลการประเมิน"
    return f"{node} {framework.nodes[node].label.th}" if node != "overall" else "คะแนนรวม"


# --- differences and receipts


@dataclass(frozen=True)
class Difference:
    """What a correction changed for one agency: (node, before, after)."""

    agency: Agency
    changes: tuple[tuple[str, str, str], ...]


def differences(old: ResultSet, new: ResultSet) -> list[Difference]:
    """Agencies whose shown scores or levels differ between two ResultSets, in Thai order."""
    before = {r.agency_id: r for r in old.results.defer("basis")}
    found = []
    for now in new.results.select_related("agency").defer("basis").order_by("agency__order"):
        then = before.pop(now.agency_id, None)
        a = {**(then.shown if then else {}), "level": then.level if then else ""}
        b = {**now.shown, "level": now.level}
        changed = tuple((n, a.get(n, ""), b.get(n, "")) for n in {**b, **a} if a.get(n, "") != b.get(n, ""))
        if changed:
            found.append(Difference(now.agency, changed))
    for gone in before.values():
        found.append(Difference(gone.agency, (("overall", str(gone.shown.get("overall", "")), ""),)))
    return found


def receipt(result: AgencyResult) -> dict[str, Any]:
    """Everything behind one result, as JSON data: see ``prongsai.analysis.build_receipt``."""
    made, agency = result.result_set, result.agency
    framework = framework_of(made)
    about = {
        "origin": made.origin,
        "result_set": made.digest,
        "inputs": made.inputs,
        "code": made.code,
        "made_at": made.made_at.isoformat(),
        "corrects": made.corrects.digest if made.corrects else None,
    }
    who = {"code": agency.code, "name": agency.name_th}
    if "items" in result.basis:
        about |= {"n": result.basis["n"], "withheld": result.basis["withheld"]}
        totals, hidden = result.basis["items"], set(result.basis["withheld"])
        return analysis.build_receipt(framework, agency=who, totals=totals, about=about, withheld=hidden)
    figures = [Figure(framework.fiscal_year, f["node"], f["value"], f["place"]) for f in result.basis["figures"]]
    corrected = {f["node"]: f["printed"] for f in result.basis["figures"] if f["printed"] != f["value"]}
    return analysis.build_receipt(framework, agency=who, figures=figures, about={**about, "corrected_from": corrected})
