"""Pages that are rendered once and shown to everybody: nothing of one respondent reaches another."""

import gzip
import re

import pytest
from django.urls import reverse

from prongsai.survey import actions, blank_forms, codes, queries, writer
from prongsai.survey.blank_forms import AGENCY, RECEIPT, SLUG
from prongsai.survey.models import Channel
from tests.survey.conftest import fill_form, form_address


def read(response):
    body = response.content
    return (gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body).decode()


def receipt_in(page):
    return re.search(r'name="receipt" value="([0-9A-Z]{16})"', page)[1]


@pytest.mark.parametrize("encoding", ["", "gzip, br"])
def test_two_people_get_the_same_form_with_receipts_of_their_own(client, link, encoding):
    first, second = (client.get(form_address(link), headers={"Accept-Encoding": encoding}) for _ in range(2))
    assert first.headers.get("Content-Encoding", "") == ("gzip" if encoding else "")
    pages = [read(first), read(second)]
    receipts = [receipt_in(page) for page in pages]
    assert receipts[0] != receipts[1]
    assert pages[0].replace(receipts[0], "") == pages[1].replace(receipts[1], "")
    assert not re.search(f"[{AGENCY}{RECEIPT}{SLUG}]", pages[0])


def test_compressed_or_not_it_is_the_same_page(client, link, monkeypatch):
    monkeypatch.setattr(codes, "generate_code", lambda length: "7" * length)
    plain, packed = (client.get(form_address(link), headers={"Accept-Encoding": e}) for e in ("", "gzip"))
    assert read(plain) == read(packed)
    assert len(packed.content) < len(plain.content) / 4
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_what_one_person_chose_is_in_no_page_of_another(client, link):
    posted = fill_form(link)
    posted.pop(next(k for k in posted if k != "receipt"))
    refused = client.post(form_address(link), posted)
    assert "checked" in read(refused)
    thanks = read(client.post(form_address(link), fill_form(link)))
    number = re.search(r'class="receipt">([^<]+)<', thanks)[1]
    for language in ("th", "en"):
        page = read(client.get(form_address(link), {"lang": language}))
        assert "checked" not in re.sub(r"<script.*", "", page)
        assert posted["receipt"] not in page
        assert number not in page
    again = read(client.post(form_address(link), fill_form(link)))
    assert number not in again


def test_whoever_comes_first_is_not_in_the_page(client, people, agencies, running_round):
    """An officer who is signed in looks at the form before anybody else."""
    fresh = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="EIT1", kind="link", by=people["officer"]
    )
    blank_forms._render_page.cache_clear()
    blank_forms._divide_page.cache_clear()
    client.force_login(people["officer"])
    client.get(form_address(fresh), headers={"User-Agent": "officers-browser"})
    client.logout()
    page = read(client.get(form_address(fresh)))
    assert people["officer"].name not in page
    assert "officers-browser" not in page
    assert "csrf" not in page.lower()


def test_an_agencys_name_is_text_and_is_shown_as_it_is_now(client, link):
    client.get(form_address(link))
    agency = link.agency
    agency.name_th = f"อบต. <b>ก</b> {RECEIPT}{SLUG}&"
    agency.save()
    page = read(client.get(form_address(link)))
    assert "อบต. &lt;b&gt;ก&lt;/b&gt;" in page
    assert receipt_in(page)
    assert f'data-form="{link.slug}"' in page
    assert client.post(form_address(link), fill_form(link, receipt=receipt_in(page))).status_code == 200


def test_a_form_that_was_shown_closes_at_once(client, people, link, cards_channel):
    assert client.get(form_address(link)).status_code == 200
    assert client.get(form_address(cards_channel)).status_code == 200
    assert 'id="code"' in read(client.get(form_address(cards_channel)))
    assert 'id="code"' not in read(client.get(form_address(link)))
    actions.close_channel(channel=link, by=people["officer"])
    assert client.get(form_address(link)).status_code == 410


@pytest.fixture
def cards_channel(people, agencies, running_round):
    return actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )


