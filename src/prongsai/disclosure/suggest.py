"""Passages of a page that look like what an item must contain. A help for the eye, never a mark. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from prongsai.lib import thai

LEAST = 72.0  # of 100: below it a likeness is chance more often than not
_AROUND = 70  # letters shown on either side
_LONGEST = 400_000  # letters of a page that are looked through


@dataclass(frozen=True)
class Passage:
    """A piece of the page: what stands before, the part that is alike, what follows; and how alike, from 0 to 100."""

    before: str
    found: str
    after: str
    likeness: int


def passages(elements: Sequence[str], text: str) -> list[Passage | None]:
    """For each required element the most similar passage of ``text``, or None where nothing comes near.

    An element that names choices in brackets is found by any one of them: "ช่องทางถาม-ตอบ (LINE OA, webboard)".
    """
    page = thai.clean(text)[:_LONGEST]
    folded = page.casefold()
    return [_best(element, page, folded) for element in elements]


def _best(element: str, page: str, folded: str) -> Passage | None:
    best: Passage | None = None
    for wanted in _spellings(element):
        if not folded.strip():
            break
        found = fuzz.partial_ratio_alignment(wanted, folded, score_cutoff=LEAST)
        if found is None or (best and found.score <= best.likeness):
            continue
        start, end = found.dest_start, found.dest_end
        before, after = page[max(start - _AROUND, 0) : start], page[end : end + _AROUND]
        while before and thai.is_mark(before[0]):  # cut in the middle of a letter
            before = before[1:]
        best = Passage(before, page[start:end], after, round(found.score))
    return best


def _spellings(element: str) -> list[str]:
    element = thai.clean(element).casefold()
    outside = re.sub(r"\([^)]*\)", " ", element).strip()
    inside = [c.strip() for group in re.findall(r"\(([^)]*)\)", element) for c in re.split("[,/]", group)]
    # very short words are found on every page
    return [s for s in (outside, *inside) if len(s) >= 4]
