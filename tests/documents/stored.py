"""A stored paper and memo of an agency, for tests of addresses that need one."""

import datetime

from prongsai.documents import actions, sources
from prongsai.documents.models import HandSignature, Memo, Paper
from prongsai.results.models import AgencyResult, PublishedResult
from tests.conftest import sample_year


def publish_copy(agency, source):
    """Give the agency a published result of the sample year: a copy of one of ``source``, unless it has its own."""
    if not PublishedResult.objects.filter(agency=agency, fiscal_year=sample_year()).exists():
        result = AgencyResult.objects.filter(result_set=source).first()
        result.pk, result.agency = None, agency
        result.save(force_insert=True)
        PublishedResult.objects.create(
            assessment_id="ita",
            agency=agency,
            fiscal_year=sample_year(),
            result=result,
            overall=result.overall,
            level=result.level,
        )


def store_paper_and_memo(agency, people):
    """The parts of the addresses of a paper and a memo."""
    source = AgencyResult.objects.filter(result_set__fiscal_year=sample_year()).first().result_set
    publish_copy(agency, source)
    paper = Paper.objects.create(
        agency=agency,
        kind="summary",
        fiscal_year=sample_year(),
        content_digest="s",
        docx_sha256=actions.store_file(b"x", "docx"),
        pdf_sha256=actions.store_file(b"x", "pdf"),
        figures_read=1,
        by=people["officer"],
    )
    memo = Memo.objects.create(
        agency=agency,
        result=sources.find_result(agency, sample_year()),
        content=sources.freeze_memo(sources.collect_data(agency, sample_year()), []),
        by=people["officer"],
        next_signatory=people["officer"],
        next_position="x",
    )
    day = datetime.date(2026, 1, 1)
    record = HandSignature.objects.create(
        memo=memo,
        positions=["x"],
        signed_on=day,
        scan_name="x.pdf",
        scan_form="pdf",
        scan_sha256=actions.store_file(b"x", "pdf"),
        by=people["officer"],
    )
    return {"paper_id": paper.pk, "memo_id": memo.pk, "record_id": record.pk}
