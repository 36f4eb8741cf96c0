"""The rules of every year: complete, sourced, and giving the published results."""

from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import pytest

from prongsai import framework as rules
from prongsai.framework import Basis, DisclosureItem, Framework, Label, SurveyItem
from prongsai.framework.schema import SmallGroups
from prongsai.scoring import check_cases, complete_scores, find_possible_bands, is_passing

YEARS = [str(year) for _, year in rules.available()]
CASES = [(year, case) for year in YEARS for case in rules.load(rules.NATIONAL, int(year)).rules.cases]


def test_the_years_are_there():
    assert YEARS == ["2563", "2564", "2565", "2566", "2567", "2568", "2569", "2570"]


@pytest.mark.parametrize("year", YEARS)
def test_nothing_is_wrong_with_a_year(year):
    assert rules.check(rules.root() / "ita" / year) == []


@pytest.mark.parametrize("year", YEARS)
def test_a_year_has_worked_cases(year):
    assert rules.load(rules.NATIONAL, int(year)).rules.cases


@pytest.mark.parametrize(("year", "case"), CASES, ids=[f"{y}-{c.title}" for y, c in CASES])
def test_worked_case(year, case):
    framework = rules.load(rules.NATIONAL, int(year))
    scores = complete_scores(framework, {n: Fraction(v) for n, v in case.given.items()})
    for node, value in case.expect.items():
        assert abs(scores[node] - Fraction(value)) <= Fraction(case.within), node
    if case.level is not None:
        assert [b.id for b in find_possible_bands(framework, scores)] == [case.level]
    if case.passes is not None:
        assert is_passing(framework, scores["overall"]) is case.passes


@pytest.mark.parametrize("year", YEARS)
def test_the_check_finds_the_same(year):
    assert check_cases(rules.load(rules.NATIONAL, int(year))) == []


@pytest.mark.parametrize("year", ["2563", "2564", "2565"])
def test_the_old_questionnaires(year):
    framework = rules.load(rules.NATIONAL, int(year))
    assert len(framework.items_of("IIT")) == 30
    assert len(framework.answer_columns("IIT")) == 51
    assert len(framework.items_of("EIT")) == 15
    assert len(framework.items_of("OIT")) == 43
    assert [len(framework.nodes[s].parts) for s in ("9.1", "9.2", "9.3", "9.4", "9.5", "10.1", "10.2")] == [
        9,
        8,
        7,
        4,
        5,
        8,
        2,
    ]


@pytest.mark.parametrize(
    ("year", "disclosures"), [("2566", 43), ("2567", 35), ("2568", 28), ("2569", 26), ("2570", 26)]
)
def test_the_new_questionnaires(year, disclosures):
    framework = rules.load(rules.NATIONAL, int(year))
    assert len(framework.items_of("IIT")) == 15
    assert len(framework.items_of("EIT1")) == len(framework.items_of("EIT2")) == 9
    assert len(framework.items_of("OIT")) == disclosures
    assert {i.id: i.weight for i in framework.rules.instruments} == {
        "IIT": 3000,
        "EIT1": 1500,
        "EIT2": 1500,
        "OIT": 4000,
    }
    assert framework.nodes["6"].parts == {"EIT1/6": Fraction(1, 2), "EIT2/6": Fraction(1, 2)}


@pytest.mark.parametrize("year", YEARS)
def test_every_item_can_be_shown_and_mended(year):
    for item in rules.load(rules.NATIONAL, int(year)).items.values():
        assert item.label.th
        assert item.label.en
        assert len(item.advice.defect) > 15
        assert len(item.advice.remedy) > 15
        assert item.basis.source
        if isinstance(item, DisclosureItem):
            assert item.elements
        assert isinstance(item, SurveyItem | DisclosureItem)


@pytest.mark.parametrize("year", YEARS[1:])
def test_continued_items_exist_the_year_before(year):
    framework, before = rules.load(rules.NATIONAL, int(year)), rules.load(rules.NATIONAL, int(year) - 1)
    continued = [name for item in framework.items.values() for name in item.continues]
    assert continued
    assert set(continued) <= set(before.items)


def test_directions_turn_the_points_round():
    framework = rules.load(rules.NATIONAL, 2564)
    points = {c.name: c.points for c in framework.answer_columns("IIT")}
    assert {c.name: c.item for c in framework.answer_columns("IIT")}["i11.2"] == "i11"
    assert points["i1.1"] == (0, 33, 67, 100)
    assert points["i9"] == (100, 67, 33, 0)
    assert points["i4.1"] == (0, 100)  # "มี" is bad here
    assert points["i26.1"] == (100, 0)  # and good here
    assert (points["i11.1"], points["i11.2"]) == ((0, 33, 67, 100), (100, 67, 33, 0))  # one of each in one item


