"""Forms, channels, codes, counting once, progress, sealing."""

import datetime
import re
from collections import Counter
from concurrent.futures import Future

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.urls import reverse

from prongsai import framework as rules
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.survey import actions, codes, mixing, queries, rights, sealing, writer
from prongsai.survey.models import Channel, Code, Envelope, Population, Receipt, Response, SpentToken
from prongsai.survey.questions import list_questions
from prongsai.survey.signals import find_signals
from tests.conftest import sample_year
from tests.jobs.deaths import work_through_deaths
from tests.pages import markup
from tests.survey.conftest import fill_form, form_address, with_roll, without_sealing


@pytest.fixture
def cards(people, agencies, running_round, monkeypatch):
    """A channel of cards, and the codes on them."""
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )
    printed = []
    real = codes.generate_code
    monkeypatch.setattr(codes, "generate_code", lambda n: printed.append(real(n)) or printed[-1])
    with_roll(channel, 40, people["office"])
    paper = rights.print_cards(channel=channel, number=12, site="http://testserver", by=people["officer"])
    monkeypatch.setattr(codes, "generate_code", real)
    assert paper.startswith(b"%PDF")
    return channel, printed


# --- the form


@pytest.mark.parametrize("year", [year for _, year in rules.available()])
def test_every_form_of_every_year_has_its_questions(year):
    framework = rules.load(rules.NATIONAL, int(year))
    for instrument in framework.survey_instruments():
        questions = list_questions(framework, instrument.id)
        assert [q.column for q in questions] == [c.name for c in framework.answer_columns(instrument.id)]
        for q, column in zip(questions, framework.answer_columns(instrument.id), strict=True):
            assert len(q.options) == len(column.points)
            assert q.label.th
        assert questions[-1].number == len({c.item for c in framework.answer_columns(instrument.id)})


def test_an_answer_is_counted_and_leaves_nothing_behind(client, link):
    page = client.get(form_address(link))
    assert page.status_code == 200
    assert not page.cookies
    assert len(page.content) < 30_000
    text = page.content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    thanks = client.post(form_address(link), fill_form(link))
    assert thanks.status_code == 200
    assert not thanks.cookies
    number = re.search(r'class="receipt">([^<]+)<', thanks.content.decode())[1]
    assert queries.is_answer_counted(number)
    assert not queries.is_answer_counted("0000-0000-0000-0000")
    assert "ถูกนับแล้ว" in client.get(reverse("check_receipt"), {"n": number.lower().replace("-", " ")}).content.decode()
    assert Envelope.objects.count() == 1
    from django.contrib.sessions.models import Session

    assert not Session.objects.exists()


def test_the_form_in_english(client, link):
    page = client.get(form_address(link), {"lang": "en"}).content.decode()
    assert '<html lang="en">' in page
    assert "Nothing is kept that could tell" in page


def test_a_form_with_missing_answers_retains_the_choices(client, link):
    posted = fill_form(link)
    gone = next(k for k in posted if k != "receipt")
    kept = next(k for k in posted if k not in ("receipt", gone))
    del posted[gone]
    page = client.post(form_address(link), posted)
    assert page.status_code == 422
    text = markup(page)
    assert f'href="#q-{gone}"' in text
    assert f'name="{kept}" value="{posted[kept]}" checked' in text
    assert posted["receipt"] in text
    assert not Envelope.objects.exists()


@pytest.mark.parametrize("value", ["99", "-1", "x", "1.0", "๑", "", "0 OR 1=1", "\ud83d"])
def test_a_tampered_choice_is_no_answer(client, link, value):
    posted = fill_form(link)
    first = next(k for k in posted if k != "receipt")
    posted[first] = value.encode("utf-8", "replace").decode()
    assert client.post(form_address(link), posted).status_code == 422
    assert not Envelope.objects.exists()


def test_a_double_click_and_a_retry_count_once(client, link):
    posted = fill_form(link)
    numbers = {
        re.search(r'class="receipt">([^<]+)<', client.post(form_address(link), posted).content.decode())[1]
        for _ in range(3)
    }
    assert len(numbers) == 1
    assert Envelope.objects.count() == Receipt.objects.count() == 1


def test_a_giant_body_is_refused(client, link):
    response = client.post(form_address(link), fill_form(link, more="x" * 3_000_000))
    assert response.status_code == 413
    assert "ส่งมามากเกินไป" in response.content.decode()


