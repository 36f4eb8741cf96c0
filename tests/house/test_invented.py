"""The whole product on an assessment that nobody has thought of: see tests/invented.py."""

import datetime

import numpy as np
import pytest
from django.urls import reverse

from prongsai import analysis
from prongsai.cli.demo import make_parcels
from prongsai.disclosure import actions as disclosures
from prongsai.disclosure import queries as filings
from prongsai.documents import sources
from prongsai.documents.issuance import issue_document
from prongsai.documents.papers import KINDS
from prongsai.framework.workbook import read_workbook, write_workbook
from prongsai.improvement import actions as plans
from prongsai.improvement.queries import findings_of
from prongsai.intake import Row, figures_of
from prongsai.people.actions import invite_user
from prongsai.registry import actions as registry
from prongsai.registry.models import Agency
from prongsai.results import actions as results
from prongsai.results import queries
from prongsai.rulebooks import actions as rulebooks
from prongsai.rulebooks.models import Rulebook
from prongsai.survey import actions as survey
from prongsai.survey import codes
from prongsai.survey.questions import list_questions
from tests.disclosure.filed import check_due_links
from tests.invented import ASSESSMENT, STAFF, STUDENTS, WEB, YEAR, framework
from tests.pages import markup

PREFIX = f"/a/{ASSESSMENT}"


@pytest.fixture
def world(db, settings, tmp_path):
    """The assessment with its users, two faculties and a running round."""
    settings.MEDIA_ROOT = tmp_path
    registry.create_assessment(slug=ASSESSMENT, name_th="การประเมินความโปร่งใสของคณะ", by=None)
    users = {
        role: invite_user(
            email=f"{role}@fac.example", name=f"ผู้ใช้ {role}", role=role, by=None, site="x", assessment=ASSESSMENT
        )
        for role in ("office", "officer", "executive", "assessor")
    }
    faculties = [
        Agency(assessment_id=ASSESSMENT, code=f"F{n}", name_th=f"คณะทดสอบที่ {n}", kind="university") for n in (1, 2)
    ]
    for faculty in faculties:
        faculty.save()
    rulebooks.store_edition(framework=framework(), by=None)
    rulebook = Rulebook.objects.create(assessment=ASSESSMENT, fiscal_year=YEAR)
    rulebook.draft = rulebooks.store_edition(framework=framework(), by=None)
    rulebook.save()
    rulebooks.announce(rulebook=rulebook, on=datetime.date(2026, 1, 1), read_key=rulebook.draft_id, by=users["office"])
    for role in ("officer", "executive"):
        registry.appoint(user=users[role], agency=faculties[0], on=datetime.date(2020, 1, 1), by=users["office"])
    assessment_round = registry.create_round(assessment=ASSESSMENT, fiscal_year=YEAR, by=users["office"])
    registry.enroll_agencies(assessment_round=assessment_round, agencies=faculties, by=users["office"])
    registry.set_round_status(assessment_round=assessment_round, status="running", by=users["office"])
    for phase in assessment_round.phases.all():
        registry.set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=users["office"])
    registry.assign(
        assessment_round=assessment_round, agency=faculties[0], assessor=users["assessor"], by=users["office"]
    )
    return users, faculties, assessment_round


def publish(world, level=(0.6, 0.95)):
    users, faculties, assessment_round = world
    make_parcels(framework(), [f.code for f in faculties], np.array(level), assessment_round.parcels, seed=4)
    result_set = results.compute_round(
        assessment_round=assessment_round, folder=assessment_round.parcels, by=users["office"]
    )
    results.publish(result_set=result_set, by=users["office"])
    return result_set


def test_it_is_scored_published_and_shown(world, client):
    result_set = publish(world)
    shown = result_set.results.get(agency__code="F1").shown
    assert {"overall", STAFF, STUDENTS, "A", "H", "G1"} <= shown.keys()
    for address in (
        "/agency/F1/",
        f"/agency/F1/{YEAR}/",
        "/rankings/",
        f"/nation/{YEAR}/",
        "/compare/?agency=F1&agency=F2",
        f"/methodology/{YEAR}/",
        f"/data/{YEAR}.csv",
        f"/data/{YEAR}.xlsx",
        f"/data/{YEAR}.parquet",
        "/data/datapackage.json",
        "/api/rounds",
        f"/api/rounds/{YEAR}/indicators",
        f"/api/rounds/{YEAR}/results",
    ):
        response = client.get(PREFIX + address, follow=True)
        assert response.status_code == 200, address
    page = markup(client.get(f"{PREFIX}/agency/F1/{YEAR}/"))
    assert "การสอนและการประเมินผล" in page
    assert shown["overall"] in page
    receipt = client.get(f"{PREFIX}/agency/F1/{YEAR}/receipt.json").json()
    assert analysis.verify_receipt(receipt, framework()) == []


