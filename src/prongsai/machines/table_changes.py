"""How often the tables behind the public record changed: what was made from them is current while their revisions are
the same.

Triggers count, in the transaction that changes a table, whoever changes it; so nobody has to remember to say so, and a
revision is seen exactly when its change is. On PostgreSQL each statement adds a row, so that two transactions never wait
for one another; the revision is their sum. SQLite, which has one writer at a time, adds to one row. What is added is
drawn at random: after an older backup was restored no revision comes again with other content.
"""

from collections.abc import Iterable

from django.db import connections, transaction
from django.db.models import Sum

from prongsai.machines.models import TableChange

_MOST = 2**32  # of one addition; four thousand million of them fit into a revision


def read_revisions(using: str) -> dict[str, int]:
    """The revision of every table that changed since it is watched."""
    rows = TableChange.objects.using(using).values_list("table").annotate(Sum("step")).order_by()
    return dict(rows)


def join_changes() -> None:
    """Make one row of the many of each table; revisions stay the same."""
    with transaction.atomic():
        for table in TableChange.objects.values_list("table", flat=True).distinct().order_by():
            rows = TableChange.objects.select_for_update().filter(table=table)
            steps = dict(rows.values_list("pk", "step"))
            if len(steps) > 1:
                TableChange.objects.filter(pk__in=steps).delete()
                TableChange.objects.create(table=table, step=sum(steps.values()))


def watch_tables(tables: Iterable[str], using: str) -> None:
    """Have the changes of tables counted, where they are not yet: after each migration, since SQLite writes a table anew,
    without its triggers, when a column changes. ``tables`` are constants of ours, never input."""
    connection = connections[using]
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        if TableChange._meta.db_table not in existing:
            return
        for table in tables:
            if table not in existing:
                continue
            for statement in _STATEMENTS[connection.vendor](table):
                cursor.execute(statement)


def _for_sqlite(table: str) -> list[str]:
    changes = TableChange._meta.db_table
    step = f"abs(random() % {_MOST}) + 1"
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_changed_{event.lower()} AFTER {event} ON {table} BEGIN "
        f"INSERT INTO {changes} (\"table\", step) SELECT '{table}', 0 "
        f"WHERE NOT EXISTS (SELECT 1 FROM {changes} WHERE \"table\" = '{table}'); "
        f"UPDATE {changes} SET step = step + {step} WHERE \"table\" = '{table}'; END"
        for event in ("INSERT", "UPDATE", "DELETE")
    ]


def _for_postgresql(table: str) -> list[str]:
    changes = TableChange._meta.db_table
    return [
        f"CREATE OR REPLACE FUNCTION {changes}_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f'INSERT INTO {changes} ("table", step) VALUES (TG_TABLE_NAME, floor(random() * {_MOST})::bigint + 1); '
        "RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {changes}_note()",
    ]


_STATEMENTS = {"sqlite": _for_sqlite, "postgresql": _for_postgresql}
