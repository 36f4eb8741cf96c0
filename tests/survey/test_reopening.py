"""The survey of one agency is opened again after the seal and before the count: for that agency alone, until a day, and
so that nobody is told apart by what came late."""

import datetime
import json
import secrets
from collections import Counter

import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from prongsai.jobs.models import Job
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.publiclog.models import LogEntry
from prongsai.registry.models import Round
from prongsai.registry.queries import today
from prongsai.results import actions as results
from prongsai.results.models import ResultSet
from prongsai.survey import actions, queries, rights, sealing
from prongsai.survey.mixing import MIN_BATCH
from prongsai.survey.models import Channel, Envelope, Receipt, Response, Seal, SurveyReopening
from prongsai.survey.rights import WHOLE_AGENCY
from tests.survey.conftest import fill_form, form_address, with_roll
from tests.survey.test_sealing import seal_form, split_key, store

ORDER = {"ground": "audit", "number": "ตผ 7", "dated": datetime.date(2026, 11, 3), "reason": "ลิงก์ใช้ไม่ได้สามวัน"}
FIRST = 12  # answers before the seal


@pytest.fixture
def sealed(client, people, running_round, link, settings, tmp_path):
    """A round that was sealed with a dozen answers of the first agency."""
    settings.MEDIA_ROOT = tmp_path
    for _ in range(FIRST):
        client.post(form_address(link), fill_form(link))
    seal(running_round, people)
    return running_round


