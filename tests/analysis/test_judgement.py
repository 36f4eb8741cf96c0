import re
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.analysis import (
    NO_RULES,
    Agreement,
    WhyNotHigher,
    agreement,
    caution_in_english,
    find_minimum_improvement,
    findings,
    list_instruments,
    name_instrument,
    what_if,
    why_not_higher,
    year_on_year,
)
from prongsai.framework import Label, lineage
from prongsai.scoring import complete_scores, find_possible_bands
from tests.years import YEARS, changed

Y68 = YEARS["2568"]
DAENGMO = {
    str(n): Fraction(v)
    for n, v in enumerate(["99.83", "89.98", "99.16", "89.91", "99.75", "95.58", "96.47", "94.47", "73.90", "43.75"], 1)
}


def full(survey: str = "96", part2: str = "96", zeros: tuple[str, ...] = ()) -> dict[str, Fraction]:
    """Every item of 2568: questions alike, disclosures full but for ``zeros``."""
    return {
        n.id: Fraction(0 if n.id in zeros else 100)
        if n.instrument == "OIT"
        else Fraction(part2 if n.instrument == "EIT2" else survey)
        for n in Y68.nodes.values()
        if n.kind == "item"
    }


def test_strengths_and_points_to_develop():
    found = findings(YEARS["2564"], DAENGMO)
    assert [r.node for r in found.to_develop] == ["9", "10"]
    assert len(found.strengths) == 8
    assert [r.node for r in found.highest] == ["1"]
    assert [r.node for r in found.lowest] == ["10"]
    assert [(r.node, r.rank) for r in found.instruments] == [("IIT", 1), ("EIT", 2), ("OIT", 3)]


def test_equal_scores_share_a_rank():
    found = findings(Y68, full(zeros=("O27", "O3")))
    assert [r.rank for r in found.indicators[:3]] == [1, 1, 1]
    assert [r.node for r in found.weak_items] == ["O27", "O3"]
    assert {r.rank for r in found.items if r.score == 0} == {len(found.items) - 1}


def test_at_the_target_is_a_strength():
    known = {**DAENGMO, "9": Fraction("84.995")}  # shown as 85.00
    assert [r.node for r in findings(YEARS["2564"], known).to_develop] == ["10"]


def test_why_not_higher_lists_every_condition():
    why = why_not_higher(Y68, full(part2="90", zeros=("O6",)))
    assert (why.level, why.next) == ("ผ่านดี", "ผ่านดีเยี่ยม")
    assert [(s.node, s.short) for s in why.shortfalls] == [("EIT2", Decimal("5.00"))]
    assert why_not_higher(Y68, full()).next is None


def test_year_on_year_says_when_it_is_not_like_for_like():
    y67 = YEARS["2567"]
    compared = year_on_year(
        [y67, Y68], {"1": Fraction("98.67"), "9": Fraction(95)}, {"1": Fraction("98.28"), "9": Fraction(100)}
    )
    by_node = {m.node: m for m in compared.changes}
    assert by_node["1"].change == Decimal("0.39")
    assert by_node["1"].caution == ""
    assert "25 เป็น 20" in by_node["9"].caution


def test_items_are_compared_with_what_they_continue():
    y67 = YEARS["2567"]
    compared = year_on_year(
        [y67, Y68],
        {"O7": Fraction(0), "O1": Fraction(100), "EIT1/e1": Fraction(90)},
        {"O9": Fraction(100), "O1": Fraction(0), "O3": Fraction(100), "EIT1/e1": Fraction(80)},
    )
    by_node = {m.node: m for m in compared.changes}
    assert by_node["O7"].predecessor == "O9"
    assert by_node["O7"].change == Decimal("-100.00")
    assert "O1" not in by_node  # two items became one: no honest comparison
    assert by_node["EIT1/e1"].change == Decimal("10.00")


