"""Reading written files in tests, by libraries that the writers do not use."""

import io
import re

import docx
import pypdf
import pypdfium2

from prongsai.lib import thai


def squeeze(text: str) -> str:
    """Without white space and places where an address may be broken, with ำ in one letter."""
    return re.sub(r"[\s\u200b]+", "", thai.whole_am(text))


def pdfium_text(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


def pypdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def word_text(data: bytes) -> str:
    file = docx.Document(io.BytesIO(data))
    paragraphs = file.element.body.iter(docx.oxml.ns.qn("w:p"))
    return "\n".join(docx.text.paragraph.Paragraph(p, None).text for p in paragraphs)
