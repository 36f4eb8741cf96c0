"""The office's pages about rules: beginning a year, the workbook, editing, rehearsing, announcing."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai import framework as rules
from prongsai import scoring
from prongsai.framework import Framework, FrameworkError, Problem
from prongsai.framework.workbook import in_words, read_workbook, write_workbook
from prongsai.framework.workbook.layout import SHEETS
from prongsai.machines import files
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.background import find_proposals, find_states, say_begun
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.second_person import require_typed
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import today
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.rulebooks import actions, queries
from prongsai.rulebooks.actions import StaleDraftError
from prongsai.rulebooks.models import Rehearsal, Rulebook
from prongsai.web.rules_forms import AnnounceForm, BeginYearForm, PartForm, WithdrawForm, WorkbookForm

_GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EDITED_HERE = ("instruments", "indicators", "sub_indicators", "bands", "samples", "calendar")
_MAX_PROBLEMS = 100


@require_permission("rulebooks.read")
@_GET_OR_POST
def list_rulebooks(request: AuthenticatedRequest) -> HttpResponse:
    """Every year of the assessment with the state of its rules; the beginning of another year."""
    states = queries.list_states(request.assessment)
    form = BeginYearForm(
        request.POST or None,
        sources=_sources(request),
        initial={"fiscal_year": max([s.fiscal_year for s in states], default=0) + 1 or None},
    )
    if request.method == "POST":
        return _begin_draft(request, form, states)
    return render(request, "web/rules/list.html", {"states": states, "form": form})


def _sources(request: AuthenticatedRequest) -> list[tuple[str, str]]:
    """Rules that a year can begin from: the assessment's own, then those of the national one."""
    own = [(f"{request.assessment}/{year}", f"ปี {year}") for year in queries.frameworks(request.assessment)]
    if request.assessment == rules.NATIONAL:
        return own
    national = [(f"{rules.NATIONAL}/{year}", f"ITA ปี {year}") for year in queries.frameworks(rules.NATIONAL)]
    return own + national


def _begin_draft(request: AuthenticatedRequest, form: BeginYearForm, states: Any) -> HttpResponse:
    _require_edit(request)
    if form.is_valid():
        assessment, _, year = form.cleaned_data["source"].partition("/")
        source = queries.find_framework(assessment, int(year))
        assert source is not None  # a choice of the form
        try:
            rulebook = actions.begin_draft(
                source=source,
                assessment=request.assessment,
                fiscal_year=form.cleaned_data["fiscal_year"],
                by=request.user,
            )
        except (DomainError, FrameworkError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"เริ่มฉบับร่างปี {rulebook.fiscal_year} แล้ว เห็นได้เฉพาะส่วนกลางจนกว่าจะประกาศ")
            return redirect("rulebook", fiscal_year=rulebook.fiscal_year)
    return render(request, "web/rules/list.html", {"states": states, "form": form}, status=422)


def _require_edit(request: AuthenticatedRequest) -> None:
    from django.core.exceptions import PermissionDenied

    from prongsai.people.access import is_allowed

    if not is_allowed(request.user, "rulebooks.edit", assessment=request.assessment):
        raise PermissionDenied