def test_the_break_of_2566_is_said():
    compared = year_on_year([YEARS["2565"], YEARS["2566"]], {"6": Fraction(90)}, {"6": Fraction(80)})
    assert "เครื่องมือ" in compared.changes[0].caution
    assert any("EIT1" in c.th for c in compared.cautions)


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from([n.id for n in Y68.nodes.values() if n.kind == "item"]),
        st.fractions(0, 100),
        min_size=1,
        max_size=6,
    )
)
def test_what_if_equals_scoring_again(changed):
    known = full(part2="80", zeros=("O1", "O2"))
    after = complete_scores(Y68, known | changed)
    result = what_if(Y68, known, changed)
    before = complete_scores(Y68, known)
    assert {e.node: e.change for e in result.effects} == {
        n: after[n] - before[n] for n in Y68.nodes if after[n] != before[n]
    }
    assert result.level_after == find_possible_bands(Y68, after)[0].id


def test_what_if_needs_no_items():
    known = complete_scores(YEARS["2564"], DAENGMO)
    result = what_if(YEARS["2564"], known, {"10": Fraction(100)})
    assert {e.node for e in result.effects} == {"10", "OIT", "overall"}
    assert (result.level_before, result.level_after) == ("B", "A")


@pytest.mark.parametrize("zeros", [("O6", "O27", "O3", "O15"), ("O21", "O22"), ("O1", "O12", "O13", "O14", "O24")])
def test_the_least_set_is_the_least(zeros):
    known = full(survey="97", part2="97", zeros=zeros)
    reach = find_minimum_improvement(Y68, known)
    assert reach.exact
    scores = complete_scores(Y68, known)
    order = list(Y68.bands)
    goal = order.index(reach.level)

    def reaches(items):
        after = complete_scores(Y68, known | dict.fromkeys(items, Fraction(100)))
        return order.index(find_possible_bands(Y68, after)[0].id) <= goal

    assert reaches(reach.items)
    assert reach.result.level_after == reach.level
    smaller = combinations([i for i in known if scores[i] < 100], len(reach.items) - 1)
    assert not any(reaches(s) for s in smaller) or len(reach.items) == 1


def test_nothing_above_the_top():
    assert find_minimum_improvement(Y68, full()) is None


def test_surveys_are_used_where_disclosure_is_not_enough():
    reach = find_minimum_improvement(Y68, full(survey="94", part2="94"))
    assert reach.level == "ผ่านดีเยี่ยม"
    assert all(not i.startswith("O") for i in reach.items)


# --- findings at the target of each year
# --------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_strengths_and_points_to_develop_at_the_target(year):
    framework = YEARS[year]
    target, unit = framework.rules.target.points, Fraction(1, 10**framework.rules.rounding.places)
    below, at, above = list(framework.indicators)[:3]
    scores = {below: target - unit, at: Fraction(target), above: target + unit}
    result = findings(framework, scores | {"i1": target - unit, "i2": Fraction(target)})
    assert result.target == target
    assert [r.node for r in result.strengths] == [above, at]
    assert [r.node for r in result.to_develop] == [below]
    assert [(r.node, r.rank) for r in result.indicators] == [(above, 1), (at, 2), (below, 3)]
    assert [r.node for r in result.highest] == [above]
    assert [r.node for r in result.lowest] == [below]
    assert [r.node for r in result.weak_items] == ["i1"]
    assert [r.node for r in result.items] == ["i2", "i1"]
    assert result.instruments == ()
    tie = {below: target - unit / 2, at: target - unit / 2 - Fraction(1, 10**9)}
    assert [r.node for r in findings(framework, tie).strengths] == [below]


@pytest.mark.parametrize(
    ("known", "listed"),
    [
        ((), ["IIT", "EIT1", "EIT2", "OIT"]),
        (("EIT1", "EIT2"), ["IIT", "EIT1", "EIT2", "OIT"]),
        (("EIT1", "EIT2", "EIT"), ["IIT", "EIT1", "EIT2", "OIT"]),
        (("IIT", "EIT", "OIT"), ["IIT", "EIT", "OIT"]),
        (("EIT", "EIT1"), ["IIT", "EIT", "EIT1", "OIT"]),
        (("EIT", "EIT2"), ["IIT", "EIT", "EIT2", "OIT"]),
    ],
)
def test_a_whole_stands_for_the_parts_that_nobody_knows(known, listed):
    assert list(list_instruments(Y68, known)) == listed
    assert list_instruments(YEARS["2564"], known) == ("IIT", "EIT", "OIT")


