"""Marks, blind reviews, replies, decisions and the seal."""

import datetime

import pyarrow.parquet as pq
import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai import framework as rules
from prongsai.disclosure import actions, queries
from prongsai.disclosure.models import BlindReview, Filing, LinkCheck, Mark
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.registry.actions import create_round
from tests.conftest import sample_year
from tests.disclosure.filed import (
    SITE,
    file_and_confirm,
    file_first,
    item_url,
    mark_all,
)


def test_a_mark_follows_the_scale_and_needs_a_reason_below_full_points(client, people, filing, ids):
    file_and_confirm(filing, people)
    client.force_login(people["assessor"])
    url = reverse("mark_item", args=["A1", sample_year(), ids[0]])
    page = client.get(url).content.decode()
    assert "แผนผังโครงสร้างหน่วยงาน <mark>" in page  # a passage of the snapshot, with its head
    answer = client.post(url, {"points": "0", "comment": ""})
    assert answer.status_code == 422
    assert "ต้องบอกเหตุผล" in answer.content.decode()
    assert client.post(url, {"points": "37", "comment": "x"}).status_code == 422
    assert client.post(url, {"comment": "ลืมเลือก"}).status_code == 422
    assert client.post(url, {"points": "0", "comment": "ไม่มีผัง", "reasons": ["องค์ประกอบไม่ครบ"]})["Location"] == reverse(
        "mark_item", args=["A1", sample_year(), ids[1]]
    )
    mark = Mark.objects.get()
    assert (mark.points, mark.comment, mark.reasons) == (0, "ไม่มีผัง", ["องค์ประกอบไม่ครบ"])
    assert mark.evidence == [LinkCheck.objects.get().snapshot.digest]
    client.post(url, {"points": "100"})  # given anew: both stay
    assert [m.points for m in Mark.objects.all()] == [0, 100]
    assert queries.counting_marks(filing)[ids[0]].points == 100


def test_full_points_need_a_reason_where_nothing_was_filed(client, people, filing, ids):
    file_and_confirm(filing, people)  # the first item alone
    client.force_login(people["assessor"])
    url = reverse("mark_item", args=["A1", sample_year(), ids[1]])
    refused = client.post(url, {"points": "100", "comment": " "})
    assert refused.status_code == 422
    assert "หน่วยงานไม่ได้ยื่นลิงก์หรือคำอธิบาย" in refused.content.decode()
    assert not Mark.objects.exists()
    assert client.post(url, {"points": "100", "comment": "อยู่ในหน้าแรกของเว็บไซต์"}).status_code == 302
    assert client.post(reverse("mark_item", args=["A1", sample_year(), ids[0]]), {"points": "100"}).status_code == 302


def test_an_explanation_without_a_link_is_something_filed(people, filing, ids):
    empty = {"addresses": "", "elements": [], "revision": 0, "by": people["officer"]}
    actions.file_entry(filing=filing, item=ids[1], explanation="อยู่ในรายงานประจำปี", **empty)
    assert [queries.has_something_filed(filing, item) for item in ids[:2]] == [False, True]
    file_and_confirm(filing, people)
    assert [queries.has_something_filed(filing, item) for item in ids[:3]] == [True, True, False]


def test_the_mark_of_the_year_before_stands_beside_this_years(client, people, filing, ids, agencies):
    """Of the items that the rules say this one continues, and of this agency alone."""
    item = next(i for i in queries.items(rules.load(rules.NATIONAL, sample_year())) if i.continues)
    before = create_round(fiscal_year=sample_year() - 1, by=people["office"])
    for agency, comment in ((agencies[0], "ปีก่อนขาดแผนผัง"), (agencies[1], "ของหน่วยงานอื่น")):
        earlier = Filing.objects.create(round=before, agency=agency, released_at=timezone.now())
        Mark.objects.create(
            filing=earlier, item=item.continues[0], stage="first", points=0, comment=comment, by=people["assessor"]
        )
    file_and_confirm(filing, people)
    client.force_login(people["assessor"])
    page = client.get(reverse("mark_item", args=["A1", sample_year(), item.id])).content.decode()
    assert "ผลตรวจของปีก่อน" in page
    assert "ปีก่อนขาดแผนผัง" in page
    assert "ของหน่วยงานอื่น" not in page
    Filing.objects.filter(agency=agencies[0], round=before).update(released_at=None)  # nobody saw it yet
    page = client.get(reverse("mark_item", args=["A1", sample_year(), item.id])).content.decode()
    assert "ปีก่อนขาดแผนผัง" not in page


