"""What a workbook shows: calamine's values, and beside them what it leaves out: number formats, errors, formulas
without a value, and what is hidden. The parts of the file are walked once, cell by cell, without a tree in memory.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from xml.parsers import expat

from prongsai.intake.files import Row
from prongsai.lib import thai
from prongsai.lib.rounding import places_of

MAX_COLUMNS = 2000  # of a sheet: see files
NO_VALUE = "=?"  # of a formula that was stored without what it gave
_RELATIONS = "xl/_rels/workbook.xml.rels"
# formats that every workbook has without naming them (ECMA-376 18.8.30), as far as they show numbers
_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
}
_LONGEST_FORMAT = 255  # letters of its code
# of a format: text, padding, colours and conditions
_WORDS = re.compile(r'"[^"]{0,255}"|\\.|_.|\*.|\[[^\]]{0,255}\]')
_NUMBER = re.compile(r"[#?,]*(0+(?:,0+)*)?(?:\.([0#?]*))? ?(%?)")


@dataclass
class SheetParts:
    """What stands beside a sheet's values, by row and column from 1: the code of a cell's format, the text that it
    shows in place of a value, and the rows and columns that nobody sees."""

    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def show(self, row: int, column: int, value: object) -> str:
        """The text of a cell, of one line."""
        place = (row, column)
        if text := self.texts.get(place):
            return text
        if isinstance(value, int | float) and not isinstance(value, bool):
            return show_number(value, self.formats.get(place, "")) or _show_plainly(value)
        return "" if value is None else str(value).replace("\n", " ").strip()


def read_parts(data: bytes) -> dict[str, SheetParts]:
    """The sheets of a workbook of XML by name; empty for a workbook of another kind."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            return {}
        codes = _read_formats(archive) if "xl/styles.xml" in names else []
        parts, walked = dict[str, SheetParts](), dict[str, SheetParts]()
        for name, part in _list_sheets(archive, names):
            if part not in walked:  # several sheets may be the same part of the file
                walk = _Walk(codes)
                walk.read(archive, part)
                walked[part] = walk.parts
            parts[name] = walked[part]
    return parts


def sheet_rows(
    name: str, number: int, rows: Iterable[tuple[int, list[str]]], parts: SheetParts, *, is_hidden: bool
) -> Iterator[Row]:
    """Rows of a sheet from what its cells show, by the number of the row. What is in a hidden sheet, row or column is
    hidden."""
    if re.search(r"\d{4}", thai.arabic(name)):
        yield Row((name,), f"แผ่น {name}", hidden=is_hidden)  # a sheet named after its year
    for row_number, cells in rows:
        seen, unseen = tuple(cells), list[str]()
        if parts.hidden_columns:
            unseen = [c for k, c in enumerate(cells, 1) if c and k in parts.hidden_columns]
            seen = tuple("" if k in parts.hidden_columns else c for k, c in enumerate(cells, 1))
        place = f"แผ่น {name} แถว {row_number}"
        if unseen and not is_hidden:
            yield Row(tuple(unseen), f"{place} คอลัมน์ที่ซ่อน", hidden=True)
        if any(seen):
            used = sum(map(bool, seen))
            yield Row(
                seen if used > 1 else (next(c for c in seen if c),),
                place,
                number if used > 1 else 0,
                is_hidden or row_number in parts.hidden_rows,
            )


def show_number(value: float, code: str) -> str | None:
    """A number as a cell of this format shows it, without separators of thousands; None for a format that shows
    something else than a number."""
    pattern = _WORDS.sub("", code.split(";")[0]).strip()
    found = _NUMBER.fullmatch(pattern)
    if not pattern or not found:
        return None
    zeros, decimals, percent = (found[1] or "").replace(",", ""), found[2] or "", bool(found[3])
    number = Decimal(repr(value)) * (100 if percent else 1)
    text = format(number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP), "f")
    for mark in reversed(decimals):
        if mark == "0" or not text.endswith("0"):
            break
        text = text[:-1]
    text = text.removesuffix(".")
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = text.partition(".")
    return f"{sign}{whole.zfill(len(zeros))}{dot}{rest}{'%' if percent else ''}"


