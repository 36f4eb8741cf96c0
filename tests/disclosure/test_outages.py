"""Outages as agencies and office meet them: a shared server or our own network down, and links that are dead."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import link_checks, outages, queries
from prongsai.disclosure.models import Change, Link, LinkCheck
from prongsai.registry.models import Agency
from tests.conftest import sample_year
from tests.disclosure.filed import advance_time, check_due_links, file_first, observe

DOWN = {"error": "timeout_connect"}


@pytest.fixture
def many(filing, running_round, people):
    """One link each of several agencies, which answered once."""
    filings = []
    for n in range(outages.links.outages.MIN_NETWORKS + 1):
        other = Agency.objects.create(
            assessment_id="ita", code=f"H{n}", name_th=f"อบต. {n}", kind="sao", province="ขอนแก่น"
        )
        running_round.agencies.add(other)
        filings.append(queries.get_filing(running_round, other))
        file_first(filings[-1], people["officer"], address=f"https://h{n}.example.go.th")
    check_due_links(lambda t: observe(t, server="198.51.100.7"))
    return filings


def down_at(server_of, minutes=0):
    """Every link fails, at the server that ``server_of(target)`` says."""
    at = timezone.now() - datetime.timedelta(minutes=minutes)
    check_due_links(lambda t: observe(t, "dead", at=at, server=server_of(t), **DOWN))


def shared(_):
    return "198.51.100.7"


def own(target):
    return f"203.{target.key % 200}.113.7"


def is_up(target):
    return observe(target, server="192.0.2.1")


def test_a_shared_server_down_three_times_is_held_against_nobody(many):
    for _ in range(4):
        advance_time(7)
        keep = Link.objects.order_by("pk").last()
        check_due_links(
            lambda t, keep=keep: is_up(t) if t.key == keep.pk else observe(t, "dead", server="198.51.100.7", **DOWN)
        )
        outages.excuse_outages()
    assert set(Link.objects.values_list("state", flat=True)) == {"ok"}
    assert set(LinkCheck.objects.exclude(excused="").values_list("excused", flat=True)) == {"server"}
    assert not Change.objects.filter(kind="state").exists()
    assert all(link.next_check_at < timezone.now() + datetime.timedelta(hours=7) for link in Link.objects.all()[:5])


def test_one_agency_whose_server_is_down_is_broken_as_before(many):
    mine = Link.objects.order_by("pk").first()
    for _ in range(4):
        advance_time(7)
        check_due_links(lambda t: observe(t, "dead", server="198.51.100.7", **DOWN) if t.key == mine.pk else is_up(t))
        outages.excuse_outages()
    mine.refresh_from_db()
    assert mine.state == "dead"
    assert not LinkCheck.objects.exclude(excused="").exists()


def test_when_our_own_network_is_down_nobody_is_broken(many):
    for _ in range(4):
        advance_time(7)
        down_at(own)
        outages.excuse_outages()
    assert set(Link.objects.values_list("state", flat=True)) == {"ok"}
    assert set(LinkCheck.objects.exclude(excused="").values_list("excused", flat=True)) == {"own"}


def test_a_state_that_was_decided_before_the_outage_was_known_is_taken_back(many):
    """Two bad looks before; the third is of an outage that is recognised when others have failed."""
    mine = Link.objects.order_by("pk").first()
    for _ in range(2):
        advance_time(24)
        check_due_links(lambda t: observe(t, "dead", server="198.51.100.7", **DOWN) if t.key == mine.pk else is_up(t))
    advance_time(7)
    down_at(shared)
    mine.refresh_from_db()
    assert mine.state == "dead"
    assert outages.excuse_outages() > 0
    mine.refresh_from_db()
    LinkCheck.objects.filter(link=mine).exclude(excused="").get()
    assert mine.state == "ok"
    assert not Change.objects.filter(kind="state").exists()
    assert outages.excuse_outages() == 0


def test_what_was_already_said_is_said_to_be_over(many):
    mine = Link.objects.order_by("pk").first()
    for _ in range(2):
        advance_time(24)
        check_due_links(lambda t: observe(t, "dead", server="198.51.100.7", **DOWN) if t.key == mine.pk else is_up(t))
    advance_time(7)
    down_at(shared)
    Change.objects.update(notified=True)
    outages.excuse_outages()
    assert list(Change.objects.filter(kind="state", link=mine).order_by("id").values_list("before", "after")) == [
        ("ok", "dead"),
        ("dead", "ok"),
    ]


def test_links_that_never_answered_do_not_excuse_each_other(many):
    LinkCheck.objects.update(state="dead", **DOWN)
    for _ in range(4):
        advance_time(7)
        down_at(own)
        outages.excuse_outages()
    assert set(Link.objects.values_list("state", flat=True)) == {"dead"}


def test_agency_and_office_read_why(many, client, people):
    advance_time(7)
    down_at(own)
    outages.excuse_outages()
    link = Link.objects.filter(entry__filing=many[0]).get()
    client.force_login(people["office"])
    page = client.get(reverse("oit_item", args=["H0", sample_year(), link.entry.item])).content.decode()
    assert "เครือข่ายของระบบตรวจเองขัดข้อง" in page
    assert "ไม่มีผลต่อหน่วยงาน" in page
    nation = client.get(reverse("oit_nation", args=[sample_year()])).content.decode()
    assert "เหตุขัดข้องที่ไม่นับกับหน่วยงานใด" in nation
    assert queries.monthly_history(link)[-1][1] == "ok"
    assert outages.recent_outages()[0].agencies == len(many)


def test_every_answer_of_a_network_is_weighed_and_few_of_the_rest(many):
    """All of a nation's checks of an hour would be too many to read."""
    advance_time(7)
    keys = list(Link.objects.order_by("pk").values_list("pk", flat=True))
    at = timezone.now().replace(second=0, microsecond=0) - datetime.timedelta(minutes=5)
    there = {**dict.fromkeys(keys[1:4], "198.51.100.9"), **dict.fromkeys(keys[4:], "192.0.2.1")}

    def mixed(target):
        n = datetime.timedelta(seconds=keys.index(target.key))
        if target.key == keys[0]:
            return observe(target, "dead", at=at, server="198.51.100.7", **DOWN)
        return observe(target, at=at + n, server=there[target.key])

    for _ in range(3):  # many at another network, in one minute
        check_due_links(mixed)
        Link.objects.update(next_check_at=timezone.now())
    weighed = [a.server for a in outages._attempts_since(timezone.now() - outages.SPAN)]
    assert weighed.count("198.51.100.9") == 9
    assert weighed.count("192.0.2.1") <= 2 < 3 * len(keys[4:])


def test_nothing_is_looked_for_without_failures(many):
    assert not outages.has_failures()
    assert outages.excuse_outages() == 0


def test_a_server_that_is_gone_from_the_names_is_known_from_before(many):
    """Its name servers are down with it: there is no address to be found."""
    advance_time(7)
    check_due_links(lambda t: observe(t, "dead", error="dns_failed"))
    assert set(LinkCheck.objects.filter(state="dead").values_list("server", flat=True)) == {"198.51.100.7"}


def test_every_reason_has_words():
    assert set(queries.OUTAGE_WORDS) == set(link_checks.links.OUTAGES)
