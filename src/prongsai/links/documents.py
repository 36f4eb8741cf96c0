"""One document behind an address, for a person who waits for it: guarded as a check is, within one time for all of it.

What a browser would show instead of the document (a page to sign in, "not found" in words) is refused and not read.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from prongsai.links.addresses import InvalidAddress, parse_address
from prongsai.links.model import HARMLESS, Observation, Policy, Target
from prongsai.links.scheduler import check_targets_async
from prongsai.links.wording import describe_code, describe_state

SECONDS = 40.0  # for names, redirects, robots.txt and the document together
_MAX_BYTES = 20_000_000
_MAX_REDIRECTS = 5
_LONGEST_SUFFIX = 8
_BY_HAND = "เปิดหน้านั้นในเบราว์เซอร์ บันทึกเป็นไฟล์ แล้วส่งไฟล์แทน"


class DocumentError(Exception):
    """There is no document to read behind an address: why, and what to do, in Thai."""


@dataclass(frozen=True)
class Document:
    """What an address led to: the bytes, whole; the address after redirects; the suffix that its name ends with, or
    "" where that is none of a file."""

    body: bytes
    url: str
    suffix: str


def fetch_document(text: str, policy: Policy, *, max_bytes: int = _MAX_BYTES, seconds: float = SECONDS) -> Document:
    """The document behind an address that a person typed. Raises DocumentError."""
    address = parse_address(text)
    if isinstance(address, InvalidAddress):
        raise DocumentError(" ".join(describe_code(code) for code in address.codes))
    policy = replace(
        policy,
        max_body_bytes=max_bytes,
        max_redirects=min(policy.max_redirects, _MAX_REDIRECTS),
        pause_seconds=min(policy.pause_seconds, 0.2),  # one page, as a browser asks for it
    )
    try:
        observation = asyncio.run(_observe(Target("document", address.url, keep_body=True), policy, seconds))
    except TimeoutError as error:
        raise DocumentError(f"เว็บไซต์ส่งเอกสารไม่เสร็จใน {seconds:.0f} วินาที {_BY_HAND}") from error
    return _document_of(observation)


def observe_page(url: str, policy: Policy, *, seconds: float = SECONDS) -> Observation | None:
    """One check of an address in canonical form, with what it served; None when time is up."""
    policy = replace(policy, pause_seconds=min(policy.pause_seconds, 0.2))
    try:
        return asyncio.run(_observe(Target("page", url, keep_body=True), policy, seconds))
    except TimeoutError:
        return None


async def _observe(target: Target, policy: Policy, seconds: float) -> Observation:
    async with asyncio.timeout(seconds), aclosing(check_targets_async([target], policy)) as observations:
        return await anext(observations)


def _document_of(observation: Observation) -> Document:
    if observation.state not in HARMLESS | {"slow"}:
        reason = describe_code(observation.error) if observation.error else describe_state(observation.state)
        raise DocumentError(f"เปิดที่อยู่นี้ไม่ได้: {reason} {_BY_HAND}")
    if not observation.body:
        raise DocumentError(f"ที่อยู่นี้ไม่ใช่เอกสาร ว่างเปล่า หรือใหญ่เกินที่รับได้ {_BY_HAND}")
    if "cut" in observation.notes:
        raise DocumentError(f"เอกสารใหญ่เกินที่รับได้ {_BY_HAND} เฉพาะส่วนที่มีคะแนน")
    if "broken_off_body" in observation.notes:
        raise DocumentError("เว็บไซต์ส่งเอกสารมาไม่ครบ ลองอีกครั้ง หรือบันทึกเป็นไฟล์แล้วส่งไฟล์แทน")
    url = observation.final_url or observation.url
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    is_one = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= _LONGEST_SUFFIX
    return Document(observation.body, url, suffix if is_one else "")
