"""Watching a public log from outside: read all of it, check it against its signed checkpoint, and against what was
seen before or elsewhere. Without Django, for anybody's machine.

A log that shows two people two histories has signed both; whoever holds both checkpoints has the proof.
"""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from prongsai.lib import merkle, tlog
from prongsai.lib.signed_note import Checkpoint, NoteError, VerifierKey, is_signed_by, parse_note

_SECONDS = 30
_MAX_NOTE_BYTES = 100_000
_MAX_BUNDLE_BYTES = tlog.TILE_WIDTH * (tlog.MAX_ENTRY_BYTES + 2)
_MAX_ENTRIES = 1_000_000


class LogUnreadableError(Exception):
    """A log, or a file of it, cannot be read; the message says which, in Thai."""


def fetch(location: str, path: str, limit: int) -> bytes:
    """A file of a log at an address or in a folder. Raises LogUnreadableError."""
    try:
        if not location.startswith(("http://", "https://")):
            with (Path(location) / path).open("rb") as file:
                data = file.read(limit + 1)
        else:
            address = f"{location.rstrip('/')}/{path}"
            with urllib.request.urlopen(address, timeout=_SECONDS) as response:  # noqa: S310  # http or https
                data = response.read(limit + 1)
    except (OSError, ValueError) as error:
        raise LogUnreadableError(f"อ่าน {path} ของบันทึกที่ {location} ไม่ได้: {error}") from error
    if len(data) > limit:
        raise LogUnreadableError(f"{path} ของบันทึกที่ {location} ใหญ่ผิดปกติ")
    return bytes(data)


@dataclass(frozen=True, kw_only=True)
class LogFiles:
    """A copy of a log: its checkpoint, and the bundles of all entries that it counts."""

    note: str
    bundles: tuple[bytes, ...]


def fetch_note(location: str) -> str:
    """The checkpoint of a log. Raises LogUnreadableError, also where it is none."""
    note = fetch(location, "checkpoint", _MAX_NOTE_BYTES).decode("utf-8", "replace")
    try:
        Checkpoint.parse(parse_note(note).text)
    except NoteError as error:
        raise LogUnreadableError(f"บันทึกที่ {location}: {error}") from error
    return note


def read_note(path: Path) -> str:
    """A checkpoint that was remembered."""
    return path.read_text(encoding="utf-8")


def longest(notes: Sequence[str]) -> int:
    """The place of the checkpoint that counts most entries."""
    sizes = [Checkpoint.parse(parse_note(note).text).size for note in notes]
    return sizes.index(max(sizes))


def read_log(location: str) -> LogFiles:
    """Read a whole log. Raises LogUnreadableError."""
    note = fetch_note(location)
    size = Checkpoint.parse(parse_note(note).text).size
    if size > _MAX_ENTRIES:
        raise LogUnreadableError(f"บันทึกที่ {location} อ้างว่ามี {size:,} รายการ มากผิดปกติ")
    paths = [tlog.tile_path("entries", index, width) for index, width in tlog.list_bundles(size)]
    return LogFiles(note=note, bundles=tuple(fetch(location, path, _MAX_BUNDLE_BYTES) for path in paths))


@dataclass(frozen=True, kw_only=True)
class LogReport:
    """What a copy of a log shows. ``problems`` in Thai, none when it is whole and continues every other checkpoint;
    ``kinds`` how many entries of each kind; ``withdrawn`` the indexes of entries that end or replace the result set
    asked for; ``audit_anchors`` the heads of the audit trail, as how many entries it had then and its digest."""

    size: int
    problems: tuple[str, ...]
    kinds: dict[str, int]
    withdrawn: tuple[int, ...] = ()
    audit_anchors: tuple[tuple[int, str], ...] = ()


def examine(files: LogFiles, *, key: str = "", others: Sequence[str] = (), result_set: str = "") -> LogReport:
    """Check a copy of a log: its signature by a key, its entries against its root, and other checkpoints of the same
    log, seen earlier or elsewhere, against its beginning. Raises NoteError for a key that is none."""
    note = parse_note(files.note)
    checkpoint = Checkpoint.parse(note.text)
    problems = _check_signature(files.note, key)
    entries = [entry for bundle in files.bundles for entry in tlog.unpack_entries(bundle)]
    leaves = [merkle.hash_leaf(entry) for entry in entries]
    if len(leaves) != checkpoint.size or merkle.compute_root(leaves) != checkpoint.root:
        problems.append("รายการในบันทึกไม่ตรงกับจุดยืนยันที่ลงนามไว้ (ถูกแก้ไข ตัดออก หรือสำเนาไม่ครบ)")
    for other in others:
        problems += _check_other(other, key, checkpoint, leaves)
    parsed = [_parse_entry(entry) for entry in entries]
    return LogReport(
        size=checkpoint.size,
        problems=tuple(problems),
        kinds=dict(Counter(str(entry.get("kind", "")) for entry in parsed)),
        withdrawn=tuple(index for index, entry in enumerate(parsed) if result_set and _ends(entry, result_set)),
        audit_anchors=tuple(head for entry in parsed if (head := _read_audit_head(entry))),
    )


def examine_apart(
    note: str, bundles: Sequence[bytes], key: str, others: Sequence[str], result_set: str
) -> dict[str, Any]:
    """The fields of ``examine``, for the sandbox."""
    files = LogFiles(note=note, bundles=tuple(bundles))
    return asdict(examine(files, key=key, others=others, result_set=result_set))


def _check_signature(note: str, key: str) -> list[str]:
    if key and not is_signed_by(parse_note(note), VerifierKey.parse(key)):
        return ["จุดยืนยันไม่ได้ลงนามด้วยกุญแจที่เชื่อถือ"]
    return []


def _check_other(other: str, key: str, checkpoint: Checkpoint, leaves: Sequence[bytes]) -> list[str]:
    """Whether another checkpoint is of the same history. One that is longer is compared the other way round, by whoever
    has the entries of it."""
    seen = Checkpoint.parse(parse_note(other).text)
    if problems := _check_signature(other, key):
        return [f"จุดยืนยันที่นำมาเทียบ: {problem}" for problem in problems]
    if seen.origin != checkpoint.origin:
        return [f"เป็นบันทึกคนละเล่ม: {seen.origin} กับ {checkpoint.origin}"]
    if seen.size > checkpoint.size:
        return [f"บันทึกสั้นลง: เคยเห็น {seen.size:,} รายการ ที่นี่มี {checkpoint.size:,} รายการ"]
    if merkle.compute_root(leaves[: seen.size]) != seen.root:
        return [f"มีประวัติสองฉบับ: {seen.size:,} รายการแรกไม่เหมือนกับที่เคยลงนามไว้"]
    return []


def _parse_entry(entry: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(entry)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _read_audit_head(entry: dict[str, Any]) -> tuple[int, str] | None:
    """The head of the audit trail that an entry names; None of any other entry."""
    entries, head = entry.get("entries"), entry.get("head")
    if entry.get("kind") == "audit_head" and isinstance(entries, int) and isinstance(head, str):
        return entries, head
    return None


def _ends(entry: dict[str, Any], result_set: str) -> bool:
    """Whether an entry withdraws a result set, or publishes one that corrects it."""
    is_withdrawn = entry.get("kind") == "withdrawal" and entry.get("result_set") == result_set
    return is_withdrawn or (entry.get("kind") == "publication" and entry.get("corrects") == result_set)
