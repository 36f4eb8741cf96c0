"""What assessors wrote beside disclosure items, in the words of the document.

A table says so in the head of a column, prose in a numbered sentence that opens with the name of an item. Who confirms
the document confirms the comments too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from prongsai.framework import DisclosureItem, Framework
from prongsai.intake.codes import codes_of
from prongsai.intake.files import Row
from prongsai.lib import thai

MAX_COMMENT_LETTERS = 2000
_HEAD = re.compile(r"ความคิดเห็น|ความเห็น|ข้อคิดเห็น|ข้อสังเกต|เหตุผล|สาเหตุ|comment|remark|reason", re.I)
_HEAD_LETTERS = 40  # a longer cell is no heading
_NUMBERED = re.compile(r"\(?\d{1,2}\s?[.)]\s*(?=\S)")
_SCORED = re.compile(r"\d\.\d\d|\d\s*คะแนน")  # a sentence that gives a score is no comment
_NUMBER = re.compile(r"[\d.,%\s]+")
_MIN_LETTERS = 8  # after the name of an item


@dataclass(frozen=True)
class Comment:
    """A comment on a disclosure item and where it stands in the document."""

    item: str
    text: str
    place: str


def comments_of(rows: Sequence[Row], framework: Framework) -> list[Comment]:
    """Comments on the disclosure items of a year, in the order of the rules; of several on an item those in a table
    come first, and the same words once."""
    items = framework.rules.disclosure_items
    found = [*_comments_in_tables(rows, framework), *_comments_in_prose(rows, items)]
    order = {item.id: n for n, item in enumerate(items)}
    unique: dict[tuple[str, str], Comment] = {}
    for comment in found:
        unique.setdefault((comment.item, thai.squeeze(comment.text)), comment)
    return sorted(unique.values(), key=lambda c: order[c.item])


def _comments_in_tables(rows: Sequence[Row], framework: Framework) -> list[Comment]:
    """Comments in the column that a table's head names, also where a table goes on without a head of its own."""
    codes = codes_of((framework,))
    known = {item.id for item in framework.rules.disclosure_items}
    comments = []
    column, width = None, 0
    for row in rows:
        cells = tuple(thai.clean(cell).strip() for cell in row.cells)
        if len(cells) < 3:
            continue
        columns = [n for n, cell in enumerate(cells) if len(cell) <= _HEAD_LETTERS and _HEAD.search(cell)]
        item = next((code for cell in cells[:2] if (code := codes.item_code(cell)) in known), None)
        if item is None:
            if columns or _is_head(cells):
                column, width = (columns[0] if columns else None), len(cells)
        elif (
            column is not None
            and len(cells) == width
            and (text := _tidy(cells[column]))
            and not _NUMBER.fullmatch(text)
        ):
            comments.append(Comment(item, text, row.place))
    return comments


def _is_head(cells: Sequence[str]) -> bool:
    """Whether a row without an item heads a table: short words in every cell, and no number."""
    return all(0 < len(cell) <= _HEAD_LETTERS and not any(letter.isdigit() for letter in cell) for cell in cells)


def _comments_in_prose(rows: Sequence[Row], items: Sequence[DisclosureItem]) -> list[Comment]:
    """Comments in numbered sentences: "3. name of the item, what is missing"."""
    names = sorted(((thai.skeleton(thai.clean(i.label.th))[0], i.id) for i in items), key=lambda name: -len(name[0]))
    comments = []
    for row in rows:
        filled = [thai.clean(cell).strip() for cell in row.cells if cell.strip()]
        if len(filled) != 1 or not (number := _NUMBERED.match(filled[0])):
            continue
        sentence = filled[0][number.end() :]
        letters, places = thai.skeleton(sentence)
        found = next(((name, item) for name, item in names if letters.startswith(name)), None)
        if found is None or len(letters) - len(found[0]) < _MIN_LETTERS:
            continue
        text = _tidy(sentence[_end_of_name(sentence, places, len(found[0])) :])
        if not _SCORED.search(text):
            comments.append(Comment(found[1], text, row.place))
    return comments


def _end_of_name(sentence: str, places: Sequence[int], letters: int) -> int:
    """Where the rest of a sentence begins after a name of so many letters: before the next letter that counts, and the
    vowels and marks that belong to the last one stay with it."""
    end = places[letters - 1] + 1
    while end < places[letters] and (thai.is_mark(sentence[end]) or "\u0e30" <= sentence[end] <= "\u0e33"):
        end += 1
    return end


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" :-–|")[:MAX_COMMENT_LETTERS]
