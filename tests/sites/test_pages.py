"""Readiness without marks, and pages of disclosure items: fields from the rules, versions, filing."""

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from prongsai.analysis.forecast import forecast_disclosure
from prongsai.disclosure.actions import file_entry
from prongsai.disclosure.models import Entry, Filing, Link
from prongsai.disclosure.queries import BROKEN_STATES, ItemRow, get_filing
from prongsai.links import STATES
from prongsai.people.actions import DomainError
from prongsai.registry.queries import load_round_framework
from prongsai.sites import item_pages, readiness
from prongsai.sites.models import ItemPage, PageVersion
from prongsai.sites.readiness import State
from tests.conftest import sample_year
from tests.sites.conftest import write_item_page


@pytest.fixture
def own(agencies, running_round):
    return agencies[0]


def file_item(own, running_round, people, item, url="https://www.example.go.th/a", elements=range(50)):
    filing = get_filing(running_round, own)
    revision = Entry.objects.filter(filing=filing, item=item).values_list("revision", flat=True).first() or 0
    return file_entry(
        filing=filing,
        item=item,
        addresses=url,
        explanation="",
        elements=elements,
        revision=revision,
        by=people["officer"],
    )


def state_of(own, running_round, item):
    return next(i for i in readiness.assess_agency(own, running_round).items if i.row.item.id == item)


def test_an_item_becomes_missing_weak_and_done(own, running_round, people):
    assert state_of(own, running_round, "O1").state is State.MISSING
    assert not Filing.objects.exists()  # reading stores nothing
    file_item(own, running_round, people, "O1", elements=[])
    weak = state_of(own, running_round, "O1")
    assert weak.state is State.WEAK
    assert len(weak.missing) == len(weak.row.required)
    file_item(own, running_round, people, "O1")
    assert state_of(own, running_round, "O1").state is State.DONE
    Link.objects.update(state="dead")
    broken = state_of(own, running_round, "O1")
    assert broken.state is State.WEAK
    assert "www.example.go.th" in broken.reasons[0]


def test_the_same_address_for_two_items_is_weak(own, running_round, people):
    for item in ("O1", "O2"):
        file_item(own, running_round, people, item)
    assert "O2" in " ".join(state_of(own, running_round, "O1").reasons)


def test_what_harms_readers_comes_first_and_then_what_is_quick(own, running_round, people):
    file_item(own, running_round, people, "O3", url="https://www.example.go.th/3", elements=[])
    file_item(own, running_round, people, "O2", url="https://www.example.go.th/2")
    file_item(own, running_round, people, "O1", url="https://www.example.go.th/1")
    Link.objects.filter(entry__item="O1").update(state="dead")
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    Link.objects.filter(entry__item="O2").update(alarm_since=now)
    work = readiness.assess_agency(own, running_round).work
    assert [i.row.item.id for i in work[:3]] == ["O2", "O1", "O3"]
    assert {i.state for i in work[3:]} == {State.MISSING}
    assert [len(i.missing) for i in work[3:]] == sorted(len(i.missing) for i in work[3:])


class _Element:
    only_for = None

    def __init__(self, th):
        self.th = th


@given(
    st.integers(1, 6),
    st.sets(st.integers(0, 8)),
    st.lists(st.sampled_from(["", *STATES]), max_size=4),
    st.booleans(),
)
def test_done_means_nothing_is_left_to_do(number, ticked, states, explained):
    required = [(k, _Element(f"องค์ประกอบ {k}")) for k in range(number)]
    links = [Link(pk=n, url=f"https://a.go.th/{n}", state=state) for n, state in enumerate(states, 1)]
    entry = Entry(elements=sorted(ticked), explanation="อธิบาย" if explained else "")
    assessed = readiness.assess_row(ItemRow(None, entry, links, required, None, set()))
    assert (assessed.state is State.MISSING) == (not links and not explained)
    assert (assessed.state is State.DONE) == (
        bool(links) and ticked >= set(range(number)) and not set(BROKEN_STATES) & set(states)
    )
    assert bool(assessed.reasons) == (assessed.state is not State.DONE)


