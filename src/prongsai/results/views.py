"""The results' desks: an agency's own, imports with their confirmation screen, result sets."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.people.access import open_to
from prongsai.people.actions import DomainError
from prongsai.registry.access import open_to_agency
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import find_agencies_by_name, open_phases
from prongsai.registry.uploads import get_upload_path, is_upload_valid
from prongsai.results import actions, queries
from prongsai.results.forms import DocumentForm, NationForm
from prongsai.results.models import Import, ResultSet

EDIT = require_http_methods(["GET", "HEAD", "POST"])


@open_to_agency("results.read")
@require_safe
def agency_desk(request: HttpRequest, code: str) -> HttpResponse:
    """An agency's own desk: where it stands, and what to do next."""
    agency = get_object_or_404(Agency, code=code)
    imports = Import.objects.filter(agency=agency, shape=Import.Shape.DOCUMENT)[:20]
    sets = ResultSet.objects.filter(results__agency=agency, origin=ResultSet.Origin.IMPORT).prefetch_related(
        "publications"
    )[:20]
    rounds = [
        (r, open_phases(r))
        for r in Round.objects.filter(agencies=agency, status=Round.Status.RUNNING).prefetch_related("phases")
    ]
    return render(
        request,
        "results/agency_desk.html",
        {"agency": agency, "imports": imports, "sets": sets, "history": queries.history(agency), "rounds": rounds},
    )


@open_to_agency("results.import")
@EDIT
def upload_document(request: HttpRequest, code: str) -> HttpResponse:
    agency = get_object_or_404(Agency, code=code)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and is_upload_valid(request, form):
        file = form.cleaned_data["file"]
        made = actions.upload(
            path=get_upload_path(file),
            file_name=file.name,
            shape=Import.Shape.DOCUMENT,
            by=request.user,
            agency=agency,
            fiscal_year=form.cleaned_data["fiscal_year"],
        )
        return redirect("import_document", code=code, import_id=made.pk)
    return render(
        request,
        "results/upload.html",
        {"form": form, "agency": agency, "title": f"นำเข้าผลที่ประกาศแล้ว ของ{agency}"},
        status=400 if form.errors else 200,
    )


@open_to_agency("results.import")
@EDIT
def document(request: HttpRequest, code: str, import_id: int) -> HttpResponse:
    """The confirmation screen: each figure beside the place it was read from. Nothing is stored until confirmed; what
    was typed stays on the page whatever happens."""
    agency = get_object_or_404(Agency, code=code)
    imported = get_object_or_404(Import, pk=import_id, agency=agency, shape=Import.Shape.DOCUMENT)
    context: dict[str, Any] = {"agency": agency, "imported": imported}
    if imported.status == Import.Status.READING:
        return render(request, "results/reading.html", context)
    if imported.status in (Import.Status.FAILED, Import.Status.DROPPED):
        return render(request, "results/failed.html", context)
    years = queries.import_years(imported)
    asked = (request.POST or request.GET).get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 and int(asked) in years else next(iter(years), None)
    if year is None:
        return render(request, "results/failed.html", {**context, "unknown_year": True})
    typed = (
        {k[2:]: v.strip()[:40] for k, v in request.POST.items() if k.startswith("v:")}
        if request.method == "POST"
        else None
    )
    done = list(imported.result_sets.all())
    called = imported.reading["agency"]
    mismatch = bool(called) and agency not in find_agencies_by_name(called)
    if request.method == "POST" and "check" not in request.POST:
        try:
            if "drop" in request.POST:
                actions.drop_import(imported=imported, by=request.user)
                messages.info(request, "ยกเลิกแล้ว ไม่มีอะไรถูกบันทึก")
                return redirect("agency_desk", code=code)
            if mismatch and "same" not in request.POST:
                raise DomainError("ชื่อหน่วยงานในเอกสารไม่ตรงกับหน่วยงานนี้ หากแน่ใจว่าเป็นเอกสารของหน่วยงานนี้ ให้ทำเครื่องหมายยืนยันก่อน")
            values = {n: v for n, v in (typed or {}).items() if v}
            actions.confirm_document(imported=imported, agency=agency, fiscal_year=year, values=values, by=request.user)
        except DomainError as error:
            context["refused"] = str(error)
        else:
            messages.success(request, f"บันทึกผลปี {year} แล้ว รอส่วนกลางเผยแพร่")
            return redirect("agency_desk", code=code)
    lines = queries.lines(imported, year, typed)
    stored = {s.fiscal_year for s in done}
    context |= {
        "lines": lines,
        "year": year,
        "years": years,
        "contradicted": [x for x in lines if x.contradicted],
        "stored": year in stored,
        "unsure": [x for x in lines if not x.sure],
        "mismatch": mismatch,
        "same": "same" in request.POST,
    }
    part = request.method == "POST" and request.htmx
    return render(
        request,
        "results/lines.html" if part else "results/document.html",
        context,
        status=409 if "refused" in context else 200,
    )


