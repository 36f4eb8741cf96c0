"""Addresses of account, notices, users and audit trail; sign-in and its factors are allauth's, under ``account/``."""

from django.urls import path

from prongsai.people import views

urlpatterns = [
    path("me/", views.account, name="account"),
    path("me/notices/", views.notices, name="notices"),
    path("me/views/", views.save_view, name="save_view"),
    path("desk/people/", views.user_list, name="user_list"),
    path("desk/people/act/", views.act_on_users, name="act_on_users"),
    path("desk/people/invite/", views.invite_user, name="invite_user"),
    path("desk/people/<int:user_id>/active/", views.set_user_active, name="set_user_active"),
    path("desk/people/<int:user_id>/recover/", views.recover_user, name="recover_user"),
    path("desk/people/<int:user_id>/invite/", views.resend_invitation, name="resend_invitation"),
    path("desk/proposals/<int:proposal_id>/confirm/", views.confirm_proposal, name="confirm_proposal"),
    path("desk/proposals/<int:proposal_id>/withdraw/", views.withdraw_proposal, name="withdraw_proposal"),
    path("desk/trail/", views.audit_trail, name="audit_trail"),
]
