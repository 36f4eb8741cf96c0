"""Which rules are in force, and the rules of an edition by its digest."""

from collections.abc import Mapping
from functools import lru_cache

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.rulebooks.models import Edition, Rulebook


def frameworks(assessment: str) -> dict[int, Framework]:
    """The rules in force of every year of an assessment, by fiscal year, newest first: those announced here, else those
    shipped, which may be provisional."""
    announced = Rulebook.objects.filter(assessment=assessment).exclude(current=None)
    keys = dict(announced.values_list("fiscal_year", "current_id"))
    shipped = {year for name, year in rules.available() if name == assessment}
    years = sorted(shipped | keys.keys(), reverse=True)
    return {year: _load_edition(keys[year]) if year in keys else rules.load(assessment, year) for year in years}


def find_framework(assessment: str, fiscal_year: int) -> Framework | None:
    """The rules in force of one year; None when there are none."""
    key = Rulebook.objects.filter(assessment=assessment, fiscal_year=fiscal_year).values_list("current", flat=True)
    if current := key.first():
        return _load_edition(current)
    return rules.load(assessment, fiscal_year) if (assessment, fiscal_year) in rules.available() else None


def find_edition(assessment: str, fiscal_year: int, digest: str) -> Framework | None:
    """The rules with exactly this digest, stored or shipped; None when this installation has never seen them."""
    stored = Edition.objects.filter(assessment=assessment, fiscal_year=fiscal_year, digest=digest)
    if key := stored.values_list("key", flat=True).last():
        return _load_edition(key)
    if (assessment, fiscal_year) not in rules.available():
        return None
    shipped = rules.load(assessment, fiscal_year)
    return shipped if shipped.digest == digest else None


def find_framework_of(
    assessment: str, fiscal_year: int, digest: str, in_force: Mapping[int, Framework] | None = None
) -> Framework | None:
    """The rules for what was made with the edition of this digest: the one in force where it gives the same scores, so
    that a corrected wording is seen; else that edition itself; None when neither is here. ``in_force`` are those of all
    years, where they are at hand."""
    current = find_framework(assessment, fiscal_year) if in_force is None else in_force.get(fiscal_year)
    if current is not None and current.is_edition(digest):
        return current
    exact = find_edition(assessment, fiscal_year, digest)
    if current is not None and exact is not None and exact.arithmetic_digest == current.arithmetic_digest:
        return current
    return exact


def load_edition(edition: Edition) -> Framework:
    """The rules of an edition."""
    return _load_edition(edition.pk)


@lru_cache(maxsize=64)
def _load_edition(key: str) -> Framework:
    """By the digest of the content, so that what is in memory never grows old."""
    return rules.restore(Edition.objects.only("content").get(pk=key).content)
