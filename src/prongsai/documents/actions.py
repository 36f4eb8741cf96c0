"""Every write of documents: settings, templates, issuing, memos and their signatures, batches over a nation."""

import dataclasses
import datetime
import hashlib
import json
import logging
import multiprocessing
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import transaction
from django.utils import timezone

from prongsai.documents import queries, sources
from prongsai.documents.agency_templates.template import TemplateFileError, check_template
from prongsai.documents.content.data import (
    DocumentData,
    DocumentDataError,
    MemoHeader,
    TextEdit,
    find_text_problems,
    normalize_text,
)
from prongsai.documents.content.passages import Passage
from prongsai.documents.issuance import (
    IssuedDocument,
    MisprintError,
    compose_document,
    digest_content,
    issue_document,
)
from prongsai.documents.models import (
    AgencyTemplate,
    Batch,
    DocumentSettings,
    Memo,
    Paper,
    PaperJob,
    PassageEdit,
    Signature,
)
from prongsai.documents.papers import IN_BATCHES, KINDS, MEMOS, PROPOSED, TEXTS
from prongsai.documents.papers import memo as memo_paper
from prongsai.documents.serialization import issue_serialized, serialize
from prongsai.documents.sources import LinePosition
from prongsai.documents.writers import html
from prongsai.improvement.models import RegisterSheet
from prongsai.improvement.registers import queries as registers
from prongsai.improvement.registers.kinds import papers as register_papers
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import NO_LEASE, Lease, is_outage
from prongsai.lib import digest, emblem, thai
from prongsai.machines import files
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Appointment
from prongsai.registry.queries import path_of
from prongsai.results.models import AgencyResult, ResultSet

log = logging.getLogger("prongsai.documents")
MAX_OPINION_LETTERS = 4000
_AGENCIES_PER_STEP = 16  # of a batch
# after so many steps the processes are replaced, so that their memory cannot grow for ever; between steps, because
# Python's own max_tasks_per_child stops for good where work is queued (python/cpython#115634)
_STEPS_PER_POOL = 30
_MAX_REWRITES = 4  # of a document whose figures change while it is written
_REFUSALS = (DocumentDataError, MisprintError, TemplateFileError)


def set_document_settings(
    *, agency: Agency, digits: str, prepared_by: str, executive_position: str, reference_prefix: str, by: User
) -> DocumentSettings:
    """Set what all papers of an agency carry."""
    if digits not in DocumentSettings.Digits:
        raise DomainError("เลือกตัวเลขไทยหรืออารบิก")
    values = {
        "digits": digits,
        "prepared_by": prepared_by.strip()[:150],
        "executive_position": executive_position.strip()[:150],
        "reference_prefix": reference_prefix.strip()[:60],
    }
    names = {"prepared_by": "ส่วนงานที่จัดทำ", "executive_position": "ตำแหน่งผู้บริหารสูงสุด", "reference_prefix": "เลขที่หนังสือ"}
    if problems := [p for key, name in names.items() for p in find_text_problems(values[key], name)]:
        raise DomainError("\n".join(problems))
    with transaction.atomic():
        document_settings, _ = DocumentSettings.objects.update_or_create(agency=agency, defaults=values)
        log_audit(by=by, action="documents.style", subject="รูปแบบเอกสาร", agency=agency.code, detail=values)
    return document_settings


def set_emblem(*, agency: Agency, data: bytes, by: User) -> None:
    """Put an emblem on the agency's future memos; empty data remove it. Memos already written are not changed."""
    try:
        png = emblem.png(data) if data else b""
    except emblem.EmblemError as error:
        raise DomainError(str(error)) from error
    first = {"emblem": png, "executive_position": sources.name_executive_position(agency)}
    detail = {"sha256": hashlib.sha256(png).hexdigest() if png else ""}
    with transaction.atomic():
        DocumentSettings.objects.update_or_create(agency=agency, defaults={"emblem": png}, create_defaults=first)
        log_audit(by=by, action="documents.emblem", subject="ตราบนบันทึกข้อความ", agency=agency.code, detail=detail)


def set_template(*, agency: Agency, kind: str, name: str, data: bytes, by: User) -> AgencyTemplate:
    """Use an agency's own Word file for future papers of a kind. Raises DomainError with every wrong tag in it."""
    if kind not in KINDS:
        raise DomainError("ไม่มีเอกสารชนิดนี้")
    if problems := check_template(data, kind):
        raise DomainError("\n".join(problems))
    sha256 = hashlib.sha256(data).hexdigest()
    values = {"name": name[:200], "data": data, "sha256": sha256, "by": by}
    with transaction.atomic():
        template, _ = AgencyTemplate.objects.update_or_create(agency=agency, kind=kind, defaults=values)
        log_audit(
            by=by,
            action="documents.template",
            subject=f"แม่แบบ {KINDS[kind]}",
            agency=agency.code,
            detail={"sha256": sha256},
        )
    return template


def remove_template(*, agency: Agency, kind: str, by: User) -> None:
    """Return to our own form of a paper."""
    with transaction.atomic():
        deleted, _ = AgencyTemplate.objects.filter(agency=agency, kind=kind).delete()
        if deleted:
            subject = f"แม่แบบ {KINDS.get(kind, kind)}"
            log_audit(by=by, action="documents.drop_template", subject=subject, agency=agency.code)


