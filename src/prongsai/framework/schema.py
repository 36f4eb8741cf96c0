"""The schema of a fiscal year's rules: frozen records; a field that is not declared here is refused.

Units: weights are basis points (10,000 = 100%); points, targets and band limits are on the scale 0-100.
Every fact names what it rests on: :class:`Basis`. :mod:`prongsai.framework.reading` checks the limits of the fields;
the records are plain dataclasses, so that rules which were checked before load without a validator.
"""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, TypeVar, dataclass_transform


class Limits:
    """Limits of a field, in pydantic's words: ``ge``, ``le``, ``min_length``, ``max_length``, ``pattern``."""

    def __init__(self, **limits: int | str) -> None:
        self.limits = limits

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], Any]) -> Any:
        return {**handler(source), **self.limits}


Id = Annotated[str, Limits(pattern=r"^[A-Za-z0-9_.\-/]{1,40}$")]
Text = Annotated[str, Limits(min_length=1, max_length=2000)]
Points = Annotated[int, Limits(ge=0, le=100)]
Count = Annotated[int, Limits(ge=1)]
Standing = Literal["documented", "inferred"]
State = Literal["provisional", "announced"]


class Record:
    """Base of every part of the rules: frozen, equal by value, fields by name.

    What :mod:`dataclasses` would compile for each of the classes is here once: compiling it took longer than reading
    the rules of a year.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid", "strict": True}

    def __init__(self, **values: object) -> None:
        known: dict[str, Field[Any]] = vars(type(self))["__dataclass_fields__"]
        defaults = {name: field.default for name, field in known.items() if field.default is not MISSING}
        values = defaults | values
        if values.keys() != known.keys():
            wrong = ", ".join(sorted(values.keys() ^ known.keys()))
            raise TypeError(f"{type(self).__name__}: fields missing or unknown: {wrong}")
        vars(self).update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in vars(type(self))["__dataclass_fields__"])
        return f"{type(self).__name__}({values})"


R = TypeVar("R", bound=Record)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[R]) -> type[R]:
    """A dataclass whose methods, but for comparison, are those of Record."""
    return dataclass(init=False, repr=False, match_args=False, unsafe_hash=True)(cls)


@record
class Basis(Record):
    """What a fact rests on: read in a source, or concluded from one. ``source`` names entries of the year's sources."""

    standing: Standing
    source: Annotated[tuple[Id, ...], Limits(min_length=1)]
    note: Text | None = None


@record
class Label(Record):
    th: Text
    en: Text


@record
class Source(Record):
    title: Text
    url: Text | None = None


@record
class Option(Record):
    """One choice of a scale; its place in the list is the index a parcel holds."""

    label: Label
    points: Points


@record
class Scale(Record):
    """Choices with the points they give when more is better. A negative item reads the points from the other end."""

    id: Id
    kind: Literal["answer", "mark"]
    options: Annotated[tuple[Option, ...], Limits(min_length=2, max_length=200)]
    basis: Basis


@record
class Instrument(Record):
    id: Id
    kind: Literal["survey", "disclosure"]
    collected_by: Literal["agency", "assessor"] = "agency"
    label: Label
    aliases: tuple[Text, ...] = ()
    weight: Annotated[int, Limits(ge=0, le=10_000)]
    method: Literal["mean_of_indicators"]
    basis: Basis


@record
class Composite(Record):
    """A mean that is published beside the instruments and feeds nothing: EIT as the mean of its two parts."""

    id: Id
    label: Label
    aliases: tuple[Text, ...] = ()
    of: Annotated[tuple[Id, ...], Limits(min_length=2)]
    method: Literal["mean_of_parts"]
    basis: Basis


@record
class Indicator(Record):
    """One of the ten. With two instruments it has a score in each part and is published as ``parts`` says."""

    id: Id
    instruments: Annotated[tuple[Id, ...], Limits(min_length=1)]
    label: Label
    aliases: tuple[Text, ...] = ()
    meaning: Label
    method: Literal["mean_of_items", "mean_of_sub_indicators"]
    parts: Literal["mean_of_parts"] | None = None
    basis: Basis


