"""What senders are told, in the language of their page, and what they wrote as it is stored."""

import re

from django.utils.translation import get_language

from prongsai.lib.thai import DIRECTIONS
from prongsai.people.actions import DomainError


def is_english() -> bool:
    return (get_language() or "th").startswith("en")


def say(thai: str, english: str) -> str:
    """A text in the language of the page."""
    return english if is_english() else thai


# with marks of direction a text is shown in another order than it was typed, and so is what stands after it
_LEFT_OUT = re.compile(f"[\0{DIRECTIONS}]")


def tidy(text: str) -> str:
    """Text as it is shown in the order in which it was typed, with one kind of line ends."""
    return _LEFT_OUT.sub("", text.replace("\r\n", "\n")).strip()


def clean_text(text: str, most: int, name: str, *, required: bool = True) -> str:
    """Text as it is stored. Raises DomainError for none where it is required, or too much."""
    text = tidy(text)
    if not text and required:
        raise DomainError(say(f"ยังไม่ได้เขียน{name}", "Nothing is written yet."))
    if len(text) > most:
        thai = f"{name}ยาวเกินที่รับได้ {len(text) - most:,} ตัวอักษร (เขียน {len(text):,} รับได้ {most:,})"
        raise DomainError(say(thai, f"Too long by {len(text) - most:,} characters: {most:,} at most."))
    return text
