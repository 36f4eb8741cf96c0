"""Results: computed, taken over, corrected, published, withdrawn, and their receipts."""

import copy
import datetime
import json
import shutil
from fractions import Fraction

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from prongsai import analysis, framework, scoring
from prongsai.jobs import leases
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.jobs.models import Job
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.registry.models import Agency
from prongsai.results import actions, queries, record
from prongsai.results.models import AgencyResult, Import, PublishedResult, ResultSet
from prongsai.results.question import Question, rank_all, rank_page
from tests.conftest import sample_year, upload
from tests.pages import markup

# --- computing


def test_a_round_is_computed_as_scoring_says(people, nation, parcels):
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    rules = framework.load(framework.NATIONAL, sample_year())
    opened = scoring.open_parcels(rules, parcels)
    scores = scoring.score(rules, opened.answers, opened.marks)
    assert made.results.count() == 12
    for row, code in enumerate(scores.agencies):
        result = made.results.get(agency__code=code)
        questions = {c.item for s in rules.survey_instruments() for c in rules.answer_columns(s.id)}
        for node in rules.nodes:
            exact = scores.exact(row, node)
            if node in questions:  # approximate: tests/analysis/test_small_groups.py
                assert 0 <= int(result.shown[node]) <= 100
            else:
                assert result.shown[node] == str(scoring.round_score(rules, exact))
        assert result.level == scores.level[row]
        assert str(result.overall.quantize(scoring.round_score(rules, Fraction(1)))) == result.shown["overall"]


def test_the_same_inputs_are_stored_once(people, nation, parcels):
    actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    with pytest.raises(DomainError, match="มีอยู่แล้ว"):
        actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    assert ResultSet.objects.count() == 1


def test_unknown_agencies_stop_a_computation(people, nation, parcels):
    Agency.objects.filter(code="N03").delete()
    with pytest.raises(DomainError, match="N03"):
        actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    assert not ResultSet.objects.exists()


