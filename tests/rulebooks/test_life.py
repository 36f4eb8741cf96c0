"""The life of a year's rules: draft, rehearsed, announced, pinned; and what is refused on the way."""

import datetime
import io

import numpy as np
import openpyxl
import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from prongsai import framework as rules
from prongsai.cli.demo import make_parcels
from prongsai.framework import FrameworkError
from prongsai.framework.workbook import write_workbook
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.registry.actions import create_round, enroll_agencies
from prongsai.registry.models import Agency
from prongsai.results import actions as results
from prongsai.results.queries import framework_of
from prongsai.rulebooks import actions, queries
from prongsai.rulebooks.models import Announcement, Edition, Rehearsal, Rulebook
from tests.conftest import sample_year
from tests.pages import markup

NEXT = 2571
TODAY = datetime.date(2026, 11, 27)


def draft_of(rulebook):
    rulebook.refresh_from_db()
    return queries.load_edition(rulebook.draft)


def data_of(rulebook):
    return rules.as_data(draft_of(rulebook).rules)


def save(rulebook, data, office):
    return actions.save_draft(rulebook=rulebook, data=data, read_key=rulebook.draft_id, by=office)


def with_weights(data, **weights):
    for instrument in data["instruments"]:
        instrument["weight"] = weights.get(instrument["id"], instrument["weight"])
    return data


def announce(rulebook, office):
    rulebook.refresh_from_db()
    return actions.announce(rulebook=rulebook, on=TODAY, read_key=rulebook.draft_id, by=office)


def work():
    while job := take_job(queue=Queue.OFFICE, owner="test"):
        work_on(job)


def test_a_draft_is_nobodys_rules_yet(rulebook, client, people):
    assert NEXT not in queries.frameworks("ita")
    assert queries.find_framework("ita", NEXT) is None
    assert client.get(f"/methodology/{NEXT}/").status_code == 404
    for role in ("officer", "executive", "assessor"):
        client.force_login(people[role])
        assert client.get(f"/desk/rules/{NEXT}/").status_code == 403
    with pytest.raises(DomainError, match="ไม่มีหลักเกณฑ์ของปี"):
        create_round(fiscal_year=NEXT, by=people["office"])


def test_an_announced_draft_is_in_force_at_once_and_public(rulebook, client, office):
    save(rulebook, with_weights(data_of(rulebook), IIT=2500, OIT=4500), office)
    announcement = announce(rulebook, office)
    assert announcement.kind == Announcement.Kind.RULES
    framework = queries.find_framework("ita", NEXT)
    assert not framework.is_provisional
    assert {i.id: i.weight for i in framework.rules.instruments}["OIT"] == 4500
    assert "45%" in markup(client.get(f"/methodology/{NEXT}/"))
    assert AuditEntry.objects.filter(action="rulebooks.announce").exists()


def test_announced_rules_are_not_announced_twice(rulebook, office):
    announce(rulebook, office)
    with pytest.raises(actions.StaleDraftError):
        actions.announce(rulebook=rulebook, on=TODAY, read_key="x", by=office)
    current = queries.find_framework("ita", NEXT)
    actions.begin_draft(source=current, assessment="ita", fiscal_year=NEXT, by=office)
    with pytest.raises(DomainError, match="ประกาศไปแล้ว ไม่มีอะไรเปลี่ยนแปลง"):
        announce(rulebook, office)


def test_another_arithmetic_of_announced_rules_needs_a_withdrawal_first(rulebook, office):
    announce(rulebook, office)
    actions.begin_draft(source=queries.find_framework("ita", NEXT), assessment="ita", fiscal_year=NEXT, by=office)
    rulebook.refresh_from_db()
    save(rulebook, with_weights(data_of(rulebook), IIT=2500, OIT=4500), office)
    with pytest.raises(DomainError, match="ต้องถอนประกาศเดิมก่อน"):
        announce(rulebook, office)
    rulebook.refresh_from_db()
    actions.discard_draft(rulebook=rulebook, read_key=rulebook.draft_id, by=office)
    actions.withdraw(rulebook=rulebook, reason="น้ำหนักผิด", by=office)
    assert queries.find_framework("ita", NEXT) is None
    rulebook.refresh_from_db()
    save(rulebook, with_weights(data_of(rulebook), IIT=2500, OIT=4500), office)
    announce(rulebook, office)
    assert queries.find_framework("ita", NEXT).instruments["OIT"].weight == 4500
    kinds = [a.kind for a in Announcement.objects.order_by("id")]
    assert kinds == ["rules", "withdrawal", "rules"]


