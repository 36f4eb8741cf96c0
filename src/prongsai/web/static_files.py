"""The site's one style sheet, joined from ``styles/`` when static files are collected: one request for a browser, one
file for each concern in the source."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage

STYLES = Path(__file__).parent / "styles"
ORDER = (
    "tokens",
    "base",
    "layout",
    "components",
    "tables",
    "forms",
    "search",
    "results",
    "disclosure",
    "documents",
    "print",
)
SHEET = "web/site.css"


def join_styles() -> str:
    """The style sheet: later files win over earlier ones."""
    return "\n".join((STYLES / f"{name}.css").read_text(encoding="utf-8") for name in ORDER)


class StylesFinder(BaseFinder):
    """Offers the joined style sheet to ``collectstatic``."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: Any = False) -> Any:
        return []  # it is no file on disk before it is collected

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        storage = InMemoryStorage()
        storage.save(SHEET, ContentFile(join_styles().encode()))
        yield SHEET, storage
