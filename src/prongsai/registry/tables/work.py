"""What is done with tables that go out and come back: written, read, applied, undone, each by a worker.

A file that came back changes nothing until somebody confirms what was shown. Then each row is compared, in the
transaction that changes it, with what was there when it was shown: what somebody else changed meanwhile is a conflict,
and stays. Rows go in small transactions that also say how far the work is, so that a worker that dies leaves whole
rows, and the next one goes on behind them. Who lost the right to bring such a table meanwhile brings nothing.

Several files that come back together are one: they are packed into a ZIP, read one after the other, shown, applied and
undone as a whole. Of all that is read no more is in memory than one file has, and the keys of those before it.
"""

import datetime
import hashlib
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from prongsai.intake import UnreadableError
from prongsai.intake.files import list_documents
from prongsai.jobs.kinds import Queue, periodic
from prongsai.jobs.leases import Lease
from prongsai.jobs.models import Job
from prongsai.lib import digest
from prongsai.lib.spreadsheets import write_xlsx
from prongsai.lib.uploads import TWICE_WITHIN
from prongsai.machines import files
from prongsai.people.access import is_allowed
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.background import background_action
from prongsai.people.models import User
from prongsai.registry import queries
from prongsai.registry.models import Assessment, Round, TableFile, TableRow, TableUpload
from prongsai.registry.tables.kinds import Entry, Scope, TableKind, Values, find_kind, keep
from prongsai.registry.tables.reading import MAX_ROWS, read_table

_ROWS_PER_READ = 500  # looked up, and stored, at a time
_ROWS_PER_STORE = 2_000  # of a file that is read, stored in one transaction
_ROWS_PER_WRITE = 20  # applied in one transaction, of half a second: others write in between
_MOST_FILES = 20  # that come back together
_SUFFIXES = (".xlsx", ".csv")
_ONE_FILE = "ตารางนี้ใส่ได้ทีละไฟล์ เพราะแถวของไฟล์เทียบกันเอง"
_FILES_FOR = datetime.timedelta(days=7)  # how long a table that went out can be fetched
_UPLOADS_FOR = datetime.timedelta(days=90)  # how long the rows of one that came back are there, and its undoing
State, Outcome, Status = TableRow.State, TableRow.Outcome, TableUpload.Status
_NOT_APPLIED = (State.REFUSED, State.CONFLICT, State.ASKED)
_NO_MORE = "ท่านไม่มีสิทธินำตารางนี้เข้าแล้ว"


def may_bring(user: User, kind: TableKind, assessment: str) -> bool:
    """Whether a user may bring tables of a kind: for every agency, not for their own alone."""
    return is_allowed(user, kind.permission, assessment=assessment, own=False)


def _require(kind_name: str, assessment: str, by: User) -> TableKind:
    kind = find_kind(kind_name)
    by.refresh_from_db()
    if kind is None or not may_bring(by, kind, assessment):
        raise DomainError(_NO_MORE)
    return kind


def _check_round(assessment_round: Round | None) -> None:
    if assessment_round is None:
        return
    assessment_round.refresh_from_db(fields=["status"])
    if assessment_round.status == Round.Status.CLOSED:
        raise DomainError(f"รอบปี {assessment_round.fiscal_year} ปิดแล้ว เปิดรอบอีกครั้งก่อนจึงแก้ได้")


def path_of_table(scope: Scope, kind: TableKind) -> str:
    """The page of a table."""
    year = f"{scope.the_round.fiscal_year}/" if kind.of_round else ""
    return queries.path_of(scope.assessment, f"/desk/tables/{kind.name}/{year}")


def path_of_upload(upload: TableUpload) -> str:
    """The page of a file that came back."""
    return queries.path_of(upload.assessment_id, f"/desk/tables/upload/{upload.pk}/")


def name_scope(kind: TableKind, assessment_round: Round | None) -> str:
    """A table as people call it."""
    return f"{kind.title} รอบปี {assessment_round.fiscal_year}" if assessment_round else kind.title


def subject_of(kind: TableKind, scope: Scope) -> str:
    """What the work of writing a table is done to, as jobs are keyed by it."""
    return f"{kind.name}:{scope.assessment}:{scope.round.pk if scope.round else ''}"


