"""The server is killed and started again, many times, while people answer: every acknowledged answer is there, once."""

import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.cli.test_site import command, database

SETUP = """
import django; django.setup()
import datetime
from prongsai import framework
from prongsai.registry import actions as registry
from prongsai.registry.models import Agency
from prongsai.survey import actions, codes
year = int(max(framework.available()))
Agency(code="K1", name_th="หน่วยทดสอบ", kind="sao").save()
made = registry.create_round(fiscal_year=year, by=None)
registry.enroll_agencies(assessment_round=made, agencies=Agency.objects.all(), by=None)
made.status = "running"; made.save()
link = actions.open_channel(round=made, agency=Agency.objects.get(), instrument="IIT", kind="link", by=None)
print(link.slug)
"""
COUNT = """
import django; django.setup()
from prongsai.survey import codes, mix
from prongsai.survey.models import Channel, Envelope, Receipt, Response
import sys
for channel in Channel.objects.all(): mix.release(channel=channel, last=True)
given = sys.stdin.read().split()
kept = set(Receipt.objects.values_list("digest", flat=True))
lost = [g for g in given if codes.digest("receipt", g) not in kept]
vectors = [bytes(a) for a in Response.objects.values_list("answers", flat=True)]
print(len(given), len(lost), len(kept), len(vectors), len(set(vectors)))
"""


def python(folder, code, stdin=""):
    environment = {k: v for k, v in os.environ.items() if k not in ("PRONGSAI_WORKERS", "SECRET_KEY", "DATABASE_URL")}
    environment |= {"PRONGSAI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "prongsai.settings"} | database(folder)
    done = subprocess.run(
        [sys.executable, "-c", code], input=stdin, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def place(tmp_path):
    assert command(tmp_path, "migrate").returncode == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return tmp_path, port, python(tmp_path, SETUP)


def serve(folder, port):
    environment = {
        k: v
        for k, v in os.environ.items()
        if k not in ("PRONGSAI_WORKERS", "SECRET_KEY", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    environment |= {"PRONGSAI_DATA": str(folder), "LOG_LEVEL": "CRITICAL"} | database(folder)
    return subprocess.Popen(
        [sys.executable, "-m", "prongsai.cli", "serve", "--port", str(port), "--workers", "2"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def up(port):
    """Waits until the server answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    pytest.fail("the server does not come up")


def test_no_acknowledged_answer_is_lost_or_doubled(place):
    folder, port, slug = place
    address = f"http://127.0.0.1:{port}/s/{slug}/"
    from prongsai import framework
    from prongsai.survey.codes import draw
    from prongsai.survey.questions import questions

    asked = questions(framework.load(max(framework.available())), "IIT")
    acknowledged, stop, lock = [], threading.Event(), threading.Lock()

    def answer():
        while not stop.is_set():
            receipt = draw(16)
            body = urllib.parse.urlencode(
                {q.column: secrets.randbelow(len(q.options)) for q in asked} | {"receipt": receipt}
            ).encode()
            for _ in range(60):  # like a person: the same form again until it is acknowledged
                try:
                    with urllib.request.urlopen(address, body, timeout=10) as page:
                        if re.search(rb'class="receipt">', page.read()):
                            with lock:
                                acknowledged.append(receipt)
                            break
                except (OSError, http.client.HTTPException):  # refused, reset, or cut off in the middle of the page
                    if stop.is_set():
                        return
                    time.sleep(0.05)

    people = [threading.Thread(target=answer) for _ in range(16)]
    server = serve(folder, port)
    for person in people:
        person.start()
    try:
        kills = 0
        while kills < 5 or (len(acknowledged) < 1500 and kills < 60):  # however fast the machine
            up(port)
            time.sleep(secrets.randbelow(2000) / 1000 + 1)
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(10)
            server = serve(folder, port)
            kills += 1
        up(port)
        time.sleep(2)
    finally:
        stop.set()
        for person in people:
            person.join()
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(10)
    given, lost, kept, stored, distinct = map(int, python(folder, COUNT, "\n".join(acknowledged)).split())
    assert given >= 1500
    assert lost == 0
    assert kept == stored == distinct  # once each; a few may be stored whose acknowledgement the kill cut off
    assert kept - given <= 16 * (kills + 1)
