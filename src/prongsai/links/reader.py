"""The text of untrusted documents: PDF, Word, Excel, PowerPoint. It runs in the sandbox;
:mod:`prongsai.links.content` calls it."""

import io
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from prongsai.lib import sandbox

MAX_TEXT_LENGTH = 2_000_000
MAX_ENTRIES = 5_000
MAX_UNZIPPED_BYTES = 200_000_000
_SECONDS_A_PAGE = 2  # of processor time


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The text of a document. ``error``: locked, broken, too_big; then ``has_text`` is None."""

    text: str = ""
    title: str = ""
    has_text: bool | None = None
    error: str = ""


def read_document(kind: str, body: bytes, max_pages: int) -> DocumentText:
    """The text of a pdf, docx, xlsx or pptx. Raises MemoryError, and nothing else, for what it contains."""
    try:
        fields = _READERS[kind](body, max_pages)
    except MemoryError:
        raise
    except _UnreadableError as error:
        return DocumentText(error=str(error))
    except Exception:  # a parser may fail in any way on a hostile file
        return DocumentText(error="broken")
    return DocumentText(**fields, has_text=sum(c.isalnum() for c in fields["text"][:20_000]) > 15)


class _UnreadableError(Exception):
    pass


def _read_pdf(body: bytes, pages: int) -> dict[str, Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise _UnreadableError("locked" if "password" in str(error).lower() else "broken") from error
    texts, size = [], 0
    for number in range(min(len(document), pages)):
        sandbox.allow_until(time.process_time() + _SECONDS_A_PAGE)
        page = document[number]
        words = page.get_textpage()
        texts.append(words.get_text_range())
        size += len(texts[-1])
        words.close()
        page.close()
        if size > MAX_TEXT_LENGTH:
            break
    title = ""
    with suppress(Exception):
        title = document.get_metadata_value("Title") or ""
    return {"text": "\n\n".join(texts)[:MAX_TEXT_LENGTH], "title": title}


def _check_zip(body: bytes) -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_UNZIPPED_BYTES:
        raise _UnreadableError("too_big")


def _read_docx(body: bytes, pages: int) -> dict[str, Any]:
    del pages
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    _check_zip(body)
    document = docx.Document(io.BytesIO(body))
    lines: list[str] = []
    size = 0
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            lines.append(block.text)
        elif isinstance(block, Table):
            for row in block.rows:
                cells = {cell._tc: cell.text.replace("\n", " ") for cell in row.cells}  # merged cells once
                lines.append("\t".join(cells.values()))
                size += len(lines[-1])
        size += len(lines[-1]) if lines else 0
        if size > MAX_TEXT_LENGTH:
            break
    return {"text": "\n".join(lines)[:MAX_TEXT_LENGTH], "title": document.core_properties.title or ""}


def _read_xlsx(body: bytes, pages: int) -> dict[str, Any]:
    from python_calamine import CalamineWorkbook

    if body.startswith(b"PK"):
        _check_zip(body)
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    lines: list[str] = []
    size = 0
    for name in book.sheet_names[:pages]:
        lines.append(name)
        for row in book.get_sheet_by_name(name).to_python():
            cells = [str(int(c) if isinstance(c, float) and c == int(c) else c) for c in row if c not in ("", None)]
            if cells:
                lines.append("\t".join(cells))
                size += len(lines[-1])
            if size > MAX_TEXT_LENGTH:
                break
    return {"text": "\n".join(lines)[:MAX_TEXT_LENGTH], "title": ""}


_SLIDE = re.compile(r"ppt/slides/slide(\d{1,5})\.xml")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def _read_pptx(body: bytes, pages: int) -> dict[str, Any]:
    """The slides in order; a paragraph a line, a row of a table a line with tabs."""
    import zipfile

    from lxml import etree

    _check_zip(body)
    lines: list[str] = []
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        slides = sorted((int(m[1]), m[0]) for name in archive.namelist() if (m := _SLIDE.fullmatch(name)))
        for _, name in slides[:pages]:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
            root = etree.fromstring(archive.read(name), parser)
            for part in root.iter(f"{_DRAWING}p", f"{_DRAWING}tr"):
                if part.tag.endswith("}tr"):
                    lines.append("\t".join(_slide_text(cell) for cell in part.iter(f"{_DRAWING}tc")))
                elif next(part.iterancestors(f"{_DRAWING}tc"), None) is None:
                    lines.append(_slide_text(part))
            if sum(map(len, lines)) > MAX_TEXT_LENGTH:
                break
    return {"text": "\n".join(lines)[:MAX_TEXT_LENGTH], "title": ""}


def _slide_text(part: Any) -> str:
    return "".join(piece.text or "" for piece in part.iter(f"{_DRAWING}t"))


_READERS = {"pdf": _read_pdf, "docx": _read_docx, "xlsx": _read_xlsx, "pptx": _read_pptx}
