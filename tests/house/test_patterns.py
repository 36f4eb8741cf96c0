"""No regular expression over text from outside takes a time that grows faster than the text."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prongsai import framework as rules
from prongsai.intake.ledger import Ledger
from tests.house.patterns import Analysis

SOURCE = Path(__file__).parents[2] / "src"
# rooms that read what comes from outside; the rest match fields of forms, which a form has bounded
READERS = [
    *("lib", "links", "intake", "documents/agency_templates", "documents/content", "documents/readback.py"),
    *("documents/issuance.py", "framework/workbook", "results/bulk_table.py", "results/score_text.py"),
    *("registry/agency_list.py", "registry/names.py", "improvement/input_text.py", "survey/questions.py"),
]
MATCHED = {"match", "fullmatch"}
FUNCTIONS = {*MATCHED, "search", "sub", "subn", "split", "findall", "finditer", "compile"}
# what is left, and what bounds the text that it sees; (file, beginning of the pattern): why
REVIEWED: dict[tuple[str, str], str] = {
    ("lib/textlayer.py", "/Span"): "a PDF that Typst has just written; texts in it are numbers of glyphs",
    ("lib/textlayer.py", "(/Span"): "the same",
    ("lib/textlayer.py", r"/(\S+)"): "the same",
    ("links/content.py", "^(?:<!--"): "the first 1,024 bytes of a page",
    ("intake/codes.py", r"(.*?)([._\-/]*)"): "the name of an item in the rules, at most 40 letters by their schema",
    ("intake/files.py", r"^\s{0,200}"): "a line of at most 3,000 letters",
    ("intake/vocabulary.py", r"(\s{0,20}ส่วนที่"): "a label of the rules",
    ("documents/content/wording.py", r",?\s{0,9}"): "a label of the rules",
}


def files() -> Iterator[Path]:
    for name in READERS:
        path = SOURCE / "prongsai" / name
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def uses_of(tree: ast.AST, name: str) -> set[str]:
    """How a compiled pattern is used in its file; one that is used elsewhere may be looked for anywhere."""
    uses = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
    }
    return uses or {"search"}


def patterns_in(path: Path) -> Iterator[tuple[str | bytes, int, bool]]:
    """Every pattern of a file with its flags, and whether it is looked for anywhere in a text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = importlib.import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"))
    for name, value in vars(module).items():
        for pattern in [value] if isinstance(value, re.Pattern) else []:
            yield pattern.pattern, pattern.flags, not uses_of(tree, name) <= MATCHED
        if isinstance(value, (tuple, list, dict)):
            for part in value.values() if isinstance(value, dict) else value:
                for pattern in part if isinstance(part, tuple) else [part]:
                    if isinstance(pattern, re.Pattern):
                        yield pattern.pattern, pattern.flags, True
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in FUNCTIONS
        ):
            yield from _pattern_of_call(node, vars(module))


def _pattern_of_call(node: ast.Call, names: dict[str, object]) -> Iterator[tuple[str | bytes, int, bool]]:
    """The pattern of a call of ``re``, with what it takes from names of the module; what a program makes while it runs
    is put together of words without repeats, or tested with a rulebook below."""
    function = node.func.attr  # type: ignore[attr-defined]
    known = {"re": re, **names}
    try:
        pattern = eval(compile(ast.Expression(node.args[0]), "", "eval"), known)  # of our own source
    except NameError:
        return
    flags = [
        a for a in [*node.args[1:], *(k.value for k in node.keywords if k.arg == "flags")] if "re." in ast.unparse(a)
    ]
    number = eval(compile(ast.Expression(flags[-1]), "", "eval"), known) if flags else 0
    if function != "compile" and isinstance(pattern, str | bytes):
        yield pattern, number, function not in MATCHED


def problems_of(path: Path) -> list[tuple[str, str, str]]:
    name = path.relative_to(SOURCE / "prongsai").as_posix()
    found = []
    for pattern, flags, is_searched in dict.fromkeys(patterns_in(path)):
        for problem in sorted(Analysis(pattern, flags).problems(is_searched=is_searched)):
            text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
            if not any(name == file and text.startswith(start) for file, start in REVIEWED):
                found.append((name, problem, text))
    return found


@pytest.mark.parametrize("path", list(files()), ids=lambda p: p.relative_to(SOURCE / "prongsai").as_posix())
def test_no_pattern_takes_more_than_its_share_of_time(path):
    assert problems_of(path) == []


def test_what_was_reviewed_is_still_there():
    there = {
        (path.relative_to(SOURCE / "prongsai").as_posix(), p if isinstance(p, str) else p.decode("latin-1"))
        for path in files()
        for p, *_ in patterns_in(path)
    }
    assert [key for key in REVIEWED if not any(f == key[0] and p.startswith(key[1]) for f, p in there)] == []


def patterns_of(value: object, seen: set[int]) -> Iterator[re.Pattern[str]]:
    """Every pattern that an object holds, or one of ours that it holds."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from patterns_of(part, seen)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from patterns_of(part, seen)
    elif type(value).__module__.startswith("prongsai.intake"):
        yield from patterns_of(vars(value), seen)


@pytest.mark.parametrize(("name", "year"), rules.available())
def test_what_a_reader_makes_of_the_rules_takes_no_exponential_time(name, year):
    found = list(patterns_of(Ledger({year: rules.load(name, year)}, year, None, year, is_paper=False), set()))
    assert len(found) > 10
    assert [p.pattern for p in found if "nested" in Analysis(p.pattern, p.flags).problems(is_searched=True)] == []


@pytest.mark.parametrize(
    ("pattern", "flags", "problems"),
    [
        (r"<(script|style)\b.*?</\1\s*>", re.S, {"adjacent", "restarts"}),
        (r"(a+)+b", 0, {"nested", "restarts"}),
        (r"(?:a|a+)*b", 0, {"nested", "restarts"}),
        (r"\s+$", 0, {"restarts"}),
        (r"\d*\d*x", 0, {"adjacent", "restarts"}),
        (r"x\s*(?:y)?\s*z", 0, {"adjacent"}),
        (r"(?<!\s)\s+$", 0, set()),
        (r"^\s+x", 0, set()),
        (r"^a*\n", re.M, set()),
        (r"x\s*+(?:y)?\s*+z", 0, set()),
        (r"\s{0,20}x", 0, set()),
        (r"<[^<>]*>", 0, set()),
        (r"(?:\s+\d{1,3}\.\d+)+", 0, set()),
    ],
)
def test_the_analysis_finds_what_it_says(pattern, flags, problems):
    assert Analysis(pattern, flags).problems(is_searched=True) == problems