# --- issuing


def request_paper(*, agency: Agency, kind: str, fiscal_year: int, by: User) -> Paper | PaperJob:
    """Have a document written in the background, from what is known then. Returns the last one when it says the same,
    or the job that is waiting already. Raises DomainError when nothing can be written."""
    if kind == memo_paper.KIND:
        raise DomainError("บันทึกข้อความต้องเขียนและเสนอตามลำดับการลงนาม")
    data = sources.collect_data(agency, fiscal_year, kind)
    if problem := queries.find_problem(agency, fiscal_year, kind):
        raise DomainError(problem)
    template = AgencyTemplate.objects.filter(agency=agency, kind=kind).first()
    try:
        content_digest = _digest_content(kind, data, template)
    except _REFUSALS as error:
        raise DomainError(str(error)) from error
    if paper := _find_same_paper(agency, kind, fiscal_year, content_digest):
        return paper
    of_paper = PaperJob.objects.filter(agency=agency, kind=kind, fiscal_year=fiscal_year, memo=None)
    same = of_paper.filter(status=PaperJob.Status.WAITING, content_digest=content_digest)
    with transaction.atomic():
        Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)  # of two clicks one asks
        if waiting := same.first():
            return waiting
        wanted = PaperJob.objects.create(
            agency=agency, kind=kind, fiscal_year=fiscal_year, content_digest=content_digest, by=by
        )
        _enqueue_writing(wanted)
    return wanted


def request_memo_files(memo: Memo, content_digest: str, by: User) -> PaperJob:
    """Have the files of a memo written in the background, as it stands; once for each state of it, again where that
    failed. What waits of an earlier state is no longer wanted."""
    with transaction.atomic():
        waiting = PaperJob.objects.filter(memo=memo, status=PaperJob.Status.WAITING)
        waiting.exclude(content_digest=content_digest).delete()
        wanted, is_new = PaperJob.objects.get_or_create(
            memo=memo,
            content_digest=content_digest,
            defaults={
                "agency": memo.agency,
                "kind": "memo",
                "fiscal_year": memo.fiscal_year,
                "by": by,
            },
        )
        if wanted.status == PaperJob.Status.FAILED:
            wanted.status, wanted.problem, is_new = PaperJob.Status.WAITING, "", True
            wanted.save(update_fields=["status", "problem"])
        if is_new:
            _enqueue_writing(wanted)
    return wanted


def _enqueue_writing(wanted: PaperJob) -> None:
    write_paper.enqueue(
        wanted.pk,
        key=f"paper:{wanted.pk}",
        about=f"{_name_wanted(wanted)} ปี {wanted.fiscal_year} ของ {wanted.agency}",
        assessment=wanted.agency.assessment_id,
    )


def _name_wanted(wanted: PaperJob) -> str:
    if wanted.memo and wanted.memo.about in MEMOS:
        return TEXTS[MEMOS[wanted.memo.about]]
    return KINDS.get(wanted.kind, wanted.kind)


def _fail_paper(paper_job_id: int, *, problem: str) -> None:
    waiting = PaperJob.objects.filter(pk=paper_job_id, status=PaperJob.Status.WAITING)
    waiting.update(status=PaperJob.Status.FAILED, problem=f"เขียนไม่สำเร็จ: {problem}")


def _write_again(paper_job_id: int) -> None:
    failed = PaperJob.objects.filter(pk=paper_job_id, status=PaperJob.Status.FAILED)
    failed.update(status=PaperJob.Status.WAITING, problem="")


@job(title="เขียนเอกสาร", queue=Queue.PAPERS, tries=3, on_failure=_fail_paper, on_retry=_write_again)
def write_paper(lease: Lease, paper_job_id: int) -> None:
    """Write the paper of a job that waits."""
    waiting = PaperJob.objects.filter(pk=paper_job_id, status=PaperJob.Status.WAITING)
    wanted = waiting.select_related("agency", "memo__result__result_set", "memo__sheet", "memo__agency", "by").first()
    if wanted is None:
        return
    write = _write_memo if wanted.memo else _write_document
    try:
        store = write(wanted)
    except (*_REFUSALS, DomainError) as error:
        with lease.write(finish=True):
            waiting.update(status=PaperJob.Status.FAILED, problem=str(error)[:4000])
    else:
        with lease.write(finish=True):
            waiting.update(status=PaperJob.Status.DONE, **store())


def _write_document(wanted: PaperJob) -> Callable[[], dict[str, Any]]:
    """Write a document, anew where its figures change meanwhile: an older one must not become the current one. What is
    returned stores it and gives what the job says of it."""
    agency, kind, year = wanted.agency, wanted.kind, wanted.fiscal_year
    sources.prepare_pictures(agency, year, kind)
    written_digest = ""
    for _ in range(_MAX_REWRITES):
        basis = sources.find_basis(agency, year)
        data = sources.collect_data(agency, year, kind)
        template = AgencyTemplate.objects.filter(agency=agency, kind=kind).first()
        content_digest = _digest_content(kind, data, template)
        if content_digest == written_digest:
            break
        file = bytes(template.data) if template else b""
        issued = issue_document(kind, data, template=file, read_whole_pdf=False)
        written_digest = content_digest
    else:
        raise DomainError("ข้อมูลเปลี่ยนไปเรื่อย ๆ ระหว่างเขียน รอให้บันทึกข้อมูลเสร็จแล้วออกเอกสารอีกครั้ง")
    return lambda: {"paper": _store_paper(agency, kind, year, content_digest, issued, wanted.by, basis)}