# --- out


def request_file(*, kind: TableKind, scope: Scope, by: User) -> Job:
    """Have a table written, filled with what is there."""
    round_id = scope.round.pk if scope.round else None
    return write_table_in_background.request(
        subject_of(kind, scope),
        kind.name,
        scope.assessment,
        round_id,
        by=by,
        about=name_scope(kind, scope.round),
        assessment=scope.assessment,
        url=path_of_table(scope, kind),
    )


@background_action(title="เตรียมตาราง", queue=Queue.BULK)
def write_table_in_background(lease: Lease, by: User, name: str, assessment: str, round_id: int | None) -> None:
    """Write a table; the one before it goes."""
    kind = _require(name, assessment, by)
    scope = Scope(assessment, Round.objects.get(pk=round_id, assessment=assessment) if round_id else None)
    columns = kind.columns(scope)
    rows = ((key, [values.get(c.key, "") for c in columns]) for key, values in kind.current(scope))
    stored, count = _store_table([c.title for c in columns], rows, kind.title, [c.width for c in columns])
    with lease.write(finish=True):
        earlier = TableFile.objects.filter(assessment=assessment, kind=name, round=scope.round)
        old = list(earlier.values_list("stored_as", flat=True))
        earlier.delete()
        made = TableFile.objects.create(
            assessment_id=assessment, kind=name, round=scope.round, by=by, stored_as=stored, count=count
        )
        log_audit(
            by=by, action="registry.table_out", subject=name_scope(kind, scope.round), detail={"rows": made.count}
        )
        lease.outcome = f"เตรียมตาราง{name_scope(kind, scope.round)}แล้ว {count:,} แถว"
        transaction.on_commit(lambda: _remove(old))


def _store_table(
    titles: Sequence[str], rows: Iterable[tuple[str, Sequence[Any]]], name: str, widths: Sequence[int]
) -> tuple[str, int]:
    """Write rows, each with its key, as a workbook and store it, or as several in a ZIP where one would have more rows
    than come back in a file. Rows of one key that follow each other are in one file: only together do they come back.
    Returns its name and how many rows there are."""
    count, groups = 0, ([row for _, row in group] for _, group in groupby(rows, key=lambda row: row[0]))
    first = next(groups, None)

    def rows_of_part() -> Iterator[Sequence[Any]]:
        nonlocal count, first
        written = 0
        while first is not None and (not written or written + len(first) <= MAX_ROWS):
            yield from first
            written, first = written + len(first), next(groups, None)
        count += written

    with tempfile.TemporaryDirectory() as folder:
        parts: list[Path] = []
        while first is not None or not parts:
            parts.append(Path(folder, f"{name[:31]}-{len(parts) + 1}.xlsx"))
            with parts[-1].open("wb") as file:
                write_xlsx(file, name[:31], titles, rows_of_part(), widths=widths)
        stored = f"tables/{uuid.uuid4().hex}{parts[0].suffix if len(parts) == 1 else '.zip'}"
        whole = parts[0] if len(parts) == 1 else _zip([(p, p.name) for p in parts], Path(folder, "all.zip"))
        files.store_copy(stored, whole)
    return stored, count


def _zip(parts: Iterable[tuple[Path, str]], path: Path) -> Path:
    """A ZIP of files by their names; of the same files the same, at whatever time."""
    names: set[str] = set()
    with zipfile.ZipFile(path, "w") as archive:
        for number, (part, name) in enumerate(parts, 1):
            entry = zipfile.ZipInfo(name if name not in names else f"{number}-{name}")
            names.add(name)
            is_packed = part.suffix.lower() == ".xlsx"
            entry.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            with part.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
    return path


def _remove(names: Iterable[str]) -> None:
    for name in names:
        with suppress(OSError):  # a file that stays too long harms less than work that fails
            files.remove(name)


# --- back in: reading


