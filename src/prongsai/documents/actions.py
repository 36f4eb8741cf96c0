"""Every write of the print shop: settings, templates, issuing, memos and their signatures, a nation's documents at
once."""

import dataclasses
import hashlib
import logging
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from prongsai.documents import gathering
from prongsai.documents.issuing import KINDS, ContradictionError, Issued, compose, issue
from prongsai.documents.material import Material, MaterialError, MemoHead
from prongsai.documents.models import Batch, Memo, OwnTemplate, Paper, Signature, Style
from prongsai.documents.template import TemplateFileError, check_template
from prongsai.documents.travel import issue_packed, packed
from prongsai.lib import digest, emblem
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import User
from prongsai.registry.models import Agency, Appointment
from prongsai.results.models import AgencyResult, ResultSet

log = logging.getLogger("prongsai.documents")
MOST_TEMPLATE = 5_000_000  # bytes
MOST_OPINION = 4000
_TOGETHER = 16  # agencies a round of the pool
# rounds after which the processes are new, so that what they hold on to can't grow for ever; between rounds, for
# Python's own max_tasks_per_child stops for good where work is queued (python/cpython#115634)
_RENEWED = 30


def set_style(*, agency: Agency, digits: str, prepared_by: str, head: str, number: str, by: User) -> Style:
    """Set what stands on all papers of an agency."""
    if digits not in Style.Digits:
        raise DomainError("เลือกตัวเลขไทยหรืออารบิก")
    with transaction.atomic():
        values = {
            "digits": digits,
            "prepared_by": prepared_by.strip()[:150],
            "head": head.strip()[:150],
            "number": number.strip()[:60],
        }
        made, _ = Style.objects.update_or_create(agency=agency, defaults=values)
        log_audit(by=by, action="documents.style", subject="รูปแบบเอกสาร", agency=agency.code, detail=values)
    return made


def set_emblem(*, agency: Agency, data: bytes, by: User) -> None:
    """Put a picture at the head of an agency's memos from now on; empty takes it away. Memos already written keep what
    they had."""
    try:
        drawn = emblem.png(data) if data else b""
    except emblem.EmblemError as error:
        raise DomainError(str(error)) from error
    with transaction.atomic():
        first = {"emblem": drawn, "head": gathering.head_of(agency)}
        Style.objects.update_or_create(agency=agency, defaults={"emblem": drawn}, create_defaults=first)
        sha256 = hashlib.sha256(drawn).hexdigest() if drawn else ""
        log_audit(
            by=by, action="documents.emblem", subject="ตราบนบันทึกข้อความ", agency=agency.code, detail={"sha256": sha256}
        )


def keep_template(*, agency: Agency, kind: str, name: str, data: bytes, by: User) -> OwnTemplate:
    """Use an agency's own Word file for a document from now on. Raises DomainError with every wrong tag in it."""
    if kind not in KINDS:
        raise DomainError("ไม่มีเอกสารชนิดนี้")
    if len(data) > MOST_TEMPLATE:
        raise DomainError(f"ไฟล์แม่แบบใหญ่เกิน {MOST_TEMPLATE // 1_000_000} MB")
    if problems := check_template(data, kind):
        raise DomainError("\n".join(problems))
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        made, _ = OwnTemplate.objects.update_or_create(
            agency=agency, kind=kind, defaults={"name": name[:200], "data": data, "sha256": sha256, "by": by}
        )
        log_audit(
            by=by,
            action="documents.template",
            subject=f"แม่แบบ {KINDS[kind]}",
            agency=agency.code,
            detail={"sha256": sha256},
        )
    return made


def drop_template(*, agency: Agency, kind: str, by: User) -> None:
    """Go back to the shop's own form of a document."""
    with transaction.atomic():
        gone, _ = OwnTemplate.objects.filter(agency=agency, kind=kind).delete()
        if gone:
            log_audit(
                by=by, action="documents.drop_template", subject=f"แม่แบบ {KINDS.get(kind, kind)}", agency=agency.code
            )


# --- issuing


