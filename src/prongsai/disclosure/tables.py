"""Tables of this room: marks of items from outside, an assessor firm's or another office's; and decisions on what
agencies replied to. A row is an item of an agency.

A mark stands in the name of an assessor of this assessment, for whom all rules hold as if they gave it here: the one to
whom the agency is assigned; for a decision one who gave none of its marks. Who brought it is noted beside it. What an
assessor gave here no table changes, and an undone row is withdrawn, not deleted.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import prefetch_related_objects
from django.db.models.functions import Lower
from django.utils import timezone

from prongsai.disclosure import actions, profile_tables, queries
from prongsai.disclosure.models import Clarification, DrawnDispute, Filing, Mark
from prongsai.framework import DisclosureItem
from prongsai.lib import numbers, thai
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry.models import Agency, Assignment
from prongsai.registry.queries import assessors_of, find_conflict, load_conflicts, load_round_framework
from prongsai.registry.tables.agency_rows import CODE, NAME, NAMING, PROVINCE, find_agencies
from prongsai.registry.tables.kinds import Column, Entry, Scope, TableKind, Values, register

__all__ = ["profile_tables"]  # whose tables are found with these
ITEM = Column("item", "ข้อ", ("ข้อที่", "รายการ"), "เช่น O1", 10, is_required=True)
REASON = Column("reason", "เหตุผลหรือความเห็น", ("เหตุผล", "ความเห็น", "comment"), "ต้องมีเมื่อไม่ได้คะแนนเต็ม", 50)
_MOST_SHOWN = 900  # letters of a text that goes out; a cell that comes back has a thousand
_FILINGS_PER_READ = 500
_Cell = tuple[int, str]  # a filing's agency, and an item


class _ItemMarks(TableKind):
    """What both tables share: a key of agency and item, points, a reason, and in whose name."""

    permission: ClassVar = "disclosure.import_marks"
    of_round: ClassVar = True
    stage: ClassVar[Mark.Stage]
    points: ClassVar[Column]
    assessor: ClassVar[Column]

    def _items(self, scope: Scope) -> dict[str, DisclosureItem]:
        return {i.id: i for i in queries.items(load_round_framework(scope.the_round))}

    def find_keys(self, scope: Scope, entries: Sequence[Entry]) -> None:
        find_agencies(scope, entries)
        known = {_squeeze(item): item for item in self._items(scope)}
        for entry in entries:
            typed = entry.cells.get(ITEM.key, "")
            if (item := known.get(_squeeze(typed.removeprefix("ข้อ")))) is None:
                entry.refuse(ITEM.title, f"หลักเกณฑ์ของรอบนี้ไม่มีข้อ “{typed[:40]}”")
            else:
                entry.key, entry.title = f"{entry.key}/{item}" if entry.key else "", f"{entry.title} {item}"

    def _agencies(self, scope: Scope, keys: Sequence[str] | None) -> Any:
        agencies = scope.the_round.agencies.order_by("order", "code")
        return agencies if keys is None else agencies.filter(code__in={_split(key)[0] for key in keys})

    def _latest(self, scope: Scope, agencies: Iterable[int]) -> dict[_Cell, Mark]:
        """The mark of this table's stage that counts, by agency and item."""
        found: dict[_Cell, Mark] = {}
        pks = list(agencies)
        for start in range(0, len(pks), _FILINGS_PER_READ):
            marks = Mark.objects.filter(
                filing__round=scope.the_round, filing__agency__in=pks[start : start + _FILINGS_PER_READ]
            )
            for mark in marks.filter(stage=self.stage).select_related("by", "filing", "brought").order_by("id"):
                found[mark.filing.agency_id, mark.item] = mark
        return found

    def _describe(self, mark: Mark | None, assessor: str) -> Values:
        """The cells of a mark, or of none."""
        if mark is None:
            return {self.points.key: "", REASON.key: "", self.assessor.key: assessor}
        reason = "; ".join(text for text in (*mark.reasons, mark.comment) if text)
        return {
            self.points.key: str(mark.points),
            REASON.key: " ".join(reason.split())[:_MOST_SHOWN],
            self.assessor.key: mark.by.email.lower(),
        }

    def _read(self, entry: Entry, scale: Sequence[tuple[int, str]]) -> bool:
        """Read what a row wants into its values. Returns whether it wants anything."""
        typed, reason = entry.cells.get(self.points.key, ""), " ".join(entry.cells.get(REASON.key, "").split())
        before = entry.before or {}
        if not typed:
            if reason and reason != before.get(REASON.key):
                entry.refuse(self.points.title, "ว่าง แต่มีเหตุผล ใส่คะแนนด้วย")
            return False
        allowed = [points for points, _ in scale]
        try:
            points = numbers.read_whole_number(typed, least=0, most=max(allowed), example=str(max(allowed)))
        except numbers.NumberError as error:
            entry.refuse(self.points.title, str(error))
            return False
        entry.values[self.points.key] = str(points)
        if REASON.key in entry.cells:
            entry.values[REASON.key] = reason
        if self.assessor.key in entry.cells:
            typed = entry.cells[self.assessor.key].lower()
            entry.values[self.assessor.key] = typed or before.get(self.assessor.key, "")
        if entry.values.items() <= before.items():
            return False
        if points not in allowed:
            entry.refuse(self.points.title, f"ให้คะแนนได้ {', '.join(map(str, allowed))} เท่านั้น")
        elif points < max(allowed) and not entry.values.get(REASON.key, before.get(REASON.key)):
            entry.refuse(REASON.title, "คะแนนไม่เต็มต้องบอกเหตุผล")
        return True

    def check(self, scope: Scope, entries: Sequence[Entry]) -> None:
        framework, items = load_round_framework(scope.the_round), self._items(scope)
        agencies = {a.code: a for a in self._agencies(scope, [e.key for e in entries])}
        latest = self._latest(scope, [a.pk for a in agencies.values()])
        wanting: list[tuple[Entry, Agency, str]] = []
        for entry in entries:
            code, item = _split(entry.key)
            if (agency := agencies.get(code)) is None:
                entry.refuse(CODE.title, "ไม่อยู่ในรอบนี้")
            elif self._read(entry, queries.scale(framework, items[item])) and not entry.problems:
                wanting.append((entry, agency, item))
        self._check_rules(scope, wanting, latest)

    @abstractmethod
    def _check_rules(
        self, scope: Scope, wanting: Sequence[tuple[Entry, Agency, str]], latest: Mapping[_Cell, Mark]
    ) -> None:
        """Refuse what the rules of the stage forbid, of rows that want something."""

    def change(self, scope: Scope, key: str, before: Values, after: Values, by: User) -> None:
        assert scope.upload is not None
        code, item = _split(key)
        agency = Agency.objects.get(assessment=scope.assessment, code=code)
        filing = queries.get_filing(scope.the_round, agency)
        latest = self._latest(scope, [agency.pk]).get((agency.pk, item))
        if latest is not None and _upload_of(latest) == scope.upload:
            actions.withdraw_mark(mark=latest, by=by)
            return
        if reason := find_conflict(by, agency):
            raise DomainError(reason)
        if latest is not None and self.stage == Mark.Stage.FIRST and _upload_of(latest) is None:
            raise DomainError(_MARKED_HERE)
        actions.mark_item(
            filing=filing,
            item=item,
            points=int(after[self.points.key]),
            reasons=(),
            comment=after.get(REASON.key, before.get(REASON.key, "")),
            elements=(),
            by=self._find_assessor(scope, filing, after.get(self.assessor.key, "")),
            stage=self.stage,
            brought=actions.Brought(by, scope.upload),
        )

    def _find_assessor(self, scope: Scope, filing: Filing, email: str) -> User:
        """In whose name a mark stands. Raises DomainError."""
        if not email:
            assigned = Assignment.objects.filter(round=scope.the_round, agency=filing.agency).select_related("assessor")
            if found := assigned.first():
                return found.assessor
            raise DomainError("ยังไม่ได้มอบหมายผู้ประเมินของหน่วยงานนี้")
        if user := assessors_of(scope.assessment).filter(email__iexact=email).first():
            return user
        raise DomainError(f"ไม่มีผู้ประเมินที่ใช้อีเมล {email} แล้ว")


