"""The one schema of a fiscal year's rules. Frozen; nothing beyond what is declared here is accepted.

Units: weights are basis points (10,000 = the whole); points, targets and band limits are on the scale 0-100.
Every fact says on what it stands: :class:`Basis`.
"""

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-/]{1,40}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Points = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=1)]
Standing = Literal["documented", "inferred"]


def _iso_date(value: object) -> object:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


Date = Annotated[datetime.date, BeforeValidator(_iso_date)]


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Basis(Model):
    """On what a fact stands: seen in a source, or concluded from one. ``source`` names entries of the year's
    sources."""

    standing: Standing
    source: Annotated[tuple[Id, ...], Field(min_length=1)]
    note: Text | None = None


class Label(Model):
    th: Text
    en: Text


class Source(Model):
    title: Text
    url: Text | None = None


class Option(Model):
    """One choice of a scale; its place in the list is the index a parcel holds."""

    label: Label
    points: Points


class Scale(Model):
    """Choices with the points they give when more is better. A negative item reads the points from the other end."""

    id: Id
    kind: Literal["answer", "mark"]
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=200)]
    basis: Basis


class Instrument(Model):
    id: Id
    kind: Literal["survey", "disclosure"]
    collected_by: Literal["agency", "assessor"] = "agency"
    label: Label
    aliases: tuple[Text, ...] = ()
    weight: Annotated[int, Field(ge=0, le=10_000)]
    method: Literal["mean_of_indicators"]
    basis: Basis


class Composite(Model):
    """A mean that is published beside the instruments and feeds nothing: EIT as the mean of its two parts."""

    id: Id
    label: Label
    aliases: tuple[Text, ...] = ()
    of: Annotated[tuple[Id, ...], Field(min_length=2)]
    method: Literal["mean_of_parts"]
    basis: Basis


class Indicator(Model):
    """One of the ten. With two instruments it has a score in each part and is published as ``parts`` says."""

    id: Id
    instruments: Annotated[tuple[Id, ...], Field(min_length=1)]
    label: Label
    aliases: tuple[Text, ...] = ()
    meaning: Label
    method: Literal["mean_of_items", "mean_of_sub_indicators"]
    parts: Literal["mean_of_parts"] | None = None
    basis: Basis


class SubIndicator(Model):
    id: Id
    indicator: Id
    label: Label
    method: Literal["mean_of_items"]
    basis: Basis


class Advice(Model):
    """What to say of a weak item, in Thai."""

    defect: Text
    remedy: Text


class SubAnswer(Model):
    label: Label
    direction: Literal["positive", "negative"] | None = None  # where it differs from its item's


class SurveyItem(Model):
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


PlanColumn = Literal["measure", "analysis", "steps", "period", "responsible"]


class Element(Model):
    """Something a disclosure must contain; ``only_for`` names the type of agency it is asked of; ``plan`` the columns
    it asks of a plan."""

    th: Text
    plan: tuple[PlanColumn, ...] = ()
    only_for: Text | None = None
    standing: Standing
    source: Annotated[tuple[Id, ...], Field(min_length=1)]


class DisclosureItem(Model):
    id: Id
    sub_indicator: Id
    heading: Text
    label: Label
    scale: Id
    period: Literal["any", "assessed_year", "first_half", "previous_year"]
    elements: Annotated[tuple[Element, ...], Field(min_length=1)]
    basis: Basis
    placement: Basis
    period_basis: Basis
    continues: tuple[Id, ...] = ()
    advice: Advice


class Rounding(Model):
    method: Literal["half_up"]
    places: Annotated[int, Field(ge=0, le=6)]
    basis: Basis


class Band(Model):
    """A level: the least total, and where there is one the least score of every instrument. Best first."""

    id: Text  # as it is printed: "AA", "ผ่านดี"
    label: Label
    at_least: Points
    every_instrument_at_least: Points | None = None
    basis: Basis


class Target(Model):
    points: Points
    passing: Literal["overall_at_target"]
    label: Label
    basis: Basis


class Sample(Model):
    """The least number of responses: a share of the population, with a floor, everyone below it, and a cap."""

    instrument: Id
    population: Label
    percent: Annotated[int, Field(ge=1, le=100)]
    at_least: Count
    cap_population_over: Count
    cap: Count
    basis: Basis


class SmallGroups(Model):
    """When a question was answered by fewer than ``show_items_from``, its score is not shown, nor what would give it
    away."""

    show_items_from: Count
    basis: Basis


class Phase(Model):
    id: Id
    label: Label
    starts: Date | None = None
    ends: Date | None = None
    basis: Basis


class Case(Model):
    """A worked case: scores that are known, and what the rules must make of them.

    Values are decimals as printed or fractions ("7/9"); ``within`` is how far the result may be from the printed one,
    for cases whose inputs are themselves rounded.
    """

    title: Text
    source: Annotated[tuple[Id, ...], Field(min_length=1)]
    given: dict[str, Text]
    expect: dict[str, Text]
    level: Text | None = None
    passes: bool | None = None
    within: Text = "0"


class Rules(Model):
    """Everything one fiscal year's folder says, before it is put in order as a Framework."""

    id: Id
    fiscal_year: Annotated[int, Field(ge=2500, le=2700)]
    title: Label
    note: Text | None = None
    sources: dict[str, Source]
    scales: Annotated[tuple[Scale, ...], Field(min_length=1)]
    instruments: Annotated[tuple[Instrument, ...], Field(min_length=1)]
    composites: tuple[Composite, ...] = ()
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    sub_indicators: tuple[SubIndicator, ...] = ()
    overall: Literal["weighted_sum"]
    rounding: Rounding
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    target: Target
    samples: tuple[Sample, ...] = ()
    small_groups: SmallGroups | None = None
    calendar: tuple[Phase, ...] = ()
    survey_items: tuple[SurveyItem, ...] = ()
    disclosure_items: tuple[DisclosureItem, ...] = ()
    cases: tuple[Case, ...] = ()
