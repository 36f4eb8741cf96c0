"""The papers of registers: of an invented nation, and at the pages where they are asked for."""

import dataclasses
import os

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from prongsai.documents import compose_document, issue_document, queries, sources, write_document
from prongsai.documents.content.blocks import Table, list_texts
from prongsai.documents.content.data import Formatting, MemoHeader, NamedText, Register, RegisterRecord, TextEdit
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.models import Memo, Paper, PassageEdit
from prongsai.documents.papers import MEMOS, OF_REGISTER, WITH_MEMO
from prongsai.documents.papers.register import compose_memo_body
from prongsai.improvement.registers import actions, kinds, values
from prongsai.improvement.registers import queries as registers
from prongsai.lib import fiscal, thai
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from tests.documents.desk import issue, work
from tests.documents.nation import invent_register
from tests.documents.readers import pdfium_text, squeeze, word_text
from tests.documents.samples import FRAMEWORKS
from tests.improvement.sheets import YEAR, approve, approved_sheet, fields_of, sheet, values_of
from tests.pages import markup

AGENCIES = int(os.environ.get("PRONGSAI_TEST_AGENCIES", "2"))
NEWEST = max(FRAMEWORKS)


def data_of(paper, *records, fields=None, digits="arabic", **more):
    kind = kinds.papers()[paper][0]
    own = fields_of(kind, NEWEST) if fields is None else fields
    register = Register(
        kind=kind.key,
        fields=tuple(NamedText(*item) for item in own.items()),
        records=tuple(RegisterRecord(tuple(NamedText(*item) for item in record.items())) for record in records),
        **more,
    )
    data = invent_register(kind, NEWEST, 1, records=0)
    return dataclasses.replace(data, register=register, formatting=Formatting(digits))


def text_of(paper, *records, **more):
    return "\n".join(list_texts(compose_document(paper, data_of(paper, *records, **more))))


@pytest.mark.parametrize("number", range(AGENCIES))
@pytest.mark.parametrize("paper", sorted(OF_REGISTER))
def test_every_paper_of_the_nation_is_written_whole(paper, number):
    """No refusal, no misprint, and nothing of what was typed is missing in either file."""
    years = sorted(FRAMEWORKS)
    kind, definition = kinds.papers()[paper]
    data = invent_register(kind, years[number % len(years)], number)
    issued = issue_document(paper, data, read_whole_pdf=False)
    assert (issued.contradictions, issued.faults) == ((), ())
    document = compose_document(paper, data)
    texts = list_texts(document)
    marks = [mark for mark in ("None", "{agency", "{count", "{year") if any(mark in text for text in texts)]
    assert not marks
    word = squeeze(word_text(issued.docx))
    missing = [text for text in texts if squeeze(text) not in word]
    assert not missing, missing[:3]
    printed = {key for block in definition.blocks for part in block.table for key in part.of} - {"period"}
    shown = squeeze(thai.arabic("\n".join(texts)))
    for record in data.register.records:
        typed = {v.key: v.text for v in record.values}
        for key in printed & typed.keys():
            text = values.show(kind, key, typed, data.result.framework.fiscal_year)
            assert squeeze(thai.arabic(text)) in shown, key


@pytest.mark.parametrize("paper", ["action_plan_year", "risk_table"])
def test_two_hundred_records_and_three_thousand_words_are_printed(paper):
    kind = kinds.papers()[paper][0]
    long = {"year_result", "measure"} & kind.column.keys()
    rows = [values_of(kind, n) for n in range(1, 201)]
    rows[5] |= dict.fromkeys(long, "จัดประชุม ชี้แจง " * 1500)
    written = write_document(compose_document(paper, data_of(paper, *rows)))
    for text in (squeeze(word_text(written.docx)), squeeze(pdfium_text(written.pdf))):
        annex = text.partition(squeeze("รายละเอียดท้ายเอกสาร") + "1.")[2].split("2.")[0]
        assert annex.count("ชี้แจง") == 1500  # a page may break between two words
        assert squeeze(rows[199][kind.subject]) in text