@pytest.mark.parametrize("charset", ["; charset=cp874", ""])
def test_a_body_in_another_charset_gets_a_page_in_thai(client, link, charset):
    body = "i1=คำตอบ&receipt=ก".encode("cp874")
    response = client.generic(
        "POST", form_address(link), body, content_type=f"application/x-www-form-urlencoded{charset}"
    )
    assert response.status_code in (400, 422)
    assert 'lang="th"' in response.content.decode()


def test_a_full_disk_acknowledges_nothing_and_says_so(client, link, monkeypatch):
    from prongsai.survey import views

    def full(_):
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(views, "submit", full)
    posted = fill_form(link)
    page = client.post(form_address(link), posted)
    assert page.status_code == 503
    assert "นับเพียงครั้งเดียว" in page.content.decode()
    assert posted["receipt"] in page.content.decode()


# --- codes


def test_a_code_counts_once(client, cards):
    channel, printed = cards
    assert (
        client.post(form_address(channel), fill_form(channel, code=codes.format_code(printed[0]).lower())).status_code
        == 200
    )
    again = client.post(form_address(channel), fill_form(channel, code=printed[0]))
    unknown = client.post(form_address(channel), fill_form(channel, code="0000000000"))
    assert again.status_code == unknown.status_code == 422
    texts = [re.search(r'class="problem"[^>]*><p>([^<]+)', markup(p))[1] for p in (again, unknown)]
    assert texts[0] == texts[1]  # no telling a used code from a wrong one
    assert queries.count_codes(channel) == (12, 1)
    assert Envelope.objects.count() == 1


def test_a_retry_with_a_code_counts_once(client, cards):
    channel, printed = cards
    posted = fill_form(channel, code=printed[1])
    assert [client.post(form_address(channel), posted).status_code for _ in range(2)] == [200, 200]
    assert queries.count_codes(channel) == (12, 1)


def test_a_code_opens_its_own_channel_alone(client, people, agencies, running_round, cards):
    channel, printed = cards
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="EIT1", kind="codes", by=people["officer"]
    )
    assert client.post(form_address(other), fill_form(other, code=printed[0])).status_code == 422
    assert queries.count_codes(channel) == (12, 0)
    assert not Envelope.objects.exists()


def test_codes_are_stored_nowhere(cards):
    channel, printed = cards
    for table in (Code, Channel, AuditEntry):
        rows = str(list(table.objects.values()))
        assert not any(c in rows for c in printed)
    assert channel.slug not in printed


@pytest.mark.parametrize(
    ("typed", "meant"), [("o123-i45l7", "0123145" + "17"), ("๑๒๓๔๕ abcde", "12345ABCDE"), ("ก!?", "")]
)
def test_codes_are_normalized(typed, meant):
    assert codes.normalize_code(typed) == meant


def test_codes_have_a_form_that_can_be_read_aloud():
    assert codes.format_code("12345ABCDE") == "12345-ABCDE"  # of a card that was printed before codes were longer
    assert codes.format_code("123456789ABC") == "1234-5678-9ABC"
    assert codes.format_code("123456789ABCDEFG") == "1234-5678-9ABC-DEFG"
    assert len(codes.normalize_code("A" * 100)) == codes.MAX_LENGTH
    letters = set("".join(codes.generate_code(10) for _ in range(300)))
    assert letters == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_digests_are_keyed_by_the_installation_and_by_their_purpose(settings):
    """Those of a running round must go on being found: the first is fixed."""
    settings.SECRET_KEY = "first"
    digest = codes.digest_code("code", "12345ABCDE")
    assert digest == "bb59d61c901cbfdaf86c963c3fb3596a6c97947eb85421d1f0f2fcb74611831c"
    assert codes.digest_code("receipt", "12345ABCDE") != digest
    settings.SECRET_KEY = "second"
    assert codes.digest_code("code", "12345ABCDE") != digest


# --- storing


@pytest.mark.parametrize("is_sealed", [True, False])
def test_one_faulty_submission_does_not_spoil_its_batch(link, monkeypatch, is_sealed):
    def refuse_faulty(store):
        def refuse(*arguments):
            if b"faulty" in arguments:
                raise OSError("no space left on device")
            return store(*arguments)

        return refuse

    if not is_sealed:
        without_sealing(link)
    monkeypatch.setattr(writer, "encrypt_answers", refuse_faulty(mixing.encrypt_answers))
    monkeypatch.setattr(writer, "seal_answers", refuse_faulty(sealing.seal_answers))
    monkeypatch.setattr(writer, "close_old_connections", lambda: None)  # that of the test stays open
    batch = [
        (writer.Submission(link, answers, receipt, None), Future())
        for answers, receipt in ((b"first", "1"), (b"faulty", "2"), (b"third", "3"), (b"third", "3"))
    ]
    writer.GroupWriter.store_batch(batch)
    outcomes = [f.exception() or f.result() for _, f in batch]
    assert [str(o) for o in outcomes] == ["stored", "no space left on device", "stored", "duplicate"]
    assert set(Receipt.objects.values_list("digest", flat=True)) == {"1", "3"}
    assert Envelope.objects.count() == 2


