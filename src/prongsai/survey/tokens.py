"""The right to answer, without a name: who was invited exchanges an invitation number for a token, once, and answers
with the token, whenever they like.

The device makes the token and blinds it; here it is signed without being seen (``blind_signatures.py``). The number is
known at the exchange, the token when an answer comes; nothing leads from one to the other, for whoever has the
database, its copies, the keys and everything that was ever sent. Each channel has a key of its own, so that a token is good for
one agency, one survey and one round. Cards (``codes.py``) remain for who has no device.
"""

import base64
import binascii
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from prongsai.machines.keys import create_key_file, read_key_file
from prongsai.people.actions import DomainError
from prongsai.survey import codes
from prongsai.survey.blind_signatures import EXPONENT, KEY_BITS, PREFIX_BYTES, create_key, is_valid, sign_blinded
from prongsai.survey.models import Channel, Invitation, TokenKey

MESSAGE = b"prongsai token 1\0"  # before the channel's slug; the random prefix makes each token another
TOKEN_BYTES = PREFIX_BYTES + KEY_BITS // 8
FINGERPRINT_LENGTH = 16  # of a key, printed on each invitation: 80 bits
NUMBER_LENGTH = codes.CODE_LENGTH  # of an invitation
_KEY_FILE = "tokens.json"
_NONCE_BYTES = 12


class InvalidInvitationError(Exception):
    """An invitation number that is unknown, or was exchanged for another token."""


# --- keys


def ensure_key(channel: Channel) -> TokenKey:
    """The key of a channel, created when it is first needed. Raises DomainError where the key folder is not there."""
    if found := TokenKey.objects.filter(channel=channel).first():
        return found
    key = create_key()
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    nonce = secrets.token_bytes(_NONCE_BYTES)
    try:
        stored = create_key_file(_KEY_FILE, {"secret": AESGCM.generate_key(256).hex()})
    except OSError as error:
        raise DomainError(f"สร้างกุญแจลงนามสิทธิ์ตอบไม่ได้: {error}") from error
    private_key = nonce + AESGCM(bytes.fromhex(stored["secret"])).encrypt(nonce, der, channel.slug.encode())
    modulus = f"{key.public_key().public_numbers().n:x}"
    return TokenKey.objects.get_or_create(channel=channel, defaults={"modulus": modulus, "private_key": private_key})[0]


def _open_private_key(key: TokenKey, slug: str) -> rsa.RSAPrivateKey:
    """Raises DomainError where the key folder is another one, or after the seal."""
    stored, content = read_key_file(_KEY_FILE), bytes(key.private_key)
    try:
        if stored is None:
            raise InvalidTag
        cipher = AESGCM(bytes.fromhex(stored["secret"]))
        der = cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], slug.encode())
    except (InvalidTag, ValueError) as error:
        raise DomainError("ไม่พบกุญแจลงนามของแบบวัดนี้ในโฟลเดอร์ keys คืนโฟลเดอร์นั้น หรือเปลี่ยนช่องทางใหม่แล้วออกคำเชิญใหม่") from error
    private = serialization.load_der_private_key(der, password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return private


def destroy_keys(round_id: int) -> None:
    """Nothing more is signed for a round: its private halves are deleted, so that nobody forges a token afterwards."""
    TokenKey.objects.filter(channel__round=round_id).update(private_key=b"")


def fingerprint(modulus: str) -> str:
    """What an invitation says of the key that signs, so that nobody is handed a key of their own that would mark
    them."""
    digest = hashlib.sha256(bytes.fromhex(modulus)).digest()
    bits = int.from_bytes(digest) >> (256 - FINGERPRINT_LENGTH * codes.BITS_PER_CHARACTER)
    shifts = range((FINGERPRINT_LENGTH - 1) * codes.BITS_PER_CHARACTER, -1, -codes.BITS_PER_CHARACTER)
    return "".join(codes.ALPHABET[bits >> shift & 31] for shift in shifts)


# --- the exchange


def exchange_invitation(*, channel: Channel, number: str, blinded: bytes) -> bytes:
    """Sign a blinded message for an invitation, once; the same message for the same number again gives the same
    signature, for who lost the answer. Raises InvalidInvitationError, BlindSignatureError and DomainError."""
    digest = codes.digest_code("invitation", codes.normalize_code(number))
    asked = hashlib.sha256(blinded).hexdigest()
    invitation = Invitation.objects.filter(digest=digest, channel=channel.pk)
    key = TokenKey.objects.filter(channel=channel.pk).first()
    if key is None or not invitation.filter(blinded__in=("", asked)).exists():
        raise InvalidInvitationError
    signature = sign_blinded(blinded, _open_private_key(key, channel.slug))
    invitation.filter(blinded="").update(blinded=asked)
    if not invitation.filter(blinded=asked).exists():  # somebody was quicker with another message, or it was withdrawn
        raise InvalidInvitationError
    return signature


# --- the token


def read_token(text: str, *, channel_id: int, slug: str) -> str | None:
    """The digest of a token as a form posts it; None when it is none of this channel. The digest is of what was signed,
    not of the signature: one signature is one token, however it is padded."""
    try:
        content = base64.urlsafe_b64decode(text.encode("ascii"))
    except (ValueError, binascii.Error):
        return None
    modulus = TokenKey.objects.filter(channel=channel_id).values_list("modulus", flat=True).first()
    if modulus is None or len(content) != TOKEN_BYTES:
        return None
    prefix, signature = content[:PREFIX_BYTES], content[PREFIX_BYTES:]
    public = rsa.RSAPublicNumbers(EXPONENT, int(modulus, 16)).public_key()
    if not is_valid(prefix + MESSAGE + slug.encode(), signature, public):
        return None
    return codes.digest_code("token", prefix.hex())
