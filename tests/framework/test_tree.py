"""The tree of a year: what carries a score, what it is made of, and how a score is printed."""

import pickle
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from prongsai.framework import Basis, Framework
from tests.framework.small import framework_of, small_rules, variant

PARTS = ("instruments", "composites", "indicators", "sub_indicators", "survey_items", "disclosure_items")


def marked_rules():
    """The small year, each fact resting on a note of its own, with a second question of the indicator in parts."""
    rules = small_rules()
    first, second = rules.survey_items
    rules = replace(rules, survey_items=(first, second, replace(second, id="e2")))
    return replace(
        rules,
        **{name: tuple(replace(part, basis=resting_on(part.id)) for part in getattr(rules, name)) for name in PARTS},
    )


def resting_on(note: str) -> Basis:
    return Basis(standing="documented", source=("BOOK",), note=note)


HALF = Fraction(1, 2)

# node: kind, label, method, parts, what it rests on, instrument, indicator, item
NODES = {
    "overall": (
        "overall", "Overall", "weighted_sum",
        {"IIT": Fraction(3, 10), "EIT": Fraction(3, 10), "OIT": Fraction(2, 5)}, "IIT", None, None, None,
    ),
    "ALL": ("composite", "Both surveys", "mean_of_parts", {"IIT": HALF, "EIT": HALF}, "ALL", None, None, None),
    "IIT": ("instrument", "Internal", "mean_of_indicators", {"1": HALF, "IIT/2": HALF}, "IIT", None, None, None),
    "EIT": ("instrument", "External", "mean_of_indicators", {"EIT/2": Fraction(1)}, "EIT", None, None, None),
    "OIT": ("instrument", "Disclosure", "mean_of_indicators", {"9": Fraction(1)}, "OIT", None, None, None),
    "1": ("indicator", "Duties", "mean_of_items", {"i1": Fraction(1)}, "1", "IIT", "1", None),
    "2": ("indicator", "Quality", "mean_of_parts", {"IIT/2": HALF, "EIT/2": HALF}, "2", None, "2", None),
    "9": ("indicator", "Openness", "mean_of_sub_indicators", {"9.1": Fraction(1)}, "9", "OIT", "9", None),
    "IIT/2": ("part_indicator", "Quality", "mean_of_items", {"IIT/e1": HALF, "IIT/e2": HALF}, "2", "IIT", "2", None),
    "EIT/2": ("part_indicator", "Quality", "mean_of_items", {"EIT/e1": HALF, "EIT/e2": HALF}, "2", "EIT", "2", None),
    "9.1": ("sub_indicator", "Basics", "mean_of_items", {"O1": Fraction(1)}, None, "OIT", "9", None),
    "i1": ("item", "First", "mean_of_answers", {}, "i1", "IIT", "1", "i1"),
    "IIT/e1": ("item", "Second", "mean_of_answers", {}, "e1", "IIT", "2", "e1"),
    "IIT/e2": ("item", "Second", "mean_of_answers", {}, "e2", "IIT", "2", "e2"),
    "EIT/e1": ("item", "Second", "mean_of_answers", {}, "e1", "EIT", "2", "e1"),
    "EIT/e2": ("item", "Second", "mean_of_answers", {}, "e2", "EIT", "2", "e2"),
    "O1": ("item", "Structure", "mark", {}, "O1", "OIT", "9", "O1"),
}  # fmt: skip


def test_every_node_of_a_year():
    """Children after parents, kind by kind. The grouping of disclosures is inferred where one of them is."""
    nodes = framework_of(marked_rules()).nodes
    assert {
        name: (n.kind, n.label.en, n.method, n.parts, n.basis.note, n.instrument, n.indicator, n.item and n.item.id)
        for name, n in nodes.items()
    } == NODES
    assert [*nodes] == [*NODES]
    assert nodes["overall"].label.th == "คะแนนรวม"
    assert nodes["9.1"].basis.standing == "inferred"


def test_a_grouping_that_is_documented_rests_on_its_own_source():
    rules = marked_rules()
    items = tuple(replace(item, placement=resting_on("placement")) for item in rules.disclosure_items)
    assert framework_of(replace(rules, disclosure_items=items)).nodes["9.1"].basis == resting_on("9.1")


def test_an_indicator_of_several_instruments_is_the_mean_of_its_parts():
    """Even where its rules do not say so: the check of the rules asks for it."""
    rules = variant(small_rules(), "indicators", "2", parts=None)
    assert framework_of(rules).nodes["2"].method == "mean_of_parts"


def test_parts_of_what_is_made_of_several_instruments():
    framework = framework_of(small_rules())
    assert [indicator.id for indicator in framework.indicators_with_parts()] == ["2"]
    assert {node: framework.parts_of(node) for node in ("1", "2", "9", "ALL", "IIT", "overall", "i1")} == {
        "1": (),
        "2": ("IIT", "EIT"),
        "9": (),
        "ALL": ("IIT", "EIT"),
        "IIT": (),
        "overall": (),
        "i1": (),
    }
    for node in ("2", "ALL"):
        assert [framework.part_instrument(node, number) for number in range(-1, 4)] == [None, None, "IIT", "EIT", None]
    assert framework.part_instrument("1", 1) is None


def test_going_down_stops_at_what_is_left_out_and_at_what_is_under_it_alone():
    framework = framework_of(marked_rules())
    assert framework.descend(["EIT"]) == {"EIT", "EIT/2", "EIT/e1", "EIT/e2"}
    assert framework.descend(["ALL"], until={"EIT", "1"}) == {"ALL", "IIT", "IIT/2", "IIT/e1", "IIT/e2"}
    assert framework.descend(["2", "EIT"], until={"IIT/2"}) == {"2", "EIT", "EIT/2", "EIT/e1", "EIT/e2"}


@pytest.mark.parametrize(
    ("places", "score", "printed"),
    [
        (2, "84.5", "84.50"),
        (2, "84", "84.00"),
        (2, "1E+2", "100.00"),
        (2, "84.56", "84.56"),
        (2, "84.567", "84.567"),
        (2, "84.565", "84.565"),
        (0, "84", "84"),
        (0, "84.5", "84.5"),
        (3, "84.56", "84.560"),
    ],
)
def test_a_score_is_printed_with_the_places_of_its_year_or_with_more(places, score, printed):
    rules = small_rules()
    framework = framework_of(replace(rules, rounding=replace(rules.rounding, places=places)))
    assert framework.print_score(Decimal(score)) == printed


def test_a_process_is_sent_the_rules_and_nothing_worked_out_of_them():
    framework = Framework(small_rules(), digest="known")
    assert framework.nodes
    received = pickle.loads(pickle.dumps(framework))
    assert vars(received) == {"rules": framework.rules, "_known_digest": "known"}
    assert received.digest == "known"