def test_marks_wait_for_the_executive_or_the_deadline(people, filing, ids):
    file_first(filing, people["officer"], SITE)
    with pytest.raises(DomainError, match="ยังไม่ยืนยัน"):
        actions.mark_item(
            filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
        )


def test_an_assessor_with_an_interest_may_not_mark(people, filing, ids, agencies):
    from prongsai.registry.models import Interest

    file_and_confirm(filing, people)
    Interest.objects.create(user=people["assessor"], agency=agencies[0], reason="ญาติ")
    with pytest.raises(DomainError, match="ส่วนได้เสีย"):
        actions.mark_item(
            filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
        )


def test_filing_is_closed_once_marking_has_begun(people, filing, ids):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
    )
    with pytest.raises(DomainError, match="เริ่มตรวจแล้ว"):
        file_first(filing, people["officer"], SITE, revision=1)


def test_marks_are_released_only_when_complete(people, filing, ids):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
    )
    with pytest.raises(DomainError, match=f"ยังไม่ได้ให้คะแนน {len(ids) - 1} ข้อ"):
        actions.release_marks(filing=filing, by=people["assessor"])


def test_the_agency_sees_marks_only_when_released(client, people, filing, ids):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=0, reasons=[], comment="ความเห็นลับ", elements=[], by=people["assessor"]
    )
    client.force_login(people["officer"])
    assert "ความเห็นลับ" not in client.get(item_url(ids[0])).content.decode()
    mark_all(filing, people, ids[1:])
    assert "ความเห็นลับ" in client.get(item_url(ids[0])).content.decode()


def test_a_second_mark_is_blind_and_agreement_is_computed(client, people, filing, ids, assessors):
    file_and_confirm(filing, people)
    for item in ids:
        actions.mark_item(
            filing=filing,
            item=item,
            points=0 if item == ids[0] else 100,
            reasons=[],
            comment="เห็นครั้งแรก",
            elements=[],
            by=people["assessor"],
        )
    assert actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"], seed=5) == len(
        ids
    )
    assert actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"]) == 0
    assert not BlindReview.objects.filter(assessor=people["assessor"]).exists()
    drawn = BlindReview.objects.get(item=ids[0])
    client.force_login(drawn.assessor)
    url = reverse("mark_blind_review", args=[drawn.pk])
    assert "เห็นครั้งแรก" not in client.get(url).content.decode()
    assert client.post(url, {"points": "100"}).status_code == 302
    assert queries.counting_marks(filing)[ids[0]].points == 0  # alone it changes nothing
    other = next(a for a in assessors if a != drawn.assessor)
    client.force_login(other)
    assert client.get(url).status_code == 404  # drawn for somebody else
    for look_ in BlindReview.objects.filter(done=False):
        actions.mark_item(
            filing=filing,
            item=look_.item,
            points=100,
            reasons=[],
            comment="ดูแล้ว",
            elements=[],
            by=look_.assessor,
            stage="second",
        )
    by_item, by_person = queries.marking_agreement(filing.round)
    assert [(i, a.agreeing) for i, a in by_item] == [(i, int(i != ids[0])) for i in ids]
    (who, whole), *_ = by_person
    assert (who, whole.pairs, whole.agreeing, whole.kappa) == (people["assessor"], len(ids), len(ids) - 1, 0)
    actions.release_marks(filing=filing, by=people["assessor"])
    waiting = queries.open_disputes([filing.round])
    assert [(d.item, d.clarified) for d in waiting] == [(ids[0], False)]
    assert (
        queries.open_disputes([filing.round], people["assessor"])
        == queries.open_disputes([filing.round], drawn.assessor)
        == []
    )
    assert len(queries.open_disputes([filing.round], other)) == 1


