"""What templates of channels and pages say: months, kinds of complaints in the reader's language, cells of tables."""

import datetime
from collections.abc import Iterable

from django import template
from django.utils.dateformat import format as format_date

from prongsai.lib import fiscal
from prongsai.sites.forms import name_kind
from prongsai.sites.wording import is_english

register = template.Library()


@register.filter
def month_year(day: datetime.date) -> str:
    """A month with its year, of the Buddhist era in Thai."""
    if is_english():
        return str(format_date(day, "F Y"))
    return fiscal.month_name(fiscal.year_of(day), fiscal.month_of(day))


@register.filter
def kind_of_complaint(kind: str) -> str:
    """A kind of complaint in the reader's language."""
    return name_kind(kind)


@register.filter
def beside(row: Iterable[str], columns: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The cells of a row, each with whether its column is of numbers."""
    return [(cell, of_numbers) for cell, (_, of_numbers) in zip(row, columns, strict=True)]