_MARKED_HERE = "ผู้ประเมินให้คะแนนข้อนี้ในระบบแล้ว ตารางไม่เขียนทับ"


@register
class OutsideMarks(_ItemMarks):
    """The first marks of items, as somebody outside gave them."""

    name: ClassVar = "marks"
    title: ClassVar = "คะแนนตรวจการเปิดเผยข้อมูลจากภายนอก"
    about: ClassVar = (
        "คะแนนรายข้อของหลายหน่วยงาน จากบริษัทผู้ประเมินหรือหน่วยงานอื่น บันทึกในนามผู้ประเมินที่ได้รับมอบหมายหน่วยงานนั้น "
        "ข้อที่ผู้ประเมินให้คะแนนในระบบแล้วไม่เขียนทับ ช่องคะแนนว่างคือไม่เปลี่ยน ย้อนคืนได้จนกว่าจะส่งคะแนนให้หน่วยงาน"
    )
    stage: ClassVar = Mark.Stage.FIRST
    points: ClassVar = Column("points", "คะแนน", ("คะแนนที่ได้", "points"), "คะแนนตามเกณฑ์ของข้อ", 10, is_required=True)
    assessor: ClassVar = Column("assessor", "อีเมลผู้ประเมิน", ("ผู้ประเมิน", "อีเมล"), "ว่างคือผู้ที่ได้รับมอบหมาย ใส่ผู้อื่นไม่ได้", 30)

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (*NAMING, ITEM, self.points, REASON, self.assessor)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        agencies = self._agencies(scope, keys)
        assigned = Assignment.objects.filter(round=scope.the_round)
        if keys is None:  # agencies that somebody marks
            agencies = agencies.filter(pk__in=assigned.values("agency"))
        else:
            assigned = assigned.filter(agency__in=agencies.values("pk"))
        emails = dict(assigned.values_list("agency", Lower("assessor__email")))
        items, wanted = list(self._items(scope)), None if keys is None else set(keys)
        for some in _batches(list(agencies)):
            latest = self._latest(scope, [a.pk for a in some])
            for agency in some:
                for item in items:
                    if wanted is None or f"{agency.code}/{item}" in wanted:
                        mark = latest.get((agency.pk, item))
                        described = self._describe(mark, emails.get(agency.pk, ""))
                        yield f"{agency.code}/{item}", _name(agency, item) | described

    def _check_rules(
        self, scope: Scope, wanting: Sequence[tuple[Entry, Agency, str]], latest: Mapping[_Cell, Mark]
    ) -> None:
        agencies = {agency.pk: agency for _, agency, _ in wanting}
        assignments = Assignment.objects.filter(round=scope.the_round, agency__in=agencies).select_related("assessor")
        assigned = {a.agency_id: a.assessor for a in assignments}
        conflict_of = load_conflicts(assigned.values())
        filings = _read_filings(scope, agencies.values())
        closed = {pk: queries.marking_closed_reason(filing) for pk, filing in filings.items()}
        filed = {pk: queries.filed_items(filing) if filing.pk else set() for pk, filing in filings.items()}
        framework, items = load_round_framework(scope.the_round), self._items(scope)
        for entry, agency, item in wanting:
            assessor, mark = assigned.get(agency.pk), latest.get((agency.pk, item))
            email = entry.values.get(self.assessor.key, "")
            if assessor is None:
                entry.refuse(self.assessor.title, "ยังไม่ได้มอบหมายผู้ประเมินของหน่วยงานนี้")
            elif email and email != assessor.email.lower():
                entry.refuse(self.assessor.title, f"หน่วยงานนี้มอบหมายให้ {assessor.email} ตรวจ ไม่ใช่ {email[:80]}")
            elif reason := conflict_of(assessor, agency):
                entry.refuse(self.assessor.title, reason)
            if closed[agency.pk]:
                entry.refuse("", closed[agency.pk])
            if mark is not None and _upload_of(mark) is None:
                entry.refuse(self.points.title, f"{_MARKED_HERE} (ได้ {mark.points})")
            full = queries.scale(framework, items[item])[0][0]
            is_bare = not entry.values.get(REASON.key, (entry.before or {}).get(REASON.key))
            if int(entry.values[self.points.key]) == full and is_bare and item not in filed[agency.pk]:
                entry.refuse(REASON.title, "หน่วยงานไม่ได้ยื่นลิงก์หรือคำอธิบาย ให้คะแนนเต็มต้องบอกว่าเห็นหลักฐานที่ใด")


