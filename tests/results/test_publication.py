"""Publishing a nation is a worker's: the page says before what it will do, answers at once, and what was shown is what
happens."""

import json

import numpy as np
import pytest
from django.urls import reverse
from typer.testing import CliRunner

from prongsai import analysis
from prongsai.cli.app import app
from prongsai.cli.demo import make_parcels
from prongsai.disclosure.models import BroughtMark, Mark
from prongsai.framework import NATIONAL, load
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.people.actions import DomainError
from prongsai.people.models import Notice, User
from prongsai.registry.models import TableUpload
from prongsai.registry.queries import load_round_framework
from prongsai.results import actions, queries
from prongsai.results.models import Publication, PublishedResult
from tests.conftest import sample_year

from .way_back import compute, items_of, seal_round

REASON = "รับอุทธรณ์ เลขที่ 1"  # of a correction; a first publication needs none and stores none


@pytest.fixture
def two(people, nation, parcels, tmp_path, settings):
    """A computation of the year and its correction, which has two agencies of twelve, and workers."""
    settings.JOBS_BY_WORKERS = True
    settings.LEAST_SHARE = 0
    first = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    make_parcels(load(NATIONAL, sample_year()), ["N00", "N01"], np.array([0.5, 0.99]), tmp_path / "again", seed=2)
    again = {"folder": tmp_path / "again", "by": people["office"], "corrects": first}
    return first, actions.compute_round(assessment_round=nation, **again)


def page_of(client, result_set):
    return client.get(reverse("result_set", args=[result_set.pk])).content.decode()


def ask(client, result_set):
    seen = queries.publication_key(result_set)
    return client.post(
        reverse("publish", args=[result_set.pk]), {"seen": seen, "reason": REASON, "typed": result_set.fiscal_year}
    )


def do_the_work():
    while job := take_job(queue=Queue.OFFICE, owner="test"):
        work_on(job)


def test_the_page_answers_before_anything_is_public(client, people, two):
    client.force_login(people["office"])
    for _ in range(2):  # pressed twice
        assert ask(client, two[0]).status_code == 302
    assert not PublishedResult.objects.exists()
    page = page_of(client, two[0])
    assert "รอทำ: เผยแพร่ผลการประเมิน" in page
    assert reverse("publish", args=[two[0].pk]) not in page  # nothing to press meanwhile
    do_the_work()
    assert PublishedResult.objects.count() == 12
    assert Publication.objects.count() == Notice.objects.count() == 1
    assert "เสร็จแล้ว" in page_of(client, two[0])


def test_the_consequences_are_shown_before(client, people, two):
    first, second = two
    preview = queries.preview_publication(first)
    assert (preview.agencies, preview.first, preview.replaced) == (12, 12, 0)
    actions.publish(result_set=first, by=people["office"])
    preview = queries.preview_publication(second)
    assert (preview.agencies, preview.first, preview.replaced, preview.changed) == (2, 0, 2, 2)
    client.force_login(people["office"])
    assert "แทนผลที่เผยแพร่อยู่ 2 หน่วยงาน" in page_of(client, second)
    actions.publish(result_set=second, reason=REASON, by=people["office"])
    back = queries.preview_publication(second, withdrawal=True)
    assert (back.replaced, back.removed, back.changed) == (2, 0, 2)
    gone = queries.preview_publication(first, withdrawal=True)
    assert gone.removed == 0  # what is corrected is not what the public sees
    actions.withdraw(result_set=second, reason="ตรวจใหม่", by=people["office"])
    assert queries.preview_publication(first, withdrawal=True).removed == 12


def test_what_was_shown_is_what_happens(client, people, two):
    """Somebody publishes another set between the look and the press, or between the press and the work."""
    first, second = two
    client.force_login(people["office"])
    old = queries.publication_key(second)
    actions.publish(result_set=first, by=people["office"])
    client.post(reverse("publish", args=[second.pk]), {"seen": old, "reason": REASON, "typed": second.fiscal_year})
    do_the_work()
    assert not Publication.objects.filter(result_set=second).exists()
    assert "ดูสิ่งที่จะเกิดขึ้นอีกครั้ง" in page_of(client, second)
    ask(client, second)
    do_the_work()
    assert Publication.objects.filter(result_set=second).exists()


