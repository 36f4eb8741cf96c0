"""The web room as a Django application."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "prongsai.web"

    def ready(self) -> None:
        from prongsai.web import deployment  # noqa: F401  # registers its check
