"""What the papers say: the level, every weak item, every indicator, the work done, and no guessed reason."""

import dataclasses
import io
import itertools
import re
from fractions import Fraction

import docx
import pypdfium2
import pytest
from docx.oxml.ns import qn

from prongsai.analysis import phrases
from prongsai.documents import compose_document, issue_document
from prongsai.documents.content import blocks, wording
from prongsai.documents.content.blocks import list_texts
from prongsai.documents.content.data import (
    Disclosure,
    DocumentData,
    DocumentDataError,
    Formatting,
    Measure,
    MemoHeader,
    Signatory,
    YearResult,
)
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.shared import build_signatures
from prongsai.documents.issuance import write_document
from prongsai.documents.papers import measures
from prongsai.documents.writers import pdf
from prongsai.improvement.drafting import draft_measures
from prongsai.improvement.findings import derive_findings
from tests.documents.nation import invent_agency
from tests.documents.readers import squeeze
from tests.documents.samples import FRAMEWORKS, MEASURES, sample_data

ARABIC = Formatting("arabic")


def compose(kind, data):
    return compose_document(kind, dataclasses.replace(data, formatting=ARABIC))


def text_of(kind, data):
    return "\n".join(list_texts(compose(kind, data)))


# --- the summary


def test_the_summary_names_every_weak_item_once_the_most_urgent_first():
    data = invent_agency(2568, 2)
    facts = ResultFacts(data)
    weak = {w.item.id: w for i in facts.framework.indicators for w in facts.weak_items(i)}
    (listed,) = (b for b in compose("summary", data).sections[0].blocks if isinstance(b, blocks.MarkedList))
    ids = [re.search(r"ข้อ (\S+)", text)[1] for _, text in listed.items]
    assert sorted(ids) == sorted(weak)
    assert len(ids) > 8
    gains = [
        sum(w.gain or 0 for i in facts.framework.indicators for w in facts.weak_items(i) if w.item.id == item)
        for item in ids
    ]
    assert gains == sorted(gains, reverse=True)


def test_what_is_below_the_target_is_counted_exactly():
    share = ResultFacts(sample_data("lumphuek")).share_to_improve
    assert (share.of_items, share.total, share.below) == (False, 10, 7)
    assert "จำนวน 7 ตัวชี้วัด คิดเป็นร้อยละ 70 ของตัวชี้วัด" in text_of("summary", sample_data("lumphuek"))
    data = sample_data("bangpla")
    scores = [s for n, s in data.result.scores.items() if data.result.framework.nodes[n].item is not None]
    share = ResultFacts(data).share_to_improve
    assert (share.of_items, share.total, share.below) == (True, len(scores), sum(s < 85 for s in scores))
    assert share.short_of_full == sum(85 <= s < 100 for s in scores)


@pytest.mark.parametrize(
    ("total", "standing"), [("100", "top"), ("96", "top"), ("90", "reached"), ("60", "below"), ("12", "lowest")]
)
def test_the_level_means_what_its_place_in_the_rules_means(total, standing):
    data = sample_data("lumphuek")
    framework = data.result.framework
    data = dataclasses.replace(data, result=YearResult(framework, {"overall": Fraction(total)}))
    facts = ResultFacts(data)
    assert facts.level_standing == standing
    text = text_of("summary", data)
    meaning = getattr(phrases.load().levels, standing).removeprefix("{result} ")
    assert meaning in text
    assert getattr(phrases.load().closings, standing).removeprefix("ดังนั้น {agency} ") in text


def test_no_reason_is_guessed():
    data = sample_data("bangpla", disclosures=(Disclosure(item="O6", comment="ขาดความก้าวหน้าของสองโครงการ"),))
    for kind in ("outcome", "development", "measures"):
        text = text_of(kind, data)
        assert "ผู้ตรวจประเมินให้ความเห็นว่า ขาดความก้าวหน้าของสองโครงการ" in text, kind
        assert "ผลการประเมินไม่ได้ระบุเหตุผล" in text, kind
        advice = data.result.framework.items["O27"].advice
        assert advice.defect not in text, kind


