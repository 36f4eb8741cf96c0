"""The questions of a form, taken from the year's rules, and the parsing of what was posted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prongsai.framework import Framework, Label, SurveyItem

UNANSWERED = 255


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question that is answered by one choice. ``stem`` is the wording of the item where several questions share
    one."""

    column: str
    number: int
    stem: Label | None
    is_first_of_item: bool
    label: Label
    options: tuple[Label, ...]


def list_questions(framework: Framework, instrument: str) -> tuple[Question, ...]:
    """The questions of an instrument, in the order of its answer columns."""
    scales = {s.id: s for s in framework.rules.scales}
    questions: list[Question] = []
    number, part, previous = 0, 0, ""
    for column in framework.answer_columns(instrument):
        item = framework.nodes[column.item].item
        assert isinstance(item, SurveyItem), column.item
        is_first = column.item != previous
        number, part, previous = (number + 1, 0, column.item) if is_first else (number, part + 1, previous)
        questions.append(
            Question(
                column=column.name,
                number=number,
                stem=item.label if item.answers else None,
                is_first_of_item=is_first,
                label=item.answers[part].label if item.answers else item.label,
                options=tuple(o.label for o in scales[item.scale].options),
            )
        )
    return tuple(questions)


def parse_answers(
    questions: tuple[Question, ...], posted: Mapping[str, str]
) -> tuple[bytes, dict[str, int], list[str]]:
    """The answers as one byte a question, the valid choices by column, and the columns that are missing or invalid."""
    choices: dict[str, int] = {}
    missing = []
    for q in questions:
        value = posted.get(q.column, "")
        if re.fullmatch(r"\d{1,2}", value) and value.isascii() and int(value) < len(q.options):
            choices[q.column] = int(value)
        else:
            missing.append(q.column)
    return bytes(choices.get(q.column, UNANSWERED) for q in questions), choices, missing
