"""Forms, channels, codes, counting once, progress, sealing."""

import random
import re

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError
from django.urls import reverse

from prongsai import framework as rules
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.survey import actions, codes, mix, queries
from prongsai.survey.models import Channel, Code, Envelope, Receipt, Response
from prongsai.survey.questions import questions
from tests.conftest import newest
from tests.pages import markup


@pytest.fixture
def link(people, agencies, running_round):
    return actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )


@pytest.fixture
def carded(people, agencies, running_round, monkeypatch):
    """A channel of cards, and the codes on them."""
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )
    drawn = []
    real = codes.draw
    monkeypatch.setattr(codes, "draw", lambda n: drawn.append(real(n)) or drawn[-1])
    paper = actions.print_cards(channel=channel, number=12, site="http://testserver", by=people["officer"])
    monkeypatch.setattr(codes, "draw", real)
    assert paper.startswith(b"%PDF")
    return channel, drawn


def filled(channel, **more):
    asked = questions(rules.load(channel.round.framework), channel.instrument)
    return {q.column: str(random.randrange(len(q.options))) for q in asked} | {"receipt": codes.draw(16)} | more


def address(channel):
    return reverse("answer", args=[channel.slug])


# --- the form


@pytest.mark.parametrize("year", rules.available())
def test_every_form_of_every_year_is_drawn(year):
    framework = rules.load(year)
    for instrument in framework.survey_instruments():
        asked = questions(framework, instrument.id)
        assert [q.column for q in asked] == [c.name for c in framework.answer_columns(instrument.id)]
        for q, column in zip(asked, framework.answer_columns(instrument.id), strict=True):
            assert len(q.options) == len(column.points)
            assert q.label.th
        assert asked[-1].number == len({c.item for c in framework.answer_columns(instrument.id)})


def test_an_answer_is_counted_and_leaves_nothing_behind(client, link):
    page = client.get(address(link))
    assert page.status_code == 200
    assert not page.cookies
    assert len(page.content) < 30_000
    text = page.content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    thanks = client.post(address(link), filled(link))
    assert thanks.status_code == 200
    assert not thanks.cookies
    number = re.search(r'class="receipt">([^<]+)<', thanks.content.decode())[1]
    assert queries.included(number)
    assert not queries.included("0000-0000-0000-0000")
    assert "ถูกนับแล้ว" in client.get(reverse("receipt_check"), {"n": number.lower().replace("-", " ")}).content.decode()
    assert Envelope.objects.count() == 1
    from django.contrib.sessions.models import Session

    assert not Session.objects.exists()


def test_the_form_in_english(client, link):
    page = client.get(address(link), {"lang": "en"}).content.decode()
    assert '<html lang="en">' in page
    assert "Nothing is kept that could tell" in page


def test_missing_answers_keep_what_was_chosen(client, link):
    posted = filled(link)
    gone = next(k for k in posted if k != "receipt")
    kept = next(k for k in posted if k not in ("receipt", gone))
    del posted[gone]
    page = client.post(address(link), posted)
    assert page.status_code == 422
    text = markup(page)
    assert f'href="#q-{gone}"' in text
    assert f'name="{kept}" value="{posted[kept]}" checked' in text
    assert posted["receipt"] in text
    assert not Envelope.objects.exists()


@pytest.mark.parametrize("value", ["99", "-1", "x", "1.0", "๑", "", "0 OR 1=1", "\ud83d"])
def test_a_tampered_choice_is_no_answer(client, link, value):
    posted = filled(link)
    first = next(k for k in posted if k != "receipt")
    posted[first] = value.encode("utf-8", "replace").decode()
    assert client.post(address(link), posted).status_code == 422
    assert not Envelope.objects.exists()


def test_a_double_click_and_a_retry_count_once(client, link):
    posted = filled(link)
    numbers = {
        re.search(r'class="receipt">([^<]+)<', client.post(address(link), posted).content.decode())[1] for _ in range(3)
    }
    assert len(numbers) == 1
    assert Envelope.objects.count() == Receipt.objects.count() == 1


