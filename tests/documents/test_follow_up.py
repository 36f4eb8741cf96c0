"""The reports on a plan: from the plan and its follow-ups alone."""

import dataclasses
import datetime
import io
import re
import zipfile

import pypdfium2
import pytest
from PIL import Image

from prongsai.documents import actions, compose_document, issue_document, sources
from prongsai.documents.content.blocks import Picture, Signature, list_texts
from prongsai.documents.content.data import (
    AttachedPicture,
    Attachment,
    FollowUp,
    Formatting,
    Signatory,
    YearResult,
)
from prongsai.documents.issuance import digest_content, write_document
from prongsai.documents.models import Paper
from prongsai.documents.papers import KINDS
from prongsai.improvement.actions import EvidenceInput
from prongsai.improvement.registers.kinds import papers
from prongsai.lib import fiscal
from tests.documents.readers import word_text
from tests.documents.samples import MEASURES, sample_data
from tests.improvement.plans import approved_plan, follow_up

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


def jpeg(width, height):
    out = io.BytesIO()
    Image.new("RGB", (width, height), (width, height, 90)).save(out, "JPEG")
    return out.getvalue()


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


def test_the_outcome_report_names_three_pieces_of_evidence_and_lists_more_in_an_annex():
    names = [f"ภาพที่ {n}" for n in "กขคง"]
    reports = (dataclasses.replace(IN_MARCH, evidence=tuple(names[:n]), files=tuple(names[:n])) for n in (3, 4))
    few, many = (text_of("outcome", data_of(report)) for report in reports)
    assert ("หลักฐาน: ภาพที่ ก, ภาพที่ ข, ภาพที่ ค" in few, "ภาคผนวก" in few) == (True, False)
    table, annex = many.split("ภาคผนวก รายการหลักฐาน")
    assert "ภาพที่ ค และอื่น ๆ รวม 4 รายการ" in table
    assert "ภาพที่ ง" not in table
    assert [name in annex for name in names] == [True] * 4


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


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_says_whether_its_period_is_over(kind):
    over = data_of(IN_MARCH)
    running = dataclasses.replace(over, is_interim=True)
    assert "บัดนี้ครบกำหนดรายงาน" in text_of(kind, over)
    assert "ก่อนครบกำหนด" not in text_of(kind, over)
    assert "บัดนี้ครบกำหนด" not in text_of(kind, running)
    assert "จัดทำก่อนครบกำหนดรอบการรายงาน" in text_of(kind, running)
    # what was issued too early is not the report that is issued when the period is over
    assert digest_content(kind, over) != digest_content(kind, running)


@pytest.mark.parametrize(
    ("day", "warned"),
    [
        (datetime.date(2026, 11, 28), {"half_year", "year_end"}),
        (datetime.date(2027, 3, 31), {"half_year", "year_end"}),
        (datetime.date(2027, 4, 1), {"year_end"}),
        (datetime.date(2027, 10, 1), set()),
    ],
)
def test_the_officer_is_told_before_issuing_that_a_period_is_not_over(monkeypatch, day, warned):
    monkeypatch.setattr(sources, "today", lambda: day)
    found = {kind: sources.find_running_period(kind, fiscal.year_of(datetime.date(2026, 11, 28))) for kind in KINDS}
    assert {kind for kind in REPORTS if found[kind]} == warned
    assert {kind for kind, end in found.items() if end} <= {
        *REPORTS,
        *(k for k, (_, p) in papers().items() if p.stage != "plan"),
    }
    for paper in ("summary", "memo", "action_plan", "no_gift_declaration"):
        assert found[paper] is None


def test_the_page_of_papers_says_calmly_when_the_period_ends(client, people, agencies, running_round, monkeypatch):
    plan = approved_plan(agencies[0], people, follow=False)
    client.force_login(people["officer"])
    address = f"/desk/agency/A1/papers/{plan.fiscal_year}/"
    for day, count in ((fiscal.first_day(plan.fiscal_year), 2), (fiscal.last_day(plan.fiscal_year + 1), 0)):
        monkeypatch.setattr(sources, "today", lambda day=day: day)
        page = client.get(address).content.decode()
        assert page.count("รอบที่รายงานยังไม่สิ้นสุด") == count
        assert sources.collect_data(agencies[0], plan.fiscal_year, "year_end").is_interim == bool(count)


# --- evidence, bound in

