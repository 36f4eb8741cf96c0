"""Charts: one drawing for the screen and for paper.

Each is an SVG of fixed height whose horizontal places are shares of its width, so that it fits a phone and a page with
its letters at their own size. On the screen colours are the style sheet's, light or dark; ``ink=PAPER`` gives them as
they print. Every chart stands beside a table that says the same.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

SCREEN: Mapping[str, str] = {n: f"var(--{n})" for n in ("good", "weak", "faint", "text", "soft", "accent", "surface")}
PAPER: Mapping[str, str] = {
    "good": "#0f6b5c",
    "weak": "#b45309",
    "faint": "#e5e7eb",
    "text": "#111827",
    "soft": "#4b5563",
    "accent": "#1e3a5f",
    "surface": "#ffffff",
}
_ROW = 46


def _fill(pattern: str, *values: object) -> Markup:
    return Markup(pattern).format(*values)  # noqa: S704 - the pattern is ours, the values are escaped


def _frame(height: int, title: str, body: Markup) -> Markup:
    return _fill(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" width="100%" height="{}" role="img" font-family="Sarabun, sans-serif">'
        "<title>{}</title>{}</svg>",
        height,
        title,
        body,
    )


def indicators(bars: Sequence[Any], target: int, ink: Mapping[str, str] = SCREEN) -> Markup:
    """A bar for each of ``bars`` (node, name, score, before, reached): the target as a line, last year as a notch."""
    height = _ROW * len(bars) + 26
    rows = Markup().join(
        _fill(
            '<text x="0" y="{}" font-size="14" fill="{}">{} {}</text><text x="100%" y="{}" font-size="14" font-weight="700" text-anchor="end" '
            'fill="{}">{}</text><rect x="0" y="{}" width="100%" height="12" rx="3" fill="{}"/><rect x="0" y="{}" width="{}%" height="12" '
            'rx="3" fill="{}"/>{}',
            y + 14,
            ink["text"],
            b.node,
            b.name,
            y + 14,
            ink["text"],
            b.score,
            y + 21,
            ink["faint"],
            y + 21,
            b.score,
            ink["good"] if b.reached else ink["weak"],
            ""
            if b.before is None
            else _fill('<rect x="{}%" y="{}" width="3" height="18" fill="{}"/>', b.before, y + 18, ink["text"]),
        )
        for y, b in ((_ROW * k, b) for k, b in enumerate(bars))
    )
    line = _fill(
        '<line x1="{0}%" x2="{0}%" y1="0" y2="{1}" stroke="{2}" stroke-dasharray="3 3"/>'
        '<text x="{0}%" y="{3}" font-size="12" text-anchor="middle" fill="{2}">{0}</text>',
        target,
        height - 22,
        ink["soft"],
        height - 6,
    )
    return _frame(height, f"คะแนน {len(bars)} ตัวชี้วัด เทียบเป้าหมาย {target}", line + rows)


def history(points: Sequence[tuple[int, Decimal, bool]], target: int, ink: Mapping[str, str] = SCREEN) -> Markup:
    """Totals over years: (fiscal year, total, whether the rules changed against the point before). A change of rules
    breaks the line and is marked."""
    low = min(50, *(int(p[1]) // 10 * 10 for p in points))
    top, floor = 24, 150

    def y(value: Decimal | int) -> float:
        return round(floor - (float(value) - low) / (100 - low) * (floor - top), 1)

    def x(k: int) -> float:
        return round(8 + 84 * (k / (len(points) - 1) if len(points) > 1 else 0.5), 2)

    parts = [
        _fill(
            '<line x1="0" x2="100%" y1="{0}" y2="{0}" stroke="{1}" stroke-dasharray="3 3"/>'
            '<text x="100%" y="{2}" font-size="12" text-anchor="end" fill="{1}">{3}</text>',
            y(target),
            ink["soft"],
            y(target) - 4,
            target,
        )
    ]
    for k in range(1, len(points)):
        (_, before, _), (_, now, changed) = points[k - 1], points[k]
        if changed:
            middle = round((x(k - 1) + x(k)) / 2, 2)
            parts.append(
                _fill(
                    '<line x1="{0}%" x2="{0}%" y1="{1}" y2="{2}" stroke="{3}"/><text x="{0}%" y="{4}" font-size="11" text-anchor="middle" '
                    'fill="{5}">เกณฑ์เปลี่ยน</text>',
                    middle,
                    top,
                    floor,
                    ink["faint"],
                    top - 8,
                    ink["soft"],
                )
            )
        parts.append(
            _fill(
                '<line x1="{}%" y1="{}" x2="{}%" y2="{}" stroke="{}" stroke-width="2"{}/>',
                x(k - 1),
                y(before),
                x(k),
                y(now),
                ink["accent"],
                Markup(' stroke-dasharray="2 5"') if changed else "",
            )
        )
    for k, (year, value, _) in enumerate(points):
        parts.append(
            _fill(
                '<circle cx="{0}%" cy="{1}" r="5" fill="{2}"/><text x="{0}%" y="{3}" font-size="14" font-weight="700" text-anchor="middle" '
                'fill="{4}" stroke="{9}" stroke-width="4" paint-order="stroke">{5}</text><text x="{0}%" y="{6}" font-size="13" text-anchor="middle" fill="{7}">{8}</text>',
                x(k),
                y(value),
                ink["good"] if value >= target else ink["weak"],
                y(value) - 11,
                ink["text"],
                value,
                floor + 22,
                ink["soft"],
                year,
                ink["surface"],
            )
        )
    return _frame(floor + 30, "คะแนนรวมรายปี", Markup().join(parts))


def distribution(bars: Sequence[tuple[int, int]], target: int, ink: Mapping[str, str] = SCREEN) -> Markup:
    """How many agencies have a total from each number up to the next, over the part of the scale where there are
    any."""
    first = next((k for k, (_, n) in enumerate(bars) if n), 0)
    bars = bars[first:]
    most = max((n for _, n in bars), default=0) or 1
    wide, floor = 100 / len(bars), 150
    parts = []
    for k, (start, n) in enumerate(bars):
        height = round(120 * n / most, 1)
        middle = round((k + 0.5) * wide, 2)
        parts.append(
            _fill(
                '<rect x="{}%" y="{}" width="{}%" height="{}" rx="2" fill="{}"/><text x="{}%" y="{}" font-size="12" text-anchor="middle" '
                'fill="{}">{}</text><text x="{}%" y="{}" font-size="12" text-anchor="middle" fill="{}">{}</text>',
                round(k * wide + wide * 0.08, 2),
                floor - height,
                round(wide * 0.84, 2),
                height,
                ink["good"] if start >= target else ink["weak"],
                middle,
                floor - height - 5,
                ink["text"],
                n or "",
                middle,
                floor + 17,
                ink["soft"],
                start,
            )
        )
    return _frame(floor + 24, "จำนวนหน่วยงานตามช่วงคะแนนรวม", Markup().join(parts))


def track(score: Any, target: int, ink: Mapping[str, str] = SCREEN) -> Markup:
    """One small bar for a cell of a table; the number stands beside it."""
    if score in (None, ""):
        return Markup("")
    value = Decimal(str(score))
    return _fill(
        '<svg class="track" aria-hidden="true" width="100%" height="10"><rect width="100%" height="10" rx="3" fill="{}"/><rect width="{}%" '
        'height="10" rx="3" fill="{}"/><line x1="{}%" x2="{}%" y1="0" y2="10" stroke="{}"/></svg>',
        ink["faint"],
        value,
        ink["good"] if value >= target else ink["weak"],
        target,
        target,
        ink["text"],
    )


def on_paper(chart: str, width: int) -> Markup:
    """The chart as a picture of its own, ``width`` pixels wide."""
    return Markup(str(chart).replace('width="100%"', f'width="{width}"', 1))  # noqa: S704 - it was made here
