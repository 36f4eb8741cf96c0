"""The text of documents from strangers, read in a process that can be thrown away.

This file is two things. Imported, it gives ``Readers``, a few such processes kept for the next document. Run as a
program, alone (``python -I``, no environment), it is one of them: it takes ceilings on memory and files upon itself,
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

MAX_TEXT = 2_000_000
MAX_ENTRIES = 5_000
MAX_UNZIPPED = 200_000_000
_USES = 200  # then a fresh process, lest leaks add up


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says. ``error``: locked, broken, too_big, too_long (time); ``has_text`` is None with an error."""

    text: str = ""
    title: str = ""
    has_text: bool | None = None
    error: str = ""


class Readers:
    """At most ``size`` reading processes, for any number of threads. Close when done."""

    def __init__(self, size: int, *, seconds: float, memory: int, max_pages: int) -> None:
        self._free: list[_Process | None] = [None] * size
        self._turn = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._seconds, self._memory, self._pages = seconds, memory, max_pages
        self._closed = False

    def read(self, kind: str, body: bytes) -> Document:
        """The text of a pdf, docx or xlsx. Waits for a free process; never raises for what the body holds."""
        with self._turn:
            with self._lock:
                process = self._free.pop()
            try:
                if process is None or process.uses >= _USES:
                    if process:
                        process.close()
                    process = _Process(self._memory)
                answer = process.read(kind, body, self._pages, self._seconds)
                if answer is None:
                    process.close()
                    process = None
                    return Document(error="too_long")
                return Document(**answer)
            except (OSError, ValueError, TypeError, subprocess.SubprocessError):
                if process:
                    process.close()
                process = None
                return Document(error="broken")  # it died of the document: memory, or a fault in a parser
            finally:
                with self._lock:
                    if self._closed and process:
                        process.close()
                        process = None
                    self._free.append(process)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for place, process in enumerate(self._free):
                if process:
                    process.close()
                    self._free[place] = None


class _Process:
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
        self._into, self._out = self._process.stdin, self._process.stdout

    def read(self, kind: str, body: bytes, pages: int, seconds: float) -> dict[str, Any] | None:
        """The answer, or None when time was up. OSError or ValueError when the process died."""
        self.uses += 1
        until = time.monotonic() + seconds
        head = json.dumps({"kind": kind, "length": len(body), "pages": pages}).encode() + b"\n"
        out, into, waiting = self._out.fileno(), self._into.fileno(), memoryview(head + body)
        os.set_blocking(into, False)
        answer = bytearray()
        while True:
            left = until - time.monotonic()
            if left <= 0:
                return None
            readable, writable, _ = select.select([out], [into] if waiting else [], [], left)
            if writable:
                with suppress(BlockingIOError):
                    waiting = waiting[os.write(into, waiting[:65536]) :]
            if readable:
                piece = os.read(out, 1 << 20)
                if not piece:
                    raise ValueError("the reader died")
                answer += piece
                if answer.endswith(b"\n"):
                    return json.loads(answer)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._into.close()
        self._out.close()


# --- the process ---------------------------------------------------------------------------------------------------


class _RefusedError(Exception):
    pass


def _pdf(body: bytes, pages: int) -> dict[str, Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise _RefusedError("locked" if "password" in str(error).lower() else "broken") from error
    texts, size = [], 0
    for number in range(min(len(document), pages)):
        page = document[number]
        words = page.get_textpage()
        texts.append(words.get_text_range())
        size += len(texts[-1])
        words.close()
        page.close()
        if size > MAX_TEXT:
            break
    title = ""
    with suppress(Exception):
        title = document.get_metadata_value("Title") or ""
    return {"text": "\n\n".join(texts)[:MAX_TEXT], "title": title}


def _check_zip(body: bytes) -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_UNZIPPED:
        raise _RefusedError("too_big")


def _docx(body: bytes, pages: int) -> dict[str, Any]:
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
        if size > MAX_TEXT:
            break
    return {"text": "\n".join(lines)[:MAX_TEXT], "title": document.core_properties.title or ""}


def _xlsx(body: bytes, pages: int) -> dict[str, Any]:
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
            if size > MAX_TEXT:
                break
    return {"text": "\n".join(lines)[:MAX_TEXT], "title": ""}


def _serve(memory: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    readers = {"pdf": _pdf, "docx": _docx, "xlsx": _xlsx}
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints is no answer
    while head := sys.stdin.buffer.readline():
        asked = json.loads(head)
        body = sys.stdin.buffer.read(asked["length"])
        try:
            answer = readers[asked["kind"]](body, asked["pages"])
            answer["has_text"] = sum(c.isalnum() for c in answer["text"][:20_000]) > 15
        except _RefusedError as refused:
            answer = {"error": str(refused)}
        except MemoryError:
            answer = {"error": "too_big"}
        except Exception:  # a parser may fail in any way on a hostile file
            answer = {"error": "broken"}
        waiting = memoryview(json.dumps(answer).encode() + b"\n")
        while waiting:
            waiting = waiting[answers.write(waiting) :]


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
