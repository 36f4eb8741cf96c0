"""Which pages of an agency's channels fulfil a disclosure item: found by the words of the year's rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.urls import reverse
from pydantic import TypeAdapter

from prongsai.framework import DisclosureItem
from prongsai.lib import strict_yaml
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.sites.consultations import consultations_of_year, public_consultations
from prongsai.sites.models import ChannelSettings
from prongsai.sites.queries import find_rounds, find_settings, months_of_year
from prongsai.sites.satisfaction import published_years

_FILE = Path(__file__).parent / "channel_items.yaml"
PREVIOUS_YEAR = "previous_year"  # the period of an item that asks for the year before
_CURRENT = "assessed_year"
_WHICH = {
    PREVIOUS_YEAR: PREVIOUS_YEAR,
    _CURRENT: _CURRENT,
    "first_half": _CURRENT,
}  # year an item of each period asks for
_BY_YEAR = {"satisfaction", "consultations", "statistics"}  # channels whose pages are of a year


@dataclass(frozen=True)
class Words:
    """A label has one of ``words`` and none of ``without``."""

    words: tuple[str, ...]
    without: tuple[str, ...]

    def match(self, label: str) -> bool:
        return any(word in label for word in self.words) and not any(word in label for word in self.without)


@dataclass(frozen=True)
class ChannelPage:
    """A page of an agency's channels: its name in Thai, and its path."""

    name: str
    path: str


@cache
def load_words() -> Mapping[str, Words]:
    """The words of each channel. Raises ValueError for a file that cannot be read."""
    document = strict_yaml.read(_FILE)
    if document.problems:
        raise ValueError("; ".join(f"{p.line}: {p.what}" for p in document.problems))
    return TypeAdapter(dict[str, Words]).validate_python(document.data)


def channels_of_item(item: DisclosureItem) -> list[str]:
    """The channels that an item asks for."""
    return [channel for channel, words in load_words().items() if words.match(item.label.th)]


def find_offered(agency: Agency, assessment_round: Round) -> dict[tuple[str, str], ChannelPage]:
    """The pages that an agency's channels have, by channel and by which year's it is ("" for any)."""
    settings = find_settings(agency)
    offered = {}
    for channel, name, is_open in (
        ("questions", "หน้าถามตอบ", settings.questions_open),
        ("complaints", "หน้าร้องเรียน", settings.complaints_open),
    ):
        if is_open:
            offered[channel, ""] = ChannelPage(name, reverse("public_channel", args=[agency.code, channel]))
    if settings.complaints_open and settings.procedure:
        path = reverse("complaint_procedure", args=[agency.code])
        offered["procedure", ""] = ChannelPage("หน้าแนวปฏิบัติเรื่องร้องเรียน", path)
    if public_consultations(agency).exists():
        path = reverse("public_consultations", args=[agency.code])
        offered["consultations", ""] = ChannelPage("หน้าการรับฟังความคิดเห็น", path)
    published = published_years(agency)
    for which, year in ((_CURRENT, assessment_round.fiscal_year), (PREVIOUS_YEAR, assessment_round.fiscal_year - 1)):
        if year in published:
            path = reverse("satisfaction_of_year", args=[agency.code, year])
            offered["satisfaction", which] = ChannelPage(f"หน้าผลความพึงพอใจปี {year}", path)
        if months_of_year(agency, year).exists():
            path = reverse("complaint_statistics", args=[agency.code, year])
            offered["statistics", which] = ChannelPage(f"หน้าสถิติเรื่องร้องเรียนปี {year}", path)
        if consultations_of_year(agency, year).exists():
            path = reverse("consultations_of_year", args=[agency.code, year])
            offered["consultations", which] = ChannelPage(f"หน้าการรับฟังความคิดเห็นปี {year}", path)
    for channel in ("satisfaction", "statistics"):
        if (channel, _CURRENT) in offered:
            offered[channel, ""] = offered[channel, _CURRENT]
    return offered


def find_channel_pages(item: DisclosureItem, offered: Mapping[tuple[str, str], ChannelPage]) -> list[ChannelPage]:
    """The pages among those that an item asks for: of what is done in a year, the page of that year."""
    which = _WHICH.get(item.period, "")
    pages = [offered.get((channel, which if channel in _BY_YEAR else "")) for channel in channels_of_item(item)]
    return list(dict.fromkeys(page for page in pages if page))


@dataclass(frozen=True)
class ChannelToOpen:
    """A channel that an agency has not opened: what to do, and the name of the page where."""

    action: str
    view: str


_TO_OPEN = {
    "questions": ChannelToOpen("เปิดช่องทางถามตอบ", "channel_settings"),
    "complaints": ChannelToOpen("เปิดช่องทางร้องเรียน", "channel_settings"),
    "procedure": ChannelToOpen("เปิดช่องทางร้องเรียน และเขียนขั้นตอน", "channel_settings"),
    "statistics": ChannelToOpen("เผยแพร่สถิติเรื่องร้องเรียน", "channels_desk"),
    "consultations": ChannelToOpen("เปิดรับฟังความคิดเห็น", "consultations"),
    "satisfaction": ChannelToOpen("ถามความพึงพอใจที่จุดบริการ", "services"),
}


def find_channels_to_open(item: DisclosureItem, offered: Mapping[tuple[str, str], ChannelPage]) -> list[ChannelToOpen]:
    """The channels that an item asks for and that the agency could open."""
    if find_channel_pages(item, offered):
        return []
    return [_TO_OPEN[channel] for channel in channels_of_item(item)]


def list_closed_channels(settings: ChannelSettings, items: Iterable[DisclosureItem]) -> list[str]:
    """What an agency could open of questions and complaints, which some of the items ask for."""
    is_open = {"questions": settings.questions_open, "complaints": settings.complaints_open}
    asked = {channel for item in items for channel in channels_of_item(item)}
    return [_TO_OPEN[channel].action for channel in is_open if channel in asked and not is_open[channel]]


def items_of_channel(agency: Agency, channel: str) -> list[tuple[Round, DisclosureItem]]:
    """The items that ask for a channel, in the newest round of an agency whose rules have one."""
    for assessment_round in find_rounds(agency):
        items = load_round_framework(assessment_round).rules.disclosure_items
        if found := [item for item in items if channel in channels_of_item(item)]:
            return [(assessment_round, item) for item in found]
    return []
