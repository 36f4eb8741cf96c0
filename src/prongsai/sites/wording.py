"""What senders are told, in the language of their page, and what they wrote as it is stored."""

from django.utils.translation import get_language

from prongsai.people.actions import DomainError


def is_english() -> bool:
    return (get_language() or "th").startswith("en")


def say(thai: str, english: str) -> str:
    """A text in the language of the page."""
    return english if is_english() else thai


def clean_text(text: str, most: int, name: str, *, required: bool = True) -> str:
    """Text as it is stored. Raises DomainError for none where it is required, or too much."""
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text and required:
        raise DomainError(say(f"ยังไม่ได้เขียน{name}", "Nothing is written yet."))
    if len(text) > most:
        thai = f"{name}ยาวเกินที่รับได้ {len(text) - most:,} ตัวอักษร (เขียน {len(text):,} รับได้ {most:,})"
        raise DomainError(say(thai, f"Too long by {len(text) - most:,} characters: {most:,} at most."))
    return text
