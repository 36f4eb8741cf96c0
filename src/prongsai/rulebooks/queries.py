"""Which rules are in force, and the rules of an edition by its digest."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from prongsai import framework as rules
from prongsai.framework import Basis, Framework
from prongsai.framework.schema import Record
from prongsai.machines.table_changes import revisions_at_hand
from prongsai.rulebooks.models import Edition, Rehearsal, Rulebook


def frameworks(assessment: str) -> dict[int, Framework]:
    """The rules in force of every year of an assessment, by fiscal year, newest first: those announced here, else those
    shipped, which may be provisional."""
    revisions = revisions_at_hand((Rulebook._meta.db_table, Edition._meta.db_table))
    return dict(_frameworks_at(assessment, revisions)) if revisions is not None else _read_frameworks(assessment)


@lru_cache(100)
def _frameworks_at(assessment: str, _revisions: tuple[int, ...]) -> dict[int, Framework]:
    """The same at these revisions of the tables they are in: read once for all pages that are rendered."""
    return _read_frameworks(assessment)


def _read_frameworks(assessment: str) -> dict[int, Framework]:
    announced = Rulebook.objects.filter(assessment=assessment).exclude(current=None)
    keys = dict(announced.values_list("fiscal_year", "current_id"))
    shipped = {year for name, year in rules.available() if name == assessment}
    years = sorted(shipped | keys.keys(), reverse=True)
    return {year: _load_edition(keys[year]) if year in keys else rules.load(assessment, year) for year in years}


def find_framework(assessment: str, fiscal_year: int) -> Framework | None:
    """The rules in force of one year; None when there are none."""
    if revisions_at_hand((Rulebook._meta.db_table, Edition._meta.db_table)) is not None:
        return frameworks(assessment).get(fiscal_year)
    key = Rulebook.objects.filter(assessment=assessment, fiscal_year=fiscal_year).values_list("current", flat=True)
    if current := key.first():
        return _load_edition(current)
    return rules.load(assessment, fiscal_year) if (assessment, fiscal_year) in rules.available() else None


def announced_on(assessment: str, fiscal_year: int) -> datetime.date | None:
    """The day of the announcement of the rules in force, where they were announced here."""
    day = Rulebook.objects.filter(assessment=assessment, fiscal_year=fiscal_year).values_list("announced_on", flat=True)
    return day.first()


def framework_for(
    assessment: str, fiscal_year: int, in_force: Mapping[int, Framework] | None = None
) -> Framework | None:
    """The rules of a year for reading and showing its results: those in force, or where the year has none those of the
    nearest year carried over, which are provisional. None when the assessment has no rules at all.

    Carried rules compute nothing: no round runs by them, and no figure is audited against them.
    """
    in_force = frameworks(assessment) if in_force is None else in_force
    if fiscal_year in in_force or not in_force:
        return in_force.get(fiscal_year)
    nearest = min(in_force, key=lambda year: (abs(year - fiscal_year), year))
    return _carry(in_force[nearest], fiscal_year)


@lru_cache(maxsize=16)
def _carry(framework: Framework, fiscal_year: int) -> Framework:
    return rules.restore(rules.begin_year(framework, fiscal_year))


def frameworks_for(assessment: str, years: Iterable[int]) -> dict[int, Framework]:
    """The rules in force of every year, and for those of ``years`` without rules ``framework_for``; newest first."""
    in_force = frameworks(assessment)
    carried = {year: framework_for(assessment, year, in_force) for year in set(years) - in_force.keys()}
    by_year = in_force | {year: framework for year, framework in carried.items() if framework is not None}
    return dict(sorted(by_year.items(), reverse=True))


def find_edition(assessment: str, fiscal_year: int, digest: str) -> Framework | None:
    """The rules with exactly this digest, stored or shipped; None when this installation has never seen them."""
    stored = Edition.objects.filter(assessment=assessment, fiscal_year=fiscal_year, digest=digest)
    if key := stored.values_list("key", flat=True).last():
        return _load_edition(key)
    if (assessment, fiscal_year) not in rules.available():
        return None
    shipped = rules.load(assessment, fiscal_year)
    return shipped if shipped.digest == digest else None


def find_edition_by_prefix(prefix: str) -> Framework | None:
    """The stored rules whose digest begins so, of any assessment and year, the last of several."""
    key = Edition.objects.filter(digest__startswith=prefix).values_list("key", flat=True).last()
    return None if key is None else _load_edition(key)


def find_framework_of(
    assessment: str, fiscal_year: int, digest: str, in_force: Mapping[int, Framework] | None = None
) -> Framework | None:
    """The rules for what was made with the edition of this digest: the one in force where it gives the same scores, so
    that a corrected wording is seen; else that edition itself; None when neither is here. ``in_force`` are those of all
    years, where they are at hand."""
    current = find_framework(assessment, fiscal_year) if in_force is None else in_force.get(fiscal_year)
    if current is not None and current.digest == digest:
        return current
    exact = find_edition(assessment, fiscal_year, digest)
    if current is None or exact is None:
        # what the rules say of an earlier edition is believed only where that edition itself is not here
        return current if current is not None and current.is_edition(digest) else exact
    return current if exact.arithmetic_digest == current.arithmetic_digest else exact


@dataclass(frozen=True)
class RulesState:
    """Where the rules of a year stand: in force and how, and whether a draft is being written."""

    fiscal_year: int
    rulebook: Rulebook | None
    framework: Framework | None

    @property
    def word(self) -> str:
        """The state in Thai, for people."""
        if self.framework is None:
            return "ฉบับร่าง"
        if self.rulebook and self.rulebook.pinned:
            return "ใช้ในรอบแล้ว"
        return "ฉบับชั่วคราว" if self.framework.is_provisional else "ประกาศแล้ว"

    @property
    def is_announced(self) -> bool:
        return self.framework is not None and not self.framework.is_provisional

    @property
    def is_rehearsed(self) -> bool:
        """Whether the draft, exactly as it is, has been rehearsed."""
        draft = self.rulebook.draft_id if self.rulebook else None
        return bool(draft) and Rehearsal.objects.filter(edition=draft, status=Rehearsal.Status.READY).exists()


def list_states(assessment: str) -> list[RulesState]:
    """Every year of an assessment that has rules or a draft, newest first."""
    rulebooks = {r.fiscal_year: r for r in Rulebook.objects.filter(assessment=assessment)}
    in_force = frameworks(assessment)
    written = {year for year, rulebook in rulebooks.items() if rulebook.draft_id or year in in_force}
    years = sorted(in_force.keys() | written, reverse=True)
    return [RulesState(year, rulebooks.get(year), in_force.get(year)) for year in years]


def count_standings(framework: Framework) -> Counter[str]:
    """How many facts are documented and how many inferred."""
    return Counter(basis.standing for _, basis in _bases("", framework.rules))


def list_inferred(framework: Framework) -> list[tuple[str, str]]:
    """Each inferred fact: what it is of, and how it was concluded."""
    return [(name, basis.note or "") for name, basis in _bases("", framework.rules) if basis.standing == "inferred"]


def _bases(name: str, part: object) -> Iterator[tuple[str, Basis]]:
    """Every basis below a part of the rules, with the id of what it belongs to."""
    if isinstance(part, Basis):
        yield name, part
    elif isinstance(part, Record):
        name = getattr(part, "id", getattr(part, "instrument", name)) or name
        for field, value in vars(part).items():
            yield from _bases(name or field, value)
    elif isinstance(part, tuple):
        for entry in part:
            yield from _bases(name, entry)


def load_edition(edition: Edition) -> Framework:
    """The rules of an edition."""
    return _load_edition(edition.pk)


@lru_cache(maxsize=64)
def _load_edition(key: str) -> Framework:
    """By the digest of the content, so that what is in memory never grows old."""
    return rules.restore(Edition.objects.only("content").get(pk=key).content)
