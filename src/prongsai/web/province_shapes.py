"""The shapes of the provinces, from the map of Thailand of ``@svg-maps/thailand`` (Tae Noppakun Wongsrinoppakun, CC BY
4.0), made lighter: points of whole units, and none that the eye does not miss."""

import json
import re
from functools import cache
from pathlib import Path

from prongsai.registry.provinces import PLACES_EN
from prongsai.registry.tiles import TILES

# built, not kept in the repository: a script, which a page on a disk may load
SHAPES = Path(__file__).parent / "static" / "web" / "province_shapes.js"
_BEFORE = """// From the map of @svg-maps/thailand (Tae Noppakun Wongsrinoppakun, CC BY 4.0), made lighter.
self.prongsaiShapes = """
WIDTH, HEIGHT = 560, 1025
_OTHERWISE = {"Buriram": "Buri Ram", "Phangnga": "Phang-nga"}  # as the map writes them
_STEP = re.compile(r"([mz])|(-?\d{1,6}(?:\.\d{1,9})?)[ ,]{1,3}(-?\d{1,6}(?:\.\d{1,9})?)")
_FINE = 6  # square units between points


@cache
def load_shapes() -> dict[str, str]:
    """The outline of every province, as the path of a drawing of ``WIDTH`` and ``HEIGHT``."""
    shapes: dict[str, str] = json.loads(SHAPES.read_text(encoding="utf-8").removeprefix(_BEFORE).removesuffix(";\n"))
    return shapes


def write_shapes(package: Path) -> None:
    """Build them from the package's map. Raises ValueError when a province has none."""
    text = (package / "index.js").read_text(encoding="utf-8")
    drawn = json.loads(text.removeprefix("export default ").strip().rstrip(";"))
    outlines = {_OTHERWISE.get(place["name"], place["name"]): place["path"] for place in drawn["locations"]}
    missing = [province for province in TILES if PLACES_EN[province] not in outlines]
    if missing:
        raise ValueError(f"no shape of {missing}")
    shapes = {province: lighten(outlines[PLACES_EN[province]]) for province in TILES}
    SHAPES.write_text(f"{_BEFORE}{json.dumps(shapes, ensure_ascii=False)};\n", encoding="utf-8")


def lighten(path: str) -> str:
    """A path of relative lines with fewer points; what is too small to be seen is left out."""
    x = y = 0.0
    rings: list[list[tuple[int, int]]] = []
    is_new = True
    for command, across, down in _STEP.findall(path):
        if command:
            is_new = is_new or command == "m"
            if command == "z" and rings:
                x, y = rings[-1][0]
            continue
        x, y = x + float(across), y + float(down)
        point = round(x), round(y)
        if is_new:
            rings.append([point])
            is_new = False
        elif (point[0] - rings[-1][-1][0]) ** 2 + (point[1] - rings[-1][-1][1]) ** 2 >= _FINE:
            rings[-1].append(point)
    most = max(rings, key=len)
    seen = [ring for ring in rings if len(ring) > 3 or ring is most]
    return "".join(f"M{' '.join(f'{a},{b}' for a, b in ring)}Z" for ring in seen)
