"""Rules that are announced and rules that are provisional: what a year says of itself, and what it was carried from."""

import re
import shutil
from dataclasses import replace

import pytest

from prongsai import framework as rules
from prongsai.framework import Basis, Framework
from prongsai.framework.schema import Record

YEARS = [str(year) for _, year in rules.available()]
PROVISIONAL = ["2569", "2570"]


def find_bases(value):
    """Every basis anywhere in a part of the rules."""
    if isinstance(value, Basis):
        yield value
    elif isinstance(value, Record):
        for part in vars(value).values():
            yield from find_bases(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from find_bases(part)


def elements_of(framework):
    return [element for item in framework.rules.disclosure_items for element in item.elements]


def test_which_years_are_announced():
    assert [year for year in YEARS if rules.load(rules.NATIONAL, int(year)).is_provisional] == PROVISIONAL


@pytest.mark.parametrize("year", YEARS)
def test_a_year_states_it_in_writing(year):
    text = (rules.root() / "ita" / year / "framework.yaml").read_text(encoding="utf-8")
    assert re.search(r"^state: (announced|provisional)$", text, re.M)


@pytest.mark.parametrize(("written", "problem"), [("", "missing-field"), ("state: draft\n", "not-a-choice")])
def test_a_year_without_a_state_is_refused(tmp_path, written, problem):
    folder = tmp_path / "ita" / "2568"
    shutil.copytree(rules.root() / "ita" / "2568", folder)
    path = folder / "framework.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("state: announced\n", written), encoding="utf-8")
    assert [(p.code, "state" in p.what) for p in rules.check(folder)] == [(problem, True)]


@pytest.mark.parametrize("year", PROVISIONAL)
def test_what_is_inferred_of_a_provisional_year_says_why(year):
    for basis in find_bases(rules.load(rules.NATIONAL, int(year)).rules):
        assert basis.standing == "documented" or basis.note, basis


@pytest.mark.parametrize("year", PROVISIONAL)
def test_what_is_carried_over_is_not_documented(year):
    framework = rules.load(rules.NATIONAL, int(year))
    before = f"RULES{framework.fiscal_year - 1}"
    assert before in framework.rules.sources
    carried = [f for f in (*find_bases(framework.rules), *elements_of(framework)) if before in f.source]
    assert carried
    assert {fact.standing for fact in carried} == {"inferred"}


def test_a_year_of_which_nothing_is_known_has_nothing_documented():
    framework = rules.load(rules.NATIONAL, 2570)
    assert {fact.standing for fact in (*find_bases(framework.rules), *elements_of(framework))} == {"inferred"}
    assert rules.difference([rules.load(rules.NATIONAL, 2569), framework]) == []


def test_the_list_of_2569_is_what_was_seen():
    framework = rules.load(rules.NATIONAL, 2569)
    documented = [item.id for item in framework.rules.disclosure_items if item.basis.standing == "documented"]
    assert documented == ["O1", "O3", *(f"O{n}" for n in range(8, 27))]
    assert {i.basis.standing for i in framework.rules.instruments} == {"inferred"}
    assert {s.basis.standing for s in framework.rules.survey_items} == {"inferred"}
    assert not any(phase.starts or phase.ends for phase in framework.rules.calendar)


def test_items_of_2569_continue_those_of_2568_by_meaning():
    framework = rules.load(rules.NATIONAL, 2569)
    continues = {item.id: item.continues for item in framework.rules.disclosure_items}
    assert sorted({old for olds in continues.values() for old in olds}) == sorted(
        item.id for item in rules.load(rules.NATIONAL, 2568).rules.disclosure_items
    )
    assert continues["O10"] == ("O10", "O11")  # statistics became a part of the online service
    assert continues["O20"] == ("O21", "O22")  # declaration and report became one item
    assert continues["O13"] == ("O14",)
    assert continues["O22"] == ("O24",)
    assert continues["O25"] == ("O27",)


@pytest.mark.parametrize("year", YEARS)
def test_texts_of_a_year_name_no_other_year(year):
    """What a person of an agency reads speaks of the year and the one before."""
    framework = rules.load(rules.NATIONAL, int(year))
    texts = [framework.rules.title.th]
    for item in framework.items.values():
        texts += [item.label.th, item.advice.defect, item.advice.remedy]
    texts += [element.th for element in elements_of(framework)]
    others = {y for y in YEARS if int(y) not in (framework.fiscal_year, framework.fiscal_year - 1)}
    assert [text for text in texts if any(y in text for y in others)] == []


def test_the_state_is_not_part_of_the_digest():
    framework = rules.load(rules.NATIONAL, 2569)
    announced = Framework(replace(framework.rules, state="announced"))
    assert not announced.is_provisional
    assert announced.digest == framework.digest


@pytest.mark.parametrize("year", YEARS)
def test_earlier_editions_stay_valid(year):
    framework = rules.load(rules.NATIONAL, int(year))
    earlier = [edition.digest for edition in framework.rules.earlier_editions]
    assert framework.digest not in earlier
    assert all(map(framework.is_edition, (framework.digest, *earlier)))
    assert not framework.is_edition("0" * 64)
