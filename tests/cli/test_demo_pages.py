"""The websites of the demonstration, below the address that a visitor came by."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from prongsai.cli.demo_pages import DemoSiteMiddleware
from tests.conftest import sample_year


def respond(path, content="", content_type="text/html; charset=utf-8"):
    middleware = DemoSiteMiddleware(lambda _request: HttpResponse(content, content_type=content_type))
    return middleware(RequestFactory().get(path))


def test_links_of_a_page_lead_below_its_own_address_and_say_what_they_said():
    text = (
        '<a href="http://www.srisommut.example/oit/1">http://www.srisommut.example/oit/1</a>'
        '<a href="http://www.z0002.srisommut.example/">2</a><a href="http://srisommut.example.evil.test/">3</a>'
    )
    body = respond("/agency/", text).content.decode()
    assert '<a href="/demo-site/www.srisommut.example/oit/1">http://www.srisommut.example/oit/1</a>' in body
    assert '<a href="/demo-site/www.z0002.srisommut.example/">' in body
    assert 'href="http://srisommut.example.evil.test/"' in body
    assert respond("/x.json", text, "application/json").content.decode() == text


def test_the_website_is_shown_and_no_other():
    year = sample_year()
    page = respond(f"/demo-site/www.srisommut.example/oit/{year}/O1")
    assert page.status_code == 200
    assert f"ปีงบประมาณ พ.ศ. {year}" in page.content.decode()
    moved = respond(f"/demo-site/www.srisommut.example/oit/{year}/O1/moved")
    assert (moved.status_code, moved["Location"]) == (301, f"/demo-site/www.srisommut.example/oit/{year}/O1")
    assert respond("/demo-site/www.srisommut.example/no-such-page").status_code == 404
    assert respond("/demo-site/www.example.go.th/").status_code == 404


@pytest.mark.parametrize("host", ["<script>", "srisommut.example%22", "x@srisommut.example"])
def test_what_stands_in_the_address_is_no_markup(host):
    page = respond(f"/demo-site/{host}/")
    assert page.status_code == 404
    assert "<script>" not in page.content.decode()


def test_good_pages_say_something_of_every_element():
    """By the rules of the newest years: one of them is the last of the demonstration."""
    from prongsai import framework as rules
    from prongsai.cli.demo_good_pages import TEXTS

    for year in sorted(year for assessment, year in rules.available() if assessment == rules.NATIONAL)[-2:]:
        items = rules.load(rules.NATIONAL, year).rules.disclosure_items
        for label, texts in TEXTS.items():
            found = [item for item in items if label in item.label.th]
            assert found, (year, label)
            silent = [e.th for e in found[0].elements if not any(words in e.th for words in texts)]
            assert not silent, (year, found[0].id, silent)


def test_a_filed_page_of_the_demonstration_is_shown_by_the_site_itself():
    moved = respond("/demo-site/pages.srisommut.example/agency/Z0005/2569/page/O3/")
    assert (moved.status_code, moved["Location"]) == (302, "/agency/Z0005/2569/page/O3/")
    assert respond("/demo-site/pages.srisommut.example//evil.example/")["Location"] == "/evil.example/"
