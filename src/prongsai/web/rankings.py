"""The table of a year's results that answers questions: what an address asks, its columns, its rows, its answer in a
sentence. Pages, files and the API read the same rows here.

Reasons are those that assessors stated, as far as they are public: what an agency's approved plan quotes of them, where
the agency publishes that plan. The comments of marks and of imported documents are not public, and not read here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any

from prongsai.framework import Framework
from prongsai.framework.schema import Label
from prongsai.improvement.queries import public_reasons
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency
from prongsai.registry.place_names import place_in_roman
from prongsai.registry.provinces import PLACES_EN, REGIONS
from prongsai.results import question as asked
from prongsai.results.facts import column_nodes, item_nodes, read_column_key
from prongsai.results.models import AgencyResult
from prongsai.results.queries import list_approximate
from prongsai.results.question import BEST, WORST, Question, RankedResult

FALLS, REASONS = "falls", "reasons"
DEFAULT_COLUMNS = (asked.TOTAL, asked.LEVEL, asked.CHANGE)
WHY = (asked.TOTAL, asked.CHANGE, FALLS, asked.WEAK, REASONS)  # what tells why results fell
_MAX_TEXT, _MAX_PLACE = 120, 60
_CAPITAL = "กรุงเทพมหานคร"
_BATCH = 500
_NAMED = 3  # agencies that the sentence names


class UnknownError(ValueError):
    """An address asks for a type, a place, a level, a column or an order that there is not."""


def _say(th: str, en: str) -> Label:
    return Label(th=th, en=en)


@dataclass(frozen=True)
class Column:
    """A column that a reader may choose."""

    key: str
    title: Label
    is_node: bool = False
    instrument: str = ""  # of an item

    @property
    def is_number(self) -> bool:
        return self.is_node or self.key in (asked.TOTAL, asked.CHANGE, asked.LEVEL_CHANGE)

    @property
    def is_sortable(self) -> bool:
        return self.key not in (FALLS, REASONS)


_COLUMNS = (
    Column(asked.TOTAL, _say("คะแนนรวม", "Total")),
    Column(asked.LEVEL, _say("ระดับ", "Level")),
    Column(asked.CHANGE, _say("เปลี่ยนจากปีก่อน", "Change on last year")),
    Column(asked.LEVEL_CHANGE, _say("ระดับเปลี่ยน", "Change of level")),
    Column(FALLS, _say("ตัวชี้วัดที่ลดลงมากที่สุด", "Indicators that fell most")),
    Column(asked.WEAK, _say("ข้อที่คะแนนต่ำสุด", "Weakest items")),
    Column(REASONS, _say("เหตุผลของผู้ตรวจ", "Assessors' reasons")),
)


def list_columns(framework: Framework) -> list[Column]:
    """The columns of a year: the general ones, then its instruments and indicators as its rules name them."""
    nodes = [framework.nodes[n] for n in column_nodes(framework)]
    return [*_COLUMNS, *(Column(n.id, _title_node(n.id, n.label), is_node=True) for n in nodes)]


def list_item_columns(framework: Framework) -> list[Column]:
    """The columns of a year's items, which are too many to be chosen from as the others are."""
    nodes = [framework.nodes[n] for n in item_nodes(framework)]
    return [Column(n.id, _title_node(n.id, n.label), is_node=True, instrument=n.instrument or "") for n in nodes]


def _title_node(node: str, label: Label) -> Label:
    return _say(f"{node} {label.th}", f"{node} {label.en or label.th}")


@dataclass(frozen=True)
class Request:
    """What an address asks: the question, and the columns to show."""

    question: Question
    columns: tuple[Column, ...]

    @property
    def items(self) -> list[str]:
        """The items among the columns."""
        return [column.key for column in self.columns if column.instrument]


def read_request(
    framework: Framework, values: Mapping[str, str], columns: list[str], *, fictional: bool, levels: Mapping[str, Any]
) -> Request:
    """What the ``values`` of an address ask of a year, with the keys of its columns. ``levels``: those that the year's
    results have beside those of the rules. Raises UnknownError."""
    known = {c.key: c for c in (*list_columns(framework), *list_item_columns(framework))}
    sort, order = values.get("sort") or asked.TOTAL, values.get("order") or BEST
    kind, region, level = (values.get(name, "") for name in ("kind", "region", "level"))
    province, district = values.get("province", ""), values.get("district", "")
    chosen = [*dict.fromkeys(columns)] or [*DEFAULT_COLUMNS]
    if sort not in (*chosen, asked.NAME):
        chosen.append(sort)
    is_known = (
        sort in asked.sort_keys(framework)
        and order in (BEST, WORST)
        and (not kind or kind in AgencyType.values)
        and (not region or region in REGIONS)
        and (not level or level in framework.bands or level in levels)
        and len(province) <= _MAX_PLACE
        and len(district) <= _MAX_PLACE
        and bool(province or not district)  # many provinces have one of a name
        and all(key in known for key in chosen)
    )
    if not is_known:
        raise UnknownError
    question = Question(
        framework=framework,
        fictional=fictional,
        kind=kind,
        province=province,
        district=district,
        region=region,
        level=level,
        text=values.get("q", "").strip()[:_MAX_TEXT],
        sort=sort,
        order=order,
    )
    return Request(question, tuple(c for c in known.values() if c.key in chosen))


