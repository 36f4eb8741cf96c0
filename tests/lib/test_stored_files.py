"""A file that was stored outlives a power cut and a disk that fails: found by the read-only disk of ``make faults``,
where a document whose upload had been acknowledged was empty after the repair."""

import os

import pytest

from prongsai.lib.stored_files import store_bytes, store_copy


@pytest.fixture
def synced(monkeypatch):
    """What was put on the disk, by inode and size, until the moment of looking."""
    found, sync = {}, os.fsync

    def watch(descriptor):
        state = os.fstat(descriptor)
        found[state.st_ino] = state.st_size
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    return found


def test_a_copy_is_on_the_disk_with_its_name_before_anything_is_acknowledged(tmp_path, synced):
    source, target = tmp_path / "upload", tmp_path / "imports" / "1.csv"
    source.write_bytes(b"x" * 3_000_000)
    store_copy(target, source)
    assert target.read_bytes() == source.read_bytes()
    assert synced[target.stat().st_ino] == 3_000_000
    assert target.parent.stat().st_ino in synced


def test_bytes_are_on_the_disk_with_their_name(tmp_path, synced):
    store_bytes(tmp_path / "a" / "paper.pdf", b"%PDF")
    assert synced[(tmp_path / "a" / "paper.pdf").stat().st_ino] == 4
    assert (tmp_path / "a").stat().st_ino in synced


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    source = tmp_path / "source"
    source.write_bytes(b"x")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        store_copy(tmp_path / "copy", source)
    assert [p.name for p in tmp_path.iterdir()] == ["source"]


def test_an_upload_of_results_is_on_the_disk(people, agencies, synced, settings, tmp_path):
    """The way that was left open: the row was acknowledged, the content was not yet written."""
    from prongsai.results import actions

    settings.MEDIA_ROOT = tmp_path / "media"
    source = tmp_path / "result.txt"
    source.write_bytes(b"x" * 5000)
    made = actions.upload(
        path=source, file_name="result.txt", shape="document", by=people["officer"], agency=agencies[0], enqueue=False
    )
    assert synced[(settings.MEDIA_ROOT / made.stored_as).stat().st_ino] == 5000