class _Handlers:
    """What is done at the beginning of an element, by its name, and at the end of a cell."""

    def __init__(self, **at_start: Callable[[dict[str, str]], None]) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self._at_start = at_start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if found := self._at_start.get(name.rpartition(" ")[2]):
            found(attributes)

    def read(self, archive: zipfile.ZipFile, part: str) -> None:
        with archive.open(part) as opened:
            self.parser.ParseFile(opened)


def _read_formats(archive: zipfile.ZipFile) -> list[str]:
    """The code of each style of cells, "" where it shows a number as it is."""
    named, used, inside = dict(_BUILT_IN), list[int](), [False]
    _Handlers(
        numFmt=lambda a: named.update({int(a.get("numFmtId", 0)): a.get("formatCode", "")[:_LONGEST_FORMAT]}),
        cellXfs=lambda _: inside.append(True),
        cellStyles=lambda _: inside.append(False),
        xf=lambda a: used.append(int(a.get("numFmtId", 0))) if inside[-1] else None,
    ).read(archive, "xl/styles.xml")
    return [named.get(number, "") for number in used]


def _list_sheets(archive: zipfile.ZipFile, names: set[str]) -> list[tuple[str, str]]:
    """Each sheet's name, and the part of the file that holds it."""
    targets, sheets = dict[str, str](), list[tuple[str, str]]()

    def take_sheet(attributes: dict[str, str]) -> None:
        key = next((value for name, value in attributes.items() if name.endswith(" id")), "")
        part = posixpath.normpath(posixpath.join("/xl", targets.get(key, ""))).lstrip("/")
        if part in names:
            sheets.append((attributes.get("name", ""), part))

    if _RELATIONS in names:
        _Handlers(Relationship=lambda a: targets.update({a.get("Id", ""): a.get("Target", "")})).read(
            archive, _RELATIONS
        )
    _Handlers(sheet=take_sheet).read(archive, "xl/workbook.xml")
    return sheets


class _Walk(_Handlers):
    """One pass over a sheet."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__(row=self._row, col=self._col, c=self._cell, f=self._formula, v=self._value)
        self.parser.EndElementHandler = self._end
        self.parts, self._codes = SheetParts(), codes
        self._at, self._type, self._style, self._is_formula = (0, 0), "", 0, False
        self._text: list[str] = []

    def _row(self, attributes: dict[str, str]) -> None:
        row = int(attributes.get("r", self._at[0] + 1))
        self._at = (row, 0)
        if _is_set(attributes.get("hidden")):
            self.parts.hidden_rows.add(row)

    def _col(self, attributes: dict[str, str]) -> None:
        if _is_set(attributes.get("hidden")):
            last = min(int(attributes.get("max", 0)), MAX_COLUMNS)
            self.parts.hidden_columns.update(range(int(attributes.get("min", 1)), last + 1))

    def _cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        self._at = _place(place) if place else (self._at[0], self._at[1] + 1)
        self._type, self._style = attributes.get("t", "n"), int(attributes.get("s", 0))
        self._is_formula = False
        self._text.clear()

    def _formula(self, _: dict[str, str]) -> None:
        self._is_formula = True

    def _value(self, _: dict[str, str]) -> None:
        if self._is_formula or self._type == "e":
            self.parser.CharacterDataHandler = self._text.append

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "v":
            self.parser.CharacterDataHandler = None
        elif local == "c":
            text = "".join(self._text)
            if self._type == "e":
                self.parts.texts[self._at] = text or "#ERROR"
            elif self._is_formula and not text:
                self.parts.texts[self._at] = NO_VALUE
            elif self._type == "n" and self._style < len(self._codes) and (code := self._codes[self._style]):
                self.parts.formats[self._at] = code


def _is_set(flag: str | None) -> bool:
    return flag in ("1", "true")


def _place(text: str) -> tuple[int, int]:
    letters = text.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter.upper()) - 64
    return int(text[len(letters) :]), column


def _show_plainly(value: float) -> str:
    number = Decimal(repr(value))
    if places_of(format(number, "f")) > 4:  # a computed cell: shown to two places, as offices format it
        number = Decimal(f"{number:.10f}").quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    text = format(number, "f")
    return text[:-2] if text.endswith(".0") else text
