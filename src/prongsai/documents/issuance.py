"""Issuance: from the data of a document to its three forms, read back before it is released.

``compose_document`` decides what a document says, ``write_document`` writes it, ``issue_document`` does both and reads
the figures out of the written files (``readback``), so that a document that contradicts itself or its data is known.
"""

import dataclasses
import re
from dataclasses import dataclass

from prongsai.documents.agency_templates.template import TemplateFileError, check_word_file, fill_template
from prongsai.documents.content.blocks import Chart, Document, MarkedList, Paragraph, list_texts
from prongsai.documents.content.data import DocumentData, DocumentDataError, validate, without_own_words
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.passages import apply_edits
from prongsai.documents.papers import COMPOSERS, KINDS, PROPOSED, RESULT_OR_PLAN, WITHOUT_RESULT
from prongsai.documents.readback import (
    ReadBack,
    count_word_scores,
    find_misprints,
    find_own_differences,
    read_back_files,
)
from prongsai.intake import UnreadableError
from prongsai.lib import charts, digest, typeset

_SCORE = re.compile(r"[0-9๐-๙]\.[0-9๐-๙]")
_CHART_PIXELS = 640  # width of a chart, at which its letters are 12 to 14 high


@dataclass(frozen=True, kw_only=True)
class WrittenDocument:
    """One document in its three forms. ``digest`` is of what it says: equal data give an equal digest."""

    document: Document
    docx: bytes
    pdf: bytes
    html: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class IssuedDocument:
    """A written document with what was read back of it.

    ``contradictions`` are Thai sentences about figures in the agency's own words that contradict the result; ``faults``
    are about sentences of ours, which were left out for it.
    """

    docx: bytes
    pdf: bytes
    html: str
    digest: str
    read_back: ReadBack
    contradictions: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class MisprintError(Exception):
    """A file does not print the scores of its document: a fault of the program. ``problems`` are Thai sentences."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(("ไฟล์ที่เขียนได้ไม่ตรงกับเอกสาร จึงยังไม่ออกให้ เป็นข้อผิดพลาดของระบบ แจ้งผู้ดูแลระบบ", *problems)))
        self.problems = problems


def compose_document(kind: str, data: DocumentData) -> Document:
    """What the document says. Raises DocumentDataError with every problem at once."""
    clean = validate(data)
    if kind not in COMPOSERS:
        raise DocumentDataError([f"ไม่มีเอกสารชนิด {kind} ใช้ได้: {', '.join(KINDS)}"])
    needs_none = kind in WITHOUT_RESULT or kind in PROPOSED
    is_possible = clean.result.scores or needs_none or (kind in RESULT_OR_PLAN and clean.measures)
    if not is_possible:
        year = clean.result.framework.fiscal_year
        raise DocumentDataError([f"คะแนนปี {year}: ไม่มีคะแนนเลย ต้องมีอย่างน้อยคะแนนรวม"])
    return apply_edits(COMPOSERS[kind](ResultFacts(clean)), {edit.key: edit.text for edit in clean.edits})


def digest_content(kind: str, data: DocumentData, template_sha256: str = "") -> str:
    """The digest of what a paper says, whatever its date of issue. Raises DocumentDataError."""
    undated = compose_document(kind, dataclasses.replace(data, date=None))
    return digest.of_json([undated.digest, template_sha256])


def draw_charts(document: Document) -> dict[str, bytes]:
    """Its charts as pictures, by their drawing."""
    drawn = (block for section in document.sections for block in section.blocks if isinstance(block, Chart))
    return {c.svg: typeset.picture(charts.on_paper(c.svg, _CHART_PIXELS), c.width) for c in drawn}


def write_document(document: Document) -> WrittenDocument:
    """The document in its three forms."""
    from prongsai.documents.writers import docx, html, pdf  # the libraries of Word files take a while

    pictures = draw_charts(document)
    return WrittenDocument(
        document=document,
        docx=docx.write(document, pictures),
        pdf=pdf.write(document, pictures),
        html=html.write_page(document),
        digest=document.digest,
    )


def issue_document(
    kind: str,
    data: DocumentData,
    *,
    template: bytes = b"",
    read_whole_pdf: bool = True,
    document: Document | None = None,
) -> IssuedDocument:
    """A document, written and read back. Raises DocumentDataError, TemplateFileError and MisprintError.

    ``template``: a Word file of the agency that replaces our form of the Word file; both files are then read whole,
    because it may print figures of its own. ``read_whole_pdf`` as for ``read_back``. ``document``: what it says, where
    that was composed before.

    A contradiction stops nothing; only files that do not print what the document says do. Where sentences of ours are
    contradicted, the document is issued without them, from its tables; where words of the agency are, it is issued with
    them.
    """
    document = document or compose_document(kind, data)
    written, report = _write_and_read(document, kind, data, template, read_whole_pdf=read_whole_pdf)
    contradictions, faults = report.contradictions, tuple[str, ...]()
    if contradictions and not template:
        ours = _contradictions_of_ours(kind, data)
        contradictions = tuple(c for c in contradictions if c not in ours)
        if ours:
            faults = ours
            without = _leave_out_sentences(document)
            written, report = _write_and_read(without, kind, data, template, read_whole_pdf=read_whole_pdf)
    contradictions = (*contradictions, *find_own_differences(data, written.document, contradictions))
    return IssuedDocument(
        docx=written.docx,
        pdf=written.pdf,
        html=written.html,
        digest=written.digest,
        read_back=report,
        contradictions=contradictions,
        faults=faults,
    )


def _write_and_read(
    document: Document, kind: str, data: DocumentData, template: bytes, *, read_whole_pdf: bool
) -> tuple[WrittenDocument, ReadBack]:
    written = write_document(document)
    if template:
        written = dataclasses.replace(written, docx=fill_template(template, kind, data))
    try:
        report = read_back(written, data, read_whole_pdf=read_whole_pdf or bool(template), is_ours=not template)
    except UnreadableError as error:
        raise TemplateFileError([str(error)]) from error
    if not template and (problems := check_word_file(written.docx)):  # a template's file has been checked
        raise MisprintError(tuple(problems))
    misprints: tuple[str, ...] = ()
    if not template:
        from prongsai.documents.writers.annex import move_long_cells

        printed = _list_printed(move_long_cells(document))
        misprints = (*find_misprints(printed, report.word_scores), *report.misprints)
    if misprints:
        raise MisprintError(misprints)
    return written, report


def _list_printed(document: Document) -> list[str]:
    """The texts of a document that are letters in its Word file, where charts are pictures."""
    blocks = (block for section in document.sections for block in section.blocks)
    return [text for block in blocks if not isinstance(block, Chart) for text in list_texts(block)]


def _contradictions_of_ours(kind: str, data: DocumentData) -> tuple[str, ...]:
    """What is contradicted in a document that holds no word of the agency, in the sentences of the report."""
    written = write_document(compose_document(kind, without_own_words(data)))
    return read_back(written, data, read_whole_pdf=False).contradictions


def _leave_out_sentences(document: Document) -> Document:
    """The document without the sentences that give a score; headings, tables, signatures and the rest stay."""
    sections = tuple(
        dataclasses.replace(
            section,
            blocks=tuple(
                block
                for block in section.blocks
                if not (isinstance(block, Paragraph | MarkedList) and _SCORE.search(" ".join(list_texts(block))))
            ),
        )
        for section in document.sections
    )
    return dataclasses.replace(document, sections=sections)


def read_back(
    written: WrittenDocument, data: DocumentData, *, read_whole_pdf: bool = True, is_ours: bool = True
) -> ReadBack:
    """The figures of the written files, compared with the rules of the year and with the data.

    Locating every figure on the pages of a PDF takes four fifths of the time. Without ``read_whole_pdf`` only the Word
    file is read so, and the PDF must print the same scores as often, and no others.
    """
    if written.document.kind in WITHOUT_RESULT:  # they print counts, which the reader would take for scores
        return ReadBack(0, (), (), (), count_word_scores(written.docx))
    return read_back_files(written.docx, written.pdf, data, read_whole_pdf=read_whole_pdf, is_ours=is_ours)
