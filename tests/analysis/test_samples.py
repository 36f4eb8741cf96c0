"""Every verdict on the five published results, word for word, beside this file in ``expected/``.

After an intended change: ``python -m tests.analysis.test_samples`` writes them anew; read the difference.
"""

from pathlib import Path

import pytest

from prongsai.analysis import Figure, audit
from tests.content import TRUTH
from tests.years import YEARS

EXPECTED = Path(__file__).parent / "expected"


def described(name: str) -> str:
    figures = [Figure(year, node, value, "บรรทัด 1") for year, node, value in sorted(TRUTH[name])]
    checks = audit(figures, {int(year): framework for year, framework in YEARS.items()})
    rows = [
        (
            str(c.fiscal_year),
            c.node,
            c.printed,
            c.verdict,
            f"recomputed {c.recomputed}",
            f"likely {c.likely}",
            f"from {c.interval[0]} to {c.interval[1]}" if c.interval else "no interval",
            c.rule,
            c.explanation,
            c.place,
        )
        for c in checks
    ]
    return "".join(" | ".join(row) + "\n" for row in rows)


@pytest.mark.parametrize("name", TRUTH)
def test_every_verdict_of_a_sample(name):
    assert described(name).splitlines() == (EXPECTED / f"{name}.txt").read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    for sample in TRUTH:
        (EXPECTED / f"{sample}.txt").write_text(described(sample), encoding="utf-8")
