"""A doubtful rule read in two ways: what depends on it is said, and nobody is accused by one of them alone."""

from dataclasses import replace
from fractions import Fraction

import pytest

from prongsai import analysis
from prongsai import framework as rules
from prongsai.analysis import Figure
from prongsai.analysis.readings import count_reading_effects, find_reading_effects
from prongsai.framework import Framework
from prongsai.lib.rounding import half_up
from prongsai.scoring import complete_scores, round_score, score
from prongsai.scoring.parcels import Parcels
from tests.scoring.plain import plain_level, plain_scores
from tests.scoring.test_agreement import random_year, tables
from tests.years import YEARS, changed

YEAR = YEARS["2568"]
READING = "O24-in-10.1"


def all_items(framework=YEAR, **points):
    return {n.id: Fraction(points.get(n.id, 100)) for n in framework.nodes.values() if n.kind == "item"}


def printed(framework, items):
    """What a document prints that follows these rules: its disclosures, and what stands above them."""
    scores = complete_scores(framework, items)
    nodes = [n for n in framework.nodes.values() if n.instrument == "OIT" or n.id == "OIT"]
    return [Figure(2568, n.id, str(round_score(framework, scores[n.id])), "") for n in nodes]


def believed(framework):
    """The same rules, with nothing about the placement of items marked as inferred: the audit then stands by them."""
    sure = replace(framework.rules.rounding.basis, standing="documented")
    items = tuple(replace(i, placement=sure, basis=sure) for i in framework.rules.disclosure_items)
    subs = tuple(replace(s, basis=sure) for s in framework.rules.sub_indicators)
    indicators = tuple(replace(i, basis=sure) for i in framework.rules.indicators)
    instruments = tuple(replace(i, basis=sure) for i in framework.rules.instruments)
    return Framework(
        replace(
            framework.rules,
            disclosure_items=items,
            sub_indicators=subs,
            indicators=indicators,
            instruments=instruments,
        )
    )


def test_a_reading_moves_one_item():
    other = YEAR.alternatives[READING]
    assert other.items["O24"].sub_indicator == "10.1"
    assert YEAR.items["O24"].sub_indicator == "10.2"
    assert len(other.nodes["10.1"].parts) == len(YEAR.nodes["10.1"].parts) + 1
    assert other.readings == {}
    assert other.digest != YEAR.digest


def test_a_reading_is_a_doubt_about_the_rules_and_none_of_them():
    without = Framework(replace(YEAR.rules, readings=()))
    assert (without.digest, without.arithmetic_digest, without.wording_digest) == (
        YEAR.digest,
        YEAR.arithmetic_digest,
        YEAR.wording_digest,
    )


def test_what_depends_on_the_reading_is_said():
    (effect,) = find_reading_effects(YEAR, all_items(O25=0))
    assert effect.reading.id == READING
    shown = {node: (str(a), str(b)) for node, a, b in effect.scores}
    assert shown["10.2"] == ("80.00", "75.00")
    assert shown["10"] == ("90.00", "87.50")
    assert "overall" in shown
    assert "9" not in shown


def test_of_a_total_that_is_printed_otherwise_the_difference_alone_is_said():
    """No second total beside the published one."""
    items = all_items(O25=0)
    (exact,) = find_reading_effects(YEAR, items)
    (before, after) = next((a, b) for node, a, b in exact.scores if node == "overall")
    (effect,) = find_reading_effects(YEAR, items | {"overall": Fraction(before) - 1, "10": Fraction(90)})
    assert dict(effect.differences) == {"overall": after - before}
    assert {node for node, *_ in effect.scores} == {node for node, *_ in exact.scores} - {"overall"}
    assert (effect.levels, effect.passes) == (None, None)
    assert exact.differences == ()


def with_total(total, framework=YEAR):
    """Items of which the total as the rules read is this: surveys alike, one disclosure of 10.2 at 0."""

    def items(survey):
        surveys = {n.id for n in framework.nodes.values() if n.kind == "item" and n.instrument != "OIT"}
        return all_items(O25=0) | dict.fromkeys(surveys, survey)

    low, high = (complete_scores(framework, items(Fraction(survey)))["overall"] for survey in (0, 100))
    return items((Fraction(total) - low) / (high - low) * 100)


@pytest.mark.parametrize(
    ("total", "depends"), [("85.10", True), ("85.00", True), ("84.995", True), ("84.994", False), ("95", False)]
)
def test_a_level_and_the_target_that_depend_on_the_reading(total, depends):
    """The other reading has 0.375 points less or more: on which side of 85 it is, is said."""
    best, *_, last = YEAR.rules.bands
    bands = (replace(best, at_least=85, every_instrument_at_least=None), replace(last, at_least=0))
    framework = changed(YEAR, bands=bands)
    (effect,) = find_reading_effects(framework, with_total(total))
    assert "overall" in {node for node, *_ in effect.scores}
    assert effect.levels == ((best.id, last.id) if depends else None)
    assert effect.passes == ((True, False) if depends else None)


