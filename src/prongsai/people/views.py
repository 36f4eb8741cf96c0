"""Pages of a user's account and notices; the list of users; the audit trail."""

from functools import partial

from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.people import actions, bulk, queries, second_factor, second_person
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.audit_words import ACTIONS, ROOMS
from prongsai.people.background import confirm_proposal as confirm_and_begin
from prongsai.people.background import say_begun
from prongsai.people.lists import ask_and_act, stream_list
from prongsai.people.models import Notice, Proposal, User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.roles import Role


class InviteForm(forms.Form):
    email = forms.EmailField(label="อีเมล", help_text="ระบบจะส่งลิงก์ตั้งรหัสผ่านไปที่นี่ ใช้ได้ 7 วัน")
    name = forms.CharField(label="ชื่อ-สกุล", max_length=120)
    role = forms.ChoiceField(label="บทบาท", choices=Role.choices)


@require_permission("people.self")
@require_safe
def account(request: AuthenticatedRequest) -> HttpResponse:
    factors = set(Authenticator.objects.filter(user_id=request.user.pk).values_list("type", flat=True))
    page = {"factors": factors - {"recovery_codes"}, "factor_required": second_factor.is_required(request.user)}
    page["oidc"] = settings.OIDC_NAME
    return render(request, "people/account.html", page)


@require_permission("people.self")
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: AuthenticatedRequest) -> HttpResponse:
    if request.method == "POST":
        actions.mark_notices_read(user=request.user)
        return redirect("notices")
    return render(request, "people/notices.html", {"notices": Notice.objects.filter(user=request.user)[:100]})


@require_permission("people.self")
@require_POST
def save_view(request: AuthenticatedRequest) -> HttpResponse:
    """Keep the list that the form was sent from, as its address asked for it; or forget one of one's own."""
    path, query, unwanted = (request.POST.get(name, "") for name in ("path", "query", "delete"))
    if not is_page_of_ours(path):
        return redirect("desk")
    try:
        if unwanted:
            actions.delete_view(user=request.user, path=path, name=unwanted)
        else:
            actions.save_view(user=request.user, path=path, name=request.POST.get("name", ""), query=query)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(f"{path}?{query}" if query else path)


def is_page_of_ours(path: str) -> bool:
    """Whether a path leads nowhere but to a page of this site."""
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


@require_permission("people.list")
@require_safe
def user_list(request: AuthenticatedRequest) -> HttpResponseBase:
    """The users of the assessment: those whose name or e-mail has every word sought, of a role, of a state."""
    listing = bulk.list_users(request.assessment, request.GET.dict())
    if request.GET.get("format") == "csv":
        return stream_list(listing, "users", ("ชื่อ", "อีเมล", "บทบาท", "ใช้งานได้", "เชิญเมื่อ"), _write_user)
    mail_problems = dict(
        Notice.objects.filter(text=actions.INVITATION_TEXT, mailed_at=None)
        .exclude(mail_problem="")
        .values_list("user", "mail_problem")
    )
    context = {
        "listing": listing,
        "page": listing.page(request.GET.get("page")),
        "mail_problems": mail_problems,
        "acts": bulk.ACTS,
    }
    return render(request, "people/user_list.html", context)


def _write_user(user: User) -> list[str]:
    invited = timezone.localtime(user.invited_at)
    active = "ใช่" if user.is_active else "ไม่ใช่"
    return [user.name, user.email, user.get_role_display(), active, f"{invited:%Y-%m-%d}"]


@require_permission("people.change", binding=True)
@require_POST
def act_on_users(request: AuthenticatedRequest) -> HttpResponseBase:
    """Invite again, or close, the users that were picked, or all that match."""
    return ask_and_act(
        request,
        acts=bulk.ACTS,
        list_of=partial(bulk.list_users, request.assessment),
        name=lambda user: f"{user.name} {user.email}",
        back=reverse("user_list"),
    )


