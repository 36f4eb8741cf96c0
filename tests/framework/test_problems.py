"""Every code of a problem has a case: a mistake in a small year, and exactly the problems that it must give.

``problems.txt`` holds the problems of each case, with their lines and sentences. After a change that is meant, write it
anew with ``PRONGSAI_WRITE_PROBLEMS=1 pytest -n 0 tests/framework/test_problems.py``, and read what changed.
"""

import os
import shutil
from pathlib import Path
from typing import Annotated, NamedTuple, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from prongsai import framework as rules
from prongsai.framework import ProblemCode, folder
from prongsai.framework.problems import WorkbookCode
from prongsai.framework.reading import suggest_name
from prongsai.framework.schema import Limits
from prongsai.scoring import check_cases

HERE = Path(__file__).parent
SENTENCES = HERE / "problems.txt"
MAIN, ITEMS, CASES = "framework.yaml", "items.yaml", "cases/published.yaml"


class Mistake(NamedTuple):
    """The problem that is reported when a text of a file is replaced."""

    code: str
    file: str
    old: str
    new: str


MISTAKES = (
    # form
    Mistake("invalid-yaml", MAIN, "fiscal_year: 2568", "fiscal_year: [2568"),
    Mistake("invalid-yaml", CASES, "    given:", "\tgiven:"),
    Mistake("anchor", CASES, '{IIT: "90", EIT: "90"', '{IIT: &a "90", EIT: *a'),
    Mistake("repeated-field", MAIN, "overall: weighted_sum", "overall: weighted_sum\noverall: weighted_sum"),
    # files
    Mistake("not-a-mapping", CASES, "cases:\n", ""),
    Mistake("field-in-two-files", ITEMS, "survey_items:", "overall: weighted_sum\nsurvey_items:"),
    Mistake("field-in-two-files", ITEMS, "survey_items:", "target: []\nsurvey_items:"),
    Mistake("field-in-two-files", ITEMS, "survey_items:", "bands: A\nsurvey_items:"),
    # the schema
    Mistake("unknown-field", MAIN, "overall: weighted_sum\n", "overall: weighted_sum\ntargets: 1\n"),
    Mistake("unknown-field", MAIN, "    kind: answer\n", "    kind: answer\n    kinds: answer\n"),
    Mistake("unknown-field", MAIN, "en: Little", "en: Little, de: Wenig"),
    Mistake("unknown-field", MAIN, 'BOOK: {title: "คู่มือ"', 'BOOK: {title: "คู่มือ", urls: x'),
    Mistake("unknown-field", ITEMS, "period: any", "period: any\n    placements: 1"),
    Mistake("missing-field", MAIN, "overall: weighted_sum\n", ""),
    Mistake("missing-field", MAIN, "    method: mean_of_indicators\n", ""),
    Mistake("not-a-list", MAIN, "samples:\n", "samples: 5\nother_samples:\n"),
    Mistake("not-a-list", ITEMS, "survey_items:\n", "survey_items: 5\nother_items:\n"),
    Mistake("not-a-list", MAIN, "\ninstruments:\n", "\ninstruments:\nother_instruments:\n"),
    Mistake("not-an-integer", MAIN, "places: 2", "places: 2.5"),
    Mistake("not-text", MAIN, "assessment: ita", "assessment: 2568"),
    Mistake("not-text", MAIN, '  - id: "1"', "  - id: 1"),
    Mistake("not-a-choice", MAIN, "overall: weighted_sum", "overall: product"),
    Mistake("not-a-choice", ITEMS, "direction: positive", "direction: up"),
    Mistake("not-a-choice", ITEMS, "direction: positive", f"direction: {'1234567890' * 7}"),
    Mistake("out-of-range", MAIN, "target: {points: 85", "target: {points: 101"),
    Mistake("out-of-range", MAIN, "percent: 10", "percent: 0"),
    Mistake("out-of-range", MAIN, "fiscal_year: 2568", "fiscal_year: 2025"),
    Mistake("too-few", MAIN, "source: [BOOK]", "source: []"),
    Mistake("too-few", MAIN, "en: Internal", 'en: ""'),
    Mistake("too-few", MAIN, "\nbands:\n", "\nbands: []\nother_bands:\n"),
    Mistake("invalid-id", MAIN, "  - id: ALL", "  - id: A L"),
    Mistake("wrong-shape", MAIN, 'title: {th: "ปีตัวอย่าง", en: "A small year"}', "title: A"),
    Mistake("wrong-shape", MAIN, "of: [IIT, EIT]", "of: IIT"),
    Mistake("wrong-shape", CASES, 'expect: {overall: "271/3"}', "expect: [1]"),
    Mistake("wrong-shape", CASES, "cases:\n", "cases:\n  - 5\n"),
    Mistake("wrong-shape", MAIN, "\nbands:\n", "\nbands:\n  - 5\n"),
    Mistake("unknown-source", MAIN, '  BOOK: {title: "คู่มือ"}', "  {}"),
    Mistake("invalid-value", MAIN, 'starts: "2024-10-01"', 'starts: "2024-13-01"'),
    Mistake("invalid-value", CASES, "passes: true", "passes: perhaps"),
    # the parts together
    Mistake(
        "unknown-reading-target",
        MAIN,
        "overall:",
        'readings:\n  - {id: r, label: {th: a, en: a}, changes: {disclosure_items: {O9: {sub_indicator: "9.1"}}},'
        " basis: {standing: inferred, source: [BOOK]}}\noverall:",
    ),
    Mistake(
        "unknown-reading-target",
        MAIN,
        "overall:",
        'readings:\n  - {id: r, label: {th: a, en: a}, changes: {}, more_questions: {"9": 2},'
        " basis: {standing: inferred, source: [BOOK]}}\noverall:",
    ),
    Mistake(
        "reading-without-change",
        MAIN,
        "overall:",
        "readings:\n  - {id: r, label: {th: a, en: a}, changes: {},"
        " basis: {standing: inferred, source: [BOOK]}}\noverall:",
    ),
    Mistake("folder-mismatch", MAIN, "fiscal_year: 2568", "fiscal_year: 2567"),
    Mistake("folder-mismatch", MAIN, "assessment: ita", "assessment: other"),
    Mistake("duplicate-id", MAIN, "  - id: EIT", "  - id: IIT"),
    Mistake("duplicate-id", MAIN, "  - id: marks", "  - id: level"),
    Mistake("duplicate-id", ITEMS, "  - id: e1", "  - id: i1"),
    Mistake("duplicate-id", ITEMS, "  - id: O1", "  - id: ALL"),
    Mistake("duplicate-id", MAIN, "  - id: B", "  - id: A"),
    Mistake("duplicate-id", MAIN, "- id: announcement", "- id: survey"),
    Mistake("unknown-source", MAIN, "source: [BOOK]", "source: [BOK]"),
    Mistake("unknown-source", CASES, "source: [BOOK]", "source: [BOOK, NOTE]"),
    Mistake("missing-field", MAIN, "\nsources:\n", "\nsourcs:\n"),
    Mistake("wrong-shape", MAIN, "\nsources:\n", "\nsources: BOOK\nother_sources:\n"),
    Mistake("unknown-instrument", MAIN, "of: [IIT, EIT]", "of: [IIT, EIT3]"),
    Mistake("unknown-instrument", MAIN, "instruments: [IIT, EIT]", "instruments: [IIT, EIT, IIX]"),
    Mistake("unknown-indicator", MAIN, 'indicator: "9"', 'indicator: "8"'),
    Mistake("unknown-indicator", ITEMS, 'indicator: "1"', 'indicator: "3"'),
    Mistake("unknown-sub-indicator", ITEMS, '"9.1"', '"9.9"'),
    Mistake("unknown-scale", ITEMS, "scale: level", "scale: levels"),
    Mistake("unknown-scale", ITEMS, "scale: marks", "scale: mark"),
    Mistake("scale-mismatch", ITEMS, "scale: level", "scale: marks"),
    Mistake("scale-mismatch", ITEMS, "scale: marks", "scale: level"),
    Mistake("missing-parts", MAIN, "    parts: mean_of_parts\n", ""),
    Mistake("method-mismatch", MAIN, "method: mean_of_items", "method: mean_of_sub_indicators"),
    Mistake("method-mismatch", MAIN, "method: mean_of_sub_indicators", "method: mean_of_items"),
    Mistake("method-mismatch", MAIN, "instruments: [IIT, EIT]", "instruments: [EIT, OIT]"),
    Mistake("instrument-without-indicators", MAIN, "instruments: [IIT, EIT]", "instruments: [IIT]"),
    Mistake("indicator-without-items", ITEMS, 'indicator: "2"', 'indicator: "1"'),
    Mistake("indicator-without-items", ITEMS, 'indicator: "2"', "indicator: 1"),
    Mistake(
        "indicator-without-sub-indicators",
        MAIN,
        'sub_indicators:\n  - id: "9.1"\n    indicator: "9"',
        'sub_indicators:\n  - id: "9.1"\n    indicator: "1"',
    ),
    Mistake("unknown-field", ITEMS, "survey_items:\n", "survey_itms:\n"),
    Mistake(
        "sub-indicator-without-items",
        MAIN,
        "sub_indicators:\n",
        'sub_indicators:\n  - {id: "9.2", indicator: "9", label: {th: a, en: a}, method: mean_of_items,'
        " basis: {standing: inferred, source: [BOOK]}}\n",
    ),
    Mistake("weights-sum", MAIN, "weight: 4000", "weight: 4001"),
    Mistake("weights-sum", MAIN, "weight: 4000", "weight: 3999"),
    Mistake("band-order", MAIN, "at_least: 0\n", "at_least: 86\n"),
    Mistake("band-order", MAIN, "    every_instrument_at_least: 80\n", ""),  # two bands that are equal
    Mistake(
        "band-order", MAIN, "at_least: 85\n    basis", "at_least: 85\n    every_instrument_at_least: 80\n    basis"
    ),
    Mistake("no-lowest-band", MAIN, "at_least: 0\n", "at_least: 1\n"),
    Mistake("no-lowest-band", MAIN, "at_least: 0\n", "at_least: 0\n    every_instrument_at_least: 0\n"),
    Mistake("phase-order", MAIN, '"2024-10-01"\n    ends: "2025-12-31"', '"2025-03-02"\n    ends: "2025-03-01"'),
    Mistake("date-outside-year", MAIN, '"2024-10-01"', '"2024-09-30"'),
    Mistake("date-outside-year", MAIN, '"2025-12-31"', '"2026-01-01"'),
    Mistake("sample-instrument", MAIN, "instrument: IIT", "instrument: OIT"),
    Mistake("sample-cap", MAIN, "cap: 30", "cap: 29"),
    Mistake("unknown-previous-item", ITEMS, "continues: [i1]", "continues: [i1, i2]"),
    Mistake("unknown-previous-item", ITEMS, "continues: [O1]", "continues: [O2]"),
    Mistake("unknown-band", CASES, "level: A", "level: D"),
    Mistake("case-value", CASES, 'given: {IIT: "90"', 'given: {IIT: "90,5"'),
    Mistake("case-value", CASES, 'expect: {overall: "271/3"', 'expect: {overall: "1/0"'),
    Mistake("case-value", CASES, 'within: "0.5"', 'within: "half"'),
    Mistake("scale-without-points", MAIN, "en: Much}, points: 100", "en: Much}, points: 0"),
    # worked cases
    Mistake("case-node", CASES, 'given: {IIT: "90"', 'given: {XIT: "90"'),
    Mistake("case-node", CASES, "expect: {overall:", "expect: {total:"),
    Mistake("case-unknown", CASES, 'given: {IIT: "90", ', "given: {"),
    Mistake("case-unknown", CASES, "expect: {overall:", 'expect: {"1":'),
    Mistake("case-score", CASES, 'given: {IIT: "90"', 'given: {IIT: "85"'),
    Mistake("case-level", CASES, "level: A", "level: B"),
    Mistake("case-passes", CASES, "passes: true", "passes: false"),
    # what a person should confirm
    Mistake("other-previous-item", ITEMS, "continues: [i1]", "continues: [i0]"),
    Mistake("unlinked-item", ITEMS, "continues: [O1]", "continues: []"),
    Mistake("year-left-over", MAIN, 'title: {th: "ปีตัวอย่าง"', 'title: {th: "ปีตัวอย่าง 2567"'),
    Mistake("year-left-over", ITEMS, 'th: "ผัง"', 'th: "ผังของปีงบประมาณ พ.ศ. ๒๕๖๖"'),
    Mistake("year-left-over", ITEMS, 'remedy: "แก้ไข"', 'remedy: "แก้ไขภายใน 31 มีนาคม 2565"'),
    Mistake("points-below-full", MAIN, "en: Yes}, points: 100", "en: Yes}, points: 99"),
    Mistake("unknown-agency-type", ITEMS, 'th: "ผัง"', 'th: "ผัง", only_for: "อปท"'),
    Mistake("nothing-in-common", ITEMS, 'th: "ผัง"', 'th: "ผัง", only_for: "อปท."'),
    Mistake(
        "unknown-sub-indicator",
        MAIN,
        "overall:",
        'readings:\n  - {id: r, label: {th: a, en: a}, changes: {disclosure_items: {O1: {sub_indicator: "9.9"}}},'
        " basis: {standing: inferred, source: [BOOK]}}\noverall:",
    ),
    Mistake("unknown-previous-item", ITEMS, "continues: [i1]", "continues: [i11]"),
    Mistake("unknown-band", CASES, "level: A", "level: AA"),
    *(
        Mistake(
            code,
            MAIN,
            "overall:",
            "readings:\n  - id: r\n    label: {th: a, en: a}\n    basis: {standing: inferred, source: [BOOK]}\n"
            f"    {changes}\noverall:",
        )
        for code, changes in (
            ("unknown-reading-target", "changes: {disclosure_items: {}}"),
            ("unknown-reading-target", "changes: {disclosure_items: {O1: {second: 2, first: 1}}}"),
            ("unknown-reading-target", 'changes: {}\n    more_questions: {"9": 2}'),
            ("unknown-sub-indicator", 'changes: {disclosure_items: {O1: {sub_indicator: "9.9"}}}'),
        )
    ),
    Mistake(
        "open-link-instrument",
        MAIN,
        "overall:",
        "open_links:\n  - {instrument: OIT, basis: {standing: inferred, source: [BOOK]}}\noverall:",
    ),
)
# with tests of their own below
OF_WORKBOOKS = {*get_args(WorkbookCode), "number-for-text", "unread-cell", "hidden-cells"}  # see test_workbook.py
OTHER_CASES = {
    "unknown-year",
    "missing-framework-file",
    "file-too-large",
    "not-utf8",
    "crossed-items",
    "period-not-over",
}


