"""The phrases of papers: complete for every national indicator and question, filled only from what they know, all used,
and none that breaks off."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import BaseModel

from prongsai import framework as rules
from prongsai.analysis import headings, phrases
from prongsai.documents import KINDS, compose_document
from prongsai.documents.content import wording
from prongsai.documents.content.blocks import list_texts
from prongsai.documents.content.facts import ResultFacts
from prongsai.lib import thai
from prongsai.lib.checked_yaml import FileMistakesError
from tests import invented
from tests.documents.samples import FRAMEWORKS, sample_data
from tests.years import YEARS

ROOMS = [Path(phrases.__file__).parents[1] / room for room in ("documents", "improvement", "analysis")]
PHRASES = phrases.load()
_BROKEN_OFF = re.compile(r"(?:และ|หรือ|โดย|ได้แก่|เพื่อ|ของ|ใน|(?<!หน้า)ที่|ซึ่ง|ว่า|กับ|จาก|แก่|,|:|\()$")
_LOOSE = re.compile(r"ๆ(?! |$)| ๆ\S|  |\(\s|\s\)|[“][^”]*$|ๆๆ|เเ")


def texts_of(part: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every phrase with its place."""
    if isinstance(part, str):
        yield place, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from texts_of(getattr(part, name), f"{place}.{name}")
    elif isinstance(part, dict):
        for name, inside in part.items():
            yield from texts_of(inside, f"{place}.{name}")
    elif isinstance(part, tuple):
        for n, inside in enumerate(part):
            yield from texts_of(inside, f"{place}.{n}")


@pytest.mark.parametrize("year", [year for name, year in rules.available() if name == rules.NATIONAL])
def test_every_national_indicator_instrument_and_question_has_phrases(year):
    framework = FRAMEWORKS[year]
    national = PHRASES.assessments[framework.assessment]
    for indicator in framework.indicators:
        found = phrases.find_indicator(framework, indicator)
        assert found is not None, indicator
        assert found.actions
    groups = {
        g.id for g in ResultFacts(dataclasses.replace(sample_data("phron"), result=_empty(year))).instrument_groups
    }
    assert groups <= national.instruments.keys()
    for item in framework.rules.survey_items:
        assert phrases.find_question_action(framework, item.id), item.id


def _empty(year):
    return dataclasses.replace(sample_data("phron").result, framework=FRAMEWORKS[year], scores={})


def test_nothing_is_written_for_what_no_year_has():
    national = PHRASES.assessments[rules.NATIONAL]
    shipped = {year: FRAMEWORKS[year] for name, year in rules.available() if name == rules.NATIONAL}
    labels = {(i, f.nodes[i].label.th) for f in shipped.values() for i in f.indicators}
    assert {(i, name) for i, p in national.indicators.items() for name in p.names} == labels
    for entry in national.questions:
        for year in entry.years:
            assert {i.id for i in shipped[year].rules.survey_items} == entry.actions.keys(), year
    assert sorted(y for entry in national.questions for y in entry.years) == sorted(shipped)


