"""Nothing that somebody types into a form is lost with a reload, an expired session or an error: every form that takes
text declares a draft, which drafts.js stores in the tab."""

import re

import pytest

from tests.house.test_house import ROOT

TEMPLATES = {
    str(path.relative_to(folder)): path
    for folder in (ROOT / "src" / "prongsai").glob("*/templates")
    for path in folder.rglob("*.html")
}
# forms that must leave nothing in the browser, or whose text is no work of anybody's
WITHOUT_DRAFT = {
    "account/",  # passwords
    "mfa/",
    "people/confirm_identity.html",
    "sites/ask.html",  # a visitor leaves nothing behind, on a device that others use
    "sites/follow.html",
    "sites/opinion.html",
    "sites/followed.html",
    "survey/exchange.html",  # a respondent leaves nothing behind
    "survey/form.html",  # a respondent asks for a draft, see its own script
    "survey/channels.html",  # a number of cards, for a file
    "survey/desk.html",
    "web/alerts/ask.html",  # an address, on a device that others use
    "web/unavailable.html",  # sends what was typed again
}
_INCLUDE = re.compile(r'{% include "([^"]+)"[^%]*%}')
_FORM = re.compile(r"<form\b((?:[^>{]|{%.*?%}|{{.*?}})*)>(.*?)</form>", re.DOTALL)
_TEXT = re.compile(
    r'<textarea|{{ *form *}}|<input(?![^>]*type="(?:hidden|submit|file|radio|checkbox|password|range)")[^>]*\bname=',
    re.DOTALL,
)


def expand(text, depth=0):
    """A template with the templates that it includes by name."""
    return _INCLUDE.sub(lambda m: expand(TEMPLATES[m[1]].read_text(), depth + 1) if m[1] in TEMPLATES else m[0], text)


def forms(name):
    return [(m[1], m[2]) for m in _FORM.finditer(expand(TEMPLATES[name].read_text())) if 'method="post"' in m[1]]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_form_that_takes_text_stores_it_in_the_tab_until_it_is_saved(name):
    if name.startswith(tuple(WITHOUT_DRAFT)):
        return
    lost = [head for head, body in forms(name) if _TEXT.search(body) and "data-draft=" not in head]
    assert not lost, (name, lost)


def test_the_exceptions_are_forms_with_text():
    for prefix in WITHOUT_DRAFT:
        names = [name for name in TEMPLATES if name.startswith(prefix)]
        assert any("data-draft" not in head for name in names for head, body in forms(name) if _TEXT.search(body))
