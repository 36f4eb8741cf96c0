"""Every reader of bytes from outside, called as the site calls it, with its answer as sentences."""

from collections.abc import Callable
from pathlib import Path

from prongsai import framework as rules
from prongsai.documents import check_template, fill_template
from prongsai.documents.agency_templates.template import TemplateFileError
from prongsai.framework.workbook import read_workbook
from prongsai.intake import UnreadableError, apart, list_documents, read, read_rows
from prongsai.intake.files import LIMITS, MAX_DOCUMENT_ROWS
from prongsai.lib import emblem, pictures, sandbox
from prongsai.links import content
from tests.documents.samples import sample_data

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}


def read_file(path: Path) -> list[str]:
    """An import, and what the command line reads: of a ZIP, of each document in it."""
    try:
        documents = list_documents(path)
    except UnreadableError as error:
        return [str(error)]
    said = import_file(path)
    for index in range(len(documents)) if documents else (None,):
        try:
            read(path, FRAMEWORKS, index=index)
        except UnreadableError as error:
            said.append(str(error))
    return said


def import_file(path: Path) -> list[str]:
    """As a worker reads an import (``results.document_reading``), with nothing of the database."""
    said = []
    with sandbox.share(LIMITS.seconds) as allowance:
        try:
            documents = list_documents(path)
        except UnreadableError as error:
            return [str(error)]
        for index in range(len(documents)) if documents else (None,):
            try:
                if allowance.is_used_up:
                    raise UnreadableError("ยังไม่ได้อ่าน")
                with allowance.keep_apart():
                    rows = read_rows(path, index=index, max_rows=MAX_DOCUMENT_ROWS, pictures=True)
                    apart.find_fiscal_year(rows)
                    readings = apart.figures_of(rows, FRAMEWORKS)
                    apart.comments_of(rows, FRAMEWORKS[max(FRAMEWORKS)])
                said += [] if any(r.figures for r in readings) else ["ไม่พบคะแนน"]
            except UnreadableError as error:
                said.append(str(error))
    return said


def read_page(path: Path) -> list[str]:
    """A link check and the text of a snapshot."""
    kind = {".html": "text/html", ".txt": "text/plain", ".pdf": "application/pdf"}.get(path.suffix, "")
    content.parse_body(path.read_bytes(), kind)
    return []


def draw_emblem(path: Path) -> list[str]:
    try:
        emblem.png(path.read_bytes())
    except emblem.EmblemError as error:
        return [str(error)]
    return []


def draw_evidence(path: Path) -> list[str]:
    """The pictures of a file of evidence, for the annex of a report. The report says that there is none to show."""
    try:
        pictures.draw(path, path.suffix.removeprefix("."))
    except pictures.PictureError:
        return ["แสดงเป็นภาพไม่ได้"]
    return []


def read_rules(path: Path) -> list[str]:
    return [str(problem) for problem in read_workbook(path, None)[1]]


def use_template(path: Path) -> list[str]:
    data = path.read_bytes()
    if problems := check_template(data, "outcome"):
        return problems
    try:
        fill_template(data, "outcome", sample_data("daengmo"))
    except TemplateFileError as error:
        return error.problems
    return []


READERS: dict[str, Callable[[Path], list[str]]] = {
    "file": read_file,
    "page": read_page,
    "emblem": draw_emblem,
    "evidence": draw_evidence,
    "workbook": read_rules,
    "template": use_template,
}
