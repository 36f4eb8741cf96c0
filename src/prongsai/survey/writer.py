"""Storing submissions: durable before acknowledged, many in one commit.

Each process of the server has one group writer. Requests hand it their submission and wait; it commits all that wait
together, so that the cost of a commit, most of it the disk's, is shared.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import close_old_connections, connection, transaction

from prongsai.machines.locks import hold_file_lock
from prongsai.survey.mixing import encrypt_answers
from prongsai.survey.models import Channel, Code, Envelope, Receipt

Outcome = Literal["stored", "duplicate", "invalid_code", "closed"]
MAX_SUBMISSIONS = 200  # in one commit
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Submission:
    """One person's answers. ``receipt`` and ``code`` are digests; ``code`` is None where the channel asks for none."""

    channel: Channel
    answers: bytes
    receipt: str
    code: str | None


def store_submissions(
    submissions: list[Submission], before_commit: Callable[[list[Outcome]], None] | None = None
) -> list[Outcome]:
    """Store submissions in one transaction. ``before_commit`` is called in it.

    A known receipt is a retry: ``duplicate``, counted once. A code that is unknown or used is ``invalid_code``: the
    two can't be told apart. A channel that was closed meanwhile is ``closed``: whoever closes it waits for this
    transaction, or this transaction finds it closed. Raises DatabaseError or OSError; then nothing is stored."""
    with _queue_for_sqlite(), transaction.atomic():
        open_channels = _lock_open_channels({s.channel.pk for s in submissions})
        digests = [s.receipt for s in submissions]
        known = set(Receipt.objects.filter(digest__in=digests).values_list("digest", flat=True))
        outcomes: list[Outcome] = []
        receipts, envelopes = [], []
        for s in submissions:
            if s.receipt in known:
                outcomes.append("duplicate")
            elif s.channel.pk not in open_channels:
                outcomes.append("closed")
            elif s.code is not None and not _spend_code(s.code, s.channel):
                # another process may just have stored the very same submission
                is_stored = Receipt.objects.filter(digest=s.receipt).exists()
                outcomes.append("duplicate" if is_stored else "invalid_code")
            else:
                known.add(s.receipt)
                receipts.append(Receipt(digest=s.receipt, channel=s.channel))
                envelopes.append(encrypt_answers(s.channel, s.answers))
                outcomes.append("stored")
        Receipt.objects.bulk_create(receipts)
        Envelope.objects.bulk_create(envelopes)
        if before_commit is not None:
            before_commit(outcomes)
    return outcomes


def _spend_code(digest: str, channel: Channel) -> bool:
    """Mark a code as used; False when it is unknown or used. Of two at once, one succeeds."""
    return bool(Code.objects.filter(digest=digest, channel=channel, spent=False).update(spent=True))


def _lock_open_channels(channels: set[int]) -> set[int]:
    """Those of the channels that are open; none of them closes before the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM survey_channel WHERE id = ANY(%s) AND is_open FOR SHARE", [list(channels)])
            return {row[0] for row in cursor.fetchall()}
    # SQLite has one writer at a time
    return set(Channel.objects.filter(pk__in=channels, is_open=True).values_list("pk", flat=True))


@contextmanager
def _queue_for_sqlite() -> Iterator[None]:
    """SQLite has one writer; processes that find it busy sleep and try again, some of them for long. A lock of our own
    makes them queue."""
    if connection.vendor != "sqlite":
        yield
        return
    with hold_file_lock(settings.DATA / "writer.lock"):
        yield


class GroupWriter:
    """A thread that stores what requests submit, as many together as wait."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[tuple[Submission, Future[Outcome]]] = queue.SimpleQueue()
        threading.Thread(target=self._run_forever, daemon=True).start()

    def submit(self, submission: Submission) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        self.waiting.put((submission, future))
        return future

    def _run_forever(self) -> None:
        while True:
            batch = [self.waiting.get()]
            while len(batch) < MAX_SUBMISSIONS and not self.waiting.empty():
                batch.append(self.waiting.get())
            self.store_batch(batch)

    @staticmethod
    def store_batch(batch: list[tuple[Submission, Future[Outcome]]]) -> None:
        """Store a batch together. If that fails, one by one: a single submission may be at fault, or another process
        may just have stored the same receipt. What fails again, on a full disk for instance, is not acknowledged."""
        try:
            close_old_connections()
            outcomes = store_submissions([s for s, _ in batch])
        except BaseException:
            for submission, future in batch:
                try:
                    future.set_result(store_submissions([submission])[0])
                except BaseException as error:
                    future.set_exception(error)
        else:
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                future.set_result(outcome)


_group_writer: GroupWriter | None = None
_start_lock = threading.Lock()


def submit(submission: Submission) -> Outcome:
    """Store one submission; returns once it is on the disk. Raises DatabaseError, OSError or TimeoutError when it is
    not."""
    global _group_writer
    if settings.SURVEY_DRY:
        return "stored"
    if not settings.SURVEY_GROUP_COMMIT:
        return store_submissions([submission])[0]
    with _start_lock:
        if _group_writer is None:
            _group_writer = GroupWriter()
    return _group_writer.submit(submission).result(timeout=TIMEOUT_SECONDS)