# --- opening and closing


def test_a_closed_channel_gives_the_reason(client, people, link, running_round):
    assert client.get("/s/NOSUCHLINK00/").status_code == 404
    fresh = actions.replace_channel(channel=link, by=people["officer"])
    assert client.get(form_address(link)).status_code == 410
    assert client.post(form_address(link), fill_form(link)).status_code == 410
    assert client.get(form_address(fresh)).status_code == 200
    from prongsai.registry.actions import set_round_status

    set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    page = client.post(form_address(fresh), fill_form(fresh))
    assert page.status_code == 410
    assert "ไม่อยู่ในรอบ" in page.content.decode()


def test_outside_its_days_a_form_is_closed(client, people, link, running_round):
    import datetime

    from prongsai.registry.actions import set_phase_dates

    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=running_round.phases.get(key=queries.PHASE), starts=past, ends=past, by=people["office"])
    assert client.get(form_address(link)).status_code == 410


# --- the desk


def test_progress_counts_towards_the_minimum_sample(client, people, agencies, running_round, link):
    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=["A1", sample_year()])
    assert "ยังไม่รู้ขั้นต่ำ" in client.get(desk).content.decode()
    client.post(reverse("set_population", args=["A1", sample_year()]), {"people:IIT": "45"})
    progress = next(s for s in queries.find_quota_progress(running_round, agencies[0]) if s.instrument.id == "IIT")
    assert (progress.minimum_sample, progress.received, progress.has_minimum_sample) == (30, 0, False)
    for _ in range(30):
        client.post(form_address(link), fill_form(link))
    mixing.mix_ready_channels()
    progress = next(s for s in queries.find_quota_progress(running_round, agencies[0]) if s.instrument.id == "IIT")
    assert (progress.received, progress.has_minimum_sample) == (30, True)
    assert "ถึงขั้นต่ำแล้ว" in client.get(desk).content.decode()
    assert queries.find_national_progress(running_round)[0].agencies_with_minimum_sample == 1


@pytest.mark.parametrize("people_typed", ["0", "-5", "abc", "99999999999", "4.5"])
def test_an_invalid_population_is_refused_and_those_beside_it_are_stored(client, people, running_round, people_typed):
    from prongsai.survey.models import Population

    client.force_login(people["officer"])
    typed = {"people:IIT": people_typed, "people:EIT1": "๑,๒๐๐", "people:EIT2": ""}
    response = client.post(reverse("set_population", args=["A1", sample_year()]), typed)
    assert response.status_code == 422
    assert list(Population.objects.values_list("instrument", "size")) == [("EIT1", 1200)]
    assert f'value="{people_typed}"' in response.content.decode()
    assert f"“{people_typed}”" in response.content.decode()


def test_an_emptied_population_is_refused_and_an_unchanged_one_is_not_stored_again(client, people, running_round):
    from prongsai.people.models import AuditEntry
    from prongsai.survey.models import Population

    client.force_login(people["officer"])
    address = reverse("set_population", args=["A1", sample_year()])
    for _ in range(2):
        assert client.post(address, {"people:IIT": "๔๕", "people:EIT1": "90"}).status_code == 302
    assert AuditEntry.objects.filter(action="survey.set_population").count() == 2
    assert client.post(address, {"people:IIT": "", "had:people:IIT": "1"}).status_code == 422
    assert dict(Population.objects.values_list("instrument", "size")) == {"IIT": 45, "EIT1": 90}