def upload_tables(*, kind: TableKind, scope: Scope, chosen: Sequence[tuple[Path, str]], by: User) -> TableUpload:
    """``upload_table`` of files that were chosen together, each with its name: several are one ZIP from then on."""
    (path, name), *others = chosen
    if not others:
        return upload_table(kind=kind, scope=scope, path=path, file_name=name, by=by)
    if not kind.takes_several_files:
        raise DomainError(_ONE_FILE)
    if len(chosen) > _MOST_FILES:
        raise DomainError(f"เลือกไว้ {len(chosen)} ไฟล์ ใส่พร้อมกันได้ไม่เกิน {_MOST_FILES}")
    if wrong := [name for _, name in chosen if not _is_table(name)]:
        raise DomainError(f"{wrong[0]}: เมื่อเลือกหลายไฟล์ ใส่ได้เฉพาะไฟล์ .xlsx หรือ .csv")
    with tempfile.TemporaryDirectory() as folder:
        packed = _zip(chosen, Path(folder, "chosen.zip"))
        together = f"{name[:150]} และอีก {len(others)} ไฟล์.zip"
        return upload_table(kind=kind, scope=scope, path=packed, file_name=together, by=by)


def _is_table(name: str) -> bool:
    """Whether a file is one of those that are read; what a program leaves beside an open one is not."""
    return Path(name).suffix.lower() in _SUFFIXES and not name.startswith((".", "~$"))


def upload_table(*, kind: TableKind, scope: Scope, path: Path, file_name: str, by: User) -> TableUpload:
    """Store a table that came back, and have it read and compared with what is there. The same file by the same person
    once more, while it is read or within a minute, is that one: of two clicks one comes."""
    suffix = Path(file_name).suffix.lower()
    if suffix not in (*_SUFFIXES, ".zip"):
        raise DomainError("ใส่ได้เฉพาะไฟล์ .xlsx หรือ .csv หรือ ZIP ของไฟล์เหล่านี้")
    _check_round(scope.round)
    stored = f"tables/{uuid.uuid4().hex}{suffix}"
    sha256 = _store_upload(kind, path, stored)
    what = {
        "assessment_id": scope.assessment,
        "kind": kind.name,
        "round": scope.round,
        "by": by,
        "file_name": file_name[:200],
        "file_digest": sha256,
    }
    with files.remove_on_error(stored), transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        just_now = Q(status=Status.WAITING, created_at__gte=timezone.now() - TWICE_WITHIN)
        if same := TableUpload.objects.filter(just_now | Q(status=Status.READING), **what).first():
            transaction.on_commit(lambda: _remove([stored]))
            return same
        upload = TableUpload.objects.create(**what, stored_as=stored)
        detail = {"file": upload.file_name, "sha256": sha256}
        log_audit(by=by, action="registry.table_in", subject=_name(upload, kind), detail=detail)
        read_table_in_background.request(
            str(upload.pk),
            upload.pk,
            by=by,
            about=upload.file_name,
            assessment=scope.assessment,
            url=path_of_upload(upload),
        )
    return upload