def test_a_giant_body_is_refused(client, link):
    response = client.post(address(link), filled(link, more="x" * 3_000_000))
    assert response.status_code == 400
    assert "ไม่สมบูรณ์" in response.content.decode()


@pytest.mark.parametrize("charset", ["; charset=cp874", ""])
def test_a_body_in_another_charset_is_told(client, link, charset):
    body = "i1=คำตอบ&receipt=ก".encode("cp874")
    response = client.generic("POST", address(link), body, content_type=f"application/x-www-form-urlencoded{charset}")
    assert response.status_code in (400, 422)
    assert 'lang="th"' in response.content.decode()


def test_a_full_disk_is_told_and_acknowledges_nothing(client, link, monkeypatch):
    from prongsai.survey import views

    def full(_):
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(views, "submit", full)
    posted = filled(link)
    page = client.post(address(link), posted)
    assert page.status_code == 503
    assert "นับเพียงครั้งเดียว" in page.content.decode()
    assert posted["receipt"] in page.content.decode()


# --- codes


def test_a_code_counts_once(client, carded):
    channel, drawn = carded
    assert client.post(address(channel), filled(channel, code=codes.spaced(drawn[0]).lower())).status_code == 200
    again = client.post(address(channel), filled(channel, code=drawn[0]))
    unknown = client.post(address(channel), filled(channel, code="0000000000"))
    assert again.status_code == unknown.status_code == 422
    told = [re.search(r'class="problem"[^>]*><p>([^<]+)', markup(p))[1] for p in (again, unknown)]
    assert told[0] == told[1]  # no telling a used code from a wrong one
    assert queries.code_state(channel) == (12, 1)
    assert Envelope.objects.count() == 1


def test_a_retry_with_a_code_counts_once(client, carded):
    channel, drawn = carded
    posted = filled(channel, code=drawn[1])
    assert [client.post(address(channel), posted).status_code for _ in range(2)] == [200, 200]
    assert queries.code_state(channel) == (12, 1)


def test_codes_are_kept_nowhere(carded):
    channel, drawn = carded
    for table in (Code, Channel, AuditEntry):
        rows = str(list(table.objects.values()))
        assert not any(c in rows for c in drawn)
    assert channel.slug not in drawn


def test_guessing_codes_is_slowed(client, carded):
    from django.core.cache import caches

    channel, drawn = carded
    caches["process"].clear()
    answers = [client.post(address(channel), filled(channel, code=codes.draw(10))).status_code for _ in range(31)]
    assert answers[29] == 422
    assert answers[30] == 429
    assert client.post(address(channel), filled(channel, code=drawn[3])).status_code == 429
    caches["process"].clear()
    assert client.post(address(channel), filled(channel, code=drawn[3])).status_code == 200


@pytest.mark.parametrize(
    ("typed", "meant"), [("o123-i45l7", "0123145" + "17"), ("๑๒๓๔๕ abcde", "12345ABCDE"), ("ก!?", "")]
)
def test_codes_forgive_typing(typed, meant):
    assert codes.plain(typed) == meant


# --- opening and closing


def test_closed_ways_say_why(client, people, link, running_round):
    assert client.get("/s/NOSUCHLINK00/").status_code == 404
    fresh = actions.replace_channel(channel=link, by=people["officer"])
    assert client.get(address(link)).status_code == 410
    assert client.post(address(link), filled(link)).status_code == 410
    assert client.get(address(fresh)).status_code == 200
    from prongsai.registry.actions import set_round_status

    set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    page = client.post(address(fresh), filled(fresh))
    assert page.status_code == 410
    assert "ไม่อยู่ในรอบ" in page.content.decode()


def test_outside_its_days_a_form_is_closed(client, people, link, running_round):
    import datetime

    from prongsai.registry.actions import set_phase_dates

    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=running_round.phases.get(key=queries.PHASE), starts=past, ends=past, by=people["office"])
    assert client.get(address(link)).status_code == 410


# --- the desk


