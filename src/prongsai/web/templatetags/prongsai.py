"""What templates say in the house's manner: two languages, Thai dates, levels, charts, rights."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from prongsai.analysis import caution_in_english
from prongsai.framework import Band, Framework, Node
from prongsai.framework.schema import Label
from prongsai.lib import charts, fiscal
from prongsai.people import second_factor
from prongsai.people.access import is_allowed
from prongsai.registry.agency_types import AGENCY_TYPES_EN, SHORT_TYPES_TH, AgencyType
from prongsai.registry.models import Agency, AgencyVersion, Round
from prongsai.registry.place_names import name_in_english, name_in_roman, place_in_roman
from prongsai.registry.provinces import PLACES_EN
from prongsai.registry.queries import load_round_framework
from prongsai.results.models import AgencyResult
from prongsai.results.queries import IndicatorBar
from prongsai.rulebooks.queries import find_framework, framework_for, frameworks
from prongsai.survey.models import Channel
from prongsai.web.demo_accounts import ACCOUNTS, MAIN, DemoAccount

register = template.Library()
_MONTHS = ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."]

register.simple_tag(charts.track, name="track")
register.simple_tag(charts.pairs, name="chart_pairs")


def english() -> bool:
    return (get_language() or "th").startswith("en")


@register.simple_tag
def t(thai_text: str, english_text: str) -> str:
    """The text in the reader's language. Both stand side by side where they are used, so that neither goes stale."""
    return english_text if english() else thai_text


_parse_t = register.tags["t"]


class LiteralNode(template.Node):
    """``t`` with two constants, as nearly all of them are, of which a page has hundreds."""

    def __init__(self, texts: list[Any]) -> None:
        self.thai, self.english = map(conditional_escape, texts)

    def render(self, _context: template.Context) -> SafeString:
        return self.english if english() else self.thai


