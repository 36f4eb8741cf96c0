"""Issuing: from material to a document in its three forms, read back before it leaves.

``compose`` decides what a document says, ``printed`` writes it, ``issue`` does both and then reads the figures out of
the very bytes that were written, by the project's own reader, and holds them against the rules and the material. A
document that contradicts itself or its material is not issued.
"""

import dataclasses
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pypdfium2

from prongsai.analysis import Check, Figure, audit
from prongsai.documents import checklist, development, docx, html, measures, memo, outcome, pdf, reminder, summary
from prongsai.documents.content import Chart, Document
from prongsai.documents.judged import Judged
from prongsai.documents.material import Material, MaterialError, Result, checked
from prongsai.documents.template import fill_template
from prongsai.framework import Framework
from prongsai.intake import Row, figures_of, read_rows
from prongsai.lib import charts, thai, typeset
from prongsai.scoring import complete_scores, round_score

_MODULES = (summary, outcome, development, measures, memo, checklist, reminder)
_PIXELS = 640  # of a chart's width, in which its letters are 12 to 14 high
KINDS: Mapping[str, str] = {m.KIND: m.NAME for m in _MODULES}
WITHOUT_RESULT = frozenset({checklist.KIND, reminder.KIND})
_COMPOSE: Mapping[str, Callable[[Judged], Document]] = {m.KIND: m.compose for m in _MODULES}


@dataclass(frozen=True)
class Printed:
    """One document in its three forms. ``digest`` is of what it says: the same material gives the same."""

    document: Document
    docx: bytes
    pdf: bytes
    html: str
    digest: str


@dataclass(frozen=True)
class ReadBack:
    """What was read out of the written files. ``read`` counts sure figures; ``checks`` are the audit's."""

    read: int
    checks: tuple[Check, ...]
    contradictions: tuple[str, ...]


@dataclass(frozen=True)
class Issued:
    docx: bytes
    pdf: bytes
    html: str
    digest: str
    read_back: ReadBack


