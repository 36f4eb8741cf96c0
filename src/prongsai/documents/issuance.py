"""Issuance: from the data of a document to its three forms, read back before it is released.

``compose_document`` decides what a document says, ``write_document`` writes it, ``issue_document`` does both, reads the
figures out of the written files (``readback``) and refuses a document that contradicts itself or its data.
"""

import dataclasses
from dataclasses import dataclass

from prongsai.documents.agency_templates.template import fill_template
from prongsai.documents.content.blocks import Chart, Document
from prongsai.documents.content.data import DocumentData, DocumentDataError, validate
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.papers import COMPOSERS, KINDS, RESULT_OR_PLAN, WITHOUT_RESULT
from prongsai.documents.readback import ReadBack, read_back_files
from prongsai.documents.writers import docx, html, pdf
from prongsai.lib import charts, typeset

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
    """A written document whose figures were read back without a contradiction."""

    docx: bytes
    pdf: bytes
    html: str
    digest: str
    read_back: ReadBack


class ContradictionError(Exception):
    """The written document contradicts the rules or its data; ``problems`` are Thai sentences with their places."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        advice = "เอกสารนี้มีตัวเลขที่ขัดกัน จึงยังไม่ออกให้ แก้ข้อความที่พิมพ์เองให้ตรงกับผลคะแนนก่อน"
        super().__init__("\n".join((advice, *problems)))
        self.problems = problems


def compose_document(kind: str, data: DocumentData) -> Document:
    """What the document says. Raises DocumentDataError with every problem at once."""
    clean = validate(data)
    if kind not in COMPOSERS:
        raise DocumentDataError([f"ไม่มีเอกสารชนิด {kind} ใช้ได้: {', '.join(KINDS)}"])
    is_possible = clean.result.scores or kind in WITHOUT_RESULT or (kind in RESULT_OR_PLAN and clean.measures)
    if not is_possible:
        year = clean.result.framework.fiscal_year
        raise DocumentDataError([f"คะแนนปี {year}: ไม่มีคะแนนเลย ต้องมีอย่างน้อยคะแนนรวม"])
    return COMPOSERS[kind](ResultFacts(clean))


def write_document(document: Document) -> WrittenDocument:
    """The document in its three forms."""
    drawn = (block for section in document.sections for block in section.blocks if isinstance(block, Chart))
    pictures = {c.svg: typeset.picture(charts.on_paper(c.svg, _CHART_PIXELS), c.width) for c in drawn}
    return WrittenDocument(
        document=document,
        docx=docx.write(document, pictures),
        pdf=pdf.write(document, pictures),
        html=html.write_page(document),
        digest=document.digest,
    )


def issue_document(
    kind: str, data: DocumentData, *, template: bytes = b"", read_whole_pdf: bool = True
) -> IssuedDocument:
    """A document, written and read back. Raises DocumentDataError, TemplateFileError and ContradictionError.

    ``template``: a Word file of the agency that replaces our form of the Word file; both files are then read whole,
    because it may print figures of its own. ``read_whole_pdf`` as for ``read_back``.
    """
    written = write_document(compose_document(kind, data))
    if template:
        written = dataclasses.replace(written, docx=fill_template(template, kind, data))
    report = read_back(written, data, read_whole_pdf=read_whole_pdf or bool(template))
    if report.contradictions:
        raise ContradictionError(report.contradictions)
    return IssuedDocument(
        docx=written.docx, pdf=written.pdf, html=written.html, digest=written.digest, read_back=report
    )


def read_back(written: WrittenDocument, data: DocumentData, *, read_whole_pdf: bool = True) -> ReadBack:
    """The figures of the written files, compared with the rules of the year and with the data.

    Locating every figure on the pages of a PDF takes four fifths of the time. Without ``read_whole_pdf`` only the Word
    file is read so, and the PDF must print the same scores as often, and no others.
    """
    if written.document.kind in WITHOUT_RESULT:  # they print counts, which the reader would take for scores
        return ReadBack(0, (), ())
    return read_back_files(written.docx, written.pdf, data, read_whole_pdf=read_whole_pdf)
