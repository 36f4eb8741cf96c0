"""The office's list of filings: what it shows is what there is, whatever it is filtered or sorted by; few queries; and
acts on what was picked."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import filing_list, queries
from prongsai.disclosure.models import Clarification, Confirmation, Entry, Link, Mark
from prongsai.intake.files import read_rows
from prongsai.machines import files
from prongsai.people.models import AuditEntry, Notice, SavedView
from prongsai.registry.actions import declare_interest
from prongsai.registry.models import Agency, Assignment
from tests.conftest import sample_year
from tests.people.test_lists import fields
from tests.reading import watch_reading

PROVINCES = ("เชียงใหม่", "ขอนแก่น", "ตาก", "")


@pytest.fixture
def nation(people, agencies, running_round, ids, settings, tmp_path):
    """Twenty agencies at every stage, beside the two of all tests: N00 to N03 with all marks released, N04 with all
    marks, N05 with one, N06 confirmed, N07 begun; N00 replied."""
    settings.MEDIA_ROOT = tmp_path
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
    for k, agency in enumerate(Agency.objects.filter(code__startswith="N").order_by("code")[:8]):
        filing = queries.get_filing(running_round, agency)
        for item in ids[: k + 1]:
            entry = Entry.objects.create(filing=filing, item=item, explanation="" if item == ids[0] else "มี")
            Link.objects.create(
                entry=entry, url=f"https://x.test/{item}", state=queries.BROKEN_STATES[0] if k == 1 else "ok"
            )
        if k < 7:
            filing.confirmed = Confirmation.objects.create(
                filing=filing, by=people["executive"], name="x", position="x", at=timezone.now(), content={}, digest="0"
            )
        filing.released_at = timezone.now() if k < 4 else None
        filing.save()
        for item in ids if k < 5 else ids[:1] if k == 5 else ():
            Mark.objects.create(filing=filing, item=item, stage="first", points=0, by=people["assessor"])
        if k == 0:
            Clarification.objects.create(filing=filing, item=ids[0], text="มี", by=people["officer"])
    return running_round


@pytest.fixture
def office(client, people):
    client.force_login(people["office"])
    return client


def codes(nation, **values):
    return [a.code for a in filing_list.list_filings(nation.pk, values).rows]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("filing", ["N07"]),
        ("confirmed", ["N06"]),
        ("marking", ["N05"]),
        ("marked", ["N04"]),
        ("released", ["N00", "N01", "N02", "N03"]),
        ("clarified", ["N00"]),
        ("disputed", ["N00"]),
        ("broken", ["N01"]),
    ],
)
def test_a_state_has_those_that_are_in_it(nation, state, expected):
    assert codes(nation, state=state) == expected


def test_who_has_not_begun_is_in_the_list(nation):
    assert len(codes(nation, state="none")) == 14
    assert len(codes(nation)) == 22
    Entry.objects.create(filing=queries.get_filing(nation, Agency.objects.get(code="N10")), item="O1")  # says nothing
    assert "N10" in codes(nation, state="none")


def test_it_is_searched_filtered_and_sorted(nation, people):
    assert codes(nation, q="หน่วย 03") == ["N03"]
    assert codes(nation, province="ตาก", state="released") == ["N02"]
    assert set(codes(nation, kind="town", region="เหนือ")) <= {f"N{k:02}" for k in range(20)}
    assert codes(nation, assessor=str(people["assessor"].pk)) == ["A1"]
    assert "A1" not in codes(nation, assessor="none")
    assert codes(nation, sort="filed", order="down")[:8] == [f"N{k:02}" for k in range(7, -1, -1)]
    assert codes(nation, sort="broken", order="down")[0] == "N01"
    assert codes(nation, sort="clarified", order="down")[0] == "N00"
    assert set(codes(nation, sort="marked", order="down")[:5]) == {f"N{k:02}" for k in range(5)}
    assert set(codes(nation, sort="released")[:4]) == {f"N{k:02}" for k in range(4)}
    assert len(codes(nation, sort="confirmed")) == 22


def test_what_a_row_shows_is_what_there_is(nation, ids):
    rows = filing_list.describe(nation, list(filing_list.list_filings(nation.pk, {}).rows))
    shown = {row.agency.code: (dict(row.counts), row.assessor) for row in rows}
    assert shown["N01"] == ({"filed": 2, "broken": 2, "marked": len(ids), "clarified": 0}, "")
    assert shown["N00"][0] == {"filed": 1, "broken": 0, "marked": len(ids), "clarified": 1}
    assert shown["A1"][1] == "ผู้ใช้ assessor"


def test_few_queries_whatever_the_size(office, nation, django_assert_max_num_queries):
    address = reverse("filing_list", args=[sample_year()])
    counts = []
    for values in (
        {"size": "25"},
        {"size": "100"},
        {"size": "100", "sort": "filed"},
        {"size": "100", "state": "disputed"},
    ):
        with django_assert_max_num_queries(35) as asked:
            office.get(address, values)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_page_and_its_files_have_the_same_rows(office, nation, ids):
    address = reverse("filing_list", args=[sample_year()])
    page = office.get(address, {"state": "released", "sort": "filed"}).content.decode()
    assert [c for c in (f"N{k:02}" for k in range(20)) if f"<code>{c}</code>" in page] == ["N00", "N01", "N02", "N03"]
    sent = office.get(address, {"state": "released", "sort": "filed", "format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(sent.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == list(filing_list.TITLES)
    assert [row[0] for row in rows[1:]] == ["N00", "N01", "N02", "N03"]
    assert rows[2][4:7] == ["2", str(len(ids)), "2"]


def act(office, key, capture, **values):
    """Pick by a filter, read what is shown, confirm; everything that waits for the commit is done."""
    address = reverse("act_on_filings", args=[sample_year()])
    asked = office.post(address, {"act": key, "all": "1", **values})
    with capture(execute=True):
        return office.post(
            address, fields(asked, "@data-draft='selection'") | {"confirm": "1", "text": values.get("text", "")}
        )


def test_those_who_act_for_the_selection_are_reminded(office, nation, people, django_capture_on_commit_callbacks):
    act(office, "remind", django_capture_on_commit_callbacks, state="none", text="โปรดยื่นข้อมูล")
    assert set(Notice.objects.filter(text="โปรดยื่นข้อมูล").values_list("user__role", flat=True)) == {
        "officer",
        "executive",
    }
    act(office, "remind_assessors", django_capture_on_commit_callbacks, state="none", text="โปรดดูงาน")
    assert list(Notice.objects.filter(text="โปรดดูงาน").values_list("user__role", flat=True)) == ["assessor"]


def test_the_selection_is_assigned_where_the_rules_allow_it(office, nation, people, django_capture_on_commit_callbacks):
    assessor = people["assessor"]
    declare_interest(user=assessor, agency=Agency.objects.get(code="N06"), reason="ญาติ", by=people["office"])
    act(office, "assign", django_capture_on_commit_callbacks, q="หน่วย", text=str(assessor.pk))
    assigned = set(Assignment.objects.filter(assessor=assessor).values_list("agency__code", flat=True))
    released, tie = {"N00", "N01", "N02", "N03"}, {"N06"}
    assert assigned == {"A1", *(f"N{k:02}" for k in range(20))} - released - tie
    assert "อีก 1 แห่งไม่ได้มอบหมาย" in Notice.objects.filter(user=people["office"]).last().text
    assert AuditEntry.objects.filter(action="registry.assign", agency="N10").exists()


def test_an_act_is_never_done_to_more_than_was_shown(office, nation, people, django_capture_on_commit_callbacks):
    address = reverse("act_on_filings", args=[sample_year()])
    asked = office.post(address, {"act": "remind", "all": "1", "state": "none", "text": "x"})
    Entry.objects.create(
        filing=queries.get_filing(nation, Agency.objects.get(code="A1")), item="O1", explanation="ยื่นแล้ว"
    )
    again = office.post(address, fields(asked, "@data-draft='selection'") | {"confirm": "1", "text": "x"})
    assert again.status_code == 409
    assert not Notice.objects.filter(text="x").exists()


def test_too_many_for_one_assessor_are_refused(office, nation, people, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(filing_list, "MOST_ASSIGNED", 5)
    act(office, "assign", django_capture_on_commit_callbacks, q="หน่วย", text=str(people["assessor"].pk))
    assert Assignment.objects.count() == 1
    assert "ครั้งละไม่เกิน 5 แห่ง" in Notice.objects.filter(user=people["office"]).last().text


def test_the_selection_is_exported_by_a_worker(office, client, nation, people, django_capture_on_commit_callbacks):
    address = reverse("export_filings", args=[sample_year()])
    assert office.get(address).status_code == 404
    act(office, "export", django_capture_on_commit_callbacks, state="released")
    with files.local_copy(filing_list.name_export(nation, people["office"])) as path:
        rows = [row.cells for row in read_rows(path)][1:]  # without the name of the sheet
    assert rows[0] == filing_list.TITLES
    assert [row[0] for row in rows[1:]] == ["N00", "N01", "N02", "N03"]
    assert b"".join(office.get(address).streaming_content).startswith(b"PK")
    assert address in office.get(reverse("filing_list", args=[sample_year()])).content.decode()
    act(office, "export", django_capture_on_commit_callbacks, state="broken")  # takes the place of the first
    with files.local_copy(filing_list.name_export(nation, people["office"])) as path:
        assert len(read_rows(path)) == 3


def test_progress_is_not_written_in_the_middle_of_reading(
    office, nation, monkeypatch, django_capture_on_commit_callbacks
):
    """SQLite refuses that where others wrote meanwhile."""
    monkeypatch.setattr(filing_list, "_PER_READ", 5)
    with watch_reading(monkeypatch) as reports:
        act(office, "export", django_capture_on_commit_callbacks)
    assert len(reports) >= 4
    assert not any(reports)


def test_a_view_of_it_is_saved(office, nation, people):
    page = reverse("filing_list", args=[sample_year()])
    office.post(reverse("save_view"), {"name": "ยังไม่ยื่น", "path": page, "query": "state=none&sort=name"})
    saved = SavedView.objects.get(user=people["office"])
    assert "ยังไม่ยื่น" in office.get(page).content.decode()
    assert saved.path == page


def test_the_auditor_reads_and_does_nothing(client, nation, people):
    client.force_login(people["auditor"])
    page = client.get(reverse("filing_list", args=[sample_year()]))
    assert page.status_code == 200
    assert 'name="act"' not in page.content.decode()
    assert client.post(reverse("act_on_filings", args=[sample_year()]), {"act": "remind"}).status_code == 403
