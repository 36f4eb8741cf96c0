"""The rules of every year, and other years made from them."""

from dataclasses import replace

from prongsai import framework as rules
from prongsai.framework import Framework

YEARS: dict[str, Framework] = {str(year): rules.load(name, year) for name, year in rules.available()}
SAMPLE_YEAR = "2568"  # that of the sample document; tests use its rules, whatever years are shipped


def changed(framework: Framework, **fields: object) -> Framework:
    """A year whose rules differ in the given fields."""
    return Framework(replace(framework.rules, **fields))
