"""Every write of the disclosure room by a person: filing, confirming, marking, replying, deciding, sealing."""

import hashlib
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from prongsai import framework as rules
from prongsai import links as web
from prongsai.disclosure import looking, queries
from prongsai.disclosure.models import (
    Change,
    Clarification,
    Confirmation,
    Entry,
    Filing,
    Link,
    Look,
    Mark,
    MarksSeal,
    Remark,
    SecondLook,
)
from prongsai.framework import DisclosureItem
from prongsai.lib import digest
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.models import Assignment, Round
from prongsai.registry.queries import find_conflict, load_conflicts

MOST_LINKS = 20
_CUT = re.compile(
    r"(https?://\S+)[ \t]+(\S[^/]*\.(?:pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|html?))$", re.I
)  # a file name with a space
MOST_TEXT = 4000


class StaleError(DomainError):
    """Somebody else changed it meanwhile. ``entry`` is how it stands now."""

    def __init__(self, entry: Entry) -> None:
        who = entry.changed_by.name if entry.changed_by else "ผู้ใช้อื่น"
        super().__init__(f"{who} เพิ่งแก้ข้อนี้ขณะที่คุณกำลังพิมพ์ ดูสิ่งที่บันทึกอยู่ตอนนี้ แล้วกดบันทึกอีกครั้งหากต้องการใช้ของคุณแทน")
        self.entry = entry


def _locked(filing: Filing) -> Filing:
    """The filing, held until the transaction ends: nobody changes what somebody else marks."""
    return (
        Filing.objects.select_for_update(of=("self",)).select_related("round", "agency", "confirmed").get(pk=filing.pk)
    )


def _item(filing: Filing, item: str) -> DisclosureItem:
    found = queries.item_of(rules.load(filing.round.framework), item)
    if found is None:
        raise DomainError(f"หลักเกณฑ์ปี {filing.round.framework} ไม่มีข้อ {item[:20]}")
    return found


def _subject(filing: Filing, item: str = "") -> str:
    return f"รอบ {filing.round.fiscal_year} {item}".strip()


# --- the agency files


def read_addresses(text: str) -> list[web.Address]:
    """The addresses in a box, each once; of the same one with http and https, the second. Raises DomainError with
    everything that is wrong in it, by line."""
    once: dict[str, web.Address] = {}
    wrong = []
    for line in text.splitlines():
        if cut := _CUT.match(line.strip()):
            wrong.append(
                f"ลิงก์ถูกตัดที่ช่องว่าง: “{cut[1][:80]}” ส่วนที่เหลือคือ “{cut[2][:60]}” ถ้าช่องว่างเป็นส่วนของลิงก์ ให้พิมพ์ %20 แทนช่องว่าง"
            )
    for address in web.split_addresses(text):
        if isinstance(address, web.Problems):
            why = " ".join(web.sentence(code) for code in address.codes)
            wrong.append(f"“{address.text[:80]}{'…' if len(address.text) > 80 else ''}” {why}")
        else:
            scheme, _, rest = address.url.partition("://")
            if rest not in once or scheme == "https":
                once[rest] = address
    found = list(once.values())
    if text.strip() and not found and not wrong:
        wrong.append("ไม่พบที่อยู่เว็บในข้อความนี้ ที่อยู่ขึ้นต้นด้วย https:// หรือ http://")
    if len(found) > MOST_LINKS:
        wrong.append(f"ข้อหนึ่งใส่ได้ไม่เกิน {MOST_LINKS} ลิงก์ ที่ใส่มามี {len(found)}")
    if wrong:
        raise DomainError("\n".join(wrong))
    return found


def file_entry(
    *, filing: Filing, item: str, addresses: str, explanation: str, elements: Iterable[int], revision: int, by: User
) -> Entry:
    """File one item: its addresses, what the officer says of it and which elements are there. ``revision`` is that of
    the entry the officer began from; StaleError when it is no longer that one. What was confirmed is thereby open
    again."""
    found = read_addresses(addresses)
    explanation = explanation.strip()
    if len(explanation) > MOST_TEXT:
        raise DomainError(f"คำอธิบายยาว {len(explanation):,} ตัวอักษร ใส่ได้ไม่เกิน {MOST_TEXT:,}")
    with transaction.atomic():
        filing = _locked(filing)
        asked = {k for k, _ in queries.asked_of(_item(filing, item), filing.agency)}
        if reason := queries.why_no_filing(filing):
            raise DomainError(reason)
        entry, _ = Entry.objects.get_or_create(filing=filing, item=item)
        if entry.revision != revision:
            raise StaleError(entry)
        changed = _set_links(entry, [a.url for a in found])
        entry.explanation, entry.elements = explanation, sorted(asked & set(elements))
        entry.revision, entry.changed_by = entry.revision + 1, by
        entry.save()
        log_audit(
            by=by,
            action="disclosure.file",
            subject=_subject(filing, item),
            agency=filing.agency.code,
            detail={
                "links": [a.url for a in found],
                "elements": entry.elements,
                "explanation": digest.of_json(explanation),
            },
        )
        _reopen(filing, item, by)
    if changed:
        looking.ask(entry.links.filter(until=None, look=None), Look.Why.FILING)
    return entry


