"""Addresses of the survey: the forms that people answer, and the desks around them."""

from django.urls import path

from prongsai.survey import views

urlpatterns = [
    path("s/<str:slug>/", views.answer, name="answer"),
    path("receipt/", views.receipt_check, name="receipt_check"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/", views.desk, name="survey_desk"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/heads/", views.set_population, name="set_population"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/open/", views.open_channel, name="open_channel"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/close/", views.close_channel, name="close_channel"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/cards.pdf", views.cards, name="cards"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/remind/", views.remind, name="remind"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/poster.pdf", views.poster, name="poster"),
    path("desk/agency/<str:code>/interview/<int:fiscal_year>/<str:instrument>/", views.interview, name="interview"),
    path("desk/survey/<int:fiscal_year>/", views.nation, name="survey_nation"),
    path("desk/survey/<int:fiscal_year>/sealed/<str:name>", views.export, name="export_answers"),
    path("desk/survey/<int:fiscal_year>/seal/", views.seal, name="seal_survey"),
    path("desk/survey/<int:fiscal_year>/destroy/", views.destroy, name="destroy_answers"),
]