@pytest.fixture
def year(tmp_path: Path) -> Path:
    """A small year to spoil, with the year before beside it."""
    shutil.copytree(HERE / "years", tmp_path, dirs_exist_ok=True)
    return tmp_path / "ita" / "2568"


def spoil(folder: Path, mistake: Mistake) -> None:
    path = folder / mistake.file
    text = path.read_text(encoding="utf-8")
    assert mistake.old in text, mistake
    path.write_text(text.replace(mistake.old, mistake.new, 1), encoding="utf-8")


def recorded() -> dict[str, str]:
    sections = SENTENCES.read_text(encoding="utf-8").split("## ")[1:]
    return {title: body.strip() for title, _, body in (section.partition("\n") for section in sections)}


def title_of(number: int) -> str:
    return f"{number + 1}. {MISTAKES[number].code}"


def test_a_year_without_mistakes_has_no_problem(year):
    assert rules.check(year, also=check_cases) == []


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=title_of)
def test_a_mistake_gives_its_problems(year, number):
    mistake = MISTAKES[number]
    spoil(year, mistake)
    problems = rules.check(year, also=check_cases)
    text = "\n".join(map(str, problems))
    assert mistake.code in {problem.code for problem in problems}, text
    assert problems == sorted(problems, key=lambda problem: (problem.file, problem.line))
    if os.environ.get("PRONGSAI_WRITE_PROBLEMS"):
        with SENTENCES.open("w" if number == 0 else "a", encoding="utf-8") as file:
            file.write(f"## {title_of(number)}\n{text}\n\n")
    assert recorded()[title_of(number)] == text


