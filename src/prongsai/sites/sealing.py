"""Complaints sealed: to the key of those who handle them, and to the key that the sender's secret gives.

The sender's secret is drawn here, shown once and stored nowhere. The private halves of agencies' keys lie in the key
folder: a copy of the database opens nothing. ``docs/decisions/0050`` says what that protects from, and what not.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.utils import timezone

from prongsai.lib import sealed_box
from prongsai.lib.sealed_box import UnopenableError
from prongsai.machines.keys import create_key_file, read_key_file
from prongsai.people.actions import DomainError
from prongsai.registry.models import Agency, Assessment
from prongsai.sites.models import Attachment, ChannelKey, Complaint, Message

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is taken for another when it is read out
SECRET_LETTERS = 24  # 118 bits: as hard to guess as a key
GROUP = 4
_SENDER = "prongsai sender 1"
# bytes; what is shorter than a multiple is filled up: whoever has a file that may have been sent compares lengths
_BLOCK, _PICTURE_BLOCK = 4096, 131_072


@dataclass(frozen=True)
class Written:
    """A message that was opened. ``pages`` are the positions of its pictures."""

    message: Message
    text: str
    pages: tuple[int, ...]


def draw_letters(number: int) -> str:
    """So many letters that nobody can guess."""
    return "".join(secrets.choice(LETTERS) for _ in range(number))


def draw_secret() -> str:
    """A sender's secret."""
    return draw_letters(SECRET_LETTERS)


def group_letters(letters: str) -> str:
    """Letters as they are read out: "k7m2-9qxd"."""
    return "-".join(letters[i : i + GROUP] for i in range(0, len(letters), GROUP))


def read_letters(typed: str) -> str:
    """Letters as somebody typed them, without what separates them."""
    return "".join(c for c in typed.lower()[:200] if c in LETTERS)


def derive_sender_key(secret: str) -> X25519PrivateKey:
    """The private key of a sender."""
    return sealed_box.derive_key(secret, _SENDER)


# --- keys of those who handle complaints


def ensure_key(*, assessment: Assessment, agency: Agency | None) -> ChannelKey:
    """The key of an agency, or without one of the office; created where there is none. Raises ForeignKeysError where
    the key folder is not there."""
    found = ChannelKey.objects.filter(assessment=assessment, agency=agency).first()
    if found:
        return found
    private = X25519PrivateKey.generate()
    public = sealed_box.write_public_key(private)
    create_key_file(_file_of(public), {"public": public, "secret": private.private_bytes_raw().hex()})
    return ChannelKey.objects.get_or_create(
        assessment=assessment, agency=agency, defaults={"public_key": public, "created_on": timezone.localdate()}
    )[0]


def find_key_of(complaint: Complaint) -> ChannelKey:
    """The key of those who handle a complaint now."""
    is_office = complaint.tier == Complaint.Tier.OFFICE
    agency = complaint.agency
    return ensure_key(assessment=agency.assessment, agency=None if is_office else agency)


def _read_private(key: ChannelKey) -> X25519PrivateKey:
    stored = read_key_file(_file_of(key.public_key))
    if stored is None:
        raise DomainError("ไม่พบกุญแจของช่องทางร้องเรียนในเครื่องแม่ข่ายนี้ แจ้งผู้ดูแลระบบ ข้อความเดิมยังอยู่และยังเข้ารหัสอยู่")
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(stored["secret"]))


def _file_of(public_key: str) -> str:
    return f"channel-{public_key[:16]}.json"


# --- messages


def seal_message(message: Message, text: str, pages: Sequence[bytes] = ()) -> list[Attachment]:
    """Fill in what a new message of a complaint says, and return its pictures, to be stored after it."""
    key = message.sealed_to
    readers = [key.public_key]
    if message.kind != Message.Kind.NOTE:
        readers.append(message.complaint.sender_key)
    content = json.dumps({"text": text, "pages": len(pages)}, ensure_ascii=False).encode()
    sealed = sealed_box.seal_parts(
        [content, *pages], readers, _purpose(message), block=_BLOCK, block_of_more=_PICTURE_BLOCK
    )
    message.content, message.handler_box = sealed.parts[0], sealed.boxes[0]
    message.sender_box = sealed.boxes[1] if len(sealed.boxes) > 1 else None
    return [Attachment(message=message, position=n, content=part) for n, part in enumerate(sealed.parts) if n]


def open_for_handler(message: Message) -> Written:
    """A message, by the agency's or the office's key. Raises DomainError where the key is not here, and
    UnopenableError for what was altered."""
    return _open(message, bytes(message.handler_box), _read_private(message.sealed_to))


def open_for_sender(message: Message, key: X25519PrivateKey) -> Written:
    """A message, by the sender's key. Raises UnopenableError."""
    if message.sender_box is None:
        raise UnopenableError
    return _open(message, bytes(message.sender_box), key)


def open_picture(attachment: Attachment) -> bytes:
    """A picture, for those who handle the complaint. Raises as ``open_for_handler``."""
    message = attachment.message
    box, private = bytes(message.handler_box), _read_private(message.sealed_to)
    return sealed_box.open_part(bytes(attachment.content), attachment.position, box, private, _purpose(message))


def hand_over(message: Message, key: ChannelKey) -> None:
    """Have another key open a message in place of the present one; the content stays as it is."""
    content_key = sealed_box.unseal(bytes(message.handler_box), _read_private(message.sealed_to), _purpose(message))
    message.handler_box = sealed_box.seal(content_key, key.public_key, _purpose(message))
    message.sealed_to = key
    message.save(update_fields=["handler_box", "sealed_to"])


def _open(message: Message, box: bytes, key: X25519PrivateKey) -> Written:
    opened = json.loads(sealed_box.open_part(bytes(message.content), 0, box, key, _purpose(message)))
    return Written(message, str(opened["text"]), tuple(range(1, int(opened["pages"]) + 1)))


def _purpose(message: Message) -> str:
    """What a box is for: it opens in its place alone, so that nobody moves it into another complaint."""
    return f"prongsai complaint 1 {message.complaint.number} {message.position} {message.kind}"
