"""The registers of the demonstration: each kind has content, and each stage of the approval can be tried."""

from prongsai.cli.demo_registers import keep_registers
from prongsai.documents import compose_document, sources
from prongsai.documents.content.blocks import list_texts
from prongsai.documents.models import Memo
from prongsai.documents.sources import LinePosition
from prongsai.improvement.models import RegisterSheet
from prongsai.improvement.registers import queries
from prongsai.improvement.registers.kinds import load, papers
from tests.conftest import sample_year


def test_every_kind_has_content_and_the_stages_differ(people, agencies, running_round):
    agency, year = agencies[0], sample_year()
    keep_registers(
        agency=agency,
        year=year,
        officer=people["officer"],
        executive=people["executive"],
        line=[
            LinePosition(position="นักวิเคราะห์นโยบายและแผน", user=people["officer"].pk),
            LinePosition(position="นายกองค์การบริหารส่วนตำบล", user=people["executive"].pk),
        ],
    )
    sheets = RegisterSheet.objects.filter(agency=agency, fiscal_year=year)
    assert {s.kind for s in sheets} == load().keys()
    assert all(queries.records_of(s) for s in sheets)
    assert {s.status for s in sheets} == {"approved", "submitted", "draft"}
    before = queries.find_sheet(agency, year - 1, "action_plan")
    for stage in ("plan", "half", "year"):
        assert queries.missing_values(before, stage) == []
    for kind, (definition, paper) in papers().items():
        of_year = year - 1 if definition.key in ("action_plan", "gifts") and paper.stage != "plan" else year
        texts = " ".join(list_texts(compose_document(kind, sources.collect_data(agency, of_year, kind))))
        assert ("(ร่าง)" in texts) == (definition.key == "risk"), kind  # it waits for the executive
    memo = Memo.objects.get()  # as the page writes it: its executive is asked next, its files are being written
    assert (memo.sheet.kind, memo.next_signatory) == ("risk", people["executive"])
    assert memo.jobs.exists()
    texts = "\n".join(list_texts(sources.compose_memo(memo)))
    assert "เห็นควรเสนอเพื่อโปรดพิจารณา" in texts
    assert "(ร่าง)" in texts
