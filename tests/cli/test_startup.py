"""Commands start at once: each imports what it needs, nothing else. ``make bench-startup`` prints the times."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from bench.startup import TARGETS, measure_startup, print_startup
from typer.testing import CliRunner

import prongsai.cli
from prongsai.cli.app import app, app_of
from prongsai.lib import sandbox
from tests.installation import environment

ROOT = Path(__file__).parents[2]
ENGINE = {"django", "duckdb", "ibis", "numpy", "pyarrow", "pydantic", "yaml", "jinja2", "docx", "pdfplumber", "lxml"}

UNAUDITED = {  # what an audit of a document without misspelt names does without
    *("rich.console", "rapidfuzz", "socket", "prongsai.scoring.totals", "prongsai.scoring.cases"),
    *("prongsai.framework.changes", "prongsai.framework.writing", "prongsai.analysis.effects"),
    *("prongsai.analysis.comparison", "prongsai.analysis.receipt", *ENGINE),
}


def imported_by(*arguments: str) -> set[str]:
    """Packages and modules that a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "prongsai.cli", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.fixture(scope="module", autouse=True)
def _compiled_rules():
    """The rules have been compiled, as they are after the first command."""
    subprocess.run([sys.executable, "-m", "prongsai.cli", "framework", "list"], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (("--help",), {"rich.console", "rapidfuzz", "prongsai.framework", "prongsai.analysis", *ENGINE}),
        (("framework", "list"), {"rich.console", "rapidfuzz", "prongsai.analysis", "prongsai.scoring", *ENGINE}),
        (("framework", "show", "2568", "9"), ENGINE),
        (("audit", "samples/bangpla-2568.txt"), UNAUDITED),
        (("audit", "samples/lumphuek-2564.docx"), UNAUDITED),
    ],
)
def test_a_command_imports_what_it_needs(arguments, unneeded):
    assert imported_by(*arguments) & unneeded == set()


def test_pages_need_no_engine(tmp_path):
    """Every process of a site starts a second sooner; whatever computes imports the engine then."""
    code = (
        "import django, sys; django.setup(); import prongsai.urls; "
        "print(*{'ibis', 'duckdb', 'numpy', 'pyarrow', 'xlsxwriter'} & sys.modules.keys())"
    )
    env = environment(tmp_path, DJANGO_SETTINGS_MODULE="prongsai.settings")
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True, text=True)
    assert done.stdout.strip() == ""


def test_the_figures_are_measured_and_printed(capsys):
    seconds = measure_startup(rounds=1)
    assert seconds.keys() == {"baseline", *(target.name for target in TARGETS)}
    assert all(value > 0 for value in seconds.values())
    print_startup(rounds=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:24].strip() for line in lines] == [target.name for target in TARGETS]


@pytest.mark.parametrize(
    ("arguments", "ends_at_once"), [(("audit", "nothing.txt"), True), (("verify", "nothing.json"), False)]
)
def test_only_what_holds_nothing_ends_without_taking_itself_apart(monkeypatch, arguments, ends_at_once):
    codes = []
    monkeypatch.setattr(sandbox, "_forks_here", False)  # a command forks itself; this process is none
    threshold = gc.get_threshold()
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(sys, "argv", ["prongsai", *arguments])
    with pytest.raises(SystemExit) as end:
        prongsai.cli.main()
    assert end.value.code == 2
    assert codes == ([2] if ends_at_once else [])
    gc.set_threshold(*threshold)


def test_a_command_alone_is_as_it_is_among_the_others():
    """Its help is the same; a name that is none is told so by all of them together."""
    names = list(typer.main.get_command(app).commands)
    assert {"audit", "framework", "make-user", "audit-trail"} <= set(names)
    for name in names:
        assert list(typer.main.get_command(app_of(name)).commands) == [name]
        assert (
            CliRunner().invoke(app_of(name), [name, "--help"]).output
            == CliRunner().invoke(app, [name, "--help"]).output
        )
    assert app_of("auditt") is app
    assert app_of("--help") is app


def test_output_is_complete_and_its_code_arrives():
    done = subprocess.run(
        [sys.executable, "-m", "prongsai.cli", "audit", "samples/bangpla-2568.txt"],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},  # a terminal that knows no Thai
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[-1].startswith("สรุป: ขัดกับตัวเลขอื่น 7")