def test_a_part_is_named_as_the_rules_name_it_beside_its_whole():
    names = {i: name_instrument(Y68, i) for i in ("IIT", "EIT", "EIT1", "EIT2", "OIT")}
    assert names == {"IIT": "IIT", "EIT": "EIT", "EIT1": "EIT ส่วนที่ 1", "EIT2": "EIT ส่วนที่ 2", "OIT": "OIT"}
    instruments = tuple(replace(i, aliases=("แบบวัด", *i.aliases)) for i in Y68.rules.instruments)
    assert name_instrument(changed(Y68, instruments=instruments), "EIT1") == "EIT ส่วนที่ 1"
    assert name_instrument(changed(Y68, instruments=instruments), "IIT") == "IIT"


def test_nothing_known_nothing_found():
    result = findings(Y68, {})
    assert result.indicators == result.highest == result.lowest == result.items == ()


def test_what_ties_shares_a_rank_and_the_next_one_skips():
    scores = {"1": Fraction(90), "2": Fraction(95), "3": Fraction(90), "4": Fraction(80)}
    result = findings(Y68, scores)
    assert [(r.node, r.rank) for r in result.indicators] == [("2", 1), ("1", 2), ("3", 2), ("4", 4)]
    assert [r.node for r in findings(Y68, {"1": Fraction(90), "3": Fraction(90)}).highest] == ["1", "3"]
    assert [r.node for r in findings(Y68, {"1": Fraction(90), "3": Fraction(90)}).lowest] == ["1", "3"]


# --- levels
# ---------------------------------------------------------------------------------------------------------------------


def at(framework, overall, **instruments):
    """A result of which only the total and the instruments are known."""
    known = dict.fromkeys(framework.instruments, Fraction(overall)) | {"overall": Fraction(overall)}
    return known | {k: Fraction(v) for k, v in instruments.items()}


@pytest.mark.parametrize("year", YEARS)
def test_why_not_higher_at_the_limit_of_every_level(year):
    framework = YEARS[year]
    unit = Fraction(1, 10**framework.rules.rounding.places)
    bands = framework.rules.bands
    for better, band in pairwise(bands):
        known = at(framework, better.at_least - unit)
        why = why_not_higher(framework, known)
        level = find_possible_bands(framework, known)[0].id
        assert (why.level, why.next) == (level, list(framework.bands)[list(framework.bands).index(level) - 1])
        if level != band.id:
            continue
        total = [s for s in why.shortfalls if s.node == "overall"]
        assert [(s.score, s.needed, s.short) for s in total] == [
            (Decimal(str(float(better.at_least - unit))), better.at_least, Decimal(1).scaleb(-2))
        ]
        instruments = [s for s in why.shortfalls if s.node != "overall"]
        if better.every_instrument_at_least is None:
            assert instruments == []
        else:
            assert [s.node for s in instruments] == [
                i for i in framework.instruments if known[i] < better.every_instrument_at_least
            ]
    assert why_not_higher(framework, at(framework, 100)) == WhyNotHigher(bands[0].id, None, ())


def test_a_condition_that_is_just_met_is_no_shortfall():
    better = Y68.rules.bands[1]
    known = at(Y68, better.at_least, EIT2=0)
    why = why_not_higher(Y68, known)
    assert why.next == better.id
    assert [s.node for s in why.shortfalls] == ["EIT2"]
    gaps = sys.modules["prongsai.analysis.effects"]._find_gaps(Y68, known, better.id)
    assert gaps == {"EIT2": better.every_instrument_at_least - Fraction(1, 200)}


