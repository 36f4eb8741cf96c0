"""Signed notes, checkpoints and cosignatures, in the formats of C2SP (signed-note, tlog-checkpoint, tlog-cosignature).

A note is a text that ends in a newline, an empty line, and a line for each signature. A checkpoint is a note whose text
is the origin of a log, its size and the root of its tree. A signature by an unknown key says nothing and is ignored.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from prongsai.lib.merkle import HASH_BYTES

ED25519, COSIGNATURE = 1, 4  # kinds of keys
_SIGNATURE_LINE = "\N{EM DASH} "
_MAX_NOTE_BYTES = 100_000
_MAX_SIGNATURES = 100
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")


class NoteError(ValueError):
    """A text is no signed note, no checkpoint, or no key; the message says which, in Thai."""


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class VerifierKey:
    """The public key of a log (``ED25519``) or of a witness (``COSIGNATURE``), under its name."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return _key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read ``name+id+key``. Raises NoteError."""
        name, _, rest = text.strip().partition("+")
        stated, _, encoded = rest.partition("+")
        try:
            data = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):  # no base64; not even ASCII
            data = b""
        if not _NAME.fullmatch(name) or len(data) != 33 or data[0] not in (ED25519, COSIGNATURE):
            raise NoteError("ไม่ใช่กุญแจสาธารณะของบันทึกสาธารณะ (ชื่อ+รหัส+กุญแจ)")
        key = cls(name, data[0], data[1:])
        if key.id.hex() != stated:
            raise NoteError(f"กุญแจของ {name} พิมพ์ผิด: รหัสในกุญแจไม่ตรงกับตัวกุญแจ")
        return key


@dataclass(frozen=True)
class Signer:
    """A private key under its name."""

    name: str
    secret: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.secret.public_key().public_bytes_raw()

    @property
    def key(self) -> VerifierKey:
        """What verifies its signatures of notes."""
        return VerifierKey(self.name, ED25519, self.public)

    @property
    def cosigner_key(self) -> VerifierKey:
        """What verifies its cosignatures."""
        return VerifierKey(self.name, COSIGNATURE, self.public)

    def sign(self, text: str) -> str:
        """A note of the text, signed."""
        return f"{text}\n{_write_line(self.key, self.secret.sign(text.encode()))}"

    def cosign(self, text: str, at: int) -> str:
        """The signature line of a witness that saw the text of a checkpoint, at a time in seconds since 1970."""
        signature = self.secret.sign(_cosigned_message(text, at))
        return _write_line(self.cosigner_key, at.to_bytes(8, "big") + signature)


def _write_line(key: VerifierKey, signature: bytes) -> str:
    return f"{_SIGNATURE_LINE}{key.name} {base64.b64encode(key.id + signature).decode()}\n"


def _cosigned_message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


@dataclass(frozen=True)
class SignatureLine:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    text: str
    signatures: tuple[SignatureLine, ...]


def parse_note(note: str) -> Note:
    """Split a note into its text and its signatures, without verifying any. Raises NoteError."""
    text, separator, lines = note.rpartition("\n\n")
    if len(note.encode()) > _MAX_NOTE_BYTES or not separator or not lines.endswith("\n"):
        raise NoteError("ไม่ใช่ข้อความที่ลงนามไว้")
    signatures = tuple(_parse_line(line) for line in lines.removesuffix("\n").split("\n"))
    if len(signatures) > _MAX_SIGNATURES:
        raise NoteError("มีลายเซ็นมากเกินไป")
    return Note(f"{text}\n", signatures)


def _parse_line(line: str) -> SignatureLine:
    name, _, encoded = line.removeprefix(_SIGNATURE_LINE).partition(" ")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not line.startswith(_SIGNATURE_LINE) or not _NAME.fullmatch(name) or len(data) < 5:
        raise NoteError("บรรทัดลายเซ็นผิดรูป")
    return SignatureLine(name, data[:4], data[4:])


def is_signed_by(note: Note, key: VerifierKey) -> bool:
    """Whether the note carries a valid signature, or cosignature, of a key. A line under its name and id that is not
    valid spoils the note: such a line is a forgery or damage, never chance."""
    lines = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.id)]
    return bool(lines) and all(_is_valid(line, note.text, key) for line in lines)


def _is_valid(line: SignatureLine, text: str, key: VerifierKey) -> bool:
    if key.kind == COSIGNATURE:
        at, signature = int.from_bytes(line.signature[:8], "big"), line.signature[8:]
        message = _cosigned_message(text, at)
    else:
        signature, message = line.signature, text.encode()
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def find_signers(note: Note, keys: Iterable[VerifierKey]) -> list[str]:
    """The names of the keys that signed a note, each once."""
    return list(dict.fromkeys(key.name for key in keys if is_signed_by(note, key)))


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: so many entries, under that root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint; lines beyond the third are extensions, and ignored. Raises NoteError."""
        origin, size, root, *_ = [*text.split("\n"), "", "", ""]
        try:
            decoded = base64.b64decode(root, validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        is_number = size.isascii() and size.isdecimal() and len(size) < 20 and size == str(int(size))
        if not origin or not is_number or len(decoded) != HASH_BYTES:
            raise NoteError("ไม่ใช่จุดยืนยัน (checkpoint) ของบันทึกสาธารณะ")
        return cls(origin, int(size), decoded)
