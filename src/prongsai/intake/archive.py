"""A ZIP of documents: which there are, and the bytes of one. Nothing is ever unpacked to a disk, so that a name in it
leads nowhere; it is shown, without what tricks the eye."""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from prongsai.intake.files import MAX_BYTES, MAX_UNZIPPED, UnreadableError
from prongsai.lib.thai import INVISIBLE

MAX_DOCUMENTS = 40
_MAX_ENTRIES = 2000
_LONGEST_NAME = 120
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# what systems and programs leave beside documents
_LEFTOVERS = re.compile(r"(?:^|/)(?:__MACOSX/|\.|~\$|Thumbs\.db$|desktop\.ini$)", re.I)
_UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff{INVISIBLE}]")
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


def document_names(data: bytes) -> list[str]:
    """The names of the documents in a ZIP, in its order. Raises UnreadableError."""
    return [show_name(entry) for entry in _documents(data)]


def document_in(data: bytes, index: int) -> tuple[bytes, str]:
    """The bytes of one of the documents, and the suffix of its name. Raises UnreadableError."""
    entries = _documents(data)
    if not 0 <= index < len(entries):
        raise UnreadableError("ไม่พบเอกสารนี้ใน ZIP")
    entry = entries[index]
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableError("ไฟล์ใน ZIP มีรหัสผ่าน แตกไฟล์ก่อนแล้วส่งไฟล์ข้างใน")
    if entry.compress_type not in _PACKED:
        raise UnreadableError("ไฟล์ใน ZIP บีบอัดด้วยวิธีที่ไม่รองรับ แตกไฟล์ก่อนแล้วส่งไฟล์ข้างใน")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(entry) as opened:
            content = opened.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise UnreadableError("ไฟล์นี้ใน ZIP เสียหรือดาวน์โหลดไม่ครบ") from error
    if len(content) > MAX_BYTES:
        raise UnreadableError("ไฟล์ใน ZIP ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย")
    if not content:
        raise UnreadableError("ไฟล์ว่างเปล่า ตรวจว่าบันทึกหรือดาวน์โหลดครบแล้ว")
    return content, PurePosixPath(show_name(entry)).suffix.lower()


def _documents(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise UnreadableError("ZIP เสียหรือดาวน์โหลดไม่ครบ") from error
    if len(entries) > _MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_UNZIPPED:
        raise UnreadableError("ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย")
    documents = [e for e in entries if not e.is_dir() and not _LEFTOVERS.search(show_name(e))]
    if not documents:
        raise UnreadableError("ใน ZIP ไม่มีเอกสาร")
    if len(documents) > MAX_DOCUMENTS:
        raise UnreadableError(f"ใน ZIP มี {len(documents):,} ไฟล์ เกิน {MAX_DOCUMENTS} แบ่งเป็นหลาย ZIP")
    return documents


def show_name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry with the folders it is in, as Windows in Thai or another system wrote it."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        name = _decode_name(name)
    parts = [p for p in _UNPRINTABLE.sub("", name.replace("\\", "/")).split("/") if p.strip() not in ("", ".", "..")]
    shown = "/".join(parts)
    return shown if len(shown) <= _LONGEST_NAME else "…" + shown[-_LONGEST_NAME:]


def _decode_name(name: str) -> str:
    """A name whose code is not said: zipfile takes it for that of the first PC."""
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for code in ("utf-8", "cp874"):
        try:
            return raw.decode(code)
        except UnicodeDecodeError:
            continue
    return name
