"""Appending to the public log, signing its state, and asking witnesses for theirs."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rfc3161_client import PKIStatus, TimestampRequestBuilder, decode_timestamp_response

from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.lib import digest, merkle, tlog
from prongsai.lib.signed_note import Checkpoint, NoteError, VerifierKey, is_signed_by, parse_note
from prongsai.people.trail import Anchor
from prongsai.publiclog import keys, queries
from prongsai.publiclog.models import Cosignature, LogEntry, LogHead, SignedCheckpoint

_MAX_ANSWER_BYTES = 100_000
_WITNESS_SECONDS = 20


class ForkError(Exception):
    """The database holds another history than the one that was signed; nothing is signed any more."""


def append_entry(*, kind: str, data: dict[str, Any]) -> LogEntry:
    """Add an act to the log, in the caller's transaction: both succeed or fail together. ``data`` is JSON of public
    facts alone. Call it after ``log_audit``, so that the locks of both are always taken in one order."""
    with transaction.atomic():
        LogHead.objects.get_or_create(id=1)
        head = LogHead.objects.select_for_update().get(id=1)
        at = timezone.now().isoformat(timespec="seconds")
        content = digest.canonical_json({**data, "kind": kind, "at": at})
        if len(content.encode()) > tlog.MAX_ENTRY_BYTES:
            raise ValueError(f"an entry of the public log has {len(content)} letters")
        leaf = merkle.hash_leaf(content.encode()).hex()
        entry = LogEntry(index=head.size, kind=kind, content=content, hash=leaf)
        entry.save(force_insert=True)
        head.size += 1
        head.save()
        sign_log.enqueue(key="publiclog.sign", about="บันทึกสาธารณะ")
    return entry


def log_audit_head(anchor: Anchor) -> None:
    """Append the head of the audit trail: whoever rewrites the trail later contradicts the public log."""
    append_entry(kind="audit_head", data={"entries": anchor.entries, "head": anchor.head})


@job(title="ลงนามบันทึกสาธารณะ", queue=Queue.CLOCK)
def sign_log(_: Lease) -> None:
    """Sign the present state of the tree, and ask the witnesses for their signatures."""
    if (checkpoint := sign_checkpoint()) and (settings.LOG_WITNESSES or settings.LOG_TIMESTAMPS):
        ask_witnesses.enqueue(checkpoint.size, key=f"publiclog.witness:{checkpoint.size}", about="บันทึกสาธารณะ")


def sign_checkpoint() -> SignedCheckpoint | None:
    """Sign the present state; the same one again does nothing new. None of an empty log. Raises ForkError when this
    database does not continue what was signed last."""
    with transaction.atomic():
        head = LogHead.objects.select_for_update().filter(id=1).first()
        if head is None or head.size == 0:
            return None
        if signed := SignedCheckpoint.objects.filter(size=head.size).first():
            return signed
        leaves = queries.leaf_hashes(head.size)
        check_continues_signed(leaves)
        root = merkle.compute_root(leaves)
        signer = keys.read_signer() or keys.create_signer()
        keys.note_signed_state(head.size, root.hex())
        note = signer.sign(str(Checkpoint(signer.name, head.size, root)))
        return SignedCheckpoint.objects.create(size=head.size, root=root.hex(), note=note)


def check_continues_signed(leaves: list[bytes]) -> None:
    """Raise ForkError unless the entries begin with those that were signed last."""
    size, root = keys.read_signed_state()
    if size and (size > len(leaves) or merkle.compute_root(leaves[:size]).hex() != root):
        raise ForkError(
            f"บันทึกสาธารณะเคยลงนามไว้ {size:,} รายการ ฐานข้อมูลนี้มี {len(leaves):,} รายการและไม่ต่อเนื่องกัน "
            "อาจเป็นข้อมูลสำรองที่เก่ากว่า จึงไม่ลงนามต่อ"
        )


# --- witnesses


@dataclass(frozen=True)
class Witness:
    """Somebody outside who signs what they saw (C2SP tlog-witness): their key, and where to ask."""

    key: VerifierKey
    url: str


@job(title="ขอลายเซ็นพยานของบันทึกสาธารณะ", queue=Queue.CLOCK)
def ask_witnesses(_: Lease, size: int) -> None:
    """Ask every witness that has not signed a checkpoint yet. One that does not answer is asked again with the job."""
    checkpoint = SignedCheckpoint.objects.get(size=size)
    problems = []
    if settings.LOG_TIMESTAMPS:
        try:
            _store_timestamp(checkpoint, settings.LOG_TIMESTAMPS)
        except (OSError, NoteError) as error:
            problems.append(str(error))
    for text, url in settings.LOG_WITNESSES:
        witness = Witness(VerifierKey.parse(text), url)
        if not checkpoint.cosignatures.filter(name=witness.key.name).exists():
            try:
                line = request_cosignature(checkpoint, witness)
                Cosignature.objects.get_or_create(checkpoint=checkpoint, name=witness.key.name, defaults={"line": line})
            except (OSError, NoteError) as error:
                problems.append(f"{witness.key.name}: {error}")
    if problems:
        raise OSError("; ".join(problems))


def _store_timestamp(checkpoint: SignedCheckpoint, url: str) -> None:
    name = urlsplit(url).hostname or url
    if not checkpoint.cosignatures.filter(name=name).exists():
        token = request_timestamp(checkpoint.note.encode(), url)
        Cosignature.objects.get_or_create(checkpoint=checkpoint, name=name, defaults={"token": token})


def request_timestamp(data: bytes, url: str) -> bytes:
    """What a time-stamping authority answers for the data (RFC 3161). That it answered this very request is checked
    here; its signature by whoever reads the stamp, against a certificate that they trust. Raises OSError or
    NoteError."""
    asked = TimestampRequestBuilder().data(data).build()
    status, answer = _post(url, asked.as_bytes(), "application/timestamp-query")
    try:
        stamped = decode_timestamp_response(answer) if status == 200 else None
        is_ours = stamped is not None and (
            PKIStatus(stamped.status) in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)
            and stamped.tst_info.message_imprint.message == asked.message_imprint.message
            and stamped.tst_info.nonce == asked.nonce
        )
    except ValueError as error:
        raise NoteError(f"ผู้ให้บริการตราเวลาตอบผิดรูป: {error}") from error
    if not is_ours:
        raise NoteError(f"ผู้ให้บริการตราเวลาไม่ได้ประทับตราให้ข้อมูลที่ขอ (รหัส {status})")
    return answer


def request_cosignature(checkpoint: SignedCheckpoint, witness: Witness) -> str:
    """The signature line of a witness, who first says which state they saw last. Raises OSError or NoteError."""
    leaves = queries.leaf_hashes(checkpoint.size)
    seen, add = _last_size_seen(checkpoint, witness), f"{witness.url.rstrip('/')}/add-checkpoint"
    status, answer = _post(add, _write_request(checkpoint, leaves, seen), "text/plain")
    if status == 409:
        stated = answer.decode("ascii", "replace").strip()
        seen = int(stated) if stated.isdecimal() and len(stated) < 20 else -1
        if not 0 <= seen <= checkpoint.size:
            raise NoteError(f"พยานเคยเห็นบันทึกนี้ถึงรายการที่ {stated[:20]} แต่ที่นี่มี {checkpoint.size:,} รายการ")
        status, answer = _post(add, _write_request(checkpoint, leaves, seen), "text/plain")
    if status != 200:
        raise NoteError(f"พยานตอบด้วยรหัส {status}")
    lines = answer.decode("utf-8", "replace")
    note = parse_note(checkpoint.note + lines)
    if not is_signed_by(note, witness.key):
        raise NoteError("ลายเซ็นของพยานไม่ถูกต้อง")
    return "".join(line for line in lines.splitlines(keepends=True) if line.startswith(f"— {witness.key.name} "))


def _last_size_seen(checkpoint: SignedCheckpoint, witness: Witness) -> int:
    earlier = Cosignature.objects.filter(name=witness.key.name, checkpoint__size__lt=checkpoint.size)
    newest = earlier.order_by("-checkpoint__size").values_list("checkpoint__size", flat=True).first()
    return newest or 0


def _write_request(checkpoint: SignedCheckpoint, leaves: list[bytes], old_size: int) -> bytes:
    proof = tlog.encode_hashes(merkle.prove_consistency(leaves, old_size))
    return f"old {old_size}\n{proof}\n{checkpoint.note}".encode()


def _post(url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
    """The status and the beginning of the answer. The address is one of the settings, not of a visitor."""
    request = urllib.request.Request(url, body, {"Content-Type": content_type})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_WITNESS_SECONDS) as response:  # noqa: S310
            return response.status, response.read(_MAX_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        return error.code, error.read(_MAX_ANSWER_BYTES)
