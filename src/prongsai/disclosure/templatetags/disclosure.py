"""States of links in words and colours, and changes in a line."""

from django import template
from django.utils.translation import get_language

from prongsai import links as web
from prongsai.disclosure.models import Change
from prongsai.disclosure.views.public import sentence

register = template.Library()
_TONE = {"ok": "good", "moved": "weak", "outside": "weak", "slow": "weak", "blocked": "weak"}


@register.filter
def state_name(state: str) -> str:
    english = (get_language() or "th").startswith("en")
    if not state:
        return "Not looked at yet" if english else "ยังไม่ได้ตรวจ"
    return (web.STATE_EN if english else web.STATE_TH).get(state, state)


@register.filter
def state_tone(state: str) -> str:
    """A name of a CSS class; the word always stands beside the colour."""
    return "" if state in ("", "pending") else _TONE.get(state, "bad")


@register.filter
def in_line(change: Change) -> str:
    return sentence(change)


@register.filter
def host(url: str) -> str:
    """Where an address leads, without the rest."""
    return readable(url).partition("://")[2].partition("/")[0].removeprefix("www.")


@register.filter
def readable(url: str) -> str:
    """An address for people, with Thai letters."""
    address = web.parse_address(url)
    return address.display if address else url
