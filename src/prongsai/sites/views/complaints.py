"""The desk of those who handle complaints. Only who has taken a complaint reads what is written in it, and every
reading is recorded."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from prongsai.lib.sealed_box import UnopenableError
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.sites import actions, queries, sealing
from prongsai.sites.models import Attachment, Complaint

PER_PAGE = 50


@require_agency_permission("sites.handle")
@require_safe
def list_complaints(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """The complaints about an agency that are with the reader's tier."""
    agency = get_object_or_404(Agency, code=code)
    return _list(request, queries.complaints_for(request.user, agency), agency)


@require_permission("sites.office")
@require_safe
def list_of_office(request: AuthenticatedRequest) -> HttpResponse:
    """The complaints of every agency that are with the office."""
    return _list(request, queries.office_complaints(request.assessment), None)


def _list(request: AuthenticatedRequest, complaints: QuerySet[Complaint], agency: Agency | None) -> HttpResponse:
    day = today()
    page = Paginator(queries.in_order_of_work(complaints), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "agency": agency,
        "page": page,
        "rows": [(c, queries.find_handler(c), queries.is_late(c, day)) for c in page],
        "user_id": request.user.pk,
    }
    return render(request, "sites/complaints.html", context)


def _of_complaint(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call a view with the complaint of its address; whoever does not handle it where it is now is led to the list."""

    @wraps(view)
    def find(request: AuthenticatedRequest, code: str, case_number: str, **more: int) -> HttpResponse:
        complaints = Complaint.objects.select_related("agency__assessment", "handler")
        complaint = get_object_or_404(complaints, agency__code=code, number=case_number)
        if not queries.may_handle(request.user, complaint):
            messages.error(request, "เรื่องนี้ไม่ได้อยู่กับท่าน ผู้ที่เรื่องอยู่ด้วยเท่านั้นที่เปิดได้")
            return redirect("complaints", code)
        return view(request, complaint, **more)

    return find


@require_agency_permission("sites.handle")
@never_cache
@require_safe
@_of_complaint
def show(request: AuthenticatedRequest, complaint: Complaint) -> HttpResponse:
    """A complaint: its deadlines and steps, and for who has taken it what is written in it."""
    return _render(request, complaint)


def _render(
    request: AuthenticatedRequest, complaint: Complaint, problem: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    written: list[sealing.Written] = []
    is_open = queries.may_open(request.user, complaint)
    if is_open:
        try:
            sealed = complaint.messages.select_related("complaint", "sealed_to", "by").prefetch_related("attachments")
            written = [sealing.open_for_handler(m) for m in sealed]
            actions.record_opening(complaint=complaint, by=request.user)
        except DomainError as error:
            problem = problem or str(error)
        except UnopenableError:
            problem = "ข้อความในเรื่องนี้ถูกแก้ไขนอกระบบหรือเสียหาย เปิดไม่ได้ แจ้งผู้ดูแลระบบ"
    others = queries.people_at(complaint.agency, complaint.tier).exclude(pk=request.user.pk) if is_open else ()
    context = {
        "agency": complaint.agency,
        "complaint": complaint,
        "number": sealing.group_letters(complaint.number),
        "handler": queries.find_handler(complaint),
        "is_open": is_open,
        "is_late": queries.is_late(complaint, today()),
        "written": written,
        "steps": complaint.steps.select_related("by"),
        "others": others,
        "outcomes": Complaint.Outcome.choices,
        "next_tier": _name_next_tier(complaint),
        "problem": problem,
        "typed": typed or {},
        "token": sealing.draw_secret(),
    }
    return render(request, "sites/complaint.html", context, status=409 if problem and typed is not None else 200)


def _name_next_tier(complaint: Complaint) -> str:
    tier = queries.NEXT_TIER.get(Complaint.Tier(complaint.tier))
    return str(tier.label) if tier else ""


@require_agency_permission("sites.handle")
@require_safe
@_of_complaint
def download(request: AuthenticatedRequest, complaint: Complaint, picture: int) -> HttpResponse:
    """A picture that came with a complaint, for who has taken it. ``picture`` is the attachment's own number."""
    if not queries.may_open(request.user, complaint):
        messages.error(request, "ผู้ที่รับเรื่องนี้เท่านั้นที่เปิดภาพได้")
        return redirect("complaint", complaint.agency.code, complaint.number)
    attachments = Attachment.objects.select_related("message__complaint", "message__sealed_to")
    attachment = get_object_or_404(attachments, pk=picture, message__complaint=complaint)
    try:
        content = sealing.open_picture(attachment)
    except (DomainError, UnopenableError) as error:
        raise Http404 from error
    name = f"{complaint.number}-{attachment.message.position}-{attachment.position}.jpg"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return HttpResponse(content, content_type="image/jpeg", headers=headers)


# --- acts


def _act(
    request: AuthenticatedRequest, complaint: Complaint, do: Callable[[Complaint, User], object], success: str
) -> HttpResponse:
    """Do something with a complaint, and lead on to it, or to the list where it is with somebody else now."""
    problem = ""
    try:
        do(complaint, request.user)
        messages.success(request, success)
    except DomainError as error:
        problem = str(error)
    complaint.refresh_from_db()
    if not queries.may_handle(request.user, complaint):
        if problem:
            messages.error(request, problem)
        return redirect("complaints", complaint.agency.code)
    if problem:
        return _render(request, complaint, problem, {k: str(v) for k, v in request.POST.items()})
    return redirect("complaint", complaint.agency.code, complaint.number)


def _read_token(request: AuthenticatedRequest) -> str:
    token = sealing.read_letters(request.POST.get("token", ""))
    if len(token) != sealing.SECRET_LETTERS:
        raise DomainError("หน้านี้ไม่สมบูรณ์ กดอีกครั้ง")
    return token


@require_agency_permission("sites.handle")
@require_POST
@_of_complaint
def take(request: AuthenticatedRequest, complaint: Complaint) -> HttpResponse:
    """Take a complaint that nobody has."""
    return _act(request, complaint, lambda c, by: actions.take_complaint(complaint=c, by=by), "รับเรื่องแล้ว เรื่องนี้อยู่กับท่าน")


@require_agency_permission("sites.handle")
@require_POST
@_of_complaint
def write(request: AuthenticatedRequest, complaint: Complaint) -> HttpResponse:
    """Write to the sender, or a note that the sender does not read."""
    text = request.POST.get("text", "")

    def do(complaint: Complaint, by: User) -> object:
        act = actions.add_note if "note" in request.POST else actions.reply
        return act(complaint=complaint, text=text, token=_read_token(request), by=by)

    return _act(request, complaint, do, "บันทึกแล้ว" if "note" in request.POST else "ส่งถึงผู้ร้องแล้ว")


@require_agency_permission("sites.handle")
@require_POST
@_of_complaint
def close(request: AuthenticatedRequest, complaint: Complaint) -> HttpResponse:
    """Tell the sender what became of it, and close the complaint."""

    def do(complaint: Complaint, by: User) -> object:
        outcome = request.POST.get("outcome", "")
        if outcome not in Complaint.Outcome.values:
            raise DomainError("ยังไม่ได้เลือกผลการดำเนินการ")
        text, token = request.POST.get("closing", ""), _read_token(request)
        return actions.close_complaint(complaint=complaint, outcome=outcome, text=text, token=token, by=by)

    return _act(request, complaint, do, "แจ้งผลและยุติเรื่องแล้ว")


@require_agency_permission("sites.handle")
@require_POST
@_of_complaint
def transfer(request: AuthenticatedRequest, complaint: Complaint) -> HttpResponse:
    """Hand a complaint over to somebody else at the same tier."""

    def do(complaint: Complaint, by: User) -> object:
        chosen = request.POST.get("to", "")
        people = queries.people_at(complaint.agency, complaint.tier)
        to = people.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 10 else None
        if to is None:
            raise DomainError("เลือกผู้รับเรื่องก่อน")
        return actions.transfer_complaint(complaint=complaint, to=to, by=by)

    return _act(request, complaint, do, "โอนเรื่องแล้ว")


@require_agency_permission("sites.handle")
@require_POST
@_of_complaint
def hand_up(request: AuthenticatedRequest, complaint: Complaint) -> HttpResponse:
    """Hand a complaint up to the executive, or to the office."""
    return _act(request, complaint, lambda c, by: actions.raise_complaint(complaint=c, by=by), "ส่งเรื่องขึ้นไปแล้ว")
