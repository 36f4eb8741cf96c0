"""What people do at the pages of documents, and what the worker does then."""

from django.urls import reverse

from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from tests.conftest import sample_year


def papers(name="papers", *more):
    return reverse(name, args=["A1", sample_year(), *more])


def write(client, **more):
    posted = {
        "office": "สำนักปลัด",
        "to": "นายก",
        "reference_number": "ทส 1/",
        "subject": "",
        "position": ["นักวิเคราะห์นโยบายและแผน", ""],
        "holder": ["", ""],
        "signer": [str(client.session["_auth_user_id"]), ""],
    } | more
    return client.post(papers("write_memo"), posted)


def work(*, is_last=True):
    """What the worker does: write every paper that waits, once."""
    while job := take_job(queue=Queue.PAPERS, owner="test"):
        work_on(job, is_last=is_last)


def issue(client, kind):
    """Ask for a paper, and have it written."""
    response = client.post(papers("paper_issue", kind))
    work()
    return response
