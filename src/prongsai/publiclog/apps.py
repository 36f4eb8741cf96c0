"""The public log as a Django application."""

from django.apps import AppConfig


class PubliclogConfig(AppConfig):
    name = "prongsai.publiclog"

    def ready(self) -> None:
        from prongsai.people.trail import ANCHOR_HOOKS
        from prongsai.publiclog.actions import log_audit_head

        ANCHOR_HOOKS.append(log_audit_head)
