"""Reads of the print shop."""

from dataclasses import dataclass

from django.db.models import QuerySet

from prongsai.documents import gathering
from prongsai.documents.issuing import KINDS, WITHOUT_RESULT
from prongsai.documents.models import Memo, OwnTemplate, Paper
from prongsai.people.models import User
from prongsai.registry.models import Agency, Round

ABOUT = {
    "summary": "หนึ่งถึงสองหน้า: คะแนน ระดับ จุดแข็ง จุดที่ต้องพัฒนา และสิ่งที่ควรทำก่อน",
    "outcome": "วิธีประเมิน ผลตามเครื่องมือ ความหมายของแต่ละตัวชี้วัด ข้อเสนอแนะ และตารางผลการดำเนินการตามมาตรการ",
    "development": "เทียบกับปีก่อน แผนภูมิ รายข้อของทุกตัวชี้วัดพร้อมข้อบกพร่องและวิธีแก้ และแผนของสิบตัวชี้วัด",
    "measures": "ผลวิเคราะห์และมาตรการ พร้อมช่องติดตามผล",
    "memo": "บันทึกข้อความเสนอผู้บริหารตามลำดับ พร้อมรายการ OIT แนบท้าย",
    "checklist": "รายการ OIT ทุกข้อกับองค์ประกอบที่ต้องมี ใช้ตรวจก่อนยื่น",
    "reminder": "แบบวัดที่ยังขาดและข้อ OIT ที่ยังไม่ยื่น ใช้ติดตามภายใน",
}


@dataclass(frozen=True)
class Offered:
    """One kind of document on an agency's page."""

    kind: str
    name: str
    about: str
    possible: bool
    own: OwnTemplate | None
    issued: Paper | None


def offered(agency: Agency, fiscal_year: int) -> list[Offered]:
    """Every kind of document, with the last that was issued of the year."""
    has_result = fiscal_year in gathering.plans.results_of(agency)
    in_round = Round.objects.filter(
        fiscal_year=fiscal_year, agencies=agency
    ).exists()  # else nothing of surveys and filing is known
    own = {t.kind: t for t in OwnTemplate.objects.filter(agency=agency).defer("data")}
    last: dict[str, Paper] = {}
    for paper in Paper.objects.filter(agency=agency, fiscal_year=fiscal_year).select_related("by"):
        last.setdefault(paper.kind, paper)
    return [
        Offered(k, name, ABOUT[k], in_round if k in WITHOUT_RESULT else has_result, own.get(k), last.get(k))
        for k, name in KINDS.items()
    ]


def memos(agency: Agency) -> QuerySet[Memo]:
    return Memo.objects.filter(agency=agency).select_related("waiting", "by", "result__result_set").defer("emblem")


def waiting_for(user: User) -> QuerySet[Memo]:
    """Memos that wait for a user's signature."""
    return Memo.objects.filter(waiting=user).select_related("agency", "result__result_set").defer("emblem")
