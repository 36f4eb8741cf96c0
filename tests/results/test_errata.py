"""What was public is corrected in the open: a reason, a date, what changed for whom; and what was before stays."""

import json
import shutil

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from prongsai.disclosure.models import Filing
from prongsai.disclosure.queries import list_reopened, list_seals
from prongsai.jobs.leases import NO_LEASE
from prongsai.lib import digest
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.publiclog import actions as log
from prongsai.publiclog import queries as log_queries
from prongsai.publiclog.models import LogEntry
from prongsai.registry.models import Agency
from prongsai.results import actions, errata, queries, receipts
from prongsai.results.models import (
    AgencyResult,
    CorrectedResult,
    Erratum,
    Publication,
    PublishedResult,
    ResultSet,
)

from .way_back import ORDER, REASON, compute, correct_marks, items_of, reopen, seal_marks, seal_round


def publish(result_set, people, reason=REASON):
    publication = actions.publish(result_set=result_set, by=people["office"], reason=reason)
    receipts.log_publication.function(NO_LEASE, publication.pk)
    log.sign_checkpoint()
    return publication


def read(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# --- the computation names what it corrects and why


def test_the_new_set_names_the_one_it_corrects_and_the_order(first, second):
    assert second.corrects == first
    assert "รับอุทธรณ์ เลขที่ อธ 12/2569" in second.note
    assert "ข้อ O1 ขององค์การบริหารส่วนตำบลบ้านทดสอบ" in second.note
    before, after = (s.results.get(agency__code="A1") for s in (first, second))
    assert (before.shown["O1"], after.shown["O1"]) == ("0.00", "100.00")
    assert after.overall > before.overall
    other = [s.results.get(agency__code="B2").shown for s in (first, second)]
    assert other[0] == other[1]


def test_a_set_that_was_never_public_is_corrected_past(first, second, people, agencies, running_round):
    """The public knows the first set alone: the third corrects that one, not the second that nobody saw."""
    correct_marks(running_round, agencies[1], people, items_of(running_round)[0], points=0)
    third = compute(running_round, people)
    assert third.corrects == first
    assert "ของเทศบาลตำบลเมืองอื่น" in third.note
    assert "ขององค์การบริหารส่วนตำบลบ้านทดสอบ" in third.note  # since the first


def test_what_is_still_undecided_does_not_stop_the_nation(first, people, agencies, running_round, client):
    reopen(running_round, agencies[0], people, items_of(running_round)[0])
    client.force_login(people["office"])
    page = read(client, "run_round", running_round.fiscal_year)
    assert "ข้อที่เปิดใหม่และยังไม่อยู่ในผลนี้ 1 ข้อ" in page
    compute(running_round, people)
    assert ResultSet.objects.count() == 1  # nothing is different yet
    assert "มีอยู่แล้ว" in Notice.objects.latest("pk").text


def test_before_a_computation_the_page_says_what_was_collected_and_what_is_open(
    first, people, agencies, running_round, client
):
    Filing.objects.filter(round=running_round, agency=agencies[1]).update(released_at=None)
    client.force_login(people["office"])
    page = read(client, "run_round", running_round.fiscal_year)
    assert "ส่งคะแนนตรวจให้หน่วยงานแล้ว 1 จาก 2 หน่วยงาน" in page
    assert "รอการชี้ขาด 0 ข้อ" in page
    assert "ยังไม่ได้หาสัญญาณ" in page


# --- differences in words


def test_differences_are_in_words_from_the_item_to_the_rank(first, second, agencies):
    (change,) = errata.list_differences(first, second, limit=10)
    nodes = [s.node for s in change.scores]
    assert nodes[0] == "O1"
    assert nodes[-1] in ("overall", "level")
    assert nodes.index("9.1") < nodes.index("9") < nodes.index("OIT") < nodes.index("overall")
    item = change.scores[0]
    assert item.name.th.startswith("ข้อ O1 ")
    assert (item.before, item.after, str(item.points)) == ("0.00", "100.00", "100.00")
    assert change.agency == agencies[0]


def test_the_rank_that_a_correction_gives(first, people, agencies, running_round):
    """Both are of one type; the corrected one overtakes the other, who is counted as moved."""
    Agency.objects.filter(code="B2").update(kind=agencies[0].kind)
    items = items_of(running_round)
    for item in items[:8]:
        correct_marks(running_round, agencies[1], people, item, points=0)
    second = compute(running_round, people)
    (change,) = errata.list_differences(first, second, limit=10)
    assert change.agency == agencies[1]
    publish(second, people)
    erratum = Erratum.objects.get()
    row = erratum.results.get()
    before, after = row.ranks
    assert (before, after) == ([change.rank_before.place, 2], [change.rank_after.place, 2])
    assert erratum.moved == int(before != after)


def test_equals_share_a_rank_and_each_type_has_its_own():
    rows = [(1, "a", False, 90, 0), (2, "a", False, 90, 0), (3, "a", False, 80, 0), (4, "b", False, 10, 0)]
    rows += [(5, "a", True, 99, 0), (6, "a", False, None, 0)]
    ranks = errata.rank_agencies(rows)
    assert {a: (r.place, r.of) for a, r in ranks.items()} == {1: (1, 3), 2: (1, 3), 3: (3, 3), 4: (1, 1), 5: (1, 1)}


# --- the reason


def test_a_correction_without_a_reason_is_refused_and_leaves_nothing(first, second, people, client):
    for reason in ("", "  \n"):
        with pytest.raises(DomainError, match="ต้องบอกเหตุผลที่ประชาชนจะอ่าน"):
            actions.publish(result_set=second, by=people["office"], reason=reason)
    with pytest.raises(DomainError, match="ไม่เกิน 600"):
        actions.publish(result_set=second, by=people["office"], reason="ก" * 601)
    client.force_login(people["office"])
    seen = queries.publication_key(second)
    page = client.post(
        reverse("publish", args=[second.pk]), {"seen": seen, "reason": " ", "typed": second.fiscal_year}, follow=True
    )
    assert "ต้องบอกเหตุผลที่ประชาชนจะอ่าน" in page.content.decode()
    assert (Publication.objects.count(), Erratum.objects.count()) == (1, 0)
    assert {r.result.result_set for r in PublishedResult.objects.all()} == {first}


def test_a_first_publication_is_no_correction_whatever_is_typed(people, agencies, running_round, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seal_round(running_round, agencies, people)
    actions.publish(result_set=compute(running_round, people), by=people["office"], reason="x")
    assert not Erratum.objects.exists()


def test_an_import_that_replaces_another_is_a_correction_too(people, agencies, published):
    """An officer confirmed a figure wrongly, and confirms it again."""
    from tests.conftest import upload

    again = upload(agencies[0], people["officer"], "bangpla-2568.txt")
    year = published[0].fiscal_year
    values = {x.node: x.value for x in queries.review_figures(again, year) if x.value} | {"overall": "12.34"}
    corrected = actions.confirm_document(
        imported=again,
        agency=agencies[0],
        fiscal_year=year,
        values=values,
        replaces=queries.find_recorded_result(agencies[0], year).pk,
        by=people["officer"],
    )
    with pytest.raises(DomainError, match="ต้องบอกเหตุผล"):
        actions.publish(result_set=corrected, by=people["office"])
    actions.publish(result_set=corrected, by=people["office"], reason="พิมพ์คะแนนรวมผิด")
    assert Erratum.objects.get().agencies == 1


def test_the_page_offers_the_reason_that_the_computation_noted(first, second, people, client):
    client.force_login(people["office"])
    page = read(client, "result_set", second.pk)
    assert "เหตุผลของการแก้ไข ที่ประชาชนจะอ่าน" in page
    assert second.note in page
    assert "ข้อ O1 " in page
    assert "อันดับในประเภทเดียวกัน" in page


# --- what the public reads


def test_the_agencys_page_says_when_why_and_what_and_leads_to_what_was_before(first, second, people, client):
    before = first.results.get(agency__code="A1")
    publish(second, people)
    page = read(client, "agency_year", "A1", second.fiscal_year)
    erratum = Erratum.objects.get()
    day = erratum.publication.published_at
    assert f"{day.year + 543}" in page
    assert "แก้ไขเมื่อ" in page
    assert REASON in page
    assert "ข้อ O1 " in page
    assert "ลงวันที่ 3 พ.ย. 2569" in page
    (earlier,) = first.publications.all()
    address = reverse("earlier", args=["A1", second.fiscal_year, earlier.pk])
    assert address in page
    page = client.get(address).content.decode()
    assert before.shown["overall"] in page
    assert "ไม่ใช่ผลที่ใช้อยู่" in page
    receipt = json.loads(client.get(address + "receipt.json").content)
    assert receipt["about"]["result_set"] == first.digest
    assert {n["node"]: n["shown"] for n in receipt["nodes"]}["overall"] == before.shown["overall"]
    english = client.get("/en" + address).content.decode()
    assert "Not the result in force" in english


def test_who_was_not_corrected_has_no_erratum(first, second, people, client):
    publish(second, people)
    page = read(client, "agency_year", "B2", second.fiscal_year)
    assert "แก้ไขเมื่อ" not in page
    (earlier,) = first.publications.all()
    for name in ("earlier", "earlier_receipt"):
        assert client.get(reverse(name, args=["B2", second.fiscal_year, earlier.pk])).status_code == 404


def test_the_year_says_it_and_lists_whose(first, second, people, client):
    assert "แก้ไขเมื่อ" not in read(client, "nation_year", first.fiscal_year)
    assert "ไม่มีการแก้ไขผลของปีนี้" in read(client, "corrections", first.fiscal_year)
    publish(second, people)
    page = read(client, "nation_year", first.fiscal_year)
    assert REASON in page
    address = reverse("corrections", args=[first.fiscal_year])
    assert address in page
    page = client.get(address).content.decode()
    assert "องค์การบริหารส่วนตำบลบ้านทดสอบ" in page
    assert "เทศบาลตำบลเมืองอื่น" not in page
    assert client.get(address, {"erratum": "99", "page": "x"}).status_code == 200
    assert client.get(reverse("corrections", args=[2500])).status_code == 404


def test_the_api_has_it_and_says_nothing_new_of_what_was_never_corrected(first, second, people, client):
    address = f"/api/rounds/{first.fiscal_year}/results"
    before = client.get(address).json()
    assert all("corrections" not in row for row in before["items"])
    publish(second, people)
    rows = {row["agency"]: row for row in client.get(address).json()["items"]}
    (correction,) = rows["A1"]["corrections"]
    assert correction["reason"] == REASON
    assert {"node": "O1", "before": "0.00", "after": "100.00"} in correction["changes"]
    assert client.get(correction["earlier"]).status_code == 200
    assert rows["B2"] == next(row for row in before["items"] if row["agency"] == "B2")
    assert client.get("/api/agencies/A1/results").json()[0]["corrections"] == [correction]


def test_bytes_of_answers_without_a_correction_are_what_they_were(published, client):
    """As Django wrote them before there were corrections: every field, none left out, in the same order."""
    (row, *_) = client.get("/api/agencies/A1/results").json()
    assert list(row) == [
        "agency",
        "fictional",
        "fiscal_year",
        "overall",
        "level",
        "passed",
        "origin",
        "scores",
        "approximate",
        "rules",
        "receipt",
    ]


def test_the_public_log_has_the_digest_of_the_reason_and_nobodys_words(first, second, people):
    receipts.log_publication.function(NO_LEASE, first.publications.get().pk)
    publish(second, people)
    entries = list(LogEntry.objects.filter(kind="publication").order_by("index"))
    plain, corrected = (json.loads(e.content) for e in entries)
    assert "erratum" not in plain
    assert corrected["corrects"] == first.digest
    assert corrected["erratum"] == {"agencies": 1, "reason": digest.of_json(REASON)}
    assert REASON not in entries[1].content
    assert [log_queries.describe_entry(e).title.th for e in entries] == [
        "เผยแพร่ผลการประเมิน",
        "แก้ไขผลการประเมินที่เผยแพร่",
    ]
    assert AuditEntry.objects.filter(action="results.publish").latest("pk").detail["reason"] == REASON


# --- withdrawing, and corrections of corrections


def test_a_correction_that_is_withdrawn_is_none_any_more(first, second, people, client):
    publish(second, people)
    (earlier,) = first.publications.all()
    actions.withdraw(result_set=second, reason="ผิดแฟ้ม", by=people["office"])
    assert "แก้ไขเมื่อ" not in read(client, "agency_year", "A1", first.fiscal_year)
    assert "แก้ไขเมื่อ" not in read(client, "nation_year", first.fiscal_year)
    assert client.get(reverse("earlier", args=["A1", first.fiscal_year, earlier.pk])).status_code == 404
    assert {r.result.result_set for r in PublishedResult.objects.all()} == {first}


def test_what_was_withdrawn_is_not_shown_as_what_was_before(first, second, people, client):
    """Withdrawn first, corrected afterwards: the public reads that and why, and none of the figures taken back."""
    (earlier,) = first.publications.all()
    actions.withdraw(result_set=first, reason="ผิดทั้งชุด", by=people["office"])
    with pytest.raises(DomainError, match="ต้องบอกเหตุผล"):
        actions.publish(result_set=second, by=people["office"])
    publish(second, people)
    page = read(client, "agency_year", "A1", first.fiscal_year)
    assert REASON in page
    assert "ถูกถอนเมื่อ" in page
    assert "จาก 0.00" not in page
    assert client.get(reverse("earlier", args=["A1", first.fiscal_year, earlier.pk])).status_code == 404
    (correction,) = client.get("/api/agencies/A1/results").json()[0]["corrections"]
    assert (correction["changes"], correction["earlier"]) == ([], None)


def test_corrections_of_corrections_stay_in_their_order(first, second, people, agencies, running_round, client):
    publish(second, people)
    items = items_of(running_round)
    correct_marks(running_round, agencies[0], people, items[1], points=0)
    third = compute(running_round, people)
    assert third.corrects == second
    publish(third, people, reason="คำสั่งศาล คดีที่ 7")
    page = read(client, "agency_year", "A1", first.fiscal_year)
    assert page.index("คำสั่งศาล คดีที่ 7") < page.index(REASON)
    for publication in Publication.objects.exclude(result_set=third):
        address = reverse("earlier", args=["A1", first.fiscal_year, publication.pk])
        assert address in page
        assert client.get(address).status_code == 200
    first_shown = read(client, "earlier", "A1", first.fiscal_year, first.publications.get().pk)
    assert first.results.get(agency__code="A1").shown["overall"] in first_shown


def test_a_recomputation_that_changes_nothing_says_so(first, people, monkeypatch, client, running_round):
    """A new version of the program computes the same: another set, and an erratum without agencies."""
    import prongsai

    monkeypatch.setattr(prongsai, "__version__", "9.9")
    again = compute(running_round, people)
    publish(again, people, reason="คำนวณใหม่ด้วยโปรแกรมรุ่นใหม่")
    assert Erratum.objects.get().agencies == CorrectedResult.objects.count() == 0
    assert "ไม่มีคะแนนใดเปลี่ยน" in read(client, "corrections", first.fiscal_year)
    assert "แก้ไขเมื่อ" not in read(client, "agency_year", "A1", first.fiscal_year)


@pytest.mark.parametrize("table", ["results_erratum", "results_correctedresult"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET reason = 'x'", "UPDATE {} SET ranks = 'null'"])
def test_the_database_refuses_to_change_an_erratum(first, second, people, table, statement):
    publish(second, people)
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert "append-only" in str(refused.value) or "column" in str(refused.value)


# --- the whole


def test_from_an_accepted_appeal_to_the_erratum(
    client, people, agencies, running_round, settings, tmp_path, django_capture_on_commit_callbacks
):
    """Every step on its page, as the office does it."""
    settings.MEDIA_ROOT = settings.DATA = tmp_path
    year, item = running_round.fiscal_year, items_of(running_round)[0]
    seal_round(running_round, agencies, people)
    client.force_login(people["office"])

    def post(name, *args, **form):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(reverse(name, args=args), form, follow=True).content.decode()

    post("run_round", year)
    first = ResultSet.objects.get()
    post("publish", first.pk, seen=queries.publication_key(first), typed=year)
    shown = first.results.get(agency__code="A1").shown["overall"]
    assert shown in read(client, "agency_year", "A1", year)

    page = read(client, "reopen_item", year, "A1", item)
    assert f"คะแนนรวม {shown}" in page
    assert "ผลที่จะเป็นไปได้" in page
    key = page.partition('name="seen" value="')[2].partition('"')[0]
    order = ORDER | {"dated": "3 พ.ย. 2569"}
    assert "ขั้นต่อไปคือชี้ขาด" in post("reopen_item", year, "A1", item, seen=key, **order)
    (reopened,) = list_reopened(running_round)
    post("decide_reopened", year, reopened.reopening.pk, points="100", comment="ตามคำวินิจฉัย")
    post("oit_seal", year)
    assert "ชุดใหม่จะแก้" in read(client, "run_round", year)
    post("run_round", year)
    second = ResultSet.objects.first()
    assert second.corrects == first
    assert shown in read(client, "agency_year", "A1", year)  # nothing is public of it yet

    page = read(client, "result_set", second.pk)
    assert "ข้อ O1" in page
    post("publish", second.pk, seen=queries.publication_key(second), reason=second.note, typed=year)
    page = read(client, "agency_year", "A1", year)
    corrected = second.results.get(agency__code="A1").shown["overall"]
    assert corrected != shown
    assert f'<div class="total">{corrected}</div>' in page
    assert "แก้ไขเมื่อ" in page
    assert "รับอุทธรณ์ เลขที่ อธ 12/2569 ลงวันที่ 3 พ.ย. 2569" in page
    client.logout()
    earlier = read(client, "earlier", "A1", year, first.publications.get().pk)
    assert f'<div class="total">{shown}</div>' in earlier
    assert AgencyResult.objects.count() == 4  # nothing was taken away


def test_a_seal_of_before_stays_computable(first, second, running_round, people):
    """A dispute is answered by three digests: the marks of before give the result of before."""
    folder = running_round.parcels
    now, before = list_seals(running_round)
    assert now.replaces == before
    again = folder.parent / "again"
    shutil.copytree(folder, again, ignore=shutil.ignore_patterns("replaced"))
    shutil.copy(folder / "replaced" / f"marks-{before.digest[:16]}.parquet", again / "marks.parquet")
    with pytest.raises(DomainError, match="มีอยู่แล้ว"):  # the very same set
        actions.compute_round(assessment_round=running_round, folder=again, by=people["office"])


def test_sealing_again_without_a_reopening_is_refused(first, running_round, people):
    with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
        seal_marks(running_round, people)
