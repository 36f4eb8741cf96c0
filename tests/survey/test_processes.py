"""Several processes at once, and processes that are killed: every acknowledged answer is there, once."""

import http.client
import json
import os
import random
import re
import secrets
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

import pytest

from prongsai import framework
from prongsai.survey.codes import generate_code
from prongsai.survey.questions import list_questions
from tests.conftest import sample_year
from tests.installation import environment, free_port, make_tables

PEOPLE = 8
LIVES = 5  # how often the server is started
ANSWERS_PER_LIFE = 40


class Installation:
    """The processes of tests/survey/server.py."""

    def __init__(self, folder):
        make_tables(folder)
        settings = {"DJANGO_SETTINGS_MODULE": "tests.survey.installation_settings", "LOG_LEVEL": "CRITICAL"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.survey.server"],
            env=environment(folder, **settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, command, *arguments):
        self.process.stdin.write(json.dumps([command, *arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{command} failed; the error is above"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(60)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("installation"))
    try:
        installation.channels = installation.run("set_up")
        yield installation
    finally:
        exit_code = installation.close()
    assert exit_code == 0


def test_two_processes_with_the_same_code_store_one_answer(installation):
    slug, codes = installation.channels["cards"], installation.channels["codes"]
    first, second = installation.run("race", *([[slug, code] for code in codes] for _ in range(2)))
    assert {tuple(sorted(pair)) for pair in zip(first, second, strict=True)} == {("invalid_code", "stored")}


def test_two_processes_that_want_the_last_place_store_one_answer(installation):
    """Each counts before the other has stored, unless one waits for the other."""
    places = installation.channels["last_places"]
    first, second = installation.run("race", *([[slug, pair[n]] for slug, *pair in places] for n in range(2)))
    assert [tuple(sorted(pair)) for pair in zip(first, second, strict=True)] == [("full", "stored")] * len(places)


def test_two_processes_with_the_same_form_store_one_answer(installation):
    """A person presses twice, and two processes of the server get one press each."""
    slug, receipts = installation.channels["link"], [generate_code(16) for _ in range(30)]
    first, second = installation.run("race", *([[slug, None, receipt] for receipt in receipts] for _ in range(2)))
    assert {tuple(sorted(pair)) for pair in zip(first, second, strict=True)} == {("duplicate", "stored")}


def test_processes_queue_for_sqlite_and_for_no_other_database(installation):
    """SQLite has one writer, for whom the processes queue; PostgreSQL has many."""
    queue = "TEST_DATABASE_URL" not in os.environ
    result = installation.run("submit_while_locked", installation.channels["link"], 2 if queue else 60)
    assert result == {"meanwhile": not queue, "outcomes": ["stored"]}


def test_no_acknowledged_answer_is_lost_or_doubled(installation):
    """The server is killed and started again, many times, while people answer."""
    before = installation.run("count_answers", [])
    port = free_port()
    address = f"http://127.0.0.1:{port}/s/{installation.channels['link']}/"
    questions = list_questions(framework.load(framework.NATIONAL, sample_year()), "IIT")
    acknowledged, stop = [], threading.Event()

    def answer_forms():
        while not stop.is_set():
            receipt = generate_code(16)
            choices = {q.column: secrets.randbelow(len(q.options)) for q in questions}
            body = urllib.parse.urlencode(choices | {"receipt": receipt}).encode()
            while not stop.is_set():  # like a person: the same form again until it is acknowledged
                try:
                    with urllib.request.urlopen(address, body, timeout=60) as page:
                        if re.search(rb'class="receipt">', page.read()):
                            acknowledged.append(receipt)
                            break
                except (OSError, http.client.HTTPException):  # refused, reset, or cut off in the middle of the page
                    time.sleep(0.02)

    people = [threading.Thread(target=answer_forms) for _ in range(PEOPLE)]
    for person in people:
        person.start()
    try:
        for _ in range(LIVES):
            installation.run("start", port)
            wait_until(len(acknowledged) + ANSWERS_PER_LIFE, acknowledged)
            time.sleep(random.random() / 20)  # at any moment of a commit
            installation.run("kill")
    finally:
        stop.set()
        for person in people:
            person.join()
    count = installation.run("count_answers", acknowledged)
    receipts = count["receipts"] - before["receipts"]
    assert len(acknowledged) >= LIVES * ANSWERS_PER_LIFE
    assert count["lost"] == 0
    assert count["receipts"] == count["answers"] == count["different"]  # once each
    assert receipts - len(acknowledged) <= PEOPLE * LIVES  # stored, but the kill cut the acknowledgement off


def wait_until(number, acknowledged):
    deadline = time.monotonic() + 300
    while len(acknowledged) < number:
        assert time.monotonic() < deadline, "the server acknowledges nothing"
        time.sleep(0.01)


def test_a_channel_closes_after_the_answers_being_stored(installation):
    """Whoever seals finds every answer that is acknowledged."""
    result = installation.run("close_while_storing", installation.channels["cards"])
    assert result == {"meanwhile": False, "outcomes": ["stored"], "envelopes": 1}
