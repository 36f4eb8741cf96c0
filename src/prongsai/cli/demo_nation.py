"""A nation around the demonstration: as many agencies, users and years as the real one, in the middle of everything.

It is stored in bulk, as the actions of its users would have left it: one act at a time, 8,317 agencies would take
hours. Everything in it is invented, and the name of each agency says so.
"""

import datetime
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, cast

import numpy as np
import pyarrow.parquet as pq
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.models import Max
from django.utils import timezone

from prongsai.disclosure import queries as filings
from prongsai.disclosure.models import Clarification, Confirmation, Entry, Filing, Link, Mark
from prongsai.framework import DisclosureItem, Framework
from prongsai.improvement import approval
from prongsai.improvement.models import Decision, LibraryEntry, Measure, Plan
from prongsai.improvement.snapshot import content_of
from prongsai.lib import digest, thai
from prongsai.links.model import State
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.agency_types import AGENCY_TYPES_EN, AgencyType
from prongsai.registry.models import Agency, Appointment, Assignment, Round
from prongsai.registry.provinces import REGION_OF
from prongsai.results.models import PublishedResult
from prongsai.survey.models import Channel, Population, Response
from prongsai.web.demo_accounts import PASSWORD

AGENCIES, ASSESSORS, EARLIER_YEARS = 8_317, 200, 3
RESPONDENTS = 12  # of an agency and instrument, in the answers of a past year
BATCH = 500
# how many of a hundred agencies are of a type; what is left is of the last
_SHARES = (
    (AgencyType.DEPARTMENT, 2),
    (AgencyType.STATE_ENTERPRISE, 1),
    (AgencyType.PUBLIC_ORGANIZATION, 1),
    (AgencyType.UNIVERSITY, 1),
    (AgencyType.PROVINCE, 1),
    (AgencyType.PROVINCIAL_ORGANIZATION, 1),
    (AgencyType.TOWN, 3),
    (AgencyType.SUBDISTRICT_MUNICIPALITY, 27),
    (AgencyType.SUBDISTRICT_ORGANIZATION, 63),
)
_CENTRAL = (
    AgencyType.DEPARTMENT,
    AgencyType.STATE_ENTERPRISE,
    AgencyType.PUBLIC_ORGANIZATION,
    AgencyType.UNIVERSITY,
)
_LANDS = {
    "บ้าน": "Ban", "หนอง": "Nong", "ดอน": "Don", "ห้วย": "Huai", "นา": "Na", "โคก": "Khok", "ทุ่ง": "Thung",
    "บึง": "Bueng", "คลอง": "Khlong", "วัง": "Wang", "ท่า": "Tha", "เขา": "Khao", "ป่า": "Pa", "บาง": "Bang",
    "โพน": "Phon", "ลำ": "Lam", "หาด": "Hat", "เกาะ": "Ko", "สระ": "Sa", "ปาก": "Pak", "แม่": "Mae", "ไร่": "Rai",
}  # fmt: skip
_FEATURES = {
    "แก้ว": "Kaeo", "งาม": "Ngam", "ใหญ่": "Yai", "น้อย": "Noi", "ทอง": "Thong", "เงิน": "Ngoen", "ขาว": "Khao",
    "แดง": "Daeng", "ดำ": "Dam", "เหนือ": "Nuea", "ใต้": "Tai", "กลาง": "Klang", "ใส": "Sai", "สว่าง": "Sawang",
    "ไทร": "Sai", "โพธิ์": "Pho", "ไผ่": "Phai", "มะขาม": "Makham", "ม่วง": "Muang", "ยาง": "Yang", "สัก": "Sak",
    "บัว": "Bua", "ปลา": "Pla", "ช้าง": "Chang", "เสือ": "Suea", "หิน": "Hin", "ทราย": "Sai", "เค็ม": "Khem",
    "หวาน": "Wan", "เย็น": "Yen", "ร่ม": "Rom", "สูง": "Sung", "ยาว": "Yao", "กว้าง": "Kwang", "หลวง": "Luang",
}  # fmt: skip


