"""Sharing out the work: drawn as a draft, moved by hand, released as it was shown, taken back; and who may do what."""

import datetime
import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import allocation, assessors, queries
from prongsai.disclosure.allocation import Choices
from prongsai.disclosure.models import Allocation, AssessorLimit, AssessorProfile, Filing, Mark
from prongsai.jobs.leases import Lease, LeaseLostError
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice, User
from prongsai.registry.actions import assign, create_round, declare_interest, set_phase_dates, set_round_status
from prongsai.registry.models import Agency, Assignment
from tests.conftest import sample_year
from tests.people.test_lists import fields

PROVINCES = ("เชียงใหม่", "ขอนแก่น", "ตาก", "สงขลา")


@pytest.fixture
def nation(people, agencies, running_round):
    """Forty agencies in four provinces beside the two, and three assessors beside the one."""
    made = [
        Agency(assessment_id="ita", code=f"N{k:02}", name_th=f"หน่วย {k:02}", kind="sao", province=PROVINCES[k % 4])
        for k in range(40)
    ]
    Agency.objects.bulk_create([a.fill_keys() for a in made])
    running_round.agencies.add(*Agency.objects.filter(code__startswith="N"))
    for k in range(3):
        User.objects.create(email=f"a{k}@example.test", name=f"ผู้ประเมิน {k}", role="assessor")
    return running_round


@pytest.fixture
def helpers(nation):
    return list(User.objects.filter(email__regex=r"^a\d@").order_by("pk"))


@pytest.fixture
def draft(nation, people):
    return allocation.draw(assessment_round=nation, choices=Choices(), by=people["office"])


def release(draft, people):
    draft.refresh_from_db()
    return allocation.release(allocation_id=draft.pk, revision=draft.revision, by=people["office"])


def held(assessment_round):
    return dict(Assignment.objects.filter(round=assessment_round).values_list("agency__code", "assessor"))


def mark(assessment_round, agency, by):
    filing = queries.get_filing(assessment_round, agency)
    Mark.objects.create(filing=filing, item="O1", stage="first", points=100, by=by)
    return filing


def test_a_draft_binds_nobody(nation, draft, people):
    assert held(nation) == {"A1": people["assessor"].pk}
    assert draft.rows.count() == 42
    assert not draft.rows.filter(assessor=None).exists()
    loads = [load.weight for load in allocation.list_loads(draft)]
    assert sum(loads) == 42
    assert max(loads) - min(loads) <= draft.bound
    assert not Notice.objects.filter(user__role="assessor").exists()


def test_what_was_shown_is_released_and_everybody_told_once(nation, draft, people):
    rows = dict(draft.rows.values_list("agency__code", "assessor"))
    assert rows["A1"] == people["assessor"].pk  # what is assigned stays
    assert release(draft, people) == 41
    assert held(nation) == rows
    assert Notice.objects.filter(user__role="assessor").count() == 4
    assert AuditEntry.objects.get(action="disclosure.release_allocation").detail["changed"] == 41


def test_two_people_release_at_once(nation, draft, people):
    release(draft, people)
    with pytest.raises(DomainError, match="ใช้แล้ว"):
        release(draft, people)
    assert Notice.objects.filter(user__role="assessor").count() == 4


def test_a_tie_declared_after_the_draw_stops_the_release(nation, draft, people, helpers):
    row = draft.rows.filter(assessor=helpers[0]).select_related("agency").first()
    declare_interest(user=helpers[0], agency=row.agency, reason="ญาติ", by=helpers[0])
    with pytest.raises(DomainError, match=f"ส่วนได้เสียที่แจ้งหลังจาก.*{row.agency.name_th}"):
        release(draft, people)
    assert held(nation).keys() == {"A1"}
    again = allocation.draw(assessment_round=nation, choices=Choices(), by=people["office"])
    assert release(again, people)
    assert held(nation)[row.agency.code] != helpers[0].pk


def test_nobody_is_given_an_agency_they_are_tied_to(nation, people, helpers):
    first = Agency.objects.get(code="N00")
    for user in User.objects.filter(role="assessor"):
        declare_interest(user=user, agency=first, reason="ญาติ", by=user)
    draft = allocation.draw(assessment_round=nation, choices=Choices(), by=people["office"])
    row = draft.rows.get(agency=first)
    assert (row.assessor, row.reason) == (None, "conflict")