def _store_upload(kind: TableKind, path: Path, stored: str) -> str:
    """Store a file that came back; returns the digest of what is stored: that of a hidden file's content would tell
    whoever guesses it that they are right."""
    if kind.is_secret:
        content = kind.hide(path.read_bytes())
        files.store_bytes(stored, content)
        return hashlib.sha256(content).hexdigest()
    files.store_copy(stored, path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _open_upload(kind: TableKind, upload: TableUpload) -> Iterator[Path]:
    """A file that came back, for readers that need a path. Raises UnreadableError."""
    with files.local_copy(upload.stored_as) as path:
        if not kind.is_secret:
            yield path
            return
        with tempfile.NamedTemporaryFile(suffix=path.suffix) as shown:
            shown.write(kind.reveal(path.read_bytes()))
            shown.flush()
            yield Path(shown.name)


def _name(upload: TableUpload, kind: TableKind) -> str:
    return f"ไฟล์ที่ {upload.pk} {name_scope(kind, upload.round)}"


def scope_of(upload: TableUpload, site: str = "") -> Scope:
    return Scope(upload.assessment_id, upload.round, site, upload.pk)


@background_action(title="อ่านตาราง", queue=Queue.FILES)
def read_table_in_background(lease: Lease, by: User, upload_id: int) -> None:
    """Read a file that came back, and say of each row what it will do. What cannot be read is said of the file, and
    then none of its rows is shown."""
    upload = TableUpload.objects.select_related("round").get(pk=upload_id)
    kind, scope = _require(upload.kind, upload.assessment_id, by), scope_of(upload)
    rows = TableRow.objects.filter(upload=upload)
    with lease.write():
        _lock(upload_id, Status.READING)
        _forget_rows(kind, scope, upload)  # of a worker that died
    problem, problem_file, unread = "", "", list[str]()
    try:
        with _open_upload(kind, upload) as path:
            unread = _read_files(lease, kind, scope, upload, path)
    except UnreadableError as error:
        problem = str(error)
    else:
        problem_file = _store_problems(kind, scope, rows.order_by("position").iterator(_ROWS_PER_READ))
    with lease.write(finish=True):
        mine = _lock(upload_id, Status.READING)  # unless it was dropped meanwhile
        if problem:
            _forget_rows(kind, scope, upload)
        mine.status, mine.problem, mine.unread, mine.problem_file = Status.WAITING, problem[:300], unread, problem_file
        mine.save(update_fields=["status", "problem", "unread", "problem_file"])
        if kind.is_secret:
            transaction.on_commit(lambda: _remove([upload.stored_as]))
        count, refused = rows.count(), rows.filter(state__in=_NOT_APPLIED).count()
        lease.outcome = f"อ่าน {upload.file_name} แล้ว {count:,} แถว มีปัญหา {refused:,} แถว ตรวจแล้วยืนยัน"
        if problem:
            lease.outcome = f"อ่าน {upload.file_name} ไม่ได้: {problem}"


def _forget_rows(kind: TableKind, scope: Scope, upload: TableUpload) -> None:
    TableRow.objects.filter(upload=upload).delete()
    kind.discard(scope)


class _Earlier:
    """What is known of the files that were read before another: how many rows they had, the keys of these, those keys
    that a later file has again, and headings that the table does not have."""

    def __init__(self) -> None:
        self.count = 0
        self.keys, self.repeated = set[str](), set[str]()
        self.unread: dict[str, None] = {}


def _read_files(lease: Lease, kind: TableKind, scope: Scope, upload: TableUpload, path: Path) -> list[str]:
    """Read the files of an upload one after the other and store what their rows do; returns the headings that the table
    does not have. Raises UnreadableError."""
    names, earlier = _list_files(kind, path), _Earlier()
    for number, name in enumerate(names or [""]):
        label = f"ไฟล์ที่ {number + 1}" if kind.is_secret and name else name  # a name may be somebody's
        if len(names) > 1:
            lease.progress(number, len(names))
        try:
            _read_file(lease, kind, scope, upload, path, number if names else None, label, earlier)
        except UnreadableError as error:
            raise UnreadableError(f"{label}: {error}" if label else str(error)) from error
    _refuse_in_earlier_files(lease, kind, scope, upload, sorted(earlier.repeated))
    return list(earlier.unread)[:50]


def _read_file(
    lease: Lease,
    kind: TableKind,
    scope: Scope,
    upload: TableUpload,
    path: Path,
    index: int | None,
    label: str,
    earlier: _Earlier,
) -> None:
    sheet = read_table(path, kind.columns(scope), index=index)
    entries = kind.prepare(scope, sheet.unread, sheet.entries)
    for entry in entries if label else ():
        entry.place = f"{label} {entry.place}"
    rows = _plan(kind, scope, upload, entries, earlier)
    while some := list(islice(rows, _ROWS_PER_STORE)):
        with lease.write():
            _lock(upload.pk, Status.READING)
            TableRow.objects.bulk_create(some, batch_size=_ROWS_PER_READ)
    with lease.write():
        _lock(upload.pk, Status.READING)
        kind.hold(scope, entries)
    earlier.count += len(entries)
    earlier.unread |= dict.fromkeys(sheet.unread)


def _list_files(kind: TableKind, path: Path) -> list[str]:
    """The names of the files in a ZIP; none of a file that is a table itself. Raises UnreadableError."""
    names = list_documents(path) if path.suffix.lower() == ".zip" else []
    if wrong := [name for name in names if not _is_table(name)]:
        shown = "" if kind.is_secret else f": {wrong[0][:80]}"
        raise UnreadableError(f"ใน ZIP มีไฟล์ที่ไม่ใช่ .xlsx หรือ .csv{shown}")
    if len(names) > 1 and not kind.takes_several_files:
        raise UnreadableError(_ONE_FILE)
    if len(names) > _MOST_FILES:
        raise UnreadableError(f"ใน ZIP มี {len(names)} ไฟล์ ใส่พร้อมกันได้ไม่เกิน {_MOST_FILES}")
    return names


def _plan(
    kind: TableKind, scope: Scope, upload: TableUpload, entries: Sequence[Entry], earlier: _Earlier
) -> Iterator[TableRow]:
    """What each row of a file will do. Its keys are added to those of the files before it."""
    readable = [e for e in entries if not e.problems]
    for some in _batches(readable):
        kind.find_keys(scope, some)
    _refuse_repeated(readable)
    for entry in readable:
        if entry.key in earlier.keys:
            entry.refuse("", _IN_ANOTHER_FILE)
            earlier.repeated.add(entry.key)
    earlier.keys.update(e.key for e in readable if e.key)
    for some in _batches([e for e in readable if not e.problems]):
        current = dict(kind.current(scope, [e.key for e in some]))
        for entry in some:
            entry.before = current.get(entry.key)
        kind.check(scope, some)
    kind.check_together(scope, [e for e in readable if not e.problems])
    for position, entry in enumerate(entries, earlier.count + 1):
        before = None if entry.before is None else keep(entry.before, entry.values)
        yield TableRow(
            upload=upload,
            position=position,
            rank=entry.rank,
            place=entry.place[:120],
            key=entry.key[:254],
            title=entry.title[:240],
            state=_find_state(kind, entry, before),
            cells=entry.cells,
            before=before,
            after=entry.values,
            reason=("; ".join(entry.problems) or entry.question)[:600],
        )


def _find_state(kind: TableKind, entry: Entry, before: Values | None) -> TableRow.State:
    if before is None and not kind.can_add:
        entry.problems = entry.problems or ["ไม่มีแถวนี้ในระบบ และตารางนี้เพิ่มแถวใหม่ไม่ได้"]
    if entry.problems:
        return State.REFUSED
    if before is None:
        return State.ASKED if entry.question else State.ADDED
    return State.SAME if before == entry.values else State.CHANGED


def _batches(items: Sequence[Entry], size: int = _ROWS_PER_READ) -> Iterator[list[Entry]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def _refuse_repeated(entries: Iterable[Entry]) -> None:
    """Of rows about the same thing none is taken: nobody can tell which one was meant."""
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.key:
            by_key.setdefault(entry.key, []).append(entry)
    for same in by_key.values():
        for entry in same if len(same) > 1 else ():
            others = [e.place for e in same[:4] if e is not entry][:3]
            more = f" และอีก {len(same) - 1 - len(others):,} แถว" if len(same) > 4 else ""
            entry.refuse(
                "", f"เป็นเรื่องเดียวกัน ({entry.title[:80]}) กับ{', '.join(others)}{more} จึงไม่รับทุกแถว เหลือไว้แถวเดียว"
            )


_IN_ANOTHER_FILE = "เป็นเรื่องเดียวกันกับแถวในอีกไฟล์ที่ใส่พร้อมกัน จึงไม่รับทุกแถว เหลือไว้แถวเดียว"


def _refuse_in_earlier_files(
    lease: Lease, kind: TableKind, scope: Scope, upload: TableUpload, repeated: Sequence[str]
) -> None:
    """Refuse the rows of earlier files about what a later one has again, as ``_plan`` did those of the later."""
    for start in range(0, len(repeated), _ROWS_PER_READ):
        keys = repeated[start : start + _ROWS_PER_READ]
        with lease.write():
            same = TableRow.objects.filter(upload=upload, key__in=keys)
            same.exclude(state=State.REFUSED).update(state=State.REFUSED, reason=_IN_ANOTHER_FILE)
            kind.discard(scope, keys)


def _store_problems(kind: TableKind, scope: Scope, rows: Iterable[TableRow]) -> str:
    """The rows that are not applied, as they came, with the reason in the last column. Returns the file's name, none
    where there is no such row."""
    columns = kind.columns(scope)
    lines = (
        (str(row.position), [*(row.cells.get(c.key, "") for c in columns), row.place, row.reason])
        for row in rows
        if row.state in _NOT_APPLIED
    )
    if (first := next(lines, None)) is None:
        return ""

    titles = [*(c.title for c in columns), "ตำแหน่งในไฟล์", "เหตุที่ไม่รับ"]
    return _store_table(titles, chain([first], lines), "แถวที่มีปัญหา", [*(c.width for c in columns), 24, 70])[0]


# --- back in: deciding


def answer_question(*, row: TableRow, is_new: bool, by: User) -> None:
    """Say of a row that is asked about whether it is a new one after all."""
    with transaction.atomic():
        upload = _lock(row.upload_id, Status.WAITING)
        asked = TableRow.objects.filter(pk=row.pk, upload=upload, state=State.ASKED)
        fields: dict[str, Any] = {"state": State.ADDED, "reason": ""} if is_new else {"state": State.REFUSED}
        if asked.update(**fields):
            detail = {"rows": 1, "status": "เพิ่ม" if is_new else "ไม่รับ"}
            log_audit(by=by, action="registry.table_answer", subject=f"ไฟล์ที่ {upload.pk} {row.key}", detail=detail)


def drop_upload(*, upload: TableUpload, by: User) -> None:
    """Decide against a file; nothing of it is stored."""
    with transaction.atomic():
        upload = _lock(upload.pk, Status.READING, Status.WAITING)
        if upload.status == Status.READING:
            TableRow.objects.filter(upload=upload).delete()  # of what was read so far
        upload.status = Status.DROPPED
        upload.save(update_fields=["status"])
        _discard(upload)
        log_audit(by=by, action="registry.table_drop", subject=f"ไฟล์ที่ {upload.pk} {upload.file_name}")


def _discard(upload: TableUpload) -> None:
    """Forget what is held for a file that nobody applies; of a secret kind the file itself."""
    if kind := find_kind(upload.kind):
        kind.discard(scope_of(upload))
        if kind.is_secret:
            transaction.on_commit(lambda: _remove([upload.stored_as]))


def digest_plan(upload: TableUpload) -> str:
    """A digest of what confirming will do, for the page that shows it and the work that does it: how many rows are of
    each state. Between the two nothing changes a row but an answer, after which there is a question less."""
    states = TableRow.objects.filter(upload=upload).order_by("state").values_list("state").annotate(Count("pk"))
    return digest.of_json([list(state) for state in states])[:32]


def _planned(upload: TableUpload) -> Any:
    return TableRow.objects.filter(upload=upload, state__in=(State.ADDED, State.CHANGED))


def request_application(*, upload: TableUpload, seen: str, by: User, site: str) -> Job:
    """Have the rows of a file applied that was read and shown. ``seen``: ``digest_plan`` of what was shown."""
    with transaction.atomic():
        upload = _lock(upload.pk, Status.WAITING, Status.APPLYING)
        if upload.status == Status.WAITING:
            if seen != digest_plan(upload):
                raise DomainError("คำตอบของบางแถวเปลี่ยนไปหลังจากที่เปิดหน้านี้ ตรวจอีกครั้งแล้วจึงยืนยัน")
            if not _planned(upload).exists():
                raise DomainError("ไม่มีแถวที่จะบันทึก")
            upload.status = Status.APPLYING
            upload.save(update_fields=["status"])
        return apply_in_background.request(
            str(upload.pk),
            upload.pk,
            site,
            by=by,
            about=upload.file_name,
            assessment=upload.assessment_id,
            url=path_of_upload(upload),
        )


def request_undoing(*, upload: TableUpload, by: User, site: str) -> Job:
    """Have what a file changed changed back, as far as nothing depends on it, even if it was not applied whole."""
    with transaction.atomic():
        upload = _lock(upload.pk, Status.DONE, Status.UNDOING, Status.APPLYING)
        if not TableRow.objects.filter(upload=upload, outcome=Outcome.APPLIED).exists():
            raise DomainError("ไม่มีแถวที่จะย้อนคืน")
        upload.status = Status.UNDOING
        upload.save(update_fields=["status"])
        TableRow.objects.filter(upload=upload, outcome=Outcome.APPLIED).update(reason="")  # of an earlier undoing
        return undo_in_background.request(
            str(upload.pk),
            upload.pk,
            site,
            by=by,
            about=upload.file_name,
            assessment=upload.assessment_id,
            url=path_of_upload(upload),
        )


def _lock(upload_id: int, *allowed: str) -> TableUpload:
    upload = TableUpload.objects.select_for_update().get(pk=upload_id)
    if upload.status not in allowed:
        raise DomainError(f"ไฟล์นี้{upload.get_status_display()} จึงทำขั้นนี้ไม่ได้")
    return upload


# --- applying and undoing


@background_action(title="บันทึกตาราง")
def apply_in_background(lease: Lease, by: User, upload_id: int, site: str) -> None:
    """Apply the rows that were shown, a few in each transaction; those done before are left alone."""
    upload = TableUpload.objects.select_related("round").get(pk=upload_id)
    rows = _planned(upload).order_by("rank", "position")
    _go_through(lease, by, upload, site, rows.filter(outcome=Outcome.NONE), rows.count(), Status.APPLYING, _apply)
    kind, scope = _require(upload.kind, upload.assessment_id, by), scope_of(upload)
    stored = _store_problems(kind, scope, TableRow.objects.filter(upload=upload).order_by("position").iterator(500))
    with lease.write(finish=True):
        old = TableUpload.objects.get(pk=upload_id).problem_file
        _finish(upload_id, Status.APPLYING, problem_file=stored)
        applied = TableRow.objects.filter(upload=upload, outcome=Outcome.APPLIED).count()
        left = TableRow.objects.filter(upload=upload, state__in=_NOT_APPLIED).count()
        log_audit(
            by=by, action="registry.table_apply", subject=_name(upload, kind), detail={"rows": applied, "left": left}
        )
        lease.outcome = f"บันทึก {upload.file_name} แล้ว {applied:,} แถว" + (f" ไม่ได้บันทึก {left:,} แถว" if left else "")
        transaction.on_commit(lambda: _remove([old] if old else []))


@background_action(title="ย้อนคืนตาราง")
def undo_in_background(lease: Lease, by: User, upload_id: int, site: str) -> None:
    """Change back what a file changed, the last first. What was changed since, or is needed, stays and says why."""
    upload = TableUpload.objects.select_related("round").get(pk=upload_id)
    stored = TableRow.objects.filter(upload=upload, outcome__in=(Outcome.APPLIED, Outcome.UNDONE))
    rows = stored.filter(outcome=Outcome.APPLIED, reason="").order_by("-rank", "-position")
    _go_through(lease, by, upload, site, rows, stored.count(), Status.UNDOING, _undo)
    kind = _require(upload.kind, upload.assessment_id, by)
    with lease.write(finish=True):
        _finish(upload_id, Status.UNDOING)
        undone = TableRow.objects.filter(upload=upload, outcome=Outcome.UNDONE).count()
        left = TableRow.objects.filter(upload=upload, outcome=Outcome.APPLIED).count()
        log_audit(
            by=by, action="registry.table_undo", subject=_name(upload, kind), detail={"rows": undone, "left": left}
        )
        lease.outcome = f"ย้อนคืน {upload.file_name} แล้ว {undone:,} แถว" + (f" ย้อนไม่ได้ {left:,} แถว" if left else "")


def _finish(upload_id: int, status: TableUpload.Status, **fields: Any) -> None:
    TableUpload.objects.filter(pk=upload_id, status=status).update(status=Status.DONE, **fields)


def _go_through(
    lease: Lease, by: User, upload: TableUpload, site: str, rows: Any, total: int, status: TableUpload.Status, act: Any
) -> None:
    """``act`` on rows in their order, a few in each transaction. Which they are is asked once: to sort them anew for
    every few would take a nation's marks hours."""
    scope, numbers = scope_of(upload, site), list(rows.values_list("pk", flat=True))
    done = total - len(numbers)
    for start in range(0, len(numbers), _ROWS_PER_WRITE):
        mine = numbers[start : start + _ROWS_PER_WRITE]
        with lease.write(done=done + start + len(mine), total=total, advances=True):
            Assessment.objects.select_for_update().get(pk=upload.assessment_id)  # two files wait for each other
            _lock(upload.pk, status)
            _check_round(upload.round)
            kind = _require(upload.kind, upload.assessment_id, by)
            some = list(rows.filter(pk__in=mine))
            current = dict(kind.current(scope, [row.key for row in some]))
            if status == Status.UNDOING:
                _undo_together(kind, scope, some, current, by)
            for row in some:
                if row.outcome != Outcome.UNDONE:
                    act(kind, scope, row, current.get(row.key), by)
                row.save(update_fields=["state", "outcome", "reason"])


def _apply(kind: TableKind, scope: Scope, row: TableRow, current: Values | None, by: User) -> None:
    if (None if current is None else keep(current, row.after)) != row.before:
        row.state, row.reason = State.CONFLICT, "มีผู้แก้ข้อมูลนี้หลังจากที่อ่านไฟล์ จึงไม่เขียนทับ ใส่ไฟล์ใหม่เพื่อดูของล่าสุด"
        return
    try:
        with transaction.atomic():
            if row.before is None:
                kind.add(scope, row.key, row.after, by)
            else:
                kind.change(scope, row.key, row.before, row.after, by)
    except DomainError as error:
        row.state, row.reason = State.REFUSED, str(error)[:600]
    except IntegrityError:
        row.state, row.reason = State.CONFLICT, "มีผู้บันทึกข้อมูลเดียวกันพร้อมกัน ใส่ไฟล์ใหม่เพื่อดูของล่าสุด"
    else:
        row.outcome = Outcome.APPLIED


def _undo_together(
    kind: TableKind, scope: Scope, rows: Sequence[TableRow], current: Mapping[str, Values], by: User
) -> None:
    """Take back those rows that were added and that nobody changed since, if all of them can be. If not, each is tried
    by itself and says why it stays."""
    added = [r for r in rows if r.before is None and r.key in current and keep(current[r.key], r.after) == r.after]
    if len(added) < 2:
        return
    try:
        with transaction.atomic():
            is_done = kind.take_back_together(scope, [row.key for row in added], by)
    except (DomainError, IntegrityError):
        return
    for row in added if is_done else ():
        row.outcome = Outcome.UNDONE


def _undo(kind: TableKind, scope: Scope, row: TableRow, current: Values | None, by: User) -> None:
    if current is None or keep(current, row.after) != row.after:
        row.reason = "ย้อนไม่ได้: มีผู้แก้ข้อมูลนี้หลังจากที่บันทึกไฟล์"
        return
    try:
        with transaction.atomic():
            if row.before is None:
                kind.take_back(scope, row.key, by)
            else:
                kind.change(scope, row.key, row.after, row.before, by)
    except (DomainError, IntegrityError) as error:
        row.reason = f"ย้อนไม่ได้: {error if isinstance(error, DomainError) else 'มีข้อมูลอื่นอ้างถึงแล้ว'}"[:600]
    else:
        row.outcome = Outcome.UNDONE


# --- forgetting


@periodic(title="ลบไฟล์ตารางเก่า", hour=3)
def delete_old_tables(lease: Lease) -> None:
    """Forget tables that went out a week ago, and the rows and files of those that came back three months ago: they
    hold names and addresses. That they came, from whom and what became of them stays, here and in the audit trail."""
    now = timezone.now()
    out = TableFile.objects.filter(at__lt=now - _FILES_FOR)
    back = TableUpload.objects.filter(created_at__lt=now - _UPLOADS_FOR).exclude(
        Q(stored_as="") | Q(status__in=(Status.APPLYING, Status.UNDOING))
    )
    with lease.write():
        names = list(out.values_list("stored_as", flat=True))
        out.delete()
        for upload in back[:200]:
            names += [name for name in (upload.stored_as, upload.problem_file) if name]
            TableRow.objects.filter(upload=upload).delete()
            if upload.status in (Status.READING, Status.WAITING):
                upload.status = Status.DROPPED
                _discard(upload)
            upload.stored_as = upload.problem_file = ""
            upload.save(update_fields=["stored_as", "problem_file", "status"])
        transaction.on_commit(lambda: _remove(names))
    named = set(TableFile.objects.values_list("stored_as", flat=True))
    for names_of_one in TableUpload.objects.values_list("stored_as", "problem_file"):
        named |= set(names_of_one)
    files.remove_unnamed("tables", named)