def test_neither_marks_nor_scores_are_read(client, own, running_round, people):
    """The attacker is a page that shows an assessor's mark before it is released."""
    file_item(own, running_round, people, "O1")
    write_item_page(own, by=people["officer"])
    client.force_login(people["officer"])
    for address in (
        reverse("readiness", args=[own.code]),
        reverse("item_page_edit", args=[own.code, sample_year(), "O1"]),
        reverse("channels_desk", args=[own.code]),
    ):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assessed = readiness.assess_agency(own, running_round)
            item_pages.load_page(own, running_round, assessed.items[0].row.item)
        read = " ".join(q["sql"] for q in caught.captured_queries)
        assert "disclosure_link" in read
        assert "disclosure_mark" not in read
        assert "results_" not in read
        assert client.get(address).status_code == 200


def test_the_page_says_which_score_to_expect(client, own, running_round, people):
    """Between that of the items that are complete, and that of those with faults as well."""
    file_item(own, running_round, people, "O1", url="https://www.example.go.th/1")
    file_item(own, running_round, people, "O2", url="https://www.example.go.th/2", elements=[])
    assessed = readiness.assess_agency(own, running_round)
    framework = load_round_framework(running_round)
    assert assessed.forecast == forecast_disclosure(framework, complete={"O1"}, faulty={"O2"})
    assert 0 < assessed.forecast.low < assessed.forecast.high < 100
    client.force_login(people["officer"])
    page = " ".join(client.get(reverse("readiness", args=[own.code])).content.decode().split())
    assert f"อยู่ระหว่าง {assessed.forecast.low} ถึง {assessed.forecast.high}" in page
    assert "ผู้ประเมินเป็นผู้ให้คะแนน" in page


def test_the_page_of_readiness_says_what_is_missing(client, own, running_round, people):
    client.force_login(people["officer"])
    page = client.get(reverse("readiness_of_year", args=[own.code, sample_year()])).content.decode()
    item = item_pages.find_item(running_round, "O1")
    assert item.elements[0].th in page
    assert client.get(reverse("readiness_of_year", args=[own.code, 2400])).status_code == 404


# --- pages of items


def test_the_fields_are_the_elements_of_the_rules(client, own, running_round, people):
    client.force_login(people["officer"])
    for item in load_items(running_round):
        page = client.get(reverse("item_page_edit", args=[own.code, sample_year(), item.id])).content.decode()
        assert page.count("<textarea") == len(item_pages.load_page(own, running_round, item).elements)


def load_items(assessment_round):
    from prongsai.registry.queries import load_round_framework

    return load_round_framework(assessment_round).rules.disclosure_items


