"""Half-up rounding of exact rationals, and its inverse: what a rounded figure may have been."""

from decimal import Decimal
from fractions import Fraction

HALF = Fraction(1, 2)


def half_up(value: Fraction, places: int) -> Decimal:
    """Round an exact value to ``places`` decimals, ties away from zero.

    >>> half_up(Fraction(97015, 1000), 2)
    Decimal('97.02')
    """
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    whole += 2 * rest >= scaled.denominator
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def places_of(text: str) -> int:
    """How many decimals a printed number shows: ``"80.9"`` shows one."""
    return len(text.partition(".")[2])


def preimage(printed: Fraction, places: int) -> tuple[Fraction, Fraction]:
    """The closed interval of values that round to ``printed`` at ``places`` decimals.

    Its upper end itself rounds up; it is kept, because half-up is itself an inferred rule
    and a bound that is too wide by one point never accuses anybody wrongly.
    """
    half = HALF / 10**places
    return printed - half, printed + half