def _write_memo(wanted: PaperJob) -> Callable[[], dict[str, Any]]:
    """Write the files of a memo as it was signed: what was signed since then is another job."""
    assert wanted.memo is not None
    document = sources.compose_memo(wanted.memo)
    if document.digest != wanted.content_digest:
        raise DomainError("บันทึกข้อความเปลี่ยนไปแล้วตั้งแต่สั่งเขียน ใช้ไฟล์ของฉบับปัจจุบัน")
    issued = issue_document(wanted.memo.about, sources.load_memo(wanted.memo), read_whole_pdf=False, document=document)
    _report_faults("memo", issued)
    notes = {"contradictions": list(issued.contradictions)} if issued.contradictions else wanted.notes
    digests = {f"{form}_sha256": store_file(getattr(issued, form), form) for form in ("docx", "pdf")}
    return lambda: digests | {"notes": notes}


def _report_faults(kind: str, issued: IssuedDocument) -> None:
    """Tell the maintainer of sentences of ours that were left out."""
    if issued.faults:
        log.error(
            "sentences of a paper were read back as contradictions", extra={"kind": kind, "faults": issued.faults}
        )


MAX_PASSAGE_LETTERS = 20_000


def save_edits(
    *,
    agency: Agency,
    kind: str,
    fiscal_year: int,
    texts: Mapping[str, str],
    shown: Mapping[str, str],
    restored: Container[str],
    by: User,
) -> int:
    """Say passages of a paper in other words.

    ``texts`` are those of the page by key, ``shown`` what each said when the page was opened: only what was changed
    there is saved. ``restored`` passages go back to what the system says, also those without a place. Returns how many
    passages are edited now. Raises DomainError, also where somebody else changed the same passage meanwhile, and for a
    memo that cannot be written now.
    """
    if kind in PROPOSED and (problem := queries.find_memo_problem(agency, fiscal_year, PROPOSED[kind])):
        raise DomainError(problem)
    data = dataclasses.replace(sources.collect_data(agency, fiscal_year, kind), edits=())
    passages = {passage.key: passage for passage in sources.list_passages_of(kind, data)}
    of_paper = sources.list_edits(agency, kind, fiscal_year)
    stored = dict(of_paper.values_list("key", "text"))
    wanted = {key: words for key, text in texts.items() if (words := normalize_text(text)) != _plain(shown, key)}
    _check_edits(wanted, passages, stored, shown)
    edits = {key: words for key, words in wanted.items() if words != normalize_text(passages[key].text)}
    remaining = {key: text for key, text in stored.items() if key in passages and key not in wanted} | edits
    try:
        compose_document(kind, dataclasses.replace(data, edits=tuple(TextEdit(*edit) for edit in remaining.items())))
    except DocumentDataError as error:
        raise DomainError(str(error)) from error
    with transaction.atomic():
        gone = [key for key in stored if key in restored or (key in wanted and key not in edits)]
        of_paper.filter(key__in=gone).delete()
        for key, text in edits.items():
            if key not in restored:
                PassageEdit.objects.update_or_create(
                    agency=agency,
                    kind=kind,
                    fiscal_year=fiscal_year,
                    key=key,
                    defaults={"original": passages[key].text, "text": text, "by": by},
                )
        log_audit(
            by=by,
            action="documents.edit",
            subject=f"{TEXTS[kind]} ปี {fiscal_year}",
            agency=agency.code,
            detail={"passages": sorted(edits), "restored": sorted(gone), "digest": digest.of_json(edits)},
        )
    return of_paper.count()


def _plain(texts: Mapping[str, str], key: str) -> str | None:
    return normalize_text(texts[key]) if key in texts else None


def _check_edits(
    wanted: Mapping[str, str], passages: Mapping[str, Passage], stored: Mapping[str, str], shown: Mapping[str, str]
) -> None:
    """Raises DomainError with every problem: words without a place, those that somebody else changed, those too long or
    with letters that cannot be printed; each with its paragraph."""
    problems = [
        f"ย่อหน้าที่เขียนไว้ว่า “{text[:40]}…” ไม่มีในเอกสารแล้ว เพราะเอกสารเปลี่ยนไปจากที่เห็น ตรวจข้อความที่แก้ไว้ด้านล่างแล้วบันทึกอีกครั้ง"
        for key, text in wanted.items()
        if key not in passages
    ]
    for key, text in wanted.items():
        if key not in passages:
            continue
        name = passages[key].name
        if normalize_text(stored.get(key, passages[key].text)) != _plain(shown, key):
            problems.append(f"{name} เปลี่ยนไปตั้งแต่เปิดหน้านี้ อ่านของเดิมเทียบก่อน แล้วบันทึกอีกครั้ง ที่พิมพ์ไว้ยังอยู่")
        if len(text) > MAX_PASSAGE_LETTERS:
            problems.append(f"{name} ยาว {len(text):,} ตัวอักษร เกิน {MAX_PASSAGE_LETTERS:,}")
        problems += find_text_problems(text, name)
    if problems:
        raise DomainError("\n".join(problems))