def test_rules_that_a_round_uses_stay_but_for_their_wording(rulebook, office):
    announce(rulebook, office)
    assessment_round = create_round(fiscal_year=NEXT, by=office)
    rulebook.refresh_from_db()
    with pytest.raises(DomainError, match="ถอนประกาศไม่ได้"):
        actions.withdraw(rulebook=rulebook, reason="x", by=office)
    before = queries.find_framework("ita", NEXT)
    actions.begin_draft(source=before, assessment="ita", fiscal_year=NEXT, by=office)
    rulebook.refresh_from_db()
    with pytest.raises(DomainError, match=r"แก้ได้เฉพาะถ้อยคำ.*น้ำหนักของ IIT"):
        save(rulebook, with_weights(data_of(rulebook), IIT=2500, OIT=4500), office)
    rulebook.refresh_from_db()
    assert draft_of(rulebook).arithmetic_digest == before.arithmetic_digest
    data = data_of(rulebook)
    data["survey_items"][0]["advice"]["remedy"] = "ถ้อยคำที่แก้แล้ว"
    save(rulebook, data, office)
    assert announce(rulebook, office).kind == Announcement.Kind.WORDING
    from prongsai.registry.queries import load_round_framework

    corrected = load_round_framework(assessment_round)
    assert corrected.rules.survey_items[0].advice.remedy == "ถ้อยคำที่แก้แล้ว"
    assert corrected.arithmetic_digest == before.arithmetic_digest
    assert queries.find_edition("ita", NEXT, before.digest).rules == before.rules  # the history stays


def test_choices_do_not_exchange_their_words_while_a_round_uses_them(rulebook, office):
    """The attacker corrects a "typing mistake": answers are stored by the place of their choice."""
    announce(rulebook, office)
    create_round(fiscal_year=NEXT, by=office)
    actions.begin_draft(source=queries.find_framework("ita", NEXT), assessment="ita", fiscal_year=NEXT, by=office)
    rulebook.refresh_from_db()
    data = data_of(rulebook)
    first, *_, last = data["scales"][0]["options"]
    first["label"], last["label"] = last["label"], first["label"]
    with pytest.raises(DomainError, match="สลับถ้อยคำกันไม่ได้"):
        save(rulebook, data, office)


def test_a_year_may_be_begun_over_a_year_between(office):
    skipped = actions.begin_draft(source=rules.load("ita", 2569), assessment="ita", fiscal_year=NEXT, by=office)
    assert draft_of(skipped).fiscal_year == NEXT


def test_rules_that_are_wrong_change_nothing(rulebook, office):
    before = rulebook.draft_id
    with pytest.raises(FrameworkError) as caught:
        save(rulebook, with_weights(data_of(rulebook), IIT=10_100), office)
    assert {p.code for p in caught.value.problems} >= {"out-of-range"}
    rulebook.refresh_from_db()
    assert rulebook.draft_id == before


def test_rules_of_another_year_are_not_taken_for_these(rulebook, office):
    with pytest.raises(DomainError, match="ไม่ใช่ของ ita/2571"):
        save(rulebook, rules.as_data(rules.load("ita", 2570).rules), office)


def test_two_editors_do_not_overwrite_each_other(rulebook, office):
    read_key, data = rulebook.draft_id, data_of(rulebook)
    data["survey_items"][0]["label"]["th"] = "คนแรก"
    actions.save_draft(rulebook=rulebook, data=data, read_key=read_key, by=office)
    data["survey_items"][0]["label"]["th"] = "คนที่สอง"
    with pytest.raises(actions.StaleDraftError):
        actions.save_draft(rulebook=rulebook, data=data, read_key=read_key, by=office)
    with pytest.raises(actions.StaleDraftError):
        actions.announce(rulebook=rulebook, on=TODAY, read_key=read_key, by=office)
    with pytest.raises(actions.StaleDraftError):
        actions.discard_draft(rulebook=rulebook, read_key=read_key, by=office)
    assert draft_of(rulebook).rules.survey_items[0].label.th == "คนแรก"


