"""Thai inside of English pages is marked as Thai, for whoever hears a page or has it translated: names, reasons, and
what the rules of Thailand say. Once for a page, when it is rendered, so that no template has to know which of its
values have no English."""

import re
from dataclasses import dataclass

_THAI = re.compile("[\u0e00-\u0e7f]")
_LATIN = re.compile("[A-Za-z]")
# from a Thai letter to the last one before another script, with figures and marks between
_RUN = re.compile("[\u0e00-\u0e7f](?:[^A-Za-z&<]{0,5000}[\u0e00-\u0e7f)])?")
_WITHOUT_END = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_OF_TEXT_ALONE = frozenset(("option", "text", "title", "textarea"))  # where no element may stand inside
_OF_PROGRAMS = frozenset(("script", "style"))


@dataclass
class _Element:
    name: str
    is_thai: bool
    place: int  # of its tag among the parts


def mark_thai(page: str) -> str:
    """The page, or part of one, with ``lang="th"`` around or on what is Thai in it and not marked so."""
    if not _THAI.search(page):
        return page
    first, *rest = page.split("<")
    parts = [_mark_text(first)]
    within = [_Element("", is_thai=False, place=0)]
    for part in rest:
        if within[-1].name in _OF_PROGRAMS and not part.lower().startswith(f"/{within[-1].name}"):
            parts.append(f"<{part}")
            continue
        tag, text = _split_tag(part)
        parts.append(f"<{tag}")
        if tag.startswith("/"):
            _leave(within, tag[1:].rstrip("> \n").lower())
        elif not tag.startswith("!"):
            _enter(within, tag, len(parts) - 1)
        parts.append(text)
        if _THAI.search(text) and not tag.startswith("!--"):
            _mark(parts, within[-1])
    return "".join(parts)


def _split_tag(part: str) -> tuple[str, str]:
    """A tag, up to its end, and the text behind it; a value in it may have the sign that ends a tag."""
    end = part.find(">") + 1
    while end and part.count('"', 0, end) % 2:
        end = part.find(">", end) + 1
    return (part[:end], part[end:]) if end else (part, "")


def _enter(within: list[_Element], tag: str, place: int) -> None:
    name = re.split(r"[\s/>]", tag, maxsplit=1)[0].lower()
    if name in _WITHOUT_END or tag.endswith("/>"):
        return
    language = re.search(r'\slang="([a-z]{2})', tag)
    within.append(_Element(name, language[1] == "th" if language else within[-1].is_thai, place))


def _leave(within: list[_Element], name: str) -> None:
    """The element that ends, and those in it that are not ended by a tag of their own."""
    for k in range(len(within) - 1, 0, -1):
        if within[k].name == name:
            del within[k:]
            return


def _mark(parts: list[str], element: _Element) -> None:
    """Mark the last of the parts, a text."""
    if element.is_thai or element.name in _OF_PROGRAMS:
        return
    if element.name not in _OF_TEXT_ALONE:
        parts[-1] = _mark_text(parts[-1])
    elif len(_THAI.findall(parts[-1])) > len(_LATIN.findall(parts[-1])):
        tag = parts[element.place]
        parts[element.place] = f'{tag[: len(element.name) + 1]} lang="th"{tag[len(element.name) + 1 :]}'


def _mark_text(text: str) -> str:
    return _RUN.sub(r'<bdi lang="th">\g<0></bdi>', text)