@pytest.mark.parametrize("change", ["assigned", "revision", "closed", "sealed", "gone"])
def test_nothing_is_released_that_was_not_shown(nation, draft, people, helpers, change):
    revision = draft.revision
    match change:
        case "assigned":
            agency = Agency.objects.get(code="N05")
            assign(assessment_round=nation, agency=agency, assessor=helpers[2], by=people["office"])
        case "revision":
            Allocation.objects.update(revision=1)
        case "closed":
            set_round_status(assessment_round=nation, status="closed", by=people["office"])
        case "sealed":
            queries.MarksSeal.objects.create(round=nation, agencies=0, marks=0, missing=0, digest="0")
        case "gone":
            User.objects.filter(pk=helpers[0].pk).update(is_active=False)
    before = held(nation)
    with pytest.raises(DomainError):
        allocation.release(allocation_id=draft.pk, revision=revision, by=people["office"])
    assert held(nation) == before
    assert Allocation.objects.get(pk=draft.pk).status == "draft"


def test_a_worker_that_lost_its_lease_releases_nothing(nation, draft, people):
    with pytest.raises(LeaseLostError):
        allocation.release(allocation_id=draft.pk, revision=0, by=people["office"], lease=Lease(0, None))
    assert held(nation).keys() == {"A1"}
    assert Allocation.objects.get(pk=draft.pk).status == "draft"
    with pytest.raises(LeaseLostError):
        allocation.draw(assessment_round=nation, choices=Choices(), by=people["office"], lease=Lease(0, None))
    assert Allocation.objects.filter(status="draft").get() == draft


# --- the way back


def test_taken_back_everything_is_as_it_was(nation, people, helpers):
    draft = allocation.draw(assessment_round=nation, choices=Choices(is_anew=True), by=people["office"])
    release(draft, people)
    allocation.take_back(allocation_id=draft.pk, by=people["office"])
    assert held(nation) == {"A1": people["assessor"].pk}
    with pytest.raises(DomainError, match="ถอนแล้ว"):
        allocation.take_back(allocation_id=draft.pk, by=people["office"])


def test_nothing_is_taken_back_once_somebody_marked(nation, draft, people):
    release(draft, people)
    row = draft.rows.exclude(agency__code="A1").select_related("agency", "assessor").first()
    mark(nation, row.agency, row.assessor)
    with pytest.raises(DomainError, match="เริ่มให้คะแนนแล้ว 1 แห่ง"):
        allocation.take_back(allocation_id=draft.pk, by=people["office"])
    assert len(held(nation)) == 42


def test_nothing_is_taken_back_that_was_assigned_anew(nation, draft, people, helpers):
    release(draft, people)
    row = draft.rows.filter(assessor=helpers[0]).select_related("agency").first()
    assign(assessment_round=nation, agency=row.agency, assessor=helpers[1], by=people["office"])
    with pytest.raises(DomainError, match="มอบหมายให้ผู้อื่น"):
        allocation.take_back(allocation_id=draft.pk, by=people["office"])


def test_nobody_gets_back_what_they_declared_a_tie_to(nation, people, helpers, agencies):
    AssessorLimit.objects.create(round=nation, assessor=people["assessor"], load=0)
    draft = allocation.draw(assessment_round=nation, choices=Choices(is_anew=True), by=people["office"])
    assert draft.rows.get(agency=agencies[0]).assessor != people["assessor"]
    release(draft, people)
    declare_interest(user=people["assessor"], agency=agencies[0], reason="ญาติ", by=people["assessor"])
    allocation.take_back(allocation_id=draft.pk, by=people["office"])
    assert held(nation) == {}


# --- choices


def test_a_closed_account_is_given_nothing(nation, people, helpers):
    User.objects.filter(pk=helpers[0].pk).update(is_active=False)
    draft = allocation.draw(assessment_round=nation, choices=Choices(), by=people["office"])
    assert not draft.rows.filter(assessor=helpers[0]).exists()
    User.objects.filter(role="assessor").update(is_active=False)
    with pytest.raises(DomainError, match="ยังไม่มีผู้ประเมิน"):
        allocation.draw(assessment_round=nation, choices=Choices(), by=people["office"])


def test_what_somebody_began_stays_with_them(nation, people, agencies, helpers):
    AssessorLimit.objects.create(round=nation, assessor=people["assessor"], load=0)
    mark(nation, agencies[0], people["assessor"])
    draft = allocation.draw(assessment_round=nation, choices=Choices(is_anew=True), by=people["office"])
    assert draft.rows.get(agency=agencies[0]).assessor == people["assessor"]
    assert draft.rows.filter(assessor=people["assessor"]).count() == 1


