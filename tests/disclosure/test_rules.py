"""Who may do what to a filing, and when: for each rule somebody who would succeed without it."""

import datetime

import pytest
from django.utils import timezone

from prongsai.disclosure import actions, link_checks, queries
from prongsai.disclosure.models import BlindReview, Filing, Link, LinkCheck, Mark
from prongsai.lib import fiscal
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice, User
from prongsai.registry.actions import set_phase_dates
from prongsai.registry.models import Interest, Round
from prongsai.registry.queries import today

from .filed import (
    SITE,
    advance_time,
    check_due_links,
    content_digest,
    file_and_confirm,
    file_first,
    mark_all,
    observe,
)

PAST = datetime.date(2020, 1, 1)


def mark(filing, item, by, *, points=100, comment="ดูแล้ว", elements=(), stage="first"):
    return actions.mark_item(
        filing=filing, item=item, points=points, reasons=[], comment=comment, elements=elements, by=by, stage=stage
    )


def close(filing, phase, people):
    """Let a phase end in the past."""
    set_phase_dates(phase=filing.round.phases.get(key=phase), starts=PAST, ends=PAST, by=people["office"])
    return queries.get_filing(Round.objects.prefetch_related("phases").get(pk=filing.round_id), filing.agency)


def seal(filing, people):
    return actions.seal(
        assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True
    )


def break_links():
    for _ in range(3):
        advance_time(24)
        check_due_links(lambda t: observe(t, "dead", error="timeout_connect"))


# --- marks


def test_only_the_assigned_assessor_gives_first_marks_collects_evidence_and_releases(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    advance_time(1)
    for action in (
        lambda: mark(filing, ids[0], assessors[0]),
        lambda: actions.collect_evidence(filing=filing, by=assessors[0]),
        lambda: actions.release_marks(filing=filing, by=assessors[0]),
    ):
        with pytest.raises(DomainError, match="ไม่ได้มอบหมายให้คุณ"):
            action()
    assert not Mark.objects.exists()
    assert actions.collect_evidence(filing=filing, by=people["assessor"]) == 1


@pytest.mark.parametrize("points", [-1, 1, 99, 101, 1000])
def test_points_outside_the_scale_are_refused(people, filing, ids, points):
    file_and_confirm(filing, people)
    with pytest.raises(DomainError, match="ให้คะแนนได้"):
        mark(filing, ids[0], people["assessor"], points=points, comment="x")


def test_a_comment_of_spaces_is_no_reason(people, filing, ids):
    file_and_confirm(filing, people)
    with pytest.raises(DomainError, match="ต้องบอกเหตุผล"):
        mark(filing, ids[0], people["assessor"], points=0, comment="  \n")
    assert mark(filing, ids[0], people["assessor"], points=100, comment=" ").comment == ""  # full points need none


def test_a_remark_that_is_sent_twice_is_added_once(people, filing, ids):
    for item, text, count in ((ids[0], "ก", 1), (ids[0], "ก", 1), (ids[1], "ก", 2), (ids[0], "ข", 3), (ids[0], "ก", 4)):
        actions.add_remark(filing=filing, item=item, text=text, by=people["officer"])
        assert filing.remarks.count() == count


@pytest.mark.parametrize(("length", "accepted"), [(4000, True), (4001, False)])
def test_the_length_of_comments_remarks_and_replies(people, filing, ids, length, accepted):
    file_and_confirm(filing, people)
    text = "ก" * length
    attempts = [
        lambda: mark(filing, ids[0], people["assessor"], points=0, comment=text),
        lambda: actions.add_remark(filing=filing, item="", text=text, by=people["officer"]),
        lambda: (
            mark_all(filing, people, ids, zero=ids[:1]),
            actions.clarify_mark(filing=filing, item=ids[0], text=text, by=people["officer"]),
        ),
    ]
    for attempt in attempts:
        if accepted:
            attempt()
        else:
            with pytest.raises(DomainError, match="ไม่เกิน 4,000"):
                attempt()


def test_elements_that_are_not_required_are_not_stored(people, filing, ids):
    file_and_confirm(filing, people)
    assert mark(filing, ids[0], people["assessor"], elements=[99, 0]).elements == [0]


def test_an_item_of_another_year_is_refused(people, filing, ids):
    file_and_confirm(filing, people)
    with pytest.raises(DomainError, match="ไม่มีข้อ O999"):
        mark(filing, "O999", people["assessor"])
    with pytest.raises(DomainError, match="ไม่มีข้อ O999"):
        actions.add_remark(filing=filing, item="O999", text="x", by=people["officer"])


@pytest.mark.parametrize("stage", Mark.Stage.values)
def test_an_interest_forbids_marks_of_every_stage(people, filing, ids, assessors, agencies, stage):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids, zero=ids[:1])
    actions.clarify_mark(filing=filing, item=ids[0], text="มี", by=people["officer"])
    BlindReview.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    Interest.objects.create(user=assessors[0], agency=agencies[0], reason="ญาติ")
    with pytest.raises(DomainError, match="ส่วนได้เสีย"):
        mark(filing, ids[0], assessors[0], stage=stage)
    assert queries.open_disputes([filing.round], assessors[0]) == []