@pytest.mark.parametrize("scores", [{"overall": "82.00"}, {"overall": "82.00", "9": "80.00", "10": "90.00"}])
def test_comments_reach_every_paper_though_nobody_knows_the_scores_of_items(scores):
    comment = "ขาดความก้าวหน้าของ ๒ โครงการ"
    known = {node: Fraction(value) for node, value in scores.items()}
    sample = sample_data("bangpla")
    data = dataclasses.replace(
        sample,
        result=dataclasses.replace(sample.result, scores=known),
        disclosures=(Disclosure(item="O6", comment=comment),),
    )
    for kind in ("summary", "outcome", "development", "measures", "memo"):
        assert text_of(kind, data).count("ขาดความก้าวหน้าของ 2 โครงการ"), kind  # in the digits of the paper
    without = dataclasses.replace(data, disclosures=(Disclosure(item="O6"),))
    assert "ผู้ตรวจประเมินให้ความเห็น" not in "".join(
        text_of(kind, without) for kind in ("summary", "outcome", "development", "measures")
    )


def test_a_summary_names_what_the_assessor_wrote_of_a_weak_item():
    item = "O27"
    data = sample_data("bangpla", disclosures=(Disclosure(item=item, comment="ไม่พบหนังสือแจ้งเวียน"),))
    assert "ไม่พบหนังสือแจ้งเวียน" in text_of("summary", data)


# --- the outcome report


def test_the_outcome_report_has_a_full_paragraph_for_every_indicator():
    data = sample_data("daengmo")
    facts = ResultFacts(data)
    paragraphs = {
        b.lead: b.text
        for b in compose("outcome", data).sections[0].blocks
        if isinstance(b, blocks.Paragraph) and b.lead
    }
    for indicator in facts.framework.indicators:
        words = phrases.describe_indicator(facts.framework, indicator)
        text = paragraphs[facts.indicator_title(indicator)]
        assert f"ได้คะแนนเฉลี่ย {facts.score_text(indicator)} คะแนน" in text
        assert words.measures in text
        assert getattr(words, facts.standing(facts.score(indicator))) in text
        assert (words.strength if facts.score(indicator) >= facts.target else words.gap) in text


def test_the_outcome_report_opens_with_the_result_and_gives_each_instrument_its_purpose_and_advice():
    text = text_of("outcome", sample_data("daengmo"))
    assert "ตามที่องค์การบริหารส่วนตำบลแดงหม้อได้เข้ารับการประเมิน" in text
    assert "80.90 คะแนน อยู่ในระดับ B ไม่ผ่านค่าเป้าหมาย" in text
    national = phrases.load().assessments["ita"].instruments
    for words, advice in ((national["IIT"], "reached"), (national["EIT"], "reached"), (national["OIT"], "below")):
        assert words.purpose in text
        assert getattr(words, advice) in text


@pytest.mark.parametrize("name", ["bangpla", "daengmo"])
def test_a_plan_is_enough_for_the_outcome_report(name):
    data = sample_data(name, previous=None, chain=(), measures=MEASURES)
    data = dataclasses.replace(data, result=YearResult(data.result.framework, {}))
    issued = issue_document("outcome", data)
    assert issued.read_back.contradictions == ()
    text = text_of("outcome", data)
    assert "ยังไม่มีผลการประเมิน" in text
    assert "ปรับข้อมูลครบ 30 ข้อ" in text
    (table,) = (b for s in compose("outcome", data).sections for b in s.blocks if isinstance(b, blocks.Table))
    assert len(table.columns) == 6
    assert len(table.rows) == len(MEASURES)
    with pytest.raises(DocumentDataError):
        compose_document("outcome", dataclasses.replace(data, measures=()))
    with pytest.raises(DocumentDataError):
        compose_document("measures", data)


# --- use of results