def test_every_phrase_is_used():
    paths = [path for room in ROOMS for path in room.rglob("*.py") if path.name != "phrases.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    code += Path(phrases.__file__).read_text(encoding="utf-8").partition("def read(")[2]
    parts = (phrases.Sentences, phrases.Changes, phrases.Kinds, phrases.OtherIndicator, phrases.InstrumentPhrases)
    parts += (phrases.FindingPhrases, phrases.MeasurePhrases, phrases.WithoutIndicators, headings.Words)
    for part in parts:
        for name in part.model_fields:
            assert re.search(rf"\.{name}\b", code), name
    standings = {"top", "reached", "below", "lowest"}
    assert standings == phrases.Levels.model_fields.keys() == phrases.Closings.model_fields.keys()
    assert set(rules.PERIOD_TH) == phrases.Periods.model_fields.keys()


@pytest.mark.parametrize("paper", headings.Headings.model_fields)
def test_every_heading_is_used_by_what_names_its_paper(paper):
    codes = [path.read_text(encoding="utf-8") for path in ROOMS[0].rglob("*.py")]
    code = "\n".join(code for code in codes if re.search(rf"headings\.{paper}\b", code))
    part = headings.Headings.model_fields[paper].annotation
    assert not [name for name in part.model_fields if not re.search(rf"\.{name}\b", code)]


def test_no_word_of_a_paper_stands_in_code():
    """What an editor corrects is in one place: sentences, headings, titles of columns, short words."""
    papers = Path(phrases.__file__).parents[1] / "documents"
    modules = [*(papers / "papers").glob("*.py"), papers / "writers" / "annex.py"]
    modules += [papers / "content" / name for name in ("wording.py", "shared.py", "facts.py")]
    found = [(path.name, text) for path in modules for text in _list_thai(path) if text not in _NOT_OF_PAPERS]
    assert not found
    assert all(text in KINDS.values() for text in _names(papers / "papers"))


def _list_thai(path: Path) -> Iterator[str]:
    """The Thai strings of a module that are no docstrings, no names of kinds of papers, and in no message to who types
    the data."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    passed |= {id(text) for node in ast.walk(tree) for text in _not_printed(node)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed
        if is_text and re.search("[ก-๙]", node.value):
            yield node.value


def _not_printed(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "DocumentDataError":
        yield from ast.walk(node)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "compile":
        yield from node.args
    if isinstance(node, ast.keyword) and node.arg == "name":
        yield node.value
    if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["NAME"]:
        yield node.value
    if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "MEMO_NAMES" and node.value:
        yield from ast.walk(node.value)


def _names(folder: Path) -> Iterator[str]:
    """What modules say is the name of a kind of paper, under which pages offer it."""
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["NAME"]:
                assert isinstance(node.value, ast.Constant)
                yield str(node.value.value)


# what is compared with other texts, and the fields of the prescribed form of a memo, which stored memos have too
_NOT_OF_PAPERS = {"ระดับ ", "ในการดำเนินงาน", "ส่วนราชการ", "ที่", "วันที่", "เรื่อง", "เรียน"}


@pytest.mark.parametrize(("place", "text"), list(texts_of(PHRASES)))
def test_no_phrase_breaks_off(place, text):
    if place.endswith((".prepared_by", ".findings.total")) or ".names." in place:
        return
    if not place.startswith((".words.", ".headings.")):
        assert not _BROKEN_OFF.search(text), place
    assert not _LOOSE.search(text), place
    assert text.count("(") == text.count(")"), place


def test_an_assessment_without_phrases_speaks_of_what_its_rules_say():
    framework = invented.framework()
    words = phrases.describe_indicator(framework, "A")
    assert "คณะดำเนินการเรื่องการสอนและการประเมินผลเพียงใด" in words.measures
    assert "การสอนและการประเมินผล" in words.gap
    for text in (*words[:-1], *words.actions):
        assert not _BROKEN_OFF.search(text)
    assert phrases.find_question_action(framework, "q.1") is None
    facts = ResultFacts(
        dataclasses.replace(
            sample_data("phron"),
            result=dataclasses.replace(sample_data("phron").result, framework=framework, scores={}),
        )
    )
    action = wording.recommend_action(facts, framework.items["q.1"])
    assert "จัดทำและปรับปรุงเรื่องคำถามที่ 1" in action
    assert "มีชื่อผู้รับผิดชอบ" in wording.recommend_action(facts, framework.items["W-1"])


def test_an_indicator_of_the_same_number_with_another_name_is_another():
    framework = FRAMEWORKS[max(FRAMEWORKS)]
    data = rules.as_data(framework.rules)
    data["indicators"][0]["label"]["th"] = "เรื่องใหม่"
    renamed, problems = rules.check_data(data, None)
    assert renamed is not None, problems
    assert phrases.find_indicator(renamed, data["indicators"][0]["id"]) is None
    assert "เรื่องใหม่" in phrases.describe_indicator(renamed, data["indicators"][0]["id"]).high


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{result} หมายถึง", "{score} หมายถึง", "ไม่รู้จัก {score} ที่ใช้ได้: {result}"),
        ("{result} หมายถึง", "{result หมายถึง", "ปีกกา"),
        ("{result} หมายถึง", "{result} หมายถึง ได้ 85 คะแนน", "มีตัวเลข"),
        ("  top:", "  tops:", "levels > top"),
        ('no_reason: "ผลการประเมินไม่ได้ระบุเหตุผล"', 'no_reason: ""', "ว่าง"),
        ("  no_reason:", "  share:", "ซ้ำ"),
        ('background: "เรื่องเดิม"', 'background: "{agency}"', "ไม่รู้จัก {agency} ที่ใช้ได้: ไม่มี"),
        ('consideration: "ข้อพิจารณา"', 'considered: "ข้อพิจารณา"', "headings > memo > "),
    ],
)
def test_mistakes_of_the_editor_are_named_with_their_line(tmp_path, old, new, problem):
    text = phrases.FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "phrases.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileMistakesError) as error:
        phrases.read(path)
    assert problem in str(error.value)
    line = text[: text.index(old)].count("\n") + 1
    assert re.search(r"บรรทัด \d+", str(error.value))
    if "  tops" not in new:
        assert f"บรรทัด {line}:" in str(error.value)


# --- questions of a year that no phrases name


def new_year(*, years=1, **renumbered):
    """The rules of a coming year, with some questions under the number of another, which they continue."""
    after = max(FRAMEWORKS)
    framework = FRAMEWORKS[after]
    items = {item.id: item for item in framework.rules.survey_items}
    survey_items = tuple(
        dataclasses.replace(
            items[renumbered.get(item.id, item.id)], id=item.id, continues=(renumbered.get(item.id, item.id),)
        )
        for item in framework.rules.survey_items
    )
    return rules.Framework(dataclasses.replace(framework.rules, fiscal_year=after + years, survey_items=survey_items))


@pytest.mark.parametrize("years", [1, 2, 5])
def test_a_new_year_inherits_the_phrases_of_the_questions_it_continues(years):
    last = FRAMEWORKS[max(FRAMEWORKS)]
    coming = new_year(years=years, i4="i7", i7="i4")
    for item in coming.rules.survey_items:
        known_as = item.continues[0]
        assert phrases.find_question_action(coming, item.id) == phrases.find_question_action(last, known_as)
        assert phrases.find_question_defect(coming, item.id) == phrases.find_question_defect(last, known_as)
    assert phrases.find_question_action(coming, "i4") == phrases.find_question_action(last, "i7")


def test_a_new_question_inherits_nothing():
    coming = new_year()
    data = rules.as_data(coming.rules)
    item = data["survey_items"][0]
    item["label"]["th"], item["continues"] = "หน่วยงานเปิดให้ตรวจสอบโครงการทางอินเทอร์เน็ตได้หรือไม่", []
    changed = rules.restore(data)
    assert phrases.find_question_action(changed, item["id"]) is None
    assert phrases.find_question_defect(changed, item["id"]) is None


def test_every_question_with_an_action_has_a_defect_in_official_words():
    for entry in PHRASES.assessments[rules.NATIONAL].questions:
        assert entry.defects.keys() == entry.actions.keys()
        assert all(text.startswith("ผู้ตอบส่วนหนึ่ง") for text in entry.defects.values())


@pytest.mark.parametrize("year", [year for name, year in rules.available() if name == rules.NATIONAL])
def test_papers_print_no_chatty_advice(year):
    """Neither defects nor remedies in the words in which the rules speak to an officer."""
    framework = FRAMEWORKS[year]
    nodes = {n.id for n in framework.nodes.values() if n.kind == "item"}
    result = dataclasses.replace(
        sample_data("phron").result, framework=framework, scores={node: Fraction(50) for node in nodes}
    )
    data = dataclasses.replace(sample_data("phron"), result=result, disclosures=())
    items = (*framework.rules.survey_items, *framework.rules.disclosure_items)
    for kind in ("summary", "outcome", "development", "measures", "memo", "checklist"):
        text = thai.squeeze(thai.arabic("\n".join(list_texts(compose_document(kind, data)))))
        for item in items:
            assert thai.squeeze(item.advice.defect) not in text, (kind, item.id)
            assert thai.squeeze(item.advice.remedy) not in text, (kind, item.id)
        for item in framework.rules.disclosure_items:
            for element in item.elements:
                if _NOTE.search(element.th):
                    assert thai.squeeze(element.th) not in text, (kind, item.id)


@pytest.mark.parametrize("year", YEARS)
def test_a_weak_disclosure_is_published_with_every_element_required_of_all(year):
    framework, assessed = YEARS[year], int(year) + 1
    for item in framework.rules.disclosure_items:
        text = phrases.recommend(framework, item, assessed)
        assert phrases.name_data(item).strip() in text
        for element in item.elements:
            said = phrases.describe_element(framework, element, assessed)
            assert (said in text) is not bool(element.only_for), (item.id, said)


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_what_a_disclosure_must_contain_is_said_in_official_words(year):
    """None of the notes for who files and who marks: no slash between words, no arrow, no list after a colon, no short
    form, no verdict on what gets no points, no year but those that are meant."""
    framework = FRAMEWORKS[year]
    national = PHRASES.assessments[framework.assessment].elements
    for item in framework.rules.disclosure_items:
        for element in item.elements:
            assert element.th in national, (item.id, element.th)
            said = phrases.describe_element(framework, element, year + 1)
            assert not _NOTE.search(said), (item.id, said)
            assert set(map(int, re.findall(r"ปีงบประมาณ พ\.ศ\. (\d{4})", said))) <= {year + 1, year}, (item.id, said)


_NOTE = re.compile(
    r"[/:→]|(?:^|[ (])งบ(?!ประมาณ)|เว็บหลัก|เว็บ(?!ไซต์)|คนนอก|HR|ปีก่อน(?!หน้า)|ปีนั้น|ปีที่แล้ว|ปีที่(?:รับการ)?ประเมิน|ได้ 0|ไม่ผ่าน|\(ไม่|walk-in|live chat|ในปี$"
    r"|\bO\d"
)


def test_elements_that_nobody_wrote_for_stand_in_the_words_of_the_rules():
    framework = invented.framework()
    item = framework.rules.disclosure_items[0]
    assert phrases.describe_element(framework, item.elements[0], 2571) == item.elements[0].th


def test_the_period_is_said_once():
    for year in YEARS:
        for item in YEARS[year].rules.disclosure_items:
            text = phrases.recommend(YEARS[year], item, int(year) + 1)
            assert text.count("โดยเป็นข้อมูลของปีงบประมาณ พ.ศ.") + text.count("ข้อมูลของปีงบประมาณ พ.ศ.") <= 2, text
            last = text.rpartition(" โดย")[2]
            for named in re.findall(r"พ\.ศ\. \d{4}", last):
                assert named not in text.removesuffix(last), text


def test_a_year_without_rules_has_no_questions_to_continue():
    assert not phrases._list_questions(rules.NATIONAL, max(map(int, YEARS)) + 1)


@pytest.mark.parametrize("year", YEARS)
def test_a_weak_question_has_something_to_do(year):
    for item in YEARS[year].rules.survey_items:
        assert phrases.recommend(YEARS[year], item, int(year)) == phrases.recommend_for_question(YEARS[year], item)
