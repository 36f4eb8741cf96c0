"""Snapshots that stand up: packed and signed, stored once, listed in the public log, and handed out with the proof.

A nation's links are checked by the hundred thousand, and a tree head is signed for every entry of the log. So the log
has one entry a day, whose root stands for all *sightings* since the last: "these bytes were served at this time".
"""

import base64
import datetime
import hashlib
from functools import lru_cache, partial
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import transaction
from django.utils import timezone

from prongsai import links
from prongsai.disclosure import scan_texts
from prongsai.disclosure.models import Clarification, Link, LinkCheck, Mark, Sighting, Snapshot, SnapshotBatch
from prongsai.jobs.leases import Lease
from prongsai.lib import merkle
from prongsai.machines import files
from prongsai.machines.keys import create_key_file, read_key_file
from prongsai.publiclog.actions import append_entry
from prongsai.publiclog.models import LogEntry
from prongsai.publiclog.origin import sighting_leaf
from prongsai.publiclog.queries import prove_entry

_KEY_FILE = "snapshots.json"
MAX_BATCH = 20_000  # sightings under one root: a second of the log's lock
_ROWS_A_QUERY = 500
MAX_MONITORED = 12  # snapshots of a link that only the monthly checks took; evidence is beside the count
EVIDENCE_REASONS = (LinkCheck.Reason.FILING, LinkCheck.Reason.MARKING)
_MAX_READ = 32  # texts, in memory


# --- the key


