"""Reads of plans: the results they can be based on and their findings, the plans, what is missing in them, who may own
a measure, and the nation's progress."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from django.db.models import Count, Prefetch, Q, QuerySet

from prongsai.analysis import phrases
from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Filing
from prongsai.framework import Framework
from prongsai.improvement.findings import (
    Finding,
    NodeScores,
    concerns_overall_result,
    derive_findings,
    describe_gaps,
)
from prongsai.improvement.models import Decision, Measure, Plan, PlanFinding, StatedReason
from prongsai.intake.comments import join_comments
from prongsai.intake.own_words import KnownResult, find_differences
from prongsai.lib import typeset
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Appointment
from prongsai.registry.queries import today
from prongsai.results import queries as results
from prongsai.results.models import AgencyResult, PublishedResult
from prongsai.rulebooks.queries import find_framework, framework_for

_YEARS_SPOKEN_OF = 3  # by a text about a fiscal year: that one and those before it

# --- results and their findings


def results_of(agency: Agency) -> dict[int, AgencyResult]:
    """Results that a plan may be based on, by fiscal year, newest first: what is published, and where nothing is, the
    agency's own last confirmed import."""
    by_year = results.own_imports(agency)
    published = PublishedResult.objects.filter(agency=agency).select_related("result__result_set", "result__agency")
    by_year |= {p.fiscal_year: p.result for p in published}
    return {year: by_year[year] for year in sorted(by_year, reverse=True)}


def framework_of(plan: Plan) -> Framework:
    """The rules of the result that a plan is based on; without one those of its year."""
    if plan.result is not None:
        return results.framework_of(plan.result.result_set)
    return results.framework_of_year(plan.agency.assessment_id, plan.result_year)


def scores_of(plan: Plan) -> NodeScores:
    """The scores of the result that a plan is based on; none of an agency in its first year."""
    return results.scores_of(plan.result) if plan.result is not None else {}


def may_plan_without_result(agency: Agency) -> bool:
    """Whether an agency is in its first year: no result of it is known, and it has no plan yet."""
    return not results_of(agency) and not plans_of(agency).exists()


def findings_of_first_year(agency: Agency, fiscal_year: int) -> tuple[Finding, ...]:
    """The findings of an agency that was never assessed: of each indicator that there is no result of it yet."""
    framework = results.framework_of_year(agency.assessment_id, fiscal_year - 1)
    words = phrases.load().findings.not_assessed
    return tuple(
        replace(finding, defect=words.format(label=framework.nodes[finding.indicator].label.th))
        for finding in derive_findings(framework, {})
    )


def _find_result_before(result: AgencyResult) -> AgencyResult | None:
    """The result of the year before, published or confirmed by the agency itself."""
    return results_of(result.agency).get(result.result_set.fiscal_year - 1)


