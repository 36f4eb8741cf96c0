"""What scores mean to somebody in a situation: which of a year's questions and items are about it, by their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter

from prongsai.framework import Framework, Node
from prongsai.framework.schema import Label
from prongsai.lib import strict_yaml
from prongsai.sites.channel_items import Words

_Label = Annotated[Label, BeforeValidator(lambda texts: Label(**texts))]
_FILE = Path(__file__).parent / "situations.yaml"


@dataclass(frozen=True)
class Situation(Words):
    """What somebody is about to do; ``advice`` is for anybody who is, whatever the scores."""

    title: _Label
    advice: _Label

    def find_nodes(self, framework: Framework) -> list[Node]:
        """The items of a year's rules that are about it."""
        return [n for n in framework.nodes.values() if n.kind == "item" and self.match(n.label.th)]


@cache
def load_situations() -> Mapping[str, Situation]:
    """The situations by name. Raises ValueError for a file that cannot be read."""
    document = strict_yaml.read(_FILE)
    if document.problems:
        raise ValueError("; ".join(f"{p.line}: {p.what}" for p in document.problems))
    return TypeAdapter(dict[str, Situation]).validate_python(document.data)
