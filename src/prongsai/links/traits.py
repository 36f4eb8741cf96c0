"""What can be measured of a page: how much it speaks of each topic and where, how it is built, whether it names its
agency and its subject, and how like it is to what was seen before. Numbers, no judgement. Runs in the sandbox.

Terms are counted, not searched one by one: an automaton (pyahocorasick) passes once over each text, so that a page
costs the same with forty terms and with four thousand. Nothing of a page is stored but numbers and hashes.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from prongsai.links.vocabulary import AUTOMATON, Owners

_MAX_TERMS_TEXT = (
    12_000  # letters of a text in which terms are counted: three quarters from its start, a quarter its end
)
_MAX_SUBJECT_TEXT = 60_000  # letters in which the subject is searched
_MAX_ANCHORS = 400
_SHINGLE, _STEP = 6, 2  # letters of a piece of a phrase, and from one piece to the next
_SHORT = 600  # letters of a page with a single purpose
_CAP = {"title": 4.0, "heading": 6.0, "text": 14.0, "links": 10.0, "hidden": 8.0}  # points from which more say no more
_SKETCH = 48  # hashes that stand for a set of lines
_MARKS = re.compile(r"[\s​.,:;()\[\]\"'“”–—_/|]{1,50}")
_AGENCY = re.compile(
    r"(องค์การบริหารส่วนตำบล|องค์การบริหารส่วนจังหวัด|เทศบาลตำบล|เทศบาลเมือง|เทศบาลนคร|เทศบาล|อบต\.|อบจ\.|ทต\.|ทม\."
    r"|มหาวิทยาลัย|โรงเรียน|โรงพยาบาล|กรม|จังหวัด)\s{0,3}([\u0e01-\u0e4e]{2,30})"
)
Shingles = Sequence[tuple[str, float]]


def measure_topics(text: str) -> dict[str, tuple[float, float]]:
    """By topic: the points of its distinct terms, and the share of the text's letters that belong to them."""
    text = text if len(text) <= _MAX_TERMS_TEXT else text[: _MAX_TERMS_TEXT * 3 // 4] + text[-_MAX_TERMS_TEXT // 4 :]
    text = text.lower()
    counts: Counter[str] = Counter()
    owners: dict[str, Owners] = {}
    for end, (term, term_owners, is_word) in AUTOMATON.iter(text):
        if is_word and _is_inside_word(text, end + 1 - len(term), end + 1):
            continue
        counts[term] += 1
        owners[term] = term_owners
    points: dict[str, float] = {}
    letters: dict[str, int] = {}
    for term, count in counts.items():
        for topic, each in owners[term]:
            points[topic] = points.get(topic, 0.0) + each * (1.0 if count == 1 else 1.0 + min(count - 1, 4) * 0.15)
            letters[topic] = letters.get(topic, 0) + count * len(term)
    return {topic: (points[topic], letters[topic] / len(text)) for topic in points}


def _is_inside_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum())


# --- phrases ---------------------------------------------------------------------------------------------------------


def squeeze(text: str) -> str:
    """Text without spaces and marks, in lower case, so that a phrase is found however it is broken."""
    return _MARKS.sub("", text).lower()


@lru_cache(maxsize=4096)
def shingles_of(phrase: str, others: tuple[str, ...] = ()) -> tuple[tuple[str, float], ...]:
    """The pieces of a phrase, each with its weight: less, the more of the ``others`` contain it."""
    whole = squeeze(phrase)
    starts = range(0, max(len(whole) - _SHINGLE, 0) + 1, _STEP)
    pieces = dict.fromkeys(whole[k : k + _SHINGLE] for k in starts)
    rest = [squeeze(other) for other in others]
    return tuple((piece, 1.0 / (1 + sum(piece in other for other in rest)) ** 2) for piece in pieces if piece)


def cover(shingles: Shingles, text: str) -> float:
    """The share of a phrase, 0 to 1, that a squeezed text contains."""
    total = sum(weight for _, weight in shingles)
    return sum(weight for piece, weight in shingles if piece in text) / total if total else 0.0


# --- sketches --------------------------------------------------------------------------------------------------------


def sketch(parts: Iterable[str], size: int = _SKETCH) -> list[int]:
    """The smallest hashes of a set: of two sketches ``likeness`` estimates how much the sets have in common."""
    return sorted({zlib.crc32(part.encode("utf-8", "replace")) for part in parts})[:size]


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """The estimated share, 0 to 1, of two sets that is in both (bottom-k sketches of Broder's resemblance)."""
    if not one or not other:
        return 0.0
    size = min(len(one), len(other)) if min(len(one), len(other)) >= _SKETCH // 2 else max(len(one), len(other))
    union = sorted({*one, *other})[:size]
    common = set(one) & set(other)
    return sum(value in common for value in union) / len(union)


# --- a page ----------------------------------------------------------------------------------------------------------


