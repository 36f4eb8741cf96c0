"""Draws the papers that stand beside the five published documents in ``papers-beside-seeds.md``.

Each is made from its own document alone: its figures are read, audited and, where the audit knows the right one,
corrected; its comments come along. Papers with measures have the plan that the platform drafts from that. Run ``python docs/draw_papers.py`` after a change of a paper.
"""

from fractions import Fraction
from pathlib import Path

import pypdfium2
from PIL import Image

from prongsai import framework as rules
from prongsai.analysis import audit
from prongsai.documents import issue_document
from prongsai.documents.content.data import Disclosure, DocumentData, Measure, MemoHeader, Office, Signatory, YearResult
from prongsai.documents.papers import ANSWERING
from prongsai.improvement.drafting import draft_measures
from prongsai.improvement.findings import derive_findings
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH, FollowUpInterval
from prongsai.intake import figures_of, find_fiscal_year, read_rows
from prongsai.intake.comments import comments_of

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures" / "documents"
PAPERS = {
    "lumphuek": "summary",
    "daengmo": "outcome",
    "bangpla": "development",
    "talingchan": "measures",
    "phron": "memo",
}
LINE = ("นักวิเคราะห์นโยบายและแผน", "หัวหน้าสำนักปลัด", "รองปลัด", "ปลัด", "ผู้บริหารสูงสุด")
PAGES, SCALE, GAP = 4, 0.8, 8  # of a picture


def read_data(path: Path, kind: str) -> DocumentData:
    """Everything that a document says of its agency, as the data of a paper."""
    rows = read_rows(path)
    named = find_fiscal_year(rows)
    assert named is not None, path
    years = {year: rules.load("ita", year) for name, year in rules.available() if name == "ita"}
    reading = max(figures_of(rows, years), key=lambda r: len(r.figures))
    likely = {(c.fiscal_year, c.node): c.likely for c in audit(reading.figures, years) if c.likely}
    scores: dict[int, dict[str, Fraction]] = {}
    for figure in reading.figures:
        if figure.sure and figure.kind == "score" and figure.fiscal_year in years:
            value = likely.get((figure.fiscal_year, figure.node)) or figure.value
            if figure.node in years[figure.fiscal_year].nodes:
                scores.setdefault(figure.fiscal_year, {})[figure.node] = Fraction(value)
    year, before = named.year, named.year - 1
    comments: dict[str, str] = {}
    for comment in comments_of(rows, years[year]):
        comments[comment.item] = " ".join(filter(None, (comments.get(comment.item), comment.text)))
    previous = YearResult(years[before], scores[before]) if before in scores else None
    agency = reading.agency or "หน่วยงาน"
    return DocumentData(
        office=Office(name=agency, prepared_by="สำนักปลัด", executive_position="ผู้บริหารสูงสุด"),
        result=YearResult(years[year], scores[year]),
        previous=previous,
        chain=(years[before], years[year]) if previous else (),
        disclosures=tuple(Disclosure(item=item, comment=text) for item, text in comments.items()),
        memo_header=MemoHeader(office=f"สำนักปลัด {agency}", to="ผู้บริหารสูงสุด"),
        signatories=tuple(Signatory(position) for position in LINE),
        measures=draft_plan(years[year], scores[year], previous) if kind in ANSWERING else (),
    )


def draft_plan(
    framework: rules.Framework, scores: dict[str, Fraction], previous: YearResult | None
) -> tuple[Measure, ...]:
    """The plan that the platform drafts from a result, as one that was approved without a change."""
    before = (previous.framework, previous.scores) if previous else None
    found = derive_findings(framework, scores, previous=before)
    return tuple(
        Measure(
            indicators=draft.indicators,
            title=draft.title,
            finding="\n".join(finding.defect for finding in draft.findings),
            steps=tuple(line.partition(". ")[2] for line in draft.steps.splitlines()),
            period=f"ตลอดปีงบประมาณ พ.ศ. {framework.fiscal_year + 1}",
            responsible=draft.units,
            monitoring=FOLLOW_UP_INTERVAL_TH[FollowUpInterval(draft.follow_up_interval)],
        )
        for draft in draft_measures(framework, found, framework.fiscal_year + 1)
    )


def draw(pdf: bytes) -> Image.Image:
    """The first pages side by side."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[n].render(scale=SCALE).to_pil() for n in range(min(PAGES, len(document)))]
    width = sum(page.width + GAP for page in pages) + GAP
    picture = Image.new("RGB", (width, max(page.height for page in pages) + 2 * GAP), "#8a8f94")
    left = GAP
    for page in pages:
        picture.paste(page, (left, GAP))
        left += page.width + GAP
    return picture.quantize(32)


if __name__ == "__main__":
    for name, kind in PAPERS.items():
        (path,) = (ROOT / "samples").glob(f"{name}-*")
        issued = issue_document(kind, read_data(path, kind), read_whole_pdf=False)
        assert not issued.contradictions, issued.contradictions
        draw(issued.pdf).save(PICTURES / f"beside-{name}.png", optimize=True)
        print(name, kind, len(pypdfium2.PdfDocument(issued.pdf)), "pages; left out:", len(issued.faults))