def _draw(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (invents a nation, guards nothing)


def _insert(model: type[models.Model], names: str, rows: list[tuple[Any, ...]]) -> Sequence[int]:
    """Store rows of values by the names of the fields, without an object for each; their primary keys, where the rows
    do not have them themselves."""
    fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in names.split()]
    first = 1 + (model._base_manager.aggregate(newest=Max("pk"))["newest"] or 0) if fields[0].name != "id" else 0
    keys = range(first, first + len(rows)) if first else ()
    columns = [str(f.column) for f in fields] + (["id"] if first else [])
    convert = [(n, f) for n, f in enumerate(fields) if isinstance(f, _CONVERTED)]

    database, converted = connections["default"], {}

    def prepare() -> Iterator[list[Any]]:
        for number, row in enumerate(rows, first):
            values = [*row, number] if first else list(row)
            for n, field in convert:
                place = n, id(values[n])  # most rows share their values, which live as long as the rows
                if place not in converted:
                    converted[place] = field.get_db_prep_save(values[n], database)
                values[n] = converted[place]
            yield values

    quote = database.ops.quote_name
    table, marks = quote(model._meta.db_table), ", ".join(["%s"] * len(columns))
    with database.cursor() as cursor:
        into = f"{table} ({', '.join(quote(c) for c in columns)})"
        cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", list(prepare()))  # noqa: S608 (names of the model)
        for statement in database.ops.sequence_reset_sql(no_style(), [model]) if first else ():
            cursor.execute(statement)
    return keys


_CONVERTED = (models.JSONField, models.DateTimeField, models.DateField, models.UUIDField, models.BinaryField)


class Stage(IntEnum):
    """How far the filing of an agency is; each stage has what those before it have."""

    NOTHING = 0
    PARTLY = 1
    FILED = 2
    CONFIRMED = 3
    MARKED = 4
    RELEASED = 5
    CLARIFIED = 6
    DECIDED = 7


# of a hundred agencies, in the round of today
_STAGES = (8, 26, 24, 18, 12, 7, 4, 1)


@dataclass(frozen=True)
class Nation:
    """The invented agencies in the order of their codes, the officer and the executive of each, and the assessors."""

    agencies: list[Agency]
    officers: list[User]
    executives: list[User]
    assessors: list[User]

    @cached_property
    def codes(self) -> list[str]:
        return [agency.code for agency in self.agencies]

    def lean(self, year: int) -> dict[str, float]:
        """Where each agency stands in a year, from 0 to 1: near where it always stands, and a little higher each
        year."""
        steady = np.random.default_rng(11).normal(0.66, 0.07, len(self.agencies))
        trend = np.random.default_rng(12).normal(0.02, 0.012, len(self.agencies)) * (year % 10)
        moved = np.random.default_rng(year).normal(0, 0.025, len(self.agencies))
        return dict(zip(self.codes, np.clip(steady + trend + moved, 0.45, 0.95).tolist(), strict=True))


def code_of(number: int) -> str:
    """The code of an agency of the nation, whose numbers begin with 0."""
    return f"N{number:05}"


def create_agencies(count: int = AGENCIES, *, assessment: str = "ita") -> list[Agency]:
    """Invented agencies over every province, with their types in about the shares of the real ones. No two of a type
    and province have one name; across provinces names come again, as they do."""
    draw, provinces, names = _draw(1), sorted(REGION_OF), set()
    kinds = [kind for kind, share in _SHARES for _ in range(share)]
    agencies: list[Agency] = []
    while len(agencies) < count:
        kind = draw.choice(kinds)
        province = "" if kind in _CENTRAL else draw.choice(provinces)
        place, english = _invent_place(draw)
        if kind in (AgencyType.PROVINCE, AgencyType.PROVINCIAL_ORGANIZATION):
            place, english = province + place, f"{english} province"
        if (kind, province, place) in names:
            continue
        names.add((kind, province, place))
        code = code_of(len(agencies))
        agency = Agency(
            assessment_id=assessment,
            code=code,
            name_th=f"{kind.label}{place} (สมมุติ)",
            name_en=f"{english} {AGENCY_TYPES_EN[kind]} (fictional)",
            kind=kind,
            province=province,
            district=f"{_invent_place(draw)[0]}สมมุติ" if province else "",
            website=f"http://www.{code.lower()}.srisommut.example/",
            fictional=True,
        )
        agencies.append(agency.fill_keys())
    return Agency.objects.bulk_create(agencies, batch_size=BATCH)


