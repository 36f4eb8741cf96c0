"""The record of one verdict."""

from dataclasses import dataclass
from typing import Literal

from prongsai.analysis.figures import Figure

Verdict = Literal["reproduced", "rounding", "contradicted", "undetermined"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """The verdict on one printed figure. Texts are Thai; numbers are strings in Arabic digits.

    ``recomputed`` is what the rules give from the other figures, ``interval`` the true values that remain possible,
    ``likely`` the true value where the others leave only one, ``rule`` the rule that was used, ``place`` where the
    figure stands. ``is_in_conflict``: undetermined, though it cannot be right together with the figures beside it,
    because nothing tells which of them is wrong, or a reading of the rules is left that they agree with.
    """

    fiscal_year: int
    node: str
    printed: str
    recomputed: str | None = None
    verdict: Verdict
    explanation: str
    likely: str | None = None
    interval: tuple[str, str] | None = None
    rule: str = ""
    place: str = ""
    is_in_conflict: bool = False


def judge(
    figure: Figure,
    verdict: Verdict,
    explanation: str,
    *,
    recomputed: str | None = None,
    likely: str | None = None,
    interval: tuple[str, str] | None = None,
    rule: str = "",
) -> Check:
    """The check of ``figure``, without its place."""
    return Check(
        fiscal_year=figure.fiscal_year,
        node=figure.node,
        printed=figure.value,
        recomputed=recomputed,
        verdict=verdict,
        explanation=explanation,
        likely=likely,
        interval=interval,
        rule=rule,
    )
