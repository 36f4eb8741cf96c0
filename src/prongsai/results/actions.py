"""Every write of results: computing, importing, publishing, withdrawing."""

import hashlib
import secrets
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import prongsai
from prongsai import analysis, links, scoring
from prongsai import framework as rules
from prongsai.analysis import Figure
from prongsai.analysis.readings import count_reading_effects
from prongsai.disclosure.link_checks import check_policy
from prongsai.disclosure.queries import brought_items_by_agency
from prongsai.framework import DisclosureItem
from prongsai.intake import UnreadableError, read_rows
from prongsai.intake.apart import find_fiscal_year
from prongsai.intake.comments import MAX_COMMENT_LETTERS
from prongsai.jobs.kinds import Queue, job, periodic
from prongsai.jobs.leases import NO_LEASE, Lease
from prongsai.jobs.models import Job
from prongsai.lib import digest, fiscal, uploads
from prongsai.machines import files
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.background import BackgroundAction, background_action
from prongsai.people.models import Proposal, User
from prongsai.publiclog.actions import append_entry
from prongsai.registry.agency_index import AgencyIndex
from prongsai.registry.models import Agency, Assessment, Round
from prongsai.registry.queries import find_agencies_by_name, load_round_framework, path_of, today
from prongsai.results import errata, queries, record, release
from prongsai.results.bulk_table import BulkRow, BulkTable, BulkTableError, read_table
from prongsai.results.document_reading import cuttings_of, read_document
from prongsai.results.models import AgencyResult, Import, ImportRow, Publication, ResultSet
from prongsai.results.receipts import request_entry
from prongsai.results.score_text import parse_score
from prongsai.rulebooks.actions import store_edition
from prongsai.rulebooks.queries import find_framework, framework_for
from prongsai.survey import actions as survey_actions
from prongsai.survey import queries as surveys
from prongsai.survey.models import SurveyReopening

_NOT_PUBLIC = "ผลชุดนี้ไม่ได้เผยแพร่อยู่"
_MAX_NOTE = 300  # letters of a ResultSet's note
_MAX_DRAFT_FIGURE, _MAX_DRAFT_FIELDS = 40, 500  # letters of a typed figure; fields of a draft
ROWS_PER_COMMIT = 200  # an interrupted bulk import repeats at most this many rows
MOST_FETCHED = 3  # documents behind addresses that are fetched for one user at a time

# --- computing


def _store_result_set(
    *,
    framework: rules.Framework,
    assessment_round: Round | None,
    origin: str,
    inputs: dict[str, Any],
    results: Iterable[AgencyResult],
    by: User | None,
    corrects: ResultSet | None,
    note: str = "",
    agency: str = "",
    imported: Import | None = None,
    has_rules: bool = True,
    readings: Mapping[str, Mapping[str, int]] | None = None,
) -> ResultSet:
    """Store a new ResultSet with its results, by the rules of a framework, or as printed (``has_rules=False``).

    The same rules, inputs and code give the same digest; DomainError when that digest is stored already."""
    framework_digest = framework.digest if has_rules else ""
    result_set_digest = digest.of_json(
        [framework_digest, inputs["digest"], prongsai.__version__, corrects.digest if corrects else ""]
    )
    with transaction.atomic():
        if assessment_round is not None and origin == ResultSet.Origin.RUN:
            Round.objects.select_for_update().get(pk=assessment_round.pk)
            _require_countable(assessment_round)  # nobody opened anything meanwhile
        if has_rules:
            store_edition(framework=framework, by=by)
        source = (framework_digest, inputs["digest"], prongsai.__version__)
        is_same = corrects and source == (corrects.framework_digest, corrects.inputs["digest"], corrects.code)
        if is_same or ResultSet.objects.filter(digest=result_set_digest).exists():
            raise DomainError("ผลชุดนี้มีอยู่แล้ว: หลักเกณฑ์ ข้อมูล และรุ่นของโปรแกรมเหมือนกันทุกอย่าง ไม่มีอะไรเปลี่ยนแปลง")
        result_set = ResultSet.objects.create(
            assessment_id=framework.assessment,
            fiscal_year=framework.fiscal_year,
            round=assessment_round,
            framework_digest=framework_digest,
            origin=origin,
            inputs=inputs,
            code=prongsai.__version__,
            digest=result_set_digest,
            corrects=corrects,
            note=note,
            readings=readings,
            by=by,
        )
        batch: list[AgencyResult] = []
        rows_digest = hashlib.sha256()
        for result in results:
            result.result_set = result_set
            rows_digest.update(digest.of_json([result.agency.code, result.level, result.shown, result.basis]).encode())
            batch.append(result)
            if len(batch) == 500:
                AgencyResult.objects.bulk_create(batch)
                batch = []
        AgencyResult.objects.bulk_create(batch)
        log_audit(
            by=by,
            action="results.make",
            subject=f"ชุดผล {result_set.pk}",
            agency=agency,
            detail={
                "digest": result_set_digest,
                "rows": rows_digest.hexdigest(),
                "origin": origin,
                "corrects": corrects.pk if corrects else None,
                "import": imported.pk if imported else None,
            },
        )
    return result_set


