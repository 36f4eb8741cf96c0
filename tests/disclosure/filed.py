"""Filings for tests: link checks without a network, and one filing with something behind every URL of the room."""

import datetime
import hashlib
from contextlib import contextmanager
from unittest import mock

from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from prongsai import framework as rules
from prongsai import links
from prongsai.disclosure import actions, link_checks, queries
from prongsai.disclosure.models import BlindReview, Clarification, Link, LinkCheck, Mark
from prongsai.lib import digest
from prongsai.machines import files
from tests.conftest import sample_year

SITE = "https://www.example.go.th"
PAGE = "<title>โครงสร้าง</title><h1>แผนผังโครงสร้างหน่วยงาน</h1><p>หน้าที่และอำนาจของหน่วยงาน ปีงบประมาณ</p>".encode()


def observe(target, state="ok", *, at=None, error="", body=PAGE, text_digest="a" * 64, **more):
    """What one check of a target might observe."""
    is_good = state in links.GOOD
    return links.Observation(
        key=target.key,
        url=target.url,
        observed_at=at or timezone.now(),
        state=state,
        error=error,
        status=200 if is_good else None,
        final_url=target.url,
        hops=(links.Hop(target.url, 200 if is_good else None, "203.0.113.7"),),
        declared_type="text/html",
        sniffed_type="text/html" if is_good else "",
        length=len(body) if is_good else None,
        digest=hashlib.sha256(body).hexdigest() if is_good else "",
        text_digest=text_digest if is_good else "",
        title="โครงสร้าง" if is_good else "",
        language="th",
        body=body if is_good else None,
        response_headers=(("Content-Type", "text/html; charset=utf-8"),),
        **more,
    )


@contextmanager
def fake_checks(observe_target=observe):
    """All checks yield ``observe_target(target)``; there is no network."""
    observations = mock.Mock(side_effect=lambda targets, policy, within=None: (observe_target(t) for t in targets))
    with mock.patch.object(link_checks.links, "check_targets", observations):
        yield


def check_due_links(observe_target=observe):
    """Check everything that is due."""
    with fake_checks(observe_target):
        return link_checks.check_due_links()


def advance_time(hours):
    """Move all checks so many hours into the past, and make every link due."""
    LinkCheck.objects.update(at=F("at") - datetime.timedelta(hours=hours))
    Link.objects.filter(until=None).update(next_check_at=timezone.now())


def file_first(filing, by, address="https://www.example.go.th/oit", items=1, **changes):
    """File the first items of the year."""
    for item in queries.items(rules.load(rules.NATIONAL, filing.round.fiscal_year))[:items]:
        entry = {
            "addresses": f"{address}/{item.id}",
            "explanation": "",
            "elements": [0],
            "revision": 0,
            "by": by,
        } | changes
        actions.file_entry(filing=filing, item=item.id, **entry)


def file_and_confirm(filing, people, items=1):
    file_first(filing, people["officer"], SITE, items)
    check_due_links()
    actions.confirm_filing(
        filing=filing, position="นายกองค์การบริหารส่วนตำบล", content_digest=content_digest(filing), by=people["executive"]
    )
    filing.refresh_from_db()
    return filing


def mark_all(filing, people, ids, zero=()):
    """Mark all items with full points except those in ``zero``, and release the marks."""
    for item in ids:
        actions.mark_item(
            filing=filing,
            item=item,
            points=0 if item in zero else 100,
            reasons=["องค์ประกอบไม่ครบ"] if item in zero else [],
            comment="ดูในเว็บไซต์แล้ว",
            elements=[],
            by=people["assessor"],
        )
    actions.release_marks(filing=filing, by=people["assessor"])
    filing.refresh_from_db()


def disputed(agency, assessment_round, people):
    """A filing that is confirmed, marked, released and replied to; returns the keyword arguments of its URLs."""
    filing = queries.get_filing(assessment_round, agency)
    file_first(filing, people["officer"])
    check_due_links()
    link = Link.objects.get(entry__filing=filing)
    confirmation = actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    filing.refresh_from_db()
    assert filing.confirmed == confirmation
    Mark.objects.create(
        filing=filing, item=link.entry.item, stage="first", points=0, comment="ไม่ครบ", by=people["office"]
    )
    filing.released_at = timezone.now()
    filing.save()
    Clarification.objects.create(filing=filing, item=link.entry.item, text="มีครบ", by=people["officer"])
    review = BlindReview.objects.create(filing=filing, item=link.entry.item, assessor=people["assessor"])
    name = f"rendered/{(picture := hashlib.sha256(b'webp').hexdigest())[:2]}/{picture}.webp"
    files.store_bytes(name, b"webp")
    link.checks.update(picture=picture)
    return {
        "item": link.entry.item,
        "link_id": link.pk,
        "picture_digest": picture,
        "filing_id": filing.pk,
        "review_id": review.pk,
        "digest": link.last_check.snapshot.digest,
    }


def content_digest(filing):
    """The digest of what the desk shows, as it is posted with a confirmation."""
    return digest.of_json(queries.filed_content(filing))


def item_url(item):
    return reverse("oit_item", args=["A1", sample_year(), item])
