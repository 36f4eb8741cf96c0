"""A form's questions, drawn from the year's rules, and reading what came back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prongsai.framework import Framework, Label

UNANSWERED = 255


@dataclass(frozen=True)
class Question:
    """One question that is answered by one choice. ``about`` is set where several belong to one item: the item's own
    wording."""

    column: str
    number: int
    about: Label | None
    first: bool
    label: Label
    options: tuple[Label, ...]


def questions(framework: Framework, instrument: str) -> tuple[Question, ...]:
    """The questions of an instrument, in the order of its answer columns."""
    scales = {s.id: s for s in framework.rules.scales}
    items = {i.id: i for i in framework.rules.survey_items}
    made: list[Question] = []
    number, seen = 0, ""
    for column in framework.answer_columns(instrument):
        node = framework.nodes[column.item]
        item = node.item or items[column.item.rpartition("/")[2]]
        fresh = column.item != seen
        number, seen = number + fresh, column.item
        place = sum(q.number == number for q in made)
        label = item.answers[place].label if item.answers else item.label
        options = tuple(o.label for o in scales[item.scale].options)
        made.append(Question(column.name, number, item.label if item.answers else None, fresh, label, options))
    return tuple(made)


def read_answers(asked: tuple[Question, ...], posted: Mapping[str, str]) -> tuple[bytes, dict[str, int], list[str]]:
    """Answers as one byte a question, those that are good by column, and columns that are missing or not a choice."""
    chosen: dict[str, int] = {}
    missing = []
    for q in asked:
        value = posted.get(q.column, "")
        if re.fullmatch(r"\d{1,2}", value) and value.isascii() and int(value) < len(q.options):
            chosen[q.column] = int(value)
        else:
            missing.append(q.column)
    return bytes(chosen.get(q.column, UNANSWERED) for q in asked), chosen, missing
