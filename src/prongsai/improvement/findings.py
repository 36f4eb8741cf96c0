"""Derives the findings of a result from its scores and those of the year before: defects, declines, strengths. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from prongsai import analysis
from prongsai.analysis import phrases
from prongsai.framework import DisclosureItem, Framework, SurveyItem
from prongsai.scoring import complete_scores, round_score

MIN_DECLINE = 1  # points by which an item must decline to be a finding

NodeScores = Mapping[str, Fraction]  # exact scores by node


class FindingKind(StrEnum):
    """What a finding is about. The values are stored with plans."""

    ITEM = "item"
    INDICATOR = "indicator"
    INSTRUMENT = "instrument"
    LEVEL = "level"
    DECLINE = "fell"
    COMMENT = "comment"
    SELF_REPORTED = "own"
    STRENGTH = "strength"
    UNKNOWN = "unknown"


FINDING_KIND_TH = {
    FindingKind.ITEM: "ข้อต่ำกว่าเป้าหมาย",
    FindingKind.INDICATOR: "ตัวชี้วัดต่ำกว่าเป้าหมาย",
    FindingKind.INSTRUMENT: "เครื่องมือต่ำกว่าเป้าหมาย",
    FindingKind.LEVEL: "เงื่อนไขของระดับถัดไป",
    FindingKind.DECLINE: "คะแนนลดลง",
    FindingKind.COMMENT: "ความเห็นผู้ประเมิน",
    FindingKind.SELF_REPORTED: "หน่วยงานระบุเอง",
    FindingKind.STRENGTH: "จุดแข็ง",
    FindingKind.UNKNOWN: "ไม่มีคะแนน",
}
NON_DEFECTS = (FindingKind.STRENGTH, FindingKind.UNKNOWN)
OVERALL_KINDS = (FindingKind.INSTRUMENT, FindingKind.LEVEL)  # kinds that concern the result as a whole, no indicator


@dataclass(frozen=True)
class Finding:
    """One finding of a result. ``key`` identifies it within the result; ``indicator`` is the one whose measure answers
    it, empty for the overall result; ``before`` is the score of the year before; ``remedy`` is empty where the rules
    advise none."""

    key: str
    kind: str
    node: str
    indicator: str
    score: Decimal | None
    before: Decimal | None
    defect: str
    remedy: str


def derive_findings(
    framework: Framework,
    known: NodeScores,
    *,
    previous: tuple[Framework, NodeScores] | None = None,
    comments: Mapping[str, str] | None = None,
    following: Framework | None = None,
    approximate: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Every finding of a result: those of each indicator in the framework's order, at least one each, then those of
    the overall result.

    ``known`` are the scores of the result; ``previous`` are the rules and scores of the year before, without which no
    decline is a finding; ``comments`` are the assessors', by O-item; ``following`` are the rules of the year in which
    it is mended: their advice names the years of the papers that count then. ``approximate`` are the questions whose
    score has a random error in either year, so that a smaller one is no decline.
    """
    scores = complete_scores(framework, known)
    score = {n: round_score(framework, v) for n, v in scores.items()}
    comparison = analysis.year_on_year([previous[0], framework], known, previous[1]) if previous else None
    moved = {m.node: m for m in comparison.changes if m.node not in approximate} if comparison else {}
    remedies = _list_remedies(framework, following)
    findings: list[Finding] = []
    for indicator in framework.rules.indicators:
        findings += _findings_of_indicator(framework, indicator.id, score, moved, comments or {}, remedies)
    return (*findings, *_overall_findings(framework, scores, score, moved))


def _list_remedies(framework: Framework, following: Framework | None) -> dict[str, str]:
    """What mends each item, by its id: as the year after asks it, where an item of that year continues it."""
    year = framework.fiscal_year + 1
    remedies = {item.id: phrases.recommend(framework, item, year) for item in framework.items.values()}
    if following is None:
        return remedies
    later: dict[str, str] = {}
    for item in following.items.values():
        for name in item.continues:
            later.setdefault(name, phrases.recommend(following, item, following.fiscal_year))
    return remedies | {name: remedy for name, remedy in later.items() if name in remedies}