@record
class SubIndicator(Record):
    id: Id
    indicator: Id
    label: Label
    method: Literal["mean_of_items"]
    basis: Basis


@record
class Advice(Record):
    """What to say of a weak item, in Thai."""

    defect: Text
    remedy: Text


@record
class SubAnswer(Record):
    label: Label
    direction: Literal["positive", "negative"] | None = None  # where it differs from its item's


@record
class SurveyItem(Record):
    """A question. ``id`` is the same in every part of an instrument that asks it."""

    id: Id
    indicator: Id
    label: Label
    scale: Id
    direction: Literal["positive", "negative"]
    answers: tuple[SubAnswer, ...] = ()
    method: Literal["mean_of_answers"]
    basis: Basis
    scale_basis: Basis
    continues: tuple[Id, ...] = ()
    advice: Advice


AGENCY_GROUPS = ("อปท.", "จังหวัด")  # the types of agency that a condition can name: local government, provinces
PlanColumn = Literal["measure", "analysis", "steps", "period", "responsible"]


@record
class Element(Record):
    """Something a disclosure must contain; ``only_for`` names the type of agency it is asked of; ``plan`` the columns
    it asks of a plan."""

    th: Text
    plan: tuple[PlanColumn, ...] = ()
    only_for: Text | None = None
    standing: Standing
    source: Annotated[tuple[Id, ...], Limits(min_length=1)]


@record
class DisclosureItem(Record):
    id: Id
    sub_indicator: Id
    heading: Text
    label: Label
    scale: Id
    period: Literal["any", "assessed_year", "first_half", "previous_year"]
    elements: Annotated[tuple[Element, ...], Limits(min_length=1)]
    basis: Basis
    placement: Basis
    period_basis: Basis
    continues: tuple[Id, ...] = ()
    advice: Advice


@record
class Rounding(Record):
    method: Literal["half_up"]
    places: Annotated[int, Limits(ge=0, le=6)]
    basis: Basis


@record
class Band(Record):
    """A level: the least total, and where there is one the least score of every instrument. Best first."""

    id: Text  # as it is printed: "AA", "ผ่านดี"
    label: Label
    at_least: Points
    every_instrument_at_least: Points | None = None
    basis: Basis


@record
class Target(Record):
    points: Points
    passing: Literal["overall_at_target"]
    label: Label
    basis: Basis


@record
class Sample(Record):
    """The least number of responses: a share of the population, with a floor, everyone below it, and a cap."""

    instrument: Id
    population: Label
    percent: Annotated[int, Limits(ge=1, le=100)]
    at_least: Count
    cap_population_over: Count
    cap: Count
    basis: Basis


@record
class SmallGroups(Record):
    """What is published of a group in which somebody may know the answers of all others but one.

    A question that fewer than ``show_items_from`` answered has no score, nor what would give it away. The score of a
    question has a random error, so that nothing published of it makes one answer more than ``item_odds`` times as
    likely as another, and needs ``approximate_items_from`` answers to be worth showing; without these two, no question
    has a score. What a survey says of an indicator needs ``show_indicators_from`` answers. All three are doubled where
    at least ``double_from_percent`` of the people answered, or nobody knows how many people there are. A receipt counts
    answers in ranges of ``count_width``."""

    show_items_from: Count
    approximate_items_from: Count | None = None
    item_odds: Annotated[int, Limits(ge=2, le=100)] | None = None
    show_indicators_from: Count | None = None
    double_from_percent: Annotated[int, Limits(ge=1, le=100)] | None = None
    count_width: Annotated[int, Limits(ge=2, le=1000)] | None = None
    basis: Basis


@record
class OpenLink(Record):
    """An instrument that may be answered through a link that is the same for everybody, so that one person can answer
    twice. One that no entry names is answered with one-time codes; a result that used a link is marked."""

    instrument: Id
    basis: Basis


@record
class Phase(Record):
    id: Id
    label: Label
    starts: datetime.date | None = None
    ends: datetime.date | None = None
    basis: Basis