def test_every_code_has_a_case():
    codes = {mistake.code for mistake in MISTAKES}
    assert codes | OTHER_CASES | OF_WORKBOOKS == set(get_args(ProblemCode))


def test_every_problem_says_why_and_how():
    for title, text in recorded().items():
        lines = text.splitlines()
        assert sum(line.startswith("    เพราะ: ") and len(line) > 15 for line in lines) == len(lines) // 3, title
        assert sum(line.startswith("    วิธีแก้: ") and len(line) > 15 for line in lines) == len(lines) // 3, title


MORE_QUESTIONS = Mistake(
    "unknown-reading-target",
    MAIN,
    "overall:",
    'readings:\n  - {id: r, label: {th: a, en: a}, changes: {}, more_questions: {"1": 2},'
    " basis: {standing: inferred, source: [BOOK]}}\noverall:",
)


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake("not-a-list", ITEMS, "survey_items:\n", "survey_items: 5\nother_items:\n"),
        Mistake("not-a-choice", ITEMS, "direction: positive", "direction: up"),
    ],
    ids=["all", "one"],
)
def test_more_questions_are_not_doubted_where_the_questions_cannot_be_read(year, mistake):
    """Who mends the one mistake would look in vain for the other."""
    spoil(year, MORE_QUESTIONS)
    assert rules.check(year, also=check_cases) == []
    spoil(year, mistake)
    codes = {problem.code for problem in rules.check(year, also=check_cases)}
    assert mistake.code in codes
    assert "unknown-reading-target" not in codes


