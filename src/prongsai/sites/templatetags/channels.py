"""What templates of channels say: months and kinds of complaints in the reader's language."""

import datetime

from django import template
from django.utils.dateformat import format as format_date
from django.utils.safestring import SafeString

from prongsai.lib import charts, fiscal
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


@register.simple_tag
def chart_shares(title: str, rows: list[tuple[str, str, float]]) -> SafeString:
    """A bar for each row: its name, its value, its share of the width in per cent."""
    return SafeString(charts.shares(title, rows))
