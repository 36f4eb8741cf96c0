"""Pages that assessors found complete, as examples for agencies that have still to write theirs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from prongsai import links
from prongsai.disclosure.models import Filing, Link, Mark
from prongsai.disclosure.queries import items, scale
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework


@dataclass(frozen=True)
class Example:
    """An address that an agency filed for an item of a year, and that was found complete."""

    agency: Agency
    fiscal_year: int
    url: str


def find_examples(assessment_round: Round, agencies: Sequence[int]) -> dict[str, list[Example]]:
    """By item: the first address of each of the agencies (their keys, the best first) whose mark that counts is full
    points, as far as the executive has confirmed it and it opens. What marks may be read, and of
    which agencies, whoever asks decides: those whose results are public."""
    confirmed = Filing.objects.filter(
        round=assessment_round, agency__in=agencies, confirmed__isnull=False, released_at__isnull=False
    )
    filings = {f.agency_id: f for f in confirmed.select_related("agency")}
    framework = load_round_framework(assessment_round)
    full_points = {item.id: scale(framework, item)[0][0] for item in items(framework)}
    counting: dict[tuple[int, str], Mark] = {}
    for mark in Mark.objects.filter(filing__in=filings.values()).exclude(stage=Mark.Stage.SECOND):
        key = mark.filing_id, mark.item
        if key not in counting or mark.stage == Mark.Stage.DECISION or counting[key].stage == Mark.Stage.FIRST:
            counting[key] = mark
    opened = Link.objects.filter(
        entry__filing__in=filings.values(), until=None, alarm_since=None, state__in=links.GOOD
    ).order_by("position", "pk")
    urls: dict[tuple[int, str], str] = {}
    for filing_id, item, url in opened.values_list("entry__filing", "entry__item", "url"):
        urls.setdefault((filing_id, item), url)
    found: dict[str, list[Example]] = defaultdict(list)
    for filing in (filings[agency] for agency in agencies if agency in filings):
        for item, points in full_points.items():
            key = filing.pk, item
            if key in urls and key in counting and counting[key].points == points:
                found[item].append(Example(filing.agency, assessment_round.fiscal_year, urls[key]))
    return dict(found)