def name_file(sha256: str, form: str) -> str:
    """The name under which a file of a paper is stored."""
    return f"papers/{sha256[:2]}/{sha256}.{form}"


def _digest_content(kind: str, data: DocumentData, template: AgencyTemplate | None) -> str:
    """The digest of what a paper says, whatever its date of issue. Raises DocumentDataError."""
    return digest_content(kind, data, template.sha256 if template else "")


def _find_same_paper(agency: Agency, kind: str, fiscal_year: int, content_digest: str) -> Paper | None:
    """The last paper issued, if its content is the same."""
    last = Paper.objects.filter(agency=agency, kind=kind, fiscal_year=fiscal_year).first()
    return last if last and last.content_digest == content_digest else None


def _store_paper(
    agency: Agency,
    kind: str,
    fiscal_year: int,
    content_digest: str,
    issued: IssuedDocument,
    by: User | None,
    basis: Mapping[str, int],
) -> Paper:
    _report_faults(kind, issued)
    sums = {form: store_file(data, form) for form, data in (("docx", issued.docx), ("pdf", issued.pdf))}
    subject = f"{KINDS[kind]} ปี {fiscal_year}"
    with transaction.atomic():
        paper = Paper.objects.create(
            agency=agency,
            kind=kind,
            fiscal_year=fiscal_year,
            content_digest=content_digest,
            docx_sha256=sums["docx"],
            pdf_sha256=sums["pdf"],
            figures_read=issued.read_back.figures_read,
            notes={"contradictions": list(issued.contradictions), "faults": len(issued.faults), "results": dict(basis)},
            by=by,
        )
        log_audit(by=by, action="documents.issue", subject=subject, agency=agency.code, detail=sums)
    return paper


def store_file(data: bytes, form: str) -> str:
    """Store a file of a paper under its SHA-256, which is returned."""
    sha256 = hashlib.sha256(data).hexdigest()
    files.store_bytes(name_file(sha256, form), data)
    return sha256


# --- memos


def list_possible_signatories(agency: Agency) -> list[User]:
    """Everybody who acts for an agency, by name: an agency's memos can be sent to them."""
    appointments = Appointment.objects.filter(agency=agency, until=None, user__is_active=True).select_related("user")
    return sorted({a.user for a in appointments}, key=lambda user: user.name)


def write_memo(
    *,
    agency: Agency,
    fiscal_year: int,
    office: str,
    to: str,
    reference_number: str,
    subject: str,
    line: Sequence[LinePosition],
    by: User,
    date: datetime.date | None = None,
    about: str = memo_paper.KIND,
) -> Memo:
    """Write the memo that reports a result, or puts a paper of a register (``about``) before the executive. Its content
    is frozen from now on; without a ``date`` its place is left free, to be written by hand. ``line`` are the positions
    that sign it, its author first and the executive last; it is saved for the agency's next memo. The first of them who
    signs on screen is asked at once; a line that signs by hand alone is complete as it is. A form that is sent twice
    gives one memo: the last one of its author, while it is the same word for word and nobody has signed it. Raises
    DomainError with every problem, a line each."""
    result = sources.find_result(agency, fiscal_year) if about == memo_paper.KIND else None
    sheet = _find_proposed(agency, fiscal_year, about) if about != memo_paper.KIND else None
    if result is None and sheet is None:
        raise DomainError(f"ยังไม่มีผลปี {fiscal_year} ให้รายงาน")
    header = MemoHeader(
        office=office.strip(),
        to=to.strip(),
        reference_number=reference_number.strip(),
        date=date,
        subject=subject.strip(),
    )
    if problems := list_memo_problems(agency=agency, office=office, to=to, line=line):
        raise DomainError("\n".join(problems))
    line = _fill_line(agency, line)
    kind = MEMOS.get(about, about)
    data = dataclasses.replace(sources.collect_data(agency, fiscal_year, kind), memo_header=header)
    try:
        annex = sources.compose_annex(agency, fiscal_year, kind, data)
        basis = queries.digest_basis(sheet, about) if sheet else ""
        content = sources.freeze_memo(data, line, about=about, basis=basis, annex=annex)
    except DocumentDataError as error:
        raise DomainError(str(error)) from error
    first = next((position for position in line if position.user is not None), None)
    with transaction.atomic():
        Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)  # of two clicks one writes
        if same := _find_same_memo(agency, content, by):
            return same
        memo = Memo.objects.create(
            agency=agency,
            result=result,
            sheet=sheet,
            content=content,
            emblem=data.office.emblem,
            by=by,
            next_signatory_id=first.user if first else None,
            next_position=first.position if first else "",
        )
        content_digest = digest_memo(memo)
        _save_line(agency, line)
        detail = {"about": about} if sheet else {}
        log_audit(by=by, action="documents.memo", subject=f"บันทึกข้อความ {memo.pk}", agency=agency.code, detail=detail)
        request_memo_files(memo, content_digest, by)
        if memo.next_signatory and memo.next_signatory != by:
            _notify_signatory(memo, memo.next_signatory)
    return memo