@record
class Case(Record):
    """A worked case: scores that are known, and what the rules must make of them.

    Values are decimals as printed or fractions ("7/9"); ``within`` is how far the result may be from the printed one,
    for cases whose inputs are themselves rounded.
    """

    title: Text
    source: Annotated[tuple[Id, ...], Limits(min_length=1)]
    given: dict[str, Text]
    expect: dict[str, Text]
    level: Text | None = None
    passes: bool | None = None
    within: Text = "0"


@record
class Reading(Record):
    """Another reading of a doubtful rule, held beside the one that the rules follow.

    ``changes`` names a list of the rules, an entry of it by id, and the fields that differ:
    ``{disclosure_items: {O24: {sub_indicator: "10.1"}}}``. ``more_questions`` says how many questions an indicator has
    beside those listed, whose words and answers are not known: ``{"1": 3}``.
    """

    id: Id
    label: Label
    changes: dict[str, dict[str, dict[str, str | int]]]
    more_questions: dict[Id, Count] | None = None
    basis: Basis


@record
class Edition(Record):
    """An earlier edition of the year's rules that gives the same scores, and what has been corrected since."""

    digest: Annotated[str, Limits(pattern=r"^[0-9a-f]{64}$")]
    note: Text


@record
class Rules(Record):
    """Everything one fiscal year's folder says, before it is put in order as a Framework.

    ``state`` is ``provisional`` until the office has announced rules for the year: what is not known of it is carried
    over from the year before.
    """

    assessment: Annotated[str, Limits(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
    fiscal_year: Annotated[int, Limits(ge=2500, le=2700)]
    state: State
    earlier_editions: tuple[Edition, ...] = ()
    title: Label
    note: Text | None = None
    sources: dict[str, Source]
    scales: Annotated[tuple[Scale, ...], Limits(min_length=1)]
    instruments: Annotated[tuple[Instrument, ...], Limits(min_length=1)]
    composites: tuple[Composite, ...] = ()
    indicators: Annotated[tuple[Indicator, ...], Limits(min_length=1)]
    sub_indicators: tuple[SubIndicator, ...] = ()
    overall: Literal["weighted_sum"]
    rounding: Rounding
    bands: Annotated[tuple[Band, ...], Limits(min_length=1)]
    target: Target
    samples: tuple[Sample, ...] = ()
    small_groups: SmallGroups | None = None
    open_links: tuple[OpenLink, ...] = ()
    calendar: tuple[Phase, ...] = ()
    survey_items: tuple[SurveyItem, ...] = ()
    disclosure_items: tuple[DisclosureItem, ...] = ()
    cases: tuple[Case, ...] = ()
    readings: tuple[Reading, ...] = ()


def apply_reading(rules: Rules, reading: Reading) -> Rules:
    """The rules under another reading, which has no further ones."""
    changed: dict[str, Any] = {"readings": ()}
    for key, entries in reading.changes.items():
        parts = getattr(rules, key)
        changed[key] = tuple(replace(part, **entries[part.id]) if part.id in entries else part for part in parts)
    if reading.more_questions:
        questions = changed.get("survey_items", rules.survey_items)
        changed["survey_items"] = (*questions, *_questions_without_words(questions, reading))
    return replace(rules, **changed)


def _questions_without_words(questions: tuple[SurveyItem, ...], reading: Reading) -> Iterator[SurveyItem]:
    """Questions that a reading adds to indicators, like the first one that each has."""
    for indicator, count in (reading.more_questions or {}).items():
        like = next(question for question in questions if question.indicator == indicator)
        for number in range(1, count + 1):
            label = Label(
                th=f"คำถามอื่นของตัวชี้วัด {indicator} ที่ไม่พบถ้อยคำ ข้อที่ {number}",
                en=f"Question {number} of indicator {indicator} whose words are not known",
            )
            name = f"{indicator}.more-{number}"
            yield replace(
                like, id=name, label=label, continues=(), answers=(), basis=reading.basis, scale_basis=reading.basis
            )


def as_data(value: object) -> Any:
    """Any part of the rules as JSON data: what the digest of a year is taken of."""
    if isinstance(value, Record):
        return {name: as_data(part) for name, part in vars(value).items()}
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: as_data(part) for name, part in value.items()}
    return [as_data(part) for part in value] if isinstance(value, tuple) else value
