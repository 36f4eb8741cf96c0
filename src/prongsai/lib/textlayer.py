"""Repairing the text layer of a PDF set by Typst, so that every reader finds the words that were written.

Thai marks stand in clusters. Typst's PDF writer reports the letters of a whole cluster at each of its glyphs, and
spells a cluster twice where a mark is moved. Here every glyph of an embedded font is recognised by its outline, which
determines its letter; the font's table of letters is written anew, and a span of "actual text" stays only where its
glyphs spell just that text. The visible page does not change.

The outlines of a source font are read once in a process. Recognising a glyph is a dictionary lookup, and only streams
that need a repair are written again.
"""

import io
import re
import struct
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prongsai.lib import thai

if TYPE_CHECKING:
    import pikepdf

# variants of a glyph that are named after the letter without its lower part
_VARIANTS = {
    "yoYingthai": "\u0e0d",
    "thoThanthai": "\u0e10",
    "doChadathai": "\u0e0e",
    "toPatakthai": "\u0e0f",
    "loChulathai": "\u0e2c",
}
_OPENING = rb"/Span\s*<<\s*/ActualText\s*<([0-9A-Fa-f]*)>\s*>>\s*BDC"
_SPAN = re.compile(_OPENING + rb"(.*?)EMC(?=[\s/])", re.S)
_NUMBER = rb"([-\d.]+)"
_PLACE_PATTERN = rb"q\s+1 0 0 -1 " + _NUMBER + rb"\s+" + _NUMBER + rb"\s+cm"
_PLACE = re.compile(_PLACE_PATTERN)
# a cluster whose last mark is drawn a little higher or lower, and so in a run of its own
_RAISED = re.compile(
    rb"(" + _OPENING + rb"((?:(?!EMC[\s/]).)*?))EMC\s+ET\s+Q\s+EMC"
    rb"(/\w+\s*<<\s*/MCID\s[^<>]*>>\s*BDC)\s+" + _PLACE_PATTERN + rb"\s*(?:/\w+ cs [\d. ]+ scn\s+)?"
    rb"BT(?:\s*/Span\s*<<\s*/ActualText\s*<\2>\s*>>\s*BDC)?"
    rb"(\s*0 Tr\s*/\S+ [-\d.]+ Tf) 1 0 0 -1 0 0 Tm"
    rb"((?:(?!ET\s|EMC[\s/]).){1,60}?)(?:EMC\s+)?ET\s+Q\s+EMC",
    re.S,
)
_TEXT = re.compile(rb"/(\S+)\s+[-\d.]+\s+Tf|\(((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*)\)|<([0-9A-Fa-f\s]*)>", re.S)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.S)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}

Letters = Mapping[int, str]


class UnknownGlyphError(Exception):
    """A glyph of the file is in none of the source fonts."""


def repair(data: bytes, fonts: Iterable[Path]) -> bytes:
    """The PDF with a correct text layer. ``fonts`` are the TrueType files it was set in. Raises UnknownGlyphError."""
    import pikepdf

    known: dict[bytes, str] = {}
    for path in fonts:
        known |= _read_outlines(path)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        letters: dict[tuple[int, int], Letters] = {}
        streams: list[Any] = [page.obj for page in pdf.pages]
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Subtype") == "/Type0":
                letters[item.objgen] = recognised = _recognise_read_glyphs(item, known)
                item.ToUnicode = pdf.make_stream(_build_unicode_table(recognised))
            elif isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form":
                streams.append(item)
        for stream in streams:
            resources: Any = stream.get("/Resources", {}).get("/Font", {})
            by_name = {name.encode()[1:]: letters.get(font.objgen, {}) for name, font in resources.items()}
            content = stream if isinstance(stream, pikepdf.Stream) else stream.Contents
            old = content.read_bytes()
            new = _remove_false_spans(_join_raised_marks(old, by_name), by_name)
            if new != old:
                content.write(new)
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.preserve, deterministic_id=True)
    return out.getvalue()


def _join_raised_marks(content: bytes, fonts: Mapping[bytes, Letters]) -> bytes:
    """Draw marks that a span spells, but that stand in a run after it, inside the span at the same place of the page.

    A reader that goes by base lines (poppler) takes such a run for a word of its own, and puts spaces around it."""

    def join(run: re.Match[bytes]) -> bytes:
        if thai.whole_am(_spell(run[3], fonts) + _spell(run[7] + run[8], fonts)) != _decode(run[2]):
            return run[0]
        places = list(_PLACE.finditer(content, max(0, content.rfind(b"cm", 0, run.start()) - 80), run.start()))
        if not places:
            return run[0]
        place = places[-1]
        across, down = float(run[5]) - float(place[1]) - 0.001, float(place[2]) - float(run[6])
        return b"%s%s 1 0 0 -1 %.5f %.5f Tm%sEMC\nET\nQ\nEMC%s\nEMC" % (run[1], run[7], across, down, run[8], run[4])

    return _RAISED.sub(join, content)


