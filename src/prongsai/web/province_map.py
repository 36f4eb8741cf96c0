"""A map of the provinces in equal tiles, coloured by the mean total or its mean change, each with its value in words of
two letters and a number. Colours alone say nothing: the value stands on every tile, and in the table beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prongsai.registry.tiles import COLUMNS, GAP, ROWS, SIDE, TILES, Tile, draw_tiles

_STEPS = 5  # of either scale


@dataclass(frozen=True)
class ProvinceMap:
    """The map; ``is_change`` tells the scale; ``legend``: each step with the values from and to which it stands."""

    tiles: tuple[Tile, ...]
    is_change: bool
    legend: tuple[tuple[int, str, str], ...]
    width: int
    height: int
    side: int


def draw_map(
    places: Mapping[str, Mapping[str, Any]], *, is_change: bool, address_of: Callable[[str], str]
) -> ProvinceMap | None:
    """The map of what a year's summary says of provinces, each with its address; None without a value."""
    name, counted = ("change", "compared") if is_change else ("mean", "n")
    values = {p: Decimal(v[name]) for p, v in places.items() if p in TILES and v[name]}
    if not values:
        return None
    low, width = _find_scale(list(values.values()), is_change=is_change)

    def show(province: str) -> tuple[str, int, int]:
        value = values.get(province)
        agencies = places[province][counted] if province in places else 0
        if value is None:
            return "", 0, agencies
        text = f"{value:+}".replace("-", "−") if is_change else str(value)
        return text, _find_step(value, low, width), agencies

    legend = tuple(
        (step, _write(low + width * (step - 1), is_change), _write(low + width * step, is_change))
        for step in range(1, _STEPS + 1)
    )
    tiles = draw_tiles(show, address_of)
    return ProvinceMap(tiles, is_change, legend, COLUMNS * SIDE, ROWS * SIDE, SIDE - GAP)


def _find_scale(values: list[Decimal], *, is_change: bool) -> tuple[Decimal, Decimal]:
    """Where the scale begins, and how wide a step is. That of changes has none in its middle."""
    if is_change:
        most = max(max(abs(v) for v in values), Decimal("0.01"))
        return -most, 2 * most / _STEPS
    low, high = min(values), max(values)
    return low, max(high - low, Decimal("0.01")) / _STEPS


def _find_step(value: Decimal, low: Decimal, width: Decimal) -> int:
    return min(max(int((value - low) / width) + 1, 1), _STEPS)


def _write(value: Decimal, is_change: bool) -> str:
    text = f"{value:+.2f}" if is_change else f"{value:.2f}"
    return text.replace("-", "−")
