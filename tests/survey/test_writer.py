"""The group writer: what waits together is stored together, and everybody is told what became of their own answers."""

import contextlib
import os
import queue
import re
import threading
from concurrent.futures import Future
from types import SimpleNamespace
from typing import ClassVar

import pytest

from prongsai.machines.locks import hold_file_lock
from prongsai.survey import actions, writer
from prongsai.survey.models import Code, Envelope, Receipt
from prongsai.survey.sealing import SealedAnswers
from prongsai.survey.writer import MAX_SUBMISSIONS, GroupWriter, Submission

PATIENCE = 3 if "MUTANT_UNDER_TEST" in os.environ else 60  # seconds; what is waited for takes none


class Commits:
    """Stands in for the database: the receipts of each commit; the first waits until it may go on."""

    def __init__(self):
        self.receipts: list[list[str]] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def store(self, submissions):
        self.receipts.append([s.receipt for s in submissions])
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        return [f"outcome of {s.receipt}" for s in submissions]


@pytest.fixture
def commits(monkeypatch):
    commits = Commits()
    monkeypatch.setattr(writer, "store_submissions", commits.store)
    monkeypatch.setattr(writer, "close_old_connections", lambda: None)
    monkeypatch.setattr(writer, "_queue_for_sqlite", contextlib.nullcontext)
    return commits


def submission(number):
    return Submission(channel=None, answers=b"", receipt=str(number), code=None)


@pytest.mark.parametrize("waiting", [1, MAX_SUBMISSIONS, 2 * MAX_SUBMISSIONS + 50])
def test_what_waits_is_stored_together_up_to_a_limit(commits, waiting):
    group = GroupWriter()
    futures = [group.submit(submission("first"))]
    assert commits.begun.wait(PATIENCE)
    futures += [group.submit(submission(number)) for number in range(waiting)]
    commits.go_on.set()
    receipts = ["first", *map(str, range(waiting))]
    assert [f.result(timeout=PATIENCE) for f in futures] == [f"outcome of {receipt}" for receipt in receipts]
    full, rest = divmod(waiting, MAX_SUBMISSIONS)
    assert [len(commit) for commit in commits.receipts] == [1, *[MAX_SUBMISSIONS] * full, *[rest] * (rest > 0)]
    assert [receipt for commit in commits.receipts for receipt in commit] == receipts


def test_as_many_are_waited_for_as_came_together_before(commits, monkeypatch):
    sizes, gather = [], GroupWriter._gather
    monkeypatch.setattr(
        GroupWriter, "_gather", lambda group, batch, size: (sizes.append(size), gather(group, batch, size))
    )
    group = GroupWriter()
    futures = [group.submit(submission("first"))]
    assert commits.begun.wait(PATIENCE)
    futures += [group.submit(submission(number)) for number in range(3)]
    commits.go_on.set()
    assert all(f.result(timeout=PATIENCE) for f in futures)
    assert group.submit(submission("last")).result(timeout=PATIENCE)
    assert sizes == [1, 1, 3]


@pytest.mark.parametrize(
    ("size", "asked"), [(1, [None]), (2, [0.0015, None]), (3, [0.0015, 0.0005, None]), (9, [0.0015, 0.0005, None])]
)
def test_others_are_waited_for_until_the_moment_is_over(monkeypatch, size, asked):
    class Waiting:
        asked: ClassVar = []

        def get(self, timeout):
            self.asked.append(pytest.approx(timeout))
            return "another"

        def get_nowait(self):
            self.asked.append(None)
            raise queue.Empty

    assert writer.LINGER_SECONDS == 0.002
    clock = iter([10, 10.0005, 10.0015, 10.002, 10.002])
    monkeypatch.setattr(writer, "time", SimpleNamespace(monotonic=lambda: round(next(clock), 4)))
    group, batch = SimpleNamespace(waiting=Waiting()), ["first"]
    Waiting.asked.clear()
    GroupWriter._gather(group, batch, size)
    assert Waiting.asked == asked
    assert batch == ["first", *["another"] * (len(asked) - 1)]


