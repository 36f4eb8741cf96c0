"""An installation with several processes, driven by a test: ``python -m tests.survey.server``.

Each line of the input is a command in JSON, each line of the output its result. The platform is imported once;
processes are forked from it before any connection to the database is opened, so that starting one costs next to
nothing.
"""

import json
import multiprocessing
import os
import random
import signal
import socket
import socketserver
import sys
from contextlib import closing
from importlib import import_module
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.db import connections

WORKERS = 2
QUESTIONS, OPTIONS = 15, 6  # as many as any question offers
fork = multiprocessing.get_context("fork")


def run_in_process(function, *arguments):
    """A started process and the pipe that carries what the function returns."""
    receiver, sender = fork.Pipe(duplex=False)

    def run():
        receiver.close()
        result = function(*arguments)
        connections.close_all()
        sender.send(result)

    process = fork.Process(target=run)
    process.start()
    sender.close()
    return process, receiver


def run_alone(function, *arguments):
    """What the function returns in a process of its own: this one never opens a connection that a fork would share."""
    process, result = run_in_process(function, *arguments)
    value = result.recv()
    process.join()
    return value


# --- the installation


def set_up():
    """An empty installation with one agency; the slug of its link, and one-time codes of its other channel."""
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.survey import actions, codes
    from prongsai.survey.models import Code
    from tests.conftest import sample_year

    agency = Agency.objects.create(assessment_id="ita", code="K1", name_th="หน่วยทดสอบ", kind="sao")
    assessment_round = registry.create_round(fiscal_year=sample_year(), by=None)
    registry.enroll_agencies(assessment_round=assessment_round, agencies=Agency.objects.all(), by=None)
    assessment_round.status = "running"
    assessment_round.save()
    link, cards = (
        actions.open_channel(assessment_round=assessment_round, agency=agency, instrument="IIT", kind=kind, by=None)
        for kind in ("link", "codes")
    )
    printed = [codes.generate_code(codes.CODE_LENGTH) for _ in range(30)]
    Code.objects.bulk_create([Code(digest=codes.digest_code("code", c), channel=cards) for c in printed])
    return {
        "link": link.slug,
        "cards": cards.slug,
        "codes": printed,
        "last_places": set_up_last_places(assessment_round),
    }


def set_up_last_places(assessment_round):
    """Agencies with one person to ask each: the slug and two codes of each."""
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.survey import actions, codes
    from prongsai.survey.models import Code, Population

    places = []
    for number in range(10):
        agency = Agency.objects.create(
            assessment_id="ita", code=f"P{number}", name_th=f"หน่วยทดสอบ {number}", kind="sao"
        )
        registry.enroll_agencies(assessment_round=assessment_round, agencies=[agency], by=None)
        channel = actions.open_channel(
            assessment_round=assessment_round, agency=agency, instrument="IIT", kind="codes", by=None
        )
        Population.objects.create(round=assessment_round, agency=agency, instrument="IIT", size=1)
        two = [codes.generate_code(codes.CODE_LENGTH) for _ in range(2)]
        Code.objects.bulk_create([Code(digest=codes.digest_code("code", c), channel=channel) for c in two])
        places.append([channel.slug, *two])
    return places


class ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self):  # the socket listens already
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()

    def server_activate(self):
        pass


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_):
        pass

    def address_string(self):
        return self.client_address[0]


def serve(listener):
    from prongsai.wsgi import application

    server = make_server("127.0.0.1", 0, application, ThreadingServer, QuietHandler)
    server.socket.close()
    server.socket = listener
    server.serve_forever(poll_interval=0.05)


class Server:
    """Worker processes that share a listening socket."""

    def __init__(self):
        self.listener, self.workers = None, []

    def start(self, port):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(64)
        self.workers = [fork.Process(target=serve, args=(self.listener,)) for _ in range(WORKERS)]
        for worker in self.workers:
            worker.start()

    def kill(self):
        for worker in self.workers:
            os.kill(worker.pid, signal.SIGKILL)
        for worker in self.workers:
            worker.join()
        self.listener.close()


