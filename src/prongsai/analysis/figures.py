"""A printed figure, and how its node is named.

Besides the nodes of a framework, a document states other things that can be checked. They are named so that one name
is one claim: ``level``, ``pass``, ``change/<node>``, ``highest/<scope>``, ``lowest/<scope>`` (scope: ``all`` or an
instrument; the value is a node) and ``count/strengths``, ``count/below``, ``count/up``, ``count/down``.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

STATEMENTS = ("level", "pass", "change", "highest", "lowest", "count")
_PRINTED = re.compile(r"[-+−.0-9]{1,40}")  # no exponent: 1e999999999 would take all the memory there is


@dataclass(frozen=True)
class Figure:
    """One figure of one document. ``value`` is as printed, in Arabic digits; ``place`` is where it stands.

    ``sure`` is False when the reader could not be certain what the number belongs to; ``note`` says why, or how it was
    read.
    """

    fiscal_year: int
    node: str
    value: str
    place: str
    sure: bool = True
    note: str = ""

    @property
    def kind(self) -> str:
        """``score`` or one of STATEMENTS."""
        head = self.node.partition("/")[0]
        return head if head in STATEMENTS else "score"

    @property
    def subject(self) -> str:
        """The node a statement is about: ``change/6`` is about 6."""
        return self.node if self.kind == "score" else self.node.partition("/")[2]

    @property
    def number(self) -> Decimal | None:
        """The printed number, or None when the value is a word, a node, or longer than any that is printed."""
        if self.kind not in ("score", "change", "count") or not _PRINTED.fullmatch(self.value):
            return None
        try:
            return Decimal(self.value.replace("−", "-").replace("+", ""))
        except InvalidOperation:
            return None
