"""Tables of this room: head-counts of a round, how many people each form has to ask, agency by agency; and interviews
of many agencies."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag

from prongsai.intake import UnreadableError
from prongsai.lib import numbers
from prongsai.people.models import User
from prongsai.registry.models import Agency
from prongsai.registry.queries import load_round_framework
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, PROVINCE, find_agencies
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register
from prongsai.survey import actions, interview_rows, interviews, roll_table
from prongsai.survey.keys import decrypt_file, encrypt_file
from prongsai.survey.mixing import MIN_BATCH
from prongsai.survey.models import Population
from prongsai.survey.queries import load_interviews_refusal
from prongsai.survey.questions import Question, list_questions
from prongsai.survey.sealing import find_key


@register
class HeadCounts(TableKind):
    """The populations of a round's agencies, a column for each form. An empty cell says nothing: it changes nothing."""

    name: ClassVar = "head-counts"
    title: ClassVar = "จำนวนผู้มีสิทธิตอบ"
    about: ClassVar = "จำนวนคนของแต่ละแบบวัด ช่องว่างคือไม่เปลี่ยน จำนวนที่ส่วนกลางตั้งเป็นบัญชีแล้วแก้ที่บัญชี"
    permission: ClassVar = "survey.manage"
    of_round: ClassVar = True

    def columns(self, scope: Scope, /) -> Sequence[Column]:
        instruments = load_round_framework(scope.the_round).survey_instruments()
        return (
            *NAMING,
            *(
                Column(i.id, i.id, (i.label.th,), f"{i.label.th} จำนวนเต็ม 1 ถึง {actions.MAX_POPULATION:,}", 14)
                for i in instruments
            ),
        )

    def _forms(self, scope: Scope) -> list[str]:
        return [c.key for c in self.columns(scope) if c not in NAMING]

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        agencies = scope.the_round.agencies.all()
        if keys is not None:
            agencies = agencies.filter(code__in=keys)
        found = Population.objects.filter(round=scope.the_round, agency__in=agencies.values("pk"))
        sizes = {(agency, form): size for agency, form, size in found.values_list("agency", "instrument", "size")}
        forms = self._forms(scope)
        for agency in agencies.order_by("order", "code").iterator(2000):
            named = {CODE.key: agency.code, NAME.key: agency.name_th, PROVINCE.key: agency.province}
            yield agency.code, named | {form: str(sizes.get((agency.pk, form), "")) for form in forms}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        find_agencies(scope, entries)

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        forms = self._forms(scope)
        found = Population.objects.filter(
            round=scope.the_round, agency__code__in=[e.key for e in entries], roll__isnull=False
        )
        fixed = set(found.values_list("agency__code", "instrument"))
        for entry in entries:
            if entry.before is None:
                entry.refuse(CODE.title, "ไม่อยู่ในรอบนี้")
            for form in forms:
                if not (typed := entry.cells.get(form, "")):
                    continue
                try:
                    size = numbers.read_whole_number(typed, least=1, most=actions.MAX_POPULATION)
                except numbers.NumberError as error:
                    entry.refuse(form, str(error))
                    continue
                entry.values[form] = str(size)
                if (entry.key, form) in fixed and entry.before and entry.before[form] != str(size):
                    entry.refuse(form, f"ส่วนกลางตั้งบัญชีไว้ {entry.before[form]} คนแล้ว แก้ที่บัญชีจำนวนคน")

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        agency = Agency.objects.get(assessment=scope.assessment, code=key)
        for form in after:
            if after[form] == before.get(form, ""):
                continue
            about: dict[str, Any] = {"assessment_round": scope.the_round, "agency": agency, "instrument": form}
            if after[form]:
                actions.set_population(**about, size=int(after[form]), by=by)
            else:
                actions.clear_population(**about, by=by)


__all__ = ["HeadCounts", "Interviews", "roll_table"]

FORM = Column(
    interview_rows.FORM,
    interview_rows.FORM_TITLE,
    ("เลขที่ชุด", "ลำดับชุด", "form"),
    f"ลำดับของแบบสัมภาษณ์ในหน่วยงาน 1 ถึง {interviews.MOST_FORMS:,} ไม่ใช่เลขประจำตัวหรือเบอร์โทรศัพท์ของใคร",
    10,
    is_required=True,
)
IMPORTED = Column("imported", "นำเข้าด้วยตารางแล้ว (ชุด)", (), "ระบบกรอกให้ ไม่อ่านจากไฟล์", 14, is_shown=True)


