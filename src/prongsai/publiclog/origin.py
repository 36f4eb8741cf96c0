"""Where a receipt, or a snapshot of a web page, comes from: the way from its digest over the public log's entry to a
signed checkpoint. Without Django: whoever checks one has no installation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from prongsai.lib import merkle, tlog
from prongsai.lib.signed_note import Checkpoint, NoteError, VerifierKey, find_signers, parse_note
from prongsai.links.wacz import Examination, examine_wacz

_LONGEST_PATH = 63
_MAX_SIGHTINGS = 10


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What the public log says of a receipt.

    ``problems``: what contradicts itself, in Thai; there is no proof then. ``checkpoint``: the signed text that the
    proof leads to, or "" of a receipt without proof; ``index``: of the entry in it. ``signers``: the trusted keys that
    signed it, and ``has_log_key`` whether the log's own is among them. ``has_keys``: whether any key was trusted."""

    problems: tuple[str, ...] = ()
    checkpoint: str = ""
    index: int = -1
    signers: tuple[str, ...] = ()
    has_log_key: bool = False
    has_keys: bool = False

    @property
    def is_proven(self) -> bool:
        return self.has_log_key and not self.problems


def verify_origin(receipt: Mapping[str, Any], keys: Sequence[str] = ()) -> Origin:
    """Follow a receipt's proof. ``keys`` are those that whoever checks trusts, as ``name+id+key``. Raises NoteError for
    a key that is none."""
    trusted = [VerifierKey.parse(text) for text in keys]
    if "log" not in receipt:
        return Origin(has_keys=bool(trusted))
    try:
        return _follow_proof(receipt, receipt["log"], trusted)
    except NoteError as error:
        problem = str(error)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        problem = "หลักฐานจากบันทึกสาธารณะผิดรูป"
    return Origin(problems=(problem,), has_keys=bool(trusted))


def verify_apart(receipt: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """The fields of ``verify_origin``, for the sandbox."""
    return asdict(verify_origin(receipt, keys))


# --- snapshots of web pages


def sighting_leaf(package: str, at: str) -> bytes:
    """The leaf of "the package was served at this time": its digest in hex, and the time as ISO in UTC."""
    return merkle.hash_leaf(f"{package} {at}".encode())


def verify_snapshot_apart(file: IO[bytes], keys: Sequence[str]) -> dict[str, Any]:
    """Check a WACZ file, and the log's word that it carries: its examination, and ``[at, origin]`` of each sighting.
    For the sandbox. ``keys`` are valid (``VerifierKey``)."""
    found = examine_wacz(file)
    trusted = [VerifierKey.parse(text) for text in keys]
    log = found.log if isinstance(found.log, Mapping) else {}
    listed = log.get("sightings", [])
    sightings = [_verify_sighting(found, each, trusted) for each in listed[:_MAX_SIGHTINGS]] if listed else []
    return {
        "examination": {**asdict(found), "log": None},
        "sightings": [[at, asdict(origin)] for at, origin in sightings],
    }


def _verify_sighting(found: Examination, sighting: Any, trusted: Sequence[VerifierKey]) -> tuple[str, Origin]:
    try:
        at, entry = str(sighting["at"]), json.loads(sighting["entry"])
        problems = []
        if entry["kind"] != "snapshots":
            problems.append("รายการที่อ้างในบันทึกสาธารณะไม่ใช่รายการสำเนาหน้าเว็บ")
        if entry["signing_key"] != found.public_key:
            problems.append("กุญแจที่ลงนามไฟล์ไม่ใช่กุญแจที่บันทึกสาธารณะระบุ")
        batch = {"size": entry["size"], "root": entry["digest"]}
        if not _is_in_batch(sighting_leaf(found.package, at), sighting, batch):
            problems.append("สำเนานี้ไม่อยู่ในรายการของบันทึกสาธารณะ")
        return at, _follow_entry(sighting, problems, trusted)
    except NoteError as error:
        problem = str(error)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        problem = "หลักฐานจากบันทึกสาธารณะผิดรูป"
    return "", Origin(problems=(problem,), has_keys=bool(trusted))


def name_of_log(note: str) -> str:
    """The origin of a checkpoint. Raises NoteError."""
    return Checkpoint.parse(parse_note(note).text).origin


def _follow_proof(receipt: Mapping[str, Any], log: Mapping[str, Any], trusted: Sequence[VerifierKey]) -> Origin:
    entry = json.loads(log["entry"])
    problems = _check_entry(receipt, entry)
    if not _is_in_batch(merkle.hash_leaf(str(receipt["digest"]).encode()), log, entry["receipts"]):
        problems.append("ใบรับรองไม่อยู่ในรายการที่เผยแพร่ของบันทึกสาธารณะ")
    return _follow_entry(log, problems, trusted)


def _is_in_batch(leaf: bytes, log: Mapping[str, Any], batch: Mapping[str, Any]) -> bool:
    """Whether a leaf is under the root of a batch: ``size`` and ``root``."""
    return merkle.verify_inclusion(
        leaf=leaf,
        index=_whole(log["position"]),
        size=_whole(batch["size"]),
        path=_decode_path(log["path"]),
        root=bytes.fromhex(batch["root"]),
    )


def _follow_entry(log: Mapping[str, Any], problems: list[str], trusted: Sequence[VerifierKey]) -> Origin:
    """From the entry to the checkpoint that was signed."""
    proof = tlog.Proof.parse(log["proof"])
    note = parse_note(proof.checkpoint)
    checkpoint = Checkpoint.parse(note.text)
    if not merkle.verify_inclusion(
        leaf=merkle.hash_leaf(log["entry"].encode()),
        index=proof.index,
        size=checkpoint.size,
        path=proof.path,
        root=checkpoint.root,
    ):
        problems.append("รายการที่อ้างไม่อยู่ในบันทึกสาธารณะที่ลงนามไว้")
    signers = find_signers(note, trusted)
    return Origin(
        problems=tuple(problems),
        checkpoint=proof.checkpoint,
        index=proof.index,
        signers=tuple(signers),
        has_log_key=checkpoint.origin in signers,
        has_keys=bool(trusted),
    )


def _check_entry(receipt: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    """Whether the entry is one of a publication, and of this result's."""
    if entry["kind"] != "publication":
        return ["รายการที่อ้างในบันทึกสาธารณะไม่ใช่การเผยแพร่ผล"]
    stated = (receipt["fiscal_year"], receipt["about"]["result_set"])
    if stated != (entry["fiscal_year"], entry["result_set"]):
        return ["ใบรับรองเป็นของผลคนละชุดกับรายการในบันทึกสาธารณะ"]
    return []


def _whole(number: Any) -> int:
    if type(number) is not int:
        raise NoteError("หลักฐานจากบันทึกสาธารณะผิดรูป")
    return number


def _decode_path(lines: Any) -> tuple[bytes, ...]:
    if not isinstance(lines, list) or len(lines) > _LONGEST_PATH:
        raise NoteError("หลักฐานจากบันทึกสาธารณะผิดรูป")
    return tlog.decode_hashes(lines)
