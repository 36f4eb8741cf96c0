"""What senders are told, in the language of their page."""

from django.utils.translation import get_language


def is_english() -> bool:
    return (get_language() or "th").startswith("en")


def say(thai: str, english: str) -> str:
    """A text in the language of the page."""
    return english if is_english() else thai
