"""An agency's fiscal year as a line of steps, and the one thing to do next: facts in, steps out.

Knows no database and no clock. Addresses are the name of a view with its arguments."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from prongsai.lib import fiscal, thai

SOON = datetime.timedelta(days=30)  # a step due within it comes before those that are not
LAST_DAYS = datetime.timedelta(days=7)  # of filing: an executive has to decide on what there is
SIX_MONTHS = 6


class State(StrEnum):
    """What a step asks for: nothing more, work by the reader, work by somebody else, nothing yet, nothing that must be
    done, or nothing in this year."""

    DONE = "done"
    NOW = "now"
    WAITING = "waiting"
    LATER = "later"
    OPTIONAL = "optional"
    NOT_APPLICABLE = "not-applicable"


_STATE_TH = {
    State.DONE: "เสร็จแล้ว",
    State.NOW: "ทำได้ตอนนี้",
    State.WAITING: "กำลังรอ",
    State.LATER: "ยังไม่ถึงขั้นนี้",
    State.OPTIONAL: "ทำหรือไม่ทำก็ได้",
    State.NOT_APPLICABLE: "ไม่มีขั้นนี้",
}


class Reader(StrEnum):
    """For whom the year is told: who works on a step, who decides, and who only reads."""

    OFFICER = "officer"
    EXECUTIVE = "executive"
    OTHER = "other"


@dataclass(frozen=True)
class Address:
    """A page: the name of its view, its arguments, and what stands after #."""

    view: str
    args: tuple[str | int, ...]
    part: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the year. ``text``: why there is such a step, or what happened in it; ``action``: what its button
    says; ``due``: by when."""

    key: str
    title: str
    state: State
    text: str
    address: Address | None = None
    action: str = ""
    due: datetime.date | None = None

    @property
    def state_th(self) -> str:
        """The state in words. What can be opened already and has a day is not due."""
        return "ยังไม่ถึงกำหนด" if self.state is State.LATER and self.due and self.address else _STATE_TH[self.state]


@dataclass(frozen=True, kw_only=True)
class ResultFacts:
    """The result of the year before. ``shown`` and ``level`` as displayed; ``below`` of ``indicators`` are under the
    target."""

    shown: str = ""
    level: str = ""
    is_published: bool = False
    below: int = 0
    indicators: int = 0


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """A plan: its status (draft, submitted, returned, approved), its approval, and its follow-up."""

    fiscal_year: int
    status: str
    approved_on: datetime.date | None = None
    approved_by: str = ""  # a position
    measures: int = 0
    followed_up: int = 0  # measures with a follow-up
    overdue: int = 0
    next_due: datetime.date | None = None
    reports: Mapping[int, datetime.date] = field(default_factory=dict)  # months reported on -> day of the newest paper
    is_without_result: bool = False  # of an agency in its first year


@dataclass(frozen=True, kw_only=True)
class Window:
    """The days of a phase, both included. An end that nobody has set is None."""

    starts: datetime.date | None = None
    ends: datetime.date | None = None

    def is_before(self, day: datetime.date) -> bool:
        """Whether it is over by a day."""
        return self.ends is not None and self.ends < day

    def is_after(self, day: datetime.date) -> bool:
        """Whether it has not begun on a day."""
        return self.starts is not None and self.starts > day


@dataclass(frozen=True, kw_only=True)
class RoundFacts:
    """A round that an agency takes part in: its surveys, its filing and its marks."""

    fiscal_year: int
    is_running: bool = True
    survey: Window = Window()
    filing: Window = Window()
    clarification: Window = Window()
    surveys: int = 0  # that the agency collects
    without_population: int = 0
    without_channel: int = 0  # that the officer can open
    without_roll: int = 0  # no channel can be opened until the office fixes a roll
    received: int = 0
    shortfall: int = 0
    is_survey_sealed: bool = False
    items: int = 0
    missing: int = 0
    broken_links: int = 0
    channels_to_open: tuple[str, ...] = ()  # that items ask for, as what to do
    filing_closed: str = ""  # why nothing can be filed now
    confirmed_on: datetime.date | None = None
    is_released: bool = False
    unanswered: int = 0
    clarified: int = 0


class MemoTurn(StrEnum):
    """Whom a memo waits for."""

    READER = "reader"
    OTHER = "other"  # who signs on screen
    ABSENT = "absent"  # who was to sign on screen and acts for the agency no longer
    HAND = "hand"  # who signs on paper
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class MemoFacts:
    """A memo and whom it waits for: ``position`` is that of the next signatory on screen, ``absent`` the name of one
    who has left, ``by_hand`` are the positions still to sign on paper. ``signed_on`` is the last day of a signature."""

    memo: int
    name: str
    fiscal_year: int
    written_on: datetime.date
    turn: MemoTurn
    position: str = ""
    absent: str = ""
    by_hand: tuple[str, ...] = ()
    signed_on: datetime.date | None = None


UNCONFIRMED = "unconfirmed"  # it says that there was nothing, and not for the whole of a year that is over


@dataclass(frozen=True)
class RegisterFacts:
    """A register that waits for somebody: submitted, returned, or ``UNCONFIRMED``."""

    key: str
    name: str
    fiscal_year: int
    status: str


@dataclass(frozen=True, kw_only=True)
class YearFacts:
    """All that is known of an agency's fiscal year on a day."""

    code: str
    fiscal_year: int
    day: datetime.date
    reader: Reader
    result: ResultFacts | None = None
    waiting_import: int | None = None  # a document that was read and waits for its officer
    reading_import: int | None = None  # a document that is being read
    failed_import: int | None = None  # the newest document, where it could not be read
    plan: PlanFacts | None = None
    other_plans: tuple[PlanFacts, ...] = ()  # of other years, not approved yet
    last_plan: PlanFacts | None = None  # of the year before, with an approval in force
    rounds: tuple[RoundFacts, ...] = ()  # running, and that of the year; newest first
    memos: tuple[MemoFacts, ...] = ()  # that wait on screen, and the result's; newest first
    result_memo: MemoFacts | None = None  # the newest about last year's result
    registers: tuple[RegisterFacts, ...] = ()
    has_executive: bool = True  # whether anybody acts for the agency who could decide


