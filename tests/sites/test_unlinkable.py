"""The attacker has the database, the logs, the metrics and a handler's account, and asks who complained: nothing of the
sender's network, device, session or time of day is in any of it."""

import json
import logging
import re
import secrets

import pytest
from django.apps import apps
from django.core.cache import caches
from django.db import connection
from django.db.models import DateTimeField
from django.urls import reverse

from prongsai.jobs.models import Job
from prongsai.people.models import AttemptCount, AuditEntry, Notice
from prongsai.registry.queries import today
from prongsai.sites import actions, arrivals, sealing
from prongsai.sites.models import Attachment, Complaint, Message, Question, Step
from prongsai.sites.opinions import Consultation, Opinion, Service, ServiceAnswer, ServiceComment
from prongsai.sites.satisfaction import QUESTIONS
from tests.sites.conftest import LETTERS, send
from tests.sites.test_complaints import FORM, lines_of, post_complaint, tokens

ADDRESS, DEVICE = "203.0.113.77", "Phone/9 (of the sender)"


def dump():
    """Every value of every table, as one text."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            parts += [repr(bytes(v) if isinstance(v, memoryview) else v) for row in cursor.fetchall() for v in row]
    return "\n".join(parts)


@pytest.fixture
def sender(client):
    client.defaults.update({"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": DEVICE, "HTTP_REFERER": "https://a.test/page"})
    return client


@pytest.fixture
def everything_logged():
    lines = []

    class Catch(logging.Handler):
        def emit(self, record):
            lines.append(json.dumps(vars(record), default=str))

    handler, root = Catch(), logging.getLogger()
    loggers = [root, *(logging.getLogger(n) for n in ("django.request", "prongsai.request", "django.server", "django"))]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield lines
    for logger, level, propagate in before:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


def visit_everything(sender, agency):
    """All that a sender may do, right and wrong; gives the answers."""
    received = post_complaint(sender, agency)
    number, secret = lines_of(received)
    known = {"number": number, "secret": secret}
    followed = sender.post(reverse("follow_complaint"), known)
    more = sender.post(reverse("follow_complaint"), {**known, "text": "เขียนอีกครั้ง", "token": tokens(followed)})
    return [
        received,
        followed,
        more,
        sender.get(reverse("follow_complaint")),
        sender.post(reverse("follow_complaint"), {**known, "secret": "wrong"}),
        post_complaint(sender, agency, understood=""),
        sender.get("/c/nowhere/complaint/"),
        sender.put(reverse("follow_complaint")),
        sender.get("/en/c/nowhere/question/"),
        sender.post(reverse("ask_question", args=[agency.code]), {"text": "ถาม", "reference": LETTERS[:14]}),
        sender.get(reverse("asked_question", args=[LETTERS[:14]])),
        *say_opinions(sender, agency),
    ]


def say_opinions(sender, agency):
    """At a counter and in a consultation, right and wrong."""
    service = Service.objects.create(agency=agency, slug=LETTERS[:10], name="งานคลัง", opened_on=today())
    consultation = Consultation.objects.create(agency=agency, title="สวน", opened_on=today(), closes_on=today())
    rate, give = (
        reverse("rate_service", args=[service.slug]),
        reverse("give_opinion", args=[agency.code, consultation.pk]),
    )
    token = sealing.draw_secret()
    steps = dict.fromkeys(QUESTIONS, "4")
    return [
        sender.get(rate),
        sender.post(rate, {**steps, "comment": "รอนาน", "token": token}),
        sender.post(rate, {"comment": "รอนาน"}),
        sender.get("/c/service/nowhere/"),
        sender.get(give),
        sender.post(give, {"text": "เห็นด้วย", "token": token[:14]}),
        sender.post(give, {"text": ""}),
        sender.get(reverse("opinion", args=[token[:14]])),
        sender.get("/c/opinion/nowhere/"),
        sender.put(give),
    ]


def test_nothing_of_the_sender_is_in_the_database(sender, agency):
    visit_everything(sender, agency)
    found = dump()
    for trace in (ADDRESS, DEVICE, "203.0.113", "a.test/page", FORM["text"], "เขียนอีกครั้ง"):
        assert trace not in found, trace
        assert trace.encode("unicode_escape").decode() not in found


def test_the_secret_is_nowhere(sender, agency):
    _, secret = lines_of(post_complaint(sender, agency))
    found = dump()
    assert secret not in found
    assert secret.replace("-", "") not in found


def test_no_log_has_a_line_of_a_sender(sender, agency, everything_logged):
    visit_everything(sender, agency)
    assert everything_logged == []
    sender.get("/")
    assert any("prongsai.request" in line for line in everything_logged)  # the attacker does read the log


def test_a_sender_gets_no_cookie_and_no_identifier(sender, agency):
    for answer in visit_everything(sender, agency):
        assert not answer.cookies
        assert "X-Request-ID" not in answer.headers
        if answer.status_code < 400 or "text/html" in answer.get("Content-Type", ""):
            assert "script" not in answer.content.decode() or answer.status_code == 404


def test_no_browser_stores_a_page_or_passes_its_address_on(sender, agency):
    for answer in visit_everything(sender, agency)[:6]:
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "data-draft" not in answer.content.decode()
        assert "drafts.js" not in answer.content.decode()


def test_somebody_who_is_signed_in_sends_as_nobody(sender, agency, people):
    sender.force_login(people["officer"])
    received = post_complaint(sender, agency)
    assert people["officer"].name not in received.content.decode()
    assert "drafts.js" not in received.content.decode()
    complaint = Complaint.objects.get()
    assert complaint.handler is None
    assert Message.objects.get().by is None


def test_what_a_sender_does_has_no_time_of_day():
    for model in (Complaint, Message, Attachment, Question, Step, ServiceAnswer, ServiceComment, Opinion):
        assert not [f.name for f in model._meta.get_fields() if isinstance(f, DateTimeField)], model


def test_what_a_sender_does_adds_no_row_with_a_time(sender, agency):
    """Neither an entry of the trail, nor a notice, a job, a session or a count: each would have its second."""
    timed = [m for m in apps.get_models() if any(isinstance(f, DateTimeField) for f in m._meta.concrete_fields)]
    assert {AuditEntry, Notice, Job, AttemptCount} <= set(timed)
    before = {m: m._base_manager.count() for m in timed}
    visit_everything(sender, agency)
    assert {m.__name__: m._base_manager.count() - n for m, n in before.items() if m._base_manager.count() != n} == {}


def test_rows_of_senders_stand_in_no_order_of_time(agency):
    """The attacker compares identifiers with those of replies, whose second is in the audit trail."""
    for model, make in ((Complaint, lambda: send(agency)), (Message, lambda: send(agency).messages.get())):
        numbers = [make().pk for _ in range(8)]
        assert numbers != sorted(numbers), model
    complaints = [send(agency) for _ in range(8)]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT number FROM sites_complaint ORDER BY rowid")
            assert [n for (n,) in cursor.fetchall()][-8:] != [c.number for c in complaints]


def test_that_a_sender_wrote_again_stands_between_no_steps_of_others(agency, people):
    """Steps of those who handle complaints have their second in the audit trail; one in between would have two."""
    numbers = []
    for _ in range(8):
        closed = send(agency)
        actions.take_complaint(complaint=closed, by=people["officer"])
        outcome = Complaint.Outcome.UNFOUNDED
        actions.close_complaint(
            complaint=closed, outcome=outcome, text="จบ", token=sealing.draw_secret(), by=people["officer"]
        )
        actions.write_again(complaint=closed, text="ยังไม่จบ", token=sealing.draw_secret())
        assert [s.kind for s in closed.steps.all()] == ["taken", "closed", "reopened"]
        numbers += closed.steps.values_list("pk", flat=True)
    assert numbers != sorted(numbers)


def test_lists_of_a_day_are_in_no_order_of_arrival(client, agency, people):
    sent = [send(agency).number for _ in range(8)]
    client.force_login(people["officer"])
    page = client.get(reverse("complaints", args=[agency.code])).content.decode()
    listed = re.findall(r"complaints/([a-z0-9]{8})/", page)
    assert sorted(listed) == sorted(sent)
    assert listed == sorted(listed)


def test_a_copy_of_the_database_opens_nothing(agency, settings, tmp_path, people):
    complaint = send(agency)
    settings.KEYS = tmp_path  # another machine, with the tables and without the keys
    (tmp_path / "installation-id").write_text("x")
    message = complaint.messages.select_related("complaint", "sealed_to").get()
    with pytest.raises(actions.DomainError):
        sealing.open_for_handler(message)
    assert "เรื่องลับมาก".encode() not in bytes(message.content)


def test_the_length_of_a_text_says_little(agency):
    short, long = send(agency, text="ก"), send(agency, text="ก" * 900)
    assert len(short.messages.get().content) == len(long.messages.get().content)


def test_limits_hold_no_address_beyond_memory(sender, agency, tmp_path):
    visit_everything(sender, agency)
    assert not AttemptCount.objects.exists()
    cached = str(vars(caches["process"])["_cache"])
    assert ADDRESS not in cached


def test_notices_come_once_a_day_and_name_nothing(agency, people):
    complaint = send(agency)
    assert not Notice.objects.filter(text__contains="ร้องเรียน").exists()
    actions.announce_news()
    notice = Notice.objects.get(text__contains="ร้องเรียน")
    assert notice.user == people["officer"]
    assert complaint.number not in notice.text
    assert notice.url == "/desk/"


def test_a_note_is_sealed_to_those_who_handle_it_alone(complaint, people):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    note = actions.add_note(complaint=complaint, text="ภายใน", token="n", by=people["officer"])
    assert note.sender_box is None
    with pytest.raises(sealing.UnopenableError):
        sealing.open_for_sender(note, sealing.derive_sender_key(LETTERS[:24]))


@pytest.mark.parametrize("before", ["", "en/", "a/university/", "en/a/university/"])
def test_a_mistyped_address_of_a_sender_is_a_senders_too(before):
    from prongsai.web.request_ids import is_respondents_path

    assert is_respondents_path(f"/{before}c/mistyped")
    assert not is_respondents_path(f"/{before}agency/A1/channels/")


def test_after_a_night_no_column_of_the_database_says_which_came_first(agency, people):
    """PostgreSQL says of each row in which transaction it was written, and where it lies: between two entries of the
    audit trail, whose second is known, either gives a complaint its hour. The attacker reads both."""
    closed = send(agency)
    actions.take_complaint(complaint=closed, by=people["officer"])
    outcome = Complaint.Outcome.UNFOUNDED
    token = sealing.draw_secret()
    actions.close_complaint(complaint=closed, outcome=outcome, text="จบ", token=token, by=people["officer"])
    sent = [send(agency, pictures=[bytes(5000)]) for _ in range(8)]
    actions.write_again(complaint=closed, text="ยังไม่จบ", token=sealing.draw_secret())
    questions = [actions.ask_question(agency=agency, text="ถาม", reference=LETTERS[n : n + 14]) for n in range(8)]
    before = read_order()
    arrivals.rewrite_arrivals(on=today())
    after = read_order()
    assert before.keys() == after.keys() >= {Complaint, Message, Attachment, Step, Question}
    if connection.vendor == "sqlite":  # a row lies by its identifier, which is drawn
        return
    arrived = {Complaint: sent, Question: questions}
    for model, rows in after.items():
        if model is not Step:
            assert len({transaction for _, transaction in rows}) <= 1, model
        if model in arrived:
            pks = [row.pk for row in arrived[model]]
            transactions = {transaction for pk, transaction in before[model] if pk in pks}
            assert model is Question or len(transactions) == len(pks)  # a test has one around it
            assert [pk for pk, _ in before[model] if pk in pks] == pks  # the attacker has won
            assert [pk for pk, _ in rows if pk in pks] != pks, model
    reopened = Step.objects.get(kind=Step.Kind.REOPENED).pk
    assert dict(after[Step])[reopened] in dict(after[Message]).values()


def test_after_a_night_a_long_text_lies_elsewhere_too(agency):
    """PostgreSQL keeps it apart from its row, under a number of a sequence that everything long shares."""
    if connection.vendor != "postgresql" or connection.pg_version < 170_000:
        pytest.skip("SQLite keeps nothing apart, and PostgreSQL says where from version 17 on")
    for n in range(3):
        long = "".join(chr(0x0E01 + secrets.randbelow(40)) for _ in range(2000))
        actions.ask_question(agency=agency, text=long, reference=LETTERS[n : n + 14])

    def read_places():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_column_toast_chunk_id(text) FROM sites_question")
            return {number for (number,) in cursor.fetchall()}

    before = read_places()
    assert None not in before
    arrivals.rewrite_arrivals(on=today())
    assert not before & read_places()


def read_order():
    """Of each row that senders write, in the order in which they lie: its key, and the transaction that wrote it."""
    hidden, place = {"sqlite": ("0", "rowid"), "postgresql": ("xmin::text", "ctid")}[connection.vendor]
    found = {}
    with connection.cursor() as cursor:
        for model in (Complaint, Message, Attachment, Step, Question, Opinion, ServiceAnswer, ServiceComment):
            cursor.execute(f"SELECT id, {hidden} FROM {model._meta.db_table} ORDER BY {place}")
            found[model] = cursor.fetchall()
    return found


def test_two_pictures_are_of_one_length(agency):
    """The attacker has a file that may have been sent, draws it as the site does, and compares lengths."""
    lengths = set()
    for size in (9_000, 60_000, 110_000):
        message = send(agency, pictures=[bytes(size)]).messages.get()
        lengths.add(len(bytes(message.attachments.get().content)))
    assert len(lengths) == 1
