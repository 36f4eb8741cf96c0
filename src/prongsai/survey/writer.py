"""Storing submissions: durable before acknowledged, many in one commit.

Each process of the server has one group writer. Requests hand it their submission and wait; it commits all that wait
together, so that the cost of a commit, most of it the disk's, is shared.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.backends.utils import CursorWrapper

from prongsai.machines.locks import hold_file_lock
from prongsai.survey.keys import EnvelopeKey, newest_key
from prongsai.survey.mixing import encrypt_answers
from prongsai.survey.models import Channel, Envelope
from prongsai.survey.sealing import SealedAnswers, seal_answers

Outcome = Literal["stored", "duplicate", "invalid_code", "closed", "full"]  # invalid_code: or token
RoundKey = tuple[int | None, str]  # what the answers of a round are sealed to: its number and public half, if any
MAX_SUBMISSIONS = 200  # in one commit
TIMEOUT_SECONDS = 30
LINGER_SECONDS = 0.002  # a third of what a disk needs to store something durably


@dataclass(frozen=True)
class Submission:
    """One person's answers, readable or sealed by a device. ``receipt``, ``code`` and ``token`` are digests; the latter
    two are None where the channel asks for none. The signature of a token was verified before it comes here."""

    channel: Channel
    answers: bytes | SealedAnswers
    receipt: str
    code: str | None
    token: str | None = None


def store_submissions(
    submissions: list[Submission], before_commit: Callable[[list[Outcome]], None] | None = None
) -> list[Outcome]:
    """Store submissions in one transaction. ``before_commit`` is called in it.

    A known receipt is a retry: ``duplicate``, counted once. A code that is unknown or used is ``invalid_code``: the
    two can't be told apart. A channel that was closed meanwhile is ``closed``: whoever closes it waits for this
    transaction, or this transaction finds it closed. An answer with a code, when as many have answered as the agency
    has people to ask, is ``full``: its code stays unused, and is counted among those refused. A token is never refused
    so: there are no more of them than people, whatever else was answered. What was acknowledged before is never taken
    back. Raises DatabaseError or OSError; then nothing is stored."""
    with _queue_for_sqlite(), transaction.atomic(), connection.cursor() as cursor:
        open_channels = _lock_open_channels(cursor, {s.channel.pk for s in submissions})
        places = _lock_free_places(cursor, {s.channel.pk for s in submissions if s.code is not None})
        known = _find_known_receipts(cursor, [s.receipt for s in submissions])
        outcomes: list[Outcome] = []
        stored: list[Submission] = []
        for s in submissions:
            if s.receipt in known:
                outcomes.append("duplicate")
            elif s.channel.pk not in open_channels:
                outcomes.append("closed")
            elif s.code is not None and places.is_full(s.channel.pk):
                outcomes.append(_refuse_code(cursor, s))
            elif s.code is not None and not _spend_code(cursor, s.code, s.channel):
                # another process may just have stored the very same submission
                is_stored = bool(_find_known_receipts(cursor, [s.receipt]))
                outcomes.append("duplicate" if is_stored else "invalid_code")
            elif s.token is not None and not _spend_token(cursor, s.token, s.channel):
                is_stored = bool(_find_known_receipts(cursor, [s.receipt]))
                outcomes.append("duplicate" if is_stored else "invalid_code")
            else:
                known.add(s.receipt)
                stored.append(s)
                places.take(s.channel.pk)
                outcomes.append("stored")
        if stored:
            _insert(cursor, stored, _make_envelopes(stored, open_channels))
        if before_commit is not None:
            before_commit(outcomes)
    return outcomes


def insert_sealed(*, channel: Channel, answers: Sequence[SealedAnswers], receipts: Sequence[str]) -> bool:
    """Store answers that were sealed before, in a transaction of the caller's, whose write lock it has already: who
    stores submissions meanwhile waits for it. Returns False, with nothing stored, where the channel is closed. No
    receipt leads to an envelope: each comes in an order of its own."""
    with connection.cursor() as cursor:
        if channel.pk not in _lock_open_channels(cursor, {channel.pk}):
            return False
        submissions = [Submission(channel, b"", receipt, None) for receipt in sorted(receipts)]
        envelopes = [Envelope(channel=channel, key_number=0, content=a.content, sealed_to_id=a.key) for a in answers]
        _insert(cursor, submissions, envelopes)
    return True


def _make_envelopes(submissions: list[Submission], channels: dict[int, RoundKey]) -> list[Envelope]:
    """What is stored of each. Readable answers of a round that has a key are sealed here, whoever hands them in: no way
    of answering can forget to."""
    key: EnvelopeKey | None = None
    envelopes = []
    for s in submissions:
        number, public_key = channels[s.channel.pk]
        if isinstance(s.answers, SealedAnswers):
            number, content = s.answers.key, s.answers.content
        elif number is None:
            key = key or newest_key()
            envelopes.append(encrypt_answers(s.channel, s.answers, key))
            continue
        else:
            content = seal_answers(s.answers, public_key, s.channel.slug)
        envelopes.append(Envelope(channel=s.channel, key_number=0, content=content, sealed_to_id=number))
    return envelopes


# Statements written out: composing them by models costs as much as all the rest of an answer.


def _insert(cursor: CursorWrapper, submissions: list[Submission], envelopes: list[Envelope]) -> None:
    """One statement for each table and MAX_SUBMISSIONS rows: between two, other threads of the process take their turn,
    and a database takes so many parameters and no more."""
    to_column = Envelope._meta.pk.get_db_prep_value
    for first in range(0, len(submissions), MAX_SUBMISSIONS):
        some = slice(first, first + MAX_SUBMISSIONS)
        receipts = [(s.receipt, s.channel.pk) for s in submissions[some]]
        contents = [
            (to_column(e.pk, connection), e.channel_id, e.key_number, e.content, e.sealed_to_id)
            for e in envelopes[some]
        ]
        _insert_rows(cursor, "survey_receipt (digest, channel_id)", receipts)
        _insert_rows(cursor, "survey_envelope (id, channel_id, key_number, content, sealed_to_id)", contents)


def _insert_rows(cursor: CursorWrapper, columns: str, rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join([f"({_marks(len(rows[0]))})"] * len(rows))
    values = [v for row in rows for v in row]
    cursor.execute(f"INSERT INTO {columns} VALUES {marks}", values)  # noqa: S608  # names of ours and marks


def _find_known_receipts(cursor: CursorWrapper, digests: list[str]) -> set[str]:
    known: set[str] = set()
    for first in range(0, len(digests), MAX_SUBMISSIONS):
        some = digests[first : first + MAX_SUBMISSIONS]
        cursor.execute(f"SELECT digest FROM survey_receipt WHERE digest IN ({_marks(len(some))})", some)  # noqa: S608
        known |= {row[0] for row in cursor.fetchall()}
    return known


def _marks(number: int) -> str:
    return ", ".join(["%s"] * number)


def _spend_code(cursor: CursorWrapper, digest: str, channel: Channel) -> bool:
    """Mark a code as used; False when it is unknown or used. Of two at once, one succeeds."""
    cursor.execute(
        "UPDATE survey_code SET spent = %s WHERE digest = %s AND channel_id = %s AND NOT spent",
        [True, digest, channel.pk],
    )
    return bool(cursor.rowcount > 0)


def _spend_token(cursor: CursorWrapper, digest: str, channel: Channel) -> bool:
    """Note a token as used; False when it was used before. Of two at once, one succeeds."""
    cursor.execute(
        "INSERT INTO survey_spenttoken (digest, channel_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [digest, channel.pk],
    )
    return bool(cursor.rowcount > 0)


def _refuse_code(cursor: CursorWrapper, submission: Submission) -> Outcome:
    """Note that an unused code came too late; a code that is unknown or used is as invalid as ever."""
    cursor.execute(
        "UPDATE survey_code SET refused = %s WHERE digest = %s AND channel_id = %s AND NOT spent",
        [True, submission.code, submission.channel.pk],
    )
    return "full" if cursor.rowcount > 0 else "invalid_code"


class _FreePlaces:
    """How many more may answer with codes: of each agency's form that has a known population, in one transaction."""

    def __init__(self, groups: dict[int, int], free: dict[int, int]) -> None:
        self.groups, self.free = groups, free  # population by channel; places by population

    def is_full(self, channel: int) -> bool:
        group = self.groups.get(channel)
        return group is not None and self.free[group] <= 0

    def take(self, channel: int) -> None:
        if channel in self.groups:
            self.free[self.groups[channel]] -= 1


