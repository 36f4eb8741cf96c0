"""Which fields of the rules are wording, and which decide scores.

Wording may be corrected while a round runs: it changes no score, level, mark or sample size, nor the choices of a form
and their order. Everything else is arithmetic, which a round is pinned to.
"""

from collections.abc import Mapping

from prongsai.framework import schema
from prongsai.framework.schema import Record, as_data

_OF_EVERY_RECORD = frozenset({"label", "basis", "aliases"})
_WORDING: Mapping[type[Record], frozenset[str]] = {
    schema.Indicator: frozenset({"meaning"}),
    schema.SurveyItem: frozenset({"scale_basis", "continues", "advice"}),
    # what must be there stays in number, order and for whom; how it is said may be corrected
    schema.Element: frozenset({"th", "standing", "source"}),
    schema.DisclosureItem: frozenset({"heading", "placement", "period_basis", "continues", "advice"}),
    schema.Sample: frozenset({"population"}),
    # a round has a calendar of its own, copied from this one
    schema.Rules: frozenset({"title", "note", "sources", "calendar"}),
}


def is_wording(record: type[Record], field: str) -> bool:
    return field in _OF_EVERY_RECORD or field in _WORDING.get(record, ())


def arithmetic_of(value: object) -> object:
    """Any part of the rules as JSON data, without its wording."""
    if isinstance(value, Record):
        fields = vars(value).items()
        return {name: arithmetic_of(part) for name, part in fields if not is_wording(type(value), name)}
    return [arithmetic_of(part) for part in value] if isinstance(value, tuple) else as_data(value)


def wording_of(value: object) -> object:
    """The wording of any part of the rules as JSON data, each where it stands."""
    if isinstance(value, Record):
        fields = vars(value).items()
        return {n: as_data(part) if is_wording(type(value), n) else wording_of(part) for n, part in fields}
    return [wording_of(part) for part in value] if isinstance(value, tuple) else None
