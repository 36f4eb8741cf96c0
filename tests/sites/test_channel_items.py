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
    named = {"questions", "complaints", "procedure", "statistics", "satisfaction", "consultations"}
    assert set(channel_items.load_words()) == named


@pytest.mark.parametrize("year", YEARS)
def test_each_item_on_complaints_has_a_page_of_its_own(year):
    """The same address under two items is a weakness that the desk itself names."""
    found = [found_in(year, channel) for channel in ("complaints", "procedure", "statistics")]
    assert [len(items) for items in found] == [1, 1, 1]
    assert len({item for items in found for item in items}) == 3


def test_procedure_and_statistics_are_offered_once_they_are_there(agency, people, running_round, client):
    from prongsai.sites.actions import set_channels
    from prongsai.sites.models import Complaint, MonthStatistics
    from prongsai.sites.queries import find_settings

    items = {i.id: i for i in rules.load(rules.NATIONAL, running_round.fiscal_year).rules.disclosure_items}
    asked = {c: items[found_in(running_round.fiscal_year, c)[0]] for c in ("procedure", "statistics")}
    offered = channel_items.find_offered(agency, running_round)
    assert [channel_items.find_channel_pages(item, offered) for item in asked.values()] == [[], []]
    address = f"/agency/{agency.code}/complaint-procedure/"
    assert client.get(address).status_code == 404
    channels = find_settings(agency)
    channels.procedure = "รับเรื่อง แล้วตรวจสอบ"
    set_channels(settings=channels, by=people["officer"])
    year = running_round.fiscal_year - (asked["statistics"].period == channel_items.PREVIOUS_YEAR)
    for month in (1, 2):
        counted = dict.fromkeys(Complaint.Kind.values, 0)
        content = {"received": counted | {"general": 6}, "closed": counted | {"general": None if month == 1 else 7}}
        first_day = satisfaction.fiscal.first_day(year, month)
        MonthStatistics.objects.create(agency=agency, first_day=first_day, content=content, by=people["officer"])
    offered = channel_items.find_offered(agency, running_round)
    pages = [channel_items.find_channel_pages(item, offered)[0].path for item in asked.values()]
    assert pages == [address, f"/agency/{agency.code}/{year}/complaint-statistics/"]
    procedure, statistics = (" ".join(client.get(page).content.decode().split()) for page in pages)
    assert all(text in procedure for text in (asked["procedure"].label.th, "รับเรื่อง แล้วตรวจสอบ", "7 วัน", "30 วัน"))
    assert "การทุจริตและประพฤติมิชอบ: <b>ไม่มีเรื่องร้องเรียน</b>" in statistics
    assert "จำนวนทั้งหมดที่รับ 12, แจ้งผลแล้ว ไม่แสดง" in statistics
    for wrong in (f"{year + 1}", "1", "99999"):
        assert client.get(f"/agency/{agency.code}/{wrong}/complaint-statistics/").status_code == 404


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


def test_consultations_are_offered_once_one_was_opened(agency, people, running_round, client, monkeypatch):
    day = consultations.fiscal.first_day(running_round.fiscal_year, 3)
    monkeypatch.setattr(consultations, "today", lambda: day)
    draft = Consultation(agency=agency, title="ก", text="ข", purpose="ค")
    draft.closes_on = day + datetime.timedelta(1)
    saved = consultations.save_consultation(consultation=draft, by=people["officer"])
    assert ("consultations", "") not in channel_items.find_offered(agency, running_round)
    consultations.open_consultation(consultation=saved, by=people["officer"])
    path = channel_items.find_offered(agency, running_round)["consultations", "assessed_year"].path
    client.force_login(people["officer"])
    page = client.get(f"/desk/agency/{agency.code}/readiness/").content.decode()
    assert f'value="{path}"' in page
    (found, *_) = channel_items.items_of_channel(agency, "consultations")
    assert found[1].label.th in client.get(path).content.decode()


def test_participation_gets_the_consultations_of_its_year_and_a_channel_all(agency, people, running_round, client):
    """In 2564 one item asks for the channel, of any year, and one for what was done in the year."""
    items = {i.id: i for i in rules.load(rules.NATIONAL, 2564).rules.disclosure_items}
    year = running_round.fiscal_year
    days = [consultations.fiscal.first_day(year, 3), consultations.fiscal.first_day(year - 1, 3)]
    numbers = ({"choices": [14, 9, None], "none": 0, "total": None}, {"choices": [], "none": 12, "total": 12})
    for number, day in enumerate(days):
        named = {"title": f"เรื่องที่ {number}", "text": "ก", "purpose": "ข", "heard": "ได้ฟัง", "decided": "ทำแล้ว"}
        dates = {
            "opened_on": day,
            "closes_on": day + datetime.timedelta(9),
            "published_on": day + datetime.timedelta(20),
        }
        Consultation.objects.create(agency=agency, result=numbers[number], **named, **dates)
    offered = channel_items.find_offered(agency, running_round)
    pages = [channel_items.find_channel_pages(items[i], offered)[0].path for i in ("O32", "O33")]
    assert pages == [f"/agency/{agency.code}/consultations/", f"/agency/{agency.code}/{year}/consultations/"]
    shown = client.get(pages[1]).content.decode()
    assert "เรื่องที่ 0" in shown
    assert "เรื่องที่ 1" not in shown
    assert "ได้ฟัง" in shown
    assert "อย่างน้อย 23 คน" in " ".join(shown.split())
    before = client.get(f"/agency/{agency.code}/{year - 1}/consultations/").content.decode()
    assert "เรื่องที่ 1" in before
    assert "ผู้แสดงความคิดเห็น 12 คน" in " ".join(before.split())
    assert client.get(f"/agency/{agency.code}/{year - 3}/consultations/").status_code == 404
    shown = [client.get(page).content.decode() for page in pages]
    assert "เรื่องที่ 1" in shown[0]


def test_readiness_leads_to_the_channel_that_is_not_open(agencies, people, running_round, client):
    from prongsai.sites.actions import set_channels
    from prongsai.sites.models import ChannelSettings

    own = agencies[0]
    client.force_login(people["officer"])
    page = f"/desk/agency/{own.code}/readiness/"
    settings = f'href="/desk/agency/{own.code}/channels/settings/"'
    asking = [i for c in ("complaints", "procedure") for i in found_in(running_round.fiscal_year, c)]
    shown = client.get(page).content.decode()
    assert shown.count(settings) == len(asking)
    assert "เปิดรับฟังความคิดเห็น" in shown
    client.force_login(people["auditor"])
    assert settings not in client.get(page).content.decode()
    client.force_login(people["officer"])
    closed = "เปิดช่องทางร้องเรียนในระบบนี้"
    assert closed in client.get("/desk/").content.decode()  # beside the step of filing
    set_channels(settings=ChannelSettings(agency=own, complaints_open=True, procedure="ก"), by=people["officer"])
    assert closed not in client.get("/desk/").content.decode()
    assert settings not in client.get(page).content.decode()
