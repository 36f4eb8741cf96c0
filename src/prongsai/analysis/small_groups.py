"""What leaves of a small group: which scores are withheld, and how the score of a question is made approximate.

The attacker knows the rules, how many answered, and the answers of all others but one. Rounding cannot stop them: of
any fixed rounding there are answers of the others for which one choice alone crosses its border. So a question is shown
with a random error, drawn from a secret of the agency's year: no published score of a question makes one answer of one
person more than the rule's ``item_odds`` times as likely as another. The draw depends on the totals, so that the same
totals always show the same score and nobody can average the error away.
"""

import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal

from prongsai.framework import Framework
from prongsai.lib import digest

Pairs = Sequence[Sequence[int]]  # points and answers of each sub-answer of a question
_HIGHEST = 100  # points
_UNITS = 100  # of a point, in which the error is drawn
_WORD = 2**64
_DOUBT = 1e-6  # a double nearer than this to a whole number decides nothing
_EXACT = Context(prec=40)
_SHOWN_OF_ALL = ("overall", "composite", "instrument", "item")  # kinds for which the limit of indicators says nothing


def find_withheld_nodes(
    framework: Framework, counts: Mapping[str, int], populations: Mapping[str, int] | None = None
) -> set[str]:
    """Nodes whose scores are not shown. ``counts``: answers of each node, responses of each instrument;
    ``populations``: people by instrument, without those that nobody knows.

    An item or an indicator with fewer answers than the year's rule is withheld. Under a node that is shown, a single
    withheld part would follow from the others; then the part with the fewest answers is withheld with it, or, where
    there is no other, the node itself.
    """
    surveys = [i.id for i in framework.survey_instruments()]
    factors = {s: _limit_factor(framework, counts[s], (populations or {}).get(s)) for s in surveys}
    withheld = {
        item.id
        for survey in surveys
        for item in framework.items_of(survey)
        if _is_few(counts[item.id], _limit_of_items(framework), factors[survey])
    }
    limit = framework.rules.small_groups and framework.rules.small_groups.show_indicators_from
    small = {survey for survey in surveys if _is_few(counts[survey], limit or 0, factors[survey])}
    if small:
        withheld |= {
            node.id
            for node in framework.nodes.values()
            if node.kind not in _SHOWN_OF_ALL and small & {item.instrument for item in framework.items_of(node.id)}
        }
    while more := _find_inferable(framework, counts, withheld):
        withheld |= more
    return withheld


def _is_few(answers: int, limit: int | None, factor: int) -> bool:
    """Whether there are answers, and fewer than a limit; None: however many there are."""
    return answers > 0 and (limit is None or answers < limit * factor)


def _limit_of_items(framework: Framework) -> int | None:
    rule = framework.rules.small_groups
    if rule is None or rule.approximate_items_from is None or rule.item_odds is None:
        return None
    return max(rule.show_items_from, rule.approximate_items_from, rule.show_indicators_from or 0)


def _limit_factor(framework: Framework, responses: int, population: int | None) -> int:
    """By how much the limits grow where hardly anybody is left who did not answer."""
    rule = framework.rules.small_groups
    if rule is None or rule.double_from_percent is None:
        return 1
    is_most = population is None or responses * 100 >= rule.double_from_percent * population
    return 2 if is_most else 1


def _find_inferable(framework: Framework, counts: Mapping[str, int], withheld: set[str]) -> set[str]:
    """What must be withheld too, because a shown node would reveal its only withheld part."""
    more = set()
    for node in framework.nodes.values():
        if node.id not in withheld and len(withheld.intersection(node.parts)) == 1:
            shown = [part for part in node.parts if part not in withheld]
            more.add(min(shown, key=lambda part: (counts[part], part), default=node.id))
    return more


def item_odds(framework: Framework) -> int | None:
    """By how many times a published question may make one answer likelier than another; None: none is published."""
    rule = framework.rules.small_groups
    return rule.item_odds if rule and rule.approximate_items_from else None


def draw_of(secret: str, item: str, pairs: Pairs, odds: int | None) -> str:
    """The draw of a question's error, in hex: the same for the same totals, unknown to whoever has no secret."""
    message = digest.canonical_json([item, [list(pair) for pair in pairs], odds])
    return hmac.digest(bytes.fromhex(secret), message.encode(), hashlib.sha256).hex()


def approximate_score(draw: str, pairs: Pairs, odds: int) -> str:
    """The score of a question as it is published, in whole points: the exact one with an error of the discrete Laplace
    distribution, its scale the most that one person's answers can move the score, divided by the logarithm of the
    odds. Rounding and limits come after the error, and reveal no more than it does."""
    whole = math.prod(n for _, n in pairs)  # whole numbers alone: a nation has a quarter of a million questions
    parts = whole * len(pairs)
    total = sum(points * whole // n for points, n in pairs)
    units = (2 * total * _UNITS + parts) // (2 * parts)  # half up
    reach = -(-sum(_HIGHEST * _UNITS * whole // n for _, n in pairs) // parts) + 1  # rounding can move it by one more
    units = approximate_sum(draw, units, reach, odds)
    return str((min(max(units, 0), _HIGHEST * _UNITS) + _UNITS // 2) // _UNITS)


def approximate_sum(draw: str, total: int, reach: int, odds: int) -> int:
    """A whole number with an error of the discrete Laplace distribution: none that is shown makes one of two numbers
    that differ by at most ``reach`` more than ``odds`` times as likely as the other."""
    first, second = (int(draw[at : at + 16], 16) for at in (0, 16))
    return total + _draw_geometric(first, reach, odds) - _draw_geometric(second, reach, odds)


def _draw_geometric(word: int, reach: int, odds: int) -> int:
    """The whole number whose probability falls by ``odds`` every ``reach`` numbers, from a uniform word of 64 bits.
    Near a whole number, 40 digits decide, so that every machine draws the same."""
    uniform = (2 * word + 1) / (2 * _WORD)
    steps = -math.log(uniform) * reach / math.log(odds)
    if abs(steps - round(steps)) > _DOUBT:
        return math.floor(steps)
    logarithm = _EXACT.ln(_EXACT.divide(Decimal(2 * word + 1), Decimal(2 * _WORD)))
    return int(_EXACT.divide(-logarithm * reach, _EXACT.ln(Decimal(odds))))


def count_range(framework: Framework, responses: int) -> list[int]:
    """The range in which a receipt says how many answered: its first and last number; zero stands alone."""
    rule = framework.rules.small_groups
    if rule is None or rule.count_width is None or responses == 0:
        return [responses, responses]
    first = responses // rule.count_width * rule.count_width
    return [max(first, 1), first + rule.count_width - 1]