@dataclass(frozen=True)
class OfficerYear:
    """The year of an agency: its steps, all that the reader can do now, most urgent first, and whether a round runs."""

    fiscal_year: int
    day: datetime.date
    steps: tuple[Step, ...]
    tasks: tuple[Step, ...]
    round_year: int | None

    @property
    def next(self) -> Step | None:
        return self.tasks[0] if self.tasks else None

    @property
    def urgency(self) -> tuple[int, datetime.date]:
        """Orders agencies of one person by their next tasks, as tasks are ordered within one; then those without."""
        return _place(self.next, self.day) if self.next is not None else (3, self.day)


def build_year(facts: YearFacts) -> OfficerYear:
    """The year as a line of steps. Among the tasks what is due within SOON comes first, then what has no day, on which
    the rest of the year is built, then the others by their day."""
    main = _main_round(facts)
    memo = _result_memo_step(facts)
    steps = (
        _result_step(facts),
        _meaning_step(facts),
        memo,
        _plan_step(facts, facts.plan, facts.fiscal_year),
        *_round_steps(facts, main),
        _follow_up_step(facts),
        _report_step(facts),
    )
    others = [s for r in facts.rounds if r is not main and r.is_running for s in _round_steps(facts, r)]
    others += [_plan_step(facts, plan, plan.fiscal_year) for plan in facts.other_plans]
    if facts.result is not None and facts.waiting_import is not None:
        others.append(_waiting_import_step(facts, facts.waiting_import, "import", "เอกสารผลที่นำเข้าไว้"))
    if facts.last_plan is not None:
        others.append(_last_report_step(facts, facts.last_plan))
    is_main = facts.result_memo.memo if facts.result_memo is not None else None
    signing = [_memo_step(facts, m) for m in facts.memos if m.memo != is_main]
    is_urgent = facts.result_memo is not None and facts.result_memo.turn is not MemoTurn.HAND
    signing += [memo] if is_urgent else []
    # the plan takes longer and is begun before the memo
    waits = [] if is_urgent else [memo]
    tasks = [*signing, *_register_tasks(facts), *(s for s in steps if s is not memo), *waits, *others]
    return OfficerYear(
        facts.fiscal_year,
        facts.day,
        steps,
        tuple(_in_order(tasks, facts.day)),
        main.fiscal_year if main is not None and main.is_running else None,
    )


def _main_round(facts: YearFacts) -> RoundFacts | None:
    """The round of the year; where there is none, the newest that runs."""
    return next((r for r in facts.rounds if r.fiscal_year == facts.fiscal_year), next(iter(facts.rounds), None))


def _place(task: Step, day: datetime.date) -> tuple[int, datetime.date]:
    """Where a task stands among those of a day: what is due soon, what has no day, what is due later."""
    if task.due is None:
        return 1, day
    return (0 if task.due <= day + SOON else 2), task.due


def _in_order(steps: Iterable[Step], day: datetime.date) -> Sequence[Step]:
    return sorted((s for s in steps if s.state is State.NOW), key=lambda task: _place(task, day))


