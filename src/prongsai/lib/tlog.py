"""The files of a transparency log, as in C2SP tlog-tiles, and its proofs, as in C2SP tlog-proof.

A tile holds up to 256 hashes of one level; an entry bundle the contents of up to 256 entries. Both are named by their
place, so that any web server can serve them.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prongsai.lib import merkle
from prongsai.lib.signed_note import NoteError

TILE_WIDTH = 256
MAX_ENTRY_BYTES = 0xFFFF
_PROOF_HEAD = "c2sp.org/tlog-proof@v1"
_MAX_PATH = 63


def _index_path(index: int) -> str:
    """1234067 is x001/x234/067."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def parse_index_path(path: str) -> int | None:
    """The index that a path spells in its one right way; None for any other path."""
    *high, last = path.split("/")
    digits = "".join(part.removeprefix("x") for part in (*high, last))
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 18:
        return None
    return int(digits) if _index_path(int(digits)) == path else None


def encode_hashes(hashes: Sequence[bytes]) -> str:
    """A line for each hash."""
    return "".join(f"{base64.b64encode(one).decode()}\n" for one in hashes)


def decode_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Raises NoteError."""
    try:
        hashes = tuple(base64.b64decode(line, validate=True) for line in lines)
    except (binascii.Error, ValueError):
        hashes = (b"",)
    if any(len(one) != merkle.HASH_BYTES for one in hashes):
        raise NoteError("หลักฐานของบันทึกสาธารณะผิดรูป")
    return hashes


def tile_path(level: int | str, index: int, width: int = TILE_WIDTH) -> str:
    """Where a tile lies; the level of entry bundles is "entries"."""
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{_index_path(index)}{suffix}"


def hashes_of_level(leaves: Sequence[bytes], level: int) -> list[bytes]:
    """The hashes of a level: of whole subtrees of 256**level leaves, in order."""
    span = TILE_WIDTH**level
    if level == 0:
        return list(leaves)
    return [merkle.compute_root(leaves[start : start + span]) for start in range(0, len(leaves) - span + 1, span)]


def read_tile(leaves: Sequence[bytes], level: int, index: int, width: int) -> bytes | None:
    """The bytes of a tile, or None where the tree holds no such tile."""
    hashes = hashes_of_level(leaves, level) if TILE_WIDTH**level <= len(leaves) else []
    chosen = hashes[index * TILE_WIDTH : index * TILE_WIDTH + width]
    return b"".join(chosen) if 0 < width <= TILE_WIDTH and len(chosen) == width else None


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes. Raises OverflowError for one of 65,536 bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(bundle: bytes) -> list[bytes]:
    """Raises NoteError for a bundle that ends amid an entry."""
    entries, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle):
            raise NoteError("ชุดรายการของบันทึกสาธารณะขาดตอน")
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


def list_bundles(size: int) -> Iterator[tuple[int, int]]:
    """The index and the width of each bundle, or tile of level 0, of a log of that size."""
    for start in range(0, size, TILE_WIDTH):
        yield start // TILE_WIDTH, min(TILE_WIDTH, size - start)


def list_tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """The level, the index and the width of each tile of a log of that size."""
    level = 0
    while size:
        yield from ((level, index, width) for index, width in list_bundles(size))
        size //= TILE_WIDTH
        level += 1


@dataclass(frozen=True)
class Proof:
    """That an entry stands at an index of a log: the path to the root of a checkpoint, and that signed checkpoint."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        return f"{_PROOF_HEAD}\nindex {self.index}\n{encode_hashes(self.path)}\n{self.checkpoint}"

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """Raises NoteError."""
        head, separator, checkpoint = text.partition("\n\n")
        lines = [line for line in head.split("\n") if not line.startswith("extra ")]
        index = lines[1].removeprefix("index ") if len(lines) > 1 else ""
        is_number = index.isascii() and index.isdecimal() and len(index) < 20
        if lines[0] != _PROOF_HEAD or not separator or not is_number or len(lines) > 2 + _MAX_PATH:
            raise NoteError("ไม่ใช่หลักฐานของบันทึกสาธารณะ")
        return cls(int(index), decode_hashes(lines[2:]), checkpoint)
