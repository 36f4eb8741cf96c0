"""One page for all measures that are followed up by the same date."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect, render

from prongsai.improvement import actions
from prongsai.improvement.forms import FollowUpDateForm, ReportedWorkForm
from prongsai.improvement.models import FollowUp, PendingUpload, Plan
from prongsai.improvement.snapshot import MeasureProgress, track_progress
from prongsai.improvement.views.common import allow_get_and_post, plan_context
from prongsai.improvement.views.follow_up import SentFiles, store_follow_up
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.queries import today
from prongsai.registry.uploads import describe_left_out


@dataclass(frozen=True)
class Row:
    """A measure on the page: its form, the files that wait for it, and the newest follow-up that the page shows
    (its number, empty for none)."""

    progress: MeasureProgress
    form: ReportedWorkForm
    held: Sequence[PendingUpload]
    seen: str | int

    @property
    def prefix(self) -> str:
        """Begins the names of the measure's fields."""
        return self.form.add_prefix("")

    @property
    def is_open(self) -> bool:
        """Whether the fields that are folded away have something to show."""
        folded = (self.form[name] for name in ("obstacles", "suggestion", "links", "file"))
        return bool(self.held) or any(f.errors or f.value() for f in folded)


@dataclass
class Sent:
    """What became of a posted page: the measures that were stored, and the forms that were refused, by measure."""

    stored: set[int] = field(default_factory=set)
    refused: dict[int, ReportedWorkForm] = field(default_factory=dict)


@require_agency_permission("improvement.edit")
@allow_get_and_post
def follow_up_date(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Follow up the measures of one due date (``due``, an ISO date; without one the first that is pending). A measure
    of which nothing is typed is left alone; of the others each is stored, or shown again with what is wrong."""
    context = plan_context(code, fiscal_year, "board")
    tracked = track_progress(context["snapshot"]) if context["approval"] else []
    dates = sorted(d for p in tracked for d in p.pending)
    due = _parse_due(request, tracked) or next(iter(dates), None)
    context |= {"due": due, "due_dates": {d: dates.count(d) for d in dates}, "held_days": actions.PENDING_DAYS}
    if due is None:
        return render(request, "improvement/due_date.html", context)
    shown = [p for p in tracked if due in p.pending]
    sent, date_form = Sent(), FollowUpDateForm(initial={"on": today()})
    if request.method == "POST":
        date_form = FollowUpDateForm(request.POST)
        posted = [p for p in tracked if due in p.measure.due_dates and _name(p, "seen") in request.POST]
        sent = _store(request, context["plan"], posted, due, date_form)
        if sent.stored and not sent.refused:
            messages.success(request, f"บันทึกการติดตามแล้ว {len(sent.stored)} มาตรการ")
            return redirect("plan_follow_ups", code=code, fiscal_year=fiscal_year)
        shown = [p for p in posted if p.measure.measure not in sent.stored]
    context |= {"date_form": date_form, "rows": _rows(request, shown, sent.refused), "refused": len(sent.refused)}
    context["stored"] = len(sent.stored)
    return render(request, "improvement/due_date.html", context, status=422 if request.method == "POST" else 200)


def _parse_due(request: AuthenticatedRequest, tracked: Sequence[MeasureProgress]) -> datetime.date | None:
    """The date that is asked for, if a measure is followed up by it."""
    text = request.POST.get("due") or request.GET.get("due", "")
    return next((d for p in tracked for d in p.measure.due_dates if d.isoformat() == text), None)


def _name(progress: MeasureProgress, name: str) -> str:
    return f"m{progress.measure.measure}-{name}"


def _build_form(progress: MeasureProgress, *args: Any, **kwargs: Any) -> ReportedWorkForm:
    """A form that may stay as it is."""
    kwargs |= {"prefix": f"m{progress.measure.measure}", "use_required_attribute": False}
    return ReportedWorkForm(*args, initial={"status": FollowUp.Status.DOING}, **kwargs)


def _store(
    request: AuthenticatedRequest,
    plan: Plan,
    posted: Sequence[MeasureProgress],
    due: datetime.date,
    date_form: FollowUpDateForm,
) -> Sent:
    """Store what is typed of each measure. Nothing is stored without a date, or where a file did not arrive: which
    measure it was meant for is not known."""
    may_store = date_form.is_valid()
    if problem := describe_left_out(request):
        may_store = False
        date_form.add_error(None, problem)
    measures = plan.measures.select_related("plan__agency", "plan__result__result_set").in_bulk()
    sent = Sent()
    for progress in posted:
        measure = measures[progress.measure.measure]
        files = SentFiles.of(request, measure, _name(progress, ""))
        form = _build_form(progress, request.POST, request.FILES, files=files.count)
        if not form.has_changed() and not files.attached:
            actions.discard_held_uploads(files.dropped)
        elif (
            form.is_valid()
            and may_store
            and store_follow_up(request, measure, form, files, due=due, on=date_form.cleaned_data["on"])
        ):
            sent.stored.add(measure.pk)
        else:
            files.hold(form)
            sent.refused[measure.pk] = form
    if may_store and not sent.stored and not sent.refused:
        date_form.add_error(None, "ยังไม่ได้พิมพ์ของมาตรการใด พิมพ์สิ่งที่ทำแล้วอย่างน้อยหนึ่งมาตรการ แล้วกดบันทึก")
    return sent


def _rows(
    request: AuthenticatedRequest, shown: Sequence[MeasureProgress], refused: Mapping[int, ReportedWorkForm]
) -> list[Row]:
    ids = [p.measure.measure for p in shown]
    newest = dict(FollowUp.objects.filter(measure__in=ids).values_list("measure").annotate(Max("pk")).order_by())
    held: dict[int, list[PendingUpload]] = {}
    for upload in actions.list_held_uploads(ids, request.user):
        held.setdefault(upload.measure_id, []).append(upload)
    return [
        Row(
            progress=p,
            form=refused.get(p.measure.measure) or _build_form(p),
            held=held.get(p.measure.measure, ()),
            seen=newest.get(p.measure.measure, ""),
        )
        for p in shown
    ]