def _set_links(entry: Entry, urls: list[str]) -> bool:
    """Make these the links in use; gives whether any is new. Those that stay keep their past."""
    now = timezone.now()
    current = {x.url: x for x in entry.links.filter(until=None)}
    for url, link in current.items():
        if url not in urls:
            link.until, link.next_look = now, None
            link.save(update_fields=["until", "next_look"])
    for place, url in enumerate(urls):
        if url in current:
            Link.objects.filter(pk=current[url].pk).update(place=place)
        else:
            Link.objects.create(entry=entry, url=url, place=place)
    return bool(set(urls) - set(current))


def _note(filing: Filing, kind: str, item: str, link: int) -> None:
    Change.objects.create(filing=filing, item=item, link_id=link, kind=kind, at=timezone.now(), told=True)


def _reopen(filing: Filing, item: str, by: User) -> None:
    """A confirmation holds for what was confirmed, so only a change of that ends it."""
    if filing.confirmed is None or digest.of_json(queries.content(filing)) == filing.confirmed.digest:
        return
    filing.confirmed = None
    filing.save(update_fields=["confirmed"])
    log_audit(by=by, action="disclosure.reopen", subject=_subject(filing, item), agency=filing.agency.code)


def mend_link(*, link: Link, address: str, by: User) -> Link:
    """Put a working address in the place of a broken one after filing is over: on the public page and for the monthly
    looks. What was confirmed and marked stays what it was."""
    found = read_addresses(address)
    if len(found) != 1:
        raise DomainError("ใส่ที่อยู่ใหม่หนึ่งที่อยู่")
    with transaction.atomic():
        filing = _locked(link.entry.filing)
        if not queries.why_no_filing(filing):
            raise DomainError("ยังอยู่ในช่วงยื่นข้อมูล แก้ได้ที่หน้าของข้อนั้น")
        if filing.confirmed_id is None:
            raise DomainError("รายการที่ยื่นไม่มีการยืนยันของผู้บริหารที่ใช้อยู่ จึงเปลี่ยนลิงก์ไม่ได้")
        fresh = Link.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if fresh.until is not None:
            raise DomainError("ลิงก์นี้ถูกแทนที่ไปแล้ว")
        if fresh.state not in queries.WRONG or fresh.state == "outside":
            raise DomainError("ลิงก์นี้เปิดได้อยู่ เปลี่ยนได้เฉพาะลิงก์ที่เสีย")
        urls = [found[0].url if x.pk == fresh.pk else x.url for x in link.entry.links.filter(until=None)]
        _set_links(link.entry, list(dict.fromkeys(urls)))
        new = link.entry.links.get(until=None, url=found[0].url)
        _note(filing, Change.Kind.REMOVED, link.entry.item, fresh.pk)
        _note(filing, Change.Kind.ADDED, link.entry.item, new.pk)
        log_audit(
            by=by,
            action="disclosure.mend",
            subject=_subject(filing, link.entry.item),
            agency=filing.agency.code,
            detail={"before": link.url, "after": found[0].url},
        )
    looking.ask([new], Look.Why.FILING)
    return new


def look_again(*, filing: Filing, item: str, by: User) -> int:
    """Have an item's links looked at now; gives how many will be."""
    found = list(Link.objects.filter(entry__filing=filing, entry__item=item, until=None).select_related("look"))
    log_audit(by=by, action="disclosure.look", subject=_subject(filing, item), agency=filing.agency.code)
    return looking.ask(found, Look.Why.ASKED)


def remark(*, filing: Filing, item: str, text: str, by: User) -> Remark:
    """Say something to the other side of the office: officer to executive, executive to officer."""
    text = text.strip()
    if not text:
        raise DomainError("ยังไม่ได้พิมพ์ความเห็น")
    if len(text) > MOST_TEXT:
        raise DomainError(f"ความเห็นยาว {len(text):,} ตัวอักษร ใส่ได้ไม่เกิน {MOST_TEXT:,}")
    if item:
        _item(filing, item)
    with transaction.atomic():
        made = Remark.objects.create(filing=filing, item=item, text=text, by=by)
        log_audit(by=by, action="disclosure.remark", subject=_subject(filing, item), agency=filing.agency.code)
    return made


