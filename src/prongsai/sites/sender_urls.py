"""Addresses of visitors who ask and complain, below ``c/`` alone: nothing there is logged, wherever it ends."""

from django.urls import path

from prongsai.sites.views import sender

urlpatterns = [
    path("follow/", sender.follow_complaint, name="follow_complaint"),
    path("question/<str:reference>/", sender.asked_question, name="asked_question"),
    path("service/<str:service_slug>/", sender.rate_service, name="rate_service"),
    path("opinion/<str:opinion_token>/", sender.show_opinion, name="opinion"),
    path("<str:code>/consultation/<int:consultation_id>/", sender.give_opinion, name="give_opinion"),
    path("<str:code>/complaint/", sender.write_complaint, name="write_complaint"),
    path("<str:code>/question/", sender.ask_question, name="ask_question"),
]
