"""Reading the public log: its tree, its files, and proofs from it."""

import datetime
import json
from dataclasses import dataclass

from prongsai.framework import Label
from prongsai.lib import tlog
from prongsai.lib.merkle import prove_inclusion
from prongsai.lib.signed_note import VerifierKey
from prongsai.people.trail import Anchor
from prongsai.publiclog.keys import read_signer
from prongsai.publiclog.models import LogEntry, SignedCheckpoint

_TITLES = {
    "publication": Label(th="เผยแพร่ผลการประเมิน", en="Results published"),
    "withdrawal": Label(th="ถอนผลการประเมิน", en="Results withdrawn"),
    "rules": Label(th="ประกาศหรือถอนหลักเกณฑ์", en="Rules announced or withdrawn"),
    "sealing_key": Label(th="กุญแจที่ใช้ปิดผนึกคำตอบแบบวัด", en="Key that survey answers are sealed to"),
    "answers_seal": Label(th="ปิดผนึกคำตอบแบบวัด", en="Survey answers sealed"),
    "marks_seal": Label(th="ปิดผนึกผลตรวจการเปิดเผยข้อมูล", en="Disclosure marks sealed"),
    "snapshots": Label(th="สำเนาหน้าเว็บที่เก็บไว้เป็นหลักฐาน", en="Snapshots of web pages stored as evidence"),
    "audit_head": Label(th="รหัสท้ายสุดของบันทึกการใช้งาน", en="Head of the audit trail"),
}
_CORRECTION = Label(th="แก้ไขผลการประเมินที่เผยแพร่", en="Published results corrected")
_DIGESTS = ("result_set", "rules", "digest", "head", "key")  # by which an act can be recognised elsewhere


@dataclass(frozen=True, kw_only=True)
class LoggedAct:
    """An entry as a person reads it."""

    index: int
    at: datetime.datetime
    title: Label
    fiscal_year: int | None
    digest: str


def describe_entry(entry: LogEntry) -> LoggedAct:
    data = json.loads(entry.content)
    return LoggedAct(
        index=entry.index,
        at=datetime.datetime.fromisoformat(data["at"]),
        title=_CORRECTION if data.get("erratum") else _TITLES[entry.kind],
        fiscal_year=data.get("fiscal_year"),
        digest=next((data[name] for name in _DIGESTS if data.get(name)), entry.hash),
    )


def find_sealing_key(public_key: str) -> int | None:
    """The number of the entry that first names a key answers are sealed to; None of a key from before that was done."""
    logged = LogEntry.objects.filter(kind="sealing_key", content__contains=f'"{public_key}"').order_by("index")
    return logged.values_list("index", flat=True).first()


def audit_anchors() -> list[Anchor]:
    """The heads of the audit trail that the log names."""
    stored = LogEntry.objects.filter(kind="audit_head").order_by("index").values_list("content", flat=True)
    return [Anchor(data["at"], data["entries"], data["head"]) for data in map(json.loads, stored)]


def leaf_hashes(size: int) -> list[bytes]:
    """The hashes of the first entries."""
    stored = LogEntry.objects.order_by("index").values_list("hash", flat=True)[:size]
    return [bytes.fromhex(text) for text in stored]


def latest_checkpoint() -> SignedCheckpoint | None:
    return SignedCheckpoint.objects.first()


def note_of(checkpoint: SignedCheckpoint) -> str:
    """A checkpoint as it is served: signed, with the cosignatures that came since."""
    return checkpoint.note + "".join(c.line for c in checkpoint.cosignatures.all() if c.line)


def public_key() -> VerifierKey | None:
    """What verifies checkpoints of this log; None before the first."""
    signer = read_signer()
    return signer.key if signer else None


def prove_entry(index: int) -> tlog.Proof | None:
    """The proof that an entry stands in the newest checkpoint; None while no checkpoint covers it."""
    checkpoint = latest_checkpoint()
    if checkpoint is None or index >= checkpoint.size:
        return None
    path = prove_inclusion(leaf_hashes(checkpoint.size), index)
    return tlog.Proof(index, tuple(path), note_of(checkpoint))


def read_bundle(index: int, width: int) -> bytes | None:
    """An entry bundle; None where the signed log holds no such bundle."""
    checkpoint = latest_checkpoint()
    start = index * tlog.TILE_WIDTH
    if checkpoint is None or not 0 < width <= tlog.TILE_WIDTH or start + width > checkpoint.size:
        return None
    entries = LogEntry.objects.filter(index__gte=start, index__lt=start + width).values_list("content", flat=True)
    return tlog.pack_entries([content.encode() for content in entries])


def read_tile(level: int, index: int, width: int) -> bytes | None:
    """A tile of hashes; None where the signed log holds no such tile."""
    checkpoint = latest_checkpoint()
    return tlog.read_tile(leaf_hashes(checkpoint.size), level, index, width) if checkpoint else None
