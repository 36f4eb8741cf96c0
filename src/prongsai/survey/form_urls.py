"""Addresses of one form, below ``s/``: apart from the others, so that the most asked for are found first."""

from django.urls import path

from prongsai.survey import views

urlpatterns = [
    path("<str:slug>/", views.answer_survey, name="answer_survey"),
    path("<str:slug>/about/", views.explain_survey, name="explain_survey"),
    path("<str:slug>/invitation/", views.exchange_invitation, name="exchange_invitation"),
]
