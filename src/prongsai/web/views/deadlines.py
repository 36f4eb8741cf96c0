"""Until when one agency has each phase of a round. Before the office gives it another last day, or takes that back, the
page says what this changes, by asking the rooms as if it were stored already."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Filing
from prongsai.lib import digest, fiscal
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry import actions, queries
from prongsai.registry.forms import ExtensionForm
from prongsai.registry.models import Agency, DeadlineExtension, Phase, Round
from prongsai.survey import queries as surveys

_REASONS: dict[str, Callable[[Filing], str]] = {
    disclosures.FILING: disclosures.filing_closed_reason,
    disclosures.MARKING: disclosures.marking_closed_reason,
    disclosures.CLARIFYING: disclosures.clarification_closed_reason,
}
_EFFECTS = {
    disclosures.FILING: "ผู้ประเมินให้คะแนนหน่วยงานนี้ได้เมื่อผู้บริหารยืนยันแล้ว หรือเมื่อพ้นวันที่ขยาย",
    surveys.PHASE: "ปิดผนึกคำตอบของทั้งรอบก่อนวันนั้น หน่วยงานนี้จะรับคำตอบต่อไม่ได้",
}


@dataclass(frozen=True)
class Change:
    """Another last day of a phase for an agency; None: that of the calendar again."""

    phase: Phase
    agency: Agency
    ends: datetime.date | None
    reason: str = ""

    @property
    def extension(self) -> DeadlineExtension | None:
        """What there is by now."""
        return DeadlineExtension.objects.filter(phase=self.phase, agency=self.agency).first()

    @property
    def last_days(self) -> tuple[datetime.date | None, datetime.date | None]:
        """Before and after; none where the calendar has none, by which no extension counts."""
        extension, ends = self.extension, self.phase.ends
        return ends and max(ends, extension.ends if extension else ends), self.ends or ends

    @property
    def key(self) -> str:
        """A digest of the change and of what it changes, for the page that shows it and the act that stores it."""
        before, after = self.last_days
        what = [self.phase.pk, self.agency.pk, str(before), str(after), self.reason, self.ends is None]
        return digest.of_json(what)[:32]


@require_permission("registry.change", binding=True)
@require_http_methods(["GET", "HEAD", "POST"])
def agency_deadlines(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """The last days of one agency's phases; another one, shown and then stored; and taking it back."""
    rounds = Round.objects.prefetch_related("phases__extensions")
    assessment_round = get_object_or_404(rounds, assessment=request.assessment, fiscal_year=fiscal_year)
    code = request.GET.get("code", "").strip()[:40]
    agency = assessment_round.agencies.filter(code=code).first()
    problem = f"รอบปี {fiscal_year} ไม่มีหน่วยงานรหัส “{code}”" if code and agency is None else ""
    form, change, refusal = None, None, ""
    if agency is not None:
        phases = [phase for phase in assessment_round.phases.all() if phase.ends]
        form = ExtensionForm(request.POST if "ends" in request.POST else None, phases=phases)
        try:
            change = _read_change(request, assessment_round, form, agency)
            if change is not None and "confirm" in request.POST:
                _store(request, change)
                return redirect(request.get_full_path())
        except DomainError as error:
            change, refusal = None, str(error)
    context: dict[str, Any] = {
        "round": assessment_round,
        "agency": agency,
        "code": code,
        "address": request.get_full_path(),
        "problem": problem,
        "refusal": refusal,
        "form": form,
        "change": change,
        "effects": list(_foresee(change)) if change else [],
        "rows": _list_phases(assessment_round, agency) if agency else [],
    }
    status = 404 if problem else 422 if refusal or (form and form.errors) else 200
    return render(request, "web/deadlines.html", context, status=status)


def _read_change(request: HttpRequest, assessment_round: Round, form: ExtensionForm, agency: Agency) -> Change | None:
    """What was asked for; None where nothing was, or the form says what is wrong. Raises DomainError."""
    if key := request.POST.get("take_back"):
        change = Change(get_object_or_404(assessment_round.phases, key=key), agency, None)
        if change.extension is None:
            raise DomainError("ถอนการขยายเวลานี้ไปแล้ว")
        return change
    if request.method != "POST" or not form.is_valid():
        return None
    values = form.cleaned_data
    return Change(form.phases[values["phase"]], agency, values["ends"], " ".join(values["reason"].split()))