def test_a_finished_round_without_answers_here_says_so(client, people, agencies, running_round):
    """Three forms with no answer beside a published result would tell two truths about one year."""
    from prongsai.registry.actions import set_round_status

    desk = reverse("survey_desk", args=["A1", sample_year()])
    client.force_login(people["officer"])
    elsewhere = "คะแนนที่ประกาศจึงไม่ได้มาจากคำตอบในหน้านี้"
    page = client.get(desk).content.decode()
    assert ("ได้คำตอบ 0 ชุด" in page, elsewhere in page) == (True, False)
    set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    page = client.get(desk).content.decode()
    assert ("ได้คำตอบ 0 ชุด" in page, elsewhere in page) == (False, True)
    Population.objects.create(round=running_round, agency=agencies[0], instrument="IIT", size=12)
    page = client.get(desk).content.decode()
    assert ("ได้คำตอบ 0" in page, elsewhere in page) == (True, False)


def test_no_survey_opens_in_a_finished_round(client, people, agencies, running_round):
    from prongsai.people.actions import DomainError
    from prongsai.registry.actions import set_round_status
    from prongsai.survey import actions

    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=["A1", sample_year()])
    assert 'name="kind"' in client.get(desk).content.decode()
    stale = type(running_round).objects.get(pk=running_round.pk)
    set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    page = client.get(desk).content.decode()
    assert 'name="kind"' not in page
    assert "รอบปีนี้ปิดแล้ว" in page
    for known in (running_round, stale):
        with pytest.raises(DomainError, match="รอบนี้ปิดแล้ว"):
            actions.open_channel(
                assessment_round=known, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
            )


def test_a_poster_says_the_year_and_the_last_day(client, people, running_round, link):
    import io

    import pypdfium2

    from prongsai.registry.actions import set_phase_dates

    client.force_login(people["officer"])

    def poster():
        paper = client.get(reverse("print_poster", args=["A1", link.pk])).content
        return re.sub(r"\s", "", pypdfium2.PdfDocument(io.BytesIO(paper))[0].get_textpage().get_text_range())

    assert f"ปีงบประมาณพ.ศ.{sample_year()}" in poster()
    assert "ตอบได้ถึง" not in poster()
    day = datetime.date(2099, 3, 31)
    set_phase_dates(phase=running_round.phases.get(key=queries.PHASE), starts=None, ends=day, by=people["office"])
    assert "ตอบได้ถึงวันที่31มีนาคม2642" in poster()


def test_a_poster_breaks_the_name_of_its_form_at_the_ends_of_words(running_round, link, monkeypatch):
    """The typesetter gets complete words, each in a box of its own: with its own guess ผู้รับบริการ broke after ผู้."""
    given = {}
    monkeypatch.setattr(actions, "pdf", lambda _, data: given.update(data) or b"")
    link.instrument = "EIT1"
    actions.print_poster(channel=link, site="https://example.test")
    assert "ผู้รับบริการ" in given["form"]
    template = (actions.TYPST_FOLDER / "poster.typ").read_text()
    assert "box(unit)" in template


def test_cards_and_poster_are_papers(client, people, cards, link):
    import io

    import pypdfium2

    channel, _ = cards
    client.force_login(people["officer"])
    paper = client.post(reverse("print_cards", args=["A1", channel.pk]), {"number": "9"})
    assert paper["Content-Type"] == "application/pdf"
    assert paper["Cache-Control"] == "private, no-store"
    document = pypdfium2.PdfDocument(io.BytesIO(paper.content))
    assert len(document) == 2
    text = document[0].get_textpage().get_text_range()
    assert len(re.findall(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)) == 8
    assert "องค์การบริหารส่วนตำบลบ้านทดสอบ" in re.sub(r"\s", "", text)
    assert queries.count_codes(channel) == (21, 0)
    assert client.get(reverse("print_poster", args=["A1", link.pk])).content.startswith(b"%PDF")
    assert client.post(reverse("print_cards", args=["A1", channel.pk]), {"number": "0"}).status_code == 302
    assert queries.count_codes(channel) == (21, 0)


def test_interviews_one_by_one_and_from_a_file(client, people, agencies, running_round, tmp_path):
    client.force_login(people["assessor"])
    page = reverse("enter_interview", args=["A1", sample_year(), "EIT2"])
    assert client.get(page).status_code == 200
    assert not Channel.objects.exists()  # whoever only looks opens nothing
    form = fill_form(Channel(round=running_round, agency=agencies[0], instrument="EIT2", kind="interview"))
    assert client.post(page, form).status_code == 302
    channel = Channel.objects.get(kind="interview")
    assert client.get(form_address(channel)).status_code == 404  # not for the public
    columns = [q.column for q in list_questions(rules.load(rules.NATIONAL, sample_year()), "EIT2")]
    good = ",".join(columns) + "\n" + "\n".join(",".join("1" for _ in columns) for _ in range(3))
    bad = good + "\n" + ",".join("9" for _ in columns)
    wrong = client.post(page, {"batch": "1", "file": SimpleUploadedFile("a.csv", bad.encode())})
    assert wrong.status_code == 422
    assert "บรรทัด 5" in wrong.content.decode()
    assert Envelope.objects.count() == 1
    assert client.post(page, {"batch": "1", "file": SimpleUploadedFile("a.csv", good.encode())}).status_code == 302
    assert Envelope.objects.count() == 4


