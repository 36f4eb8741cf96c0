"""Files are parsed and matched in the sandbox; what stops a child there is one sentence in Thai."""

import json
import os
import subprocess
import sys

import pytest

from prongsai import framework as rules
from prongsai.intake import UnreadableError, apart, files, read, read_rows
from prongsai.lib import sandbox
from tests.content import DOCUMENTS
from tests.formats import write_docx, write_txt

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}


@pytest.fixture
def document(tmp_path):
    return write_docx(DOCUMENTS["bangpla"], tmp_path / "a.docx")


@pytest.mark.parametrize("suffix", ["docx", "txt"])
def test_every_format_is_read_in_the_sandbox(suffix, tmp_path, monkeypatch):
    path = tmp_path / f"a.{suffix}"
    (write_docx if suffix == "docx" else write_txt)(DOCUMENTS["bangpla"], path)
    for module in ("read_rows", "read"):
        with monkeypatch.context() as patch:
            patch.setattr(files, "rows_of", lambda *a: 1 / 0)  # here, where nothing of the file is looked at
            patch.setattr(apart, "rows_in", lambda *a: 1 / 0)
            patch.setattr("prongsai.intake.reader.figures_of", lambda *a: 1 / 0)
            assert read_rows(path) if module == "read_rows" else read(path, FRAMEWORKS)[0].figures


def test_what_is_found_is_the_same_as_here(document):
    rows = read_rows(document)
    here = files.rows_of(document.read_bytes(), ".docx")
    assert rows == list(here)
    from prongsai.intake import comments, figures_of, find_fiscal_year

    assert apart.figures_of(rows, FRAMEWORKS) == figures_of(rows, FRAMEWORKS) == read(document, FRAMEWORKS)
    assert apart.find_fiscal_year(rows) == find_fiscal_year(rows)
    framework = FRAMEWORKS[max(FRAMEWORKS)]
    assert apart.comments_of(rows, framework) == comments.comments_of(rows, framework)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("time", "อ่านไม่เสร็จ"),
        ("memory", "หน่วยความจำ"),
        ("size", "ใหญ่ผิดปกติ"),
        ("busy", "รอสักครู่"),
        ("crash", "อ่านได้อย่างปลอดภัย"),
        ("fault", "ไม่ตรงรูปแบบ"),
    ],
)
def test_what_stops_a_child_is_one_sentence(document, monkeypatch, reason, message):
    def stop(*arguments, **options):
        raise sandbox.SandboxError(reason, "ValueError")

    monkeypatch.setattr(sandbox, "run", stop)
    for reading in (
        lambda: read_rows(document),
        lambda: read(document, FRAMEWORKS),
        lambda: apart.find_fiscal_year([]),
    ):
        with pytest.raises(UnreadableError, match=message):
            reading()


@pytest.mark.parametrize("answer", [None, [], {}, b"x", {"answer": [1]}, {"answer": None}, {"error": "because"}])
def test_an_answer_that_no_reader_gives_is_one_sentence(document, monkeypatch, answer):
    monkeypatch.setattr(sandbox, "run", lambda *a, **k: answer)
    with pytest.raises(UnreadableError, match=r"อย่างปลอดภัย|because"):
        read_rows(document)


def test_a_module_beside_the_file_or_in_the_current_folder_is_not_imported(document, monkeypatch):
    (document.parent / "docx.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(document.parent)
    monkeypatch.setenv("PYTHONPATH", str(document.parent))
    assert read_rows(document)


def test_a_path_of_any_name_arrives_whole(tmp_path):
    for name in ("ผล ITA\n2568.docx", "-c.docx", os.fsdecode(b"\xff.docx")):
        assert read_rows(write_docx(DOCUMENTS["bangpla"], tmp_path / name))


def test_the_reader_is_imported_when_it_is_used():
    code = (
        "import json, sys, prongsai.intake as intake\n"
        "before = 'prongsai.intake.reader' in sys.modules\n"
        "print(json.dumps([before, intake.read.__module__, hasattr(intake, 'nothing')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) == [False, "prongsai.intake.apart", False]