def test_use_of_results_has_a_cover_and_the_item_that_asks_for_it():
    data = dataclasses.replace(sample_data("bangpla"), measures=MEASURES)
    cover, report, plan = compose("development", data).sections
    assert cover.cover
    assert list_texts(cover)[-1] == "จัดทำโดย\nงานธุรการ สำนักปลัดเทศบาล\nเทศบาลตำบลบางปลา"
    required = ResultFacts(data).plan_requirement
    text = "\n".join(list_texts(report))
    assert f"ข้อ {required.item.id} {required.item.label.th} กำหนดให้" in text
    for element in required.elements:
        assert f"- {element}" in text
    assert len(next(b for b in plan.blocks if isinstance(b, blocks.Table)).columns) == 5


def tables_of(kind, data):
    return [b for s in compose(kind, data).sections for b in s.blocks if isinstance(b, blocks.Table)]


PLAN_PAPERS = ["measures", "development"]


def invent_of_both_sorts(year):
    """The first agency of a year with indicators that reach the target and others that do not."""
    for number in range(60):
        data = invent_agency(year, number)
        found = ResultFacts(data).findings
        if found.strengths and found.to_develop:
            return data
    raise AssertionError(year)


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
@pytest.mark.parametrize("kind", PLAN_PAPERS)
def test_without_a_plan_a_paper_recommends_and_says_so_and_decides_nothing(kind, year):
    """Nothing in it is a draft, and no line waits for a unit: it can be signed as it is."""
    data = dataclasses.replace(invent_of_both_sorts(year), measures=())
    text, table = text_of(kind, data), tables_of(kind, data)[-1]
    assert f"ยังไม่มีมาตรการที่บันทึกไว้สำหรับปีงบประมาณ พ.ศ. {year + 1}" in text
    assert "(ร่าง)" not in text
    assert not re.search(r"\.{10}|กำหนดมาตรการข้างต้น|ได้นำผลการวิเคราะห์ไปกำหนดมาตรการ|และกำหนดมาตรการ", text)
    facts = ResultFacts(data)
    recommended = [row.cells[-1].text for row in table.rows if row.kind == "plain"]
    assert len(recommended) == len(facts.framework.indicators)
    assert all(recommended)
    assert table.columns[-1].title == "ข้อเสนอแนะ"
    for indicator, said in zip(facts.framework.indicators, recommended, strict=True):
        score = facts.score(indicator)
        if (
            score is not None
            and score >= facts.target
            and all(w.score >= facts.target for w in facts.weak_items(indicator))
        ):
            assert said == f"รักษามาตรฐานการดำเนินงานด้าน{facts.label(indicator)}"
        else:
            assert "รักษามาตรฐานการดำเนินงานด้าน" not in said


@pytest.mark.parametrize("kind", PLAN_PAPERS)
def test_of_an_indicator_that_a_plan_leaves_out_a_paper_says_so(kind):
    """Nothing is drafted beside what was approved."""
    data = dataclasses.replace(sample_data("talingchan"), measures=MEASURES)
    text, table = text_of(kind, data), tables_of(kind, data)[-1]
    assert "(ร่าง)" not in text
    left_out = [row.cells for row in table.rows if "ไม่ได้กำหนดมาตรการเฉพาะของตัวชี้วัดนี้" in [c.text for c in row.cells]]
    assert len(left_out) == len(ResultFacts(data).framework.indicators) - 3  # MEASURES are about three
    assert all(cells[-1].text == "-" for cells in left_out)
    assert "ยังไม่มีมาตรการที่บันทึกไว้" not in text


@pytest.mark.parametrize("kind", PLAN_PAPERS)
def test_measures_that_wait_for_approval_are_marked_and_explained(kind):
    waiting = tuple(dataclasses.replace(m, is_draft=True) for m in MEASURES)
    text = text_of(kind, dataclasses.replace(sample_data("talingchan"), measures=waiting))
    assert f"{MEASURES[0].title} (ร่าง)" in text
    assert "ยังไม่ได้รับอนุมัติจากผู้บริหาร" in text
    assert "ยังไม่ได้รับอนุมัติ" not in text_of(kind, dataclasses.replace(sample_data("talingchan"), measures=MEASURES))