@register.tag("t")
def parse_t(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    node = _parse_t(parser, token)
    texts = [f.var for f in node.args if not f.filters and not isinstance(f.var, template.Variable)]
    return LiteralNode(texts) if len(texts) == len(node.args) == 2 and node.target_var is None else node


class BilingualNode(template.Node):
    def __init__(self, thai: template.NodeList, other: template.NodeList) -> None:
        self.thai = thai
        self.other = other

    def render(self, context: template.Context) -> SafeString:
        return (self.other if english() else self.thai).render(context)


@register.tag
def thai(parser: template.base.Parser, _token: template.base.Token) -> BilingualNode:
    """As ``t`` for long texts: ``{% thai %}…{% english %}…{% endthai %}``."""
    in_thai = parser.parse(("english",))
    parser.delete_first_token()
    in_english = parser.parse(("endthai",))
    parser.delete_first_token()
    return BilingualNode(in_thai, in_english)


@register.filter
def label(text: Label) -> str:
    """A framework label (th, en) in the reader's language."""
    return (text.en or text.th) if english() else text.th


@register.filter("caution")
def caution_in_words(text: str) -> str:
    """Why two years are not like for like, which is stored in Thai, in the reader's language."""
    return caution_in_english(text) if english() else text


@register.filter
def node_title(node: Node) -> str:
    """A node of the rules as it is called beside others, in the reader's language: its number and name."""
    return label(node.label) if node.kind == "overall" else f"{node.id} {label(node.label)}"


@dataclass(frozen=True)
class _NamedBar:
    """An indicator of a chart with its name in the reader's language."""

    node: str
    name: str
    score: Decimal
    before: Decimal | None
    reached: bool


@register.simple_tag
def chart_indicators(bars: Iterable[IndicatorBar], target: int) -> SafeString:
    return draw_indicators(bars, target, charts.SCREEN)


def draw_indicators(bars: Iterable[IndicatorBar], target: int, ink: Mapping[str, str]) -> SafeString:
    """The chart of indicators, with their names in the reader's language."""
    named = [_NamedBar(b.node, label(b.label), b.score, b.before, b.reached) for b in bars]
    title = t(f"คะแนน {len(named)} ตัวชี้วัด เทียบเป้าหมาย {target}", f"Scores of {len(named)} indicators, target {target}")
    return SafeString(charts.indicators(named, target, ink, title=title))


@register.simple_tag
def chart_history(points: Sequence[tuple[int, Decimal, bool]], target: int) -> SafeString:
    """Totals over years."""
    words = t("คะแนนรวมรายปี", "Totals over years"), t("เกณฑ์เปลี่ยน", "new rules")
    return SafeString(charts.history(_in_era(points), target, words=words))


def _in_era(points: Sequence[tuple[int, Decimal, bool]]) -> list[tuple[int, Decimal, bool]]:
    """Points of a chart by the years that the reader counts: of the common era on English pages."""
    return [(year_alone(year), score, changed) for year, score, changed in points]


@register.simple_tag
def chart_years(
    title: str,
    points: Sequence[tuple[int, Decimal, bool]],
    bands: Mapping[int, charts.Band],
    target: int,
    low: int,
) -> SafeString:
    """One score over years, small."""
    of_years = {year_alone(year): band for year, band in bands.items()}
    return SafeString(charts.years(title, _in_era(points), of_years, target, low))


@register.simple_tag
def chart_distribution(bars: Sequence[tuple[int, int]], target: int) -> SafeString:
    """How many agencies have which total."""
    title = t("จำนวนหน่วยงานตามช่วงคะแนนรวม", "Agencies by their totals")
    return SafeString(charts.distribution(bars, target, title=title))


@register.filter
def place_name(place: str) -> str:
    """A province or a region in the reader's language; other places as they are."""
    return PLACES_EN.get(place, place) if english() else place


@register.filter
def district_name(agency: Agency) -> str:
    """The district of an agency in the reader's language, as far as its name is known in Roman letters."""
    roman = place_in_roman(agency.district.removeprefix("เขต"), agency.province) if english() else ""
    return f"{roman} district" if roman else agency.district


@register.filter
def name_of(agency: Agency | AgencyVersion) -> str:
    """An agency in the reader's language; without an English name in Roman letters, marked so, or as it is."""
    return name_in_english(agency.name_th, agency.name_en, agency.province) if english() else agency.name_th


@register.filter
def is_in_roman(agency: Agency) -> bool:
    """Whether an agency's name on an English page is not its own."""
    return english() and not agency.name_en and bool(name_in_roman(agency.name_th, agency.province))


@register.filter
def kind_name(kind: str) -> str:
    return AGENCY_TYPES_EN.get(kind, kind) if english() else str(AgencyType(kind).label)


@register.filter
def short_kind(kind: str) -> str:
    """A type of agency as everybody calls it: อบต.; nothing for none."""
    return (SHORT_TYPES_TH.get(kind, "") if not english() else "") or (kind_name(kind) if kind else "")


@register.filter
def year(fiscal_year: int) -> str:
    """A fiscal year: Buddhist era for Thai readers, both for others."""
    return f"FY {both_years(fiscal_year)}" if english() else str(fiscal_year)


@register.filter
def both_years(fiscal_year: int) -> str:
    """The same after the words "fiscal year"."""
    return f"{fiscal_year - fiscal.BUDDHIST} (B.E. {fiscal_year})" if english() else str(fiscal_year)


@register.filter
def year_alone(fiscal_year: int) -> int:
    """The same where a row of years leaves no room for both eras."""
    return fiscal_year - fiscal.BUDDHIST if english() else fiscal_year


@register.filter
def day(value: datetime.date | datetime.datetime | None) -> str:
    """A date as Thai offices write it: 21 พ.ย. 2569."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
    if english():
        return f"{value.day} {value:%b} {value.year}"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year + fiscal.BUDDHIST}"


@register.filter
def month_year(value: datetime.date) -> str:
    """A month with its year: พฤศจิกายน 2569, November 2026."""
    if english():
        return f"{value:%B %Y}"
    return fiscal.month_name(fiscal.year_of(value), fiscal.month_of(value))


@register.filter
def moment(value: datetime.datetime | None) -> str:
    return "" if value is None else f"{day(value)} {timezone.localtime(value):%H:%M}"


@register.filter
def signed(change: Any) -> str:
    """A change, a number or its text, with its sign: +1.20, −0.98."""
    change = Decimal(change) if isinstance(change, str) else change
    return f"{'+' if change > 0 else '−' if change < 0 else '±'}{abs(change)}"


@register.simple_tag(takes_context=True)
def provisional_years(context: Context) -> list[int]:
    """The fiscal years of what a page shows whose rules nobody has announced: of its rules, its round, its year, and
    every year of its ``shown_years``, such as those of a trend."""
    request = context.get("request")
    if request is None:
        return []
    own = _own_year(context, request)
    shown = [] if own is None else [own[0]] if own[1] else []
    if years := set(context.get("shown_years") or ()) - {own[0] if own else 0}:
        in_force = context.get("in_force") or frameworks(request.assessment)
        shown += [year for year in years if year not in in_force or in_force[year].is_provisional]
    return sorted(shown, reverse=True)


def _own_year(context: Context, request: HttpRequest) -> tuple[int, bool] | None:
    """The year whose rules a page shows, and whether they are provisional; None when it shows no rules."""
    for name in ("framework", "assessed", "round", "channel"):
        part = context.get(name)
        part = getattr(part, "framework", getattr(part, "round", part))
        if isinstance(part, Framework):
            return part.fiscal_year, part.is_provisional
        if isinstance(part, Round):
            framework = find_framework(part.assessment_id, part.fiscal_year)
            return part.fiscal_year, framework is None or framework.is_provisional
    match = getattr(request, "resolver_match", None)
    year = context.get("year") or (match and match.kwargs.get("fiscal_year"))
    if not isinstance(year, int):
        return None
    framework = find_framework(request.assessment, year)  # type: ignore[attr-defined]
    return None if framework is None else (year, framework.is_provisional)


@register.simple_tag(takes_context=True)
def printed_total(context: Context, result: AgencyResult) -> str:
    """The total of a result as its year prints it; a dash where there is none."""
    total = result.shown.get("overall")
    if not total:
        return "–"
    made = result.result_set
    in_force: dict[int, Framework] | None = context.get("in_force")
    if in_force is None:  # read once for a page
        read_once: dict[str, dict[int, Framework]] = context.dicts[0].setdefault("rules_read_once", {})
        if made.assessment_id not in read_once:
            read_once[made.assessment_id] = frameworks(made.assessment_id)
        in_force = read_once[made.assessment_id]
    framework = framework_for(made.assessment_id, made.fiscal_year, in_force)
    return total if framework is None else framework.print_score(Decimal(total))


@register.simple_tag(takes_context=True)
def level_tone(context: Context, level: str) -> str:
    """How good a level is, for its colour: a name of a CSS class, by the least total that the level asks for in the
    assessment of the page. The word always stands beside the colour."""
    band = _find_band(context, level)
    if band is None:
        return "plain"
    asked = band.at_least
    return "best" if asked >= 95 else "good" if asked >= 85 else "fair" if asked >= 65 else "poor"


@register.simple_tag(takes_context=True)
def level_name(context: Context, level: str) -> str:
    """A level as readers of the page's language know it: letters as they are, words in English where the rules have
    them."""
    band = None if level.isascii() or not english() else _find_band(context, level)
    return band.label.en or level if band else level


def _find_band(context: Context, level: str) -> Band | None:
    """A level of the assessment of the page, of its newest rules that know it."""
    request = context.get("request")
    if request is None:
        return None
    if not hasattr(request, "bands"):
        oldest_first = reversed(frameworks(request.assessment).values())
        request.bands = {b.id: b for framework in oldest_first for b in framework.rules.bands}
    found: Band | None = request.bands.get(level)
    return found


@register.filter
def share(part: int, whole: int) -> str:
    """A part of a whole, in per cent with one decimal, rounded half up."""
    if not whole:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"


@register.filter
def count(number: int) -> str:
    """A number of things: 8,317."""
    return f"{number:,}"


@register.filter
def baht(amount: Any) -> str:
    """An amount of money: 20,000 or 1,250.50."""
    return "" if amount is None else f"{amount:,.2f}".removesuffix(".00")


@register.filter
def startswith(text: str, prefix: str) -> bool:
    return text.startswith(prefix)


@register.filter
def needs_factor(user: Any) -> bool:
    """Whether a user has to set up a second factor before anything else."""
    return second_factor.is_missing(user)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    return mapping.get(key) if mapping else None


@register.simple_tag(takes_context=True)
def allowed(context: Any, action: str, own: bool = False) -> bool:
    """Whether the one who looks may do an action."""
    request = context["request"]
    return is_allowed(request.user, action, assessment=request.assessment, own=own)


@register.simple_tag
def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts of the demonstration."""
    return ACCOUNTS


@register.simple_tag
def demo_forms() -> list[tuple[Channel, Label]]:
    """The forms of the demonstration that anybody may answer, one of each instrument, with what each is called."""
    channels = Channel.objects.filter(agency__code=MAIN, agency__fictional=True, kind=Channel.Kind.LINK, is_open=True)
    newest = {c.instrument: c for c in channels.select_related("agency", "round").order_by("round__fiscal_year", "pk")}
    return [
        (channel, load_round_framework(channel.round).instruments[instrument].label)
        for instrument, channel in sorted(newest.items(), reverse=True)
    ]


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """This page's query string with some parts changed; empty ones go."""
    parts = context["request"].GET.copy()
    for key, value in changes.items():
        parts[key] = "" if value is None else str(value)
    for key in [k for k, v in parts.items() if not v]:
        del parts[key]
    return f"?{parts.urlencode()}" if parts else "?"


@register.simple_tag(takes_context=True)
def page_address(context: Context, address: str, *, as_asked: bool = False) -> str:
    """The whole address of a page of this site, without what is only asked of it, or ``as_asked``."""
    request: HttpRequest = context["request"]
    return request.build_absolute_uri(address if as_asked else address.partition("?")[0])