REFERENCES = {
    "unknown-instrument",
    "unknown-indicator",
    "unknown-sub-indicator",
    "unknown-scale",
    "instrument-without-indicators",
    "indicator-without-items",
    "indicator-without-sub-indicators",
    "sub-indicator-without-items",
    "sample-instrument",
    "open-link-instrument",
    "unknown-band",
    "unknown-reading-target",
}


# what a reading breaks is asked of rules without mistakes alone
OF_REFERENCES = [m for m in MISTAKES if m.code in REFERENCES and 'sub_indicator: "9.9"' not in m.new]


@pytest.mark.parametrize("mistake", OF_REFERENCES, ids=lambda m: m.code)
def test_a_mistake_of_form_elsewhere_hides_no_reference(year, mistake):
    spoil(year, Mistake("", MAIN, "assessment: ita", "assessment: 2568"))
    spoil(year, mistake)
    assert {"not-text", mistake.code} <= {problem.code for problem in rules.check(year)}


def test_what_a_reading_changes_is_found_where_it_stands(year):
    reading = "readings:\n  - {id: r, label: {th: a, en: a}, basis: {standing: inferred, source: [BOOK]}, "
    spoil(
        year, Mistake("", MAIN, "overall:", f'{reading}changes: {{none: {{}}}}, more_questions: {{"9": 2}}}}\noverall:')
    )
    assert [problem.place for problem in rules.check(year)] == [
        ("readings", 0, "changes"),
        ("readings", 0, "more_questions"),
    ]