class ContradictionError(Exception):
    """What was written contradicts the rules or the material; ``problems`` are Thai sentences with the place of
    each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(("เอกสารนี้มีตัวเลขที่ขัดกัน จึงยังไม่ออกให้ แก้ข้อความที่พิมพ์เองให้ตรงกับผลคะแนนก่อน", *problems)))
        self.problems = problems


def compose(kind: str, material: Material) -> Document:
    """What the document says. Raises MaterialError with every problem at once."""
    clean = checked(material)
    if kind not in _COMPOSE:
        raise MaterialError([f"ไม่มีเอกสารชนิด {kind} ใช้ได้: {', '.join(KINDS)}"])
    if kind not in WITHOUT_RESULT and not clean.result.known:
        raise MaterialError([f"คะแนนปี {clean.result.framework.fiscal_year}: ไม่มีคะแนนเลย ต้องมีอย่างน้อยคะแนนรวม"])
    return _COMPOSE[kind](Judged(clean))


def write(document: Document) -> Printed:
    """The document in its three forms."""
    drawn = (b for s in document.sections for b in s.blocks if isinstance(b, Chart))
    pictures = {b.svg: typeset.picture(charts.on_paper(b.svg, _PIXELS), b.width) for b in drawn}
    return Printed(
        document, docx.write(document, pictures), pdf.write(document, pictures), html.page(document), document.digest
    )


def issue(kind: str, material: Material, *, own: bytes = b"", thorough: bool = True) -> Issued:
    """A document, written and read back. Raises MaterialError, TemplateFileError and ContradictionError. ``own``: a
    Word file of the agency's that takes the place of ours. ``thorough`` as for ``read_back``; what an agency's own file
    prints is always read whole."""
    made = write(compose(kind, material))
    if own:
        made = dataclasses.replace(made, docx=fill_template(own, kind, material))
    report = read_back(made, material, thorough=thorough or bool(own))
    if report.contradictions:
        raise ContradictionError(report.contradictions)
    return Issued(made.docx, made.pdf, made.html, made.digest, report)


def read_back(made: Printed, material: Material, *, thorough: bool = True) -> ReadBack:
    """Reads both files and holds their figures against the year's rules and against the material.

    Placing every figure on a PDF's pages takes four fifths of the time. Without ``thorough`` the Word file alone is
    read so, and of the PDF only that it prints the same scores as often, none beside them.
    """
    if made.document.kind in WITHOUT_RESULT:  # they print counts, which the reader would take for scores
        return ReadBack(0, (), ())
    frameworks = {f.fiscal_year: f for f in (*material.chain, material.result.framework)}
    known = _known(material)
    wrong: dict[str, list[str]] = {}  # what is wrong, and the places where it stands
    told: set[tuple[str, str]] = set()  # scores that are not the material's need no other reason
    checks: list[Check] = []
    count = 0
    word = _rows(made.docx, "docx")
    for form, rows in (("Word", word), *((("PDF", _rows(made.pdf, "pdf")),) if thorough else ())):
        figures = [f for reading in figures_of(rows, frameworks) for f in reading.figures]
        found = audit(figures, frameworks)
        count += sum(f.sure for f in figures)
        checks += found
        for figure, score in _misprinted(figures, known):
            name = _named(frameworks[figure.fiscal_year], figure.node)
            what = f"{name} ปี {figure.fiscal_year} พิมพ์ {figure.value} แต่ผลคะแนนคือ {score}"
            wrong.setdefault(what, []).append(f"{form} {figure.place}")
            told.add((figure.node, figure.value))
        for check in found:
            if check.verdict == "contradicted" and (check.node, check.printed) not in told:
                name = _named(material.result.framework, check.node)
                wrong.setdefault(f"{name} พิมพ์ {check.printed} {check.explanation}", []).append(f"{form} {check.place}")
    problems = [f"{what} ({', '.join(dict.fromkeys(places))})" for what, places in wrong.items()]
    if not thorough:
        problems += _unlike(word, made.pdf)
    return ReadBack(count, tuple(checks), tuple(problems))


def _named(framework: Framework, node: str) -> str:
    """A node as people call it."""
    if node in framework.indicators:
        return f"ตัวชี้วัดที่ {node} {framework.nodes[node].label.th}"
    return {"overall": "คะแนนรวม", "level": "ระดับผลการประเมิน"}.get(node, node)


def _rows(data: bytes, suffix: str) -> list[Row]:
    with tempfile.NamedTemporaryFile(suffix=f".{suffix}") as file:
        file.write(data)
        file.flush()
        return read_rows(Path(file.name), trusted=True)


_SCORE = re.compile(r"\d+\.\d\d(?!\d)")


def _unlike(word: list[Row], data: bytes) -> list[str]:
    """Scores that the PDF prints less often than the Word file, or that the Word file has nowhere. A chart's scores are
    letters in the one and a picture in the other, so that more often is right."""
    wanted = Counter(_SCORE.findall(thai.clean("\n".join(" ".join(row.cells) for row in word))))
    document = pypdfium2.PdfDocument(data)
    try:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    there = Counter(_SCORE.findall(thai.clean(text)))
    return [f"PDF พิมพ์ {n} {there[n]} ครั้ง แต่ Word พิมพ์ {m} ครั้ง" for n, m in wanted.items() if there[n] < m] + [
        f"PDF พิมพ์ {n} ซึ่งไม่มีใน Word" for n in there.keys() - wanted.keys()
    ]


def _known(material: Material) -> dict[tuple[int, str], str]:
    """Every score that the material gives, as shown."""
    results: Iterable[Result] = filter(None, (material.result, material.before))
    return {
        (r.framework.fiscal_year, node): str(round_score(r.framework, value))
        for r in results
        for node, value in complete_scores(r.framework, r.known).items()
    }


def _misprinted(figures: list[Figure], known: Mapping[tuple[int, str], str]) -> list[tuple[Figure, str]]:
    """Scores that were read and are not those of the material, each with what the material has."""
    wrong = []
    for figure in figures:
        told = known.get((figure.fiscal_year, figure.node))
        score = figure.number if figure.sure and figure.kind == "score" else None
        if told is not None and score is not None and score != Decimal(told):
            wrong.append((figure, told))
    return wrong
