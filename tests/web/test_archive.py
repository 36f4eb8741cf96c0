"""Files of a backup land in their folder and nowhere else; which backups stay, and which go."""

import datetime
import io
import tarfile

import pytest

from prongsai.web import archive


def member(name: str, kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarFile, tarfile.TarInfo]:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as file:
        info = tarfile.TarInfo(name)
        info.type, info.size, info.linkname = kind, 4 if kind == tarfile.REGTYPE else 0, "/etc/passwd"
        file.addfile(info, io.BytesIO(b"data"))
    content.seek(0)
    opened = tarfile.open(fileobj=content)  # noqa: SIM115 (read by the test)
    return opened, opened.getmembers()[0]


def test_a_file_is_written_below_the_folder(tmp_path):
    opened, info = member("files/a/b.bin")
    archive._extract_file(opened, info, "a/b.bin", tmp_path)
    assert (tmp_path / "a" / "b.bin").read_bytes() == b"data"


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "/outside"])
def test_a_name_that_leads_outside_is_refused(tmp_path, name):
    folder = tmp_path / "files"
    folder.mkdir()
    opened, info = member(name)
    with pytest.raises(archive.ArchiveError):
        archive._extract_file(opened, info, name, folder)
    assert [p.name for p in tmp_path.iterdir()] == ["files"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_what_is_no_file_is_refused(tmp_path, kind):
    opened, info = member("link", kind)
    with pytest.raises(archive.ArchiveError):
        archive._extract_file(opened, info, "link", tmp_path)


def days(*numbers):
    return [datetime.datetime(2026, 1, 1, 2, tzinfo=datetime.UTC) + datetime.timedelta(days=n) for n in numbers]


def test_of_two_years_of_backups_days_weeks_and_months_stay():
    stay = sorted(archive.choose_backups(days(*range(730))))
    assert stay[-7:] == days(*range(723, 730))
    assert len({d.strftime("%Y-%m") for d in stay}) == 12
    assert len({d.strftime("%G-%V") for d in stay[-11:]}) == 5
    assert len(stay) <= 7 + 5 + 12


def test_the_newest_backup_always_stays():
    assert archive.choose_backups(days(0)) == set(days(0))
    assert days(400)[0] in archive.choose_backups(days(0, 1, 2, 400))
    assert archive.choose_backups(days(0, 1, 2, 400)) == set(days(0, 1, 2, 400))  # few are never thinned


@pytest.fixture
def written(monkeypatch):
    """Backups are empty files here."""
    monkeypatch.setattr(archive, "create_backup", lambda target: target.touch())


def test_a_backup_is_written_once_a_day_and_old_ones_go(tmp_path, written):
    (tmp_path / "prongsai-ours.tar.gz").touch()  # somebody else's, of no date
    for day in days(*range(60)):
        assert archive.back_up_daily(archive.open_place(tmp_path), day) is not None
        assert archive.back_up_daily(archive.open_place(tmp_path), day + datetime.timedelta(hours=5)) is None
        assert archive.last_backup(archive.open_place(tmp_path)) == day
    assert (tmp_path / "prongsai-ours.tar.gz").exists()
    assert set(archive._dated(archive.open_place(tmp_path))) == archive.choose_backups(days(*range(60)))


def test_a_backup_that_fails_takes_none_away(tmp_path, written, monkeypatch):
    for day in days(*range(40)):
        archive.back_up_daily(archive.open_place(tmp_path), day)
    before = sorted(tmp_path.iterdir())

    def fail(target):
        raise archive.ArchiveError("full")

    monkeypatch.setattr(archive, "create_backup", fail)
    with pytest.raises(archive.ArchiveError):
        archive.back_up_daily(archive.open_place(tmp_path), days(41)[0])
    assert sorted(tmp_path.iterdir()) == before


def test_a_worker_backs_up_once_a_day_where_a_folder_is_named(db, tmp_path, written, settings):
    from prongsai.people.models import Heartbeat
    from prongsai.web import worker

    settings.BACKUPS = None
    worker.back_up.call()
    assert not Heartbeat.objects.exists()
    settings.BACKUPS = tmp_path / "backups"
    worker.back_up.call()
    assert len(list(settings.BACKUPS.iterdir())) == 1
    assert Heartbeat.objects.filter(name="backup").exists()
    worker.back_up.call()
    assert len(list(settings.BACKUPS.iterdir())) == 1


def test_a_backup_that_fails_is_not_called_one(db, tmp_path, monkeypatch, settings):
    from prongsai.people.models import Heartbeat
    from prongsai.web import worker

    def fail(target):
        raise archive.ArchiveError("full")

    monkeypatch.setattr(archive, "create_backup", fail)
    settings.BACKUPS = tmp_path
    with pytest.raises(archive.ArchiveError):
        worker.back_up.call()
    assert not Heartbeat.objects.exists()
