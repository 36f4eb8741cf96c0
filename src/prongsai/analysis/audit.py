"""The arithmetic audit: for every printed figure, do the year's rules reproduce it?

Verdicts: *reproduced* (the other printed figures give exactly this one), *rounding* (they give it once their own
rounding is allowed for), *contradicted* (no true values behind the other figures give it), *undetermined* (too little
is printed to say, or the rule it would need is itself only inferred and does not fit).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from prongsai.analysis.constraints import UNIT, Bounds, System, units
from prongsai.analysis.figures import Figure
from prongsai.framework import METHOD_TH, DisclosureItem, Framework, Node
from prongsai.lib.rounding import half_up, places_of, preimage
from prongsai.scoring import bands, complete, passes

Verdict = Literal["reproduced", "rounding", "contradicted", "undetermined"]
VERDICT_TH: Mapping[str, str] = {
    "reproduced": "ตรงตามหลักเกณฑ์",
    "rounding": "ต่างเพราะปัดเศษ",
    "contradicted": "ขัดกับตัวเลขอื่น",
    "undetermined": "ข้อมูลไม่พอชี้ขาด",
}

# What it costs to disbelieve a figure: totals are copied from the official result, items are typed by hand.
_COST = {
    "overall": 40,
    "composite": 30,
    "instrument": 30,
    "indicator": 25,
    "part_indicator": 16,
    "sub_indicator": 16,
    "item": 10,
}
_COST_CHANGE = 8
_COST_INFERRED_RULE = 6
_COST_TRIMMED_ZERO = 3
_COST_AGAIN = 3  # for each further place that prints the same
_SLACK = 6
_SLIP_BONUS = 6
_MARGIN = 2  # explanations this close in price are as good as each other
_TOLERANCE = Decimal("0.01")


@dataclass(frozen=True)
class Check:
    """The verdict on one printed figure. Texts are Thai; numbers are strings in Arabic digits.

    ``recomputed`` is what the rules give from the other figures, ``interval`` the true values that remain possible,
    ``likely`` the true value where the others leave only one, ``rule`` the rule that was used.
    """

    fiscal_year: int
    node: str
    printed: str
    recomputed: str | None
    verdict: Verdict
    explanation: str
    likely: str | None = None
    interval: tuple[str, str] | None = None
    rule: str = ""
    place: str = ""


def audit(figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> list[Check]:
    """Check every distinct figure of one agency, in the order given.

    ``frameworks`` holds the rules of the fiscal years that occur; a figure of another year is undetermined.
    """
    return _Audit(figures, frameworks).checks()


@dataclass
class _Observation:
    """One distinct printed value of one node, wherever it stands."""

    figure: Figure
    value: Fraction
    places: int
    times: int
    claims: tuple[int, ...] = ()  # first the strict reading, then, for a trimmed zero, the loose one
    variant_of: "_Observation | None" = None


Key = tuple[int, str]


class _Audit:
    def __init__(self, figures: Sequence[Figure], frameworks: Mapping[int, Framework]) -> None:
        self.figures = figures
        self.frameworks = frameworks
        self.observed: dict[Key, list[_Observation]] = {}
        self.changes: dict[Key, list[_Observation]] = {}
        for (year, node, value), same in _grouped(figures).items():
            figure = same[0]
            framework = frameworks.get(year)
            number = figure.number
            if not figure.sure or framework is None or number is None:
                continue
            seen = _Observation(figure, Fraction(number), places_of(value.lstrip("+-−")), len(same))
            if figure.kind == "score" and node in framework.nodes:
                self.observed.setdefault((year, node), []).append(seen)
            elif figure.kind == "change" and figure.subject in framework.nodes:
                self.changes.setdefault((year, figure.subject), []).append(seen)
        for same_node in self.observed.values():
            _mark_variants(same_node)
        self.system = self._system()
        self.dropped, self.convicted = self._diagnose()
        self.bounds = self.system.bounds(self.dropped)
        self.likely: dict[Key, Decimal | None] = {}
        self.trusted = self._trusted()

    # --- the system of claims ----------------------------------------------------------------------------------------

    def _system(self) -> System:
        system = System()
        for year, framework in self.frameworks.items():
            self._rules(system, year, framework)
        for (year, name), same in self.observed.items():
            framework = self.frameworks[year]
            node = framework.nodes[name]
            for seen in same:
                if seen.variant_of is not None:
                    continue
                cost = _COST[node.kind] + _COST_AGAIN * min(seen.times - 1, 4)
                full = framework.rules.rounding.places
                strict = system.claim(("strict", seen), _COST_TRIMMED_ZERO if seen.places < full else cost)
                system.within((year, name), *_window(seen.value, max(full, seen.places)), strict)
                seen.claims = (strict,)
                if seen.places < full:  # 80.9 may stand for 80.90, or for anything that rounds to 80.9
                    loose = system.claim(("loose", seen), cost)
                    system.within((year, name), *_window(seen.value, seen.places), loose)
                    seen.claims = (strict, loose)
                if isinstance(node.item, DisclosureItem) and seen.value not in framework.mark_points(name):
                    system.within((year, name), 2 * 100 * UNIT, 2 * 100 * UNIT, seen.claims[-1])  # cannot be a mark
        for (year, name), same in self.changes.items():
            before = self.frameworks.get(year - 1)
            if before is None or name not in before.nodes:
                continue
            for seen in same:
                variable = ("change", year, name, seen.figure.value)
                system.variable(variable, -100 * UNIT, 100 * UNIT)
                system.equate((year, name), (((year - 1, name), Fraction(1)), (variable, Fraction(1))))
                claim = system.claim(("change", seen), _COST_CHANGE)
                # both scores were rounded before they were subtracted, and so was the difference
                slack = units(Fraction(3, 2) / 10 ** min(seen.places, 2) if seen.places else Fraction(1))
                system.within(variable, units(seen.value) - slack, units(seen.value) + slack, claim)
                seen.claims = (claim,)
        return system

    def _rules(self, system: System, year: int, framework: Framework) -> None:
        """Equations of every node that touches something printed."""
        printed = {name for y, name in self.observed if y == year}
        needed: set[str] = set()
        for name in printed:
            needed.add(name)
            needed |= set(framework.nodes[name].parts)
            for parent in framework.parents.get(name, ()):
                needed |= {parent, *framework.nodes[parent].parts}
                needed |= set(framework.parents.get(parent, ()))
        for name in framework.nodes:
            node = framework.nodes[name]
            if not node.parts or not ({name, *node.parts} & needed):
                continue
            claim = -1
            if node.basis.standing == "inferred":
                claim = system.claim(("rule", year, name), _COST_INFERRED_RULE)
            system.equate((year, name), (((year, p), w) for p, w in node.parts.items()), claim)

    def _diagnose(self) -> tuple[frozenset[int], frozenset[int]]:
        """Claims that cannot stand, and those of them that every good explanation withdraws.

        Of the cheapest explanations, those that slips of a digit explain best. When several are as good, a figure that
        only some of them withdraw is a suspect and not convicted.
        """
        found = self.system.diagnoses(_SLACK)
        prices = [self._price(dropped) for dropped in found]
        rivals = [d for d, price in zip(found, prices, strict=True) if price <= min(prices) + _MARGIN]
        if not rivals:
            return frozenset(), frozenset()
        return frozenset().union(*rivals), rivals[0].intersection(*rivals)

    def _price(self, dropped: frozenset[int]) -> int:
        bounds = self.system.bounds(dropped)
        total = sum(self.system.claims[c].cost for c in dropped)
        for key, same in self.observed.items():
            if isinstance(self.frameworks[key[0]].nodes[key[1]].item, DisclosureItem):
                continue  # a mark is one of few values; a slip of a digit says nothing about it
            for seen in same:
                if seen.claims and seen.claims[-1] in dropped and _slips(seen, self._interval(key, bounds)):
                    total -= _SLIP_BONUS
        return total

    def _interval(self, key: Key, bounds: Bounds) -> tuple[Fraction, Fraction]:
        number = self.system.variables.get(key)
        if number is None:
            return Fraction(0), Fraction(100)
        return Fraction(bounds.low[number], UNIT), Fraction(bounds.high[number], UNIT)

    def _withdrawn(self, seen: _Observation) -> bool:
        if seen.variant_of is not None:
            return self._withdrawn(seen.variant_of)
        return bool(seen.claims) and seen.claims[-1] in self.dropped

    def _rule_withdrawn(self, year: int, name: str) -> bool:
        return any(self.system.claims[c].name == ("rule", year, name) for c in self.dropped)

    # --- values to compute with --------------------------------------------------------------------------------------

    def _trusted(self) -> dict[int, dict[str, Fraction]]:
        """By year: each printed score that stands, or the likely true value of one that does not."""
        result: dict[int, dict[str, Fraction]] = {year: {} for year in self.frameworks}
        for key, same in self.observed.items():
            year, name = key
            standing = [s for s in same if s.variant_of is None and not self._withdrawn(s)]
            if standing:
                result[year][name] = standing[0].value
                continue
            suspect = same[0].claims and same[0].claims[-1] not in self.convicted
            self.likely[key] = None if suspect else self._likely(key, same[0])
            guess = self.likely[key]
            if guess is not None:
                result[year][name] = Fraction(guess)
        return result

    def _likely(self, key: Key, seen: _Observation) -> Decimal | None:
        """The true value of a withdrawn figure, when the others leave only one."""
        year, name = key
        framework = self.frameworks[year]
        low, high = self._interval(key, self.bounds)
        if isinstance(framework.nodes[name].item, DisclosureItem):
            fits = [p for p in framework.mark_points(name) if low <= p <= high]
            return Decimal(fits[0]).quantize(Decimal(1).scaleb(-seen.places)) if len(fits) == 1 else None
        places = max(seen.places, framework.rules.rounding.places)
        if high - low < Fraction(2, 10**places):
            grid = [v for v in _grid(low, high, places) if _meets(v, places, low, high)]
            if len(grid) == 1:
                return grid[0]
        slips = _slips(seen, (low, high))
        return slips[0] if len(slips) == 1 else None

    # --- verdicts ----------------------------------------------------------------------------------------------------

    def checks(self) -> list[Check]:
        result = []
        for (year, _, _), same in _grouped(self.figures).items():
            figure = same[0]
            place = "; ".join(dict.fromkeys(f.place for f in same))
            check = self._check(figure, year)
            result.append(replace(check, place=place))
        return result

    def _check(self, figure: Figure, year: int) -> Check:
        framework = self.frameworks.get(year)
        if framework is None:
            return _open(
                figure, f"ยังไม่มีหลักเกณฑ์ปี {year} ให้คำนวณ" if year else "ไม่ทราบปีงบประมาณของตัวเลขนี้ (ระบุด้วย --framework)"
            )
        if not figure.sure:
            return _open(figure, f"อ่านไม่แน่ใจ จึงไม่นำไปคำนวณ: {figure.note}")
        if figure.kind == "score":
            for seen in self.observed.get((year, figure.node), ()):
                if seen.figure.value == figure.value:
                    return self._score(seen, framework)
            return _open(figure, "หลักเกณฑ์ปีนี้ไม่มีคะแนนนี้")
        if figure.kind == "change":
            return self._change(figure)
        if figure.kind in ("level", "pass"):
            return self._level(figure, framework)
        if figure.kind in ("highest", "lowest"):
            return self._extreme(figure, framework)
        return self._count(figure, framework)

    def _score(self, seen: _Observation, framework: Framework) -> Check:
        figure, year, name = seen.figure, framework.fiscal_year, seen.figure.node
        node = framework.nodes[name]
        if seen.variant_of is not None and seen.variant_of.value == seen.value:
            same = self._score(seen.variant_of, framework)
            return replace(same, printed=figure.value)
        if seen.variant_of is not None:
            other = seen.variant_of.figure.value
            return Check(
                year,
                name,
                figure.value,
                other,
                "rounding",
                f"ที่อื่นในเอกสารพิมพ์ {other} ต่างกันไม่เกินหน่วยสุดท้าย",
                None,
                None,
                _rule(node),
            )
        if self._withdrawn(seen):
            convicted = seen.claims[-1] in self.convicted
            return self._contradicted(seen, framework, node) if convicted else self._suspect(seen, framework, node)
        if self._broken(framework, node, seen):
            return self._disagreeing(seen, framework, node)
        low, high = self._interval((year, name), self.bounds)
        interval = _shown_interval(low, high)
        rule = _rule(node)
        if not node.parts:
            return Check(
                year,
                name,
                figure.value,
                None,
                "undetermined",
                self._alone(framework, node),
                None,
                interval,
                rule,
            )
        below = {k: v for k, v in self.trusted[year].items() if k != name}
        candidates = self._ways(framework, name, below)
        places = framework.rules.rounding.places
        doubted = self._doubted_rules(framework, name)
        if not candidates:
            if doubted:
                text = self._grouping_note(framework, seen)
            elif any(self.likely.get((year, p), 0) is None for p in node.parts):
                text = "ตัวเลขย่อยบางตัวขัดกับตัวอื่น จึงคำนวณซ้ำไม่ได้"
            else:
                text = self._alone(framework, node)
            return Check(year, name, figure.value, None, "undetermined", text, None, interval, rule)
        for value in candidates:
            for shown_places in (places, seen.places):
                if half_up(value, shown_places) == Decimal(figure.value):
                    note = self._reproduced_note(framework, node, value)
                    return Check(year, name, figure.value, figure.value, "reproduced", note, None, interval, rule)
        recomputed = str(half_up(candidates[0], places))
        if doubted:
            return Check(
                year,
                name,
                figure.value,
                recomputed,
                "undetermined",
                self._grouping_note(framework, seen),
                None,
                interval,
                rule,
            )
        return Check(
            year,
            name,
            figure.value,
            recomputed,
            "rounding",
            f"คำนวณจากค่าที่พิมพ์ไว้ได้ {recomputed} ค่าจริงก่อนปัดของตัวเลขย่อยทำให้เป็น {figure.value} ได้",
            None,
            interval,
            rule,
        )

    def _alone(self, framework: Framework, node: Node) -> str:
        """What to say of a figure that nothing below it can reproduce."""
        values = self.trusted[framework.fiscal_year]
        lacking = "คำตอบ" if not node.parts else "คะแนนย่อยครบทุกตัว"
        above = [p for p in framework.parents.get(node.id, ()) if p in values]
        text = f"เอกสารไม่ได้พิมพ์{lacking}ไว้ให้คำนวณซ้ำ"
        return text + (f" แต่เข้ากันได้กับ {', '.join(_name(framework, p) for p in above)}" if above else "")

    def _ways(self, framework: Framework, name: str, below: Mapping[str, Fraction]) -> list[Fraction]:
        """What the rules give for a node: from the nearest printed figures, and from the finest ones."""
        nearest = complete(framework, below).get(name)
        inner = {k: v for k, v in below.items() if not framework.nodes[k].parts}
        finest = complete(framework, inner).get(name) if inner else None
        return list(dict.fromkeys(v for v in (nearest, finest) if v is not None))

    def _doubted_rules(self, framework: Framework, name: str) -> bool:
        """Whether a rule the node is made by, directly or below, had to be withdrawn."""
        pending = [name]
        while pending:
            here = pending.pop()
            if self._rule_withdrawn(framework.fiscal_year, here):
                return True
            pending += framework.nodes[here].parts
        return False

    def _reproduced_note(self, framework: Framework, node: Node, value: Fraction) -> str:
        used = [p for p in node.parts if (framework.fiscal_year, p) in self.likely]
        places = framework.rules.rounding.places
        text = f"คำนวณซ้ำได้ {half_up(value, places)}"
        if used:
            text += " เมื่อใช้ค่าที่น่าจะถูกของ " + ", ".join(
                f"{_name(framework, p)} = {self.likely[framework.fiscal_year, p]}" for p in used
            )
        flat = _flat_mean(framework, node, self.trusted[framework.fiscal_year])
        if flat is not None:
            shown = half_up(flat, places)
            if shown != half_up(value, places):
                text += f" (เฉลี่ยตรงทุกข้อจะได้ {shown} ซึ่งไม่ใช่วิธีของปีนี้)"
        return text

    def _contradicted(self, seen: _Observation, framework: Framework, node: Node) -> Check:
        figure, year, name = seen.figure, framework.fiscal_year, seen.figure.node
        likely = self.likely.get((year, name))
        others = [s for s in self.observed[year, name] if not self._withdrawn(s)]
        if others:
            likely = Decimal(others[0].figure.value)
        low, high = self._interval((year, name), self.bounds)
        places = framework.rules.rounding.places
        below = {k: v for k, v in self.trusted[year].items() if k != name}
        ways = self._ways(framework, name, below) if node.parts else []
        recomputed = str(half_up(ways[0], places)) if ways else None
        reasons = []
        if isinstance(node.item, DisclosureItem):
            allowed = framework.mark_points(name)
            if seen.value not in allowed:
                reasons.append(f"ข้อนี้ให้คะแนนได้เฉพาะ {' หรือ '.join(map(str, sorted(allowed)))}")
            likely, more = self._marks(framework, seen, likely)
            reasons += more
        elif recomputed is not None and Decimal(recomputed) != Decimal(figure.value):
            reasons.append(f"ตัวเลขย่อยให้ {recomputed}")
        if not reasons or (likely is None and not isinstance(node.item, DisclosureItem)):
            reasons.append(f"ตัวเลขอื่นในเอกสารเหลือให้เป็นได้เพียง {half_up(low, places)} ถึง {half_up(high, places)}")
        if likely is not None:
            how = " (หลักเดียวพิมพ์ผิด)" if _one_digit_apart(str(likely), _padded(figure.value, str(likely))) else ""
            reasons.append(f"ค่าที่น่าจะถูกคือ {likely}{how}")
        return Check(
            year,
            name,
            figure.value,
            recomputed,
            "contradicted",
            "; ".join(reasons),
            None if likely is None else str(likely),
            _shown_interval(low, high),
            _rule(node),
        )

    def _raw(self, framework: Framework, name: str) -> Fraction | None:
        """What is printed for a node, right or wrong, or what follows from what is printed below it."""
        raw = {n: same[0].value for (y, n), same in self.observed.items() if y == framework.fiscal_year}
        return complete(framework, raw).get(name)

    def _suspects(self, framework: Framework, name: str) -> list[str]:
        """Parts of a node that may be wrong, though none can be convicted."""
        return [
            p
            for p in framework.nodes[name].parts
            for seen in self.observed.get((framework.fiscal_year, p), ())
            if seen.claims and self._withdrawn(seen) and seen.claims[-1] not in self.convicted
        ]

    def _broken(self, framework: Framework, node: Node, seen: _Observation) -> bool:
        """Whether suspects among a node's parts give another value than the one printed, beyond any rounding."""
        if not self._suspects(framework, node.id):
            return False
        parts = {p: self._raw(framework, p) for p in node.parts}
        if any(v is None for v in parts.values()):
            return False
        given = sum((w * (parts[p] or 0) for p, w in node.parts.items()), Fraction())
        return abs(given - seen.value) > Fraction(1, 10 ** min(seen.places, 2))

    def _disagreeing(self, seen: _Observation, framework: Framework, node: Node) -> Check:
        year, name = framework.fiscal_year, node.id
        given = sum((w * (self._raw(framework, p) or 0) for p, w in node.parts.items()), Fraction())
        recomputed = str(half_up(given, framework.rules.rounding.places))
        names = ", ".join(_name(framework, p) for p in self._suspects(framework, name))
        low, high = self._interval((year, name), self.bounds)
        return Check(
            year,
            name,
            seen.figure.value,
            recomputed,
            "contradicted",
            f"ตัวเลขย่อยให้ {recomputed}; ตัวใดตัวหนึ่งใน {names} ไม่ถูก แต่ตัวเลขที่พิมพ์ไว้ชี้ไม่ได้ว่าตัวใด",
            None,
            _shown_interval(low, high),
            _rule(node),
        )

    def _suspect(self, seen: _Observation, framework: Framework, node: Node) -> Check:
        low, high = self._interval((framework.fiscal_year, node.id), self.bounds)
        return Check(
            framework.fiscal_year,
            node.id,
            seen.figure.value,
            None,
            "undetermined",
            "อาจเป็นตัวที่ทำให้ผลรวมไม่ตรง แต่ตัวเลขอื่นชี้ไม่ได้ว่าเป็นตัวนี้หรือตัวข้างเคียง",
            None,
            _shown_interval(low, high),
            _rule(node),
        )

    def _marks(
        self, framework: Framework, seen: _Observation, likely: Decimal | None
    ) -> tuple[Decimal | None, list[str]]:
        """What each possible mark of a disclosure item would give, and what would reproduce the printed indicator."""
        year, name = framework.fiscal_year, seen.figure.node
        indicator = framework.nodes[name].indicator or ""
        printed = self.trusted[year].get(indicator)
        if printed is None:
            return likely, []
        values = self.trusted[year]
        items = [n.id for n in framework.items_of(indicator)]
        places = framework.rules.rounding.places
        gives: dict[Fraction, Decimal] = {}
        for points in dict.fromkeys((seen.value, *map(Fraction, sorted(framework.mark_points(name))))):
            inner = {i: values[i] for i in items if i in values} | {name: points}
            got = complete(framework, inner).get(indicator)
            if got is not None:
                gives[points] = half_up(got, places)
        target = half_up(printed, places)
        reasons = []
        if gives:
            each = ", ".join(f"{value} ถ้าข้อนี้ได้ {_plain(points)}" for points, value in gives.items())
            reasons.append(f"ตัวชี้วัด {indicator} พิมพ์ {target} ส่วนหลักเกณฑ์ให้ {each}")
        if target in [value for points, value in gives.items() if points != seen.value]:
            return likely, reasons
        alternatives = _alternatives(framework, name, indicator, printed, values)
        if alternatives:
            reasons.append(f"จะได้ {target} เมื่อ " + " หรือ ".join(text for _, text in alternatives))
            marks = {points for points, _ in alternatives}
            if likely is None and len(marks) == 1:
                likely = Decimal(marks.pop()).quantize(Decimal(1).scaleb(-seen.places))
        return likely, reasons

    def _grouping_note(self, framework: Framework, seen: _Observation) -> str:
        return (
            f"การจัดข้อเข้าตัวชี้วัดย่อยของปี {framework.fiscal_year} เป็นการอนุมาน และไม่ให้ {seen.figure.value} "
            "จากคะแนนรายข้อที่พิมพ์ไว้ จึงยังชี้ขาดไม่ได้ (ตัวเลขนี้สอดคล้องกับคะแนนระดับบน)"
        )

    def _change(self, figure: Figure) -> Check:
        year, name = figure.fiscal_year, figure.subject
        now, before = (self.trusted.get(y, {}).get(name) for y in (year, year - 1))
        number = figure.number
        if now is None or before is None or number is None:
            return _open(figure, f"ไม่มีคะแนนของปี {year - 1 if now is not None else year} ให้เทียบ")
        difference = now - before
        places = max(places_of(figure.value.lstrip("+-−")), 0)
        recomputed = half_up(difference, 2)
        text = f"{_plain(now)} − {_plain(before)} = {_signed(recomputed)}"
        signless = number == abs(recomputed) and not figure.value.startswith(("+", "-", "−"))
        if half_up(difference, places) == number or number == recomputed or signless:
            return Check(
                year, figure.node, figure.value, _signed(recomputed), "reproduced", text, None, None, "ปีนี้ลบปีก่อน"
            )
        if abs(number - recomputed) <= _TOLERANCE:
            return Check(
                year,
                figure.node,
                figure.value,
                _signed(recomputed),
                "rounding",
                text + " ต่างกันได้เพราะลบจากค่าก่อนปัด",
                None,
                None,
                "ปีนี้ลบปีก่อน",
            )
        return Check(
            year,
            figure.node,
            figure.value,
            _signed(recomputed),
            "contradicted",
            text,
            _signed(recomputed),
            None,
            "ปีนี้ลบปีก่อน",
        )

    def _level(self, figure: Figure, framework: Framework) -> Check:
        year = framework.fiscal_year
        scores = complete(framework, self.trusted[year])
        rule = "ระดับตามช่วงคะแนน" if figure.kind == "level" else f"ผ่านเมื่อคะแนนรวมตั้งแต่ {framework.rules.target.points}"
        if "overall" not in scores:
            return _open(figure, "ไม่มีคะแนนรวมให้เทียบระดับ")
        total = half_up(scores["overall"], framework.rules.rounding.places)
        if figure.kind == "pass":
            given = "ผ่าน" if passes(framework, scores["overall"]) else "ไม่ผ่าน"
            right: Verdict = "reproduced" if given == figure.value else "contradicted"
            return Check(
                year,
                figure.node,
                figure.value,
                given,
                right,
                f"คะแนนรวม {total} จึง{given}",
                None if right == "reproduced" else given,
                None,
                rule,
            )
        possible = [b.id for b in bands(framework, scores)]
        if figure.value not in framework.bands:
            known = " ".join(framework.bands)
            return Check(
                year,
                figure.node,
                figure.value,
                " หรือ ".join(possible),
                "contradicted",
                f"ปี {year} ไม่มีระดับ “{figure.value}” ระดับของปีนี้คือ {known}",
                possible[0] if len(possible) == 1 else None,
                None,
                rule,
            )
        if figure.value not in possible:
            return Check(
                year,
                figure.node,
                figure.value,
                " หรือ ".join(possible),
                "contradicted",
                f"คะแนนรวม {total} ได้ระดับ {' หรือ '.join(possible)}",
                possible[0] if len(possible) == 1 else None,
                None,
                rule,
            )
        if len(possible) > 1:
            return _open(figure, f"คะแนนรวม {total} เป็นได้ทั้ง {' หรือ '.join(possible)} ขึ้นกับคะแนนรายเครื่องมือที่ไม่ได้พิมพ์", rule)
        lacking = (framework.bands[figure.value].every_instrument_at_least and "; ทุกเครื่องมือถึงเกณฑ์") or ""
        return Check(
            year, figure.node, figure.value, possible[0], "reproduced", f"คะแนนรวม {total}{lacking}", None, None, rule
        )

    def _scope(self, framework: Framework, scope: str) -> list[str]:
        indicators = [n.id for n in framework.nodes.values() if n.kind == "indicator"]
        if scope in ("all", ""):
            return indicators
        if scope in framework.instruments:
            return list(framework.nodes[scope].parts)
        return [i for i in indicators if any(p.startswith(scope) for p in framework.indicators[i].instruments)]

    def _extreme(self, figure: Figure, framework: Framework) -> Check:
        year = framework.fiscal_year
        scores = complete(framework, self.trusted[year])
        scope = self._scope(framework, figure.subject)
        known = {n: half_up(scores[n], 2) for n in scope if n in scores}
        rule = "เรียงคะแนนตัวชี้วัด" + ("" if figure.subject in ("all", "") else f"ใน {figure.subject}")
        if len(known) < len(scope) or not known:
            return _open(figure, "พิมพ์คะแนนไม่ครบทุกตัวชี้วัดในกลุ่มนี้", rule)
        best = (max if figure.kind == "highest" else min)(known.values())
        winners = [n for n, v in known.items() if v == best]
        word = "สูงสุด" if figure.kind == "highest" else "ต่ำสุด"
        named = [n for n in scope if n.rpartition("/")[2] == figure.value]
        truth = ", ".join(f"{_name(framework, n)} ({known[n]})" for n in winners)
        if set(named) & set(winners):
            return Check(
                year, figure.node, figure.value, figure.value, "reproduced", f"{word}คือ {truth}", None, None, rule
            )
        own = f" ไม่ใช่ {_name(framework, named[0])} ({known[named[0]]})" if named else ""
        return Check(
            year,
            figure.node,
            figure.value,
            ", ".join(n.rpartition("/")[2] for n in winners),
            "contradicted",
            f"{word}คือ {truth}{own}",
            winners[0].rpartition("/")[2] if len(winners) == 1 else None,
            None,
            rule,
        )

    def _count(self, figure: Figure, framework: Framework) -> Check:
        year = framework.fiscal_year
        now = complete(framework, self.trusted[year])
        scope = self._scope(framework, "all")
        target = framework.rules.target.points
        if figure.subject in ("strengths", "below"):
            values = [half_up(now[n], 2) for n in scope if n in now]
            right = sum((v >= target) == (figure.subject == "strengths") for v in values)
            rule = f"เทียบค่าเป้าหมาย {target}"
        else:
            before = complete(framework, self.trusted.get(year - 1, {})) if year - 1 in self.frameworks else {}
            values = [half_up(now[n], 2) - half_up(before[n], 2) for n in scope if n in now and n in before]
            right = sum((v > 0) if figure.subject == "up" else (v < 0) for v in values)
            rule = "ปีนี้เทียบปีก่อน"
        if len(values) < len(scope):
            return _open(figure, "พิมพ์คะแนนไม่ครบทุกตัวชี้วัด จึงนับไม่ได้", rule)
        verdict: Verdict = "reproduced" if figure.number == right else "contradicted"
        return Check(
            year,
            figure.node,
            figure.value,
            str(right),
            verdict,
            f"นับได้ {right} ตัวชี้วัด",
            None if verdict == "reproduced" else str(right),
            None,
            rule,
        )