# --- sealing


@pytest.mark.parametrize("is_sealed", [True, False])
def test_what_is_sealed_is_what_was_answered(client, people, agencies, running_round, link, tmp_path, is_sealed):
    if not is_sealed:
        without_sealing(link)
    sent = []
    for _ in range(33):
        posted = fill_form(link)
        sent.append(tuple(int(v) for k, v in posted.items() if k != "receipt"))
        client.post(form_address(link), posted)
    mixing.mix_ready_channels()
    actions.set_population(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", size=50, by=people["officer"]
    )
    made = actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert made.responses == 33
    table = pq.read_table(tmp_path / "answers-IIT.parquet").to_pylist()
    assert {r.pop("agency") for r in table} == {"A1"}
    assert sorted(tuple(r.values()) for r in table) == sorted(sent)
    assert [tuple(r.values()) for r in table] != sent
    assert pq.read_table(tmp_path / "headcounts.parquet").to_pylist()[0]["IIT"] == 50
    assert len((tmp_path / "receipts.txt").read_text().split()) == 33
    assert client.get(form_address(link)).status_code == 410
    with pytest.raises(DomainError, match="ปิดผนึก"):
        actions.open_channel(
            assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
        )


def test_sealed_answers_are_scored_and_published(client, people, agencies, running_round, link, settings, tmp_path):
    from prongsai.results import actions as results

    settings.MEDIA_ROOT = tmp_path
    eit = [
        actions.open_channel(
            assessment_round=running_round, agency=agencies[0], instrument=i, kind="link", by=people["office"]
        )
        for i in ("EIT1",)
    ]
    for channel in (link, *eit):
        for _ in range(24):  # few of an unknown number of people have no indicators
            client.post(form_address(channel), fill_form(channel))
    interview = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="EIT2", kind="interview", by=people["assessor"]
    )
    store_responses(interview, [[1] * len(list_questions(rules.load(rules.NATIONAL, sample_year()), "EIT2"))] * 24)
    folder = running_round.parcels
    settings.LEAST_SHARE = 0  # nobody has a total
    actions.seal(assessment_round=running_round, folder=folder, by=people["office"])
    made = results.compute_round(assessment_round=running_round, folder=folder, by=people["office"])
    results.publish(result_set=made, by=people["office"])
    shown = made.results.get().shown
    assert {str(k) for k in range(1, 9)} <= set(shown)
    assert "overall" not in shown  # nobody has marked the disclosures
    page = client.get(reverse("agency_year", args=["A1", sample_year()])).content.decode()
    assert shown["1"] in page
    assert shown["8"] in page


def test_raw_answers_are_destroyed_by_a_dated_action(people, agencies, running_round, link, client, tmp_path):
    client.post(form_address(link), fill_form(link))
    with pytest.raises(DomainError, match="ก่อน"):
        actions.destroy_raw_answers(assessment_round=running_round, folder=tmp_path, by=people["office"])
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert (
        actions.destroy_raw_answers(assessment_round=running_round, folder=tmp_path, by=people["office"])["responses"]
        == 1
    )
    assert not Response.objects.exists()
    assert queries.find_latest_seal(running_round).destroyed_on
    assert AuditEntry.objects.filter(action="survey.destroy").exists()
    with pytest.raises(DomainError, match="ทำลาย"):
        actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])


