"""Addresses of plans: an agency's own desk, the library, the national office's view, and the public page."""

from django.urls import path

from prongsai.improvement import views

_PLAN = "desk/agency/<str:code>/plan/<int:fiscal_year>/"

urlpatterns = [
    path("desk/agency/<str:code>/plan/", views.plans, name="plans"),
    path("desk/agency/<str:code>/plan/start/", views.start, name="plan_start"),
    path(_PLAN, views.plan, name="plan"),
    path(_PLAN + "edit/", views.edit, name="plan_edit"),
    path(_PLAN + "submit/", views.submit, name="plan_submit"),
    path(_PLAN + "recall/", views.recall, name="plan_recall"),
    path(_PLAN + "decide/", views.decide, name="plan_decide"),
    path(_PLAN + "publish/", views.publish, name="plan_publish"),
    path(_PLAN + "board/", views.board, name="plan_board"),
    path(_PLAN + "timeline/", views.timeline, name="plan_timeline"),
    path(_PLAN + "measure/<int:measure_id>/", views.measure, name="measure"),
    path(_PLAN + "measure/<int:measure_id>/follow-up/", views.follow_up, name="follow_up"),
    path(_PLAN + "outcome/", views.outcome, name="plan_outcome"),
    path(_PLAN + "what-if/", views.what_if, name="plan_what_if"),
    path(_PLAN + "library/", views.plan_library, name="plan_library"),
    path(_PLAN + "report/<str:half>/", views.report, name="plan_report"),
    path(_PLAN + "report/<str:half>.xlsx", views.report_xlsx, name="plan_report_xlsx"),
    path(_PLAN + "plan.xlsx", views.plan_xlsx, name="plan_xlsx"),
    path("desk/agency/<str:code>/evidence/<int:evidence_id>/", views.evidence, name="evidence"),
    path("desk/library/", views.shared_library, name="library"),
    path("desk/plans/", views.nation, name="plans_nation"),
    path("desk/plans/<int:fiscal_year>/", views.nation, name="plans_nation_year"),
    path("agency/<str:code>/<int:fiscal_year>/plan/", views.public_plan, name="public_plan"),
]