def test_a_worked_case_that_the_rules_contradict_stops_the_announcement(rulebook, office):
    data = data_of(rulebook)
    source = next(iter(data["sources"]))
    data["cases"] = [
        {
            "title": "สี่เครื่องมือ",
            "source": [source],
            "given": {"IIT": "90", "EIT1": "80", "EIT2": "80", "OIT": "100"},
            "expect": {"overall": "90"},
            "level": None,
            "passes": None,
            "within": "0",
        }
    ]
    save(rulebook, data, office)
    with pytest.raises(FrameworkError) as caught:
        announce(rulebook, office)
    assert [p.code for p in caught.value.problems] == ["case-score"]
    assert queries.find_framework("ita", NEXT) is None


def test_a_second_draft_of_a_year_is_refused(rulebook, office):
    with pytest.raises(DomainError, match="มีฉบับร่างอยู่แล้ว"):
        actions.begin_draft(source=rules.load("ita", 2569), assessment="ita", fiscal_year=NEXT, by=office)


def test_the_database_refuses_to_change_an_edition(rulebook):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Edition.objects.update(fiscal_year=2500)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Edition.objects.all()._raw_delete("default")


def test_a_result_keeps_the_rules_that_made_it(published):
    result_set = published[0]
    assert Edition.objects.filter(digest=result_set.framework_digest).exists()
    assert framework_of(result_set).digest == result_set.framework_digest


def test_a_receipt_is_verified_with_the_rules_of_the_website(client, published, tmp_path):
    from tests.cli.test_cli import run

    receipt, file = tmp_path / "receipt.json", tmp_path / "rules.json"
    receipt.write_bytes(client.get(f"/agency/A1/{sample_year()}/receipt.json").content)
    file.write_bytes(client.get(f"/methodology/{sample_year()}/rules.json").content)
    assert run("verify", receipt, "--rules", file).exit_code == 3  # its numbers agree, and it has no proof
    file.write_text(file.read_text(encoding="utf-8").replace('"weight": 3000', '"weight": 2000'), encoding="utf-8")
    assert run("verify", receipt, "--rules", file).exit_code == 2  # weights that do not add up
    file.write_text("{}", encoding="utf-8")
    assert run("verify", receipt, "--rules", file).exit_code == 2


def test_nobody_reads_a_draft_by_its_digest(client, rulebook):
    """The attacker has seen the digest of the draft in an entry of the audit trail."""
    draft = draft_of(rulebook)
    assert client.get(f"/methodology/{NEXT}/rules.json").status_code == 404
    assert client.get(f"/methodology/{NEXT}/rules.json?digest={draft.digest}").status_code == 404


# --- the whole way, in the browser's requests


def upload(name, content):
    file = TemporaryUploadedFile(name, "application/octet-stream", len(content), None)
    file.write(content)
    file.seek(0)
    return file


def test_a_year_from_its_beginning_to_a_published_result(client, people, agencies, settings, tmp_path):
    """Begin 2571 from 2570, change two weights, one item and one level in the workbook, see the difference, rehearse,
    announce, open a round and publish its result: no file touched, nothing restarted."""
    settings.MEDIA_ROOT = tmp_path
    office = people["office"]
    last = create_round(fiscal_year=2570, by=office)
    enroll_agencies(assessment_round=last, agencies=Agency.objects.all(), by=office)
    codes = [a.code for a in agencies]
    make_parcels(rules.load("ita", 2570), codes, np.array([0.7, 0.9]), last.parcels, seed=1)
    client.force_login(office)

    response = client.post("/desk/rules/", {"fiscal_year": NEXT, "source": "ita/2570"})
    assert response["Location"] == f"/desk/rules/{NEXT}/"
    book = client.get(f"/desk/rules/{NEXT}/workbook.xlsx").content
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    sheets["เครื่องมือ"]["F3"], sheets["เครื่องมือ"]["F6"] = 25, 45
    sheets["ข้อคำถาม"]["C3"] = "ข้อความใหม่ของปี 2571"
    sheets["ระดับ"]["D6"] = 75
    out = io.BytesIO()
    sheets.save(out)
    draft = Rulebook.objects.get(fiscal_year=NEXT).draft_id
    response = client.post(
        f"/desk/rules/{NEXT}/workbook/", {"file": upload("rules.xlsx", out.getvalue()), "draft": draft}
    )
    assert response.status_code == 302, markup(response)
    page = markup(client.get(f"/desk/rules/{NEXT}/"))
    assert "น้ำหนักของ IIT เปลี่ยนจาก 30% เป็น 25%" in page
    assert "น้ำหนักของ OIT เปลี่ยนจาก 40% เป็น 45%" in page
    assert "เกณฑ์ของระดับ ต้องปรับปรุง เปลี่ยนจากตั้งแต่ 70 เป็นตั้งแต่ 75" in page

    response = client.post(f"/desk/rules/{NEXT}/rehearse/")
    rehearsal = Rehearsal.objects.get()
    if rehearsal.status == Rehearsal.Status.WAITING:
        actions.run_rehearsal.call(rehearsal.pk)
    page = markup(client.get(response["Location"]))
    assert "เปลี่ยนระดับแน่นอน" in page
    table = b"".join(client.get(f"/desk/rules/{NEXT}/rehearsal/{rehearsal.pk}.csv").streaming_content).decode()
    assert all(code in table for code in codes)

    draft = Rulebook.objects.get(fiscal_year=NEXT).draft_id
    response = client.post(
        f"/desk/rules/{NEXT}/announce/", {"on": TODAY.isoformat(), "sure": "on", "draft": draft, "typed": NEXT}
    )
    assert response.status_code == 302, markup(response)
    work()
    response = client.post(reverse("round_list"), {"fiscal_year": NEXT})
    assert response.status_code == 302, markup(response)
    from prongsai.registry.models import Round

    assessment_round = Round.objects.get(fiscal_year=NEXT)
    enroll_agencies(assessment_round=assessment_round, agencies=Agency.objects.all(), by=office)
    framework = queries.find_framework("ita", NEXT)
    make_parcels(framework, codes, np.array([0.7, 0.9]), assessment_round.parcels, seed=2)
    result_set = results.compute_round(assessment_round=assessment_round, folder=assessment_round.parcels, by=office)
    results.publish(result_set=result_set, by=office)
    assert result_set.framework_digest == framework.digest
    assert client.get(f"/agency/{codes[1]}/{NEXT}/").status_code == 200
    assert client.get(f"/agency/{codes[1]}/{NEXT}/receipt.json").status_code == 200