# --- the national office


@open_to("results.list")
@require_safe
def result_sets(request: HttpRequest) -> HttpResponse:
    sets = ResultSet.objects.select_related("by", "corrects").prefetch_related("publications")
    page = Paginator(sets, 50).get_page(request.GET.get("page"))
    imports = Import.objects.filter(shape=Import.Shape.NATION)[:10]
    return render(
        request,
        "results/sets.html",
        {"page": page, "imports": imports, "rounds": Round.objects.exclude(status=Round.Status.CLOSED)},
    )


@open_to("results.list")
@require_safe
def result_set(request: HttpRequest, result_set_id: int) -> HttpResponse:
    found = get_object_or_404(ResultSet.objects.select_related("by", "corrects"), pk=result_set_id)
    rows = (
        found.results.select_related("agency")
        .defer("basis")
        .order_by(F("overall").desc(nulls_last=True), "agency__order", "agency__code")
    )
    context = {
        "set": found,
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "publications": found.publications.select_related("by", "withdrawn_by"),
        "live": found.publications.filter(withdrawn_at=None).exists(),
    }
    if found.origin == ResultSet.Origin.IMPORT and context["page"].paginator.count == 1:
        figures = found.results.get().basis["figures"]
        context["altered"] = [f for f in figures if f["value"] != f["printed"]]
    if found.corrects:
        context["differences"] = queries.differences(found.corrects, found)
    return render(request, "results/set.html", context)


@open_to("results.publish")
@require_POST
def publish(request: HttpRequest, result_set_id: int) -> HttpResponse:
    found = get_object_or_404(ResultSet, pk=result_set_id)
    try:
        actions.publish(result_set=found, by=request.user)
        messages.success(request, "เผยแพร่แล้ว ประชาชนเห็นผลชุดนี้ตั้งแต่บัดนี้")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("result_set", result_set_id=result_set_id)


@open_to("results.publish")
@require_POST
def withdraw(request: HttpRequest, result_set_id: int) -> HttpResponse:
    found = get_object_or_404(ResultSet, pk=result_set_id)
    try:
        actions.withdraw(result_set=found, reason=request.POST.get("reason", ""), by=request.user)
        messages.success(request, "ถอนการเผยแพร่แล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("result_set", result_set_id=result_set_id)


@open_to("results.run")
@EDIT
def run(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    """Compute a round from the sealed parcels that lie in its folder."""
    found = get_object_or_404(Round, fiscal_year=fiscal_year)
    folder = found.parcels
    files = sorted(p.name for p in folder.glob("*.parquet"))
    if request.method == "POST":
        actions.run_in_background.enqueue(found.pk, str(folder), request.user.pk)
        messages.success(request, "เริ่มคำนวณแล้ว เสร็จเมื่อใดจะแจ้งเตือน")
        return redirect("result_sets")
    return render(request, "results/run.html", {"round": found, "files": files, "folder": folder})


@open_to("results.import_nation")
@EDIT
def upload_nation(request: HttpRequest) -> HttpResponse:
    form = NationForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and is_upload_valid(request, form):
        file = form.cleaned_data["file"]
        made = actions.upload(
            path=get_upload_path(file),
            file_name=file.name,
            shape=Import.Shape.NATION,
            by=request.user,
            fiscal_year=form.cleaned_data["fiscal_year"],
        )
        return redirect("nation_import", import_id=made.pk)
    return render(
        request,
        "results/upload.html",
        {"form": form, "title": "นำเข้าผลของหลายหน่วยงาน"},
        status=400 if form.errors else 200,
    )


@open_to("results.import_nation")
@EDIT
def nation_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """A table of many agencies: how far it is read, what was refused, and the decision."""
    imported = get_object_or_404(Import, pk=import_id, shape=Import.Shape.NATION)
    if request.method == "POST":
        try:
            if "drop" in request.POST:
                actions.drop_import(imported=imported, by=request.user)
                return redirect("result_sets")
            if "again" in request.POST and imported.status == Import.Status.READING:
                actions.read_import.enqueue(imported.pk)
                return redirect("nation_import", import_id=import_id)
            made = actions.confirm_nation(imported=imported, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("nation_import", import_id=import_id)
        messages.success(request, f"บันทึกผล {made.results.count()} หน่วยงานแล้ว ตรวจแล้วเผยแพร่ได้")
        return redirect("result_set", result_set_id=made.pk)
    refused = imported.rows.exclude(problem="")
    marked = imported.rows.filter(problem="").exclude(contradicted=[])
    context = {
        "imported": imported,
        "refused": refused[:200],
        "refused_count": refused.count(),
        "marked": marked.select_related("agency")[:200],
        "marked_count": marked.count(),
        "good_count": imported.rows.filter(problem="").count(),
    }
    page = "results/nation_progress.html" if request.htmx else "results/nation_import.html"
    return render(request, page, context)
