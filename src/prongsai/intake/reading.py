"""What reading gives: the figures of one agency, the year that a document is about. Knows nothing of how it is done."""

from dataclasses import dataclass

from prongsai.analysis.figures import Figure

LETTERS_A_SECOND = 20_000  # as slowly as rows may be read in the sandbox; usual is twenty times that


@dataclass
class Reading:
    """What one file says of one agency."""

    agency: str | None
    fiscal_years: list[int]
    figures: list[Figure]


@dataclass(frozen=True)
class NamedYear:
    """A fiscal year that a document names. ``weight`` says how much the document is about its results; ``place`` is
    where it says so most clearly; not ``sure`` when it may be the year of a plan, a budget or a date."""

    year: int
    weight: float
    place: str
    sure: bool
