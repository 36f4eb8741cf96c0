"""The site's components as template tags, all of them shown in /design/.

Tags with an end (``{% notice %}…{% endnotice %}``) enclose markup, the others take values. Words are given in Thai and,
on pages that have English, in English after it. Their markup is in
``web/components/``, but for tags inside a line of text: a file's last new line would be a visible space there.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import template
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from prongsai.disclosure.examples import Example
from prongsai.documents.models import DocumentSettings
from prongsai.framework import DisclosureItem
from prongsai.improvement.registers.fulfilment import find_sheets
from prongsai.improvement.registers.kinds import RegisterKind
from prongsai.people.lists import Heading
from prongsai.people.models import SavedView
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Round
from prongsai.results.question import BEST, WORST
from prongsai.web.good_pages import find_once
from prongsai.web.officer_facts import load_year_once
from prongsai.web.officer_year import Address, OfficerYear
from prongsai.web.page_help import PAGE_HELP, find_page
from prongsai.web.ranked_markup import Words, write_rows
from prongsai.web.rankings import Column, Row
from prongsai.web.resting import Resting, list_resting_on
from prongsai.web.templatetags.prongsai import english, level_name, level_tone, name_of, query, signed, t

register = template.Library()

STATUS_TONES = {"running": "good"}


def _render(component: str, **values: Any) -> SafeString:
    return render_to_string(f"web/components/{component}.html", values)


@register.simple_block_tag
def notice(content: SafeString, tone: str = "", role: str = "") -> SafeString:
    """A coloured box for what the reader must notice. ``role``: "alert" for errors, "status" for success."""
    return _render("notice", content=content, tone=tone, role=role)


@register.simple_tag
def message_notice(message: Message) -> SafeString:
    """What an action reports: an error is read aloud at once."""
    tone = {"error": "bad", "success": "good", "warning": "weak"}.get(message.level_tag, "")
    role = "alert" if message.level_tag == "error" else "status"
    return _render("notice", content=format_html("<p>{}</p>", message), tone=tone, role=role)


@register.simple_block_tag
def empty_state(content: SafeString, title: str = "", title_en: str = "") -> SafeString:
    """What a page shows instead of an empty list: why it is empty and what to do next."""
    return _render("empty_state", content=content, title=t(title, title_en or title))


@register.simple_block_tag
def scroll_region(
    content: SafeString, label: str, label_en: str = "", *, card: bool = False, file: str = ""
) -> SafeString:
    """A table that scrolls sideways on a narrow screen and can be reached by keyboard. The label is read aloud.
    ``file``: what the file is called that chart_files.js offers of it."""
    return _render("scroll_region", content=content, label=t(label, label_en or label), card=card, file=file)


@register.simple_block_tag
def breadcrumbs(content: SafeString, agency: Any = None) -> SafeString:
    """Links to the pages above a page of the desk: the desk, an agency's desk if given, then the enclosed ones."""
    return _render("breadcrumbs", content=SafeString(content.strip()), agency=agency)


@register.inclusion_tag("web/components/tile.html")
def tile(value: Any, label: str, label_en: str = "") -> dict[str, Any]:
    """One figure of a row of ``<ul class="tiles">``."""
    return {"value": value, "label": t(label, label_en or label)}


@register.simple_tag
def status_tag(text: Any, tone: str = "") -> SafeString:
    """A short word in a coloured box, e.g. a status. ``tone``: "good", "weak" or "bad"."""
    return format_html('<span class="{}">{}</span>', f"tag {tone}".strip(), text)


@register.simple_tag
def site_description() -> str:
    """The description of the site for search engines."""
    return t(
        "ผลการประเมินคุณธรรมและความโปร่งใสของหน่วยงานภาครัฐ ที่ใครก็ตรวจได้",
        "Integrity and transparency of public agencies, for anyone to verify",
    )


@register.simple_tag
def registers_of_item(item: DisclosureItem, rules_year: int) -> list[tuple[RegisterKind, int]]:
    """The registers whose papers fulfil a disclosure item of a year's rules, each with the fiscal year of its sheet."""
    return find_sheets(item, rules_year)


@register.simple_tag(takes_context=True)
def good_pages(context: Context, agency: Agency, assessment_round: Round, item: DisclosureItem) -> list[Example]:
    """What agencies of the same type filed for an item, and assessors found complete; up to three."""
    return find_once(context["request"], agency, assessment_round, item)


@register.simple_tag
def emblem_address(agency: Agency) -> str:
    """The address of an agency's emblem; "" where it has none."""
    has_emblem = DocumentSettings.objects.filter(agency=agency).exclude(emblem=b"").exists()
    return reverse("agency_emblem", args=[agency.code]) if has_emblem else ""


@register.simple_tag
def computed_tag() -> SafeString:
    """Marks a score that a published document does not print and that was computed from its indicators."""
    title = t("เอกสารไม่ได้พิมพ์ไว้ คำนวณจากตัวชี้วัด", "Not printed in the document; computed from its indicators")
    return format_html('<span class="tag" title="{}">{}</span>', title, t("คำนวณ", "computed"))


@register.filter
def button_tone(tags: str | None, default: str) -> str:
    """The tone of a button of the sign-in library, from the tags that it gives it."""
    if not tags:
        return default
    return "danger" if "danger" in tags or "delete" in tags else "quiet" if "outline" in tags else default


@register.filter
def status_tone(status: str) -> str:
    """The tone of a stored status."""
    return STATUS_TONES.get(status, "")


