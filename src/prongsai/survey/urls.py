"""Addresses of the survey: the forms that people answer, and the desks around them."""

from django.urls import path

from prongsai.survey import views

urlpatterns = [
    path("receipt/", views.check_receipt, name="check_receipt"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/", views.survey_desk, name="survey_desk"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/heads/", views.set_populations, name="set_population"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/open/", views.open_channel, name="open_channel"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/close/", views.close_channel, name="close_channel"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/cards.pdf", views.print_cards, name="print_cards"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/remind/", views.send_reminders, name="send_reminders"),
    path("desk/agency/<str:code>/channel/<int:channel_id>/poster.pdf", views.print_poster, name="print_poster"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/roll/", views.set_roll, name="set_roll"),
    path("desk/agency/<str:code>/survey/<int:fiscal_year>/printer/", views.appoint_printer, name="appoint_printer"),
    path("desk/agency/<str:code>/batch/<int:batch_id>/print.pdf", views.print_batch, name="print_batch"),
    path("desk/agency/<str:code>/batch/<int:batch_id>/withdraw/", views.withdraw_batch, name="withdraw_batch"),
    path(
        "desk/agency/<str:code>/interview/<int:fiscal_year>/<str:instrument>/",
        views.enter_interview,
        name="enter_interview",
    ),
    path("desk/survey/<int:fiscal_year>/", views.national_survey_desk, name="national_survey_desk"),
    path("desk/survey/<int:fiscal_year>/signals/", views.stuffing_signals, name="stuffing_signals"),
    path("desk/survey/<int:fiscal_year>/rights/", views.national_rights, name="national_rights"),
    path("desk/survey/<int:fiscal_year>/rights/adopt/", views.adopt_populations, name="adopt_populations"),
    path("desk/survey/<int:fiscal_year>/rights/order/", views.order_nation, name="order_nation"),
    path("desk/survey/<int:fiscal_year>/rights/print.csv", views.print_waiting, name="print_waiting"),
    path("desk/survey/<int:fiscal_year>/sealed/<str:name>", views.export_answers, name="export_answers"),
    path("desk/survey/<int:fiscal_year>/keys/", views.show_sealing_keys, name="show_sealing_keys"),
    path("desk/survey/<int:fiscal_year>/seal/", views.seal_survey, name="seal_survey"),
    path("desk/survey/<int:fiscal_year>/destroy/", views.destroy_answers, name="destroy_answers"),
]