def test_a_sample_can_be_reproduced_from_its_seed(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    actions.sample_for_review(assessment_round=filing.round, percent=40, by=people["office"], seed=11)
    first = set(BlindReview.objects.values_list("item", "assessor"))
    BlindReview.objects.all().delete()
    actions.sample_for_review(assessment_round=filing.round, percent=40, by=people["office"], seed=11)
    assert set(BlindReview.objects.values_list("item", "assessor")) == first
    assert 0 < len(first) < len(ids)
    assert AuditEntry.objects.filter(action="disclosure.draw_second").last().detail["seed"] == 11


def test_the_agency_replies_and_another_assessor_decides(client, people, filing, ids, assessors):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids, zero=ids[:1])
    client.force_login(people["officer"])
    assert (
        client.post(reverse("oit_clarify", args=["A1", sample_year(), ids[1]]), {"text": "x"}).status_code == 422
    )  # full already
    url = reverse("oit_clarify", args=["A1", sample_year(), ids[0]])
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "มีอยู่ในหน้า 3"}).status_code == 302
    assert client.post(url, {"text": "อีกครั้ง"}).status_code == 422
    reply = filing.clarifications.get()
    assert reply.evidence == [LinkCheck.objects.filter(reason="filing").get().snapshot.digest]
    decide = reverse("mark_decide", args=[filing.pk, ids[0]])
    client.force_login(people["assessor"])
    assert client.get(decide).status_code == 404
    assert client.post(decide, {"points": "100"}).status_code == 404
    with pytest.raises(DomainError, match="ชี้ขาดเองไม่ได้"):
        actions.mark_item(
            filing=filing,
            item=ids[0],
            points=100,
            reasons=[],
            comment="",
            elements=[],
            by=people["assessor"],
            stage="decision",
        )
    client.force_login(assessors[0])
    assert client.post(reverse("draw_dispute"))["Location"] == decide
    page = client.get(decide).content.decode()
    assert "มีอยู่ในหน้า 3" in page
    assert "องค์ประกอบไม่ครบ" in page  # what was marked first
    assert client.post(decide, {"points": "100", "comment": "พบในหน้า 3"}).status_code == 302
    assert [m.stage for m in filing.marks.filter(item=ids[0])] == ["first", "decision"]
    assert Notice.objects.filter(user=people["officer"], text__startswith=f"ข้อ {ids[0]} มีคำชี้ขาดแล้ว").count() == 1
    assert queries.counting_marks(filing)[ids[0]].points == 100
    with pytest.raises(DomainError, match="ไม่ได้รอการชี้ขาด"):
        actions.mark_item(
            filing=filing,
            item=ids[0],
            points=0,
            reasons=[],
            comment="x",
            elements=[],
            by=assessors[1],
            stage="decision",
        )


def test_a_reply_after_a_decision_opens_the_dispute_again(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    for item in ids:
        actions.mark_item(
            filing=filing,
            item=item,
            points=0 if item == ids[0] else 100,
            reasons=[],
            comment="x",
            elements=[],
            by=people["assessor"],
        )
    BlindReview.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=assessors[0], stage="second"
    )
    actions.release_marks(filing=filing, by=people["assessor"])
    actions.mark_item(
        filing=filing,
        item=ids[0],
        points=0,
        reasons=[],
        comment="ยังไม่ครบ",
        elements=[],
        by=assessors[1],
        stage="decision",
    )
    assert queries.open_disputes([filing.round]) == []
    actions.clarify_mark(filing=filing, item=ids[0], text="อยู่หน้า 2", by=people["officer"])
    assert [d.item for d in queries.open_disputes([filing.round])] == [ids[0]]
    with pytest.raises(DomainError, match="รอการชี้ขาด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)


def test_the_decision_page_is_only_for_assessors_who_may_decide(client, people, filing, ids, assessors):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=0, reasons=[], comment="ความเห็นลับ", elements=[], by=people["assessor"]
    )
    client.force_login(assessors[0])
    for answer in (client.get, client.post):
        assert answer(reverse("mark_decide", args=[filing.pk, ids[0]])).status_code == 404


