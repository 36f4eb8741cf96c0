"""Reads of documents: what an agency's page offers, memos, signatures that are due."""

from dataclasses import dataclass

from django.db.models import QuerySet

from prongsai.documents import sources
from prongsai.documents.models import AgencyTemplate, Memo, Paper
from prongsai.documents.papers import KINDS, WITHOUT_RESULT
from prongsai.people.models import User
from prongsai.registry.models import Agency, Round

DESCRIPTIONS = {
    "summary": "หนึ่งถึงสองหน้า: คะแนน ระดับ จุดแข็ง จุดที่ต้องพัฒนา และสิ่งที่ควรทำก่อน",
    "outcome": "วิธีประเมิน ผลตามเครื่องมือ ความหมายของแต่ละตัวชี้วัด ข้อเสนอแนะ และตารางผลการดำเนินการตามมาตรการ",
    "development": "เทียบกับปีก่อน แผนภูมิ รายข้อของทุกตัวชี้วัดพร้อมข้อบกพร่องและวิธีแก้ และแผนของสิบตัวชี้วัด",
    "measures": "ผลวิเคราะห์และมาตรการ พร้อมช่องติดตามผล",
    "memo": "บันทึกข้อความเสนอผู้บริหารตามลำดับ พร้อมรายการเปิดเผยข้อมูลแนบท้าย",
    "checklist": "รายการเปิดเผยข้อมูลทุกข้อกับองค์ประกอบที่ต้องมี ใช้ตรวจก่อนยื่น",
    "reminder": "แบบวัดที่ยังขาดและข้อมูลเปิดเผยที่ยังไม่ยื่น ใช้ติดตามภายใน",
}


@dataclass(frozen=True, kw_only=True)
class OfferedPaper:
    """One kind of paper on an agency's page. ``is_possible``: something is known to write it from."""

    kind: str
    name: str
    description: str
    is_possible: bool
    template: AgencyTemplate | None
    issued: Paper | None


def list_offered(agency: Agency, fiscal_year: int) -> list[OfferedPaper]:
    """Every kind of paper, with the last one issued of the year."""
    has_result = sources.find_result(agency, fiscal_year) is not None
    # outside a round nothing is known of surveys and filing
    in_round = Round.objects.filter(fiscal_year=fiscal_year, agencies=agency).exists()
    templates = {t.kind: t for t in AgencyTemplate.objects.filter(agency=agency).defer("data")}
    issued: dict[str, Paper] = {}
    for paper in Paper.objects.filter(agency=agency, fiscal_year=fiscal_year).select_related("by"):
        issued.setdefault(paper.kind, paper)
    return [
        OfferedPaper(
            kind=kind,
            name=name,
            description=DESCRIPTIONS[kind],
            is_possible=in_round if kind in WITHOUT_RESULT else has_result,
            template=templates.get(kind),
            issued=issued.get(kind),
        )
        for kind, name in KINDS.items()
    ]


def list_memos(agency: Agency) -> QuerySet[Memo]:
    memos = Memo.objects.filter(agency=agency).select_related("next_signatory", "by", "result__result_set")
    return memos.defer("emblem")


def memos_to_sign(user: User) -> QuerySet[Memo]:
    """Memos that await a user's signature."""
    return Memo.objects.filter(next_signatory=user).select_related("agency", "result__result_set").defer("emblem")
