"""The people room as a Django application."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "prongsai.people"

    def ready(self) -> None:
        from prongsai.people import receivers

        receivers.connect()
