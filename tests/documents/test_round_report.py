"""The weekly report of a round says every count it was given, in Word and in PDF, and no other."""

import datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prongsai.documents.content.blocks import list_texts
from prongsai.documents.issuance import write_document
from prongsai.documents.papers import round_report
from prongsai.documents.papers.round_report import Group, Phase, RoundProgress
from prongsai.lib import thai
from tests.documents.readers import pdfium_text, squeeze, word_text

DAY = datetime.date(2026, 11, 30)
STAGES = {"begun": "เริ่มยื่น", "confirmed": "ผู้บริหารยืนยัน", "released": "ส่งคะแนน", "overdue": "เลยกำหนด"}
ACTS = {"confirmed": "ยืนยัน", "released": "ส่งคะแนน"}


def group(title, agencies, overdue=0, **counts):
    return Group(title, agencies, dict.fromkeys(STAGES, 0) | counts | {"overdue": overdue})


def progress(**changes):
    days = [(DAY - datetime.timedelta(back), {"confirmed": 100 + back, "released": back}) for back in range(15)]
    return RoundProgress(
        **{
            "assessment": "การประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ",
            "fiscal_year": 2570,
            "at": datetime.datetime.combine(DAY, datetime.time(14, 5)),
            "phases": [Phase("ยื่นข้อมูล", DAY, DAY + datetime.timedelta(9)), Phase("ตรวจ", None, None)],
            "stages": STAGES,
            "whole": group("ทั้งประเทศ", 8317, 311, begun=8000, confirmed=6121, released=17),
            "regions": [group("ภาคเหนือ", 4000, 300, begun=3999), group("ภาคใต้", 4317, 11, begun=4001)],
            "provinces": [group(f"จังหวัดที่ {k}", 90, k) for k in range(20)],
            "assessors": [group("ยังไม่มีผู้ประเมิน", 8317, 311)],
            "acts": ACTS,
            "days": days,
            "overdue": "overdue",
        }
        | changes
    )


def texts(document):
    return [thai.arabic(text) for text in list_texts(document)]


def rows_below(document, heading):
    blocks = [block for section in document.sections for block in section.blocks]
    start = next(n for n, b in enumerate(blocks) if getattr(b, "text", "").endswith(heading))
    table = next(block for block in blocks[start + 1 :] if hasattr(block, "rows"))
    return [[thai.arabic(cell.text) for cell in row.cells] for row in table.rows]


def test_both_files_say_all_of_it():
    document = round_report.compose(progress())
    written = write_document(document)
    drawn = {text for text in list_texts(document) if text}
    for text in (squeeze(word_text(written.docx)), squeeze(pdfium_text(written.pdf))):
        assert [t for t in drawn if squeeze(t) not in text] == []


def test_the_week_is_seven_whole_days_beside_the_seven_before():
    said = " ".join(texts(round_report.compose(progress())))
    week, before = sum(range(101, 108)), sum(range(108, 115))
    assert f"ยืนยัน {week} รายการ (สัปดาห์ก่อน {before} รายการ)" in said


@pytest.mark.parametrize(
    ("starts", "ends", "state"),
    [
        (None, None, "ยังไม่เริ่ม"),
        (1, 5, "ยังไม่เริ่ม"),
        (0, 0, "วันสุดท้าย"),
        (0, 1, "เหลือเวลา 1 วัน"),
        (-9, -1, "สิ้นสุดแล้ว"),
        (-9, None, "อยู่ระหว่างดำเนินการ"),
    ],
)
def test_where_a_phase_stands(starts, ends, state):
    days = [None if n is None else DAY + datetime.timedelta(n) for n in (starts, ends)]
    assert round_report.describe_phase(Phase("x", *days), DAY) == state


def test_those_behind_are_the_worst_first_and_the_rest_is_counted():
    document = round_report.compose(progress())
    rows = rows_below(document, "จังหวัดที่มีหน่วยงานเลยกำหนดมากที่สุด")
    assert [row[1] for row in rows] == [f"จังหวัดที่ {k}" for k in range(19, 4, -1)]
    assert rows[0] == ["1", "จังหวัดที่ 19", "90", "19", "21.11"]
    assert "มีอีก 4 รายการที่ไม่ได้แสดง" in texts(document)


def test_a_round_without_agencies_and_one_without_delay_are_no_error():
    empty = group("ทั้งประเทศ", 0)
    nothing = round_report.compose(progress(whole=empty, regions=[], provinces=[], assessors=[]))
    assert "ยังไม่มีหน่วยงานในรอบการประเมิน" in texts(nothing)
    assert write_document(nothing).pdf.startswith(b"%PDF")
    calm = round_report.compose(progress(whole=group("ทั้งประเทศ", 9), provinces=[], assessors=[]))
    assert texts(calm).count("ไม่มีหน่วยงานที่เลยกำหนด") == 2


@example(part=1, whole=2)
@example(part=1, whole=32)  # 3.125 goes up
@given(part=st.integers(0, 10_000), whole=st.integers(1, 10_000))
@settings(max_examples=200)
def test_a_share_is_what_decimals_give(part, whole):
    share = (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert round_report.format_share(part, whole) == str(share)


def test_a_share_of_nothing_is_no_number():
    assert round_report.format_share(0, 0) == "-"