@require_permission("people.invite", binding=True)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_user(request: AuthenticatedRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.invite_user(
                **form.cleaned_data,
                by=request.user,
                site=f"{request.scheme}://{request.get_host()}",
                assessment=request.assessment,
            )
        except DomainError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"ส่งคำเชิญถึง {user.email} แล้ว")
            return redirect("user_list")
    return render(request, "people/invite_user.html", {"form": form})


def _back_to_users(request: AuthenticatedRequest) -> HttpResponse:
    """The list as it stood: what was sought in it is what the form brings along."""
    query = QueryDict(request.POST.get("query", "")).urlencode()
    return redirect(f"{reverse('user_list')}?{query}" if query else "user_list")


@require_permission("people.invite", binding=True)
@require_POST
def resend_invitation(request: AuthenticatedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, assessment=request.assessment, pk=user_id)
    try:
        actions.send_invitation(user=user, site=f"{request.scheme}://{request.get_host()}")
        messages.success(request, f"ส่งคำเชิญถึง {user.email} อีกครั้งแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return _back_to_users(request)


@require_permission("people.change", binding=True)
@require_POST
def set_user_active(request: AuthenticatedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, assessment=request.assessment, pk=user_id)
    try:
        actions.set_user_active(user=user, active="open" in request.POST, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return _back_to_users(request)


class RecoverForm(forms.Form):
    reason = forms.CharField(
        label="เหตุผล และวิธีที่ตรวจว่าเป็นตัวจริง",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="เช่น โทรศัพท์หาย โทรกลับตามเลขหมายในหนังสือแต่งตั้งแล้ว ข้อความนี้อยู่ในบันทึกการใช้งาน",
    )


@require_permission("people.change", binding=True)
@require_http_methods(["GET", "HEAD", "POST"])
def recover_user(request: AuthenticatedRequest, user_id: int) -> HttpResponse:
    """What recovering an account does, and doing it."""
    user = get_object_or_404(User, assessment=request.assessment, pk=user_id)
    form = RecoverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            site = f"{request.scheme}://{request.get_host()}"
            actions.recover_user(user=user, reason=form.cleaned_data["reason"], site=site, by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"กู้คืนบัญชีของ {user.name} แล้ว ส่งลิงก์ตั้งรหัสผ่านใหม่ถึง {user.email}")
            return redirect("user_list")
    return render(request, "people/recover_user.html", {"form": form, "person": user})


@require_permission("people.confirm", binding=True)
@require_POST
def confirm_proposal(request: AuthenticatedRequest, proposal_id: int) -> HttpResponse:
    """Be the second person of what another proposed, on the page that shows what it will do."""
    proposal = _get_proposal(request, proposal_id)
    try:
        say_begun(request, confirm_and_begin(proposal_id=proposal.pk, assessment=request.assessment, by=request.user))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(proposal.url)


@require_permission("people.confirm")
@require_POST
def withdraw_proposal(request: AuthenticatedRequest, proposal_id: int) -> HttpResponse:
    """Take back what was proposed, by whoever may confirm it."""
    proposal = _get_proposal(request, proposal_id)
    try:
        second_person.withdraw(proposal_id=proposal.pk, assessment=request.assessment, by=request.user)
        messages.success(request, "ถอนข้อเสนอแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(proposal.url)


def _get_proposal(request: AuthenticatedRequest, proposal_id: int) -> Proposal:
    return get_object_or_404(Proposal, assessment=request.assessment, pk__in=Proposal.objects.filter(pk=proposal_id))


@require_permission("people.trail")
@require_safe
def audit_trail(request: AuthenticatedRequest) -> HttpResponse:
    """The audit trail, newest first, filtered by action or agency; on request, the verification of its chain."""
    action, agency = request.GET.get("action", "")[:60], request.GET.get("agency", "")[:40]
    page = Paginator(queries.audit_entries(assessment=request.assessment, action=action, agency=agency), 100).get_page(
        request.GET.get("page")
    )
    check = queries.verify_audit_trail() if "verify" in request.GET else None
    parts = {"page": page, "action": action, "agency": agency, "check": check, "rooms": ROOMS, "names": ACTIONS}
    return render(request, "people/audit_trail.html", parts)
