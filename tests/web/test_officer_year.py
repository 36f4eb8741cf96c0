"""The fiscal year of an agency as a line of steps: facts in, steps out; and where the pages show it."""

import datetime
import re
from dataclasses import replace

import pytest
from django.urls import URLPattern, get_resolver, reverse

from prongsai.lib import fiscal
from prongsai.web.officer_year import (
    SOON,
    UNCONFIRMED,
    Address,
    MemoFacts,
    MemoTurn,
    PlanFacts,
    Reader,
    RegisterFacts,
    ResultFacts,
    RoundFacts,
    State,
    Window,
    YearFacts,
    build_year,
)
from prongsai.web.page_help import PAGE_HELP
from tests.conftest import sample_year
from tests.pages import markup

YEAR = sample_year()
DAY = fiscal.first_day(YEAR, 5)
RESULT = ResultFacts(shown="82.10", level="ผ่าน", is_published=True, below=3, indicators=10)
APPROVED = PlanFacts(
    fiscal_year=YEAR,
    status="approved",
    approved_on=fiscal.first_day(YEAR, 3),
    approved_by="นายก",
    measures=10,
    followed_up=4,
    next_due=fiscal.last_day(YEAR, 9),
)
SURVEYED = {"surveys": 2, "received": 60}
FILED = {"items": 28, "missing": 0}
ROUND = RoundFacts(fiscal_year=YEAR, surveys=2, without_population=2, without_channel=2, items=28, missing=28)
CONFIRMED = RoundFacts(fiscal_year=YEAR, **SURVEYED, **FILED, confirmed_on=DAY)


def memo_facts(turn, **more):
    known = {"memo": 3, "name": "เสนอแผน", "fiscal_year": YEAR, "written_on": DAY, "turn": turn, "position": "ปลัด"}
    return MemoFacts(**known | more)


def facts(**more):
    return YearFacts(**{"code": "A1", "fiscal_year": YEAR, "day": DAY, "reader": Reader.OFFICER} | more)


def step(year, key):
    return next(s for s in (*year.steps, *year.tasks) if s.key == key)


ORDER = [
    "result",
    "meaning",
    "memo",
    "plan",
    "survey",
    "filing",
    "confirmation",
    "clarification",
    "follow-up",
    "report",
]


# facts, the states of the steps in order, the key of the next task for the officer and for the executive
TABLE = [
    ("nothing known", {}, "now later later later later later later later later later", "result", None),
    (
        "a document was read",
        {"waiting_import": 7},
        "now later later later later later later later later later",
        "result",
        None,
    ),
    (
        "a document is being read",
        {"reading_import": 7},
        "waiting later later later later later later later later later",
        None,
        None,
    ),
    (
        "a document could not be read",
        {"failed_import": 7},
        "now later later later later later later later later later",
        "result",
        None,
    ),
    ("a result", {"result": RESULT}, "done done now now later later later later later later", "plan", None),
    (
        "a memo about the result waits for a signature",
        {"result": RESULT, "result_memo": memo_facts(MemoTurn.OTHER)},
        "done done waiting now later later later later later later",
        "plan",
        None,
    ),
    (
        "a memo about the result is signed",
        {"result": RESULT, "result_memo": memo_facts(MemoTurn.NOBODY, signed_on=DAY)},
        "done done done now later later later later later later",
        "plan",
        None,
    ),
    (
        "a plan begun",
        {"result": RESULT, "plan": PlanFacts(fiscal_year=YEAR, status="draft")},
        "done done now now later later later later later later",
        "plan",
        None,
    ),
    (
        "a plan submitted",
        {"result": RESULT, "plan": PlanFacts(fiscal_year=YEAR, status="submitted")},
        "done done now waiting later later later later later later",
        "memo",
        "plan",
    ),
    (
        "a first year, planned without a result",
        {"plan": replace(APPROVED, is_without_result=True)},
        "optional not-applicable not-applicable done later later later later later later",
        None,
        None,
    ),
    (
        "a first year whose result came after all",
        {"plan": replace(APPROVED, is_without_result=True), "result": RESULT},
        "done done optional done later later later later later later",
        None,
        None,
    ),
    (
        "a round began",
        {"result": RESULT, "plan": APPROVED, "rounds": (ROUND,)},
        "done done optional done now now later later later later",
        "survey",
        None,
    ),
    (
        "filed, not confirmed",
        {"result": RESULT, "plan": APPROVED, "rounds": (RoundFacts(fiscal_year=YEAR, **SURVEYED, **FILED),)},
        "done done optional done done done waiting later later later",
        None,
        "confirmation",
    ),
    (
        "confirmed",
        {"result": RESULT, "plan": APPROVED, "rounds": (CONFIRMED,)},
        "done done optional done done done done later later later",
        None,
        None,
    ),
    (
        "marks released",
        {"result": RESULT, "plan": APPROVED, "rounds": (replace(CONFIRMED, is_released=True, unanswered=2),)},
        "done done optional done done done done now later later",
        "clarification",
        None,
    ),
    (
        "clarified",
        {"result": RESULT, "plan": APPROVED, "rounds": (replace(CONFIRMED, is_released=True, clarified=2),)},
        "done done optional done done done done done later later",
        None,
        None,
    ),
    (
        "follow-ups overdue",
        {"result": RESULT, "plan": replace(APPROVED, overdue=2, next_due=DAY - datetime.timedelta(9))},
        "done done optional done later later later later now later",
        "follow-up",
        None,
    ),
    (
        "the round is over without a confirmation",
        {
            "plan": APPROVED,
            "result": RESULT,
            "rounds": (replace(ROUND, is_running=False, filing_closed="คะแนนของรอบนี้ปิดผนึกแล้ว"),),
        },
        "done done optional done done done not-applicable later later later",
        None,
        None,
    ),
    (
        "no survey is the agency's to collect",
        {"result": RESULT, "plan": APPROVED, "rounds": (RoundFacts(fiscal_year=YEAR, items=5, missing=5),)},
        "done done optional done not-applicable now later later later later",
        "filing",
        None,
    ),
    (
        "a link broke",
        {"result": RESULT, "plan": APPROVED, "rounds": (replace(CONFIRMED, broken_links=1),)},
        "done done optional done done now done later later later",
        "filing",
        None,
    ),
]


