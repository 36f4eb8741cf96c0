"""Agencies that a text goes on to call without their kind: "ท่าสมมุติได้ 95.74" after "เทศบาลเมืองท่าสมมุติ"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from prongsai.intake.agencies import family_of, is_kind_alone, key_of, named_agencies, without_kind
from prongsai.intake.files import Row

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