def _memo_step(facts: YearFacts, memo: MemoFacts) -> Step:
    """What a memo asks of the reader: on the line of the year and among the tasks."""
    name = f"{memo.name} ปี {memo.fiscal_year}"
    page = Address("memo", (facts.code, memo.memo))
    written = f"เขียนบันทึกข้อความเมื่อ {fiscal.short_date(memo.written_on)}"
    step = Step(f"memo-{memo.memo}", f"บันทึกข้อความ {name}", State.WAITING, written, page, f"อ่าน {name}")
    match memo.turn:
        case MemoTurn.READER:
            text = f"{written} รอท่านลงนามในฐานะ {memo.position} อ่านแล้วลงความเห็นได้บนหน้าจอ"
            return replace(step, title=f"ลงนาม{step.title}", state=State.NOW, text=text, action=f"อ่านและลงนาม {name}")
        case MemoTurn.OTHER:
            return replace(step, text=f"{written} รอ{memo.position}ลงนาม")
        case MemoTurn.ABSENT:
            text = f"{written} รอ {memo.absent} ลงนาม แต่ไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว "
            text += _say(facts, "เลือกผู้ลงนามคนใหม่หรือให้ลงนามด้วยมือ", "รอเจ้าหน้าที่เลือกผู้ลงนามคนใหม่")
            action = _say(facts, f"เลือกผู้ลงนาม {name}", step.action)
            title = _say(facts, f"เลือกผู้ลงนาม{step.title}", step.title)
            return replace(step, title=title, state=_for_officer(facts), text=text, action=action)
        case MemoTurn.HAND:
            text = f"{written} รอลงนามด้วยมือ: {', '.join(memo.by_hand)}"
            text += _say(facts, " เมื่อได้คืนมาแล้วบันทึกวันที่ลงนาม", "")
            action = _say(facts, f"บันทึกว่าลงนามแล้ว {name}", step.action)
            return replace(
                step, state=_for_officer(facts), text=text, action=action, address=replace(page, part="signed")
            )
        case MemoTurn.NOBODY:
            signed = f" ลงนามครบเมื่อ {fiscal.short_date(memo.signed_on)}" if memo.signed_on else ""
            return replace(step, state=State.DONE, text=f"{written}{signed}")


def _register_tasks(facts: YearFacts) -> list[Step]:
    tasks = []
    for register in facts.registers:
        page = Address("register", (facts.code, register.fiscal_year, register.key))
        name = thai.spaced(f"{register.name}ปี {register.fiscal_year}")
        if register.status == "submitted":
            text = "เจ้าหน้าที่เสนอแล้ว รอผู้บริหารอ่านและพิจารณา จากนั้นจึงออกเอกสารและเผยแพร่ได้"
            state, action = _for_executive(facts), _say(facts, f"ดู{name}ที่เสนอ", f"พิจารณา{name}")
        elif register.status == UNCONFIRMED:
            text = "ยืนยันว่าไม่มีไว้เพียงบางช่วงของปีที่สิ้นสุดแล้ว ตรวจสอบช่วงที่เหลือ แล้วยืนยันต่อหรือกรอกรายการ"
            state, action = _for_officer(facts), _say(facts, f"ยืนยัน{name}ให้ถึงสิ้นปี", f"ดู{name}")
        else:
            text = _say(
                facts,
                "ผู้บริหารส่งกลับให้แก้ อ่านความเห็นในหน้าทะเบียน แก้แล้วเสนออีกครั้ง",
                "ผู้บริหารส่งกลับแล้ว รอเจ้าหน้าที่แก้และเสนออีกครั้ง",
            )
            state, action = _for_officer(facts), _say(facts, f"แก้{name}", f"ดู{name}")
        tasks.append(Step(f"register-{register.key}-{register.fiscal_year}", name, state, text, page, action))
    return tasks


def _for_officer(facts: YearFacts) -> State:
    """The state of a step that waits for the officer."""
    return State.NOW if facts.reader is Reader.OFFICER else State.WAITING


def _say(facts: YearFacts, officer: str, other: str) -> str:
    """What the officer is told about own work, and what everybody else is told about it."""
    return officer if facts.reader is Reader.OFFICER else other


def _for_executive(facts: YearFacts) -> State:
    return State.NOW if facts.reader is Reader.EXECUTIVE else State.WAITING


def _note_absence(facts: YearFacts, text: str) -> str:
    """What is said of a step that only an executive can take: also that there is none, and who puts that right."""
    return text if facts.has_executive else f"{text} แต่ยังไม่มีผู้บริหารของหน่วยงานในระบบ แจ้งส่วนกลางให้มอบหน้าที่"


# --- last year's result, and what it means


def _is_first_year(facts: YearFacts) -> bool:
    """Whether the plan of the year was made without a result, and there is none yet."""
    return facts.result is None and facts.plan is not None and facts.plan.is_without_result


