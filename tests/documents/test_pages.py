"""The print shop in the office: previews, issuing, own templates, memos up the line, a nation's documents."""

import csv
import dataclasses
import datetime
import errno
import io
import pickle
import re
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from unittest.mock import Mock

import docx
import pikepdf
import pytest
from django.contrib.staticfiles import finders
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from prongsai.documents import KINDS, WITHOUT_RESULT, actions, compose_document, sources
from prongsai.documents.agency_templates.tags import TAGS
from prongsai.documents.content.blocks import FieldLine, list_texts
from prongsai.documents.content.data import MemoHeader
from prongsai.documents.models import Batch, DocumentSettings, Memo, Paper, PaperJob, Signature
from prongsai.documents.papers import OF_PLAN, OF_REGISTER
from prongsai.improvement import actions as improvement
from prongsai.jobs import leases
from prongsai.jobs.models import Job
from prongsai.lib import fiscal, thai
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice, User
from prongsai.registry.models import Agency, Appointment
from prongsai.results import actions as results
from prongsai.results.models import AgencyResult
from prongsai.rulebooks.queries import find_framework
from prongsai.web import officer_facts
from tests.conftest import sample_year
from tests.documents.desk import issue, papers, work, write
from tests.documents.stored import publish_copy
from tests.improvement.plans import approve
from tests.improvement.plans import result as publish_result
from tests.pages import markup


def sign(client, memo, opinion="", to="", position=""):
    content_digest = sources.compose_memo(Memo.objects.get(pk=memo.pk)).digest
    posted = {"opinion": opinion, "to": to, "position": position, "content_digest": content_digest}
    return client.post(reverse("memo_sign", args=["A1", memo.pk]), posted)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in OF_PLAN | OF_REGISTER])
