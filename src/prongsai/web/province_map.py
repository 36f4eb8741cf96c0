"""A map of the provinces in equal tiles and one of their shapes, coloured by the mean total or its mean change. Colours
alone say nothing: the value stands on every tile, the step of the scale on every shape that has room for it, and the
value in the table beside them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from prongsai.registry.tiles import COLUMNS, GAP, ROWS, SIDE, TILES, Tile, draw_tiles
from prongsai.web.province_shapes import load_shapes

_STEPS = 5  # of either scale
_ROOM, _HALF = 24, 6  # of a number on a shape: across and down, and from its middle to its foot


@dataclass(frozen=True)
class Shape:
    """A province as it is: its tile, its outline, and where its step is written, None where there is no room."""

    tile: Tile
    path: str
    label: tuple[int, int] | None


@dataclass(frozen=True)
class ProvinceMap:
    """The maps; ``is_change`` tells the scale; ``legend``: each step with the values from and to which it stands."""

    tiles: tuple[Tile, ...]
    shapes: tuple[Shape, ...]
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
    shapes = tuple(_place(tile, load_shapes()[tile.province]) for tile in tiles)
    return ProvinceMap(tiles, shapes, is_change, legend, COLUMNS * SIDE, ROWS * SIDE, SIDE - GAP)


def _place(tile: Tile, path: str) -> Shape:
    """A shape with its step written at the centre of its largest part."""
    largest = max(path.split("Z"), key=len)
    points = [(int(x), int(y)) for x, y in (point.split(",") for point in largest.removeprefix("M").split())]
    (left, right), (top, bottom) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
    if not tile.step or min(right - left, bottom - top) < _ROOM:
        return Shape(tile, path, None)
    corners = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairwise([*points, points[0]])]
    area = 3 * sum(cross for *_, cross in corners)
    x, y = (round(sum((a[axis] + b[axis]) * cross for a, b, cross in corners) / area) for axis in (0, 1))
    return Shape(tile, path, (x, y + _HALF))


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