def confirm(*, filing: Filing, position: str, seen: str, by: User) -> Confirmation:
    """An executive stands for everything filed. ``seen`` is the digest of what was on the page: nobody confirms what
    they did not see. The record holds the content itself; its digest goes into the audit trail, which can't be altered
    unseen."""
    position = position.strip()
    if not position:
        raise DomainError("ใส่ตำแหน่งของผู้ยืนยัน")
    with transaction.atomic():
        filing = _locked(filing)
        if reason := queries.why_no_filing(filing):
            raise DomainError(reason)
        if filing.confirmed_id is not None:
            raise DomainError("รายการนี้ยืนยันไว้แล้ว และยังไม่มีการแก้ไขหลังจากนั้น")
        content = queries.content(filing)
        if not content:
            raise DomainError("ยังไม่มีข้อใดที่ยื่นไว้")
        if digest.of_json(content) != seen:
            raise DomainError("มีการแก้ไขขณะที่คุณกำลังอ่าน ตรวจรายการที่เห็นตอนนี้แล้วยืนยันอีกครั้ง")
        last = queries.last_confirmed(filing)
        made = Confirmation.objects.create(
            filing=filing,
            by=by,
            name=by.name,
            position=position[:150],
            at=timezone.now(),
            content=content,
            digest=digest.of_json(content),
        )
        before = {} if last is None else {i: item for item, e in last.content.items() for i, _ in e["links"]}
        after = {i: item for item, e in content.items() for i, _ in e["links"]}
        for link in before.keys() - after.keys():
            _note(filing, Change.Kind.REMOVED, before[link], link)
        for link in after.keys() - before.keys():
            _note(filing, Change.Kind.ADDED, after[link], link)
        filing.confirmed = made
        filing.save(update_fields=["confirmed"])
        Change.objects.create(filing=filing, kind=Change.Kind.CONFIRMED, at=made.at, told=True)
        log_audit(
            by=by,
            action="disclosure.confirm",
            subject=_subject(filing),
            agency=filing.agency.code,
            detail={"digest": made.digest, "name": made.name, "position": made.position, "items": len(content)},
        )
    return made


# --- assessors mark


def begin_marking(*, filing: Filing, by: User) -> int:
    """Have every link looked at for evidence as it is now; gives how many."""
    _must_be_assigned(filing, by)
    if reason := queries.why_no_marking(filing):
        raise DomainError(reason)
    found = list(Link.objects.filter(entry__filing=filing, until=None).select_related("look"))
    log_audit(by=by, action="disclosure.evidence", subject=_subject(filing), agency=filing.agency.code)
    return looking.ask(found, Look.Why.MARKING)


def mark(
    *,
    filing: Filing,
    item: str,
    points: int,
    reasons: Iterable[str],
    comment: str,
    elements: Iterable[int],
    by: User,
    stage: str = Mark.Stage.FIRST,
) -> Mark:
    """Give an item its mark at a stage. Less than full needs a reason. Given anew, the earlier one stays on record.

    First marks are the assigned assessor's, second ones of whom the item was drawn for, a decision of somebody who gave
    neither.
    """
    found = _item(filing, item)
    scale = queries.scale(rules.load(filing.round.framework), found)
    comment, chosen = comment.strip(), [r[:500] for r in reasons]
    if points not in {p for p, _ in scale}:
        raise DomainError(f"{item}: ให้คะแนนได้ {', '.join(str(p) for p, _ in scale)} เท่านั้น")
    if points < scale[0][0] and not (comment or chosen):
        raise DomainError(f"{item}: คะแนนไม่เต็มต้องบอกเหตุผล เลือกเหตุหรือพิมพ์ความเห็น")
    if len(comment) > MOST_TEXT:
        raise DomainError(f"ความเห็นยาว {len(comment):,} ตัวอักษร ใส่ได้ไม่เกิน {MOST_TEXT:,}")
    with transaction.atomic():
        filing = _locked(filing)
        _may_mark(filing, item, Mark.Stage(stage), by)
        evidence = queries.snapshots(queries.links_to_mark(filing, item), newest=True)
        made = Mark.objects.create(
            filing=filing,
            item=item,
            stage=stage,
            points=points,
            reasons=chosen,
            comment=comment,
            by=by,
            evidence=evidence,
            elements=sorted({k for k, _ in queries.asked_of(found, filing.agency)} & set(elements)),
        )
        if stage == Mark.Stage.SECOND:
            SecondLook.objects.filter(filing=filing, item=item).update(done=True)
        log_audit(
            by=by,
            action=f"disclosure.mark_{stage}",
            subject=_subject(filing, item),
            agency=filing.agency.code,
            detail={"points": points, "mark": made.pk},
        )
    return made


