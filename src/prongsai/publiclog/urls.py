"""Addresses of the public log: the files that C2SP tlog-tiles names, under ``log/``, and a page about them."""

from django.urls import path

from prongsai.publiclog import views

urlpatterns = [
    path("", views.show_log, name="public_log"),
    path("verify/", views.verify_page, name="verify_page"),
    path("checkpoint", views.checkpoint, name="log_checkpoint"),
    path("key", views.key, name="log_key"),
    path("timestamps/<int:size>/<int:number>.tsr", views.timestamp, name="log_timestamp"),
    path("tile/<str:level>/<path:place>", views.tile, name="log_tile"),
]
