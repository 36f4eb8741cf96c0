"""Agencies that a text goes on to call without their kind: "ท่าสมมุติได้ 95.74" after "เทศบาลเมืองท่าสมมุติ"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from prongsai.intake import words
from prongsai.intake.agencies import agencies, family_of, is_kind, is_kind_alone, key_of, named_agencies, without_kind
from prongsai.intake.files import Row
from prongsai.intake.vocabulary import Vocabulary

_LEAST_LETTERS, _LEAST_AGENCIES, _MOST = 5, 2, 60
_BEFORE = r"(?<![\u0e01-\u0e4e.])((?:[-•*·▪–]\s{0,3})?(?:ส่วน|ขณะที่|แต่|และ|ของ|ด้าน|โดย|ว่า|ปีนี้|ทั้งนี้){0,2})"
_AFTER = r"(?=\s{0,3}[:=–-]|\s{1,3}(?:[A-Z(]|\d)|\s?(?:ได้|มี|ทำ|ตก|ขยับ|คว้า|ครอง|เพิ่ม|ลด|ที่ได้|ซึ่งได้|อยู่ที่)|\s{0,3}$)"


def with_names(rows: Sequence[Row]) -> list[Row]:
    """The rows, with the name of an agency for the initials that stand in brackets after it where it is named first."""
    names: dict[str, set[str]] = {}
    for text in dict.fromkeys(cell for row in rows for cell in row.cells if cell):
        for named in named_agencies(text):
            if initials := _INITIALS.match(text, named.end):
                names.setdefault(initials[1], set()).add(named.name)
    known = {short: next(iter(of)) for short, of in names.items() if len(of) == 1 and not is_kind_alone(short)}
    if not 0 < len(known) <= _MOST:
        return list(rows)
    called = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\u0e01-\u0e4e.(])({called})(?=\s{{0,3}}(?:[\u0e01-\u0e4e]|\d|$))")
    return [replace(row, cells=tuple(pattern.sub(lambda m: known[m[1]], c) for c in row.cells)) for row in rows]


_INITIALS = re.compile(r"\s{0,3}\(([\u0e01-\u0e2e]{2,6}\.)\)")


def with_kinds_of_titles(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, lines of a name and a number each, under a line that is only a kind of agency, with that before the
    names."""
    result: list[Row] = []
    kind = ""
    for row in (*rows, None):
        text = row.cells[0] if row and len(row.cells) == 1 and not row.table else ""
        match = _ENTRY.fullmatch(text) if kind else None
        if row is None or (not any(row.cells) and kind):
            result += [row] if row else []
        elif match and may_be_name(match["name"]) and vocabulary.cell(match["name"]) is None:
            result.append(replace(row, cells=(f"{match['before']}{kind}{match['name']}{match['after']}",)))
        else:
            title = _TITLE_OF_KIND.sub("", text).strip(" :–-")
            kind = title if is_kind(title) and title not in _LOOSE_KINDS else ""
            result.append(row)
    return result


_ENTRY = re.compile(
    r"(?P<before>\s{0,9}(?:(?:ลำดับ|อันดับ)?(?:ที่)?\s{0,3}\(?\d{1,3}\s{0,3}[.):]|[-•*·▪–])?\s{0,9})(?P<name>[\u0e01-\u0e4e]{3,40})"
    r"(?P<after>\s{1,9}[:=–-]?\s{0,9}(?:ได้\s{0,3})?\d{2,3}\.\d{1,4}(?:\s{0,3}คะแนน)?(?:\s{0,3}\(?[^\d]{0,30}\)?)?)"
)
_TITLE_OF_KIND = re.compile(
    r"^\s{0,9}(?:\d{1,2}[.)]|[-•*·▪–])?\s{0,9}(?:(?:กลุ่ม|ประเภท|ราย(?:ชื่อ)?|ระดับ)\s?)?|\(?\s{0,3}\d{1,4}\s{0,3}แห่ง\)?|ได้แก่"
)


