"""The writes of the disclosure room by a person: filing, confirmation, marks, clarifications, decisions, the seal, and
what is opened again after it."""

import bisect
import datetime
import hashlib
import io
import random
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from prongsai import links
from prongsai.disclosure import link_checks, queries
from prongsai.disclosure.models import (
    BlindReview,
    BroughtMark,
    Change,
    Clarification,
    Confirmation,
    DrawnDispute,
    Entry,
    Filing,
    Link,
    LinkCheck,
    Mark,
    MarksSeal,
    MarkWithdrawal,
    Remark,
    Reopening,
)
from prongsai.disclosure.pasted import drop_placeholder
from prongsai.framework import DisclosureItem
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import NO_LEASE, Lease
from prongsai.jobs.models import Job
from prongsai.lib import digest
from prongsai.lib.stored_files import store_bytes
from prongsai.machines import files
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.background import BackgroundAction, background_action
from prongsai.people.models import User
from prongsai.publiclog.actions import append_entry
from prongsai.registry.actions import check_order
from prongsai.registry.models import Assignment, Round
from prongsai.registry.queries import (
    assessors_of,
    describe_share,
    find_conflict,
    is_enough,
    load_conflicts,
    load_round_framework,
    officers_of,
    path_of,
)

MAX_LINKS = 20
_SPACE_IN_FILE_NAME = re.compile(
    r"(https?://\S+)[ \t]+(\S[^/]*\.(?:pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|html?))$", re.I
)  # a file name with a space
MAX_TEXT_LENGTH = 4000


class StaleError(DomainError):
    """The entry was changed meanwhile: by somebody else, or by the same user on another page. ``entry`` is its current
    state."""

    def __init__(self, entry: Entry, by: User) -> None:
        changed_by = entry.changed_by.name if entry.changed_by else "ผู้ใช้อื่น"
        happened = f"{changed_by} เพิ่งแก้ข้อนี้ขณะที่คุณกำลังพิมพ์"
        if entry.changed_by_id == by.pk:
            happened = "คุณบันทึกข้อนี้จากอีกหน้าหนึ่งหลังจากเปิดหน้านี้"
        super().__init__(f"{happened} ดูสิ่งที่บันทึกอยู่ตอนนี้ แล้วกดบันทึกอีกครั้งหากต้องการใช้ข้อความในช่องแทน")
        self.entry = entry


def _lock_filing(filing: Filing) -> Filing:
    """The filing, locked until the transaction ends: nobody changes what somebody else marks."""
    return Filing.objects.select_for_update(of=("self",)).select_related("round", "agency").get(pk=filing.pk)


def _get_item(filing: Filing, item: str) -> DisclosureItem:
    disclosure_item = queries.item_of(load_round_framework(filing.round), item)
    if disclosure_item is None:
        raise DomainError(f"หลักเกณฑ์ปี {filing.round.fiscal_year} ไม่มีข้อ {item[:20]}")
    return disclosure_item


def _audit_subject(filing: Filing, item: str = "") -> str:
    return f"รอบ {filing.round.fiscal_year} {item}".strip()


# --- the agency files


def parse_addresses(text: str) -> list[links.Address]:
    """The addresses in a text, each once; of the same one with http and https, the second. Raises DomainError with
    every problem, one a line."""
    text = drop_placeholder(text)
    addresses: dict[str, links.Address] = {}
    problems = _find_cut_addresses(text)
    for address in links.find_addresses(text):
        if isinstance(address, links.InvalidAddress):
            reasons = " ".join(links.describe_code(code) for code in address.codes)
            problems.append(f"“{address.text[:80]}{'…' if len(address.text) > 80 else ''}” {reasons}")
        else:
            scheme, _, rest = address.url.partition("://")
            if rest not in addresses or scheme == "https":
                addresses[rest] = address
    if text.strip() and not addresses and not problems:
        problems.append("ไม่พบที่อยู่เว็บในข้อความนี้ ที่อยู่ขึ้นต้นด้วย https:// http:// หรือ www.")
    if len(addresses) > MAX_LINKS:
        problems.append(f"ข้อหนึ่งใส่ได้ไม่เกิน {MAX_LINKS} ลิงก์ ที่ใส่มามี {len(addresses)}")
    if problems:
        raise DomainError("\n".join(problems))
    return list(addresses.values())


def _find_cut_addresses(text: str) -> list[str]:
    cuts = filter(None, (_SPACE_IN_FILE_NAME.match(line.strip()) for line in text.splitlines()))
    return [
        f"ลิงก์ถูกตัดที่ช่องว่าง: “{cut[1][:80]}” ส่วนที่เหลือคือ “{cut[2][:60]}” ถ้าช่องว่างเป็นส่วนของลิงก์ ให้พิมพ์ %20 แทนช่องว่าง"
        for cut in cuts
    ]


