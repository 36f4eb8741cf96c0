"""The office's desk of who assesses what: the draft of an allocation, its release and the way back; the assessors."""

from dataclasses import asdict
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.disclosure import allocation, assessors
from prongsai.disclosure.models import Allocation, AllocationRow
from prongsai.lib import numbers, thai
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.background import find_states, say_begun
from prongsai.people.lists import ask_and_act, stream_list
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Round
from prongsai.registry.sharing import Reason
from prongsai.registry.tiles import COLUMNS, GAP, ROWS, SIDE, TILES, draw_tiles

_STEPS = 5  # of the map's colours
_MAX_NAMED = 100  # conflicts on the page
SLACKS = ((0, "ภาระเท่ากันที่สุด"), (10, "อยู่ในจังหวัดเดียวกันเมื่อต่างกันไม่มาก"), (25, "อยู่ในจังหวัดเดียวกันมากที่สุด"))


def _get_round_or_404(request: AuthenticatedRequest, fiscal_year: int) -> Round:
    return get_object_or_404(
        Round.objects.prefetch_related("phases"), assessment=request.assessment, fiscal_year=fiscal_year
    )


def _get_draft_or_404(request: AuthenticatedRequest, fiscal_year: int) -> Allocation:
    drafts = Allocation.objects.filter(status=Allocation.Status.DRAFT, round__assessment=request.assessment)
    return get_object_or_404(drafts.select_related("round"), round__fiscal_year=fiscal_year)