def _invent_place(draw: random.Random) -> tuple[str, str]:
    """A name of a place in Thai and in English, such as ทุ่งบัวแดง, Thung Bua Daeng."""
    land, features = draw.choice(list(_LANDS)), draw.sample(list(_FEATURES), draw.choice((1, 2, 2)))
    return "".join((land, *features)), " ".join((_LANDS[land], *(_FEATURES[f] for f in features)))


def create_nation(count: int = AGENCIES, assessors: int = ASSESSORS) -> Nation:
    """The agencies with an officer and an executive each, and the assessors; all with the demonstration's password."""
    agencies, password = create_agencies(count), make_password(PASSWORD)

    def users(role: Role, named: Iterable[tuple[str, str]]) -> list[User]:
        made = [User(email=f"{e}@nation.test", name=name, role=role, password=password) for e, name in named]
        return User.objects.bulk_create(made, batch_size=BATCH)

    officers = users(Role.OFFICER, ((f"officer-{a.code}", f"เจ้าหน้าที่ {a.name_th}"[:120]) for a in agencies))
    executives = users(Role.EXECUTIVE, ((f"executive-{a.code}", f"ผู้บริหาร {a.name_th}"[:120]) for a in agencies))
    since = datetime.date(2020, 1, 1)
    Appointment.objects.bulk_create(
        [
            Appointment(user=user, agency=agency, since=since)
            for people in (officers, executives)
            for user, agency in zip(people, agencies, strict=True)
        ],
        batch_size=BATCH,
    )
    named = ((f"assessor-{n}", f"ผู้ประเมินสมมุติ คนที่ {n}") for n in range(1, assessors + 1))
    return Nation(agencies, officers, executives, users(Role.ASSESSOR, named))


@transaction.atomic
def fill_last_year(nation: Nation, assessment_round: Round, framework: Framework) -> None:
    """Filings of a past year, everything filed, confirmed and marked as its result was computed."""
    table = pq.read_table(assessment_round.parcels / "marks.parquet").to_pydict()
    row_of = {code: n for n, code in enumerate(table["agency"])}
    points = {a.code: {i.id: table[i.id][row_of[a.code]] for i in filings.items(framework)} for a in nation.agencies}
    stages: dict[str, Stage] = dict.fromkeys(nation.codes, Stage.RELEASED)
    _Filer(nation, assessment_round, framework, stages, points).store()


@transaction.atomic
def fill_round(nation: Nation, assessment_round: Round, framework: Framework, today: datetime.date) -> None:
    """The round of today in the middle of everything: filings at every stage, surveys that are answered."""
    draw = _draw(assessment_round.fiscal_year)
    stages = dict(zip(nation.codes, draw.choices(list(Stage), _STAGES, k=len(nation.codes)), strict=True))
    lean = nation.lean(assessment_round.fiscal_year)
    points: dict[str, dict[str, int]] = {}
    for code, stage in stages.items():
        if stage >= Stage.MARKED:
            points[code] = {
                item.id: _draw_points(draw, framework, item, lean[code]) for item in filings.items(framework)
            }
    _Filer(nation, assessment_round, framework, stages, points).store()
    _fill_surveys(nation, assessment_round, framework, today)


def _draw_points(draw: random.Random, framework: Framework, item: DisclosureItem, lean: float) -> int:
    worst, *_, best = sorted(framework.mark_points(item.id))
    return best if draw.random() < lean + 0.14 else worst


