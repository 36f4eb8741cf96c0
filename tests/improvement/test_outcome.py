"""The outcome beside the measure, and what if; the library of measures; the nation's plans."""

from decimal import Decimal

from django.urls import reverse

from prongsai.improvement import actions, library, queries
from prongsai.improvement.models import LibraryEntry
from prongsai.improvement.outcome import compare_outcome, compute_what_if
from prongsai.improvement.snapshot import build_snapshot
from tests.conftest import sample_year
from tests.improvement.plans import approved_plan, result, url
from tests.pages import markup


def test_the_outcome_is_shown_beside_the_measure(client, approved, people, agencies):
    assert compare_outcome(approved, build_snapshot(approved)).next_result is None
    result(agencies[0], sample_year(), items={"i1": 100})
    found = compare_outcome(approved, build_snapshot(approved))
    row, moved = found.measures[0]
    assert row.indicators[0][0] == moved[0].node == "1"
    assert moved[0].change == moved[0].after - moved[0].before > 0
    client.force_login(people["officer"])
    page = client.get(url("plan_outcome", approved)).content.decode()
    assert "ไม่ได้พิสูจน์" in page
    assert str(moved[0].after) in page


def test_what_if_computes_the_total_by_the_rules(client, people, agencies, running_round):
    result(agencies[0], sample_year(), items={"i1": 50}, default=97)
    plan = actions.start_plan(agency=agencies[0], result_year=sample_year(), by=people["officer"])
    what_if = compute_what_if(plan, {})
    assert what_if.problem == ""
    assert {x.assumed for x in what_if.scores if x.is_planned} == {85}
    assert all(x.assumed == int(x.current) for x in what_if.scores if not x.is_planned)
    assert what_if.minimum_improvement.items == ("i1",)
    low = compute_what_if(plan, {x.node: 0 for x in what_if.scores})
    full = compute_what_if(plan, {x.node: 100 for x in what_if.scores})
    assert (low.total.after, full.total.after) == (Decimal("0.00"), Decimal("100.00"))
    same = compute_what_if(plan, {x.node: int(x.current) for x in what_if.scores})
    assert same.total.after == same.total.before == Decimal(plan.result.shown["overall"])
    client.force_login(people["officer"])
    address = url("plan_what_if", plan)
    page = markup(client.get(address))
    assert "ทำให้ได้คะแนนเต็มอย่างน้อย 1 ข้อ" in page
    assert "<b>i1</b>" in page
    part = markup(client.get(address, {f"s:{x.node}": "100" for x in what_if.scores}, headers={"HX-Request": "true"}))
    assert "100.00" in part
    assert "<html" not in part
    assert client.get(address, {"s:1": "009999", "s:2": "x", "s:3": "101", "s:zz": "5"}).status_code == 200


def test_the_library_of_real_agencies_learns_nothing_from_fiction(client, people, agencies, running_round):
    real, invented = agencies[0], agencies[1]
    type(invented).objects.filter(pk=invented.pk).update(fictional=True, kind=real.kind)
    invented.refresh_from_db()
    for agency in (real, invented):
        result(agency, sample_year() - 1, items={"i1": 50})
        result(agency, sample_year(), items={"i1": 90})
        plan = approved_plan(agency, people, public=True, follow=False)
    for fictional in (False, True):
        page = library.library_page(assessment="ita", kind=real.kind, indicator="1", fictional=fictional)
        assert [used.agencies for used in page.measures] == [1]
        assert (page.measures[0].changes.n, page.all_agencies.n) == (1, 1)
    own = type(plan).objects.get(agency=real)
    client.force_login(people["officer"])
    entry = LibraryEntry.objects.get(agency=invented, indicator="1")
    assert (
        client.post(reverse("plan_library", args=[real.code, own.fiscal_year]), {"entry": entry.pk}).status_code == 404
    )


def test_the_library_counts_and_claims_no_cause(client, people, agencies, running_round, django_assert_max_num_queries):
    own = agencies[0]
    made = []
    for k in range(6):
        agency = (
            own
            if k == 0
            else type(own).objects.create(
                assessment_id="ita", code=f"C{k}", name_th=f"องค์การบริหารส่วนตำบลที่ {k}", kind="sao"
            )
        )
        result(agency, sample_year() - 1, items={"i1": 50})
        result(agency, sample_year(), items={"i1": 50 + 10 * k})
        made.append(approved_plan(agency, people, public=k < 5, follow=False))
    with django_assert_max_num_queries(8):  # however many agencies there are
        page = library.library_page(assessment="ita", kind="sao", indicator="1")
    assert len(page.measures) == 1
    used = page.measures[0]
    assert used.agencies == 5  # the sixth does not show its plan
    assert (used.changes.n, used.changes.up, used.changes.same, used.changes.down) == (5, 4, 1, 0)
    assert used.changes.low <= used.changes.median <= used.changes.high
    assert page.all_agencies.n == 6
    assert library.library_page(assessment="ita", kind="province", indicator="1").measures == ()
    client.force_login(people["officer"])
    page = client.get(reverse("library"), {"kind": "sao", "indicator": "1"}).content.decode()
    assert "ไม่ได้บอกว่าเกิดเพราะมาตรการ" in page
    assert "5 แห่ง" in page
    assert client.get(reverse("library"), {"kind": "x"}).status_code == 404
    before = queries.measures_of(made[0])
    client.post(url("plan_library", made[0]), {"entry": used.entry.pk})
    after = queries.measures_of(made[0])
    assert len(after) == len(before) + 1
    assert after[-1].title == used.entry.title


def test_measures_are_taken_from_published_plans_only(client, plan, people, agencies):
    result(agencies[1], sample_year() - 1)
    approved_plan(agencies[1], people, follow=False)
    hidden = LibraryEntry.objects.first()
    client.force_login(people["officer"])
    assert client.post(url("plan_library", plan), {"entry": hidden.pk}).status_code == 404


def test_the_national_office_sees_how_far_plans_are(client, approved, people, agencies):
    result(agencies[1], sample_year() - 1)
    state = queries.national_progress("ita", sample_year())
    assert (state.with_result, state.approved) == (2, 1)
    client.force_login(people["office"])
    page = client.get(reverse("plans_nation_year", args=[sample_year()])).content.decode()
    assert agencies[0].name_th in page
    assert client.post(url("plan_edit", approved), {}).status_code == 403
