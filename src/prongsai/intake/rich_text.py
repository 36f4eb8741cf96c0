"""Rows of a Rich Text file (.rtf), from Word, WordPad or LibreOffice: paragraphs and tables, in Thai of any spelling.

A reader of our own: striprtf, the one that has releases, ends a table's row at a paragraph within a cell, knows no
widths of cells, and gives what is hidden as text. Written after Microsoft's specification, version 1.9.1.
"""

import codecs
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from prongsai.intake.files import Row, UnreadableError, split_line
from prongsai.lib import sandbox

_BYTES_A_SECOND = 400_000  # as slowly as a file may be read
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]{1,4096})"
)
_CODECS = {
    128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_UNREAD_GROUPS = (
    "colortbl stylesheet info pict header headerl headerr headerf footer footerl footerr footerf footnote annotation "
    "objdata listtable listoverridetable revtbl rsidtbl fldinst listtext pntext nonesttables shprslt sp nonshppict "
    "tc xe bkmkstart bkmkend atnid atnauthor ftnsep ftnsepc aftnsep filetbl themedata datastore latentstyles"
)
_UNREAD = frozenset(_UNREAD_GROUPS.split())
_READ_IN_SPITE = frozenset(("shpinst", "shptxt"))  # of the groups that a reader may leave out: what a box shows
_LETTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "qmspace": " ",
    "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "nestcell": " ", "nestrow": " ",
}  # fmt: skip
_SYMBOLS = {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
_NEAR = 60  # twentieths of a point between borders that are one
_MOST_ROWS = 50_000  # of one table
_MOST_COLUMNS = 200  # of a table, by its borders


@dataclass(frozen=True)
class _Group:
    """What holds until the end of a group."""

    codec: str = ""  # of the font; "" for that of the file
    complex_codec: str = ""  # of the font for scripts such as Thai, where one is named
    is_complex: bool = False  # whether that one is in use
    is_unread: bool = False
    is_hidden: bool = False
    fallbacks: int = 1  # letters after a letter of Unicode that stand for it elsewhere
    is_font_table: bool = False


@dataclass
class _Table:
    """Rows of the table that is being read: each cell's text with its right border."""

    left: int = 0
    borders: list[int] = field(default_factory=list)  # of the row that is described
    cells: list[str] = field(default_factory=list)
    rows: list[tuple[int, list[int], list[str]]] = field(default_factory=list)

    def end_row(self) -> None:
        if self.cells:
            self.rows.append((self.left, self.borders[: len(self.cells)], self.cells))
        self.cells = []

    def even_rows(self) -> Iterator[list[str]]:
        """Rows in the columns that all borders of the table make; a wide cell stands in its first column."""
        columns = list[int]()
        for border in sorted({b for left, borders, _ in self.rows for b in (left, *borders)}):
            if not columns or border - columns[-1] > _NEAR:
                columns.append(border)
        if len(columns) > _MOST_COLUMNS:
            columns = []
        for left, borders, texts in self.rows:
            if not columns or len(borders) < len(texts):  # borders that are not said
                yield texts
                continue
            cells = [""] * (len(columns) - 1)
            for start, text in zip((left, *borders), texts, strict=False):
                at = min(bisect_left(columns, start - _NEAR), len(cells) - 1)
                cells[at] = f"{cells[at]} {text}".strip()
            yield cells


def rich_text_rows(data: bytes) -> Iterator[Row]:
    """Rows of a file that begins with ``{\\rtf``."""
    reader = _Reader(data.decode("latin-1"))
    for _ in reader.steps():
        yield from reader.take()
    reader.end_paragraph()
    reader.end_table()
    yield from reader.take()


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._codec = "cp1252"
        self._fonts: dict[str, str] = {}
        self._default_font = self._font = ""
        self._group = _Group()
        self._outer: list[_Group] = []
        self._skip = 0  # letters that only stand for one of Unicode
        self._bytes = bytearray()  # letters that the font's code is still to be applied to
        self._text: list[str] = []
        self._in_table = False
        self._table = _Table()
        self._paragraphs = self._tables = 0
        self._rows: list[Row] = []
        self._words: dict[str, Callable[[int | None], None]] = {
            "par": lambda _: self._end_line(),
            "shptxt": lambda _: self._end_line(),
            "sect": lambda _: self._end_line(),
            "page": lambda _: self._end_line(),
            "cell": lambda _: self._end_cell(),
            "row": lambda _: self._end_row(),
            "trowd": lambda _: self._describe_row(),
            "trleft": lambda n: setattr(self._table, "left", n or 0),
            "cellx": lambda n: self._table.borders.append(n or 0),
            "intbl": lambda _: self._set_table(True),
            "pard": lambda _: self._set_table(False),
            "plain": lambda _: self._plain(),
            "f": self._use_font,
            "af": self._use_complex_font,
            "rtlch": lambda _: self._change(is_complex=True),
            "ltrch": lambda _: self._change(is_complex=False),
            "deff": self._set_default_font,
            "fcharset": lambda n: self._name_codec(_CODECS.get(n or 0, "")),
            "cpg": lambda n: self._name_codec(f"cp{n}"),
            "ansicpg": self._set_codec,
            "u": self._unicode,
            "uc": lambda n: self._change(fallbacks=max(0, min(n or 0, 9))),
            "v": lambda n: self._change(is_hidden=n != 0),
            "deleted": lambda n: self._change(is_hidden=n != 0),
            "fonttbl": lambda _: self._change(is_font_table=True),
        }

    def take(self) -> list[Row]:
        """The rows that are complete."""
        rows, self._rows = self._rows, []
        return rows

    def steps(self) -> Iterator[None]:
        """Reads on; each step may have completed rows."""
        at, starred = 0, False
        while found := _TOKEN.search(self._source, at):
            at = found.end()
            word, number, byte, symbol, brace, plain = found.groups()
            if word:
                value = int(number) if number else None
                if word == "bin":
                    at += max(0, value or 0)
                self._word(word.lower() if word.isupper() else word, value, starred=starred)
            elif byte:
                self._letters(bytes.fromhex(byte))
            elif brace:
                self._brace(brace)
            elif plain:
                self._letters(plain.encode("latin-1"))
            elif symbol in _SYMBOLS:
                self._write(_SYMBOLS[symbol])
            starred = symbol == "*"
            if self._rows:
                sandbox.allow_until(sandbox.base_seconds() + at / _BYTES_A_SECOND)
                yield

    def _word(self, word: str, number: int | None, *, starred: bool) -> None:
        if word in _UNREAD or (starred and word not in _READ_IN_SPITE):
            self._change(is_unread=True)
        elif word in _LETTERS:
            self._write(_LETTERS[word])
        elif (action := self._words.get(word)) and (not self._group.is_unread or word == "uc"):
            action(number)

    def _brace(self, brace: str) -> None:
        self._decode()
        self._skip = 0
        if brace == "{":
            self._outer.append(self._group)
        elif self._outer:
            self._group = self._outer.pop()

    def _change(self, **changes: object) -> None:
        self._decode()
        self._group = replace(self._group, **changes)  # type: ignore[arg-type]

    # --- letters

    def _letters(self, letters: bytes) -> None:
        skipped = min(self._skip, len(letters))
        self._skip -= skipped
        if not (self._group.is_unread or self._group.is_hidden or self._group.is_font_table):
            self._bytes += letters[skipped:]

    def _decode(self) -> None:
        if self._bytes:
            complex_codec = self._group.complex_codec if self._group.is_complex else ""
            self._text.append(self._bytes.decode(complex_codec or self._group.codec or self._codec, "replace"))
            self._bytes.clear()

    def _write(self, text: str) -> None:
        self._decode()
        if self._skip:
            self._skip -= 1
        elif not (self._group.is_unread or self._group.is_hidden or self._group.is_font_table):
            self._text.append(text)

    def _unicode(self, number: int | None) -> None:
        self._skip = 0
        self._write(chr((number or 0) % 0x10000))
        self._skip = self._group.fallbacks

    # --- fonts

    def _use_font(self, number: int | None) -> None:
        self._font = str(number)
        if not self._group.is_font_table:
            self._change(codec=self._fonts.get(self._font, ""))

    def _use_complex_font(self, number: int | None) -> None:
        if self._group.is_complex:
            self._change(complex_codec=self._fonts.get(str(number), ""))

    def _set_default_font(self, number: int | None) -> None:
        self._default_font = str(number)

    def _name_codec(self, name: str) -> None:
        """The code of the letters of the font that the table of fonts is at."""
        if self._group.is_font_table:
            self._fonts[self._font] = _known(name)

    def _set_codec(self, number: int | None) -> None:
        self._codec = _known(f"cp{number}") or self._codec

    def _plain(self) -> None:
        self._change(codec=self._fonts.get(self._default_font, ""), complex_codec="", is_complex=False, is_hidden=False)

    # --- lines and tables

    def _taken_text(self) -> str:
        self._decode()
        text = "".join(self._text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._text.clear()
        return text

    def _set_table(self, is_in_table: bool) -> None:
        self._in_table = is_in_table

    def _describe_row(self) -> None:
        self._table.left, self._table.borders = 0, []

    def _end_line(self) -> None:
        if self._in_table:
            self._write(" ")
        else:
            self.end_paragraph()

    def end_paragraph(self) -> None:
        text = self._taken_text()
        if not text.strip():
            return
        self.end_table()
        self._paragraphs += 1
        for line in text.split("\n"):
            if line.strip():
                cells = split_line(line.strip()) if "\t" in line.strip() else [line.strip()]
                self._rows.append(Row(tuple(cells), f"ย่อหน้า {self._paragraphs}"))

    def _end_cell(self) -> None:
        self._table.cells.append(re.sub(r"\s+", " ", self._taken_text()).strip())

    def _end_row(self) -> None:
        if len(self._table.rows) > _MOST_ROWS:
            raise UnreadableError(f"มีตารางที่ยาวกว่า {_MOST_ROWS:,} แถว แบ่งไฟล์ก่อน")
        self._table.end_row()

    def end_table(self) -> None:
        """What is left of a table when a paragraph follows."""
        self._table.end_row()
        if not self._table.rows:
            return
        self._tables += 1
        for number, cells in enumerate(self._table.even_rows(), 1):
            if any(cells):
                self._rows.append(Row(tuple(cells), f"ตาราง {self._tables} แถว {number}", self._tables))
        self._table = _Table()


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name if not name.endswith(("cp0", "None")) else ""
    except LookupError:
        return ""