def _must_be_assigned(filing: Filing, by: User) -> None:
    if not Assignment.objects.filter(round=filing.round, agency=filing.agency, assessor=by).exists():
        raise DomainError("หน่วยงานนี้ไม่ได้มอบหมายให้คุณตรวจ")


def _may_mark(filing: Filing, item: str, stage: Mark.Stage, by: User) -> None:
    if reason := find_conflict(by, filing.agency):
        raise DomainError(reason)
    if stage == Mark.Stage.DECISION:
        if queries.sealed(filing.round):
            raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว")
        given = queries.stages(filing).get(item, {})
        if by.pk in {m.by_id for m in given.values()}:
            raise DomainError("ผู้ที่ให้คะแนนข้อนี้แล้วชี้ขาดเองไม่ได้ ต้องเป็นผู้ประเมินคนอื่น")
        if not any(d.filing.pk == filing.pk and d.item == item for d in queries.disputes([filing.round], by)):
            raise DomainError("ข้อนี้ไม่ได้รอการชี้ขาด")
        return
    if stage == Mark.Stage.SECOND:
        if queries.sealed(filing.round):
            raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว")
        if not SecondLook.objects.filter(filing=filing, item=item, assessor=by, done=False).exists():
            raise DomainError("ข้อนี้ไม่ได้สุ่มให้คุณตรวจซ้ำ หรือตรวจไปแล้ว")
        return
    _must_be_assigned(filing, by)
    if reason := queries.why_no_marking(filing):
        raise DomainError(reason)


def release(*, filing: Filing, by: User) -> None:
    """Hand the first marks to the agency. From here on they stand, and the agency may reply."""
    with transaction.atomic():
        filing = _locked(filing)
        _must_be_assigned(filing, by)
        if filing.released_at:
            raise DomainError("ส่งคะแนนให้หน่วยงานไปแล้ว")
        if queries.sealed(filing.round):
            raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว")
        given = {i for i, s in queries.stages(filing).items() if "first" in s}
        missing = [i.id for i in queries.items(rules.load(filing.round.framework)) if i.id not in given]
        if missing:
            raise DomainError(f"ยังไม่ได้ให้คะแนน {len(missing)} ข้อ: {', '.join(missing)}")
        filing.released_at = timezone.now()
        filing.save(update_fields=["released_at"])
        log_audit(by=by, action="disclosure.release", subject=_subject(filing), agency=filing.agency.code)
        for officer in looking.officers(filing.agency):
            notify(
                user=officer,
                text=f"ผลตรวจ OIT ปี {filing.round.fiscal_year} ของ {filing.agency} มาแล้ว อ่านเหตุผลและชี้แจงได้",
                url=f"/desk/agency/{filing.agency.code}/oit/{filing.round.fiscal_year}/",
            )


def draw_second(*, assessment_round: Round, percent: int, by: User, seed: int | None = None) -> int:
    """Draw a random share of marked items for a blind second mark, each to an assessor without a conflict who did not
    mark it. Items drawn before stay; gives how many are new. The seed is recorded, so that the draw can be repeated."""
    if not 1 <= percent <= 100:
        raise DomainError("สัดส่วนต้องอยู่ระหว่าง 1 ถึง 100")
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    dice = random.Random(seed)  # noqa: S311 (a fair draw that can be repeated, not a secret)
    assessors = list(User.objects.filter(role=Role.ASSESSOR, is_active=True).order_by("pk"))
    conflicting = load_conflicts(assessors)
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        if queries.sealed(assessment_round):
            raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว")
        drawn = set(SecondLook.objects.filter(filing__round=assessment_round).values_list("filing_id", "item"))
        load = {a.pk: 0 for a in assessors}
        new: list[SecondLook] = []
        marked: dict[int, dict[str, int]] = {}
        marks = Mark.objects.filter(filing__round=assessment_round, stage=Mark.Stage.FIRST).order_by("id")
        for filing_id, item, by_id in marks.values_list("filing", "item", "by"):
            marked.setdefault(filing_id, {})[item] = by_id
        for filing in Filing.objects.filter(round=assessment_round).order_by("pk").select_related("agency"):
            free = [a for a in assessors if not conflicting(a, filing.agency)]
            for item, marker in sorted(marked.get(filing.pk, {}).items()):
                picked = dice.random() * 100 < percent
                able = [a for a in free if a.pk != marker]
                if not picked or not able or (filing.pk, item) in drawn:
                    continue
                least = min(load[a.pk] for a in able)
                who = dice.choice([a for a in able if load[a.pk] == least])
                load[who.pk] += 1
                new.append(SecondLook(filing=filing, item=item, assessor=who))
        SecondLook.objects.bulk_create(new, batch_size=500)
        log_audit(
            by=by,
            action="disclosure.draw_second",
            subject=f"รอบ {assessment_round.fiscal_year}",
            detail={"percent": percent, "seed": seed, "drawn": len(new)},
        )
    return len(new)