@pytest.mark.parametrize(
    ("known", "states", "officer", "executive"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_the_states_of_the_year(known, states, officer, executive):
    year = build_year(facts(**known))
    assert [s.key for s in year.steps] == ORDER
    assert " ".join(s.state for s in year.steps) == states
    assert (year.next.key if year.next else None) == officer
    read_by_executive = build_year(facts(reader=Reader.EXECUTIVE, **known))
    assert (read_by_executive.next.key if read_by_executive.next else None) == executive
    assert not build_year(facts(reader=Reader.OTHER, **known)).tasks
    for task in (*year.tasks, *read_by_executive.tasks):
        assert task.address
        assert task.action
    assert all(len(s.text) > 15 for s in year.steps)


_OFFICERS_WORK = re.compile(r"ร่าง|ใส่|กรอก|เตรียม|ยื่นข้อมูล|ชวน|^แก้|บันทึก|เปิดลิงก์|ชี้แจง|ต่อ$")
_OFFICERS_PAGES = {"upload_document", "import_document", "plan_edit", "plan_follow_ups", "oit_todo"}


@pytest.mark.parametrize("known", [row[1] for row in TABLE], ids=[r[0] for r in TABLE])
@pytest.mark.parametrize("reader", [Reader.EXECUTIVE, Reader.OTHER])
def test_nobody_but_the_officer_is_told_to_do_the_officers_work(known, reader):
    """Who approves and signs reads what happened and what awaits them, and no link that is closed to them."""
    year = build_year(facts(reader=reader, **known))
    for told in (*year.steps, *year.tasks):
        assert not _OFFICERS_WORK.search(told.action), told.action
        assert "คุณ" not in told.text
        assert told.address is None or told.address.view not in _OFFICERS_PAGES
        assert bool(told.address) == bool(told.action)


def test_a_step_that_waits_for_an_executive_says_when_there_is_none():
    """Whoever waits for somebody who has left learns who can help."""
    partly = replace(ROUND, missing=25, filing=Window(ends=DAY + datetime.timedelta(60)))
    waiting = {
        "plan": facts(plan=PlanFacts(fiscal_year=YEAR, status="submitted")),
        "confirmation": facts(rounds=(replace(ROUND, missing=0),)),
    }
    cases = [*waiting.items(), ("confirmation", facts(rounds=(partly,)))]
    for key, known in cases:
        whole, without = (_all_of(build_year(k)) for k in (known, replace(known, has_executive=False)))
        assert "ยังไม่มีผู้บริหารของหน่วยงานในระบบ" not in " ".join(whole.values()), key
        told = [name for name, text in without.items() if "ยังไม่มีผู้บริหารของหน่วยงานในระบบ แจ้งส่วนกลาง" in text]
        assert len(told) == 1, (key, told)


def _all_of(year):
    """The text of every step and task by its key."""
    return {s.key: s.text for s in (*year.steps, *year.tasks)}


def test_what_is_due_soon_comes_first_then_what_has_no_day_then_the_rest_by_its_day():
    soon, later = DAY + datetime.timedelta(10), DAY + datetime.timedelta(90)
    filing = replace(ROUND, survey=Window(ends=later), filing=Window(ends=soon))
    year = build_year(facts(rounds=(filing,)))
    assert [t.key for t in year.tasks] == ["filing", "result", "survey"]
    assert year.next.due == soon
    assert [t.key for t in build_year(facts(rounds=(ROUND,))).tasks] == ["result", "survey", "filing"]
    far = replace(ROUND, survey=Window(ends=later), filing=Window(ends=later - datetime.timedelta(1)))
    assert [t.key for t in build_year(facts(rounds=(far,))).tasks] == ["result", "filing", "survey"]


@pytest.mark.parametrize(
    ("days", "state"), [(None, State.WAITING), (8, State.WAITING), (7, State.NOW), (-1, State.NOW)]
)
def test_an_executive_is_asked_to_confirm_what_is_whole_or_what_there_is_in_the_last_days(days, state):
    ends = None if days is None else DAY + datetime.timedelta(days)
    partly = replace(ROUND, missing=25, filing=Window(ends=ends))
    told = step(build_year(facts(reader=Reader.EXECUTIVE, rounds=(partly,))), "confirmation")
    assert told.state is state
    assert "ยังไม่ยื่น 25 จาก 28 ข้อ" in told.text
    whole = step(build_year(facts(reader=Reader.EXECUTIVE, rounds=(replace(partly, missing=0),))), "confirmation")
    assert whole.state is State.NOW


@pytest.mark.parametrize(
    ("window", "state"),
    [
        (Window(), State.NOW),
        (Window(starts=DAY, ends=DAY), State.NOW),
        (Window(starts=DAY + datetime.timedelta(1)), State.LATER),
        (Window(ends=DAY - datetime.timedelta(1)), State.DONE),
    ],
)
def test_dates_come_from_the_phases_of_the_round(window, state):
    survey = step(build_year(facts(rounds=(replace(ROUND, survey=window),))), "survey")
    assert (survey.state, survey.due if state is State.NOW else None) == (
        state,
        window.ends if state is State.NOW else None,
    )


def test_the_next_thing_of_the_survey_is_one_thing():
    texts = []
    for more in ({}, {"without_population": 0}, {"without_population": 0, "without_channel": 0, "shortfall": 9}):
        texts.append(step(build_year(facts(rounds=(replace(ROUND, **more),))), "survey").action)
    assert texts == ["กรอกจำนวนคน", "เปิดช่องทางให้ตอบแบบวัด", "ชวนคนตอบเพิ่ม"]


def test_a_document_of_another_year_does_not_undo_the_result():
    year = build_year(facts(result=RESULT, plan=APPROVED, waiting_import=7))
    assert step(year, "result").state is State.DONE
    assert [t.key for t in year.tasks] == ["import"]
    assert year.next.address.args == ("A1", 7)


def test_an_executive_who_confirmed_too_little_is_told_what_is_missing():
    known = replace(CONFIRMED, missing=3)
    assert "ยังไม่ยื่น 3 ข้อ" in step(build_year(facts(rounds=(known,))), "confirmation").text


def test_nobody_is_sent_to_open_what_waits_for_the_office():
    known = replace(ROUND, without_population=0, without_channel=0, without_roll=2)
    survey = step(build_year(facts(rounds=(known,))), "survey")
    assert survey.state is State.WAITING
    assert "รอสำนักงานกลางตั้งบัญชี" in survey.text
    partly = replace(known, without_roll=1, shortfall=9)
    survey = step(build_year(facts(rounds=(partly,))), "survey")
    assert (survey.state, survey.action) == (State.NOW, "ชวนคนตอบเพิ่ม")
    assert "อีก 1 แบบวัดรอสำนักงานกลาง" in survey.text


def test_a_round_and_a_plan_of_another_year_are_not_forgotten():
    former = replace(ROUND, fiscal_year=YEAR - 1, surveys=0)
    other = PlanFacts(fiscal_year=YEAR - 1, status="returned")
    year = build_year(facts(result=RESULT, plan=APPROVED, rounds=(CONFIRMED, former), other_plans=(other,)))
    assert [t.key for t in year.tasks] == [f"filing-{YEAR - 1}", f"plan-{YEAR - 1}"]
    assert build_year(facts(rounds=(former,))).round_year == YEAR - 1
    assert build_year(facts()).round_year is None


@pytest.mark.parametrize("is_published", [True, False])
def test_the_result_is_read_on_one_page_published_or_not(is_published):
    year = build_year(facts(result=replace(RESULT, is_published=is_published)))
    for key, part in (("result", ""), ("meaning", "meaning")):
        address = step(year, key).address
        assert (address.view, address.args, address.part) == ("agency_result", ("A1", YEAR - 1), part)


def test_a_memo_to_sign_comes_first():
    for reader in (Reader.OFFICER, Reader.EXECUTIVE):
        year = build_year(facts(reader=reader, memos=(memo_facts(MemoTurn.READER),)))
        assert year.next.address.args == ("A1", 3)
        assert "เสนอแผน" in year.next.title
        assert "เสนอแผน" in year.next.action  # all that is listed of a task that is not the next


@pytest.mark.parametrize("reader", list(Reader))
@pytest.mark.parametrize("turn", list(MemoTurn))
@pytest.mark.parametrize("plan", [None, APPROVED])
def test_a_memo_asks_the_same_on_the_line_and_among_the_tasks(turn, reader, plan):
    """Whoever it waits for: no step says that nothing is to be done while the next task says what."""
    memo = memo_facts(turn, absent="นางสาวที่ย้ายไป" if turn is MemoTurn.ABSENT else "", by_hand=("นายก",))
    listed = (memo,) if turn in (MemoTurn.READER, MemoTurn.ABSENT) else ()
    year = build_year(facts(reader=reader, result=RESULT, plan=plan, result_memo=memo, memos=listed))
    shown = step(year, "memo")
    tasks = [task for task in year.tasks if task.address.view == "memo"]
    assert tasks == ([shown] if shown.state is State.NOW else [])
    may_act = turn is MemoTurn.READER or (reader is Reader.OFFICER and turn in (MemoTurn.ABSENT, MemoTurn.HAND))
    if turn is MemoTurn.NOBODY:
        assert shown.state is State.DONE
    elif turn is MemoTurn.HAND and plan:
        assert shown.state is State.WAITING  # who approved the plan has seen the result
    else:
        assert shown.state is (State.NOW if may_act else State.WAITING)


def test_a_register_confirmed_for_a_part_of_a_year_is_asked_for():
    register = RegisterFacts("gifts", "การรับของขวัญ", YEAR - 1, UNCONFIRMED)
    year = build_year(facts(result=RESULT, plan=APPROVED, registers=(register,)))
    assert year.next.address == Address("register", ("A1", YEAR - 1, "gifts"))
    assert "ให้ถึงสิ้นปี" in year.next.action
    assert not build_year(facts(reader=Reader.EXECUTIVE, result=RESULT, registers=(register,))).tasks


def test_the_state_of_a_step_in_words():
    def say(key, **known):
        return step(build_year(facts(**known)), key).state_th

    assert say("memo") == "ยังไม่ถึงขั้นนี้"
    assert say("memo", result=RESULT) == "ทำได้ตอนนี้"
    assert say("memo", result=RESULT, reader=Reader.EXECUTIVE) == "กำลังรอ"
    assert say("memo", result=RESULT, plan=APPROVED) == "ทำหรือไม่ทำก็ได้"
    assert say("memo", result=RESULT, result_memo=memo_facts(MemoTurn.OTHER)) == "กำลังรอ"
    assert say("plan", result=RESULT, plan=PlanFacts(fiscal_year=YEAR, status="submitted")) == "กำลังรอ"
    assert say("follow-up", result=RESULT, plan=APPROVED) == "ยังไม่ถึงกำหนด"


SIX, TWELVE = fiscal.last_day(YEAR, 6), fiscal.last_day(YEAR)


@pytest.mark.parametrize(
    ("day", "reports", "half", "state"),
    [
        (fiscal.first_day(YEAR, 5), {}, "six", State.LATER),
        (SIX, {}, "six", State.NOW),
        (fiscal.first_day(YEAR, 9), {}, "six", State.NOW),  # nobody wrote it
        (fiscal.first_day(YEAR, 7), {6: SIX}, "year", State.LATER),
        (TWELVE, {6: SIX}, "year", State.NOW),
        (TWELVE, {6: SIX, 12: TWELVE - SOON}, "year", State.DONE),
        (SIX, {6: fiscal.first_day(YEAR, 3)}, "six", State.NOW),  # long before the end of its months
        (TWELVE, {6: SIX, 12: SIX}, "year", State.NOW),
        (SIX, {12: SIX}, "six", State.NOW),
    ],
)
def test_each_of_the_two_reports_is_asked_for_until_it_is_written(day, reports, half, state):
    report = step(build_year(facts(day=day, plan=replace(APPROVED, reports=reports))), "report")
    assert (report.address.args[-1], report.state) == (half, state)


@pytest.mark.parametrize(
    ("day", "reports", "asked"),
    [
        (DAY, {}, True),
        (DAY, {12: DAY}, False),
        (DAY, {6: DAY}, True),
        (fiscal.first_day(YEAR, 7), {}, False),  # it was that year's; nobody is asked for ever
    ],
)
def test_the_report_of_a_year_that_is_over_is_asked_for_in_the_months_after_it(day, reports, asked):
    former = replace(APPROVED, fiscal_year=YEAR - 1, reports=reports)
    year = build_year(facts(day=day, result=RESULT, plan=APPROVED, rounds=(CONFIRMED,), last_plan=former))
    assert (f"report-{YEAR - 1}" in [t.key for t in year.tasks]) is asked


@pytest.mark.parametrize(
    ("year", "status", "task"),
    [
        (YEAR - 1, "draft", False),
        (YEAR - 1, "returned", True),
        (YEAR, "draft", True),
        (YEAR + 1, "draft", True),
    ],
)
def test_a_draft_of_a_year_that_is_over_is_nobodys_task(year, status, task):
    plan = PlanFacts(fiscal_year=year, status=status)
    given = {"plan": plan} if year == YEAR else {"plan": APPROVED, "other_plans": (plan,)}
    officer = build_year(facts(result=RESULT, **given))
    assert any(t.key.startswith("plan") for t in officer.tasks) is task


def test_a_plan_of_a_past_year_that_was_submitted_waits_for_the_executive():
    plan = PlanFacts(fiscal_year=YEAR - 1, status="submitted")
    year = build_year(facts(reader=Reader.EXECUTIVE, result=RESULT, other_plans=(plan,)))
    assert f"plan-{YEAR - 1}" in [t.key for t in year.tasks]


# --- the pages


@pytest.fixture
def on_day(monkeypatch):
    """Whatever day the tests run on, it lies in the fiscal year of the running round."""
    for module in ("prongsai.registry.queries", "prongsai.web.officer_facts", "prongsai.improvement.snapshot"):
        monkeypatch.setattr(f"{module}.today", lambda: DAY)


def test_the_desk_opens_with_the_year_of_today_and_the_next_thing(client, people, running_round, on_day):
    client.force_login(people["officer"])
    page = markup(client.get("/desk/"))
    assert f"ปีงบประมาณ {YEAR}" in page
    assert f"วันนี้ {fiscal.short_date(DAY)}" in page
    assert f"สิ่งที่ต้องทำต่อไป: ผลการประเมินปี {YEAR - 1}" in page
    assert page.count("สิ่งที่ต้องทำต่อไป") == 1
    assert [page.index(f">{name}") for name in ("ผลบอกอะไร", f"แผนยกระดับปี {YEAR}", "รายงานผลตามแผน")]


def test_of_several_agencies_the_one_with_the_nearest_task_comes_first(client, people, running_round, agencies, on_day):
    """The officer of two agencies: the one that the registry has second has days to file, the first is in no round."""
    from prongsai.registry.actions import appoint, set_phase_dates
    from prongsai.registry.queries import agencies_of

    appoint(user=people["officer"], agency=agencies[1], on=DAY - datetime.timedelta(9), by=people["office"])
    first, second = agencies_of(people["officer"])
    running_round.agencies.set([second])
    filing = running_round.phases.get(key="disclosure")
    set_phase_dates(phase=filing, starts=DAY, ends=DAY + datetime.timedelta(9), by=people["office"])
    client.force_login(people["officer"])
    page = markup(client.get("/desk/"))
    assert page.index(f">{second.name_th}") < page.index(f">{first.name_th}")
    assert page.count("สิ่งที่ต้องทำต่อไป") == 1
    assert page.count('class="steps year-steps"') == 1
    assert f'aria-label="ใส่ผลปีที่แล้ว {first.name_th}"' in page


def test_agencies_are_ordered_by_what_is_due():
    soon, later = DAY + datetime.timedelta(3), DAY + datetime.timedelta(90)

    def waiting(ends):
        window = Window(starts=DAY, ends=ends)
        known = replace(ROUND, survey=window, filing=window, missing=0)
        return build_year(facts(result=RESULT, plan=APPROVED, rounds=(known,)))

    nothing = build_year(facts(result=RESULT, plan=APPROVED, rounds=(CONFIRMED,)))
    memo = build_year(facts(result=RESULT, memos=(memo_facts(MemoTurn.READER),)))  # somebody waits today
    years = [nothing, waiting(later), memo, waiting(soon)]
    assert sorted(years, key=lambda year: year.urgency) == years[::-1]


def test_agencies_beyond_those_that_are_read_are_listed(client, people, running_round, agencies, on_day, monkeypatch):
    from prongsai.registry.actions import appoint
    from prongsai.registry.queries import agencies_of

    monkeypatch.setattr("prongsai.web.views.desk.MAX_AGENCIES", 1)
    appoint(user=people["officer"], agency=agencies[1], on=DAY - datetime.timedelta(9), by=people["office"])
    client.force_login(people["officer"])
    page = markup(client.get("/desk/"))
    first, second = agencies_of(people["officer"])
    assert f'id="agency-{first.code}"' in page
    assert f'id="agency-{second.code}"' not in page
    assert f'href="/desk/agency/{second.code}/"' in page


def test_without_a_round_the_desk_says_so_calmly(client, people, running_round, on_day):
    from prongsai.registry.actions import set_round_status

    set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    running_round.agencies.clear()
    client.force_login(people["officer"])
    page = markup(client.get("/desk/"))
    assert "ขณะนี้ไม่มีรอบการประเมินที่เปิดอยู่" in page
    assert "ตอนนี้ยังไม่ต้องทำอะไร" in page


@pytest.mark.parametrize(
    "view", ["survey_desk", "oit_desk", "plans", "papers_newest", "upload_document", "type_result"]
)
def test_the_next_task_is_the_same_on_every_page_of_the_desk(client, people, running_round, on_day, view):
    client.force_login(people["officer"])
    args = ["A1", YEAR] if view in ("survey_desk", "oit_desk") else ["A1"]
    page = markup(client.get(reverse(view, args=args), follow=True))
    assert "ใส่ผลปีที่แล้ว" in page
    assert "หน้านี้ใช้ทำอะไร" in page
    client.force_login(people["office"])
    assert "หน้านี้ใช้ทำอะไร" not in markup(client.get(reverse(view, args=args), follow=True))


def test_no_public_page_asks_for_the_year(client, people, published):
    client.force_login(people["officer"])
    assert "หน้านี้ใช้ทำอะไร" not in markup(client.get(f"/agency/A1/{YEAR}/"))


def test_the_executive_sees_what_waits_for_them(client, people, running_round, agencies, on_day):
    from prongsai.improvement import actions
    from prongsai.registry.models import Appointment
    from tests.improvement.plans import result

    result(agencies[0], YEAR - 1, default=70)
    plan = actions.start_plan(agency=agencies[0], result_year=YEAR - 1, by=people["officer"])
    actions.submit_plan(plan=plan, by=people["officer"])
    client.force_login(people["executive"])
    assert f"พิจารณาแผนยกระดับปี {YEAR}" in markup(client.get("/desk/"))
    client.force_login(people["officer"])
    assert f"พิจารณาแผนยกระดับปี {YEAR}" not in markup(client.get("/desk/"))
    assert "ยังไม่มีผู้บริหารของหน่วยงานในระบบ" not in markup(client.get("/desk/"))
    Appointment.objects.filter(user=people["executive"]).update(until=DAY)
    assert "ยังไม่มีผู้บริหารของหน่วยงานในระบบ" in markup(client.get("/desk/"))


@pytest.mark.parametrize(
    "address",
    [
        "/desk/",
        "/desk/agency/A1/",
        f"/desk/agency/A1/survey/{YEAR}/",
        f"/desk/agency/A1/oit/{YEAR}/",
        "/desk/agency/A1/plan/",
    ],
)
def test_the_queries_of_the_year_are_bounded(
    client, people, running_round, agencies, on_day, django_assert_max_num_queries, address
):
    from tests.improvement.plans import approved_plan

    approved_plan(agencies[0], people)
    client.force_login(people["officer"])
    client.get(address)
    with django_assert_max_num_queries(64):
        assert client.get(address).status_code == 200


def test_every_page_of_an_agencys_desk_says_what_it_is_for():
    def patterns(resolver, prefix=""):
        for entry in resolver.url_patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLPattern):
                yield route, entry
            else:
                yield from patterns(entry, route)

    papers = {
        "evidence",
        "snapshot",
        "page_picture",
        "paper_file",
        "memo_file",
        "papers_emblem",
        "papers_starter",
        "plan_xlsx",
        "memo_scan",
    }
    papers |= {
        "link_report",
        "plan_report_xlsx",
        "print_poster",
        "service_poster",
        "print_cards",
        "print_batch",
    }  # files, not pages
    posts = {"set_population", "open_channel", "close_channel", "send_reminders", "oit_confirm", "oit_remark"}
    posts |= {"set_roll", "appoint_printer", "withdraw_batch"}
    posts |= {"oit_replace_link", "oit_check", "oit_clarify", "plan_start", "plan_submit", "plan_withdraw"}
    posts |= {
        "plan_publish",
        "follow_up",
        "paper_issue",
        "memo_sign",
        "memo_redirect",
        "memo_number",
        "memo_signed",
        "memo_unsigned",
        "write_memo_files",
    }
    posts |= {"register_start", "register_submit", "register_withdraw", "register_decide", "register_publish"}
    papers |= {"offered_paper", "memo_files"}  # parts of pages
    posts |= {
        "publish_statistics",
        "publish_satisfaction",
        "open_consultation",
        "consultation_result",
        "complaint_picture",
        "item_page_file",
        "hide_version",
        "file_channels",
    }
    posts |= {"page_part_remove", "import_cutting"}
    papers |= {"blank_table", "section_download"}
    posts |= {f"complaint_{act}" for act in ("take", "write", "close", "transfer", "raise")}
    names = {entry.name for route, entry in patterns(get_resolver()) if route.startswith("desk/agency/")}
    assert names - papers - posts - {"enter_interview"} | {"desk", "notices", "library"} == set(PAGE_HELP)
    assert all(40 < len(text) < 160 for text in PAGE_HELP.values())


def test_the_year_of_another_assessment_has_its_own_addresses(client, people):
    from prongsai.people.models import User
    from prongsai.registry.actions import appoint
    from prongsai.registry.models import Agency, Assessment

    Assessment.objects.create(slug="uni", name_th="มหาวิทยาลัยทดสอบ")
    faculty = Agency(assessment_id="uni", code="F1", name_th="คณะทดสอบ", kind="university")
    faculty.save()
    officer = User.objects.create(email="f@example.test", name="คณะ", role="officer", assessment="uni")
    appoint(user=officer, agency=faculty, on=datetime.date(2020, 1, 1), by=people["office"])
    client.force_login(officer)
    page = client.get("/desk/", follow=True)
    assert page.redirect_chain[-1][0] == "/a/uni/desk/"
    assert 'href="/a/uni/desk/agency/F1/import/"' in markup(page)
    assert 'href="/a/uni/desk/agency/F1/import/"' in markup(client.get("/a/uni/desk/agency/F1/plan/"))


def test_what_is_late_says_so(client, people, running_round, monkeypatch):
    for module in ("prongsai.registry.queries", "prongsai.web.officer_facts", "prongsai.improvement.snapshot"):
        monkeypatch.setattr(f"{module}.today", lambda: DAY)
    late = build_year(facts(result=RESULT, plan=replace(APPROVED, overdue=1, next_due=DAY - datetime.timedelta(1))))
    monkeypatch.setattr("prongsai.web.officer_facts.build_year", lambda _facts: late)
    client.force_login(people["officer"])
    page = markup(client.get("/desk/"))
    assert f"เลยกำหนด {fiscal.short_date(late.next.due)}" in page
    assert f"ภายใน {fiscal.short_date(late.next.due)}" not in page


def test_a_plan_in_force_that_is_changed_in_the_next_year_still_has_its_report(agencies, people, on_day):
    from prongsai.improvement import actions
    from prongsai.web import officer_facts
    from tests.improvement.plans import approved_plan

    plan = approved_plan(agencies[0], people, year=YEAR - 1, follow=False)
    actions.add_measure(plan=plan, by=people["officer"], title="เพิ่ม")
    found = officer_facts.collect_facts(agencies[0], people["officer"])
    assert found.last_plan is not None
    assert found.last_plan.fiscal_year == YEAR - 1


def test_what_was_approved_or_issued_in_the_small_hours_has_the_date_of_thailand(agencies, monkeypatch):
    from prongsai.documents.models import Paper
    from prongsai.improvement.models import Plan
    from prongsai.web import officer_facts

    at = datetime.datetime.combine(DAY, datetime.time(22), tzinfo=datetime.UTC)  # five in the morning of the next day
    approval = type("Approval", (), {"at": at, "position": "ปลัด"})
    monkeypatch.setattr(officer_facts.plans, "latest_approval", lambda _plan: approval)
    monkeypatch.setattr(officer_facts, "build_snapshot", lambda _plan: None)
    monkeypatch.setattr(officer_facts, "track_progress", lambda _snapshot: ())
    for kind, year in (("half_year", YEAR), ("outcome", YEAR), ("year_end", YEAR - 1), ("summary", YEAR)):
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)
        Paper.objects.create(agency=agencies[0], kind=kind, fiscal_year=year, figures_read=0)
    facts = officer_facts._plan_facts(Plan(fiscal_year=YEAR, agency=agencies[0]))
    assert facts.approved_on == DAY + datetime.timedelta(1)
    assert facts.reports == dict.fromkeys((6, 12), DAY + datetime.timedelta(1))


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("plan/9999/measure/1/follow-up/", "plan/9999/measure/1/"),
        ("plan/9999/submit/", "plan/9999/"),
        ("memo/1/sign/", "memo/1/"),
        ("papers/9999/outcome/issue/", "papers/9999/"),
        ("survey/9999/heads/", "survey/9999/"),
        ("oit/9999/O1/clarify/", "oit/9999/O1/"),
        ("papers/style/", "papers/"),
        ("papers/emblem/", "papers/"),
    ],
)
def test_who_signs_in_again_comes_to_the_page_of_the_form(client, people, running_round, address, page):
    """A session that ended while a form was sent leads back to the form's own address, which shows nothing."""
    client.force_login(people["officer"])
    response = client.get(f"/desk/agency/A1/{address}", headers={"accept": "text/html,*/*;q=0.8"})
    assert (response.status_code, response.headers["Location"]) == (302, f"/desk/agency/A1/{page}")
    assert client.get(f"/desk/agency/A1/{address}", headers={"accept": "application/json"}).status_code == 405


def test_a_page_that_a_refused_form_shows_again_says_what_it_is_for(client, people, running_round):
    client.force_login(people["officer"])
    at = ["A1", running_round.fiscal_year]
    answer = client.post(reverse("set_population", args=at), {"people:IIT": "สิบ"})
    assert answer.status_code == 422
    assert PAGE_HELP["survey_desk"] in markup(answer)


def test_the_year_before_is_chosen_for_a_result_that_is_typed(client, people, running_round, monkeypatch):
    """The work of a year is made of the result of the year before, which is the one that the desk asks for."""
    monkeypatch.setattr("prongsai.results.views.today", lambda: DAY)
    client.force_login(people["officer"])
    page = client.get(reverse("type_result", args=["A1"])).content.decode()
    assert f'<option value="{YEAR - 1}" selected>' in page
    page = client.get(reverse("type_result", args=["A1"]), {"fiscal_year": YEAR - 2}).content.decode()
    assert f'<option value="{YEAR - 2}" selected>' in page  # what a file said of itself