def test_an_instrument_a_unit_below_what_the_level_asks():
    best = Y68.rules.bands[0]
    limit = best.every_instrument_at_least
    known = at(Y68, 100, EIT2=limit - Fraction(1, 100))
    why = why_not_higher(Y68, known)
    assert (why.level, why.next) == (Y68.rules.bands[1].id, best.id)
    assert [(s.node, s.needed, s.short) for s in why.shortfalls] == [("EIT2", limit, Decimal("0.01"))]
    assert why_not_higher(Y68, at(Y68, 100, EIT2=limit)).next is None


# --- year on year
# --------------------------------------------------------------------------------------------------------


CHAINS = [([YEARS[a], YEARS[b]], a, b) for a, b in pairwise(YEARS)]
OTHER_ITEMS = "จำนวนข้อเปลี่ยนจาก"
OTHER_INSTRUMENTS = "เครื่องมือที่ใช้วัดเปลี่ยนไประหว่างสองปี"
OTHER_WEIGHTS = "เครื่องมือหรือน้ำหนักเปลี่ยนไประหว่างสองปี"
OTHER_SUBJECT = "ตัวชี้วัดย่อยนี้ว่าด้วยเรื่องที่ต่างจากปีก่อน"
OTHER_SCALE = "มาตรวัดของข้อนี้ต่างจากปีก่อน"


def everything(framework):
    return complete_scores(framework, {n.id: Fraction(80) for n in framework.nodes.values() if n.kind == "item"})


def of_instruments(framework, node):
    return {i.instrument for i in framework.items_of(node)}


@pytest.mark.parametrize(("chain", "a", "b"), CHAINS, ids=[f"{a}-{b}" for _, a, b in CHAINS])
def test_a_caution_stands_exactly_where_the_years_differ(chain, a, b):
    old, new = chain
    result = year_on_year(chain, everything(new), everything(old))
    for change in result.changes:
        node, before = new.nodes[change.node], old.nodes[change.predecessor]
        counts = len(old.items_of(before.id)), len(new.items_of(node.id))
        if node.item is not None:
            expected = OTHER_SCALE if before.item.scale != node.item.scale else ""
        elif node.kind == "overall":
            weights = [[(i.id, i.weight) for i in f.rules.instruments] for f in chain]
            expected = OTHER_WEIGHTS if weights[0] != weights[1] else ""
        elif node.kind == "sub_indicator" and before.label.th != node.label.th:
            expected = OTHER_SUBJECT
        elif of_instruments(old, before.id) != of_instruments(new, node.id):
            expected = OTHER_INSTRUMENTS
        else:
            expected = f"{OTHER_ITEMS} {counts[0]} เป็น {counts[1]}" if counts[0] != counts[1] else ""
        assert change.caution == expected, change
        assert (change.score, change.previous, change.change) == (Decimal("80.00"), Decimal("80.00"), Decimal("0.00"))


def cautions(a, b):
    chain = [YEARS[a], YEARS[b]]
    return {c.node: c.caution for c in year_on_year(chain, everything(chain[1]), everything(chain[0])).changes}


def test_cautions_present_and_absent():
    split = cautions("2565", "2566")  # EIT was split in two, the scale of the questions changed
    assert split["overall"] == OTHER_WEIGHTS
    assert split["6"] == split["EIT"] == OTHER_INSTRUMENTS
    assert split["i1"] == OTHER_SCALE
    assert split["10.1"] == ""
    steady = cautions("2567", "2568")
    assert steady["overall"] == steady["EIT"] == steady["1"] == steady["i1"] == ""
    assert steady["9"] == f"{OTHER_ITEMS} 25 เป็น 20"
    assert OTHER_SUBJECT in cautions("2566", "2567").values() or OTHER_SUBJECT in steady.values()


def test_cautions_are_said_in_english_too():
    found = {
        caution
        for a, b in (("2565", "2566"), ("2566", "2567"), ("2567", "2568"))
        for caution in cautions(a, b).values()
    }
    english = {caution_in_english(caution) for caution in found - {""}} | {caution_in_english(NO_RULES)}
    assert len(english) == len(found)
    assert not any(re.search("[\u0e00-\u0e7f]", text) for text in english)
    assert caution_in_english(f"{OTHER_ITEMS} 25 เป็น 20") == "the number of items changed from 25 to 20"
    assert caution_in_english("ของรุ่นก่อน") == "ของรุ่นก่อน"