def findings_of(result: AgencyResult, comments: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """Every finding of a result. ``comments`` are the assessors', by O-item (``comments_on``)."""
    framework = results.framework_of(result.result_set)
    before = _find_result_before(result)
    years = [result, before] if before else [result]
    return derive_findings(
        framework,
        results.scores_of(result),
        previous=(results.framework_of(before.result_set), results.scores_of(before)) if before else None,
        approximate={node for year in years for node in results.list_approximate(year)},
        comments=comments,
        following=find_framework(result.agency.assessment_id, framework.fiscal_year + 1),
    )


def comments_on(agency: Agency, fiscal_year: int) -> dict[str, str]:
    """The assessors' comments on items of a year without full marks, by O-item: what came along with the document of
    a result, else those of the marks, none of them before the marks were released to the agency."""
    result = results_of(agency).get(fiscal_year)
    return _comments_of_marks(agency, fiscal_year, result) | _comments_of_document(result)


def _comments_of_document(result: AgencyResult | None) -> dict[str, str]:
    """What the officer confirmed of the comments in the document that the result was read from."""
    if result is None or not (comments := result.basis.get("comments", {})):
        return {}
    framework = results.framework_of(result.result_set)
    scores = results.scores_of(result)
    return {
        item: text
        for item, text in comments.items()
        if item in framework.items and (item not in scores or scores[item] < max(framework.mark_points(item)))
    }


def _comments_of_marks(agency: Agency, fiscal_year: int, result: AgencyResult | None) -> dict[str, str]:
    filing = (
        Filing.objects.filter(agency=agency, round__fiscal_year=fiscal_year, released_at__isnull=False)
        .select_related("round")
        .first()
    )
    framework = framework_for(agency.assessment_id, fiscal_year)
    if filing is None or framework is None:
        return {}
    comments = {}
    shown = result.shown if result else {}
    for item, mark in disclosures.counting_marks(filing).items():
        if Fraction(shown.get(item, mark.points)) != mark.points:
            continue  # the result does not rest on this mark
        text = join_comments([*mark.reasons, mark.comment])
        if text and item in framework.items and mark.points < max(framework.mark_points(item)):
            comments[item] = text
    return comments


def gaps_of(plan: Plan) -> list[str]:
    """What the findings of a plan's result can't cover, in Thai."""
    if plan.result is None:
        return ["หน่วยงานยังไม่มีผลการประเมิน แผนนี้จึงร่างจากตัวชี้วัดของหลักเกณฑ์ แก้ให้ตรงกับสิ่งที่หน่วยงานตั้งใจทำในปีแรก"]
    has_previous = _find_result_before(plan.result) is not None
    return describe_gaps(framework_of(plan), scores_of(plan), has_previous=has_previous)


def newer_result(plan: Plan, approval: Decision | None = None) -> AgencyResult | None:
    """The result that has replaced the one a plan is based on; of the version in force the one that its ``approval``
    names."""
    result = results_of(plan.agency).get(plan.result_year)
    if result is None:
        return None
    approved = (approval.content or {}).get("result") if approval else None
    is_same = result.result_set.digest == approved if approved else result.pk == plan.result_id
    return None if is_same else result


def published_since(plan: Plan, approval: Decision) -> AgencyResult | None:
    """The published result with other scores than the version in force was approved on, or that has come since a plan
    of a first year; None also where nothing is published. What an agency imported for itself is no news here."""
    published = PublishedResult.objects.filter(agency=plan.agency, fiscal_year=plan.result_year)
    current = published.select_related("result__result_set").first()
    if current is None:
        return None
    digest = (approval.content or {}).get("result") or None
    approved = AgencyResult.objects.filter(agency=plan.agency, result_set__digest=digest).first()
    is_same = approved is not None and results.scores_of(approved) == results.scores_of(current.result)
    return None if is_same else current.result


# --- plans


def plans_of(agency: Agency) -> QuerySet[Plan]:
    """An agency's plans, newest first."""
    return Plan.objects.filter(agency=agency).select_related("result__result_set", "agency").order_by("-fiscal_year")


def note_unprintable(*texts: str) -> list[str]:
    """A Thai sentence with the letters that papers leave out of texts; none where they print everything."""
    left_out = typeset.find_unprintable("".join(texts))
    return [f"เอกสารพิมพ์ {' '.join(left_out)} ไม่ได้ จะเว้นไว้ ข้อความส่วนอื่นอยู่ครบ"] if left_out else []


class TextNotes:
    """What to note beside somebody's own words about an agency; its published results are read once for many texts."""

    def __init__(self, agency: Agency, fiscal_year: int) -> None:
        self._agency = agency.name_th
        self._results = [
            KnownResult(results.framework_of(result.result_set), results.scores_of(result))
            for year, result in results_of(agency).items()
            if fiscal_year - _YEARS_SPOKEN_OF < year <= fiscal_year
        ]

    def of(self, *texts: str) -> list[str]:
        """Thai sentences with the right figure where the results say otherwise, each once."""
        found = (d for text in texts for d in find_differences(text, self._results, self._agency))
        return list(dict.fromkeys(map(str, found)))

    def of_printed(self, *texts: str) -> list[str]:
        """The same of words that papers print, and which letters of them papers leave out."""
        return [*self.of(*texts), *note_unprintable(*texts)]


def measures_of(plan: Plan) -> list[Measure]:
    """The measures of the working copy, in order."""
    rows = plan.measures.filter(removed=False).select_related("owner", "changed_by")
    measures = list(rows.prefetch_related(Prefetch("findings", queryset=PlanFinding.objects.order_by("pk"))))
    for measure in measures:
        measure.plan = plan
    return measures


def latest_approval(plan: Plan) -> Decision | None:
    """The approval whose content is in force."""
    return plan.decisions.filter(step=Decision.Step.APPROVED).order_by("-pk").first()


def may_discard(plan: Plan) -> bool:
    """Whether a plan is a draft that nobody was ever asked to decide on."""
    return plan.status == Plan.Status.DRAFT and not plan.decisions.exists()


def eligible_owners(agency: Agency) -> list[User]:
    """Users who may own a measure: those who act for the agency today, by name."""
    day = today()
    appointments = Appointment.objects.filter(agency=agency, since__lte=day).filter(Q(until=None) | Q(until__gt=day))
    return list(User.objects.filter(pk__in=appointments.values("user"), is_active=True).order_by("name"))


@dataclass(frozen=True)
class MissingField:
    """Something that a plan needs before it can be submitted, in Thai: of one measure, or of the plan."""

    text: str
    measure: Measure | None = None


def missing_fields(plan: Plan, measures: Sequence[Measure] | None = None) -> list[MissingField]:
    """Empty columns that the rules of the plan's year require, and indicators without a measure. In any year a measure
    needs a title and an indicator, or a finding of the overall result."""
    measures = measures_of(plan) if measures is None else measures
    rules = find_framework(plan.agency.assessment_id, plan.fiscal_year) or framework_of(plan)
    required = {"measure", *(c for item in rules.rules.disclosure_items for e in item.elements for c in e.plan)}
    fields = []
    for measure in measures:
        findings = measure.findings.all()
        columns = {
            "measure": ("ชื่อมาตรการ", measure.title),
            "analysis": ("ผลการวิเคราะห์", any(f.defect for f in findings)),
            "steps": ("ขั้นตอน", measure.steps),
            "period": ("ระยะเวลา", measure.starts and measure.ends),
            "responsible": ("ผู้รับผิดชอบ", measure.units),
        }
        missing = [name for column, (name, value) in columns.items() if column in required and not value]
        if not measure.indicators and not concerns_overall_result(f.kind for f in findings):
            missing.append("ตัวชี้วัดที่เกี่ยวข้อง")
        if missing:
            fields.append(MissingField(f"ยังขาด {', '.join(missing)}", measure))
    covered = {i for m in measures for i in m.indicators}
    framework = framework_of(plan)
    for indicator in framework.rules.indicators:
        if indicator.id not in covered:
            fields.append(MissingField(f"ยังไม่มีมาตรการของตัวชี้วัดที่ {indicator.id} {indicator.label.th}"))
    return fields


def former_owners(plan: Plan, measures: Iterable[Measure]) -> dict[int, str]:
    """The names of owners who no longer act for the agency, by measure."""
    eligible = {u.pk for u in eligible_owners(plan.agency)}
    return {m.pk: m.owner.name for m in measures if m.owner and m.owner_id not in eligible}


# --- the public and the nation


def public_plans(agency: Agency) -> list[Plan]:
    """Approved plans that an agency publishes, newest first."""
    approved = Decision.objects.filter(step=Decision.Step.APPROVED).values("plan")
    return list(plans_of(agency).filter(public=True, pk__in=approved))


def public_reasons(fiscal_year: int, agencies: Iterable[int]) -> dict[int, dict[str, str]]:
    """What assessors stated of the items of a year's results, by agency and item, as far as it is public: quoted in an
    approved plan that the agency publishes."""
    rows = StatedReason.objects.filter(fiscal_year=fiscal_year, agency__in=list(agencies), plan__public=True)
    reasons: dict[int, dict[str, str]] = {}
    for agency, item, text in rows.order_by("pk").values_list("agency", "item", "text"):
        reasons.setdefault(agency, {})[item] = text
    return reasons


@dataclass(frozen=True)
class NationalProgress:
    """Numbers of a year: agencies with a published result of the year before, plans by status (in Thai), and plans
    with an approval."""

    with_result: int
    by_status: tuple[tuple[str, int], ...]
    approved: int


def plans_in(assessment: str, fiscal_year: int) -> QuerySet[Plan]:
    """The plans of a year of all agencies of an assessment."""
    return Plan.objects.filter(agency__assessment=assessment, fiscal_year=fiscal_year)


def national_progress(assessment: str, fiscal_year: int) -> NationalProgress:
    """The progress of all agencies of an assessment with the plans of a year."""
    plans = plans_in(assessment, fiscal_year)
    counts = dict(plans.values_list("status").annotate(n=Count("pk")).order_by())
    approved = Decision.objects.filter(step=Decision.Step.APPROVED, plan__in=plans)
    return NationalProgress(
        results.published(assessment, fiscal_year - 1).count(),
        tuple((str(s.label), counts.get(s.value, 0)) for s in Plan.Status),
        approved.values("plan").distinct().count(),
    )


def officers_of(agency: Agency) -> list[User]:
    """Officers who act for an agency today."""
    return [u for u in eligible_owners(agency) if u.role == Role.OFFICER]


def executives_of(agency: Agency) -> list[User]:
    """Executives who act for an agency today."""
    return [u for u in eligible_owners(agency) if u.role == Role.EXECUTIVE]


def known_position(user: User, agency: Agency) -> str:
    """The position of an executive: as they last signed a plan of the agency, or as they confirm its disclosures."""
    signed = Decision.objects.filter(by=user, plan__agency=agency).exclude(position="").last()
    return signed.position if signed else disclosures.known_position(user, agency)
