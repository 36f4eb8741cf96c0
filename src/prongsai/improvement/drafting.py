"""Drafts the measures of a plan from the findings by rules, so that an officer corrects instead of writing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prongsai.analysis import name_instrument, phrases
from prongsai.framework import Framework
from prongsai.improvement.findings import Finding, FindingKind
from prongsai.improvement.periods import FollowUpInterval
from prongsai.lib import fiscal

ALL_UNITS = "ทุกส่วนราชการ"
_MAX_WEAKEST = 3  # indicators in the first steps of the overall measure


@dataclass(frozen=True)
class MeasureDraft:
    """A proposed measure with the findings it answers. Without ``indicators`` it concerns the overall result."""

    title: str
    indicators: tuple[str, ...]
    findings: tuple[Finding, ...]
    steps: str
    success: str
    units: tuple[str, ...]
    follow_up_interval: str
    starts: int = 1
    ends: int = fiscal.MONTHS


def draft_measures(
    framework: Framework,
    findings: Iterable[Finding],
    fiscal_year: int,
    units: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[MeasureDraft, ...]:
    """One measure for each indicator, in the framework's order, then one of the overall result where it has findings.

    ``fiscal_year`` is that of the plan; ``units`` are those responsible for an indicator in the plan before ("" for
    the overall result).
    """
    findings = tuple(findings)
    units = units or {}
    by_indicator: dict[str, list[Finding]] = {i.id: [] for i in framework.rules.indicators}
    by_indicator[""] = []
    for finding in findings:
        by_indicator[finding.indicator].append(finding)
    overall = by_indicator.pop("")
    drafts = [
        _draft_for_indicator(framework, i, tuple(own), fiscal_year, units.get(i) or (ALL_UNITS,))
        for i, own in by_indicator.items()
    ]
    if overall:
        drafts.append(draft_overall_measure(framework, findings, fiscal_year, units.get("", ())))
    return tuple(drafts)


def draft_overall_measure(
    framework: Framework, findings: Iterable[Finding], fiscal_year: int, units: tuple[str, ...]
) -> MeasureDraft:
    """The measure that lifts the total or an instrument: its steps begin with the weakest indicators they consist of.
    ``findings`` are all those of the result."""
    findings = tuple(findings)
    scores = {f.node: f.score for f in findings if f.node == f.indicator and f.score is not None}
    overall = tuple(f for f in findings if not f.indicator)
    concerned = {node.indicator for f in overall for node in framework.items_of(f.node)}
    target = framework.rules.target.points
    ranked = sorted((score, i) for i, score in scores.items() if i in concerned)
    weakest = [(score, i) for score, i in ranked if score < target] or ranked
    words = phrases.load().measures
    steps = [words.hasten.format(indicator=i, label=framework.nodes[i].label.th) for _, i in weakest[:_MAX_WEAKEST]]
    steps.append(words.follow_all)
    instruments = [name_instrument(framework, f.node) for f in overall if f.kind == FindingKind.INSTRUMENT]
    success = []
    if instruments:
        subject = f" {phrases.join(instruments)}"
        success.append(words.success_target.format(subject=subject, year=fiscal_year, target=target))
    if any(f.kind == FindingKind.LEVEL for f in overall):
        success.append(words.success_level.format(year=fiscal_year))
    return MeasureDraft(
        title=words.raise_total,
        indicators=(),
        findings=overall,
        steps=_number_steps(steps),
        success="\n".join(success),
        units=units or (ALL_UNITS,),
        follow_up_interval=FollowUpInterval.QUARTERLY,
    )


def _draft_for_indicator(
    framework: Framework, indicator: str, findings: tuple[Finding, ...], fiscal_year: int, units: tuple[str, ...]
) -> MeasureDraft:
    label, target = framework.nodes[indicator].label.th, framework.rules.target.points
    score = next((f.score for f in findings if f.node == indicator and f.score is not None), None)
    is_weak = any(f.kind in (FindingKind.ITEM, FindingKind.INDICATOR, FindingKind.COMMENT) for f in findings)
    words, subject = phrases.load().measures, f"ตัวชี้วัดที่ {indicator} {label}"
    if score is None:
        title = words.follow
        success = words.success_target.format(subject=subject, year=fiscal_year, target=target)
    elif score < target:
        title = words.raise_
        success = words.success_target.format(subject=subject, year=fiscal_year, target=target)
    else:
        title = words.maintain_and_correct if is_weak else words.maintain
        success = words.success_maintained.format(subject=subject, year=fiscal_year, score=score)
    return MeasureDraft(
        title=title.format(label=label),
        indicators=(indicator,),
        findings=findings,
        steps=_draft_steps(label, findings),
        success=success,
        units=units,
        follow_up_interval=FollowUpInterval.QUARTERLY if is_weak else FollowUpInterval.TWICE,
    )


def _draft_steps(label: str, findings: tuple[Finding, ...]) -> str:
    words = phrases.load().measures
    remedies = [line for f in findings for line in f.remedy.splitlines() if line.strip()]
    steps = list(dict.fromkeys(remedies))
    if all(f.kind == FindingKind.STRENGTH for f in findings) or not steps:
        steps.append(words.keep_practice.format(label=label))
    steps.append(words.report)
    return _number_steps(steps)


def _number_steps(steps: Iterable[str]) -> str:
    return "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))