@require_permission("rulebooks.read")
@require_safe
def show_rulebook(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    return _render_rulebook(request, fiscal_year)


_ACTS_ON_RULES = (actions.announce_in_background, actions.withdraw_in_background)


def _render_rulebook(
    request: AuthenticatedRequest, fiscal_year: int, *, status: int = 200, **values: Any
) -> HttpResponse:
    """The page of a year: its state, what is inferred, how it differs, what can be done next."""
    rulebook, draft, current = _load(request, fiscal_year)
    shown = draft or current
    if shown is None:
        raise Http404
    before = queries.find_framework(request.assessment, fiscal_year - 1)
    context = {
        "rulebook": rulebook,
        "year": fiscal_year,
        "draft": draft,
        "current": current,
        "framework": shown,
        "previous": before,
        "changes": rules.difference([before, shown]) if before else [],
        "corrections": rules.difference([current, draft], every_word=True) if draft and current else [],
        "is_wording_only": bool(draft and current and draft.arithmetic_digest == current.arithmetic_digest),
        "standings": queries.count_standings(shown),
        "case_problems": [in_words(problem) for problem in scoring.check_cases(draft)] if draft else [],
        "cautions": rules.check_data(rules.as_data(shown.rules), before)[1],
        "inferred": queries.list_inferred(shown),
        "rehearsals": _rehearsals(rulebook),
        "rehearsable": _previous_round(request, fiscal_year),
        "announcements": rulebook.announcements.select_related("by", "edition") if rulebook.pk else [],
        "parts": [(s.key, s.title) for s in SHEETS if s.key in _EDITED_HERE],
        "upload": WorkbookForm(),
        "announce": AnnounceForm(initial={"on": today()}),
        "withdraw": WithdrawForm(),
        "works": find_states(_ACTS_ON_RULES, str(rulebook.pk)),
        "proposals": find_proposals(_ACTS_ON_RULES, str(rulebook.pk)),
        **values,
    }
    return render(request, "web/rules/rulebook.html", context, status=status)


def _load(request: AuthenticatedRequest, fiscal_year: int) -> tuple[Rulebook, Framework | None, Framework | None]:
    """The rulebook of a year (unsaved where only shipped rules are there), its draft and the rules in force."""
    key = {"assessment": request.assessment, "fiscal_year": fiscal_year}
    rulebook = Rulebook.objects.select_related("draft", "current").filter(**key).first() or Rulebook(**key)
    draft = queries.load_edition(rulebook.draft) if rulebook.draft else None
    return rulebook, draft, queries.find_framework(request.assessment, fiscal_year)


def _rehearsals(rulebook: Rulebook) -> list[Rehearsal]:
    rehearsals = Rehearsal.objects.filter(
        edition__assessment=rulebook.assessment, edition__fiscal_year=rulebook.fiscal_year
    )
    return list(rehearsals.select_related("edition")[:5])


def _previous_round(request: AuthenticatedRequest, fiscal_year: int) -> Round | None:
    """The last earlier round whose inputs are sealed."""
    earlier = Round.objects.filter(assessment=request.assessment, fiscal_year__lt=fiscal_year)
    return next((r for r in earlier if any(name.endswith(".parquet") for name in files.list_folder(r.parcels))), None)


@require_permission("rulebooks.read")
@require_safe
def download_workbook(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """The draft as a workbook, or where there is none the rules in force."""
    _, draft, current = _load(request, fiscal_year)
    framework = draft or current
    if framework is None:
        raise Http404
    before = queries.find_framework(request.assessment, fiscal_year - 1)
    response = HttpResponse(write_workbook(framework, before), content_type=_SPREADSHEET)
    response["Content-Disposition"] = f'attachment; filename="rules-{request.assessment}-{fiscal_year}.xlsx"'
    return response


@require_permission("rulebooks.edit")
@require_POST
def upload_workbook(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Replace the draft by an edited workbook, or show every problem of it by sheet and cell."""
    form = WorkbookForm(request.POST, request.FILES)
    if not is_upload_valid(request, form):
        return _render_rulebook(request, fiscal_year, status=422, upload=form)
    before = queries.find_framework(request.assessment, fiscal_year - 1)
    file = form.cleaned_data["file"]
    framework, problems = read_workbook(get_upload_path(file), before, scoring.check_cases, file_name=file.name)
    if framework is None:
        return _render_problems(request, fiscal_year, problems, upload=form)
    return _save_draft(request, fiscal_year, rules.as_data(framework.rules))


def _render_problems(
    request: AuthenticatedRequest, fiscal_year: int, problems: list[Problem], **values: Any
) -> HttpResponse:
    shown, hidden = problems[:_MAX_PROBLEMS], max(0, len(problems) - _MAX_PROBLEMS)
    return _render_rulebook(request, fiscal_year, status=422, problems=shown, hidden_problems=hidden, **values)


def _save_draft(request: AuthenticatedRequest, fiscal_year: int, data: dict[str, Any]) -> HttpResponse:
    rulebook = get_object_or_404(Rulebook, assessment=request.assessment, fiscal_year=fiscal_year)
    try:
        actions.save_draft(rulebook=rulebook, data=data, read_key=request.POST.get("draft", ""), by=request.user)
    except FrameworkError as error:
        return _render_problems(request, fiscal_year, error.problems)
    except DomainError as error:
        status = 409 if isinstance(error, StaleDraftError) else 422
        return _render_rulebook(request, fiscal_year, status=status, refusal=str(error))
    messages.success(request, "บันทึกฉบับร่างแล้ว ตรวจสิ่งที่ต่างไปข้างล่าง")
    return redirect("rulebook", fiscal_year=fiscal_year)


@require_permission("rulebooks.edit")
@_GET_OR_POST
def edit_part(request: AuthenticatedRequest, fiscal_year: int, key: str, part: str) -> HttpResponse:
    """One item, or one row of the smaller lists, in place."""
    rulebook, draft, _ = _load(request, fiscal_year)
    if draft is None or key not in (*_EDITED_HERE, "survey_items", "disclosure_items"):
        raise Http404
    data = rules.as_data(draft.rules)
    place = next((n for n, entry in enumerate(data[key]) if entry.get("id", entry.get("instrument")) == part), None)
    if place is None:
        raise Http404
    form = PartForm(request.POST or None, framework=draft, key=key, part=data[key][place])
    context = {"year": fiscal_year, "rulebook": rulebook, "key": key, "part": part, "form": form}
    if request.method == "POST" and form.is_valid():
        data[key][place] = form.apply()
        try:
            actions.save_draft(rulebook=rulebook, data=data, read_key=request.POST.get("draft", ""), by=request.user)
        except FrameworkError as error:
            for problem in error.problems:
                form.add_error(None, f"{problem.what}: {problem.how}")
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"บันทึก {part} แล้ว")
            return redirect("rulebook", fiscal_year=fiscal_year)
    return render(request, "web/rules/part.html", context, status=422 if form.errors else 200)


@require_permission("rulebooks.edit")
@_GET_OR_POST
def edit_list(request: AuthenticatedRequest, fiscal_year: int, key: str) -> HttpResponse:
    """All rows of a short list at once, so that weights can change together."""
    rulebook, draft, _ = _load(request, fiscal_year)
    if draft is None or key not in _EDITED_HERE:
        raise Http404
    data = rules.as_data(draft.rules)
    title = next(sheet.title for sheet in SHEETS if sheet.key == key)
    forms = [
        PartForm(request.POST or None, framework=draft, key=key, part=entry, prefix=str(number), brief=True)
        for number, entry in enumerate(data[key])
    ]
    context: dict[str, Any] = {"year": fiscal_year, "rulebook": rulebook, "title": title, "key": key, "problems": []}
    are_valid = [form.is_valid() for form in forms]  # every one, so that each shows its own errors
    if request.method == "POST" and all(are_valid):
        data[key] = [form.apply() for form in forms]
        try:
            actions.save_draft(rulebook=rulebook, data=data, read_key=request.POST.get("draft", ""), by=request.user)
        except FrameworkError as error:
            context["problems"] = [f"{problem.what}: {problem.how}" for problem in error.problems]
        except DomainError as error:
            context["problems"] = [str(error)]
        else:
            messages.success(request, f"บันทึก{title}แล้ว")
            return redirect("rulebook", fiscal_year=fiscal_year)
    context["forms"] = forms
    return render(request, "web/rules/rows.html", context, status=422 if request.method == "POST" else 200)


@require_permission("rulebooks.edit")
@require_POST
def rehearse(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Score the last sealed round under the draft, in the background."""
    rulebook, _, _ = _load(request, fiscal_year)
    assessment_round = _previous_round(request, fiscal_year)
    edition = rulebook.draft or rulebook.current
    if edition is None or assessment_round is None:
        messages.error(request, "ยังซ้อมไม่ได้: ต้องมีฉบับร่าง และรอบก่อนหน้าที่ปิดผนึกแล้ว")
        return redirect("rulebook", fiscal_year=fiscal_year)
    agencies = Agency.objects.filter(assessment=request.assessment).values_list("code", "kind", "province")
    rehearsal = actions.start_rehearsal(
        edition=edition,
        previous_year=assessment_round.fiscal_year,
        parcels=assessment_round.parcels,
        agencies=agencies,
        by=request.user,
    )
    return redirect("rehearsal", fiscal_year=fiscal_year, rehearsal_id=rehearsal.pk)


@require_permission("rulebooks.read")
@require_safe
def show_rehearsal(request: AuthenticatedRequest, fiscal_year: int, rehearsal_id: int) -> HttpResponse:
    rehearsal = _get_rehearsal(request, fiscal_year, rehearsal_id)
    context: dict[str, Any] = {"rehearsal": rehearsal, "year": fiscal_year, "summary": rehearsal.summary}
    context["framework"] = framework = queries.load_edition(rehearsal.edition)
    context["shown_years"] = [rehearsal.previous_year]
    _, draft, current = _load(request, fiscal_year)
    latest = draft or current
    context["has_changed"] = latest is not None and latest.digest != framework.digest
    if rehearsal.status == Rehearsal.Status.READY:
        before = queries.find_framework(request.assessment, rehearsal.previous_year)
        nodes = {**(before.nodes if before else {}), **framework.nodes}
        context["nodes"] = [(nodes.get(row["node"]), row) for row in rehearsal.summary["nodes"]]
        context["items"] = [(nodes.get(row["item"]), row) for row in rehearsal.summary["items"]]
        context["unknown"] = [nodes[name] for name in rehearsal.summary["unknown"] if name in nodes]
        kinds, provinces = rehearsal.summary["groups"]["kind"], rehearsal.summary["groups"]["province"]
        context["group_tables"] = [
            ("ประเภทหน่วยงาน", [(dict(AgencyType.choices).get(kind, kind), row) for kind, row in kinds.items()]),
            ("จังหวัด", list(provinces.items())),
        ]
        context["levels"] = _level_rows(rehearsal.summary["levels"])
        context["changes"] = _change_rows(rehearsal.summary["changes"])
        context["bars"] = [_change_bars(context["changes"], end) for end in (1, 2)]
    template = "web/rules/rehearsal_result.html" if request.htmx else "web/rules/rehearsal.html"
    return render(request, template, context)


def _level_rows(levels: dict[str, dict[str, int]]) -> list[tuple[str, int, int, int]]:
    names = list(dict.fromkeys([*levels["before"], *levels["low"]]))
    return [(n, levels["before"].get(n, 0), levels["low"].get(n, 0), levels["high"].get(n, 0)) for n in names]


def _change_rows(changes: dict[str, dict[str, int]]) -> list[tuple[int, int, int]]:
    points = sorted({int(point) for counts in changes.values() for point in counts})
    return [(p, changes["low"].get(str(p), 0), changes["high"].get(str(p), 0)) for p in points]


def _change_bars(rows: list[tuple[int, int, int]], end: int) -> list[tuple[int, int]]:
    """(points, agencies) of one end of the intervals, without gaps, for a chart."""
    counts = {row[0]: row[end] for row in rows if row[end]}
    return [(p, counts.get(p, 0)) for p in range(min(counts), max(counts) + 1)] if counts else []


def _get_rehearsal(request: AuthenticatedRequest, fiscal_year: int, rehearsal_id: int) -> Rehearsal:
    return get_object_or_404(
        Rehearsal.objects.select_related("edition"),
        pk=rehearsal_id,
        edition__assessment=request.assessment,
        edition__fiscal_year=fiscal_year,
    )


@require_permission("rulebooks.read")
@require_safe
def download_rehearsal(request: AuthenticatedRequest, fiscal_year: int, rehearsal_id: int) -> HttpResponseBase:
    """The table of a rehearsal: a row for each agency."""
    rehearsal = _get_rehearsal(request, fiscal_year, rehearsal_id)
    if not files.exists(rehearsal.table):
        raise Http404
    name = f"rehearsal-{request.assessment}-{fiscal_year}-{rehearsal.pk}.csv"
    return FileResponse(
        files.open_file(rehearsal.table), content_type="text/csv; charset=utf-8", as_attachment=True, filename=name
    )


@require_permission("rulebooks.edit", binding=True)
@require_POST
def announce(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Have the draft brought into force."""
    rulebook = get_object_or_404(Rulebook, assessment=request.assessment, fiscal_year=fiscal_year)
    form = AnnounceForm(request.POST)
    if not form.is_valid():
        return _render_rulebook(request, fiscal_year, status=422, announce=form)
    try:
        require_typed(request.POST.get("typed", ""), fiscal_year)
        asked = actions.request_announcement(
            rulebook=rulebook,
            on=form.cleaned_data["on"],
            read_key=request.POST.get("draft", ""),
            by=request.user,
            url=reverse("rulebook", args=[fiscal_year]),
        )
    except FrameworkError as error:
        return _render_problems(request, fiscal_year, [in_words(problem) for problem in error.problems])
    except DomainError as error:
        return _render_rulebook(request, fiscal_year, status=409, refusal=str(error), announce=form)
    say_begun(request, asked)
    return redirect("rulebook", fiscal_year=fiscal_year)


@require_permission("rulebooks.edit", binding=True)
@require_POST
def withdraw_rules(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Have announced rules taken back into a draft."""
    rulebook = get_object_or_404(Rulebook, assessment=request.assessment, fiscal_year=fiscal_year)
    try:
        require_typed(request.POST.get("typed", ""), fiscal_year)
        reason, url = request.POST.get("reason", ""), reverse("rulebook", args=[fiscal_year])
        say_begun(request, actions.request_withdrawal(rulebook=rulebook, reason=reason, by=request.user, url=url))
    except DomainError as error:
        return _render_rulebook(
            request, fiscal_year, status=409, refusal=str(error), withdraw=WithdrawForm(request.POST)
        )
    return redirect("rulebook", fiscal_year=fiscal_year)


@require_permission("rulebooks.edit")
@require_POST
def discard_draft(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Throw the draft away."""
    rulebook = get_object_or_404(Rulebook, assessment=request.assessment, fiscal_year=fiscal_year)
    try:
        actions.discard_draft(rulebook=rulebook, read_key=request.POST.get("draft", ""), by=request.user)
    except DomainError as error:
        return _render_rulebook(request, fiscal_year, status=409, refusal=str(error))
    messages.info(request, f"ทิ้งฉบับร่างปี {fiscal_year} แล้ว")
    return redirect("rulebooks")
