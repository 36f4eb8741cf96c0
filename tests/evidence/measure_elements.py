"""How many of the elements that a page has are suggested, how many of the suggestions are true, and whether they point
to the true passage."""

import io
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import fuzz

from prongsai.disclosure.suggest import PageLine, Passage, suggest_passages
from prongsai.lib import thai
from prongsai.links import extract_lines
from tests.evidence import element_pages
from tests.evidence.element_pages import Page

_SAME = 80.0  # of 100: so much of the true passage is in what is shown
_SAME_SCAN = 65.0  # of a picture, in which letters are misread


def lines_of(page: Page) -> list[PageLine]:
    """What the product reads of a page, or of a scan."""
    if page.kind == "scan":
        return _read_scan(page.body)
    return [PageLine(text, mark) for text, mark in extract_lines(page.body, page.media_type)]


def _read_scan(body: bytes) -> list[PageLine]:
    from prongsai.intake import read_rows

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.pdf"
        path.write_bytes(body)
        rows = read_rows(path, pictures=True)
    return [
        PageLine("\t".join(r.cells), "", (r.spot.page, r.spot.top, r.spot.bottom) if r.spot else None) for r in rows
    ]


def is_true_passage(found: Passage, page: Page, element: str) -> bool:
    """Whether what is shown is where the element is: what stands below the head, or the head where it stands once."""
    truth = page.truth[element]
    assert truth is not None
    least = _SAME_SCAN if page.kind == "scan" else _SAME
    shown = thai.clean(found.before + found.match)
    for text in (truth.content, truth.head):
        if text == truth.head and any(text in other for other in page.others):
            continue
        if fuzz.partial_ratio(thai.clean(text), shown) >= least:
            return True
    return False


def measure(pages: Iterable[Page]) -> dict[str, Counter[str]]:
    """By kind of page: pages; true, false, missed; and of the true ones those that point to the true passage."""
    counts: dict[str, Counter[str]] = {}
    for page in pages:
        of_kind = counts.setdefault(page.kind, Counter())
        of_kind["pages"] += 1
        for element, found in suggest(page).items():
            if found is None:
                of_kind["missed"] += page.truth[element] is not None
            elif page.truth[element] is None:
                of_kind["false"] += 1
            else:
                of_kind["true"] += 1
                of_kind["pointed"] += is_true_passage(found, page, element)
                of_kind["regions"] += found.region is not None
    return counts


def suggest(page: Page) -> dict[str, Passage | None]:
    """The suggestions for those elements of which the page says whether they are there."""
    names = [e.th for e in page.item.elements]
    found = dict(zip(names, suggest_passages(names, lines_of(page), page.years, page.item.label.th), strict=True))
    return {element: found[element] for element in page.truth}


def share(part: int, whole: int) -> float:
    """Part of a whole in per cent; 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def precision(c: Counter[str]) -> float:
    return share(c["true"], c["true"] + c["false"])


def recall(c: Counter[str]) -> float:
    return share(c["true"], c["true"] + c["missed"])


def describe(name: str, count: int, kinds: tuple[str, ...] = ()) -> str:
    """A table of one set, a line a kind of page."""
    counts = measure(element_pages.make_pages(name, count, kinds))
    whole = sum(counts.values(), Counter())
    out = io.StringIO()
    out.write(
        "| kind of page | pages | elements there | precision | recall | true passage |\n"
        "|---|---:|---:|---:|---:|---:|\n"
    )
    for kind, c in [*counts.items(), ("all", whole)]:
        out.write(
            f"| {kind} | {c['pages']} | {c['true'] + c['missed']} | {precision(c):.1f} % | {recall(c):.1f} % "
            f"| {share(c['pointed'], c['true']):.1f} % |\n"
        )
    return out.getvalue()