@dataclass(frozen=True)
class Fall:
    """By how much an indicator fell, and why the two years are not like for like (Thai), or nothing."""

    node: str
    label: Label
    change: Decimal
    caution: str


@dataclass(frozen=True)
class WeakItem:
    """An item below the target, with the reason that an assessor stated for it as far as it is public."""

    node: str
    label: Label
    score: str
    is_approximate: bool
    reason: str


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    framework: Framework
    ranked: RankedResult
    reasons: Mapping[str, str]
    items: dict[str, str]  # the published scores of those that are asked for
    approximate: list[str]  # those of them whose score has a random error

    @property
    def rank(self) -> int | None:
        return self.ranked.rank

    @property
    def result(self) -> Any:
        return self.ranked.row

    @property
    def agency(self) -> Agency:
        return self.ranked.row.agency

    @cached_property
    def overall(self) -> str:
        """The total as published, or nothing."""
        if "overall" in self.result.facts:
            return str(self.result.facts["overall"])
        return "" if self.result.overall is None else str(self._round(self.result.overall))

    @cached_property
    def before(self) -> str:
        """The total of the year before, or nothing."""
        return str(self.result.facts.get("before", ["", ""])[0])

    @cached_property
    def level_before(self) -> str:
        return str(self.result.facts.get("before", ["", ""])[1])

    @cached_property
    def change(self) -> Decimal | None:
        return None if self.result.change is None else self._round(self.result.change)

    @property
    def points(self) -> Decimal | None:
        """By how many points the total changed, whichever way."""
        return None if self.change is None else abs(self.change)

    @cached_property
    def falls(self) -> list[Fall]:
        nodes = self.framework.nodes
        found = self.result.facts.get("falls", ())
        return [Fall(n, nodes[n].label, Decimal(c), caution) for n, c, caution in found if n in nodes]

    @cached_property
    def weak(self) -> list[WeakItem]:
        nodes = self.framework.nodes
        return [
            WeakItem(node, nodes[node].label, score, approximate, self.reasons.get(node, ""))
            for node, score, approximate in self.result.facts.get("weak", ())
            if node in nodes
        ]

    @cached_property
    def scores(self) -> dict[str, str]:
        """The published scores of instruments and indicators, and of the items that are asked for."""
        stored = self.result.facts.get("scores", {})
        return {read_column_key(key): score for key, score in stored.items()} | self.items

    def _round(self, value: Decimal) -> Decimal:
        """Without the zeros that the database adds: no published score has more decimals than its rules."""
        places = self.framework.rules.rounding.places
        shown = value.quantize(Decimal(1).scaleb(-places))
        return shown if shown == value else value.normalize()


def _describe(request: Request, ranked: list[RankedResult]) -> list[Row]:
    framework = request.question.framework
    reasons = public_reasons(framework.fiscal_year, [r.row.agency_id for r in ranked])
    items = _read_items(request.items, ranked)
    return [Row(framework, r, reasons.get(r.row.agency_id, {}), *items.get(r.row.result_id, ({}, []))) for r in ranked]


def _read_items(items: list[str], ranked: list[RankedResult]) -> dict[int, tuple[dict[str, str], list[str]]]:
    """The published scores of ``items`` by result, with those that are approximate."""
    if not items:
        return {}
    results = AgencyResult.objects.filter(pk__in=[r.row.result_id for r in ranked]).select_related("result_set")
    found = {}
    for result in results.only("shown", "result_set__origin"):
        approximate = set(list_approximate(result))
        scores = {item: result.shown[item] for item in items if item in result.shown}
        found[result.pk] = (scores, [item for item in scores if item in approximate])
    return found


def list_rows(request: Request, start: int, stop: int) -> list[Row]:
    """Rows ``start`` to ``stop`` of the answer."""
    return _describe(request, asked.rank_page(request.question, start, stop))


def iterate_rows(request: Request) -> Iterator[Row]:
    """Every row of the answer, some hundreds in memory at a time."""
    ranked = asked.rank_all(request.question)
    while part := list(islice(ranked, _BATCH)):
        yield from _describe(request, part)


# --- what is written into files


_ABOUT = (
    ("rank", "ลำดับ"),
    ("agency", "รหัสหน่วยงาน"),
    ("name", "ชื่อหน่วยงาน"),
    ("kind", "ประเภท"),
    ("province", "จังหวัด"),
    ("region", "ภาค"),
    ("fiscal_year", "ปีงบประมาณ (พ.ศ.)"),
)


def name_columns(columns: Iterable[Column], *, for_people: bool) -> list[str]:
    """The heads of the columns of a file: names for programs, or Thai titles."""
    about = [title if for_people else name for name, title in _ABOUT]
    caution = "ข้อควรระวังในการเทียบกับปีก่อน" if for_people else "caution"
    return [*about, *(c.title.th if for_people else c.key for c in columns), caution, "fictional"]


