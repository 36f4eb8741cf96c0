"""Before a set of results is public: what it lacks is said with its reason, and what takes the nation's totals away is
refused, on the page, when it is asked for, and again by the worker."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from prongsai.cli.demo import make_parcels
from prongsai.framework import NATIONAL, load
from prongsai.people.actions import DomainError
from prongsai.results import actions, queries, release
from prongsai.results.models import Publication, PublishedResult
from tests.conftest import sample_year

CODES = [f"N{k:02}" for k in range(12)]
REASON = "รับอุทธรณ์ เลขที่ 1"


def make_set(nation, people, folder, *, marked=12, seed=1, corrects=None):
    """Results of a round in which the marks of only so many agencies are there: the others have no total."""
    make_parcels(load(NATIONAL, sample_year()), CODES, np.linspace(0.6, 0.9, 12), folder, seed=seed)
    marks = pq.read_table(folder / "marks.parquet")
    lost = pa.array([k >= marked for k in range(len(marks))])
    for place, name in enumerate(marks.column_names):
        if name != "agency":
            column = marks[name].combine_chunks()
            kept = pa.compute.if_else(lost, pa.scalar(None, column.type), column)
            marks = marks.set_column(place, name, kept)
    pq.write_table(marks, folder / "marks.parquet")
    return actions.compute_round(assessment_round=nation, folder=folder, by=people["office"], corrects=corrects)


@pytest.fixture
def page(client, people):
    client.force_login(people["office"])
    return lambda made: client.get(reverse("result_set", args=[made.pk])).content.decode()


def test_a_set_without_totals_is_refused_with_the_reason(client, people, nation, tmp_path, page):
    made = make_set(nation, people, tmp_path, marked=5)
    report = release.report(made)
    assert (report.totals.expected, report.totals.with_total, report.totals.without) == (12, 5, 7)
    assert ("ไม่มีคะแนน OIT", 7) in report.why
    shown = page(made)
    assert "มีคะแนนรวมเพียง 5 จาก 12 หน่วยงาน ต่ำกว่าร้อยละ 50" in shown
    assert "ไม่มีคะแนน OIT 7 แห่ง" in shown
    assert f'action="{reverse("publish", args=[made.pk])}"' not in shown
    seen = {"seen": queries.publication_key(made), "typed": made.fiscal_year}
    refused = client.post(reverse("publish", args=[made.pk]), seen, follow=True)
    assert "มีคะแนนรวมเพียง 5 จาก 12" in refused.content.decode()
    with pytest.raises(DomainError, match="มีคะแนนรวมเพียง 5 จาก 12"):
        actions.publish(result_set=made, by=people["office"])  # what the worker calls
    assert not Publication.objects.exists()


def test_half_of_them_is_enough_unless_the_installation_asks_for_more(people, nation, tmp_path, settings, page):
    made = make_set(nation, people, tmp_path, marked=6)
    assert release.report(made).refusals == []
    assert f'action="{reverse("publish", args=[made.pk])}"' in page(made)
    settings.LEAST_SHARE = 51
    with pytest.raises(DomainError, match="ต่ำกว่าร้อยละ 51"):
        actions.publish(result_set=made, by=people["office"])
    settings.LEAST_SHARE = 50
    actions.publish(result_set=made, by=people["office"])
    assert PublishedResult.objects.count() == 12


def test_one_click_does_not_replace_the_nations_totals_by_dashes(people, nation, tmp_path, settings, page):
    first = make_set(nation, people, tmp_path / "first")
    actions.publish(result_set=first, by=people["office"])
    second = make_set(nation, people, tmp_path / "second", marked=6, seed=2, corrects=first)
    settings.LEAST_SHARE = 80
    report = release.report(second)
    assert (report.public_totals, report.lost, report.gone) == (12, 6, 0)
    assert "คะแนนรวมที่เผยแพร่อยู่ 12 หน่วยงาน จะเหลือ 6 จาก 12 หน่วยงาน" in page(second)
    with pytest.raises(DomainError, match="กลายเป็นขีด 6 แห่ง"):
        actions.publish(result_set=second, reason=REASON, by=people["office"])
    assert PublishedResult.objects.filter(overall=None).count() == 0


def test_a_single_total_may_be_taken_back_with_a_reason(people, nation, tmp_path, page):
    """A survey that was found out to be invented leaves its agency without a total; the others stay."""
    first = make_set(nation, people, tmp_path / "first")
    actions.publish(result_set=first, by=people["office"])
    second = make_set(nation, people, tmp_path / "second", marked=11, corrects=first)
    shown = page(second)
    assert "จะกลายเป็นขีด 1 หน่วยงาน" in shown
    actions.publish(result_set=second, reason=REASON, by=people["office"])
    assert PublishedResult.objects.filter(overall=None).count() == 1


def test_a_correction_of_a_few_does_not_make_the_rest_disappear(people, nation, tmp_path, parcels):
    first = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    actions.publish(result_set=first, by=people["office"])
    make_parcels(load(NATIONAL, sample_year()), CODES[:2], np.array([0.5, 0.99]), tmp_path, seed=2)
    few = actions.compute_round(assessment_round=nation, folder=tmp_path, by=people["office"], corrects=first)
    assert release.report(few).gone == 10
    with pytest.raises(DomainError, match="หายไป 10 แห่ง"):
        actions.publish(result_set=few, reason=REASON, by=people["office"])


def test_what_moves_most_is_shown_against_the_public_and_the_year_before(people, nation, tmp_path, page):
    first = make_set(nation, people, tmp_path / "first")
    actions.publish(result_set=first, by=people["office"])
    second = make_set(nation, people, tmp_path / "second", seed=7, corrects=first)
    report = release.report(second)
    before = dict(first.results.values_list("agency_id", "overall"))
    after = dict(second.results.values_list("agency_id", "overall"))
    changes = sorted((abs(after[a] - before[a]) for a in after if after[a] != before[a]), reverse=True)
    assert changes
    assert [abs(m.change) for m in report.movers] == changes[:10]
    assert report.outliers == []  # nothing is public of the year before
    assert "เปลี่ยนจากที่เผยแพร่อยู่มากที่สุด" in page(second)


@pytest.fixture
def imports(people, tmp_path):
    """What a table in the nation's shape becomes."""

    def read(*lines):
        path = tmp_path / "nation.csv"
        path.write_text("\n".join(["รหัส,ชื่อ,คะแนนรวม,ระดับ,1,2", *lines]), encoding="utf-8")
        made = actions.upload(
            path=path,
            file_name=path.name,
            shape="nation",
            by=people["office"],
            fiscal_year=sample_year(),
            enqueue=False,
        )
        actions.read_import.call(made.pk)
        made.refresh_from_db()
        return actions.confirm_bulk_import(imported=made, by=people["office"])

    return read


def test_a_table_whose_totals_were_not_read_is_refused(people, nation, imports):
    made = imports("N00,,,,70.50,", "N01,,91.25,,80.00,", "N02,,,,60.00,")
    assert release.report(made).totals.with_total == 1
    with pytest.raises(DomainError, match="มีคะแนนรวมเพียง 1 จาก 3"):
        actions.publish(result_set=made, by=people["office"])


def test_the_paper_of_one_agency_says_what_it_says(people, nation, imports):
    """A paper about disclosure alone prints no total; the agency plans from it all the same."""
    made = imports("N00,,,,70.50,")
    assert release.report(made).refusals == []
    actions.publish(result_set=made, by=people["office"])
    assert PublishedResult.objects.get().overall is None
