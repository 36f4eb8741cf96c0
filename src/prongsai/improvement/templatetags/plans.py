"""Tags about plans."""

from django import template

from prongsai.improvement import queries

register = template.Library()
register.simple_tag(queries.newer_result)
