"""One item of one agency is opened again after the seal, decided, and sealed again; nothing else moves."""

import datetime
import hashlib
import json

import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from prongsai.disclosure import actions, queries
from prongsai.disclosure.models import Mark, MarksSeal, Reopening
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice, User
from prongsai.publiclog.models import LogEntry
from prongsai.registry.models import Interest, Round
from prongsai.registry.queries import today

from .filed import file_and_confirm, mark_all

ORDER = {
    "ground": "appeal",
    "number": "อธ 12/2569",
    "dated": datetime.date(2026, 11, 3),
    "reason": "เอกสารอยู่ในลิงก์ที่ยื่นไว้แต่แรก",
}


@pytest.fixture
def sealed(people, filing, ids):
    """A filing with one mark of 0 among full ones, released and sealed."""
    file_and_confirm(filing, people)
    mark_all(filing, people, ids, zero=ids[:1])
    seal(filing, people)
    return filing


def seal(filing, people):
    return actions.seal(
        assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True
    )


def reopen(filing, item, by, **changes):
    fields = ORDER | {"seen": queries.reopening_key(filing, item)} | changes
    return actions.reopen_item(filing=filing, item=item, by=by, **fields)


def decide(filing, item, by, points=100, comment="ดูสำเนาตอนยื่นแล้วมีครบ"):
    return actions.mark_item(
        filing=filing, item=item, points=points, reasons=[], comment=comment, elements=[], by=by, stage="decision"
    )


def parcel(filing, name="marks.parquet"):
    return pq.read_table(filing.round.parcels / name).to_pydict()


def test_an_item_is_opened_decided_and_sealed_again_and_nothing_else_moves(people, sealed, ids, assessors):
    first, before = queries.latest_seal(sealed.round), parcel(sealed)
    content = (sealed.round.parcels / "marks.parquet").read_bytes()
    reopening = reopen(sealed, ids[0], people["office"])
    assert (reopening.seal, reopening.mark.points) == (first, 0)
    assert [d.item for d in queries.open_disputes([sealed.round], assessors[0])] == [ids[0]]
    mark = decide(sealed, ids[0], assessors[0])
    second = seal(sealed, people)
    assert (second.replaces, second.marks, second.missing) == (first, first.marks, first.missing)
    after = parcel(sealed)
    row = before["agency"].index("A1")
    assert (before[ids[0]][row], after[ids[0]][row]) == (0, 100)
    before[ids[0]][row] = 100
    assert after == before
    # what was sealed before is there still, and the mark with its date
    kept = sealed.round.parcels / "replaced" / f"marks-{first.digest[:16]}.parquet"
    assert kept.read_bytes() == content
    assert hashlib.sha256(content).hexdigest() == first.digest
    assert list(sealed.marks.filter(item=ids[0]).values_list("points", flat=True)) == [0, 100]
    assert MarksSeal.objects.count() == 2
    (row,) = queries.list_reopened(sealed.round)
    assert (row.reopening, row.decision, row.resealed) == (reopening, mark, second)


def test_what_is_public_of_it_names_the_seal_before_and_no_reason(people, sealed, ids, assessors):
    first = queries.latest_seal(sealed.round)
    reopen(sealed, ids[0], people["office"])
    decide(sealed, ids[0], assessors[0])
    second = seal(sealed, people)
    entries = [json.loads(e.content) for e in LogEntry.objects.filter(kind="marks_seal").order_by("index")]
    assert "replaces" not in entries[0]  # as it always was
    assert (entries[1]["digest"], entries[1]["replaces"]) == (second.digest, first.digest)
    assert ORDER["reason"] not in str(entries)
    trail = AuditEntry.objects.get(action="disclosure.reopen_item")
    assert trail.detail | {"reason": ORDER["reason"], "number": ORDER["number"]} == trail.detail
    assert "อธ 12/2569" in Notice.objects.get(user=people["officer"], text__contains="เปิดใหม่หลังปิดผนึก").text


