"""Files that are attached to public pages: examined in the sandbox before anybody may download them.

Pictures are drawn anew (``lib.pictures``), without what they say of who took them and where. Documents stay as they
are, where they are what their name says, open without a password, and carry nothing that runs: no program of a PDF, no
macro or embedded program of Office.
"""

import zipfile
from pathlib import Path
from typing import BinaryIO

from prongsai.lib import pictures, sandbox

TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # of what is stored
SUFFIXES = ("pdf", "jpg", "jpeg", "png", "xlsx", "docx")  # of what is accepted
_OFFICE = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
_PROGRAMS = ("vbaproject.bin", "/activex/", "oleobject")  # in names of parts of an Office file
_PDF_PROGRAMS = ("/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/XFA")
_MAX_UNZIPPED = 400_000_000
_LIMITS = sandbox.Limits(seconds=12, max_seconds=12, wall=60, memory=1_000_000_000)
_PROBLEMS = {
    "other": "ไม่ใช่ไฟล์ชนิดที่นามสกุลบอก บันทึกใหม่จากโปรแกรมต้นฉบับ",
    "program": "มีโปรแกรม แมโคร หรือไฟล์อื่นฝังอยู่ บันทึกใหม่โดยไม่มีสิ่งเหล่านั้น",
    "locked": "ล็อกด้วยรหัสผ่าน ปลดล็อกก่อน",
    "size": "ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย",
    "busy": "เปิดไม่ได้ขณะนี้ ระบบกำลังอ่านไฟล์อื่นอยู่ รอสักครู่แล้วส่งใหม่",
    "broken": "เปิดไม่ได้ ไฟล์อาจเสียหรือใหญ่เกินไป",
}


class AttachmentError(Exception):
    """The file cannot be attached; the message says why, in Thai."""


class BusyError(AttachmentError):
    """Too many files are being examined; this one can be sent again."""


def examine(path: Path, name: str) -> tuple[bytes | None, str]:
    """What of an uploaded file is to be stored: its picture drawn anew, or None for the file itself; and the suffix of
    that. Raises AttachmentError."""
    suffix = Path(name).suffix.lower().removeprefix(".")
    if suffix not in SUFFIXES:
        raise AttachmentError(f"ต้องเป็น {', '.join(SUFFIXES)}")
    if suffix in ("jpg", "jpeg", "png"):
        try:
            return pictures.draw(path, suffix).pictures[0].jpeg, "jpg"
        except (pictures.PictureError, IndexError) as error:
            raise AttachmentError(_PROBLEMS["broken"]) from error
    try:
        problem = sandbox.run(f"{__name__}:find_problem", suffix, limits=_LIMITS, file=path, preload=("pikepdf",))
    except sandbox.SandboxError as error:
        if error.reason == "busy":
            raise BusyError(_PROBLEMS["busy"]) from error
        raise AttachmentError(_PROBLEMS["broken"]) from error
    if problem:
        raise AttachmentError(_PROBLEMS.get(str(problem), _PROBLEMS["broken"]))
    return None, suffix


def find_problem(file: BinaryIO, suffix: str) -> str:
    """In the sandbox: the key of what is wrong with a document, "" where nothing is."""
    return _examine_pdf(file) if suffix == "pdf" else _examine_office(file, _OFFICE[suffix])


def _examine_office(file: BinaryIO, main_part: str) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        file.seek(0)
        return "locked" if file.read(4) == b"\xd0\xcf\x11\xe0" else "other"  # Office locks a file inside an old one
    names = [part.filename.lower() for part in parts]
    if main_part not in names:
        return "other"
    if sum(part.file_size for part in parts) > _MAX_UNZIPPED:
        return "size"
    return "program" if any(word in f"/{name}" for name in names for word in _PROGRAMS) else ""


def _examine_pdf(file: BinaryIO) -> str:
    import pikepdf

    try:
        with pikepdf.open(file) as document:
            if not len(document.pages):
                return "broken"
            return "program" if any(_runs(item) for item in document.objects) else ""
    except pikepdf.PasswordError:
        return "locked"
    except pikepdf.PdfError:
        return "broken"


def _runs(item: object) -> bool:
    """Whether an object of a PDF holds a program, or another file. Objects inside it that have no number are looked
    through as well."""
    import pikepdf

    ahead = [item]
    while ahead:  # to its end: who looks no further than so far can be led past a program
        part = ahead.pop()
        if isinstance(part, pikepdf.Stream):
            part = part.stream_dict
        if isinstance(part, pikepdf.Dictionary):
            if any(str(value) in _PDF_PROGRAMS for name, value in part.items() if name in ("/S", "/Type", "/Subtype")):
                return True
            if any(name in _PDF_PROGRAMS for name in part.keys()):  # noqa: SIM118 (pikepdf's own)
                return True
            inside = list(part.values())
        elif isinstance(part, pikepdf.Array):
            inside = list(part)
        else:
            continue
        ahead += [p for p in inside if not getattr(p, "is_indirect", False)]
    return False