def test_one_process_seals_or_destroys_at_a_time(people, running_round, link, client, tmp_path):
    client.post(form_address(link), fill_form(link))
    with actions.lock_sealing(running_round):
        for action in (actions.seal, actions.destroy_raw_answers):
            with pytest.raises(DomainError, match="กำลังปิดผนึก"):
                action(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert Envelope.objects.count() == 1
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert Response.objects.count() == 1


def test_the_rows_of_a_parcel_are_in_the_order_of_random_identifiers(
    people, running_round, link, tmp_path, monkeypatch
):
    """However many are read at a time; the order in which they were stored is lost."""
    monkeypatch.setattr(actions, "ROWS_PER_CHUNK", 7)
    wide = len(list_questions(rules.load(rules.NATIONAL, sample_year()), "IIT"))
    store_responses(link, [[n] * wide for n in range(30)])
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    rows = [r["i1"] for r in pq.read_table(tmp_path / "answers-IIT.parquet", columns=["i1"]).to_pylist()]
    assert sorted(rows) == list(range(30))
    assert rows == [bytes(a)[0] for a in Response.objects.order_by("id").values_list("answers", flat=True)]
    assert rows != sorted(rows)


# --- the quality of answers


def store_responses(channel, table):
    from django.utils import timezone

    Response.objects.bulk_create([Response(channel=channel, day=timezone.localdate(), answers=bytes(r)) for r in table])


def test_odd_answers_are_flagged_and_still_counted(people, agencies, running_round, link):
    wide = len(list_questions(rules.load(rules.NATIONAL, sample_year()), "IIT"))
    draw = np.random.default_rng(3)
    store_responses(link, draw.integers(0, 6, (60, wide)).tolist())
    assert find_signals(running_round) == []
    store_responses(link, [[5] * wide] * 70)
    texts = " ".join(r for s in find_signals(running_round) for r in s.reasons)
    assert "ลำดับเดียวกันทุกข้อ" in texts
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )
    points = [c.points for c in rules.load(rules.NATIONAL, sample_year()).answer_columns("IIT")]
    store_responses(other, [[int(np.argmin(p)) for p in points]] * 40)
    store_responses(link, [[int(np.argmax(p)) for p in points]] * 90)
    assert "ต่างช่องทาง" in " ".join(r for s in find_signals(running_round) for r in s.reasons)
    assert Response.objects.count() == 260


def summary(vectors, days=(30,), means=()):
    """Thirty answers, as often as given: each different but for those; on so many days; with so many points."""
    counts = Counter({bytes([n, n + 1]): 1 for n in range(30 - sum(vectors.values()))}) + Counter(vectors)
    dates = {datetime.date(2026, 1, n): count for n, count in enumerate(days, 1)}
    return queries.AnswerSummary(counts, Counter(dates), dict(enumerate(means)))


@pytest.mark.parametrize(
    ("at_limit", "below", "text"),
    [
        (summary({b"\1\1": 15}), summary({b"\1\1": 14}), "15 จาก 30 ชุดเลือกตัวเลือกลำดับเดียวกันทุกข้อ"),
        (summary({b"\1\0": 9}), summary({b"\1\0": 8}), "9 จาก 30 ชุดตอบเหมือนกันทุกข้อ"),
        (summary({}, (18, 6, 6)), summary({}, (17, 7, 6)), "18 จาก 30 ชุดเข้ามาในวันเดียว (2026-01-01)"),
        (summary({}, (29, 1, 0)), summary({}, (29, 1)), "29 จาก 30 ชุดเข้ามาในวันเดียว (2026-01-01)"),
        (summary({}, means=(50, 70, 60)), summary({}, means=(50.01, 70)), "คะแนนเฉลี่ยจากต่างช่องทางต่างกัน 20 คะแนน"),
    ],
)
def test_flags_begin_at_their_limit(at_limit, below, text):
    assert queries.describe_patterns(at_limit) == [text]
    assert queries.describe_patterns(below) == []


def test_small_groups_are_not_flagged():
    alike = {b"\1\1": 29}
    assert (
        queries.describe_patterns(queries.AnswerSummary(Counter(alike), Counter({datetime.date(2026, 1, 1): 29}), {}))
        == []
    )


def test_what_the_assessor_collects_has_no_link(people, agencies, running_round):
    with pytest.raises(DomainError, match="ผู้ประเมินเป็นผู้เก็บ"):
        actions.open_channel(
            assessment_round=running_round, agency=agencies[0], instrument="EIT2", kind="link", by=people["officer"]
        )
    with pytest.raises(DomainError, match="หน่วยงานเป็นผู้เก็บ"):
        actions.open_channel(
            assessment_round=running_round,
            agency=agencies[0],
            instrument="IIT",
            kind="interview",
            by=people["assessor"],
        )


def test_an_answer_that_comes_while_sealing_is_not_acknowledged(
    client, people, running_round, link, tmp_path, monkeypatch, settings
):
    from prongsai.survey import views

    settings.LEAST_SHARE = 0
    real = views.submit

    def sealed_first(submission):  # the form was open when it was read, and closed when it is stored
        actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
        return real(submission)

    monkeypatch.setattr(views, "submit", sealed_first)
    page = client.post(form_address(link), fill_form(link))
    assert page.status_code == 410
    assert "ไม่ถูกนับ" in page.content.decode()
    assert not Envelope.objects.exists()
    assert not Receipt.objects.exists()