@register
class Interviews(TableKind):
    """Interviews of many agencies, a row each: which form of which agency, and the choice at each question. What would
    say who was asked has no column; a file with such a column is not read.

    Nobody sees an answer afterwards: rows of one agency become one row that only counts them, the answers are sealed
    before anything is stored. All rows of an agency are taken, or none, and not fewer than ``MIN_BATCH``."""

    name: ClassVar = "interviews"
    title: ClassVar = "แบบสัมภาษณ์ของหลายหน่วยงาน"
    about: ClassVar = (
        "แถวละหนึ่งชุดสัมภาษณ์ คัดลอกแถวของหน่วยงานให้ครบจำนวนชุด ใส่ชุดที่และคำตอบ "
        f"รับหน่วยงานละตั้งแต่ {MIN_BATCH} ชุดต่อไฟล์ ถ้ามีแถวใดของหน่วยงานไม่ถูกต้องจะไม่รับทั้งหน่วยงาน "
        "ห้ามใส่ชื่อ เบอร์โทรศัพท์ วันเวลา หรือสิ่งใดที่บอกว่าใครตอบ ไฟล์ที่มีคอลัมน์อื่นไม่อ่าน "
        "คำตอบปิดผนึกทันทีที่อ่าน ไม่มีใครเห็นคำตอบจากหน้านี้อีก และไฟล์ที่ใส่ถูกลบ"
    )
    permission: ClassVar = "survey.import_interviews"
    of_round: ClassVar = True
    is_secret: ClassVar = True

    def _find_form(self, scope: Scope) -> tuple[str, tuple[Question, ...]]:
        """The instrument that assessors collect and its questions; none in a year without one."""
        framework = load_round_framework(scope.the_round)
        found = next((i.id for i in framework.survey_instruments() if i.collected_by == "assessor"), "")
        return found, list_questions(framework, found) if found else ()

    def columns(self, scope: Scope, /) -> Sequence[Column]:
        _, questions = self._find_form(scope)
        return (
            *NAMING,
            FORM,
            *(Column(q.column, q.column, (), f"{q.label.th} ใส่ 1 ถึง {len(q.options)}", 8) for q in questions),
            IMPORTED,
        )

    def hide(self, content: bytes) -> bytes:
        return encrypt_file(content)

    def reveal(self, content: bytes) -> bytes:
        try:
            return decrypt_file(content)
        except (OSError, ValueError, InvalidTag) as error:
            raise UnreadableError("เก็บไฟล์นี้ไว้นานจนอ่านไม่ได้แล้ว ใส่ไฟล์อีกครั้ง") from error

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        agencies = scope.the_round.agencies.order_by("order", "code")
        if keys is not None:
            agencies = agencies.filter(code__in=keys)
        imported = interviews.count_imported(
            scope.the_round, None if keys is None else agencies.values_list("pk", flat=True)
        )
        for agency in agencies.iterator(2000):
            named = {CODE.key: agency.code, NAME.key: agency.name_th, PROVINCE.key: agency.province}
            yield agency.code, named | {IMPORTED.key: str(imported.get(agency.pk, 0))}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        """Nothing: ``prepare`` found them."""

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        """Say how many there are with those of the file, or that the row says nothing."""
        find_refusal = load_interviews_refusal(scope.the_round)
        agencies = scope.the_round.agencies.in_bulk([entry.key for entry in entries], field_name="code")
        for entry in entries:
            if entry.held is not None:
                before = int((entry.before or {}).get(IMPORTED.key, "0"))
                entry.values = {IMPORTED.key: str(before + len(entry.held.receipts))}
                if refusal := find_refusal(agencies[entry.key]):
                    entry.refuse("", refusal)

    def prepare(self, scope: Scope, /, unread: Sequence[str], entries: list[Entry]) -> list[Entry]:
        instrument, questions = self._find_form(scope)
        if not questions:
            raise UnreadableError("หลักเกณฑ์ของรอบนี้ไม่มีแบบวัดที่ผู้ประเมินสัมภาษณ์")
        if unread:
            raise UnreadableError(
                f"มีคอลัมน์ที่ตารางนี้ไม่มี: {', '.join(unread[:8])} ลบออกก่อน เพราะอาจบอกว่าใครตอบ ยังไม่มีอะไรถูกบันทึก"
            )
        if (key := find_key(scope.the_round.pk)) is None:
            raise UnreadableError("รอบนี้ยังไม่มีกุญแจปิดผนึกคำตอบ สร้างกุญแจหรือเปิดแบบวัดแรกของรอบก่อน แล้วใส่ไฟล์อีกครั้ง")
        rows = interview_rows.InterviewRows(scope, instrument, questions)
        rows.read(entries)
        return rows.seal(key)

    def hold(self, scope: Scope, entries: Sequence[Entry]) -> None:
        assert scope.upload is not None
        held = (e.held for e in entries if e.held is not None and not e.problems)
        interviews.hold_batches(upload_id=scope.upload, sealed=held)

    def discard(self, scope: Scope, keys: Sequence[str] | None = None) -> None:
        assert scope.upload is not None
        interviews.discard_batches(upload_id=scope.upload, codes=keys)

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        assert scope.upload is not None
        agency = Agency.objects.get(assessment=scope.assessment, code=key)
        is_import = int(after[IMPORTED.key]) > int(before[IMPORTED.key])
        act = interviews.store_batch if is_import else interviews.take_back_batch
        act(assessment_round=scope.the_round, agency=agency, upload_id=scope.upload, by=by)