def count_answers(receipts):
    """Open everything; how many of the receipts are unknown, how many are stored, and how many answers and different
    answers."""
    from prongsai.survey.codes import digest_code
    from prongsai.survey.models import Channel, Receipt, Response, SealingKey
    from prongsai.survey.sealing import open_channel, read_own_key

    private_keys = {key.pk: read_own_key(key) for key in SealingKey.objects.all()}
    for channel in Channel.objects.all():
        open_channel(channel=channel, options=[OPTIONS] * QUESTIONS, private_keys=private_keys)
    known = set(Receipt.objects.values_list("digest", flat=True))
    vectors = [bytes(a) for a in Response.objects.values_list("answers", flat=True)]
    lost = [r for r in receipts if digest_code("receipt", r) not in known]
    return {"lost": len(lost), "receipts": len(known), "answers": len(vectors), "different": len(set(vectors))}


# --- two processes at once


def make_submission(slug, code=None, receipt=None):
    from prongsai.survey.codes import digest_code, generate_code
    from prongsai.survey.models import Channel
    from prongsai.survey.writer import Submission

    channel = Channel.objects.select_related("round", "agency").get(slug=slug)
    digest = digest_code("code", code) if code else None
    answers = bytes(random.randrange(OPTIONS) for _ in range(QUESTIONS))
    return Submission(channel, answers, digest_code("receipt", receipt or generate_code(16)), digest)


def submit_each(barrier, submissions):
    from prongsai.survey.writer import submit

    outcomes = []
    for arguments in submissions:
        submission = make_submission(*arguments)
        barrier.wait()
        outcomes.append(submit(submission))
    return outcomes


def race(first, second):
    """The outcomes of submissions that two processes make at the same moments."""
    barrier = fork.Barrier(2)
    started = [run_in_process(submit_each, barrier, submissions) for submissions in (first, second)]
    return [(result.recv(), process.join())[0] for process, result in started]


def submit_while_locked(slug, seconds):
    """Whether a submission was stored while another process held the writer's lock, waited for at most so long, and
    what became of it."""
    from django.conf import settings

    from prongsai.machines.locks import hold_file_lock

    barrier = fork.Barrier(2)
    process, result = run_in_process(submit_each, barrier, [(slug,)])  # before the lock, which a fork would share
    with hold_file_lock(settings.DATA / "writer.lock"):
        barrier.wait()
        stored_meanwhile = result.poll(seconds)
    outcomes = result.recv()
    process.join()
    return {"meanwhile": stored_meanwhile, "outcomes": outcomes}


def close_while_storing(slug):
    """Whether a channel was closed while a submission to it was being committed, and how many envelopes whoever closed
    it found."""
    stored, commit = fork.Event(), fork.Event()
    writer, written = run_in_process(store_slowly, slug, stored, commit)
    stored.wait(60)
    closer, closed = run_in_process(close_and_count, slug)
    closed_meanwhile = closed.poll(2)
    commit.set()
    results = {"meanwhile": closed_meanwhile, "outcomes": written.recv(), "envelopes": closed.recv()}
    writer.join()
    closer.join()
    return results


def store_slowly(slug, stored, commit):
    from prongsai.survey.writer import store_submissions

    def wait(_):
        stored.set()
        commit.wait(60)

    return store_submissions([make_submission(slug)], before_commit=wait)


def close_and_count(slug):
    from prongsai.survey.models import Channel, Envelope

    Channel.objects.filter(slug=slug).update(is_open=False)
    return Envelope.objects.filter(channel__slug=slug).count()


def main():
    django.setup()
    from django.urls import get_resolver

    import_module("prongsai.wsgi")
    assert get_resolver().url_patterns  # imports every view: forked processes import nothing
    server = Server()
    commands = {
        "start": server.start,
        "kill": server.kill,
        "set_up": lambda: run_alone(set_up),
        "count_answers": lambda receipts: run_alone(count_answers, receipts),
        "race": race,
        "submit_while_locked": submit_while_locked,
        "close_while_storing": close_while_storing,
    }
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(commands[name](*arguments)), flush=True)


if __name__ == "__main__":
    with closing(sys.stdin):
        main()
