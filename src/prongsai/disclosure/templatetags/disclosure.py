"""Filters for links and changes: states in words and colours, addresses for people, changes in one line."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language

from prongsai import links
from prongsai.disclosure import queries, rendered_files
from prongsai.disclosure.models import Link, LinkCheck
from prongsai.disclosure.views.public import describe_change
from prongsai.framework import DisclosureItem

register = template.Library()
_MAX_DISPLAYED = 140  # characters of an address
_TONE = {"ok": "good", "moved": "weak", "outside": "weak", "review": "weak", "slow": "weak", "blocked": "weak"}
register.filter("describe_change", describe_change)


@register.filter
def state_name(state: str) -> str:
    is_english = (get_language() or "th").startswith("en")
    if not state:
        return "Not checked yet" if is_english else "ยังไม่ได้ตรวจ"
    return links.describe_state(state, "en" if is_english else "th")


@register.filter
def state_tone(state: str) -> str:
    """The name of a CSS class; the state in words always accompanies the colour."""
    return "" if state in ("", "pending") else _TONE.get(state, "bad")


@register.filter
def url_host(url: str) -> str:
    """The host of an address, without www."""
    return display_url(url).partition("://")[2].partition("/")[0].removeprefix("www.")


@register.filter
def display_url(url: str) -> str:
    """An address for people, with Thai letters."""
    address = links.parse_address(url)
    return address.display if isinstance(address, links.Address) else url


@register.simple_tag
def state_tag(state: str) -> SafeString:
    """The state of a link as a coloured tag."""
    return format_html('<span class="tag {}">{}</span>', state_tone(state), state_name(state))


@register.filter
def is_hijacked(link: Link) -> bool:
    """Whether others have put something else there than the agency's page."""
    return link.alarm_since is not None


@register.simple_tag
def page_answers(link: Link) -> list[queries.PageAnswer]:
    return queries.page_answers(link.last_check)


@register.simple_tag
def page_advice(link: Link, item: DisclosureItem) -> list[str]:
    return queries.page_advice(link, item)


@register.simple_tag
def rendered_check(link: Link) -> LinkCheck | None:
    """The check with the picture of a page that scripts make; none where a page was read without a browser since."""
    return rendered_files.last_rendered(link)


@register.simple_tag
def new_window_note() -> SafeString:
    """What a screen reader says at the end of a link that opens a new window."""
    return mark_safe('<span class="visually-hidden"> (เปิดหน้าต่างใหม่)</span>')


@register.simple_tag
def new_window_link(url: str) -> SafeString:
    """A link to a filed address, with Thai letters, in a new window."""
    return format_html(
        '<a href="{}" rel="noopener noreferrer" target="_blank">{}{}</a>',
        url,
        Truncator(display_url(url)).chars(_MAX_DISPLAYED),
        new_window_note(),
    )
