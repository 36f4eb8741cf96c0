"""Passages of a page that resemble what an item must contain: a help for the assessor, never a mark. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from prongsai.lib import thai

MIN_SIMILARITY = 72.0  # of 100: below it a resemblance is more often chance than not
_CONTEXT_LENGTH = 70  # characters shown on either side
_MAX_TEXT_LENGTH = 400_000  # characters of a page that are searched


@dataclass(frozen=True)
class Passage:
    """A passage of the page: the matching part with the text around it, and its similarity from 0 to 100."""

    before: str
    match: str
    after: str
    similarity: int


def suggest_passages(elements: Sequence[str], text: str) -> list[Passage | None]:
    """For each required element the most similar passage of ``text``, or None where none is similar enough.

    An element that names choices in brackets is matched by any one of them: "ช่องทางถาม-ตอบ (LINE OA, webboard)".
    """
    page = thai.clean(text)[:_MAX_TEXT_LENGTH]
    folded = page.casefold()
    return [_find_best_passage(element, page, folded) for element in elements]


def _find_best_passage(element: str, page: str, folded: str) -> Passage | None:
    best: Passage | None = None
    for alternative in _alternatives_of(element):
        if not folded.strip():
            break
        alignment = fuzz.partial_ratio_alignment(alternative, folded, score_cutoff=MIN_SIMILARITY)
        if alignment is None or (best and alignment.score <= best.similarity):
            continue
        start, end = alignment.dest_start, alignment.dest_end
        before, after = page[max(start - _CONTEXT_LENGTH, 0) : start], page[end : end + _CONTEXT_LENGTH]
        while before and thai.is_mark(before[0]):  # the cut falls between a letter and its mark
            before = before[1:]
        best = Passage(before, page[start:end], after, round(alignment.score))
    return best


def _alternatives_of(element: str) -> list[str]:
    element = thai.clean(element).casefold()
    outside = re.sub(r"\([^)]*\)", " ", element).strip()
    inside = [c.strip() for group in re.findall(r"\(([^)]*)\)", element) for c in re.split("[,/]", group)]
    # very short words are found on every page
    return [s for s in (outside, *inside) if len(s) >= 4]
