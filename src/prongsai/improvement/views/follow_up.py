"""The follow-up of a plan: the board, the timeline, a measure with its follow-ups and evidence, and the reports."""

import datetime
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from prongsai.improvement import actions, queries
from prongsai.improvement.actions import EvidenceInput
from prongsai.improvement.forms import FollowUpForm, ReportedWorkForm
from prongsai.improvement.models import Evidence, FollowUp, Measure, PendingUpload
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH
from prongsai.improvement.snapshot import MeasureProgress, build_snapshot, end_of_report, track_progress
from prongsai.improvement.spreadsheets import write_report
from prongsai.improvement.views.common import get_plan, plan_context, xlsx_response
from prongsai.lib import fiscal
from prongsai.lib.folded import fold_names
from prongsai.machines import files as stored_files
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.queries import today
from prongsai.registry.uploads import get_upload_path, is_upload_valid

REPORT_TH = {"six": "รอบ 6 เดือน", "year": "รอบสิ้นปีงบประมาณ"}


@require_agency_permission("improvement.read")
@require_safe
def board(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Measures by status."""
    context = plan_context(code, fiscal_year, "board")
    progress = track_progress(context["snapshot"])
    context["columns"] = [(status, [p for p in progress if p.status == status.label]) for status in FollowUp.Status]
    context["pending_count"] = sum(bool(p.pending) for p in progress)
    context["overdue_count"] = sum(p.is_overdue for p in progress)
    return render(request, "improvement/board.html", context)


@require_agency_permission("improvement.read")
@require_safe
def timeline(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Measures over the months of the fiscal year."""
    context = plan_context(code, fiscal_year, "timeline")
    day = today()
    context |= {
        "rows": [(p, _timeline_cells(p, day)) for p in track_progress(context["snapshot"], day)],
        "months": [(m, fiscal.month_name(fiscal_year, m, short=True).split()) for m in range(1, fiscal.MONTHS + 1)],
        "current_month": fiscal.month_of(day) if fiscal.year_of(day) == fiscal_year else 0,
    }
    return render(request, "improvement/timeline.html", context)


def _timeline_cells(progress: MeasureProgress, day: datetime.date) -> list[tuple[int, bool, str, datetime.date | None]]:
    """Of each month: its number, whether it is in the period, the state of its due date (``reported``, ``overdue``,
    ``due`` or none), and the due date."""
    measure = progress.measure
    reported = {f.due for f in measure.follow_ups}
    due_by_month = {fiscal.month_of(d): d for d in measure.due_dates}
    first, last = fiscal.month_of(measure.starts), fiscal.month_of(measure.ends)
    cells = []
    for month in range(1, fiscal.MONTHS + 1):
        due = due_by_month.get(month)
        state = ""
        if due in reported:
            state = "reported"
        elif due is not None and due in progress.pending:
            state = "overdue" if due < day and progress.is_overdue else "due"
        cells.append((month, first <= month <= last, state, due))
    return cells


@require_agency_permission("improvement.read")
@require_safe
def show_measure(request: AuthenticatedRequest, code: str, fiscal_year: int, measure_id: int) -> HttpResponse:
    """One measure with its follow-ups, and the form for another."""
    return _render_measure(request, code, fiscal_year, measure_id)


def _render_measure(
    request: AuthenticatedRequest, code: str, fiscal_year: int, measure_id: int, form: FollowUpForm | None = None
) -> HttpResponse:
    context = plan_context(code, fiscal_year, "board")
    progress = next((p for p in track_progress(context["snapshot"]) if p.measure.measure == measure_id), None)
    if progress is None:
        raise Http404
    if form is None and context["approval"]:
        due = progress.next_due or progress.measure.due_dates[-1]
        initial = {"due": due.isoformat(), "on": today(), "status": FollowUp.Status.DOING}
        form = FollowUpForm(due_dates=_due_date_choices(progress), initial=initial)
    history = (
        FollowUp.objects.filter(measure=measure_id)
        .select_related("by")
        .prefetch_related("evidence")
        .order_by("-due", "-pk")
    )
    notes = queries.TextNotes(context["agency"], fiscal_year)
    context |= {
        "progress": progress,
        "measure": progress.measure,
        "form": form,
        "text_notes": {f.pk: notes.of_printed(f.done, f.obstacles, f.suggestion) for f in history},
        "history": history,
        "seen": max((f.pk for f in history), default=""),
        "held": actions.list_held_uploads([measure_id], request.user),
        "held_days": actions.PENDING_DAYS,
        "intervals": FOLLOW_UP_INTERVAL_TH,
    }
    return render(request, "improvement/measure.html", context, status=422 if form is not None and form.errors else 200)


def _due_date_choices(progress: MeasureProgress) -> dict[str, str]:
    reported = {f.due for f in progress.measure.follow_ups}
    return {
        d.isoformat(): f"ภายใน {fiscal.short_date(d)}{' (ติดตามแล้ว)' if d in reported else ''}"
        for d in progress.measure.due_dates
    }


@require_agency_permission("improvement.edit")
@require_POST
def add_follow_up(request: AuthenticatedRequest, code: str, fiscal_year: int, measure_id: int) -> HttpResponse:
    """Add a follow-up. With an error nothing is stored but its files, which wait for the next attempt; the texts are
    shown as typed."""
    plan = get_plan(code, fiscal_year)
    progress = next((p for p in track_progress(build_snapshot(plan)) if p.measure.measure == measure_id), None)
    if progress is None:
        raise Http404
    measures = Measure.objects.select_related("plan__agency", "plan__result__result_set")
    measure = get_object_or_404(measures, pk=measure_id, plan=plan)
    files = SentFiles.of(request, measure)
    form = FollowUpForm(request.POST, request.FILES, due_dates=_due_date_choices(progress), files=files.count)
    if is_upload_valid(request, form) and store_follow_up(request, measure, form, files):
        messages.success(request, "บันทึกการติดตามแล้ว")
        return redirect("measure", code=code, fiscal_year=fiscal_year, measure_id=measure_id)
    files.hold(form)
    return _render_measure(request, code, fiscal_year, measure_id, form)


@dataclass(frozen=True)
class SentFiles:
    """The files of one measure in a posted form: those that waited and are to be attached, those that waited and are
    to be removed, and those that were chosen now. ``prefix`` begins the names of the measure's fields."""

    measure: Measure
    by: User
    attached: list[PendingUpload]
    dropped: list[PendingUpload]
    chosen: list[EvidenceInput]

    @classmethod
    def of(cls, request: AuthenticatedRequest, measure: Measure, prefix: str = "") -> Self:
        shown, wanted = (set(request.POST.getlist(f"{prefix}{name}")) for name in ("held_shown", "held"))
        held = [u for u in actions.list_held_uploads([measure.pk], request.user) if str(u.pk) in shown | wanted]
        attached = [u for u in held if str(u.pk) in wanted]
        files = request.FILES.getlist(f"{prefix}file")
        sent = [EvidenceInput(name=f.name or "", path=get_upload_path(f)) for f in files]
        return cls(
            measure=measure,
            by=request.user,
            attached=attached,
            dropped=[u for u in held if u not in attached],
            chosen=actions.leave_out_held(sent, attached),
        )

    @property
    def count(self) -> int:
        """How many would be attached."""
        return len(self.attached) + len(self.chosen)

    def hold(self, form: ReportedWorkForm) -> None:
        """After a refusal: what was chosen waits for the next attempt; what can't wait is an error of the form."""
        actions.discard_held_uploads(self.dropped)
        for problem, names in actions.hold_uploads(measure=self.measure, files=self.chosen, by=self.by).items():
            form.add_error("file", fold_names(names, "ไฟล์", problem))


def store_follow_up(
    request: AuthenticatedRequest, measure: Measure, form: ReportedWorkForm, files: SentFiles, **values: Any
) -> bool:
    """Store a valid form with its files. What is refused becomes an error of the form, and False is returned."""
    data = form.cleaned_data | values
    links = data.pop("links")
    del data["file"]
    try:
        with ExitStack() as copies:
            paths = [copies.enter_context(stored_files.local_copy(u.stored_as)) for u in files.attached]
            held = [EvidenceInput(name=u.name, path=path) for u, path in zip(files.attached, paths, strict=True)]
            seen = request.POST.get(form.add_prefix("seen"))
            evidence = [*links, *held, *files.chosen]
            actions.add_follow_up(measure=measure, by=request.user, evidence=evidence, seen=seen, **data)
    except FileNotFoundError:  # another click of the same form, or another window, was faster
        form.add_error(
            None,
            "ไฟล์ที่รอแนบอยู่ถูกบันทึกหรือนำออกไปแล้ว อาจกดบันทึกสองครั้งหรือเปิดไว้สองหน้าต่าง ดูที่ “ที่ติดตามมาแล้ว” ก่อน "
            "หากยังไม่มีให้เลือกไฟล์อีกครั้งแล้วกดบันทึก สิ่งที่พิมพ์ไว้ยังอยู่ครบ",
        )
        return False
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    actions.discard_held_uploads([*files.attached, *files.dropped])
    return True


@require_agency_permission("improvement.read")
@require_safe
def download_evidence(request: AuthenticatedRequest, code: str, evidence_id: int) -> HttpResponseBase:
    """A file of evidence, always as a download: a browser must not open it inside the site."""
    uploaded = Evidence.objects.exclude(stored_as="")
    evidence = get_object_or_404(uploaded, pk=evidence_id, follow_up__measure__plan__agency__code=code)
    if not stored_files.exists(evidence.stored_as):
        raise Http404
    return FileResponse(
        stored_files.open_file(evidence.stored_as),
        as_attachment=True,
        filename=evidence.name,
        content_type="application/octet-stream",
    )


# --- reports


@require_agency_permission("improvement.read")
@require_safe
def report(request: AuthenticatedRequest, code: str, fiscal_year: int, half: str) -> HttpResponse:
    """What was done in six months or in the year, for the screen and for paper."""
    if half not in REPORT_TH:
        raise Http404
    context = plan_context(code, fiscal_year, half)
    until = end_of_report(context["plan"], half)
    snapshot = build_snapshot(context["plan"], until=until)
    progress = track_progress(snapshot, min(until, today()))
    context |= {
        "snapshot": snapshot,
        "progress": progress,
        "half": half,
        "title": REPORT_TH[half],
        "until": until,
        "counts": Counter(p.official_status for p in progress).most_common(),
    }
    return render(request, "improvement/report.html", context)


@require_agency_permission("improvement.read")
@require_safe
def download_report(request: AuthenticatedRequest, code: str, fiscal_year: int, half: str) -> HttpResponse:
    """A report as a spreadsheet."""
    if half not in REPORT_TH:
        raise Http404
    plan = get_plan(code, fiscal_year)
    until = end_of_report(plan, half)
    snapshot = build_snapshot(plan, until=until)
    content = write_report(snapshot, track_progress(snapshot, min(until, today())))
    return xlsx_response(content, f"report-{half}-{code}-{fiscal_year}")
