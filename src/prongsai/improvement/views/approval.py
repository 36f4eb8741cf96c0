"""The approval of a plan: submitting, withdrawing, deciding, publishing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from prongsai.improvement import actions, queries
from prongsai.improvement.approval import is_decision_repeated, is_repeated
from prongsai.improvement.models import Decision, Plan
from prongsai.improvement.periods import FOLLOW_UP_INTERVAL_TH
from prongsai.improvement.snapshot import build_snapshot
from prongsai.improvement.views.common import allow_get_and_post, get_plan
from prongsai.people.actions import DomainError
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission


@require_agency_permission("improvement.edit")
@require_POST
def submit(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Submit the plan to the agency's executives."""
    plan = get_plan(code, fiscal_year)
    if is_repeated(plan.decisions.all(), Decision.Step.SUBMITTED, request.user):
        return redirect("plan", code=code, fiscal_year=fiscal_year)
    try:
        notified = actions.submit_plan(plan=plan, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plan_edit", code=code, fiscal_year=fiscal_year)
    if notified:
        messages.success(request, "เสนอผู้บริหารแล้ว จะแจ้งเมื่อพิจารณาเสร็จ")
    else:
        messages.warning(request, "เสนอแล้ว แต่ยังไม่มีผู้บริหารของหน่วยงานในระบบ แจ้งส่วนกลางให้มอบหน้าที่")
    return redirect("plan", code=code, fiscal_year=fiscal_year)


@require_agency_permission("improvement.edit")
@require_POST
def withdraw(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Take a submitted plan back for editing."""
    plan = get_plan(code, fiscal_year)
    if is_repeated(plan.decisions.all(), Decision.Step.WITHDRAWN, request.user):
        return redirect("plan_edit", code=code, fiscal_year=fiscal_year)
    try:
        actions.withdraw_submission(plan=plan, by=request.user)
        messages.success(request, "ดึงแผนกลับมาแล้ว แก้ไขได้")
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("plan", code=code, fiscal_year=fiscal_year)
    return redirect("plan_edit", code=code, fiscal_year=fiscal_year)


@require_agency_permission("improvement.approve")
@allow_get_and_post
def decide(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """The executive reads the submitted plan, and approves or returns it."""
    plan = get_plan(code, fiscal_year)
    typed = {"position": queries.known_position(request.user, plan.agency), "comment": ""}
    status = 200
    if request.method == "POST":
        if is_decision_repeated(plan.decisions.all(), request.user, request.POST):
            return redirect("plan", code=code, fiscal_year=fiscal_year)
        typed = {name: request.POST.get(name, "") for name in ("position", "comment")}
        try:
            _apply_decision(request, plan, typed)
            return redirect("plan", code=code, fiscal_year=fiscal_year)
        except DomainError as error:
            messages.error(request, str(error))
            plan.refresh_from_db()
            status = 409
    if plan.status != Plan.Status.SUBMITTED:
        return redirect("plan", code=code, fiscal_year=fiscal_year)
    snapshot = build_snapshot(plan, working_copy=True)
    context = {
        "plan": plan,
        "agency": plan.agency,
        "snapshot": snapshot,
        "framework": queries.framework_of(plan),
        "typed": typed,
        "approval": queries.latest_approval(plan),
        "intervals": FOLLOW_UP_INTERVAL_TH,
        "tab": "decide",
    }
    return render(request, "improvement/decide.html", context, status=status)


def _apply_decision(request: AuthenticatedRequest, plan: Plan, typed: dict[str, str]) -> None:
    if "return" in request.POST:
        actions.return_plan(plan=plan, by=request.user, comment=typed["comment"])
        messages.success(request, "ส่งกลับให้แก้แล้ว เจ้าหน้าที่ได้รับแจ้ง")
        return
    actions.approve_plan(plan=plan, by=request.user, expected_digest=request.POST.get("expected_digest", ""), **typed)
    if "public" in request.POST:
        actions.set_public(plan=plan, public=True, by=request.user)
    messages.success(request, "อนุมัติแล้ว แผนมีผลตั้งแต่บัดนี้")


@require_agency_permission("improvement.approve")
@require_POST
def publish(request: AuthenticatedRequest, code: str, fiscal_year: int) -> HttpResponse:
    """Publish the plan in force, or stop publishing it."""
    public = request.POST.get("public") == "1"
    try:
        actions.set_public(plan=get_plan(code, fiscal_year), public=public, by=request.user)
        messages.success(request, "เผยแพร่แผนแล้ว ใครก็อ่านได้" if public else "เลิกเผยแพร่แผนแล้ว")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("plan", code=code, fiscal_year=fiscal_year)
