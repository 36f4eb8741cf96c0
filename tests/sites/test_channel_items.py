"""Which items of each year's rules ask for a channel: found by words, and shown here item by item."""

import datetime

import pytest

from prongsai import framework as rules
from prongsai.sites import channel_items, consultations, satisfaction
from prongsai.sites.opinions import Consultation, ServiceMonth

PARTICIPATION = {
    2563: ["O32", "O33"],
    2564: ["O32", "O33"],
    2565: ["O32", "O33"],
    2566: ["O30"],
    2567: ["O25"],
    2568: ["O20"],
    2569: ["O19"],
    2570: ["O19"],
}
SATISFACTION = {2563: ["O16"], 2564: ["O16"], 2565: ["O16"], 2566: ["O17"]}
YEARS = [year for _, year in rules.available()]


def found_in(year, channel):
    items = rules.load(rules.NATIONAL, year).rules.disclosure_items
    return [item.id for item in items if channel in channel_items.channels_of_item(item)]


def test_the_channels_that_the_words_are_for():
    assert set(channel_items.load_words()) == {"questions", "complaints", "satisfaction", "consultations"}


@pytest.mark.parametrize("year", YEARS)
def test_every_year_asks_for_complaints_and_participation(year):
    for channel in ("complaints", "consultations"):
        assert found_in(year, channel), channel
    assert bool(found_in(year, "questions")) == (year < 2568)  # from then on an element of other items


def test_items_of_participation_and_satisfaction():
    assert {year: found_in(year, "consultations") for year in YEARS} == PARTICIPATION
    assert {year: found_in(year, "satisfaction") for year in YEARS if found_in(year, "satisfaction")} == SATISFACTION


def test_an_item_about_the_year_before_gets_that_years_page(agency, people, running_round):
    """Satisfaction is asked of the year before in some years; a page without results is offered to nobody."""
    year = running_round.fiscal_year
    item = next(i for i in rules.load(rules.NATIONAL, 2566).rules.disclosure_items if "ความพึงพอใจ" in i.label.th)
    assert item.period == "previous_year"
    assert channel_items.find_channel_pages(item, channel_items.find_offered(agency, running_round)) == []
    for published in (year, year - 1):
        first_day = satisfaction.fiscal.first_day(published)
        ServiceMonth.objects.create(agency=agency, first_day=first_day, content=[], by=people["officer"])
    (page,) = channel_items.find_channel_pages(item, channel_items.find_offered(agency, running_round))
    assert page.path == f"/agency/{agency.code}/{year - 1}/satisfaction/"


def test_consultations_are_offered_once_one_was_opened(agency, people, running_round, client):
    draft = Consultation(agency=agency, title="ก", text="ข", purpose="ค")
    draft.closes_on = consultations.today() + datetime.timedelta(1)
    saved = consultations.save_consultation(consultation=draft, by=people["officer"])
    assert ("consultations", "") not in channel_items.find_offered(agency, running_round)
    consultations.open_consultation(consultation=saved, by=people["officer"])
    path = channel_items.find_offered(agency, running_round)["consultations", ""].path
    client.force_login(people["officer"])
    page = client.get(f"/desk/agency/{agency.code}/readiness/").content.decode()
    assert f'value="{path}"' in page
    (found, *_) = channel_items.items_of_channel(agency, "consultations")
    assert found[1].label.th in client.get(path).content.decode()
