"""What templates of channels and pages say: kinds of complaints in the reader's language, cells of tables."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from prongsai.lib import charts
from prongsai.sites.forms import name_kind

register = template.Library()


@register.filter
def kind_of_complaint(kind: str) -> str:
    """A kind of complaint in the reader's language."""
    return name_kind(kind)


@register.filter
def beside(row: Iterable[str], columns: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The cells of a row, each with whether its column is of numbers."""
    return [(cell, of_numbers) for cell, (_, of_numbers) in zip(row, columns, strict=True)]


@register.simple_tag
def chart_shares(title: str, rows: list[tuple[str, str, float]]) -> SafeString:
    """A bar for each row: its name, its value, its share of the width in per cent."""
    return SafeString(charts.shares(title, rows))
