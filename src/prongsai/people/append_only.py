"""Append-only tables: triggers by which the database refuses to change or delete rows, on SQLite and PostgreSQL."""

from typing import Any

from django.db import migrations


class _OnTable(migrations.RunPython):
    """An operation on a table itself, which one that is made as it is today needs too."""

    on_new_tables = True


def refuse_changes_again(table: str) -> migrations.RunPython:
    """A migration operation after one that changes columns of an append-only table: SQLite has written the table anew,
    without its triggers; PostgreSQL still has them."""

    def create(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for event in ("UPDATE", "DELETE"):
                _create_trigger(editor, table, event)

    return _OnTable(create, migrations.RunPython.noop, elidable=False)


def refuse_deletion_while(table: str, condition: str) -> migrations.RunPython:
    """A migration operation after ``refuse_changes``: rows may be deleted once a condition on ``OLD`` no longer holds.
    Both are constants of ours, never input."""

    def replace(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER {table}_no_delete")
            _create_trigger(editor, table, "DELETE", f"WHEN {condition}")
        else:
            editor.execute(
                f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN IF TG_OP = 'DELETE' THEN IF NOT {condition} THEN RETURN OLD; END IF; END IF; "
                f"RAISE EXCEPTION '{table} is append-only'; END $$"
            )

    return _OnTable(replace, migrations.RunPython.noop, elidable=False)


def allow_rewriting(table: str, condition: str) -> migrations.RunPython:
    """A migration operation after ``refuse_deletion_while`` with the same condition: PostgreSQL may write a row anew as
    it is, so that nobody reads from its hidden columns when it came (``sites.arrivals``). SQLite has no such
    columns."""

    def replace(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(
                f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN IF TG_OP = 'DELETE' THEN IF NOT {condition} THEN RETURN OLD; END IF; END IF; "
                f"IF TG_OP = 'UPDATE' THEN IF OLD IS NOT DISTINCT FROM NEW THEN RETURN NEW; END IF; END IF; "
                f"RAISE EXCEPTION '{table} is append-only'; END $$"
            )

    return _OnTable(replace, migrations.RunPython.noop, elidable=False)


def _create_trigger(editor: Any, table: str, event: str, condition: str = "") -> None:
    editor.execute(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{event.lower()} BEFORE {event} ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def refuse_changes(table: str) -> migrations.RunPython:
    """A migration operation that makes a table append-only. ``table`` is a constant of ours, never input."""

    def create(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for event in ("UPDATE", "DELETE"):
                _create_trigger(editor, table, event)
        else:
            editor.execute(
                f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
            )
            editor.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
            )
            editor.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_refuse()"
            )

    def drop(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for event in ("update", "delete"):
                editor.execute(f"DROP TRIGGER {table}_no_{event}")
        else:
            editor.execute(f"DROP TRIGGER {table}_no_change ON {table}")
            editor.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
            editor.execute(f"DROP FUNCTION {table}_refuse()")

    return _OnTable(create, drop, elidable=False)