PHOTOGRAPH = AttachedPicture(jpeg(160, 120), 1400, 1050)


def with_attachments(*attachments):
    return data_of(dataclasses.replace(IN_MARCH, files=(), attachments=attachments))


def pictures_of(data):
    document = compose_document("half_year", data)
    return [block for section in document.sections for block in section.blocks if isinstance(block, Picture)]


@pytest.mark.parametrize("kind", REPORTS)
def test_pictures_of_the_evidence_are_in_every_form(kind):
    page = AttachedPicture(jpeg(99, 140), 990, 1400)
    data = with_attachments(
        Attachment(name="ภาพกิจกรรม.jpg", sha256="a1" * 32, pages=1, pictures=(PHOTOGRAPH,)),
        Attachment(name="รายงานประชุม.pdf", sha256="b2" * 32, pages=9, pictures=(page, page)),
        Attachment(name="เสีย.png", sha256="c3" * 32, remark="แสดงเป็นภาพไม่ได้"),
        Attachment(name="ทะเบียน.xlsx", sha256="d4" * 32),
    )
    issued = issue_document(kind, data, read_whole_pdf=False)
    text = word_text(issued.docx)
    for words in ("หลักฐานที่ 1 ภาพกิจกรรม.jpg", "หน้า 2 จาก 9", "แสดงภาพ 2 หน้าแรก", "แสดงเป็นภาพไม่ได้"):
        assert words in text
    with zipfile.ZipFile(io.BytesIO(issued.docx)) as file:
        assert len([name for name in file.namelist() if name.startswith("word/media/")]) == 2  # each picture once
    pdf = pypdfium2.PdfDocument(issued.pdf)
    shown = [o for p in pdf for o in p.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,))]
    assert len(shown) == 3
    assert issued.html.count("data:image/jpeg;base64,") == 3


def test_who_signs_reads_no_digest_and_who_verifies_finds_each():
    """On no page; in the properties of both files, whether a picture of the file is shown or not."""
    data = with_attachments(
        Attachment(name="ภาพ <&> กิจกรรม.jpg", sha256="a1" * 32, pages=1, pictures=(PHOTOGRAPH,)),
        Attachment(name="ทะเบียน.xlsx", sha256="d4" * 32),
    )
    issued = issue_document("half_year", data, read_whole_pdf=False)
    pdf = pypdfium2.PdfDocument(issued.pdf)
    pages = [page.get_textpage().get_text_bounded() for page in pdf]
    with zipfile.ZipFile(io.BytesIO(issued.docx)) as file:
        named = file.read("docProps/custom.xml").decode()
    for shown in (word_text(issued.docx), issued.html.split("</style>")[1], *pages):
        assert not re.search(r"SHA|[0-9a-f]{12}", re.sub(r"base64,[^\"]*", "", shown))
    assert "รหัสสำหรับตรวจสอบ" not in word_text(issued.docx)
    keywords = pdf.get_metadata_value("Keywords")
    for sha256, name in (("a1" * 32, "หลักฐานที่ 1 ภาพ "), ("d4" * 32, "หลักฐานที่ 2 ทะเบียน.xlsx")):
        assert sha256 in named
        assert name in named
        assert f"{name}" in keywords
        assert sha256 in keywords
    nothing = issue_document("half_year", data_of(IN_MARCH), read_whole_pdf=False)
    assert "คุณสมบัติของไฟล์" not in word_text(nothing.docx)


def test_a_report_is_known_by_its_files_and_not_by_how_they_were_drawn():
    def digest(sha256, picture):
        return compose_document(
            "half_year", with_attachments(Attachment(name="ก.jpg", sha256=sha256, pages=1, pictures=(picture,)))
        ).digest

    other = dataclasses.replace(PHOTOGRAPH, jpeg=jpeg(10, 10))
    assert digest("a1" * 32, PHOTOGRAPH) == digest("a1" * 32, other)
    unseen = [
        compose_document("half_year", with_attachments(Attachment(name="ก.xlsx", sha256=n * 32))).digest
        for n in ("a1", "b2")
    ]
    assert unseen[0] != unseen[1]
    assert digest("a1" * 32, PHOTOGRAPH) != digest("b2" * 32, PHOTOGRAPH)