def file_entry(
    *, filing: Filing, item: str, addresses: str, explanation: str, elements: Iterable[int], revision: int, by: User
) -> Entry:
    """File one item: its addresses, an explanation and the elements that are present. ``revision`` is that of the entry
    the officer started from; StaleError when it is no longer the current one. A change ends the confirmation."""
    urls = [address.url for address in parse_addresses(addresses)]
    explanation = drop_placeholder(explanation.strip())
    if len(explanation) > MAX_TEXT_LENGTH:
        raise DomainError(f"คำอธิบายยาว {len(explanation):,} ตัวอักษร ใส่ได้ไม่เกิน {MAX_TEXT_LENGTH:,}")
    with transaction.atomic():
        filing = _lock_filing(filing)
        required = {k for k, _ in queries.required_elements(_get_item(filing, item), filing.agency)}
        if reason := queries.filing_closed_reason(filing):
            raise DomainError(reason)
        entry, _ = Entry.objects.get_or_create(filing=filing, item=item)
        ticked = sorted(required & set(elements))
        if entry.revision != revision:
            if _is_stored(entry, urls, explanation, ticked):
                return entry  # the button was pressed twice, or the page was sent again
            raise StaleError(entry, by)
        has_new_links = _replace_links(entry, urls)
        entry.explanation, entry.elements = explanation, ticked
        entry.revision, entry.changed_by = entry.revision + 1, by
        entry.save()
        log_audit(
            by=by,
            action="disclosure.file",
            subject=_audit_subject(filing, item),
            agency=filing.agency.code,
            detail={
                "links": urls,
                "elements": entry.elements,
                "explanation": digest.of_json(explanation),
            },
        )
        _reopen_if_changed(filing, item, by)
    if has_new_links:
        link_checks.request_checks(entry.links.filter(until=None, last_check=None), LinkCheck.Reason.FILING)
    return entry


@dataclass(frozen=True)
class EntryEdit:
    """One item as typed among others: see ``file_entry``."""

    item: str
    addresses: str
    explanation: str
    elements: Sequence[int]
    revision: int


@dataclass(frozen=True)
class FiledEntries:
    """What became of several items: those stored, and the reason of each that was not; ``stale`` are those of them that
    were changed meanwhile."""

    saved: Sequence[str]
    problems: Mapping[str, str]
    stale: Collection[str]


def file_entries(*, filing: Filing, edits: Iterable[EntryEdit], by: User) -> FiledEntries:
    """File several items, each as ``file_entry`` does, with its own line in the trail: those that are in order are
    stored even if others are not. Raises DomainError, with nothing stored, when nothing can be filed."""
    if reason := queries.filing_closed_reason(filing):
        raise DomainError(reason)
    saved, problems, stale = [], {}, set()
    for edit in edits:
        try:
            file_entry(
                filing=filing,
                item=edit.item,
                addresses=edit.addresses,
                explanation=edit.explanation,
                elements=edit.elements,
                revision=edit.revision,
                by=by,
            )
        except StaleError as error:
            problems[edit.item] = str(error)
            stale.add(edit.item)
        except DomainError as error:
            problems[edit.item] = str(error)
        else:
            saved.append(edit.item)
    return FiledEntries(saved, problems, stale)


def _is_stored(entry: Entry, urls: list[str], explanation: str, ticked: list[int]) -> bool:
    """Whether exactly this is filed already."""
    stored = entry.links.filter(until=None).order_by("position", "pk").values_list("url", flat=True)
    return (list(stored), entry.explanation, entry.elements) == (urls, explanation, ticked)


def _replace_links(entry: Entry, urls: list[str]) -> bool:
    """Make these the links in use; returns whether any is new. Those that remain keep their checks."""
    now = timezone.now()
    current = {x.url: x for x in entry.links.filter(until=None)}
    for url, link in current.items():
        if url not in urls:
            link.until, link.next_check_at = now, None
            link.save(update_fields=["until", "next_check_at"])
    for number, url in enumerate(urls):
        if url in current:
            Link.objects.filter(pk=current[url].pk).update(position=number)
        else:
            Link.objects.create(entry=entry, url=url, position=number)
    return bool(set(urls) - set(current))


def _record_change(filing: Filing, kind: str, item: str, link: int) -> None:
    Change.objects.create(filing=filing, item=item, link_id=link, kind=kind, at=timezone.now(), notified=True)


def _reopen_if_changed(filing: Filing, item: str, by: User) -> None:
    """A confirmation is in force for the content that was confirmed: only a change of it ends it."""
    if filing.confirmed is None or digest.of_json(queries.filed_content(filing)) == filing.confirmed.digest:
        return
    filing.confirmed = None
    filing.save(update_fields=["confirmed"])
    log_audit(by=by, action="disclosure.reopen", subject=_audit_subject(filing, item), agency=filing.agency.code)


