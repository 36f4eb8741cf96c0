"""Rehearsals that waited are jobs."""

from django.db import migrations


def make_jobs(apps, _schema_editor):
    Job = apps.get_model("jobs", "Job")
    for rehearsal in apps.get_model("rulebooks", "Rehearsal").objects.filter(status="waiting").order_by("pk"):
        Job.objects.create(
            name="rulebooks.run_rehearsal",
            queue="compute",
            key=f"rehearsal:{rehearsal.pk}",
            arguments=[rehearsal.pk],
            assessment=rehearsal.edition.assessment,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_from_the_old_queue"),
        ("rulebooks", "0002_pinned_edition"),
    ]

    operations = [
        migrations.RunPython(make_jobs, migrations.RunPython.noop),
    ]
