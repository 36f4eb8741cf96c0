"""Whatever an agency's result is and however it is laid out: what is read surely is right, and most is read."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.analysis import audit
from prongsai.intake import Row, figures_of
from prongsai.intake.agencies import key_of
from tests.intake.layouts import LAYOUTS, Document
from tests.intake.reading import FRAMEWORKS

LEAST = {"two_levels": 0.85, "browser": 0.9}  # some of their heads are damaged beyond repair


def read_back(document: Document, rows: list[Row] | None = None) -> tuple[int, int]:
    """How many figures there are, and how many are read surely; all of those must be right. ``rows`` are those of the
    document in another format."""
    truth = {key_of(name): figures for name, figures in (*document.truth.items(), *document.others.items())}
    printed = sum(map(len, document.truth.values()))
    read = 0
    for reading in figures_of(document.rows() if rows is None else rows, FRAMEWORKS):
        whose = key_of(reading.agency or "")
        assert whose in truth, (reading.agency, document.lines)
        sure = {(f.fiscal_year, f.node, f.value) for f in reading.figures if f.sure and f.kind in ("score", "change")}
        assert sure <= truth[whose] | document.more, (sure - truth[whose], document.lines)
        assert not [c for c in audit(reading.figures, FRAMEWORKS) if c.verdict == "contradicted"], document.lines
        read += len(sure & truth[whose]) if reading.agency in document.truth else 0
    return printed, read


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_what_is_printed_is_read_back(layout):
    counts = [read_back(layout(Random(seed))) for seed in range(20)]
    printed, read = map(sum, zip(*counts, strict=True))
    assert read / printed >= LEAST.get(layout.__name__, 0.97)


@settings(max_examples=60)
@given(layout=st.sampled_from(LAYOUTS), seed=st.integers(0, 10**9))
def test_nothing_is_read_surely_and_wrongly(layout, seed):
    read_back(layout(Random(seed)))