def test_only_the_item_that_was_opened_is_decided_once(people, sealed, ids, assessors):
    reopen(sealed, ids[0], people["office"])
    for item in ids[1:3]:
        with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
            decide(sealed, item, assessors[0])
    for stage in ("first", "second"):
        with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
            actions.mark_item(
                filing=sealed,
                item=ids[0],
                points=100,
                reasons=[],
                comment="x",
                elements=[],
                by=people["assessor"],
                stage=stage,
            )
    decide(sealed, ids[0], assessors[0])
    with pytest.raises(DomainError, match="ชี้ขาดไปแล้ว"):
        decide(sealed, ids[0], assessors[1], points=0)


def test_whoever_marked_or_has_a_tie_decides_nothing_and_a_reason_is_always_asked_for(people, sealed, ids, assessors):
    reopen(sealed, ids[0], people["office"])
    with pytest.raises(DomainError, match="ชี้ขาดเองไม่ได้"):
        decide(sealed, ids[0], people["assessor"])
    Interest.objects.create(user=assessors[0], agency=sealed.agency, reason="ญาติ")
    with pytest.raises(DomainError, match="ส่วนได้เสีย"):
        decide(sealed, ids[0], assessors[0])
    for comment in ("", "  \n"):
        with pytest.raises(DomainError, match="แม้ได้คะแนนเต็ม"):
            decide(sealed, ids[0], assessors[1], comment=comment)
    assert decide(sealed, ids[0], people["office"]).points == 100  # the office, as the order says


def test_nothing_is_sealed_again_before_every_opened_item_is_decided(people, sealed, ids, assessors):
    with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
        seal(sealed, people)
    for item in ids[:2]:
        reopen(sealed, item, people["office"])
    decide(sealed, ids[0], assessors[0])
    with pytest.raises(DomainError, match=f"1 ข้อที่ยังรอการชี้ขาด.*{ids[1]}"):
        actions.request_seal(assessment_round=sealed.round, incomplete=False, by=people["office"])
    decide(sealed, ids[1], assessors[0], points=0)
    assert seal(sealed, people).replaces
    with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
        seal(sealed, people)  # nothing was opened since


def test_an_item_may_be_opened_again_and_again_one_after_another(people, sealed, ids, assessors):
    for points, by in ((100, assessors[0]), (0, assessors[1])):
        reopen(sealed, ids[0], people["office"])
        with pytest.raises(DomainError, match="เปิดใหม่อยู่แล้ว"):
            reopen(sealed, ids[0], people["office"])
        decide(sealed, ids[0], by, points)
        seal(sealed, people)
        assert parcel(sealed)[ids[0]][parcel(sealed)["agency"].index("A1")] == points
    assert [seal.replaces is None for seal in queries.list_seals(sealed.round)] == [False, False, True]
    assert {one.decision.points for one in queries.list_reopened(sealed.round)} == {100, 0}
    with pytest.raises(DomainError, match="ชี้ขาดเองไม่ได้"):
        reopen(sealed, ids[0], people["office"])
        decide(sealed, ids[0], assessors[0])  # gave the decision before


def test_a_round_without_a_seal_has_nothing_to_open(people, filing, ids):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    with pytest.raises(DomainError, match="ยังไม่ปิดผนึก"):
        reopen(filing, ids[0], people["office"])


def test_an_agency_whose_marks_were_never_released_has_none_to_open(people, filing, ids, settings):
    settings.LEAST_SHARE = 0
    file_and_confirm(filing, people)
    seal(filing, people)
    with pytest.raises(DomainError, match="ไม่มีคะแนนที่ปิดผนึก"):
        reopen(filing, ids[0], people["office"])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"ground": "friend"}, "โดยอาศัยอะไร"),
        ({"number": "  "}, "ใส่เลขที่"),
        ({"number": "1" * 81}, "ไม่เกิน 80"),
        ({"reason": " \n"}, "ใส่เหตุผล"),
        ({"reason": "ก" * 601}, "ไม่เกิน 600"),
        ({"dated": today() + datetime.timedelta(days=1)}, "ยังมาไม่ถึง"),
        ({"seen": "0-0"}, "เปลี่ยนหลังจากที่เปิดหน้านี้"),
    ],
)
def test_an_order_that_says_too_little_opens_nothing(people, sealed, ids, change, text):
    with pytest.raises(DomainError, match=text):
        reopen(sealed, ids[0], people["office"], **change)
    assert not Reopening.objects.exists()