@pytest.mark.parametrize("kind", ["measures", "outcome"])
def test_a_report_without_a_line_of_its_own_is_signed_in_the_known_position_of_the_executive(kind):
    data = dataclasses.replace(sample_data("talingchan"), signatories=(), measures=MEASURES)
    signed = [b for s in compose(kind, data).sections for b in s.blocks if isinstance(b, blocks.Signature)]
    assert [s.position for s in signed] == ["", data.office.executive_position]
    assert data.office.executive_position


# --- analysis and measures


def test_the_analysis_says_what_the_score_reflects_and_how_measures_are_followed_up():
    text = text_of("measures", sample_data("talingchan"))
    assert "ได้คะแนนเฉลี่ย 66.33 คะแนน ซึ่งสะท้อนว่า บุคลากรภายในเห็นว่าการใช้จ่ายงบประมาณ" in text
    assert "ผลการวิเคราะห์ของหน่วยงาน ข้อมูลบางเรื่องยังไม่ครบตามองค์ประกอบ" in text
    assert "ผู้บริหารกำกับติดตามให้ดำเนินการตามมาตรการ โดยปลัดติดตามทุกเดือน" in text
    assert "ผลการติดตามล่าสุด เมื่อวันที่ 31 มีนาคม 2564 ดำเนินการแล้ว ปรับข้อมูลครบ 30 ข้อ หลักฐาน: ภาพหน้าเว็บ" in text
    change = text_of("measures", sample_data("bangpla"))
    assert "โดยคะแนนเพิ่มขึ้น 0.39 คะแนน เมื่อเทียบกับปีงบประมาณ พ.ศ. 2567" in change


@pytest.mark.parametrize(
    ("monitoring", "said"),
    [
        ("ทุกไตรมาส", "และให้ผู้รับผิดชอบรายงานผลทุกไตรมาส"),
        ("รายงานผู้บริหารทุกเดือน", "โดยรายงานผู้บริหารทุกเดือน"),
        ("", ""),
    ],
)
def test_an_interval_is_put_into_words(monitoring, said):
    text = wording.describe_monitoring(Measure(indicators=(), title="ก", monitoring=monitoring))
    assert text.endswith(said)
    assert bool(text) == bool(said)


def test_the_measures_end_with_lines_to_sign():
    (*_, last, author, executive) = compose("measures", sample_data("talingchan")).sections[-1].blocks
    assert last.keep_with_next
    assert (author.position, executive.position) == ("นักวิเคราะห์นโยบายและแผนชำนาญการ", "ผู้อำนวยการเขตตลิ่งชัน")
    assert executive.opinion is None
    blank = compose("measures", sample_data("talingchan", signatories=())).sections[-1].blocks[-1]
    assert (blank.name, blank.position) == ("", "ผู้อำนวยการเขตตลิ่งชัน")
    (only,) = (
        b
        for b in compose("measures", sample_data("talingchan", signatories=(Signatory("ปลัด"),))).sections[-1].blocks
        if isinstance(b, blocks.Signature)
    )
    assert only.position == "ปลัด"


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("kind", ["outcome", measures.KIND])
def test_no_page_holds_a_signature_alone(kind, number):
    data = invent_agency(2568, number)
    document = pypdfium2.PdfDocument(io.BytesIO(issue_document(kind, data, read_whole_pdf=False).pdf))
    pages = [squeeze(page.get_textpage().get_text_range()) for page in document]
    (signed,) = (page for page in pages if "(ลงชื่อ)" in page)
    assert signed.count("(ลงชื่อ)") == 2
    assert squeeze("จึงรายงานมา" if kind == "outcome" else "จึงกำหนดมาตรการข้างต้น") in signed


HEADER = MemoHeader(office="สำนักปลัด", to="นายก")
POSITIONS = ("นักวิเคราะห์", "หัวหน้าสำนักปลัด", "รองปลัด", "ปลัด", "รองนายก", "นายก")