def compute_round(
    *, assessment_round: Round, folder: Path, by: User | None, corrects: ResultSet | None = None, note: str = ""
) -> ResultSet:
    """Compute a round from its sealed parcels in a folder. Raises DomainError or scoring.ParcelError with every
    problem."""
    return _score_round(assessment_round, folder)(by=by, corrects=corrects, note=note)


def _require_countable(assessment_round: Round) -> None:
    """What is counted is sealed: no survey of the round is open again."""
    if reopened := surveys.open_reopenings(assessment_round).first():
        raise DomainError(
            f"แบบวัดของ{reopened.agency}เปิดใหม่อยู่ถึง {fiscal.short_date(reopened.closes_on)} ปิดผนึกใหม่ก่อนจึงคำนวณได้"
        )
    latest = surveys.find_latest_seal(assessment_round)
    if latest is not None and not latest.files:
        raise DomainError("ปิดผนึกคำตอบของรอบนี้ยังไม่เสร็จ ปิดผนึกให้เสร็จก่อนจึงคำนวณได้")


def reopen_survey(
    *,
    assessment_round: Round,
    agency: Agency,
    closes_on: date,
    ground: str,
    number: str,
    dated: date,
    reason: str,
    by: User,
) -> SurveyReopening:
    """Open the survey of one agency again, before anything is computed of its round: see
    ``survey.actions.reopen_survey``."""
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=assessment_round.pk)  # whoever stores a computation waits, or has
        if refusal := queries.find_counted_reason(assessment_round):
            raise DomainError(refusal)
        return survey_actions.reopen_survey(
            assessment_round=assessment_round,
            agency=agency,
            closes_on=closes_on,
            ground=ground,
            number=number,
            dated=dated,
            reason=reason,
            by=by,
        )


def _score_round(assessment_round: Round, folder: Path) -> Callable[..., ResultSet]:
    """Score a round; what is returned stores the scores (``by``, ``corrects``, ``note``)."""
    _require_countable(assessment_round)
    framework = load_round_framework(assessment_round)
    parcels = scoring.open_parcels(framework, files.fetch_folder(folder), settings.SCORING_ENGINE)
    scores = scoring.score(framework, parcels.answers, parcels.marks, parcels.populations, checked=parcels.checked)
    in_assessment = Agency.objects.filter(assessment=assessment_round.assessment_id)
    agencies = {a.code: a for a in in_assessment.filter(code__in=list(scores.agencies))}
    unknown = [code for code in scores.agencies if code not in agencies]
    if unknown:
        raise DomainError(f"ข้อมูลมีรหัสหน่วยงานที่ไม่อยู่ในทะเบียน {len(unknown)} แห่ง: {', '.join(unknown[:10])}")
    inputs = {"digest": parcels.digest, "files": [p.name for p in parcels.files]}
    collection = scoring.read_collection(parcels.collection, set(parcels.answers))
    populations = scoring.read_populations(parcels.populations, {i.id for i in framework.survey_instruments()})
    known_secrets = queries.find_secrets(framework.assessment, framework.fiscal_year)
    brought = brought_items_by_agency(assessment_round)
    results = (
        _build_computed_result(
            framework,
            scores,
            row,
            agencies[code],
            populations={survey: people[code] for survey, people in populations.items() if code in people},
            secret=known_secrets.get(agencies[code].pk) or secrets.token_hex(32),
            collection=collection.get(code),
            brought=brought.get(code),
        )
        for row, code in enumerate(scores.agencies)
    )
    return partial(
        _store_result_set,
        framework=framework,
        assessment_round=assessment_round,
        origin=ResultSet.Origin.RUN,
        inputs=inputs,
        results=results,
        readings=count_reading_effects(scores, parcels),
    )


def _build_computed_result(
    framework: rules.Framework,
    scores: "scoring.Scores",
    row: int,
    agency: Agency,
    *,
    populations: Mapping[str, int],
    secret: str,
    collection: Mapping[str, Mapping[str, bool]] | None,
    brought: Sequence[str] | None,
) -> AgencyResult:
    """One agency's result. ``shown`` is all that pages, papers, downloads and the API take scores from, and is
    protected here; the exact totals stay in ``basis``, which nothing but the receipt reads."""
    counts, rounded, totals = scores.counts_of(row), scores.rounded_of(row), scores.totals(row)
    withheld = analysis.find_withheld_nodes(framework, counts, populations)
    surveys = {survey.id for survey in framework.survey_instruments()}
    odds = analysis.item_odds(framework)
    shown: dict[str, str] = {}
    for node in framework.nodes.values():
        units = rounded[node.id]
        if node.id in withheld or units < 0:
            continue
        if node.kind == "item" and node.instrument in surveys:
            assert odds is not None, node.id  # or it is withheld
            draw = analysis.draw_of(secret, node.id, totals[node.id], odds)
            shown[node.id] = analysis.approximate_score(draw, totals[node.id], odds)
        else:
            shown[node.id] = _write_score(units, framework.rules.rounding.places)
    return AgencyResult(
        agency=agency,
        overall=shown.get("overall"),
        level=scores.level[row] or "",
        passed=scores.passed[row],
        status=scores.status[row],
        shown=shown,
        basis={
            "items": totals,
            "n": {i: counts[i] for i in framework.instruments},
            "withheld": sorted(withheld),
            "secret": secret,
            "odds": odds,
        }
        | ({"collection": collection} if collection else {})
        | ({"brought": brought} if brought else {}),
    )