def _result_step(facts: YearFacts) -> Step:
    year, result = facts.fiscal_year - 1, facts.result
    title = f"ผลการประเมินปี {year}"
    if facts.reader is not Reader.OFFICER and result is None:
        text = (
            f"เจ้าหน้าที่ยังไม่ได้นำผลปี {year} เข้าระบบ หากเป็นปีแรกของหน่วยงาน เริ่มจากการเปิดเผยข้อมูลและแบบวัดของปีนี้"
            if facts.waiting_import is None
            else "เจ้าหน้าที่นำเอกสารผลเข้าระบบแล้ว อยู่ระหว่างเทียบตัวเลขกับเอกสารก่อนยืนยัน"
        )
        return Step("result", title, State.WAITING, text)
    if result is None and facts.waiting_import is not None:
        return _waiting_import_step(facts, facts.waiting_import, "result", title)
    if _is_first_year(facts) and facts.reading_import is None and facts.failed_import is None:
        text = f"ปีแรกของหน่วยงาน ทำแผนไว้แล้วโดยยังไม่มีผลปี {year} หากได้รับผลภายหลัง ใส่แล้วรับข้อค้นพบเข้าแผนได้"
        return Step("result", title, State.OPTIONAL, text, Address("upload_document", (facts.code,)), "ใส่ผลปีที่แล้ว")
    if result is None and facts.reading_import is not None:
        text = "ระบบกำลังอ่านเอกสารที่ส่งมา งานเดินต่อเอง เมื่ออ่านเสร็จขั้นนี้จะให้ตรวจตัวเลข"
        address = Address("import_document", (facts.code, facts.reading_import))
        return Step("result", title, State.WAITING, text, address, "ดูว่าอ่านถึงไหน")
    if result is None and facts.failed_import is not None:
        text = "เอกสารล่าสุดอ่านไม่ได้ เปิดดูเหตุ แล้วใส่ไฟล์อื่นหรือพิมพ์คะแนนเอง"
        address = Address("import_document", (facts.code, facts.failed_import))
        return Step("result", title, _for_officer(facts), text, address, "ดูเหตุที่อ่านไม่ได้")
    if result is None:
        text = (
            f"ทุกอย่างของปีนี้เริ่มจากผลปี {year} นำเข้าไฟล์ที่ได้รับ หรือพิมพ์คะแนนเอง "
            "หากเป็นปีแรกของหน่วยงานข้ามไปก่อนได้ แผนร่างได้จากตัวชี้วัดโดยยังไม่มีผล ที่หน้าแผนยกระดับ"
        )
        return Step("result", title, _for_officer(facts), text, Address("upload_document", (facts.code,)), "ใส่ผลปีที่แล้ว")
    scored = f"คะแนนรวม {result.shown or '–'} {result.level}".strip()
    state = "เผยแพร่แล้ว" if result.is_published else "บันทึกแล้ว รอส่วนกลางเผยแพร่ ระหว่างนี้ใช้ทำแผนได้"
    return Step("result", title, State.DONE, f"{scored} {state}", Address("agency_result", (facts.code, year)), "ดูผล")


def _waiting_import_step(facts: YearFacts, waiting: int, key: str, title: str) -> Step:
    text = "ระบบอ่านเอกสารแล้ว เหลือให้คุณเทียบตัวเลขกับเอกสารและกดยืนยัน ยังไม่มีอะไรถูกบันทึกจนกว่าจะยืนยัน"
    address = Address("import_document", (facts.code, waiting))
    return Step(key, title, _for_officer(facts), text, address, "ตรวจตัวเลขและยืนยัน")


def _meaning_step(facts: YearFacts) -> Step:
    result = facts.result
    if _is_first_year(facts):
        text = "ปีแรกของหน่วยงาน ยังไม่มีผลให้อ่าน แผนร่างจากตัวชี้วัดทุกตัว"
        return Step("meaning", "ผลบอกอะไร", State.NOT_APPLICABLE, text)
    if result is None:
        text = "เมื่อมีผลแล้ว ระบบบอกว่าตัวชี้วัดใดถึงเป้าหมาย ตัวใดไม่ถึง และควรแก้อะไรก่อน ไม่ต้องคำนวณเอง"
        return Step("meaning", "ผลบอกอะไร", State.LATER, text)
    if not result.indicators:
        text = "ผลนี้ไม่มีคะแนนรายตัวชี้วัด จึงยังบอกไม่ได้ว่าควรแก้เรื่องใดก่อน ถ้ามีประกาศรายตัวชี้วัดให้พิมพ์เพิ่ม"
    elif result.below:
        text = f"ต่ำกว่าค่าเป้าหมาย {result.below} จาก {result.indicators} ตัวชี้วัด"
    else:
        text = "ทุกตัวชี้วัดที่มีคะแนนถึงค่าเป้าหมาย"
    page = Address("agency_result", (facts.code, facts.fiscal_year - 1), "meaning")
    return Step("meaning", "ผลบอกอะไร", State.DONE, text, page, "อ่านจุดแข็งและจุดที่ต้องพัฒนา")


def _result_memo_step(facts: YearFacts) -> Step:
    """The memo that puts the result before the executive. It is asked for until the plan is approved: an executive who
    approved a plan on the result has seen it."""
    title, year = "เสนอผลต่อผู้บริหาร", facts.fiscal_year - 1
    has_approved_plan = facts.plan is not None and facts.plan.status == "approved"
    if facts.result_memo is not None:
        step = replace(_memo_step(facts, facts.result_memo), key="memo", title=title)
        is_asked = not (has_approved_plan and facts.result_memo.turn is MemoTurn.HAND)
        return step if is_asked else replace(step, state=State.WAITING)
    if _is_first_year(facts):
        text = "ปีแรกของหน่วยงาน ยังไม่มีผลให้เสนอ ผู้บริหารพิจารณาที่แผน"
        return Step("memo", title, State.NOT_APPLICABLE, text)
    text = "ระบบเขียนบันทึกข้อความรายงานผลให้จากตัวเลขที่มี เสนอตามลำดับตำแหน่ง ลงนามบนหน้าจอหรือพิมพ์ไปลงนามด้วยมือ"
    if facts.result is None:
        return Step("memo", title, State.LATER, text)
    if facts.reader is not Reader.OFFICER:
        return Step("memo", title, State.OPTIONAL if has_approved_plan else State.WAITING, f"{text} เจ้าหน้าที่ยังไม่ได้เขียน")
    page = Address("write_memo", (facts.code, year))
    if has_approved_plan:
        text = f"ผู้บริหารอนุมัติแผนจากผลนี้แล้ว จะเสนอผลเป็นบันทึกข้อความด้วยก็ได้ {text}"
    state = State.OPTIONAL if has_approved_plan else State.NOW
    return Step("memo", title, state, text, page, "เขียนบันทึกข้อความเสนอผล")