@pytest.mark.parametrize("other", [0, 1])
def test_two_of_the_office_publish_at_once(client, people, two, other):
    """The same set: it is published once. Different ones, each shown before the other was: the first alone. What two
    processes do at the very same moment is tried a hundred times by ``make faults``."""
    second = User.objects.create(email="second@example.test", name="คนที่สอง", role="office")
    for who, result_set in ((people["office"], two[0]), (second, two[other])):
        client.force_login(who)
        assert ask(client, result_set).status_code == 302
    do_the_work()
    assert [p.result_set for p in Publication.objects.all()] == [two[0]]
    assert PublishedResult.objects.count() == 12
    told = [notice.text for notice in Notice.objects.filter(user=second)]
    assert len(told) == other
    assert not other or "หลังจากที่เปิดหน้านี้" in told[0]


def test_who_is_refused_hears_it_at_once(client, people, two):
    client.force_login(people["office"])
    refused = client.post(
        reverse("withdraw", args=[two[0].pk]), {"reason": "ตรวจใหม่", "typed": two[0].fiscal_year}, follow=True
    )
    assert "ไม่ได้เผยแพร่อยู่" in refused.content.decode()
    actions.publish(result_set=two[0], by=people["office"])
    refused = client.post(
        reverse("withdraw", args=[two[0].pk]), {"reason": " ", "typed": two[0].fiscal_year}, follow=True
    )
    assert "ต้องบอกเหตุผล" in refused.content.decode()
    assert take_job(queue=Queue.OFFICE, owner="test") is None


def test_a_withdrawal_is_done_by_the_worker_and_gives_back_what_was_before(client, people, two):
    first, second = two
    for made in two:
        actions.publish(result_set=made, reason=REASON, by=people["office"])
    client.force_login(people["office"])
    client.post(reverse("withdraw", args=[second.pk]), {"reason": "ข้อมูลผิดแฟ้ม", "typed": second.fiscal_year})
    assert {r.result.result_set for r in PublishedResult.objects.all()} == {second}
    do_the_work()
    assert {r.result.result_set for r in PublishedResult.objects.all()} == {first}


def test_a_publication_that_is_refused_leaves_nothing(people, two):
    actions.publish(result_set=two[0], by=people["office"])
    with pytest.raises(DomainError, match="เผยแพร่อยู่แล้ว"):
        actions.publish(result_set=two[0], by=people["office"])
    assert Publication.objects.count() == 1


def test_the_public_and_the_office_read_that_marks_came_in_a_table(client, people, agencies, running_round, tmp_path):
    """Of the agency whose marks did, and of no other."""
    seal_round(running_round, agencies, people)
    upload = TableUpload.objects.create(
        assessment=running_round.assessment, kind="marks", round=running_round, by=people["office"], file_name="f.xlsx"
    )
    for mark in Mark.objects.filter(filing__agency=agencies[0], item__in=items_of(running_round)[:2]):
        BroughtMark.objects.create(mark=mark, upload=upload, by=people["office"])
    actions.publish(result_set=compute(running_round, people), by=people["office"])

    def read(agency):
        return client.get(f"/agency/{agency.code}/{running_round.fiscal_year}/").content.decode()

    assert "2 ข้อของปีนี้นำเข้าจากตารางที่ทำนอกระบบนี้" in " ".join(read(agencies[0]).split())
    assert "นำเข้าจากตาราง" not in read(agencies[1])
    client.force_login(people["office"])
    page = client.get(f"/desk/oit/{running_round.fiscal_year}/").content.decode()
    assert "มีคะแนนที่นำเข้าจากตาราง 2 ข้อ ของ 1 หน่วยงาน" in " ".join(page.split())
    items = sorted(items_of(running_round)[:2])
    result, other = (PublishedResult.objects.get(agency=a).result for a in agencies)
    receipt = queries.receipt(result)
    assert receipt["about"]["brought"] == items
    assert "brought" not in queries.receipt(other)["about"]
    (tmp_path / "receipt.json").write_text(json.dumps(receipt), encoding="utf-8")
    printed = CliRunner().invoke(app, ["verify", str(tmp_path / "receipt.json")]).stdout
    assert f"! คะแนนการเปิดเผยข้อมูล 2 ข้อนำเข้าจากตารางที่ทำนอกระบบ ในนามของผู้ประเมิน: {', '.join(items)}" in printed
    assert analysis.verify_receipt(receipt, load_round_framework(running_round)) == []
    del receipt["about"]["brought"]
    assert analysis.verify_receipt(receipt, load_round_framework(running_round)) != []  # who takes it off has another
