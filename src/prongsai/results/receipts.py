"""Receipts as they were issued, and the public log's word for them.

A publication is one entry of the public log; the entry holds the root of a tree over the digests of all its receipts,
so that one signature vouches for each of them. An issued receipt is never made again: it is stored with its proof's
place, and served as it is.
"""

import base64
import json
import zlib
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from prongsai import analysis
from prongsai.jobs.kinds import Queue, job, periodic
from prongsai.jobs.leases import Lease
from prongsai.lib import digest, merkle
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.models import User
from prongsai.publiclog.actions import append_entry
from prongsai.publiclog.models import LogEntry
from prongsai.publiclog.queries import prove_entry
from prongsai.results import queries
from prongsai.results.models import AgencyResult, Erratum, IssuedReceipt, LoggedPublication, Publication

_RECEIPTS_PER_COMMIT = 500


@job(title="ลงบันทึกสาธารณะของผลที่เผยแพร่", queue=Queue.COMPUTE)
def log_publication(lease: Lease, publication_id: int) -> None:
    """Issue the receipts of a publication and append its entry to the public log. Receipts that an interrupted attempt
    issued stay."""
    publication = Publication.objects.select_related("result_set__corrects").get(pk=publication_id)
    if LoggedPublication.objects.filter(publication=publication).exists():
        return
    rows = _results_to_issue(publication)
    done = IssuedReceipt.objects.filter(publication=publication).count()
    total, batch = rows.count(), []
    for position, result in enumerate(rows[done:].iterator(chunk_size=_RECEIPTS_PER_COMMIT), start=done):
        batch.append(_issue(publication, result, position))
        if len(batch) == _RECEIPTS_PER_COMMIT:
            with lease.write(done=position + 1, total=total, advances=True):
                IssuedReceipt.objects.bulk_create(batch)
            batch = []
    with lease.write(done=total, total=total):
        IssuedReceipt.objects.bulk_create(batch)
        _append_publication(publication)


def _results_to_issue(publication: Publication) -> QuerySet[AgencyResult]:
    """The results of a publication in the order of their receipts."""
    return (
        AgencyResult.objects.filter(result_set=publication.result_set)
        .select_related("agency", "result_set__corrects")
        .order_by("agency__code", "pk")
    )


def _issue(publication: Publication, result: AgencyResult, position: int) -> IssuedReceipt:
    receipt = queries.receipt(result)
    content = zlib.compress(digest.canonical_json(receipt).encode())
    return IssuedReceipt(
        publication=publication, result=result, position=position, digest=receipt["digest"], content=content
    )


def _append_publication(publication: Publication) -> None:
    result_set, leaves = publication.result_set, _receipt_leaves(publication.pk)
    data = {
        "assessment": result_set.assessment_id,
        "fiscal_year": result_set.fiscal_year,
        "published_at": publication.published_at.isoformat(timespec="seconds"),
        "result_set": result_set.digest,
        "corrects": result_set.corrects.digest if result_set.corrects else None,
        "rules": result_set.framework_digest or None,
        "inputs": result_set.inputs["digest"],
        "receipts": {"size": len(leaves), "root": merkle.compute_root(leaves).hex()},
    }
    if erratum := Erratum.objects.filter(publication=publication).first():  # no free text: nothing is taken out again
        data["erratum"] = {"agencies": erratum.agencies, "reason": digest.of_json(erratum.reason)}
    entry = append_entry(kind="publication", data=data)
    LoggedPublication.objects.create(publication=publication, entry=entry.index, receipts=len(leaves))


def _receipt_leaves(publication_id: int) -> tuple[bytes, ...]:
    digests = IssuedReceipt.objects.filter(publication=publication_id).order_by("position")
    return tuple(merkle.hash_leaf(text.encode()) for text in digests.values_list("digest", flat=True))


@lru_cache(maxsize=4)
def _leaves_of_logged(publication_id: int, _root: str) -> tuple[bytes, ...]:
    """The leaves under a root that stands in the log: they never change."""
    return _receipt_leaves(publication_id)


def has_unlogged_publications() -> bool:
    return unlogged_publications().exists()


def unlogged_publications() -> QuerySet[Publication]:
    """Publications without an entry: of an older version, or whose job was lost; the oldest first."""
    return Publication.objects.filter(logged__isnull=True).order_by("pk")


@periodic(title="ลงบันทึกสาธารณะที่ค้าง", seconds=300, when=has_unlogged_publications)
def log_missing_publications(_: Lease) -> None:
    """Have every publication logged that is not; each in a job of its own."""
    for publication_id in unlogged_publications().values_list("pk", flat=True):
        request_entry(publication_id)


def request_entry(publication_id: int) -> None:
    """Have a publication logged in the background; once, however often it is asked for meanwhile."""
    log_publication.enqueue(publication_id, key=f"publiclog:{publication_id}", about="บันทึกสาธารณะ")


def open_receipt(*, result: AgencyResult, by: User) -> dict[str, Any]:
    """The opening of a result's newest receipt, for an auditor: the exact totals of every question, with what shows
    that the receipt committed to them. Raises DomainError where no receipt was issued that commits to any."""
    receipt = issued_receipt(result)
    if receipt is None or "committed" not in receipt:
        raise DomainError("ผลนี้ยังไม่มีใบรับรองที่ผูกยอดรายข้อไว้ จึงไม่มียอดให้เปิด")
    log_audit(
        by=by,
        action="results.open_receipt",
        subject=f"ใบรับรองผล ปี {receipt['fiscal_year']}",
        agency=result.agency.code,
        detail={"receipt": receipt["digest"]},
    )
    framework, basis = queries.framework_of(result.result_set), result.basis
    return analysis.build_opening(framework, receipt=receipt, totals=basis["items"], secret=basis["secret"])


def issued_receipt(result: AgencyResult) -> dict[str, Any] | None:
    """The receipt of a result as its newest publication issued it, with the public log's proof under ``log``; None
    while it is not in a signed state of the log."""
    issued = (
        IssuedReceipt.objects.filter(result=result, publication__logged__isnull=False)
        .select_related("publication__logged")
        .order_by("-publication_id")
        .first()
    )
    if issued is None:
        return None
    logged = issued.publication.logged
    proof = prove_entry(logged.entry)
    if proof is None:
        return None
    entry = LogEntry.objects.get(index=logged.entry).content
    leaves = _leaves_of_logged(issued.publication_id, json.loads(entry)["receipts"]["root"])
    receipt: dict[str, Any] = json.loads(zlib.decompress(issued.content))
    receipt["log"] = {
        "entry": entry,
        "position": issued.position,
        "path": [base64.b64encode(h).decode() for h in merkle.prove_inclusion(leaves, issued.position)],
        "proof": str(proof),
    }
    return receipt
