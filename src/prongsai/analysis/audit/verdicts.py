"""The verdicts on printed scores, and the audit as a whole."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from prongsai.analysis.audit import wording_th as wording
from prongsai.analysis.audit.check import Check, judge
from prongsai.analysis.audit.claims import Claims, Observation, group_figures
from prongsai.analysis.audit.diagnosis import Diagnosis, diagnose
from prongsai.analysis.audit.statements import check_statement
from prongsai.analysis.figures import Figure
from prongsai.framework import DisclosureItem, Framework, Node, Reading
from prongsai.lib.rounding import half_up, places_of
from prongsai.scoring import complete_score, find_weights, round_score


def audit(figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> list[Check]:
    """Check every distinct figure of one agency, in the order given.

    ``frameworks`` holds the rules of the fiscal years that occur; a figure of another year is undetermined.
    """
    groups = list(group_figures(figures).values())
    checks = _check_groups(groups, diagnose(Claims(figures, frameworks)))
    if _count_contradicted(checks):
        for year, framework in frameworks.items():
            for name, other in framework.alternatives.items():
                otherwise = diagnose(Claims(figures, {**frameworks, year: other}))
                checks = _excuse(checks, groups, otherwise, framework.readings[name])
    return checks


def _check_groups(groups: Iterable[Sequence[Figure]], diagnosis: Diagnosis) -> list[Check]:
    return [
        replace(_check_figure(diagnosis, same[0]), place="; ".join(dict.fromkeys(f.place for f in same)))
        for same in groups
    ]


def _excuse(
    checks: Sequence[Check], groups: Sequence[Sequence[Figure]], otherwise: Diagnosis, reading: Reading
) -> list[Check]:
    """The checks, those undetermined that are contradicted as the rules read, and not under another reading by which
    fewer figures contradict each other: the doubt is the rule's, not the agency's."""
    excused = {
        number
        for number, check in enumerate(checks)
        if check.verdict == "contradicted" and not _is_in_conflict(otherwise, groups[number][0])
    }
    if not excused or _count_contradicted(_check_groups(groups, otherwise)) >= _count_contradicted(checks):
        return list(checks)
    return [
        replace(
            check,
            verdict="undetermined",
            explanation=wording.depends_on_reading(reading.label.th),
            likely=None,
            is_in_conflict=True,
        )
        if number in excused
        else check
        for number, check in enumerate(checks)
    ]


def _is_in_conflict(diagnosis: Diagnosis, figure: Figure) -> bool:
    """Whether a figure or a part of it contradicts others, be it convicted or only suspected."""
    if _check_figure(diagnosis, figure).verdict == "contradicted":
        return True
    return any(
        diagnosis.is_withdrawn(observation) or _ScoreAudit(diagnosis, observation).suspects()
        for observation in diagnosis.claims.scores.get((figure.fiscal_year, figure.node), ())
    )


def _count_contradicted(checks: Iterable[Check]) -> int:
    return summary(checks)["contradicted"]


def summary(checks: Iterable[Check]) -> Mapping[str, int]:
    """How many figures got each verdict."""
    return Counter(c.verdict for c in checks)


def _check_figure(diagnosis: Diagnosis, figure: Figure) -> Check:
    frameworks = diagnosis.claims.frameworks
    if figure.fiscal_year not in frameworks:
        return judge(figure, "undetermined", wording.unknown_rules(figure.fiscal_year))
    if not figure.sure:
        return judge(figure, "undetermined", wording.uncertain_reading(figure.note))
    if figure.kind != "score":
        return check_statement(figure, frameworks, diagnosis.trusted)
    for observation in diagnosis.claims.scores.get((figure.fiscal_year, figure.node), ()):
        if observation.figure is figure:
            return _ScoreAudit(diagnosis, observation).check()
    return judge(figure, "undetermined", wording.UNKNOWN_NODE)


class _ScoreAudit:
    """The audit of one printed score."""

    def __init__(self, diagnosis: Diagnosis, observation: Observation) -> None:
        self.diagnosis = diagnosis
        self.observation = observation
        self.figure = observation.figure
        self.year, self.name = self.figure.fiscal_year, self.figure.node
        self.framework: Framework = diagnosis.claims.frameworks[self.year]
        self.node: Node = self.framework.nodes[self.name]
        self.values = diagnosis.trusted[self.year]
        self.rule = wording.describe_rule(self.node)
        self.weights = self._find_weights(self.name)

    def check(self) -> Check:
        original = self.observation.variant_of
        if original is not None:
            return self._check_variant(original)
        if self.diagnosis.is_withdrawn(self.observation):
            return self._contradict() if self.diagnosis.is_convicted(self.observation) else self._suspect()
        suspects = self.suspects()
        if suspects:
            sum_of_parts = self._sum_of_printed_parts()
            unit = Fraction(1, 10 ** min(self.observation.places, 2))
            if sum_of_parts is not None and abs(sum_of_parts - self.observation.value) > unit:
                return self._contradict_by_suspects(sum_of_parts, suspects)
        return self._recompute()

    # --- a figure that is not convicted --------------------------------------------------------------------------

    def _check_variant(self, original: Observation) -> Check:
        """A second printing of a score: equal in value, or a last digit apart."""
        if original.value == self.observation.value:
            return replace(_ScoreAudit(self.diagnosis, original).check(), printed=self.figure.value)
        other = original.figure.value
        return judge(self.figure, "rounding", wording.printed_elsewhere(other), recomputed=other, rule=self.rule)

    def _suspect(self) -> Check:
        check = judge(self.figure, "undetermined", wording.SUSPECT, interval=self._shown_interval(), rule=self.rule)
        return replace(check, is_in_conflict=True)

    def _recompute(self) -> Check:
        interval, printed = self._shown_interval(), self.figure.value
        is_rule_doubted = self._is_rule_doubted()
        values = self._values_from_parts()
        if not values:
            text = self._explain_doubted_rule() if is_rule_doubted else self._explain_no_value()
            check = judge(self.figure, "undetermined", text, interval=interval, rule=self.rule)
            return replace(check, is_in_conflict=text == wording.PARTS_CONTRADICTED)
        for value in values:
            if Decimal(printed) in (self._round(value), half_up(value, self.observation.places)):
                text = self._explain_reproduced(value)
                return judge(self.figure, "reproduced", text, recomputed=printed, interval=interval, rule=self.rule)
        recomputed = str(self._round(values[0]))
        if is_rule_doubted:
            text = self._explain_doubted_rule(recomputed)
            return judge(self.figure, "undetermined", text, recomputed=recomputed, interval=interval, rule=self.rule)
        text = wording.rounding(recomputed, printed)
        return judge(self.figure, "rounding", text, recomputed=recomputed, interval=interval, rule=self.rule)

    def _values_from_parts(self) -> list[Fraction]:
        """What the rules give for the node: from the nearest printed figures, and from the finest ones."""
        if not self.node.parts:
            return []
        below = {name: value for name, value in self.values.items() if name != self.name}
        items = {name: value for name, value in below.items() if not self.framework.nodes[name].parts}
        weights = [find_weights(self.framework, known, self.name) for known in (below, items)]
        return list(dict.fromkeys(_weigh(found, below) for found in weights if found is not None))

    def _is_rule_doubted(self) -> bool:
        """Whether a rule the node is computed by, directly or below, had to be withdrawn."""
        return self._is_any_withdrawn(self.framework.descend([self.name, *self.weights]))

    def _is_any_withdrawn(self, rules: Iterable[str]) -> bool:
        return any(self.diagnosis.is_rule_withdrawn((self.year, rule)) for rule in rules)

    def _explain_doubted_rule(self, recomputed: str | None = None) -> str:
        agrees = wording.name_nodes(self.framework, self._printed_above())
        return wording.inferred_rule(self.year, self.figure.value, recomputed, agrees)

    def _explain_no_value(self) -> str:
        likely = self.diagnosis.likely
        if any(likely.get((self.year, part), 0) is None for part in (self.weights or self.node.parts)):
            return wording.PARTS_CONTRADICTED
        return wording.nothing_to_recompute_from(self.framework, self.node, self._printed_above())

    def _printed_above(self) -> list[str]:
        """The printed scores that the node feeds and agrees with: by a rule that was withdrawn, it agrees with none."""
        agreeing = []
        for name in self.framework.parents.get(self.name, ()):
            weights = self._find_weights(name)
            rules = self.framework.descend([name], until=weights) | weights.keys() - self.framework.descend([name])
            if name in self.values and not self._is_any_withdrawn(rules):
                agreeing.append(name)
        return agreeing

    def _explain_reproduced(self, value: Fraction) -> str:
        likely = self.diagnosis.likely
        used = {
            part: likely[self.year, part] for part in (self.weights or self.node.parts) if (self.year, part) in likely
        }
        flat_mean = self._flat_mean()
        if flat_mean == self._round(value):
            flat_mean = None
        return wording.reproduced(self.framework, self._round(value), used, flat_mean)

    def _flat_mean(self) -> Decimal | None:
        """The mean of all items under a node made of sub-indicators, when every one is printed."""
        items = [item.id for item in self.framework.items_of(self.name)]
        if self.node.method != "mean_of_sub_indicators" or any(item not in self.values for item in items):
            return None
        return self._round(sum((self.values[item] for item in items), Fraction()) / len(items))

    # --- a figure that cannot stand --------------------------------------------------------------------------------

    def _contradict(self) -> Check:
        """The verdict on a convicted figure."""
        claims, key = self.diagnosis.claims, (self.year, self.name)
        standing = [o for o in claims.originals(key) if not self.diagnosis.is_withdrawn(o)]
        likely = Decimal(standing[0].figure.value) if standing else self.diagnosis.likely[key]
        values = self._values_from_parts()
        recomputed = str(self._round(values[0])) if values else None
        reasons = []
        if isinstance(self.node.item, DisclosureItem):
            allowed = self.framework.mark_points(self.name)
            if self.observation.value not in allowed:
                reasons.append(wording.allowed_marks(allowed))
            likely, more = self._explain_mark(likely)
            reasons += more
            needs_interval = not reasons
        else:
            if recomputed is not None and Decimal(recomputed) != self.observation.value:
                reasons.append(wording.parts_give(recomputed))
            needs_interval = not reasons or likely is None
        if needs_interval:
            low, high = self.diagnosis.interval(key)
            reasons.append(wording.remaining_interval(self._round(low), self._round(high)))
        if likely is not None:
            reasons.append(wording.likely_value(likely, one_digit=_is_one_digit_apart(str(likely), self.figure.value)))
        return judge(
            self.figure,
            "contradicted",
            "; ".join(reasons),
            recomputed=recomputed,
            likely=None if likely is None else str(likely),
            interval=self._shown_interval(),
            rule=self.rule,
        )

    def _contradict_by_suspects(self, sum_of_parts: Fraction, suspects: Sequence[str]) -> Check:
        """The verdict on a score that its parts do not give, where any of several parts may be the wrong one."""
        recomputed = str(self._round(sum_of_parts))
        return judge(
            self.figure,
            "contradicted",
            wording.suspect_parts(recomputed, wording.name_nodes(self.framework, suspects)),
            recomputed=recomputed,
            interval=self._shown_interval(),
            rule=self.rule,
        )

    def suspects(self) -> list[str]:
        """Figures that the node is the sum of and that may be wrong, though none can be convicted; none where more
        contradicts than was searched, and any figure may be wrong."""
        if self.diagnosis.is_search_cut_off:
            return []
        return [
            part
            for part in self.weights or self.node.parts
            for observation in self.diagnosis.claims.originals((self.year, part))
            if self.diagnosis.is_withdrawn(observation) and not self.diagnosis.is_convicted(observation)
        ]

    def _sum_of_printed_parts(self) -> Fraction | None:
        """What the nearest figures give as they are printed, right or wrong."""
        scores = self.diagnosis.claims.scores
        printed = {part: scores[self.year, part][0].value for part in self.weights}
        return _weigh(self.weights, printed) if printed else None

    def _find_weights(self, name: str) -> dict[str, Fraction]:
        """The nearest printed figures that a node is the sum of, and their weights; none where too few are printed."""
        printed = [node for year, node in self.diagnosis.claims.scores if year == self.year]
        return find_weights(self.framework, printed, name) or {}

    def _explain_mark(self, likely: Decimal | None) -> tuple[Decimal | None, list[str]]:
        """What each possible mark of a disclosure item would give, and what would reproduce the printed indicator."""
        indicator = self.node.indicator
        if indicator is None or indicator not in self.values:
            return likely, []
        printed = self._round(self.values[indicator])
        gives = self._indicator_by_mark(indicator)
        reasons = [wording.indicator_by_mark(indicator, printed, gives)] if gives else []
        if printed in [value for points, value in gives.items() if points != self.observation.value]:
            return likely, reasons
        alternatives = _find_alternatives(self.framework, self.name, indicator, self.values)
        if alternatives:
            reasons.append(wording.would_reproduce(printed, (text for _, text in alternatives)))
            marks = {points for points, _ in alternatives}
            if likely is None and len(marks) == 1:
                likely = half_up(Fraction(marks.pop()), self.observation.places)
        return likely, reasons

    def _indicator_by_mark(self, indicator: str) -> dict[Fraction, Decimal]:
        """The indicator that the rules give for each mark of this item, the printed one first."""
        others = {i.id: self.values[i.id] for i in self.framework.items_of(indicator) if i.id in self.values}
        gives = {}
        for points in dict.fromkeys(
            (self.observation.value, *map(Fraction, sorted(self.framework.mark_points(self.name))))
        ):
            score = complete_score(self.framework, others | {self.name: points}, indicator)
            if score is not None:
                gives[points] = self._round(score)
        return gives

    # --- shared ----------------------------------------------------------------------------------------------------

    def _round(self, value: Fraction) -> Decimal:
        return round_score(self.framework, value)

    def _shown_interval(self) -> tuple[str, str]:
        low, high = self.diagnosis.interval((self.year, self.name))
        return str(half_up(low, 4)), str(half_up(high, 4))


def _weigh(weights: Mapping[str, Fraction], values: Mapping[str, Fraction]) -> Fraction:
    return sum((weight * values[name] for name, weight in weights.items()), Fraction())


def _is_one_digit_apart(likely: str, printed: str) -> bool:
    """Whether a printed number, with as many decimals as ``likely``, differs from it by one digit."""
    padded = str(half_up(Fraction(printed), places_of(likely)))
    return len(padded) == len(likely) and sum(a != b for a, b in zip(padded, likely, strict=True)) == 1


def _find_alternatives(
    framework: Framework, name: str, indicator: str, values: Mapping[str, Fraction]
) -> list[tuple[int, str]]:
    """Marks of an item that would give the printed indicator under another rule: a flat mean of all items, or the item
    in a sub-indicator of another size."""
    items = [item.id for item in framework.items_of(indicator)]
    others = [values[item] for item in items if item != name and item in values]
    if len(others) != len(items) - 1:
        return []
    printed = round_score(framework, values[indicator])
    groups = len(framework.nodes[indicator].parts)
    alternatives = []
    for points in framework.mark_points(name):
        if round_score(framework, (sum(others, Fraction()) + points) / len(items)) == printed:
            alternatives.append((points, wording.under_flat_mean(points, len(items))))
        if any(other != 100 for other in others):
            continue  # the group's size can be told only when everything else is complete
        for size in range(1, len(items) + 1):
            if round_score(framework, 100 - Fraction(100 - points, size * groups)) == printed:
                alternatives.append((points, wording.under_group_of(points, size)))
    return alternatives
