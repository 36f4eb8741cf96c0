"""Papers of an invented nation read back without a contradiction: our own sentences never strand an officer."""

import dataclasses
import gc
import os
import re

import pytest

from prongsai.documents.content.blocks import Chart, Table, list_texts
from prongsai.documents.content.data import Measure, MemoHeader
from prongsai.documents.issuance import compose_document, issue_document
from prongsai.documents.readback import read_back_files
from prongsai.documents.writers import docx, pdf
from prongsai.improvement.drafting import draft_measures
from prongsai.improvement.findings import derive_findings
from tests.documents.nation import invent_agency
from tests.documents.samples import FRAMEWORKS

KINDS = ("summary", "outcome", "development", "measures", "memo")
HEADER = MemoHeader(office="สำนักปลัด", to="ผู้บริหารสูงสุด")
AGENCIES = int(os.environ.get("PRONGSAI_TEST_AGENCIES", "1"))  # of each year; 60 and more by hand


@pytest.fixture(autouse=True)
def without_garbage():
    """After each test: a whole nation is many of them."""
    yield
    gc.collect()


@pytest.mark.parametrize("number", range(AGENCIES))
@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
def test_every_paper_of_the_nation_reads_back_without_a_contradiction(year, number):
    data = dataclasses.replace(invent_agency(year, number), memo_header=HEADER)
    for kind in KINDS:
        document = compose_document(kind, data)
        texts = "\n".join(list_texts(document))
        assert not [mark for mark in ("{", "}", "None", "  ") if mark in texts], kind
        sections = tuple(
            dataclasses.replace(s, blocks=tuple(b for b in s.blocks if not isinstance(b, Chart)))
            for s in document.sections
        )
        document = dataclasses.replace(document, sections=sections)
        report = read_back_files(docx.write(document, {}), pdf.write(document, {}), data, read_whole_pdf=False)
        assert report.contradictions == (), kind


@pytest.mark.parametrize("number", range(AGENCIES))
@pytest.mark.parametrize("year", sorted(FRAMEWORKS)[-3:])
def test_a_plan_that_the_system_drafted_contradicts_no_result(year, number):
    """Its findings stand in the papers as the agency's own words: the officer must not be asked to correct ours."""
    data = invent_agency(year, number)
    previous = (data.previous.framework, data.previous.scores) if data.previous else None
    found = derive_findings(data.result.framework, data.result.scores, previous=previous)
    measures = tuple(
        Measure(
            indicators=draft.indicators,
            title=draft.title,
            finding="\n".join(finding.defect for finding in draft.findings),
            steps=tuple(draft.steps.splitlines()),
            responsible=draft.units,
        )
        for draft in draft_measures(data.result.framework, found, year + 1)
    )
    data = dataclasses.replace(data, measures=measures)
    for row in _rows_of_indicators(compose_document("measures", data)):
        scores = re.findall(r"ได้(?:คะแนนเฉลี่ย)? ([\d๐-๙.]+) คะแนน", row)
        assert len(scores) == len(set(scores)), row
    for kind in ("development", "measures"):
        issued = issue_document(kind, data, read_whole_pdf=False)
        assert (issued.contradictions, issued.faults) == ((), ()), kind


def _rows_of_indicators(document):
    """The analysis of each row of the measures paper."""
    return [
        row.cells[1].text
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Table)
        for row in block.rows
        if row.kind == "plain" and len(row.cells) == 5 and row.cells[0].text.startswith("ตัวชี้วัด")
    ]
