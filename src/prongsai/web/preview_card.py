"""The picture that messengers and social media show beside a link to an agency's year: 1200 × 630 pixels, PNG."""

from django.template.loader import render_to_string

from prongsai.lib import typeset
from prongsai.results.queries import ResultAnalysis
from prongsai.web.templatetags.prongsai import kind_name, name_of, place_name, signed, t, year

WIDTH, HEIGHT = 1200, 630  # pixels
_MARGIN = 76
_NAME_SIZE, _TOTAL_SIZE = 62, 150
_MOST_LINES = 2
_CENTIMETRES = 30.48  # at 100 dots to the inch


def draw_card(assessed: ResultAnalysis, level: str) -> bytes:
    """The card of a published result in the language at hand, with the name of its level in it."""
    agency, row, total = assessed.agency, assessed.current, assessed.printed.get("overall", "")
    face = typeset.face(bold=True)
    lines = face.lines(name_of(agency), (WIDTH - 2 * _MARGIN) / _NAME_SIZE)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1].rstrip() + "…"]
    places = [256 + 84 * number for number in range(len(lines))]
    context = {
        "brand": t("โปร่งใส", "Prongsai"),
        "year": t(f"ผลการประเมิน ปี {row.fiscal_year}", f"Assessment of {year(row.fiscal_year)}"),
        "lines": zip(lines, places, strict=True),
        "place": " · ".join(filter(None, [kind_name(agency.kind), place_name(agency.province)])),
        "place_y": places[-1] + 62,
        "total": total,
        "beside_x": _MARGIN + round(face.width(total) * _TOTAL_SIZE) + 48,
        "level": t(f"ระดับ {level}", f"Level {level}" if level.isascii() and len(level) < 3 else level) if level else "",
        "change": _describe_change(assessed),
        "fictional": t("หน่วยงานสมมุติ", "Fictional agency") if agency.fictional else "",
        "nothing": t("ผลที่เผยแพร่ไม่มีคะแนนรวม", "Published without a total"),
    }
    return typeset.picture(render_to_string("web/pictures/preview_card.svg", context), _CENTIMETRES, 100)


def _describe_change(assessed: ResultAnalysis) -> str:
    changes = assessed.movement.changes if assessed.movement else ()
    overall = next((c for c in changes if c.node == "overall" and c.change is not None), None)
    return t(f"{signed(overall.change)} จากปีก่อน", f"{signed(overall.change)} on the year before") if overall else ""
