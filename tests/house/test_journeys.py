"""Journeys through a browser ask until what they expect is there, however slow the machine is."""

import ast
from pathlib import Path

import pytest

JOURNEYS = sorted(Path(__file__).parents[2].joinpath("e2e").glob("test_*.py"))
AT_ONCE = {"is_visible", "is_hidden", "is_checked", "is_enabled", "is_disabled", "is_editable"} | {
    *("count", "inner_text", "input_value")
}


def asked_at_once(source: str) -> list[int]:
    """Lines with an assertion about a page as it is in this moment: after a click that may still be the page before.
    ``expect(…)`` asks again. Lists of what several elements hold have no such form."""
    return [
        statement.lineno
        for statement in ast.walk(ast.parse(source))
        if isinstance(statement, ast.Assert) and not any(isinstance(node, ast.ListComp) for node in ast.walk(statement))
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in AT_ONCE
        and not node.args
    ]


@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.stem)
def test_a_journey_waits_for_what_it_expects(path):
    assert asked_at_once(path.read_text("utf-8")) == []


def test_assertions_that_do_not_wait_are_found():
    for line in ("assert page.locator('a').count() > 1", "assert not x.is_visible()", "assert 'a' in x.inner_text()"):
        assert asked_at_once(line) == [1]
    assert asked_at_once("expect(page.locator('a')).to_have_count(1)\nassert paths('x').count('GET') == 1") == []
