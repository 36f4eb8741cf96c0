"""Pages of items as registers write them: texts, tables and papers, read before they are published and filed with one
button."""

import hashlib

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.disclosure.models import Entry
from prongsai.documents import sources
from prongsai.documents.actions import name_file
from prongsai.documents.issuance import digest_content
from prongsai.documents.models import Paper
from prongsai.improvement.registers import actions as registers
from prongsai.improvement.registers import kinds, values
from prongsai.improvement.registers.fulfilment import SheetFacts
from prongsai.improvement.registers.item_text import MAX_LISTED, write_elements
from prongsai.machines import files
from prongsai.people.actions import DomainError
from prongsai.registry.models import Phase
from prongsai.sites import item_pages, register_pages
from prongsai.sites.models import PagePart, PageVersion
from tests.conftest import sample_year
from tests.improvement.sheets import approve, approved_sheet, fields_of, sheet, values_of
from tests.sites.conftest import write_item_page, write_pdf

KINDS = kinds.load()
NEWEST = rules.load("ita", max(year for name, year in rules.available() if name == "ita"))
TOPICS = {"no_gift": ("knowledge", "knowledge"), "ethics": ("code", "benefits")}
RISK = "O23"  # of the rules that tests use
AREAS = ({"area": "permits"}, {"area": "procurement"})


def facts_of(kind, year, *, records, approved=True):
    topics = TOPICS.get(kind.key)
    rows = [values_of(kind, n, **({"topic": topics[n % 2]} if topics else {})) for n in range(records)]
    rows = [row | AREAS[n % 2] if "area" in row else row for n, row in enumerate(rows)]
    return SheetFacts(kind, year, fields_of(kind, year), rows, approved, approved="อนุมัติโดย ก เมื่อวันที่ 1")


def write(item, **more):
    return write_elements(item, range(len(item.elements)), NEWEST.fiscal_year, lambda k, y: facts_of(k, y, **more))


@settings(max_examples=30, deadline=None)
@given(item=st.sampled_from(NEWEST.rules.disclosure_items), records=st.integers(2, MAX_LISTED + 2))
def test_every_record_is_told_and_each_table_stands_once(item, records):
    written = write(item, records=records)
    tables = [t.title for each in written.values() for t in each.content.tables]
    assert len(tables) == len(set(tables))
    for each in written.values():
        assert not each.missing
        for paper, year in each.content.papers:
            assert f"{paper.name} ปีงบประมาณ พ.ศ. {year}" in each.content.text
            if any(block.table for block in paper.blocks):
                assert f"{paper.name} ปี {year}" in tables
        for table in each.content.tables:
            assert len(table.rows) == records
            assert {len(row) for row in table.rows} == {len(table.columns)}
    if written and records > MAX_LISTED:
        assert not any(f"\n{records}. " in each.content.text for each in written.values())


def test_a_list_names_each_record_with_what_the_element_asks():
    item = next(i for i in NEWEST.rules.disclosure_items if "ประเมินความเสี่ยง" in i.label.th)
    written = write(item, records=2)
    risk = KINDS["risk"]
    for record in facts_of(risk, NEWEST.fiscal_year, records=2).values:
        assert record["event"] in written[0].content.text
        assert record["measure"] in written[2].content.text
        assert values.show(risk, "level", record, NEWEST.fiscal_year) in written[1].content.text
    assert "การจัดซื้อจัดจ้าง 1" in written[3].content.text
    assert [len(each.content.tables) for each in written.values()] == [1, 0, 0, 0]


@pytest.mark.parametrize("item", [i for i in NEWEST.rules.disclosure_items if write(i, records=2)], ids=str)
def test_nothing_is_said_of_a_plan_that_nobody_approved(item):
    for each in write(item, records=2, approved=False).values():
        if each.content is None:
            assert any("การอนุมัติ" in text for text in each.missing)
        else:
            assert all(not kinds.papers()[paper.key][0].needs_approval for paper, _ in each.content.papers)


# --- stored


@pytest.fixture
def own(agencies, running_round):
    return agencies[0]


@pytest.fixture
def risks(own, people):
    kind = KINDS["risk"]
    rows = [values_of(kind, n, stages=("plan",)) | area for n, area in enumerate(AREAS)]
    areas = [{"area": area} for area in ("power", "personnel")]
    rows += [values_of(kind, n, stages=("plan",)) | area for n, area in enumerate(areas, 2)]
    return approved_sheet(own, people, kind="risk", stages=("plan",), values=rows)