def test_people_answer_and_the_answers_are_sealed(world, client):
    users, faculties, assessment_round = world
    for instrument in (STAFF, STUDENTS):
        channel = survey.open_channel(
            assessment_round=assessment_round,
            agency=faculties[0],
            instrument=instrument,
            kind="link",
            by=users["officer"],
        )
        questions = list_questions(framework(), instrument)
        assert "ระดับ 4" in markup(client.get(reverse("answer_survey", args=[channel.slug])))
        for n in range(6):
            answers = {q.column: str(n % 5) for q in questions}
            receipt = {"receipt": codes.generate_code(codes.RECEIPT_LENGTH)}
            response = client.post(reverse("answer_survey", args=[channel.slug]), answers | receipt)
            assert response.status_code == 200
    client.force_login(users["officer"])
    assert client.get(f"{PREFIX}/desk/agency/F1/survey/{YEAR}/").status_code == 200
    survey.seal(assessment_round=assessment_round, folder=assessment_round.parcels, by=users["office"])
    result_set = results.compute_round(
        assessment_round=assessment_round, folder=assessment_round.parcels, by=users["office"]
    )
    assert {"A", "B", "C", "D", "F"} <= result_set.results.get().shown.keys()


def test_disclosures_are_filed_confirmed_marked_and_sealed(world, client):
    users, faculties, assessment_round = world
    filing = filings.get_filing(assessment_round, faculties[0])
    items = [i.id for i in framework().rules.disclosure_items]
    for item in items:
        disclosures.file_entry(
            filing=filing,
            item=item,
            addresses=f"https://www.example.go.th/{item}",
            explanation="",
            elements=[0, 1],
            revision=0,
            by=users["officer"],
        )
    check_due_links()
    client.force_login(users["officer"])
    assert "ข้อมูลเปิดเผยที่ 1 ของคณะ" in markup(client.get(f"{PREFIX}/desk/agency/F1/oit/{YEAR}/"))
    assert client.get(f"{PREFIX}/desk/agency/F1/oit/{YEAR}/W-3/").status_code == 200
    from tests.disclosure.filed import content_digest

    disclosures.confirm_filing(
        filing=filing, position="คณบดี", content_digest=content_digest(filing), by=users["executive"]
    )
    assert client.get(f"{PREFIX}/agency/F1/{YEAR}/oit/").status_code == 200
    for number, item in enumerate(items):
        disclosures.mark_item(
            filing=filing,
            item=item,
            points=(100, 50, 0)[number % 3],
            comment="ตรวจแล้ว ขาดข้อมูลย้อนหลัง",
            elements=[0],
            reasons=[] if number % 3 == 0 else ["องค์ประกอบไม่ครบ"],
            by=users["assessor"],
        )
    filing.refresh_from_db()
    disclosures.release_marks(filing=filing, by=users["assessor"])
    disclosures.seal(
        assessment_round=assessment_round, folder=assessment_round.parcels, by=users["office"], incomplete=True
    )
    assert (assessment_round.parcels / "marks.parquet").is_file()


def test_a_plan_and_every_paper_come_from_the_result(world, client):
    users, faculties, _ = world
    publish(world, (0.45, 0.9))
    result = queries.history(faculties[0])[0].result
    assert findings_of(result)
    plan = plans.start_plan(agency=faculties[0], result_year=YEAR, by=users["officer"])
    assert plan.measures.exists()
    client.force_login(users["officer"])
    assert client.get(f"{PREFIX}/desk/agency/F1/plan/{YEAR + 1}/").status_code == 200
    assert client.get(f"{PREFIX}/desk/agency/F1/plan/{YEAR + 1}/what-if/").status_code == 200
    assert client.get(f"{PREFIX}/desk/agency/F1/papers/{YEAR}/").status_code == 200
    for kind in KINDS:
        issued = issue_document(kind, sources.collect_data(faculties[0], YEAR, kind))
        assert issued.docx, kind
        assert issued.pdf.startswith(b"%PDF"), kind