def test_last_year_again_or_never(nation, people, helpers):
    last = create_round(fiscal_year=sample_year() - 1, by=people["office"])
    first = Agency.objects.get(code="N00")
    Assignment.objects.create(round=last, agency=first, assessor=helpers[2])
    for choice, expected in (("again", True), ("never", False)):
        draft = allocation.draw(assessment_round=nation, choices=Choices(last_year=choice), by=people["office"])
        assert (draft.rows.get(agency=first).assessor == helpers[2]) is expected


def test_a_type_may_weigh_more(nation, people):
    draft = allocation.draw(assessment_round=nation, choices=Choices(weights={"sao": 3}), by=people["office"])
    assert draft.rows.get(agency__code="N00").weight == 3
    assert draft.rows.get(agency__code="B2").weight == 1
    for wrong in ({"sao": 0}, {"sao": 21}):
        with pytest.raises(DomainError, match="ภาระ"):
            Choices(weights=wrong)


def test_a_leavers_work_goes_to_others(nation, draft, people, helpers):
    release(draft, people)
    mine = list(Assignment.objects.filter(round=nation, assessor=helpers[0]).select_related("agency"))
    done = mark(nation, mine[0].agency, helpers[0])
    Filing.objects.filter(pk=done.pk).update(released_at=timezone.now())
    mark(nation, mine[1].agency, helpers[0])  # begun
    before = held(nation)
    leaving = allocation.draw(assessment_round=nation, choices=Choices(), by=people["office"], leavers=[helpers[0].pk])
    assert release(leaving, people) == len(mine) - 1
    after = held(nation)
    assert [code for code, who in after.items() if who == helpers[0].pk] == [mine[0].agency.code]
    assert {c: w for c, w in after.items() if before[c] != helpers[0].pk} == {
        c: w for c, w in before.items() if w != helpers[0].pk
    }


# --- pages


@pytest.fixture
def office(client, people):
    client.force_login(people["office"])
    return client


@pytest.fixture
def do(office, django_capture_on_commit_callbacks):
    def post(name, values, **more):
        with django_capture_on_commit_callbacks(execute=True):
            return office.post(reverse(name, args=[sample_year()]), values, **more)

    return post


def test_the_whole_way_on_pages(nation, office, do, people, helpers):
    address = reverse("allocation", args=[sample_year()])
    assert "คำนวณร่าง" in office.get(address).content.decode()
    do("draw_allocation", {"slack": "10", "last_year": "either", "weight-sao": "2"})
    page = office.get(address)
    draft = page.context["draft"]
    assert "ร่างที่ยังไม่ใช้" in page.content.decode()
    assert page.context["page"].paginator.count == 42
    asked = do("act_on_allocation", {"act": "move", "all": "1", "province": "สงขลา"})
    assert "ย้ายให้ผู้ประเมินคนเดียว 10 รายการ" in asked.content.decode()
    sent = fields(asked, "@data-draft='selection'") | {"confirm": "1"}
    assert do("act_on_allocation", sent | {"text": ""}).status_code == 409
    assert do("act_on_allocation", sent | {"text": str(people["officer"].pk)}).status_code == 409
    do("act_on_allocation", sent | {"text": str(helpers[1].pk)})
    assert set(draft.rows.filter(agency__province="สงขลา").values_list("assessor", flat=True)) == {helpers[1].pk}
    shown = office.get(reverse("release_allocation", args=[sample_year()]))
    sent = fields(shown, "@method='post' and .//input[@name='revision']")
    do("release_allocation", sent | {"revision": "0"})
    assert "มีผู้ย้ายหน่วยงานในร่าง" in office.get(address).content.decode()
    assert len(held(nation)) == 1
    do("release_allocation", sent)
    assert len(held(nation)) == 42
    back = fields(office.get(address), "contains(@action, 'take-back')")
    do("take_back_allocation", back)
    assert len(held(nation)) == 1


def test_nothing_is_moved_to_who_has_a_conflict(nation, draft, office, do, helpers):
    agency = Agency.objects.get(code="N03")
    declare_interest(user=helpers[1], agency=agency, reason="ญาติ", by=helpers[1])
    before = dict(draft.rows.values_list("agency", "assessor"))
    asked = do("act_on_allocation", {"act": "move", "all": "1", "province": agency.province})
    sent = fields(asked, "@data-draft='selection'") | {"confirm": "1", "text": str(helpers[1].pk)}
    do("act_on_allocation", sent)
    assert dict(draft.rows.values_list("agency", "assessor")) == before
    assert Notice.objects.filter(text__contains="มีส่วนได้เสียกับ หน่วย 03").exists()