def measure_page(root: Any, own_host: str) -> tuple[dict[str, float], dict[str, list[int]], str]:
    """How a page is built: its traits, the sketches of its menu and structure, and the texts of its links."""
    classes: set[str] = set()
    frames = forms = images = 0
    hidden: list[str] = []
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        classes.add(f"{tag}.{element.get('class') or element.get('id') or ''}"[:60])
        if tag in ("iframe", "frame"):
            frames += 1
        elif tag == "form":
            forms += 1
        elif tag == "img":
            images += 1
        style = element.get("style")
        if style and len(hidden) < 40 and _is_out_of_sight(style):
            hidden.append(" ".join(element.itertext())[:1500])
    anchors, own, foreign = _measure_anchors(root, own_host)
    total = own + foreign
    described = [m.get("content") or "" for m in root.iter("meta") if (m.get("name") or "").lower() in _DESCRIPTIONS]
    traits = {
        "own_links": min(own, 60) / 60,
        "foreign_links": foreign / total if total >= 4 else 0.0,
        "many_links": min(total, 120) / 120,
        "frame": float(frames > 0),
        "form": float(forms > 0),
        "images": min(images, 20) / 20,
        **_topic_traits("hidden", " ".join(hidden), ("gambling", "sale")),
        **_topic_traits("meta", " ".join(described)[:2000], ("gambling", "sale", "parked")),
    }
    sketches = {"menu": sketch(anchors[:150], 32), "structure": sketch(classes, 32)}
    return traits, sketches, " \n".join(anchors)


_DESCRIPTIONS = frozenset(("description", "keywords"))
_SIGHT = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden|(?:left|top|text-indent)\s{0,5}:\s{0,5}-\d{3,6}"
    r"|font-size\s{0,5}:\s{0,5}0|opacity\s{0,5}:\s{0,5}0(?:\D|$)"
    r"|(?:height|width)\s{0,5}:\s{0,5}[01](?:px)?\s{0,5}(?:;|$)",
    re.I,
)


def _is_out_of_sight(style: str) -> bool:
    return bool(_SIGHT.search(style[:300]))


def _measure_anchors(root: Any, own_host: str) -> tuple[list[str], int, int]:
    """The texts of links, and how many lead within the site and out of it."""
    texts: list[str] = []
    own = foreign = 0
    site = own_host.removeprefix("www.")
    for number, anchor in enumerate(root.iter("a")):
        if number >= _MAX_ANCHORS:
            break
        href = (anchor.get("href") or "").strip()[:500]
        text = "".join(anchor.itertext()).strip()[:80]
        if text:
            texts.append(text)
        if href.lower().startswith(("http://", "https://", "//")):
            host = _host(href)
            is_own = host == site or host.endswith("." + site) or site.endswith("." + host)
            own, foreign = own + is_own, foreign + (not is_own)
        elif href and not href.startswith(("#", "mailto:", "tel:", "javascript:")):
            own += 1
    return texts, own, foreign


def _host(href: str) -> str:
    try:
        return (urlsplit(href).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _topic_traits(place: str, text: str, only: Sequence[str] = ()) -> dict[str, float]:
    found = measure_topics(text) if text.strip() else {}
    cap = _CAP.get(place, _CAP["heading"])
    return {
        f"{topic}.{place}": min(points, cap) / cap for topic, (points, _) in found.items() if not only or topic in only
    }


def measure_texts(title: str, headings: Sequence[str], text: str, links: str) -> dict[str, float]:
    """How much title, headings, text and links speak of each topic, and how long and plain the page is."""
    traits = {**_topic_traits("title", title), **_topic_traits("heading", "\n".join(headings)[:2000])}
    shortness = 1 / (1 + (len(text) / _SHORT) ** 2)
    for topic, (points, share) in measure_topics(text).items():
        amount = min(points, _CAP["text"]) / _CAP["text"]
        traits[f"{topic}.text"] = amount
        traits[f"{topic}.short"] = min(points, 6.0) / 6.0 * shortness
        traits[f"{topic}.dense"] = min(share * 6, 1.0)
    traits |= _topic_traits("links", links[:6000], ("gambling", "sale", "sign_in", "public", "parked"))
    traits["short"] = shortness
    traits["long"] = min(len(text), 4000) / 4000
    traits["bare"] = float(len(text) < 40)
    traits["headings"] = min(len(headings), 6) / 6
    return traits


def measure_subject(expected: Mapping[str, Any], title: str, headings: Sequence[str], text: str) -> dict[str, float]:
    """Whether a page names its agency and its subject: ``expected`` is ``identity.prepare`` of the target's."""
    prominent, whole = squeeze(f"{title} {' '.join(headings)[:2000]}"), squeeze(text[:_MAX_SUBJECT_TEXT])
    labels: list[Shingles] = expected["labels"]
    elements: list[Shingles] = expected["elements"]
    traits = {
        "subject.title": max((cover(x, squeeze(title)) for x in labels), default=0.0),
        "subject.prominent": max((cover(x, prominent) for x in labels), default=0.0),
        "subject.text": max((cover(x, whole) for x in labels), default=0.0),
        "subject.elements": sum(cover(x, whole) for x in elements) / len(elements) if elements else 0.0,
        "subject.rival": max((cover(x, prominent) for x in expected["rivals"]), default=0.0),
    }
    names: list[str] = expected["names"]
    traits["agency.title"] = float(any(n in squeeze(title) for n in names))
    traits["agency.prominent"] = float(any(n in prominent for n in names))
    traits["agency.text"] = min(sum(whole.count(n) for n in names), 4) / 4
    others = _other_agencies(f"{title}\n{' '.join(headings)[:2000]}", names)
    traits["agency.other"] = float(bool(others) and not traits["agency.prominent"])
    mentioned = Counter(_other_agencies(text[:8000], names))
    traits["agency.other_text"] = min(max(mentioned.values(), default=0), 4) / 4 if not traits["agency.text"] else 0.0
    return traits


def _other_agencies(text: str, names: Sequence[str]) -> list[str]:
    """The agencies that a text names, without those of ``names``."""
    found = [squeeze(match[0]) for match in _AGENCY.finditer(text)]
    return [name[:24] for name in found if not any(own in name or name in own for own in names)]
