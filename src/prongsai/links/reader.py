"""The text of untrusted documents, read in a disposable process.

This file is two things. Imported, it provides ``ReaderPool``, a few such processes that read one document after
another. Run as a program, alone (``python -I``, no environment), it is one of them: it limits its own memory and files,
then answers each document on standard input with its text on standard output.
"""

import io
import json
import os
import select
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

MAX_TEXT_LENGTH = 2_000_000
MAX_ENTRIES = 5_000
MAX_UNZIPPED_BYTES = 200_000_000
_MAX_USES = 200  # then a new process, so that leaks do not add up


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The text of a document. ``error``: locked, broken, too_big, too_long (time); then ``has_text`` is None."""

    text: str = ""
    title: str = ""
    has_text: bool | None = None
    error: str = ""


class ReaderPool:
    """At most ``size`` reader processes, for any number of threads. Close when done."""

    def __init__(self, size: int, *, seconds: float, memory: int, max_pages: int) -> None:
        self._free: list[_ReaderProcess | None] = [None] * size
        self._slots = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._seconds, self._memory, self._pages = seconds, memory, max_pages
        self._closed = False

    def read(self, kind: str, body: bytes) -> DocumentText:
        """The text of a pdf, docx or xlsx. Waits for a free process; never raises for what the body contains."""
        with self._slots:
            with self._lock:
                process = self._free.pop()
            try:
                if process is None or process.uses >= _MAX_USES:
                    if process:
                        process.close()
                    process = _ReaderProcess(self._memory)
                answer = process.read(kind, body, self._pages, self._seconds)
                if answer is None:
                    process.close()
                    process = None
                    return DocumentText(error="too_long")
                return DocumentText(**answer)
            except (OSError, ValueError, TypeError, subprocess.SubprocessError):
                if process:
                    process.close()
                process = None
                return DocumentText(error="broken")  # it died of the document: memory, or a fault in a parser
            finally:
                with self._lock:
                    if self._closed and process:
                        process.close()
                        process = None
                    self._free.append(process)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for index, process in enumerate(self._free):
                if process:
                    process.close()
                    self._free[index] = None


class _ReaderProcess:
    def __init__(self, memory: int) -> None:
        self.uses = 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            bufsize=0,
        )
        if not self._process.stdin or not self._process.stdout:
            raise OSError("no pipes")
        self._input, self._output = self._process.stdin, self._process.stdout

    def read(self, kind: str, body: bytes, pages: int, seconds: float) -> dict[str, Any] | None:
        """The answer, or None when time was up. OSError or ValueError when the process died."""
        self.uses += 1
        until = time.monotonic() + seconds
        request = json.dumps({"kind": kind, "length": len(body), "pages": pages}).encode() + b"\n"
        output, input_, unsent = self._output.fileno(), self._input.fileno(), memoryview(request + body)
        os.set_blocking(input_, False)
        answer = bytearray()
        while True:
            remaining = until - time.monotonic()
            if remaining <= 0:
                return None
            readable, writable, _ = select.select([output], [input_] if unsent else [], [], remaining)
            if writable:
                with suppress(BlockingIOError):
                    unsent = unsent[os.write(input_, unsent[:65536]) :]
            if readable:
                piece = os.read(output, 1 << 20)
                if not piece:
                    raise ValueError("the reader died")
                answer += piece
                if answer.endswith(b"\n"):
                    fields: dict[str, Any] = json.loads(answer)
                    return fields

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._input.close()
        self._output.close()


# --- the program ---------------------------------------------------------------------------------------------------


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


def _serve_requests(memory: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    readers = {"pdf": _read_pdf, "docx": _read_docx, "xlsx": _read_xlsx}
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        body = sys.stdin.buffer.read(request["length"])
        try:
            answer = readers[request["kind"]](body, request["pages"])
            answer["has_text"] = sum(c.isalnum() for c in answer["text"][:20_000]) > 15
        except _UnreadableError as error:
            answer = {"error": str(error)}
        except MemoryError:
            answer = {"error": "too_big"}
        except Exception:  # a parser may fail in any way on a hostile file
            answer = {"error": "broken"}
        unsent = memoryview(json.dumps(answer).encode() + b"\n")
        while unsent:
            unsent = unsent[answers.write(unsent) :]


if __name__ == "__main__":
    _serve_requests(int(sys.argv[1]))
