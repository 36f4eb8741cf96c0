"""How surely a page is recognised: the weights of evidence are fitted, and what they are worth is shown.

    python -m bench.evidence           both sets of shapes, the confusion matrix, the cost of a page; docs/evidence.md
    python -m bench.evidence --fit     fits src/prongsai/links/weights.json on the development set alone

The development set (``tests/evidence/development.py``) is what the weights were fitted on; the held-out set
(``tests/evidence/held_out.py``) was written in other words and other builds before they were tuned, and is only read.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.evidence.run import Outcome, check_shapes

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "src" / "prongsai" / "links" / "weights.json"
FITTED_SEEDS = range(100, 109)
SHOWN_SEEDS = range(6)
_STRENGTH = {"page": 1.5, "owner": 0.8, "subject": 0.8}  # inverse of the pull of every weight towards nought
_FEWEST = 3  # samples that have a feature, for it to get a weight
_DECIMALS = 3


def fit(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """The three models, from the features that the checks of the development set measured."""
    page = [(dict(o.observation.features), o.shape.kind) for o in outcomes if _is_page(o)]
    page += [(_unasked(features), kind) for features, kind in page[::3]]
    content = [o for o in outcomes if _is_page(o) and o.shape.kind == "content"]
    owner = [(dict(o.observation.features), _word(o.shape.owner)) for o in content if o.shape.owner is not None]
    subject = [(dict(o.observation.features), _word(o.shape.subject)) for o in content if o.shape.subject is not None]
    return {
        "page": _fit_one(
            page, _STRENGTH["page"], without=("subject.loses", "subject.beats_rival", "year.", "agency.", "expected")
        ),
        "owner": _fit_one(owner, _STRENGTH["owner"], only=("agency.", "host.", "site", "before", "language.")),
        "subject": _fit_one(subject, _STRENGTH["subject"], only=("subject.", "year.", "before", "base.subject")),
    }


def _unasked(features: dict[str, float]) -> dict[str, float]:
    """The features of a check that knows nothing of what the page should be."""
    asked = ("subject.", "agency.", "year.", "before", "site", "expected", "base.subject", "base.elements")
    return {name: value for name, value in features.items() if not name.startswith(asked)}


def _is_page(outcome: Outcome) -> bool:
    return outcome.shape.kind != "network" and bool(outcome.observation.features)


def _word(value: bool | None) -> str:
    return "yes" if value else "no"


def _fit_one(
    samples: list[tuple[dict[str, float], str]],
    strength: float,
    *,
    only: tuple[str, ...] = (),
    without: tuple[str, ...] = ("-",),
) -> dict[str, object]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    seen = Counter(name for features, _ in samples for name, value in features.items() if value)
    names = sorted(
        n for n, c in seen.items() if c >= _FEWEST and (not only or n.startswith(only)) and not n.startswith(without)
    )
    matrix = np.array([[features.get(n, 0.0) for n in names] for features, _ in samples])
    labels = [label for _, label in samples]
    model = LogisticRegression(C=strength, max_iter=3000, class_weight="balanced").fit(matrix, labels)
    outcomes = list(model.classes_)
    rows, bias = model.coef_, model.intercept_
    if len(outcomes) == 2:  # a single row: of the second outcome against the first
        rows, bias = np.vstack([-rows[0] / 2, rows[0] / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    weights = {n: [round(float(v), _DECIMALS) for v in rows[:, k]] for k, n in enumerate(names)}
    return {"outcomes": outcomes, "bias": [round(float(v), _DECIMALS) for v in bias], "weights": weights}


def write_weights(models: dict[str, object]) -> None:
    """One feature a line, so that a difference can be read."""
    parts = []
    for name, model in models.items():
        assert isinstance(model, dict)
        lines = ",\n".join(f"   {json.dumps(n)}: {json.dumps(w)}" for n, w in model["weights"].items())
        head = f'  "outcomes": {json.dumps(model["outcomes"])},\n  "bias": {json.dumps(model["bias"])},'
        parts.append(f' {json.dumps(name)}: {{\n{head}\n  "weights": {{\n{lines}\n  }}\n }}')
    WEIGHTS.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fit", action="store_true")
    chosen = parser.parse_args()
    from tests.evidence.development import SHAPES

    if chosen.fit:
        write_weights(fit(check_shapes(SHAPES, FITTED_SEEDS)))


if __name__ == "__main__":
    main()
