"""The steering desk: every number and the list behind it are the same agencies; few queries, however many there are."""

import csv
import datetime
import io
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from prongsai.disclosure import queries
from prongsai.disclosure.models import Clarification, Confirmation, Filing, Mark
from prongsai.people.models import Notice
from prongsai.registry.actions import set_phase_dates
from prongsai.registry.models import Agency
from prongsai.registry.queries import load_round_framework
from prongsai.survey import queries as surveys
from prongsai.survey.models import Population
from prongsai.web import steering
from tests.conftest import sample_year
from tests.people.test_lists import fields

PROVINCES = ("เชียงใหม่", "ขอนแก่น", "ตาก", "")


@pytest.fixture
def nation(people, agencies, running_round):
    made = [
        Agency(
            assessment_id="ita",
            code=f"N{k:02}",
            name_th=f"หน่วย {k:02}",
            kind=("sao", "town")[k % 2],
            province=PROVINCES[k % 4],
        )
        for k in range(20)
    ]
    Agency.objects.bulk_create([a.fill_keys() for a in made])
    running_round.agencies.add(*Agency.objects.filter(code__startswith="N"))
    for k, agency in enumerate(Agency.objects.filter(code__startswith="N").order_by("code")[:10]):
        filing = queries.get_filing(running_round, agency)
        filing.confirmed = Confirmation.objects.create(
            filing=filing, by=people["executive"], name="x", position="x", at=timezone.now(), content={}, digest="0"
        )
        filing.released_at = timezone.now() if k < 6 else None
        filing.save()
        if k < 3:
            Mark.objects.create(filing=filing, item="O1", stage="first", points=0, by=people["assessor"])
            Clarification.objects.create(filing=filing, item="O1", text="มี", by=people["officer"])
        if k < 1:
            Mark.objects.create(filing=filing, item="O1", stage="decision", points=0, by=people["office"])
    return running_round


@pytest.fixture
def office(client, people):
    client.force_login(people["office"])
    return client


def test_what_has_been_reached(nation):
    whole, *groups = steering.count_groups(nation, "province")
    assert whole.agencies == 22
    counts = {k: n for k, n in whole.counts.items() if n}
    assert counts == {"confirmed": 10, "released": 6, "clarified": 3, "disputed": 2, "decided": 1}
    assert sum(g.agencies for g in groups) == 22
    assert groups[-1].title == "ไม่ระบุ"


@pytest.mark.parametrize("by", steering.DIMENSIONS)
def test_every_number_leads_to_as_many_agencies(office, nation, by):
    page = html.fromstring(office.get(reverse("steering", args=[sample_year()]), {"by": by}).content.decode())
    links = page.xpath("//table[1]//td/a")
    assert len(links) > 8
    for link in links:
        listing = steering.list_agencies(nation.pk, dict(parse_qsl(urlsplit(link.get("href")).query)))
        assert listing.rows.count() == int(link.text), link.get("href")


def test_who_has_not_reached_a_stage_is_a_list_too(nation):
    assert steering.list_agencies(nation.pk, {"stage": "not-confirmed"}).rows.count() == 12
    assert steering.list_agencies(nation.pk, {"stage": "not-confirmed", "assessor": "none"}).rows.count() == 11


def test_overdue_is_by_the_calendar(nation, people):
    day = datetime.date(2024, 1, 1)
    for key, expected in (("disclosure", 12), ("marking", 16)):
        set_phase_dates(phase=nation.phases.get(key=key), starts=day, ends=day, by=people["office"])
        nation = type(nation).objects.get(pk=nation.pk)
        assert len(steering.find_at_stage(nation, "overdue")) == expected


def test_the_minimum_of_each_instrument(nation, agencies, monkeypatch):
    first, *others = [s.instrument for s in load_round_framework(nation).rules.samples]
    assert not any(surveys.find_with_minimum(nation).values())  # nobody knows how many people there are
    Population.objects.create(round=nation, agency=agencies[0], instrument=first, size=10)
    for received, expected in ((10, {agencies[0].pk}), (0, set())):
        counts = surveys.Counter({(agencies[0].pk, first): received})
        monkeypatch.setattr(surveys, "count_received", lambda _, counts=counts: counts)
        assert steering.find_at_stage(nation, f"answered-{first}") == expected
        assert not any(steering.find_at_stage(nation, f"answered-{other}") for other in others)
    assert steering.list_agencies(nation.pk, {"stage": f"not-answered-{first}"}).rows.count() == 22


def test_what_was_done_today(nation):
    (today, counts), *earlier = steering.count_by_day(nation)
    assert today == timezone.localdate()
    assert counts == {"confirmed": 10, "released": 6, "clarified": 3, "decided": 1}
    assert not any(any(c.values()) for _, c in earlier)
    Filing.objects.exclude(released_at=None).update(released_at=timezone.now() - datetime.timedelta(13))
    assert steering.count_by_day(nation)[-1][1]["released"] == 6


def test_few_queries_whatever_the_size(office, nation, django_assert_max_num_queries):
    address = reverse("steering", args=[sample_year()])
    for by in steering.DIMENSIONS:
        with django_assert_max_num_queries(45):
            office.get(address, {"by": by})
    with django_assert_max_num_queries(30):
        office.get(reverse("steered_agencies", args=[sample_year()]), {"stage": "not-confirmed", "size": "100"})


def test_the_table_and_the_list_as_files(office, nation):
    def read(name, **values):
        page = office.get(reverse(name, args=[sample_year()]), {"format": "csv", **values})
        return list(csv.reader(io.StringIO(b"".join(page.streaming_content).decode("utf-8-sig"))))

    assert read("steering", by="kind")[1][:4] == ["ทั้งประเทศ", "22", "0", "10"]
    assert len(read("steered_agencies", stage="confirmed", province="ตาก")) == 3


def test_a_message_to_those_behind_a_number(office, nation, django_capture_on_commit_callbacks):
    act = reverse("act_on_steered", args=[sample_year()])
    for name, roles in (("remind", ["executive", "officer"]), ("remind_assessors", ["assessor"])):
        asked = office.post(act, {"act": name, "all": "1", "stage": "not-confirmed"})
        sent = fields(asked, "@data-draft='selection'")
        with django_capture_on_commit_callbacks(execute=True):
            office.post(act, sent | {"confirm": "1", "text": f"ถึง {name}"})
        told = Notice.objects.filter(text=f"ถึง {name}").values_list("user__role", flat=True)
        assert sorted(told) == roles