def write_row(row: Row, columns: Iterable[Column]) -> list[Any]:
    """The cells of a row of a file, under ``name_columns``."""
    agency = row.agency
    kind = str(AgencyType(agency.kind).label)
    about = [row.rank, agency.code, agency.name_th, kind, agency.province, agency.region, row.result.fiscal_year]
    cells = [_write_cell(row, column) for column in columns]
    return [*about, *cells, row.result.caution, str(agency.fictional).lower()]


def _write_cell(row: Row, column: Column) -> Any:
    if column.is_node:
        return _as_number(row.scores.get(column.key))
    if column.key == asked.TOTAL:
        return _as_number(row.overall)
    if column.key == asked.LEVEL:
        return row.result.level
    if column.key == asked.CHANGE:
        return row.change
    if column.key == asked.LEVEL_CHANGE:
        return row.result.level_change
    if column.key == FALLS:
        return "; ".join(f"{fall.node} {fall.change}" for fall in row.falls)
    if column.key == asked.WEAK:
        return "; ".join(f"{w.node} {'≈' if w.is_approximate else ''}{w.score}" for w in row.weak)
    return "; ".join(f"{w.node} {w.reason}" for w in row.weak if w.reason)


def _as_number(score: str | None) -> Decimal | None:
    return Decimal(score) if score else None


# --- the answer in a sentence


@dataclass(frozen=True)
class Answer:
    """The first of a question: ``claim`` is what they are the first by; ``others``: how many more have their value.
    ``is_nobody``: where the question is who fell, nobody did."""

    claim: Label
    leaders: list[Row]
    others: int
    is_nobody: bool


_CLAIMS: dict[tuple[str, str], Label] = {
    (asked.TOTAL, WORST): _say("คะแนนรวมต่ำที่สุด", "the lowest total"),
    (asked.TOTAL, BEST): _say("คะแนนรวมสูงที่สุด", "the highest total"),
    (asked.CHANGE, WORST): _say("คะแนนลดลงมากที่สุด", "the largest fall"),
    (asked.CHANGE, BEST): _say("คะแนนเพิ่มขึ้นมากที่สุด", "the largest rise"),
    (asked.LEVEL, WORST): _say("ระดับต่ำที่สุด", "the lowest level"),
    (asked.LEVEL, BEST): _say("ระดับสูงที่สุด", "the highest level"),
    (asked.LEVEL_CHANGE, WORST): _say("ระดับลดลงมากที่สุด", "the largest fall of level"),
    (asked.LEVEL_CHANGE, BEST): _say("ระดับเพิ่มขึ้นมากที่สุด", "the largest rise of level"),
    (asked.WEAK, WORST): _say("ข้อที่อ่อนที่สุดได้คะแนนต่ำที่สุด", "the lowest score of a weakest item"),
    (asked.WEAK, BEST): _say("ข้อที่อ่อนที่สุดได้คะแนนสูงที่สุด", "the highest score of a weakest item"),
}


def find_claim(question: Question) -> Label | None:
    """What the first of a question are the first by; None of a list by name."""
    if question.sort == asked.NAME:
        return None
    if claim := _CLAIMS.get((question.sort, question.order)):
        return claim
    node = question.framework.nodes[question.sort]
    title = _title_node(node.id, node.label)
    lowest = question.order == WORST
    return _say(
        f"คะแนน {title.th} {'ต่ำที่สุด' if lowest else 'สูงที่สุด'}", f"the {'lowest' if lowest else 'highest'} {title.en}"
    )


def name_district(district: str, province: str) -> Label:
    """A district by its name, which the Bangkok Metropolitan Administration's have another word for."""
    word = "เขต" if province == _CAPITAL else "อำเภอ"
    name = district.removeprefix(word)
    return _say(word + name, f"{place_in_roman(name, province) or name} district")


def name_place(question: Question) -> Label:
    """The place that a question asks about, to follow the type of agency; nothing for the nation."""
    if question.province:
        place = _say(f"จังหวัด{question.province}", PLACES_EN.get(question.province, question.province))
        if question.district:
            district = name_district(question.district, question.province)
            place = _say(f"{district.th} {place.th}", f"{district.en}, {place.en}")
        return _say(f"ใน{place.th}", f", {place.en}")
    return (
        _say(f"ในภาค{question.region}", f", {PLACES_EN.get(question.region, question.region)}")
        if question.region
        else _say("", "")
    )


def answer(question: Question, first_rows: list[Row]) -> Answer | None:
    """The answer of a question, from the rows of its first page; None where nobody has a value of what is asked."""
    claim = find_claim(question)
    leaders = [row for row in first_rows if row.rank == 1]
    if claim is None or not leaders:
        return None
    value = leaders[0].result.value
    is_change = question.sort in (asked.CHANGE, asked.LEVEL_CHANGE)
    is_nobody = is_change and (value >= 0 if question.order == WORST else value <= 0)
    others = len(leaders) - _NAMED
    if others > 0 and len(leaders) == len(first_rows):  # a next page may have more of them
        others = question.count_equals(value) - _NAMED
    return Answer(claim, leaders[:_NAMED], max(others, 0), is_nobody)
