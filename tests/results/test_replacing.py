"""A result that takes the place of another: what would vanish is shown and confirmed, and there is a way back; what is
confirmed stays readable, and what is typed is kept."""

import re
from types import SimpleNamespace

import pytest
from django.urls import reverse

from prongsai.lib import fiscal
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.results import actions, queries
from prongsai.results.models import Import, ResultSet
from prongsai.results.queries import Replacement
from tests.conftest import sample_year
from tests.pages import markup

YEAR = sample_year()
WHOLE = {str(n): f"{80 + n}.00" for n in range(1, 11)}
COMMENTS = {"O1": "ไม่พบโครงสร้างอัตรากำลัง"}


def _type(agency, by, **values):
    return actions.begin_typed_result(agency=agency, fiscal_year=YEAR, source="หนังสือแจ้งผล", by=by, **values)


def _confirm(imported, agency, by, values, **more):
    return actions.confirm_document(imported=imported, agency=agency, fiscal_year=YEAR, values=values, by=by, **more)


@pytest.fixture
def first(people, agencies, running_round):
    """A result with ten indicators, items and a comment, that the officer confirmed; a plan rests on it."""
    from prongsai.improvement import actions as plans

    imported = _type(agencies[0], people["officer"])
    values = {"overall": "86.25", **WHOLE, "O1": "0", "O2": "100"}
    _confirm(imported, agencies[0], people["officer"], values, comments=COMMENTS)
    plans.start_plan(agency=agencies[0], result_year=YEAR, by=people["officer"])
    return imported


def _page_of(imported):
    return reverse("import_document", args=["A1", imported.pk])


def _recorded(agency):
    return queries.find_recorded_result(agency, YEAR)


def test_before_a_result_is_replaced_its_page_says_what_would_vanish(client, people, agencies, first):
    second = _type(agencies[0], people["officer"])
    client.force_login(people["officer"])
    page = markup(client.get(_page_of(second)))
    assert f"มีผลปี {YEAR} อยู่แล้ว" in page
    assert "มีคะแนน 10 ตัวชี้วัด 2 ข้อ" in page
    typed = {"year": YEAR, "v:overall": "80", "v:4": "84.00", "check": "1", "live": "1"}
    live = markup(client.post(_page_of(second), typed, headers={"hx-request": "true"}))
    assert "คะแนน 9 ตัวชี้วัด" in live
    assert "คะแนน 2 ข้อ" in live
    assert "ความเห็นผู้ประเมิน 1 ข้อ" in live
    assert "คะแนนรวมเปลี่ยนจาก 86.25 เป็น 80.00" in live
    assert f'href="/desk/agency/A1/plan/{YEAR + 1}/">แผนยกระดับปี {YEAR + 1}' in page


def test_a_result_that_was_recorded_while_somebody_types_appears_on_their_page(client, people, agencies, first):
    """Whatever the answer brings has its place on a page that was opened before, and the page says all that one
    opened now would say; what is there already keeps its box as it was left."""
    seen = _recorded(agencies[0])
    mine, theirs = (_type(agencies[0], people["officer"]) for _ in range(2))
    client.force_login(people["officer"])
    page = markup(client.get(_page_of(mine)))
    _confirm(theirs, agencies[0], people["officer"], {"overall": "81"}, replaces=seen.pk)
    now = _recorded(agencies[0])
    sent = {"year": YEAR, "v:overall": "80", "check": "1", "live": "1"}
    for shown, is_new in ((seen.pk, True), ("", True), (now.pk, False)):
        live = markup(client.post(_page_of(mine), sent | {"shown_replacement": shown}, headers={"hx-request": "true"}))
        for place in re.findall(r'id="([\w-]+)" hx-swap-oob', live):
            assert f'id="{place}"' in page
        assert (f'name="replaces" value="{now.pk}"' in " ".join(live.split())) == is_new


def test_a_score_typed_short_is_printed_alike_on_every_page_of_the_officer(
    client, people, agencies, running_round, monkeypatch
):
    monkeypatch.setattr("prongsai.web.officer_facts.today", lambda: fiscal.first_day(YEAR + 1, 3))
    imported = _type(agencies[0], people["officer"])
    _confirm(imported, agencies[0], people["officer"], {"overall": "82.5", "1": "90.1", "O2": "100"})
    client.force_login(people["officer"])
    desk = markup(client.get(reverse("agency_desk", args=["A1"])))
    assert "คะแนนรวม 82.50" in desk
    confirmed = markup(client.get(_page_of(imported)))
    for page in (desk, confirmed):
        assert re.findall(r"\b82\.50?\b", page) == ["82.50"] * page.count("82.5")
    assert "90.10" in confirmed
    assert "100.00" not in confirmed  # a mark