# --- the plan


def _plan_step(facts: YearFacts, plan: PlanFacts | None, year: int) -> Step:
    title = f"แผนยกระดับปี {year}"
    key = "plan" if year == facts.fiscal_year else f"plan-{year}"
    if plan is None:
        if facts.result is None:
            text = _say(
                facts,
                "แผนทำจากผลของปีที่แล้ว ระบบร่างให้ครบทุกตัวชี้วัด หน่วยงานปีแรกที่ไม่มีผลเริ่มแผนจากหน้าแผนได้เลย",
                "แผนจัดทำจากผลของปีที่แล้ว เมื่อเจ้าหน้าที่เสนอแล้ว ผู้บริหารอ่านและพิจารณาอนุมัติ",
            )
            address = Address("plans", (facts.code,)) if facts.reader is Reader.OFFICER else None
            return Step(key, title, State.LATER, text, address, "เปิดหน้าแผน" if address else "")
        text = _say(
            facts,
            "ระบบร่างแผนให้ครบทุกตัวชี้วัดจากผลที่มี อ่านแล้วแก้ให้ตรงกับหน่วยงาน จากนั้นเสนอผู้บริหาร",
            "เจ้าหน้าที่ยังไม่ได้จัดทำแผน เมื่อเสนอแล้ว ผู้บริหารอ่านและพิจารณาอนุมัติที่นี่",
        )
        action = _say(facts, f"ร่างแผนปี {year}", "ดูแผนของปีที่ผ่านมา")
        return Step(key, title, _for_officer(facts), text, Address("plans", (facts.code,)), action)
    at = (facts.code, year)
    if plan.status == "submitted":
        is_executive = facts.reader is Reader.EXECUTIVE
        text = (
            "เจ้าหน้าที่เสนอแผนแล้ว รอท่านอ่าน แล้วอนุมัติหรือส่งกลับให้แก้ เมื่อตัดสินใจแล้วระบบแจ้งเจ้าหน้าที่"
            if is_executive
            else "เจ้าหน้าที่เสนอแผนแล้ว รอผู้บริหารอ่านและพิจารณา เมื่อตัดสินใจแล้วระบบแจ้งเจ้าหน้าที่"
        )
        view = "plan_decide" if is_executive else "plan"
        action = f"พิจารณาแผนยกระดับปี {year}" if is_executive else "ดูแผนที่เสนอ"
        return Step(key, title, _for_executive(facts), _note_absence(facts, text), Address(view, at), action)
    if plan.status == "approved":
        signed = f"อนุมัติเมื่อ {fiscal.short_date(plan.approved_on)}" if plan.approved_on else "อนุมัติแล้ว"
        text = f"{signed} โดย {plan.approved_by}" if plan.approved_by else signed
        return Step(key, title, State.DONE, text, Address("plan", at), "ดูแผน")
    if facts.reader is not Reader.OFFICER:
        text = (
            "ผู้บริหารส่งแผนกลับแล้ว รอเจ้าหน้าที่แก้และเสนออีกครั้ง"
            if plan.status == "returned"
            else "เจ้าหน้าที่กำลังจัดทำแผน เมื่อเสนอแล้ว ผู้บริหารอ่านและพิจารณาอนุมัติ"
        )
        return Step(key, title, State.WAITING, text, Address("plan", at), "ดูแผนที่กำลังจัดทำ")
    text = (
        "ผู้บริหารส่งแผนกลับให้แก้ อ่านความเห็นในหน้าแผน แก้แล้วเสนออีกครั้ง"
        if plan.status == "returned"
        else "ร่างแผนไว้แล้วแต่ยังไม่ได้เสนอ ตรวจให้ครบทุกช่องแล้วเสนอผู้บริหาร"
    )
    is_over = year < facts.fiscal_year and plan.status == "draft"  # nobody waits for it
    state = State.LATER if is_over else _for_officer(facts)
    return Step(key, title, state, text, Address("plan_edit", at), f"ทำแผนยกระดับปี {year} ต่อ")


# --- the round

_WITHOUT_ROUND = (
    (
        "survey",
        "แบบวัดความเห็น",
        "ส่วนกลางยังไม่เปิดรอบให้หน่วยงานนี้ ตอนนี้ยังไม่ต้องทำอะไร เมื่อเปิดแล้วกรอกจำนวนคนและส่งลิงก์ให้คนตอบ",
    ),
    ("filing", "การเปิดเผยข้อมูล", "ใส่ลิงก์ไปยังหน้าเว็บของหน่วยงานทีละข้อตามรายการของปี เริ่มได้เมื่อส่วนกลางเปิดรอบ"),
    ("confirmation", "ผู้บริหารยืนยัน", "เมื่อยื่นครบ ผู้บริหารอ่านและยืนยันทั้งชุด ผู้ประเมินจึงเริ่มตรวจได้"),
    ("clarification", "ชี้แจงผลตรวจ", "ข้อที่คะแนนไม่เต็มชี้แจงเพิ่มได้หลังผู้ประเมินตรวจเสร็จ ผู้ประเมินอีกคนเป็นผู้ชี้ขาด"),
)