def _find_same_memo(agency: Agency, content: Mapping[str, Any], by: User) -> Memo | None:
    """The last memo that somebody wrote for an agency, where it says exactly this and nobody has signed it."""
    last = Memo.objects.filter(agency=agency, by=by).order_by("-pk").first()
    is_same = last is not None and last.content == json.loads(json.dumps(content)) and not last.signatures.exists()
    return last if is_same else None


def _find_proposed(agency: Agency, fiscal_year: int, about: str) -> RegisterSheet:
    """The sheet of a paper that can be put before the executive now. Raises DomainError."""
    if problem := queries.find_memo_problem(agency, fiscal_year, about):
        raise DomainError(problem)
    sheet = registers.find_sheet(agency, fiscal_year, register_papers()[about][0].key)
    assert sheet is not None  # without one there is a problem
    return sheet


def list_memo_problems(*, agency: Agency, office: str, to: str, line: Sequence[LinePosition]) -> list[str]:
    """All that keeps a memo from being written as it is filled in, in Thai: what is empty, a name without a position, a
    holder who does not act for the agency, a position that stands twice."""
    acting = {user.pk: user for user in list_possible_signatories(agency)}
    known = {pk: user.name for pk, user in acting.items()}
    positions = Counter(position for place in line if (position := _read_position(place)))
    required = (("ส่วนราชการ", office.strip()), ("เรียน", to.strip()), ("ตำแหน่งผู้ลงนามอย่างน้อยหนึ่งตำแหน่ง", positions))
    missing = [name for name, value in required if not value]
    problems = [f"ยังไม่ได้กรอก {', '.join(missing)}"] if missing else []
    problems += find_text_problems(office, "ส่วนราชการ") + find_text_problems(to, "เรียน")
    for number, place in enumerate(line, 1):
        position, name = _read_position(place), place.name.strip()
        problems += find_text_problems(position, f"ตำแหน่งลำดับที่ {number}") + find_text_problems(
            name, f"ชื่อลำดับที่ {number}"
        )
        if not position and (name or place.user):
            problems.append(f"ใส่ตำแหน่งของ {name or known.get(place.user or 0, 'ผู้ลงนาม')}")
        elif place.user is not None and place.user not in known:
            problems.append(f"ผู้ลงนามตำแหน่ง {position} ไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว เลือกผู้อื่น หรือให้ลงนามด้วยมือ")
        elif place.user is not None and (problem := _find_usurped(agency, acting[place.user], position)):
            problems.append(problem)
        elif place.user is not None and name and normalize_text(name) != normalize_text(known[place.user]):
            problems.append(
                f"ตำแหน่ง {position} เลือกให้ {known[place.user]} ลงนามบนหน้าจอ แต่พิมพ์ชื่อ {name} ไว้ ลบชื่อที่พิมพ์ หรือเลือก “ด้วยมือบนกระดาษ”"
            )
    problems += [f"ตำแหน่ง {position} มีมากกว่าหนึ่งครั้งในลำดับการลงนาม" for position, n in positions.items() if n > 1]
    return problems


def _read_position(place: LinePosition) -> str:
    return place.position.strip()[:150]


def _fill_line(agency: Agency, line: Sequence[LinePosition]) -> list[LinePosition]:
    """The line without empty places; a holder with an account goes by its name."""
    known = {user.pk: user.name for user in list_possible_signatories(agency)}
    return [
        LinePosition(
            position=_read_position(place),
            name=place.name.strip()[:150] or sources.drop_unprintable(known.get(place.user or 0, "")),
            user=place.user,
        )
        for place in line
        if _read_position(place)
    ]


def _save_line(agency: Agency, line: Sequence[LinePosition]) -> None:
    """Keep the line for the agency's next memo."""
    saved = {"signing_line": [dataclasses.asdict(position) for position in line]}
    first = saved | {"executive_position": sources.name_executive_position(agency)}
    DocumentSettings.objects.update_or_create(agency=agency, defaults=saved, create_defaults=first)


def set_reference_number(*, memo: Memo, reference_number: str, by: User) -> None:
    """Give a memo its number, before or after it was signed; on paper it is written last as well."""
    reference_number = reference_number.strip()[:60]
    if not reference_number:
        raise DomainError("ใส่เลขที่หนังสือ")
    with transaction.atomic():
        memo = _lock_memo(memo)
        memo.reference_number = reference_number
        memo.save(update_fields=["reference_number"])
        request_memo_files(memo, digest_memo(memo), by)
        log_audit(
            by=by,
            action="documents.number",
            subject=f"บันทึกข้อความ {memo.pk}",
            agency=memo.agency.code,
            detail={"reference_number": reference_number},
        )
        for signatory in {signature.by for signature in memo.signatures.select_related("by")} - {by}:
            notify(
                user=signatory,
                text=f"บันทึกข้อความของ {memo.agency} ที่ท่านลงนามได้เลขที่ {reference_number}",
                url=f"/desk/agency/{memo.agency.code}/memo/{memo.pk}/",
            )


def digest_memo(memo: Memo) -> str:
    """The digest of a memo as it stands. Raises DomainError when it cannot be printed, as with an emoji in a
    position."""
    try:
        return sources.compose_memo(memo).digest
    except DocumentDataError as error:
        raise DomainError(str(error)) from error