@register
class Decisions(_ItemMarks):
    """Decisions on items that wait for one: the agency replied, or two marks differ."""

    name: ClassVar = "decisions"
    title: ClassVar = "คำชี้ขาดข้อที่ชี้แจง"
    about: ClassVar = (
        "คำชี้ขาดของข้อที่หน่วยงานชี้แจงหรือที่คะแนนสองครั้งต่างกัน บันทึกในนามผู้ชี้ขาด ซึ่งต้องไม่ได้ให้คะแนนข้อนั้นและไม่มีส่วนได้เสีย "
        "หน่วยงานได้รับแจ้งทันทีที่บันทึก ช่องคะแนนว่างคือยังไม่ชี้ขาด ย้อนคืนได้จนกว่าจะปิดผนึกคะแนน"
    )
    stage: ClassVar = Mark.Stage.DECISION
    points: ClassVar = Column(
        "points", "คะแนนชี้ขาด", ("คะแนนตัดสิน", "คะแนน", "points"), "คะแนนตามเกณฑ์ของข้อ", 12, is_required=True
    )
    assessor: ClassVar = Column(
        "assessor", "อีเมลผู้ชี้ขาด", ("ผู้ชี้ขาด", "อีเมล"), "ผู้ประเมินที่ไม่ได้ให้คะแนนข้อนั้น", 30, is_required=True
    )
    first = Column("first", "คะแนนเดิม", (), "บอกว่าได้เท่าใดก่อนชี้แจง ไม่อ่านจากไฟล์", 10, is_shown=True)
    reply = Column("reply", "คำชี้แจง", (), "ที่หน่วยงานชี้แจง ไม่อ่านจากไฟล์", 50, is_shown=True)

    def columns(self, _: Scope, /) -> Sequence[Column]:
        return (*NAMING, ITEM, self.first, self.reply, self.points, REASON, self.assessor)

    def current(self, scope: Scope, keys: Sequence[str] | None = None) -> Iterator[tuple[str, Values]]:
        """Items that wait for a decision or have one; of keys also others, so that it is said why they do not."""
        agencies = list(self._agencies(scope, keys))
        for some in _batches(agencies):
            by_pk = {a.pk: a for a in some}
            decided = self._latest(scope, by_pk)
            filings = dict(Filing.objects.filter(round=scope.the_round, agency__in=by_pk).values_list("pk", "agency"))
            disputes = queries.open_disputes([scope.the_round], filings=list(filings))
            cells = {(d.filing.agency_id, d.item) for d in disputes} | set(decided)
            if keys is not None:
                codes = {a.code: a.pk for a in some}
                asked = (_split(key) for key in keys)
                cells = {(codes[code], item) for code, item in asked if code in codes}
            yield from self._describe_cells(scope, sorted(cells), by_pk, decided)

    def _describe_cells(
        self, scope: Scope, cells: Sequence[_Cell], agencies: Mapping[int, Agency], decided: Mapping[_Cell, Mark]
    ) -> Iterator[tuple[str, Values]]:
        of: dict[str, Any] = {"filing__round": scope.the_round, "filing__agency__in": agencies}
        replies = Clarification.objects.filter(**of).values_list("filing__agency", "item", "text")
        texts = {(agency, item): " ".join(text.split())[:_MOST_SHOWN] for agency, item, text in replies}
        marks = Mark.objects.filter(**of, stage=Mark.Stage.FIRST).order_by("id")
        first = {
            (agency, item): points for agency, item, points in marks.values_list("filing__agency", "item", "points")
        }
        for cell in cells:
            agency, item = agencies[cell[0]], cell[1]
            shown = {self.first.key: str(first.get(cell, "")), self.reply.key: texts.get(cell, "")}
            yield f"{agency.code}/{item}", _name(agency, item) | shown | self._describe(decided.get(cell), "")

    def _check_rules(
        self, scope: Scope, wanting: Sequence[tuple[Entry, Agency, str]], latest: Mapping[_Cell, Mark]
    ) -> None:
        sealed = "คะแนนของรอบนี้ปิดผนึกแล้ว ข้อที่เปิดใหม่ชี้ขาดที่หน้าข้อนั้น" if queries.latest_seal(scope.the_round) else ""
        agencies = {agency.pk for _, agency, _ in wanting}
        of: dict[str, Any] = {"filing__round": scope.the_round, "filing__agency__in": agencies}
        filings = list(Filing.objects.filter(round=scope.the_round, agency__in=agencies).values_list("pk", flat=True))
        waiting = {(d.filing.agency_id, d.item) for d in queries.open_disputes([scope.the_round], filings=filings)}
        emails = {e.values.get(self.assessor.key, "") for e, _, _ in wanting} - {""}
        people = assessors_of(scope.assessment).annotate(key=Lower("email")).filter(key__in=emails)
        assessors = {user.email.lower(): user for user in people}
        conflict_of = load_conflicts(assessors.values())
        markers = set(Mark.objects.filter(**of).values_list("filing__agency", "item", "by"))
        held = DrawnDispute.objects.filter(**of, until__gt=timezone.now())
        holders = {(agency, item): who for agency, item, who in held.values_list("filing__agency", "item", "assessor")}
        for entry, agency, item in wanting:
            cell, email = (agency.pk, item), entry.values.get(self.assessor.key, "")
            assessor = assessors.get(email)
            if sealed:
                entry.refuse("", sealed)
            elif cell not in waiting:
                mark = latest.get(cell)
                entry.refuse("", f"ชี้ขาดแล้ว ได้ {mark.points}" if mark else "ข้อนี้ไม่ได้รอการชี้ขาด")
            if assessor is None:
                entry.refuse(self.assessor.title, f"ไม่มีผู้ประเมินที่ใช้อีเมล {email[:80]}" if email else "ว่าง ใส่ว่าใครชี้ขาด")
                continue
            if reason := conflict_of(assessor, agency):
                entry.refuse(self.assessor.title, reason)
            if (*cell, assessor.pk) in markers:
                entry.refuse(self.assessor.title, "ผู้ที่ให้คะแนนข้อนี้แล้วชี้ขาดเองไม่ได้ ต้องเป็นผู้ประเมินคนอื่น")
            if holders.get(cell, assessor.pk) != assessor.pk:
                entry.refuse("", "ผู้ประเมินอีกคนรับข้อนี้ไปชี้ขาดอยู่")