DOCUMENT = (
    f"ผลการประเมินความโปร่งใสของคณะ ปีงบประมาณ พ.ศ. {YEAR}",
    "คะแนนรวม 81.0 คะแนน อยู่ในระดับ ดีมาก",
    "แบบถามบุคลากรของคณะ (BK) ได้คะแนน 80.0",
    "NS ได้คะแนน 90.0",
    "แบบตรวจเว็บไซต์คณะ 70.0",
    "ตัวชี้วัดที่ A การสอนและการประเมินผล 85.5 คะแนน",
    "ตัวชี้วัด B ได้คะแนน 77.2",
    "การรับฟังความเห็น 91.5 คะแนน",
    "ข้อ q.1 ได้ 75.0 คะแนน",
    "W-3 ได้ 50 คะแนน",
)
PRINTED = {
    "overall": "81.0",
    "level": "ดีมาก",
    STAFF: "80.0",
    STUDENTS: "90.0",
    WEB: "70.0",
    "A": "85.5",
    "B": "77.2",
    "F": "91.5",
    "q.1": "75.0",
    "W-3": "50",
}


def test_a_document_about_it_is_read():
    (reading,) = figures_of([Row((line,), "") for line in DOCUMENT], {YEAR: framework()})
    assert {f.node: f.value for f in reading.figures} == PRINTED
    assert {f.fiscal_year for f in reading.figures} == {YEAR}
    assert {f.node for f in reading.figures if not f.sure} == {"level"}  # nobody's: the document names no agency


def test_tables_about_it_are_read():
    head = f"ผลการประเมินความโปร่งใสของคณะ ปีงบประมาณ พ.ศ. {YEAR}"
    long = (("ตัวชี้วัด", "คะแนน"), ("A การสอนและการประเมินผล", "85.5"), ("G1 หมวด G1", "50.0"), ("q.1 คำถามที่ 1", "81.0"))
    wide = (("หน่วยงาน", "คะแนนรวม", "BK", "q.2", "W-1", "ระดับ"), ("คณะ", "81.0", "80.0", "10.0", "100", "ดีมาก"))
    expected = (
        {"A": "85.5", "G1": "50.0", "q.1": "81.0"},
        {"overall": "81.0", "BK": "80.0", "q.2": "10.0", "W-1": "100", "level": "ดีมาก"},
    )
    for table, values in zip((long, wide), expected, strict=True):
        rows = [Row((head,), ""), *(Row(cells, "", 1) for cells in table)]
        (reading,) = figures_of(rows, {YEAR: framework()})
        assert {f.node: f.value for f in reading.figures if f.sure} == values


@pytest.mark.parametrize("line", ["ข้อ i1 ได้ 80.00 คะแนน", "IIT ได้ 80.00 คะแนน", "ตัวชี้วัดที่ 5 ได้ 80.00 คะแนน", "ระดับ ผ่านดี"])
def test_what_only_the_national_assessment_has_is_not_read_into_it(line):
    (reading,) = figures_of([Row((DOCUMENT[0],), ""), Row((line,), "")], {YEAR: framework()})
    assert not [f for f in reading.figures if f.node != "overall"]


def test_a_document_is_imported_and_confirmed(world, tmp_path):
    users, faculties, _ = world
    path = tmp_path / "result.txt"
    path.write_text("\n".join(DOCUMENT), encoding="utf-8")
    imported = results.upload(
        path=path, file_name=path.name, shape="document", by=users["officer"], agency=faculties[0], enqueue=False
    )
    results.read_import.call(imported.pk)
    imported.refresh_from_db()
    assert imported.status == "ready", imported.problem
    values = {x.node: x.value for x in queries.review_figures(imported, YEAR) if x.value}
    assert values | {"level": PRINTED["level"]} == PRINTED  # its level is to be confirmed
    stored = results.confirm_document(
        imported=imported, agency=faculties[0], fiscal_year=YEAR, values=PRINTED, by=users["officer"]
    )
    result = stored.results.get()
    assert (result.shown["overall"], result.level, result.passed) == ("81.0", "ดีมาก", True)


def test_its_printed_figures_are_audited():
    year = framework()
    figures = [analysis.Figure(YEAR, n, v, "") for n, v in (("BK", "80.0"), ("NS", "90.0"), ("WB", "70.0"))]
    figures.append(analysis.Figure(YEAR, "overall", "99.0", ""))
    verdicts = {c.node: c.verdict for c in analysis.audit(figures, {YEAR: year})}
    assert "contradicted" in verdicts.values()
    figures[-1] = analysis.Figure(YEAR, "overall", "81.0", "")
    assert "contradicted" not in {c.verdict for c in analysis.audit(figures, {YEAR: year})}


def test_it_goes_through_a_workbook(tmp_path):
    path = tmp_path / "rules.xlsx"
    path.write_bytes(write_workbook(framework()))
    again, problems = read_workbook(path, None)
    assert problems == []
    assert again.rules == framework().rules
