"""Rules of the house that a reviewer would otherwise have to remember."""

import json
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "prongsai").rglob("*.py"))
PURE = [p for p in SOURCES if p.parts[-2] in ("framework", "scoring", "analysis", "intake")]


def code_of(path: Path) -> str:
    """A file without its comments and docstrings."""
    text = re.sub(r'"""(?:.|\n)*?"""', "", path.read_text(encoding="utf-8"))
    return re.sub(r"#.*", "", text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_fiscal_year_in_code(path):
    """Rules are data: a year's number in code is a rule that hides. Examples in messages (เช่น …) are none."""
    code = re.sub(r"เช่น \S*?25[5-9]\d", "", code_of(path))
    assert not re.findall(r"(?<![\d])25[5-9]\d(?!\d)", code)


@pytest.mark.parametrize("path", PURE, ids=lambda p: str(p.relative_to(ROOT)))
def test_pure_rooms_know_no_clock_and_no_network(path):
    assert not re.findall(r"\b(?:datetime\.now|date\.today|time\.time|urlopen|socket|requests)\b", code_of(path))


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parts[-2] == "scoring"], ids=lambda p: p.name)
def test_no_row_loops_in_scoring(path):
    assert not re.findall(r"\.(?:iterrows|itertuples|iter_rows|map_elements|apply)\(", code_of(path))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    text = path.read_text(encoding="utf-8")
    assert text.lstrip().startswith('"""'), path


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("\ndependencies = [") : text.index("\n\n[project.scripts]")]
    for line in block.splitlines()[2:]:
        if line in ("", "]"):
            continue
        assert "#" in line, line


def test_the_house_of_the_import_contract_is_the_house_on_disk():
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][
        0
    ]
    house = ROOT / "src" / "prongsai"
    rooms = {p.name for p in house.iterdir() if (p / "__init__.py").is_file()}
    rooms |= {p.stem for p in house.glob("*.py")} - {"__init__"}
    assert {room.strip() for layer in layers["layers"] for room in layer.split("|")} == rooms
    assert layers["exhaustive"] is True


def test_the_readme_tells_the_promise_of_every_room():
    rooms = {p.parent.name for p in (ROOT / "src" / "prongsai").glob("*/__init__.py")}
    table = re.findall(r"(?m)^\| `prongsai\.(\w+)` \| \S", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert sorted(table) == sorted(rooms)


def test_the_documents_exist_that_others_speak_of():
    for name in (
        "README.md",
        "README.th.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "LICENSE",
        "docs/glossary.md",
        "docs/framework-format.md",
        "docs/performance.md",
        "docs/samples.md",
    ):
        assert (ROOT / name).is_file(), name
    for page in (ROOT / "README.md", ROOT / "README.th.md", ROOT / "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (ROOT / link).exists(), f"{page.name}: {link}"


def test_the_schema_is_documented_field_by_field():
    from prongsai.framework import schema

    text = (ROOT / "docs" / "framework-format.md").read_text(encoding="utf-8")
    models = [
        m
        for m in vars(schema).values()
        if isinstance(m, type) and issubclass(m, schema.Record) and m is not schema.Record
    ]
    missing = [f"{m.__name__}.{name}" for m in models for name in m.__dataclass_fields__ if f"`{name}`" not in text]
    assert not missing


def test_every_problem_of_a_framework_is_documented():
    from prongsai.framework import ProblemCode

    text = (ROOT / "docs" / "framework-format.md").read_text(encoding="utf-8")
    assert [code for code in get_args(ProblemCode) if f"| `{code}` |" not in text] == []


def test_the_sample_of_the_framework_format_is_a_question(tmp_path):
    from pydantic import TypeAdapter

    from prongsai.framework import SurveyItem
    from prongsai.lib import strict_yaml

    text = (ROOT / "docs" / "framework-format.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "sample.yaml").write_text(sample, encoding="utf-8")
    document = strict_yaml.read(tmp_path / "sample.yaml")
    assert document.problems == []
    items = TypeAdapter(tuple[SurveyItem, ...]).validate_json(json.dumps(document.data["survey_items"]), strict=True)
    assert [item.id for item in items] == ["i1"]


def test_templates_that_are_named_exist():
    """A view or a template that names a template which has moved fails only when its page is opened."""
    folders = [*(ROOT / "src" / "prongsai").glob("*/templates")]
    missing = []
    for path in [*SOURCES, *(t for folder in folders for t in folder.rglob("*.html"))]:
        for name in re.findall(r"""["']([a-z_]+/[\w/]+\.html)["']""", path.read_text(encoding="utf-8")):
            if name.split("/")[0] in {f.parent.name for f in folders} and not any(
                (f / name).is_file() for f in folders
            ):
                missing.append(f"{path.relative_to(ROOT)}: {name}")
    assert not missing


def test_the_tests_that_postgresql_runs_exist():
    """One that was renamed or removed would stop the whole run there, after all the others."""
    named = [line for line in (ROOT / "tests/postgresql.txt").read_text(encoding="utf-8").splitlines() if line]
    assert named
    for line in named:
        path, _, function = line.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        name = re.escape(function.partition("[")[0].rpartition("::")[2])
        assert not name or re.search(rf"^\s*(?:async )?def {name}\(", text, re.M), line
