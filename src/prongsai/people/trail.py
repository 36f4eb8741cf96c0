"""The audit trail as a chain that the database's owner cannot forge: each digest is made with a key that lies in the
key folder, outside the database; the head of the chain is noted there too, and mailed to the auditors once a day.

Entries of the versions before are chained by plain digests. The key remembers how many there were and with which digest
they ended, and an entry says that the key begins there: they cannot be rewritten any more either, and an entry without
a key cannot follow one with it."""

import hashlib
import hmac
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date
from pathlib import Path
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from prongsai.lib import digest
from prongsai.machines.keys import create_key_file, key_folder, read_key_file, require_same_keys
from prongsai.people.models import AuditEntry, AuditHead, User
from prongsai.people.roles import Role

log = logging.getLogger("prongsai.people")

GENESIS_DIGEST = "0" * 64  # the "previous" of the first entry
SYSTEM_ACTOR = "ระบบ"
KEY_BEGINS = "people.trail_key"  # the action of the entry that says from where on there is a key


# --- the key


@dataclass(frozen=True)
class TrailKey:
    """The key of an installation, and the end of the chain before it: so many entries, the last with that digest."""

    id: str
    secret: bytes
    entries: int
    head: str


_KEY_FILE = "audit-trail.json"


def read_key() -> TrailKey | None:
    stored = read_key_file(_KEY_FILE)
    return _key_of(stored) if stored else None


def _create_key(head: AuditHead) -> TrailKey:
    """The key, from the present head on. The caller holds the head's lock, so that nobody else creates one.
    Raises ForeignKeysError where the folder of this machine is not that of the others."""
    require_same_keys()
    secret = secrets.token_bytes(32)
    key_id = hashlib.sha256(b"prongsai trail" + secret).hexdigest()[:16]
    content = {"id": key_id, "secret": secret.hex(), "entries": head.entries, "head": head.digest}
    return _key_of(create_key_file(_KEY_FILE, content))


def _key_of(stored: Mapping[str, Any]) -> TrailKey:
    return TrailKey(stored["id"], bytes.fromhex(stored["secret"]), stored["entries"], stored["head"])


# --- writing


def log_audit(
    *, by: User | None, action: str, subject: str, agency: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Add an entry to the audit trail, in the caller's transaction: the action and its entry succeed or fail together.

    ``by=None`` is the system itself. ``action`` is "room.verb"; ``agency`` the code of the agency it is about."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get_or_create(id=1, defaults={"digest": GENESIS_DIGEST})[0]
        key = read_key() or _create_key(head)
        if head.entries == key.entries > 0:
            begins = AuditEntry(by=SYSTEM_ACTOR, action=KEY_BEGINS, subject="บันทึกการใช้งาน")
            begins.detail = {"entries": key.entries, "head": key.head}
            _append(begins, head, key)
        entry = AuditEntry(by=f"{by.pk} {by.name}" if by else SYSTEM_ACTOR, action=action, subject=subject[:200])
        entry.agency, entry.detail = agency, detail or {}
        _append(entry, head, key)
        head.save()
    return entry


def _append(entry: AuditEntry, head: AuditHead, key: TrailKey) -> None:
    entry.at, entry.previous, entry.key_id = timezone.now(), head.digest, key.id
    entry.digest = compute_entry_digest(entry, key.secret)
    entry.save(force_insert=True)
    head.digest, head.entries = entry.digest, head.entries + 1


def compute_entry_digest(entry: AuditEntry, secret: bytes | None = None) -> str:
    """SHA-256 of an entry's fields and the digest of the entry before it; with a key, HMAC of the same."""
    at = entry.at.astimezone(UTC).isoformat()
    fields = [at, entry.by, entry.action, entry.subject, entry.agency, entry.detail, entry.previous]
    if secret is None:
        return digest.of_json(fields)
    return hmac.new(secret, digest.of_json([*fields, entry.key_id]).encode(), hashlib.sha256).hexdigest()


# --- anchors


@dataclass(frozen=True)
class Anchor:
    """A head of the chain, noted outside the database: after so many entries, that digest."""

    at: str  # ISO, UTC
    entries: int
    head: str


ANCHOR_HOOKS: list[Callable[[Anchor], None]] = []  # called with each day's anchor: a public log, for instance


def _anchor_file() -> Path:
    return key_folder() / "audit-trail-anchors.jsonl"


def read_anchors(path: Path | None = None) -> list[Anchor]:
    """The heads noted in the key folder, or in a file kept elsewhere; oldest first. Raises ValueError."""
    path = path or _anchor_file()
    if path == _anchor_file() and not path.is_file():
        return []
    anchors = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            stored = json.loads(line)
            anchors.append(Anchor(str(stored["at"]), int(stored["entries"]), str(stored["head"])))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} บรรทัดที่ {number} ไม่ใช่รหัสท้ายสุดที่ระบบจดไว้") from error
    return anchors