def test_a_draft_that_was_replaced_since_is_not_the_one_released(nation, draft, office, do, people):
    sent = fields(office.get(reverse("release_allocation", args=[sample_year()])), ".//input[@name='revision']")
    allocation.draw(assessment_round=nation, choices=Choices(weights={"sao": 5}), by=people["office"])
    do("release_allocation", sent)
    assert held(nation).keys() == {"A1"}
    do("drop_allocation", {"draft": sent["draft"]})
    assert allocation.find_draft(nation) is not None
    released = allocation.find_draft(nation)
    release(released, people)
    do("take_back_allocation", {"allocation": sent["draft"]})
    assert len(held(nation)) == 42


def test_a_draft_can_be_thrown_away(nation, draft, office, do):
    do("drop_allocation", {"draft": str(draft.pk + 1)})
    assert allocation.find_draft(nation) == draft
    do("drop_allocation", {"draft": str(draft.pk)})
    assert allocation.find_draft(nation) is None
    assert office.get(reverse("release_allocation", args=[sample_year()])).status_code == 302


@pytest.mark.parametrize("choices", [{"slack": "51"}, {"slack": "x"}, {"last_year": "x"}, {"weight-sao": "0"}])
def test_nonsense_draws_nothing(nation, do, choices):
    do("draw_allocation", {"slack": "10", "last_year": "either"} | choices)
    assert not Allocation.objects.exists()


def test_rows_of_another_assessment_are_out_of_reach(nation, draft, office):
    nation.assessment_id = "other"
    from prongsai.registry.models import Assessment

    Assessment.objects.create(slug="other", name_th="อื่น")
    nation.save()
    for name in ("allocation", "release_allocation", "assessor_list"):
        assert office.get(reverse(name, args=[sample_year()])).status_code == 404
    for name in ("draw_allocation", "act_on_allocation", "drop_allocation", "act_on_assessors", "release_allocation"):
        assert office.post(reverse(name, args=[sample_year()]), {"act": "move", "all": "1"}).status_code == 404


# --- the assessors


