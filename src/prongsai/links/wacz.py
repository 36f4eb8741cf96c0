"""One check as a signed WACZ file: https://specs.webrecorder.net/wacz/1.1.1/ and …/wacz-auth/0.1.0/.

A zip with the WARC, an index, a list of pages, and ``datapackage.json`` with the digest of each. The *package digest*,
SHA-256 of ``datapackage.json``, stands for all of it: it is what is signed, and what the public log lists. The
signature is the specification's anonymous one (ECDSA over P-384, as replay tools read it): whose key it is, the log
says.
"""

import base64
import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import urlsplit

from prongsai.links.archive import Snapshot, read_warc, write_warc
from prongsai.links.model import Observation

_WARC, _INDEX, _PAGES = "archive/data.warc.gz", "indexes/index.cdx", "pages/pages.jsonl"
_PACKAGE, _DIGEST = "datapackage.json", "datapackage-digest.json"
_SOFTWARE = "Prongsai"
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # times are in the records
_MAX_FILES = 20
_MAX_BYTES = 60_000_000  # of all files, unpacked
_HALF_SIGNATURE = 48  # bytes of r and of s

Sign = Callable[[bytes], bytes]  # a message -> its DER signature


@dataclass(frozen=True, slots=True)
class Package:
    """A WACZ file: its bytes, and the digest in hex that its signature covers."""

    data: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What a WACZ file says of itself. ``problems``: what does not match, in Thai; nothing else holds then.
    ``public_key``: that of the signature, in base64 (SPKI); ``log``: what the copy carries of the public log."""

    problems: tuple[str, ...] = ()
    package: str = ""
    public_key: str = ""
    created: str = ""
    url: str = ""
    observed_at: str = ""
    status: int = 0
    length: int = 0
    log: Any = None


# --- writing


def write_wacz(observation: Observation, *, public_key: bytes, sign: Sign, created: datetime) -> Package:
    """The check as a WACZ file. ``public_key``: DER (SPKI) of a P-384 key, with which ``sign`` signs by SHA-256.
    ValueError as ``write_warc``."""
    warc = write_warc(observation)
    url, stamp = observation.hops[-1].url, observation.observed_at.astimezone(UTC)
    entries = {
        _WARC: warc,
        _INDEX: _index_line(observation, url, stamp, warc),
        _PAGES: _page_lines(observation, url, stamp),
    }
    created_at = _iso(created)
    package = _encode(
        {
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "software": _SOFTWARE,
            "created": created_at,
            "title": observation.title or url,
            "mainPageUrl": url,
            "mainPageDate": _iso(stamp),
            "resources": [
                {"name": path.rpartition("/")[2], "path": path, "hash": _hash(data), "bytes": len(data)}
                for path, data in entries.items()
            ],
        }
    )
    signed = {
        "hash": _hash(package),
        "created": created_at,
        "software": _SOFTWARE,
        "version": "0.1.0",
        "signature": base64.b64encode(_to_raw(sign(_hash(package).encode()))).decode(),
        "publicKey": base64.b64encode(public_key).decode(),
    }
    digest = _encode({"path": _PACKAGE, "hash": _hash(package), "signedData": signed})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in (*entries.items(), (_PACKAGE, package), (_DIGEST, digest)):
            archive.writestr(zipfile.ZipInfo(path, _ZIP_EPOCH), data)
    return Package(out.getvalue(), hashlib.sha256(package).hexdigest())


def add_log(data: bytes, log: Any) -> bytes:
    """A copy of a WACZ file that carries what the public log says of it, as the comment of the zip: the package is
    unchanged, and no validator finds a file too many. ValueError where it is too long for a comment."""
    comment = json.dumps(log).encode()
    if len(comment) > zipfile.ZIP_MAX_COMMENT:
        raise ValueError("too long for the comment of a zip")
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = comment
    return out.getvalue()


def _index_line(observation: Observation, url: str, stamp: datetime, warc: bytes) -> bytes:
    """CDXJ, one line: the key for sorting, the time, and where the response is in the WARC (its first record)."""
    fields = {
        "url": url,
        "mime": observation.declared_type or observation.sniffed_type or "application/octet-stream",
        "status": str(observation.status),
        "digest": f"sha256:{observation.digest}",
        "length": str(_first_member_length(warc)),
        "offset": "0",
        "filename": "data.warc.gz",
    }
    return f"{_sort_key(url)} {stamp:%Y%m%d%H%M%S} {json.dumps(fields)}\n".encode()


def _first_member_length(warc: bytes) -> int:
    """How many bytes the first record has: each is a gzip member of its own."""
    member = zlib.decompressobj(31)
    member.decompress(warc)
    return len(warc) - len(member.unused_data)


def _sort_key(url: str) -> str:
    """SURT: the host from its end, then path and query. "th,go,example)/ita?a=1"."""
    parts = urlsplit(url)
    host = ",".join(reversed((parts.hostname or "").removeprefix("www.").split(".")))
    port = f":{parts.port}" if parts.port else ""
    return f"{host}{port}){parts.path or '/'}{f'?{parts.query}' if parts.query else ''}".lower().replace(" ", "%20")


def _page_lines(observation: Observation, url: str, stamp: datetime) -> bytes:
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
    page = {"id": "page", "url": url, "ts": _iso(stamp), "title": observation.title or url}
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in (head, page))


def _encode(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _hash(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _to_raw(signature: bytes) -> bytes:
    """r and s side by side, as browsers sign, from DER."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    return b"".join(number.to_bytes(_HALF_SIGNATURE, "big") for number in decode_dss_signature(signature))