def test_of_a_total_printed_otherwise_no_level_is_said_to_depend():
    best, *_, last = YEAR.rules.bands
    bands = (replace(best, at_least=85, every_instrument_at_least=None), replace(last, at_least=0))
    (effect,) = find_reading_effects(changed(YEAR, bands=bands), with_total("85.10") | {"overall": Fraction(85)})
    assert (effect.levels, effect.passes) == (None, None)
    assert [node for node, _ in effect.differences] == ["overall"]


def test_a_total_that_nobody_knows_has_no_level_that_depends():
    known = {name: score for name, score in with_total("85.10").items() if not name.startswith("EIT")}
    (effect,) = find_reading_effects(YEAR, known)
    assert {node for node, *_ in effect.scores} == {"OIT", "10", "10.2"}
    assert (effect.levels, effect.passes) == (None, None)


@pytest.mark.parametrize("in_doubt", ["items", "items and indicators"])
def test_what_is_read_alike_counts_as_it_is_known_where_questions_are_approximate(in_doubt):
    """Their scores are near the exact ones and no part of what is computed."""
    items = with_total("85.10")
    exact = complete_scores(YEAR, items)
    questions = {name for name in items if not name.startswith("O")}
    (expected,) = find_reading_effects(YEAR, items)
    nodes = [n.id for n in YEAR.nodes.values() if n.kind in ("indicator", "part_indicator") and n.id not in ("9", "10")]
    approximate = questions if in_doubt == "items" else {*questions, *nodes}
    known = exact | {name: exact[name] + 5 for name in approximate}
    (effect,) = find_reading_effects(YEAR, known, approximate)
    assert effect.scores == expected.scores
    assert effect.passes == expected.passes == (True, False)
    unknown = {name: score for name, score in known.items() if name not in ("IIT", "EIT1", "EIT2", "EIT", *nodes)}
    (effect,) = find_reading_effects(YEAR, unknown, questions)
    assert {node for node, *_ in effect.scores} == {"OIT", "10", "10.1", "10.2"} & {n for n, *_ in expected.scores}


def with_reading(**changes):
    """The rules of the year, doubted in another place."""
    return changed(YEAR, readings=(replace(YEAR.rules.readings[0], changes=changes),))


def test_what_is_made_of_the_same_items_by_other_weights_is_not_read_alike():
    framework = with_reading(instruments={"IIT": {"weight": 4000}, "OIT": {"weight": 3000}})
    instruments = dict.fromkeys(framework.instruments, Fraction(80)) | {"IIT": Fraction(90)}
    total = complete_scores(framework, instruments)["overall"]
    (effect,) = find_reading_effects(framework, instruments | {"overall": total})
    assert [(node, a, b - a) for node, a, b in effect.scores] == [("overall", round_score(framework, total), 1)]


def test_an_indicator_whose_question_is_on_another_scale_is_not_read_alike():
    """The same parts, but not the same items: without them nobody knows it, nor the total, under the other reading."""
    items = with_total("85.10")
    exact = complete_scores(YEAR, items)
    questions = {name for name in items if not name.startswith("O")}
    moved = YEAR.rules.readings[0].changes
    (effect,) = find_reading_effects(with_reading(**moved), exact, questions)
    assert "overall" in {node for node, *_ in effect.scores}
    (effect,) = find_reading_effects(with_reading(**moved, survey_items={"i1": {"scale": "yesno"}}), exact, questions)
    assert {node for node, *_ in effect.scores} == {"OIT", "10", "10.2"}


def test_what_items_give_counts_and_not_what_was_printed_of_it():
    items = with_total("85.10")
    assert find_reading_effects(YEAR, items | {"IIT": Fraction(10)}) == find_reading_effects(YEAR, items)


def test_a_reading_that_changes_nothing_hides_no_other():
    (reading,) = YEAR.rules.readings
    framework = changed(YEAR, readings=(replace(reading, id="same", changes={}), reading))
    assert [effect.reading.id for effect in find_reading_effects(framework, all_items(O25=0))] == [READING]


def test_nothing_depends_on_it_where_all_items_are_alike():
    assert find_reading_effects(YEAR, all_items()) == []
    assert find_reading_effects(YEAR, {"overall": Fraction(90)}) == []
    assert find_reading_effects(YEARS["2566"], all_items(YEARS["2566"])) == []