def test_a_list_of_the_year_before_may_stand_in_two_files(year):
    before = year.parent / "2567"
    (before / "more-items.yaml").write_text(
        'survey_items:\n  - {id: i9, label: {th: "อื่น", en: Other}}\nassessment: other\n', encoding="utf-8"
    )
    spoil(year, Mistake("", ITEMS, "continues: [i1]", "continues: [i1, i9, i0]"))
    assert rules.check(year) == []


def test_what_an_item_continues_is_not_asked_in_a_year_that_cannot_be_read(year):
    data = rules.as_data(load_from(year).rules)
    data["survey_items"][0]["continues"] = ["i9"]
    framework, problems = rules.check_data(data, load_from(year))
    assert framework is None
    assert "unknown-previous-item" in {problem.code for problem in problems}
    data["fiscal_year"] = "x"
    codes = {problem.code for problem in rules.check_data(data, load_from(year))[1]}
    assert "not-an-integer" in codes
    assert "unknown-previous-item" not in codes


LISTS = {
    MAIN: ("scales", "instruments", "indicators", "sub_indicators", "bands"),
    ITEMS: ("survey_items", "disclosure_items"),
}


@pytest.mark.parametrize(("file", "key"), [(file, key) for file, keys in LISTS.items() for key in keys])
def test_a_list_that_cannot_be_read_is_the_only_mistake(year, file, key):
    """What refers to it may be right."""
    spoil(
        year,
        Mistake(
            "",
            MAIN,
            "overall:",
            "open_links:\n  - {instrument: EIT, basis: {standing: inferred, source: [BOOK]}}\noverall:",
        ),
    )
    assert rules.check(year) == []
    spoil(year, Mistake("", file, f"{key}:\n  - ", f"{key}: 5\nother_{key}:\n  - "))
    assert [problem.code for problem in rules.check(year)] == ["not-a-list", "unknown-field"]


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (Mistake("", MAIN, "kind: survey", "kind: [survey]"), "not-a-choice"),
        (Mistake("", MAIN, "kind: survey", "kind: 5"), "not-a-choice"),
        (Mistake("", MAIN, "    kind: survey\n", ""), "missing-field"),
        (Mistake("", MAIN, "kind: survey", "kind: survey\n    collected_by: 5"), "not-a-choice"),
    ],
)
def test_an_instrument_of_unknown_kind_is_the_only_mistake(year, mistake, code):
    spoil(
        year,
        Mistake(
            "",
            MAIN,
            "overall:",
            "open_links:\n  - {instrument: IIT, basis: {standing: inferred, source: [BOOK]}}\noverall:",
        ),
    )
    spoil(year, mistake)
    assert [problem.code for problem in rules.check(year)] == [code]


