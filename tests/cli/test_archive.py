"""Files of a backup land in their folder and nowhere else."""

import io
import tarfile

import pytest

from prongsai.cli import archive


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