def replace_link(*, link: Link, address: str, by: User) -> Link:
    """Replace a broken link by a working one after filing is closed: on the public page and for the monthly checks.
    What was confirmed and marked remains unchanged."""
    addresses = parse_addresses(address)
    if len(addresses) != 1:
        raise DomainError("ใส่ที่อยู่ใหม่หนึ่งที่อยู่")
    url = addresses[0].url
    with transaction.atomic():
        filing = _lock_filing(link.entry.filing)
        if not queries.filing_closed_reason(filing):
            raise DomainError("ยังอยู่ในช่วงยื่นข้อมูล แก้ได้ที่หน้าของข้อนั้น")
        if filing.confirmed_id is None:
            raise DomainError("รายการที่ยื่นไม่มีการยืนยันของผู้บริหารที่ใช้อยู่ จึงเปลี่ยนลิงก์ไม่ได้")
        current = Link.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if current.until is not None:
            raise DomainError("ลิงก์นี้ถูกแทนที่ไปแล้ว")
        if current.state not in queries.BROKEN_STATES:
            raise DomainError("ลิงก์นี้เปิดได้อยู่ เปลี่ยนได้เฉพาะลิงก์ที่เสีย")
        urls = [url if x.pk == current.pk else x.url for x in link.entry.links.filter(until=None)]
        _replace_links(link.entry, list(dict.fromkeys(urls)))
        replacement = link.entry.links.get(until=None, url=url)
        _record_change(filing, Change.Kind.REMOVED, link.entry.item, current.pk)
        _record_change(filing, Change.Kind.ADDED, link.entry.item, replacement.pk)
        log_audit(
            by=by,
            action="disclosure.mend",
            subject=_audit_subject(filing, link.entry.item),
            agency=filing.agency.code,
            detail={"before": link.url, "after": url},
        )
    link_checks.request_checks([replacement], LinkCheck.Reason.FILING)
    return replacement


def request_link_checks(*, filing: Filing, item: str, by: User) -> int:
    """Request a check of an item's links now; returns how many will be checked."""
    current = list(Link.objects.filter(entry__filing=filing, entry__item=item, until=None).select_related("last_check"))
    log_audit(by=by, action="disclosure.look", subject=_audit_subject(filing, item), agency=filing.agency.code)
    return link_checks.request_checks(current, LinkCheck.Reason.ASKED)


def add_remark(*, filing: Filing, item: str, text: str, by: User) -> Remark:
    """Add a comment of the officer for the executive, or of the executive for the officer. A form that is sent twice
    adds it once."""
    text = text.strip()
    if not text:
        raise DomainError("ยังไม่ได้พิมพ์ความเห็น")
    if len(text) > MAX_TEXT_LENGTH:
        raise DomainError(f"ความเห็นยาว {len(text):,} ตัวอักษร ใส่ได้ไม่เกิน {MAX_TEXT_LENGTH:,}")
    if item:
        _get_item(filing, item)
    with transaction.atomic():
        Filing.objects.select_for_update(of=("self",)).get(pk=filing.pk)  # of two clicks one adds
        last = Remark.objects.filter(filing=filing, item=item).order_by("-pk").first()
        if last is not None and (last.text, last.by_id) == (text, by.pk):
            return last
        comment = Remark.objects.create(filing=filing, item=item, text=text, by=by)
        log_audit(by=by, action="disclosure.remark", subject=_audit_subject(filing, item), agency=filing.agency.code)
    return comment


def confirm_filing(*, filing: Filing, position: str, content_digest: str, by: User) -> Confirmation:
    """An executive confirms everything filed. ``content_digest`` is that of the content on the page: nobody confirms
    what they did not see. The confirmation contains the content itself; its digest goes into the audit trail, in which
    an alteration is detected."""
    position = position.strip()
    if not position:
        raise DomainError("ใส่ตำแหน่งของผู้ยืนยัน")
    with transaction.atomic():
        filing = _lock_filing(filing)
        if reason := queries.filing_closed_reason(filing):
            raise DomainError(reason)
        if filing.confirmed_id is not None:
            raise DomainError("รายการนี้ยืนยันไว้แล้ว และยังไม่มีการแก้ไขหลังจากนั้น")
        content = queries.filed_content(filing)
        if not content:
            raise DomainError("ยังไม่มีข้อใดที่ยื่นไว้")
        if digest.of_json(content) != content_digest:
            raise DomainError("มีการแก้ไขขณะที่คุณกำลังอ่าน ตรวจรายการที่เห็นตอนนี้แล้วยืนยันอีกครั้ง")
        last = queries.last_confirmation(filing)
        confirmation = Confirmation.objects.create(
            filing=filing,
            by=by,
            name=by.name,
            position=position[:150],
            at=timezone.now(),
            content=content,
            digest=digest.of_json(content),
        )
        _record_confirmed_links(filing, {} if last is None else last.content, content)
        filing.confirmed = confirmation
        filing.save(update_fields=["confirmed"])
        Change.objects.create(filing=filing, kind=Change.Kind.CONFIRMED, at=confirmation.at, notified=True)
        log_audit(
            by=by,
            action="disclosure.confirm",
            subject=_audit_subject(filing),
            agency=filing.agency.code,
            detail={
                "digest": confirmation.digest,
                "name": confirmation.name,
                "position": confirmation.position,
                "items": len(content),
            },
        )
    return confirmation