def test_a_link_of_a_survey_that_others_collect(year):
    links = "open_links:\n  - {instrument: IIT, basis: {standing: inferred, source: [BOOK]}}\noverall:"
    spoil(year, Mistake("", MAIN, "overall:", links))
    spoil(year, Mistake("", MAIN, "kind: survey", "kind: survey\n    collected_by: assessor"))
    assert [problem.code for problem in rules.check(year)] == ["open-link-instrument"]


def test_the_same_limit_may_stand_twice_where_the_second_asks_for_less(year):
    spoil(year, Mistake("", MAIN, "every_instrument_at_least: 80", "every_instrument_at_least: 1"))
    assert rules.check(year) == []
    spoil(year, Mistake("", MAIN, "    every_instrument_at_least: 1\n", ""))
    second = "en: Fair}\n    at_least: 85\n"
    spoil(year, Mistake("", MAIN, second, f"{second}    every_instrument_at_least: 0\n"))
    assert [problem.code for problem in rules.check(year)] == ["band-order"]


def test_phases_are_in_order_in_a_year_that_cannot_be_read(year):
    spoil(year, Mistake("", MAIN, "fiscal_year: 2568", "fiscal_year: x"))
    spoil(year, Mistake("", MAIN, 'starts: "2025-08-15"', 'starts: "2025-08-16"'))
    assert [problem.code for problem in rules.check(year)] == ["not-an-integer", "phase-order"]


