"""Random frameworks: the shape of a year, drawn by Hypothesis."""

from hypothesis import strategies as st

from prongsai.framework import Framework
from prongsai.framework.reading import build_rules

BASIS = {"standing": "inferred", "source": ("T",)}


def label(text: str) -> dict[str, str]:
    return {"th": text, "en": text}


@st.composite
def frameworks(draw: st.DrawFn) -> Framework:
    """One or two single surveys, perhaps a survey in two parts, perhaps disclosures; every scale and weight random."""
    scales = []
    for n in range(draw(st.integers(1, 3))):
        points = draw(st.lists(st.integers(0, 100), min_size=2, max_size=6))
        scales.append(
            {
                "id": f"s{n}",
                "kind": "answer",
                "basis": BASIS,
                "options": tuple({"label": label("x"), "points": p} for p in points),
            }
        )
    scales.append(
        {
            "id": "m",
            "kind": "mark",
            "basis": BASIS,
            "options": tuple({"label": label("x"), "points": p} for p in (0, 50, 100)),
        }
    )
    names = [f"S{n}" for n in range(draw(st.integers(1, 2)))]
    parts = draw(st.booleans())
    disclosed = draw(st.booleans())
    ids = names + (["E1", "E2"] if parts else []) + (["D"] if disclosed else [])
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=len(ids) - 1, max_size=len(ids) - 1)))
    weights = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    instruments = tuple(
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
    indicators, subs, survey_items, disclosure_items = [], [], [], []

    def indicator(owners: tuple[str, ...], method: str = "mean_of_items") -> str:
        name = str(len(indicators) + 1)
        indicators.append(
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

    def questions(owner: str) -> None:
        for _ in range(draw(st.integers(1, 3))):
            directions = st.sampled_from(["positive", "negative"])
            answers = draw(st.lists(st.one_of(st.none(), directions), max_size=3))
            survey_items.append(
                {
                    "id": f"q{len(survey_items) + 1}",
                    "indicator": owner,
                    "label": label("x"),
                    "scale": draw(st.sampled_from([s["id"] for s in scales[:-1]])),
                    "direction": draw(directions),
                    "answers": tuple({"label": label("x"), "direction": d} for d in answers)
                    if len(answers) > 1
                    else (),
                    "method": "mean_of_answers",
                    "basis": BASIS,
                    "scale_basis": BASIS,
                    "advice": {"defect": "x", "remedy": "x"},
                }
            )

    for name in names:
        for _ in range(draw(st.integers(1, 2))):
            questions(indicator((name,)))
    if parts:
        for _ in range(draw(st.integers(1, 2))):
            questions(indicator(("E1", "E2")))
    if disclosed:
        for _ in range(draw(st.integers(1, 2))):
            owner = indicator(("D",), "mean_of_sub_indicators")
            for n in range(draw(st.integers(1, 3))):
                subs.append(
                    {
                        "id": f"{owner}.{n + 1}",
                        "indicator": owner,
                        "label": label("x"),
                        "method": "mean_of_items",
                        "basis": BASIS,
                    }
                )
                for _ in range(draw(st.integers(1, 4))):
                    disclosure_items.append(
                        {
                            "id": f"O{len(disclosure_items) + 1}",
                            "sub_indicator": f"{owner}.{n + 1}",
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
    top = draw(st.integers(50, 95))
    bands = (
        {"id": "A", "label": label("A"), "at_least": top, "every_instrument_at_least": top, "basis": BASIS},
        {"id": "B", "label": label("B"), "at_least": top, "basis": BASIS},
        {"id": "C", "label": label("C"), "at_least": 0, "basis": BASIS},
    )
    return Framework(
        build_rules(
            {
                "id": "test",
                "fiscal_year": 2599,
                "title": label("x"),
                "sources": {"T": {"title": "x"}},
                "scales": tuple(scales),
                "instruments": instruments,
                "composites": (
                    {"id": "E", "label": label("E"), "of": ("E1", "E2"), "method": "mean_of_parts", "basis": BASIS},
                )
                if parts
                else (),
                "indicators": tuple(indicators),
                "sub_indicators": tuple(subs),
                "overall": "weighted_sum",
                "rounding": {"method": "half_up", "places": draw(st.integers(0, 3)), "basis": BASIS},
                "bands": bands,
                "target": {"points": 85, "passing": "overall_at_target", "label": label("x"), "basis": BASIS},
                "survey_items": tuple(survey_items),
                "disclosure_items": tuple(disclosure_items),
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
