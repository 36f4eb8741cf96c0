"""Stuffing: more answers than there are people to ask, and open links where the year's rules have none."""

import csv
import io
import json
from collections import Counter

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from prongsai.cli.app import app
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.people.actions import DomainError
from prongsai.registry.queries import load_round_framework
from prongsai.survey import actions, codes, queries, rights, signals
from prongsai.survey.models import Channel, Code, Envelope, Population, Receipt, Response
from prongsai.survey.questions import list_questions
from prongsai.survey.writer import Submission, store_submissions
from tests.survey.conftest import fill_form, form_address

STAFF, FLOOD = 3, 120


@pytest.fixture
def small(people, agencies, running_round):
    """An agency whose officer says that it has three people."""
    for instrument in ("IIT", "EIT1"):
        actions.set_population(
            assessment_round=running_round, agency=agencies[0], instrument=instrument, size=STAFF, by=people["officer"]
        )
    return agencies[0]


def open_channel(running_round, agency, instrument, kind, by):
    return actions.open_channel(assessment_round=running_round, agency=agency, instrument=instrument, kind=kind, by=by)


def print_codes(channel, number):
    printed = [codes.generate_code(codes.CODE_LENGTH) for _ in range(number)]
    Code.objects.bulk_create([Code(digest=codes.digest_code("code", c), channel=channel) for c in printed])
    return printed


@pytest.fixture
def cards(people, small, running_round):
    return open_channel(running_round, small, "IIT", "codes", people["officer"])


def read(client, address):
    """A page as it is read: with single spaces."""
    return " ".join(client.get(address).content.decode().split())


def find_iit(running_round, agency):
    return next(p for p in queries.find_quota_progress(running_round, agency) if p.instrument.id == "IIT")


def test_a_hundred_and_twenty_cards_for_three_people_count_three_times(client, cards, small, running_round):
    printed = print_codes(cards, FLOOD)
    pages = [client.post(form_address(cards), fill_form(cards, code=code)) for code in printed]
    assert [p.status_code for p in pages] == [200] * STAFF + [422] * (FLOOD - STAFF)
    assert Receipt.objects.count() == Envelope.objects.count() == STAFF
    assert Code.objects.filter(spent=True).count() == STAFF
    progress = find_iit(running_round, small)
    assert (progress.received, progress.refused) == (STAFF, FLOOD - STAFF)
    assert "บัตรของท่านยังไม่ถูกใช้" in pages[-1].content.decode()


def find_signals(client, assessment_round):
    """Have the signals of a round found; the address of the page that shows them."""
    address = reverse("stuffing_signals", args=[assessment_round.fiscal_year])
    assert client.post(address).status_code == 302
    work_on(take_job(queue=Queue.COMPUTE, owner="test"))
    return address


def test_what_is_refused_is_told_to_the_office_by_agency_alone(client, people, cards, running_round):
    for code in print_codes(cards, STAFF + 2):
        client.post(form_address(cards), fill_form(cards, code=code))
    client.force_login(people["office"])
    page = read(client, find_signals(client, running_round))
    assert "ปฏิเสธบัตร 2 ใบ" in page
    assert not any(code.digest in page for code in Code.objects.all())


def test_pressing_again_and_again_reports_one_card(client, cards, small, running_round):
    """Whoever wants to discredit an agency has no more refused cards to show than cards."""
    *first, last = print_codes(cards, STAFF + 1)
    for code in [*first, *[last] * 5, "0000-0000-0000"]:
        client.post(form_address(cards), fill_form(cards, code=code))
    assert find_iit(running_round, small).refused == 1


def test_a_refused_answer_stays_on_the_page_and_its_card_works_once_the_number_is_right(
    client, people, cards, small, running_round
):
    *first, last = print_codes(cards, STAFF + 1)
    for code in first:
        client.post(form_address(cards), fill_form(cards, code=code))
    filled = fill_form(cards, code=last)
    page = client.post(form_address(cards), filled).content.decode()
    assert page.count("checked") == len([name for name in filled if name not in ("receipt", "code")])
    assert filled["receipt"] in page
    actions.set_population(
        assessment_round=running_round, agency=small, instrument="IIT", size=STAFF + 1, by=people["officer"]
    )
    assert client.post(form_address(cards), filled).status_code == 200
    progress = find_iit(running_round, small)
    assert (progress.received, progress.refused, progress.is_above_population) == (STAFF + 1, 0, False)


