"""The material as it was judged: everything a document says of figures, worked out once by scoring and analysis."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from prongsai.analysis import Findings, NodeChange, WhyNotHigher, YearOnYear, findings, why_not_higher, year_on_year
from prongsai.documents.material import Disclosure, Material, Measure, Result
from prongsai.framework import DisclosureItem, Framework, Node
from prongsai.lib import fiscal
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, round_score

_HUNDREDTHS = Decimal("0.01")


def printed(score: Decimal) -> str:
    """A score as documents print it: two places at least."""
    return str(score if -score.as_tuple().exponent >= 2 else score.quantize(_HUNDREDTHS))  # type: ignore[operator]


def signed(change: Decimal) -> str:
    return f"{'+' if change > 0 else '-' if change < 0 else ''}{printed(abs(change))}"


@dataclass(frozen=True)
class Weak:
    """An item that did not get full marks. ``gain`` is what the total would gain by full marks, where that is known."""

    node: Node
    score: Decimal
    gain: Decimal | None


class Judged:
    """One material, read. ``year`` is the fiscal year, ``scores`` every score that is known or follows."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.framework: Framework = material.result.framework
        self.year = self.framework.fiscal_year
        self.scores = complete_scores(self.framework, material.result.known)
        self.target = self.framework.rules.target.points
        self.agency = material.office.name
        self._shares: dict[str, Fraction] = {}

    @property
    def year_ahead(self) -> int:
        """The next assessment that there is still time for, on the day of the document."""
        date = self.material.date
        return max(self.year + 1, fiscal.year_of(date)) if date else self.year + 1

    def score(self, node: str) -> Decimal | None:
        value = self.scores.get(node)
        return None if value is None else round_score(self.framework, value)

    def text(self, node: str) -> str:
        """A score as printed, or a dash."""
        value = self.score(node)
        return "-" if value is None else printed(value)

    @cached_property
    def findings(self) -> Findings:
        return findings(self.framework, self.material.result.known)

    @cached_property
    def level(self) -> str | None:
        """The level, when what is known leaves only one."""
        return _level(self.material.result)

    @cached_property
    def passes(self) -> bool | None:
        return is_passing(self.framework, self.scores["overall"]) if "overall" in self.scores else None

    @cached_property
    def why(self) -> WhyNotHigher | None:
        if "overall" not in self.scores or any(i not in self.scores for i in self.framework.instruments):
            return None
        return why_not_higher(self.framework, self.material.result.known)

    # --- the year before
    # -----------------------------------------------------------------------------------------------

    @cached_property
    def before(self) -> Result | None:
        return self.material.before

    @cached_property
    def level_before(self) -> str | None:
        return None if self.before is None else _level(self.before)

    @cached_property
    def compared(self) -> YearOnYear | None:
        if self.before is None:
            return None
        return year_on_year(self.material.chain, self.material.result.known, self.before.known)

    @cached_property
    def movements(self) -> dict[str, NodeChange]:
        return {m.node: m for m in self.compared.changes} if self.compared else {}

    # --- nodes
    # ---------------------------------------------------------------------------------------------------------

    def label(self, node: str) -> str:
        """The name of a node as documents print it."""
        return self.framework.nodes[node].label.th

    def titled(self, indicator: str) -> str:
        return f"ตัวชี้วัดที่ {indicator} {self.label(indicator)}"

    @cached_property
    def groups(self) -> tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]:
        """The three instruments as people speak of them: id to print, name, the instruments in it, its indicators."""
        framework = self.framework
        inside = {part: c for c in framework.rules.composites for part in c.of}
        found: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {}
        for instrument in framework.rules.instruments:
            whole = inside.get(instrument.id)
            key = whole.id if whole else instrument.id
            members = tuple(whole.of) if whole else (instrument.id,)
            own = tuple(i.id for i in framework.rules.indicators if set(members) & set(i.instruments))
            found[key] = (key, framework.nodes[key].label.th, members, own)
        return tuple(found.values())

    def part(self, instrument: str) -> str:
        """An instrument as a column names it: IIT, EIT ส่วนที่ 1, OIT."""
        aliases = self.framework.instruments[instrument].aliases if instrument in self.framework.instruments else ()
        return next((a for a in aliases if a.startswith("EIT ส่วน")), instrument)

    def item_nodes(self, indicator: str) -> tuple[Node, ...]:
        return self.framework.items_of(indicator)

    def weak_items(self, indicator: str) -> list[Weak]:
        """Items below full marks, worst first; of equals the one whose mending raises the total most."""
        found = []
        for node in self.item_nodes(indicator):
            value = self.score(node.id)
            if value is not None and value < 100:
                found.append(Weak(node, value, self.gain(node.id)))
        return sorted(found, key=lambda w: (w.score, -(w.gain or 0)))

    def gain(self, node: str) -> Decimal | None:
        """By how much the total would rise if a node had full marks: exact, because every rule is linear."""
        if "overall" not in self.scores or node not in self.scores:
            return None
        return round_score(self.framework, (100 - self.scores[node]) * self._share(node))

    def _share(self, node: str) -> Fraction:
        """What part of the total a node is."""
        if node == "overall":
            return Fraction(1)
        if node not in self._shares:
            above = self.framework.parents.get(node, ())
            self._shares[node] = sum((self.framework.nodes[p].parts[node] * self._share(p) for p in above), Fraction())
        return self._shares[node]

    @cached_property
    def disclosures(self) -> dict[str, Disclosure]:
        return {d.item: d for d in self.material.disclosures}

    @cached_property
    def disclosure_items(self) -> tuple[DisclosureItem, ...]:
        return self.framework.rules.disclosure_items

    @property
    def measures_of_whole(self) -> tuple[Measure, ...]:
        """Those that are about no indicator by itself."""
        return tuple(m for m in self.material.plan if not m.indicators)

    def measures_of(self, indicator: str) -> tuple[Measure, ...]:
        return tuple(m for m in self.material.plan if indicator in m.indicators)


def _level(result: Result) -> str | None:
    scores = complete_scores(result.framework, result.known)
    if "overall" not in scores:
        return None
    possible = find_possible_bands(result.framework, scores)
    return possible[0].id if len(possible) == 1 else None
