"""What templates of channels and pages say: kinds of complaints in the reader's language, cells of tables."""

from collections.abc import Iterable

from django import template

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