def sign_memo(*, memo: Memo, opinion: str, content_digest: str, to: User | None, position: str, by: User) -> Signature:
    """Sign with an opinion and pass the memo on to ``to``, or complete it (None). ``content_digest`` is of the memo
    that the signatory read on the screen."""
    opinion = opinion.strip()
    if len(opinion) > MAX_OPINION_LETTERS:
        raise DomainError(f"ความเห็นยาว {len(opinion):,} ตัวอักษร ใส่ได้ไม่เกิน {MAX_OPINION_LETTERS:,}")
    with transaction.atomic():
        memo = _lock_memo(memo)
        if memo.next_signatory_id != by.pk:
            _refuse_turn(memo, by)
        if to is not None:
            _require_signatory(memo.agency, to, position)
        elif following := _list_following_on_screen(memo):
            raise DomainError(f"ยังมีผู้ลงนามบนหน้าจอตามลำดับ: {', '.join(following)} เลือกเสนอต่อก่อน")
        if digest_memo(memo) != content_digest:
            raise DomainError("เอกสารเปลี่ยนไปจากที่เห็น อ่านอีกครั้งแล้วลงนาม")
        signature = Signature(
            memo=memo, by=by, name=by.name, position=memo.next_position, opinion=opinion, signed_at=timezone.now()
        )
        signed_position = memo.next_position
        memo.next_signatory, memo.next_position = to, position.strip()[:150] if to else ""
        _rename_in_line(memo, signed_position)
        _print_signature(memo, signature)
        signature.save()
        memo.save(update_fields=["next_signatory", "next_position", "content"])
        request_memo_files(memo, signature.content_digest, by)
        log_audit(
            by=by,
            action="documents.sign",
            subject=f"บันทึกข้อความ {memo.pk}",
            agency=memo.agency.code,
            detail={
                "position": signature.position,
                "says": signature.content_digest,
                "to": to.name if to else "",
            },
        )
        if to:
            _notify_signatory(memo, to)
    return signature


def _refuse_turn(memo: Memo, by: User) -> NoReturn:
    """Raises DomainError: somebody signs whose turn it is not, perhaps because they or somebody else just did."""
    own = memo.signatures.filter(by=by).last()
    if own is not None:
        signed_at = timezone.localtime(own.signed_at)
        raise DomainError(f"คุณลงนามบันทึกข้อความนี้แล้ว {thai.date(signed_at.date())} เวลา {signed_at:%H:%M} น. ไม่ต้องลงนามอีก")
    waits_for = f" ขณะนี้รอ {memo.next_signatory.name}" if memo.next_signatory else " เพราะลงนามบนหน้าจอครบแล้ว"
    raise DomainError(f"บันทึกข้อความนี้ไม่ได้รอคุณลงนาม{waits_for}")


def leave_to_hand(*, memo: Memo, by: User) -> None:
    """Have the position that a memo awaits signed on paper: its holder has left, or nobody signs there on screen. The
    next of the line who signs on screen is asked; the name of the holder is left free."""
    with transaction.atomic():
        memo = _lock_memo(memo)
        if memo.next_signatory_id is None:
            raise DomainError("บันทึกข้อความนี้จบแล้ว")
        line = memo.content.setdefault("line", [])
        here = next((n for n, place in enumerate(line) if place["position"] == memo.next_position), None)
        if here is None:
            line.append({"position": memo.next_position, "name": "", "user": None})
            here = len(line) - 1
        position = memo.next_position
        line[here].update(name="", user=None)
        acting = {user.pk for user in list_possible_signatories(memo.agency)}
        following = next((place for place in line[here + 1 :] if place["user"] in acting), None)
        memo.next_signatory_id = following["user"] if following else None
        memo.next_position = following["position"] if following else ""
        memo.save(update_fields=["next_signatory", "next_position", "content"])
        request_memo_files(memo, digest_memo(memo), by)
        log_audit(
            by=by,
            action="documents.by_hand",
            subject=f"บันทึกข้อความ {memo.pk}",
            agency=memo.agency.code,
            detail={"position": position},
        )
        if memo.next_signatory:
            _notify_signatory(memo, memo.next_signatory)


def redirect_memo(*, memo: Memo, to: User, position: str, by: User) -> None:
    """Send a memo to another signatory than the one it awaits, who may have left."""
    with transaction.atomic():
        memo = _lock_memo(memo)
        if memo.next_signatory_id is None:
            raise DomainError("บันทึกข้อความนี้จบแล้ว")
        _require_signatory(memo.agency, to, position)
        position = position.strip()[:150]
        if memo.signatures.filter(position=position).exists():
            raise DomainError(f"ตำแหน่ง {position} ลงนามไปแล้ว เลือกตำแหน่งอื่น")
        for place in memo.content.get("line", ()):
            if place["position"] == memo.next_position:
                place.update(position=position, name=to.name, user=to.pk)
        memo.next_signatory, memo.next_position = to, position
        memo.save(update_fields=["next_signatory", "next_position", "content"])
        request_memo_files(memo, digest_memo(memo), by)
        log_audit(
            by=by,
            action="documents.redirect",
            subject=f"บันทึกข้อความ {memo.pk}",
            agency=memo.agency.code,
            detail={"to": to.name},
        )
        _notify_signatory(memo, to)