def test_an_item_of_another_year_is_refused(people, sealed):
    with pytest.raises(DomainError, match="ไม่มีข้อ O999"):
        actions.reopen_item(filing=sealed, item="O999", seen="", by=people["office"], **ORDER)


@pytest.mark.parametrize(
    "statement", ["UPDATE disclosure_reopening SET reason = 'x'", "DELETE FROM disclosure_reopening"]
)
def test_the_database_refuses_to_change_a_reopening(people, sealed, ids, statement):
    reopen(sealed, ids[0], people["office"])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_without_the_sealed_file_nothing_is_sealed_again(people, sealed, ids, assessors):
    reopen(sealed, ids[0], people["office"])
    decide(sealed, ids[0], assessors[0])
    path = sealed.round.parcels / "marks.parquet"
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    with pytest.raises(DomainError, match="คืนไฟล์ marks"):
        seal(sealed, people)
    path.write_bytes(content)
    assert seal(sealed, people).replaces


def test_a_seal_that_was_cut_off_after_its_file_is_completed(people, sealed, ids, assessors, monkeypatch):
    """The new file lies there, the row of its seal does not."""
    reopen(sealed, ids[0], people["office"])
    decide(sealed, ids[0], assessors[0])
    with monkeypatch.context() as patch:
        patch.setattr(actions, "append_entry", lambda **_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            seal(sealed, people)
    assert MarksSeal.objects.count() == 1
    second = seal(sealed, people)
    assert hashlib.sha256((sealed.round.parcels / "marks.parquet").read_bytes()).hexdigest() == second.digest
    assert second.replaces


# --- the pages


def post_order(client, filing, item, **changes):
    form = {"ground": "court", "number": "อ. 5/2569", "dated": "1/11/2569", "reason": "ศาลพิพากษา"} | changes
    address = reverse("reopen_item", args=[filing.round.fiscal_year, "A1", item])
    return client.post(address, {"seen": queries.reopening_key(filing, item)} | form, follow=True)


def read(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_the_page_says_what_it_touches_before_and_the_office_decides_there(
    client, people, sealed, ids, django_capture_on_commit_callbacks
):
    client.force_login(people["office"])
    year = sealed.round.fiscal_year
    assert reverse("reopen_item", args=[year, "A1", ids[0]]) in read(client, "oit_item", "A1", year, ids[0])
    found = client.get(reverse("reopenings", args=[year]), {"code": "A1", "item": ids[0]})
    assert found["Location"] == reverse("reopen_item", args=[year, "A1", ids[0]])
    page = read(client, "reopen_item", year, "A1", ids[0])
    assert "คะแนนที่นับอยู่ <b>0</b>" in page
    assert "ข้ออื่นทุกข้อ และทุกหน่วยงานอื่น ยังปิดผนึกอยู่" in page
    page = post_order(client, sealed, ids[0]).content.decode()
    assert "คำสั่งศาล เลขที่ อ. 5/2569 ลงวันที่ 1 พ.ย. 2569" in page
    assert "รอชี้ขาด" in page
    reopening = Reopening.objects.get()
    decide_address = reverse("decide_reopened", args=[year, reopening.pk])
    assert decide_address in page
    form = client.get(decide_address).content.decode()
    assert "ศาลพิพากษา" in form
    refused = client.post(decide_address, {"points": "100", "comment": ""})
    assert (refused.status_code, "แม้ได้คะแนนเต็ม" in refused.content.decode()) == (422, True)
    page = client.post(decide_address, {"points": "100", "comment": "ตามคำพิพากษา"}, follow=True).content.decode()
    assert "ชี้ขาดครบแล้ว 1 ข้อ" in page
    assert "ถ้าปิดผนึกใหม่" in read(client, "oit_nation", year)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("oit_seal", args=[year]))
    assert queries.latest_seal(sealed.round).replaces
    assert "แทนการปิดผนึกเมื่อ" in read(client, "oit_nation", year)
    assert client.get(decide_address, follow=True).content.decode().count("มีผู้ชี้ขาดไปแล้ว") == 1


def test_the_agency_reads_why_and_the_mark_of_before_with_its_date(client, people, sealed, ids, assessors):
    reopen(sealed, ids[0], people["office"])
    client.force_login(people["officer"])
    page = read(client, "oit_item", "A1", sealed.round.fiscal_year, ids[0])
    assert ORDER["reason"] in page
    assert "คะแนนที่ปิดผนึกไว้เดิม 0" in page
    assert reverse("reopen_item", args=[sealed.round.fiscal_year, "A1", ids[0]]) not in page
    decide(sealed, ids[0], assessors[0])
    assert "ดูสำเนาตอนยื่นแล้วมีครบ" in read(client, "oit_item", "A1", sealed.round.fiscal_year, ids[0])


def test_an_assessor_finds_it_in_the_queue_also_of_a_closed_round(client, people, sealed, ids, assessors):
    reopen(sealed, ids[0], people["office"])
    Round.objects.update(status="closed")
    client.force_login(assessors[0])
    assert "รอการชี้ขาด (1)" in read(client, "marking")
    address = reverse("mark_decide", args=[sealed.pk, ids[0]])
    assert client.post(reverse("draw_dispute"))["Location"] == address
    assert address in read(client, "marking")
    assert ORDER["reason"] in client.get(address).content.decode()
    client.post(address, {"points": "100", "comment": "มีครบ"})
    assert queries.open_disputes([sealed.round]) == []


def test_two_of_the_office_decide_at_once_and_the_second_hears_it(client, people, sealed, ids):
    reopening = reopen(sealed, ids[0], people["office"])
    decide(sealed, ids[0], people["office"])
    other = User.objects.create(email="o2@example.test", name="ส่วนกลางสอง", role="office")
    client.force_login(other)
    address = reverse("decide_reopened", args=[sealed.round.fiscal_year, reopening.pk])
    page = client.post(address, {"points": "0", "comment": "ไม่มี"})
    assert (page.status_code, "ชี้ขาดไปแล้ว" in page.content.decode()) == (422, True)
    assert Mark.objects.filter(item=ids[0], stage="decision").count() == 1


def test_what_nobody_has_is_not_found(client, people, sealed, ids):
    client.force_login(people["office"])
    year = sealed.round.fiscal_year
    assert client.get(reverse("reopen_item", args=[year, "A1", "O999"])).status_code == 404
    assert client.get(reverse("reopen_item", args=[year, "B2", ids[0]])).status_code == 404  # filed nothing
    page = client.get(reverse("reopenings", args=[year]), {"code": "ZZ", "item": ids[0]})
    assert (page.status_code, "ZZ" in page.content.decode()) == (404, True)
    assert client.get(reverse("decide_reopened", args=[year, 99])).status_code == 404


@pytest.mark.parametrize("change", [{"dated": "31/2/2569"}, {"number": ""}, {"ground": "x"}, {"seen": "0-0"}])
def test_a_wrong_form_comes_back_as_it_was_typed(client, people, sealed, ids, change):
    client.force_login(people["office"])
    page = post_order(client, sealed, ids[0], **change)
    assert (page.status_code, "ศาลพิพากษา" in page.content.decode()) == (422, True)
    assert not Reopening.objects.exists()