_DEFECTS = ("ข้อมูลที่เผยแพร่เป็นของปีก่อน", "องค์ประกอบไม่ครบตามที่กำหนด", "ไม่พบข้อมูลตามลิงก์ที่ยื่น", "ไฟล์ที่แนบเปิดไม่ได้")
_STATES: tuple[tuple[State, int], ...] = (("ok", 90), ("dead", 5), ("soft_404", 3), ("sign_in", 2))


class _Filer:
    """Stores the filings of a round: entries, links, confirmations, marks and clarifications."""

    def __init__(
        self,
        nation: Nation,
        assessment_round: Round,
        framework: Framework,
        stages: Mapping[str, Stage],
        points: Mapping[str, Mapping[str, int]],
    ) -> None:
        self.nation, self.round, self.framework = nation, assessment_round, framework
        self.stages, self.points = stages, points
        self.items = filings.items(framework)
        self.draw = _draw(assessment_round.fiscal_year + 1)
        now = timezone.now()
        self.now, self.earlier = now, now - datetime.timedelta(5)
        assigned = Assignment.objects.filter(round=assessment_round).values_list("agency", "assessor")
        self.assessor_of = dict(assigned)

    def store(self) -> None:
        people = zip(self.nation.agencies, self.nation.officers, self.nation.executives, strict=True)
        begun = [row for row in people if self.stages[row[0].code] != Stage.NOTHING]
        stored = Filing.objects.bulk_create(
            [
                Filing(
                    round=self.round,
                    agency=agency,
                    released_at=self.now if self.stages[agency.code] >= Stage.RELEASED else None,
                )
                for agency, *_ in begun
            ],
            batch_size=BATCH,
        )
        contents = self._store_entries(list(zip(stored, (officer for _, officer, _ in begun), strict=True)))
        signers = {agency.pk: executive for agency, _, executive in begun}
        self._store_confirmations([f for f in stored if self._is_at(f, Stage.CONFIRMED)], signers, contents)
        self._store_marks([f for f in stored if self._is_at(f, Stage.MARKED)])
        self._store_clarifications([f for f in stored if self._is_at(f, Stage.CLARIFIED)])

    def _is_at(self, filing: Filing, stage: Stage) -> bool:
        return self.stages[filing.agency.code] >= stage

    def _store_entries(self, rows: list[tuple[Filing, User]]) -> dict[int, dict[str, Any]]:
        """Entries with a link each; the content of each filing as a confirmation has it, by the filing's key."""
        entries, places = [], []
        required: dict[tuple[str, str], list[int]] = {}
        for filing, officer in rows:
            for item in self.items[: self._count_filed(filing)]:
                place = item.id, filing.agency.kind
                if place not in required:
                    required[place] = [k for k, _ in filings.required_elements(item, filing.agency)]
                elements = required[place]
                entries.append((filing.pk, item.id, elements, 1, officer.pk, self.earlier, ""))
                places.append((filing, item.id, elements))
        keys = _insert(Entry, "filing item elements revision changed_by changed_at explanation", entries)
        names, weights = zip(*_STATES, strict=True)
        states = self.draw.choices(names, weights, k=len(keys))
        year = self.round.fiscal_year
        contents: dict[int, dict[str, Any]] = {}
        links: list[tuple[Any, ...]] = []
        for entry, (filing, item_id, _), state in zip(keys, places, states, strict=True):
            url = f"{filing.agency.website}oit/{year}/{item_id}"
            links.append((entry, url, 0, self.earlier, state, self.earlier, "filing"))
        stored = _insert(Link, "entry url position since state state_since next_reason", links)
        for link, (_, url, *_), (filing, item_id, elements) in zip(stored, links, places, strict=True):
            of_filing = contents.setdefault(filing.pk, {})
            of_filing[item_id] = {"links": [[link, url]], "explanation": "", "elements": elements}
        return contents

    def _count_filed(self, filing: Filing) -> int:
        if self._is_at(filing, Stage.FILED):
            return len(self.items)
        return self.draw.randrange(1, len(self.items))

    def _store_confirmations(
        self, rows: list[Filing], signers: Mapping[int, User], contents: Mapping[int, dict[str, Any]]
    ) -> None:
        confirmations = Confirmation.objects.bulk_create(
            [
                Confirmation(
                    filing=filing,
                    by=signers[filing.agency_id],
                    name=signers[filing.agency_id].name,
                    position="ผู้บริหารสูงสุด",
                    at=self.earlier,
                    content=contents[filing.pk],
                    digest=digest.of_json(contents[filing.pk]),
                )
                for filing in rows
            ],
            batch_size=BATCH,
        )
        for filing, confirmation in zip(rows, confirmations, strict=True):
            filing.confirmed = confirmation
        Filing.objects.bulk_update(rows, ["confirmed"], batch_size=BATCH)

    def _store_marks(self, rows: list[Filing]) -> None:
        """The first marks, of some items only where they are not released; and what was decided after a reply."""
        best = {item.id: max(self.framework.mark_points(item.id)) for item in self.items}
        elements = {item.id: list(range(len(item.elements))) for item in self.items}
        marks: list[tuple[Any, ...]] = []
        none, incomplete = list[str](), ["องค์ประกอบไม่ครบ"]
        for filing in rows:
            items = self.items if self._is_at(filing, Stage.RELEASED) else self.items[: self._count_marked()]
            assessor = self.assessor_of[filing.agency_id]
            for item in items:
                points = self.points[filing.agency.code][item.id]
                shown: tuple[Any, ...] = (none, "", elements[item.id])
                if points < best[item.id]:
                    shown = (incomplete, self.draw.choice(_DEFECTS), none)
                marks.append((filing.pk, item.id, Mark.Stage.FIRST.value, points, *shown, none, assessor, self.now))
            if self._is_at(filing, Stage.DECIDED):
                item_id, by = self._disputed(filing), self.draw.choice(self.nation.assessors).pk
                shown = (none, "พบข้อมูลครบถ้วนตามคำชี้แจง", elements[item_id])
                marks.append((filing.pk, item_id, Mark.Stage.DECISION.value, best[item_id], *shown, none, by, self.now))
        _insert(Mark, "filing item stage points reasons comment elements evidence by at", marks)

    def _count_marked(self) -> int:
        return self.draw.randrange(1, len(self.items))

    def _store_clarifications(self, rows: list[Filing]) -> None:
        officer_of = dict(zip((a.pk for a in self.nation.agencies), self.nation.officers, strict=True))
        Clarification.objects.bulk_create(
            [
                Clarification(
                    filing=filing,
                    item=self._disputed(filing),
                    text="ข้อมูลอยู่ส่วนล่างของหน้าเดียวกัน ขอให้พิจารณาอีกครั้ง",
                    by=officer_of[filing.agency_id],
                )
                for filing in rows
            ],
            batch_size=BATCH,
        )

    def _disputed(self, filing: Filing) -> str:
        points = self.points[filing.agency.code]
        return min(points, key=points.__getitem__)


