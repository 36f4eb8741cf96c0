"""An agency's registers: the overview of a year, reading, editing and pasting a sheet, approval, the public page."""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from prongsai.improvement import queries as plans
from prongsai.improvement.approval import is_decision_repeated, is_repeated
from prongsai.improvement.models import Decision, RegisterRecord, RegisterSheet
from prongsai.improvement.registers import actions, queries, values
from prongsai.improvement.registers.forms import (
    MAX_NEW,
    PAGE_SIZE,
    FieldsForm,
    ParsedSheet,
    PastedTable,
    RecordForm,
    fields_form,
    form_of,
    list_stored,
    new_form,
    parse_pasted,
    parse_sheet,
    pasted_columns,
)
from prongsai.improvement.registers.kinds import RegisterKind, Stage
from prongsai.improvement.views.common import allow_get_and_post, parse_id
from prongsai.lib import digest, fiscal
from prongsai.people.access import public_page
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.registry.positions import find_executive_position
from prongsai.registry.queries import today

_FIRST_NEW = 1  # empty records below those that there are
_ONLY_NEW = 3  # empty records on a sheet without any


def _get_kind(kind: str) -> RegisterKind:
    found = actions.kind_of(kind)
    if found is None:
        raise Http404
    return found


def _get_sheet(code: str, fiscal_year: int, kind: str) -> RegisterSheet:
    sheets = RegisterSheet.objects.select_related("agency", "changed_by")
    return get_object_or_404(sheets, agency__code=code, fiscal_year=fiscal_year, kind=_get_kind(kind).key)


@require_agency_permission("improvement.read")
@require_safe
def list_registers(request: AuthenticatedRequest, code: str, fiscal_year: int | None = None) -> HttpResponse:
    """Every kind of register in a year; without one in the address, in the year of today."""
    agency = get_object_or_404(Agency, code=code)
    years = queries.sheet_years(agency)
    current = fiscal.year_of(today())
    if fiscal_year is None:
        return redirect("registers_of_year", code, current if current in years else years[0])
    if fiscal_year not in years and not queries.has_rules(agency, fiscal_year):
        raise Http404
    context = {
        "agency": agency,
        "year": fiscal_year,
        "years": years,
        "rows": queries.list_sheets(agency, fiscal_year),
    }
    return render(request, "improvement/registers.html", context)