def is_head_unnoted() -> bool:
    """Whether the present head does not stand in the key folder yet."""
    head, noted = AuditHead.objects.filter(id=1).first(), read_anchors()
    return head is not None and (not noted or (noted[-1].entries, noted[-1].head) != (head.entries, head.digest))


def note_head() -> Anchor | None:
    """Note the present head in the key folder, unless it stands there already."""
    head = AuditHead.objects.filter(id=1).first()
    if head is None:
        return None
    anchor = Anchor(timezone.now().astimezone(UTC).isoformat(timespec="seconds"), head.entries, head.digest)
    if is_head_unnoted():
        descriptor = os.open(_anchor_file(), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with open(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(anchor)) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return anchor


def anchor_day(*, on: date) -> Anchor | None:
    """Send the head of a day out of the house: to every auditor of the installation by mail, and to the hooks. Once a
    day, whoever calls it how often."""
    marker = key_folder() / "audit-trail-mailed"
    if marker.is_file() and marker.read_text(encoding="ascii") >= on.isoformat():
        return None
    anchor = note_head()
    if anchor is None:
        return None
    auditors = list(User.objects.filter(role=Role.AUDITOR, is_active=True).values_list("email", flat=True))
    for address in auditors:
        send_mail("[โปร่งใส] รหัสท้ายสุดของบันทึกการใช้งาน", describe_anchor(anchor), None, [address])
    for hook in ANCHOR_HOOKS:
        hook(anchor)
    marker.write_text(on.isoformat(), encoding="ascii")
    return anchor


def describe_anchor(anchor: Anchor) -> str:
    """The mail to an auditor; its last line is a line of a file for ``prongsai trail verify --anchors``."""
    return (
        f"บันทึกการใช้งานของระบบมี {anchor.entries:,} รายการ ลงท้ายด้วยรหัส\n{anchor.head}\n\n"
        "โปรดเก็บจดหมายนี้ไว้ หากมีผู้แก้ไขหรือตัดบันทึกย้อนหลัง แม้เป็นผู้ดูแลฐานข้อมูลเอง รหัสนี้จะไม่อยู่ในบันทึกอีก\n"
        "ตรวจได้โดยนำบรรทัดล่างนี้ของจดหมายทุกฉบับใส่ในไฟล์เดียว แล้วสั่ง prongsai trail verify --anchors ไฟล์\n\n"
        f"{json.dumps(asdict(anchor))}\n"
    )


# --- verifying


@dataclass(frozen=True)
class AuditTrailCheck:
    """The result of verifying the audit trail: ``problem`` says in Thai what is wrong, or is empty. ``head`` is the
    digest of the last entry; ``anchors`` how many heads noted outside the database were found in the chain, and
    ``notes`` what could not be checked, in Thai."""

    entries: int
    head: str
    problem: str
    anchors: int = 0
    notes: tuple[str, ...] = ()


@dataclass
class _Walk:
    """How far along the chain the verification is."""

    count: int = 0
    previous: str = GENESIS_DIGEST
    last_id: int = 0
    unverified: int = 0  # entries under a key that is no longer here


def verify_audit_trail(head: str | None = None, elsewhere: Iterable[Anchor] = ()) -> AuditTrailCheck:
    """Verify every digest of the chain, and that each head noted in the key folder stands in it where it stood.

    ``head``: a digest noted by hand, that must be in it; ``elsewhere``: anchors from mails, for instance."""
    walk, key = _Walk(), read_key()
    noted = [*read_anchors(), *elsewhere]
    stored = AuditHead.objects.filter(id=1).first()  # read before the entries: those added meanwhile are not verified
    wanted: dict[int, set[str]] = {key.entries: {key.head}} if key else {}
    for anchor in noted:
        wanted.setdefault(anchor.entries, set()).add(anchor.head)
    found = head is None
    problem = _check_anchors(walk, wanted)
    for entry in AuditEntry.objects.order_by("id")[: stored.entries if stored else None].iterator():
        if problem := problem or _check_entry(entry, walk, key):
            break
        walk.count, walk.previous, walk.last_id = walk.count + 1, entry.digest, entry.pk
        found = found or entry.digest == head
        problem = _check_anchors(walk, wanted)
    problem = problem or _check_end(walk, stored, wanted)
    if not problem and not found:
        problem = f"ไม่พบรายการ {head} ที่เคยจดไว้"
    notes = (f"{walk.unverified:,} รายการลงด้วยกุญแจที่ไม่มีในเครื่องนี้ ตรวจได้เพียงว่าเรียงต่อกันครบ",) if walk.unverified else ()
    return AuditTrailCheck(walk.count, walk.previous, problem, len(noted), notes)


def _check_entry(entry: AuditEntry, walk: _Walk, key: TrailKey | None) -> str:
    """What is wrong with the entry that comes next, in Thai, or nothing."""
    if entry.previous != walk.previous:
        return f"รายการที่ {entry.pk} ไม่ต่อจากรายการก่อนหน้า (มีรายการถูกนำออกหรือสลับ)"
    under_key = key is not None and walk.count >= key.entries
    if under_key and entry.key_id != key.id:  # type: ignore[union-attr]  # there is a key
        return f"รายการที่ {entry.pk} ไม่ได้ลงด้วยกุญแจของระบบ (ถูกเขียนใหม่จากนอกระบบ)"
    if entry.key_id is None:
        right = compute_entry_digest(entry)
    elif under_key:
        right = compute_entry_digest(entry, key.secret)  # type: ignore[union-attr]  # there is a key
    else:
        walk.unverified += 1
        return ""
    return "" if hmac.compare_digest(right, entry.digest) else f"รายการที่ {entry.pk} ถูกแก้ไขหลังบันทึก"


def _check_anchors(walk: _Walk, wanted: dict[int, set[str]]) -> str:
    for anchored in wanted.pop(walk.count, set()):
        if anchored != walk.previous:
            return f"รายการถึงลำดับที่ {walk.count:,} ถูกเขียนใหม่ ไม่ตรงกับรหัสท้ายสุดที่จดไว้นอกฐานข้อมูล"
    return ""


def _check_end(walk: _Walk, stored: AuditHead | None, wanted: dict[int, set[str]]) -> str:
    """What is wrong behind the last entry: entries cut off, or added beyond the head."""
    if stored and (stored.digest != walk.previous or stored.entries != walk.count):
        return f"รายการหลังรายการที่ {walk.last_id} หายไป (เคยมี {stored.entries} รายการ เหลือ {walk.count})"
    if wanted:
        return f"รายการท้ายหายไป: ที่จดไว้นอกฐานข้อมูลมี {max(wanted):,} รายการ เหลือ {walk.count:,}"
    with transaction.atomic():  # whoever writes holds the head's lock
        now = AuditHead.objects.select_for_update().filter(id=1).first()
        extra = AuditEntry.objects.count() - (now.entries if now else 0)
    if extra > 0:
        return f"มี {extra:,} รายการเกินจากรหัสท้ายสุด (ถูกเพิ่มจากนอกระบบ)"
    return ""
