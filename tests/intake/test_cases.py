"""Short texts of the kinds that readers get wrong, each with what a careful person reads in it."""

import csv
from pathlib import Path

import pytest

from prongsai.analysis import audit
from prongsai.analysis.figures import Figure
from prongsai.intake import figures_of, read_rows
from prongsai.intake.reading import Reading
from tests.intake.reading import FRAMEWORKS

CASES = Path(__file__).parent / "cases"
WITH_SHARES = {"share/IIT": "IIT", "share/EIT": "EIT", "share/OIT": "OIT"}  # shares of a total, which are no scores
NO_CLAIM = {"verdict/change": "change", "verdict/lowest": "lowest"}


def right_of(name: str) -> list[tuple[int, str, str]]:
    with (CASES / "right.csv").open(encoding="utf-8") as file:
        return [(int(r["fiscal_year"]), r["node"], r["value"]) for r in csv.DictReader(file) if r["file"] == name]


def read_case(name: str) -> Reading:
    (reading,) = figures_of(read_rows(CASES / name, trusted=True), FRAMEWORKS)
    return reading


def is_same(figure: Figure, value: str) -> bool:
    return figure.number is not None and float(figure.number) == float(value)


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.txt")))
def test_case(name):
    right = right_of(name)
    reading = read_case(name)
    scores = [f for f in reading.figures if f.sure and f.kind == "score"]
    wanted = {(year, node): value for year, node, value in right if node.split("/")[0] not in ("share", "verdict")}
    agency = next((value for (_, node), value in wanted.items() if node == "agency"), None)
    wanted = {key: value for key, value in wanted.items() if key[1] != "agency"}
    assert agency is None or reading.agency == agency
    for (year, node), value in wanted.items():
        of_node = [f for f in scores if (f.fiscal_year, f.node) == (year, node)]
        assert of_node, (node, [(f.node, f.value, f.note) for f in reading.figures])
        assert all(is_same(f, value) for f in of_node), of_node
    for _, node, value in right:
        if node.startswith("share/"):
            assert not any(is_same(f, value) for f in scores if f.node == WITH_SHARES[node])
    verdicts = {node: value for _, node, value in right if node.startswith("verdict/")}
    checks = audit(reading.figures, FRAMEWORKS)
    contradicted = [c for c in checks if c.verdict == "contradicted"]
    if "verdict/any" in verdicts:
        assert contradicted == []
    for node, kind in NO_CLAIM.items():
        assert node not in verdicts or not [f for f in reading.figures if f.kind == kind]
    if "verdict/overall" in verdicts:
        (check,) = contradicted
        assert (check.node, check.recomputed) == ("overall", "94.26")
    else:
        assert contradicted == []
