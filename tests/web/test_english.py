"""English pages are whole: Thai in them is what has no English, and is marked as Thai for whoever hears the page."""

import re
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from prongsai.framework import NATIONAL
from prongsai.registry.models import Agency
from prongsai.results import alerts
from prongsai.rulebooks.queries import frameworks
from prongsai.web.ranked_markup import Words, _RowWriter
from prongsai.web.templatetags.prongsai import caution_in_words, chart_history, chart_years
from prongsai.web.thai_parts import mark_thai
from tests.web.test_permissions import TABLE, address_of, addresses, site

__all__ = ["site"]  # a fixture

THAI = re.compile("[\u0e00-\u0e7f]")
WITHOUT_END = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
HEARD = {"alt", "aria-label", "placeholder", "title", "content"}  # attributes that are read to somebody
NAME = "เทศบาลตำบลสระแก้วเก่า (เดิม)"  # that no list has in Roman letters


class Listener(HTMLParser):
    """What is Thai on a page, apart by whether it is marked so."""

    def __init__(self, page):
        super().__init__()
        self.within, self.title, self.marked, self.unmarked = [("", "")], "", [], []
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
        if tag == "title" and self.within[-2][0] == "head":
            self.title += text
        elif tag not in ("script", "textarea"):  # code to copy is not read aloud
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
    Agency.objects.update(name_th=NAME, name_en="", province="น่าน", district="เวียงสา")
    wrong, opened = {}, set()
    for name, pattern in addresses():
        if "public" not in TABLE[name][0].split():
            continue
        heard = read(client, "/en" + address_of(name, pattern, site, 0))
        if heard is not None:
            opened.add(name)
            is_typed = name in {
                "public_consultation",
                "public_register",
                "rate_service",
            }  # the title is an agency's text
            if heard.unmarked or (THAI.search(heard.title.replace(NAME, "")) and not is_typed):
                wrong[name] = [heard.title, *heard.unmarked[:3]]
    for address in (
        "/en/nowhere/",
        "/en/search/?q=น่าน",
        "/en/search/?q=zzzz",
        "/en/compare/?q=x",
        "/en/account/login/",
    ):
        heard = read(client, address)
        if heard.unmarked:
            wrong[address] = heard.unmarked[:3]
    assert wrong == {}
    assert len(opened) > 25


def test_what_changed_in_the_rules_and_why_years_are_not_compared_is_english(client, db):
    page = client.get("/en/methodology/2566/").content.decode()
    changes = page.partition("What changed since the year before")[2].partition("</section>")[0]
    assert "The weight of" in changes or " is new, with a weight of " in changes
    assert not THAI.search(changes)
    with translation.override("en"):
        assert caution_in_words("จำนวนข้อเปลี่ยนจาก 25 เป็น 20") == "the number of items changed from 25 to 20"
    with translation.override("th"):
        assert caution_in_words("จำนวนข้อเปลี่ยนจาก 25 เป็น 20") == "จำนวนข้อเปลี่ยนจาก 25 เป็น 20"


def test_charts_of_years_count_as_the_reader_does():
    points = [(2566, Decimal("80.10"), False), (2567, Decimal("85.20"), False)]
    for language, shown in (("en", "2023"), ("th", "2566")):
        with translation.override(language):
            assert f">{shown}<" in chart_history(points, 85)
            assert f">{shown[2:]}<" in chart_years("IIT", points, {}, 85, 50)


