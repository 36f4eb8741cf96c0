"""What the public sees: an agency's page of disclosures, the same for its own website, and a feed of changes."""

from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from prongsai import framework as rules
from prongsai import links as web
from prongsai.disclosure import queries
from prongsai.disclosure.models import Change
from prongsai.people.access import public
from prongsai.registry.models import Agency

_FEED = 60  # changes in the feed


def _found(request: HttpRequest, code: str, fiscal_year: int) -> dict[str, Any]:
    agency = get_object_or_404(Agency, code=code)
    found = queries.public_page(agency, fiscal_year)
    if found is None:
        raise Http404
    filing, shown = found
    framework = rules.load(filing.round.framework)
    groups: dict[str, list[queries.Shown]] = {}
    for item in shown:
        groups.setdefault(item.item.sub_indicator, []).append(item)
    links = [x for s in shown for x in s.links]
    site = f"{request.scheme}://{request.get_host()}"
    return {
        "agency": agency,
        "filing": filing,
        "year": fiscal_year,
        "groups": [(framework.nodes[g], s) for g, s in groups.items()],
        "filed": sum(bool(s.links) for s in shown),
        "all": len(shown),
        "links": len(links),
        "open": sum(queries.opens(x) for x in links),
        "site": site,
        "record": filing.confirmed or filing.confirmations.first(),
        "changes": queries.changes(filing)[:12],
    }


@public
@require_safe
def page(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    return render(request, "disclosure/public.html", _found(request, code, fiscal_year))


@public
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@require_safe
def embed(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The list alone, for a frame on the agency's own website."""
    return render(request, "disclosure/embed.html", _found(request, code, fiscal_year))


@public
@require_safe
def export(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The list as one file that needs nothing else, to be put on the agency's own website."""
    response = render(request, "disclosure/export.html", _found(request, code, fiscal_year))
    response["Content-Disposition"] = f'attachment; filename="oit-{code}-{fiscal_year}.html"'
    return response


@public
@require_safe
def feed(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """What changed, newest first, as Atom."""
    found = _found(request, code, fiscal_year)
    address = found["site"] + reverse("oit_page", args=[code, fiscal_year])
    atom = Atom1Feed(
        title=f"การเปิดเผยข้อมูล (OIT) ปี {fiscal_year} ของ {found['agency'].name_th}",
        link=address,
        language="th",
        description="",
        feed_url=found["site"] + reverse("oit_feed", args=[code, fiscal_year]),
    )
    for change in queries.changes(found["filing"])[:_FEED]:
        atom.add_item(
            title=sentence(change),
            link=f"{address}#{change.item}" if change.item else address,
            description=change.link.url if change.link else "",
            unique_id=f"{address}change/{change.pk}",
            pubdate=change.at,
            updateddate=change.at,
        )
    return HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def sentence(change: Change) -> str:
    """A change in one line."""
    if change.kind == Change.Kind.STATE:
        return f"{change.item}: {web.STATE_TH.get(change.after, change.after)} (เดิม {web.STATE_TH.get(change.before, change.before)})"
    name = Change.Kind(change.kind).label
    return f"{change.item}: {name}" if change.item else str(name)
