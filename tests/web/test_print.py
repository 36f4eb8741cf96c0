"""Pages on paper, as far as the style sheet says it: nothing is cut off, closed or left without its source."""

import re

import pytest
from django.urls import reverse

from prongsai.web.static_files import STYLES

SHEET = (STYLES / "print.css").read_text(encoding="utf-8")


def rules(selector):
    """The declarations on paper of whatever names a selector."""
    found = re.findall(rf"[^{{}}]*{re.escape(selector)}[\s,][^{{}}]*{{([^{{}}]*)}}", SHEET)
    return " ".join(found)


@pytest.mark.parametrize(
    ("selector", "rule"),
    [
        ("details::details-content", "content-visibility: visible"),  # what is closed on the screen
        (".scroll", "overflow: visible"),  # tables are whole
        (".legend", "break-after: avoid"),
        ("svg.chart", "break-inside: avoid"),
        (":root", "--band: #fff"),  # paper has no band behind the letters of one
        ("tr", "break-inside: avoid"),
        (".legend i", "print-color-adjust: exact"),
        (".folding > summary::after", "content: none"),  # what opens and closes does neither on paper
        ("summary", "padding-top: 0.4em"),  # the ink of two marks above a letter stays on its page
        (".no-print", "display: none"),
    ],
)
def test_paper_shows_what_the_screen_hides_in_one_piece(selector, rule):
    assert rule in rules(selector)


def test_long_cards_go_on_over_pages():
    assert "break-inside" not in rules(".card")


def test_a_printed_page_says_where_it_is(client, db):
    for language in ("", "/en"):
        page = client.get(f"{language}{reverse('downloads')}").content.decode()
        footer = page[page.index("<footer>") :]
        assert re.search(rf'print-only">\s{{1,99}}http://testserver{language}/data/\s', footer)


def test_a_printed_page_says_what_was_asked(client, db):
    page = client.get("/compare/?agency=A1&agency=A2").content.decode()
    assert re.search(r'print-only">\s{1,99}http://testserver/compare/\?agency=A1&amp;agency=A2\s', page)
