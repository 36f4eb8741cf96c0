"""A table of items, addresses and notes, as it is pasted from a spreadsheet or uploaded. Pure: rows of cells in, what
to fill in for each item out; nothing is stored."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prongsai.framework import DisclosureItem
from prongsai.lib import thai
from prongsai.links import find_addresses

MAX_ROWS = 1000
_MAX_CELL = 40_000  # letters: more than the addresses of one item can have
_CODE = re.compile(r"(?:ข้อ(?:ที่)?\s?)?([A-Za-z]{0,4})[ .-]?0{0,2}(\d{1,3})(?!\d)")
_AFTER_CODE = re.compile(r"[.:)\]–-]*\s+")  # between a code and what a line without tabs says of its item
_NUMBER_WITH_POINT = re.compile(r"\d{1,3}\.?")
_ITEM_TITLES = ("ข้อ", "รหัส", "รหัสข้อ", "ข้อที่", "ตัวชี้วัด", "item", "code")
_ADDRESS_TITLES = ("ลิงก์", "ลิงค์", "url", "link", "ที่อยู่", "เว็บไซต์", "address")
_NOTE_TITLES = ("คำอธิบาย", "หมายเหตุ", "note", "explanation", "remark")


@dataclass
class PastedEntry:
    """What a table says of one item."""

    addresses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, addresses: Iterable[str], notes: Iterable[str]) -> None:
        for text, known in ((addresses, self.addresses), (notes, self.notes)):
            known += [part for part in dict.fromkeys(text) if part not in known]


@dataclass(frozen=True)
class PastedFiling:
    """The entries of a table by item, in the order of the rules; and what could not be taken, in Thai, with its row."""

    entries: Mapping[str, PastedEntry]
    problems: Sequence[str]
    rows: int = 0


def drop_placeholder(text: str) -> str:
    """A text as typed; nothing for one without a letter or a digit, such as the "-" of an empty cell."""
    return text if any(letter.isalnum() for letter in text) else ""


def split_cells(text: str) -> list[list[str]]:
    """Text as a spreadsheet copies it, cells separated by tabs, as rows of cells. Raises ValueError."""
    try:
        return list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter="\t"))
    except csv.Error as error:
        raise ValueError("อ่านตารางไม่ได้ คัดลอกจากโปรแกรมตารางคำนวณใหม่อีกครั้ง แล้ววางทั้งหมด") from error


def parse_table(rows: Iterable[Sequence[str]], items: Sequence[DisclosureItem]) -> PastedFiling:
    """Find the item, the addresses and the note of each row, with or without a row of titles. A row that names no item
    goes on with that above it."""
    table = [(n, [drop_placeholder(c.strip()[:_MAX_CELL]) for c in row]) for n, row in enumerate(rows, 1)]
    table = [(n, cells) for n, cells in table if any(cells)]
    if not table:
        return PastedFiling({}, ["ยังไม่มีแถวใดในตาราง วางแถวที่คัดลอกมา หรือเลือกไฟล์"])
    if len(table) > MAX_ROWS:
        return PastedFiling({}, [f"ตารางมี {len(table):,} แถว อ่านได้ครั้งละไม่เกิน {MAX_ROWS:,}"], len(table))
    titles = _find_titles(table[0][1])
    body = table[1:] if titles else table
    reader = _Reader(items, titles)
    for number, cells in body:
        reader.read(number, cells)
    known = {item.id: reader.entries[item.id] for item in items if item.id in reader.entries}
    if not known and not reader.problems:
        reader.problems.append("ไม่พบข้อใดในตาราง คอลัมน์แรกควรเป็นรหัสข้อ เช่น O1")
    return PastedFiling(known, reader.problems, len(body))


def _find_titles(cells: Sequence[str]) -> dict[str, list[int]]:
    """The places of the columns by their titles; empty where the row is none of titles."""
    places: dict[str, list[int]] = {"item": [], "address": [], "note": []}
    for place, cell in enumerate(cells):
        title = thai.squeeze(thai.clean(cell))
        if title in map(thai.squeeze, _ITEM_TITLES) and not places["item"]:
            places["item"].append(place)
        elif title.startswith(tuple(map(thai.squeeze, _ADDRESS_TITLES))):
            places["address"].append(place)
        elif title.startswith(tuple(map(thai.squeeze, _NOTE_TITLES))):
            places["note"].append(place)
    return places if places["item"] and (places["address"] or places["note"]) else {}


class _Reader:
    """Reads rows one after the other; ``titles`` are the places of the columns where a row of titles told them."""

    def __init__(self, items: Sequence[DisclosureItem], titles: Mapping[str, list[int]]) -> None:
        self.titles = titles
        self.names = {thai.squeeze(item.label.th): item.id for item in items}
        self.ids = {item.id.upper(): item.id for item in items}
        self.by_number = _unique_numbers(item.id for item in items)
        self.entries: dict[str, PastedEntry] = {}
        self.problems: list[str] = []
        self.current: str | None = None

    def read(self, number: int, cells: Sequence[str]) -> None:
        cells = cells if self.titles else _split_off_code(cells)
        place, item = self._find_item(cells)
        addresses, notes = self._split(cells, place)
        if item is not None:
            self.current = item
        elif place is not None and (addresses or notes):
            self.current = None
            self.problems.append(f"แถวที่ {number}: ปีนี้ไม่มีข้อ “{cells[place][:40]}”")
        if self.current is not None:
            self.entries.setdefault(self.current, PastedEntry()).add(addresses, notes)
        elif place is None and (addresses or notes):
            self.problems.append(f"แถวที่ {number}: ไม่พบรหัสข้อ “{next(filter(None, cells))[:40]}”")

    def _find_item(self, cells: Sequence[str]) -> tuple[int | None, str | None]:
        """The place of the cell that names an item, and the item; None for one that the year does not have. A code or a
        label goes before a bare number, which may count rows."""
        places = self.titles["item"] if self.titles else range(len(cells))
        filled = [(place, thai.clean(cells[place])) for place in places if place < len(cells) and cells[place]]
        for place, text in filled:
            if item := self._named_item(text):
                return place, item
        for place, text in filled:
            if (place == 0 or self.titles) and (item := self._numbered_item(text)):
                return place, item
        unknown = (place for place, text in filled if self.titles or _is_code(text))
        return next(unknown, None), None

    def _named_item(self, text: str) -> str | None:
        match = _CODE.match(text)
        if match and match[1]:
            return self.ids.get(f"{match[1].upper()}{match[2]}")
        return self.names.get(thai.squeeze(text))

    def _numbered_item(self, text: str) -> str | None:
        match = _CODE.match(text)
        if match and (text.startswith("ข้อ") or _NUMBER_WITH_POINT.fullmatch(text)):
            return self.by_number.get(match[2])
        return None

    def _split(self, cells: Sequence[str], of_item: int | None) -> tuple[list[str], list[str]]:
        """The addresses and the notes of a row."""
        if self.titles:
            filled = {p: cell for p, cell in enumerate(cells) if cell}
            return [filled[p] for p in self.titles["address"] if p in filled], [
                filled[p] for p in self.titles["note"] if p in filled
            ]
        addresses: list[str] = []
        notes: list[str] = []
        for place, cell in enumerate(cells):
            text = thai.clean(cell)
            counts_rows = of_item is not None and place < of_item and _NUMBER_WITH_POINT.fullmatch(text)
            if place == of_item or not cell or counts_rows or thai.squeeze(text) in self.names:
                continue
            (addresses if find_addresses(cell) else notes).append(cell)
        return addresses, notes


def _split_off_code(cells: Sequence[str]) -> Sequence[str]:
    """The cells of a row; where its first has a code and then addresses, or is the only one, as a line that was typed
    with spaces, the code stands in a cell of its own."""
    place, first = next((place, cell) for place, cell in enumerate(cells) if cell)
    match = _CODE.match(first)
    gap = _AFTER_CODE.match(first, match.end()) if match and _is_code(match[0]) else None
    if gap is None or not (find_addresses(first[gap.end() :]) or sum(map(bool, cells)) == 1):
        return cells
    return [*cells[:place], first[: gap.start()], first[gap.end() :], *cells[place + 1 :]]


def _is_code(text: str) -> bool:
    """Whether a text looks like the code of an item, of whatever year."""
    match = _CODE.fullmatch(text)
    return match is not None and bool(match[1] or text.startswith("ข้อ"))


def _unique_numbers(ids: Iterable[str]) -> dict[str, str]:
    """Items by their number alone, where no two have the same."""
    found: dict[str, list[str]] = {}
    for item in ids:
        found.setdefault(item.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), []).append(item)
    return {number: same[0] for number, same in found.items() if number.isdecimal() and len(same) == 1}


def iterate_texts(entry: PastedEntry) -> Iterator[tuple[str, str]]:
    """The fields that an entry fills, with their texts; a field that the table left empty is not among them."""
    if entry.addresses:
        yield "addresses", "\n".join(entry.addresses)
    if entry.notes:
        yield "explanation", "\n".join(entry.notes)
