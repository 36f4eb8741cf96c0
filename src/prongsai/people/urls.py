"""Addresses of people's pages; signing in and its factors are allauth's, under ``account/``."""

from django.urls import path

from prongsai.people import views

urlpatterns = [
    path("me/", views.account, name="account"),
    path("me/notices/", views.notices, name="notices"),
    path("desk/people/", views.people, name="people"),
    path("desk/people/invite/", views.invite, name="invite"),
    path("desk/people/<int:user_id>/active/", views.set_active, name="set_active"),
    path("desk/people/<int:user_id>/invite/", views.resend_invitation, name="resend_invitation"),
    path("desk/trail/", views.trail, name="trail"),
]
