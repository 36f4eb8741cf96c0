"""The pages of plans: drafting, approval, follow-up, outcome, reports, the library, and what the public sees."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.improvement import actions, books, library, queries
from prongsai.improvement.actions import Shown
from prongsai.improvement.forms import Entry, FollowUpForm, read, stored
from prongsai.improvement.models import Decision, Evidence, FollowUp, LibraryEntry, Measure, Plan
from prongsai.improvement.periods import RHYTHM_TH
from prongsai.lib import digest, fiscal
from prongsai.people.access import open_to, public
from prongsai.people.actions import DomainError
from prongsai.registry.access import open_to_agency
from prongsai.registry.models import Agency
from prongsai.registry.places import AgencyType
from prongsai.registry.queries import agencies_of, today
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.results import queries as record

EDIT = require_http_methods(["GET", "HEAD", "POST"])
HALVES = {"six": "รอบ 6 เดือน", "year": "รอบสิ้นปีงบประมาณ"}


def _plan(code: str, fiscal_year: int) -> Plan:
    found = Plan.objects.select_related("agency", "result__result_set")
    return get_object_or_404(found, agency__code=code, fiscal_year=fiscal_year)


def _months(fiscal_year: int) -> list[tuple[int, str]]:
    return [(m, fiscal.month_name(fiscal_year, m)) for m in range(1, fiscal.MONTHS + 1)]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else 0


# --- an agency's plans


@open_to_agency("improvement.read")
@require_safe
def plans(request: HttpRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(Agency, code=code)
    made = list(queries.plans_of(agency))
    years = {p.fiscal_year for p in made}
    ready = [(y, r) for y, r in queries.results_of(agency).items() if y + 1 not in years]
    current = fiscal.year_of(today())
    return render(
        request, "improvement/plans.html", {"agency": agency, "plans": made, "ready": ready, "current": current}
    )


@open_to_agency("improvement.edit")
@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Draft the plan that answers a year's result."""
    agency = get_object_or_404(Agency, code=code)
    year = _number(request.POST.get("result_year", ""))
    try:
        plan = actions.start(
            agency=agency, result_year=year, by=request.user, comments=queries.comments_on(agency, year)
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plans", code=code)
    messages.success(request, "ร่างแผนให้ครบทุกตัวชี้วัดแล้ว อ่านแล้วแก้ให้ตรงกับหน่วยงาน จากนั้นเสนอผู้บริหาร")
    return redirect("plan_edit", code=code, fiscal_year=plan.fiscal_year)


@open_to_agency("improvement.read")
@require_safe
def plan(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """A plan to read: as it is in force, or as it is being drafted, with the steps of its approval."""
    found = _plan(code, fiscal_year)
    approved = queries.in_force(found)
    working = approved is None or (found.status != Plan.Status.APPROVED and "approved" not in request.GET)
    rows = queries.measures(found)
    context = {
        "plan": found,
        "agency": found.agency,
        "sheet": queries.sheet(found, working=working),
        "in_force": approved,
        "working": working,
        "decisions": found.decisions.all(),
        "lacks": queries.lacks(found, rows) if working else [],
        "tab": "plan",
        "gone": queries.gone_keepers(found, rows),
        "framework": queries.framework_of(found),
        "executives": queries.executives(found.agency),
        "rhythms": RHYTHM_TH,
    }
    return render(request, "improvement/plan.html", context)


@open_to_agency("improvement.edit")
@EDIT
def edit(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """All of a plan in one form. What can be stored is; what can't stays on the page as it was typed, with the
    reason."""
    found = _plan(code, fiscal_year)
    if request.method != "POST":
        if found.status == Plan.Status.SUBMITTED:
            return redirect("plan", code=code, fiscal_year=fiscal_year)
        return _edit_page(request, found, {}, 200)
    rows = list(found.measures.prefetch_related("findings"))
    for row in rows:
        row.plan = found
    here = [u.pk for u in queries.keepers(found.agency)]
    entries, typed, moves = read(request.POST, rows, queries.framework_of(found), here)
    try:
        saved = actions.save(plan=found, typed=typed, moves=moves, by=request.user)
    except DomainError as error:
        messages.error(request, f"ยังไม่ได้บันทึก ข้อความที่พิมพ์ยังอยู่ในหน้านี้: {error}")
        return _edit_page(request, found, {e.measure.pk: e for e in entries}, 409)
    kept = {e.measure.pk: e for e in entries if e.errors or e.measure.pk in saved.conflicts}
    if kept:
        if saved.stored:
            messages.success(request, f"บันทึกแล้ว {len(saved.stored)} มาตรการ")
        messages.error(request, f"ยังไม่ได้บันทึก {len(kept)} มาตรการ ข้อความที่พิมพ์ยังอยู่ครบ ดูเหตุที่มาตรการนั้น")
        found.refresh_from_db()
        return _edit_page(request, found, kept, 409 if saved.conflicts else 422)
    return _after_saving(request, found, changed=bool(saved.stored or moves))


def _after_saving(request: HttpRequest, found: Plan, *, changed: bool) -> HttpResponse:
    """What the button that was pressed asks for beside saving."""
    code, year = found.agency.code, found.fiscal_year
    at = ""
    try:
        if "add" in request.POST:
            at = f"#m{actions.add_measure(plan=found, by=request.user).pk}"
        elif "remove" in request.POST:
            measure = get_object_or_404(Measure, pk=_number(request.POST["remove"]), plan=found, removed=False)
            actions.remove_measure(measure=measure, by=request.user)
            messages.success(request, f"นำ “{measure}” ออกแล้ว")
        elif "take_in" in request.POST:
            comments = queries.comments_on(found.agency, year - 1)
            added = actions.take_in(plan=found, by=request.user, comments=comments)
            messages.success(request, f"รับข้อค้นพบเพิ่ม {added} ข้อ" if added else "ไม่มีข้อค้นพบใหม่")
        elif "submit" in request.POST:
            return submit(request, code=code, fiscal_year=year)
        else:
            messages.success(request, "บันทึกแล้ว" if changed else "ไม่มีอะไรเปลี่ยนแปลง")
            at = f"#m{_number(request.POST['save'])}" if _number(request.POST.get("save", "")) else ""
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(reverse("plan_edit", args=[code, year]) + at)


def _edit_page(request: HttpRequest, found: Plan, kept: dict[int, Entry], status: int) -> HttpResponse:
    rows = queries.measures(found)
    entries = []
    for row in rows:
        now = stored(row)
        typed = kept.pop(row.pk, None)
        if typed is None:
            entries.append(now)
            continue
        if typed.was != now.was:  # somebody else's stands beside; saving again is then meant
            typed.theirs, typed.was = row, now.was
        typed.measure = row
        typed.points += [p for p in now.points if p.row.pk not in {t.row.pk for t in typed.points}]
        entries.append(typed)
    for typed in kept.values():  # taken out meanwhile
        typed.theirs, typed.was = typed.measure, typed.measure.stamp()
        entries.append(typed)
    framework = queries.framework_of(found)
    lacks: dict[int | None, list[str]] = {}
    for lack in queries.lacks(found, rows):
        lacks.setdefault(lack.measure.pk if lack.measure else None, []).append(lack.text)
    context = {
        "over": fiscal.last_day(found.fiscal_year) if fiscal.year_of(today()) > found.fiscal_year else None,
        "plan": found,
        "agency": found.agency,
        "entries": entries,
        "indicators": framework.rules.indicators,
        "months": _months(found.fiscal_year),
        "rhythms": RHYTHM_TH,
        "keepers": queries.keepers(found.agency),
        "gone": queries.gone_keepers(found, rows),
        "lacks": lacks,
        "whole": lacks.get(None, []),
        "lack_count": sum(map(len, lacks.values())),
        "gaps": queries.gaps(found),
        "newer": queries.newer_result(found),
        "units": sorted({u for r in rows for u in r.units}),
        "returned": found.decisions.last() if found.status == Plan.Status.RETURNED else None,
        "tab": "edit",
        "in_force": queries.in_force(found),
        "homes": [(r.pk, str(r)) for r in rows],
        "target": framework.rules.target.points,
    }
    return render(request, "improvement/edit.html", context, status=status)


# --- approval


@open_to_agency("improvement.edit")
@require_POST
def submit(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    try:
        told = actions.submit(plan=_plan(code, fiscal_year), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plan_edit", code=code, fiscal_year=fiscal_year)
    if told:
        messages.success(request, "เสนอผู้บริหารแล้ว จะแจ้งเมื่อพิจารณาเสร็จ")
    else:
        messages.warning(request, "เสนอแล้ว แต่ยังไม่มีผู้บริหารของหน่วยงานในระบบ แจ้งส่วนกลางให้มอบหน้าที่")
    return redirect("plan", code=code, fiscal_year=fiscal_year)


@open_to_agency("improvement.edit")
@require_POST
def recall(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    try:
        actions.recall(plan=_plan(code, fiscal_year), by=request.user)
        messages.success(request, "ดึงแผนกลับมาแล้ว แก้ไขได้")
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plan", code=code, fiscal_year=fiscal_year)
    return redirect("plan_edit", code=code, fiscal_year=fiscal_year)


@open_to_agency("improvement.approve")
@EDIT
def decide(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The executive reads the plan, and approves it or sends it back."""
    found = _plan(code, fiscal_year)
    before = Decision.objects.filter(by=request.user, plan__agency=found.agency).exclude(position="").last()
    typed = {"position": before.position if before else "", "comment": ""}
    status = 200
    if request.method == "POST":
        typed = {k: request.POST.get(k, "") for k in ("position", "comment")}
        try:
            if "return" in request.POST:
                actions.send_back(plan=found, by=request.user, comment=typed["comment"])
                messages.success(request, "ส่งกลับให้แก้แล้ว เจ้าหน้าที่ได้รับแจ้ง")
            else:
                actions.approve(plan=found, by=request.user, seen=request.POST.get("seen", ""), **typed)
                if "public" in request.POST:
                    actions.set_public(plan=found, public=True, by=request.user)
                messages.success(request, "อนุมัติแล้ว แผนมีผลตั้งแต่บัดนี้")
            return redirect("plan", code=code, fiscal_year=fiscal_year)
        except DomainError as error:
            messages.error(request, str(error))
            found.refresh_from_db()
            status = 409
    if found.status != Plan.Status.SUBMITTED:
        return redirect("plan", code=code, fiscal_year=fiscal_year)
    context = {
        "plan": found,
        "agency": found.agency,
        "sheet": queries.sheet(found, working=True),
        "seen": digest.of_json(queries.content(found)),
        "framework": queries.framework_of(found),
        "typed": typed,
        "in_force": queries.in_force(found),
        "rhythms": RHYTHM_TH,
        "tab": "decide",
    }
    return render(request, "improvement/decide.html", context, status=status)


@open_to_agency("improvement.approve")
@require_POST
def publish(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    show = request.POST.get("public") == "1"
    try:
        actions.set_public(plan=_plan(code, fiscal_year), public=show, by=request.user)
        messages.success(request, "เผยแพร่แผนแล้ว ใครก็อ่านได้" if show else "เลิกเผยแพร่แผนแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("plan", code=code, fiscal_year=fiscal_year)


# --- follow-up


def _in_force(request: HttpRequest, code: str, fiscal_year: int, tab: str) -> dict[str, Any]:
    """What the pages about the plan in force show; of a plan not approved yet, the draft with a word about it."""
    found = _plan(code, fiscal_year)
    return {
        "plan": found,
        "agency": found.agency,
        "sheet": queries.sheet(found),
        "in_force": queries.in_force(found),
        "tab": tab,
    }


@open_to_agency("improvement.read")
@require_safe
def board(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Measures by where they stand."""
    context = _in_force(request, code, fiscal_year, "board")
    cards = queries.cards(context["sheet"])
    context["columns"] = [(s, [c for c in cards if c.state == s.label]) for s in FollowUp.Status]
    context["late"] = sum(c.late for c in cards)
    return render(request, "improvement/board.html", context)


@open_to_agency("improvement.read")
@require_safe
def timeline(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Measures over the months of the year."""
    context = _in_force(request, code, fiscal_year, "timeline")
    day = today()
    now = fiscal.month_of(day) if fiscal.year_of(day) == fiscal_year else 0
    lines = []
    for card in queries.cards(context["sheet"], day):
        told = {f.due: f for f in card.row.follow_ups}
        dues = {fiscal.month_of(d): d for d in card.row.dues}
        first, last = fiscal.month_of(card.row.starts), fiscal.month_of(card.row.ends)
        cells = []
        for month in range(1, fiscal.MONTHS + 1):
            due = dues.get(month)
            state = (
                ""
                if due is None
                else "told"
                if due in told
                else "late"
                if due in card.waiting and due < day and card.late
                else "due"
                if due in card.waiting
                else ""
            )
            cells.append((month, first <= month <= last, state, due))
        lines.append((card, cells))
    months = [(m, fiscal.month_name(fiscal_year, m, short=True).split()) for m in range(1, fiscal.MONTHS + 1)]
    return render(request, "improvement/timeline.html", {**context, "lines": lines, "months": months, "now": now})


@open_to_agency("improvement.read")
@require_safe
def measure(request: HttpRequest, code: str, fiscal_year: int, measure_id: int) -> HttpResponse:
    """One measure: what was done so far, and the form for what was done since."""
    return _measure_page(request, code, fiscal_year, measure_id)


def _measure_page(
    request: HttpRequest, code: str, fiscal_year: int, measure_id: int, form: FollowUpForm | None = None
) -> HttpResponse:
    context = _in_force(request, code, fiscal_year, "board")
    card = next((c for c in queries.cards(context["sheet"]) if c.row.measure == measure_id), None)
    if card is None:
        raise Http404
    if form is None and context["in_force"]:
        due = card.next_due or card.row.dues[-1]
        form = FollowUpForm(
            dues=_dues(card), initial={"due": due.isoformat(), "on": today(), "status": FollowUp.Status.DOING}
        )
    history = (
        FollowUp.objects.filter(measure=measure_id)
        .select_related("by")
        .prefetch_related("evidence")
        .order_by("-due", "-pk")
    )
    context |= {"card": card, "row": card.row, "form": form, "history": history, "rhythms": RHYTHM_TH}
    return render(request, "improvement/measure.html", context, status=422 if form is not None and form.errors else 200)


def _dues(card: queries.Card) -> dict[str, str]:
    told = {f.due for f in card.row.follow_ups}
    return {d.isoformat(): f"ภายใน {fiscal.short_date(d)}{' (ติดตามแล้ว)' if d in told else ''}" for d in card.row.dues}


@open_to_agency("improvement.edit")
@require_POST
def follow_up(request: HttpRequest, code: str, fiscal_year: int, measure_id: int) -> HttpResponse:
    """Add what was done. With anything wrong nothing is stored, and all texts stay; files have to be chosen again."""
    found = _plan(code, fiscal_year)
    card = next((c for c in queries.cards(queries.sheet(found)) if c.row.measure == measure_id), None)
    if card is None:
        raise Http404
    form = FollowUpForm(request.POST, request.FILES, dues=_dues(card))
    if is_upload_valid(request, form):
        given = dict(form.cleaned_data)
        shown = [*given.pop("links"), *(Shown(name=f.name, path=get_upload_path(f)) for f in given.pop("file"))]
        measure = get_object_or_404(
            Measure.objects.select_related("plan__agency", "plan__result__result_set"), pk=measure_id, plan=found
        )
        try:
            actions.follow_up(measure=measure, by=request.user, evidence=shown, **given)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "บันทึกการติดตามแล้ว")
            return redirect("measure", code=code, fiscal_year=fiscal_year, measure_id=measure_id)
    if request.FILES:
        form.add_error("file", "ไฟล์ที่เลือกไว้ยังไม่ได้เก็บ เลือกใหม่อีกครั้งเมื่อแก้ส่วนอื่นแล้ว")
    return _measure_page(request, code, fiscal_year, measure_id, form)


@open_to_agency("improvement.read")
@require_safe
def evidence(request: HttpRequest, code: str, evidence_id: int) -> HttpResponse:
    """A file of evidence, to be kept on one's own machine: never opened inside the site."""
    found = get_object_or_404(
        Evidence.objects.exclude(stored_as=""), pk=evidence_id, follow_up__measure__plan__agency__code=code
    )
    path = settings.MEDIA_ROOT / found.stored_as
    if not path.is_file():
        raise Http404
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )


# --- what came of it


@open_to_agency("improvement.read")
@require_safe
def outcome(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    context = _in_force(request, code, fiscal_year, "outcome")
    return render(
        request, "improvement/outcome.html", {**context, "outcome": queries.outcome(context["plan"], context["sheet"])}
    )


@open_to_agency("improvement.read")
@require_safe
def what_if(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """What the plan would do to the total and the level, if."""
    found = _plan(code, fiscal_year)
    wanted = {
        k[2:]: int(v)
        for k, v in request.GET.items()
        if k.startswith("s:") and v.isascii() and v.isdecimal() and len(v) < 4 and int(v) <= 100
    }
    context = {
        "plan": found,
        "agency": found.agency,
        "supposed": queries.suppose(found, wanted),
        "tab": "what_if",
        "framework": queries.framework_of(found),
        "in_force": queries.in_force(found),
    }
    return render(request, "improvement/supposed.html" if request.htmx else "improvement/what_if.html", context)


@open_to_agency("improvement.read")
@require_safe
def report(request: HttpRequest, code: str, fiscal_year: int, half: str) -> HttpResponse:
    """What was done in six months or in the year, for the screen and for paper."""
    if half not in HALVES:
        raise Http404
    context = _in_force(request, code, fiscal_year, half)
    until = queries.report_until(context["plan"], half)
    sheet = queries.sheet(context["plan"], until=until)
    cards = queries.cards(sheet, min(until, today()))
    counts = [(s.label, sum(c.state == s.label for c in cards)) for s in FollowUp.Status]
    context |= {"sheet": sheet, "cards": cards, "half": half, "title": HALVES[half], "until": until, "counts": counts}
    return render(request, "improvement/report.html", context)


def _xlsx(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=books.XLSX, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    )


@open_to_agency("improvement.read")
@require_safe
def plan_xlsx(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    return _xlsx(books.plan_book(queries.sheet(_plan(code, fiscal_year))), f"plan-{code}-{fiscal_year}")


@open_to_agency("improvement.read")
@require_safe
def report_xlsx(request: HttpRequest, code: str, fiscal_year: int, half: str) -> HttpResponse:
    if half not in HALVES:
        raise Http404
    found = _plan(code, fiscal_year)
    until = queries.report_until(found, half)
    sheet = queries.sheet(found, until=until)
    return _xlsx(
        books.report_book(sheet, queries.cards(sheet, min(until, today()))), f"report-{half}-{code}-{fiscal_year}"
    )


# --- the library


def _shelf(request: HttpRequest, kind: str, framework: Any, **more: Any) -> HttpResponse:
    indicators = framework.rules.indicators
    asked = request.GET.get("indicator", "")
    indicator = asked if asked in framework.indicators else indicators[0].id
    context = {
        "shelf": library.shelf(kind=kind, indicator=indicator),
        "kind": kind,
        "kinds": AgencyType,
        "indicators": indicators,
        "indicator": framework.nodes[indicator],
        **more,
    }
    return render(request, "improvement/library.html", context)


@open_to("improvement.library")
@require_safe
def shared_library(request: HttpRequest) -> HttpResponse:
    """Measures in published plans, by type of agency and indicator."""
    own = agencies_of(request.user).first()
    kind = request.GET.get("kind", own.kind if own else AgencyType.SUBDISTRICT_ORGANIZATION.value)
    if kind not in AgencyType.values:
        raise Http404
    frameworks = record.frameworks()
    return _shelf(request, kind, frameworks[max(frameworks)])


@open_to_agency("improvement.edit")
@EDIT
def plan_library(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The library beside a plan, to take a measure from."""
    found = _plan(code, fiscal_year)
    if request.method == "POST":
        entry = get_object_or_404(LibraryEntry, pk=_number(request.POST.get("entry", "")), plan__public=True)
        try:
            made = actions.add_measure(
                plan=found, by=request.user, indicators=[entry.indicator], title=entry.title, steps=entry.steps
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("plan", code=code, fiscal_year=fiscal_year)
        messages.success(request, "เพิ่มมาตรการในแผนแล้ว แก้ให้ตรงกับหน่วยงาน และย้ายข้อค้นพบที่เกี่ยวข้องมา")
        return redirect(reverse("plan_edit", args=[code, fiscal_year]) + f"#m{made.pk}")
    return _shelf(request, found.agency.kind, queries.framework_of(found), plan=found, agency=found.agency)


# --- the national office and the public


@open_to("improvement.nation")
@require_safe
def nation(request: HttpRequest, fiscal_year: int | None = None) -> HttpResponse:
    """How far the plans of a year are."""
    years = sorted({y + 1 for y in record.years()}, reverse=True)
    year = fiscal_year if fiscal_year is not None else next(iter(years), None)
    rows = Plan.objects.filter(fiscal_year=year).select_related("agency").order_by("status", "agency__order")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(
        request,
        "improvement/nation.html",
        {"year": year, "years": years, "state": queries.nation(year) if year else None, "page": page},
    )


@public
@require_safe
def public_plan(request: HttpRequest, code: str, fiscal_year: int) -> HttpResponse:
    """A plan in force that its agency shows to everybody."""
    found = _plan(code, fiscal_year)
    sheet = queries.sheet(found)
    if not found.public or sheet.approved is None:
        raise Http404
    context = {
        "plan": found,
        "agency": found.agency,
        "sheet": sheet,
        "in_force": sheet.approved,
        "rhythms": RHYTHM_TH,
        "framework": queries.framework_of(found),
    }
    return render(request, "improvement/public.html", context)