def test_a_framework_is_frozen_and_known_by_its_digest():
    framework = rules.load(rules.NATIONAL, 2568)
    with pytest.raises(TypeError):
        framework.nodes["x"] = framework.nodes["overall"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError, match="points"):
        framework.rules.target.points = 1  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="points"):
        del framework.rules.target.points
    assert framework.rules.target.points == 85


def test_records_are_equal_by_value_and_take_the_fields_they_have():
    label = Label(th="ก", en="k")
    assert repr(label) == "Label(th='ก', en='k')"
    assert label == Label(en="k", th="ก")
    assert label != Label(th="ก", en="g")
    assert len({label, Label(th="ก", en="k"), Label(th="ข", en="k")}) == 2
    assert Basis(standing="inferred", source=("T",)).note is None
    assert replace(label, en="g") == Label(th="ก", en="g")
    with pytest.raises(TypeError, match="Label: fields missing or unknown: en"):
        Label(th="ก")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Label: fields missing or unknown: de, en"):
        Label(th="ก", de="k")  # type: ignore[call-arg]


# published results and receipts name these: a rule that changes is a correction, code that changes is none
DIGESTS = {
    "2563": "c82cb66a02a02f8b66df59c212dc86eb5e5a5b5546b01c10b8e6ddd8a6ec9cb5",
    "2564": "6f26580c030717cc561500eda524748857487345ee8d980aa3f1317c8bf1b9da",
    "2565": "8feff26b58532c2e9851bb65021eb14e6ec79e5f9556a918b13340e9e1f7fb03",
    "2566": "4674616daec6ff5117aef450f656af80c5204d065e87246fb92dbd1214fa1dff",
    "2567": "89e90a06e8098f0f33559498440e19142973ca874ec28b5bd7612656a8f5b56a",
    "2568": "d6c6ccdcf8c15433528276ea4a0839ca13b78491868b7adb388f4ec3295ee08f",
}
EARLIER_EDITIONS = {
    "2563": [
        "c24241a36999e59cb61d2914e0d34f595d9f483448ea4c4b70a8008e877cfe7d",
        "30828e367bfe58f9b9eb8e2250657fbed73840673afff3cbe43e2259c7577c8d",
        "8b6958ea6a2fd8ce39252c0ad6db6a04624def6ebe5d3b08d66ee78f972d350e",
    ],
    "2564": [
        "50483fdd392b08d63f6e8ba8918333bbbe68e36738d8aa98b1b9bfe428dd1f18",
        "518ab0cf8639720a0e25115b40eabb6ef095d7c532fcdfbfe5ad917cbb5a1c2f",
        "11ff39a35acf091ec52fb225dd607a74d6fa34c590b304052a521f37645e9161",
    ],
    "2565": [
        "d8c5fcdddce1ceefe16b1789dbd625426f7425f36630c46ec922d458fa4fe446",
        "52f9417f375a3393bcb25450f4a810957233e81aa98ec657b76fe59d0accf988",
        "7ea38ee224775bfd3888777b271908c28af743bbee2c380409ba0b9d3afe995b",
    ],
    "2566": [
        "2ec1798d81254ba068d1ef90dfb242c370afb76cf437592f8d86939c3ecb0388",
        "ff80d8121d5f0c09978336d6e03f0eefe6711aa2b18df94b9908b9409ff8648c",
        "9da6ad0c0eb170416d8bdfe61c4d8ae4b59171c32f842bfd1624913aaf88c4a1",
        "8b92772dc52364a29cf310a5937939f6a04b60118e37c4b16e61480f0b412aaf",
        "c050ca64cee5f3fb47830496ea7fefd6004028c538a2824858b5f109dfba3f0c",
    ],
    "2567": [
        "33e3bac308d685826f2e6ece82ea7ca058264b5d7dfdff56096b9531c81be161",
        "e01376bd1f465424b8a0bec4fbdc3b227947ea7a58a22124713cac890e6967e7",
        "b74b8787d5e384eae1fd6da123733c31e761e808b07346ea3b634d70ea165049",
        "5c2c3bff1cc2251f57ba9ff1e12321d1dac4c578bf6c76ff17c9cb0d57616810",
        "21ded1cc1c94b7728d0934a97730cbc34ce10180463e8bc244816093ad4d362b",
    ],
    "2568": [
        "d97667d2e46ef6469d5da4c57a602b606f99b8f0350e8ccb10702386f075b493",
        "e6f6d49a9bf8f2021381e6ee7662aaa31d1f557bfd55d4737be412f3a7924769",
        "40a9cd65862fbee1f48cebb1cafc94b0ac12e0e54b97961118311f03769517b8",
        "a6b9b710ce78f3c734faecbdd4ec7bfc323686e1eebc434a72f078a2063686d9",
    ],
}