def with_kinds_of_columns(rows: Sequence[Row]) -> list[Row]:
    """The rows, those of tables in which a column is headed by a kind of agency ("อบต.", "ชื่อโรงเรียน") with that before the
    names in it that are without."""
    kinds: dict[int, str] = {}  # of the columns of the table that the last row was of
    width, table = 0, 0
    result: list[Row] = []
    for row in rows:
        if row.table != table:
            kinds, table = {}, row.table
        if found := _kinds_in(row):
            kinds, width = found, len(row.cells)
        elif kinds and len(row.cells) == width:
            cells = tuple(_with_kind(cell, kinds.get(at, "")) for at, cell in enumerate(row.cells))
            row = replace(row, cells=cells)
        result.append(row)
    return result


def _kinds_in(row: Row) -> dict[int, str]:
    """The kinds of agencies that the columns under a head are of, by their place."""
    if not row.table or len(row.cells) <= 1 or words.numbers(words.join(row.cells)):
        return {}
    titles = {at: re.sub(r"^(?:ราย)?ชื่อ\s{0,3}", "", cell.strip()) for at, cell in enumerate(row.cells)}
    return {at: title for at, title in titles.items() if is_kind(title) and title not in _LOOSE_KINDS}


def _with_kind(name: str, kind: str) -> str:
    return f"{kind}{name.strip()}" if kind and may_be_name(name.strip()) else name


def may_be_name(text: str) -> bool:
    """Whether a text may be what an agency is called beside its kind: it names none in full, and is no other title of a
    row in a list of agencies."""
    is_bare = _BARE.fullmatch(text) is not None and not agencies(text) and not is_kind(text)
    return is_bare and not _OTHER_ROW.search(text) and not words.names_subgroup(text)


_BARE = re.compile(r"[\u0e01-\u0e2e\u0e40-\u0e44][\u0e01-\u0e4e .\-]{2,50}")
_OTHER_ROW = re.compile(
    r"เฉลี่ย|ประเทศ|มาตรฐาน|เบี่ยงเบน|มัธยฐาน|^(?:ค่า|คะแนน|เกณฑ์|เป้า|(?:ภาพ)?รวม|สูง(?:ที่)?สุด|ต่ำ(?:ที่)?สุด|ระดับ|จังหวัด|อำเภอ|ภาค|กลุ่ม|ที่มา|หมายเหตุ|ไม่|อื่น|ทั้ง|จำนวน|ผล"
    r"|ร้อยละ|ปี|น้ำหนัก|เต็ม|เพิ่ม|ลด|สรุป|ลำดับ|ที่$"
    r"|ผ่าน|ดี(?:เยี่ยม|มาก)?$|พอใช้|ต้อง|ปรับปรุง|ผู้|บุคลากร|ประชาชน|เจ้าหน้าที่|ด้าน|การ|แบบ|ตัวชี้วัด|ส่วน|ข้อ|ประสิทธิภาพ|คุณภาพ)"
)
_LOOSE_KINDS = ("สำนักงาน", "องค์การ", "สถาบัน", "กองทุน", "ธนาคาร")  # under which other words may stand


def with_kinds(rows: Sequence[Row]) -> list[Row]:
    """The rows, with the kind before the names of agencies that were named in full elsewhere; only where several
    are spoken of that are assessed beside each other, and no two of them, nor a place, have the same name."""
    full: dict[str, dict[str, str]] = {}
    families: dict[str, set[str]] = {}
    for text in dict.fromkeys(cell for row in rows for cell in row.cells if cell):
        for named in named_agencies(text):
            bare, key = without_kind(named.name), key_of(named.name)
            full.setdefault(bare, {}).setdefault(key, named.name)
            families.setdefault(family_of(named.name), set()).add(key)
    names = {
        bare: next(iter(known.values()))
        for bare, known in full.items()
        if len(known) == 1 and len(bare) >= _LEAST_LETTERS and _is_beside_others(next(iter(known.values())), families)
    }
    names = {bare: name for bare, name in names.items() if bare != name}
    if not 0 < len(names) <= _MOST:
        return list(rows)
    called = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pattern = re.compile(rf"{_BEFORE}({called}){_AFTER}")
    return [replace(row, cells=tuple(pattern.sub(lambda m: m[1] + names[m[2]], c) for c in row.cells)) for row in rows]


def _is_beside_others(name: str, families: dict[str, set[str]]) -> bool:
    family = family_of(name)
    return family not in ("", "place") and len(families[family]) >= _LEAST_AGENCIES