def _fill_surveys(nation: Nation, assessment_round: Round, framework: Framework, today: datetime.date) -> None:
    """Populations, and for most agencies a channel with answers; some agencies have not begun."""
    draw, numbers = _draw(3), np.random.default_rng(3)
    instruments = framework.survey_instruments()
    populations, channels = [], []
    for agency in nation.agencies:
        if draw.random() < 0.1:
            continue
        for instrument in instruments:
            size = draw.randrange(18, 160) if instrument is instruments[0] else draw.randrange(200, 9000)
            at: dict[str, Any] = {"round": assessment_round, "agency": agency, "instrument": instrument.id}
            populations.append(Population(**at, size=size))
            if instrument.collected_by == "agency" and draw.random() < 0.85:
                is_link = framework.allows_open_link(instrument.id)
                kind = Channel.Kind.LINK if is_link else Channel.Kind.CODES
                slug = f"n{instrument.id[:2].lower()}{agency.code.lower()}"
                channels.append(Channel(**at, kind=kind, slug=slug, opened_on=today))
    Population.objects.bulk_create(populations, batch_size=BATCH)
    stored = Channel.objects.bulk_create(channels, batch_size=BATCH)
    lean = nation.lean(assessment_round.fiscal_year)
    columns = {i.id: framework.answer_columns(i.id) for i in instruments}
    days = [today - datetime.timedelta(n) for n in range(1, 20)]
    responses: list[tuple[Any, ...]] = []
    for channel in stored:
        options = np.array([len(column.points) for column in columns[channel.instrument]])
        wish = numbers.normal(lean[channel.agency.code], 0.16, (draw.randrange(16), len(options)))
        answers = (np.clip(wish, 0, 0.999) * options).astype(np.uint8)
        responses += [(uuid.uuid4(), channel.pk, draw.choice(days), row.tobytes()) for row in answers]
    _insert(Response, "id channel day answers", responses)