def _write_score(units: int, places: int) -> str:
    return f"{units // 10**places}.{units % 10**places:0{places}d}"


def request_round(*, assessment_round: Round, by: User) -> Job:
    """Have a round computed in the background; once, however often it is asked for meanwhile."""
    _require_countable(assessment_round)
    with transaction.atomic():
        found = run_in_background.enqueue(
            assessment_round.pk,
            "",  # the folder, of versions with one machine
            by.pk,
            key=f"round:{assessment_round.pk}",
            about=f"รอบปี {assessment_round.fiscal_year}",
            assessment=assessment_round.assessment_id,
        )
        log_audit(by=by, action="results.compute", subject=f"รอบปี {assessment_round.fiscal_year}")
    return found


def _report_round(round_id: int, _folder: str, user_id: int, *, problem: str) -> None:
    year = Round.objects.get(pk=round_id).fiscal_year
    notify(user=User.objects.get(pk=user_id), text=f"คำนวณผลปี {year} ไม่สำเร็จ: {problem}"[:300], url="")


@job(title="คำนวณผลของรอบ", queue=Queue.COMPUTE, on_failure=_report_round)
def run_in_background(lease: Lease, round_id: int, _folder: str, user_id: int) -> None:
    """``compute_round`` for a page: one notice tells the user of the outcome, stored together with it."""
    assessment_round, user = Round.objects.get(pk=round_id), User.objects.get(pk=user_id)
    try:
        store = _score_round(assessment_round, assessment_round.parcels)
        with lease.write(finish=True):
            corrects = queries.find_corrected(assessment_round)
            note = errata.describe_reopened(errata.find_reopened_since(corrects)) if corrects else ""
            result_set = store(by=user, corrects=corrects, note=note)
            notify(
                user=user,
                text=f"คำนวณผลปี {assessment_round.fiscal_year} เสร็จแล้ว ตรวจแล้วเผยแพร่ได้",
                url=path_of(result_set.assessment_id, f"/desk/results/{result_set.pk}/"),
            )
    except (DomainError, scoring.ParcelError) as error:
        with lease.write(finish=True):
            _report_round(round_id, "", user_id, problem=str(error))


# --- importing


