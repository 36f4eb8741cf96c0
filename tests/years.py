"""The rules of every year, and other years made from them."""

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.framework.schema import Rules

YEARS: dict[str, Framework] = {year: rules.load(year) for year in rules.available()}
NEWEST = max(YEARS)


def changed(framework: Framework, **fields: object) -> Framework:
    """A year whose rules differ in the given fields, as data."""
    return Framework(Rules.model_validate(framework.rules.model_dump() | fields))