def test_the_bar_moves_and_is_honest(client, people, agencies, running_round, link):
    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=["A1", newest()])
    assert "ยังไม่รู้ขั้นต่ำ" in client.get(desk).content.decode()
    client.post(reverse("set_population", args=["A1", newest()]), {"instrument": "IIT", "people": "45"})
    standing = next(s for s in queries.standings(running_round, agencies[0]) if s.instrument.id == "IIT")
    assert (standing.least, standing.received, standing.enough) == (30, 0, False)
    for _ in range(30):
        client.post(address(link), filled(link))
    mix.release_ready()
    standing = next(s for s in queries.standings(running_round, agencies[0]) if s.instrument.id == "IIT")
    assert (standing.received, standing.enough) == (30, True)
    assert "ถึงขั้นต่ำแล้ว" in client.get(desk).content.decode()
    assert queries.nation(running_round)[0].enough == 1


@pytest.mark.parametrize("people_typed", ["", "0", "-5", "abc", "99999999999", "๔๕"])
def test_a_wrong_head_count_is_told(client, people, running_round, people_typed):
    from prongsai.survey.models import Population

    client.force_login(people["officer"])
    client.post(reverse("set_population", args=["A1", newest()]), {"instrument": "IIT", "people": people_typed})
    assert not Population.objects.exists()


def test_cards_and_poster_are_papers(client, people, carded, link):
    import io

    import pypdfium2

    channel, _ = carded
    client.force_login(people["officer"])
    paper = client.post(reverse("cards", args=["A1", channel.pk]), {"number": "9"})
    assert paper["Content-Type"] == "application/pdf"
    assert paper["Cache-Control"] == "no-store"
    document = pypdfium2.PdfDocument(io.BytesIO(paper.content))
    assert len(document) == 2
    text = document[0].get_textpage().get_text_range()
    assert len(re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", text)) == 8
    assert "องค์การบริหารส่วนตำบลบ้านทดสอบ" in re.sub(r"\s", "", text)
    assert queries.code_state(channel) == (21, 0)
    assert client.get(reverse("poster", args=["A1", link.pk])).content.startswith(b"%PDF")
    assert client.post(reverse("cards", args=["A1", channel.pk]), {"number": "0"}).status_code == 302
    assert queries.code_state(channel) == (21, 0)


def test_interviews_one_by_one_and_from_a_file(client, people, agencies, running_round, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(people["assessor"])
    page = reverse("interview", args=["A1", newest(), "EIT2"])
    assert client.get(page).status_code == 200
    channel = Channel.objects.get(kind="interview")
    assert client.get(address(channel)).status_code == 404  # not for the public
    assert client.post(page, filled(channel)).status_code == 302
    columns = [q.column for q in questions(rules.load(str(newest())), "EIT2")]
    good = ",".join(columns) + "\n" + "\n".join(",".join("1" for _ in columns) for _ in range(3))
    bad = good + "\n" + ",".join("9" for _ in columns)
    wrong = client.post(page, {"batch": "1", "file": SimpleUploadedFile("a.csv", bad.encode())})
    assert wrong.status_code == 422
    assert "บรรทัด 5" in wrong.content.decode()
    assert Envelope.objects.count() == 1
    assert client.post(page, {"batch": "1", "file": SimpleUploadedFile("a.csv", good.encode())}).status_code == 302
    assert Envelope.objects.count() == 4


# --- sealing


def test_what_is_sealed_is_what_was_answered(client, people, agencies, running_round, link, tmp_path):
    sent = []
    for _ in range(33):
        posted = filled(link)
        sent.append(tuple(int(v) for k, v in posted.items() if k != "receipt"))
        client.post(address(link), posted)
    mix.release_ready()
    actions.set_population(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", people=50, by=people["officer"]
    )
    made = actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert made.responses == 33
    table = pq.read_table(tmp_path / "answers-IIT.parquet").to_pylist()
    assert {r.pop("agency") for r in table} == {"A1"}
    assert sorted(tuple(r.values()) for r in table) == sorted(sent)
    assert [tuple(r.values()) for r in table] != sent
    assert pq.read_table(tmp_path / "headcounts.parquet").to_pylist()[0]["IIT"] == 50
    assert len((tmp_path / "receipts.txt").read_text().split()) == 33
    assert client.get(address(link)).status_code == 410
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
        for _ in range(12):
            client.post(address(channel), filled(channel))
    interview = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="EIT2", kind="interview", by=people["assessor"]
    )
    put(interview, [[1] * len(questions(rules.load(str(newest())), "EIT2"))] * 12)
    folder = running_round.parcels
    actions.seal(assessment_round=running_round, folder=folder, by=people["office"])
    made = results.run(assessment_round=running_round, folder=folder, by=people["office"])
    results.publish(result_set=made, by=people["office"])
    shown = made.results.get().shown
    assert {str(k) for k in range(1, 9)} <= set(shown)
    assert "overall" not in shown  # nobody has marked the disclosures
    page = client.get(reverse("agency_year", args=["A1", newest()])).content.decode()
    assert shown["1"] in page
    assert shown["8"] in page


def test_raw_answers_are_destroyed_by_a_dated_action(people, agencies, running_round, link, client, tmp_path):
    client.post(address(link), filled(link))
    with pytest.raises(DomainError, match="ก่อน"):
        actions.destroy(assessment_round=running_round, folder=tmp_path, by=people["office"])
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert actions.destroy(assessment_round=running_round, folder=tmp_path, by=people["office"])["responses"] == 1
    assert not Response.objects.exists()
    assert queries.last_seal(running_round).destroyed_on
    assert AuditEntry.objects.filter(action="survey.destroy").exists()
    with pytest.raises(DomainError, match="ทำลาย"):
        actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])


