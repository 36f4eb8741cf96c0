"""The rows of the table of results as markup. A page may have five hundred, with lists in their cells: a template for
each cell took a second, and says no more. Every text that is not written here passes ``escape``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from html import escape
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from prongsai.framework.schema import Label
from prongsai.registry.models import Agency
from prongsai.registry.provinces import PLACES_EN
from prongsai.results import question as asked
from prongsai.web.rankings import FALLS, REASONS, Column, Row
from prongsai.web.templatetags.prongsai import caution_in_words

_NOTHING = "–"
WEAK_IN_CELL = 3  # files and the API name more


@dataclass(frozen=True)
class Words:
    """How the reader's language says it: ``say`` chooses between Thai and English; what an agency and a level are
    called; ``level_tag`` is a level's markup."""

    say: Callable[[str, str], str]
    name_of: Callable[[Agency], str]
    level_name: Callable[[str], str]
    level_tag: Callable[[str], str]


def write_rows(rows: Iterable[Row], columns: Iterable[Column], words: Words) -> SafeString:
    """Rows in the reader's language."""
    writer = _RowWriter(columns, words)
    return mark_safe("\n".join(map(writer.write_row, rows)))  # noqa: S308  # each text is escaped below


class _RowWriter:
    def __init__(self, columns: Iterable[Column], words: Words) -> None:
        self.say, self.level_tag = words.say, cache(words.level_tag)
        self.name_of, self.level_name = words.name_of, words.level_name
        say = self.say
        self.columns = list(columns)
        self.openings = [
            f'<td{" class=num" if c.is_number else ""} data-label="{escape(say(c.title.th, c.title.en))}">'
            for c in self.columns
        ]
        self.rank = f'<tr><td class=num data-label="{say("ลำดับ", "Rank")}">'
        self.name = cache(self._name)
        self.address = reverse("agency_year", args=["CODE", 0])

    def write_row(self, row: Row) -> str:
        agency, year = row.agency, row.result.fiscal_year
        address = self.address.replace("CODE", quote(agency.code)).replace("/0/", f"/{year}/")
        place = self.say(agency.province, PLACES_EN.get(agency.province, agency.province))
        name = escape(self.name_of(agency))
        cells = "".join(
            f"{opening}{self._write_cell(row, column)}</td>"
            for opening, column in zip(self.openings, self.columns, strict=True)
        )
        return (
            f"{self.rank}{_NOTHING if row.rank is None else row.rank}</td>"
            f'<th scope="row"><a href="{address}">{name}</a> '
            f'<span class="muted small">{escape(place)}</span></th>{cells}</tr>'
        )

    def _write_cell(self, row: Row, column: Column) -> str:
        if column.is_node:
            sign = "≈ " if column.key in row.approximate else ""
            return sign + escape(row.scores.get(column.key, _NOTHING))
        return _CELLS[column.key](self, row)

    def _write_total(self, row: Row) -> str:
        return f"<b>{escape(row.overall)}</b>" if row.overall else _NOTHING

    def _write_level(self, row: Row) -> str:
        return self.level_tag(row.result.level)

    def _write_change(self, row: Row) -> str:
        if row.change is not None:
            return f"{write_change(row.change)} {_mute(f'({row.before})')}"
        if row.result.caution:
            return _mute(f"{self.say('ไม่เทียบ', 'not compared')}: {caution_in_words(row.result.caution)}")
        return _NOTHING

    def _write_level_change(self, row: Row) -> str:
        change = row.result.level_change
        if not change:
            return _NOTHING if change is None else write_change(change)
        return f"{write_change(change)} {_mute(f'({self.level_name(row.level_before)})')}"

    def _write_falls(self, row: Row) -> str:
        return _list(
            f"{escape(fall.node)} {self.name(fall.node, fall.label)} {write_change(fall.change)}"
            + ("*" if fall.caution else "")
            for fall in row.falls
        )

    def _write_weak(self, row: Row) -> str:
        return _list(
            f"{escape(i.node)} {self.name(i.node, i.label)} <b>{'≈ ' if i.is_approximate else ''}{escape(i.score)}</b>"
            for i in row.weak[:WEAK_IN_CELL]
        )

    def _write_reasons(self, row: Row) -> str:
        return _list(f"{escape(item.node)}: {escape(item.reason)}" for item in row.weak if item.reason)

    def _name(self, _node: str, label: Label) -> str:
        return escape(self.say(label.th, label.en))


_CELLS: dict[str, Callable[[_RowWriter, Row], str]] = {
    asked.TOTAL: _RowWriter._write_total,
    asked.LEVEL: _RowWriter._write_level,
    asked.CHANGE: _RowWriter._write_change,
    asked.LEVEL_CHANGE: _RowWriter._write_level_change,
    FALLS: _RowWriter._write_falls,
    asked.WEAK: _RowWriter._write_weak,
    REASONS: _RowWriter._write_reasons,
}


def write_change(change: Decimal | int) -> str:
    """A change with its sign; a rise and a fall have their colours."""
    direction = "up" if change > 0 else "down" if change < 0 else ""
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return f'<span class="{direction}">{sign}{abs(change)}</span>'


def _mute(text: str) -> str:
    return f'<span class="muted small">{escape(text)}</span>'


def _list(lines: Iterable[str]) -> str:
    written = "".join(f"<li>{line}</li>" for line in lines)
    return f'<ul class="plain">{written}</ul>' if written else _NOTHING