def _says(kind: str, material: Material, own: OwnTemplate | None) -> str:
    """What a document says, whatever day it is issued on."""
    return digest.of_json([compose(kind, dataclasses.replace(material, date=None)).digest, own.sha256 if own else ""])


def _kept(agency: Agency, kind: str, fiscal_year: int, says: str) -> Paper | None:
    """The last that was issued, if it says just this."""
    last = Paper.objects.filter(agency=agency, kind=kind, fiscal_year=fiscal_year).first()
    return last if last and last.says == says else None


def issue_paper(*, agency: Agency, kind: str, fiscal_year: int, by: User) -> Paper:
    """Write a document of what is known now, read it back, and keep it. When the last one says the same, it is that
    one."""
    material = gathering.material(agency, fiscal_year, kind)
    own = OwnTemplate.objects.filter(agency=agency, kind=kind).first()
    try:
        says = _says(kind, material, own)
        if kept := _kept(agency, kind, fiscal_year, says):
            return kept
        made = issue(kind, material, own=bytes(own.data) if own else b"")
    except (MaterialError, ContradictionError, TemplateFileError) as error:
        raise DomainError(str(error)) from error
    return _keep(agency, kind, fiscal_year, says, made, by)


def _keep(agency: Agency, kind: str, fiscal_year: int, says: str, made: Issued, by: User | None) -> Paper:
    sums = {form: _put(data, form) for form, data in (("docx", made.docx), ("pdf", made.pdf))}
    with transaction.atomic():
        paper = Paper.objects.create(
            agency=agency, kind=kind, fiscal_year=fiscal_year, says=says, figures=made.read_back.read, by=by, **sums
        )
        log_audit(
            by=by, action="documents.issue", subject=f"{KINDS[kind]} ปี {fiscal_year}", agency=agency.code, detail=sums
        )
    return paper


def _put(data: bytes, form: str) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    path = stored(sha256, form)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(data)
    draft.replace(path)
    return sha256


def stored(sha256: str, form: str) -> Path:
    """Where a file of a paper lies."""
    folder: Path = settings.MEDIA_ROOT / "papers" / sha256[:2]
    return folder / f"{sha256}.{form}"


# --- memos, up the line


def may_sign(agency: Agency) -> list[User]:
    """Who an agency's memos can go to: everybody who acts for it."""
    appointments = Appointment.objects.filter(agency=agency, until=None, user__is_active=True).select_related("user")
    return sorted({d.user for d in appointments}, key=lambda u: u.name)


def write_memo(
    *, agency: Agency, fiscal_year: int, office: str, to: str, number: str, subject: str, position: str, by: User
) -> Memo:
    """Write the memo that reports a result; its author is the first to sign. What it says is frozen now."""
    found = gathering.plans.results_of(agency).get(fiscal_year)
    if found is None:
        raise DomainError(f"ยังไม่มีผลปี {fiscal_year} ให้รายงาน")
    head = MemoHead(office.strip(), to.strip(), number.strip(), None, subject.strip())
    missing = [
        name
        for name, text in (("ส่วนราชการ", head.office), ("เรียน", head.to), ("ตำแหน่งของผู้เขียน", position.strip()))
        if not text
    ]
    if missing:
        raise DomainError(f"ยังไม่ได้กรอก {', '.join(missing)}")
    material = dataclasses.replace(gathering.material(agency, fiscal_year), memo=head)
    with transaction.atomic():
        memo = Memo.objects.create(
            agency=agency,
            result=found,
            content=gathering.frozen(material),
            emblem=material.office.emblem,
            by=by,
            waiting=by,
            waiting_position=position.strip()[:150],
        )
        composed(memo)
        log_audit(by=by, action="documents.memo", subject=f"บันทึกข้อความ {memo.pk}", agency=agency.code)
    return memo


