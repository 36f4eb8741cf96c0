"""Django's command, which makes the tables of a new installation at once."""

from typing import Any

from django.core.management.commands import migrate

from prongsai.machines.new_tables import make_new_tables


class Command(migrate.Command):
    def handle(self, *arguments: Any, **options: Any) -> None:
        if not options["app_label"] and not options["plan"] and not options["check_unapplied"]:
            make_new_tables()
        super().handle(*arguments, **options)