def _read_filings(scope: Scope, agencies: Iterable[Agency]) -> dict[int, Filing]:
    """The filing of each agency, an unsaved one where there is none, with the round and its calendar read once."""
    prefetch_related_objects([scope.the_round], "phases__extensions")
    wanted = {a.pk: a for a in agencies}
    found = Filing.objects.filter(round=scope.the_round, agency__in=wanted).select_related("confirmed")
    filings = {filing.agency_id: filing for filing in found}
    for pk, agency in wanted.items():
        filing = filings.setdefault(pk, Filing(round=scope.the_round, agency=agency))
        filing.round, filing.agency = scope.the_round, agency
    return filings


def _upload_of(mark: Mark) -> int | None:
    """The table in which a mark came; None of one that an assessor gave here."""
    return mark.brought.upload_id if hasattr(mark, "brought") else None


def _name(agency: Agency, item: str) -> Values:
    return {CODE.key: agency.code, NAME.key: agency.name_th, PROVINCE.key: agency.province, ITEM.key: item}


def _split(key: str) -> tuple[str, str]:
    code, _, item = key.rpartition("/")
    return code, item


def _squeeze(text: str) -> str:
    return "".join(thai.plain_number(text).split()).casefold()


def _batches(items: Sequence[Agency]) -> Iterator[Sequence[Agency]]:
    for start in range(0, len(items), _FILINGS_PER_READ):
        yield items[start : start + _FILINGS_PER_READ]
