"""Material on its way to another process, which knows nothing of Django: years' rules go by name and are loaded there
once."""

import dataclasses
from fractions import Fraction

from prongsai import framework as rules
from prongsai.documents.issuing import Issued, issue
from prongsai.documents.material import Material, Result

Scores = list[tuple[str, dict[str, Fraction]]]


def packed(told: Material) -> tuple[Material, Scores, list[str]]:
    """A material in what can travel."""
    results = [(r.framework.id, dict(r.known)) for r in (told.result, told.before) if r]
    bare = dataclasses.replace(told, result=None, before=None, chain=())  # type: ignore[arg-type]
    return bare, results, [f.id for f in told.chain]


def issue_packed(kind: str, own: bytes, bare: Material, results: Scores, chain: list[str]) -> Issued:
    """``issue`` at the other end, for a nation: the quick way of reading back."""
    years = [Result(rules.load(year), known) for year, known in results]
    before = years[1] if len(years) > 1 else None
    told = dataclasses.replace(bare, result=years[0], before=before, chain=tuple(map(rules.load, chain)))
    return issue(kind, told, own=own, thorough=False)
