"""The process that parses a file: its parser alone, its limits, and nothing of the site within reach."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prongsai.intake import UnreadableError, files, read_rows
from tests.content import DOCUMENTS
from tests.formats import write_docx

SAMPLES = Path(__file__).parents[2] / "samples"
PARSE = "parse_apart(kind, file)\n"


@pytest.fixture
def document(tmp_path) -> Path:
    return write_docx(DOCUMENTS["bangpla"], tmp_path / "a.docx")


def with_code(monkeypatch, code: str) -> None:
    """Let the other process run code in the place of its parser; ``answer(cells)`` is what it writes."""
    answer = 'import json\ndef answer(cells): print(json.dumps({"rows": [[list(map(str, cells)), "", 0]]}))\n'
    assert PARSE in files._BOOTSTRAP
    monkeypatch.setattr(files, "_BOOTSTRAP", files._BOOTSTRAP.replace(PARSE, answer + code))


def cells_of(document: Path) -> tuple[str, ...]:
    (row,) = read_rows(document)
    return row.cells


@pytest.mark.parametrize("kind", ["docx", "pdf", "xlsx"])
def test_only_the_parser_is_imported(kind, monkeypatch):
    (path,) = SAMPLES.glob(f"*.{kind}")
    code = "from prongsai.intake import files\nlist(files._READERS[kind](files.Path(file)))\nanswer(sys.modules)\n"
    with_code(monkeypatch, code)
    modules = set(cells_of(path))
    ours = {name for name in modules if name.startswith("prongsai.")}
    assert ours == {
        "prongsai.intake",
        "prongsai.intake.files",
        "prongsai.lib",
        "prongsai.lib.rounding",
        "prongsai.lib.thai",
    }
    foreign = {"django", "pydantic", "yaml", "numpy", "duckdb", "ibis", "rich", "typer", "rapidfuzz", "psycopg"}
    assert foreign & modules == set()
    parsers = {"docx": "docx", "pdf": "pypdfium2", "xlsx": "python_calamine"}
    assert {name for name in parsers.values() if name in modules} == {parsers[kind]}


def test_no_secret_of_the_environment_is_in_reach(document, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "of the site")
    monkeypatch.setenv("DATABASE_URL", "postgres://site:password@host/site")
    with_code(monkeypatch, "import os\nanswer([k for k in os.environ if k not in ('LC_CTYPE',)])\n")
    assert cells_of(document) == ()


def test_a_module_beside_the_file_or_in_the_current_folder_is_not_imported(document, monkeypatch):
    (document.parent / "docx.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(document.parent)
    monkeypatch.setenv("PYTHONPATH", str(document.parent))
    assert read_rows(document)
    with_code(monkeypatch, "answer(sys.path)\n")
    assert {"", ".", str(document.parent)} & set(cells_of(document)) == set()


def test_memory_and_time_are_limited_before_the_file_is_opened(document, monkeypatch):
    code = (
        "import resource\nfrom prongsai.intake import files\n"
        "def reader(path):\n"
        "    for limit in (resource.RLIMIT_AS, resource.RLIMIT_CPU):\n"
        "        yield files.Row(tuple(map(str, resource.getrlimit(limit))), '')\n"
        "files._READERS[kind] = reader\n" + PARSE
    )
    with_code(monkeypatch, code)
    memory, seconds = (row.cells for row in read_rows(document))
    assert memory == (str(files.MEMORY), str(files.MEMORY))
    assert seconds == (str(files.SECONDS), str(files.SECONDS))


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        ("def reader(path): yield bytearray(10 * files.MEMORY)", "หน่วยความจำ"),
        ("def reader(path): raise ValueError('hostile')", "ValueError"),
        ("def reader(path): raise files.UnreadableError('because')", "because"),
        ("def reader(path): import os; os.abort()", "อ่านได้อย่างปลอดภัย"),
        ("def reader(path): raise SystemExit(0)", "อ่านได้อย่างปลอดภัย"),
        ("def reader(path): print('[]', flush=True); raise SystemExit(0)", "อ่านได้อย่างปลอดภัย"),
        ("def reader(path): print('{\"rows\": [1]}', flush=True); raise SystemExit(0)", "อ่านได้อย่างปลอดภัย"),
    ],
)
def test_a_parser_that_fails_is_one_sentence(document, monkeypatch, reader, message):
    code = f"from prongsai.intake import files\n{reader}\nfiles._READERS[kind] = reader\n{PARSE}"
    with_code(monkeypatch, code)
    with pytest.raises(UnreadableError, match=message):
        read_rows(document)


def test_a_parser_that_hangs_is_stopped(document, monkeypatch):
    with_code(monkeypatch, "import time\ntime.sleep(600)\n")
    monkeypatch.setattr(files, "SECONDS", 0.2)
    with pytest.raises(UnreadableError, match="อ่านไม่เสร็จ"):
        read_rows(document)


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
    assert json.loads(done.stdout) == [False, "prongsai.intake.reader", False]
