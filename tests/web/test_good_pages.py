"""Examples beside an item of readiness: what a published round found complete, and nothing of the agency itself."""

from itertools import count

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure.models import Confirmation, Entry, Filing, Link, Mark
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.results.models import AgencyResult, PublishedResult, ResultSet
from prongsai.web.good_pages import find_good_pages
from tests.conftest import sample_year

NUMBERS = count(1)


@pytest.fixture
def before(running_round):
    """The round of the year before, closed."""
    from prongsai import framework as rules

    digest = rules.load(rules.NATIONAL, sample_year() - 1).digest
    year = {"assessment_id": "ita", "fiscal_year": sample_year() - 1}
    return Round.objects.create(**year, framework_digest=digest, status="closed")


@pytest.fixture
def peer(before, people):
    """Makes another agency that filed an item in a round, with the mark that it got and its public result."""

    def make(item="O1", *, of=None, kind="sao", origin="run", marks=(("first", 100),), overall=90, **changes):
        of, number = of or before, next(NUMBERS)
        agency = changes.pop("agency", None)
        if agency is None:
            agency = Agency(assessment_id="ita", code=f"P{number}", name_th=f"เพื่อน {number}", kind=kind, province="ตาก")
            agency.save()
        filing = Filing.objects.create(round=of, agency=agency, released_at=timezone.now())
        entry = Entry.objects.create(filing=filing, item=item)
        link = {"url": f"https://p{number}.go.th/{item}", "state": "ok"} | changes.pop("link", {})
        Link.objects.create(entry=entry, **link)
        if changes.pop("confirmed", True):
            confirmation = {"by": people["executive"], "name": "", "position": "", "at": timezone.now()}
            filing.confirmed = Confirmation.objects.create(filing=filing, content={}, digest="", **confirmation)
        filing.save()
        for stage, points in marks:
            Mark.objects.create(filing=filing, item=item, stage=stage, points=points, by=people["assessor"])
        if changes.pop("published", True):
            year = {"assessment_id": "ita", "fiscal_year": of.fiscal_year}
            made = ResultSet.objects.create(**year, origin=origin, inputs={}, code="", digest=str(number))
            result = AgencyResult.objects.create(result_set=made, agency=agency, overall=overall, shown={}, basis={})
            PublishedResult.objects.create(**year, agency=agency, result=result, overall=overall)
        return link["url"]

    return make


def urls(own, running_round, item="O1"):
    return [e.url for e in find_good_pages(own, running_round).get(item, [])]


def test_pages_that_were_found_complete_are_shown_the_best_three(client, agencies, running_round, people, peer):
    found = [peer(overall=overall) for overall in (80, 95, 85, 90)]
    assert urls(agencies[0], running_round) == [found[1], found[3], found[2]]
    client.force_login(people["officer"])
    page = client.get(reverse("readiness", args=[agencies[0].code])).content.decode()
    assert found[1] in page
    assert found[0] not in page


def test_what_is_no_example(agencies, running_round, peer):
    """Each would be shown if one condition were left out."""
    peer(published=False)
    peer(origin="import")
    peer(confirmed=False)
    peer(kind="town")
    peer(agency=agencies[0])
    peer(marks=[("first", 0)])
    peer(marks=[("first", 100), ("decision", 0)])
    peer(marks=[("first", 100), ("decision", 100), ("decision", 0)])
    peer(marks=[("first", 0), ("second", 100)])
    peer(marks=[])
    peer(link={"state": "dead"})
    peer(link={"alarm_since": timezone.now()})
    peer(link={"until": timezone.now()})
    assert urls(agencies[0], running_round) == []
    decided = peer(marks=[("first", 0), ("decision", 100)])
    assert urls(agencies[0], running_round) == [decided]


def test_an_item_that_is_called_otherwise_this_year(agencies, running_round, peer):
    item = next(
        i for i in load_round_framework(running_round).rules.disclosure_items if i.continues not in ((), (i.id,))
    )
    found = peer(item.continues[0])
    assert urls(agencies[0], running_round, item.id) == [found]