def _round_steps(facts: YearFacts, assessed: RoundFacts | None) -> tuple[Step, ...]:
    """The surveys, the filing, the confirmation and the clarification of a round."""
    if assessed is None:
        return tuple(Step(key, title, State.LATER, text) for key, title, text in _WITHOUT_ROUND)
    return (
        _survey_step(facts, assessed),
        _filing_step(facts, assessed),
        _confirmation_step(facts, assessed),
        _clarification_step(facts, assessed),
    )


def _key(facts: YearFacts, assessed: RoundFacts, key: str) -> str:
    return key if assessed is _main_round(facts) else f"{key}-{assessed.fiscal_year}"


def _survey_step(facts: YearFacts, assessed: RoundFacts) -> Step:
    year, window = assessed.fiscal_year, assessed.survey
    key, title = _key(facts, assessed, "survey"), f"แบบวัดความเห็นปี {year}"
    page = Address("survey_desk", (facts.code, year))
    if not assessed.surveys:
        return Step(key, title, State.NOT_APPLICABLE, "รอบนี้ไม่มีแบบวัดที่หน่วยงานเป็นผู้เก็บ จึงไม่ต้องทำขั้นนี้")
    answers = f"ได้คำตอบ {assessed.received:,} ชุด"
    is_over = assessed.is_survey_sealed or not assessed.is_running or window.is_before(facts.day)
    unfinished = assessed.without_population or assessed.without_channel or assessed.without_roll or assessed.shortfall
    if is_over or not unfinished:
        text = f"{answers} ปิดรับแล้ว" if is_over else f"{answers} ถึงขั้นต่ำทุกแบบวัดแล้ว"
        return Step(key, title, State.DONE, text, page, "ดูแบบวัด")
    if window.is_after(facts.day) and window.starts:
        text = f"เปิดเก็บ {fiscal.short_date(window.starts)} เตรียมจำนวนบุคลากรและผู้มาติดต่อไว้ได้ก่อน"
        return Step(key, title, State.LATER, text, page, _say(facts, "เตรียมจำนวนคน", "ดูแบบวัด"), window.ends)
    if assessed.without_population:
        text = f"ยังไม่ได้กรอกจำนวนคน {assessed.without_population} แบบวัด"
        text += _say(facts, " เมื่อกรอกแล้วระบบบอกว่าต้องได้คำตอบอย่างน้อยกี่ชุด", " อยู่ระหว่างที่เจ้าหน้าที่รวบรวม")
        action = "กรอกจำนวนคน"
    elif assessed.without_channel:
        text = f"ยังไม่ได้เปิดช่องทางให้ตอบ {assessed.without_channel} แบบวัด"
        text += _say(facts, " เปิดแล้วส่งให้คนตอบได้ทันที", " เจ้าหน้าที่เปิดแล้วจึงเริ่มเก็บคำตอบได้")
        action = "เปิดช่องทางให้ตอบแบบวัด"
    elif assessed.without_roll == assessed.surveys:
        text = "รอสำนักงานกลางตั้งบัญชีจำนวนคนและออกคำเชิญ ที่ติดต่อสำนักงานกลางอยู่ในหน้าแบบวัด"
        return Step(key, title, State.WAITING, text, page, "ดูแบบวัด", window.ends)
    else:
        text = f"{answers} ยังขาดอีก {assessed.shortfall:,} ชุดจึงถึงขั้นต่ำ"
        text += _say(facts, " ชวนเพิ่มด้วยช่องทางที่เปิดไว้ในหน้าแบบวัด", "")
        if assessed.without_roll:
            text += f" อีก {assessed.without_roll} แบบวัดรอสำนักงานกลางตั้งบัญชีจำนวนคน"
        action = "ชวนคนตอบเพิ่ม"
    action = _say(facts, action, "ดูแบบวัด")
    return Step(key, title, _for_officer(facts), text, page, action, window.ends)