def sign(*, memo: Memo, opinion: str, seen: str, to: User | None, position: str, by: User) -> Signature:
    """Sign with an opinion, and send on to the next, or (``to`` None) finish. ``seen`` is the digest of the paper that
    was on the screen."""
    opinion = opinion.strip()
    if len(opinion) > MOST_OPINION:
        raise DomainError(f"ความเห็นยาว {len(opinion):,} ตัวอักษร ใส่ได้ไม่เกิน {MOST_OPINION:,}")
    with transaction.atomic():
        memo = _locked(memo)
        if memo.waiting_id != by.pk:
            raise DomainError("บันทึกข้อความนี้ไม่ได้รอคุณลงนาม")
        if to is not None:
            _must_act(memo.agency, to)
            if not position.strip():
                raise DomainError("ใส่ตำแหน่งของผู้ที่จะเสนอต่อ")
        if composed(memo) != seen:
            raise DomainError("เอกสารเปลี่ยนไปจากที่เห็น อ่านอีกครั้งแล้วลงนาม")
        made = Signature(
            memo=memo, by=by, name=by.name, position=memo.waiting_position, opinion=opinion, at=timezone.now()
        )
        memo.waiting, memo.waiting_position = to, position.strip()[:150] if to else ""
        try:
            paper = issue("memo", _with(memo, made))
        except (MaterialError, ContradictionError) as error:
            raise DomainError(str(error)) from error
        made.says, made.html = paper.digest, paper.html
        made.docx, made.pdf = _put(paper.docx, "docx"), _put(paper.pdf, "pdf")
        made.save()
        memo.save(update_fields=["waiting", "waiting_position"])
        log_audit(
            by=by,
            action="documents.sign",
            subject=f"บันทึกข้อความ {memo.pk}",
            agency=memo.agency.code,
            detail={"position": made.position, "says": made.says, "to": to.name if to else ""},
        )
        if to:
            notify(
                user=to,
                text=f"มีบันทึกข้อความของ {memo.agency} รอความเห็นและลงนาม",
                url=f"/desk/agency/{memo.agency.code}/memo/{memo.pk}/",
            )
    return made


def _with(memo: Memo, signature: Signature) -> Material:
    """The memo's material as it will be with one more signature."""
    told = gathering.material_of_memo(memo)
    place = memo.signatures.count()
    line = gathering.Opinion(
        signature.position, signature.name, signature.opinion, timezone.localtime(signature.at).date()
    )
    return dataclasses.replace(told, opinions=(*told.opinions[:place], line, *told.opinions[place:]))


def redirect(*, memo: Memo, to: User, position: str, by: User) -> None:
    """Send a memo that waits for somebody to somebody else: the one it waits for may have left."""
    with transaction.atomic():
        memo = _locked(memo)
        if memo.waiting_id is None:
            raise DomainError("บันทึกข้อความนี้จบแล้ว")
        _must_act(memo.agency, to)
        if not position.strip():
            raise DomainError("ใส่ตำแหน่งของผู้ที่จะเสนอต่อ")
        memo.waiting, memo.waiting_position = to, position.strip()[:150]
        memo.save(update_fields=["waiting", "waiting_position"])
        composed(memo)
        log_audit(
            by=by,
            action="documents.redirect",
            subject=f"บันทึกข้อความ {memo.pk}",
            agency=memo.agency.code,
            detail={"to": to.name},
        )
        notify(
            user=to,
            text=f"มีบันทึกข้อความของ {memo.agency} รอความเห็นและลงนาม",
            url=f"/desk/agency/{memo.agency.code}/memo/{memo.pk}/",
        )


def composed(memo: Memo) -> str:
    """The digest of a memo as it stands; DomainError when it can't be set, such as for an emoji in a position."""
    try:
        return compose("memo", gathering.material_of_memo(memo)).digest
    except MaterialError as error:
        raise DomainError(str(error)) from error


def _locked(memo: Memo) -> Memo:
    found = Memo.objects.select_for_update(of=("self",)).select_related("agency", "result__result_set", "waiting")
    return found.get(pk=memo.pk)


def _must_act(agency: Agency, user: User) -> None:
    if user not in may_sign(agency):
        raise DomainError(f"{user.name} ไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว เลือกผู้อื่น")


# --- a nation's documents