def clarify(*, filing: Filing, item: str, text: str, by: User) -> Clarification:
    """Reply to the mark of one item, once, with what was seen at its addresses when they were filed."""
    text = text.strip()
    if not text:
        raise DomainError("ยังไม่ได้พิมพ์คำชี้แจง")
    if len(text) > MOST_TEXT:
        raise DomainError(f"คำชี้แจงยาว {len(text):,} ตัวอักษร ใส่ได้ไม่เกิน {MOST_TEXT:,}")
    with transaction.atomic():
        filing = _locked(filing)
        full = queries.scale(rules.load(filing.round.framework), _item(filing, item))[0][0]
        if reason := queries.why_no_clarification(filing):
            raise DomainError(reason)
        counted = queries.counting(filing).get(item)
        if counted is None or counted.points >= full:
            raise DomainError("ข้อนี้ได้คะแนนเต็มแล้ว ไม่ต้องชี้แจง")
        if filing.clarifications.filter(item=item).exists():
            raise DomainError("ข้อนี้ชี้แจงไปแล้ว")
        evidence = queries.snapshots(queries.links_to_mark(filing, item), newest=False)
        made = Clarification.objects.create(filing=filing, item=item, text=text, by=by, evidence=evidence)
        log_audit(by=by, action="disclosure.clarify", subject=_subject(filing, item), agency=filing.agency.code)
    return made


# --- the office seals


def seal(*, assessment_round: Round, folder: Path, by: User | None, incomplete: bool = False) -> MarksSeal:
    """Write the marks that count as ``marks.parquet``: a row for each agency, a column for each item, points. From here
    on no mark changes.

    Only marks that were handed to the agency count. Refused while replies may still come or items wait for a decision,
    and while marks are missing unless ``incomplete`` says that they may be.
    """
    framework = rules.load(assessment_round.framework)
    items = [i.id for i in queries.items(framework)]
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        if queries.sealed(assessment_round):
            raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว")
        if open_until := queries.clarifying_until(assessment_round):
            raise DomainError(f"ช่วงชี้แจงเพิ่มเติมยังไม่สิ้นสุด (ถึง {open_until}) ปิดผนึกตอนนี้หน่วยงานจะเสียสิทธิ์ชี้แจง")
        waiting = queries.disputes([assessment_round])
        if waiting:
            told = ", ".join(f"{d.filing.agency} {d.item}" for d in waiting[:5])
            raise DomainError(f"มี {len(waiting)} ข้อที่ยังรอการชี้ขาด: {told}")
        counted = queries.all_counting(assessment_round)
        agencies = list(assessment_round.agencies.order_by("code"))
        table: dict[str, list[Any]] = {"agency": [a.code for a in agencies]}
        for item in items:
            found = (counted.get(a.pk, {}).get(item) for a in agencies)
            table[item] = [m[1] if m else None for m in found]
        missing = sum(column.count(None) for column in table.values())
        if missing and not incomplete:
            raise DomainError(
                f"ยังไม่มีคะแนนที่ส่งให้หน่วยงานแล้ว {missing:,} ข้อ จาก {len(agencies) * len(items):,} หากจะปิดผนึกเท่าที่มี ให้ยืนยันว่ายอมรับ"
            )
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "marks.parquet"
        schema = pa.schema([("agency", pa.string()), *((i, pa.int64()) for i in items)])
        pq.write_table(pa.Table.from_pydict(table, schema), path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)
        made = MarksSeal.objects.create(
            round=assessment_round,
            by=by,
            agencies=len(agencies),
            marks=len(agencies) * len(items) - missing,
            missing=missing,
            digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        log_audit(
            by=by,
            action="disclosure.seal",
            subject=f"รอบ {assessment_round.fiscal_year}",
            detail={"digest": made.digest, "marks": made.marks, "missing": missing},
        )
    return made
