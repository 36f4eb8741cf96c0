"""Draws docs/pictures/rooms.svg from the import contract in pyproject.toml: ``python docs/draw_rooms.py``.

A row is a layer of the contract, in the order in which a room may be imported; what a room promises is the first
sentence of its own docstring. The three parcels are drawn between the rooms that write and read them.
"""

import ast
import re
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "pictures" / "rooms.svg"
PARCELS = (  # what is handed over, from which rooms, to which room
    ("Framework", "the rules, frozen · digest F", ("framework",), "scoring"),
    ("Sealed inputs", "Parquet, no identity · digest I", ("survey", "disclosure"), "results"),
    ("ResultSet", "immutable · digest R", ("results",), "improvement, documents, web"),
)
ROW, TOP, LEFT, WIDTH, RIGHT = 46, 74, 24, 660, 310
FONT = 'font-family="system-ui, sans-serif"'


def layers() -> list[list[str]]:
    """The rooms of each layer, from the one that imports nothing to the one that may import all."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return [[room.strip() for room in layer.split("|")] for layer in reversed(contracts[0]["layers"])]


def pure_rooms() -> set[str]:
    """Rooms that the contract forbids to know Django."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    forbidden = [c for c in contracts if "django" in c.get("forbidden_modules", ())]
    return {m.split(".")[1] for c in forbidden for m in c["source_modules"] if m.count(".") == 1} | {"lib"}


def promise(room: str) -> str:
    """The first sentence of a room's docstring, without the room's own name at its start."""
    folder = ROOT / "src" / "prongsai" / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())
    first = re.split(r"(?<=[^.])\. |\.$", text.replace("``", ""))[0]
    return first[:1].upper() + first[1:]


def draw() -> str:
    """The picture, as SVG. The same contract and docstrings give the same bytes."""
    rows = layers()
    height = TOP + ROW * len(rows) + 40
    total = LEFT + WIDTH + RIGHT + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" role="img" {FONT}>',
        "<title>The rooms of Prongsai and the parcels between them</title>",
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#8a4b08"/></marker></defs>',
        f'<rect width="{total}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="30" font-size="18" font-weight="700" fill="#16202c">A room imports rooms above it only</text>',
        f'<text x="{LEFT}" y="54" font-size="13" fill="#4a5866">green: pure, no Django, no network · blue: Django</text>',
        f'<text x="{LEFT + WIDTH + 40}" y="30" font-size="18" font-weight="700" fill="#16202c">Three parcels</text>',
        f'<text x="{LEFT + WIDTH + 40}" y="54" font-size="13" fill="#4a5866">sealed, named by their digest</text>',
    ]
    middle: dict[str, float] = {}
    pure = pure_rooms()
    for number, rooms in enumerate(rows):
        y = TOP + ROW * number
        width = (WIDTH - 8 * (len(rooms) - 1)) / len(rooms)
        for place, room in enumerate(rooms):
            x = LEFT + place * (width + 8)
            middle[room] = y + (ROW - 8) / 2
            fill, line = ("#e6f4ea", "#2d7d46") if room in pure else ("#e7effa", "#2b5c9e")
            parts.append(
                f'<rect x="{x:g}" y="{y}" width="{width:g}" height="{ROW - 8}" rx="6" fill="{fill}" stroke="{line}"/>'
            )
            parts.append(
                f'<text x="{x + 10:g}" y="{y + 24}" font-size="14" font-weight="700" fill="#16202c">{room}</text>'
            )
            lines = textwrap.wrap(promise(room), int((width - 136) / 6.3), max_lines=2, placeholder=" …")
            for i, text in enumerate(lines):
                at = y + 24 - 7 * (len(lines) - 1) + 14 * i
                parts.append(f'<text x="{x + 126:g}" y="{at}" font-size="11.5" fill="#33404d">{escape(text)}</text>')
    for number, (name, about, sources, target) in enumerate(PARCELS):
        x = LEFT + WIDTH
        turn = x + 26 + 22 * number
        start, end = middle[sources[-1]] + 6, middle[target.split(", ")[-1]] - 6
        parts.append(
            f'<path d="M{x} {start:g}H{turn}V{end:g}H{x + 4}" fill="none" stroke="#8a4b08" stroke-width="1.6"'
            ' marker-end="url(#tip)"/>'
        )
        y = (start + end) / 2
        parts.append(f'<circle cx="{turn}" cy="{y:g}" r="9" fill="#8a4b08"/>')
        parts.append(
            f'<text x="{turn}" y="{y + 4:g}" font-size="11" font-weight="700" fill="#fff" text-anchor="middle">'
            f"{number + 1}</text>"
        )
        label = LEFT + WIDTH + 92
        parts.append(
            f'<text x="{label}" y="{y - 2:g}" font-size="14" font-weight="700" fill="#16202c">{number + 1} {name}</text>'
        )
        parts.append(f'<text x="{label}" y="{y + 15:g}" font-size="12" fill="#33404d">{escape(about)}</text>')
        parts.append(
            f'<text x="{label}" y="{y + 31:g}" font-size="12" fill="#33404d">{" and ".join(sources)} → {target}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