def test_one_list_of_projects_is_the_plan_and_both_of_its_reports():
    kind = kinds.load()["action_plan"]
    one = values_of(kind, 1, budget="20000.00", half_spent="5000.00", year_spent="19999.50", half_status="doing")
    two = values_of(kind, 2, budget="", half_spent="", year_spent="", half_status="waiting", dimension=one["dimension"])
    two = {key: value for key, value in two.items() if value}
    plan, half, year = (text_of(key, one, two) for key in ("action_plan", "action_plan_half", "action_plan_year"))
    for text in (plan, half, year):
        assert one["project"] in text
        assert "20,000" in text
    assert "ไม่ใช้งบประมาณ" in plan
    assert one["half_result"] not in plan
    assert one["half_result"] in half
    assert one["year_result"] not in half
    assert {one["year_result"], one["obstacles"], one["suggestion"], one["achievement"]} <= set(year.split("\n"))
    assert "19,999.50" in year
    assert "ตุลาคม 2569 – มีนาคม 2570" in half


def counts_in(paper, *records):
    """The rows of the first table."""
    document = compose_document(paper, data_of(paper, *records))
    table = next(b for s in document.sections for b in s.blocks if isinstance(b, Table))
    return [tuple(cell.text for cell in row.cells) for row in table.rows]


def test_counts_and_sums_add_up():
    kind = kinds.load()["action_plan"]
    rows = [
        values_of(kind, n, half_status=s, budget=b, half_spent="1.00")
        for n, s, b in ((1, "done", "10.00"), (2, "doing", "20.25"), (3, "done", "30.00"))
    ]
    assert counts_in("action_plan_half", *rows) == [
        ("ดำเนินการแล้วเสร็จ", "2", "40", "2"),
        ("อยู่ระหว่างดำเนินการ", "1", "20.25", "1"),
        ("รวม", "3", "60.25", "3"),
    ]


def test_gifts_are_counted_by_giver_and_by_what_was_done():
    kind = kinds.load()["gifts"]
    rows = [
        values_of(kind, n, giver=g, handled=h)
        for n, g, h in ((1, "citizen", "returned"), (2, "private", "returned"), (3, "citizen", "handed_over"))
    ]
    assert counts_in("gift_report", *rows) == [
        ("หน่วยงานเอกชน", "1", "0", "1"),
        ("ประชาชน", "1", "1", "2"),
        ("รวม", "2", "1", "3"),
    ]


def test_a_report_of_nothing_says_so_only_where_it_was_confirmed():
    last = fiscal.last_day(NEWEST)
    whole = text_of("gift_report", fields={"nothing": last.isoformat()})
    assert "ไม่มีการรับ จำนวนรายการที่รับเท่ากับ 0 รายการ" in whole
    assert f"ในปีงบประมาณ พ.ศ. {NEWEST} ไม่มีผู้บริหาร" in thai.arabic(whole)
    assert "ยังไม่ได้ตรวจสอบ" not in whole
    silent = text_of("gift_report", fields={})
    assert "ยังไม่ได้ยืนยัน" in silent
    assert "จึงรายงานว่าไม่มีการรับ" not in silent


def test_a_report_of_nothing_says_until_when_it_was_confirmed():
    """In the report and in its memo."""
    day = fiscal.first_day(NEWEST, 2)
    part = data_of("gift_report", fields={"nothing": day.isoformat()})
    for document in (compose_document("gift_report", part), memo_of("gift_report", part)):
        text = thai.arabic("\n".join(list_texts(document)))
        assert f"ถึงวันที่ {thai.date(day)} ไม่มีผู้บริหาร" in text
        assert f"ในปีงบประมาณ พ.ศ. {NEWEST} ไม่มี" not in text
        assert "ยังไม่ได้ตรวจสอบ จะรายงานเพิ่มเติม" in text


def test_the_declaration_is_signed_by_the_head_of_the_agency_alone():
    data = data_of("no_gift_declaration")
    office = dataclasses.replace(data.office, executive_position="นายกองค์การบริหารส่วนตำบลทดสอบ", name_en="Test SAO")
    data = dataclasses.replace(data, office=office)
    thai_text = "\n".join(list_texts(compose_document("no_gift_declaration", data)))
    assert thai_text.endswith("นายกองค์การบริหารส่วนตำบลทดสอบ")
    assert "ประกาศ ณ วันที่ 1 ตุลาคม 2569" in thai_text
    english = compose_document("no_gift_english", dataclasses.replace(data, formatting=Formatting("thai")))
    words = "\n".join(list_texts(english))
    assert "Test SAO" in words
    assert "1 October 2026" in words  # in Arabic digits also where papers have Thai ones
    assert f"Fiscal Year {NEWEST - 543}" in words


