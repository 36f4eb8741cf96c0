"""How the public record is found and shared: a site map and a note for search engines, pictures beside links, feeds."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from csp.utils import build_policy
from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemaps
from django.contrib.syndication.views import Feed
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template import Context
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from prongsai.documents.models import DocumentSettings
from prongsai.lib import charts, typeset
from prongsai.people.access import public_page
from prongsai.people.requests import SiteRequest
from prongsai.registry.models import Agency
from prongsai.registry.provinces import REGION_OF
from prongsai.results import errata
from prongsai.results import queries as results
from prongsai.results.alerts import count_concerned, is_about
from prongsai.results.models import Alert, Publication
from prongsai.rulebooks.queries import frameworks
from prongsai.web.preview_card import draw_card
from prongsai.web.rendered_pages import rendered_once
from prongsai.web.templatetags.prongsai import draw_indicators, level_name, name_of, place_name, printed_total, t, year

if TYPE_CHECKING:
    _SitemapOfAddresses = Sitemap[str]
    _FeedOfNews = Feed["_News", Any]
else:  # where they run they take no types
    _SitemapOfAddresses, _FeedOfNews = Sitemap, Feed

_ENGLISH = "en/"
_MOST_NEWS = 30  # entries of a feed
_CHART_WIDTH = 720  # pixels, at 96 to the inch
_TITLE_SIZE = 18


@public_page
@require_safe
@rendered_once()
def preview_card(request: SiteRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The picture that messengers show beside a link to an agency's year."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    assessed = results.analyse_published(agency, fiscal_year)
    if assessed is None:
        raise Http404
    level = level_name(Context({"request": request}), assessed.current.level)
    return HttpResponse(draw_card(assessed, level), content_type="image/png")


@public_page
@require_safe
@rendered_once()
def chart_file(request: SiteRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The indicators of an agency's year against the target, as a picture with letters of its own size, for a page or a
    paper elsewhere."""
    response = HttpResponse(_draw_chart(request, code, fiscal_year), content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="chart-{code}-{fiscal_year}.svg"'
    return response


@public_page
@require_safe
@rendered_once()
def chart_picture(request: SiteRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The same chart as a PNG, twice as many pixels as it is wide, for whatever takes no SVG."""
    drawn = _draw_chart(request, code, fiscal_year)
    width = int(drawn.partition(' width="')[2].partition('"')[0])  # pixels
    picture = typeset.picture(drawn, width / 96 * 2.54, 192)
    response = HttpResponse(picture, content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="chart-{code}-{fiscal_year}.png"'
    return response


def _draw_chart(request: SiteRequest, code: str, fiscal_year: int) -> str:
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    assessed = results.analyse_published(agency, fiscal_year)
    if assessed is None or not assessed.bars:
        raise Http404
    target = assessed.framework.rules.target.points
    about = f"{name_of(agency)} · {t(f'ปี {fiscal_year}', year(fiscal_year))}"
    titles = typeset.face(bold=True).lines(about, _CHART_WIDTH / _TITLE_SIZE)
    legend = t(f"เส้นประคือเป้าหมาย {target} · ขีดดำคือปีก่อน", f"Dashed: the target of {target} · black: the year before")
    invented = t("หน่วยงานสมมุติ", "Fictional agency") if agency.fictional else ""
    source = request.build_absolute_uri(reverse("agency_year", args=[code, fiscal_year]))
    notes = [" · ".join(filter(None, [invented, legend])), f"{t('โปร่งใส', 'Prongsai')} · {source}"]
    return charts.frame(draw_indicators(assessed.bars, target, charts.PAPER), _CHART_WIDTH, titles, notes)


@public_page
@xframe_options_exempt
@require_safe
@rendered_once()
def embedded_result(request: SiteRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The total, level and indicators of an agency's year alone, for a frame on another website."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    assessed = results.analyse_published(agency, fiscal_year)
    if assessed is None:
        raise Http404
    movement = assessed.movement
    context = {
        "agency": agency,
        "assessed": assessed,
        "result": assessed.result,
        "year": fiscal_year,
        "target": assessed.framework.rules.target.points,
        "framework": assessed.framework,
        "movements": {m.node: m for m in movement.changes} if movement else {},
    }
    page = render(request, "web/embed.html", context)
    page["Content-Security-Policy"] = build_policy(replace={"frame-ancestors": ["*"]})  # stored with the page
    return page


@public_page
@require_safe
def emblem(_: SiteRequest, code: str) -> HttpResponse:
    """The emblem of an agency, as its papers and the head of its section have it."""
    stored = get_object_or_404(DocumentSettings.objects.exclude(emblem=b""), agency__code=code)
    return HttpResponse(bytes(stored.emblem), content_type="image/png")


# --- for search engines


class _Addresses(_SitemapOfAddresses):
    """Addresses in both languages, with the day they changed where it is known."""

    limit = 20_000  # addresses of a file; the protocol allows 50,000

    def __init__(self, known: dict[str, datetime.datetime | None]) -> None:
        self._known = known

    def items(self) -> list[str]:
        prefix = reverse("home")
        return [base + address.removeprefix(prefix) for base in (prefix, prefix + _ENGLISH) for address in self._known]

    def location(self, item: str) -> str:
        return item

    def lastmod(self, item: str) -> datetime.datetime | None:
        return self._known.get(item.replace(reverse("home") + _ENGLISH, reverse("home"), 1))


def _list_pages(assessment: str) -> dict[str, datetime.datetime | None]:
    names = ["home", "rankings", "compare", "downloads", "describe_api", "datapackage", "dcat", "ckan", "public_log"]
    names += ["about", "privacy", "accessibility", "contact"]
    found = [reverse(name) for name in names]
    found += [reverse("nation_year", args=[fiscal_year]) for fiscal_year in results.years(assessment)]
    found += [reverse("methodology_year", args=[fiscal_year]) for fiscal_year in frameworks(assessment)]
    return dict.fromkeys(found)


def _list_results(assessment: str) -> dict[str, datetime.datetime | None]:
    """The pages of real agencies' published years; invented ones are not for search engines."""
    rows = results.published(assessment).filter(agency__fictional=False).order_by("-fiscal_year", "agency__code")
    dated = rows.annotate(day=Max("result__result_set__publications__published_at"))
    found = dated.values_list("agency__code", "fiscal_year", "day")
    return {reverse("agency_year", args=[code, fiscal_year]): day for code, fiscal_year, day in found}


def _sections(assessment: str) -> dict[str, Any]:
    return {"pages": _Addresses(_list_pages(assessment)), "results": _Addresses(_list_results(assessment))}


@public_page
@require_safe
@rendered_once()
def sitemap_index(request: SiteRequest) -> HttpResponse:
    return sitemaps.index(request, _sections(request.assessment), sitemap_url_name="sitemap").render()


@public_page
@require_safe
@rendered_once("p")
def sitemap(request: SiteRequest, section: str) -> HttpResponse:
    return sitemaps.sitemap(request, _sections(request.assessment), section).render()


@public_page
@require_safe
@rendered_once()
def robots(request: SiteRequest) -> HttpResponse:
    """What search engines may read: everything public, and where it is listed."""
    closed = [reverse("desk"), reverse("account_login").removesuffix("login/"), reverse("home") + "s/"]
    lines = ["User-agent: *", *(f"Disallow: {address}" for address in closed)]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('sitemap_index'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


# --- feeds


@dataclass(frozen=True)
class _News:
    """``kind``: what tells two entries of one page and moment apart."""

    title: str
    text: str
    address: str
    at: datetime.datetime
    kind: str = ""


class _Atom(Atom1Feed):
    """A feed without entries has not been updated since ever, and not just now."""

    def latest_post_date(self) -> datetime.datetime:
        return super().latest_post_date() if self.items else datetime.datetime.fromtimestamp(0, datetime.UTC)


class _NewsFeed(_FeedOfNews):
    """News in the language of the address, the newest first."""

    feed_type = _Atom

    def __init__(self, request: SiteRequest, title: str, address: str, news: Sequence[_News], query: str = "") -> None:
        self.title, self.link, self._news = title, address, news
        self.feed_url = f"{request.path}{'?' * bool(query)}{query}"
        self.language = get_language()
        self.author_name = settings.NATIONAL_AGENCY or t("โปร่งใส", "Prongsai")
        self._host = request.get_host().partition(":")[0]

    def items(self, _obj: Any = None) -> Sequence[_News]:
        return sorted(self._news, key=lambda news: news.at, reverse=True)[:_MOST_NEWS]

    def item_title(self, item: _News) -> str:
        return item.title

    def item_description(self, item: _News) -> str | None:  # type: ignore[override]  # Django takes None
        return escape(item.text) if item.text else None  # the feed calls it HTML

    def item_link(self, item: _News) -> str:
        return item.address

    def item_guid(self, item: _News) -> str:
        return f"tag:{self._host},{item.at:%Y-%m-%d}:{item.address}#{item.at:%H%M%S%f}{item.kind}"

    def item_updateddate(self, item: _News) -> datetime.datetime:
        return item.at


@public_page
@require_safe
@rendered_once("province", "topic")
def feed(request: SiteRequest) -> HttpResponse:
    """Publications and corrections of the whole assessment, or of a province; of one topic (``results``,
    ``corrections``) or of both."""
    about = Alert(province=request.GET.get("province", ""), topic=request.GET.get("topic") or Alert.Topic.ALL)
    if (about.province and about.province not in REGION_OF) or about.topic not in Alert.Topic.values:
        raise Http404
    made = Publication.objects.filter(result_set__assessment=request.assessment, withdrawn_at=None)
    news: list[_News] = []
    for publication in made.select_related("result_set", "erratum").order_by("-published_at"):
        count = count_concerned(publication, about) if about.province else None
        if len(news) == _MOST_NEWS or count == 0 or not is_about(publication, about.topic):
            continue
        fiscal_year = publication.result_set.fiscal_year
        erratum = getattr(publication, "erratum", None)
        title = t(f"เผยแพร่ผลการประเมิน ปี {fiscal_year}", f"Results of {year(fiscal_year)} published")
        if erratum:
            title = t(f"แก้ไขผลการประเมิน ปี {fiscal_year}", f"Results of {year(fiscal_year)} corrected")
        address = reverse("corrections" if erratum else "nation_year", args=[fiscal_year])
        if about.province and not erratum:
            address = f"{reverse('rankings')}?{urlencode({'year': str(fiscal_year), 'province': about.province})}"
        how_many = t(f"{count:,} หน่วยงาน", f"{count:,} agencies") if count else ""
        text = " · ".join(filter(None, [how_many, erratum.reason if erratum else ""]))
        news.append(_News(title, text, address, publication.published_at))
    place = place_name(about.province)
    title = " · ".join(filter(None, [t("ผลการประเมินที่เผยแพร่", "Published results"), place, t("โปร่งใส", "Prongsai")]))
    asked: dict[str, str] = {"province": about.province, "topic": about.topic if about.topic != Alert.Topic.ALL else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return _NewsFeed(request, title, reverse("home"), news, query)(request)


@public_page
@require_safe
@rendered_once()
def agency_feed(request: SiteRequest, code: str) -> HttpResponse:
    """An agency's results and their corrections."""
    agency = get_object_or_404(Agency, assessment=request.assessment, code=code)
    news, history = [], results.history(agency)
    corrections = errata.corrections_by_agency(history)
    for row in history:
        address = reverse("agency_year", args=[code, row.fiscal_year])
        published = row.result.result_set.publications.filter(withdrawn_at=None).get()
        title = t(f"ผลการประเมิน ปี {row.fiscal_year}", f"Result of {year(row.fiscal_year)}")
        total = printed_total(Context({"in_force": frameworks(request.assessment)}), row.result)
        news.append(_News(title, " · ".join(filter(None, [total, row.level])), address, published.published_at))
        for correction in corrections.get((agency.pk, row.fiscal_year), ()):
            erratum = correction.erratum
            changed = t(f"แก้ไขผล ปี {row.fiscal_year}", f"Result of {year(row.fiscal_year)} corrected")
            news.append(_News(changed, erratum.reason, address, erratum.publication.published_at, "corrected"))
    title = f"{name_of(agency)} · {t('โปร่งใส', 'Prongsai')}"
    return _NewsFeed(request, title, reverse("agency", args=[code]), news)(request)