def test_a_corrected_wording_is_shown_at_once(client, link, monkeypatch):
    """The edition in force is a part of what a page is known by."""
    client.get(form_address(link))
    facts = queries.find_form(link.slug)
    rendered = []
    real = blank_forms.render_to_string
    monkeypatch.setattr(blank_forms, "render_to_string", lambda *a: rendered.append(a[0]) or real(*a))
    client.get(form_address(link))
    assert rendered == []
    monkeypatch.setattr(queries, "find_form", lambda _: facts._replace(rules_in_force="another"))
    client.get(form_address(link))
    assert rendered == ["survey/form.html"]


def test_a_form_costs_one_look_into_the_database(client, link, django_assert_num_queries):
    client.get(form_address(link))
    with django_assert_num_queries(1):
        client.get(form_address(link))


def test_what_is_known_of_a_form_is_a_second_old_at_most(
    client, people, link, settings, monkeypatch, django_assert_num_queries
):
    """Many people open a form at once; none of them sees it longer than a second after it was closed, and what they
    send is refused at once."""
    settings.SURVEY_GROUP_COMMIT = True
    now = [1_000_000.5]
    monkeypatch.setattr(queries.time, "monotonic", lambda: now[0])
    assert client.get(form_address(link)).status_code == 200
    with django_assert_num_queries(0):
        client.get(form_address(link))
    actions.close_channel(channel=link, by=people["officer"])
    monkeypatch.setattr("prongsai.survey.views.submit", lambda s: writer.store_submissions([s])[0])
    assert client.post(form_address(link), fill_form(link)).status_code == 410
    now[0] += queries.FRESH_SECONDS
    assert client.get(form_address(link)).status_code == 410


def test_the_facts_of_a_form_are_those_of_its_channel(link, running_round, people, agencies):
    facts = queries.find_form(link.slug)
    assert facts.channel == link
    assert (facts.assessment, facts.fiscal_year) == (running_round.assessment_id, running_round.fiscal_year)
    assert facts.closed_reason == queries.find_closed_reason(link) is None
    interview = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="EIT2", kind="interview", by=people["assessor"]
    )
    assert queries.find_form(interview.slug) is None
    Channel.objects.filter(pk=link.pk).update(is_open=False)
    link.refresh_from_db()
    assert queries.find_form(link.slug).closed_reason == queries.find_closed_reason(link) is not None


# --- the device


@pytest.mark.parametrize("page", ["form", "refused", "thanks", "about"])
def test_no_page_of_the_form_is_stored_by_a_browser(client, link, page):
    response = {
        "form": lambda: client.get(form_address(link)),
        "refused": lambda: client.post(form_address(link), {}),
        "thanks": lambda: client.post(form_address(link), fill_form(link)),
        "about": lambda: client.get(reverse("explain_survey", args=[link.slug])),
    }[page]()
    assert "no-store" in response.headers["Cache-Control"]


def test_the_browser_is_told_to_put_nothing_back(client, link):
    for response in (client.get(form_address(link)), client.post(form_address(link), {})):
        assert re.search(r"<form[^>]*autocomplete=\"off\"", read(response))


def test_the_page_about_the_form_says_what_its_settings_are(client, link, cards_channel):
    pages = [read(client.get(reverse("explain_survey", args=[c.slug]))) for c in (link, cards_channel)]
    assert ["บนบัตรมีอะไร" in page for page in pages] == [False, True]
    shown_from = link_rules(link).small_groups.show_indicators_from
    for page in pages:
        assert f"ไม่ถึง {shown_from} ชุด" in page
        assert f"ใน {blank_forms.MINUTES} นาที" in re.sub(r"\s+", " ", page)
    assert client.get("/s/NOSUCHLINK00/about/").status_code == 404
    assert "Can my boss" in read(client.get(reverse("explain_survey", args=[link.slug]), {"lang": "en"}))


def link_rules(channel):
    from prongsai.registry.queries import load_round_framework

    return load_round_framework(channel.round).rules
