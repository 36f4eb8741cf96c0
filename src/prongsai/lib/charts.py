"""Charts: one drawing for the screen and for paper.

Each is an SVG of fixed height whose horizontal positions are percentages of its width, so that it fits a phone and a
page with letters at their own size. On the screen colours come from the style sheet, light or dark; ``ink=PAPER`` gives
them as they print. Every chart stands beside a table with the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from markupsafe import Markup, escape

SCREEN: Mapping[str, str] = {n: f"var(--{n})" for n in ("good", "weak", "faint", "text", "muted", "accent", "surface")}
PAPER: Mapping[str, str] = {
    "good": "#0f6b5c",
    "weak": "#b45309",
    "faint": "#e5e7eb",
    "text": "#111827",
    "muted": "#4b5563",
    "accent": "#1e3a5f",
    "surface": "#ffffff",
}
_ROW_HEIGHT = 34
_BAR, _THICK = 20, 8  # where in a row its bar begins, and how thick it is
_TOP, _FLOOR = 24, 150  # of the plot of a chart with an axis


class Bar(Protocol):
    """A row of a bar chart: the score and the one of the year before, None when unknown."""

    @property
    def node(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def score(self) -> Decimal: ...
    @property
    def before(self) -> Decimal | None: ...
    @property
    def reached(self) -> bool: ...


def _tag(name: str, inside: object = "", /, **attributes: object) -> Markup:
    """An SVG element. Values are escaped; an attribute ``font_size`` is written ``font-size``; None leaves it out."""
    written = "".join(
        [f' {key.replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value is not None]
    )
    if inside == "":
        return Markup(f"<{name}{written}/>")  # noqa: S704 (a name of ours, values escaped)
    return Markup(f"<{name}{written}>{escape(inside)}</{name}>")  # noqa: S704


def _text(content: object, *, x: str, y: float, size: int, fill: str, **attributes: object) -> Markup:
    return _tag("text", content, x=x, y=y, font_size=size, **attributes, fill=fill)


def _outline(ink: Mapping[str, str]) -> dict[str, object]:
    """Of letters that stand on a line."""
    return {"stroke": ink["surface"], "stroke_width": 4, "paint_order": "stroke"}


def _frame(height: int, title: str, body: Markup) -> Markup:
    return _tag(
        "svg",
        _tag("title", title) + body,
        **{"class": "chart"},
        xmlns="http://www.w3.org/2000/svg",
        width="100%",
        height=height,
        role="img",
        font_family="Sarabun, sans-serif",
    )


def indicators(bars: Sequence[Bar], target: int, ink: Mapping[str, str] = SCREEN, *, title: str = "") -> Markup:
    """A row for each bar: the target as a line, the year before as a notch. ``title``: what is read aloud; Thai where
    none is passed, here and below."""
    height = _ROW_HEIGHT * len(bars) + 26
    dashes = _tag(
        "line", x1=f"{target}%", x2=f"{target}%", y1=0, y2=height - 22, stroke=ink["muted"], stroke_dasharray="3 3"
    )
    label = _text(target, x=f"{target}%", y=height - 6, size=12, text_anchor="middle", fill=ink["muted"])
    rows = Markup().join(_draw_bar(bar, _ROW_HEIGHT * k, ink) for k, bar in enumerate(bars))
    return _frame(height, title or f"คะแนน {len(bars)} ตัวชี้วัด เทียบเป้าหมาย {target}", dashes + label + rows)


def _draw_bar(bar: Bar, y: int, ink: Mapping[str, str]) -> Markup:
    colour = ink["good"] if bar.reached else ink["weak"]
    bold = {"font_weight": 700, "text_anchor": "end"}
    parts = [
        _text(f"{bar.node} {bar.name}", x="0", y=y + 14, size=14, fill=ink["text"]),
        _text(bar.score, x="100%", y=y + 14, size=14, **bold, **_outline(ink), fill=ink["text"]),
        _tag("rect", x=0, y=y + _BAR, width="100%", height=_THICK, rx=3, fill=ink["faint"]),
        _tag("rect", x=0, y=y + _BAR, width=f"{bar.score}%", height=_THICK, rx=3, fill=colour),
    ]
    if bar.before is not None:
        parts.append(_tag("rect", x=f"{bar.before}%", y=y + _BAR - 2, width=3, height=_THICK + 4, fill=ink["text"]))
    return Markup().join(parts)


def history(
    points: Sequence[tuple[int, Decimal, bool]],
    target: int,
    ink: Mapping[str, str] = SCREEN,
    *,
    words: tuple[str, str] = ("คะแนนรวมรายปี", "เกณฑ์เปลี่ยน"),
) -> Markup:
    """Totals over years: (fiscal year, total, whether the rules changed against the point before). A change of rules
    breaks the line and is marked. ``words``: the title, and what a change of rules is called."""
    low = min(50, *(int(p[1]) // 10 * 10 for p in points))

    def y(value: Decimal | int) -> float:
        return round(_FLOOR - (float(value) - low) / (100 - low) * (_FLOOR - _TOP), 1)

    def x(k: int) -> float:
        return round(8 + 84 * (k / (len(points) - 1) if len(points) > 1 else 0.5), 2)

    muted = ink["muted"]
    parts = [
        _tag("line", x1=0, x2="100%", y1=y(target), y2=y(target), stroke=muted, stroke_dasharray="3 3"),
        _text(target, x="100%", y=y(target) - 4, size=12, text_anchor="end", fill=muted),
    ]
    for k in range(1, len(points)):
        (_, before, _), (_, now, changed) = points[k - 1], points[k]
        if changed:
            parts.append(_draw_rule_change(round((x(k - 1) + x(k)) / 2, 2), words[1], ink))
        ends = {"x1": f"{x(k - 1)}%", "y1": y(before), "x2": f"{x(k)}%", "y2": y(now)}
        dashes = "2 5" if changed else None
        parts.append(_tag("line", **ends, stroke=ink["accent"], stroke_width=2, stroke_dasharray=dashes))
    for k, (year, value, _) in enumerate(points):
        place, colour = f"{x(k)}%", ink["good"] if value >= target else ink["weak"]
        bold = {"font_weight": 700, "text_anchor": "middle"}
        parts += [
            _tag("circle", cx=place, cy=y(value), r=5, fill=colour),
            _tag("text", value, x=place, y=y(value) - 11, font_size=14, **bold, fill=ink["text"], **_outline(ink)),
            _text(year, x=place, y=_FLOOR + 22, size=13, text_anchor="middle", fill=muted),
        ]
    return _frame(_FLOOR + 30, words[0], Markup().join(parts))


def _draw_rule_change(x: float, name: str, ink: Mapping[str, str]) -> Markup:
    line = _tag("line", x1=f"{x}%", x2=f"{x}%", y1=_TOP, y2=_FLOOR, stroke=ink["faint"])
    return line + _text(name, x=f"{x}%", y=_TOP - 8, size=11, text_anchor="middle", fill=ink["muted"])


@dataclass(frozen=True)
class Band:
    """Where the scores of many lie: a tenth of them below ``low``, a quarter below ``quarter``, half below ``middle``,
    a quarter above ``three_quarters``, a tenth above ``high``."""

    low: Decimal
    quarter: Decimal
    middle: Decimal
    three_quarters: Decimal
    high: Decimal


def years(
    title: str,
    points: Sequence[tuple[int, Decimal, bool]],
    bands: Mapping[int, Band],
    target: int,
    low: int,
    ink: Mapping[str, str] = SCREEN,
) -> Markup:
    """One score over years, small, to stand beside others of the same scale, which begins at ``low``: points as
    ``history`` has them, and behind each year where the scores of others lie."""
    top, floor = 16, 104

    def y(value: Decimal | int) -> float:
        return round(floor - (float(value) - low) / (100 - low) * (floor - top), 1)

    def x(k: int) -> str:
        return f"{round(10 + 78 * (k / (len(points) - 1) if len(points) > 1 else 0.5), 2)}%"

    def bar(k: int, first: Decimal, last: Decimal, width: int, fill: str) -> Markup:
        shift = f"translate({-width / 2} 0)"
        return _tag(
            "rect", x=x(k), y=y(last), width=width, height=max(y(first) - y(last), 1), fill=fill, transform=shift
        )

    line = {"stroke": ink["muted"], "stroke_dasharray": "3 3"}
    parts = [_tag("line", x1=0, x2="100%", y1=y(target), y2=y(target), **line)]
    for k, (year, _, _) in enumerate(points):
        if band := bands.get(year):
            parts += [
                bar(k, band.low, band.high, 22, ink["faint"]),
                bar(k, band.quarter, band.three_quarters, 12, ink["muted"]),
            ]
            parts.append(bar(k, band.middle, band.middle, 22, ink["text"]))
    for k in range(1, len(points)):
        (_, before, _), (_, now, changed) = points[k - 1], points[k]
        ends = {"x1": x(k - 1), "y1": y(before), "x2": x(k), "y2": y(now)}
        parts.append(
            _tag("line", **ends, stroke=ink["accent"], stroke_width=2, stroke_dasharray="2 5" if changed else None)
        )
    for k, (year, value, changed) in enumerate(points):
        colour = ink["good"] if value >= target else ink["weak"]
        parts.append(_tag("circle", cx=x(k), cy=y(value), r=4, fill=colour, stroke=ink["surface"], stroke_width=1.5))
        label = f"{year % 100}{'*' * changed}"
        parts.append(_text(label, x=x(k), y=floor + 16, size=12, text_anchor="middle", fill=ink["muted"]))
    bold = {"font_weight": 700, "text_anchor": "end", **_outline(ink)}
    parts.append(_tag("text", points[-1][1], x="100%", y=top - 2, font_size=13, **bold, fill=ink["text"]))
    return _frame(floor + 22, title, Markup().join(parts))


def pairs(
    title: str,
    names: tuple[str, str],
    cells: Mapping[tuple[int, int], int],
    step: int,
    target: int,
    ink: Mapping[str, str] = SCREEN,
) -> Markup:
    """How many have a pair of scores in each square of ``step`` points, by where the square begins: a mark of the more
    area the more there are. On the slope both scores are the same. ``names`` of the axis to the right and up."""
    floor, height = 372, 340
    low = min(min(pair) for pair in cells) // 10 * 10 if cells else 50
    most = max(cells.values(), default=1)

    def x(value: float) -> str:
        return f"{round(8 + 90 * (value - low) / (100 - low), 2)}%"

    def y(value: float) -> float:
        return round(floor - height * (value - low) / (100 - low), 1)

    muted = ink["muted"]
    parts = [_tag("line", x1=x(low), y1=y(low), x2=x(100), y2=y(100), stroke=muted)]
    for mark in range(low, 101, 10):
        parts += [
            _tag("line", x1=x(low), x2=x(100), y1=y(mark), y2=y(mark), stroke=ink["faint"]),
            _text(mark, x="6%", y=y(mark) + 4, size=12, text_anchor="end", fill=muted),
            _text(mark, x=x(mark), y=floor + 17, size=12, text_anchor="middle", fill=muted),
        ]
    upright = {"x1": x(target), "x2": x(target), "y1": y(100), "y2": floor}
    level = {"x1": x(low), "x2": x(100), "y1": y(target), "y2": y(target)}
    for place in (upright, level):
        parts.append(_tag("line", **place, stroke=muted, stroke_dasharray="3 3"))
    for (right, up), n in sorted(cells.items()):
        radius = round(2.5 + 7.5 * (n / most) ** 0.5, 1)
        middle = {"cx": x(right + step / 2), "cy": y(up + step / 2)}
        parts.append(_tag("circle", **middle, r=radius, fill=ink["accent"], fill_opacity=0.75))
    parts.append(_text(f"↑ {names[1]}", x="0", y=18, size=13, fill=ink["text"]))
    parts.append(_text(f"{names[0]} →", x="100%", y=floor + 36, size=13, text_anchor="end", fill=ink["text"]))
    return _frame(floor + 44, title, Markup().join(parts))


def distribution(
    bars: Sequence[tuple[int, int]], target: int, ink: Mapping[str, str] = SCREEN, *, title: str = ""
) -> Markup:
    """How many agencies have a total from each number up to the next, over the part of the scale where there are
    any. A line where the target begins."""
    first = next((k for k, (_, n) in enumerate(bars) if n), 0)
    bars = bars[first:]
    highest = max((n for _, n in bars), default=0) or 1
    width = 100 / len(bars)
    parts = []
    for k, (start, n) in enumerate(bars):
        height = round(120 * n / highest, 1)
        middle = f"{round((k + 0.5) * width, 2)}%"
        bar = {
            "x": f"{round(k * width + width * 0.08, 2)}%",
            "y": _FLOOR - height,
            "width": f"{round(width * 0.84, 2)}%",
        }
        colour = ink["good"] if start >= target else ink["weak"]
        parts.append(_tag("rect", **bar, height=height, rx=2, fill=colour))
        if n:
            parts.append(_text(n, x=middle, y=_FLOOR - height - 5, size=12, text_anchor="middle", fill=ink["text"]))
        parts.append(_text(start, x=middle, y=_FLOOR + 17, size=12, text_anchor="middle", fill=ink["muted"]))
    below = sum(start < target for start, _ in bars)
    if 0 < below < len(bars):
        x = f"{round(below * width, 2)}%"
        parts.append(_tag("line", x1=x, x2=x, y1=0, y2=_FLOOR, stroke=ink["muted"], stroke_dasharray="3 3"))
    return _frame(_FLOOR + 24, title or "จำนวนหน่วยงานตามช่วงคะแนนรวม", Markup().join(parts))


def shares(title: str, rows: Sequence[tuple[str, str, float]], ink: Mapping[str, str] = SCREEN) -> Markup:
    """A row for each: its name, what is printed beside it, and how much of the width its bar takes, in per cent."""
    parts = []
    for k, (name, value, share) in enumerate(rows):
        y = _ROW_HEIGHT * k
        parts += [
            _text(name, x="0", y=y + 14, size=14, fill=ink["text"]),
            _text(value, x="100%", y=y + 14, size=14, font_weight=700, text_anchor="end", fill=ink["text"]),
            _tag("rect", x=0, y=y + _BAR, width="100%", height=_THICK, rx=3, fill=ink["faint"]),
            _tag("rect", x=0, y=y + _BAR, width=f"{share:.1f}%", height=_THICK, rx=3, fill=ink["accent"]),
        ]
    return _frame(_ROW_HEIGHT * len(rows), title, Markup().join(parts))


def track(score: Decimal | str | None, target: int, ink: Mapping[str, str] = SCREEN) -> Markup:
    """One small bar for a cell of a table; the number stands beside it."""
    if score in (None, ""):
        return Markup()
    value = Decimal(str(score))
    colour = ink["good"] if value >= target else ink["weak"]
    bars = [
        _tag("rect", width="100%", height=10, rx=3, fill=ink["faint"]),
        _tag("rect", width=f"{value}%", height=10, rx=3, fill=colour),
        _tag("line", x1=f"{target}%", x2=f"{target}%", y1=0, y2=10, stroke=ink["text"]),
    ]
    return _tag("svg", Markup().join(bars), **{"class": "track"}, aria_hidden="true", width="100%", height=10)


def on_paper(chart: str, width: int) -> str:
    """The chart as a picture of its own, ``width`` pixels wide."""
    return str(chart).replace('width="100%"', f'width="{width}"', 1)


def frame(chart: str, width: int, titles: Sequence[str], notes: Sequence[str], ink: Mapping[str, str] = PAPER) -> str:
    """A chart of ``width`` pixels as a picture that stands anywhere: above it what it is of, below it how it is read
    and where it is from, and a margin around."""
    edge, line = 24, 26
    top = edge + line * len(titles) + 8
    inside = int(chart.partition(' height="')[2].partition('"')[0])
    height = top + inside + line * len(notes) + edge
    whole = width + 2 * edge
    parts = [_tag("rect", width=whole, height=height, fill=ink["surface"])]
    for k, title in enumerate(titles):
        parts.append(_text(title, x=str(edge), y=edge + 18 + line * k, size=18, font_weight=700, fill=ink["text"]))
    placed = chart.replace('width="100%"', f'x="{edge}" y="{top}" width="{width}"', 1)
    parts.append(Markup(placed))  # noqa: S704 (drawn here)
    for k, note in enumerate(notes):
        parts.append(_text(note, x=str(edge), y=top + inside + 24 + line * k, size=13, fill=ink["muted"]))
    about = {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font_family": "Sarabun, sans-serif"}
    return str(_tag("svg", Markup().join(parts), **about, width=whole, height=height, viewBox=f"0 0 {whole} {height}"))
