"""The office's desk: how far a round's disclosures are, how far assessors agree, the draw and the seal."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from prongsai.disclosure import actions, queries
from prongsai.people.access import open_to
from prongsai.people.actions import DomainError
from prongsai.registry.models import Round

_PAGE = 100


def _round(fiscal_year: int) -> Round:
    return get_object_or_404(Round.objects.prefetch_related("phases"), fiscal_year=fiscal_year)


@open_to("disclosure.nation")
@require_safe
def nation(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = _round(fiscal_year)
    by_item, by_person = queries.agreements(assessment_round)
    standing = queries.standing(assessment_round)
    show = request.GET.get("show", "")
    stage, reached = show.removeprefix("-"), not show.startswith("-")
    listed = queries.agencies_at(assessment_round, stage, reached=reached) if stage in queries.STAGES else None
    context = {
        "tiles": [(k, name, getattr(standing, k)) for k, name in queries.STAGES.items()],
        "stage": stage,
        "reached": reached,
        "stages": queries.STAGES,
        "page": None if listed is None else Paginator(listed, _PAGE).get_page(request.GET.get("page")),
        "round": assessment_round,
        "standing": standing,
        "sealed": queries.sealed(assessment_round),
        "disputes": queries.disputes([assessment_round])[:100],
        "by_item": [(i, a, queries.kappa_text(a.kappa)) for i, a in by_item],
        "by_person": [(u, a, queries.kappa_text(a.kappa)) for u, a in by_person],
    }
    return render(request, "disclosure/nation.html", context)


@open_to("disclosure.seal")
@require_POST
def draw(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    text = request.POST.get("percent", "").strip()
    try:
        many = actions.draw_second(
            assessment_round=_round(fiscal_year),
            percent=int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0,
            by=request.user,
        )
        messages.success(request, f"สุ่มข้อให้ตรวจซ้ำเพิ่ม {many} ข้อ")
    except DomainError as error:
        messages.error(request, f"“{text[:10]}”: {error}")
    return redirect("oit_nation", fiscal_year)


@open_to("disclosure.seal")
@require_POST
def seal(request: HttpRequest, fiscal_year: int) -> HttpResponse:
    assessment_round = _round(fiscal_year)
    try:
        made = actions.seal(
            assessment_round=assessment_round,
            folder=assessment_round.parcels,
            by=request.user,
            incomplete="incomplete" in request.POST,
        )
        messages.success(request, f"ปิดผนึกคะแนน {made.marks:,} ข้อแล้ว คำนวณผลได้")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("oit_nation", fiscal_year)
