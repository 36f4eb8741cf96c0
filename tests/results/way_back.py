"""A round of two agencies with sealed answers and marks, and the way back from an accepted appeal to a corrected
result, each step by the action that its page takes."""

import datetime

import numpy as np
from django.utils import timezone

from prongsai.cli.demo import make_parcels
from prongsai.disclosure import actions as disclosures
from prongsai.disclosure import queries as filings
from prongsai.disclosure.models import Mark
from prongsai.registry.queries import load_round_framework
from prongsai.results import actions, queries

ORDER = {
    "ground": "appeal",
    "number": "อธ 12/2569",
    "dated": datetime.date(2026, 11, 3),
    "reason": "เอกสารอยู่ในลิงก์ที่ยื่นไว้แต่แรก",
}
REASON = "รับอุทธรณ์ เลขที่ อธ 12/2569 ลงวันที่ 3 พ.ย. 2569"


def items_of(assessment_round):
    return [i.id for i in filings.items(load_round_framework(assessment_round))]


def seal_round(assessment_round, agencies, people, zero=1):
    """Answers as if sealed, and marks that are: of the first agency the first items have none of their points."""
    mark_round(assessment_round, agencies, people, zero)
    seal_marks(assessment_round, people)


def mark_round(assessment_round, agencies, people, zero=1):
    """The same without the seal of the marks, which are released."""
    framework, items = load_round_framework(assessment_round), items_of(assessment_round)
    codes = [a.code for a in agencies]
    make_parcels(framework, codes, np.array([0.75] * len(codes)), assessment_round.parcels, seed=3)
    for number, agency in enumerate(agencies):
        filing = filings.get_filing(assessment_round, agency)
        Mark.objects.bulk_create(
            Mark(
                filing=filing,
                item=item,
                stage="first",
                points=0 if number == 0 and place < zero else 100,
                comment="ไม่ครบ",
                by=people["assessor"],
            )
            for place, item in enumerate(items)
        )
        filing.released_at = timezone.now()
        filing.save()


def seal_marks(assessment_round, people):
    return disclosures.seal(assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"])


def compute(assessment_round, people):
    """As the worker does."""
    actions.run_in_background.call(assessment_round.pk, "", people["office"].pk)
    return queries.ResultSet.objects.filter(round=assessment_round).first()


def reopen(assessment_round, agency, people, item):
    filing = filings.get_filing(assessment_round, agency)
    seen = filings.reopening_key(filing, item)
    return disclosures.reopen_item(filing=filing, item=item, seen=seen, by=people["office"], **ORDER)


def correct_marks(assessment_round, agency, people, item, points=100):
    """Reopen an item, decide it as the office, and seal again."""
    reopen(assessment_round, agency, people, item)
    disclosures.mark_item(
        filing=filings.get_filing(assessment_round, agency),
        item=item,
        points=points,
        reasons=[],
        comment="ตามคำวินิจฉัย",
        elements=[],
        by=people["office"],
        stage="decision",
    )
    return seal_marks(assessment_round, people)