def test_other_rules_than_the_pinned_stop_a_computation(people, nation, parcels):
    nation.framework_digest = "0" * 64
    with pytest.raises(DomainError, match="ตรึง"):
        actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE results_agencyresult SET level = 'AA'",
        "DELETE FROM results_resultset",
        "UPDATE results_resultset SET digest = 'x'",
    ],
)
def test_the_database_refuses_to_change_a_result(published, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_page_computes_in_the_background(
    client, people, nation, parcels, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path / "media"
    shutil.copytree(parcels, settings.MEDIA_ROOT / "parcels" / str(sample_year()))
    client.force_login(people["office"])
    assert "marks.parquet" in client.get(reverse("run_round", args=[sample_year()])).content.decode()
    with django_capture_on_commit_callbacks(execute=True):  # pressed twice
        client.post(reverse("run_round", args=[sample_year()]))
        client.post(reverse("run_round", args=[sample_year()]))
    assert ResultSet.objects.get().results.count() == 12
    assert Notice.objects.filter(text__contains="เสร็จแล้ว").count() == Notice.objects.count() == 1
    assert "เสร็จแล้ว" in client.get(reverse("notices")).content.decode()


def test_a_round_that_cannot_be_computed_says_so_once(people, nation, tmp_path, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.request_round(assessment_round=nation, by=people["office"])
    assert not ResultSet.objects.exists()
    assert Notice.objects.get().text.startswith(f"คำนวณผลปี {sample_year()} ไม่สำเร็จ")


# --- publishing


def test_nothing_is_public_before_it_is_published(client, people, nation, parcels):
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    address = reverse("agency_year", args=["N00", sample_year()])
    assert client.get(address).status_code == 404
    assert client.get(reverse("receipt", args=["N00", sample_year()])).status_code == 404
    assert client.get(f"/api/rounds/{sample_year()}/results").status_code == 404
    actions.publish(result_set=made, by=people["office"])
    assert client.get(address).status_code == 200
    assert queries.overview("ita", sample_year()).data["agencies"] == 12


def test_withdrawing_shows_what_was_before(people, nation, parcels, tmp_path, settings):
    from prongsai.cli.demo import make_parcels

    settings.LEAST_SHARE = 0  # the correction has two agencies of twelve

    first = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    actions.publish(result_set=first, by=people["office"])
    again = tmp_path / "again"
    make_parcels(framework.load(framework.NATIONAL, sample_year()), ["N00", "N01"], np.array([0.5, 0.9]), again, seed=2)
    second = actions.compute_round(assessment_round=nation, folder=again, by=people["office"], corrects=first)
    actions.publish(result_set=second, reason="ข้อมูลผิดแฟ้ม", by=people["office"])
    assert PublishedResult.objects.get(agency__code="N00").result.result_set == second
    assert not PublishedResult.objects.filter(agency__code="N05").exists()  # the correction leaves it out
    changed = {d.agency.code for d in queries.differences(first, second, limit=200)}
    assert changed == {f"N{k:02}" for k in range(12)}  # two differ, ten are gone
    with pytest.raises(DomainError, match="เหตุผล"):
        actions.withdraw(result_set=second, reason=" ", by=people["office"])
    actions.withdraw(result_set=second, reason="ข้อมูลผิดแฟ้ม", by=people["office"])
    assert {c.result.result_set for c in PublishedResult.objects.all()} == {first}
    assert PublishedResult.objects.count() == 12
    with pytest.raises(DomainError, match="ไม่ได้เผยแพร่"):
        actions.withdraw(result_set=second, reason="อีกครั้ง", by=people["office"])
    actions.withdraw(result_set=first, reason="ทั้งหมด", by=people["office"])
    assert not PublishedResult.objects.exists()
    assert queries.overview("ita", sample_year()) is None


def test_a_result_set_is_published_once_and_follows_the_last_publication(people, nation, parcels):
    first = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    actions.publish(result_set=first, by=people["office"])
    with pytest.raises(DomainError, match="เผยแพร่อยู่แล้ว"):
        actions.publish(result_set=first, by=people["office"])
    assert first.publications.count() == 1
    actions.withdraw(result_set=first, reason="ตรวจใหม่", by=people["office"])
    assert not PublishedResult.objects.exists()
    actions.publish(result_set=first, by=people["office"])
    assert PublishedResult.objects.count() == 12
    assert first.publications.count() == 2


def test_publishing_and_withdrawing_lock_the_year(people, nation, parcels, monkeypatch):
    """Two transactions that recompute the published results of a year at once would each miss the other's."""
    locked = []
    monkeypatch.setattr(record, "lock_years", lambda year: locked.append((year, PublishedResult.objects.count())))
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    actions.publish(result_set=made, by=people["office"])
    actions.withdraw(result_set=made, reason="ตรวจใหม่", by=people["office"])
    assert locked == [(sample_year(), 0), (sample_year(), 12)]  # each before it writes


def test_the_lock_of_a_year_is_held_until_the_transaction_ends(db, django_assert_num_queries):
    """SQLite has one writer, and needs no lock. Other tests, of other processes, hold theirs."""
    held = (
        "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted AND pid = pg_backend_pid()"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        with django_assert_num_queries(2 if connection.vendor == "postgresql" else 0):
            record.lock_years(sample_year())
        if connection.vendor == "postgresql":
            cursor.execute(held, [record._LOCK])
            assert sorted(cursor.fetchall()) == [(sample_year(),), (sample_year() + 1,)]  # whose changes are against it


def test_the_nation_is_counted_exactly(people, nation, parcels):
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    actions.publish(result_set=made, by=people["office"])
    data = queries.overview("ita", sample_year()).data
    totals = [Fraction(r.shown["overall"]) for r in made.results.all()]
    assert Fraction(data["mean"]) == round(sum(totals) / 12 * 100 + Fraction(1, 10**9)) / Fraction(100)
    assert sum(n for _, n in data["distribution"]) == sum(data["levels"].values()) == data["scored"] == 12
    assert data["passed"] == sum(t >= 85 for t in totals)


def test_equals_share_a_place(people, agencies, db):
    rules = framework.load(framework.NATIONAL, sample_year())
    made = ResultSet.objects.create(
        fiscal_year=sample_year(),
        assessment_id="ita",
        framework_digest=rules.digest,
        origin="import",
        inputs={},
        code="",
        digest="t",
    )
    for k, total in enumerate(["90.00", "88.00", "88.00", "70.00"]):
        agency = Agency(assessment_id="ita", code=f"E{k}", name_th=f"ก{k}", kind="town")
        agency.save()
        AgencyResult.objects.create(
            result_set=made, agency=agency, overall=total, shown={"overall": total}, basis={"figures": []}
        )
    actions.publish(result_set=made, by=people["office"])
    asked = Question(framework=rules, kind="town")
    assert [p.rank for p in rank_page(asked, 0, 9)] == [p.rank for p in rank_all(asked)] == [1, 2, 2, 4]
    assert [p.rank for p in rank_page(asked, 2, 9)] == [2, 4]  # a page that begins among equals
    worst = Question(framework=rules, kind="town", order="worst")
    assert [p.rank for p in rank_page(worst, 0, 9)] == [1, 2, 2, 4]
    assert [p.rank for p in rank_page(worst, 2, 9)] == [2, 4]


# --- importing one document


def test_a_document_becomes_a_result_only_when_confirmed(client, people, agencies, running_round, imported):
    client.force_login(people["officer"])
    address = reverse("import_document", args=["A1", imported.pk])
    page = client.get(address).content.decode()
    assert "86.67" in page
    assert "น่าจะเป็น 96.67" in page
    assert not ResultSet.objects.exists()
    year = queries.import_years(imported)[0]
    shown = queries.review_figures(imported, year)
    values = {f"v:{x.node}": x.value for x in shown} | {"seen": [x.node for x in shown if x.contradicted]}
    checked = client.post(address, {**values, "v:EIT2/6": "96.67", "year": year, "check": "1"}).content.decode()
    assert 'value="96.67"' in checked
    assert not ResultSet.objects.exists()
    other = client.post(address, {**values, "year": year, "confirm": "1"})
    assert other.status_code == 409
    assert "ชื่อหน่วยงานในเอกสารไม่ตรง" in other.content.decode()
    wrong = client.post(address, {**values, "v:EIT2/6": "966.7", "year": year, "confirm": "1", "same": "1"})
    assert wrong.status_code == 409
    assert 'value="966.7"' in wrong.content.decode()  # nothing typed is lost
    assert "0 ถึง 100" in wrong.content.decode()
    assert (
        client.post(address, {**values, "v:EIT2/6": "๙๖.๖๗", "year": year, "confirm": "1", "same": "1"}).status_code
        == 302
    )
    result = AgencyResult.objects.get()
    assert result.shown["EIT2/6"] == "96.67"
    kept = next(f for f in result.basis["figures"] if f["node"] == "EIT2/6")
    assert kept["printed"] == "86.67"
    assert kept["place"]
    assert AuditEntry.objects.filter(action="results.make").exists()


def test_two_people_confirm_one_document(client, people, agencies, running_round, imported):
    year = queries.import_years(imported)[0]
    values = {x.node: x.value for x in queries.review_figures(imported, year) if x.value}
    actions.confirm_document(
        imported=imported, agency=agencies[0], fiscal_year=year, values=values, by=people["officer"]
    )
    with pytest.raises(DomainError, match="ยืนยันไปแล้ว"):
        actions.confirm_document(
            imported=imported, agency=agencies[0], fiscal_year=year, values=values, by=people["office"]
        )
    client.force_login(people["officer"])
    late = client.post(
        reverse("import_document", args=["A1", imported.pk]),
        {"year": year, "v:overall": "1", "confirm": "1", "same": "1"},
    )
    assert late.status_code == 409
    assert "ยืนยันไปแล้ว" in late.content.decode()
    # what a page asked by itself, before somebody confirmed, changes nothing on it
    asked = client.post(late.request["PATH_INFO"], {"check": "1", "live": "1"}, headers={"HX-Request": "true"})
    assert (asked.status_code, asked.content) == (204, b"")
    assert ResultSet.objects.count() == 1


def test_each_year_of_a_document_is_confirmed_once(people, agencies, running_round, imported):
    years = queries.import_years(imported)
    assert len(years) > 1
    for year in years:
        values = {x.node: x.value for x in queries.review_figures(imported, year) if x.value}
        actions.confirm_document(
            imported=imported, agency=agencies[0], fiscal_year=year, values=values, by=people["officer"]
        )
    with pytest.raises(DomainError, match="ยืนยันไปแล้ว"):
        actions.confirm_document(
            imported=imported, agency=agencies[0], fiscal_year=years[0], values={"overall": "1"}, by=people["officer"]
        )
    with pytest.raises(DomainError, match="ยืนยันแล้ว"):
        actions.drop_import(imported=imported, by=people["officer"])
    assert ResultSet.objects.count() == len(years)


def test_a_document_without_values_is_not_confirmed(people, agencies, running_round, imported):
    with pytest.raises(DomainError, match="ยังไม่มีคะแนน"):
        actions.confirm_document(
            imported=imported, agency=agencies[0], fiscal_year=sample_year(), values={}, by=people["officer"]
        )
    assert not ResultSet.objects.exists()


def test_a_dropped_document_stores_nothing(client, people, agencies, running_round, imported):
    client.force_login(people["officer"])
    client.post(reverse("import_document", args=["A1", imported.pk]), {"drop": "1"})
    imported.refresh_from_db()
    assert imported.status == "dropped"
    with pytest.raises(DomainError):
        actions.confirm_document(
            imported=imported,
            agency=agencies[0],
            fiscal_year=sample_year(),
            values={"overall": "1"},
            by=people["officer"],
        )


def test_a_second_import_corrects_the_first(people, agencies, published):
    again = upload(agencies[0], people["officer"], "bangpla-2568.txt")
    year = sample_year()
    values = {x.node: x.value for x in queries.review_figures(again, year) if x.value} | {"EIT2/6": "96.67"}
    made = actions.confirm_document(
        imported=again,
        agency=agencies[0],
        fiscal_year=year,
        values=values,
        replaces=queries.find_recorded_result(agencies[0], year).pk,
        by=people["officer"],
    )
    assert made.corrects == published[0]
    assert queries.differences(published[0], made, limit=200)[0].changes == (("EIT2/6", "86.67", "96.67"),)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.pdf", b"", "ว่าง"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, ""),
        ("words.txt", "ไม่มีคะแนนในนี้".encode(), "ไม่พบคะแนน"),
        ("bomb.xlsx", b"PK\x03\x04 not really", ""),
        ("../../etc/passwd", b"root", ""),
    ],
)
def test_unreadable_uploads_are_told(
    client, people, agencies, running_round, django_capture_on_commit_callbacks, name, content, told
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(people["officer"])
    address = reverse("upload_document", args=["A1"])
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(address, {"file": SimpleUploadedFile(name, content)})
    if response.status_code == 302:
        response = client.get(response["Location"])
    page = response.content.decode()
    if content:
        assert "ไม่ได้" in page or "ไม่พบ" in page
        assert told in page
        assert Import.objects.get().status == "failed"
        assert "/" not in Import.objects.get().file_name
    else:
        assert response.status_code == 400
    assert not ResultSet.objects.exists()


def test_an_upload_too_large_is_cut_off(client, people, agencies, running_round, settings):
    from django.core.files.uploadedfile import SimpleUploadedFile

    settings.MAX_UPLOAD = 1000
    client.force_login(people["officer"])
    response = client.post(
        reverse("upload_document", args=["A1"]), {"file": SimpleUploadedFile("a.txt", b"x" * 200_000)}
    )
    assert response.status_code == 400
    assert "ใหญ่เกิน" in response.content.decode()
    assert not Import.objects.exists()


# --- importing a nation


def table(tmp_path, rows, head="รหัส,ชื่อหน่วยงาน,คะแนนรวม,ระดับ,IIT,หมายเหตุ"):
    path = tmp_path / "nation.csv"
    path.write_text(head + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def read_table(people, path):
    made = actions.upload(
        path=path, file_name="nation.csv", shape="nation", by=people["office"], fiscal_year=sample_year(), enqueue=False
    )
    actions.read_import.call(made.pk)
    made.refresh_from_db()
    return made


def test_a_table_of_many_agencies(client, people, nation, tmp_path, django_capture_on_commit_callbacks):
    rows = [
        "N00,หน่วย 0,91.2,ผ่าน,90.00,ดี",
        "N01,หน่วย 1,88.50,ผ่าน,80,",
        "ZZ,ไม่รู้จัก,90,ผ่าน,90,",
        "N00,ซ้ำ,90,ผ่าน,90,",
        "N02,ผิด,190,ผ่าน,90,",
        "N03,ระดับผิด,90,AA,90,",
        ",ไม่มีรหัส,90,ผ่าน,90,",
        "N04,=1+1,=1+1,ผ่าน,90,",
        "N05,หน่วย 5,91.2,ผ่าน,90.00,ดี",
    ]
    made = read_table(people, table(tmp_path, rows))
    assert made.status == "ready"
    assert made.reading["ignored"] == ["หมายเหตุ"]
    told = {r.place: r.problem for r in made.rows.exclude(problem="")}
    assert len(told) == 7  # both rows of N00
    client.force_login(people["office"])
    page = client.get(reverse("bulk_import", args=[made.pk])).content.decode()
    assert "ZZ" in page
    with django_capture_on_commit_callbacks(execute=True):  # pressed twice
        for _ in range(2):
            client.post(reverse("bulk_import", args=[made.pk]), {"confirm": "1"})
    result_set = ResultSet.objects.get()
    assert {r.agency.code: r.shown for r in result_set.results.all()} == {
        "N01": {"overall": "88.50", "IIT": "80.00"},
        "N05": {"overall": "91.20", "IIT": "90.00"},
    }
    client.post(reverse("bulk_import", args=[made.pk]), {"confirm": "1"})
    assert ResultSet.objects.count() == 1


def test_rows_are_matched_by_name_and_place_and_never_by_likeness(client, people, nation, tmp_path):
    for code, name, province in (
        ("T1", "องค์การบริหารส่วนตำบลบ้านดี", "ตรัง"),
        ("T2", "องค์การบริหารส่วนตำบลบ้านดี", "เลย"),
        ("T3", "องค์การบริหารส่วนตำบลบ้านดู", "เลย"),
        ("T4", "เทศบาลตำบลหนองน้ำใส", "เลย"),
    ):
        Agency(assessment_id="ita", code=code, name_th=name, province=province, kind="subdistrict").save()
    rows = [
        ",อบต. บ้านดี,จ.ตรัง,91.2",
        ",องค์การบริหารส่วนตำบลบ้านดี,,90.1",  # of which province?
        ",อบต.บ้านดุ,เลย,92",  # like two, and neither
        ",เทศบาลตำบลหนองน้ำใส,,93",
        "T2,อบต.บ้านดู,เลย,94",  # the code of one, the name of another
        "T3,องค์การบริหารส่วนตำบลบ้านใหม่กว่า,เลย,95",  # a name that nobody else has: the code counts
        ",,,96",
    ]
    made = read_table(people, table(tmp_path, rows, "รหัส,ชื่อ,จังหวัด,คะแนนรวม"))
    assert made.status == "ready"
    told = [(r.agency and r.agency.code, r.problem) for r in made.rows.select_related("agency")]
    assert [code for code, problem in told if not problem] == ["T1", "T4", "T3"]
    assert "2 แห่ง (ตรัง, เลย)" in told[1][1]
    assert "ใกล้เคียง องค์การบริหารส่วนตำบลบ้านด" in told[2][1]
    assert told[4][1].startswith("รหัส T2 ในทะเบียนคือองค์การบริหารส่วนตำบลบ้านดี แต่ชื่อในแถวเป็นของรหัส T3")
    assert "ไม่มีรหัสหน่วยงานหรือชื่อ" in told[6][1]
    client.force_login(people["office"])
    file = client.get(reverse("bulk_import", args=[made.pk]) + "?format=csv")
    assert b"".join(file.streaming_content).decode().count("\r\n") == 1 + 4
    twice = read_table(people, table(tmp_path, ["T1,,,90", ",อบต.บ้านดี,ตรัง,91"], "รหัส,ชื่อ,จังหวัด,คะแนนรวม"))
    assert all("หน่วยงานเดียวกับ" in row.problem for row in twice.rows.all())


def test_an_earlier_name_is_the_agencys_too(people, nation):
    from prongsai.registry.agency_index import AgencyIndex
    from prongsai.registry.models import AgencyVersion

    agency = Agency(assessment_id="ita", code="T1", name_th="เทศบาลตำบลบ้านดี", province="ตรัง", kind="municipality")
    agency.save()
    day = datetime.date(2020, 1, 1)
    before = {"name_th": "องค์การบริหารส่วนตำบลบ้านดี", "province": "ตรัง", "kind": "subdistrict"}
    AgencyVersion.objects.create(agency=agency, since=day, until=day + datetime.timedelta(900), **before)
    index = AgencyIndex.load("ita")
    assert index.find("", "อบต.บ้านดี")[0] == index.find("", "ทต.บ้านดี")[0] == agency.pk


def test_a_table_row_that_contradicts_itself_is_shown_before_confirmation(client, people, nation, tmp_path):
    head = "รหัส,คะแนนรวม,IIT,1,2,3,4,5"
    rows = ["N00,90.00,80.00,80,80,80,80,80", "N01,90.00,95.00,80,80,80,80,80"]
    imported = read_table(people, table(tmp_path, rows, head))
    by_code = {r.agency.code: r.contradicted for r in imported.rows.select_related("agency")}
    assert by_code["N00"] == []
    assert "IIT" in by_code["N01"]
    client.force_login(people["office"])
    page = markup(client.get(reverse("bulk_import", args=[imported.pk])))
    assert "แถวที่ตัวเลขขัดกันเอง" in page
    assert "IIT</td>" in page
    client.post(reverse("bulk_import", args=[imported.pk]), {"drop": "1"})
    assert not ResultSet.objects.exists()


def test_a_table_is_confirmed_once_and_needs_a_valid_row(people, nation, tmp_path):
    refused = read_table(people, table(tmp_path, ["ZZ,x,90,ผ่าน,90,"]))
    with pytest.raises(DomainError, match="ไม่มีแถวใด"):
        actions.confirm_bulk_import(imported=refused, by=people["office"])
    valid = read_table(people, table(tmp_path, ["N00,x,90,ผ่าน,90,"]))
    actions.confirm_bulk_import(imported=valid, by=people["office"])
    with pytest.raises(DomainError, match="ยืนยันแล้ว"):
        actions.confirm_bulk_import(imported=valid, by=people["office"])
    assert ResultSet.objects.count() == 1


def test_a_stopped_reading_goes_on_where_it_was(people, nation, tmp_path, monkeypatch):
    path = table(tmp_path, [f"N{k:02},x,9{k % 10},ผ่าน,90," for k in range(12)])
    made = actions.upload(
        path=path, file_name="nation.csv", shape="nation", by=people["office"], fiscal_year=sample_year(), enqueue=False
    )
    monkeypatch.setattr(actions, "ROWS_PER_COMMIT", 5)
    seen = []

    def stop_at_seven(rules, figures):
        seen.append(1)
        if len(seen) == 8:
            raise KeyboardInterrupt
        return []

    monkeypatch.setattr(actions, "find_contradictions", stop_at_seven)
    with pytest.raises(KeyboardInterrupt):
        actions.read_import.call(made.pk)
    made.refresh_from_db()
    assert (made.status, made.rows_done, made.rows.count()) == ("reading", 5, 5)
    actions.read_import.call(made.pk)
    made.refresh_from_db()
    assert (made.status, made.rows.count()) == ("ready", 12)
    assert len(seen) == 8 + 7


@pytest.mark.parametrize("head", ["ก,ข,ค", "รหัส,ชื่อ,หมายเหตุ"])
def test_a_table_without_its_columns_is_told(people, nation, tmp_path, head):
    made = read_table(people, table(tmp_path, ["1,2,3"], head))
    assert made.status == "failed"
    assert "คอลัมน์" in made.problem


# --- receipts


def receipts(client, people, nation, parcels):
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    actions.publish(result_set=made, by=people["office"])
    return json.loads(client.get(reverse("receipt", args=["N03", sample_year()])).content)


def test_a_receipt_is_computed_again(client, people, nation, parcels):
    paper = receipts(client, people, nation, parcels)
    rules = framework.load(framework.NATIONAL, sample_year())
    assert analysis.verify_receipt(paper, rules) == []
    assert len(paper["nodes"]) == len(rules.nodes)


FORGERIES = {
    "score": lambda paper, node: node.update(score=[90, 1]),
    "shown": lambda paper, node: node.update(shown="99.99"),
    "items": lambda paper, node: paper["items"]["O1"][0].__setitem__(0, 100 - paper["items"]["O1"][0][0]),
    "committed": lambda paper, node: paper["committed"].pop("i7"),
    "level": lambda paper, node: paper.update(level="ผ่านดีเยี่ยม"),
    "parts": lambda paper, node: node.update(parts={}),
    "passed": lambda paper, node: paper.update(passed=not paper["passed"]),
    "missing node": lambda paper, node: paper["nodes"].remove(node),
}


def test_a_forged_receipt_is_detected(client, people, nation, parcels):
    from prongsai.lib import digest

    genuine = receipts(client, people, nation, parcels)
    rules = framework.load(framework.NATIONAL, sample_year())
    renamed = copy.deepcopy(genuine)
    renamed["agency"]["name"] = "หน่วยงานอื่น"
    assert analysis.verify_receipt(renamed, rules)  # by its digest
    for name, forge in FORGERIES.items():
        paper = copy.deepcopy(genuine)
        forge(paper, next(n for n in paper["nodes"] if n["node"] == "3"))
        paper["digest"] = digest.of_json({k: v for k, v in paper.items() if k != "digest"})  # a careful forger
        assert analysis.verify_receipt(paper, rules), name
    assert analysis.verify_receipt(genuine, rules) == []


def test_the_receipt_of_a_document(client, people, agencies, published, tmp_path):
    from typer.testing import CliRunner

    from prongsai.cli.app import app

    file = tmp_path / "receipt.json"
    file.write_bytes(client.get(reverse("receipt", args=["A1", sample_year()])).content)
    done = CliRunner().invoke(app, ["verify", str(file)])
    assert done.exit_code == 3, done.output  # its numbers agree, and it has no proof
    assert "ขัดกับตัวเลขอื่น" in done.output
    paper = json.loads(file.read_text())
    next(f for f in paper["figures"] if f["node"] == "overall")["value"] = "99.99"
    file.write_text(json.dumps(paper))
    assert CliRunner().invoke(app, ["verify", str(file)]).exit_code == 1
    file.write_text("{}")
    assert CliRunner().invoke(app, ["verify", str(file)]).exit_code == 2


# --- what reviewers found


@pytest.mark.parametrize("value", ["1e-99999999", "8_5", "+85", "085", "85.12345", "100.01", "nan", "8 5"])
def test_what_is_no_score_is_refused_everywhere(people, nation, agencies, imported, tmp_path, value):
    from prongsai.results.score_text import parse_score

    assert parse_score(value) is None
    made = read_table(people, table(tmp_path, [f"N00,x,{value},ผ่าน,90,"]))
    assert made.rows.get().problem
    with pytest.raises(DomainError, match="ไม่ใช่คะแนน"):
        actions.confirm_document(
            imported=imported,
            agency=agencies[0],
            fiscal_year=sample_year(),
            values={"overall": value},
            by=people["office"],
        )


def test_a_list_without_the_agency_gives_it_nothing(people, agencies, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(
        "หน่วยงาน,คะแนนรวม ปี 2565,IIT,EIT,OIT\nเทศบาลตำบลหนึ่ง,91.11,90,92,91\nเทศบาลตำบลสอง,81.11,80,82,81\n",
        encoding="utf-8",
    )
    made = actions.upload(
        path=path, file_name="list.csv", shape="document", by=people["officer"], agency=agencies[0], enqueue=False
    )
    actions.read_import.call(made.pk)
    made.refresh_from_db()
    assert made.status == "failed"
    assert "ไม่มีแถวของ" in made.problem


def test_dropping_while_reading_stays_dropped(people, nation, tmp_path, monkeypatch):
    made = actions.upload(
        path=table(tmp_path, ["N00,x,90,ผ่าน,90,"]),
        file_name="n.csv",
        shape="nation",
        by=people["office"],
        fiscal_year=sample_year(),
        enqueue=False,
    )

    def dropped(rules, figures):
        actions.drop_import(imported=made, by=people["office"])
        return []

    monkeypatch.setattr(actions, "find_contradictions", dropped)
    actions.read_import.call(made.pk)
    made.refresh_from_db()
    assert made.status == "dropped"


def test_a_file_that_kills_its_reader_is_given_up(people, nation, tmp_path, monkeypatch):
    def upload():
        return actions.upload(
            path=table(tmp_path, ["N00,x,90,ผ่าน,90,"]),
            file_name="n.csv",
            shape="nation",
            by=people["office"],
            fiscal_year=sample_year(),
        )

    def killed(rules, figures):
        raise KeyboardInterrupt

    made = upload()
    monkeypatch.setattr(actions, "find_contradictions", killed)
    for _ in range(leases.MAX_LOSSES + 1):
        with pytest.raises(KeyboardInterrupt):
            work_on(take_job(queue=Queue.BULK, owner="test"))
        Job.objects.filter(state="running").update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    work_on(take_job(queue=Queue.BULK, owner="test"))
    made.refresh_from_db()
    assert made.status == "failed"
    monkeypatch.setattr(actions, "_read_bulk_table", lambda *_: 1 / 0)
    other = upload()
    work_on(take_job(queue=Queue.BULK, owner="test"), is_last=True)
    other.refresh_from_db()
    assert (other.status, "ระบบ" in other.problem) == ("failed", True)


def test_a_table_comes_again_when_refused_rows_are_mended(people, nation, tmp_path):
    path = table(tmp_path, ["N00,x,90,ผ่าน,90,", "Q7,x,80,ผ่าน,80,"])
    first = actions.confirm_bulk_import(imported=read_table(people, path), by=people["office"])
    Agency(assessment_id="ita", code="Q7", name_th="กรมใหม่", kind="department").save()
    second = actions.confirm_bulk_import(imported=read_table(people, path), by=people["office"])
    assert second.corrects == first
    assert [d.agency.code for d in queries.differences(first, second, limit=200)] == ["Q7"]
    with pytest.raises(DomainError, match="มีอยู่แล้ว"):
        actions.confirm_bulk_import(imported=read_table(people, path), by=people["office"])


def test_polling_gets_a_whole_page_with_its_form(client, people, agencies, running_round, imported):
    client.force_login(people["officer"])
    page = client.get(
        reverse("import_document", args=["A1", imported.pk]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "ยืนยันและบันทึก" in page


def test_a_swap_after_signing_out_goes_to_the_sign_in_page(client, agencies):
    answer = client.get(reverse("agency_desk", args=["A1"]), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/account/login/")


def test_other_rules_give_no_receipt(client, people, agencies, published, monkeypatch):
    monkeypatch.setattr(queries, "rules_changed", lambda _: True)
    assert client.get(reverse("receipt", args=["A1", sample_year()])).status_code == 409
    assert "ไม่ใช่ฉบับ" in client.get(reverse("agency_year", args=["A1", sample_year()])).content.decode()


def test_items_of_a_small_group_are_nowhere(client, people, nation, tmp_path, settings):
    from prongsai.cli.demo import make_parcels

    settings.LEAST_SHARE = 0  # two agencies of twelve
    rules = framework.load(framework.NATIONAL, sample_year())
    make_parcels(
        rules,
        ["N00", "N01"],
        np.array([0.7, 0.8]),
        tmp_path,
        seed=4,
        respondents=rules.rules.small_groups.approximate_items_from - 1,
    )
    made = actions.compute_round(assessment_round=nation, folder=tmp_path, by=people["office"])
    actions.publish(result_set=made, by=people["office"])
    asked = {n.id for n in rules.nodes.values() if n.kind == "item" and n.instrument != "OIT"}
    result = made.results.get(agency__code="N00")
    assert not asked & set(result.shown)
    assert {"1", "8", "IIT", "overall"} <= set(result.shown)
    paper = json.loads(client.get(reverse("receipt", args=["N00", sample_year()])).content)
    assert not asked & set(paper["items"])
    assert not asked & {n["node"] for n in paper["nodes"]}
    assert "1" in paper["given"]
    assert analysis.verify_receipt(paper, rules) == []
    assert {"1", "IIT", "overall"} <= set(paper["given"])  # all that rests on a hidden question is rounded
    nodes = {n["node"]: n for n in paper["nodes"]}
    for name in paper["given"]:
        assert Fraction(*nodes[name]["score"]) == Fraction(nodes[name]["shown"])
    trusting = copy.deepcopy(paper)
    trusting["given"].append("OIT")  # what could be computed may not be taken on trust
    assert any("OIT" in p for p in analysis.verify_receipt(trusting, rules))
    nodes["overall"]["score"], nodes["overall"]["shown"] = [9999, 100], "99.99"  # a rounded figure far from its parts
    assert any("ห่างจากส่วนประกอบ" in p for p in analysis.verify_receipt(paper, rules))
    page = client.get(reverse("agency_year", args=["N00", sample_year()])).content.decode()
    assert "คะแนนของแบบวัดไม่แสดงบางส่วน" in page
    scores = client.get("/api/agencies/N00/results").json()[0]["scores"]
    assert not asked & set(scores)


def test_what_another_reading_changes_of_a_round_is_counted_and_shown(people, nation, parcels, client):
    """The year of the parcels, with a reading under which the last item belongs to another sub-indicator."""
    year = sample_year()
    rules = framework.load(framework.NATIONAL, year)
    assert rules.readings
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    opened = scoring.open_parcels(rules, parcels)
    scores = scoring.score(rules, opened.answers, opened.marks)
    for name, counts in made.readings.items():
        otherwise = scoring.score(rules.alternatives[name], opened.answers, opened.marks)
        pairs = [(scores.exact(row, "overall"), otherwise.exact(row, "overall")) for row in range(12)]
        rounded = [(scoring.round_score(rules, a), scoring.round_score(rules, b)) for a, b in pairs]
        assert counts["totals"] == sum(a != b for a, b in rounded) > 0
    label = next(iter(rules.readings.values())).label.th
    client.force_login(people["office"])
    assert label in markup(client.get(f"/desk/results/{made.pk}/"))
    actions.publish(result_set=made, by=people["office"])
    client.logout()
    page = markup(client.get(f"/nation/{year}/"))
    assert label in page
    assert f"คะแนนรวมต่างไป {counts['totals']} แห่ง" in page
