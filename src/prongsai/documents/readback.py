"""Read-back: the figures of written files, read by the project's own reader, compared with the rules and the data."""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from prongsai.analysis import Check, Figure, audit
from prongsai.documents.content.blocks import Document, list_texts
from prongsai.documents.content.data import DocumentData, YearResult
from prongsai.framework import Framework
from prongsai.intake import Row, apart, figures_of, read_rows
from prongsai.intake.own_words import KnownResult, find_differences
from prongsai.lib import thai
from prongsai.scoring import complete_scores, round_score

_SCORE = re.compile(r"\d{1,9}\.\d\d(?!\d)")
_CHANGE = "change/"  # before the node of a change against the year before


@dataclass(frozen=True)
class ReadBack:
    """The report: ``figures_read`` counts sure figures, ``checks`` are the audit's, ``contradictions`` are Thai
    sentences with the places of each. ``misprints`` say where the two files do not print the same scores, and
    ``word_scores`` how often the Word file prints each."""

    figures_read: int
    checks: tuple[Check, ...]
    contradictions: tuple[str, ...]
    misprints: tuple[str, ...]
    word_scores: Counter[str]


def read_back_files(
    docx: bytes, pdf: bytes, data: DocumentData, *, read_whole_pdf: bool, is_ours: bool = True
) -> ReadBack:
    """Read both files. See ``issuance.read_back``. Not ``is_ours``: the Word file is made of an agency's template,
    and is read in the sandbox. Raises UnreadableError for such a file."""
    comparison = _Comparison(data)
    word_rows = _read_rows(docx, "docx", is_ours=is_ours)
    comparison.add("Word", word_rows, is_ours=is_ours)
    if read_whole_pdf:
        comparison.add("PDF", _read_rows(pdf, "pdf"))
    in_word = _count_scores(word_rows)
    return ReadBack(
        comparison.figures_read,
        tuple(comparison.checks),
        tuple(comparison.list_contradictions()),
        tuple(_find_differences(in_word, pdf)),
        in_word,
    )


def count_word_scores(docx: bytes) -> Counter[str]:
    """How often a Word file that we wrote prints each score."""
    return _count_scores(_read_rows(docx, "docx"))


def find_misprints(texts: Iterable[str], printed: Counter[str]) -> tuple[str, ...]:
    """Scores that a Word file prints (``printed``) more or less often than the texts it was written from."""
    expected = Counter(score for text in texts for score in _SCORE.findall(thai.clean(text)))
    return tuple(
        f"Word พิมพ์ {score} {printed[score]} ครั้ง แต่เอกสารกล่าวถึง {expected[score]} ครั้ง"
        for score in sorted(expected.keys() | printed.keys())
        if printed[score] != expected[score]
    )


def find_own_differences(data: DocumentData, document: Document, named: Iterable[str]) -> tuple[str, ...]:
    """Where the agency's own words in a document state figures otherwise than its results, also in papers that give no
    scores; without those that ``named`` sentences name already."""
    results = [KnownResult(r.framework, r.scores) for r in (data.result, data.previous) if r]
    printed = thai.squeeze(thai.clean("\n".join(list_texts(document))))
    differences = [
        difference
        for text in dict.fromkeys(_list_own_words(data))
        if thai.squeeze(thai.clean(text)) in printed
        for difference in find_differences(text, results, data.office.name)
    ]
    known = "\n".join(named)
    return tuple(dict.fromkeys(str(d) for d in differences if f"พิมพ์ {d.written} " not in known))


def _list_own_words(data: DocumentData) -> Iterable[str]:
    for measure in data.measures:
        yield from (measure.title, measure.finding, *measure.steps, measure.success)
        for f in measure.follow_ups:
            yield from (f.work_done, f.obstacles, f.suggestion)
    yield from (edit.text for edit in data.edits)
    yield from (signatory.opinion for signatory in data.signatories)


