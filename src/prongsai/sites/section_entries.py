"""What an agency's section lists: for each item of a year its own page, and the pages of channels that are about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prongsai.framework import DisclosureItem
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.sites.channel_items import ChannelPage, find_channel_pages, find_offered
from prongsai.sites.queries import find_rounds, public_item_pages

_CHANNEL_YEARS = 3  # whose pages of channels are looked up: each year takes some questions to the database


@dataclass(frozen=True)
class SectionEntry:
    """An item with a page of its own, pages of channels, or both."""

    item: DisclosureItem
    has_page: bool
    channels: tuple[str, ...]  # paths


def list_entries(agency: Agency) -> list[tuple[int, list[SectionEntry]]]:
    """The items of an agency that have pages, in the order of the rules, the newest year first; those whose item or
    round is no more are left out. Pages of channels stand in the newest years, those of no year in the newest alone."""
    pages: dict[int, set[str]] = {}
    for page in public_item_pages(agency):
        pages.setdefault(page.fiscal_year, set()).add(page.item)
    years = []
    for place, assessment_round in enumerate(find_rounds(agency)):
        written = pages.get(assessment_round.fiscal_year, set())
        offered = find_offered(agency, assessment_round) if place < _CHANNEL_YEARS else {}
        entries = list(_list_round(assessment_round, written, {p: c for p, c in offered.items() if place == 0 or p[1]}))
        if entries:
            years.append((assessment_round.fiscal_year, entries))
    return years


def _list_round(
    assessment_round: Round, written: set[str], offered: Mapping[tuple[str, str], ChannelPage]
) -> Iterator[SectionEntry]:
    for item in load_round_framework(assessment_round).rules.disclosure_items:
        channels = tuple(page.path for page in find_channel_pages(item, offered))
        if item.id in written or channels:
            yield SectionEntry(item, item.id in written, channels)
