"""What an agency has made from its result of a year, which another result does not change by itself: the plan, the
papers that were issued, the memos."""

from dataclasses import dataclass

from django.utils import timezone

from prongsai.documents.models import Memo, Paper
from prongsai.documents.papers import OF_PLAN, OF_REGISTER
from prongsai.improvement.models import Plan
from prongsai.improvement.queries import latest_approval
from prongsai.lib import fiscal
from prongsai.registry.models import Agency


@dataclass(frozen=True)
class Resting:
    """One thing that rests on a result, in Thai, with the name of its page and the fiscal year of that."""

    text: str
    view: str
    fiscal_year: int


def list_resting_on(agency: Agency, fiscal_year: int) -> list[Resting]:
    """The plan of the year after a result, and the papers and memos that were written from it."""
    resting = []
    plan = Plan.objects.filter(agency=agency, result__result_set__fiscal_year=fiscal_year).first()
    if plan is not None:
        approval = latest_approval(plan)
        state = (
            f"อนุมัติแล้วเมื่อ {fiscal.short_date(timezone.localdate(approval.at))}"
            if approval
            else plan.get_status_display()
        )
        resting.append(Resting(f"แผนยกระดับปี {plan.fiscal_year} ({state})", "plan", plan.fiscal_year))
    issued = Paper.objects.filter(agency=agency, fiscal_year=fiscal_year).exclude(kind__in=OF_PLAN | OF_REGISTER)
    if papers := issued.count():
        resting.append(Resting(f"เอกสารที่ออกแล้ว {papers} ฉบับ", "papers", fiscal_year))
    if memos := Memo.objects.filter(agency=agency, result__result_set__fiscal_year=fiscal_year).count():
        resting.append(Resting(f"บันทึกข้อความ {memos} ฉบับ", "papers", fiscal_year))
    return resting