# --- small questions
# ---------------------------------------------------------------------------------------------------


def _grouped(figures: Iterable[Figure]) -> dict[tuple[int, str, str], list[Figure]]:
    groups: dict[tuple[int, str, str], list[Figure]] = {}
    for figure in figures:
        groups.setdefault((figure.fiscal_year, figure.node, figure.value), []).append(figure)
    for same in groups.values():
        same.sort(key=lambda f: not f.sure)
    return groups


def _mark_variants(same: list[_Observation]) -> None:
    """Of values a last digit apart, keep the one printed most; the others are its variants, not rival claims."""
    ordered = sorted(same, key=lambda s: (-s.times, -s.places))
    for seen in ordered[1:]:
        unit = Fraction(1, 10 ** min(seen.places, ordered[0].places))
        if abs(seen.value - ordered[0].value) <= min(unit, Fraction(1, 100)) or (
            half_up(ordered[0].value, seen.places) == Decimal(seen.figure.value)
        ):
            seen.variant_of = ordered[0]


def _window(value: Fraction, places: int) -> tuple[int, int]:
    low, high = preimage(value, places)
    return units(low), units(high)


def _grid(low: Fraction, high: Fraction, places: int) -> list[Decimal]:
    scale = 10**places
    first, last = int(low * scale) - 1, int(high * scale) + 2
    return [Decimal(n).scaleb(-places) for n in range(max(first, 0), min(last, 100 * scale) + 1)]


