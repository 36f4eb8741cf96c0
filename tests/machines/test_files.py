"""Stored files, on a disk and in a bucket: whole or not at all, the same for every machine, OSError when out of
reach."""

import datetime
import hashlib
import io
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from django.core.files.storage import storages

from prongsai.machines import files
from prongsai.machines.storage import DurableFileStorage
from prongsai.settings import _describe_bucket
from prongsai.web import archive
from tests.machines.bucket import open_bucket

HERE = {"BACKEND": "prongsai.machines.storage.DurableFileStorage"}


@pytest.fixture(scope="module")
def bucket():
    with open_bucket() as opened:
        yield opened


@pytest.fixture
def machine(settings, tmp_path, bucket, request):
    """Makes this process one machine after another: each has a disk of its own, all have one bucket."""
    place = bucket[0].format(folder=request.node.name[:40].replace("[", "-").replace("]", ""))

    def become(name):
        settings.DATA, settings.MEDIA_ROOT = tmp_path / name, tmp_path / name / "files"
        settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
        settings.STORAGES = {**settings.STORAGES, "default": _describe_bucket(place)}
        return settings.MEDIA_ROOT

    return become


@pytest.fixture(params=["disk", "bucket"])
def stored(request, settings, tmp_path, machine):
    if request.param == "bucket":
        return machine("a")
    settings.DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    settings.STORAGES = {**settings.STORAGES, "default": HERE}
    return settings.MEDIA_ROOT


def test_a_file_is_read_as_it_was_stored_and_the_last_one_stays(stored):
    files.store_bytes("papers/ab/one.pdf", b"first")
    files.store_bytes("papers/ab/one.pdf", b"second")
    assert files.read_bytes("papers/ab/one.pdf") == b"second"
    assert files.measure("papers/ab/one.pdf") == 6
    assert list(files.list_names()) == ["papers/ab/one.pdf"]  # under the name it was given, and no draft
    with files.local_copy("papers/ab/one.pdf") as path:
        assert (path.suffix, path.read_bytes()) == (".pdf", b"second")
    files.remove("papers/ab/one.pdf")
    files.remove("papers/ab/one.pdf")
    assert not files.exists("papers/ab/one.pdf")
    assert not files.exists("")
    with pytest.raises(FileNotFoundError):
        files.open_file("papers/ab/one.pdf")