def test_no_channel_opens_once_sealing_has_begun(client, people, agencies, running_round, link, tmp_path, monkeypatch):
    def opened_meanwhile(**_):
        with pytest.raises(DomainError, match="ปิดผนึก"):
            actions.open_channel(
                assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
            )
        return 0

    client.post(form_address(link), fill_form(link))
    monkeypatch.setattr(actions.sealing, "open_channel", opened_meanwhile)
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])


def test_raw_answers_stay_until_the_parcels_have_them(people, running_round, link, client, tmp_path):
    for _ in range(3):
        client.post(form_address(link), fill_form(link))
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    (tmp_path / "answers-IIT.parquet").write_bytes(b"gone")
    with pytest.raises(DomainError, match="ไม่ตรง"):
        actions.destroy_raw_answers(assessment_round=running_round, folder=tmp_path, by=people["office"])
    actions.seal(
        assessment_round=running_round, folder=tmp_path, by=people["office"]
    )  # again, from the rows that are still there
    store_responses(link, [[1] * 15])
    with pytest.raises(DomainError, match="ยังไม่อยู่ในไฟล์"):
        actions.destroy_raw_answers(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert Response.objects.count() == 4


def test_a_destruction_that_was_interrupted_is_completed(people, running_round, link, client, tmp_path, monkeypatch):
    """Killed between two groups of channels: some answers are gone, and nothing says that all are."""
    for _ in range(3):
        client.post(form_address(link), fill_form(link))
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    monkeypatch.setattr(actions, "_CHANNELS_PER_DELETION", 1)
    monkeypatch.setattr(actions, "log_audit", None)  # the last transaction never happens
    with pytest.raises(TypeError):
        actions.destroy_raw_answers(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert not Response.objects.exists()
    assert queries.find_latest_seal(running_round).destroyed_on is None
    monkeypatch.undo()
    deleted = actions.destroy_raw_answers(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert deleted["responses"] == 3
    assert queries.find_latest_seal(running_round).destroyed_on


def test_sealing_and_destroying_get_on_although_worker_after_worker_dies(
    people, agencies, running_round, link, client, settings, monkeypatch
):
    settings.JOBS_BY_WORKERS = True
    opened = {"assessment_round": running_round, "kind": "link", "by": people["office"]}
    channels = [link, actions.open_channel(**opened, agency=agencies[1], instrument="IIT")]
    channels += [actions.open_channel(**opened, agency=agency, instrument="EIT1") for agency in agencies]
    for channel in channels:
        client.post(form_address(channel), fill_form(channel))
    unused = Channel.objects.create(round=running_round, agency=agencies[0], instrument="EIT1", kind="codes", slug="-")
    monkeypatch.setattr(actions, "_CHANNELS_PER_PROGRESS", 1)
    monkeypatch.setattr(actions, "_CHANNELS_PER_DELETION", 1)
    client.force_login(people["office"])
    year = running_round.fiscal_year
    client.post(reverse("seal_survey", args=[year]))
    assert work_through_deaths(Queue.COMPUTE, monkeypatch) == 3
    assert queries.find_latest_seal(running_round).responses == 4
    SpentToken.objects.create(digest="0" * 64, channel=unused)  # nothing but this is left to destroy of it
    client.post(reverse("destroy_answers", args=[year]), {"typed": year})
    assert work_through_deaths(Queue.COMPUTE, monkeypatch) == 5
    assert not Response.objects.exists()


def test_sealing_and_destroying_are_a_workers(people, running_round, link, client, settings):
    settings.JOBS_BY_WORKERS = True
    client.post(form_address(link), fill_form(link))
    client.force_login(people["office"])
    year = running_round.fiscal_year
    for _ in range(2):  # pressed twice
        client.post(reverse("seal_survey", args=[year]))
    assert queries.find_latest_seal(running_round) is None
    page = client.get(reverse("national_survey_desk", args=[year])).content.decode()
    assert "รอทำ: ปิดผนึกคำตอบ" in page
    assert reverse("seal_survey", args=[year]) not in page
    work_on(take_job(queue=Queue.COMPUTE, owner="test"))
    assert take_job(queue=Queue.COMPUTE, owner="test") is None
    assert queries.find_latest_seal(running_round).responses == 1
    client.post(reverse("destroy_answers", args=[year]), {"typed": year})
    assert Response.objects.count() == 1
    work_on(take_job(queue=Queue.COMPUTE, owner="test"))
    assert not Response.objects.exists()


def test_one_lost_key_stops_neither_mixing_nor_rotation(client, people, agencies, running_round, link, tmp_path):
    without_sealing(link)
    for _ in range(25):
        client.post(form_address(link), fill_form(link))
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", kind="link", by=people["office"]
    )
    for _ in range(25):
        client.post(form_address(other), fill_form(other))
    Envelope.objects.filter(channel=link).update(key_number=99)
    assert mixing.mix_ready_channels() == 15
    assert mixing.rotate_key() == 10
    with pytest.raises(DomainError, match="กุญแจ"):
        actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])