def draft_of(own, running_round, item=RISK):
    return register_pages.draft_page(
        item_pages.load_page(own, running_round, item_pages.find_item(running_round, item))
    )


def test_a_page_is_filled_in_one_version_and_not_again(own, running_round, risks, people):
    draft = draft_of(own, running_round)
    assert draft.is_complete
    shown = register_pages.fill_page(draft=draft, seen=draft.key, files=(), by=people["officer"])
    assert shown.missing == []
    assert not shown.page.public
    assert [len(element.parts) for element in shown.elements] == [1, 0, 0, 0]
    assert shown.parts[0].is_table
    again = draft_of(own, running_round)
    register_pages.fill_page(draft=again, seen=again.key, files=(), by=people["officer"])
    assert PageVersion.objects.count() == 1


def test_what_is_in_force_replaces_what_was_written_by_hand(own, running_round, risks, people):
    draft = draft_of(own, running_round)
    register_pages.fill_page(draft=draft, seen=draft.key, files=(), by=people["officer"])
    write_item_page(own, by=people["officer"], item=RISK, texts={0: "เขียนเอง"}, base=1)
    draft = draft_of(own, running_round)
    assert [each.replaces for each in draft.elements] == [True, False, False, False]
    record = risks.records.first()
    record.values |= {"event": "เหตุการณ์ใหม่"}
    record.save()
    again = draft_of(own, running_round)
    assert again.key == draft.key  # what is in force has not changed
    shown = register_pages.fill_page(draft=draft, seen=draft.key, files=(), by=people["officer"])
    assert "เขียนเอง" not in shown.elements[0].text
    assert len(shown.parts) == 1
    assert PagePart.objects.count() == 1  # it says the same


def test_a_table_takes_the_place_of_the_one_before_it(own, running_round, risks, people):
    """Of a plan that was approved anew; the earlier version still shows the earlier table."""
    draft = draft_of(own, running_round)
    register_pages.fill_page(draft=draft, seen=draft.key, files=(), by=people["officer"])
    record = risks.records.first()
    record.values |= {"event": "เหตุการณ์ใหม่"}
    record.save()
    risks.status = "draft"
    risks.save()
    approve(risks, people)
    again = draft_of(own, running_round)
    assert again.key != draft.key
    shown = register_pages.fill_page(draft=again, seen=again.key, files=(), by=people["officer"])
    (table,) = shown.parts
    assert "เหตุการณ์ใหม่" in str(table.rows)
    assert "เหตุการณ์ใหม่" in shown.elements[0].text
    assert [part.pk != table.pk for part in PageVersion.objects.get(number=1).parts.all()] == [True]


def test_an_element_that_no_register_holds_stays(own, running_round, people):
    ethics = next(i for i in ("O16",) if item_pages.find_item(running_round, i))
    sheet(own, people, kind="ethics", values=[values_of(KINDS["ethics"], 1)])
    write_item_page(own, by=people["officer"], item=ethics, texts={0: "ประมวลของเรา"}, public=False)
    draft = draft_of(own, running_round, ethics)
    assert draft.has_content
    assert not draft.is_complete
    shown = register_pages.fill_page(draft=draft, seen=draft.key, files=(), by=people["officer"])
    assert shown.elements[0].text == "ประมวลของเรา"
    assert values_of(KINDS["ethics"], 1)["activity"] in shown.elements[3].text
    with pytest.raises(DomainError, match="ขาดองค์ประกอบ"):
        register_pages.fill_and_file_page(
            draft=draft_of(own, running_round, ethics),
            seen="",
            files=(),
            address="https://a.go.th/",
            by=people["officer"],
        )


def test_who_agreed_to_something_else_publishes_nothing(own, running_round, risks, people):
    """The attacker, or a colleague, changes the page between reading and pressing."""
    draft = draft_of(own, running_round)
    write_item_page(own, by=people["officer"], item=RISK, texts={0: "เขียนเอง"}, public=False)
    for stale, seen in ((draft, draft.key), (draft_of(own, running_round), draft.key)):
        with pytest.raises(DomainError, match="อ่านอีกครั้งก่อน"):
            register_pages.fill_page(draft=stale, seen=seen, files=(), by=people["officer"])
    assert PageVersion.objects.count() == 1