def test_a_file_that_cannot_be_written_to_its_end_is_not_there(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    class Broken(io.BytesIO):
        def read(self, *_):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        DurableFileStorage().save("imports/a.csv", Broken(b"x"))
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_name_cannot_lead_out_of_the_folder(stored):
    from django.core.exceptions import SuspiciousOperation

    with pytest.raises(SuspiciousOperation):
        files.store_bytes("../outside", b"x")


def test_what_one_machine_stored_another_one_reads(machine):
    machine("a")
    files.store_copy("evidence/one.txt", Path(__file__))
    folder = machine("b")
    assert files.read_bytes("evidence/one.txt") == Path(__file__).read_bytes()
    assert not [p for p in folder.rglob("*") if p.is_file()]  # nothing of it lies on this disk


def test_a_folder_of_parcels_is_the_last_one_sealed_anywhere(machine):
    folder = machine("a") / "parcels" / "y"
    with files.write_folder(folder) as own:
        (own / "marks.parquet").write_bytes(b"old")
        (own / "answers-IIT.parquet").write_bytes(b"answers")
        assert files.list_folder(folder) == []  # nothing is half there
        files.fetch_folder(folder)  # and whoever looks takes nothing of it away
        assert len(list(own.iterdir())) == 2
    there = machine("b") / "parcels" / "y"
    assert files.list_folder(there) == ["answers-IIT.parquet", "marks.parquet"]
    files.fetch_folder(there)
    assert {p.name: p.read_bytes() for p in there.iterdir()} == {
        "marks.parquet": b"old",
        "answers-IIT.parquet": b"answers",
    }
    with files.write_folder(there) as own:  # sealed again, on this machine
        (own / "marks.parquet").write_bytes(b"new")
    files.withdraw_file(there / "answers-IIT.parquet")
    assert machine("a") / "parcels" / "y" == folder
    files.fetch_folder(folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {"marks.parquet": b"new"}


def test_a_storage_out_of_reach_is_an_os_error(machine, settings):
    machine("a")
    unreachable = _describe_bucket("s3://prongsai/x?endpoint=http://127.0.0.1:9")
    from botocore.config import Config

    unreachable["OPTIONS"]["client_config"] = Config(connect_timeout=1, retries={"max_attempts": 1})
    settings.STORAGES = {**settings.STORAGES, "default": unreachable}
    for attempt in (
        lambda: files.store_bytes("a", b"x"),
        lambda: files.read_bytes("a"),
        lambda: files.exists("a"),
        lambda: list(files.list_names()),
    ):
        with pytest.raises(OSError, match="storage of files"):
            attempt()


def test_evidence_is_drawn_once_for_all_machines(machine, monkeypatch):
    from types import SimpleNamespace

    from prongsai.improvement import evidence
    from prongsai.lib import pictures

    monkeypatch.setattr(
        pictures, "draw", lambda path, _: pictures.Drawing((pictures.Picture(path.read_bytes(), 3, 4),), 1)
    )
    machine("a")
    files.store_bytes("evidence/x.png", b"a picture")
    digest = hashlib.sha256(b"a picture").hexdigest()
    assert evidence.find_drawing(digest) is None
    evidence._draw(SimpleNamespace(pk=1, sha256=digest, stored_as="evidence/x.png", name="x.png"))
    folder = machine("b")
    drawn = evidence.find_drawing(digest)
    assert drawn.pages == 1
    [(path, width, height)] = drawn.pictures
    assert (path.read_bytes(), width, height) == (b"a picture", 3, 4)
    assert path.is_relative_to(folder)


@pytest.fixture
def tableless(db, monkeypatch):
    """Backups without their tables, which have tests of their own."""
    monkeypatch.setattr(archive, "_add_tables", lambda *_: {})
    monkeypatch.setattr(archive, "_fill_database", lambda manifest, opened: [])
    monkeypatch.setattr(archive, "_new_database", nullcontext)


def test_a_backup_has_the_files_of_the_bucket_and_restores_them_to_a_disk_and_back(
    machine, settings, tmp_path, tableless
):
    machine("a")
    files.store_bytes("papers/ab/one.pdf", b"a paper")
    files.store_bytes("imports/two.csv", b"a table")
    manifest = archive.create_backup(tmp_path / "b.tar.gz")
    assert manifest.count_files() == 2
    with pytest.raises(archive.ArchiveError, match="มีไฟล์อยู่"):  # the bucket is not empty
        archive.restore_backup(tmp_path / "b.tar.gz")
    settings.STORAGES = {**settings.STORAGES, "default": HERE}
    settings.MEDIA_ROOT = tmp_path / "disk"
    archive.restore_backup(tmp_path / "b.tar.gz")
    assert (tmp_path / "disk" / "papers/ab/one.pdf").read_bytes() == b"a paper"
    root = machine("c")
    for name in list(files.list_names()):
        files.remove(name)
    archive.restore_backup(tmp_path / "b.tar.gz")
    assert files.read_bytes("papers/ab/one.pdf") == b"a paper"
    assert not [p for p in root.rglob("*") if p.is_file()]


def test_a_restore_that_fails_leaves_nothing_in_the_bucket(machine, tmp_path, tableless, monkeypatch):
    machine("a")
    files.store_bytes("papers/ab/one.pdf", b"a paper")
    archive.create_backup(tmp_path / "b.tar.gz")
    files.remove("papers/ab/one.pdf")

    @contextmanager
    def failing():
        yield
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "_new_database", failing)
    with pytest.raises(archive.ArchiveError, match="เหมือนเดิม"):
        archive.restore_backup(tmp_path / "b.tar.gz")
    assert list(files.list_names()) == []


def test_of_two_machines_one_backs_up_into_the_bucket(machine, bucket, settings, tmp_path, tableless):
    settings.STORAGES = {**settings.STORAGES, "backups": _describe_bucket(bucket[0].format(folder="backups"))}
    settings.BACKUPS = "s3://…"
    machine("a")
    day = datetime.datetime(2026, 11, 27, 2, tzinfo=datetime.UTC)
    name = archive.back_up_daily(archive.open_place(settings.BACKUPS), day)
    machine("b")
    assert archive.back_up_daily(archive.open_place(settings.BACKUPS), day + datetime.timedelta(hours=1)) is None
    with archive.open_place(settings.BACKUPS).open(name) as stored:
        (tmp_path / "copy.tar.gz").write_bytes(stored.read())
    assert archive.verify_backup(tmp_path / "copy.tar.gz").format == 2
    assert storages["backups"].listdir("")[1] == [name]


def test_no_other_code_opens_a_path_below_the_folder_of_files():
    """What is not shared is missed by the other machine: only these may, each for working copies."""
    root = Path(files.__file__).parents[1]
    users = {str(p.relative_to(root)) for p in root.rglob("*.py") if "MEDIA_ROOT" in p.read_text(encoding="utf-8")}
    assert users == {
        "settings.py",
        "machines/files.py",
        "machines/storage.py",
        "registry/models.py",  # the folder of a round's parcels: write_folder, fetch_folder
        "rulebooks/actions.py",  # the same
        "rulebooks/models.py",
        "improvement/evidence.py",  # drawings: the same
        "web/archive.py",  # where a restore puts files down first
        "web/year_files.py",  # downloads, written anew by each machine
    }
