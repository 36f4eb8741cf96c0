"""A new installation has the tables, triggers and first rows of one that went through every migration."""

import json
import re
import subprocess
import sys

from tests.installation import environment

DESCRIBE = """
import json, sys
import django; django.setup()
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection
from django.apps import apps

if sys.argv[1] == "step by step":
    call_command(migrate.Command(), verbosity=0)
else:
    call_command("migrate", verbosity=0)
rows = {}
for model in apps.get_models(include_auto_created=True):
    fields = [f.attname for f in model._meta.concrete_fields if not f.name.endswith("_at")]
    rows[model._meta.db_table] = sorted(map(repr, model._base_manager.values_list(*fields)))
with connection.cursor() as cursor:
    def ask(sql):
        cursor.execute(sql)
        return cursor.fetchall()
    names = ask("SELECT app, name FROM django_migrations ORDER BY app, name")
    if connection.vendor == "sqlite":
        parts = ask("SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    else:
        parts = ask("SELECT 'column', table_name, concat_ws(' ', column_name, data_type, character_maximum_length,"
                    " numeric_precision, is_nullable, column_default, is_identity, collation_name)"
                    " FROM information_schema.columns WHERE table_schema = 'public'")
        parts += ask("SELECT 'constraint', conrelid::regclass::text, contype::text || pg_get_constraintdef(oid)"
                     " || condeferrable FROM pg_constraint WHERE connamespace = 'public'::regnamespace")
        parts += ask("SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        parts += ask("SELECT 'trigger', tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
                     " WHERE NOT tgisinternal")
        parts += ask("SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
print(json.dumps([names, rows, parts]))
"""
NAMED_BY_DJANGO = re.compile(r'(?<=INDEX )"?\w+"?(?= ON)')  # by a digest of what the table and column were called then


def describe(folder, how):
    """Migrations, rows and definitions of an installation that was made this way; the order of columns is left out."""
    env = environment(folder, DJANGO_SETTINGS_MODULE="prongsai.settings")
    done = subprocess.run([sys.executable, "-c", DESCRIBE, how], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names, rows, parts = json.loads(done.stdout)
    found = []
    for kind, table, text in parts:
        columns = sorted(split(text[text.index("(") + 1 : text.rindex(")")])) if text.startswith("CREATE TABLE") else []
        found.append((kind, table, columns or NAMED_BY_DJANGO.sub("", text)))
    return names, rows, sorted(found, key=repr)


def split(definitions):
    """Columns and constraints of a table, divided at the commas that stand in no parenthesis and in no quotes."""
    depth, quote, parts = 0, "", [""]
    for letter in definitions:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        depth += 0 if quote else {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def test_both_ways_lead_to_the_same_tables(tmp_path):
    names, rows, parts = describe(tmp_path / "step", "step by step")
    at_once = describe(tmp_path / "once", "at once")
    assert at_once[0] == names
    assert at_once[1] == rows
    assert at_once[2] == parts
    assert rows["registry_assessment"]
    assert [kind for kind, *_ in parts].count("trigger") >= 12


def test_columns_are_divided_where_no_parenthesis_is_open():
    assert split('"a" varchar(2), "b" CHECK ("b" IN (\'x,)\', \'y\')), UNIQUE (a, b)') == [
        '"a" varchar(2)',
        "\"b\" CHECK (\"b\" IN ('x,)', 'y'))",
        "UNIQUE (a, b)",
    ]


def test_tables_that_are_there_are_left_alone(db):
    from prongsai.machines.new_tables import make_new_tables

    assert make_new_tables() is None


def test_nothing_is_left_of_tables_that_failed(tmp_path):
    code = """
import django; django.setup()
from django.db import connection
from prongsai.machines import new_tables
from django.db.migrations.recorder import MigrationRecorder
def fail(*_):
    raise OSError("no space left")
MigrationRecorder.record_applied = fail
try:
    new_tables.make_new_tables()
except OSError as error:
    print(error)
print(connection.introspection.table_names())
"""
    env = environment(tmp_path, DJANGO_SETTINGS_MODULE="prongsai.settings")
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["no space left", "[]"]
