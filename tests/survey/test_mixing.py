"""Envelopes that wait: how many are mixed and how many stay, keys that are replaced and destroyed."""

import multiprocessing
import os
import threading
import time

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils import timezone

from prongsai.machines.locks import hold_lock
from prongsai.survey import actions, keys, mixing, worker
from prongsai.survey.mixing import ROTATION_BATCH, EnvelopeError
from prongsai.survey.models import Envelope, Response


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    settings.DATA = tmp_path


def fill(channel, number):
    """Put envelopes with different answers into a channel; returns the answers."""
    answers = [n.to_bytes(4) for n in range(number)]
    Envelope.objects.bulk_create([mixing.encrypt_answers(channel, a) for a in answers])
    return answers


def stored_answers():
    return sorted(bytes(a) for a in Response.objects.values_list("answers", flat=True))


# --- batches


@pytest.mark.parametrize(("waiting", "mixed"), [(0, 0), (19, 0), (20, 10), (33, 23), (520, 510)])
def test_ten_answers_stay_while_a_channel_is_open(link, waiting, mixed):
    answers = fill(link, waiting)
    assert mixing.mix_channel(channel=link) == mixed
    assert Response.objects.count() == mixed
    assert Envelope.objects.count() == waiting - mixed
    assert mixing.mix_channel(channel=link, drain=True) == waiting - mixed
    assert stored_answers() == answers
    assert not Envelope.objects.exists()


@pytest.mark.parametrize("waiting", [1, 10, 25])
def test_nothing_stays_in_a_closed_channel(link, waiting):
    answers = fill(link, waiting)
    assert mixing.mix_channel(channel=link, drain=True) == waiting
    assert stored_answers() == answers


def test_an_envelope_opens_in_its_channel_alone(link, people, agencies, running_round):
    other = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )
    fill(link, 1)
    Envelope.objects.update(channel=other)
    with pytest.raises(EnvelopeError):
        mixing.mix_channel(channel=other, drain=True)
    assert Envelope.objects.count() == 1


def test_a_worker_is_asked_to_mix_when_there_is_something_to_mix(link):
    fill(link, 2 * mixing.MIN_BATCH - 1)
    assert not mixing.has_ready_channels()
    fill(link, 1)
    assert mixing.has_ready_channels()
    worker.mix_answers.call()
    assert Response.objects.count() == mixing.MIN_BATCH
    assert not mixing.has_ready_channels()


def open_second_channel(people, agencies, running_round):
    return actions.open_channel(
        assessment_round=running_round, agency=agencies[1], instrument="IIT", kind="link", by=people["office"]
    )


def test_every_channel_with_enough_envelopes_is_mixed(link, people, agencies, running_round):
    other = open_second_channel(people, agencies, running_round)
    fill(link, 25)
    fill(other, 23)
    assert mixing.mix_ready_channels() == 15 + 13
    assert mixing.mix_ready_channels() == 0


def test_the_log_says_what_cannot_be_decrypted(link, people, agencies, running_round, caplog):
    """The channel, the envelope and its key, and no answer; once a channel when mixing, each envelope when rotating."""
    other = open_second_channel(people, agencies, running_round)
    fill(link, 20)
    fill(other, 20)
    Envelope.objects.filter(channel=link).update(key_number=99)
    caplog.set_level("WARNING", "prongsai.survey")
    lost = {str(pk) for pk in Envelope.objects.filter(channel=link).values_list("pk", flat=True)}
    assert mixing.mix_ready_channels() == 10
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert f"channel {link.pk} " in record.getMessage()
    assert any(f"envelope {pk} with key 99" in str(record.exc_info[1]) for pk in lost)
    caplog.clear()
    assert mixing.rotate_key() == 10
    assert len(caplog.records) == 20
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert all(f"channel {link.pk} " in record.getMessage() for record in caplog.records)


# --- keys on the disk


def test_the_keys_lie_in_a_folder_of_their_own(settings, tmp_path):
    """Which backups leave out, and which is created where nothing is yet."""
    settings.DATA = tmp_path / "new" / "data"
    assert keys.key_path(keys.create_key()).parent == tmp_path / "new" / "data" / "keys"


class Disk:
    """What would be on the disk after a power cut: what was synchronized, and in which order."""

    def __init__(self, monkeypatch):
        self.events = []
        real_fsync, real_rename, real_unlink = os.fsync, os.rename, os.unlink

        def fsync(descriptor):
            real_fsync(descriptor)
            state = os.fstat(descriptor)
            self.events.append(("sync", state.st_ino, state.st_size))

        def rename(source, target, **more):
            state = os.stat(source)
            self.events.append(("rename", state.st_ino, state.st_size))
            real_rename(source, target, **more)

        def unlink(path, **more):
            state = os.stat(path)
            self.events.append(("unlink", state.st_ino, state.st_size))
            real_unlink(path, **more)

        monkeypatch.setattr(os, "fsync", fsync)
        monkeypatch.setattr(os, "rename", rename)
        monkeypatch.setattr(os, "unlink", unlink)


