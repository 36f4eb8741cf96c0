"""Which scores of small groups are withheld, so that none reveals what one person answered."""

from collections.abc import Mapping

from prongsai.framework import Framework


def find_withheld_nodes(framework: Framework, counts: Mapping[str, int]) -> set[str]:
    """Nodes whose scores are not shown. ``counts``: answers of each node.

    An item with fewer answers than the year's rule is withheld. Under a node that is shown, a single withheld part
    would follow from the others; then the part with the fewest answers is withheld with it, or, where there is no
    other, the node itself.
    """
    rule = framework.rules.small_groups
    if rule is None:
        return set()
    surveys = [i.id for i in framework.survey_instruments()]
    items = [item.id for survey in surveys for item in framework.items_of(survey)]
    withheld = {item for item in items if 0 < counts[item] < rule.show_items_from}
    while more := _find_inferable(framework, counts, withheld):
        withheld |= more
    return withheld


def _find_inferable(framework: Framework, counts: Mapping[str, int], withheld: set[str]) -> set[str]:
    """What must be withheld too, because a shown node would reveal its only withheld part."""
    more = set()
    for node in framework.nodes.values():
        if node.id not in withheld and len(withheld.intersection(node.parts)) == 1:
            shown = [part for part in node.parts if part not in withheld]
            more.add(min(shown, key=lambda part: (counts[part], part), default=node.id))
    return more