def seal(assessment_round, people, **more):
    return actions.seal(assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"], **more)


def reopen(assessment_round, agency, people, **changes):
    fields = {"closes_on": today() + datetime.timedelta(days=7), **ORDER, **changes}
    return results.reopen_survey(assessment_round=assessment_round, agency=agency, by=people["office"], **fields)


def open_link(assessment_round, agency, people):
    return actions.open_channel(
        assessment_round=assessment_round, agency=agency, instrument="IIT", kind="link", by=people["officer"]
    )


def end():
    """Let the day until which surveys are open be over."""
    SurveyReopening.objects.update(closes_on=today() - datetime.timedelta(days=1))


def rows_of(assessment_round):
    table = pq.read_table(assessment_round.parcels / "answers-IIT.parquet").to_pydict()
    return Counter(zip(*table.values(), strict=True))


# --- the way


def test_what_comes_late_is_added_and_what_was_sealed_stays(client, people, agencies, sealed, link):
    first, before = Seal.objects.get(), rows_of(sealed)
    reopen(sealed, agencies[0], people)
    late = open_link(sealed, agencies[0], people)
    page = client.get(form_address(late)).content.decode()
    assert f"อย่างน้อย {MIN_BATCH} คน" in page
    assert client.get(form_address(link)).status_code == 410  # that of before stays closed
    posted = [fill_form(late) if n % 2 else seal_form(late) for n in range(MIN_BATCH)]
    for form in posted:
        assert "ขอบคุณ" in client.post(form_address(late), form).content.decode()
    assert Response.objects.filter(channel=late).count() == 0
    end()
    assert client.get(form_address(late)).status_code == 410
    second = seal(sealed, people)
    assert (second.replaces, second.responses) == (first, FIRST + MIN_BATCH)
    after = rows_of(sealed)
    assert before - after == Counter()
    assert (after - before).total() == MIN_BATCH
    assert Response.objects.filter(channel=link).count() == FIRST
    assert queries.is_answer_counted(posted[0]["receipt"])
    assert SurveyReopening.objects.get().resealed == second
    entries = [json.loads(e.content) for e in LogEntry.objects.filter(kind="answers_seal").order_by("index")]
    assert "replaces" not in entries[0]
    assert (entries[1]["replaces"], entries[1]["files"]) == (first.files, second.files)
    trail = AuditEntry.objects.get(action="survey.reopen")
    assert (trail.agency, trail.detail["reason"]) == ("A1", ORDER["reason"])
    assert "ตผ 7" in Notice.objects.filter(user=people["officer"]).latest("pk").text


def test_only_the_agency_that_was_opened_takes_answers(people, agencies, sealed):
    reopen(sealed, agencies[0], people)
    with pytest.raises(DomainError, match="ปิดผนึกคำตอบแล้ว"):
        open_link(sealed, agencies[1], people)
    roll = {(agencies[1], "IIT"): [(WHOLE_AGENCY, 5)]}
    assert rights.set_rolls(assessment_round=sealed, rolls=roll, by=people["office"]) == (0, ["รอบนี้ปิดผนึกคำตอบแล้ว"])
    with pytest.raises(DomainError, match="ปิดผนึก"):
        rights.request_orders(assessment_round=sealed, instrument="IIT", kind="codes", by=people["office"])
    assert rights.set_roll(
        assessment_round=sealed, agency=agencies[0], instrument="IIT", roll=[(WHOLE_AGENCY, 30)], by=people["office"]
    )


@pytest.mark.parametrize("kind", ["codes", "tokens"])
def test_new_cards_and_invitations_are_issued_for_it(client, people, agencies, sealed, kind):
    reopen(sealed, agencies[0], people)
    channel = actions.open_channel(
        assessment_round=sealed, agency=agencies[0], instrument="IIT", kind=kind, by=people["officer"]
    )
    with_roll(channel, 30, people["office"])
    paper = rights.print_cards(channel=channel, number=12, site="http://testserver", by=people["officer"])
    assert paper.startswith(b"%PDF")
    facts = queries.find_form(channel.slug)
    assert facts.closed_reason is facts.exchange_closed_reason is None
    end()
    facts = queries.find_form(channel.slug)
    assert facts.closed_reason is facts.exchange_closed_reason is queries.NOT_IN_PHASE


def test_interviews_are_entered_for_it_again(client, people, agencies, sealed):
    client.force_login(people["assessor"])
    address = reverse("enter_interview", args=["A1", sealed.fiscal_year, "EIT2"])
    assert client.get(address).status_code == 302
    reopen(sealed, agencies[0], people)
    assert client.get(address).status_code == 200
    end()
    interview = Channel(round=sealed, agency=agencies[0], instrument="EIT2", kind="interview")
    assert queries.find_closed_reason(interview) is queries.NOT_IN_PHASE


# --- nobody is told apart


def test_fewer_than_a_batch_are_not_opened_and_stay_sealed(client, people, agencies, sealed):
    before = rows_of(sealed)
    reopen(sealed, agencies[0], people)
    late = open_link(sealed, agencies[0], people)
    posted = [fill_form(late) for _ in range(MIN_BATCH - 1)]
    for form in posted:
        client.post(form_address(late), form)
    end()
    for attempt in (seal, lambda r, p: actions.request_seal(assessment_round=r, by=p["office"])):
        with pytest.raises(DomainError, match=rf"IIT {MIN_BATCH - 1} ชุด"):
            attempt(sealed, people)
    assert Envelope.objects.count() == MIN_BATCH - 1
    assert SurveyReopening.objects.get().resealed is None  # nothing was closed: the day may be changed
    second = seal(sealed, people, leave_out=True)
    assert second.responses == FIRST
    assert rows_of(sealed) == before
    assert not Envelope.objects.exists()
    assert not Response.objects.filter(channel=late).exists()
    assert Channel.objects.get(pk=late.pk).left_out == MIN_BATCH - 1
    assert not queries.is_answer_counted(posted[0]["receipt"])  # and nobody is told that it was


def test_rubbish_does_not_fill_a_batch(client, people, agencies, sealed):
    """Somebody who wants to read one late answer sends nine envelopes that hold nothing."""
    reopen(sealed, agencies[0], people)
    late = open_link(sealed, agencies[0], people)
    for _ in range(MIN_BATCH - 1):
        client.post(form_address(late), seal_form(late, answers=bytes([9] * 15)))
    store(late, bytes(15))
    assert Envelope.objects.count() == MIN_BATCH
    end()
    with pytest.raises(DomainError, match="อ่านได้น้อยกว่า"):
        seal(sealed, people)
    assert not Response.objects.filter(channel=late).exists()
    assert Envelope.objects.count() == MIN_BATCH
    assert seal(sealed, people, leave_out=True).responses == FIRST
    assert not Response.objects.filter(channel=late).exists()


def test_each_channel_needs_a_batch_of_its_own(client, people, agencies, sealed):
    """Whoever copies the database sees which channel an answer came by."""
    reopen(sealed, agencies[0], people)
    channels = [open_link(sealed, agencies[0], people) for _ in range(2)]
    for channel in channels:
        for _ in range(MIN_BATCH // 2):
            store(channel, bytes(secrets.randbelow(2) for _ in range(15)))
    end()
    with pytest.raises(DomainError, match=f"น้อยกว่า {MIN_BATCH}"):
        seal(sealed, people)


def test_the_order_in_which_they_came_is_in_nothing(people, agencies, sealed):
    """With the parcels of before and after, and the database at every moment: a set of late answers, in an order that
    is another each time."""
    reopen(sealed, agencies[0], people)
    late = open_link(sealed, agencies[0], people)
    sent = [bytes([n % 5, n // 5, *([1] * 13)]) for n in range(20)]
    for answers in sent:
        store(late, answers)
    end()
    before = rows_of(sealed)
    seal(sealed, people)
    found = [bytes(a) for a in Response.objects.filter(channel=late).order_by("id").values_list("answers", flat=True)]
    assert sorted(found) == sorted(sent)
    assert found != sent  # one in 20!
    assert len({r.day for r in Response.objects.filter(channel=late)}) == 1
    assert (rows_of(sealed) - before).total() == len(sent)


# --- keys


def test_the_servers_own_key_is_a_new_one_and_gone_again_afterwards(people, agencies, sealed):
    spent = sealing.find_key(sealed.pk)
    assert sealing.read_own_key(spent) is None
    reopen(sealed, agencies[0], people)
    fresh = sealing.find_key(sealed.pk)
    assert fresh != spent
    reopen(sealed, agencies[1], people)
    assert sealing.find_key(sealed.pk) == fresh  # one is enough
    late = open_link(sealed, agencies[0], people)
    for _ in range(MIN_BATCH):
        store(late, bytes(15))
    end()
    seal(sealed, people)
    assert sealing.read_own_key(fresh) is None


def test_a_split_key_is_joined_again(client, people, agencies, running_round, link, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    shares = split_key(running_round)
    store(link, bytes(15))
    seal(running_round, people, private_keys=actions.join_key(assessment_round=running_round, shares=shares))
    key = sealing.find_key(running_round.pk)
    reopen(running_round, agencies[0], people)
    assert sealing.find_key(running_round.pk) == key
    late = open_link(running_round, agencies[0], people)
    for _ in range(MIN_BATCH):
        store(late, bytes(15))
    end()
    with pytest.raises(DomainError, match="2 ส่วนจาก 3"):
        seal(running_round, people)
    joined = actions.join_key(assessment_round=running_round, shares=shares[1:])
    assert seal(running_round, people, private_keys=joined).responses == 1 + MIN_BATCH


def test_a_new_key_may_be_made_for_it_and_not_without_it(people, agencies, sealed):
    with pytest.raises(DomainError, match="ปิดผนึกคำตอบแล้ว"):
        actions.create_key(assessment_round=sealed, by=people["office"])
    reopen(sealed, agencies[0], people)
    with pytest.raises(DomainError, match="สร้างกุญแจใหม่"):
        actions.give_up_key(key=sealing.find_key(sealed.pk), by=people["office"])
    split_key(sealed)
    assert sealing.find_key(sealed.pk).holders


# --- what is refused


def test_it_is_opened_before_the_count_alone(people, agencies, sealed):
    Job.objects.create(name="results.run_in_background", queue="compute", key=f"round:{sealed.pk}")
    with pytest.raises(DomainError, match="กำลังคำนวณ"):
        reopen(sealed, agencies[0], people)
    Job.objects.all().delete()
    made = results.compute_round(assessment_round=sealed, folder=sealed.parcels, by=people["office"])
    assert made.round == sealed
    with pytest.raises(DomainError, match="คำนวณผลแล้ว"):
        reopen(sealed, agencies[0], people)


def test_nothing_is_computed_or_destroyed_while_it_is_open(people, agencies, sealed):
    reopen(sealed, agencies[0], people)
    for attempt in (
        lambda: results.compute_round(assessment_round=sealed, folder=sealed.parcels, by=people["office"]),
        lambda: results.request_round(assessment_round=sealed, by=people["office"]),
        lambda: actions.request_destruction(assessment_round=sealed, by=people["office"]),
        lambda: actions.destroy_raw_answers(assessment_round=sealed, folder=sealed.parcels, by=people["office"]),
    ):
        with pytest.raises(DomainError, match="เปิดใหม่อยู่"):
            attempt()
    assert not ResultSet.objects.exists()
    end()
    seal(sealed, people)
    assert results.compute_round(assessment_round=sealed, folder=sealed.parcels, by=people["office"])


def test_a_computation_that_began_before_stores_nothing(people, agencies, sealed):
    store_scores = results._score_round(sealed, sealed.parcels)
    reopen(sealed, agencies[0], people)
    with pytest.raises(DomainError, match="เปิดใหม่อยู่"):
        store_scores(by=people["office"], corrects=None)
    assert not ResultSet.objects.exists()


def test_days_that_were_given_are_not_taken_back(people, agencies, sealed):
    reopen(sealed, agencies[0], people)
    with pytest.raises(DomainError, match="ปิดผนึกได้ตั้งแต่วันถัดไป"):
        seal(sealed, people)
    reopen(sealed, agencies[0], people, closes_on=today())  # the office says another day, in the open
    assert SurveyReopening.objects.get().closes_on == today()
    with pytest.raises(DomainError, match="ปิดผนึกได้ตั้งแต่วันถัดไป"):
        seal(sealed, people)
    assert AuditEntry.objects.filter(action="survey.reopen").count() == 2


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (lambda r: Seal.objects.all().delete(), "ยังไม่ปิดผนึก"),
        (lambda r: Seal.objects.update(files={}), "ปิดผนึกคำตอบยังไม่เสร็จ"),
        (lambda r: Seal.objects.update(destroyed_on=today()), "ถูกทำลายแล้ว"),
        (lambda r: Round.objects.update(status="closed"), "ไม่ได้ดำเนินการอยู่"),
        (lambda r: r.agencies.clear(), "ไม่อยู่ในรอบ"),
    ],
)
def test_what_cannot_be_opened_says_why(people, agencies, sealed, prepare, text):
    prepare(sealed)
    with pytest.raises(DomainError, match=text):
        reopen(sealed, agencies[0], people)
    assert not SurveyReopening.objects.exists()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"closes_on": datetime.date(2026, 1, 1)}, "ผ่านไปแล้ว"),
        ({"reason": " "}, "ใส่เหตุผล"),
        ({"ground": ""}, "โดยอาศัยอะไร"),
    ],
)
def test_an_order_that_says_too_little_opens_nothing(people, agencies, sealed, change, text):
    with pytest.raises(DomainError, match=text):
        reopen(sealed, agencies[0], people, **change)