def _lock_free_places(cursor: CursorWrapper, channels: set[int]) -> _FreePlaces:
    """Places of the forms that the channels belong to. Every answer to a form counts, by whichever channel it came.

    The populations stay locked until the transaction ends: of two that want the last place, the second counts after the
    first. SQLite has one writer at a time anyway."""
    if not channels:
        return _FreePlaces({}, {})
    lock = " FOR UPDATE OF p" if connection.vendor == "postgresql" else ""
    cursor.execute(
        "SELECT p.id, p.size, c.id FROM survey_population p JOIN survey_channel c"  # noqa: S608  # marks and a constant
        " ON c.round_id = p.round_id AND c.agency_id = p.agency_id AND c.instrument = p.instrument"
        f" WHERE c.id IN ({_marks(len(channels))}) ORDER BY p.id{lock}",
        list(channels),
    )
    rows = cursor.fetchall()
    groups, free = {channel: group for group, _, channel in rows}, {group: size for group, size, _ in rows}
    if free:
        cursor.execute(
            "SELECT p.id, COUNT(*) FROM survey_population p JOIN survey_channel c"  # noqa: S608  # marks
            " ON c.round_id = p.round_id AND c.agency_id = p.agency_id AND c.instrument = p.instrument"
            f" JOIN survey_receipt r ON r.channel_id = c.id WHERE p.id IN ({_marks(len(free))}) GROUP BY p.id",
            list(free),
        )
        for group, answered in cursor.fetchall():
            free[group] -= answered
    return _FreePlaces(groups, free)