def test_first_marks_are_closed_before_and_after_their_time(people, filing, ids):
    file_first(filing, people["officer"], SITE)
    with pytest.raises(DomainError, match="ยังไม่ยืนยัน"):
        mark(filing, ids[0], people["assessor"])
    after_deadline = close(filing, "disclosure", people)
    mark(after_deadline, ids[0], people["assessor"])  # the deadline stands for the confirmation
    closed = close(filing, "marking", people)
    for action in (
        lambda: mark(closed, ids[1], people["assessor"]),
        lambda: actions.collect_evidence(filing=closed, by=people["assessor"]),
    ):
        with pytest.raises(DomainError, match="ไม่อยู่ในช่วงตรวจ"):
            action()


def test_released_marks_change_only_by_decision(people, filing, ids):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    with pytest.raises(DomainError, match="ส่งคะแนนให้หน่วยงานแล้ว"):
        mark(filing, ids[0], people["assessor"], points=0, comment="x")
    with pytest.raises(DomainError, match="ไปแล้ว"):
        actions.release_marks(filing=filing, by=people["assessor"])
    assert Notice.objects.filter(text__contains="ผลตรวจการเปิดเผยข้อมูล", user=people["officer"]).count() == 1


# --- blind reviews


def test_a_blind_review_is_for_its_assessor_and_done_once(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    mark(filing, ids[0], people["assessor"])
    review = BlindReview.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    for item, assessor in ((ids[0], assessors[1]), (ids[0], people["assessor"]), (ids[1], assessors[0])):
        with pytest.raises(DomainError, match="ไม่ได้สุ่มให้คุณ"):
            mark(filing, item, assessor, stage="second")
    mark(filing, ids[0], assessors[0], stage="second")
    review.refresh_from_db()
    assert review.done
    with pytest.raises(DomainError, match="ตรวจไปแล้ว"):
        mark(filing, ids[0], assessors[0], points=0, comment="x", stage="second")


def test_a_first_or_decided_mark_leaves_the_review_open(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    review = BlindReview.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    mark(filing, ids[0], people["assessor"])
    review.refresh_from_db()
    assert not review.done


def test_the_sample_avoids_the_first_assessor_conflicts_and_inactive_users(people, filing, ids, assessors, agencies):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    independent, tied = assessors
    Interest.objects.create(user=tied, agency=agencies[0], reason="ญาติ")
    User.objects.create(email="gone@example.test", name="ลาออก", role="assessor", is_active=False)
    User.objects.create(email="other@example.test", name="เจ้าหน้าที่", role="officer")
    sampled = actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"], seed=1)
    assert sampled == len(ids)
    assert set(BlindReview.objects.values_list("assessor", flat=True)) == {independent.pk}


def test_the_sample_is_empty_when_only_the_first_assessor_is_left(people, filing, ids):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    assert actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"], seed=1) == 0


def test_the_sample_avoids_whoever_gave_the_latest_first_mark(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    mark(filing, ids[0], people["assessor"])
    Mark.objects.create(filing=filing, item=ids[0], stage="first", points=100, by=assessors[0])
    actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"], seed=1)
    assert BlindReview.objects.get().assessor != assessors[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_sample_is_spread_evenly_and_contains_marked_items_only(people, filing, ids, assessors, seed):
    file_and_confirm(filing, people)
    marked = ids[:21]
    Mark.objects.bulk_create(
        Mark(filing=filing, item=item, stage="first", points=100, by=people["assessor"]) for item in marked
    )
    actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"], seed=seed)
    reviews = list(BlindReview.objects.values_list("item", "assessor"))
    assert {item for item, _ in reviews} == set(marked)
    assert sorted(sum(a == assessor.pk for _, a in reviews) for assessor in assessors) == [10, 11]


@pytest.mark.parametrize(("percent", "accepted"), [(-1, False), (0, False), (1, True), (100, True), (101, False)])
def test_the_share_of_a_sample(people, filing, percent, accepted):
    if accepted:
        actions.sample_for_review(assessment_round=filing.round, percent=percent, by=people["office"])
    else:
        with pytest.raises(DomainError, match="ระหว่าง 1 ถึง 100"):
            actions.sample_for_review(assessment_round=filing.round, percent=percent, by=people["office"])


def test_samples_without_a_seed_differ_and_name_theirs_in_the_audit_trail(people, filing):
    for _ in range(2):
        actions.sample_for_review(assessment_round=filing.round, percent=5, by=people["office"])
    seeds = [e.detail["seed"] for e in AuditEntry.objects.filter(action="disclosure.draw_second")]
    assert seeds[0] != seeds[1]


# --- decisions


def test_whoever_gave_any_mark_of_the_item_does_not_decide(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    BlindReview.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    for item in ids:
        mark(filing, item, people["assessor"])
    mark(filing, ids[0], assessors[0], points=0, comment="x", stage="second")
    actions.release_marks(filing=filing, by=people["assessor"])
    for marker in (people["assessor"], assessors[0]):
        with pytest.raises(DomainError, match="ชี้ขาดเองไม่ได้"):
            mark(filing, ids[0], marker, stage="decision")
    with pytest.raises(DomainError, match="ไม่ได้รอการชี้ขาด"):
        mark(filing, ids[1], assessors[1], stage="decision")
    mark(filing, ids[0], assessors[1], stage="decision")
    assert queries.open_disputes([filing.round]) == []


def test_nothing_is_decided_before_the_marks_are_released(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    BlindReview.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    mark(filing, ids[0], people["assessor"])
    mark(filing, ids[0], assessors[0], points=0, comment="x", stage="second")
    with pytest.raises(DomainError, match="ไม่ได้รอการชี้ขาด"):
        mark(filing, ids[0], assessors[1], stage="decision")


# --- the agency


def test_an_agency_replies_once_to_released_marks_below_full_points(people, filing, ids):
    file_and_confirm(filing, people)
    reply = {"filing": filing, "by": people["officer"]}
    with pytest.raises(DomainError, match="ยังตรวจไม่เสร็จ"):
        actions.clarify_mark(item=ids[0], text="x", **reply)
    mark_all(filing, people, ids, zero=ids[:2])
    with pytest.raises(DomainError, match="ยังไม่ได้พิมพ์"):
        actions.clarify_mark(item=ids[0], text=" ", **reply)
    with pytest.raises(DomainError, match="คะแนนเต็มแล้ว"):
        actions.clarify_mark(item=ids[2], text="x", **reply)
    actions.clarify_mark(item=ids[0], text="x", **reply)
    with pytest.raises(DomainError, match="ชี้แจงไปแล้ว"):
        actions.clarify_mark(item=ids[0], text="y", **reply)
    closed = close(filing, "clarification", people)
    ended = closed.round.phases.get(key="clarification").ends
    with pytest.raises(DomainError, match=f"ไม่อยู่ในช่วงชี้แจงเพิ่มเติม สิ้นสุดไปเมื่อ {fiscal.short_date(ended)}"):
        actions.clarify_mark(filing=closed, item=ids[1], text="x", by=people["officer"])


def test_a_phase_that_has_not_begun_is_said_to_begin_and_when(people, filing, ids):
    """Whoever comes too early learns the day; where the office has set none, nothing is invented."""
    phase = filing.round.phases.get(key="disclosure")
    day = today() + datetime.timedelta(40)
    set_phase_dates(phase=phase, starts=day, ends=None, by=people["office"])
    for stored in (filing, Filing(round=filing.round, agency=filing.agency)):
        stored.round = Round.objects.get(pk=filing.round_id)
        reason = queries.measure_progress(stored).closed_reason
        assert reason == f"ไม่อยู่ในช่วงยื่นข้อมูลของรอบนี้ เริ่ม {fiscal.short_date(day)}"
    Round.objects.filter(pk=filing.round_id).update(status=Round.Status.CLOSED)
    filing.round.phases.update(starts=None, ends=None)
    filing.round = Round.objects.get(pk=filing.round_id)
    assert queries.filing_closed_reason(filing) == "ไม่อยู่ในช่วงยื่นข้อมูลของรอบนี้"


def test_an_executive_confirms_once_and_something(people, filing, ids):
    confirm = {"filing": filing, "position": "นายก", "by": people["executive"]}
    with pytest.raises(DomainError, match="ยังไม่มีข้อใด"):
        actions.confirm_filing(content_digest=content_digest(filing), **confirm)
    file_and_confirm(filing, people)
    with pytest.raises(DomainError, match="ยืนยันไว้แล้ว"):
        actions.confirm_filing(content_digest=content_digest(filing), **confirm)
    file_first(filing, people["officer"], SITE + "/new", revision=1)
    with pytest.raises(DomainError, match="ไม่อยู่ในช่วงยื่น"):
        actions.confirm_filing(
            content_digest=content_digest(filing), **confirm | {"filing": close(filing, "disclosure", people)}
        )


def test_a_link_is_replaced_only_when_broken_confirmed_and_closed(people, filing, ids):
    file_and_confirm(filing, people)
    link = Link.objects.get()
    replace = {"link": link, "by": people["officer"]}
    break_links()
    with pytest.raises(DomainError, match="ยังอยู่ในช่วงยื่น"):
        actions.replace_link(address=f"{SITE}/new", **replace)
    close(filing, "disclosure", people)
    for address in ("", f"{SITE}/one {SITE}/two"):
        with pytest.raises(DomainError, match="หนึ่งที่อยู่"):
            actions.replace_link(address=address, **replace)
    Link.objects.update(state="outside")
    with pytest.raises(DomainError, match="เปิดได้อยู่"):
        actions.replace_link(address=f"{SITE}/new", **replace)
    Link.objects.update(state="dead")
    confirmation, filing.confirmed = filing.confirmed, None
    filing.save()
    with pytest.raises(DomainError, match="ไม่มีการยืนยัน"):
        actions.replace_link(address=f"{SITE}/new", **replace)
    filing.confirmed = confirmation
    filing.save()
    replacement = actions.replace_link(address=f"{SITE}/new", **replace)
    assert (replacement.url, replacement.until, replacement.next_reason) == (f"{SITE}/new", None, "filing")
    link.refresh_from_db()
    assert (link.until is not None, link.next_check_at) == (True, None)
    with pytest.raises(DomainError, match="ถูกแทนที่ไปแล้ว"):
        actions.replace_link(address=f"{SITE}/other", **replace)


def test_withdrawn_links_are_not_checked(people, filing):
    file_first(filing, people["officer"], SITE)
    file_first(filing, people["officer"], SITE + "/new", revision=1)
    old, new = Link.objects.order_by("id")
    assert [x.pk for x in link_checks.find_due_links(timezone.now())] == [new.pk]
    assert link_checks.request_checks([old], LinkCheck.Reason.ASKED) == 0
    Link.objects.update(next_check_at=timezone.now())
    assert link_checks.count_due_links() == 1


# --- the seal


def test_nothing_is_changed_after_the_seal(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids, zero=ids[:1])
    BlindReview.objects.create(filing=filing, item=ids[1], assessor=assessors[0])
    seal(filing, people)
    for action in (
        lambda: mark(filing, ids[1], people["assessor"]),
        lambda: mark(filing, ids[1], assessors[0], stage="second"),
        lambda: mark(filing, ids[0], assessors[1], stage="decision"),
        lambda: actions.clarify_mark(filing=filing, item=ids[0], text="x", by=people["officer"]),
        lambda: actions.sample_for_review(assessment_round=filing.round, percent=5, by=people["office"]),
        lambda: file_first(filing, people["officer"], SITE + "/new", revision=1),
        lambda: actions.collect_evidence(filing=filing, by=people["assessor"]),
        lambda: seal(filing, people),
    ):
        with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
            action()


def test_marks_are_not_released_after_the_seal(people, filing, ids, settings):
    settings.LEAST_SHARE = 0  # none are
    file_and_confirm(filing, people)
    for item in ids:
        mark(filing, item, people["assessor"])
    seal(filing, people)
    with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
        actions.release_marks(filing=filing, by=people["assessor"])


# --- the audit trail


def test_every_action_is_audited_under_its_stored_name(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    actions.add_remark(filing=filing, item=ids[0], text="ดี", by=people["officer"])
    actions.request_link_checks(filing=filing, item=ids[0], by=people["officer"])
    file_first(filing, people["officer"], SITE + "/new", revision=1)  # ends the confirmation
    actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    filing.refresh_from_db()
    actions.collect_evidence(filing=filing, by=people["assessor"])
    mark_all(filing, people, ids, zero=ids[:1])
    break_links()
    actions.replace_link(link=Link.objects.get(until=None), address=f"{SITE}/better", by=people["officer"])
    actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"], seed=1)
    review = BlindReview.objects.order_by("id").first()
    mark(filing, review.item, review.assessor, stage="second")
    actions.clarify_mark(filing=filing, item=ids[0], text="มี", by=people["officer"])
    decider = next(a for a in assessors if not Mark.objects.filter(item=ids[0], by=a).exists())
    mark(filing, ids[0], decider, stage="decision")
    seal(filing, people)
    names = set(AuditEntry.objects.filter(action__startswith="disclosure.").values_list("action", flat=True))
    assert names == {
        "disclosure.file",
        "disclosure.confirm",
        "disclosure.remark",
        "disclosure.look",
        "disclosure.reopen",
        "disclosure.evidence",
        "disclosure.mark_first",
        "disclosure.mark_second",
        "disclosure.mark_decision",
        "disclosure.release",
        "disclosure.mend",
        "disclosure.draw_second",
        "disclosure.clarify",
        "disclosure.seal",
    }