def test_a_folder_with_mistakes_gives_no_rules_but_every_problem(year):
    for mistake in (MISTAKES[0], Mistake("not-a-choice", ITEMS, "direction: positive", "direction: up")):
        spoil(year, mistake)
    with pytest.raises(rules.FrameworkError) as caught:
        rules.load_folder(year)
    assert [problem.code for problem in caught.value.problems] == [p.code for p in rules.check(year)]
    assert {"invalid-yaml", "not-a-choice"} <= {problem.code for problem in caught.value.problems}


def test_an_unknown_year_names_those_there_are(year, monkeypatch):
    monkeypatch.setenv("PRONGSAI_FRAMEWORKS", str(year.parents[1]))
    with pytest.raises(rules.FrameworkError) as caught:
        rules.load(rules.NATIONAL, 2599)
    (problem,) = caught.value.problems
    assert str(problem) == str(caught.value)
    assert str(problem) == (
        f"{year.parent / '2599'}:1: ไม่มีหลักเกณฑ์ “ita/2599” [unknown-year]\n"
        "    เพราะ: ไม่พบแฟ้ม framework.yaml ของปีนี้\n"
        "    วิธีแก้: เลือกจากที่มี: ita/2567, ita/2568"
    )


def test_an_installation_without_years_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PRONGSAI_FRAMEWORKS", str(tmp_path / "nowhere"))
    assert rules.available() == []
    with pytest.raises(rules.FrameworkError, match="ยังไม่มีเลย"):
        rules.load(rules.NATIONAL, 2598)


def test_a_folder_that_is_no_year(tmp_path):
    (problem,) = rules.check(tmp_path / "nowhere")
    assert str(problem) == (
        f"{tmp_path / 'nowhere'}:1: ไม่พบไฟล์ framework.yaml [missing-framework-file]\n"
        "    เพราะ: ทุกปีต้องมีไฟล์นี้เป็นแฟ้มหลัก\n"
        "    วิธีแก้: ระบุแฟ้มของปี เช่น frameworks/ita/2568 หรือสร้างไฟล์ framework.yaml"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"#" * 2_000_001, "file-too-large"),
        (b"\xff\xfe\x00", "not-utf8"),
        (b"", "not-a-mapping"),
        (b"- a\n- b\n", "not-a-mapping"),
        (b"[" * 500_000, "invalid-yaml"),
    ],
)
def test_a_file_that_cannot_be_read_hides_no_other_problem_and_adds_none(year, content, code):
    (year / ITEMS).write_bytes(content)
    assert [(problem.code, problem.file, problem.line) for problem in rules.check(year)] == [(code, ITEMS, 1)]
    spoil(year, Mistake("not-text", MAIN, "assessment: ita", "assessment: 2568"))
    assert {problem.code for problem in rules.check(year)} == {code, "not-text"}


def test_a_file_of_the_greatest_size_is_read(year):
    path = year / ITEMS
    path.write_bytes(path.read_bytes() + b"#" * (2_000_000 - path.stat().st_size))
    assert rules.check(year) == []


def test_a_year_without_its_disclosure_items(year):
    path = year / ITEMS
    path.write_text(path.read_text(encoding="utf-8").partition("disclosure_items:")[0], encoding="utf-8")
    assert [(problem.code, problem.line) for problem in rules.check(year)] == [("sub-indicator-without-items", 67)]


