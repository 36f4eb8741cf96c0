"""What the site says of itself, in both languages, reached from the foot of every page."""

import re

import pytest
from django.urls import reverse

from tests.pages import markup

PAGES = ("about", "privacy", "accessibility", "contact")


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_leads_to_them_and_each_to_what_it_names(client, db, name, language):
    foot = client.get(f"{language}{reverse('search')}").content.decode().partition("<footer>")[2]
    assert f'href="{language}{reverse(name)}"' in foot
    page = client.get(f"{language}{reverse(name)}").content.decode()
    main = page.partition("<main")[2].partition("</main>")[0]
    for address in re.findall(r'href="(/[^"#]*)"', main):
        assert client.get(address, follow=True).status_code == 200, address
    if language:
        assert not re.search("[\u0e00-\u0e7f]", re.sub(r"<[^>]*lang=\"th\".*?</\w+>", "", main))


def test_reading_sets_no_cookie_as_the_page_on_privacy_says(client, published):
    for name in (*PAGES, "home", "search", "downloads"):
        client.get(reverse(name))
    client.get(reverse("agency", args=["A1"]))
    assert not client.cookies


def test_the_contact_is_that_of_the_installation(client, db, settings):
    settings.OFFICE_CONTACT = ""
    assert "ยังไม่ได้ระบุช่องทางติดต่อ" in markup(client.get(reverse("contact")))
    settings.OFFICE_CONTACT = "โทร. 0 0000 0000"
    page = markup(client.get(reverse("contact")))
    assert "0 0000 0000" in page
    assert "ยังไม่ได้ระบุช่องทางติดต่อ" not in page


def test_alerts_are_offered_where_the_site_can_send_them(client, published, settings):
    for site, offers in (("", False), ("http://testserver", True)):
        settings.SITE = site
        page = markup(client.get(reverse("agency", args=["A1"]), follow=True))
        assert (reverse("ask_alert") in page) is offers