def test_pictures_are_bounded_and_none_is_lost_from_the_list():
    many = [Attachment(name=f"ภาพ{n}.jpg", sha256=f"{n:064x}", pages=1, pictures=(PHOTOGRAPH,)) for n in range(1, 61)]
    data = with_attachments(*many)
    assert len(pictures_of(data)) == 40
    text = text_of("half_year", data)
    assert all(f"ภาพ{n}.jpg" in text for n in range(1, 61))
    assert text.count("ไม่ได้แสดงภาพในรายงานนี้") == 20
    heavy = AttachedPicture(bytes(5_000_000), 1400, 1050)
    two = [Attachment(name=f"{n}.jpg", sha256=f"{n:064x}", pages=1, pictures=(heavy,)) for n in range(2)]
    assert len(pictures_of(with_attachments(*two))) == 1


def test_a_picture_fits_on_its_page():
    tall, wide = (AttachedPicture(jpeg(10, 10), *sides) for sides in ((300, 1400), (1400, 90)))
    file = Attachment(name="ก.jpg", sha256="a1" * 32, pages=2, pictures=(tall, wide))
    for picture in pictures_of(with_attachments(file)):
        assert picture.width <= 15
        assert picture.height <= 20.5


def test_the_evidence_of_a_plan_is_in_its_report(client, people, agencies, running_round, settings, tmp_path):
    """From the file that the officer attached to the page of the report; the worker draws what is not drawn yet."""
    settings.MEDIA_ROOT = tmp_path / "files"
    plan = approved_plan(agencies[0], people, follow=False)
    evidence = []
    for name, data in (("ภาพ.jpg", jpeg(64, 48)), ("เสีย.png", b"\x89PNG")):
        (tmp_path / name).write_bytes(data)
        evidence.append(EvidenceInput(name=name, path=tmp_path / name))
    follow_up(plan, people, evidence=evidence)
    year = plan.fiscal_year
    before = sources.collect_data(agencies[0], year, "half_year")
    assert pictures_of(before) == []
    assert "ภาพจะอยู่ในรายงานเมื่อออกเอกสาร" in text_of("half_year", before)
    asked = actions.request_paper(agency=agencies[0], kind="half_year", fiscal_year=year, by=people["officer"])
    actions.write_paper.call(asked.pk)
    after = sources.collect_data(agencies[0], year, "half_year")
    assert len(pictures_of(after)) == 1
    assert "แสดงเป็นภาพไม่ได้" in text_of("half_year", after)
    asked = actions.request_paper(agency=agencies[0], kind="half_year", fiscal_year=year, by=people["officer"])
    assert isinstance(asked, Paper)  # what was written says the same
    client.force_login(people["officer"])
    page = client.get(f"/desk/agency/A1/papers/{year}/half_year/")
    assert "data:image/jpeg;base64," in page.content.decode()


def test_signatures_without_an_opinion_stand_one_below_the_other():
    """Each in the middle of the same column, however long the positions are."""
    document = compose_document("half_year", data_of())
    signatures = (Signature("", "ปลัด"), Signature("", "หัวหน้าสำนักปลัดองค์การบริหารส่วนตำบลบ้านทดสอบ รักษาราชการแทนปลัด"))
    sections = (dataclasses.replace(document.sections[0], blocks=signatures),)
    page = pypdfium2.PdfDocument(write_document(dataclasses.replace(document, sections=sections)).pdf)
    middles = []
    for text in (page[n].get_textpage() for n in range(len(page))):
        left_of_line = {}
        for index in range(text.count_chars()):
            left, bottom, right, _ = text.get_charbox(index)
            if text.get_text_range(index, 1).strip():
                low, high = left_of_line.get(round(bottom / 6), (left, right))
                left_of_line[round(bottom / 6)] = (min(low, left), max(high, right))
        found = text.search("(ลงชื่อ)")
        while place := found.get_next():
            bottom = text.get_charbox(place[0])[1]
            middles.append(sum(left_of_line[round(bottom / 6)]) / 2)
    assert len(middles) == 2
    assert abs(middles[0] - middles[1]) < 3


def test_a_link_stands_once_in_the_annex(people, agencies, running_round):
    plan = approved_plan(agencies[0], people, follow=False)
    address = "https://www.example.go.th/meeting"
    follow_up(plan, people, evidence=(EvidenceInput(url=address, name=address),))
    data = sources.collect_data(agencies[0], plan.fiscal_year, "year_end")
    assert [file for m in data.measures for f in m.follow_ups for file in f.files] == [address]
