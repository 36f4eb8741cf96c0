"""Commands and samples in README and docs do what the text says: they are run, or looked up where they would not
end."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.th.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
STAND_INS = {".pdf": "daengmo-2564.pdf", ".xlsx": "talingchan-2564.xlsx"}  # of the files that a sample names


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def shell_lines() -> list[str]:
    """Every command of a fenced or indented block, without its comment."""
    lines = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines += [line for block in blocks(page, "sh") for line in block.splitlines()]
        lines += re.findall(r"^    ((?:prongsai|make) .+)$", text, re.MULTILINE)
    return sorted({re.sub(r"\s+#.*", "", line).strip() for line in lines} - {""})


def inline_commands() -> list[str]:
    """`prongsai command` named in running text, without arguments."""
    named = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named |= set(re.findall(r"`(?:\.venv/bin/)?prongsai ([a-z-]+(?: [a-z-]+)?)", text))
    return sorted(named)


def prongsai(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prongsai.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the parcels that the samples score, under both languages' names."""
    from prongsai import framework
    from prongsai.cli.demo import make_parcels

    reader = tmp_path_factory.mktemp("reader")
    agencies = ["A", "B"]
    make_parcels(
        framework.load(framework.NATIONAL, 2568),
        agencies,
        np.array([0.7, 0.9]),
        reader / "parcels",
        seed=1,
        respondents=10,
    )
    shutil.copytree(reader / "parcels", reader / "แฟ้มข้อมูล")
    shutil.copytree(ROOT / "samples", reader / "samples")
    return reader


def test_there_are_samples():
    assert len(shell_lines()) > 8
    assert len(inline_commands()) > 8


@pytest.mark.parametrize("line", [x for x in shell_lines() if x.startswith("make ")])
def test_make_targets_exist(line):
    for target in line.split()[1:]:
        if "=" not in target:
            done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [x for x in shell_lines() if ".venv/bin/prongsai" in x])
def test_commands_of_the_readme_run(line, folder):
    words = line.split()[1:]
    for word in words:
        if Path(word).suffix in STAND_INS and not (folder / word).exists():
            shutil.copy(ROOT / "samples" / STAND_INS[Path(word).suffix], folder / word)
    done = prongsai(*words, folder=folder)
    assert done.returncode in ((0, 1) if words[0] == "audit" else (0,)), done.stdout + done.stderr
    if "--out" in words or "--html" in words:
        assert (folder / words[-1]).stat().st_size > 0


def help_of(*words: str) -> str | None:
    """What the command says of itself; None when there is no such command."""
    from prongsai.cli.app import app

    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})
    return result.stdout if result.exit_code == 0 else None


@pytest.mark.parametrize("command", inline_commands())
def test_commands_of_running_text_exist(command):
    """By the command's own help. A second word may be an argument rather than a sub-command."""
    words = command.split()
    is_group = words[0] in ("framework", "audit-trail")
    assert help_of(*words) or (not is_group and help_of(words[0])), command


@pytest.mark.parametrize("line", [x for x in shell_lines() if x.startswith("prongsai ")])
def test_options_in_the_docs_exist(line):
    about = help_of(line.split()[1])
    assert about is not None
    for option in re.findall(r"--[a-z-]+", line):
        assert option in about


def test_the_json_of_the_readme_has_the_shape_of_the_program(folder):
    (block,) = blocks(ROOT / "README.md", "json")
    shown = json.loads(block)["documents"][0]
    done = prongsai("audit", str(ROOT / "samples" / "bangpla-2568.txt"), "--json", folder=folder)
    printed = json.loads(done.stdout)["documents"][0]
    assert shown.keys() <= printed.keys()
    assert shown["figures"][0].keys() <= printed["figures"][0].keys()
    assert shown["checks"][0].keys() <= printed["checks"][0].keys()


def test_the_picture_of_the_rooms_is_that_of_the_contract():
    """``python docs/draw_rooms.py`` draws it anew."""
    picture = ROOT / "docs" / "pictures" / "rooms.svg"
    before = picture.read_text(encoding="utf-8")
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_rooms.py"))["draw"]()
    assert drawn == before