def _store(request: AuthenticatedRequest, change: Change) -> None:
    """Store what was shown. Raises DomainError where it is something else by now."""
    if request.POST.get("seen") != change.key:
        raise DomainError("วันของหน่วยงานนี้เปลี่ยนหลังจากที่เปิดหน้านี้ ดูสิ่งที่จะเกิดขึ้นอีกครั้งแล้วจึงบันทึก")
    actions.extend_deadline(
        phase=change.phase, agency=change.agency, ends=change.ends, reason=change.reason, by=request.user
    )
    done = f"ขยายเวลาถึง {fiscal.short_date(change.ends)} แล้ว" if change.ends else "ถอนการขยายเวลาแล้ว"
    messages.success(request, f"{change.phase.label_th}: {done}")


@dataclass(frozen=True)
class _Row:
    """A phase as it is for an agency."""

    phase: Phase
    extension: DeadlineExtension | None
    is_open: bool


def _list_phases(assessment_round: Round, agency: Agency) -> list[_Row]:
    return [
        _Row(
            phase,
            next((e for e in phase.extensions.all() if e.agency_id == agency.pk), None),
            queries.is_phase_open(assessment_round, phase.key, agency),
        )
        for phase in assessment_round.phases.all()
    ]


def _foresee(change: Change) -> Iterator[str]:
    """What a change does, in Thai, the most important first."""
    before, after = change.last_days
    extension = change.extension
    earlier, deadline = _ask(change, extension.ends if extension else None)
    later, new_deadline = _ask(change, change.ends)
    if earlier and later:
        yield f"วันนี้หน่วยงานนี้ยังทำช่วงนี้ไม่ได้ แม้เปลี่ยนวันแล้ว: {later}"
    elif earlier:
        yield "วันนี้ปิดอยู่ เมื่อบันทึกจะเปิดให้หน่วยงานนี้ทันที"
    elif later:
        yield f"วันนี้เปิดอยู่ เมื่อบันทึกจะปิดสำหรับหน่วยงานนี้ทันที: {later}"
    else:
        until = f"ถึง {fiscal.short_date(after)}" if after else "โดยไม่มีกำหนด"
        yield f"วันนี้เปิดอยู่ และจะเปิดให้หน่วยงานนี้{until}"
    if extension and change.ends:
        yield f"แทนการขยายเดิมถึง {fiscal.short_date(extension.ends)} เหตุ {extension.reason}"
    if new_deadline != deadline:
        held_up = f"ปิดผนึกคะแนนของทั้งรอบไม่ได้จนกว่าจะพ้น {new_deadline}"
        yield held_up if new_deadline else "ช่วงนี้ไม่กั้นการปิดผนึกคะแนนของทั้งรอบอีก"
    if change.ends and before:
        yield from (
            f"ทับกับช่วง{other.label_th} ซึ่งเริ่ม {fiscal.short_date(other.starts)}"
            for other in change.phase.round.phases.all()
            if other.position > change.phase.position and other.starts and before < other.starts <= change.ends
        )
        if effect := _EFFECTS.get(change.phase.key):
            yield effect
    people = len(queries.officers_of(change.agency))
    yield f"เจ้าหน้าที่ของหน่วยงาน {people:,} คนเห็นวันใหม่ในหน้างานของตน ระบบไม่ส่งข้อความให้" if people else "หน่วยงานนี้ยังไม่มีเจ้าหน้าที่"
    yield "หน่วยงานอื่นใช้วันตามปฏิทินของรอบ ไม่เปลี่ยน"


def _ask(change: Change, ends: datetime.date | None) -> tuple[str, str]:
    """Why an agency could not do today what a phase is for, and until when it would hold up the seal of the marks."""
    phase, agency = change.phase, change.agency
    with actions.as_if_extended(phase=phase, agency=agency, ends=ends) as assessment_round:
        deadline = disclosures.clarification_deadline(assessment_round)
        if find_reason := _REASONS.get(phase.key):
            return find_reason(disclosures.get_filing(assessment_round, agency)), deadline
        if phase.key == surveys.PHASE:
            return surveys.load_interviews_refusal(assessment_round)(agency), deadline
        is_open = queries.is_phase_open(assessment_round, phase.key, agency)
        return "" if is_open else "ไม่อยู่ในวันของช่วงนี้", deadline
