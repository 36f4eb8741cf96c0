"""The rows of a table of interviews: which form of which agency each one is, and what was answered, as far as it is
needed to seal it. What comes out has no answer that can be read, and quotes no cell: whatever was typed into a wrong
cell may be somebody's name.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from prongsai.lib import numbers, thai
from prongsai.registry.models import Agency
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, find_agencies
from prongsai.registry.tables.kinds import Entry, Scope
from prongsai.survey import codes, interviews
from prongsai.survey.mixing import MIN_BATCH
from prongsai.survey.models import SealingKey
from prongsai.survey.questions import Question

FORM, FORM_TITLE = "form", "ชุดที่"
_ROWS_PER_LOOKUP = 500
_PLACES = 3


@dataclass(frozen=True)
class Interview:
    """One row that is in order; a row without a form and without answers says nothing: ``answers`` is None."""

    place: str
    agency: Agency
    number: int = 0
    answers: bytes | None = None


class InterviewRows:
    """The rows of one file, with those that are refused."""

    def __init__(self, scope: Scope, instrument: str, questions: Sequence[Question]) -> None:
        self._scope, self._instrument, self._questions = scope, instrument, questions
        self._choices = [_name_choices(q) for q in questions]
        self._read: list[Interview] = []
        self._refused: list[tuple[Entry, str]] = []  # with the agency's code, where it is known

    def read(self, entries: Sequence[Entry]) -> None:
        """Read rows as the file shows them."""
        for start in range(0, len(entries), _ROWS_PER_LOOKUP):
            some = entries[start : start + _ROWS_PER_LOOKUP]
            probes = [Entry(e.place, {c.key: e.cells.get(c.key, "") for c in NAMING}) for e in some]
            find_agencies(self._scope, [p for p in probes if p.cells[CODE.key] or p.cells[NAME.key]])
            known = self._scope.the_round.agencies.filter(code__in=[p.key for p in probes if p.key])
            agencies = {agency.code: agency for agency in known}
            for entry, probe in zip(some, probes, strict=True):
                self._read_row(entry, probe, None if probe.problems else agencies.get(probe.key))

    def _read_row(self, entry: Entry, probe: Entry, agency: Agency | None) -> None:
        problems, place = list(entry.problems), _name_place(entry.place)
        if not problems and agency is None:
            problems.append(
                "ไม่อยู่ในรอบนี้"
                if probe.key and not probe.problems
                else f"ไม่พบหน่วยงานเดียวที่ตรงกับ{CODE.title} {NAME.title} และจังหวัดของแถวนี้"
            )
        if problems or agency is None:
            self._refuse(place, agency, 0, problems)
            return
        typed = [entry.cells.get(q.column, "") for q in self._questions]
        if not entry.cells.get(FORM) and not any(typed):
            self._read.append(Interview(place, agency))
            return
        number = _read_number(entry.cells.get(FORM, ""))
        if not number:
            problems.append(f"ช่อง {FORM_TITLE}: ใส่ลำดับของชุดเป็นจำนวนเต็ม 1 ถึง {interviews.MOST_FORMS:,}")
        chosen = [
            options.get(thai.squeeze(thai.plain_number(cell)))
            for cell, options in zip(typed, self._choices, strict=True)
        ]
        if wrong := [q.column for q, choice in zip(self._questions, chosen, strict=True) if choice is None]:
            problems.append(f"ไม่มีคำตอบ หรือไม่ใช่ตัวเลือก ที่ข้อ {', '.join(wrong[:10])}")
        if problems:
            self._refuse(place, agency, number, problems)
            return
        answers = bytes(choice for choice in chosen if choice is not None)
        self._read.append(Interview(place, agency, number, answers))

    def _refuse(self, place: str, agency: Agency | None, number: int, problems: Sequence[str]) -> None:
        cells = ({CODE.key: agency.code} if agency else {}) | ({FORM: str(number)} if number else {})
        title = f"{agency.code} {agency.name_th}" if agency else ""
        entry = Entry(place, cells, title=f"{title} ชุดที่ {number}" if number else title, problems=list(problems))
        self._refused.append((entry, agency.code if agency else ""))

    def seal(self, key: SealingKey) -> list[Entry]:
        """What the table shows: a row for each agency, with its interviews sealed to a key, and each refused row."""
        self._refuse_repeated()
        self._refuse_received()
        by_agency: dict[str, list[Interview]] = defaultdict(list)
        for row in self._read:
            by_agency[row.agency.code].append(row)
        bad: dict[str, int] = defaultdict(int)
        for _, code in self._refused:
            bad[code] += 1
        channels = interviews.find_channels(
            self._scope.the_round, self._instrument, {rows[0].agency.pk for rows in by_agency.values()}
        )
        entries = []
        for code, rows in by_agency.items():
            channel = channels.get(rows[0].agency.pk)
            slug = channel.slug if channel else codes.generate_code(codes.SLUG_LENGTH)
            entries.append(self._seal_agency(rows, bad[code], key, slug))
        return [*entries, *(entry for entry, _ in self._refused)]

    def _seal_agency(self, rows: Sequence[Interview], bad: int, key: SealingKey, slug: str) -> Entry:
        agency = rows[0].agency
        more = f" และอีก {len(rows) - 1:,} แถว" if len(rows) > 1 else ""
        entry = Entry(f"{rows[0].place}{more}"[:120], {CODE.key: agency.code}, key=agency.code)
        answered = [(row.number, row.answers) for row in rows if row.answers is not None]
        entry.title = f"{agency.code} {agency.name_th}" + (f" {len(answered):,} ชุด" if answered else "")
        if not answered:
            return entry
        if bad:
            entry.refuse("", f"อีก {bad:,} แถวของหน่วยงานนี้มีปัญหา จึงไม่รับทั้งหน่วยงาน แก้แถวเหล่านั้นหรือลบออก แล้วใส่ไฟล์อีกครั้ง")
        elif len(answered) < MIN_BATCH:
            entry.refuse(
                "",
                f"มี {len(answered)} ชุด น้อยกว่า {MIN_BATCH} ชุด รายการที่ใช้ย้อนคืนอาจบอกได้ว่าใครตอบอะไร บันทึกที่หน้าสัมภาษณ์ของหน่วยงานแทน",
            )
        else:
            entry.held = interviews.seal_interviews(
                key=key,
                agency_id=agency.pk,
                instrument=self._instrument,
                slug=slug,
                answers=[answers for _, answers in answered],
                receipts=[self._digest(agency, number) for number, _ in answered],
            )
        return entry

    def _digest(self, agency: Agency, number: int) -> str:
        return interviews.digest_form(self._scope.the_round, self._instrument, agency.pk, number)

    def _refuse_repeated(self) -> None:
        """Of rows about the same form none is taken: nobody can tell which one was meant."""
        by_form: dict[tuple[str, int], list[Interview]] = defaultdict(list)
        for row in self._read:
            if row.answers is not None:
                by_form[row.agency.code, row.number].append(row)
        repeated = {row.place: same for same in by_form.values() if len(same) > 1 for row in same}
        self._leave_out(
            {
                place: "เป็นชุดเดียวกับ"
                + ", ".join(r.place for r in same if r.place != place)[: 40 * _PLACES]
                + " จึงไม่รับทุกแถว เหลือไว้แถวเดียว"
                for place, same in repeated.items()
            }
        )

    def _refuse_received(self) -> None:
        """What was received is sealed: nobody can tell whether the row says the same."""
        digests = {row.place: self._digest(row.agency, row.number) for row in self._read if row.answers is not None}
        received = interviews.find_received(list(digests.values()))
        self._leave_out(
            {
                place: "ชุดนี้นำเข้าไปแล้ว คำตอบปิดผนึกอยู่จึงเทียบไม่ได้ ลบแถวนี้ออก หรือแก้ชุดที่หากเป็นคนละชุด"
                for place, digest in digests.items()
                if digest in received
            }
        )

    def _leave_out(self, reasons: dict[str, str]) -> None:
        """Refuse rows that were read, by their place."""
        rows, self._read = self._read, []
        for row in rows:
            if reason := reasons.get(row.place):
                self._refuse(row.place, row.agency, row.number, [reason])
            else:
                self._read.append(row)


def _name_choices(question: Question) -> dict[str, int]:
    """The choices of a question by what a cell may show: their number from 1, or their words."""
    labels = {thai.squeeze(option.th): k for k, option in enumerate(question.options)}
    return labels | {str(k + 1): k for k in range(len(question.options))}


def _name_place(place: str) -> str:
    """A row by its number alone: a sheet may be called by somebody's name."""
    _, _, number = place.rpartition("แถว ")
    return f"แถว {number}" if number[:1].isdigit() else "แผ่นที่ไม่มีแถวข้อมูล"


def _read_number(typed: str) -> int:
    """The number of a form; 0 where a cell shows none that it can be."""
    try:
        return numbers.read_whole_number(typed, least=1, most=interviews.MOST_FORMS)
    except numbers.NumberError:
        return 0
