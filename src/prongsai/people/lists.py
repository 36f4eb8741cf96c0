"""Lists that a person can work with: searched, filtered, sorted, in pages of any size, by an address that can be shared."""

from collections.abc import Mapping

PAGE_SIZES = (25, 100, 500)


def read_size(values: Mapping[str, str]) -> int:
    """The size of a page that an address asks for; the smallest unless it is one of those."""
    text = values.get("size", "")
    size = int(text) if text.isdecimal() and len(text) < 6 else 0
    return size if size in PAGE_SIZES else PAGE_SIZES[0]
