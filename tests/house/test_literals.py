"""No id, level, count or year of a shipped rulebook is written in code or templates: what they mean is asked of the
rules. Docstrings and examples in messages (เช่น …) may name them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from prongsai.framework import Framework
from tests.years import YEARS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "prongsai"
SHIPPED: list[Framework] = list(YEARS.values())
INDICATORS = {i for framework in SHIPPED for i in framework.indicators}
SUB_INDICATORS = {s.id for framework in SHIPPED for s in framework.rules.sub_indicators}
INSTRUMENTS = {n.id for f in SHIPPED for n in f.nodes.values() if n.kind in ("instrument", "composite")}
ITEMS = {i for framework in SHIPPED for i in framework.items}
BANDS = {b for framework in SHIPPED for b in framework.bands}
COUNTS = {len(framework.indicators) for framework in SHIPPED}

# words that are no one's but the language's
_ORDINARY = {"ผ่าน"}  # passed: what the rules of every assessment decide


def _word(texts: set[str]) -> str:
    return "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))


_CODES = INSTRUMENTS | ITEMS | {b for b in BANDS if b.isascii() and len(b) > 1}
_FORBIDDEN = re.compile(
    rf"(?<![A-Za-z0-9_/-])(?:{_word(_CODES)})(?![A-Za-z0-9_-])"
    rf"|{_word({b for b in BANDS if not b.isascii()} - _ORDINARY)}"
    rf"|(?<!\d)(?:{_word({str(n) for n in COUNTS})}) ?ตัวชี้วัด|ทั้ง(?:สี่|สิบ) ?(?:เครื่องมือ|ตัวชี้วัด)"
    r"|\[(?:ieo|IEO|ieO)\]|\[A-F\]|(?<![\d.])25[67]\d(?!\d)"
)
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->|/\*.*?\*/|(?m:^\s*//.*$)", re.S)

# file, what it says, and why it may
EXCEPTIONS: dict[str, dict[str, str]] = {
    "lib/lines.py": dict.fromkeys(("ผ่านดี", "ผ่านดีเยี่ยม"), "compounds that a line is not broken in; decides nothing"),
    "scoring/aggregation.py": {"i8": "a type of NumPy"},
    "web/templates/web/gallery.html": {"AA": "an example of the component that shows a level"},
    "web/templates/web/site/accessibility.html": {"AA": "a level of WCAG"},
    "web/templates/web/site/privacy.html": {"2562": "the year of a law"},
}


def literals(path: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings; of a formatted one what stands between its values."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            passed |= {id(piece) for piece in node.values}
            yield "{}".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.value


def collections(path: Path) -> Iterator[set[str]]:
    """The strings of each tuple, list or set that holds strings alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            values = [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
            if values and len(values) == len(node.elts):
                yield set(values)


def found_in(text: str) -> set[str]:
    return set() if "เช่น" in text else {m[0] for m in _FORBIDDEN.finditer(text)}


def findings(path: Path) -> set[str]:
    if path.suffix != ".py":
        return found_in(_COMMENT.sub("", path.read_text(encoding="utf-8")).replace("เช่น", ""))
    found = {word for text in literals(path) for word in found_in(text)}
    found |= {text for text in literals(path) if text in SUB_INDICATORS}
    for values in collections(path):
        if len(values) > 1 and (values <= INDICATORS or values <= BANDS):
            found |= values
    return found


FILES = [
    p
    for p in sorted(PACKAGE.rglob("*"))
    if p.suffix in (".py", ".html", ".j2", ".js", ".typ", ".txt")
    and not {"migrations", "frameworks", "vendor", "node_modules", "dist"} & set(p.parts)
]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_of_a_rulebook_is_written_in_code(path):
    name = str(path.relative_to(PACKAGE))
    assert findings(path) == EXCEPTIONS.get(name, {}).keys()


@pytest.mark.parametrize(
    "line",
    [
        'x = "EIT1"',
        'if part in ("6", "7", "8"): pass',
        'n = "9.1"',
        're.compile(r"([ieo])\\d")',
        'x = "i12"',
        'x = "ระดับผ่านดี"',
        'x = f"ทุกตัวชี้วัดจาก 10 ตัวชี้วัด"',
        "y = '2568'",
    ],
)
def test_the_scan_finds(line, tmp_path):
    path = tmp_path / "x.py"
    path.write_text(f'"""EIT1 in a docstring."""\n\n{line}\n', encoding="utf-8")
    assert findings(path)


def test_the_scan_leaves_examples_and_docstrings(tmp_path):
    path = tmp_path / "x.py"
    path.write_text('"""EIT1, ผ่านดี."""\nx = "รหัสข้อ เช่น i1 หรือ EIT1"\ny = ("1", "value")\n', encoding="utf-8")
    assert not findings(path)
