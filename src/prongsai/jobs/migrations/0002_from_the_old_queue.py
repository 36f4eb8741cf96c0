"""What still waited in the queue of versions up to 0.2.0 comes along; the table of that queue goes.

Mails and computations of rounds are known to it alone; what else waited is known to the rooms, whose own migrations
make jobs of it.
"""

import json

from django.db import migrations

TABLE = "django_tasks_database_dbtaskresult"
MOVED = {  # its path: name, queue, beginning of its key
    "prongsai.people.actions.mail_notice": ("people.mail_notice", "mail", ""),
    "prongsai.results.actions.run_in_background": ("results.run_in_background", "compute", "round:"),
}


def move(apps, schema_editor):
    connection = schema_editor.connection
    if TABLE not in connection.introspection.table_names():
        return
    Job = apps.get_model("jobs", "Job")
    with connection.cursor() as cursor:
        waiting = "status IN ('READY', 'RUNNING') ORDER BY enqueued_at"
        cursor.execute(f"SELECT task_path, args_kwargs FROM {TABLE} WHERE {waiting}")  # noqa: S608
        for path, called in cursor.fetchall():
            if path not in MOVED:
                continue
            name, queue, key = MOVED[path]
            arguments = (json.loads(called) if isinstance(called, str) else called)["args"]
            key = f"{key}{arguments[0]}" if key else ""
            if not key or not Job.objects.filter(key=key).exists():
                Job.objects.create(name=name, queue=queue, key=key, arguments=arguments)
        cursor.execute(f"DROP TABLE {TABLE}")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'django_tasks_database'")


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