@pytest.mark.parametrize("signatures", range(1, len(POSITIONS) + 1))
@pytest.mark.parametrize("number", range(3))
def test_the_signatures_of_a_memo_stand_with_its_last_sentence(number, signatures):
    line = tuple(Signatory(position) for position in POSITIONS[:signatures])
    data = dataclasses.replace(invent_agency(2570, number), memo_header=HEADER, signatories=line)
    written = write_document(compose_document("memo", data))
    document = pypdfium2.PdfDocument(io.BytesIO(written.pdf))
    pages = [squeeze(page.get_textpage().get_text_range()) for page in document]
    (signed,) = (page for page in pages if "(ลงชื่อ)" in page)
    assert signed.count("(ลงชื่อ)") == signatures
    assert squeeze("จึงเรียนมาเพื่อโปรดทราบ") in signed
    (row,) = (t.rows[0] for t in docx.Document(io.BytesIO(written.docx)).tables if "(ลงชื่อ)" in t.rows[0].cells[0].text)
    assert row._tr.trPr.find(qn("w:cantSplit")) is not None
    assert row.cells[0].text.count("(ลงชื่อ)") == signatures
    assert "จึงเรียนมาเพื่อโปรดทราบ" in row.cells[0].text


def test_more_signatures_than_a_page_holds_are_divided_with_none_alone():
    signed = build_signatures([Signatory(f"ตำแหน่งที่ {n}") for n in range(12)], with_opinions=True)
    divided = [n for n, signature in enumerate(signed) if not signature.keep_with_next]
    assert divided[-1] == 11
    assert len(divided) == 3  # two pages are not enough for twelve with lines to write on
    assert all(b - a > 2 for a, b in itertools.pairwise(divided))