def test_every_kind_is_shown_and_runs_nothing(client, office, kind):
    client.force_login(office["auditor"])
    page = client.get(papers("paper_preview", kind))
    assert page.status_code == 200
    assert "องค์การบริหารส่วนตำบลบ้านทดสอบ" in page.content.decode()
    assert page["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_paper_on_screen_brings_its_letters(client, office):
    """A phone may have no Thai letters of its own; the frame loads nothing but those of the site."""
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    for step in ("unsigned", "signed"):
        if step == "signed":
            sign(client, memo)
        shown = re.search(r'<iframe[^>]*src="([^"]+)"', markup(client.get(reverse("memo", args=["A1", memo.pk]))))[1]
        for address in (papers("paper_preview", "summary"), shown):
            answer = client.get(address)
            assert "font-src 'self'" in answer["Content-Security-Policy"]
            loaded = re.findall(r"url\(([^)]*)\)", answer.content.decode().partition("</head>")[0])
            assert [finders.find(url.removeprefix("/static/")) is not None for url in loaded] == [True, True]
    stored = client.get(reverse("memo_file", args=["A1", memo.pk, "html"])).content.decode()
    assert stored == memo.signatures.get().html  # what was signed is handed out as it was signed


@pytest.mark.parametrize("kind", sorted(OF_PLAN | OF_REGISTER))
@pytest.mark.parametrize("address", ["paper_preview", "edit_text", "paper_issue"])
def test_the_address_of_a_paper_that_cannot_be_written_leads_to_what_comes_first(client, office, kind, address):
    """No paper of nothing, and no bare message: the page of papers, which says what to do."""
    client.force_login(office["officer"])
    ask = client.post if address == "paper_issue" else client.get
    answer = ask(papers(address, kind), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0].startswith(papers())
    (message,) = answer.context["messages"]
    assert ("ยังไม่มีแผนของปีนี้ที่อนุมัติแล้ว" if kind in OF_PLAN else "เริ่มทำก่อน") in str(message)
    assert not Paper.objects.exists()


def test_a_paper_without_measures_in_force_says_that_the_plan_comes_first(client, office, agencies):
    """Before anything is issued, and on the button: what would be missing of it."""
    client.force_login(office["officer"])

    def row_of(kind):
        return markup(client.get(papers())).partition(f'id="paper-{kind}"')[2].partition('class="paper-row"')[0]

    for kind in ("measures", "development"):
        assert f"ยังไม่มีแผนปี {sample_year() + 1}" in row_of(kind)
        assert "เริ่มทำแผนจากผลปีนี้" in row_of(kind)
        assert "ออกโดยยังไม่มีมาตรการ" in row_of(kind)
        assert "ออกเอกสาร<" not in row_of(kind)
    assert "ออกเอกสาร<" in row_of("summary")
    plan = improvement.start_plan(agency=agencies[0], result_year=sample_year(), by=office["officer"])
    assert "เอกสารที่ออกตอนนี้จึงเป็นฉบับร่าง" in row_of("measures")
    assert "ออกฉบับร่าง" in row_of("measures")
    approve(plan, office)
    assert "ร่าง" not in row_of("measures")
    assert "ออกเอกสาร<" in row_of("measures")


def test_an_officer_issues_and_others_read(client, office):
    client.force_login(office["officer"])
    assert issue(client, "summary").status_code == 302
    paper = Paper.objects.get()
    assert paper.figures_read > 10  # read back out of what was written
    issue(client, "summary")
    assert Paper.objects.count() == 1  # it would say the same
    assert AuditEntry.objects.filter(action="documents.issue").get().detail["pdf"] == paper.pdf_sha256
    client.post(
        reverse("papers_settings", args=["A1"]),
        {"digits": "arabic", "executive_position": "นายก", "prepared_by": "กองคลัง", "reference_prefix": ""},
    )
    issue(client, "summary")
    assert Paper.objects.count() == 2
    client.post(
        reverse("papers_settings", args=["A1"]),
        {"digits": "thai", "executive_position": "นายก", "prepared_by": "กองคลัง", "reference_prefix": ""},
    )
    issue(client, "summary")
    last = Paper.objects.first()
    assert last.pk > paper.pk
    assert f"{last.pk}.pdf" in client.get(papers()).content.decode()  # the one that was asked for last
    client.force_login(office["executive"])
    page = client.get(papers()).content.decode()
    assert "ฉบับล่าสุด" in page
    pdf = b"".join(client.get(reverse("paper_file", args=["A1", paper.pk, "pdf"])).streaming_content)
    assert pdf.startswith(b"%PDF")
    assert client.post(papers("paper_issue", "summary")).status_code == 403
    with pytest.raises(DatabaseError), transaction.atomic():
        Paper.objects.update(pdf_sha256="x")


def test_what_all_papers_carry_is_set_from_the_page_of_any_year(client, office, agencies, monkeypatch):
    """And the officer is back on that page, not on the newest year."""
    year = sample_year()
    monkeypatch.setattr(sources, "list_years", lambda _: [year + 1, year])
    client.force_login(office["officer"])
    page = client.get(reverse("papers", args=["A1", year])).content.decode()
    for name in ("papers_settings", "papers_emblem"):
        address = f"{reverse(name, args=['A1'])}?year={year}"
        assert f'action="{address}"' in page
        assert client.post(address, {"digits": "thai"})["Location"] == reverse("papers", args=["A1", year])
    template = f"{reverse('papers_template', args=['A1', 'summary'])}?year={year}"
    assert f'href="{template}"' in page
    assert f'href="{reverse("papers", args=["A1", year])}"' in client.get(template).content.decode()
    assert client.post(template, {"drop": "1"})["Location"] == reverse("papers", args=["A1", year])
    for odd in ("", "x", "1", "25690", "//evil.example"):
        answer = client.post(f"{reverse('papers_settings', args=['A1'])}?year={odd}", {"digits": "thai"})
        assert answer["Location"] == reverse("papers_newest", args=["A1"])


def test_papers_open_at_the_present_year_even_where_the_next_round_runs_already(
    client, office, agencies, running_round, monkeypatch
):
    year = sample_year()
    client.force_login(office["officer"])

    def opened(present):
        monkeypatch.setattr("prongsai.documents.views.today", lambda: fiscal.first_day(present, 5))
        return client.get(reverse("papers_newest", args=["A1"]))["Location"]

    monkeypatch.setattr(sources, "list_years", lambda _: [year + 1, year, year - 1])
    assert opened(year).endswith(f"/papers/{year}/")
    assert opened(year + 1).endswith(f"/papers/{year + 1}/")
    assert opened(year + 3).endswith(f"/papers/{year + 1}/")  # the newest, where the present has none


def test_without_a_result_only_what_needs_none(client, office, agencies, running_round):
    from prongsai.registry.actions import appoint

    appoint(user=office["officer"], agency=agencies[1], on=datetime.date(2020, 1, 1), by=office["office"])
    client.force_login(office["officer"])
    address = reverse("papers", args=["B2", sample_year()])
    page = client.get(address).content.decode()
    assert page.count("ยังไม่มีผลของปีนี้") == len(KINDS) - len(WITHOUT_RESULT)
    assert page.count("ยังไม่มีแผนของปีนี้") == 2
    assert client.get(reverse("paper_preview", args=["B2", sample_year(), "summary"])).url.startswith(address)
    assert client.get(reverse("paper_preview", args=["B2", sample_year(), "checklist"])).status_code == 200
    assert client.get(reverse("papers", args=["B2", sample_year() - 3])).status_code == 404


def test_marks_stand_in_papers_once_they_are_handed_over(office, agencies, running_round):
    from prongsai.disclosure import queries as filings
    from prongsai.disclosure.models import Mark
    from prongsai.results.models import ResultSet
    from tests.disclosure.filed import disputed

    disputed(agencies[0], running_round, office)
    told = sources.collect_data(agencies[0], sample_year())
    (record,) = told.disclosures
    assert record.comment == ""  # the result has another mark than the one this was said of
    assert record.status == "เปิดได้"
    found = sources.find_result(agencies[0], sample_year())
    found.shown = {**found.shown, record.item: "0.00"}
    assert sources.collect_data_for_result(agencies[0], sample_year(), found, None).disclosures[0].comment == "ไม่ครบ"
    found.result_set.origin = ResultSet.Origin.IMPORT
    found.basis = {"comments": {record.item: "ตามหนังสือแจ้งผล", "O99": "ข้อที่ไม่ได้ยื่น"}}
    came_along = sources.collect_data_for_result(agencies[0], sample_year(), found, None).disclosures
    assert [(d.item, d.comment) for d in came_along] == [(record.item, "ตามหนังสือแจ้งผล"), ("O99", "ข้อที่ไม่ได้ยื่น")]
    assert came_along[0].urls == record.urls
    filing = filings.get_filing(running_round, agencies[0])
    filing.released_at = None
    filing.save()
    assert sources.collect_data(agencies[0], sample_year()).disclosures[0].comment == ""
    assert Mark.objects.exists()


def test_reports_on_a_plan_need_no_result_of_its_year(client, office, agencies):
    """The officer's year: last year's result, this year's plan, and no result yet."""
    year = sample_year() + 1
    client.force_login(office["officer"])
    assert year not in sources.list_years(agencies[0])
    plan = improvement.start_plan(agency=agencies[0], result_year=year - 1, by=office["officer"])
    approve(plan, office)
    assert year in sources.list_years(agencies[0])
    page = client.get(reverse("papers", args=["A1", year])).content.decode()
    possible = {"outcome", "half_year", "year_end"}
    assert page.count("ออกเอกสาร<") == len(possible)
    for kind in possible:
        client.post(reverse("paper_issue", args=["A1", year, kind]))
    work()
    assert {p.kind for p in Paper.objects.all()} == possible


# --- own templates


def word(text):
    out, file = io.BytesIO(), docx.Document()
    file.add_paragraph(text)
    file.save(out)
    out.seek(0)
    out.name = "แม่แบบ.docx"
    return out


def test_an_agencys_own_word_file_is_used(client, office):
    client.force_login(office["officer"])
    address = reverse("papers_template", args=["A1", "summary"])
    page = client.get(address).content.decode()
    tag = next(iter(TAGS["summary"]))
    assert tag in page
    wrong = client.post(address, {"file": word("ผล {{ kanaen }}")})
    assert wrong.status_code == 422
    assert "kanaen" in wrong.content.decode()
    assert client.post(address, {"file": io.BytesIO(b"not word")}).status_code == 422
    assert client.post(address).status_code == 422
    assert client.post(address, {"file": word(f"แบบของเรา {{{{ {tag} }}}}")}).status_code == 302
    issue(client, "summary")
    data = b"".join(client.get(reverse("paper_file", args=["A1", Paper.objects.get().pk, "docx"])).streaming_content)
    assert "แบบของเรา" in docx.Document(io.BytesIO(data)).paragraphs[0].text
    client.post(
        address,
        {"file": word(f"{{{{ {tag} }}}} ผลการประเมิน ITA ปีงบประมาณ พ.ศ. {sample_year()} ได้คะแนนรวม 12.34 คะแนน")},
    )  # the agency's own words are read back too
    before = Paper.objects.count()
    issue(client, "summary")
    page = client.get(papers()).content.decode()
    assert Paper.objects.count() == before + 1  # nobody is stranded: it is issued, and what contradicts is said
    assert "ตัวเลขไม่ตรงกับผลคะแนน" in page
    assert "12.34" in page
    client.post(address, {"drop": "1"})
    issue(client, "summary")
    assert "ตัวเลขไม่ตรงกับผลคะแนน" not in client.get(papers()).content.decode()


# --- memos


def test_a_memo_goes_up_the_line(client, office, monkeypatch):
    client.force_login(office["officer"])
    assert write(client, to=" ").status_code == 422
    assert write(client).status_code == 302
    memo = Memo.objects.get()
    assert memo.next_signatory == office["officer"]
    assert sign(client, memo, to=str(office["executive"].pk)).status_code == 422  # in what position?
    sign(client, memo, "เห็นควรเสนอ", str(office["executive"].pk), "นายกองค์การบริหารส่วนตำบล")
    assert Notice.objects.filter(user=office["executive"], text__contains="บันทึกข้อความ").exists()
    assert sign(client, memo, "อีกที").status_code == 422  # not one's turn any more
    client.force_login(office["executive"])
    assert "ความเห็นและลงนาม" in client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    sign(client, memo, "ทราบ ให้ทุกกองดำเนินการ")
    memo.refresh_from_db()
    assert memo.next_signatory is None
    signed = list(memo.signatures.all())
    assert [s.position for s in signed] == ["นักวิเคราะห์นโยบายและแผน", "นายกองค์การบริหารส่วนตำบล"]
    assert signed[-1].content_digest == sources.compose_memo(memo).digest
    monkeypatch.setattr(
        sources, "compose_memo", None
    )  # from here on nothing is written anew: what was signed is what is shown
    paper = client.get(reverse("memo_file", args=["A1", memo.pk, "html"])).content.decode()
    assert paper.index("เห็นควรเสนอ") < paper.index("ทราบ ให้ทุกกองดำเนินการ")
    monkeypatch.undo()
    files = reverse("memo_file", args=["A1", memo.pk, "pdf"])
    assert client.get(files).status_code == 302  # not written yet
    assert "กำลังเขียนไฟล์" in client.get(reverse("memo_files", args=["A1", memo.pk])).content.decode()
    work()
    assert client.get(files).content.startswith(b"%PDF")
    with pytest.raises(DatabaseError), transaction.atomic():
        Signature.objects.update(opinion="ไม่เห็นด้วย")


def test_an_emblem_stands_on_memos_written_after_it(client, office):
    client.force_login(office["officer"])
    address = reverse("papers_emblem", args=["A1"])
    assert "ยังไม่ได้เลือกไฟล์ภาพ" in client.post(address, follow=True).content.decode()
    wrong = client.post(address, {"file": io.BytesIO(b"not a picture")}, follow=True).content.decode()
    assert "ไม่ใช่ภาพ PNG หรือ JPEG" in wrong
    drawn = io.BytesIO()
    Image.new("RGB", (60, 90), "#7a1f1f").save(drawn, "PNG")
    drawn.seek(0)
    assert 'alt="ตราที่ใช้อยู่"' in client.post(address, {"file": drawn}, follow=True).content.decode()
    empty = client.post(address, {"file": io.BytesIO()}, follow=True).content.decode()
    assert 'alt="ตราที่ใช้อยู่"' in empty  # an empty file takes nothing away
    write(client)
    memo = Memo.objects.get()
    client.post(address, {"drop": "1"})
    assert 'alt="ตราที่ใช้อยู่"' not in client.get(papers()).content.decode()
    sign(client, memo, "เห็นควรเสนอ")  # what was written keeps what it had
    work()
    shown = {f: client.get(reverse("memo_file", args=["A1", memo.pk, f])) for f in ("html", "pdf", "docx")}
    assert 'alt="ตราของหน่วยงาน"' in shown["html"].content.decode()
    with pikepdf.open(io.BytesIO(shown["pdf"].content)) as pdf:
        assert len(pdf.pages[0].get_images()) == 1
    assert len(docx.Document(io.BytesIO(shown["docx"].content)).inline_shapes) == 1


@pytest.mark.parametrize(
    ("kind", "name", "head"),
    [
        ("sao", "องค์การบริหารส่วนตำบลพร่อน", "นายกองค์การบริหารส่วนตำบลพร่อน"),
        ("town", "เทศบาลเมืองศรีสมมุติ", "นายกเทศมนตรีเมืองศรีสมมุติ"),
        ("bangkok_district", "สำนักงานเขตตลิ่งชัน", "ผู้อำนวยการเขตตลิ่งชัน"),
        ("district", "อำเภอเขื่องใน", "นายอำเภอเขื่องใน"),
        ("department", "สำนักงานสถิติ", "ผู้บริหารสูงสุด"),  # not every department's head is an อธิบดี
        ("hospital", "โรงพยาบาลสมมุติ", "ผู้บริหารสูงสุด"),
    ],
)
def test_whom_papers_go_up_to_is_named_by_the_agency(kind, name, head):
    assert sources.name_executive_position(Agency(assessment_id="ita", kind=kind, name_th=name)) == head


def test_what_cannot_be_printed_is_refused_at_once(client, office):
    client.force_login(office["officer"])
    answer = write(client, position=["นักวิเคราะห์ 😀", ""])
    assert answer.status_code == 422
    assert "😀" in answer.content.decode()
    assert not Memo.objects.exists()
    write(client)
    memo = Memo.objects.get()
    client.post(
        reverse("memo_redirect", args=["A1", memo.pk]), {"to": str(office["executive"].pk), "position": "นายก 😀"}
    )
    memo.refresh_from_db()
    assert memo.next_signatory == office["officer"]
    page = client.post(
        reverse("memo_redirect", args=["A1", memo.pk]), {"to": str(office["auditor"].pk), "position": "x"}, follow=True
    )
    assert office["auditor"].name not in page.content.decode()  # nobody's name is revealed by number


def test_nobody_signs_a_memo_that_changed_since_it_was_read(client, office):
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    with pytest.raises(DomainError, match="เปลี่ยนไปจากที่เห็น"):
        actions.sign_memo(memo=memo, opinion="", content_digest="0" * 64, to=None, position="", by=office["officer"])


def test_the_memo_about_the_result_is_a_step_of_the_year_until_its_line_is_through(client, office, monkeypatch):
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()

    def step(year):
        monkeypatch.setattr(officer_facts, "today", lambda: fiscal.first_day(year, 2))
        return next(s for s in officer_facts.load_year(memo.agency, office["officer"]).steps if s.key == "memo")

    assert (step(memo.fiscal_year + 1).state, step(memo.fiscal_year + 2).address) == ("now", None)
    assert [t.action for t in officer_facts.load_year(memo.agency, office["officer"]).tasks].count("อ่านและลงนาม") == 0
    sign(client, memo, "", str(office["executive"].pk), "นายก")
    assert "รอนายกลงนาม" in step(memo.fiscal_year + 1).text
    client.force_login(office["executive"])
    sign(client, memo)
    assert step(memo.fiscal_year + 1).state == "done"
    client.force_login(office["officer"])
    assert "เขียนบันทึกข้อความเรื่องนี้ไว้แล้ว" in client.get(papers("write_memo")).content.decode()
    publish_result(memo.agency, memo.fiscal_year)
    assert step(memo.fiscal_year + 1).address.view == "write_memo"  # that memo said another total


@pytest.mark.parametrize("typed", ["{0}", "{0:.4}", "{0} (รักษาการ)"], ids=["whole", "short", "acting"])
def test_nobody_but_an_executive_signs_as_the_executive(client, office, typed):
    """An officer alone gets no memo signed in the name of the head of the agency: neither by the line that is typed,
    nor by passing it on, nor by taking the place of one who left."""
    client.force_login(office["officer"])
    position = typed.format(sources.name_executive_position(Agency.objects.get(code="A1")))
    me, executive = str(office["officer"].pk), str(office["executive"].pk)
    refused = write(client, position=["นักวิเคราะห์", position], signer=[me, me], holder=["", ""])
    assert "ต้องเป็นบัญชีของผู้บริหาร" in refused.content.decode()
    write(client, position=["นักวิเคราะห์", position], signer=[me, executive], holder=["", ""])
    memo = Memo.objects.get()
    sign(client, memo, "", me, position)
    assert not memo.signatures.exists()
    sign(client, memo, "", executive, position)
    client.post(reverse("memo_redirect", args=["A1", memo.pk]), {"to": me, "position": position})
    memo.refresh_from_db()
    assert memo.next_signatory == office["executive"]
    client.force_login(office["executive"])
    sign(client, memo)
    assert [s.by for s in memo.signatures.all()] == [office["officer"], office["executive"]]


def test_no_letter_that_cannot_be_printed_stops_the_papers_of_an_agency(client, office):
    """What is typed is refused with its place; what is stored already, by an earlier version, is left out."""
    client.force_login(office["officer"])
    refused = write(client, position=["นักวิเคราะห์ 🙂", "ปลัด"], holder=["", "นางใจดี 🙂"], signer=["", ""])
    page = refused.content.decode()
    assert "ตำแหน่งลำดับที่ 1: มีอักขระ" in page
    assert "ชื่อลำดับที่ 2: มีอักขระ" in page
    assert not Memo.objects.exists()
    answer = client.post(
        reverse("papers_settings", args=["A1"]), {"digits": "thai", "executive_position": "นายก 🙂"}, follow=True
    )
    assert "ตำแหน่งผู้บริหารสูงสุด: มีอักขระ" in answer.content.decode()
    line = [{"position": "นักวิชาการ 🙂", "name": "นายก 🙂", "user": None}, {"position": "ปลัด", "name": "", "user": None}]
    stored = {"prepared_by": "สำนักปลัด 🙂", "executive_position": "นายก 🙂", "signing_line": line}
    DocumentSettings.objects.update_or_create(agency=Agency.objects.get(code="A1"), defaults=stored)
    for kind in ("summary", "measures", "memo"):
        assert client.get(papers("paper_preview", kind)).status_code == 200
    assert write(client, position=["นักวิชาการ", "ปลัด"], holder=["", ""], signer=["", ""]).status_code == 302


def test_a_name_beside_an_account_that_signs_on_screen_is_not_dropped_without_a_word(client, office):
    client.force_login(office["officer"])
    me = str(office["officer"].pk)
    refused = write(client, position=["นักวิเคราะห์", ""], holder=["นายคนอื่น", ""], signer=[me, ""])
    assert "แต่พิมพ์ชื่อ นายคนอื่น ไว้" in refused.content.decode()
    same = write(client, position=["นักวิเคราะห์", ""], holder=[office["officer"].name, ""], signer=[me, ""])
    assert same.status_code == 302


def test_a_signatory_who_left_is_replaced(client, office):
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    sign(client, memo, "", str(office["executive"].pk), "นายก")
    Appointment.objects.filter(user=office["executive"]).update(until=datetime.date(2021, 1, 1))
    page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    assert "ไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว" in page
    desk = "/desk/agency/A1/"
    assert "เลือกผู้ลงนาม" in client.get(desk).content.decode()  # where the day's work is
    # one press of the button makes nobody the head of the agency
    assert re.search(r'<option\s+value=""\s+selected\s*>\s*ลงนามด้วยมือ', page)
    address = reverse("memo_redirect", args=["A1", memo.pk])
    client.post(address, {"to": str(office["executive"].pk), "position": "นายก"})
    memo.refresh_from_db()
    assert memo.next_signatory == office["executive"]  # not to somebody who left
    acting = User.objects.create(email="acting@example.test", name="ผู้รักษาการ", role="executive")
    Appointment.objects.create(user=acting, agency=memo.agency, since=datetime.date(2020, 1, 1))
    client.post(address, {"to": str(acting.pk), "position": "ปลัด ปฏิบัติหน้าที่นายก"})
    memo.refresh_from_db()
    assert (memo.next_signatory, memo.next_position) == (acting, "ปลัด ปฏิบัติหน้าที่นายก")
    assert "เลือกผู้ลงนามบันทึกข้อความ" not in client.get(desk).content.decode()


LINE = ("นักวิเคราะห์นโยบายและแผน", "หัวหน้าสำนักปลัด", "ปลัดองค์การบริหารส่วนตำบล", "นายกองค์การบริหารส่วนตำบล")


def text_of_memo(memo):
    return "\n".join(list_texts(sources.compose_memo(Memo.objects.get(pk=memo.pk))))


def test_a_line_of_positions_signs_on_screen_and_by_hand(client, office):
    """Author and executive on screen, two positions without an account between them on paper."""
    client.force_login(office["officer"])
    signers = [str(office["officer"].pk), "", "", str(office["executive"].pk)]
    names = ["", "สมมุติ นามสมมุติ", "", ""]
    assert write(client, position=LINE, holder=names, signer=signers).status_code == 302
    memo = Memo.objects.get()
    text = text_of_memo(memo)
    assert [text.index(position) for position in LINE] == sorted(text.index(position) for position in LINE)
    assert "สมมุติ นามสมมุติ" in text
    page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    assert page.count("ลงนามด้วยมือบนกระดาษ") == 2
    sign(client, memo, "เห็นควรเสนอ", str(office["executive"].pk), LINE[3])
    client.force_login(office["executive"])
    sign(client, memo, "ทราบ")
    memo.refresh_from_db()
    assert memo.next_signatory is None
    text = text_of_memo(memo)
    assert [text.index(position) for position in LINE] == sorted(text.index(position) for position in LINE)
    page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    assert page.count("ลงนามด้วยมือบนกระดาษ") == 2
    assert "ลงนามครบแล้ว" not in page
    work()
    assert not PaperJob.objects.filter(status="failed", content_digest=memo.signatures.last().content_digest)
    form = client.get(papers("write_memo"))  # the line is offered for the next one
    assert form.status_code == 403  # to the officer alone
    client.force_login(office["officer"])
    form = client.get(papers("write_memo")).content.decode()
    assert all(f'value="{position}"' in form for position in LINE)


@pytest.mark.parametrize("hands", ["sshsh", "hhshs", "hsshh", "shhhs", "hsshs"])
def test_the_route_on_screen_is_that_of_the_paper(client, office, hands):
    """Any mixture of hand (h) and screen (s), before, between and after each signature."""
    client.force_login(office["officer"])
    line = [f"ตำแหน่งลำดับ{'กขคงจ'[n]}" for n in range(5)]
    people = [office["officer"], office["executive"]]
    screens = [n for n, how in enumerate(hands) if how == "s"]
    signers = ["" if how == "h" else str(people[screens.index(n) % 2].pk) for n, how in enumerate(hands)]
    assert write(client, position=line, holder=[""] * 5, signer=signers).status_code == 302
    memo = Memo.objects.get()
    for turn in range(len(screens) + 1):
        memo.refresh_from_db()
        page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
        route = page[page.index('<ol class="steps">') :]
        route = route[: route.index("</ol>")]
        printed = text_of_memo(memo)
        for shown in (route, printed):
            assert [shown.count(position) for position in line] == [1] * 5
            assert [shown.index(position) for position in line] == sorted(shown.index(position) for position in line)
        assert route.count("รหัสของเอกสารขณะลงนาม") == turn
        assert route.count("ลงนามด้วยมือบนกระดาษ") == hands.count("h")
        assert route.count("รอลงนาม") == (turn < len(screens))
        assert route.count("เมื่อถึงลำดับ") == max(0, len(screens) - turn - 1)
        if turn < len(screens):
            client.force_login(memo.next_signatory)
            follows = screens[turn + 1 : turn + 2]
            to = (signers[follows[0]], line[follows[0]]) if follows else ("", "")
            assert sign(client, memo, "", *to).status_code == 302
    client.force_login(office["officer"])
    listed = client.get(papers()).content.decode()
    assert "รอลงนามด้วยมือ" in listed  # it is not complete while the paper waits for hands


def test_a_memo_that_everybody_signs_by_hand_is_complete_at_once(client, office):
    client.force_login(office["officer"])
    write(client, position=LINE, holder=[""] * 4, signer=[""] * 4)
    memo = Memo.objects.get()
    assert memo.next_signatory is None
    work()
    pdf = client.get(reverse("memo_file", args=["A1", memo.pk, "pdf"]))
    assert pdf.content.startswith(b"%PDF")
    assert all(position in text_of_memo(memo) for position in LINE)


def test_a_number_is_given_after_everybody_has_signed(client, office):
    client.force_login(office["officer"])
    write(client, reference_number="")
    memo = Memo.objects.get()
    sign(client, memo, "เห็นควรเสนอ")
    work()
    signed = memo.signatures.get()
    address = reverse("memo_number", args=["A1", memo.pk])
    assert "ใส่เลขที่หนังสือ" in client.post(address, {"reference_number": " "}, follow=True).content.decode()
    client.post(address, {"reference_number": "นธ 77201/14"})
    work()
    assert "๗๗๒๐๑/๑๔" in client.get(reverse("memo_file", args=["A1", memo.pk, "html"])).content.decode()
    file = client.get(reverse("memo_file", args=["A1", memo.pk, "docx"]))
    texts = " ".join(p.text for p in docx.Document(io.BytesIO(file.content)).paragraphs)
    assert "๗๗๒๐๑/๑๔" in texts
    signed.refresh_from_db()
    assert "๗๗๒๐๑/๑๔" not in signed.html  # what was signed stays what it was
    assert AuditEntry.objects.filter(action="documents.number").exists()


@pytest.mark.parametrize(
    ("places", "problem"),
    [
        ({"position": ["", ""], "holder": ["", ""], "signer": ["", ""]}, "ตำแหน่งผู้ลงนาม"),
        ({"position": ["", "นายก"], "holder": ["สมมุติ", ""], "signer": ["", ""]}, "ใส่ตำแหน่งของ สมมุติ"),
        ({"position": ["นายก", "นายก"], "holder": ["", ""], "signer": ["", ""]}, "มีมากกว่าหนึ่งครั้ง"),
        ({"position": ["นายก"], "holder": [""], "signer": ["999999"]}, "ไม่ได้ทำหน้าที่แทนหน่วยงานนี้"),
    ],
)
def test_a_wrong_line_is_refused_and_nothing_typed_is_lost(client, office, places, problem):
    client.force_login(office["officer"])
    answer = write(client, subject="เรื่องที่พิมพ์ไว้", **places)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert problem in page
    assert "เรื่องที่พิมพ์ไว้" in page
    assert not Memo.objects.exists()


def test_every_problem_of_a_memo_is_told_at_once(client, office):
    client.force_login(office["officer"])
    places = {"position": ["นายก", "นายก", ""], "holder": ["", "", "สมมุติ"], "signer": ["", "", "999999"]}
    page = write(client, office="", date="32/13/2570", **places).content.decode()
    for problem in ("วันที่:", "ยังไม่ได้กรอก ส่วนราชการ", "มีมากกว่าหนึ่งครั้ง", "ใส่ตำแหน่งของ สมมุติ"):
        assert problem in page
    assert "32/13/2570" in page
    assert not Memo.objects.exists()


def test_files_carry_the_number_that_the_memo_has(client, office):
    client.force_login(office["officer"])
    write(client, reference_number="")
    memo = Memo.objects.get()
    address, file = (
        reverse(name, args=["A1", memo.pk, *more]) for name, more in (("memo_number", ()), ("memo_file", ("docx",)))
    )
    for number in ("ทส 1/11", "ทส 1/22", "ทส 1/11"):
        client.post(address, {"reference_number": number})
        work()
        text = " ".join(p.text for p in docx.Document(io.BytesIO(client.get(file).content)).paragraphs)
        assert thai.in_thai_digits(number) in text


def test_what_waits_of_an_earlier_number_is_not_written(client, office):
    client.force_login(office["officer"])
    write(client, reference_number="")
    memo = Memo.objects.get()
    for number in range(20):
        client.post(reverse("memo_number", args=["A1", memo.pk]), {"reference_number": f"ทส 1/{number}"})
    assert PaperJob.objects.filter(status="waiting").count() == 1


def test_files_that_could_not_be_written_are_asked_for_again(client, office, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    monkeypatch.setattr(actions, "issue_document", fail)
    work()
    page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    assert "เขียนไฟล์ใหม่" in page
    monkeypatch.undo()
    client.post(reverse("write_memo_files", args=["A1", memo.pk]))
    work()
    assert client.get(reverse("memo_file", args=["A1", memo.pk, "pdf"])).content.startswith(b"%PDF")


def test_nobody_in_the_line_is_passed_over_on_screen(client, office):
    client.force_login(office["officer"])
    signers = [str(office[role].pk) for role in ("officer", "executive")]
    write(client, position=["นักวิเคราะห์", "นายก"], holder=["", ""], signer=signers)
    memo = Memo.objects.get()
    ended = sign(client, memo, "จบเอง")
    assert ended.status_code == 422
    assert "ยังมีผู้ลงนามบนหน้าจอตามลำดับ: นายก" in ended.content.decode()
    sign(client, memo, "เห็นควรเสนอ", signers[1], "นายก")
    again = {"to": signers[0], "position": "นักวิเคราะห์"}
    page = client.post(reverse("memo_redirect", args=["A1", memo.pk]), again, follow=True).content.decode()
    assert "ลงนามไปแล้ว" in page
    memo.refresh_from_db()
    assert memo.next_signatory == office["executive"]


def test_an_absurd_signer_is_nobody(client, office):
    client.force_login(office["officer"])
    answer = write(client, position=["นายก"], holder=[""], signer=["9" * 5000])
    assert answer.status_code == 302  # by hand


def test_a_contradiction_in_the_words_of_a_memo_is_shown_beside_its_files(client, office, agencies):
    client.force_login(office["officer"])
    shown = client.get(papers("edit_text", "memo")).context["passages"]
    passage = next(p for p in shown if "ข้อเท็จจริง" in p.heading)
    posted = {f"o:{p.key}": p.now for p in shown} | {f"t:{passage.key}": "ตัวชี้วัดที่ 9 การเปิดเผยข้อมูล ได้คะแนน 12.34 คะแนน"}
    client.post(papers("edit_text", "memo"), posted)
    write(client)
    work()
    assert "12.34" in client.get(reverse("memo", args=["A1", Memo.objects.get().pk])).content.decode()


def test_a_wrong_figure_in_an_opinion_is_named_before_it_is_signed(client, office):
    """An opinion is printed and never changed: whoever mistypes a score hears of it while it can be corrected."""
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    opinion = "หน่วยงานได้คะแนนรวม 12.34 คะแนน เห็นควรเสนอ"
    page = sign(client, memo, opinion)
    assert page.status_code == 422
    assert "เขียนไว้ “12.34” แต่ผลการประเมิน" in page.content.decode()
    assert markup(page).count(opinion) == 2  # still typed, and remembered as read
    assert not memo.signatures.exists()
    digest = sources.compose_memo(Memo.objects.get()).digest
    posted = {"opinion": f"{opinion} ด่วน", "to": "", "position": "", "content_digest": digest, "seen": opinion}
    assert client.post(reverse("memo_sign", args=["A1", memo.pk]), posted).status_code == 422  # other words than seen
    assert client.post(reverse("memo_sign", args=["A1", memo.pk]), posted | {"opinion": opinion}).status_code == 302
    assert memo.signatures.get().opinion == opinion


# --- written in the background


def test_a_page_asks_and_a_worker_writes(client, office, monkeypatch):
    client.force_login(office["officer"])
    monkeypatch.setattr(actions, "issue_document", None)  # a request writes nothing
    client.post(papers("paper_issue", "summary"))
    client.post(papers("paper_issue", "summary"))
    job = PaperJob.objects.get()  # asked twice, written once
    assert job.status == "waiting"
    state = client.get(papers("offered_paper", "summary")).content.decode()
    assert "กำลังเขียน" in state
    assert 'hx-trigger="every 2s"' in state
    monkeypatch.undo()
    actions.write_paper.call(job.pk)
    actions.write_paper.call(job.pk)  # a second worker finds nothing to do
    assert Paper.objects.count() == 1
    state = client.get(papers("offered_paper", "summary")).content.decode()
    assert "ฉบับล่าสุด" in state
    assert "hx-trigger" not in state


def test_a_job_whose_worker_dies_is_tried_again_and_given_up(client, office, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    client.force_login(office["officer"])
    client.post(papers("paper_issue", "summary"))
    monkeypatch.setattr(actions, "issue_document", die)
    for _ in range(leases.MAX_LOSSES + 1):
        with pytest.raises(Killed):
            work()
        assert PaperJob.objects.get().status == "waiting"
        Job.objects.filter(state="running").update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    work()
    assert PaperJob.objects.get().status == "failed"
    assert Job.objects.get(name="documents.write_paper").state == "failed"


def test_an_error_of_ours_is_not_the_officers(client, office, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    client.force_login(office["officer"])
    client.post(papers("paper_issue", "summary"))
    monkeypatch.setattr(actions, "issue_document", fail)
    work()
    page = client.get(papers()).content.decode()
    assert "ข้อผิดพลาดของระบบ" in page
    monkeypatch.undo()
    issue(client, "summary")
    assert "ข้อผิดพลาดของระบบ" not in client.get(papers()).content.decode()


# --- a nation


class InlinePool:
    """A pool that does its work at once, in this process, unless its processes are said to have died."""

    def __init__(self, *, has_died: bool = False) -> None:
        self.has_died, self.is_open = has_died, True

    def submit(self, function, *arguments):
        assert self.is_open
        future = Future()
        try:
            if self.has_died:
                raise BrokenProcessPool
            future.set_result(function(*pickle.loads(pickle.dumps(arguments))))
        except Exception as error:
            future.set_exception(error)
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        self.is_open = False


@pytest.fixture
def pools(monkeypatch):
    """The pools a batch starts, of which ``pools.deaths`` first ones die."""

    class Pools(list):
        deaths = 0

    started = Pools()

    def start(processes):
        started.append(InlinePool(has_died=len(started) < started.deaths))
        return started[-1]

    monkeypatch.setattr(actions, "_start_pool", start)
    monkeypatch.setattr(actions, "_AGENCIES_PER_STEP", 1)
    return started


def start_batch(office, agencies, published, *kinds):
    publish_copy(agencies[1], published[0])
    return Batch.objects.create(result_set=published[0], kinds=list(kinds), agencies_total=2, by=office["office"])


def complete(batch):
    for _ in actions.run_batch(batch, processes=1):
        pass
    batch.refresh_from_db()
    return batch


def test_a_batch_runs_in_processes_of_its_own(office, agencies, published):
    batch = complete(start_batch(office, agencies, published, "summary"))
    assert (batch.agencies_done, batch.status, batch.problems) == (2, "done", [])
    assert {p.agency.code for p in Paper.objects.all()} == {"A1", "B2"}
    assert Notice.objects.filter(user=office["office"], text__contains="เสร็จแล้ว").exists()


def test_a_batch_resumes_where_it_was_stopped(office, agencies, published, pools):
    batch = start_batch(office, agencies, published, "summary")
    next(run := actions.run_batch(Batch.objects.get(pk=batch.pk), processes=1))
    run.close()  # stopped after the first agency
    batch.refresh_from_db()
    assert (batch.agencies_done, batch.status, Paper.objects.count()) == (1, "running", 1)
    complete(batch)
    assert (batch.agencies_done, batch.status, batch.problems) == (2, "done", [])
    assert {p.agency.code for p in Paper.objects.all()} == {"A1", "B2"}
    assert AgencyResult.objects.filter(result_set=published[0]).count() == 2
    assert not any(pool.is_open for pool in pools)


def test_the_processes_of_a_long_batch_are_replaced_between_steps(office, agencies, published, pools, monkeypatch):
    monkeypatch.setattr(actions, "_STEPS_PER_POOL", 1)
    batch = complete(start_batch(office, agencies, published, "summary"))
    assert (batch.status, batch.problems, Paper.objects.count()) == ("done", [], 2)
    assert [pool.is_open for pool in pools] == [False, False]


def test_processes_are_not_limited_by_python():
    assert actions._start_pool(1)._max_tasks_per_child is None  # python/cpython#115634


def test_a_process_that_dies_is_replaced_and_its_papers_are_written_again(office, agencies, published, pools):
    pools.deaths = 1
    batch = complete(start_batch(office, agencies, published, "summary"))
    assert (batch.status, batch.problems, Paper.objects.count()) == ("done", [], 2)
    assert not any(pool.is_open for pool in pools)


def test_a_paper_that_kills_its_process_again_is_reported(office, agencies, published, pools):
    pools.deaths = 2
    batch = complete(start_batch(office, agencies, published, "summary"))
    assert (batch.status, len(batch.problems), Paper.objects.count()) == ("done", 1, 1)


def test_a_full_disk_stops_a_batch_and_leaves_no_paper_out(office, agencies, published, pools, monkeypatch):
    """The job is tried again when there is room; a paper reported as impossible would never come."""
    batch = start_batch(office, agencies, published, "summary")
    with monkeypatch.context() as patch:
        patch.setattr(actions.files, "store_bytes", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            complete(batch)
    again = complete(Batch.objects.get(pk=batch.pk))
    assert (again.status, again.problems, Paper.objects.count()) == ("done", [], 2)


def test_one_paper_that_cannot_be_stored_does_not_stop_the_others(office, agencies, published, pools, monkeypatch):
    store_paper = actions._store_paper

    def fail_for_the_first(agency, *more):
        if agency.code == "A1":
            raise OSError("file name too long")
        return store_paper(agency, *more)

    monkeypatch.setattr(actions, "_store_paper", fail_for_the_first)
    batch = complete(start_batch(office, agencies, published, "summary"))
    assert (batch.status, len(batch.problems), Paper.objects.count()) == ("done", 1, 1)


def test_a_paper_without_changes_is_not_issued_twice(office, agencies, published, pools):
    complete(start_batch(office, agencies, published, "summary"))
    again = Batch.objects.create(result_set=published[0], kinds=["summary"], agencies_total=2, by=office["office"])
    pools.deaths = 9  # nothing may be submitted
    assert complete(again).problems == []
    assert Paper.objects.count() == 2


def test_papers_of_unpublished_results_are_not_made(office, published):
    from prongsai.results.actions import withdraw

    withdraw(result_set=published[0], reason="ทดสอบ", by=office["office"])
    with pytest.raises(DomainError, match="เผยแพร่"):
        actions.start_batch(result_set=published[0], kinds=["summary"], by=office["office"])


@pytest.mark.parametrize(
    ("typed", "printed"),
    [("1. ประชุม", "ประชุม"), ("๒) ติดตาม", "ติดตาม"), ("10.30 น. ประชุม", "10.30 น. ประชุม"), ("2.5 ล้านบาท", "2.5 ล้านบาท")],
)
def test_only_numbers_of_steps_are_dropped(typed, printed):
    assert sources._STEP_NUMBER.sub("", typed) == printed


def test_the_office_starts_a_batch(client, office, published):
    client.force_login(office["office"])
    address = reverse("papers_batch", args=[published[0].pk])
    client.post(address)
    assert not Batch.objects.exists()
    client.post(address, {"kinds": ["development", "summary"]})
    client.post(address, {"kinds": ["summary"]})  # one at a time
    assert Batch.objects.get().kinds == ["development", "summary"]
    assert "0 จาก 1" in markup(client.get(address))


def test_a_batch_writes_no_memo(client, office, agencies, published, pools):
    """Nobody but an agency knows who signs its memos: neither a new batch writes any, nor one of an older version."""
    client.force_login(office["office"])
    address = reverse("papers_batch", args=[published[0].pk])
    assert 'value="memo"' not in markup(client.get(address))
    refused = client.post(address, {"kinds": ["development", "memo"]}, follow=True)
    assert "บันทึกข้อความทำทั้งชุดไม่ได้" in markup(refused)
    assert not Batch.objects.exists()
    complete(start_batch(office, agencies, published, "summary", "memo"))
    assert {paper.kind for paper in Paper.objects.all()} == {"summary"}


def test_an_outcome_report_prints_only_the_approved_plan_of_its_year(office, agencies):
    plan = improvement.start_plan(agency=agencies[0], result_year=sample_year() - 1, by=office["officer"])
    assert sources.collect_data(agencies[0], sample_year(), "outcome").measures == ()  # nobody approved it
    approve(plan, office)
    assert sources.collect_data(agencies[0], sample_year(), "outcome").measures
    assert sources.collect_data(agencies[0], sample_year() - 1, "outcome").measures == ()  # the plan of another year
    assert sources.collect_data(agencies[0], sample_year() - 1, "development").measures
    for kind in ("outcome", "measures"):  # the rules' own draft says nothing that the result contradicts
        job = actions.request_paper(agency=agencies[0], kind=kind, fiscal_year=sample_year(), by=office["officer"])
        work()
        job.refresh_from_db()
        assert (job.status, job.problem) == ("done", "")
        basis = sources.find_basis(agencies[0], sample_year())
        assert job.paper.notes == {"contradictions": [], "faults": 0, "results": basis}


def test_the_executive_is_suggested_as_next_signatory(client, office):
    client.force_login(office["officer"])
    signers = [str(office[role].pk) for role in ("officer", "executive")]
    write(client, position=["นักวิเคราะห์", "นายก"], holder=["", ""], signer=signers)
    page = client.get(reverse("memo", args=["A1", Memo.objects.get().pk])).content.decode()
    assert f'<option value="{office["executive"].pk}" selected>' in page
    assert 'value="นายก"' in page


def test_papers_of_a_running_year_are_not_offered_where_nothing_is_known_of_it(client, office, running_round):
    client.force_login(office["officer"])
    running_round.agencies.clear()
    page = client.get(papers()).content.decode()
    assert page.count("ไม่อยู่ในรอบการประเมิน") == 2


def test_rows_of_a_pasted_table_read_as_steps():
    pasted = "ลำดับ | กิจกรรม | เวลา\n1 | ประชุม | ต.ค.\n๒ | อบรม | พ.ย.\nสรุปผล"
    assert sources._split_steps(pasted) == ("ประชุม – ต.ค.", "อบรม – พ.ย.", "สรุปผล")


def test_what_assessors_wrote_is_confirmed_and_stands_in_the_memo(
    client, people, agencies, running_round, settings, tmp_path
):
    """From the file to the paper, in the same words; where no reason was given none is invented."""
    settings.MEDIA_ROOT = tmp_path
    year = 2564
    framework = find_framework("ita", year)
    first, second, third = framework.rules.disclosure_items[:3]
    path = tmp_path / "marks.csv"
    lines = [
        [f"ผลคะแนนการเปิดเผยข้อมูลสาธารณะ (OIT) {agencies[0].name_th} ประจำปีงบประมาณ พ.ศ. {year}"],
        ["ข้อ", "ประเด็นการตรวจ", "ความคิดเห็น", "คะแนน"],
        [first.id, first.label.th, "แผนผังไม่แสดงสภาท้องถิ่น", "0.00"],
        [second.id, second.label.th, "", "0.00"],
        [third.id, third.label.th, "", "100.00"],
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    imported = results.upload(
        path=path, file_name=path.name, shape="document", by=people["officer"], agency=agencies[0], enqueue=False
    )
    results.read_import.call(imported.pk)
    imported.refresh_from_db()
    assert imported.status == "ready", imported.problem
    client.force_login(people["officer"])
    address = reverse("import_document", args=["A1", imported.pk])
    page = client.get(address).content.decode()
    assert "แผนผังไม่แสดงสภาท้องถิ่น" in page
    assert f'name="c:{second.id}"' in page  # below full marks, without a comment yet
    assert f'name="c:{third.id}"' not in page
    values = {"year": year, f"v:{first.id}": "0", f"v:{second.id}": "0", f"v:{third.id}": "100"}
    words = "แผนผังไม่แสดงสภาท้องถิ่นและรองนายก"
    unknown = client.post(address, values | {f"c:{first.id}": words, "c:O99": "x", "confirm": "1", "same": "1"})
    assert unknown.status_code == 409
    assert words in unknown.content.decode()  # nothing typed is lost
    done = client.post(address, values | {f"c:{first.id}": words, "confirm": "1", "same": "1"})
    assert done.status_code == 302
    result = AgencyResult.objects.get()
    assert result.basis["comments"] == {first.id: words}
    results.publish(result_set=result.result_set, by=people["office"])
    header = MemoHeader(office="สำนักปลัด", to="นายก")
    data = dataclasses.replace(sources.collect_data(agencies[0], year, "memo"), memo_header=header)
    text = "\n".join(list_texts(compose_document("memo", data)))
    in_thai = thai.in_thai_digits
    assert in_thai(f"{first.id} {first.label.th} {words}") in text
    assert in_thai(f"{second.id} {second.label.th} ผลการประเมินไม่ได้ระบุเหตุผล") in text
    assert second.advice.defect not in text
    assert in_thai("เรื่อง รายงานผลคะแนนแบบวัดการเปิดเผยข้อมูลสาธารณะ") in text.replace("\n", " ")


# --- the memo's own flow


def test_a_memo_is_written_for_its_line_and_never_issued_beside_it(client, office, agencies):
    client.force_login(office["officer"])
    answer = client.post(papers("paper_issue", "memo"))
    assert (answer.status_code, answer.url) == (302, papers("write_memo"))
    with pytest.raises(DomainError, match="ตามลำดับการลงนาม"):
        actions.request_paper(agency=agencies[0], kind="memo", fiscal_year=sample_year(), by=office["officer"])
    assert not PaperJob.objects.exists()
    assert client.post(papers("paper_issue", "nonsense")).status_code == 404


@pytest.mark.parametrize("typed", ["2/2/2569", "๒ ก.พ. ๒๕๖๙"])
def test_a_date_that_is_typed_stands_on_the_memo(client, office, typed):
    client.force_login(office["officer"])
    assert write(client, date=typed).status_code == 302
    memo = Memo.objects.get()
    assert "๒ กุมภาพันธ์ ๒๕๖๙" in text_of_memo(memo)
    assert sources.load_memo(memo).memo_header.date == datetime.date(2026, 2, 2)


def test_a_memo_that_is_sent_twice_is_written_once_until_it_differs_or_is_signed(client, office):
    client.force_login(office["officer"])
    assert write(client).url == write(client).url
    assert Memo.objects.count() == 1
    write(client, subject="เรื่องอื่น")
    assert Memo.objects.count() == 2
    memo = Memo.objects.first()
    actions.sign_memo(
        memo=memo,
        opinion="",
        content_digest=actions.digest_memo(memo),
        to=office["executive"],
        position="นายก",
        by=memo.by,
    )
    write(client, subject="เรื่องอื่น")
    assert Memo.objects.count() == 3


def test_a_date_that_is_not_typed_is_left_to_be_written_by_hand(client, office):
    client.force_login(office["officer"])
    assert "เขียนด้วยมือ" in client.get(papers("write_memo")).content.decode()
    write(client)
    memo = Memo.objects.get()
    fields = [block for block in sources.compose_memo(memo).sections[0].blocks if isinstance(block, FieldLine)]
    assert ("วันที่", "") in fields[1].pairs
    assert sources.load_memo(memo).memo_header.date is None


def test_a_date_that_cannot_be_read_is_named_and_stays_typed(client, office):
    client.force_login(office["officer"])
    answer = write(client, date="31 ก.พ. 2569", subject="เรื่องที่พิมพ์ไว้")
    assert answer.status_code == 422
    for words in ("วันที่: ไม่มีวันที่", "31 ก.พ. 2569", "เรื่องที่พิมพ์ไว้"):
        assert words in answer.content.decode()


def test_whom_a_memo_is_addressed_to_is_a_field_and_no_passage(client, office, agencies):
    client.force_login(office["officer"])
    write(client, position=list(LINE), holder=[""] * 4, signer=[""] * 4)
    form = client.get(papers("write_memo")).content.decode()
    assert all(f'<option value="{position}"></option>' in form for position in LINE)
    passages = client.get(papers("edit_text", "memo")).context["passages"]
    assert sources.find_settings(agencies[0]).executive_position not in [p.ours for p in passages]
    write(client, to="ปลัดองค์การบริหารส่วนตำบล")
    assert "เรียน ปลัดองค์การบริหารส่วนตำบล" in text_of_memo(Memo.objects.first())


def test_a_position_that_nobody_holds_is_left_to_be_signed_by_hand(client, office):
    """The executive has left before signing, and there is no other: it is finished on paper, without their name."""
    client.force_login(office["officer"])
    signers = [str(office["officer"].pk), str(office["executive"].pk), str(office["officer"].pk)]
    positions = ["นักวิเคราะห์นโยบายและแผน", "ปลัดองค์การบริหารส่วนตำบล", "รองนายกองค์การบริหารส่วนตำบล"]
    write(client, position=positions, holder=["", "", ""], signer=signers)
    memo = Memo.objects.get()
    sign(client, memo, "", str(office["executive"].pk), positions[1])
    Appointment.objects.filter(user=office["executive"]).update(until=datetime.date(2021, 1, 1))
    client.post(reverse("memo_redirect", args=["A1", memo.pk]), {"to": "", "position": positions[1]})
    memo.refresh_from_db()
    assert (memo.next_signatory, memo.next_position) == (office["officer"], positions[2])
    assert office["executive"].name not in text_of_memo(memo)
    assert positions[1] in text_of_memo(memo)
    client.post(reverse("memo_redirect", args=["A1", memo.pk]), {"to": "", "position": positions[2]})
    memo.refresh_from_db()
    assert memo.next_signatory is None
    page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    assert len(re.findall(r'<span class="muted">\s*ลงนามด้วยมือบนกระดาษ', page)) == 2
    work()
    assert client.get(reverse("memo_file", args=["A1", memo.pk, "pdf"])).content.startswith(b"%PDF")


def test_a_refused_redirection_keeps_what_was_typed(client, office):
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    sign(client, memo, "", str(office["executive"].pk), "นายก")
    answer = client.post(
        reverse("memo_redirect", args=["A1", memo.pk]), {"to": str(office["executive"].pk), "position": LINE[0]}
    )
    assert answer.status_code == 422
    assert f'value="{LINE[0]}"' in answer.content.decode()


def test_of_two_who_sign_at_once_each_is_told_what_happened(client, office):
    """The same person twice (a second click, another window), and somebody whose turn has just passed to another."""
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    stale = Memo.objects.get()  # as the second request read it, before the first had signed
    said = actions.digest_memo(memo)
    signing = {"opinion": "เห็นควรเสนอ", "content_digest": said, "to": office["executive"], "position": "นายก"}
    actions.sign_memo(memo=memo, **signing, by=office["officer"])
    with pytest.raises(DomainError, match="คุณลงนามบันทึกข้อความนี้แล้ว"):
        actions.sign_memo(memo=stale, **signing, by=office["officer"])
    actions.redirect_memo(memo=memo, to=office["officer"], position="ปลัด ปฏิบัติหน้าที่นายก", by=office["officer"])
    with pytest.raises(DomainError, match=f"ขณะนี้รอ {office['officer'].name}"):
        actions.sign_memo(memo=stale, **signing, by=office["executive"])
    assert Signature.objects.count() == 1


def test_a_second_click_on_the_signature_lands_on_the_memo(client, office):
    client.force_login(office["officer"])
    write(client)
    memo = Memo.objects.get()
    said, executive = actions.digest_memo(memo), str(office["executive"].pk)
    posted = {"opinion": "เห็นควรเสนอ", "content_digest": said, "to": executive, "position": "นายก"}
    for _ in range(2):
        page = client.post(reverse("memo_sign", args=["A1", memo.pk]), posted, follow=True)
        assert page.redirect_chain[-1][0] == reverse("memo", args=["A1", memo.pk])
        assert not [m for m in page.context["messages"] if m.level_tag == "error"]
    assert Signature.objects.count() == 1
    other = posted | {"opinion": "อีกความเห็น"}
    assert client.post(reverse("memo_sign", args=["A1", memo.pk]), other).status_code == 422
    memo.refresh_from_db()
    actions.redirect_memo(memo=memo, to=office["officer"], position="ปลัด", by=office["officer"])
    assert client.post(reverse("memo_sign", args=["A1", memo.pk]), posted).status_code == 422, "it is their turn again"


def test_a_number_that_comes_between_two_signatures_is_read_before_the_second(client, office):
    client.force_login(office["officer"])
    write(client, reference_number="")
    memo = Memo.objects.get()
    sign(client, memo, "เห็นควรเสนอ", str(office["executive"].pk), "นายก")
    memo.refresh_from_db()
    opened = actions.digest_memo(memo)  # the executive reads it
    client.post(reverse("memo_number", args=["A1", memo.pk]), {"reference_number": "ขก ๗๐๑๐๑/๙๙"})
    client.force_login(office["executive"])
    posted = {"opinion": "ทราบ พิมพ์ไว้นาน", "content_digest": opened, "to": "", "position": ""}
    answer = client.post(reverse("memo_sign", args=["A1", memo.pk]), posted)
    assert answer.status_code == 422
    assert "ทราบ พิมพ์ไว้นาน" in answer.content.decode()
    again = posted | {"content_digest": answer.context["content_digest"]}
    assert client.post(reverse("memo_sign", args=["A1", memo.pk]), again).status_code == 302
    memo.refresh_from_db()
    assert "ขก ๗๐๑๐๑/๙๙" in text_of_memo(memo)
    work()
    assert client.get(reverse("memo_file", args=["A1", memo.pk, "pdf"])).content.startswith(b"%PDF")


def test_who_waits_for_more_than_a_minute_is_told_what_to_do(client, office):
    client.force_login(office["officer"])
    client.post(papers("paper_issue", "summary"))
    write(client)
    memo_files = reverse("memo_files", args=["A1", Memo.objects.get().pk])
    pages = (papers("offered_paper", "summary"), memo_files)
    assert not any("prongsai worker" in client.get(page).content.decode() for page in pages)
    PaperJob.objects.update(created_at=timezone.now() - datetime.timedelta(seconds=61))
    assert all("prongsai worker" in client.get(page).content.decode() for page in pages)
    work()
    assert not any("prongsai worker" in client.get(page).content.decode() for page in pages)