def test_a_list_in_two_files_is_one_list_and_its_mistakes_stay_where_they_are(year):
    path = year / ITEMS
    text = path.read_text(encoding="utf-8")
    second = text.index("  - id: e1")
    end = text.index("disclosure_items:")
    path.write_text(text[:second] + text[end:], encoding="utf-8")
    (year / "more-items.yaml").write_text(f"survey_items:\n{text[second:end]}", encoding="utf-8")
    assert rules.check(year) == []
    spoil(year, Mistake("unknown-scale", "more-items.yaml", "scale: level", "scale: nothing"))
    assert [(p.code, p.file, p.line) for p in rules.check(year)] == [("unknown-scale", "more-items.yaml", 5)]


def test_the_first_year_of_all_refers_to_none_before(year):
    shutil.rmtree(year.parent / "2567")
    assert rules.check(year) == []


@pytest.mark.parametrize("content", ["5\n", "survey_items: 5\n", "survey_items: [5, {id: i1}]\n"])
def test_a_year_before_that_is_spoilt_stops_nothing(year, content):
    (year.parent / "2567" / MAIN).write_text(content, encoding="utf-8")
    expected = [] if "i1" in content else [("unknown-previous-item", 10)]
    assert [(problem.code, problem.line) for problem in rules.check(year)] == expected


def test_all_problems_are_reported_together(year):
    chosen = [m for m in MISTAKES if m.code in ("not-a-choice", "weights-sum", "unknown-band", "scale-mismatch")]
    for mistake in chosen[::2]:
        spoil(year, mistake)
    problems = rules.check(year)
    assert {problem.file for problem in problems} >= {MAIN, ITEMS}
    assert len({problem.code for problem in problems}) >= 3
    with pytest.raises(rules.FrameworkError) as caught:
        load_from(year)
    assert caught.value.problems == problems


def test_entries_without_ids_are_not_the_same(year):
    path = year / MAIN
    text = path.read_text(encoding="utf-8")
    for name in "BC":
        text = text.replace(f"  - id: {name}\n    label", "  - label")
    path.write_text(text, encoding="utf-8")
    assert [problem.code for problem in rules.check(year)] == ["no-lowest-band", "missing-field", "missing-field"]


def test_a_year_before_without_its_main_file_is_none(year):
    (year.parent / "2567" / MAIN).unlink()
    spoil(year, Mistake("", ITEMS, "continues: [i1]", "continues: [i9]"))
    assert rules.check(year) == []


def test_an_error_says_every_problem(year):
    spoil(year, Mistake("", MAIN, "weight: 4000", "weight: 1"))
    spoil(year, Mistake("", CASES, "level: A", "level: D"))
    with pytest.raises(rules.FrameworkError) as caught:
        load_from(year)
    first, second = caught.value.problems
    assert str(caught.value) == f"{first}\n{second}"


def test_a_near_name_is_suggested():
    assert suggest_name("at", ["target"]) == "หมายถึง “target” หรือไม่"
    assert suggest_name("xyz", ["th", "en"]) == "ที่มีได้: en, th"
    assert suggest_name("xyz", ["i10", "i9"]) == "ที่มีได้: i9, i10"
    assert suggest_name("xyz", []) == "กำหนด “xyz” ก่อน"


def test_limits_are_those_of_the_schema():
    adapter = TypeAdapter(Annotated[int, Limits(ge=3)])
    assert adapter.validate_python(3) == 3
    with pytest.raises(ValidationError):
        adapter.validate_python(2)
    with pytest.raises(ValidationError):
        adapter.validate_python("three")


def test_rules_are_in_the_package_or_beside_the_source(tmp_path, monkeypatch):
    monkeypatch.delenv("PRONGSAI_FRAMEWORKS", raising=False)
    monkeypatch.setattr(folder, "__file__", str(tmp_path / "src" / "prongsai" / "framework" / "folder.py"))
    assert rules.root() == tmp_path / "frameworks"
    shipped = tmp_path / "src" / "prongsai" / "frameworks"
    shipped.mkdir(parents=True)
    assert rules.root() == shipped


def load_from(year: Path) -> rules.Framework:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRONGSAI_FRAMEWORKS", str(year.parents[1]))
        return rules.load.__wrapped__(year.parent.name, int(year.name))