def start_batch(*, result_set: ResultSet, kinds: list[str], by: User | None) -> Batch:
    """Issue documents for every agency of a result set, in the background."""
    wrong = [k for k in kinds if k not in KINDS]
    if wrong or not kinds:
        raise DomainError("เลือกเอกสารอย่างน้อยหนึ่งชนิด")
    if not result_set.publications.filter(withdrawn_at=None).exists():
        raise DomainError("ทำเอกสารได้เมื่อเผยแพร่ชุดผลแล้ว หน่วยงานจะเห็นเอกสารทันที")
    if Batch.objects.filter(result_set=result_set, status=Batch.Status.RUNNING).exists():
        raise DomainError("กำลังทำเอกสารของชุดผลนี้อยู่แล้ว")
    with transaction.atomic():
        made = Batch.objects.create(result_set=result_set, kinds=kinds, total=result_set.results.count(), by=by)
        log_audit(by=by, action="documents.batch", subject=f"ชุดผล {result_set.pk}", detail={"kinds": kinds})
        transaction.on_commit(lambda: run_batch_in_background.enqueue(made.pk))
    return made


@task()
def run_batch_in_background(batch_id: int) -> None:
    for _ in run_batch(Batch.objects.get(pk=batch_id)):
        pass


def resume_batches() -> None:
    """Queue again what was running when the worker stopped."""
    for batch in Batch.objects.filter(status=Batch.Status.RUNNING):
        run_batch_in_background.enqueue(batch.pk)


def run_batch(batch: Batch, processes: int = 2) -> Iterator[Batch]:
    """Go on with a batch where it stands, in processes of their own; gives it after every round. Memory does not grow
    with the nation.

    What can't be made of one agency is told and does not hold up the others; a process that dies is replaced.
    """
    waiting = batch.result_set.results.order_by("pk").select_related("agency", "result_set").defer("basis")
    pool = _pool(processes)
    rounds = 0
    try:
        while results := list(waiting.filter(pk__gt=batch.last)[:_TOGETHER]):
            if rounds and rounds % _RENEWED == 0:
                pool.shutdown()
                pool = _pool(processes)
            rounds += 1
            jobs = [(result, kind, *_job(pool, result, kind)) for result in results for kind in batch.kinds]
            for result, kind, says, future in jobs:
                if future is None:
                    continue
                try:
                    _keep(result.agency, kind, batch.result_set.fiscal_year, says, future.result(), batch.by)
                except (MaterialError, ContradictionError, TemplateFileError) as error:
                    batch.problems.append([result.agency.name_th, KINDS[kind], str(error)[:500]])
                except Exception:
                    log.exception("one paper of a batch was not made")
                    batch.problems.append(
                        [result.agency.name_th, KINDS[kind], "เขียนไม่สำเร็จ ออกเอกสารนี้จากหน้าของหน่วยงานอีกครั้ง"]
                    )
            if any(f is not None and isinstance(f.exception(), BrokenProcessPool) for *_, f in jobs):
                pool.shutdown(wait=False)
                pool = _pool(processes)
            batch.done, batch.last = batch.done + len(results), results[-1].pk
            batch.save(update_fields=["done", "last", "problems"])
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)
    batch.status = Batch.Status.DONE
    batch.save(update_fields=["status"])
    if batch.by:
        notify(
            user=batch.by,
            text=f"เอกสารของ {batch.total:,} หน่วยงานเสร็จแล้ว",
            url=f"/desk/results/{batch.result_set_id}/papers/",
        )


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _job(pool: ProcessPoolExecutor, result: AgencyResult, kind: str):  # type: ignore[no-untyped-def]
    """What a document will say, and the work of writing it; no work when it is kept already."""
    agency, year = result.agency, result.result_set.fiscal_year
    told = gathering.material_of(agency, year, result, gathering.plans.results_of(agency).get(year - 1), kind)
    own = OwnTemplate.objects.filter(agency=agency, kind=kind).first()
    try:
        says = _says(kind, told, own)
    except MaterialError:
        says = ""  # its problems come back from the other process
    if says and _kept(agency, kind, year, says):
        return says, None
    return says, pool.submit(issue_packed, kind, bytes(own.data) if own else b"", *packed(told))
