"""The web room as a Django application."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "prongsai.web"

    def ready(self) -> None:
        from prongsai.web import (
            deployment,  # noqa: F401  # registers its check
            error_reports,
            slow_queries,
            traces,
        )

        slow_queries.watch_connections()
        traces.watch_jobs()
        error_reports.watch_log()
