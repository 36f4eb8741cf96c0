"""Journeys through a browser ask until what they expect is there, however slow the machine is."""

import ast
import itertools
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


WAITS_FOR_NOTHING = {"goto", "evaluate", "url", "content", "count", "inner_text", "text_content"}
LOOKS_AT_THE_PAGE = {"accessible", "fits", "picture"}


def goes_on_at_once(source: str) -> list[int]:
    """Lines with a click after which the page is read, or left, as it is in this moment: ``follow(…)`` waits for the
    page that a link or a form leads to."""

    def is_click(statement: ast.stmt) -> bool:
        call = statement.value if isinstance(statement, ast.Expr) else None
        return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "click"

    def reads(statement: ast.stmt) -> bool:
        head = statement.items[0] if isinstance(statement, ast.With) else statement
        return any(
            (isinstance(node, ast.Attribute) and node.attr in WAITS_FOR_NOTHING)
            or (isinstance(node, ast.Name) and node.id in LOOKS_AT_THE_PAGE)
            for node in ast.walk(head)
        )

    bodies = [getattr(node, "body", None) for node in ast.walk(ast.parse(source))]
    return [
        click.lineno
        for body in bodies
        if isinstance(body, list)
        for click, following in itertools.pairwise(body)
        if is_click(click) and reads(following)
    ]


@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.stem)
def test_a_journey_waits_for_the_page_it_goes_to(path):
    assert goes_on_at_once(path.read_text("utf-8")) == []


def test_clicks_that_do_not_wait_are_found():
    for line in ("accessible(page)", "year = page.url[-5:]", "page.goto('/')", "with take(page.url):\n    pass"):
        assert goes_on_at_once(f"link.first.click()\n{line}") == [1]
    assert goes_on_at_once("follow(link)\naccessible(page)\nlink.click()\nexpect(page).to_have_title('x')") == []