def test_a_wrong_workbook_is_shown_by_its_cells_and_changes_nothing(client, rulebook, office):
    client.force_login(office)
    sheets = openpyxl.load_workbook(io.BytesIO(write_workbook(draft_of(rulebook))))
    sheets["เครื่องมือ"]["F3"] = "=15*2"
    sheets["ระดับ"]["D6"] = 101
    out = io.BytesIO()
    sheets.save(out)
    key = rulebook.draft_id
    response = client.post(
        f"/desk/rules/{NEXT}/workbook/", {"file": upload("rules.xlsx", out.getvalue()), "draft": key}
    )
    assert response.status_code == 422
    page = markup(response)
    assert "เครื่องมือ:F3" in page
    assert "ระดับ:D6" in page
    rulebook.refresh_from_db()
    assert rulebook.draft_id == key


def test_an_item_and_the_weights_are_edited_in_place(client, rulebook, office):
    client.force_login(office)
    address = f"/desk/rules/{NEXT}/edit/survey_items/i1/"
    form = client.get(address).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    values |= {"label-th": "ถ้อยคำใหม่ของข้อแรก", "draft": rulebook.draft_id}
    assert client.post(address, values).status_code == 302
    assert draft_of(rulebook).items["i1"].label.th == "ถ้อยคำใหม่ของข้อแรก"
    address = f"/desk/rules/{NEXT}/edit/instruments/"
    forms = client.get(address).context["forms"]
    values = {f"{n}-{name}": form[name].value() or "" for n, form in enumerate(forms) for name in form.fields}
    values["draft"] = rulebook.draft_id
    response = client.post(address, values | {"0-weight": "101"})
    assert response.status_code == 422
    response = client.post(address, values | {"0-weight": "29"})
    assert "น้ำหนักรวม" in markup(response)
    assert client.post(address, values | {"0-weight": "25", "3-weight": "45"}).status_code == 302
    assert [i.weight for i in draft_of(rulebook).rules.instruments] == [2500, 1500, 1500, 4500]


def test_the_pages_of_a_year_without_a_draft_say_what_to_do(client, people):
    client.force_login(people["office"])
    page = markup(client.get("/desk/rules/2569/"))
    assert "ฉบับชั่วคราว" in page
    assert "เริ่มฉบับร่างก่อน" in page
    assert client.get("/desk/rules/2599/").status_code == 404
    client.force_login(people["auditor"])
    assert client.get(f"/desk/rules/{sample_year()}/").status_code == 200
    assert client.post("/desk/rules/", {"fiscal_year": NEXT, "source": "ita/2570"}).status_code == 403