@pytest.mark.parametrize("year", DIGESTS)
def test_the_digest_of_an_announced_year_stays(year):
    framework = rules.load(rules.NATIONAL, int(year))
    assert framework.digest == DIGESTS[year]
    assert Framework(framework.rules).digest == DIGESTS[year]  # computed, not read from the cache
    assert repr(framework) == f"Framework(ita/{year}, digest={DIGESTS[year][:12]})"
    assert [edition.digest for edition in framework.rules.earlier_editions] == EARLIER_EDITIONS.get(year, [])


def test_lineage_reaches_over_the_years():
    chain = [rules.load(rules.NATIONAL, int(y)) for y in ("2564", "2565", "2566", "2567", "2568")]
    links = rules.lineage(chain)
    assert links["O1"] == ("O1", "O3")  # structure and powers became one item
    assert "i1" in links["i1"]


def test_marks_and_parents():
    framework = rules.load(rules.NATIONAL, 2568)
    assert framework.mark_points("O1") == (0, 100)
    assert framework.parents["i1"] == ("1",)
    assert framework.parents["EIT1"] == ("overall", "EIT")
    assert "overall" not in framework.parents
    assert [i.id for i in framework.survey_instruments()] == ["IIT", "EIT1", "EIT2"]
    assert framework.answer_columns("OIT") == ()


# of the same rules, before there were fields on how small groups are protected
BEFORE_PROTECTION = {
    "2563": "27621ddbfff407c73759415388ac1df5c05cabe5ddf83ddce371615bbbdfcfd9",
    "2564": "837f9fd8929e4e24c292e47c624638176534b0167a25c927214bb8ebbf49995f",
    "2565": "b9b96d336e4ac6cbd794ee09d86a6e9101ebba10f81ce984cd3e7cf3fc034c3b",
    "2566": "9dce07325ac6e1309736935b93991934ffdc1f68b84af34b90deeb58cf465e97",
    "2567": "02cc5a5aa552c520ff76f0ab779b759d3810f67d278333d8bd57b68c86473bc0",
    "2568": "de7a81c5397473d928f69fc4135e05dbe355d5497ed26b09d637029df9d39179",
}


@pytest.mark.parametrize("year", BEFORE_PROTECTION)
def test_fields_on_small_groups_that_say_nothing_leave_the_digest_as_it_was(year):
    """A round that is pinned to an edition without them takes them over: they are wording, and make no score."""
    framework = rules.load(rules.NATIONAL, int(year))
    note = "เกณฑ์ของโครงการเอง เพื่อไม่ให้คะแนนรายข้อของกลุ่มเล็กบอกว่าใครตอบอะไร; ไม่พบเกณฑ์ในเอกสารของปี"
    groups = SmallGroups(show_items_from=10, basis=replace(framework.rules.small_groups.basis, note=note))
    silent = Framework(replace(framework.rules, small_groups=groups))
    assert silent.digest == BEFORE_PROTECTION[year]
    assert silent.arithmetic_digest == framework.arithmetic_digest


@pytest.mark.parametrize("year", YEARS)
def test_rules_that_say_nothing_of_links_allow_none(year):
    """A round that is pinned to the edition before, and its receipts, stay valid; and no survey may use a link
    there. (What differs is named beside the digest of each edition.)"""
    framework = rules.load(rules.NATIONAL, int(year))
    sources = {name: source for name, source in framework.rules.sources.items() if name != "RMU"}  # of the links
    silent = Framework(replace(framework.rules, open_links=(), sources=sources))
    assert all(framework.is_edition(edition.digest) for edition in framework.rules.earlier_editions)
    assert silent.digest != framework.digest
    assert silent.arithmetic_digest == framework.arithmetic_digest
    assert [i.id for i in silent.survey_instruments() if silent.allows_open_link(i.id)] == []


@pytest.mark.parametrize("year", YEARS)
def test_an_open_link_rests_on_what_was_read_or_is_said_to_be_inferred(year):
    framework = rules.load(rules.NATIONAL, int(year))
    staff, served = [i.id for i in framework.survey_instruments() if i.collected_by == "agency"]
    assert framework.allows_open_link(served)
    assert framework.allows_open_link(staff) == (not framework.is_provisional)
    assert {link.basis.standing for link in framework.rules.open_links} == {
        "inferred" if framework.is_provisional else "documented"
    }