def test_an_acknowledged_answer_is_never_taken_back(client, people, cards, small, running_round):
    """An officer who does not like what was answered states a smaller number: what is there stays, and is flagged."""
    sent = [fill_form(cards, code=code) for code in print_codes(cards, STAFF)]
    for filled in sent:
        client.post(form_address(cards), filled)
    actions.set_population(assessment_round=running_round, agency=small, instrument="IIT", size=1, by=people["officer"])
    assert all(client.post(form_address(cards), filled).status_code == 200 for filled in sent)  # a retry is no refusal
    progress = find_iit(running_round, small)
    assert (progress.received, progress.refused, progress.is_above_population) == (STAFF, 0, True)


def test_many_in_one_commit_take_no_more_than_the_places(cards):
    many = [
        Submission(cards, bytes(15), codes.digest_code("receipt", str(n)), codes.digest_code("code", code))
        for n, code in enumerate(print_codes(cards, 10))
    ]
    assert store_submissions(many) == ["stored"] * STAFF + ["full"] * (10 - STAFF)
    assert store_submissions(many[:STAFF]) == ["duplicate"] * STAFF
    again = Submission(cards, bytes(15), codes.digest_code("receipt", "another"), many[0].code)
    assert store_submissions([again]) == ["invalid_code"]  # a used card is no refused one


def test_a_second_print_and_a_second_channel_are_the_same_people(client, people, cards, small, running_round):
    other = open_channel(running_round, small, "IIT", "codes", people["officer"])
    for channel in (cards, other):
        for code in print_codes(channel, STAFF):
            client.post(form_address(channel), fill_form(channel, code=code))
    assert Receipt.objects.count() == STAFF


def test_one_agency_that_is_full_keeps_no_other_from_answering(client, people, agencies, cards, running_round):
    for code in print_codes(cards, STAFF):
        client.post(form_address(cards), fill_form(cards, code=code))
    other = open_channel(running_round, agencies[1], "IIT", "codes", people["office"])
    eit = open_channel(running_round, agencies[0], "EIT1", "codes", people["officer"])
    for channel in (other, eit):
        (code,) = print_codes(channel, 1)
        assert client.post(form_address(channel), fill_form(channel, code=code)).status_code == 200


def test_an_open_link_takes_the_flood_and_says_so(client, people, small, running_round):
    """Whoever floods a link must not be able to shut out the people who come after: it is flagged, not refused."""
    link = open_channel(running_round, small, "EIT1", "link", people["officer"])
    for _ in range(FLOOD):
        assert client.post(form_address(link), fill_form(link)).status_code == 200
    progress = next(p for p in queries.find_quota_progress(running_round, small) if p.instrument.id == "EIT1")
    assert (progress.received, progress.is_above_population, progress.is_unverified) == (FLOOD, True, True)
    client.force_login(people["officer"])
    desk = client.get(reverse("survey_desk", args=[small.code, running_round.fiscal_year])).content.decode()
    assert "มากกว่าจำนวนคน" in desk
    assert "ไม่ได้ตรวจว่าใครตอบ" in desk


def test_the_form_of_a_link_says_that_nobody_is_verified(client, people, cards, small, running_round):
    link = open_channel(running_round, small, "EIT1", "link", people["officer"])
    for language, words in (("", "ไม่ได้ตรวจว่าใครตอบ"), ("?lang=en", "not verified")):
        assert words in read(client, form_address(link) + language)
        assert words not in read(client, form_address(cards) + language)
        assert words in read(client, form_address(link) + "about/" + language)


# --- the year's rules


@pytest.fixture
def strict_round(people, agencies):
    """A round of a year whose rules have no open link for staff."""
    from prongsai import framework as rules
    from prongsai.registry import actions as registry

    for assessment, year in rules.available():
        framework = rules.load(assessment, year)
        if framework.rules.open_links and not framework.allows_open_link("IIT"):
            strict = registry.create_round(fiscal_year=year, by=people["office"])
            registry.enroll_agencies(assessment_round=strict, agencies=agencies, by=people["office"])
            registry.set_round_status(assessment_round=strict, status="running", by=people["office"])
            return strict
    raise AssertionError


def test_staff_have_no_open_link_where_the_rules_have_none(client, people, agencies, running_round, strict_round):
    with pytest.raises(DomainError, match="ไม่ให้ IIT ใช้ลิงก์สาธารณะ"):
        open_channel(strict_round, agencies[0], "IIT", "link", people["officer"])
    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=[agencies[0].code, strict_round.fiscal_year])
    asked = reverse("open_channel", args=[agencies[0].code, strict_round.fiscal_year])
    page = client.post(asked, {"instrument": "IIT", "kind": "link"}, follow=True).content.decode()
    assert "ไม่ให้ IIT ใช้ลิงก์สาธารณะ" in page
    assert not Channel.objects.filter(round=strict_round).exists()
    for instrument in ("IIT", "EIT1"):
        form = {"assessment_round": strict_round, "agency": agencies[0], "instrument": instrument}
        rights.set_roll(**form, roll=[("กอง", 9)], by=people["office"])
    page = client.get(desk).content.decode()
    assert page.count('value="codes"') == 2
    assert page.count('value="link"') == 1  # of those served


