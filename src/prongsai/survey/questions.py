"""The questions of a form, taken from the year's rules, and the parsing of what was posted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from prongsai.framework import Framework, Label, SurveyItem

UNANSWERED = 255


@dataclass(frozen=True, kw_only=True)
class Section:
    """The questions of one indicator that follow each other: which of the form's sections it is, and the numbers of its
    first and last question."""

    number: int
    label: Label
    first: int
    last: int


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
    section: Section
    is_first_of_section: bool


@lru_cache(maxsize=64)
def list_questions(framework: Framework, instrument: str) -> tuple[Question, ...]:
    """The questions of an instrument, in the order of its answer columns."""
    scales = {s.id: s for s in framework.rules.scales}
    sections = {item: section for section, items in _list_sections(framework, instrument) for item in items}
    questions: list[Question] = []
    number, part, previous = 0, 0, ""
    for column in framework.answer_columns(instrument):
        item = framework.nodes[column.item].item
        assert isinstance(item, SurveyItem), column.item
        is_first = column.item != previous
        number, part, previous = (number + 1, 0, column.item) if is_first else (number, part + 1, previous)
        section = sections[column.item]
        questions.append(
            Question(
                column=column.name,
                number=number,
                stem=item.label if item.answers else None,
                is_first_of_item=is_first,
                label=item.answers[part].label if item.answers else item.label,
                options=tuple(o.label for o in scales[item.scale].options),
                section=section,
                is_first_of_section=not questions or questions[-1].section is not section,
            )
        )
    return tuple(questions)


def count_options(framework: Framework, instrument: str) -> list[int]:
    """How many choices each question of an instrument offers, in the order of its answer columns."""
    return [len(q.options) for q in list_questions(framework, instrument)]


def _list_sections(framework: Framework, instrument: str) -> list[tuple[Section, list[str]]]:
    """The sections of a form with the items in each."""

    def find_indicator(item: str) -> str:
        return framework.nodes[item].item.indicator  # type: ignore[union-attr]

    items = list(dict.fromkeys(c.item for c in framework.answer_columns(instrument)))
    labels = {i.id: i.label for i in framework.rules.indicators}
    sections, first = [], 1
    for number, (indicator, group) in enumerate(groupby(items, find_indicator), 1):
        own = list(group)
        last = first + len(own) - 1
        sections.append((Section(number=number, label=labels[indicator], first=first, last=last), own))
        first = last + 1
    return sections


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