# --- what looks odd


def put(channel, table):
    from django.utils import timezone

    Response.objects.bulk_create([Response(channel=channel, day=timezone.localdate(), answers=bytes(r)) for r in table])


def test_odd_answers_are_pointed_at_and_kept(people, agencies, running_round, link):
    wide = len(questions(rules.load(str(newest())), "IIT"))
    draw = np.random.default_rng(3)
    put(link, draw.integers(0, 6, (60, wide)).tolist())
    assert queries.signals(running_round) == []
    put(link, [[5] * wide] * 70)
    told = " ".join(s.text for s in queries.signals(running_round))
    assert "ลำดับเดียวกันทุกข้อ" in told
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )
    points = [c.points for c in rules.load(str(newest())).answer_columns("IIT")]
    put(other, [[int(np.argmin(p)) for p in points]] * 40)
    put(link, [[int(np.argmax(p)) for p in points]] * 90)
    assert "ต่างช่องทาง" in " ".join(s.text for s in queries.signals(running_round))
    assert Response.objects.count() == 260


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
    client, people, running_round, link, tmp_path, monkeypatch
):
    from prongsai.survey import views

    real = views.submit

    def sealed_first(submission):  # the form was open when it was read, and closed when it is stored
        actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
        return real(submission)

    monkeypatch.setattr(views, "submit", sealed_first)
    page = client.post(address(link), filled(link))
    assert page.status_code == 410
    assert "ไม่ถูกนับ" in page.content.decode()
    assert not Envelope.objects.exists()
    assert not Receipt.objects.exists()


def test_no_way_opens_once_a_seal_began(client, people, agencies, running_round, link, tmp_path, monkeypatch):
    def opened_meanwhile(**_):
        with pytest.raises(DomainError, match="ปิดผนึก"):
            actions.open_channel(
                assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
            )
        return 0

    client.post(address(link), filled(link))
    monkeypatch.setattr(mix, "release", opened_meanwhile)
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])


def test_raw_answers_stay_while_the_parcels_do_not_hold_them(people, running_round, link, client, tmp_path):
    for _ in range(3):
        client.post(address(link), filled(link))
    actions.seal(assessment_round=running_round, folder=tmp_path, by=people["office"])
    (tmp_path / "answers-IIT.parquet").write_bytes(b"gone")
    with pytest.raises(DomainError, match="ไม่ตรง"):
        actions.destroy(assessment_round=running_round, folder=tmp_path, by=people["office"])
    actions.seal(
        assessment_round=running_round, folder=tmp_path, by=people["office"]
    )  # again, from the rows that are still there
    put(link, [[1] * 15])
    with pytest.raises(DomainError, match="ยังไม่อยู่ในไฟล์"):
        actions.destroy(assessment_round=running_round, folder=tmp_path, by=people["office"])
    assert Response.objects.count() == 4


