"""A private key split among institutions (Shamir), and the files that they keep.

A share is a point of a polynomial over a prime field whose value at zero is the key; its other coefficients are drawn
at random. ``threshold`` points determine it, and any fewer fit every key equally well: who holds fewer knows nothing.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

PRIME = 2**256 + 297  # the smallest above every key of 32 bytes
KEY_BYTES, SHARE_BYTES, CHECKSUM_LETTERS = 32, 33, 8
MAX_HOLDERS = 20
_TITLE = "prongsai key share 1"
_LINE = re.compile(r"([a-z ]{1,20}): ?(.{0,300})")


class ShareError(ValueError):
    """A file is no share, or shares do not open a key; in Thai."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One institution's part of a private key, and all that tells which key it opens with whom."""

    assessment: str
    fiscal_year: int
    public_key: str
    holder: str
    number: int
    holders: int
    threshold: int
    value: int


def split_secret(secret: bytes, *, holders: int, threshold: int) -> list[int]:
    """The values at 1 to ``holders`` of a random polynomial through the secret."""
    if not 1 <= threshold <= holders <= MAX_HOLDERS:
        raise ShareError(f"จำนวนส่วนต้องอยู่ระหว่าง 1 ถึง {MAX_HOLDERS} และจำนวนที่ต้องใช้เปิดต้องไม่เกินจำนวนส่วน")
    coefficients = [int.from_bytes(secret), *(secrets.randbelow(PRIME) for _ in range(threshold - 1))]
    values = []
    for x in range(1, holders + 1):
        value = 0
        for coefficient in reversed(coefficients):
            value = (value * x + coefficient) % PRIME
        values.append(value)
    return values


def join_secret(points: Mapping[int, int]) -> bytes:
    """The secret from as many points (number to value) as its threshold. Raises OverflowError when they are points of
    no key; points of another key give another secret."""
    secret = 0
    for x, value in points.items():
        above, below = 1, 1
        for other in points:
            if other != x:
                above = above * other % PRIME
                below = below * (other - x) % PRIME
        secret += value * above * pow(below, -1, PRIME)
    return (secret % PRIME).to_bytes(KEY_BYTES)


def join_shares(shares: Sequence[Share], public_key_of: Callable[[bytes], str]) -> bytes:
    """The private key that some of the shares give together. More than needed are tried in every combination, so that
    one that is wrong does no harm beside enough that are right. Raises ShareError."""
    if not shares:
        raise ShareError("ไม่มีไฟล์ส่วนของกุญแจ")
    first = shares[0]
    if any(_key_of(s) != _key_of(first) for s in shares):
        raise ShareError("ไฟล์เหล่านี้เป็นส่วนของกุญแจคนละดอก หรือคนละปี ใช้ร่วมกันไม่ได้")
    points = {s.number: s for s in shares}
    if len(points) < first.threshold:
        missing = first.threshold - len(points)
        raise ShareError(f"ต้องใช้ {first.threshold} ส่วนจาก {first.holders} มี {len(points)} ส่วน ขาดอีก {missing}")
    for some in combinations(points.values(), first.threshold):
        try:
            secret = join_secret({s.number: s.value for s in some})
        except OverflowError:
            continue
        if public_key_of(secret) == first.public_key:
            return secret
    names = " ".join(s.holder for s in points.values())
    raise ShareError(f"ส่วนของกุญแจครบจำนวนแต่ประกอบกันแล้วไม่ใช่กุญแจนี้ มีส่วนที่ถูกแก้ ขอส่วนจากสถาบันอื่นมาเพิ่ม: {names}")


def _key_of(share: Share) -> tuple[str, int, str, int, int]:
    return share.assessment, share.fiscal_year, share.public_key, share.holders, share.threshold


# --- files


def write_share(share: Share) -> str:
    """A share as a text that can be printed, and typed in again: its checksum notices a wrong letter."""
    digits = f"{share.value:0{2 * SHARE_BYTES}x}"
    groups = " ".join(digits[i : i + 6] for i in range(0, len(digits), 6))
    lines = {
        "assessment": share.assessment,
        "fiscal year": str(share.fiscal_year),
        "public key": share.public_key,
        "holder": share.holder,
        "share": f"{share.number} of {share.holders}",
        "needed": str(share.threshold),
        "value": groups,
    }
    explanation = (
        f"# ส่วนที่ {share.number} จาก {share.holders} ของกุญแจเปิดคำตอบแบบวัด ผู้ถือ: {share.holder}\n"
        f"# เปิดได้เมื่อ {share.threshold} ส่วนมาอยู่ด้วยกัน ส่วนเดียวไม่บอกอะไร เก็บไว้นอกเครือข่าย แยกจากส่วนอื่น\n"
        "# เมื่อปิดผนึกคำตอบ นำไฟล์นี้มาที่เครื่องแม่ข่าย แล้วเก็บกลับ ห้ามส่งทางอีเมลหรือแชต\n"
    )
    body = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return f"{_TITLE}\n{explanation}{body}checksum: {_checksum(lines)}\n"


def read_share(text: str) -> Share:
    """The share in a text. Raises ShareError, which says what is wrong with it."""
    if not text.lstrip("\ufeff").startswith(_TITLE):
        raise ShareError(f"ไม่ใช่ไฟล์ส่วนของกุญแจ บรรทัดแรกต้องเป็น {_TITLE}")
    found = (_LINE.fullmatch(line.strip()) for line in text.split("\n")[1:])
    lines = {match[1]: match[2].strip() for match in found if match}
    checksum = lines.pop("checksum", "")
    if not secrets.compare_digest(checksum.encode(), _checksum(lines).encode()):
        raise ShareError("ไฟล์ส่วนของกุญแจเสียหายหรือพิมพ์ผิด เลขตรวจท้ายไฟล์ไม่ตรง")
    try:
        number, holders = (int(n) for n in lines["share"].split(" of "))
        share = Share(
            assessment=lines["assessment"],
            fiscal_year=int(lines["fiscal year"]),
            public_key=lines["public key"],
            holder=lines["holder"],
            number=number,
            holders=holders,
            threshold=int(lines["needed"]),
            value=int(lines["value"].replace(" ", ""), 16),
        )
    except (KeyError, ValueError) as error:
        raise ShareError("ไฟล์ส่วนของกุญแจขาดบางบรรทัด") from error
    if not (1 <= share.number <= share.holders <= MAX_HOLDERS and 1 <= share.threshold <= share.holders):
        raise ShareError("ไฟล์ส่วนของกุญแจมีจำนวนที่เป็นไปไม่ได้")
    return share


def _checksum(lines: Mapping[str, str]) -> str:
    text = "\n".join(f"{name}: {''.join(value.split())}" for name, value in sorted(lines.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:CHECKSUM_LETTERS]
