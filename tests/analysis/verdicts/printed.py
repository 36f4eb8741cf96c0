"""Made-up figures, and the checks of them."""

from collections.abc import Mapping

from prongsai.analysis import Check, Figure, audit
from prongsai.framework import Framework
from tests.years import SAMPLE_YEAR, YEARS

FRAMEWORKS = {int(year): framework for year, framework in YEARS.items()}
NEW, OLD = int(SAMPLE_YEAR), int(SAMPLE_YEAR) - 1


def printed(values: Mapping[str, str], year: int = NEW, place: str = "บรรทัด 1") -> list[Figure]:
    return [Figure(year, node, value, place) for node, value in values.items()]


def checked(
    figures: list[Figure], frameworks: Mapping[int, Framework] = FRAMEWORKS
) -> dict[tuple[int, str, str], Check]:
    return {(c.fiscal_year, c.node, c.printed): c for c in audit(figures, frameworks)}


def one(figures: list[Figure], node: str, year: int = NEW) -> Check:
    (found,) = [c for c in audit(figures, FRAMEWORKS) if c.node == node and c.fiscal_year == year]
    return found


def two_years(now: dict[str, str], before: dict[str, str]) -> list[Figure]:
    return printed(now) + printed(before, OLD)


def marks(framework: Framework, indicator: str, zeros: tuple[str, ...] = ()) -> dict[str, str]:
    return {i.id: "0.00" if i.id in zeros else "100.00" for i in framework.items_of(indicator)}


TEN = {str(n): f"{90 + n}.00" for n in range(1, 10)} | {"10": "91.00"}