def test_figures_that_fit_one_reading_accuse_nobody():
    """The attacker is the platform itself, which reported its own misreading as the agency's mistake."""
    items = all_items(O25=0)
    frameworks = {2568: believed(YEAR)}
    as_we_read = analysis.audit(printed(YEAR, items), frameworks)
    assert "contradicted" not in {c.verdict for c in as_we_read}
    otherwise = analysis.audit(printed(YEAR.alternatives[READING], items), frameworks)
    assert "contradicted" not in {c.verdict for c in otherwise}
    doubtful = [c for c in otherwise if "อ่านว่า" in c.explanation]
    assert doubtful
    assert all(c.verdict == "undetermined" and c.likely is None for c in doubtful)


def test_a_reading_under_which_as_much_is_contradicted_excuses_nothing():
    """One sub-indicator fits the rules as they read, the other fits the other reading."""
    items = all_items(O24=0, O25=0)
    as_we_read, otherwise = (
        {f.node: f for f in printed(f, items)} for f in (believed(YEAR), YEAR.alternatives[READING])
    )
    assert (as_we_read["10.1"].value, otherwise["10.2"].value) == ("100.00", "75.00")
    figures = [as_we_read["10.1"], otherwise["10.2"], *(as_we_read[i] for i in items if i in as_we_read)]
    checks = {c.node: c for c in analysis.audit(figures, {2568: believed(YEAR)})}
    assert [c.node for c in checks.values() if c.verdict == "contradicted"] == ["10.2"]
    assert "อ่านว่า" not in checks["10.2"].explanation


def test_a_mark_agrees_with_what_it_is_part_of_by_rules_that_stand():
    """The rule of 10.2 does not fit what is printed and is withdrawn; that of 10.1 stands."""
    alone = Framework(replace(YEAR.rules, readings=()))
    figures = printed(YEAR.alternatives[READING], all_items(O25=0))
    checks = {c.node: c for c in analysis.audit(figures, {2568: alone})}
    assert checks["O21"].explanation == "เอกสารไม่ได้พิมพ์คำตอบไว้ให้คำนวณซ้ำ แต่เข้ากันได้กับ 10.1"
    assert checks["O25"].explanation == "เอกสารไม่ได้พิมพ์คำตอบไว้ให้คำนวณซ้ำ"
    assert checks["10.2"].verdict == "undetermined"
    assert checks["10.2"].explanation.endswith("วิธีคำนวณหรือตัวเลขใดไม่ถูก (ตัวเลขนี้เข้ากันได้กับ ตัวชี้วัด 10)")
    without_9 = [f for f in figures if not f.node.startswith("9") and f.node != "O1"]
    (total,) = [c for c in analysis.audit(without_9, {2568: alone}) if c.node == "OIT"]
    assert total.verdict == "undetermined"
    assert total.explanation.endswith("วิธีคำนวณหรือตัวเลขใดไม่ถูก")


def said(node, value):
    return Figure(2568, node, value, "")


def test_only_what_fits_the_other_reading_is_excused_and_what_is_right_stays_right():
    """Under the rules as they read 9 is the lowest of the disclosures, under the other reading 10."""
    items = all_items(O1=0, O14=0, O25=0)
    assert [round_score(f, complete_scores(f, items)["9"]) for f in (YEAR, YEAR.alternatives[READING])] == [
        half_up(Fraction(2650, 30), 2)
    ] * 2
    marks = [f for f in printed(YEAR, items) if f.node.startswith("O") and f.node != "OIT"]
    beside = [said("9.1", "75.00"), said("lowest/OIT", "10"), said("highest/OIT", "11")]
    checks = {c.node: c for c in analysis.audit([*marks, *beside], {2568: YEAR})}
    lowest = checks["lowest/OIT"]
    assert (lowest.verdict, lowest.likely, lowest.is_in_conflict) == ("undetermined", None, True)
    assert YEAR.readings[READING].label.th in lowest.explanation
    assert (checks["highest/OIT"].verdict, checks["highest/OIT"].likely) == ("contradicted", "10")  # under neither
    assert (checks["9.1"].verdict, checks["9.1"].is_in_conflict) == ("reproduced", False)
    alone = Framework(replace(YEAR.rules, readings=()))
    without = {c.node: c for c in analysis.audit([*marks, *beside], {2568: alone})}
    assert (without["lowest/OIT"].verdict, without["lowest/OIT"].likely) == ("contradicted", "9")
    assert {n: c for n, c in without.items() if n != "lowest/OIT"} == {
        n: c for n, c in checks.items() if n != "lowest/OIT"
    }


def test_a_slip_that_fits_no_reading_is_still_found():
    figures = [f if f.node != "9" else replace(f, value="12.34") for f in printed(YEAR, all_items(O25=0))]
    assert "contradicted" in {c.verdict for c in analysis.audit(figures, {2568: YEAR})}