@pytest.mark.parametrize("rows", range(26, 34))
def test_a_total_never_begins_a_page(rows):
    table = blocks.Table(
        (blocks.Column("ข้อ", 8.0), blocks.Column("คะแนน", 8.0)),
        (
            *(blocks.Row((blocks.Cell(f"แถวที่ {n}"), blocks.Cell("80"))) for n in range(rows)),
            blocks.Row((blocks.Cell("เฉลี่ย"), blocks.Cell("80")), "total"),
        ),
    )
    document = compose("summary", sample_data("talingchan"))
    section = dataclasses.replace(document.sections[0], blocks=(table,), cover=False)
    paper = pdf.write(dataclasses.replace(document, sections=(section,)), {})
    pages = [squeeze(page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(io.BytesIO(paper))]
    (page,) = (page for page in pages if squeeze("เฉลี่ย") in page)
    assert squeeze("แถวที่") in page


@pytest.mark.parametrize("kind", ["measures", "development", "summary", "outcome", "memo"])
def test_of_a_total_alone_a_paper_says_what_is_known_and_drafts_nothing(kind):
    """Who knows nothing of the indicators neither invents measures for them nor prints empty rows."""
    data = sample_data("phron")
    data = dataclasses.replace(
        data,
        result=dataclasses.replace(data.result, scores={"overall": Fraction("87.31")}),
        previous=None,
        chain=(),
        disclosures=(),
        measures=(),
    )
    document = compose_document(kind, data)
    texts = list_texts(document)
    assert "๘๗.๓๑" in " ".join(texts)
    assert "(ร่าง)" not in " ".join(texts)
    assert "-" not in texts
    rows = [
        row for section in document.sections for b in section.blocks if isinstance(b, blocks.Table) for row in b.rows
    ]
    assert not any("..." in cell.text for row in rows for cell in row.cells)
    if kind in ("measures", "development"):
        for action in phrases.load().without_indicators.actions:
            assert action in " ".join(texts)


def test_of_a_total_alone_what_was_decided_stands_in_the_paper():
    data = sample_data("phron")
    measure = Measure(indicators=("9",), title="เผยแพร่ข้อมูลให้ครบ", steps=("ตรวจทุกข้อ",), responsible=("สำนักปลัด",))
    result = dataclasses.replace(data.result, scores={"overall": Fraction("87.31")})
    data = dataclasses.replace(data, result=result, previous=None, chain=(), disclosures=(), measures=(measure,))
    text = " ".join(list_texts(compose_document("measures", data)))
    assert "เผยแพร่ข้อมูลให้ครบ" in text
    assert "ตัวชี้วัดที่ ๑ " not in text
    assert "(ร่าง)" not in text


def test_a_remark_on_the_rules_stands_before_the_signatures():
    """Below them it would stand on a page alone."""
    data = sample_data("phron")
    framework = FRAMEWORKS[max(FRAMEWORKS)]
    assert framework.is_provisional
    result = dataclasses.replace(data.result, framework=framework, scores={"overall": Fraction("87.31")})
    data = dataclasses.replace(data, result=result, previous=None, chain=(), disclosures=(), measures=())
    last = compose_document("measures", data).sections[-1].blocks
    assert isinstance(last[-1], blocks.Signature)
    assert any(isinstance(b, blocks.Paragraph) and b.lead == "หมายเหตุ" for b in last)


# --- what nobody announced, and what is printed whole


@pytest.mark.parametrize("year", sorted(FRAMEWORKS)[2:])
@pytest.mark.parametrize("kind", ["summary", "outcome", "development", "measures"])
def test_a_level_that_nobody_announced_is_never_told_as_announced(kind, year):
    data = dataclasses.replace(invent_agency(year, 3), previous=None, chain=())
    announced, computed = (
        dataclasses.replace(data, result=dataclasses.replace(data.result, stated_level=stated)) for stated in (None, "")
    )
    level = ResultFacts(announced).level
    assert level is not None
    tells_level = wording.quote_level(level) in text_of(kind, announced)
    assert "คำนวณจากคะแนน" not in text_of(kind, announced)
    assert ("คำนวณจากคะแนน" in text_of(kind, computed)) == tells_level


@pytest.mark.parametrize("kind", ["development", "summary", "outcome"])
def test_a_survey_known_as_a_whole_stands_among_the_instruments(kind):
    """Papers that print EIT alone, without its two parts."""
    scores = {
        "IIT": Fraction("81.11"),
        "EIT": Fraction("82.22"),
        "OIT": Fraction("83.33"),
        "overall": Fraction("82.34"),
    }
    data = dataclasses.replace(
        invent_agency(2567, 2), result=YearResult(FRAMEWORKS[2567], scores), previous=None, chain=()
    )
    text = text_of(kind, data)
    assert all(str(float(score)) in text for score in scores.values())


@pytest.mark.parametrize("kind", ["summary", "outcome"])
def test_a_result_with_a_total_alone_is_not_told_that_nothing_needs_mending(kind):
    scores = {"overall": Fraction("62.34")}
    data = dataclasses.replace(
        invent_agency(2567, 2), result=YearResult(FRAMEWORKS[2567], scores), previous=None, chain=(), measures=()
    )
    sentences = phrases.load().sentences
    assert sentences.details_unknown in text_of(kind, data)
    assert sentences.nothing_to_do not in text_of(kind, data)
    full = dict.fromkeys((n.id for n in FRAMEWORKS[2567].nodes.values() if n.item), Fraction(100))
    data = dataclasses.replace(data, result=YearResult(FRAMEWORKS[2567], full))
    assert sentences.details_unknown not in text_of(kind, data)


# --- sentences that stand alone or repeat themselves


def invent_partial(year: int, number: int, *instruments: str) -> DocumentData:
    """An invented agency of whose result some instruments alone are known."""
    data = invent_agency(year, number)
    framework = data.result.framework
    items = {n.id: Fraction(80) for n in framework.nodes.values() if n.item and n.instrument in instruments}
    return dataclasses.replace(
        data, result=YearResult(framework, items), previous=None, chain=(), measures=(), memo_header=HEADER
    )


@pytest.mark.parametrize("kind", ["summary", "outcome"])
@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_no_paragraph_begins_in_the_middle_of_a_sentence(kind, year):
    for data in (*(invent_agency(year, n) for n in range(6)), invent_partial(year, 1, "OIT")):
        for section in compose_document(kind, dataclasses.replace(data, measures=())).sections:
            texts = [b.text for b in section.blocks if isinstance(b, blocks.Paragraph)]
            assert not [text for text in texts if text.startswith(("โดย", "ซึ่ง", "และ", "แต่"))]
    sentences = phrases.load().sentences
    assert wording.announce_actions("") == sentences.actions_alone
    assert wording.announce_actions("ก") == sentences.actions_follow


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_a_memo_of_a_part_of_the_result_says_what_is_missing(year):
    partial = invent_partial(year, 1, "OIT")
    text = text_of("memo", partial)
    facts = ResultFacts(partial)
    assert "ไม่มีคะแนนรวม" in text
    missing = [g.label for g in facts.instrument_groups if g.id != "OIT"]
    sentence = wording.note_missing_instruments(facts)
    assert sentence in text
    assert all(label in sentence for label in missing)
    assert wording.note_missing_instruments(ResultFacts(invent_agency(year, 1))) == "" or (
        ResultFacts(invent_agency(year, 1)).score("overall") is None
    )


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_a_memo_proposes_something_for_all_that_is_weak_and_names_the_most_urgent(year):
    """Of every instrument; what has no room in the memo is counted there and annexed, so that it never grows long."""
    found = set()
    for number in range(8):
        data = dataclasses.replace(invent_agency(year, number), memo_header=HEADER)
        facts, (page, *annexes) = ResultFacts(data), compose("memo", data).sections
        weak = [w for i in facts.framework.indicators for w in facts.weak_items(i)]
        ids = {w.item.id for w in weak if w.node.instrument == "OIT" or w.score < facts.target}
        alone = {r.node for r in facts.findings.to_develop if not facts.known_items(r.node)}
        if not ids and not alone:
            continue
        lists = [b for b in page.blocks if isinstance(b, blocks.MarkedList)]
        named, texts = [text for _, text in lists[-1].items], list_texts(page)
        rest = [row.cells[1].text for s in annexes for b in s.blocks if is_of_proposals(b) for row in b.rows]
        subjects = [re.match(r"(?:.* )?ข้อ (\S+) “|(\S+) |", text).groups() for text in (*named, *rest)]
        proposed = [item or code for item, code in subjects]
        assert {p for p in proposed if p and "ตัวชี้วัด" not in p} == ids
        assert len(proposed) == len(ids) + len(alone)
        assert len(named) == min(5, len(proposed))
        assert (f"และเรื่องอื่นอีก {len(rest)} เรื่อง ตามรายการแนบท้าย" in texts) == bool(rest)
        gains = {i: sum(w.gain or 0 for w in weak if w.item.id == i) for i in ids}
        ranked = [gains[p] for p in proposed if p in gains]
        assert ranked == sorted(ranked, reverse=True)
        assert texts.index("จึงเรียนมาเพื่อโปรดทราบและพิจารณา") > texts.index(phrases.load().sentences.memo_report)
        found.add(bool(rest))
    assert True in found


def is_of_proposals(block):
    return isinstance(block, blocks.Table) and block.columns[-1].title == "การดำเนินการที่เสนอ"


@pytest.mark.parametrize("kind", ["memo", "summary"])
def test_an_indicator_below_the_target_is_not_passed_over_for_an_item_of_another(kind):
    """Of one indicator the score alone is known, of another an item: both are to be improved."""
    known = {"1": Fraction(40), "2": Fraction(90), "O1": Fraction(0), "O2": Fraction(100)}
    result = YearResult(FRAMEWORKS[2568], known)
    data = dataclasses.replace(invent_agency(2568, 1), result=result, previous=None, chain=(), memo_header=HEADER)
    lists = [b for s in compose(kind, data).sections for b in s.blocks if isinstance(b, blocks.MarkedList)]
    texts = [text for _, text in next(b for b in lists if any("จัดทำและเผยแพร่" in t for _, t in b.items)).items]
    assert any(text.startswith("ตัวชี้วัดที่ 1 ") for text in texts)
    assert any("O1 " in text[:12] for text in texts)
    assert not any("ตัวชี้วัดที่ 2 " in text or "O2 " in text[:12] for text in texts)


def test_a_memo_gives_the_causes_of_twelve_items_and_counts_the_others():
    framework = FRAMEWORKS[2568]
    marks = {item.id: Fraction(0) for item in framework.rules.disclosure_items[:15]}
    data = dataclasses.replace(
        invent_agency(2568, 1), result=YearResult(framework, marks), previous=None, chain=(), memo_header=HEADER
    )
    page, *_ = compose("memo", data).sections
    causes, _ = (b for b in page.blocks if isinstance(b, blocks.MarkedList))
    assert len(causes.items) == 12
    texts = list_texts(page)
    assert "ข้อของแบบ OIT ที่ไม่ได้คะแนนเต็ม มีจำนวน 15 ข้อ โดย 12 ข้อที่เร่งด่วนที่สุดมีดังนี้" in texts
    assert "และข้ออื่นอีก 3 ข้อ ตามรายการแนบท้าย" in texts


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_a_memo_never_announces_a_list_that_is_empty(year):
    for number in range(12):
        data = dataclasses.replace(invent_agency(year, number), memo_header=HEADER)
        for section in compose_document("memo", data).sections:
            assert all(b.items for b in section.blocks if isinstance(b, blocks.MarkedList))


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_full_marks_are_not_called_most(year):
    framework = FRAMEWORKS[year]
    full = {n.id: Fraction(100) for n in framework.nodes.values() if n.item}
    for known in (full, {"OIT": Fraction(100), "overall": Fraction(90)}):
        data = dataclasses.replace(
            invent_agency(year, 1), result=YearResult(framework, known), previous=None, chain=(), measures=()
        )
        assert "เป็นส่วนใหญ่" not in text_of("outcome", data)
        (group,) = (g for g in ResultFacts(data).instrument_groups if g.id == "OIT")
        assert "ได้ครบถ้วน" in wording.advise_instrument(ResultFacts(data), group)


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_the_level_of_the_year_before_is_no_paragraph_of_its_own(year):
    for number in (1, 3, 5, 7):
        for kind in ("summary", "development"):
            for section in compose_document(kind, invent_agency(year, number)).sections:
                texts = [b.text for b in section.blocks if isinstance(b, blocks.Paragraph)]
                assert not [t for t in texts if re.match(r"(?:ทั้งนี้ )?ปีงบประมาณ พ\.ศ\. [๐-๙]{4} อยู่ในระดับ", t)]


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_a_plan_names_the_parts_of_an_instrument_as_the_rules_do_and_says_a_shortfall_once(year):
    """The drafts of a plan, which stand in the papers as they are."""
    framework = FRAMEWORKS[year]
    full = {n.id: Fraction(100) for n in framework.nodes.values() if n.item}
    for instrument in framework.instruments:
        items = full | {n: Fraction(80) for n in full if framework.nodes[n].instrument == instrument}
        found = derive_findings(framework, items)
        drafts = draft_measures(framework, found, year + 1)
        texts = [f.defect for d in drafts for f in d.findings] + [t for d in drafts for t in (d.title, d.success)]
        assert not [text for text in texts if re.search(r"EIT\d(?!/)", text)]
        for draft in drafts:
            overall = [f for f in draft.findings if f.node == instrument]
            assert sum("80.00" in f.defect for f in overall) <= 1


@pytest.mark.parametrize("kind", ["summary", "outcome", "development", "measures", "memo"])
@pytest.mark.parametrize("year", sorted(FRAMEWORKS)[-3:])
def test_papers_name_the_level_that_the_result_says(kind, year):
    """Rules can be provisional, and what was announced is what the agency has: no paper says another level."""
    data = dataclasses.replace(
        invent_agency(year, 3), previous=None, chain=(), memo_header=MemoHeader(office="สำนักปลัด", to="นายก")
    )
    bands = [band.id for band in data.result.framework.rules.bands]
    computed = ResultFacts(data).level
    other = next(band for band in bands if band != computed)
    result = dataclasses.replace(data.result, stated_level=other)
    text = text_of(kind, dataclasses.replace(data, result=result))
    assert wording.quote_level(computed) not in text
    if wording.quote_level(other) in text:
        assert "ตามที่ได้รับแจ้ง" in text
    issued = issue_document(kind, dataclasses.replace(data, result=result), read_whole_pdf=False)
    assert issued.faults == ()