def _filing_step(facts: YearFacts, assessed: RoundFacts) -> Step:
    year, window = assessed.fiscal_year, assessed.filing
    key, title = _key(facts, assessed, "filing"), f"การเปิดเผยข้อมูลปี {year}"
    page = Address("oit_desk", (facts.code, year))
    filed = f"ยื่นแล้ว {assessed.items - assessed.missing} จาก {assessed.items} ข้อ"
    is_open = not assessed.filing_closed and not window.is_after(facts.day)
    if assessed.broken_links and assessed.is_running and not (assessed.missing and is_open):
        text = f"มีลิงก์ที่ประชาชนเปิดไม่ได้ {assessed.broken_links} ลิงก์"
        text += _say(facts, " แก้ที่เว็บไซต์หรือเปลี่ยนลิงก์ให้ถูก", " รอเจ้าหน้าที่แก้")
        address = Address("oit_todo", (facts.code, year)) if facts.reader is Reader.OFFICER else page
        action = _say(facts, f"แก้ลิงก์ที่เสีย {assessed.broken_links} ลิงก์", "ดูรายการที่ยื่น")
        return Step(key, title, _for_officer(facts), text, address, action, window.ends)
    if not assessed.missing:
        return Step(key, title, State.DONE, f"{filed} ครบแล้ว", page, "ดูรายการที่ยื่น")
    if window.is_after(facts.day) and window.starts:
        text = f"เปิดให้ยื่น {fiscal.short_date(window.starts)} ระหว่างนี้ตรวจเว็บไซต์ของหน่วยงานให้มีข้อมูลครบไว้ก่อน"
        return Step(key, title, State.LATER, text, page, "ดูรายการที่ต้องยื่น", window.ends)
    if assessed.filing_closed:
        return Step(key, title, State.DONE, f"{filed} {assessed.filing_closed}", page, "ดูรายการที่ยื่น")
    text = f"ยังไม่ยื่น {assessed.missing} จาก {assessed.items} ข้อ"
    text += _say(facts, " แต่ละข้อใส่ลิงก์ไปยังหน้าเว็บของหน่วยงานที่มีข้อมูลนั้น", " เจ้าหน้าที่กำลังรวบรวม")
    if assessed.channels_to_open:
        text += _say(facts, f" บางข้อเสร็จได้โดย{' และ'.join(assessed.channels_to_open)}ในระบบนี้", "")
    if assessed.broken_links:
        text = f"{text} และมีลิงก์ที่เปิดไม่ได้ {assessed.broken_links} ลิงก์ต้องแก้"
    action = _say(facts, f"ยื่นข้อมูลเปิดเผยปี {year}", "ดูรายการที่ยื่น")
    return Step(key, title, _for_officer(facts), text, page, action, window.ends)


def _confirmation_step(facts: YearFacts, assessed: RoundFacts) -> Step:
    year = assessed.fiscal_year
    key, title = _key(facts, assessed, "confirmation"), f"ผู้บริหารยืนยันปี {year}"
    page = Address("oit_desk", (facts.code, year), "confirm")
    if assessed.confirmed_on is not None:
        text = f"ผู้บริหารยืนยันเมื่อ {fiscal.short_date(assessed.confirmed_on)}"
        if assessed.missing and not assessed.filing_closed:
            text += f" ขณะนี้ยังไม่ยื่น {assessed.missing} ข้อ เมื่อยื่นเพิ่มแล้วต้องยืนยันอีกครั้ง"
        return Step(key, title, State.DONE, text, Address("oit_desk", (facts.code, year)), "ดูรายการที่ยืนยัน")
    if assessed.filing_closed or not assessed.is_running:
        text = "ช่วงยื่นข้อมูลปิดแล้วโดยยังไม่มีการยืนยัน ผู้ประเมินดูตามที่ยื่นไว้"
        return Step(key, title, State.NOT_APPLICABLE, text)
    if assessed.missing == assessed.items:
        text = "เมื่อเจ้าหน้าที่ยื่นข้อมูลแล้ว ผู้บริหารอ่านและยืนยันทั้งชุด ผู้ประเมินจึงเริ่มตรวจได้"
        return Step(key, title, State.LATER, text, due=assessed.filing.ends)
    ends = assessed.filing.ends
    is_last = ends is not None and ends <= facts.day + LAST_DAYS
    if assessed.missing and not is_last:
        text = f"ยังไม่ยื่น {assessed.missing} จาก {assessed.items} ข้อ รอเจ้าหน้าที่ยื่นให้ครบก่อนจึงอ่านและยืนยัน"
        state = State.LATER if facts.reader is Reader.OFFICER else State.WAITING
        return Step(key, title, state, _note_absence(facts, text), page, "ดูรายการที่ยื่น", ends)
    text = (
        f"ใกล้ปิดรับแล้วแต่ยังไม่ยื่น {assessed.missing} จาก {assessed.items} ข้อ ถ้ายืนยัน ผู้ประเมินตรวจเท่าที่ยื่นไว้"
        if assessed.missing
        else "ยื่นครบแล้ว รอผู้บริหารอ่านและยืนยันทั้งชุด ผู้ประเมินจึงเริ่มตรวจได้"
    )
    action = "ตรวจและยืนยันข้อมูลเปิดเผย" if facts.reader is Reader.EXECUTIVE else "ดูรายการที่ยื่น"
    return Step(key, title, _for_executive(facts), _note_absence(facts, text), page, action, ends)


def _clarification_step(facts: YearFacts, assessed: RoundFacts) -> Step:
    year = assessed.fiscal_year
    key, title = _key(facts, assessed, "clarification"), f"ชี้แจงผลตรวจปี {year}"
    page = Address("oit_desk", (facts.code, year))
    if not assessed.is_released:
        text = "เมื่อผู้ประเมินตรวจเสร็จ ข้อที่คะแนนไม่เต็มชี้แจงเพิ่มได้ ผู้ประเมินอีกคนเป็นผู้ชี้ขาด"
        return Step(key, title, State.LATER, text, due=assessed.clarification.ends)
    if assessed.unanswered:
        text = f"คะแนนไม่เต็ม {assessed.unanswered} ข้อ"
        text += _say(facts, " อ่านเหตุผลของผู้ประเมินก่อน แล้วชี้แจงเฉพาะข้อที่เห็นต่าง", " เจ้าหน้าที่ชี้แจงข้อที่เห็นต่างได้ภายในกำหนด")
        action = _say(facts, "อ่านผลตรวจและชี้แจง", "ดูผลตรวจ")
        return Step(key, title, _for_officer(facts), text, page, action, assessed.clarification.ends)
    text = f"ชี้แจงไปแล้ว {assessed.clarified} ข้อ" if assessed.clarified else "ผู้ประเมินตรวจเสร็จแล้ว ไม่มีข้อที่ต้องชี้แจง"
    return Step(key, title, State.DONE, text, page, "ดูผลตรวจ")


