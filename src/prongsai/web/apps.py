"""The web room as a Django application."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class WebConfig(AppConfig):
    name = "prongsai.web"

    def ready(self) -> None:
        from prongsai.web import (
            deployment,  # noqa: F401  # registers its check
            error_reports,
            slow_queries,
            traces,
        )

        post_migrate.connect(_watch_public_tables, sender=apps.get_app_config("machines"))
        slow_queries.watch_connections()
        traces.watch_jobs()
        error_reports.watch_log()


def _watch_public_tables(using: str, **_: Any) -> None:
    from prongsai.machines.table_changes import watch_tables
    from prongsai.web.rendered_pages import WATCHED

    watch_tables(WATCHED, using)
