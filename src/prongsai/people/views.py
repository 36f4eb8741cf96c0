"""Pages of a user's account and notices; the list of users; the audit trail."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from prongsai.people import actions, queries
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.models import Notice, User
from prongsai.people.requests import AuthenticatedRequest
from prongsai.people.roles import Role


class InviteForm(forms.Form):
    email = forms.EmailField(label="อีเมล", help_text="ระบบจะส่งลิงก์ตั้งรหัสผ่านไปที่นี่ ใช้ได้ 7 วัน")
    name = forms.CharField(label="ชื่อ-สกุล", max_length=120)
    role = forms.ChoiceField(label="บทบาท", choices=Role.choices)


@require_permission("people.self")
@require_safe
def account(request: AuthenticatedRequest) -> HttpResponse:
    return render(request, "people/account.html")


@require_permission("people.self")
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: AuthenticatedRequest) -> HttpResponse:
    if request.method == "POST":
        actions.mark_notices_read(user=request.user)
        return redirect("notices")
    return render(request, "people/notices.html", {"notices": Notice.objects.filter(user=request.user)[:100]})


@require_permission("people.list")
@require_safe
def user_list(request: AuthenticatedRequest) -> HttpResponse:
    page = Paginator(User.objects.filter(assessment=request.assessment).order_by("role", "name"), 100).get_page(
        request.GET.get("page")
    )
    mail_problems = dict(
        Notice.objects.filter(text=actions.INVITATION_TEXT, mailed_at=None)
        .exclude(mail_problem="")
        .values_list("user", "mail_problem")
    )
    return render(request, "people/user_list.html", {"page": page, "mail_problems": mail_problems})


@require_permission("people.invite")
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


@require_permission("people.invite")
@require_POST
def resend_invitation(request: AuthenticatedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, assessment=request.assessment, pk=user_id)
    try:
        actions.send_invitation(user=user, site=f"{request.scheme}://{request.get_host()}")
        messages.success(request, f"ส่งคำเชิญถึง {user.email} อีกครั้งแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("user_list")


@require_permission("people.change")
@require_POST
def set_user_active(request: AuthenticatedRequest, user_id: int) -> HttpResponse:
    user = get_object_or_404(User, assessment=request.assessment, pk=user_id)
    try:
        actions.set_user_active(user=user, active="open" in request.POST, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("user_list")


@require_permission("people.trail")
@require_safe
def audit_trail(request: AuthenticatedRequest) -> HttpResponse:
    """The audit trail, newest first, filtered by action or agency; on request, the verification of its chain."""
    action, agency = request.GET.get("action", "")[:60], request.GET.get("agency", "")[:40]
    page = Paginator(queries.audit_entries(assessment=request.assessment, action=action, agency=agency), 100).get_page(
        request.GET.get("page")
    )
    check = queries.verify_audit_trail() if "verify" in request.GET else None
    return render(
        request, "people/audit_trail.html", {"page": page, "action": action, "agency": agency, "check": check}
    )
