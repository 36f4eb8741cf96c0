"""Filings as tests need them: looks at links without a network, and one filing with something behind every address."""

import datetime
from contextlib import contextmanager
from unittest import mock

from django.utils import timezone

from prongsai import links as web
from prongsai.disclosure import actions, looking, queries
from prongsai.disclosure.models import Clarification, Link, Mark, SecondLook

PAGE = "<title>โครงสร้าง</title><h1>แผนผังโครงสร้างหน่วยงาน</h1><p>หน้าที่และอำนาจของหน่วยงาน ปีงบประมาณ</p>".encode()


def seen(target, state="ok", *, at=None, error="", body=PAGE, words="a" * 64, **more):
    """What one look at a target might have seen."""
    good = state in web.GOOD
    return web.Observation(
        key=target.key,
        url=target.url,
        observed_at=at or timezone.now(),
        state=state,
        error=error,
        status=200 if good else None,
        final_url=target.url,
        hops=(web.Hop(target.url, 200 if good else None, "203.0.113.7"),),
        declared_type="text/html",
        sniffed_type="text/html" if good else "",
        length=len(body) if good else None,
        digest="d" * 64 if good else "",
        text_digest=words if good else "",
        title="โครงสร้าง" if good else "",
        language="th",
        body=body if good else None,
        response_headers=(("Content-Type", "text/html; charset=utf-8"),),
        **more,
    )


@contextmanager
def the_web(answer=seen):
    """All looks get ``answer(target)``; nothing leaves this machine."""
    with mock.patch.object(looking.web, "check", lambda targets, policy: (answer(t) for t in targets)):
        yield


def look(answer=seen):
    """Everything that is due is looked at."""
    with the_web(answer):
        return looking.run_due()


def later(hours):
    """All of the past so many hours further back, and everything due now: as if time had gone by."""
    from prongsai.disclosure.models import Look

    for row in Look.objects.all():
        Look.objects.filter(pk=row.pk).update(at=row.at - datetime.timedelta(hours=hours))
    Link.objects.filter(until=None).update(next_look=timezone.now())


def file_first(filing, by, address="https://www.example.go.th/oit", items=1, **more):
    """The first items of the year, filed."""
    from prongsai import framework as rules

    for item in queries.items(rules.load(filing.round.framework))[:items]:
        given = {
            "addresses": f"{address}/{item.id}",
            "explanation": "",
            "elements": [0],
            "revision": 0,
            "by": by,
        } | more
        actions.file_entry(filing=filing, item=item.id, **given)


def disputed(agency, assessment_round, people):
    """A filing that is confirmed, marked, released and replied to; gives what its addresses are called."""
    filing = queries.filing_of(assessment_round, agency)
    file_first(filing, people["officer"])
    look()
    link = Link.objects.get(entry__filing=filing)
    made = actions.confirm(filing=filing, position="นายก", seen=digest(filing), by=people["executive"])
    filing.refresh_from_db()
    assert filing.confirmed == made
    Mark.objects.create(
        filing=filing, item=link.entry.item, stage="first", points=0, comment="ไม่ครบ", by=people["office"]
    )
    filing.released_at = timezone.now()
    filing.save()
    Clarification.objects.create(filing=filing, item=link.entry.item, text="มีครบ", by=people["officer"])
    second = SecondLook.objects.create(filing=filing, item=link.entry.item, assessor=people["assessor"])
    return {
        "item": link.entry.item,
        "link_id": link.pk,
        "filing_id": filing.pk,
        "second_id": second.pk,
        "digest": link.look.snapshot.digest,
    }


def digest(filing):
    from prongsai.lib import digest

    return digest.of_json(queries.content(filing))