def test_a_draft_is_marked_and_an_approved_one_is_not():
    kind = kinds.load()["risk"]
    assert "(ร่าง)" in text_of("risk_table", values_of(kind, 1), is_draft=True)
    assert "(ร่าง)" not in text_of("risk_table", values_of(kind, 1))


def test_it_rests_on_no_rules():
    assert FRAMEWORKS[NEWEST].is_provisional
    assert "ฉบับชั่วคราว" not in text_of("action_plan", values_of(kinds.load()["action_plan"], 1))


# --- at the pages


@pytest.fixture
def desk(people, agencies, running_round, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return people


def page_of(client, paper="action_plan"):
    return markup(client.get(reverse("offered_paper", args=["A1", YEAR, paper])))


def test_an_officer_issues_the_plan_from_the_register(client, desk, agencies):
    made = approved_sheet(agencies[0], desk)
    client.force_login(desk["officer"])
    assert "ออกเอกสาร" in page_of(client)
    assert issue(client, "action_plan").status_code == 302
    paper = Paper.objects.get()
    assert "PDF" in page_of(client)
    issue(client, "action_plan")
    assert Paper.objects.count() == 1  # it would say the same
    record = registers.records_of(made)[0]
    edit = actions.RecordEdit(
        {"half_result": "จัด 🎉 แล้ว"}, record=record.pk, base_version=record.version(["half_result"])
    )
    assert actions.save_sheet(sheet=made, edits=[edit], by=desk["officer"]).saved
    issue(client, "action_plan")
    assert Paper.objects.count() == 1  # a result changes nothing of the plan
    issue(client, "action_plan_half")
    assert Paper.objects.filter(kind="action_plan_half").exists()  # what cannot be printed is left out
    assert paper.kind == "action_plan"


def test_a_report_waits_for_the_approval(client, desk, agencies):
    made = sheet(agencies[0], desk)
    client.force_login(desk["officer"])
    assert "ได้รับอนุมัติแล้ว" in page_of(client, "action_plan_half")
    issue(client, "action_plan_half")
    assert not Paper.objects.exists()
    approve(made, desk)
    issue(client, "action_plan_half")
    assert Paper.objects.get().kind == "action_plan_half"


def test_a_report_of_nothing_waits_until_it_is_confirmed(client, desk, agencies):
    made = sheet(agencies[0], desk, kind="gifts", records=0)
    client.force_login(desk["officer"])
    assert "หากไม่มีให้ยืนยัน" in page_of(client, "gift_report")
    issue(client, "gift_report")
    assert not Paper.objects.exists()
    edit = actions.FieldsEdit({"nothing": fiscal.last_day(YEAR).isoformat()}, made.version(["nothing"]))
    actions.save_sheet(sheet=made, edits=[], fields=edit, by=desk["officer"])
    issue(client, "gift_report")
    assert Paper.objects.exists()


def test_papers_of_a_register_are_offered_where_it_was_started(client, desk, agencies):
    sheet(agencies[0], desk, kind="risk")
    offered = {paper.kind for paper in queries.list_offered(agencies[0], YEAR)}
    assert offered & OF_REGISTER == {"risk_table", "risk_report"}
    client.force_login(desk["officer"])
    assert client.get(reverse("offered_paper", args=["A1", YEAR, "gift_report"])).status_code == 404
    with pytest.raises(DomainError):
        from prongsai.documents.actions import request_paper

        request_paper(agency=agencies[0], kind="gift_report", fiscal_year=YEAR, by=desk["officer"])


def test_words_of_the_paper_are_edited_and_stay(client, desk, agencies):
    approved_sheet(agencies[0], desk)
    client.force_login(desk["officer"])
    page = client.get(reverse("edit_text", args=["A1", YEAR, "action_plan"]))
    assert "หลักการและเหตุผล" in markup(page)
    from tests.improvement.sheets import fields

    data = fields(page)
    name = next(n for n in data if n.startswith("t:"))
    client.post(reverse("edit_text", args=["A1", YEAR, "action_plan"]), data | {name: "ถ้อยคำของหน่วยงานเอง"})
    preview = client.get(reverse("paper_preview", args=["A1", YEAR, "action_plan"])).content.decode()
    assert "ถ้อยคำของหน่วยงานเอง" in preview
    work()


# --- memos


MEMO_HEADER = MemoHeader(office="สำนักปลัด", to="นายกองค์การบริหารส่วนตำบล")


def memo_of(paper, data):
    data = dataclasses.replace(data, memo_header=MEMO_HEADER)
    body = compose_memo_body(*kinds.papers()[paper], ResultFacts(data))
    return dataclasses.replace(body, sections=(*body.sections, *compose_document(paper, data).sections))


@pytest.mark.parametrize("number", range(AGENCIES))
@pytest.mark.parametrize("paper", sorted(WITH_MEMO))
def test_every_memo_of_the_nation_reads_back_without_a_contradiction(paper, number):
    years = sorted(FRAMEWORKS)
    data = invent_register(kinds.papers()[paper][0], years[number % len(years)], number)
    document = memo_of(paper, data)
    issued = issue_document(paper, data, read_whole_pdf=False, document=document)
    assert (issued.contradictions, issued.faults) == ((), ())
    texts = list_texts(document)
    marks = ("None", "{agency", "{count", "{year", "{sum", "{due")
    assert not [mark for mark in marks if any(mark in text for text in texts)]
    word = squeeze(word_text(issued.docx))
    assert not [text for text in texts if squeeze(text) not in word]


def test_a_memo_counts_what_it_proposes_and_annexes_it():
    kind = kinds.load()["action_plan"]
    rows = [values_of(kind, 1, budget="20000.00"), values_of(kind, 2, budget="1500.50")]
    data = data_of("action_plan", *rows, is_draft=True)
    page, *annex = memo_of("action_plan", data).sections
    said = "\n".join(text for block in page.blocks for text in list_texts(block))
    assert "จำนวน 2 รายการ งบประมาณรวม 21,500.50 บาท" in said
    assert "โปรดอนุมัติและลงนาม" in said
    shown = "\n".join(text for section in annex for block in section.blocks for text in list_texts(block))
    assert "(ร่าง)" in shown
    assert rows[1]["project"] in shown
    assert rows[1]["project"] not in said


def test_every_paper_for_the_executive_has_a_memo():
    assert {"no_gift_english"} == OF_REGISTER - WITH_MEMO  # goes with the Thai one


def write_of(client, paper="action_plan", **more):
    posted = {
        "office": "สำนักปลัด",
        "to": "นายกองค์การบริหารส่วนตำบล",
        "position": ["นักวิเคราะห์นโยบายและแผน", "ปลัดองค์การบริหารส่วนตำบล", "นายกองค์การบริหารส่วนตำบล"],
        "holder": ["", "", ""],
        "signer": [str(client.session["_auth_user_id"]), "", ""],
    }
    return client.post(reverse("write_register_memo", args=["A1", YEAR, paper]), posted | more)


def sign_on_screen(client, memo, opinion="", to="", position=""):
    content_digest = sources.compose_memo(Memo.objects.get(pk=memo.pk)).digest
    posted = {"opinion": opinion, "to": to, "position": position, "content_digest": content_digest}
    return client.post(reverse("memo_sign", args=["A1", memo.pk]), posted)


def test_a_register_goes_up_the_line_before_it_is_approved(client, desk, agencies):
    """Signed on screen, by hand, and on screen again; its files are written, and its number comes last."""
    made = sheet(agencies[0], desk)
    actions.submit_sheet(sheet=made, by=desk["officer"])
    client.force_login(desk["officer"])
    address = reverse("write_register_memo", args=["A1", YEAR, "action_plan"])
    assert address in markup(client.get(reverse("register", args=["A1", YEAR, "action_plan"])))
    assert "บันทึกข้อความเสนอแผนปฏิบัติการป้องกันการทุจริต" in markup(client.get(address))
    executive = str(desk["executive"].pk)
    assert write_of(client, signer=[str(desk["officer"].pk), "", executive]).status_code == 302
    memo = Memo.objects.get()
    assert (memo.result, memo.sheet, memo.fiscal_year) == (None, made, YEAR)
    sign_on_screen(client, memo, "เห็นควรอนุมัติ งบประมาณ 12.34 บาท", executive, "นายกองค์การบริหารส่วนตำบล")
    client.force_login(desk["executive"])
    task = f"ลงนามบันทึกข้อความ เสนอแผนปฏิบัติการป้องกันการทุจริต ปี {YEAR}"  # an executive may be asked for several
    assert task in markup(client.get(reverse("agency_desk", args=["A1"])))
    assert task.removeprefix("ลงนามบันทึกข้อความ ") in Notice.objects.filter(user=desk["executive"]).latest("pk").text
    sign_on_screen(client, memo, "อนุมัติ")
    memo.refresh_from_db()
    assert memo.next_signatory is None
    assert memo.waits_for_hand  # the deputy signs on paper
    printed = "\n".join(list_texts(sources.compose_memo(memo)))
    first, by_hand, last = (printed.index(text) for text in ("เห็นควรอนุมัติ งบ", "ปลัดองค์การบริหารส่วนตำบล", "\nอนุมัติ\n"))
    assert first < by_hand < last
    client.force_login(desk["officer"])
    client.post(reverse("memo_number", args=["A1", memo.pk]), {"reference_number": "อบ 1/2570"})
    work()
    pdf = client.get(reverse("memo_file", args=["A1", memo.pk, "pdf"])).content
    word = client.get(reverse("memo_file", args=["A1", memo.pk, "docx"])).content
    for text in (pdfium_text(pdf), word_text(word)):
        assert squeeze("อบ 1/2570") in squeeze(thai.arabic(text))
        assert squeeze("ขออนุมัติแผนปฏิบัติการป้องกันการทุจริต") in squeeze(text)
    made.refresh_from_db()
    assert made.status == "submitted"  # a memo approves nothing by itself
    assert "บันทึกข้อความเสนอ" in page_of(client)


def test_a_memo_waits_until_the_executive_is_asked(client, desk, agencies):
    made = sheet(agencies[0], desk)
    client.force_login(desk["officer"])
    assert "เขียนบันทึกเสนอ" not in page_of(client)
    answer = client.get(reverse("write_register_memo", args=["A1", YEAR, "action_plan"]), follow=True)
    assert "กดเสนอผู้บริหารแล้ว" in markup(answer)
    refused = write_of(client)
    assert refused.status_code == 422
    assert "สำนักปลัด" in markup(refused)  # what was typed stays
    assert not Memo.objects.exists()
    actions.submit_sheet(sheet=made, by=desk["officer"])
    assert "เขียนบันทึกเสนอ" in page_of(client)
    assert write_of(client, "action_plan_half").status_code == 422  # a report waits for the approval
    assert client.get(reverse("write_register_memo", args=["A1", YEAR, "summary"])).status_code == 404
    assert write_of(client).status_code == 302


def test_a_memo_stays_as_it_was_proposed_and_says_that_the_register_changed(client, desk, agencies):
    made = approved_sheet(agencies[0], desk)
    client.force_login(desk["officer"])
    write_of(client)
    memo = Memo.objects.get()
    page = reverse("memo", args=["A1", memo.pk])
    before = sources.compose_memo(memo).digest
    record = registers.records_of(made)[0]

    def edit(**values):
        stored = registers.records_of(made)[0]
        change = actions.RecordEdit(values, record=record.pk, base_version=stored.version(list(values)))
        assert actions.save_sheet(sheet=made, edits=[change], by=desk["officer"]).saved
        made.refresh_from_db()

    edit(half_result="จัดแล้วหนึ่งครั้ง")
    assert "เปลี่ยนไปหลังเขียน" not in markup(client.get(page))  # a report is no part of the plan
    edit(project="โครงการที่แก้ภายหลัง")
    assert "เปลี่ยนไปหลังเขียน" in markup(client.get(page))
    assert sources.compose_memo(memo).digest == before
    assert "โครงการที่แก้ภายหลัง" not in "\n".join(list_texts(sources.compose_memo(memo)))


def test_what_waits_for_a_decision_is_proposed_and_not_what_is_in_force(client, desk, agencies):
    made = approved_sheet(agencies[0], desk)
    record = registers.records_of(made)[0]
    change = actions.RecordEdit(
        {"project": "โครงการที่ขอปรับแผน"}, record=record.pk, base_version=record.version(["project"])
    )
    assert actions.save_sheet(sheet=made, edits=[change], by=desk["officer"]).saved
    made.refresh_from_db()
    actions.submit_sheet(sheet=made, by=desk["officer"])
    client.force_login(desk["officer"])
    assert write_of(client).status_code == 302
    printed = "\n".join(list_texts(sources.compose_memo(Memo.objects.get())))
    assert "โครงการที่ขอปรับแผน" in printed
    assert "(ร่าง)" in printed


def open_text(client, kind="action_plan.memo"):
    """The page where a text is edited, as it is posted when nothing was changed."""
    shown = client.get(reverse("edit_text", args=["A1", YEAR, kind])).context["passages"]
    return shown, {f"o:{p.key}": p.now for p in shown} | {f"t:{p.key}": p.text for p in shown if not p.is_lost}


def save_text(client, posted, kind="action_plan.memo"):
    return client.post(reverse("edit_text", args=["A1", YEAR, kind]), posted)


def print_memo():
    return "\n".join(list_texts(sources.compose_memo(Memo.objects.latest("pk"))))


def test_a_memo_of_a_register_is_written_in_the_words_of_its_draft(client, desk, agencies):
    """Its own paragraphs and those of its annex are edited apart, each where it stands."""
    actions.submit_sheet(sheet=sheet(agencies[0], desk), by=desk["officer"])
    client.force_login(desk["officer"])
    form = reverse("write_register_memo", args=["A1", YEAR, "action_plan"])
    assert reverse("edit_text", args=["A1", YEAR, "action_plan.memo"]) in markup(client.get(form))
    shown, posted = open_text(client)
    assert {thai.arabic(p.heading) for p in shown} == {"1. เรื่องเดิม", "2. ข้อเท็จจริง", "3. ข้อพิจารณา"}
    of_annex, _ = open_text(client, "action_plan")
    assert not {p.text for p in shown} & {p.text for p in of_annex}
    background, proposal = shown[0], next(p for p in shown if "ข้อพิจารณา" in p.heading)
    assert save_text(client, posted | {f"t:{background.key}": "ด้วยสำนักปลัดได้ทบทวนแผนแล้ว"}).status_code == 302
    assert save_text(client, open_text(client)[1] | {f"t:{proposal.key}": ""}).status_code == 302
    words = {f"t:{of_annex[0].key}": "ถ้อยคำของเอกสารแนบ"}
    assert save_text(client, open_text(client, "action_plan")[1] | words, "action_plan").status_code == 302
    preview = client.get(reverse("paper_preview", args=["A1", YEAR, "action_plan.memo"])).content.decode()
    assert "แก้ข้อความไว้ 2 แห่ง" in markup(client.get(form))
    assert write_of(client).status_code == 302
    for text in (preview, print_memo()):
        assert "ด้วยสำนักปลัดได้ทบทวนแผนแล้ว" in text
        assert "ถ้อยคำของเอกสารแนบ" in text
        assert background.text not in text
        assert proposal.text not in text
    alone = client.get(reverse("paper_preview", args=["A1", YEAR, "action_plan"])).content.decode()
    assert "ถ้อยคำของเอกสารแนบ" in alone
    assert "ได้ทบทวนแผนแล้ว" not in alone
    trail = AuditEntry.objects.filter(action="documents.edit").order_by("pk").first()
    assert trail.subject == f"บันทึกข้อความเสนอแผนปฏิบัติการป้องกันการทุจริต ปี {YEAR}"


def test_words_of_a_memo_stay_and_go_back_and_say_when_the_figures_changed(client, desk, agencies):
    made = sheet(agencies[0], desk)
    actions.submit_sheet(sheet=made, by=desk["officer"])
    client.force_login(desk["officer"])
    form = reverse("write_register_memo", args=["A1", YEAR, "action_plan"])
    shown, posted = open_text(client)
    counted = next(p for p in shown if "งบประมาณรวม" in p.text)
    save_text(client, posted | {f"t:{counted.key}": "ได้จัดทำร่างแผนปฏิบัติการแล้ว"})
    assert "แก้ไว้ก่อนข้อมูลเปลี่ยน" not in markup(client.get(form))
    write_of(client)
    assert "ได้จัดทำร่างแผนปฏิบัติการแล้ว" in print_memo()
    actions.withdraw_sheet(sheet=made, by=desk["officer"])
    made.refresh_from_db()
    actions.save_sheet(
        sheet=made, edits=[actions.RecordEdit(values_of(kinds.load()[made.kind], 9))], by=desk["officer"]
    )
    made.refresh_from_db()
    actions.submit_sheet(sheet=made, by=desk["officer"])
    assert "แก้ไว้ก่อนข้อมูลเปลี่ยน" in markup(client.get(form))
    write_of(client)
    assert "ได้จัดทำร่างแผนปฏิบัติการแล้ว" in print_memo()  # kept for the next memo
    save_text(client, open_text(client)[1] | {"restore": counted.key})
    assert "แก้ข้อความไว้" not in markup(client.get(form))
    write_of(client)
    assert "งบประมาณรวม" in print_memo()


def test_words_of_a_memo_wait_until_the_executive_is_asked(client, desk, agencies):
    """What was typed meanwhile stays on the page; there is no such text of a paper without a memo."""
    made = sheet(agencies[0], desk)
    client.force_login(desk["officer"])
    address = reverse("edit_text", args=["A1", YEAR, "action_plan.memo"])
    assert "กดเสนอผู้บริหารแล้ว" in markup(client.get(address, follow=True))
    preview = client.get(reverse("paper_preview", args=["A1", YEAR, "action_plan.memo"]), follow=True)
    assert "กดเสนอผู้บริหารแล้ว" in markup(preview)
    assert preview.redirect_chain[-1][0].endswith("#paper-action_plan")
    actions.submit_sheet(sheet=made, by=desk["officer"])
    shown, posted = open_text(client)
    actions.withdraw_sheet(sheet=made, by=desk["officer"])
    refused = save_text(client, posted | {f"t:{shown[0].key}": "ถ้อยคำที่พิมพ์ค้างไว้"})
    assert refused.status_code == 422
    assert "ถ้อยคำที่พิมพ์ค้างไว้" in markup(refused)
    assert not PassageEdit.objects.exists()
    for kind in ("no_gift_english.memo", "summary.memo"):
        assert client.get(reverse("edit_text", args=["A1", YEAR, kind])).status_code == 404


@pytest.mark.parametrize("paper", sorted(WITH_MEMO))
def test_every_memo_has_passages_of_its_own(paper):
    data = invent_register(kinds.papers()[paper][0], max(FRAMEWORKS), 1)
    passages = sources.list_passages_of(MEMOS[paper], dataclasses.replace(data, memo_header=None))
    keys = [passage.key for passage in passages]
    assert len(keys) == len(set(keys)) > 3
    for passage in passages:  # each can be said in other words, and only there
        edited = dataclasses.replace(data, memo_header=MEMO_HEADER, edits=(TextEdit(passage.key, "ถ้อยคำอื่น"),))
        assert "\n".join(list_texts(compose_document(MEMOS[paper], edited))).count("ถ้อยคำอื่น") == 1
        assert "ถ้อยคำอื่น" not in "\n".join(list_texts(compose_document(paper, edited)))


def test_a_memo_is_about_one_thing(desk, agencies):
    made = sheet(agencies[0], desk)
    for about in ({}, {"sheet": made, "result_id": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Memo.objects.create(agency=agencies[0], content={}, by=desk["officer"], **about)


def test_money_that_nobody_recorded_is_no_zero():
    kind = kinds.load()["action_plan"]
    silent, spent = ({k: v for k, v in values_of(kind, n).items() if k != "half_spent"} for n in (1, 2))

    def last_row(*records):
        tables = [
            b
            for s in compose_document("action_plan_half", data_of("action_plan_half", *records)).sections
            for b in s.blocks
        ]
        (totals,) = [
            t.rows[-1] for t in tables if isinstance(t, Table) and t.rows[-1].kind == "total" and len(t.rows) > 2
        ][-1:]
        return [cell.text for cell in totals.cells]

    assert "-" in last_row(silent)
    assert "1,500" in " ".join(last_row(silent, spent | {"half_spent": "1500.00"}))
    assert "0" in " ".join(last_row(spent | {"half_spent": "0.00"}))
