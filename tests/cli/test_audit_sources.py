"""An audit of a folder, of a ZIP and of an address: every document has its own result, and none is passed over."""

import json
import shutil
from pathlib import Path

import pytest

from prongsai import links
from prongsai.cli import audit_sources
from tests import more_formats
from tests.cli.test_cli import SAMPLES, run
from tests.content import DOCUMENTS

AGENCIES = {"lumphuek": "องค์การบริหารส่วนตำบลลุ่มพื้ก", "daengmo": "องค์การบริหารส่วนตำบลแดงหม้อ"}


def documents(*arguments: object) -> list[tuple[str, str]]:
    """Each document of a report, with its agency or why it could not be read."""
    found = json.loads(run("audit", "--json", *arguments).stdout)["documents"]
    return [(d["file"], d.get("agency") or d.get("error", "")) for d in found]


def test_a_folder_and_the_folders_in_it(tmp_path):
    inner = tmp_path / "ข"
    inner.mkdir()
    (tmp_path / ".hidden").mkdir()
    shutil.copy(SAMPLES / "lumphuek-2564.docx", tmp_path / "ก.docx")
    (inner / "ผล.odt").write_bytes(more_formats.odt(DOCUMENTS["daengmo"]))
    (inner / "ว่าง.txt").touch()
    for leftover in ("~$ผล.odt", ".DS_Store", ".hidden/x.txt", "Thumbs.db"):
        (tmp_path / leftover).write_bytes(b"x")
    found = documents(tmp_path)
    assert [(Path(name).name, what) for name, what in found[:2]] == [
        ("ก.docx", AGENCIES["lumphuek"]),
        ("ผล.odt", AGENCIES["daengmo"]),
    ]
    assert "ว่างเปล่า" in found[2][1]
    assert len(found) == 3
    assert run("audit", tmp_path).exit_code == 2


def test_a_folder_without_a_file_and_one_with_too_many_say_so(tmp_path, monkeypatch):
    assert "ไม่มีไฟล์" in documents(tmp_path)[0][1]
    monkeypatch.setattr(audit_sources, "MAX_FILES", 1)
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.txt").touch()
    ((_, problem),) = documents(tmp_path)
    assert "มากกว่า 1 ไฟล์" in problem


def test_a_link_in_a_folder_leads_nowhere(tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(SAMPLES / "lumphuek-2564.docx", tmp_path / "a.docx")
    (tmp_path / "in" / "out").symlink_to(tmp_path, target_is_directory=True)
    assert "ไม่มีไฟล์" in documents(tmp_path / "in")[0][1]


def test_every_document_of_a_zip_has_its_own_result(tmp_path):
    path = tmp_path / "ผล.zip"
    path.write_bytes(
        more_formats.archive(
            {
                "ก/a.odt": more_formats.odt(DOCUMENTS["daengmo"]),
                "b.rtf": more_formats.rtf(DOCUMENTS["lumphuek"]),
                "c.txt": "ประกาศวันหยุด".encode(),
                "d.doc": more_formats.compound({"WordDocument": b"x"}),
            }
        )
    )
    found = documents(path)
    assert [(name.partition(" › ")[2], what) for name, what in found[:2]] == [
        ("ก/a.odt", AGENCIES["daengmo"]),
        ("b.rtf", AGENCIES["lumphuek"]),
    ]
    assert "บันทึกใหม่เป็น .docx" in found[3][1]
    shown = run("audit", path).stdout
    assert "ไม่พบคะแนนในเอกสารนี้" in shown
    path.write_bytes(path.read_bytes()[:300])
    assert "เสีย" in documents(path)[0][1]


def test_an_address_goes_through_the_guarded_fetcher(monkeypatch):
    asked = []

    def fetch(address, policy):
        asked.append((address, policy.allowed_networks, policy.ports))
        return links.Document(more_formats.page(DOCUMENTS["daengmo"]), address, ".html")

    monkeypatch.setattr(links, "fetch_document", fetch)
    address = "https://www.example.go.th/ita"
    assert documents(address) == [(address, AGENCIES["daengmo"])]
    assert asked == [(address, (), frozenset({80, 443}))]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/x", "https://localhost/", "HTTP://[::1]/", "https://169.254.169.254/"]
)
def test_an_address_of_a_private_network_is_refused(address):
    ((_, problem),) = documents(address)
    assert "เครือข่ายภายใน" in problem
