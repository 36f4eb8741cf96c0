"""Which pages of an agency's channels fulfil a disclosure item: found by the words of the year's rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.urls import reverse
from pydantic import TypeAdapter

from prongsai.framework import DisclosureItem
from prongsai.lib import strict_yaml
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.sites.consultations import public_consultations
from prongsai.sites.queries import find_settings
from prongsai.sites.readiness import find_rounds
from prongsai.sites.satisfaction import published_years

_FILE = Path(__file__).parent / "channel_items.yaml"
_PREVIOUS = "previous_year"  # the period of an item that asks for the year before


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
    """The pages that an agency's channels have, by channel and by the period that an item asks for ("" for any)."""
    settings = find_settings(agency)
    channels = ChannelPage("หน้าช่องทางของหน่วยงาน", reverse("public_channels", args=[agency.code]))
    offered = {}
    if settings.questions_open:
        offered["questions", ""] = channels
    if settings.complaints_open:
        offered["complaints", ""] = channels
    if public_consultations(agency).exists():
        path = reverse("public_consultations", args=[agency.code])
        offered["consultations", ""] = ChannelPage("หน้าการรับฟังความคิดเห็น", path)
    years = published_years(agency)
    for period, year in (("", assessment_round.fiscal_year), (_PREVIOUS, assessment_round.fiscal_year - 1)):
        if year in years:
            path = reverse("satisfaction_of_year", args=[agency.code, year])
            offered["satisfaction", period] = ChannelPage(f"หน้าผลความพึงพอใจปี {year}", path)
    return offered


def find_channel_pages(item: DisclosureItem, offered: Mapping[tuple[str, str], ChannelPage]) -> list[ChannelPage]:
    """The pages among those that an item asks for."""
    period = _PREVIOUS if item.period == _PREVIOUS else ""
    pages = [offered.get((channel, period if channel == "satisfaction" else "")) for channel in channels_of_item(item)]
    return list(dict.fromkeys(page for page in pages if page))


def items_of_channel(agency: Agency, channel: str) -> list[tuple[Round, DisclosureItem]]:
    """The items that ask for a channel, in the newest round of an agency whose rules have one."""
    for assessment_round in find_rounds(agency):
        items = load_round_framework(assessment_round).rules.disclosure_items
        if found := [item for item in items if channel in channels_of_item(item)]:
            return [(assessment_round, item) for item in found]
    return []