def test_from_the_form_to_the_public_page_and_the_round(client, own, running_round, people, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(people["officer"])
    edit = reverse("item_page_edit", args=[own.code, sample_year(), "O1"])
    public = reverse("item_page", args=[own.code, sample_year(), "O1"])
    client.post(edit, {"element-0": "โครงสร้าง <b>ใหม่</b> https://www.example.go.th/x", "base": "0"})
    assert client.get(public).status_code == 404  # not published yet
    client.post(edit, {"element-0": "โครงสร้าง <b>ใหม่</b> https://www.example.go.th/x", "base": "1", "public": "1"})
    page = client.get(public).content.decode()
    assert "<b>ใหม่" not in page
    assert 'rel="nofollow"' in page
    assert PageVersion.objects.count() == 1  # publishing alone is no new version
    form = client.get(edit).content.decode()
    elements = form.count('class="field wide element"')
    assert f"ยังขาด {elements - 1} จาก {elements} องค์ประกอบ" in form
    assert form.count('<span class="tag weak" hidden>ยังขาด</span>') == 1
    answer = client.post(
        reverse("item_page_file", args=[own.code, sample_year(), "O1"]), headers={"host": "ita.example.go.th"}
    )
    assert answer.status_code == 302
    entry = Entry.objects.get(item="O1")
    assert [link.url for link in entry.links.all()] == [f"http://ita.example.go.th{public}"]
    assert entry.elements == [0]


def test_filing_keeps_what_is_filed(own, running_round, people):
    file_item(own, running_round, people, "O1", url="https://www.example.go.th/a", elements=[1])
    shown = write_item_page(own, by=people["officer"], texts={0: "มี"})
    for _ in range(2):
        entry = item_pages.file_page(shown=shown, address="https://ita.example.go.th/page", by=people["officer"])
    urls = [link.url for link in entry.links.filter(until=None)]
    assert urls == ["https://www.example.go.th/a", "https://ita.example.go.th/page"]
    assert entry.elements == [0, 1]


def test_a_page_that_is_not_public_is_not_filed(own, running_round, people):
    shown = write_item_page(own, by=people["officer"], public=False)
    with pytest.raises(DomainError):
        item_pages.file_page(shown=shown, address="https://ita.example.go.th/page", by=people["officer"])
    assert not Entry.objects.exists()


def test_two_officers_on_one_page(own, people):
    write_item_page(own, by=people["officer"], texts={0: "หนึ่ง"})
    with pytest.raises(DomainError):
        write_item_page(own, by=people["executive"], texts={0: "สอง"}, base=0)
    shown = write_item_page(own, by=people["executive"], texts={0: "สอง"}, base=1)
    assert shown.number == 2


def test_what_is_refused_stays_on_the_page(client, own, people):
    write_item_page(own, by=people["officer"], texts={0: "หนึ่ง"})
    client.force_login(people["officer"])
    edit = reverse("item_page_edit", args=[own.code, sample_year(), "O1"])
    refused = client.post(edit, {"element-0": "พิมพ์ไว้นาน", "base": "0"})
    assert refused.status_code == 422
    assert "พิมพ์ไว้นาน" in refused.content.decode()
    assert client.post(edit, {"element-0": "ก" * 8001, "base": "1"}).status_code == 422
    assert PageVersion.objects.count() == 1


def test_versions_stay(own, people):
    write_item_page(own, by=people["officer"], texts={0: "หนึ่ง"})
    with pytest.raises(DatabaseError), transaction.atomic():
        PageVersion.objects.update(content={})


def test_next_year_begins_with_what_the_continued_items_said(client, own, running_round, people):
    """An item that is renamed, and elements that are worded anew: nothing that was written is out of sight."""
    item = item_pages.find_item(running_round, "O2")
    earlier = (*item.continues, item.id)[0]
    page = ItemPage.objects.create(agency=own, fiscal_year=sample_year() - 1, item=earlier)
    same, other = item.elements[0].th, item.elements[4].th
    content = {same: "ของปีก่อน", other.removesuffix("ของแต่ละคน"): "โทร 0", "zzzz": "ไม่ถามแล้ว", item.elements[1].th: ""}
    PageVersion.objects.create(page=page, number=1, content=content, by=people["officer"])
    shown = item_pages.load_page(own, running_round, item)
    found = {(e.element.index if e.element else None): (e.text, e.words) for e in item_pages.find_earlier(shown)}
    assert found == {0: ("ของปีก่อน", ""), 4: ("โทร 0", other.removesuffix("ของแต่ละคน")), None: ("ไม่ถามแล้ว", "zzzz")}
    assert shown.number == 0  # and nothing is stored by itself
    client.force_login(people["officer"])
    edit = client.get(reverse("item_page_edit", args=[own.code, sample_year(), "O2"])).content.decode()
    assert all(text in edit for text in ("ของปีก่อน", "โทร 0", "ไม่ถามแล้ว"))


def test_what_the_rules_worded_anew_within_a_year_is_in_sight(client, own, running_round, people):
    shown = write_item_page(own, by=people["officer"], texts={0: "มี"})
    PageVersion.objects.create(page=shown.page, number=2, content={"คำเดิม": "เขียนไว้"}, by=people["officer"])
    client.force_login(people["officer"])
    edit = client.get(reverse("item_page_edit", args=[own.code, sample_year(), "O1"])).content.decode()
    assert "เขียนไว้" in edit
    assert "นำข้อความของปีก่อน" not in edit


def test_the_agency_page_leads_to_pages_and_channels(client, own, people):
    address = reverse("agency", args=[own.code])
    assert "/channels/" not in client.get(address).content.decode()
    write_item_page(own, by=people["officer"])
    from prongsai.sites.actions import set_channels
    from prongsai.sites.models import ChannelSettings

    set_channels(settings=ChannelSettings(agency=own, questions_open=True), by=people["officer"])
    page = client.get(address).content.decode()
    assert reverse("item_page", args=[own.code, sample_year(), "O1"]) in page
    assert reverse("public_channels", args=[own.code]) in page
    section = reverse("agency_section", args=[own.code])
    assert section in page
    assert reverse("item_page", args=[own.code, sample_year(), "O1"]) in client.get(section).content.decode()


def test_an_item_that_names_a_channel_is_filed_with_one_button(client, own, running_round, people, settings):
    from prongsai.sites.actions import set_channels
    from prongsai.sites.models import ChannelSettings

    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(people["officer"])
    named = [i for i in load_items(running_round) if "ช่องทางแจ้งเรื่องร้องเรียน" in i.label.th]
    address = reverse("file_channels", args=[own.code, sample_year(), named[0].id])
    filed = {"page": reverse("public_channel", args=[own.code, "complaints"])}
    client.post(address, filed, headers={"host": "ita.example.go.th"})
    assert not Entry.objects.exists()  # the channel is closed
    page = reverse("readiness", args=[own.code])
    assert address not in client.get(page).content.decode()
    set_channels(settings=ChannelSettings(agency=own, complaints_open=True), by=people["officer"])
    shown = client.get(page).content.decode()
    assert [i.id for i in load_items(running_round) if f"/{i.id}/channels/" in shown] == [i.id for i in named]
    client.post(address, {"page": "/elsewhere/"}, headers={"host": "ita.example.go.th"})
    assert not Entry.objects.exists()
    client.post(address, filed, headers={"host": "ita.example.go.th"})
    entry = Entry.objects.get()
    assert entry.item == named[0].id
    assert entry.links.get().url == f"http://ita.example.go.th{filed['page']}"
    assert entry.elements == []
    assert address not in client.get(page).content.decode()  # one page for one item


def test_another_agencys_officer_files_nothing(client, own, agencies, running_round, people):
    write_item_page(agencies[1], by=people["officer"])
    client.force_login(people["officer"])
    for name in ("item_page_file", "file_channels"):
        assert client.post(reverse(name, args=[agencies[1].code, sample_year(), "O1"])).status_code == 403
    assert not Entry.objects.exists()


def test_what_a_filed_page_has_lost_is_weak_again(own, running_round, people):
    """An element is ticked, and then its text is taken out, or the page with all of it: the public finds nothing."""
    shown = write_item_page(own, by=people["officer"])
    address = f"https://ita.example.go.th/agency/{own.code}/{sample_year()}/page/O1/"
    item_pages.file_page(shown=shown, address=address, by=people["officer"])
    assert state_of(own, running_round, "O1").state is State.DONE
    first = shown.elements[0]
    texts = {e.index: e.text for e in shown.elements} | {first.index: ""}
    write_item_page(own, by=people["officer"], texts=texts, base=1)
    found = state_of(own, running_round, "O1")
    assert found.state is State.WEAK
    assert first.title in " ".join(found.reasons)
    write_item_page(own, by=people["officer"], base=2, public=False)
    assert f"{len(shown.elements)} องค์ประกอบ" in " ".join(state_of(own, running_round, "O1").reasons)
    write_item_page(own, by=people["officer"], base=3)
    assert state_of(own, running_round, "O1").state is State.DONE
    file_item(own, running_round, people, "O1", url=f"https://www.example.go.th/a\n{address}")
    write_item_page(own, by=people["officer"], texts=texts, base=3)
    assert state_of(own, running_round, "O1").state is State.DONE  # what another address has, its officer knows
