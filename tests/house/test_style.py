"""The manner of the code: standard words in identifiers, lines that fit, formatters that are not overruled."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from prongsai.web.assets import SCRIPTS, built_script
from prongsai.web.province_shapes import SHAPES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "prongsai"
SOURCES = [p for p in sorted(PACKAGE.rglob("*.py")) if "migrations" not in p.parts]
PYTHON = [*SOURCES, *(p for folder in ("tests", "bench", "e2e") for p in sorted((ROOT / folder).rglob("*.py")))]
BUILT = {SHAPES, *(built_script(room, script) for room, script in SCRIPTS)}
MARKUP = [p for p in sorted(PACKAGE.rglob("*")) if p.suffix in (".html", ".j2", ".css", ".js") and p not in BUILT]
THAI = re.compile("[\u0e00-\u0e7f]")

# Words that say less than the standard term, with the term to use. Parts of identifiers, in snake or camel case.
BANNED = {
    "look": "check",
    "looks": "checks",
    "looked": "checked",
    "looker": "checker",
    "looking": "checking",
    "told": "reported, notified",
    "kept": "stored",
    "keeper": "owner",
    "keepers": "owners",
    "mend": "replace, repair",
    "mended": "repaired",
    "mending": "repair",
    "given": "assigned",
    "strange": "baseline",
    "lack": "missing field",
    "lacks": "missing fields",
    "shelf": "library page",
    "duty": "appointment",
    "duties": "appointments",
    "rhythm": "interval",
    "judged": "assessed",
    "gathering": "sources",
    "heads": "population, columns",
    "said": "comment",
}


def identifiers(path: Path) -> set[str]:
    """Names that a file defines: modules, classes, functions, parameters, variables, fields."""
    names = {path.stem}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                names.add(name)
            case ast.alias(asname=str(name)):
                names.add(name)
            case _:
                pass
    return names


def words_of(identifier: str) -> set[str]:
    return {w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_identifiers_are_standard_words(path):
    names = identifiers(path) - ({"given"} if path.name == "schema.py" else set())  # a worked case: given, expect
    wrong = {n: {w: BANNED[w] for w in words_of(n) & BANNED.keys()} for n in names}
    assert not {name: terms for name, terms in wrong.items() if terms}


def names_in_markup(path: Path) -> set[str]:
    """Classes of templates and styles, names that scripts define."""
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|/\*.*?\*/", " ", path.read_text(encoding="utf-8"), flags=re.S)
    if path.suffix == ".css":
        return set(re.findall(r"\.([A-Za-z_][\w-]*)", text))
    if path.suffix == ".js":
        return set(re.findall(r"\b(?:function|const|let|class) (\w+)", text))
    return {name for names in re.findall(r'class="([^"]*)"', text) for name in names.split()}


def test_names_of_styles_scripts_and_addresses_are_standard_words():
    names = {name: path.name for path in MARKUP for name in names_in_markup(path)}
    for path in PACKAGE.rglob("urls.py"):
        names |= dict.fromkeys(re.findall(r'name="([^"]*)"', path.read_text(encoding="utf-8")), str(path))
    assert len(names) > 300
    assert not {name: where for name, where in names.items() if words_of(name) & BANNED.keys()}


@pytest.mark.parametrize("identifier", ["tell_officer", "given", "LookUp", "_told", "wasKept"])
def test_the_words_of_an_identifier(identifier):
    assert (words_of(identifier) & BANNED.keys() != set()) is (identifier != "tell_officer")


def long_lines(paths: list[Path], limit: int, limit_thai: int | None) -> list[str]:
    """Lines over the limit; ``limit_thai`` is for lines with Thai letters, None for no limit."""
    long = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            most = limit_thai if THAI.search(line) else limit
            if most is not None and len(line) > most:
                long.append(f"{path.relative_to(ROOT)}:{number} ({len(line)})")
    return long


def test_lines_of_python_fit():
    """120 letters; a Thai literal may be longer, since a sentence is not torn apart."""
    assert not long_lines(PYTHON, 120, None)


def test_lines_of_templates_styles_and_scripts_fit():
    assert not long_lines(MARKUP, 120, 160)


def test_the_formatter_is_not_overruled():
    """Twenty places in the package at most, and none in templates."""
    skipped = [
        f"{p.relative_to(ROOT)}:{i}"
        for p in [*SOURCES, *MARKUP]
        for i, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"fmt: (?:skip|off)|djangofmt:ignore|biome-ignore", line)
    ]
    assert len(skipped) <= 20, skipped


def test_complexity_is_not_waved_through():
    """No exception, neither for one function nor for a file."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "C901" in settings["select"]
    assert not [p for p, ignored in settings["per-file-ignores"].items() if "C901" in ignored]
    assert not [p for p in SOURCES if "C901" in p.read_text(encoding="utf-8")]


def test_comments_of_templates_end_on_their_line():
    """One that does not is printed on the page."""
    templates = (p for p in (ROOT / "src").rglob("*.html") if "{#" in p.read_text())
    open_ones = [
        f"{path.name}:{number}"
        for path in templates
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.count("{#") != line.count("#}")
    ]
    assert not open_ones
