"""Tables of a new installation, made as they are today instead of by way of every migration since the first."""

from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

# rows that migrations create in any installation, by app and function; others only change rows that exist
FIRST_ROWS = {("registry", "create_national_assessment")}


def make_new_tables() -> ProjectState | None:
    """Make all tables in a database without any, and note every migration as applied: all of it, or nothing.

    A fifth of the work of applying them: each migration describes every related table anew. That both ways lead to the
    same tables, triggers and rows is tested (``tests/house/test_new_tables.py``). Returns the state of the migrations;
    none where there are tables already.
    """
    if connection.introspection.table_names():
        return None
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    state = executor.loader.project_state()
    with connection.schema_editor(atomic=True) as editor:
        for model in state.apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
        executor.recorder.ensure_schema()
        for migration, _ in plan:
            for operation in migration.operations:
                if isinstance(operation, RunPython) and _is_needed(migration.app_label, operation):
                    operation.code(state.apps, editor)
            executor.recorder.record_applied(migration.app_label, migration.name)
    return state


def _is_needed(app: str, operation: RunPython) -> bool:
    return getattr(operation, "on_new_tables", False) or (app, getattr(operation.code, "__name__", "")) in FIRST_ROWS
