"""What templates of channels say: kinds of complaints in the reader's language."""

from django import template

from prongsai.sites.forms import name_kind

register = template.Library()


@register.filter
def kind_of_complaint(kind: str) -> str:
    """A kind of complaint in the reader's language."""
    return name_kind(kind)