def test_a_weight_that_moved_is_a_caution_on_the_total_alone():
    weights = [3500, 1000, 1500, 4000]
    instruments = tuple(replace(i, weight=w) for i, w in zip(Y68.rules.instruments, weights, strict=True))
    result = year_on_year(
        [YEARS["2567"], changed(Y68, instruments=instruments)], everything(Y68), everything(YEARS["2567"])
    )
    by_node = {c.node: c.caution for c in result.changes}
    assert by_node["overall"] == OTHER_WEIGHTS
    assert by_node["IIT"] == ""
    assert any("IIT" in c.th and "IIT" in c.en for c in result.cautions)


def test_a_sub_indicator_of_another_name_is_another_subject():
    old = YEARS["2567"]
    for label, caution in (
        (old.nodes["10.1"].label, f"{OTHER_ITEMS} 6 เป็น 3"),
        (Label(th="เรื่องใหม่", en="New"), OTHER_SUBJECT),
    ):
        subs = tuple(replace(s, label=label) if s.id == "10.1" else s for s in Y68.rules.sub_indicators)
        new = changed(Y68, sub_indicators=subs)
        result = year_on_year([old, new], everything(new), everything(old))
        assert {c.node: c.caution for c in result.changes}["10.1"] == caution


def continuing(**links):
    """2568 with other ``continues``."""
    items = Y68.rules.disclosure_items
    return changed(
        Y68, disclosure_items=tuple(replace(i, continues=links[i.id]) if i.id in links else i for i in items)
    )


def test_items_that_were_merged_split_or_are_new_are_not_compared():
    old = YEARS["2567"]
    first, second, *_ = (i.id for i in old.rules.disclosure_items)
    for links, compared in (
        ({"O1": (first,), "O2": (second,)}, {"O1": first, "O2": second}),
        ({"O1": (first, second), "O2": ()}, {}),  # merged; new
        ({"O1": (first,), "O2": (first,)}, {}),  # split
    ):
        rest = {i.id: () for i in Y68.rules.disclosure_items}
        new = continuing(**rest | links)
        result = year_on_year([old, new], everything(new), everything(old))
        found = {c.node: c.predecessor for c in result.changes if c.node.startswith("O") and c.node[1:].isdigit()}
        assert found == compared


def test_a_question_of_a_part_continues_that_of_the_same_part_or_of_the_whole():
    changes = year_on_year([YEARS["2567"], Y68], everything(Y68), everything(YEARS["2567"])).changes
    assert {c.node: c.predecessor for c in changes}["EIT2/e1"] == "EIT2/e1"
    changes = year_on_year([YEARS["2565"], YEARS["2566"]], everything(YEARS["2566"]), everything(YEARS["2565"])).changes
    whole = {c.node: c.predecessor for c in changes if c.node.startswith("EIT2/e")}
    assert whole
    assert all("/" not in source for source in whole.values())


def test_a_chain_of_several_years():
    chain = [YEARS["2566"], YEARS["2567"], Y68]
    result = year_on_year(chain, everything(Y68), everything(chain[0]))
    nodes = {c.node: c.predecessor for c in result.changes}
    links = lineage(chain)
    for item in Y68.rules.disclosure_items:
        if item.id in nodes:
            assert (nodes[item.id],) == links[item.id]
    assert {c.node for c in result.changes} >= {"overall", "9", "O28"} - {n for n in ("O28",) if len(links[n]) != 1}
    assert any(len(Y68.items_of(n)) != len(chain[0].items_of(n)) for n in ("9", "10"))
    assert {c.node: c.caution for c in result.changes}["9"] == f"{OTHER_ITEMS} 30 เป็น 20"
    items = [{n.id: Fraction(k) for k, n in enumerate(f.nodes.values()) if n.kind == "item"} for f in (Y68, chain[0])]
    exact = [complete_scores(f, known) for f, known in zip((Y68, chain[0]), items, strict=True)]
    assert year_on_year(chain, *items) == year_on_year(chain, *exact)  # each year's scores by its own rules