def test_thai_is_marked_where_it_stands():
    for page, marked in (
        ("<p>Total of อบต.พร่อน (ยะลา), 91</p>", '<p>Total of <bdi lang="th">อบต.พร่อน (ยะลา)</bdi>, 91</p>'),
        ("<p>A&amp;ข<br>ค</p>", '<p>A&amp;<bdi lang="th">ข</bdi><br><bdi lang="th">ค</bdi></p>'),
        ('<option value="น">น่าน</option>', '<option lang="th" value="น">น่าน</option>'),
        ('<svg><text x="1">เกณฑ์</text></svg>', '<svg><text lang="th" x="1">เกณฑ์</text></svg>'),
        ("<title>อบต.ก · Prongsai results</title>", "<title>อบต.ก · Prongsai results</title>"),
    ):
        assert mark_thai(page) == marked
    for page in (
        '<p lang="th">ก <b>ข</b></p>',
        '<div lang="th-TH"><p>ก<p>ข</div>',
        '<script>"<b>ก</b>"</script>',
        "<!-- ก --><p>a</p>",
        '<a title="ก > ข">x</a>',
    ):
        assert mark_thai(page) == page
    assert mark_thai('<p><i lang="th">ก</i>ข') == '<p><i lang="th">ก</i><bdi lang="th">ข</bdi>'


def test_places_levels_and_names_are_english_where_there_are_english_ones(client, people, site):
    Agency.objects.update(name_th="องค์การบริหารส่วนตำบลบางปลา", name_en="", province="สมุทรปราการ", district="บางพลี")
    year = site[0]["fiscal_year"]
    page = client.get(f"/en/agency/A1/{year}/").content.decode()
    assert "Bang Phli district" in page
    assert "Scores of 10 indicators, target" in page
    table = client.get(f"/en/rankings/?year={year}").content.decode()
    assert "Bang Pla Subdistrict Administrative Organization (RTGS)" in table
    heard = Listener(table)
    assert not {"บางปลา", "ผ่าน", "ผ่านดี", "ต้องปรับปรุง"} & set(heard.marked)
    assert "Needs improvement" in table
    rules = Listener(client.get(f"/en/methodology/{year}/").content.decode())
    assert "ค่าเฉลี่ยของข้อ" not in " ".join(rules.marked)


def test_levels_are_english_in_what_else_names_one(db, rf):
    row = SimpleNamespace(result=SimpleNamespace(level_change=-1), level_before="ผ่านดี")
    words = Words(lambda _, english: english, str, {"ผ่านดี": "Good pass"}.__getitem__, str)
    assert "(Good pass)" in _RowWriter([], words)._write_level_change(row)
    request = rf.get("/")
    request.assessment = NATIONAL
    with translation.override("en"):
        context = {"assessed": {"why": {"next": "ผ่านดี", "shortfalls": []}}, "request": request}
        assert "<b>Good pass</b>" in render_to_string("web/components/result_why.html", context)


def test_no_year_is_called_one_twice(client, people, site):
    for address in ("/en/", "/en/nation/", "/en/methodology/", f"/en/nation/{site[0]['fiscal_year']}/corrections/"):
        text = " ".join(re.sub("<[^>]{0,2000}>", " ", client.get(address, follow=True).content.decode()).split())
        assert "(B.E. 25" in text
        assert not re.search("(?i)(?:FY|fiscal year) FY", text), address


def test_mail_in_english_names_an_agency_as_english_pages_do(db, published):
    agency = Agency.objects.get(code="A1")
    Agency.objects.update(name_th="องค์การบริหารส่วนตำบลบางปลา", name_en="", province="สมุทรปราการ")
    wish = alerts.Wish("a@example.org", "en", "all", agency.pk)
    assert alerts.describe(wish, "en").endswith("Bang Pla Subdistrict Administrative Organization (RTGS)")
    assert alerts.describe(wish, "th").endswith("องค์การบริหารส่วนตำบลบางปลา")


@pytest.mark.parametrize(("prefix", "title"), [("", "ไม่พบหน้านี้"), ("/en", "There is no such page")])
def test_an_error_is_told_in_the_language_of_the_address(client, published, prefix, title):
    newest = max(frameworks(NATIONAL))  # whose rules are provisional, and of which nothing is published
    answer = client.get(f"{prefix}/agency/A1/{newest}/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert f"<h1>{title}</h1>" in page
    assert f'action="{prefix}{reverse("search")}"' in page  # and somewhere to go on from
    assert "ฉบับชั่วคราว" not in page
    assert "provisional" not in page