def test_one_process_seals_or_opens_at_a_time(people, agencies, sealed):
    with actions.lock_sealing(sealed), pytest.raises(DomainError, match="กำลังปิดผนึกหรือทำลาย"):
        reopen(sealed, agencies[0], people)


def test_a_seal_that_was_cut_off_is_completed_as_the_same_one(people, agencies, sealed, monkeypatch):
    reopen(sealed, agencies[0], people)
    late = open_link(sealed, agencies[0], people)
    for _ in range(MIN_BATCH):
        store(late, bytes(15))
    end()
    with monkeypatch.context() as patch:
        patch.setattr(actions, "_write_parcels", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            seal(sealed, people)
    assert Seal.objects.count() == 2
    with pytest.raises(DomainError, match="ยังไม่เสร็จ"):
        results.compute_round(assessment_round=sealed, folder=sealed.parcels, by=people["office"])
    assert seal(sealed, people).responses == FIRST + MIN_BATCH
    assert Seal.objects.count() == 2


def test_it_may_be_opened_again_and_another_time(people, agencies, sealed):
    for number in (1, 2):
        reopen(sealed, agencies[0], people)
        late = open_link(sealed, agencies[0], people)
        for _ in range(MIN_BATCH):
            store(late, bytes(15))
        end()
        assert seal(sealed, people).responses == FIRST + number * MIN_BATCH
    assert Seal.objects.count() == 3


def test_receipts_of_the_first_batch_stay(client, people, agencies, sealed):
    before = set(Receipt.objects.values_list("digest", flat=True))
    reopen(sealed, agencies[0], people)
    end()
    seal(sealed, people)  # nobody came
    assert set(Receipt.objects.values_list("digest", flat=True)) == before


# --- pages


def test_the_office_opens_it_on_a_page_that_says_what_it_touches(
    client, people, agencies, sealed, django_capture_on_commit_callbacks
):
    client.force_login(people["office"])
    year = sealed.fiscal_year
    found = client.get(reverse("reopenings", args=[year]), {"survey": "1", "code": "A1"})
    address = reverse("reopen_survey", args=[year, "A1"])
    assert found["Location"] == address
    assert client.get(reverse("reopenings", args=[year]), {"survey": "1", "code": "Z"}).status_code == 404
    page = client.get(address).content.decode()
    assert f"อย่างน้อย {MIN_BATCH} ชุด" in page
    assert "คำนวณผลของรอบนี้ไม่ได้ จนกว่าจะปิดผนึกใหม่" in page
    form = ORDER | {"dated": "3 พ.ย. 2569", "closes_on": "31/2/2569"}
    refused = client.post(address, form)
    assert (refused.status_code, ORDER["reason"] in refused.content.decode()) == (422, True)
    refused = client.post(address, form | {"closes_on": "1 ม.ค. 2560"})
    assert (refused.status_code, "ผ่านไปแล้ว" in refused.content.decode()) == (422, True)
    day = today() + datetime.timedelta(days=3)
    page = client.post(address, form | {"closes_on": f"{day.day}/{day.month}/{day.year + 543}"}, follow=True)
    assert "หน่วยงานเปิดช่องทางใหม่ได้" in page.content.decode()
    assert "เปลี่ยนวันปิดรับ" in client.get(address).content.decode()
    nation = client.get(reverse("national_survey_desk", args=[year])).content.decode()
    assert "ปิดผนึกคำตอบใหม่" in nation
    assert "ไปคำนวณผล" not in nation
    page = client.post(reverse("run_round", args=[year]), follow=True).content.decode()
    assert "เปิดใหม่อยู่" in page
    end()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("seal_survey", args=[year]))
    assert "แทนการปิดผนึกเมื่อ" in client.get(reverse("national_survey_desk", args=[year])).content.decode()
    assert client.get(reverse("reopen_survey", args=[year, "ZZ"])).status_code == 404


def test_the_agency_reads_until_when_and_opens_a_channel(client, people, agencies, sealed):
    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=["A1", sealed.fiscal_year])
    assert "ปิดผนึกแล้วเมื่อ" in client.get(desk).content.decode()
    reopen(sealed, agencies[0], people)
    page = client.get(desk).content.decode()
    assert ORDER["reason"] in page
    assert "ปิดผนึกแล้วเมื่อ" not in page
    form = {"instrument": "IIT", "kind": "link"}
    client.post(reverse("open_channel", args=["A1", sealed.fiscal_year]), form)
    channel = Channel.objects.get(is_open=True)
    assert channel.reopening == SurveyReopening.objects.get()
