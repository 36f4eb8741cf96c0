"""The figures of the test web: what is right, what is asked, and that the gravest errors do not happen."""

import pytest

from tests.evidence import development, held_out
from tests.evidence.run import check_shapes, count

MAX_WRONG = 0.02  # of the pages


@pytest.mark.parametrize(
    ("shapes", "seeds", "max_asked"),
    [(development.SHAPES, range(2), 0.05), (held_out.SHAPES, range(2), 0.30)],
    ids=["development", "held out"],
)
def test_the_test_web_is_recognised(shapes, seeds, max_asked):
    """On pages that no weight was fitted on: at most 2 % wrong, none of the gravest kind, few asked."""
    outcomes = check_shapes(shapes, seeds)
    assert len(outcomes) == len(shapes) * len(seeds)
    counts = count(outcomes)
    wrong = {
        o.shape.name: (o.observation.state, o.observation.error) for o in outcomes if o.verdict in ("wrong", "gravest")
    }
    assert not counts["gravest"], wrong
    assert counts["wrong"] <= MAX_WRONG * len(outcomes), wrong
    assert counts["asked"] <= max_asked * len(outcomes)


def test_there_are_enough_shapes_and_no_two_are_the_same():
    shapes = [*development.SHAPES, *held_out.SHAPES]
    assert len({s.name for s in shapes}) == len(shapes) >= 240
    assert {s.kind for s in development.SHAPES} == {s.kind for s in held_out.SHAPES} | {"network"}