def _meets(value: Decimal, places: int, low: Fraction, high: Fraction) -> bool:
    """Whether more than a point of the interval rounds to ``value``."""
    a, b = preimage(Fraction(value), places)
    hair = Fraction(1, 10**7)
    return max(a, low) + hair < min(b, high) or (a <= low and high <= b)


def _slips(seen: _Observation, interval: tuple[Fraction, Fraction]) -> list[Decimal]:
    """Values one digit away from the printed one that the interval allows."""
    low, high = interval
    text = seen.figure.value
    found = []
    for at, digit in enumerate(text):
        if not digit.isdigit():
            continue
        for other in "0123456789":
            value = Decimal(text[:at] + other + text[at + 1 :])
            if other != digit and value <= 100 and _meets(value, max(seen.places, 2), low, high):
                found.append(value)
    for at in range(len(text) - 1):  # two neighbours changed places
        if text[at].isdigit() and text[at + 1].isdigit() and text[at] != text[at + 1]:
            value = Decimal(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
            if value <= 100 and _meets(value, max(seen.places, 2), low, high):
                found.append(value)
    return list(dict.fromkeys(found))


def _padded(text: str, like: str) -> str:
    places = places_of(like)
    return str(Decimal(text).quantize(Decimal(1).scaleb(-places)))


def _one_digit_apart(a: str, b: str) -> bool:
    return len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1


def _plain(value: Fraction) -> str:
    return format(half_up(value, 2).normalize(), "f")


def _signed(value: Decimal) -> str:
    return f"+{value}" if value > 0 else str(value)


def _name(framework: Framework, node: str) -> str:
    return {"indicator": "ตัวชี้วัด ", "part_indicator": "ตัวชี้วัด ", "item": "ข้อ "}.get(framework.nodes[node].kind, "") + node


def _open(figure: Figure, why: str, rule: str = "") -> Check:
    return Check(figure.fiscal_year, figure.node, figure.value, None, "undetermined", why, None, None, rule)


def _shown_interval(low: Fraction, high: Fraction) -> tuple[str, str]:
    return str(half_up(low, 4)), str(half_up(high, 4))


def _rule(node: Node) -> str:
    parts = list(node.parts)
    text = METHOD_TH[node.method]
    if node.method == "weighted_sum":
        text += " (" + " + ".join(f"{_plain(w * 100)}% {p}" for p, w in node.parts.items()) + ")"
    elif parts:
        text += f" {parts[0]}–{parts[-1]}" if len(parts) > 2 else f" {' และ '.join(parts)}"
    return text + (" (อนุมาน)" if node.basis.standing == "inferred" else "")


def _flat_mean(framework: Framework, node: Node, values: Mapping[str, Fraction]) -> Fraction | None:
    """The mean of all items under a node made of sub-indicators, when every one is printed."""
    if node.method != "mean_of_sub_indicators":
        return None
    items = [n.id for n in framework.items_of(node.id)]
    if not all(i in values for i in items):
        return None
    return sum((values[i] for i in items), Fraction()) / len(items)


def _alternatives(
    framework: Framework, name: str, indicator: str, printed: Fraction, values: Mapping[str, Fraction]
) -> list[tuple[int, str]]:
    """Other ways to the printed indicator: a mark of this item under a flat mean, or in a group of another size."""
    items = [n.id for n in framework.items_of(indicator)]
    others = [values[i] for i in items if i != name and i in values]
    if len(others) != len(items) - 1:
        return []
    groups = len(framework.nodes[indicator].parts)
    own = next(
        len(framework.nodes[s].parts) for s in framework.nodes[indicator].parts if name in framework.nodes[s].parts
    )
    found = []
    for points in framework.mark_points(name):
        if half_up((sum(others, Fraction()) + points) / len(items), 2) == half_up(printed, 2):
            found.append((points, f"ข้อนี้ได้ {points} และเฉลี่ยตรงทั้ง {len(items)} ข้อ"))
        if all(v == 100 for v in others):
            for size in range(1, len(items) + 1):
                if size != own and half_up(100 - Fraction(100 - points, size * groups), 2) == half_up(printed, 2):
                    found.append((points, f"ข้อนี้ได้ {points} และอยู่ในตัวชี้วัดย่อยที่มี {size} ข้อ"))
    return found


def summary(checks: Iterable[Check]) -> Mapping[str, int]:
    """How many figures got each verdict."""
    return Counter(c.verdict for c in checks)