@pytest.mark.parametrize("replaces", [None, "0", "x", "99999999999999999999"])
def test_nothing_is_replaced_without_a_deliberate_confirmation(client, people, agencies, first, replaces):
    second, before = _type(agencies[0], people["officer"]), _recorded(agencies[0])
    client.force_login(people["officer"])
    sent = {"year": YEAR, "v:overall": "80", "confirm": "1"} | ({"replaces": replaces} if replaces else {})
    answer = client.post(_page_of(second), sent)
    assert answer.status_code == 409
    assert 'value="80"' in markup(answer)  # nothing that was typed is lost
    assert _recorded(agencies[0]) == before
    assert client.post(_page_of(second), sent | {"replaces": before.pk}).status_code == 302
    assert _recorded(agencies[0]).shown["overall"] == "80"


def test_who_saw_another_result_replaces_nothing(people, agencies, first):
    """Two officers have the page open; the first one confirms."""
    seen = _recorded(agencies[0]).pk
    mine, theirs = (_type(agencies[0], people["officer"]) for _ in range(2))
    _confirm(theirs, agencies[0], people["officer"], {"overall": "81"}, replaces=seen)
    with pytest.raises(DomainError, match="อยู่แล้ว"):
        _confirm(mine, agencies[0], people["officer"], {"overall": "82"}, replaces=seen)
    assert _recorded(agencies[0]).shown["overall"] == "81"


def test_the_earlier_result_can_be_used_again(client, people, agencies, first):
    old = _recorded(agencies[0])
    second = _type(agencies[0], people["officer"])
    _confirm(second, agencies[0], people["officer"], {"overall": "80"}, replaces=old.pk)
    client.force_login(people["officer"])
    page = markup(client.get(_page_of(first)))
    assert "มีผลอื่นมาแทนแล้ว" in page
    assert "กลับมาใช้ผลนี้" in page
    sent = {"year": YEAR, "again": "1", "reason": "พิมพ์ทับโดยไม่ตั้งใจ", "replaces": _recorded(agencies[0]).pk}
    for missing in ("reason", "replaces"):
        refused = client.post(_page_of(first), {k: v for k, v in sent.items() if k != missing})
        assert refused.status_code == 409
        assert _recorded(agencies[0]).shown["overall"] == "80"
    done = client.post(_page_of(first), sent)
    assert (done.status_code, done["Location"]) == (302, reverse("agency_result", args=["A1", YEAR]))
    again = _recorded(agencies[0])
    assert (again.shown, again.level, again.basis) == (old.shown, old.level, old.basis)
    assert again.result_set.corrects == queries.find_confirmed_result(second, YEAR).result_set
    assert "พิมพ์ทับโดยไม่ตั้งใจ" in again.result_set.note
    entry = AuditEntry.objects.get(action="results.use_again")
    assert (entry.detail["reason"], entry.agency) == ("พิมพ์ทับโดยไม่ตั้งใจ", "A1")
    assert "พิมพ์ทับโดยไม่ตั้งใจ" in markup(client.get(done["Location"]))
    with pytest.raises(DomainError, match="ล่าสุด"):
        actions.use_again(
            imported=first, agency=agencies[0], fiscal_year=YEAR, reason="x", replaces=again.pk, by=people["officer"]
        )


def test_a_draft_or_a_result_of_another_year_is_not_used_again(people, agencies, first):
    draft = _type(agencies[0], people["officer"])
    for imported, year in ((draft, YEAR), (first, YEAR - 1)):
        with pytest.raises(DomainError, match="ยังไม่ได้ยืนยัน"):
            actions.use_again(
                imported=imported, agency=agencies[0], fiscal_year=year, reason="x", replaces=None, by=people["officer"]
            )


def test_a_confirmed_result_is_readable_and_a_correction_begins_with_it(client, people, agencies, first):
    client.force_login(people["officer"])
    page = markup(client.get(_page_of(first)))
    assert f"ยืนยันโดย {people['officer'].name}" in page
    for text in ("86.25", *WHOLE.values(), COMMENTS["O1"], "ใช้เป็นผลปี"):
        assert text in page
    assert 'name="v:' not in page
    late = client.post(_page_of(first), {"year": YEAR, "v:overall": "1", "confirm": "1"})
    assert late.status_code == 409
    begun = client.post(_page_of(first), {"year": YEAR, "correct": "1"})
    form = markup(client.get(begun["Location"]))
    for node, value in {"overall": "86.25", **WHOLE, "O1": "0"}.items():
        assert re.search(rf'name="v:{node}"\s+value="{value}"', form), node
    assert COMMENTS["O1"] in form
    assert ResultSet.objects.count() == 1  # nothing is changed until it is confirmed


