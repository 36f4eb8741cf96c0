"""URLs of plans and registers: an agency's own pages, the library, the national office's page, and the public pages."""

from django.urls import path

from prongsai.improvement.views import approval, due_date, follow_up, library, nation, outcome, plans, registers

_PLAN = "desk/agency/<str:code>/plan/<int:fiscal_year>/"
_REGISTER = "desk/agency/<str:code>/register/<int:fiscal_year>/<str:register>/"

urlpatterns = [
    path("desk/agency/<str:code>/plan/", plans.list_plans, name="plans"),
    path("desk/agency/<str:code>/plan/start/", plans.start, name="plan_start"),
    path(_PLAN, plans.show, name="plan"),
    path(_PLAN + "edit/", plans.edit, name="plan_edit"),
    path(_PLAN + "discard/", plans.discard, name="plan_discard"),
    path(_PLAN + "submit/", approval.submit, name="plan_submit"),
    path(_PLAN + "recall/", approval.withdraw, name="plan_withdraw"),
    path(_PLAN + "decide/", approval.decide, name="plan_decide"),
    path(_PLAN + "publish/", approval.publish, name="plan_publish"),
    path(_PLAN + "board/", follow_up.board, name="plan_board"),
    path(_PLAN + "follow-ups/", due_date.follow_up_date, name="plan_follow_ups"),
    path(_PLAN + "timeline/", follow_up.timeline, name="plan_timeline"),
    path(_PLAN + "measure/<int:measure_id>/", follow_up.show_measure, name="measure"),
    path(_PLAN + "measure/<int:measure_id>/follow-up/", follow_up.add_follow_up, name="follow_up"),
    path(_PLAN + "outcome/", outcome.show_outcome, name="plan_outcome"),
    path(_PLAN + "what-if/", outcome.show_what_if, name="plan_what_if"),
    path(_PLAN + "library/", library.choose_from_library, name="plan_library"),
    path(_PLAN + "report/<str:half>/", follow_up.report, name="plan_report"),
    path(_PLAN + "report/<str:half>.xlsx", follow_up.download_report, name="plan_report_xlsx"),
    path(_PLAN + "plan.xlsx", plans.download_plan, name="plan_xlsx"),
    path("desk/agency/<str:code>/evidence/<int:evidence_id>/", follow_up.download_evidence, name="evidence"),
    path("desk/agency/<str:code>/registers/", registers.list_registers, name="registers"),
    path("desk/agency/<str:code>/registers/<int:fiscal_year>/", registers.list_registers, name="registers_of_year"),
    path(_REGISTER, registers.show, name="register"),
    path(_REGISTER + "start/", registers.start, name="register_start"),
    path(_REGISTER + "edit/", registers.edit, name="register_edit"),
    path(_REGISTER + "paste/", registers.paste, name="register_paste"),
    path(_REGISTER + "submit/", registers.submit, name="register_submit"),
    path(_REGISTER + "recall/", registers.withdraw, name="register_withdraw"),
    path(_REGISTER + "decide/", registers.decide, name="register_decide"),
    path(_REGISTER + "publish/", registers.publish, name="register_publish"),
    path("desk/library/", library.show_library, name="library"),
    path("desk/plans/", nation.show_nation, name="plans_nation"),
    path("desk/plans/<int:fiscal_year>/", nation.show_nation, name="plans_nation_year"),
    path("agency/<str:code>/<int:fiscal_year>/plan/", nation.show_public_plan, name="public_plan"),
    path(
        "agency/<str:code>/<int:fiscal_year>/register/<str:register>/",
        registers.show_public_register,
        name="public_register",
    ),
]
