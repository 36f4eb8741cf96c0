"""The public pages: an agency's disclosures, the same for its own website, and a feed of changes."""

from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from prongsai import links
from prongsai.disclosure import queries
from prongsai.disclosure.models import Change
from prongsai.people.access import public_page
from prongsai.registry.models import Agency
from prongsai.registry.queries import load_round_framework

_MAX_FEED_CHANGES = 60
_MAX_PAGE_CHANGES = 12
_BADGE_SECONDS = 3600  # for which a browser need not ask again


def _public_context(request: HttpRequest, code: str, fiscal_year: int) -> dict[str, Any]:
    agency = get_object_or_404(Agency, code=code)
    published = queries.public_filing(agency, fiscal_year)
    if published is None:
        raise Http404
    filing, items = published
    framework = load_round_framework(filing.round)
    groups: dict[str, list[queries.PublicItem]] = {}
    for item in items:
        groups.setdefault(item.item.sub_indicator, []).append(item)
    public_links = [link for item in items for link in item.links]
    is_english = (get_language() or "th").startswith("en")
    return {
        "agency": agency,
        "about": f"Disclosures of FY {fiscal_year - 543}" if is_english else f"การเปิดเผยข้อมูลปี {fiscal_year}",
        "filing": filing,
        "year": fiscal_year,
        "groups": [(framework.nodes[sub_indicator], members) for sub_indicator, members in groups.items()],
        "filed_count": sum(bool(item.links) for item in items),
        "item_count": len(items),
        "link_count": len(public_links),
        "working_count": sum(queries.is_working(link) for link in public_links),
        "site": f"{request.scheme}://{request.get_host()}",
        "confirmation": queries.last_confirmation(filing),
        "changes": queries.public_changes(filing)[:_MAX_PAGE_CHANGES],
    }


@public_page
@require_safe
def show_page(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    return render(request, "disclosure/public.html", _public_context(request, code, fiscal_year))


@csp_replace({"frame-ancestors": ["*"]})
@public_page
@xframe_options_exempt
@require_safe
def show_embedded(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The list alone, for a frame on the agency's own website."""
    return render(request, "disclosure/embed.html", _public_context(request, code, fiscal_year))


@public_page
@require_safe
def show_badge(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """A picture for the agency's own website: how many of its links work. It states counts, not merit."""
    context = _public_context(request, code, fiscal_year)
    working, number = context["working_count"], context["link_count"]
    is_english = (get_language() or "th").startswith("en")
    lines = (f"เปิดเผยข้อมูลสาธารณะ ปี {fiscal_year}", f"ลิงก์ที่เปิดได้ {working} จาก {number}")
    if is_english:
        lines = (f"Public disclosures, FY {fiscal_year - 543}", f"Links that work: {working} of {number}")
    drawn = {"title": lines[0], "line": lines[1]}
    response = render(request, "disclosure/badge.svg", drawn, content_type="image/svg+xml")
    response["Cache-Control"] = f"public, max-age={_BADGE_SECONDS}"
    return response


@public_page
@require_safe
def export_page(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The list as one self-contained file for the agency's own website."""
    response = render(request, "disclosure/export.html", _public_context(request, code, fiscal_year))
    response["Content-Disposition"] = f'attachment; filename="oit-{code}-{fiscal_year}.html"'
    return response


@public_page
@require_safe
def show_feed(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The changes, newest first, as Atom."""
    context = _public_context(request, code, fiscal_year)
    page_url = context["site"] + reverse("oit_page", args=[code, fiscal_year])
    atom = Atom1Feed(
        title=f"การเปิดเผยข้อมูลปี {fiscal_year} ของ {context['agency'].name_th}",
        link=page_url,
        language="th",
        description="",
        author_name=settings.NATIONAL_AGENCY or "โปร่งใส",
        feed_url=context["site"] + reverse("oit_feed", args=[code, fiscal_year]),
    )
    for change in queries.public_changes(context["filing"])[:_MAX_FEED_CHANGES]:
        atom.add_item(
            title=describe_change(change),
            link=f"{page_url}#{change.item}" if change.item else page_url,
            description=escape(change.link.url) if change.link else None,  # type: ignore[arg-type]  # None is taken
            unique_id=f"{page_url}change/{change.pk}",
            pubdate=change.at,
            updateddate=change.at,
        )
    return HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def describe_change(change: Change) -> str:
    """A change in one line, in Thai."""
    if change.kind == Change.Kind.STATE:
        return f"{change.item}: {links.describe_state(change.after)} (เดิม {links.describe_state(change.before)})"
    name = Change.Kind(change.kind).label
    return f"{change.item}: {name}" if change.item else str(name)