@dataclass
class _Comparison:
    """Figures of one or more files compared with the data; one contradiction collects all its places."""

    data: DocumentData
    figures_read: int = 0
    checks: list[Check] = field(default_factory=list)
    _places: dict[str, list[str]] = field(default_factory=dict)
    _misprints: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._frameworks = {f.fiscal_year: f for f in (*self.data.chain, self.data.result.framework)}
        self._scores = _list_known_scores(self.data)
        known = (result for result in (self.data.result, self.data.previous) if result is not None)
        self._stated_levels = {
            (r.framework.fiscal_year, r.stated_level) for r in known
        }  # as announced, whatever the rules

    def add(self, form: str, rows: list[Row], *, is_ours: bool = True) -> None:
        find_figures = figures_of if is_ours else apart.figures_of
        readings = find_figures(rows, self._frameworks, is_paper=True)
        figures = [figure for reading in readings for figure in reading.figures]
        checks = audit(figures, self._frameworks)
        self.figures_read += sum(figure.sure for figure in figures)
        self.checks += checks
        for figure, score in _find_wrong_scores(figures, self._scores):
            name = _name_node(self._frameworks[figure.fiscal_year], figure.node)
            problem = f"{name} ปี {figure.fiscal_year} พิมพ์ {figure.value} แต่ผลคะแนนคือ {score}"
            self._places.setdefault(problem, []).append(f"{form} {figure.place}")
            self._misprints.add((figure.node, figure.value))
        for check in checks:
            is_misprint = (check.node, check.printed) in self._misprints  # reported already, with the right score
            is_misprint |= check.node.removeprefix(_CHANGE) in {node for node, _ in self._misprints} - {check.node}
            is_stated = check.node == "level" and (check.fiscal_year, check.printed) in self._stated_levels
            if check.verdict == "contradicted" and not is_misprint and not is_stated:
                name = _name_node(self.data.result.framework, check.node)
                problem = f"{name} พิมพ์ {check.printed} {check.explanation}"
                self._places.setdefault(problem, []).append(f"{form} {check.place}")

    def list_contradictions(self) -> list[str]:
        return [f"{problem} ({', '.join(dict.fromkeys(places))})" for problem, places in self._places.items()]


def _name_node(framework: Framework, node: str) -> str:
    """A node as people call it."""
    if node.startswith(_CHANGE):
        return f"ผลต่างของ{_name_node(framework, node.removeprefix(_CHANGE))}"
    if node in framework.indicators:
        return f"ตัวชี้วัดที่ {node} {framework.nodes[node].label.th}"
    return {"overall": "คะแนนรวม", "level": "ระดับผลการประเมิน"}.get(node, node)


def _read_rows(content: bytes, suffix: str, *, is_ours: bool = True) -> list[Row]:
    with tempfile.NamedTemporaryFile(suffix=f".{suffix}") as file:
        file.write(content)
        file.flush()
        return read_rows(Path(file.name), trusted=is_ours)


def _find_differences(in_word: Counter[str], pdf: bytes) -> list[str]:
    """Scores that the PDF prints less often than the Word file, or that the Word file does not print. More often is
    right: a chart is a picture in the Word file, and its scores are letters in the PDF."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()
    in_pdf = Counter(_SCORE.findall(thai.clean(text)))
    missing = [
        f"PDF พิมพ์ {score} {in_pdf[score]} ครั้ง แต่ Word พิมพ์ {count} ครั้ง"
        for score, count in in_word.items()
        if in_pdf[score] < count
    ]
    return [*missing, *(f"PDF พิมพ์ {score} ซึ่งไม่มีใน Word" for score in in_pdf.keys() - in_word.keys())]


def _count_scores(rows: list[Row]) -> Counter[str]:
    return Counter(_SCORE.findall(thai.clean("\n".join(" ".join(row.cells) for row in rows))))


def _list_known_scores(data: DocumentData) -> dict[tuple[int, str], str]:
    """Every score that follows from the data, as shown, by fiscal year and node."""
    results: Iterable[YearResult] = filter(None, (data.result, data.previous))
    return {
        (result.framework.fiscal_year, node): str(round_score(result.framework, value))
        for result in results
        for node, value in complete_scores(result.framework, result.scores).items()
    }


def _find_wrong_scores(figures: list[Figure], scores: Mapping[tuple[int, str], str]) -> list[tuple[Figure, str]]:
    """Sure scores that differ from the data, each with the score of the data."""
    misprints = []
    for figure in figures:
        score = scores.get((figure.fiscal_year, figure.node))
        number = figure.number if figure.sure and figure.kind == "score" else None
        if score is not None and number is not None and number != Decimal(score):
            misprints.append((figure, score))
    return misprints