def test_one_lost_key_stops_neither_mixing_nor_rotating(client, people, agencies, running_round, link):
    for _ in range(25):
        client.post(address(link), filled(link))
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", kind="link", by=people["office"]
    )
    for _ in range(25):
        client.post(address(other), filled(other))
    Envelope.objects.filter(channel=link).update(key=99)
    assert mix.release_ready() == 15
    assert mix.rotate() == 10
    with pytest.raises(DomainError, match="กุญแจ"):
        actions.seal(assessment_round=running_round, folder=mix._folder(), by=people["office"])


def test_the_same_spreadsheet_twice_counts_once(client, people, running_round, agencies, tmp_path):
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="EIT2", kind="interview", by=people["assessor"]
    )
    columns = [q.column for q in questions(rules.load(str(newest())), "EIT2")]
    path = tmp_path / "a.csv"
    path.write_text(",".join(columns) + "\n" + "\n".join(",".join("1" for _ in columns) for _ in range(3)) + "\n")
    for _ in range(2):
        actions.enter_batch(channel=channel, path=path, by=people["assessor"])
    assert Envelope.objects.count() == 3


def test_problems_are_told_in_the_language_of_the_form(client, carded):
    channel, _ = carded
    page = client.post(address(channel) + "?lang=en", filled(channel, code="0000000000")).content.decode()
    assert "can&#x27;t be used" in page


def test_a_closed_form_says_so_in_english_too(client, people, link):
    actions.close_channel(channel=link, by=people["officer"])
    page = client.get(address(link) + "?lang=en")
    assert page.status_code == 410
    assert "This link was closed" in page.content.decode()


def test_looking_receipts_up_is_slowed_apart_from_codes(client, carded):
    channel, drawn = carded
    pages = [client.get(reverse("receipt_check"), {"n": codes.draw(16)}) for _ in range(31)]
    assert [p.status_code for p in pages[-2:]] == [200, 429]
    assert "รอสักหนึ่งนาที" in pages[-1].content.decode()
    assert client.post(address(channel), filled(channel, code=drawn[0])).status_code == 200


def test_reminders_are_mailed_and_their_addresses_kept_nowhere(client, people, link, mailoutbox):
    client.force_login(people["officer"])
    way = reverse("remind", args=["A1", link.pk])
    wrong = client.post(way, {"addresses": "a@example.test not-an-address"})
    assert wrong.status_code == 422
    assert "not-an-address" in wrong.content.decode()  # told, and kept in the box
    assert mailoutbox == []
    client.post(way, {"addresses": "a@example.test, b@example.test\na@example.test"})
    assert [m.to for m in mailoutbox] == [["a@example.test"], ["b@example.test"]]
    assert f"/s/{link.slug}/" in mailoutbox[0].body
    entry = AuditEntry.objects.filter(action="survey.remind").get()
    assert entry.detail == {"letters": 2}
    actions.close_channel(channel=link, by=people["officer"])
    assert client.post(way, {"addresses": "c@example.test"}).status_code == 422
    assert len(mailoutbox) == 2


def test_sealed_answers_are_taken_out_as_they_are(client, people, link, running_round, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for _ in range(3):
        client.post(address(link), filled(link))
    actions.seal(assessment_round=running_round, folder=running_round.parcels, by=people["office"])
    client.force_login(people["auditor"])
    way = reverse("export_answers", args=[running_round.fiscal_year, "answers-IIT.parquet"])
    sealed = (running_round.parcels / "answers-IIT.parquet").read_bytes()
    assert b"".join(client.get(way).streaming_content) == sealed
    lines = b"".join(client.get(way + ".csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith('"agency"')
    assert len(lines) == 4
    assert AuditEntry.objects.filter(action="survey.export").count() == 2
    for name in ("receipts.txt", "..%2Fsecret", "answers-EIT.parquet"):
        assert client.get(way.replace("answers-IIT.parquet", name)).status_code in (302, 404)
