"""Rolls of many agencies as a table: a row for each unit of a form. Rows of one form become one row that is shown and
applied as a whole, in small transactions, so that a nation's table locks nobody out and goes on where a worker died."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from prongsai.lib import numbers
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry.models import Agency
from prongsai.registry.queries import load_round_framework
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, PROVINCE, find_agencies
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register
from prongsai.survey import rights
from prongsai.survey.models import Population

INSTRUMENT = Column("instrument", "แบบวัด", ("instrument",), "เช่น IIT", 10, is_required=True)
UNIT = Column("unit", "หน่วยงานย่อย", ("unit",), f"ว่างคือ{rights.WHOLE_AGENCY}", 30)
PEOPLE = Column("people", "จำนวนคน", ("people",), "จำนวนเต็ม ไม่มีชื่อคน", 12, is_required=True)
ROLL = Column("roll", "บัญชีทั้งหมดของแบบวัด", (), "ระบบกรอกให้ ไม่อ่านจากไฟล์", 40, is_shown=True)
STATED = "หน่วยงานแจ้งเอง:"  # before a number that no roll has fixed yet
_ROWS_PER_LOOKUP = 500


@register
class Rolls(TableKind):
    """The rolls of a round. Rows without a number say nothing."""

    name: ClassVar = "rolls"
    title: ClassVar = "บัญชีจำนวนคน"
    about: ClassVar = (
        "แถวละหนึ่งหน่วยงานย่อยของแบบวัดหนึ่ง เป็นจำนวน ไม่มีชื่อคน แถวของแบบวัดเดียวกันของหน่วยงานเดียวกันต้องอยู่ในไฟล์เดียวกัน "
        "รวมกันเป็นบัญชีใหม่แทนบัญชีเดิมของแบบวัดนั้น หน่วยงานย่อยที่เอาออกให้ใส่ 0 "
        "ถ้ามีแถวใดไม่ถูกต้องจะไม่รับทั้งแบบวัดของหน่วยงานนั้น ว่างทุกแถวคือไม่เปลี่ยน"
    )
    permission: ClassVar = "survey.issue"
    of_round: ClassVar = True

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (*NAMING, INSTRUMENT, UNIT, PEOPLE, ROLL)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        forms = [i.id for i in load_round_framework(scope.the_round).survey_instruments() if i.collected_by == "agency"]
        agencies = scope.the_round.agencies.all()
        if keys is not None:
            agencies = agencies.filter(code__in={key.rpartition(" ")[0] for key in keys})
        found = Population.objects.filter(round=scope.the_round, agency__in=agencies.values("pk"))
        populations = {(p.agency_id, p.instrument): p for p in found}
        for agency in agencies.order_by("order", "code").iterator(2000):
            named = {CODE.key: agency.code, NAME.key: agency.name_th, PROVINCE.key: agency.province}
            for form in forms:
                population = populations.get((agency.pk, form))
                whole = named | {INSTRUMENT.key: form, ROLL.key: _describe(population)}
                units = (population.roll if population else None) or [("", "")]
                for unit, people in units:
                    yield f"{agency.code} {form}", whole | {UNIT.key: unit, PEOPLE.key: str(people)}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        """Nothing: ``prepare`` found them."""

    def prepare(self, scope: Scope, /, unread: Sequence[str], entries: list[Entry]) -> list[Entry]:  # noqa: ARG002
        """A row for each form of an agency, of its units' rows; and each row that can't be read."""
        groups: dict[str, list[Entry]] = defaultdict(list)
        for start in range(0, len(entries), _ROWS_PER_LOOKUP):
            some = entries[start : start + _ROWS_PER_LOOKUP]
            find_agencies(scope, [e for e in some if not e.problems])
            for entry in some:
                entry.key = entry.key and f"{entry.key} {entry.cells.get(INSTRUMENT.key, '')}"
                groups[entry.key].append(entry)
        unknown = groups.pop("", [])
        return [*(row for key, rows in groups.items() for row in _join_units(key, rows)), *unknown]

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        issued = rights.count_issued_of(scope.the_round, {e.key.rpartition(" ")[0] for e in entries})
        for entry in entries:
            code, _, form = entry.key.rpartition(" ")
            if entry.before is None:
                entry.refuse("", f"หน่วยงาน {code} หรือแบบวัด “{form[:20]}” ไม่อยู่ในรอบนี้")
                continue
            entry.values = {ROLL.key: entry.before[ROLL.key]}
            if text := entry.cells[ROLL.key]:
                try:
                    roll = _find_roll(text, entry.before[ROLL.key])
                    rights.check_roll(roll, issued[code, form])
                except DomainError as error:
                    entry.refuse("", str(error))
                else:
                    entry.values[ROLL.key] = rights.format_roll(roll)

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        if after[ROLL.key] == before.get(ROLL.key, ""):
            return
        code, _, form = key.rpartition(" ")
        agency, text = Agency.objects.get(assessment=scope.assessment, code=code), after[ROLL.key]
        about: dict[str, Any] = {"assessment_round": scope.the_round, "agency": agency, "instrument": form}
        if not text or text.startswith(STATED):
            stated = numbers.read_whole_number(text.removeprefix(STATED)) if text else None
            rights.lift_roll(**about, stated=stated, by=by)
        else:
            rights.set_roll(**about, roll=rights.parse_roll(text), by=by)


def _describe(population: Population | None) -> str:
    """What stands for a form: its roll, the number that the agency stated, or nothing."""
    if population is None:
        return ""
    if population.roll is None:
        return f"{STATED} {population.size}"
    return rights.format_roll(population.roll)


def _find_roll(text: str, before: str) -> rights.Roll:
    """The roll that rows make. A unit that was on the roll and is in no row may stand in another file: it goes only
    where a row says 0. Raises DomainError."""
    roll = rights.parse_roll(text)
    on_roll = [] if before.startswith(STATED) else [unit for unit, _ in rights.parse_roll(before)]
    if missing := set(on_roll) - {unit for unit, _ in roll} - {rights.WHOLE_AGENCY}:
        names = ", ".join(sorted(missing)[:5])
        raise DomainError(f"ไม่มีแถวของหน่วยงานย่อยที่อยู่ในบัญชีเดิม: {names} ใส่แถวนั้นด้วย ถ้าจะเอาออกให้ใส่จำนวน 0")
    return [(unit, people) for unit, people in roll if people]


def _join_units(key: str, rows: Sequence[Entry]) -> list[Entry]:
    """One row for a form; where some of its units' rows are amiss, these too, and none of it is taken."""
    lines = []
    is_filled = any(row.cells.get(PEOPLE.key) for row in rows)
    for row in rows:
        typed = row.cells.get(PEOPLE.key, "").removesuffix(".0")
        if row.problems or not (typed or is_filled):
            continue
        try:
            people = numbers.read_whole_number(typed, least=0, most=rights.MAX_PEOPLE)
        except numbers.NumberError as error:
            row.refuse(PEOPLE.title, str(error))
        else:
            lines.append(f"{row.cells.get(UNIT.key, '') or rights.WHOLE_AGENCY} {people}")
    bad = [row for row in rows if row.problems]
    more = f" และอีก {len(rows) - 1:,} แถว" if len(rows) > 1 else ""
    code, _, form = key.rpartition(" ")
    cells = {CODE.key: code, INSTRUMENT.key: form, ROLL.key: "\n".join(lines)}
    joined = Entry(f"{rows[0].place}{more}"[:120], cells, key=key, title=f"{rows[0].title} {form}")
    if bad:
        joined.refuse("", f"{len(bad):,} แถวของแบบวัดนี้มีปัญหา จึงไม่รับทั้งแบบวัด แก้แถวเหล่านั้นหรือลบออก แล้วใส่ไฟล์อีกครั้ง")
    return [joined, *bad]