def quoted_reasons(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an approved plan quotes of assessors: (item, text), in the order of its measures."""
    findings = [f for measure in content.get("measures", ()) for f in measure["findings"]]
    return [(node, defect) for kind, node, defect, _ in findings if kind == FindingKind.COMMENT and node and defect]


def concerns_overall_result(kinds: Iterable[str]) -> bool:
    """Whether a measure with findings of these kinds needs no indicator."""
    return any(k in OVERALL_KINDS for k in kinds)


def _findings_of_indicator(
    framework: Framework,
    indicator: str,
    score: Mapping[str, Decimal],
    moved: Mapping[str, analysis.NodeChange],
    comments: Mapping[str, str],
    remedies: Mapping[str, str],
) -> list[Finding]:
    target, words = framework.rules.target.points, phrases.load().findings
    label, year = framework.nodes[indicator].label.th, framework.fiscal_year
    findings: list[Finding] = []

    def add(kind: str, node_id: str, defect: str, remedy: str = "") -> None:
        before = moved[node_id].previous if node_id in moved else None
        findings.append(
            Finding(f"{kind}:{node_id}", kind, node_id, indicator, score.get(node_id), before, defect, remedy)
        )

    items = framework.items_of(indicator)
    value = score.get(indicator)
    if value is None:
        actions = phrases.describe_indicator(framework, indicator).actions
        add(FindingKind.UNKNOWN, indicator, words.unknown.format(label=label), "\n".join(actions))
    elif value < target:
        defect, remedy = words.below.format(label=label, year=year, score=value, target=target), ""
        if not any(i.id in score and score[i.id] < target for i in items):
            defect = f"{defect} {words.without_items}"
            actions = phrases.describe_indicator(framework, indicator).actions
            remedy = "\n".join((words.review.format(count=len(items)), *actions))
        add(FindingKind.INDICATOR, indicator, defect, remedy)
    elif indicator in moved and moved[indicator].change < 0:
        decline = moved[indicator]
        caution = f" ({decline.caution})" if decline.caution else ""
        defect = words.fallen.format(label=label, before=decline.previous, score=decline.score)
        add(FindingKind.DECLINE, indicator, f"{defect}{caution}")
    if value is not None and value >= target:
        add(FindingKind.STRENGTH, indicator, words.strength.format(label=label, year=year, score=value, target=target))
    for item in items:
        assert item.item is not None
        comment, remedy = comments.get(item.item.id, "").strip(), remedies[item.item.id]
        if item.id in score and score[item.id] < target:
            defect = _describe_defect(framework, item.item, has_reason=bool(comment))
            add(FindingKind.ITEM, item.id, defect, remedy)
        elif item.id in moved and moved[item.id].change <= -MIN_DECLINE:
            decline = moved[item.id]
            defect = words.item_fallen.format(
                item=item.id, label=item.label.th, before=decline.previous, score=decline.score
            )
            add(FindingKind.DECLINE, item.id, defect, remedy)
        if comment:
            add(FindingKind.COMMENT, item.id, comment, remedy)
    return findings


def _describe_defect(framework: Framework, item: SurveyItem | DisclosureItem, *, has_reason: bool) -> str:
    """What is wrong with a weak item: what its respondents say; of a disclosure that no reason was given, where its
    assessor gave none, because nothing is guessed. Its score stands beside it, not in the text, where a reader of the
    paper would take it for that of the indicator whose name the item shares."""
    if isinstance(item, SurveyItem):
        return phrases.find_question_defect(framework, item.id) or item.advice.defect
    below = phrases.load().findings.disclosure_below.format(item=item.id, label=item.label.th)
    return below if has_reason else f"{below} {phrases.load().sentences.no_reason}"


def _overall_findings(
    framework: Framework, scores: NodeScores, score: Mapping[str, Decimal], moved: Mapping[str, analysis.NodeChange]
) -> list[Finding]:
    """Instruments below the target, and missed conditions of the next level."""
    target, words = framework.rules.target.points, phrases.load().findings
    findings: list[Finding] = []

    def add(kind: str, node: str, defect: str) -> None:
        before = moved[node].previous if node in moved else None
        findings.append(Finding(f"{kind}:{node}", kind, node, "", score[node], before, defect, ""))

    for instrument in framework.rules.instruments:
        if instrument.id in score and score[instrument.id] < target:
            defect = words.instrument_below.format(
                instrument=analysis.name_instrument(framework, instrument.id),
                label=instrument.label.th,
                score=score[instrument.id],
                target=target,
            )
            add(FindingKind.INSTRUMENT, instrument.id, defect)
    if "overall" in scores and all(i in scores for i in framework.instruments):
        why = analysis.why_not_higher(framework, scores)
        for missed in why.shortfalls:
            name = analysis.name_instrument(framework, missed.node)
            is_listed = any(finding.node == missed.node for finding in findings)  # its score, with the target
            sentence = words.level_missed_too if is_listed else words.level_missed
            defect = sentence.format(
                what=words.total if missed.node == "overall" else words.instrument.format(instrument=name),
                score=missed.score,
                short=missed.short,
                level=why.next,
                needed=missed.needed,
            )
            add(FindingKind.LEVEL, missed.node, defect)
    return findings


def describe_gaps(framework: Framework, known: NodeScores, *, has_previous: bool) -> list[str]:
    """What the findings can't cover, in Thai: instruments without a score, no item scores, no year before."""
    scores = complete_scores(framework, known)
    gaps = [
        f"ผลนี้ไม่มีคะแนน {analysis.name_instrument(framework, i.id)} ({i.label.th}) ข้อค้นพบจึงไม่รวมส่วนนี้"
        for i in framework.rules.instruments
        if i.id not in scores
    ]
    if not any(framework.nodes[n].kind == "item" for n in scores if n in framework.nodes):
        gaps.append("ผลนี้ไม่มีคะแนนรายข้อ ข้อค้นพบจึงอยู่ที่ระดับตัวชี้วัด แก้ข้อความให้ตรงกับที่หน่วยงานรู้ได้")
    if not has_previous:
        gaps.append("ไม่มีผลปีก่อนหน้าให้เทียบ จึงไม่ทราบข้อที่คะแนนลดลง นำเข้าผลปีก่อนแล้วกดรับข้อค้นพบเพิ่มได้")
    return gaps
