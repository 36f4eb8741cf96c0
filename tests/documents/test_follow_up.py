"""The reports on a plan: from the plan and its follow-ups alone."""

import dataclasses
import datetime

import pytest

from prongsai.documents import compose_document, issue_document
from prongsai.documents.content.blocks import list_texts
from prongsai.documents.content.data import FollowUp, Formatting, Signatory, YearResult
from tests.documents.readers import word_text
from tests.documents.samples import MEASURES, sample_data

REPORTS = ("half_year", "year_end")
IN_MARCH = FollowUp(
    date=datetime.date(2021, 3, 31),
    status="กำลังดำเนินการ",
    work_done="ตรวจลิงก์แล้วสิบข้อ",
    obstacles="เว็บไซต์ล่มสองวัน",
    suggestion="จัดหาเครื่องสำรอง",
    files=("ภาพหน้าเว็บ.png", "รายงานประชุม https://www.example.go.th/a.pdf"),
)
IN_SEPTEMBER = FollowUp(date=datetime.date(2021, 9, 30), status="แล้วเสร็จ", work_done="ตรวจครบทุกข้อ")


def data_of(*follow_ups):
    data = sample_data("daengmo", formatting=Formatting("arabic"))
    return dataclasses.replace(
        data,
        result=YearResult(data.result.framework, {}),  # no result of the year is known yet
        previous=None,
        measures=(
            dataclasses.replace(MEASURES[0], follow_ups=follow_ups),
            dataclasses.replace(MEASURES[1], follow_ups=()),
        ),
        signatories=(Signatory("นักวิเคราะห์นโยบายและแผน"), Signatory("ปลัดองค์การบริหารส่วนตำบล")),
    )


def text_of(kind, data):
    return "\n".join(list_texts(compose_document(kind, data)))


def test_a_report_tells_what_was_done_until_its_day():
    data = data_of(IN_MARCH, IN_SEPTEMBER)
    half, whole = (text_of(kind, data) for kind in REPORTS)
    assert "ตุลาคม 2563 – มีนาคม 2564" in half
    assert "ตุลาคม 2563 – กันยายน 2564" in whole
    assert "ตรวจลิงก์แล้วสิบข้อ" in half
    assert "ตรวจครบทุกข้อ" not in half
    assert "ตรวจครบทุกข้อ" in whole
    assert ("กำลังดำเนินการ\n1" in half, "แล้วเสร็จ\n1" in whole) == (True, True)
    assert "ยังไม่มีบันทึกการติดตามผล\n1" in half  # the other measure


def test_obstacles_suggestions_and_evidence_come_along():
    half = text_of("half_year", data_of(IN_MARCH))
    for words in (IN_MARCH.obstacles, IN_MARCH.suggestion, *IN_MARCH.files):
        assert words in half
    nothing = text_of("half_year", data_of())
    assert "ไม่มีการบันทึกปัญหา อุปสรรค หรือข้อเสนอแนะ" in nothing
    assert "ภาคผนวก" not in nothing


@pytest.mark.parametrize("kind", REPORTS)
def test_it_is_written_without_a_result(kind):
    issued = issue_document(kind, data_of(IN_MARCH, IN_SEPTEMBER), read_whole_pdf=False)
    assert issued.pdf.startswith(b"%PDF")
    text = word_text(issued.docx)
    assert "นักวิเคราะห์นโยบายและแผน" in text
    assert "ปลัดองค์การบริหารส่วนตำบล" in text


def test_a_plan_without_measures_is_reported_as_one():
    data = dataclasses.replace(data_of(), measures=())
    assert "จำนวน 0 มาตรการ" in text_of("half_year", data)
