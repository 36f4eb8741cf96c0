"""The people room as a Django application."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "prongsai.people"

    def ready(self) -> None:
        from prongsai.people import sign_in_audit

        sign_in_audit.connect_receivers()