def test_a_spreadsheet_made_to_hold_the_page_up_is_refused(client, people, agencies, running_round):
    client.force_login(people["assessor"])
    file = SimpleUploadedFile("a.csv", (b"," * 1999 + b"\n") * 4000)
    page = reverse("enter_interview", args=["A1", sample_year(), "EIT2"])
    answer = client.post(page, {"batch": "1", "file": file})
    assert answer.status_code == 422
    # by whichever limit it meets first: that of its size or, on a slow machine, that of time
    assert re.search("ไฟล์ขยายแล้วใหญ่ผิดปกติ|อ่านไม่เสร็จในเวลา", answer.content.decode())


def test_the_same_spreadsheet_twice_counts_once(client, people, running_round, agencies, tmp_path):
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="EIT2", kind="interview", by=people["assessor"]
    )
    columns = [q.column for q in list_questions(rules.load(rules.NATIONAL, sample_year()), "EIT2")]
    path = tmp_path / "a.csv"
    path.write_text(",".join(columns) + "\n" + "\n".join(",".join("1" for _ in columns) for _ in range(3)) + "\n")
    for _ in range(2):
        actions.import_interviews(channel=channel, path=path, by=people["assessor"])
    assert Envelope.objects.count() == 3


def test_problems_appear_in_the_language_of_the_form(client, cards):
    channel, _ = cards
    page = client.post(form_address(channel) + "?lang=en", fill_form(channel, code="0000000000")).content.decode()
    assert "can&#x27;t be used" in page


def test_a_closed_form_says_so_in_english_too(client, people, link):
    actions.close_channel(channel=link, by=people["officer"])
    page = client.get(form_address(link) + "?lang=en")
    assert page.status_code == 410
    assert "This link was closed" in page.content.decode()


def test_reminders_are_mailed_and_their_addresses_stored_nowhere(client, people, link, mailoutbox):
    client.force_login(people["officer"])
    address = reverse("send_reminders", args=["A1", link.pk])
    wrong = client.post(address, {"addresses": "a@example.test not-an-address"})
    assert wrong.status_code == 422
    assert "not-an-address" in wrong.content.decode()  # named in the message, and retained in the box
    assert mailoutbox == []
    client.post(address, {"addresses": "a@example.test, b@example.test\na@example.test"})
    assert [m.to for m in mailoutbox] == [["a@example.test"], ["b@example.test"]]
    assert f"/s/{link.slug}/" in mailoutbox[0].body
    entry = AuditEntry.objects.filter(action="survey.remind").get()
    assert entry.detail == {"letters": 2}
    actions.close_channel(channel=link, by=people["officer"])
    assert client.post(address, {"addresses": "c@example.test"}).status_code == 422
    assert len(mailoutbox) == 2


def test_sealed_answers_are_exported_as_they_are(client, people, link, running_round, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for _ in range(3):
        client.post(form_address(link), fill_form(link))
    actions.seal(assessment_round=running_round, folder=running_round.parcels, by=people["office"])
    client.force_login(people["auditor"])
    address = reverse("export_answers", args=[running_round.fiscal_year, "answers-IIT.parquet"])
    sealed = (running_round.parcels / "answers-IIT.parquet").read_bytes()
    assert b"".join(client.get(address).streaming_content) == sealed
    lines = b"".join(client.get(address + ".csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"agency"')
    assert len(lines) == 4
    assert AuditEntry.objects.filter(action="survey.export").count() == 2
    for name in ("receipts.txt", "..%2Fsecret", "answers-EIT.parquet"):
        assert client.get(address.replace("answers-IIT.parquet", name)).status_code in (302, 404)