def test_a_key_is_complete_on_the_disk_before_it_has_a_name(monkeypatch):
    folder = keys.key_folder().stat().st_ino
    disk = Disk(monkeypatch)
    number = keys.create_key()
    key = keys.key_path(number).stat().st_ino
    assert [(event, inode) for event, inode, _ in disk.events] == [("sync", key), ("rename", key), ("sync", folder)]
    assert disk.events[0][2] == disk.events[1][2] == 32
    assert list(keys.key_folder().iterdir()) == [keys.key_path(number)]


def test_a_key_is_overwritten_on_the_disk_before_it_is_deleted(monkeypatch, tmp_path):
    """The attacker has the blocks where the key lay, here by a second name of the file."""
    number = keys.create_key()
    content = keys.key_path(number).read_bytes()
    os.link(keys.key_path(number), tmp_path / "blocks")
    disk = Disk(monkeypatch)
    keys.destroy_key(number)
    overwritten = (tmp_path / "blocks").read_bytes()
    assert len(overwritten) == len(content) == 32
    assert overwritten[:8] != content[:8]
    assert overwritten[-8:] != content[-8:]
    assert overwritten.strip(b"\0")
    inode = (tmp_path / "blocks").stat().st_ino
    assert [(event, i) for event, i, _ in disk.events] == [("sync", inode), ("unlink", inode)]
    assert not keys.key_path(number).exists()


def test_a_key_of_any_length_is_overwritten_whole(tmp_path):
    keys.key_path(7).write_bytes(bytes(200))
    os.link(keys.key_path(7), tmp_path / "blocks")
    keys.destroy_key(7)
    overwritten = (tmp_path / "blocks").read_bytes()
    assert len(overwritten) == 200
    assert overwritten[-8:] != bytes(8)


def test_a_key_is_readable_by_its_owner_alone():
    number = keys.create_key()
    assert keys.key_path(number).stat().st_mode & 0o777 == 0o600
    assert keys.key_folder().stat().st_mode & 0o777 == 0o700


def test_every_key_has_a_number_of_its_own():
    """Even several in one millisecond, or after one with a number of the future."""
    future = int(time.time() * 1000) + 1_000_000
    keys.key_path(future).write_bytes(AESGCM.generate_key(256))
    numbers = [keys.create_key() for _ in range(3)]
    assert numbers == [future + 1, future + 2, future + 3]
    assert keys.newest_key_number() == future + 3


def test_a_file_is_encrypted_with_the_key_of_the_moment_and_never_twice_alike():
    number = keys.create_key()
    content = b"name: 0" * 30
    once, again = keys.encrypt_file(content), keys.encrypt_file(content)
    assert once != again
    for hidden in (once, again):
        assert hidden.startswith(b"%d:" % number)
        assert b"name" not in hidden
        assert len(hidden) == len(b"%d:" % number) + 12 + len(content) + 16  # nonce and tag
        assert keys.decrypt_file(hidden) == content
    keys.create_key()
    assert keys.decrypt_file(once) == content  # with its own key, not the newest
    keys.destroy_key(number)
    with pytest.raises(FileNotFoundError):
        keys.decrypt_file(once)


def test_what_is_no_file_is_decrypted_as_none():
    """Neither what was changed nor what the same key encrypted as an envelope."""
    hidden = keys.encrypt_file(b"content")
    with pytest.raises(InvalidTag):
        keys.decrypt_file(hidden[:-1] + bytes([hidden[-1] ^ 1]))
    with pytest.raises(ValueError, match="invalid literal"):
        keys.decrypt_file(b"none")
    number, cipher = keys.newest_key()
    envelope = bytes(12) + cipher.encrypt(bytes(12), b"answers", b"slug")
    with pytest.raises(InvalidTag):
        keys.decrypt_file(b"%d:" % number + envelope)


def test_the_number_of_a_key_is_the_time_in_milliseconds():
    before = int(time.time() * 1000)
    assert before <= keys.create_key() <= time.time() * 1000


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Etc/GMT-14"])  # at any time one of them has another date than Bangkok
def test_midnights_are_those_of_the_current_time_zone(zone):
    keys.create_key()
    with timezone.override(zone):
        assert keys.days_since_rotation() == 0


# --- rotation


def test_rotation_with_nothing_waiting(db):
    first = keys.newest_key_number()
    assert mixing.rotate_key() == 0
    second = keys.newest_key_number()
    assert keys.list_key_numbers() == [first, second]
    assert mixing.rotate_key() == 0
    assert keys.list_key_numbers() == [second, keys.newest_key_number()]


