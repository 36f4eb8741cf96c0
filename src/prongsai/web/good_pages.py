"""Examples beside each item of readiness: what agencies of the same type filed in a published round, and assessors
found complete. Here, since an agency's own pages know neither marks nor results."""

from django.db.models import Case, F, IntegerField, Value, When

from prongsai.disclosure.examples import Example, find_examples
from prongsai.framework import DisclosureItem
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import load_round_framework
from prongsai.results import queries as results
from prongsai.results.models import ResultSet

SHOWN = 3  # of each item
_PEERS = 60  # whose filings are read: those with the best results, of the same province first
_YEARS = 3  # back from the round, itself among them


def find_good_pages(agency: Agency, assessment_round: Round) -> dict[str, list[Example]]:
    """By item of a round's rules: examples of the latest of the rounds that are published, itself or one before it. An
    item of an earlier round is an example for the one that continues it."""
    rounds = {r.fiscal_year: r for r in Round.objects.filter(assessment=agency.assessment_id)}
    items = load_round_framework(assessment_round).rules.disclosure_items
    named = {item.id: [item.id] for item in items}  # what each item was called in the year
    for back in range(_YEARS):
        earlier = rounds.get(assessment_round.fiscal_year - back)
        if earlier is None:
            break
        if peers := _list_peers(agency, earlier.fiscal_year):
            found = find_examples(earlier, peers)
            examples = {i: [e for name in names for e in found.get(name, [])][:SHOWN] for i, names in named.items()}
            if any(examples.values()):
                return examples
        continued = {i.id: i.continues for i in load_round_framework(earlier).rules.disclosure_items}
        named = {i: [before for name in names for before in continued.get(name, ())] for i, names in named.items()}
    return {}


def _list_peers(agency: Agency, fiscal_year: int) -> list[int]:
    """Agencies of the same type whose computed result is public: those of the same province first, then the best."""
    published = results.published(agency.assessment_id, fiscal_year, fictional=agency.fictional)
    same = published.filter(agency__kind=agency.kind, result__result_set__origin=ResultSet.Origin.RUN)
    is_near = Case(When(agency__province=agency.province, then=Value(0)), default=Value(1), output_field=IntegerField())
    ordered = same.exclude(agency=agency).order_by(is_near, F("overall").desc(nulls_last=True), "agency")
    return list(ordered.values_list("agency", flat=True)[:_PEERS])


def find_once(request: object, agency: Agency, assessment_round: Round, item: DisclosureItem) -> list[Example]:
    """The examples of one item; those of all are looked up once for a page."""
    known = vars(request).setdefault("good_pages", {})
    key = agency.pk, assessment_round.pk
    if key not in known:
        known[key] = find_good_pages(agency, assessment_round)
    examples: list[Example] = known[key].get(item.id, [])
    return examples