# --- reading


def read_wacz(data: bytes) -> Snapshot:
    """The response in a WACZ file. ValueError when it has none, or when a digest in it does not match."""
    entries, _ = _open(io.BytesIO(data))
    if problems := _check_digests(entries):
        raise ValueError("; ".join(problems))
    return read_warc(entries[_WARC])


def _open(file: IO[bytes]) -> tuple[dict[str, bytes], bytes]:
    """All files of a WACZ, by path, and its comment. ValueError when it is no zip, repeats a name, or is too large."""
    try:
        with zipfile.ZipFile(file) as archive:
            listed = archive.infolist()
            names = [entry.filename for entry in listed]
            if len(names) > _MAX_FILES or len(set(names)) < len(names) or sum(e.file_size for e in listed) > _MAX_BYTES:
                raise ValueError("too many files, one name twice, or too large")
            return {name: archive.read(name) for name in names}, archive.comment
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise ValueError("not a complete zip") from error


def _check_digests(entries: dict[str, bytes]) -> list[str]:
    """Where files, package and digest differ; in Thai."""
    try:
        package, digest = json.loads(entries[_PACKAGE]), json.loads(entries[_DIGEST])
        listed = {str(resource["path"]): str(resource["hash"]) for resource in package["resources"]}
        problems = [
            f"{path} ไม่ตรงกับรหัสที่บันทึกไว้ หรือหายไป"
            for path, stated in listed.items()
            if path not in entries or _hash(entries[path]) != stated
        ]
        if unlisted := set(entries) - set(listed) - {_PACKAGE, _DIGEST}:
            problems.append(f"มีไฟล์ที่ไม่อยู่ในรายการ: {', '.join(sorted(unlisted))}")
        if _WARC not in listed:
            problems.append(f"ไม่มี {_WARC}")
        if not digest["hash"] == digest["signedData"]["hash"] == _hash(entries[_PACKAGE]):
            problems.append(f"{_PACKAGE} ไม่ตรงกับรหัสที่ลงนามไว้")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return ["ไม่ใช่ไฟล์ WACZ ที่ลงนามไว้ หรือผิดรูป"]
    return problems


def examine_wacz(file: IO[bytes]) -> Examination:
    """Check a file that anybody may have made: digests, signature, and the record itself. For the sandbox."""
    try:
        entries, comment = _open(file)
    except ValueError:
        return Examination(problems=("ไม่ใช่ไฟล์ WACZ หรือไฟล์ไม่ครบ",))
    if problems := _check_digests(entries):
        return Examination(problems=tuple(problems))
    signed = json.loads(entries[_DIGEST])["signedData"]
    if not _is_signed(signed):
        return Examination(problems=("ลายเซ็นไม่ถูกต้อง",))
    try:
        snapshot = read_warc(entries[_WARC])
        log = json.loads(comment) if comment else None
    except (ValueError, RecursionError):
        return Examination(problems=("สำเนาหน้าเว็บในไฟล์เสียหาย",))
    return Examination(
        package=hashlib.sha256(entries[_PACKAGE]).hexdigest(),
        public_key=signed["publicKey"],
        created=str(signed.get("created", "")),
        url=snapshot.url,
        observed_at=_iso(snapshot.observed_at),
        status=snapshot.status,
        length=len(snapshot.body),
        log=log,
    )


def _is_signed(signed: Any) -> bool:
    """Whether the signature of the package digest is by the key that is named beside it."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(base64.b64decode(signed["publicKey"], validate=True))
        raw = base64.b64decode(signed["signature"], validate=True)
        if not isinstance(key, ec.EllipticCurvePublicKey) or len(raw) != 2 * _HALF_SIGNATURE:
            return False
        halves = (int.from_bytes(raw[:_HALF_SIGNATURE], "big"), int.from_bytes(raw[_HALF_SIGNATURE:], "big"))
        key.verify(encode_dss_signature(*halves), signed["hash"].encode(), ec.ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True