def _remove_false_spans(content: bytes, fonts: Mapping[bytes, Letters]) -> bytes:
    def check(span: re.Match[bytes]) -> bytes:
        return span[0] if thai.whole_am(_spell(span[2], fonts)) == _decode(span[1]) else span[2]

    return _SPAN.sub(check, content)


def _decode(text: bytes) -> str:
    return bytes.fromhex(text.decode()).decode("utf-16")


def _spell(shown: bytes, fonts: Mapping[bytes, Letters]) -> str:
    """The letters of the glyphs that a piece of a content stream draws."""
    font: Letters = {}
    letters = ""
    for piece in _TEXT.finditer(shown):
        if piece[1] is not None:
            font = fonts.get(piece[1], {})
            continue
        codes = bytes.fromhex(piece[3].decode()) if piece[3] is not None else _unescape(piece[2])
        letters += "".join(font.get(code, "\ufffd") for (code,) in struct.iter_unpack(">H", codes))
    return letters


def _unescape(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 8)]) if m[1] else _ESCAPED.get(m[2], m[2]), text)


def _recognise_read_glyphs(font: "pikepdf.Dictionary", known: Mapping[bytes, str]) -> Letters:
    """Letters by glyph number. For glyphs without an outline (spaces) the writer's own table counts."""
    reported = {
        int(a, 16): bytes.fromhex(b.decode()).decode("utf-16-be")
        for a, b in re.findall(rb"<([0-9A-F]{4})>\s*<([0-9A-F]+)>", font.ToUnicode.read_bytes())
    }
    letters = {}
    for number, glyph in enumerate(_read_glyphs(font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes())):
        if number and glyph in known:
            letters[number] = known[glyph]
        elif number in reported:
            if glyph and number:
                raise UnknownGlyphError(f"{font.BaseFont} {number} {reported[number]!r}")
            letters[number] = reported[number]
    return letters


def _build_unicode_table(letters: Letters) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    rows = sorted(letters.items())
    for start in range(0, len(rows), 100):
        part = rows[start : start + 100]
        lines.append(f"{len(part)} beginbfchar")
        lines += [f"<{code:04X}> <{text.encode('utf-16-be').hex().upper()}>" for code, text in part]
        lines.append("endbfchar")
    lines.append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
    return "\n".join(lines).encode()


# --- outlines


@lru_cache(maxsize=16)
def _read_outlines(path: Path) -> dict[bytes, str]:
    """The letters of a TrueType file by outline."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        names = font.getGlyphOrder()
        letter_of = {name: chr(code) for code, name in sorted(font.getBestCmap().items(), reverse=True)}
    outlines: dict[bytes, str] = {}
    for name, glyph in zip(names, _read_glyphs(path.read_bytes()), strict=True):
        base = name.partition(".")[0]
        text = letter_of.get(name) or letter_of.get(base) or _VARIANTS.get(base) or _spell_name(base)
        if glyph and text:
            is_ligature = "\ufb00" <= text <= "\ufb06"
            outlines.setdefault(glyph, unicodedata.normalize("NFKC", text) if is_ligature else text)
    return outlines


def _spell_name(name: str) -> str:
    """The letters of a glyph that is named by their code points: uni0E4D0E49."""
    match = re.fullmatch(r"uni((?:[0-9A-F]{4})+)", name)
    return bytes.fromhex(match[1]).decode("utf-16-be") if match else ""


def _read_glyphs(font: bytes) -> list[bytes]:
    """Each glyph's outline and advance as bytes that are the same in a font and in any subset of it; empty without
    outline."""
    tables = {}
    for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16):
        tag, _, start, length = struct.unpack_from(">4sLLL", font, at)
        tables[tag] = font[start : start + length]
    (count,) = struct.unpack_from(">H", tables[b"maxp"], 4)
    (long,) = struct.unpack_from(">h", tables[b"head"], 50)
    places = struct.unpack(f">{count + 1}{'L' if long else 'H'}", tables[b"loca"][: (count + 1) * (4 if long else 2)])
    step = 1 if long else 2
    (metrics,) = struct.unpack_from(">H", tables[b"hhea"], 34)
    raw = [tables[b"glyf"][a * step : b * step] for a, b in pairwise(places)]

    def outline(number: int) -> bytes:
        data = raw[number]
        if not data:
            return b""
        if struct.unpack_from(">h", data)[0] >= 0:
            return data.rstrip(b"\0")  # padded differently
        parts, at, more = [data[2:10]], 10, True
        while more:
            flags, part = struct.unpack_from(">HH", data, at)
            end = at + 4 + (4 if flags & 1 else 2) + (2 if flags & 8 else 4 if flags & 64 else 8 if flags & 128 else 0)
            parts += [data[at + 4 : end], outline(part)]
            at, more = end, bool(flags & 32)
        return b"+".join(parts)

    def advance(number: int) -> bytes:
        return tables[b"hmtx"][4 * min(number, metrics - 1) :][:2]

    return [shape + advance(n) if (shape := outline(n)) else b"" for n in range(count)]