def test_what_has_no_score_in_one_year_is_not_compared():
    old = YEARS["2567"]
    result = year_on_year([old, Y68], {"1": Fraction(90), "2": Fraction(90)}, {"1": Fraction(80), "3": Fraction(80)})
    assert [(c.node, c.change) for c in result.changes] == [("1", Decimal("10.00"))]


def test_the_change_is_that_of_shown_scores():
    result = year_on_year([YEARS["2567"], Y68], {"1": Fraction("90.005")}, {"1": Fraction("89.994")})
    assert [(c.score, c.previous, c.change) for c in result.changes] == [
        (Decimal("90.01"), Decimal("89.99"), Decimal("0.02"))
    ]


# --- what if
# -------------------------------------------------------------------------------------------------------------


def test_the_least_gain_is_the_one_that_rounds_up():
    """The total lies so that raising one item brings it to exactly half a unit below the limit, or just short of it."""
    best = Y68.rules.bands[0]
    for short, reached in ((Fraction(1, 200), True), (Fraction(1, 200) + Fraction(1, 10**9), False)):
        scores = complete_scores(Y68, full(survey="100", part2="100", zeros=("O1",)))
        gain = 100 - scores["overall"]
        known = scores | {"overall": best.at_least - short - gain, "O1": Fraction(0)}
        improvement = find_minimum_improvement(Y68, known)
        assert improvement.level == best.id
        assert (improvement.items == ("O1",)) == reached
        assert improvement.exact


def test_only_items_are_raised():
    improvement = find_minimum_improvement(Y68, full(survey="80", part2="80"))
    assert {Y68.nodes[i].kind for i in improvement.items} == {"item"}
    assert improvement.result.level_after == improvement.level


def test_nothing_reaches_the_level_when_too_little_is_known():
    known = at(Y68, 90) | {"O1": Fraction(0)}
    improvement = find_minimum_improvement(Y68, known)
    assert improvement == type(improvement)("ผ่านดีเยี่ยม", None, None, True)


def test_a_small_set_has_no_spare_item(monkeypatch):
    """When the search is cut short: the largest gains are left, and nothing that is not needed."""
    module = sys.modules["prongsai.analysis.effects"]
    for zeros in (("O6", "O27", "O3", "O15"), ("O1", "O12", "O13", "O14", "O24"), ("O21", "O22", "O27")):
        known = full(survey="97", part2="97", zeros=zeros)
        monkeypatch.setattr(module, "_MAX_SETS", 20_000)
        least = find_minimum_improvement(Y68, known)
        monkeypatch.setattr(module, "_MAX_SETS", 0)
        improvement = find_minimum_improvement(Y68, known)
        assert (least.exact, improvement.exact) == (True, False)
        assert len(improvement.items) == len(least.items)
        assert improvement.result == what_if(Y68, known, dict.fromkeys(improvement.items, Fraction(100)))
        order = list(Y68.bands)

        def reaches(items, known=known, level=improvement.level, order=order):
            after = complete_scores(Y68, known | dict.fromkeys(items, Fraction(100)))
            return order.index(find_possible_bands(Y68, after)[0].id) <= order.index(level)

        assert reaches(improvement.items)
        for item in improvement.items:
            assert not reaches([i for i in improvement.items if i != item])


def test_the_items_that_gain_most_are_tried_first(monkeypatch):
    """Two items of a group of nine, or one of a group of eight: both are enough, and none is spare."""
    framework = YEARS["2564"]
    zeros = ("O1", "O2", "O34")
    known = {
        n.id: Fraction(n.id not in zeros) * 100 if n.instrument == "OIT" else Fraction("94.23")
        for n in framework.nodes.values()
        if n.kind == "item"
    }
    monkeypatch.setattr(sys.modules["prongsai.analysis.effects"], "_MAX_SETS", 0)
    improvement = find_minimum_improvement(framework, known)
    assert what_if(framework, known, dict.fromkeys(zeros[:2], Fraction(100))).level_after == improvement.level
    assert improvement.items == ("O34",)


