"""Random frameworks: the shape of a year, drawn by Hypothesis."""

import json
from collections.abc import Iterable

from hypothesis import strategies as st
from pydantic import TypeAdapter

from prongsai.framework import Framework
from prongsai.framework.schema import Rules

BASIS = {"standing": "inferred", "source": ("T",)}


def _rules_of(data: dict[str, object]) -> Rules:
    return TypeAdapter(Rules).validate_json(json.dumps(data), strict=True)


def label(text: str) -> dict[str, str]:
    return {"th": text, "en": text}


class Shape:
    """A year's rules as they are drawn: a single survey or two, perhaps one in two parts, perhaps disclosures."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.indicators: list[dict[str, object]] = []
        self.sub_indicators: list[dict[str, object]] = []
        self.survey_items: list[dict[str, object]] = []
        self.disclosure_items: list[dict[str, object]] = []
        self.answer_scales = [self.scale(f"s{n}") for n in range(draw(st.integers(1, 3)))]
        self.surveys = [f"S{n}" for n in range(draw(st.integers(1, 2)))]
        self.has_parts = draw(st.booleans())
        self.has_disclosures = draw(st.booleans())

    def scale(self, name: str) -> dict[str, object]:
        points = self.draw(st.lists(st.integers(0, 100), min_size=2, max_size=6))
        return {"id": name, "kind": "answer", "basis": BASIS, "options": options(points)}

    def instruments(self) -> tuple[dict[str, object], ...]:
        ids = self.surveys + (["E1", "E2"] if self.has_parts else []) + (["D"] if self.has_disclosures else [])
        cuts = sorted(self.draw(st.lists(st.integers(0, 10_000), min_size=len(ids) - 1, max_size=len(ids) - 1)))
        weights = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        return tuple(
            {
                "id": i,
                "kind": "disclosure" if i == "D" else "survey",
                "label": label(i),
                "weight": w,
                "method": "mean_of_indicators",
                "basis": BASIS,
            }
            for i, w in zip(ids, weights, strict=True)
        )

    def fill(self) -> None:
        """Indicators, sub-indicators and items."""
        owners = [(name,) for name in self.surveys] + ([("E1", "E2")] if self.has_parts else [])
        for owner in owners:
            for _ in range(self.draw(st.integers(1, 2))):
                self.questions(self.indicator(owner))
        if self.has_disclosures:
            for _ in range(self.draw(st.integers(1, 2))):
                self.disclosures(self.indicator(("D",), "mean_of_sub_indicators"))

    def indicator(self, owners: tuple[str, ...], method: str = "mean_of_items") -> str:
        name = str(len(self.indicators) + 1)
        self.indicators.append(
            {
                "id": name,
                "instruments": owners,
                "label": label(name),
                "meaning": label("x"),
                "method": method,
                "parts": "mean_of_parts" if len(owners) > 1 else None,
                "basis": BASIS,
            }
        )
        return name

    def questions(self, indicator: str) -> None:
        directions = st.sampled_from(["positive", "negative"])
        for _ in range(self.draw(st.integers(1, 3))):
            answers = self.draw(st.lists(st.one_of(st.none(), directions), max_size=3))
            self.survey_items.append(
                {
                    "id": f"q{len(self.survey_items) + 1}",
                    "indicator": indicator,
                    "label": label("x"),
                    "scale": self.draw(st.sampled_from([s["id"] for s in self.answer_scales])),
                    "direction": self.draw(directions),
                    "answers": tuple({"label": label("x"), "direction": d} for d in answers)
                    if len(answers) > 1
                    else (),
                    "method": "mean_of_answers",
                    "basis": BASIS,
                    "scale_basis": BASIS,
                    "advice": {"defect": "x", "remedy": "x"},
                }
            )

    def disclosures(self, indicator: str) -> None:
        for n in range(self.draw(st.integers(1, 3))):
            sub_indicator = f"{indicator}.{n + 1}"
            self.sub_indicators.append(
                {
                    "id": sub_indicator,
                    "indicator": indicator,
                    "label": label("x"),
                    "method": "mean_of_items",
                    "basis": BASIS,
                }
            )
            for _ in range(self.draw(st.integers(1, 4))):
                self.disclosure_items.append(
                    {
                        "id": f"O{len(self.disclosure_items) + 1}",
                        "sub_indicator": sub_indicator,
                        "heading": "x",
                        "label": label("x"),
                        "scale": "m",
                        "period": "any",
                        "basis": BASIS,
                        "placement": BASIS,
                        "period_basis": BASIS,
                        "advice": {"defect": "x", "remedy": "x"},
                        "elements": ({"th": "x", "standing": "inferred", "source": ("T",)},),
                    }
                )


def options(points: Iterable[int]) -> tuple[dict[str, object], ...]:
    return tuple({"label": label("x"), "points": p} for p in points)


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    """One or two single surveys, perhaps a survey in two parts, perhaps disclosures; every scale and weight random."""
    shape = Shape(draw)
    instruments = shape.instruments()
    shape.fill()
    top = draw(st.integers(50, 95))
    marks = {"id": "m", "kind": "mark", "basis": BASIS, "options": options((0, 50, 100))}
    bands = (
        {"id": "A", "label": label("A"), "at_least": top, "every_instrument_at_least": top, "basis": BASIS},
        {"id": "B", "label": label("B"), "at_least": top, "basis": BASIS},
        {"id": "C", "label": label("C"), "at_least": 0, "basis": BASIS},
    )
    composite = {"id": "E", "label": label("E"), "of": ("E1", "E2"), "method": "mean_of_parts", "basis": BASIS}
    return Framework(
        _rules_of(
            {
                "assessment": "test",
                "fiscal_year": 2599,
                "state": "announced",
                "title": label("x"),
                "sources": {"T": {"title": "x"}},
                "scales": (*shape.answer_scales, marks),
                "instruments": instruments,
                "composites": (composite,) if shape.has_parts else (),
                "indicators": tuple(shape.indicators),
                "sub_indicators": tuple(shape.sub_indicators),
                "overall": "weighted_sum",
                "rounding": {"method": "half_up", "places": draw(st.integers(0, 3)), "basis": BASIS},
                "bands": bands,
                "target": {"points": 85, "passing": "overall_at_target", "label": label("x"), "basis": BASIS},
                "survey_items": tuple(shape.survey_items),
                "disclosure_items": tuple(shape.disclosure_items),
            }
        )
    )


@st.composite
def responses(
    draw: st.DrawFn, framework: Framework
) -> tuple[dict[str, list[dict[str, object]]], list[dict[str, object]]]:
    """Answers and marks of a few agencies, some unanswered, some agencies missing somewhere."""
    agencies = st.sampled_from(["ก", "ข", "ค"])
    answers: dict[str, list[dict[str, object]]] = {}
    for instrument in framework.survey_instruments():
        columns = framework.answer_columns(instrument.id)
        row = st.fixed_dictionaries(
            {"agency": agencies}
            | {
                c.name: st.one_of(st.integers(0, len(c.points) - 1), st.none())
                if draw(st.booleans())
                else st.integers(0, len(c.points) - 1)
                for c in columns
            }
        )
        answers[instrument.id] = draw(st.lists(row, max_size=8))
    marks = []
    items = [i.id for i in framework.rules.disclosure_items]
    if items:
        for agency in draw(st.sets(agencies)):
            marks.append({"agency": agency} | {i: draw(st.sampled_from([0, 50, 100, None])) for i in items})
    return answers, marks
