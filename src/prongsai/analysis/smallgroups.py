"""What is not shown of small groups, so that no score tells what one person answered."""

from collections.abc import Mapping

from prongsai.framework import Framework


def withheld(framework: Framework, counts: Mapping[str, int]) -> set[str]:
    """Nodes whose scores are not to be shown. ``counts``: answers of each node.

    An item with fewer answers than the year's rule is withheld. Under a node that is shown, a single withheld part
    would follow from the others; then the part with the fewest answers is withheld with it, or, where there is no
    other, the node itself.
    """
    rule = framework.rules.small_groups
    if rule is None:
        return set()
    surveys = {i.id for i in framework.survey_instruments()}
    asked = [n.id for n in framework.nodes.values() if n.kind == "item" and n.instrument in surveys]
    hidden = {item for item in asked if 0 < counts.get(item, 0) < rule.show_items_from}
    while True:
        more: set[str] = set()
        for node in framework.nodes.values():
            parts = list(node.parts)
            unseen = [p for p in parts if p in hidden]
            if node.id in hidden or len(unseen) != 1:
                continue
            others = [p for p in parts if p not in hidden and p in counts]
            more.add(min(others, key=lambda p: (counts[p], p)) if others else node.id)
        if not more:
            return hidden
        hidden |= more