def upload(
    *,
    path: Path,
    file_name: str,
    shape: str,
    by: User | None,
    assessment: str = rules.NATIONAL,
    agency: Agency | None = None,
    fiscal_year: int | None = None,
    source: str = "",
    enqueue: bool = True,
) -> Import:
    """Store an uploaded file under a random name. It is read in the background, or by the caller
    (``enqueue=False``). ``source`` is what people call it where it has no name of its own: a web address.

    A file that is sent while the same one is read, for the same agency and year, or within a minute, is that one: of
    two clicks, and of two officers who send the same at once, one import comes."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    suffix = Path(file_name).suffix.lower()[:8]
    stored = Path("imports") / f"{uuid.uuid4().hex}{suffix if suffix.isascii() and suffix[1:].isalnum() else ''}"
    files.store_copy(str(stored), path)
    what = {
        "assessment_id": agency.assessment_id if agency else assessment,
        "agency": agency,
        "fiscal_year": fiscal_year,
        "shape": shape,
        "file_name": (source or Path(file_name).name)[:200],
        "file_digest": sha256,
    }
    with files.remove_on_error(str(stored)), transaction.atomic():
        if enqueue and (same := _lock_same_import(what)):
            transaction.on_commit(lambda: files.remove(str(stored)))
            return same
        imported = Import.objects.create(**what, by=by, stored_as=str(stored))
        log_audit(
            by=by,
            action="results.upload",
            subject=f"ไฟล์นำเข้า {imported.pk}",
            agency=agency.code if agency else "",
            detail={"file": imported.file_name, "sha256": sha256},
        )
        if enqueue:
            _enqueue_reading(imported)
    return imported


def import_address(*, address: str, by: User, agency: Agency, fiscal_year: int | None = None) -> Import:
    """Import the document behind an address, which is fetched in the background. Raises DomainError for an address that
    is none, or leads into the own network, and while ``MOST_FETCHED`` are being fetched for the user."""
    parsed = links.parse_address(address)
    if isinstance(parsed, links.InvalidAddress):
        raise DomainError(" ".join(links.describe_code(code) for code in parsed.codes))
    what = {
        "assessment_id": agency.assessment_id,
        "agency": agency,
        "fiscal_year": fiscal_year,
        "shape": Import.Shape.DOCUMENT,
        "file_name": address,
        "file_digest": "",
    }
    with transaction.atomic():
        if same := _lock_same_import(what):
            return same
        if Import.objects.filter(by=by, status=Import.Status.READING, file_digest="").count() >= MOST_FETCHED:
            raise DomainError(f"กำลังดึงเอกสารให้ {MOST_FETCHED} รายการอยู่ รอให้เสร็จก่อน แล้วส่งที่อยู่นี้อีกครั้ง")
        imported = Import.objects.create(**what, by=by, stored_as=f"imports/{uuid.uuid4().hex}")
        log_audit(
            by=by,
            action="results.upload",
            subject=f"ไฟล์นำเข้า {imported.pk}",
            agency=agency.code,
            detail={"file": address},
        )
        _enqueue_reading(imported)
    return imported


def _fetch(imported: Import, lease: Lease) -> None:
    """Store the document behind the address of an import. Raises links.DocumentError."""
    document = links.fetch_document(imported.file_name, check_policy(), max_bytes=uploads.MAX_BYTES)
    imported.stored_as += document.suffix
    imported.file_digest = hashlib.sha256(document.body).hexdigest()
    files.store_bytes(imported.stored_as, document.body)
    with lease.write():
        imported.save(update_fields=["stored_as", "file_digest"])


def _lock_same_import(what: Mapping[str, Any]) -> Import | None:
    """The import of the same file that was sent just now; whoever sends another meanwhile waits."""
    locked = Agency if what["agency"] else Assessment
    key = what["agency"].pk if what["agency"] else what["assessment_id"]
    locked.objects.select_for_update(no_key=True).get(pk=key)
    just_now = Q(status=Import.Status.READY, created_at__gte=timezone.now() - uploads.TWICE_WITHIN)
    return Import.objects.filter(just_now | Q(status=Import.Status.READING), **what).first()


@periodic(title="ลบไฟล์นำเข้าที่ไม่มีรายการ", hour=3)
def remove_unnamed_files(_: Lease) -> None:
    """Remove files that were stored for an import that was not."""
    named = set(Import.objects.values_list("stored_as", flat=True))
    files.remove_unnamed("imports", named | set(map(cuttings_of, named)))


def _enqueue_reading(imported: Import) -> Job:
    """Have a file read, by nobody else meanwhile. A table of a nation does not hold documents up."""
    return read_import.enqueue(
        imported.pk,
        key=f"import:{imported.pk}",
        about=imported.file_name,
        assessment=imported.assessment_id,
        queue=Queue.BULK if imported.shape == Import.Shape.BULK else Queue.FILES,
    )


def _fail_import(import_id: int, *, problem: str) -> None:
    reading = Import.objects.filter(pk=import_id, status=Import.Status.READING)
    reading.update(status=Import.Status.FAILED, problem=f"อ่านไฟล์นี้ไม่สำเร็จ: {problem}"[:500])


def _read_again(import_id: int) -> None:
    failed = Import.objects.filter(pk=import_id, status=Import.Status.FAILED)
    failed.update(status=Import.Status.READING, problem="")


@job(title="อ่านไฟล์นำเข้า", queue=Queue.FILES, on_failure=_fail_import, on_retry=_read_again)
def read_import(lease: Lease, import_id: int) -> None:
    """Read an uploaded file. An interrupted reading continues after the last committed row."""
    imported = Import.objects.get(pk=import_id)
    reading = Import.objects.filter(pk=import_id, status=Import.Status.READING)
    if imported.status != Import.Status.READING:
        return
    try:
        if imported.shape == Import.Shape.DOCUMENT:
            if imported.is_unfetched:
                _fetch(imported, lease)
            with files.local_copy(imported.stored_as) as path:
                read_document(imported, path)
        else:
            _read_bulk_table(imported, lease)
    except (UnreadableError, BulkTableError, links.DocumentError) as error:
        result: dict[str, Any] = {"status": Import.Status.FAILED, "problem": str(error)[:500]}
    else:
        result = {"status": Import.Status.READY, "reading": imported.reading, "agency": imported.agency}
    with lease.write(finish=True):  # the filter excludes an import that was dropped meanwhile
        reading.update(**result)


def _read_bulk_table(imported: Import, lease: Lease = NO_LEASE) -> None:
    if imported.fiscal_year is None:
        raise BulkTableError("ไม่ได้ระบุปีงบประมาณ")
    framework = framework_for(imported.assessment_id, imported.fiscal_year)
    if framework is None:
        raise BulkTableError("การประเมินนี้ยังไม่มีหลักเกณฑ์ของปีใดเลย จึงไม่รู้ชื่อคอลัมน์คะแนน")
    has_rules = find_framework(imported.assessment_id, imported.fiscal_year) is not None
    with files.local_copy(imported.stored_as) as path:
        rows = read_rows(path, hidden=True)
    named = find_fiscal_year([row for row in rows if not row.hidden])
    if named and named.sure and named.year != imported.fiscal_year:
        raise BulkTableError(
            f"ตารางนี้เป็นผลปี {named.year} ({named.place}) แต่ในแบบเลือกปี {imported.fiscal_year} จึงยังไม่อ่าน "
            f"นำเข้าอีกครั้งโดยเลือกปี {named.year}"
        )
    table = read_table(rows, framework)
    imported.rows_total = len(table.rows)
    found = _match_rows(table.rows, imported.assessment_id)
    imported.reading = {"ignored": list(table.ignored), "cells": _count_cells(table, found)}
    with lease.write(total=len(table.rows)):
        imported.save(update_fields=["rows_total"])
    done = imported.rows.count()
    for start in range(done, len(table.rows), ROWS_PER_COMMIT):
        batch = []
        for number, row in enumerate(table.rows[start : start + ROWS_PER_COMMIT], start):
            agency, problem = found[number]
            problems = [*filter(None, [problem]), *row.problems]
            batch.append(
                ImportRow(
                    of=imported,
                    number=number,
                    place=row.place,
                    agency_id=agency,
                    figures=row.figures,
                    problem="; ".join(problems)[:300],
                    contradicted=find_contradictions(framework, row.figures) if has_rules and not problems else [],
                )
            )
        with lease.write(done=start + len(batch), advances=True):
            ImportRow.objects.bulk_create(batch)
            imported.rows_done = start + len(batch)
            imported.save(update_fields=["rows_done"])


def _match_rows(rows: Sequence[BulkRow], assessment: str) -> list[tuple[int | None, str]]:
    """The agency of each row, or why it has none. Two rows of one agency are both refused: nobody knows which is
    right."""
    index = AgencyIndex.load(assessment)
    found = [index.find(row.code, row.name, row.province) for row in rows]
    places = defaultdict[int | None, list[str]](list)
    for (agency, _), row in zip(found, rows, strict=True):
        places[agency].append(row.place)
    matched = []
    for (agency, problem), row in zip(found, rows, strict=True):
        others = [place for place in places[agency][:2] if place != row.place] if agency else []
        matched.append((agency, f"หน่วยงานเดียวกับ{others[0]}" if others else problem))
    return matched


def _count_cells(table: BulkTable, found: Sequence[tuple[int | None, str]]) -> dict[str, int]:
    """What became of each cell of a file that is not empty."""
    pairs = list(zip(table.rows, found, strict=True))
    refused = sum(row.cells for row, (_, problem) in pairs if problem or row.problems)
    return {**table.cells, "refused": refused, "used": sum(row.cells for row in table.rows) - refused}


def find_contradictions(framework: rules.Framework, figures: Mapping[str, str]) -> list[str]:
    """Nodes whose printed score contradicts the others."""
    printed = [Figure(framework.fiscal_year, node, value, "") for node, value in figures.items()]
    return [c.node for c in analysis.audit(printed, {framework.fiscal_year: framework}) if c.verdict == "contradicted"]


def begin_typed_result(
    *,
    agency: Agency,
    fiscal_year: int,
    source: str,
    by: User,
    values: Mapping[str, str] | None = None,
    comments: Mapping[str, str] | None = None,
) -> Import:
    """Begin a result that a person types from a paper or a web page, named as its ``source``. It is reviewed and
    confirmed like a document that was read. ``values`` and ``comments`` stand in the form as if they were typed: a
    correction begins with what it corrects."""
    reading: dict[str, Any] = {"agency": agency.name_th, "figures": []}
    if values or comments:
        reading["drafts"] = {str(fiscal_year): {"values": dict(values or {}), "comments": dict(comments or {})}}
    with transaction.atomic():
        imported = Import.objects.create(
            assessment=agency.assessment,
            by=by,
            agency=agency,
            fiscal_year=fiscal_year,
            shape=Import.Shape.DOCUMENT,
            status=Import.Status.READY,
            file_name=source[:200],
            file_digest=digest.of_json([agency.code, fiscal_year, source, timezone.now().isoformat()]),
            reading=reading,
        )
        log_audit(
            by=by,
            action="results.type",
            subject=f"ผลที่พิมพ์ {imported.pk}",
            agency=agency.code,
            detail={"fiscal_year": fiscal_year, "source": source[:200]},
        )
    return imported


def save_draft(*, imported: Import, fiscal_year: int, values: Mapping[str, str], comments: Mapping[str, str]) -> None:
    """Keep what somebody typed over a year of a document, so that no tab has to: every field as it stands. Nothing of
    it is a result, so the audit trail has none of it."""
    with transaction.atomic():
        stored = Import.objects.select_for_update().get(pk=imported.pk)
        is_decided = stored.result_sets.filter(fiscal_year=fiscal_year).exists()
        if stored.status not in (Import.Status.READY, Import.Status.CONFIRMED) or is_decided:
            return
        draft = {
            "values": {node: text[:_MAX_DRAFT_FIGURE] for node, text in list(values.items())[:_MAX_DRAFT_FIELDS]},
            "comments": {i: t[:MAX_COMMENT_LETTERS] for i, t in list(comments.items())[:_MAX_DRAFT_FIELDS]},
            "saved_at": timezone.now().isoformat(),
        }
        drafts = {**stored.reading.get("drafts", {}), str(fiscal_year): draft}
        stored.reading = imported.reading = {**stored.reading, "drafts": drafts}
        stored.save(update_fields=["reading"])


def confirm_document(
    *,
    imported: Import,
    agency: Agency,
    fiscal_year: int,
    values: Mapping[str, str],
    by: User | None,
    comments: Mapping[str, str] | None = None,
    replaces: int | None = None,
) -> ResultSet:
    """Store one year of a document as a result. ``values``: by node, as confirmed or corrected on the screen; nodes not
    in it are not stored. ``comments``: what the assessor wrote of disclosure items, likewise. ``replaces``: the result
    of the year that counts now, where there is one: whoever confirms has seen what it has. Raises DomainError when
    somebody else decided first, or with every invalid value."""
    with transaction.atomic():
        Agency.objects.select_for_update().get(pk=agency.pk)  # two who replace a result at once are serialised
        imported = Import.objects.select_for_update().get(pk=imported.pk)
        stored = imported.result_sets.filter(fiscal_year=fiscal_year).exists()
        if imported.status not in (Import.Status.READY, Import.Status.CONFIRMED) or stored:
            raise DomainError(
                f"ผลปี {fiscal_year} ของไฟล์นี้{'ยืนยันไปแล้ว' if stored else imported.get_status_display()} ไม่มีอะไรเปลี่ยนแปลง"
            )
        printed: dict[str, dict[str, Any]] = {}
        for figure in imported.reading["figures"]:
            if figure["year"] == fiscal_year:
                printed.setdefault(figure["node"], figure)
        figures = [
            {
                "node": n,
                "value": parse_score(v) or v,
                "printed": printed[n]["value"] if n in printed else "",
                "place": printed[n]["place"] if n in printed else "พิมพ์เพิ่ม",
            }
            for n, v in values.items()
        ]
        comments = {item: text.strip() for item, text in (comments or {}).items() if text.strip()}
        return _store_document(imported, agency, fiscal_year, figures, comments, replaces=replaces, by=by)


def use_again(
    *, imported: Import, agency: Agency, fiscal_year: int, reason: str, replaces: int | None, by: User
) -> ResultSet:
    """Have what was confirmed of a document as the agency's result of the year again, after another one replaced it: a
    new ResultSet with the same figures. ``replaces`` as for ``confirm_document``. Raises DomainError without a reason,
    or where the last import of the year is the one that is meant."""
    _require_reason(reason)
    with transaction.atomic():
        Agency.objects.select_for_update().get(pk=agency.pk)
        imported = Import.objects.select_for_update().get(pk=imported.pk)
        result = queries.find_confirmed_result(imported, fiscal_year)
        if result is None:
            raise DomainError(f"ผลปี {fiscal_year} ของไฟล์นี้ยังไม่ได้ยืนยัน")
        if queries.latest_import_of(agency, fiscal_year) == result.result_set:
            raise DomainError(f"ผลนี้เป็นผลล่าสุดของปี {fiscal_year} ที่หน่วยงานยืนยันอยู่แล้ว ไม่มีอะไรเปลี่ยนแปลง")
        basis = result.basis
        note = f"กลับมาใช้ผลนี้ เพราะ {reason.strip()}"[:_MAX_NOTE]
        result_set = _store_document(
            imported,
            agency,
            fiscal_year,
            basis["figures"],
            basis.get("comments", {}),
            replaces=replaces,
            by=by,
            note=note,
        )
        log_audit(
            by=by,
            action="results.use_again",
            subject=f"ชุดผล {result_set.pk}",
            agency=agency.code,
            detail={"fiscal_year": fiscal_year, "again": result.result_set.digest, "reason": reason.strip()},
        )
    return result_set


def _store_document(
    imported: Import,
    agency: Agency,
    fiscal_year: int,
    figures: list[dict[str, Any]],
    comments: Mapping[str, str],
    *,
    replaces: int | None,
    by: User | None,
    note: str = "",
) -> ResultSet:
    """Store figures and comments of a document as the agency's result of a year."""
    framework = framework_for(agency.assessment_id, fiscal_year)
    if framework is None:
        raise DomainError("การประเมินนี้ยังไม่มีหลักเกณฑ์ของปีใดเลย จึงบันทึกผลไม่ได้")
    if fiscal_year > fiscal.year_of(today()):
        raise DomainError(f"ปี {fiscal_year} ยังมาไม่ถึง จึงยังไม่มีผลให้บันทึก ตรวจปีในเอกสารอีกครั้ง")
    has_rules = find_framework(agency.assessment_id, fiscal_year) is not None
    values = {f["node"]: f["value"] for f in figures}
    problems = [
        f"{queries.node_name(framework, n)}: {p}"
        for n, v in values.items()
        if (p := queries.find_value_problem(framework, n, v, has_rules=has_rules))
    ]
    problems += [
        f"{item}: {problem}"
        for item, text in comments.items()
        if (problem := _find_comment_problem(framework, item, text))
    ]
    if problems:
        raise DomainError("; ".join(problems))
    if not values:
        raise DomainError("ยังไม่มีคะแนนใดที่จะบันทึก")
    recorded = queries.find_recorded_result(agency, fiscal_year)
    if recorded is not None and recorded.pk != replaces:
        raise DomainError(f"มีผลปี {fiscal_year} อยู่แล้ว อ่านที่ท้ายหน้าว่าอะไรจะเปลี่ยนหรือหายไป แล้วทำเครื่องหมายว่าให้ใช้ผลนี้แทน")
    result_set = _store_result_set(
        framework=framework,
        has_rules=has_rules,
        assessment_round=_find_round(framework),
        origin=ResultSet.Origin.IMPORT,
        inputs={
            "digest": digest.of_json([imported.file_digest, agency.code, figures, *([comments] if comments else [])]),
            "files": [{"name": imported.file_name, "sha256": imported.file_digest}],
        },
        results=[_build_imported_result(framework, agency, values, figures, has_rules=has_rules, comments=comments)],
        by=by,
        corrects=queries.latest_import_of(agency, fiscal_year),
        note=note,
        agency=agency.code,
        imported=imported,
    )
    imported.result_sets.add(result_set)
    drafts = {year: d for year, d in imported.reading.get("drafts", {}).items() if year != str(fiscal_year)}
    imported.reading = {**imported.reading, "drafts": drafts}
    imported.agency, imported.status, imported.decided_at = agency, Import.Status.CONFIRMED, timezone.now()
    imported.save()
    return result_set