def _record_confirmed_links(filing: Filing, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Record the links that one confirmed content has and the other has not."""
    item_before = {link: item for item, entry in before.items() for link, _ in entry["links"]}
    item_after = {link: item for item, entry in after.items() for link, _ in entry["links"]}
    for link in item_before.keys() - item_after.keys():
        _record_change(filing, Change.Kind.REMOVED, item_before[link], link)
    for link in item_after.keys() - item_before.keys():
        _record_change(filing, Change.Kind.ADDED, item_after[link], link)


# --- assessors mark


def collect_evidence(*, filing: Filing, by: User) -> int:
    """Request a check of every link, with a snapshot as evidence; returns how many will be checked."""
    _require_assignment(filing, by)
    if reason := queries.marking_closed_reason(filing):
        raise DomainError(reason)
    current = list(Link.objects.filter(entry__filing=filing, until=None).select_related("last_check"))
    log_audit(by=by, action="disclosure.evidence", subject=_audit_subject(filing), agency=filing.agency.code)
    return link_checks.request_checks(current, LinkCheck.Reason.MARKING)


def _tell_officers(filing: Filing, text: str, item: str = "") -> None:
    """Notify the officers of an agency of what happened to its filing, or to one item of it."""
    page = f"/desk/agency/{filing.agency.code}/oit/{filing.round.fiscal_year}/" + (f"{item}/#marks" if item else "")
    for officer in officers_of(filing.agency):
        notify(
            user=officer,
            text=f"{text}: {filing.agency} ปี {filing.round.fiscal_year}",
            url=path_of(filing.round.assessment_id, page),
        )


@dataclass(frozen=True)
class Brought:
    """Who brings a mark in a table, and the key of that table."""

    by: User
    upload_id: int


def mark_item(
    *,
    filing: Filing,
    item: str,
    points: int,
    reasons: Iterable[str],
    comment: str,
    elements: Iterable[int],
    by: User,
    stage: str = Mark.Stage.FIRST,
    brought: Brought | None = None,
) -> Mark:
    """Mark an item at a stage. Less than full points need a reason, and so do full points where nothing was filed. A
    changed mark is a new row; the old one remains.

    The first mark is given by the assigned assessor, the second by the one whom the item was sampled for, the decision
    by an assessor who gave neither. After the seal only an item that was opened again is decided, by such an assessor
    or by the office, always with a reason. One that is ``brought`` in a table stands in the name of the assessor, for
    whom the same rules hold; the trail names who brought it.
    """
    disclosure_item = _get_item(filing, item)
    scale = queries.scale(load_round_framework(filing.round), disclosure_item)
    comment, chosen = comment.strip(), [r[:500] for r in reasons]
    if points not in {p for p, _ in scale}:
        raise DomainError(f"{item}: ให้คะแนนได้ {', '.join(str(p) for p, _ in scale)} เท่านั้น")
    if points < scale[0][0] and not (comment or chosen):
        raise DomainError(f"{item}: คะแนนไม่เต็มต้องบอกเหตุผล เลือกเหตุหรือพิมพ์ความเห็น")
    if len(comment) > MAX_TEXT_LENGTH:
        raise DomainError(f"ความเห็นยาว {len(comment):,} ตัวอักษร ใส่ได้ไม่เกิน {MAX_TEXT_LENGTH:,}")
    with transaction.atomic():
        filing = _lock_filing(filing)
        _require_may_mark(filing, item, Mark.Stage(stage), by)
        if points == scale[0][0] and not (comment or chosen or queries.has_something_filed(filing, item)):
            raise DomainError(f"{item}: หน่วยงานไม่ได้ยื่นลิงก์หรือคำอธิบาย ให้คะแนนเต็มต้องพิมพ์ความเห็นว่าเห็นหลักฐานที่ใด")
        if queries.latest_seal(filing.round) and not (comment or chosen):
            raise DomainError(f"{item}: ข้อที่เปิดใหม่หลังปิดผนึก ต้องบอกเหตุผลของคำชี้ขาดทุกครั้ง แม้ได้คะแนนเต็ม")
        evidence = queries.snapshot_digests(queries.links_to_mark(filing, item), newest=True)
        mark = Mark.objects.create(
            filing=filing,
            item=item,
            stage=stage,
            points=points,
            reasons=chosen,
            comment=comment,
            by=by,
            evidence=evidence,
            elements=sorted({k for k, _ in queries.required_elements(disclosure_item, filing.agency)} & set(elements)),
        )
        if brought:
            BroughtMark.objects.create(mark=mark, upload_id=brought.upload_id, by=brought.by)
        if stage == Mark.Stage.SECOND:
            BlindReview.objects.filter(filing=filing, item=item).update(done=True)
        if stage == Mark.Stage.DECISION:
            DrawnDispute.objects.filter(filing=filing, item=item).delete()
            _tell_officers(filing, f"ข้อ {item} มีคำชี้ขาดแล้ว", item)
        log_audit(
            by=brought.by if brought else by,
            action=f"disclosure.mark_{stage}",
            subject=_audit_subject(filing, item),
            agency=filing.agency.code,
            detail={"points": points, "mark": mark.pk} | ({"assessor": by.name} if brought else {}),
        )
    return mark


def withdraw_mark(*, mark: Mark, by: User) -> None:
    """Withdraw a mark that came in a table, as long as nothing depends on it: an item that it was given for has then
    the mark before it, or none. Raises DomainError."""
    with transaction.atomic():
        filing = _lock_filing(mark.filing)
        _require_unsealed(filing.round)
        if not BroughtMark.objects.filter(mark=mark).exists():
            raise DomainError("คะแนนนี้ผู้ประเมินให้เอง ถอนไม่ได้")
        last = queries.marks_by_stage(filing).get(mark.item, {}).get(mark.stage)
        if last is None or last.pk != mark.pk:
            raise DomainError("มีผู้ให้คะแนนข้อนี้ใหม่หลังจากนั้น")
        if mark.stage == Mark.Stage.FIRST and filing.released_at:
            raise DomainError("ส่งคะแนนให้หน่วยงานแล้ว")
        if mark.stage == Mark.Stage.FIRST and BlindReview.objects.filter(filing=filing, item=mark.item).exists():
            raise DomainError("ข้อนี้สุ่มให้ผู้ประเมินอีกคนตรวจซ้ำแล้ว")
        MarkWithdrawal.objects.create(mark=mark, by=by)
        if mark.stage == Mark.Stage.DECISION:
            _tell_officers(filing, f"คำชี้ขาดของข้อ {mark.item} ถูกถอน", mark.item)
        log_audit(
            by=by,
            action="disclosure.withdraw_mark",
            subject=_audit_subject(filing, mark.item),
            agency=filing.agency.code,
            detail={"points": mark.points, "mark": mark.pk, "stage": mark.stage},
        )


def _require_assignment(filing: Filing, by: User) -> None:
    if not Assignment.objects.filter(round=filing.round, agency=filing.agency, assessor=by).exists():
        raise DomainError("หน่วยงานนี้ไม่ได้มอบหมายให้คุณตรวจ")


def _require_unsealed(assessment_round: Round) -> None:
    if queries.latest_seal(assessment_round):
        raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว")


def _require_decidable(filing: Filing, item: str) -> None:
    """After the seal only what was opened again is decided, once."""
    latest = queries.latest_seal(filing.round)
    if latest and not queries.open_reopenings([filing.round]).filter(filing=filing, item=item).exists():
        is_decided = latest.reopenings.filter(filing=filing, item=item).exists()
        raise DomainError("ข้อที่เปิดใหม่นี้มีผู้ชี้ขาดไปแล้ว" if is_decided else "คะแนนของรอบนี้ปิดผนึกแล้ว")


def _require_may_mark(filing: Filing, item: str, stage: Mark.Stage, by: User) -> None:
    if reason := find_conflict(by, filing.agency):
        raise DomainError(reason)
    match stage:
        case Mark.Stage.FIRST:
            _require_assignment(filing, by)
            if reason := queries.marking_closed_reason(filing):
                raise DomainError(reason)
        case Mark.Stage.SECOND:
            _require_unsealed(filing.round)
            if not BlindReview.objects.filter(filing=filing, item=item, assessor=by, done=False).exists():
                raise DomainError("ข้อนี้ไม่ได้สุ่มให้คุณตรวจซ้ำ หรือตรวจไปแล้ว")
        case Mark.Stage.DECISION:
            _require_decidable(filing, item)
            if filing.marks.filter(item=item, by=by).exists():
                raise DomainError("ผู้ที่ให้คะแนนข้อนี้แล้วชี้ขาดเองไม่ได้ ต้องเป็นผู้ประเมินคนอื่น")
            if not any(
                d.filing.pk == filing.pk and d.item == item
                for d in queries.open_disputes([filing.round], by, [filing.pk])
            ):
                raise DomainError("ข้อนี้ไม่ได้รอการชี้ขาด")
            held = DrawnDispute.objects.filter(filing=filing, item=item, until__gt=timezone.now())
            if held.exclude(assessor=by).exists():
                raise DomainError("ผู้ประเมินอีกคนรับข้อนี้ไปชี้ขาดอยู่")


def release_marks(*, filing: Filing, by: User) -> None:
    """Release the first marks to the agency. From then on only decisions change them, and the agency may reply."""
    with transaction.atomic():
        filing = _lock_filing(filing)
        _require_assignment(filing, by)
        if filing.released_at:
            raise DomainError("ส่งคะแนนให้หน่วยงานไปแล้ว")
        _require_unsealed(filing.round)
        marked = {i for i, stages in queries.marks_by_stage(filing).items() if "first" in stages}
        missing = [i.id for i in queries.items(load_round_framework(filing.round)) if i.id not in marked]
        if missing:
            raise DomainError(f"ยังไม่ได้ให้คะแนน {len(missing)} ข้อ: {', '.join(missing)}")
        filing.released_at = timezone.now()
        filing.save(update_fields=["released_at"])
        log_audit(by=by, action="disclosure.release", subject=_audit_subject(filing), agency=filing.agency.code)
        _tell_officers(filing, "ผลตรวจการเปิดเผยข้อมูลมาแล้ว อ่านเหตุผลและชี้แจงได้")


def request_sample(*, assessment_round: Round, percent: int, by: User) -> Job:
    """Have a sample for blind reviews drawn in the background."""
    _check_percent(percent)
    _require_unsealed(assessment_round)
    return _request(sample_in_background, assessment_round, percent, by=by)


def request_seal(*, assessment_round: Round, incomplete: bool, by: User) -> Job:
    """Have the marks of a round sealed in the background."""
    if _require_sealable(assessment_round) is None:
        released = queries.filings_at_stage(assessment_round, "released").count()
        _require_enough_marks(released, assessment_round.agencies.count())
    return _request(seal_in_background, assessment_round, incomplete, by=by)


def _request(action: BackgroundAction, assessment_round: Round, *arguments: Any, by: User) -> Job:
    year, assessment = assessment_round.fiscal_year, assessment_round.assessment_id
    url = path_of(assessment, f"/desk/oit/{year}/")
    about = f"รอบปี {year}"
    pk = assessment_round.pk
    return action.request(str(pk), pk, *arguments, by=by, about=about, assessment=assessment, url=url)


@background_action(title="สุ่มข้อที่ตรวจซ้ำ")
def sample_in_background(lease: Lease, by: User, round_id: int, percent: int) -> None:
    """``sample_for_review`` for a page."""
    sample_for_review(assessment_round=Round.objects.get(pk=round_id), percent=percent, by=by, lease=lease)


@background_action(title="ปิดผนึกคะแนนการตรวจ", queue=Queue.COMPUTE)
def seal_in_background(lease: Lease, by: User, round_id: int, incomplete: bool) -> None:
    """``seal`` for a page."""
    assessment_round = Round.objects.get(pk=round_id)
    folder = assessment_round.parcels
    seal(assessment_round=assessment_round, folder=folder, by=by, incomplete=incomplete, lease=lease)


def _check_percent(percent: int) -> None:
    if not 1 <= percent <= 100:
        raise DomainError("สัดส่วนต้องอยู่ระหว่าง 1 ถึง 100")


def sample_for_review(
    *, assessment_round: Round, percent: int, by: User, seed: int | None = None, lease: Lease = NO_LEASE
) -> int:
    """Sample a random share of marked items for a blind review: a second mark by an assessor without a conflict who did
    not give the first. Items sampled before remain; returns how many are new. The seed is audited, so that the sample
    can be reproduced. Drawn before anything is locked; nothing is stored where the round was drawn from or sealed
    meanwhile."""
    _check_percent(percent)
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    sampled = _sampled_items(assessment_round)
    reviews = _draw_reviews(assessment_round, percent, seed, sampled)
    with lease.write(finish=True):
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        _require_unsealed(assessment_round)
        if _sampled_items(assessment_round) != sampled:
            raise DomainError("มีผู้อื่นสุ่มข้อของรอบนี้ในเวลาเดียวกัน ดูจำนวนที่สุ่มแล้ว จึงสุ่มเพิ่มหากยังไม่พอ")
        BlindReview.objects.bulk_create(reviews, batch_size=500)
        log_audit(
            by=by,
            action="disclosure.draw_second",
            subject=f"รอบ {assessment_round.fiscal_year}",
            detail={"percent": percent, "seed": seed, "drawn": len(reviews)},
        )
        lease.outcome = f"สุ่มข้อให้ตรวจซ้ำเพิ่ม {len(reviews):,} ข้อ"
    return len(reviews)


def _sampled_items(assessment_round: Round) -> set[tuple[int, str]]:
    return set(BlindReview.objects.filter(filing__round=assessment_round).values_list("filing_id", "item"))


def _draw_reviews(assessment_round: Round, percent: int, seed: int, sampled: set[tuple[int, str]]) -> list[BlindReview]:
    """The sample of a seed, unsaved: for each item that is drawn one of those eligible with the least work so far."""
    generator = random.Random(seed)  # noqa: S311 (a fair sample that can be reproduced, not a secret)
    assessors = list(assessors_of(assessment_round.assessment_id).order_by("pk"))
    has_conflict = load_conflicts(assessors)
    workload = _Workload([a.pk for a in assessors])
    reviews: list[BlindReview] = []
    first_assessors = _first_assessors(assessment_round)
    for filing in Filing.objects.filter(round=assessment_round).order_by("pk").select_related("agency"):
        conflicted: set[int] | None = None  # found out where an item is drawn
        for item, first_assessor in sorted(first_assessors.get(filing.pk, {}).items()):
            is_picked = generator.random() * 100 < percent
            if not is_picked or (filing.pk, item) in sampled:
                continue
            if conflicted is None:
                conflicted = {a.pk for a in assessors if has_conflict(a, filing.agency)}
            if least := workload.least(conflicted | {first_assessor}):
                assessor = generator.choice(least)
                workload.add(assessor)
                reviews.append(BlindReview(filing=filing, item=item, assessor_id=assessor))
    return reviews


class _Workload:
    """How many reviews each assessor has been given, so that those with the least are found at once."""

    def __init__(self, assessors: list[int]) -> None:
        self._load = dict.fromkeys(assessors, 0)
        self._by_load: list[list[int]] = [list(assessors)]  # each in order of the keys

    def least(self, excluded: set[int]) -> list[int]:
        """Those with the least work but these, in order; none where all are excluded."""
        for same in self._by_load:
            if found := [a for a in same if a not in excluded]:
                return found
        return []

    def add(self, assessor: int) -> None:
        load = self._load[assessor]
        self._load[assessor] = load + 1
        self._by_load[load].remove(assessor)
        if load + 1 == len(self._by_load):
            self._by_load.append([])
        bisect.insort(self._by_load[load + 1], assessor)


def _first_assessors(assessment_round: Round) -> dict[int, dict[str, int]]:
    """Who gave the first mark that counts: {filing: {item: user}}."""
    by_filing: dict[int, dict[str, int]] = {}
    marks = Mark.objects.filter(filing__round=assessment_round, stage=Mark.Stage.FIRST).order_by("id")
    for filing, item, assessor in marks.values_list("filing", "item", "by"):
        by_filing.setdefault(filing, {})[item] = assessor
    return by_filing


def clarify_mark(*, filing: Filing, item: str, text: str, by: User) -> Clarification:
    """Reply to the mark of one item, once, with the snapshots of when its addresses were filed."""
    text = text.strip()
    if not text:
        raise DomainError("ยังไม่ได้พิมพ์คำชี้แจง")
    if len(text) > MAX_TEXT_LENGTH:
        raise DomainError(f"คำชี้แจงยาว {len(text):,} ตัวอักษร ใส่ได้ไม่เกิน {MAX_TEXT_LENGTH:,}")
    with transaction.atomic():
        filing = _lock_filing(filing)
        full = queries.scale(load_round_framework(filing.round), _get_item(filing, item))[0][0]
        if reason := queries.clarification_closed_reason(filing):
            raise DomainError(reason)
        mark = queries.counting_marks(filing).get(item)
        if mark is None or mark.points >= full:
            raise DomainError("ข้อนี้ได้คะแนนเต็มแล้ว ไม่ต้องชี้แจง")
        if filing.clarifications.filter(item=item).exists():
            raise DomainError("ข้อนี้ชี้แจงไปแล้ว")
        evidence = queries.snapshot_digests(queries.links_to_mark(filing, item), newest=False)
        clarification = Clarification.objects.create(filing=filing, item=item, text=text, by=by, evidence=evidence)
        log_audit(by=by, action="disclosure.clarify", subject=_audit_subject(filing, item), agency=filing.agency.code)
    return clarification


# --- the office opens an item again, and seals


def reopen_item(
    *, filing: Filing, item: str, ground: str, number: str, dated: datetime.date, reason: str, seen: str, by: User
) -> Reopening:
    """Open one item of an agency again after the marks were sealed, by an order: it waits for a decision, and then for
    the seal that has it. The sealed mark and its seal stay. ``seen`` is the ``queries.reopening_key`` of the page: an
    item whose mark is another one by now is refused."""
    order = check_order(ground=ground, number=number, dated=dated, reason=reason)
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=filing.round_id)  # a seal that is being written comes first
        filing = _lock_filing(filing)
        _get_item(filing, item)
        if refusal := queries.reopening_closed_reason(filing, item):
            raise DomainError(refusal)
        if seen != queries.reopening_key(filing, item):
            raise DomainError("คะแนนหรือการปิดผนึกของข้อนี้เปลี่ยนหลังจากที่เปิดหน้านี้ ดูสิ่งที่จะเกิดขึ้นอีกครั้งแล้วจึงสั่ง")
        latest, mark = queries.latest_seal(filing.round), queries.counting_marks(filing)[item]
        assert latest is not None  # or it could not have been opened
        reopening = Reopening.objects.create(filing=filing, item=item, seal=latest, mark=mark, by=by, **order)
        log_audit(
            by=by,
            action="disclosure.reopen_item",
            subject=_audit_subject(filing, item),
            agency=filing.agency.code,
            detail={**order, "dated": dated.isoformat(), "mark": mark.pk, "digest": latest.digest},
        )
        _tell_officers(filing, f"ข้อ {item} เปิดใหม่หลังปิดผนึก ตาม{reopening.title}", item)
    return reopening


def seal(
    *, assessment_round: Round, folder: Path, by: User | None, incomplete: bool = False, lease: Lease = NO_LEASE
) -> MarksSeal:
    """Write the marks that count as ``marks.parquet``: a row for each agency, a column for each item, points. From then
    on no mark changes but those of items that are opened again, after which this is called once more: the new parcel is
    the sealed one with the decisions on those items, and with nothing else that is different.

    Only released marks count. Refused while agencies may still reply or disputes are open, and while marks are missing
    unless ``incomplete`` accepts it.
    """
    with lease.write(finish=True):
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        before = _require_sealable(assessment_round)
        if before is None:
            table = _collect_marks(assessment_round, incomplete=incomplete)
        else:
            table = _correct_marks(before, folder)
        cells, missing = _count_cells(table)
        marks_seal = MarksSeal.objects.create(
            round=assessment_round,
            by=by,
            agencies=len(table["agency"]),
            marks=cells - missing,
            missing=missing,
            digest=_write_parcel(folder / "marks.parquet", table),
            replaces=before,
        )
        replaces = {"replaces": before.digest} if before else {}
        log_audit(
            by=by,
            action="disclosure.seal",
            subject=f"รอบ {assessment_round.fiscal_year}",
            detail={"digest": marks_seal.digest, "marks": marks_seal.marks, "missing": missing} | replaces,
        )
        append_entry(
            kind="marks_seal",
            data={
                "assessment": assessment_round.assessment_id,
                "fiscal_year": assessment_round.fiscal_year,
                "digest": marks_seal.digest,
            }
            | replaces,
        )
        lease.outcome = f"ปิดผนึกคะแนนรอบปี {assessment_round.fiscal_year} แล้ว {marks_seal.marks:,} ข้อ คำนวณผลได้"
    return marks_seal


def _count_cells(table: Mapping[str, Sequence[Any]]) -> tuple[int, int]:
    """How many marks a table has room for, and how many are missing."""
    columns = [column for name, column in table.items() if name != "agency"]
    return sum(map(len, columns)), sum(column.count(None) for column in columns)


def _collect_marks(assessment_round: Round, *, incomplete: bool) -> dict[str, list[Any]]:
    """The marks of a round that count. Raises DomainError where some are missing and nobody accepted it."""
    marks = queries.released_marks(assessment_round)
    agencies = list(assessment_round.agencies.order_by("code"))
    table: dict[str, list[Any]] = {"agency": [a.code for a in agencies]}
    for item in queries.items(load_round_framework(assessment_round)):
        found = (marks.get(a.pk, {}).get(item.id) for a in agencies)
        table[item.id] = [mark[1] if mark else None for mark in found]
    _require_enough_marks(sum(a.pk in marks for a in agencies), len(agencies))
    cells, missing = _count_cells(table)
    if missing and not incomplete:
        raise DomainError(f"ยังไม่มีคะแนนที่ส่งให้หน่วยงานแล้ว {missing:,} ข้อ จาก {cells:,} หากจะปิดผนึกเท่าที่มี ให้ยืนยันว่ายอมรับ")
    return table


def _require_enough_marks(released: int, agencies: int) -> None:
    """Whoever has no sealed marks has no total: not while those are most."""
    if not is_enough(released, agencies):
        raise DomainError(
            f"ปิดผนึกไม่ได้ เพราะส่งคะแนนให้หน่วยงานแล้วเพียง {describe_share(released, agencies)} ที่เหลือจะไม่มีคะแนนรวม"
        )


def _correct_marks(before: MarksSeal, folder: Path) -> dict[str, list[Any]]:
    """The sealed marks with the decisions on the items that were opened again since. The file of the seal is stored
    once more, under its digest, where nothing overwrites it."""
    import pyarrow.parquet as pq

    content = _read_sealed(before, folder)
    with files.write_folder(folder / "replaced") as own:
        store_bytes(own / _name_replaced(before), content)
    table: dict[str, list[Any]] = pq.read_table(io.BytesIO(content)).to_pydict()
    rows = {code: row for row, code in enumerate(table["agency"])}
    for reopening in before.reopenings.select_related("filing__agency", "filing__round"):
        code = reopening.filing.agency.code
        if code not in rows or reopening.item not in table:
            raise DomainError(f"{code} {reopening.item}: ไม่อยู่ในคะแนนที่ปิดผนึกไว้ จึงปิดผนึกใหม่ไม่ได้")
        table[reopening.item][rows[code]] = queries.counting_marks(reopening.filing)[reopening.item].points
    return table


def _name_replaced(marks_seal: MarksSeal) -> str:
    return f"marks-{marks_seal.digest[:16]}.parquet"


def _read_sealed(marks_seal: MarksSeal, folder: Path) -> bytes:
    """The file of a seal: in its place, or, where a seal after it was cut off, where it was stored before. Raises
    DomainError when neither is the one that was sealed."""
    places = (files.fetch_folder(folder / "replaced") / _name_replaced(marks_seal), files.fetch_folder(folder))
    for path in (places[0], places[1] / "marks.parquet"):
        if path.is_file() and hashlib.sha256(content := path.read_bytes()).hexdigest() == marks_seal.digest:
            return content
    raise DomainError("ไฟล์คะแนนที่ปิดผนึกไว้หายหรือไม่ตรงกับที่บันทึกไว้ จึงปิดผนึกใหม่ไม่ได้ คืนไฟล์ marks.parquet จากข้อมูลสำรองก่อน")


def _require_sealable(assessment_round: Round) -> MarksSeal | None:
    """Returns the seal that the next one replaces, of which items were opened again and decided."""
    latest = queries.latest_seal(assessment_round)
    if latest is not None and not latest.reopenings.exists():
        raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว")
    if deadline := queries.clarification_deadline(assessment_round):
        raise DomainError(f"ช่วงชี้แจงเพิ่มเติมยังไม่สิ้นสุด (ถึง {deadline}) ปิดผนึกตอนนี้หน่วยงานจะเสียสิทธิ์ชี้แจง")
    if disputes := queries.open_disputes([assessment_round]):
        listed = ", ".join(f"{d.filing.agency} {d.item}" for d in disputes[:5])
        raise DomainError(f"มี {len(disputes)} ข้อที่ยังรอการชี้ขาด: {listed}")
    return latest


def _write_parcel(path: Path, table: dict[str, list[Any]]) -> str:
    """Write the table as Parquet, whole or not at all. Returns the SHA-256 of the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string() if name == "agency" else pa.int64()) for name in table])
    parcel = io.BytesIO()
    pq.write_table(pa.Table.from_pydict(table, schema), parcel)
    with files.write_folder(path.parent) as folder:
        store_bytes(folder / path.name, parcel.getvalue())
    return hashlib.sha256(parcel.getvalue()).hexdigest()
