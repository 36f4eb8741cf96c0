"""What an audit is asked to read: files, every document of a ZIP and of a folder, and documents behind addresses.

Each becomes a document of its own in the report; what cannot be read, and a folder or ZIP without any, says so there.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from prongsai.cli.audit_report import DocumentAudit, audit_file
from prongsai.framework import Framework
from prongsai.intake import UnreadableError, list_documents

MAX_FILES = 500  # of a folder
_ADDRESS = re.compile(r"https?://", re.I)
_LEFTOVERS = re.compile(r"\.|~\$|Thumbs\.db$|desktop\.ini$", re.I)  # of systems and programs, by how a name begins


def audit_source(source: str, frameworks: Mapping[int, Framework], year: int | None) -> Iterator[DocumentAudit]:
    """The audits of one argument: of each document, one for each agency in it."""
    if _ADDRESS.match(source):
        yield from _audit_address(source, frameworks, year)
    elif (path := Path(source)).is_dir():
        yield from _audit_folder(path, frameworks, year)
    else:
        yield from _audit_path(path, str(path), frameworks, year)


def _audit_path(
    path: Path, name: str, frameworks: Mapping[int, Framework], year: int | None
) -> Iterator[DocumentAudit]:
    """A file; of a ZIP, each document in it."""
    try:
        documents = list_documents(path)
    except UnreadableError as error:
        yield DocumentAudit(name, error=str(error))
        return
    if not documents:
        yield from audit_file(path, frameworks, year, name=name)
    for index, inner in enumerate(documents):
        yield from audit_file(path, frameworks, year, name=f"{name} › {inner}", index=index)


def _audit_folder(folder: Path, frameworks: Mapping[int, Framework], year: int | None) -> Iterator[DocumentAudit]:
    """Every file in a folder and the folders in it, by name; none that a link leads to."""
    files = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _LEFTOVERS.match(name))
        files += [Path(parent, name) for name in sorted(names) if not _LEFTOVERS.match(name)]
        if len(files) > MAX_FILES:
            yield DocumentAudit(str(folder), error=f"มีมากกว่า {MAX_FILES} ไฟล์ในโฟลเดอร์ ระบุโฟลเดอร์ย่อยหรือไฟล์แทน")
            return
    if not files:
        yield DocumentAudit(str(folder), error="ไม่มีไฟล์ในโฟลเดอร์นี้")
    for path in files:
        yield from _audit_path(path, str(path), frameworks, year)


def _audit_address(address: str, frameworks: Mapping[int, Framework], year: int | None) -> Iterator[DocumentAudit]:
    from prongsai.links import DocumentError, Policy, fetch_document

    contact = os.environ.get("PRONGSAI_LINKS_CONTACT") or "prongsai audit"
    try:
        document = fetch_document(address, Policy(contact=contact))
    except DocumentError as error:
        yield DocumentAudit(address, error=str(error))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"document{document.suffix}")
        path.write_bytes(document.body)
        yield from _audit_path(path, address, frameworks, year)