def _find_comment_problem(framework: rules.Framework, item: str, text: str) -> str:
    """What is wrong with a comment as typed; empty for nothing."""
    if not isinstance(framework.items.get(item), DisclosureItem):
        return "ไม่ใช่ข้อของแบบตรวจการเปิดเผยข้อมูลปีนี้"
    if len(text) > MAX_COMMENT_LETTERS:
        return f"ความเห็นยาว {len(text):,} ตัวอักษร ใส่ได้ไม่เกิน {MAX_COMMENT_LETTERS:,}"
    return ""


def _find_round(framework: rules.Framework) -> Round | None:
    return Round.objects.filter(assessment=framework.assessment, fiscal_year=framework.fiscal_year).first()


def _find_agencies(imported: Import, name: str) -> list[Agency]:
    return find_agencies_by_name(name, assessment=imported.assessment_id)


def _build_imported_result(
    framework: rules.Framework,
    agency: Agency,
    values: Mapping[str, str],
    figures: list[dict[str, Any]],
    *,
    has_rules: bool,
    comments: Mapping[str, str] | None = None,
) -> AgencyResult:
    scores = {n: v for n, v in values.items() if n in framework.nodes}
    overall = scores.get("overall")
    level = values.get("level", "")
    passed = None
    if overall is not None and has_rules:
        passed = Decimal(overall) >= framework.rules.target.points
    return AgencyResult(
        agency=agency,
        overall=overall,
        level=level,
        passed=passed,
        shown=scores,
        basis={"figures": figures} | ({"comments": comments} if comments else {}),
    )