@require_permission("registry.round")
@require_safe
def show_allocation(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """The draft with its table, map and rows; how to draw one; what was released last."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    draft = allocation.find_draft(assessment_round)
    released = allocation.find_released(assessment_round)
    last = Allocation.objects.filter(round=assessment_round).first()
    choices = last.choices if last else asdict(allocation.Choices())
    context: dict[str, Any] = {
        "round": assessment_round,
        "draft": draft,
        "released": released,
        "closed_reason": allocation.take_back_closed_reason(released) if released else "",
        "works": _find_works(assessment_round, last),
        "slacks": SLACKS,
        "last_years": allocation.LAST_YEAR,
        "choices": choices,
        "weights": [(k.value, k.label, choices["weights"].get(k.value, 1)) for k in AgencyType],
        "max_weight": allocation.MAX_WEIGHT,
        "languages": allocation.write_languages(
            choices.get("languages", {}) if draft else allocation.find_languages(assessment_round)
        ),
    }
    if draft:
        listing = allocation.list_rows(draft.pk, request.GET.dict())
        if request.GET.get("format") == "csv":
            titles = ("รหัส", "หน่วยงาน", "ประเภท", "จังหวัด", "ภาระ", "ผู้ประเมิน", "ผู้ประเมินเดิม", "เหตุที่ไม่มีผู้ประเมิน")
            return stream_list(listing, f"allocation-{fiscal_year}", titles, _write_row)
        context |= {
            "listing": listing,
            "page": listing.page(request.GET.get("page")),
            "acts": allocation.ACTS,
            "reasons": {key.value: text for key, text in allocation.REASONS.items()},
            **_describe(draft),
        }
    return render(request, "disclosure/allocation.html", context)


def _find_works(assessment_round: Round, last: Allocation | None) -> list[Any]:
    works = find_states([allocation.draw_in_background], str(assessment_round.pk))
    if last:
        works += find_states([allocation.release_in_background, allocation.take_back_in_background], str(last.pk))
    works.sort(key=lambda s: -s.job.pk)
    return [w for n, w in enumerate(works) if w.is_active or n == 0]


def _write_row(row: AllocationRow) -> list[Any]:
    agency = row.agency
    reason = allocation.REASONS[Reason(row.reason)] if row.reason else ""
    return [
        agency.code,
        agency.name_th,
        agency.get_kind_display(),
        agency.province,
        row.weight,
        row.assessor or "",
        row.before or "",
        reason,
    ]


def _describe(draft: Allocation) -> dict[str, Any]:
    """What a draft does, in numbers, by assessor and on a map."""
    loads = allocation.list_loads(draft)
    places = allocation.count_by_province(draft)
    working = [load for load in loads if load.agencies]
    crowds = [people for province, (_, people, _) in places.items() if province in TILES]
    fewest, most = min(crowds, default=0), max(crowds, default=0)
    address = reverse("allocation", args=[draft.round.fiscal_year])

    def show(province: str) -> tuple[str, int, int]:
        n, people, left = places.get(province, (0, 0, 0))
        if not n:
            return "", 0, 0
        return f"{n}/{people}" + ("!" if left else ""), 1 + (people - fewest) * _STEPS // (most - fewest + 1), n

    def address_of(province: str) -> str:
        return f"{address}?{urlencode({'province': province})}#rows"

    listed = sorted(places, key=lambda p: (not p, thai.sort_key(p)))
    return {
        "loads": loads,
        "lightest": min((load.weight for load in working), default=0),
        "heaviest": max((load.weight for load in working), default=0),
        **allocation.count_changes(draft),
        "conflicts": allocation.conflicting_rows(draft)[:_MAX_NAMED],
        "places": [(p, *places[p], address_of(p)) for p in listed],
        "map": {
            "tiles": draw_tiles(show, address_of),
            "width": COLUMNS * SIDE,
            "height": ROWS * SIDE,
            "side": SIDE - GAP,
        }
        if places.keys() & TILES.keys()
        else None,
    }


@require_permission("registry.assign")
@require_POST
def draw_allocation(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Have a draft drawn by what was chosen."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    try:
        most = allocation.MAX_WEIGHT
        weights = {
            kind.value: numbers.read_whole_number(posted, least=1, most=most, example="1")
            for kind in AgencyType
            if (posted := request.POST.get(f"weight-{kind.value}", "").strip())
        }
        choices = allocation.Choices(
            slack=numbers.read_whole_number(request.POST.get("slack", ""), least=0, most=50, example="10"),
            last_year=request.POST.get("last_year", ""),
            is_anew="anew" in request.POST,
            weights=weights,
            languages=allocation.read_languages(request.POST.get("languages", "")[:4000]),
        )
        say_begun(request, allocation.request_draw(assessment_round=assessment_round, choices=choices, by=request.user))
    except (DomainError, numbers.NumberError) as error:
        messages.error(request, str(error))
    return redirect("allocation", fiscal_year)


@require_permission("registry.assign")
@require_POST
def act_on_rows(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """Move the agencies that were picked, or all that match, to one assessor."""
    draft = _get_draft_or_404(request, fiscal_year)
    return ask_and_act(
        request,
        acts=allocation.ACTS,
        list_of=partial(allocation.list_rows, draft.pk),
        name=lambda row: f"{row.agency.name_th} {row.agency.province} · {row.assessor or 'ยังไม่มีผู้ประเมิน'}",
        back=reverse("allocation", args=[fiscal_year]),
        of=draft.pk,
    )


@require_permission("registry.assign", binding=True)
@require_http_methods(["GET", "HEAD", "POST"])
def release_allocation(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """What releasing the draft will do; and its release."""
    draft = allocation.find_draft(_get_round_or_404(request, fiscal_year))
    if draft is None:
        messages.info(request, "ไม่มีร่างที่รอใช้ คำนวณร่างก่อน")
        return redirect("allocation", fiscal_year)
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            seen = int(revision) if revision.isdecimal() and len(revision) < 9 else -1
            if request.POST.get("draft") != str(draft.pk):
                raise DomainError("ร่างที่เปิดดูถูกแทนด้วยร่างใหม่แล้ว ดูผลของร่างนี้ก่อนสั่ง")
            say_begun(request, allocation.request_release(allocation=draft, revision=seen, by=request.user))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("allocation", fiscal_year)
    context = {"round": draft.round, "draft": draft, **_describe(draft)}
    return render(request, "disclosure/allocation_release.html", context)


@require_permission("registry.assign", binding=True)
@require_POST
def take_back_allocation(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Take the last released allocation back."""
    released = allocation.find_released(_get_round_or_404(request, fiscal_year))
    try:
        if released is None or request.POST.get("allocation") != str(released.pk):
            raise DomainError("การแบ่งงานที่เปิดดูถูกถอนหรือแทนไปแล้ว")
        say_begun(request, allocation.request_taking_back(allocation=released, by=request.user))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("allocation", fiscal_year)


@require_permission("registry.assign")
@require_POST
def drop_allocation(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponse:
    """Throw the draft away."""
    draft = _get_draft_or_404(request, fiscal_year)
    try:
        if request.POST.get("draft") != str(draft.pk):
            raise DomainError("ร่างที่เปิดดูถูกแทนด้วยร่างใหม่แล้ว")
        allocation.drop(allocation=draft, by=request.user)
        messages.success(request, "ทิ้งร่างแล้ว การมอบหมายไม่เปลี่ยน")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("allocation", fiscal_year)


# --- the assessors


@require_permission("registry.round")
@require_safe
def show_assessors(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """Who has how much, and who is behind."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    listing = assessors.list_assessors(assessment_round.pk, request.GET.dict())
    if request.GET.get("format") == "csv":
        titles = ("ผู้ประเมิน", "อีเมล", "หน่วยงาน", "รอตรวจ", "ส่งคะแนนแล้ว", "ช้ากว่ากำหนด", "ภาระสูงสุด", "จังหวัดประจำ", "ภาษา")
        return stream_list(listing, f"assessors-{fiscal_year}", titles, _write_assessor)
    context = {
        "round": assessment_round,
        "listing": listing,
        "page": listing.page(request.GET.get("page")),
        "acts": assessors.ACTS,
        "elapsed": assessors.read_elapsed(assessment_round),
        "over": assessors.OVER - 100,
    }
    return render(request, "disclosure/assessors.html", context)


def _write_assessor(user: Any) -> list[Any]:
    known = user.home or "", ", ".join(user.languages or ())
    return [user.name, user.email, user.assigned, user.ready, user.released, user.behind, user.most, *known]


@require_permission("registry.assign", binding=True)
@require_POST
def act_on_assessors(request: AuthenticatedRequest, fiscal_year: int) -> HttpResponseBase:
    """Send a message to assessors, limit what they take on, say where they live and what they speak, or have their work
    go to others."""
    assessment_round = _get_round_or_404(request, fiscal_year)
    return ask_and_act(
        request,
        acts=assessors.ACTS,
        list_of=partial(assessors.list_assessors, assessment_round.pk),
        name=lambda user: f"{user.name} · {user.email}",
        back=reverse("assessor_list", args=[fiscal_year]),
        of=assessment_round.pk,
    )