def _lock_open_channels(cursor: CursorWrapper, channels: set[int]) -> dict[int, RoundKey]:
    """Those of the channels that are open, and what their answers are sealed to; none of them closes before the
    transaction ends. SQLite has one writer at a time anyway."""
    lock = " FOR SHARE OF c" if connection.vendor == "postgresql" else ""
    cursor.execute(
        "SELECT c.id, k.id, k.public_key FROM survey_channel c LEFT JOIN survey_sealingkey k ON k.id = "  # noqa: S608
        "(SELECT MAX(id) FROM survey_sealingkey WHERE round_id = c.round_id AND abandoned_on IS NULL) "
        f"WHERE c.id IN ({_marks(len(channels))}) AND c.is_open{lock}",
        list(channels),
    )
    return {channel: (number, public_key) for channel, number, public_key in cursor.fetchall()}


_queued = threading.local()


@contextmanager
def _queue_for_sqlite() -> Iterator[None]:
    """SQLite has one writer; processes that find it busy sleep and try again, some of them for long. A lock of our own
    makes them queue. A thread that has its turn already need not queue again."""
    if connection.vendor != "sqlite" or getattr(_queued, "has_turn", False):
        yield
        return
    with hold_file_lock(settings.DATA / "writer.lock"):
        _queued.has_turn = True
        try:
            yield
        finally:
            _queued.has_turn = False


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
        size = 1
        while True:
            batch = [self.waiting.get()]
            with _queue_for_sqlite():
                self._gather(batch, size)
                self.store_batch(batch)
            size = len(batch)

    def _gather(self, batch: list[tuple[Submission, Future[Outcome]]], size: int) -> None:
        """Add what else waits. Where several came together before, the same people are about to send again: the first
        of them waits a moment for the others, or it would have the disk to itself and they would wait for it."""
        deadline = time.monotonic() + LINGER_SECONDS
        while len(batch) < MAX_SUBMISSIONS:
            try:
                timeout = deadline - time.monotonic()
                batch.append(
                    self.waiting.get(timeout=timeout)
                    if len(batch) < size and timeout > 0
                    else self.waiting.get_nowait()
                )
            except queue.Empty:
                return

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
