"""Storing submissions: durable before acknowledged, many to a commit.

Each process of the server has one writer. Requests hand it their submission and wait; it takes all that are waiting and
commits them together, so that the cost of a commit, most of it the disk's, is shared.
"""

import fcntl
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import close_old_connections, connection, transaction

from prongsai.survey.mix import sealed
from prongsai.survey.models import Channel, Code, Envelope, Receipt

Outcome = Literal["stored", "again", "spent", "closed"]
_MOST = 200  # submissions in one commit


@dataclass(frozen=True)
class Submission:
    """One person's answers on their way. ``receipt`` and ``code`` are digests; ``code`` is None where none is asked
    for."""

    channel: Channel
    answers: bytes
    receipt: str
    code: str | None


def store(submissions: list[Submission], then: Callable[[list[Outcome]], None] | None = None) -> list[Outcome]:
    """Store submissions in one transaction. A receipt that is known means a retry: counted once. A code that is unknown
    or used is ``spent``: nothing is stored, and the two can't be told apart. A channel that was closed meanwhile takes
    nothing more: whoever closes it, to seal, waits for this transaction, or this one finds it closed. ``then`` is
    called before the transaction ends."""
    with _turn(), transaction.atomic():
        still_open = _held_open({s.channel.pk for s in submissions})
        known = set(
            Receipt.objects.filter(digest__in=[s.receipt for s in submissions]).values_list("digest", flat=True)
        )
        outcomes: list[Outcome] = []
        receipts, envelopes = [], []
        for s in submissions:
            if s.receipt in known:
                outcomes.append("again")
            elif s.channel.pk not in still_open:
                outcomes.append("closed")
            elif s.code is not None and not Code.objects.filter(digest=s.code, channel=s.channel, spent=False).update(
                spent=True
            ):
                # another process may just have stored the very same submission
                outcomes.append("again" if Receipt.objects.filter(digest=s.receipt).exists() else "spent")
            else:
                known.add(s.receipt)
                receipts.append(Receipt(digest=s.receipt, channel=s.channel))
                envelopes.append(sealed(s.channel, s.answers))
                outcomes.append("stored")
        Receipt.objects.bulk_create(receipts)
        Envelope.objects.bulk_create(envelopes)
        if then is not None:
            then(outcomes)
    return outcomes


def _held_open(channels: set[int]) -> set[int]:
    """Those of the channels that are open, and stay so until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM survey_channel WHERE id = ANY(%s) AND open FOR SHARE", [list(channels)])
            return {row[0] for row in cursor.fetchall()}
    return set(Channel.objects.filter(pk__in=channels, open=True).values_list("pk", flat=True))  # one writer at a time


@contextmanager
def _turn() -> Iterator[None]:
    """SQLite has one writer, and processes that find it busy sleep and try again, some of them for long. Here they
    stand in line."""
    if connection.vendor != "sqlite":
        yield
        return
    with (settings.DATA / "writer.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file lets the next one go


class _Writer:
    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[tuple[Submission, Future[Outcome]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="survey-writer", daemon=True).start()

    def _work(self) -> None:
        while True:
            batch = [self.waiting.get()]
            while len(batch) < _MOST and not self.waiting.empty():
                batch.append(self.waiting.get())
            try:
                close_old_connections()
                for (_, future), outcome in zip(batch, store([s for s, _ in batch]), strict=True):
                    future.set_result(outcome)
            except (
                BaseException
            ) as error:  # the disk is full, the database is away: nobody in this batch is acknowledged
                if len(batch) == 1:
                    batch[0][1].set_exception(error)
                    continue
                for submission, future in batch:  # one of them may be at fault, or two have the same receipt
                    try:
                        future.set_result(store([submission])[0])
                    except BaseException as own:
                        future.set_exception(own)


_writer: _Writer | None = None
_lock = threading.Lock()


def submit(submission: Submission) -> Outcome:
    """Store one submission; returns once it is on the disk. Raises DatabaseError or OSError when it is not."""
    global _writer
    if settings.SURVEY_DRY:
        return "stored"
    if not settings.SURVEY_GROUP_COMMIT:
        return store([submission])[0]
    with _lock:
        if _writer is None:
            _writer = _Writer()
    future: Future[Outcome] = Future()
    _writer.waiting.put((submission, future))
    return future.result(timeout=30)