def _list_following_on_screen(memo: Memo) -> list[str]:
    """Positions of the line after the one that signs now whose holders sign on screen and still act for the agency."""
    line = memo.content.get("line", [])
    here = next((n for n, place in enumerate(line) if place["position"] == memo.next_position), len(line))
    acting = {user.pk for user in list_possible_signatories(memo.agency)}
    return [place["position"] for place in line[here + 1 :] if place["user"] in acting]


def _rename_in_line(memo: Memo, signed_position: str) -> None:
    """Give the next signatory's place in the line the position that was typed for it."""
    line = memo.content.get("line", [])
    here = next((n for n, place in enumerate(line) if place["position"] == signed_position), -1)
    following = next((p for p in line[here + 1 :] if p["user"] and p["user"] == memo.next_signatory_id), None)
    if following is not None:
        following["position"] = memo.next_position


def _print_signature(memo: Memo, signature: Signature) -> None:
    """The memo with one more signature, as it is stored with it."""
    try:
        document = sources.compose_memo(memo, signature)
    except DocumentDataError as error:
        raise DomainError(str(error)) from error
    signature.content_digest, signature.html = document.digest, html.write_page(document)


def _lock_memo(memo: Memo) -> Memo:
    memos = Memo.objects.select_for_update(of=("self",))
    return memos.select_related("agency", "result__result_set", "sheet", "next_signatory").get(pk=memo.pk)


def _require_signatory(agency: Agency, user: User, position: str) -> None:
    """Raises DomainError unless the user acts for the agency, in a position that is theirs to sign."""
    if user not in list_possible_signatories(agency):
        raise DomainError(f"{user.name} ไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว เลือกผู้อื่น")
    if not position.strip():
        raise DomainError("ใส่ตำแหน่งของผู้ที่จะเสนอต่อ")
    if problem := _find_usurped(agency, user, position):
        raise DomainError(problem)


def _find_usurped(agency: Agency, user: User, position: str) -> str:
    """Why a user cannot sign in a position on screen: that of the executive is signed by an account of an executive,
    who may be acting. Empty where they can."""
    own = (sources.name_executive_position(agency), sources.find_settings(agency).executive_position)
    typed = thai.squeeze(position)
    is_own = any(name.startswith(typed) or typed.startswith(name) for name in map(thai.squeeze, filter(None, own)))
    if user.role == Role.EXECUTIVE or not typed or not is_own:
        return ""
    return (
        f"{user.name} ลงนามบนหน้าจอในตำแหน่ง {position.strip()} ไม่ได้ ต้องเป็นบัญชีของผู้บริหารหรือผู้รักษาการที่ส่วนกลางมอบหน้าที่แล้ว "
        "เลือกผู้อื่น หรือให้ลงนามด้วยมือบนกระดาษ"
    )


def _notify_signatory(memo: Memo, user: User) -> None:
    notify(
        user=user,
        text=f"มีบันทึกข้อความของ {memo.agency} รอความเห็นและลงนาม: {memo.name} ปี {memo.fiscal_year}",
        url=f"/desk/agency/{memo.agency.code}/memo/{memo.pk}/",
    )


# --- batches


def start_batch(*, result_set: ResultSet, kinds: list[str], by: User | None) -> Batch:
    """Issue documents for every agency of a result set, in the background."""
    if memo_paper.KIND in kinds:
        raise DomainError("บันทึกข้อความทำทั้งชุดไม่ได้ หน่วยงานเขียนเองและเสนอตามลำดับการลงนาม")
    if not kinds or any(kind not in IN_BATCHES for kind in kinds):
        raise DomainError("เลือกเอกสารอย่างน้อยหนึ่งชนิด")
    if not result_set.publications.filter(withdrawn_at=None).exists():
        raise DomainError("ทำเอกสารได้เมื่อเผยแพร่ชุดผลแล้ว หน่วยงานจะเห็นเอกสารทันที")
    with transaction.atomic():
        ResultSet.objects.select_for_update(no_key=True).get(pk=result_set.pk)  # of two clicks one starts
        if Batch.objects.filter(result_set=result_set, status=Batch.Status.RUNNING).exists():
            raise DomainError("กำลังทำเอกสารของชุดผลนี้อยู่แล้ว")
        batch = Batch.objects.create(
            result_set=result_set, kinds=kinds, agencies_total=result_set.results.count(), by=by
        )
        log_audit(by=by, action="documents.batch", subject=f"ชุดผล {result_set.pk}", detail={"kinds": kinds})
        run_batch_in_background.enqueue(
            batch.pk,
            key=f"batch:{batch.pk}",
            about=f"ชุดผลที่ {result_set.pk} ปี {result_set.fiscal_year}",
            assessment=result_set.assessment_id,
        )
    return batch


def _fail_batch(batch_id: int, *, problem: str) -> None:
    batch = Batch.objects.select_related("result_set", "by").get(pk=batch_id)
    if Batch.objects.filter(pk=batch_id, status=Batch.Status.RUNNING).update(status=Batch.Status.FAILED) and batch.by:
        done = f"{batch.agencies_done:,} จาก {batch.agencies_total:,} หน่วยงาน"
        notify(user=batch.by, text=f"ทำเอกสารทั้งชุดหยุดที่ {done}: {problem}", url=_batch_url(batch))