# --- follow-up and reports


def _follow_up_step(facts: YearFacts) -> Step:
    plan, title = facts.plan, "ติดตามผลตามแผน"
    if plan is None or plan.approved_on is None:
        text = "เมื่อแผนได้รับอนุมัติแล้ว เจ้าหน้าที่บันทึกผลของแต่ละมาตรการตามรอบที่ตั้งไว้ พร้อมหลักฐาน"
        return Step("follow-up", title, State.LATER, text)
    board = Address("plan_board", (facts.code, plan.fiscal_year))
    page = replace(board, view="plan_follow_ups") if facts.reader is Reader.OFFICER else board
    action = _say(facts, "บันทึกการติดตาม", "ดูการติดตาม")
    done = f"ติดตามแล้ว {plan.followed_up} จาก {plan.measures} มาตรการ"
    if plan.overdue:
        text = f"{done} เลยกำหนด {plan.overdue} มาตรการ"
        text += _say(facts, " บันทึกสั้น ๆ ว่าทำอะไรไปแล้วและติดขัดอะไร", "")
        return Step("follow-up", title, _for_officer(facts), text, page, action, plan.next_due)
    if plan.next_due is None:
        return Step("follow-up", title, State.DONE, f"{done} ครบทุกรอบแล้ว", board, "ดูการติดตาม")
    is_soon = plan.next_due <= facts.day + SOON
    text = f"{done} รอบถัดไปภายใน {fiscal.short_date(plan.next_due)}"
    return Step("follow-up", title, _for_officer(facts) if is_soon else State.LATER, text, page, action, plan.next_due)


def _report_step(facts: YearFacts) -> Step:
    """The report of six months until it is written, then that of the year."""
    plan, title = facts.plan, "รายงานผลตามแผน"
    if plan is None or plan.approved_on is None:
        text = "รายงานรอบ 6 เดือนและสิ้นปีเขียนจากแผนและการติดตามที่บันทึกไว้ ไม่ต้องพิมพ์ใหม่"
        return Step("report", title, State.LATER, text)
    half = SIX_MONTHS if _find_report(plan, SIX_MONTHS) is None else fiscal.MONTHS
    return _half_step(facts, plan, half, "report")


def _last_report_step(facts: YearFacts, plan: PlanFacts) -> Step:
    """The report at the end of the year before, which is written in the months after it."""
    step = _half_step(facts, plan, fiscal.MONTHS, f"report-{plan.fiscal_year}")
    is_late = fiscal.month_of(facts.day) > SIX_MONTHS
    return replace(step, state=State.LATER) if step.state is State.NOW and is_late else step


def _half_step(facts: YearFacts, plan: PlanFacts, months: int, key: str) -> Step:
    """One report on a plan."""
    due, is_whole = fiscal.last_day(plan.fiscal_year, months), months == fiscal.MONTHS
    name = f"สิ้นปีงบประมาณ {plan.fiscal_year}" if is_whole else "รอบ 6 เดือน"
    title = "รายงานผลตามแผน" if plan is facts.plan else f"รายงานผลตามแผนปี {plan.fiscal_year}"
    page = Address("plan_report", (facts.code, plan.fiscal_year, "year" if is_whole else "six"))
    written = _find_report(plan, months)
    if written is not None:
        text = f"ออกรายงาน{name}เมื่อ {fiscal.short_date(written)} แก้ไขและออกใหม่ได้"
        return Step(key, title, State.DONE, text, page, "ดูรายงาน")
    text = f"รายงาน{name} นับการติดตามถึง {fiscal.short_date(due)} ระบบเขียนให้จากที่บันทึกไว้ พิมพ์หรือดาวน์โหลดได้"
    if months in plan.reports:
        text = f"ฉบับที่ออกเมื่อ {fiscal.short_date(plan.reports[months])} ออกก่อนถึงกำหนด {text}"
    if is_whole and plan is facts.plan and (six := _find_report(plan, SIX_MONTHS)) is not None:
        text = f"ออกรายงานรอบ 6 เดือนเมื่อ {fiscal.short_date(six)} แล้ว {text}"
    state = _for_officer(facts) if due <= facts.day + SOON else State.LATER
    return Step(key, title, state, text, page, f"เปิดรายงาน{name}", due)


def _find_report(plan: PlanFacts, months: int) -> datetime.date | None:
    """The day a report was issued. One of long before the end of its months says too little of them to be their
    report."""
    day = plan.reports.get(months)
    return day if day is not None and day + SOON >= fiscal.last_day(plan.fiscal_year, months) else None