def test_an_envelope_of_the_new_key_is_left_alone(link, monkeypatch):
    """An answer that is sent right after the key was created."""
    fill(link, 3)
    create_key = keys.create_key

    def create_key_and_answer():
        number = create_key()
        fill(link, 1)
        return number

    monkeypatch.setattr(keys, "create_key", create_key_and_answer)
    assert mixing.rotate_key() == 3


def test_rotation_asks_nothing_for_each_envelope(link, django_assert_max_num_queries):
    fill(link, 50)
    with django_assert_max_num_queries(12):
        assert mixing.rotate_key() == 50


@pytest.mark.parametrize("waiting", [1, ROTATION_BATCH, 2 * ROTATION_BATCH + 50])
def test_everything_that_waits_gets_the_new_key(link, waiting):
    answers = fill(link, waiting)
    old = keys.newest_key_number()
    before = {e.pk: bytes(e.content) for e in Envelope.objects.all()}
    assert mixing.rotate_key() == waiting
    assert set(Envelope.objects.values_list("key_number", flat=True)) == {keys.newest_key_number()} != {old}
    assert all(before[e.pk] != bytes(e.content) for e in Envelope.objects.all())
    mixing.rotate_key()
    assert old not in keys.list_key_numbers()
    mixing.mix_channel(channel=link, drain=True)
    assert stored_answers() == answers


def test_envelopes_that_are_lost_do_not_keep_the_others_from_the_new_key(link):
    """More of them than are read at a time: without their key, or damaged."""
    fill(link, 2 * ROTATION_BATCH + 20)
    lost = Envelope.objects.order_by("id").values_list("id", flat=True)
    Envelope.objects.filter(id__in=list(lost[:ROTATION_BATCH])).update(key_number=99)
    Envelope.objects.filter(id__in=list(lost[ROTATION_BATCH : 2 * ROTATION_BATCH])).update(content=b"damaged" * 8)
    assert mixing.rotate_key() == 20
    assert Envelope.objects.filter(key_number=keys.newest_key_number()).count() == 20


def test_a_key_that_an_envelope_needs_stays(link):
    """One that can't be renewed may be repaired from a backup; its key is not destroyed meanwhile."""
    fill(link, 1)
    old = keys.newest_key_number()
    Envelope.objects.update(content=b"damaged" * 8)
    for _ in range(3):
        mixing.rotate_key()
    assert old in keys.list_key_numbers()


def test_an_answer_being_stored_during_a_rotation_is_not_lost(link):
    """Its envelope is encrypted, and becomes visible when the rotation is over."""
    envelope = mixing.encrypt_answers(link, b"answers")
    mixing.rotate_key()
    envelope.save()
    assert mixing.decrypt_envelope(envelope, link.slug) == b"answers"
    assert mixing.rotate_key() == 1
    assert mixing.decrypt_envelope(Envelope.objects.get(), link.slug) == b"answers"


def test_a_copy_of_yesterday_opens_nothing_after_its_key_is_gone(link):
    """Not in this process, which used the key, nor in another that did."""
    fill(link, 1)
    copy = Envelope.objects.get()
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()

    def open_copy():
        while there.recv():
            try:
                there.send(mixing.decrypt_envelope(copy, link.slug))
            except EnvelopeError:
                there.send(None)

    other = fork.Process(target=open_copy)
    other.start()
    try:
        here.send(True)
        assert here.recv() == mixing.decrypt_envelope(copy, link.slug) == bytes(4)
        mixing.rotate_key()
        mixing.rotate_key()
        with pytest.raises(EnvelopeError):
            mixing.decrypt_envelope(copy, link.slug)
        here.send(True)
        assert here.recv() is None
        assert mixing.decrypt_envelope(Envelope.objects.get(), link.slug) == bytes(4)
    finally:
        here.send(False)
        other.join()


@pytest.fixture
def rotations(db, monkeypatch):
    """How often the key was rotated; each rotation creates a key and does nothing else."""
    done = []
    monkeypatch.setattr(mixing, "rotate_key", lambda: done.append(keys.create_key()))
    return done


def create_key_of_yesterday():
    number = int((time.time() - 24 * 3600) * 1000)
    keys.key_path(number).write_bytes(AESGCM.generate_key(256))


def test_the_key_is_rotated_once_a_day(rotations):
    create_key_of_yesterday()
    assert keys.days_since_rotation() == 1
    for _ in range(3):
        mixing.rotate_key_nightly()
    assert len(rotations) == 1
    assert keys.days_since_rotation() == 0


def test_of_two_workers_one_rotates(rotations, tmp_path):
    create_key_of_yesterday()
    second = threading.Thread(target=mixing.rotate_key_nightly)
    with hold_lock("rotation"):  # the first worker is at it
        second.start()
        second.join(0.5)
        assert not rotations
        keys.create_key()
    second.join(60)
    assert not rotations
