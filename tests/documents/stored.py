"""A paper and a memo of an agency, for addresses that need one."""

from django.utils import timezone

from prongsai.documents import actions, gathering
from prongsai.documents.models import Memo, Paper
from prongsai.results.models import AgencyResult, PublishedResult
from tests.conftest import newest


def published(agency, source):
    """The agency has a published result of the newest year; where it has none, one like another's."""
    if not PublishedResult.objects.filter(agency=agency, fiscal_year=newest()).exists():
        result = AgencyResult.objects.filter(result_set=source).first()
        result.pk, result.agency = None, agency
        result.save(force_insert=True)
        PublishedResult.objects.create(
            agency=agency, fiscal_year=newest(), result=result, overall=result.overall, level=result.level
        )


def kept(agency, people):
    """What the addresses of a paper and a memo are called."""
    source = AgencyResult.objects.filter(result_set__fiscal_year=newest()).first().result_set
    published(agency, source)
    sums = {form: actions._put(b"x", form) for form in ("docx", "pdf")}
    paper = Paper.objects.create(
        agency=agency, kind="summary", fiscal_year=newest(), says="s", figures=1, by=people["officer"], **sums
    )
    found = gathering.plans.results_of(agency)[newest()]
    memo = Memo.objects.create(
        agency=agency,
        result=found,
        content=gathering.frozen(gathering.material(agency, newest())),
        by=people["officer"],
        waiting=people["officer"],
        waiting_position="x",
        made_at=timezone.now(),
    )
    return {"paper_id": paper.pk, "memo_id": memo.pk}