def test_who_is_behind(nation, draft, people, helpers, monkeypatch):
    release(draft, people)
    assert not assessors.list_assessors(nation.pk, {"state": "behind"}).rows.exists()  # no days yet
    day = datetime.date(2025, 6, 1)
    phase = nation.phases.get(key="marking")
    set_phase_dates(phase=phase, starts=day, ends=day + datetime.timedelta(9), by=people["office"])
    monkeypatch.setattr(assessors, "today", lambda: day + datetime.timedelta(5))  # half of the days are over
    from prongsai.disclosure.models import Confirmation

    for row in draft.rows.filter(assessor__in=helpers[:2]).select_related("agency", "assessor"):
        filing = queries.get_filing(nation, row.agency)
        filing.confirmed = Confirmation.objects.create(
            filing=filing, by=people["executive"], name="x", position="x", at=timezone.now(), content={}, digest="0"
        )
        filing.released_at = timezone.now() if row.assessor == helpers[0] else None
        filing.save()
    rows = {u.pk: u for u in assessors.list_assessors(nation.pk, {}).rows}
    late = rows[helpers[1].pk]
    assert (late.ready, late.released, late.behind) == (late.assigned, 0, late.assigned // 2)
    assert rows[helpers[0].pk].behind == 0
    assert rows[helpers[2].pk].behind == 0  # nothing that could be marked
    assert [u.pk for u in assessors.list_assessors(nation.pk, {"state": "behind"}).rows] == [helpers[1].pk]
    monkeypatch.setattr(assessors, "today", lambda: day + datetime.timedelta(50))
    assert assessors.list_assessors(nation.pk, {}).rows.get(pk=helpers[1].pk).behind == late.assigned


def test_acts_on_assessors(nation, draft, office, do, people, helpers):
    release(draft, people)

    def act(name, picked, text=""):
        asked = do("act_on_assessors", {"act": name, "pick": [u.pk for u in picked]})
        sent = fields(asked, "@data-draft='selection'")
        do("act_on_assessors", sent | {"confirm": "1", "text": text, "pick": [u.pk for u in picked]})

    act("remind", helpers[:2], "ส่งคะแนนภายในวันศุกร์")
    assert Notice.objects.filter(text="ส่งคะแนนภายในวันศุกร์").count() == 2
    act("limit", helpers[:2], "12")
    act("limit", helpers[:1], "9")
    assert dict(AssessorLimit.objects.values_list("assessor", "load")) == {helpers[0].pk: 9, helpers[1].pk: 12}
    act("limit", helpers[:1], "มาก")
    assert AssessorLimit.objects.get(assessor=helpers[0]).load == 9
    act("home", helpers[:2], "ตาก")
    act("home", helpers[1:2], "เมืองสมมุติ")
    act("languages", helpers[:1], "ภาษามลายูถิ่น, อังกฤษ,, อังกฤษ")
    known = {p.assessor_id: (p.home, p.languages) for p in AssessorProfile.objects.all()}
    assert known == {helpers[0].pk: ("ตาก", ["ภาษามลายูถิ่น", "อังกฤษ"]), helpers[1].pk: ("ตาก", [])}
    Allocation.objects.update(choices=draft.choices | {"languages": {"ตาก": "อังกฤษ"}})
    act("hand_over", helpers[2:])
    leaving = allocation.find_draft(nation)
    assert (leaving.choices["leavers"], leaving.choices["languages"]) == ([helpers[2].pk], {"ตาก": "อังกฤษ"})
    assert not leaving.rows.filter(assessor=helpers[2]).exists()
    page = office.get(reverse("assessor_list", args=[sample_year()]), {"format": "csv"})
    assert "ผู้ประเมิน 0" in (table := b"".join(page.streaming_content).decode())
    assert "ภาษามลายูถิ่น, อังกฤษ" in table
    act("home", helpers[:1], "-")
    act("languages", helpers[:1], "-")
    profile = AssessorProfile.objects.get(assessor=helpers[0])
    assert (profile.home, profile.languages) == ("", [])


def test_who_lives_in_a_province_gets_it_and_only_who_speaks_its_language(nation, people, helpers):
    for user, home in zip(helpers, PROVINCES, strict=False):
        AssessorProfile.objects.create(assessor=user, home=home)
    AssessorProfile.objects.filter(assessor=helpers[0]).update(languages=["มลายู ถิ่น"])
    choices = Choices(slack=25, languages={"สงขลา": "ภาษามลายูถิ่น"}, is_anew=True)
    draft = allocation.draw(assessment_round=nation, choices=choices, by=people["office"])
    assert set(draft.rows.filter(agency__province="สงขลา").values_list("assessor", flat=True)) == {helpers[0].pk}
    at_home = draft.rows.filter(agency__province=PROVINCES[1], agency__code__startswith="N")
    assert at_home.filter(assessor=helpers[1]).count() > at_home.count() / 2
    leaving = allocation.draw(
        assessment_round=nation, choices=choices, by=people["office"], leavers=[helpers[0].pk]
    )  # nobody is left who speaks it
    left = leaving.rows.filter(agency__province="สงขลา")
    assert set(left.values_list("assessor", "reason")) == {(None, "language")}


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("มลายูถิ่น ยะลา", "บรรทัด 1"),
        ("มลายูถิ่น: ยะลา\n: ตาก", "บรรทัด 2"),
        ("มลายูถิ่น:", "บรรทัด 1"),
        ("มลายูถิ่น: ยะลา เมืองสมมุติ", "“เมืองสมมุติ”"),
        ("มลายูถิ่น: ยะลา\nเขมรถิ่น: ยะลา", "บรรทัด 2.*บรรทัดก่อน"),
    ],
)
def test_languages_of_provinces_are_refused_with_their_line(office, do, nation, typed, problem):
    page = do("draw_allocation", {"slack": "10", "last_year": "either", "languages": typed}, follow=True)
    (message,) = page.context["messages"]
    assert re.search(problem, str(message))
    assert not Allocation.objects.exists()


def test_languages_of_provinces_are_offered_again(office, do, nation):
    typed = "มลายูถิ่น: ยะลา ปัตตานี\nเขมรถิ่น: สุรินทร์"
    do("draw_allocation", {"slack": "10", "last_year": "either", "languages": typed.replace("ลา ป", "ลา, ป")})
    assert allocation.find_draft(nation).choices["languages"]["ปัตตานี"] == "มลายูถิ่น"
    assert typed in html.unescape(office.get(reverse("allocation", args=[sample_year()])).content.decode())