_MEASURES = (
    ("จัดทำคู่มือและกำหนดระยะเวลาให้บริการ", "จัดทำร่าง\nเสนอผู้บริหาร\nเผยแพร่บนเว็บไซต์", "สำนักปลัด"),
    ("เผยแพร่ข้อมูลการใช้จ่ายงบประมาณรายไตรมาส", "รวบรวมข้อมูล\nตรวจสอบ\nเผยแพร่", "กองคลัง"),
    ("ซักซ้อมแนวทางการใช้ทรัพย์สินของราชการ", "จัดประชุมชี้แจง\nติดตามการขอยืมทุกไตรมาส", "กองช่าง"),
)


@transaction.atomic
def fill_plans(nation: Nation, framework: Framework, share: float) -> None:
    """Plans of the year of the rules on the result before it, for a share of the agencies: drafts, submitted plans,
    approved and published ones."""
    year = framework.fiscal_year
    draw, indicators = _draw(year), [i.id for i in framework.rules.indicators]
    result_of = dict(PublishedResult.objects.filter(fiscal_year=year - 1).values_list("agency", "result"))
    numbers = [n for n, a in enumerate(nation.agencies) if a.pk in result_of and draw.random() < share]
    states = (Plan.Status.DRAFT, Plan.Status.SUBMITTED, Plan.Status.APPROVED)
    plans = Plan.objects.bulk_create(
        [
            Plan(
                agency=nation.agencies[n],
                fiscal_year=year,
                result_id=result_of[nation.agencies[n].pk],
                status=(state := draw.choices(states, (30, 20, 50))[0]),
                public=state == Plan.Status.APPROVED,
            )
            for n in numbers
        ],
        batch_size=BATCH,
    )
    measures = [
        Measure(
            plan=plan,
            position=position,
            title=title,
            steps=steps,
            units=[unit],
            indicators=[draw.choice(indicators)],
            success="ดำเนินการแล้วเสร็จตามกำหนดทุกรายการ",
            changed_by=nation.officers[n],
        )
        for n, plan in zip(numbers, plans, strict=True)
        for position, (title, steps, unit) in enumerate(_MEASURES)
    ]
    Measure.objects.bulk_create(measures, batch_size=BATCH)
    signer = {plan.pk: nation.executives[n] for n, plan in zip(numbers, plans, strict=True)}
    approved = Plan.objects.filter(fiscal_year=year, status=Plan.Status.APPROVED, pk__in=signer)
    Decision.objects.bulk_create(
        [
            Decision(
                plan=plan,
                **approval.describe_decision(
                    Decision.Step.APPROVED, content_of(plan), signer[plan.pk], position="ผู้บริหารสูงสุด", comment=""
                ),
            )
            for plan in approved.select_related("agency", "result__result_set")
        ],
        batch_size=BATCH,
    )
    LibraryEntry.objects.bulk_create(
        [
            LibraryEntry(
                plan=m.plan,
                agency=m.plan.agency,
                kind=m.plan.agency.kind,
                fiscal_year=year,
                indicator=m.indicators[0],
                key=digest.of_json(thai.squeeze(m.title)),
                title=m.title,
                steps=m.steps,
            )
            for m in measures
            if m.plan.status == Plan.Status.APPROVED
        ],
        batch_size=BATCH,
    )
