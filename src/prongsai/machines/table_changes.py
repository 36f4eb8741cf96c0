"""How often the tables behind the public record changed: what was made from them is current while their revisions are
the same.

Triggers count, in the transaction that changes a table, whoever changes it; so nobody has to remember to say so, and
a revision is seen exactly when its change is. On PostgreSQL each statement adds a row, so that two transactions never
wait for one another; the revision is their sum. SQLite, which has one writer at a time, adds to one row. What is added
is drawn at random: after an older backup was restored no revision comes again with other content.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, transaction
from django.db.models import Sum

from prongsai.machines.models import TableChange

DAY = "day"  # stands among tables: the date, for what was made from it
_MOST = 2**32  # of one addition; four thousand million of them fit into a revision

_AtHand = tuple[Mapping[str, int], Callable[[Collection[str]], None]]
_at_hand: ContextVar[_AtHand | None] = ContextVar("revisions_at_hand", default=None)


def read_revisions(using: str) -> dict[str, int]:
    """The revision of every table that changed since it is watched."""
    rows = TableChange.objects.using(using).values_list("table").annotate(Sum("step")).order_by()
    return dict(rows)


def revisions_at_hand(tables: Collection[str]) -> tuple[int, ...] | None:
    """The revisions of tables at the beginning of what is being rendered: a key for what is computed from these tables,
    which are noted as read. None while nothing is rendered."""
    at_hand = _at_hand.get()
    if at_hand is None:
        return None
    revisions, note = at_hand
    note(tables)
    return tuple(revisions.get(table, 0) for table in tables)


def note_day() -> None:
    """What is being rendered, if anything, is made from the date."""
    if at_hand := _at_hand.get():
        at_hand[1]({DAY})


@contextmanager
def have_at_hand(revisions: Mapping[str, int], note: Callable[[Collection[str]], None]) -> Iterator[None]:
    """Let what is rendered inside know the revisions that were read for it, and ``note`` whose it uses."""
    token = _at_hand.set((revisions, note))
    try:
        yield
    finally:
        _at_hand.reset(token)


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
    """Have the changes of tables counted, where they are not yet: after each migration, since SQLite writes a table
    anew, without its triggers, when a column changes. ``tables`` are constants of ours, never input."""
    connection = connections[using]
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        if TableChange._meta.db_table not in existing:
            return
        for table in tables:
            if table not in existing:
                continue
            for statement in _STATEMENTS[connection.vendor]:
                cursor.execute(statement.replace("THIS", table).replace("MOST", str(_MOST)))


# THIS is a table, MOST the largest addition, WHEN a kind of change
_OF_SQLITE = """
CREATE TRIGGER IF NOT EXISTS THIS_changed_WHEN AFTER WHEN ON THIS BEGIN
    INSERT INTO machines_tablechange ("table", step) SELECT 'THIS', 0
        WHERE NOT EXISTS (SELECT 1 FROM machines_tablechange WHERE "table" = 'THIS');
    UPDATE machines_tablechange SET step = step + abs(random() % MOST) + 1 WHERE "table" = 'THIS';
END"""
_OF_POSTGRESQL = [
    """
CREATE OR REPLACE FUNCTION machines_tablechange_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO machines_tablechange ("table", step) VALUES (TG_TABLE_NAME, floor(random() * MOST)::bigint + 1);
    RETURN NULL;
END $$""",
    """
CREATE OR REPLACE TRIGGER THIS_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON THIS
    FOR EACH STATEMENT EXECUTE FUNCTION machines_tablechange_note()""",
]
_STATEMENTS = {
    "sqlite": [_OF_SQLITE.replace("WHEN", change) for change in ("INSERT", "UPDATE", "DELETE")],
    "postgresql": _OF_POSTGRESQL,
}