def test_outside_the_days_of_filing_nothing_is_published(own, running_round, risks, people):
    Phase.objects.filter(round=running_round).update(ends="2020-01-02", starts="2020-01-01")
    draft = draft_of(own, running_round)
    with pytest.raises(DomainError):
        register_pages.fill_and_file_page(
            draft=draft, seen=draft.key, files=(), address="https://ita.example.go.th/p", by=people["officer"]
        )
    assert not PageVersion.objects.exists()


# --- at the desk


def issue_paper(own, *, key="risk_table", digest=""):
    """A paper that was issued, without writing it; with another ``digest``, of other figures."""
    content = write_pdf()
    sha256 = hashlib.sha256(content).hexdigest()
    files.store_bytes(name_file(sha256, "pdf"), content)
    now = digest_content(key, sources.collect_data(own, sample_year(), key), "")
    return Paper.objects.create(
        agency=own,
        kind=key,
        fiscal_year=sample_year(),
        content_digest=digest or now,
        docx_sha256=sha256,
        pdf_sha256=sha256,
        figures_read=0,
    )


def test_one_button_writes_attaches_publishes_and_files(client, own, running_round, risks, people, settings):
    settings.ALLOWED_HOSTS = ["*"]
    paper = issue_paper(own)
    client.force_login(people["officer"])
    address = reverse("item_page_registers", args=[own.code, sample_year(), RISK])
    assert address in client.get(reverse("readiness", args=[own.code])).content.decode()
    register = client.get(reverse("register", args=[own.code, sample_year(), "risk"])).content.decode()
    assert address in register
    page = client.get(address).content.decode()
    assert not PageVersion.objects.exists()
    assert values_of(KINDS["risk"], 0)["event"] in page
    draft = draft_of(own, running_round)
    assert draft.key in page
    answer = client.post(
        address, {"seen": draft.key, "paper": paper.pk, "file": "1"}, headers={"host": "ita.example.go.th"}
    )
    assert answer.url == reverse("readiness_of_year", args=[own.code, sample_year()])
    entry = Entry.objects.get(item=RISK)
    public = reverse("item_page", args=[own.code, sample_year(), RISK])
    assert [link.url for link in entry.links.all()] == [f"http://ita.example.go.th{public}"]
    assert entry.elements == [0, 1, 2, 3]
    table, pdf = PagePart.objects.order_by("stored_as")
    assert (table.is_table, pdf.sha256) == (True, paper.pdf_sha256)
    shown = client.get(public).content.decode()
    assert values_of(KINDS["risk"], 3)["measure"] in shown
    assert pdf.title in shown


def test_a_paper_of_other_figures_is_not_attached(client, own, running_round, risks, people):
    """As one that was issued while the register was a draft, and says so on every page."""
    paper = issue_paper(own, digest="0" * 64)
    client.force_login(people["officer"])
    address = reverse("item_page_registers", args=[own.code, sample_year(), RISK])
    assert "ไม่ตรงกับทะเบียนขณะนี้" in client.get(address).content.decode()
    client.post(address, {"seen": draft_of(own, running_round).key, "paper": paper.pk})
    assert [part.is_table for part in PagePart.objects.all()] == [True]


def test_a_register_without_an_approval_offers_no_button(client, own, running_round, people):
    made = sheet(own, people, kind="risk", stages=("plan",))
    client.force_login(people["officer"])
    address = reverse("item_page_registers", args=[own.code, sample_year(), RISK])
    page = client.get(address).content.decode()
    assert "การอนุมัติของผู้บริหาร" in page
    assert 'name="file"' not in page
    assert client.post(address, {"seen": draft_of(own, running_round).key, "file": "1"}).url == address
    assert not PageVersion.objects.exists()
    registers.submit_sheet(sheet=made, by=people["officer"])
    assert not draft_of(own, running_round).has_content


def test_another_agencys_officer_writes_nothing(client, own, agencies, running_round, people):
    client.force_login(people["officer"])
    address = reverse("item_page_registers", args=[agencies[1].code, sample_year(), RISK])
    assert client.get(address).status_code == 403
    assert client.post(address, {"file": "1"}).status_code == 403