def test_a_link_that_was_open_before_the_rules_spoke_still_opens_and_is_not_replaced(
    client, people, agencies, running_round, strict_round
):
    """Its people have the link in their hands. Another is not opened in its place: cards are."""
    old = Channel.objects.create(round=strict_round, agency=agencies[0], instrument="IIT", kind="link", slug="OLD0LINK")
    assert client.get(form_address(old)).status_code == 200
    with pytest.raises(DomainError, match="ใช้บัตรรหัส"):
        actions.replace_channel(channel=old, by=people["officer"])
    old.refresh_from_db()
    assert old.is_open


def test_without_a_stated_number_nothing_is_refused(client, people, agencies, running_round):
    cards = open_channel(running_round, agencies[1], "IIT", "codes", people["office"])
    for code in print_codes(cards, STAFF + 1):
        assert client.post(form_address(cards), fill_form(cards, code=code)).status_code == 200
    assert not Population.objects.filter(agency=agencies[1]).exists()


# --- the mark on the result


def seal_and_publish(running_round, people, settings):
    from prongsai.results import actions as results

    settings.LEAST_SHARE = 0  # nobody has a total: no marks are there
    folder = running_round.parcels
    actions.seal(assessment_round=running_round, folder=folder, by=people["office"])
    made = results.compute_round(assessment_round=running_round, folder=folder, by=people["office"])
    results.publish(result_set=made, by=people["office"])
    return made.results.order_by("agency__code").first()


def test_a_result_of_an_open_link_is_marked_on_its_page_and_in_its_receipt(
    client, people, small, running_round, settings, tmp_path
):
    from prongsai import analysis
    from prongsai.results import queries as results

    settings.MEDIA_ROOT = tmp_path
    link = open_channel(running_round, small, "EIT1", "link", people["officer"])
    cards = open_channel(running_round, small, "IIT", "codes", people["officer"])
    for _ in range(FLOOD):
        client.post(form_address(link), fill_form(link))
    for code in print_codes(cards, STAFF + 1):
        client.post(form_address(cards), fill_form(cards, code=code))
    result = seal_and_publish(running_round, people, settings)
    marks = {"EIT1": {"open_link": True, "above_population": True}}
    assert result.basis["collection"] == marks
    page = read(client, reverse("agency_year", args=[small.code, running_round.fiscal_year]))
    assert "EIT1: ไม่ได้ตรวจว่าใครตอบ" in page
    assert "EIT1: คำตอบมากกว่าจำนวนคน" in page
    assert "IIT: ไม่ได้ตรวจ" not in page
    receipt = results.receipt(result)
    assert receipt["about"]["collection"] == marks
    everything = {"open_link": True, "above_population": True}
    for address in (f"/api/agencies/{small.code}/results", f"/api/rounds/{running_round.fiscal_year}/results"):
        answer = client.get(address).json()
        shown = {
            row["agency"]: row.get("collection") for row in (answer if isinstance(answer, list) else answer["items"])
        }
        assert {code: marks for code, marks in shown.items() if marks is not None} == {small.code: {"EIT1": everything}}
    data = b"".join(client.get(reverse("download", args=[running_round.fiscal_year, "csv"])).streaming_content)
    rows = {row["agency"]: row for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}
    assert {code for code, row in rows.items() if row["open_link"] or row["above_population"]} == {small.code}
    assert (rows[small.code]["open_link"], rows[small.code]["above_population"]) == ("EIT1", "EIT1")
    (tmp_path / "receipt.json").write_text(json.dumps(receipt), encoding="utf-8")
    printed = CliRunner().invoke(app, ["verify", str(tmp_path / "receipt.json")]).stdout
    assert "! EIT1: ไม่ได้ตรวจว่าใครตอบ" in printed
    assert "! EIT1: คำตอบที่นับมากกว่าจำนวนคน" in printed
    framework = load_round_framework(running_round)
    assert analysis.verify_receipt(receipt, framework) == []
    receipt["about"]["collection"] = {}
    assert analysis.verify_receipt(receipt, framework) != []  # who takes the mark off has another receipt