def test_only_released_marks_are_sealed_and_only_after_the_reply_deadline(people, filing, ids):
    from prongsai.registry.actions import set_phase_dates

    file_and_confirm(filing, people)
    for item in ids:
        actions.mark_item(
            filing=filing, item=item, points=100, reasons=[], comment="ดูแล้ว", elements=[], by=people["assessor"]
        )
    with pytest.raises(DomainError, match="ส่งคะแนนให้หน่วยงานแล้วเพียง 0 จาก 2"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"])
    actions.release_marks(filing=filing, by=people["assessor"])
    phase = filing.round.phases.get(key="clarification")
    set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=people["office"])
    with pytest.raises(DomainError, match=r"ยังไม่สิ้นสุด .*ไม่มีกำหนด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"])
    set_phase_dates(phase=phase, starts=phase.starts, ends=datetime.date(2642, 3, 18), by=people["office"])
    with pytest.raises(DomainError, match=r"18 มี\.ค\. 3185"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)


def test_the_parcel_contains_the_marks_that_count(people, filing, ids, agencies, assessors):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids, zero=ids[:2])
    with pytest.raises(DomainError, match=f"ยังไม่มีคะแนนที่ส่งให้หน่วยงานแล้ว {len(ids)} ข้อ จาก {2 * len(ids)}"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"])
    actions.clarify_mark(filing=filing, item=ids[0], text="มี", by=people["officer"])
    with pytest.raises(DomainError, match="รอการชี้ขาด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=assessors[0], stage="decision"
    )
    made = actions.seal(
        assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True
    )
    assert made.missing == len(ids)  # the other agency's
    table = pq.read_table(filing.round.parcels / "marks.parquet").to_pylist()
    assert table[0] == {"agency": "A1", **{i: 0 if i == ids[1] else 100 for i in ids}}
    assert set(table[1].values()) == {"B2", None}
    for refused in (
        lambda: actions.seal(
            assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True
        ),
        lambda: actions.clarify_mark(filing=filing, item=ids[1], text="x", by=people["officer"]),
        lambda: actions.sample_for_review(assessment_round=filing.round, percent=5, by=people["office"]),
    ):
        with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
            refused()


def test_the_published_marks_of_a_real_agency_give_its_published_scores(client, people, agencies, settings, tmp_path):
    """อบต.พร่อน of the sample documents: five zeros under indicator 9; 83.70 and 91.85 through sub-indicators, not over
    items."""
    import csv
    import re

    from prongsai.registry.actions import (
        appoint,
        assign,
        create_round,
        enroll_agencies,
        set_phase_dates,
        set_round_status,
    )
    from prongsai.results import actions as results
    from tests.conftest import SAMPLES

    settings.MEDIA_ROOT = tmp_path
    settings.LEAST_SHARE = 0  # marks alone make no total
    rows = list(csv.reader((SAMPLES / "phron-2564.csv").open(encoding="utf-8")))
    zeros = [
        re.search(r"O\d+", " ".join(r))[0]
        for r in rows
        if re.search(r"\bO\d+\b", " ".join(r)) and r[-1].strip() in ("0", "0.00")
    ]
    assert len(zeros) == 5
    year = 2564
    for who in ("officer", "executive"):
        appoint(user=people[who], agency=agencies[0], on=datetime.date(2020, 1, 1), by=people["office"])
    assessment_round = create_round(fiscal_year=year, by=people["office"])
    enroll_agencies(assessment_round=assessment_round, agencies=[agencies[0]], by=people["office"])
    set_round_status(assessment_round=assessment_round, status="running", by=people["office"])
    for phase in assessment_round.phases.all():  # the year is over; it is gone through again
        set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=people["office"])
    assign(assessment_round=assessment_round, agency=agencies[0], assessor=people["assessor"], by=people["office"])
    filing = queries.get_filing(assessment_round, agencies[0])
    items = [i.id for i in queries.items(rules.load(rules.NATIONAL, year))]
    file_and_confirm(filing, people, items=len(items))
    mark_all(filing, people, items, zero=zeros)
    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=assessment_round.phases.get(key="clarification"), starts=past, ends=past, by=people["office"])
    actions.seal(assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"])
    made = results.compute_round(
        assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"]
    )
    shown = made.results.get().shown
    assert (shown["9"], shown["10"], shown["OIT"]) == ("83.70", "100.00", "91.85")
    results.publish(result_set=made, by=people["office"])
    page = client.get(reverse("agency_year", args=["A1", year])).content.decode()
    assert "83.70" in page
    assert "84.85" in page  # told, as what it is not
    assert "ค่าเฉลี่ยของตัวชี้วัดย่อย" in page
