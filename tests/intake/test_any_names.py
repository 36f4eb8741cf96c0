"""Whatever the rules call things: documents that use those names are read with them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.intake import Row, figures_of
from prongsai.intake.codes import Codes
from prongsai.intake.vocabulary import Vocabulary
from prongsai.lib import thai
from tests.invented import INDICATORS, STAFF, STUDENTS, WEB, YEAR, data, framework

CONSONANTS = "BCDGHJKLMNPQRSTVWXZ"  # no word of any language
CODES = st.lists(st.text(CONSONANTS, min_size=3, max_size=5), min_size=3, max_size=3, unique_by=str.lower)
LETTERS = st.lists(st.sampled_from("BCDJKLMNPQRSTVWZ"), min_size=2, max_size=2, unique=True)  # none of a sub-indicator
NUMBERS = st.sampled_from([[str(n) for n in range(11, 18)], list("KLMNPQR"), [f"X{n}" for n in range(1, 8)]])
LEVELS = st.lists(
    st.sampled_from(["เยี่ยม", "ดีเลิศ", "น่าพอใจ", "ควรแก้ไข", "S", "ZZ"]), min_size=4, max_size=4, unique=True
)


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Rules as data with other ids; texts keep theirs."""
    if isinstance(value, dict):
        return {k: v if k in ("label", "meaning", "advice") else renamed(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [renamed(v, names) for v in value]
    return names.get(value, value) if isinstance(value, str) else value


def build(names: dict[str, str]) -> Framework:
    checked, problems = rules.check_data(renamed(data(), names), None)
    assert checked is not None, problems
    return checked


@settings(max_examples=25)
@given(codes=CODES, letters=LETTERS, numbers=NUMBERS, mark=st.sampled_from(["", ".", "-"]), levels=LEVELS)
def test_names_of_any_rules_are_read(codes, letters, numbers, mark, levels):
    names = dict(zip((STAFF, STUDENTS, WEB), codes, strict=True))
    names |= dict(zip((i for i, *_ in INDICATORS), numbers, strict=True))
    items = {i: f"{letters[i[0] == 'W']}{mark}{i[2:]}" for i in framework().items}
    names |= items | dict(zip(framework().bands, levels, strict=True))
    year = build(names)
    written = {n: f"{50 + at}.{at}" for at, n in enumerate((*codes, *numbers, *items.values()))}
    lines = [f"{c} ได้คะแนน {written[c]}" for c in codes]
    lines += [f"ตัวชี้วัดที่ {n} ได้คะแนน {written[n]}" for n in numbers]
    lines += [f"ข้อ {i} ได้ {written[i]} คะแนน" for i in items.values()]
    lines += [f"เทศบาลตำบลทดสอบ ได้คะแนนรวม 70.0 คะแนน อยู่ในระดับ {levels[1]}"]
    title = f"ผลการประเมินความโปร่งใส ปีงบประมาณ พ.ศ. {YEAR}"
    readings = figures_of([Row((line,), "") for line in (title, *lines)], {YEAR: year})
    figures = {f.node: f.value for r in readings for f in r.figures if f.sure}
    assert figures == written | {"overall": "70.0", "level": levels[1]}


@pytest.mark.parametrize(("spoken", "node"), [("XYZ ส่วนที่ 2", "QRS"), ("QRS", "QRS"), ("XYZ", "XYZ")])
def test_parts_of_a_survey_have_any_names(spoken, node):
    """A composite XYZ of two surveys that share their indicators."""
    raw = renamed(data(), {STAFF: "PQR", STUDENTS: "QRS"})
    for indicator in raw["indicators"]:
        if WEB not in indicator["instruments"]:
            indicator |= {"instruments": ["PQR", "QRS"], "parts": "mean_of_parts"}
    basis = raw["instruments"][0]["basis"]
    label = {"th": "แบบถามทุกคน", "en": "Everyone"}
    raw["composites"] = [
        {"id": "XYZ", "label": label, "aliases": [], "of": ["PQR", "QRS"], "method": "mean_of_parts", "basis": basis}
    ]
    checked, problems = rules.check_data(raw, None)
    assert checked is not None, problems
    assert checked.parts_of("XYZ") == checked.parts_of("A") == ("PQR", "QRS")
    assert [i.id for i in checked.indicators_with_parts()] == list("ABCDF")
    assert checked.part_instrument("A", 2) == "QRS"
    assert checked.part_instrument("A", 3) is None
    title = f"ผลการประเมินความโปร่งใส ปีงบประมาณ พ.ศ. {YEAR}"
    lines = (title, f"{spoken} ได้คะแนน 81.5", "ตัวชี้วัดที่ A ส่วนที่ 1 ได้คะแนน 77.5")
    readings = figures_of([Row((line,), "") for line in lines], {YEAR: checked})
    figures = {f.node: f.value for r in readings for f in r.figures if f.sure}
    assert figures == {node: "81.5", "PQR/A": "77.5"}


def test_a_mean_of_surveys_that_share_nothing_has_no_parts():
    """ "XYZ ส่วนที่ 2" is then no second survey: parts are numbered where an indicator has a score in each of them."""
    raw = renamed(data(), {STAFF: "PQR", STUDENTS: "QRS"})
    basis = raw["instruments"][0]["basis"]
    label = {"th": "แบบถามทุกคน", "en": "Everyone"}
    raw["composites"] = [
        {"id": "XYZ", "label": label, "aliases": [], "of": ["PQR", "QRS"], "method": "mean_of_parts", "basis": basis}
    ]
    checked, problems = rules.check_data(raw, None)
    assert checked is not None, problems
    codes = Codes([checked])
    assert codes.with_part("XYZ", "2") == "XYZ"
    assert {name for *_, name in codes.instruments("XYZ ส่วนที่ 2 และ PQR")} == {"XYZ", "PQR"}
    assert codes.whole("QRS") == "QRS"


@pytest.mark.parametrize("written", ["POLICY", "policy", "Policy"])
def test_an_item_without_a_number_is_named_by_all_its_letters(written):
    year = build({"W-1": "POLICY"})
    title = f"ผลการประเมินความโปร่งใส ปีงบประมาณ พ.ศ. {YEAR}"
    lines = (title, f"ข้อ {written} ได้ 81.5 คะแนน", f"ข้อ {written}S ได้ 66.5 คะแนน", "ข้อ W-2 ได้ 50.0 คะแนน")
    readings = figures_of([Row((line,), "") for line in lines], {YEAR: year})
    assert {f.node: f.value for r in readings for f in r.figures if f.sure} == {"POLICY": "81.5", "W-2": "50.0"}


def test_a_number_alone_is_no_item_without_a_number():
    codes = Codes([build({"W-1": "POLICY"})])
    assert codes.damaged_items("2", ["POLICY", "W-2", "W-3"]) == ["W-2"]


def called(**labels: str) -> Framework:
    """The invented rules with other names of some indicators."""
    raw = data()
    for indicator in raw["indicators"]:
        indicator["label"]["th"] = labels.get(indicator["id"], indicator["label"]["th"])
    checked, problems = rules.check_data(raw, None)
    assert checked is not None, problems
    return checked


def test_a_cell_that_resembles_two_names_or_none_names_no_indicator():
    """One wrong letter is a slip; a cell as near to another name, or of the same letters in another order, is none."""
    alone = Vocabulary([called(A="การสอนและการวัดผลภาคต้น", B="การใช้เงินรายได้")])
    mention = alone.cell("การสอนและการวัดผลภาคตัน")
    assert mention is not None
    slip = alone.cell("การสอนแลการวัผลภาคตน")
    assert slip is not None
    assert (mention.id, slip.id) == ("A", "A")
    both = Vocabulary([called(A="การสอนและการวัดผลภาคต้น", B="การสอนและการวัดผลภาคปลาย")])
    assert both.cell("การสอนและการวัดผลภาคกลาง") is None
    letters = thai.skeleton("การสอนและการวัดผลภาคต้น")[0]
    assert alone.cell(letters) is not None
    half = len(letters) // 2
    assert alone.cell(letters[:half] + letters[half:][::-1]) is None
