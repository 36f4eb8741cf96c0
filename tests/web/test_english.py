"""English pages are whole: Thai in them is what has no English, and is marked as Thai for whoever hears the page."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from prongsai.registry.models import Agency
from prongsai.results import alerts
from prongsai.web.thai_parts import mark_thai
from tests.web.test_permissions import TABLE, address_of, addresses, site

__all__ = ["site"]  # a fixture

THAI = re.compile("[\u0e00-\u0e7f]")
WITHOUT_END = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
HEARD = {"alt", "aria-label", "placeholder", "title", "content"}  # attributes that are read to somebody


class Listener(HTMLParser):
    """What is Thai on a page, apart by whether it is marked so."""

    def __init__(self, page):
        super().__init__()
        self.within, self.marked, self.unmarked = [("", "")], [], []
        self.feed(page)

    def note(self, language, text):
        if THAI.search(text):
            (self.marked if language == "th" else self.unmarked).append(text.strip())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        language = values.get("lang") or self.within[-1][1]
        for name in HEARD & values.keys():
            self.note(language, values[name] or "")
        if tag not in WITHOUT_END:
            self.within.append((tag, language))

    def handle_endtag(self, tag):
        found = [k for k, (name, _) in enumerate(self.within) if name == tag]
        del self.within[found[-1] if found else len(self.within) :]

    def handle_data(self, text):
        tag, language = self.within[-1]
        # a page has one title in the language of the page; code to copy is not read aloud
        if tag not in ("script", "textarea") and not (tag == "title" and self.within[-2][0] == "head"):
            self.note(language, text)


def read(client, address):
    answer = client.get(address, follow=True)
    is_page = not answer.streaming and answer.get("Content-Type", "").startswith("text/html")
    if not is_page or '<html lang="en">' not in (page := answer.content.decode()):
        return None
    if "Content-Length" in answer:
        assert int(answer["Content-Length"]) == len(answer.content)
    return Listener(page)


def test_no_thai_stands_unmarked_on_an_english_page(client, people, site):
    Agency.objects.update(name_th="เทศบาลตำบลสระแก้วเก่า (เดิม)", name_en="", province="น่าน", district="เวียงสา")
    wrong, opened = {}, set()
    for name, pattern in addresses():
        if "public" not in TABLE[name][0].split():
            continue
        heard = read(client, "/en" + address_of(name, pattern, site, 0))
        if heard is not None:
            opened.add(name)
            if heard.unmarked:
                wrong[name] = heard.unmarked[:3]
    for address in ("/en/nowhere/", "/en/search/?q=น่าน", "/en/search/?q=zzzz", "/en/compare/?q=x", "/en/account/login/"):
        heard = read(client, address)
        if heard.unmarked:
            wrong[address] = heard.unmarked[:3]
    assert wrong == {}
    assert len(opened) > 25