@register.simple_tag(takes_context=True)
def level_tag(context: Context, level: str, size: str = "") -> SafeString:
    """A level of the assessment in its colour; nothing for a result without one. ``size``: "big" beside a total."""
    if not level:
        return SafeString("")
    classes = " ".join(filter(None, ("level", size, level_tone(context, level))))
    return format_html('<span class="{}">{}</span>', classes, level_name(context, level))


@register.simple_tag
def score_change(change: Any) -> SafeString:
    """A change of a score with its sign: a rise and a fall have their colours."""
    direction = "up" if change > 0 else "down" if change < 0 else ""
    return format_html('<span class="{}">{}</span>', direction, signed(change))


@register.inclusion_tag("web/components/sort_head.html", takes_context=True)
def list_head(context: dict[str, Any], heading: Heading) -> dict[str, Any]:
    """The head of a column of a list: a link that sorts by it, and the other way the next time."""
    listing = context["listing"]
    is_sorted = listing.sort is heading
    order = "down" if is_sorted and not listing.is_backwards else ""
    return {
        "title": heading.title,
        "is_number": heading.is_number,
        "is_sorted": is_sorted,
        "is_ascending": not listing.is_backwards,
        "address": query(context, sort=heading.key, order=order, page="") if heading.fields else "",
    }


@register.simple_tag(takes_context=True)
def ranked_rows(context: Context, rows: Iterable[Row], columns: Iterable[Column]) -> SafeString:
    """The rows of a table of results."""
    words = Words(t, name_of, partial(level_name, context), partial(level_tag, context))
    return write_rows(rows, columns, words)


@register.inclusion_tag("web/components/sort_head.html", takes_context=True)
def ranked_head(context: dict[str, Any], column: Column) -> dict[str, Any]:
    """The head of a column of results: a link that sorts by it, worst first, and the other way the next time."""
    question = context["question"]
    is_sorted = question.sort == column.key
    order = BEST if is_sorted and question.order == WORST else WORST
    title = column.title.en if english() else column.title.th
    return {
        "title": title,
        "is_number": column.is_number,
        "is_sorted": is_sorted,
        "is_ascending": question.order == WORST,
        "address": query(context, sort=column.key, order=order, page="") if column.is_sortable else "",
    }


@register.inclusion_tag("web/components/nav_link.html", takes_context=True)
def nav_link(context: dict[str, Any], view: str, text: str, text_en: str) -> dict[str, Any]:
    """A link of the main navigation, marked on the pages of ``view`` and of ``view``_year."""
    match = context["request"].resolver_match
    current = match is not None and match.url_name in (view, f"{view}_year")
    return {"view": view, "text": t(text, text_en), "current": current}


@register.inclusion_tag("web/components/saved_views.html", takes_context=True)
def saved_views(context: Context) -> dict[str, Any]:
    """The views of a list that its reader saved, and the form that saves the one that is shown."""
    request = context["request"]
    asked = {name: value for name, value in request.GET.items() if value and name not in ("page", "format")}
    views = SavedView.objects.filter(user=request.user, path=request.path)
    return {"views": views, "path": request.path, "query": urlencode(asked), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("web/components/year_links.html")
def year_links(years: Any, current: int, view: str, code: str = "") -> dict[str, Any]:
    """A button for each fiscal year, to ``view`` of that year (of the agency of ``code``)."""
    return {"years": years, "current": current, "view": view, "code": code}


DESK_OF_AGENCY = "desk/agency/"  # what the addresses of these pages begin with


@register.simple_tag(takes_context=True)
def officer_year(context: Context, agency: Agency) -> OfficerYear:
    """The fiscal year of an agency as the reader sees it; read once for a page."""
    return load_year_once(agency, context["request"])


@register.inclusion_tag("web/components/next_task.html", takes_context=True)
def next_task(context: Context) -> dict[str, Any]:
    """What a page is for, for those who act for agencies; on a page of an agency's desk also what they do next there.
    Nothing for everybody else."""
    request, agency = context.get("request"), context.get("agency")
    match, user = getattr(request, "resolver_match", None), getattr(request, "user", None)
    if match is None or getattr(user, "role", None) not in (Role.OFFICER, Role.EXECUTIVE):
        return {}
    if not isinstance(agency, Agency) or not match.route.startswith(DESK_OF_AGENCY):
        return {"help": PAGE_HELP.get(match.url_name or "")}
    page = (
        match if match.url_name in PAGE_HELP else resolve(find_page(context["request"].path_info))
    )  # of a form shown again
    return {
        "year": officer_year(context, agency),
        "help": PAGE_HELP.get(page.url_name or ""),
        "is_front": match.url_name == "agency_desk",
        "path": vars(request).get("path"),
    }


@register.filter
def page_of(address: Address) -> str:
    """The address of a page of the year."""
    return reverse(address.view, args=address.args) + (f"#{address.part}" if address.part else "")


@register.simple_tag
def resting_on(agency: Agency, fiscal_year: int) -> list[Resting]:
    """What an agency has made from its result of a year."""
    return list_resting_on(agency, fiscal_year)


@register.inclusion_tag("web/components/year_path.html", takes_context=True)
def year_path(context: Context, agency: Agency) -> dict[str, Any]:
    """The whole fiscal year of an agency as a line of steps, with the next thing to do."""
    return {"year": officer_year(context, agency), "agency": agency}