def test_a_result_of_cards_alone_has_no_mark(client, people, agencies, small, running_round, settings, tmp_path):
    """Nor does what came in at another agency say anything of this one."""
    settings.MEDIA_ROOT = tmp_path
    elsewhere = open_channel(running_round, agencies[1], "EIT1", "link", people["office"])
    client.post(form_address(elsewhere), fill_form(elsewhere))
    cards = open_channel(running_round, small, "IIT", "codes", people["officer"])
    open_channel(running_round, small, "EIT1", "link", people["officer"])  # nobody answered through it
    for code in print_codes(cards, STAFF):
        client.post(form_address(cards), fill_form(cards, code=code))
    assert "collection" not in seal_and_publish(running_round, people, settings).basis


# --- signals


def draw(questions, people, seed=1):
    random = np.random.default_rng(seed)
    return [
        bytes(min(int(c), len(q.options) - 1) for c, q in zip(row, questions, strict=True))
        for row in random.integers(0, 6, (people, len(questions)))
    ]


def respond(channel, answers):
    today = timezone.localdate()
    Response.objects.bulk_create([Response(channel=channel, day=today, answers=a) for a in answers])


def test_stuffed_agencies_come_first_with_the_reason_and_what_to_do(client, people, agencies, running_round):
    questions = list_questions(load_round_framework(running_round), "IIT")
    stuffed, honest = (open_channel(running_round, a, "IIT", "codes", people["office"]) for a in agencies)
    respond(honest, draw(questions, 60, seed=2))
    good = draw(questions, 1, seed=3)
    respond(stuffed, draw(questions, 40) + good * 20)
    (signal,) = signals.find_signals(running_round)
    assert signal.agency == agencies[0]
    assert signal.reasons[0] == "20 จาก 60 ชุดตอบเหมือนกันทุกข้อ"
    actions.set_population(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", size=59, by=people["office"]
    )
    above, copied = signals.find_signals(running_round)
    assert (above.agency, copied.agency) == (agencies[1], agencies[0])
    client.force_login(people["office"])
    address = reverse("stuffing_signals", args=[running_round.fiscal_year])
    assert "ยังไม่ได้ตรวจรอบนี้" in read(client, address)
    page = read(client, find_signals(client, running_round))
    assert page.index(agencies[1].name_th) < page.index(agencies[0].name_th)
    assert "คำตอบ 60 ชุด มากกว่าจำนวนคน 59 คน" in page
    assert "ยืนยันจำนวนบุคลากร" in page


def test_everybody_to_the_last_is_a_reason_to_ask(people, agencies, running_round):
    questions = list_questions(load_round_framework(running_round), "IIT")
    channel = open_channel(running_round, agencies[0], "IIT", "codes", people["office"])
    respond(channel, draw(questions, 12))
    for size, expected in ((13, 0), (12, 1)):
        actions.set_population(
            assessment_round=running_round, agency=agencies[0], instrument="IIT", size=size, by=people["office"]
        )
        assert len(signals.find_signals(running_round)) == expected


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("copies", [[5, 4, 3, 2]] * 30),
        ("perfect", [[5, 0, 5, 0]] * 30),
        ("straight", [[2, 2, 2, 2]] * 30),
    ],
)
def test_each_pattern_is_measured_alone(name, extra):
    points = [np.array(p) for p in ([0, 20, 40, 60, 80, 100], [100, 80, 60, 40, 20, 0]) * 2]
    different = [[n % 5, n // 5 % 6, n % 2, n % 3 + 1] for n in range(30)]
    before, after = (
        signals.measure_vectors(Counter(map(bytes, rows)), points) for rows in (different, [*different, *extra])
    )
    for other in ("copies", "straight", "perfect"):
        assert (getattr(after, other) > getattr(before, other) + 0.3) == (other == name)


def test_a_tenth_of_the_nation_does_not_hide_itself():
    """Stuffing many agencies moves a mean and a standard deviation, and with them the limit."""
    honest = np.random.default_rng(5).normal(80, 5, 900)
    values = signals.compare_with_nation(np.concatenate([honest, np.full(100, 100.0)]))
    assert (values[-100:] > signals.LIMITS["peers"]).all()
    assert np.isnan(signals.compare_with_nation(np.array([1.0, 2.0]))).all()  # too few to compare


def test_others_see_no_signals(client, people, running_round):
    for role in ("officer", "executive", "assessor"):
        client.force_login(people[role])
        address = reverse("stuffing_signals", args=[running_round.fiscal_year])
        assert client.get(address).status_code == client.post(address).status_code == 403