def _run_again(batch_id: int) -> None:
    Batch.objects.filter(pk=batch_id, status=Batch.Status.FAILED).update(status=Batch.Status.RUNNING)


@job(title="ทำเอกสารทั้งชุดผล", queue=Queue.BATCHES, on_failure=_fail_batch, on_retry=_run_again)
def run_batch_in_background(lease: Lease, batch_id: int) -> None:
    """Run a batch from where it stands to its end."""
    for _ in run_batch(Batch.objects.get(pk=batch_id), lease=lease):
        pass


def run_batch(batch: Batch, processes: int = 2, *, lease: Lease = NO_LEASE) -> Iterator[Batch]:
    """Run a batch from where it stands, in processes of their own; yields it after every step. Memory does not grow
    with the nation.

    A document that cannot be issued is reported and does not stop the others; a process that dies is replaced, and what
    it was at is written again, one document at a time. A step that was interrupted issues nothing twice.
    """
    if batch.status != Batch.Status.RUNNING:
        return
    kinds = [kind for kind in batch.kinds if kind in IN_BATCHES]  # one of an older version may have more
    results = batch.result_set.results.order_by("pk").select_related("agency", "result_set").defer("basis")
    pool = _start_pool(processes)
    steps = 0
    try:
        while step := list(results.filter(pk__gt=batch.last_result_id)[:_AGENCIES_PER_STEP]):
            if steps and steps % _STEPS_PER_POOL == 0:
                pool.shutdown()
                pool = _start_pool(processes)
            steps += 1
            wanted = [(result, kind) for result in step for kind in kinds]
            submitted = [(w, _submit_job(pool, *w)) for w in wanted]
            broken = [w for w, job in submitted if job and not _finish_job(batch, job, lease)]
            for result, kind in broken:
                pool.shutdown(wait=False)
                pool = _start_pool(processes)
                if (again := _submit_job(pool, result, kind)) and not _finish_job(batch, again, lease):
                    _report_problem(batch, again, "เขียนไม่สำเร็จ ออกเอกสารนี้จากหน้าของหน่วยงานอีกครั้ง")
            if broken:
                pool.shutdown(wait=False)
                pool = _start_pool(processes)
            done = batch.agencies_done + len(step)
            with lease.write(done=done, total=batch.agencies_total, advances=True):
                batch.agencies_done, batch.last_result_id = done, step[-1].pk
                batch.save(update_fields=["agencies_done", "last_result_id", "problems"])
            yield batch
    finally:
        pool.shutdown(cancel_futures=True)
    with lease.write(finish=True):
        batch.status = Batch.Status.DONE
        batch.save(update_fields=["status"])
        if batch.by:
            notify(user=batch.by, text=f"เอกสารของ {batch.agencies_total:,} หน่วยงานเสร็จแล้ว", url=_batch_url(batch))


def _batch_url(batch: Batch) -> str:
    return path_of(batch.result_set.assessment_id, f"/desk/results/{batch.result_set_id}/papers/")


@dataclass(frozen=True)
class _Job:
    """One document of a batch, being written in another process."""

    agency: Agency
    kind: str
    content_digest: str
    basis: Mapping[str, int]
    future: Future[IssuedDocument]


def _start_pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _submit_job(pool: ProcessPoolExecutor, result: AgencyResult, kind: str) -> _Job | None:
    """Start writing a document; None when it is issued with the same content already."""
    agency, year = result.agency, result.result_set.fiscal_year
    data = sources.collect_data_for_result(agency, year, result, sources.find_result(agency, year - 1), kind)
    template = AgencyTemplate.objects.filter(agency=agency, kind=kind).first()
    try:
        content_digest = _digest_content(kind, data, template)
    except DocumentDataError:
        content_digest = ""  # the other process reports the problems
    if content_digest and _find_same_paper(agency, kind, year, content_digest):
        return None
    try:
        future = pool.submit(issue_serialized, kind, bytes(template.data) if template else b"", serialize(data))
    except BrokenProcessPool as error:
        future = Future()
        future.set_exception(error)
    basis = sources.find_basis(agency, year) | {str(year): result.pk}
    return _Job(agency, kind, content_digest, basis, future)


def _finish_job(batch: Batch, job: _Job, lease: Lease) -> bool:
    """Store the document of a job, or report why there is none. False where the process that wrote it has died."""
    year = batch.result_set.fiscal_year
    try:
        issued = job.future.result()
        with lease.write(advances=True):
            _store_paper(job.agency, job.kind, year, job.content_digest, issued, batch.by, job.basis)
    except BrokenProcessPool:
        return False
    except _REFUSALS as error:
        _report_problem(batch, job, str(error)[:500])
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("a document of a batch could not be written")
        _report_problem(batch, job, "เขียนไม่สำเร็จ ออกเอกสารนี้จากหน้าของหน่วยงานอีกครั้ง")
    return True


def _report_problem(batch: Batch, job: _Job, problem: str) -> None:
    batch.problems.append([job.agency.name_th, KINDS[job.kind], problem])