def test_without_the_reading_the_same_figures_are_contradicted():
    alone = Framework(replace(believed(YEAR).rules, readings=()))
    figures = printed(YEAR.alternatives[READING], all_items(O25=0))
    assert "contradicted" in {c.verdict for c in analysis.audit(figures, {2568: alone})}


def test_readings_go_through_data():
    again, problems = rules.check_data(rules.as_data(YEAR.rules), YEARS["2567"])
    assert problems == []
    assert again.readings == YEAR.readings


MORE = YEARS["2567"]


def test_more_questions_than_are_known_leave_nothing_to_compute():
    (effect,) = find_reading_effects(MORE, all_items(MORE))
    assert (effect.reading.id, effect.levels, effect.passes) == ("IIT-30", None, None)
    assert {node for node, _, otherwise in effect.scores if otherwise is None} == {"overall", "IIT", *"12345"}
    assert all(otherwise is None for _, _, otherwise in effect.scores)
    assert len(MORE.alternatives["IIT-30"].items_of("IIT")) == 30


def test_a_mean_of_more_questions_than_are_printed_accuses_nobody():
    """Three questions at 100 and an indicator at 80: a slip under 15 questions, possible under 30."""
    sure = replace(MORE.rules.rounding.basis, standing="documented")
    believed_rules = replace(
        MORE.rules,
        indicators=tuple(replace(i, basis=sure) for i in MORE.rules.indicators),
        survey_items=tuple(replace(i, basis=sure, scale_basis=sure) for i in MORE.rules.survey_items),
    )
    names = list(MORE.nodes["1"].parts)
    figures = [Figure(2567, n, "100.00", "") for n in names] + [Figure(2567, "1", "80.00", "")]
    alone = analysis.audit(figures, {2567: Framework(replace(believed_rules, readings=()))})
    assert "contradicted" in {c.verdict for c in alone}
    checks = analysis.audit(figures, {2567: Framework(believed_rules)})
    assert "contradicted" not in {c.verdict for c in checks}
    lowest = [replace(f, value="40.00") if f.node == "1" else f for f in figures]
    assert "contradicted" in {c.verdict for c in analysis.audit(lowest, {2567: Framework(believed_rules)})}


def counted(framework, answers, marks):
    """What is counted of a round, and its scores."""
    surveys, marked = tables(framework, answers, marks)
    parcels = Parcels(answers=surveys, marks=marked, populations=None, collection=None, files=(), checked=frozenset())
    scores = score(framework, surveys, marked)
    return count_reading_effects(scores, parcels), scores.agencies


def test_the_agencies_of_a_round_that_another_reading_changes_are_counted():
    """As the plain scorer has them, agency by agency; the bands are moved so that one level hangs on the reading."""
    _, answers, marks = random_year("2568", 5, size=30)
    other = YEAR.alternatives[READING]
    agencies = sorted({row["agency"] for row in marks})
    exact = {a: [plain_scores(f, answers, marks, a) for f in (YEAR, other)] for a in agencies}
    differing = [a for a in agencies if half_up(exact[a][0]["overall"], 2) != half_up(exact[a][1]["overall"], 2)]
    assert 0 < len(differing) <= len(agencies)
    between = [sorted(scores["overall"] for scores in exact[a]) for a in differing]
    limit = next(n for low, high in between for n in range(101) if low < n <= high)
    best, *_, last = YEAR.rules.bands
    bands = (replace(best, at_least=limit, every_instrument_at_least=None), replace(last, at_least=0))
    moved = Framework(replace(YEAR.rules, bands=bands))
    found, known = counted(moved, answers, marks)
    levels = [
        a
        for a in known
        if a in exact and plain_level(moved, exact[a][0]) != plain_level(moved.alternatives[READING], exact[a][1])
    ]
    assert found == {READING: {"totals": len(differing), "levels": len(levels)}}
    assert levels


def test_a_round_of_fewer_questions_says_how_many_are_missing():
    _, answers, marks = random_year("2567", 5, size=12)
    asked = [len(f.items_of("IIT")) for f in (MORE, MORE.alternatives["IIT-30"])]
    assert counted(MORE, answers, marks)[0] == {"IIT-30": {"missing": asked[1] - asked[0]}}


def test_a_reading_with_questions_that_nobody_asked_hides_no_other():
    _, answers, marks = random_year("2568", 5, size=12)
    (reading,) = YEAR.rules.readings
    more = replace(reading, id="more", changes={}, more_questions={"1": 2, "2": 1})
    found, _ = counted(changed(YEAR, readings=(more, reading)), answers, marks)
    assert found == {"more": {"missing": 3}} | counted(YEAR, answers, marks)[0]


def test_a_round_whose_rules_are_not_doubted_has_nothing_to_count():
    _, answers, marks = random_year("2566", 5, size=12)
    assert counted(YEARS["2566"], answers, marks)[0] == {}