def test_who_waits_for_a_disk_that_hangs_is_told_and_not_acknowledged(settings, monkeypatch):
    settings.SURVEY_GROUP_COMMIT = True
    monkeypatch.setattr(writer, "TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr(writer, "_group_writer", SimpleNamespace(submit=lambda _: Future()))
    with pytest.raises(TimeoutError):
        writer.submit(submission("first"))


@pytest.mark.parametrize("group_commit", [False, True])
def test_where_nothing_is_to_be_stored_a_form_is_answered_as_if_it_were(settings, monkeypatch, group_commit):
    """As benches measure the server without its database: there is none in this test."""
    settings.SURVEY_DRY, settings.SURVEY_GROUP_COMMIT = True, group_commit
    monkeypatch.setattr(writer, "_group_writer", None)
    assert writer.submit(submission("first")) == "stored"
    assert writer._group_writer is None


def test_a_process_has_one_writer(settings, commits, monkeypatch):
    settings.SURVEY_GROUP_COMMIT = True
    monkeypatch.setattr(writer, "_group_writer", None)
    commits.go_on.set()
    assert writer.submit(submission("first")) == "outcome of first"
    group = writer._group_writer
    assert isinstance(group, GroupWriter)
    assert writer.submit(submission("second")) == "outcome of second"
    assert writer._group_writer is group


def test_a_writer_does_not_keep_the_server_from_ending():
    before = set(threading.enumerate())
    GroupWriter()
    assert [thread.daemon for thread in threading.enumerate() if thread not in before] == [True]


def test_a_long_list_of_interviews_is_stored_together(link):
    """More rows than a statement of SQLite takes parameters for."""
    many = [Submission(link, bytes(15), f"{number:064}", None) for number in range(9000)]
    assert set(writer.store_submissions(many)) == {"stored"}
    assert set(writer.store_submissions(many)) == {"duplicate"}
    assert Envelope.objects.count() == Receipt.objects.count() == len(many)


def test_a_thread_that_has_its_turn_does_not_wait_for_itself(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    monkeypatch.setattr(writer, "connection", SimpleNamespace(vendor="sqlite"))
    with writer._queue_for_sqlite():
        with writer._queue_for_sqlite():
            pass
        with pytest.raises(BlockingIOError), hold_file_lock(tmp_path / "writer.lock", wait=False):
            pass
    with hold_file_lock(tmp_path / "writer.lock", wait=False):
        pass


@pytest.fixture(params=["code", "token"])
def submissions(link, request):
    """What one person submits, and another with the same code or token."""
    Code.objects.create(channel=link, digest="c" * 64)
    return [Submission(link, bytes(15), receipt * 64, **{"code": None, request.param: "c" * 64}) for receipt in "ab"]


def test_what_another_process_just_stored_is_a_duplicate_and_not_refused(submissions, monkeypatch):
    """Its receipt is looked for before the other commits, its code or token spent after."""
    submission, other = submissions
    assert writer.store_submissions([submission]) == ["stored"]
    find, asked = writer._find_known_receipts, []

    def find_late(cursor, digests):
        asked.append(digests)
        return find(cursor, digests) if len(asked) > 1 else set()

    monkeypatch.setattr(writer, "_find_known_receipts", find_late)
    assert writer.store_submissions([submission, other]) == ["duplicate", "invalid_code"]
    assert Envelope.objects.count() == Receipt.objects.count() == 1


def test_sent_twice_in_one_commit_it_is_stored_once(submissions):
    submission, other = submissions
    assert writer.store_submissions([submission, submission, other]) == ["stored", "duplicate", "invalid_code"]
    assert Envelope.objects.count() == Receipt.objects.count() == 1


def test_what_is_sealed_is_stored_under_no_key_of_the_servers_and_never_in_a_closed_channel(link, people):
    assert writer.store_submissions([Submission(link, bytes(15), "a" * 64, None)]) == ["stored"]
    (number, content) = Envelope.objects.values_list("sealed_to", "content").get()
    sealed = SealedAnswers(key=number, content=bytes(content))
    assert writer.insert_sealed(channel=link, answers=[sealed], receipts=["b" * 64]) is True
    assert set(Envelope.objects.values_list("key_number", "sealed_to")) == {(0, number)}
    actions.close_channel(channel=link, by=people["officer"])
    assert writer.insert_sealed(channel=link, answers=[sealed], receipts=["c" * 64]) is False
    assert writer.store_submissions([Submission(link, bytes(15), "d" * 64, None)]) == ["closed"]
    assert Envelope.objects.count() == Receipt.objects.count() == 2


@pytest.mark.parametrize(
    ("vendor", "locks"), [("postgresql", ["FOR UPDATE OF p", "FOR SHARE OF c"]), ("sqlite", ["", ""])]
)
def test_what_a_submission_depends_on_stays_locked_where_there_are_several_writers(monkeypatch, vendor, locks):
    """Else two take the last place, and an answer comes into a channel that is being closed."""
    monkeypatch.setattr(writer, "connection", SimpleNamespace(vendor=vendor))
    statements = []
    cursor = SimpleNamespace(execute=lambda sql, values: statements.append(sql), fetchall=list)
    writer._lock_free_places(cursor, {1})
    writer._lock_open_channels(cursor, {1})
    assert [re.search(r"(FOR \w+ OF \w)?$", sql)[0] for sql in statements] == locks