def request_confirmation(*, imported: Import, by: User) -> Job:
    """Have the valid rows of a table stored in the background."""
    _require_ready(imported)
    return confirm_in_background.request(
        str(imported.pk),
        imported.pk,
        by=by,
        about=imported.file_name,
        assessment=imported.assessment_id,
        url=path_of(imported.assessment_id, f"/desk/results/nation/{imported.pk}/"),
    )


@background_action(title="บันทึกผลของหลายหน่วยงาน")
def confirm_in_background(lease: Lease, by: User, import_id: int) -> None:
    """``confirm_bulk_import`` for a page."""
    confirm_bulk_import(imported=Import.objects.get(pk=import_id), by=by, lease=lease)


def _require_ready(imported: Import) -> None:
    if imported.status != Import.Status.READY:
        raise DomainError(f"ไฟล์นี้{imported.get_status_display()} ไม่มีอะไรเปลี่ยนแปลง")


def confirm_bulk_import(*, imported: Import, by: User, lease: Lease = NO_LEASE) -> ResultSet:
    """Store the valid rows of a table as one ResultSet; refused rows are left out."""
    framework = framework_for(imported.assessment_id, imported.fiscal_year or 0)
    assert framework is not None  # or the table could not have been read
    has_rules = find_framework(imported.assessment_id, framework.fiscal_year) is not None
    with lease.write(finish=True):
        imported = Import.objects.select_for_update().get(pk=imported.pk)
        _require_ready(imported)
        rows = imported.rows.filter(problem="").select_related("agency")
        if not rows:
            raise DomainError("ไม่มีแถวใดที่ใช้ได้")
        results = (
            _build_imported_result(
                framework,
                row.agency,
                row.figures,
                [{"node": n, "value": v, "printed": v, "place": row.place} for n, v in row.figures.items()],
                has_rules=has_rules,
            )
            for row in rows
            if row.agency
        )
        result_set = _store_result_set(
            framework=framework,
            has_rules=has_rules,
            assessment_round=_find_round(framework),
            origin=ResultSet.Origin.IMPORT,
            results=results,
            by=by,
            corrects=queries.latest_bulk_import(framework.assessment, framework.fiscal_year),
            imported=imported,
            inputs={
                "digest": digest.of_json([imported.file_digest, [[r.agency_id, r.figures] for r in rows]]),
                "files": [{"name": imported.file_name, "sha256": imported.file_digest}],
            },
        )
        imported.result_sets.add(result_set)
        imported.status, imported.decided_at = Import.Status.CONFIRMED, timezone.now()
        imported.save()
        lease.outcome = f"บันทึกผล {len(rows):,} หน่วยงานเป็นชุดที่ {result_set.pk} แล้ว ตรวจแล้วเผยแพร่ได้"
    return result_set


