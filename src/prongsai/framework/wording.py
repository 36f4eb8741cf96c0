"""Which fields of the rules decide scores, which are wording, and which say nothing about either.

Every field of every record is in exactly one of the three; a new one that nobody has decided on counts as arithmetic,
and a test fails until it is in a table.

*Arithmetic* is what makes a score, a level, a pass, a size of sample, the columns of a parcel, or the choices of a form
by their place. A round is pinned to it.

- Ids and references, because parcels, marks and results name nodes by them; of a band, because it is what is printed.
- Methods, weights, directions, points, limits of levels, target, rounding, small groups, samples.
- The kind of a scale and of an instrument, and who collects it: they decide what may be answered and by whom.
- The period of a disclosure, for whom an element is asked, and the columns of a plan: they decide a mark.
- The number and order of elements and choices, which are stored by their place; what they are called is wording.

*Wording* may be corrected while a round runs.

- Labels, titles, headings, meanings, notes, advice, the text of an element, the population of a sample in words.
- Aliases: other names in print, which help to read documents.
- Bases, standings and sources: what a fact rests on, never the fact.
- ``continues``: it links results of two years, and makes none.
- The calendar: a round has one of its own, copied from this when it is opened.
- Open links: by which way an answer may come in, never what it counts for; a result says which way was used.
- How small groups are protected: what is published of a score, never the score. Only the first limit, which is older,
  is arithmetic.

*Outside* are worked cases, which test the rules, and what a digest must not depend on: the assessment, the state,
and the editions before.
"""

from collections.abc import Mapping

from prongsai.framework import schema
from prongsai.framework.schema import Record, Rules, as_data


def _names(*lines: str) -> frozenset[str]:
    return frozenset(name for line in lines for name in line.split())


ARITHMETIC: Mapping[type[Record], frozenset[str]] = {
    schema.Option: _names("points"),
    schema.Scale: _names("id kind options"),
    schema.Instrument: _names("id kind collected_by weight method"),
    schema.Composite: _names("id of method"),
    schema.Indicator: _names("id instruments method parts"),
    schema.SubIndicator: _names("id indicator method"),
    schema.SubAnswer: _names("direction"),
    schema.SurveyItem: _names("id indicator scale direction answers method"),
    schema.Element: _names("plan only_for"),
    schema.DisclosureItem: _names("id sub_indicator scale period elements"),
    schema.Rounding: _names("method places"),
    schema.Band: _names("id at_least every_instrument_at_least"),
    schema.Target: _names("points passing"),
    schema.Sample: _names("instrument percent at_least cap_population_over cap"),
    schema.SmallGroups: _names("show_items_from"),
    Rules: _names(
        "fiscal_year scales instruments composites indicators sub_indicators overall rounding bands target samples",
        "small_groups survey_items disclosure_items",
    ),
}
WORDING: Mapping[type[Record], frozenset[str]] = {
    schema.Basis: _names("standing source note"),
    schema.Label: _names("th en"),
    schema.Source: _names("title url"),
    schema.Option: _names("label"),
    schema.Scale: _names("basis"),
    schema.Instrument: _names("label aliases basis"),
    schema.Composite: _names("label aliases basis"),
    schema.Indicator: _names("label aliases meaning basis"),
    schema.SubIndicator: _names("label basis"),
    schema.Advice: _names("defect remedy"),
    schema.SubAnswer: _names("label"),
    schema.SurveyItem: _names("label basis scale_basis continues advice"),
    schema.Element: _names("th standing source"),
    schema.DisclosureItem: _names("heading label basis placement period_basis continues advice"),
    schema.Rounding: _names("basis"),
    schema.Band: _names("label basis"),
    schema.Target: _names("label basis"),
    schema.Sample: _names("population basis"),
    schema.SmallGroups: _names(
        "approximate_items_from item_odds show_indicators_from double_from_percent count_width basis"
    ),
    schema.OpenLink: _names("instrument basis"),
    schema.Phase: _names("id label starts ends basis"),
    Rules: _names("title note sources calendar open_links"),
}
OUTSIDE: Mapping[type[Record], frozenset[str]] = {
    schema.Case: _names("title source given expect level passes within"),
    schema.Edition: _names("digest note"),
    schema.Reading: _names("id label changes more_questions basis"),  # a doubt about the rules is none of them
    Rules: _names("assessment state earlier_editions cases readings"),
}

# fields that came after digests were published: while one says nothing, the digests are what they were without it
ADDED: Mapping[type[Record], frozenset[str]] = {
    Rules: _names("open_links"),
    schema.SmallGroups: _names("approximate_items_from item_odds show_indicators_from double_from_percent count_width"),
}


def is_silent(record: Record, field: str) -> bool:
    """Whether a field that was added later says nothing."""
    return field in ADDED.get(type(record), ()) and not getattr(record, field)


def written(value: object) -> object:
    """A field of the rules as JSON data, without what was added later and says nothing."""
    if isinstance(value, Record):
        return {name: as_data(part) for name, part in vars(value).items() if not is_silent(value, name)}
    return as_data(value)


def is_wording(record: type[Record], field: str) -> bool:
    return field in WORDING.get(record, ())


def arithmetic_of(value: object) -> object:
    """Any part of the rules as JSON data, without its wording."""
    if isinstance(value, Record):
        return {name: arithmetic_of(part) for name, part in _fields(value) if not is_wording(type(value), name)}
    return [arithmetic_of(part) for part in value] if isinstance(value, tuple) else as_data(value)


def wording_of(value: object) -> object:
    """The wording of any part of the rules as JSON data, each where it stands."""
    if isinstance(value, Record):
        fields = _fields(value)
        return {n: as_data(part) if is_wording(type(value), n) else wording_of(part) for n, part in fields}
    return [wording_of(part) for part in value] if isinstance(value, tuple) else None


def _fields(record: Record) -> list[tuple[str, object]]:
    outside = OUTSIDE.get(type(record), ())
    return [(n, part) for n, part in vars(record).items() if n not in outside and not is_silent(record, n)]