def test_the_largest_gains_may_include_a_spare_item():
    """The first item gains most, but of another condition; alone it is not needed once the second is chosen."""
    module, both = sys.modules["prongsai.analysis.effects"], {"a": [5, 0], "b": [4, 4]}
    assert module._find_small_set(["a", "b"], both, [4, 4]) == ("b",)
    assert module._find_smallest_set(["a", "b"], both, [4, 4]) == (("b",), True)
    assert module._find_small_set(["a", "b"], both, [9, 4]) == ("a", "b")
    assert module._find_smallest_set(["a", "b"], both, [9, 4]) == (("a", "b"), True)
    one = {"a": [5], "b": [4]}
    assert module._find_small_set(["a", "b"], one, [5]) == ("a",)
    assert module._find_small_set(["a", "b"], one, [4]) == ("a",)  # the smallest gain is given up first


def test_integers_stand_in_the_proportions_of_the_scores():
    module = sys.modules["prongsai.analysis.effects"]
    rows, limits = module._in_integers([[Fraction(1, 3), Fraction(5)], [Fraction(7, 2), Fraction()]], [Fraction(1, 4)])
    assert (rows, limits) == ([[4, 60], [42, 0]], [3])


def test_the_search_stops_at_its_limit(monkeypatch):
    module = sys.modules["prongsai.analysis.effects"]
    gains, gaps = {i: [1, int(i == "d")] for i in "abcd"}, [1, 1]
    monkeypatch.setattr(module, "_MAX_SETS", 4)  # the fourth set is the one
    assert module._find_smallest_set(list("abcd"), gains, gaps) == (("d",), True)
    monkeypatch.setattr(module, "_MAX_SETS", 3)
    assert module._find_smallest_set(list("abcd"), gains, gaps) == (("d",), False)


def test_what_if_shows_before_and_after():
    result = what_if(Y68, full(zeros=("O27",)), {"O27": Fraction(100)})
    effects = {e.node: e for e in result.effects}
    assert set(effects) == {"O27", "10.2", "10", "OIT", "overall"}
    assert (effects["10"].before, effects["10"].after, effects["10"].change) == (
        Decimal("90.00"),
        Decimal("100.00"),
        10,
    )
    assert (result.level_before, result.level_after) == ("ผ่านดีเยี่ยม", "ผ่านดีเยี่ยม")
    assert what_if(Y68, full(), {"O1": Fraction(100)}).effects == ()


@pytest.mark.parametrize("year", YEARS)
def test_from_every_level_the_next_one_is_reached(year, monkeypatch):
    monkeypatch.setattr(sys.modules["prongsai.analysis.effects"], "_MAX_SETS", 50)
    framework = YEARS[year]
    for band in framework.rules.bands[1:]:
        score = Fraction(max(band.at_least, 1))
        known = {n.id: score for n in framework.nodes.values() if n.kind == "item"}
        improvement = find_minimum_improvement(framework, known)
        if improvement is None:
            continue
        order = list(framework.bands)
        assert order.index(improvement.result.level_after) <= order.index(improvement.level)


# --- agreement of two assessors
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15, Agreement(50, 35, Fraction(2, 5))),  # Cohen's
        ([], Agreement(0, 0, None)),
        ([(100, 100)] * 9, Agreement(9, 9, None)),
        ([(0, 100), (100, 0)], Agreement(2, 0, Fraction(-1))),
        ([(0, 0), (100, 100)], Agreement(2, 2, Fraction(1))),
        ([(0, 100)] * 4, Agreement(4, 0, Fraction(0))),
        ([(0, 50), (50, 50), (100, 100)], Agreement(3, 2, Fraction(1, 2))),
    ],
)
def test_agreement(table, expected):
    assert agreement(table) == expected