def drop_import(*, imported: Import, by: User) -> None:
    """Discard an import that is not confirmed. Nothing of it is stored as a result."""
    with transaction.atomic():
        imported = Import.objects.select_for_update().get(pk=imported.pk)
        if imported.status in (Import.Status.CONFIRMED, Import.Status.DROPPED):
            raise DomainError(f"ไฟล์นี้{imported.get_status_display()}ไปก่อนแล้ว")
        imported.status, imported.decided_at = Import.Status.DROPPED, timezone.now()
        imported.save()
        log_audit(
            by=by,
            action="results.drop_import",
            subject=f"ไฟล์นำเข้า {imported.pk}",
            agency=imported.agency.code if imported.agency else "",
        )


# --- publishing


def request_publication(*, result_set: ResultSet, seen: str, reason: str = "", by: User) -> Job | Proposal:
    """Have a ResultSet published in the background. ``seen`` is the ``PublicationPreview.key`` that the user was shown:
    whoever changes what is public meanwhile makes this one refuse. ``reason``: of a correction, for the public."""
    reason = errata.check_reason(reason)
    _require_publication(result_set, exists=False)
    _require_protection(result_set)
    release.require_releasable(result_set)
    if not reason and errata.has_been_public(result_set):
        raise DomainError(errata.REASON_MISSING)
    return _request_change(publish_in_background, result_set, seen, reason, reason=reason, by=by)