@lru_cache(maxsize=1)
def _parse_key(secret: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(bytes.fromhex(secret), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def signing_key() -> ec.EllipticCurvePrivateKey:
    """The key of this installation's snapshots, made when first needed. Not the log's: replay tools want this curve,
    and what signs a hundred thousand files a day signs no history."""
    stored = read_key_file(_KEY_FILE)
    if stored is None:
        secret = ec.generate_private_key(ec.SECP384R1()).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        stored = create_key_file(_KEY_FILE, {"secret": secret.hex()})
    return _parse_key(stored["secret"])


def public_key() -> bytes:
    """What verifies the signatures: DER (SPKI)."""
    return (
        signing_key()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


# --- storing


def _name_of(snapshot: Snapshot) -> str:
    suffix = "wacz" if snapshot.package else "warc.gz"
    return f"snapshots/{snapshot.digest[:2]}/{snapshot.digest}.{suffix}"


def store_snapshot(observation: links.Observation) -> Snapshot:
    """The snapshot of a check: the one that there is of the same bytes at the same address, or a new one."""
    media_type = (observation.sniffed_type or observation.declared_type)[:120]
    url = observation.hops[-1].url if observation.hops else observation.url
    same = Snapshot.objects.filter(body_digest=observation.digest, url=url, content_type=media_type).exclude(package="")
    if (
        observation.digest
        and "cut" not in observation.notes
        and (known := same.first())
        and files.exists(_name_of(known))
    ):
        return known
    key = signing_key()
    package = links.write_wacz(
        observation,
        public_key=public_key(),
        sign=lambda message: key.sign(message, ec.ECDSA(SHA256())),
        created=timezone.now(),
    )
    snapshot = Snapshot(
        digest=hashlib.sha256(package.data).hexdigest(),
        content_type=media_type,
        length=len(observation.body or b""),
        taken_at=observation.observed_at,
        package=package.digest,
        url=url,
        body_digest=observation.digest,
    )
    files.store_bytes(_name_of(snapshot), package.data)
    snapshot.save()
    return snapshot


def note_sighting(check: LinkCheck) -> None:
    """That the snapshot of a check was seen then, for the next entry of the public log."""
    if check.snapshot is not None and check.snapshot.package:
        Sighting.objects.create(snapshot=check.snapshot, package=check.snapshot.package, at=check.at)


def remove_surplus(link: Link) -> int:
    """Remove the oldest snapshots of a link that only monthly checks took, beyond ``MAX_MONITORED``: a page of rotating
    news fills no disk. The first of a link, and what anybody filed, marked or replied to, stays. Returns how many."""
    seen = list(link.checks.filter(snapshot__isnull=False).order_by("at", "id").values_list("snapshot", "reason"))
    cited = {key for key, reason in seen if reason in EVIDENCE_REASONS} | {key for key, _ in seen[:1]}
    newest_first = dict.fromkeys(key for key, _ in reversed(seen) if key not in cited)
    surplus = Snapshot.objects.in_bulk(list(newest_first)[MAX_MONITORED:])
    evidence = _digests_in_evidence(link) if surplus else set()
    removed = 0
    for snapshot in surplus.values():
        is_used = LinkCheck.objects.filter(snapshot=snapshot).exclude(link=link).exists()
        if snapshot.digest in evidence or is_used:
            continue
        LinkCheck.objects.filter(snapshot=snapshot).update(snapshot=None)
        transaction.on_commit(partial(files.remove, _name_of(snapshot)))
        transaction.on_commit(partial(scan_texts.remove_unused, snapshot.scan))
        snapshot.delete()
        removed += 1
    return removed


def _digests_in_evidence(link: Link) -> set[str]:
    about = {"filing": link.entry.filing_id, "item": link.entry.item}
    lists = [
        *Mark.objects.filter(**about).values_list("evidence", flat=True),
        *Clarification.objects.filter(**about).values_list("evidence", flat=True),
    ]
    return {digest for each in lists for digest in each}


# --- reading


def read_stored(snapshot: Snapshot) -> bytes:
    """The file as it was stored. Raises ValueError or OSError when it is missing or was altered."""
    data = files.read_bytes(_name_of(snapshot))
    if hashlib.sha256(data).hexdigest() != snapshot.digest:
        raise ValueError("the file is not the one that was stored")
    return data


def open_snapshot(snapshot: Snapshot) -> links.Snapshot:
    """The stored response. Raises ValueError or OSError when the file is missing or was altered."""
    data = read_stored(snapshot)
    return links.read_wacz(data) if snapshot.package else links.read_warc(data)


@lru_cache(maxsize=_MAX_READ)
def snapshot_text(digest: str) -> str:
    """The text of a snapshot; "" when it cannot be read."""
    try:
        stored = open_snapshot(Snapshot.objects.get(digest=digest))
        headers = {name.lower(): value for name, value in stored.headers}
        return links.extract_text(stored.body, headers.get("content-type", ""))
    except (OSError, ValueError, Snapshot.DoesNotExist):
        return ""


def snapshot_lines(digest: str) -> list[tuple[str, str]]:
    """The lines of a snapshot, each with its mark (``links.extract_lines``); none when it cannot be read."""
    try:
        stored = open_snapshot(Snapshot.objects.get(digest=digest))
        headers = {name.lower(): value for name, value in stored.headers}
        return links.extract_lines(stored.body, headers.get("content-type", ""))
    except (OSError, ValueError, Snapshot.DoesNotExist):
        return []


def read_package(snapshot: Snapshot) -> bytes:
    """The file for whoever takes it away: with the log's proofs of its first and its last sighting, once there are any.
    Raises as ``read_stored``."""
    data = read_stored(snapshot)
    logged = list(snapshot.sightings.filter(batch__isnull=False).select_related("batch"))
    proofs = [proof for sighting in dict.fromkeys((*logged[:1], *logged[-1:])) if (proof := _prove(sighting))]
    if not snapshot.package or not proofs:
        return data
    try:
        return links.add_log(data, {"sightings": proofs})
    except ValueError:  # very many witnesses: the last one alone
        return links.add_log(data, {"sightings": proofs[-1:]})


# --- the public log


def has_unlogged_sightings() -> bool:
    return Sighting.objects.filter(batch=None).exists()


def log_sightings(lease: Lease) -> int:
    """Append one entry for all sightings that are in none, or several of them where there are very many. Returns how
    many sightings."""
    logged = 0
    while True:
        with lease.write():
            waiting = list(Sighting.objects.select_for_update().filter(batch=None).order_by("id")[:MAX_BATCH])
            if not waiting:
                return logged
            root = merkle.compute_root([_leaf_of(sighting) for sighting in waiting]).hex()
            key = base64.b64encode(public_key()).decode()
            entry = append_entry(kind="snapshots", data={"digest": root, "size": len(waiting), "signing_key": key})
            batch = SnapshotBatch.objects.create(entry=entry.index, size=len(waiting), root=root)
            for start in range(0, len(waiting), _ROWS_A_QUERY):
                keys = [sighting.pk for sighting in waiting[start : start + _ROWS_A_QUERY]]
                Sighting.objects.filter(pk__in=keys).update(batch=batch)
        logged += len(waiting)


def _leaf_of(sighting: Sighting) -> bytes:
    return sighting_leaf(sighting.package, _stamp(sighting))


def _stamp(sighting: Sighting) -> str:
    return sighting.at.astimezone(datetime.UTC).isoformat(timespec="seconds")


@lru_cache(maxsize=4)
def _leaves_of(batch_id: int) -> tuple[bytes, ...]:
    """The leaves of a batch: they never change."""
    return tuple(_leaf_of(sighting) for sighting in Sighting.objects.filter(batch=batch_id).order_by("id"))


def _prove(sighting: Sighting) -> dict[str, Any] | None:
    """What shows that a sighting stands in the log; None while no signed state covers it."""
    assert sighting.batch is not None
    proof = prove_entry(sighting.batch.entry)
    if proof is None:
        return None
    position = Sighting.objects.filter(batch=sighting.batch, pk__lt=sighting.pk).count()
    path = merkle.prove_inclusion(_leaves_of(sighting.batch.pk), position)
    return {
        "at": _stamp(sighting),
        "entry": LogEntry.objects.get(index=sighting.batch.entry).content,
        "position": position,
        "path": [base64.b64encode(h).decode() for h in path],
        "proof": str(proof),
    }
