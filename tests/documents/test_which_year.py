"""Which year a paper means is worked out once: the result of a year is used in the assessment after it, and what is
published for that is of its year. The day on which a file is made changes nothing of that."""

import dataclasses
import datetime
import re
from fractions import Fraction

import pytest

from prongsai.analysis import phrases
from prongsai.documents import compose_document
from prongsai.documents.content.blocks import list_texts
from prongsai.documents.content.data import MemoHeader
from prongsai.lib import thai
from tests.documents.samples import FRAMEWORKS, sample_data

TODAY = datetime.date(2026, 11, 29)  # fiscal year 2570
HEADER = MemoHeader(office="สำนักปลัด", to="นายก")


def weak(year, *, following=True, header=HEADER, date=TODAY):
    """A result of a year in which every item is weak."""
    framework = FRAMEWORKS[year]
    items = {n.id: Fraction(50) for n in framework.nodes.values() if n.kind == "item"}
    sample = sample_data("phron")
    return dataclasses.replace(
        sample,
        result=dataclasses.replace(sample.result, framework=framework, scores=items),
        previous=None,
        chain=(),
        following=FRAMEWORKS.get(year + 1) if following else None,
        disclosures=(),
        measures=(),
        memo_header=header,
        date=date,
    )


def words_of(kind, data):
    return thai.arabic("\n".join(list_texts(compose_document(kind, data))))


def years_in(text):
    return set(map(int, re.findall(r"ปี(?:งบประมาณ)? (?:พ\.ศ\. )?(25\d\d)", text)))


def reason_of(data):
    return words_of("development", data).partition("ความเป็นมา")[2].partition("ใช้เครื่องมือ")[0]


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_the_reason_of_the_paper_names_the_result_and_the_assessment_that_uses_it(year):
    text = reason_of(weak(year))
    assert years_in(text) == {year, year + 1}
    rules = FRAMEWORKS.get(year + 1, FRAMEWORKS[year])
    (item,) = {i.id for i in rules.rules.disclosure_items if f"ข้อ {i.id} {i.label.th}" in text}
    elements = [e for i in rules.rules.disclosure_items if i.id == item for e in i.elements]
    assert any(e.plan for e in elements)
    for element in elements:
        assert f"- {phrases.describe_element(rules, element, year + 1)}" in text
    used = re.search(r"- การวิเคราะห์ผลการประเมิน[^\n]* ปีงบประมาณ พ\.ศ\. (\d{4})", text)
    assert used is not None
    assert int(used[1]) == year


def test_without_rules_of_the_assessment_after_it_the_reason_says_whose_it_follows():
    year = max(FRAMEWORKS)
    text = reason_of(weak(year, following=False))
    assert f"หลักเกณฑ์{FRAMEWORKS[year].rules.title.th.partition(' ปี')[0]} ปีงบประมาณ พ.ศ. {year} ข้อ " in text
    assert f"มาใช้เตรียมการประเมิน ปีงบประมาณ พ.ศ. {year + 1}" in text
    assert years_in(text) == {year, year + 1}


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
@pytest.mark.parametrize("kind", ["summary", "development", "memo"])
def test_no_paper_of_an_old_result_speaks_of_the_year_in_which_it_is_made(kind, year):
    """Nor of any year but the result's and that of the assessment which it prepares for."""
    data = dataclasses.replace(weak(year), date=datetime.date(2040, 1, 1))
    provisional = words_of(kind, data).partition("หมายเหตุ")[0]
    assert years_in(provisional) <= {year, year + 1}, kind


@pytest.mark.parametrize(
    ("date", "before"),
    [
        (None, 2565),
        (datetime.date(2022, 2, 2), 2565),
        (datetime.date(2021, 9, 30), 2565),
        (datetime.date(2022, 10, 3), 2566),
    ],
)
def test_what_a_memo_asks_for_is_due_before_the_assessment_after_its_date(date, before):
    data = weak(2564, header=dataclasses.replace(HEADER, date=date))
    text = words_of("memo", data)
    assert f"ให้แล้วเสร็จก่อนการประเมินปีงบประมาณ พ.ศ. {before}" in text
    assert f"ข้อมูลของปีงบประมาณ พ.ศ. {before} และเข้าถึงได้" in text or f"ปีงบประมาณ พ.ศ. {before - 1}" in text
    assert "2570" not in text