def test_what_is_typed_is_kept_on_the_server(client, people, agencies, running_round):
    imported = _type(agencies[0], people["officer"])
    client.force_login(people["officer"])
    entries = AuditEntry.objects.count()
    typed = {"year": YEAR, "v:1": "81.5", "v:O1": "abc", "v:O2": "0", "c:O2": "ไม่พบลิงก์", "check": "1", "live": "1"}
    assert client.post(_page_of(imported), typed, headers={"hx-request": "true"}).status_code == 200
    assert AuditEntry.objects.count() == entries
    client.logout()
    client.force_login(people["officer"])  # another device, another day
    page = markup(client.get(_page_of(imported)))
    for node, value in {"1": "81.5", "O1": "abc"}.items():
        assert re.search(rf'name="v:{node}"\s+value="{value}"', page), node
    assert "ไม่พบลิงก์" in page
    assert "เก็บที่พิมพ์ไว้แล้วเมื่อ" in page
    assert not ResultSet.objects.exists()


def test_a_refused_confirmation_keeps_what_was_typed(client, people, agencies, running_round):
    imported = _type(agencies[0], people["officer"])
    client.force_login(people["officer"])
    assert client.post(_page_of(imported), {"year": YEAR, "v:1": "ผิด", "confirm": "1"}).status_code == 409
    assert 'value="ผิด"' in markup(client.get(_page_of(imported)))


def test_a_draft_is_of_its_year_and_of_an_undecided_import_alone(client, people, agencies, imported, first):
    newest, older = queries.import_years(imported)
    actions.save_draft(imported=imported, fiscal_year=older, values={"overall": "12.5"}, comments={})
    assert queries.find_draft(imported, newest) == {}
    assert queries.find_draft(Import.objects.get(pk=imported.pk), older)["values"] == {"overall": "12.5"}
    actions.save_draft(imported=first, fiscal_year=YEAR, values={"overall": "1"}, comments={})
    assert queries.find_draft(Import.objects.get(pk=first.pk), YEAR) == {}
    actions.drop_import(imported=imported, by=people["officer"])
    actions.save_draft(imported=imported, fiscal_year=older, values={"overall": "99"}, comments={})
    assert queries.find_draft(Import.objects.get(pk=imported.pk), older)["values"] == {"overall": "12.5"}


def test_a_draft_is_bounded(people, agencies, running_round):
    imported = _type(agencies[0], people["officer"])
    many = {f"n{k}": "1" * 900 for k in range(5_000)}
    actions.save_draft(imported=imported, fiscal_year=YEAR, values=many, comments=many)
    assert len(str(queries.find_draft(Import.objects.get(pk=imported.pk), YEAR))) < 600_000


def test_a_document_beside_a_result_that_was_computed_here_is_reviewed(
    client, people, agencies, running_round, imported
):
    """The sources of a run are parcels, not documents: what would be replaced is named by where it comes from."""
    import numpy as np

    from prongsai.cli.demo import make_parcels
    from prongsai.framework import NATIONAL, load
    from prongsai.results import actions

    framework = load(NATIONAL, running_round.fiscal_year)
    make_parcels(framework, [a.code for a in agencies], np.array([0.7, 0.9]), running_round.parcels, seed=1)
    made = actions.compute_round(assessment_round=running_round, folder=running_round.parcels, by=people["office"])
    actions.publish(result_set=made, by=people["office"])
    client.force_login(people["officer"])
    page = client.get(reverse("import_document", args=["A1", imported.pk]))
    assert page.status_code == 200
    assert made.get_origin_display() in page.content.decode()


REST = {
    "recorded": SimpleNamespace(),
    "source": "",
    "is_published": False,
    "indicators": 0,
    "items": 0,
    "comments": 0,
    "lost": (),
    "lost_indicators": 0,
    "lost_items": 0,
    "lost_comments": 0,
}


@pytest.mark.parametrize(
    ("total", "level", "changed"),
    [
        (("82.5", "82.50"), ("A", "A"), ()),
        (("82.50", "82.51"), ("A", ""), (("คะแนนรวม", "82.50", "82.51"),)),
        (("", "82.51"), ("", "A"), (("คะแนนรวม", "", "82.51"), ("ระดับ", "", "A"))),
        (("82.50", ""), ("A", "B"), (("ระดับ", "A", "B"),)),
    ],
)
def test_totals_are_compared_as_numbers_and_a_level_is_named_too(total, level, changed):
    assert Replacement(**REST, total=total, level=level).changed == changed


def test_what_several_places_say_of_an_item_is_offered_as_one_comment_without_repetition(first):
    first.reading = {
        "comments": [
            {"year": YEAR, "item": "O1", "text": text, "place": f"บรรทัด {n}"}
            for n, text in enumerate(("ไม่แสดงฝ่ายการเมือง", "ผังยังไม่แสดงฝ่ายการเมืองของเทศบาล", "ลิงก์เปิดไม่ได้"))
        ]
    }
    (review,) = (r for r in queries.review_comments(first, YEAR, {}) if r.item == "O1")
    assert review.text == "ผังยังไม่แสดงฝ่ายการเมืองของเทศบาล; ลิงก์เปิดไม่ได้"
    assert len(review.places) == 3