@require_agency_permission("improvement.read")
@require_safe
def show(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """A sheet to read, what it fulfils, its papers, and the next step; where there is none, how to start it."""
    agency, definition = get_object_or_404(Agency, code=code), _get_kind(register)
    sheet = queries.find_sheet(agency, fiscal_year, register)
    if sheet is None and not queries.has_rules(agency, fiscal_year):
        raise Http404
    if sheet is None:
        before = queries.previous_sheet(agency, fiscal_year, definition)
        context = {
            "agency": agency,
            "year": fiscal_year,
            "kind": definition,
            "before": before[0] if before else None,
            "before_records": before[1] if before else 0,
            "items": queries.items_to_file(agency, definition, fiscal_year),
        }
        return render(request, "improvement/register_start.html", context)
    return _render_sheet(request, sheet)


def _texts(content: queries.SheetContent) -> Iterator[str]:
    return itertools.chain(content.fields.values(), *(record.values() for record in content.records))


def _render_sheet(
    request: AuthenticatedRequest, sheet: RegisterSheet, typed: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a sheet. What waits for a decision or is a draft is shown as it is being written."""
    approval = queries.latest_approval(sheet)
    is_working_copy = approval is not None and sheet.status != RegisterSheet.Status.APPROVED
    is_working_copy = is_working_copy and "approved" not in request.GET
    content = queries.read_sheet(sheet, working_copy=is_working_copy)
    stage = queries.open_stage(sheet)
    kind = sheet.definition
    items = queries.items_to_file(sheet.agency, kind, sheet.fiscal_year)
    is_approved = kind.needs_approval and sheet.status == RegisterSheet.Status.APPROVED
    unfiled = queries.items_without_link(items, "plan")
    report_due = queries.is_report_due(sheet, stage)
    context = {
        **_frame(sheet, "read"),
        # what was approved is issued and filed first; its reports are asked for when their time has come
        "issue_first": is_approved and (bool(unfiled) or not report_due),
        "unfiled": unfiled,
        "report_ends": queries.report_end(sheet, stage) if stage != "plan" else None,
        "content": content,
        "text_notes": plans.note_unprintable(*_texts(content)),
        "records": queries.show_records(content),
        "shown_fields": values.show_fields(kind, content.fields, sheet.fiscal_year),
        "approval": approval,
        "is_working_copy": is_working_copy,
        "stage": stage,
        "stage_name": kind.stage_names.get(stage, ""),
        "missing": queries.missing_values(sheet, stage),
        "missing_of_plan": queries.missing_values(sheet, "plan") if kind.needs_approval else [],
        "items": items,
        "decisions": sheet.decisions.all(),
        "executives": plans.executives_of(sheet.agency),
        "digest": digest.of_json(queries.content_of(sheet)),
        "may_publish_now": not kind.needs_approval or approval is not None,
        "proposed_paper": next((p for p in kind.papers if p.memo and p.stage == "plan"), None),
        "typed": typed or {"position": plans.known_position(request.user, sheet.agency), "comment": ""},
    }
    return render(request, "improvement/register.html", context, status=status)


def _frame(sheet: RegisterSheet, tab: str) -> dict[str, Any]:
    """What every page of a sheet shows around itself."""
    kind = sheet.definition
    return {
        "sheet": sheet,
        "agency": sheet.agency,
        "year": sheet.fiscal_year,
        "kind": kind,
        "stages": [(stage, kind.stage_names.get(stage, "")) for stage in kind.stages],
        "tab": tab,
    }


@require_agency_permission("improvement.edit")
@require_POST
def start(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """Start a sheet, empty or from that of the year before."""
    agency, definition = get_object_or_404(Agency, code=code), _get_kind(register)
    executive = find_executive_position(agency) or "ผู้บริหารสูงสุด"
    defaults = {
        field.key: field.default.format(agency=agency.name_th, executive=executive)
        for field in definition.fields
        if field.default
    }
    carry = "carry" in request.POST
    try:
        sheet = actions.start_sheet(
            agency=agency, fiscal_year=fiscal_year, kind=definition, defaults=defaults, carry=carry, by=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("registers", code)
    if carry:
        messages.success(request, "ยกรายการของปีก่อนมาแล้ว ทบทวนทุกรายการให้ตรงกับปีนี้ ผลของปีก่อนไม่ได้ยกมา")
    return redirect("register_edit", code, sheet.fiscal_year, sheet.kind)


# --- editing


@require_agency_permission("improvement.edit")
@allow_get_and_post
def edit(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponseBase:
    """The records of a sheet in one form, a stage and a page at a time. Valid records are saved; the others are shown
    as typed, with the reason."""
    sheet = _get_sheet(code, fiscal_year, register)
    asked = request.POST if request.method == "POST" else request.GET
    stage = _read_stage(sheet, asked.get("stage", ""))
    page = max(1, parse_id(asked.get("page", "")))
    if request.method != "POST":
        if sheet.status == RegisterSheet.Status.SUBMITTED:
            return redirect("register", code, fiscal_year, register)
        more = min(MAX_NEW, parse_id(request.GET.get("more", "")))
        return _render_edit_page(request, sheet, stage, page, ParsedSheet(), more=more)
    records = list(sheet.records.select_related("changed_by"))
    for record in records:
        record.sheet = sheet
    parsed = parse_sheet(request.POST, sheet, records, stage)
    try:
        result = actions.save_sheet(sheet=sheet, edits=parsed.edits, fields=parsed.fields_edit, by=request.user)
    except DomainError as error:
        messages.error(request, f"ยังไม่ได้บันทึก ข้อความที่พิมพ์ยังอยู่ในหน้านี้: {error}")
        return _render_edit_page(request, sheet, stage, page, parsed, status=409)
    unsaved = _keep_unsaved(parsed, result)
    count = len(unsaved.records) + (unsaved.fields is not None)
    if count:
        saved = len(result.saved) + len(result.added)
        if saved:
            messages.success(request, f"บันทึกแล้ว {saved} รายการ")
        messages.error(request, f"ยังไม่ได้บันทึก {count} รายการ ข้อความที่พิมพ์ยังอยู่ครบ ดูเหตุที่รายการนั้น")
        sheet.refresh_from_db()
        status = 409 if result.conflicts or result.fields_conflict else 422
        return _render_edit_page(request, sheet, stage, page, unsaved, status=status)
    return _continue_after_save(request, sheet, stage, page, has_changes=result.has_changes)


def _read_stage(sheet: RegisterSheet, asked: str) -> Stage:
    return next((stage for stage in sheet.definition.stages if stage == asked), queries.open_stage(sheet))


def _keep_unsaved(parsed: ParsedSheet, result: actions.SaveResult) -> ParsedSheet:
    """What was typed and is not stored: with a problem, or changed by somebody else."""
    conflicts = set(result.conflicts)
    records = [f for f in parsed.records if f.errors or (f.record is not None and f.record.pk in conflicts)]
    fields = parsed.fields
    if fields is not None and not fields.errors and not result.fields_conflict:
        fields = None
    return ParsedSheet(records=records, fields=fields)


def _edit_url(sheet: RegisterSheet, anchor: str = "", **query: str | int) -> str:
    address = reverse("register_edit", args=[sheet.agency.code, sheet.fiscal_year, sheet.kind])
    return f"{address}?{urlencode(query)}{anchor}"


def _continue_after_save(
    request: AuthenticatedRequest, sheet: RegisterSheet, stage: Stage, page: int, *, has_changes: bool
) -> HttpResponseBase:
    """Do what the pressed button asks for beside saving."""
    post, code = request.POST, sheet.agency.code
    try:
        if "remove" in post:
            record = actions.remove_record(sheet=sheet, record_id=parse_id(post["remove"]), by=request.user)
            messages.success(request, f"นำ “{str(record)[:80]}” ออกแล้ว")
        elif "submit" in post:
            return submit(request, code=code, fiscal_year=sheet.fiscal_year, register=sheet.kind)
        else:
            messages.success(request, "บันทึกแล้ว" if has_changes else "ไม่มีอะไรเปลี่ยนแปลง")
    except DomainError as error:
        messages.error(request, str(error))
    if "done" in post:
        return redirect("register", code, sheet.fiscal_year, sheet.kind)
    if "add" in post:
        last = -(-max(1, len(queries.records_of(sheet))) // PAGE_SIZE)
        return redirect(_edit_url(sheet, "#new", stage=stage, page=last, more=5))
    if "go" in post:
        page = max(1, parse_id(post["go"]))
    if "stage_to" in post:
        stage, page = _read_stage(sheet, post["stage_to"]), 1
    return redirect(_edit_url(sheet, stage=stage, page=page))


def _render_edit_page(
    request: AuthenticatedRequest,
    sheet: RegisterSheet,
    stage: Stage,
    page: int,
    typed: ParsedSheet,
    *,
    more: int = 0,
    status: int = 200,
) -> HttpResponse:
    """The page for editing. ``typed`` is shown as it was typed; everything else as it is stored."""
    kind = sheet.definition
    records = queries.records_of(sheet)
    pages = max(1, -(-len(records) // PAGE_SIZE))
    page = min(page, pages)
    shown = records[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    missing = {m.record.pk: m.text for m in queries.missing_values(sheet, stage) if m.record}
    forms = _merge_forms(shown, typed, stage)
    for form in forms:
        form.missing = missing.get(form.record.pk, "") if form.record else ""
    columns = kind.written_at(stage)
    may_add = bool(columns) and stage == next(s for s in kind.stages if kind.written_at(s))
    empty = []
    if may_add and page == pages:
        wanted = more or (_FIRST_NEW if records or typed.records else _ONLY_NEW)
        empty = [new_form(kind, stage) for _ in range(wanted)]
    plan_columns = [c for c in kind.columns if c.stage == "plan" and c.key != kind.subject and c.type != "month"]
    context = {
        **_frame(sheet, stage),
        "stage": stage,
        "stage_name": kind.stage_names.get(stage, ""),
        "forms": [(form, _summarize(form.record, plan_columns) if stage != "plan" else ()) for form in forms],
        "empty_forms": empty,
        "fields_form": _merge_fields(sheet, typed.fields, stage),
        "page": page,
        "pages": range(1, pages + 1),
        "first_number": (page - 1) * PAGE_SIZE,
        "may_add": may_add,
        "confirm_to": queries.last_confirmable(sheet.fiscal_year),
        "months": [(str(m), fiscal.month_name(sheet.fiscal_year, m)) for m in range(1, fiscal.MONTHS + 1)],
        "suggestions": {c.key: c.suggestions for c in columns if c.suggestions},
        "returned": sheet.decisions.last() if sheet.status == RegisterSheet.Status.RETURNED else None,
        "count": len(records) + sum(f.record is None for f in forms),
        "missing_count": len(queries.missing_values(sheet, stage)),
        "missing_of_sheet": [m.text for m in queries.missing_values(sheet, stage) if m.record is None],
        "may_submit": kind.needs_approval and stage == "plan",
        "may_report": queries.may_report(sheet) or stage == "plan",
        "approval": queries.latest_approval(sheet),
    }
    return render(request, "improvement/register_edit.html", context, status=status)


def _summarize(record: RegisterRecord | None, columns: list[Any]) -> tuple[tuple[str, str], ...]:
    """What was planned, beside the report on it."""
    if record is None:
        return ()
    kind, year = record.sheet.definition, record.sheet.fiscal_year
    shown = [(c.label, values.show(kind, c.key, record.values, year)) for c in columns]
    period = values.show(kind, "period", record.values, year)
    return tuple((label, text) for label, text in (*shown, ("ช่วงเวลา", period)) if text and text != "-")


def _merge_forms(shown: list[RegisterRecord], typed: ParsedSheet, stage: Stage) -> list[RecordForm]:
    """The form of each stored record, as typed where it is not saved. One whose record was changed or removed meanwhile
    carries the stored record, and is then based on it."""
    by_record = {f.record.pk: f for f in typed.records if f.record is not None}
    forms = []
    for record in shown:
        stored, unsaved = form_of(record, stage), by_record.pop(record.pk, None)
        if unsaved is None:
            forms.append(stored)
            continue
        if unsaved.base_version != stored.base_version:
            unsaved.current, unsaved.base_version = record, stored.base_version
        unsaved.record = record
        forms.append(unsaved)
    for unsaved in by_record.values():
        if unsaved.record is not None:
            unsaved.record.refresh_from_db()
            unsaved.current = unsaved.record
            unsaved.base_version = form_of(unsaved.record, stage).base_version
        forms.append(unsaved)
    return [*forms, *(f for f in typed.records if f.record is None)]


def _merge_fields(sheet: RegisterSheet, typed: FieldsForm | None, stage: Stage) -> FieldsForm | None:
    stored = fields_form(sheet, stage)
    if typed is None or stored is None:
        return stored
    if typed.base_version != stored.base_version:
        typed.current, typed.base_version = sheet, stored.base_version
    return typed


@require_agency_permission("improvement.edit")
@allow_get_and_post
def paste(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """Add records from a table that was copied in a spreadsheet: all of them, or none with the problem of each cell."""
    sheet = _get_sheet(code, fiscal_year, register)
    if sheet.status == RegisterSheet.Status.SUBMITTED:
        return redirect("register", code, fiscal_year, register)
    text, token, status = request.POST.get("table", ""), request.POST.get("token", "") or uuid.uuid4().hex, 200
    table = PastedTable()
    if request.method == "POST":
        table = parse_pasted(sheet.definition, text, fiscal_year)
        if not table.problem and not table.errors:
            try:
                stored = list(list_stored(table.rows))
                added = actions.import_records(sheet=sheet, rows=stored, token=token, by=request.user)
                messages.success(
                    request, f"เพิ่มแล้ว {added} รายการ ตรวจแล้วเติมช่องที่ยังขาด" if added else "รายการชุดนี้เพิ่มไว้แล้ว"
                )
                return redirect("register_edit", code, fiscal_year, register)
            except DomainError as error:
                table = PastedTable(table.columns, table.rows, table.unknown, str(error))
        status = 422
    context = {
        **_frame(sheet, "paste"),
        "text": text,
        "token": token,
        "table": table,
        "columns": pasted_columns(sheet.definition),
    }
    return render(request, "improvement/register_paste.html", context, status=status)


# --- approval and publication


@require_agency_permission("improvement.edit")
@require_POST
def submit(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """Submit a sheet to the agency's executives."""
    sheet = _get_sheet(code, fiscal_year, register)
    if is_repeated(sheet.decisions.all(), Decision.Step.SUBMITTED, request.user):
        return redirect("register", code, fiscal_year, register)
    try:
        notified = actions.submit_sheet(sheet=sheet, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("register_edit", code, fiscal_year, register)
    if notified:
        messages.success(request, "เสนอผู้บริหารแล้ว จะแจ้งเมื่อพิจารณาเสร็จ")
    else:
        messages.warning(request, "เสนอแล้ว แต่ยังไม่มีผู้บริหารของหน่วยงานในระบบ แจ้งส่วนกลางให้มอบหน้าที่")
    return redirect("register", code, fiscal_year, register)


@require_agency_permission("improvement.edit")
@require_POST
def withdraw(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """Take a submitted sheet back for editing."""
    sheet = _get_sheet(code, fiscal_year, register)
    if is_repeated(sheet.decisions.all(), Decision.Step.WITHDRAWN, request.user):
        return redirect("register", code, fiscal_year, register)
    try:
        actions.withdraw_sheet(sheet=sheet, by=request.user)
        messages.success(request, "ดึงกลับมาแล้ว แก้ไขได้")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("register", code, fiscal_year, register)


@require_agency_permission("improvement.approve")
@require_POST
def decide(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """The executive approves or returns a submitted sheet."""
    sheet, post = _get_sheet(code, fiscal_year, register), request.POST
    expected = post.get("expected_digest", "")
    if is_decision_repeated(sheet.decisions.all(), request.user, post):
        return redirect("register", code, fiscal_year, register)
    typed = {name: post.get(name, "") for name in ("position", "comment")}
    try:
        if "return" in post:
            actions.return_sheet(sheet=sheet, by=request.user, comment=typed["comment"])
            messages.success(request, "ส่งกลับให้แก้แล้ว เจ้าหน้าที่ได้รับแจ้ง")
        else:
            actions.approve_sheet(sheet=sheet, by=request.user, expected_digest=expected, **typed)
            messages.success(request, "อนุมัติแล้ว มีผลตั้งแต่บัดนี้")
    except DomainError as error:
        messages.error(request, str(error))
        sheet.refresh_from_db()
        return _render_sheet(request, sheet, typed, 409)
    return redirect("register", code, fiscal_year, register)


@require_agency_permission("improvement.approve")
@require_POST
def publish(request: AuthenticatedRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """Publish what is in force of a sheet, or stop publishing it."""
    public = request.POST.get("public") == "1"
    try:
        actions.set_public(sheet=_get_sheet(code, fiscal_year, register), public=public, by=request.user)
        messages.success(request, "เผยแพร่แล้ว ใครก็อ่านได้" if public else "เลิกเผยแพร่แล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("register", code, fiscal_year, register)


@public_page
@require_safe
def show_public_register(request: HttpRequest, code: str, fiscal_year: int, register: str) -> HttpResponse:
    """What is in force of a sheet that its agency publishes."""
    sheet = _get_sheet(code, fiscal_year, register)
    content = queries.read_sheet(sheet)
    if not sheet.public or content.is_draft:
        raise Http404
    context = {
        **_frame(sheet, "public"),
        "content": content,
        "records": queries.show_records(content),
        "shown_fields": values.show_fields(content.kind, content.fields, fiscal_year),
        "approval": content.approval,
    }
    return render(request, "improvement/public_register.html", context)