def request_withdrawal(*, result_set: ResultSet, reason: str, by: User) -> Job | Proposal:
    """Have a publication withdrawn in the background, with a reason."""
    _require_reason(reason)
    _require_publication(result_set, exists=True)
    return _request_change(withdraw_in_background, result_set, reason, reason=reason, by=by)


def _request_change(
    action: BackgroundAction, result_set: ResultSet, *arguments: str, reason: str, by: User
) -> Job | Proposal:
    return action.propose(
        str(result_set.pk),
        result_set.pk,
        *arguments,
        by=by,
        reason=reason,
        about=f"ชุดผลที่ {result_set.pk} ปี {result_set.fiscal_year}",
        assessment=result_set.assessment_id,
        url=path_of(result_set.assessment_id, f"/desk/results/{result_set.pk}/"),
    )


@background_action(title="เผยแพร่ผลการประเมิน", binds=True)
def publish_in_background(lease: Lease, by: User, result_set_id: int, seen: str, reason: str = "") -> None:
    """``publish`` for a page."""
    result_set = ResultSet.objects.get(pk=result_set_id)
    lease.outcome = f"เผยแพร่ชุดผลที่ {result_set_id} ปี {result_set.fiscal_year} แล้ว ประชาชนเห็นตั้งแต่บัดนี้"
    publish(result_set=result_set, by=by, seen=seen, reason=reason, lease=lease)


@background_action(title="ถอนการเผยแพร่", binds=True)
def withdraw_in_background(lease: Lease, by: User, result_set_id: int, reason: str) -> None:
    """``withdraw`` for a page."""
    lease.outcome = f"ถอนการเผยแพร่ชุดผลที่ {result_set_id} แล้ว"
    withdraw(result_set=ResultSet.objects.get(pk=result_set_id), reason=reason, by=by, lease=lease)


def publish(
    *, result_set: ResultSet, by: User | None, seen: str | None = None, reason: str = "", lease: Lease = NO_LEASE
) -> Publication:
    """Publish a ResultSet; it replaces the one it corrects. With ``seen``, refused when what is public is not any more
    what was shown. What corrects something that was public needs a ``reason``, which the public reads: see
    ``errata``."""
    reason = errata.check_reason(reason)
    with lease.write(finish=True):
        record.lock_years(result_set.fiscal_year)
        _require_publication(result_set, exists=False)
        _require_protection(result_set)
        if seen is not None and seen != queries.publication_key(result_set):
            raise DomainError("มีการเผยแพร่หรือถอนผลของปีนี้หลังจากที่เปิดหน้านี้ ดูสิ่งที่จะเกิดขึ้นอีกครั้งแล้วจึงสั่ง")
        release.require_releasable(result_set)
        before = errata.read_state(result_set)
        publication = Publication.objects.create(result_set=result_set, by=by)
        record.update(result_set)
        erratum = errata.record(publication, before, reason)
        corrected = {"reason": reason, "agencies": erratum.agencies} if erratum else {}
        log_audit(
            by=by,
            action="results.publish",
            subject=f"ชุดผล {result_set.pk}",
            detail={"digest": result_set.digest} | corrected,
        )
        request_entry(publication.pk)
    return publication


def withdraw(*, result_set: ResultSet, reason: str, by: User, lease: Lease = NO_LEASE) -> None:
    """Withdraw a published ResultSet, with a reason; the publication before it is public again."""
    _require_reason(reason)
    with lease.write(finish=True):
        record.lock_years(result_set.fiscal_year)
        changed = Publication.objects.filter(result_set=result_set, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=by, reason=reason.replace("\0", "").strip()[:300]
        )
        if not changed:
            raise DomainError(_NOT_PUBLIC)
        record.update(result_set)
        log_audit(by=by, action="results.withdraw", subject=f"ชุดผล {result_set.pk}", detail={"reason": reason[:300]})
        append_entry(
            kind="withdrawal",
            data={
                "assessment": result_set.assessment_id,
                "fiscal_year": result_set.fiscal_year,
                "result_set": result_set.digest,
            },
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise DomainError("ต้องบอกเหตุผลที่ถอน")


def _require_publication(result_set: ResultSet, *, exists: bool) -> None:
    if Publication.objects.filter(result_set=result_set, withdrawn_at=None).exists() != exists:
        raise DomainError(_NOT_PUBLIC if exists else "ผลชุดนี้เผยแพร่อยู่แล้ว")


def _require_protection(result_set: ResultSet) -> None:
    if not queries.is_protected(result_set):
        raise DomainError("ผลชุดนี้คำนวณก่อนมีการคุ้มครองกลุ่มเล็ก มีคะแนนรายข้อที่บอกคำตอบของบางคนได้ คำนวณรอบนี้อีกครั้งแล้วจึงเผยแพร่")
